package mongostore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/chophien/chophien/catalog"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// done fails the test unless every item was written.
func done(t testing.TB, errs []error, err error) {
	t.Helper()
	must(t, errors.Join(append(errs, err)...))
}

func products(from, n int) []catalog.Product {
	list := make([]catalog.Product, n)
	for i := range list {
		id := fmt.Sprintf("P%06d", from+i)
		list[i] = catalog.Product{
			ID: id, Name: catalog.Text{VI: "Mật ong rừng Bắc Kạn " + id, EN: "Forest honey " + id}, Category: "honey", GroupID: "htx",
			Variants: []catalog.Variant{{SKU: catalog.SKU("SKU-" + id), ListPrice: catalog.VND(185000), Weight: 500}},
		}
	}
	return list
}

// What 1,000 items cost in round trips; one by one would be 1,000 or more.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	w := &watch{}
	s := openFresh(t, w.monitor())
	ctx := t.Context()
	const n = 1000
	created := products(0, n)
	ids, skus, movements := make([]string, n), make([]catalog.SKU, n), make([]catalog.Movement, n)
	listings, orders := make([]catalog.Listing, n), make([]catalog.Order, n)
	for i, p := range created {
		ids[i], skus[i] = p.ID, p.Variants[0].SKU
		movements[i] = catalog.Movement{Key: "count/" + p.ID, SKU: skus[i], Kind: catalog.MoveCount, OnHand: int64(i + 1), Ref: "count"}
		listings[i] = catalog.Listing{Channel: "shop", ProductID: p.ID, ExternalID: catalog.ExternalID(p.ID), Due: true, Status: catalog.StatusLive}
		orders[i] = catalog.Order{Channel: "shop", ExternalID: catalog.ExternalID(p.ID), Unsettled: true}
	}
	changed := slices.Clone(created)
	for i := range changed {
		changed[i].Revision = 1
	}
	mixed := append(slices.Clone(changed[:500]), products(n, 500)...)
	for i := range mixed[:500] {
		mixed[i].Revision = 2
	}
	var marks []catalog.DueMark
	put := func(errs []error, err error) error { return errors.Join(append(errs, err)...) }
	read := func(got int, err error) error {
		if err == nil && got != n {
			return fmt.Errorf("got %d of %d", got, n)
		}
		return err
	}
	w.sent()
	for _, step := range []struct {
		name string
		call func() error
		want string
	}{
		{"create products", func() error { return put(s.PutProducts(ctx, created)) }, "insert"},
		{"change products", func() error { return put(s.PutProducts(ctx, changed)) }, "update"},
		{"lose against a change", func() error {
			errs, err := s.PutProducts(ctx, changed)
			if !errors.Is(errs[0], catalog.ErrConflict) || !errors.Is(errs[n-1], catalog.ErrConflict) {
				t.Errorf("got %v", errs[0])
			}
			return err
		}, "update find"},
		{"create and change products", func() error { return put(s.PutProducts(ctx, mixed)) }, "insert update"},
		{"read products", func() error { p, err := s.Products(ctx, catalog.ProductQuery{IDs: ids}); return read(len(p), err) }, "find"},
		{"find products by SKU", func() error { p, err := s.Products(ctx, catalog.ProductQuery{SKUs: skus}); return read(len(p), err) }, "find find"},
		{"search products", func() error {
			p, err := s.Products(ctx, catalog.ProductQuery{Text: "mat ong ru"})
			return read(len(p), err)
		}, "find"},
		{"read marks", func() (err error) { marks, err = s.DueProducts(ctx, "", n); return read(len(marks), err) }, "find"},
		{"clear marks", func() error { return s.ClearDue(ctx, marks) }, "update"},
		{"create listings", func() error { return put(s.PutListings(ctx, listings)) }, "insert"},
		{"mark listings", func() error { return s.MarkListings(ctx, []catalog.ChannelID{"shop", "new"}, ids) }, "update update"},
		{"read due listings", func() error {
			l, err := s.Listings(ctx, catalog.ListingQuery{Channel: "shop", Due: true})
			return read(len(l), err)
		}, "find"},
		{"count listings", func() error { c, err := s.CountListings(ctx, "shop"); return read(c[catalog.StatusLive], err) }, "aggregate"},
		{"create orders", func() error { return put(s.PutOrders(ctx, orders)) }, "insert"},
		{"read orders", func() error {
			o, err := s.Orders(ctx, catalog.OrderQuery{Channel: "shop", Unsettled: true})
			return read(len(o), err)
		}, "find"},
		{"book movements", func() error { return put(s.AddMovements(ctx, movements)) }, "find insert insert insert find update delete"},
		{"book them again", func() error {
			errs, err := s.AddMovements(ctx, movements)
			if !errors.Is(errs[0], catalog.ErrExists) || !errors.Is(errs[n-1], catalog.ErrExists) {
				t.Errorf("got %v", errs[0])
			}
			return err
		}, "find insert insert find delete"},
		{"book more", func() error {
			more := slices.Clone(movements)
			for i := range more {
				more[i].Key, more[i].OnHand = "more/"+more[i].Key, 0
			}
			return put(s.AddMovements(ctx, more))
		}, "find insert insert update find update delete"},
		{"read levels", func() error {
			l, err := s.Levels(ctx, skus)
			for i := range l {
				if l[i].OnHand != int64(i+1) {
					t.Fatalf("level %d is %+v", i, l[i])
				}
			}
			return read(len(l), err)
		}, "find find"},
		{"read movements", func() error {
			m, err := s.Movements(ctx, catalog.MovementQuery{Refs: []string{"count"}})
			return read(len(m), err)
		}, "find"},
		{"heal nothing", func() error { return s.Heal(ctx) }, "find"},
		{"delete records", func() error { return s.DeleteRecords(ctx, catalog.KindMemory, ids) }, "delete"},
	} {
		must(t, step.call())
		if got := strings.Join(w.sent(), " "); got != step.want {
			t.Errorf("%s: sent %q, want %q", step.name, got, step.want)
		}
	}
	w.checkIndexes(t, s.db)
}

