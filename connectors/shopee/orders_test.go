package shopee

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

// Orders of more than 15 days ago need several windows.
func TestOrderWindows(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{TrackingPolls: 1}, nil)
	offer := r.offer(0)
	r.publish(offer)
	now := time.Now().Truncate(time.Second)
	want := map[catalog.ExternalID]bool{}
	for _, days := range []int{0, 14, 15, 16, 30, 44, 45} {
		id, err := r.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}, At: now.AddDate(0, 0, -days), Oversell: true})
		if err != nil {
			t.Fatal(err)
		}
		want[id] = true
	}
	read := func(since time.Time) map[catalog.ExternalID]connectors.RawOrder {
		t.Helper()
		got := map[catalog.ExternalID]connectors.RawOrder{}
		for o, err := range r.Orders.Orders(t.Context(), since) {
			if err != nil {
				t.Fatal(err)
			}
			got[o.ExternalID] = o
		}
		return got
	}
	r.sim.ResetRequests()
	if got := read(now.AddDate(0, 0, -45)); len(got) != len(want) {
		t.Errorf("got %d orders, want %d", len(got), len(want))
	}
	if n := r.calls("get_order_list"); n < 4 || n > 8 {
		t.Errorf("%d lists, want one for each window and page", n)
	}
	if got := read(time.Time{}); len(got) != len(want) {
		t.Errorf("since ever: got %d orders, want %d", len(got), len(want))
	}
	if got := read(now.Add(time.Hour)); len(got) != 0 {
		t.Errorf("since a time to come: got %d orders", len(got))
	}
	// A parcel that is arranged has its number only later, which is no error.
	var first catalog.ExternalID
	for id := range want {
		first = id
		break
	}
	if _, err := r.Shipper.Ship(t.Context(), connectors.Shipment{Order: first}); err != nil {
		t.Fatal(err)
	}
	for i, number := range []bool{false, true} {
		o, _, err := r.Orders.Interpret(read(now.Add(-time.Minute))[first].Raw)
		if err != nil || o.PlatformStatus != "PROCESSED" || len(o.Fulfillments) != 1 || (o.Fulfillments[0].TrackingNumber != "") != number {
			t.Errorf("look %d: got %+v, %v", i+1, o.Fulfillments, err)
		}
	}
}

// A return that changes is a reason to read its order again, whatever the
// order's own time; one whose order is not there any more blocks nothing.
func TestReturns(t *testing.T) {
	t.Parallel()
	var late atomic.Int64 // seconds that the shop's clock is behind
	r := newRig(t, shopeetest.Options{Now: func() time.Time { return time.Now().Add(-time.Duration(late.Load()) * time.Second) }}, nil)
	offer := r.offer(0)
	r.publish(offer)
	late.Store(240)
	id, err := r.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}})
	if err == nil {
		err = r.sim.SetOrderStatus(id, catalog.OrderCompleted)
	}
	if err != nil {
		t.Fatal(err)
	}
	back, err := r.sim.Return(id, 0)
	if err != nil {
		t.Fatal(err)
	}
	late.Store(0)
	read := func() (orders []catalog.Order) {
		t.Helper()
		for raw, err := range r.Orders.Orders(t.Context(), time.Now().Add(-2*time.Minute)) {
			if err != nil {
				t.Fatal(err)
			}
			o, _, err := r.Orders.Interpret(raw.Raw)
			if err != nil {
				t.Fatal(err)
			}
			orders = append(orders, o)
		}
		return orders
	}
	if got := read(); len(got) != 0 {
		t.Errorf("before it changed: %+v", got)
	}
	if err := r.sim.AcceptReturn(back); err != nil {
		t.Fatal(err)
	}
	if got := read(); len(got) != 1 || got[0].ExternalID != id || got[0].PlatformStatus != "TO_RETURN" || len(got[0].Returns) != 1 {
		t.Errorf("accepted: %+v", got)
	}
	// Pages that are counted from 1, apps that may not ask, archived orders.
	for name, test := range map[string]struct {
		path, body string
		times      int
		want       int
	}{
		"the first page is 1":   {"get_return_list", `{"error":"error_param","message":"page_no"}`, 1, 0},
		"not for this app":      {"get_return_list", `{"error":"error_api_permission","message":"x"}`, -1, 0},
		"the order is archived": {"get_order_detail", `{"error":"error_not_found","message":"x"}`, -1, 0},
	} {
		r.sim.Inject(simulator.Fault{Path: test.path, Kind: simulator.FaultStatus, Status: http.StatusOK, Body: test.body, Times: test.times})
		if got := read(); len(got) != test.want {
			t.Errorf("%s: %+v", name, got)
		}
		r.sim.ResetFaults()
	}
	r.sim.Inject(simulator.Fault{Path: "get_return_list", Times: -1, Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		return bytes.Replace(answer, []byte(`"more":false`), []byte(`"more":true`), 1)
	}})
	failed := false
	for _, err := range r.Orders.Orders(t.Context(), time.Now().Add(-2*time.Minute)) {
		failed = failed || err != nil
	}
	if !failed {
		t.Error("a list of returns without end is no error")
	}
}

