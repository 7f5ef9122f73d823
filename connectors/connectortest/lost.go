package connectortest

import (
	"fmt"
	"net/http"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func lostChecks() []check {
	return []check{
		{"a publication whose answer is lost never makes two (I2)", []string{"publish", "find"}, checkLostAnswers},
		{"a lost write is unknown, not done and not refused", []string{"publish", "stock"}, checkLostStock},
	}
}

// A publication takes several requests: look the SKUs up, create, add the
// variants, switch on. Each of them in turn goes wrong once, in every way that
// leaves open whether it was carried out. What the connector says must be
// compatible with what is there; a lookup by SKU finds one listing at most, and
// publishing again ends with exactly one, and a right one.
func checkLostAnswers(b *bench) {
	faults := []simulator.Fault{
		{Kind: simulator.FaultDrop},
		{Kind: simulator.FaultRefuse},
		{Kind: simulator.FaultGarbage},
		{Kind: simulator.FaultStatus, Status: http.StatusBadGateway},
	}
	const most = 20 // requests of one publication
	for _, sample := range []func(*bench) catalog.Offer{
		func(b *bench) catalog.Offer { return b.simple(0) },
		func(b *bench) catalog.Offer { return b.variable(1) },
	} {
		for _, fault := range faults {
			for skip := range most {
				b := b.fresh()
				offer := sample(b)
				fault.Skip = skip
				b.Server.Inject(fault)
				used := b.publishThroughFault(fmt.Sprintf("%s, %s at request %d", offer.ProductID, fault.Kind, skip+1), offer)
				b.Server.Close()
				if !used {
					break
				}
			}
		}
	}
}

// publishThroughFault publishes while a fault waits, and again after it. It
// returns false when the publication took too few requests to meet the fault.
func (b *bench) publishThroughFault(doing string, offer catalog.Offer) bool {
	b.Helper()
	outcomes, err := b.Channel.Publisher.Publish(b.Context(), []connectors.Publication{creation(offer)})
	used := len(b.Server.Faults()) == 0
	b.Server.ResetFaults()
	b.settle()
	there := len(b.Shop.Listings())
	switch {
	case err != nil:
		if there > 0 {
			b.Errorf("%s: failed with %q, which means that nothing was sent, but the listing is there", doing, err)
		}
	case len(outcomes) != 1:
		b.Fatalf("%s: got %d outcomes, want 1", doing, len(outcomes))
	case outcomes[0].Kind != connectors.Unknown && !published(outcomes[0]) && there > 0:
		b.Errorf("%s: got %s, but the listing is there", doing, show(outcomes[0]))
	case published(outcomes[0]) && there != 1:
		b.Errorf("%s: got %s, but the shop has %d listings", doing, show(outcomes[0]), there)
	}

	var skus []catalog.SKU
	for _, v := range offer.Variants {
		skus = append(skus, v.SKU)
	}
	found, err := b.Channel.Finder.FindSKUs(b.Context(), skus)
	if err != nil {
		b.Fatalf("%s: find: %v", doing, err)
	}
	if len(found) > 1 {
		b.Fatalf("%s: find gives %d listings, want at most 1", doing, len(found))
	}
	outcomes, err = b.Channel.Publisher.Publish(b.Context(), []connectors.Publication{creation(offer)})
	b.counted(doing+": publish again", outcomes, err, 1)
	if !outcomes[0].Done() && !published(outcomes[0]) {
		b.Fatalf("%s: publish again: got %s, want applied", doing, show(outcomes[0]))
	}
	b.settle()
	if n := len(b.Shop.Listings()); n != 1 {
		b.Fatalf("%s: the shop has %d listings, want 1", doing, n)
	}
	b.wantThere(offer)
	return used
}

// Stock is set, not added, so the client may send it again; when every answer
// is lost it may still have been carried out.
func checkLostStock(b *bench) {
	for _, kind := range []simulator.FaultKind{simulator.FaultDrop, simulator.FaultGarbage} {
		b := b.fresh()
		offer := b.simple(0)
		ref := b.publish(offer)[0]
		offer.Variants[0].Quantity = 8
		b.inject(b.h.StockCall, simulator.Fault{Kind: kind, Times: -1})
		outcomes, err := b.Channel.Stock.UpdateStock(b.Context(), stockChanges(offer, ref))
		b.Server.ResetFaults()
		b.counted("update stock", outcomes, err, 1)
		b.wantKind("update stock, "+string(kind), outcomes, connectors.Unknown)
		b.wantThere(offer)

		outcomes, err = b.Channel.Stock.UpdateStock(b.Context(), stockChanges(offer, ref))
		b.counted("update stock again", outcomes, err, 1)
		b.wantKind("update stock again", outcomes, done...)
		b.wantThere(offer)
		b.Server.Close()
	}
}
