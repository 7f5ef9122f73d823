package connectortest

import (
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func facetChecks() []check {
	var checks []check
	for _, facet := range catalog.Facets {
		checks = append(checks, check{
			name:  "writing " + string(facet) + " leaves all else as it was (I4)",
			needs: []string{"publish"},
			run:   func(b *bench) { checkFacetAlone(b, facet) },
		})
	}
	return checks
}

// Somebody edits everything on the platform; then we write one facet of an
// offer that differs in all of them. Whatever we did not write must be as that
// somebody left it. A connector that sends whole documents fails here.
func checkFacetAlone(b *bench, facet catalog.Facet) {
	for _, offer := range []catalog.Offer{b.simple(0), b.variable(1)} {
		ref := b.publish(offer)[0]
		first := offer.Variants[0].SKU
		for _, err := range []error{
			b.Shop.SetPrice(first, catalog.Price{List: catalog.VND(333000)}),
			b.Shop.SetStock(first, 77),
			b.Shop.SetTitle(first, "Tên sửa trên sàn"),
		} {
			if err != nil {
				b.Fatalf("edit in the shop: %v", err)
			}
		}
		want := b.truth(first)
		changed := differing(offer)
		b.writeFacet(changed, ref, facet)
		replaceFacet(&want, changed, facet)
		if diff := cmp.Diff(want, b.truth(first)); diff != "" {
			b.Errorf("%s: after writing %s (-want +got):\n%s", offer.ProductID, facet, diff)
		}
	}
}

// differing returns the offer with every facet changed.
func differing(o catalog.Offer) catalog.Offer {
	o.Title = "Tên mới " + strings.ToLower(o.Title)
	o.Description += "\n\nMẻ mới."
	o.State = catalog.StateStopped
	o.Images = append([]catalog.OfferImage(nil), o.Images...)
	for i := range o.Images {
		o.Images[i].URL = strings.Replace(o.Images[i].URL, "img.example.test/", "img.example.test/moi-", 1)
	}
	o.Variants = append([]catalog.OfferVariant(nil), o.Variants...)
	for i := range o.Variants {
		v := &o.Variants[i]
		v.Price = catalog.Price{List: catalog.VND(v.Price.List.Amount + 11000)}
		v.Quantity += 21
	}
	return o
}

// replaceFacet puts one facet of the offer into what the shop holds.
func replaceFacet(l *simulator.Listing, o catalog.Offer, facet catalog.Facet) {
	switch facet {
	case catalog.FacetState:
		l.State = o.State
	case catalog.FacetContent:
		l.Title = o.Title
	}
	l.Variants = append([]catalog.VariantSnapshot(nil), l.Variants...)
	for i := range l.Variants {
		for _, v := range o.Variants {
			switch {
			case v.SKU != l.Variants[i].SKU:
			case facet == catalog.FacetPrice:
				l.Variants[i].Price = &v.Price
			case facet == catalog.FacetStock:
				l.Variants[i].Quantity = &v.Quantity
			}
		}
	}
}

// writeFacet writes one facet by the narrowest capability the channel has, as
// the core does.
func (b *bench) writeFacet(o catalog.Offer, ref connectors.ListingRef, facet catalog.Facet) {
	b.Helper()
	var (
		outcomes []connectors.Outcome
		err      error
		items    = 1
	)
	switch {
	case facet == catalog.FacetPrice && b.Channel.Prices != nil:
		changes := priceChanges(o, ref)
		items = len(changes)
		outcomes, err = b.Channel.Prices.UpdatePrices(b.Context(), changes)
	case facet == catalog.FacetStock && b.Channel.Stock != nil:
		changes := stockChanges(o, ref)
		items = len(changes)
		outcomes, err = b.Channel.Stock.UpdateStock(b.Context(), changes)
	case facet == catalog.FacetState && b.Channel.Stopper != nil && o.State == catalog.StateStopped:
		outcomes, err = b.Channel.Stopper.Stop(b.Context(), []connectors.ListingRef{ref})
	case facet == catalog.FacetState && b.Channel.Stopper != nil:
		outcomes, err = b.Channel.Stopper.Resume(b.Context(), []connectors.ListingRef{ref})
	default:
		outcomes, err = b.Channel.Publisher.Publish(b.Context(), []connectors.Publication{write(o, ref, facet)})
	}
	doing := "write " + string(facet) + " of " + o.ProductID
	b.counted(doing, outcomes, err, items)
	for _, outcome := range outcomes {
		if !outcome.Done() && !published(outcome) {
			b.Fatalf("%s: got %s, want applied", doing, show(outcome))
		}
	}
	b.settle()
}

func priceChanges(o catalog.Offer, ref connectors.ListingRef) []connectors.PriceChange {
	var changes []connectors.PriceChange
	for _, v := range o.Variants {
		changes = append(changes, connectors.PriceChange{
			Listing: ref.ExternalID, Variant: ref.Variants[v.SKU], SKU: v.SKU, Price: v.Price,
		})
	}
	return changes
}

func stockChanges(o catalog.Offer, ref connectors.ListingRef) []connectors.StockChange {
	var changes []connectors.StockChange
	for _, v := range o.Variants {
		changes = append(changes, connectors.StockChange{
			Listing: ref.ExternalID, Variant: ref.Variants[v.SKU], SKU: v.SKU, Quantity: v.Quantity,
		})
	}
	return changes
}
