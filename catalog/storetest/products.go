package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

func testProductsRoundTrip(t *testing.T, s catalog.Store) {
	want := full("MIEN-01")
	putProducts(t, s, want, simple("A"))
	want.Revision = 1
	got := product(t, s, "MIEN-01")
	equal(t, "product", got, want)
	if got.CreatedAt.Location() != time.UTC || got.Lots[0].MadeOn.Location() != time.UTC {
		t.Errorf("times are not in UTC: %v, %v", got.CreatedAt, got.Lots[0].MadeOn)
	}
	if v := got.Variants; v[0].SalePrice == nil || v[2].SalePrice != nil {
		t.Errorf("a sale price of zero and none at all are mixed up: %v, %v", v[0].SalePrice, v[2].SalePrice)
	}
	if o := got.Overrides; o["shop-a"].StockCap == nil || o["shop-c"].StockCap != nil {
		t.Errorf("a stock cap of zero and none at all are mixed up: %v, %v", o["shop-a"].StockCap, o["shop-c"].StockCap)
	}
	if least := product(t, s, "A"); !least.CreatedAt.IsZero() || !least.UpdatedAt.IsZero() {
		t.Errorf("the store set times: %v, %v", least.CreatedAt, least.UpdatedAt)
	}

	// What one reader does to a document reaches nobody else.
	got.Variants[0].SKU, got.Overrides["shop-a"] = "changed", catalog.Override{}
	equal(t, "product read again", product(t, s, "MIEN-01"), want)

	// Everything that can be emptied is emptied by a write.
	want = simple("MIEN-01")
	want.Revision = 1
	putProducts(t, s, want)
	want.Revision = 2
	equal(t, "product written over", product(t, s, "MIEN-01"), want)
}

func testProductsRevision(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	put := func(p catalog.Product, revision int64) ([]error, error) {
		p.Revision = revision
		return s.PutProducts(ctx, []catalog.Product{p})
	}
	p := simple("A")
	errs, err := put(p, 1)
	outcomes(t, errs, err, catalog.ErrConflict)
	if got := products(t, s, catalog.ProductQuery{}); len(got) != 0 {
		t.Fatalf("a refused write left %v", got)
	}
	errs, err = put(p, 0)
	outcomes(t, errs, err, nil)
	errs, err = put(named("A", "khác"), 0)
	outcomes(t, errs, err, catalog.ErrExists)
	names(t, errs[0], "A")
	p.Name.VI = "hai"
	errs, err = put(p, 1)
	outcomes(t, errs, err, nil)
	for _, stale := range []int64{1, 3, -1} {
		errs, err = put(named("A", "cũ"), stale)
		outcomes(t, errs, err, catalog.ErrConflict)
		names(t, errs[0], "A")
	}
	p.Revision = 2
	equal(t, "product", product(t, s, "A"), p)
}

func testProductsSKUUnique(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	with := func(id string, revision int64, skus ...catalog.SKU) catalog.Product {
		p := simple(id)
		p.Revision, p.Variants = revision, nil
		for _, sku := range skus {
			p.Variants = append(p.Variants, catalog.Variant{SKU: sku, GTIN: "8938505974194", ListPrice: catalog.VND(1000)})
		}
		return p
	}
	putProducts(t, s, with("one", 0, "X", "Y"), with("two", 0, "Z"))

	errs, err := s.PutProducts(ctx, []catalog.Product{with("three", 0, "W", "Y")})
	outcomes(t, errs, err, catalog.ErrExists)
	names(t, errs[0], "Y", "one", "three")
	errs, err = s.PutProducts(ctx, []catalog.Product{with("two", 1, "Z", "X")})
	outcomes(t, errs, err, catalog.ErrExists)
	names(t, errs[0], "X", "one", "two")
	errs, err = s.PutProducts(ctx, []catalog.Product{with("four", 0, "V", "V")})
	outcomes(t, errs, err, catalog.ErrExists)
	names(t, errs[0], "V", "four")
	errs, err = s.PutProducts(ctx, []catalog.Product{with("five", 0, "F"), with("six", 0, "F")})
	check(t, err)
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), catalog.ErrExists) {
		t.Errorf("two products of one batch with one SKU: %v", errs)
	}

	// A refused product claimed none of its SKUs and changed nothing.
	two := with("two", 1, "Z", "W", "V")
	putProducts(t, s, two)
	// A SKU that was given up is free; one that is kept stays its product's.
	putProducts(t, s, with("one", 1, "Y"))
	putProducts(t, s, with("three", 0, "X"))
	got := products(t, s, catalog.ProductQuery{SKUs: []catalog.SKU{"V", "X", "Z"}})
	two.Revision = 2
	equal(t, "products by SKU", got, []catalog.Product{with("three", 1, "X"), two})
}

