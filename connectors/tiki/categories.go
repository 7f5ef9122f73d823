package tiki

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// wireCategory is a category in the forms of v1 and v2.
type wireCategory struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Parent    int64  `json:"parent"`
	ParentID  int64  `json:"parent_id"`
	IsPrimary *flag  `json:"is_primary"`
	Primary   *flag  `json:"primary"`
}

func (c wireCategory) leaf() bool {
	return c.IsPrimary != nil && bool(*c.IsPrimary) || c.Primary != nil && bool(*c.Primary)
}

// Categories lists Tiki's categories. Only primary ones take products.
// https://open.tiki.vn/docs/docs/current/api-references/product-api/
func (s *shop) Categories(ctx context.Context) iter.Seq2[connectors.PlatformCategory, error] {
	return func(yield func(connectors.PlatformCategory, error) bool) {
		var all []wireCategory
		known := map[int64]bool{}
		for page, err := range pages[wireCategory](ctx, s, "categories.list", "v2/categories", nil) {
			if err != nil {
				yield(connectors.PlatformCategory{}, err)
				return
			}
			for _, c := range page.Data {
				if c.ID != 0 && !known[c.ID] {
					all, known[c.ID] = append(all, c), true
				}
			}
		}
		for _, c := range all {
			node := connectors.PlatformCategory{ID: strconv.FormatInt(c.ID, 10), Name: c.Name, Leaf: c.leaf()}
			// The root is not in the list.
			if parent := max(c.Parent, c.ParentID); known[parent] && parent != c.ID {
				node.Parent = strconv.FormatInt(parent, 10)
			}
			if !yield(node, nil) {
				return
			}
		}
	}
}

// Attributes lists what a category asks for, by attribute code.
func (s *shop) Attributes(ctx context.Context, category string) ([]connectors.PlatformAttribute, error) {
	id, err := strconv.ParseInt(category, 10, 64)
	if err != nil {
		return nil, s.fail(connectors.Validation, "attributes.list", "category", fmt.Sprintf("%q is not the number of a Tiki category", clip(category)), "")
	}
	sch, err := s.schema(ctx, id)
	if err != nil {
		return nil, err
	}
	attributes := make([]connectors.PlatformAttribute, len(sch.attributes))
	errs := s.each(len(attributes), func(i int) error {
		a := sch.attributes[i]
		attributes[i] = connectors.PlatformAttribute{ID: a.Code, Name: firstOf(a.Name, a.Code), Required: bool(a.Required), Multiple: a.Input == "multiselect"}
		if a.boolean() {
			attributes[i].Values = []string{"0", "1"}
		}
		if !a.hasValues() {
			return nil
		}
		for page, err := range pages[attributeValue](ctx, s, "attributes.values", fmt.Sprintf("v2/attributes/%d/values", a.ID), nil) {
			if err != nil {
				return err
			}
			for _, v := range page.Data {
				attributes[i].Values = append(attributes[i].Values, v.text())
			}
		}
		return nil
	})
	return attributes, firstError(errs)
}

// schema is what a category asks of its products. It is used for a while, as
// Tiki changes categories about once a day.
type schema struct {
	attributes []attribute
	labels     []string // what variants may differ by; none = not told
	papers     []string // names of certificates that are wanted
	at         time.Time
}

const schemaAge = 6 * time.Hour

type attribute struct {
	ID       int64  `json:"id"`
	Code     string `json:"code"`
	Name     string `json:"display_name"`
	Required flag   `json:"is_required"`
	Input    string `json:"input_type"`
	Data     string `json:"data_type"`
}

func (a attribute) boolean() bool   { return a.Input == "boolean" }
func (a attribute) hasValues() bool { return a.Input == "select" || a.Input == "multiselect" }
func (a attribute) numeric() bool   { return a.Data == "int" || a.Data == "decimal" }

// attributeValue is a row of the values, under one of the names in use.
type attributeValue struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Name  string `json:"name"`
}

