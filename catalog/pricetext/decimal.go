package pricetext

import (
	"math/bits"
	"strconv"

	"github.com/chophien/chophien/catalog"
)

// Decimal is an exact decimal number, an integer and a number of decimals
// without trailing zeros, so that == compares values and 2879.2 is 2879.20.
// It is finer than [catalog.Money] where quotations are: 378,05 US cent is
// 3.7805 USD. The zero value is 0, which as an amount means absent.
type Decimal struct {
	coef  int64
	scale uint8 // decimals, 0 to 18
}

const maxScale = 18

var pow10 = func() (p [maxScale + 1]uint64) {
	p[0] = 1
	for i := 1; i <= maxScale; i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// NewDecimal returns coef / 10^decimals, or 0 when decimals is not 0 to 18.
func NewDecimal(coef int64, decimals int) Decimal {
	if coef == 0 || decimals < 0 || decimals > maxScale {
		return Decimal{}
	}
	for decimals > 0 && coef%10 == 0 {
		coef /= 10
		decimals--
	}
	return Decimal{coef, uint8(decimals)}
}

// IsZero reports whether d is 0; as an amount, whether it is absent.
func (d Decimal) IsZero() bool { return d.coef == 0 }

// Money returns d as an amount of a currency in its minor units; ok is false
// when d has more decimals than the currency, is too large, or the currency is
// not known to the catalog.
func (d Decimal) Money(currency string) (m catalog.Money, ok bool) {
	digits, known := catalog.Exponent(currency)
	if !known || int(d.scale) > digits {
		return catalog.Money{}, false
	}
	e := d.shift(digits)
	return catalog.Money{Amount: e.coef, Currency: currency}, d.IsZero() || !e.IsZero()
}

// String writes d as a plain decimal: "185000", "3.7805", "-0.5".
func (d Decimal) String() string {
	var buf [32]byte
	return string(d.Append(buf[:0]))
}

// Append appends d as String writes it.
func (d Decimal) Append(b []byte) []byte {
	u := uint64(d.coef)
	if d.coef < 0 {
		b, u = append(b, '-'), -u
	}
	b = strconv.AppendUint(b, u/pow10[d.scale], 10)
	if d.scale == 0 {
		return b
	}
	b = append(b, '.')
	frac := u % pow10[d.scale]
	for i := int(d.scale) - 1; i >= 0; i-- {
		b = append(b, byte('0'+frac/pow10[i]%10))
	}
	return b
}

// Cmp compares two decimals that are not negative: -1, 0 or +1.
func (d Decimal) Cmp(e Decimal) int {
	dh, dl := bits.Mul64(uint64(d.coef), pow10[max(d.scale, e.scale)-d.scale])
	eh, el := bits.Mul64(uint64(e.coef), pow10[max(d.scale, e.scale)-e.scale])
	switch {
	case dh != eh && dh < eh, dh == eh && dl < el:
		return -1
	case dh != eh || dl != el:
		return 1
	}
	return 0
}

// shift returns d times 10^n, or 0 when that cannot be held.
func (d Decimal) shift(n int) Decimal {
	decimals := int(d.scale) - n
	if decimals >= 0 {
		return NewDecimal(d.coef, decimals)
	}
	return d.mulCoef(pow10[min(-decimals, maxScale)], 0)
}

// mulCoef returns the product of the two coefficients with so many decimals,
// or 0 when that cannot be held.
func (d Decimal) mulCoef(by uint64, decimals int) Decimal {
	hi, lo := bits.Mul64(abs(d.coef), by)
	if hi != 0 || lo > 1<<63-1 {
		return Decimal{}
	}
	if d.coef < 0 {
		return NewDecimal(-int64(lo), decimals)
	}
	return NewDecimal(int64(lo), decimals)
}

// mul returns d × e for an e that is not negative, or 0 when that cannot be held.
func (d Decimal) mul(e Decimal) Decimal { return d.mulCoef(abs(e.coef), int(d.scale+e.scale)) }

func (d Decimal) neg() Decimal { return Decimal{-d.coef, d.scale} }

// add returns d + e for two that are not negative, or 0 when that cannot be held.
func (d Decimal) add(e Decimal) Decimal {
	if d.scale < e.scale {
		d, e = e, d
	}
	hi, lo := bits.Mul64(uint64(e.coef), pow10[d.scale-e.scale])
	if hi != 0 || lo > 1<<62 || d.coef > 1<<62 {
		return Decimal{}
	}
	return NewDecimal(int64(lo)+d.coef, int(d.scale))
}

// div returns d / e for positive numbers, rounded half up to six decimals, or
// to twelve when the quotient is below 1; 0 when that cannot be held.
func (d Decimal) div(e Decimal) Decimal {
	if d.coef <= 0 || e.coef <= 0 {
		return Decimal{}
	}
	var quotient Decimal
	for _, decimals := range [...]int{6, 12} {
		// d.coef/10^ds / (e.coef/10^es) × 10^decimals
		up := decimals + int(e.scale) - int(d.scale)
		num, den := uint64(d.coef), uint64(e.coef)
		hi, lo := uint64(0), num
		if up >= 0 {
			if up > maxScale {
				break
			}
			hi, lo = bits.Mul64(num, pow10[up])
		} else {
			var over uint64
			over, den = bits.Mul64(den, pow10[-up])
			if over != 0 {
				break
			}
		}
		lo, carry := bits.Add64(lo, den/2, 0)
		hi += carry
		if hi >= den {
			break
		}
		q, _ := bits.Div64(hi, lo, den)
		if q > 1<<63-1 {
			break
		}
		quotient = NewDecimal(int64(q), decimals)
		if q >= pow10[decimals] {
			break
		}
	}
	return quotient
}

func abs(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
