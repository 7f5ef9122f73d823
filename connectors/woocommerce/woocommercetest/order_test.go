package woocommercetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (s *shop) stock(path string) any { s.t.Helper(); return s.get(path).one["stock_quantity"] }

func TestOrder(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	product := s.make("products", `{"name":"Mật ong","sku":"MO","regular_price":"185000","manage_stock":true,"stock_quantity":12}`).id()
	parent, ids := s.tea()
	r := s.make("orders", fmt.Sprintf(`{"payment_method":"cod","payment_method_title":"Trả khi nhận","set_paid":true,"customer_note":"gọi trước",
		"billing":{"first_name":"Thử","last_name":"Người mua","phone":"0000000000","email":"thu@example.test"},"shipping":{"city":"Bắc Kạn"},
		"line_items":[{"product_id":%d,"quantity":2},{"product_id":1,"variation_id":%d,"quantity":1},{"product_id":4711,"quantity":3},{"sku":"MO"}],
		"shipping_lines":[{"method_id":"flat_rate","method_title":"Giao hàng","total":"30000"}],"meta_data":[{"key":"nguon","value":"thử"}]}`, product, ids[0]))
	got := map[string]any{}
	for _, name := range []string{"status", "number", "currency", "currency_symbol", "total", "shipping_total", "total_tax", "customer_id", "created_via", "customer_note", "needs_payment", "date_paid_gmt", "date_completed"} {
		got[name] = r.one[name]
	}
	if diff := cmp.Diff(map[string]any{
		"status": "processing", "number": fmt.Sprint(r.id()), "currency": "VND", "currency_symbol": "₫", "total": "684000",
		"shipping_total": "30000", "total_tax": "0", "customer_id": 0.0, "created_via": "rest-api", "customer_note": "gọi trước",
		"needs_payment": false, "date_paid_gmt": "2026-11-23T12:00:00", "date_completed": nil,
	}, got); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		want any
		path []any
	}{
		{185000.0, []any{"line_items", 0, "price"}},
		{"370000", []any{"line_items", 0, "total"}},
		{"MO", []any{"line_items", 0, "sku"}},
		{0.0, []any{"line_items", 0, "variation_id"}},
		{float64(ids[0]), []any{"line_items", 1, "variation_id"}},
		{"99000", []any{"line_items", 1, "total"}},
		{"Trà Shan tuyết", []any{"line_items", 1, "parent_name"}},
		{"Búp", []any{"line_items", 1, "meta_data", 1, "display_value"}},
		{"0", []any{"line_items", 2, "total"}},
		{3.0, []any{"line_items", 2, "quantity"}},
		{"", []any{"line_items", 2, "name"}},
		{float64(product), []any{"line_items", 3, "product_id"}},
		{"0000000000", []any{"billing", "phone"}},
		{"Bắc Kạn", []any{"shipping", "city"}},
		{"thử", []any{"meta_data", 0, "value"}},
	} {
		if got := at(r.one, test.path...); got != test.want {
			t.Errorf("%v: got %v, want %v", test.path, got, test.want)
		}
	}
	if got := s.stock(fmt.Sprintf("products/%d", product)); got != 9.0 {
		t.Errorf("stock: %v", got)
	}
	if got := s.stock(fmt.Sprintf("%s/variations/%d", parent, ids[0])); got != 4.0 {
		t.Errorf("variation's stock: %v", got)
	}
	if r := s.make("orders", `{}`); r.one["status"] != "pending" || r.one["total"] != "0" {
		t.Errorf("empty: %s", r.raw)
	}
	want(t, s.post("orders", `{"status":"shipped"}`), 400, "rest_invalid_param")
}

// TestStockFollowsTheStatus is rule 7: taken once, given back once.
func TestStockFollowsTheStatus(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	path := fmt.Sprintf("products/%d", s.make("products", `{"sku":"MO","regular_price":"1000","manage_stock":true,"stock_quantity":10}`).id())
	order := fmt.Sprintf("orders/%d", s.make("orders", `{"line_items":[{"sku":"MO","quantity":4}]}`).id())
	if got := s.stock(path); got != 10.0 {
		t.Fatalf("pending takes nothing: %v", got)
	}
	for _, step := range []struct {
		status string
		stock  float64
	}{
		{"on-hold", 6}, {"processing", 6}, {"completed", 6}, {"pending", 10}, {"processing", 6}, {"failed", 6}, {"cancelled", 10},
		{"cancelled", 10}, {"completed", 6}, {"refunded", 6},
	} {
		s.put(order, `{"status":"`+step.status+`"}`)
		if got := s.stock(path); got != step.stock {
			t.Errorf("after %s: %v, want %v", step.status, got, step.stock)
		}
	}
	want(t, s.put(order, `{"status":"lost"}`), 400, "rest_invalid_param")
	if r := s.get(order); r.one["date_completed_gmt"] == nil || r.one["date_paid_gmt"] == nil {
		t.Error("completed sets both dates")
	}
	s.make("orders", `{"set_paid":true,"line_items":[{"sku":"MO","quantity":9999}]}`)
	if r := s.get(path); r.one["stock_quantity"] != -9993.0 || r.one["stock_status"] != "outofstock" {
		t.Errorf("an order is never refused for stock: %v %v", r.one["stock_quantity"], r.one["stock_status"])
	}
}

