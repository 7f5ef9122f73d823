package catalog

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount in minor units of an ISO 4217 currency. VND has no minor
// unit, so 185000 VND is Amount 185000; 1.50 USD is Amount 150. The zero value
// is no money at all (no currency), not zero dong; optional prices are *Money.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// VND returns an amount of dong.
func VND(amount int64) Money { return Money{Amount: amount, Currency: "VND"} }

// Errors of [ParseMoney].
var (
	ErrMoneySyntax    = errors.New("not a decimal amount")
	ErrMoneyPrecision = errors.New("more decimals than the currency has")
	ErrMoneyRange     = errors.New("amount too large")
	ErrCurrency       = errors.New("unknown currency")
)

// exponents holds the number of decimals of the currencies this service meets
// (ISO 4217 list one, read 2026-11-23). Currencies that are not listed are
// refused, so that a wrong exponent cannot move a price by a factor of 100.
var exponents = map[string]int{
	"VND": 0, "JPY": 0, "KRW": 0, "LAK": 2, "KHR": 2,
	"USD": 2, "EUR": 2, "GBP": 2, "AUD": 2, "CAD": 2, "CHF": 2, "CNY": 2, "HKD": 2,
	"SGD": 2, "MYR": 2, "THB": 2, "PHP": 2, "IDR": 2, "INR": 2, "TWD": 2, "NZD": 2,
	"KWD": 3, "BHD": 3,
}

// Exponent returns the number of decimals of an ISO 4217 currency; ok is false
// for one that is not known here.
func Exponent(currency string) (digits int, ok bool) {
	digits, ok = exponents[currency]
	return digits, ok
}

// ParseMoney reads a plain decimal text as platforms send it ("185000",
// "185000.00", "-12.5") without passing through a float. Trailing zeros beyond
// the currency's decimals are accepted; other surplus digits, grouping marks,
// exponents and blanks are not. Human notation is read elsewhere.
func ParseMoney(text, currency string) (Money, error) {
	digits, ok := exponents[currency]
	if !ok {
		return Money{}, fmt.Errorf("%w %q", ErrCurrency, currency)
	}
	body, negative := strings.CutPrefix(text, "-")
	whole, frac, dotted := strings.Cut(body, ".")
	if whole == "" || dotted && frac == "" || !allDigits(whole) || !allDigits(frac) {
		return Money{}, fmt.Errorf("%w: %q", ErrMoneySyntax, clip(text))
	}
	if len(frac) > digits {
		if strings.Trim(frac[digits:], "0") != "" {
			return Money{}, fmt.Errorf("%w: %q in %s", ErrMoneyPrecision, clip(text), currency)
		}
		frac = frac[:digits]
	}
	amount, err := strconv.ParseInt(whole+frac+strings.Repeat("0", digits-len(frac)), 10, 64)
	if err != nil {
		return Money{}, fmt.Errorf("%w: %q", ErrMoneyRange, clip(text))
	}
	if negative {
		amount = -amount
	}
	return Money{amount, currency}, nil
}

// Decimal writes the amount as platforms read it: "185000", "1.50". ParseMoney
// gives the same value back.
func (m Money) Decimal() string {
	digits := exponents[m.Currency]
	if digits == 0 {
		return strconv.FormatInt(m.Amount, 10)
	}
	sign, u := "", uint64(m.Amount)
	if m.Amount < 0 {
		sign, u = "-", -u
	}
	text := fmt.Sprintf("%0*d", digits+1, u)
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// String writes the amount for people, in Vietnamese notation: "185.000 ₫",
// and "1.50 USD" for any other currency.
func (m Money) String() string {
	if m.Currency == "VND" {
		return groupThousands(m.Amount) + " ₫"
	}
	return strings.TrimSpace(m.Decimal() + " " + m.Currency)
}

// Add returns m plus n. It fails when the currencies differ or the sum does
// not fit; a Money without currency takes the other's.
func (m Money) Add(n Money) (Money, error) {
	if m.Currency == "" {
		m.Currency = n.Currency
	}
	if n.Currency != "" && n.Currency != m.Currency {
		return Money{}, fmt.Errorf("add %s to %s: currencies differ", n.Currency, m.Currency)
	}
	sum := m.Amount + n.Amount
	if n.Amount > 0 && sum < m.Amount || n.Amount < 0 && sum > m.Amount {
		return Money{}, ErrMoneyRange
	}
	return Money{sum, m.Currency}, nil
}

// Times returns m multiplied by n, or [ErrMoneyRange].
func (m Money) Times(n int64) (Money, error) {
	if n != 0 && (m.Amount > math.MaxInt64/max(n, -n) || m.Amount < -(math.MaxInt64/max(n, -n))) {
		return Money{}, ErrMoneyRange
	}
	return Money{m.Amount * n, m.Currency}, nil
}

func groupThousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "." + text[i:]
	}
	return sign + text
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// clip shortens a text that goes into an error, so that a 10 MB cell does not.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
