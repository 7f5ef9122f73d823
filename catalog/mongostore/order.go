package mongostore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/chophien/chophien/catalog"
)

// PutOrders implements [catalog.Store].
func (s *Store) PutOrders(ctx context.Context, orders []catalog.Order) ([]error, error) {
	docs, errs := make([]document, len(orders)), make([]error, len(orders))
	for i, o := range orders {
		id := key(string(o.Channel), string(o.ExternalID))
		docs[i] = document{name: fmt.Sprintf("order %s of %s", o.ExternalID, o.Channel), id: id, revision: o.Revision}
		o.Revision++
		docs[i].fields, errs[i] = channelFields(o.Channel, string(o.ExternalID), o, "unsettled", o.Unsettled)
		if errs[i] != nil {
			errs[i] = fmt.Errorf("%s: %w", docs[i].name, errs[i])
		}
	}
	if err := put(ctx, s.orders, docs, errs); err != nil {
		return nil, fmt.Errorf("put orders: %w", err)
	}
	return errs, nil
}

// Orders implements [catalog.Store].
func (s *Store) Orders(ctx context.Context, query catalog.OrderQuery) ([]catalog.Order, error) {
	if query.Channel == "" && len(query.ExternalIDs) > 0 {
		return nil, errors.New("read orders: external IDs are asked for without their channel")
	}
	id := "_id"
	if query.Unsettled {
		id = "unsettled"
	}
	keys := keyRange{exists: query.Unsettled}
	if query.Channel != "" {
		keys.prefix = key(string(query.Channel), "")
		for _, external := range query.ExternalIDs {
			keys.in = append(keys.in, key(string(query.Channel), string(external)))
		}
	}
	if query.AfterKey != "" {
		channel, external, _ := strings.Cut(query.AfterKey, "/")
		keys.above = key(channel, external)
	}
	filter := keys.condition(id)
	if !query.Since.IsZero() {
		filter = append(filter, bson.E{Key: "doc.updated_at", Value: bson.D{{Key: "$gte", Value: query.Since}}})
	}
	orders, err := page[catalog.Order](ctx, s.orders, filter, ascending(id), query.Limit)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return orders, nil
}