func testProductsBatch(t *testing.T, s catalog.Store) {
	putProducts(t, s, simple("B"), simple("D"))
	stale, next := named("B", "cũ"), named("D", "mới")
	stale.Revision, next.Revision = 7, 1
	errs, err := s.PutProducts(t.Context(), []catalog.Product{simple("C"), stale, simple("A"), simple("D"), next, simple("A"), simple("E")})
	outcomes(t, errs, err, nil, catalog.ErrConflict, nil, catalog.ErrExists, nil, catalog.ErrExists, nil)
	got := products(t, s, catalog.ProductQuery{})
	equal(t, "IDs", keys(got, productID), []string{"A", "B", "C", "D", "E"})
	if got[1].Revision != 1 || got[3].Name.VI != "mới" || got[3].Revision != 2 {
		t.Errorf("got %v and %v", got[1], got[3])
	}

	errs, err = s.PutProducts(t.Context(), []catalog.Product{simple(""), simple("F")})
	check(t, err)
	if errs[0] == nil || errs[1] != nil {
		t.Errorf("a product without ID beside one with: %v", errs)
	}
}

func testProductsCallerKept(t *testing.T, s catalog.Store) {
	list := []catalog.Product{full("B"), full("A")}
	written(t, must(s.PutProducts(t.Context(), list)), nil)
	equal(t, "the caller's products", list, []catalog.Product{full("B"), full("A")})
	list[0].Variants[0].SKU = "changed"
	if got := product(t, s, "B"); got.Variants[0].SKU != "B-0" {
		t.Errorf("the stored product shares the caller's slices: %v", got.Variants[0].SKU)
	}

	ls := []catalog.Listing{fullListing("c", "B"), fullListing("c", "A")}
	written(t, must(s.PutListings(t.Context(), ls)), nil)
	equal(t, "the caller's listings", ls, []catalog.Listing{fullListing("c", "B"), fullListing("c", "A")})
	os := []catalog.Order{fullOrder("c", "B"), fullOrder("c", "A")}
	written(t, must(s.PutOrders(t.Context(), os)), nil)
	equal(t, "the caller's orders", os, []catalog.Order{fullOrder("c", "B"), fullOrder("c", "A")})
	ms := []catalog.Movement{movement("2", "B", 1, 0), movement("1", "A", 1, 0)}
	written(t, must(s.AddMovements(t.Context(), ms)), nil)
	equal(t, "the caller's movements", ms, []catalog.Movement{movement("2", "B", 1, 0), movement("1", "A", 1, 0)})
}

// must turns an error of the call into one of an item, for use in an argument.
func must(errs []error, err error) []error {
	if err != nil {
		return []error{err}
	}
	return errs
}