func TestOrdersMoveDates(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	parent, ids := s.tea()
	variation := fmt.Sprintf("%s/variations/%d", parent, ids[0])
	simple := fmt.Sprintf("products/%d", s.make("products", `{"sku":"MO","regular_price":"1000","manage_stock":true,"stock_quantity":10}`).id())
	s.clock.move(time.Minute)
	id := s.make("orders", `{"set_paid":true,"line_items":[{"sku":"MO"},{"sku":"TST-100-B"}]}`).id()
	order := fmt.Sprintf("orders/%d", id)
	modified := func(path string) any { return s.get(path).one["date_modified_gmt"] }
	for _, path := range []string{parent, variation, simple} {
		if got := modified(path); got != "2026-11-23T12:01:00" {
			t.Errorf("%s: %v", path, got)
		}
	}
	s.clock.move(time.Minute)
	s.make(order+"/notes", `{"note":"Đã giao cho bưu điện","customer_note":true}`)
	if got := modified(order); got != "2026-11-23T12:01:00" {
		t.Errorf("a note does not move the order: %v", got)
	}
	s.put(order, `{"meta_data":[{"key":"k","value":"v"}]}`)
	if got := modified(order); got != "2026-11-23T12:02:00" {
		t.Errorf("meta data move the order: %v", got)
	}
	s.clock.move(time.Minute)
	s.make(order+"/refunds", `{"amount":"1"}`)
	if got := modified(order); got != "2026-11-23T12:03:00" {
		t.Errorf("a refund moves the order: %v", got)
	}
	if r := s.get(order + "/notes"); len(r.many) != 1 || at(r.many, 0, "customer_note") != true {
		t.Errorf("notes: %s", r.raw)
	}
	want(t, s.post(order+"/notes", `{}`), 400, "rest_missing_callback_param")
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	path := fmt.Sprintf("products/%d", s.make("products", `{"sku":"MO","regular_price":"1000","manage_stock":true,"stock_quantity":10}`).id())
	r := s.make("orders", `{"set_paid":true,"line_items":[{"sku":"MO","quantity":4}]}`)
	order, line := fmt.Sprintf("orders/%d", r.id()), number(at(r.one, "line_items", 0, "id"))

	r = s.make(order+"/refunds", fmt.Sprintf(`{"amount":"1000","reason":"vỡ","api_refund":false,"line_items":[{"id":%d,"quantity":1,"refund_total":"1000"}]}`, line))
	if r.one["amount"] != "1000" || at(r.one, "line_items", 0, "quantity") != -1.0 || at(r.one, "line_items", 0, "total") != "-1000" {
		t.Errorf("refund: %s", r.raw)
	}
	if got := s.stock(path); got != 7.0 {
		t.Errorf("one piece came back: %v", got)
	}
	r = s.get(order)
	if r.one["status"] != "processing" || at(r.one, "refunds", 0, "total") != "-1000" || at(r.one, "refunds", 0, "reason") != "vỡ" || r.one["total"] != "4000" {
		t.Errorf("partly refunded: %s", r.raw)
	}
	over := s.post(order+"/refunds", `{"amount":"3001"}`)
	if over.status != 500 || over.code() != "woocommerce_rest_cannot_create_order_refund" || over.one["data"] != 500.0 || over.one["message"] != "Invalid refund amount." {
		t.Errorf("more than is left: %d %s", over.status, over.raw)
	}
	s.make(order+"/refunds", `{"amount":"3000"}`)
	if r := s.get(order); r.one["status"] != "refunded" || s.stock(path) != 7.0 {
		t.Errorf("fully refunded: %v, stock %v", r.one["status"], s.stock(path))
	}
	if r := s.get(order + "/refunds"); len(r.many) != 2 {
		t.Errorf("list: %s", r.raw)
	}
	// What a refund gave back is not given back again.
	s.put(order, `{"status":"cancelled"}`)
	if got := s.stock(path); got != 10.0 {
		t.Errorf("cancelled after a refund: %v", got)
	}
}

func TestOrderLists(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	for _, status := range []string{"pending", "processing", "on-hold", "completed"} {
		s.make("orders", `{"status":"`+status+`"}`)
		s.clock.move(time.Second)
	}
	trashed := fmt.Sprintf("orders/%d", s.make("orders", `{}`).id())
	s.do("DELETE", trashed, "")
	want(t, s.do("DELETE", trashed, ""), 410, "woocommerce_rest_already_trashed")
	for query, want := range map[string]int{"status=any": 4, "": 4, "status=trash": 1, "status=processing,on-hold": 2, "status[]=pending&status[]=completed": 2, "per_page=3": 3} {
		if r := s.get("orders?" + query); len(r.many) != want {
			t.Errorf("%q: %d rows, want %d", query, len(r.many), want)
		}
	}
	r := s.get("orders?orderby=modified&order=asc&per_page=2&_fields=status")
	if at(r.many, 0, "status") != "pending" || at(r.many, 1, "status") != "processing" {
		t.Errorf("order: %s", r.raw)
	}
	if r := s.get("orders/statuses"); len(r.many) != 8 || at(r.many, 2, "slug") != "on-hold" {
		t.Errorf("statuses: %s", r.raw)
	}
}

func TestEditLine(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	s.make("products", `{"sku":"MO","regular_price":"1000"}`)
	r := s.make("orders", `{"line_items":[{"sku":"MO","quantity":2}]}`)
	order, line := fmt.Sprintf("orders/%d", r.id()), number(at(r.one, "line_items", 0, "id"))
	r = s.put(order, fmt.Sprintf(`{"line_items":[{"id":%d,"quantity":5}]}`, line))
	if at(r.one, "line_items", 0, "quantity") != 5.0 || r.one["total"] != "2000" {
		t.Errorf("quantity alone: %s", r.raw)
	}
	r = s.put(order, fmt.Sprintf(`{"line_items":[{"id":%d,"quantity":5,"total":"5000"}]}`, line))
	if r.one["total"] != "5000" {
		t.Errorf("with total: %v", r.one["total"])
	}
}
