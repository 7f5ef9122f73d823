package connectortest

import (
	"net/http"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func cancelChecks() []check {
	needs := []string{"publish", "orders", "cancel"}
	return []check{
		{"a buyer's wish to cancel is answered once", needs, checkCancelAnswers},
		{"a lost answer to a wish to cancel is unknown, then found", needs, checkLostCancel},
	}
}

// wish places an order whose buyer then wants to cancel.
func (b *bench) wish(sku catalog.SKU) catalog.ExternalID {
	b.Helper()
	asker, ok := b.Shop.(simulator.CancelAsker)
	if !ok {
		b.Fatal("connectortest: for cancel the simulator must be a simulator.CancelAsker")
	}
	id := b.order(daysAgo(1), simulator.OrderLine{SKU: sku, Quantity: 1})
	if err := asker.AskToCancel(id); err != nil {
		b.Fatalf("ask to cancel in the shop: %v", err)
	}
	return id
}

// wantOrderStatus requires that an order really is as its answer left it.
func (b *bench) wantOrderStatus(id catalog.ExternalID, want catalog.OrderStatus) {
	b.Helper()
	for _, truth := range b.Shop.Orders() {
		if truth.ExternalID == id && truth.Status != want {
			b.Errorf("order %s is %s in the shop, want %s", id, truth.Status, want)
		}
	}
}

func checkCancelAnswers(b *bench) {
	simple, _ := b.shelf()
	sku := simple.Variants[0].SKU
	plain := b.order(daysAgo(1), simulator.OrderLine{SKU: sku, Quantity: 1})
	kept, dropped := b.wish(sku), b.wish(sku)
	read := b.orders(daysAgo(2))
	for id, asked := range map[catalog.ExternalID]bool{plain: false, kept: true, dropped: true} {
		if order, _, err := b.Channel.Orders.Interpret(read[id].Raw); err != nil || order.CancelRequested != asked {
			b.Errorf("order %s: cancel requested %t, %v; want %t", id, order.CancelRequested, err, asked)
		}
	}
	for i, step := range []struct {
		order  catalog.ExternalID
		accept bool
		want   connectors.OutcomeKind
	}{
		{plain, true, connectors.Conflict}, {plain, false, connectors.Conflict},
		{plain + "9999", true, connectors.Gone}, {plain + "9999", false, connectors.Gone},
		{kept, false, connectors.Applied}, {kept, false, connectors.Unchanged}, {kept, true, connectors.Conflict},
		{dropped, true, connectors.Applied}, {dropped, true, connectors.Unchanged}, {dropped, false, connectors.Conflict},
	} {
		outcome, err := b.Channel.Canceller.AnswerCancel(b.Context(), step.order, step.accept)
		if err != nil || outcome.Kind != step.want {
			b.Errorf("answer %d, order %s, accept %t: got %s, %v; want %s", i+1, step.order, step.accept, show(outcome), err, step.want)
		}
		b.wantSilent(err)
		b.wantSilent(outcome.Err)
	}
	b.wantOrderStatus(plain, catalog.OrderToShip)
	read = b.orders(daysAgo(2))
	for id, want := range map[catalog.ExternalID]catalog.OrderStatus{kept: catalog.OrderToShip, dropped: catalog.OrderCancelled} {
		b.wantOrderStatus(id, want)
		order, _, err := b.Channel.Orders.Interpret(read[id].Raw)
		if err != nil || order.Status != want || order.CancelRequested {
			b.Errorf("order %s: read %s, cancel requested %t, %v; want %s and no open wish", id, order.Status, order.CancelRequested, err, want)
		}
	}
}

// Each request of an answer in turn goes wrong once. What the connector says
// must fit what is there; the same answer again ends as if nothing had failed.
func checkLostCancel(b *bench) {
	simple, _ := b.shelf()
	for _, fault := range []simulator.Fault{{Kind: simulator.FaultDrop}, {Kind: simulator.FaultGarbage}, {Kind: simulator.FaultStatus, Status: http.StatusBadGateway}} {
		for accept, status := range map[bool]catalog.OrderStatus{true: catalog.OrderCancelled, false: catalog.OrderToShip} {
			const most = 10 // requests of one answer
			for skip := range most {
				id := b.wish(simple.Variants[0].SKU)
				fault.Skip = skip
				b.Server.Inject(fault)
				outcome, err := b.Channel.Canceller.AnswerCancel(b.Context(), id, accept)
				used := len(b.Server.Faults()) == 0
				b.Server.ResetFaults()
				if err == nil && outcome.Kind != connectors.Applied && outcome.Kind != connectors.Unknown && outcome.Kind != connectors.Deferred {
					b.Errorf("%s at request %d, accept %t: got %s", fault.Kind, skip+1, accept, show(outcome))
				}
				if outcome.Kind == connectors.Applied {
					b.wantOrderStatus(id, status)
				}
				outcome, err = b.Channel.Canceller.AnswerCancel(b.Context(), id, accept)
				if err != nil || !outcome.Done() {
					b.Errorf("%s at request %d, accept %t, again: got %s, %v", fault.Kind, skip+1, accept, show(outcome), err)
				}
				b.wantOrderStatus(id, status)
				if !used {
					break
				}
			}
		}
	}
}
