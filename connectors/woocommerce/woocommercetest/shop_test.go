package woocommercetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

func TestShop(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	simple := s.make("products", `{"name":"Mật ong","sku":"MO","regular_price":"185000","manage_stock":true,"stock_quantity":12}`).id()
	parent, ids := s.tea()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	sale := catalog.VND(150000)
	must(s.SetPrice("MO", catalog.Price{List: catalog.VND(190000), Sale: &sale}))
	must(s.SetStock("TST-200-B", 3))
	must(s.SetTitle("TST-100-B", "Trà cổ thụ"))
	must(s.SetState("MO", catalog.StateStopped))
	id := func(n int64) catalog.ExternalID { return catalog.ExternalID(fmt.Sprint(n)) }
	n := func(q int64) *int64 { return &q }
	tea := catalog.VND(99000)
	want := []simulator.Listing{
		{ExternalID: id(simple), State: catalog.StateStopped, Title: "Mật ong", Variants: []catalog.VariantSnapshot{
			{SKU: "MO", ExternalID: id(simple), Price: &catalog.Price{List: catalog.VND(190000), Sale: &sale}, Quantity: n(12)},
		}},
		{ExternalID: catalog.ExternalID(strings.TrimPrefix(parent, "products/")), State: catalog.StateLive, Title: "Trà cổ thụ", Variants: []catalog.VariantSnapshot{
			{SKU: "TST-100-B", ExternalID: id(ids[0]), Price: &catalog.Price{List: catalog.VND(120000), Sale: &tea}, Quantity: n(5)},
			{SKU: "TST-200-B", ExternalID: id(ids[1]), Price: &catalog.Price{List: catalog.VND(220000)}, Quantity: n(3)},
		}},
	}
	if diff := cmp.Diff(want, s.Listings()); diff != "" {
		t.Error(diff)
	}
	if r := s.get(parent); r.one["name"] != "Trà cổ thụ" {
		t.Errorf("by the API: %v", r.one["name"])
	}
	must(s.Delete("TST-200-B"))
	if got := s.Listings(); len(got) != 1 {
		t.Errorf("after Delete: %v", got)
	}
	for _, err := range []error{
		s.SetStock("NONE", 1), s.SetPrice("", catalog.Price{}), s.SetState("MO", catalog.StateRejected), s.Delete("TST-100-B"),
		s.SetOrderStatus("1", catalog.OrderShipped),
	} {
		if err == nil {
			t.Error("an edit of what is not there must fail")
		}
	}
}

