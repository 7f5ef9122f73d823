package pricewatch

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Amount writes a price per base unit for people: "185.000 ₫/kg". Dong are
// shown whole and in Vietnamese notation in both languages; other currencies
// with two decimals.
func (s Subject) Amount(per decimal.Decimal, lang string) string {
	return Amount(per, s.Currency, lang) + "/" + UnitName(s.BaseUnit, lang)
}

// Amount writes an amount of money for people: "185.000 ₫", "8,33 USD".
func Amount(amount decimal.Decimal, currency, lang string) string {
	if currency == "VND" {
		return Number(amount.Round(0), "vi") + " ₫"
	}
	return Number(amount.Round(2), lang) + " " + currency
}

// Number writes a number with grouped thousands, in Vietnamese notation unless
// lang is en: "1.250,5".
func Number(d decimal.Decimal, lang string) string {
	group, point := ".", ","
	if lang == "en" {
		group, point = ",", "."
	}
	text := d.Abs().String()
	whole, frac, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		whole += point + frac
	}
	if d.IsNegative() {
		return "-" + whole
	}
	return whole
}

// Percent writes a share of one as a percentage with at most one decimal:
// "12,5 %"; signed writes a plus too.
func Percent(share decimal.Decimal, lang string, signed bool) string {
	percent := share.Shift(2).Round(1)
	text := Number(percent, lang) + " %"
	if signed && percent.IsPositive() {
		return "+" + text
	}
	return text
}

// UnitName is a base unit as people say it.
func UnitName(unit, lang string) string {
	switch {
	case unit == "l" && lang != "en":
		return "lít"
	case unit == "l":
		return "litre"
	case unit == "m" && lang != "en":
		return "mét"
	case unit == "m2":
		return "m²"
	}
	return unit
}

// SideName is a side as people say it.
func SideName(side Side, lang string) string {
	if lang == "en" {
		switch side {
		case FarmGate:
			return "farm-gate"
		case FOB:
			return "export (FOB)"
		}
		return string(side)
	}
	switch side {
	case FarmGate:
		return "thu mua tại vườn"
	case Wholesale:
		return "bán sỉ"
	case Retail:
		return "bán lẻ"
	case FOB:
		return "xuất khẩu (FOB)"
	case Futures:
		return "kỳ hạn"
	}
	return string(side)
}
