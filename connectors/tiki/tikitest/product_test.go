package tikitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
)

func TestGateway(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create(honey())
	for _, test := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/v2/sellers/me", "", 200},
		{"GET", "/v3/sellers/me", "", 404},
		{"GET", "/v2/nothing", "", 404},
		{"POST", "/v2/sellers/me", "{}", 405},
		{"PUT", "/v2.1/products/updateSku", `{"original_sku":"MHO-500","active":0}`, 200},
		{"PUT", "/v2/products/updateSku", `{"original_sku":"MHO-500","active":0}`, 200},
		{"POST", "/v2/products/updateSku", `{"original_sku":"MHO-500","active":0}`, 200},
		{"POST", "/v2.1/products/updateSku", `{"original_sku":"MHO-500","active":0}`, 405},
		{"POST", "/v1/products/updateSku", `{"original_sku":"MHO-500","quantity":3}`, 200},
		{"PUT", "/v1/products/updateSku", `{"original_sku":"MHO-500","quantity":3}`, 405},
		{"PUT", "/v2/products/updateSkus", `{"data":[]}`, 405},
		{"GET", "/v2/categories/1", "", 404},
		{"GET", "/v2.1/products/abc", "", 404},
		{"GET", "/v2.1/products?page=0", "", 400},
		{"GET", "/v2.1/products?updated_from_date=2026-01-01", "", 400},
		{"GET", "/v2/attributes/560/values?limit=10", "", 400},
	} {
		c.want(test.want, test.method, test.path, test.body, nil)
	}
	header := http.Header{"Authorization": {"Bearer " + c.access}}
	if status, _ := c.raw("GET", c.s.APIURL()+"/v2/sellers/me", "", http.Header{"Authorization": {c.access}}); status != 401 {
		t.Errorf("without Bearer: got %d", status)
	}
	header.Set("User-Agent", "")
	if status, _ := c.raw("GET", c.s.APIURL()+"/v2/sellers/me", "", header); status != 403 {
		t.Errorf("without User-Agent: got %d", status)
	}
	header.Set("User-Agent", "test")
	header.Set("Accept", "text/html")
	if status, _ := c.raw("GET", c.s.APIURL()+"/v2/sellers/me", "", header); status != 406 {
		t.Errorf("Accept text/html: got %d", status)
	}
	header.Del("Accept")
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, _ := c.raw("POST", c.s.APIURL()+"/v2.1/requests", "a=b", header); status != 400 {
		t.Errorf("a form for JSON: got %d", status)
	}
	c.s.SetSeller(true, false)
	c.want(403, "PUT", "/v2.1/products/updateSku", `{"original_sku":"MHO-500","active":0}`, nil)
	c.want(200, "GET", "/v2.1/products", "", nil)
	c.want(200, "POST", "/v1/sellers/me/updateCanUpdateProduct", `{"can_update_product":1}`, nil)
	c.want(200, "PUT", "/v2.1/products/updateSku", `{"original_sku":"MHO-500","active":0}`, nil)
	c.s.SetSeller(false, true)
	c.want(403, "GET", "/v2.1/products", "", nil)
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	c := start(t, Options{RatePerSecond: 1})
	c.want(200, "GET", "/v2/sellers/me", "", nil)
	var body map[string][]string
	c.want(429, "GET", "/v2/sellers/me", "", &body)
	if len(body["errors"]) != 1 {
		t.Errorf("got %v", body)
	}
}

type shown struct {
	ID        int64                          `json:"product_id"`
	Name      string                         `json:"name"`
	Super     int64                          `json:"super_id"`
	Active    int                            `json:"active"`
	Original  *string                        `json:"original_sku"`
	Kind      string                         `json:"type"`
	Price     int64                          `json:"price"`
	Market    int64                          `json:"market_price"`
	Created   string                         `json:"created_at"`
	Images    []struct{ URL string }         `json:"images"`
	Values    map[string]struct{ Value any } `json:"attributes"`
	Inventory *struct {
		Quantity int64 `json:"quantity"`
	} `json:"inventory"`
}

type shownPage struct {
	Data   []shown        `json:"data"`
	Paging map[string]int `json:"paging"`
}

