package sheet_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

func decomposed(text string) string { return norm.NFD.String(text) }

func utf16(text string, big bool) string {
	order := unicode.LittleEndian
	if big {
		order = unicode.BigEndian
	}
	out, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		panic(err) // the encoder takes every text
	}
	return out
}

// windows1258 encodes as Windows does: a letter with its hat or breve, then
// the tone as a combining mark.
func windows1258(t testing.TB, text string) string {
	t.Helper()
	var out []byte
	for _, r := range text {
		encoded, err := charmap.Windows1258.NewEncoder().String(string(r))
		if err != nil { // the tone is the last mark of the decomposition, or the first
			marks := []rune(norm.NFD.String(string(r)))
			tone := len(marks) - 1
			if strings.ContainsRune("\u0302\u0306\u031b", marks[tone]) {
				tone = 1
			}
			base := string(append(append([]rune{}, marks[:tone]...), marks[tone+1:]...))
			encoded, err = charmap.Windows1258.NewEncoder().String(norm.NFC.String(base) + string(marks[tone]))
			if err != nil {
				t.Fatalf("%q: %v", r, err)
			}
		}
		out = append(out, encoded...)
	}
	return string(out)
}

func records(t testing.TB, text string) [][]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func separated(t testing.TB, text string, comma rune) string {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = comma
	if err := w.WriteAll(records(t, text)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
