package sheet

import (
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"pgregory.net/rapid"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		raw  bool
		want catalog.Money
		fail string // part of the English reason
	}{
		{"185000", false, catalog.VND(185000), ""},
		{"185.000", false, catalog.VND(185000), ""},
		{"185,000", false, catalog.VND(185000), ""},
		{"185 000", false, catalog.VND(185000), ""},
		{"185.000 ₫", false, catalog.VND(185000), ""},
		{"185.000đ", false, catalog.VND(185000), ""},
		{"185.000 VNĐ", false, catalog.VND(185000), ""},
		{"1.234.567", false, catalog.VND(1234567), ""},
		{"1,234,567 đồng", false, catalog.VND(1234567), ""},
		{"0", false, catalog.VND(0), ""},
		{"1,50 USD", false, catalog.Money{Amount: 150, Currency: "USD"}, ""},
		{"1,234.5 USD", false, catalog.Money{Amount: 123450, Currency: "USD"}, ""},
		{"1.234.567,5 eur", false, catalog.Money{Amount: 123456750, Currency: "EUR"}, ""},
		{"1.500 USD", false, catalog.Money{}, "may mean"},
		{"1.234.567,5", false, catalog.Money{}, "decimals"},
		{"185.5", false, catalog.Money{}, "decimals"},
		{"185000,00", false, catalog.Money{}, "decimals"},
		{"0.185", false, catalog.Money{}, "decimals"},
		{"185k", false, catalog.Money{}, "in full"},
		{"185 nghìn", false, catalog.Money{}, "in full"},
		{"1,5 triệu", false, catalog.Money{}, "in full"},
		{"185.00.000", false, catalog.Money{}, "misplaced"},
		{"18.5000.000", false, catalog.Money{}, "misplaced"},
		{"1.234,567.8", false, catalog.Money{}, "misplaced"},
		{".5", false, catalog.Money{}, "misplaced"},
		{"-5000", false, catalog.Money{}, "negative"},
		{"−5000", false, catalog.Money{}, "negative"},
		{"(5000)", false, catalog.Money{}, "negative"},
		{"NaN", false, catalog.Money{}, "not a number"},
		{"Inf", false, catalog.Money{}, "not a number"},
		{"liên hệ", false, catalog.Money{}, "not a number"},
		{"#REF!", false, catalog.Money{}, "not a number"},
		{"１８５", false, catalog.Money{}, "not a number"},
		{"1e5", false, catalog.Money{}, "not a number"},
		{"1,85E+05", false, catalog.Money{}, "shortened"},
		{"=185*1000", false, catalog.Money{}, "formula"},
		{"99999999999999999999", false, catalog.Money{}, "too large"},
		{"10 XYZ", false, catalog.Money{}, "not understood"},
		// In .xlsx files a number comes without its format.
		{"185000", true, catalog.VND(185000), ""},
		{"185.500", true, catalog.VND(185500), ""},
		{"1.234", true, catalog.Money{}, "may mean"},
		{"97749.999999999985", true, catalog.VND(97750), ""},
		{"8.9360200000000003E+15", true, catalog.Money{}, "shortened"},
	}
	for _, test := range tests {
		got, err := money(test.text, test.raw)
		check(t, test.text, got, test.want, err, test.fail)
	}
}

func check[T comparable](t *testing.T, text string, got, want T, err error, fail string) {
	t.Helper()
	switch {
	case fail == "" && err != nil:
		t.Errorf("%q: %v", text, err)
	case fail == "" && got != want:
		t.Errorf("%q: got %v, want %v", text, got, want)
	case fail != "" && (err == nil || !strings.Contains(err.Error(), fail)):
		t.Errorf("%q: got %v, error %v, want one that says %q", text, got, err, fail)
	case fail != "" && reasonOf(err).VI == reasonOf(err).EN:
		t.Errorf("%q: no Vietnamese reason: %v", text, err)
	}
}

func TestMeasures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, heading string
		units         []unitSize
		want          int64
		fail          string
	}{
		{"500 g", "", weights, 500, ""},
		{"1,5 kg", "", weights, 1500, ""},
		{"0.25kg", "g", weights, 250, ""},
		{"500", "g", weights, 500, ""},
		{"1.500", "g", weights, 1500, ""},
		{"2", "kg", weights, 2000, ""},
		{"1,2500", "kg", weights, 1250, ""},
		{"1,250", "kg", weights, 0, "may mean"},
		{"500", "", weights, 0, "unit is missing"},
		{"500 lạng", "", weights, 0, "unknown unit"},
		{"12,5", "cm", lengths, 125, ""},
		{"12,55", "cm", lengths, 0, "decimals"},
		{"1,2 m", "cm", lengths, 1200, ""},
		{"35 mm", "cm", lengths, 35, ""},
	}
	for _, test := range tests {
		got, _, err := measure(test.text, test.heading, test.units, false)
		check(t, test.text, got, test.want, err, test.fail)
	}
	for text, want := range map[string]catalog.Quantity{"500 g": {Milli: 500000, Unit: "g"}, "1,5 lít": {Milli: 1500, Unit: "l"}, "10 Gói": {Milli: 10000, Unit: "piece"}} {
		got, err := quantity(text, "")
		check(t, text, got, want, err, "")
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	day := time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, text := range []string{"31/12/2027", "2027-12-31", "31-12-2027", "31.12.2027", "46752"} {
		got, err := date(text)
		check(t, text, got, day, err, "")
	}
	for _, text := range []string{"31/13/2027", "12/2027", "hôm nay", "7", "30/02/2027", "1/1/27"} {
		got, err := date(text)
		check(t, text, got, time.Time{}, err, "not a date")
	}
}

// What is written must be read back as the same number, whatever its size.
func TestNumbersRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Min(0).Draw(t, "n")
		places := rapid.IntRange(0, 3).Draw(t, "places")
		text := formatUnits(n, places)
		got, err := decimalUnits(text, places, false)
		if err != nil || got != n {
			t.Fatalf("%d of 10^-%d is written %q and read %d, %v", n, places, text, got, err)
		}
	})
}

// No text may stop the reading of numbers, and none may be read as negative.
func FuzzDecimalUnits(f *testing.F) {
	for _, text := range []string{"185.000", "1.234.567,5", "-1", "8,93602E+12", "=1", "", ".", ",,", "1.2.3", "\xff"} {
		f.Add(text, 0, false)
		f.Add(text, 3, true)
	}
	f.Fuzz(func(t *testing.T, text string, places int, raw bool) {
		if places < 0 || places > 3 {
			return
		}
		if n, err := decimalUnits(text, places, raw); err == nil && n < 0 {
			t.Errorf("%q is read as %d", text, n)
		}
	})
}

func TestListsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune(`ab \|=;`+"\n\tđ")), 0, 8, -1), 2, 4).Draw(t, "parts")
		parts[0] = "x" + parts[0] // an empty first part is no part at all
		parts[len(parts)-1] += "y"
		items := splitList(joinList([]string{joinParts(parts...), "z"}))
		if len(items) != 2 || items[1] != "z" {
			t.Fatalf("%q became %q", parts, items)
		}
		got := splitParts(items[0])
		if strings.Join(got, "\x00") != strings.Join(parts, "\x00") {
			t.Fatalf("%q became %q", parts, got)
		}
	})
}
