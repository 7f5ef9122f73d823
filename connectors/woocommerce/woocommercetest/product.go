package woocommercetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// product is a product or, with kind variation, a variation. A saved one is
// not changed but replaced; its slices are never changed in place.
type product struct {
	id, parent      int64
	kind, status    string
	name, slug      string
	description     string
	short           string
	sku, gtin       string
	regular, sale   string
	saleFrom        time.Time
	saleTo          time.Time
	visibility      string
	featured        bool
	virtual         bool
	downloadable    bool
	soldAlone       bool
	noReviews       bool
	taxStatus       string
	taxClass        string
	manageStock     bool
	stock           *int64
	stockStatus     string
	backorders      string
	lowStock        *int64
	weight          string
	length          string
	width           string
	height          string
	shippingClass   string
	purchaseNote    string
	externalURL     string
	buttonText      string
	menuOrder       int64
	totalSales      int64
	categories      []int64
	tags            []int64
	brands          []int64
	images          []int64
	upsells         []int64
	crossSells      []int64
	grouped         []int64
	attributes      []productAttribute
	defaults        []choice
	choices         []choice // of a variation
	variations      []int64
	meta            []metaItem
	created         time.Time
	modified        time.Time
	beforeTrash     string // a variation's status
	born, byRequest int64  // which creation it was, and of which request
}

// productAttribute is what a product says or varies by; id 0 is its own.
type productAttribute struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	Slug      string   `json:"slug"`
	Position  int64    `json:"position"`
	Visible   bool     `json:"visible"`
	Variation bool     `json:"variation"`
	Options   []string `json:"options"`
}

// choice is an attribute with the option that a variation has.
type choice struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Slug   string `json:"slug"`
	Option string `json:"option"`
}

type metaItem struct {
	ID    int64  `json:"id"`
	Key   string `json:"key"`
	Value any    `json:"value"`
}

type dimensions struct {
	Length string `json:"length"`
	Width  string `json:"width"`
	Height string `json:"height"`
}

type termRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Slug string `json:"slug"`
}

type link struct {
	Href string `json:"href"`
}

// productAnswer is a product as /products shows it.
type productAnswer struct {
	ID                int64             `json:"id"`
	Name              string            `json:"name"`
	Slug              string            `json:"slug"`
	Permalink         string            `json:"permalink"`
	DateCreated       *string           `json:"date_created"`
	DateCreatedGMT    *string           `json:"date_created_gmt"`
	DateModified      *string           `json:"date_modified"`
	DateModifiedGMT   *string           `json:"date_modified_gmt"`
	Type              string            `json:"type"`
	Status            string            `json:"status"`
	Featured          bool              `json:"featured"`
	CatalogVisibility string            `json:"catalog_visibility"`
	Description       string            `json:"description"`
	ShortDescription  string            `json:"short_description"`
	SKU               string            `json:"sku"`
	Price             string            `json:"price"`
	RegularPrice      string            `json:"regular_price"`
	SalePrice         string            `json:"sale_price"`
	SaleFrom          *string           `json:"date_on_sale_from"`
	SaleFromGMT       *string           `json:"date_on_sale_from_gmt"`
	SaleTo            *string           `json:"date_on_sale_to"`
	SaleToGMT         *string           `json:"date_on_sale_to_gmt"`
	OnSale            bool              `json:"on_sale"`
	Purchasable       bool              `json:"purchasable"`
	TotalSales        int64             `json:"total_sales"`
	Virtual           bool              `json:"virtual"`
	Downloadable      bool              `json:"downloadable"`
	Downloads         []any             `json:"downloads"`
	DownloadLimit     int               `json:"download_limit"`
	DownloadExpiry    int               `json:"download_expiry"`
	ExternalURL       string            `json:"external_url"`
	ButtonText        string            `json:"button_text"`
	TaxStatus         string            `json:"tax_status"`
	TaxClass          string            `json:"tax_class"`
	ManageStock       any               `json:"manage_stock"`
	StockQuantity     *int64            `json:"stock_quantity"`
	Backorders        string            `json:"backorders"`
	BackordersAllowed bool              `json:"backorders_allowed"`
	Backordered       bool              `json:"backordered"`
	LowStockAmount    *int64            `json:"low_stock_amount"`
	SoldIndividually  bool              `json:"sold_individually"`
	Weight            string            `json:"weight"`
	Dimensions        dimensions        `json:"dimensions"`
	ShippingRequired  bool              `json:"shipping_required"`
	ShippingTaxable   bool              `json:"shipping_taxable"`
	ShippingClass     string            `json:"shipping_class"`
	ShippingClassID   int64             `json:"shipping_class_id"`
	ReviewsAllowed    bool              `json:"reviews_allowed"`
	AverageRating     string            `json:"average_rating"`
	RatingCount       int               `json:"rating_count"`
	UpsellIDs         []int64           `json:"upsell_ids"`
	CrossSellIDs      []int64           `json:"cross_sell_ids"`
	ParentID          int64             `json:"parent_id"`
	PurchaseNote      string            `json:"purchase_note"`
	Categories        []termRef         `json:"categories"`
	Brands            []termRef         `json:"brands"`
	Tags              []termRef         `json:"tags"`
	Images            []imageAnswer     `json:"images"`
	Attributes        any               `json:"attributes"`
	DefaultAttributes []choice          `json:"default_attributes"`
	Variations        []int64           `json:"variations"`
	GroupedProducts   []int64           `json:"grouped_products"`
	MenuOrder         int64             `json:"menu_order"`
	PriceHTML         string            `json:"price_html"`
	RelatedIDs        []int64           `json:"related_ids"`
	MetaData          []metaItem        `json:"meta_data"`
	StockStatus       string            `json:"stock_status"`
	HasOptions        bool              `json:"has_options"`
	PostPassword      string            `json:"post_password"`
	GlobalUniqueID    string            `json:"global_unique_id"`
	Links             map[string][]link `json:"_links"`
}

