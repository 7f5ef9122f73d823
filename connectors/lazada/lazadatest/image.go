package lazadatest

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"image"
	_ "image/jpeg" // the two formats that the shop takes
	_ "image/png"
	"strings"
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

// imagesMigrate fetches at once: the batch's ID holds the addresses' hashes.
func (s *Simulator) imagesMigrate(in *request) (any, error) {
	request, err := in.payload("payload")
	if err != nil {
		return nil, err
	}
	var hashes []string
	for _, address := range request.child("Images").texts("Url") {
		shown := s.keepImage([]byte(address))
		hashes = append(hashes, shown["hash_code"].(string))
	}
	if len(hashes) == 0 || len(hashes) > mostImages {
		return nil, refuse("4169", "1 to 8 images are taken")
	}
	return flat{"batch_id": strings.Join(hashes, "-")}, nil
}

func (s *Simulator) imageResponse(in *request) (any, error) {
	list := []object{}
	for hash := range strings.SplitSeq(in.p["batch_id"], "-") {
		address := hosted + hash + ".jpg"
		if !s.images[address] {
			return nil, refuse("304", "The batch is not known")
		}
		list = append(list, object{"url": address, "hash_code": hash})
	}
	return object{"images": list, "errors": []object{}}, nil
}
