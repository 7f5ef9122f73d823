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

// Whether Tiki's date filter is inclusive is not told.
func TestSinceIsInclusive(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{ExclusiveDates: true})
	offer := sample(0)
	publishOne(t, b.channel, offer)
	id := buy(t, b.sim, offer, 1)
	var at time.Time
	for raw, err := range b.channel.Orders.Orders(t.Context(), time.Now().Add(-time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		at = raw.UpdatedAt
	}
	for raw, err := range b.channel.Orders.Orders(t.Context(), at) {
		if err != nil || raw.ExternalID != id {
			t.Fatalf("got %s, %v", raw.ExternalID, err)
		}
		return
	}
	t.Error("the order of that very second is left out")
}

// A product that vanishes while pages are read moves another one out of sight.
func TestListingsChangeWhileReading(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	skus := b.sim.Fill(2*pageSize + 1)
	b.sim.Inject(simulator.Fault{Method: http.MethodGet, Path: "/v2.1/products", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		if err := b.sim.Delete(skus[len(skus)-1]); err != nil {
			t.Error(err)
		}
		return answer
	}})
	seen := map[catalog.ExternalID]bool{}
	for _, r := range b.listings() {
		seen[r.ExternalID] = true
	}
	for _, l := range b.sim.Listings() {
		if !seen[l.ExternalID] {
			t.Errorf("listing %s was not read", l.ExternalID)
		}
	}
	if len(seen) != 2*pageSize {
		t.Errorf("%d listings were read, want %d", len(seen), 2*pageSize)
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
