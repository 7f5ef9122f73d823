package pricewatch

import (
	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// Gap is what lies between the price a grower is paid and the price in shops.
type Gap struct {
	Farm   Band `json:"farm"`
	Retail Band `json:"retail"`
	// Markup is how much dearer the shop is, as a share of the farm-gate price:
	// 1.5 is 150 %.
	Markup decimal.Decimal `json:"markup"`
}

// GapOf compares the medians of two bands. ok is false unless they are the
// farm-gate and the retail side of the same commodity, grade, base unit and
// currency and both have prices.
func GapOf(farm, retail Band) (gap Gap, ok bool) {
	market := farm.Subject.Market()
	market.Side = Retail
	if farm.Subject.Side != FarmGate || retail.Subject.Market() != market || farm.Empty() || retail.Empty() || !farm.Median.IsPositive() {
		return Gap{}, false
	}
	return Gap{farm, retail, retail.Median.Sub(farm.Median).DivRound(farm.Median, 6)}, true
}

// Text is one sentence about the gap.
func (g Gap) Text() catalog.Text {
	share := g.Farm.Median.DivRound(g.Retail.Median, 6)
	in := func(lang string) (farm, retail string) {
		return g.Farm.Subject.Amount(g.Farm.Median, lang), g.Retail.Subject.Amount(g.Retail.Median, lang)
	}
	farmVI, retailVI := in("vi")
	farmEN, retailEN := in("en")
	return catalog.Text{
		VI: "Thu mua tại vườn " + farmVI + ", ngoài cửa hàng bán " + retailVI + ": người trồng nhận " + Percent(share, "vi", false) + " giá bán lẻ.",
		EN: "Farm-gate " + farmEN + ", in shops " + retailEN + ": the grower gets " + Percent(share, "en", false) + " of the retail price.",
	}
}
