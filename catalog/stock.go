package catalog

import "time"

// MovementKind is why stock moved.
type MovementKind string

// The kinds of movement.
const (
	MoveCount   MovementKind = "count"   // a person counted; the delta makes the sum equal the count
	MoveReceive MovementKind = "receive" // goods came in
	MoveReserve MovementKind = "reserve" // an order promises pieces
	MoveShip    MovementKind = "ship"    // promised pieces left
	MoveRelease MovementKind = "release" // an order was cancelled or reduced
	MoveReturn  MovementKind = "return"  // sold pieces came back into stock
	MoveAdjust  MovementKind = "adjust"  // anything else, with a note
)

// Movement is one line of the stock ledger. Movements are only ever added.
type Movement struct {
	// Key is the business key: unique for ever, so that the same event cannot
	// be booked twice. [OrderMovementKey] and the import make them.
	Key  string       `json:"key"`
	SKU  SKU          `json:"sku"`
	Ref  string       `json:"ref,omitempty"` // what it belongs to, for example an order line
	Kind MovementKind `json:"kind"`
	// OnHand and Reserved are the changes, either of which may be 0.
	OnHand   int64     `json:"on_hand,omitempty"`
	Reserved int64     `json:"reserved,omitempty"`
	At       time.Time `json:"at"` // when it was booked
	Note     string    `json:"note,omitempty"`
}

// Level is the stock of one variant: the sums of its movements (invariant I9).
// A variant without movements has the zero level.
type Level struct {
	SKU      SKU   `json:"sku"`
	OnHand   int64 `json:"on_hand"`
	Reserved int64 `json:"reserved"`
	// Head is when the newest of the movements was booked: a stock value
	// computed from this level is as of Head (invariant I1).
	Head time.Time `json:"head,omitzero"`
}

// Available is what may still be promised: on hand less reserved, not below 0.
func (l Level) Available() int64 { return max(0, l.OnHand-l.Reserved) }
