package connectortest

import (
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

func publishChecks() []check {
	return []check{
		{"what is published is what is there", []string{"publish"}, checkPublish},
		{"publishing twice makes one listing with the same ID", []string{"publish"}, checkPublishTwice},
		{"a listing made by hand is adopted, not doubled", []string{"publish"}, checkAdopt},
		{"a stopped offer is published off sale", []string{"publish"}, checkPublishStopped},
		{"prices in a currency without decimals", []string{"publish"}, checkDong},
		{"sale prices begin, change and end", []string{"publish"}, checkSale},
		{"difficult titles survive or are audited", []string{"publish"}, checkTitles},
	}
}

func checkPublish(b *bench) {
	for n := range 4 {
		offer := b.offer(n)
		b.publish(offer)
		b.wantThere(offer)
	}
}

// The second time nothing is known of the first: as after a restart with a lost
// write. The SKU is all there is to go by.
func checkPublishTwice(b *bench) {
	for _, offer := range []catalog.Offer{b.simple(0), b.variable(1)} {
		first := b.publish(offer)[0]
		second := b.publish(offer)[0]
		if first.ExternalID != second.ExternalID {
			b.Errorf("%s: the ID was %s and is now %s", offer.ProductID, first.ExternalID, second.ExternalID)
		}
		b.wantThere(offer)

		outcomes, err := b.Channel.Publisher.Publish(b.Context(), []connectors.Publication{
			write(offer, second, catalog.FacetContent, catalog.FacetMedia),
		})
		b.counted("publish again", outcomes, err, 1)
		b.wantKind("publish again", outcomes, connectors.Applied, connectors.Unchanged, connectors.Deferred)
		b.settle()
		b.wantThere(offer)
	}
	if there := b.Shop.Listings(); len(there) != 2 {
		b.Errorf("the shop has %d listings, want 2", len(there))
	}
}

// Adopting writes all facets: the listing ends up as the offer says.
func checkAdopt(b *bench) {
	offer := b.simple(0)
	b.publish(offer)
	sku := offer.Variants[0].SKU
	other := catalog.Price{List: catalog.VND(7000)}
	if err := b.Shop.SetPrice(sku, other); err != nil {
		b.Fatalf("edit the price in the shop: %v", err)
	}
	if err := b.Shop.SetTitle(sku, "Tên cũ trên sàn"); err != nil {
		b.Fatalf("edit the title in the shop: %v", err)
	}
	b.publish(offer)
	b.wantThere(offer)
}

func checkPublishStopped(b *bench) {
	offer := b.simple(0)
	offer.State = catalog.StateStopped
	b.publish(offer)
	b.wantThere(offer)
}

// A factor of 100 hides in every conversion between units of currencies.
func checkDong(b *bench) {
	for n, amount := range []int64{1000, 185000, 1234567, 98765000} {
		offer := b.simple(n)
		offer.Variants[0].Price = catalog.Price{List: catalog.VND(amount)}
		b.publish(offer)
		b.wantThere(offer)
	}
}

func checkSale(b *bench) {
	offer := b.simple(0)
	list := catalog.VND(200000)
	offer.Variants[0].Price = catalog.Price{List: list}
	ref := b.publish(offer)[0]
	for _, sale := range []int64{150000, 120000, 0, 199000} {
		offer.Variants[0].Price.Sale = nil
		if sale > 0 {
			amount := catalog.VND(sale)
			offer.Variants[0].Price.Sale = &amount
		}
		b.writeFacet(offer, ref, catalog.FacetPrice)
		b.wantThere(offer)
	}
}

// A title that the platform would cut or rewrite must be told beforehand: to
// find it changed afterwards looks like drift for ever.
func checkTitles(b *bench) {
	titles := map[string]string{
		"usual":      "Mật ong rừng nguyên chất Bạch Thông, Thái Nguyên (Bắc Kạn cũ), hũ thủy tinh 500 ml, mùa hoa 2026",
		"long":       strings.Repeat("Mật ong rừng nguyên chất ", 12) + "500 ml",
		"multi-byte": "Chè dây Cao Bằng 🍃 — “thượng hạng” ½ kg 茶",
		"HTML":       `Mật ong <b>rừng</b> & "sữa ong chúa" <3`,
		"backslash":  `Túi thổ cẩm 20\30 'đôi'`,
	}
	n := 0
	for name, title := range titles {
		n++
		offer := b.simple(n)
		offer.Title = strings.TrimSpace(title)
		if b.audited(offer, "title") {
			continue
		}
		b.publish(offer)
		if got := b.truth(offer.Variants[0].SKU).Title; got != offer.Title {
			b.Errorf("%s title: published %q, the shop has %q, and no audit said so", name, offer.Title, got)
		}
	}
}

// audited tells that the connector finds an error in a field of the offer.
func (b *bench) audited(o catalog.Offer, field string) bool {
	if b.Channel.Auditor == nil {
		return false
	}
	for _, issue := range b.Channel.Auditor.Audit(o) {
		if issue.Field == field && issue.Severity == catalog.SeverityError {
			return true
		}
	}
	return false
}
