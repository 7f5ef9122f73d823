package lazada

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/lazada/lazadatest"
	"github.com/chophien/chophien/connectors/simulator"
)

// thousand changes the stock of as many products, each to a number of its own.
func thousand(sim *lazadatest.Simulator) []connectors.StockChange {
	sim.Fill(1000)
	var changes []connectors.StockChange
	for i, l := range sim.Listings() {
		v := l.Variants[0]
		changes = append(changes, connectors.StockChange{Listing: l.ExternalID, Variant: v.ExternalID, SKU: v.SKU, Quantity: int64(i) + 200})
	}
	return changes
}

// 1,000 stocks are 20 calls of 50, and none of them is too many for a limit
// that only shows when it is crossed.
func TestStock1000(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{RatePerSecond: 50, Burst: 25}, func(o *Options) { o.PerSecond = 45 })
	changes := thousand(b.sim)
	b.sim.ResetRequests()
	outcomes, err := b.Stock.UpdateStock(t.Context(), changes)
	if err != nil || len(outcomes) != len(changes) {
		t.Fatalf("got %d outcomes, %v", len(outcomes), err)
	}
	for i, o := range outcomes {
		if o.Kind != connectors.Applied {
			t.Fatalf("item %d: got %s %v", i, o.Kind, o.Err)
		}
	}
	if stats := b.sim.Stats(); stats.Requests != 1000/mostRows || stats.Refused != 0 {
		t.Errorf("%d calls, %d of them too many; want %d and 0", stats.Requests, stats.Refused, 1000/mostRows)
	}
	for i, l := range b.sim.Listings() {
		if got := *l.Variants[0].Quantity; got != changes[i].Quantity {
			t.Fatalf("%s: the shop has %d, want %d", changes[i].SKU, got, changes[i].Quantity)
		}
	}
}

// Each row of a batch has an outcome of its own: those that are gone cost the
// others one more call.
func TestStockOfSome(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, func(o *Options) { o.PageSize = 50 })
	var changes []connectors.StockChange
	for i := range 100 {
		changes = append(changes, connectors.StockChange{
			Listing: catalog.ExternalID(strconv.Itoa(1000 + i)), Variant: catalog.ExternalID(strconv.Itoa(5000 + i)), SKU: catalog.SKU(fmt.Sprint("K-", i)), Quantity: 1,
		})
	}
	offers := []catalog.Offer{goods(0), goods(3)}
	for i, ref := range b.put(offers...) {
		sku := offers[i].Variants[0].SKU
		changes[49*(i+1)] = connectors.StockChange{Listing: ref.ExternalID, Variant: ref.Variants[sku], SKU: sku, Quantity: 33}
	}
	outcomes, err := b.Stock.UpdateStock(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		want := connectors.Gone
		if i == 49 || i == 98 {
			want = connectors.Applied
		}
		if o.Kind != want {
			t.Errorf("item %d: got %s %v, want %s", i, o.Kind, o.Err, want)
		}
	}
	if n := b.calls("/product/stock/sellable/update"); n != 4 { // 2, and each again without those that are gone
		t.Errorf("%d calls, want 4", n)
	}
}

// A refusal that names nobody is tracked down by halves.
func TestUnnamedRefusal(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{AllOrNothing: true}, nil)
	offers := []catalog.Offer{goods(0), goods(3), goods(4), goods(7)}
	refs := b.put(offers...)
	if err := b.sim.Campaign(string(offers[2].Variants[0].SKU), 5); err != nil {
		t.Fatal(err)
	}
	b.sim.Inject(simulator.Fault{Path: "sellable/update", Times: -1, Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		if strings.Contains(string(answer), `"501"`) {
			return []byte(`{"code":"501","type":"ISP","message":"E501: Update product failed","request_id":"1"}`)
		}
		return answer
	}})
	var changes []connectors.StockChange
	for i, o := range offers {
		changes = append(changes, connectors.StockChange{Listing: refs[i].ExternalID, Variant: refs[i].Variants[o.Variants[0].SKU], SKU: o.Variants[0].SKU, Quantity: 2})
	}
	outcomes, err := b.Stock.UpdateStock(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []connectors.OutcomeKind
	for _, o := range outcomes {
		kinds = append(kinds, o.Kind)
	}
	if want := []connectors.OutcomeKind{"applied", "applied", "rejected", "applied"}; !slices.Equal(kinds, want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
}

// How near 1,000 changes come to the bound of the limit: the calls beyond the
// first burst, at the default rate.
func BenchmarkStock1000(b *testing.B) {
	defaults := Options{PerSecond: 5}
	sim := startShop(b, lazadatest.Options{RatePerSecond: defaults.PerSecond, Burst: int(defaults.PerSecond)})
	options := optionsFor(sim)
	options.PerSecond = defaults.PerSecond
	channel := openShop(b, options, connectors.OpenDeps{Tokens: withToken(b, nil, tokenOf(sim))})
	changes := thousand(sim)
	sim.ResetRequests()
	start := time.Now()
	for b.Loop() {
		if _, err := channel.Stock.UpdateStock(b.Context(), changes); err != nil {
			b.Fatal(err)
		}
	}
	wall, stats := time.Since(start).Seconds(), sim.Stats()
	bound := (float64(stats.Requests) - options.PerSecond/2) / options.PerSecond
	b.ReportMetric(float64(stats.Requests)/float64(b.N), "calls/op")
	b.ReportMetric(float64(stats.Refused), "refused")
	b.ReportMetric(wall/bound, "wall/bound")
}
