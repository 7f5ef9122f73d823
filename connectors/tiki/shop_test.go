package tiki

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/tiki/tikitest"
)

type testContext = context.Context

// memory is a [connectors.Memory].
type memory struct {
	mu     sync.Mutex
	values map[string]string
}

func (m *memory) Recall(_ context.Context, key string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[key], nil
}

func (m *memory) Remember(_ context.Context, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[string]string{}
	}
	m.values[key] = value
	return nil
}

// bench is a simulated shop with a channel to it.
type bench struct {
	*testing.T
	sim     *tikitest.Simulator
	channel *connectors.Channel
	tokens  *connectors.MemoryTokens
	memory  *memory
	options *Options
}

func newBench(t *testing.T, shop tikitest.Options, edit ...func(*Options)) *bench {
	t.Helper()
	b := &bench{T: t, sim: startShop(t, shop), tokens: &connectors.MemoryTokens{}, memory: &memory{}}
	connect(t, b.sim, b.tokens)
	b.options = optionsFor(b.sim)
	for _, e := range edit {
		e(b.options)
	}
	b.reopen(b.memory)
	return b
}

// reopen is a restart of the program, with what was remembered.
func (b *bench) reopen(m connectors.Memory) {
	b.Helper()
	b.channel = openShop(b, b.options, connectors.OpenDeps{Tokens: b.tokens, Memory: m})
}

// sample is the n-th offer of the contract suite, on this channel.
func sample(n int) catalog.Offer {
	o := connectortest.Goods(n)
	o.Channel, o.Category = "vn-thu", contractCategories[o.Category]
	return o
}

func publication(o catalog.Offer) connectors.Publication {
	return connectors.Publication{Offer: o, Facets: slices.Clone(catalog.Facets)}
}

func publish(t testing.TB, channel *connectors.Channel, publications ...connectors.Publication) []connectors.Outcome {
	t.Helper()
	outcomes, err := channel.Publisher.Publish(t.Context(), publications)
	if err != nil || len(outcomes) != len(publications) {
		t.Fatalf("publish: %d outcomes, %v", len(outcomes), err)
	}
	return outcomes
}

func publishOne(t testing.TB, channel *connectors.Channel, o catalog.Offer) connectors.ListingRef {
	t.Helper()
	outcome := publish(t, channel, publication(o))[0]
	if outcome.Kind != connectors.Applied || outcome.Remote == nil {
		t.Fatalf("publish %s: got %s (%v) %v", o.ProductID, outcome.Kind, outcome.Err, outcome.Issues)
	}
	return refOf(*outcome.Remote)
}

func refOf(r catalog.Remote) connectors.ListingRef {
	ref := connectors.ListingRef{ExternalID: r.ExternalID, Variants: map[catalog.SKU]catalog.ExternalID{}}
	for _, v := range r.Variants {
		ref.Variants[v.SKU] = v.ExternalID
	}
	return ref
}

func buy(t testing.TB, sim *tikitest.Simulator, o catalog.Offer, n int64) catalog.ExternalID {
	t.Helper()
	id, err := sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: o.Variants[0].SKU, Quantity: n}}})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *bench) find(o catalog.Offer) []catalog.Remote {
	b.Helper()
	var skus []catalog.SKU
	for _, v := range o.Variants {
		skus = append(skus, v.SKU)
	}
	found, err := b.channel.Finder.FindSKUs(b.Context(), skus)
	if err != nil {
		b.Fatal(err)
	}
	return found
}

