package tikitest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

// Listings implements [simulator.Shop]. The ExternalID of a listing is the
// number of the configurable product, or of the simple one when there is none;
// that of a variant the number of its own product. Requests in review are not
// listed.
func (s *Simulator) Listings() []simulator.Listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var out []simulator.Listing
	for _, p := range s.products {
		if p.superID != 0 {
			continue // shown with its configurable
		}
		l := simulator.Listing{ExternalID: externalID(p.id), State: catalog.StateStopped, Title: p.name}
		for _, v := range s.family(p) {
			if v.configurable {
				continue
			}
			if v.active && l.State == catalog.StateStopped {
				l.State = catalog.StateLive
			}
			if v.hidden {
				l.State = catalog.StateRejected
			}
			l.Variants = append(l.Variants, snapshot(v))
		}
		slices.SortFunc(l.Variants, func(a, b catalog.VariantSnapshot) int { return cmp.Compare(a.SKU, b.SKU) })
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b simulator.Listing) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	return out
}

func externalID(id int64) catalog.ExternalID { return catalog.ExternalID(number(id)) }

func snapshot(p *product) catalog.VariantSnapshot {
	price := catalog.Price{List: catalog.VND(p.price)}
	if p.market > p.price {
		sale := catalog.VND(p.price)
		price.List, price.Sale = catalog.VND(p.market), &sale
	}
	quantity := p.quantity()
	return catalog.VariantSnapshot{SKU: catalog.SKU(p.original), ExternalID: externalID(p.id), Price: &price, Quantity: &quantity}
}

func (s *Simulator) edit(sku catalog.SKU, change func(*product)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	p := s.bySKU[string(sku)]
	if p == nil {
		return fmt.Errorf("tikitest: no product has the SKU %q", sku)
	}
	change(p)
	s.touch(p)
	return nil
}

// SetPrice implements [simulator.Shop].
func (s *Simulator) SetPrice(sku catalog.SKU, price catalog.Price) error {
	return s.edit(sku, func(p *product) {
		p.market = price.List.Amount
		s.setPrice(p, price.Asked().Amount)
	})
}

// SetStock implements [simulator.Shop]: all of it in the first warehouse.
func (s *Simulator) SetStock(sku catalog.SKU, quantity int64) error {
	return s.edit(sku, func(p *product) {
		p.stock = map[int64]int64{FirstWarehouse: quantity}
		s.tellStock(p)
	})
}

// SetTitle implements [simulator.Shop]: the whole listing's, with the options
// of each variant behind it.
func (s *Simulator) SetTitle(sku catalog.SKU, title string) error {
	return s.edit(sku, func(p *product) {
		for _, v := range s.family(p) {
			v.name = strings.Join(append([]string{title}, v.options...), " - ")
			s.touch(v)
		}
	})
}

// SetState implements [simulator.Shop]: live and stopped are on and off sale,
// rejected is hidden by Tiki's people. Review is a state of requests only.
func (s *Simulator) SetState(sku catalog.SKU, state catalog.State) error {
	if state != catalog.StateLive && state != catalog.StateStopped && state != catalog.StateRejected {
		return fmt.Errorf("tikitest: a Tiki product has no state like %q", state)
	}
	return s.edit(sku, func(p *product) {
		for _, v := range s.family(p) {
			v.active, v.hidden = state != catalog.StateStopped, state == catalog.StateRejected
			s.touch(v)
		}
	})
}

// Delete implements [simulator.Shop]: Tiki's people remove the listing. Sellers
// cannot.
func (s *Simulator) Delete(sku catalog.SKU) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	p := s.bySKU[string(sku)]
	if p == nil {
		return fmt.Errorf("tikitest: no product has the SKU %q", sku)
	}
	s.drop(s.family(p))
	return nil
}

