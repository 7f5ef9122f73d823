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
	// MaxRatio is the longer side in percent of the shorter one at most: 100 =
	// square. Pictures of another shape get a white margin.
	MaxRatio int
	// GoodSide is what the shorter side should have; less is taken with a
	// warning.
	GoodSide int
	// AsIs says that the platform fetches pictures by their address, so that
	// nothing can be made fit.
	AsIs bool
}

// IsZero tells that nothing is limited.
func (l Limits) IsZero() bool {
	return len(l.Types) == 0 && l.MaxBytes == 0 && l.MinSide == 0 && l.MaxSide == 0 && l.MaxRatio == 0 && l.GoodSide == 0
}

// shape tells that a size has a shape that is taken.
func (l Limits) shape(size image.Point) bool {
	return l.MaxRatio == 0 || max(size.X, size.Y)*100 <= min(size.X, size.Y)*l.MaxRatio
}

// maxPixels is the largest picture that is decoded: it takes four bytes each.
const maxPixels = 60_000_000

// goodSide is the longer side that pictures are first scaled to when they must
// be written anew: what shops show is not larger.
const goodSide = 1600

// Why a picture cannot be used.
var (
	// ErrTooSmall is a picture whose shorter side is below the limit. It is not
	// scaled up: that shows buyers nothing more.
	ErrTooSmall = errors.New("picture has too few pixels")
	// ErrTooWide is a picture with too many pixels to be read here.
	ErrTooWide = errors.New("picture has too many pixels to be read")
	ErrDamaged = errors.New("picture is damaged")
	// ErrTooHeavy is a picture that stays above the bytes allowed however far
	// it is scaled down.
	ErrTooHeavy = errors.New("picture cannot be made small enough")
	// ErrType is a picture in a format that a platform cannot be given.
	ErrType = errors.New("picture is in a format that the platform does not take")
)

// Fit makes a picture fit: one within the limits comes back untouched, any
// other is written as a JPEG, scaled down as far as needed, on white where it
// is transparent or of another shape. A picture that does not decode to its end
// is refused. Size is that of the source, also next to an error where it is
// known.
func Fit(data []byte, limits Limits) (fitted []byte, mediaType string, size image.Point, err error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, "", size, ErrNotPicture
	}
	size = image.Pt(config.Width, config.Height)
	longer := max(size.X, size.Y)
	switch {
	case min(size.X, size.Y) < max(1, limits.MinSide):
		return nil, "", size, ErrTooSmall
	case size.X > maxPixels/size.Y:
		return nil, "", size, ErrTooWide
	}
	source, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", size, ErrDamaged
	}
	if slices.Contains(limits.Types, "image/"+format) && (limits.MaxBytes == 0 || len(data) <= limits.MaxBytes) && (limits.MaxSide == 0 || longer <= limits.MaxSide) && limits.shape(size) {
		return data, "image/" + format, size, nil
	}
	side := min(longer, goodSide)
	if limits.MaxSide > 0 {
		side = min(side, limits.MaxSide)
	}
	for quality := 88; ; side, quality = side*3/4, max(50, quality-6) {
		small := scale(source, side, limits)
		if side < 16 || min(small.Rect.Dx(), small.Rect.Dy()) < limits.MinSide {
			return nil, "", size, ErrTooHeavy
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

// scale draws a picture on white so that its longer side is side pixels, with
// the margin that its shape needs.
func scale(source image.Image, side int, limits Limits) *image.RGBA {
	from := source.Bounds()
	longer := max(from.Dx(), from.Dy())
	to := image.Rect(0, 0, max(1, from.Dx()*side/longer), max(1, from.Dy()*side/longer))
	whole := to
	if size := to.Size(); !limits.shape(size) {
		least := (max(size.X, size.Y)*100 + limits.MaxRatio - 1) / limits.MaxRatio
		whole = image.Rect(0, 0, max(size.X, least), max(size.Y, least))
		to = to.Add(image.Pt((whole.Dx()-size.X)/2, (whole.Dy()-size.Y)/2))
	}
	out := image.NewRGBA(whole)
	draw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(out, to, source, from, draw.Over, nil)
	return out
}