func (b *bench) listings() []catalog.Remote {
	b.Helper()
	var all []catalog.Remote
	for r, err := range b.channel.Listings.Listings(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// created counts the requests for new products.
func (b *bench) created() int {
	return b.count(http.MethodPost, "/v2.1/requests")
}

func (b *bench) count(method, path string) int {
	n := 0
	for _, r := range b.sim.Requests() {
		if r.Method == method && strings.HasSuffix(r.Path, path) {
			n++
		}
	}
	return n
}

// A product in review is one listing under the request's name, whatever is
// asked, until it is approved; then it has the product's.
func TestReview(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1} {
		b := newBench(t, tikitest.Options{Manual: true})
		offer := sample(n)
		first := publish(t, b.channel, publication(offer))[0]
		if first.Kind != connectors.Deferred || first.Remote == nil || !strings.HasPrefix(string(first.Remote.ExternalID), "track:") || first.Until.IsZero() {
			t.Fatalf("got %s %+v", first.Kind, first.Remote)
		}
		ref := refOf(*first.Remote)
		for step := range 5 { // queuing to awaiting_approve
			for name, remotes := range map[string][]catalog.Remote{"find": b.find(offer), "listings": b.listings()} {
				if len(remotes) != 1 || remotes[0].State != catalog.StateReview || remotes[0].ExternalID != ref.ExternalID ||
					remotes[0].Title != offer.Title || len(remotes[0].Variants) != len(offer.Variants) {
					t.Fatalf("step %d, %s: got %+v", step, name, remotes)
				}
			}
			again := publish(t, b.channel, publication(offer))[0]
			if again.Kind != connectors.Deferred || again.Remote == nil || again.Remote.ExternalID != ref.ExternalID {
				t.Fatalf("step %d, published again: got %s %+v", step, again.Kind, again.Remote)
			}
			change := connectors.Publication{Offer: offer, Listing: ref, Facets: []catalog.Facet{catalog.FacetContent}}
			if o := publish(t, b.channel, change)[0]; o.Kind != connectors.Deferred || o.Remote != nil {
				t.Errorf("step %d, content: got %s %+v", step, o.Kind, o.Remote)
			}
			outcomes, err := b.channel.Stock.UpdateStock(t.Context(), []connectors.StockChange{{Listing: ref.ExternalID, Variant: ref.Variants[offer.Variants[0].SKU], SKU: offer.Variants[0].SKU, Quantity: 1}})
			if err != nil || outcomes[0].Kind != connectors.Deferred {
				t.Errorf("step %d, stock: got %+v, %v", step, outcomes, err)
			}
			if outcomes, err = b.channel.Stopper.Stop(t.Context(), []connectors.ListingRef{ref}); err != nil || outcomes[0].Kind != connectors.Deferred {
				t.Errorf("step %d, stop: got %+v, %v", step, outcomes, err)
			}
			b.sim.Advance(1)
		}
		if got := b.created(); got != 1 {
			t.Fatalf("%d requests were made, want 1", got)
		}
		remotes := b.find(offer)
		if len(remotes) != 1 || remotes[0].State != catalog.StateLive || remotes[0].ExternalID != b.sim.Listings()[0].ExternalID {
			t.Fatalf("approved: got %+v", remotes)
		}
		if all := b.listings(); len(all) != 1 || cmp.Diff(all[0], remotes[0]) != "" {
			t.Errorf("listings and find differ:\n%s", cmp.Diff(all, remotes))
		}
		// The core may still use the request's name.
		if outcomes, err := b.channel.Stopper.Stop(t.Context(), []connectors.ListingRef{ref}); err != nil || !outcomes[0].Done() {
			t.Errorf("stop by the old name: got %+v, %v", outcomes, err)
		}
		change := connectors.Publication{Offer: offer, Listing: ref, Facets: []catalog.Facet{catalog.FacetContent}}
		change.Offer.Title += " mới"
		if o := publish(t, b.channel, change)[0]; o.Kind != connectors.Deferred || o.Remote == nil || o.Remote.ExternalID != remotes[0].ExternalID {
			t.Errorf("content by the old name: got %s %+v", o.Kind, o.Remote)
		}
	}
}

// Without memory a request is still found, once Tiki lists it.
func TestReviewIsFoundWithoutMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{Manual: true})
	offer := sample(1)
	publish(t, b.channel, publication(offer))
	b.sim.Advance(2)
	b.reopen(&memory{})
	for name, remotes := range map[string][]catalog.Remote{"find": b.find(offer), "listings": b.listings()} {
		if len(remotes) != 1 || remotes[0].State != catalog.StateReview || !strings.HasPrefix(string(remotes[0].ExternalID), "request:") || len(remotes[0].Variants) != 3 {
			t.Errorf("%s: got %+v", name, remotes)
		}
	}
	again := publish(t, b.channel, publication(offer))[0]
	if again.Kind != connectors.Deferred || again.Remote == nil || b.created() != 1 {
		t.Fatalf("published again: got %s, %d requests", again.Kind, b.created())
	}
	change := connectors.Publication{Offer: offer, Listing: refOf(*again.Remote), Facets: []catalog.Facet{catalog.FacetContent}}
	if o := publish(t, b.channel, change)[0]; o.Kind != connectors.Deferred || o.Remote != nil {
		t.Errorf("content in review: got %s %+v", o.Kind, o.Remote)
	}
	b.sim.Approve()
	if o := publish(t, b.channel, change)[0]; !o.Done() || o.Remote == nil || o.Remote.ExternalID != b.sim.Listings()[0].ExternalID {
		t.Errorf("content after approval: got %s %+v", o.Kind, o.Remote)
	}
}

