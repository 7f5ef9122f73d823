package pricewatch

import (
	"cmp"
	"time"

	"github.com/chophien/chophien/catalog"
)

// Item is what is known of one thing that a source prices, over all visits: the
// page itself, a row of its table, a result of its search.
type Item struct {
	Source string `json:"source"`
	Item   string `json:"item,omitempty"` // "" = the page itself
	Name   string `json:"name,omitempty"` // as the source calls it
	URL    string `json:"url,omitempty"`
	Match  Match  `json:"match"`
	// Read is the subject as the source itself says it.
	Read Subject `json:"read,omitzero"`
	// Last is what was read last that had a price, whether it counts or not.
	Last *Observation `json:"last,omitempty"`
	// Sure is the price before Last that was not in doubt.
	Sure *Observation `json:"sure,omitempty"`
	// Doubt tells why Last is in doubt.
	Doubt catalog.Text `json:"doubt,omitzero"`
	// Key is that of the stored observation that Last is, "" = it is not stored,
	// because the item does not count.
	Key string `json:"key,omitempty"`
	// NoPrice tells why there was no price on the last visit, "" = there was.
	NoPrice string    `json:"no_price,omitempty"`
	SeenAt  time.Time `json:"seen_at"` // first seen in the source
	// GoneAt is when the item was no longer in the source; zero = it is.
	GoneAt time.Time `json:"gone_at,omitzero"`
}

// ID is the item's key among all items.
func (i Item) ID() string { return ItemID(i.Source, i.Item) }

// ItemID is the key of an item of a source.
func ItemID(source, item string) string { return source + "/" + cmp.Or(item, "-") }

// Known is the last price that is not in doubt, nil when there was none.
func (i Item) Known() *Observation {
	if i.Last != nil && !i.Last.Doubtful() {
		return i.Last
	}
	return i.Sure
}

// MatchState is whether it is settled what an item is.
type MatchState string

// The states of a match. Only items that are settled or confirmed count.
const (
	Settled   MatchState = "settled"   // the source's settings say it
	Proposed  MatchState = "proposed"  // a person has to confirm or reject it
	Confirmed MatchState = "confirmed" // by a person, once
	Rejected  MatchState = "rejected"  // by a person, for ever
)

// Match is what an item is a price of.
type Match struct {
	State MatchState `json:"state"`
	// What a person confirmed, put over what the source says; zero fields keep
	// that.
	Commodity string `json:"commodity,omitempty"`
	Product   string `json:"product,omitempty"`
	Grade     string `json:"grade,omitempty"`
	Side      Side   `json:"side,omitempty"`
	Region    string `json:"region,omitempty"`
	Unit      string `json:"unit,omitempty"` // as people write it
	// Proposals are the likeliest answers, best first; only while proposed.
	Proposals []Proposal `json:"proposals,omitempty"`
	At        time.Time  `json:"at,omitzero"` // when a person decided
}

// Counts reports whether prices of the item may be used.
func (m Match) Counts() bool { return m.State == Settled || m.State == Confirmed }

// Apply puts what a person confirmed over what was read.
func (m Match) Apply(o Observation) Observation {
	s := &o.Subject
	s.Commodity = cmp.Or(m.Commodity, s.Commodity)
	s.Product = cmp.Or(m.Product, s.Product)
	s.Grade = cmp.Or(m.Grade, s.Grade)
	s.Side = cmp.Or(m.Side, s.Side)
	s.Region = cmp.Or(m.Region, s.Region)
	if m.Unit != "" && o.UnitFrom != "text" && o.UnitFrom != "header" {
		o.SetUnit(m.Unit, "setting")
	}
	return o
}

// Proposal is one thing that an item may be a price of. Score runs from 0 to
// 100.
type Proposal struct {
	Commodity string `json:"commodity"`
	Product   string `json:"product,omitempty"`
	Grade     string `json:"grade,omitempty"`
	Score     int    `json:"score"`
}
