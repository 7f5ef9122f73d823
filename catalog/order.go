package catalog

import "time"

// OrderStatus is the platform's order status in our words.
type OrderStatus string

// The order statuses. A status of a platform that none of them fits is
// OrderOther: it holds the stock until a person looks.
const (
	OrderAwaitingPayment OrderStatus = "awaiting_payment"
	OrderToShip          OrderStatus = "to_ship"
	OrderShipped         OrderStatus = "shipped"
	OrderCompleted       OrderStatus = "completed"
	OrderCancelled       OrderStatus = "cancelled"
	OrderRefunded        OrderStatus = "refunded"
	OrderOther           OrderStatus = "other"
)

// Order is an order as placed on a channel. Its key is (Channel, ExternalID).
//
// The platform's own document is stored first and whole (Sealed), before it is
// interpreted, so that an interpretation can be run again (invariant I5).
type Order struct {
	Channel    ChannelID  `json:"channel"`
	ExternalID ExternalID `json:"external_id"`
	Revision   int64      `json:"revision"`
	// Sealed is the platform's document and the buyer, encrypted; see
	// scheduler.Sealer. It is the only place where a buyer's data is kept.
	Sealed []byte `json:"sealed,omitempty"`
	// RawHash identifies the platform's document without revealing it.
	RawHash string `json:"raw_hash"`
	// UpdatedAt is the platform's time of last change, ReadAt ours of the read.
	UpdatedAt time.Time `json:"updated_at"`
	ReadAt    time.Time `json:"read_at"`
	// Unsettled is true until the order was interpreted and its stock
	// movements are in the ledger. Problem tells why it stays so, "" = none.
	Unsettled bool   `json:"unsettled,omitempty"`
	Problem   string `json:"problem,omitempty"`

	// What follows is the interpretation; zero until it was done.

	Number         string      `json:"number,omitempty"` // what people call it
	Status         OrderStatus `json:"status,omitempty"`
	PlatformStatus string      `json:"platform_status,omitempty"`
	// CancelRequested tells that the buyer wants to cancel and waits for the
	// seller's answer.
	CancelRequested bool `json:"cancel_requested,omitempty"`

	PlacedAt time.Time   `json:"placed_at,omitzero"`
	Lines    []OrderLine `json:"lines,omitempty"`
	// Total is the platform's; lines + Adjustment = Total (invariant I6).
	// Adjustment is what is not in the lines: shipping, vouchers, fees, tax.
	Total      Money `json:"total,omitzero"`
	Adjustment Money `json:"adjustment,omitzero"`
	// Fulfillments and Returns are what the platform reports of them.
	Fulfillments []Fulfillment `json:"fulfillments,omitempty"`
	Returns      []Return      `json:"returns,omitempty"`
	// Back is what a person found to have come back, where the platform does
	// not tell it. It stays when the order is interpreted again.
	Back []GoodsBack `json:"back,omitempty"`
}

// GoodsBack is how many pieces of a line have come back in all. Where the
// platform tells a number, too ([OrderLine.Restocked]), the larger counts, so
// that no piece is taken back twice.
type GoodsBack struct {
	Line   string    `json:"line"`
	Pieces int64     `json:"pieces"`
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // who said so
}

// back returns how many pieces of a line are in stock again.
func (o Order) back(line OrderLine) int64 {
	pieces := max(0, line.Restocked)
	for _, b := range o.Back {
		if b.Line == line.ID {
			pieces = max(pieces, b.Pieces)
		}
	}
	return pieces
}

// OrderLine is one position of an order.
type OrderLine struct {
	ID         string     `json:"id"`                    // unique within the order
	ExternalID ExternalID `json:"external_id,omitempty"` // of the variant there; "" = not told
	SKU        SKU        `json:"sku,omitempty"`         // as the platform tells it; resolved against the catalog when settled
	Name       string     `json:"name"`
	Quantity   int64      `json:"quantity"`
	// Restocked is how many of them the platform says are in stock again: they
	// were cancelled before they left, or have come back to the seller.
	Restocked int64 `json:"restocked,omitempty"`
	Total     Money `json:"total"` // for the whole line, after line discounts
}

// Buyer is who ordered. It is kept only inside [Order.Sealed] and never logged.
type Buyer struct {
	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Email   string `json:"email,omitempty"`
	Address string `json:"address,omitempty"`
	Note    string `json:"note,omitempty"`
}

// Fulfillment is a shipment of an order's lines.
type Fulfillment struct {
	ID             string    `json:"id,omitempty"`
	Carrier        string    `json:"carrier,omitempty"`
	TrackingNumber string    `json:"tracking_number,omitempty"`
	TrackingURL    string    `json:"tracking_url,omitempty"`
	Lines          []string  `json:"lines,omitempty"` // IDs of the lines; empty = all
	ShippedAt      time.Time `json:"shipped_at,omitzero"`
}

// Return is money going back, with or without the goods. It moves no stock: only
// pieces that are known to be back do, see [OrderLine] and [GoodsBack].
type Return struct {
	ID       string    `json:"id"`
	Lines    []string  `json:"lines,omitempty"`
	Refunded Money     `json:"refunded,omitzero"`
	Reason   string    `json:"reason,omitempty"`
	At       time.Time `json:"at,omitzero"`
}
