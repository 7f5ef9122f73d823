package lazada

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/lazada/lazadatest"
	"github.com/chophien/chophien/connectors/simulator"
)

// bench is a channel with the shop behind it.
type bench struct {
	*testing.T
	*connectors.Channel
	sim    *lazadatest.Simulator
	tokens connectors.TokenStore
	memory *remembering
}

// remembering is a Memory.
type remembering struct {
	mu     sync.Mutex
	values map[string]string
}

func (m *remembering) Recall(_ context.Context, key string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[key], nil
}

func (m *remembering) Remember(_ context.Context, key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[key] = value
	return nil
}

func openBench(t *testing.T, simulated lazadatest.Options, change func(*Options)) *bench {
	t.Helper()
	sim := startShop(t, simulated)
	options := optionsFor(sim)
	if change != nil {
		change(options)
	}
	b := &bench{T: t, sim: sim, tokens: withToken(t, nil, tokenOf(sim)), memory: &remembering{values: map[string]string{}}}
	b.Channel = openShop(t, options, connectors.OpenDeps{Tokens: b.tokens, Memory: b.memory, Media: drawn{}})
	return b
}

var categories = map[string]int{
	"honey": lazadatest.CategoryHoney, "tea": lazadatest.CategoryTea, "brocade": lazadatest.CategoryBrocade, "vermicelli": lazadatest.CategoryVermicelli,
}

// goods is the n-th sample of the suite, in the shop's categories.
func goods(n int) catalog.Offer {
	o := connectortest.Goods(n)
	o.Category = strconv.Itoa(categories[o.Category])
	return o
}

func (b *bench) publish(offers ...catalog.Offer) []connectors.Outcome {
	b.Helper()
	var publications []connectors.Publication
	for _, o := range offers {
		publications = append(publications, connectors.Publication{Offer: o, Facets: catalog.Facets})
	}
	outcomes, err := b.Publisher.Publish(b.Context(), publications)
	if err != nil {
		b.Fatalf("publish: %v", err)
	}
	return outcomes
}

// put publishes offers and returns what they became.
func (b *bench) put(offers ...catalog.Offer) []connectors.ListingRef {
	b.Helper()
	var refs []connectors.ListingRef
	for i, o := range b.publish(offers...) {
		if o.Remote == nil {
			b.Fatalf("publish %s: %s %v %v", offers[i].ProductID, o.Kind, o.Err, o.Issues)
		}
		ref := connectors.ListingRef{ExternalID: o.Remote.ExternalID, Variants: map[catalog.SKU]catalog.ExternalID{}}
		for _, v := range o.Remote.Variants {
			ref.Variants[v.SKU] = v.ExternalID
		}
		refs = append(refs, ref)
	}
	return refs
}

// write asks for facets of a listing that is there.
func (b *bench) write(o catalog.Offer, ref connectors.ListingRef, facets ...catalog.Facet) connectors.Outcome {
	b.Helper()
	outcomes, err := b.Publisher.Publish(b.Context(), []connectors.Publication{{Offer: o, Listing: ref, Facets: facets}})
	if err != nil {
		b.Fatalf("publish: %v", err)
	}
	return outcomes[0]
}

// calls counts requests by the last part of their path.
func (b *bench) calls(path string) (n int) {
	for _, r := range b.sim.Requests() {
		if strings.HasSuffix(r.Path, path) {
			n++
		}
	}
	return n
}

func codesOf(issues []catalog.Issue) string {
	var list []string
	for _, i := range issues {
		list = append(list, i.Code)
	}
	return strings.Join(list, " ")
}

