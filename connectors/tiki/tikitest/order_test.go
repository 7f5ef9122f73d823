package tikitest

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

type orderPage struct {
	Data []struct {
		Code      string
		Status    string
		Updated   string `json:"updated_at"`
		Histories []any  `json:"status_histories"`
		Items     []struct {
			ID      int64
			Product struct {
				Code string `json:"seller_product_code"`
			}
			Confirmation struct{ Status string }
		}
		Shipping struct{ Address struct{ Phone string } }
		Invoice  struct {
			Total int64 `json:"grand_total"`
		}
	}
	Paging map[string]int
}

func buy(t *testing.T, c client, at time.Time, lines ...simulator.OrderLine) string {
	t.Helper()
	if lines == nil {
		lines = []simulator.OrderLine{{SKU: "MHO-500", Quantity: 2}}
	}
	id, err := c.s.Order(simulator.OrderRequest{Lines: lines, At: at})
	if err != nil {
		t.Fatal(err)
	}
	return string(id)
}

func TestOrders(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 5, 0, 0, 0, time.UTC) // noon in Vietnam
	c := start(t, Options{Now: func() time.Time { return now }, RatePerSecond: -1})
	c.create(honey())
	first := buy(t, c, now.Add(-2*time.Hour))
	second := buy(t, c, now)
	codes := func(query string) []string {
		t.Helper()
		var page orderPage
		c.want(200, "GET", "/v2/orders?"+query, "", &page)
		var list []string
		for _, o := range page.Data {
			list = append(list, o.Code)
		}
		return list
	}
	for query, want := range map[string][]string{
		"":                             {second, first},
		"order_by=created_at%7Casc":    {first, second},
		"code=" + first + ",1":         {first},
		"sku=MHO-1000":                 nil,
		"status=queueing":              {second, first},
		"status=nin%7Cqueueing,closed": nil,
		"status=in%7Cqueueing":         {second, first},
		"fulfillment_type=dropship":    {second, first},
		"updated_from_date=2026-01-01+12%3A00%3A00": {second},
		"updated_from_date=2026-01-01+12%3A00%3A01": nil,
		"updated_to_date=2026-01-01+10%3A00%3A00":   {first},
		"filter_date_by=today":                      {second, first},
		"item_confirmation_status=waiting":          {second, first},
		"item_inventory_type=in%7Cbackorder":        nil,
		"is_rma=true":                               nil,
		"limit=1&page=2":                            {first},
		"page=1&limit=50&status=nin%7Ccanceled%2Cclosed&updated_from_date=2026-01-01+00%3A00%3A00&updated_to_date=2026-01-01+12%3A00%3A00&include=status_histories%2Citems.fees": {second, first},
	} {
		if got := codes(query); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", query, got, want)
		}
	}
	c.want(400, "GET", "/v2/orders?filter_date_by=yesterday", "", nil)
	c.want(400, "GET", "/v2/orders?order_by=code", "", nil)
	c.want(404, "GET", "/v2/orders/1", "", nil)
	var page orderPage
	c.want(200, "GET", "/v2/orders?include=status_histories&code="+first, "", &page)
	if o := page.Data[0]; o.Updated != "2026-01-01 10:00:00" || o.Shipping.Address.Phone != "" || o.Invoice.Total != 2*185000+15000 ||
		o.Items[0].Product.Code != "MHO-500" || len(o.Histories) != 1 {
		t.Errorf("got %+v", o)
	}
}

