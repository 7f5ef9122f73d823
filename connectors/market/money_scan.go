package market

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// money is one amount found in text. currency is an ISO code, or a sign that
// several currencies share ("$", "kr", "¥"), or "" when none is written.
type money struct {
	amt      amount
	currency string
	from, to int  // the number in the text
	scaled   bool // a magnitude follows ("65k", "1tr2"): amt is not the amount
}

// magnitudes are what may follow a number and multiply it. Which notation it
// is only [pricetext.Read] tells.
var magnitudes = map[string]bool{"k": true, "ka": true, "ng": true, "nghìn": true, "ngàn": true, "ngan": true, "nghin": true, "tr": true, "triệu": true, "trieu": true, "tỷ": true, "tỉ": true, "m": true, "mn": true, "bn": true, "b": true, "million": true, "millions": true, "billion": true, "billions": true, "trillion": true, "thousand": true, "millionen": true, "milliarden": true, "millones": true, "milioni": true, "mio": true, "mrd": true, "тыс": true, "млн": true, "rưỡi": true}

// currencySigns maps what stands beside a number to a currency.
var currencySigns = map[string]string{
	"₫": "VND", "đ": "VND", "d": "VND", "vnd": "VND", "vnđ": "VND", "đồng": "VND",
	"$": "$", "us$": "USD", "usd": "USD", "u$s": "USD", "u$d": "USD", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "a$": "AUD", "au$": "AUD", "aud": "AUD", "nz$": "NZD", "nzd": "NZD",
	"hk$": "HKD", "hkd": "HKD", "nt$": "TWD", "twd": "TWD", "s$": "SGD", "sgd": "SGD", "r$": "BRL", "brl": "BRL", "mx$": "MXN", "mxn": "MXN", "ar$": "ARS", "ars": "ARS", "clp": "CLP", "clp$": "CLP", "cop": "COP", "cop$": "COP", "pen": "PEN", "s/": "PEN",
	"€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "¥": "¥", "￥": "¥", "jpy": "JPY", "円": "JPY", "cny": "CNY", "rmb": "CNY", "元": "CNY", "tệ": "CNY",
	"₩": "KRW", "원": "KRW", "krw": "KRW", "₹": "INR", "rs": "INR", "inr": "INR", "₽": "RUB", "руб": "RUB", "р": "RUB", "rub": "RUB", "₴": "UAH", "грн": "UAH", "uah": "UAH", "₸": "KZT", "тг": "KZT", "тенге": "KZT", "kzt": "KZT",
	"zł": "PLN", "pln": "PLN", "kč": "CZK", "czk": "CZK", "kr": "kr", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "chf": "CHF", "fr": "CHF", "ft": "HUF", "huf": "HUF", "lei": "RON", "ron": "RON", "лв": "BGN", "bgn": "BGN", "kn": "HRK", "hrk": "HRK", "din": "RSD", "rsd": "RSD",
	"₺": "TRY", "tl": "TRY", "try": "TRY", "₪": "ILS", "ils": "ILS", "nis": "ILS", "aed": "AED", "dhs": "AED", "sar": "SAR", "qar": "QAR", "kwd": "KWD", "egp": "EGP", "฿": "THB", "thb": "THB", "บาท": "THB", "rm": "MYR", "myr": "MYR", "rp": "IDR", "idr": "IDR", "₱": "PHP", "php": "PHP", "zar": "ZAR", "₦": "NGN", "ngn": "NGN", "৳": "BDT", "bdt": "BDT", "pkr": "PKR", "lkr": "LKR", "₡": "CRC", "uyu": "UYU", "byn": "BYN", "ريال": "SAR", "درهم": "AED",
}

// isoCurrencies are the codes a structured currency may have.
var isoCurrencies = func() map[string]bool {
	codes := map[string]bool{}
	for _, code := range currencySigns {
		if len(code) == 3 {
			codes[code] = true
		}
	}
	return codes
}()

// currencyCode reads a structured currency: an ISO code, or a sign.
func currencyCode(s string) string {
	s = strings.TrimSpace(s)
	if len(s) == 3 {
		up := strings.ToUpper(s)
		plain := true
		for i := range 3 {
			plain = plain && up[i] >= 'A' && up[i] <= 'Z'
		}
		if plain {
			return up
		}
	}
	if code, ok := currencySigns[strings.ToLower(s)]; ok {
		return code
	}
	return ""
}

// scanMoney finds the numbers of a short text that may be prices, in order.
// Percentages are left out.
func scanMoney(s string) []money {
	var out []money
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		end := numberEnd(s, i)
		from := i
		i = end
		raw := s[from:end]
		before, _ := utf8.DecodeLastRuneInString(s[:from])
		after := strings.TrimLeft(s[end:], " \u00a0")
		if strings.HasPrefix(after, "%") || len(raw) > 24 || before == '/' || len(s) > end+1 && s[end] == '/' && isDigit(s[end+1]) && !strings.ContainsAny(raw, ".,") {
			continue // percents, dates, "/500g"
		}
		m := money{from: from, to: end}
		word := strings.ToLower(leadingSign(strings.TrimLeft(s[end:], " \u00a0")))
		m.scaled = magnitudes[word] && !(word == "m" && strings.HasPrefix(s[end:], " "))
		sign := signAfter(s[end:])
		if sign == "" || sign == "kr" || sign == "$" {
			if b := signBefore(s[:from]); b != "" && (sign == "" || len(b) > len(sign)) {
				sign = b
			}
		}
		m.currency = sign
		if unicode.IsLetter(before) && sign == "" {
			continue // part of a code such as "TX1000"
		}
		amt, ok := parseAmount(raw, sign)
		if !ok {
			continue
		}
		if whole, cents, sign := raw, "", 0; sign == 0 && !strings.ContainsAny(whole, ".,") {
			if cents, sign = centsBehindSign(s[end:]); sign > 0 { // "249€99"
				if with, ok := parseAmount(whole+"."+cents, ""); ok {
					amt, i, m.to = with, end+sign+2, end+sign+2
				}
			}
		}
		m.amt = amt
		out = append(out, m)
	}
	return out
}