// The check of the watch finds what it is there to find.
func TestWatchFindsMissingIndex(t *testing.T) {
	t.Parallel()
	equal, some := func(f string) condition { return condition{f, true} }, func(f string) condition { return condition{f, false} }
	for _, test := range []struct {
		query  query
		served bool
	}{
		{query{collection: "products", sort: []string{"_id"}}, true},
		{query{collection: "products"}, false},
		{query{collection: "products", conditions: []condition{equal("doc.brand")}}, false},
		{query{collection: "products", conditions: []condition{equal("doc.group")}, sort: []string{"_id"}}, true},
		{query{collection: "products", conditions: []condition{equal("doc.group")}, sort: []string{"doc.updated_at"}}, false},
		{query{collection: "products", conditions: []condition{some("doc.group")}, sort: []string{"_id"}}, false},
		{query{collection: "products", conditions: []condition{some("tokens")}, sort: []string{"_id"}}, true},
		{query{collection: "products", conditions: []condition{some("due")}, sort: []string{"due"}}, true},
		{query{collection: "products", conditions: []condition{some("due")}, sort: []string{"_id"}}, false},
		{query{collection: "listings", conditions: []condition{equal("doc.channel"), equal("doc.status")}, sort: []string{"_id"}}, true},
		{query{collection: "listings", conditions: []condition{equal("doc.status")}}, false},
	} {
		if problem := test.query.problem(); (problem == "") != test.served {
			t.Errorf("%s: served %t, want %t (%s)", test.query.shape(), problem == "", test.served, problem)
		}
	}
	filter, err := bson.Marshal(bson.D{{Key: "find", Value: "products"}, {Key: "filter", Value: bson.D{
		{Key: "_id", Value: bson.D{{Key: "$gt", Value: "a"}}}, {Key: "doc.group", Value: "g"},
		{Key: "$and", Value: bson.A{bson.D{{Key: "tokens", Value: "x"}}, bson.D{{Key: "tokens", Value: bson.Regex{Pattern: "^y"}}}}},
	}}, {Key: "sort", Value: ascending("_id")}})
	must(t, err)
	if got, want := queriesOf("find", filter)[0].shape(), "products [_id~ doc.group= tokens~ tokens=] sort [_id]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestIndexesAreMade(t *testing.T) {
	t.Parallel()
	s := openFresh(t, nil)
	must(t, s.makeIndexes(t.Context())) // again
	for _, index := range indexes() {
		specs, err := s.db.Collection(index.collection).Indexes().ListSpecifications(t.Context())
		must(t, err)
		found := slices.ContainsFunc(specs, func(spec mongo.IndexSpecification) bool {
			elements, err := spec.KeysDocument.Elements()
			must(t, err)
			var keys []string
			for _, e := range elements {
				keys = append(keys, e.Key())
			}
			return slices.Equal(keys, index.keys) && (spec.Unique != nil && *spec.Unique) == index.unique && (spec.Sparse != nil && *spec.Sparse) == index.sparse
		})
		if !found {
			t.Errorf("index %+v is missing", index)
		}
	}
}

