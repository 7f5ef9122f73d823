package mongostore

import (
	"bytes"
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
// stock of a whole catalog, and booking, cost one look-up by _id a variant,
// however long the ledger is.
//
// A booking is what one call adds to the ledger. It is written whole before
// its movements and deleted after everything that follows from them is done:
// movements inserted, levels increased, products due. Each step can be done
// again, by anybody: [Store.Heal] does so after a crash.
//
// Every movement names in its write the booking that it came with, so that all
// who work on a booking agree which movements are its own, and which were in
// the ledger before. A level lists the bookings that it counts and is written
// by comparing and swapping a revision. That no booking is counted twice, and
// none is left out, rests on two orders:
//
//   - A level is read before it is asked whether a booking is open. The first
//     reading is before the booking is written. A booking that is open after a
//     level was read, and that the level does not list, is not counted in that
//     revision of it.
//   - A level ceases to list a booking only by a revision whose writer, after
//     reading the one before, saw that the booking is not open any more. It
//     never is again: who does not know whether his booking was written
//     writes another.
//
// Whoever reads levels reads first the open bookings of the variants, then the
// levels, and adds those movements of the ledger whose booking is not listed.

// booking is a document of the open bookings.
type booking struct {
	ID        bson.ObjectID `bson:"_id"`
	SKUs      []string      `bson:"skus"`
	Movements []catalog.Movement
}

// level is the document of a level. Its revision counts the changes.
type level struct {
	catalog.Level `bson:",inline"`
	Revision      int64           `json:"revision"`
	Bookings      []bson.ObjectID `json:"bookings,omitempty"` // counted, and perhaps still open
}

// batch is how many variants or movements are looked at together.
const batch = 1000

// maxBooking bounds the size of the movements that are booked together.
const maxBooking = 4 << 20

// fewBookings may be listed in a level before it is asked which are still open.
const fewBookings = 8

// AddMovements implements [catalog.Store].
func (s *Store) AddMovements(ctx context.Context, movements []catalog.Movement) ([]error, error) {
	errs := make([]error, len(movements))
	var places []int // in movements, of those that are booked together
	size := 0
	flush := func() error {
		b := booking{Movements: make([]catalog.Movement, len(places))}
		for n, i := range places {
			b.Movements[n] = movements[i]
		}
		results, err := s.book(ctx, b)
		if err != nil {
			return fmt.Errorf("add movements: %w", err)
		}
		for n, i := range places {
			errs[i] = results[n]
		}
		places, size = places[:0], 0
		return nil
	}
	for i, m := range movements {
		doc, err := encode(m)
		if m.Key == "" || m.SKU == "" {
			err = errors.New("a movement has a key and a SKU")
		}
		if err != nil {
			errs[i] = fmt.Errorf("movement %s: %w", m.Key, err)
			continue
		}
		if len(places) == batch || len(places) > 0 && size+len(doc) > maxBooking {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		places, size = append(places, i), size+len(doc)
	}
	if len(places) > 0 {
		if err := flush(); err != nil {
			return nil, err
		}
	}
	return errs, nil
}

// book adds the movements of a new booking. Its results are those of the
// movements.
func (s *Store) book(ctx context.Context, b booking) ([]error, error) {
	b.SKUs = skusMoved(b.Movements)
	levels, err := s.cached(ctx, b.SKUs)
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		b.ID = bson.NewObjectID()
		_, err := s.bookings.InsertOne(ctx, b)
		if err == nil {
			break
		}
		if ctx.Err() != nil || attempt == attempts || !fromServer(err) {
			return nil, err
		}
		if err := pause(ctx, attempt); err != nil {
			return nil, err
		}
		// A booking that was written all the same may have been healed since.
		open, err := s.open(ctx, []bson.ObjectID{b.ID})
		if err != nil {
			return nil, err
		}
		if open[b.ID] {
			break
		}
	}
	return s.settle(ctx, b, levels)
}

// skusMoved returns each SKU of the movements once.
func skusMoved(movements []catalog.Movement) []string {
	skus := make([]string, len(movements))
	for i, m := range movements {
		skus[i] = string(m.SKU)
	}
	slices.Sort(skus)
	return slices.Compact(skus)
}

// Heal implements [catalog.Store]: it settles the bookings that a crash left
// open.
func (s *Store) Heal(ctx context.Context) error {
	const together = 16
	for {
		found, err := find[booking](ctx, s.bookings, bson.D{}, options.Find().SetSort(ascending("_id")).SetLimit(together))
		if err != nil {
			return fmt.Errorf("heal: %w", err)
		}
		for _, b := range found {
			levels, err := s.cached(ctx, b.SKUs)
			if err == nil {
				levels, err = s.uncounted(ctx, b, levels)
			}
			if err == nil {
				_, err = s.settle(ctx, b, levels)
			}
			if err != nil {
				return fmt.Errorf("heal: %w", err)
			}
		}
		if len(found) < together {
			return nil
		}
	}
}

// settle inserts the movements of an open booking, unless they are in the
// ledger, counts them, makes their products due and closes the booking. levels
// are those that do not count it.
func (s *Store) settle(ctx context.Context, b booking, levels map[string]level) ([]error, error) {
	own, errs, err := s.insert(ctx, b)
	if err != nil {
		return nil, err
	}
	if err := s.count(ctx, b, own, levels); err != nil {
		return nil, err
	}
	if err := s.markDue(ctx, skusMoved(own)); err != nil {
		return nil, err
	}
	err = again(ctx, func() error {
		_, err := s.bookings.DeleteOne(ctx, bson.D{{Key: "_id", Value: b.ID}})
		return err
	})
	return errs, err
}

// insert adds a booking's movements to the ledger and returns its own: those
// that were not there before.
func (s *Store) insert(ctx context.Context, b booking) (own []catalog.Movement, errs []error, err error) {
	docs, errs := make([]document, len(b.Movements)), make([]error, len(b.Movements))
	for i, m := range b.Movements {
		docs[i] = document{name: fmt.Sprintf("movement %s", m.Key), id: m.Key}
		doc, err := encode(m)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", docs[i].name, err)
		}
		docs[i].fields = bson.D{{Key: "doc", Value: doc}}
	}
	if err := putAs(ctx, s.movements, b.ID.Hex(), docs, errs); err != nil {
		return nil, nil, err
	}
	for i, err := range errs {
		switch {
		case err == nil:
			own = append(own, b.Movements[i])
		case !errors.Is(err, catalog.ErrExists):
			// It may yet be inserted, so the booking stays open.
			return nil, nil, err
		}
	}
	return own, errs, nil
}

