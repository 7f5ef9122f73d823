package woocommercetest

import (
	"net/http"
	"slices"
	"strings"
)

func (s *Simulator) parentOf(r *request) (*product, *apiError) {
	parent := s.products[r.path["product"]]
	if parent == nil || parent.kind == "variation" {
		return nil, fail(http.StatusNotFound, "woocommerce_rest_product_invalid_id", "Invalid ID.")
	}
	return parent, nil
}

// variation finds one below the given parent only.
func (s *Simulator) variation(parent, id int64) (*product, *apiError) {
	v := s.products[id]
	if v == nil || v.kind != "variation" || v.parent != parent {
		return nil, fail(http.StatusNotFound, "woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
	}
	return v, nil
}

func (s *Simulator) getVariation(r *request) (*answer, *apiError) {
	v, failure := s.variation(r.path["product"], r.path["id"])
	if failure != nil {
		return nil, failure
	}
	return &answer{body: s.showVariation(v)}, nil
}

func (s *Simulator) postVariation(r *request) (*answer, *apiError) {
	parent, failure := s.parentOf(r)
	if failure != nil {
		return nil, failure
	}
	v, failure := s.createVariation(r, parent.id, r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{status: http.StatusCreated, body: s.showVariation(v)}, nil
}

func (s *Simulator) createVariation(r *request, parent int64, in map[string]any) (*product, *apiError) {
	v := s.blank("variation")
	v.parent = parent
	if failure := s.applyVariation(r, v, in); failure != nil {
		return nil, failure
	}
	return v, s.addProduct(r, v)
}

func (s *Simulator) putVariation(r *request) (*answer, *apiError) {
	v, failure := s.updateVariation(r, r.path["product"], r.path["id"], r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{body: s.showVariation(v)}, nil
}

func (s *Simulator) updateVariation(r *request, parent, id int64, in map[string]any) (*product, *apiError) {
	old, failure := s.variation(parent, id)
	if failure != nil {
		return nil, failure
	}
	v := old.clone()
	if failure := s.applyVariation(r, v, in); failure != nil {
		return nil, failure
	}
	s.saveProduct(old, v)
	return v, nil
}

func (s *Simulator) deleteVariation(r *request) (*answer, *apiError) {
	if _, failure := s.variation(r.path["product"], r.path["id"]); failure != nil {
		return nil, failure
	}
	return s.deleteProduct(r)
}

func (s *Simulator) applyVariation(r *request, v *product, in map[string]any) *apiError {
	if failure := s.applyShared(r, v, in); failure != nil {
		return failure
	}
	if choices, ok := given(in, "attributes"); ok {
		v.choices = s.readChoices(s.products[v.parent], toList(choices))
	}
	picture, ok := given(in, "image")
	if !ok {
		return nil
	}
	m := toMap(picture)
	if m["id"] == nil && m["src"] == nil {
		v.images = nil
		return nil
	}
	images, failure := s.readImages(r, []any{picture}, "variation")
	if failure != nil {
		return failure
	}
	v.images = images
	return nil
}

// readAttributes replaces a product's list of attributes. Options of a global
// attribute become its terms.
func (s *Simulator) readAttributes(in []any) []productAttribute {
	var out []productAttribute
	for _, item := range in {
		m := toMap(item)
		a := productAttribute{
			Position: toInt(m["position"]), Visible: toBool(m["visible"]), Variation: toBool(m["variation"]),
			Options: []string{},
		}
		options, isList := m["options"].([]any)
		if !isList {
			for part := range strings.SplitSeq(toText(m["options"]), "|") {
				options = append(options, strings.TrimSpace(part))
			}
		}
		for _, option := range options {
			if text := strings.TrimSpace(toText(option)); text != "" && !slices.Contains(a.Options, text) {
				a.Options = append(a.Options, text)
			}
		}
		if id := toInt(m["id"]); id != 0 {
			global := s.attrs[id]
			if global == nil || len(a.Options) == 0 {
				continue
			}
			a.ID, a.Name, a.Slug = id, global.name, global.slug
			for i, option := range a.Options {
				a.Options[i] = s.terms[s.termNamed(attributeTaxonomy(id), option)].name
			}
		} else {
			a.Name = strings.TrimSpace(toText(m["name"]))
			a.Slug = a.Name
			if _, has := m["options"]; a.Name == "" || !has {
				continue
			}
		}
		out = append(out, a)
	}
	return out
}

// readChoices keeps the options of attributes by which the parent varies.
// Whether an option is in the parent's list is not checked, nor whether
// another variation has the same.
func (s *Simulator) readChoices(parent *product, in []any) []choice {
	var out []choice
	for _, item := range in {
		m := toMap(item)
		id, slug := toInt(m["id"]), slugOf(toText(m["name"]))
		at := slices.IndexFunc(parent.attributes, func(a productAttribute) bool {
			return a.Variation && (id != 0 && a.ID == id || id == 0 && (slugOf(a.Name) == slug || a.Slug == slug))
		})
		option := strings.TrimSpace(toText(m["option"]))
		if at < 0 || option == "" {
			continue
		}
		a := parent.attributes[at]
		if a.ID != 0 {
			if term := s.terms[s.findTerm(attributeTaxonomy(a.ID), option)]; term != nil {
				option = term.name
			} else {
				option = slugOf(option)
			}
		}
		out = append(out, choice{a.ID, a.Name, a.Slug, option})
	}
	return out
}
