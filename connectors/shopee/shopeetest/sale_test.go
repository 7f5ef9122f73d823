package shopeetest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

// both buys one honey and three of a tea.
func (c *client) both() string {
	c.Helper()
	sn, err := c.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: "MO", Quantity: 1}, {SKU: "CHE-100", Quantity: 3}}})
	if err != nil {
		c.Fatal(err)
	}
	return string(sn)
}

func TestRefusesOrders(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.add("MO")
	tea, models := c.tea("CHE")
	sn, two := c.order("MO", time.Time{}), c.both()
	fifty := strings.Repeat("x,", 50) + "x"
	now := strconv.FormatInt(time.Now().Unix()+1, 10)
	list := func(more string) string { return "order/get_order_list?" + more }
	good := "time_range_field=update_time&time_from=" + strconv.FormatInt(time.Now().Unix()-600, 10) + "&time_to=" + now
	part := func(more ...any) fields {
		return fields{"order_sn": two, "cancel_reason": "OUT_OF_STOCK", "partial_cancel_item_list": rows(with(fields{"item_id": tea, "model_id": models[0], "model_quantity": 1}, more...))}
	}
	cancel, split := "order/cancel_order", "order/split_order"
	pack := func(list ...any) fields { return fields{"item_list": rows(list...)} }
	a, b := fields{"item_id": id, "model_id": 0}, fields{"item_id": tea, "model_id": models[0]}
	c.refuses([]call{
		{"a list of no time", list("page_size=9"), nil, "error_param"},
		{"a list of another time", list("page_size=9&" + strings.Replace(good, "update_time", "pay_time", 1)), nil, "error_param"},
		{"a list without beginning", list("page_size=9&time_range_field=update_time&time_to=" + now), nil, "error_param"},
		{"a list without end", list("page_size=9&time_range_field=update_time&time_from=" + now), nil, "error_param"},
		{"a list without rows", list(good), nil, "error_param"},
		{"a list of no rows", list("page_size=0&" + good), nil, "error_param"},
		{"a list of too many", list("page_size=101&" + good), nil, "error_param"},
		{"a list from a word", list("page_size=9&cursor=x&" + good), nil, "error_param"},
		{"a list from before", list("page_size=9&cursor=-1&" + good), nil, "error_param"},
		{"by creation", list("page_size=9&" + strings.Replace(good, "update_time", "create_time", 1)), nil, ""},
		{"shipments without rows", "order/get_shipment_list", nil, "error_param"},
		{"shipments of no rows", "order/get_shipment_list?page_size=0", nil, "error_param"},
		{"shipments of too many", "order/get_shipment_list?page_size=101", nil, "error_param"},
		{"details of nothing", "order/get_order_detail", nil, "error_param"},
		{"details of 51", "order/get_order_detail?order_sn_list=" + fifty, nil, "error_param"},
		{"money of nothing", "payment/get_escrow_detail", nil, "error_not_found"},
		{"cancel nothing", cancel, fields{"order_sn": "x", "cancel_reason": "CUSTOMER_REQUEST"}, "error_not_found"},
		{"cancel for no reason", cancel, fields{"order_sn": sn, "cancel_reason": "RAIN"}, "error_param"},
		{"some pieces of what is not in it", cancel, part("item_id", 1), "error_param"},
		{"some pieces of another model", cancel, part("model_id", models[1]), "error_param"},
		{"no pieces", cancel, part("model_quantity", 0), "error_param"},
		{"more pieces than there are", cancel, part("model_quantity", 4), "error_param"},
		{"all pieces as some", cancel, fields{"order_sn": sn, "cancel_reason": "OUT_OF_STOCK", "partial_cancel_item_list": rows(fields{"item_id": id, "model_quantity": 2})}, "error_param"},
		{"decide about nothing", "order/handle_buyer_cancellation", fields{"order_sn": "x", "operation": "ACCEPT"}, "error_not_found"},
		{"decide where nobody asked", "order/handle_buyer_cancellation", fields{"order_sn": sn, "operation": "ACCEPT"}, "order.error_limit"},
		{"note to nothing", "order/set_note", fields{"order_sn": "x", "note": "a"}, "error_not_found"},
		{"no note", "order/set_note", fields{"order_sn": sn}, "error_param"},
		{"packages without pages", "order/search_package_list", fields{}, "error_param"},
		{"packages of no rows", "order/search_package_list", fields{"pagination": fields{"page_size": 0}}, "error_param"},
		{"packages of too many", "order/search_package_list", fields{"pagination": fields{"page_size": 101}}, "error_param"},
		{"packages of a strange kind", "order/search_package_list", fields{"filter": fields{"package_status": 4}, "pagination": fields{"page_size": 9}}, "error_param"},
		{"packages of a negative kind", "order/search_package_list", fields{"filter": fields{"package_status": -1}, "pagination": fields{"page_size": 9}}, "error_param"},
		{"packages from a word", "order/search_package_list", fields{"pagination": fields{"page_size": 9, "cursor": "x"}}, "error_param"},
		{"packages from before", "order/search_package_list", fields{"pagination": fields{"page_size": 9, "cursor": "-1"}}, "error_param"},
		{"split nothing", split, fields{"order_sn": "x", "package_list": rows(pack(a), pack(b))}, "error_not_found"},
		{"split one line", split, fields{"order_sn": sn, "package_list": rows(pack(a), pack(b))}, "order.order_cannot_split"},
		{"split into one", split, fields{"order_sn": two, "package_list": rows(pack(a, b))}, "error_param"},
		{"split into six", split, fields{"order_sn": two, "package_list": rows(pack(a), pack(b), pack(), pack(), pack(), pack())}, "error_param"},
		{"split what is not in it", split, fields{"order_sn": two, "package_list": rows(pack(a), pack(fields{"item_id": 1}))}, "error_param"},
		{"split a line twice", split, fields{"order_sn": two, "package_list": rows(pack(a), pack(a))}, "error_param"},
		{"split and forget one", split, fields{"order_sn": two, "package_list": rows(pack(a), pack())}, "error_param"},
		{"returns without page", "returns/get_return_list?page_size=9", nil, "error_param"},
		{"returns without rows", "returns/get_return_list?page_no=0", nil, "error_param"},
		{"returns before the first page", "returns/get_return_list?page_no=-1&page_size=9", nil, "error_param"},
		{"returns of no rows", "returns/get_return_list?page_no=0&page_size=0", nil, "error_param"},
		{"returns of too many", "returns/get_return_list?page_no=0&page_size=101", nil, "error_param"},
		{"returns of a strange status", "returns/get_return_list?page_no=0&page_size=9&status=OLD", nil, "error_param"},
		{"returns of words", "returns/get_return_list?page_no=0&page_size=9&update_time_from=x", nil, "error_param"},
		{"returns without beginning", "returns/get_return_list?page_no=0&page_size=9&update_time_to=" + now, nil, "error_param"},
		{"returns backwards", "returns/get_return_list?page_no=0&page_size=9&update_time_from=9&update_time_to=8", nil, "error_param"},
		{"returns without end", "returns/get_return_list?page_no=0&page_size=9&create_time_from=" + now, nil, "error_param"},
		{"a return that is not there", "returns/get_return_detail?return_sn=x", nil, "error_not_found"},
	})
}

