package media_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
)

func pngBytes(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestType(t *testing.T) {
	t.Parallel()
	const svg = `<svg xmlns="http://www.w3.org/2000/svg">%</svg>`
	tests := []struct {
		name, data, want string
		err              error
	}{
		{"png", string(pngBytes(t)), "image/png", nil},
		{"jpeg", "\xff\xd8\xff\xe0", "image/jpeg", nil},
		{"gif", "GIF89a", "image/gif", nil},
		{"webp", "RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", nil},
		{"svg", "\n<?xml version=\"1.0\"?>" + strings.Replace(svg, "%", `<path fill="url(#a)" d="M0 0"/>`, 1), "image/svg+xml", nil},
		{"empty", "", "", media.ErrNotPicture},
		{"text", "giá 185.000", "", media.ErrNotPicture},
		{"page instead of a picture", "<!DOCTYPE html><html><body>404</body></html>", "", media.ErrNotPicture},
		{"cut svg", `<svg><path`, "", media.ErrNotPicture},
		{"script in svg", strings.Replace(svg, "%", `<script>alert(1)</script>`, 1), "", media.ErrActive},
		{"event in svg", strings.Replace(svg, "%", `<path onclick="x()"/>`, 1), "", media.ErrActive},
		{"link out of svg", strings.Replace(svg, "%", `<image href="https://example.org/x"/>`, 1), "", media.ErrActive},
		{"style fetching in svg", strings.Replace(svg, "%", `<style>@import "x"</style>`, 1), "", media.ErrActive},
		{"too large", "GIF89a" + strings.Repeat(" ", media.MaxBytes), "", media.ErrTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := media.Type([]byte(test.data))
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

func TestDirKeepsByDigest(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "pictures")
	dir, err := media.NewDir(root)
	if err != nil {
		t.Fatal(err)
	}
	data := pngBytes(t)
	digest, err := dir.Put(t.Context(), data, "image/png")
	if err != nil {
		t.Fatal(err)
	}
	again, err := dir.Put(t.Context(), data, "")
	if err != nil || again != digest {
		t.Fatalf("second put gives %q, %v; want %q", again, err, digest)
	}
	file, mediaType, err := dir.Open(t.Context(), catalog.OfferImage{SHA256: digest})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if err != nil || !bytes.Equal(got, data) || mediaType != "image/png" {
		t.Errorf("read back %d bytes of %s, %v; want %d of image/png", len(got), mediaType, err, len(data))
	}
	var files []string
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, entry.Name())
		}
		return err
	})
	if err != nil || len(files) != 1 {
		t.Errorf("folder holds %v, %v; want one file and nothing left over", files, err)
	}
}

func TestDirRefuses(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir, err := media.NewDir(filepath.Join(root, "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, digest := range []string{"", "../secret", "../../secret", strings.Repeat("g", 64), strings.Repeat("A", 64), strings.Repeat("a", 64)} {
		if _, _, err := dir.Open(t.Context(), catalog.OfferImage{SHA256: digest}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %q: %v; want not exist", digest, err)
		}
	}
	if _, err := dir.Put(t.Context(), pngBytes(t), "image/gif"); err == nil {
		t.Error("a PNG was kept as a GIF")
	}
	if _, err := dir.Put(t.Context(), []byte("text"), ""); !errors.Is(err, media.ErrNotPicture) {
		t.Errorf("text was kept: %v", err)
	}
}
