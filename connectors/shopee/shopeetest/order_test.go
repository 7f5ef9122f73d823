package shopeetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

func (c *client) order(sku catalog.SKU, at time.Time) string {
	c.Helper()
	sn, err := c.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: sku, Quantity: 2}}, At: at})
	if err != nil {
		c.Fatal(err)
	}
	return string(sn)
}

func TestOrders(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.add("MO")
	c.tea("CHE")
	now := time.Now()
	first := c.order("MO", now.Add(-2*time.Hour))
	second := c.order("CHE-100", now.Add(-time.Hour))
	if len(first) != 14 || *c.sim.Listings()[0].Variants[0].Quantity != 38 {
		t.Errorf("order %s left %d in stock, want 14 characters and 38", first, *c.sim.Listings()[0].Variants[0].Quantity)
	}
	list := func(from, to time.Duration, more url.Values) reply {
		q := url.Values{"time_range_field": {"update_time"}, "time_from": {strconv.FormatInt(now.Add(from).Unix(), 10)},
			"time_to": {strconv.FormatInt(now.Add(to).Unix(), 10)}, "page_size": {"1"}, "cursor": {""}}
		for name, values := range more {
			q[name] = values
		}
		return c.get("order/get_order_list", q)
	}
	var page struct {
		More   bool   `json:"more"`
		Next   string `json:"next_cursor"`
		Orders []struct {
			SN     string `json:"order_sn"`
			Status string `json:"order_status"`
		} `json:"order_list"`
	}
	c.ok("first page", list(-3*time.Hour, 0, nil), &page)
	if !page.More || page.Next == "" || page.Orders[0].SN != first || page.Orders[0].Status != "" {
		t.Errorf("first page: got %+v", page)
	}
	c.ok("second page", list(-3*time.Hour, 0, url.Values{"cursor": {page.Next}, "response_optional_fields": {"order_status"}}), &page)
	if page.More || page.Next != "" || page.Orders[0].SN != second || page.Orders[0].Status != "READY_TO_SHIP" {
		t.Errorf("second page: got %+v", page)
	}
	c.want("16 days", list(-16*24*time.Hour, 0, nil), "order.order_list_invalid_time")
	c.want("backwards", list(0, -time.Hour, nil), "order.order_list_invalid_time")
	c.want("two statuses", list(-time.Hour, 0, url.Values{"order_status": {"READY_TO_SHIP,SHIPPED"}}), "error_param")

	detail := func(fields string) string {
		r := c.get("order/get_order_detail", url.Values{"order_sn_list": {first + "," + second}, "response_optional_fields": {fields}})
		c.ok("detail", r, nil)
		return string(r.Response)
	}
	if text := detail(""); strings.Contains(text, "item_list") || strings.Contains(text, "recipient_address") {
		t.Error("fields that were not asked for are shown")
	}
	if text := detail("item_list,recipient_address,total_amount"); !strings.Contains(text, `"total_amount":386500`) || !strings.Contains(text, "****") {
		t.Errorf("got %s", text)
	}
	c.want("no such order", c.get("order/get_order_detail", url.Values{"order_sn_list": {"26112099999999"}}), "error_not_found")
	c.want("cancel without rows", c.post("order/cancel_order", map[string]any{"order_sn": first, "cancel_reason": "OUT_OF_STOCK"}), "error_param")
	c.want("cancel", c.post("order/cancel_order", map[string]any{"order_sn": first, "cancel_reason": "CUSTOMER_REQUEST"}), "")
	c.want("cancel again", c.post("order/cancel_order", map[string]any{"order_sn": first, "cancel_reason": "CUSTOMER_REQUEST"}), "order.error_limit")
	if q := *c.sim.Listings()[0].Variants[0].Quantity; q != 40 {
		t.Errorf("after the cancellation %d in stock, want 40", q)
	}
	c.ok("escrow", c.get("payment/get_escrow_detail", url.Values{"order_sn": {second}}), nil)
	if _, err := c.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: "MO", Quantity: 999}}}); err == nil {
		t.Error("more than there is was sold")
	}
}

