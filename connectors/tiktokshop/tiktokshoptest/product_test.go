package tiktokshoptest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

const productsPath = "/product/202309/products"

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	attribute, _ := c.upload(400, 400, "ATTRIBUTE_IMAGE")
	sku := func(p object, i int) object { return p["skus"].([]object)[i] }
	for name, tt := range map[string]struct {
		spoil func(object)
		code  int
	}{
		"no title":                {func(p object) { p["title"] = "" }, 12052261},
		"short title":             {func(p object) { p["title"] = strings.Repeat("ă", 24) }, 12052051},
		"long title":              {func(p object) { p["title"] = strings.Repeat("mật ", 64) }, 12052051},
		"emoji":                   {func(p object) { p["title"] = "Mật ong rừng nguyên chất 🍯 Bạch Thông" }, 12052931},
		"HTML escape":             {func(p object) { p["title"] = "Mật ong rừng &amp; phấn hoa Bạch Thông" }, 12052931},
		"ten times one letter":    {func(p object) { p["title"] = "Mật ong rừng Bạch Thông " + strings.Repeat("a", 10) }, 12052931},
		"Chinese":                 {func(p object) { p["title"] = "Mật ong rừng Bạch Thông 茶 hũ thuỷ tinh" }, 12052262},
		"no description":          {func(p object) { delete(p, "description") }, 12052015},
		"long description":        {func(p object) { p["description"] = strings.Repeat("a ", 5001) }, 12052013},
		"foreign picture":         {func(p object) { p["description"] = `<img src="https://x.example/a.png" width="1" height="1">` }, 12052340},
		"unknown category":        {func(p object) { p["category_id"] = "1" }, 12052023},
		"inner category":          {func(p object) { p["category_id"] = "700437" }, 12052024},
		"restricted category":     {func(p object) { p["category_id"] = "914571" }, 12052223},
		"certificate":             {func(p object) { p["category_id"] = "914572" }, 12052105},
		"old tree":                {func(p object) { p["category_version"] = "v1" }, 12052217},
		"tree not told":           {func(p object) { delete(p, "category_version") }, 12052217},
		"no picture":              {func(p object) { p["main_images"] = []object{} }, 12052028},
		"ten pictures":            {func(p object) { p["main_images"] = make([]object, 10) }, 12052306},
		"unknown picture":         {func(p object) { p["main_images"] = []object{{"uri": "tos/x"}} }, 12052300},
		"picture for something":   {func(p object) { p["main_images"] = []object{{"uri": attribute}} }, 12052300},
		"no weight":               {func(p object) { delete(p, "package_weight") }, 12052006},
		"weight of four decimals": {func(p object) { p["package_weight"] = object{"value": "0.0005", "unit": "KILOGRAM"} }, 12052006},
		"weight zero":             {func(p object) { p["package_weight"] = object{"value": "0", "unit": "KILOGRAM"} }, 12052181},
		"grams":                   {func(p object) { p["package_weight"] = object{"value": "500", "unit": "GRAM"} }, 12052916},
		"broken size": {func(p object) {
			p["package_dimensions"] = object{"length": "1.5", "width": "1", "height": "1", "unit": "CENTIMETER"}
		}, 12052005},
		"attribute missing": {func(p object) { delete(p, "product_attributes") }, 12052104},
		"attribute unknown": {func(p object) { p["product_attributes"] = []object{{"id": "1", "values": []object{{"id": "1"}}}} }, 12052240},
		"value unknown":     {func(p object) { p["product_attributes"] = []object{{"id": "101395", "values": []object{{"id": "1"}}}} }, 12052529},
		"value of one's own": {func(p object) {
			p["product_attributes"] = []object{{"id": "101395", "values": []object{{"name": "Lào"}}}}
		}, 12052247},
		"no SKUs":                   {func(p object) { p["skus"] = []object{} }, 12052050},
		"101 SKUs":                  {func(p object) { p["skus"] = make([]object, 101) }, 12052050},
		"price with decimals":       {func(p object) { sku(p, 0)["price"] = object{"amount": "185000.00", "currency": "VND"} }, 12052012},
		"price zero":                {func(p object) { sku(p, 0)["price"] = object{"amount": "0", "currency": "VND"} }, 12052073},
		"dollars":                   {func(p object) { sku(p, 0)["price"] = object{"amount": "18", "currency": "USD"} }, 12052084},
		"price as a number":         {func(p object) { sku(p, 0)["price"] = object{"amount": 185000, "currency": "VND"} }, 98001004},
		"no price":                  {func(p object) { delete(sku(p, 0), "price") }, 12052571},
		"no stock":                  {func(p object) { delete(sku(p, 0), "inventory") }, 12019022},
		"too much stock":            {func(p object) { sku(p, 0)["inventory"] = []object{{"warehouse_id": warehouseID, "quantity": 100000}} }, 12052055},
		"unknown warehouse":         {func(p object) { sku(p, 0)["inventory"] = []object{{"warehouse_id": "1", "quantity": 1}} }, 12052097},
		"warehouse of returns":      {func(p object) { sku(p, 0)["inventory"] = []object{{"warehouse_id": returnID, "quantity": 1}} }, 12052532},
		"blank in seller SKU":       {func(p object) { sku(p, 0)["seller_sku"] = "MO 1" }, 12019059},
		"seller SKU twice":          {func(p object) { sku(p, 0)["seller_sku"] = sku(p, 1)["seller_sku"] }, 12019059},
		"long seller SKU":           {func(p object) { sku(p, 0)["seller_sku"] = strings.Repeat("x", 51) }, 12052054},
		"SKU without attribute":     {func(p object) { delete(sku(p, 1), "sales_attributes") }, 12052550},
		"another set of attributes": {func(p object) { sku(p, 1)["sales_attributes"] = []object{{"name": "Màu", "value_name": "Đỏ"}} }, 12052550},
		"same values twice":         {func(p object) { sku(p, 1)["sales_attributes"] = sku(p, 0)["sales_attributes"] }, 12052560},
		"long attribute name": {func(p object) {
			sku(p, 0)["sales_attributes"] = []object{{"name": strings.Repeat("x", 21), "value_name": "a"}}
		}, 12052242},
		"long attribute value": {func(p object) {
			sku(p, 0)["sales_attributes"] = []object{{"name": "Cỡ", "value_name": strings.Repeat("x", 51)}}
		}, 12052249},
		"four attributes": {func(p object) {
			sku(p, 0)["sales_attributes"] = []object{{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}}
		}, 12052525},
		"GTIN of 12 digits": {func(p object) { sku(p, 0)["identifier_code"] = object{"code": "893000000001", "type": "EAN"} }, 12052591},
		"GTIN twice": {func(p object) {
			sku(p, 0)["identifier_code"] = object{"code": "8930000000015", "type": "EAN"}
			sku(p, 1)["identifier_code"] = object{"code": "8930000000015", "type": "EAN"}
		}, 12052592},
	} {
		p := c.good("MO")
		tt.spoil(p)
		if got := c.call("POST", productsPath, nil, p); got.Code != tt.code {
			t.Errorf("%s: got %d %s, want %d", name, got.Code, got.Message, tt.code)
		}
	}
	if n := len(c.sim.Listings()); n != 0 {
		t.Errorf("the shop has %d products, want none", n)
	}
	for _, size := range [][3]int{{299, 400, 12038014}, {4001, 300, 12038014}, {300, 300, 0}} {
		if _, answer := c.upload(size[0], size[1], "MAIN_IMAGE"); answer.Code != size[2] {
			t.Errorf("picture of %d × %d: got %d", size[0], size[1], answer.Code)
		}
	}
	if _, answer := c.upload(100, 100, "ATTRIBUTE_IMAGE"); answer.Code != 0 {
		t.Errorf("small picture of an attribute: got %d", answer.Code)
	}
}

