package tiki

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/tiki/tikitest"
)

// The list price is reviewed; the asked price does not wait for it unless it
// would be above.
func TestListPriceIsReviewed(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{Manual: true})
	offer := sample(0) // 185,000
	publish(t, b.channel, publication(offer))
	b.sim.Approve()
	ref := refOf(b.find(offer)[0])
	set := func(list, sale int64) connectors.Outcome {
		t.Helper()
		price := catalog.Price{List: catalog.VND(list)}
		if sale > 0 {
			amount := catalog.VND(sale)
			price.Sale = &amount
		}
		outcomes, err := b.channel.Prices.UpdatePrices(t.Context(), []connectors.PriceChange{{Listing: ref.ExternalID, Variant: ref.Variants[offer.Variants[0].SKU], SKU: offer.Variants[0].SKU, Price: price}})
		if err != nil {
			t.Fatal(err)
		}
		return outcomes[0]
	}
	shown := func() (list, asked int64) {
		v := b.sim.Listings()[0].Variants[0]
		return v.Price.List.Amount, v.Price.Asked().Amount
	}
	if o := set(200000, 150000); o.Kind != connectors.Deferred || o.Remote != nil {
		t.Errorf("a higher list price: got %s", o.Kind)
	}
	if list, asked := shown(); list != 185000 || asked != 150000 {
		t.Errorf("in review: got %d, %d", list, asked)
	}
	b.sim.ResetRequests()
	if o := set(200000, 150000); o.Kind != connectors.Deferred {
		t.Errorf("again: got %s", o.Kind)
	}
	if n := b.count(http.MethodPost, "/updateProductInfo"); n != 0 {
		t.Errorf("the list price in review was sent %d times more", n)
	}
	if got := b.find(offer)[0]; got.Content != "" {
		t.Errorf("a fingerprint is told while a change is in review")
	}
	b.sim.Approve()
	if o := set(200000, 150000); !o.Done() {
		t.Errorf("approved: got %s", o.Kind)
	}
	if list, asked := shown(); list != 200000 || asked != 150000 {
		t.Errorf("approved: got %d, %d", list, asked)
	}
	if o := set(300000, 0); o.Kind != connectors.Deferred {
		t.Errorf("a list price that is asked: got %s", o.Kind)
	}
	if _, asked := shown(); asked != 150000 {
		t.Errorf("asked %d above a list price that was not approved", asked)
	}
	b.sim.RejectNext(`{"code":400,"message":"Giá niêm yết không hợp lý"}`)
	b.sim.Approve()
	if o := set(300000, 0); o.Kind != connectors.Rejected || !strings.Contains(o.Issues[0].Message.VI, "không hợp lý") {
		t.Errorf("refused: got %s %+v", o.Kind, o.Issues)
	}
	if got := b.find(offer)[0]; len(got.Issues) != 1 || got.State != catalog.StateLive {
		t.Errorf("a refused change is not told: %+v", got)
	}
}

func TestListPriceIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{}, func(o *Options) { o.ListPrice = "keep" })
	offer := sample(0)
	ref := publishOne(t, b.channel, offer)
	sale := catalog.VND(150000)
	outcomes, err := b.channel.Prices.UpdatePrices(t.Context(), []connectors.PriceChange{{
		Listing: ref.ExternalID, Variant: ref.Variants[offer.Variants[0].SKU], SKU: offer.Variants[0].SKU, Price: catalog.Price{List: catalog.VND(200000), Sale: &sale},
	}})
	if err != nil || !outcomes[0].Done() || b.count(http.MethodPost, "/updateProductInfo") != 0 {
		t.Errorf("got %+v, %v", outcomes, err)
	}
}

