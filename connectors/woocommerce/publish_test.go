package woocommerce

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// A parent whose variations were not made, for whatever reason, is found by its
// own SKU and completed. It is there, so nobody may say that nothing was sent.
func TestCrashBetweenParentAndVariations(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"cut off":    {Kind: simulator.FaultRefuse},
		"rate limit": {Kind: simulator.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Hour},
		"firewall":   {Kind: simulator.FaultStatus, Status: http.StatusForbidden, Body: "<html>Forbidden</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sim := practice(t, woocommercetest.Options{})
			offer := sample(1)
			fault.Path = "variations/batch"
			sim.Inject(fault)
			publish(t, s, create(offer)[0], connectors.Unknown)
			if there := sim.Listings(); len(there) != 1 || len(there[0].Variants) != 0 {
				t.Fatalf("after the crash: %+v", there)
			}
			found, err := s.FindSKUs(t.Context(), []catalog.SKU{offer.Variants[0].SKU})
			if err != nil || len(found) != 0 {
				t.Fatalf("find: %+v, %v", found, err)
			}
			done := publish(t, s, create(offer)[0], connectors.Applied)
			if there := sim.Listings(); len(there) != 1 || len(there[0].Variants) != 3 || there[0].ExternalID != done.Remote.ExternalID {
				t.Errorf("after publishing again: %+v", there)
			}
		})
	}
}

// Each picture is uploaded once; one that is gone from the library once more.
func TestPicturesAreUploadedOnce(t *testing.T) {
	t.Parallel()
	s, _ := practice(t, woocommercetest.Options{})
	offer := sample(1)
	offer.Variants[1].Image = 2
	done := publish(t, s, create(offer)[0], connectors.Applied)
	before := raw(t, s, done.Remote.ExternalID).Images
	media := connectors.Publication{Offer: offer, Listing: ref(done), Facets: []catalog.Facet{catalog.FacetMedia}}
	media.Offer.Images = []catalog.OfferImage{offer.Images[1], offer.Images[0]}
	publish(t, s, media, connectors.Applied)
	after := raw(t, s, done.Remote.ExternalID).Images
	if diff := cmp.Diff([]image{before[1], before[0]}, after); diff != "" {
		t.Errorf("pictures in another order (-want +got):\n%s", diff)
	}
	for _, key := range []string{pictureKey(offer.Images[0]), pictureKey(offer.Images[1])} {
		if err := s.env.Memory.Remember(t.Context(), key, "999999"); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, s, media, connectors.Applied)
	anew := raw(t, s, done.Remote.ExternalID).Images
	if len(anew) != 2 || slices.Contains(after, anew[0]) {
		t.Errorf("pictures that were gone: got %v, before %v", anew, after)
	}
	if text, _ := s.env.Memory.Recall(t.Context(), pictureKey(offer.Images[1])); text != strconv.FormatInt(anew[0].ID, 10) {
		t.Errorf("remembered %q, want %d", text, anew[0].ID)
	}
}

// The fingerprints of a write's answer are those of the next read, or none.
func TestAnswersHaveTheFingerprintsOfReads(t *testing.T) {
	t.Parallel()
	s, _ := practice(t, woocommercetest.Options{})
	for n := range 4 {
		offer := sample(n)
		done := publish(t, s, create(offer)[0], connectors.Applied)
		check := func(step string, o connectors.Outcome) {
			t.Helper()
			read, err := s.FindSKUs(t.Context(), []catalog.SKU{offer.Variants[0].SKU})
			if err != nil || len(read) != 1 {
				t.Fatalf("%s: find: %+v, %v", step, read, err)
			}
			if o.Remote.Content != "" && o.Remote.Content != read[0].Content || o.Remote.Media != read[0].Media {
				t.Errorf("%s, %s: the answer's fingerprints are not those of the read", offer.ProductID, step)
			}
			if step != "state" && o.Remote.Content == "" {
				t.Errorf("%s, %s: no fingerprint of the content", offer.ProductID, step)
			}
			if diff := cmp.Diff(read[0].Variants, o.Remote.Variants); step == "create" && diff != "" {
				t.Errorf("%s: variants (-read +answer):\n%s", offer.ProductID, diff)
			}
		}
		check("create", done)
		offer.Title += " mới"
		check("content", publish(t, s, connectors.Publication{Offer: offer, Listing: ref(done), Facets: []catalog.Facet{catalog.FacetContent, catalog.FacetMedia}}, connectors.Applied))
		offer.State = catalog.StateStopped
		check("state", publish(t, s, connectors.Publication{Offer: offer, Listing: ref(done), Facets: []catalog.Facet{catalog.FacetState}}, connectors.Applied))
	}
}

