package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/chophien/chophien/catalog"
)

// Facts are what a picture is, told from its first and last bytes.
type Facts struct {
	Type  string // media type; "" = no picture
	Size  image.Point
	Bytes int64
	Whole bool // it ends as pictures of its type do
}

// Check tells why a picture cannot be given to a platform, or nil: what [Fit]
// makes fit is no reason.
func (l Limits) Check(f Facts) error {
	switch {
	case f.Type == "":
		return ErrNotPicture
	case !l.AsIs && f.Size == image.Point{}:
		return ErrType // an SVG has no pixels
	case f.Size == image.Point{}:
		return nil
	case !f.Whole:
		return ErrDamaged
	case min(f.Size.X, f.Size.Y) < max(1, l.MinSide):
		return ErrTooSmall
	case !l.AsIs && f.Size.X > maxPixels/f.Size.Y:
		return ErrTooWide
	case !l.AsIs:
		return nil
	case len(l.Types) > 0 && !slices.Contains(l.Types, f.Type):
		return ErrType
	case l.MaxBytes > 0 && f.Bytes > int64(l.MaxBytes), l.MaxSide > 0 && max(f.Size.X, f.Size.Y) > l.MaxSide:
		return ErrTooHeavy
	}
	return nil
}

// Issue says in words that the picture at a place, from 1, cannot be used, or
// only just (err nil). It is a warning: a listing may do without one picture.
func (l Limits) Issue(place int, err error, size image.Point) catalog.Issue {
	issue := catalog.Issue{Code: "image_unreadable", Severity: catalog.SeverityWarning, Field: fmt.Sprintf("images[%d]", place), Message: catalog.Text{
		VI: fmt.Sprintf("Không mở được ảnh %d nên ảnh này bị bỏ qua. Hãy nhập lại tệp ảnh.", place),
		EN: fmt.Sprintf("Picture %d cannot be opened and is left out. Import its file again.", place),
	}}
	say := func(code, vi, en string, args ...any) {
		issue.Code, issue.Message = code, catalog.Text{VI: fmt.Sprintf(vi, args...), EN: fmt.Sprintf(en, args...)}
	}
	switch {
	case err == nil:
		say("image_small", "Ảnh %d chỉ có %d × %d điểm; sàn khuyên ít nhất %d. Hãy thay ảnh lớn hơn.",
			"Picture %d has only %d × %d pixels; the platform advises %d at least. Take a larger one.", place, size.X, size.Y, l.GoodSide)
	case errors.Is(err, ErrTooSmall):
		say("image_small", "Ảnh %d có %d × %d điểm, sàn cần ít nhất %[4]d × %[4]d, nên ảnh bị bỏ qua. Hãy thay ảnh lớn hơn.",
			"Picture %d has %d × %d pixels, the platform needs %[4]d × %[4]d at least, so it is left out. Take a larger one.", place, size.X, size.Y, l.MinSide)
	case errors.Is(err, ErrDamaged), errors.Is(err, ErrNotPicture):
		say("image_broken", "Ảnh %d bị hỏng hoặc không phải ảnh nên bị bỏ qua. Hãy lưu lại ảnh rồi nhập lại.",
			"Picture %d is damaged or no picture, so it is left out. Save it anew and import it again.", place)
	case errors.Is(err, ErrType):
		say("image_format", "Ảnh %d ở định dạng mà sàn không nhận nên bị bỏ qua. Hãy dùng ảnh JPG hoặc PNG.",
			"Picture %d is in a format that the platform does not take, so it is left out. Use a JPG or PNG.", place)
	case errors.Is(err, ErrTooHeavy), errors.Is(err, ErrTooWide), errors.Is(err, ErrTooLarge):
		say("image_large", "Ảnh %d quá lớn (%d × %d điểm) nên bị bỏ qua. Hãy thu nhỏ ảnh.",
			"Picture %d is too large (%d × %d pixels), so it is left out. Make it smaller.", place, size.X, size.Y)
	}
	return issue
}

// maxTail is how many of a picture's last bytes are looked at.
const maxTail = 64

// Inspect tells what a picture is. It decodes whole only what does not end as
// it should.
func Inspect(data io.ReadSeeker) (Facts, error) {
	var f Facts
	length, err := data.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = data.Seek(max(0, length-maxTail), io.SeekStart)
	}
	if err != nil {
		return f, err
	}
	tail, err := io.ReadAll(io.LimitReader(data, maxTail))
	if err == nil {
		_, err = data.Seek(0, io.SeekStart)
	}
	if err != nil {
		return f, err
	}
	f.Bytes = length
	head := make([]byte, 512)
	n, err := io.ReadFull(data, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return f, err
	}
	if _, err := data.Seek(0, io.SeekStart); err != nil {
		return f, err
	}
	head = head[:n]
	if looksLikeXML(head) {
		f.Type, f.Whole = "image/svg+xml", true
		return f, nil
	}
	config, format, err := image.DecodeConfig(data)
	if err != nil {
		return f, nil // no picture, or broken in its first part
	}
	f.Type, f.Size = "image/"+format, image.Pt(config.Width, config.Height)
	if f.Whole = ends(format, head, tail, length); !f.Whole && f.Size.X > 0 && f.Size.Y > 0 && f.Size.X <= maxPixels/f.Size.Y {
		// Cameras hang other things behind a picture: only decoding tells.
		if _, err := data.Seek(0, io.SeekStart); err != nil {
			return f, err
		}
		_, _, err := image.Decode(data)
		f.Whole = err == nil
	}
	return f, nil
}

// ends tells that a file of a format was not cut off.
func ends(format string, head, tail []byte, size int64) bool {
	switch format {
	case "png":
		return bytes.Contains(tail, []byte("IEND"))
	case "jpeg":
		return bytes.Contains(tail, []byte{0xff, 0xd9})
	case "gif":
		return bytes.HasSuffix(bytes.TrimRight(tail, "\x00"), []byte{0x3b})
	case "webp":
		return len(head) >= 8 && size >= 8+int64(head[4])+int64(head[5])<<8+int64(head[6])<<16+int64(head[7])<<24
	case "bmp":
		return len(head) >= 6 && size >= int64(head[2])+int64(head[3])<<8+int64(head[4])<<16+int64(head[5])<<24
	}
	return true
}

// mostFacts is how many pictures are remembered by [Dir.Facts].
const mostFacts = 100_000

// facts remembers what pictures are; their bytes never change.
type facts struct {
	mu    sync.Mutex
	known map[string]Facts
}

// Facts tells what a kept picture is. It reads the file once per process.
func (d *Dir) Facts(ctx context.Context, image catalog.OfferImage) (Facts, error) {
	if err := ctx.Err(); err != nil {
		return Facts{}, err
	}
	d.facts.mu.Lock()
	known, ok := d.facts.known[image.SHA256]
	d.facts.mu.Unlock()
	if ok {
		return known, nil
	}
	path := d.Path(image.SHA256)
	if path == "" {
		return Facts{}, fmt.Errorf("picture %q is not kept here: %w", image.URL, os.ErrNotExist)
	}
	file, err := os.Open(path)
	if err != nil {
		return Facts{}, fmt.Errorf("open picture: %w", err)
	}
	defer file.Close()
	found, err := Inspect(file)
	if err != nil {
		return Facts{}, fmt.Errorf("read picture %s: %w", image.SHA256, err)
	}
	d.facts.mu.Lock()
	defer d.facts.mu.Unlock()
	if d.facts.known == nil || len(d.facts.known) >= mostFacts {
		d.facts.known = map[string]Facts{}
	}
	d.facts.known[image.SHA256] = found
	return found, nil
}
