package shopeetest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	for name, token := range map[string]string{"public": "", "shop": c.access} {
		ids, r := c.upload(token, pixel, pixel)
		c.ok(name, r, nil)
		if len(ids) != 2 || ids[0] == "" || ids[0] == ids[1] {
			t.Errorf("%s: got %v", name, ids)
		}
	}
	ids, r := c.upload("", "<html>", pixel)
	c.ok("one bad", r, nil)
	if ids[0] != "" || ids[1] == "" {
		t.Errorf("the bad picture must fail alone, got %v", ids)
	}
}

// Every refusal that the platform's documents or others tell of.
func TestAddItemRefuses(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	good := c.honey("MO-1")
	c.want("good", c.post("product/add_item", good), "")
	value := func(fields map[string]any) []any {
		return []any{map[string]any{"attribute_id": 100037, "attribute_value_list": []any{fields}}}
	}
	for name, test := range map[string]struct {
		field string
		value any
		code  string
	}{
		"no name":              {"item_name", nil, "error_param"},
		"no stock":             {"seller_stock", nil, "error_param"},
		"no weight":            {"weight", nil, "error_param"},
		"no logistics":         {"logistic_info", []any{}, "error_no_logistic_channel"},
		"none enabled":         {"logistic_info", []any{map[string]any{"logistic_id": 50015, "enabled": false}}, "error_no_logistic_channel"},
		"masked channel":       {"logistic_info", []any{map[string]any{"logistic_id": 28016, "enabled": true}}, "error_invalid_logistic"},
		"channel without size": {"logistic_info", []any{map[string]any{"logistic_id": 50033, "enabled": true}}, "error_invalid_logistic"},
		"short name":           {"item_name", "Mật ong", "error_item_name_is_too_short"},
		"long name":            {"item_name", strings.Repeat("ộ", 121), "error_title_exceeds_max_length"},
		"short description":    {"description", "Ngon", "error_desc_length_min_limit"},
		"long description":     {"description", strings.Repeat("ộ", 3001), "error_desc_length_max_limit"},
		"hashtags":             {"description", strings.Repeat("#ong ", 19), "error_desc_hash_tag_over_limit"},
		"inner category":       {"category_id", 100629, "error_invalid_category"},
		"unknown category":     {"category_id", 1, "error_invalid_category"},
		"category as text":     {"category_id", "100661", "error_param"},
		"no attribute":         {"attribute_list", []any{}, "error_mandatory_attribute"},
		"no value":             {"attribute_list", value(map[string]any{"value_id": 9}), "error_invalid_attribute_value"},
		"free text":            {"attribute_list", value(map[string]any{"value_id": 0, "original_value_name": "Lào"}), "error_invalid_attribute_value"},
		"strange attribute":    {"attribute_list", append(value(map[string]any{"value_id": 1065}), map[string]any{"attribute_id": 5, "attribute_value_list": []any{}}), "error_invalid_attribute"},
		"child is mandatory":   {"attribute_list", append(value(map[string]any{"value_id": 1065}), map[string]any{"attribute_id": 100200, "attribute_value_list": []any{map[string]any{"value_id": 4002}}}), "error_mandatory_attribute"},
		"wrong unit":           {"attribute_list", append(value(map[string]any{"value_id": 1065}), map[string]any{"attribute_id": 100095, "attribute_value_list": []any{map[string]any{"value_id": 0, "original_value_name": "500", "value_unit": "kg"}}}), "error_invalid_attribute_value"},
		"unknown picture":      {"image", map[string]any{"image_id_list": []string{"vn-1"}}, "error_image_unavailable"},
		"no picture":           {"image", map[string]any{"image_id_list": []string{}}, "error_param_validate"},
		"price of zero":        {"original_price", 0, "error_price_exceed_min_limitt"},
		"price as text":        {"original_price", map[string]any{}, "error_param"},
		"location":             {"seller_stock", []any{map[string]any{"stock": 1, "location_id": "VNZ"}}, "error_param"},
		"unknown brand":        {"brand", map[string]any{"brand_id": 7, "original_brand_name": "x"}, "error_invalid_brand"},
		"letters in the GTIN":  {"gtin_code", "89300000A", "error_invalid_gtin"},
	} {
		body := c.honey("MO-2")
		if body[test.field] = test.value; test.value == nil {
			delete(body, test.field)
		}
		r := c.want(name, c.post("product/add_item", body), test.code)
		if r.Status != http.StatusOK {
			t.Errorf("%s: status %d, want 200", name, r.Status)
		}
	}
	if n := len(c.sim.Listings()); n != 1 {
		t.Errorf("%d listings, want 1", n)
	}
}

