package woocommercetest_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const honey = `{"name":"Mật ong rừng U Minh 500ml","type":"simple","status":"publish","sku":"MO-UM-500","global_unique_id":"8936012345678",
 "regular_price":"185000","manage_stock":true,"stock_quantity":12,"backorders":"no","weight":"700",
 "dimensions":{"length":"10","width":"10","height":"18"},"categories":[{"id":15}],"tags":[{"name":"organic"}],
 "images":[{"src":"https://img.example.test/mo-um-500.jpg","name":"mo-um-500","alt":"Mật ong rừng"}],
 "description":"<p>Thơm</p>","short_description":"","meta_data":[{"key":"_master_id","value":"m-1"}],"no_such_field":1}`

func TestCreate(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	r := s.make("products", honey)
	got := map[string]any{}
	for _, name := range []string{
		"name", "slug", "permalink", "type", "status", "sku", "price", "regular_price", "sale_price", "on_sale", "manage_stock",
		"stock_quantity", "stock_status", "backorders", "weight", "global_unique_id", "parent_id", "purchasable", "date_modified",
		"date_modified_gmt", "description",
	} {
		got[name] = r.one[name]
	}
	if diff := cmp.Diff(map[string]any{
		"name": "Mật ong rừng U Minh 500ml", "slug": "mat-ong-rung-u-minh-500ml", "permalink": s.URL + "/product/mat-ong-rung-u-minh-500ml/",
		"type": "simple", "status": "publish", "sku": "MO-UM-500", "price": "185000", "regular_price": "185000", "sale_price": "",
		"on_sale": false, "manage_stock": true, "stock_quantity": 12.0, "stock_status": "instock", "backorders": "no", "weight": "700",
		"global_unique_id": "8936012345678", "parent_id": 0.0, "purchasable": true, "date_modified": "2026-11-23T19:00:00",
		"date_modified_gmt": "2026-11-23T12:00:00", "description": "<p>Thơm</p>",
	}, got); diff != "" {
		t.Error(diff)
	}
	if at(r.one, "tags", 0, "slug") != "organic" || at(r.one, "meta_data", 0, "key") != "_master_id" || at(r.one, "images", 0, "alt") != "Mật ong rừng" ||
		at(r.one, "dimensions", "height") != "18" || at(r.one, "categories", 0, "name") != "Uncategorized" {
		t.Errorf("parts: %s", r.raw)
	}
	if _, ok := r.one["no_such_field"]; ok {
		t.Error("an unknown field must be ignored")
	}
	if r := s.make("products", `{}`); r.one["name"] != "Product" || r.one["type"] != "simple" || r.one["status"] != "publish" {
		t.Errorf("nameless: %.300s", r.raw)
	}
	if r := s.make("products", `{"name":"Mật ong rừng U Minh 500ml"}`); r.one["slug"] != "mat-ong-rung-u-minh-500ml-2" {
		t.Errorf("second slug: %v", r.one["slug"])
	}
	if !strings.Contains(r.raw, `M\u1eadt ong`) || !strings.Contains(r.raw, `<p>Th\u01a1m<\/p>`) {
		t.Errorf("not PHP's JSON: %.100s", r.raw)
	}
}

func TestStrictTypes(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	for _, test := range []struct{ body, param, code, message string }{
		{`{"regular_price":185000}`, "regular_price", "rest_invalid_type", "regular_price is not of type string."},
		{`{"name":5}`, "name", "rest_invalid_type", "name is not of type string."},
		{`{"sku":null}`, "sku", "rest_invalid_type", "sku is not of type string."},
		{`{"stock_quantity":2.5}`, "stock_quantity", "rest_invalid_type", "stock_quantity is not of type integer."},
		{`{"manage_stock":"parent"}`, "manage_stock", "rest_invalid_type", "manage_stock is not of type boolean."},
		{`{"type":"bundle"}`, "type", "rest_not_in_enum", "type is not one of simple, grouped, external, and variable."},
		{`{"backorders":"maybe"}`, "backorders", "rest_not_in_enum", "backorders is not one of no, notify, and yes."},
		{`{"categories":[{"id":"x"}]}`, "categories", "rest_invalid_type", "categories[0][id] is not of type integer."},
		{`{"dimensions":5}`, "dimensions", "rest_invalid_type", "dimensions is not of type object."},
		{`{"status":"live"}`, "status", "rest_not_in_enum", ""},
	} {
		r := s.post("products", test.body)
		want(t, r, 400, "rest_invalid_param")
		if at(r.one, "data", "details", test.param, "code") != test.code ||
			test.message != "" && at(r.one, "data", "params", test.param) != test.message {
			t.Errorf("%s: %s", test.body, r.raw)
		}
	}
	if r := s.get("products"); len(r.many) != 0 {
		t.Errorf("left behind: %s", r.raw)
	}
	r := s.post("products/batch", `{"create":[{"name":"a","regular_price":185000,"stock_quantity":2.5,"manage_stock":true,"type":"bundle"}]}`)
	if at(r.one, "create", 0, "regular_price") != "185000" || at(r.one, "create", 0, "stock_quantity") != 2.0 || at(r.one, "create", 0, "type") != "simple" {
		t.Errorf("a batch is loose: %s", r.raw)
	}
	s.make("products", `{"manage_stock":"true","stock_quantity":"5"}`)
}