func TestShip(t *testing.T) {
	t.Parallel()
	c := start(t, Options{TrackingPolls: 1})
	c.add("MO")
	c.tea("CHE")
	sn := c.order("MO", time.Time{})
	var parameter struct {
		Pickup struct {
			Addresses []struct {
				ID    int64 `json:"address_id"`
				Slots []struct {
					ID string `json:"pickup_time_id"`
				} `json:"time_slot_list"`
			} `json:"address_list"`
		} `json:"pickup"`
	}
	c.ok("parameter", c.get("logistics/get_shipping_parameter", url.Values{"order_sn": {sn}}), &parameter)
	address := parameter.Pickup.Addresses[0]
	ship := func(fields map[string]any) reply {
		fields["order_sn"] = sn
		return c.post("logistics/ship_order", fields)
	}
	pickup := map[string]any{"address_id": address.ID, "pickup_time_id": address.Slots[0].ID}
	c.want("no tracking number yet", c.get("logistics/get_tracking_number", url.Values{"order_sn": {sn}}), "logistics.error_status")
	c.want("two ways", ship(map[string]any{"pickup": pickup, "dropoff": map[string]any{}}), "logistics.ship_order_only_support_one_type")
	c.want("no way", ship(map[string]any{}), "logistics.ship_order_only_support_one_type")
	c.want("old address", ship(map[string]any{"pickup": map[string]any{"address_id": 1}}), "logistics.invalid_address_version")
	c.want("no slot", ship(map[string]any{"pickup": map[string]any{"address_id": address.ID, "pickup_time_id": "1"}}), "logistics.no_available_time_slot")
	c.want("package number", ship(map[string]any{"pickup": pickup, "package_number": "OFG1"}), "logistics.ship_order_not_need_pacakge_number")
	r := c.want("good", ship(map[string]any{"pickup": pickup}), "")
	if r.Response != nil {
		t.Errorf("ship_order answers without response, got %s", r.Response)
	}
	c.want("again", ship(map[string]any{"pickup": pickup}), "logistics.package_already_shipped")
	var tracking struct {
		Number string `json:"tracking_number"`
	}
	for i, want := range []bool{false, true} {
		c.ok("tracking", c.get("logistics/get_tracking_number", url.Values{"order_sn": {sn}}), &tracking)
		if (tracking.Number != "") != want {
			t.Errorf("poll %d: got %q", i+1, tracking.Number)
		}
	}
	split, err := c.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: "MO", Quantity: 1}, {SKU: "CHE-100", Quantity: 1}}})
	if err == nil {
		err = c.sim.Split(string(split))
	}
	if err != nil {
		t.Fatal(err)
	}
	sn = string(split)
	c.want("split without number", ship(map[string]any{"pickup": pickup}), "logistics.package_number_not_exist")
	for _, p := range c.sim.orders[sn].packages {
		if status := c.sim.orders[sn].status; status != orderReady {
			t.Errorf("before the last package: %s", status)
		}
		c.want("package", ship(map[string]any{"dropoff": map[string]any{}, "package_number": p.number}), "")
	}
	if status := c.sim.orders[sn].status; status != orderProcessed {
		t.Errorf("after the last package: %s", status)
	}
}

func TestPushes(t *testing.T) {
	t.Parallel()
	c := start(t, Options{PushKey: DefaultPushKey})
	c.add("MO")
	var got []string
	answer := http.StatusOK
	text := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Authorization") != sign(DefaultPushKey, "http://"+r.Host+r.URL.Path+"|"+string(body)) {
			t.Error("a push is not signed rightly")
		}
		got = append(got, string(body))
		w.WriteHeader(answer)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	deliver := func(doing string, delivered, failed int) {
		t.Helper()
		if d, f := c.sim.DeliverHooks(); d != delivered || f != failed {
			t.Errorf("%s: %d delivered, %d failed, want %d and %d", doing, d, f, delivered, failed)
		}
	}
	c.order("MO", time.Time{})
	deliver("no address", 0, 0)
	c.want("register", c.public("POST", "push/set_app_push_config", map[string]any{"callback_url": server.URL + "/hook", "set_push_config_on": []int{3, 4}}), "")
	c.want("unknown kind", c.public("POST", "push/set_app_push_config", map[string]any{"set_push_config_on": []int{999}}), "error_param")
	var config struct {
		URL string `json:"callback_url"`
		On  []int  `json:"push_config_on_list"`
	}
	c.ok("read", c.public("GET", "push/get_app_push_config", nil), &config)
	if config.URL != server.URL+"/hook" || !slices.Equal(config.On, []int{3, 4}) {
		t.Errorf("got %+v", config)
	}
	sn := c.order("MO", time.Time{})
	deliver("good", 1, 0)
	var push struct {
		Code int   `json:"code"`
		Shop int64 `json:"shop_id"`
		Data struct {
			SN     string `json:"ordersn"`
			Status string `json:"status"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(got[0]), &push); err != nil || push.Code != 3 || push.Shop != DefaultShopID || push.Data.SN != sn || push.Data.Status != "READY_TO_SHIP" {
		t.Errorf("got %s", got[0])
	}
	c.order("MO", time.Time{})
	c.sim.DropNextHook()
	deliver("dropped", 0, 0)

	text = "OK" // a body counts as failed
	c.order("MO", time.Time{})
	deliver("with a body", 0, 1)
	deliver("too early", 0, 0)
	for _, pause := range retries {
		c.sim.Advance(pause)
		deliver("retry", 0, 1)
	}
	c.sim.Advance(24 * time.Hour)
	deliver("given up", 0, 0)
	var lost struct {
		List []struct {
			Data string `json:"data"`
		} `json:"push_message_list"`
		Last int64 `json:"last_message_id"`
	}
	c.ok("lost", c.public("GET", "push/get_lost_push_message", nil), &lost)
	if len(lost.List) != 1 || !strings.HasPrefix(lost.List[0].Data, "{") {
		t.Errorf("lost: got %+v", lost)
	}
	c.ok("confirm", c.public("POST", "push/confirm_consumed_lost_push_message", map[string]any{"last_message_id": lost.Last}), nil)
	c.ok("lost again", c.public("GET", "push/get_lost_push_message", nil), &lost)
	if len(lost.List) != 0 {
		t.Errorf("after the confirmation: got %+v", lost)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	c := start(t, Options{RatePerSecond: 0.001, Burst: 2, LimitStatus: http.StatusTooManyRequests})
	for i, want := range []string{"", "", "error_rate_limit"} {
		r := c.want("call "+strconv.Itoa(i+1), c.get("shop/get_shop_info", nil), want)
		if (r.Status == http.StatusTooManyRequests) != (want != "") {
			t.Errorf("call %d: status %d", i+1, r.Status)
		}
	}
}
