// Package storetest is the contract suite of [catalog.Store]. Every store
// passes it whole; what it asks is what the comments of the interface say.
//
// Where those comments leave a choice, the suite decides, so that both stores
// behave alike:
//   - a write that names a revision of a document that does not exist is
//     [catalog.ErrConflict], as is one with a revision that is not the stored one;
//   - an empty list in a query (no IDs, no SKUs) asks nothing, like a nil one;
//   - a text in which there is no word asks nothing;
//   - the level of a variant without movements carries its SKU and zeros;
//   - a mark raises the revision of a listing, also of one that is due already,
//     so that a planner cannot end a mark it has not seen;
//   - text with a NUL character is refused or kept as it is, never cut.
package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chophien/chophien/catalog"
)

// Run checks a store used by one caller. newStore returns a fresh, empty store
// and arranges its closing; it is called once per subtest, from several
// subtests at once.
func Run(t *testing.T, newStore func(t *testing.T) catalog.Store) {
	run(t, newStore, map[string]func(*testing.T, catalog.Store){
		"ProductsRoundTrip":      testProductsRoundTrip,
		"ProductsRevision":       testProductsRevision,
		"ProductsSKUUnique":      testProductsSKUUnique,
		"ProductsBatch":          testProductsBatch,
		"ProductsCallerKept":     testProductsCallerKept,
		"ProductsQuery":          testProductsQuery,
		"ProductsPages":          testProductsPages,
		"ProductsDefaultLimit":   testProductsDefaultLimit,
		"ProductsText":           testProductsText,
		"ProductsNUL":            testProductsNUL,
		"Keys":                   testKeys,
		"Search":                 testSearch,
		"SearchModel":            testSearchModel,
		"SearchFollowsChanges":   testSearchFollowsChanges,
		"SearchPages":            testSearchPages,
		"Due":                    testDue,
		"DueMarkedAgain":         testDueMarkedAgain,
		"DueByStock":             testDueByStock,
		"DuePages":               testDuePages,
		"ListingsRoundTrip":      testListingsRoundTrip,
		"ListingsRevision":       testListingsRevision,
		"ListingsQuery":          testListingsQuery,
		"ListingsPages":          testListingsPages,
		"MarkListings":           testMarkListings,
		"MarkListingsNotLost":    testMarkListingsNotLost,
		"CountListings":          testCountListings,
		"OrdersRoundTrip":        testOrdersRoundTrip,
		"OrdersRevision":         testOrdersRevision,
		"OrdersQuery":            testOrdersQuery,
		"OrdersPages":            testOrdersPages,
		"MovementsIdempotent":    testMovementsIdempotent,
		"MovementsQuery":         testMovementsQuery,
		"Levels":                 testLevels,
		"RecordsRoundTrip":       testRecordsRoundTrip,
		"RecordsRevision":        testRecordsRevision,
		"RecordsQuery":           testRecordsQuery,
		"RecordsDelete":          testRecordsDelete,
		"RecordsRefused":         testRecordsRefused,
		"LoadSaveModify":         testLoadSaveModify,
		"QueriesRefused":         testQueriesRefused,
		"Nothing":                testNothing,
		"Canceled":               testCanceled,
		"Heal":                   testHeal,
		"BatchLargerThanAnyPage": testLargeBatch,
	})
}

func run(t *testing.T, newStore func(t *testing.T) catalog.Store, tests map[string]func(*testing.T, catalog.Store)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newStore(t))
		})
	}
}

// same are the options under which a document read equals the one written: nil
// and empty lists are one thing to JSON with omitempty, nil and zero pointers
// are not, and a record's data is compared as JSON, not as bytes.
var same = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.FilterPath(
		func(path cmp.Path) bool { return path.Last().Type() == reflect.TypeFor[json.RawMessage]() },
		cmp.Transformer("json", decoded),
	),
}

func decoded(data json.RawMessage) any {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return "broken JSON: " + string(data)
	}
	return value
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// written fails the test unless every item was written.
func written(t *testing.T, errs []error, err error) {
	t.Helper()
	check(t, err)
	for i, err := range errs {
		if err != nil {
			t.Fatalf("item %d: %v", i, err)
		}
	}
}

// outcomes fails the test unless the items' errors are these; nil = written.
func outcomes(t *testing.T, errs []error, err error, want ...error) {
	t.Helper()
	check(t, err)
	if len(errs) != len(want) {
		t.Fatalf("got %d errors for %d items: %v", len(errs), len(want), errs)
	}
	for i := range want {
		if !errors.Is(errs[i], want[i]) {
			t.Errorf("item %d: got error %v, want %v", i, errs[i], want[i])
		}
	}
}