// Fill puts n simple products on sale, as approved long ago, and returns their
// SKUs.
func (s *Simulator) Fill(n int) []catalog.SKU {
	s.mu.Lock()
	defer s.mu.Unlock()
	skus := make([]catalog.SKU, n)
	for i := range skus {
		p := s.fresh(product{
			name: fmt.Sprintf("Mật ong mẫu %d", i), description: "<p>Mẫu</p>", categories: s.branch(CategoryHoney),
			images: []string{"https://img.example.vn/mau.jpg"}, price: 100000, market: 100000, active: true, model: s.options.Models[0],
			created: s.now(), updated: s.now(), original: fmt.Sprintf("MAU-%05d", i),
		})
		p.stock[FirstWarehouse] = 10
		s.insert(p)
		skus[i] = catalog.SKU(p.original)
	}
	return skus
}

// Order implements [simulator.Shop]: a dropship order, paid in cash.
func (s *Simulator) Order(wanted simulator.OrderRequest) (catalog.ExternalID, error) {
	return s.OrderAs("dropship", wanted)
}

// OrderAs is Order with a fulfillment type: tiki_delivery, dropship,
// seller_delivery, cross_border or instant_delivery.
func (s *Simulator) OrderAs(fulfillment string, wanted simulator.OrderRequest) (catalog.ExternalID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	status, known := orderWords[wanted.Status]
	if !known {
		return "", fmt.Errorf("tikitest: unknown order status %q", wanted.Status)
	}
	o := &order{fulfillment: fulfillment, shipping: 15000, created: wanted.At.UTC()}
	if wanted.At.IsZero() {
		o.created = s.now()
	}
	needed := map[*product]int64{}
	for _, line := range wanted.Lines {
		p := s.bySKU[string(line.SKU)]
		switch {
		case p == nil:
			return "", fmt.Errorf("tikitest: no product has the SKU %q", line.SKU)
		case line.Quantity <= 0:
			return "", fmt.Errorf("tikitest: quantity %d of %s: order at least one", line.Quantity, line.SKU)
		case !p.active || p.hidden:
			return "", fmt.Errorf("tikitest: %s is not on sale", line.SKU)
		}
		if needed[p] += line.Quantity; p.quantity() < needed[p] && !wanted.Oversell {
			return "", fmt.Errorf("tikitest: not enough stock of %s", line.SKU)
		}
		o.items = append(o.items, &item{
			id: s.next("item"), product: p, name: p.name, sku: p.original, price: p.price, qty: line.Quantity, confirmation: confirmWaiting,
		})
	}
	if len(o.items) == 0 {
		return "", fmt.Errorf("tikitest: an order needs at least one line")
	}
	o.id, o.code = s.next("order id"), number(s.next("order"))
	for p, n := range needed {
		s.restock(p, -n)
	}
	s.orders = append(s.orders, o)
	s.byCode[o.code] = o
	s.setStatus(o, status, o.created)
	return catalog.ExternalID(o.code), nil
}

// Orders implements [simulator.Shop].
func (s *Simulator) Orders() []simulator.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]simulator.Order, 0, len(s.orders))
	for _, o := range s.orders {
		truth := simulator.Order{ExternalID: catalog.ExternalID(o.code), Status: catalog.OrderOther, Total: catalog.VND(o.total())}
		for status, word := range orderWords {
			if word == o.status && status != "" {
				truth.Status = status
			}
		}
		for _, it := range o.items {
			truth.Lines = append(truth.Lines, simulator.OrderLine{SKU: catalog.SKU(it.sku), Quantity: it.qty})
		}
		out = append(out, truth)
	}
	return out
}

// SetOrderStatus implements [simulator.Shop]. Canceling gives the pieces back.
func (s *Simulator) SetOrderStatus(id catalog.ExternalID, status catalog.OrderStatus) error {
	word, known := orderWords[status]
	if !known || status == "" {
		return fmt.Errorf("tikitest: unknown order status %q", status)
	}
	return s.SetOrderWord(id, word)
}

// SetOrderWord is SetOrderStatus in Tiki's own word.
func (s *Simulator) SetOrderWord(id catalog.ExternalID, word string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.byCode[string(id)]
	switch {
	case o == nil:
		return fmt.Errorf("tikitest: no order %q", id)
	case o.status == word:
	case word == statusCanceled:
		s.cancel(o)
	default:
		if o.status == statusCanceled {
			for _, it := range o.items {
				s.restock(it.product, -it.qty)
			}
		}
		s.setStatus(o, word, s.now())
	}
	return nil
}
