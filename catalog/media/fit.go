package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // formats that are read
	"image/jpeg"
	_ "image/png"
	"slices"

	_ "golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"
)

// Limits are what a platform takes of pictures. Zero limits nothing.
type Limits struct {
	Types    []string // media types that are taken as they are, for example image/png
	MaxBytes int
	MinSide  int // pixels of the shorter side
	MaxSide  int // pixels of the longer side
}

// maxPixels is the largest picture that is decoded: it takes four bytes each.
const maxPixels = 60_000_000

// goodSide is the longer side that pictures are first scaled to when they must
// be written anew: what shops show is not larger.
const goodSide = 1600

// ErrTooSmall is a picture whose shorter side is below the limit. It is not
// scaled up: that shows buyers nothing more.
var ErrTooSmall = errors.New("picture has too few pixels")

// Fit makes a picture fit: one within the limits comes back untouched, any
// other is written as a JPEG, scaled down as far as needed, on white where it
// is transparent. Size is that of the source, also next to ErrTooSmall.
func Fit(data []byte, limits Limits) (fitted []byte, mediaType string, size image.Point, err error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, "", size, ErrNotPicture
	}
	size = image.Pt(config.Width, config.Height)
	longer := max(size.X, size.Y)
	switch {
	case min(size.X, size.Y) < limits.MinSide:
		return nil, "", size, ErrTooSmall
	case size.X*size.Y > maxPixels:
		return nil, "", size, fmt.Errorf("picture of %d × %d pixels is too large to be read", size.X, size.Y)
	case slices.Contains(limits.Types, "image/"+format) && (limits.MaxBytes == 0 || len(data) <= limits.MaxBytes) && (limits.MaxSide == 0 || longer <= limits.MaxSide):
		return data, "image/" + format, size, nil
	}
	source, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", size, errors.New("picture is damaged")
	}
	side := min(longer, goodSide)
	if limits.MaxSide > 0 {
		side = min(side, limits.MaxSide)
	}
	for quality := 88; ; side, quality = side*3/4, max(50, quality-6) {
		small := scale(source, side)
		if side < 16 || min(small.Rect.Dx(), small.Rect.Dy()) < limits.MinSide {
			return nil, "", size, fmt.Errorf("picture cannot be made smaller than %d bytes within its limits", limits.MaxBytes)
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: quality}); err != nil {
			return nil, "", size, fmt.Errorf("picture cannot be written as JPEG: %w", err)
		}
		if limits.MaxBytes == 0 || b.Len() <= limits.MaxBytes {
			return b.Bytes(), "image/jpeg", size, nil
		}
	}
}

// scale draws a picture on white so that its longer side is side pixels.
func scale(source image.Image, side int) *image.RGBA {
	from := source.Bounds()
	longer := max(from.Dx(), from.Dy())
	out := image.NewRGBA(image.Rect(0, 0, max(1, from.Dx()*side/longer), max(1, from.Dy()*side/longer)))
	draw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(out, out.Rect, source, from, draw.Over, nil)
	return out
}
