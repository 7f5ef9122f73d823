package pricewatch

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// Lines are what a person is told: what happened, then the proof, then the
// link, in the alert's language.
func (a Alert) Lines() []string {
	head := a.headline()
	if (Observation{Flags: a.Flags}).flagged() {
		head += a.t(" Giá này khác thường nhưng đã được xác nhận.", " This price is unusual but was confirmed.")
	}
	lines := []string{head}
	if a.Raw != "" {
		lines = append(lines, fmt.Sprintf(a.t("Đọc lúc %s: “%s”", "Read at %s: “%s”"), a.SeenAt.In(Vietnam).Format("15:04 02/01/2006"), oneLine(a.Raw)))
	}
	if a.URL != "" {
		lines = append(lines, a.URL)
	}
	return lines
}

func (a Alert) t(vi, en string) string { return catalog.Text{VI: vi, EN: en}.In(a.Language) }

// oneLine writes a text read from a page on one line, without anything that
// steers a terminal.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// headline is the first line.
func (a Alert) headline() string {
	what := oneLine(cmp.Or(a.Name, a.Title))
	if a.Title != "" && a.Title != what {
		what += " · " + a.Title
	}
	amount := func(d decimal.NullDecimal) string { return a.Subject.Amount(d.Decimal, a.Language) }
	moved := ""
	if a.Old.Valid && a.New.Valid && a.When != WideGap {
		word := a.t("giá giữ", "the price stays at")
		switch a.New.Decimal.Cmp(a.Old.Decimal) {
		case 1:
			word = a.t("giá TĂNG", "the price ROSE")
		case -1:
			word = a.t("giá GIẢM", "the price FELL")
		}
		if a.Old.Decimal.Equal(a.New.Decimal) {
			moved = word + " " + amount(a.New)
		} else {
			share := a.New.Decimal.Sub(a.Old.Decimal).DivRound(a.Old.Decimal, 6)
			moved = fmt.Sprintf("%s %s → %s (%s)", word, Amount(a.Old.Decimal, a.Subject.Currency, a.Language), amount(a.New), Percent(share, a.Language, true))
		}
	}
	span := a.t("từ trước đến nay", "ever")
	if a.Days > 0 {
		span = fmt.Sprintf(a.t("trong %d ngày", "in %d days"), a.Days)
	}
	why := ""
	switch a.When {
	case Below:
		why = a.t("dưới mức ", "below ") + amount(a.Line)
	case Above:
		why = a.t("trên mức ", "above ") + amount(a.Line)
	case ChangeMedian:
		why = fmt.Sprintf(a.t("lệch nhiều so với giá giữa %d ngày qua", "far from the median of %d days"), a.Days)
	case NewLow:
		why = a.t("thấp nhất ", "the lowest ") + span
	case NewHigh:
		why = a.t("cao nhất ", "the highest ") + span
	case Cheaper:
		why = a.t("rẻ hơn giá của mình ", "below our own ") + amount(a.Line)
		if a.OwnName != "" {
			why += " (" + a.OwnName + ")"
		}
	case BackInStock:
		return what + ": " + a.t("đã CÓ HÀNG trở lại.", "is BACK in stock.")
	case SoldOut:
		return what + ": " + a.t("đã HẾT HÀNG.", "is SOLD OUT.")
	case WideGap:
		return what + ": " + a.Detail.In(a.Language)
	case Silent:
		return fmt.Sprintf(a.t("%s: đã %d ngày không đọc được (lần cuối %s).", "%s: not read for %d days (last on %s)."), a.Title, int(a.At.Sub(a.SeenAt).Hours()/24), a.SeenAt.In(Vietnam).Format("02/01/2006"))
	case NoPrice:
		return what + ": " + a.t("trang không còn cho đọc giá. ", "the page gives no price any more. ") + a.Detail.In(a.Language)
	}
	return what + ": " + strings.Trim(moved+", "+why, ", ") + "."
}
