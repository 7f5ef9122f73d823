package sheet

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
	"github.com/shopspring/decimal"
)

// decimalUnits reads a number in human notation, with at most places decimals,
// and returns it in units of 10^-places. Both "1.234,5" and "1,234.5" are
// understood. One mark followed by three digits groups thousands where no
// decimals are possible, and is ambiguous where they are.
//
// In an .xlsx file (raw) a number comes without its format: 1.234 may be the
// number one and a bit or a text meaning 1234, so that is ambiguous too. Numbers
// never end in a 0 there, so "185.500" can only be a text.
func decimalUnits(text string, places int, raw bool) (int64, error) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	if raw {
		text = roundLikeExcel(text)
	}
	if err := checkNumeral(text); err != nil {
		return 0, err
	}
	whole, frac, err := splitNumeral(text, places, raw)
	if err != nil {
		return 0, err
	}
	if len(frac) > places {
		if places == 0 || strings.Trim(frac[places:], "0") != "" {
			return 0, reasonf("có %d số lẻ, ở đây tối đa %d: %q", "has %d decimals, at most %d are possible here: %q", len(frac), places, clip(text))
		}
		frac = frac[:places]
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", places-len(frac)), 10, 64)
	if err != nil {
		return 0, reasonf("số quá lớn: %q", "number too large: %q", clip(text))
	}
	return n, nil
}

// roundLikeExcel rounds what a formula left to the 15 significant digits that
// a spreadsheet program shows: 97749.999999999985 is 97750 on the screen.
func roundLikeExcel(text string) string {
	if len(text) <= 16 || !strings.Contains(text, ".") || strings.ContainsAny(text, "eE") {
		return text
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.NumDigits() <= 15 {
		return text
	}
	return d.Round(15 - int32(d.NumDigits()) - d.Exponent()).String()
}

// checkNumeral refuses everything but digits with "." and ",", each with the
// reason that helps most.
func checkNumeral(text string) error {
	if text == "" {
		return reasonf("thiếu số", "the number is missing")
	}
	if text[0] == '=' {
		return reasonf("đây là công thức, hãy ghi giá trị", "this is a formula, write its value")
	}
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "−") || strings.HasPrefix(text, "(") {
		return reasonf("số âm: %q", "negative number: %q", clip(text))
	}
	if isScientific(text) {
		return errScientific
	}
	for _, r := range text {
		if (r < '0' || r > '9') && r != '.' && r != ',' {
			return reasonf("không phải số: %q; hãy ghi đủ các chữ số, ví dụ 185000", "not a number: %q; write all its digits, for example 185000", clip(text))
		}
	}
	return nil
}

// splitNumeral finds the decimal mark, if there is one, and takes the grouping
// marks out.
func splitNumeral(text string, places int, raw bool) (whole, frac string, err error) {
	last := strings.LastIndexAny(text, ".,")
	if last < 0 {
		return text, "", nil
	}
	mark := text[last : last+1]
	other := "."
	if mark == "." {
		other = ","
	}
	head, tail := text[:last], text[last+1:]
	switch {
	case strings.Contains(head, mark): // twice: it groups
		if strings.Contains(head, other) || !grouped(text, mark) {
			return "", "", errGrouping(text)
		}
		return strings.ReplaceAll(text, mark, ""), "", nil
	case strings.Contains(head, other): // both: the last one is the decimal mark
		if tail == "" || !grouped(head, other) {
			return "", "", errGrouping(text)
		}
		return strings.ReplaceAll(head, other, ""), tail, nil
	case head == "" || tail == "":
		return "", "", errGrouping(text)
	case len(tail) != 3 || len(head) > 3 || head[0] == '0':
		return head, tail, nil
	case places > 0 || raw && mark == "." && tail[2] != '0':
		return "", "", reasonf("%q có thể hiểu là %s hoặc %s,%s; hãy ghi rõ, ví dụ %s hoặc %s,%s0",
			"%q may mean %s or %s.%s; write it clearly, for example %s or %s.%s0", text, head+tail, head, tail, head+tail, head, tail)
	}
	return head + tail, "", nil
}

