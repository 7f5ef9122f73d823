package woocommercetest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// fill makes products P01, P02, ... one second apart.
func (s *shop) fill(n int) {
	s.t.Helper()
	for i := range n {
		s.make("products", fmt.Sprintf(`{"name":"Sản phẩm %02d","sku":"P%02d","regular_price":"%d000"}`, i+1, i+1, i+1))
		s.clock.move(time.Second)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	s.fill(23)
	for _, test := range []struct {
		query, total, pages string
		rows                int
		link                string
	}{
		{"", "23", "3", 10, `page=2>; rel="next"`},
		{"page=2", "23", "3", 10, `rel="prev", <`},
		{"page=3", "23", "3", 3, `page=2>; rel="prev"`},
		{"page=9", "23", "3", 0, `page=3>; rel="prev"`},
		{"per_page=100", "23", "1", 23, `rel="https://api.w.org/"`},
		{"offset=20&page=1", "23", "3", 3, `rel="next"`},
	} {
		r := s.get("products?" + test.query)
		h := r.header
		if h.Get("X-WP-Total") != test.total || h.Get("X-WP-TotalPages") != test.pages || len(r.many) != test.rows || !strings.Contains(h.Get("Link"), test.link) {
			t.Errorf("%q: %d rows, total %s in %s pages, link %s", test.query, len(r.many), h.Get("X-WP-Total"), h.Get("X-WP-TotalPages"), h.Get("Link"))
		}
	}
	if r := s.do("HEAD", "products", ""); r.status != 200 || r.raw != "" || r.header.Get("X-WP-Total") != "23" {
		t.Errorf("HEAD: %d %q %v", r.status, r.raw, r.header)
	}
	s.make("orders", `{}`)
	if r := s.get("orders?page=2"); r.raw != "[]" || r.header.Get("X-WP-Total") != "0" {
		t.Errorf("orders past the end: %s of %s", r.raw, r.header.Get("X-WP-Total"))
	}
}

func TestBadParameters(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	for _, test := range []struct{ path, param, code, message string }{
		{"products?per_page=101", "per_page", "rest_out_of_bounds", "per_page must be between 1 (inclusive) and 100 (inclusive)"},
		{"products?per_page=0", "per_page", "rest_out_of_bounds", "per_page must be between 1 (inclusive) and 100 (inclusive)"},
		{"products?page=0", "page", "rest_out_of_bounds", "page must be greater than or equal to 1"},
		{"products?page=x", "page", "rest_invalid_type", "page is not of type integer."},
		{"products?orderby=date_modified", "orderby", "rest_not_in_enum", "orderby is not one of date, id, include, title, slug, modified, price, sales, popularity, rating, menu_order, and random."},
		{"orders?orderby=price", "orderby", "rest_not_in_enum", "orderby is not one of date, id, include, title, slug, and modified."},
		{"products?status=draft,publish", "status", "rest_not_in_enum", ""},
		{"products?modified_after=yesterday", "modified_after", "rest_invalid_date", "Invalid date."},
		{"orders?modified_after=2026-11-23T12:00:00+07:00", "modified_after", "rest_invalid_date", "Invalid date."},
		{"orders?status=lost", "status", "rest_not_in_enum", ""},
		{"orders?include=1,x", "include", "rest_invalid_type", "include[1] is not of type integer."},
	} {
		r := s.get(test.path)
		want(t, r, 400, "rest_invalid_param")
		if at(r.one, "data", "details", test.param, "code") != test.code || at(r.one, "data", "status") != 400.0 ||
			r.one["message"] != "Invalid parameter(s): "+test.param {
			t.Errorf("%s: %s", test.path, r.raw)
		}
		if message := at(r.one, "data", "params", test.param); test.message != "" && message != test.message {
			t.Errorf("%s: %v", test.path, message)
		}
	}
	want(t, s.get("orders?status=processing,on-hold"), 200, "")
	want(t, s.post("products", `{"name":`), 400, "rest_invalid_json")
	want(t, s.post("products", `{"name":"x"} y`), 400, "rest_invalid_json")
}

func TestFields(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	id := s.make("products", `{"name":"Trà Shan tuyết","sku":"TST"}`).id()
	if r := s.get("products?_fields=sku,id"); r.raw != fmt.Sprintf(`[{"id":%d,"sku":"TST"}]`, id) {
		t.Errorf("list: %s", r.raw)
	}
	if r := s.get(fmt.Sprintf("products/%d?_fields=name", id)); r.raw != `{"name":"Tr\u00e0 Shan tuy\u1ebft"}` {
		t.Errorf("one: %s", r.raw)
	}
	body := fmt.Sprintf(`{"update":[{"id":%d,"weight":"1"}]}`, id)
	if r := s.post("products/batch?_fields=id", body); r.raw != "[]" {
		t.Errorf("batch with _fields=id: %s", r.raw)
	}
	if r := s.post("products/batch?_fields=update", body); at(r.one, "update", 0, "weight") != "1" {
		t.Errorf("batch with _fields=update: %s", r.raw)
	}
}

func TestOrderAndFilters(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	s.fill(4) // ids 11..14
	s.make("products", `{"name":"Mật ong","sku":"M1","status":"draft","categories":[{"id":15}]}`)
	s.put("products/11", `{"name":"Zzz"}`)
	for query, want := range map[string]string{
		"orderby=id&order=asc":                   "P01 P02 P03 P04 M1",
		"order=asc":                              "P01 P02 P03 P04 M1",
		"":                                       "M1 P04 P03 P02 P01",
		"orderby=title":                          "P01 P04 P03 P02 M1",
		"orderby=price&order=asc&status=publish": "P01 P02 P03 P04",
		"orderby=modified&per_page=2&status=publish":           "P01 P04",
		"include=13,11,999&orderby=include":                    "P03 P01",
		"include[0]=13&include[1]=11&orderby=include":          "P03 P01",
		"exclude=11,12&orderby=id":                             "M1 P04 P03",
		"search=m%E1%BA%ADt":                                   "M1",
		"status=draft":                                         "M1",
		"sku=P02,NONE,P04&orderby=id":                          "P04 P02",
		"search_sku=p0&orderby=id&order=asc":                   "P01 P02 P03 P04",
		"min_price=2000&max_price=3000&orderby=id":             "P03 P02",
		"slug=san-pham-02":                                     "P02",
		"after=2026-11-23T19:00:01&before=2026-11-23T19:00:03": "P03",
	} {
		if got := skus(s.get("products?" + query)); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
	if r := s.get("products?status=any&sku=M1"); skus(r) != "M1" {
		t.Errorf("any: %s", r.raw)
	}
}

func TestModifiedAfter(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{7 * time.Hour, time.Nanosecond} {
		t.Run(offset.String(), func(t *testing.T) {
			t.Parallel()
			c := &clock{}
			s := open(t, woocommercetest.Options{TreatAsHTTPS: true, UTCOffset: offset, Now: c.now})
			s.clock = c
			s.fill(3) // at 12:00:00, :01 and :02 UTC
			s.make("orders", `{}`)
			hours := int(offset.Hours())
			at := func(second int, zone string) string {
				base := noon.Add(time.Duration(second) * time.Second)
				switch zone {
				case "site":
					return base.Add(offset.Truncate(time.Hour)).Format("2006-01-02T15:04:05")
				case "Z":
					return base.Format("2006-01-02T15:04:05") + "Z"
				case "+09:00":
					return base.Add(9*time.Hour).Format("2006-01-02T15:04:05") + "+09:00"
				}
				return base.Format("2006-01-02T15:04:05")
			}
			for _, test := range []struct {
				date string
				flag bool
				want string
			}{
				{at(1, "gmt"), true, "P03"},
				{at(0, "gmt"), true, "P02 P03"},
				{at(-1, "gmt"), true, "P01 P02 P03"},
				{at(1, "Z"), false, "P03"},
				{at(1, "+09:00"), false, "P03"},
				{at(1, "site"), false, "P03"},
				{at(2, "site"), false, ""},
				{at(1, "Z"), true, map[int]string{7: "", 0: "P03"}[hours]},
				{at(1-7*3600, "Z"), true, map[int]string{7: "P03", 0: "P01 P02 P03"}[hours]},
			} {
				query := url.Values{"orderby": {"modified"}, "order": {"asc"}, "modified_after": {test.date}}
				if test.flag {
					query.Set("dates_are_gmt", "true")
				}
				if got := skus(s.get("products?" + query.Encode())); got != test.want {
					t.Errorf("%s flag %t: got %q, want %q", test.date, test.flag, got, test.want)
				}
			}
			if r := s.get("orders?modified_after=" + at(2, "Z")); len(r.many) != 1 {
				t.Errorf("orders after :02: %s", r.raw)
			}
			if r := s.get("orders?dates_are_gmt=true&modified_after=" + at(3, "gmt")); len(r.many) != 0 {
				t.Errorf("orders after :03: %s", r.raw)
			}
			if r := s.get("products?dates_are_gmt=true&modified_before=" + at(1, "gmt")); skus(r) != "P01" {
				t.Errorf("before :01: %s", skus(r))
			}
			row := s.get("products/11").one
			if row["date_created_gmt"] != "2026-11-23T12:00:00" || row["date_created"] != at(0, "site") {
				t.Errorf("dates: %v %v", row["date_created_gmt"], row["date_created"])
			}
		})
	}
}

func TestEveryPutMovesTheDate(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	id := s.make("products", `{"name":"Miến dong","sku":"MD"}`).id()
	s.clock.move(time.Minute)
	r := s.put(fmt.Sprintf("products/%d", id), `{}`)
	if r.one["date_modified_gmt"] != "2026-11-23T12:01:00" || r.one["date_created_gmt"] != "2026-11-23T12:00:00" {
		t.Errorf("got %v, created %v", r.one["date_modified_gmt"], r.one["date_created_gmt"])
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	path := fmt.Sprintf("products/%d", s.make("products", `{"name":"x"}`).id())
	for i, r := range []reply{
		s.do("PUT", path, `{"weight":"0"}`), s.do("PATCH", path, `{"weight":"1"}`),
		s.do("POST", path, `{"weight":"2"}`), s.do("POST", path+"?_method=PUT", `{"weight":"3"}`),
	} {
		if r.status != 200 || r.one["weight"] != fmt.Sprint(i) {
			t.Errorf("%d: %d %.200s", i, r.status, r.raw)
		}
	}
	if r := s.do("POST", path+"?_method=DELETE&force=true", ""); r.status != 200 {
		t.Errorf("delete: %d", r.status)
	}
}
