package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// PutOrders implements [catalog.Store].
func (s *Store) PutOrders(ctx context.Context, orders []catalog.Order) ([]error, error) {
	return s.put(ctx, "put orders",
		`INSERT INTO orders (channel, external_id, revision, updated_at, unsettled, doc) VALUES (?1, ?2, ?3 + 1, ?4, ?5, ?6) ON CONFLICT DO NOTHING`,
		`UPDATE orders SET revision = ?3 + 1, updated_at = ?4, unsettled = ?5, doc = ?6 WHERE channel = ?1 AND external_id = ?2 AND revision = ?3`,
		len(orders), func(i int) (document, error) {
			o := &orders[i]
			if err := errors.Join(checkKey("channel of an order", string(o.Channel)), checkKey("external ID of an order", string(o.ExternalID))); err != nil {
				return document{}, err
			}
			doc, err := json.Marshal(o)
			return document{
				name:     "order " + o.Key(),
				revision: o.Revision,
				args:     []any{o.Channel, o.ExternalID, o.Revision, o.UpdatedAt.UnixMilli(), o.Unsettled, doc},
			}, err
		})
}

// Orders implements [catalog.Store].
func (s *Store) Orders(ctx context.Context, wanted catalog.OrderQuery) ([]catalog.Order, error) {
	if wanted.Channel == "" && len(wanted.ExternalIDs) > 0 {
		return nil, errors.New("orders: external IDs without their channel")
	}
	channel, after, _ := strings.Cut(wanted.AfterKey, "/")
	q := query{from: "revision, doc FROM orders"}
	if wanted.Channel == "" {
		q.and("(channel, external_id) > (?, ?)", channel, after)
	} else {
		switch strings.Compare(channel, string(wanted.Channel)) {
		case -1:
			after = ""
		case 1:
			return nil, ctx.Err()
		}
		q.and("channel = ? AND external_id > ?", wanted.Channel, after)
	}
	in(&q, "external_id IN (SELECT value FROM json_each(?))", wanted.ExternalIDs)
	if wanted.Unsettled {
		q.and("unsettled = 1")
	}
	if !wanted.Since.IsZero() {
		q.and("updated_at >= ?", wanted.Since.UnixMilli())
		if !wanted.Unsettled && len(wanted.ExternalIDs) == 0 {
			// SQLite would read all orders of the channel.
			q.from += " INDEXED BY orders_updated"
		}
	}
	return rows(ctx, s, "orders", q, "channel, external_id", wanted.Limit, func(row *sql.Rows, o *catalog.Order) error {
		var revision int64
		var doc sql.RawBytes
		if err := row.Scan(&revision, &doc); err != nil {
			return err
		}
		err := json.Unmarshal(doc, o)
		o.Revision = revision
		return err
	})
}
