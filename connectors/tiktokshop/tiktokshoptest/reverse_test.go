package tiktokshoptest

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

const returnsPath = "/return_refund/202309/returns"

// A return waits for the seller, then for the goods, and ends in a refund; a
// refund alone needs no goods.
func TestReturns(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create("MO")
	id := catalog.ExternalID(c.buy(time.Time{}, "", simulator.OrderLine{SKU: "MO-500", Quantity: 3}))
	if _, err := c.sim.AskToReturn(id, 1, false); err == nil {
		t.Error("a return of what has not arrived: no error")
	}
	if err := c.sim.SetPlatformStatus(id, orderDelivered); err != nil {
		t.Fatal(err)
	}
	ask := func(pieces int, refundOnly bool) string {
		t.Helper()
		x, err := c.sim.AskToReturn(id, pieces, refundOnly)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	status := func(x string) string {
		t.Helper()
		var list struct {
			Rows []struct {
				Status string `json:"return_status"`
				Refund struct {
					Total string `json:"refund_total"`
				} `json:"refund_amount"`
				Lines []struct {
					SKU string `json:"seller_sku"`
				} `json:"return_line_items"`
			} `json:"return_orders"`
		}
		c.want(0, "POST", returnsPath+"/search", nil, object{"return_ids": []string{x}}, &list)
		if len(list.Rows) != 1 || list.Rows[0].Refund.Total != fmt.Sprint(185000*len(list.Rows[0].Lines)) {
			t.Fatalf("got %+v", list)
		}
		return list.Rows[0].Status
	}
	decide := func(code int, x, verb, decision string) {
		t.Helper()
		c.want(code, "POST", returnsPath+"/"+x+"/"+verb, nil, object{"decision": decision, "reject_reason": "seller_reject_reason"}, nil)
	}
	goods, money, refused := ask(2, false), ask(1, true), ask(1, false)
	decide(98001004, goods, "approve", "APPROVE_RECEIVED_PACKAGE") // not yet
	decide(0, goods, "approve", "APPROVE_RETURN")
	if got := status(goods); got != returnApproved {
		t.Errorf("approved: got %s", got)
	}
	decide(0, goods, "approve", "APPROVE_RECEIVED_PACKAGE")
	decide(98001004, money, "approve", "APPROVE_RETURN") // there are no goods to come
	decide(0, money, "approve", "APPROVE_REFUND")
	decide(98001004, refused, "reject", "KHAC")
	decide(0, refused, "reject", "REJECT_RETURN")
	decide(98001004, refused, "approve", "APPROVE_REFUND") // decided
	if got := status(goods) + status(money) + status(refused); got != returnDone+returnDone+returnRefused {
		t.Errorf("got %s", got)
	}
}

// An order can be sent in several parcels, each shipped for itself.
func TestSplit(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create("MO")
	id := c.buy(time.Time{}, "", simulator.OrderLine{SKU: "MO-500", Quantity: 2})
	one := c.buy(time.Time{}, "", simulator.OrderLine{SKU: "MO-500", Quantity: 1})
	var can struct {
		Rows []struct {
			Can bool `json:"can_split"`
		} `json:"split_attributes"`
	}
	c.want(0, "GET", "/fulfillment/202309/orders/split_attributes", url.Values{"order_ids": {id + "," + one}}, nil, &can)
	if len(can.Rows) != 2 || !can.Rows[0].Can || can.Rows[1].Can {
		t.Errorf("got %+v", can)
	}
	units := c.sim.orders[id].units
	groups := func(lines ...string) object {
		var list []object
		for i, line := range lines {
			list = append(list, object{"id": fmt.Sprint(i), "order_line_item_ids": []string{line}})
		}
		return object{"splittable_groups": list}
	}
	path := "/fulfillment/202309/orders/" + id + "/split"
	c.want(98001004, "POST", path, nil, groups(units[0].id), nil)              // not all
	c.want(98001004, "POST", path, nil, groups(units[0].id, units[0].id), nil) // one twice
	c.want(21011001, "POST", "/fulfillment/202309/orders/"+one+"/split", nil, groups(c.sim.orders[one].units[0].id), nil)
	var made struct {
		Packages []struct {
			ID string `json:"id"`
		} `json:"packages"`
	}
	c.want(0, "POST", path, nil, groups(units[0].id, units[1].id), &made)
	if len(made.Packages) != 2 {
		t.Fatalf("got %+v", made)
	}
	for i, want := range []string{orderPartly, orderCollect} {
		c.want(0, "POST", "/fulfillment/202309/packages/"+made.Packages[i].ID+"/ship", nil, object{"handover_method": "DROP_OFF"}, nil)
		if got := c.sim.orders[id].status; got != want {
			t.Errorf("%d shipped: got %s, want %s", i+1, got, want)
		}
	}
	c.want(21011001, "POST", path, nil, groups(units[0].id, units[1].id), nil)
}

// Sellers with a fleet of their own report what became of parcels.
func TestDeliver(t *testing.T) {
	t.Parallel()
	c := start(t, Options{SellerShipping: true})
	c.create("MO")
	id := c.buy(time.Time{}, "", simulator.OrderLine{SKU: "MO-500", Quantity: 1})
	box := c.sim.orders[id].parcels[0].id
	refused := func(row object) int {
		t.Helper()
		var out struct {
			Errors []struct {
				Code int `json:"code"`
			} `json:"errors"`
		}
		row["id"] = box
		c.want(0, "POST", "/fulfillment/202309/packages/deliver", nil, object{"packages": []object{row}}, &out)
		if len(out.Errors) == 0 {
			return 0
		}
		return out.Errors[0].Code
	}
	if got := refused(object{"delivery_type": "DELIVERY_SUCCESS"}); got != 21011001 {
		t.Errorf("before it was shipped: got %d", got)
	}
	self := object{"tracking_number": "EB123456789VN", "shipping_provider_id": shippingProviders[0].id}
	c.want(0, "POST", "/fulfillment/202309/packages/"+box+"/ship", nil, object{"self_shipment": self}, nil)
	self["tracking_number"] = "EB000000000VN"
	c.want(0, "POST", "/fulfillment/202309/orders/"+id+"/shipping_info/update", nil, self, nil)
	if got := c.sim.orders[id].parcels[0].tracking; got != "EB000000000VN" {
		t.Errorf("corrected: got %s", got)
	}
	if got := refused(object{"delivery_type": "DELIVERY_FAILED"}); got != 98001004 {
		t.Errorf("failed without a reason: got %d", got)
	}
	var where struct {
		Rows []object `json:"tracking"`
	}
	c.want(0, "GET", "/fulfillment/202309/orders/"+id+"/tracking", nil, nil, &where)
	if got := refused(object{"delivery_type": "DELIVERY_SUCCESS"}); got != 0 || c.sim.orders[id].status != orderDelivered || len(where.Rows) != 2 {
		t.Errorf("delivered: got %d, %s, %v", got, c.sim.orders[id].status, where.Rows)
	}
	var price struct {
		Payment string   `json:"payment"`
		Lines   []object `json:"line_items"`
	}
	c.want(0, "GET", "/order/202407/orders/"+id+"/price_detail", nil, nil, &price)
	if price.Payment != "200000" || len(price.Lines) != 1 || price.Lines[0]["payment"] != "185000" {
		t.Errorf("got %+v", price)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	send := func(name string) reply {
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		part, err := w.CreateFormFile("data", "tep")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte("%PDF-1.4"))
		_ = w.WriteField("name", name)
		_ = w.Close()
		const path = "/product/202309/files/upload"
		return c.send(http.MethodPost, path, c.query(path, noCipher, nil), w.FormDataContentType(), form.Bytes())
	}
	if got := send("giay.pdf"); got.Code != 0 || !strings.Contains(string(got.Data), `"format":"PDF"`) {
		t.Errorf("got %d %s", got.Code, got.Data)
	}
	if got := send("giay.exe"); got.Code != 12038015 {
		t.Errorf("got %d", got.Code)
	}
}
