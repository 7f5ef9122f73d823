package pricewatch

import (
	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricetext"
)

// bases turns units into those that prices are compared in. What is not listed
// is a count word and compared as it is. A pound and an ounce are the
// international ones of 1959.
var bases = map[string]struct {
	base   string
	factor decimal.Decimal
}{
	"g":  {"kg", decimal.New(1, -3)},
	"ml": {"l", decimal.New(1, -3)},
	"cm": {"m", decimal.New(1, -2)},
	"lb": {"kg", decimal.New(45359237, -8)},
	"oz": {"kg", decimal.New(28349523125, -12)},
}

// InBase returns a quantity in the unit that prices are compared in: 500 g is
// 0.5 kg. Litres never become kilograms, and count words stay themselves.
func InBase(quantity decimal.Decimal, unit string) (inBase decimal.Decimal, base string) {
	if b, ok := bases[unit]; ok {
		return quantity.Mul(b.factor), b.base
	}
	return quantity, unit
}

// PerBase returns what one base unit costs when quantity × unit costs amount,
// rounded half up to six decimals (twelve below 1); ok is false when the
// quantity is not known.
func PerBase(amount, quantity decimal.Decimal, unit string) (per decimal.Decimal, base string, ok bool) {
	inBase, base := InBase(quantity, unit)
	if !inBase.IsPositive() || unit == "" {
		return decimal.Decimal{}, "", false
	}
	per = amount.DivRound(inBase, 6)
	if per.LessThan(decimal.New(1, 0)) {
		per = amount.DivRound(inBase, 12)
	}
	return per, base, true
}

// MoneyAmount returns an amount of money in major units.
func MoneyAmount(m catalog.Money) decimal.Decimal {
	digits, _ := catalog.Exponent(m.Currency)
	return decimal.New(m.Amount, int32(-digits))
}

// PerContent returns what one base unit of a net content costs; ok is false
// when the content is not known.
func PerContent(price catalog.Money, content catalog.Quantity) (per decimal.Decimal, base string, ok bool) {
	return PerBase(MoneyAmount(price), decimal.New(content.Milli, -3), content.Unit)
}

// SetUnit sets what the amounts are for, read as people write it ("500 ml",
// "kg"), and what a base unit costs by it. It reports whether text is a unit.
func (o *Observation) SetUnit(text, from string) bool {
	unit, ok := pricetext.ParseUnit(text)
	if !ok {
		return false
	}
	quantity, err := decimal.NewFromString(unit.Qty.String())
	if err != nil {
		return false
	}
	o.Quantity, o.Unit, o.UnitFrom = quantity, unit.Name, from
	o.Price()
	return true
}

// Price computes what a base unit costs, and the subject's base unit, from the
// amounts and the unit. Without a unit there is neither.
func (o *Observation) Price() {
	o.PerMin, o.PerMax, o.Subject.BaseUnit = decimal.NullDecimal{}, decimal.NullDecimal{}, ""
	for _, side := range []struct{ amount, per *decimal.NullDecimal }{{&o.AmountMin, &o.PerMin}, {&o.AmountMax, &o.PerMax}} {
		if !side.amount.Valid {
			continue
		}
		if per, base, ok := PerBase(side.amount.Decimal, o.Quantity, o.Unit); ok {
			*side.per, o.Subject.BaseUnit = decimal.NewNullDecimal(per), base
		}
	}
}
