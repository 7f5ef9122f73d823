package woocommercetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func items(n int, format string) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(format, i))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func TestBatch(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	old := s.make("products", `{"name":"cũ","sku":"OLD"}`).id()
	r := s.post("products/batch", fmt.Sprintf(`{"delete":[%d,424242],"create":[{"name":"a","sku":"A"},{"name":"a2","sku":"A"},{"name":"b","sku":"B"}],
		"update":[{"id":424242,"name":"x"},{"id":%d,"name":"mới"},{"name":"no id"}]}`, old, old))
	if r.status != 200 {
		t.Fatal(r.raw)
	}
	first := number(at(r.one, "create", 0, "id"))
	for _, test := range []struct {
		want any
		path []any
	}{
		{"A", []any{"create", 0, "sku"}},
		{0.0, []any{"create", 1, "id"}},
		{"product_invalid_sku", []any{"create", 1, "error", "code"}},
		{float64(first), []any{"create", 1, "error", "data", "resource_id"}},
		{"A-1", []any{"create", 1, "error", "data", "unique_sku"}},
		{400.0, []any{"create", 1, "error", "data", "status"}},
		{"B", []any{"create", 2, "sku"}},
		{424242.0, []any{"update", 0, "id"}},
		{"woocommerce_rest_product_invalid_id", []any{"update", 0, "error", "code"}},
		{"mới", []any{"update", 1, "name"}},
		{nil, []any{"update", 2, "id"}},
		{"woocommerce_rest_product_invalid_id", []any{"update", 2, "error", "code"}},
		{float64(old), []any{"delete", 0, "id"}},
		{"woocommerce_rest_product_invalid_id", []any{"delete", 1, "error", "code"}},
	} {
		if got := at(r.one, test.path...); got != test.want {
			t.Errorf("%v: got %v, want %v", test.path, got, test.want)
		}
	}
	want(t, s.get(fmt.Sprintf("products/%d", old)), 404, "woocommerce_rest_product_invalid_id")
	r = s.post("products/batch", `{"update":[{"id":424242}],"create":[]}`)
	if _, ok := r.one["create"]; ok || r.status != 200 {
		t.Errorf("all failed: %d %s", r.status, r.raw)
	}
	if r := s.post("products/batch", ""); r.raw != "[]" || r.status != 200 {
		t.Errorf("empty: %d %s", r.status, r.raw)
	}
}

func TestBatchLimit(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	if r := s.post("products/batch", `{"create":`+items(100, `{"sku":"S%d"}`)+`}`); r.status != 200 {
		t.Errorf("100: %d", r.status)
	}
	r := s.post("products/batch", `{"create":`+items(60, `{"sku":"T%d"}`)+`,"delete":`+items(41, `%d`)+`}`)
	want(t, r, 413, "woocommerce_rest_request_entity_too_large")
	if r.one["message"] != "Unable to accept more than 100 items for this request." {
		t.Errorf("message: %v", r.one["message"])
	}
	if r := s.get("products"); r.header.Get("X-WP-Total") != "100" {
		t.Errorf("%s products", r.header.Get("X-WP-Total"))
	}
}

func TestBatchCutInTheMiddle(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	answer, err := http.Post(s.URL+"/_woo/cut-batch?after=2", "", nil)
	if err != nil || answer.StatusCode != http.StatusNoContent {
		t.Fatal(err, answer)
	}
	_ = answer.Body.Close()
	r := s.request("POST", "products/batch", `{"create":`+items(5, `{"sku":"S%d"}`)+`}`)
	r.SetBasicAuth(s.Key(), s.Secret())
	if answer, err := http.DefaultClient.Do(r); err == nil {
		_ = answer.Body.Close()
		t.Fatal("the connection was not cut")
	}
	if got := skus(s.get("products?orderby=id&order=asc")); got != "S0 S1" {
		t.Errorf("carried out: %s", got)
	}
	if r := s.post("products/batch", `{"create":[{"sku":"S9"}]}`); r.status != 200 {
		t.Errorf("the next batch: %d", r.status)
	}
}

func TestEveryBatchAddress(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	parent, _ := s.tea()
	for _, test := range []struct{ path, create string }{
		{"products/batch", `{"name":"x"}`},
		{parent + "/variations/batch", `{}`},
		{"products/categories/batch", `{"name":"Mật ong"}`},
		{"products/tags/batch", `{"name":"Hữu cơ"}`},
		{"products/brands/batch", `{"name":"HTX Mẫu"}`},
		{"products/attributes/batch", `{"name":"Mùa vụ"}`},
		{"products/attributes/1/terms/batch", `{"name":"500g"}`},
		{"orders/batch", `{}`},
		{"webhooks/batch", `{"topic":"order.created","delivery_url":"http://127.0.0.1:1/"}`},
	} {
		r := s.post(test.path, `{"create":[`+test.create+`],"update":[{"id":999999}],"delete":[999999]}`)
		if number(at(r.one, "create", 0, "id")) == 0 || at(r.one, "update", 0, "error", "code") == nil || at(r.one, "delete", 0, "error", "code") == nil {
			t.Errorf("%s: %d %s", test.path, r.status, r.raw)
		}
	}
}
