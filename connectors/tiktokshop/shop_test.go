package tiktokshop

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/tiktokshop/tiktokshoptest"
)

// bench is a channel with the simulated shop behind it.
type bench struct {
	*testing.T
	sim     *tiktokshoptest.Simulator
	channel *connectors.Channel
	options *Options
	deps    connectors.OpenDeps
}

func openBench(t *testing.T, options tiktokshoptest.Options, change func(*Options)) *bench {
	t.Helper()
	sim, err := tiktokshoptest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	b := &bench{T: t, sim: sim, options: optionsFor(sim)}
	if change != nil {
		change(b.options)
	}
	b.deps = connectors.OpenDeps{Tokens: &connectors.MemoryTokens{}, Memory: &memory{values: map[string]string{}}, Media: connectortest.Pictures{Side: 400}}
	connect(t, sim, b.deps.Tokens)
	b.channel = openShop(t, b.options, b.deps)
	return b
}

// memory keeps what a channel remembers.
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
	m.values[key] = value
	return nil
}

func whole(o catalog.Offer) connectors.Publication {
	return connectors.Publication{Offer: o, Facets: catalog.Facets}
}

// publish publishes one offer.
func (b *bench) publish(p connectors.Publication) connectors.Outcome {
	b.Helper()
	outcomes, err := b.channel.Publisher.Publish(b.Context(), []connectors.Publication{p})
	if err != nil || len(outcomes) != 1 {
		b.Fatalf("publish: %d outcomes, %v", len(outcomes), err)
	}
	return outcomes[0]
}

// listed publishes an offer that must be taken.
func (b *bench) listed(o catalog.Offer) connectors.ListingRef {
	b.Helper()
	outcome := b.publish(whole(o))
	if outcome.Kind != connectors.Applied || outcome.Remote == nil {
		b.Fatalf("publish %s: got %s, %v, %+v", o.ProductID, outcome.Kind, outcome.Err, outcome.Issues)
	}
	ref := connectors.ListingRef{ExternalID: outcome.Remote.ExternalID, Variants: map[catalog.SKU]catalog.ExternalID{}}
	for _, v := range outcome.Remote.Variants {
		ref.Variants[v.SKU] = v.ExternalID
	}
	return ref
}

// update writes facets of a listing.
func (b *bench) update(o catalog.Offer, ref connectors.ListingRef, facets ...catalog.Facet) connectors.Outcome {
	b.Helper()
	return b.publish(connectors.Publication{Offer: o, Listing: ref, Facets: facets})
}

// shown is the one listing as the connector reads it.
func (b *bench) shown() catalog.Remote {
	b.Helper()
	var all []catalog.Remote
	for r, err := range b.channel.Listings.Listings(b.Context()) {
		if err != nil {
			b.Fatalf("listings: %v", err)
		}
		all = append(all, r)
	}
	if len(all) != 1 {
		b.Fatalf("read %d listings, want 1", len(all))
	}
	return all[0]
}

// calls counts requests by a part of their path.
func (b *bench) calls(method, part string) int {
	n := 0
	for _, r := range b.sim.Requests() {
		if r.Method == method && strings.Contains(r.Path, part) {
			n++
		}
	}
	return n
}

func (b *bench) stock(ref connectors.ListingRef, sku catalog.SKU, quantity int64) connectors.Outcome {
	b.Helper()
	outcomes, err := b.channel.Stock.UpdateStock(b.Context(), []connectors.StockChange{{Listing: ref.ExternalID, Variant: ref.Variants[sku], SKU: sku, Quantity: quantity}})
	if err != nil {
		b.Fatalf("update stock: %v", err)
	}
	return outcomes[0]
}

func (b *bench) price(ref connectors.ListingRef, sku catalog.SKU, price catalog.Price) connectors.Outcome {
	b.Helper()
	outcomes, err := b.channel.Prices.UpdatePrices(b.Context(), []connectors.PriceChange{{Listing: ref.ExternalID, Variant: ref.Variants[sku], SKU: sku, Price: price}})
	if err != nil {
		b.Fatalf("update prices: %v", err)
	}
	return outcomes[0]
}

func onSale(list, sale int64) catalog.Price {
	price := catalog.Price{List: catalog.VND(list)}
	if sale > 0 {
		amount := catalog.VND(sale)
		price.Sale = &amount
	}
	return price
}

