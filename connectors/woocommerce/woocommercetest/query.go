package woocommercetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// listCache keeps filtered and sorted lists until something changes, so that
// reading all pages of a large shop sorts once.
type listCache struct {
	version int64 // counts changes of products and orders
	at      int64
	kept    map[string]any
}

// cached returns the list made before for the key, if nothing changed since.
func cached[T any](c *listCache, key string, build func() []T) []T {
	if c.at != c.version || c.kept == nil || len(c.kept) > 16 {
		c.at, c.kept = c.version, map[string]any{}
	}
	if list, ok := c.kept[key].([]T); ok {
		return list
	}
	list := build()
	c.kept[key] = list
	return list
}

// filter is what the filters of lists of products and orders have in common.
type filter struct {
	include, exclude      map[int64]int
	search, slug          string
	after, before         time.Time
	modAfter, modBefore   time.Time
	orderBy               string
	ascending, hasInclude bool
}

// key identifies the filters of a request: all parameters but those that only
// choose a page or prove who asks.
func (r *request) key(kind string) string {
	var b strings.Builder
	b.WriteString(kind)
	for _, name := range slices.Sorted(slices.Values(r.query.keys)) {
		switch name {
		case "page", "per_page", "offset", "_fields", "consumer_key", "consumer_secret", "_", "context":
			continue
		}
		if !strings.HasPrefix(name, "oauth_") {
			fmt.Fprintf(&b, "&%s=%v", name, plainValue(r.query.values[name]))
		}
	}
	return b.String()
}

func (s *Simulator) filter(r *request) filter {
	f := filter{
		search: fold(r.text("search")), slug: r.text("slug"),
		orderBy: r.text("orderby"), ascending: r.text("order") == "asc",
	}
	if f.orderBy == "" {
		f.orderBy = "date"
	}
	set := func(name string) map[int64]int {
		out := map[int64]int{}
		for i, id := range toIDs(r.param(name)) {
			out[id] = i
		}
		return out
	}
	f.include, f.exclude = set("include"), set("exclude")
	f.hasInclude = len(f.include) > 0
	isGMT := toBool(r.param("dates_are_gmt"))
	date := func(name string) time.Time {
		t, _ := s.cutoff(r.text(name), isGMT)
		return t
	}
	f.after, f.before = date("after"), date("before")
	f.modAfter, f.modBefore = date("modified_after"), date("modified_before")
	return f
}

func (f *filter) keeps(id int64, created, modified time.Time) bool {
	if _, ok := f.include[id]; f.hasInclude && !ok {
		return false
	}
	if _, ok := f.exclude[id]; ok {
		return false
	}
	return (f.after.IsZero() || created.After(f.after)) && (f.before.IsZero() || created.Before(f.before)) &&
		(f.modAfter.IsZero() || modified.After(f.modAfter)) && (f.modBefore.IsZero() || modified.Before(f.modBefore))
}

// scramble gives rows of equal rank an order that follows from nothing a
// client could rely on.
func scramble(id int64) uint32 { return uint32(id) * 2654435761 }

func (f *filter) direction(c int) int {
	if f.ascending {
		return c
	}
	return -c
}

func productOrder(s *Simulator, f filter) func(a, b *product) int {
	return func(a, b *product) int {
		var c int
		switch f.orderBy {
		case "id":
			return f.direction(cmp.Compare(a.id, b.id))
		case "include":
			return cmp.Compare(f.include[a.id], f.include[b.id])
		case "title":
			c = cmp.Compare(fold(a.name), fold(b.name))
		case "slug":
			c = cmp.Compare(a.slug, b.slug)
		case "modified":
			c = a.modified.Compare(b.modified)
		case "price":
			c = toDecimal(s.price(a)).Compare(toDecimal(s.price(b)))
		case "popularity", "sales":
			c = cmp.Compare(a.totalSales, b.totalSales)
		case "menu_order":
			c = cmp.Compare(a.menuOrder, b.menuOrder)
		case "rating", "random":
		default:
			c = a.created.Compare(b.created)
		}
		if c != 0 {
			return f.direction(c)
		}
		return cmp.Compare(scramble(a.id), scramble(b.id))
	}
}

var productOrders = []string{"date", "id", "include", "title", "slug", "modified", "price", "sales", "popularity", "rating", "menu_order", "random"}

