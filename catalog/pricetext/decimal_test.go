package pricetext

import (
	"math"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
)

func split(spellings string) []string {
	words := strings.Split(spellings, "|")
	for i, w := range words {
		words[i] = strings.TrimPrefix(w, "=")
	}
	return words
}

func TestDecimalsAreExact(t *testing.T) {
	t.Parallel()
	if NewDecimal(287920, 2) != NewDecimal(28792, 1) {
		t.Error("2879.20 is not 2879.2")
	}
	for _, c := range []struct {
		d    Decimal
		want string
	}{
		{NewDecimal(0, 0), "0"}, {NewDecimal(185000, 0), "185000"}, {NewDecimal(-5, 1), "-0.5"}, {NewDecimal(37805, 4), "3.7805"}, {NewDecimal(1, 18), "0.000000000000000001"},
		{NewDecimal(math.MaxInt64, 0), "9223372036854775807"}, {NewDecimal(math.MinInt64, 0), "-9223372036854775808"},
		{NewDecimal(55000, 0).div(NewDecimal(3, 1)), "183333.333333"}, {NewDecimal(37805, 4).div(NewDecimal(45359237, 8)), "8.334576"},
		{NewDecimal(2, 0).div(NewDecimal(3, 0)), "0.666666666667"}, {NewDecimal(1, 0).div(Decimal{}), "0"},
		{NewDecimal(math.MaxInt64, 0).div(NewDecimal(1, 18)), "0"}, {NewDecimal(math.MaxInt64, 0).mul(NewDecimal(2, 0)), "0"}, {NewDecimal(math.MaxInt64, 0).add(NewDecimal(1, 0)), "0"},
		{NewDecimal(12, 1).shift(6), "1200000"}, {NewDecimal(9, 0).shift(18), "9000000000000000000"}, {NewDecimal(10, 0).shift(18), "0"}, {NewDecimal(5, 0).shift(-3), "0.005"},
	} {
		if got := c.d.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if NewDecimal(1, 18).Cmp(NewDecimal(math.MaxInt64, 0)) != -1 || NewDecimal(math.MaxInt64, 0).Cmp(NewDecimal(1, 18)) != 1 || NewDecimal(12, 1).Cmp(NewDecimal(12, 1)) != 0 {
		t.Error("Cmp is wrong")
	}
}

func TestMoneyIsExactOrRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d        Decimal
		currency string
		want     catalog.Money
		ok       bool
	}{
		{NewDecimal(185000, 0), "VND", catalog.VND(185000), true},
		{NewDecimal(125, 1), "USD", catalog.Money{Amount: 1250, Currency: "USD"}, true},
		{NewDecimal(37805, 4), "USD", catalog.Money{}, false}, // finer than a cent
		{NewDecimal(5, 1), "VND", catalog.Money{}, false},
		{NewDecimal(1, 0), "XXX", catalog.Money{}, false},
		{NewDecimal(math.MaxInt64, 0), "USD", catalog.Money{}, false},
	} {
		got, ok := c.d.Money(c.currency)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s %s: %v, %v, want %v, %v", c.d, c.currency, got, ok, c.want, c.ok)
		}
		digits, _ := catalog.Exponent(c.currency)
		if back := NewDecimal(got.Amount, digits); ok && back != c.d {
			t.Errorf("%s does not come back: %s", c.d, back)
		}
	}
}

func TestUnitsKeepTheirKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		u          Unit
		base, want string
	}{
		{Unit{Decimal{500, 0}, "g"}, "kg", "0.5"}, {Unit{Decimal{250, 0}, "ml"}, "l", "0.25"}, {Unit{Decimal{1, 0}, "lb"}, "kg", "0.45359237"}, {Unit{Decimal{1, 0}, "oz"}, "kg", "0.028349523125"},
		{Unit{Decimal{3, 0}, "hộp"}, "hộp", "3"}, {Unit{Decimal{5, 0}, "l"}, "l", "5"}, {Unit{}, "", "0"},
	} {
		if c.u.Base() != c.base || c.u.InBase().String() != c.want {
			t.Errorf("%s is %s %s, want %s %s", c.u, c.u.InBase(), c.u.Base(), c.want, c.base)
		}
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{`a\tb\nc`: "a\tb\nc", `\u20ab1`: "₫1", `\\n`: `\n`, `\x\u12`: `\x\u12`, `\`: `\`, `plain`: "plain"} {
		if got := Unescape(in); got != want {
			t.Errorf("Unescape(%q) = %q, want %q", in, got, want)
		}
	}
}