func TestUnknownCategoryIsTold(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	offer := sample(0)
	offer.Category = "4711"
	done := publish(t, s, create(offer)[0], connectors.Applied)
	if len(done.Issues) != 1 || done.Issues[0].Code != "category_unknown" || done.Issues[0].Severity != catalog.SeverityWarning {
		t.Errorf("got issues %+v", done.Issues)
	}
	offer.Category = strconv.FormatInt(sim.AddCategory("Mật ong", 0), 10)
	if done = publish(t, s, create(offer)[0], connectors.Applied); len(done.Issues) != 0 {
		t.Errorf("got issues %+v", done.Issues)
	}
}

// A product in the trash keeps its SKU: it is taken from there.
func TestTrashedProductIsTakenBack(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	for n := range 2 {
		offer := sample(n)
		done := publish(t, s, create(offer)[0], connectors.Applied)
		product, _, _ := splitID(done.Remote.ExternalID)
		if _, err := s.do(t.Context(), connectors.Call{Op: "test", Method: http.MethodDelete, Path: fmt.Sprintf("%sproducts/%d", api, product)}); err != nil {
			t.Fatal(err)
		}
		// What is in the trash is gone for all writes but a new publication.
		stopped, err := s.Stop(t.Context(), []connectors.ListingRef{ref(done)})
		if err != nil || stopped[0].Kind != connectors.Gone {
			t.Errorf("stop: got %+v, %v", stopped, err)
		}
		if n == 0 {
			stock, err := s.UpdateStock(t.Context(), []connectors.StockChange{{Listing: done.Remote.ExternalID, Variant: done.Remote.ExternalID, Quantity: 1}})
			if err != nil || stock[0].Kind != connectors.Gone {
				t.Errorf("stock: got %+v, %v", stock, err)
			}
		}
		publish(t, s, connectors.Publication{Offer: offer, Listing: ref(done), Facets: []catalog.Facet{catalog.FacetContent}}, connectors.Gone)
		back := publish(t, s, create(offer)[0], connectors.Applied)
		if back.Remote.ExternalID != done.Remote.ExternalID || raw(t, s, back.Remote.ExternalID).Status != statusPublish {
			t.Errorf("%s: got %s, want %s live again", offer.ProductID, back.Remote.ExternalID, done.Remote.ExternalID)
		}
	}
	if there := sim.Listings(); len(there) != 2 {
		t.Errorf("the shop has %d listings, want 2", len(there))
	}
}

// The shop writes to what is in the trash, and leaves it there.
func TestTrashedWhilePublishing(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	offer := sample(0)
	done := publish(t, s, create(offer)[0], connectors.Applied)
	sim.Inject(simulator.Fault{Method: "GET", Path: "/products", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		if _, err := s.do(context.Background(), connectors.Call{Op: "test", Method: http.MethodDelete, Path: api + "products/" + string(done.Remote.ExternalID)}); err != nil {
			t.Error(err)
		}
		return answer
	}})
	publish(t, s, connectors.Publication{Offer: offer, Listing: ref(done), Facets: []catalog.Facet{catalog.FacetContent}}, connectors.Gone)
}

