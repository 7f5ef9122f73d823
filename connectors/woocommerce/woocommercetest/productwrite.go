package woocommercetest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Simulator) getProduct(r *request) (*answer, *apiError) {
	p := s.products[r.path["id"]]
	if p == nil {
		return nil, fail(http.StatusNotFound, "woocommerce_rest_product_invalid_id", "Invalid ID.")
	}
	return &answer{body: s.showProduct(p)}, nil
}

func (s *Simulator) postProduct(r *request) (*answer, *apiError) {
	p, failure := s.createProduct(r, r.merged())
	if failure != nil {
		return nil, failure
	}
	return s.created("products", p.id, s.showProduct(p)), nil
}

func (s *Simulator) created(path string, id int64, body any) *answer {
	return &answer{status: http.StatusCreated, body: body, header: map[string]string{
		"Location": fmt.Sprintf("%s/wp-json/wc/v3/%s/%d", s.URL, path, id),
	}}
}

func (s *Simulator) putProduct(r *request) (*answer, *apiError) {
	p, failure := s.updateProduct(r, r.path["id"], r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{body: s.showProduct(p)}, nil
}

func (s *Simulator) deleteProduct(r *request) (*answer, *apiError) {
	body, failure := s.removeProduct(r.path["id"], toBool(r.param("force")))
	if failure != nil {
		return nil, failure
	}
	return &answer{body: body}, nil
}

// merged are the parameters of a write: those of the query, then the body.
func (r *request) merged() map[string]any {
	if len(r.query.keys) == 0 {
		return r.body
	}
	out := map[string]any{}
	for _, name := range r.query.keys {
		out[name] = plainValue(r.query.values[name])
	}
	for name, value := range r.body {
		out[name] = value
	}
	return out
}

func (s *Simulator) createProduct(r *request, in map[string]any) (*product, *apiError) {
	if id := toInt(in["id"]); id != 0 {
		return nil, fail(http.StatusBadRequest, "woocommerce_rest_product_exists", "Cannot create existing product.")
	}
	p := s.blank("simple")
	if failure := s.applyProduct(r, p, in); failure != nil {
		return nil, failure
	}
	if p.name == "" {
		p.name = "Product"
	}
	return p, s.addProduct(r, p)
}

func (s *Simulator) blank(kind string) *product {
	now := s.now()
	return &product{
		kind: kind, status: "publish", visibility: "visible", taxStatus: "taxable",
		stockStatus: "instock", backorders: "no", created: now, modified: now,
	}
}

func (s *Simulator) updateProduct(r *request, id int64, in map[string]any) (*product, *apiError) {
	old := s.products[id]
	if old == nil {
		return nil, fail(http.StatusBadRequest, "woocommerce_rest_product_invalid_id", "Invalid ID.")
	}
	if old.kind == "variation" {
		return nil, fail(http.StatusNotFound, "woocommerce_rest_invalid_product_id",
			"To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.")
	}
	p := old.clone()
	if failure := s.applyProduct(r, p, in); failure != nil {
		return nil, failure
	}
	s.saveProduct(old, p)
	return p, nil
}

// given is a member that PHP's isset would see: there and not null.
func given(in map[string]any, name string) (any, bool) {
	v, ok := in[name]
	return v, ok && v != nil
}

func setText(in map[string]any, name string, to *string) {
	if v, ok := given(in, name); ok {
		*to = toText(v)
	}
}

func setBool(in map[string]any, name string, to *bool) {
	if v, ok := given(in, name); ok {
		*to = toBool(v)
	}
}

func setOneOf(in map[string]any, name string, to *string, values ...string) {
	if v, ok := given(in, name); ok && slices.Contains(values, toText(v)) {
		*to = toText(v)
	}
}

// applyProduct sets the fields of a product that in names. The product is not
// saved, so that a failure leaves nothing behind.
func (s *Simulator) applyProduct(r *request, p *product, in map[string]any) *apiError {
	if _, ok := given(in, "type"); ok {
		p.kind = "simple"
		setOneOf(in, "type", &p.kind, "grouped", "external", "variable")
	}
	setText(in, "name", &p.name)
	setText(in, "short_description", &p.short)
	if v, ok := given(in, "slug"); ok {
		p.slug = slugOf(toText(v))
	}
	setOneOf(in, "catalog_visibility", &p.visibility, "visible", "catalog", "search", "hidden")
	setText(in, "purchase_note", &p.purchaseNote)
	setText(in, "external_url", &p.externalURL)
	setText(in, "button_text", &p.buttonText)
	setBool(in, "featured", &p.featured)
	setBool(in, "sold_individually", &p.soldAlone)
	if v, ok := given(in, "reviews_allowed"); ok {
		p.noReviews = !toBool(v)
	}
	if v, ok := given(in, "parent_id"); ok {
		p.parent = toInt(v)
	}
	for name, to := range map[string]*[]int64{"upsell_ids": &p.upsells, "cross_sell_ids": &p.crossSells, "grouped_products": &p.grouped} {
		if v, ok := given(in, name); ok {
			*to = toIDs(v)
		}
	}
	if failure := s.applyShared(r, p, in); failure != nil {
		return failure
	}
	if v, ok := given(in, "attributes"); ok {
		p.attributes = s.readAttributes(toList(v))
	}
	if v, ok := given(in, "default_attributes"); ok && p.kind == "variable" {
		p.defaults = s.readChoices(p, toList(v))
	}
	if p.kind == "variable" || p.kind == "grouped" {
		p.regular, p.sale, p.saleFrom, p.saleTo = "", "", time.Time{}, time.Time{}
	}
	if p.kind == "grouped" || p.kind == "external" {
		p.manageStock = false
	}
	if v, ok := given(in, "categories"); ok {
		p.categories = s.readTerms(toList(v), taxCategory)
	}
	if len(p.categories) == 0 {
		p.categories = []int64{s.uncategorized()}
	}
	if v, ok := given(in, "tags"); ok {
		p.tags = s.readTerms(toList(v), taxTag)
	}
	if v, ok := given(in, "brands"); ok {
		p.brands = s.readTerms(toList(v), taxBrand)
	}
	for _, name := range []string{"date_created", "date_created_gmt"} {
		zone := s.zone
		if name == "date_created_gmt" {
			zone = time.UTC
		}
		if t, ok := parseDate(toText(in[name]), zone); ok {
			p.created = t.UTC()
		}
	}
	if v, ok := given(in, "images"); ok {
		images, failure := s.readImages(r, toList(v), "product")
		if failure != nil {
			return failure
		}
		p.images = images
	}
	return nil
}

// applyShared sets what products and variations have in common.
func (s *Simulator) applyShared(r *request, p *product, in map[string]any) *apiError {
	setText(in, "description", &p.description)
	if v, ok := given(in, "status"); ok {
		p.status = "draft"
		if slices.Contains(productStatuses, toText(v)) {
			p.status = toText(v)
		}
	}
	setBool(in, "virtual", &p.virtual)
	setBool(in, "downloadable", &p.downloadable)
	setOneOf(in, "tax_status", &p.taxStatus, "taxable", "shipping", "none")
	setText(in, "tax_class", &p.taxClass)
	setText(in, "weight", &p.weight)
	setText(in, "shipping_class", &p.shippingClass)
	if v, ok := given(in, "dimensions"); ok {
		setText(toMap(v), "length", &p.length)
		setText(toMap(v), "width", &p.width)
		setText(toMap(v), "height", &p.height)
	}
	if v, ok := given(in, "menu_order"); ok {
		p.menuOrder = toInt(v)
	}
	if v, ok := given(in, "sku"); ok {
		if failure := s.checkSKU(r, p, strings.TrimSpace(toText(v))); failure != nil {
			return failure
		}
		p.sku = strings.TrimSpace(toText(v))
	}
	if v, ok := given(in, "global_unique_id"); ok {
		gtin := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r == '-' || r == 'X' {
				return r
			}
			return -1
		}, toText(v))
		if id, taken := s.gtins[gtin]; gtin != "" && taken && id != p.id {
			failure := fail(http.StatusBadRequest, "product_invalid_global_unique_id", "Invalid or duplicated GTIN, UPC, EAN or ISBN.")
			failure.Data.ResourceID = id
			return failure
		}
		p.gtin = gtin
	}
	if v, ok := given(in, "regular_price"); ok {
		p.regular = toPrice(v)
	}
	if v, ok := given(in, "sale_price"); ok {
		p.sale = toPrice(v)
	}
	s.setDate(in, "date_on_sale_from", s.zone, &p.saleFrom)
	s.setDate(in, "date_on_sale_from_gmt", time.UTC, &p.saleFrom)
	s.setDate(in, "date_on_sale_to", s.zone, &p.saleTo)
	s.setDate(in, "date_on_sale_to_gmt", time.UTC, &p.saleTo)
	if v, ok := given(in, "manage_stock"); ok && toText(v) != "parent" {
		p.manageStock = toBool(v)
	}
	setOneOf(in, "backorders", &p.backorders, "no", "notify", "yes")
	setOneOf(in, "stock_status", &p.stockStatus, "instock", "outofstock", "onbackorder")
	if v, ok := given(in, "stock_quantity"); ok {
		n := toInt(v)
		p.stock = &n
	} else if v, ok := given(in, "inventory_delta"); ok {
		n := toInt(v)
		if p.stock != nil {
			n += *p.stock
		}
		p.stock = &n
	}
	if v, ok := in["low_stock_amount"]; ok {
		p.lowStock = nil
		if v != nil {
			n := toInt(v)
			p.lowStock = &n
		}
	}
	if v, ok := given(in, "meta_data"); ok {
		p.meta = s.mergeMeta(p.meta, toList(v))
	}
	return nil
}