func hasIssue(issues []catalog.Issue, code string) bool {
	for _, i := range issues {
		if i.Code == code && i.Message.VI != "" && i.Message.EN != "" {
			return true
		}
	}
	return false
}

// Submitted is not live; a refusal is told with the platform's reason; an edit
// under review is no drift, and its refusal leaves the old version on sale.
func TestReview(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{AuditTime: time.Hour}, nil)
	offer := onShop(goods(0))
	outcome := b.publish(whole(offer))
	if outcome.Kind != connectors.Applied || outcome.Remote.State != catalog.StateReview {
		t.Fatalf("publish: got %s, %+v", outcome.Kind, outcome.Remote)
	}
	ref := connectors.ListingRef{ExternalID: outcome.Remote.ExternalID, Variants: map[catalog.SKU]catalog.ExternalID{outcome.Remote.Variants[0].SKU: outcome.Remote.Variants[0].ExternalID}}
	sku := offer.Variants[0].SKU
	if r := b.shown(); r.State != catalog.StateReview || r.Content != "" {
		t.Errorf("in review: got %s, content %q", r.State, r.Content)
	}
	// What the review does not allow waits instead of failing.
	for name, got := range map[string]connectors.Outcome{
		"price": b.price(ref, sku, onSale(200000, 0)),
	} {
		if got.Kind != connectors.Deferred || time.Until(got.Until) < 10*time.Minute || !hasIssue(got.Issues, codeStatus) {
			t.Errorf("%s in review: got %s until %s, %+v", name, got.Kind, got.Until, got.Issues)
		}
	}
	stopped, err := b.channel.Stopper.Stop(t.Context(), []connectors.ListingRef{ref})
	if err != nil || stopped[0].Kind != connectors.Deferred {
		t.Errorf("stop in review: got %+v, %v", stopped, err)
	}
	b.sim.Advance(time.Hour)
	if r := b.shown(); r.State != catalog.StateLive || r.Content != contentHash(offer.Title) {
		t.Errorf("approved: got %s, content %q", r.State, r.Content)
	}

	edited := offer
	edited.Title = "Mật ong chữa bách bệnh của tổ hợp tác"
	outcome = b.update(edited, ref, catalog.FacetContent)
	if outcome.Kind != connectors.Applied || outcome.Remote.Content != contentHash(edited.Title) {
		t.Errorf("edit: got %s, %+v", outcome.Kind, outcome.Remote)
	}
	if r := b.shown(); r.State != catalog.StateLive || r.Content != "" || len(r.Issues) != 0 {
		t.Errorf("edit in review: got %s, content %q, %+v", r.State, r.Content, r.Issues)
	}
	b.sim.Advance(time.Hour)
	r := b.shown()
	if r.State != catalog.StateLive || r.Title != offer.Title || !hasIssue(r.Issues, "review_failed") || r.Issues[0].Severity != catalog.SeverityWarning ||
		!strings.Contains(r.Issues[0].Message.VI, "chữa bách bệnh") {
		t.Errorf("edit refused: got %s %q, %+v", r.State, r.Title, r.Issues)
	}

	if err := b.sim.SetState(sku, catalog.StateStopped); err != nil {
		t.Fatal(err)
	}
	if err := b.sim.FailNextAudit(sku, "Ảnh mờ"); err != nil {
		t.Fatal(err)
	}
	resumed, err := b.channel.Stopper.Resume(t.Context(), []connectors.ListingRef{ref})
	if err != nil || resumed[0].Kind != connectors.Applied {
		t.Fatalf("resume: got %+v, %v", resumed, err)
	}
	b.sim.Advance(time.Hour)
	if r = b.shown(); r.State != catalog.StateRejected || !hasIssue(r.Issues, "review_failed") || !strings.Contains(r.Issues[0].Message.EN, "Ảnh mờ") {
		t.Errorf("refused: got %s, %+v", r.State, r.Issues)
	}
	resumed, err = b.channel.Stopper.Resume(t.Context(), []connectors.ListingRef{ref})
	if err != nil || resumed[0].Kind != connectors.Rejected || !hasIssue(resumed[0].Issues, "review_failed") {
		t.Errorf("resume of what was refused: got %+v, %v", resumed, err)
	}
	// Corrected, it is submitted anew.
	if outcome = b.update(offer, ref, catalog.FacetContent); outcome.Kind != connectors.Applied {
		t.Errorf("correct: got %s, %v", outcome.Kind, outcome.Err)
	}
	b.sim.Advance(time.Hour)
	if r = b.shown(); r.State != catalog.StateLive || len(r.Issues) != 0 {
		t.Errorf("corrected: got %s, %+v", r.State, r.Issues)
	}
	for state, code := range map[catalog.State]string{catalog.StateRejected: "taken_down"} {
		if err := b.sim.SetState(sku, state); err != nil {
			t.Fatal(err)
		}
		if r = b.shown(); r.State != catalog.StateRejected || !hasIssue(r.Issues, code) {
			t.Errorf("taken down: got %s, %+v", r.State, r.Issues)
		}
	}
	if err := b.sim.Freeze(sku); err != nil {
		t.Fatal(err)
	}
	if r = b.shown(); r.State != catalog.StateRejected || !hasIssue(r.Issues, "frozen") {
		t.Errorf("frozen: got %s, %+v", r.State, r.Issues)
	}
	if outcome = b.publish(whole(offer)); outcome.Kind != connectors.Conflict || !hasIssue(outcome.Issues, "frozen") {
		t.Errorf("publish beside a frozen one: got %s, %+v", outcome.Kind, outcome.Issues)
	}
}