// A product goes through review; each variant becomes a product of its own.
func TestReview(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Manual: true})
	sent := c.create(honey())
	if len(sent.Track) != 32 || sent.State != "queuing" {
		t.Fatalf("got %+v", sent)
	}
	var states []string
	for range len(steps[kindCreate]) {
		now := c.track(sent.Track)
		states = append(states, now.State)
		if (now.Request == nil) != (now.State == "queuing") {
			t.Errorf("%s: request_id %v", now.State, now.Request)
		}
		c.s.Advance(1)
	}
	if !slices.Equal(states, steps[kindCreate]) {
		t.Errorf("got states %v", states)
	}
	var request struct {
		State    string
		Products []shown
	}
	c.want(200, "GET", "/v2/requests/findBy?track_id="+sent.Track, "", &request)
	if request.State != "approved" || len(request.Products) != 2 || *request.Products[1].Original != "MHO-1000" {
		t.Fatalf("got %+v", request)
	}
	var byNumber, bySKU shown
	c.want(200, "GET", fmt.Sprintf("/v2.1/products/%d?includes=inventory,attributes,images", request.Products[1].ID), "", &byNumber)
	c.want(200, "GET", "/v2/products/findBy?original_sku=MHO-1000", "", &bySKU)
	if byNumber.ID != bySKU.ID || bySKU.Inventory != nil || byNumber.Inventory.Quantity != 17 || byNumber.Active != 1 ||
		byNumber.Name != "Mật ong rừng - 1kg" || byNumber.Super == 0 || byNumber.Market != 390000 || len(byNumber.Images) != 2 {
		t.Errorf("got %+v and %+v", byNumber, bySKU)
	}
	if byNumber.Values["brand"].Value != "Mường Hoa" || byNumber.Values["product_weight_kg"].Value != "0.75" {
		t.Errorf("got attributes %v", byNumber.Values)
	}
	var super shown
	c.want(200, "GET", fmt.Sprintf("/v2.1/products/%d", byNumber.Super), "", &super)
	if super.Kind != "configurable" || super.Name != "Mật ong rừng" || super.Original != nil {
		t.Errorf("got %+v", super)
	}
}

func TestApprovedIsOffSale(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create(honey(`"is_auto_turn_on":true`, `"is_auto_turn_on":false`))
	if got := c.s.Listings(); len(got) != 1 || got[0].State != catalog.StateStopped {
		t.Errorf("got %+v", got)
	}
}

func TestReviewDelay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	c := start(t, Options{ReviewDelay: 3 * time.Hour, TokenLifetime: 1000 * time.Hour, Now: func() time.Time { return now }})
	sent := c.create(honey())
	if got := c.track(sent.Track); got.State != "queuing" {
		t.Errorf("at once: got %s", got.State)
	}
	now = now.Add(3 * time.Hour)
	if got := c.track(sent.Track); got.State != "approved" {
		t.Errorf("after three hours: got %s", got.State)
	}
	var product shown
	c.want(200, "GET", "/v2/products/findBy?original_sku=MHO-500", "", &product)
	if product.Created != "2026-01-01 20:00:00" {
		t.Errorf("created_at is %s, want Vietnam's time without a zone", product.Created)
	}
	now = now.Add(30 * 24 * time.Hour)
	c.want(404, "GET", "/v2/tracking/"+sent.Track, "", nil)
}

// A duplicate SKU and other faults show only after the request was taken.
func TestLateRejections(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body, reason string
		code         int
	}{
		"SKU of a product":          {honey(), "Product code MHO-500 is not unique", 420},
		"SKU twice":                 {honey("MHO-500", "X", "MHO-1000", "X"), "Product code X is not unique", 420},
		"required attribute":        {honey("MHO", "X", `"brand":"Mường Hoa",`, ""), "attribute brand is required", 400},
		"unknown attribute":         {honey("MHO", "X", `"bulky":0,`, `"bulky":0,"colour":"x",`), "attribute not found: colour", 400},
		"value not in the list":     {honey("MHO", "X", `"origin":"Việt Nam"`, `"origin":"VN"`), "attribute origin has no value VN", 400},
		"not a number":              {honey("MHO", "X", `"product_weight_kg":0.75`, `"product_weight_kg":"nhẹ"`), "attribute product_weight_kg must be a number", 400},
		"not a boolean":             {honey("MHO", "X", `"bulky":0`, `"bulky":2`), "attribute bulky must be 0 or 1", 400},
		"picture that is near":      {honey("MHO", "X", "https://img.example.vn/1.jpg", "http://127.0.0.1/1.jpg"), "image invalid: http://127.0.0.1/1.jpg (cannot be downloaded)", 400},
		"picture that is too small": {honey("MHO", "X", "/2.jpg", "/small.jpg"), "image invalid: https://img.example.vn/small.jpg (smaller than 500x500)", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, Options{})
			c.create(honey())
			got := c.track(c.create(test.body).Track)
			var reason struct {
				Code    int
				Message string
			}
			if got.Reason != nil {
				_ = json.Unmarshal([]byte(*got.Reason), &reason)
			}
			if got.State != "rejected" || got.Request != nil || reason.Code != test.code || reason.Message != test.reason {
				t.Errorf("got %s %+v, want %d %s", got.State, reason, test.code, test.reason)
			}
			if n := len(c.s.Listings()); n != 1 {
				t.Errorf("%d listings, want 1", n)
			}
		})
	}
}

