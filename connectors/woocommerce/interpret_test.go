package woocommerce

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
)

func TestInterpret(t *testing.T) {
	t.Parallel()
	order := func(change map[string]any) []byte {
		o := map[string]any{
			"id": 71, "number": "1071", "status": "processing", "currency": "VND",
			"date_created_gmt": "2026-11-23T12:30:00", "date_modified_gmt": "2026-11-23T12:31:40",
			"total": "452700", "total_tax": "32700", "customer_note": "Giao giờ hành chính",
			"billing":  map[string]any{"first_name": "Người mua", "last_name": "Thử", "phone": "0900000000", "email": "thu@example.test"},
			"shipping": map[string]any{"first_name": "Người nhận", "last_name": "Thử", "address_1": "1 Phố Thử", "city": "Bắc Kạn", "country": "VN"},
			"line_items": []any{
				map[string]any{"id": 5, "name": "Mật ong &amp; sáp", "product_id": 11, "variation_id": 0, "sku": "MO-500", "quantity": 2, "total": "370000", "total_tax": "29600", "price": 185000.0},
				map[string]any{"id": 6, "name": "Chè", "product_id": 20, "variation_id": 21, "sku": "CHE-100", "quantity": 1, "total": "20000.4", "total_tax": "1600"},
				map[string]any{"id": 7, "name": "Đã xóa", "product_id": 0, "variation_id": 0, "sku": "", "quantity": 1, "total": "0", "total_tax": "0"},
			},
		}
		for name, value := range change {
			o[name] = value
		}
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	raw := func(order []byte, refunds string) []byte {
		text, err := json.Marshal(document{Order: order, Refunds: json.RawMessage(refunds)})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	s := closed(Options{})
	got, buyer, err := s.Interpret(raw(order(nil), `[{"id":90,"date_created_gmt":"2026-11-24T01:00:00","amount":"215400","reason":"Người mua Thử trả","line_items":[
		{"id":8,"product_id":11,"variation_id":0,"quantity":-1,"total":"-185000","meta_data":[{"key":"_refunded_item_id","value":"5"}]},
		{"id":9,"product_id":20,"variation_id":21,"quantity":-1,"total":"-20000"},
		{"id":10,"product_id":20,"variation_id":21,"quantity":0,"total":"-1"}]}]`))
	if err != nil {
		t.Fatal(err)
	}
	want := catalog.Order{
		Channel: "vn-test", ExternalID: "71", Number: "1071", Status: catalog.OrderToShip, PlatformStatus: "processing",
		PlacedAt: time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 23, 12, 31, 40, 0, time.UTC),
		Total: catalog.VND(452700), Adjustment: catalog.VND(31500),
		Lines: []catalog.OrderLine{
			{ID: "5", ExternalID: "11", SKU: "MO-500", Name: "Mật ong & sáp", Quantity: 2, Restocked: 1, Total: catalog.VND(399600)},
			{ID: "6", ExternalID: "20/21", SKU: "CHE-100", Name: "Chè", Quantity: 1, Restocked: 1, Total: catalog.VND(21600)},
			{ID: "7", Name: "Đã xóa", Quantity: 1, Total: catalog.VND(0)},
		},
		Returns: []catalog.Return{{ID: "90", Lines: []string{"5", "6"}, Refunded: catalog.VND(215400), At: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	wantBuyer := catalog.Buyer{Name: "Người nhận Thử", Phone: "0900000000", Email: "thu@example.test", Address: "1 Phố Thử, Bắc Kạn, VN", Note: "Giao giờ hành chính"}
	if diff := cmp.Diff(wantBuyer, buyer); diff != "" {
		t.Errorf("buyer (-want +got):\n%s", diff)
	}
	for status, want := range map[string]catalog.OrderStatus{
		"pending": catalog.OrderAwaitingPayment, "on-hold": catalog.OrderAwaitingPayment, "completed": catalog.OrderCompleted,
		"cancelled": catalog.OrderCancelled, "failed": catalog.OrderCancelled, "refunded": catalog.OrderRefunded,
		"dang-dong-goi": catalog.OrderOther, "checkout-draft": catalog.OrderOther,
	} {
		if got, _, err := s.Interpret(raw(order(map[string]any{"status": status}), "")); err != nil || got.Status != want {
			t.Errorf("status %s: got %s, %v, want %s", status, got.Status, err, want)
		}
	}
	// I13: what cannot be read is told without the buyer's data.
	for name, bad := range map[string][]byte{
		"no order":         []byte(`{}`),
		"cut":              []byte(`{"order":{"id":71,"billing":{"phone":"0900000000"`),
		"number for text":  raw(order(map[string]any{"billing": map[string]any{"phone": 900000000, "email": "thu@example.test"}}), ""),
		"unknown currency": raw(order(map[string]any{"currency": "ZZZ"}), ""),
		"no total":         raw(order(map[string]any{"total": ""}), ""),
		"no time":          raw(order(map[string]any{"date_created_gmt": nil}), ""),
	} {
		_, _, err := s.Interpret(bad)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, secret := range []string{"900000000", "thu@example", "Người"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error tells buyers' data: %v", name, err)
			}
		}
	}
}

func TestFulfillmentsOfPlugin(t *testing.T) {
	t.Parallel()
	var list []meta
	if err := json.Unmarshal([]byte(`[{"key":"_wc_shipment_tracking_items","value":[{"tracking_provider":"","custom_tracking_provider":"Bưu điện","tracking_number":"VN123","date_shipped":"1763937000","tracking_id":"abc"}]},{"key":"x","value":7}]`), &list); err != nil {
		t.Fatal(err)
	}
	want := []catalog.Fulfillment{{ID: "abc", Carrier: "Bưu điện", TrackingNumber: "VN123", ShippedAt: time.Unix(1763937000, 0).UTC()}}
	if diff := cmp.Diff(want, fulfillments(list)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