// fieldsOf reads one order with all its parts.
func (c *client) fieldsOf(sn string, more ...string) map[string]json.RawMessage {
	c.Helper()
	var out struct {
		List []map[string]json.RawMessage `json:"order_list"`
	}
	q := url.Values{"order_sn_list": {sn}, "response_optional_fields": {strings.Join(optionalFields, ",")}}
	for _, name := range more {
		q.Set(name, "true")
	}
	c.ok("detail", c.get("order/get_order_detail", q), &out)
	return out.List[0]
}

// What becomes of an order: pending, cancelled in part, noted, split, returned.
func TestOrderLife(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.add("MO")
	tea, models := c.tea("CHE")
	sn := c.both()
	stock := func(sku catalog.SKU) int64 {
		for _, l := range c.sim.Listings() {
			for _, v := range l.Variants {
				if v.SKU == sku {
					return *v.Quantity
				}
			}
		}
		t.Fatalf("no %s", sku)
		return 0
	}
	if n := stock("CHE-100"); n != 22 {
		t.Errorf("after the order %d are left, want 22", n)
	}
	total := string(c.fieldsOf(sn)["total_amount"])
	c.want("one piece less", c.post("order/cancel_order", fields{"order_sn": sn, "cancel_reason": "OUT_OF_STOCK",
		"partial_cancel_item_list": rows(fields{"item_id": tea, "model_id": models[0], "model_quantity": 1})}), "")
	o := c.fieldsOf(sn)
	if stock("CHE-100") != 23 || string(o["total_amount"]) == total || !strings.Contains(string(o["item_list"]), `"cancelled_qty":1`) || string(o["order_status"]) != `"READY_TO_SHIP"` {
		t.Errorf("after one piece was cancelled: %s, %d in stock", o["item_list"], stock("CHE-100"))
	}
	c.want("note", c.post("order/set_note", fields{"order_sn": sn, "note": "gọi trước"}), "")
	if o := c.fieldsOf(sn); string(o["note"]) != `"gọi trước"` || string(o["note_update_time"]) == "0" {
		t.Errorf("note %s at %s", o["note"], o["note_update_time"])
	}

	if err := c.sim.SetOrderWord(catalog.ExternalID(sn), orderPending); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ want, ask string }{{`"READY_TO_SHIP"`, ""}, {`"PENDING"`, "request_order_status_pending"}} {
		got := c.fieldsOf(sn)["order_status"]
		if test.ask != "" {
			got = c.fieldsOf(sn, test.ask)["order_status"]
		}
		if string(got) != test.want {
			t.Errorf("asked for %q: %s, want %s", test.ask, got, test.want)
		}
	}
	c.want("ship while pending", c.post("logistics/ship_order", fields{"order_sn": sn, "dropoff": fields{}}), "logistics.ship_order_not_ready_to_ship")
	packages := func(status int) int {
		var out struct {
			List []struct {
				Number string `json:"package_number"`
			} `json:"packages_list"`
		}
		c.ok("packages", c.post("order/search_package_list", fields{"filter": fields{"package_status": status}, "pagination": fields{"page_size": 9}}), &out)
		return len(out.List)
	}
	count := func() (n [4]int) {
		for i := range n {
			n[i] = packages(i)
		}
		return n
	}
	if got := count(); got != [4]int{1, 1, 0, 0} {
		t.Errorf("pending: packages %v", got)
	}
	if err := c.sim.SetOrderWord(catalog.ExternalID(sn), orderReady); err != nil {
		t.Fatal(err)
	}
	c.want("split", c.post("order/split_order", fields{"order_sn": sn, "package_list": rows(
		fields{"item_list": rows(fields{"item_id": id})}, fields{"item_list": rows(fields{"item_id": tea, "model_id": models[0]})})}), "")
	c.want("split again", c.post("order/split_order", fields{"order_sn": sn, "package_list": rows(fields{}, fields{})}), "order.order_cannot_split")
	if got := count(); got != [4]int{2, 0, 2, 0} {
		t.Errorf("split: packages %v", got)
	}
	var page struct {
		Pages struct {
			Total int    `json:"total_count"`
			Next  string `json:"next_cursor"`
			More  bool   `json:"more"`
		} `json:"pagination"`
	}
	for cursor, more := range map[string]bool{"": true, "1": false} {
		c.ok("page", c.post("order/search_package_list", fields{"pagination": fields{"page_size": 1, "cursor": cursor}}), &page)
		if page.Pages.More != more || page.Pages.Total != 2 || more != (page.Pages.Next == "1") {
			t.Errorf("page %q: %+v", cursor, page)
		}
	}

	if err := c.sim.SetOrderWord(catalog.ExternalID(sn), orderInCancel); err != nil {
		t.Fatal(err)
	}
	decide := func(word string) string {
		return c.post("order/handle_buyer_cancellation", fields{"order_sn": sn, "operation": word}).Error
	}
	if got := decide("MAYBE"); got != "error_param" {
		t.Errorf("a strange decision: %q", got)
	}
	if got := decide("REJECT"); got != "" || string(c.fieldsOf(sn)["order_status"]) != `"READY_TO_SHIP"` {
		t.Errorf("rejected: %q, %s", got, c.fieldsOf(sn)["order_status"])
	}
	if err := c.sim.SetOrderWord(catalog.ExternalID(sn), orderInCancel); err != nil {
		t.Fatal(err)
	}
	if got := decide("ACCEPT"); got != "" || string(c.fieldsOf(sn)["order_status"]) != `"CANCELLED"` || stock("CHE-100") != 25 || stock("MO") != 40 {
		t.Errorf("accepted: %q, %s, %d and %d in stock", got, c.fieldsOf(sn)["order_status"], stock("CHE-100"), stock("MO"))
	}
	if got := count(); got != [4]int{} {
		t.Errorf("cancelled: packages %v", got)
	}

	back := c.order("MO", time.Time{})
	if err := c.sim.SetOrderStatus(catalog.ExternalID(back), catalog.OrderCompleted); err != nil {
		t.Fatal(err)
	}
	rsn, err := c.sim.Return(catalog.ExternalID(back), 0)
	if err != nil {
		t.Fatal(err)
	}
	returns := func(query string) (list []string, more bool) {
		q, _ := url.ParseQuery("page_no=0&page_size=9&" + query)
		var out struct {
			List []struct {
				SN string `json:"return_sn"`
			} `json:"return"`
			More bool `json:"more"`
		}
		c.ok("returns", c.get("returns/get_return_list", q), &out)
		for _, r := range out.List {
			list = append(list, r.SN)
		}
		return list, out.More
	}
	from, to := strconv.FormatInt(time.Now().Unix()-600, 10), strconv.FormatInt(time.Now().Unix()+600, 10)
	for query, want := range map[string]int{
		"": 1, "status=REQUESTED": 1, "status=ACCEPTED": 0, "update_time_from=" + from + "&update_time_to=" + to: 1,
		"create_time_from=" + from + "&create_time_to=" + to: 1, "update_time_from=9&update_time_to=99": 0, "create_time_from=9&create_time_to=99": 0,
		"create_time_from=" + to + "&create_time_to=" + strconv.FormatInt(time.Now().Unix()+900, 10): 0,
	} {
		if got, _ := returns(query); len(got) != want || want == 1 && got[0] != rsn {
			t.Errorf("returns %q: %v", query, got)
		}
	}
	if text := string(c.fieldsOf(back)["item_list"]); !strings.Contains(text, `"return_requested_qty":2`) {
		t.Errorf("asked for: %s", text)
	}
	if err := c.sim.AcceptReturn(rsn); err != nil {
		t.Fatal(err)
	}
	if c.sim.AcceptReturn(rsn) == nil {
		t.Error("a return was accepted twice")
	}
	if text := string(c.fieldsOf(back)["item_list"]); !strings.Contains(text, `"returned_qty":2`) || !strings.Contains(text, `"return_requested_qty":0`) {
		t.Errorf("accepted: %s", text)
	}
	c.want("one return", c.get("returns/get_return_detail", url.Values{"return_sn": {rsn}}), "")
	other := c.order("MO", time.Time{})
	if err := c.sim.SetOrderStatus(catalog.ExternalID(other), catalog.OrderShipped); err != nil {
		t.Fatal(err)
	}
	if _, err := c.sim.Return(catalog.ExternalID(other), 0); err != nil {
		t.Fatal(err)
	}
	if got, more := returns("page_size=1"); len(got) != 2 || more {
		t.Errorf("all returns: %v", got) // the first of two values counts
	}
	q := url.Values{"page_no": {"1"}, "page_size": {"1"}}
	var last struct {
		List []json.RawMessage `json:"return"`
		More bool              `json:"more"`
	}
	c.ok("the second page", c.get("returns/get_return_list", q), &last)
	if len(last.List) != 1 || last.More {
		t.Errorf("the second page has %d, more %t", len(last.List), last.More)
	}
}

