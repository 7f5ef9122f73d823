package shopee

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// schemaLife is how long what a category asks for is taken as known, as the
// platform advises.
const schemaLife = 24 * time.Hour

// schema is what a category asks for.
type schema struct {
	at         time.Time
	attributes []attributeInfo
	limits     limits
}

type category struct {
	ID          int64  `json:"category_id"`
	Parent      int64  `json:"parent_category_id"`
	Original    string `json:"original_category_name"`
	Name        string `json:"display_category_name"`
	HasChildren bool   `json:"has_children"`
}

// attributeInfo is a node of product/get_attribute_tree.
type attributeInfo struct {
	ID        int64  `json:"attribute_id"`
	Mandatory bool   `json:"mandatory"`
	Name      string `json:"name"`
	Values    []struct {
		ID       int64           `json:"value_id"`
		Name     string          `json:"name"`
		Children []attributeInfo `json:"child_attribute_list"`
	} `json:"attribute_value_list"`
	Info struct {
		Input  int      `json:"input_type"`            // 1, 4: only the values listed
		Format int      `json:"format_type"`           // 2: a number with a unit
		Check  int      `json:"input_validation_type"` // 1 integer, 3 float, 4 date
		Units  []string `json:"attribute_unit_list"`
		Max    int      `json:"max_value_count"`
	} `json:"attribute_info"`
}

func (a attributeInfo) closed() bool   { return a.Info.Input == 1 || a.Info.Input == 4 }
func (a attributeInfo) multiple() bool { return a.Info.Input == 4 || a.Info.Input == 5 }

// limits of a category, as get_item_limit tells them; 0 = not told.
type limits struct {
	Price       between `json:"price_limit"`
	Title       between `json:"item_name_length_limit"`
	Images      between `json:"item_image_count_limit"`
	Description between `json:"item_description_length_limit"`
	OptionName  between `json:"tier_variation_name_length_limit"`
	OptionValue between `json:"tier_variation_option_length_limit"`
	Weight      struct {
		Mandatory bool `json:"weight_mandatory"`
	} `json:"weight_limit"`
	Dimension struct {
		Mandatory bool `json:"dimension_mandatory"`
	} `json:"dimension_limit"`
}

type between struct {
	Min dong `json:"min_limit"`
	Max dong `json:"max_limit"`
}

func (s *shop) categoryTree(ctx context.Context) ([]category, error) {
	answer, err := get[struct {
		List []category `json:"category_list"`
	}](ctx, s, "product/get_category", url.Values{"language": {s.options.Language}})
	return answer.List, err
}

// schemaOf reads what a category asks for, once a day.
func (s *shop) schemaOf(ctx context.Context, id int64) (schema, error) {
	s.mutex.Lock()
	found, ok := s.schemas[id]
	s.mutex.Unlock()
	if ok && time.Since(found.at) < schemaLife {
		return found, nil
	}
	// The same language is called vi by one API and vn by the other.
	language := map[string]string{"vi": "vn", "en": "en"}[s.options.Language]
	trees, err := get[struct {
		List []struct {
			ID   int64           `json:"category_id"`
			Tree []attributeInfo `json:"attribute_tree"`
		} `json:"list"`
	}](ctx, s, "product/get_attribute_tree", url.Values{"category_id_list": {fmt.Sprintf("[%d]", id)}, "language": {language}})
	if err != nil {
		return schema{}, err
	}
	found = schema{at: time.Now()}
	for _, tree := range trees.List {
		if tree.ID == id {
			found.attributes = tree.Tree
		}
	}
	if found.limits, err = get[limits](ctx, s, "product/get_item_limit", url.Values{"category_id": {strconv.FormatInt(id, 10)}}); err != nil {
		return schema{}, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.schemas[id] = found
	return found, nil
}

// Attributes tells what a category asks for. Those that only apply to a chosen
// value are not listed.
func (s *shop) Attributes(ctx context.Context, id string) ([]connectors.PlatformAttribute, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, &connectors.Error{Kind: connectors.Validation, Channel: string(s.env.Channel), Op: "attributes", Code: "category",
			Err: fmt.Errorf("category %q is not a number", clip(id, 40)), Hint: "take one from the channel's categories"}
	}
	found, err := s.schemaOf(ctx, number)
	if err != nil {
		return nil, err
	}
	list := make([]connectors.PlatformAttribute, len(found.attributes))
	for i, a := range found.attributes {
		list[i] = connectors.PlatformAttribute{
			ID: strconv.FormatInt(a.ID, 10), Name: a.Name, Required: a.Mandatory, Multiple: a.multiple(), Units: a.Info.Units,
		}
		for _, v := range a.Values {
			if a.closed() {
				list[i].Values = append(list[i].Values, v.Name)
			}
		}
	}
	brand, err := s.brandAttribute(ctx, number)
	if err != nil {
		return nil, err
	}
	return append(list, brand), nil
}

