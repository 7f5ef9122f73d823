package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

func testRecordsRoundTrip(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	for i, data := range []string{
		`{}`,
		`{"a":null,"b":"","c":[],"d":{},"e":0,"f":false,"g":[[],[null]]}`,
		`{"max":9223372036854775807,"min":-9223372036854775808,"text":"9223372036854775808","money":"1.50"}`,
		`{"a.b":1,"$set":{"$inc":2},"":3,"_id":"x","khóa có dấu":"🍯","a b":"<&>\u2028"}`,
		`{"z":1,"a":{"y":[1,2,{"x":"\u0111"}]}}`,
	} {
		r := record(catalog.KindPlan, fmt.Sprint(i), data)
		check(t, s.PutRecord(ctx, r))
		r.Revision = 1
		equal(t, "record", records(t, s, catalog.RecordQuery{Kind: catalog.KindPlan, IDs: []string{r.ID}}), []catalog.Record{r})
	}
	run := catalog.Run{
		ID: "r", Task: "publish", StartedAt: at(0), Counts: map[string]int64{"calls.total": 3, "$x": 1 << 60, "zero": 0},
		Errors: []catalog.Issue{{Code: "x", Severity: catalog.SeverityError, Message: catalog.Text{VI: "lỗi", EN: "error"}}},
	}
	check(t, catalog.Save(ctx, s, catalog.KindRun, "r", 0, run))
	got, revision, err := catalog.Load[catalog.Run](ctx, s, catalog.KindRun, "r")
	check(t, err)
	equal(t, "run", got, run)
	if revision != 1 || got.StartedAt.Location() != time.UTC {
		t.Errorf("got revision %d, time %v", revision, got.StartedAt)
	}
}

func testRecordsRevision(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	put := func(kind catalog.RecordKind, revision int64, data string) error {
		r := record(kind, "r", data)
		r.Revision = revision
		return s.PutRecord(ctx, r)
	}
	for i, step := range []struct {
		revision int64
		want     error
	}{{1, catalog.ErrConflict}, {0, nil}, {0, catalog.ErrExists}, {2, catalog.ErrConflict}, {1, nil}, {1, catalog.ErrConflict}, {2, nil}} {
		if err := put(catalog.KindRun, step.revision, fmt.Sprintf(`{"step":%d}`, i)); !errors.Is(err, step.want) {
			t.Errorf("step %d: got %v, want %v", i, err, step.want)
		}
	}
	check(t, put(catalog.KindPlan, 0, `{}`)) // another kind, another document
	want := record(catalog.KindRun, "r", `{"step":6}`)
	want.Revision = 3
	equal(t, "record", records(t, s, catalog.RecordQuery{Kind: catalog.KindRun}), []catalog.Record{want})
	names(t, put(catalog.KindRun, 1, `{}`), "run", "r")
}

func testRecordsQuery(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	for _, id := range []string{"a/3", "a", "b", "a/1", "a_1", "a/2", "a0"} {
		check(t, s.PutRecord(ctx, record(catalog.KindMemory, id, `{}`)))
		check(t, s.PutRecord(ctx, record(catalog.KindHook, "other "+id, `{}`)))
	}
	const kind = catalog.KindMemory
	for name, test := range map[string]struct {
		query catalog.RecordQuery
		want  []string
	}{
		"everything":          {catalog.RecordQuery{Kind: kind}, []string{"a", "a/1", "a/2", "a/3", "a0", "a_1", "b"}},
		"newest":              {catalog.RecordQuery{Kind: kind, Newest: true}, []string{"b", "a_1", "a0", "a/3", "a/2", "a/1", "a"}},
		"prefix":              {catalog.RecordQuery{Kind: kind, Prefix: "a/"}, []string{"a/1", "a/2", "a/3"}},
		"prefix, newest":      {catalog.RecordQuery{Kind: kind, Prefix: "a/", Newest: true, Limit: 2}, []string{"a/3", "a/2"}},
		"prefix, after":       {catalog.RecordQuery{Kind: kind, Prefix: "a/", After: "a/1"}, []string{"a/2", "a/3"}},
		"after before prefix": {catalog.RecordQuery{Kind: kind, Prefix: "a/", After: "a"}, []string{"a/1", "a/2", "a/3"}},
		"after the prefix":    {catalog.RecordQuery{Kind: kind, Prefix: "a/1", After: "a/1"}, nil},
		"newest, after":       {catalog.RecordQuery{Kind: kind, Newest: true, After: "a/3"}, []string{"a/2", "a/1", "a"}},
		"prefix newest after": {catalog.RecordQuery{Kind: kind, Prefix: "a/", Newest: true, After: "a/3"}, []string{"a/2", "a/1"}},
		"newest after beyond": {catalog.RecordQuery{Kind: kind, Prefix: "a/", Newest: true, After: "zzz", Limit: 1}, []string{"a/3"}},
		"IDs":                 {catalog.RecordQuery{Kind: kind, IDs: []string{"b", "a", "b", "no"}}, []string{"a", "b"}},
		"IDs, newest":         {catalog.RecordQuery{Kind: kind, IDs: []string{"a", "b"}, Newest: true}, []string{"b", "a"}},
		"IDs with prefix":     {catalog.RecordQuery{Kind: kind, IDs: []string{"a", "a/1", "b"}, Prefix: "a/"}, []string{"a/1"}},
		"limit":               {catalog.RecordQuery{Kind: kind, After: "a", Limit: 2}, []string{"a/1", "a/2"}},
		"other kind":          {catalog.RecordQuery{Kind: catalog.KindRun}, nil},
	} {
		equal(t, name, keys(records(t, s, test.query), recordID), test.want)
	}
	for _, kind := range catalog.RecordKinds {
		check(t, s.PutRecord(ctx, record(kind, "each", `{}`)))
		equal(t, string(kind), len(records(t, s, catalog.RecordQuery{Kind: kind, IDs: []string{"each"}})), 1)
	}
}