// However updateSkus answers, what is said of each item is true.
func TestBatchAnswers(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{tikitest.BatchList, tikitest.BatchEmpty, tikitest.BatchRefuse} {
		b := newBench(t, tikitest.Options{BatchAnswer: mode})
		var changes []connectors.StockChange
		for n := range 4 {
			offer := sample(4 * n)
			ref := publishOne(t, b.channel, offer)
			changes = append(changes, connectors.StockChange{Listing: ref.ExternalID, Variant: ref.Variants[offer.Variants[0].SKU], SKU: offer.Variants[0].SKU, Quantity: int64(31 + n)})
		}
		if err := b.sim.Delete(changes[1].SKU); err != nil {
			t.Fatal(err)
		}
		changes[3].Quantity = -1
		outcomes, err := b.channel.Stock.UpdateStock(t.Context(), changes)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []connectors.OutcomeKind
		for _, o := range outcomes {
			kinds = append(kinds, o.Kind)
		}
		if want := []connectors.OutcomeKind{connectors.Applied, connectors.Gone, connectors.Applied, connectors.Rejected}; !slices.Equal(kinds, want) {
			t.Errorf("%s: got %v, want %v", mode, kinds, want)
		}
		for _, l := range b.sim.Listings() {
			for _, c := range []int{0, 2} {
				if l.Variants[0].SKU == changes[c].SKU && *l.Variants[0].Quantity != changes[c].Quantity {
					t.Errorf("%s: %s has %d, want %d", mode, l.Variants[0].SKU, *l.Variants[0].Quantity, changes[c].Quantity)
				}
			}
		}
	}
}

// A thousand changes take as many calls as there are batches, and no call is
// too many for Tiki's hidden limit.
func TestThousandStockChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{}, func(o *Options) { o.PerSecond = 180 })
	changes := thousand(b.T, b.sim)
	b.sim.ResetRequests()
	outcomes, err := b.channel.Stock.UpdateStock(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if o.Kind != connectors.Applied {
			t.Fatalf("item %d: got %s (%v)", i, o.Kind, o.Err)
		}
	}
	const batches = 1000 / batchSize
	writes := b.count(http.MethodPut, "/updateSkus")
	if all := len(b.sim.Requests()); writes != batches || all != batches+1 { // one to ask for the warehouse, once
		t.Errorf("%d batches and %d calls, want %d and one more", writes, all, batches)
	}
	if s := b.sim.Stats(); s.Refused != 0 {
		t.Errorf("%d calls were too many", s.Refused)
	}
	for _, l := range b.sim.Listings() {
		if *l.Variants[0].Quantity != 7 {
			t.Fatalf("%s has %d", l.Variants[0].SKU, *l.Variants[0].Quantity)
		}
	}
}

// thousand fills a shop behind the connector's back and changes all its stock.
func thousand(t testing.TB, sim *tikitest.Simulator) []connectors.StockChange {
	t.Helper()
	skus := sim.Fill(1000)
	changes := make([]connectors.StockChange, len(skus))
	for i, l := range sim.Listings() {
		v := l.Variants[0]
		changes[i] = connectors.StockChange{Listing: l.ExternalID, Variant: v.ExternalID, SKU: v.SKU, Quantity: 7}
	}
	return changes
}

// The limit is Tiki's: a burst of reads stays below it.
func TestStaysBelowTheLimit(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{}, func(o *Options) { o.PerSecond, o.Concurrency = 180, 16 })
	skus := b.sim.Fill(150)
	if _, err := b.channel.Finder.FindSKUs(t.Context(), skus); err != nil {
		t.Fatal(err)
	}
	if s := b.sim.Stats(); s.Refused != 0 || s.Requests < 300 {
		t.Errorf("%d of %d calls were too many", s.Refused, s.Requests)
	}
}

// 1,000 changes in batches, on a channel with the default pace: how many calls,
// how many of them refused, and the wall time as a multiple of what Tiki's limit
// of 200 calls a second allows for so many.
func BenchmarkStock1000(b *testing.B) {
	sim := startShop(b, tikitest.Options{})
	tokens := &connectors.MemoryTokens{}
	connect(b, sim, tokens)
	options := optionsFor(sim)
	options.PerSecond = 180
	channel := openShop(b, options, connectors.OpenDeps{Tokens: tokens})
	changes := thousand(b, sim)
	sim.ResetRequests()
	for b.Loop() {
		if _, err := channel.Stock.UpdateStock(b.Context(), changes); err != nil {
			b.Fatal(err)
		}
	}
	stats := sim.Stats()
	b.ReportMetric(float64(stats.Requests)/float64(b.N), "calls/op")
	b.ReportMetric(float64(stats.Refused), "refused")
	b.ReportMetric(b.Elapsed().Seconds()/(float64(stats.Requests)/200), "x_bound")
}
