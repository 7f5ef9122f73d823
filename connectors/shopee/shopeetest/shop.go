package shopeetest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

// Listings implements [simulator.Shop]. The ExternalID of a listing is the
// item's number, that of a variant the model's or, for a simple item, the
// item's.
func (s *Simulator) Listings() []simulator.Listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.review()
	var out []simulator.Listing
	for _, id := range s.itemIDs {
		it := s.items[id]
		state, there := states[it.status]
		if !there {
			continue
		}
		l := simulator.Listing{ExternalID: externalID(id), State: state, Title: it.name}
		if len(it.models) == 0 {
			l.Variants = []catalog.VariantSnapshot{s.snapshot(it, 0, it.sku, it.terms)}
		}
		for _, m := range it.models {
			l.Variants = append(l.Variants, s.snapshot(it, m.id, m.sku, m.terms))
		}
		slices.SortFunc(l.Variants, func(a, b catalog.VariantSnapshot) int { return cmp.Compare(a.SKU, b.SKU) })
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b simulator.Listing) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	return out
}

var states = map[string]catalog.State{
	statusNormal: catalog.StateLive, statusUnlist: catalog.StateStopped,
	statusReviewing: catalog.StateReview, statusBanned: catalog.StateRejected,
}

func externalID(id int64) catalog.ExternalID { return catalog.ExternalID(strconv.FormatInt(id, 10)) }

func (s *Simulator) snapshot(it *item, modelID int64, sku string, t terms) catalog.VariantSnapshot {
	price := catalog.Price{List: catalog.VND(t.price)}
	if x := s.ongoing(it.id, modelID); x != nil {
		sale := catalog.VND(x.prices[sold{it.id, modelID}])
		price.Sale = &sale
	}
	id := it.id
	if modelID != 0 {
		id = modelID
	}
	return catalog.VariantSnapshot{SKU: catalog.SKU(sku), ExternalID: externalID(id), Price: &price, Quantity: &t.stock}
}

// bySKU finds what has a SKU: a simple item (model 0) or a model. It also finds
// a variable item that has no models yet.
func (s *Simulator) bySKU(sku catalog.SKU) (*item, int64, *terms, error) {
	for _, id := range s.itemIDs {
		it := s.items[id]
		if _, there := states[it.status]; !there {
			continue
		}
		if len(it.models) == 0 && it.sku == string(sku) {
			return it, 0, &it.terms, nil
		}
		for _, m := range it.models {
			if m.sku == string(sku) {
				return it, m.id, &m.terms, nil
			}
		}
	}
	return nil, 0, nil, fmt.Errorf("shopeetest: no listing has the SKU %q", sku)
}

// edit changes what has a SKU.
func (s *Simulator) edit(sku catalog.SKU, change func(it *item, modelID int64, t *terms) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.review()
	it, modelID, t, err := s.bySKU(sku)
	if err != nil {
		return err
	}
	s.touch(it)
	return change(it, modelID, t)
}

// SetPrice implements [simulator.Shop]. It takes the variant out of its
// discount; a sale price puts it into one that has begun.
func (s *Simulator) SetPrice(sku catalog.SKU, price catalog.Price) error {
	return s.edit(sku, func(it *item, modelID int64, t *terms) error {
		if x := s.discountOf(it.id, modelID); x != nil {
			s.leaveDiscount(x, sold{it.id, modelID})
		}
		old := t.price
		t.price = price.List.Amount
		if price.Sale != nil {
			now := s.now()
			x := &discount{id: s.next(665123666665000), name: "Sửa tay", start: now, end: now.Add(24 * time.Hour), prices: map[sold]int64{}}
			x.items, x.prices[sold{it.id, modelID}] = []int64{it.id}, price.Sale.Amount
			s.discounts = append(s.discounts, x)
		}
		s.emit(22, object{"item_id": it.id, "model_id": modelID, "update_field": "original_price", "old_value": old, "new_value": t.price, "update_time": s.seconds()})
		return nil
	})
}

// SetStock implements [simulator.Shop].
func (s *Simulator) SetStock(sku catalog.SKU, quantity int64) error {
	return s.edit(sku, func(_ *item, _ int64, t *terms) error {
		t.stock = quantity
		return nil
	})
}

// Reserve sets how much of the stock a promotion has reserved; less than that
// cannot be set.
func (s *Simulator) Reserve(sku catalog.SKU, quantity int64) error {
	return s.edit(sku, func(_ *item, _ int64, t *terms) error {
		t.reserved = quantity
		return nil
	})
}

// Lock puts the listing into a promotion of the platform, or takes it out.
func (s *Simulator) Lock(sku catalog.SKU, locked bool) error {
	return s.edit(sku, func(it *item, _ int64, _ *terms) error {
		it.locked = locked
		return nil
	})
}

// SetTitle implements [simulator.Shop]: the title is the whole item's.
func (s *Simulator) SetTitle(sku catalog.SKU, title string) error {
	return s.edit(sku, func(it *item, _ int64, _ *terms) error {
		it.name = title
		return nil
	})
}

