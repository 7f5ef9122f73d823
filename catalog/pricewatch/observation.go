// Package pricewatch is what the service makes of market prices: observations
// and what they are compared within, history, bands, outliers, the gap between
// farm gate and shop, advice and alerts. All of it is pure: it does no I/O, and
// takes the time as an argument.
package pricewatch

import (
	"cmp"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// Side is where in the chain a price is paid. Prices of different sides are
// never compared, except as the gap between farm gate and retail.
type Side string

// The sides of a price.
const (
	FarmGate  Side = "farm-gate" // paid to the grower
	Wholesale Side = "wholesale"
	Retail    Side = "retail"
	FOB       Side = "fob"
	Futures   Side = "futures"
)

// Sides lists all sides.
var Sides = []Side{FarmGate, Wholesale, Retail, FOB, Futures}

// Subject is what prices are compared within: never across two of them.
type Subject struct {
	Commodity string `json:"commodity"`         // category code of ours, such as honey
	Product   string `json:"product,omitempty"` // product ID, when only that product is meant
	Grade     string `json:"grade,omitempty"`   // ocop-3, organic, loai-1, season; "" = not told
	Region    string `json:"region,omitempty"`
	Side      Side   `json:"side"`
	BaseUnit  string `json:"base_unit"` // kg, l, m or a count word
	Currency  string `json:"currency"`  // ISO 4217
}

// Key is the subject as text: its fields joined by "|", which they never hold.
// Equal subjects have equal keys.
func (s Subject) Key() string {
	return strings.Join([]string{s.Commodity, s.Product, s.Grade, s.Region, string(s.Side), s.BaseUnit, s.Currency}, "|")
}

// Market is what prices may be compared with: the subject whatever the product
// and region.
func (s Subject) Market() Subject {
	s.Product, s.Region = "", ""
	return s
}

// Covers tells whether a price of subject o belongs into figures of s: all that
// prices are never compared across is the same, and product and region are when
// s names them.
func (s Subject) Covers(o Subject) bool {
	return s.Market() == o.Market() && (s.Product == "" || s.Product == o.Product) && (s.Region == "" || s.Region == o.Region)
}

// Observation is one price that a source showed, as long as it showed it.
// Nothing in it is converted: amounts are exact, in major units of the
// subject's currency, for Quantity × Unit.
type Observation struct {
	Source string `json:"source"`         // ID in connectors.yaml
	Item   string `json:"item,omitempty"` // what in the source: a row or a result; "" = the page itself
	Name   string `json:"name,omitempty"` // as the source calls it
	Seller string `json:"seller,omitempty"`

	Subject   Subject             `json:"subject"`
	AmountMin decimal.NullDecimal `json:"amount_min,omitzero"` // null = open below
	AmountMax decimal.NullDecimal `json:"amount_max,omitzero"` // null = open above
	List      decimal.NullDecimal `json:"list_amount,omitzero"`
	Qualifier string              `json:"qualifier,omitempty"` // from, upto, about
	Quantity  decimal.Decimal     `json:"unit_qty,omitzero"`
	Unit      string              `json:"unit,omitempty"`
	PerMin    decimal.NullDecimal `json:"per_base_min,omitzero"`
	PerMax    decimal.NullDecimal `json:"per_base_max,omitzero"`
	UnitFrom  string              `json:"unit_source,omitempty"` // text, header, title, setting

	Availability string `json:"availability,omitempty"`
	Tax          string `json:"tax,omitempty"` // incl, excl; "" = not told

	SeenAt     time.Time `json:"seen_at"`            // first seen with this value
	LastSeenAt time.Time `json:"last_seen_at"`       // last seen with this value
	ValidOn    string    `json:"valid_on,omitempty"` // date printed on the page, YYYY-MM-DD

	URL        string   `json:"url,omitempty"`
	Evidence   Evidence `json:"evidence,omitzero"`
	Confidence float64  `json:"confidence,string"` // 0 to 1; text, as records hold whole numbers only
	Flags      []string `json:"flags,omitempty"`
}

// Evidence is where a price was read, enough to read it again after a fix of
// the reader.
type Evidence struct {
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Text   string `json:"text,omitempty"` // at most 300 bytes
	Reason string `json:"reason,omitempty"`
	Reader string `json:"reader,omitempty"` // version of the reader
}

// Per is the price per base unit that comparisons use: the low end of a range,
// or the only end there is. Without one (unit unknown) ok is false.
func (o Observation) Per() (per decimal.Decimal, ok bool) {
	for _, d := range []decimal.NullDecimal{o.PerMin, o.PerMax} {
		if d.Valid {
			return d.Decimal, true
		}
	}
	return decimal.Decimal{}, false
}

// Key tells observations of one source apart: source, item and the time it was
// first seen, so that records sort by time within an item.
func (o Observation) Key() string {
	return o.Source + "/" + cmp.Or(o.Item, "-") + "/" + o.SeenAt.UTC().Format("20060102T150405.000")
}

// Own is one of our prices on a channel, as buyers see it now.
type Own struct {
	Channel catalog.ChannelID `json:"channel"`
	Product string            `json:"product"`
	SKU     catalog.SKU       `json:"sku"`
	Price   catalog.Price     `json:"price"`
	Per     decimal.Decimal   `json:"per_base"` // of the price that is paid now
	SeenAt  time.Time         `json:"seen_at"`
}