// What a category requires is found before the product is sent.
func TestMandatoryAttributes(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, func(o *Options) { o.Attributes = map[string]string{"warranty_type": "No Warranty"} })
	b.sim.AddCategory(lazadatest.Category{ID: 77, Name: "Kiểm thử", Attributes: []lazadatest.Attribute{
		{ID: 900, Name: "origin_x", Label: "Nơi trồng", Input: "singleSelect", Mandatory: true, Options: []string{"Bắc Kạn", "Đắk Nông"}},
		{ID: 901, Name: "taste", Label: "Vị", Input: "multiSelect", Options: []string{"Ngọt", "Chát"}},
		{ID: 902, Name: "flavor_x", Label: "Hương", Input: "text", Mandatory: true, SKU: true},
		{ID: 903, Name: "color_x", Label: "Màu nhóm", Input: "enumInput", Mandatory: true, SKU: true, SaleProp: true, Options: []string{"Xanh"}},
	}})
	offer := goods(0)
	offer.Category = "77"
	attributes := func(pairs ...string) {
		offer.Attributes = nil
		for i := 0; i < len(pairs); i += 2 {
			offer.Attributes = append(offer.Attributes, catalog.OfferAttribute{Name: pairs[i], Value: pairs[i+1]})
		}
	}
	for name, test := range map[string]struct {
		pairs []string
		want  string
	}{
		"all missing":       {nil, "attribute_missing attribute_missing attribute_missing"},
		"a value not there": {[]string{"Nơi trồng", "Sa Pa", "flavor_x", "Sen", "Màu nhóm", "Xanh"}, "attribute_value"},
	} {
		attributes(test.pairs...)
		got := b.publish(offer)[0]
		if got.Kind != connectors.Rejected || codesOf(got.Issues) != test.want {
			t.Errorf("%s: got %s, %s; want rejected, %s", name, got.Kind, codesOf(got.Issues), test.want)
		}
	}
	if n := b.calls("/product/create"); n != 0 {
		t.Errorf("%d products were sent", n)
	}
	attributes("nơi trồng", "bắc kạn", "Vị", "Ngọt", "Vị", "Chát", "Hương", "Sen", "Màu nhóm", "Xanh", "Khác", "bỏ")
	if got := b.publish(offer)[0]; got.Kind != connectors.Applied || codesOf(got.Issues) != "image_small image_small" {
		t.Errorf("complete: got %s %v %v", got.Kind, got.Err, codesOf(got.Issues))
	}
	if n := b.calls("/category/attributes/get"); n != 1 {
		t.Errorf("the category was read %d times, want once", n)
	}
	for category, code := range map[string]string{"10100400": "57", "": "category_unmapped", "mật ong": "category_invalid"} {
		offer.Category = category
		if got := b.publish(offer)[0]; got.Kind != connectors.Rejected || codesOf(got.Issues) != code {
			t.Errorf("category %q: got %s, %s", category, got.Kind, codesOf(got.Issues))
		}
	}
}

// The sale property of the category is used where its name or label is the
// option's.
func TestVariations(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, nil)
	b.put(goods(2))
	for p, err := range b.Listings.Listings(t.Context()) {
		if err != nil || len(p.Variants) != 3 {
			t.Errorf("got %+v, %v", p, err)
		}
	}
	s := b.Connector.(*shop)
	offer := goods(2)
	schema, err := s.schemaOf(t.Context(), offer.Category)
	if err != nil {
		t.Fatal(err)
	}
	got := s.contentOf(&offer, schema, "No Brand").variation
	want := []variation{
		{"color_family", true, []string{"Đỏ", "Chàm", "Chàm"}}, // Chàm is no option of theirs
		{"Cỡ", true, []string{"Nhỏ", "Nhỏ", "Lớn"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(variation{})); diff != "" {
		t.Errorf("variations (-want +got):\n%s", diff)
	}
}

// Variants come and go: new ones are added, those that are no longer offered
// cannot be bought, not even after a resume.
func TestVariantsChange(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, nil)
	offer := goods(1)
	ref := b.put(offer)[0]
	less := offer
	less.Variants = slices.Clone(offer.Variants[:2])
	less.Variants[0].Options = []string{"100 g"}
	more := catalog.OfferVariant{
		SKU: "CHE-MOI", Options: []string{"1 kg"}, Price: catalog.Price{List: catalog.VND(900000)}, Quantity: 4,
		Weight: 1100, Dimensions: offer.Variants[0].Dimensions,
	}
	less.Variants = append(less.Variants, more)
	if err := b.sim.SetStock(offer.Variants[2].SKU, 9); err != nil {
		t.Fatal(err)
	}
	got := b.write(less, ref, catalog.FacetContent)
	if got.Kind != connectors.Applied || len(got.Remote.Variants) != 4 {
		t.Fatalf("got %s %v %+v", got.Kind, got.Err, got.Remote)
	}
	stock := func() map[catalog.SKU]int64 {
		pieces := map[catalog.SKU]int64{}
		for _, v := range b.sim.Listings()[0].Variants {
			pieces[v.SKU] = *v.Quantity
		}
		return pieces
	}
	want := map[catalog.SKU]int64{offer.Variants[0].SKU: 5, offer.Variants[1].SKU: 7, offer.Variants[2].SKU: 0, "CHE-MOI": 4}
	if diff := cmp.Diff(want, stock()); diff != "" {
		t.Errorf("stock (-want +got):\n%s", diff)
	}
	if _, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[2].SKU, Quantity: 1}}, Oversell: true}); err == nil {
		t.Error("a variant that is not offered can be ordered")
	}
	refs := []connectors.ListingRef{ref}
	for _, do := range []func(context.Context, []connectors.ListingRef) ([]connectors.Outcome, error){b.Stopper.Stop, b.Stopper.Resume} {
		if _, err := do(t.Context(), refs); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, stock()); diff != "" {
		t.Errorf("stock after resuming (-want +got):\n%s", diff)
	}
	// Offered again while the product is stopped: it stays stopped.
	if _, err := b.Stopper.Stop(t.Context(), refs); err != nil {
		t.Fatal(err)
	}
	if got := b.write(offer, ref, catalog.FacetContent); got.Kind != connectors.Applied {
		t.Errorf("got %s %v", got.Kind, got.Err)
	}
	if state := b.sim.Listings()[0].State; state != catalog.StateStopped {
		t.Errorf("content put the product on sale: %s", state)
	}
	// A simple product cannot get variants.
	single := goods(0)
	ref = b.put(single)[0]
	single.Options = []string{"Khối lượng"}
	single.Variants[0].Options = []string{"500 ml"}
	other := single.Variants[0]
	other.SKU, other.Options = "MO-KHAC", []string{"1 l"}
	single.Variants = append(slices.Clone(single.Variants), other)
	if got := b.write(single, ref, catalog.FacetContent); got.Kind != connectors.Rejected || !strings.Contains(codesOf(got.Issues), "product_kind") {
		t.Errorf("got %s %v", got.Kind, codesOf(got.Issues))
	}
}