// A refusal is the platform's reason with our advice, in review or at once; new
// content is a new request.
func TestRejection(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{Manual: true})
	offer := sample(0)
	ref := refOf(*publish(t, b.channel, publication(offer))[0].Remote)
	b.sim.RejectNext("Hình ảnh không rõ nét")
	b.sim.Approve()
	for name, remotes := range map[string][]catalog.Remote{"find": b.find(offer), "listings": b.listings()} {
		if len(remotes) != 1 || remotes[0].State != catalog.StateRejected || remotes[0].ExternalID != ref.ExternalID || len(remotes[0].Issues) != 1 ||
			!strings.Contains(remotes[0].Issues[0].Message.VI, "Hình ảnh không rõ nét") || !strings.Contains(remotes[0].Issues[0].Message.VI, "sửa sản phẩm") {
			t.Fatalf("%s: got %+v", name, remotes)
		}
	}
	price := connectors.Publication{Offer: offer, Listing: ref, Facets: []catalog.Facet{catalog.FacetPrice}}
	if o := publish(t, b.channel, price)[0]; o.Kind != connectors.Rejected {
		t.Errorf("a price of a refused product: got %s", o.Kind)
	}
	offer.Title += " (ảnh mới)"
	change := connectors.Publication{Offer: offer, Listing: ref, Facets: []catalog.Facet{catalog.FacetContent}}
	again := publish(t, b.channel, change)[0]
	if again.Kind != connectors.Deferred || again.Remote == nil || again.Remote.ExternalID == ref.ExternalID || b.created() != 2 {
		t.Fatalf("new content: got %s %+v, %d requests", again.Kind, again.Remote, b.created())
	}
	b.sim.Approve()
	if remotes := b.find(offer); len(remotes) != 1 || remotes[0].State != catalog.StateLive || *remotes[0].Variants[0].Quantity != offer.Variants[0].Quantity {
		t.Errorf("approved: got %+v", remotes)
	}
}

func TestDuplicateIsFoundLate(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	offer := sample(0)
	publishOne(t, b.channel, offer)
	// Somebody else's look-up would have missed it.
	b.sim.Inject(simulator.Fault{Method: http.MethodGet, Path: "/findBy", Kind: simulator.FaultStatus, Status: http.StatusNotFound, Body: `{"errors":["Product not found"]}`})
	b.reopen(&memory{})
	o := publish(t, b.channel, publication(offer))[0]
	if o.Kind != connectors.Conflict || len(o.Issues) == 0 || o.Issues[0].Code != "420" {
		t.Errorf("got %s %+v", o.Kind, o.Issues)
	}
	if n := len(b.sim.Listings()); n != 1 {
		t.Errorf("%d listings, want 1", n)
	}
}

