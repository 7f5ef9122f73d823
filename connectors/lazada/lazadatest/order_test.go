package lazadatest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

func orderOf(sku string, pieces int64) simulator.OrderRequest {
	return simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: catalog.SKU(sku), Quantity: pieces}}}
}

func (c *client) order(request simulator.OrderRequest) string {
	c.t.Helper()
	id, err := c.s.Order(request)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(id)
}

func TestOrders(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create(honey(c.picture(), "MO-1"))
	at := time.Date(2026, 11, 20, 2, 15, 0, 0, time.UTC)
	request := orderOf("MO-1", 3)
	request.At = at
	id := c.order(request)
	var list struct {
		Total  int64 `json:"countTotal"`
		Orders []struct {
			Price   string      `json:"price"`
			Voucher json.Number `json:"voucher"`
			Updated string      `json:"updated_at"`
			Address struct {
				Phone string `json:"phone"`
			} `json:"address_shipping"`
		}
	}
	query := map[string]string{"update_after": "2026-11-20T09:14:59+07:00", "sort_by": "updated_at", "sort_direction": "ASC"}
	c.data(c.get("/orders/get", query), &list)
	if list.Total != 1 || list.Orders[0].Price != "555000.00" || list.Orders[0].Voucher != "10000.00" ||
		list.Orders[0].Updated != "2026-11-20 09:15:00 +0700" || !strings.Contains(list.Orders[0].Address.Phone, "*") {
		t.Errorf("got %+v", list)
	}
	query["update_after"] = "2026-11-20T09:15:00+07:00" // exclusive by default
	list.Orders = nil
	c.data(c.get("/orders/get", query), &list)
	if list.Total != 0 {
		t.Errorf("update_after is the order's own time: got %+v", list)
	}
	var rows []struct {
		SKU  string      `json:"sku"`
		Paid json.Number `json:"paid_price"`
	}
	c.data(c.get("/order/items/get", map[string]string{"order_id": id}), &rows)
	if len(rows) != 3 || rows[0].Paid != "181667.00" || rows[2].Paid != "181666.00" {
		t.Errorf("rows: got %+v", rows)
	}
	var groups []struct {
		Rows []object `json:"order_items"`
	}
	c.data(c.get("/orders/items/get", map[string]string{"order_ids": "[" + id + "]"}), &groups)
	if len(groups) != 1 || len(groups[0].Rows) != 3 {
		t.Errorf("groups: got %+v", groups)
	}
	for query, code := range map[string]string{
		"sort_by=updated_at": "MissingParameter", "update_after=2026-11-20": "17", "update_after=2026-11-20T00:00:00+07:00&limit=101": "19",
		"update_after=2026-11-20T00:00:00+07:00&offset=5001": "14", "update_after=2026-11-20T00:00:00+07:00&status=khac": "36",
		"update_after=2026-11-20T00:00:00+07:00&sort_by=khac": "75", "update_after=2026-11-20T00:00:00+07:00&sort_direction=khac": "74",
	} {
		p := map[string]string{}
		for pair := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			p[name] = value
		}
		c.want(c.get("/orders/get", p), code)
	}
	c.want(c.get("/order/items/get", map[string]string{"order_id": "1"}), "16")
	for list, code := range map[string]string{"": "MissingParameter", "1,2": "56", "[]": "39", "[1]": "37", "[" + strings.Repeat(id+",", 50) + id + "]": "38"} {
		c.want(c.get("/orders/items/get", map[string]string{"order_ids": list}), code)
	}
	for _, bad := range []simulator.OrderRequest{{}, orderOf("KHONG-CO", 1), orderOf("MO-1", 100)} {
		if _, err := c.s.Order(bad); err == nil {
			t.Errorf("order %+v: no error", bad)
		}
	}
}

// Pieces are withheld until payment, occupied until they leave, and gone then.
func TestStockLife(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	m := c.create(honey(c.picture(), "MO-1"))
	k := c.s.items[m.ItemID].skus[0]
	request := orderOf("MO-1", 2)
	request.Status = catalog.OrderAwaitingPayment
	id := catalog.ExternalID(c.order(request))
	steps := []struct {
		to                        catalog.OrderStatus
		total, withheld, occupied int64
	}{
		{catalog.OrderAwaitingPayment, 12, 2, 0},
		{catalog.OrderToShip, 12, 0, 2},
		{catalog.OrderShipped, 10, 0, 0},
		{catalog.OrderCompleted, 10, 0, 0},
		{catalog.OrderCancelled, 12, 0, 0},
	}
	for _, step := range steps {
		if err := c.s.SetOrderStatus(id, step.to); err != nil {
			t.Fatal(err)
		}
		if k.total != step.total || k.withheld != step.withheld || k.occupied != step.occupied || c.s.Orders()[0].Status != step.to {
			t.Errorf("%s: got %d, %d, %d and %s", step.to, k.total, k.withheld, k.occupied, c.s.Orders()[0].Status)
		}
	}
}

