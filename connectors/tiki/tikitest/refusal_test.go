package tikitest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

func TestRefusesProducts(t *testing.T) {
	t.Parallel()
	c := start(t, Options{RequireMinCode: true})
	c.s.Fill(1)
	id := fmt.Sprint(c.s.products[0].id)
	c.create(honey(`"sku"`, `"min_code":"1","sku"`))
	c.s.Approve()
	var page struct {
		Data []struct {
			ID     int64 `json:"product_id"`
			Super  int64 `json:"super_id"`
			SuperS any   `json:"super_sku"`
			Seller any   `json:"seller"`
			Thumb  any   `json:"thumbnail"`
			Groups []any `json:"categories"`
		} `json:"data"`
	}
	c.want(200, get, "/v2.1/products?include=seller,categories", "", &page)
	if row := page.Data[0]; row.Super == 0 || row.SuperS == nil || row.Seller == nil || row.Thumb == nil || len(row.Groups) != 2 {
		t.Fatalf("got %+v", row)
	}
	whole := fmt.Sprint(page.Data[0].Super)
	c.refuses([]refused{
		{"terms of a configurable", put, "/v2.1/products/updateSku", `{"product_id":` + whole + `,"price":1000}`, 422, "seller_simple"},
		{"a SKU of a configurable", post, "/v2/products/updateOriginalSku", `{"product_id":` + whole + `,"original_sku":"X"}`, 404, ""},
	})
	sku := func(fields string) string { return `{"product_id":` + id + "," + fields + "}" }
	add := func(name, from, to, word string) refused {
		return refused{name, post, "/v2.1/requests", honey(`"sku"`, `"min_code":"8930000000001","sku"`, from, to), 422, word}
	}
	c.refuses([]refused{
		add("no category", `"category_id":44792,`, ``, "category_id is required"),
		add("no name", `"name":"Mật ong rừng",`, ``, "name is required"),
		add("no list price", `"market_price":390000,`, ``, "market_price should be > 0"),
		add("no attributes", `"attributes"`, `"facts"`, "attributes is required"),
		add("no variants", `"variants"`, `"models"`, "at least 1 value"),
		add("no SKU", `"sku":"MHO-500",`, ``, "variants should have sku"),
		add("no price", `"price":185000,`, ``, "price > 0"),
		add("an option too many", `"option_attributes":["Khối lượng"]`, `"option_attributes":[]`, "option1 redundant"),
		add("a stock without warehouse", `"warehouseId":1034,"qtyAvailable":40`, `"qtyAvailable":40`, "warehouseId"),
		add("a stock without quantity", `"warehouseId":1034,"qtyAvailable":40`, `"warehouseId":1034`, "qtyAvailable"),
		add("a negative stock", `"qtyAvailable":40`, `"qtyAvailable":-1`, "qtyAvailable >= 0"),
		add("a warehouse in words", `"seller_warehouse":"1034, 1015"`, `"seller_warehouse":"kho"`, "seller_warehouse is not valid"),
		{"no min_code", post, "/v2.1/requests", honey(), 422, "min_code"},
		{"an empty min_code", post, "/v2.1/requests", honey(`"sku"`, `"min_code":"","sku"`), 422, "min_code"},
		{"no JSON", post, "/v2.1/requests", `{`, 400, "Invalid JSON"},
		{"a text for a number", post, "/v2.1/requests", `{"category_id":"1"}`, 400, "category_id"},

		{"update nothing", put, "/v2.1/products/updateSku", `{}`, 422, "required"},
		{"update no JSON", put, "/v2.1/products/updateSku", `{`, 400, ""},
		{"update an unknown number", put, "/v2.1/products/updateSku", `{"product_id":1}`, 404, ""},
		{"update an unknown number of a known SKU", put, "/v2.1/products/updateSku", `{"product_id":1,"original_sku":"MAU-00000"}`, 404, ""},
		{"a price of nothing", put, "/v2.1/products/updateSku", sku(`"price":0`), 422, "price should be > 0"},
		{"an odd switch", put, "/v2.1/products/updateSku", sku(`"active":2`), 422, "active"},
		{"an odd switch in v1", post, "/v1/products/updateSku", sku(`"active":2`), 422, "active"},
		{"no JSON in v1", post, "/v1/products/updateSku", `{`, 400, ""},
		{"an unknown number in v1", post, "/v1/products/updateSku", `{"product_id":1}`, 404, ""},
		{"warehouses in words", put, "/v2.1/products/updateSku", sku(`"seller_warehouse":"kho"`), 422, "seller_warehouse"},
		{"a quantity without warehouse", put, "/v2.1/products/updateSku", sku(`"warehouse_quantities":[{"qty_available":1}]`), 422, "warehouse_id"},
		{"a warehouse without quantity", put, "/v2.1/products/updateSku", sku(`"warehouse_quantities":[{"warehouse_id":1034}]`), 422, "qty_available"},
		{"no batch", put, "/v2.1/products/updateSkus", `{"data":[]}`, 422, "1 to 100"},
		{"a batch that is no JSON", put, "/v2.1/products/updateSkus", `{`, 400, ""},
		{"an odd switch in a batch", put, "/v2.1/products/updateSkus", `{"data":[` + sku(`"status":0`) + `]}`, 200, "status must be 1 or 2"},

		{"a new SKU without product", post, "/v2/products/updateOriginalSku", `{"original_sku":"X"}`, 422, ""},
		{"a product without new SKU", post, "/v2/products/updateOriginalSku", `{"product_id":` + id + `}`, 422, ""},
		{"an empty new SKU", post, "/v2/products/updateOriginalSku", sku(`"original_sku":""`), 422, ""},
		{"a new SKU of an unknown product", post, "/v2/products/updateOriginalSku", `{"product_id":1,"original_sku":"X"}`, 404, ""},
		{"a new SKU as no JSON", post, "/v2/products/updateOriginalSku", `{`, 400, ""},
		{"info of no product", post, "/v2/requests/updateProductInfo", `{"attributes":{}}`, 422, "product_id"},
		{"info of an unknown product", post, "/v2/requests/updateProductInfo", `{"product_id":1,"attributes":{}}`, 404, ""},
		{"info without attributes", post, "/v2/requests/updateProductInfo", `{"product_id":` + id + `}`, 422, "attributes"},
		{"info with a list price of nothing", post, "/v2/requests/updateProductInfo", sku(`"attributes":{},"market_price":0`), 422, "market_price"},
		{"info that is no JSON", post, "/v2/requests/updateProductInfo", `{`, 400, ""},

		{"pages in words", get, "/v2.1/products?page=x", "", 400, "page"},
		{"page 0", get, "/v2.1/products?page=0", "", 400, "page"},
		{"created in words", get, "/v2.1/products?created_from_date=today", "", 400, "created_from_date"},
		{"updated in words", get, "/v2.1/products?updated_to_date=today", "", 400, "updated_to_date"},
		{"an unknown product", get, "/v2.1/products/1", "", 404, ""},
		{"an unknown SKU", get, "/v2/products/findBy?original_sku=X", "", 404, ""},
		{"an unknown request", get, "/v2/requests/1", "", 404, ""},
		{"an unknown track", get, "/v2/tracking/x", "", 404, ""},
		{"a request of an unknown track", get, "/v2/requests/findBy?track_id=x", "", 404, ""},
		{"delete an unknown request", remove, "/v2/requests/1", "", 404, ""},
		{"delete an unknown track", remove, "/v1/requests/findBy?track_id=x", "", 404, ""},
		{"repeat an unknown track", post, "/v2/tracking/x/replay", "", 404, ""},
		{"tracks in words", get, "/v2/tracking?limit=x", "", 400, "limit"},
		{"tracks created in words", get, "/v2/tracking?created_at_min=x", "", 400, "created_at_min"},
		{"may update: a word", post, "/v1/sellers/me/updateCanUpdateProduct", `{"can_update_product":2}`, 422, ""},
		{"may update: nothing", post, "/v1/sellers/me/updateCanUpdateProduct", `{}`, 422, ""},
		{"may update: no JSON", post, "/v1/sellers/me/updateCanUpdateProduct", `{`, 400, ""},
		{"an unknown category", get, "/v2/categories/1", "", 404, ""},
		{"its attributes", get, "/v2/categories/1/attributes", "", 404, ""},
		{"its labels", get, "/v2/categories/1/optionLabels", "", 404, ""},
		{"its papers", get, "/v2/requests/requiredDocs?category_id=1", "", 404, ""},
		{"values of an unknown attribute", get, "/v2/attributes/1/values", "", 404, ""},
		{"few values", get, "/v2/attributes/560/values?limit=19", "", 400, "limit"},
		{"values in words", get, "/v2/attributes/560/values?limit=x", "", 400, "limit"},
		{"inventories of no warehouse", get, "/v2/seller-inventories", "", 400, ""},
		{"inventories of an unknown one", get, "/v2/seller-inventories?tiki_warehouse_codes=xx", "", 200, `"seller_inventories":[]`},
		{"inventories", get, "/v2/seller-inventories?tiki_warehouse_codes=hn5,sgn", "", 200, `"tiki_warehouse_code":"sgn"`},
		{"papers of food", get, "/v2/requests/requiredDocs?category_id=15074", "", 200, "an toàn thực phẩm"},
		{"papers of honey", get, "/v2/requests/requiredDocs?category_id=44792", "", 200, "an toàn thực phẩm"},
		{"papers of bags", get, "/v2/requests/requiredDocs?category_id=27530", "", 200, `"data":[]`},
		{"parents of a category", get, "/v2/categories/15074?include_parents=true", "", 200, "Bách Hóa"},
		{"a category alone", get, "/v2/categories/15074", "", 200, `"name":"Miến"`},
		{"v1: bare categories", get, "/v1/categories", "", 200, `"primary":1`},
		{"v1: bare attributes", get, "/v1/categories/44792/attributes", "", 200, `"is_required":1`},
		{"v1: stock", post, "/v1/products/updateSku", sku(`"quantity":7`), 200, "approved"},
	})
	if q := c.s.products[0].quantity(); q != 7 {
		t.Errorf("after v1: %d in stock", q)
	}
	var parents struct {
		Parents []any `json:"parents"`
	}
	c.want(200, get, "/v2/categories/15074", "", &parents)
	if parents.Parents != nil {
		t.Error("parents were not asked for")
	}
}

