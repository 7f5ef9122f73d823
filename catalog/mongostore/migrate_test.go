package mongostore

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/chophien/chophien/catalog"
)

func setVersion(t *testing.T, s *Store, version int) {
	t.Helper()
	_, err := s.db.Collection("meta").UpdateOne(t.Context(), bson.D{{Key: "_id", Value: "schema"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: version}}}})
	must(t, err)
}

func TestSchemaNewer(t *testing.T) {
	t.Parallel()
	database := fresh(t)
	s := openAt(t, server(t), database, nil)
	setVersion(t, s, 99)
	must(t, s.Close())
	_, err := Open(t.Context(), server(t), database)
	if err == nil || !strings.Contains(err.Error(), "schema version 99 is newer") || !strings.Contains(err.Error(), database) {
		t.Errorf("got %v", err)
	}
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	s := openFresh(t, nil)
	ctx := t.Context()
	setVersion(t, s, 1)
	var ran []int
	failing := true
	steps := []migration{
		func(context.Context, *mongo.Database) error { ran = append(ran, 1); return nil },
		func(context.Context, *mongo.Database) error {
			ran = append(ran, 2)
			if failing {
				return errors.New("disk full")
			}
			return nil
		},
	}
	if err := migrate(ctx, s.db, steps); err == nil || !strings.Contains(err.Error(), "from schema version 2 to 3: disk full") {
		t.Errorf("got %v", err)
	}
	failing = false
	must(t, migrate(ctx, s.db, steps))
	must(t, migrate(ctx, s.db, steps))
	if diff := cmp.Diff([]int{1, 2, 2}, ran); diff != "" {
		t.Errorf("steps that ran (-want +got):\n%s", diff)
	}
}

// A database of version 1 has levels without bookings, and after a crash
// pending movements, which may be in the level or not.
func TestMigratePending(t *testing.T) {
	t.Parallel()
	database := fresh(t)
	s := openAt(t, server(t), database, nil)
	ctx := t.Context()
	errs, err := s.PutProducts(ctx, products(0, 1))
	done(t, errs, err)
	must(t, s.ClearDue(ctx, []catalog.DueMark{{ProductID: "P000000", Count: 1}}))
	const sku = "SKU-P000000"
	ledger := func(m catalog.Movement, pending any) {
		doc, err := encode(m)
		must(t, err)
		done(t, nil, put(ctx, s.movements, []document{{id: m.Key, fields: bson.D{{Key: "doc", Value: doc}, {Key: "pending", Value: pending}}}}, make([]error, 1)))
	}
	ledger(catalog.Movement{Key: "1", SKU: sku, OnHand: 1}, nil)
	ledger(catalog.Movement{Key: "2", SKU: sku, OnHand: 2, Reserved: 1, At: time.UnixMilli(7)}, sku)
	ledger(catalog.Movement{Key: "3", SKU: "counted", OnHand: 4}, "counted")
	ledger(catalog.Movement{Key: "4", SKU: "new", OnHand: 5}, "new")
	for _, l := range []level{{catalog.Level{SKU: sku, OnHand: 1}, 3, nil}, {catalog.Level{SKU: "counted", OnHand: 4}, 1, nil}, {catalog.Level{SKU: "settled", OnHand: 6}, 2, nil}} {
		doc, err := encode(l)
		must(t, err)
		must(t, put(ctx, s.levels, []document{{id: string(l.SKU), fields: bson.D{{Key: "doc", Value: doc}}}}, make([]error, 1)))
	}
	setVersion(t, s, 1)
	must(t, s.Close())

	s = openAt(t, server(t), database, nil)
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, countPending(ctx, s.db)) // again
	errs, err = s.AddMovements(ctx, []catalog.Movement{{Key: "5", SKU: "settled", OnHand: 10}, {Key: "6", SKU: "counted", OnHand: 10}})
	done(t, errs, err)
	got, err := s.Levels(ctx, []catalog.SKU{sku, "counted", "new", "settled"})
	must(t, err)
	want := []catalog.Level{{SKU: sku, OnHand: 3, Reserved: 1, Head: time.UnixMilli(7).UTC()}, {SKU: "counted", OnHand: 14}, {SKU: "new", OnHand: 5}, {SKU: "settled", OnHand: 16}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	left, err := s.movements.CountDocuments(ctx, keyRange{exists: true}.condition("pending"))
	must(t, err)
	due, err := s.DueProducts(ctx, "", 0)
	must(t, err)
	if left != 0 || len(due) != 1 {
		t.Errorf("%d movements are pending, due are %v", left, due)
	}
}

// Of two processes that migrate at once one may book already: then the other
// must not write sums that contain its bookings.
func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	s := openFresh(t, nil)
	ctx := t.Context()
	b, _ := openBooking(t, s, catalog.Movement{Key: "1", SKU: "A", OnHand: 1})
	levels, err := s.cached(ctx, []string{"A"})
	must(t, err)
	own, _, err := s.insert(ctx, b)
	must(t, err)
	must(t, s.sumUp(ctx, []string{"0"}, []string{"A"}))
	must(t, s.count(ctx, b, own, levels))
	if cached, err := s.cached(ctx, []string{"A"}); err != nil || cached["A"].OnHand != 1 {
		t.Errorf("got %+v (%v), want 1 on hand", cached["A"], err)
	}
}
