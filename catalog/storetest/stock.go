package storetest

import (
	"fmt"
	"testing"

	"github.com/chophien/chophien/catalog"
)

func testMovementsIdempotent(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	first := catalog.Movement{
		Key: "order/shop/1/1/reserve", SKU: "A", Ref: "order/shop/1/1", Kind: catalog.MoveReserve,
		OnHand: 0, Reserved: 2, At: at(3), Note: "ghi chú 🍯",
	}
	second := movement("count/A", "A", 10, 0)
	addMovements(t, s, first, second)
	got, err := s.Movements(ctx, catalog.MovementQuery{SKU: "A"})
	check(t, err)
	equal(t, "movements", got, []catalog.Movement{second, first})

	other := first
	other.Reserved, other.SKU = 5, "B"
	errs, err := s.AddMovements(ctx, []catalog.Movement{first, movement("new", "A", -3, -1), other, movement("new", "A", -3, -1), movement("new2", "B", 1, 0), movement("", "B", 7, 0)})
	check(t, err)
	if errs[5] == nil {
		t.Error("a movement without key was written")
	}
	outcomes(t, errs[:5], nil, catalog.ErrExists, nil, catalog.ErrExists, catalog.ErrExists, nil)
	names(t, errs[0], first.Key)
	equal(t, "levels", levels(t, s, "A", "B"), []catalog.Level{{SKU: "A", OnHand: 7, Reserved: 1, Head: at(3)}, {SKU: "B", OnHand: 1, Head: at(0)}})
	equal(t, "ledger", ledger(t, s, "A"), levels(t, s, "A")[0])
	got, err = s.Movements(ctx, catalog.MovementQuery{Refs: []string{first.Ref}})
	check(t, err)
	equal(t, "the first booking", got, []catalog.Movement{first})
}

func testMovementsQuery(t *testing.T, s catalog.Store) {
	var list []catalog.Movement
	for i := range 9 {
		m := movement(fmt.Sprint("k", 8-i), catalog.SKU(fmt.Sprint("S", i%2)), 1, 0)
		m.Ref = fmt.Sprint("r", i%3)
		list = append(list, m)
	}
	addMovements(t, s, list...)
	for name, test := range map[string]struct {
		query catalog.MovementQuery
		want  []string
	}{
		"everything":   {catalog.MovementQuery{}, []string{"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"}},
		"SKU":          {catalog.MovementQuery{SKU: "S0"}, []string{"k0", "k2", "k4", "k6", "k8"}},
		"refs":         {catalog.MovementQuery{Refs: []string{"r2", "r1", "r1", "no"}}, []string{"k0", "k1", "k3", "k4", "k6", "k7"}},
		"SKU and ref":  {catalog.MovementQuery{SKU: "S1", Refs: []string{"r0"}}, []string{"k5"}},
		"after":        {catalog.MovementQuery{AfterKey: "k6"}, []string{"k7", "k8"}},
		"SKU after":    {catalog.MovementQuery{SKU: "S0", AfterKey: "k2", Limit: 2}, []string{"k4", "k6"}},
		"refs after":   {catalog.MovementQuery{Refs: []string{"r1", "r2"}, AfterKey: "k1", Limit: 2}, []string{"k3", "k4"}},
		"unknown SKU":  {catalog.MovementQuery{SKU: "S"}, nil},
		"unknown refs": {catalog.MovementQuery{Refs: []string{"r"}}, nil},
	} {
		got, err := s.Movements(t.Context(), test.query)
		check(t, err)
		equal(t, name, keys(got, movementKey), test.want)
	}
}

func testLevels(t *testing.T, s catalog.Store) {
	equal(t, "levels of nothing", levels(t, s), nil)
	late, early := movement("1", "B", 10, 4), movement("2", "B", -12, 0)
	late.At, early.At = at(9), at(4)
	addMovements(t, s, late, early, movement("3", "C", 0, 0))
	got := levels(t, s, "missing", "B", "A", "C", "B")
	b := catalog.Level{SKU: "B", OnHand: -2, Reserved: 4, Head: at(9)}
	equal(t, "levels", got, []catalog.Level{{SKU: "missing"}, b, {SKU: "A"}, {SKU: "C", Head: at(0)}, b})
	if got[1].Available() != 0 {
		t.Errorf("available %d", got[1].Available())
	}
}

// More items than any default limit pass in one call, in the caller's order.
func testLargeBatch(t *testing.T, s catalog.Store) {
	const n = 1500
	list := make([]catalog.Movement, n)
	skus := make([]catalog.SKU, n)
	ids := make([]string, n)
	want := make([]catalog.Level, n)
	for i := range list {
		ids[i] = fmt.Sprintf("P%04d", i)
		skus[i] = catalog.SKU(fmt.Sprintf("S%04d", (i*7)%n))
		list[i] = movement(fmt.Sprintf("m%04d", i), skus[i], int64(i), 0)
		want[i] = catalog.Level{SKU: skus[i], OnHand: int64(i), Head: at(0)}
	}
	addMovements(t, s, list...)
	equal(t, "levels", levels(t, s, skus...), want)
	check(t, s.MarkListings(t.Context(), []catalog.ChannelID{"c"}, ids))
	if got := listings(t, s, catalog.ListingQuery{Channel: "c", Products: ids, Limit: 2 * n}); len(got) != n {
		t.Errorf("got %d listings of %d products", len(got), n)
	}
	if got := listings(t, s, catalog.ListingQuery{Channel: "c"}); len(got) != 1000 {
		t.Errorf("got %d listings without a limit, want 1000", len(got))
	}
	if got, err := s.Movements(t.Context(), catalog.MovementQuery{}); err != nil || len(got) != 1000 {
		t.Errorf("got %d movements without a limit, want 1000 (%v)", len(got), err)
	}
}
