package connectortest

import (
	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

func stopChecks() []check {
	return []check{
		{"stopped and resumed, a listing is as before", []string{"publish", "stop"}, checkStopResume},
		{"stop of a missing listing is gone", []string{"publish", "stop"}, checkStopMissing},
		{"a write to a listing deleted there is gone", []string{"publish"}, checkPublishMissing},
		{"delete removes for good", []string{"publish", "delete"}, checkDelete},
	}
}

func checkStopResume(b *bench) {
	for _, offer := range []catalog.Offer{b.simple(0), b.variable(1)} {
		refs := b.publish(offer)
		steps := []struct {
			name string
			do   func() ([]connectors.Outcome, error)
			then catalog.State
		}{
			{"stop", func() ([]connectors.Outcome, error) { return b.Channel.Stopper.Stop(b.Context(), refs) }, catalog.StateStopped},
			{"stop again", func() ([]connectors.Outcome, error) { return b.Channel.Stopper.Stop(b.Context(), refs) }, catalog.StateStopped},
			{"resume", func() ([]connectors.Outcome, error) { return b.Channel.Stopper.Resume(b.Context(), refs) }, catalog.StateLive},
			{"resume again", func() ([]connectors.Outcome, error) { return b.Channel.Stopper.Resume(b.Context(), refs) }, catalog.StateLive},
		}
		for _, step := range steps {
			outcomes, err := step.do()
			b.counted(step.name, outcomes, err, 1)
			// A connector that cannot tell whether anything changed may say
			// applied twice, and resuming may lead through a review.
			if !outcomes[0].Done() && !published(outcomes[0]) {
				b.Errorf("%s %s: got %s, want applied or unchanged", step.name, offer.ProductID, show(outcomes[0]))
			}
			b.settle()
			offer.State = step.then
			b.wantThere(offer)
		}
	}
}

func checkStopMissing(b *bench) {
	offers, refs := b.withOneDeleted()
	outcomes, err := b.Channel.Stopper.Stop(b.Context(), refs)
	b.counted("stop", outcomes, err, 4)
	b.wantKind("stop of the deleted one", outcomes[1:2], connectors.Gone)
	for _, i := range []int{0, 2, 3} {
		b.wantKind("stop", outcomes[i:i+1], done...)
		offers[i].State = catalog.StateStopped
		b.wantThere(offers[i])
	}
	outcomes, err = b.Channel.Stopper.Resume(b.Context(), refs[1:2])
	b.counted("resume", outcomes, err, 1)
	b.wantKind("resume of the deleted one", outcomes, connectors.Gone)
}

// A content update of a deleted listing must not bring back a second one.
func checkPublishMissing(b *bench) {
	offers, refs := b.withOneDeleted()
	outcomes, err := b.Channel.Publisher.Publish(b.Context(), []connectors.Publication{
		write(offers[1], refs[1], catalog.FacetContent),
	})
	b.counted("publish", outcomes, err, 1)
	b.wantKind("publish to the deleted one", outcomes, connectors.Gone)
	if found := b.holding(offers[1].Variants[0].SKU); len(found) != 0 {
		b.Errorf("the deleted listing is back")
	}
}

func checkDelete(b *bench) {
	offers := b.simples(2)
	refs := b.publish(offers...)
	outcomes, err := b.Channel.Deleter.Delete(b.Context(), refs[:1])
	b.counted("delete", outcomes, err, 1)
	b.wantKind("delete", outcomes, connectors.Applied)
	if found := b.holding(offers[0].Variants[0].SKU); len(found) != 0 {
		b.Errorf("the deleted listing is still there")
	}
	b.wantThere(offers[1])
	outcomes, err = b.Channel.Deleter.Delete(b.Context(), refs[:1])
	b.counted("delete again", outcomes, err, 1)
	b.wantKind("delete again", outcomes, connectors.Gone, connectors.Unchanged)
}
