package tiki

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/tiki/tikitest"
)

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

// What variants differ by has the category's own names; papers that are wanted
// and missing are told before people refuse for them.
func TestLabelsAndPapers(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{WantDocuments: true}, func(o *Options) {
		o.OptionLabels = map[string]string{"Mẻ": "loại"}
		o.Certificates = []Certificate{{URL: "https://img.example.vn/attp.jpg", Kind: "category"}}
	})
	for n, test := range []struct {
		option, code string
		kind         connectors.OutcomeKind
	}{{"khối LƯỢNG", "", connectors.Applied}, {"Mẻ", "", connectors.Applied}, {"Nặng nhẹ", "option_label", connectors.Rejected}} {
		offer := sample(1)
		offer.Options = []string{test.option}
		for i := range offer.Variants {
			offer.Variants[i].SKU += catalog.SKU(fmt.Sprint("-", n))
			offer.Variants[i].Options = []string{fmt.Sprint("Giá trị ", i)}
		}
		o := publish(t, b.channel, publication(offer))[0]
		code := ""
		if len(o.Issues) > 0 {
			code = o.Issues[0].Code
		}
		if o.Kind != test.kind || code != test.code {
			t.Errorf("%s: got %s %+v", test.option, o.Kind, o.Issues)
		}
	}
	if n := b.created(); n != 2 {
		t.Errorf("%d requests were sent, want 2", n)
	}
	// Without a paper it is sent all the same, with a warning, and refused.
	b = newBench(t, tikitest.Options{WantDocuments: true, Manual: true})
	offer := sample(0)
	o := publish(t, b.channel, publication(offer))[0]
	if o.Kind != connectors.Deferred || !slices.ContainsFunc(o.Issues, func(i catalog.Issue) bool {
		return i.Code == "certificate_missing" && strings.Contains(i.Message.VI, "an toàn thực phẩm")
	}) {
		t.Errorf("without a paper: got %s %+v", o.Kind, o.Issues)
	}
	b.sim.Approve()
	if got := b.find(offer)[0]; got.State != catalog.StateRejected || !strings.Contains(got.Issues[0].Message.EN, "certificate") {
		t.Errorf("after the review: got %s %+v", got.State, got.Issues)
	}
	// A brand that Tiki does not list is told, until it is.
	b = newBench(t, tikitest.Options{})
	for i, want := range []bool{true, true, false, false} {
		offer := sample(4 * (i + 1))
		if offer.Brand = "Thổ Cẩm Mới"; i == 2 {
			b.sim.AddBrand("THỔ CẨM MỚI")
			b.reopen(b.memory)
		}
		b.sim.ResetRequests()
		o := publish(t, b.channel, publication(offer))[0]
		told := slices.ContainsFunc(o.Issues, func(i catalog.Issue) bool { return i.Code == "brand_unknown" && i.Severity == catalog.SeverityWarning })
		if o.Kind != connectors.Applied || told != want || (b.count(http.MethodGet, "/brands") == 0) != (i%2 == 1) {
			t.Errorf("publication %d of the brand: got %s %+v", i+1, o.Kind, o.Issues)
		}
	}
	// A shop whose lists cannot be read publishes as before.
	b = newBench(t, tikitest.Options{})
	for _, path := range []string{"/optionLabels", "/requiredDocs", "/brands"} {
		b.sim.Inject(simulator.Fault{Path: path, Times: -1, Kind: simulator.FaultStatus, Status: http.StatusForbidden, Body: `{"errors":["Insufficient scope"]}`})
	}
	if o := publish(t, b.channel, publication(sample(1)))[0]; o.Kind != connectors.Applied || len(o.Issues) != 0 {
		t.Errorf("without lists: got %s %+v", o.Kind, o.Issues)
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
	if o.Kind != connectors.Applied || len(o.Issues) != 2 || o.Issues[0].Code != "attribute_unknown" || o.Issues[1].Code != "certificate_missing" {
		t.Fatalf("an attribute that Tiki does not have: got %s %+v", o.Kind, o.Issues)
	}
	shop := b.channel.Connector.(publicShop) //nolint:forcetypeassert // as opened
	row, _, err := shop.find(t.Context(), offer.Variants[0].SKU)
	if err != nil || row.Attributes["brand_country"] != "Lào" || row.Attributes["product_weight_kg"] != "0.7" || row.Attributes["product_length"] != "20" {
		t.Errorf("got %v, %v", row.Attributes, err)
	}
}

// Requests are remembered as long as something may be asked of them.
func TestDecidedRequestsAreForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	for n := range 4 {
		publishOne(t, b.channel, sample(n))
	}
	if text, _ := b.memory.Recall(t.Context(), pendingKey); strings.Count(text, `"track"`) != 1 {
		t.Errorf("want the last request alone, have %s", text)
	}
}