func TestCreateOnce(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	p := c.good("MO")
	p["idempotency_key"], p["external_product_id"], p["brand_id"] = "mot", "MO", "7082427311584347906"
	var first, second created
	c.want(0, "POST", productsPath, nil, p, &first)
	p["title"] = "Tên khác hẳn của mật ong rừng Bạch Thông"
	c.want(0, "POST", productsPath, nil, p, &second)
	if first.Product != second.Product || len(c.sim.Listings()) != 1 {
		t.Errorf("the same key: products %s and %s, %d listings", first.Product, second.Product, len(c.sim.Listings()))
	}
	if len(first.Warnings) != 1 || !strings.Contains(first.Warnings[0].Message, "brand_id") {
		t.Errorf("a brand that is not ours: warnings %+v", first.Warnings)
	}
	p["idempotency_key"] = "hai"
	c.want(12052996, "POST", productsPath, nil, p, nil)
	delete(p, "external_product_id")
	c.want(0, "POST", productsPath, nil, p, nil) // the same seller SKUs are allowed
}

func TestZeroStock(t *testing.T) {
	t.Parallel()
	for refuse, code := range map[bool]int{false: 0, true: 12052055} {
		c := start(t, Options{RefuseZero: refuse})
		p := c.create("MO")
		var out struct {
			Errors []struct {
				Code   int `json:"code"`
				Detail struct {
					SKU string `json:"sku_id"`
				} `json:"detail"`
			} `json:"errors"`
		}
		c.want(0, "POST", productsPath+"/"+p.Product+"/inventory/update", nil, object{"skus": []object{
			{"id": p.SKUs[0].ID, "inventory": []object{{"quantity": 0}}}, {"id": p.SKUs[1].ID, "inventory": []object{{"quantity": 3}}},
		}}, &out)
		if code == 0 && len(out.Errors) != 0 || code != 0 && (len(out.Errors) != 1 || out.Errors[0].Code != code || out.Errors[0].Detail.SKU != p.SKUs[0].ID) {
			t.Errorf("refuse zero %t: got %+v", refuse, out)
		}
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	c := start(t, Options{AuditTime: time.Hour})
	p := c.create("MO")
	type shown struct {
		Status string `json:"status"`
		Title  string `json:"title"`
		Audit  struct {
			Status string `json:"status"`
		} `json:"audit"`
		Reasons []struct {
			Reasons []string `json:"reasons"`
		} `json:"audit_failed_reasons"`
	}
	expect := func(doing, status, audit, title string) {
		t.Helper()
		var got shown
		c.want(0, "GET", productsPath+"/"+p.Product, nil, nil, &got)
		if got.Status != status || got.Audit.Status != audit || !strings.HasPrefix(got.Title, title) {
			t.Errorf("%s: got %+v, want %s, %s, %q", doing, got, status, audit, title)
		}
	}
	expect("created", statusPending, "AUDITING", "Mật ong")
	c.want(12019113, "POST", productsPath+"/"+p.Product+"/prices/update", nil, object{"skus": []object{
		{"id": p.SKUs[0].ID, "price": object{"amount": "1000", "currency": "VND"}},
	}}, nil)
	c.sim.Advance(time.Hour)
	expect("looked at", statusActivate, "APPROVED", "Mật ong")

	edit := "/product/202509/products/" + p.Product + "/partial_edit"
	c.want(0, "POST", edit, nil, object{"title": "Tên mới của mật ong rừng Bạch Thông"}, nil)
	expect("edited", statusActivate, "AUDITING", "Mật ong") // the old version stays on sale
	c.sim.Advance(time.Hour)
	expect("edit taken", statusActivate, "APPROVED", "Tên mới")
	c.want(0, "POST", edit, nil, object{"title": "Mật ong chữa bách bệnh của Bạch Thông"}, nil)
	c.sim.Advance(time.Hour)
	expect("edit refused", statusActivate, "FAILED", "Tên mới")

	deactivate := object{"product_ids": []string{p.Product}}
	c.want(0, "POST", productsPath+"/deactivate", nil, deactivate, nil)
	expect("deactivated", statusStopped, "NONE", "Tên mới")
	c.want(0, "POST", productsPath+"/activate", nil, deactivate, nil)
	expect("activated", statusPending, "AUDITING", "Tên mới")
	if err := c.sim.FailNextAudit("MO-500", "Ảnh mờ"); err != nil {
		t.Fatal(err)
	}
	c.sim.Advance(time.Hour)
	var got shown
	c.want(0, "GET", productsPath+"/"+p.Product, nil, nil, &got)
	if got.Status != statusFailed || len(got.Reasons) != 1 || got.Reasons[0].Reasons[0] != "Ảnh mờ" {
		t.Errorf("refused: got %+v", got)
	}
	c.want(0, "DELETE", productsPath, nil, deactivate, nil)
	c.want(12052032, "GET", productsPath+"/"+p.Product, nil, nil, nil)
	c.want(0, "POST", productsPath+"/recover", nil, deactivate, nil)
	expect("recovered", statusStopped, "NONE", "Tên mới")
}

func TestEdits(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	p := c.create("MO")
	full := c.good("MO")
	full["skus"] = []object{{"id": p.SKUs[0].ID, "seller_sku": "MO-500", "sales_attributes": []object{{"id": "100089", "value_name": "500g"}}}}
	c.want(0, "PUT", "/product/202509/products/"+p.Product, nil, full, nil)
	l := c.sim.Listings()[0]
	if len(l.Variants) != 1 || l.Variants[0].Price.List != catalog.VND(185000) || *l.Variants[0].Quantity != 40 {
		t.Errorf("a SKU that was left out is gone, price and stock stay: got %+v", l.Variants)
	}
	delete(full, "product_attributes")
	c.want(12052104, "PUT", "/product/202509/products/"+p.Product, nil, full, nil)
	c.want(12052571, "POST", "/product/202509/products/"+p.Product+"/partial_edit", nil, object{"skus": full["skus"]}, nil)
	c.want(12052902, "POST", "/product/202509/products/"+p.Product+"/partial_edit", nil, object{"skus": []object{}}, nil)
	c.want(12052557, "POST", productsPath+"/"+p.Product+"/prices/update", nil, object{"skus": []object{
		{"id": p.SKUs[1].ID, "price": object{"amount": "1000", "currency": "VND"}},
	}}, nil)
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	c := start(t, Options{SearchLimit: 6})
	for _, sku := range []string{"A", "B", "C", "D", "E"} {
		c.create(sku)
	}
	const path = "/product/202502/products/search"
	type page struct {
		Next     string `json:"next_page_token"`
		Total    int    `json:"total_count"`
		Products []struct {
			ID string `json:"id"`
		} `json:"products"`
	}
	seen := map[string]bool{}
	token, pages := "", 0
	for {
		var got page
		c.want(0, "POST", path, url.Values{"page_size": {"2"}, "page_token": {token}}, object{"status": "ALL"}, &got)
		for _, p := range got.Products {
			seen[p.ID] = true
		}
		if pages++; got.Next == "" {
			break
		}
		if !strings.HasPrefix(got.Next, "+/") {
			t.Errorf("token %q has no + and /", got.Next)
		}
		c.want(98001004, "POST", path, url.Values{"page_size": {"2"}, "page_token": {got.Next}}, object{"status": "ACTIVATE"}, nil)
		token = got.Next
	}
	if len(seen) != 5 || pages != 3 {
		t.Errorf("got %d products on %d pages", len(seen), pages)
	}
	for _, size := range []string{"", "0", "101", "x"} {
		c.want(12019109, "POST", path, url.Values{"page_size": {size}}, object{}, nil)
	}
	c.want(12019027, "POST", path, url.Values{"page_size": {"1"}}, object{"seller_skus": make([]string, 11)}, nil)
	var got page
	c.want(0, "POST", path, url.Values{"page_size": {"9"}}, object{"seller_skus": []string{"C-500", "X"}}, &got)
	if len(got.Products) != 1 {
		t.Errorf("by SKU: got %d", len(got.Products))
	}
	c.create("F")
	c.create("G")
	c.want(12052180, "POST", path, url.Values{"page_size": {"9"}}, object{}, nil)
}

func TestPromotions(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	p := c.create("MO")
	const path = "/promotion/202309/activities"
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	activity := object{"title": "Giá", "activity_type": "FIXED_PRICE", "product_level": "VARIATION", "begin_time": at(time.Hour), "end_time": at(48 * time.Hour)}
	var x struct {
		ID string `json:"activity_id"`
	}
	c.want(0, "POST", path, nil, activity, &x)
	c.want(98001004, "POST", path, nil, activity, nil) // the title is taken
	activity["title"], activity["begin_time"] = "Khác", at(-time.Minute)
	c.want(98001004, "POST", path, nil, activity, nil)

	rows := func(price string) object {
		return object{"products": []object{{"id": p.Product, "quantity_limit": -1, "quantity_per_user": -1, "skus": []object{
			{"id": p.SKUs[0].ID, "activity_price_amount": price, "quantity_limit": -1, "quantity_per_user": -1},
		}}}}
	}
	prices := object{"skus": []object{{"id": p.SKUs[0].ID, "price": object{"amount": "190000", "currency": "VND"}}}}
	c.want(98001004, "PUT", path+"/"+x.ID+"/products", nil, rows("185000"), nil)
	c.want(0, "PUT", path+"/"+x.ID+"/products", nil, rows("150000"), nil)
	c.want(0, "POST", productsPath+"/"+p.Product+"/prices/update", nil, prices, nil) // it has not begun
	c.sim.Advance(2 * time.Hour)
	v := c.sim.Listings()[0].Variants[1]
	if v.SKU != "MO-500" || v.Price.Sale == nil || *v.Price.Sale != catalog.VND(150000) {
		t.Errorf("on sale: got %+v", v)
	}
	c.want(12052038, "POST", productsPath+"/"+p.Product+"/prices/update", nil, prices, nil)
	c.want(0, "DELETE", path+"/"+x.ID+"/products", nil, object{"sku_ids": []string{p.SKUs[0].ID}}, nil)
	c.want(0, "POST", productsPath+"/"+p.Product+"/prices/update", nil, prices, nil)
	c.sim.Advance(48 * time.Hour)
	c.want(98001004, "PUT", path+"/"+x.ID+"/products", nil, rows("1000"), nil)
	var list struct {
		Activities []struct {
			ID     string `json:"id"`
			Status string `json:"status"`
		} `json:"activities"`
	}
	c.want(0, http.MethodPost, path+"/search", nil, object{"activity_type": "FIXED_PRICE", "page_size": 10}, &list)
	if len(list.Activities) != 1 || list.Activities[0].Status != "EXPIRED" {
		t.Errorf("search: got %+v", list)
	}
}

// What is too long or too much is refused.
func TestLimits(t *testing.T) {
	t.Parallel()
	c := start(t, Options{MaxProducts: 1})
	long := strings.Repeat("x", 1000)
	for name, spoil := range map[string]func(object){
		"external id":  func(o object) { o["external_product_id"] = long },
		"SKU's id":     func(o object) { o["skus"].([]object)[0]["external_sku_id"] = long },
		"none at once": func(o object) { o["minimum_order_quantity"] = 0 },
		"21 at once":   func(o object) { o["minimum_order_quantity"] = 21 },
		"11 papers":    func(o object) { o["certifications"] = make([]object, 11) },
	} {
		o := c.good("MO")
		spoil(o)
		if got := c.call("POST", "/product/202309/products", nil, o); got.Code != 98001004 {
			t.Errorf("%s: got %d %s", name, got.Code, got.Message)
		}
	}
	c.create("MO")
	c.want(12052093, "POST", "/product/202309/products", nil, c.good("MO2"), nil)
}

// What another attribute says may make an attribute or a paper necessary.
func TestConditions(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	yes := []Condition{{"201", "2011"}}
	c.sim.AddCategory(Category{
		ID: "914580", Parent: "700437", Name: "Rượu mật ong", Certificate: "Giấy phép rượu", CertificateIf: yes,
		Attributes: []Attribute{
			{ID: "100089", Name: "Khối lượng tịnh", Sales: true, Custom: true},
			{ID: "201", Name: "Có cồn", Values: []AttributeValue{{"2011", "Có"}, {"2012", "Không"}}},
			{ID: "202", Name: "Nồng độ", Custom: true, Numeric: true, RequiredIf: yes},
		},
	})
	for i, test := range []struct {
		alcohol, strength string
		papers            []object
		code              int
	}{
		{"2011", "12.5", nil, 12052105}, {"2011", "", []object{{"id": "1"}}, 12052104}, {"2011", "mạnh", []object{{"id": "1"}}, 98001004},
		{"2011", "12.5", []object{{"id": "1"}}, 0}, {"2012", "", nil, 0},
	} {
		o := c.good(fmt.Sprint("MO", i))
		o["category_id"], o["certifications"] = "914580", test.papers
		facts := []object{{"id": "201", "values": []object{{"id": test.alcohol}}}}
		if test.strength != "" {
			facts = append(facts, object{"id": "202", "values": []object{{"name": test.strength}}})
		}
		o["product_attributes"] = facts
		if got := c.call("POST", "/product/202309/products", nil, o); got.Code != test.code {
			t.Errorf("%+v: got %d %s", test, got.Code, got.Message)
		}
	}
}
