package tiktokshop

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/tiktokshop/tiktokshoptest"
)

// A shop with more products than one search can show is read in pieces of time.
func TestManyListings(t *testing.T) {
	t.Parallel()
	var behind atomic.Int64
	b := openBench(t, tiktokshoptest.Options{
		SearchLimit: 4, AccessLife: 365 * 24 * time.Hour, Now: func() time.Time { return time.Now().Add(-time.Duration(behind.Load())) },
	}, func(o *Options) { o.PageSize = 2 })
	const products = 11
	for i := range products {
		behind.Store(int64(time.Duration(products-1-i) * 24 * time.Hour))
		b.listed(onShop(goods(4 * i)))
	}
	seen := map[catalog.ExternalID]int{}
	for r, err := range b.channel.Listings.Listings(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		seen[r.ExternalID]++
	}
	if len(seen) != products {
		t.Errorf("read %d products, want %d", len(seen), products)
	}
}

// Deleted products are neither listed nor found, though the search shows them.
func TestDeletedAreLeftOut(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	offer := onShop(goods(0))
	b.listed(offer)
	b.listed(onShop(goods(4)))
	if err := b.sim.Delete(offer.Variants[0].SKU); err != nil {
		t.Fatal(err)
	}
	if r := b.shown(); r.Variants[0].SKU == offer.Variants[0].SKU {
		t.Error("a deleted product is listed")
	}
	found, err := b.channel.Finder.FindSKUs(t.Context(), []catalog.SKU{offer.Variants[0].SKU, ""})
	if err != nil || len(found) != 0 {
		t.Errorf("a deleted product is found: %+v, %v", found, err)
	}
}

// Listings that would not end are an error.
func TestEndlessListings(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	b.sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 200, Path: pathSearch, Times: -1,
		Body: `{"code":0,"data":{"products":[{"id":"1","status":"ACTIVATE"}],"next_page_token":"x","total_count":5}}`})
	var last error
	for _, err := range b.channel.Listings.Listings(t.Context()) {
		last = err
	}
	if connectors.KindOf(last) != connectors.Transient {
		t.Errorf("got %v", last)
	}
}

func TestHookAddresses(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	for _, bad := range []string{"http://cho.example/x", "https://cho.example:8443/x", "https://192.0.2.1/x", "cho.example"} {
		if err := b.channel.Hooks.EnsureHooks(t.Context(), bad); connectors.KindOf(err) != connectors.Fatal {
			t.Errorf("%s: got %v, want fatal", bad, err)
		}
	}
	if n := len(b.sim.Requests()); n != 0 {
		t.Errorf("%d requests for addresses that cannot be", n)
	}
	for _, address := range []string{"https://cho.example/a", "https://cho.example/b"} {
		if err := b.channel.Hooks.EnsureHooks(t.Context(), address); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.calls("PUT", pathHooks); n != 2*len(topics) {
		t.Errorf("%d registrations, want %d", n, 2*len(topics))
	}
}
