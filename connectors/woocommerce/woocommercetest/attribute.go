package woocommercetest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// globalAttribute is an attribute that products share.
type globalAttribute struct {
	id          int64
	name, slug  string
	kind, order string
	archives    bool
}

func (s *Simulator) showAttribute(a *globalAttribute) any {
	address := s.URL + "/wp-json/wc/v3/products/attributes"
	return object{
		{"id", a.id}, {"name", a.name}, {"slug", a.slug}, {"type", a.kind}, {"order_by", a.order}, {"has_archives", a.archives},
		{"_links", map[string][]link{"self": {{address + "/" + strconv.FormatInt(a.id, 10)}}, "collection": {{address}}}},
	}
}

func attributeSchema() *schema {
	return fields(map[string]*schema{
		"name": kind("string"), "slug": kind("string"), "type": kind("string"),
		"order_by": enum("menu_order", "name", "name_num", "id"), "has_archives": kind("boolean"),
	})
}

func newAttributeSchema() *schema {
	sch := attributeSchema()
	sch.required = []string{"name"}
	return sch
}

// listAttributes gives all of them: the shop does not page attributes.
func (s *Simulator) listAttributes(*request) (*answer, *apiError) {
	body := []any{}
	for id := int64(1); id <= s.series[seriesAttrs]; id++ {
		if a := s.attrs[id]; a != nil {
			body = append(body, s.showAttribute(a))
		}
	}
	return &answer{body: body}, nil
}

func (s *Simulator) findAttribute(id int64) (*globalAttribute, *apiError) {
	if a := s.attrs[id]; a != nil {
		return a, nil
	}
	return nil, fail(http.StatusNotFound, "woocommerce_rest_taxonomy_invalid", "Resource does not exist.")
}

func (s *Simulator) getAttribute(r *request) (*answer, *apiError) {
	a, failure := s.findAttribute(r.path["id"])
	if failure != nil {
		return nil, failure
	}
	return &answer{body: s.showAttribute(a)}, nil
}

func (s *Simulator) postAttribute(r *request) (*answer, *apiError) {
	body, failure := s.createAttribute(r, r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{status: http.StatusCreated, body: body}, nil
}

func (s *Simulator) createAttribute(_ *request, in map[string]any) (any, *apiError) {
	a := &globalAttribute{kind: "select", order: "menu_order"}
	if failure := s.applyAttribute(a, in); failure != nil {
		return nil, failure
	}
	a.id = s.next(seriesAttrs)
	s.attrs[a.id] = a
	return s.showAttribute(a), nil
}

func (s *Simulator) applyAttribute(a *globalAttribute, in map[string]any) *apiError {
	setText(in, "name", &a.name)
	setText(in, "type", &a.kind)
	setText(in, "order_by", &a.order)
	setBool(in, "has_archives", &a.archives)
	slug := strings.TrimPrefix(slugOf(toText(in["slug"])), "pa_")
	if slug == "" && a.slug == "" {
		slug = slugOf(a.name)
	}
	if slug == "" {
		return nil
	}
	if len(slug) > 28 {
		return fail(http.StatusBadRequest, "woocommerce_rest_cannot_create", fmt.Sprintf("Slug \"%s\" is too long (28 characters max). Shorten it, please.", slug))
	}
	for _, other := range s.attrs {
		if other.id != a.id && other.slug == "pa_"+slug {
			return fail(http.StatusBadRequest, "woocommerce_rest_cannot_create", fmt.Sprintf("Slug \"%s\" is already in use. Change it, please.", slug))
		}
	}
	a.slug = "pa_" + slug
	return nil
}

func (s *Simulator) putAttribute(r *request) (*answer, *apiError) {
	body, failure := s.updateAttribute(r, r.path["id"], r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{body: body}, nil
}

func (s *Simulator) updateAttribute(_ *request, id int64, in map[string]any) (any, *apiError) {
	old, failure := s.findAttribute(id)
	if failure != nil {
		return nil, failure
	}
	a := *old
	if failure := s.applyAttribute(&a, in); failure != nil {
		return nil, failure
	}
	s.attrs[id] = &a
	return s.showAttribute(&a), nil
}

func (s *Simulator) deleteAttribute(r *request) (*answer, *apiError) {
	if !toBool(r.param("force")) {
		return nil, fail(http.StatusNotImplemented, "woocommerce_rest_trash_not_supported", "Resource does not support trashing.")
	}
	body, failure := s.removeAttribute(r, r.path["id"])
	if failure != nil {
		return nil, failure
	}
	return &answer{body: body}, nil
}

func (s *Simulator) removeAttribute(_ *request, id int64) (any, *apiError) {
	a, failure := s.findAttribute(id)
	if failure != nil {
		return nil, failure
	}
	delete(s.attrs, id)
	return s.showAttribute(a), nil
}
