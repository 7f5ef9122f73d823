package lazada

import (
	"context"
	"net/http"
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/connectors"
)

// pictureLimits are what pictures may be. Sources differ on the bytes (1 MB and
// 3 MB) and on the least size; the smaller limit is kept, and pictures below the
// least size of the guides are sent with a warning.
// https://open.lazada.com/apps/doc/api?path=%2Fimage%2Fupload, read 2026-04.
var pictureLimits = media.Limits{Types: []string{"image/jpeg", "image/png"}, MaxBytes: 1 << 20, MaxSide: 5000, GoodSide: 330}

const opUpload = "images.upload"

// uploads puts pictures into the shop's storage.
func (s *shop) uploads() connectors.Uploads {
	return connectors.Uploads{
		Env: s.env, Op: opUpload, Key: "image", Limits: pictureLimits, Send: s.send,
		Refused: func(err error) catalog.Issue { return issueOf(err, "") },
	}
}

// upload makes sure that pictures are in the shop's storage, and returns their
// addresses there, each once. They are remembered by their bytes.
func (s *shop) upload(ctx context.Context, images []catalog.OfferImage) (addresses []string, issues []catalog.Issue, err error) {
	for i, one := range images[:min(len(images), mostImages)] {
		address, issue, err := s.uploadOne(ctx, one, i+1)
		if err != nil {
			return nil, nil, err
		}
		if issue != nil {
			issues = append(issues, *issue)
		}
		if address != "" && !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	return addresses, issues, nil
}

// uploadOne gives the address of a picture. A picture that cannot be used gives
// an issue and no error: it does not keep the others away.
func (s *shop) uploadOne(ctx context.Context, one catalog.OfferImage, place int) (string, *catalog.Issue, error) {
	return s.uploads().Put(ctx, one, place, true)
}

// send uploads a picture. The bytes are not signed.
func (s *shop) send(ctx context.Context, data []byte, kind string) (string, error) {
	body, contentType, err := connectors.PictureForm("image", data, kind, nil)
	if err != nil {
		return "", s.fail(opUpload, connectors.Fatal, "form", "the form cannot be written")
	}
	var out answer[struct {
		Image struct {
			URL string `json:"url"`
		} `json:"image"`
	}]
	_, err = s.client.Do(ctx, connectors.Call{
		Op: opUpload, Method: http.MethodPost, Path: "/image/upload", Body: body, Out: &out,
		Header:     http.Header{"Content-Type": {contentType}},
		Repeatable: true, // the same picture twice does no harm
	})
	if err == nil && out.Data.value.Image.URL == "" {
		err = s.fail(opUpload, connectors.Transient, "no_address", "the answer has no address of the picture")
	}
	// No listing is concerned yet, whatever became of the picture.
	return out.Data.value.Image.URL, connectors.NotSent(err)
}