// What the review finds, long after the request was taken.
func TestRefusesInReview(t *testing.T) {
	t.Parallel()
	c := start(t, Options{WantDocuments: true})
	paper := []string{`"meta_data"`, `"certificate_files":[{"url":"https://img.example.vn/attp.jpg","type":"category"}],"meta_data"`}
	for name, test := range map[string]struct {
		edit   []string
		reason string
	}{
		"as it should be":            {paper, ""},
		"no paper":                   {nil, "certificate"},
		"a paper that is no address": {[]string{`"meta_data"`, `"certificate_files":[{"url":"attp","type":"category"}],"meta_data"`}, "not an address"},
		"a label of its own":         {append([]string{`["Khối lượng"]`, `["Nặng nhẹ"]`}, paper...), "option attribute not found"},
		"an empty attribute":         {append([]string{`"brand":"Mường Hoa"`, `"brand":" "`}, paper...), "brand is required"},
		"a word for a number":        {append([]string{`"product_length":12`, `"product_length":"dài"`}, paper...), "must be a number"},
		"a word for a switch":        {append([]string{`"bulky":0`, `"bulky":"có"`}, paper...), "0 or 1"},
		"another country":            {append([]string{`"origin":"Việt Nam"`, `"origin":"Sao Hỏa"`}, paper...), "has no value"},
		"an unknown attribute":       {append([]string{`"bulky":0`, `"bulky":0,"odd":1`}, paper...), "not found"},
		"a list":                     {append([]string{`"brand":"Mường Hoa"`, `"brand":["x"]`}, paper...), "not a text"},
		"a picture of a variant":     {append([]string{`"option1":"500g"`, `"option1":"500g","image":"ftp://img.example.vn/1.jpg"`}, paper...), "not an address"},
		"more of a variant":          {append([]string{`"option1":"500g"`, `"option1":"500g","images":["https:///1.jpg"]`}, paper...), "not an address"},
		"a picture nearby":           {append([]string{`https://img.example.vn/2.jpg`, `http://192.168.1.2/2.jpg`}, paper...), "cannot be downloaded"},
		"a picture on this machine":  {append([]string{`https://img.example.vn/2.jpg`, `http://localhost/2.jpg`}, paper...), "cannot be downloaded"},
		"a small picture":            {append([]string{`https://img.example.vn/2.jpg`, `https://img.example.vn/small.jpg`}, paper...), "500x500"},
		"a broken address":           {append([]string{`https://img.example.vn/2.jpg`, `https://%zz/2.jpg`}, paper...), "not an address"},
	} {
		sku := strings.ReplaceAll(name, " ", "-")
		got := c.track(c.create(strings.ReplaceAll(honey(test.edit...), "MHO", sku)).Track)
		switch {
		case test.reason == "" && got.State != "approved":
			t.Errorf("%s: %s, %v", name, got.State, *got.Reason)
		case test.reason != "" && (got.State != "rejected" || got.Reason == nil || !strings.Contains(*got.Reason, test.reason)):
			t.Errorf("%s: got %+v, want %q", name, got, test.reason)
		}
	}
	// A change of what is there is looked at likewise.
	id := fmt.Sprint(c.s.products[len(c.s.products)-1].id)
	for address, state := range map[string]string{"https://img.example.vn/9.jpg": "update_product_approved", "ftp://img.example.vn/9.jpg": "rejected"} {
		var got track
		c.want(200, post, "/v2/requests/updateProductInfo", `{"product_id":`+id+`,"attributes":{"bulky":true},"image":"`+address+`","images":["https://img.example.vn/10.jpg"]}`, &got)
		if got = c.track(got.Track); got.State != state {
			t.Errorf("%s: %s, want %s", address, got.State, state)
		}
	}
	p := c.s.byID[c.s.products[len(c.s.products)-1].id]
	if p.attributes["bulky"] != "1" || !slices.Equal(p.images, []string{"https://img.example.vn/9.jpg", "https://img.example.vn/10.jpg"}) {
		t.Errorf("after the change: %q, %v", p.attributes["bulky"], p.images)
	}
}

