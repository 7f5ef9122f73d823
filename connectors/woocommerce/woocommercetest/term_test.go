package woocommercetest_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestTerms(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	attribute := s.make("products/attributes", `{"name":"Mùa vụ"}`).id()
	last := int64(15) // Uncategorized
	for _, path := range []string{"products/categories", "products/tags", "products/brands", fmt.Sprintf("products/attributes/%d/terms", attribute)} {
		r := s.make(path, `{"name":"Mật ong"}`)
		if r.id() != last+1 || r.one["slug"] != "mat-ong" || r.one["count"] != 0.0 {
			t.Errorf("%s: one series of numbers for all, got %s", path, r.raw)
		}
		last = r.id()
		twin := s.post(path, `{"name":"mật ong"}`)
		want(t, twin, 400, "term_exists")
		if number(at(twin.one, "data", "resource_id")) != last {
			t.Errorf("%s: %s", path, twin.raw)
		}
		own := fmt.Sprintf("%s/%d", path, last)
		want(t, s.do("DELETE", own, ""), 501, "woocommerce_rest_trash_not_supported")
		if r := s.put(own, `{"description":"Ngon"}`); r.one["description"] != "Ngon" || r.one["slug"] != "mat-ong" {
			t.Errorf("%s: %s", own, r.raw)
		}
		if r := s.get(path + "?search=m%E1%BA%ADt"); len(r.many) != 1 || r.header.Get("X-WP-Total") != "1" {
			t.Errorf("%s: %s", path, r.raw)
		}
		want(t, s.do("DELETE", own+"?force=true", ""), 200, "")
		want(t, s.get(own), 404, "woocommerce_rest_term_invalid")
		want(t, s.post(path, `{"slug":"x"}`), 400, "rest_missing_callback_param")
	}
	// Products have another series: the same number may be both.
	if id := s.make("products", `{"name":"x"}`).id(); id != 11 {
		t.Errorf("first product: %d", id)
	}
}

func TestCategories(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	parent := s.AddCategory("Nông sản", 0)
	child := s.make("products/categories", fmt.Sprintf(`{"name":"Mật ong","parent":%d}`, parent)).id()
	s.make("products/categories", `{"name":"Mật ong"}`) // elsewhere in the tree
	if s.AddCategory("Mật ong", parent) != child {
		t.Error("AddCategory must find what is there")
	}
	if r := s.get(fmt.Sprintf("products/categories?parent=%d", parent)); len(r.many) != 1 {
		t.Errorf("children: %s", r.raw)
	}
	id := s.make("products", fmt.Sprintf(`{"categories":[{"id":%d},{"id":777}]}`, child)).id()
	path := fmt.Sprintf("products/%d", id)
	if r := s.get(path); len(r.one["categories"].([]any)) != 1 || at(r.one, "categories", 0, "slug") != "mat-ong" {
		t.Errorf("known and unknown: %v", r.one["categories"])
	}
	if r := s.get(fmt.Sprintf("products/categories/%d", child)); r.one["count"] != 1.0 {
		t.Errorf("count: %v", r.one["count"])
	}
	if r := s.get(fmt.Sprintf("products?category=%d", child)); len(r.many) != 1 {
		t.Errorf("filter: %s", r.raw)
	}
	r := s.put(path, `{"categories":[{"id":777}]}`)
	if r.status != 200 || at(r.one, "categories", 0, "name") != "Uncategorized" {
		t.Errorf("unknown category: %d %v", r.status, r.one["categories"])
	}
	s.put(path, fmt.Sprintf(`{"categories":[{"id":%d}]}`, child))
	s.do("DELETE", fmt.Sprintf("products/categories/%d?force=true", child), "")
	if r := s.get(path); at(r.one, "categories", 0, "name") != "Uncategorized" {
		t.Errorf("after the category went: %v", r.one["categories"])
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	r := s.make("products/attributes", `{"name":"Khối lượng"}`)
	if r.one["slug"] != "pa_khoi-luong" || r.one["type"] != "select" || r.one["order_by"] != "menu_order" || r.one["has_archives"] != false {
		t.Errorf("got %s", r.raw)
	}
	twin := s.post("products/attributes", `{"name":"Khác","slug":"khoi-luong"}`)
	want(t, twin, 400, "woocommerce_rest_cannot_create")
	if at(twin.one, "data", "resource_id") != nil {
		t.Errorf("twin: %s", twin.raw)
	}
	want(t, s.post("products/attributes", `{"name":"x","slug":"`+strings.Repeat("a", 29)+`"}`), 400, "woocommerce_rest_cannot_create")
	s.make("products/attributes", `{"name":"x","slug":"`+strings.Repeat("a", 28)+`"}`)
	if r := s.get("products/attributes"); len(r.many) != 2 {
		t.Errorf("list: %s", r.raw)
	}
	want(t, s.get("products/attributes/9/terms"), 404, "woocommerce_rest_taxonomy_invalid")
	// Options of a product become terms.
	s.make("products", `{"attributes":[{"id":1,"options":["100g","200g"]}]}`)
	if r := s.get("products/attributes/1/terms"); len(r.many) != 2 || at(r.many, 0, "name") != "100g" {
		t.Errorf("terms: %s", r.raw)
	}
}
