package woocommercetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

// Listings implements [simulator.Shop]. The ExternalID of a listing is the
// product's number, that of a variant the variation's or, for a simple
// product, the product's. What is in the trash is not listed.
func (s *Simulator) Listings() []simulator.Listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []simulator.Listing
	for _, p := range s.byID(s.ids) {
		if p.status == "trash" {
			continue
		}
		l := simulator.Listing{ExternalID: externalID(p.id), State: catalog.StateStopped, Title: p.name}
		if p.status == "publish" {
			l.State = catalog.StateLive
		}
		if p.kind == "variable" {
			for _, v := range s.byID(p.variations) {
				if v.status != "trash" {
					l.Variants = append(l.Variants, s.snapshot(v))
				}
			}
		} else {
			l.Variants = []catalog.VariantSnapshot{s.snapshot(p)}
		}
		slices.SortFunc(l.Variants, func(a, b catalog.VariantSnapshot) int { return cmp.Compare(a.SKU, b.SKU) })
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b simulator.Listing) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	return out
}

func externalID(id int64) catalog.ExternalID {
	return catalog.ExternalID(strconv.FormatInt(id, 10))
}

func (s *Simulator) snapshot(p *product) catalog.VariantSnapshot {
	out := catalog.VariantSnapshot{SKU: catalog.SKU(p.sku), ExternalID: externalID(p.id)}
	if regular, err := catalog.ParseMoney(p.regular, s.options.Currency); err == nil {
		out.Price = &catalog.Price{List: regular}
		if sale, err := catalog.ParseMoney(p.sale, s.options.Currency); err == nil && s.onSale(p) {
			out.Price.Sale = &sale
		}
	}
	if m := s.managed(p); m != nil && m.stock != nil {
		out.Quantity = copyInt(m.stock)
	}
	return out
}

// bySKU finds what has a SKU and is not in the trash.
func (s *Simulator) bySKU(sku catalog.SKU) (*product, error) {
	p := s.products[s.skus[string(sku)]]
	if sku == "" || p == nil || p.status == "trash" {
		return nil, fmt.Errorf("woocommercetest: no listing has the SKU %q", sku)
	}
	return p, nil
}

// change edits the product or variation with a SKU.
func (s *Simulator) change(sku catalog.SKU, in map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.bySKU(sku)
	if err != nil {
		return err
	}
	return s.edit(old, in)
}

func (s *Simulator) edit(old *product, in map[string]any) error {
	p := old.clone()
	if failure := s.applyShared(nil, p, in); failure != nil {
		return fmt.Errorf("woocommercetest: %s: %s", failure.Code, failure.Message)
	}
	setText(in, "name", &p.name)
	s.saveProduct(old, p)
	return nil
}

// SetPrice implements [simulator.Shop].
func (s *Simulator) SetPrice(sku catalog.SKU, price catalog.Price) error {
	sale := ""
	if price.Sale != nil {
		sale = price.Sale.Decimal()
	}
	return s.change(sku, map[string]any{"regular_price": price.List.Decimal(), "sale_price": sale})
}

// SetStock implements [simulator.Shop]. Stock that was not managed is from now on.
func (s *Simulator) SetStock(sku catalog.SKU, quantity int64) error {
	return s.change(sku, map[string]any{"manage_stock": true, "stock_quantity": json.Number(strconv.FormatInt(quantity, 10))})
}

// SetTitle implements [simulator.Shop]: the title is the whole product's.
func (s *Simulator) SetTitle(sku catalog.SKU, title string) error {
	return s.changeListing(sku, map[string]any{"name": title})
}

// SetState implements [simulator.Shop]: live is published, stopped a draft,
// review pending, gone the trash. There is nothing like rejected.
func (s *Simulator) SetState(sku catalog.SKU, state catalog.State) error {
	status, ok := map[catalog.State]string{
		catalog.StateLive: "publish", catalog.StateStopped: "draft", catalog.StateReview: "pending", catalog.StateGone: "trash",
	}[state]
	if !ok {
		return fmt.Errorf("woocommercetest: a WooCommerce product has no state like %q", state)
	}
	return s.changeListing(sku, map[string]any{"status": status})
}

func (s *Simulator) changeListing(sku catalog.SKU, in map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.bySKU(sku)
	if err != nil {
		return err
	}
	return s.edit(s.listingOf(p), in)
}

func (s *Simulator) listingOf(p *product) *product {
	if parent := s.products[p.parent]; p.kind == "variation" && parent != nil {
		return parent
	}
	return p
}

// Delete implements [simulator.Shop]: the whole product is deleted for good.
func (s *Simulator) Delete(sku catalog.SKU) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.bySKU(sku)
	if err != nil {
		return err
	}
	if _, failure := s.removeProduct(s.listingOf(p).id, true); failure != nil {
		return fmt.Errorf("woocommercetest: %s", failure.Code)
	}
	return nil
}

// orderWords maps our statuses to the shop's. A buyer who has not paid yet
// chose bank transfer, so the order is on hold and has taken its stock.
var orderWords = map[catalog.OrderStatus]string{
	"":                           "processing",
	catalog.OrderToShip:          "processing",
	catalog.OrderAwaitingPayment: "on-hold",
	catalog.OrderShipped:         "completed",
	catalog.OrderCompleted:       "completed",
	catalog.OrderCancelled:       "cancelled",
	catalog.OrderRefunded:        "refunded",
	catalog.OrderOther:           "awaiting-pickup", // a status that a plugin added
}

