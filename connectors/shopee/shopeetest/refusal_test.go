package shopeetest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

// call is a call that must be answered with code. body nil = GET, else POST.
type call struct {
	name, api string // api?query
	body      any
	code      string
}

type fields = map[string]any

func (c *client) refuses(calls []call) {
	c.Helper()
	for _, x := range calls {
		api, query, _ := strings.Cut(x.api, "?")
		if x.body != nil {
			c.want(x.name, c.post(api, x.body), x.code)
			continue
		}
		q, err := url.ParseQuery(query)
		if err != nil {
			c.Fatal(err)
		}
		c.want(x.name, c.get(api, q), x.code)
	}
}

// with is a body with other values; nil removes one.
func with(body fields, changes ...any) fields {
	out := fields{}
	for name, value := range body {
		out[name] = value
	}
	for i := 0; i < len(changes); i += 2 {
		if out[changes[i].(string)] = changes[i+1]; changes[i+1] == nil {
			delete(out, changes[i].(string))
		}
	}
	return out
}

// rows is a list, also when it is empty.
func rows(list ...any) []any { return append([]any{}, list...) }

// All calls that take JSON refuse what is not.
func TestRefusesBrokenJSON(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	for api, route := range c.sim.routes {
		if route.method == http.MethodPost && route.class == shopClass {
			c.want(api, c.post(api, "{"), "error_param")
		}
	}
}

