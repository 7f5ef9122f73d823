package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Errors of a [Store]. They are wrapped with what was being done.
var (
	ErrNotFound = errors.New("not found")
	// ErrExists: a create met an existing document, or a unique value (a SKU)
	// that another document has.
	ErrExists = errors.New("exists already")
	// ErrConflict: the document was changed since it was read. Read again.
	ErrConflict = errors.New("changed meanwhile")
)

// Store keeps the catalog. There are two, mongostore and sqlitestore, and one
// contract suite, storetest, that says all that this comment says.
//
// Every document has a key and a Revision. A write names the revision it was
// computed from: 0 creates, any other must equal the stored one, and the stored
// document gets the next one. Writes of several documents are not atomic
// together: each succeeds or fails alone, in a slice of errors as long as the
// input (nil = written), and the second result is an error of the whole call,
// after which any of them may or may not be written. Every write is safe to do
// again.
//
// Reads return documents sorted by key and page by it: After is the last key
// of the page before. A limit of 0 means 1000. All methods are safe for
// concurrent use and return when their context ends.
type Store interface {
	// PutProducts writes products. A new or changed product is made due. A SKU
	// that another product has is ErrExists naming both, so is a GTIN never.
	PutProducts(ctx context.Context, products []Product) ([]error, error)
	// Products returns the products that match, sorted by ID.
	Products(ctx context.Context, query ProductQuery) ([]Product, error)
	// ClearDue ends the due mark of products that still have the given
	// revision and due count; others stay due.
	ClearDue(ctx context.Context, marks []DueMark) error
	// DueProducts returns marks of products that were changed, or whose stock
	// moved, since their mark was cleared, sorted by ID.
	DueProducts(ctx context.Context, after string, limit int) ([]DueMark, error)

	// PutListings writes listings.
	PutListings(ctx context.Context, listings []Listing) ([]error, error)
	// Listings returns the listings that match, sorted by product ID.
	Listings(ctx context.Context, query ListingQuery) ([]Listing, error)
	// MarkListings makes the listings of these products on these channels due,
	// and creates those that do not exist (waiting, revision 1).
	MarkListings(ctx context.Context, channels []ChannelID, products []string) error
	// CountListings counts a channel's listings by status.
	CountListings(ctx context.Context, channel ChannelID) (map[Status]int, error)

	// PutOrders writes orders.
	PutOrders(ctx context.Context, orders []Order) ([]error, error)
	// Orders returns the orders that match, sorted by (channel, external ID).
	Orders(ctx context.Context, query OrderQuery) ([]Order, error)

	// AddMovements books movements. One whose key exists is ErrExists and
	// changes nothing, even when its contents differ. Every product whose stock
	// moved is made due. A crash in between is healed by [Store.Heal].
	AddMovements(ctx context.Context, movements []Movement) ([]error, error)
	// Movements returns the movements that match, sorted by key.
	Movements(ctx context.Context, query MovementQuery) ([]Movement, error)
	// Levels returns the stock of these variants, in the same order; variants
	// without movements have the zero level. The sums are those of the ledger
	// at one moment not before the call.
	Levels(ctx context.Context, skus []SKU) ([]Level, error)

	// PutRecord writes a small document of a kind that has no methods of its
	// own. See [Record]; revisions work as for all documents.
	PutRecord(ctx context.Context, record Record) error
	// Records returns the records that match, sorted by ID, ascending or, with
	// Newest, descending.
	Records(ctx context.Context, query RecordQuery) ([]Record, error)
	// DeleteRecords deletes records; missing ones are no error.
	DeleteRecords(ctx context.Context, kind RecordKind, ids []string) error

	// Heal finishes what a crash interrupted. It is idempotent, cheap when
	// there is nothing to do, and is called at start and before every plan.
	Heal(ctx context.Context) error
	// Close releases the store. Nothing may be called after it.
	Close() error
}

// ProductQuery selects products; conditions are joined by and, zero fields ask
// nothing.
type ProductQuery struct {
	IDs      []string
	SKUs     []SKU
	Text     string // every word must occur in the searchable text, the last one as a beginning; diacritics, đ and case are folded
	Group    string
	Category string // exactly this code
	After    string // ID
	Limit    int
}

// DueMark says that a product has to be looked at. Count is a number that
// changes whenever the mark is set again.
type DueMark struct {
	ProductID string
	Count     int64
}

