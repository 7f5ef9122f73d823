package mongostore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/chophien/chophien/catalog"
)

// openBooking writes a booking as AddMovements does, and nothing more. It
// returns the levels read before.
func openBooking(t *testing.T, s *Store, movements ...catalog.Movement) (booking, map[string]level) {
	t.Helper()
	b := booking{ID: bson.NewObjectID(), SKUs: skusMoved(movements), Movements: movements}
	levels, err := s.cached(t.Context(), b.SKUs)
	must(t, err)
	_, err = s.bookings.InsertOne(t.Context(), b)
	must(t, err)
	return b, levels
}

func onHand(t *testing.T, s *Store, sku catalog.SKU) int64 {
	t.Helper()
	levels, err := s.Levels(t.Context(), []catalog.SKU{sku})
	must(t, err)
	return levels[0].OnHand
}

// Wherever AddMovements is cut off, levels are the sums of the ledger at once,
// and Heal does the rest. Movements that were in the ledger before the booking
// are not its own.
func TestCrashWithinAddMovements(t *testing.T) {
	t.Parallel()
	for cut, name := range []string{"after the booking", "after a part of the ledger", "after the ledger", "after the levels", "after the marks"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openFresh(t, nil)
			ctx := t.Context()
			errs, err := s.PutProducts(ctx, products(0, 1))
			done(t, errs, err)
			must(t, s.ClearDue(ctx, []catalog.DueMark{{ProductID: "P000000", Count: 1}}))
			const sku = "SKU-P000000"
			errs, err = s.AddMovements(ctx, []catalog.Movement{{Key: "1", SKU: "other", OnHand: 1}})
			done(t, errs, err)

			list := []catalog.Movement{
				{Key: "1", SKU: sku, OnHand: 100},
				{Key: "2", SKU: sku, OnHand: 5, Reserved: 2, At: time.UnixMilli(7).UTC()},
				{Key: "3", SKU: sku, OnHand: 1},
			}
			b, levels := openBooking(t, s, list...)
			var own []catalog.Movement
			if cut == 1 {
				part := b
				part.Movements = list[:2]
				_, _, err = s.insert(ctx, part)
				must(t, err)
			}
			if cut >= 2 {
				own, _, err = s.insert(ctx, b)
				must(t, err)
			}
			if cut >= 3 {
				must(t, s.count(ctx, b, own, levels))
			}
			if cut >= 4 {
				must(t, s.markDue(ctx, []string{sku}))
			}
			want := catalog.Level{SKU: sku}
			for range 3 {
				ledger, err := s.Movements(ctx, catalog.MovementQuery{SKU: sku})
				must(t, err)
				want = catalog.Level{SKU: sku}
				for _, m := range ledger {
					want = plus(want, m)
				}
				got, err := s.Levels(ctx, []catalog.SKU{sku})
				must(t, err)
				if diff := cmp.Diff([]catalog.Level{want}, got); diff != "" {
					t.Errorf("levels (-want +got):\n%s", diff)
				}
				must(t, s.Heal(ctx))
			}
			if want.OnHand != 6 {
				t.Errorf("healed to %+v, want 6 on hand", want)
			}
			left, err := s.bookings.CountDocuments(ctx, bson.D{})
			must(t, err)
			due, err := s.DueProducts(ctx, "", 0)
			must(t, err)
			if left != 0 || len(due) != 1 || due[0].ProductID != "P000000" {
				t.Errorf("after healing %d bookings are open and %v are due", left, due)
			}
		})
	}
}

// More bookings than Heal looks at together.
func TestHealMany(t *testing.T) {
	t.Parallel()
	s := openFresh(t, nil)
	const n = 40
	for i := range n {
		openBooking(t, s, catalog.Movement{Key: fmt.Sprint(i), SKU: "A", OnHand: 1})
	}
	must(t, s.Heal(t.Context()))
	left, err := s.bookings.CountDocuments(t.Context(), bson.D{})
	must(t, err)
	cached, err := s.cached(t.Context(), []string{"A"})
	must(t, err)
	if left != 0 || cached["A"].OnHand != n || len(cached["A"].Bookings) > fewBookings {
		t.Errorf("%d are open, the level is %+v", left, cached["A"])
	}
}

