package shopee

import (
	"regexp"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

// An item whose variations could not be made is there, with nothing to buy: the
// outcome must not say that nothing was done, and publishing again completes it.
func TestHalfMade(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"refused": `{"error":"error_tier_option_over_limit","message":"x"}`,
		"limited": `{"error":"error_rate_limit","message":"x"}`,
		"expired": `{"error":"shop_access_expired","message":"x"}`,
	} {
		r := newRig(t, shopeetest.Options{}, nil)
		offer := r.offer(1)
		r.sim.Inject(simulator.Fault{Path: "init_tier_variation", Times: -1, Kind: simulator.FaultStatus, Status: 200, Body: body})
		outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: offer, Facets: catalog.Facets}})
		if err != nil || outcomes[0].Kind != connectors.Unknown || outcomes[0].Remote == nil {
			t.Errorf("%s: got %+v, %v; want unknown with the listing", name, outcomes, err)
		}
		if v := r.one().Variants; len(v) != 1 || *v[0].Quantity != 0 || v[0].SKU != offer.Variants[0].SKU {
			t.Errorf("%s: the half-made item has %+v, want none of its first SKU", name, v)
		}
		r.sim.ResetFaults()
		r.publish(offer)
		if n := len(r.one().Variants); n != len(offer.Variants) {
			t.Errorf("%s: %d variants in the end", name, n)
		}
	}
}

// Variations are not asked for before the platform takes them.
func TestVariantDelay(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{VariantDelay: 60 * time.Millisecond}, func(o *Options) { o.VariantDelay = 90 * time.Millisecond })
	r.publish(r.offer(1), r.offer(2))
	if n := r.calls("init_tier_variation"); n != 2 {
		t.Errorf("%d calls for two items, want 2", n)
	}
}

// What failed before anything was written is not unknown.
func TestFailedRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	r.sim.Inject(simulator.Fault{Path: "get_attribute_tree", Times: -1, Kind: simulator.FaultStatus, Status: 200, Body: `{"error":"error_inner","message":"x"}`})
	outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: r.offer(0), Facets: catalog.Facets}})
	if err != nil || outcomes[0].Kind != connectors.Deferred || outcomes[0].Remote != nil {
		t.Errorf("got %+v, %v; want deferred without a listing", outcomes, err)
	}
}

// A SKU that was seen once is not believed to be there for ever.
func TestFindAfterDelete(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(0)
	r.publish(offer)
	sku := offer.Variants[0].SKU
	for i, want := range []int{1, 0} {
		found, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{sku})
		if err != nil || len(found) != want {
			t.Errorf("look %d: got %v, %v; want %d", i+1, found, err, want)
		}
		if i == 0 {
			if err := r.sim.Delete(sku); err != nil {
				t.Fatal(err)
			}
		}
	}
	if r.publish(offer); len(r.sim.Listings()) != 1 {
		t.Errorf("it cannot be made again")
	}
}

// Lists that do not end, and details that leave orders out, are errors.
func TestBrokenLists(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(0)
	r.publish(offer)
	if _, err := r.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}}); err != nil {
		t.Fatal(err)
	}
	listings := func() (err error) {
		for _, err = range r.Listings.Listings(t.Context()) {
		}
		return err
	}
	orders := func() (err error) {
		for _, err = range r.Orders.Orders(t.Context(), time.Now().Add(-time.Hour)) {
		}
		return err
	}
	for name, test := range map[string]struct {
		path, old, new string
		read           func() error
	}{
		"the same page of items again":    {"get_item_list", `"has_next_page":false`, `"has_next_page":true`, listings},
		"the same cursor of orders again": {"get_order_list", `"more":false`, `"more":true`, orders},
		"an order without details":        {"get_order_detail", `"order_list":\[.*\]`, `"order_list":[]`, orders},
		"an order of another form":        {"get_order_detail", `"order_sn":`, `"sn":`, orders},
	} {
		pattern := regexp.MustCompile(test.old)
		r.sim.Inject(simulator.Fault{Path: test.path, Times: -1, Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
			return pattern.ReplaceAll(answer, []byte(test.new))
		}})
		if err := test.read(); err == nil {
			t.Errorf("%s: no error", name)
		}
		r.sim.ResetFaults()
		if err := test.read(); err != nil {
			t.Errorf("%s, healed: %v", name, err)
		}
	}
}
