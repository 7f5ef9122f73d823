package tiktokshop

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// schemaLife is how long what a category asks for is remembered.
const schemaLife = time.Hour

// schema is what a category asks of products.
type schema struct {
	at           time.Time
	attributes   []categoryAttribute
	certificates []certificate
	cod          bool
}

// certificate is a paper that products need, or only those for which one of its
// conditions holds.
type certificate struct {
	name       string
	conditions []condition
}

// condition holds for products that have a value of an attribute.
type condition struct {
	Attribute string `json:"attribute_id"`
	Value     string `json:"attribute_value_id"`
}

// anyHolds tells that one of the conditions does.
func anyHolds(conditions []condition, facts []attribute) bool {
	return slices.ContainsFunc(conditions, func(c condition) bool {
		return slices.ContainsFunc(facts, func(a attribute) bool {
			return a.ID == c.Attribute && slices.ContainsFunc(a.Values, func(v attributeValue) bool { return v.ID == c.Value })
		})
	})
}

type categoryAttribute struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Type     string `json:"type"` // SALES_PROPERTY or PRODUCT_PROPERTY
	Requried bool   `json:"is_requried"`
	Required bool   `json:"is_required"` // the same, should it be spelled right one day
	Custom   bool   `json:"is_customizable"`
	Multiple bool   `json:"is_multiple_selection"`
	Format   string `json:"value_data_format"` // of values of one's own
	// Conditions make it required for some products.
	Conditions []condition `json:"requirement_conditions"`
	Values     []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"values"`
}

func (a categoryAttribute) sales() bool    { return a.Type == "SALES_PROPERTY" }
func (a categoryAttribute) required() bool { return a.Requried || a.Required }

// value finds a value of the platform's by its name, as people write it.
func (a categoryAttribute) value(name string) string {
	for _, v := range a.Values {
		if catalog.Fold(v.Name) == catalog.Fold(name) {
			return v.ID
		}
	}
	return ""
}

// attribute finds what the category calls so.
func (c schema) attribute(name string, sales bool) (categoryAttribute, bool) {
	i := slices.IndexFunc(c.attributes, func(a categoryAttribute) bool {
		return a.sales() == sales && catalog.Fold(a.Name) == catalog.Fold(name)
	})
	if i < 0 {
		return categoryAttribute{}, false
	}
	return c.attributes[i], true
}

func (s *shop) tree() url.Values {
	return url.Values{"locale": {s.options.Locale}, "category_version": {s.options.CategoryVersion}}
}

func (s *shop) attributesOf(ctx context.Context, category string) ([]categoryAttribute, error) {
	if !isID(catalog.ExternalID(category)) {
		return nil, &connectors.Error{
			Kind: connectors.Validation, Channel: string(s.env.Channel), Op: "attributes.list", Code: "12052025", Err: fmt.Errorf("%q is not a number of a category", clip(category, 30)),
		}
	}
	answer, err := call[struct {
		Attributes []categoryAttribute `json:"attributes"`
	}](ctx, s, connectors.Call{Op: "attributes.list", Path: fmt.Sprintf(pathAttributes, category), Query: s.tree()})
	return answer.Attributes, err
}

// schemaOf reads what a category asks for, or remembers it.
func (s *shop) schemaOf(ctx context.Context, category string) (schema, error) {
	s.mutex.Lock()
	known, ok := s.schemas[category]
	s.mutex.Unlock()
	if ok && time.Since(known.at) < schemaLife {
		return known, nil
	}
	attributes, err := s.attributesOf(ctx, category)
	if err != nil {
		return schema{}, err
	}
	rules, err := call[struct {
		Certificates []struct {
			Name       string      `json:"name"`
			Required   bool        `json:"is_required"`
			Conditions []condition `json:"requirement_conditions"`
		} `json:"product_certifications"`
		COD struct {
			Supported bool `json:"is_supported"`
		} `json:"cod"`
	}](ctx, s, connectors.Call{Op: "rules.read", Path: fmt.Sprintf(pathRules, category), Query: s.tree()})
	if err != nil {
		return schema{}, err
	}
	found := schema{at: time.Now(), attributes: attributes, cod: rules.COD.Supported}
	for _, c := range rules.Certificates {
		if c.Required {
			c.Conditions = nil // always
		}
		if c.Required || len(c.Conditions) > 0 {
			found.certificates = append(found.certificates, certificate{clip(c.Name, 100), c.Conditions})
		}
	}
	s.mutex.Lock()
	s.schemas[category] = found
	s.mutex.Unlock()
	return found, nil
}

// brandOf gives the platform's number of a brand, "" when it has none of that
// name that the shop may use.
func (s *shop) brandOf(ctx context.Context, name, category string) (string, error) {
	if id := s.options.Brands[name]; id != "" || name == "" {
		return id, nil
	}
	key := category + "/" + catalog.Fold(name)
	s.mutex.Lock()
	id, known := s.brands[key]
	s.mutex.Unlock()
	if known {
		return id, nil
	}
	query := s.tree()
	query.Del("locale")
	query.Set("page_size", "100")
	query.Set("category_id", category)
	query.Set("brand_name", name)
	answer, err := call[struct {
		Brands []struct {
			ID         string `json:"id"`
			Name       string `json:"name"`
			Authorized string `json:"authorized_status"`
			Status     string `json:"brand_status"`
			T1         bool   `json:"is_t1_brand"`
		} `json:"brands"`
	}](ctx, s, connectors.Call{Op: "brands.find", Path: pathBrands, Query: query})
	if err != nil {
		return "", err
	}
	for _, b := range answer.Brands {
		allowed := b.Authorized == "AUTHORIZED" && b.Status != "UNAVAILABLE" || b.Authorized != "AUTHORIZED" && !b.T1
		if allowed && catalog.Fold(b.Name) == catalog.Fold(name) {
			id = b.ID
			break
		}
	}
	s.mutex.Lock()
	s.brands[key] = id
	s.mutex.Unlock()
	return id, nil
}

// warehouseOf gives the warehouse that holds the stock.
func (s *shop) warehouseOf(ctx context.Context) (string, error) {
	s.mutex.Lock()
	id := s.warehouse
	s.mutex.Unlock()
	if id != "" {
		return id, nil
	}
	answer, err := call[struct {
		Warehouses []struct {
			ID      string `json:"id"`
			Status  string `json:"effect_status"`
			Type    string `json:"type"`
			Default bool   `json:"is_default"`
		} `json:"warehouses"`
	}](ctx, s, connectors.Call{Op: "warehouses.list", Path: pathWarehouses})
	if err != nil {
		return "", err
	}
	var candidates []string
	for _, w := range answer.Warehouses {
		if w.Type != "SALES_WAREHOUSE" || w.Status != "ENABLED" {
			continue
		}
		candidates = append(candidates, w.ID)
		if w.Default {
			id = w.ID
		}
	}
	if id == "" && len(candidates) == 1 {
		id = candidates[0]
	}
	if id == "" {
		return "", &connectors.Error{
			Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "warehouses.list", Code: "warehouse",
			Err:  fmt.Errorf("the shop has %d warehouses to sell from and none is its default: %s", len(candidates), strings.Join(candidates, ", ")),
			Hint: "set warehouse_id, or make a warehouse in Seller Center",
		}
	}
	s.mutex.Lock()
	s.warehouse = id
	s.mutex.Unlock()
	return id, nil
}

// Categories reads the platform's tree, which all shops share. Which categories
// a shop may use is its own matter and no part of it: the platform refuses the
// others with a reason.
func (s *shop) Categories(ctx context.Context) iter.Seq2[connectors.PlatformCategory, error] {
	return func(yield func(connectors.PlatformCategory, error) bool) {
		answer, err := call[struct {
			Categories []struct {
				ID     string `json:"id"`
				Parent string `json:"parent_id"`
				Name   string `json:"local_name"`
				Leaf   bool   `json:"is_leaf"`
			} `json:"categories"`
		}](ctx, s, connectors.Call{Op: "categories.list", Path: pathCategories, Query: s.tree()})
		if err == nil && len(answer.Categories) == 0 {
			err = &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: "categories.list", Err: errors.New("the tree is empty")}
		}
		if err != nil {
			yield(connectors.PlatformCategory{}, err)
			return
		}
		for _, c := range answer.Categories {
			row := connectors.PlatformCategory{ID: c.ID, Parent: c.Parent, Name: c.Name, Leaf: c.Leaf}
			if row.Parent == "0" {
				row.Parent = ""
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Attributes reads what a category asks for, options included; those tell
// variants apart, so no value of the product is required for them.
func (s *shop) Attributes(ctx context.Context, category string) ([]connectors.PlatformAttribute, error) {
	rows, err := s.attributesOf(ctx, category)
	if err != nil {
		return nil, err
	}
	var list []connectors.PlatformAttribute
	for _, a := range rows {
		row := connectors.PlatformAttribute{ID: a.ID, Name: a.Name, Required: a.required() && !a.sales(), Multiple: a.Multiple}
		for _, v := range a.Values {
			if !a.Custom {
				row.Values = append(row.Values, v.Name)
			}
		}
		list = append(list, row)
	}
	return list, nil
}