func TestRejectReplayDelete(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Manual: true})
	c.s.RejectNext("Hình ảnh không rõ")
	first := c.create(honey())
	c.s.Approve()
	got := c.track(first.Track)
	if got.State != "rejected" || got.Reason == nil || *got.Reason != "Hình ảnh không rõ" {
		t.Fatalf("got %+v", got)
	}
	var replayed track
	c.want(200, "POST", "/v2/tracking/"+first.Track+"/replay", "", &replayed)
	c.s.Advance(2)
	pending := c.track(first.Track)
	var list struct{ Data []struct{ State string } }
	c.want(200, "GET", "/v2/requests?state=md_awaiting_approve&include=products", "", &list)
	if replayed.State != "queuing" || len(list.Data) != 1 {
		t.Errorf("replay: got %s, list %v", replayed.State, list)
	}
	c.want(200, "DELETE", "/v2/requests/"+*pending.Request, "", nil)
	c.s.Approve()
	if n := len(c.s.Listings()); n != 0 {
		t.Errorf("a deleted request made %d listings", n)
	}
	c.want(404, "DELETE", "/v2/requests/1", "", nil)
}

func TestRefusedAtOnce(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Models: []string{"backorder"}})
	right := honey("dropship", "backorder")
	for _, test := range []struct{ from, to, want string }{
		{"44792", "1", "Category not found id: 1"},
		{"44792", "4384", "Category is not primary id: 4384"},
		{`"name":"Mật ong rừng"`, `"name":" "`, "name is required"},
		{"Mật ong rừng", strings.Repeat("ơ", 256), "name is too long"},
		{`"market_price":390000`, `"market_price":0`, "market_price should be > 0"},
		{`"price":185000`, `"price":0`, "variants should have price > 0"},
		{`"price":185000`, `"price":19999`, priceTooLow},
		{`"option1":"500g",`, ``, "variants don't match with option_attributes => variants option1 missing"},
		{`["Khối lượng"]`, `["Khối lượng","Màu sắc"]`, "variants don't match with option_attributes => variants option2 missing"},
		{`["Khối lượng"]`, `["a","b","c"]`, "option_attributes should have at most 2 values"},
		{`"sku":"MHO-500"`, `"sku":""`, "variants should have sku"},
		{"backorder", "cross_border", "variants inventory_type error => Seller haven't registered inventory_type = cross_border ,please choose 1 over here : [backorder]"},
		{`"seller_warehouse":"1034","warehouse_stocks"`, `"seller_warehouse":"1034","warehouse_quantities"`, "variants warehouse_quantities is unknown, use warehouse_stocks"},
		{`{"warehouseId":1034,"qtyAvailable":40}`, `{"warehouse_id":1034,"qty_available":40}`, "variants warehouse_stocks should have warehouseId and qtyAvailable >= 0"},
		{`"seller_warehouse":"1034, 1015"`, `"seller_warehouse":"1034, 9"`, "variants seller_warehouse is not valid: 1034, 9"},
		{`{"warehouseId":1015,`, `{"warehouseId":1040,`, "variants warehouse_stocks => warehouse 1040 is not in seller_warehouse"},
	} {
		if !strings.Contains(right, test.from) {
			t.Fatalf("the body has no %s", test.from)
		}
		var got struct{ Errors []string }
		c.want(422, "POST", "/v2.1/requests", strings.ReplaceAll(right, test.from, test.to), &got)
		if !slices.Contains(got.Errors, test.want) {
			t.Errorf("%s -> %s: got %q, want %q", test.from, test.to, got.Errors, test.want)
		}
	}
	c.want(400, "POST", "/v2.1/requests", strings.Replace(right, `"price":185000`, `"price":"185000"`, 1), nil)
	c.want(400, "POST", "/v2.1/requests", strings.Replace(right, `"category_id":44792`, `"category_id":"44792"`, 1), nil)
	c.want(404, "POST", "/v1/requests", right, nil)
	c.create(right)
}