// A call that adds more than is booked together, in movements or in bytes.
func TestAddMany(t *testing.T) {
	t.Parallel()
	s := openFresh(t, nil)
	list := make([]catalog.Movement, 2*batch+1)
	for i := range list {
		list[i] = catalog.Movement{Key: fmt.Sprint(i), SKU: catalog.SKU(fmt.Sprint("S", i%7)), OnHand: 1}
	}
	for i := range 3 {
		list[i].Note = string(make([]byte, maxBooking-1))
	}
	list[5].SKU = ""
	list[2*batch].Key = "4"
	errs, err := s.AddMovements(t.Context(), list)
	must(t, err)
	for i, err := range errs {
		if bad := i == 5 || i == 2*batch; (err != nil) != bad {
			t.Errorf("movement %d: %v", i, err)
		}
	}
	total := int64(0)
	for i := range 7 {
		total += onHand(t, s, catalog.SKU(fmt.Sprint("S", i)))
	}
	if total != 2*batch-1 {
		t.Errorf("%d on hand, want %d", total, 2*batch-1)
	}
}

// A writer who read a level before somebody else changed it must not store
// what he computed.
func TestLevelNotOverwrittenByOlderSums(t *testing.T) {
	t.Parallel()
	s := openFresh(t, nil)
	ctx := t.Context()
	b, before := openBooking(t, s, catalog.Movement{Key: "1", SKU: "A", OnHand: 1})
	errs, err := s.AddMovements(ctx, []catalog.Movement{{Key: "2", SKU: "A", OnHand: 2}})
	done(t, errs, err)
	_, err = s.settle(ctx, b, before)
	must(t, err)
	if cached, err := s.cached(ctx, []string{"A"}); err != nil || cached["A"].OnHand != 3 {
		t.Errorf("got level %+v (%v), want 3 on hand", cached["A"], err)
	}
}

// Whatever others do just before each step of AddMovements, its movements are
// counted once: they book on the same variant, heal the booking, do both, or
// book so much that the level does not list the booking any more.
func TestMeanwhileAddMovements(t *testing.T) {
	t.Parallel()
	for _, step := range []struct{ command, collection string }{
		{"insert", "bookings"}, {"insert", "movements"}, {"update", "levels"}, {"find", "products"}, {"delete", "bookings"},
	} {
		for name, others := range map[string]struct {
			heals bool
			books int
		}{"booked": {false, 1}, "healed": {true, 0}, "healed and booked": {true, 1}, "healed and forgotten": {true, 2 * fewBookings}} {
			t.Run(step.command+" "+step.collection+" "+name, func(t *testing.T) {
				t.Parallel()
				database := fresh(t)
				other := openAt(t, server(t), database, nil)
				t.Cleanup(func() { _ = other.Close() })
				ctx := t.Context()
				happened := false
				s, arm := meanwhile(t, database, step.command, step.collection, func() {
					happened = true
					if others.heals {
						if err := other.Heal(ctx); err != nil {
							t.Error(err)
						}
					}
					for i := range others.books {
						if errs, err := other.AddMovements(ctx, []catalog.Movement{{Key: fmt.Sprint("other", i), SKU: "A", OnHand: 100}}); errors.Join(append(errs, err)...) != nil {
							t.Error(errs, err)
						}
					}
				})
				errs, err := s.AddMovements(ctx, []catalog.Movement{{Key: "1", SKU: "A", OnHand: 1}})
				done(t, errs, err)
				arm()
				errs, err = s.AddMovements(ctx, []catalog.Movement{{Key: "2", SKU: "A", OnHand: 2}})
				done(t, errs, err)
				cached, err := s.cached(ctx, []string{"A"})
				must(t, err)
				if want := int64(3 + 100*others.books); cached["A"].OnHand != want || onHand(t, s, "A") != want || !happened {
					t.Errorf("got level %+v and %d, want %d (the race happened: %t)", cached["A"], onHand(t, s, "A"), want, happened)
				}
			})
		}
	}
}