func testRecordsDelete(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	for _, id := range []string{"a", "b", "c"} {
		check(t, s.PutRecord(ctx, record(catalog.KindPlan, id, `{}`)))
		check(t, s.PutRecord(ctx, record(catalog.KindRun, id, `{}`)))
	}
	for range 2 {
		check(t, s.DeleteRecords(ctx, catalog.KindPlan, []string{"a", "missing", "c", "a"}))
	}
	check(t, s.DeleteRecords(ctx, catalog.KindPlan, nil))
	equal(t, "left", keys(records(t, s, catalog.RecordQuery{Kind: catalog.KindPlan}), recordID), []string{"b"})
	equal(t, "other kind", keys(records(t, s, catalog.RecordQuery{Kind: catalog.KindRun}), recordID), []string{"a", "b", "c"})
	// A deleted record is as one that never was.
	stale := record(catalog.KindPlan, "a", `{}`)
	stale.Revision = 1
	if err := s.PutRecord(ctx, stale); !errors.Is(err, catalog.ErrConflict) {
		t.Errorf("a write over a deleted record: %v", err)
	}
	check(t, s.PutRecord(ctx, record(catalog.KindPlan, "a", `{"again":1}`)))
	equal(t, "revision", records(t, s, catalog.RecordQuery{Kind: catalog.KindPlan, IDs: []string{"a"}})[0].Revision, 1)
}

func testRecordsRefused(t *testing.T, s catalog.Store) {
	for name, r := range map[string]catalog.Record{
		"no kind":        record("", "x", `{}`),
		"no ID":          record(catalog.KindPlan, "", `{}`),
		"no data":        record(catalog.KindPlan, "x", ``),
		"half an object": record(catalog.KindPlan, "x", `{"a":1`),
		"two objects":    record(catalog.KindPlan, "x", `{}{}`),
		"a list":         record(catalog.KindPlan, "x", `[1]`),
		"null":           record(catalog.KindPlan, "x", `null`),
	} {
		if err := s.PutRecord(t.Context(), r); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
	equal(t, "records", records(t, s, catalog.RecordQuery{Kind: catalog.KindPlan}), nil)
}

func testLoadSaveModify(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	if _, _, err := catalog.Load[catalog.Group](ctx, s, catalog.KindGroup, "g"); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("load of a missing record: %v", err)
	}
	group := catalog.Group{ID: "g", Name: catalog.Text{VI: "Hợp tác xã Bản Cá"}, Origin: catalog.Origin{Province: "Đắk Nông"}, Sample: true}
	check(t, catalog.Save(ctx, s, catalog.KindGroup, "g", 0, group))
	if err := catalog.Save(ctx, s, catalog.KindGroup, "g", 0, group); !errors.Is(err, catalog.ErrExists) {
		t.Errorf("second create: %v", err)
	}
	got, err := catalog.Modify(ctx, s, catalog.KindGroup, "g", func(g *catalog.Group) error {
		g.Kind = "nhóm"
		return nil
	})
	check(t, err)
	group.Kind = "nhóm"
	equal(t, "modified", got, group)
	refusal := errors.New("refused")
	if _, err := catalog.Modify(ctx, s, catalog.KindGroup, "g", func(g *catalog.Group) error {
		g.Kind = "khác"
		return refusal
	}); !errors.Is(err, refusal) {
		t.Errorf("got %v", err)
	}
	got, revision, err := catalog.Load[catalog.Group](ctx, s, catalog.KindGroup, "g")
	check(t, err)
	equal(t, "stored", got, group)
	equal(t, "revision", revision, 2)
	_, err = catalog.Modify(ctx, s, catalog.KindChannel, "new", func(n *map[string]string) error {
		*n = map[string]string{"a": "b"}
		return nil
	})
	check(t, err)
}

func testQueriesRefused(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	for _, query := range []catalog.ListingQuery{{}, {Due: true}, {Status: catalog.StatusLive}, {ExternalIDs: []catalog.ExternalID{"1"}}} {
		if _, err := s.Listings(ctx, query); err == nil {
			t.Errorf("listings of no channel and no product: %+v passes", query)
		}
	}
	if _, err := s.Orders(ctx, catalog.OrderQuery{ExternalIDs: []catalog.ExternalID{"1"}}); err == nil {
		t.Error("orders by external ID without a channel pass")
	}
	if _, err := s.Records(ctx, catalog.RecordQuery{IDs: []string{"1"}}); err == nil {
		t.Error("records of no kind pass")
	}
}