func testProductsQuery(t *testing.T, s catalog.Store) {
	for _, row := range []struct{ id, group, category, name string }{
		{"a", "g1", "honey", "Mật ong rừng"},
		{"b", "g1", "tea", "Chè Shan tuyết"},
		{"c", "g2", "honey", "Mật ong bạc hà"},
		{"d", "g1", "honey", "Mật ong rừng già"},
		{"e", "", "", "Miến"},
	} {
		p := named(row.id, row.name)
		p.GroupID, p.Category = row.group, row.category
		p.Variants = append(p.Variants, catalog.Variant{SKU: catalog.SKU(row.id + "-2"), ListPrice: catalog.VND(1)})
		putProducts(t, s, p)
	}
	for name, test := range map[string]struct {
		query catalog.ProductQuery
		want  []string
	}{
		"everything":             {catalog.ProductQuery{}, []string{"a", "b", "c", "d", "e"}},
		"IDs in any order":       {catalog.ProductQuery{IDs: []string{"d", "a", "d", "missing"}}, []string{"a", "d"}},
		"no ID that exists":      {catalog.ProductQuery{IDs: []string{"missing"}}, nil},
		"empty lists":            {catalog.ProductQuery{IDs: []string{}, SKUs: []catalog.SKU{}}, []string{"a", "b", "c", "d", "e"}},
		"SKUs":                   {catalog.ProductQuery{SKUs: []catalog.SKU{"c-2", "b", "b-2", "B"}}, []string{"b", "c"}},
		"IDs and SKUs":           {catalog.ProductQuery{IDs: []string{"a", "b"}, SKUs: []catalog.SKU{"c", "b"}}, []string{"b"}},
		"group":                  {catalog.ProductQuery{Group: "g1"}, []string{"a", "b", "d"}},
		"category":               {catalog.ProductQuery{Category: "honey"}, []string{"a", "c", "d"}},
		"group and category":     {catalog.ProductQuery{Group: "g1", Category: "honey"}, []string{"a", "d"}},
		"part of a category":     {catalog.ProductQuery{Category: "hon"}, nil},
		"text":                   {catalog.ProductQuery{Text: "mat ong"}, []string{"a", "c", "d"}},
		"text and group":         {catalog.ProductQuery{Text: "mat ong", Group: "g1"}, []string{"a", "d"}},
		"text and category":      {catalog.ProductQuery{Text: "m", Category: "honey"}, []string{"a", "c", "d"}},
		"text and IDs":           {catalog.ProductQuery{Text: "rung", IDs: []string{"c", "d"}}, []string{"d"}},
		"text, SKUs, two words":  {catalog.ProductQuery{Text: "mat ru", SKUs: []catalog.SKU{"a-2", "c"}}, []string{"a"}},
		"all at once":            {catalog.ProductQuery{Text: "mat", Group: "g1", Category: "honey", After: "a", Limit: 1}, []string{"d"}},
		"after":                  {catalog.ProductQuery{After: "b"}, []string{"c", "d", "e"}},
		"after one not there":    {catalog.ProductQuery{After: "bb", Limit: 2}, []string{"c", "d"}},
		"after the last":         {catalog.ProductQuery{After: "e"}, nil},
		"IDs after":              {catalog.ProductQuery{IDs: []string{"a", "c", "e"}, After: "a", Limit: 1}, []string{"c"}},
		"group after, limited":   {catalog.ProductQuery{Group: "g1", After: "a", Limit: 1}, []string{"b"}},
		"a limit beyond the end": {catalog.ProductQuery{Limit: 100000}, []string{"a", "b", "c", "d", "e"}},
	} {
		equal(t, name, keys(products(t, s, test.query), productID), test.want)
	}
}

