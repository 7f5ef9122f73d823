package lazadatest

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"image"
	_ "image/jpeg" // the two formats that the shop takes
	_ "image/png"
	"strings"
	"time"
)

// hosted is where the shop keeps pictures; products show no others.
const hosted = "https://vn-live.slatic.net/p/"

const mostImages = 8 // of a product and of a SKU

// keepImage stores a picture and returns how it is shown.
func (s *Simulator) keepImage(data []byte) object {
	sum := md5.Sum(data) //nolint:gosec // an address, not a protection
	hash := hex.EncodeToString(sum[:])
	address := hosted + hash + ".jpg"
	s.images[address] = true
	return object{"url": address, "hash_code": hash}
}

func (s *Simulator) imageUpload(in *request) (any, error) {
	data := in.files["image"]
	if len(data) == 0 {
		return nil, refuse("30", "Empty Request")
	}
	if len(data) > maxImageBytes {
		return nil, refuse("303", "The image is too large")
	}
	if !bytes.HasPrefix(data, []byte("\xff\xd8\xff")) && !bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) {
		return nil, refuse("302", "The image is not a JPG or PNG stream")
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	switch least := s.options.MinImagePixels; {
	case err != nil:
		return nil, refuse("302", "The image is not a JPG or PNG stream")
	case config.Width > maxImagePixels || config.Height > maxImagePixels, config.Width < least || config.Height < least:
		return nil, refuse("300", "The image's width and height are not within the limits")
	}
	return object{"image": s.keepImage(data)}, nil
}

func (s *Simulator) imageMigrate(in *request) (any, error) {
	request, err := in.payload("payload")
	if err != nil {
		return nil, err
	}
	image := request.child("Image")
	if list, _ := request.list("Image"); len(list) > 0 {
		image = list[0]
	}
	address := strings.Join(append(image.texts("Url"), image.text("Url")), "")
	if !strings.HasPrefix(address, "http") {
		return nil, refuse("304", "The image cannot be fetched")
	}
	return object{"image": s.keepImage([]byte(address))}, nil
}

// batch is what came of addresses that were to be fetched, and when.
type batch struct {
	ready          time.Time
	images, errors []object
}

// fetchTime is how long fetching pictures takes.
const fetchTime = 500 * time.Millisecond

// imagesMigrate fetches pictures from other addresses, which takes a while.
func (s *Simulator) imagesMigrate(in *request) (any, error) {
	request, err := in.payload("payload")
	if err != nil {
		return nil, err
	}
	addresses := request.child("Images").texts("Url")
	if len(addresses) == 0 || len(addresses) > mostImages {
		return nil, refuse("4169", "1 to 8 images are taken")
	}
	made := batch{ready: s.now().Add(fetchTime), images: []object{}, errors: []object{}}
	for _, address := range addresses {
		if !strings.HasPrefix(address, "http") {
			made.errors = append(made.errors, object{"field": "Url", "msg": "Migrate Image Failed", "original_url": address})
			continue
		}
		made.images = append(made.images, s.keepImage([]byte(address)))
	}
	id := secret("")
	s.batches[id] = made
	return flat{"batch_id": id}, nil
}

func (s *Simulator) imageResponse(in *request) (any, error) {
	found, ok := s.batches[in.p["batch_id"]]
	if !ok || s.now().Before(found.ready) {
		return nil, refuse("304", "Get Response Failed")
	}
	return object{"images": found.images, "errors": found.errors}, nil
}
