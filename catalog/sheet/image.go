package sheet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
)

// maxRemembered bounds how many pictures are remembered while importing.
const maxRemembered = 4096

// digestSource stands for a picture that has no source, only bytes.
const digestSource = "sha256:"

// pictures reads the picture files that a sheet names, from the sheet's folder
// and those below it.
type pictures struct {
	ctx   context.Context
	store func(ctx context.Context, data []byte, mediaType string) (string, error)
	dir   string
	root  *os.Root // opened when needed
	known map[string]catalog.Image
	kept  map[string]bool // by digest
}

func newPictures(ctx context.Context, dir string, store func(context.Context, []byte, string) (string, error)) *pictures {
	return &pictures{ctx: ctx, store: store, dir: dir, known: make(map[string]catalog.Image), kept: make(map[string]bool)}
}

func (p *pictures) close() error {
	if p.root == nil {
		return nil
	}
	return p.root.Close()
}

// load completes an image with the digest and type of its file. An image that
// was kept before may have lost its file.
func (p *pictures) load(image catalog.Image) (catalog.Image, error) {
	path, err := localPath(image.Source)
	if err != nil || path == "" || p.store == nil {
		return image, err
	}
	known, found := p.known[path]
	if !found {
		data, mediaType, err := p.read(path)
		if errors.Is(err, fs.ErrNotExist) && image.SHA256 != "" {
			return image, nil
		}
		if err != nil {
			return image, explainPicture(image.Source, err)
		}
		sum := sha256.Sum256(data)
		known = catalog.Image{SHA256: hex.EncodeToString(sum[:]), Type: mediaType}
		if len(p.known) >= maxRemembered {
			clear(p.known)
		}
		p.known[path] = known
	}
	image.SHA256, image.Type = known.SHA256, known.Type
	return image, nil
}

// keep hands the bytes of images that have a file to the media store.
func (p *pictures) keep(images []catalog.Image) error {
	for _, image := range images {
		path, err := localPath(image.Source)
		if err != nil || path == "" || p.store == nil || p.kept[image.SHA256] {
			continue
		}
		data, mediaType, err := p.read(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("picture %s: %w", clip(image.Source), err)
		}
		digest, err := p.store(p.ctx, data, mediaType)
		if err != nil {
			return fmt.Errorf("keep picture %s: %w", clip(image.Source), err)
		}
		if digest != image.SHA256 {
			return fmt.Errorf("picture %s was changed while it was imported; import the file again", clip(image.Source))
		}
		if len(p.kept) >= maxRemembered {
			clear(p.kept)
		}
		p.kept[digest] = true
	}
	return nil
}

func (p *pictures) read(path string) (data []byte, mediaType string, err error) {
	if p.root == nil {
		if p.root, err = os.OpenRoot(p.dir); err != nil {
			return nil, "", err
		}
	}
	file, err := p.root.Open(path)
	if err != nil {
		return nil, "", err
	}
	data, err = io.ReadAll(io.LimitReader(file, media.MaxBytes+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, "", err
	}
	mediaType, err = media.Type(data)
	return data, mediaType, err
}

func explainPicture(source string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return reasonf("không thấy tệp ảnh %q; ghi đường dẫn tính từ thư mục của bảng tính", "there is no picture file %q; write its path from the spreadsheet's folder", clip(source))
	case errors.Is(err, media.ErrTooLarge):
		return reasonf("ảnh %q lớn hơn %d MB", "picture %q is larger than %d MB", clip(source), media.MaxBytes>>20)
	case errors.Is(err, media.ErrNotPicture):
		return reasonf("tệp %q không phải ảnh PNG, JPEG, WebP, GIF hay SVG", "file %q is not a PNG, JPEG, WebP, GIF or SVG picture", clip(source))
	case errors.Is(err, media.ErrActive):
		return reasonf("ảnh SVG %q có mã lệnh hoặc tham chiếu ra ngoài", "SVG picture %q has scripts or references to other files", clip(source))
	}
	return reasonf("không đọc được ảnh %q (phải nằm trong thư mục của bảng tính)", "picture %q cannot be read (it must be in the spreadsheet's folder)", clip(source))
}

// localPath is the path of a source that is a file, "" for an address.
func localPath(source string) (string, error) {
	scheme, _, isURL := strings.Cut(source, "://")
	switch {
	case source == "":
		return "", nil
	case !isURL:
		return strings.ReplaceAll(source, `\`, "/"), nil
	case strings.EqualFold(scheme, "http"), strings.EqualFold(scheme, "https"):
		if u, err := url.Parse(source); err == nil && u.Host != "" {
			return "", nil
		}
	}
	return "", reasonf("địa chỉ ảnh phải bắt đầu bằng https://: %q", "the address of a picture begins with https://: %q", clip(source))
}

// sourceOf names an image in a cell.
func sourceOf(image catalog.Image) string {
	if image.Source == "" {
		return digestSource + image.SHA256
	}
	return image.Source
}

// imageOf is the inverse of sourceOf.
func imageOf(source string) catalog.Image {
	if digest, found := strings.CutPrefix(source, digestSource); found {
		return catalog.Image{SHA256: digest}
	}
	return catalog.Image{Source: source}
}
