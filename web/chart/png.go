package chart

import (
	"image/png"
	"io"

	"git.sr.ht/~sbinet/gg"
)

// sharpness is how many pixels of a PNG are one CSS pixel.
const sharpness = 2

// PNG draws a chart as a picture of twice as many pixels as size says, so that
// it is sharp on phones and in print.
func PNG(w io.Writer, d Data, size Size) error {
	s := draw(d, size)
	c := gg.NewContext(int(s.width*sharpness+0.5), int(s.height*sharpness+0.5))
	c.SetHexColor(paper)
	c.Clear()
	for _, sh := range s.shapes {
		paint(c, sh)
	}
	return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(w, c.Image())
}

func paint(c *gg.Context, s shape) {
	at := s.points[0]
	switch {
	case s.text != "":
		c.SetFontFace(face(s.bold, s.size*sharpness))
		c.SetHexColor(s.fill)
		x := at.x * sharpness
		switch s.anchor {
		case atMiddle:
			x -= measure(s.text, s.bold, s.size*sharpness) / 2
		case atEnd:
			x -= measure(s.text, s.bold, s.size*sharpness)
		}
		c.DrawString(s.text, x, at.y*sharpness)
		return
	case s.radius > 0:
		c.DrawCircle(at.x*sharpness, at.y*sharpness, s.radius*sharpness)
	default:
		for _, p := range s.points {
			c.LineTo(p.x*sharpness, p.y*sharpness)
		}
		if s.closed {
			c.ClosePath()
		}
	}
	if s.fill != "" {
		c.SetHexColor(s.fill)
		c.FillPreserve()
	}
	if s.stroke != "" {
		c.SetHexColor(s.stroke)
		c.SetLineWidth(s.width * sharpness)
		c.SetLineCapButt()
		c.SetDash()
		if s.dash > 0 {
			c.SetDash(s.dash*sharpness, s.dash*0.75*sharpness)
		}
		c.StrokePreserve()
	}
	c.ClearPath()
}