// SKUs that belong to something else are a conflict, and nothing is written.
func TestSKUsOfOthersAreConflicts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		there []catalog.Offer
		offer func(there []catalog.Offer) catalog.Offer
	}{
		"simple, there a variation": {[]catalog.Offer{sample(1)}, func(there []catalog.Offer) catalog.Offer {
			o := sample(0)
			o.Variants[0].SKU = there[0].Variants[0].SKU
			return o
		}},
		"variation, there simple": {[]catalog.Offer{sample(0)}, func(there []catalog.Offer) catalog.Offer {
			o := sample(1)
			o.Variants[1].SKU = there[0].Variants[0].SKU
			return o
		}},
		"spread over two products": {[]catalog.Offer{sample(1), sample(2)}, func(there []catalog.Offer) catalog.Offer {
			o := sample(5)
			o.Variants[0].SKU, o.Variants[1].SKU = there[0].Variants[0].SKU, there[1].Variants[0].SKU
			return o
		}},
		"parent's SKU is somebody's": {[]catalog.Offer{sample(0)}, func(there []catalog.Offer) catalog.Offer {
			o := sample(1)
			o.ProductID = strings.TrimSuffix(string(there[0].Variants[0].SKU), "-P")
			return o
		}},
		"another product of ours": {[]catalog.Offer{sample(0)}, func(there []catalog.Offer) catalog.Offer {
			o := sample(4)
			o.Variants[0].SKU = there[0].Variants[0].SKU
			return o
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sim := practice(t, woocommercetest.Options{})
			if name == "parent's SKU is somebody's" {
				test.there[0].Variants[0].SKU += "-P"
				test.there[0].ProductID = "KHAC"
			}
			if _, err := s.Publish(t.Context(), create(test.there...)); err != nil {
				t.Fatal(err)
			}
			before := sim.Listings()
			conflict := publish(t, s, create(test.offer(test.there))[0], connectors.Conflict)
			if len(conflict.Issues) == 0 || connectors.KindOf(conflict.Err) != connectors.Clash {
				t.Errorf("got %+v", conflict)
			}
			if diff := cmp.Diff(before, sim.Listings()); diff != "" {
				t.Errorf("the shop changed (-before +after):\n%s", diff)
			}
		})
	}
}

// A variant that is new is made, one that is no longer offered is switched off.
func TestVariantsComeAndGo(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	offer := sample(1)
	all := offer.Variants
	offer.Variants = all[:2]
	first := publish(t, s, create(offer)[0], connectors.Applied)
	offer.Variants = all[1:]
	second := publish(t, s, connectors.Publication{Offer: offer, Listing: ref(first), Facets: []catalog.Facet{catalog.FacetContent}}, connectors.Applied)
	if there := sim.Listings(); len(there) != 1 || len(there[0].Variants) != 3 {
		t.Fatalf("the shop has %+v", there)
	}
	made := raw(t, s, ref(second).Variants[all[2].SKU])
	if made.RegularPrice != all[2].Price.List.Decimal() || made.StockQuantity.value == nil || *made.StockQuantity.value != all[2].Quantity {
		t.Errorf("the new variation: %+v", made)
	}
	if off := raw(t, s, ref(first).Variants[all[0].SKU]); off.Status != "private" {
		t.Errorf("the variation that is no longer offered is %s", off.Status)
	}
	kept := raw(t, s, ref(first).Variants[all[1].SKU])
	if kept.Status != statusPublish || *kept.StockQuantity.value != all[1].Quantity {
		t.Errorf("the variation that stays: %+v", kept)
	}
	offer.Variants = all
	publish(t, s, connectors.Publication{Offer: offer, Listing: ref(second), Facets: []catalog.Facet{catalog.FacetContent}}, connectors.Applied)
	if on := raw(t, s, ref(first).Variants[all[0].SKU]); on.Status != statusPublish {
		t.Errorf("the variation that is offered again is %s", on.Status)
	}
}

// The shop cannot turn a product with variations into one without.
func TestProductKindIsKept(t *testing.T) {
	t.Parallel()
	s, _ := practice(t, woocommercetest.Options{})
	offer := sample(0)
	done := publish(t, s, create(offer)[0], connectors.Applied)
	offer.Options, offer.Variants[0].Options = []string{"Cỡ"}, []string{"500 g"}
	refused := publish(t, s, connectors.Publication{Offer: offer, Listing: ref(done), Facets: []catalog.Facet{catalog.FacetContent}}, connectors.Rejected)
	if refused.Issues[0].Code != "product_kind" {
		t.Errorf("got %+v", refused.Issues)
	}
}

