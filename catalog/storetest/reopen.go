package storetest

import (
	"fmt"
	"testing"

	"github.com/chophien/chophien/catalog"
)

// RunReopen checks a store that keeps its contents when it is closed. For each
// subtest newData makes a place with nothing in it, and the function it returns
// opens a store there, as often as it is called, also while another is open.
// The suite closes what it opens.
func RunReopen(t *testing.T, newData func(t *testing.T) (open func() catalog.Store)) {
	t.Run("Kept", func(t *testing.T) {
		t.Parallel()
		testKept(t, newData(t))
	})
	t.Run("TwoAtOnce", func(t *testing.T) {
		t.Parallel()
		testTwoAtOnce(t, newData(t))
	})
}

func testKept(t *testing.T, open func() catalog.Store) {
	ctx := t.Context()
	s := open()
	putProducts(t, s, full("M"), simple("A"))
	check(t, s.ClearDue(ctx, dueMarks(t, s)[:1]))
	putListings(t, s, fullListing("c", "M"))
	check(t, s.MarkListings(ctx, []catalog.ChannelID{"c"}, []string{"A"}))
	putOrders(t, s, fullOrder("c", "1"))
	addMovements(t, s, movement("1", "M-0", 5, 2), movement("2", "M-0", -1, 0))
	check(t, s.PutRecord(ctx, record(catalog.KindToken, "c", `{"sealed":"x"}`)))
	state := func() map[string]any {
		moved, err := s.Movements(ctx, catalog.MovementQuery{})
		check(t, err)
		counts, err := s.CountListings(ctx, "c")
		check(t, err)
		return map[string]any{
			"products": products(t, s, catalog.ProductQuery{}), "search": products(t, s, catalog.ProductQuery{Text: "mien dong"}),
			"marks": dueMarks(t, s), "listings": listings(t, s, catalog.ListingQuery{Channel: "c"}), "orders": orders(t, s, catalog.OrderQuery{}),
			"movements": moved, "levels": levels(t, s, "M-0", "A"), "records": records(t, s, catalog.RecordQuery{Kind: catalog.KindToken}), "counts": counts,
		}
	}
	want := state()
	for range 2 {
		check(t, s.Close())
		s = open()
		check(t, s.Heal(ctx))
		equal(t, "after opening again", state(), want)
	}
	stale := simple("A")
	errs, err := s.PutProducts(ctx, []catalog.Product{stale})
	outcomes(t, errs, err, catalog.ErrExists)
	stale.Revision = 1
	putProducts(t, s, stale)
	errs, err = s.AddMovements(ctx, []catalog.Movement{movement("1", "M-0", 5, 2)})
	outcomes(t, errs, err, catalog.ErrExists)
	check(t, s.Close())
}

// Two processes on one place are as two callers of one store.
func testTwoAtOnce(t *testing.T, open func() catalog.Store) {
	ctx := t.Context()
	stores := []catalog.Store{open(), open()}
	putProducts(t, stores[0], simple("A"))
	equal(t, "seen by the other", product(t, stores[1], "A").Revision, 1)
	const n, each = 6, 5
	errs := make([]error, n)
	together(n, func(i int) {
		s := stores[i%2]
		for j := range each {
			_, err := catalog.Modify(ctx, s, catalog.KindChannel, "c", func(count *map[string]int) error {
				*count = map[string]int{"total": (*count)["total"] + 1}
				return nil
			})
			if err == nil {
				err = first(s.AddMovements(ctx, []catalog.Movement{movement(fmt.Sprint(i, "/", j), "A", 1, 0)}))
			}
			if err == nil {
				err = s.Heal(ctx)
			}
			if err != nil {
				errs[i] = err
				return
			}
		}
	})
	for _, err := range errs {
		check(t, err)
	}
	count, _, err := catalog.Load[map[string]int](ctx, stores[1], catalog.KindChannel, "c")
	check(t, err)
	equal(t, "modifications", count["total"], n*each)
	level := levels(t, stores[0], "A")[0]
	equal(t, "on hand", level.OnHand, n*each)
	equal(t, "level", level, ledger(t, stores[1], "A"))
	for _, s := range stores {
		check(t, s.Close())
	}
}