// count adds a booking's own movements to the levels. Those given are known not
// to count it.
func (s *Store) count(ctx context.Context, b booking, own []catalog.Movement, levels map[string]level) error {
	sums := map[string]catalog.Level{}
	for _, m := range own {
		sums[string(m.SKU)] = plus(sums[string(m.SKU)], m)
	}
	skus := skusMoved(own)
	for attempt := 1; ; attempt++ {
		skus = slices.DeleteFunc(skus, func(sku string) bool {
			_, ok := levels[sku]
			return !ok
		})
		if len(skus) == 0 {
			return nil
		}
		if err := s.unlist(ctx, skus, levels); err != nil {
			return err
		}
		docs, errs := make([]document, len(skus)), make([]error, len(skus))
		for i, sku := range skus {
			l := levels[sku]
			docs[i] = document{name: fmt.Sprintf("level of %s", sku), id: sku, revision: l.Revision}
			l.Level = catalog.Level{
				SKU: catalog.SKU(sku), OnHand: l.OnHand + sums[sku].OnHand, Reserved: l.Reserved + sums[sku].Reserved,
				Head: later(l.Head, sums[sku].Head),
			}
			l.Revision++
			l.Bookings = append(slices.Clip(l.Bookings), b.ID)
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
		if skus = lost; len(skus) == 0 {
			return nil
		}
		if err := pause(ctx, min(attempt, 3)); err != nil {
			return err
		}
		read, err := s.cached(ctx, skus)
		if err == nil {
			levels, err = s.uncounted(ctx, b, read)
		}
		if err != nil {
			return err
		}
	}
}

// uncounted returns those levels, of the ones just read, that do not count the
// booking.
func (s *Store) uncounted(ctx context.Context, b booking, levels map[string]level) (map[string]level, error) {
	open, err := s.open(ctx, []bson.ObjectID{b.ID})
	if err != nil || !open[b.ID] {
		return nil, err
	}
	maps.DeleteFunc(levels, func(_ string, l level) bool { return slices.Contains(l.Bookings, b.ID) })
	return levels, nil
}

// unlist removes from long lists the bookings that are not open any more.
func (s *Store) unlist(ctx context.Context, skus []string, levels map[string]level) error {
	listed := map[bson.ObjectID]bool{}
	for _, sku := range skus {
		if bookings := levels[sku].Bookings; len(bookings) >= fewBookings {
			for _, id := range bookings {
				listed[id] = true
			}
		}
	}
	if len(listed) == 0 {
		return nil
	}
	open, err := s.open(ctx, slices.Collect(maps.Keys(listed)))
	if err != nil {
		return err
	}
	for _, sku := range skus {
		if l := levels[sku]; len(l.Bookings) >= fewBookings {
			l.Bookings = slices.DeleteFunc(l.Bookings, func(id bson.ObjectID) bool { return !open[id] })
			levels[sku] = l
		}
	}
	return nil
}

// open tells which of these bookings are open.
func (s *Store) open(ctx context.Context, ids []bson.ObjectID) (map[bson.ObjectID]bool, error) {
	type id struct {
		ID bson.ObjectID `bson:"_id"`
	}
	found, err := find[id](ctx, s.bookings, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}},
		options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}).SetBatchSize(batchSize(len(ids))))
	if err != nil {
		return nil, err
	}
	open := make(map[bson.ObjectID]bool, len(found))
	for _, f := range found {
		open[f.ID] = true
	}
	return open, nil
}