func TestShipSplit(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"pickup", "dropoff"} {
		r := newRig(t, shopeetest.Options{}, func(o *Options) { o.ShipBy = way })
		simple, tea := r.offer(0), r.offer(1)
		r.publish(simple, tea)
		id, err := r.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: simple.Variants[0].SKU, Quantity: 1}, {SKU: tea.Variants[0].SKU, Quantity: 1}}})
		if err == nil {
			err = r.sim.Split(string(id))
		}
		if err != nil {
			t.Fatal(err)
		}
		// The second parcel fails the first time.
		r.sim.Inject(simulator.Fault{Path: "logistics/ship_order", Skip: 1, Kind: simulator.FaultStatus, Status: 200, Body: `{"error":"logistics.no_available_time_slot","message":"x"}`})
		for _, want := range []connectors.OutcomeKind{connectors.Rejected, connectors.Applied, connectors.Unchanged} {
			o, err := r.Shipper.Ship(t.Context(), connectors.Shipment{Order: id})
			if err != nil || o.Kind != want {
				t.Errorf("%s: got %s, %v, %v; want %s", way, o.Kind, o.Err, err, want)
			}
		}
		unpaid, err := r.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: simple.Variants[0].SKU, Quantity: 1}}, Status: catalog.OrderAwaitingPayment})
		if err != nil {
			t.Fatal(err)
		}
		if o, err := r.Shipper.Ship(t.Context(), connectors.Shipment{Order: unpaid}); err != nil || o.Kind != connectors.Conflict {
			t.Errorf("%s: an unpaid order: got %s, %v", way, o.Kind, err)
		}
	}
}

// Waybills are waited for; why there is none is told by the row, whatever the
// call as a whole says.
func TestWaybills(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{DocumentPolls: 1}, nil)
	simple, tea := r.offer(0), r.offer(1)
	r.publish(simple, tea)
	id, err := r.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: simple.Variants[0].SKU, Quantity: 1}, {SKU: tea.Variants[0].SKU, Quantity: 1}}})
	if err == nil {
		err = r.sim.Split(string(id))
	}
	if err == nil {
		_, err = r.Shipper.Ship(t.Context(), connectors.Shipment{Order: id})
	}
	if err != nil {
		t.Fatal(err)
	}
	papers, err := r.Documents.Documents(t.Context(), id)
	if err != nil || len(papers) != 2 || papers[0].Name == papers[1].Name {
		t.Fatalf("a split order: %d papers, %v", len(papers), err)
	}
	for body, kind := range map[string]connectors.Kind{
		`{"error":"common.batch_api_all_failed","message":"x","response":{"result_list":[{"fail_error":"logistics.package_can_not_print","fail_message":"x"}]}}`: connectors.Clash,
		`{"error":"common.batch_api_all_failed","message":"x","response":{"result_list":[{"fail_error":"logistics.odd_reason","fail_message":"x"}]}}`:            connectors.Clash,
		`{"error":"","response":{"result_list":[]}}`: connectors.Transient,
	} {
		r.sim.Inject(simulator.Fault{Path: "create_shipping_document", Kind: simulator.FaultStatus, Status: http.StatusOK, Body: body})
		if _, err := r.Documents.Documents(t.Context(), id); connectors.KindOf(err) != kind {
			t.Errorf("%s: got %v, want %s", body, err, kind)
		}
	}
	r.sim.Inject(simulator.Fault{Path: "download_shipping_document", Times: -1, Kind: simulator.FaultStatus, Status: http.StatusOK, Body: `{"error":"logistics.download_later","message":"x"}`})
	if _, err := r.Documents.Documents(t.Context(), id); connectors.KindOf(err) != connectors.Transient {
		t.Errorf("too early: %v", err)
	}
}

// Parcels go out in the way that the carrier takes, whatever the option wishes.
func TestWaysToShip(t *testing.T) {
	t.Parallel()
	for way, tracking := range map[string]string{"dropoff": "", "non_integrated": "VN123"} {
		r := newRig(t, shopeetest.Options{ShipBy: way}, nil)
		offer := r.offer(0)
		r.publish(offer)
		id, err := r.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		ship := func(number string) connectors.OutcomeKind {
			t.Helper()
			outcome, err := r.Shipper.Ship(t.Context(), connectors.Shipment{Order: id, Fulfillment: catalog.Fulfillment{TrackingNumber: number}})
			if err != nil {
				t.Fatal(err)
			}
			return outcome.Kind
		}
		if tracking != "" {
			if got := ship(""); got != connectors.Rejected {
				t.Errorf("%s without a number: got %s", way, got)
			}
		}
		if got := ship(tracking); got != connectors.Applied {
			t.Errorf("%s: got %s", way, got)
		}
		if got := ship(tracking); got != connectors.Unchanged {
			t.Errorf("%s again: got %s", way, got)
		}
	}
}
