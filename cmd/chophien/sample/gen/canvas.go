package main

import (
	"cmp"
	"image"
	"image/color"
	"maps"
	"math"
	"slices"
)

// side is the width and height of a picture; shapes use the same units.
const side = 600

// grid is how many points of a pixel are looked at in each direction, for
// smooth edges.
const grid = 3

// shape tells whether a point belongs to it, and between which points it lies.
type shape struct {
	x0, y0, x1, y1 float64
	has            func(x, y float64) bool
}

// canvas is a flat picture that is painted from back to front.
type canvas struct {
	pixels *image.RGBA
}

func newCanvas(background uint32) *canvas {
	c := &canvas{image.NewRGBA(image.Rect(0, 0, side, side))}
	c.fill(rect(0, 0, side, side), background)
	return c
}

// fill paints a shape with an 0xRRGGBB color.
func (c *canvas) fill(s shape, rgb uint32) {
	for y := max(0, int(s.y0)); y < min(side, int(s.y1)+1); y++ {
		for x := max(0, int(s.x0)); x < min(side, int(s.x1)+1); x++ {
			hits := 0
			for i := range grid * grid {
				px := float64(x) + (float64(i%grid)+0.5)/grid
				py := float64(y) + (float64(i/grid)+0.5)/grid
				if s.has(px, py) {
					hits++
				}
			}
			if hits > 0 {
				c.blend(x, y, rgb, hits)
			}
		}
	}
}

func (c *canvas) blend(x, y int, rgb uint32, hits int) {
	old := c.pixels.RGBAAt(x, y)
	mix := func(from uint8, shift int) uint8 {
		to := int(rgb>>shift) & 0xFF
		return uint8((int(from)*(grid*grid-hits) + to*hits) / (grid * grid))
	}
	c.pixels.SetRGBA(x, y, color.RGBA{mix(old.R, 16), mix(old.G, 8), mix(old.B, 0), 255})
}

// paletted is the picture with a palette, which makes its file a third as
// large. Rare mixed colors beyond 256 take the nearest one.
func (c *canvas) paletted() *image.Paletted {
	counts := make(map[color.RGBA]int)
	for y := range side {
		for x := range side {
			counts[c.pixels.RGBAAt(x, y)]++
		}
	}
	colors := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, one := range colors[:min(len(colors), 256)] {
		palette = append(palette, one)
	}
	index := make(map[color.RGBA]uint8)
	for _, one := range colors {
		index[one] = uint8(palette.Index(one))
	}
	out := image.NewPaletted(c.pixels.Rect, palette)
	for y := range side {
		for x := range side {
			out.SetColorIndex(x, y, index[c.pixels.RGBAAt(x, y)])
		}
	}
	return out
}

func rect(x0, y0, x1, y1 float64) shape {
	return shape{x0, y0, x1, y1, func(x, y float64) bool { return x >= x0 && x < x1 && y >= y0 && y < y1 }}
}

// round is a rectangle with corners of radius r.
func round(x0, y0, x1, y1, r float64) shape {
	return shape{x0, y0, x1, y1, func(x, y float64) bool {
		dx := math.Max(math.Max(x0+r-x, x-(x1-r)), 0)
		dy := math.Max(math.Max(y0+r-y, y-(y1-r)), 0)
		return dx*dx+dy*dy <= r*r
	}}
}

func ellipse(cx, cy, rx, ry float64) shape {
	return shape{cx - rx, cy - ry, cx + rx, cy + ry, func(x, y float64) bool {
		dx, dy := (x-cx)/rx, (y-cy)/ry
		return dx*dx+dy*dy <= 1
	}}
}

// poly is a polygon of x, y pairs, filled by the even-odd rule.
func poly(points ...float64) shape {
	s := shape{x0: side, y0: side}
	n := len(points) / 2
	for i := range n {
		s.x0, s.x1 = math.Min(s.x0, points[2*i]), math.Max(s.x1, points[2*i])
		s.y0, s.y1 = math.Min(s.y0, points[2*i+1]), math.Max(s.y1, points[2*i+1])
	}
	s.has = func(x, y float64) bool {
		in := false
		for i, j := 0, n-1; i < n; j, i = i, i+1 {
			xi, yi, xj, yj := points[2*i], points[2*i+1], points[2*j], points[2*j+1]
			if (yi > y) != (yj > y) && x < (xj-xi)*(y-yi)/(yj-yi)+xi {
				in = !in
			}
		}
		return in
	}
	return s
}

// leaf is a pointed oval from one point to another, wide at its middle.
func leaf(x0, y0, x1, y1, wide float64) shape {
	length := math.Hypot(x1-x0, y1-y0)
	ux, uy := (x1-x0)/length, (y1-y0)/length
	return shape{
		math.Min(x0, x1) - wide, math.Min(y0, y1) - wide, math.Max(x0, x1) + wide, math.Max(y0, y1) + wide,
		func(x, y float64) bool {
			along, across := (x-x0)*ux+(y-y0)*uy, (y-y0)*ux-(x-x0)*uy
			if along < 0 || along > length {
				return false
			}
			return math.Abs(across) <= wide*math.Sin(math.Pi*along/length)
		},
	}
}

// stroke is a line with round ends.
func stroke(x0, y0, x1, y1, wide float64) shape {
	dx, dy := x1-x0, y1-y0
	r := wide / 2
	return shape{
		math.Min(x0, x1) - r, math.Min(y0, y1) - r, math.Max(x0, x1) + r, math.Max(y0, y1) + r,
		func(x, y float64) bool {
			t := math.Max(0, math.Min(1, ((x-x0)*dx+(y-y0)*dy)/(dx*dx+dy*dy)))
			return math.Hypot(x-x0-t*dx, y-y0-t*dy) <= r
		},
	}
}

// arc is a part of a ring, from one angle to another in degrees, clockwise
// from the right.
func arc(cx, cy, r, wide, from, to float64) shape {
	outer := r + wide/2
	return shape{cx - outer, cy - outer, cx + outer, cy + outer, func(x, y float64) bool {
		if math.Abs(math.Hypot(x-cx, y-cy)-r) > wide/2 {
			return false
		}
		angle := math.Atan2(y-cy, x-cx) * 180 / math.Pi
		for angle < from {
			angle += 360
		}
		return angle <= to
	}}
}

// within is the part of a shape that lies in another.
func within(s, clip shape) shape {
	inner := s.has
	s.has = func(x, y float64) bool { return inner(x, y) && clip.has(x, y) }
	return s
}
