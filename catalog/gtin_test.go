package catalog

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestValidGTIN(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, gtin string
		valid      bool
	}{
		{"GTIN-13, GS1's example", "6291041500213", true},
		{"GTIN-12", "036000291452", true},
		{"GTIN-8", "73513537", true},
		{"GTIN-14", "10614141000415", true},
		{"check digit 0", "4006381333900", true},
		{"wrong check digit", "6291041500214", false},
		{"two digits swapped", "6291041502013", false},
		{"too short", "629104150021", false},
		{"empty", "", false},
		{"letters", "62910415O0213", false},
		{"blank inside", "629104150021 ", false},
		{"other digits", "６２９１", false},
		{"zeros", "0000000000000", false},
		{"very long", strings.Repeat("1", 1_000_000), false},
	}
	for _, test := range tests {
		err := ValidGTIN(test.gtin)
		if (err == nil) != test.valid || err != nil && !errors.Is(err, ErrGTIN) {
			t.Errorf("%s: ValidGTIN = %v, want valid %v", test.name, err, test.valid)
		}
		if err != nil && len(err.Error()) > 300 {
			t.Errorf("%s: error of %d bytes", test.name, len(err.Error()))
		}
	}
}

func TestGTINHasOneCheckDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[1-9]([0-9]{6}|[0-9]{10}|[0-9]{11}|[0-9]{12})`).Draw(t, "body")
		valid := 0
		for check := '0'; check <= '9'; check++ {
			if ValidGTIN(body+string(check)) == nil {
				valid++
			}
		}
		if valid != 1 {
			t.Fatalf("%s has %d check digits", body, valid)
		}
	})
}

func FuzzValidGTIN(f *testing.F) {
	f.Add("6291041500213")
	f.Add("\xff1234567")
	f.Fuzz(func(t *testing.T, s string) {
		if ValidGTIN(s) == nil && !allDigits(s) {
			t.Fatalf("%q is accepted", s)
		}
	})
}

func TestValidSKU(t *testing.T) {
	t.Parallel()
	for _, sku := range []SKU{"CHE-100", "a", "A.b_c+(1)#*", SKU(strings.Repeat("x", 50))} {
		if err := ValidSKU(sku); err != nil {
			t.Errorf("ValidSKU(%q) = %v", sku, err)
		}
	}
	for _, sku := range []SKU{"", " ", "A B", "CHÈ", "A\t", "a/b", "a,b", `a"b`, "a'b", `a\b`, "a%b", "a\x00", "a\x7f", "a\xff", SKU(strings.Repeat("x", 51))} {
		if err := ValidSKU(sku); !errors.Is(err, ErrSKU) {
			t.Errorf("ValidSKU(%q) = %v, want %v", sku, err, ErrSKU)
		}
	}
}
