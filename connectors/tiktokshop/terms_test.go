package tiktokshop

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/tiktokshop/tiktokshoptest"
)

// large is an offer with as many variants as a product may have.
func large(n int) catalog.Offer {
	o := onShop(goods(1))
	o.ProductID = fmt.Sprintf("LON-%d", n)
	template := o.Variants[0]
	o.Variants = nil
	for i := range maxSKUs {
		v := template
		v.SKU, v.GTIN, v.Options, v.Price, v.Quantity = catalog.SKU(fmt.Sprintf("LON-%d-%d", n, i)), "", []string{fmt.Sprintf("%d g", i+1)}, onSale(50000, 0), 5
		o.Variants = append(o.Variants, v)
	}
	return o
}

// 1,000 changes of stock take one call for each product, whatever their order,
// and none is refused for its rate.
func TestStockCalls(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{RatePerSecond: 2000, Burst: 400}, func(o *Options) { o.PerSecond = 300 })
	var changes []connectors.StockChange
	for n := range 10 {
		offer := large(n)
		ref := b.listed(offer)
		for i, v := range offer.Variants {
			changes = append(changes, connectors.StockChange{Listing: ref.ExternalID, Variant: ref.Variants[v.SKU], SKU: v.SKU, Quantity: int64(i%7) + 1})
		}
	}
	// Interleaved: the first variant of every product, then the second, ...
	slices.SortStableFunc(changes, func(a, b connectors.StockChange) int { return int(a.Quantity - b.Quantity) })
	b.sim.ResetRequests()
	outcomes, err := b.channel.Stock.UpdateStock(t.Context(), changes)
	if err != nil || len(outcomes) != 1000 {
		t.Fatalf("got %d outcomes, %v", len(outcomes), err)
	}
	for i, o := range outcomes {
		if o.Kind != connectors.Applied {
			t.Fatalf("change %d: got %s, %v", i, o.Kind, o.Err)
		}
	}
	stats := b.sim.Stats()
	if most := 1000 / maxSKUs; stats.Requests > most || stats.Refused != 0 {
		t.Errorf("%d calls, want at most %d; %d were refused", stats.Requests, most, stats.Refused)
	}
	there := map[catalog.SKU]int64{}
	for _, l := range b.sim.Listings() {
		for _, v := range l.Variants {
			there[v.SKU] = *v.Quantity
		}
	}
	for _, c := range changes {
		if there[c.SKU] != c.Quantity {
			t.Fatalf("%s: the shop has %d, want %d", c.SKU, there[c.SKU], c.Quantity)
		}
	}
}

// BenchmarkStock shows how near 1,000 changes of as many products come to the
// bound of the rate limit.
func BenchmarkStock(b *testing.B) {
	const rate, products = 500.0, 1000
	sim, err := tiktokshoptest.Start(tiktokshoptest.Options{RatePerSecond: rate * 1.1, Burst: rate * 1.1})
	if err != nil {
		b.Fatal(err)
	}
	defer sim.Close()
	options := optionsFor(sim)
	deps := connectors.OpenDeps{Tokens: &connectors.MemoryTokens{}, Memory: &memory{values: map[string]string{}}, Media: pictures{400}}
	connect(b, sim, deps.Tokens)
	options.PerSecond = rate
	channel := openShop(b, options, deps)
	var publications []connectors.Publication
	for n := range products {
		o := onShop(goods(4 * n))
		o.Images = goods(0).Images
		publications = append(publications, whole(o))
	}
	outcomes, err := channel.Publisher.Publish(b.Context(), publications)
	if err != nil {
		b.Fatal(err)
	}
	var changes []connectors.StockChange
	for i, o := range outcomes {
		if !o.Done() {
			b.Fatalf("publish: %s, %v", o.Kind, o.Err)
		}
		v := o.Remote.Variants[0]
		changes = append(changes, connectors.StockChange{Listing: o.Remote.ExternalID, Variant: v.ExternalID, SKU: v.SKU, Quantity: int64(i%50) + 1})
	}
	sim.ResetRequests()
	start, runs := time.Now(), 0
	for b.Loop() {
		if _, err := channel.Stock.UpdateStock(b.Context(), changes); err != nil {
			b.Fatal(err)
		}
		runs++
	}
	calls := float64(runs * products)
	b.ReportMetric(time.Since(start).Seconds()/(calls/rate), "wall/bound")
	b.ReportMetric(float64(sim.Stats().Refused), "refused")
	b.ReportMetric(float64(sim.Stats().Requests)/float64(runs), "calls/op")
}

