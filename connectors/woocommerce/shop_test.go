package woocommerce

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// memory is what the connector remembers, for tests.
type memory struct {
	mutex  sync.Mutex
	values map[string]string
}

func (m *memory) Recall(_ context.Context, key string) (string, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.values[key], nil
}

func (m *memory) Remember(_ context.Context, key, value string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.values[key] = value
	return nil
}

// practice opens a simulated shop and a channel to it.
func practice(t testing.TB, simulated woocommercetest.Options, change ...func(*Options)) (*shop, *woocommercetest.Simulator) {
	t.Helper()
	sim := woocommercetest.New(simulated)
	t.Cleanup(sim.Close)
	options := optionsFor(sim, "auto")
	for _, f := range change {
		f(options)
	}
	channel := openShop(t, options, connectors.OpenDeps{Memory: &memory{values: map[string]string{}}})
	return channel.Connector.(*shop), sim
}

// sample is the n-th sample offer, without a category.
func sample(n int) catalog.Offer {
	o := connectortest.Goods(n)
	o.Category = ""
	return o
}

func create(offers ...catalog.Offer) []connectors.Publication {
	list := make([]connectors.Publication, len(offers))
	for i, o := range offers {
		list[i] = connectors.Publication{Offer: o, Facets: catalog.Facets}
	}
	return list
}

// publish publishes one and requires the kind of its outcome.
func publish(t testing.TB, s *shop, p connectors.Publication, want connectors.OutcomeKind) connectors.Outcome {
	t.Helper()
	outcomes, err := s.Publish(t.Context(), []connectors.Publication{p})
	if err != nil || len(outcomes) != 1 || outcomes[0].Kind != want {
		t.Fatalf("publish: got %+v, %v, want %s", outcomes, err, want)
	}
	return outcomes[0]
}

func ref(o connectors.Outcome) connectors.ListingRef {
	r := connectors.ListingRef{ExternalID: o.Remote.ExternalID, Variants: map[catalog.SKU]catalog.ExternalID{}}
	for _, v := range o.Remote.Variants {
		r.Variants[v.SKU] = v.ExternalID
	}
	return r
}

func count(sim *woocommercetest.Simulator, method, path string) int {
	n := 0
	for _, r := range sim.Requests() {
		if r.Method == method && strings.HasSuffix(r.Path, path) {
			n++
		}
	}
	return n
}