// A hidden product is live again after Resume.
func TestResumeShowsHiddenProduct(t *testing.T) {
	t.Parallel()
	s, _ := practice(t, woocommercetest.Options{})
	done := publish(t, s, create(sample(0))[0], connectors.Applied)
	product, _, _ := splitID(done.Remote.ExternalID)
	if _, err := s.do(t.Context(), connectors.Call{Op: "test", Method: http.MethodPut, Path: fmt.Sprintf("%sproducts/%d", api, product),
		Body: fields{"catalog_visibility": hidden}}); err != nil {
		t.Fatal(err)
	}
	state := func() catalog.State {
		found, err := s.FindSKUs(t.Context(), []catalog.SKU{sample(0).Variants[0].SKU})
		if err != nil {
			t.Fatal(err)
		}
		return found[0].State
	}
	if got := state(); got != catalog.StateStopped {
		t.Errorf("hidden: got %s", got)
	}
	outcomes, err := s.Resume(t.Context(), []connectors.ListingRef{ref(done)})
	if err != nil || outcomes[0].Kind != connectors.Applied || state() != catalog.StateLive {
		t.Errorf("resumed: got %+v, %v, %s", outcomes, err, state())
	}
}

// A host that gives up gets smaller batches from then on.
func TestBatchShrinks(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	offers := make([]catalog.Offer, 60)
	for i := range offers {
		offers[i] = sample(4 * i)
		offers[i].Images = nil
	}
	sim.Inject(simulator.Fault{Method: "POST", Path: "products/batch", Kind: simulator.FaultStatus, Status: http.StatusGatewayTimeout})
	outcomes, err := s.Publish(t.Context(), create(offers...))
	if err != nil || outcomes[0].Kind != connectors.Unknown {
		t.Fatalf("got %+v, %v", outcomes[0], err)
	}
	sim.ResetRequests()
	if _, err := s.Publish(t.Context(), create(offers...)); err != nil {
		t.Fatal(err)
	}
	if n := count(sim, "POST", "/products/batch"); n != 2 {
		t.Errorf("60 products after a time-out: %d batches, want 2 of at most 50", n)
	}
	if there := sim.Listings(); len(there) != 60 {
		t.Errorf("the shop has %d listings, want 60", len(there))
	}
}

// A text, picture or price that the shop would refuse keeps back only what is
// written of it.
func TestIssuesConcernWhatIsWritten(t *testing.T) {
	t.Parallel()
	s, _ := practice(t, woocommercetest.Options{}, func(o *Options) {})
	s.options.URL = "https://shop.example.test" // for the audit of pictures
	offer := sample(1)
	done := publish(t, s, create(offer)[0], connectors.Applied)
	offer.Images = []catalog.OfferImage{{URL: "https://img.example.test:8443/che.png"}}
	offer.Variants[0].Price.List = catalog.VND(0)
	write := func(facet catalog.Facet) connectors.Publication {
		return connectors.Publication{Offer: offer, Listing: ref(done), Facets: []catalog.Facet{facet}}
	}
	publish(t, s, write(catalog.FacetContent), connectors.Applied)
	publish(t, s, write(catalog.FacetState), connectors.Applied)
	publish(t, s, write(catalog.FacetMedia), connectors.Rejected)
	publish(t, s, write(catalog.FacetPrice), connectors.Rejected)
	// A new variation has a price, whatever facets are asked for.
	dollars := catalog.Money{Amount: 100, Currency: "USD"}
	offer.Variants[0].Price.List = catalog.VND(1000)
	offer.Variants = append(offer.Variants, catalog.OfferVariant{SKU: "CHE-MOI", Options: []string{"1 kg"}, Price: catalog.Price{List: dollars}})
	publish(t, s, write(catalog.FacetContent), connectors.Rejected)
}
