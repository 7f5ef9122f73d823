package pricewatch

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// Undercut is one of our channels selling a SKU cheaper than another of ours.
type Undercut struct {
	Low  Own `json:"low"`
	High Own `json:"high"`
	// Share is how much cheaper, as a share of the higher price.
	Share decimal.Decimal `json:"share"`
}

// ParityTolerance is how much cheaper one of our channels may be than another
// before it is told: rounding differs between channels.
var ParityTolerance = decimal.New(2, -2)

// Undercuts finds, for each SKU, the channels that sell it cheaper than the
// dearest of our channels by more than tolerance, a share such as 0.05. Promotions count.
// Prices of different currencies are not compared. The result is sorted by SKU
// and channel.
func Undercuts(own []Own, tolerance decimal.Decimal) []Undercut {
	type market struct {
		sku      catalog.SKU
		currency string
	}
	top := map[market]Own{}
	for _, o := range own {
		key := market{o.SKU, o.Price.Asked().Currency}
		if high, ok := top[key]; !ok || o.Price.Asked().Amount > high.Price.Asked().Amount || o.Price.Asked().Amount == high.Price.Asked().Amount && o.Channel < high.Channel {
			top[key] = o
		}
	}
	var found []Undercut
	for _, o := range own {
		low, high := decimal.New(o.Price.Asked().Amount, 0), top[market{o.SKU, o.Price.Asked().Currency}]
		most := decimal.New(high.Price.Asked().Amount, 0)
		if o.Channel == high.Channel || !low.IsPositive() || !most.Sub(low).GreaterThan(most.Mul(tolerance)) {
			continue
		}
		found = append(found, Undercut{o, high, most.Sub(low).DivRound(most, 6)})
	}
	slices.SortFunc(found, func(a, b Undercut) int {
		return cmp.Or(cmp.Compare(a.Low.SKU, b.Low.SKU), cmp.Compare(a.Low.Channel, b.Low.Channel))
	})
	return found
}

// Text is one sentence about it.
func (u Undercut) Text() catalog.Text {
	vi, en := "", ""
	if u.Low.Price.Sale != nil {
		vi, en = " (đang khuyến mãi)", " (on sale)"
	}
	return catalog.Text{
		VI: fmt.Sprintf("Mã %s: kênh %s bán %s%s, rẻ hơn kênh %s (%s) %s; khách sẽ bỏ kênh đắt hơn.",
			u.Low.SKU, u.Low.Channel, u.Low.Price.Asked(), vi, u.High.Channel, u.High.Price.Asked(), Percent(u.Share, "vi", false)),
		EN: fmt.Sprintf("SKU %s: channel %s asks %s%s, %s less than channel %s (%s); buyers will leave the dearer one.",
			u.Low.SKU, u.Low.Channel, u.Low.Price.Asked(), en, Percent(u.Share, "en", false), u.High.Channel, u.High.Price.Asked()),
	}
}