func TestFulfillment(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create(honey(c.picture(), "MO-1"))
	id := c.order(orderOf("MO-1", 2))
	var rows []struct {
		ID     int64  `json:"order_item_id"`
		Status string `json:"status"`
		Parcel string `json:"package_id"`
	}
	read := func() {
		rows = nil
		c.data(c.get("/order/items/get", map[string]string{"order_id": id}), &rows)
	}
	read()
	pack := func(items ...int64) string {
		list, _ := json.Marshal(items)
		a := c.post("/order/fulfill/pack", map[string]string{"packReq": fmt.Sprintf(
			`{"pack_order_list":[{"order_id":%s,"order_item_list":%s}],"delivery_type":"dropship","shipping_allocate_type":"TFS"}`, id, list)})
		c.want(a, "0")
		return string(a.Result)
	}
	if got := pack(rows[0].ID, rows[1].ID, 5); strings.Count(got, `"item_err_code":"0"`) != 2 || !strings.Contains(got, `"700025"`) {
		t.Errorf("pack: got %s", got)
	}
	if got := pack(rows[0].ID); !strings.Contains(got, `"700000"`) {
		t.Errorf("pack again: got %s", got)
	}
	read()
	parcel := rows[0].Parcel
	if rows[0].Status != "packed" || parcel == "" || parcel != rows[1].Parcel {
		t.Fatalf("got %+v", rows)
	}
	request := map[string]string{"getDocumentReq": `{"doc_type":"PDF","packages":[{"package_id":"` + parcel + `"}],"print_item_list":false}`}
	if a := c.post("/order/package/document/get", request); !strings.Contains(string(a.Result), parcel+".pdf") {
		t.Errorf("document: got %s", a.Raw)
	}
	ship := func() string {
		return string(c.post("/order/package/rts", map[string]string{"readyToShipReq": `{"packages":[{"package_id":"` + parcel + `"},{"package_id":"FP1"}]}`}).Result)
	}
	if got := ship(); strings.Count(got, `"item_err_code":"0"`) != 1 || !strings.Contains(got, `"600001"`) {
		t.Errorf("ready to ship: got %s", got)
	}
	if got := ship(); !strings.Contains(got, `"700000"`) {
		t.Errorf("ready to ship again: got %s", got)
	}
	c.want(c.post("/order/fulfill/pack", map[string]string{"packReq": `{"pack_order_list":[{"order_id":1}],"delivery_type":"dropship","shipping_allocate_type":"TFS"}`}), "700021")
	c.want(c.post("/order/fulfill/pack", map[string]string{"packReq": `{'a':1}`}), "700004")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	m := c.create(honey(c.picture(), "MO-1"))
	id := c.order(orderOf("MO-1", 2))
	first := c.s.orders[c.s.orderIDs[0]].units[0].id
	p := map[string]string{"order_id": id, "order_item_id_list": fmt.Sprintf(`["%d"]`, first)}
	c.want(c.get("/order/reverse/cancel/validate", p), "0")
	p["reason_id"] = "15"
	c.want(c.get("/order/reverse/cancel/create", p), "0")
	c.want(c.get("/order/reverse/cancel/create", p), "123") // canceled already
	p["reason_id"] = "1"
	p["order_item_id_list"] = fmt.Sprintf(`["%d"]`, first+1)
	c.want(c.get("/order/reverse/cancel/create", p), "104")
	p["order_item_id_list"] = ""
	c.want(c.get("/order/reverse/cancel/validate", p), "102")
	c.want(c.get("/order/reverse/cancel/validate", nil), "115")
	c.want(c.get("/order/reverse/cancel/validate", map[string]string{"order_id": "1"}), "122")
	if k := c.s.items[m.ItemID].skus[0]; k.sellable() != 0 || k.occupied != 1 {
		t.Errorf("out of stock: %d sellable, %d occupied", k.sellable(), k.occupied)
	}
	if got := c.s.Orders()[0]; got.Status != catalog.OrderToShip || got.Lines[0].Quantity != 2 {
		t.Errorf("got %+v", got)
	}
}