// The answer to a request was lost, and it was sent again before Tiki listed
// it: the second is refused as a duplicate, and the first one counts.
func TestSentTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{Manual: true})
	offer := sample(1)
	b.sim.Inject(simulator.Fault{Method: http.MethodPost, Path: "/v2.1/requests", Kind: simulator.FaultDrop})
	if o := publish(t, b.channel, publication(offer))[0]; o.Kind != connectors.Unknown {
		t.Fatalf("got %s", o.Kind)
	}
	if found := b.find(offer); len(found) != 0 {
		t.Fatalf("a request without a number is found: %+v", found)
	}
	second := publish(t, b.channel, publication(offer))[0]
	if second.Kind != connectors.Deferred || b.created() != 2 {
		t.Fatalf("got %s, %d requests", second.Kind, b.created())
	}
	b.sim.Advance(1)
	for name, remotes := range map[string][]catalog.Remote{"find": b.find(offer), "listings": b.listings()} {
		if len(remotes) != 1 || remotes[0].State != catalog.StateReview || remotes[0].ExternalID == second.Remote.ExternalID {
			t.Errorf("%s: got %+v", name, remotes)
		}
	}
	b.sim.Approve()
	if found := b.find(offer); len(found) != 1 || found[0].State != catalog.StateLive || len(b.sim.Listings()) != 1 {
		t.Errorf("approved: got %+v", found)
	}
}

