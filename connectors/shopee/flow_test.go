package shopee

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

// rig is a channel with the shop behind it.
type rig struct {
	testing.TB
	*connectors.Channel
	sim    *shopeetest.Simulator
	tokens connectors.TokenStore
	memory *memory
}

func newRig(t testing.TB, simOptions shopeetest.Options, change func(*Options)) *rig {
	t.Helper()
	sim := startShop(t, simOptions)
	options := optionsFor(sim)
	if change != nil {
		change(options)
	}
	r := &rig{TB: t, sim: sim, tokens: &connectors.MemoryTokens{}, memory: &memory{values: map[string]string{}}}
	stored(t, r.tokens, tokenOf(sim))
	r.Channel = openShop(t, options, connectors.OpenDeps{Tokens: r.tokens, Memory: r.memory, Media: pixels{}})
	return r
}

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

// pixels is a Media whose pictures are PNGs, but for addresses that end in .gif.
type pixels struct{}

func (pixels) Open(_ context.Context, image catalog.OfferImage) (io.ReadCloser, string, error) {
	kind := "image/png"
	if strings.HasSuffix(image.URL, ".gif") {
		kind = "image/gif"
	}
	return io.NopCloser(bytes.NewReader([]byte("\x89PNG\r\n\x1a\n" + image.URL))), kind, nil
}

// offer is the n-th sample with the shop's categories.
func (r *rig) offer(n int) catalog.Offer {
	o := connectortest.Goods(n)
	o.Category = strconv.Itoa(map[string]int{
		"honey": shopeetest.CategoryHoney, "tea": shopeetest.CategoryTea, "brocade": shopeetest.CategoryBrocade, "vermicelli": shopeetest.CategoryVermicelli,
	}[o.Category])
	for i := range o.Variants {
		o.Variants[i].Price.Sale = nil
	}
	return o
}

// publish creates or adopts, and returns what was found out.
func (r *rig) publish(offers ...catalog.Offer) []connectors.ListingRef {
	r.Helper()
	publications := make([]connectors.Publication, len(offers))
	for i, o := range offers {
		publications[i] = connectors.Publication{Offer: o, Facets: catalog.Facets}
	}
	outcomes, err := r.Publisher.Publish(r.Context(), publications)
	if err != nil {
		r.Fatal(err)
	}
	refs := make([]connectors.ListingRef, len(offers))
	for i, o := range outcomes {
		if o.Remote == nil || !o.Done() && o.Kind != connectors.Deferred {
			r.Fatalf("publish %s: got %s, %v, %+v", offers[i].ProductID, o.Kind, o.Err, o.Issues)
		}
		refs[i] = connectors.ListingRef{ExternalID: o.Remote.ExternalID, Variants: map[catalog.SKU]catalog.ExternalID{}}
		for _, v := range o.Remote.Variants {
			refs[i].Variants[v.SKU] = v.ExternalID
		}
	}
	return refs
}

// write sends facets of a listing that exists.
func (r *rig) write(o catalog.Offer, ref connectors.ListingRef, facets ...catalog.Facet) connectors.Outcome {
	r.Helper()
	outcomes, err := r.Publisher.Publish(r.Context(), []connectors.Publication{{Offer: o, Listing: ref, Facets: facets}})
	if err != nil {
		r.Fatal(err)
	}
	return outcomes[0]
}

func (r *rig) one() simulator.Listing {
	r.Helper()
	there := r.sim.Listings()
	if len(there) != 1 {
		r.Fatalf("the shop has %d listings, want 1", len(there))
	}
	return there[0]
}

// calls counts the requests to an API since the last reset.
func (r *rig) calls(api string) int {
	n := 0
	for _, request := range r.sim.Requests() {
		if strings.HasSuffix(request.Path, api) {
			n++
		}
	}
	return n
}

func TestTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	before, err := r.tokens.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.sim.ExpireToken()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := r.Connector.Check(t.Context()); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
	all.Wait()
	if n := r.calls("auth/access_token/get"); n != 1 {
		t.Errorf("%d refreshes, want 1: each refresh token is good for one", n)
	}
	after, err := r.tokens.Token(t.Context())
	if err != nil || after.RefreshToken == before.RefreshToken || after.Account != before.Account || after.RefreshExpires.Before(time.Now().Add(29*24*time.Hour)) {
		t.Errorf("the new pair is not stored whole: %v", err)
	}
	r.sim.Revoke()
	_, err = r.Connector.Check(t.Context())
	if connectors.KindOf(err) != connectors.Auth || !strings.Contains(err.Error(), "channels connect vn-shopee") {
		t.Errorf("revoked: got %v, want an auth error that says what to do", err)
	}
	stored(t, r.tokens, connectors.Token{Account: before.Account, RefreshToken: "x", RefreshExpires: time.Now().Add(-time.Hour)})
	fresh := openShop(t, optionsFor(r.sim), connectors.OpenDeps{Tokens: r.tokens})
	r.sim.ResetRequests()
	if _, err = fresh.Connector.Check(t.Context()); connectors.KindOf(err) != connectors.Auth || len(r.sim.Requests()) != 0 {
		t.Errorf("lapsed: got %v after %d calls, want an auth error without a call", err, len(r.sim.Requests()))
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change   func(*Options)
		callback func(*shopeetest.Simulator) map[string]string
		code     string
	}{
		"shop": {nil, func(s *shopeetest.Simulator) map[string]string {
			return map[string]string{"code": s.Authorize(), "shop_id": "14701711"}
		}, ""},
		"main account": {nil, func(s *shopeetest.Simulator) map[string]string {
			return map[string]string{"code": s.AuthorizeMain(7), "main_account_id": "7"}
		}, ""},
		"main account of another shop": {func(o *Options) { o.ShopID = 5 }, func(s *shopeetest.Simulator) map[string]string {
			return map[string]string{"code": s.AuthorizeMain(7), "main_account_id": "7"}
		}, "wrong_shop"},
		"wrong shop": {func(o *Options) { o.ShopID = 5 }, func(s *shopeetest.Simulator) map[string]string {
			return map[string]string{"code": s.Authorize(), "shop_id": "14701711"}
		}, "wrong_shop"},
		"no code": {nil, func(*shopeetest.Simulator) map[string]string { return map[string]string{"shop_id": "14701711"} }, "no_code"},
		"no shop": {nil, func(s *shopeetest.Simulator) map[string]string { return map[string]string{"code": s.Authorize()} }, "no_shop"},
		"wrong code": {nil, func(*shopeetest.Simulator) map[string]string {
			return map[string]string{"code": "sai", "shop_id": "14701711"}
		}, "invalid_code"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, shopeetest.Options{}, test.change)
			token, account, err := r.Authorizer.Exchange(t.Context(), test.callback(r.sim), "")
			if test.code != "" {
				if e := asConnectorError(err); e == nil || e.Code != test.code || e.Kind != connectors.Auth {
					t.Errorf("got %v, want %s", err, test.code)
				}
				return
			}
			if err != nil || account.ID != "14701711" || account.Currency != "VND" || token.Account != account.ID || token.GrantExpires.Before(time.Now().Add(364*24*time.Hour)) {
				t.Errorf("got %+v, %v", account, err)
			}
		})
	}
}

func asConnectorError(err error) *connectors.Error {
	e, _ := err.(*connectors.Error)
	return e
}

