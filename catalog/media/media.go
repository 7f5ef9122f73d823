// Package media keeps the bytes of the catalog's pictures in a folder, by the
// digest of their contents.
package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// MaxBytes is the size of the largest picture that is accepted.
const MaxBytes = 10 << 20

// Errors of a picture that is not accepted.
var (
	ErrNotPicture = errors.New("not a PNG, JPEG, WebP, GIF or SVG picture")
	ErrTooLarge   = fmt.Errorf("picture larger than %d MB", MaxBytes>>20)
	ErrActive     = errors.New("SVG picture with scripts or references to other files")
)

// Type returns the media type of a picture, told from its bytes alone. It
// refuses everything that is not a picture, is larger than [MaxBytes], or is an
// SVG that would run code or fetch something when a page shows it.
func Type(data []byte) (mediaType string, err error) {
	if len(data) > MaxBytes {
		return "", ErrTooLarge
	}
	if mediaType := bitmapType(data); mediaType != "" {
		return mediaType, nil
	}
	if !looksLikeXML(data) {
		return "", ErrNotPicture
	}
	if err := checkSVG(data); err != nil {
		return "", err
	}
	return "image/svg+xml", nil
}

func bitmapType(data []byte) string {
	switch found := http.DetectContentType(data); found {
	case "image/png", "image/jpeg", "image/webp", "image/gif":
		return found
	}
	return ""
}

func looksLikeXML(data []byte) bool {
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(data) > 0 && data[0] == '<'
}

// checkSVG walks the whole document: a picture may hold shapes, text and
// styles, but nothing that acts.
func checkSVG(data []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	root := true
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && !root {
			return nil
		}
		if err != nil {
			return ErrNotPicture
		}
		switch token := token.(type) {
		case xml.Directive: // a DOCTYPE may declare entities
			if bytes.Contains(token, []byte("ENTITY")) {
				return ErrActive
			}
		case xml.StartElement:
			if root && token.Name.Local != "svg" {
				return ErrNotPicture
			}
			root = false
			switch strings.ToLower(token.Name.Local) {
			case "script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler", "set", "animate":
				return ErrActive
			}
			for _, attr := range token.Attr {
				if activeAttr(attr) {
					return ErrActive
				}
			}
		case xml.CharData:
			if text := strings.ToLower(string(token)); strings.Contains(text, "@import") || strings.Contains(text, "url(") && !strings.Contains(text, "url(#") {
				return ErrActive
			}
		}
	}
}

func activeAttr(attr xml.Attr) bool {
	name, value := strings.ToLower(attr.Name.Local), strings.ToLower(strings.TrimSpace(attr.Value))
	if strings.HasPrefix(name, "on") || strings.Contains(value, "javascript:") {
		return true
	}
	if name == "href" || name == "src" {
		return !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:image/png;") && !strings.HasPrefix(value, "data:image/jpeg;")
	}
	return strings.Contains(value, "url(") && !strings.Contains(value, "url(#") && !strings.Contains(value, "url('#") && !strings.Contains(value, `url("#`)
}

// Dir is a folder of pictures, each in a file named by the SHA-256 of its
// bytes. It is safe for concurrent use, also by several processes.
type Dir struct {
	path  string
	facts facts
}

// NewDir returns the folder at path and makes it when it does not exist.
func NewDir(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("pictures: %w", err)
	}
	return &Dir{path: path}, nil
}

// Put keeps a picture and returns the hex SHA-256 of its bytes. The type is
// told from the bytes, and must be the one that is given unless that is "".
// Putting the same picture again does nothing. After a crash the file is there
// whole or not at all.
func (d *Dir) Put(ctx context.Context, data []byte, mediaType string) (digest string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	found, err := Type(data)
	if err != nil {
		return "", err
	}
	if mediaType != "" && mediaType != found {
		return "", fmt.Errorf("picture is %s, not %s", found, mediaType)
	}
	sum := sha256.Sum256(data)
	digest = hex.EncodeToString(sum[:])
	target := d.Path(digest)
	if _, err := os.Stat(target); err == nil {
		return digest, nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return "", fmt.Errorf("keep picture: %w", err)
	}
	if err := writeFile(target, data); err != nil {
		return "", fmt.Errorf("keep picture: %w", err)
	}
	return digest, nil
}

func writeFile(target string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(target), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), target)
}

// Path returns where the picture with a digest is kept, whether or not it is,
// or "" for a text that is not a hex SHA-256.
func (d *Dir) Path(digest string) string {
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != sha256.Size || strings.ToLower(digest) != digest {
		return ""
	}
	return filepath.Join(d.path, digest[:2], digest)
}

// Open gives the bytes of a kept picture and its media type; the caller closes
// it. A picture that is not kept, or has no digest, is [fs.ErrNotExist].
func (d *Dir) Open(ctx context.Context, image catalog.OfferImage) (data io.ReadCloser, mediaType string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	path := d.Path(image.SHA256)
	if path == "" {
		return nil, "", fmt.Errorf("picture %q is not kept here: %w", image.URL, fs.ErrNotExist)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, "", fmt.Errorf("open picture: %w", err)
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("read picture %s: %w", image.SHA256, err), file.Close())
	}
	mediaType = bitmapType(head[:n])
	if mediaType == "" {
		mediaType = "image/svg+xml" // the only other type that Put lets in
	}
	return file, mediaType, nil
}