func productCollection() *schema {
	return collection(productOrders, map[string]*schema{
		"status":           enum(append([]string{"any"}, productStatuses...)...),
		"type":             enum("simple", "grouped", "external", "variable"),
		"sku":              kind("string"),
		"search_sku":       kind("string"),
		"global_unique_id": kind("string"),
		"slug":             kind("string"),
		"category":         kind("string"),
		"tag":              kind("string"),
		"parent":           listOf(kind("integer")),
		"featured":         kind("boolean"),
		"on_sale":          kind("boolean"),
		"stock_status":     enum("instock", "outofstock", "onbackorder"),
		"min_price":        kind("string"),
		"max_price":        kind("string"),
	})
}

func (s *Simulator) listProducts(r *request) (*answer, *apiError) {
	found := cached(&s.lists, r.key("products"), func() []*product {
		return s.findProducts(r, s.productCandidates(r))
	})
	return paged(s, r, found, false, s.showProduct), nil
}

func (s *Simulator) listVariations(r *request) (*answer, *apiError) {
	parent := s.products[r.path["product"]]
	if parent == nil || parent.kind == "variation" {
		return nil, fail(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
	}
	found := cached(&s.lists, r.key(fmt.Sprintf("variations of %d", parent.id)), func() []*product {
		return s.findProducts(r, s.byID(parent.variations))
	})
	return paged(s, r, found, false, s.showVariation), nil
}

// productCandidates uses the indexes for the filters that name few products.
func (s *Simulator) productCandidates(r *request) []*product {
	switch {
	case r.text("sku") != "":
		var out []*product
		wanted := strings.Split(r.text("sku"), ",")
		if len(wanted) > 1 {
			wanted = append(wanted, r.text("sku"))
		}
		seen := map[int64]bool{}
		for _, sku := range wanted {
			if id, ok := s.skus[strings.TrimSpace(sku)]; ok && !seen[id] {
				seen[id] = true
				out = append(out, s.products[id])
			}
		}
		return out
	case r.text("global_unique_id") != "":
		return s.byID([]int64{s.gtins[r.text("global_unique_id")]})
	case r.text("search_sku") != "":
		part := strings.ToLower(r.text("search_sku"))
		var out []*product
		for sku, id := range s.skus {
			if strings.Contains(strings.ToLower(sku), part) {
				out = append(out, s.products[id])
			}
		}
		return out
	case r.param("include") != nil:
		var out []*product
		for _, p := range s.byID(toIDs(r.param("include"))) {
			if p.kind != "variation" {
				out = append(out, p)
			}
		}
		return out
	}
	return s.byID(s.ids)
}

func (s *Simulator) byID(ids []int64) []*product {
	out := make([]*product, 0, len(ids))
	for _, id := range ids {
		if p := s.products[id]; p != nil {
			out = append(out, p)
		}
	}
	return out
}

func (s *Simulator) findProducts(r *request, candidates []*product) []*product {
	f := s.filter(r)
	status, kind, stock := r.text("status"), r.text("type"), r.text("stock_status")
	category, tag := toInt(r.text("category")), toInt(r.text("tag"))
	var parents []int64
	if v, ok := r.lookup("parent"); ok {
		parents = toIDs(v)
	}
	featured, hasFeatured := r.lookup("featured")
	onSale, hasOnSale := r.lookup("on_sale")
	low, high := r.text("min_price"), r.text("max_price")
	out := make([]*product, 0, len(candidates))
	for _, p := range candidates {
		switch {
		case !f.keeps(p.id, p.created, p.modified):
		case (status == "" || status == "any") && (p.status == "trash" || p.status == "auto-draft"):
		case status != "" && status != "any" && p.status != status:
		case kind != "" && p.kind != kind && p.kind != "variation":
		case stock != "" && s.stockStatus(p) != stock:
		case category != 0 && !slices.Contains(p.categories, category):
		case tag != 0 && !slices.Contains(p.tags, tag):
		case parents != nil && !slices.Contains(parents, p.parent):
		case f.slug != "" && p.slug != f.slug:
		case hasFeatured && p.featured != toBool(featured):
		case hasOnSale && s.onSale(p) != toBool(onSale):
		case low != "" && toDecimal(s.price(p)).LessThan(toDecimal(low)):
		case high != "" && toDecimal(s.price(p)).GreaterThan(toDecimal(high)):
		case f.search != "" && !strings.Contains(fold(p.name+"\n"+p.short+"\n"+p.description), f.search):
		default:
			out = append(out, p)
		}
	}
	slices.SortFunc(out, productOrder(s, f))
	return out
}