func TestReadItems(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	simple := c.add("MO-RUNG-500")
	variable, _ := c.tea("CHE")
	c.want("unlist", c.post("product/unlist_item", map[string]any{"item_list": []any{map[string]any{"item_id": variable, "unlist": true}}}), "")
	var list struct {
		Items []struct {
			ID int64 `json:"item_id"`
		} `json:"item"`
		Next bool `json:"has_next_page"`
	}
	for name, statuses := range map[string]url.Values{
		"repeated": {"item_status": {"NORMAL", "UNLIST"}}, "with brackets": {"item_status[]": {"NORMAL", "UNLIST"}}, "joined": {"item_status": {"NORMAL,UNLIST"}},
	} {
		statuses.Set("page_size", "100")
		statuses.Set("offset", "0")
		c.ok(name, c.get("product/get_item_list", statuses), &list)
		if len(list.Items) != 2 || list.Next {
			t.Errorf("%s: got %+v", name, list)
		}
	}
	c.ok("page", c.get("product/get_item_list", url.Values{"item_status": {"NORMAL", "UNLIST"}, "page_size": {"1"}, "offset": {"0"}}), &list)
	if len(list.Items) != 1 || !list.Next {
		t.Errorf("first page: got %+v", list)
	}
	c.want("no status", c.get("product/get_item_list", url.Values{"page_size": {"1"}}), "error_param")
	c.want("101 a page", c.get("product/get_item_list", url.Values{"page_size": {"101"}, "item_status": {"NORMAL"}}), "error_param")

	ids := strconv.FormatInt(simple, 10) + "," + strconv.FormatInt(variable, 10)
	var base struct {
		Items []struct {
			ID       int64  `json:"item_id"`
			Weight   string `json:"weight"`
			HasModel bool   `json:"has_model"`
			Prices   []struct {
				Original int64 `json:"original_price"`
			} `json:"price_info"`
		} `json:"item_list"`
	}
	c.ok("base info", c.get("product/get_item_base_info", url.Values{"item_id_list": {ids + ",999"}}), &base)
	if len(base.Items) != 2 || base.Items[0].Weight != "0.850" || len(base.Items[0].Prices) != 1 || base.Items[0].HasModel ||
		!base.Items[1].HasModel || base.Items[1].Prices != nil {
		t.Errorf("base info: got %+v", base)
	}
	c.ok("repeated", c.get("product/get_item_base_info", url.Values{"item_id_list": strings.Split(ids, ",")}), nil)
	c.want("in brackets", c.get("product/get_item_base_info", url.Values{"item_id_list": {"[" + ids + "]"}}), "error_param")
	c.want("51 items", c.get("product/get_item_base_info", url.Values{"item_id_list": {strings.TrimSuffix(strings.Repeat("1,", 51), ",")}}), "error_param")
	c.ok("category in brackets", c.get("product/get_attribute_tree", url.Values{"category_id_list": {"[100661]"}, "language": {"vn"}}), nil)
	c.want("language vi", c.get("product/get_attribute_tree", url.Values{"category_id_list": {"[100661]"}, "language": {"vi"}}), "error_param")

	var found struct {
		IDs []int64 `json:"item_id_list"`
	}
	for sku, want := range map[string]int{"MO-RUNG-500": 1, "rung": 1, "CHE-100": 0, "CHE": 1} {
		c.ok("search", c.get("product/search_item", url.Values{"item_sku": {sku}, "page_size": {"50"}, "offset": {""}}), &found)
		if len(found.IDs) != want {
			t.Errorf("search %s: got %v, want %d", sku, found.IDs, want)
		}
	}
	c.ok("delete", c.post("product/delete_item", map[string]any{"item_id": simple}), nil)
	c.want("delete again", c.post("product/delete_item", map[string]any{"item_id": simple}), "error_item_not_found")
	c.ok("a deleted item stays readable", c.get("product/get_item_base_info", url.Values{"item_id_list": {ids}}), &base)
	if len(base.Items) != 2 {
		t.Errorf("got %+v", base)
	}
}