func (v attributeValue) text() string { return firstOf(v.Value, v.Label, v.Name) }

func (s *shop) schema(ctx context.Context, category int64) (*schema, error) {
	s.mu.Lock()
	known := s.schemas[category]
	s.mu.Unlock()
	if known != nil && time.Since(known.at) < schemaAge {
		return known, nil
	}
	var answer list[attribute]
	_, err := s.client.Do(ctx, connectors.Call{
		Op: "attributes.list", Path: fmt.Sprintf("v2/categories/%d/attributes", category), Out: &answer,
	})
	if err != nil {
		return nil, err
	}
	fresh := &schema{attributes: answer.Data, at: time.Now()}
	if fresh.labels, err = s.names(ctx, "options.list", fmt.Sprintf("v2/categories/%d/optionLabels", category), nil); err != nil {
		return nil, err
	}
	query := url.Values{"category_id": {strconv.FormatInt(category, 10)}}
	if fresh.papers, err = s.names(ctx, "documents.list", "v2/requests/requiredDocs", query); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schemas[category] = fresh
	return fresh, nil
}

// names reads a list of names, whose rows have one of the forms in use. Apps
// that may not ask, and categories without such a list, get nil.
func (s *shop) names(ctx context.Context, op, path string, query url.Values) (names []string, err error) {
	var answer list[json.RawMessage]
	_, err = s.client.Do(ctx, connectors.Call{Op: op, Path: path, Query: query, Out: &answer})
	switch connectors.KindOf(err) {
	case connectors.NotFound, connectors.Fatal, connectors.Validation, connectors.Unclear:
		s.env.Logger.DebugContext(ctx, "a list of names could not be read", "op", op, "error", err)
		return nil, nil
	}
	names = []string{}
	for _, raw := range answer.Data {
		var name string
		var row attributeValue
		switch {
		case json.Unmarshal(raw, &name) == nil:
		case json.Unmarshal(raw, &row) == nil:
			name = row.text()
		}
		if name != "" {
			names = append(names, name)
		}
	}
	return names, err
}

// labelsOf are the offer's options as the category names them: by the channel's
// option, or alike but for case.
func (s *shop) labelsOf(sch *schema, offer *catalog.Offer) (labels []string, issues []catalog.Issue) {
	for _, name := range offer.Options {
		wanted := firstOf(s.options.OptionLabels[name], name)
		at := slices.IndexFunc(sch.labels, func(label string) bool { return fold(label) == fold(wanted) })
		switch {
		case at >= 0:
			wanted = sch.labels[at]
		case len(sch.labels) > 0:
			allowed := strings.Join(sch.labels[:min(len(sch.labels), 8)], ", ")
			issues = append(issues, catalog.Issue{Code: "option_label", Severity: catalog.SeverityError, Field: "options", Message: catalog.Text{
				VI: fmt.Sprintf("Danh mục Tiki không phân loại theo %q; có thể dùng: %s. Đổi tên trong sản phẩm, hoặc khai ở option_labels của kênh.", clip(name), allowed),
				EN: fmt.Sprintf("The Tiki category has no option %q; some that it has: %s. Rename it in the product, or map it in the channel's option_labels.", clip(name), allowed),
			}})
		}
		labels = append(labels, wanted)
	}
	return labels, issues
}

// brandSeen is whether Tiki lists a brand, and when that was asked.
type brandSeen struct {
	listed bool
	at     time.Time
}

