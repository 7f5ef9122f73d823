package storetest

import (
	"testing"

	"github.com/chophien/chophien/catalog"
)

func testDue(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	equal(t, "due in an empty store", dueMarks(t, s), nil)
	putProducts(t, s, simple("B"), simple("A"), simple("C"))
	marks := dueMarks(t, s)
	equal(t, "due when new", keys(marks, markID), []string{"A", "B", "C"})
	equal(t, "due when read again", dueMarks(t, s), marks)

	check(t, s.ClearDue(ctx, append(marks[:2:2], catalog.DueMark{ProductID: "missing", Count: 1})))
	equal(t, "due after clearing two", dueMarks(t, s), marks[2:])
	check(t, s.ClearDue(ctx, marks))
	check(t, s.ClearDue(ctx, marks))
	equal(t, "due after clearing all", dueMarks(t, s), nil)
	if got := product(t, s, "A"); got.Revision != 1 {
		t.Errorf("clearing changed the revision to %d", got.Revision)
	}

	changed := named("B", "khác")
	changed.Revision = 1
	putProducts(t, s, changed)
	equal(t, "due when changed", keys(dueMarks(t, s), markID), []string{"B"})

	stale := named("C", "cũ")
	stale.Revision = 9
	errs, err := s.PutProducts(ctx, []catalog.Product{stale})
	outcomes(t, errs, err, catalog.ErrConflict)
	equal(t, "due after a refused write", keys(dueMarks(t, s), markID), []string{"B"})
}

// A mark that is set again between its reading and its clearing stays, for
// what was looked at is not what there is.
func testDueMarkedAgain(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	putProducts(t, s, simple("A"), simple("B"))
	first := dueMarks(t, s)
	again := simple("A")
	again.Revision = 1
	putProducts(t, s, again)
	addMovements(t, s, movement("1", "B", 5, 0))
	second := dueMarks(t, s)
	for i := range first {
		if first[i].Count == second[i].Count {
			t.Errorf("%s was marked again and its count stayed %d", first[i].ProductID, first[i].Count)
		}
	}
	check(t, s.ClearDue(ctx, first))
	equal(t, "due after clearing what was read before", dueMarks(t, s), second)
	check(t, s.ClearDue(ctx, second))
	equal(t, "due after clearing what was read", dueMarks(t, s), nil)

	// Counts do not come back, or a clearing that was late would hit.
	addMovements(t, s, movement("2", "A", 5, 0))
	third := dueMarks(t, s)
	check(t, s.ClearDue(ctx, first))
	check(t, s.ClearDue(ctx, second))
	equal(t, "due after clearing what was cleared", dueMarks(t, s), third)
}

func testDueByStock(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	putProducts(t, s, full("M"), simple("A"), simple("B"))
	check(t, s.ClearDue(ctx, dueMarks(t, s)))
	addMovements(t, s,
		movement("1", "M-2", 1, 0), movement("2", "M-0", 0, 1), movement("3", "nobody's", 1, 0), movement("4", "B", 3, 0))
	equal(t, "due", keys(dueMarks(t, s), markID), []string{"B", "M"})
	check(t, s.ClearDue(ctx, dueMarks(t, s)))

	// A SKU that moved to another product makes that one due.
	b, a := simple("B"), simple("A")
	b.Revision, b.Variants[0].SKU = 1, "B-new"
	putProducts(t, s, b)
	a.Revision, a.Variants = 1, append(a.Variants, catalog.Variant{SKU: "B", ListPrice: catalog.VND(1)})
	putProducts(t, s, a)
	check(t, s.ClearDue(ctx, dueMarks(t, s)))
	addMovements(t, s, movement("5", "B", 1, 0))
	equal(t, "due", keys(dueMarks(t, s), markID), []string{"A"})
}

func testDuePages(t *testing.T, s catalog.Store) {
	list := numbered("P", 20)
	putProducts(t, s, list...)
	marks := dueMarks(t, s)
	check(t, s.ClearDue(t.Context(), marks[5:8]))
	got := all(t, 4, markID, func(after string) ([]catalog.DueMark, error) {
		return s.DueProducts(t.Context(), after, 4)
	})
	equal(t, "due", got, append(marks[:5:5], marks[8:]...))
}
