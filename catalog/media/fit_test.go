package media

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/bmp"
)

// drawn encodes a picture.
func drawn(t *testing.T, format string, picture image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, picture)
	case "gif":
		err = gif.Encode(&b, picture, nil)
	case "bmp":
		err = bmp.Encode(&b, picture)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gray(width, height int) image.Image { return image.NewGray(image.Rect(0, 0, width, height)) }

// noise does not compress.
func noise(width, height int) image.Image {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range picture.Pix {
		picture.Pix[i] = byte(random.Uint32()) | byte(i%4/3*255) // opaque
	}
	return picture
}

var shopLimits = Limits{Types: []string{"image/png", "image/jpeg"}, MaxBytes: 200_000, MinSide: 100, MaxSide: 1000}

func TestFitLeavesWhatFits(t *testing.T) {
	t.Parallel()
	data := drawn(t, "png", gray(1000, 100))
	got, kind, size, err := Fit(data, shopLimits)
	if err != nil || !bytes.Equal(got, data) || kind != "image/png" || size != image.Pt(1000, 100) {
		t.Errorf("got %d bytes of %s, %v, %v", len(got), kind, size, err)
	}
}

func TestFitDerives(t *testing.T) {
	t.Parallel()
	clear := image.NewNRGBA(image.Rect(0, 0, 1200, 1200)) // transparent all over
	for name, source := range map[string][]byte{
		"too many bytes": drawn(t, "png", noise(900, 700)), "too wide": drawn(t, "png", gray(4000, 800)), "too tall": drawn(t, "png", gray(500, 1001)),
		"a GIF": drawn(t, "gif", gray(400, 300)), "a BMP": drawn(t, "bmp", gray(400, 300)), "transparent": drawn(t, "png", clear),
	} {
		data, kind, size, err := Fit(source, shopLimits)
		if err != nil || kind != "image/jpeg" || len(data) > shopLimits.MaxBytes {
			t.Errorf("%s: got %d bytes of %s, %v", name, len(data), kind, err)
			continue
		}
		picture, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := picture.Bounds().Size()
		if max(got.X, got.Y) > shopLimits.MaxSide || min(got.X, got.Y) < shopLimits.MinSide {
			t.Errorf("%s: got %v", name, got)
		}
		// The shape stays, to a pixel.
		if wrong := got.X*size.Y - got.Y*size.X; wrong > max(size.X, size.Y) || -wrong > max(size.X, size.Y) {
			t.Errorf("%s: %v became %v", name, size, got)
		}
		if r, g, b, _ := picture.At(1, 1).RGBA(); name == "transparent" && (r>>8 < 250 || g>>8 < 250 || b>>8 < 250) {
			t.Errorf("transparent: got %v, want white", color.RGBAModel.Convert(picture.At(1, 1)))
		}
	}
}

func TestFitRefuses(t *testing.T) {
	t.Parallel()
	damaged := drawn(t, "png", noise(300, 300))
	for name, source := range map[string][]byte{
		"no picture": []byte("RIFF....WEBP"), "damaged": damaged[:len(damaged)/2], "cannot be small enough": drawn(t, "png", noise(3000, 101)),
	} {
		limits := shopLimits
		limits.MaxBytes = 1000
		if _, _, _, err := Fit(source, limits); err == nil || errors.Is(err, ErrTooSmall) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, _, size, err := Fit(drawn(t, "png", gray(99, 500)), shopLimits); !errors.Is(err, ErrTooSmall) || size != image.Pt(99, 500) {
		t.Errorf("too small: got %v, %v", size, err)
	}
}
