package shopee

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

// A list that is longer than the platform gives is cut by time.
func TestLongLists(t *testing.T) {
	t.Parallel()
	var late atomic.Int64
	r := newRig(t, shopeetest.Options{MaxOffset: 10, Now: func() time.Time { return time.Now().Add(-time.Duration(late.Load()) * time.Second) }}, nil)
	for _, seconds := range []int64{200, 120, 40, 0} {
		late.Store(seconds)
		r.sim.Fill(11, 0)
	}
	read := func() (n int, err error) {
		seen := map[catalog.ExternalID]bool{}
		for l, err := range r.Listings.Listings(t.Context()) {
			if err != nil {
				return n, err
			}
			if seen[l.ExternalID] {
				t.Errorf("%s comes twice", l.ExternalID)
			}
			seen[l.ExternalID] = true
			n++
		}
		return n, nil
	}
	if n, err := read(); err != nil || n != 44 {
		t.Errorf("read %d listings, %v; want 44", n, err)
	}
	r.sim.Fill(20, 0) // more in one second than can be told apart
	if _, err := read(); connectors.KindOf(err) != connectors.Fatal {
		t.Errorf("too many in one second: got %v, want an error", err)
	}
}

// States that the platform decides are told as such.
func TestReviewAndBan(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{Review: time.Hour}, nil)
	offer := r.offer(0)
	outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: offer, Facets: catalog.Facets}})
	if err != nil || outcomes[0].Kind != connectors.Deferred || outcomes[0].Remote == nil {
		t.Fatalf("in review: got %+v, %v; want deferred with the listing", outcomes, err)
	}
	ref := []connectors.ListingRef{{ExternalID: outcomes[0].Remote.ExternalID}}
	state := func() catalog.Remote {
		t.Helper()
		found, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{offer.Variants[0].SKU})
		if err != nil || len(found) != 1 {
			t.Fatalf("find: %v, %v", found, err)
		}
		return found[0]
	}
	if got := state(); got.State != catalog.StateReview {
		t.Errorf("got %s", got.State)
	}
	stop := func(want connectors.OutcomeKind) {
		t.Helper()
		outcomes, err := r.Stopper.Stop(t.Context(), ref)
		if err != nil || outcomes[0].Kind != want {
			t.Errorf("stop: got %+v, %v; want %s", outcomes, err, want)
		}
	}
	stop(connectors.Deferred)
	r.sim.Advance(2 * time.Hour)
	if got := state(); got.State != catalog.StateLive {
		t.Errorf("got %s", got.State)
	}
	if err := r.sim.Deboost(offer.Variants[0].SKU, "Lặp từ khóa"); err != nil {
		t.Fatal(err)
	}
	told := func(got catalog.Remote, code string, words ...string) {
		t.Helper()
		if len(got.Issues) != 1 || got.Issues[0].Code != code {
			t.Fatalf("got %+v, want %s", got.Issues, code)
		}
		for _, word := range words {
			if !strings.Contains(got.Issues[0].Message.VI, word) || !strings.Contains(got.Issues[0].Message.EN, word) {
				t.Errorf("%q is not among %+v", word, got.Issues[0].Message)
			}
		}
	}
	got := state()
	if told(got, "deboosted", "Lặp từ khóa"); got.State != catalog.StateLive {
		t.Errorf("shown less: got %s", got.State)
	}
	if err := r.sim.Ban(offer.Variants[0].SKU, "Thiếu giấy chứng nhận", "Bổ sung giấy tờ"); err != nil {
		t.Fatal(err)
	}
	got = state()
	if told(got, "banned", "Thiếu giấy chứng nhận", "Bổ sung giấy tờ"); got.State != catalog.StateRejected {
		t.Errorf("banned: got %s", got.State)
	}
	r.sim.Inject(simulator.Fault{Path: "get_item_violation_info", Kind: simulator.FaultStatus, Status: 200, Body: `{"error":"error_api_permission","message":"x"}`})
	told(state(), "banned") // also without the reason
	stop(connectors.Deferred)
	if err := r.sim.SetState(offer.Variants[0].SKU, catalog.StateGone); err != nil {
		t.Fatal(err)
	}
	stop(connectors.Gone)
}

// What did not change is not read again for a lookup, what did is.
func TestLookupCost(t *testing.T) {
	t.Parallel()
	// Items were changed a while ago, by the shop's clock.
	r := newRig(t, shopeetest.Options{Now: func() time.Time { return time.Now().Add(-3 * time.Minute) }}, nil)
	var offers []catalog.Offer
	for n := range 12 {
		offers = append(offers, r.offer(n))
	}
	r.publish(offers...)
	find := func() int {
		t.Helper()
		r.sim.ResetRequests()
		if _, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{"KHONG-CO"}); err != nil {
			t.Fatal(err)
		}
		return r.calls("get_item_base_info") + r.calls("get_model_list")
	}
	if first, second := find(), find(); first == 0 || second != 0 {
		t.Errorf("%d details the first time, %d the second; want some, then none", first, second)
	}
	found, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{offers[1].Variants[0].SKU, offers[0].Variants[0].SKU})
	if err != nil || len(found) != 2 {
		t.Errorf("found %v, %v", found, err)
	}
}

// Listings made by hand have their SKUs on models, which no search finds.
func TestAdoptByModelSKU(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(1)
	first := r.publish(offer)[0]
	// Another process, which has never seen the shop, and one that has.
	for name, memory := range map[string]*memory{"fresh": {values: map[string]string{}}, "with a memory": r.memory} {
		other := *r
		other.Channel = openShop(t, optionsFor(r.sim), connectors.OpenDeps{Tokens: r.tokens, Memory: memory, Media: pixels{}})
		part := offer
		part.Variants = offer.Variants[1:]
		if again := other.publish(part)[0]; again.ExternalID != first.ExternalID {
			t.Errorf("%s: got %s, want %s adopted", name, again.ExternalID, first.ExternalID)
		}
		r.one()
	}
	// Two items with the offer's SKUs are for a person.
	twin := r.offer(0)
	r.publish(twin)
	both := offer
	both.Variants = append([]catalog.OfferVariant(nil), offer.Variants[1:]...)
	both.Variants[0].SKU = twin.Variants[0].SKU
	outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: both, Facets: catalog.Facets}})
	if err != nil || outcomes[0].Kind != connectors.Conflict || outcomes[0].Issues[0].Code != "sku_spread" {
		t.Errorf("got %+v, %v", outcomes, err)
	}
}
