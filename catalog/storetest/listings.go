package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

func testListingsRoundTrip(t *testing.T, s catalog.Store) {
	want := fullListing("shop-a", "A")
	putListings(t, s, want, catalog.Listing{Channel: "shop-a", ProductID: "B"})
	want.Revision = 1
	got := listings(t, s, catalog.ListingQuery{Channel: "shop-a"})
	equal(t, "listings", got, []catalog.Listing{want, {Channel: "shop-a", ProductID: "B", Revision: 1}})
	if v := got[0].Applied.Variants; v[0].Quantity == nil || v[1].Price.Sale != nil || v[2].Quantity != nil || v[2].Price != nil {
		t.Errorf("known to be zero and not known are mixed up: %+v", v)
	}
	if l := got[0].Intent.StartedAt.Location(); l != time.UTC {
		t.Errorf("times are in %v, not in UTC", l)
	}
	empty := catalog.Listing{Channel: "shop-a", ProductID: "A", Revision: 1}
	putListings(t, s, empty)
	empty.Revision = 2
	equal(t, "listing written over", listings(t, s, catalog.ListingQuery{Products: []string{"A"}}), []catalog.Listing{empty})
}

func testListingsRevision(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	next, stale := listing("c", "B"), listing("c", "C")
	putListings(t, s, listing("c", "B"), listing("c", "C"))
	next.Revision, next.Due, stale.Revision, stale.Reason = 1, true, 2, "stale"
	missing := listing("c", "missing")
	missing.Revision = 1
	errs, err := s.PutListings(ctx, []catalog.Listing{listing("c", "A"), next, stale, listing("c", "B"), missing, listing("d", "A"), {Channel: "c"}, {ProductID: "A"}})
	check(t, err)
	if errs[6] == nil || errs[7] == nil {
		t.Errorf("listings without a product or a channel were written: %v", errs)
	}
	outcomes(t, errs[:6], nil, nil, nil, catalog.ErrConflict, catalog.ErrExists, catalog.ErrConflict, nil)
	names(t, errs[2], "c", "C")
	got := listings(t, s, catalog.ListingQuery{Channel: "c"})
	equal(t, "products", keys(got, listingProduct), []string{"A", "B", "C"})
	if got[1].Revision != 2 || !got[1].Due || got[2].Revision != 1 || got[2].Reason != "" {
		t.Errorf("got %+v", got)
	}
}

func testListingsQuery(t *testing.T, s catalog.Store) {
	for i, row := range []struct {
		channel catalog.ChannelID
		product string
		due     bool
		status  catalog.Status
	}{
		{"a", "P1", true, catalog.StatusLive},
		{"a", "P2", false, catalog.StatusLive},
		{"a", "P3", true, catalog.StatusBlocked},
		{"b", "P1", true, catalog.StatusWaiting},
		{"b", "P3", false, catalog.StatusLive},
		{"a-b", "P1", true, catalog.StatusLive},
	} {
		putListings(t, s, catalog.Listing{Channel: row.channel, ProductID: row.product, Due: row.due, Status: row.status, ExternalID: catalog.ExternalID(fmt.Sprint("x", i%2))})
	}
	key := func(l catalog.Listing) string { return string(l.Channel) + " " + l.ProductID }
	for name, test := range map[string]struct {
		query catalog.ListingQuery
		want  []string
	}{
		"channel":              {catalog.ListingQuery{Channel: "a"}, []string{"a P1", "a P2", "a P3"}},
		"unknown channel":      {catalog.ListingQuery{Channel: "z"}, nil},
		"due":                  {catalog.ListingQuery{Channel: "a", Due: true}, []string{"a P1", "a P3"}},
		"status":               {catalog.ListingQuery{Channel: "a", Status: catalog.StatusLive}, []string{"a P1", "a P2"}},
		"due with status":      {catalog.ListingQuery{Channel: "a", Due: true, Status: catalog.StatusLive}, []string{"a P1"}},
		"external ID":          {catalog.ListingQuery{Channel: "a", ExternalIDs: []catalog.ExternalID{"x0", "x9"}}, []string{"a P1", "a P3"}},
		"external ID and due":  {catalog.ListingQuery{Channel: "b", Due: true, ExternalIDs: []catalog.ExternalID{"x0", "x1"}}, []string{"b P1"}},
		"products":             {catalog.ListingQuery{Products: []string{"P3", "P2", "P3"}}, []string{"a P2", "a P3", "b P3"}},
		"products of channel":  {catalog.ListingQuery{Channel: "a", Products: []string{"P3", "P1", "P9"}}, []string{"a P1", "a P3"}},
		"products, due":        {catalog.ListingQuery{Products: []string{"P1", "P2"}, Due: true}, []string{"a P1", "a-b P1", "b P1"}},
		"products with status": {catalog.ListingQuery{Products: []string{"P3"}, Status: catalog.StatusLive}, []string{"b P3"}},
		"after":                {catalog.ListingQuery{Channel: "a", After: "P1"}, []string{"a P2", "a P3"}},
		"due after, limited":   {catalog.ListingQuery{Channel: "a", Due: true, After: "P1", Limit: 1}, []string{"a P3"}},
		"status, limited":      {catalog.ListingQuery{Channel: "a", Status: catalog.StatusLive, Limit: 1}, []string{"a P1"}},
		"products after":       {catalog.ListingQuery{Channel: "a", Products: []string{"P1", "P2", "P3"}, After: "P2"}, []string{"a P3"}},
		"products, limited":    {catalog.ListingQuery{Products: []string{"P3", "P2"}, Limit: 2}, []string{"a P2", "a P3"}},
	} {
		got := listings(t, s, test.query)
		if test.query.Channel == "" {
			// Sorted by product; the order of the channels of one is free.
			for i := 1; i < len(got); i++ {
				if got[i].ProductID < got[i-1].ProductID {
					t.Errorf("%s: %s comes after %s", name, got[i].ProductID, got[i-1].ProductID)
				}
			}
			equalSet(t, name, keys(got, key), test.want)
			continue
		}
		equal(t, name, keys(got, key), test.want)
	}
}

