package mongostore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/chophien/chophien/catalog"
)

// The ledger is the truth and a level only its cached sum, so that reading the
// stock of a whole catalog costs one look-up a variant, however long its
// history is.
//
// A movement is inserted with a pending mark that holds its SKU. Then the sums
// of its variant are computed anew from the ledger and stored by comparing and
// swapping a revision which is read before the sums: whatever was in the ledger
// before a revision was written is in every later one. Then the products are
// made due, and the mark is removed. Each step can be done again, by anybody:
// [Store.Heal] does so after a crash. Because the sums are never increased but
// recomputed, a step done twice, or undone by a failover, cannot spoil them.
//
// Whoever reads levels asks first which of the variants have marked movements,
// and sums those up from the ledger: a movement that is not marked any more is
// in the level, one that is still marked is in the sum.

// pending is a movement that is in the ledger but perhaps not yet in the level.
type pending struct {
	Key string `bson:"_id"`
	SKU string `bson:"pending"`
}

// level is the document of a level. Its revision counts the recomputations.
type level struct {
	catalog.Level `bson:",inline"`
	Revision      int64 `json:"revision"`
}

// batch is how many variants or movements are looked at together.
const batch = 1000

// AddMovements implements [catalog.Store].
func (s *Store) AddMovements(ctx context.Context, movements []catalog.Movement) ([]error, error) {
	docs, errs := make([]document, len(movements)), make([]error, len(movements))
	for i, m := range movements {
		docs[i] = document{name: fmt.Sprintf("movement %s", m.Key), id: m.Key}
		doc, err := encode(m)
		if m.Key == "" || m.SKU == "" {
			err = errors.New("a movement has a key and a SKU")
		}
		if err != nil {
			errs[i] = fmt.Errorf("%s: %w", docs[i].name, err)
			continue
		}
		docs[i].fields = bson.D{{Key: "doc", Value: doc}, {Key: "pending", Value: m.SKU}}
	}
	if err := put(ctx, s.movements, docs, errs); err != nil {
		return nil, fmt.Errorf("add movements: %w", err)
	}
	var added []pending
	for i, m := range movements {
		if errs[i] == nil {
			added = append(added, pending{Key: m.Key, SKU: string(m.SKU)})
		}
	}
	if err := s.settle(ctx, added); err != nil {
		return nil, fmt.Errorf("add movements: %w", err)
	}
	return errs, nil
}

// Heal implements [catalog.Store]: it settles the movements that a crash left
// pending.
func (s *Store) Heal(ctx context.Context) error {
	for {
		found, err := find[pending](ctx, s.movements, keyRange{exists: true}.condition("pending"),
			options.Find().SetSort(ascending("pending")).SetLimit(batch).SetBatchSize(batch).SetProjection(bson.D{{Key: "pending", Value: 1}}))
		if err == nil {
			err = s.settle(ctx, found)
		}
		if err != nil {
			return fmt.Errorf("heal: %w", err)
		}
		if len(found) < batch {
			return nil
		}
	}
}

