package shopee

import (
	"errors"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
)

// The app has one push address for all its shops.
func TestCallbackTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	if err := r.Hooks.EnsureHooks(t.Context(), "https://khac.example/hooks"); err != nil {
		t.Fatal(err)
	}
	err := r.Hooks.EnsureHooks(t.Context(), "https://cho.example/hooks/vn-shopee")
	if connectors.KindOf(err) != connectors.Fatal || !strings.Contains(err.Error(), "replace_callback") {
		t.Errorf("got %v", err)
	}
	options := optionsFor(r.sim)
	options.ReplaceCallback = true
	taker := openShop(t, options, connectors.OpenDeps{Tokens: r.tokens})
	if err := taker.Hooks.EnsureHooks(t.Context(), "https://cho.example/hooks/vn-shopee"); err != nil {
		t.Errorf("with replace_callback: %v", err)
	}
}

func TestCategories(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, func(o *Options) { o.Language = "en" })
	names := map[string]bool{}
	for c, err := range r.Categories.Categories(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		names[c.Name] = c.Leaf
	}
	if leaf, ok := names["Honey & Maple Syrups"]; !ok || !leaf || names["Food & Beverages"] {
		t.Errorf("got %v", names)
	}
	list, err := r.Categories.Attributes(t.Context(), "100661")
	if err != nil || len(list) != 4 || list[3].ID != "brand" || list[3].Required || list[3].Values[0] != "Ong Rừng U Minh" || !list[0].Required || list[0].Values[0] != "Việt Nam" || list[1].Units[0] != "ml" || list[1].Required {
		t.Errorf("got %+v, %v", list, err)
	}
	if _, err := r.Categories.Attributes(t.Context(), "mật ong"); connectors.KindOf(err) != connectors.Validation {
		t.Errorf("a name for a number: got %v", err)
	}
}

// What the platform does to the whole shop is told as such.
func TestShopStatus(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	for status, code := range map[string]string{"FROZEN": "shop_frozen", "BANNED": "shop_banned", "NORMAL": ""} {
		if err := r.sim.SetShopStatus(status); err != nil {
			t.Fatal(err)
		}
		_, err := r.Connector.Check(t.Context())
		e, _ := errors.AsType[*connectors.Error](err)
		if (err == nil) != (code == "") || e != nil && (e.Code != code || e.Kind != connectors.Fatal || e.Hint == "") {
			t.Errorf("%s: got %v, want %q", status, err, code)
		}
	}
}

// Whether the platform leaves unknown items out or fails is not documented.
func TestUnknownItem(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		r := newRig(t, shopeetest.Options{UnknownItemsFail: fails}, nil)
		known, lost := r.offer(0), r.offer(4)
		ref := r.publish(known)[0]
		known.Title += " mới"
		outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{
			{Offer: lost, Listing: connectors.ListingRef{ExternalID: "123"}, Facets: []catalog.Facet{catalog.FacetContent}},
			{Offer: known, Listing: ref, Facets: []catalog.Facet{catalog.FacetContent}},
		})
		if err != nil || outcomes[0].Kind != connectors.Gone || outcomes[1].Kind != connectors.Applied {
			t.Errorf("fails %t: got %+v, %v; want gone and applied", fails, outcomes, err)
		}
	}
}
