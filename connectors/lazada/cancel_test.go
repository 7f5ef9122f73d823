package lazada

import (
	"net/http"
	"testing"
	"time"

	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/lazada/lazadatest"
	"github.com/chophien/chophien/connectors/simulator"
)

// A buyer may ask for rows one by one: all of them are answered. When only the
// first answer gets through, the next try answers the rest.
func TestWishesByRow(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]bool{"all at once": false, "the second fails": true} {
		t.Run(name, func(t *testing.T) {
			b := openBench(t, lazadatest.Options{}, nil)
			offer := goods(0)
			b.put(offer)
			id, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 4}}})
			if err != nil {
				t.Fatal(err)
			}
			for row := range 2 {
				if _, err := b.sim.AskToCancelRow(id, row); err != nil {
					t.Fatal(err)
				}
			}
			want := []connectors.OutcomeKind{connectors.Applied, connectors.Unchanged}
			if fail {
				b.sim.Inject(simulator.Fault{Path: "/seller/decide", Kind: simulator.FaultStatus, Status: http.StatusBadGateway, Skip: 1, Times: -1})
				want = []connectors.OutcomeKind{connectors.Unknown, connectors.Applied, connectors.Unchanged}
			}
			for i, kind := range want {
				outcome, err := b.Canceller.AnswerCancel(t.Context(), id, true)
				if err != nil || outcome.Kind != kind {
					t.Errorf("answer %d: got %s %v, %v; want %s", i+1, outcome.Kind, outcome.Err, err, kind)
				}
				b.sim.ResetFaults()
			}
			for raw, err := range b.Orders.Orders(t.Context(), time.Now().Add(-time.Hour)) {
				if err != nil {
					t.Fatal(err)
				}
				if o, _, err := b.Orders.Interpret(raw.Raw); err != nil || o.CancelRequested || o.Lines[0].Quantity != 4 || o.Lines[0].Restocked != 2 {
					t.Errorf("got %+v, %v; want 2 of 4 pieces back", o.Lines, err)
				}
			}
		})
	}
}
