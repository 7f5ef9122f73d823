package shopee

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
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/connectors"
)

const (
	maxImages = 9
	maxSource = 40 << 20 // of a picture before it is made to fit
)

// taken is what the platform takes of a picture, which it squares by itself;
// what does not fit is written anew.
var taken = media.Limits{Types: []string{"image/jpeg", "image/png"}, MaxBytes: 10 << 20}

// pictures are the platform's IDs of an offer's pictures, by their place in the
// offer from 1; what could not be used is missing and told in issues.
type pictures struct {
	ids    map[int]string
	issues []catalog.Issue
}

// list gives the item's pictures in order.
func (p pictures) list() []string {
	var places []int
	for place := range p.ids {
		places = append(places, place)
	}
	slices.Sort(places)
	var ids []string
	for _, place := range places {
		if id := p.ids[place]; len(ids) < maxImages && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// pictures uploads what the platform does not have yet. With remembered false
// all are uploaded anew.
func (s *shop) pictures(ctx context.Context, images []catalog.OfferImage, remembered bool) (pictures, error) {
	p := pictures{ids: map[int]string{}}
	for i, image := range images {
		key := imageKey(image)
		id := ""
		if remembered && s.env.Memory != nil {
			id, _ = s.env.Memory.Recall(ctx, key) // without it, uploaded once more
		}
		if id == "" {
			var err error
			if id, err = s.upload(ctx, image); err != nil {
				if connectors.KindOf(err) != connectors.Validation {
					return p, err
				}
				issue := issueOf(err, "")
				issue.Severity, issue.Field = catalog.SeverityWarning, fmt.Sprintf("images[%d]", i+1)
				p.issues = append(p.issues, issue)
				continue
			}
			if s.env.Memory != nil {
				if err := s.env.Memory.Remember(ctx, key, id); err != nil {
					s.env.Logger.Warn("picture not remembered, it will be uploaded again", "error", err)
				}
			}
		}
		p.ids[i+1] = id
	}
	return p, nil
}

func imageKey(image catalog.OfferImage) string {
	if image.SHA256 != "" {
		return "image:" + image.SHA256
	}
	sum := sha256.Sum256([]byte(image.URL))
	return "image-url:" + hex.EncodeToString(sum[:])
}

// upload sends one picture. Doing it twice costs nothing but the call.
func (s *shop) upload(ctx context.Context, image catalog.OfferImage) (string, error) {
	const op = "media_space/upload_image"
	refuse := func(text string) (string, error) {
		return "", &connectors.Error{Kind: connectors.Validation, Channel: string(s.env.Channel), Op: op, Code: "error_image_format", Err: errors.New(text)}
	}
	if s.env.Media == nil {
		return refuse("there is no place to read pictures from")
	}
	source, _, err := s.env.Media.Open(ctx, image)
	if err != nil {
		if ctx.Err() != nil {
			return "", &connectors.Error{Kind: connectors.Canceled, Channel: string(s.env.Channel), Op: op, Err: ctx.Err()}
		}
		return refuse("the picture cannot be read")
	}
	defer source.Close()
	data, err := io.ReadAll(io.LimitReader(source, maxSource+1))
	switch {
	case err != nil:
		return refuse("the picture cannot be read")
	case len(data) > maxSource:
		return refuse("the picture is larger than 40 MB")
	}
	data, kind, _, err := media.Fit(data, taken)
	if err != nil {
		return refuse(err.Error())
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="image"; filename="image.`+kind[len("image/"):]+`"`)
	header.Set("Content-Type", kind)
	part, err := form.CreatePart(header)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.WriteField("scene", "normal")
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return "", fmt.Errorf("write the form of a picture: %w", err)
	}
	type info struct {
		ID string `json:"image_id"`
	}
	answer, err := post[struct {
		Info info `json:"image_info"`
		List []struct {
			Error   string `json:"error"`
			Message string `json:"message"`
			Info    info   `json:"image_info"`
		} `json:"image_info_list"`
	}](ctx, s, connectors.Call{Op: op, Body: body.Bytes(), Header: http.Header{"Content-Type": {form.FormDataContentType()}}, Repeatable: true})
	if err != nil {
		return "", notSent(err) // nothing depends on a picture that was uploaded in vain
	}
	for _, row := range answer.List {
		if row.Error != "" {
			return refuse(plain(row.Message))
		}
		if row.Info.ID != "" {
			return row.Info.ID, nil
		}
	}
	if answer.Info.ID == "" {
		return "", &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Err: errors.New("the answer names no picture")}
	}
	return answer.Info.ID, nil
}
