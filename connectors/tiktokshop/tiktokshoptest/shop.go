package tiktokshoptest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

var states = map[string]catalog.State{
	statusDraft: catalog.StateStopped, statusPending: catalog.StateReview, statusFailed: catalog.StateRejected, statusActivate: catalog.StateLive,
	statusStopped: catalog.StateStopped, statusTakenDown: catalog.StateRejected, statusFrozen: catalog.StateRejected,
}

// Listings implements [simulator.Shop]. The ExternalID of a listing is the
// product's number, that of a variant the SKU's.
func (s *Simulator) Listings() []simulator.Listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audit()
	var out []simulator.Listing
	for _, id := range s.productIDs {
		p := s.products[id]
		state, there := states[p.status]
		if !there {
			continue
		}
		l := simulator.Listing{ExternalID: catalog.ExternalID(id), State: state, Title: p.title}
		for _, k := range p.skus {
			price, quantity := catalog.Price{List: catalog.VND(k.price)}, k.available
			if x := s.promoted(k.id); x != nil {
				sale := catalog.VND(x.prices[k.id])
				price.Sale = &sale
			}
			l.Variants = append(l.Variants, catalog.VariantSnapshot{
				SKU: catalog.SKU(k.sellerSKU), ExternalID: catalog.ExternalID(k.id), Price: &price, Quantity: &quantity,
			})
		}
		slices.SortFunc(l.Variants, func(a, b catalog.VariantSnapshot) int { return cmp.Compare(a.SKU, b.SKU) })
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b simulator.Listing) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	return out
}

func (s *Simulator) bySKU(wanted catalog.SKU) (*product, *sku, error) {
	for _, id := range s.productIDs {
		p := s.products[id]
		if _, there := states[p.status]; !there {
			continue
		}
		for i := range p.skus {
			if p.skus[i].sellerSKU == string(wanted) {
				return p, &p.skus[i], nil
			}
		}
	}
	return nil, nil, fmt.Errorf("tiktokshoptest: no listing has the SKU %q", wanted)
}

// change edits what has a SKU.
func (s *Simulator) change(wanted catalog.SKU, edit func(*product, *sku) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audit()
	p, k, err := s.bySKU(wanted)
	if err != nil {
		return err
	}
	p.updated = s.now()
	return edit(p, k)
}

// SetPrice implements [simulator.Shop]. It takes the SKU out of its promotion;
// a sale price puts it into one that has begun.
func (s *Simulator) SetPrice(wanted catalog.SKU, price catalog.Price) error {
	return s.change(wanted, func(_ *product, k *sku) error {
		for _, x := range s.promotions {
			delete(x.prices, k.id)
		}
		k.price = price.List.Amount
		if price.Sale != nil {
			now := s.now()
			s.promotions = append(s.promotions, &promotion{
				id: s.newID(7136104329798256000), title: "Sửa tay " + k.id, created: now, updated: now, begin: now, end: now.Add(24 * time.Hour),
				prices: map[string]int64{k.id: price.Sale.Amount},
			})
		}
		return nil
	})
}

// SetStock implements [simulator.Shop].
func (s *Simulator) SetStock(wanted catalog.SKU, quantity int64) error {
	return s.change(wanted, func(_ *product, k *sku) error {
		k.available = quantity
		return nil
	})
}

// Lock puts a SKU into a promotion of the platform, or takes it out: its price
// cannot be changed and its stock cannot be lowered meanwhile.
func (s *Simulator) Lock(wanted catalog.SKU, locked bool) error {
	return s.change(wanted, func(_ *product, k *sku) error {
		k.locked = locked
		return nil
	})
}

// SetTitle implements [simulator.Shop]: the title is the whole product's.
func (s *Simulator) SetTitle(wanted catalog.SKU, title string) error {
	return s.change(wanted, func(p *product, _ *sku) error {
		p.title = title
		return nil
	})
}

// FailNextAudit makes the platform refuse what is submitted next of the product
// that has the SKU, or what it looks at now.
func (s *Simulator) FailNextAudit(wanted catalog.SKU, reason string) error {
	return s.change(wanted, func(p *product, _ *sku) error {
		p.doomed = append(p.doomed, reason)
		return nil
	})
}