// variationAnswer is a variation as /products/{id}/variations shows it.
type variationAnswer struct {
	ID                int64             `json:"id"`
	Type              string            `json:"type"`
	DateCreated       *string           `json:"date_created"`
	DateCreatedGMT    *string           `json:"date_created_gmt"`
	DateModified      *string           `json:"date_modified"`
	DateModifiedGMT   *string           `json:"date_modified_gmt"`
	Description       string            `json:"description"`
	Permalink         string            `json:"permalink"`
	SKU               string            `json:"sku"`
	GlobalUniqueID    string            `json:"global_unique_id"`
	Price             string            `json:"price"`
	RegularPrice      string            `json:"regular_price"`
	SalePrice         string            `json:"sale_price"`
	SaleFrom          *string           `json:"date_on_sale_from"`
	SaleFromGMT       *string           `json:"date_on_sale_from_gmt"`
	SaleTo            *string           `json:"date_on_sale_to"`
	SaleToGMT         *string           `json:"date_on_sale_to_gmt"`
	OnSale            bool              `json:"on_sale"`
	Status            string            `json:"status"`
	Purchasable       bool              `json:"purchasable"`
	Virtual           bool              `json:"virtual"`
	Downloadable      bool              `json:"downloadable"`
	Downloads         []any             `json:"downloads"`
	DownloadLimit     int               `json:"download_limit"`
	DownloadExpiry    int               `json:"download_expiry"`
	TaxStatus         string            `json:"tax_status"`
	TaxClass          string            `json:"tax_class"`
	ManageStock       any               `json:"manage_stock"`
	StockQuantity     *int64            `json:"stock_quantity"`
	StockStatus       string            `json:"stock_status"`
	Backorders        string            `json:"backorders"`
	BackordersAllowed bool              `json:"backorders_allowed"`
	Backordered       bool              `json:"backordered"`
	LowStockAmount    *int64            `json:"low_stock_amount"`
	Weight            string            `json:"weight"`
	Dimensions        dimensions        `json:"dimensions"`
	ShippingClass     string            `json:"shipping_class"`
	ShippingClassID   int64             `json:"shipping_class_id"`
	Image             *imageAnswer      `json:"image"`
	Attributes        []choice          `json:"attributes"`
	MenuOrder         int64             `json:"menu_order"`
	MetaData          []metaItem        `json:"meta_data"`
	Name              string            `json:"name"`
	ParentID          int64             `json:"parent_id"`
	Links             map[string][]link `json:"_links"`
}

func (p *product) clone() *product {
	c := *p
	return &c
}

// managed returns the product whose quantity counts for p: itself, its parent,
// or nil when no stock is managed.
func (s *Simulator) managed(p *product) *product {
	if p.manageStock {
		return p
	}
	if p.kind == "variation" {
		if parent := s.products[p.parent]; parent != nil && parent.manageStock {
			return parent
		}
	}
	return nil
}

// onSale tells whether the sale price counts now.
func (s *Simulator) onSale(p *product) bool {
	if p.kind == "variable" {
		return slices.ContainsFunc(s.visibleVariations(p), s.onSale)
	}
	now := s.now()
	return p.sale != "" && toDecimal(p.regular).GreaterThan(toDecimal(p.sale)) &&
		(p.saleFrom.IsZero() || !now.Before(p.saleFrom)) && (p.saleTo.IsZero() || !now.After(p.saleTo))
}

