package woocommercetest_test

import (
	"fmt"
	"testing"
	"time"
)

// tea makes a variable product with a global and a local attribute and two
// variations, and returns its address and theirs.
func (s *shop) tea() (parent string, variations [2]int64) {
	s.t.Helper()
	attribute := s.make("products/attributes", `{"name":"Khối lượng"}`).id()
	id := s.make("products", fmt.Sprintf(`{"name":"Trà Shan tuyết","type":"variable","sku":"TST","attributes":[
		{"id":%d,"variation":true,"visible":true,"options":["100g","200g"]},
		{"name":"Loại","variation":true,"visible":true,"options":["Búp","Móc câu"]}]}`, attribute)).id()
	parent = fmt.Sprintf("products/%d", id)
	r := s.post(parent+"/variations/batch", fmt.Sprintf(`{"create":[
		{"sku":"TST-100-B","regular_price":"120000","sale_price":"99000","manage_stock":true,"stock_quantity":5,
		 "attributes":[{"id":%d,"option":"100g"},{"name":"Loại","option":"Búp"}],"image":{"src":"https://img.example.test/v1.jpg"}},
		{"sku":"TST-200-B","regular_price":"220000","manage_stock":true,"stock_quantity":7,
		 "attributes":[{"id":%d,"option":"200g"},{"name":"Loại","option":"Búp"}]}]}`, attribute, attribute))
	for i := range variations {
		variations[i] = number(at(r.one, "create", i, "id"))
	}
	if variations[0] == 0 || variations[1] == 0 {
		s.t.Fatalf("variations: %s", r.raw)
	}
	return parent, variations
}

func TestVariableProduct(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	r := s.make("products", `{"name":"Trà","type":"variable","regular_price":"5","attributes":[{"name":"Loại","variation":true,"options":["Búp"]}]}`)
	if r.one["price"] != "" || r.one["purchasable"] != false || r.one["stock_status"] != "outofstock" || r.one["regular_price"] != "" {
		t.Errorf("without variations: %s", r.raw)
	}
	if at(r.one, "attributes", 0, "id") != 0.0 || at(r.one, "attributes", 0, "name") != "Loại" {
		t.Errorf("local attribute: %v", r.one["attributes"])
	}
	parent, ids := s.tea()
	r = s.get(parent)
	if r.one["price"] != "99000" || r.one["purchasable"] != true || r.one["stock_status"] != "instock" || number(at(r.one, "variations", 1)) != ids[1] {
		t.Errorf("parent: %s", r.raw)
	}
	if at(r.one, "attributes", 0, "name") != "Khối lượng" || at(r.one, "attributes", 0, "options", 1) != "200g" {
		t.Errorf("attributes: %v", r.one["attributes"])
	}
	v := s.get(fmt.Sprintf("%s/variations/%d", parent, ids[0]))
	if v.one["name"] != "100g, Búp" || v.one["type"] != "variation" || v.one["price"] != "99000" || at(v.one, "attributes", 1, "option") != "Búp" ||
		at(v.one, "image", "src") == nil || fmt.Sprintf("products/%d", number(v.one["parent_id"])) != parent {
		t.Errorf("variation: %s", v.raw)
	}
	if r := s.get(parent + "/variations"); len(r.many) != 2 || r.header.Get("X-WP-Total") != "2" {
		t.Errorf("list: %s", r.raw)
	}
	// Neither the combination nor the options are checked.
	for _, body := range []string{
		`{"attributes":[{"name":"Loại","option":"Búp"}]}`, `{"attributes":[{"name":"Loại","option":"Lạ"}]}`, `{}`,
	} {
		s.make(parent+"/variations", body)
	}
	r = s.get("products?sku=TST-100-B,TST&orderby=id&order=asc")
	if skus(r) != "TST TST-100-B" || at(r.many, 1, "type") != "variation" || number(at(r.many, 1, "parent_id")) == 0 {
		t.Errorf("by SKU: %.300s", r.raw)
	}
	if r := s.get("products?search_sku=tst&orderby=id&order=asc"); skus(r) != "TST TST-100-B TST-200-B" {
		t.Errorf("by part of a SKU: %s", skus(r))
	}
	if r := s.get("products?search=Trà&type=variable"); len(r.many) != 2 {
		t.Errorf("variations are not in the list: %s", skus(r))
	}
}

