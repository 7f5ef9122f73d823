// Package mongostore keeps the catalog in MongoDB 5.0 or newer, or in another
// server that speaks its protocol: it uses single-document atomicity, unique
// and sparse indexes and bulk writes, and no transactions, partial indexes,
// pipeline updates or change streams.
//
// Every stored document has the natural key as _id and the catalog's value
// under doc, with the names of its json tags; fields that are zero or empty are
// left out. Beside doc are only values derived from it, which exist
// for an index: skus and tokens of a product; due and unsettled, which repeat
// the key and are absent unless the mark is set, so that their sparse indexes
// hold just the marked documents in the order of the key. write names the call
// that wrote last. What is not yet booked to the end is in bookings.
//
// The collections listings, orders, movements, levels, bookings and records can
// be sharded by _id. Products cannot, because their SKUs are unique.
package mongostore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/chophien/chophien/catalog"
)

// Store is a [catalog.Store] in one database.
type Store struct {
	client *mongo.Client
	db     *mongo.Database

	products, listings, orders, movements, levels, bookings, records *mongo.Collection
}

var _ catalog.Store = (*Store)(nil)

// defaultDatabase is used when neither the caller nor the URI names one.
const defaultDatabase = "chophien"

// connectTimeout bounds how long [Open] looks for the server.
const connectTimeout = 10 * time.Second

// Open connects to the server at uri, brings the database to the schema this
// program knows and makes its indexes. An empty database means the one in the
// URI's path, or else "chophien". A database with a newer schema is refused.
// Writes wait for a majority unless the URI says otherwise.
func Open(ctx context.Context, uri, database string) (*Store, error) {
	return open(ctx, uri, database, nil)
}

func open(ctx context.Context, uri, database string, monitor *event.CommandMonitor) (*Store, error) {
	opts := options.Client().ApplyURI(uri).
		SetAppName("chophien").
		SetMonitor(monitor).
		SetBSONOptions(&options.BSONOptions{UseJSONStructTags: true})
	if opts.Validate() != nil {
		// The driver's own text may quote parts of the URI, and with it the password.
		return nil, errors.New(`MongoDB URI is not valid: want "mongodb://user:password@host:27017/database", special characters percent-encoded`)
	}
	if opts.WriteConcern == nil {
		opts.SetWriteConcern(writeconcern.Majority())
	}
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil, fmt.Errorf("connect to MongoDB: %w", err)
	}
	if database == "" {
		database = databaseOf(uri)
	}
	// Revisions and sums are only right on the primary, whatever the URI says.
	db := client.Database(database, options.Database().SetReadPreference(readpref.Primary()))
	s := storeIn(db)
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("MongoDB database %s: %w", database, err), s.Close())
	}
	return s, nil
}

func storeIn(db *mongo.Database) *Store {
	return &Store{
		client: db.Client(), db: db,
		products: db.Collection("products"), listings: db.Collection("listings"), orders: db.Collection("orders"),
		movements: db.Collection("movements"), levels: db.Collection("levels"), bookings: db.Collection("bookings"),
		records: db.Collection("records"),
	}
}

func (s *Store) prepare(ctx context.Context) error {
	pingCtx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := s.client.Ping(pingCtx, nil); err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	if err := migrate(ctx, s.db, migrations()); err != nil {
		return err
	}
	return s.makeIndexes(ctx)
}

// Close disconnects. It waits a few seconds for calls that still run.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	if err := s.client.Disconnect(ctx); err != nil {
		return fmt.Errorf("disconnect from MongoDB: %w", err)
	}
	return nil
}

// databaseOf returns the database named in the path of a valid URI.
func databaseOf(uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, path, _ := strings.Cut(rest, "/")
	if name, err := url.PathUnescape(path); err == nil && name != "" {
		return name
	}
	return defaultDatabase
}

// index is one index beside that on _id, which every collection has.
type index struct {
	collection     string
	keys           []string
	unique, sparse bool
}

