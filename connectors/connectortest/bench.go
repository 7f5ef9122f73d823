package connectortest

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

// offer is the n-th sample as the channel's rules would render it.
func (b *bench) offer(n int) catalog.Offer {
	factory := b.h.Offer
	if factory == nil {
		factory = Goods
	}
	return b.onChannel(factory(n))
}

// simple is the n-th sample with one variant.
func (b *bench) simple(n int) catalog.Offer {
	for i := range 20 {
		if o := b.offer(n + 1000*i + i); len(o.Variants) == 1 {
			return o
		}
	}
	b.Fatal("connectortest: Harness.Offer makes no simple product")
	return catalog.Offer{}
}

// variable is the n-th sample with several variants.
func (b *bench) variable(n int) catalog.Offer {
	for i := range 20 {
		if o := b.offer(n + 1000*i + i); len(o.Variants) > 1 {
			return o
		}
	}
	b.Fatal("connectortest: Harness.Offer makes no product with variants")
	return catalog.Offer{}
}

func (b *bench) simples(n int) []catalog.Offer {
	var offers []catalog.Offer
	for i := range n {
		offers = append(offers, b.simple(i))
	}
	return offers
}

func (b *bench) onChannel(o catalog.Offer) catalog.Offer {
	o.Channel = b.Channel.ID()
	if id, ok := b.h.Categories[o.Category]; ok {
		o.Category = id
	}
	return o
}

// creation is a publication of a listing that is not known to exist.
func creation(o catalog.Offer) connectors.Publication {
	return connectors.Publication{Offer: o, Facets: slices.Clone(catalog.Facets)}
}

// write asks for facets of a listing that exists.
func write(o catalog.Offer, ref connectors.ListingRef, facets ...catalog.Facet) connectors.Publication {
	return connectors.Publication{Offer: o, Listing: ref, Facets: facets}
}

// published is whether a publication was taken: done, or accepted and decided
// later by a review.
func published(o connectors.Outcome) bool {
	return o.Remote != nil && o.Remote.ExternalID != "" && (o.Done() || o.Kind == connectors.Deferred)
}

// publish creates the offers' listings and fails when that fails.
func (b *bench) publish(offers ...catalog.Offer) []connectors.ListingRef {
	b.Helper()
	var publications []connectors.Publication
	for _, o := range offers {
		publications = append(publications, creation(o))
	}
	outcomes, err := b.Channel.Publisher.Publish(b.Context(), publications)
	b.counted("publish", outcomes, err, len(offers))
	refs := make([]connectors.ListingRef, len(offers))
	for i, outcome := range outcomes {
		if !published(outcome) {
			b.Fatalf("publish %s: got %s, want applied with the listing's IDs", offers[i].ProductID, show(outcome))
		}
		refs[i] = refOf(*outcome.Remote)
		for _, v := range offers[i].Variants {
			if refs[i].Variants[v.SKU] == "" {
				b.Fatalf("publish %s: the outcome does not tell the ID of variant %s", offers[i].ProductID, v.SKU)
			}
		}
	}
	b.settle()
	return refs
}

func (b *bench) settle() {
	if b.Settle != nil {
		b.Settle()
	}
}

func refOf(r catalog.Remote) connectors.ListingRef {
	ref := connectors.ListingRef{ExternalID: r.ExternalID, Variants: map[catalog.SKU]catalog.ExternalID{}}
	for _, v := range r.Variants {
		ref.Variants[v.SKU] = v.ExternalID
	}
	return ref
}

// counted requires one outcome per item and no error.
func (b *bench) counted(doing string, outcomes []connectors.Outcome, err error, items int) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s: %v", doing, err)
	}
	if len(outcomes) != items {
		b.Fatalf("%s: got %d outcomes for %d items, want one each", doing, len(outcomes), items)
	}
}

// wantKind requires the kind of every outcome to be among kinds.
func (b *bench) wantKind(doing string, outcomes []connectors.Outcome, kinds ...connectors.OutcomeKind) {
	b.Helper()
	for i, o := range outcomes {
		if !slices.Contains(kinds, o.Kind) {
			b.Errorf("%s, item %d: got %s, want one of %v", doing, i, show(o), kinds)
		}
	}
}

