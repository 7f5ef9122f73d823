package chart

// Colours that stay apart for every kind of colour blindness (Okabe and Ito,
// "Color Universal Design", 2008), and in grey by their lightness.
const (
	ink     = "#1a1a1a"
	soft    = "#595959"
	grid    = "#d9d9d9"
	paper   = "#ffffff"
	shade   = "#cfe6f5" // the band
	edge    = "#56b4e9" // its border
	market  = "#00598c" // the others' median
	ourOwn  = "#c24a00" // our own price
	unknown = "#b3b3b3" // hatching of a hole
)

// point is a place in CSS pixels, y downwards.
type point struct{ x, y float64 }

// shape is one thing that is drawn, later ones above earlier ones: an area, a
// line, a disc, or text.
type shape struct {
	points []point
	closed bool
	fill   string // "" = none
	stroke string // "" = none
	width  float64
	dash   float64 // 0 = solid
	radius float64 // a disc around the first point

	text   string // from the first point, on its baseline
	size   float64
	bold   bool
	anchor anchor
}

type anchor int

const (
	atStart anchor = iota
	atMiddle
	atEnd
)

// scene is a picture, independent of how it is written.
type scene struct {
	width, height float64
	title, desc   string // for those who cannot see it
	shapes        []shape
}

func (s *scene) add(shapes ...shape) { s.shapes = append(s.shapes, shapes...) }

func rectangle(x, y, w, h float64, fill string) shape {
	return shape{points: []point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}, closed: true, fill: fill}
}

// hatched is a box of slanted lines, which differs from a shaded one in print
// too.
func hatched(x, y, w, h float64) (lines []shape) {
	const step = 6
	for from := -h + step/2; from < w; from += step {
		left, right := max(from, 0), min(from+h, w) // the line rises to the right
		lines = append(lines, rule(x+left, y+h-(left-from), x+right, y+h-(right-from), 1, unknown))
	}
	return lines
}

func rule(x1, y1, x2, y2, width float64, stroke string) shape {
	return shape{points: []point{{x1, y1}, {x2, y2}}, stroke: stroke, width: width}
}

func disc(x, y, radius float64, fill string) shape {
	return shape{points: []point{{x, y}}, radius: radius, fill: fill, stroke: paper, width: 1.2}
}

// triangle points up or down.
func triangle(x, y, size float64, up bool, fill string) shape {
	tip := -size
	if !up {
		tip = size
	}
	return shape{points: []point{{x, y + tip}, {x + size, y - tip*0.7}, {x - size, y - tip*0.7}}, closed: true, fill: fill, stroke: paper, width: 1}
}

func words(x, y, size float64, at anchor, fill, text string) shape {
	return shape{points: []point{{x, y}}, text: text, size: size, anchor: at, fill: fill}
}

func bold(s shape) shape {
	s.bold = true
	return s
}
