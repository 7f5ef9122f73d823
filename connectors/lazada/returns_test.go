package lazada

import (
	"bytes"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/lazada/lazadatest"
	"github.com/chophien/chophien/connectors/simulator"
)

// I9: only a parcel that has come back to the seller gives pieces back; what a
// buyer returned is a return, and moves no stock until somebody has the goods.
func TestI9OnlyGoodsThatAreBackAreRestocked(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, nil)
	offer := goods(0)
	b.put(offer)
	id, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.sim.SetOrderStatus(id, catalog.OrderShipped); err != nil {
		t.Fatal(err)
	}
	for raw, err := range b.Orders.Orders(t.Context(), time.Now().Add(-time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		for status, want := range map[string]struct {
			restocked int64
			returns   int
			status    catalog.OrderStatus
		}{
			"shipped":       {0, 0, catalog.OrderShipped},
			"shipped_back":  {0, 0, catalog.OrderOther},
			"returned":      {0, 1, catalog.OrderRefunded},
			shippedBack:     {2, 1, catalog.OrderRefunded},
			"lost_by_3pl":   {0, 0, catalog.OrderOther},
			"shipped_weird": {0, 0, catalog.OrderOther},
		} {
			order, _, err := b.Orders.Interpret(bytes.ReplaceAll(raw.Raw, []byte(`"shipped"`), []byte(`"`+status+`"`)))
			if err != nil {
				t.Fatal(err)
			}
			if got := order.Lines[0].Restocked; got != want.restocked || (len(order.Returns) > 0) != (want.returns > 0) || order.Status != want.status {
				t.Errorf("%s: %d of %d restocked, returns %+v, order %s", status, got, order.Lines[0].Quantity, order.Returns, order.Status)
			}
		}
	}
}