// Parcels go out in the ways that the channel has, and no other.
func TestWaysToShip(t *testing.T) {
	t.Parallel()
	pickup := func(c *client) fields {
		return fields{"address_id": pickupAddress, "pickup_time_id": strconv.FormatInt(c.sim.slot(), 10)}
	}
	number := fields{"tracking_number": "VN123"}
	for name, test := range map[string]struct {
		by, need string
		ways     func(*client) []call
	}{
		"pickup or drop-off": {"", "pickup", func(c *client) []call {
			return []call{
				{"by number", "", fields{"non_integrated": number}, "error_param"},
				{"two ways", "", fields{"pickup": pickup(c), "dropoff": fields{}}, "logistics.ship_order_only_support_one_type"},
				{"no way", "", fields{}, "logistics.ship_order_only_support_one_type"},
				{"another address", "", fields{"pickup": with(pickup(c), "address_id", 1)}, "logistics.invalid_address_version"},
				{"another time", "", fields{"pickup": with(pickup(c), "pickup_time_id", "1")}, "logistics.no_available_time_slot"},
				{"pickup", "", fields{"pickup": pickup(c)}, ""},
				{"again", "", fields{"pickup": pickup(c)}, "logistics.package_already_shipped"},
			}
		}},
		"drop-off only": {shipByDropoff, "dropoff", func(c *client) []call {
			return []call{
				{"pickup", "", fields{"pickup": pickup(c)}, "error_param"},
				{"no branch", "", fields{"dropoff": fields{}}, "error_param"},
				{"a branch", "", fields{"dropoff": fields{"branch_id": branch}}, ""},
			}
		}},
		"a carrier of its own": {shipByNumber, "non_integrated", func(c *client) []call {
			return []call{
				{"pickup", "", fields{"pickup": pickup(c)}, "error_param"},
				{"no number", "", fields{"non_integrated": fields{}}, "error_param"},
				{"a number", "", fields{"non_integrated": number}, ""},
			}
		}},
	} {
		c := start(t, Options{ShipBy: test.by})
		c.add("MO")
		sn := c.order("MO", time.Time{})
		var needs struct {
			Info map[string][]string `json:"info_needed"`
		}
		c.ok(name, c.get("logistics/get_shipping_parameter", url.Values{"order_sn": {sn}}), &needs)
		if _, ok := needs.Info[test.need]; !ok || (test.by == "") != (len(needs.Info) == 2) {
			t.Errorf("%s: needed is %v", name, needs.Info)
		}
		for _, x := range test.ways(c) {
			c.want(name+", "+x.name, c.post("logistics/ship_order", with(x.body.(fields), "order_sn", sn)), x.code)
		}
		var tracking struct {
			Number string `json:"tracking_number"`
		}
		c.ok(name, c.get("logistics/get_tracking_number", url.Values{"order_sn": {sn}}), &tracking)
		if (tracking.Number == "VN123") != (test.by == shipByNumber) || tracking.Number == "" {
			t.Errorf("%s: tracking number %q", name, tracking.Number)
		}
		c.want("parameters of what went out", c.get("logistics/get_shipping_parameter", url.Values{"order_sn": {sn}}), "logistics.error_status")
	}
	c := start(t, Options{})
	c.add("MO")
	sn := c.order("MO", time.Time{})
	for name, test := range map[string]struct{ api, sn, number, code string }{
		"parameters of nothing":    {"logistics/get_shipping_parameter", "x", "", "error_not_found"},
		"tracking of nothing":      {"logistics/get_tracking_number", "x", "", "error_not_found"},
		"steps of nothing":         {"logistics/get_tracking_info", "x", "", "error_not_found"},
		"tracking before it is on": {"logistics/get_tracking_number", sn, "", "logistics.error_status"},
		"a number for one package": {"logistics/get_tracking_info", sn, "x", "logistics.ship_order_not_need_pacakge_number"},
		"steps":                    {"logistics/get_tracking_info", sn, "", ""},
	} {
		q := url.Values{"order_sn": {test.sn}}
		if test.number != "" {
			q.Set("package_number", test.number)
		}
		c.want(name, c.get(test.api, q), test.code)
	}
	c.want("ship nothing", c.post("logistics/ship_order", fields{"order_sn": "x", "dropoff": fields{}}), "error_not_found")
	if err := c.sim.SetOrderStatus(catalog.ExternalID(sn), catalog.OrderCancelled); err != nil {
		t.Fatal(err)
	}
	c.want("ship what was cancelled", c.post("logistics/ship_order", fields{"order_sn": sn, "dropoff": fields{}}), "logistics.ship_order_not_ready_to_ship")
	c.want("tracking of what was cancelled", c.get("logistics/get_tracking_number", url.Values{"order_sn": {sn}}), "logistics.error_status")
}

