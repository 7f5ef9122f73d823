package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chophien/chophien/catalog"
)

// PutListings implements [catalog.Store].
func (s *Store) PutListings(ctx context.Context, listings []catalog.Listing) ([]error, error) {
	return s.put(ctx, "put listings",
		`INSERT INTO listings (channel, product, revision, due, status, external_id, doc) VALUES (?1, ?2, ?3 + 1, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING`,
		`UPDATE listings SET revision = ?3 + 1, due = ?4, status = ?5, external_id = ?6, doc = ?7 WHERE channel = ?1 AND product = ?2 AND revision = ?3`,
		len(listings), func(i int) (document, error) {
			l := &listings[i]
			if err := errors.Join(checkKey("channel of a listing", string(l.Channel)), checkKey("product of a listing", l.ProductID)); err != nil {
				return document{}, err
			}
			doc, err := json.Marshal(l)
			return document{
				name:     fmt.Sprintf("listing of %s on %s", l.ProductID, l.Channel),
				revision: l.Revision,
				args:     []any{l.Channel, l.ProductID, l.Revision, l.Due, l.Status, l.ExternalID, doc},
			}, err
		})
}

// Listings implements [catalog.Store].
func (s *Store) Listings(ctx context.Context, wanted catalog.ListingQuery) ([]catalog.Listing, error) {
	if wanted.Channel == "" && len(wanted.Products) == 0 {
		return nil, errors.New("listings: neither a channel nor products are named")
	}
	q := query{from: "channel, product, revision, due, status, doc FROM listings"}
	if wanted.Channel != "" {
		q.and("channel = ?", wanted.Channel)
	}
	q.and("product > ?", wanted.After)
	in(&q, "product IN (SELECT value FROM json_each(?))", wanted.Products)
	in(&q, "external_id IN (SELECT value FROM json_each(?))", wanted.ExternalIDs)
	if wanted.Due {
		q.and("due = 1")
	}
	if wanted.Status != "" {
		q.and("status = ?", wanted.Status)
	}
	// Without this SQLite would now and then read the whole channel.
	if len(wanted.Products) == 0 {
		switch {
		case len(wanted.ExternalIDs) > 0:
			q.from += " INDEXED BY listings_external"
		case wanted.Due:
			q.from += " INDEXED BY listings_due"
		case wanted.Status != "":
			q.from += " INDEXED BY listings_status"
		}
	}
	return rows(ctx, s, "listings", q, "product, channel", wanted.Limit, func(row *sql.Rows, l *catalog.Listing) error {
		var key catalog.Listing
		var doc sql.RawBytes
		if err := row.Scan(&key.Channel, &key.ProductID, &key.Revision, &key.Due, &key.Status, &doc); err != nil {
			return err
		}
		err := json.Unmarshal(doc, l)
		l.Channel, l.ProductID, l.Revision, l.Due, l.Status = key.Channel, key.ProductID, key.Revision, key.Due, key.Status
		return err
	})
}

// MarkListings implements [catalog.Store].
func (s *Store) MarkListings(ctx context.Context, channels []catalog.ChannelID, products []string) error {
	for _, channel := range channels {
		if err := checkKey("channel of a listing", string(channel)); err != nil {
			return err
		}
	}
	for _, product := range products {
		if err := checkKey("product of a listing", product); err != nil {
			return err
		}
	}
	if len(channels) == 0 || len(products) == 0 {
		return ctx.Err()
	}
	return s.update(ctx, "mark listings", func(tx *sql.Tx) error {
		// The revision rises also of one that is due: who read it before must
		// not end this mark.
		_, err := tx.ExecContext(ctx, `INSERT INTO listings (channel, product, revision, due, status, external_id, doc)
			SELECT DISTINCT channel.value, product.value, 1, 1, ?, '', x'7b7d' FROM json_each(?) AS channel, json_each(?) AS product WHERE true
			ON CONFLICT (channel, product) DO UPDATE SET revision = revision + 1, due = 1`,
			catalog.StatusWaiting, jsonList(channels), jsonList(products))
		return err
	})
}

// CountListings implements [catalog.Store].
func (s *Store) CountListings(ctx context.Context, channel catalog.ChannelID) (map[catalog.Status]int, error) {
	counts := map[catalog.Status]int{}
	err := func() error {
		found, err := s.read.QueryContext(ctx, "SELECT status, count(*) FROM listings WHERE channel = ? GROUP BY status", channel)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var status catalog.Status
			var count int
			if err := found.Scan(&status, &count); err != nil {
				return err
			}
			counts[status] = count
		}
		return found.Err()
	}()
	return counts, s.failure(ctx, "count listings", err)
}