// A buyer who wants to cancel waits for the seller's answer; without one the
// wish is granted after a while.
func TestBuyerCancels(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create(honey(c.picture(), "MO-1"))
	id := catalog.ExternalID(c.order(orderOf("MO-1", 3)))
	asked := func() (n int) {
		t.Helper()
		var rows []struct {
			Asked   bool  `json:"need_cancel_confirm"`
			Reverse int64 `json:"reverse_order_id"`
			Until   int64 `json:"cancel_trigger_time"`
		}
		c.data(c.get("/order/items/get", map[string]string{"order_id": string(id)}), &rows)
		for _, r := range rows {
			if r.Asked {
				n++
				if r.Reverse == 0 || r.Until == 0 {
					t.Errorf("a wish to cancel: got %+v", r)
				}
			}
		}
		return n
	}
	var reverses []int64
	for row := range 3 {
		n, err := c.s.AskToCancelRow(id, row)
		if err != nil {
			t.Fatal(err)
		}
		reverses = append(reverses, n)
	}
	if _, err := c.s.AskToCancelRow(id, 0); err == nil {
		t.Error("asked twice: no error")
	}
	if n := asked(); n != 3 {
		t.Errorf("%d rows wait for an answer, want 3", n)
	}
	decide := func(reverse int64, agree string) answer {
		return c.get("/order/reverse/cancel/seller/decide", map[string]string{"reverse_order_id": fmt.Sprint(reverse), "agree_cancel": agree})
	}
	c.want(decide(1, "true"), "105")
	c.want(decide(reverses[0], "co"), "131")
	c.want(decide(reverses[0], "true"), "0")
	c.want(decide(reverses[0], "true"), "131") // decided
	c.want(decide(reverses[1], "false"), "0")
	if n := asked(); n != 1 {
		t.Errorf("%d rows wait for an answer, want 1", n)
	}
	c.s.Advance(answerTime)
	if n := asked(); n != 0 {
		t.Errorf("%d rows wait for an answer after its time", n)
	}
	units := c.s.orders[c.s.orderIDs[0]].units
	if units[0].status != "canceled" || units[1].status != "pending" || units[2].status != "canceled" {
		t.Errorf("got %s, %s, %s", units[0].status, units[1].status, units[2].status)
	}
	var list struct {
		Result struct {
			Success bool  `json:"success"`
			Total   int64 `json:"total"`
			Items   []struct {
				ID    int64  `json:"reverse_order_id"`
				Kind  string `json:"request_type"`
				Lines []struct {
					Status string `json:"reverse_status"`
				} `json:"reverse_order_lines"`
			} `json:"items"`
		} `json:"result"`
	}
	page := map[string]string{"page_no": "1", "page_size": "2", "trade_order_id": string(id), "reverse_status_list": `["CANCEL_SUCCESS"]`}
	if err := json.Unmarshal(c.get("/reverse/getreverseordersforseller", page).Raw, &list); err != nil {
		t.Fatal(err)
	}
	if got := list.Result; !got.Success || got.Total != 2 || got.Items[0].ID != reverses[2] || got.Items[0].Kind != "CANCEL" || got.Items[0].Lines[0].Status != "CANCEL_SUCCESS" {
		t.Errorf("got %+v", got)
	}
	c.want(c.get("/reverse/getreverseordersforseller", map[string]string{"page_no": "1"}), "MissingParameter")
}

// What is not paid in half an hour is canceled, and its pieces are free again.
func TestUnpaid(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	m := c.create(honey(c.picture(), "MO-1"))
	request := orderOf("MO-1", 2)
	request.Status = catalog.OrderAwaitingPayment
	c.order(request)
	c.s.Advance(payTime - time.Minute)
	if got := c.s.Orders()[0].Status; got != catalog.OrderAwaitingPayment {
		t.Errorf("before its time: %s", got)
	}
	c.s.Advance(time.Minute)
	if k := c.s.items[m.ItemID].skus[0]; c.s.Orders()[0].Status != catalog.OrderCancelled || k.sellable() != 12 {
		t.Errorf("got %s, %d sellable", c.s.Orders()[0].Status, k.sellable())
	}
}