// Options come and go: what stays keeps its model and its stock.
func TestChangeVariations(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(1)
	ref := r.publish(offer)[0]
	kept := offer.Variants[1].SKU
	if err := r.sim.SetStock(kept, 99); err != nil {
		t.Fatal(err)
	}
	changed := offer
	changed.Options = []string{"Quy cách"}
	fresh := offer.Variants[0]
	fresh.SKU, fresh.Options, fresh.Quantity = "CHE-MOI", []string{"1 kg"}, 17
	changed.Variants = []catalog.OfferVariant{fresh, offer.Variants[1]}
	changed.Variants[1].Weight = 900
	outcome := r.write(changed, ref, catalog.FacetContent)
	if outcome.Kind != connectors.Applied {
		t.Fatalf("got %s, %v", outcome.Kind, outcome.Err)
	}
	there := r.one()
	if len(there.Variants) != 2 || there.Variants[1].SKU != "CHE-MOI" || *there.Variants[1].Quantity != 17 || there.Variants[0].SKU != kept || *there.Variants[0].Quantity != 99 {
		t.Errorf("got %+v", there.Variants)
	}
	for _, v := range outcome.Remote.Variants {
		if v.ExternalID == "" || v.SKU == kept && v.ExternalID != ref.Variants[kept] {
			t.Errorf("%s has the ID %q, was %q", v.SKU, v.ExternalID, ref.Variants[kept])
		}
	}
	found, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{"CHE-MOI", offer.Variants[0].SKU})
	if err != nil || len(found) != 1 {
		t.Fatalf("find: %v, %v", found, err)
	}
	r.sim.ResetRequests()
	if outcome := r.write(changed, ref, catalog.FacetContent, catalog.FacetMedia); outcome.Kind != connectors.Unchanged {
		t.Errorf("the same again: got %s after %d calls", outcome.Kind, len(r.sim.Requests()))
	}
	for _, request := range r.sim.Requests() {
		if request.Method != "GET" {
			t.Errorf("the same again wrote to %s", request.Path)
		}
	}
	// A second option is another structure: all models are made anew.
	changed.Options = []string{"Quy cách", "Loại"}
	changed.Variants[0].Options, changed.Variants[1].Options = []string{"1 kg", "Đặc biệt"}, []string{"200 g", "Thường"}
	if outcome = r.write(changed, ref, catalog.FacetContent); outcome.Kind != connectors.Applied {
		t.Fatalf("two options: got %s, %v", outcome.Kind, outcome.Err)
	}
	if id := outcome.Remote.Variants[0].ExternalID; id == "" || id == ref.Variants[kept] {
		t.Errorf("two options: the ID of %s is still %q", outcome.Remote.Variants[0].SKU, id)
	}
	simple := changed
	simple.Options, simple.Variants = nil, changed.Variants[:1]
	simple.Variants[0].Options = nil
	if outcome = r.write(simple, ref, catalog.FacetContent); outcome.Kind != connectors.Rejected || outcome.Issues[0].Code != "product_kind" {
		t.Errorf("without options: got %s, %+v", outcome.Kind, outcome.Issues)
	}
}

// Listings made by hand have their SKUs on models, which no search finds.
func TestAdoptByModelSKU(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(1)
	first := r.publish(offer)[0]
	// Another process, which has never seen the shop, and one that has.
	for name, memory := range map[string]*memory{"fresh": {values: map[string]string{}}, "with a memory": r.memory} {
		other := *r
		other.Channel = openShop(t, optionsFor(r.sim), connectors.OpenDeps{Tokens: r.tokens, Memory: memory, Media: pixels{}})
		part := offer
		part.Variants = offer.Variants[1:]
		if again := other.publish(part)[0]; again.ExternalID != first.ExternalID {
			t.Errorf("%s: got %s, want %s adopted", name, again.ExternalID, first.ExternalID)
		}
		r.one()
	}
	// Two items with the offer's SKUs are for a person.
	twin := r.offer(0)
	r.publish(twin)
	both := offer
	both.Variants = append([]catalog.OfferVariant(nil), offer.Variants[1:]...)
	both.Variants[0].SKU = twin.Variants[0].SKU
	outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: both, Facets: catalog.Facets}})
	if err != nil || outcomes[0].Kind != connectors.Conflict || outcomes[0].Issues[0].Code != "sku_spread" {
		t.Errorf("got %+v, %v", outcomes, err)
	}
}