// Freeze lets the platform freeze a product: it can neither be read nor edited.
func (s *Simulator) Freeze(wanted catalog.SKU) error {
	return s.change(wanted, func(p *product, _ *sku) error {
		p.status, p.edit = statusFrozen, nil
		return nil
	})
}

// SetState implements [simulator.Shop]. Review lasts until [Simulator.Advance],
// rejected is a takedown by the platform.
func (s *Simulator) SetState(wanted catalog.SKU, state catalog.State) error {
	return s.change(wanted, func(p *product, _ *sku) error {
		p.edit = nil
		switch state {
		case catalog.StateLive:
			p.status, p.auditStatus = statusActivate, "APPROVED"
		case catalog.StateStopped:
			p.status, p.auditStatus = statusStopped, "NONE"
		case catalog.StateReview:
			p.status, p.auditStatus, p.decided = statusPending, "AUDITING", s.now().Add(max(time.Hour, s.options.AuditTime))
		case catalog.StateRejected:
			p.status, p.auditStatus, p.reasons = statusTakenDown, "NONE", []string{"Sản phẩm vi phạm quy định của sàn."}
		case catalog.StateGone:
			s.remove(p)
		default:
			return fmt.Errorf("tiktokshoptest: a product has no state like %q", state)
		}
		s.emit(5, object{"product_id": p.id, "status": "PRODUCT_STATUS_CHANGED", "suspended_reason": strings.Join(p.reasons, "; "), "update_time": p.updated.Unix()})
		return nil
	})
}

// Delete implements [simulator.Shop]: the seller deletes the whole product.
func (s *Simulator) Delete(wanted catalog.SKU) error {
	return s.change(wanted, func(p *product, _ *sku) error {
		s.remove(p)
		return nil
	})
}

// Fill puts products on sale, each with so many SKUs of ten pieces.
func (s *Simulator) Fill(products, skus int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range products {
		p := &product{id: s.newID(1729400000000000000), status: statusActivate, auditStatus: "APPROVED", created: s.now(), updated: s.now()}
		p.title, p.category = fmt.Sprintf("Mật ong rừng mẫu của tổ hợp tác số %d", i), "914568"
		p.weight, p.weightUnit = "0.75", "KILOGRAM"
		for n := range skus {
			k := sku{sellerSKU: fmt.Sprintf("MAU-%05d-%d", i, n), terms: &terms{id: s.newID(1729400000000100000), price: 100000, available: 10}}
			if value := fmt.Sprintf("%d g", n+1); skus > 1 {
				k.attributes = []salesAttribute{{ID: "100089", Name: "Khối lượng tịnh", ValueID: customID("7100000000000000000", value), ValueName: value}}
			}
			p.skus = append(p.skus, k)
		}
		s.products[p.id] = p
		s.productIDs = append(s.productIDs, p.id)
	}
}

// orderWords maps our statuses to the platform's. There is none for refunded: a
// full refund ends in COMPLETED.
var orderWords = map[catalog.OrderStatus]string{
	"":                           orderReady,
	catalog.OrderToShip:          orderReady,
	catalog.OrderAwaitingPayment: orderUnpaid,
	catalog.OrderShipped:         orderTransit,
	catalog.OrderCompleted:       orderCompleted,
	catalog.OrderCancelled:       orderCancelled,
}

