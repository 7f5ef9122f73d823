package tiktokshop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // pictures that are measured before they are sent
	_ "image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Limits of pictures, and what they are for.
const (
	maxImages     = 9
	maxImageBytes = 10 << 20
	useMain       = "MAIN_IMAGE"
	useAttribute  = "ATTRIBUTE_IMAGE"
)

// sides are the least and the most pixels of a side.
var sides = map[string][2]int{useMain: {300, 4000}, useAttribute: {100, 20000}}

// formats are the media types that the platform takes.
var formats = map[string]string{"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/bmp": "bmp", "image/heic": "heic"}

// pictures gives the platform's names of an offer's pictures. Those that cannot
// be used are left out and told. With remembered false all are uploaded anew.
func (s *shop) pictures(ctx context.Context, images []catalog.OfferImage, remembered bool) (uris []string, issues []catalog.Issue, err error) {
	images = images[:min(len(images), maxImages)]
	found := make([]string, len(images))
	problems := make([]*catalog.Issue, len(images))
	errs := s.parallel(len(images), func(i int) error {
		uri, err := s.picture(ctx, images[i], useMain, remembered)
		if connectors.KindOf(err) == connectors.Validation {
			problem := issueOf(err, "")
			problem.Severity, problem.Field = catalog.SeverityWarning, fmt.Sprintf("images[%d]", i+1)
			problems[i] = &problem
			return nil
		}
		found[i] = uri
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

// picture gives the platform's name of one picture.
func (s *shop) picture(ctx context.Context, image catalog.OfferImage, use string, remembered bool) (string, error) {
	key := imageKey(image, use)
	if remembered && s.env.Memory != nil {
		if uri, err := s.env.Memory.Recall(ctx, key); err == nil && uri != "" {
			return uri, nil
		}
	}
	uri, err := s.upload(ctx, image, use)
	if err == nil && s.env.Memory != nil {
		if err := s.env.Memory.Remember(ctx, key, uri); err != nil {
			s.env.Logger.Warn("picture not remembered, it will be uploaded again", "error", err)
		}
	}
	return uri, err
}

func imageKey(image catalog.OfferImage, use string) string {
	if image.SHA256 != "" {
		return use + ":" + image.SHA256
	}
	sum := sha256.Sum256([]byte(image.URL))
	return use + "-url:" + hex.EncodeToString(sum[:])
}

// upload sends one picture. Doing it twice costs nothing but the call.
func (s *shop) upload(ctx context.Context, offered catalog.OfferImage, use string) (string, error) {
	const op = "images.upload"
	refuse := func(code, text string) (string, error) {
		return "", &connectors.Error{Kind: connectors.Validation, Channel: string(s.env.Channel), Op: op, Code: code, Err: errors.New(text)}
	}
	if s.env.Media == nil {
		return refuse("12038002", "there is no place to read pictures from")
	}
	source, kind, err := s.env.Media.Open(ctx, offered)
	if err != nil {
		if ctx.Err() != nil {
			return "", &connectors.Error{Kind: connectors.Canceled, Channel: string(s.env.Channel), Op: op, Err: ctx.Err()}
		}
		return refuse("12038002", "the picture cannot be read")
	}
	defer source.Close()
	data, err := io.ReadAll(io.LimitReader(source, maxImageBytes+1))
	switch {
	case err != nil:
		return refuse("12038002", "the picture cannot be read")
	case len(data) > maxImageBytes:
		return refuse("12038005", "the picture is larger than 10 MB")
	case formats[kind] == "":
		return refuse("12038015", "the picture is "+clip(kind, 30))
	}
	// Only JPEG and PNG can be measured here; the platform judges the others.
	if size, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
		if limit := sides[use]; min(size.Width, size.Height) < limit[0] || max(size.Width, size.Height) > limit[1] {
			return refuse("12038014", fmt.Sprintf("the picture has %d x %d pixels", size.Width, size.Height))
		}
	}
	body, contentType, err := form(data, kind, use)
	if err != nil {
		return "", fmt.Errorf("write the form of a picture: %w", err)
	}
	answer, err := call[picture](ctx, s, connectors.Call{
		Op: op, Method: http.MethodPost, Path: pathUpload, Body: body, Header: http.Header{"Content-Type": {contentType}}, Repeatable: true,
	})
	if err != nil {
		return "", notSent(err) // nothing depends on a picture that was uploaded in vain
	}
	if answer.URI == "" {
		return "", &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Err: errors.New("the answer names no picture")}
	}
	return answer.URI, nil
}

func form(data []byte, kind, use string) (body []byte, contentType string, err error) {
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="data"; filename="image.`+formats[kind]+`"`)
	header.Set("Content-Type", kind)
	part, err := w.CreatePart(header)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = w.WriteField("use_case", use)
	}
	if err == nil {
		err = w.Close()
	}
	return buffer.Bytes(), w.FormDataContentType(), err
}
