package shopeetest

import (

	//nolint:gosec // the platform's own checksum

	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

func TestRefusesDiscounts(t *testing.T) {
	t.Parallel()
	c := start(t, Options{DiscountLead: -1})
	id, models := c.tea("CHE")
	plain, other := c.add("MO"), c.add("MO-2")
	now := time.Now().Unix()
	body := fields{"discount_name": "Thử", "start_time": now + 1, "end_time": now + 90000}
	var made, second struct {
		ID int64 `json:"discount_id"`
	}
	c.ok("make", c.post("discount/add_discount", body), &made)
	c.ok("make another", c.post("discount/add_discount", body), &second)
	items := func(list ...any) fields { return fields{"discount_id": made.ID, "item_list": rows(list...)} }
	row := func(more ...any) fields {
		return with(fields{"item_id": plain, "item_promotion_price": 150000, "purchase_limit": 0}, more...)
	}
	add, update := "discount/add_discount_item", "discount/update_discount_item"
	many := make([]any, 51)
	c.refuses([]call{
		{"no name", "discount/add_discount", with(body, "discount_name", nil), "error_param"},
		{"no start", "discount/add_discount", with(body, "start_time", nil), "error_param"},
		{"no end", "discount/add_discount", with(body, "end_time", nil), "error_param"},
		{"in the past", "discount/add_discount", with(body, "start_time", now-600), "discount.discount_start_time_smaller_than_now"},
		{"an unknown discount", add, with(items(row()), "discount_id", 1), "common.error_not_found"},
		{"no items", add, items(), "discount.exceed_discount_item_batch_size"},
		{"51 items", add, items(many...), "discount.exceed_discount_item_batch_size"},
		{"no limit", add, items(row("purchase_limit", nil)), "error_param"},
		{"list: a word", "discount/get_discount_list?discount_status=soon&page_no=1&page_size=9", nil, "error_param"},
		{"list: no page", "discount/get_discount_list?discount_status=all&page_no=0&page_size=9", nil, "error_param"},
		{"list: no rows", "discount/get_discount_list?discount_status=all&page_no=1&page_size=0", nil, "error_param"},
		{"list: too many rows", "discount/get_discount_list?discount_status=all&page_no=1&page_size=101", nil, "error_param"},
		{"list: pages in words", "discount/get_discount_list?discount_status=all&page_no=x&page_size=9", nil, "error_param"},
		{"list: rows in words", "discount/get_discount_list?discount_status=all&page_no=1&page_size=x", nil, "error_param"},
		{"one: no number", "discount/get_discount?page_no=1&page_size=9", nil, "error_param"},
		{"one: unknown", "discount/get_discount?discount_id=1&page_no=1&page_size=9", nil, "common.error_not_found"},
		{"one: no page", "discount/get_discount?discount_id=" + itoa(made.ID), nil, "error_param"},
		{"leave an unknown one", "discount/delete_discount_item", fields{"discount_id": 1}, "common.error_not_found"},
		{"end an unknown one", "discount/end_discount", fields{"discount_id": 1}, "common.error_not_found"},
	})
	type result struct {
		Count  int `json:"count"`
		Errors []struct {
			Code string `json:"fail_error"`
		} `json:"error_list"`
	}
	one := func(name, api string, body fields, code string) {
		t.Helper()
		var out result
		c.ok(name, c.post(api, body), &out)
		if got := len(out.Errors); code == "" && got != 0 || code != "" && (got != 1 || out.Errors[0].Code != code) {
			t.Errorf("%s: got %+v, want %q", name, out, code)
		}
	}
	model := func(more ...any) fields {
		return row("item_id", id, "item_promotion_price", nil, "model_list", rows(with(fields{"model_id": models[0], "model_promotion_price": 200000}, more...)))
	}
	one("an unknown item", add, items(row("item_id", 1)), "discount.item_id_not_exist")
	one("an item with models", add, items(row("item_id", id)), "discount.item_need_model_id")
	one("an unknown model", add, items(model("model_id", 1)), "discount.model_id_not_exist")
	one("no price", add, items(row("item_promotion_price", nil)), "discount.discount_need_promotion_price")
	one("a price of nothing", add, items(row("item_promotion_price", 1)), "discount.promotion_price_too_low")
	one("a model", add, items(model()), "")
	one("the model again", add, items(model()), "discount.model_in_promotion")
	one("an item", add, items(row(), row("item_id", other)), "")
	one("in another", add, with(items(row()), "discount_id", second.ID), "discount.item_in_other_promotion")
	one("a change of what is not there", update, with(items(row()), "discount_id", second.ID), "discount.item_not_in_promotion")
	if err := c.sim.SetState("MO-2", catalog.StateRejected); err != nil {
		t.Fatal(err)
	}
	one("a banned item", update, items(row("item_id", other)), "discount.item_status_invalid")
	c.want("variations of what is in one", c.post("product/init_tier_variation", teaTiers(plain, "X")), "error_cannt_init_tier_in_promotion")

	var list struct {
		List []struct {
			ID int64 `json:"discount_id"`
		} `json:"discount_list"`
		More bool `json:"more"`
	}
	for query, want := range map[string]int{"upcoming&page_no=1&page_size=9": 2, "ongoing&page_no=1&page_size=9": 0, "all&page_no=1&page_size=1": 1, "all&page_no=2&page_size=1": 1, "all&page_no=3&page_size=1": 0} {
		q, _ := url.ParseQuery("discount_status=" + query)
		c.ok(query, c.get("discount/get_discount_list", q), &list)
		if len(list.List) != want || list.More != strings.HasPrefix(query, "all&page_no=1") {
			t.Errorf("%s: %d discounts, more %t, want %d", query, len(list.List), list.More, want)
		}
	}
	var inside struct {
		Items []struct {
			ID     int64 `json:"item_id"`
			Sale   int64 `json:"item_promotion_price"`
			List   int64 `json:"item_original_price"`
			Models []struct {
				ID   int64 `json:"model_id"`
				Sale int64 `json:"model_promotion_price"`
			} `json:"model_list"`
		} `json:"item_list"`
		More bool `json:"more"`
	}
	q, _ := url.ParseQuery("page_no=1&page_size=2&discount_id=" + itoa(made.ID))
	c.ok("inside", c.get("discount/get_discount", q), &inside)
	if len(inside.Items) != 2 || !inside.More || inside.Items[0].Models[0].Sale != 200000 || inside.Items[1].Sale != 150000 || inside.Items[1].List != 185000 {
		t.Errorf("inside: %+v", inside)
	}
	promotions := func() string {
		r := c.get("product/get_item_promotion", url.Values{"item_id_list": {itoa(plain) + "," + itoa(id) + ",1"}})
		c.ok("promotions", r, nil)
		return string(r.Response)
	}
	if text := promotions(); !strings.Contains(text, `"promotion_staging":"upcoming"`) || !strings.Contains(text, "Product not found.") || strings.Contains(text, "Campaign") {
		t.Errorf("promotions: %s", text)
	}
	c.want("end", c.post("discount/end_discount", fields{"discount_id": made.ID}), "")
	if text := promotions(); strings.Contains(text, "upcoming") {
		t.Errorf("after the end: %s", text)
	}
	if err := c.sim.Lock("CHE-100", true); err != nil {
		t.Fatal(err)
	}
	if text := promotions(); !strings.Contains(text, "Campaign") {
		t.Errorf("in a campaign: %s", text)
	}
}

func TestRefusesReads(t *testing.T) {
	t.Parallel()
	c := start(t, Options{MaxOffset: 1, UnknownItemsFail: true})
	honey := "category_id=" + itoa(CategoryHoney)
	fifty := strings.Repeat("1,", 50) + "1"
	id := c.add("MO")
	c.add("MO-2")
	c.refuses([]call{
		{"items of no status", "product/get_item_list?page_size=9&offset=0", nil, "error_param"},
		{"items of a strange status", "product/get_item_list?page_size=9&item_status=OLD", nil, "error_param_item_status"},
		{"no rows", "product/get_item_list?page_size=0&item_status=NORMAL", nil, "error_param"},
		{"too many rows", "product/get_item_list?page_size=101&item_status=NORMAL", nil, "error_param"},
		{"rows in words", "product/get_item_list?page_size=x&item_status=NORMAL", nil, "error_param"},
		{"before the first", "product/get_item_list?page_size=9&offset=-1&item_status=NORMAL", nil, "error_param"},
		{"too far", "product/get_item_list?page_size=9&offset=2&item_status=NORMAL", nil, "error_param"},
		{"backwards in time", "product/get_item_list?page_size=9&item_status=NORMAL&update_time_from=9&update_time_to=8", nil, "error_update_time_range"},
		{"in brackets", "product/get_item_base_info?item_id_list=[" + itoa(id) + "]", nil, "error_param"},
		{"no items", "product/get_item_base_info", nil, "error_param"},
		{"51 items", "product/get_item_base_info?item_id_list=" + fifty, nil, "error_param"},
		{"a word", "product/get_item_base_info?item_id_list=x", nil, "error_param"},
		{"an unknown item", "product/get_item_base_info?item_id_list=1", nil, "error_item_not_found"},
		{"reasons of none", "product/get_item_violation_info", nil, "error_param"},
		{"figures of none", "product/get_item_extra_info", nil, "error_param"},
		{"promotions of none", "product/get_item_promotion", nil, "error_param"},
		{"search without rows", "product/search_item?item_name=x", nil, "error_param"},
		{"search for no rows", "product/search_item?item_name=x&page_size=0", nil, "error_param"},
		{"search for too many", "product/search_item?item_name=x&page_size=101", nil, "error_param"},
		{"search from a word", "product/search_item?item_name=x&page_size=9&offset=x", nil, "error_param"},
		{"search from before", "product/search_item?item_name=x&page_size=9&offset=-1", nil, "error_param"},
		{"search for nothing", "product/search_item?page_size=9", nil, "error_param"},
		{"search in a strange status", "product/search_item?item_name=x&page_size=9&item_status=OLD", nil, "error_param_item_status"},
		{"search by a strange lack", "product/search_item?attribute_status=3&page_size=9", nil, "error_param"},
		{"categories in French", "product/get_category?language=fr", nil, "error_param"},
		{"attributes in the other code", "product/get_attribute_tree?language=vi&category_id_list=" + itoa(CategoryHoney), nil, "error_param"},
		{"attributes of nothing", "product/get_attribute_tree", nil, "error_param"},
		{"attributes of an inner category", "product/get_attribute_tree?category_id_list=100629", nil, "error_invalid_category"},
		{"advice for nothing", "product/category_recommend", nil, "error_param"},
		{"limits of an inner category", "product/get_item_limit?category_id=100629", nil, "error_invalid_category"},
		{"limits of a word", "product/get_item_limit?category_id=x", nil, "error_param"},
		{"brands of nothing", "product/get_brand_list?page_size=9&status=1", nil, "error_param"},
		{"brands of an inner category", "product/get_brand_list?page_size=9&status=1&category_id=100629", nil, "error_invalid_category"},
		{"brands without rows", "product/get_brand_list?status=1&" + honey, nil, "error_param"},
		{"brands of no rows", "product/get_brand_list?page_size=0&status=1&" + honey, nil, "error_param"},
		{"brands of too many", "product/get_brand_list?page_size=101&status=1&" + honey, nil, "error_param"},
		{"brands from before", "product/get_brand_list?page_size=9&offset=-1&status=1&" + honey, nil, "error_param"},
		{"brands from a word", "product/get_brand_list?page_size=9&offset=x&status=1&" + honey, nil, "error_param"},
		{"brands of a strange status", "product/get_brand_list?page_size=9&status=3&" + honey, nil, "error_param"},
	})
	w := start(t, Options{LocationID: "VNZ1"})
	w.want("warehouses of a strange kind", w.get("shop/get_warehouse_detail", url.Values{"warehouse_type": {"3"}}), "error_param")
	w.want("warehouses of a word", w.get("shop/get_warehouse_detail", url.Values{"warehouse_type": {"x"}}), "error_param")
	w.want("warehouses for returns", w.get("shop/get_warehouse_detail", url.Values{"warehouse_type": {"2"}}), "")
}

// What lists and searches give, page by page.
func TestReadsFilter(t *testing.T) {
	t.Parallel()
	c := start(t, Options{SearchModels: true})
	first, second := c.add("MO-1"), c.add("MO-2")
	tea, _ := c.tea("CHE")
	search := func(query string) (ids []int64, next string) {
		t.Helper()
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		var out struct {
			IDs  []int64 `json:"item_id_list"`
			Next string  `json:"next_offset"`
		}
		c.ok(query, c.get("product/search_item", q), &out)
		return out.IDs, out.Next
	}
	if err := c.sim.Deboost("MO-2", "từ khóa lặp"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]int64{
		"item_sku=mo&page_size=9": {first, second}, "item_sku=CHE-200&page_size=9": {tea}, "item_name=ONG&page_size=9&item_status=NORMAL": {first, second, tea},
		"item_name=x&page_size=9": {}, "item_name=ong&page_size=9&deboost_only=true": {second},
		"attribute_status=1&page_size=9": {}, "attribute_status=2&page_size=9": {first, second, tea}, "item_name=ong&page_size=9&item_status=BANNED": {},
	} {
		if got, next := search(query); len(got) != len(want) || next != "" || len(got) > 0 && got[0] != want[0] {
			t.Errorf("%s: got %v, next %q, want %v", query, got, next, want)
		}
	}
	ids, next := search("item_name=ong&page_size=2")
	if len(ids) != 2 || next != "2" {
		t.Fatalf("first page: %v, %q", ids, next)
	}
	if ids, next = search("item_name=ong&page_size=2&offset=" + next); len(ids) != 1 || ids[0] != tea || next != "" {
		t.Errorf("second page: %v, %q", ids, next)
	}

	if err := c.sim.Ban("MO-1", "Thiếu giấy chứng nhận", "Bổ sung giấy tờ"); err != nil {
		t.Fatal(err)
	}
	reasons := func() string {
		r := c.get("product/get_item_violation_info", url.Values{"item_id_list": {itoa(first) + "," + itoa(second) + ",1"}})
		c.ok("reasons", r, nil)
		return string(r.Response)
	}
	for _, want := range []string{"Thiếu giấy chứng nhận", "Bổ sung giấy tờ", "từ khóa lặp", "error_item_not_found"} {
		if !strings.Contains(reasons(), want) {
			t.Errorf("%q is not among %s", want, reasons())
		}
	}
	if err := c.sim.SetState("MO-1", catalog.StateLive); err != nil {
		t.Fatal(err)
	}
	if err := c.sim.Deboost("MO-2", ""); err != nil {
		t.Fatal(err)
	}
	if text := reasons(); strings.Contains(text, "Thiếu") || strings.Contains(text, "từ khóa") {
		t.Errorf("after both were lifted: %s", text)
	}
	c.order("CHE-100", time.Time{})
	var extra struct {
		Items []struct {
			ID   int64 `json:"item_id"`
			Sale int64 `json:"sale"`
		} `json:"item_list"`
	}
	c.ok("figures", c.get("product/get_item_extra_info", url.Values{"item_id_list": {itoa(tea) + ",1"}}), &extra)
	if len(extra.Items) != 1 || extra.Items[0].Sale != 2 {
		t.Errorf("figures: %+v", extra)
	}
	name := func(language string) string {
		var tree struct {
			List []struct {
				Name string `json:"display_category_name"`
			} `json:"category_list"`
		}
		c.ok(language, c.get("product/get_category", url.Values{"language": {language}}), &tree)
		return tree.List[0].Name
	}
	if name("vi") == name("en") {
		t.Error("the language of categories makes no difference")
	}
	var advice struct {
		IDs []int64 `json:"category_id"`
	}
	c.ok("advice", c.get("product/category_recommend", url.Values{"item_name": {"Mật ong rừng"}}), &advice)
	if len(advice.IDs) != 1 || advice.IDs[0] != CategoryHoney {
		t.Errorf("advice: %v", advice.IDs)
	}
}

func TestBackDoorRefuses(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.add("MO")
	price := catalog.Price{List: catalog.VND(90000)}
	good := simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: "MO", Quantity: 1}}}
	id, err := c.sim.Order(good)
	if err != nil {
		t.Fatal(err)
	}
	order := func(change func(*simulator.OrderRequest)) error {
		o := simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: "MO", Quantity: 1}}}
		change(&o)
		_, err := c.sim.Order(o)
		return err
	}
	back := func(id catalog.ExternalID, line int) error { _, err := c.sim.Return(id, line); return err }
	for name, err := range map[string]error{
		"price": c.sim.SetPrice("X", price), "stock": c.sim.SetStock("X", 1), "title": c.sim.SetTitle("X", "x"), "state": c.sim.SetState("X", catalog.StateLive),
		"a strange state": c.sim.SetState("MO", "odd"), "delete": c.sim.Delete("X"), "order": c.sim.SetOrderStatus("X", catalog.OrderShipped),
		"no status": c.sim.SetOrderStatus(id, ""), "a strange status": c.sim.SetOrderStatus(id, "odd"), "word": c.sim.SetOrderWord("X", "PENDING"),
		"split": c.sim.Split("X"), "return of nothing": back("X", 0), "return before it was shipped": back(id, 0), "accept": c.sim.AcceptReturn("X"),
		"no lines":       order(func(o *simulator.OrderRequest) { o.Lines = nil }),
		"an unknown SKU": order(func(o *simulator.OrderRequest) { o.Lines[0].SKU = "X" }),
		"nothing of it":  order(func(o *simulator.OrderRequest) { o.Lines[0].Quantity = 0 }),
		"a state of its": order(func(o *simulator.OrderRequest) { o.Status = "odd" }),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := c.sim.SetOrderStatus(id, catalog.OrderShipped); err != nil {
		t.Fatal(err)
	}
	if back(id, 1) == nil || back(id, -1) == nil {
		t.Error("a line that is not there was returned")
	}
	if err := c.sim.SetState("MO", catalog.StateStopped); err != nil {
		t.Fatal(err)
	}
	if order(func(*simulator.OrderRequest) {}) == nil {
		t.Error("what is off sale was bought")
	}
	if l := c.sim.Listings(); l[0].State != catalog.StateStopped {
		t.Errorf("got %s", l[0].State)
	}
	if err := c.sim.SetState("MO", catalog.StateGone); err != nil {
		t.Fatal(err)
	}
	if l := c.sim.Listings(); len(l) != 0 {
		t.Errorf("what was taken down is still there: %+v", l)
	}
}