// setDate reads a date that may be cleared by an empty text or null.
func (s *Simulator) setDate(in map[string]any, name string, zone *time.Location, to *time.Time) {
	v, ok := in[name]
	if !ok {
		return
	}
	text := toText(v)
	if len(text) == len("2026-01-02") {
		text += "T00:00:00"
	}
	if t, good := parseDate(text, zone); good {
		*to = t.UTC()
	} else if text == "" && v != nil {
		*to = time.Time{}
	}
}

// checkSKU refuses a SKU that another product or variation has. The shop finds
// a twin in the trash, or one made while the request ran, only in its lookup
// table, and then answers with another code.
func (s *Simulator) checkSKU(r *request, p *product, sku string) *apiError {
	id, taken := s.skus[sku]
	if sku == "" || !taken || id == p.id {
		return nil
	}
	owner := s.products[id]
	if owner.status == "trash" || r != nil && owner.born > r.births && owner.byRequest != r.number {
		return fail(http.StatusBadRequest, "woocommerce_rest_product_not_created",
			fmt.Sprintf("The product with SKU (%s) you are trying to insert is already present in the lookup table", sku))
	}
	failure := fail(http.StatusBadRequest, "product_invalid_sku", "Invalid or duplicated SKU.")
	failure.Data.ResourceID = id
	for i := 1; ; i++ {
		failure.Data.UniqueSKU = sku + "-" + strconv.Itoa(i)
		if _, taken := s.skus[failure.Data.UniqueSKU]; !taken {
			return failure
		}
	}
}

func (s *Simulator) mergeMeta(old []metaItem, in []any) []metaItem {
	out := slices.Clone(old)
	for _, v := range in {
		m := toMap(v)
		key := toText(m["key"])
		at := slices.IndexFunc(out, func(item metaItem) bool {
			return item.Key == key || m["id"] != nil && item.ID == toInt(m["id"])
		})
		value, hasValue := m["value"]
		switch {
		case at >= 0 && hasValue && value == nil:
			out = slices.Delete(out, at, at+1)
		case at >= 0:
			out[at].Value = value
		case key != "" && value != nil:
			out = append(out, metaItem{s.next(seriesMeta), key, value})
		}
	}
	return out
}
