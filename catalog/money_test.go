package catalog

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestParseMoney(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, currency string
		want           int64
		err            error
	}{
		{"185000", "VND", 185000, nil},
		{"185000.00", "VND", 185000, nil},
		{"185000.01", "VND", 0, ErrMoneyPrecision},
		{"0", "VND", 0, nil},
		{"-12.5", "USD", -1250, nil},
		{"1.5", "USD", 150, nil},
		{"1.005", "USD", 0, ErrMoneyPrecision},
		{"1.500", "KWD", 1500, nil},
		{"92233720368547758.07", "USD", math.MaxInt64, nil},
		{"92233720368547758.08", "USD", 0, ErrMoneyRange},
		{"", "VND", 0, ErrMoneySyntax},
		{"-", "VND", 0, ErrMoneySyntax},
		{".5", "USD", 0, ErrMoneySyntax},
		{"5.", "USD", 0, ErrMoneySyntax},
		{"--5", "USD", 0, ErrMoneySyntax},
		{"+5", "USD", 0, ErrMoneySyntax},
		{"1,000", "VND", 0, ErrMoneySyntax},
		{"1.000.000", "VND", 0, ErrMoneySyntax},
		{"1e6", "VND", 0, ErrMoneySyntax},
		{"NaN", "VND", 0, ErrMoneySyntax},
		{"Inf", "USD", 0, ErrMoneySyntax},
		{" 5", "VND", 0, ErrMoneySyntax},
		{"٣", "VND", 0, ErrMoneySyntax},
		{"5", "XXX", 0, ErrCurrency},
		{"5", "vnd", 0, ErrCurrency},
		{"5", "", 0, ErrCurrency},
	}
	for _, test := range tests {
		got, err := ParseMoney(test.text, test.currency)
		if !errors.Is(err, test.err) || got.Amount != test.want {
			t.Errorf("ParseMoney(%q, %q) = %v, %v; want %d, %v", test.text, test.currency, got, err, test.want, test.err)
		}
	}
}

func TestMoneyString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		money Money
		want  string
	}{
		{VND(0), "0 ₫"},
		{VND(999), "999 ₫"},
		{VND(185000), "185.000 ₫"},
		{VND(-1234567), "-1.234.567 ₫"},
		{Money{150, "USD"}, "1.50 USD"},
		{Money{-5, "USD"}, "-0.05 USD"},
		{Money{math.MinInt64, "USD"}, "-92233720368547758.08 USD"},
	}
	for _, test := range tests {
		if got := test.money.String(); got != test.want {
			t.Errorf("%#v: %q, want %q", test.money, got, test.want)
		}
	}
}

func anyMoney(currencies ...string) *rapid.Generator[Money] {
	if len(currencies) == 0 {
		for currency := range exponents {
			currencies = append(currencies, currency)
		}
		slices.Sort(currencies)
	}
	return rapid.Custom(func(t *rapid.T) Money {
		return Money{rapid.Int64().Draw(t, "amount"), rapid.SampledFrom(currencies).Draw(t, "currency")}
	})
}

func TestMoneyRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := anyMoney().Draw(t, "money")
		if m.Amount == math.MinInt64 {
			t.Skip("its positive does not exist")
		}
		got, err := ParseMoney(m.Decimal(), m.Currency)
		if err != nil || got != m {
			t.Fatalf("%v written as %q is read as %v, %v", m, m.Decimal(), got, err)
		}
	})
}

func FuzzParseMoney(f *testing.F) {
	f.Add("185000.00", "VND")
	f.Add("-0.10", "USD")
	f.Fuzz(func(t *testing.T, text, currency string) {
		m, err := ParseMoney(text, currency)
		if err != nil {
			return
		}
		again, err := ParseMoney(m.Decimal(), currency)
		if err != nil || again != m {
			t.Fatalf("%q is %v, written %q and read as %v, %v", text, m, m.Decimal(), again, err)
		}
	})
}

func TestMoneyArithmeticIsExactOrRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyMoney("VND").Draw(t, "a"), anyMoney("VND").Draw(t, "b")
		check := func(op string, got Money, err error, exact *big.Int) {
			t.Helper()
			switch {
			case err == nil && exact.Cmp(big.NewInt(got.Amount)) != 0:
				t.Fatalf("%d %s %d = %d, want %d", a.Amount, op, b.Amount, got.Amount, exact)
			case err != nil && exact.IsInt64() && exact.Int64() != math.MinInt64 && !errors.Is(err, ErrMoneyRange):
				t.Fatalf("%d %s %d: %v", a.Amount, op, b.Amount, err)
			case err != nil && new(big.Int).Abs(exact).Cmp(big.NewInt(math.MaxInt64/2)) < 0:
				t.Fatalf("%d %s %d = %d is refused: %v", a.Amount, op, b.Amount, exact, err)
			}
		}
		x, y := big.NewInt(a.Amount), big.NewInt(b.Amount)
		sum, err := a.Add(b)
		check("+", sum, err, new(big.Int).Add(x, y))
		product, err := a.Times(b.Amount)
		check("*", product, err, new(big.Int).Mul(x, y))
	})
	if _, err := VND(1).Add(Money{1, "USD"}); err == nil {
		t.Error("dong and dollars were added")
	}
	if got, err := (Money{}).Add(VND(5)); err != nil || got != VND(5) {
		t.Errorf("no money + 5 = %v, %v", got, err)
	}
}
