package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chophien/chophien/catalog"
)

// RunConcurrency checks a store used by many callers at once. Run it with the
// race detector on.
func RunConcurrency(t *testing.T, newStore func(t *testing.T) catalog.Store) {
	run(t, newStore, map[string]func(*testing.T, catalog.Store){
		"LostUpdate":   testLostUpdate,
		"CreateOnce":   testCreateOnce,
		"SKUOnce":      testSKUOnce,
		"Modify":       testModifyContended,
		"Ledger":       testLedger,
		"DueNotLost":   testDueNotLost,
		"MarkOnce":     testMarkOnce,
		"PagesStable":  testPagesStable,
		"CanceledMany": testCanceledMany,
	})
}

// together calls f n times at once and waits for all.
func together(n int, f func(i int)) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	group.Wait()
}

// winner is the place of the only nil among the errors, all others of which
// have to be one of those allowed.
func winner(t *testing.T, errs []error, allowed ...error) int {
	t.Helper()
	won := -1
	for i, err := range errs {
		if err == nil {
			if won >= 0 {
				t.Fatalf("writers %d and %d both won", won, i)
			}
			won = i
		} else if !slices.ContainsFunc(allowed, func(want error) bool { return errors.Is(err, want) }) {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	if won < 0 {
		t.Fatal("nobody won")
	}
	return won
}

// first is the error of a batch of one.
func first(errs []error, err error) error {
	return errors.Join(append(errs, err)...)
}

const writers = 50

func testLostUpdate(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	putProducts(t, s, simple("A"))
	putListings(t, s, listing("c", "A"))
	putOrders(t, s, order("c", "1", at(0)))
	check(t, s.PutRecord(ctx, record(catalog.KindPlan, "r", `{}`)))
	for round := int64(1); round <= 3; round++ {
		name := func(i int) string { return fmt.Sprintf("%d/%d", round, i) }
		errs := make([]error, writers)
		together(writers, func(i int) {
			p := named("A", name(i))
			p.Revision = round
			errs[i] = first(s.PutProducts(ctx, []catalog.Product{p}))
		})
		won := winner(t, errs, catalog.ErrConflict)
		if got := product(t, s, "A"); got.Revision != round+1 || got.Name.VI != name(won) {
			t.Fatalf("writer %s won, stored is %s, revision %d", name(won), got.Name.VI, got.Revision)
		}
		together(writers, func(i int) {
			l := listing("c", "A")
			l.Revision, l.Reason = round, name(i)
			errs[i] = first(s.PutListings(ctx, []catalog.Listing{l}))
		})
		won = winner(t, errs, catalog.ErrConflict)
		if got := listings(t, s, catalog.ListingQuery{Channel: "c"}); got[0].Revision != round+1 || got[0].Reason != name(won) {
			t.Fatalf("writer %s won, stored is %s, revision %d", name(won), got[0].Reason, got[0].Revision)
		}
		together(writers, func(i int) {
			o := order("c", "1", at(0))
			o.Revision, o.Problem = round, name(i)
			errs[i] = first(s.PutOrders(ctx, []catalog.Order{o}))
		})
		won = winner(t, errs, catalog.ErrConflict)
		if got := orders(t, s, catalog.OrderQuery{}); got[0].Revision != round+1 || got[0].Problem != name(won) {
			t.Fatalf("writer %s won, stored is %s, revision %d", name(won), got[0].Problem, got[0].Revision)
		}
		together(writers, func(i int) {
			r := record(catalog.KindPlan, "r", fmt.Sprintf(`{"by":%q}`, name(i)))
			r.Revision = round
			errs[i] = s.PutRecord(ctx, r)
		})
		won = winner(t, errs, catalog.ErrConflict)
		if got := records(t, s, catalog.RecordQuery{Kind: catalog.KindPlan}); got[0].Revision != round+1 || !strings.Contains(string(got[0].Data), name(won)) {
			t.Fatalf("writer %s won, stored is %s, revision %d", name(won), got[0].Data, got[0].Revision)
		}
	}
}

func testCreateOnce(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	errs := make([]error, writers)
	together(writers, func(i int) { errs[i] = first(s.PutProducts(ctx, []catalog.Product{simple("A")})) })
	winner(t, errs, catalog.ErrExists)
	together(writers, func(i int) { errs[i] = first(s.PutListings(ctx, []catalog.Listing{listing("c", "A")})) })
	winner(t, errs, catalog.ErrExists)
	together(writers, func(i int) { errs[i] = first(s.PutOrders(ctx, []catalog.Order{order("c", "1", at(0))})) })
	winner(t, errs, catalog.ErrExists)
	together(writers, func(i int) { errs[i] = s.PutRecord(ctx, record(catalog.KindPlan, "r", `{}`)) })
	winner(t, errs, catalog.ErrExists)
}

func testSKUOnce(t *testing.T, s catalog.Store) {
	errs := make([]error, writers)
	together(writers, func(i int) {
		p := simple(fmt.Sprintf("P%02d", i))
		p.Variants = append(p.Variants, catalog.Variant{SKU: "CONTESTED", ListPrice: catalog.VND(1)})
		errs[i] = first(s.PutProducts(t.Context(), []catalog.Product{p}))
	})
	won := winner(t, errs, catalog.ErrExists)
	equal(t, "products", keys(products(t, s, catalog.ProductQuery{}), productID), []string{fmt.Sprintf("P%02d", won)})
}

func testModifyContended(t *testing.T, s catalog.Store) {
	const n, times = 12, 5
	errs := make([]error, n)
	together(n, func(i int) {
		for range times {
			_, err := catalog.Modify(t.Context(), s, catalog.KindChannel, "c", func(count *map[string]int) error {
				next := map[string]int{"total": 1}
				for key, value := range *count {
					next[key] += value
				}
				next[fmt.Sprint("writer ", i)]++
				*count = next
				return nil
			})
			errs[i] = errors.Join(errs[i], err)
		}
	})
	check(t, errors.Join(errs...))
	count, revision, err := catalog.Load[map[string]int](t.Context(), s, catalog.KindChannel, "c")
	check(t, err)
	if count["total"] != n*times || revision != n*times || count["writer 3"] != times {
		t.Errorf("%d modifications gave %v, revision %d", n*times, count, revision)
	}
}

// The sum of the ledger is the level (I9), and a key is booked once, whoever
// books it.
func testLedger(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	skus := []catalog.SKU{"A", "B", "C"}
	const n, each = 20, 6
	errs := make([]error, n)
	booked := make([]map[string]bool, n)
	together(n, func(i int) {
		booked[i] = map[string]bool{}
		for j := range each {
			var batch []catalog.Movement
			for k := range 3 {
				// Half of the keys are booked by another writer too.
				key := fmt.Sprint("order/", i/2*2+i%2*(k%2), "/", j, "/", k)
				m := movement(key, skus[(i/2+j+k)%3], int64(j-2), int64(k))
				m.At = at(j)
				batch = append(batch, m)
			}
			results, err := s.AddMovements(ctx, batch)
			if err != nil {
				errs[i] = err
				return
			}
			for k, err := range results {
				if err == nil {
					booked[i][batch[k].Key] = true
				} else if !errors.Is(err, catalog.ErrExists) {
					errs[i] = err
				}
			}
			if _, err := s.Levels(ctx, skus); err != nil {
				errs[i] = err
			}
		}
	})
	check(t, errors.Join(errs...))
	once := map[string]int{}
	for _, keys := range booked {
		for key := range keys {
			once[key]++
		}
	}
	total := 0
	for key, times := range once {
		if total++; times != 1 {
			t.Errorf("%s was booked %d times", key, times)
		}
	}
	stored, err := s.Movements(ctx, catalog.MovementQuery{})
	check(t, err)
	equal(t, "number of movements", len(stored), total)
	check(t, s.Heal(ctx))
	for i, level := range levels(t, s, skus...) {
		equal(t, "level", level, ledger(t, s, skus[i]))
	}
}

// Whoever follows the due marks has seen, in the end, what there is, however
// reading, moving and clearing interleave.
func testDueNotLost(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	ids := []string{"A", "B", "C"}
	for _, id := range ids {
		putProducts(t, s, simple(id))
	}
	seen := map[string]int64{}
	follow := func() error {
		if err := s.Heal(ctx); err != nil {
			return err
		}
		marks, err := s.DueProducts(ctx, "", 0)
		if err != nil {
			return err
		}
		for _, mark := range marks {
			now, err := s.Levels(ctx, []catalog.SKU{catalog.SKU(mark.ProductID)})
			if err != nil {
				return err
			}
			seen[mark.ProductID] = now[0].OnHand
		}
		return s.ClearDue(ctx, marks)
	}
	const movers, each = 8, 10
	errs := make([]error, movers+1)
	done := make(chan struct{})
	var moving sync.WaitGroup
	moving.Add(movers)
	go func() {
		moving.Wait()
		close(done)
	}()
	together(movers+1, func(i int) {
		if i < movers {
			defer moving.Done()
			for j := range each {
				id := ids[(i+j)%len(ids)]
				errs[i] = errors.Join(errs[i], first(s.AddMovements(ctx, []catalog.Movement{movement(fmt.Sprint(i, "/", j), catalog.SKU(id), 1, 0)})))
			}
			return
		}
		for {
			select {
			case <-done:
				errs[i] = errors.Join(errs[i], follow())
				return
			default:
				errs[i] = errors.Join(errs[i], follow())
			}
		}
	})
	check(t, errors.Join(errs...))
	total := int64(0)
	for _, id := range ids {
		now := levels(t, s, catalog.SKU(id))[0].OnHand
		if seen[id] != now {
			t.Errorf("%s: last seen %d, is %d: a mark was lost", id, seen[id], now)
		}
		total += now
	}
	equal(t, "moved", total, movers*each)
	equal(t, "due", dueMarks(t, s), nil)
}

func testMarkOnce(t *testing.T, s catalog.Store) {
	ids := keys(numbered("P", 20), productID)
	errs := make([]error, 10)
	together(len(errs), func(i int) {
		order := slices.Clone(ids)
		if i%2 == 1 {
			slices.Reverse(order)
		}
		errs[i] = s.MarkListings(t.Context(), []catalog.ChannelID{"a", "b"}, order)
	})
	check(t, errors.Join(errs...))
	for _, channel := range []catalog.ChannelID{"a", "b"} {
		got := listings(t, s, catalog.ListingQuery{Channel: channel, Due: true, Status: catalog.StatusWaiting})
		equal(t, "marked", keys(got, listingProduct), ids)
	}
}

// Whatever is written meanwhile, a reader of pages sees each product that was
// there from the beginning, once.
func testPagesStable(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	putProducts(t, s, numbered("P", 60)...)
	stop := make(chan struct{})
	var writing sync.WaitGroup
	var writeErr error
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			added := simple(fmt.Sprintf("P%05d-%d", i*37%60, i))
			changed, err := s.Products(ctx, catalog.ProductQuery{IDs: []string{fmt.Sprintf("P%05d", i%60)}})
			if err == nil {
				err = first(s.PutProducts(ctx, append(changed, added)))
			}
			if err != nil {
				writeErr = err
				return
			}
		}
	})
	for range 5 {
		got := all(t, 9, productID, func(after string) ([]catalog.Product, error) {
			return s.Products(ctx, catalog.ProductQuery{After: after, Limit: 9})
		})
		ids := slices.DeleteFunc(keys(got, productID), func(id string) bool { return strings.Contains(id, "-") })
		equal(t, "IDs", ids, keys(numbered("P", 60), productID))
	}
	close(stop)
	writing.Wait()
	check(t, writeErr)
}

// Contexts that end in the midst of writes leave whole documents and a store
// that works.
func testCanceledMany(t *testing.T, s catalog.Store) {
	var calls [60]error
	together(20, func(i int) {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		_, calls[3*i] = s.PutProducts(ctx, numbered(fmt.Sprint("P", i, "-"), 20))
		_, calls[3*i+1] = s.AddMovements(ctx, []catalog.Movement{movement(fmt.Sprint(i), "A", 1, 0)})
		_, calls[3*i+2] = s.Products(ctx, catalog.ProductQuery{Text: "san pham"})
	})
	for _, err := range calls {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	}
	check(t, s.Heal(t.Context()))
	equal(t, "level", levels(t, s, "A")[0], ledger(t, s, "A"))
	for _, p := range products(t, s, catalog.ProductQuery{}) {
		want := simple(p.ID)
		want.Revision = 1
		equal(t, "product", p, want)
	}
	errs, err := s.PutProducts(t.Context(), []catalog.Product{simple("last")})
	written(t, errs, err)
}
