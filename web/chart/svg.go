package chart

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// SVG draws a chart as an SVG document that needs nothing from elsewhere. It
// scales to the width of what it is put into.
func SVG(d Data, size Size) string {
	s := draw(d, size)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-labelledby="chart-title chart-desc" font-family="%s">`+"\n",
		num(s.width), num(s.height), num(s.width), num(s.height), fontFamily)
	fmt.Fprintf(&b, "<title id=\"chart-title\">%s</title>\n<desc id=\"chart-desc\">%s</desc>\n", escape(s.title), escape(s.desc))
	for _, sh := range s.shapes {
		writeShape(&b, sh)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func writeShape(b *strings.Builder, s shape) {
	at := s.points[0]
	switch {
	case s.text != "":
		fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" fill="%s"`, num(at.x), num(at.y), num(s.size), s.fill)
		if s.bold {
			b.WriteString(` font-weight="bold"`)
		}
		if s.anchor != atStart {
			fmt.Fprintf(b, ` text-anchor="%s"`, map[anchor]string{atMiddle: "middle", atEnd: "end"}[s.anchor])
		}
		fmt.Fprintf(b, ">%s</text>\n", escape(s.text))
		return
	case s.radius > 0:
		fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s"`, num(at.x), num(at.y), num(s.radius))
	default:
		b.WriteString(`<path d="M`)
		for i, p := range s.points {
			if i > 0 {
				b.WriteString("L")
			}
			b.WriteString(num(p.x) + " " + num(p.y))
		}
		if s.closed {
			b.WriteString("Z")
		}
		b.WriteString(`"`)
	}
	fill := s.fill
	if fill == "" {
		fill = "none"
	}
	fmt.Fprintf(b, ` fill="%s"`, fill)
	if s.stroke != "" {
		fmt.Fprintf(b, ` stroke="%s" stroke-width="%s"`, s.stroke, num(s.width))
		if s.dash > 0 {
			fmt.Fprintf(b, ` stroke-dasharray="%s %s"`, num(s.dash), num(s.dash*0.75))
		}
		if len(s.points) > 2 {
			b.WriteString(` stroke-linejoin="round"`)
		}
	}
	b.WriteString("/>\n")
}

// num writes a length with at most two decimals.
func num(v float64) string {
	text := strconv.FormatFloat(v, 'f', 2, 64)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // writing to memory cannot fail
	return b.String()
}