// plus returns the level after a movement.
func plus(l catalog.Level, m catalog.Movement) catalog.Level {
	return catalog.Level{SKU: m.SKU, OnHand: l.OnHand + m.OnHand, Reserved: l.Reserved + m.Reserved, Head: later(l.Head, m.At)}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// cached returns the stored levels of these variants; those without one have
// the zero level.
func (s *Store) cached(ctx context.Context, skus []string) (map[string]level, error) {
	levels := make(map[string]level, len(skus))
	for chunk := range slices.Chunk(skus, batch) {
		found, err := find[struct{ Doc level }](ctx, s.levels, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: chunk}}}},
			options.Find().SetBatchSize(batchSize(len(chunk))))
		if err != nil {
			return nil, err
		}
		for _, sku := range chunk {
			levels[sku] = level{Level: catalog.Level{SKU: catalog.SKU(sku)}}
		}
		for _, f := range found {
			levels[string(f.Doc.SKU)] = f.Doc
		}
	}
	return levels, nil
}

// Levels implements [catalog.Store].
func (s *Store) Levels(ctx context.Context, skus []catalog.SKU) ([]catalog.Level, error) {
	levels := make([]catalog.Level, 0, len(skus))
	for chunk := range slices.Chunk(skus, batch) {
		now, err := s.current(ctx, chunk)
		if err != nil {
			return nil, fmt.Errorf("read levels: %w", err)
		}
		for _, sku := range chunk {
			levels = append(levels, now[string(sku)].Level)
		}
	}
	return levels, nil
}

// current returns the levels of these variants with what open bookings add.
func (s *Store) current(ctx context.Context, skus []catalog.SKU) (map[string]level, error) {
	list := make([]string, len(skus))
	for i, sku := range skus {
		list[i] = string(sku)
	}
	for {
		bookings, err := find[booking](ctx, s.bookings, bson.D{{Key: "skus", Value: bson.D{{Key: "$elemMatch", Value: bson.D{{Key: "$in", Value: list}}}}}}, options.Find())
		if err != nil {
			return nil, err
		}
		levels, err := s.cached(ctx, list)
		if err != nil {
			return nil, err
		}
		added := map[string]catalog.Movement{} // by their writes
		var keys []string
		var ids []bson.ObjectID
		for _, b := range bookings {
			for i, m := range b.Movements {
				if l, asked := levels[string(m.SKU)]; asked && !slices.Contains(l.Bookings, b.ID) {
					added[writeName(b.ID.Hex(), i)] = m
					keys, ids = append(keys, m.Key), append(ids, b.ID)
				}
			}
		}
		if len(keys) == 0 {
			return levels, nil
		}
		slices.SortFunc(ids, func(a, b bson.ObjectID) int { return bytes.Compare(a[:], b[:]) })
		ids = slices.Compact(ids)
		open, err := s.open(ctx, ids)
		if err != nil {
			return nil, err
		}
		if len(open) < len(ids) {
			continue // one was counted meanwhile: before the levels were read, or after
		}
		writes, err := s.writes(ctx, keys)
		if err != nil {
			return nil, err
		}
		for _, write := range writes {
			if m, own := added[write]; own {
				l := levels[string(m.SKU)]
				l.Level = plus(l.Level, m)
				levels[string(m.SKU)] = l
			}
		}
		return levels, nil
	}
}

// writes returns which writes those of these movements came with that are in
// the ledger.
func (s *Store) writes(ctx context.Context, keys []string) ([]string, error) {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	var writes []string
	for chunk := range slices.Chunk(keys, batch) {
		found, err := find[struct{ Write string }](ctx, s.movements, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: chunk}}}},
			options.Find().SetProjection(bson.D{{Key: "write", Value: 1}}).SetBatchSize(batchSize(len(chunk))))
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			writes = append(writes, f.Write)
		}
	}
	return writes, nil
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