// SetState implements [simulator.Shop]. Review lasts until [Simulator.Advance],
// rejected is a ban, gone a takedown by the platform.
func (s *Simulator) SetState(sku catalog.SKU, state catalog.State) error {
	return s.edit(sku, func(it *item, _ int64, _ *terms) error {
		switch state {
		case catalog.StateLive:
			it.status = statusNormal
		case catalog.StateStopped:
			it.status = statusUnlist
		case catalog.StateReview:
			it.status, it.reviewed = statusReviewing, s.now().Add(max(time.Hour, s.options.Review))
		case catalog.StateRejected:
			s.ban(it, nil)
		case catalog.StateGone:
			it.status = statusTakenDown
		default:
			return fmt.Errorf("shopeetest: an item has no state like %q", state)
		}
		return nil
	})
}

// Delete implements [simulator.Shop]: the seller deletes the whole item.
func (s *Simulator) Delete(sku catalog.SKU) error {
	return s.edit(sku, func(it *item, _ int64, _ *terms) error {
		it.status = statusDeleted
		return nil
	})
}

// orderWords maps our statuses to the platform's. There is none for refunded:
// returns are documents of their own.
var orderWords = map[catalog.OrderStatus]string{
	"":                           orderReady,
	catalog.OrderToShip:          orderReady,
	catalog.OrderAwaitingPayment: orderUnpaid,
	catalog.OrderShipped:         orderShipped,
	catalog.OrderCompleted:       orderCompleted,
	catalog.OrderCancelled:       orderCancelled,
	catalog.OrderOther:           orderInCancel,
}

// Order implements [simulator.Shop]: cash on delivery, by a buyer whose data is
// masked. An order takes its stock when it is placed.
func (s *Simulator) Order(wanted simulator.OrderRequest) (catalog.ExternalID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.review()
	status, ok := orderWords[wanted.Status]
	if !ok {
		return "", fmt.Errorf("shopeetest: a Shopee order has no status like %q", wanted.Status)
	}
	if len(wanted.Lines) == 0 {
		return "", fmt.Errorf("shopeetest: an order needs at least one line")
	}
	at := wanted.At.Truncate(time.Second)
	if wanted.At.IsZero() {
		at = s.now().Truncate(time.Second)
	}
	o := &order{status: orderReady, created: at, updated: at, total: shippingFee}
	needed := map[sold]int64{}
	parts := make([]*terms, len(wanted.Lines))
	for i, line := range wanted.Lines {
		it, modelID, t, err := s.bySKU(line.SKU)
		if err != nil {
			return "", err
		}
		what := sold{it.id, modelID}
		needed[what] += line.Quantity
		switch {
		case line.Quantity <= 0:
			return "", fmt.Errorf("shopeetest: quantity %d of %s: order at least one", line.Quantity, line.SKU)
		case it.status != statusNormal:
			return "", fmt.Errorf("shopeetest: %s cannot be bought: it is %s", line.SKU, it.status)
		case t.stock < needed[what] && !wanted.Oversell:
			return "", fmt.Errorf("shopeetest: not enough stock of %s", line.SKU)
		}
		l := orderLine{
			item: it.id, model: modelID, itemSKU: it.sku, name: it.name, quantity: line.Quantity, original: t.price, price: t.price,
			weight: it.weight.String(), image: it.images[0],
		}
		if m := it.model(modelID); m != nil {
			l.sku, l.modelName = m.sku, m.name(it)
		}
		if x := s.ongoing(it.id, modelID); x != nil {
			l.price = x.prices[what]
		}
		o.total += l.price * l.quantity
		o.lines = append(o.lines, l)
		parts[i] = t
	}
	for i := range o.lines {
		l := &o.lines[i]
		l.taken = min(l.quantity, parts[i].stock)
		parts[i].stock -= l.taken
	}
	var all []int
	for i := range o.lines {
		all = append(all, i)
	}
	o.sn = s.newSN(at)
	o.packages = []*parcel{s.newParcel(all...)}
	s.orders[o.sn] = o
	s.orderSNs = append(s.orderSNs, o.sn)
	s.setStatus(o, status, at)
	return catalog.ExternalID(o.sn), nil
}

// Orders implements [simulator.Shop].
func (s *Simulator) Orders() []simulator.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []simulator.Order
	for _, sn := range s.orderSNs {
		o := s.orders[sn]
		shown := simulator.Order{ExternalID: catalog.ExternalID(sn), Status: statusOf(o.status), Total: catalog.VND(o.total)}
		for _, l := range o.lines {
			shown.Lines = append(shown.Lines, simulator.OrderLine{SKU: catalog.SKU(l.shownSKU()), Quantity: l.quantity})
		}
		out = append(out, shown)
	}
	return out
}

func statusOf(status string) catalog.OrderStatus {
	switch status {
	case orderUnpaid:
		return catalog.OrderAwaitingPayment
	case orderReady, orderRetry, orderProcessed:
		return catalog.OrderToShip
	case orderShipped, orderConfirm:
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
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[string(id)]
	if o == nil {
		return fmt.Errorf("shopeetest: no order %s", id)
	}
	word, ok := orderWords[status]
	if !ok || status == "" {
		return fmt.Errorf("shopeetest: a Shopee order has no status like %q", status)
	}
	s.setStatus(o, word, s.now().Truncate(time.Second))
	return nil
}

// AskToCancel implements [simulator.CancelAsker], for orders that are paid and
// not arranged yet.
func (s *Simulator) AskToCancel(id catalog.ExternalID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[string(id)]
	if o == nil || o.status != orderReady {
		return fmt.Errorf("shopeetest: order %s cannot be cancelled on demand", id)
	}
	s.setStatus(o, orderInCancel, s.now().Truncate(time.Second))
	return nil
}
