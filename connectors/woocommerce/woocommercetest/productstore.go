package woocommercetest

import (
	"net/http"
	"slices"
	"strconv"
)

const maxSlugTail = 1 << 20

// settle aligns what depends on other fields before a product is saved.
func (s *Simulator) settle(p *product) {
	if p.sale != "" && (p.regular == "" || !toDecimal(p.sale).LessThan(toDecimal(p.regular))) {
		p.sale = ""
	}
	if !p.manageStock {
		p.stock, p.lowStock, p.backorders = nil, nil, "no"
	} else if p.kind != "variable" {
		p.stockStatus = computedStatus(p.stock, p.backorders)
	}
	if p.kind == "external" {
		p.stockStatus = "instock"
	}
	if p.kind != "variation" && p.slug == "" && p.status != "draft" && p.status != "pending" && p.status != "auto-draft" {
		p.slug = slugOf(p.name)
	}
}

// uniqueSlug adds -2, -3, ... to a slug that is taken.
func (s *Simulator) uniqueSlug(p *product) string {
	base := p.slug
	if base == "" {
		return ""
	}
	if id, taken := s.slugs[base]; !taken || id == p.id {
		return base
	}
	for n := max(2, s.slugTails[base]); n < maxSlugTail; n++ {
		slug := base + "-" + strconv.Itoa(n)
		if id, taken := s.slugs[slug]; !taken || id == p.id {
			s.slugTails[base] = n
			return slug
		}
	}
	return base
}

// addProduct saves a new product or variation.
func (s *Simulator) addProduct(r *request, p *product) *apiError {
	p.id = s.next(seriesPosts)
	p.born = s.births.Add(1)
	if r != nil {
		p.byRequest = r.number
	}
	if p.kind != "variation" {
		s.ids = append(s.ids, p.id)
	}
	s.store(nil, p)
	s.emit("product.created", p.id)
	return nil
}

// saveProduct replaces a product and moves its date, also when nothing else
// changed.
func (s *Simulator) saveProduct(old, p *product) {
	p.modified = s.now()
	if old.kind == "variable" && p.kind != "variable" {
		s.dropVariations(p)
	}
	restored := old.status == "trash" && p.status != "trash"
	s.store(old, p)
	if p.kind == "variable" && (old.status == "trash") != (p.status == "trash") {
		s.trashVariations(p)
	}
	switch {
	case restored:
		s.emit("product.restored", p.id)
	case p.status == "trash" && old.status != "trash":
		s.emit("product.deleted", p.id)
	default:
		s.emit("product.updated", p.id)
	}
}

// store settles a product and keeps the indexes.
func (s *Simulator) store(old, p *product) {
	s.settle(p)
	if p.kind != "variation" {
		p.slug = s.uniqueSlug(p)
	}
	if old != nil {
		s.unindex(old)
	}
	if p.sku != "" {
		s.skus[p.sku] = p.id
	}
	if p.gtin != "" {
		s.gtins[p.gtin] = p.id
	}
	if p.slug != "" {
		s.slugs[p.slug] = p.id
	}
	s.countTerms(p, 1)
	s.products[p.id] = p
	s.lists.version++
	if parent := s.products[p.parent]; p.kind == "variation" && parent != nil {
		parent = parent.clone()
		if !slices.Contains(parent.variations, p.id) {
			parent.variations = append(slices.Clip(parent.variations), p.id)
		}
		parent.modified = p.modified
		s.products[parent.id] = parent
	}
}

func (s *Simulator) unindex(p *product) {
	s.countTerms(p, -1)
	if s.skus[p.sku] == p.id {
		delete(s.skus, p.sku)
	}
	if s.gtins[p.gtin] == p.id {
		delete(s.gtins, p.gtin)
	}
	if s.slugs[p.slug] == p.id {
		delete(s.slugs, p.slug)
	}
}

func (s *Simulator) countTerms(p *product, by int64) {
	if p.status == "trash" {
		return
	}
	for _, group := range [][]int64{p.categories, p.tags, p.brands} {
		for _, id := range group {
			s.termCount[id] += by
		}
	}
}

// removeProduct moves a product or variation to the trash or, with force,
// deletes it with all its variations. The answer shows it as it was before.
func (s *Simulator) removeProduct(id int64, force bool) (any, *apiError) {
	p := s.products[id]
	if p == nil {
		return nil, fail(http.StatusNotFound, "woocommerce_rest_product_invalid_id", "Invalid ID.")
	}
	show := s.showProduct
	if p.kind == "variation" {
		show = s.showVariation
	}
	before := show(p)
	if force {
		s.dropVariations(p)
		s.forget(p)
		s.emit("product.deleted", id)
		return before, nil
	}
	if p.status == "trash" {
		return nil, fail(http.StatusGone, "woocommerce_rest_already_trashed", "The product has already been deleted.")
	}
	trashed := p.clone()
	trashed.status = "trash"
	s.saveProduct(p, trashed)
	return before, nil
}

// trashVariations lets all variations follow their product into the trash, or
// out of it.
func (s *Simulator) trashVariations(p *product) {
	for _, old := range s.byID(p.variations) {
		v := old.clone()
		if p.status == "trash" {
			v.beforeTrash, v.status = v.status, "trash"
		} else if old.status == "trash" {
			v.status = old.beforeTrash
		}
		s.store(old, v)
	}
}

// dropVariations deletes all variations of a product.
func (s *Simulator) dropVariations(p *product) {
	for _, id := range p.variations {
		if v := s.products[id]; v != nil {
			s.unindex(v)
			delete(s.products, id)
		}
	}
	p.variations = nil
	s.lists.version++
}

func (s *Simulator) forget(p *product) {
	s.unindex(p)
	delete(s.products, p.id)
	if at, ok := slices.BinarySearch(s.ids, p.id); ok {
		s.ids = slices.Delete(s.ids, at, at+1)
	}
	if parent := s.products[p.parent]; p.kind == "variation" && parent != nil {
		parent = parent.clone()
		parent.variations = slices.DeleteFunc(slices.Clone(parent.variations), func(id int64) bool { return id == p.id })
		parent.modified = s.now()
		s.products[parent.id] = parent
	}
	s.lists.version++
}