func TestVariationBelongsToItsParent(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	_, ids := s.tea()
	other := s.make("products", `{"name":"x","type":"variable"}`).id()
	own := fmt.Sprintf("products/%d", ids[0])
	if r := s.get(own); r.status != 200 || r.one["type"] != "variation" {
		t.Errorf("a variation reads as a product: %d %.200s", r.status, r.raw)
	}
	want(t, s.put(own, `{"regular_price":"1"}`), 404, "woocommerce_rest_invalid_product_id")
	r := s.post("products/batch", fmt.Sprintf(`{"update":[{"id":%d,"regular_price":"1"}]}`, ids[0]))
	if at(r.one, "update", 0, "error", "code") != "woocommerce_rest_invalid_product_id" || number(at(r.one, "update", 0, "id")) != ids[0] {
		t.Errorf("batch: %s", r.raw)
	}
	wrong := fmt.Sprintf("products/%d/variations/%d", other, ids[0])
	for _, r := range []reply{s.get(wrong), s.put(wrong, `{}`), s.do("DELETE", wrong, "")} {
		want(t, r, 404, "woocommerce_rest_product_variation_invalid_id")
	}
	r = s.post("products", `{"name":"x","sku":"TST-100-B"}`)
	want(t, r, 400, "product_invalid_sku")
	if number(at(r.one, "data", "resource_id")) != ids[0] {
		t.Errorf("SKU of a variation: %s", r.raw)
	}
}

func TestVariationStock(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	parent, ids := s.tea()
	first := fmt.Sprintf("%s/variations/%d", parent, ids[0])
	s.clock.move(time.Minute)
	if r := s.put(first, `{"stock_quantity":0}`); r.one["stock_status"] != "outofstock" || r.one["manage_stock"] != true {
		t.Errorf("own stock: %s", r.raw)
	}
	if r := s.get(parent); r.one["date_modified_gmt"] != "2026-11-23T12:01:00" || r.one["stock_status"] != "instock" {
		t.Errorf("the parent must move: %v %v", r.one["date_modified_gmt"], r.one["stock_status"])
	}
	if r := s.get(fmt.Sprintf("%s/variations/%d", parent, ids[1])); r.one["date_modified_gmt"] != "2026-11-23T12:00:00" {
		t.Errorf("the sister must not move: %v", r.one["date_modified_gmt"])
	}
	s.put(parent, `{"manage_stock":true,"stock_quantity":40}`)
	r := s.put(first, `{"manage_stock":false}`)
	if r.one["manage_stock"] != "parent" || r.one["stock_quantity"] != 40.0 || r.one["stock_status"] != "instock" {
		t.Errorf("parent's stock: %s", r.raw)
	}
	s.put(parent, `{"manage_stock":false}`)
	if r := s.put(first, `{"stock_status":"outofstock"}`); r.one["manage_stock"] != false || r.one["stock_quantity"] != nil || r.one["stock_status"] != "outofstock" {
		t.Errorf("no stock managed: %s", r.raw)
	}
	s.put(first, `{"stock_status":"outofstock"}`)
	s.put(fmt.Sprintf("%s/variations/%d", parent, ids[1]), `{"stock_quantity":0}`)
	if r := s.get(parent); r.one["stock_status"] != "outofstock" {
		t.Errorf("all sold out: %v", r.one["stock_status"])
	}
}

func TestVariationsGoWithTheirProduct(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	parent, ids := s.tea()
	s.put(parent, `{"type":"simple"}`)
	want(t, s.get(fmt.Sprintf("products/%d", ids[0])), 404, "woocommerce_rest_product_invalid_id")
	if r := s.put(parent, `{"type":"variable"}`); fmt.Sprint(r.one["variations"]) != "[]" {
		t.Errorf("changed back: %v", r.one["variations"])
	}
	s.make("products", `{"name":"x","sku":"TST-100-B"}`)

	s = openHTTPS(t)
	parent, ids = s.tea()
	s.do("DELETE", parent, "")
	if r := s.get("products?sku=TST-100-B"); len(r.many) != 0 {
		t.Errorf("in the trash: %s", r.raw)
	}
	s.do("DELETE", parent+"?force=true", "")
	want(t, s.get(fmt.Sprintf("products/%d", ids[1])), 404, "woocommerce_rest_product_invalid_id")
	s.make("products", `{"name":"x","sku":"TST-200-B"}`)
}