func TestRefusesItems(t *testing.T) {
	t.Parallel()
	c := start(t, Options{MaxItems: 4})
	good := c.honey("MO")
	id := c.add("MO")
	logistic := func(more ...any) fields {
		return with(good, "logistic_info", rows(with(fields{"logistic_id": 50015, "enabled": true}, more...)))
	}
	value := func(id int, fieldsOf fields) fields {
		return with(good, "attribute_list", append(good["attribute_list"].([]any), fields{"attribute_id": id, "attribute_value_list": rows(fieldsOf)}))
	}
	text := func(id int, name string, more ...any) fields {
		return value(id, with(fields{"value_id": 0, "original_value_name": name}, more...))
	}
	box := func(h, l, w int) fields {
		return with(good, "dimension", fields{"package_height": h, "package_length": l, "package_width": w})
	}
	c.sim.AddCategory(Category{ID: 9, Parent: 100629, Name: "Thử", English: "Test", BrandMandatory: true, Attributes: []Attribute{
		{ID: 91, Name: "Số", Input: 3, Validation: 1}, {ID: 92, Name: "Ngày", Input: 3, Validation: 4}, {ID: 93, Name: "Nhiều", Input: 4, Max: 2, Values: []Value{{ID: 1}, {ID: 2}, {ID: 3}}},
		{ID: 94, Name: "Lẻ", Input: 3, Validation: 3},
	}, Brands: []Brand{{5, "Ong"}}})
	own := with(good, "category_id", 9, "attribute_list", nil, "brand", fields{"brand_id": 5, "original_brand_name": "Ong"})
	of := func(id int, list ...any) fields {
		return with(own, "attribute_list", rows(fields{"attribute_id": id, "attribute_value_list": list}))
	}
	add, update := "product/add_item", "product/update_item"
	soon := time.Now().Add(2 * time.Hour).Unix()
	calls := []call{
		{"as it should be", add, with(good, "item_sku", "MO-1"), ""},
		{"no description", add, with(good, "description", nil), "error_param"},
		{"no category", add, with(good, "category_id", nil), "error_param"},
		{"no price", add, with(good, "original_price", nil), "error_param"},
		{"no image", add, with(good, "image", nil), "error_param"},
		{"no logistics", add, with(good, "logistic_info", nil), "error_param"},
		{"a price above all", add, with(good, "original_price", maxPrice+1), "error_price_exceed_max_limitt"},
		{"a status of its own", add, with(good, "item_status", "BANNED"), "error_param_item_status"},
		{"a brand without number", add, with(good, "brand", fields{"original_brand_name": "x"}), "error_param"},
		{"a brand without name", add, with(good, "brand", fields{"brand_id": 0}), "error_param"},
		{"a category that needs a brand", add, with(own, "brand", nil), "error_brand_mandatory"},
		{"a long SKU", add, with(good, "item_sku", strings.Repeat("x", maxSKU+1)), "error_param"},
		{"a strange condition", add, with(good, "condition", "OLD"), "error_param"},
		{"a weight of nothing", add, with(good, "weight", 0), "error_param_validate"},
		{"a box without height", add, box(0, 1, 1), "error_param_validate"},
		{"a box without length", add, box(1, 0, 1), "error_param_validate"},
		{"a box without width", add, box(1, 1, 0), "error_param_validate"},
		{"a short GTIN", add, with(good, "gtin_code", "1234567"), "error_invalid_gtin"},
		{"a long GTIN", add, with(good, "gtin_code", "123456789012345"), "error_invalid_gtin"},
		{"ten pictures", add, with(good, "image", fields{"image_id_list": strings.Split(strings.Repeat("x,", 9)+"x", ",")}), "error_param_validate"},
		{"logistics without number", add, logistic("logistic_id", nil), "error_param"},
		{"logistics without switch", add, logistic("enabled", nil), "error_param"},
		{"logistics that are unknown", add, logistic("logistic_id", 1), "error_invalid_logistic"},
		{"logistics that are off", add, logistic("logistic_id", 50099), "error_invalid_logistic"},
		{"logistics with a size", add, logistic("logistic_id", 50033, "size_id", "1", "x", 1), ""},
		{"an item that is too heavy", add, with(good, "weight", 31), "error_invalid_logistic"},
		{"no stock row", add, with(good, "seller_stock", rows()), "error_param"},
		{"two stock rows", add, with(good, "seller_stock", rows(fields{"stock": 1}, fields{"stock": 1})), "error_param"},
		{"a stock row without stock", add, with(good, "seller_stock", rows(fields{})), "error_param"},
		{"negative stock", add, with(good, "seller_stock", rows(fields{"stock": -1})), "error_param"},
		{"too much stock", add, with(good, "seller_stock", rows(fields{"stock": maxStock + 1})), "error_param"},
		{"a value without number", add, value(100095, fields{"original_value_name": "5"}), "error_invalid_attribute_value"},
		{"a value without text", add, text(100095, ""), "error_invalid_attribute_value"},
		{"a volume that is no number", add, text(100095, "nhiều", "value_unit", "ml"), "error_invalid_attribute_value"},
		{"half of a whole", add, of(91, fields{"value_id": 0, "original_value_name": "1.5"}), "error_invalid_attribute_value"},
		{"a word for a whole", add, of(91, fields{"value_id": 0, "original_value_name": "một"}), "error_invalid_attribute_value"},
		{"a word for a number", add, of(94, fields{"value_id": 0, "original_value_name": "một"}), "error_invalid_attribute_value"},
		{"a date as a text", add, of(92, fields{"value_id": 0, "original_value_name": "31/12/2026"}), "error_invalid_attribute_value"},
		{"free text in a closed list of several", add, of(93, fields{"value_id": 0, "original_value_name": "x"}), "error_invalid_attribute_value"},
		{"too many values", add, of(93, fields{"value_id": 1}, fields{"value_id": 2}, fields{"value_id": 3}), "error_attribute_value_count"},
		{"a mandatory attribute without values", add, with(good, "attribute_list", rows(fields{"attribute_id": 100037, "attribute_value_list": rows()})), "error_mandatory_attribute"},
		{"a pre-order without a word", add, with(good, "pre_order", fields{"days_to_ship": 9}), "error_param"},
		{"a pre-order that is too quick", add, with(good, "pre_order", fields{"is_pre_order": true, "days_to_ship": 2}), "error_param_validate"},
		{"a pre-order that is too slow", add, with(good, "pre_order", fields{"is_pre_order": true, "days_to_ship": 99}), "error_param_validate"},
		{"wholesale that is dearer", add, with(good, "wholesale", rows(fields{"min_count": 2, "max_count": 9, "unit_price": 185000})), "error_param_validate"},
		{"wholesale of nothing", add, with(good, "wholesale", rows(fields{"min_count": 0, "max_count": 9, "unit_price": 150000})), "error_param_validate"},
		{"wholesale backwards", add, with(good, "wholesale", rows(fields{"min_count": 9, "max_count": 2, "unit_price": 150000})), "error_param_validate"},
		{"wholesale without price", add, with(good, "wholesale", rows(fields{"min_count": 2, "max_count": 9})), "error_param_validate"},
		{"a video that is not there", add, with(good, "video_upload_id", rows("x")), "error_param_validate"},
		{"an extended description", add, with(good, "description_type", "extended"), "error_param_validate"},
		{"scheduled although on sale", add, with(good, "scheduled_publish_time", soon), "error_param_validate"},
		{"scheduled too early", add, with(good, "item_status", "UNLIST", "scheduled_publish_time", time.Now().Unix()), "error_param_validate"},
		{"scheduled too late", add, with(good, "item_status", "UNLIST", "scheduled_publish_time", soon+100*86400), "error_param_validate"},
		{"scheduled", add, with(good, "item_sku", "MO-2", "item_status", "UNLIST", "scheduled_publish_time", soon, "pre_order", fields{"is_pre_order": true, "days_to_ship": 9},
			"wholesale", rows(fields{"min_count": 2, "max_count": 9, "unit_price": 150000})), ""},
		{"one item too many", add, good, "error_reach_shop_item_limit"},

		{"update without number", update, fields{"item_name": "Mật ong rừng khác hẳn"}, "error_param"},
		{"update of nothing", update, fields{"item_id": 1}, "error_item_not_found"},
		{"update with a status of its own", update, fields{"item_id": id, "item_status": "BANNED"}, "error_param_item_status"},
		{"update with a broken weight", update, fields{"item_id": id, "weight": "1e"}, "error_param"},
		{"update without brand number", update, fields{"item_id": id, "brand": fields{"original_brand_name": "x"}}, "error_param"},
		{"delete without number", "product/delete_item", fields{}, "error_param"},
		{"delete nothing", "product/delete_item", fields{"item_id": 1}, "error_item_not_found"},
		{"unlist nothing", "product/unlist_item", fields{"item_list": rows()}, "error_param"},
		{"unlist 51", "product/unlist_item", fields{"item_list": make([]fields, 51)}, "error_param"},
		{"unlist without number", "product/unlist_item", fields{"item_list": rows(fields{"unlist": true})}, "error_param"},
		{"unlist without a word", "product/unlist_item", fields{"item_list": rows(fields{"item_id": id})}, "error_param"},
	}
	c.refuses(calls)
	c.sim.Advance(3 * time.Hour)
	for _, l := range c.sim.Listings() {
		if l.State != catalog.StateLive {
			t.Errorf("%s is %s after its time", l.ExternalID, l.State)
		}
	}
}