// price is what a buyer is asked: of a variable product the lowest.
func (s *Simulator) price(p *product) string {
	switch {
	case p.kind == "variable":
		var low *decimal.Decimal
		text := ""
		for _, v := range s.visibleVariations(p) {
			if price := s.price(v); price != "" {
				if d := toDecimal(price); low == nil || d.LessThan(*low) {
					low, text = &d, price
				}
			}
		}
		return text
	case s.onSale(p):
		return p.sale
	}
	return p.regular
}

func (s *Simulator) visibleVariations(p *product) []*product {
	var out []*product
	for _, id := range p.variations {
		if v := s.products[id]; v != nil && v.status == "publish" {
			out = append(out, v)
		}
	}
	return out
}

// status of the stock, as the shop computes it.
func (s *Simulator) stockStatus(p *product) string {
	if m := s.managed(p); m != nil && p.kind != "variable" {
		return computedStatus(m.stock, m.backorders)
	}
	if p.kind != "variable" {
		return p.stockStatus
	}
	status := "outofstock"
	for _, v := range s.visibleVariations(p) {
		switch s.stockStatus(v) {
		case "instock":
			return "instock"
		case "onbackorder":
			status = "onbackorder"
		}
	}
	return status
}

func computedStatus(quantity *int64, backorders string) string {
	switch {
	case quantity != nil && *quantity > 0:
		return "instock"
	case backorders != "no":
		return "onbackorder"
	}
	return "outofstock"
}

// stockView is manage_stock and stock_quantity as the API shows them.
func (s *Simulator) stockView(p *product) (manage any, quantity *int64, backorders string) {
	m := s.managed(p)
	switch m {
	case nil:
		return false, nil, p.backorders
	case p:
		return true, copyInt(p.stock), p.backorders
	}
	return "parent", copyInt(m.stock), m.backorders
}

func copyInt(n *int64) *int64 {
	if n == nil {
		return nil
	}
	c := *n
	return &c
}

func (s *Simulator) purchasable(p *product) bool {
	if p.kind == "variation" {
		parent := s.products[p.parent]
		return p.status == "publish" && parent != nil && parent.status == "publish" && s.price(p) != ""
	}
	return p.kind != "external" && p.kind != "grouped" && p.status == "publish" && s.price(p) != ""
}

func (s *Simulator) permalink(p *product) string {
	switch {
	case p.kind == "variation":
		parent := s.products[p.parent]
		if parent == nil {
			return ""
		}
		var query []string
		for _, c := range p.choices {
			query = append(query, "attribute_"+c.Slug+"="+rfc3986(c.Option))
		}
		return strings.TrimSuffix(s.permalink(parent)+"?"+strings.Join(query, "&"), "?")
	case p.slug == "" || p.status != "publish":
		return s.URL + "/?post_type=product&p=" + strconv.FormatInt(p.id, 10)
	}
	return s.URL + "/product/" + p.slug + "/"
}

func (s *Simulator) variationName(p *product) string {
	var parts []string
	for _, c := range p.choices {
		parts = append(parts, c.Option)
	}
	return strings.Join(parts, ", ")
}

