package catalog

// Offer is what we want one channel to show for one product: content and
// terms, rendered from the master by a pure function ([Renderer.Render]) and
// cut to nothing platform-specific. Connectors translate it at their border.
type Offer struct {
	Channel   ChannelID `json:"channel"`
	ProductID string    `json:"product"`
	// State is StateLive or StateStopped.
	State       State            `json:"state"`
	Title       string           `json:"title"`
	Summary     string           `json:"summary,omitempty"`
	Description string           `json:"description,omitempty"` // plain text, paragraphs separated by a blank line
	Category    string           `json:"category,omitempty"`    // the platform's category ID; "" = not mapped
	Brand       string           `json:"brand,omitempty"`
	Attributes  []OfferAttribute `json:"attributes,omitempty"`
	Options     []string         `json:"options,omitempty"` // names; empty for a simple product
	Images      []OfferImage     `json:"images,omitempty"`
	// Variants are the buyable versions, in the master's order; archived ones
	// are left out. Never empty in an offer that Render returns without issues.
	Variants []OfferVariant `json:"variants"`
}

// OfferAttribute is a fact as the channel shall show it, already mapped to
// the channel's name for it.
type OfferAttribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// OfferImage is a picture as a connector needs it: URL is where a platform
// that fetches pictures can get it, SHA256 identifies the bytes for one that
// wants them uploaded ("" when only the address is known).
type OfferImage struct {
	URL    string `json:"url"`
	SHA256 string `json:"sha256,omitempty"`
	Alt    string `json:"alt,omitempty"`
}

// OfferVariant is one buyable version with its terms.
type OfferVariant struct {
	SKU        SKU        `json:"sku"`
	GTIN       string     `json:"gtin,omitempty"`
	Options    []string   `json:"options,omitempty"` // one value per Offer.Options
	Price      Price      `json:"price"`
	Quantity   int64      `json:"quantity"` // what the channel may sell, never negative
	Weight     int64      `json:"weight_g,omitempty"`
	Dimensions Dimensions `json:"dimensions_mm,omitzero"`
	NetContent Quantity   `json:"net_content,omitzero"`
	Image      int        `json:"image,omitempty"` // 1-based place in Offer.Images; 0 = none of its own
}

// Price is the pair a platform shows. Sale nil means no discount; Sale is
// below List otherwise.
type Price struct {
	List Money  `json:"list"`
	Sale *Money `json:"sale,omitempty"`
}

// Asked returns what a buyer pays now.
func (p Price) Asked() Money {
	if p.Sale != nil {
		return *p.Sale
	}
	return p.List
}

// Equal compares two prices by value.
func (p Price) Equal(q Price) bool {
	if (p.Sale == nil) != (q.Sale == nil) || p.Sale != nil && *p.Sale != *q.Sale {
		return false
	}
	return p.List == q.List
}

// Rules tell how a channel's offers are rendered. They are decoded from the
// channel's entry in connectors.yaml; the zero value renders the master as is.
type Rules struct {
	Language    string            `yaml:"language" json:"language,omitempty" help:"language of the texts: vi or en"`
	Currency    string            `yaml:"currency" json:"currency,omitempty" help:"currency of the channel; prices in another one are blocked"`
	Include     Selection         `yaml:"include" json:"include,omitzero" help:"only these products; empty = all"`
	Exclude     Selection         `yaml:"exclude" json:"exclude,omitzero" help:"not these products"`
	Title       string            `yaml:"title" json:"title,omitempty" help:"template of the title; fields .Name .Brand .Group .NetContent .Origin .OCOP"`
	Description string            `yaml:"description" json:"description,omitempty" help:"template of the description; the title's fields and .Description .Summary"`
	TitleMax    int               `yaml:"title_max" json:"title_max,omitempty" help:"longest title in characters; longer ones are cut at a word"`
	Price       PriceRule         `yaml:"price" json:"price,omitzero" help:"how the asked price follows from the master's"`
	Stock       StockRule         `yaml:"stock" json:"stock,omitzero" help:"how much of the stock the channel may sell"`
	Categories  map[string]string `yaml:"categories" json:"categories,omitempty" help:"our category code to the platform's category ID; a parent's mapping serves its children"`
	Attributes  map[string]string `yaml:"attributes" json:"attributes,omitempty" help:"our attribute name to the platform's; an empty value leaves the attribute out"`
}

// Selection picks products; a product is picked when any of the lists names it.
type Selection struct {
	Groups     []string `yaml:"groups" json:"groups,omitempty"`
	Categories []string `yaml:"categories" json:"categories,omitempty"` // a code picks its children too
	Products   []string `yaml:"products" json:"products,omitempty"`
}

// PriceRule computes the asked price: price × (1 + markup) + add, rounded, not
// below the floor. It is applied to the list and the sale price alike.
type PriceRule struct {
	// MarkupBP is the markup in hundredths of a percent (500 = 5 %), negative
	// for a discount.
	MarkupBP int64 `yaml:"markup_bp" json:"markup_bp,omitempty" help:"markup in hundredths of a percent: 500 = 5 %"`
	Add      int64 `yaml:"add" json:"add,omitempty" help:"fixed amount added, in minor units"`
	// RoundTo is the step prices are rounded up to, in minor units; 0 = no
	// rounding. Ending, below RoundTo, is the remainder a price must have:
	// step 10000 and ending 9000 give 9.000, 19.000, 29.000 ...
	RoundTo int64 `yaml:"round_to" json:"round_to,omitempty" help:"step that prices are rounded up to, in minor units: 500, 1000, 10000 ..."`
	Ending  int64 `yaml:"ending" json:"ending,omitempty" help:"what prices end in, below round_to: round_to 10000 with ending 9000 gives 19.000"`
	// Floor is the lowest price ever asked, in minor units.
	Floor int64 `yaml:"floor" json:"floor,omitempty" help:"lowest price ever asked, in minor units"`
	// FloorOverCostBP keeps the price at least this much above the cost, for
	// variants whose cost is known.
	FloorOverCostBP int64 `yaml:"floor_over_cost_bp" json:"floor_over_cost_bp,omitempty" help:"least margin over the cost in hundredths of a percent, where the cost is known"`
}

// StockRule computes the quantity a channel may sell from what is available.
type StockRule struct {
	Buffer int64 `yaml:"buffer" json:"buffer,omitempty" help:"pieces never offered here"`
	// SharePercent of what remains is offered; 0 means all of it.
	SharePercent int64 `yaml:"share" json:"share,omitempty" help:"percent of the stock offered here, rounded down; 0 = all"`
	// Cap is the most ever shown; nil means no cap, 0 offers nothing.
	Cap *int64 `yaml:"cap" json:"cap,omitempty" help:"most pieces ever shown"`
	// LastUnits: when no more than this many pieces are available they are
	// offered on LastUnitsOn only, so that two channels cannot sell the same.
	LastUnits   int64     `yaml:"last_units" json:"last_units,omitempty" help:"at or below this many pieces only the channel last_units_on offers them"`
	LastUnitsOn ChannelID `yaml:"last_units_on" json:"last_units_on,omitempty" help:"the channel that offers the last pieces"`
}
