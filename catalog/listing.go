package catalog

import "time"

// Facet is a part of a listing that is compared and written on its own.
type Facet string

// The facets, in the order in which differences are reported.
const (
	FacetState   Facet = "state"
	FacetStock   Facet = "stock"
	FacetPrice   Facet = "price"
	FacetContent Facet = "content"
	FacetMedia   Facet = "media"
)

// Facets lists all of them.
var Facets = []Facet{FacetState, FacetStock, FacetPrice, FacetContent, FacetMedia}

// State is whether a listing can be bought, as far as the platform decides it.
type State string

// The states of a listing. Only StateLive and StateStopped can be desired.
const (
	StateUnknown  State = ""         // never read
	StateLive     State = "live"     // a buyer can find and buy it
	StateStopped  State = "stopped"  // taken off sale by the seller, can be resumed
	StateReview   State = "review"   // submitted, the platform has not decided
	StateRejected State = "rejected" // the platform refused or took it down; see the issues
	StateGone     State = "gone"     // deleted on the platform
)

// Status says what a product's presence on a channel amounts to. Every product
// on every channel has exactly one (invariant I10).
type Status string

// The statuses.
const (
	StatusLive     Status = "live"     // observed live
	StatusWaiting  Status = "waiting"  // wanted live; not planned, not sent, not reviewed or not yet observed
	StatusBlocked  Status = "blocked"  // cannot go live until somebody acts; the reason tells what
	StatusStopped  Status = "stopped"  // wanted stopped and observed so
	StatusExcluded Status = "excluded" // the channel's rules or an override leave it out
)

// Listing is a product's presence on one channel. Its key is (Channel,
// ProductID); a product that was never planned for a channel has none.
type Listing struct {
	Channel   ChannelID `json:"channel"`
	ProductID string    `json:"product"`
	// Revision counts writes, from 1; 0 means "create". See [Store].
	Revision int64 `json:"revision"`
	// Due marks a listing whose desired state may differ from what was
	// applied: the planner looks at these only.
	Due        bool       `json:"due,omitempty"`
	ExternalID ExternalID `json:"external_id,omitempty"` // "" = not known to exist there
	URL        string     `json:"url,omitempty"`         // where a buyer sees it
	// Applied is the last definite success we sent, Observed what the
	// platform last showed. A zero At means never.
	Applied  Snapshot `json:"applied,omitzero"`
	Observed Snapshot `json:"observed,omitzero"`
	// Echo holds, per facet, the fingerprint under which the platform shows
	// what we applied: platforms rewrite HTML and re-encode pictures, so drift
	// is a change of the echo, not a difference from what was sent.
	ContentEcho string `json:"content_echo,omitempty"`
	MediaEcho   string `json:"media_echo,omitempty"`
	// PendingUntil is when prices that were accepted take effect: before that
	// the platform rightly shows the old ones. Zero = nothing is pending.
	PendingUntil time.Time `json:"pending_until,omitzero"`
	// PendingContent tells that content was accepted and is being reviewed:
	// the echo is what is shown when it has changed.
	PendingContent bool `json:"pending_content,omitempty"`
	// Intent is a write in flight, stored before the call. One that is found
	// on the next look means that the answer was lost.
	Intent *Intent `json:"intent,omitempty"`
	// Missing counts complete scans in a row that did not show the listing;
	// two make it gone (invariant I8).
	Missing int `json:"missing,omitempty"`
	// Status, Reason and Issues are what people see, set with every write.
	Status Status  `json:"status,omitempty"`
	Reason string  `json:"reason,omitempty"` // machine code of a blocked or waiting status
	Issues []Issue `json:"issues,omitempty"`
	// BlockedOn is the fingerprint of the offer that the platform refused; the
	// same offer is not sent again.
	BlockedOn string    `json:"blocked_on,omitempty"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Snapshot is one side of a listing: what was applied, or what was observed.
type Snapshot struct {
	At    time.Time `json:"at,omitzero"`
	State State     `json:"state,omitempty"`
	// Content and Media are fingerprints; "" = not known. In Applied they are
	// hashes of the offer ([Offer.Fingerprint]), in Observed those that the
	// connector computes from what the platform shows.
	Content string `json:"content,omitempty"`
	Media   string `json:"media,omitempty"`
	// Variants are sorted by SKU.
	Variants []VariantSnapshot `json:"variants,omitempty"`
}

// VariantSnapshot is the part of a snapshot that belongs to one variant. A nil
// field is not known, which is not the same as zero.
type VariantSnapshot struct {
	SKU        SKU        `json:"sku"`
	ExternalID ExternalID `json:"external_id,omitempty"`
	Price      *Price     `json:"price,omitempty"`
	Quantity   *int64     `json:"quantity,omitempty"`
}

// Variant returns the variant's part of the snapshot, or the zero value with
// ok false.
func (s Snapshot) Variant(sku SKU) (v VariantSnapshot, ok bool) {
	for _, v := range s.Variants {
		if v.SKU == sku {
			return v, true
		}
	}
	return VariantSnapshot{}, false
}

// Intent is a write in flight.
type Intent struct {
	Kind      ActionKind `json:"kind"`
	Facets    []Facet    `json:"facets,omitempty"`
	PlanID    string     `json:"plan,omitempty"`
	StartedAt time.Time  `json:"started_at"`
	// Desired is what the write would make applied, if it was carried out.
	Desired Snapshot `json:"desired"`
}

// Issue is why a listing is refused, hidden or cannot be published, in words a
// person can act on.
type Issue struct {
	Code     string `json:"code"` // ours or the platform's, stable
	Severity string `json:"severity"`
	Field    string `json:"field,omitempty"` // which part of the offer, for example "title" or "variants[CHE-100].price"
	SKU      SKU    `json:"sku,omitempty"`
	Message  Text   `json:"message"` // what is wrong and what to do, in both languages
}

// Severities of an issue.
const (
	SeverityError   = "error"   // the listing cannot be sold
	SeverityWarning = "warning" // it can, but not as wanted
)

// Remote is a listing as the platform shows it, read by a connector.
type Remote struct {
	ExternalID ExternalID        `json:"external_id"`
	URL        string            `json:"url,omitempty"`
	State      State             `json:"state"`
	Title      string            `json:"title,omitempty"`
	Content    string            `json:"content,omitempty"` // fingerprint of the content as shown; "" = this read does not tell
	Media      string            `json:"media,omitempty"`   // fingerprint of the pictures as shown; "" = this read does not tell
	Variants   []VariantSnapshot `json:"variants"`          // sorted by SKU
	Issues     []Issue           `json:"issues,omitempty"`
	UpdatedAt  time.Time         `json:"updated_at,omitzero"` // by the platform's clock; zero = not told
}
