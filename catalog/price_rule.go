package catalog

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// basisPoints is one whole in hundredths of a percent.
const basisPoints = 10_000

// maxMarkupBP bounds markups: a hundredfold price is a mistake.
const maxMarkupBP = 100 * basisPoints

// Apply computes the price asked on the channel, in the currency of price: the
// markup, half a minor unit rounded up; the fixed amount; at least the floors,
// the one over the cost rounded up; then up to the next step with the wanted
// ending. A nil cost is not known and sets no floor. The zero rule returns the
// price as it is.
//
// It fails rather than return a price of zero or below, for a price of zero or
// below, a cost in another currency, an invalid rule, or [ErrMoneyRange].
func (r PriceRule) Apply(price Money, cost *Money) (Money, error) {
	if err := r.validate(); err != nil {
		return Money{}, err
	}
	if price.Amount <= 0 {
		return Money{}, fmt.Errorf("price %s is not above zero", price)
	}
	amount, err := scale(price.Amount, r.MarkupBP, basisPoints/2)
	if err != nil {
		return Money{}, err
	}
	sum, err := Money{amount, price.Currency}.Add(Money{r.Add, price.Currency})
	if err != nil {
		return Money{}, err
	}
	amount = max(sum.Amount, r.Floor)
	if cost != nil && r.FloorOverCostBP > 0 {
		if cost.Currency != price.Currency {
			return Money{}, fmt.Errorf("cost is in %s, price in %s", cost.Currency, price.Currency)
		}
		if cost.Amount < 0 {
			return Money{}, fmt.Errorf("cost %s is below zero", cost)
		}
		least, err := scale(cost.Amount, r.FloorOverCostBP, basisPoints-1)
		if err != nil {
			return Money{}, err
		}
		amount = max(amount, least)
	}
	if amount <= 0 {
		return Money{}, fmt.Errorf("price %s becomes %s, which is not above zero", price, Money{amount, price.Currency})
	}
	if r.RoundTo > 0 {
		// The distance up to the next amount that leaves Ending over RoundTo.
		up := (r.Ending - amount%r.RoundTo + r.RoundTo) % r.RoundTo
		if amount > math.MaxInt64-up {
			return Money{}, ErrMoneyRange
		}
		amount += up
	}
	return Money{amount, price.Currency}, nil
}

// validate tells what is wrong with the rule, all of it.
func (r PriceRule) validate() error {
	if r == (PriceRule{}) {
		return nil
	}
	var errs []error
	if r.MarkupBP <= -basisPoints || r.MarkupBP > maxMarkupBP {
		errs = append(errs, fmt.Errorf("price.markup_bp is %d, allowed are %d to %d", r.MarkupBP, 1-basisPoints, maxMarkupBP))
	}
	if r.FloorOverCostBP < 0 || r.FloorOverCostBP > maxMarkupBP {
		errs = append(errs, fmt.Errorf("price.floor_over_cost_bp is %d, allowed are 0 to %d", r.FloorOverCostBP, maxMarkupBP))
	}
	if r.RoundTo < 0 {
		errs = append(errs, fmt.Errorf("price.round_to is %d, it must not be below 0", r.RoundTo))
	}
	if r.Ending < 0 || r.Ending > 0 && r.Ending >= r.RoundTo {
		errs = append(errs, fmt.Errorf("price.ending is %d, it must be at least 0 and below round_to (%d)", r.Ending, r.RoundTo))
	}
	if r.Floor < 0 {
		errs = append(errs, fmt.Errorf("price.floor is %d, it must not be below 0", r.Floor))
	}
	return errors.Join(errs...)
}

// scale returns amount × (1 + bp/10000) for an amount not below zero and a bp
// above -10000, with round added before the division.
func scale(amount, bp int64, round uint64) (int64, error) {
	hi, lo := bits.Mul64(uint64(amount), uint64(basisPoints+bp))
	lo, carry := bits.Add64(lo, round, 0)
	hi += carry
	if hi >= basisPoints {
		return 0, ErrMoneyRange
	}
	quotient, _ := bits.Div64(hi, lo, basisPoints)
	if quotient > math.MaxInt64 {
		return 0, ErrMoneyRange
	}
	return int64(quotient), nil
}
