package lazada

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
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/connectors"
)

// limits are what pictures may be. Sources differ on the bytes (1 MB and 3 MB)
// and on the least size; the smaller limit is kept, and pictures below the least
// size of the guides are sent with a warning.
var limits = media.Limits{Types: []string{"image/jpeg", "image/png"}, MaxBytes: 1 << 20, MaxSide: 5000}

const (
	leastSide  = 330
	mostSource = 40 << 20
)

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
	field := fmt.Sprintf("images[%d]", place)
	if address := s.recall(ctx, one.SHA256); address != "" {
		return address, nil, nil
	}
	data, err := s.open(ctx, one)
	if ctx.Err() != nil {
		return "", nil, &connectors.Error{Kind: connectors.Canceled, Channel: string(s.env.Channel), Op: "images.upload", Err: ctx.Err()}
	}
	if err != nil {
		return "", newIssue("image_unreadable", field, "",
			fmt.Sprintf("Không mở được ảnh %d: kiểm tra tệp hoặc địa chỉ ảnh.", place), fmt.Sprintf("Picture %d cannot be opened: check its file or address.", place)), nil
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if address := s.recall(ctx, hash); address != "" {
		return address, nil, nil
	}
	prepared, kind, size, err := media.Fit(data, limits)
	if err != nil {
		return "", newIssue("image_format", field, "",
			fmt.Sprintf("Ảnh %d không dùng được (%v): dùng ảnh JPG hoặc PNG.", place, err), fmt.Sprintf("Picture %d cannot be used (%v): use a JPG or PNG.", place, err)), nil
	}
	var small *catalog.Issue
	if min(size.X, size.Y) < leastSide {
		small = newIssue("image_small", field, "",
			fmt.Sprintf("Ảnh %d chỉ có %d×%d điểm; Lazada khuyên ít nhất %d.", place, size.X, size.Y, leastSide),
			fmt.Sprintf("Picture %d has only %d×%d pixels; Lazada advises %d at least.", place, size.X, size.Y, leastSide))
		small.Severity = catalog.SeverityWarning
	}
	address, err := s.send(ctx, prepared, kind)
	if err != nil {
		if e, ok := errors.AsType[*connectors.Error](err); ok && e.Kind == connectors.Validation {
			issue := issueOf(err, "")
			issue.Field = field
			return "", &issue, nil
		}
		return "", nil, err
	}
	for _, key := range []string{hash, one.SHA256} {
		if key != "" && s.env.Memory != nil {
			if err := s.env.Memory.Remember(ctx, imageKey(key), address); err != nil {
				s.env.Logger.Warn("picture not remembered, it will be uploaded again", "error", err)
			}
		}
	}
	return address, small, nil
}

func imageKey(hash string) string { return "image:" + hash }

// recall is the address of a picture that was uploaded before, "" when none is
// remembered.
func (s *shop) recall(ctx context.Context, hash string) string {
	if hash == "" || s.env.Memory == nil {
		return ""
	}
	address, err := s.env.Memory.Recall(ctx, imageKey(hash))
	if err != nil {
		return "" // costs one upload
	}
	return address
}

// forget drops the addresses of pictures that the shop does not know any more.
func (s *shop) forget(ctx context.Context, images []catalog.OfferImage) {
	if s.env.Memory == nil {
		return
	}
	for _, one := range images {
		hashes := []string{one.SHA256}
		if data, err := s.open(ctx, one); err == nil {
			sum := sha256.Sum256(data)
			hashes = append(hashes, hex.EncodeToString(sum[:]))
		}
		for _, hash := range hashes {
			if hash != "" {
				_ = s.env.Memory.Remember(ctx, imageKey(hash), "") // failing costs another refusal
			}
		}
	}
}

func (s *shop) open(ctx context.Context, one catalog.OfferImage) ([]byte, error) {
	if s.env.Media == nil {
		return nil, errors.New("no pictures are kept")
	}
	reader, _, err := s.env.Media.Open(ctx, one)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	data, err := io.ReadAll(io.LimitReader(reader, mostSource+1))
	if err == nil && len(data) > mostSource {
		err = errors.New("too large")
	}
	return data, err
}

// send uploads a picture. The bytes are not signed.
// https://open.lazada.com/apps/doc/api?path=%2Fimage%2Fupload, read 2026-04.
func (s *shop) send(ctx context.Context, data []byte, kind string) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="image"; filename="image.` + strings.TrimPrefix(kind, "image/") + `"`}, "Content-Type": {kind},
	})
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return "", s.fail("images.upload", connectors.Fatal, "form", "the form cannot be written")
	}
	var out answer[struct {
		Image struct {
			URL string `json:"url"`
		} `json:"image"`
	}]
	_, err = s.client.Do(ctx, connectors.Call{
		Op: "images.upload", Method: http.MethodPost, Path: "/image/upload", Body: body.Bytes(), Out: &out,
		Header:     http.Header{"Content-Type": {form.FormDataContentType()}},
		Repeatable: true, // the same picture twice does no harm
	})
	if err == nil && out.Data.value.Image.URL == "" {
		err = s.fail("images.upload", connectors.Transient, "no_address", "the answer has no address of the picture")
	}
	// No listing is concerned yet, whatever became of the picture.
	return out.Data.value.Image.URL, connectors.NotSent(err)
}
