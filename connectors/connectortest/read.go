package connectortest

import (
	"net/http"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func readChecks() []check {
	return []check{
		{"find shows what is there", []string{"publish", "find"}, checkFind},
		{"find knows stopped listings and not others", []string{"publish", "find"}, checkFindStates},
		{"listings show what is there, over three pages", []string{"publish", "listings"}, checkListings},
		{"fingerprints change with what is shown, and only then", []string{"publish", "find"}, checkFingerprints},
		{"a broken page of listings ends the read with an error (I8)", []string{"publish", "listings"}, checkBrokenListings},
	}
}

func checkFind(b *bench) {
	offers := []catalog.Offer{b.simple(0), b.variable(1), b.variable(2), b.simple(3)}
	b.publish(offers...)
	var skus []catalog.SKU
	for _, o := range offers {
		for _, v := range o.Variants {
			skus = append(skus, v.SKU)
		}
	}
	found, err := b.Channel.Finder.FindSKUs(b.Context(), append(skus, "KHONG-CO"))
	if err != nil {
		b.Fatalf("find: %v", err)
	}
	b.wantRemotes(found)
	if len(found) != len(offers) {
		b.Errorf("find gives %d listings, want %d, each once", len(found), len(offers))
	}
	// One SKU of several is enough to find the whole listing.
	found, err = b.Channel.Finder.FindSKUs(b.Context(), []catalog.SKU{offers[1].Variants[1].SKU})
	if err != nil {
		b.Fatalf("find one variant: %v", err)
	}
	b.wantRemotes(found)
	if len(found) != 1 {
		b.Errorf("find by one variant gives %d listings, want 1", len(found))
	}
}

// wantRemotes requires that listings as read are those that are there.
func (b *bench) wantRemotes(remotes []catalog.Remote) {
	b.Helper()
	there := map[catalog.ExternalID]simulator.Listing{}
	for _, l := range b.Shop.Listings() {
		there[l.ExternalID] = l
	}
	for _, r := range remotes {
		truth, ok := there[r.ExternalID]
		if !ok {
			b.Errorf("read listing %s, which is not in the shop", r.ExternalID)
			continue
		}
		if r.State != truth.State || r.Title != truth.Title {
			b.Errorf("listing %s: read %q, %s; the shop has %q, %s", r.ExternalID, r.Title, r.State, truth.Title, truth.State)
		}
		if diff := cmp.Diff(termsOf(truth.Variants), termsOf(r.Variants)); diff != "" {
			b.Errorf("listing %s: prices and quantities as read (-there +read):\n%s", r.ExternalID, diff)
		}
		if !slices.IsSortedFunc(r.Variants, func(a, b catalog.VariantSnapshot) int {
			return cmpSKU(a.SKU, b.SKU)
		}) {
			b.Errorf("listing %s: variants are not sorted by SKU", r.ExternalID)
		}
	}
}

// Unknown writes are cleared up by find alone, so it must not overlook what is
// off sale.
func checkFindStates(b *bench) {
	offers := b.simples(3)
	offers[0].State = catalog.StateStopped
	b.publish(offers...)
	if err := b.Shop.Delete(offers[2].Variants[0].SKU); err != nil {
		b.Fatalf("delete in the shop: %v", err)
	}
	for i, want := range []int{1, 1, 0} {
		found, err := b.Channel.Finder.FindSKUs(b.Context(), []catalog.SKU{offers[i].Variants[0].SKU})
		if err != nil {
			b.Fatalf("find: %v", err)
		}
		if len(found) != want {
			b.Errorf("%s: find gives %d listings, want %d", offers[i].ProductID, len(found), want)
		}
		b.wantRemotes(found)
	}
}

func (b *bench) listings() ([]catalog.Remote, error) {
	var all []catalog.Remote
	for r, err := range b.Channel.Listings.Listings(b.Context()) {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (b *bench) pages(page int, field string) int {
	b.Helper()
	if page <= 0 {
		b.Fatalf("connectortest: Harness.%s is needed", field)
	}
	return 2*page + 1
}

func checkListings(b *bench) {
	n := b.pages(b.h.ListingPage, "ListingPage")
	offers := b.simples(n)
	offers[n/2] = b.variable(1)
	offers[n-1].State = catalog.StateStopped
	b.publish(offers...)
	all, err := b.listings()
	if err != nil {
		b.Fatalf("listings: %v", err)
	}
	b.wantRemotes(all)
	ids := map[catalog.ExternalID]bool{}
	for _, r := range all {
		ids[r.ExternalID] = true
	}
	if len(ids) != n {
		b.Errorf("listings gives %d different listings, want %d", len(ids), n)
	}
	for range b.Channel.Listings.Listings(b.Context()) {
		break // a reader that stops early must not upset the sequence
	}
}

func (b *bench) find(o catalog.Offer) catalog.Remote {
	b.Helper()
	found, err := b.Channel.Finder.FindSKUs(b.Context(), []catalog.SKU{o.Variants[0].SKU})
	if err != nil {
		b.Fatalf("find: %v", err)
	}
	if len(found) != 1 {
		b.Fatalf("find gives %d listings of %s, want 1", len(found), o.ProductID)
	}
	return found[0]
}

// Drift of content is a change of the fingerprint since we wrote it: one that
// changes by itself, or with the stock, is a false alarm at every look; one
// that does not change is blind.
func checkFingerprints(b *bench) {
	offer := b.variable(1)
	b.publish(offer)
	first := b.find(offer)
	if first.Content == "" {
		return // this read does not tell
	}
	sku := offer.Variants[0].SKU
	if err := b.Shop.SetStock(sku, 1); err != nil {
		b.Fatalf("edit the stock in the shop: %v", err)
	}
	if err := b.Shop.SetPrice(sku, catalog.Price{List: catalog.VND(345000)}); err != nil {
		b.Fatalf("edit the price in the shop: %v", err)
	}
	second := b.find(offer)
	if first.Content != second.Content || first.Media != second.Media {
		b.Errorf("a fingerprint changed with price and stock")
	}
	if err := b.Shop.SetTitle(sku, "Tên sửa trên sàn"); err != nil {
		b.Fatalf("edit the title in the shop: %v", err)
	}
	third := b.find(offer)
	if third.Content == first.Content {
		b.Errorf("the content's fingerprint did not change with the title")
	}
	if third.Media != first.Media {
		b.Errorf("the media's fingerprint changed with the title")
	}
	b.publish(offer)
	if got := b.find(offer); got.Content != first.Content {
		b.Errorf("the content's fingerprint did not return with our title")
	}
}

// What comes after a failed page is not known, and must not pass for gone.
func checkBrokenListings(b *bench) {
	b.publish(b.simples(b.pages(b.h.ListingPage, "ListingPage"))...)
	for _, fault := range brokenPages() {
		b.inject(b.h.ListingsCall, fault)
		err := wantOneError(b, b.Channel.Listings.Listings(b.Context()))
		b.Server.ResetFaults()
		if err == nil {
			b.Errorf("page two is %s: the sequence ended without an error", fault.Kind)
		} else if e := (*connectors.Error)(nil); !asError(err, &e) || e.Op == "" {
			b.Errorf("page two is %s: the error %q does not name what was being done", fault.Kind, err)
		}
	}
	if all, err := b.listings(); err != nil || len(all) == 0 {
		b.Errorf("after the faults: got %d listings, %v", len(all), err)
	}
}

// brokenPages are the ways in which a second page can fail for good.
func brokenPages() []simulator.Fault {
	return []simulator.Fault{
		{Skip: 1, Times: -1, Kind: simulator.FaultStatus, Status: http.StatusBadRequest, Body: `{"message":"no"}`},
		{Skip: 1, Times: -1, Kind: simulator.FaultTruncate},
		{Skip: 1, Times: -1, Kind: simulator.FaultGarbage},
	}
}