func testNothing(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	errs, err := s.PutProducts(ctx, nil)
	outcomes(t, errs, err)
	errs, err = s.PutListings(ctx, []catalog.Listing{})
	outcomes(t, errs, err)
	errs, err = s.PutOrders(ctx, nil)
	outcomes(t, errs, err)
	errs, err = s.AddMovements(ctx, nil)
	outcomes(t, errs, err)
	check(t, s.ClearDue(ctx, nil))
	check(t, s.MarkListings(ctx, nil, nil))
	check(t, s.DeleteRecords(ctx, catalog.KindPlan, nil))
	equal(t, "products", products(t, s, catalog.ProductQuery{}), nil)
	equal(t, "orders", orders(t, s, catalog.OrderQuery{}), nil)
}

func testCanceled(t *testing.T, s catalog.Store) {
	putProducts(t, s, simple("A"))
	ctx := canceled()
	for name, call := range map[string]func(context.Context) error{
		"PutProducts": func(ctx context.Context) error {
			_, err := s.PutProducts(ctx, numbered("P", 500))
			return err
		},
		"Products": func(ctx context.Context) error {
			_, err := s.Products(ctx, catalog.ProductQuery{})
			return err
		},
		"Products by text": func(ctx context.Context) error {
			_, err := s.Products(ctx, catalog.ProductQuery{Text: "san pham"})
			return err
		},
		"ClearDue":    func(ctx context.Context) error { return s.ClearDue(ctx, []catalog.DueMark{{ProductID: "A", Count: 1}}) },
		"DueProducts": func(ctx context.Context) error { _, err := s.DueProducts(ctx, "", 0); return err },
		"PutListings": func(ctx context.Context) error {
			_, err := s.PutListings(ctx, []catalog.Listing{listing("c", "A")})
			return err
		},
		"Listings": func(ctx context.Context) error {
			_, err := s.Listings(ctx, catalog.ListingQuery{Channel: "c"})
			return err
		},
		"MarkListings": func(ctx context.Context) error {
			return s.MarkListings(ctx, []catalog.ChannelID{"c"}, []string{"A"})
		},
		"CountListings": func(ctx context.Context) error { _, err := s.CountListings(ctx, "c"); return err },
		"PutOrders": func(ctx context.Context) error {
			_, err := s.PutOrders(ctx, []catalog.Order{order("c", "1", at(0))})
			return err
		},
		"Orders": func(ctx context.Context) error { _, err := s.Orders(ctx, catalog.OrderQuery{}); return err },
		"AddMovements": func(ctx context.Context) error {
			_, err := s.AddMovements(ctx, []catalog.Movement{movement("1", "A", 1, 0)})
			return err
		},
		"Movements": func(ctx context.Context) error { _, err := s.Movements(ctx, catalog.MovementQuery{}); return err },
		"Levels":    func(ctx context.Context) error { _, err := s.Levels(ctx, []catalog.SKU{"A"}); return err },
		"PutRecord": func(ctx context.Context) error { return s.PutRecord(ctx, record(catalog.KindPlan, "p", `{}`)) },
		"Records": func(ctx context.Context) error {
			_, err := s.Records(ctx, catalog.RecordQuery{Kind: catalog.KindPlan})
			return err
		},
		"DeleteRecords": func(ctx context.Context) error { return s.DeleteRecords(ctx, catalog.KindPlan, []string{"p"}) },
		"Heal":          s.Heal,
	} {
		if err := call(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want %v", name, err, context.Canceled)
		}
	}
	// The store is as usable as before.
	putProducts(t, s, simple("B"))
	equal(t, "products", keys(products(t, s, catalog.ProductQuery{}), productID), []string{"A", "B"})
}

func testHeal(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	check(t, s.Heal(ctx))
	putProducts(t, s, full("A"), simple("B"))
	putListings(t, s, fullListing("c", "A"))
	putOrders(t, s, fullOrder("c", "1"))
	addMovements(t, s, movement("1", "A-0", 5, 2), movement("2", "A-0", -1, 0))
	check(t, s.ClearDue(ctx, dueMarks(t, s)[1:]))
	state := func() []any {
		return []any{
			products(t, s, catalog.ProductQuery{}), dueMarks(t, s), listings(t, s, catalog.ListingQuery{Channel: "c"}),
			orders(t, s, catalog.OrderQuery{}), levels(t, s, "A-0", "B"),
		}
	}
	before := state()
	for range 2 {
		check(t, s.Heal(ctx))
		equal(t, "after healing what is not ill", state(), before)
	}
}

// equalSet compares without regard to order.
func equalSet(t *testing.T, what string, got, want []string) {
	t.Helper()
	equal(t, what, slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want)))
}
