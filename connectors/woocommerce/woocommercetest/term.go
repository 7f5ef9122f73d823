package woocommercetest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The taxonomies; those of global attributes are "pa_" and the attribute's
// identifier.
const (
	taxCategory = "categories"
	taxTag      = "tags"
	taxBrand    = "brands"
)

func attributeTaxonomy(id int64) string { return "pa_" + strconv.FormatInt(id, 10) }

// hierarchical taxonomies may have the same name below different parents.
func hierarchical(taxonomy string) bool { return taxonomy == taxCategory || taxonomy == taxBrand }

// term is a category, tag, brand or an attribute's term.
type term struct {
	id, parent  int64
	taxonomy    string
	name, slug  string
	description string
	display     string
	menuOrder   int64
	image       int64
}

func (t *term) nameKey() string {
	return t.taxonomy + "\x00" + strconv.FormatInt(t.parent, 10) + "\x00" + strings.ToLower(t.name)
}

func (t *term) slugKey() string { return t.taxonomy + "\x00" + t.slug }

func (s *Simulator) addTerm(t *term) int64 {
	t.id = s.next(seriesTerms)
	if t.slug == "" {
		t.slug = slugOf(t.name)
	}
	if t.display == "" {
		t.display = "default"
	}
	base := t.slug
	for n := 2; s.termSlugs[t.slugKey()] != 0; n++ {
		t.slug = base + "-" + strconv.Itoa(n)
	}
	s.keepTerm(t)
	return t.id
}

func (s *Simulator) keepTerm(t *term) {
	if old := s.terms[t.id]; old != nil {
		s.dropTerm(old)
	}
	s.terms[t.id] = t
	s.termNames[t.nameKey()] = t.id
	s.termSlugs[t.slugKey()] = t.id
}

func (s *Simulator) dropTerm(t *term) {
	delete(s.terms, t.id)
	delete(s.termNames, t.nameKey())
	delete(s.termSlugs, t.slugKey())
}

// findTerm finds a term at the top of a taxonomy by name or slug; 0 = none.
func (s *Simulator) findTerm(taxonomy, name string) int64 {
	if id, ok := s.termNames[(&term{taxonomy: taxonomy, name: name}).nameKey()]; ok {
		return id
	}
	return s.termSlugs[(&term{taxonomy: taxonomy, slug: slugOf(name)}).slugKey()]
}

// termNamed finds a term or makes it.
func (s *Simulator) termNamed(taxonomy, name string) int64 {
	if id := s.findTerm(taxonomy, name); id != 0 {
		return id
	}
	return s.addTerm(&term{taxonomy: taxonomy, name: name})
}

func (s *Simulator) uncategorized() int64 { return s.termSlugs[taxCategory+"\x00uncategorized"] }

func (s *Simulator) termRefs(ids []int64) []termRef {
	out := make([]termRef, 0, len(ids))
	for _, id := range ids {
		if t := s.terms[id]; t != nil {
			out = append(out, termRef{t.id, t.name, t.slug})
		}
	}
	return out
}

