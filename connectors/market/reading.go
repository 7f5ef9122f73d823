// Package market reads market prices from web pages as a good guest.
//
// Reading is pure: [ReadPage] turns the bytes of a page into a [Reading], with
// the evidence for it and a confidence; where the evidence is poor or
// contradicts itself it gives no price rather than a wrong one. Fetching is
// [Guest]: robots.txt, pacing, budgets, conditional requests and limits.
// [Crawl] follows links with colly on top of it.
package market

import "strings"

// Kinds of a [Reading].
const (
	KindPrice = "price"
	KindRange = "range"
	KindNone  = "none"
)

// States of availability, in the words of schema.org.
const (
	InStock             = "InStock"
	OutOfStock          = "OutOfStock"
	PreOrder            = "PreOrder"
	BackOrder           = "BackOrder"
	LimitedAvailability = "LimitedAvailability"
	InStoreOnly         = "InStoreOnly"
	OnlineOnly          = "OnlineOnly"
	Discontinued        = "Discontinued"
)

// Flags of a [Reading].
const (
	FlagMarkupDisagrees     = "markup_disagrees"     // two sources on the page give different prices
	FlagAvailabilityAssumed = "availability_assumed" // a price and nothing against it
	FlagAvailabilityText    = "availability_text"    // the words on the page beat the markup
	FlagContact             = "contact"              // the page asks to contact the seller
	FlagUncertain           = "uncertain"            // there are prices, none of them sure enough
	FlagSelectorFailed      = "selector_failed"      // the source's selector found no price
	FlagListing             = "listing"              // several products: see Rows
	FlagTable               = "table"                // a price table: see Rows
	FlagArticle             = "article"              // quotes in prose: see Rows
	FlagVariants            = "variants"             // several offers with different prices
	FlagUnitFromTitle       = "unit_from_title"      // the unit stands in the title only
)

// Methods of [Evidence], best first.
const (
	MethodSelector  = "selector"
	MethodJSONLD    = "json-ld"
	MethodMicrodata = "microdata"
	MethodOpenGraph = "opengraph"
	MethodState     = "state"
	MethodVisible   = "visible"
)

// Reading is what one page says. Amounts are exact decimals in major units of
// Currency ("185000", "12.50"), "" when absent; a Reading of kind none has no
// amounts. Confidence runs from 0 to 1.
type Reading struct {
	Kind         string   `json:"kind"`
	Qualifier    string   `json:"qualifier,omitempty"`
	AmountMin    string   `json:"amount_min,omitempty"`
	AmountMax    string   `json:"amount_max,omitempty"`
	ListAmount   string   `json:"list_amount,omitempty"`
	Currency     string   `json:"currency,omitempty"`
	UnitQty      string   `json:"unit_qty,omitempty"`
	Unit         string   `json:"unit,omitempty"`
	BaseUnit     string   `json:"base_unit,omitempty"`
	PerBaseMin   string   `json:"per_base_min,omitempty"`
	PerBaseMax   string   `json:"per_base_max,omitempty"`
	Availability string   `json:"availability,omitempty"`
	Title        string   `json:"title,omitempty"`
	Confidence   float64  `json:"confidence"`
	Flags        []string `json:"flags,omitempty"`
	Evidence     Evidence `json:"evidence,omitzero"`
	Rows         []Row    `json:"rows,omitempty"`
}

// Evidence tells where a price was read and why it was chosen, so that a
// person can check it and a later version can read it again.
type Evidence struct {
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Text   string `json:"text,omitempty"` // at most 300 bytes
	Reason string `json:"reason,omitempty"`
}

// MarshalText writes the evidence on one line, for scripts.
func (e Evidence) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// String writes "json-ld offers.price: 290000 (json-ld, visible agree)".
func (e Evidence) String() string {
	s := e.Method
	if e.Path != "" {
		s += " " + e.Path
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	return strings.TrimSpace(s)
}

// Row is one line of a listing, a commodity table or an article. Side is buy
// (farm-gate), sell (retail) or empty. Delta is the change as printed, in the
// amounts' own unit. ObservedOn is the date printed on the page, YYYY-MM-DD.
type Row struct {
	Name       string `json:"name"`
	Region     string `json:"region,omitempty"`
	Side       string `json:"side,omitempty"`
	AmountMin  string `json:"amount_min,omitempty"`
	AmountMax  string `json:"amount_max,omitempty"`
	ListAmount string `json:"list_amount,omitempty"`
	Currency   string `json:"currency,omitempty"`
	UnitQty    string `json:"unit_qty,omitempty"`
	Unit       string `json:"unit,omitempty"`
	Delta      string `json:"delta,omitempty"`
	ObservedOn string `json:"observed_on,omitempty"`
	URL        string `json:"url,omitempty"`
	Text       string `json:"-"` // as it was read, the proof; at most 300 bytes
}