// What a promotion of the platform locks, and what a change of the item's own
// measures does to its models.
func TestRefusesInPromotion(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id, models := c.tea("CHE")
	if err := c.sim.Lock("CHE-100", true); err != nil {
		t.Fatal(err)
	}
	ids, _ := c.upload("", pixel)
	update := "product/update_item"
	c.refuses([]call{
		{"name", update, fields{"item_id": id, "item_name": "Tên khác của sản phẩm"}, "error_cannt_edit_name_in_promotion"},
		{"description", update, fields{"item_id": id, "description": "Mô tả khác của sản phẩm"}, "error_cannt_edit_description_in_promotion"},
		{"pictures", update, fields{"item_id": id, "image": fields{"image_id_list": ids}}, "error_cannt_edit_image_in_promotion"},
		{"category", update, fields{"item_id": id, "category_id": CategoryTea}, "error_in_item_promotion_category_lock"},
		{"the same name", update, fields{"item_id": id, "item_name": c.sim.items[id].name}, ""},
		{"variations", "product/init_tier_variation", teaTiers(id, "X"), "error_cannt_init_tier_in_promotion"},
		{"unlist by update", update, fields{"item_id": id, "item_status": "UNLIST"}, "error_cannt_unlisted_in_promotion"},
	})
	if r := c.post("product/unlist_item", fields{"item_list": rows(fields{"item_id": id, "unlist": true})}); !strings.Contains(string(r.Response), "promotion") {
		t.Errorf("unlist: %s", r.Response)
	}
	if err := c.sim.Lock("CHE-100", false); err != nil {
		t.Fatal(err)
	}
	weights := func() (list []string) {
		var out struct {
			Models []struct {
				Weight string `json:"weight"`
			} `json:"model"`
		}
		c.ok("models", c.get("product/get_model_list", url.Values{"item_id": {itoa(id)}}), &out)
		for _, m := range out.Models {
			list = append(list, m.Weight)
		}
		return list
	}
	for _, change := range []fields{{"weight": 0.9}, {"dimension": fields{"package_height": 1, "package_length": 2, "package_width": 3}}} {
		c.want("a model's own weight", c.post("product/update_model", fields{"item_id": id, "model": rows(fields{"model_id": models[0], "weight": 0.3})}), "")
		if got := weights(); got[0] != "0.30" {
			t.Errorf("the model weighs %s", got[0])
		}
		c.want("the item's", c.post(update, with(change, "item_id", id)), "")
		if got := weights(); got[0] == "0.30" {
			t.Errorf("after %v the model keeps its own weight", change)
		}
	}
}