// fill finds the values of a category's attributes among the offer's facts and
// the channel's own. Facts that the category does not ask for are left out. What
// is mandatory and missing, or not among the allowed values, is an issue.
func (s *shop) fill(offer *catalog.Offer, asked []attributeInfo) (list []attribute, issues []catalog.Issue) {
	given := func(a attributeInfo) (values []string) {
		for _, fact := range offer.Attributes {
			if sameName(fact.Name, a) && strings.TrimSpace(fact.Value) != "" {
				values = append(values, strings.TrimSpace(fact.Value))
			}
		}
		if len(values) > 0 {
			return values
		}
		for name, value := range s.options.Attributes {
			if sameName(name, a) && strings.TrimSpace(value) != "" {
				values = append(values, strings.TrimSpace(value))
			}
		}
		slices.Sort(values)
		return values
	}
	asked = slices.Clone(asked)
	for i := 0; i < len(asked); i++ {
		a := asked[i]
		filled := attribute{ID: a.ID}
		values := given(a)
		if !a.multiple() && len(values) > 1 {
			values = values[:1]
		}
		for _, text := range values {
			value, children, reason := a.value(text)
			if reason != "" {
				severity := catalog.SeverityWarning
				if a.Mandatory {
					severity = catalog.SeverityError
				}
				issues = append(issues, attributeIssue(severity, "attribute_value", a,
					fmt.Sprintf("giá trị %q không dùng được: %s", clip(text, 60), allowed(a)),
					fmt.Sprintf("value %q cannot be used (%s): %s", clip(text, 60), reason, allowed(a))))
				continue
			}
			if len(filled.Values) < max(1, a.Info.Max) {
				filled.Values = append(filled.Values, value)
				asked = append(asked, children...)
			}
		}
		switch {
		case len(filled.Values) > 0:
			list = append(list, filled)
		case a.Mandatory && len(values) == 0:
			issues = append(issues, attributeIssue(catalog.SeverityError, "attribute_missing", a,
				"danh mục này bắt buộc phải có: "+allowed(a), "the category asks for it: "+allowed(a)))
		}
	}
	return list, issues
}

// sameName compares the name of a fact, or the platform's number, whatever
// case and diacritics.
func sameName(name string, a attributeInfo) bool {
	return name == strconv.FormatInt(a.ID, 10) || catalog.Fold(name) == catalog.Fold(a.Name)
}

