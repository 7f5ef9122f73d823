package connectors

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"maps"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
)

// maxPicture is how many bytes of a picture are read to make it fit.
const maxPicture = 40 << 20

// Uploads puts pictures onto a platform that keeps copies of its own: checked
// and made fit here, each sent once, and remembered by the hash of its bytes.
// It holds no state and is safe for concurrent use where Send is.
type Uploads struct {
	Env    Env
	Op     string // in errors
	Key    string // begins what is remembered, so that it tells what pictures are for
	Limits media.Limits
	// Send uploads a picture that fits and returns the platform's name of it.
	// Doing it twice must do no harm.
	Send func(ctx context.Context, data []byte, mediaType string) (name string, err error)
	// Refused puts the platform's refusal of one picture into words.
	Refused func(err error) catalog.Issue
}

// Put returns the platform's name of the picture at a place of an offer, from 1.
// One that cannot be used has no name but an issue, and keeps no other away; one
// that can be used may have an issue, too. The error is of the account or of
// ctx. Without remembered it is sent again, whatever is remembered.
func (u Uploads) Put(ctx context.Context, picture catalog.OfferImage, place int, remembered bool) (name string, issue *catalog.Issue, err error) {
	if name := u.recall(ctx, picture.SHA256, remembered); name != "" {
		return name, nil, nil
	}
	told := func(err error, size image.Point) *catalog.Issue {
		issue := u.Limits.Issue(place, err, size)
		return &issue
	}
	data, err := u.read(ctx, picture)
	if ctx.Err() != nil {
		return "", nil, &Error{Kind: Canceled, Channel: string(u.Env.Channel), Op: u.Op, Err: ctx.Err()}
	}
	if err != nil {
		return "", told(err, image.Point{}), nil
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if hash != picture.SHA256 {
		if name := u.recall(ctx, hash, remembered); name != "" {
			return name, nil, nil
		}
	}
	fitted, mediaType, size, err := media.Fit(data, u.Limits)
	if err != nil {
		return "", told(err, size), nil
	}
	if min(size.X, size.Y) < u.Limits.GoodSide {
		issue = told(nil, size)
	}
	name, err = u.Send(ctx, fitted, mediaType)
	if KindOf(err) == Validation {
		refused := u.Refused(err)
		refused.Severity, refused.Field = catalog.SeverityWarning, fmt.Sprintf("images[%d]", place)
		return "", &refused, nil
	}
	if err != nil {
		return "", nil, err
	}
	u.remember(ctx, hash, name)
	return name, issue, nil
}

// Forget drops what is remembered of pictures that the platform does not know
// any more.
func (u Uploads) Forget(ctx context.Context, pictures []catalog.OfferImage) {
	for _, picture := range pictures {
		hash := picture.SHA256
		if hash == "" {
			data, err := u.read(ctx, picture)
			if err != nil {
				continue
			}
			sum := sha256.Sum256(data)
			hash = hex.EncodeToString(sum[:])
		}
		u.remember(ctx, hash, "")
	}
}

// recall is the name of a picture that was sent before; without the memory it
// is sent once more.
func (u Uploads) recall(ctx context.Context, hash string, remembered bool) string {
	if hash == "" || !remembered || u.Env.Memory == nil {
		return ""
	}
	name, err := u.Env.Memory.Recall(ctx, u.Key+":"+hash)
	if err != nil {
		return ""
	}
	return name
}

func (u Uploads) remember(ctx context.Context, hash, name string) {
	if u.Env.Memory == nil {
		return
	}
	if err := u.Env.Memory.Remember(ctx, u.Key+":"+hash, name); err != nil {
		u.Env.Logger.WarnContext(ctx, "picture not remembered, it will be uploaded again", "error", err)
	}
}

func (u Uploads) read(ctx context.Context, picture catalog.OfferImage) ([]byte, error) {
	if u.Env.Media == nil {
		return nil, errors.New("no pictures are kept")
	}
	source, _, err := u.Env.Media.Open(ctx, picture)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	data, err := io.ReadAll(io.LimitReader(source, maxPicture+1))
	if err == nil && len(data) > maxPicture {
		err = media.ErrTooLarge
	}
	return data, err
}

// PictureForm writes the form by which pictures are uploaded: the bytes as the
// file of one field, and texts of others.
func PictureForm(field string, data []byte, mediaType string, texts map[string]string) (body []byte, contentType string, err error) {
	var buffer bytes.Buffer
	form := multipart.NewWriter(&buffer)
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="image.%s"`, field, strings.TrimPrefix(mediaType, "image/"))},
		"Content-Type":        {mediaType},
	})
	if err == nil {
		_, err = part.Write(data)
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if err == nil {
			err = form.WriteField(name, texts[name])
		}
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return nil, "", fmt.Errorf("write the form of a picture: %w", err)
	}
	return buffer.Bytes(), form.FormDataContentType(), nil
}