// unknownBrand warns of a brand that Tiki does not list, which its reviewers
// may refuse.
func (s *shop) unknownBrand(ctx context.Context, brand string) ([]catalog.Issue, error) {
	s.mu.Lock()
	known, asked := s.brands[fold(brand)]
	s.mu.Unlock()
	if brand == "" {
		return nil, nil
	}
	if !asked || time.Since(known.at) > schemaAge {
		names, err := s.names(ctx, "brands.list", "v2/brands", url.Values{"name": {brand}, "page": {"1"}, "limit": {strconv.Itoa(pageSize)}})
		if err != nil || names == nil {
			return nil, err
		}
		known = brandSeen{slices.ContainsFunc(names, func(name string) bool { return fold(name) == fold(brand) }), time.Now()}
		s.mu.Lock()
		s.brands[fold(brand)] = known
		s.mu.Unlock()
	}
	if known.listed {
		return nil, nil
	}
	return []catalog.Issue{{Code: "brand_unknown", Severity: catalog.SeverityWarning, Field: "brand", Message: catalog.Text{
		VI: fmt.Sprintf("Tiki chưa có thương hiệu %q nên có thể từ chối khi duyệt: đăng ký thương hiệu trong Tiki Seller Center, hoặc dùng OEM.", clip(brand)),
		EN: fmt.Sprintf("Tiki does not list the brand %q and may refuse it in its review: register it in Tiki Seller Center, or use OEM.", clip(brand)),
	}}}, nil
}

// lacksPapers warns when certificates are wanted and none is sent.
func (s *shop) lacksPapers(sch *schema, offer *catalog.Offer) []catalog.Issue {
	if len(sch.papers) == 0 || len(certificatesFor(s.options, offer.Category)) > 0 {
		return nil
	}
	names := strings.Join(sch.papers, ", ")
	return []catalog.Issue{{Code: "certificate_missing", Severity: catalog.SeverityWarning, Field: "certificates", Message: catalog.Text{
		VI: "Tiki thường yêu cầu giấy tờ cho danh mục này (" + clip(names) + ") và có thể từ chối: khai địa chỉ ảnh giấy tờ ở certificates của kênh.",
		EN: "Tiki usually wants papers for this category (" + clip(names) + ") and may refuse: name their pictures in the channel's certificates.",
	}}}
}

// plain are the values of attributes that most goods share, where nobody says
// otherwise.
var plain = map[string]string{"bulky": "0", "is_warranty_applied": "0"}

// facts are the attributes of an offer by Tiki's codes: what the offer says,
// else what follows from it, else the channel's option.
func (s *shop) facts(sch *schema, offer *catalog.Offer) (values map[string]string, issues []catalog.Issue) {
	values = map[string]string{}
	derived := derivedFacts(offer)
	for _, a := range sch.attributes {
		given := ""
		for _, own := range offer.Attributes {
			if own.Name == a.Code || fold(own.Name) == fold(a.Name) {
				given = own.Value
			}
		}
		if value := firstOf(given, derived[a.Code], s.options.Attributes[a.Code], plain[a.Code]); value != "" {
			values[a.Code] = value
		}
	}
	for _, own := range offer.Attributes {
		if !slices.ContainsFunc(sch.attributes, func(a attribute) bool { return own.Name == a.Code || fold(own.Name) == fold(a.Name) }) {
			issues = append(issues, catalog.Issue{Code: "attribute_unknown", Severity: catalog.SeverityWarning, Field: "attributes", Message: catalog.Text{
				VI: fmt.Sprintf("Danh mục Tiki không có thuộc tính %q nên thuộc tính này không được đăng.", clip(own.Name)),
				EN: fmt.Sprintf("The Tiki category has no attribute %q, so it is left out.", clip(own.Name)),
			}})
		}
	}
	return values, issues
}

// derivedFacts are what Tiki usually asks for and the offer tells elsewhere.
func derivedFacts(offer *catalog.Offer) map[string]string {
	facts := map[string]string{"brand": offer.Brand, "product_top_features": firstOf(offer.Summary, firstLine(offer.Description))}
	var grams int64
	var size catalog.Dimensions
	for _, v := range offer.Variants {
		grams = max(grams, v.Weight)
		size.Length, size.Width, size.Height = max(size.Length, v.Dimensions.Length), max(size.Width, v.Dimensions.Width), max(size.Height, v.Dimensions.Height)
	}
	for code, measure := range map[string]struct {
		n      int64
		digits int32
	}{
		"product_weight_kg": {grams, 3}, "product_length": {size.Length, 1},
		"product_width": {size.Width, 1}, "product_height": {size.Height, 1},
	} {
		if measure.n > 0 {
			facts[code] = decimal.New(measure.n, -measure.digits).String()
		}
	}
	return facts
}

