package tiktokshoptest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

type orderPage struct {
	Next   string `json:"next_page_token"`
	Orders []struct {
		ID       string `json:"id"`
		Status   string `json:"status"`
		Updated  int64  `json:"update_time"`
		Packages []struct {
			ID string `json:"id"`
		} `json:"packages"`
		Payment struct {
			Total string `json:"total_amount"`
		} `json:"payment"`
		Address *struct {
			Name string `json:"name"`
		} `json:"recipient_address"`
		Lines []struct {
			SKU    string `json:"seller_sku"`
			Status string `json:"package_status"`
		} `json:"line_items"`
	} `json:"orders"`
}

const ordersPath = "/order/202309/orders/search"

func (c *client) buy(at time.Time, status catalog.OrderStatus, lines ...simulator.OrderLine) string {
	c.Helper()
	id, err := c.sim.Order(simulator.OrderRequest{Lines: lines, At: at, Status: status})
	if err != nil {
		c.Fatal(err)
	}
	return string(id)
}

func TestOrders(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create("MO")
	start := time.Now().Add(-time.Hour).Truncate(time.Second)
	var want []string
	for i := range 5 {
		want = append(want, c.buy(start.Add(time.Duration(i)*time.Minute), "", simulator.OrderLine{SKU: "MO-500", Quantity: 2}))
	}
	sorted := func(order string, size string, body object) []string {
		t.Helper()
		var ids []string
		token := ""
		for {
			var page orderPage
			c.want(0, "POST", ordersPath, url.Values{"page_size": {size}, "page_token": {token}, "sort_field": {"update_time"}, "sort_order": {order}}, body, &page)
			for _, o := range page.Orders {
				ids = append(ids, o.ID)
			}
			if token = page.Next; token == "" {
				return ids
			}
		}
	}
	if diff := cmp.Diff(want, sorted("ASC", "2", object{"update_time_ge": start.Unix()})); diff != "" {
		t.Errorf("oldest first (-want +got):\n%s", diff)
	}
	if got := sorted("DESC", "2", object{}); len(got) != 5 || got[0] != want[4] {
		t.Errorf("newest first: got %v", got)
	}
	// ge is inclusive, lt is not.
	if diff := cmp.Diff(want[1:3], sorted("ASC", "50", object{
		"update_time_ge": start.Add(time.Minute).Unix(), "update_time_lt": start.Add(3 * time.Minute).Unix(),
	})); diff != "" {
		t.Errorf("a window (-want +got):\n%s", diff)
	}
	c.want(98001004, "POST", ordersPath, nil, object{"order_status": "KHAC"}, nil)
	c.want(12019109, "POST", ordersPath, url.Values{"page_size": {"101"}}, object{}, nil)
	var page orderPage
	c.want(0, "GET", "/order/202507/orders", url.Values{"ids": {want[0] + "," + want[1]}}, nil, &page)
	if len(page.Orders) != 2 || len(page.Orders[0].Lines) != 2 || page.Orders[0].Payment.Total != "385000" || page.Orders[0].Address == nil {
		t.Errorf("by ID: got %+v", page)
	}
	c.want(21008111, "GET", "/order/202507/orders", url.Values{"ids": {"1"}}, nil, nil)

	unpaid := c.buy(time.Time{}, catalog.OrderAwaitingPayment, simulator.OrderLine{SKU: "MO-500", Quantity: 1})
	c.want(0, "GET", "/order/202507/orders", url.Values{"ids": {unpaid}}, nil, &page)
	if o := page.Orders[0]; o.Status != "UNPAID" || len(o.Packages) != 0 {
		t.Errorf("unpaid: got %+v", o)
	}
	if got := *c.sim.Listings()[0].Variants[1].Quantity; got != 40-11 {
		t.Errorf("stock: got %d, want 29", got)
	}
}

func TestShip(t *testing.T) {
	t.Parallel()
	for _, own := range []bool{false, true} {
		c := start(t, Options{SellerShipping: own})
		c.create("MO")
		id := c.buy(time.Time{}, "", simulator.OrderLine{SKU: "MO-500", Quantity: 1})
		box := c.sim.orders[id].parcels[0].id
		path := "/fulfillment/202309/packages/" + box
		self := object{"self_shipment": object{"tracking_number": "EB123456789VN", "shipping_provider_id": shippingProviders[0].id}}
		drop := object{"handover_method": "DROP_OFF"}
		right, wrong := drop, self
		label, then := 0, orderCollect
		if own {
			right, wrong, label, then = self, drop, 21011003, orderTransit
		}
		document := url.Values{"document_type": {"SHIPPING_LABEL"}}
		c.want(21011003, "GET", path+"/shipping_documents", document, nil, nil)
		c.want(98001004, "POST", path+"/ship", nil, wrong, nil)
		c.want(0, "POST", path+"/ship", nil, right, nil)
		c.want(21011001, "POST", path+"/ship", nil, right, nil)
		c.want(label, "GET", path+"/shipping_documents", document, nil, nil)
		if got := c.sim.orders[id].status; got != then {
			t.Errorf("shipped, own %t: got %s, want %s", own, got, then)
		}
		var out struct {
			Errors []struct {
				Code int `json:"code"`
			} `json:"errors"`
		}
		c.want(0, "POST", "/fulfillment/202309/packages/ship", nil, object{"packages": []object{{"id": "1", "handover_method": "DROP_OFF"}}}, &out)
		if len(out.Errors) != 1 || out.Errors[0].Code != 21008111 {
			t.Errorf("an unknown package: got %+v", out)
		}
	}
}

