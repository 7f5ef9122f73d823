package catalog

import (
	"errors"
	"fmt"
)

// Errors of [ValidGTIN] and [ValidSKU].
var (
	ErrGTIN = errors.New("not a valid GTIN")
	ErrSKU  = errors.New("not a valid SKU")
)

// ValidGTIN checks a GTIN-8, -12, -13 or -14: digits only, and a last digit
// that makes the sum weighted 3, 1, 3, ... from the right a multiple of ten
// (GS1 General Specifications, section 7.9). The empty text is not valid.
func ValidGTIN(s string) error {
	switch len(s) {
	case 8, 12, 13, 14:
	default:
		return fmt.Errorf("%w: %q has %d characters, a GTIN has 8, 12, 13 or 14 digits", ErrGTIN, clip(s), len(s))
	}
	sum, weight := 0, 3
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '0' || s[i] > '9' {
			return fmt.Errorf("%w: %q holds something other than digits", ErrGTIN, s)
		}
		if i == len(s)-1 {
			continue
		}
		sum += weight * int(s[i]-'0')
		weight = 4 - weight
	}
	if sum == 0 {
		return fmt.Errorf("%w: %q is only a placeholder", ErrGTIN, s)
	}
	if check := byte('0' + (10-sum%10)%10); s[len(s)-1] != check {
		return fmt.Errorf("%w: %q ends in %q, the check digit is %q", ErrGTIN, s, s[len(s)-1], check)
	}
	return nil
}

// ValidSKU checks that a SKU survives every platform, file and key unchanged:
// 1 to 50 printable ASCII characters, no blank and none of / , " ' \ %. SKUs
// that differ in case are different.
func ValidSKU(s SKU) error {
	if len(s) == 0 || len(s) > 50 {
		return fmt.Errorf("%w: %q has %d characters, allowed are 1 to 50", ErrSKU, clip(string(s)), len(s))
	}
	for _, r := range string(s) {
		switch {
		case r <= ' ' || r > '~':
			return fmt.Errorf("%w: %q holds %q, allowed are ASCII letters, digits and signs without blanks", ErrSKU, s, r)
		case r == '/', r == ',', r == '"', r == '\'', r == '\\', r == '%':
			return fmt.Errorf("%w: %q holds %q; / , \" ' \\ %% are not allowed", ErrSKU, s, r)
		}
	}
	return nil
}