// What did not change is not read again for a lookup, what did is.
func TestLookupCost(t *testing.T) {
	t.Parallel()
	// Items were changed a while ago, by the shop's clock.
	r := newRig(t, shopeetest.Options{Now: func() time.Time { return time.Now().Add(-3 * time.Minute) }}, nil)
	var offers []catalog.Offer
	for n := range 12 {
		offers = append(offers, r.offer(n))
	}
	r.publish(offers...)
	find := func() int {
		t.Helper()
		r.sim.ResetRequests()
		if _, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{"KHONG-CO"}); err != nil {
			t.Fatal(err)
		}
		return r.calls("get_item_base_info") + r.calls("get_model_list")
	}
	if first, second := find(), find(); first == 0 || second != 0 {
		t.Errorf("%d details the first time, %d the second; want some, then none", first, second)
	}
	found, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{offers[1].Variants[0].SKU, offers[0].Variants[0].SKU})
	if err != nil || len(found) != 2 {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(0)
	ref := r.publish(offer)[0]
	if n := r.calls("upload_image"); n != 2 {
		t.Errorf("%d uploads, want 2", n)
	}
	r.sim.ResetRequests()
	other := r.offer(4)
	other.Images = offer.Images
	r.publish(other)
	if n := r.calls("upload_image"); n != 0 {
		t.Errorf("%d uploads of pictures that are known, want 0", n)
	}
	// The platform drops pictures after a while.
	for key := range r.memory.values {
		if strings.HasPrefix(key, "image") {
			r.memory.values[key] = "vn-da-xoa-" + key[len(key)-3:]
		}
	}
	changed := offer
	changed.Images = offer.Images[:1]
	if outcome := r.write(changed, ref, catalog.FacetMedia); outcome.Kind != connectors.Applied {
		t.Errorf("dropped pictures: got %s, %v", outcome.Kind, outcome.Err)
	}
	changed.Images = append(changed.Images, catalog.OfferImage{URL: "https://img.example.test/x.gif"})
	outcome := r.write(changed, ref, catalog.FacetMedia)
	if len(outcome.Issues) != 1 || outcome.Issues[0].Code != "error_image_format" || outcome.Issues[0].Severity != catalog.SeverityWarning || outcome.Issues[0].Field != "images[2]" {
		t.Errorf("a GIF: got %+v", outcome.Issues)
	}
	changed.Images = changed.Images[1:]
	if outcome := r.write(changed, ref, catalog.FacetMedia); outcome.Kind != connectors.Rejected || outcome.Issues[0].Code != "no_images" {
		t.Errorf("nothing but a GIF: got %s, %+v", outcome.Kind, outcome.Issues)
	}
}

// Every variant of a color shows its own picture, or none does.
func TestVariantPictures(t *testing.T) {
	t.Parallel()
	images := map[int]string{1: "a", 2: "b"}
	offer := catalog.Offer{Options: []string{"Màu", "Cỡ"}, Variants: []catalog.OfferVariant{
		{SKU: "1", Options: []string{"Đỏ", "Nhỏ"}, Image: 1}, {SKU: "2", Options: []string{"Chàm", "Nhỏ"}, Image: 2}, {SKU: "3", Options: []string{"Chàm", "Lớn"}},
	}}
	tiers, places := tiersOf(&offer, images)
	if fmt.Sprint(tiers) != "[{Màu [Đỏ Chàm] [a b]} {Cỡ [Nhỏ Lớn] []}]" || fmt.Sprint(places) != "map[1:[0 0] 2:[1 0] 3:[1 1]]" {
		t.Errorf("got %v, %v", tiers, places)
	}
	offer.Variants[1].Image = 0
	if tiers, _ := tiersOf(&offer, images); tiers[0].images != nil {
		t.Errorf("a value without a picture: got %v", tiers[0].images)
	}
	r := newRig(t, shopeetest.Options{}, nil)
	good := r.offer(2)
	good.Variants[0].Image, good.Variants[1].Image = 1, 2
	ref := r.publish(good)[0]
	before, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{good.Variants[0].SKU})
	if err != nil {
		t.Fatal(err)
	}
	good.Variants[0].Image, good.Variants[1].Image = 2, 1
	if outcome := r.write(good, ref, catalog.FacetMedia); outcome.Kind != connectors.Applied {
		t.Fatalf("got %s, %v", outcome.Kind, outcome.Err)
	}
	after, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{good.Variants[0].SKU})
	if err != nil || after[0].Media == before[0].Media || after[0].Content != before[0].Content {
		t.Errorf("media %s then %s, content %s then %s, %v", before[0].Media, after[0].Media, before[0].Content, after[0].Content, err)
	}
}