// A SKU that another product has is not taken from it.
func TestSKUsOfOthers(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, nil)
	first, second := goods(0), goods(4)
	b.put(first, second)
	mixed := goods(1)
	mixed.Variants = slices.Clone(mixed.Variants)
	mixed.Variants[0].SKU, mixed.Variants[1].SKU = first.Variants[0].SKU, second.Variants[0].SKU
	got := b.publish(mixed)[0]
	if got.Kind != connectors.Conflict || codesOf(got.Issues) != "sku_taken" {
		t.Errorf("got %s %s", got.Kind, codesOf(got.Issues))
	}
	if n := len(b.sim.Listings()); n != 2 {
		t.Errorf("the shop has %d products", n)
	}
}

// Quality control decides later: accepted is not live, and a refusal shows its
// reason.
func TestReview(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{Review: time.Hour}, nil)
	offer := goods(0)
	got := b.publish(offer)[0]
	if got.Kind != connectors.Deferred || got.Remote == nil || got.Remote.State != catalog.StateReview {
		t.Fatalf("got %s %+v", got.Kind, got.Remote)
	}
	if err := b.sim.Reject(string(offer.Variants[0].SKU), "Ảnh bị mờ"); err != nil {
		t.Fatal(err)
	}
	found, err := b.Finder.FindSKUs(t.Context(), []catalog.SKU{offer.Variants[0].SKU})
	if err != nil || len(found) != 1 || found[0].State != catalog.StateRejected || codesOf(found[0].Issues) != "qc_rejected" ||
		!strings.Contains(found[0].Issues[0].Message.VI, "Ảnh bị mờ") {
		t.Errorf("got %+v, %v", found, err)
	}
}

// An expired token is replaced once, however many calls find it so.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, func(o *Options) { o.Concurrency = 4 })
	before, _ := b.tokens.Token(t.Context())
	b.sim.ExpireToken()
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			if _, err := b.Connector.Check(t.Context()); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
	group.Wait()
	after, _ := b.tokens.Token(t.Context())
	if after.AccessToken == before.AccessToken || after.RefreshToken == before.RefreshToken || after.Account != b.sim.SellerID() {
		t.Errorf("the token was not replaced")
	}
	if n := b.calls("/auth/token/refresh"); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	if left := time.Until(after.RefreshExpires); left < 13*24*time.Hour || after.GrantExpires != after.RefreshExpires {
		t.Errorf("the refresh token ends in %s", left)
	}
	b.sim.Revoke()
	_, err := b.Connector.Check(t.Context())
	if connectors.KindOf(err) != connectors.Auth || !strings.Contains(err.Error(), "connect") {
		t.Errorf("revoked: got %v, want an auth error that says what to do", err)
	}
}

