package lazadatest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

// Listings returns what is really there, sorted by ExternalID.
func (s *Simulator) Listings() []simulator.Listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.review()
	list := []simulator.Listing{}
	for _, id := range s.itemIDs {
		it := s.items[id]
		if it.deleted {
			continue
		}
		listing := simulator.Listing{ExternalID: externalID(it.id), State: stateOf(it), Title: it.attributes["name"]}
		for _, k := range it.skus {
			price := catalog.Price{List: catalog.VND(k.price)}
			if k.special > 0 && !s.now().Before(k.from) && s.now().Before(k.to) {
				sale := catalog.VND(k.special)
				price.Sale = &sale
			}
			pieces := k.sellable()
			listing.Variants = append(listing.Variants, catalog.VariantSnapshot{
				SKU: catalog.SKU(k.seller), ExternalID: externalID(k.id), Price: &price, Quantity: &pieces,
			})
		}
		slices.SortFunc(listing.Variants, func(a, b catalog.VariantSnapshot) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
		list = append(list, listing)
	}
	slices.SortFunc(list, func(a, b simulator.Listing) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	return list
}

func stateOf(it *item) catalog.State {
	switch it.status() {
	case "Active":
		return catalog.StateLive
	case "Pending":
		return catalog.StateReview
	case "Rejected":
		return catalog.StateRejected
	}
	return catalog.StateStopped
}

func externalID(id int64) catalog.ExternalID { return catalog.ExternalID(strconv.FormatInt(id, 10)) }

// edit changes the product that has a SKU.
func (s *Simulator) edit(seller catalog.SKU, change func(it *item, k *sku) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, k := s.bySeller(string(seller))
	if it == nil {
		return fmt.Errorf("lazadatest: no product has the SKU %q", seller)
	}
	if err := change(it, k); err != nil {
		return fmt.Errorf("lazadatest: SKU %s: %w", seller, err)
	}
	s.touch(it)
	return nil
}

// SetPrice sets the prices of a SKU, a sale from yesterday for a year.
func (s *Simulator) SetPrice(seller catalog.SKU, price catalog.Price) error {
	return s.edit(seller, func(it *item, k *sku) error {
		if price.List.Currency != "VND" || price.Sale != nil && price.Sale.Amount >= price.List.Amount {
			return fmt.Errorf("the shop does not take the price %s", price.List)
		}
		k.price, k.special, k.from, k.to = price.List.Amount, 0, time.Time{}, time.Time{}
		if price.Sale != nil {
			k.special, k.from, k.to = price.Sale.Amount, s.now().AddDate(0, 0, -1), s.now().AddDate(1, 0, 0)
		}
		s.emitProduct(pushEdited, it, "EDITED_UPDATED", []*sku{k})
		return nil
	})
}

// SetStock sets how many pieces buyers may order.
func (s *Simulator) SetStock(seller catalog.SKU, quantity int64) error {
	return s.edit(seller, func(it *item, k *sku) error {
		k.total = quantity + k.withheld + k.occupied
		s.emitProduct(pushEdited, it, "EDITED_UPDATED", []*sku{k})
		return nil
	})
}

// SetTitle renames the product that has a SKU.
func (s *Simulator) SetTitle(seller catalog.SKU, title string) error {
	return s.edit(seller, func(it *item, _ *sku) error {
		it.attributes["name"] = title
		s.emitProduct(pushEdited, it, "EDITED_UPDATED", it.skus)
		return nil
	})
}

// SetState moves the product that has a SKU.
func (s *Simulator) SetState(seller catalog.SKU, state catalog.State) error {
	return s.edit(seller, func(it *item, _ *sku) error {
		off := false
		switch state {
		case catalog.StateLive:
			it.pending, it.rejected, it.locked = false, "", false
		case catalog.StateStopped:
			off = true
		case catalog.StateReview:
			it.pending, it.rejected, it.ready = true, "", s.now().Add(max(time.Hour, s.options.Review))
		case catalog.StateRejected:
			it.pending, it.rejected = false, "Sản phẩm vi phạm quy định (mẫu)"
			s.emitQC(it, "LIVE_REJECTED", it.rejected)
			return nil
		default:
			return fmt.Errorf("the shop has no state %q", state)
		}
		for _, k := range it.skus {
			k.off = off
		}
		return nil
	})
}

// Delete removes the product that has a SKU for good.
func (s *Simulator) Delete(seller catalog.SKU) error {
	return s.edit(seller, func(it *item, _ *sku) error {
		s.remove(it, slices.Clone(it.skus)...)
		return nil
	})
}

// Fill puts n simple products on sale, ten pieces of each, and returns their
// SKUs.
func (s *Simulator) Fill(n int) []catalog.SKU {
	s.mu.Lock()
	defer s.mu.Unlock()
	skus := make([]catalog.SKU, n)
	for i := range skus {
		skus[i] = catalog.SKU(fmt.Sprintf("MAU-%05d", i))
		s.lastItem++
		s.lastSKU++
		measured := map[string]string{"package_weight": "0.7", "package_length": "20", "package_width": "12", "package_height": "8"}
		s.items[s.lastItem] = &item{
			id: s.lastItem, category: CategoryHoney, created: s.now(), updated: s.now(),
			attributes: map[string]string{"name": fmt.Sprintf("Mật ong mẫu %d", i), "brand": NoBrand},
			skus:       []*sku{{id: s.lastSKU, seller: string(skus[i]), price: 100000, total: 10, attributes: measured, props: map[string]string{}}},
		}
		s.itemIDs = append(s.itemIDs, s.lastItem)
	}
	return skus
}

// Order places a buyer's order: a row for every piece.
func (s *Simulator) Order(wanted simulator.OrderRequest) (catalog.ExternalID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.review()
	if len(wanted.Lines) == 0 {
		return "", fmt.Errorf("lazadatest: the order has no lines")
	}
	status := wanted.Status
	if status == "" {
		status = catalog.OrderToShip
	}
	if wireStatus[status] == "" {
		return "", fmt.Errorf("lazadatest: an order cannot begin as %q", status)
	}
	at := wanted.At
	if at.IsZero() {
		at = s.now()
	}
	o := &order{id: s.lastOrder + 1000, created: at}
	for _, line := range wanted.Lines {
		it, k := s.bySeller(string(line.SKU))
		switch {
		case it == nil:
			return "", fmt.Errorf("lazadatest: no product has the SKU %q", line.SKU)
		case it.status() != "Active" || k.status() != "active":
			return "", fmt.Errorf("lazadatest: SKU %s is not on sale", line.SKU)
		case line.Quantity < 1 || line.Quantity > k.sellable() && !wanted.Oversell:
			return "", fmt.Errorf("lazadatest: SKU %s: %d pieces wanted, %d there", line.SKU, line.Quantity, k.sellable())
		}
		price := k.price
		if k.special > 0 && !s.now().Before(k.from) && s.now().Before(k.to) {
			price = k.special
		}
		for range line.Quantity {
			o.units = append(o.units, &unit{
				id: o.id + 100000 + int64(len(o.units)), item: it, sku: k, price: price, paid: price, name: it.attributes["name"],
			})
		}
	}
	if n := int64(len(o.units)); n >= 3 { // the voucher is spread over the rows
		left := int64(voucher)
		for i, u := range o.units {
			share := min(left/(n-int64(i)), u.price)
			u.paid -= share
			left -= share
		}
	}
	s.lastOrder = o.id
	s.orders[o.id] = o
	s.orderIDs = append(s.orderIDs, o.id)
	s.move(o, wireStatus[status], o.units...)
	o.updated = at
	if status == catalog.OrderAwaitingPayment {
		o.payBy = s.now().Add(payTime)
	}
	return externalID(o.id), nil
}

// Orders returns all orders, as placed.
func (s *Simulator) Orders() []simulator.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []simulator.Order{}
	for _, id := range s.orderIDs {
		o := s.orders[id]
		out := simulator.Order{ExternalID: externalID(o.id), Status: o.status(), Total: catalog.VND(o.price() - o.voucher() + shippingFee)}
		for _, u := range o.units {
			i := slices.IndexFunc(out.Lines, func(l simulator.OrderLine) bool { return l.SKU == catalog.SKU(u.sku.seller) })
			if i < 0 {
				out.Lines = append(out.Lines, simulator.OrderLine{SKU: catalog.SKU(u.sku.seller)})
				i = len(out.Lines) - 1
			}
			out.Lines[i].Quantity++
		}
		list = append(list, out)
	}
	return list
}

