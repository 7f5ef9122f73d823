package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/chophien/chophien/catalog"
)

// migration brings a database to the next schema version. It must be
// idempotent: a crash or a second process may run it twice.
type migration func(ctx context.Context, db *mongo.Database) error

// migrations lead from version 1 to the version this program knows, which is
// one more than their number.
func migrations() []migration { return []migration{countPending} }

// migrate runs the migrations the database lacks. A database without a version
// is new and has nothing to migrate.
func migrate(ctx context.Context, db *mongo.Database, steps []migration) error {
	type schema struct {
		ID      string `bson:"_id"`
		Version int
	}
	meta := db.Collection("meta")
	known := len(steps) + 1
	for {
		found, err := find[schema](ctx, meta, bson.D{{Key: "_id", Value: "schema"}}, options.Find().SetLimit(1))
		switch {
		case err != nil:
			return fmt.Errorf("read the schema version: %w", err)
		case len(found) == 0:
			err := again(ctx, func() error {
				_, err := meta.InsertOne(ctx, schema{ID: "schema", Version: known})
				if mongo.IsDuplicateKeyError(err) {
					return nil
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("write the schema version: %w", err)
			}
			continue
		case found[0].Version > known:
			return fmt.Errorf("schema version %d is newer than %d, the last one this program knows: use a newer chophien", found[0].Version, known)
		case found[0].Version == known:
			return nil
		case found[0].Version < 1:
			return fmt.Errorf("schema version %d does not exist: is this a database of chophien?", found[0].Version)
		}
		version := found[0].Version
		if err := steps[version-1](ctx, db); err != nil {
			return fmt.Errorf("migrate from schema version %d to %d: %w", version, version+1, err)
		}
		err = again(ctx, func() error {
			// Another process may have been quicker; then nothing matches.
			_, err := meta.UpdateOne(ctx, schema{ID: "schema", Version: version}, bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: version + 1}}}})
			return err
		})
		if err != nil {
			return fmt.Errorf("write the schema version: %w", err)
		}
	}
}

// countPending brings into the levels what a program of version 1 left
// unfinished. There, a movement was marked pending, with its SKU, until the
// level had been computed anew from the whole ledger; the level listed no
// bookings. No such program may still be running.
func countPending(ctx context.Context, db *mongo.Database) error {
	s := storeIn(db)
	type pending struct {
		Key string `bson:"_id"`
		SKU string `bson:"pending"`
	}
	for {
		found, err := find[pending](ctx, s.movements, keyRange{exists: true}.condition("pending"),
			options.Find().SetSort(ascending("pending")).SetLimit(batch).SetBatchSize(batch).SetProjection(bson.D{{Key: "pending", Value: 1}}))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			break
		}
		keys, skus := make([]string, len(found)), make([]string, len(found))
		for i, p := range found {
			keys[i], skus[i] = p.Key, p.SKU
		}
		slices.Sort(skus)
		skus = slices.Compact(skus)
		if err := s.sumUp(ctx, keys, skus); err != nil {
			return err
		}
		if err := s.markDue(ctx, skus); err != nil {
			return err
		}
		err = again(ctx, func() error {
			_, err := s.movements.UpdateMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}},
				bson.D{{Key: "$unset", Value: bson.D{{Key: "pending", Value: ""}}}})
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, index := range []string{"pending_1", "doc.sku_1__id_1_doc.on_hand_1_doc.reserved_1_doc.at_1"} {
		var refused mongo.CommandError
		const namespaceNotFound, indexNotFound = 26, 27
		err := s.movements.Indexes().DropOne(ctx, index)
		if err != nil && !(errors.As(err, &refused) && (refused.HasErrorCode(namespaceNotFound) || refused.HasErrorCode(indexNotFound))) {
			return err
		}
	}
	return nil
}

// sumUp stores the sums of the ledger as levels of those variants of which one
// of the movements is pending still. When none is, another process has migrated
// them, and its bookings may be in the sums.
func (s *Store) sumUp(ctx context.Context, keys, skus []string) error {
	type sums struct {
		SKU              catalog.SKU `bson:"_id"`
		OnHand, Reserved int64
		Head             time.Time
	}
	sum := func(field string) bson.D { return bson.D{{Key: "$sum", Value: field}} }
	found, err := aggregate[sums](ctx, s.movements, []bson.D{
		{{Key: "$match", Value: bson.D{{Key: "doc.sku", Value: bson.D{{Key: "$in", Value: skus}}}}}},
		{{Key: "$group", Value: bson.D{
			{Key: "_id", Value: "$doc.sku"},
			{Key: "onhand", Value: sum("$doc.on_hand")},
			{Key: "reserved", Value: sum("$doc.reserved")},
			{Key: "head", Value: bson.D{{Key: "$max", Value: "$doc.at"}}},
		}}},
	}, options.Aggregate().SetBatchSize(batchSize(len(skus))))
	if err != nil {
		return err
	}
	var still []string
	err = again(ctx, func() error {
		result := s.movements.Distinct(ctx, "pending", bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}, {Key: "pending", Value: bson.D{{Key: "$gte", Value: ""}}}})
		if err := result.Err(); err != nil {
			return err
		}
		return result.Decode(&still)
	})
	if err != nil {
		return err
	}
	levels, err := s.cached(ctx, skus)
	if err != nil {
		return err
	}
	docs, errs := make([]document, len(found)), make([]error, len(found))
	for i, f := range found {
		l := levels[string(f.SKU)]
		docs[i] = document{name: fmt.Sprintf("level of %s", f.SKU), id: string(f.SKU), revision: l.Revision}
		if len(l.Bookings) > 0 || !slices.Contains(still, string(f.SKU)) {
			errs[i] = catalog.ErrExists
			continue
		}
		doc, err := encode(level{Level: catalog.Level{SKU: f.SKU, OnHand: f.OnHand, Reserved: f.Reserved, Head: f.Head}, Revision: l.Revision + 1})
		if err != nil {
			return fmt.Errorf("%s: %w", docs[i].name, err)
		}
		docs[i].fields = bson.D{{Key: "doc", Value: doc}}
	}
	if err := put(ctx, s.levels, docs, errs); err != nil {
		return err
	}
	for _, err := range errs {
		// Who was quicker had the same ledger of version 1 before him.
		if err != nil && !errors.Is(err, catalog.ErrConflict) && !errors.Is(err, catalog.ErrExists) {
			return err
		}
	}
	return nil
}
