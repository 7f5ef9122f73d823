package lazada

import (
	"context"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// node is a category with those below it.
type node struct {
	ID       number `json:"category_id"`
	Name     string `json:"name"`
	Leaf     bool   `json:"leaf"`
	Children []node `json:"children"`
}

// Categories reads the tree, which comes at once.
// https://open.lazada.com/apps/doc/api?path=%2Fcategory%2Ftree%2Fget, read 2026-04.
func (s *shop) Categories(ctx context.Context) iter.Seq2[connectors.PlatformCategory, error] {
	return func(yield func(connectors.PlatformCategory, error) bool) {
		var out answer[[]node]
		err := s.get(ctx, connectors.Call{
			Op: "categories.list", Path: "/category/tree/get", Query: url.Values{"language_code": {s.language}}, Out: &out, Cost: listCost,
		})
		if err != nil {
			yield(connectors.PlatformCategory{}, err)
			return
		}
		var walk func(list []node, parent string) bool
		walk = func(list []node, parent string) bool {
			for _, n := range list {
				id := n.ID.String()
				if !yield(connectors.PlatformCategory{ID: id, Parent: parent, Name: n.Name, Leaf: n.Leaf}, nil) || !walk(n.Children, id) {
					return false
				}
			}
			return true
		}
		walk(out.Data.value, "")
	}
}

// attribute is a fact that a category asks for.
type attribute struct {
	Name      string `json:"name"` // the key to send
	Label     string `json:"label"`
	Input     string `json:"input_type"`
	Mandatory number `json:"is_mandatory"`
	SaleProp  number `json:"is_sale_prop"`
	Kind      string `json:"attribute_type"` // normal or sku
	Options   []struct {
		Name string `json:"name"`
	} `json:"options"`
}

func (a attribute) multiple() bool { return strings.HasPrefix(strings.ToLower(a.Input), "multi") }

// closed tells that only the options may be chosen.
func (a attribute) closed() bool {
	return len(a.Options) > 0 && (a.Input == "singleSelect" || a.Input == "multiSelect")
}

// schema is what a category asks for, and when that was read.
type schema struct {
	attributes []attribute
	at         time.Time
}

// schemaLife is how long a category's attributes are believed; Lazada changes
// them now and then, and tells so by refusing products.
const schemaLife = time.Hour

// ownNames are attributes that are filled from other parts of an offer.
var ownNames = map[string]bool{
	"name": true, "description": true, "short_description": true, "brand": true, "brand_id": true, "SellerSku": true, "price": true,
	"special_price": true, "special_from_date": true, "special_to_date": true, "quantity": true, "package_weight": true,
	"package_length": true, "package_width": true, "package_height": true,
}

// schemaOf reads the attributes of a category.
// https://open.lazada.com/apps/doc/api?path=%2Fcategory%2Fattributes%2Fget, read 2026-04.
func (s *shop) schemaOf(ctx context.Context, category string) ([]attribute, error) {
	s.mutex.Lock()
	known, ok := s.schemas[category]
	s.mutex.Unlock()
	if ok && time.Since(known.at) < schemaLife {
		return known.attributes, nil
	}
	if _, err := strconv.ParseUint(category, 10, 63); err != nil {
		return nil, s.fail("attributes.list", connectors.Validation, "57", "%q is not the number of a category of Lazada", clip(category))
	}
	var out answer[[]attribute]
	err := s.get(ctx, connectors.Call{
		Op: "attributes.list", Path: "/category/attributes/get", Out: &out,
		Query: url.Values{"primary_category_id": {category}, "language_code": {s.language}},
	})
	if err != nil {
		return nil, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.schemas[category] = schema{out.Data.value, time.Now()}
	return out.Data.value, nil
}

// Attributes lists what a category asks for, but for what an offer has by
// itself: name, texts, brand, prices, stock and parcel.
func (s *shop) Attributes(ctx context.Context, category string) ([]connectors.PlatformAttribute, error) {
	schema, err := s.schemaOf(ctx, category)
	if err != nil {
		return nil, err
	}
	var list []connectors.PlatformAttribute
	for _, a := range schema {
		if ownNames[a.Name] {
			continue
		}
		shown := connectors.PlatformAttribute{ID: a.Name, Name: firstOf(a.Label, a.Name), Required: a.Mandatory == 1 && a.SaleProp != 1, Multiple: a.multiple()}
		for _, option := range a.Options {
			shown.Values = append(shown.Values, option.Name)
		}
		list = append(list, shown)
	}
	return list, nil
}