// readTerms keeps the identifiers that exist; tags may be given by name and
// are made when missing.
func (s *Simulator) readTerms(in []any, taxonomy string) []int64 {
	var out []int64
	for _, item := range in {
		m := toMap(item)
		id := toInt(m["id"])
		if name := strings.TrimSpace(toText(m["name"])); name != "" && taxonomy == taxTag {
			id = s.termNamed(taxonomy, name)
		}
		if t := s.terms[id]; t != nil && t.taxonomy == taxonomy && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (s *Simulator) showTerm(t *term, base string) any {
	out := object{{"id", t.id}, {"name", t.name}, {"slug", t.slug}}
	if hierarchical(t.taxonomy) {
		out = append(out, member{"parent", t.parent})
	}
	out = append(out, member{"description", t.description})
	if hierarchical(t.taxonomy) {
		var picture *imageAnswer
		if shown := s.showImages([]int64{t.image}); len(shown) > 0 {
			picture = &shown[0]
		}
		out = append(out, member{"display", t.display}, member{"image", picture})
	}
	if t.taxonomy != taxTag {
		out = append(out, member{"menu_order", t.menuOrder})
	}
	address := s.URL + "/wp-json/wc/v3/" + base
	return append(out, member{"count", s.termCount[t.id]}, member{"_links", map[string][]link{
		"self": {{address + "/" + strconv.FormatInt(t.id, 10)}}, "collection": {{address}},
	}})
}

// termAPI serves one taxonomy; base tells taxonomy and address of a request.
type termAPI struct {
	s    *Simulator
	base func(*request) (taxonomy, address string, failure *apiError)
}

func (s *Simulator) termAPI(taxonomy string) termAPI {
	return termAPI{s, func(*request) (string, string, *apiError) { return taxonomy, "products/" + taxonomy, nil }}
}

func (s *Simulator) attributeTermAPI() termAPI {
	return termAPI{s, func(r *request) (string, string, *apiError) {
		id := r.path["attribute"]
		if s.attrs[id] == nil {
			return "", "", fail(http.StatusNotFound, "woocommerce_rest_taxonomy_invalid", "Resource does not exist.")
		}
		return attributeTaxonomy(id), fmt.Sprintf("products/attributes/%d/terms", id), nil
	}}
}

func termCollection() *schema {
	sch := collection([]string{"id", "include", "name", "slug", "term_group", "description", "count"}, map[string]*schema{
		"hide_empty": kind("boolean"), "parent": kind("integer"), "product": kind("integer"), "slug": kind("string"),
	})
	return sch
}

func termSchema() *schema {
	return fields(map[string]*schema{
		"name": kind("string"), "slug": kind("string"), "parent": kind("integer"), "description": kind("string"),
		"display": enum("default", "products", "subcategories", "both"), "image": imageSchema(), "menu_order": kind("integer"),
	})
}

func newTermSchema() *schema {
	sch := termSchema()
	sch.required = []string{"name"}
	return sch
}

func (api termAPI) list(r *request) (*answer, *apiError) {
	s := api.s
	taxonomy, address, failure := api.base(r)
	if failure != nil {
		return nil, failure
	}
	f := s.filter(r)
	parent, hasParent := r.lookup("parent")
	var found []*term
	for _, t := range s.terms {
		if t.taxonomy != taxonomy || hasParent && t.parent != toInt(parent) || f.slug != "" && t.slug != f.slug ||
			toBool(r.param("hide_empty")) && s.termCount[t.id] == 0 || !strings.Contains(fold(t.name), f.search) {
			continue
		}
		if _, in := f.include[t.id]; f.hasInclude && !in {
			continue
		}
		if _, out := f.exclude[t.id]; out {
			continue
		}
		found = append(found, t)
	}
	f.ascending = r.text("order") != "desc"
	slices.SortFunc(found, func(a, b *term) int {
		var c int
		switch r.text("orderby") {
		case "id":
		case "slug":
			c = cmp.Compare(a.slug, b.slug)
		case "count":
			c = cmp.Compare(s.termCount[a.id], s.termCount[b.id])
		case "include":
			return cmp.Compare(f.include[a.id], f.include[b.id])
		default:
			c = cmp.Compare(fold(a.name), fold(b.name))
		}
		return f.direction(cmp.Or(c, cmp.Compare(a.id, b.id)))
	})
	return paged(s, r, found, false, func(t *term) any { return s.showTerm(t, address) }), nil
}

func (api termAPI) find(r *request, id int64) (*term, string, *apiError) {
	taxonomy, address, failure := api.base(r)
	if failure != nil {
		return nil, "", failure
	}
	t := api.s.terms[id]
	if t == nil || t.taxonomy != taxonomy {
		return nil, "", fail(http.StatusNotFound, "woocommerce_rest_term_invalid", "Resource does not exist.")
	}
	return t, address, nil
}

func (api termAPI) get(r *request) (*answer, *apiError) {
	t, address, failure := api.find(r, r.path["id"])
	if failure != nil {
		return nil, failure
	}
	return &answer{body: api.s.showTerm(t, address)}, nil
}

func (api termAPI) post(r *request) (*answer, *apiError) {
	body, failure := api.create(r, r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{status: http.StatusCreated, body: body}, nil
}

func (api termAPI) create(r *request, in map[string]any) (any, *apiError) {
	taxonomy, address, failure := api.base(r)
	if failure != nil {
		return nil, failure
	}
	t := &term{taxonomy: taxonomy}
	if failure := api.apply(r, t, in); failure != nil {
		return nil, failure
	}
	if t.name == "" {
		return nil, fail(http.StatusBadRequest, "empty_term_name", "A name is required for this term.")
	}
	api.s.addTerm(t)
	return api.s.showTerm(t, address), nil
}

func (api termAPI) apply(r *request, t *term, in map[string]any) *apiError {
	s := api.s
	setText(in, "name", &t.name)
	t.name = strings.TrimSpace(t.name)
	if v, ok := given(in, "slug"); ok {
		t.slug = slugOf(toText(v))
	}
	setText(in, "description", &t.description)
	setText(in, "display", &t.display)
	if v, ok := given(in, "menu_order"); ok {
		t.menuOrder = toInt(v)
	}
	if v, ok := given(in, "parent"); ok && hierarchical(t.taxonomy) {
		t.parent = toInt(v)
		if up := s.terms[t.parent]; t.parent != 0 && (up == nil || up.taxonomy != t.taxonomy) {
			return fail(http.StatusBadRequest, "woocommerce_rest_term_invalid", "Parent resource does not exist.")
		}
	}
	if id, taken := s.termNames[t.nameKey()]; taken && id != t.id {
		message := "A term with the name provided already exists in this taxonomy."
		if hierarchical(t.taxonomy) {
			message = "A term with the name provided already exists with this parent."
		}
		failure := fail(http.StatusBadRequest, "term_exists", message)
		failure.Data.ResourceID = id
		return failure
	}
	if v, ok := given(in, "image"); ok {
		t.image = 0
		if m := toMap(v); m["id"] != nil || m["src"] != nil {
			images, failure := s.readImages(r, []any{v}, "product_cat")
			if failure != nil {
				return failure
			}
			t.image = images[0]
		}
	}
	return nil
}

func (api termAPI) put(r *request) (*answer, *apiError) {
	body, failure := api.update(r, r.path["id"], r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{body: body}, nil
}

func (api termAPI) update(r *request, id int64, in map[string]any) (any, *apiError) {
	old, address, failure := api.find(r, id)
	if failure != nil {
		return nil, failure
	}
	t := *old
	if failure := api.apply(r, &t, in); failure != nil {
		return nil, failure
	}
	api.s.keepTerm(&t)
	return api.s.showTerm(&t, address), nil
}

func (api termAPI) delete(r *request) (*answer, *apiError) {
	if !toBool(r.param("force")) {
		return nil, fail(http.StatusNotImplemented, "woocommerce_rest_trash_not_supported", "Resource does not support trashing.")
	}
	body, failure := api.remove(r, r.path["id"])
	if failure != nil {
		return nil, failure
	}
	return &answer{body: body}, nil
}

func (api termAPI) remove(r *request, id int64) (any, *apiError) {
	s := api.s
	t, address, failure := api.find(r, id)
	if failure != nil {
		return nil, failure
	}
	if id == s.uncategorized() {
		return nil, fail(http.StatusInternalServerError, "woocommerce_rest_cannot_delete", "The resource cannot be deleted.")
	}
	before := s.showTerm(t, address)
	s.dropTerm(t)
	delete(s.termCount, id)
	for _, p := range s.byID(s.ids) {
		for _, group := range []*[]int64{&p.categories, &p.tags, &p.brands} {
			if !slices.Contains(*group, id) {
				continue
			}
			*group = slices.DeleteFunc(slices.Clone(*group), func(other int64) bool { return other == id })
			if group == &p.categories && len(*group) == 0 {
				p.categories = []int64{s.uncategorized()}
				s.termCount[s.uncategorized()]++
			}
		}
	}
	s.lists.version++
	return before, nil
}