func TestUpdateItem(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.add("MO-1")
	update := func(fields map[string]any) reply {
		fields["item_id"] = id
		return c.post("product/update_item", fields)
	}
	c.want("name", update(map[string]any{"item_name": "Mật ong rừng U Minh Hạ"}), "")
	if l := c.sim.Listings()[0]; l.Title != "Mật ong rừng U Minh Hạ" || l.Variants[0].SKU != "MO-1" {
		t.Errorf("got %+v", l)
	}
	// An attribute that became mandatory meanwhile breaks harmless edits.
	for _, category := range seedCategories() {
		if category.ID == CategoryHoney {
			category.Attributes[1].Mandatory = true
			c.sim.AddCategory(*category)
		}
	}
	c.want("an attribute became mandatory", update(map[string]any{"item_name": "Mật ong rừng U Minh Thượng"}), "error_mandatory_attribute")
	c.want("missing item", c.post("product/update_item", map[string]any{"item_id": 5, "item_name": "x"}), "error_item_not_found")
	if err := c.sim.Lock("MO-1", true); err != nil {
		t.Fatal(err)
	}
	c.want("locked name", update(map[string]any{"item_name": "Mật ong rừng khác hẳn"}), "error_cannt_edit_name_in_promotion")
	c.want("locked unlist", c.post("product/update_price", map[string]any{"item_id": id, "price_list": []any{map[string]any{"original_price": 5000}}}), "error_cannt_edit_price_in_promotion")
}

func TestReview(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Review: time.Hour})
	id := c.add("MO-1")
	state := func() catalog.State { return c.sim.Listings()[0].State }
	if got := state(); got != catalog.StateReview {
		t.Errorf("new: got %s", got)
	}
	var out struct {
		Failures []struct {
			Reason string `json:"failed_reason"`
		} `json:"failure_list"`
	}
	unlist := map[string]any{"item_list": []any{map[string]any{"item_id": id, "unlist": true}, map[string]any{"item_id": 999, "unlist": true}}}
	c.ok("unlist", c.post("product/unlist_item", unlist), &out)
	if len(out.Failures) != 2 || out.Failures[1].Reason != "Item_id is not found." {
		t.Errorf("got %+v", out)
	}
	c.sim.Advance(30 * time.Minute)
	if got := state(); got != catalog.StateReview {
		t.Errorf("after half the time: got %s", got)
	}
	c.sim.Advance(31 * time.Minute)
	if got := state(); got != catalog.StateLive {
		t.Errorf("after the review: got %s", got)
	}
	body := c.honey("MO-2")
	body["item_status"] = "UNLIST"
	c.ok("unlisted", c.post("product/add_item", body), nil)
	if got := c.sim.Listings()[1].State; got != catalog.StateStopped {
		t.Errorf("unlisted: got %s", got)
	}
}