// What a category asks for is found before anything is created.
func TestCategoryDemands(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	b.sim.AddCategory(tiktokshoptest.Category{ID: "914600", Parent: "700437", Name: "Măng khô", Attributes: []tiktokshoptest.Attribute{
		{ID: "5", Name: "Hạn sử dụng", Required: true, Values: []tiktokshoptest.AttributeValue{{ID: "51", Name: "6 tháng"}, {ID: "52", Name: "12 tháng"}}},
		{ID: "6", Name: "Mùa vụ", Custom: true, Multiple: true},
	}})
	offer := onShop(goods(0))
	offer.Category = "914600"
	reject := func(doing, code string) {
		t.Helper()
		b.sim.ResetRequests()
		outcome := b.publish(whole(offer))
		if outcome.Kind != connectors.Rejected || !hasIssue(outcome.Issues, code) {
			t.Errorf("%s: got %s, %+v", doing, outcome.Kind, outcome.Issues)
		}
		if n := b.calls("POST", pathProducts) - b.calls("POST", pathSearch) + b.calls("POST", pathUpload); n > 1 {
			t.Errorf("%s: %d writes were tried", doing, n)
		}
	}
	reject("required attribute missing", "attribute_missing")
	offer.Attributes = append(offer.Attributes, catalog.OfferAttribute{Name: "hạn sử dụng", Value: "9 tháng"})
	reject("value unknown", "attribute_value")
	offer.Attributes[1].Value = "12 Tháng"
	offer.Attributes = append(offer.Attributes, catalog.OfferAttribute{Name: "Mùa vụ", Value: "xuân; thu"})
	b.listed(offer)

	offer = onShop(goods(3))
	offer.Category = "914572"
	reject("certificate", "certificate_missing")
	offer.Category = "914571"
	if outcome := b.publish(whole(offer)); outcome.Kind != connectors.Rejected || !hasIssue(outcome.Issues, "12052223") {
		t.Errorf("restricted category: got %s, %+v", outcome.Kind, outcome.Issues)
	}
	offer.Category = categories["vermicelli"]
	b.sim.RemoveCategory(offer.Category)
	reject("vanished category", "12052023")
}

// What another attribute says may make an attribute or a paper necessary, and a
// value of one's own may have to be a number.
func TestConditions(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	yes := []tiktokshoptest.Condition{{Attribute: "201", Value: "2011"}}
	b.sim.AddCategory(tiktokshoptest.Category{
		ID: "914580", Parent: "700437", Name: "Rượu mật ong", Certificate: "Giấy phép rượu", CertificateIf: yes,
		Attributes: []tiktokshoptest.Attribute{
			{ID: "201", Name: "Có cồn", Values: []tiktokshoptest.AttributeValue{{ID: "2011", Name: "Có"}, {ID: "2012", Name: "Không"}}},
			{ID: "202", Name: "Nồng độ", Custom: true, Numeric: true, RequiredIf: yes},
		},
	})
	offer := onShop(goods(0))
	offer.Category = "914580"
	for _, test := range []struct{ alcohol, strength, want string }{
		{"Có", "", "attribute_missing"}, {"Có", "mạnh", "attribute_value"}, {"Có", "12.5", "certificate_missing"}, {"Không", "", ""},
	} {
		offer.Attributes = []catalog.OfferAttribute{{Name: "có cồn", Value: test.alcohol}}
		if test.strength != "" {
			offer.Attributes = append(offer.Attributes, catalog.OfferAttribute{Name: "Nồng độ", Value: test.strength})
		}
		outcome := b.publish(whole(offer))
		if test.want == "" && !outcome.Done() || test.want != "" && (outcome.Kind != connectors.Rejected || !hasIssue(outcome.Issues, test.want)) {
			t.Errorf("%s, %q: got %s, %+v; want %q", test.alcohol, test.strength, outcome.Kind, outcome.Issues, test.want)
		}
	}
}

