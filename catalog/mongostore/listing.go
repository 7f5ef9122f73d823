package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/chophien/chophien/catalog"
)

// PutListings implements [catalog.Store].
func (s *Store) PutListings(ctx context.Context, listings []catalog.Listing) ([]error, error) {
	docs, errs := make([]document, len(listings)), make([]error, len(listings))
	for i, l := range listings {
		id := key(string(l.Channel), l.ProductID)
		docs[i] = document{name: fmt.Sprintf("listing of %s on %s", l.ProductID, l.Channel), id: id, revision: l.Revision}
		l.Revision++
		docs[i].fields, errs[i] = channelFields(l.Channel, l.ProductID, l, "due", l.Due)
		if errs[i] != nil {
			errs[i] = fmt.Errorf("%s: %w", docs[i].name, errs[i])
		}
	}
	if err := put(ctx, s.listings, docs, errs); err != nil {
		return nil, fmt.Errorf("put listings: %w", err)
	}
	return errs, nil
}

// channelFields returns the stored fields of the value that a channel has
// under id: the value, and the mark, which repeats the key while it is set.
func channelFields(channel catalog.ChannelID, id string, value any, mark string, set bool) (bson.D, error) {
	if err := checkChannel(channel); err != nil {
		return nil, err
	}
	if id == "" {
		return nil, errors.New("its ID is empty")
	}
	doc, err := encode(value)
	if err != nil {
		return nil, err
	}
	fields := bson.D{{Key: "doc", Value: doc}, {Key: mark, Value: nil}}
	if set {
		fields[1].Value = key(string(channel), id)
	}
	return fields, nil
}

// Listings implements [catalog.Store].
func (s *Store) Listings(ctx context.Context, query catalog.ListingQuery) ([]catalog.Listing, error) {
	// The mark repeats the key, so that what is due is paged by it as well.
	id := "_id"
	if query.Due {
		id = "due"
	}
	var filter, sort bson.D
	switch {
	case query.Channel != "":
		keys := keyRange{prefix: key(string(query.Channel), ""), exists: query.Due}
		for _, product := range query.Products {
			keys.in = append(keys.in, key(string(query.Channel), product))
		}
		if query.After != "" {
			keys.above = key(string(query.Channel), query.After)
		}
		filter, sort = keys.condition(id), ascending(id)
		if query.Status != "" {
			filter = append(filter, bson.E{Key: "doc.channel", Value: query.Channel})
		}
	case len(query.Products) > 0:
		filter, sort = keyRange{exists: query.Due}.condition(id), ascending("doc.product", "_id")
		filter = append(filter, bson.E{Key: "doc.product", Value: bson.D{{Key: "$in", Value: query.Products}}})
	default:
		return nil, errors.New("read listings: neither a channel nor products are named")
	}
	if query.Status != "" {
		filter = append(filter, bson.E{Key: "doc.status", Value: query.Status})
	}
	if len(query.ExternalIDs) > 0 {
		filter = append(filter, bson.E{Key: "doc.external_id", Value: bson.D{{Key: "$in", Value: query.ExternalIDs}}})
	}
	listings, err := page[catalog.Listing](ctx, s.listings, filter, sort, query.Limit)
	if err != nil {
		return nil, fmt.Errorf("read listings: %w", err)
	}
	return listings, nil
}

// MarkListings implements [catalog.Store]. The mark raises the revision, so
// that a writer who has not seen it cannot end it.
func (s *Store) MarkListings(ctx context.Context, channels []catalog.ChannelID, products []string) error {
	for _, channel := range channels {
		if err := checkChannel(channel); err != nil {
			return fmt.Errorf("mark listings: %w", err)
		}
		for chunk := range slices.Chunk(products, 1000) {
			models := make([]mongo.WriteModel, len(chunk))
			for i, product := range chunk {
				id := key(string(channel), product)
				models[i] = mongo.NewUpdateOneModel().SetUpsert(true).
					SetFilter(bson.D{{Key: "_id", Value: id}}).
					SetUpdate(bson.D{
						{Key: "$set", Value: bson.D{{Key: "due", Value: id}, {Key: "doc.due", Value: true}}},
						{Key: "$inc", Value: bson.D{{Key: "doc.revision", Value: int64(1)}}},
						{Key: "$setOnInsert", Value: bson.D{
							{Key: "doc.channel", Value: channel}, {Key: "doc.product", Value: product}, {Key: "doc.status", Value: catalog.StatusWaiting},
						}},
					})
			}
			if err := bulk(ctx, s.listings, models); err != nil {
				return fmt.Errorf("mark listings on %s: %w", channel, err)
			}
		}
	}
	return nil
}

// CountListings implements [catalog.Store].
func (s *Store) CountListings(ctx context.Context, channel catalog.ChannelID) (map[catalog.Status]int, error) {
	type count struct {
		Status catalog.Status `bson:"_id"`
		N      int
	}
	found, err := aggregate[count](ctx, s.listings, mongo.Pipeline{
		{{Key: "$match", Value: bson.D{{Key: "doc.channel", Value: channel}}}},
		{{Key: "$group", Value: bson.D{{Key: "_id", Value: "$doc.status"}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}}}}},
	}, options.Aggregate())
	if err != nil {
		return nil, fmt.Errorf("count listings on %s: %w", channel, err)
	}
	counts := make(map[catalog.Status]int, len(found))
	for _, c := range found {
		counts[c.Status] = c.N
	}
	return counts, nil
}
