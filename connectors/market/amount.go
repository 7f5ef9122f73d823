package market

import (
	"strconv"
	"strings"

	"github.com/chophien/chophien/catalog/pricetext"
)

// amount is an exact decimal in major units; equal values are ==.
type amount = pricetext.Decimal

// hundredth returns a / 100.
func hundredth(a amount) amount {
	whole, frac, _ := strings.Cut(a.String(), ".")
	units, err := strconv.ParseInt(whole+frac, 10, 64)
	if err != nil {
		return amount{}
	}
	return pricetext.NewDecimal(units, len(frac)+2)
}

// part returns num/den of a, rounded down; 0 when that cannot be held.
func part(a amount, num, den int64) amount {
	whole, frac, _ := strings.Cut(a.String(), ".")
	units, err := strconv.ParseInt(whole+frac, 10, 64)
	if err != nil || units > 1<<61 {
		return amount{}
	}
	return pricetext.NewDecimal(units*num/den, len(frac))
}

// fewDecimals holds the currencies whose prices are written without decimals,
// so that "3.340" of them is thousands; threeDecimals those with three.
var (
	fewDecimals   = map[string]bool{"VND": true, "KRW": true, "JPY": true, "CLP": true, "PYG": true, "ISK": true, "IDR": true, "COP": true, "HUF": true, "UGX": true, "XOF": true, "XAF": true, "LAK": true, "KHR": true}
	threeDecimals = map[string]bool{"KWD": true, "BHD": true, "JOD": true, "OMR": true, "TND": true}
)

// parseAmount reads one number in any notation shops use ("1.250.000",
// "1,250.50", "1 250", "48,00", "2879.2"). One separator before exactly three
// digits is thousands, except in a currency with three decimals. ok is false
// for anything else, and for numbers too large to be a price.
func parseAmount(s, currency string) (amount, bool) {
	var digits [20]byte
	n, seps := 0, 0
	lastSep, lastAt, lastKind, groups3 := -1, 0, byte(0), true
	kinds := 0 // bit per kind of separator seen
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case isDigit(c):
			if n == len(digits) {
				return amount{}, false
			}
			digits[n] = c
			n++
			i++
			continue
		case c == '.' || c == ',' || c == '\'' || c == ' ':
			i++
		case strings.HasPrefix(s[i:], "\u00a0"):
			c = ' '
			i += 2
		case strings.HasPrefix(s[i:], "\u202f") || strings.HasPrefix(s[i:], "\u2009"):
			c = ' '
			i += 3
		case strings.HasPrefix(s[i:], "\u2019"):
			c = '\''
			i += 3
		default:
			return amount{}, false
		}
		if n == 0 && c != '.' {
			return amount{}, false
		}
		if lastSep >= 0 && n-lastAt != 3 {
			groups3 = false
		}
		lastSep, lastAt, lastKind = i, n, c
		kinds |= 1 << (c % 32)
		seps++
	}
	if n == 0 {
		return amount{}, false
	}
	tail := n - lastAt
	decimals := 0
	switch {
	case seps == 0:
	case tail == 0: // "1.250." or "120.-"
		if seps > 1 {
			return parseAmount(strings.TrimRight(s, ".,' "), currency)
		}
	case seps == 1 && tail == 3 && lastKind != ' ' && lastKind != '\'':
		if threeDecimals[currency] || lastAt == 0 || lastAt == 1 && digits[0] == '0' || lastAt > 3 {
			decimals = 3
		}
	case seps == 1 && (lastKind == '.' || lastKind == ','):
		decimals = tail
	case seps == 1: // a blank or apostrophe: thousands only
		if tail != 3 {
			return amount{}, false
		}
	case tail == 3 && groups3 && kinds&(kinds-1) == 0:
	case groups3 && kinds&(kinds-1) != 0 && lastKind != ' ' && lastKind != '\'':
		decimals = tail // two kinds of separator: the last is the decimal
	default:
		return amount{}, false
	}
	if decimals > 9 {
		n -= decimals - 9
		decimals = 9
	}
	whole := n - decimals
	if whole > 12 {
		return amount{}, false
	}
	if whole+decimals > 18 {
		n -= whole + decimals - 18
		decimals = 18 - whole
	}
	units, err := strconv.ParseInt(string(digits[:n]), 10, 64)
	if err != nil {
		return amount{}, false
	}
	return pricetext.NewDecimal(units, decimals), true
}

// structuredAmount reads a price of JSON-LD, microdata or a meta tag: a plain
// number when it looks like one ("41.3", "10.748401"), but thousands when the
// currency is written without decimals ("3.340" CLP); any notation otherwise.
func structuredAmount(s, currency string) (amount, bool) {
	s = strings.TrimSpace(s)
	whole, frac, dotted := strings.Cut(s, ".")
	if whole != "" && allDigits(whole) && allDigits(frac) && (!dotted || frac != "") && len(whole) <= 12 {
		if dotted && len(frac) == 3 && len(whole) <= 3 && fewDecimals[currency] && whole != "0" {
			return parseAmount(s, currency)
		}
		if len(frac) > 6 {
			frac = frac[:6]
		}
		units, err := strconv.ParseInt(whole+frac, 10, 64)
		if err != nil {
			return amount{}, false
		}
		return pricetext.NewDecimal(units, len(frac)), true
	}
	found := scanMoney(s)
	switch {
	case len(found) == 0:
		return amount{}, false
	case found[0].scaled:
		got := pricetext.Read(s, pricetext.Context{Currency: currency})
		return got.Min, got.HasPrice() && !got.Min.IsZero()
	}
	return found[0].amt, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}