// ListingQuery selects listings.
type ListingQuery struct {
	Channel     ChannelID // required unless Products is set
	Products    []string
	ExternalIDs []ExternalID
	Due         bool   // only those that are due
	Status      Status // only those with it
	After       string // product ID; with Channel
	Limit       int
}

// OrderQuery selects orders.
type OrderQuery struct {
	Channel     ChannelID
	ExternalIDs []ExternalID // with Channel
	Unsettled   bool
	Since       time.Time // updated at or after it
	AfterKey    string    // [Order.Key]
	Limit       int
}

// MovementQuery selects movements.
type MovementQuery struct {
	SKU      SKU
	Refs     []string
	AfterKey string
	Limit    int
}

// RecordKind names a kind of record.
type RecordKind string

// The kinds of record. [RecordKinds] lists them, for backups.
const (
	KindGroup       RecordKind = "group"       // [Group] by ID
	KindCategory    RecordKind = "category"    // [Category] by code
	KindPlan        RecordKind = "plan"        // [Plan] by ID
	KindRun         RecordKind = "run"         // [Run] by ID
	KindObservation RecordKind = "observation" // [PriceObservation] by source, external ID and time
	KindChannel     RecordKind = "channel"     // scheduler's state of a channel by its ID
	KindToken       RecordKind = "token"       // sealed tokens of a channel by its ID
	KindMemory      RecordKind = "memory"      // what a connector remembers, by channel and key
	KindHook        RecordKind = "hook"        // bodies received from platforms, sealed
	KindTaxonomy    RecordKind = "taxonomy"    // platforms' categories and attributes as read, by platform and region; see scheduler
	KindMapping     RecordKind = "mapping"     // [Mappings] by platform and region
	KindMarket      RecordKind = "market"      // market prices (Observation of pricewatch) by source, item and time
	KindItem        RecordKind = "item"        // what is known of an item of a market source, by source and item
	KindSource      RecordKind = "source"      // scheduler's state of a market source by its ID
	KindAlert       RecordKind = "alert"       // what alert rules remember by source, and the outbox
	KindDigest      RecordKind = "digest"      // messages told to groups (Digest of pricewatch) by time and group
)

// RecordKinds lists all kinds of record.
var RecordKinds = []RecordKind{
	KindGroup, KindCategory, KindPlan, KindRun, KindObservation, KindChannel, KindToken, KindMemory, KindHook, KindTaxonomy, KindMapping,
	KindMarket, KindItem, KindSource, KindAlert, KindDigest,
}

// Record is a small document. Data is one JSON object; numbers in it are
// integers within int64 or are written as text.
type Record struct {
	Kind     RecordKind
	ID       string
	Revision int64
	Data     json.RawMessage
}

// RecordQuery selects records of one kind.
type RecordQuery struct {
	Kind   RecordKind // required
	IDs    []string
	Prefix string // IDs that begin so
	After  string // ID: those beyond it, in the order asked for
	Newest bool   // descending
	Limit  int
}

// Key is the order's key as text, as used in [OrderQuery.AfterKey].
func (o Order) Key() string { return string(o.Channel) + "/" + string(o.ExternalID) }

// Load reads one record into a T. It returns its revision, or ErrNotFound.
func Load[T any](ctx context.Context, s Store, kind RecordKind, id string) (value T, revision int64, err error) {
	records, err := s.Records(ctx, RecordQuery{Kind: kind, IDs: []string{id}})
	if err != nil {
		return value, 0, err
	}
	if len(records) == 0 {
		return value, 0, ErrNotFound
	}
	return value, records[0].Revision, json.Unmarshal(records[0].Data, &value)
}

// Save writes value as the record (kind, id); revision as for [Store].
func Save[T any](ctx context.Context, s Store, kind RecordKind, id string, revision int64, value T) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.PutRecord(ctx, Record{Kind: kind, ID: id, Revision: revision, Data: data})
}

// Modify reads the record (kind, id), lets change alter it, and writes it; it
// starts from the zero T when there is none. After a lost race it does so
// again, so change must depend on nothing but its argument. An error of change
// ends it and nothing is written.
func Modify[T any](ctx context.Context, s Store, kind RecordKind, id string, change func(*T) error) (value T, err error) {
	for {
		value, revision, err := Load[T](ctx, s, kind, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return value, err
		}
		if err := change(&value); err != nil {
			return value, err
		}
		err = Save(ctx, s, kind, id, revision, value)
		if err == nil {
			return value, nil
		}
		if !errors.Is(err, ErrConflict) && !errors.Is(err, ErrExists) {
			return value, err
		}
	}
}