// The channel's own values fill in what the products lack.
func TestAttributeDefaults(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, func(o *Options) { o.Attributes = map[string]string{"Xuất xứ": "Việt Nam"} })
	offer := onShop(goods(0))
	offer.Attributes, offer.Brand = nil, "Nhãn hiệu nổi tiếng"
	b.listed(offer)
	var whole product
	s, _ := b.channel.Connector.(*shop)
	whole, err := s.read(t.Context(), string(b.shown().ExternalID))
	if err != nil || len(whole.Attributes) != 1 || whole.Attributes[0].Values[0].ID != "1000370" || whole.Brand.ID != "" || whole.COD == nil || !*whole.COD {
		t.Errorf("got %+v, brand %q, COD %v, %v", whole.Attributes, whole.Brand.ID, whole.COD, err)
	}
}

// Pictures are uploaded once, also for other products and after a restart;
// those that the platform forgot are uploaded anew.
func TestPictures(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	first, second := onShop(goods(0)), onShop(goods(4))
	second.Images = first.Images
	ref := b.listed(first)
	b.channel = openShop(t, b.options, b.deps)
	b.listed(second)
	if n := b.calls("POST", pathUpload); n != 2 {
		t.Errorf("%d uploads of two pictures", n)
	}
	b.sim.ForgetImages()
	b.listed(func() catalog.Offer { o := onShop(goods(8)); o.Images = first.Images; return o }())
	if n := b.calls("POST", pathUpload); n != 4 {
		t.Errorf("%d uploads after the platform forgot two", n)
	}
	b.sim.ForgetImages()
	if outcome := b.update(first, ref, catalog.FacetMedia); outcome.Kind != connectors.Applied {
		t.Errorf("edit after the platform forgot: got %s, %v", outcome.Kind, outcome.Err)
	}
	b.deps.Media, b.deps.Memory = connectortest.Pictures{Side: 4100}, &memory{values: map[string]string{}} // scaled down
	b.channel = openShop(t, b.options, b.deps)
	b.listed(onShop(goods(16)))
	b.deps.Media, b.deps.Memory = connectortest.Pictures{Side: 120}, &memory{values: map[string]string{}}
	b.channel = openShop(t, b.options, b.deps)
	if outcome := b.publish(whole(onShop(goods(12)))); outcome.Kind != connectors.Rejected || !hasIssue(outcome.Issues, "image_small") {
		t.Errorf("small pictures: got %s, %+v", outcome.Kind, outcome.Issues)
	}
}