// Whoever reads the levels while a booking is settled, and even forgotten by
// the level, counts it once.
func TestMeanwhileLevels(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"levels", "movements"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			database := fresh(t)
			other := openAt(t, server(t), database, nil)
			t.Cleanup(func() { _ = other.Close() })
			ctx := t.Context()
			happened := false
			s, arm := meanwhile(t, database, "find", step, func() {
				happened = true
				if err := other.Heal(ctx); err != nil {
					t.Error(err)
				}
				for i := range 2 * fewBookings {
					if errs, err := other.AddMovements(ctx, []catalog.Movement{{Key: fmt.Sprint("other", i), SKU: "A"}}); errors.Join(append(errs, err)...) != nil {
						t.Error(errs, err)
					}
				}
			})
			b, _ := openBooking(t, other, catalog.Movement{Key: "1", SKU: "A", OnHand: 1})
			_, _, err := other.insert(ctx, b)
			must(t, err)
			arm()
			if got := onHand(t, s, "A"); got != 1 || !happened {
				t.Errorf("got %d, want 1 (the race happened: %t)", got, happened)
			}
			if cached, err := s.cached(ctx, []string{"A"}); err != nil || cached["A"].OnHand != 1 || cached["A"].Bookings[0] == b.ID {
				t.Errorf("got level %+v (%v), want one that forgot the booking", cached["A"], err)
			}
		})
	}
}

// Booking and reading levels ask the ledger for nothing but keys, so that they
// cost the same however long it is.
func TestLedgerIsReadByKey(t *testing.T) {
	t.Parallel()
	w := &watch{}
	s := openFresh(t, w.monitor())
	ctx := t.Context()
	for i := range 2 * fewBookings {
		movement := catalog.Movement{Key: fmt.Sprint(i), SKU: "A", OnHand: 1}
		for range 2 {
			_, err := s.AddMovements(ctx, []catalog.Movement{movement})
			must(t, err)
		}
	}
	b, _ := openBooking(t, s, catalog.Movement{Key: "open", SKU: "A", OnHand: 1})
	_, _, err := s.insert(ctx, b)
	must(t, err)
	onHand(t, s, "A")
	must(t, s.Heal(ctx))
	for shape, q := range w.queries {
		if keys := len(q.conditions) == 1 && q.conditions[0].field == "_id"; q.collection == "movements" && !keys {
			t.Errorf("query %s", shape)
		}
	}
}

// Writers, healers and readers at once, on a server that answers every second
// command with an error first and kills some calls: when all is healed, the
// levels are the sums of the ledger.
func TestLevelsAreSumsAfterAnything(t *testing.T) {
	t.Parallel()
	database := fresh(t)
	uri := faulty(t, server(t), lost)
	ctx := t.Context()
	skus := []catalog.SKU{"A", "B", "C"}
	var group sync.WaitGroup
	for worker := range 4 {
		s := openAt(t, uri, database, nil)
		t.Cleanup(func() { _ = s.Close() })
		group.Go(func() {
			for i := range 15 {
				call, cancel := context.WithCancel(ctx)
				if i%3 == 0 {
					time.AfterFunc(time.Duration(rand.IntN(15))*time.Millisecond, cancel)
				}
				var list []catalog.Movement
				for j, sku := range skus {
					// Two workers try the same key.
					list = append(list, catalog.Movement{Key: fmt.Sprint(worker/2, "/", i, "/", j), SKU: sku, OnHand: 1 + int64(worker)})
				}
				_, err := s.AddMovements(call, list)
				if i%5 == 0 && err == nil {
					_, err = s.Levels(call, skus)
				}
				if i%7 == 0 && err == nil {
					err = s.Heal(call)
				}
				if err != nil && call.Err() == nil {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	group.Wait()
	s := openAt(t, server(t), database, nil)
	t.Cleanup(func() { _ = s.Close() })
	check := func(when string) {
		for _, sku := range skus {
			ledger, err := s.Movements(ctx, catalog.MovementQuery{SKU: sku})
			must(t, err)
			sum := int64(0)
			for _, m := range ledger {
				sum += m.OnHand
			}
			if got := onHand(t, s, sku); got != sum {
				t.Errorf("%s: %d of %s on hand, want %d", when, got, sku, sum)
			}
		}
	}
	check("before healing")
	must(t, s.Heal(ctx))
	check("after healing")
}