// grouped tells that the mark stands between groups of three digits.
func grouped(text, mark string) bool {
	groups := strings.Split(text, mark)
	for i, group := range groups {
		if i > 0 && len(group) != 3 || group == "" || len(group) > 3 {
			return false
		}
	}
	return true
}

func errGrouping(text string) error {
	return reasonf("dấu chấm, dấu phẩy đặt sai chỗ: %q", "misplaced dots or commas: %q", clip(text))
}

var errScientific = reasonf(
	`chương trình bảng tính đã rút gọn số này (dạng 8,93602E+12) và mất chữ số; hãy định dạng cột là "Văn bản" (Text) rồi nhập lại`,
	`the spreadsheet program shortened this number (8.93602E+12) and digits are lost; format the column as Text and enter it again`)

// isScientific recognises "8,93602E+12" as a spreadsheet program writes it.
func isScientific(text string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(text), "E")
	if !found || mantissa == "" || len(exponent) < 2 || exponent[0] != '+' && exponent[0] != '-' {
		return false
	}
	return strings.Trim(mantissa, "0123456789.,") == "" && strings.Trim(exponent[1:], "0123456789") == ""
}

// formatUnits writes n units of 10^-places so that decimalUnits reads the same
// value back: never with exactly three decimals.
func formatUnits(n int64, places int) string {
	text := strconv.FormatInt(n, 10)
	if places == 0 {
		return text
	}
	if len(text) <= places {
		text = strings.Repeat("0", places+1-len(text)) + text
	}
	whole, frac := text[:len(text)-places], strings.TrimRight(text[len(text)-places:], "0")
	switch len(frac) {
	case 0:
		return whole
	case 3:
		frac += "0"
	}
	return whole + "," + frac
}

// cutUnit separates a number from the word behind it: "1,5 kg". A text that
// does not begin with a digit is all number, and will be refused as one.
func cutUnit(text string) (number, unit string) {
	text = strings.TrimSpace(text)
	if text == "" || text[0] < '0' || text[0] > '9' {
		return text, ""
	}
	end := strings.LastIndexAny(text, "0123456789") + 1
	return strings.TrimSpace(text[:end]), strings.TrimSpace(text[end:])
}

// money reads a price: "185.000", "185.000 ₫", "1,50 USD". Without a currency
// it is dong.
func money(text string, raw bool) (catalog.Money, error) {
	number, unit := cutUnit(text)
	currency := "VND"
	switch catalog.Fold(unit) {
	case "", "₫", "d", "d.", "vnd", "dong":
	case "k", "nghin", "ngan", "tr", "trieu":
		return catalog.Money{}, reasonf("hãy ghi đủ số tiền bằng chữ số, không viết tắt: %q", "write the amount in full, without abbreviation: %q", clip(text))
	default:
		currency = strings.ToUpper(unit)
	}
	digits, known := catalog.Exponent(currency)
	if !known {
		return catalog.Money{}, reasonf("không hiểu %q sau số tiền; tiền đồng ghi 185000, tiền khác ghi mã, ví dụ 1,50 USD", "%q after the amount is not understood; write dong as 185000 and other money with its code, for example 1.50 USD", clip(unit))
	}
	amount, err := decimalUnits(number, digits, raw && unit == "")
	if err != nil {
		return catalog.Money{}, err
	}
	return catalog.Money{Amount: amount, Currency: currency}, nil
}

// formatMoney writes a price so that money reads it back.
func formatMoney(m catalog.Money) cell {
	if m.Currency == "VND" {
		return cell{text: strconv.FormatInt(m.Amount, 10), number: true}
	}
	digits, _ := catalog.Exponent(m.Currency)
	return cell{text: formatUnits(m.Amount, digits) + " " + m.Currency}
}

// measure reads a number with a unit and returns it in thousandths, tenths or
// wholes of that unit, as units says; heading is the unit that the column's
// heading names, for cells without one.
func measure(text, heading string, units []unitSize, raw bool) (n int64, unit unitSize, err error) {
	number, word := cutUnit(text)
	raw = raw && word == ""
	if word == "" {
		word = heading
	}
	if word == "" {
		return 0, unitSize{}, reasonf("thiếu đơn vị: ghi ví dụ %q, hoặc ghi đơn vị ở tiêu đề cột", "the unit is missing: write for example %q, or name the unit in the heading", clip(number)+" "+units[0].name)
	}
	folded := catalog.Fold(word)
	for _, unit := range units {
		if folded == unit.name || slices.Contains(unit.words, folded) {
			n, err = decimalUnits(number, unit.places, raw)
			return n, unit, err
		}
	}
	return 0, unitSize{}, reasonf("không biết đơn vị %q; dùng %s", "unknown unit %q; use %s", clip(word), unitNames(units))
}

