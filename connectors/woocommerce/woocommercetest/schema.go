package woocommercetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// schema is the part of JSON Schema that WordPress checks requests with.
type schema struct {
	types    []string
	enum     []string
	format   string // "date-time"
	min, max *int64
	items    *schema
	props    map[string]*schema
	required []string // of the top level
}

func kind(types ...string) *schema { return &schema{types: types} }

func enum(values ...string) *schema { return &schema{types: []string{"string"}, enum: values} }

func listOf(item *schema) *schema { return &schema{types: []string{"array"}, items: item} }

func fields(props map[string]*schema) *schema {
	return &schema{types: []string{"object"}, props: props}
}

// checkParams validates the parameters that were sent, in the order of their
// names, and reports all that are wrong at once.
func (r *request) checkParams(sch *schema) *apiError {
	if sch == nil {
		return nil
	}
	if r.badJSON != "" {
		return &apiError{Code: "rest_invalid_json", Message: "Invalid JSON body passed.", Data: errorData{
			Status: 400, JSONErrorCode: 4, JSONErrorMessage: "Syntax error",
		}}
	}
	var missing []string
	for _, name := range sch.required {
		if _, ok := r.lookup(name); !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return &apiError{Code: "rest_missing_callback_param", Message: "Missing parameter(s): " + strings.Join(missing, ", "), Data: errorData{Status: 400, Params: missing}}
	}
	names := make([]string, 0, len(sch.props))
	for name := range sch.props {
		names = append(names, name)
	}
	slices.Sort(names)
	var bad []string
	params, details := map[string]string{}, map[string]detail{}
	for _, name := range names {
		value, ok := r.lookup(name)
		if !ok {
			continue
		}
		if d := sch.props[name].check(value, name); d != nil {
			bad = append(bad, name)
			params[name], details[name] = d.Message, *d
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return &apiError{
		Code: "rest_invalid_param", Message: "Invalid parameter(s): " + strings.Join(bad, ", "),
		Data: errorData{Status: 400, Params: params, Details: details},
	}
}

// detail is what is wrong with one parameter.
type detail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

func (sch *schema) check(value any, param string) *detail {
	which := ""
	for _, t := range sch.types {
		if isType(value, t) {
			which = t
			break
		}
	}
	if which == "" && len(sch.types) > 0 {
		return &detail{"rest_invalid_type", fmt.Sprintf("%s is not of type %s.", param, strings.Join(sch.types, ",")), map[string]string{"param": param}}
	}
	switch which {
	case "array":
		for i, item := range toList(value) {
			if sch.items != nil {
				if d := sch.items.check(item, fmt.Sprintf("%s[%d]", param, i)); d != nil {
					return d
				}
			}
		}
	case "object":
		for name, prop := range sch.props {
			if inner, ok := toMap(value)[name]; ok {
				if d := prop.check(inner, param+"["+name+"]"); d != nil {
					return d
				}
			}
		}
	case "integer":
		n := toInt(value)
		if sch.min != nil && sch.max != nil && (n < *sch.min || n > *sch.max) {
			return &detail{"rest_out_of_bounds", fmt.Sprintf("%s must be between %d (inclusive) and %d (inclusive)", param, *sch.min, *sch.max), nil}
		}
		if sch.min != nil && n < *sch.min {
			return &detail{"rest_out_of_bounds", fmt.Sprintf("%s must be greater than or equal to %d", param, *sch.min), nil}
		}
	case "string":
		if sch.format == "date-time" {
			if _, ok := parseDate(toText(value), time.UTC); !ok {
				return &detail{"rest_invalid_date", "Invalid date.", nil}
			}
		}
	}
	if sch.enum != nil && !slices.Contains(sch.enum, toText(value)) {
		return &detail{"rest_not_in_enum", fmt.Sprintf("%s is not one of %s.", param, sentence(sch.enum)), nil}
	}
	return nil
}

// isType tells whether WordPress takes a value for a type: whole numbers may
// come as text, lists as comma-separated text, objects as an empty text.
func isType(value any, name string) bool {
	switch name {
	case "null":
		return value == nil
	case "string":
		_, ok := value.(string)
		return ok
	case "boolean":
		switch v := value.(type) {
		case bool:
			return true
		case json.Number:
			return v == "0" || v == "1"
		case string:
			return slices.Contains([]string{"true", "false", "1", "0", ""}, strings.ToLower(v)) && v != ""
		}
		return false
	case "integer", "number":
		var text string
		switch v := value.(type) {
		case json.Number:
			text = v.String()
		case string:
			text = strings.TrimSpace(v)
		default:
			return false
		}
		d, err := decimal.NewFromString(text)
		return err == nil && (name == "number" || d.IsInteger())
	case "array":
		switch value.(type) {
		case []any, string, json.Number:
			return true
		}
		return isEmptyMap(value)
	case "object":
		_, ok := value.(map[string]any)
		return ok || value == "" || isEmptyList(value)
	}
	return false
}

func isEmptyMap(v any) bool  { m, ok := v.(map[string]any); return ok && len(m) == 0 }
func isEmptyList(v any) bool { l, ok := v.([]any); return ok && len(l) == 0 }

// sentence joins as WordPress does: "a, b, and c".
func sentence(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	case 2:
		return words[0] + " and " + words[1]
	default:
		return strings.Join(words[:n-1], ", ") + ", and " + words[n-1]
	}
}

func bounds(low, high int64) *schema {
	sch := kind("integer")
	sch.min = &low
	if high > 0 {
		sch.max = &high
	}
	return sch
}

func dateFilter() *schema { return &schema{types: []string{"string"}, format: "date-time"} }

// collection is what all lists take, with the given orderby values.
func collection(orderBy []string, more map[string]*schema) *schema {
	props := map[string]*schema{
		"page":            bounds(1, 0),
		"per_page":        bounds(1, 100),
		"offset":          kind("integer"),
		"order":           enum("asc", "desc"),
		"orderby":         enum(orderBy...),
		"search":          kind("string"),
		"include":         listOf(kind("integer")),
		"exclude":         listOf(kind("integer")),
		"after":           dateFilter(),
		"before":          dateFilter(),
		"modified_after":  dateFilter(),
		"modified_before": dateFilter(),
		"dates_are_gmt":   kind("boolean"),
	}
	for name, sch := range more {
		props[name] = sch
	}
	return fields(props)
}

var (
	productStatuses = []string{"draft", "pending", "private", "publish", "future", "auto-draft", "trash"}
	orderStatuses   = []string{"pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft"}
)

func metaSchema() *schema {
	return listOf(fields(map[string]*schema{"key": kind("string")}))
}

func imageSchema() *schema {
	return fields(map[string]*schema{"id": kind("integer"), "src": kind("string"), "name": kind("string"), "alt": kind("string")})
}

func sharedProductProps() map[string]*schema {
	props := map[string]*schema{
		"type":             enum("simple", "grouped", "external", "variable"),
		"status":           enum(productStatuses...),
		"low_stock_amount": kind("integer", "null"),
		"stock_quantity":   kind("integer"),
		"menu_order":       kind("integer"),
		"backorders":       enum("no", "notify", "yes"),
		"stock_status":     enum("instock", "outofstock", "onbackorder"),
		"tax_status":       enum("taxable", "shipping", "none"),
		"dimensions":       fields(map[string]*schema{"length": kind("string"), "width": kind("string"), "height": kind("string")}),
		"meta_data":        metaSchema(),
	}
	for _, name := range []string{"description", "sku", "global_unique_id", "regular_price", "sale_price", "tax_class", "weight", "shipping_class"} {
		props[name] = kind("string")
	}
	for _, name := range []string{"virtual", "downloadable", "manage_stock"} {
		props[name] = kind("boolean")
	}
	for _, name := range []string{"date_on_sale_from", "date_on_sale_from_gmt", "date_on_sale_to", "date_on_sale_to_gmt"} {
		props[name] = kind("null", "string")
	}
	return props
}

func productSchema() *schema {
	props := sharedProductProps()
	named := listOf(fields(map[string]*schema{"id": kind("integer"), "name": kind("string"), "slug": kind("string")}))
	props["catalog_visibility"] = enum("visible", "catalog", "search", "hidden")
	props["parent_id"] = kind("integer")
	props["categories"], props["tags"], props["brands"] = named, named, named
	props["images"] = listOf(imageSchema())
	props["attributes"] = listOf(fields(map[string]*schema{
		"id": kind("integer"), "name": kind("string"), "position": kind("integer"),
		"visible": kind("boolean"), "variation": kind("boolean"), "options": listOf(kind("string")),
	}))
	props["default_attributes"] = listOf(fields(map[string]*schema{"id": kind("integer"), "name": kind("string"), "option": kind("string")}))
	props["date_created"], props["date_created_gmt"] = kind("null", "string"), kind("null", "string")
	for _, name := range []string{"name", "slug", "short_description", "external_url", "button_text", "purchase_note"} {
		props[name] = kind("string")
	}
	for _, name := range []string{"featured", "sold_individually", "reviews_allowed"} {
		props[name] = kind("boolean")
	}
	for _, name := range []string{"upsell_ids", "cross_sell_ids", "grouped_products"} {
		props[name] = listOf(kind("integer"))
	}
	return fields(props)
}

func variationSchema() *schema {
	props := sharedProductProps()
	delete(props, "type")
	props["status"] = enum("draft", "pending", "private", "publish")
	props["image"] = imageSchema()
	props["attributes"] = listOf(fields(map[string]*schema{"id": kind("integer"), "name": kind("string"), "option": kind("string")}))
	return fields(props)
}