func TestRefusesVariations(t *testing.T) {
	t.Parallel()
	c := start(t, Options{PriceSpread: 5})
	id, models := c.tea("CHE")
	plain := c.add("MO")
	init, tier := "product/init_tier_variation", "product/update_tier_variation"
	good := teaTiers(plain, "X")
	option := func(name string, more ...any) fields {
		return with(fields{"variation_option_id": 0, "variation_option_name": name}, more...)
	}
	of := func(name string, options ...any) fields {
		return fields{"variation_id": 0, "variation_group_id": 0, "variation_name": name, "variation_option_list": options}
	}
	two := rows(option("A"), option("B"))
	tiers := func(list ...any) fields { return with(good, "standardise_tier_variation", rows(list...)) }
	model := func(more ...any) fields {
		m := good["model"].([]any)
		return with(good, "model", rows(with(m[0].(fields), more...), m[1]))
	}
	many := make([]any, 51)
	for i := range many {
		many[i] = option(itoa(int64(i)))
	}
	picture, _ := c.upload("", pixel)
	same := fields{"item_id": id, "standardise_tier_variation": good["standardise_tier_variation"]}
	kept := rows(fields{"model_id": models[0], "tier_index": rows(0)}, fields{"model_id": models[1], "tier_index": rows(1)})
	grown := make([]any, 51)
	for i := range grown {
		grown[i] = fields{"tier_index": rows(0), "original_price": 300000, "seller_stock": rows(fields{"stock": 1})}
	}
	c.refuses([]call{
		{"no item", init, with(good, "item_id", nil), "error_param"},
		{"an unknown item", init, with(good, "item_id", 1), "error_item_not_found"},
		{"neither form of tiers", init, with(good, "standardise_tier_variation", nil), "error_param"},
		{"a tier without number", init, tiers(with(of("Cỡ", two...), "variation_id", nil)), "error_param"},
		{"an option without number", init, tiers(of("Cỡ", option("A", "variation_option_id", nil), option("B"))), "error_param"},
		{"three tiers", init, tiers(of("A", two...), of("B", two...), of("C", two...)), "error_tier_var_level_over_limit"},
		{"a tier without name", init, tiers(of("", two...)), "error_tier_var_name_length"},
		{"a tier with a long name", init, tiers(of(strings.Repeat("x", maxTierName+1), two...)), "error_tier_var_name_length"},
		{"a tier without options", init, tiers(of("Cỡ")), "error_tier_option_over_limit"},
		{"a tier with 51 options", init, tiers(of("Cỡ", many...)), "error_tier_option_over_limit"},
		{"an option without name", init, tiers(of("Cỡ", option("A"), option(""))), "error_tier_option_length"},
		{"an option with a long name", init, tiers(of("Cỡ", option("A"), option(strings.Repeat("x", maxOption+1)))), "error_tier_option_length"},
		{"an option twice", init, tiers(of("Cỡ", option("A"), option("A"))), "error_model_duplicate_name"},
		{"an unknown picture", init, tiers(of("Cỡ", option("A", "image_id", "x"), option("B", "image_id", "x"))), "error_image_unavailable"},
		{"a picture of one option", init, tiers(of("Cỡ", option("A", "image_id", picture[0]), option("B"))), "error_tier_img_partial"},
		{"pictures of the second tier", init, tiers(of("Cỡ", two...), of("Màu", option("A", "image_id", picture[0]))), "error_tier_img_partial"},
		{"a model without place", init, model("tier_index", nil), "error_param"},
		{"a model without price", init, model("original_price", nil), "error_param"},
		{"a model that is too cheap", init, model("original_price", 1), "error_price_exceed_min_limitt"},
		{"a model without stock", init, model("seller_stock", nil), "error_param"},
		{"a model with a long SKU", init, model("model_sku", strings.Repeat("x", maxSKU+1)), "error_param"},
		{"a model that weighs nothing", init, model("weight", 0), "error_param"},
		{"a model with a broken weight", init, model("weight", "1e"), "error_param"},
		{"a model with a size but no weight", init, model("dimension", fields{"package_height": 1, "package_length": 1, "package_width": 1}), "error_param"},
		{"no models", init, with(good, "model", rows()), "error_model_empty"},
		{"a model of too few tiers", init, model("tier_index", rows()), "error_model_tier_index"},
		{"a model of too many tiers", init, model("tier_index", rows(0, 0)), "error_model_tier_index"},
		{"a model before the first option", init, model("tier_index", rows(-1)), "error_model_tier_index"},
		{"a model behind the last option", init, model("tier_index", rows(2)), "error_model_tier_index"},
		{"two models in one place", init, model("tier_index", rows(1)), "error_model_duplicate_tier_variation_index"},
		{"prices far apart", init, model("original_price", 50000), "error_model_price_range"},
		{"back to simple with two models", init, tiers(), "error_model_tier_index"},
		{"back to simple with a place", init, with(tiers(), "model", rows(good["model"].([]any)[0])), "error_model_tier_index"},

		{"update: no item", tier, with(same, "item_id", nil), "error_param"},
		{"update: wrong tiers", tier, with(same, "standardise_tier_variation", nil, "model_list", kept), "error_param"},
		{"update: no tiers", tier, with(same, "standardise_tier_variation", rows(), "model_list", kept), "error_tier_var_level_changed"},
		{"update: other depth", tier, with(same, "standardise_tier_variation", rows(of("A", two...), of("B", two...)), "model_list", kept), "error_tier_var_level_changed"},
		{"update: a model without number", tier, with(same, "model_list", rows(fields{"tier_index": rows(0)})), "error_param"},
		{"update: a model without place", tier, with(same, "model_list", rows(fields{"model_id": models[0]})), "error_param"},
		{"update: an unknown model", tier, with(same, "model_list", rows(fields{"model_id": 1, "tier_index": rows(0)})), "error_param"},
		{"update: two in one place", tier, with(same, "model_list", rows(fields{"model_id": models[0], "tier_index": rows(0)}, fields{"model_id": models[1], "tier_index": rows(0)})), "error_model_duplicate_tier_variation_index"},

		{"add: no item", "product/add_model", fields{"model_list": grown[:1]}, "error_param"},
		{"add: a simple item", "product/add_model", fields{"item_id": plain, "model_list": rows(fields{"tier_index": rows(), "original_price": 300000, "seller_stock": rows(fields{"stock": 1})})}, "error_model_tier_index"},
		{"add: nothing", "product/add_model", fields{"item_id": id, "model_list": rows()}, "error_model_tier_index"},
		{"add: without price", "product/add_model", fields{"item_id": id, "model_list": rows(fields{"tier_index": rows(0)})}, "error_param"},
		{"add: too many", "product/add_model", fields{"item_id": id, "model_list": grown}, "error_model_over_limit"},
		{"add: a place that is taken", "product/add_model", fields{"item_id": id, "model_list": grown[:1]}, "error_model_duplicate_tier_variation_index"},

		{"change: no item", "product/update_model", fields{"model": rows(fields{"model_id": models[0]})}, "error_param"},
		{"change: nothing", "product/update_model", fields{"item_id": id, "model": rows()}, "error_param"},
		{"change: too many", "product/update_model", fields{"item_id": id, "model": make([]fields, 51)}, "error_param"},
		{"change: without number", "product/update_model", fields{"item_id": id, "model": rows(fields{"model_sku": "x"})}, "error_param"},
		{"change: an unknown model", "product/update_model", fields{"item_id": id, "model": rows(fields{"model_id": 1, "model_sku": "x"})}, "error_param"},
		{"change: a long SKU", "product/update_model", fields{"item_id": id, "model": rows(fields{"model_id": models[0], "model_sku": strings.Repeat("x", maxSKU+1)})}, "error_param"},
		{"delete: no item", "product/delete_model", fields{"model_id": models[0]}, "error_param"},
		{"delete: no model", "product/delete_model", fields{"item_id": id}, "error_param"},
		{"delete: an unknown model", "product/delete_model", fields{"item_id": id, "model_id": 1}, "error_param"},
		{"delete: one", "product/delete_model", fields{"item_id": id, "model_id": models[1]}, ""},
		{"delete: the last", "product/delete_model", fields{"item_id": id, "model_id": models[0]}, "error_model_empty"},
		{"models of nothing", "product/get_model_list", nil, "error_param"},
		{"models of an unknown item", "product/get_model_list?item_id=1", nil, "error_item_not_found"},
		{"models of a word", "product/get_model_list?item_id=x", nil, "error_param"},

		{"old form", init, with(good, "standardise_tier_variation", nil, "tier_variation", rows(fields{"name": "Cỡ", "option_list": rows(
			fields{"option": "A", "image": fields{"image_id": picture[0]}}, fields{"option": "B", "image": fields{"image_id": picture[0]}})})), ""},
		{"back to simple", init, with(tiers(), "model", rows(fields{"tier_index": rows(), "original_price": 90000, "seller_stock": rows(fields{"stock": 3})})), ""},
	})
	for _, l := range c.sim.Listings() {
		if l.ExternalID == externalID(plain) && (len(l.Variants) != 1 || l.Variants[0].Price.List.Amount != 90000) {
			t.Errorf("back to simple: %+v", l.Variants)
		}
	}
}