// unitSize is a unit and how many decimals a number of it can have.
type unitSize struct {
	name   string
	words  []string // other spellings, folded
	places int
}

var (
	weights = []unitSize{{"g", []string{"gr", "gam", "gram", "grams"}, 0}, {"kg", []string{"ki lo gam", "kilogam", "kilogram", "can", "ky", "ki"}, 3}}
	lengths = []unitSize{{"cm", []string{"xentimet", "centimet", "centimeter"}, 1}, {"mm", []string{"milimet", "millimeter"}, 0}, {"m", []string{"met", "meter"}, 3}}
	// contents are units of what a label says; all count in thousandths.
	contents = []unitSize{
		{"g", []string{"gr", "gam", "gram", "grams"}, 3}, {"kg", []string{"kilogam", "kilogram", "can", "ky", "ki"}, 3},
		{"ml", []string{"mililit", "milliliter"}, 3}, {"l", []string{"lit", "liter", "litre"}, 3},
		{"cm", []string{"xentimet", "centimet"}, 3}, {"m", []string{"met", "meter"}, 3},
		{"piece", []string{"pieces", "cai", "chiec", "qua", "goi", "hop", "tui", "lo", "chai", "vien", "bo", "con", "pcs"}, 3},
	}
)

func unitNames(sizes []unitSize) string {
	names := make([]string, len(sizes))
	for i, size := range sizes {
		names[i] = size.name
	}
	return strings.Join(names, ", ")
}

// quantity reads a net content: "500 g", "1,5 lít".
func quantity(text, heading string) (catalog.Quantity, error) {
	milli, unit, err := measure(text, heading, contents, false)
	if err != nil {
		return catalog.Quantity{}, err
	}
	return catalog.Quantity{Milli: milli, Unit: unit.name}, nil
}

// date reads a day: dd/mm/yyyy, yyyy-mm-dd, an RFC 3339 time, or the number of
// days that spreadsheet programs store. "" is the zero time.
func date(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2/1/2006", "2006-1-2", "2-1-2006", "2.1.2006", time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	if days, err := strconv.Atoi(text); err == nil && days >= 20000 && days < 80000 { // 1954 to 2119
		return time.Date(1899, 12, 30+days, 0, 0, 0, 0, time.UTC), nil
	}
	return time.Time{}, reasonf("không phải ngày: %q; hãy ghi ngày/tháng/năm, ví dụ 31/12/2027", "not a date: %q; write day/month/year, for example 31/12/2027", clip(text))
}

func formatDate(t time.Time) string {
	t = t.UTC()
	switch {
	case t.IsZero():
		return ""
	case t.Equal(t.Truncate(24*time.Hour)) && t.Year() >= 1000:
		return t.Format("02/01/2006")
	}
	return t.Format(time.RFC3339Nano)
}

// yes reads a mark such as "x" or "có"; an empty cell is no.
func yes(text string) (bool, error) {
	switch catalog.Fold(text) {
	case "x", "co", "1", "true", "yes", "y", "v", "✓", "✔", "dung":
		return true, nil
	case "", "khong", "0", "false", "no", "n", "sai", "-":
		return false, nil
	}
	return false, reasonf("chỉ ghi \"có\" hoặc để trống: %q", "write \"yes\" or leave it empty: %q", clip(text))
}

func formatYes(b bool) cell {
	if b {
		return cell{text: "có"}
	}
	return cell{}
}

// clip shortens a value that is shown, so that a 10 MB cell does not fill the
// screen, and makes it printable.
func clip(text string) string {
	const limit = 60
	cut := text
	if len(cut) > limit {
		cut = cut[:limit]
		for len(cut) > 0 && !utf8.RuneStart(text[len(cut)]) {
			cut = cut[:len(cut)-1]
		}
		cut += "…"
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(cut, "\uFFFD"))
}