func TestRequestsAreFound(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 5, 0, 0, 0, time.UTC)
	c := start(t, Options{Manual: true, TokenLifetime: 48 * time.Hour, Now: func() time.Time { return now }})
	first := c.create(honey())
	now = now.Add(time.Hour)
	second := c.create(honey("MHO", "HAI"))
	c.s.Advance(1)
	tracks := func(query string) (ids []string) {
		t.Helper()
		var list []track
		c.want(200, get, "/v2/tracking?"+query, "", &list)
		for _, x := range list {
			ids = append(ids, x.Track)
		}
		return ids
	}
	for query, want := range map[string][]string{
		"": {second.Track, first.Track}, "limit=1": {second.Track}, "created_at_max=2026-01-01+12:30:00": {first.Track},
		"created_at_min=2026-01-01+12:30:00": {second.Track}, "updated_at_min=2026-01-01+12:30:00": {second.Track, first.Track}, "updated_at_max=2026-01-01+12:30:00": nil,
	} {
		if got := tracks(query); !slices.Equal(got, want) {
			t.Errorf("tracks %q: %v, want %v", query, got, want)
		}
	}
	type row struct {
		ID       string `json:"request_id"`
		State    string `json:"state"`
		Products []struct {
			SKU string `json:"original_sku"`
		} `json:"products"`
	}
	requests := func(query string) (list []row) {
		t.Helper()
		var page struct {
			Data []row `json:"data"`
		}
		c.want(200, get, "/v2/requests?"+query, "", &page)
		return page.Data
	}
	if got := requests("include=products"); len(got) != 2 || len(got[0].Products) != 2 || got[0].Products[0].SKU != "HAI-500" {
		t.Errorf("with products: %+v", got)
	}
	if got := requests("state=in|approved"); len(got) != 0 {
		t.Errorf("approved: %+v", got)
	}
	if got := requests(""); len(got) != 2 || len(got[0].Products) != 0 {
		t.Errorf("without products: %+v", got)
	}
	var one row
	c.want(200, get, "/v2/requests/findBy?track_id="+first.Track, "", &one)
	c.want(400, post, "/v2/tracking/"+first.Track+"/replay", "", nil)
	c.want(200, remove, "/v1/requests/findBy?track_id="+second.Track, "", nil)
	if got := requests(""); len(got) != 1 || got[0].ID != one.ID {
		t.Errorf("after one was deleted: %+v", got)
	}
	c.s.Approve()
	c.want(400, remove, "/v2/requests/"+one.ID, "", nil)
	now = now.Add(trackAge)
	c.access, _, _ = c.s.IssueToken()
	c.want(404, get, "/v2/tracking/"+first.Track, "", nil)
	c.want(404, get, "/v2/requests/findBy?track_id="+first.Track, "", nil)
	c.want(200, get, "/v2/requests/"+one.ID, "", nil)
	if got := tracks(""); len(got) != 0 {
		t.Errorf("after 30 days: %v", got)
	}
}