// What the category asks for is known before anything is sent.
func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	for name, test := range map[string]struct {
		change func(*catalog.Offer)
		code   string
	}{
		"attribute":         {func(o *catalog.Offer) { o.Attributes = nil }, "attribute_missing"},
		"vanished category": {func(o *catalog.Offer) { o.Category = "4711" }, "error_invalid_category"},
		"inner category":    {func(o *catalog.Offer) { o.Category = "100629" }, "error_invalid_category"},
		"price":             {func(o *catalog.Offer) { o.Variants[0].Price.List.Amount = 500 }, "price_limit"},
	} {
		offer := r.offer(0)
		test.change(&offer)
		outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: offer, Facets: catalog.Facets}})
		if err != nil || outcomes[0].Kind != connectors.Rejected || outcomes[0].Issues[0].Code != test.code {
			t.Errorf("%s: got %+v, %v; want %s", name, outcomes, err, test.code)
		}
	}
	if n := r.calls("add_item"); n != 0 {
		t.Errorf("%d items were sent, want none", n)
	}
	filled := newRig(t, shopeetest.Options{}, func(o *Options) { o.Attributes = map[string]string{"xuat xu": "Việt Nam"} })
	offer := filled.offer(0)
	offer.Attributes = nil
	filled.publish(offer)
	// The category asks for more since the item was made.
	filled.sim.AddCategory(shopeetest.Category{ID: shopeetest.CategoryHoney, Parent: 100629, Name: "Mật ong", BrandMandatory: true})
	again := openShop(t, optionsFor(filled.sim), connectors.OpenDeps{Tokens: filled.tokens, Memory: filled.memory, Media: pixels{}})
	offer.Title += " loại một"
	outcomes, err := again.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: offer, Facets: catalog.Facets}})
	if err != nil || outcomes[0].Kind != connectors.Rejected || outcomes[0].Issues[0].Code != "error_brand_mandatory" || outcomes[0].Issues[0].Field != "brand" {
		t.Errorf("a brand became mandatory: got %+v, %v", outcomes, err)
	}
}

func TestBrand(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, func(o *Options) { o.Brands = map[string]int64{"tên riêng": 5} })
	list := []shopeetest.Brand{{ID: 5, Name: "Của nhà"}}
	for n := range 230 { // three pages
		list = append(list, shopeetest.Brand{ID: int64(100 + n), Name: fmt.Sprintf("Hãng %d", n)})
	}
	free := shopeetest.Category{ID: shopeetest.CategoryHoney, Parent: 100629, Name: "Mật ong", Brands: list}
	r.sim.AddCategory(free)
	bound := free
	bound.ID, bound.BrandMandatory = 9001, true
	r.sim.AddCategory(bound)
	publish := func(n int, category int64, name string) connectors.Outcome {
		t.Helper()
		offer := r.offer(4 * n)
		offer.Category, offer.Attributes, offer.Brand = strconv.FormatInt(category, 10), nil, name
		outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: offer, Facets: catalog.Facets}})
		if err != nil {
			t.Fatal(err)
		}
		return outcomes[0]
	}
	for n, test := range []struct {
		category int64
		name     string
		kind     connectors.OutcomeKind
		issue    string
		pages    int
	}{
		{shopeetest.CategoryHoney, "Tên riêng", connectors.Applied, "", 0},
		{shopeetest.CategoryHoney, "", connectors.Applied, "", 1},
		{shopeetest.CategoryHoney, "hãng 150", connectors.Applied, "", 1},
		{shopeetest.CategoryHoney, "Hãng 3", connectors.Applied, "", 0},
		{shopeetest.CategoryHoney, "Không ai biết", connectors.Applied, "brand_unregistered", 1},
		{shopeetest.CategoryHoney, "Không ai biết", connectors.Applied, "brand_unregistered", 0},
		{9001, "Hãng 7", connectors.Applied, "", 1},
		{9001, "", connectors.Rejected, "error_brand_mandatory", 0},
	} {
		r.sim.ResetRequests()
		o := publish(n, test.category, test.name)
		issue := ""
		if len(o.Issues) > 0 {
			issue = o.Issues[0].Code
		}
		if o.Kind != test.kind || issue != test.issue || r.calls("get_brand_list") != test.pages {
			t.Errorf("%q in %d: got %s, %+v after %d pages, want %s, %q after %d", test.name, test.category, o.Kind, o.Issues, r.calls("get_brand_list"), test.kind, test.issue, test.pages)
		}
		if test.kind == connectors.Rejected && r.calls("add_item") != 0 {
			t.Errorf("%q was sent although it would be refused", test.name)
		}
	}
	r = newRig(t, shopeetest.Options{}, nil)
	r.sim.AddCategory(free)
	r.sim.Inject(simulator.Fault{Path: "get_brand_list", Times: -1, Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		return bytes.Replace(answer, []byte(`"next_offset":100`), []byte(`"next_offset":0`), 1)
	}})
	if o := publish(1, shopeetest.CategoryHoney, "Hãng 150"); o.Done() || len(r.sim.Listings()) != 0 {
		t.Errorf("a list of brands without end: %s", o.Kind)
	}
}

