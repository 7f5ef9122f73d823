package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxCell is the most bytes that are read from one cell.
	maxCell = 1 << 20
	// maxXLSXCell is the most UTF-16 units that a cell of an .xlsx file holds
	// (Excel specifications and limits, read 2026-11-23).
	maxXLSXCell = 32767
)

// cell is a value on its way out. A number is written as such where the format
// knows numbers.
type cell struct {
	text   string
	number bool
}

// readCell normalises a cell's text: NFC, "\n" for every line end, no blanks
// around. A leading apostrophe is taken off and keeps the blanks; exact tells
// that there was one.
func readCell(text string) (value string, exact bool) {
	if text == "" {
		return "", false
	}
	if strings.IndexByte(text, '\r') >= 0 {
		text = strings.ReplaceAll(text, "\r\n", "\n")
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	text = norm.NFC.String(text)
	if trimmed := strings.TrimSpace(text); len(trimmed) == 0 || trimmed[0] != '\'' {
		return trimmed, false
	}
	_, text, _ = strings.Cut(text, "'")
	return text, true
}

// checkCell refuses what no column can hold.
func checkCell(text string) error {
	if !utf8.ValidString(text) {
		return reasonf("chữ bị lỗi mã (tệp trộn nhiều bảng mã); hãy lưu cả tệp bằng UTF-8", "damaged text (the file mixes encodings); save the whole file as UTF-8")
	}
	if len(text) > maxCell {
		return reasonf("ô quá dài: %d byte, tối đa %d", "the cell is too long: %d bytes, at most %d", len(text), maxCell)
	}
	return nil
}

func utf16Len(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// inert writes text so that no spreadsheet program runs it as a formula and
// readCell gives it back unchanged. In a .csv file the digits of a code would
// be taken for a number and lose their zeros, so they get the apostrophe too.
func inert(text string, code, csv bool) string {
	if text == "" {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	if strings.ContainsRune("=+-@'", first) || unicode.IsSpace(first) || unicode.IsSpace(last) || code && (csv && looksNumeric(text) || isScientific(text)) {
		return "'" + text
	}
	return text
}

// looksNumeric tells that a spreadsheet program may read a code as a number or
// a date.
func looksNumeric(text string) bool {
	return strings.Trim(text, "0123456789.,/-+eE ") == "" && strings.ContainsAny(text, "0123456789")
}
