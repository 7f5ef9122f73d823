package tikitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

const priceTooLow = "Price is not valid because less than ten percent listing price"

// skuInput is what updateSku and each entry of updateSkus may hold. The former
// has active (0 or 1), the latter status (1 or 2).
type skuInput struct {
	ID         *int64          `json:"product_id"`
	Original   *string         `json:"original_sku"`
	Price      *int64          `json:"price"`
	Active     *int            `json:"active"`
	Status     *int            `json:"status"`
	Warehouse  *string         `json:"seller_warehouse"`
	Quantities []updateStock   `json:"warehouse_quantities"`
	Stocks     json.RawMessage `json:"warehouse_stocks"`
	Quantity   *int64          `json:"quantity"` // of v1, before there were warehouses
}

// updateStock is written in snake case here and in camel case in requests.
type updateStock struct {
	Warehouse *int64 `json:"warehouse_id"`
	Quantity  *int64 `json:"qty_available"`
}

func (in skuInput) name() any {
	if in.ID != nil {
		return *in.ID
	}
	if in.Original != nil {
		return *in.Original
	}
	return ""
}

// lookUp finds what is to be updated: by the number, else by the seller's SKU.
func (s *Simulator) lookUp(in skuInput) (*product, answer) {
	switch {
	case in.ID == nil && in.Original == nil:
		return nil, refuse(http.StatusUnprocessableEntity, "product_id or original_sku is required")
	case in.ID != nil && s.byID[*in.ID] != nil:
		return s.byID[*in.ID], answer{}
	case in.ID == nil && s.bySKU[*in.Original] != nil:
		return s.bySKU[*in.Original], answer{}
	}
	return nil, notFound("Product", in.name())
}

// prepare checks an update whole before anything of it is carried out.
func (s *Simulator) prepare(in skuInput, on *bool) (carryOut func(), bad *answer) {
	p, failure := s.lookUp(in)
	if p == nil {
		return nil, &failure
	}
	no := func(format string, arguments ...any) (func(), *answer) {
		a := refuse(http.StatusUnprocessableEntity, fmt.Sprintf(format, arguments...))
		return nil, &a
	}
	if p.configurable {
		return no("Only seller_simple products can be updated")
	}
	if in.Price != nil {
		if *in.Price <= 0 {
			return no("price should be > 0")
		}
		if *in.Price*10 < p.market {
			return no(priceTooLow)
		}
	}
	if in.Stocks != nil {
		return no("warehouse_stocks is unknown, use warehouse_quantities")
	}
	stock := map[int64]int64{}
	if in.Warehouse != nil {
		listed, fine := s.warehouseList(*in.Warehouse)
		if !fine {
			return no("seller_warehouse is not valid: %s", *in.Warehouse)
		}
		for _, id := range listed {
			stock[id] = p.stock[id]
		}
	} else {
		for id, n := range p.stock {
			stock[id] = n
		}
	}
	for _, q := range in.Quantities {
		switch {
		case q.Warehouse == nil || q.Quantity == nil:
			return no("warehouse_quantities should have warehouse_id and qty_available")
		case *q.Quantity < 0:
			return no("qty_available should be >= 0")
		case !s.isWarehouse(*q.Warehouse):
			return no("warehouse not found id: %d", *q.Warehouse)
		}
		if _, listed := stock[*q.Warehouse]; in.Warehouse != nil && !listed {
			return no("warehouse %d is not in seller_warehouse", *q.Warehouse)
		}
		stock[*q.Warehouse] = *q.Quantity
	}
	return func() {
		if in.Price != nil && *in.Price != p.price {
			s.setPrice(p, *in.Price)
		}
		if on != nil {
			p.active = *on
		}
		before := p.quantity()
		p.stock = stock
		if p.quantity() != before {
			s.tellStock(p)
		}
		s.touch(p)
	}, nil
}

func (s *Simulator) updateSKU(c *call) answer { return s.updateOne(c, func(*skuInput) {}) }

// updateSKUv1 knows no warehouses.
func (s *Simulator) updateSKUv1(c *call) answer {
	return s.updateOne(c, func(in *skuInput) {
		in.Warehouse, in.Quantities = nil, nil
		if first := int64(FirstWarehouse); in.Quantity != nil {
			in.Quantities = []updateStock{{&first, in.Quantity}}
		}
	})
}

func (s *Simulator) updateOne(c *call, adapt func(*skuInput)) answer {
	var in skuInput
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	on, fine := onOff(in.Active, 1, 0)
	if !fine {
		return refuse(http.StatusUnprocessableEntity, "active must be 0 or 1")
	}
	adapt(&in)
	carryOut, bad := s.prepare(in, on)
	if bad != nil {
		return *bad
	}
	carryOut()
	return ok(map[string]string{"state": "approved"})
}