// centsBehindSign reads the two digits behind a sign that stands where the
// decimal point would, and the sign's length; 0 when there are none.
func centsBehindSign(s string) (cents string, sign int) {
	r, size := utf8.DecodeRuneInString(s)
	if r != '€' && r != '$' && r != '£' || len(s) < size+2 || !isDigit(s[size]) || !isDigit(s[size+1]) || len(s) > size+2 && (isDigit(s[size+2]) || s[size+2] == '.' || s[size+2] == ',') {
		return "", 0
	}
	return s[size : size+2], size
}

// numberEnd returns the end of the number that starts at i: digits, and
// separators that stand between digits; a blank only before a group of three.
func numberEnd(s string, i int) int {
	group := 0 // digits since the last separator
	for i < len(s) {
		if isDigit(s[i]) {
			group++
			i++
			continue
		}
		size, blank := 0, false
		switch {
		case s[i] == '.' || s[i] == ',' || s[i] == '\'':
			size = 1
		case s[i] == ' ':
			size, blank = 1, true
		case strings.HasPrefix(s[i:], "\u00a0"):
			size, blank = 2, true
		case strings.HasPrefix(s[i:], "\u202f"), strings.HasPrefix(s[i:], "\u2009"):
			size, blank = 3, true
		case strings.HasPrefix(s[i:], "\u2019"):
			size = 3
		}
		if size == 0 || i+size >= len(s) || !isDigit(s[i+size]) {
			return i
		}
		if blank {
			k := i + size
			for k < len(s) && isDigit(s[k]) {
				k++
			}
			if k-i-size != 3 || group > 3 {
				return i
			}
		}
		i += size
		group = 0
	}
	return i
}

// dottedSigns are currencies written with a point inside.
var dottedSigns = []struct{ sign, currency string }{{"ر.س", "SAR"}, {"د.إ", "AED"}, {"د.ك", "KWD"}, {"ج.م", "EGP"}, {"ر.ق", "QAR"}, {"s/.", "PEN"}}

// signAfter returns the currency written right after a number, "" for none.
func signAfter(s string) string {
	for _, dash := range []string{".-", ",-", ".–", ",–", ".—", ",—"} {
		s = strings.TrimPrefix(s, dash)
	}
	s = strings.TrimLeft(s, " \u00a0\u202f")
	for _, d := range dottedSigns {
		if strings.HasPrefix(s, d.sign) {
			return d.currency
		}
	}
	s = strings.TrimPrefix(s, "(")
	return currencySigns[strings.ToLower(leadingSign(s))]
}

// leadingSign returns the word or sign at the start of s.
func leadingSign(s string) string {
	for i, r := range s {
		switch {
		case unicode.IsLetter(r) && i < 12:
			continue
		case r == '$' && i > 0 && i < 4:
			return s[:i+1]
		case i == 0 && (unicode.Is(unicode.Sc, r) || r == '￥'):
			return s[:utf8.RuneLen(r)]
		}
		return s[:i]
	}
	return s
}

// signBefore returns the currency written right before a number.
func signBefore(s string) string {
	s = strings.TrimRight(s, " \u00a0\u202f:")
	for _, d := range dottedSigns {
		if strings.HasSuffix(strings.ToLower(tail(s, 8)), d.sign) {
			return d.currency
		}
	}
	s = strings.TrimSuffix(s, ".")
	if r, size := utf8.DecodeLastRuneInString(s); unicode.Is(unicode.Sc, r) || r == '￥' {
		if r == '$' { // "US$", "US $", "C$"
			country := strings.TrimRight(s[:len(s)-size], " ")
			from := len(country)
			for from > 0 && isLetter(country[from-1]) {
				from--
			}
			if code := currencySigns[strings.ToLower(country[from:])+"$"]; code != "" && len(country)-from <= 3 {
				return code
			}
		}
		return currencySigns[s[len(s)-size:]]
	}
	from := len(s)
	for from > 0 && len(s)-from < 12 {
		r, size := utf8.DecodeLastRuneInString(s[:from])
		if !unicode.IsLetter(r) {
			break
		}
		from -= size
	}
	word := strings.ToLower(s[from:])
	switch word {
	case "d", "fr", "р", "din", "ft", "try", "tl", "đồng":
		return "" // words more often than signs before a number
	}
	return currencySigns[word]
}

// fits tells whether a written sign can mean the currency.
func fits(sign, currency string) bool {
	switch sign {
	case "", currency:
		return true
	case "$":
		return dollars[currency]
	case "kr":
		return currency == "SEK" || currency == "NOK" || currency == "DKK" || currency == "ISK"
	case "¥":
		return currency == "JPY" || currency == "CNY"
	case "INR":
		return currency == "PKR" || currency == "LKR" || currency == "NPR"
	case "GBP":
		return currency == "EGP"
	case "PHP":
		return currency == "PHP"
	}
	return false
}

var dollars = map[string]bool{
	"USD": true, "CAD": true, "AUD": true, "NZD": true, "HKD": true, "TWD": true, "SGD": true, "MXN": true, "ARS": true, "CLP": true, "COP": true, "UYU": true, "BRL": true, "DOP": true, "JMD": true,
}