// A token of another shop is refused (I14), and one that cannot be renewed is
// known to end.
func TestGrant(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, nil)
	s := b.Connector.(*shop)
	token := tokenOf(b.sim)
	token.Account = "999"
	if _, err := s.refresh(t.Context(), token); connectors.KindOf(err) != connectors.Auth {
		t.Errorf("another shop's token: got %v", err)
	}
	if _, err := s.refresh(t.Context(), connectors.Token{}); connectors.KindOf(err) != connectors.Auth {
		t.Errorf("no token: got %v", err)
	}
	b.sim.Inject(simulator.Fault{Path: "/auth/token/create", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		return []byte(strings.Replace(string(answer), `"refresh_expires_in":1209600`, `"refresh_expires_in":0`, 1))
	}})
	granted, account, err := s.Exchange(t.Context(), map[string]string{"code": b.sim.Authorize()}, "")
	if err != nil || account.ID != b.sim.SellerID() || granted.RefreshToken != "" || granted.GrantExpires != granted.ExpiresAt {
		t.Errorf("a token that cannot be renewed: got account %+v, %v", account, err)
	}
	s.options.Country = "sg"
	if _, _, err := s.Exchange(t.Context(), map[string]string{"code": b.sim.Authorize()}, ""); connectors.KindOf(err) != connectors.Fatal {
		t.Errorf("a shop of another country: got %v", err)
	}
}

// What the platform does to a product on sale shows, with its reason.
func TestTakedowns(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, nil)
	offer := goods(1)
	sku := offer.Variants[0].SKU
	b.put(offer)
	shown := func() catalog.Remote {
		t.Helper()
		found, err := b.Finder.FindSKUs(t.Context(), []catalog.SKU{sku})
		if err != nil || len(found) != 1 {
			t.Fatalf("got %+v, %v", found, err)
		}
		return found[0]
	}
	if err := b.sim.Suspend(string(sku), true); err != nil {
		t.Fatal(err)
	}
	if got := shown(); got.State != catalog.StateLive || !strings.Contains(codesOf(got.Issues), "sku_suspended") || got.Issues[0].SKU != sku {
		t.Errorf("a SKU is suspended: got %s %+v", got.State, got.Issues)
	}
	if err := b.sim.Suspend(string(sku), false); err != nil {
		t.Fatal(err)
	}
	if err := b.sim.Lock(string(sku), true); err != nil {
		t.Fatal(err)
	}
	if got := shown(); got.State != catalog.StateRejected || codesOf(got.Issues) != "locked" || !strings.Contains(got.Issues[0].Message.EN, "Controlled Products") {
		t.Errorf("locked: got %s %+v", got.State, got.Issues)
	}
	if err := b.sim.Lock(string(sku), false); err != nil {
		t.Fatal(err)
	}
	if got := shown(); got.State != catalog.StateLive || len(got.Issues) != 0 {
		t.Errorf("unlocked: got %s %+v", got.State, got.Issues)
	}
}

// Brands are sent as numbers where that is wanted: each is looked for once, and
// an empty page is no end.
func TestBrands(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, func(o *Options) {
		o.BrandAs, o.Brands = "number", map[string]string{"Ong Vàng": "ong rừng u minh"}
	})
	s := b.Connector.(*shop)
	b.sim.ThrottleBrands(1)
	if got, err := s.brandOf(t.Context(), "Ong Vàng"); connectors.KindOf(err) != connectors.Transient {
		t.Errorf("an empty page: got %q, %v", got, err)
	}
	for ours, want := range map[string]string{"Ong Vàng": "30769", "Không tên": "30768"} {
		for range 2 {
			if got, err := s.brandOf(t.Context(), ours); err != nil || got != want {
				t.Errorf("%s: got %q, %v; want %s", ours, got, err, want)
			}
		}
	}
	if n := b.calls("/category/brands/query"); n != 3 {
		t.Errorf("%d calls, want 3", n)
	}
	s.options.DefaultBrand = "Không có ở Lazada"
	if got, err := s.brandOf(t.Context(), ""); err != nil || got != s.options.DefaultBrand {
		t.Errorf("a brand that is not there: got %q, %v", got, err)
	}
	offer := goods(0)
	offer.Brand = "Ong Vàng"
	b.put(offer)
	if got := b.sim.Attribute(string(offer.Variants[0].SKU), "brand"); got != "Ong Rừng U Minh" {
		t.Errorf("the product's brand is %q", got)
	}
}