func (s *Simulator) showProduct(p *product) any {
	manage, quantity, backorders := s.stockView(p)
	status := s.stockStatus(p)
	price := s.price(p)
	out := &productAnswer{
		ID: p.id, Name: p.name, Slug: p.slug, Permalink: s.permalink(p),
		DateCreated: s.local(p.created), DateCreatedGMT: gmt(p.created),
		DateModified: s.local(p.modified), DateModifiedGMT: gmt(p.modified),
		Type: p.kind, Status: p.status, Featured: p.featured, CatalogVisibility: p.visibility,
		Description: p.description, ShortDescription: p.short, SKU: p.sku,
		Price: price, RegularPrice: p.regular, SalePrice: p.sale,
		SaleFrom: s.local(p.saleFrom), SaleFromGMT: gmt(p.saleFrom), SaleTo: s.local(p.saleTo), SaleToGMT: gmt(p.saleTo),
		OnSale: s.onSale(p), Purchasable: s.purchasable(p), TotalSales: p.totalSales,
		Virtual: p.virtual, Downloadable: p.downloadable, Downloads: []any{}, DownloadLimit: -1, DownloadExpiry: -1,
		ExternalURL: p.externalURL, ButtonText: p.buttonText, TaxStatus: p.taxStatus, TaxClass: p.taxClass,
		ManageStock: manage, StockQuantity: quantity, Backorders: backorders,
		BackordersAllowed: backorders != "no", Backordered: status == "onbackorder",
		LowStockAmount: copyInt(p.lowStock), SoldIndividually: p.soldAlone, Weight: p.weight,
		Dimensions:       dimensions{p.length, p.width, p.height},
		ShippingRequired: !p.virtual, ShippingTaxable: !p.virtual && p.taxStatus == "taxable", ShippingClass: p.shippingClass,
		ReviewsAllowed: !p.noReviews, AverageRating: "0.00",
		UpsellIDs: ids(p.upsells), CrossSellIDs: ids(p.crossSells), ParentID: p.parent, PurchaseNote: p.purchaseNote,
		Categories: s.termRefs(p.categories), Brands: s.termRefs(p.brands), Tags: s.termRefs(p.tags),
		Images: s.showImages(p.images), DefaultAttributes: list(p.defaults), Variations: ids(p.variations),
		GroupedProducts: ids(p.grouped), MenuOrder: p.menuOrder, PriceHTML: s.priceHTML(price), RelatedIDs: []int64{},
		MetaData: list(p.meta), StockStatus: status, HasOptions: p.kind == "variable" && len(p.variations) > 0,
		GlobalUniqueID: p.gtin,
		Links: map[string][]link{
			"self":       {{fmt.Sprintf("%s/wp-json/wc/v3/products/%d", s.URL, p.id)}},
			"collection": {{s.URL + "/wp-json/wc/v3/products"}},
		},
	}
	if p.kind == "variation" {
		out.Attributes = list(p.choices)
		if parent := s.products[p.parent]; parent != nil {
			out.Name = strings.TrimSuffix(parent.name+" - "+s.variationName(p), " - ")
		}
	} else {
		out.Attributes = list(p.attributes)
	}
	return out
}

func (s *Simulator) showVariation(p *product) any {
	manage, quantity, backorders := s.stockView(p)
	status := s.stockStatus(p)
	var picture *imageAnswer
	if shown := s.showImages(p.images); len(shown) > 0 {
		picture = &shown[0]
	}
	base := fmt.Sprintf("%s/wp-json/wc/v3/products/%d", s.URL, p.parent)
	return &variationAnswer{
		ID: p.id, Type: "variation",
		DateCreated: s.local(p.created), DateCreatedGMT: gmt(p.created),
		DateModified: s.local(p.modified), DateModifiedGMT: gmt(p.modified),
		Description: p.description, Permalink: s.permalink(p), SKU: p.sku, GlobalUniqueID: p.gtin,
		Price: s.price(p), RegularPrice: p.regular, SalePrice: p.sale,
		SaleFrom: s.local(p.saleFrom), SaleFromGMT: gmt(p.saleFrom), SaleTo: s.local(p.saleTo), SaleToGMT: gmt(p.saleTo),
		OnSale: s.onSale(p), Status: p.status, Purchasable: s.purchasable(p),
		Virtual: p.virtual, Downloadable: p.downloadable, Downloads: []any{}, DownloadLimit: -1, DownloadExpiry: -1,
		TaxStatus: p.taxStatus, TaxClass: p.taxClass, ManageStock: manage, StockQuantity: quantity, StockStatus: status,
		Backorders: backorders, BackordersAllowed: backorders != "no", Backordered: status == "onbackorder",
		LowStockAmount: copyInt(p.lowStock), Weight: p.weight, Dimensions: dimensions{p.length, p.width, p.height},
		ShippingClass: p.shippingClass, Image: picture, Attributes: list(p.choices), MenuOrder: p.menuOrder,
		MetaData: list(p.meta), Name: s.variationName(p), ParentID: p.parent,
		Links: map[string][]link{
			"self":       {{fmt.Sprintf("%s/variations/%d", base, p.id)}},
			"collection": {{base + "/variations"}},
			"up":         {{base}},
		},
	}
}

func (s *Simulator) priceHTML(price string) string {
	if price == "" {
		return ""
	}
	return `<span class="woocommerce-Price-amount amount"><bdi>` + price + `&nbsp;<span class="woocommerce-Price-currencySymbol">` +
		currencySymbol(s.options.Currency) + `</span></bdi></span>`
}

// ids and list copy, so that an answer holds nothing of the shop, and make an
// empty list of nil.
func ids(in []int64) []int64 { return list(in) }

func list[T any](in []T) []T { return append(make([]T, 0, len(in)), in...) }