// raw reads a product as the shop shows it.
func raw(t testing.TB, s *shop, id catalog.ExternalID) product {
	t.Helper()
	number, variation, _ := splitID(id)
	path := fmt.Sprintf("%sproducts/%d", api, number)
	if variation != 0 {
		path += fmt.Sprintf("/variations/%d", variation)
	}
	var p product
	if _, err := s.do(t.Context(), connectors.Call{Op: "test", Path: path, Out: &p}); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCheckTellsWhatStandsInTheWay(t *testing.T) {
	t.Parallel()
	page := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Query().Get("rest_route") == "/" && body == "plain":
				_, _ = w.Write([]byte(`{"namespaces":["wp/v2","wc/v3"]}`))
			case body == "no woo" && r.URL.Path == "/wp-json/":
				_, _ = w.Write([]byte(`{"namespaces":["wp/v2"]}`))
			case body == "welcome":
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte(`<html>Chào mừng</html>`))
			default:
				w.WriteHeader(http.StatusNotFound)
				_, _ = w.Write([]byte(`<html>Not found</html>`))
			}
		}
	}
	for body, want := range map[string]string{
		"plain": "plain_permalinks", "no woo": "no_woocommerce", "nothing": "not_wordpress", "welcome": "not_wordpress",
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(page(body))
			t.Cleanup(server.Close)
			channel := openShop(t, &Options{URL: server.URL, Concurrency: 1, BatchSize: 1, Timeout: time.Second}, connectors.OpenDeps{})
			_, err := channel.Connector.Check(t.Context())
			e, ok := err.(*connectors.Error)
			if !ok || e.Kind != connectors.Fatal || e.Code != want || e.Hint == "" {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	for name, test := range map[string]struct {
		https  bool
		change func(*Options)
		want   string
	}{
		"basic over http":     {false, func(o *Options) { o.Auth = "basic" }, "auth: query"},
		"query over http":     {false, func(o *Options) { o.Auth = "query" }, "X-Forwarded-Proto"},
		"unknown key, OAuth":  {false, func(o *Options) { o.ConsumerKey = connectors.NewSecret("ck_" + strings.Repeat("0", 40)) }, "consumer_key"},
		"wrong secret, Basic": {true, func(o *Options) { o.Auth, o.ConsumerSecret = "basic", connectors.NewSecret("cs_x") }, "consumer_secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := practice(t, woocommercetest.Options{TreatAsHTTPS: test.https}, test.change)
			_, err := s.Check(t.Context())
			if connectors.KindOf(err) != connectors.Auth || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an auth error with a hint at %s", err, test.want)
			}
		})
	}
	t.Run("query over https", func(t *testing.T) {
		t.Parallel()
		s, _ := practice(t, woocommercetest.Options{TreatAsHTTPS: true}, func(o *Options) { o.Auth = "query" })
		if account, err := s.Check(t.Context()); err != nil || account.Currency != "VND" || account.Version == "" {
			t.Errorf("got %+v, %v", account, err)
		}
	})
	t.Run("system status closed", func(t *testing.T) {
		t.Parallel()
		s, sim := practice(t, woocommercetest.Options{}, func(o *Options) { o.Currency = "VND" })
		sim.Inject(simulator.Fault{Path: "system_status", Times: -1, Kind: simulator.FaultStatus, Status: http.StatusForbidden,
			Body: `{"code":"woocommerce_rest_cannot_view","message":"Sorry, you cannot list resources.","data":{"status":403}}`})
		if account, err := s.Check(t.Context()); err != nil || account.ID == "" || account.Currency != "VND" {
			t.Errorf("got %+v, %v", account, err)
		}
	})
}

// A key that is refused is tried once, not once for each of a hundred batches.
func TestRefusedKeyStopsTheCall(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{Permission: "read"}, func(o *Options) { o.Concurrency = 1 })
	var changes []connectors.StockChange
	for i := range 500 {
		id := listingID(int64(i + 1))
		changes = append(changes, connectors.StockChange{Listing: id, Variant: id, Quantity: 1})
	}
	outcomes, err := s.UpdateStock(t.Context(), changes)
	if outcomes != nil || connectors.KindOf(err) != connectors.Auth {
		t.Errorf("got %d outcomes, %v; want an auth error", len(outcomes), err)
	}
	if n := len(sim.Requests()); n != 1 {
		t.Errorf("got %d requests, want 1", n)
	}
}

// 10,000 stocks of simple products are 100 requests; variations go by parent.
func TestStockRequests(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	var offers []catalog.Offer
	for n := range 10 {
		offers = append(offers, sample(n))
	}
	outcomes, err := s.Publish(t.Context(), create(offers...))
	if err != nil {
		t.Fatal(err)
	}
	var changes []connectors.StockChange
	parents := 0
	for i, o := range offers {
		if len(o.Options) > 0 {
			parents++
		}
		for sku, id := range ref(outcomes[i]).Variants {
			changes = append(changes, connectors.StockChange{Listing: outcomes[i].Remote.ExternalID, Variant: id, SKU: sku, Quantity: 3})
		}
	}
	sim.ResetRequests()
	outcomes, err = s.UpdateStock(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if o.Kind != connectors.Applied {
			t.Errorf("%s: got %s", changes[i].SKU, o.Kind)
		}
	}
	for _, l := range sim.Listings() {
		for _, v := range l.Variants {
			if *v.Quantity != 3 {
				t.Errorf("%s: the shop has %d", v.SKU, *v.Quantity)
			}
		}
	}
	if simple, all := count(sim, "POST", "/products/batch"), len(sim.Requests()); simple != 1 || all != 1+parents {
		t.Errorf("got %d requests for simple products and %d in all, want 1 and %d", simple, all, 1+parents)
	}
}

