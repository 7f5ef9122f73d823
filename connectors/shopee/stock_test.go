package shopee

import (
	"net/http"
	"testing"

	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

// refill changes the stock of everything that [shopeetest.Simulator.Fill] made.
func refill(sim *shopeetest.Simulator) []connectors.StockChange {
	var changes []connectors.StockChange
	for _, l := range sim.Listings() {
		for k, v := range l.Variants {
			variant := v.ExternalID
			if variant != l.ExternalID {
				variant = l.ExternalID + "/" + variant
			}
			changes = append(changes, connectors.StockChange{Listing: l.ExternalID, Variant: variant, SKU: v.SKU, Quantity: int64(100 + k)})
		}
	}
	return changes
}

// The hidden limit of the tests: what the platform takes of one shop at least,
// as far as others tell, with a channel that has the default pace.
var hidden = shopeetest.Options{RatePerSecond: 10, Burst: 3}

// The platform takes one item a call, with up to 50 models: 1,000 changes take
// ceil(1,000 / 50) calls where items have 50 models, and one for each item in
// any case. The shop's hidden limit is never met.
func TestThousandStockChanges(t *testing.T) {
	t.Parallel()
	fast := shopeetest.Options{RatePerSecond: 1100, Burst: 300}
	for name, test := range map[string]struct {
		items, models, calls int
		limit                shopeetest.Options
		perSecond            float64
	}{
		"20 items of 50 models": {20, 50, 20, hidden, defaults.PerSecond},
		"1,000 simple items":    {1000, 0, 1000, fast, 1000},
		"10 items of 7 models":  {10, 7, 10, fast, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, test.limit, func(o *Options) { o.PerSecond = test.perSecond })
			r.sim.Fill(test.items, test.models)
			changes := refill(r.sim)
			if want := test.items * max(1, test.models); len(changes) != want {
				t.Fatalf("%d changes, want %d", len(changes), want)
			}
			outcomes, err := r.Stock.UpdateStock(t.Context(), changes)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range outcomes {
				if o.Kind != connectors.Applied {
					t.Fatalf("change %d: got %s, %v", i, o.Kind, o.Err)
				}
			}
			if stats := r.sim.Stats(); stats.Requests != test.calls || stats.Refused != 0 {
				t.Errorf("%d calls, %d of them too many; want %d and 0", stats.Requests, stats.Refused, test.calls)
			}
			for _, l := range r.sim.Listings() {
				for _, v := range l.Variants {
					if *v.Quantity < 100 {
						t.Fatalf("%s has %d", v.SKU, *v.Quantity)
					}
				}
			}
		})
	}
}

// 1,000 changes to 20 items of 50 models each, on a channel that is told 95 % of
// the hidden limit: how many calls, how many of them refused, and the wall time
// as a multiple of what the limit itself allows for so many calls.
func BenchmarkStock1000(b *testing.B) {
	r := newRig(b, hidden, func(o *Options) { o.PerSecond = 0.95 * hidden.RatePerSecond })
	r.sim.Fill(20, maxModels)
	changes := refill(r.sim)
	for b.Loop() {
		if _, err := r.Stock.UpdateStock(b.Context(), changes); err != nil {
			b.Fatal(err)
		}
	}
	stats := r.sim.Stats()
	bound := float64(stats.Requests) / hidden.RatePerSecond
	b.ReportMetric(float64(stats.Requests)/float64(b.N), "calls/op")
	b.ReportMetric(float64(stats.Refused), "refused")
	b.ReportMetric(b.Elapsed().Seconds()/bound, "x_bound")
}

// A rate limit that the platform words in its own way is waited for.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusTooManyRequests} {
		r := newRig(t, shopeetest.Options{}, nil)
		r.sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: status, Times: 2,
			Body: `{"error":"error_rate_limit","message":"Too many requests, please retry later.","request_id":"1"}`})
		if _, err := r.Connector.Check(t.Context()); err != nil {
			t.Errorf("status %d: %v", status, err)
		}
	}
}
