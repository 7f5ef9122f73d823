package catalog

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cutTitle cuts a title that has more than limit characters, at the end of a
// word if there is one; a limit of 0 cuts nothing.
func cutTitle(title string, limit int) string {
	if limit <= 0 || utf8.RuneCountInString(title) <= limit {
		return title
	}
	runes := []rune(title)
	end := limit
	for end > 0 && unicode.IsMark(runes[end]) { // a mark stays with its letter
		end--
	}
	if !unicode.IsSpace(runes[end]) {
		for word := end; word > 0; word-- {
			if unicode.IsSpace(runes[word-1]) {
				end = word
				break
			}
		}
	}
	return strings.TrimRight(string(runes[:end]), " -–—|,·/")
}

// In writes the quantity as labels do: "500 g", "1,5 l" in Vietnamese and
// "1.5 l" in English; "" when it is not known.
func (q Quantity) In(lang string) string {
	if q.Milli <= 0 {
		return ""
	}
	number := strconv.FormatInt(q.Milli/1000, 10)
	if frac := q.Milli % 1000; frac != 0 {
		point := ","
		if lang == "en" {
			point = "."
		}
		number += point + strings.TrimRight(fmt.Sprintf("%03d", frac), "0")
	}
	unit := q.Unit
	switch {
	case unit == "piece" && lang != "en":
		unit = "cái"
	case unit == "piece" && q.Milli != 1000:
		unit = "pieces"
	}
	return strings.TrimSpace(number + " " + unit)
}

// String writes the place as addresses do, with the name known before 2025 in
// brackets: "Đồng Phúc, Thái Nguyên (Bắc Kạn)".
func (o Origin) String() string {
	place := o.Commune
	if place != "" && o.Province != "" {
		place += ", "
	}
	place += o.Province
	switch {
	case place == "":
		return o.OldLabel
	case o.OldLabel == "" || strings.Contains(place, o.OldLabel):
		return place
	}
	return place + " (" + o.OldLabel + ")"
}

func ocopText(stars int, lang string) string {
	switch {
	case stars == 0:
		return ""
	case lang == "en":
		return "OCOP " + strconv.Itoa(stars) + " stars"
	}
	return "OCOP " + strconv.Itoa(stars) + " sao"
}

// oneLine ends what empty fields leave in a title: double blanks and signs
// that separate nothing.
func oneLine(s string) string {
	return strings.Trim(strings.Join(strings.Fields(s), " "), " -–—|,·/")
}

// paragraphs ends what empty fields leave in a description: blank lines at
// either end and more than one in a row.
func paragraphs(s string) string {
	var kept []string
	blank := false
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" {
			blank = len(kept) > 0
			continue
		}
		if blank {
			kept = append(kept, "")
			blank = false
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}
