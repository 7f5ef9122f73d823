package shopeetest

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Fill puts items on sale, as published and reviewed long ago: simple ones, or
// with so many models each. Their SKUs are MAU- with a number of five digits,
// and the number of the model behind it.
func (s *Simulator) Fill(items, models int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	picture := "vn-11134207-7ras8-" + secret(7)
	s.images[picture] = true
	for i := range items {
		sku := fmt.Sprintf("MAU-%05d", len(s.itemIDs))
		enabled := true
		it := &item{
			id: s.next(firstItem), name: fmt.Sprintf("Mật ong rừng mẫu số %d", i), description: "Mật ong rừng mẫu, hũ thủy tinh.", sku: sku,
			category: CategoryHoney, condition: "NEW", status: statusNormal, brandName: "NoBrand", weight: decimal.New(850, -3),
			images: []string{picture}, logistics: []logistic{{ID: &logisticChannels[0].id, Enabled: &enabled}},
			terms: terms{price: 185000, stock: 10}, days: shipDays, created: s.seconds(), updated: s.seconds(),
		}
		if models > 0 {
			it.tiers = []tier{{name: "Mẻ"}}
		}
		for k := range models {
			it.tiers[0].options = append(it.tiers[0].options, option{name: fmt.Sprintf("Mẻ %d", k)})
			it.models = append(it.models, &model{
				id: s.next(firstModel), sku: fmt.Sprintf("%s-%d", sku, k), at: []int{k}, terms: it.terms,
			})
		}
		s.items[it.id] = it
		s.itemIDs = append(s.itemIDs, it.id)
	}
}