// payTime is how long pieces are withheld for a buyer who has to pay.
const payTime = 30 * time.Minute

// wireStatus is the status of rows for each of ours.
var wireStatus = map[catalog.OrderStatus]string{
	catalog.OrderAwaitingPayment: "unpaid",
	catalog.OrderToShip:          "pending",
	catalog.OrderShipped:         "shipped",
	catalog.OrderCompleted:       "delivered",
	catalog.OrderCancelled:       "canceled",
	catalog.OrderRefunded:        "returned",
	catalog.OrderOther:           "failed_delivery",
}

// progress orders the statuses that a row goes through.
var progress = []string{"unpaid", "pending", "topack", "repacked", "packed", "toship", "ready_to_ship_pending", "ready_to_ship", "shipped", "delivered", "returned"}

// status is the order's: that of the row that is least far, canceled ones
// aside.
func (o *order) status() catalog.OrderStatus {
	least := len(progress)
	for _, u := range o.units {
		if u.status == "canceled" {
			continue
		}
		place := slices.Index(progress, u.status)
		if place < 0 {
			return catalog.OrderOther
		}
		least = min(least, place)
	}
	switch {
	case least == len(progress):
		return catalog.OrderCancelled
	case least == 0:
		return catalog.OrderAwaitingPayment
	case progress[least] == "shipped":
		return catalog.OrderShipped
	case progress[least] == "delivered":
		return catalog.OrderCompleted
	case progress[least] == "returned":
		return catalog.OrderRefunded
	}
	return catalog.OrderToShip
}

// SetOrderStatus moves all rows of an order.
func (s *Simulator) SetOrderStatus(id catalog.ExternalID, status catalog.OrderStatus) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.order(string(id))
	if err != nil {
		return fmt.Errorf("lazadatest: %w", err)
	}
	wire := wireStatus[status]
	if wire == "" {
		return fmt.Errorf("lazadatest: the shop has no status %q", status)
	}
	s.move(o, wire, o.units...)
	return nil
}