// indexes are those that the queries of this package need; each query is
// served by a prefix of one of them or by _id.
func indexes() []index {
	return []index{
		{collection: "products", keys: []string{"skus"}, unique: true, sparse: true},
		{collection: "products", keys: []string{"due"}, sparse: true},
		{collection: "products", keys: []string{"tokens", "_id"}},
		{collection: "products", keys: []string{"doc.group", "_id"}},
		{collection: "products", keys: []string{"doc.category", "_id"}},
		{collection: "listings", keys: []string{"due"}, sparse: true},
		{collection: "listings", keys: []string{"doc.channel", "doc.status", "_id"}},
		{collection: "listings", keys: []string{"doc.product", "_id"}},
		{collection: "listings", keys: []string{"doc.external_id"}, sparse: true},
		{collection: "orders", keys: []string{"unsettled"}, sparse: true},
		{collection: "orders", keys: []string{"doc.updated_at", "_id"}},
		{collection: "movements", keys: []string{"doc.ref", "_id"}},
		{collection: "movements", keys: []string{"doc.sku", "_id"}},
		{collection: "bookings", keys: []string{"skus"}},
	}
}

func (s *Store) makeIndexes(ctx context.Context) error {
	models := map[string][]mongo.IndexModel{}
	for _, index := range indexes() {
		keys := bson.D{}
		for _, key := range index.keys {
			keys = append(keys, bson.E{Key: key, Value: 1})
		}
		opts := options.Index()
		if index.unique {
			opts.SetUnique(true)
		}
		if index.sparse {
			opts.SetSparse(true)
		}
		models[index.collection] = append(models[index.collection], mongo.IndexModel{Keys: keys, Options: opts})
	}
	for collection, models := range models {
		err := again(ctx, func() error {
			_, err := s.db.Collection(collection).Indexes().CreateMany(ctx, models)
			return err
		})
		if err != nil {
			return fmt.Errorf("make indexes of %s: %w", collection, err)
		}
	}
	return nil
}

// key joins a channel or record kind with the rest of a natural key. The mark
// between them sorts below every character of the first part, so keys sort as
// the pairs do.
func key(first, rest string) string { return first + keyMark + rest }

const keyMark = "!"

// checkChannel refuses a channel whose keys would not be unambiguous or would
// not sort as pairs.
func checkChannel(id catalog.ChannelID) error {
	if id == "" || slices.ContainsFunc([]byte(id), func(b byte) bool { return b <= keyMark[0] }) {
		return fmt.Errorf("channel %q: not a channel ID", id)
	}
	return nil
}

// keyRange builds the conditions on one field that holds a key.
type keyRange struct {
	in     []string // one of these, unless empty
	prefix string   // begins so
	above  string   // beyond this
	below  string   // before this, unless ""
	exists bool     // ask for the field's presence when there is no other condition
}

// condition returns the conditions as elements of a filter: none or one.
func (r keyRange) condition(field string) bson.D {
	ops := bson.D{}
	if len(r.in) > 0 {
		ops = append(ops, bson.E{Key: "$in", Value: r.in})
	}
	switch {
	case r.above != "" && r.above >= r.prefix:
		ops = append(ops, bson.E{Key: "$gt", Value: r.above})
	case r.prefix != "" || r.exists:
		ops = append(ops, bson.E{Key: "$gte", Value: r.prefix})
	}
	below := successor(r.prefix)
	if r.below != "" && (below == "" || r.below < below) {
		below = r.below
	}
	if below != "" {
		ops = append(ops, bson.E{Key: "$lt", Value: below})
	}
	if len(ops) == 0 {
		return nil
	}
	return bson.D{{Key: field, Value: ops}}
}

// successor returns the least text above all that begin with prefix, or ""
// when there is no such bound.
func successor(prefix string) string {
	runes := []rune(prefix)
	for len(runes) > 0 {
		last := len(runes) - 1
		switch runes[last] {
		case '\U0010FFFF':
			runes = runes[:last]
			continue
		case 0xD7FF: // surrogates are no text
			runes[last] = 0xE000
		default:
			runes[last]++
		}
		return string(runes)
	}
	return ""
}