func (c client) find(sku string) shown {
	c.Helper()
	var found, whole shown
	c.want(200, "GET", "/v2/products/findBy?original_sku="+sku, "", &found)
	c.want(200, "GET", fmt.Sprintf("/v2.1/products/%d?includes=inventory,images,attributes", found.ID), "", &whole)
	return whole
}

func TestUpdateSKU(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.create(honey())
	id := c.find("MHO-500").ID
	for _, test := range []struct {
		body string
		want int
	}{
		{`{"active":1}`, 422},
		{`{"original_sku":"NONE","active":1}`, 404},
		{`{"product_id":1,"original_sku":"MHO-500","active":1}`, 404},
		{`{"product_id":"5","active":1}`, 400},
		{`{"original_sku":"MHO-500","price":19999}`, 422},
		{`{"original_sku":"MHO-500","price":1.5}`, 400},
		{`{"original_sku":"MHO-500","active":2}`, 422},
		{`{"original_sku":"MHO-500","warehouse_stocks":[{"warehouseId":1034,"qtyAvailable":1}]}`, 422},
		{`{"original_sku":"MHO-500","warehouse_quantities":[{"warehouseId":1034,"qtyAvailable":1}]}`, 422},
		{`{"original_sku":"MHO-500","warehouse_quantities":[{"warehouse_id":1034,"qty_available":-1}]}`, 422},
		{`{"original_sku":"MHO-500","warehouse_quantities":[{"warehouse_id":77,"qty_available":1}]}`, 422},
		{`{"original_sku":"MHO-500","seller_warehouse":"1034","warehouse_quantities":[{"warehouse_id":1015,"qty_available":1}]}`, 422},
	} {
		c.want(test.want, "PUT", "/v2.1/products/updateSku", test.body, nil)
	}
	if got := c.find("MHO-500"); got.Price != 185000 || got.Active != 1 || got.Inventory.Quantity != 40 {
		t.Fatalf("a refused update was carried out: %+v", got)
	}
	c.want(200, "PUT", "/v2.1/products/updateSku",
		fmt.Sprintf(`{"product_id":%d,"price":118000,"active":0,"seller_warehouse":"1034","warehouse_quantities":[{"warehouse_id":1034,"qty_available":60}]}`, id), nil)
	if got := c.find("MHO-500"); got.Price != 118000 || got.Active != 0 || got.Inventory.Quantity != 60 {
		t.Errorf("got %+v", got)
	}
	c.want(200, "PUT", "/v2.1/products/updateSku", `{"original_sku":"MHO-1000","warehouse_quantities":[{"warehouse_id":1015,"qty_available":5}]}`, nil)
	if got := c.find("MHO-1000").Inventory.Quantity; got != 20 {
		t.Errorf("the other warehouse: got %d, want 15 + 5", got)
	}
	c.want(200, "POST", "/v2/products/updateOriginalSku", fmt.Sprintf(`{"product_id":%d,"original_sku":"NEW"}`, id), nil)
	c.want(404, "GET", "/v2/products/findBy?original_sku=MHO-500", "", nil)
	c.want(422, "POST", "/v2/products/updateOriginalSku", fmt.Sprintf(`{"product_id":%d,"original_sku":"MHO-1000"}`, id), nil)
}

func TestUpdateSKUs(t *testing.T) {
	t.Parallel()
	const body = `{"data":[{"original_sku":"MHO-500","status":2,"price":179000},{"original_sku":"NONE","status":2},{"original_sku":"MHO-1000","active":0}]}`
	for mode, test := range map[string]struct {
		status int
		answer string
		off    int
	}{
		BatchList: {200, `{"data":[{"original_sku":"MHO-500","product_id":null,"state":"approved"},` +
			`{"errors":["Product not found id: NONE"],"original_sku":"NONE","product_id":null,"state":"rejected"},` +
			`{"original_sku":"MHO-1000","product_id":null,"state":"approved"}]}`, 0},
		BatchEmpty:  {200, `{}`, 0},
		BatchRefuse: {404, `{"errors":["Product not found id: NONE"]}`, 1},
	} {
		c := start(t, Options{BatchAnswer: mode})
		c.create(honey())
		var got json.RawMessage
		c.want(test.status, "PUT", "/v2.1/products/updateSkus", body, &got)
		if diff := cmp.Diff(test.answer, strings.TrimSpace(string(got))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", mode, diff)
		}
		if got := c.find("MHO-500").Active; got != test.off {
			t.Errorf("%s: active is %d, want %d", mode, got, test.off)
		}
		if got := c.find("MHO-1000").Active; got != 1 {
			t.Errorf("%s: active is not a field of updateSkus, but was taken", mode)
		}
		many := strings.Repeat(`{"original_sku":"MHO-500"},`, 100)
		c.want(422, "PUT", "/v2.1/products/updateSkus", `{"data":[`+many+`{"original_sku":"MHO-500"}]}`, nil)
		c.want(422, "PUT", "/v2.1/products/updateSkus", `{"data":[]}`, nil)
	}
}

