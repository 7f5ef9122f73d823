package market

import "testing"

func TestScanMoney(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"12,44 €": "12.44 EUR", "€12.44": "12.44 EUR", "EUR 12,44": "12.44 EUR", "131 990 тг.": "131990 KZT", "$3.499": "3499 $", "US $11.99": "11.99 USD", "US$11.99": "11.99 USD", "C$ 5": "5 CAD", "R$ 1.299,00": "1299 BRL",
		"1.299,- kr": "1299 kr", "45.– CHF": "45 CHF", "Fr. 45.–": "45 ", "Rs. 1,299.00": "1299 INR", "30,000원": "30000 KRW", "1,200円": "1200 JPY", "17.90 лв": "17.9 BGN", "270,00 Kn": "270 HRK", "126 ر.س": "126 SAR", "120'000 đ": "120000 VND", "₫120.000": "120000 VND",
		"1.226 €": "1226 EUR", "12.345 KWD": "12.345 KWD", "0,99 €": "0.99 EUR", "1.250.000,50 €": "1250000.5 EUR", "2879.20": "2879.2 ", "-50%": "", "TX1000": "", "20/11/2026": "", "10 000 000 Ft": "10000000 HUF", "99 Kč": "99 CZK", "1 2 3": "1 ",
	} {
		got := ""
		if ms := scanMoney(text); len(ms) > 0 {
			got = ms[0].amt.String() + " " + ms[0].currency
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
