package main

import (
	"archive/zip"
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/chophien/chophien/cmd/chophien/sample"
	"github.com/google/go-cmp/cmp"
)

// The committed files are what the generator writes now. They are compared
// unpacked: packing may differ between versions of Go.
func TestFilesAreFresh(t *testing.T) {
	t.Parallel()
	stored, err := sample.FS.ReadFile(sample.File)
	if err != nil {
		t.Fatal(err)
	}
	written, err := workbook()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(unpacked(t, stored), unpacked(t, written)); diff != "" {
		t.Error("run go generate: stored - written +", diff)
	}
	names, err := fs.Glob(sample.FS, "pictures/*.png")
	if err != nil {
		t.Fatal(err)
	}
	if want := pictureNames(); len(names) != len(want) {
		t.Errorf("run go generate: %d pictures are stored, %d drawn", len(names), len(want))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := sample.FS.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			scene := strings.TrimSuffix(strings.TrimPrefix(name, "pictures/"), ".png")
			if scenes[scene] == nil {
				t.Fatal("run go generate: nobody draws this picture")
			}
			if x, y, same := samePixels(got, draw(scene)); !same {
				t.Errorf("run go generate: differs at %d, %d", x, y)
			}
		})
	}
}

func samePixels(a, b image.Image) (x, y int, same bool) {
	if a.Bounds() != b.Bounds() {
		return 0, 0, false
	}
	for y := range side {
		for x := range side {
			if color.RGBAModel.Convert(a.At(x, y)) != color.RGBAModel.Convert(b.At(x, y)) {
				return x, y, false
			}
		}
	}
	return 0, 0, true
}

func unpacked(t *testing.T, data []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	return files
}