func TestUpdateInfo(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Manual: true})
	c.create(honey())
	c.s.Approve()
	before := c.find("MHO-500")
	var sent track
	c.want(200, "POST", "/v2/requests/updateProductInfo", fmt.Sprintf(
		`{"product_id":%d,"attributes":{"name":"Tên mới","brand":"Hiệu mới"},"image":"https://img.example.vn/9.jpg","market_price":250000}`, before.ID), &sent)
	if diff := cmp.Diff(before, c.find("MHO-500")); diff != "" {
		t.Errorf("changed before the review (-before +after):\n%s", diff)
	}
	c.s.Advance(2)
	if got := c.track(sent.Track).State; got != "update_product_awaiting_approve" {
		t.Errorf("got state %s", got)
	}
	c.s.Approve()
	after := c.find("MHO-500")
	if got := c.track(sent.Track).State; got != "update_product_approved" || after.Name != "Tên mới" || after.Market != 250000 ||
		after.Price != before.Price || after.Values["brand"].Value != "Hiệu mới" || len(after.Images) != 2 || after.Images[0].URL != "https://img.example.vn/9.jpg" {
		t.Errorf("got %s, %+v", got, after)
	}
	if other := c.find("MHO-1000"); other.Name != "Mật ong rừng - 1kg" || other.Market != 390000 {
		t.Errorf("the other variant changed: %+v", other)
	}
	c.want(404, "POST", "/v2/requests/updateProductInfo", `{"product_id":1,"attributes":{}}`, nil)
	c.want(422, "POST", "/v2/requests/updateProductInfo", fmt.Sprintf(`{"product_id":%d}`, before.ID), nil)
}

func TestProductPages(t *testing.T) {
	t.Parallel()
	c := start(t, Options{RatePerSecond: -1})
	const n = 60
	for i := range n {
		c.create(honey("MHO-500", fmt.Sprintf("A-%d", i), "MHO-1000", fmt.Sprintf("B-%d", i)))
	}
	seen := map[int64]bool{}
	var page shownPage
	for number := 1; ; number++ {
		c.want(200, "GET", fmt.Sprintf("/v2.1/products?limit=100&page=%d", number), "", &page)
		if page.Paging["per_page"] != 50 || page.Paging["total"] != 3*n {
			t.Fatalf("got paging %v", page.Paging)
		}
		for _, p := range page.Data {
			seen[p.ID] = true
		}
		if number == page.Paging["last_page"] {
			break
		}
	}
	if len(seen) != 3*n {
		t.Errorf("got %d products, want %d", len(seen), 3*n)
	}
	c.want(200, "GET", "/v2.1/products?active=0", "", &page)
	if page.Paging["total"] != 0 || page.Paging["last_page"] != 1 {
		t.Errorf("active=0: got %v", page.Paging)
	}
}

func TestCategories(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	var list struct {
		Data []struct {
			ID      int64 `json:"id"`
			Primary bool  `json:"is_primary"`
		}
	}
	c.want(200, "GET", "/v2/categories?is_primary=true&limit=50", "", &list)
	if len(list.Data) != 4 {
		t.Errorf("got %v", list.Data)
	}
	var attributes struct {
		Data []struct {
			Code     string
			Required bool `json:"is_required"`
		}
	}
	c.want(200, "GET", "/v2/categories/44792/attributes", "", &attributes)
	if len(attributes.Data) != 12 || !attributes.Data[0].Required {
		t.Errorf("got %v", attributes)
	}
	var values struct{ Data []struct{ Value string } }
	c.want(200, "GET", "/v2/attributes/560/values?q=vi", "", &values)
	if len(values.Data) != 1 || values.Data[0].Value != "Việt Nam" {
		t.Errorf("got %v", values)
	}
	c.want(200, "GET", "/v2/categories/44792/optionLabels", "", nil)
	c.want(200, "GET", "/v2/brands?name=oem", "", nil)
	c.want(200, "GET", "/v2/requests/requiredDocs?category_id=44792", "", nil)
	c.s.RemoveCategory(CategoryHoney)
	c.want(404, "GET", "/v2/categories/44792/attributes", "", nil)
}