func testProductsPages(t *testing.T, s catalog.Store) {
	before := numbered("P", 30)
	shuffled := slices.Clone(before)
	slices.Reverse(shuffled)
	putProducts(t, s, shuffled...)
	// While somebody pages, products come in on both sides of the page's end.
	var inserted int
	got := all(t, 7, productID, func(after string) ([]catalog.Product, error) {
		if after != "" {
			putProducts(t, s, simple(after+"-next"), simple("A"+after))
			inserted++
		}
		return s.Products(t.Context(), catalog.ProductQuery{After: after, Limit: 7})
	})
	var want []string
	for _, p := range before {
		want = append(want, p.ID)
	}
	ids := slices.DeleteFunc(keys(got, productID), func(id string) bool { return strings.HasSuffix(id, "-next") })
	equal(t, "IDs", ids, want)
	if len(got)-len(ids) != inserted {
		t.Errorf("%d of %d products put beyond the page's end were seen", len(got)-len(ids), inserted)
	}
}

func testProductsDefaultLimit(t *testing.T, s catalog.Store) {
	list := numbered("P", 1003)
	putProducts(t, s, list...)
	if got := products(t, s, catalog.ProductQuery{}); len(got) != 1000 {
		t.Errorf("got %d products without a limit, want 1000", len(got))
	}
	if got := dueMarks(t, s); len(got) != 1000 {
		t.Errorf("got %d marks without a limit, want 1000", len(got))
	}
	ids := keys(list, productID)
	if got := products(t, s, catalog.ProductQuery{IDs: ids, Limit: 2000}); len(got) != len(ids) {
		t.Errorf("got %d products by %d IDs", len(got), len(ids))
	}
}

func testProductsText(t *testing.T, s catalog.Store) {
	for i, text := range []string{
		"Mật ong 🍯 👩🏽‍🌾 ⚑",                   // beyond the basic plane, joined
		"Tie\u0302\u0301ng Vie\u0323\u0302t", // NFD stays what it is
		"một\r\nhai\tba\u2028bốn\u00a0năm\u200b",
		`"nháy" 'đơn' \ / <b>&amp;</b> {"$set":1} %s %d ` + "`",
		"\ufeffBOM, \u202eviết ngược\u202c, \x01\x7f",
		"  đầu và cuối  ",
		strings.Repeat("Chè Shan tuyết Bằng Phúc. ", 1<<20/30), // about 1 MB
	} {
		p := simple(strings.Repeat("t", i+1))
		p.Name.VI, p.Description.VI, p.Attributes = text, text, []catalog.Attribute{{Name: fmt.Sprintf("%.5s", text), Value: catalog.Text{EN: text}}}
		if len(text) > 1000 {
			p.Name.VI, p.Attributes = "dài", nil
		}
		putProducts(t, s, p)
		p.Revision = 1
		equal(t, "text", product(t, s, p.ID), p)
	}
}

func testProductsNUL(t *testing.T, s catalog.Store) {
	for _, p := range []catalog.Product{named("A", "a\x00b"), simple("B\x00C")} {
		errs, err := s.PutProducts(t.Context(), []catalog.Product{p})
		if err == nil && errs[0] == nil {
			p.Revision = 1
			equal(t, "product with NUL", product(t, s, p.ID), p)
		}
	}
	for _, p := range products(t, s, catalog.ProductQuery{}) {
		if p.ID != "A" && p.ID != "B\x00C" || p.ID == "A" && p.Name.VI != "a\x00b" {
			t.Errorf("cut at the NUL: %q %q", p.ID, p.Name.VI)
		}
	}
}

