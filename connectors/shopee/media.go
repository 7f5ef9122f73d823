package shopee

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/connectors"
)

// maxImages is how many pictures an item has at most.
const maxImages = 9

// pictureLimits are what product pictures may be. The platform cuts them to a
// square, so they get a margin instead.
// https://open.shopee.com/documents/v2/v2.media_space.upload_image, read 2026-08.
var pictureLimits = media.Limits{Types: []string{"image/jpeg", "image/png"}, MaxBytes: 10 << 20, MaxRatio: 100}

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

// uploads puts pictures into the shop's media space.
func (s *shop) uploads() connectors.Uploads {
	return connectors.Uploads{
		Env: s.env, Op: opUpload, Key: "image", Limits: pictureLimits, Send: s.sendPicture,
		Refused: func(err error) catalog.Issue { return issueOf(err, "") },
	}
}

// pictures uploads what the platform does not have yet. With remembered false
// all are uploaded anew.
func (s *shop) pictures(ctx context.Context, images []catalog.OfferImage, remembered bool) (pictures, error) {
	p := pictures{ids: map[int]string{}}
	for i, image := range images {
		id, issue, err := s.uploads().Put(ctx, image, i+1, remembered)
		if err != nil {
			return p, err
		}
		if issue != nil {
			p.issues = append(p.issues, *issue)
		}
		if id != "" {
			p.ids[i+1] = id
		}
	}
	return p, nil
}

const opUpload = "media_space/upload_image"

// sendPicture uploads one picture. Doing it twice costs nothing but the call.
func (s *shop) sendPicture(ctx context.Context, data []byte, mediaType string) (string, error) {
	body, contentType, err := connectors.PictureForm("image", data, mediaType, map[string]string{"scene": "normal"})
	if err != nil {
		return "", err
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
	}](ctx, s, connectors.Call{Op: opUpload, Body: body, Header: http.Header{"Content-Type": {contentType}}, Repeatable: true})
	if err != nil {
		return "", connectors.NotSent(err) // nothing depends on a picture that was uploaded in vain
	}
	for _, row := range answer.List {
		if row.Error != "" {
			return "", &connectors.Error{Kind: connectors.Validation, Channel: string(s.env.Channel), Op: opUpload, Code: "error_image_format", Err: errors.New(plain(row.Message))}
		}
		if row.Info.ID != "" {
			return row.Info.ID, nil
		}
	}
	if answer.Info.ID == "" {
		return "", &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: opUpload, Err: errors.New("the answer names no picture")}
	}
	return answer.Info.ID, nil
}
