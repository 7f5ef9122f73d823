package woocommercetest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"github.com/chophien/chophien/catalog"
)

// What a client sends is a string, json.Number, bool, nil, []any or
// map[string]any. The functions below read it as loosely as PHP does.

func toText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
	}
	return ""
}

var leadingNumber = regexp.MustCompile(`^\s*[+-]?\d+`)

func toInt(v any) int64 {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
		return 0
	case json.Number:
		if d, err := decimal.NewFromString(v.String()); err == nil {
			return d.IntPart()
		}
		return 0
	default:
		n, err := strconv.ParseInt(strings.TrimSpace(leadingNumber.FindString(toText(v))), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
}

func toBool(v any) bool {
	switch strings.ToLower(toText(v)) {
	case "1", "true", "yes":
		return true
	}
	return false
}

func toList(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case string:
		var out []any
		for _, part := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
			out = append(out, part)
		}
		return out
	case json.Number:
		return []any{v}
	}
	return nil
}

func toIDs(v any) []int64 {
	list := toList(v)
	out := make([]int64, 0, len(list))
	for _, item := range list {
		out = append(out, toInt(item))
	}
	return out
}

func toMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

var notPrice = regexp.MustCompile(`[^0-9.,-]`)

// toPrice cleans a price as the shop does: digits stay as sent, decimals
// included; a text without any is "".
func toPrice(v any) string {
	text := strings.ReplaceAll(notPrice.ReplaceAllString(toText(v), ""), ",", ".")
	if last := strings.LastIndexByte(text, '.'); last >= 0 {
		text = strings.ReplaceAll(text[:last], ".", "") + text[last:]
	}
	if _, err := decimal.NewFromString(text); err != nil {
		return ""
	}
	return text
}

func toDecimal(text string) decimal.Decimal {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Zero
	}
	return d
}

func (s *Simulator) amount(d decimal.Decimal) string { return d.StringFixed(s.decimals) }

func currencyDecimals(currency string) (int32, error) {
	digits, ok := catalog.Exponent(currency)
	if !ok {
		return 0, fmt.Errorf("woocommercetest: unknown currency %q", currency)
	}
	return int32(digits), nil
}

const dateLayout = "2006-01-02T15:04:05"

func (s *Simulator) local(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.In(s.zone).Format(dateLayout)
	return &text
}

func gmt(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(dateLayout)
	return &text
}

var dateForm = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.\d+)?([Zz]|[+-]\d{2}(?::?\d{2})?)?$`)

// parseDate reads a date with or without an offset; without one it is in zone.
func parseDate(text string, zone *time.Location) (t time.Time, ok bool) {
	parts := dateForm.FindStringSubmatch(text)
	if parts == nil {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation(dateLayout, parts[1]+"T"+parts[2], zone)
	if err != nil {
		return time.Time{}, false
	}
	mark := strings.ReplaceAll(parts[3], ":", "")
	switch {
	case mark == "":
		return t, true
	case mark == "Z" || mark == "z":
		mark = "+0000"
	case len(mark) == 3:
		mark += "00"
	}
	t, err = time.Parse(dateLayout+"-0700", parts[1]+"T"+parts[2]+mark)
	return t, err == nil
}

// cutoff reads a date filter as the shop does: the text becomes site time, and
// is compared with the UTC column when dates_are_gmt is set. So a text with an
// offset and the flag are wrong together, by the site's offset.
func (s *Simulator) cutoff(text string, datesAreGMT bool) (time.Time, bool) {
	t, ok := parseDate(text, s.zone)
	if !ok {
		return time.Time{}, false
	}
	if datesAreGMT {
		wall := t.In(s.zone)
		t = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, time.UTC)
	}
	return t.UTC(), true
}

// plainLetters drops the marks of Vietnamese and other Latin letters.
func plainLetters(text string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ':
			b.WriteByte('d')
		case r == 'Đ':
			b.WriteByte('D')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// slugOf makes an address part of a title: "Mật ong rừng" is "mat-ong-rung".
func slugOf(title string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(plainLetters(title)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		case r == ' ', r == '-', r == '/', r == '.', unicode.IsSpace(r), r == '–', r == '—':
			dash = true
		}
		if b.Len() >= 200 {
			break
		}
	}
	return b.String()
}

// fold prepares a text for searching.
func fold(text string) string { return strings.ToLower(plainLetters(text)) }