func testKeys(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	want := slices.Clone(oddKeys)
	slices.Sort(want)
	for _, key := range oddKeys {
		putProducts(t, s, simple(key))
		p := simple(key)
		p.Revision, p.GroupID, p.Category = 1, key, key
		putProducts(t, s, p)
		putListings(t, s, catalog.Listing{Channel: "shop", ProductID: key, ExternalID: catalog.ExternalID(key), Status: catalog.StatusLive})
		putOrders(t, s, order("shop", catalog.ExternalID(key), at(0)))
		m := movement(key, catalog.SKU(key), 1, 0)
		m.Ref = key
		addMovements(t, s, m)
		check(t, s.PutRecord(ctx, record(catalog.KindMemory, key, `{}`)))
	}
	equal(t, "products", keys(products(t, s, catalog.ProductQuery{}), productID), want)
	equal(t, "records", keys(records(t, s, catalog.RecordQuery{Kind: catalog.KindMemory}), recordID), want)
	equal(t, "paged products", keys(all(t, 3, productID, func(after string) ([]catalog.Product, error) {
		return s.Products(ctx, catalog.ProductQuery{After: after, Limit: 3})
	}), productID), want)
	equal(t, "paged listings", keys(all(t, 3, listingProduct, func(after string) ([]catalog.Listing, error) {
		return s.Listings(ctx, catalog.ListingQuery{Channel: "shop", After: after, Limit: 3})
	}), listingProduct), want)
	equal(t, "paged movements", keys(all(t, 3, movementKey, func(after string) ([]catalog.Movement, error) {
		return s.Movements(ctx, catalog.MovementQuery{AfterKey: after, Limit: 3})
	}), movementKey), want)
	equal(t, "paged marks", keys(all(t, 3, markID, func(after string) ([]catalog.DueMark, error) {
		return s.DueProducts(ctx, after, 3)
	}), markID), want)
	equal(t, "paged orders", keys(all(t, 3, catalog.Order.Key, func(after string) ([]catalog.Order, error) {
		return s.Orders(ctx, catalog.OrderQuery{AfterKey: after, Limit: 3})
	}), func(o catalog.Order) string { return string(o.ExternalID) }), want)

	for _, key := range want {
		one := []string{key}
		sku, external := []catalog.SKU{catalog.SKU(key)}, []catalog.ExternalID{catalog.ExternalID(key)}
		equal(t, "by ID", keys(products(t, s, catalog.ProductQuery{IDs: one}), productID), one)
		equal(t, "by SKU", keys(products(t, s, catalog.ProductQuery{SKUs: sku}), productID), one)
		equal(t, "by group", keys(products(t, s, catalog.ProductQuery{Group: key}), productID), one)
		equal(t, "by category", keys(products(t, s, catalog.ProductQuery{Category: key}), productID), one)
		equal(t, "listings by product", keys(listings(t, s, catalog.ListingQuery{Products: one}), listingProduct), one)
		equal(t, "listings by external ID", keys(listings(t, s, catalog.ListingQuery{Channel: "shop", ExternalIDs: external}), listingProduct), one)
		equal(t, "orders", len(orders(t, s, catalog.OrderQuery{Channel: "shop", ExternalIDs: external})), 1)
		for _, query := range []catalog.MovementQuery{{SKU: sku[0]}, {Refs: one}} {
			got, err := s.Movements(ctx, query)
			check(t, err)
			equal(t, "movements", keys(got, movementKey), one)
		}
		equal(t, "level", levels(t, s, sku...), []catalog.Level{{SKU: sku[0], OnHand: 1, Head: at(0)}})
		equal(t, "record", keys(records(t, s, catalog.RecordQuery{Kind: catalog.KindMemory, IDs: one}), recordID), one)
		var begins []string
		for _, other := range want {
			if strings.HasPrefix(other, key) {
				begins = append(begins, other)
			}
		}
		equal(t, "records that begin with "+key, keys(records(t, s, catalog.RecordQuery{Kind: catalog.KindMemory, Prefix: key}), recordID), begins)
	}
	check(t, s.MarkListings(ctx, []catalog.ChannelID{"shop"}, want))
	equal(t, "marked", keys(listings(t, s, catalog.ListingQuery{Channel: "shop", Due: true}), listingProduct), want)
	check(t, s.ClearDue(ctx, dueMarks(t, s)))
	equal(t, "still due", dueMarks(t, s), nil)
	check(t, s.DeleteRecords(ctx, catalog.KindMemory, want[1:]))
	equal(t, "records left", keys(records(t, s, catalog.RecordQuery{Kind: catalog.KindMemory}), recordID), want[:1])
}
