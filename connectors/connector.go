// Package connectors is the contract between the core and the platforms: what
// a connector must and may be able to do, how the outcome of every remote call
// is classified, the one HTTP client that all of them use, and connectors.yaml.
//
// The core never names a platform: it asks whether a capability is there
// ([Channel]). A platform is one value of [Type], handed to the core by cmd.
package connectors

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/chophien/chophien/catalog"
)

// Connector is one seller account on one platform, opened from its options.
// What it can do beyond [Connector.Check] it says by implementing the
// interfaces below; [NewChannel] finds them once. All methods are safe for
// concurrent use and return soon after their context ends.
//
// Errors and outcomes: an error is for the call as a whole, an [Outcome] for
// one item. A method that takes several items returns exactly one outcome per
// item, in the same order, and a nil error, whenever it can tell the items
// apart; a non-nil error means that nothing was sent. An item missing from the
// platform's answer, or whose answer was lost, is [Unknown].
type Connector interface {
	// Check proves that the credentials work and tells whose shop this is. It
	// writes nothing.
	Check(ctx context.Context) (Account, error)
}

// Account is the shop behind a channel. ID never changes for one shop; a
// channel that suddenly answers with another ID is refused (invariant I14).
type Account struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	URL      string `json:"url,omitempty"`
	Currency string `json:"currency,omitempty"` // "" = not told
	Version  string `json:"version,omitempty"`  // of the platform's software, "" = not told
}

// Publication asks for facets of one offer to be written.
type Publication struct {
	Offer catalog.Offer
	// Listing is what we know of the listing there. With an empty ExternalID
	// the publication creates it: all facets are written, and the connector
	// looks the SKUs up first and adopts what it finds instead.
	Listing ListingRef
	// Facets to write; for a listing that exists all others stay as they are
	// (invariant I4). A facet that the channel has a narrower capability for
	// (price, stock, stopping) is not asked for here once the listing exists.
	Facets []catalog.Facet
}

// ListingRef names a listing on the platform.
type ListingRef struct {
	ExternalID catalog.ExternalID
	// Variants known there, by SKU; one that is missing is not known to exist.
	Variants map[catalog.SKU]catalog.ExternalID
}

// Publisher creates listings and writes their content. Publishing the same
// publication twice changes nothing the second time and never makes a second
// listing. An applied outcome carries Remote: the IDs, and the fingerprints of
// what is shown now where the platform's answer tells them.
type Publisher interface {
	Publish(ctx context.Context, publications []Publication) ([]Outcome, error)
}

// Stopper takes listings off sale in a way that Resume can undo. Stopping a
// stopped listing is unchanged, stopping a missing one is gone.
type Stopper interface {
	Stop(ctx context.Context, listings []ListingRef) ([]Outcome, error)
	Resume(ctx context.Context, listings []ListingRef) ([]Outcome, error)
}

// Deleter removes listings for good. It is called only when a person asked.
type Deleter interface {
	Delete(ctx context.Context, listings []ListingRef) ([]Outcome, error)
}

// PriceChange sets the price of one variant.
type PriceChange struct {
	Listing catalog.ExternalID
	Variant catalog.ExternalID // as in VariantSnapshot.ExternalID
	SKU     catalog.SKU
	Price   catalog.Price
}

// PriceUpdater sets prices and nothing else, in the platform's largest batch.
type PriceUpdater interface {
	UpdatePrices(ctx context.Context, changes []PriceChange) ([]Outcome, error)
}

// StockChange sets (does not add to) what the channel may sell of a variant.
type StockChange struct {
	Listing  catalog.ExternalID
	Variant  catalog.ExternalID
	SKU      catalog.SKU
	Quantity int64
}

// StockUpdater sets stock and nothing else, in the platform's largest batch.
type StockUpdater interface {
	UpdateStock(ctx context.Context, changes []StockChange) ([]Outcome, error)
}

