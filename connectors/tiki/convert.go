package tiki

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
)

// creation is the body of a request for a new product. Its warehouse fields
// are in camel case, unlike those of updates.
// https://open.tiki.vn/docs/docs/current/guides/products/create-new-product-request/
type creation struct {
	Category     int64          `json:"category_id"`
	Name         string         `json:"name"`
	Description  string         `json:"description"`
	MarketPrice  int64          `json:"market_price"`
	Attributes   map[string]any `json:"attributes"`
	Image        string         `json:"image"`
	Images       []string       `json:"images"`
	Options      []string       `json:"option_attributes"` // at most two; [] for a simple product
	Variants     []newVariant   `json:"variants"`
	Certificates []Certificate  `json:"certificate_files,omitempty"`
	Meta         struct {
		AutoTurnOn bool `json:"is_auto_turn_on"` // on sale as soon as approved
	} `json:"meta_data"`
}

type newVariant struct {
	SKU           catalog.SKU `json:"sku"`
	MinCode       string      `json:"min_code,omitempty"`
	Option1       string      `json:"option1,omitempty"`
	Option2       string      `json:"option2,omitempty"`
	Price         int64       `json:"price"`
	MarketPrice   int64       `json:"market_price"`
	InventoryType string      `json:"inventory_type"`
	Warehouse     string      `json:"seller_warehouse"`
	Stocks        []newStock  `json:"warehouse_stocks"`
	Image         string      `json:"image,omitempty"`
	Images        []string    `json:"images,omitempty"`
}

type newStock struct {
	Warehouse int64 `json:"warehouseId"`
	Quantity  int64 `json:"qtyAvailable"`
}

// newProduct writes an offer as a request.
func newProduct(offer *catalog.Offer, category int64, attributes map[string]any, model string, warehouse int64, options *Options) creation {
	c := creation{
		Category: category, Name: offer.Title, Description: htmlOf(offer), Attributes: attributes,
		Options: append([]string{}, offer.Options...), Images: []string{},
	}
	if images := gallery(offer); len(images) > 0 {
		c.Image, c.Images = images[0], images[1:]
	}
	c.Meta.AutoTurnOn = offer.State == catalog.StateLive
	for _, v := range offer.Variants {
		c.MarketPrice = max(c.MarketPrice, v.Price.List.Amount)
		n := newVariant{
			SKU: v.SKU, Price: v.Price.Asked().Amount, MarketPrice: v.Price.List.Amount,
			MinCode:       map[string]string{"gtin": v.GTIN, "sku": string(v.SKU)}[options.MinCode],
			InventoryType: model, Warehouse: strconv.FormatInt(warehouse, 10), Stocks: []newStock{{warehouse, v.Quantity}},
		}
		for i, value := range v.Options {
			*[]*string{&n.Option1, &n.Option2}[min(i, 1)] = value
		}
		if v.Image > 0 && v.Image <= len(offer.Images) {
			n.Image = offer.Images[v.Image-1].URL
		}
		c.Variants = append(c.Variants, n)
	}
	c.Certificates = certificatesFor(options, offer.Category)
	return c
}

// certificatesFor are the papers that go with products of a category.
func certificatesFor(options *Options, category string) (papers []Certificate) {
	for _, p := range options.Certificates {
		if len(p.Categories) == 0 || slices.Contains(p.Categories, category) {
			papers = append(papers, p)
		}
	}
	return papers
}

func gallery(offer *catalog.Offer) []string {
	var list []string
	for _, i := range offer.Images {
		list = append(list, i.URL)
	}
	return list
}

// imagesOf is the gallery of one variant: its own picture first.
func imagesOf(offer *catalog.Offer, v catalog.OfferVariant) []string {
	all := gallery(offer)
	if v.Image > 0 && v.Image <= len(all) {
		own := all[v.Image-1]
		all = append([]string{own}, slices.DeleteFunc(slices.Clone(all), func(u string) bool { return u == own })...)
	}
	return all
}

// variantName is the name that Tiki gives to a variant's product.
func variantName(offer *catalog.Offer, v catalog.OfferVariant) string {
	return strings.Join(append([]string{offer.Title}, v.Options...), " - ")
}

// htmlOf makes HTML of the offer's texts: blank lines part paragraphs, line
// ends break lines.
func htmlOf(offer *catalog.Offer) string {
	text := firstOf(offer.Description, offer.Summary, offer.Title)
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var b strings.Builder
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.TrimSpace(printable(part)); part != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(part), "\n", "<br/>") + "</p>")
		}
	}
	return b.String()
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
}