func TestVariations(t *testing.T) {
	t.Parallel()
	c := start(t, Options{VariantDelay: time.Hour})
	id := c.add("CHE")
	c.want("too early", c.post("product/init_tier_variation", teaTiers(id, "CHE")), "error_inner")
	c.sim.Advance(time.Hour)
	tiers := teaTiers(id, "CHE")
	older := map[string]any{"item_id": id, "model": tiers["model"], "tier_variation": []any{map[string]any{"name": "Khối lượng",
		"option_list": []any{map[string]any{"option": "Hộp 100g"}, map[string]any{"option": "Túi 200g"}}}}}
	c.want("the older form", c.post("product/init_tier_variation", older), "")
	c.want("the present form", c.post("product/init_tier_variation", tiers), "")
	var list struct {
		Tiers []struct {
			Name string `json:"name"`
		} `json:"tier_variation"`
		Models []struct {
			ID  int64  `json:"model_id"`
			SKU string `json:"model_sku"`
		} `json:"model"`
	}
	read := func() {
		t.Helper()
		c.ok("get_model_list", c.get("product/get_model_list", url.Values{"item_id": {strconv.FormatInt(id, 10)}}), &list)
	}
	read()
	if len(list.Models) != 2 || list.Models[1].SKU != "CHE-200" || list.Tiers[0].Name != "Khối lượng" {
		t.Fatalf("got %+v", list)
	}
	first := list.Models[0].ID
	stock := []any{map[string]any{"stock": 1}}
	add := func(at int) reply {
		return c.post("product/add_model", map[string]any{"item_id": id, "model_list": []any{map[string]any{"tier_index": []int{at}, "original_price": 9000, "model_sku": "CHE-X", "seller_stock": stock}}})
	}
	c.want("an option that is taken", add(1), "error_model_duplicate_tier_variation_index")
	c.want("an option that is not there", add(2), "error_model_tier_index")
	tiers["standardise_tier_variation"] = []any{map[string]any{"variation_id": 0, "variation_name": "Khối lượng", "variation_option_list": []any{
		map[string]any{"variation_option_id": 0, "variation_option_name": "Hộp 100g"}, map[string]any{"variation_option_id": 0, "variation_option_name": "Túi 500g"}}}}
	delete(tiers, "model")
	tiers["model_list"] = []any{map[string]any{"model_id": first, "tier_index": []int{0}}}
	c.want("a model is left out", c.post("product/update_tier_variation", tiers), "")
	c.want("its place is free", add(1), "")
	c.want("rename", c.post("product/update_model", map[string]any{"item_id": id, "model": []any{map[string]any{"model_id": first, "model_sku": "CHE-A"}}}), "")
	read()
	if len(list.Models) != 2 || list.Models[0].ID != first || list.Models[0].SKU != "CHE-A" || list.Models[1].SKU != "CHE-X" {
		t.Errorf("got %+v", list)
	}
	c.want("delete_model", c.post("product/delete_model", map[string]any{"item_id": id, "model_id": list.Models[1].ID}), "")
	c.want("delete the last", c.post("product/delete_model", map[string]any{"item_id": id, "model_id": first}), "error_model_empty")

	long := teaTiers(id, "CHE")
	long["standardise_tier_variation"].([]any)[0].(map[string]any)["variation_name"] = strings.Repeat("x", 15)
	c.want("a long tier name", c.post("product/init_tier_variation", long), "error_tier_var_name_length")
	twice := teaTiers(id, "CHE")
	twice["standardise_tier_variation"].([]any)[0].(map[string]any)["variation_option_list"].([]any)[1].(map[string]any)["variation_option_name"] = "Hộp 100g"
	c.want("one option twice", c.post("product/init_tier_variation", twice), "error_model_duplicate_name")
	ids, _ := c.upload("", pixel)
	partial := teaTiers(id, "CHE")
	partial["standardise_tier_variation"].([]any)[0].(map[string]any)["variation_option_list"].([]any)[0].(map[string]any)["image_id"] = ids[0]
	c.want("pictures for some options", c.post("product/init_tier_variation", partial), "error_tier_img_partial")
}

func TestPriceAndStock(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	simple := c.add("MO")
	variable, models := c.tea("CHE")
	type rows struct {
		Success []struct {
			ModelID int64 `json:"model_id"`
		} `json:"success_list"`
		Failure []struct {
			ModelID int64  `json:"model_id"`
			Reason  string `json:"failed_reason"`
		} `json:"failure_list"`
	}
	var out rows
	price := func(item int64, list ...any) reply {
		return c.post("product/update_price", map[string]any{"item_id": item, "price_list": list})
	}
	stock := func(item int64, list ...any) reply {
		return c.post("product/update_stock", map[string]any{"item_id": item, "stock_list": list})
	}
	priced := func(model int64, n any) any { return map[string]any{"model_id": model, "original_price": n} }
	stocked := func(model int64, n int) any {
		return map[string]any{"model_id": model, "seller_stock": []any{map[string]any{"stock": n}}}
	}
	c.ok("one wrong price", price(variable, priced(models[0], 225000.0), priced(1, 9000)), &out)
	if len(out.Success) != 1 || len(out.Failure) != 1 || out.Failure[0].Reason != "Wrong model_id." {
		t.Errorf("got %+v", out)
	}
	c.ok("one wrong stock", stock(variable, stocked(models[1], 7), stocked(1, 9)), &out)
	if len(out.Success) != 1 || len(out.Failure) != 1 {
		t.Errorf("got %+v", out)
	}
	if r := c.want("all wrong", stock(variable, stocked(1, 9)), "error_busi_update_stock_failed"); !strings.Contains(string(r.Response), "Wrong model_id.") {
		t.Errorf("the reason is missing in %s", r.Response)
	}
	c.want("price of the item", price(variable, priced(0, 9000)), "error_edit_item_price_for_item_has_model")
	c.want("stock of the item", stock(variable, stocked(0, 9)), "error_edit_item_stock_for_item_has_model")
	c.want("simple", stock(simple, stocked(0, 60)), "")
	c.want("without model_id", stock(simple, map[string]any{"seller_stock": []any{map[string]any{"stock": 61}}}), "")
	c.want("twice the same", stock(variable, stocked(models[0], 1), stocked(models[0], 2)), "error_param")
	c.want("51 rows", stock(variable, make([]any, 51)...), "error_param")
	if err := c.sim.Reserve("MO", 10); err != nil {
		t.Fatal(err)
	}
	c.want("below what is reserved", stock(simple, stocked(0, 9)), "error_param")
	c.want("missing item", stock(5, stocked(0, 9)), "error_item_not_found")
	if l := c.sim.Listings(); *l[0].Variants[0].Quantity != 61 || *l[1].Variants[1].Quantity != 7 || l[1].Variants[0].Price.List != catalog.VND(225000) {
		t.Errorf("got %+v", l)
	}
	w := start(t, Options{LocationID: "VNZ1"})
	body := w.honey("MO")
	w.want("no location", w.post("product/add_item", body), "error_param")
	body["seller_stock"] = []any{map[string]any{"stock": 4, "location_id": "VNZ1"}}
	w.want("with location", w.post("product/add_item", body), "")
	w.ok("warehouses", w.get("shop/get_warehouse_detail", nil), nil)
	c.want("no warehouses", c.get("shop/get_warehouse_detail", nil), "warehouse.error_not_in_whitelist")
}