// onOff reads a switch that has two numbers; nil leaves it as it is.
func onOff(value *int, on, off int) (*bool, bool) {
	if value == nil {
		return nil, true
	}
	state := *value == on
	return &state, state || *value == off
}

func (s *Simulator) updateSKUs(c *call) answer {
	var in struct {
		Data []skuInput `json:"data"`
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	if len(in.Data) == 0 || len(in.Data) > s.options.MaxBatch {
		return refuse(http.StatusUnprocessableEntity, fmt.Sprintf("data should have 1 to %d values", s.options.MaxBatch))
	}
	rows := make([]any, 0, len(in.Data))
	var work []func()
	for _, item := range in.Data {
		row := map[string]any{"product_id": item.ID, "original_sku": item.Original}
		on, fine := onOff(item.Status, 1, 2)
		carryOut, bad := s.prepare(item, on)
		if !fine {
			a := refuse(http.StatusUnprocessableEntity, "status must be 1 or 2")
			bad = &a
		}
		switch {
		case bad == nil:
			work = append(work, carryOut)
			row["state"] = "approved"
		case s.options.BatchAnswer == BatchRefuse:
			return *bad
		default:
			errors, _ := bad.body.(map[string]any)
			row["state"], row["errors"] = "rejected", errors["errors"]
		}
		rows = append(rows, row)
	}
	for _, carryOut := range work {
		carryOut()
	}
	if s.options.BatchAnswer == BatchList {
		return ok(map[string]any{"data": rows})
	}
	return ok(map[string]any{})
}

func (s *Simulator) updateOriginalSKU(c *call) answer {
	var in skuInput
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	if in.ID == nil || in.Original == nil || *in.Original == "" {
		return refuse(http.StatusUnprocessableEntity, "product_id and original_sku are required")
	}
	p := s.byID[*in.ID]
	switch {
	case p == nil || p.configurable:
		return notFound("Product", *in.ID)
	case s.bySKU[*in.Original] != nil && s.bySKU[*in.Original] != p:
		return refuse(http.StatusUnprocessableEntity, fmt.Sprintf("Product code %s is not unique", *in.Original))
	}
	delete(s.bySKU, p.original)
	p.original = *in.Original
	s.bySKU[p.original] = p
	s.touch(p)
	return ok(map[string]string{"state": "approved"})
}

// infoInput is the body of updateProductInfo. Name and description are taken
// from the attributes, where Tiki itself keeps them.
type infoInput struct {
	ID          *int64                     `json:"product_id"`
	Attributes  map[string]json.RawMessage `json:"attributes"`
	Image       *string                    `json:"image"`
	Images      []string                   `json:"images"`
	MarketPrice *int64                     `json:"market_price"`
}

func (s *Simulator) postInfo(c *call) answer {
	var in infoInput
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	switch {
	case in.ID == nil:
		return refuse(http.StatusUnprocessableEntity, "product_id is required")
	case s.byID[*in.ID] == nil:
		return notFound("Product", *in.ID)
	case in.Attributes == nil:
		return refuse(http.StatusUnprocessableEntity, "attributes is required")
	case in.MarketPrice != nil && *in.MarketPrice <= 0:
		return refuse(http.StatusUnprocessableEntity, "market_price should be > 0")
	}
	return s.enqueue(&request{kind: kindUpdate, info: in, products: []*product{s.byID[*in.ID]}})
}

// change carries an approved change out.
func (s *Simulator) change(r *request) {
	p, in := r.products[0], r.info
	if s.byID[p.id] == nil {
		return // deleted meanwhile
	}
	for code, raw := range in.Attributes {
		value, _ := scalar(raw)
		switch code {
		case "name":
			p.name = value
		case "description":
			p.description = value
		default:
			p.attributes[code] = value
		}
	}
	images := slices.Clone(p.images)
	if in.Image != nil {
		images = append([]string{*in.Image}, images[min(1, len(images)):]...)
	}
	if in.Images != nil {
		images = append(images[:min(1, len(images))], in.Images...)
	}
	p.images = images
	if in.MarketPrice != nil && *in.MarketPrice != p.market {
		s.emit("PRODUCT_MARKET_PRICE_UPDATED", map[string]any{
			"product_id": number(p.id), "original_sku": p.original,
			"market_price_from": number(p.market), "market_price_to": number(*in.MarketPrice),
		})
		p.market = *in.MarketPrice
	}
	s.emit("PRODUCT_INFO_UPDATED", map[string]any{"product_id": number(p.id), "original_sku": p.original})
	s.touch(p)
}

func (s *Simulator) setPrice(p *product, price int64) {
	s.emit("PRODUCT_PRICE_UPDATED", map[string]any{
		"product_id": number(p.id), "original_sku": p.original, "price_from": number(p.price), "price_to": number(price),
	})
	p.price = price
}

func (s *Simulator) tellStock(p *product) {
	s.emit("PRODUCT_INVENTORY_UPDATED", map[string]any{"product_id": number(p.id), "original_sku": p.original})
}