// Variants come and go, categories change; what we know nothing of stays.
func TestStructure(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	offer := onShop(goods(1))
	ref := b.listed(offer)
	b.sim.Advance(2 * time.Minute)
	first := offer.Variants[0].SKU
	if err := b.sim.SetStock(first, 77); err != nil {
		t.Fatal(err)
	}
	more := offer
	more.Variants = append([]catalog.OfferVariant(nil), offer.Variants[:2]...)
	added := offer.Variants[2]
	added.SKU, added.GTIN, added.Options, added.Price, added.Quantity = "CHE-MOI", "", []string{"1 kg"}, onSale(990000, 0), 9
	more.Variants = append(more.Variants, added)
	more.Category = categories["honey"]
	outcome := b.update(more, ref, catalog.FacetContent)
	if outcome.Kind != connectors.Applied {
		t.Fatalf("update: got %s, %v, %+v", outcome.Kind, outcome.Err, outcome.Issues)
	}
	there := b.sim.Listings()[0]
	got := map[catalog.SKU]int64{}
	for _, v := range there.Variants {
		got[v.SKU] = *v.Quantity
	}
	if len(got) != 3 || got[first] != 77 || got["CHE-MOI"] != 9 {
		t.Errorf("variants: got %v; the dropped one is gone, the new one there, stock as it was", got)
	}
	if v := there.Variants[1]; v.SKU == first && (v.Price.Sale == nil || v.Price.Sale.Amount != 99000) {
		t.Errorf("the sale price went away: %+v", v.Price)
	}
	ids := map[catalog.SKU]bool{}
	for _, v := range outcome.Remote.Variants {
		ids[v.SKU] = v.ExternalID != ""
	}
	if !ids["CHE-MOI"] || !ids[first] {
		t.Errorf("the outcome tells no IDs: %+v", outcome.Remote.Variants)
	}

	// A listing made by hand keeps the SKUs that are not ours.
	adopted := offer
	adopted.Variants = append([]catalog.OfferVariant(nil), more.Variants[:1]...)
	if outcome = b.publish(whole(adopted)); outcome.Kind != connectors.Applied {
		t.Fatalf("adopt: got %s, %v, %+v", outcome.Kind, outcome.Err, outcome.Issues)
	}
	if n := len(b.sim.Listings()[0].Variants); n != 3 {
		t.Errorf("adopted: %d variants are left of 3", n)
	}
}

// A draft stays off sale when it is edited, and goes on sale when it is resumed.
func TestDraft(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	offer := onShop(goods(0))
	offer.State = catalog.StateStopped
	ref := b.listed(offer)
	sku := offer.Variants[0].SKU
	offer.Title += ", mùa mới"
	b.update(offer, ref, catalog.FacetContent, catalog.FacetMedia)
	if got := b.price(ref, sku, onSale(190000, 0)); got.Kind != connectors.Applied {
		t.Errorf("price of a draft: got %s, %v, %+v", got.Kind, got.Err, got.Issues)
	}
	if got := b.price(ref, sku, onSale(190000, 150000)); got.Kind != connectors.Deferred || !hasIssue(got.Issues, codeStatus) {
		t.Errorf("sale price of a draft: got %s, %+v", got.Kind, got.Issues)
	}
	l := b.sim.Listings()[0]
	if l.State != catalog.StateStopped || l.Title != offer.Title || l.Variants[0].Price.List.Amount != 190000 || *l.Variants[0].Quantity != offer.Variants[0].Quantity {
		t.Errorf("edited draft: got %+v", l)
	}
	resumed, err := b.channel.Stopper.Resume(t.Context(), []connectors.ListingRef{ref})
	if err != nil || resumed[0].Kind != connectors.Applied || b.sim.Listings()[0].State != catalog.StateLive {
		t.Errorf("resume: got %+v, %v, %s", resumed, err, b.sim.Listings()[0].State)
	}
}

// All answers to a create are lost, and the process ends. The next one sends
// the same key: even if the search does not find the product yet, there are not
// two. One that was deleted since is made anew.
func TestCreateOverARestart(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	offer := onShop(goods(0))
	b.listed(onShop(goods(4)))
	b.sim.Inject(simulator.Fault{Kind: simulator.FaultDrop, Times: -1, Method: "POST", Path: pathProducts})
	offer.Images = onShop(goods(4)).Images // uploaded already
	if outcome := b.publish(whole(offer)); outcome.Kind != connectors.Unknown {
		t.Fatalf("got %s, %v; want unknown", outcome.Kind, outcome.Err)
	}
	b.sim.ResetFaults()
	if n := len(b.sim.Listings()); n != 2 {
		t.Fatalf("the shop has %d listings, want 2", n)
	}
	b.channel = openShop(t, b.options, b.deps)
	// The search lags.
	b.sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 200, Path: pathSearch, Body: `{"code":0,"data":{"products":[],"total_count":0}}`})
	ref := b.listed(offer)
	if n := len(b.sim.Listings()); n != 2 {
		t.Errorf("the shop has %d listings, want 2", n)
	}
	deleted, err := b.channel.Deleter.Delete(t.Context(), []connectors.ListingRef{ref})
	if err != nil || deleted[0].Kind != connectors.Applied {
		t.Fatalf("delete: %+v, %v", deleted, err)
	}
	if again := b.listed(offer); again.ExternalID == ref.ExternalID {
		t.Error("what was deleted was not made anew")
	}
}
