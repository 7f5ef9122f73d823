package pricewatch

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// AdviceKind is what a price is beside its band.
type AdviceKind string

// The kinds of advice.
const (
	TooCheap  AdviceKind = "too_cheap" // below what three quarters of the sellers ask
	Within    AdviceKind = "within"
	TooDear   AdviceKind = "too_dear"   // above what three quarters of the sellers ask
	NotEnough AdviceKind = "not_enough" // fewer than 5 sellers or 14 days
	OneSource AdviceKind = "one_source" // fewer than 3 sources
)

// Advice is one sentence about a product's own price, with its reason. It
// changes no price: a person decides.
type Advice struct {
	Kind AdviceKind   `json:"kind"`
	Text catalog.Text `json:"text"`
}

// Advise compares our own price per base unit, in the band's currency and base
// unit, with the band. name is the product as its group calls it.
func Advise(name string, own decimal.Decimal, band Band) Advice {
	s := band.Subject
	amount := func(lang string, d decimal.Decimal) string { return s.Amount(d, lang) }
	say := func(kind AdviceKind, vi, en string) Advice { return Advice{kind, catalog.Text{VI: vi, EN: en}} }
	whyVI := fmt.Sprintf("một nửa số nơi bán lấy từ %s đến %s (%s nơi bán, %d ngày)",
		Amount(band.Low, s.Currency, "vi"), amount("vi", band.High), Number(decimal.NewFromInt(int64(band.Sellers)), "vi"), band.Days)
	whyEN := fmt.Sprintf("half of the sellers ask %s to %s (%d sellers, %d days)",
		Amount(band.Low, s.Currency, "en"), amount("en", band.High), band.Sellers, band.Days)
	switch {
	case band.Empty():
		return say(NotEnough,
			fmt.Sprintf("%s: chưa đọc được giá nơi khác nên chưa so sánh được.", name),
			fmt.Sprintf("%s: no price of others was read yet, so there is nothing to compare with.", name))
	case !band.Enough():
		return say(NotEnough,
			fmt.Sprintf("%s: chưa đủ số liệu để khuyên, vì mới có %d nơi bán trong %d ngày (cần ít nhất %d nơi bán và %d ngày).", name, band.Sellers, band.Days, MinSellers, MinDays),
			fmt.Sprintf("%s: not enough data for advice, with %d sellers on %d days so far (at least %d sellers and %d days are needed).", name, band.Sellers, band.Days, MinSellers, MinDays))
	case band.FewSources():
		return say(OneSource,
			fmt.Sprintf("%s: mình bán %s, một nguồn cho giá khoảng %s; hãy xem thêm nguồn khác rồi hãy quyết.", name, amount("vi", own), amount("vi", band.Median)),
			fmt.Sprintf("%s: you ask %s, one source shows about %s; look at another source before deciding.", name, amount("en", own), amount("en", band.Median)))
	case own.LessThan(band.Low):
		return say(TooCheap,
			fmt.Sprintf("%s: mình bán %s là rẻ, vì %s; có thể tăng giá.", name, amount("vi", own), whyVI),
			fmt.Sprintf("%s: %s is cheap, because %s; you could ask more.", name, amount("en", own), whyEN))
	case own.GreaterThan(band.High):
		return say(TooDear,
			fmt.Sprintf("%s: mình bán %s là đắt, vì %s; nên nói rõ hàng mình hơn ở điểm nào, hoặc giảm giá.", name, amount("vi", own), whyVI),
			fmt.Sprintf("%s: %s is dear, because %s; say what makes yours better, or ask less.", name, amount("en", own), whyEN))
	}
	return say(Within,
		fmt.Sprintf("%s: mình bán %s là vừa, vì %s.", name, amount("vi", own), whyVI),
		fmt.Sprintf("%s: %s is in line, because %s.", name, amount("en", own), whyEN))
}