// Order implements [simulator.Shop]: a guest's checkout with cash on delivery.
func (s *Simulator) Order(wanted simulator.OrderRequest) (catalog.ExternalID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, ok := orderWords[wanted.Status]
	if !ok {
		return "", fmt.Errorf("woocommercetest: unknown order status %q", wanted.Status)
	}
	at := wanted.At.UTC().Truncate(time.Second)
	if wanted.At.IsZero() {
		at = s.now()
	}
	o := &order{
		status: "pending", createdVia: "store-api", payment: "cod", paymentTitle: "Trả tiền mặt khi nhận hàng", created: at, modified: at,
		billing: map[string]string{
			"first_name": "Thử", "last_name": "Người mua", "address_1": "Số 1 đường Mẫu", "city": "Hà Nội", "country": "VN",
			"email": "nguoi.mua.thu@example.test", "phone": "0000000000",
		},
		shipping: map[string]string{"first_name": "Thử", "last_name": "Người mua", "address_1": "Số 1 đường Mẫu", "city": "Hà Nội", "country": "VN"},
	}
	needed := map[int64]int64{}
	for _, line := range wanted.Lines {
		p, err := s.bySKU(line.SKU)
		if err != nil {
			return "", err
		}
		if line.Quantity <= 0 {
			return "", fmt.Errorf("woocommercetest: quantity %d of %s: order at least one", line.Quantity, line.SKU)
		}
		if !s.purchasable(p) {
			return "", fmt.Errorf("woocommercetest: %s cannot be bought: it is not live or has no price", line.SKU)
		}
		m := s.managed(p)
		if m != nil {
			needed[m.id] += line.Quantity
		}
		soldOut := m == nil && s.stockStatus(p) == "outofstock"
		if m != nil && m.backorders == "no" {
			soldOut = m.stock == nil || *m.stock < needed[m.id]
		}
		if soldOut && !wanted.Oversell {
			return "", fmt.Errorf("woocommercetest: not enough stock of %s", line.SKU)
		}
		o.lines = append(o.lines, s.newLine(p, line.Quantity))
	}
	if len(o.lines) == 0 {
		return "", fmt.Errorf("woocommercetest: an order needs at least one line")
	}
	s.sumOrder(o)
	o.id = s.next(seriesPosts)
	s.orders[o.id] = o
	s.orderIDs = append(s.orderIDs, o.id)
	s.lists.version++
	s.emit("order.created", o.id)
	if status == "cancelled" || status == "refunded" || wanted.Status == catalog.OrderOther {
		s.moveOrder(o, "processing", at)
	}
	s.setStatus(o, status, at)
	return externalID(o.id), nil
}

func (s *Simulator) setStatus(o *order, status string, at time.Time) {
	if status != "refunded" {
		s.moveOrder(o, status, at)
		o.modified = at
		return
	}
	var all []any
	for _, l := range o.lines {
		all = append(all, map[string]any{
			"id":           json.Number(strconv.FormatInt(l.id, 10)),
			"quantity":     json.Number(strconv.FormatInt(l.quantity, 10)),
			"refund_total": l.total.String(),
		})
	}
	left := o.total
	for _, rf := range o.refunds {
		left = left.Sub(rf.amount)
	}
	_, _ = s.refundOrder(o, left.String(), "", all, true)
	s.moveOrder(o, "refunded", at)
	o.modified = at
}

// Orders implements [simulator.Shop].
func (s *Simulator) Orders() []simulator.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []simulator.Order
	for _, id := range s.orderIDs {
		o := s.orders[id]
		shown := simulator.Order{ExternalID: externalID(id), Status: statusOf(o.status)}
		for _, l := range o.lines {
			shown.Lines = append(shown.Lines, simulator.OrderLine{SKU: catalog.SKU(l.sku), Quantity: l.quantity})
		}
		if total, err := catalog.ParseMoney(s.amount(o.total), s.options.Currency); err == nil {
			shown.Total = total
		}
		out = append(out, shown)
	}
	return out
}

func statusOf(status string) catalog.OrderStatus {
	switch status {
	case "pending", "on-hold":
		return catalog.OrderAwaitingPayment
	case "processing":
		return catalog.OrderToShip
	case "completed":
		return catalog.OrderCompleted
	case "cancelled", "failed":
		return catalog.OrderCancelled
	case "refunded":
		return catalog.OrderRefunded
	}
	return catalog.OrderOther
}

// SetOrderStatus implements [simulator.Shop]. Refunded is a full refund whose
// lines go back into stock, as the shop's own refund form does by default.
func (s *Simulator) SetOrderStatus(id catalog.ExternalID, status catalog.OrderStatus) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, err := strconv.ParseInt(string(id), 10, 64)
	o := s.orders[number]
	if err != nil || o == nil {
		return fmt.Errorf("woocommercetest: no order %s", id)
	}
	word, ok := orderWords[status]
	if !ok || status == "" {
		return fmt.Errorf("woocommercetest: unknown order status %q", status)
	}
	s.setStatus(o, word, s.now())
	return nil
}