var done = []connectors.OutcomeKind{connectors.Applied, connectors.Unchanged}

func show(o connectors.Outcome) string {
	text := string(o.Kind)
	if o.Err != nil {
		text += fmt.Sprintf(" (%v)", o.Err)
	}
	for _, issue := range o.Issues {
		text += fmt.Sprintf(" [%s]", issue.Code)
	}
	if o.Remote == nil {
		text += " without Remote"
	}
	return text
}

// truth returns what is really there of a SKU: exactly one listing.
func (b *bench) truth(sku catalog.SKU) simulator.Listing {
	b.Helper()
	found := b.holding(sku)
	if len(found) != 1 {
		b.Fatalf("the shop has %d listings with %s, want 1", len(found), sku)
	}
	return found[0]
}

// holding returns the shop's listings that have the SKU.
func (b *bench) holding(sku catalog.SKU) []simulator.Listing {
	var found []simulator.Listing
	for _, l := range b.Shop.Listings() {
		if slices.ContainsFunc(l.Variants, func(v catalog.VariantSnapshot) bool { return v.SKU == sku }) {
			found = append(found, l)
		}
	}
	return found
}

// wantThere requires that the shop shows exactly what the offer says.
func (b *bench) wantThere(o catalog.Offer) {
	b.Helper()
	got := b.truth(o.Variants[0].SKU)
	if got.Title != o.Title || got.State != o.State {
		b.Errorf("%s: the shop shows %q, %s; want %q, %s", o.ProductID, got.Title, got.State, o.Title, o.State)
	}
	if diff := cmp.Diff(terms(o), termsOf(got.Variants)); diff != "" {
		b.Errorf("%s: prices and quantities in the shop (-want +got):\n%s", o.ProductID, diff)
	}
}

// term is what a buyer is asked, and how many there are, in comparable form.
type term struct {
	SKU      catalog.SKU
	List     catalog.Money
	Sale     catalog.Money // zero = none
	Quantity int64
}

func terms(o catalog.Offer) []term {
	var list []term
	for _, v := range o.Variants {
		list = append(list, termOf(v.SKU, v.Price, v.Quantity))
	}
	return sorted(list)
}

func termsOf(variants []catalog.VariantSnapshot) []term {
	var list []term
	for _, v := range variants {
		price, quantity := catalog.Price{}, int64(-1)
		if v.Price != nil {
			price = *v.Price
		}
		if v.Quantity != nil {
			quantity = *v.Quantity
		}
		list = append(list, termOf(v.SKU, price, quantity))
	}
	return sorted(list)
}

func termOf(sku catalog.SKU, price catalog.Price, quantity int64) term {
	t := term{SKU: sku, List: price.List, Quantity: quantity}
	if price.Sale != nil {
		t.Sale = *price.Sale
	}
	return t
}

func sorted(list []term) []term {
	slices.SortFunc(list, func(a, b term) int { return bytes.Compare([]byte(a.SKU), []byte(b.SKU)) })
	return list
}

// memory is a [connectors.Memory] for one shop.
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

// Pictures is a [connectors.Media] that has a picture of its own for every
// address or hash: a square in a color that follows from the name. Those whose
// address ends in ".broken" are no pictures.
type Pictures struct{ Side int } // in pixels; 0 = 500

// Open gives a picture.
func (p Pictures) Open(_ context.Context, offered catalog.OfferImage) (io.ReadCloser, string, error) {
	if strings.HasSuffix(offered.URL, ".broken") {
		return io.NopCloser(strings.NewReader("no picture")), "image/png", nil
	}
	side := stdcmp.Or(p.Side, 500)
	sum := fnv.New32()
	_, _ = sum.Write([]byte(offered.URL + offered.SHA256))
	tone := sum.Sum32()
	canvas := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.RGBA{uint8(tone), uint8(tone >> 8), uint8(tone >> 16), 255}, color.White})
	canvas.SetColorIndex(int(tone>>24)%side, 0, 1)
	var data bytes.Buffer
	err := png.Encode(&data, canvas)
	return io.NopCloser(&data), "image/png", err
}