// A shop that refuses a stock of zero shows "sold out" by being off sale.
func TestZeroRefused(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{RefuseZero: true}, nil)
	offer := onShop(goods(2)) // three variants
	ref := b.listed(offer)
	first, second := offer.Variants[0].SKU, offer.Variants[1].SKU
	b.sim.Advance(2 * time.Minute)
	state := func(doing string, real, read catalog.State, quantity int64) {
		t.Helper()
		r := b.shown()
		v, _ := catalog.Snapshot{Variants: r.Variants}.Variant(first)
		if got := b.sim.Listings()[0].State; got != real || r.State != read || *v.Quantity != quantity {
			t.Errorf("%s: the shop is %s, read is %s with %d; want %s, %s, %d", doing, got, r.State, *v.Quantity, real, read, quantity)
		}
	}
	got := b.stock(ref, first, 0)
	if got.Kind != connectors.Applied || !hasIssue(got.Issues, "stock_zero_refused") {
		t.Fatalf("zero: got %s, %v, %+v", got.Kind, got.Err, got.Issues)
	}
	state("one of three sold out", catalog.StateStopped, catalog.StateStopped, 0)
	b.channel = openShop(t, b.options, b.deps) // it is remembered
	resumed, err := b.channel.Stopper.Resume(t.Context(), []connectors.ListingRef{ref})
	if err != nil || resumed[0].Kind != connectors.Deferred || !hasIssue(resumed[0].Issues, "stock_zero_refused") {
		t.Errorf("resume of what is sold out: got %+v, %v", resumed, err)
	}
	b.stock(ref, second, 0)
	b.stock(ref, first, 5)
	state("another is sold out still", catalog.StateStopped, catalog.StateStopped, 5)
	if got := b.stock(ref, second, 6); got.Kind != connectors.Applied {
		t.Errorf("restocked: got %s, %v", got.Kind, got.Err)
	}
	state("restocked", catalog.StateLive, catalog.StateLive, 5)
	for _, v := range offer.Variants {
		b.stock(ref, v.SKU, 0)
	}
	state("all sold out", catalog.StateStopped, catalog.StateLive, 0)

	tea := onShop(goods(1)) // the third variant has no stock
	if outcome := b.publish(whole(tea)); outcome.Kind != connectors.Rejected || !hasIssue(outcome.Issues, "stock_zero_refused") {
		t.Errorf("a new product without stock: got %s, %+v", outcome.Kind, outcome.Issues)
	}
}

// A SKU that is refused leaves its siblings alone.
func TestPartialErrors(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	offer := onShop(goods(2))
	ref := b.listed(offer)
	b.sim.Advance(2 * time.Minute)
	locked := offer.Variants[0].SKU
	if err := b.sim.Lock(locked, true); err != nil {
		t.Fatal(err)
	}
	var stock []connectors.StockChange
	var prices []connectors.PriceChange
	for _, v := range offer.Variants {
		stock = append(stock, connectors.StockChange{Listing: ref.ExternalID, Variant: ref.Variants[v.SKU], SKU: v.SKU, Quantity: 1})
		prices = append(prices, connectors.PriceChange{Listing: ref.ExternalID, Variant: ref.Variants[v.SKU], SKU: v.SKU, Price: onSale(160000, 0)})
	}
	prices = append(prices, connectors.PriceChange{Listing: ref.ExternalID, Variant: "1729400000000999999", SKU: "KHAC", Price: onSale(1000, 0)})
	stocked, err := b.channel.Stock.UpdateStock(t.Context(), stock)
	if err != nil {
		t.Fatal(err)
	}
	priced, err := b.channel.Prices.UpdatePrices(t.Context(), prices)
	if err != nil {
		t.Fatal(err)
	}
	for name, outcomes := range map[string][]connectors.Outcome{"stock": stocked, "price": priced} {
		if outcomes[0].Kind != connectors.Deferred || time.Until(outcomes[0].Until) < time.Hour || len(outcomes[0].Issues) == 0 {
			t.Errorf("%s of a SKU in a promotion of the platform: got %+v, want deferred", name, outcomes[0])
		}
		if outcomes[1].Kind != connectors.Applied || outcomes[2].Kind != connectors.Applied {
			t.Errorf("%s of the others: got %+v", name, outcomes[1:3])
		}
	}
	if priced[3].Kind != connectors.Conflict {
		t.Errorf("a SKU that the product does not have: got %s", priced[3].Kind)
	}
}