func TestRefusesOrders(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	skus := c.s.Fill(1)
	order := func(kind string) string {
		id, err := c.s.OrderAs(kind, simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: skus[0], Quantity: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		return "/v2/orders/" + string(id)
	}
	drop, seller, abroad, done := order("dropship"), order("seller_delivery"), order("cross_border"), order("dropship")
	slot := c.s.slots()[0]
	confirm := func(edit ...string) string {
		return strings.NewReplacer(edit...).Replace(`{"confirmation_status":"seller_confirmed","seller_inventory_id":910,"expected_pickup_time":"` + slot + `"}`)
	}
	if err := c.s.SetOrderWord(catalog.ExternalID(strings.TrimPrefix(done, "/v2/orders/")), "complete"); err != nil {
		t.Fatal(err)
	}
	c.refuses([]refused{
		{"created in words", get, "/v2/orders?created_from_date=x", "", 400, "created_from_date"},
		{"updated in words", get, "/v2/orders?updated_from_date=x", "", 400, "updated_from_date"},
		{"an odd span", get, "/v2/orders?filter_date_by=ever", "", 400, "filter_date_by"},
		{"an odd order", get, "/v2/orders?order_by=price|asc", "", 400, "order_by"},
		{"an odd direction", get, "/v2/orders?order_by=created_at|up", "", 400, "order_by"},
		{"an unknown order", get, "/v2/orders/1", "", 404, ""},
		{"dropship: unknown", post, "/v2/orders/1/dropship/confirm-available", confirm(), 404, ""},
		{"dropship: of another kind", post, seller + "/dropship/confirm-available", confirm(), 422, "seller_delivery"},
		{"dropship: done", post, done + "/dropship/confirm-available", confirm(), 422, "not waiting"},
		{"dropship: no JSON", post, drop + "/dropship/confirm-available", `{`, 400, ""},
		{"dropship: an odd word", post, drop + "/dropship/confirm-available", confirm("seller_confirmed", "yes"), 422, "confirmation_status"},
		{"dropship: no inventory", post, drop + "/dropship/confirm-available", confirm(`"seller_inventory_id":910,`, ""), 422, "seller_inventory_id"},
		{"dropship: another inventory", post, drop + "/dropship/confirm-available", confirm("910", "911"), 422, "seller_inventory_id"},
		{"dropship: another time", post, drop + "/dropship/confirm-available", confirm(slot, "2026-01-01 00:00:00"), 422, "expected_pickup_time"},
		{"items: of a dropship order", post, drop + "/confirm-available", `{}`, 422, "dropship"},
		{"items: unknown", post, "/v2/orders/1/confirm-available", `{}`, 404, ""},
		{"items: no JSON", post, seller + "/confirm-available", `{`, 400, ""},
		{"items: no inventory", post, seller + "/confirm-available", `{"available_item_ids":[1]}`, 422, "seller_inventory_id"},
		{"items: another inventory", post, seller + "/confirm-available", `{"available_item_ids":[1],"seller_inventory_id":1}`, 422, "seller_inventory_id"},
		{"label: unknown", get, "/v2/orders/1/dropship/labels?format=html", "", 404, ""},
		{"label: of another kind", get, drop + "/seller-delivery/labels?format=html", "", 422, "dropship"},
		{"label: as PDF", get, drop + "/dropship/labels?format=pdf", "", 400, "html"},
		{"label: too early", get, drop + "/dropship/labels?format=html", "", 422, "not confirmed"},
		{"dropship: good", post, drop + "/dropship/confirm-available", confirm(), 200, ""},
		{"dropship: again", post, drop + "/dropship/confirm-available", confirm(), 422, "not waiting"},
		{"label: good", get, drop + "/dropship/labels?format=html", "", 200, "<html>"},
		{"delivery: unknown", post, "/v2/orders/1/seller-delivery/update-delivery", `{}`, 404, ""},
		{"delivery: no JSON", post, seller + "/seller-delivery/update-delivery", `{`, 400, ""},
		{"delivery: of another kind", post, drop + "/seller-delivery/update-delivery", `{"status":"successful_delivery"}`, 422, "dropship"},
		{"delivery: an odd word", post, seller + "/seller-delivery/update-delivery", `{"status":"lost"}`, 422, "not valid"},
		{"delivery: an odd cause", post, seller + "/seller-delivery/update-delivery", `{"status":"failed_delivery","failure_cause":"rain"}`, 422, "not valid"},
		{"delivery: later", post, seller + "/seller-delivery/update-delivery", `{"status":"failed_delivery","failure_cause":"redelivery_appointment"}`, 200, "queueing"},
		{"delivery: good", post, seller + "/seller-delivery/update-delivery", `{"status":"successful_delivery"}`, 200, "successful_delivery"},
		{"abroad: unknown", post, "/v2/orders/1/cross-border/update-shipment", `{}`, 404, ""},
		{"abroad: no JSON", post, abroad + "/cross-border/update-shipment", `{`, 400, ""},
		{"abroad: of another kind", post, drop + "/cross-border/update-shipment", `{"status":"shipping","update_time":"2026-01-01 00:00:00"}`, 422, "dropship"},
		{"abroad: an odd word", post, abroad + "/cross-border/update-shipment", `{"status":"flying","update_time":"2026-01-01 00:00:00"}`, 422, "status"},
		{"abroad: no time", post, abroad + "/cross-border/update-shipment", `{"status":"shipping"}`, 422, "update_time"},
		{"abroad: on the way", post, abroad + "/cross-border/update-shipment", `{"status":"clearing_customs","update_time":"2026-01-01 00:00:00"}`, 200, "shipping"},
		{"abroad: there", post, abroad + "/cross-border/update-shipment", `{"status":"successful_delivery","update_time":"2026-01-01 00:00:00"}`, 200, "successful_delivery"},
		{"fees that were asked for", get, drop + "?include=items.fees,items.confirmation_histories", "", 200, `"fee_type_key"`},
		{"histories that were asked for", get, drop + "?include=items.confirmation_histories", "", 200, `"histories":[{`},
		{"nothing asked for", get, drop, "", 200, `"fees":[]`},
	})
	for cause := range map[string]bool{"out_of_stock": true, "out_of_needs": true} {
		o := order("seller_delivery")
		c.refuses([]refused{{cause, post, o + "/seller-delivery/update-delivery", `{"status":"failed_delivery","failure_cause":"` + cause + `"}`, 200, "canceled"}})
	}
}

func TestRefusesEvents(t *testing.T) {
	t.Parallel()
	c := start(t, Options{SubscriptionDelay: -1})
	_, app := c.ask(vectorBasic, "grant_type=client_credentials&scope=product+order&client_id=7590139168380001")
	own := c
	own.access = app.Access
	var queue struct {
		Code string `json:"code"`
	}
	own.refuses([]refused{
		{"no name", post, "/v1/queues", `{}`, 422, "name"}, {"no JSON", post, "/v1/queues", `{`, 400, ""},
		{"pull of an unknown one", post, "/v1/queues/x/events/pull", `{}`, 404, ""},
	})
	own.want(200, post, "/v1/queues", `{"name":"x"}`, &queue)
	at := "/v1/queues/" + queue.Code
	var sub struct {
		Code string `json:"code"`
	}
	c.refuses([]refused{
		{"subscribe to an unknown one", post, "/v1/queues/x/subscriptions", `{}`, 404, ""},
		{"subscriptions of an unknown one", get, "/v1/queues/x/subscriptions", "", 404, ""},
		{"a switch of an unknown one", put, "/v1/queues/x/subscriptions/y", `{}`, 404, ""},
		{"an odd kind", post, at + "/subscriptions", `{"event_type":"ODD"}`, 422, "event_type"},
		{"no JSON", post, at + "/subscriptions", `{`, 400, ""},
		{"a switch of an unknown subscription", put, at + "/subscriptions/x", `{"active":true}`, 404, ""},
		{"a switch that is no JSON", put, at + "/subscriptions/x", `{`, 400, ""},
	})
	for _, kind := range []string{"PRODUCT_INVENTORY_UPDATED", "PRODUCT_PRICE_UPDATED"} {
		c.want(200, post, at+"/subscriptions", `{"event_type":"`+kind+`"}`, &sub)
	}
	own.refuses([]refused{
		{"pull that is no JSON", post, at + "/events/pull", `{`, 400, ""},
		{"an acknowledgement before any pull", post, at + "/events/pull", `{"ack_id":""}`, 400, "ack_id"},
		{"an invented acknowledgement", post, at + "/events/pull", `{"ack_id":"x"}`, 400, "ack_id"},
	})
	skus := c.s.Fill(1)
	price := catalog.Price{List: catalog.VND(90000)}
	if err := c.s.SetStock(skus[0], 3); err != nil {
		t.Fatal(err)
	}
	if err := c.s.SetPrice(skus[0], price); err != nil {
		t.Fatal(err)
	}
	c.want(200, put, "/v2.1/products/updateSku", `{"original_sku":"MAU-00000","warehouse_quantities":[{"warehouse_id":1034,"qty_available":9}]}`, nil)
	c.want(200, put, "/v2.1/products/updateSku", `{"original_sku":"MAU-00000","warehouse_quantities":[{"warehouse_id":1034,"qty_available":9}]}`, nil)
	var pulled struct {
		Events []struct {
			Type string `json:"type"`
		} `json:"events"`
	}
	own.want(200, post, at+"/events/pull", `{"ack_id":null}`, &pulled)
	var kinds []string
	for _, e := range pulled.Events {
		kinds = append(kinds, e.Type)
	}
	if !slices.Equal(kinds, []string{"PRODUCT_INVENTORY_UPDATED", "PRODUCT_PRICE_UPDATED", "PRODUCT_INVENTORY_UPDATED"}) {
		t.Errorf("events: %v", kinds)
	}
	c.want(200, put, at+"/subscriptions/"+sub.Code, `{"active":false}`, nil)
	if err := c.s.SetPrice(skus[0], catalog.Price{List: catalog.VND(95000)}); err != nil {
		t.Fatal(err)
	}
	own.want(200, post, at+"/events/pull", `{"ack_id":null}`, &pulled)
	if len(pulled.Events) != 3 {
		t.Errorf("after it was switched off: %d events", len(pulled.Events))
	}
}

func TestBackDoorRefuses(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	skus := c.s.Fill(1)
	order := func(change func(*simulator.OrderRequest)) error {
		o := simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: skus[0], Quantity: 1}}}
		change(&o)
		_, err := c.s.Order(o)
		return err
	}
	if err := order(func(*simulator.OrderRequest) {}); err != nil {
		t.Fatal(err)
	}
	id := c.s.Orders()[0].ExternalID
	for name, err := range map[string]error{
		"stock": c.s.SetStock("X", 1), "state": c.s.SetState(skus[0], catalog.StateReview), "delete": c.s.Delete("X"),
		"word": c.s.SetOrderWord("X", "complete"), "status": c.s.SetOrderStatus(id, "odd"), "no status": c.s.SetOrderStatus(id, ""),
		"an odd order":   order(func(o *simulator.OrderRequest) { o.Status = "odd" }),
		"no lines":       order(func(o *simulator.OrderRequest) { o.Lines = nil }),
		"an unknown SKU": order(func(o *simulator.OrderRequest) { o.Lines[0].SKU = "X" }),
		"nothing of it":  order(func(o *simulator.OrderRequest) { o.Lines[0].Quantity = 0 }),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, state := range []catalog.State{catalog.StateStopped, catalog.StateRejected} {
		if err := c.s.SetState(skus[0], state); err != nil {
			t.Fatal(err)
		}
		if order(func(*simulator.OrderRequest) {}) == nil {
			t.Errorf("what is %s was bought", state)
		}
		if got := c.s.Listings()[0].State; got != state {
			t.Errorf("got %s, want %s", got, state)
		}
	}
	// An order that is cancelled gives its pieces back, and takes them again.
	left := func() int64 { return *c.s.Listings()[0].Variants[0].Quantity }
	for _, step := range []struct {
		word string
		left int64
	}{{"canceled", 10}, {"canceled", 10}, {"shipping", 9}, {"shipping", 9}} {
		if err := c.s.SetOrderWord(id, step.word); err != nil || left() != step.left {
			t.Errorf("%s: %v, %d left, want %d", step.word, err, left(), step.left)
		}
	}
}