// SKUFinder looks listings up by seller SKU, straight from the platform: the
// only way out of [Unknown]. It returns every listing that has one of the SKUs,
// each once, whatever its state unless deleted; two listings with one SKU are
// both returned.
type SKUFinder interface {
	FindSKUs(ctx context.Context, skus []catalog.SKU) ([]catalog.Remote, error)
}

// ListingReader reads all that is there. An error ends the sequence and voids
// the whole read: nothing may be concluded from what came before it (invariant
// I8). A listing may come twice while the platform changes; the later counts.
type ListingReader interface {
	Listings(ctx context.Context) iter.Seq2[catalog.Remote, error]
}

// RawOrder is an order as the platform sent it.
type RawOrder struct {
	ExternalID catalog.ExternalID
	UpdatedAt  time.Time // by the platform's clock, UTC
	// Raw is everything the platform told about it, as one JSON document.
	Raw []byte
}

// OrderReader reads orders. Orders yields every order created or changed at or
// after since, in any order, perhaps more than once, with all paging and time
// windows hidden; an error ends the sequence. Interpret is pure and accepts any
// Raw that Orders ever yielded; statuses it does not know are OrderOther.
type OrderReader interface {
	Orders(ctx context.Context, since time.Time) iter.Seq2[RawOrder, error]
	Interpret(raw []byte) (catalog.Order, catalog.Buyer, error)
}

// Shipment reports that lines of an order were handed over.
type Shipment struct {
	Order       catalog.ExternalID
	Fulfillment catalog.Fulfillment
}

// Shipper reports shipments. Reporting the same one twice is unchanged.
type Shipper interface {
	Ship(ctx context.Context, shipment Shipment) (Outcome, error)
}

// Document is a paper that goes with a parcel, such as its label. It holds the
// buyer's data.
type Document struct {
	Name      string // of a file, without a folder: letters, digits, hyphens and an extension
	MediaType string // application/pdf, text/html
	Data      []byte
}

// Documenter gives the shipping documents of an order, for each of its parcels
// that was arranged; reading them changes nothing that a buyer or a carrier
// sees, and may be done again. An order that is not there is NotFound; one
// whose shipment was not arranged, or that was cancelled, is a Clash that says
// so; Transient means that the platform is still making them.
type Documenter interface {
	Documents(ctx context.Context, order catalog.ExternalID) ([]Document, error)
}

// Canceller answers a buyer who asked to cancel an order ([catalog.Order].CancelRequested);
// accepting cancels it, as the next read of the order shows. The same answer
// again is unchanged, an order without an open wish is a conflict, one that is
// not there is gone.
type Canceller interface {
	AnswerCancel(ctx context.Context, order catalog.ExternalID, accept bool) (Outcome, error)
}

// PlatformCategory is a node of the platform's category tree.
type PlatformCategory = catalog.PlatformCategory

// PlatformAttribute is a fact that a platform's category asks for.
type PlatformAttribute = catalog.PlatformAttribute

// CategoryBrowser reads the platform's taxonomy. Categories yields the whole
// tree, in any order; an error ends the sequence and voids the read.
type CategoryBrowser interface {
	Categories(ctx context.Context) iter.Seq2[PlatformCategory, error]
	Attributes(ctx context.Context, category string) ([]PlatformAttribute, error)
	// Region names whose tree it is: all channels of a platform with the same
	// region share it. "" means that the tree belongs to this shop alone.
	Region() string
	// Fills tells whether the connector has a value for an attribute from
	// elsewhere than the offer's attributes: from other parts of the offer or
	// from the channel's options. It is pure.
	Fills(offer catalog.Offer, attribute PlatformAttribute) bool
}

// Auditor tells what the platform would refuse, without asking it.
type Auditor interface {
	Audit(offer catalog.Offer) []catalog.Issue
}

// Hook is a request that a platform sent to our webhook address.
type Hook struct {
	URL    string // the address as registered
	Header http.Header
	Body   []byte // untouched bytes
}

