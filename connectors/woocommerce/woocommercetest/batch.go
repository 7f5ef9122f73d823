package woocommercetest

import (
	"encoding/json"
	"net/http"
)

const batchLimit = 100

// batchOf carries out the items of a batch one by one: create, update, delete.
// Items skip the schema check that single requests go through, and one that
// fails undoes nothing. Deleting is for good.
type batchOf struct {
	create func(*request, map[string]any) (any, *apiError)
	update func(*request, int64, map[string]any) (any, *apiError)
	remove func(*request, int64) (any, *apiError)
}

type itemError struct {
	ID    any       `json:"id"`
	Error *apiError `json:"error"`
}

func (s *Simulator) batch(b batchOf) handler {
	return func(r *request) (*answer, *apiError) {
		creates, updates, deletes := toList(r.body["create"]), toList(r.body["update"]), toList(r.body["delete"])
		if len(creates)+len(updates)+len(deletes) > batchLimit {
			return nil, fail(http.StatusRequestEntityTooLarge, "woocommerce_rest_request_entity_too_large",
				"Unable to accept more than 100 items for this request.")
		}
		left, cut := s.cutAfter, s.cutAfter >= 0
		s.cutAfter = -1
		body := object{}
		add := func(name string, in []any, one func(any) any) {
			if len(in) == 0 {
				return
			}
			out := make([]any, 0, len(in))
			for _, item := range in {
				if cut && left == 0 {
					return
				}
				left--
				if shown := one(item); shown != nil {
					out = append(out, shown)
				}
			}
			body = append(body, member{name, out})
		}
		add("create", creates, func(item any) any {
			shown, failure := b.create(r, toMap(item))
			if failure != nil {
				return itemError{0, failure}
			}
			return shown
		})
		add("update", updates, func(item any) any {
			in := toMap(item)
			shown, failure := b.update(r, toInt(in["id"]), in)
			if failure != nil {
				return itemError{sentID(in["id"]), failure}
			}
			return shown
		})
		add("delete", deletes, func(item any) any {
			id := toInt(item)
			if id == 0 {
				return nil
			}
			shown, failure := b.remove(r, id)
			if failure != nil {
				return itemError{id, failure}
			}
			return shown
		})
		r.cut = cut
		if len(body) == 0 {
			return &answer{body: []any{}}, nil
		}
		return &answer{body: body}, nil
	}
}

// sentID is the identifier as the client sent it, or null.
func sentID(v any) any {
	switch v := v.(type) {
	case json.Number, string:
		return v
	}
	return nil
}

func (s *Simulator) productBatch() handler {
	return s.batch(batchOf{
		create: func(r *request, in map[string]any) (any, *apiError) {
			p, failure := s.createProduct(r, in)
			if failure != nil {
				return nil, failure
			}
			return s.showProduct(p), nil
		},
		update: func(r *request, id int64, in map[string]any) (any, *apiError) {
			p, failure := s.updateProduct(r, id, in)
			if failure != nil {
				return nil, failure
			}
			return s.showProduct(p), nil
		},
		remove: func(_ *request, id int64) (any, *apiError) {
			if p := s.products[id]; p != nil && p.kind == "variation" {
				return nil, fail(http.StatusNotFound, "woocommerce_rest_invalid_product_id",
					"To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.")
			}
			return s.removeProduct(id, true)
		},
	})
}

func (s *Simulator) variationBatch() handler {
	return s.batch(batchOf{
		create: func(r *request, in map[string]any) (any, *apiError) {
			parent, failure := s.parentOf(r)
			if failure != nil {
				return nil, failure
			}
			v, failure := s.createVariation(r, parent.id, in)
			if failure != nil {
				return nil, failure
			}
			return s.showVariation(v), nil
		},
		update: func(r *request, id int64, in map[string]any) (any, *apiError) {
			v, failure := s.updateVariation(r, r.path["product"], id, in)
			if failure != nil {
				return nil, failure
			}
			return s.showVariation(v), nil
		},
		remove: func(r *request, id int64) (any, *apiError) {
			if _, failure := s.variation(r.path["product"], id); failure != nil {
				return nil, failure
			}
			return s.removeProduct(id, true)
		},
	})
}