// Sale prices live in one promotion of ours. The price below changes although
// it is locked meanwhile, and promotions of others are read and left alone.
func TestPromotions(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	simple, tea := onShop(goods(0)), onShop(goods(1))
	simple.Variants[0].Price = onSale(185000, 150000)
	ref := b.listed(simple)
	teaRef := b.listed(tea)
	find := func(sku catalog.SKU) catalog.Price {
		t.Helper()
		found, err := b.channel.Finder.FindSKUs(t.Context(), []catalog.SKU{sku})
		if err != nil || len(found) != 1 {
			t.Fatalf("find: %d, %v", len(found), err)
		}
		v, _ := catalog.Snapshot{Variants: found[0].Variants}.Variant(sku)
		return *v.Price
	}
	sku := simple.Variants[0].SKU
	if got := find(sku); !got.Equal(onSale(185000, 150000)) {
		t.Errorf("before it begins: read %+v", got)
	}
	b.sim.Advance(2 * time.Minute)
	if n := b.calls(http.MethodPost, pathActivities) - b.calls(http.MethodPost, pathActivities+"/search"); n != 1 {
		t.Errorf("%d promotions were made for two products, want 1", n)
	}
	for _, want := range []catalog.Price{onSale(195000, 150000), onSale(195000, 149000), onSale(170000, 0), onSale(170000, 120000)} {
		if got := b.price(ref, sku, want); got.Kind != connectors.Applied {
			t.Errorf("price %+v: got %s, %v", want, got.Kind, got.Err)
		}
		if got := find(sku); !got.Equal(want) {
			t.Errorf("read %+v, want %+v", got, want)
		}
	}
	// A promotion of the seller's own holds the other one.
	other := tea.Variants[1].SKU
	if err := b.sim.SetPrice(other, onSale(220000, 111000)); err != nil {
		t.Fatal(err)
	}
	if got := find(other); !got.Equal(onSale(220000, 111000)) {
		t.Errorf("a promotion made by hand: read %+v", got)
	}
	if got := b.price(teaRef, other, onSale(230000, 0)); got.Kind != connectors.Deferred || !hasIssue(got.Issues, codePriceLocked) {
		t.Errorf("price in a promotion made by hand: got %s, %+v", got.Kind, got.Issues)
	}
	// When ours ends the sale price is gone, which shows, and the next is made.
	b.sim.Advance(91 * 24 * time.Hour)
	if got := find(sku); got.Sale != nil {
		t.Errorf("after the end: read %+v", got)
	}
	if got := b.price(ref, sku, onSale(170000, 120000)); got.Kind != connectors.Applied {
		t.Errorf("again: got %s, %v, %+v", got.Kind, got.Err, got.Issues)
	}
	if n := b.calls(http.MethodPost, pathActivities) - b.calls(http.MethodPost, pathActivities+"/search"); n != 2 {
		t.Errorf("%d promotions were made, want 2", n)
	}
}

// What goes wrong after the list price was set is not as if nothing was sent.
func TestSaleRefused(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{PromotionLead: time.Hour}, nil)
	offer := onShop(goods(0))
	ref := b.listed(offer)
	got := b.price(ref, offer.Variants[0].SKU, onSale(185000, 150000))
	if got.Kind != connectors.Rejected || !hasIssue(got.Issues, "98001004") {
		t.Errorf("a promotion that begins too early: got %s, %v, %+v", got.Kind, got.Err, got.Issues)
	}
	// A new product is there although its sale price is not.
	other := onShop(goods(4))
	other.Variants[0].Price = onSale(185000, 150000)
	outcome := b.publish(whole(other))
	if outcome.Kind != connectors.Applied || outcome.Remote == nil || !hasIssue(outcome.Issues, "98001004") {
		t.Errorf("publish: got %s, %v, %+v", outcome.Kind, outcome.Err, outcome.Issues)
	}
}
