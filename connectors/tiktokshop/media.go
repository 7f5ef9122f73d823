package tiktokshop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/connectors"
)

// What pictures are for.
const (
	maxImages    = 9
	maxSource    = 40 << 20 // bytes of a picture that is made fit
	useMain      = "MAIN_IMAGE"
	useAttribute = "ATTRIBUTE_IMAGE"
)

// takes are the limits of pictures. The platform squares those that are too
// long or too tall by itself. It takes HEIC, too, which nobody here can read.
var takes = map[string]media.Limits{
	useMain:      {Types: imageTypes, MaxBytes: 10 << 20, MinSide: 300, MaxSide: 4000},
	useAttribute: {Types: imageTypes, MaxBytes: 10 << 20, MinSide: 100, MaxSide: 20000},
}

var imageTypes = []string{"image/jpeg", "image/png", "image/webp", "image/bmp"}

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
	source, _, err := s.env.Media.Open(ctx, offered)
	if err != nil {
		if ctx.Err() != nil {
			return "", &connectors.Error{Kind: connectors.Canceled, Channel: string(s.env.Channel), Op: op, Err: ctx.Err()}
		}
		return refuse("12038002", "the picture cannot be read")
	}
	defer source.Close()
	data, err := io.ReadAll(io.LimitReader(source, maxSource+1))
	switch {
	case err != nil:
		return refuse("12038002", "the picture cannot be read")
	case len(data) > maxSource:
		return refuse("12038005", "the picture is larger than 40 MB")
	}
	data, kind, size, err := media.Fit(data, takes[use])
	switch {
	case errors.Is(err, media.ErrTooSmall):
		return refuse("12038014", fmt.Sprintf("the picture has %d x %d pixels", size.X, size.Y))
	case err != nil:
		return refuse("12038015", err.Error())
	}
	body, contentType, err := form(data, kind, use)
	if err != nil {
		return "", fmt.Errorf("write the form of a picture: %w", err)
	}
	answer, err := call[picture](ctx, s, connectors.Call{
		Op: op, Method: http.MethodPost, Path: pathUpload, Body: body, Header: http.Header{"Content-Type": {contentType}}, Repeatable: true,
	})
	if err != nil {
		return "", connectors.NotSent(err) // nothing depends on a picture that was uploaded in vain
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
	header.Set("Content-Disposition", `form-data; name="data"; filename="image.`+strings.TrimPrefix(kind, "image/")+`"`)
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
