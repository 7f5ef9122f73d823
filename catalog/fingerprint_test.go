package catalog

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func teaOffer(t *testing.T) Offer {
	t.Helper()
	offer, _ := render(t, Rules{}, tea())
	return offer
}

// A change of this test's values means that every listing of every user is
// written again: raise RendererVersion with it.
func TestFingerprintsAreStable(t *testing.T) {
	t.Parallel()
	offer := teaOffer(t)
	want := map[Facet]string{
		FacetState:   "ed100d7d4fbcd88a4e4e729c7dec417c",
		FacetStock:   "740891b6af401e425d9963af72f943d7",
		FacetPrice:   "614cda8367206027c445390248e1e59a",
		FacetContent: "47890895f336dea6f8c050c321782f88",
		FacetMedia:   "1ae637d99fa18074dcf6eae7bf30cbe8",
	}
	for _, facet := range Facets {
		got := offer.Fingerprint(facet)
		if got != want[facet] {
			t.Errorf("%s: %s, want %s", facet, got, want[facet])
		}
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(got) {
			t.Errorf("%s: %q is not 32 hex digits", facet, got)
		}
	}
}

// I4 begins here: each part of an offer belongs to exactly one facet.
func TestFingerprintSeesItsFacetOnly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Offer)
		facet  Facet // "" = none
	}{
		{"state", func(o *Offer) { o.State = StateStopped }, FacetState},
		{"quantity", func(o *Offer) { o.Variants[0].Quantity++ }, FacetStock},
		{"list price", func(o *Offer) { o.Variants[0].Price.List.Amount++ }, FacetPrice},
		{"currency", func(o *Offer) { o.Variants[0].Price.List.Currency = "USD" }, FacetPrice},
		{"sale price", func(o *Offer) { sale := VND(1); o.Variants[0].Price.Sale = &sale }, FacetPrice},
		{"sale ends", func(o *Offer) { o.Variants[0].Price.Sale = nil }, FacetPrice},
		{"title", func(o *Offer) { o.Title += "x" }, FacetContent},
		{"summary", func(o *Offer) { o.Summary += "x" }, FacetContent},
		{"description", func(o *Offer) { o.Description += "x" }, FacetContent},
		{"category", func(o *Offer) { o.Category += "x" }, FacetContent},
		{"brand", func(o *Offer) { o.Brand += "x" }, FacetContent},
		{"attribute", func(o *Offer) { o.Attributes[0].Value += "x" }, FacetContent},
		{"attribute gone", func(o *Offer) { o.Attributes = o.Attributes[:1] }, FacetContent},
		{"attribute moves a letter", func(o *Offer) { o.Attributes[0] = OfferAttribute{"Mùa v", "ụXuân"} }, FacetContent},
		{"title gives a letter to the summary", func(o *Offer) { o.Title, o.Summary = o.Title[:3], o.Title[3:]+o.Summary }, FacetContent},
		{"option name", func(o *Offer) { o.Options[0] = "Gói" }, FacetContent},
		{"option value", func(o *Offer) { o.Variants[0].Options[0] = "101 g" }, FacetContent},
		{"GTIN", func(o *Offer) { o.Variants[0].GTIN = "" }, FacetContent},
		{"weight", func(o *Offer) { o.Variants[0].Weight++ }, FacetContent},
		{"height", func(o *Offer) { o.Variants[0].Dimensions.Height++ }, FacetContent},
		{"net content", func(o *Offer) { o.Variants[0].NetContent.Unit = "kg" }, FacetContent},
		{"picture", func(o *Offer) { o.Images[0].SHA256 = strings.Repeat("b", 64) }, FacetMedia},
		{"address of a picture known by its address", func(o *Offer) { o.Images[1].URL += "x" }, FacetMedia},
		{"address of a picture known by its bytes", func(o *Offer) { o.Images[0].URL = "https://cdn.test/1.png" }, ""},
		{"picture text", func(o *Offer) { o.Images[0].Alt = "" }, FacetMedia},
		{"pictures swapped", func(o *Offer) { o.Images[0], o.Images[1] = o.Images[1], o.Images[0] }, FacetMedia},
		{"picture of a variant", func(o *Offer) { o.Variants[0].Image = 1 }, FacetMedia},
		{"nothing", func(*Offer) {}, ""},
	}
	for _, test := range tests {
		before, after := teaOffer(t), teaOffer(t)
		test.change(&after)
		for _, facet := range Facets {
			if changed := before.Fingerprint(facet) != after.Fingerprint(facet); changed != (facet == test.facet) {
				t.Errorf("%s: the %s fingerprint changed: %v", test.name, facet, changed)
			}
		}
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	p := tea()
	p.Variants[0], p.Variants[1] = p.Variants[1], p.Variants[0]
	offer, _ := render(t, Rules{}, p)
	got := offer.Snapshot(bookedAt)
	sale, ten, none := VND(169000), int64(10), int64(0)
	want := Snapshot{
		At:      time.Date(2026, 11, 20, 1, 30, 0, 123_000_000, time.UTC),
		State:   StateLive,
		Content: offer.Fingerprint(FacetContent),
		Media:   offer.Fingerprint(FacetMedia),
		Variants: []VariantSnapshot{
			{SKU: "CHE-100", Price: &Price{VND(185000), &sale}, Quantity: &ten},
			{SKU: "CHE-500", Price: &Price{List: VND(850000)}, Quantity: &none},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	offer.Variants[1].Quantity = 99
	if v, _ := got.Variant("CHE-100"); *v.Quantity != 10 {
		t.Error("the snapshot changes with the offer")
	}
}