// What belongs to another listing than it says is not sent.
func TestTermsNeedTheirListing(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	outcomes, err := s.UpdateStock(t.Context(), []connectors.StockChange{
		{Listing: "11", Variant: "12", Quantity: 1}, {Listing: "", Variant: "12", Quantity: 1}, {Listing: "11", Variant: "11/x", Quantity: 1},
	})
	if err != nil || len(outcomes) != 3 || len(sim.Requests()) != 0 {
		t.Fatalf("got %+v, %v and %d requests", outcomes, err, len(sim.Requests()))
	}
	for i, o := range outcomes {
		if o.Kind != connectors.Rejected {
			t.Errorf("item %d: got %s", i, o.Kind)
		}
	}
}

// A price that the shop would drop without an error is not sent.
func TestPricesAreChecked(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	listing := publish(t, s, create(sample(0))[0], connectors.Applied).Remote.ExternalID
	sim.ResetRequests()
	same, zero, dollars := catalog.VND(100), catalog.VND(0), catalog.Money{Amount: 100, Currency: "USD"}
	var changes []connectors.PriceChange
	for _, price := range []catalog.Price{{List: catalog.VND(100), Sale: &same}, {List: zero}, {List: catalog.VND(-5)}, {List: dollars}, {List: catalog.VND(100), Sale: &dollars}} {
		changes = append(changes, connectors.PriceChange{Listing: listing, Variant: listing, SKU: "X", Price: price})
	}
	outcomes, err := s.UpdatePrices(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if o.Kind != connectors.Rejected || len(o.Issues) != 1 {
			t.Errorf("%+v: got %s", changes[i].Price, o.Kind)
		}
	}
	if n := len(sim.Requests()); n != 0 {
		t.Errorf("got %d requests, want none", n)
	}
	// One that a plugin of the shop changes on the way is noticed.
	sim.Inject(simulator.Fault{Path: "products/batch", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		return []byte(strings.Replace(string(answer), `"regular_price":"4000"`, `"regular_price":""`, 1))
	}})
	outcomes, err = s.UpdatePrices(t.Context(), []connectors.PriceChange{{Listing: listing, Variant: listing, Price: catalog.Price{List: catalog.VND(4000)}}})
	if err != nil || outcomes[0].Kind != connectors.Rejected {
		t.Errorf("a price that was dropped: got %+v, %v", outcomes, err)
	}
}

// BenchmarkStock10000 measures 10,000 changed stocks against a shop with
// latency: exactly 100 requests, and their time is that of the shop.
func BenchmarkStock10000(b *testing.B) {
	const latency = 50 * time.Millisecond
	s, sim := practice(b, woocommercetest.Options{})
	offers := make([]catalog.Offer, 10000)
	for i := range offers {
		offers[i] = sample(4 * i)
		offers[i].Images = nil
	}
	outcomes, err := s.Publish(b.Context(), create(offers...))
	if err != nil {
		b.Fatal(err)
	}
	changes := make([]connectors.StockChange, len(outcomes))
	for i, o := range outcomes {
		if o.Remote == nil {
			b.Fatalf("publish: %+v", o)
		}
		changes[i] = connectors.StockChange{Listing: o.Remote.ExternalID, Variant: o.Remote.ExternalID, SKU: offers[i].Variants[0].SKU}
	}
	sim.Inject(simulator.Fault{Path: "products/batch", Times: -1, Kind: simulator.FaultDelay, Delay: latency})
	quantity := int64(0)
	for b.Loop() {
		quantity++
		for i := range changes {
			changes[i].Quantity = quantity
		}
		sim.ResetRequests()
		start := time.Now()
		outcomes, err := s.UpdateStock(b.Context(), changes)
		took := time.Since(start)
		if err != nil || slices.ContainsFunc(outcomes, func(o connectors.Outcome) bool { return o.Kind != connectors.Applied }) {
			b.Fatalf("update: %v", err)
		}
		calls := len(sim.Requests())
		if calls != 100 {
			b.Fatalf("%d requests, want 100", calls)
		}
		least := time.Duration(calls) * latency / time.Duration(s.options.Concurrency)
		b.ReportMetric(float64(took)/float64(least), "x-of-latency")
		b.ReportMetric(float64(calls), "calls")
	}
}