func TestDelivered(t *testing.T) {
	t.Parallel()
	for _, own := range []bool{false, true} {
		c := start(t, Options{OwnFleet: own})
		c.create(honey(c.picture(), "MO-1"))
		id := catalog.ExternalID(c.order(orderOf("MO-1", 1)))
		c.want(c.post("/order/fulfill/pack", map[string]string{"packReq": fmt.Sprintf(
			`{"pack_order_list":[{"order_id":%s,"order_item_list":[%d]}],"delivery_type":"dropship","shipping_allocate_type":"TFS"}`, id, c.s.orders[c.s.orderIDs[0]].units[0].id)}), "0")
		if err := c.s.SetOrderStatus(id, catalog.OrderShipped); err != nil {
			t.Fatal(err)
		}
		parcel := c.s.orders[c.s.orderIDs[0]].units[0].parcel
		got := c.post("/order/package/sof/delivered", map[string]string{"dbsDeliveryReq": `{"packages":[{"package_id":"` + parcel + `"}]}`})
		if strings.Contains(string(got.Raw), `"700009"`) == own || own && c.s.Orders()[0].Status != catalog.OrderCompleted {
			t.Errorf("own fleet %t: got %s", own, got.Raw)
		}
		if err := c.s.SetOrderStatus(id, catalog.OrderCompleted); err != nil {
			t.Fatal(err)
		}
		var rows []struct {
			Amount string `json:"amount"`
			Fee    string `json:"fee_name"`
		}
		days := map[string]string{"start_time": local(time.Now(), "2006-01-02"), "end_time": local(time.Now(), "2006-01-02")}
		c.data(c.get("/finance/transaction/details/get", days), &rows)
		if len(rows) != 2 || rows[0].Amount != "185000.00" || rows[1].Amount != "-7400.00" {
			t.Errorf("got %+v", rows)
		}
		days["end_time"] = "2099-01-01"
		c.want(c.get("/finance/transaction/details/get", days), "1000012")
	}
}

func TestPushes(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	fail := false
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if r.Header.Get("Authorization") != pushSignature(DefaultAppKey, DefaultAppSecret, body) {
			t.Error("a push with a wrong signature")
		}
		if fail {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		var message struct {
			Kind int `json:"message_type"`
			Data struct {
				Status string `json:"status"`
				Order  string `json:"order_status"`
			}
		}
		_ = json.Unmarshal(body, &message)
		got = append(got, fmt.Sprint(message.Kind, message.Data.Status, message.Data.Order))
	}))
	t.Cleanup(receiver.Close)
	c := start(t, Options{Review: time.Minute, PushURL: receiver.URL})
	c.create(honey(c.picture(), "MO-1"))
	c.s.Advance(time.Minute)
	c.order(orderOf("MO-1", 2))
	if delivered, failed := c.s.DeliverHooks(); delivered != 5 || failed != 0 {
		t.Errorf("delivered %d, failed %d", delivered, failed)
	}
	want := []string{"3", "1PENDING", "1APPROVED", "0pending", "0pending"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := c.s.Reject("MO-1", "Ảnh mờ"); err != nil {
		t.Fatal(err)
	}
	fail = true
	if delivered, failed := c.s.DeliverHooks(); delivered != 0 || failed != 1 {
		t.Errorf("refused: delivered %d, failed %d", delivered, failed)
	}
	fail = false
	if delivered, failed := c.s.DeliverHooks(); delivered+failed != 0 {
		t.Errorf("before its time: delivered %d, failed %d", delivered, failed)
	}
	c.s.Advance(pushRetry)
	c.s.DropNextHook()
	if delivered, failed := c.s.DeliverHooks(); delivered+failed != 0 {
		t.Errorf("dropped: delivered %d, failed %d", delivered, failed)
	}

	// Pushes come at least once and in any order.
	got = nil
	if err := c.s.Lock("MO-1", true); err != nil {
		t.Fatal(err)
	}
	c.s.AlertToken()
	c.s.AddCategory(Category{ID: 1, Name: "Mới"})
	c.s.RepeatNextHook()
	c.s.ReverseHooks()
	if delivered, failed := c.s.DeliverHooks(); delivered != 4 || failed != 0 {
		t.Errorf("delivered %d, failed %d", delivered, failed)
	}
	if want := []string{"12finish", "12finish", "8", "1LOCK"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