func TestPrices(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	id := s.make("products", `{"name":"x","regular_price":"185000"}`).id()
	for _, test := range []struct {
		body, price, regular, sale string
		onSale                     bool
	}{
		{`{"sale_price":"150000"}`, "150000", "185000", "150000", true},
		{`{"sale_price":""}`, "185000", "185000", "", false},
		{`{"sale_price":"185000"}`, "185000", "185000", "", false},
		{`{"sale_price":"200000"}`, "185000", "185000", "", false},
		{`{"sale_price":"99000"}`, "99000", "185000", "99000", true},
		{`{"sale_price":null}`, "", "", "", false},
		{`{"regular_price":"90000"}`, "90000", "90000", "", false},
		{`{"regular_price":"185000.50"}`, "185000.50", "185000.50", "", false},
		{`{"regular_price":"abc"}`, "", "", "", false},
		{`{"regular_price":"50000","sale_price":"40000","date_on_sale_from_gmt":"2026-11-24T00:00:00"}`, "50000", "50000", "40000", false},
		{`{"date_on_sale_from":"2026-11-23T19:00:00"}`, "40000", "50000", "40000", true},
		{`{"date_on_sale_to_gmt":"2026-11-23T11:59:59"}`, "50000", "50000", "40000", false},
	} {
		r := s.put(fmt.Sprintf("products/%d", id), test.body)
		if strings.Contains(test.body, "null") {
			want(t, r, 400, "rest_invalid_param")
			continue
		}
		if r.one["price"] != test.price || r.one["regular_price"] != test.regular || r.one["sale_price"] != test.sale || r.one["on_sale"] != test.onSale {
			t.Errorf("%s: price %v regular %v sale %v on sale %v", test.body, r.one["price"], r.one["regular_price"], r.one["sale_price"], r.one["on_sale"])
		}
	}
	if r := s.get(fmt.Sprintf("products/%d", id)); r.one["date_on_sale_from_gmt"] != "2026-11-23T12:00:00" || r.one["date_on_sale_to"] != "2026-11-23T18:59:59" {
		t.Errorf("sale dates: %v %v", r.one["date_on_sale_from_gmt"], r.one["date_on_sale_to"])
	}
}

func TestStockRules(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	path := fmt.Sprintf("products/%d", s.make("products", `{"name":"x"}`).id())
	for _, test := range []struct {
		body, status string
		manage       bool
		quantity     any
		backorders   string
	}{
		{`{"stock_quantity":7}`, "instock", false, nil, "no"},
		{`{"stock_status":"outofstock"}`, "outofstock", false, nil, "no"},
		{`{"manage_stock":true,"stock_quantity":7}`, "instock", true, 7.0, "no"},
		{`{"stock_status":"outofstock"}`, "instock", true, 7.0, "no"},
		{`{"stock_quantity":0}`, "outofstock", true, 0.0, "no"},
		{`{"stock_status":"instock"}`, "outofstock", true, 0.0, "no"},
		{`{"backorders":"notify"}`, "onbackorder", true, 0.0, "notify"},
		{`{"stock_quantity":-3,"backorders":"yes"}`, "onbackorder", true, -3.0, "yes"},
		{`{"stock_quantity":1}`, "instock", true, 1.0, "yes"},
		{`{"manage_stock":false}`, "instock", false, nil, "no"},
	} {
		r := s.put(path, test.body)
		if r.one["stock_status"] != test.status || r.one["manage_stock"] != test.manage || r.one["stock_quantity"] != test.quantity || r.one["backorders"] != test.backorders {
			t.Errorf("%s: %v %v %v %v", test.body, r.one["stock_status"], r.one["manage_stock"], r.one["stock_quantity"], r.one["backorders"])
		}
	}
}