// A list that is longer than the platform gives is cut by time.
func TestLongLists(t *testing.T) {
	t.Parallel()
	var late atomic.Int64
	r := newRig(t, shopeetest.Options{MaxOffset: 10, Now: func() time.Time { return time.Now().Add(-time.Duration(late.Load()) * time.Second) }}, nil)
	for _, seconds := range []int64{200, 120, 40, 0} {
		late.Store(seconds)
		r.sim.Fill(11, 0)
	}
	read := func() (n int, err error) {
		seen := map[catalog.ExternalID]bool{}
		for l, err := range r.Listings.Listings(t.Context()) {
			if err != nil {
				return n, err
			}
			if seen[l.ExternalID] {
				t.Errorf("%s comes twice", l.ExternalID)
			}
			seen[l.ExternalID] = true
			n++
		}
		return n, nil
	}
	if n, err := read(); err != nil || n != 44 {
		t.Errorf("read %d listings, %v; want 44", n, err)
	}
	r.sim.Fill(20, 0) // more in one second than can be told apart
	if _, err := read(); connectors.KindOf(err) != connectors.Fatal {
		t.Errorf("too many in one second: got %v, want an error", err)
	}
}

// States that the platform decides are told as such.
func TestReviewAndBan(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{Review: time.Hour}, nil)
	offer := r.offer(0)
	outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: offer, Facets: catalog.Facets}})
	if err != nil || outcomes[0].Kind != connectors.Deferred || outcomes[0].Remote == nil {
		t.Fatalf("in review: got %+v, %v; want deferred with the listing", outcomes, err)
	}
	ref := []connectors.ListingRef{{ExternalID: outcomes[0].Remote.ExternalID}}
	state := func() catalog.Remote {
		t.Helper()
		found, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{offer.Variants[0].SKU})
		if err != nil || len(found) != 1 {
			t.Fatalf("find: %v, %v", found, err)
		}
		return found[0]
	}
	if got := state(); got.State != catalog.StateReview {
		t.Errorf("got %s", got.State)
	}
	stop := func(want connectors.OutcomeKind) {
		t.Helper()
		outcomes, err := r.Stopper.Stop(t.Context(), ref)
		if err != nil || outcomes[0].Kind != want {
			t.Errorf("stop: got %+v, %v; want %s", outcomes, err, want)
		}
	}
	stop(connectors.Deferred)
	r.sim.Advance(2 * time.Hour)
	if got := state(); got.State != catalog.StateLive {
		t.Errorf("got %s", got.State)
	}
	if err := r.sim.Deboost(offer.Variants[0].SKU, "Lặp từ khóa"); err != nil {
		t.Fatal(err)
	}
	told := func(got catalog.Remote, code string, words ...string) {
		t.Helper()
		if len(got.Issues) != 1 || got.Issues[0].Code != code {
			t.Fatalf("got %+v, want %s", got.Issues, code)
		}
		for _, word := range words {
			if !strings.Contains(got.Issues[0].Message.VI, word) || !strings.Contains(got.Issues[0].Message.EN, word) {
				t.Errorf("%q is not among %+v", word, got.Issues[0].Message)
			}
		}
	}
	got := state()
	if told(got, "deboosted", "Lặp từ khóa"); got.State != catalog.StateLive {
		t.Errorf("shown less: got %s", got.State)
	}
	if err := r.sim.Ban(offer.Variants[0].SKU, "Thiếu giấy chứng nhận", "Bổ sung giấy tờ"); err != nil {
		t.Fatal(err)
	}
	got = state()
	if told(got, "banned", "Thiếu giấy chứng nhận", "Bổ sung giấy tờ"); got.State != catalog.StateRejected {
		t.Errorf("banned: got %s", got.State)
	}
	r.sim.Inject(simulator.Fault{Path: "get_item_violation_info", Kind: simulator.FaultStatus, Status: 200, Body: `{"error":"error_api_permission","message":"x"}`})
	told(state(), "banned") // also without the reason
	stop(connectors.Deferred)
	if err := r.sim.SetState(offer.Variants[0].SKU, catalog.StateGone); err != nil {
		t.Fatal(err)
	}
	stop(connectors.Gone)
}

