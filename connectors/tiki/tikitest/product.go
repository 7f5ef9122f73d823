package tikitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// product is one of Tiki's: every variant is a product of its own, grouped by
// a configurable one when the request had options.
type product struct {
	id, superID, masterID int64
	sku, superSKU         string
	masterSKU             string
	original              string // the seller's SKU; "" for a configurable
	configurable          bool
	name, description     string
	categories            []int64 // the first is the primary one
	attributes            map[string]string
	images                []string
	options               []string
	price, market         int64
	active, hidden        bool
	model                 string // inventory type
	stock                 map[int64]int64
	version               int64
	created, updated      time.Time
}

func (p *product) quantity() int64 {
	var sum int64
	for _, n := range p.stock {
		sum += n
	}
	return sum
}

func (s *Simulator) touch(p *product) {
	p.version++
	p.updated = s.now()
}

// family is a product with its siblings: the configurable first, if there is one.
func (s *Simulator) family(p *product) []*product {
	super := p.superID
	if p.configurable {
		super = p.id
	}
	if super == 0 {
		return []*product{p}
	}
	var list []*product
	for _, other := range s.products {
		if other.id == super || other.superID == super {
			list = append(list, other)
		}
	}
	return list
}

func (s *Simulator) insert(p *product) {
	s.products = append(s.products, p)
	s.byID[p.id] = p
	if p.original != "" {
		s.bySKU[p.original] = p
	}
}

func (s *Simulator) drop(list []*product) {
	for _, p := range list {
		delete(s.byID, p.id)
		if s.bySKU[p.original] == p {
			delete(s.bySKU, p.original)
		}
	}
	s.products = slices.DeleteFunc(s.products, func(p *product) bool { return s.byID[p.id] == nil })
}

func (s *Simulator) getProducts(c *call) answer {
	created, bad, fine := s.period(c, "created")
	if !fine {
		return bad
	}
	updated, bad, fine := s.period(c, "updated")
	if !fine {
		return bad
	}
	active, inCategory := c.set("active"), c.set("category_id")
	name := strings.ToLower(c.query.Get("name"))
	var rows []*product
	for _, p := range slices.Backward(s.products) { // newest first
		if created(p.created) && updated(p.updated) && active(fmt.Sprint(digit(p.active))) &&
			slices.ContainsFunc(p.categories, func(id int64) bool { return inCategory(number(id)) }) &&
			strings.Contains(strings.ToLower(p.name), name) {
			rows = append(rows, p)
		}
	}
	return pages(c, rows, func(p *product) any {
		return s.showProduct(p, func(part string) bool { return c.has("include", part) })
	})
}

func (s *Simulator) getProduct(c *call) answer {
	p := s.byID[c.id(0)]
	if p == nil {
		return notFound("Product", c.params[0])
	}
	return ok(s.showProduct(p, func(part string) bool { return c.has("includes", part) }))
}

func (s *Simulator) findProduct(c *call) answer {
	p := s.bySKU[c.query.Get("original_sku")]
	if p == nil {
		return notFound("Product", c.query.Get("original_sku"))
	}
	return ok(s.showProduct(p, func(string) bool { return false }))
}

func (s *Simulator) showProduct(p *product, include func(string) bool) map[string]any {
	row := map[string]any{
		"product_id": p.id, "sku": p.sku, "name": p.name, "master_id": p.masterID, "master_sku": p.masterSKU,
		"super_id": p.superID, "super_sku": nil, "active": digit(p.active), "is_hidden": p.hidden, "original_sku": p.original,
		"type": "simple", "entity_type": "seller_simple", "price": p.price, "market_price": p.market, "version": p.version,
		"created_at": stamp(p.created), "created_by": "api@example.vn", "updated_at": stamp(p.updated), "thumbnail": nil,
	}
	if p.superID != 0 {
		row["super_sku"] = p.superSKU
	}
	if p.configurable {
		row["type"], row["entity_type"], row["original_sku"] = "configurable", "seller_configurable", nil
	}
	if len(p.images) > 0 {
		row["thumbnail"] = p.images[0]
	}
	if include("images") {
		images := []any{}
		for i, address := range p.images {
			images = append(images, map[string]any{"id": nil, "url": address, "path": address, "position": i, "width": nil, "height": nil})
		}
		row["images"] = images
	}
	if include("categories") {
		list := []any{}
		for _, id := range p.categories {
			if c := s.category(id); c != nil {
				list = append(list, map[string]any{"id": c.id, "name": c.name, "url_key": "c" + number(c.id), "is_primary": c.primary})
			}
		}
		row["categories"] = list
	}
	if include("attributes") {
		// The terms are among the attributes too, as everything is.
		all := map[string]any{
			"name":        attributeValue("name", p.name),
			"description": attributeValue("description", p.description),
			"price":       attributeValue("price", p.price),
		}
		for _, code := range slices.Sorted(maps.Keys(p.attributes)) {
			all[code] = attributeValue(code, p.attributes[code])
		}
		row["attributes"] = all
	}
	if include("seller") {
		row["seller"] = map[string]any{"id": s.options.SellerID, "name": s.options.SellerName}
	}
	if include("inventory") && !p.configurable {
		stocks := []any{}
		for _, id := range slices.Sorted(maps.Keys(p.stock)) {
			stocks = append(stocks, map[string]any{"warehouseId": id, "qtyAvailable": p.stock[id]})
		}
		row["inventory"] = map[string]any{
			"fulfillment_type": p.model, "quantity": p.quantity(), "quantity_sellable": p.quantity(), "warehouse_stocks": stocks,
		}
	}
	return row
}

func attributeValue(code string, value any) any {
	return map[string]any{"attribute_code": code, "value": value, "input_type": "text"}
}

// scalar reads an attribute's value as sent: a text, a number or a boolean.
func scalar(raw json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, true
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String(), true
	}
	var b bool
	if json.Unmarshal(raw, &b) == nil {
		return fmt.Sprint(digit(b)), true
	}
	return "", false
}
