package shopee

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

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
	// What the platform does not take is written anew, as a JPEG.
	changed.Images = append(offer.Images[:1:1], catalog.OfferImage{URL: "https://img.example.test/x.gif"})
	if outcome := r.write(changed, ref, catalog.FacetMedia); outcome.Kind != connectors.Applied || len(outcome.Issues) != 0 {
		t.Errorf("a GIF: got %s, %+v", outcome.Kind, outcome.Issues)
	}
	changed.Images = append(offer.Images[:1:1], catalog.OfferImage{URL: "https://img.example.test/x.txt"})
	outcome := r.write(changed, ref, catalog.FacetMedia)
	if len(outcome.Issues) != 1 || outcome.Issues[0].Code != "image_broken" || outcome.Issues[0].Severity != catalog.SeverityWarning || outcome.Issues[0].Field != "images[2]" {
		t.Errorf("no picture: got %+v", outcome.Issues)
	}
	changed.Images = changed.Images[1:]
	if outcome := r.write(changed, ref, catalog.FacetMedia); outcome.Kind != connectors.Rejected || outcome.Issues[0].Code != "no_images" {
		t.Errorf("nothing but that: got %s, %+v", outcome.Kind, outcome.Issues)
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