// One wrong model fails alone, and what the answer leaves out is unknown.
func TestStockRows(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(1)
	ref := r.publish(offer)[0]
	if err := r.sim.Reserve(offer.Variants[2].SKU, 5); err != nil {
		t.Fatal(err)
	}
	change := func(variant catalog.ExternalID, quantity int64) connectors.StockChange {
		return connectors.StockChange{Listing: ref.ExternalID, Variant: variant, SKU: "X", Quantity: quantity}
	}
	changes := []connectors.StockChange{
		change(ref.Variants[offer.Variants[0].SKU], 7), change(ref.ExternalID+"/999", 8), change(ref.Variants[offer.Variants[2].SKU], 1),
		change("", 1), {Listing: "x", Variant: "x"},
	}
	outcomes, err := r.Stock.UpdateStock(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []connectors.OutcomeKind
	for _, o := range outcomes {
		kinds = append(kinds, o.Kind)
	}
	want := []connectors.OutcomeKind{connectors.Applied, connectors.Gone, connectors.Rejected, connectors.Conflict, connectors.Gone}
	if fmt.Sprint(kinds) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
	if i := outcomes[2].Issues; len(i) != 1 || i[0].Code != "error_busi_update_stock_failed" || !strings.Contains(i[0].Message.EN, "reserved") {
		t.Errorf("below what is reserved: got %+v", i)
	}
	// All rows refused: the platform answers an error, with the rows beside it.
	outcomes, err = r.Stock.UpdateStock(t.Context(), changes[1:3])
	if err != nil || outcomes[0].Kind != connectors.Gone || outcomes[1].Kind != connectors.Rejected {
		t.Errorf("all wrong: got %+v, %v", outcomes, err)
	}
	r.sim.Inject(simulator.Fault{Path: "update_stock", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		return bytes.Replace(answer, []byte(`"success_list":[{`), []byte(`"success_list":[],"left_out":[{`), 1)
	}})
	outcomes, err = r.Stock.UpdateStock(t.Context(), changes[:1])
	if err != nil || outcomes[0].Kind != connectors.Unknown {
		t.Errorf("left out: got %+v, %v", outcomes, err)
	}
}

// "System busy" does not say whether a create was carried out: it is not sent
// again, while the absolute value of a stock is.
func TestBusy(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	busy := simulator.Fault{Kind: simulator.FaultStatus, Status: 200, Body: `{"error":"error_inner","message":"System error","request_id":"1"}`}
	busy.Path = "add_item"
	r.sim.Inject(busy)
	offer := r.offer(0)
	outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: offer, Facets: catalog.Facets}})
	if err != nil || outcomes[0].Kind != connectors.Unknown || r.calls("add_item") != 1 {
		t.Errorf("create: got %+v, %v after %d calls; want unknown after one", outcomes, err, r.calls("add_item"))
	}
	ref := r.publish(offer)[0]
	busy.Path = "update_stock"
	r.sim.Inject(busy)
	outcomes, err = r.Stock.UpdateStock(t.Context(), []connectors.StockChange{{Listing: ref.ExternalID, Variant: ref.ExternalID, SKU: offer.Variants[0].SKU, Quantity: 3}})
	if err != nil || outcomes[0].Kind != connectors.Applied || *r.one().Variants[0].Quantity != 3 {
		t.Errorf("stock: got %+v, %v", outcomes, err)
	}
}