// What Tiki would find out hours later is found before anything is sent.
func TestFoundBeforePublishing(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	for name, test := range map[string]struct {
		spoil func(*catalog.Offer)
		code  string
		says  string
	}{
		"no category":       {func(o *catalog.Offer) { o.Category = "" }, "category_missing", "chưa được ghép"},
		"vanished category": {func(o *catalog.Offer) { o.Category = "1" }, "category_gone", "không còn trên Tiki"},
		"no brand":          {func(o *catalog.Offer) { o.Brand = "" }, "attribute_missing", "Thương hiệu (brand)"},
		"unknown country":   {func(o *catalog.Offer) { o.Attributes[0].Value = "Nước Việt" }, "attribute_value", "Việt Nam, Lào"},
		"not a number": {func(o *catalog.Offer) {
			o.Attributes = append(o.Attributes, catalog.OfferAttribute{Name: "product_weight_kg", Value: "nhẹ"})
		}, "attribute_value", "phải là số"},
		"not a boolean": {func(o *catalog.Offer) {
			o.Attributes = append(o.Attributes, catalog.OfferAttribute{Name: "bulky", Value: "hơi"})
		}, "attribute_value", "Có hoặc Không"},
		"no picture":       {func(o *catalog.Offer) { o.Images = nil }, "no_images", "ảnh"},
		"price below 10 %": {func(o *catalog.Offer) { sale := catalog.VND(18499); o.Variants[0].Price.Sale = &sale }, "price_too_low", "10%"},
	} {
		offer := sample(0)
		test.spoil(&offer)
		o := publish(t, b.channel, publication(offer))[0]
		if o.Kind != connectors.Rejected || len(o.Issues) == 0 || o.Issues[0].Code != test.code || !strings.Contains(o.Issues[0].Message.VI, test.says) || o.Issues[0].Message.EN == "" {
			t.Errorf("%s: got %s %+v", name, o.Kind, o.Issues)
		}
	}
	if n := b.created(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	offer := sample(0)
	offer.Attributes = append(offer.Attributes, catalog.OfferAttribute{Name: "xuất  XỨ thương hiệu", Value: "lào"}, catalog.OfferAttribute{Name: "Mùa hoa", Value: "2026"})
	o := publish(t, b.channel, publication(offer))[0]
	if o.Kind != connectors.Applied || len(o.Issues) != 1 || o.Issues[0].Code != "attribute_unknown" {
		t.Fatalf("an attribute that Tiki does not have: got %s %+v", o.Kind, o.Issues)
	}
	shop := b.channel.Connector.(publicShop) //nolint:forcetypeassert // as opened
	row, _, err := shop.find(t.Context(), offer.Variants[0].SKU)
	if err != nil || row.Attributes["brand_country"] != "Lào" || row.Attributes["product_weight_kg"] != "0.7" || row.Attributes["product_length"] != "20" {
		t.Errorf("got %v, %v", row.Attributes, err)
	}
}

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

func BenchmarkStock1000(b *testing.B) {
	sim := startShop(b, tikitest.Options{})
	tokens := &connectors.MemoryTokens{}
	connect(b, sim, tokens)
	options := optionsFor(sim)
	options.PerSecond = 180
	channel := openShop(b, options, connectors.OpenDeps{Tokens: tokens})
	changes := thousand(b, sim)
	sim.ResetRequests()
	b.ResetTimer()
	for range b.N {
		if _, err := channel.Stock.UpdateStock(b.Context(), changes); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	stats := sim.Stats()
	b.ReportMetric(float64(stats.Requests)/float64(b.N), "calls/op")
	b.ReportMetric(float64(stats.Refused), "refused")
	// The rate limit allows so long for these calls.
	b.ReportMetric(float64(stats.Requests)/float64(b.N)/options.PerSecond*1000, "limit-ms/op")
}

func TestTakedown(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	offer := sample(1)
	publishOne(t, b.channel, offer)
	if err := b.sim.SetState(offer.Variants[0].SKU, catalog.StateRejected); err != nil {
		t.Fatal(err)
	}
	for name, remotes := range map[string][]catalog.Remote{"find": b.find(offer), "listings": b.listings()} {
		if len(remotes) != 1 || remotes[0].State != catalog.StateRejected || len(remotes[0].Issues) != 1 {
			t.Errorf("%s: got %+v", name, remotes)
		}
	}
}

// Nothing is remembered of a listing, and one variant is asked for.
func TestFamilyWithoutMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	offer := sample(2)
	ref := publishOne(t, b.channel, offer)
	b.reopen(nil)
	found, err := b.channel.Finder.FindSKUs(t.Context(), []catalog.SKU{offer.Variants[2].SKU})
	if err != nil || len(found) != 1 || len(found[0].Variants) != 3 || found[0].Title != offer.Title {
		t.Fatalf("got %+v, %v", found, err)
	}
	outcomes, err := b.channel.Stopper.Stop(t.Context(), []connectors.ListingRef{{ExternalID: ref.ExternalID}})
	if err != nil || !outcomes[0].Done() || b.sim.Listings()[0].State != catalog.StateStopped {
		t.Errorf("stop without variants: got %+v, %v", outcomes, err)
	}
}

func TestSKUsOfSeveralProducts(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	first, second := sample(0), sample(4)
	publishOne(t, b.channel, first)
	publishOne(t, b.channel, second)
	mixed := sample(1)
	mixed.Variants[0].SKU, mixed.Variants[1].SKU = first.Variants[0].SKU, second.Variants[0].SKU
	if o := publish(t, b.channel, publication(mixed))[0]; o.Kind != connectors.Conflict || o.Issues[0].Code != "sku_spread" {
		t.Errorf("got %s %+v", o.Kind, o.Issues)
	}
}

// Tiki's API cannot add a variant; the others are written, and a person told.
func TestNewVariant(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	offer := sample(1)
	whole := offer.Variants
	offer.Variants = whole[:2]
	ref := publishOne(t, b.channel, offer)
	offer.Variants, offer.Title = whole, "Tên mới"
	o := publish(t, b.channel, connectors.Publication{Offer: offer, Listing: ref, Facets: []catalog.Facet{catalog.FacetContent}})[0]
	if o.Kind != connectors.Applied || len(o.Issues) != 1 || o.Issues[0].Code != "variant_missing" || b.sim.Listings()[0].Title != "Tên mới" {
		t.Errorf("got %s %+v", o.Kind, o.Issues)
	}
}

func TestTextsOption(t *testing.T) {
	t.Parallel()
	i := info{product: 7, name: "Tên", html: "<p>x</p>", attributes: map[string]any{"brand": "A"}, images: []string{"u", "v"}, listPrice: 5}
	for texts, want := range map[string]map[string]any{
		"attributes": {"product_id": int64(7), "image": "u", "images": []string{"v"}, "market_price": int64(5), "attributes": map[string]any{"brand": "A", "name": "Tên", "description": "<p>x</p>"}},
		"body":       {"product_id": int64(7), "image": "u", "images": []string{"v"}, "market_price": int64(5), "attributes": map[string]any{"brand": "A"}, "name": "Tên", "description": "<p>x</p>"},
		"keep":       {"product_id": int64(7), "image": "u", "images": []string{"v"}, "market_price": int64(5), "attributes": map[string]any{"brand": "A"}},
	} {
		if diff := cmp.Diff(want, i.body(texts)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", texts, diff)
		}
	}
}

// Orders that change while pages are read move between pages.
func TestOrdersChangeWhileReading(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	offer := sample(0)
	offer.Variants[0].Quantity = 1000
	publishOne(t, b.channel, offer)
	since := time.Now().Add(-time.Hour)
	var ids []catalog.ExternalID
	for i := range 2*pageSize + 1 {
		id, err := b.sim.Order(simulator.OrderRequest{At: since.Add(time.Duration(i) * time.Second), Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	var late catalog.ExternalID
	seen := map[catalog.ExternalID]string{}
	for raw, err := range b.channel.Orders.Orders(t.Context(), since) {
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) == pageSize {
			late = buy(t, b.sim, offer, 1)
			if err := b.sim.SetOrderStatus(ids[0], catalog.OrderCancelled); err != nil {
				t.Fatal(err)
			}
			if err := b.sim.SetOrderStatus(ids[len(ids)-1], catalog.OrderShipped); err != nil {
				t.Fatal(err)
			}
		}
		o, _, err := b.channel.Orders.Interpret(raw.Raw)
		if err != nil {
			t.Fatal(err)
		}
		seen[raw.ExternalID] = o.PlatformStatus
	}
	if len(seen) != len(ids)+1 || seen[late] == "" || seen[ids[0]] != "canceled" || seen[ids[len(ids)-1]] != "shipping" {
		t.Errorf("%d orders, late %q, first %q, last %q", len(seen), seen[late], seen[ids[0]], seen[ids[len(ids)-1]])
	}
}

func TestShip(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	offer := sample(0)
	publishOne(t, b.channel, offer)
	ship := func(id catalog.ExternalID, lines ...string) connectors.OutcomeKind {
		t.Helper()
		o, err := b.channel.Shipper.Ship(t.Context(), connectors.Shipment{Order: id, Fulfillment: catalog.Fulfillment{Lines: lines}})
		if err != nil {
			t.Fatal(err)
		}
		return o.Kind
	}
	for _, fulfillment := range []string{"dropship", "tiki_delivery", "seller_delivery"} {
		id, err := b.sim.OrderAs(fulfillment, simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		if first, second := ship(id), ship(id); first != connectors.Applied || second != connectors.Unchanged {
			t.Errorf("%s: got %s, then %s", fulfillment, first, second)
		}
	}
	canceled := buy(t, b.sim, offer, 1)
	if err := b.sim.SetOrderStatus(canceled, catalog.OrderCancelled); err != nil {
		t.Fatal(err)
	}
	if got := ship(canceled); got != connectors.Conflict {
		t.Errorf("a canceled order: got %s", got)
	}
	if got := ship(buy(t, b.sim, offer, 1), "1"); got != connectors.Unchanged {
		t.Errorf("lines of another order: got %s", got)
	}
}

// A seller who may not update is told so; nothing is blamed on the product.
func TestSellerMayNotUpdate(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	b.sim.SetSeller(true, false)
	_, err := b.channel.Publisher.Publish(t.Context(), []connectors.Publication{publication(sample(0))})
	if connectors.KindOf(err) != connectors.Fatal || !strings.Contains(fmt.Sprint(err), "can_update_product") {
		t.Errorf("got %v", err)
	}
	if n := b.count(http.MethodPost, "/token"); n != 0 {
		t.Errorf("the token was renewed %d times over it", n)
	}
	if e := (*connectors.Error)(nil); !errors.As(err, &e) || e.Status != http.StatusForbidden {
		t.Errorf("got %v", err)
	}
}