func TestRefusesTerms(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id, models := c.tea("CHE")
	row := fields{"model_id": models[0], "original_price": 300000}
	set := fields{"model_id": models[0], "seller_stock": rows(fields{"stock": 1})}
	many := func(row fields) (list []any) {
		for range 51 {
			list = append(list, row)
		}
		return list
	}
	price, stock := "product/update_price", "product/update_stock"
	c.refuses([]call{
		{"price of nothing", price, fields{"price_list": rows(row)}, "error_param"},
		{"price of an unknown item", price, fields{"item_id": 1, "price_list": rows(row)}, "error_item_not_found"},
		{"no prices", price, fields{"item_id": id, "price_list": rows()}, "error_param"},
		{"51 prices", price, fields{"item_id": id, "price_list": many(row)}, "error_param"},
		{"the item's price", price, fields{"item_id": id, "price_list": rows(fields{"original_price": 300000})}, "error_edit_item_price_for_item_has_model"},
		{"stock of nothing", stock, fields{"stock_list": rows(set)}, "error_param"},
		{"stock of an unknown item", stock, fields{"item_id": 1, "stock_list": rows(set)}, "error_item_not_found"},
		{"no stocks", stock, fields{"item_id": id, "stock_list": rows()}, "error_param"},
		{"51 stocks", stock, fields{"item_id": id, "stock_list": many(set)}, "error_param"},
		{"the same twice", stock, fields{"item_id": id, "stock_list": rows(set, set)}, "error_param"},
		{"the item's stock", stock, fields{"item_id": id, "stock_list": rows(with(set, "model_id", nil))}, "error_edit_item_stock_for_item_has_model"},
		{"all refused", stock, fields{"item_id": id, "stock_list": rows(with(set, "model_id", 1))}, "error_busi_update_stock_failed"},
	})
}

func itoa(n int64) string { return string(externalID(n)) }