// names fails the test unless the error's text names all of these.
func names(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v does not name %q", err, part)
		}
	}
}

// all reads every page and fails the test on one that is too long, not sorted
// or makes no progress.
func all[T any](t *testing.T, limit int, key func(T) string, page func(after string) ([]T, error)) []T {
	t.Helper()
	var got []T
	after := ""
	for {
		items, err := page(after)
		check(t, err)
		if len(items) > limit {
			t.Fatalf("a page of %d items, limit %d", len(items), limit)
		}
		for _, item := range items {
			if key(item) <= after && after != "" {
				t.Fatalf("%q comes after %q", key(item), after)
			}
			after = key(item)
		}
		got = append(got, items...)
		if len(items) < limit {
			return got
		}
	}
}

func keys[T any](items []T, key func(T) string) []string {
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = key(item)
	}
	return list
}

func productID(p catalog.Product) string      { return p.ID }
func markID(m catalog.DueMark) string         { return m.ProductID }
func listingProduct(l catalog.Listing) string { return l.ProductID }
func movementKey(m catalog.Movement) string   { return m.Key }
func recordID(r catalog.Record) string        { return r.ID }

func products(t *testing.T, s catalog.Store, query catalog.ProductQuery) []catalog.Product {
	t.Helper()
	got, err := s.Products(t.Context(), query)
	check(t, err)
	return got
}

func product(t *testing.T, s catalog.Store, id string) catalog.Product {
	t.Helper()
	got := products(t, s, catalog.ProductQuery{IDs: []string{id}})
	if len(got) != 1 {
		t.Fatalf("product %q: got %d products", id, len(got))
	}
	return got[0]
}

func putProducts(t *testing.T, s catalog.Store, list ...catalog.Product) {
	t.Helper()
	errs, err := s.PutProducts(t.Context(), list)
	written(t, errs, err)
}

func putListings(t *testing.T, s catalog.Store, list ...catalog.Listing) {
	t.Helper()
	errs, err := s.PutListings(t.Context(), list)
	written(t, errs, err)
}

func putOrders(t *testing.T, s catalog.Store, list ...catalog.Order) {
	t.Helper()
	errs, err := s.PutOrders(t.Context(), list)
	written(t, errs, err)
}

func addMovements(t *testing.T, s catalog.Store, list ...catalog.Movement) {
	t.Helper()
	errs, err := s.AddMovements(t.Context(), list)
	written(t, errs, err)
}

func dueMarks(t *testing.T, s catalog.Store) []catalog.DueMark {
	t.Helper()
	marks, err := s.DueProducts(t.Context(), "", 0)
	check(t, err)
	return marks
}

func listings(t *testing.T, s catalog.Store, query catalog.ListingQuery) []catalog.Listing {
	t.Helper()
	got, err := s.Listings(t.Context(), query)
	check(t, err)
	return got
}

func orders(t *testing.T, s catalog.Store, query catalog.OrderQuery) []catalog.Order {
	t.Helper()
	got, err := s.Orders(t.Context(), query)
	check(t, err)
	return got
}

func records(t *testing.T, s catalog.Store, query catalog.RecordQuery) []catalog.Record {
	t.Helper()
	got, err := s.Records(t.Context(), query)
	check(t, err)
	return got
}

// ledger adds up the movements of a variant, which its level must equal.
func ledger(t *testing.T, s catalog.Store, sku catalog.SKU) catalog.Level {
	t.Helper()
	level := catalog.Level{SKU: sku}
	for _, m := range all(t, 500, movementKey, func(after string) ([]catalog.Movement, error) {
		return s.Movements(t.Context(), catalog.MovementQuery{SKU: sku, AfterKey: after, Limit: 500})
	}) {
		level.OnHand += m.OnHand
		level.Reserved += m.Reserved
		if m.At.After(level.Head) {
			level.Head = m.At
		}
	}
	return level
}

func levels(t *testing.T, s catalog.Store, skus ...catalog.SKU) []catalog.Level {
	t.Helper()
	got, err := s.Levels(t.Context(), skus)
	check(t, err)
	return got
}

// at is a moment with milliseconds, n seconds after a fixed one.
func at(n int) time.Time {
	return time.Date(2026, 3, 1, 23, 59, 58, 987_000_000, time.UTC).Add(time.Duration(n) * time.Second)
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