func TestDiscount(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.add("MO")
	now := time.Now().Unix()
	add := func(start, end int64) reply {
		return c.post("discount/add_discount", map[string]any{"discount_name": "Thử", "start_time": start, "end_time": end})
	}
	c.want("at once", add(now+60, now+90000), "discount.discount_start_time_smaller_than_now")
	c.want("too short", add(now+4000, now+5000), "discount.discount_period_too_short")
	c.want("too long", add(now+4000, now+200*86400), "discount.discount_period_too_long")
	var made struct {
		ID int64 `json:"discount_id"`
	}
	c.ok("good", add(now+4000, now+90000), &made)
	type result struct {
		Errors []struct {
			Code string `json:"fail_error"`
		} `json:"error_list"`
	}
	item := func(api string, price int) string {
		var out result
		c.ok(api, c.post("discount/"+api, map[string]any{"discount_id": made.ID, "item_list": []any{map[string]any{"item_id": id, "item_promotion_price": price, "purchase_limit": 0}}}), &out)
		if len(out.Errors) == 0 {
			return ""
		}
		return out.Errors[0].Code
	}
	for _, step := range []struct {
		api   string
		price int
		want  string
	}{
		{"update_discount_item", 150000, "discount.item_not_in_promotion"},
		{"add_discount_item", 185000, "discount.promotion_price_higher_input_price"},
		{"add_discount_item", 90000, "discount.promotion_price_for_vn"},
		{"add_discount_item", 150000, ""},
		{"add_discount_item", 150000, "discount.item_in_promotion"},
		{"update_discount_item", 140000, ""},
	} {
		if got := item(step.api, step.price); got != step.want {
			t.Errorf("%s %d: got %q, want %q", step.api, step.price, got, step.want)
		}
	}
	if p := c.sim.Listings()[0].Variants[0].Price; p.Sale != nil {
		t.Errorf("before the start: got %+v", p)
	}
	c.sim.Advance(2 * time.Hour)
	if p := c.sim.Listings()[0].Variants[0].Price; p.Sale == nil || *p.Sale != catalog.VND(140000) {
		t.Errorf("after the start: got %+v", p)
	}
	c.want("the price is locked", c.post("product/update_price", map[string]any{"item_id": id, "price_list": []any{map[string]any{"original_price": 200000}}}), "error_cannt_edit_price_in_promotion")
	c.want("leave", c.post("discount/delete_discount_item", map[string]any{"discount_id": made.ID, "item_id": id}), "")
	c.want("leave again", c.post("discount/delete_discount_item", map[string]any{"discount_id": made.ID, "item_id": id}), "discount.discount_item_not_exist")
	c.sim.Advance(48 * time.Hour)
	c.want("over", c.post("discount/delete_discount_item", map[string]any{"discount_id": made.ID, "item_id": id}), "discount.discount_is_end")
}