func TestConfirmDropship(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create(honey())
	code := buy(t, c, time.Time{})
	var slots struct {
		Slots []struct {
			At string `json:"expected_pickup_time"`
		} `json:"pickup_slots"`
	}
	c.want(200, "GET", "/v2/orders/dropship/expected-pickup-slots", "", &slots)
	c.want(200, "GET", "/v2/seller-inventories?tiki_warehouse_codes=sgn,hn5", "", nil)
	c.want(400, "GET", "/v2/seller-inventories", "", nil)
	right := `{"confirmation_status":"seller_confirmed","seller_inventory_id":910,"expected_pickup_time":"` + slots.Slots[0].At + `"}`
	path := "/v2/orders/" + code + "/dropship/confirm-available"
	c.want(422, "GET", "/v2/orders/"+code+"/dropship/labels?format=html", "", nil)
	c.want(422, "POST", path, strings.Replace(right, "910", "911", 1), nil)
	c.want(422, "POST", path, strings.Replace(right, "seller_confirmed", "yes", 1), nil)
	c.want(422, "POST", path, strings.Replace(right, slots.Slots[0].At, "2026-01-02 03:04:05", 1), nil)
	c.want(422, "POST", "/v2/orders/"+code+"/confirm-available", `{"available_item_ids":[],"seller_inventory_id":910}`, nil)
	c.want(404, "POST", "/v2/orders/1/dropship/confirm-available", right, nil)
	c.want(200, "POST", path, right, nil)
	c.want(422, "POST", path, right, nil)
	c.want(200, "GET", "/v2/orders/"+code+"/dropship/labels?format=html", "", nil)
	c.want(400, "GET", "/v2/orders/"+code+"/dropship/labels?format=pdf", "", nil)

	other := buy(t, c, time.Time{})
	c.want(200, "POST", "/v2/orders/"+other+"/dropship/confirm-available", `{"confirmation_status":"seller_canceled","seller_inventory_id":910}`, nil)
	if got := c.find("MHO-500").Inventory.Quantity; got != 38 {
		t.Errorf("%d pieces are left, want 40 less the two of the order that was not canceled", got)
	}
}

func TestConfirmItems(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create(honey())
	id, err := c.s.OrderAs("seller_delivery", simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: "MHO-500", Quantity: 1}, {SKU: "MHO-1000", Quantity: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	var page orderPage
	c.want(200, "GET", "/v2/orders?code="+string(id), "", &page)
	c.want(200, "POST", "/v2/orders/"+string(id)+"/confirm-available",
		`{"available_item_ids":[`+number(page.Data[0].Items[1].ID)+`],"seller_inventory_id":910}`, nil)
	c.want(200, "GET", "/v2/orders?code="+string(id), "", &page)
	if got := page.Data[0].Items; got[0].Confirmation.Status != "seller_canceled" || got[1].Confirmation.Status != "seller_confirmed" {
		t.Errorf("got %+v", got)
	}
	path := "/v2/orders/" + string(id) + "/seller-delivery/update-delivery"
	c.want(422, "POST", path, `{"status":"lost"}`, nil)
	c.want(200, "POST", path, `{"status":"failed_delivery","failure_cause":"redelivery_appointment"}`, nil)
	c.want(200, "POST", path, `{"status":"failed_delivery","failure_cause":"out_of_needs"}`, nil)
	if got := c.s.Orders()[0].Status; got != catalog.OrderCancelled {
		t.Errorf("got %s", got)
	}
}

func TestBackDoor(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create(honey())
	if _, err := c.s.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: "MHO-500", Quantity: 41}}}); err == nil {
		t.Error("more was sold than is there")
	}
	code := buy(t, c, time.Time{})
	sale := catalog.VND(99000)
	for _, err := range []error{
		c.s.SetOrderStatus(catalog.ExternalID(code), catalog.OrderCancelled),
		c.s.SetPrice("MHO-500", catalog.Price{List: catalog.VND(120000), Sale: &sale}),
		c.s.SetTitle("MHO-1000", "Mật ong mới"),
		c.s.SetState("MHO-500", catalog.StateStopped),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	got := c.s.Listings()[0]
	if got.Title != "Mật ong mới" || got.State != catalog.StateStopped || *got.Variants[1].Quantity != 40 || *got.Variants[1].Price.Sale != sale {
		t.Errorf("got %+v", got)
	}
	if shown := c.find("MHO-1000"); shown.Name != "Mật ong mới - 1kg" || shown.Active != 0 {
		t.Errorf("got %+v", shown)
	}
	if err := c.s.Delete("MHO-500"); err != nil || len(c.s.Listings()) != 0 {
		t.Errorf("delete: %v, %d left", err, len(c.s.Listings()))
	}
	if status, text := c.raw("POST", c.s.URL+"/_tiki/authorize", `{"redirect_uri":"https://a.example.vn/","scope":"product"}`, nil); status != 200 || !strings.Contains(string(text), "code") {
		t.Errorf("authorize: %d %s", status, text)
	}
	if status, _ := c.raw("POST", c.s.URL+"/_tiki/advance?"+url.Values{"steps": {"1"}}.Encode(), "", nil); status != 204 {
		t.Errorf("advance: %d", status)
	}
	if status, _ := c.raw("POST", c.s.URL+"/_tiki/expire-token", "", nil); status != 204 {
		t.Errorf("expire: %d", status)
	}
	c.want(401, "GET", "/v2/sellers/me", "", nil)
}

