package shopee

import (
	"fmt"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
)

// A category's brands are among its attributes, so that they are searched,
// mapped and checked without the platform.
func TestBrandsAreAnAttribute(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, func(o *Options) { o.Brands = map[string]int64{"tên riêng": 5} })
	var list []shopeetest.Brand
	for n := range 230 { // three pages
		list = append(list, shopeetest.Brand{ID: int64(100 + n), Name: fmt.Sprintf("Hãng %d", n)})
	}
	r.sim.AddCategory(shopeetest.Category{ID: 9001, Parent: 100629, Name: "Có thương hiệu", Brands: list, BrandMandatory: true})
	attributes, err := r.Categories.Attributes(t.Context(), "9001")
	if err != nil {
		t.Fatal(err)
	}
	brand := attributes[len(attributes)-1]
	if brand.ID != "brand" || !brand.Required || len(brand.Values) != 230 {
		t.Fatalf("got %s, required %t, %d values", brand.ID, brand.Required, len(brand.Values))
	}
	for name, want := range map[string]bool{"": false, "Không ai biết": false, "hang 229": true, "Tên riêng": true} {
		if got := r.Categories.Fills(catalog.Offer{Brand: name}, brand); got != want {
			t.Errorf("%q: filled %t", name, got)
		}
	}
	// The brand that a family was mapped with serves products without one.
	offer := r.offer(0)
	offer.Category, offer.Brand, offer.Attributes = "9001", "", []catalog.OfferAttribute{{Name: "brand", Value: "Hãng 200"}}
	outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: offer, Facets: catalog.Facets}})
	if err != nil || outcomes[0].Kind != connectors.Applied {
		t.Errorf("mapped brand: %+v, %v", outcomes, err)
	}
	// Of a list too long to be kept whole nothing is told.
	for n := range mostBrands {
		list = append(list, shopeetest.Brand{ID: int64(1000 + n), Name: fmt.Sprintf("Nhà %d", n)})
	}
	r.sim.AddCategory(shopeetest.Category{ID: 9002, Parent: 100629, Name: "Rất nhiều", Brands: list})
	if attributes, err = r.Categories.Attributes(t.Context(), "9002"); err != nil || attributes[len(attributes)-1].Values != nil {
		t.Errorf("%d values, %v", len(attributes[len(attributes)-1].Values), err)
	}
}