// Waybills are asked for, made after a while, and then sent as a file.
func TestWaybills(t *testing.T) {
	t.Parallel()
	c := start(t, Options{DocumentPolls: 1})
	c.add("MO")
	sn, early := c.order("MO", time.Time{}), c.order("MO", time.Time{})
	c.want("ship", c.post("logistics/ship_order", fields{"order_sn": sn, "dropoff": fields{}}), "")
	var tracking struct {
		Number string `json:"tracking_number"`
	}
	c.ok("tracking", c.get("logistics/get_tracking_number", url.Values{"order_sn": {sn}}), &tracking)
	const parameter, create, result, download = "logistics/get_shipping_document_parameter", "logistics/create_shipping_document", "logistics/get_shipping_document_result", "logistics/download_shipping_document"
	batch := func(list ...any) fields { return fields{"order_list": rows(list...)} }
	row := func(more ...any) fields {
		return with(fields{"order_sn": sn, "tracking_number": tracking.Number}, more...)
	}
	type answer struct {
		List []struct {
			Status  string   `json:"status"`
			Code    string   `json:"fail_error"`
			Kind    string   `json:"suggest_shipping_document_type"`
			Choices []string `json:"selectable_shipping_document_type"`
		} `json:"result_list"`
	}
	// The call hides what a row says.
	one := func(api string, body fields, code string) answer {
		t.Helper()
		r := c.post(api, body)
		var out answer
		if err := json.Unmarshal(r.Response, &out); err != nil || len(out.List) != 1 {
			t.Fatalf("%s: %v in %s", api, err, r.Body)
		}
		if out.List[0].Code != code || (r.Error == "common.batch_api_all_failed") != (code != "") {
			t.Errorf("%s: got %q and %q, want %q", api, r.Error, out.List[0].Code, code)
		}
		return out
	}
	for _, api := range []string{parameter, create, result, download} {
		c.want("nothing", c.post(api, batch()), "error_param")
		c.want("51", c.post(api, batch(make([]any, 51)...)), "error_param")
	}
	one(parameter, batch(row("order_sn", "x")), "logistics.order_not_exist")
	one(parameter, batch(row("package_number", "x")), "logistics.ship_order_not_need_pacakge_number")
	one(parameter, batch(row("order_sn", early)), "logistics.package_can_not_print")
	if got := one(parameter, batch(row()), "").List[0]; got.Kind != suggestedDocument || !slices.Contains(got.Choices, suggestedDocument) {
		t.Errorf("parameters: %+v", got)
	}
	one(create, batch(row("order_sn", early)), "logistics.package_can_not_print")
	one(create, batch(row("tracking_number", nil)), "logistics.tracking_number_invalid")
	one(create, batch(row("tracking_number", "")), "logistics.tracking_number_invalid")
	one(create, batch(row("tracking_number", "x")), "logistics.tracking_number_invalid")
	one(create, batch(row("shipping_document_type", "POSTCARD")), "logistics.shipping_document_type_not_match")
	one(result, batch(row()), "logistics.shipping_document_should_print_first")
	c.want("download too early", c.post(download, batch(row())), "logistics.shipping_document_should_print_first")
	mixed := c.post(create, batch(row(), row("order_sn", early)))
	c.want("one good, one bad", mixed, "")
	if !strings.Contains(string(mixed.Body), `"warning":[{`) || !strings.Contains(string(mixed.Response), "package_can_not_print") {
		t.Errorf("one good, one bad: %s", mixed.Body)
	}
	one(result, batch(row("shipping_document_type", "NORMAL_AIR_WAYBILL")), "logistics.shipping_document_should_print_first")
	c.want("download while it is made", c.post(download, batch(row())), "logistics.download_later")
	for i, want := range []string{"PROCESSING", "READY", "READY"} {
		if got := one(result, batch(row()), "").List[0].Status; got != want {
			t.Errorf("look %d: %s, want %s", i+1, got, want)
		}
	}
	c.want("download nothing", c.post(download, batch(row("order_sn", "x"))), "logistics.order_not_exist")
	path := "/api/v2/" + download
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.sim.URL+path+"?"+c.signed(path, c.access, time.Now()).Encode(), strings.NewReader(string(c.json(batch(row())))))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	head := make([]byte, 4)
	if _, err := response.Body.Read(head); err != nil || string(head) != "%PDF" || response.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("the file begins with %q and is %s", head, response.Header.Get("Content-Type"))
	}
}