// What is shown of items, beside what others test.
func TestShownParts(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	body := c.honey("MO")
	body["dimension"] = fields{"package_height": 1, "package_length": 2, "package_width": 3}
	body["wholesale"] = rows(fields{"min_count": 2, "max_count": 9, "unit_price": 150000})
	body["attribute_list"] = append(body["attribute_list"].([]any), fields{"attribute_id": 100095, "attribute_value_list": rows(fields{"value_id": 0, "original_value_name": "500", "value_unit": "ml"})})
	c.want("add", c.post("product/add_item", body), "")
	id := string(c.sim.Listings()[0].ExternalID)
	shown := string(c.get("product/get_item_base_info", url.Values{"item_id_list": {id}}).Response)
	for _, want := range []string{`"package_length":2`, `"wholesales":[`, `"value_unit":"ml"`, `"original_attribute_name":"Xuất xứ"`, `"original_value_name":"Việt Nam"`, `"logistic_name":"VNPost Nhanh"`, `"location_id":"VNZ"`} {
		if !strings.Contains(shown, want) {
			t.Errorf("%s is not in %s", want, shown)
		}
	}
	tree := string(c.get("product/get_attribute_tree", url.Values{"category_id_list": {"[" + itoa(CategoryHoney) + "]"}, "language": {"vn"}}).Response)
	if !strings.Contains(tree, `"format_type":2`) || !strings.Contains(tree, `"format_type":1`) {
		t.Errorf("quantities are not told apart in %s", tree)
	}
	list := func(query string) (n int, next int64) {
		q, _ := url.ParseQuery("item_status=NORMAL&page_size=1&" + query)
		var out struct {
			Items []json.RawMessage `json:"item"`
			Next  int64             `json:"next_offset"`
		}
		c.ok(query, c.get("product/get_item_list", q), &out)
		return len(out.Items), out.Next
	}
	c.add("MO-2")
	later := itoa(time.Now().Unix() + 600)
	for query, want := range map[string][2]int64{"": {1, 1}, "offset=1": {1, 0}, "update_time_to=9": {0, 0}, "update_time_from=" + later: {0, 0}, "update_time_from=9&update_time_to=" + later: {1, 1}} {
		if n, next := list(query); int64(n) != want[0] || next != want[1] {
			t.Errorf("list %q: %d items, next %d, want %v", query, n, next, want)
		}
	}
	// A banned item can neither be listed nor unlisted; one that is off already stays so.
	set := func(off bool) string {
		return string(c.post("product/unlist_item", fields{"item_list": rows(fields{"item_id": c.sim.itemIDs[0], "unlist": off})}).Response)
	}
	for _, off := range []bool{true, true, false, false} {
		updated := c.sim.items[c.sim.itemIDs[0]].status
		if text := set(off); !strings.Contains(text, `"failure_list":[]`) {
			t.Errorf("unlist %t: %s", off, text)
		}
		if now := c.sim.items[c.sim.itemIDs[0]].status; (now == statusUnlist) != off {
			t.Errorf("unlist %t: from %s to %s", off, updated, now)
		}
	}
	if err := c.sim.SetState("MO", catalog.StateRejected); err != nil {
		t.Fatal(err)
	}
	for _, off := range []bool{true, false} {
		if text := set(off); !strings.Contains(text, `"success_list":[]`) {
			t.Errorf("unlist %t of a banned item: %s", off, text)
		}
	}
	if s := c.sim.items[c.sim.itemIDs[0]].status; s != statusBanned {
		t.Errorf("the banned item is %s", s)
	}
}
