package catalog

import "time"

// Group is a producer: a cooperative, a group or a team within one.
type Group struct {
	ID     string `json:"id"`
	Name   Text   `json:"name"`
	Kind   string `json:"kind,omitempty"` // "hợp tác xã", "tổ hợp tác", "nhóm"
	Origin Origin `json:"origin,omitzero"`
	// Sample marks a group that was made up for the demo and practice.
	Sample bool `json:"sample,omitempty"`
}

// Product is what is merchandised. It groups one or more variants; a simple
// product has exactly one and no options.
type Product struct {
	// ID is the seller's own code of the product, unique, never changed.
	ID string `json:"id"`
	// Revision counts writes, from 1. A write must name the revision it read;
	// 0 means "create".
	Revision    int64       `json:"revision"`
	GroupID     string      `json:"group,omitempty"`
	Name        Text        `json:"name"`
	Summary     Text        `json:"summary,omitzero"`
	Description Text        `json:"description,omitzero"` // plain text, paragraphs separated by a blank line
	Category    string      `json:"category,omitempty"`   // code of a [Category]
	Brand       string      `json:"brand,omitempty"`
	Options     []string    `json:"options,omitempty"` // what the variants differ by, for example "Khối lượng"
	Variants    []Variant   `json:"variants"`
	Images      []Image     `json:"images,omitempty"`
	Attributes  []Attribute `json:"attributes,omitempty"`
	Origin      Origin      `json:"origin,omitzero"`
	// OCOP is the rating under the One Commune One Product programme, 3 to 5
	// stars; 0 means not rated.
	OCOP         int           `json:"ocop,omitempty"`
	Certificates []Certificate `json:"certificates,omitempty"`
	Lots         []Lot         `json:"lots,omitempty"`
	// Overrides replaces rendered values on single channels.
	Overrides map[ChannelID]Override `json:"overrides,omitempty"`
	// Archived products are stopped everywhere and kept.
	Archived bool `json:"archived,omitempty"`
	// Sample marks data that was made up for the demo and practice.
	Sample    bool      `json:"sample,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Variant is one buyable version of a product.
type Variant struct {
	SKU     SKU      `json:"sku"`
	GTIN    string   `json:"gtin,omitempty"`    // 8, 12, 13 or 14 digits with a valid check digit
	Options []string `json:"options,omitempty"` // one value per [Product.Options], in that order
	// ListPrice is the regular price. SalePrice, when set, is the lower price
	// asked now; it is never above ListPrice.
	ListPrice  Money      `json:"list_price"`
	SalePrice  *Money     `json:"sale_price,omitempty"`
	Cost       *Money     `json:"cost,omitempty"`
	Weight     int64      `json:"weight_g,omitempty"`     // grams, packed; 0 = not known
	Dimensions Dimensions `json:"dimensions_mm,omitzero"` // packed
	NetContent Quantity   `json:"net_content,omitzero"`   // what the label says
	Image      int        `json:"image,omitempty"`        // 1-based place in Product.Images; 0 = none of its own
	Archived   bool       `json:"archived,omitempty"`
}

// Price returns what a buyer is asked now: the sale price when there is one.
func (v Variant) Price() Money {
	if v.SalePrice != nil {
		return *v.SalePrice
	}
	return v.ListPrice
}

// Dimensions are outer measures in millimetres; the zero value is not known.
type Dimensions struct {
	Length int64 `json:"length"`
	Width  int64 `json:"width"`
	Height int64 `json:"height"`
}

// Quantity is an amount with a unit: 500 g is {500000, "g"}. The zero value is
// not known.
type Quantity struct {
	Milli int64  `json:"milli"` // thousandths of the unit
	Unit  string `json:"unit"`  // g, kg, ml, l, cm, m, piece
}

// Image is a picture of a product. Source is where it came from (a path
// relative to the imported file, or an http(s) address); SHA256 is the hex
// digest of its bytes once they are kept by the service, "" before.
type Image struct {
	Source string `json:"source"`
	SHA256 string `json:"sha256,omitempty"`
	Type   string `json:"type,omitempty"` // media type, such as image/png
	Alt    Text   `json:"alt,omitzero"`
}

// Attribute is a fact about a product that its variants share.
type Attribute struct {
	Name  string `json:"name"` // as in our own attribute list, for example "Mùa vụ"
	Value Text   `json:"value"`
}

// Origin tells where a product comes from. Provinces and communes were merged
// in July 2025; OldLabel keeps the place name buyers know and labels print.
type Origin struct {
	Commune  string `json:"commune,omitempty"`
	Province string `json:"province,omitempty"`
	OldLabel string `json:"old_label,omitempty"`
}

// Certificate is a paper such as food safety, organic or OCOP. A zero
// ExpiresOn means that it does not expire.
type Certificate struct {
	Kind      string    `json:"kind"`
	Number    string    `json:"number,omitempty"`
	ExpiresOn time.Time `json:"expires_on,omitzero"`
}

// Lot is a batch of one variant that was made together.
type Lot struct {
	Code      string    `json:"code"`
	SKU       SKU       `json:"sku"`
	MadeOn    time.Time `json:"made_on,omitzero"`
	ExpiresOn time.Time `json:"expires_on,omitzero"`
}

// Override replaces what the rules would render for one product on one
// channel. Zero fields keep the rendered value.
type Override struct {
	Excluded    bool             `json:"excluded,omitempty"` // not offered on this channel
	Title       string           `json:"title,omitempty"`
	Description string           `json:"description,omitempty"`
	Category    string           `json:"category,omitempty"` // the platform's category, as its ID
	Prices      []SKUPrice       `json:"prices,omitempty"`   // in place of the price rule
	StockCap    *int64           `json:"stock_cap,omitempty"`
	Attributes  []OfferAttribute `json:"attributes,omitempty"`
}

// SKUPrice is a price asked for one variant.
type SKUPrice struct {
	SKU   SKU   `json:"sku"`
	Price Money `json:"price"`
}

// Category is a node of our own tree. Code is unique; Parent is "" at the top.
type Category struct {
	Code   string `json:"code"`
	Parent string `json:"parent,omitempty"`
	Name   Text   `json:"name"`
}
