package tiktokshop

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/tiktokshop/tiktokshoptest"
)

// thousand changes the stock of 1,000 SKUs of so many products, each to a
// number of its own, the first SKU of every product, then the second, ...
func thousand(sim *tiktokshoptest.Simulator, products int) []connectors.StockChange {
	sim.Fill(products, 1000/products)
	listings := sim.Listings()
	var changes []connectors.StockChange
	for n := range 1000 / products {
		for _, l := range listings {
			v := l.Variants[n]
			changes = append(changes, connectors.StockChange{Listing: l.ExternalID, Variant: v.ExternalID, SKU: v.SKU, Quantity: int64(len(changes)) + 200})
		}
	}
	return changes
}

// 1,000 changes of stock take one call for each product, however they are
// mixed, and none of them is too many for a limit that only shows when it is
// crossed.
func TestStock1000(t *testing.T) {
	t.Parallel()
	for _, products := range []int{10, 1000} {
		b := openBench(t, tiktokshoptest.Options{RatePerSecond: 550, Burst: 550}, func(o *Options) { o.PerSecond = 500 })
		changes := thousand(b.sim, products)
		if _, err := b.channel.Stock.UpdateStock(t.Context(), changes[:1]); err != nil { // learns the warehouse
			t.Fatal(err)
		}
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
		if stats := b.sim.Stats(); stats.Requests != products || stats.Refused != 0 {
			t.Errorf("%d calls, %d of them too many; want %d and 0", stats.Requests, stats.Refused, products)
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
}

// How near 1,000 changes come to the bound of the limit: the calls beyond the
// first burst, at the default rate for 10 products of 100 SKUs, and faster for
// 1,000 products, which take as many calls.
func BenchmarkStock1000(b *testing.B) {
	for _, test := range []struct {
		products int
		rate     float64
	}{{10, defaults.PerSecond}, {1000, 200}} {
		b.Run(fmt.Sprintf("%dx%d", test.products, 1000/test.products), func(b *testing.B) {
			sim, err := tiktokshoptest.Start(tiktokshoptest.Options{RatePerSecond: test.rate, Burst: int(test.rate * 1.2)})
			if err != nil {
				b.Fatal(err)
			}
			defer sim.Close()
			options := optionsFor(sim)
			options.PerSecond = test.rate
			deps := connectors.OpenDeps{Tokens: &connectors.MemoryTokens{}}
			connect(b, sim, deps.Tokens)
			channel := openShop(b, options, deps)
			changes := thousand(sim, test.products)
			if _, err := channel.Stock.UpdateStock(b.Context(), changes[:1]); err != nil { // learns the warehouse
				b.Fatal(err)
			}
			sim.ResetRequests()
			start := time.Now()
			for b.Loop() {
				if _, err := channel.Stock.UpdateStock(b.Context(), changes); err != nil {
					b.Fatal(err)
				}
			}
			wall, stats := time.Since(start).Seconds(), sim.Stats()
			b.ReportMetric(float64(stats.Requests)/float64(b.N), "calls/op")
			b.ReportMetric(float64(stats.Refused), "refused")
			b.ReportMetric(wall/((float64(stats.Requests)-test.rate)/test.rate), "wall/bound")
		})
	}
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
