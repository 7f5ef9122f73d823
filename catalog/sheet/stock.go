package sheet

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"github.com/chophien/chophien/catalog"
)

// countRef is what the counts of one file are booked under; with the SKU it
// makes their keys.
func countRef(digest string) string { return "import/" + digest[:32] }

// bookedSeed makes the keys of the booked set; any one will do.
var bookedSeed = maphash.MakeSeed()

// loadBooked returns the SKUs whose count of this file is in the ledger, so
// that the same file never counts a second time.
func loadBooked(ctx context.Context, store catalog.Store, digest string) (map[uint64]struct{}, error) {
	booked := make(map[uint64]struct{})
	query := catalog.MovementQuery{Refs: []string{countRef(digest)}, Limit: 1000}
	for {
		movements, err := store.Movements(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("look up counts: %w", err)
		}
		for _, m := range movements {
			booked[maphash.String(bookedSeed, string(m.SKU))] = struct{}{}
		}
		if len(movements) < query.Limit {
			return booked, nil
		}
		query.AfterKey = movements[len(movements)-1].Key
	}
}

// books tells whether a count is to be booked: not when this file's was, and
// not when it only repeats what an export showed; orders may have come since.
func (im *importer) books(c count, level catalog.Level) bool {
	if _, found := im.booked[maphash.String(bookedSeed, string(c.sku))]; found {
		return false
	}
	return c.seen == nil || *c.seen != *c.counted || level.Head.IsZero()
}

// levels reads the stock of the counted variants of items that are not refused.
func (im *importer) levels(ctx context.Context, items []*item) (map[catalog.SKU]catalog.Level, error) {
	var skus []catalog.SKU
	for _, it := range items {
		if len(it.refusals) > 0 {
			continue
		}
		for _, c := range it.counts {
			skus = append(skus, c.sku)
		}
	}
	levels := make(map[catalog.SKU]catalog.Level, len(skus))
	for skus := range chunks(skus) {
		list, err := im.store.Levels(ctx, skus)
		if err != nil {
			return nil, fmt.Errorf("look up stock: %w", err)
		}
		for _, level := range list {
			levels[level.SKU] = level
		}
	}
	return levels, nil
}

// book books the counts of items and returns how many. A count that finds the
// stock as it is is booked as well: else the same file would count it later,
// when it has moved. A count stands even if the product is refused after all,
// because somebody gave its SKU to another meanwhile: it is the SKU's.
func (im *importer) book(ctx context.Context, items []*item) (booked int, err error) {
	if len(items) == 0 {
		return 0, nil
	}
	levels, err := im.levels(ctx, items)
	if err != nil {
		return 0, err
	}
	var movements []catalog.Movement
	now := time.Now().UTC().Truncate(time.Millisecond)
	ref := countRef(im.report.Digest)
	for _, it := range items {
		for _, c := range it.counts {
			if level := levels[c.sku]; im.books(c, level) {
				movements = append(movements, catalog.Movement{
					Key: ref + "/" + string(c.sku), SKU: c.sku, Ref: ref, Kind: catalog.MoveCount,
					OnHand: *c.counted - level.OnHand, At: now, Note: im.file,
				})
			}
		}
	}
	if len(movements) == 0 {
		return 0, nil
	}
	results, err := im.store.AddMovements(ctx, movements)
	if err != nil {
		return booked, fmt.Errorf("import %s: book counts: %w", im.file, err)
	}
	for i, err := range results {
		switch {
		case err == nil:
			booked++
		case !errors.Is(err, catalog.ErrExists): // another process imports the same file
			return booked, fmt.Errorf("import %s: book count of %s: %w", im.file, movements[i].SKU, err)
		}
	}
	return booked, nil
}
