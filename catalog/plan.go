package catalog

import "time"

// ActionKind is what an action does to a listing.
type ActionKind string

// The kinds of action.
const (
	ActionCreate ActionKind = "create" // publish for the first time
	ActionAdopt  ActionKind = "adopt"  // take over a listing found by SKU
	ActionUpdate ActionKind = "update" // write the facets that differ
	ActionStop   ActionKind = "stop"   // take off sale
	ActionResume ActionKind = "resume" // put back on sale
	ActionDelete ActionKind = "delete" // remove for good, only when asked
	ActionReport ActionKind = "report" // nothing is sent: a person has to decide or to do it
)

// Action is one step of a plan: one listing, one kind, the facets it writes.
type Action struct {
	Kind      ActionKind `json:"kind"`
	ProductID string     `json:"product"`
	Facets    []Facet    `json:"facets,omitempty"`
	Changes   []Change   `json:"changes,omitempty"`
	Reason    string     `json:"reason"`           // machine code, for example "changed", "drift", "conflict", "fence"
	Message   Text       `json:"message,omitzero"` // the reason in words
	// ProductRevision and ListingRevision are what the action was computed
	// from; applying it is refused when either has moved.
	ProductRevision int64 `json:"product_revision"`
	ListingRevision int64 `json:"listing_revision"`
	// Held actions wait for a person, although their plan may be applied.
	Held bool `json:"held,omitempty"`
}

// Change is one value that an action alters, for people to read.
type Change struct {
	Facet  Facet  `json:"facet"`
	SKU    SKU    `json:"sku,omitempty"`
	Field  string `json:"field,omitempty"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Plan is a stored value: what would be done on one channel, and from which
// revisions that follows.
type Plan struct {
	ID        string    `json:"id"`
	Channel   ChannelID `json:"channel"`
	CreatedAt time.Time `json:"created_at"`
	Actions   []Action  `json:"actions"` // sorted by product, at most [PlanActions]
	// More is the number of further listings that need an action and did not
	// fit; they come with the next plan. Guards count them.
	More int    `json:"more,omitempty"`
	Hash string `json:"hash"` // of the actions
	// Cost is the number of API calls the plan is expected to take.
	Cost int `json:"cost"`
	// Hold tells why the plan as a whole waits for a person; empty = it may be
	// applied without one.
	Hold []Issue `json:"hold,omitempty"`
	// ApprovedBy is who let a held plan pass, "" = nobody.
	ApprovedBy string `json:"approved_by,omitempty"`
	// AppliedAt is when it was applied; zero = not yet.
	AppliedAt time.Time `json:"applied_at,omitzero"`
}

// PlanActions is the most actions one plan holds, so that a plan stays a
// document of a few megabytes whatever the catalog's size.
const PlanActions = 2000

// Run is one execution of a task on a channel, with what it did.
type Run struct {
	ID         string           `json:"id"`
	Task       string           `json:"task"` // publish, observe, orders, ...
	Channel    ChannelID        `json:"channel,omitempty"`
	StartedAt  time.Time        `json:"started_at"`
	FinishedAt time.Time        `json:"finished_at,omitzero"`
	Counts     map[string]int64 `json:"counts,omitempty"`
	// Errors are redacted and in both languages; empty = success.
	Errors []Issue `json:"errors,omitempty"`
}

// PriceObservation is a price seen at a time and place, ours or a competitor's.
type PriceObservation struct {
	Source     string     `json:"source"` // a channel or a market source
	ExternalID ExternalID `json:"external_id,omitempty"`
	SKU        SKU        `json:"sku,omitempty"`
	Price      Price      `json:"price"`
	SeenAt     time.Time  `json:"seen_at"`      // first seen with this value
	LastSeenAt time.Time  `json:"last_seen_at"` // last seen with this value
}
