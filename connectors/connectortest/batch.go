package connectortest

import (
	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func batchChecks() []check {
	return []check{
		{"more publications than one batch takes", []string{"publish"}, checkManyPublications},
		{"more prices than one batch takes", []string{"publish", "prices"}, checkManyPrices},
		{"more stock than one batch takes", []string{"publish", "stock"}, checkManyStock},
		{"a refused publication leaves the others alone", []string{"publish"}, checkSpoiledPublication},
		{"a missing listing among prices leaves the others alone", []string{"publish", "prices"}, checkMissingPrice},
		{"a missing listing among stock leaves the others alone", []string{"publish", "stock"}, checkMissingStock},
		{"an item missing in the answer is unknown", []string{"publish", "stock"}, checkOmitted},
		{"nothing to write is nothing to do", []string{"publish"}, checkEmptyBatch},
	}
}

// beyond is a number of items that needs three batches.
func beyond(batch int) int { return 2*max(1, batch) + 1 }

func checkManyPublications(b *bench) {
	offers := b.simples(beyond(b.Channel.Info.Batch.Publish))
	offers[len(offers)/2] = b.variable(1)
	b.publish(offers...)
	for _, o := range offers {
		b.wantThere(o)
	}
}

func checkManyPrices(b *bench) {
	offers := b.simples(beyond(b.Channel.Info.Batch.Prices))
	refs := b.publish(offers...)
	var changes []connectors.PriceChange
	for i := range offers {
		offers[i].Variants[0].Price = catalog.Price{List: catalog.VND(50000 + int64(i)*1000)}
		changes = append(changes, priceChanges(offers[i], refs[i])...)
	}
	outcomes, err := b.Channel.Prices.UpdatePrices(b.Context(), changes)
	b.counted("update prices", outcomes, err, len(changes))
	b.wantKind("update prices", outcomes, done...)
	for _, o := range offers {
		b.wantThere(o)
	}
}

func checkManyStock(b *bench) {
	offers := b.simples(beyond(b.Channel.Info.Batch.Stock))
	refs := b.publish(offers...)
	var changes []connectors.StockChange
	for i := range offers {
		offers[i].Variants[0].Quantity = int64(i % 90)
		changes = append(changes, stockChanges(offers[i], refs[i])...)
	}
	outcomes, err := b.Channel.Stock.UpdateStock(b.Context(), changes)
	b.counted("update stock", outcomes, err, len(changes))
	b.wantKind("update stock", outcomes, done...)
	for _, o := range offers {
		b.wantThere(o)
	}
}

func checkSpoiledPublication(b *bench) {
	if b.h.Spoil == nil {
		b.Fatal("connectortest: Harness.Spoil is needed for publish")
	}
	offers := b.simples(3)
	b.h.Spoil(&offers[1])
	var publications []connectors.Publication
	for _, o := range offers {
		publications = append(publications, creation(o))
	}
	outcomes, err := b.Channel.Publisher.Publish(b.Context(), publications)
	b.counted("publish", outcomes, err, 3)
	b.settle()
	if got := outcomes[1]; got.Kind != connectors.Rejected || got.Err == nil && len(got.Issues) == 0 {
		b.Errorf("the refused one: got %s, want rejected with a reason", show(got))
	}
	if found := b.holding(offers[1].Variants[0].SKU); len(found) != 0 {
		b.Errorf("the refused one is in the shop")
	}
	for _, i := range []int{0, 2} {
		if !published(outcomes[i]) {
			b.Errorf("item %d: got %s, want applied", i, show(outcomes[i]))
			continue
		}
		b.wantThere(offers[i])
	}
}

// The second of four was deleted in the shop behind our back; not one in the
// middle, so that answers in the wrong order show.
func (b *bench) withOneDeleted() ([]catalog.Offer, []connectors.ListingRef) {
	offers := b.simples(4)
	refs := b.publish(offers...)
	if err := b.Shop.Delete(offers[1].Variants[0].SKU); err != nil {
		b.Fatalf("delete in the shop: %v", err)
	}
	return offers, refs
}

func checkMissingPrice(b *bench) {
	offers, refs := b.withOneDeleted()
	var changes []connectors.PriceChange
	for i := range offers {
		offers[i].Variants[0].Price = catalog.Price{List: catalog.VND(70000 + int64(i)*1000)}
		changes = append(changes, priceChanges(offers[i], refs[i])...)
	}
	outcomes, err := b.Channel.Prices.UpdatePrices(b.Context(), changes)
	b.wantSecondGone("update prices", offers, outcomes, err)
}

func checkMissingStock(b *bench) {
	offers, refs := b.withOneDeleted()
	var changes []connectors.StockChange
	for i := range offers {
		offers[i].Variants[0].Quantity = 31 + int64(i)
		changes = append(changes, stockChanges(offers[i], refs[i])...)
	}
	outcomes, err := b.Channel.Stock.UpdateStock(b.Context(), changes)
	b.wantSecondGone("update stock", offers, outcomes, err)
}

func (b *bench) wantSecondGone(doing string, offers []catalog.Offer, outcomes []connectors.Outcome, err error) {
	b.Helper()
	b.counted(doing, outcomes, err, 4)
	b.wantKind(doing+" of the deleted one", outcomes[1:2], connectors.Gone)
	for _, i := range []int{0, 2, 3} {
		b.wantKind(doing, outcomes[i:i+1], done...)
		b.wantThere(offers[i])
	}
}

// A platform that says nothing about an item has not said that it worked.
func checkOmitted(b *bench) {
	if b.Channel.Info.Batch.Stock <= 1 {
		return // every item has an answer of its own
	}
	if b.h.Omit == nil {
		b.Fatal("connectortest: Harness.Omit is needed for stock in batches")
	}
	offers := b.simples(3)
	refs := b.publish(offers...)
	var changes []connectors.StockChange
	for i := range offers {
		offers[i].Variants[0].Quantity = 61 + int64(i)
		changes = append(changes, stockChanges(offers[i], refs[i])...)
	}
	b.inject(b.h.StockCall, simulator.Fault{Kind: simulator.FaultEdit, Edit: b.h.Omit})
	outcomes, err := b.Channel.Stock.UpdateStock(b.Context(), changes)
	b.wantFaultUsed()
	b.counted("update stock", outcomes, err, 3)
	b.wantKind("update stock, answered", outcomes[:2], done...)
	b.wantKind("update stock, omitted in the answer", outcomes[2:], connectors.Unknown)
}

func checkEmptyBatch(b *bench) {
	outcomes, err := b.Channel.Publisher.Publish(b.Context(), nil)
	b.counted("publish nothing", outcomes, err, 0)
	if b.Channel.Prices != nil {
		outcomes, err = b.Channel.Prices.UpdatePrices(b.Context(), nil)
		b.counted("update no prices", outcomes, err, 0)
	}
	if b.Channel.Stock != nil {
		outcomes, err = b.Channel.Stock.UpdateStock(b.Context(), nil)
		b.counted("update no stock", outcomes, err, 0)
	}
}

// inject lets requests that match go wrong.
func (b *bench) inject(m Match, f simulator.Fault) {
	f.Method, f.Path = m.Method, m.Path
	b.Server.Inject(f)
}

// wantFaultUsed guards against a check that tests nothing because the
// harness's Match selects no request.
func (b *bench) wantFaultUsed() {
	b.Helper()
	if left := b.Server.Faults(); len(left) > 0 {
		b.Fatalf("connectortest: no request matched %s %s; check the Harness's calls", left[0].Method, left[0].Path)
	}
}
