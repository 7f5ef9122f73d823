package tiktokshop

import (
	"context"
	"errors"
	"net/http"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/connectors"
)

// What pictures are for.
const (
	maxImages    = 9
	useMain      = "MAIN_IMAGE"
	useAttribute = "ATTRIBUTE_IMAGE"
)

// takes are the limits of pictures. The platform squares those that are too
// long or too tall by itself. It takes HEIC, too, which nobody here can read.
// https://partner.tiktokshop.com/docv2/page/upload-product-image-202309, as in the OpenAPI text, read 2026-08.
var takes = map[string]media.Limits{
	useMain:      {Types: imageTypes, MaxBytes: 10 << 20, MinSide: 300, MaxSide: 4000},
	useAttribute: {Types: imageTypes, MaxBytes: 10 << 20, MinSide: 100, MaxSide: 20000},
}

var imageTypes = []string{"image/jpeg", "image/png", "image/webp", "image/bmp"}

const opUpload = "images.upload"

// uploads puts pictures of one use onto the platform.
func (s *shop) uploads(use string) connectors.Uploads {
	return connectors.Uploads{
		Env: s.env, Op: opUpload, Key: use, Limits: takes[use], Refused: func(err error) catalog.Issue { return issueOf(err, "") },
		Send: func(ctx context.Context, data []byte, mediaType string) (string, error) {
			return s.sendPicture(ctx, data, mediaType, use)
		},
	}
}

// pictures gives the platform's names of an offer's pictures. Those that cannot
// be used are left out and told. With remembered false all are uploaded anew.
func (s *shop) pictures(ctx context.Context, images []catalog.OfferImage, remembered bool) (uris []string, issues []catalog.Issue, err error) {
	images = images[:min(len(images), maxImages)]
	found := make([]string, len(images))
	problems := make([]*catalog.Issue, len(images))
	errs := s.parallel(len(images), func(i int) (err error) {
		found[i], problems[i], err = s.uploads(useMain).Put(ctx, images[i], i+1, remembered)
		return err
	})
	if err := firstError(errs); err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{"": true}
	for i, uri := range found {
		if problems[i] != nil {
			issues = append(issues, *problems[i])
		}
		if !seen[uri] {
			seen[uri] = true
			uris = append(uris, uri)
		}
	}
	return uris, issues, nil
}

// sendPicture uploads one picture. Doing it twice costs nothing but the call.
func (s *shop) sendPicture(ctx context.Context, data []byte, mediaType, use string) (string, error) {
	body, contentType, err := connectors.PictureForm("data", data, mediaType, map[string]string{"use_case": use})
	if err != nil {
		return "", err
	}
	answer, err := call[picture](ctx, s, connectors.Call{
		Op: opUpload, Method: http.MethodPost, Path: pathUpload, Body: body, Header: http.Header{"Content-Type": {contentType}}, Repeatable: true,
	})
	if err != nil {
		return "", connectors.NotSent(err) // nothing depends on a picture that was uploaded in vain
	}
	if answer.URI == "" {
		return "", &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: opUpload, Err: errors.New("the answer names no picture")}
	}
	return answer.URI, nil
}
