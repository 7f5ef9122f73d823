package chart

import (
	"fmt"
	"strings"
	"sync"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
)

// fontFamily names the font that text is measured with, then fonts of the same
// widths.
const fontFamily = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"

// fonts are parsed once: the regular and the bold one.
var fonts = sync.OnceValue(func() (list [2]*opentype.Font) {
	for i, data := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
		f, err := opentype.Parse(data)
		if err != nil {
			panic(fmt.Sprintf("chart: the font that is built in is damaged: %v", err))
		}
		list[i] = f
	}
	return list
})

// face is a font at a size in pixels. It is not safe for concurrent use.
func face(isBold bool, size float64) font.Face {
	f := fonts()[0]
	if isBold {
		f = fonts()[1]
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic(fmt.Sprintf("chart: the font that is built in is damaged: %v", err))
	}
	return face
}

// measure is the width of a text in pixels.
func measure(text string, isBold bool, size float64) float64 {
	// Measured large, so that rounding to 1/64 pixel does not add up.
	const large = 100
	return float64(font.MeasureString(face(isBold, large), text)) / 64 * size / large
}

// wrap breaks a text into lines that fit; one word may be too long for it.
func wrap(text string, isBold bool, size, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimPrefix(line+" "+word, " ")
		if line != "" && measure(longer, isBold, size) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