type pulled struct {
	Events []struct {
		Type    string
		SID     string `json:"sid"`
		Payload map[string]string
	}
	Ack string `json:"ack_id"`
}

// Events wait in the app's queue and come again until they are acknowledged.
func TestEventQueue(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 5, 0, 0, 0, time.UTC)
	c := start(t, Options{Now: func() time.Time { return now }})
	c.create(honey())
	app := c
	_, own := c.ask(vectorBasic, "grant_type=client_credentials&scope=order")
	app.access = own.Access
	var q struct{ Code, Status string }
	c.want(403, "POST", "/v1/queues", `{"name":"htx-hub"}`, nil)
	app.want(422, "POST", "/v1/queues", `{}`, nil)
	app.want(200, "POST", "/v1/queues", `{"name":"htx-hub"}`, &q)
	path := "/v1/queues/" + q.Code
	app.want(401, "POST", path+"/subscriptions", `{"event_type":"ORDER_STATUS_UPDATED"}`, nil)
	c.want(422, "POST", path+"/subscriptions", `{"event_type":"RAIN"}`, nil)
	var sub struct {
		Code   string
		Active bool
	}
	c.want(200, "POST", path+"/subscriptions", `{"event_type":"ORDER_STATUS_UPDATED"}`, &sub)
	c.want(200, "POST", path+"/subscriptions", `{"event_type":"ORDER_CREATED_SUCCESSFULLY"}`, nil)
	buy(t, c, time.Time{}) // lost: the subscription is too young
	now = now.Add(5 * time.Second)
	code := buy(t, c, time.Time{})
	c.s.DropNextHook()
	buy(t, c, time.Time{}) // lost on the way
	pull := func(ack string) pulled {
		t.Helper()
		var p pulled
		app.want(200, "POST", path+"/events/pull", `{"ack_id":`+ack+`}`, &p)
		return p
	}
	first := pull("null")
	again := pull("null")
	if len(first.Events) != 1 || len(again.Events) != 1 || first.Events[0].Payload["order_code"] != code || first.Events[0].SID != c.s.sid() {
		t.Fatalf("got %+v, then %+v", first, again)
	}
	if err := c.s.SetOrderStatus(catalog.ExternalID(code), catalog.OrderShipped); err != nil {
		t.Fatal(err)
	}
	next := pull(`"` + again.Ack + `"`)
	if len(next.Events) != 1 || next.Events[0].Type != "ORDER_STATUS_UPDATED" || next.Events[0].Payload["status"] != "shipping" {
		t.Errorf("after the ack: got %+v", next)
	}
	if rest := pull(`"` + next.Ack + `"`); len(rest.Events) != 0 {
		t.Errorf("in the end: got %+v", rest)
	}
	app.want(400, "POST", path+"/events/pull", `{"ack_id":"`+first.Ack+`"}`, nil)
	c.want(200, "PUT", path+"/subscriptions/"+sub.Code, `{"active":false}`, &sub)
	if sub.Active {
		t.Error("the subscription is still active")
	}
}