func TestCancellations(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create("MO")
	line := simulator.OrderLine{SKU: "MO-500", Quantity: 3}
	first, second := c.buy(time.Time{}, "", line), c.buy(time.Time{}, "", line)
	const path = "/return_refund/202309/cancellations"
	c.want(98001004, "POST", path, nil, object{"order_id": first, "cancel_reason": "seller_cancel_unpaid_reason_out_of_stock"}, nil)
	c.want(0, "POST", path, nil, object{"order_id": first, "cancel_reason": "seller_cancel_reason_out_of_stock"}, nil)
	if err := c.sim.AskToCancel(catalog.ExternalID(second)); err != nil {
		t.Fatal(err)
	}
	var list struct {
		Rows []struct {
			ID     string `json:"cancel_id"`
			Status string `json:"cancel_status"`
			Order  string `json:"order_id"`
		} `json:"cancellations"`
	}
	c.want(0, "POST", path+"/search", nil, object{"cancel_status": []string{cancelPending}}, &list)
	if len(list.Rows) != 1 || list.Rows[0].Order != second {
		t.Fatalf("pending: got %+v", list)
	}
	c.want(0, "POST", path+"/"+list.Rows[0].ID+"/approve", nil, nil, nil)
	c.want(98001004, "POST", path+"/"+list.Rows[0].ID+"/reject", nil, nil, nil)
	for _, o := range c.sim.Orders() {
		if o.Status != catalog.OrderCancelled {
			t.Errorf("order %s is %s", o.ExternalID, o.Status)
		}
	}
	if got := *c.sim.Listings()[0].Variants[1].Quantity; got != 40 {
		t.Errorf("stock after cancelling: got %d, want 40", got)
	}
}

func TestCategories(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	v2 := url.Values{"category_version": {"v2"}, "locale": {"vi-VN"}}
	var tree struct {
		Rows []struct {
			ID, Parent string
			Leaf       bool `json:"is_leaf"`
		} `json:"categories"`
	}
	c.want(0, "GET", "/product/202309/categories", v2, nil, &tree)
	c.want(12052217, "GET", "/product/202309/categories", nil, nil, nil)
	var list struct {
		Rows []struct {
			Name     string `json:"name"`
			Required bool   `json:"is_requried"`
		} `json:"attributes"`
	}
	c.want(0, "GET", "/product/202309/categories/914568/attributes", v2, nil, &list)
	if len(tree.Rows) == 0 || len(list.Rows) != 3 || !list.Rows[1].Required {
		t.Errorf("got %d categories, attributes %+v", len(tree.Rows), list.Rows)
	}
	const brands = "/product/202309/brands"
	var named struct {
		Total int `json:"total_count"`
	}
	c.want(0, "GET", brands, url.Values{"page_size": {"10"}, "is_authorized": {"true"}, "brand_name": {"chợ"}}, nil, &named)
	if named.Total != 1 {
		t.Errorf("brands: got %d, want 1", named.Total)
	}
	c.want(12019109, "GET", brands, nil, nil, nil)
	for _, name := range []string{"M", "蜂蜜", strings.Repeat("m", 31)} {
		c.want(98001004, "POST", brands, noCipher, object{"name": name}, nil)
	}
	for i := range 50 {
		c.want(0, "POST", brands, noCipher, object{"name": fmt.Sprint("Mường Hoa ", i)}, nil)
	}
	c.want(98001004, "POST", brands, noCipher, object{"name": "Mường Hoa 51"}, nil)
	c.want(0, "GET", "/seller/202508/status", noCipher, nil, nil)
	c.want(12052024, "GET", "/product/202309/categories/700437/attributes", v2, nil, nil)
	c.want(12052023, "GET", "/product/202309/categories/1/rules", v2, nil, nil)
	var best struct {
		Leaf string `json:"leaf_category_id"`
	}
	c.want(0, "POST", "/product/202309/categories/recommend", nil, object{"product_title": "Mật ong rừng Bạch Thông", "category_version": "v2"}, &best)
	if best.Leaf != "914568" {
		t.Errorf("recommended: got %q", best.Leaf)
	}
}