func TestMetaIsMerged(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	path := fmt.Sprintf("products/%d", s.make("products", `{"meta_data":[{"key":"a","value":"1"},{"key":"b","value":{"c":2}}]}`).id())
	r := s.put(path, `{"meta_data":[{"key":"a","value":"2"}]}`)
	if diff := cmp.Diff([]any{
		map[string]any{"id": 1.0, "key": "a", "value": "2"},
		map[string]any{"id": 2.0, "key": "b", "value": map[string]any{"c": 2.0}},
	}, r.one["meta_data"]); diff != "" {
		t.Error(diff)
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	id := s.make("products", honey).id()
	r := s.post("products", `{"name":"y","sku":"MO-UM-500"}`)
	want(t, r, 400, "product_invalid_sku")
	if r.one["message"] != "Invalid or duplicated SKU." || number(at(r.one, "data", "resource_id")) != id || at(r.one, "data", "unique_sku") != "MO-UM-500-1" {
		t.Errorf("SKU: %s", r.raw)
	}
	r = s.post("products", `{"name":"y","global_unique_id":"8936012345678"}`)
	want(t, r, 400, "product_invalid_global_unique_id")
	if number(at(r.one, "data", "resource_id")) != id {
		t.Errorf("GTIN: %s", r.raw)
	}
	if r := s.make("products", `{"global_unique_id":"abc"}`); r.one["global_unique_id"] != "" {
		t.Errorf("GTIN abc: %v", r.one["global_unique_id"])
	}
	if r := s.put(fmt.Sprintf("products/%d", id), honey); r.status != 200 {
		t.Errorf("a product keeps its own SKU: %s", r.raw)
	}

	s.do("DELETE", fmt.Sprintf("products/%d", id), "")
	r = s.post("products", `{"name":"y","sku":"MO-UM-500"}`)
	want(t, r, 400, "woocommerce_rest_product_not_created")
	if at(r.one, "data", "resource_id") != nil || r.one["message"] != "The product with SKU (MO-UM-500) you are trying to insert is already present in the lookup table" {
		t.Errorf("SKU in the trash: %s", r.raw)
	}
	s.do("DELETE", fmt.Sprintf("products/%d?force=true", id), "")
	s.make("products", `{"name":"y","sku":"MO-UM-500"}`)
}

func TestCreatesAtTheSameMoment(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	var group sync.WaitGroup
	replies := make([]reply, 8)
	for i := range replies {
		group.Go(func() { replies[i] = s.post("products", `{"name":"x","sku":"RACE"}`) })
	}
	group.Wait()
	made := 0
	for _, r := range replies {
		switch {
		case r.status == 201:
			made++
		case r.status == 400 && (r.code() == "woocommerce_rest_product_not_created" || r.code() == "product_invalid_sku"):
		default:
			t.Errorf("%d %s", r.status, r.raw)
		}
	}
	if made != 1 || len(s.get("products?sku=RACE").many) != 1 {
		t.Errorf("%d were made", made)
	}
}

func TestMissingProducts(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	const code = "woocommerce_rest_product_invalid_id"
	want(t, s.get("products/4711"), 404, code)
	want(t, s.put("products/4711", `{}`), 400, code)
	want(t, s.do("DELETE", "products/4711", ""), 404, code)
	want(t, s.get("orders/4711"), 404, "woocommerce_rest_shop_order_invalid_id")
	want(t, s.put("orders/4711", `{}`), 404, "woocommerce_rest_shop_order_invalid_id")
}

func TestTrash(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	path := fmt.Sprintf("products/%d", s.make("products", `{"name":"x","sku":"X"}`).id())
	if r := s.do("DELETE", path, ""); r.status != 200 || r.one["status"] != "publish" {
		t.Errorf("first: %d %v", r.status, r.one["status"])
	}
	want(t, s.do("DELETE", path, ""), 410, "woocommerce_rest_already_trashed")
	if r := s.get(path); r.one["status"] != "trash" {
		t.Errorf("by id: %v", r.one["status"])
	}
	if r := s.get("products?status=any&sku=X"); len(r.many) != 0 {
		t.Errorf("any: %s", r.raw)
	}
	if r := s.get("products?status=trash"); skus(r) != "X" {
		t.Errorf("trash: %s", r.raw)
	}
	if r := s.put(path, `{"status":"publish"}`); r.one["status"] != "publish" {
		t.Errorf("back: %s", r.raw)
	}
	want(t, s.do("DELETE", path+"?force=true", ""), 200, "")
	want(t, s.get(path), 404, "woocommerce_rest_product_invalid_id")
}

func TestOtherTypes(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	r := s.make("products", `{"name":"Bán nơi khác","type":"external","external_url":"https://shop.example.test/x","regular_price":"1000","manage_stock":true}`)
	if r.one["manage_stock"] != false || r.one["stock_status"] != "instock" || r.one["purchasable"] != false || r.one["external_url"] != "https://shop.example.test/x" {
		t.Errorf("external: %s", r.raw)
	}
	r = s.make("products", `{"name":"Giỏ quà","type":"grouped","grouped_products":[11],"regular_price":"1000"}`)
	if r.one["regular_price"] != "" || at(r.one, "grouped_products", 0) != 11.0 {
		t.Errorf("grouped: %s", r.raw)
	}
	r = s.make("products", `{"name":"Nháp","status":"draft"}`)
	if r.one["slug"] != "" || r.one["purchasable"] != false {
		t.Errorf("draft: %v %v", r.one["slug"], r.one["purchasable"])
	}
}