// remoteOf shows products of one family as a listing. parent is the
// configurable one, nil when it was not read.
func (s *shop) remoteOf(rows []product, parent *product, waiting map[int64]bool) catalog.Remote {
	slices.SortFunc(rows, func(a, b product) int { return cmp.Compare(a.SKU, b.SKU) })
	first := rows[0]
	remote := catalog.Remote{ExternalID: productID(first.ID), State: catalog.StateStopped, Title: first.Name}
	if first.SuperID != 0 {
		remote.ExternalID, remote.Title = productID(first.SuperID), commonName(rows)
		if parent != nil && parent.Name != "" {
			remote.Title = parent.Name
		}
	}
	on, hidden, open := 0, false, false
	for _, p := range rows {
		if p.Active {
			on++
		}
		hidden = hidden || bool(p.Hidden)
		open = open || waiting[p.ID]
		if at, err := parseTime(p.UpdatedAt); err == nil && at.After(remote.UpdatedAt) {
			remote.UpdatedAt = at
		}
		remote.Variants = append(remote.Variants, catalog.VariantSnapshot{
			SKU: catalog.SKU(p.SKU), ExternalID: productID(p.ID), Price: priceOf(p), Quantity: p.Inventory.pieces(),
		})
	}
	warn := func(severity, code, vi, en string) {
		remote.Issues = append(remote.Issues, catalog.Issue{Code: code, Severity: severity, Message: catalog.Text{VI: vi, EN: en}})
	}
	switch {
	case hidden:
		remote.State = catalog.StateRejected
		warn(catalog.SeverityError, "hidden", "Tiki đã ẩn sản phẩm: xem lý do trong Tiki Seller Center rồi sửa sản phẩm.",
			"Tiki has hidden the product: see why in Tiki Seller Center and correct the product.")
	case on > 0:
		remote.State = catalog.StateLive
		if on < len(rows) {
			warn(catalog.SeverityWarning, "partly_off", "Một số phân loại của sản phẩm đang tắt bán trên Tiki.", "Some variants of the product are off sale on Tiki.")
		}
	}
	// While a change is in review the old content is shown; taking that for
	// the platform's form of ours would be a false alarm later.
	if !open {
		remote.Content, remote.Media = s.contentFingerprint(rows), mediaFingerprint(rows)
	}
	return remote
}

// commonName is what the names of variants have in common, up to a " - ".
func commonName(rows []product) string {
	name := rows[0].Name
	for _, p := range rows[1:] {
		n := 0
		for n < min(len(name), len(p.Name)) && name[n] == p.Name[n] {
			n++
		}
		name = name[:n]
	}
	if at := strings.LastIndex(name, " - "); at > 0 {
		name = name[:at]
	}
	return strings.TrimSpace(strings.ToValidUTF8(name, ""))
}

// priceOf reads the terms of a product: what is asked is below the list price,
// or all there is.
func priceOf(p product) *catalog.Price {
	if p.Price.value == nil || *p.Price.value <= 0 {
		return nil
	}
	price := catalog.Price{List: catalog.VND(*p.Price.value)}
	if list := p.MarketPrice.dong(); list > price.List.Amount {
		sale := price.List
		price.List, price.Sale = catalog.VND(list), &sale
	}
	return &price
}

// usual are the attributes that Tiki usually asks for. What a row shows beside
// them changes by itself: prices, counters, flags.
var usual = []string{
	"brand", "brand_country", "bulky", "description", "is_warranty_applied", "origin", "product_height", "product_length",
	"product_top_features", "product_weight_kg", "product_width", "require_expiry_date",
}

// contentFingerprint is a hash of names, categories and the attributes that we
// know.
func (s *shop) contentFingerprint(rows []product) string {
	codes := slices.Concat(usual, slices.Collect(maps.Keys(s.options.Attributes)))
	slices.Sort(codes)
	codes = slices.Compact(codes)
	type one struct {
		SKU, Name  string
		Categories []int64
		Values     []string
	}
	var all []one
	for _, p := range rows {
		o := one{SKU: p.SKU, Name: p.Name}
		for _, c := range p.Categories {
			o.Categories = append(o.Categories, c.ID)
		}
		slices.Sort(o.Categories)
		for _, code := range codes {
			o.Values = append(o.Values, string(p.Attributes[code]))
		}
		all = append(all, o)
	}
	return fingerprint(all)
}

// mediaFingerprint is a hash of how many pictures there are: Tiki copies them
// some time after the review, and their addresses change then.
func mediaFingerprint(rows []product) string {
	var counts []int
	for _, p := range rows {
		counts = append(counts, len(p.Images))
	}
	return fingerprint(counts)
}

func fingerprint(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "" // cannot be: structs of texts and numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

func sortedKeys[K ~int64 | ~string, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