func testListingsPages(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	var list []catalog.Listing
	var want []string
	for i := range 20 {
		l := listing("c", fmt.Sprintf("P%02d", i))
		if l.Due = i%2 == 0; l.Due {
			want = append(want, l.ProductID)
		}
		list = append(list, l, listing("d", l.ProductID))
	}
	putListings(t, s, list...)
	// A planner that ends the marks of each page still sees every one.
	got := all(t, 3, listingProduct, func(after string) ([]catalog.Listing, error) {
		page, err := s.Listings(ctx, catalog.ListingQuery{Channel: "c", Due: true, After: after, Limit: 3})
		for _, l := range page {
			l.Due = false
			putListings(t, s, l)
		}
		return page, err
	})
	equal(t, "due", keys(got, listingProduct), want)
	equal(t, "still due", listings(t, s, catalog.ListingQuery{Channel: "c", Due: true}), nil)
}

func testMarkListings(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	there := fullListing("a", "P1")
	there.Due = false
	putListings(t, s, there, listing("c", "P1"))
	mark := func() {
		t.Helper()
		check(t, s.MarkListings(ctx, []catalog.ChannelID{"a", "b"}, []string{"P2", "P1", "P2"}))
	}
	mark()
	due := func(channel catalog.ChannelID) []catalog.Listing {
		return listings(t, s, catalog.ListingQuery{Channel: channel, Due: true})
	}
	created := func(channel catalog.ChannelID, id string) catalog.Listing {
		return catalog.Listing{Channel: channel, ProductID: id, Revision: 1, Due: true, Status: catalog.StatusWaiting}
	}
	// Naming P2 twice may mark it twice, which its revision shows.
	first := func(list []catalog.Listing) []catalog.Listing {
		for i := range list {
			if list[i].ProductID == "P2" && list[i].Revision == 2 {
				list[i].Revision = 1
			}
		}
		return list
	}
	there.Revision, there.Due = 2, true
	equal(t, "marked on a", first(due("a")), []catalog.Listing{there, created("a", "P2")})
	equal(t, "marked on b", first(due("b")), []catalog.Listing{created("b", "P1"), created("b", "P2")})
	equal(t, "marked on c", due("c"), nil)

	// Marking again changes nothing but the revision.
	before := due("a")
	mark()
	after := due("a")
	for i := range after {
		if after[i].Revision <= before[i].Revision {
			t.Errorf("revision %d did not rise by marking", after[i].Revision)
		}
		after[i].Revision = before[i].Revision
	}
	equal(t, "marked twice", after, before)
	counts, err := s.CountListings(ctx, "b")
	check(t, err)
	equal(t, "counts", counts, map[catalog.Status]int{catalog.StatusWaiting: 2})

	check(t, s.MarkListings(ctx, nil, []string{"P9"}))
	check(t, s.MarkListings(ctx, []catalog.ChannelID{"c"}, nil))
	equal(t, "marked by nothing", append(listings(t, s, catalog.ListingQuery{Products: []string{"P9"}}), due("c")...), nil)
}

// A planner that read a listing before it was marked must not end the mark.
func testMarkListingsNotLost(t *testing.T, s catalog.Store) {
	ctx := t.Context()
	l := listing("c", "P")
	l.Due = true
	putListings(t, s, l)
	read := listings(t, s, catalog.ListingQuery{Channel: "c", Due: true})
	check(t, s.MarkListings(ctx, []catalog.ChannelID{"c"}, []string{"P"}))
	read[0].Due = false
	errs, err := s.PutListings(ctx, read)
	outcomes(t, errs, err, catalog.ErrConflict)
	equal(t, "due", len(listings(t, s, catalog.ListingQuery{Channel: "c", Due: true})), 1)
}

func testCountListings(t *testing.T, s catalog.Store) {
	counts, err := s.CountListings(t.Context(), "c")
	check(t, err)
	equal(t, "counts of nothing", counts, nil)
	for i, status := range []catalog.Status{catalog.StatusLive, catalog.StatusLive, catalog.StatusBlocked, catalog.StatusExcluded, catalog.StatusLive} {
		l := listing("c", fmt.Sprint("P", i))
		l.Status = status
		putListings(t, s, l)
	}
	putListings(t, s, listing("other", "P0"))
	l := listings(t, s, catalog.ListingQuery{Channel: "c"})[0]
	l.Status = catalog.StatusStopped
	putListings(t, s, l)
	counts, err = s.CountListings(t.Context(), "c")
	check(t, err)
	equal(t, "counts", counts, map[catalog.Status]int{catalog.StatusLive: 2, catalog.StatusBlocked: 1, catalog.StatusExcluded: 1, catalog.StatusStopped: 1})
}