// Hint is what a webhook tells: that something may be worth reading. It is
// never a truth.
type Hint struct {
	Orders   bool // orders changed
	Listings bool // listings changed
}

// ErrBadSignature is what [HookReceiver.ParseHook] returns for a request that
// the platform did not sign.
var ErrBadSignature = &Error{Kind: Auth, Op: "webhook", Code: "bad_signature"}

// HookReceiver takes webhooks. ParseHook is pure: it checks the signature and
// reads the hint; a registration ping is an empty hint. EnsureHooks registers
// address for all topics that are missing or were switched off, and is
// idempotent.
type HookReceiver interface {
	ParseHook(hook Hook) (Hint, error)
	EnsureHooks(ctx context.Context, address string) error
}

// Authorizer is a connector whose access a seller grants in a browser.
// AuthorizeURL is where to send them; Exchange turns the query of the callback
// into a token, which the caller stores after checking the account (I14).
type Authorizer interface {
	AuthorizeURL(redirect, state string) string
	Exchange(ctx context.Context, callback map[string]string, redirect string) (Token, Account, error)
}

// Env is what a connector may use. There is no clock (time.Now is faked in
// tests), no environment and no file behind it.
type Env struct {
	Channel catalog.ChannelID
	Logger  *slog.Logger
	// Client makes the account's one HTTP client. It is called once, in open.
	Client func(Protocol) *Client
	Tokens TokenStore
	Memory Memory
	Media  Media
}

// Memory keeps small facts of one channel across restarts, such as the
// platform's ID of an uploaded picture by its hash. Losing them costs calls,
// never correctness.
type Memory interface {
	// Recall returns "" when nothing is remembered.
	Recall(ctx context.Context, key string) (string, error)
	Remember(ctx context.Context, key, value string) error
}

// Media gives the bytes of the catalog's pictures.
type Media interface {
	// Open returns the picture and its media type; the caller closes it.
	Open(ctx context.Context, image catalog.OfferImage) (data io.ReadCloser, mediaType string, err error)
}

// Token is what an account's access rests on. Zero times mean "does not
// expire" and, for AccessToken "", "not authorised yet".
type Token struct {
	AccessToken    string    `json:"access_token"`
	RefreshToken   string    `json:"refresh_token,omitempty"`
	ExpiresAt      time.Time `json:"expires_at,omitzero"`
	RefreshExpires time.Time `json:"refresh_expires_at,omitzero"`
	GrantExpires   time.Time `json:"grant_expires_at,omitzero"` // the shop's authorisation itself
	// Since when these ends are known, set by the [TokenStore].
	AccessSince  time.Time         `json:"access_since,omitzero"`
	RefreshSince time.Time         `json:"refresh_since,omitzero"`
	GrantSince   time.Time         `json:"grant_since,omitzero"`
	Account      string            `json:"account,omitempty"` // [Account.ID] it was issued for
	Extra        map[string]string `json:"extra,omitempty"`   // what else the platform ties to it
}

// String redacts, so that a token printed by accident tells nothing.
func (Token) String() string { return "token(redacted)" }

// GoString redacts, for %#v.
func (Token) GoString() string { return "token(redacted)" }

// LogValue redacts, for slog.
func (Token) LogValue() slog.Value { return slog.StringValue("token(redacted)") }

// TokenStore keeps the token of one channel.
type TokenStore interface {
	// Token returns the stored token; the zero Token when there is none.
	Token(ctx context.Context) (Token, error)
	// Replace exchanges old for a new token: while it runs no one else, in this
	// process or another, runs it for this channel. When the stored token is no
	// longer old, somebody else was faster and their token is returned without
	// calling refresh. The new token is stored before Replace returns it.
	Replace(ctx context.Context, old Token, refresh func(context.Context, Token) (Token, error)) (Token, error)
}
