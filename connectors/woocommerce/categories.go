package woocommerce

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strconv"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

type category struct {
	ID     int64  `json:"id"`
	Parent int64  `json:"parent"`
	Name   string `json:"name"`
}

func (c category) id() int64 { return c.ID }

type globalAttribute struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Region is empty: every shop has categories of its own.
func (s *shop) Region() string { return "" }

// Fills is never so: no attribute is required.
func (s *shop) Fills(catalog.Offer, connectors.PlatformAttribute) bool { return false }

// Categories lists the shop's product categories. Products may be put into any
// of them, so all are leaves.
func (s *shop) Categories(ctx context.Context) iter.Seq2[connectors.PlatformCategory, error] {
	return func(yield func(connectors.PlatformCategory, error) bool) {
		for page, err := range list[category](ctx, s, "categories.list", api+"products/categories", nil) {
			if err != nil {
				yield(connectors.PlatformCategory{}, err)
				return
			}
			for _, c := range page {
				node := connectors.PlatformCategory{ID: strconv.FormatInt(c.ID, 10), Name: plainText(c.Name), Leaf: true}
				if c.Parent != 0 {
					node.Parent = strconv.FormatInt(c.Parent, 10)
				}
				if !yield(node, nil) {
					return
				}
			}
		}
	}
}

// Attributes lists the shop's global attributes, which are the same for every
// category; none is required. Their ID as the name of an offer's attribute uses
// them, any other name makes an attribute of that product alone.
func (s *shop) Attributes(ctx context.Context, _ string) ([]connectors.PlatformAttribute, error) {
	var globals []globalAttribute
	_, err := s.do(ctx, connectors.Call{Op: "attributes.list", Path: api + "products/attributes", Out: &globals})
	if err != nil {
		return nil, err
	}
	attributes := make([]connectors.PlatformAttribute, len(globals))
	errs := s.parallel(len(globals), func(i int) error {
		g := globals[i]
		terms, err := all[category](ctx, s, "terms.list", fmt.Sprintf("%sproducts/attributes/%d/terms", api, g.ID), url.Values{})
		attributes[i] = connectors.PlatformAttribute{ID: strconv.FormatInt(g.ID, 10), Name: plainText(g.Name), Multiple: true}
		for _, t := range terms {
			attributes[i].Values = append(attributes[i].Values, plainText(t.Name))
		}
		return err
	})
	if err := firstError(errs); err != nil {
		return nil, err
	}
	return attributes, nil
}