// settle brings movements of the ledger into the levels, makes their products
// due and removes their marks.
func (s *Store) settle(ctx context.Context, movements []pending) error {
	for chunk := range slices.Chunk(movements, batch) {
		skus, keys := map[string]bool{}, make([]string, len(chunk))
		for i, m := range chunk {
			skus[m.SKU], keys[i] = true, m.Key
		}
		list := slices.Sorted(maps.Keys(skus))
		if err := s.sumUp(ctx, list); err != nil {
			return err
		}
		if err := s.markDue(ctx, list); err != nil {
			return err
		}
		err := again(ctx, func() error {
			_, err := s.movements.UpdateMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}},
				bson.D{{Key: "$unset", Value: bson.D{{Key: "pending", Value: ""}}}})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sumUp stores levels that contain every movement that was in the ledger when
// it was called.
func (s *Store) sumUp(ctx context.Context, skus []string) error {
	first := map[string]int64{}
	for attempt := 1; len(skus) > 0; attempt++ {
		cached, err := s.cached(ctx, skus)
		if err != nil {
			return err
		}
		if attempt == 1 {
			for sku, l := range cached {
				first[sku] = l.Revision
			}
		}
		// The second revision after the first one seen was computed by somebody
		// who read the one between, and so began after this call did.
		skus = slices.DeleteFunc(skus, func(sku string) bool { return cached[sku].Revision >= first[sku]+2 })
		sums, err := s.ledgerSums(ctx, skus)
		if err != nil {
			return err
		}
		docs, errs := make([]document, len(skus)), make([]error, len(skus))
		for i, sku := range skus {
			l := level{Level: sums[sku], Revision: cached[sku].Revision + 1}
			docs[i] = document{name: fmt.Sprintf("level of %s", sku), id: sku, revision: cached[sku].Revision}
			doc, err := encode(l)
			if err != nil {
				return fmt.Errorf("%s: %w", docs[i].name, err)
			}
			docs[i].fields = bson.D{{Key: "doc", Value: doc}}
		}
		if err := put(ctx, s.levels, docs, errs); err != nil {
			return err
		}
		var lost []string
		for i, err := range errs {
			switch {
			case errors.Is(err, catalog.ErrConflict) || errors.Is(err, catalog.ErrExists):
				lost = append(lost, skus[i])
			case err != nil:
				return err
			}
		}
		if skus = lost; len(skus) > 0 {
			if err := pause(ctx, min(attempt, attempts)); err != nil {
				return err
			}
		}
	}
	return nil
}

// cached returns the stored levels of these variants.
func (s *Store) cached(ctx context.Context, skus []string) (map[string]level, error) {
	found, err := find[struct{ Doc level }](ctx, s.levels, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: skus}}}},
		options.Find().SetBatchSize(batchSize(len(skus))))
	if err != nil {
		return nil, err
	}
	levels := make(map[string]level, len(found))
	for _, f := range found {
		levels[string(f.Doc.SKU)] = f.Doc
	}
	return levels, nil
}

// ledgerSums returns the levels that follow from the movements of these
// variants.
func (s *Store) ledgerSums(ctx context.Context, skus []string) (map[string]catalog.Level, error) {
	if len(skus) == 0 {
		return nil, nil
	}
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
		return nil, err
	}
	levels := make(map[string]catalog.Level, len(found))
	for _, f := range found {
		levels[string(f.SKU)] = catalog.Level{SKU: f.SKU, OnHand: f.OnHand, Reserved: f.Reserved, Head: f.Head}
	}
	return levels, nil
}

// Levels implements [catalog.Store].
func (s *Store) Levels(ctx context.Context, skus []catalog.SKU) ([]catalog.Level, error) {
	levels := make([]catalog.Level, 0, len(skus))
	for chunk := range slices.Chunk(skus, batch) {
		list := make([]string, len(chunk))
		for i, sku := range chunk {
			list[i] = string(sku)
		}
		var unsettled []string
		err := again(ctx, func() error {
			found := s.movements.Distinct(ctx, "pending", bson.D{{Key: "pending", Value: bson.D{{Key: "$in", Value: list}}}})
			if err := found.Err(); err != nil {
				return err
			}
			return found.Decode(&unsettled)
		})
		if err != nil {
			return nil, fmt.Errorf("read levels: %w", err)
		}
		cached, err := s.cached(ctx, list)
		if err != nil {
			return nil, fmt.Errorf("read levels: %w", err)
		}
		sums, err := s.ledgerSums(ctx, unsettled)
		if err != nil {
			return nil, fmt.Errorf("read levels: %w", err)
		}
		for _, sku := range list {
			l, ok := sums[sku]
			if !ok {
				l = cached[sku].Level
			}
			l.SKU = catalog.SKU(sku)
			levels = append(levels, l)
		}
	}
	return levels, nil
}

// Movements implements [catalog.Store].
func (s *Store) Movements(ctx context.Context, query catalog.MovementQuery) ([]catalog.Movement, error) {
	filter := keyRange{above: query.AfterKey}.condition("_id")
	if query.SKU != "" {
		filter = append(filter, bson.E{Key: "doc.sku", Value: query.SKU})
	}
	if len(query.Refs) > 0 {
		filter = append(filter, bson.E{Key: "doc.ref", Value: bson.D{{Key: "$in", Value: query.Refs}}})
	}
	movements, err := page[catalog.Movement](ctx, s.movements, filter, ascending("_id"), query.Limit)
	if err != nil {
		return nil, fmt.Errorf("read movements: %w", err)
	}
	return movements, nil
}
