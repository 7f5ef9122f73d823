package shopee

import (
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

func priced(list, sale int64) catalog.Price {
	p := catalog.Price{List: catalog.VND(list)}
	if sale > 0 {
		s := catalog.VND(sale)
		p.Sale = &s
	}
	return p
}

// setPrice sets the price of a simple listing.
func (r *rig) setPrice(ref connectors.ListingRef, sku catalog.SKU, p catalog.Price) connectors.Outcome {
	r.Helper()
	outcomes, err := r.Prices.UpdatePrices(r.Context(), []connectors.PriceChange{{Listing: ref.ExternalID, Variant: ref.ExternalID, SKU: sku, Price: p}})
	if err != nil {
		r.Fatal(err)
	}
	return outcomes[0]
}

// A first sale waits for its discount to begin; from then on prices come and go
// at once, and the list price moves although a discount locks it.
func TestSaleLife(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(0)
	ref, sku := r.publish(offer)[0], offer.Variants[0].SKU
	step := func(p catalog.Price, want connectors.OutcomeKind, now catalog.Price) {
		t.Helper()
		o := r.setPrice(ref, sku, p)
		if o.Kind != want {
			t.Errorf("set %+v: got %s, %v; want %s", p, o.Kind, o.Err, want)
		}
		if want == connectors.Deferred && (o.Remote == nil || time.Until(o.Until) < 30*time.Minute || len(o.Issues) != 1) {
			t.Errorf("set %+v: deferred needs the listing, the time and the reason: %+v", p, o)
		}
		if got := r.one().Variants[0].Price; !got.Equal(now) {
			t.Errorf("set %+v: the shop asks %+v, want %+v", p, got, now)
		}
	}
	step(priced(200000, 150000), connectors.Deferred, priced(200000, 0))
	step(priced(200000, 150000), connectors.Deferred, priced(200000, 0)) // the same again, while it waits
	if n := r.calls("discount/add_discount"); n != 1 {
		t.Errorf("%d discounts were made, want 1", n)
	}
	r.sim.Advance(2 * time.Hour)
	step(priced(200000, 150000), connectors.Unchanged, priced(200000, 150000))
	step(priced(200000, 140000), connectors.Applied, priced(200000, 140000))
	step(priced(220000, 140000), connectors.Applied, priced(220000, 140000))
	step(priced(220000, 0), connectors.Applied, priced(220000, 0))
	step(priced(220000, 180000), connectors.Applied, priced(220000, 180000))
	step(priced(230000, 0), connectors.Applied, priced(230000, 0))
	step(priced(230000, 100000), connectors.Rejected, priced(230000, 0)) // more than half off
	// After half a year the discount is over, and the next sale makes another.
	step(priced(230000, 200000), connectors.Applied, priced(230000, 200000))
	r.sim.Advance(180 * 24 * time.Hour)
	step(priced(230000, 200000), connectors.Deferred, priced(230000, 0))
}

func TestSaleOfOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{DiscountLead: -1}, func(o *Options) { o.DiscountLead = 0 })
	offer := r.offer(0)
	ref, sku := r.publish(offer)[0], offer.Variants[0].SKU
	// The seller's own discount is not ours to end.
	if err := r.sim.SetPrice(sku, priced(200000, 160000)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []catalog.Price{priced(210000, 0), priced(200000, 150000)} {
		o := r.setPrice(ref, sku, p)
		if o.Kind != connectors.Deferred || o.Remote != nil || time.Until(o.Until) < time.Hour || len(o.Issues) == 0 {
			t.Errorf("%+v: got %+v, want it left for later", p, o)
		}
	}
	if got := r.one().Variants[0].Price; !got.Equal(priced(200000, 160000)) {
		t.Errorf("the shop asks %+v", got)
	}
	// A promotion of the platform locks name and price, not the stock.
	if err := r.sim.SetPrice(sku, priced(200000, 0)); err != nil {
		t.Fatal(err)
	}
	if err := r.sim.Lock(sku, true); err != nil {
		t.Fatal(err)
	}
	if o := r.setPrice(ref, sku, priced(210000, 0)); o.Kind != connectors.Deferred || o.Remote != nil {
		t.Errorf("price in a promotion: got %+v", o)
	}
	changed := offer
	changed.Title += " mới"
	if o := r.write(changed, ref, catalog.FacetContent); o.Kind != connectors.Deferred || o.Remote != nil || o.Issues[0].Code != "error_cannot_edit_name_in_promotion" {
		t.Errorf("title in a promotion: got %+v", o)
	}
	if o, err := r.Stopper.Stop(t.Context(), []connectors.ListingRef{ref}); err != nil || o[0].Kind != connectors.Deferred {
		t.Errorf("stop in a promotion: got %+v, %v", o, err)
	}
}

// The answers of a sale's calls get lost.
func TestSaleLost(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"discount/add_discount", "discount/add_discount_item"} {
		r := newRig(t, shopeetest.Options{}, nil)
		offer := r.offer(0)
		ref, sku := r.publish(offer)[0], offer.Variants[0].SKU
		r.sim.Inject(simulator.Fault{Path: api, Kind: simulator.FaultDrop})
		if o := r.setPrice(ref, sku, priced(200000, 150000)); o.Kind != connectors.Unknown {
			t.Errorf("%s: got %s, want unknown", api, o.Kind)
		}
		if o := r.setPrice(ref, sku, priced(200000, 150000)); o.Kind != connectors.Deferred || o.Remote == nil {
			t.Errorf("%s: again: got %+v", api, o)
		}
		if n := r.calls("discount/add_discount"); n != 1 {
			t.Errorf("%s: %d discounts were made, want 1", api, n)
		}
		r.sim.Advance(2 * time.Hour)
		if got := r.one().Variants[0].Price; !got.Equal(priced(200000, 150000)) {
			t.Errorf("%s: the shop asks %+v", api, got)
		}
	}
}
