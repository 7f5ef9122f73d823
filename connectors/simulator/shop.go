// Package simulator is what the simulators of platforms have in common: a
// loopback server with fault injection and a record of requests, and the
// [Shop] through which tests, the demo and people act behind the API's back.
//
// A simulator speaks its platform's wire protocol from the documented facts,
// never from our connector.
package simulator

import (
	"time"

	"github.com/chophien/chophien/catalog"
)

// Shop is the back door of a simulated shop: what a seller does in the
// platform's own pages, what buyers do, and what is really there. All methods
// are safe for concurrent use with the API.
type Shop interface {
	// Listings returns the truth, sorted by ExternalID: every listing that is
	// not deleted, one entry per product with its variants.
	Listings() []Listing
	// SetPrice, SetStock, SetTitle and SetState are edits made on the platform.
	SetPrice(sku catalog.SKU, price catalog.Price) error
	SetStock(sku catalog.SKU, quantity int64) error
	SetTitle(sku catalog.SKU, title string) error
	SetState(sku catalog.SKU, state catalog.State) error
	// Delete removes the listing that has the SKU for good.
	Delete(sku catalog.SKU) error
	// Order is a buyer's order. It fails when a line cannot be bought: not
	// live, or not enough stock unless Oversell is set.
	Order(order OrderRequest) (catalog.ExternalID, error)
	// Orders returns all orders, in the order in which they were placed.
	Orders() []Order
	// SetOrderStatus moves an order, with the platform's own effects on stock.
	SetOrderStatus(order catalog.ExternalID, status catalog.OrderStatus) error
}

// CancelAsker is a Shop of a platform where buyers ask the seller to cancel an
// order that is paid.
type CancelAsker interface {
	AskToCancel(order catalog.ExternalID) error
}

// Listing is what a simulated shop really holds.
type Listing struct {
	ExternalID catalog.ExternalID        `json:"external_id"`
	State      catalog.State             `json:"state"`
	Title      string                    `json:"title"`
	Variants   []catalog.VariantSnapshot `json:"variants"` // sorted by SKU
}

// OrderRequest is what a buyer wants.
type OrderRequest struct {
	Lines  []OrderLine         `json:"lines"`
	Status catalog.OrderStatus `json:"status,omitempty"` // "" = to ship
	// At backdates the order's times; zero = now. A time in the past stands
	// for an order that the platform committed late.
	At       time.Time `json:"at,omitzero"`
	Oversell bool      `json:"oversell,omitempty"` // place it even if the stock does not suffice
}

// OrderLine is one position.
type OrderLine struct {
	SKU      catalog.SKU `json:"sku"`
	Quantity int64       `json:"quantity"`
}

// Order is what a simulated shop really sold.
type Order struct {
	ExternalID catalog.ExternalID  `json:"external_id"`
	Status     catalog.OrderStatus `json:"status"`
	Lines      []OrderLine         `json:"lines"`
	Total      catalog.Money       `json:"total"`
}
