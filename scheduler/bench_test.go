package scheduler

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/chophien/chophien/connectors"
)

// benchProducts is the size of the catalog that planning is measured on; the
// figures of docs/benchmarks.md are for 100,000.
func benchProducts() int {
	if n, err := strconv.Atoi(os.Getenv("CHOPHIEN_BENCH_PRODUCTS")); err == nil {
		return n
	}
	return 10000
}

// bigCatalog is a catalog on three channels on which everything is converged.
func bigCatalog(b *testing.B, products int) *Engine {
	b.Helper()
	ctx := context.Background()
	store, err := sqlitestore.Open(ctx, filepath.Join(b.TempDir(), "bench.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	engine := New(store, Options{Sealer: plainSealer{}})
	setRules(b, engine, 0)
	now := time.Now().UTC().Truncate(time.Millisecond)
	for from := 0; from < products; from += 1000 {
		var batch []catalog.Product
		var movements []catalog.Movement
		for i := from; i < min(from+1000, products); i++ {
			batch = append(batch, benchProduct(i))
			movements = append(movements, catalog.Movement{Key: fmt.Sprint("count/", i), SKU: batch[len(batch)-1].Variants[0].SKU, Kind: catalog.MoveCount, OnHand: 40, At: now})
		}
		must(b, all(store.PutProducts(ctx, batch)))
		must(b, all(store.AddMovements(ctx, movements)))
	}
	must(b, engine.Spread(ctx))
	for _, id := range engine.Channels() {
		converge(b, engine, id)
	}
	return engine
}

func benchProduct(i int) catalog.Product {
	return catalog.Product{
		ID: fmt.Sprintf("P-%06d", i), Name: catalog.Text{VI: fmt.Sprintf("Mật ong rừng nguyên chất số %d", i), EN: fmt.Sprintf("Wild honey %d", i)},
		Description: catalog.Text{VI: "Mật ong rừng khai thác thủ công vào mùa hoa, lọc thô, giữ nguyên hương vị.\n\nBảo quản nơi khô mát."},
		Category:    "honey", Brand: "Nhóm mẫu", Attributes: []catalog.Attribute{{Name: "Mùa vụ", Value: catalog.Text{VI: "Thu"}}},
		Variants: []catalog.Variant{
			{SKU: catalog.SKU(fmt.Sprintf("MO-%06d", i)), ListPrice: catalog.VND(185000), Weight: 700, NetContent: catalog.Quantity{Milli: 500000, Unit: "g"}},
		},
	}
}

// setRules opens the channels; another version of the rules makes every
// listing due.
func setRules(b *testing.B, engine *Engine, version int) {
	b.Helper()
	var channels []*connectors.Channel
	for _, id := range []catalog.ChannelID{"one", "two", "three"} {
		config := connectors.ChannelConfig{ID: id, Freshness: time.Hour, Rules: catalog.Rules{Language: "vi", Title: "{{.Name}} {{.NetContent}}", Price: catalog.PriceRule{MarkupBP: 500, RoundTo: 1000}, Stock: catalog.StockRule{Buffer: 1}, Attributes: map[string]string{"none": fmt.Sprint(version)}}}
		channels = append(channels, connectors.NewChannel(config, connectors.Info{Name: "shop", Title: "Shop"}, newShop(), nil))
	}
	must(b, engine.SetChannels(channels))
}

// converge stores, for every listing of a channel, that all was applied and
// is shown.
func converge(b *testing.B, engine *Engine, id catalog.ChannelID) {
	b.Helper()
	ctx := context.Background()
	c, err := engine.channel(id)
	must(b, err)
	now := engine.now()
	view := engine.view(c, ChannelState{OrdersReadAt: now}, now)
	for after := ""; ; {
		listings, err := engine.store.Listings(ctx, catalog.ListingQuery{Channel: id, After: after, Limit: page})
		must(b, err)
		if len(listings) == 0 {
			return
		}
		after = listings[len(listings)-1].ProductID
		looks, err := view.looks(ctx, listings)
		must(b, err)
		for i := range listings {
			l := &listings[i]
			l.ExternalID = catalog.ExternalID(fmt.Sprint("x", i))
			l.Applied = looks[i].Offer.Snapshot(now)
			l.Observed = l.Applied
			l.Observed.Content, l.Observed.Media = "shown", "shown"
			l.ContentEcho, l.MediaEcho = "shown", "shown"
			l.Status, l.Due = catalog.StatusLive, false
		}
		must(b, all(engine.store.PutListings(ctx, listings)))
	}
}

// BenchmarkPlanNothingChanged plans all three channels when nothing is due.
func BenchmarkPlanNothingChanged(b *testing.B) {
	engine := bigCatalog(b, benchProducts())
	for b.Loop() {
		for _, id := range engine.Channels() {
			plan, err := engine.Plan(context.Background(), id)
			must(b, err)
			if len(plan.Actions) != 0 {
				b.Fatalf("%d actions", len(plan.Actions))
			}
		}
	}
}

// BenchmarkRerenderAll changes the rules of all three channels, so that every
// listing is rendered and compared again.
func BenchmarkRerenderAll(b *testing.B) {
	engine := bigCatalog(b, benchProducts())
	version := 0
	var peak uint64
	for b.Loop() {
		version++
		setRules(b, engine, version)
		var channels sync.WaitGroup // each channel is a job of its own, as in serve
		for _, id := range engine.Channels() {
			channels.Go(func() {
				if plan, err := engine.Plan(context.Background(), id); err != nil || len(plan.Actions) != 0 {
					b.Errorf("%d actions, error %v", len(plan.Actions), err)
				}
			})
		}
		channels.Wait()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapSys)
	}
	b.ReportMetric(float64(3*benchProducts()), "listings")
	b.ReportMetric(float64(peak)/1e6, "MB_heap")
}
