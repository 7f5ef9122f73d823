package scheduler

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// A list that shows less than half of the rows it had, and at least fewerLeast
// less, may be read wrongly; after fewerVisits visits with the same number it
// is what the source has.
const (
	fewerLeast  = 3
	fewerVisits = 3
)

// judge compares a reading with what the source gave before, and tells what is
// wrong; nil = the reading can be taken in. It moves what is remembered of good
// readings. With accept what differs is taken for right.
func judge(s *SourceState, reading connectors.SourceReading, accept bool) *catalog.Issue {
	if reading.Elsewhere != "" {
		return need(reading.Elsewhere, "")
	}
	priced, reasons := 0, []string{}
	for _, q := range reading.Quotes {
		if q.NoPrice == "" {
			priced++
		} else if !slices.Contains(reasons, q.NoPrice) {
			reasons = append(reasons, q.NoPrice)
		}
	}
	rows := len(reading.Quotes)
	single := rows == 1 && reading.Quotes[0].Item == ""
	switch {
	case rows == 0:
		return need("no_rows", "")
	case single && !accept && s.Title != "" && reading.Title != "" && !alike(s.Title, reading.Title):
		return need("other_page", fmt.Sprintf("%q, %q", s.Title, reading.Title))
	case priced == 0 && slices.Contains(reasons, connectors.NoPriceSelector):
		return need(connectors.NoPriceSelector, reading.Quotes[0].Evidence.Reason)
	case priced == 0 && slices.Contains(reasons, connectors.NoPriceCurrency):
		return need(connectors.NoPriceCurrency, "")
	case priced == 0 && slices.Contains(reasons, connectors.NoPriceUnreadable):
		return need(connectors.NoPriceUnreadable, reading.Quotes[0].Evidence.Reason)
	case !single && !accept && rows*2 < s.Rows && s.Rows-rows >= fewerLeast:
		if s.FewerRows != rows {
			s.Fewer, s.FewerRows = 0, rows
		}
		if s.Fewer++; s.Fewer < fewerVisits {
			return need("fewer_rows", fmt.Sprintf("%d → %d", s.Rows, rows))
		}
	}
	s.Title, s.Rows, s.Priced, s.Fewer, s.FewerRows = reading.Title, rows, priced, 0, 0
	return nil
}

// alike reports whether two titles may be of the same goods: a third of the words
// of the shorter one is in the other.
func alike(a, b string) bool {
	words := func(text string) []string {
		return strings.FieldsFunc(catalog.Fold(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	}
	short, long := words(a), words(b)
	if len(short) > len(long) {
		short, long = long, short
	}
	shared := 0
	for _, w := range short {
		if slices.Contains(long, w) {
			shared++
		}
	}
	return shared*3 >= len(short)
}