// Order implements [simulator.Shop]: cash on delivery, by a buyer whose data is
// masked. An order takes its stock when it is placed.
func (s *Simulator) Order(wanted simulator.OrderRequest) (catalog.ExternalID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audit()
	status, ok := orderWords[wanted.Status]
	if !ok {
		return "", fmt.Errorf("tiktokshoptest: a TikTok Shop order has no status like %q", wanted.Status)
	}
	if len(wanted.Lines) == 0 {
		return "", fmt.Errorf("tiktokshoptest: an order needs at least one line")
	}
	at := wanted.At.Truncate(time.Second)
	if wanted.At.IsZero() {
		at = s.now().Truncate(time.Second)
	}
	o := &order{status: orderReady, created: at, updated: at, total: shippingFee}
	needed := map[string]int64{}
	var parts []*sku
	for _, line := range wanted.Lines {
		p, k, err := s.bySKU(line.SKU)
		if err != nil {
			return "", err
		}
		needed[k.id] += line.Quantity
		switch {
		case line.Quantity <= 0:
			return "", fmt.Errorf("tiktokshoptest: quantity %d of %s: order at least one", line.Quantity, line.SKU)
		case p.status != statusActivate:
			return "", fmt.Errorf("tiktokshoptest: %s cannot be bought: it is %s", line.SKU, p.status)
		case k.available < needed[k.id] && !wanted.Oversell:
			return "", fmt.Errorf("tiktokshoptest: not enough stock of %s", line.SKU)
		}
		var values []string
		for _, a := range k.attributes {
			values = append(values, a.ValueName)
		}
		for range line.Quantity {
			u := unit{
				product: p.id, sku: k.id, productName: p.title, skuName: strings.Join(values, ", "), seller: k.sellerSKU, original: k.price, sale: k.price,
			}
			if x := s.promoted(k.id); x != nil {
				u.sale = x.prices[k.id]
			}
			o.total += u.sale
			o.units, parts = append(o.units, u), append(parts, k)
		}
	}
	o.id = s.newID(576461413038785000)
	box := &parcel{id: s.newID(1153132168123879000), status: "TO_FULFILL", order: o, created: at, updated: at}
	o.parcels, s.packages[box.id] = []*parcel{box}, box
	for i := range o.units {
		o.units[i].id, o.units[i].parcel = s.newID(576461413038786000), box
		if parts[i].available > 0 {
			parts[i].available--
			parts[i].committed++
			o.units[i].taken = true
		}
	}
	s.orders[o.id] = o
	s.orderIDs = append(s.orderIDs, o.id)
	s.setStatus(o, status, at)
	return catalog.ExternalID(o.id), nil
}

// Orders implements [simulator.Shop].
func (s *Simulator) Orders() []simulator.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []simulator.Order
	for _, id := range s.orderIDs {
		o := s.orders[id]
		shown := simulator.Order{ExternalID: catalog.ExternalID(id), Status: statusOf(o.status), Total: catalog.VND(o.total)}
		for _, u := range o.units {
			i := slices.IndexFunc(shown.Lines, func(l simulator.OrderLine) bool { return string(l.SKU) == u.seller })
			if i < 0 {
				shown.Lines = append(shown.Lines, simulator.OrderLine{SKU: catalog.SKU(u.seller)})
				i = len(shown.Lines) - 1
			}
			shown.Lines[i].Quantity++
		}
		out = append(out, shown)
	}
	return out
}

func statusOf(status string) catalog.OrderStatus {
	switch status {
	case orderUnpaid, orderOnHold:
		return catalog.OrderAwaitingPayment
	case orderReady, orderPartly, orderCollect:
		return catalog.OrderToShip
	case orderTransit, orderDelivered:
		return catalog.OrderShipped
	case orderCompleted:
		return catalog.OrderCompleted
	case orderCancelled:
		return catalog.OrderCancelled
	}
	return catalog.OrderOther
}

// SetOrderStatus implements [simulator.Shop]. Cancelling gives the stock back.
func (s *Simulator) SetOrderStatus(id catalog.ExternalID, status catalog.OrderStatus) error {
	word, ok := orderWords[status]
	if !ok || status == "" {
		return fmt.Errorf("tiktokshoptest: a TikTok Shop order has no status like %q", status)
	}
	return s.SetPlatformStatus(id, word)
}

// SetPlatformStatus moves an order to a status in the platform's own words.
func (s *Simulator) SetPlatformStatus(id catalog.ExternalID, status string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[string(id)]
	if o == nil || !slices.Contains(orderStatuses, status) {
		return fmt.Errorf("tiktokshoptest: no order %s or no status %s", id, status)
	}
	s.setStatus(o, status, s.now().Truncate(time.Second))
	return nil
}

// AskToCancel implements [simulator.CancelAsker], for orders that are paid.
func (s *Simulator) AskToCancel(id catalog.ExternalID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[string(id)]
	if o == nil || o.status != orderReady {
		return fmt.Errorf("tiktokshoptest: order %s cannot be cancelled on demand", id)
	}
	o.buyerAsked, o.updated = true, s.now().Truncate(time.Second)
	s.newCancellation(o, "BUYER_CANCEL", "ecom_order_to_ship_canceled_reason_change_mind", "BUYER", cancelPending)
	return nil
}