// value turns a text into a value, and tells why it cannot.
func (a attributeInfo) value(text string) (v attributeValue, children []attributeInfo, reason string) {
	for _, known := range a.Values {
		if catalog.Fold(known.Name) == catalog.Fold(text) {
			return attributeValue{ID: known.ID}, known.Children, ""
		}
	}
	if a.closed() {
		return v, nil, "not among the values"
	}
	v.Name = text
	if a.Info.Format == 2 && len(a.Info.Units) > 0 {
		digits := strings.TrimRightFunc(text, func(r rune) bool { return !(r >= '0' && r <= '9') })
		unit := strings.TrimSpace(text[len(digits):])
		at := slices.IndexFunc(a.Info.Units, func(known string) bool { return strings.EqualFold(known, unit) })
		if at < 0 {
			return v, nil, "unit"
		}
		v.Name, v.Unit = strings.Replace(strings.TrimSpace(digits), ",", ".", 1), a.Info.Units[at]
	}
	switch a.Info.Check {
	case 1, 3:
		n, err := decimal.NewFromString(v.Name)
		if err != nil || a.Info.Check == 1 && !n.IsInteger() {
			return v, nil, "not a number"
		}
	case 4:
		day, err := time.Parse("02/01/2006", v.Name)
		if err != nil {
			day, err = time.Parse(time.DateOnly, v.Name)
		}
		if err != nil {
			return v, nil, "not a date"
		}
		v.Name = strconv.FormatInt(day.Unix(), 10)
	}
	return v, nil, ""
}

// allowed says what an attribute takes.
func allowed(a attributeInfo) string {
	var names []string
	for _, v := range a.Values {
		if len(names) == 8 {
			names = append(names, "…")
			break
		}
		names = append(names, v.Name)
	}
	switch {
	case len(names) > 0:
		return strings.Join(names, ", ")
	case a.Info.Format == 2:
		return "123 " + strings.Join(a.Info.Units, "/")
	case a.Info.Check == 4:
		return "31/12/2026"
	case a.Info.Check == 1 || a.Info.Check == 3:
		return "123"
	}
	return "…"
}

func attributeIssue(severity, code string, a attributeInfo, vi, en string) catalog.Issue {
	return catalog.Issue{Code: code, Severity: severity, Field: "attributes", Message: catalog.Text{
		VI: fmt.Sprintf("Thuộc tính %s: %s.", a.Name, vi), EN: fmt.Sprintf("Attribute %s: %s.", a.Name, en),
	}}
}

// channel is a way to ship, from logistics/get_channel_list.
type channel struct {
	ID      int64  `json:"logistics_channel_id"`
	Enabled bool   `json:"enabled"`
	Fee     string `json:"fee_type"`
	Mask    int64  `json:"mask_channel_id"`
	Weight  struct {
		Max dong `json:"item_max_weight"` // whole kilograms; 0 = any
	} `json:"weight_limit"`
}

// logisticsOf are the channels that an item of a weight may use.
func (s *shop) logisticsOf(ctx context.Context, grams int64) ([]fields, error) {
	s.mutex.Lock()
	list, fresh := s.channels, time.Since(s.channelsAt) < time.Hour
	s.mutex.Unlock()
	if !fresh {
		answer, err := get[struct {
			List []channel `json:"logistics_channel_list"`
		}](ctx, s, "logistics/get_channel_list", nil)
		if err != nil {
			return nil, err
		}
		list = answer.List
		s.mutex.Lock()
		s.channels, s.channelsAt = list, time.Now()
		s.mutex.Unlock()
	}
	var chosen []fields
	for _, c := range list {
		wanted := c.Enabled && c.Mask == 0 && c.Fee != "SIZE_SELECTION" && c.Fee != "CUSTOM_PRICE"
		if len(s.options.Logistics) > 0 {
			wanted = slices.Contains(s.options.Logistics, c.ID)
		}
		if wanted && (c.Weight.Max <= 0 || grams <= int64(c.Weight.Max)*1000) {
			chosen = append(chosen, fields{"logistic_id": c.ID, "enabled": true})
		}
	}
	if len(chosen) == 0 {
		return nil, &connectors.Error{
			Kind: connectors.Validation, Channel: string(s.env.Channel), Op: "logistics/get_channel_list", Code: "error_no_logistic_channel",
			Status: http.StatusOK, Err: errors.New("the shop has no logistics channel for this item"),
		}
	}
	return chosen, nil
}
