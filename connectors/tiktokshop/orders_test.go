package tiktokshop

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/tiktokshop/tiktokshoptest"
)

func sample(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/order.json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestInterpret(t *testing.T) {
	t.Parallel()
	order, buyer, err := testShop().Interpret(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	want := catalog.Order{
		ExternalID: "576461413038785001", Number: "576461413038785001", Status: catalog.OrderToShip, PlatformStatus: "AWAITING_SHIPMENT",
		PlacedAt: time.Unix(1767180000, 0).UTC(), UpdatedAt: time.Unix(1767183700, 0).UTC(),
		Lines: []catalog.OrderLine{{
			ID: "1729400000000000101", ExternalID: "1729400000000000101", SKU: "MHO-MATONG-500", Quantity: 2, Total: catalog.VND(350000),
			Name: "Mật ong rừng Mường Hoa nguyên chất 500g lọ thuỷ tinh, 500g",
		}},
		Total: catalog.VND(365000), Adjustment: catalog.VND(15000),
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(catalog.Buyer{Name: "N*** m*** t**", Phone: "(+84)*******12", Address: "Việt Nam, Hà Nội, Ba Đình, ***"}, buyer); diff != "" {
		t.Errorf("buyer (-want +got):\n%s", diff)
	}
}

// edited is the sample with other values.
func edited(t *testing.T, edit func(o map[string]any, lines []map[string]any)) []byte {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(sample(t), &o); err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for _, l := range o["line_items"].([]any) {
		lines = append(lines, l.(map[string]any))
	}
	edit(o, lines)
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestInterpretOthers(t *testing.T) {
	t.Parallel()
	s := testShop()
	for word, want := range map[string]catalog.OrderStatus{
		"UNPAID": catalog.OrderAwaitingPayment, "ON_HOLD": catalog.OrderAwaitingPayment, "AWAITING_SHIPMENT": catalog.OrderToShip,
		"PARTIALLY_SHIPPING": catalog.OrderToShip, "AWAITING_COLLECTION": catalog.OrderToShip, "IN_TRANSIT": catalog.OrderShipped,
		"DELIVERED": catalog.OrderShipped, "COMPLETED": catalog.OrderCompleted, "CANCELLED": catalog.OrderCancelled, "CANCEL": catalog.OrderCancelled,
		"": catalog.OrderOther, "MOI": catalog.OrderOther,
	} {
		o, _, err := s.Interpret(edited(t, func(o map[string]any, _ []map[string]any) { o["status"] = word }))
		if err != nil || o.Status != want || o.PlatformStatus == "" {
			t.Errorf("%q: got %s (%s), %v; want %s", word, o.Status, o.PlatformStatus, err, want)
		}
	}
	// A gift is a line of its own; a piece that was cancelled is back in stock.
	o, _, err := s.Interpret(edited(t, func(_ map[string]any, lines []map[string]any) {
		lines[0]["is_gift"], lines[0]["sale_price"] = true, "0"
		lines[1]["display_status"] = "CANCELLED"
	}))
	if err != nil || len(o.Lines) != 2 || o.Lines[0].ID == o.Lines[1].ID || o.Lines[0].Restocked != 0 || o.Lines[1].Restocked != 1 || o.Adjustment != catalog.VND(190000) {
		t.Errorf("gift and cancelled piece: got %+v, %v", o.Lines, err)
	}
	o, _, err = s.Interpret(edited(t, func(o map[string]any, lines []map[string]any) {
		o["status"] = "IN_TRANSIT"
		lines[0]["package_status"], lines[0]["tracking_number"], lines[0]["shipping_provider_name"], lines[0]["rts_time"] = "FULFILLING", "VN1", "J&T Express", 1767200000
		lines[1]["package_status"] = "FULFILLING"
	}))
	want := []catalog.Fulfillment{{ID: "1153132168123879001", Carrier: "J&T Express", TrackingNumber: "VN1", Lines: []string{"1729400000000000101"}, ShippedAt: time.Unix(1767200000, 0).UTC()}}
	if diff := cmp.Diff(want, o.Fulfillments); diff != "" || err != nil {
		t.Errorf("fulfillments: %v (-want +got):\n%s", err, diff)
	}
	for name, raw := range map[string][]byte{
		"total": edited(t, func(o map[string]any, _ []map[string]any) {
			o["payment"].(map[string]any)["total_amount"] = "N*** m*** t**"
		}),
		"price":    edited(t, func(_ map[string]any, lines []map[string]any) { lines[0]["sale_price"] = "N*** m*** t**" }),
		"currency": edited(t, func(_ map[string]any, lines []map[string]any) { lines[0]["currency"] = "USD" }),
	} {
		if _, _, err := s.Interpret(raw); err == nil || strings.Contains(err.Error(), "N***") {
			t.Errorf("broken %s: got %v", name, err)
		}
	}
}

// Orders that change while they are read are not skipped: each page is asked
// for by time, not by place.
func TestOrdersWhileTheyChange(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, func(o *Options) { o.PageSize = 3 })
	offer := onShop(goods(0))
	b.listed(offer)
	begin := time.Now().Add(-time.Hour).Truncate(time.Second)
	var ids []catalog.ExternalID
	for i := range 9 {
		id, err := b.sim.Order(simulator.OrderRequest{At: begin.Add(time.Duration(i) * time.Minute), Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	seen := map[catalog.ExternalID]int{}
	for raw, err := range b.channel.Orders.Orders(t.Context(), begin) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[raw.ExternalID]++; len(seen) == 1 {
			for _, id := range ids[:2] {
				if err := b.sim.SetOrderStatus(id, catalog.OrderCancelled); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for i, id := range ids {
		if seen[id] == 0 {
			t.Errorf("order %d is missing", i)
		}
	}
}

// A list that is not sorted as asked is no list.
func TestUnsortedOrders(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	for _, body := range []string{
		`{"code":0,"data":{"orders":[{"id":"1","update_time":1900000000},{"id":"2","update_time":1800000000}]}}`,
		`{"code":0,"data":{"orders":[{"id":"1","update_time":1}]}}`,
		`{"code":0,"data":{"orders":[],"next_page_token":"x"}}`,
	} {
		b.sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 200, Path: pathOrders, Body: body})
		failed := false
		for _, err := range b.channel.Orders.Orders(t.Context(), time.Unix(1767225600, 0)) {
			failed = failed || err != nil
		}
		if !failed {
			t.Errorf("%s: no error", body)
		}
	}
}

func TestShipOwnParcels(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{SellerShipping: true}, nil)
	offer := onShop(goods(0))
	b.listed(offer)
	order := func(status string) catalog.ExternalID {
		id, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}})
		if err == nil && status != "" {
			err = b.sim.SetPlatformStatus(id, status)
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	ship := func(id catalog.ExternalID, f catalog.Fulfillment) connectors.Outcome {
		t.Helper()
		outcome, err := b.channel.Shipper.Ship(t.Context(), connectors.Shipment{Order: id, Fulfillment: f})
		if err != nil {
			t.Fatal(err)
		}
		return outcome
	}
	good := catalog.Fulfillment{Carrier: "viettel post", TrackingNumber: "VTP1"}
	for name, tt := range map[string]struct {
		status string
		f      catalog.Fulfillment
		kind   connectors.OutcomeKind
		issue  string
	}{
		"known carrier":   {"", good, connectors.Applied, ""},
		"unknown carrier": {"", catalog.Fulfillment{Carrier: "Xe ôm", TrackingNumber: "1"}, connectors.Rejected, "carrier_unknown"},
		"no number":       {"", catalog.Fulfillment{Carrier: "viettel post"}, connectors.Rejected, "tracking_missing"},
		"not paid":        {"UNPAID", good, connectors.Deferred, "order_on_hold"},
		"on hold":         {"ON_HOLD", good, connectors.Deferred, "order_on_hold"},
		"cancelled":       {"CANCELLED", good, connectors.Conflict, "order_closed"},
		"delivered":       {"DELIVERED", good, connectors.Unchanged, ""},
	} {
		outcome := ship(order(tt.status), tt.f)
		if outcome.Kind != tt.kind || tt.issue != "" && !hasIssue(outcome.Issues, tt.issue) {
			t.Errorf("%s: got %s, %v, %+v", name, outcome.Kind, outcome.Err, outcome.Issues)
		}
	}
	// The tracking number comes back with the order.
	id := order("")
	ship(id, good)
	for raw, err := range b.channel.Orders.Orders(t.Context(), time.Now().Add(-time.Minute)) {
		if err != nil {
			t.Fatal(err)
		}
		if raw.ExternalID != id {
			continue
		}
		o, _, err := b.channel.Orders.Interpret(raw.Raw)
		if err != nil || len(o.Fulfillments) != 1 || o.Fulfillments[0].TrackingNumber != "VTP1" || o.Status != catalog.OrderShipped {
			t.Errorf("shipped: got %s, %+v, %v", o.Status, o.Fulfillments, err)
		}
	}
	// An answer that is lost is not sent again, and not taken for done.
	id = order("")
	b.sim.ResetRequests()
	b.sim.Inject(simulator.Fault{Kind: simulator.FaultDrop, Path: pathShip})
	if outcome := ship(id, good); outcome.Kind != connectors.Unknown || b.calls("POST", pathShip) != 1 {
		t.Errorf("lost: got %s, %d calls", outcome.Kind, b.calls("POST", pathShip))
	}
	if outcome := ship(id, good); outcome.Kind != connectors.Unchanged {
		t.Errorf("after it: got %s", outcome.Kind)
	}
}

func TestHandover(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"drop_off", "pickup"} {
		b := openBench(t, tiktokshoptest.Options{}, func(o *Options) { o.Handover = method })
		offer := onShop(goods(0))
		b.listed(offer)
		id, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		outcome, err := b.channel.Shipper.Ship(t.Context(), connectors.Shipment{Order: id})
		if err != nil || outcome.Kind != connectors.Applied {
			t.Errorf("%s: got %s, %v, %+v", method, outcome.Kind, err, outcome.Issues)
		}
	}
}

// An order does not change with its returns, and shows them all the same: those
// under way in its status, those that ended with a refund as such.
func TestReturnsOfOrders(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := openBench(t, tiktokshoptest.Options{Now: func() time.Time { return now }}, nil)
	offer := onShop(goods(0))
	b.listed(offer)
	id, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.sim.SetPlatformStatus(id, "DELIVERED"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	since := now
	read := func(since time.Time) []catalog.Order {
		t.Helper()
		var orders []catalog.Order
		for raw, err := range b.channel.Orders.Orders(t.Context(), since) {
			if err != nil {
				t.Fatal(err)
			}
			o, _, err := b.channel.Orders.Interpret(raw.Raw)
			if err != nil || !o.UpdatedAt.Equal(raw.UpdatedAt) {
				t.Fatalf("interpret: %v; %s, read %s", err, o.UpdatedAt, raw.UpdatedAt)
			}
			orders = append(orders, o)
		}
		return orders
	}
	if got := read(since); len(got) != 0 {
		t.Fatalf("nothing has changed: got %+v", got)
	}
	var returns []string
	for range 2 {
		x, err := b.sim.AskToReturn(id, 2, true)
		if err != nil {
			t.Fatal(err)
		}
		returns = append(returns, x)
	}
	got := read(since)
	if len(got) != 1 || len(got[0].Returns) != 0 || !strings.Contains(got[0].PlatformStatus, "REQUEST_PENDING") || got[0].Status != catalog.OrderShipped {
		t.Fatalf("asked for: got %+v", got)
	}
	now = now.Add(time.Minute)
	if err := b.sim.EndReturn(returns[0], true); err != nil {
		t.Fatal(err)
	}
	if err := b.sim.EndReturn(returns[1], false); err != nil {
		t.Fatal(err)
	}
	for _, from := range []time.Time{since, since.Add(-time.Hour)} {
		got = read(from)
		if len(got) != 1 || len(got[0].Returns) != 1 || got[0].PlatformStatus != "DELIVERED" {
			t.Fatalf("ended: got %+v", got)
		}
		price := offer.Variants[0].Price.List.Amount
		want := catalog.Return{ID: returns[0], Lines: []string{got[0].Lines[0].ID}, Refunded: catalog.VND(2 * price), Reason: "Không như mô tả", At: now.Truncate(time.Second).UTC()}
		if diff := cmp.Diff(want, got[0].Returns[0]); diff != "" {
			t.Errorf("return (-want +got):\n%s", diff)
		}
	}
}

// A shop that did not grant returns still has its orders read.
func TestReturnsNotGranted(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{Scopes: []string{"seller.order.info", "seller.product.basic", "seller.product.write", "seller.logistics", "seller.promotion.basic"}}, nil)
	offer := onShop(goods(0))
	b.listed(offer)
	if _, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}, Status: catalog.OrderCompleted}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range b.channel.Orders.Orders(t.Context(), time.Now().Add(-time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 || b.calls("GET", "/token/refresh") != 0 {
		t.Errorf("read %d orders, want 1; %d tokens were replaced, want 0", n, b.calls("GET", "/token/refresh"))
	}
}

// A buyer who wants to cancel is answered by a person before anything is sent.
func TestBuyerWantsToCancel(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	offer := onShop(goods(0))
	b.listed(offer)
	id, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.sim.AskToCancel(id); err != nil {
		t.Fatal(err)
	}
	for raw, err := range b.channel.Orders.Orders(t.Context(), time.Now().Add(-time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		if o, _, err := b.channel.Orders.Interpret(raw.Raw); err != nil || o.Status != catalog.OrderToShip || !o.CancelRequested || !strings.HasSuffix(o.PlatformStatus, cancelAsked) {
			t.Errorf("got %s, %s, %v", o.Status, o.PlatformStatus, err)
		}
	}
	outcome, err := b.channel.Shipper.Ship(t.Context(), connectors.Shipment{Order: id})
	if err != nil || outcome.Kind != connectors.Conflict || !hasIssue(outcome.Issues, "cancel_requested") {
		t.Errorf("ship: got %s, %v", outcome.Kind, err)
	}
	if n := b.calls("POST", pathShip); n != 0 {
		t.Errorf("%d calls to ship", n)
	}
}