// A document that MongoDB would refuse fails alone.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := openFresh(t, nil)
	list := products(0, 3)
	list[1].Description.VI = strings.Repeat("x", 16<<20)
	errs, err := s.PutProducts(t.Context(), list)
	must(t, err)
	if errs[0] != nil || errs[1] == nil || errs[2] != nil || !strings.Contains(errs[1].Error(), "P000001") {
		t.Errorf("got %v", errs)
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	for name, uri := range map[string]string{
		"no scheme":      "user:s3cret@127.0.0.1",
		"slash":          "mongodb://user:s3c/ret@127.0.0.1:1/",
		"bad value":      "mongodb://user:s3cret@127.0.0.1:1/?tlsCertificateKeyFilePassword=%zzs3cret",
		"nobody answers": "mongodb://user:s3cret@127.0.0.1:1/db?serverSelectionTimeoutMS=50",
	} {
		s, err := Open(t.Context(), uri, "")
		if err == nil {
			_ = s.Close()
			t.Errorf("%s: opened", name)
		} else if strings.Contains(err.Error(), "s3c") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
}

func TestDatabaseOf(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"mongodb://h":      "chophien",
		"mongodb://h/":     "chophien",
		"mongodb://h/?w=1": "chophien",
		"mongodb://h/shop": "shop",
		"mongodb://u:p%2Fw@a:1,b:2/shop?replicaSet=/": "shop",
		"mongodb+srv://h/ch%E1%BB%A3":                 "chợ",
	} {
		if got := databaseOf(uri); got != want {
			t.Errorf("%s: got %q, want %q", uri, got, want)
		}
	}
}

// Keys sort as the pairs they are made of, and the range of a prefix holds
// exactly the keys that begin with it.
func TestKeys(t *testing.T) {
	t.Parallel()
	pairs := [][2]string{{"a", ""}, {"a", "!"}, {"a", "b"}, {"a", "đ"}, {"a", "\U0010FFFF"}, {"a-b", "a"}, {"a0", ""}, {"aa", "!"}, {"b", ""}}
	for i := 1; i < len(pairs); i++ {
		if x, y := key(pairs[i-1][0], pairs[i-1][1]), key(pairs[i][0], pairs[i][1]); x >= y {
			t.Errorf("key %q is not before %q", x, y)
		}
	}
	for prefix, want := range map[string]string{"": "", "a": "b", "az": "a{", "a!": "a\"", "\uD7FF": "\uE000", "a\U0010FFFF": "b", "\U0010FFFF": ""} {
		if got := successor(prefix); got != want {
			t.Errorf("successor of %q is %q, want %q", prefix, got, want)
		}
	}
	for _, id := range []catalog.ChannelID{"", "a b", "a!", "a\x00"} {
		if checkChannel(id) == nil {
			t.Errorf("channel %q passes", id)
		}
	}
}

// BenchmarkPutProducts imports batches of 1,000 products into a database that
// grows. Compare with mongoimport of the same documents on the same server.
func BenchmarkPutProducts(b *testing.B) {
	s := openFresh(b, nil)
	from := 0
	for b.Loop() {
		errs, err := s.PutProducts(b.Context(), products(from, 1000))
		done(b, errs, err)
		from += 1000
	}
	b.ReportMetric(float64(from)/b.Elapsed().Seconds(), "products/s")
}

// What others read in the database: the json names under doc, and no field for
// an index that the document is not to be in. To a unique index two empty lists
// are one value, so a product without variants must have none.
func TestStoredForm(t *testing.T) {
	t.Parallel()
	s := openFresh(t, nil)
	ctx := t.Context()
	errs, err := s.PutProducts(ctx, []catalog.Product{{ID: "A", GroupID: "g", CreatedAt: time.UnixMicro(1_234_567)}, {ID: "B", Variants: []catalog.Variant{{SKU: "S"}}}})
	done(t, errs, err)
	errs, err = s.PutProducts(ctx, []catalog.Product{{ID: "B", Revision: 1}})
	done(t, errs, err)
	must(t, s.ClearDue(ctx, []catalog.DueMark{{ProductID: "A", Count: 1}, {ProductID: "B", Count: 2}}))
	for _, id := range []string{"A", "B"} {
		stored, err := s.products.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
		must(t, err)
		for _, absent := range []string{"skus", "due"} {
			if value, err := stored.LookupErr(absent); err == nil {
				t.Errorf("product %s has %s: %s", id, absent, value)
			}
		}
		if group, ok := stored.Lookup("doc", "group").StringValueOK(); id == "A" && (!ok || group != "g") {
			t.Errorf("product %s: doc.group is %q", id, group)
		}
	}
	list, err := s.Products(ctx, catalog.ProductQuery{IDs: []string{"A"}})
	must(t, err)
	if got, want := list[0].CreatedAt, time.UnixMilli(1234).UTC(); got != want {
		t.Errorf("created at %v, want %v", got, want)
	}
}
