package tiktokshoptest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	_ "image/jpeg" // formats that are measured
	_ "image/png"
	"io"
	"mime"
	"mime/multipart"
	"path"
	"slices"
	"strings"

	_ "golang.org/x/image/bmp" // likewise
	_ "golang.org/x/image/webp"
)

const maxImageBytes = 10 << 20

// picture is an uploaded picture.
type picture struct {
	uri, url, useCase string
	width, height     int
}

var useCases = []string{"MAIN_IMAGE", "ATTRIBUTE_IMAGE", "DESCRIPTION_IMAGE", "CERTIFICATION_IMAGE", "SIZE_CHART_IMAGE"}

func (s *Simulator) uploadImage(r *request) (any, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, refuse(36009023, "Invalid request format. The value of the `content-type` header must be `multipart/form-data`.")
	}
	form, err := multipart.NewReader(bytes.NewReader(r.body), parameters["boundary"]).ReadForm(64 << 20)
	if err != nil {
		return nil, refuse(12038002, "Invalid upload file. Please ensure you are passing the correct file data.")
	}
	defer func() { _ = form.RemoveAll() }()
	useCase := "MAIN_IMAGE"
	if values := form.Value["use_case"]; len(values) > 0 {
		useCase = values[0]
	}
	if !slices.Contains(useCases, useCase) {
		return nil, badParam("use_case", "it is unknown", strings.Join(useCases, ", "))
	}
	files := form.File["data"]
	if len(files) != 1 {
		return nil, refuse(12038002, "Invalid upload file. Please ensure you are passing the correct file data.")
	}
	if files[0].Size > maxImageBytes {
		return nil, refuse(12038005, "The file size exceeds the maximum allowed size.")
	}
	file, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	width, height, ok := measure(data)
	least, most := 100, 20000
	if useCase == "MAIN_IMAGE" {
		least, most = 300, 4000
	}
	switch {
	case !ok:
		return nil, refuse(12038015, "Failed to process the image. The format or content is not supported. Supported formats: JPG, JPEG, PNG, WEBP, HEIC, BMP")
	case min(width, height) < least || max(width, height) > most:
		return nil, refuse(12038014, "The image dimensions exceed the allowed limits. Allowed dimensions (width x height in pixels): %d x %d to %d x %d", least, least, most, most)
	}
	if width*4 < height*3 || height*4 < width*3 { // squared automatically
		width, height = max(width, height), max(width, height)
	}
	sum := sha256.Sum256(append([]byte(useCase), data...))
	uri := "tos-maliva-i-o3syd03w52-us/" + hex.EncodeToString(sum[:12])
	x := picture{uri: uri, url: s.URL + "/img/" + uri + "~tplv-o3syd03w52-origin-jpeg.jpeg", useCase: useCase, width: width, height: height}
	s.images[uri] = x
	return object{"uri": x.uri, "url": x.url, "width": x.width, "height": x.height, "use_case": x.useCase}, nil
}

// fileKinds are the files that are taken, with the most bytes of each.
var fileKinds = map[string]int64{
	"PDF": 20 << 20, "MP4": 100 << 20, "MOV": 100 << 20, "MKV": 100 << 20, "WMV": 100 << 20, "WEBM": 100 << 20, "AVI": 100 << 20, "3GP": 100 << 20,
	"FLV": 100 << 20, "MPEG": 100 << 20,
}

// uploadFile keeps papers and videos.
func (s *Simulator) uploadFile(r *request) (any, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, refuse(36009023, "Invalid request format. The value of the `content-type` header must be `multipart/form-data`.")
	}
	form, err := multipart.NewReader(bytes.NewReader(r.body), parameters["boundary"]).ReadForm(64 << 20)
	if err != nil {
		return nil, refuse(12038002, "Invalid upload file. Please ensure you are passing the correct file data.")
	}
	defer func() { _ = form.RemoveAll() }()
	files, names := form.File["data"], form.Value["name"]
	if len(files) != 1 || len(names) != 1 {
		return nil, refuse(12038002, "Invalid upload file. Please ensure you are passing the correct file data.")
	}
	format := strings.ToUpper(strings.TrimPrefix(path.Ext(names[0]), "."))
	most, known := fileKinds[format]
	switch {
	case !known:
		return nil, refuse(12038015, "Failed to process the file. The format or content is not supported.")
	case files[0].Size > most:
		return nil, refuse(12038005, "The file size exceeds the maximum allowed size.")
	}
	id := "v09ea0g40000" + secret(8)
	s.files[id] = format
	return object{"id": id, "url": s.URL + "/file/" + id, "name": names[0], "format": format}, nil
}

// measure tells the size of a picture. Of HEIC only the kind is known, and it
// is taken for 600 × 600.
func measure(data []byte) (width, height int, ok bool) {
	if config, format, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
		return config.Width, config.Height, format != "gif"
	}
	if len(data) > 12 && string(data[4:12]) == "ftypheic" {
		return 600, 600, true
	}
	return 0, 0, false
}

// ForgetImages makes the platform forget all pictures, as it does with those
// that no product used for long.
func (s *Simulator) ForgetImages() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.images)
}

func (s *Simulator) showImages(uris []string) []object {
	rows := []object{}
	for _, uri := range uris {
		x := s.images[uri]
		rows = append(rows, object{"uri": uri, "urls": []string{x.url}, "thumb_urls": []string{x.url}, "width": x.width, "height": x.height})
	}
	return rows
}