func TestBuyers(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	path := fmt.Sprintf("products/%d", s.make("products", `{"name":"Mật ong","sku":"MO","regular_price":"1000","manage_stock":true,"stock_quantity":5}`).id())
	buy := func(quantity int64, more simulator.OrderRequest) (catalog.ExternalID, error) {
		more.Lines = []simulator.OrderLine{{SKU: "MO", Quantity: quantity}}
		return s.Order(more)
	}
	first, err := buy(2, simulator.OrderRequest{})
	if err != nil {
		t.Fatal(err)
	}
	r := s.get("orders/" + string(first))
	if r.one["status"] != "processing" || r.one["created_via"] != "store-api" || r.one["total"] != "2000" || at(r.one, "line_items", 0, "sku") != "MO" {
		t.Errorf("order: %s", r.raw)
	}
	if got := s.stock(path); got != 3.0 {
		t.Errorf("stock: %v", got)
	}
	if _, err := buy(4, simulator.OrderRequest{}); err == nil {
		t.Error("more than there is must be refused")
	}
	late, err := buy(4, simulator.OrderRequest{Oversell: true, At: noon.Add(-time.Hour), Status: catalog.OrderAwaitingPayment})
	if err != nil || s.stock(path) != -1.0 {
		t.Errorf("oversell: %v, stock %v", err, s.stock(path))
	}
	if r := s.get("orders/" + string(late)); r.one["date_modified_gmt"] != "2026-11-23T11:00:00" || r.one["status"] != "on-hold" {
		t.Errorf("backdated: %v %v", r.one["date_modified_gmt"], r.one["status"])
	}
	for status, stock := range map[catalog.OrderStatus]float64{catalog.OrderCancelled: 3} {
		if err := s.SetOrderStatus(late, status); err != nil || s.stock(path) != stock {
			t.Errorf("%s: %v, stock %v", status, err, s.stock(path))
		}
	}
	if err := s.SetOrderStatus(first, catalog.OrderRefunded); err != nil || s.stock(path) != 5.0 {
		t.Errorf("refunded: %v, stock %v", err, s.stock(path))
	}
	if err := s.SetOrderStatus(late, catalog.OrderOther); err != nil || s.get("orders/" + string(late)).one["status"] != "awaiting-pickup" {
		t.Errorf("a plugin's status: %v", err)
	}
	want := []simulator.Order{
		{ExternalID: first, Status: catalog.OrderRefunded, Lines: []simulator.OrderLine{{SKU: "MO", Quantity: 2}}, Total: catalog.VND(2000)},
		{ExternalID: late, Status: catalog.OrderOther, Lines: []simulator.OrderLine{{SKU: "MO", Quantity: 4}}, Total: catalog.VND(4000)},
	}
	if diff := cmp.Diff(want, s.Orders()); diff != "" {
		t.Error(diff)
	}
	if err := s.SetState("MO", catalog.StateStopped); err != nil {
		t.Fatal(err)
	}
	if _, err := buy(1, simulator.OrderRequest{}); err == nil {
		t.Error("a stopped listing cannot be bought")
	}
	if _, err := s.Order(simulator.OrderRequest{}); err == nil {
		t.Error("an order without lines must be refused")
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	s.Inject(simulator.Fault{Method: "POST", Path: "/wc/v3/products", Kind: simulator.FaultDrop})
	r := s.request("POST", "products", `{"name":"x","sku":"LOST"}`)
	r.SetBasicAuth(s.Key(), s.Secret())
	if answer, err := http.DefaultClient.Do(r); err == nil {
		_ = answer.Body.Close()
		t.Error("the answer was not dropped")
	}
	if r := s.get("products?sku=LOST"); len(r.many) != 1 {
		t.Errorf("it was carried out: %s", r.raw)
	}
	s.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 429, RetryAfter: 3 * time.Second, Body: "<html>"})
	if r := s.get("products"); r.status != 429 || r.header.Get("Retry-After") != "3" {
		t.Errorf("%d %v", r.status, r.header)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	s.make("products", `{"name":"x","sku":"MO","regular_price":"1000","manage_stock":true,"stock_quantity":1000}`)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 10 {
				s.post("products/batch", fmt.Sprintf(`{"create":[{"sku":"S%d-%d"}],"update":[{"id":11,"weight":"%d"}]}`, i, j, j))
				s.get("products?orderby=modified&per_page=5")
				s.make("orders", `{"set_paid":true,"line_items":[{"sku":"MO"}]}`)
				s.Listings()
			}
		})
	}
	group.Wait()
	if got := s.stock("products/11"); got != 920.0 {
		t.Errorf("stock: %v, want 920", got)
	}
	if r := s.get("products"); r.header.Get("X-WP-Total") != "81" {
		t.Errorf("%s products", r.header.Get("X-WP-Total"))
	}
}

// BenchmarkStockBatch is one stock update of 100 products in a shop of 10,000.
func BenchmarkStockBatch(b *testing.B) {
	s := fillShop(b, 100)
	var items []string
	for i := range 100 {
		items = append(items, fmt.Sprintf(`{"id":%d,"stock_quantity":%d}`, 11+i*97, i))
	}
	body := `{"update":[` + strings.Join(items, ",") + `]}`
	b.ResetTimer()
	for b.Loop() {
		benchDo(b, s, "POST", "products/batch", body)
	}
}

// BenchmarkListAll reads 10,000 products in pages of 100.
func BenchmarkListAll(b *testing.B) {
	s := fillShop(b, 100)
	b.ResetTimer()
	for b.Loop() {
		for page := 1; page <= 100; page++ {
			benchDo(b, s, "GET", fmt.Sprintf("products?per_page=100&orderby=id&_fields=id,sku&page=%d", page), "")
		}
	}
}

func fillShop(b *testing.B, batches int) *woocommercetest.Simulator {
	s := woocommercetest.New(woocommercetest.Options{TreatAsHTTPS: true})
	b.Cleanup(s.Close)
	for i := range batches {
		benchDo(b, s, "POST", "products/batch", fmt.Sprintf(`{"create":%s}`, items(100, fmt.Sprintf(`{"name":"Sản phẩm","sku":"S%d-%%d","regular_price":"1000","manage_stock":true}`, i))))
	}
	return s
}

func benchDo(b *testing.B, s *woocommercetest.Simulator, method, path, body string) {
	r, err := http.NewRequestWithContext(b.Context(), method, s.URL+"/wp-json/wc/v3/"+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.SetBasicAuth(s.Key(), s.Secret())
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		b.Fatalf("%s %s: %d", method, path, answer.StatusCode)
	}
	var sink [32 << 10]byte
	for {
		if _, err := answer.Body.Read(sink[:]); err != nil {
			return
		}
	}
}