// wireFacts writes values in the types of their attributes, and tells what
// Tiki would refuse.
func (s *shop) wireFacts(ctx context.Context, sch *schema, values map[string]string) (map[string]any, []catalog.Issue, error) {
	wire := map[string]any{}
	var issues []catalog.Issue
	wrong := func(a attribute, code, vi, en string) {
		issues = append(issues, catalog.Issue{Code: code, Severity: catalog.SeverityError, Field: "attributes[" + a.Code + "]", Message: catalog.Text{VI: vi, EN: en}})
	}
	for _, a := range sch.attributes {
		value, given := values[a.Code]
		name := fmt.Sprintf("%s (%s)", firstOf(a.Name, a.Code), a.Code)
		switch {
		case !given && bool(a.Required):
			wrong(a, "attribute_missing", "Tiki bắt buộc thuộc tính "+name+": thêm vào sản phẩm, hoặc đặt chung cho kênh ở attributes.",
				"Tiki requires the attribute "+name+": add it to the product, or for the whole channel under attributes.")
		case !given:
		case a.boolean():
			bit, ok := map[string]int{"0": 0, "1": 1, "không": 0, "có": 1, "no": 0, "yes": 1, "false": 0, "true": 1}[strings.ToLower(value)]
			if !ok {
				wrong(a, "attribute_value", fmt.Sprintf("Thuộc tính %s chỉ nhận Có hoặc Không, không nhận %q.", name, clip(value)),
					fmt.Sprintf("The attribute %s takes yes or no, not %q.", name, clip(value)))
			}
			wire[a.Code] = bit
		case a.numeric() && !a.hasValues():
			n, err := decimal.NewFromString(value)
			if err != nil {
				wrong(a, "attribute_value", fmt.Sprintf("Thuộc tính %s phải là số, không nhận %q.", name, clip(value)),
					fmt.Sprintf("The attribute %s must be a number, not %q.", name, clip(value)))
			}
			wire[a.Code] = json.Number(n.String())
		case a.hasValues():
			exact, some, err := s.valueOf(ctx, a, value)
			if err != nil {
				return nil, nil, err
			}
			if exact == "" {
				wrong(a, "attribute_value", fmt.Sprintf("Thuộc tính %s không có giá trị %q trên Tiki; có thể chọn: %s.", name, clip(value), strings.Join(some, ", ")),
					fmt.Sprintf("The attribute %s has no value %q on Tiki; some that it has: %s.", name, clip(value), strings.Join(some, ", ")))
			}
			wire[a.Code] = exact
		default:
			wire[a.Code] = value
		}
	}
	return wire, issues, nil
}

// valueOf finds a value among those of a select, whatever its case. Without a
// match it returns some that there are.
func (s *shop) valueOf(ctx context.Context, a attribute, wanted string) (exact string, some []string, err error) {
	for _, q := range []string{wanted, ""} {
		var answer list[attributeValue]
		_, err := s.client.Do(ctx, connectors.Call{
			Op: "attributes.values", Path: fmt.Sprintf("v2/attributes/%d/values", a.ID),
			Query: url.Values{"q": {q}, "page": {"1"}, "limit": {strconv.Itoa(pageSize)}}, Out: &answer,
		})
		if err != nil {
			return "", nil, err
		}
		some = nil
		for _, v := range answer.Data {
			if fold(v.text()) == fold(wanted) {
				return v.text(), nil, nil
			}
			if len(some) < 5 {
				some = append(some, clip(v.text()))
			}
		}
	}
	return "", some, nil
}

// fold makes names comparable: lower case, single blanks.
func fold(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), unicode.IsSpace), " ")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
