package tiki

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// place names a product by its number, or by the seller's SKU where the number
// is not known (0).
type place struct {
	id  int64
	sku catalog.SKU
}

// placeOf names a variant by what the core remembers of it.
func placeOf(id catalog.ExternalID, sku catalog.SKU) place {
	if i, ok := identify(id); ok && !i.inReview() {
		return place{i.product, sku}
	}
	return place{sku: sku}
}

// read reads one product; there is false when Tiki does not have it.
// https://open.tiki.vn/docs/docs/current/api-references/product-api/ (note
// "includes" here and "include" in lists)
func (s *shop) read(ctx context.Context, id int64) (p product, there bool, err error) {
	_, err = s.client.Do(ctx, connectors.Call{
		Op: "products.read", Path: fmt.Sprintf("v2.1/products/%d", id), Query: url.Values{"includes": {parts}}, Out: &p,
	})
	switch {
	case connectors.KindOf(err) == connectors.NotFound:
		return product{}, false, nil
	case err == nil && p.ID != id:
		err = s.fail(connectors.Unclear, "products.read", "other_product", fmt.Sprintf("the answer is not about product %d", id), "")
	}
	return p, err == nil, err
}

// find looks a product up by the seller's SKU, whatever its state.
func (s *shop) find(ctx context.Context, sku catalog.SKU) (p product, there bool, err error) {
	_, err = s.client.Do(ctx, connectors.Call{
		Op: "products.find", Path: "v2/products/findBy", Query: url.Values{"original_sku": {string(sku)}}, Out: &p,
	})
	switch {
	case connectors.KindOf(err) == connectors.NotFound:
		return product{}, false, nil
	case err != nil:
		return product{}, false, err
	case p.ID == 0 || p.SKU != string(sku):
		return product{}, false, nil // an answer about something else is none
	}
	return s.read(ctx, p.ID) // the stock is shown only there
}

// findAll looks SKUs up, as many at once as the channel allows.
func (s *shop) findAll(ctx context.Context, skus []catalog.SKU) (map[catalog.SKU]product, error) {
	products, there := make([]product, len(skus)), make([]bool, len(skus))
	errs := s.each(len(skus), func(i int) (err error) {
		if skus[i] != "" {
			products[i], there[i], err = s.find(ctx, skus[i])
		}
		return err
	})
	if err := firstError(errs); err != nil {
		return nil, err
	}
	found := map[catalog.SKU]product{}
	for i, sku := range skus {
		if there[i] {
			found[sku] = products[i]
		}
	}
	return found, nil
}

// rows reads products; those that are missing in the answer are not there.
// Many are taken from the list, where a page holds 50 of them.
func (s *shop) rows(ctx context.Context, places []place) (map[place]product, error) {
	found := map[place]product{}
	wanted := map[int64]place{}
	for _, p := range places {
		if p.id != 0 {
			wanted[p.id] = p
		}
	}
	if len(wanted) > pageSize/2 {
		for page, err := range pages[product](ctx, s, "products.list", "v2.1/products", url.Values{"include": {parts}}) {
			if err != nil {
				return nil, err
			}
			for _, row := range page.Data {
				if p, ok := wanted[row.ID]; ok {
					found[p] = row
				}
			}
			missing := len(wanted) - len(found)
			if missing == 0 || page.Paging == nil || page.Paging.LastPage-page.Paging.Current >= missing {
				break // one by one is cheaper
			}
		}
	}
	var rest []place
	for _, p := range places {
		if _, ok := found[p]; !ok {
			rest = append(rest, p)
		}
	}
	products, there := make([]product, len(rest)), make([]bool, len(rest))
	errs := s.each(len(rest), func(i int) (err error) {
		if rest[i].id != 0 {
			products[i], there[i], err = s.read(ctx, rest[i].id)
		} else {
			products[i], there[i], err = s.find(ctx, rest[i].sku)
		}
		return err
	})
	if err := firstError(errs); err != nil {
		return nil, err
	}
	for i, p := range rest {
		if there[i] {
			found[p] = products[i]
		}
	}
	return found, nil
}

// scanLimit is how often a scan begins anew because the list changed under it.
const scanLimit = 3

// scan reads all products of the shop. The list is sorted by creation, the
// newest first. A product that is made meanwhile shows rows twice, one that
// vanishes hides another; the total tells of both, and the scan begins anew.
func (s *shop) scan(ctx context.Context) ([]product, error) {
	for range scanLimit {
		var products []product
		seen := map[int64]bool{}
		total, moved := -1, false
		for page, err := range pages[product](ctx, s, "products.list", "v2.1/products", url.Values{"include": {parts}}) {
			if err != nil {
				return nil, err
			}
			for _, row := range page.Data {
				if !seen[row.ID] {
					seen[row.ID] = true
					products = append(products, row)
				}
			}
			if page.Paging != nil {
				moved = moved || total >= 0 && total != page.Paging.Total
				total = page.Paging.Total
			}
		}
		if !moved && (total < 0 || len(products) == total) {
			return products, nil
		}
	}
	return nil, s.fail(connectors.Transient, "products.list", "list", "the list of products changed too fast to be read", "")
}

// familyKey remembers the SKUs below a configurable product: Tiki lists
// products, but not by their configurable one.
func familyKey(super int64) string { return "family/" + strconv.FormatInt(super, 10) }

// members names the products of a listing. Without a word from the core they
// are read; none is a listing that is not there.
func (s *shop) members(ctx context.Context, ref connectors.ListingRef) ([]place, error) {
	var places []place
	for _, sku := range sortedKeys(ref.Variants) {
		places = append(places, placeOf(ref.Variants[sku], sku))
	}
	id, ok := identify(ref.ExternalID)
	if len(places) > 0 || !ok || id.inReview() {
		return places, nil
	}
	row, there, err := s.read(ctx, id.product)
	switch {
	case err != nil || !there:
		return nil, err
	case !row.configurable():
		return []place{{row.ID, catalog.SKU(row.SKU)}}, nil
	}
	family, err := s.family(ctx, row.ID)
	for _, p := range family {
		places = append(places, place{p.ID, catalog.SKU(p.SKU)})
	}
	return places, err
}

// family reads the products below a configurable one: those that we remember,
// else all of the shop.
func (s *shop) family(ctx context.Context, super int64) ([]product, error) {
	var family []product
	take := func(p product) {
		if p.SuperID == super && !p.configurable() {
			family = append(family, p)
		}
	}
	if known := s.recallSKUs(ctx, familyKey(super)); len(known) > 0 {
		found, err := s.findAll(ctx, known)
		for _, sku := range sortedKeys(found) {
			take(found[sku])
		}
		if err != nil || len(family) == len(known) {
			return family, err
		}
		family = nil // it was rearranged
	}
	products, err := s.scan(ctx)
	for _, p := range products {
		take(p)
	}
	s.rememberFamily(ctx, super, family)
	return family, err
}

func (s *shop) rememberFamily(ctx context.Context, super int64, family []product) {
	var skus []catalog.SKU
	for _, p := range family {
		if p.SKU != "" {
			skus = append(skus, catalog.SKU(p.SKU))
		}
	}
	s.rememberSKUs(ctx, familyKey(super), skus)
}
