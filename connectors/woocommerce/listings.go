package woocommerce

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Listings reads all products that are not in the trash, by number. New ones
// come at the end, so that none is missed while the shop changes.
func (s *shop) Listings(ctx context.Context) iter.Seq2[catalog.Remote, error] {
	return func(yield func(catalog.Remote, error) bool) {
		currency, err := s.money(ctx)
		if err != nil {
			yield(catalog.Remote{}, err)
			return
		}
		query := url.Values{"status": {"any"}, "_fields": {productFields}}
		for page, err := range list[product](ctx, s, "products.list", api+"products", query) {
			if err != nil {
				yield(catalog.Remote{}, err)
				return
			}
			remotes, err := s.remotes(ctx, page, currency)
			if err != nil {
				yield(catalog.Remote{}, err)
				return
			}
			for _, r := range remotes {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// FindSKUs looks products up by their SKUs and those of their variations.
func (s *shop) FindSKUs(ctx context.Context, skus []catalog.SKU) ([]catalog.Remote, error) {
	if len(skus) == 0 {
		return nil, nil
	}
	currency, err := s.money(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.lookUp(ctx, skus, "any")
	if err != nil {
		return nil, err
	}
	products := map[int64]product{}
	var parents []int64
	for _, matches := range found {
		for _, p := range matches {
			if p.ParentID == 0 {
				products[p.ID] = p
			} else if !slices.Contains(parents, p.ParentID) {
				parents = append(parents, p.ParentID)
			}
		}
	}
	read, err := s.read(ctx, parents, "any")
	if err != nil {
		return nil, err
	}
	maps.Copy(products, read)
	list := make([]product, 0, len(products))
	for _, id := range sortedKeys(products) {
		list = append(list, products[id])
	}
	return s.remotes(ctx, list, currency)
}

// remotes completes products with their variations. Products that went away
// meanwhile are left out.
func (s *shop) remotes(ctx context.Context, products []product, currency string) ([]catalog.Remote, error) {
	variations := make([][]product, len(products))
	missing := make([]bool, len(products))
	errs := s.parallel(len(products), func(i int) (err error) {
		if products[i].Type != typeVariable {
			return nil
		}
		path := fmt.Sprintf("%sproducts/%d/variations", api, products[i].ID)
		variations[i], err = all[product](ctx, s, "variations.list", path, url.Values{"_fields": {productFields}})
		if connectors.KindOf(err) == connectors.NotFound {
			missing[i], err = true, nil
		}
		return err
	})
	if err := firstError(errs); err != nil {
		return nil, err
	}
	remotes := make([]catalog.Remote, 0, len(products))
	for i, p := range products {
		if !missing[i] {
			remotes = append(remotes, remoteOf(p, variations[i], true, currency))
		}
	}
	return remotes, nil
}

// lookUp reads the products and variations that have one of the SKUs, in a
// product status ("any" leaves the trash out). The shop ignores case, we do not.
func (s *shop) lookUp(ctx context.Context, skus []catalog.SKU, status string) (map[catalog.SKU][]product, error) {
	found := map[catalog.SKU][]product{}
	asked := map[string]bool{}
	for _, sku := range skus {
		asked[string(sku)] = true
	}
	delete(asked, "") // would ask for products without SKU
	groups := bySize(sortedKeys(asked))
	answers := make([][]product, len(groups))
	errs := s.parallel(len(groups), func(i int) (err error) {
		answers[i], err = all[product](ctx, s, "products.find", api+"products", url.Values{
			"sku": {strings.Join(groups[i], ",")}, "status": {status}, "_fields": {productFields},
		})
		return err
	})
	if err := firstError(errs); err != nil {
		return nil, err
	}
	for _, answer := range answers {
		for _, p := range answer {
			if asked[p.SKU] {
				found[catalog.SKU(p.SKU)] = append(found[catalog.SKU(p.SKU)], p)
			}
		}
	}
	return found, nil
}

// bySize cuts SKUs into groups that fit an address: servers take 8 kB, and an
// escaped character takes up to nine bytes.
func bySize(skus []string) [][]string {
	var groups [][]string
	size := 0
	for _, sku := range skus {
		length := len(url.QueryEscape(sku)) + 3
		last := len(groups) - 1
		if last < 0 || len(groups[last]) == pageSize || size+length > 4000 {
			groups, size = append(groups, nil), 0
			last++
		}
		groups[last] = append(groups[last], sku)
		size += length
	}
	return groups
}

// read reads products by number, in a product status.
func (s *shop) read(ctx context.Context, ids []int64, status string) (map[int64]product, error) {
	products := map[int64]product{}
	slices.Sort(ids)
	groups := slices.Collect(slices.Chunk(slices.Compact(ids), pageSize))
	answers := make([][]product, len(groups))
	errs := s.parallel(len(groups), func(i int) (err error) {
		texts := make([]string, len(groups[i]))
		for n, id := range groups[i] {
			texts[n] = strconv.FormatInt(id, 10)
		}
		answers[i], err = all[product](ctx, s, "products.read", api+"products", url.Values{
			"include": {strings.Join(texts, ",")}, "status": {status}, "_fields": {productFields},
		})
		return err
	})
	if err := firstError(errs); err != nil {
		return nil, err
	}
	for _, answer := range answers {
		for _, p := range answer {
			products[p.ID] = p
		}
	}
	return products, nil
}

// Stop makes drafts of products: they keep everything and nobody sees them.
func (s *shop) Stop(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.setStatus(ctx, "products.stop", listings, func(p product) fields {
		if p.Status != statusPublish {
			return nil
		}
		return fields{"status": statusDraft}
	})
}

// Resume publishes products again.
func (s *shop) Resume(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.setStatus(ctx, "products.resume", listings, func(p product) fields {
		f := fields{}
		if p.Status != statusPublish {
			f["status"] = statusPublish
		}
		if p.CatalogVisibility == hidden {
			f["catalog_visibility"] = "visible"
		}
		return f
	})
}

// setStatus writes what change asks of each product; nothing is unchanged. It
// reads first, because writing a status would bring a product back from the
// trash.
func (s *shop) setStatus(ctx context.Context, op string, listings []connectors.ListingRef, change func(product) fields) ([]connectors.Outcome, error) {
	outcomes := make([]connectors.Outcome, len(listings))
	ids := make([]int64, 0, len(listings))
	for _, l := range listings {
		if id, _, ok := splitID(l.ExternalID); ok {
			ids = append(ids, id)
		}
	}
	products, err := s.read(ctx, ids, "any")
	if err != nil {
		return nil, err
	}
	var places []int
	var items []fields
	for i, l := range listings {
		id, _, ok := splitID(l.ExternalID)
		current, there := products[id]
		switch f := change(current); {
		case !ok || !there:
			outcomes[i] = gone(op, l.ExternalID)
		case len(f) == 0:
			outcomes[i] = connectors.Outcome{Kind: connectors.Unchanged}
		default:
			f["id"] = id
			places, items = append(places, i), append(items, f)
		}
	}
	var writes []write
	for _, part := range chunks(s, items) {
		writes = append(writes, write{op: op, path: api + "products/batch", items: part, urgent: true})
	}
	results, errs := s.sendAll(ctx, writes)
	at := 0
	for w := range writes {
		for n, item := range writes[w].items {
			i := places[at]
			at++
			if errs[w] != nil {
				outcomes[i] = failed(errs[w])
				continue
			}
			r := results[w][n]
			wanted, asked := item["status"]
			switch {
			case r.err != nil:
				outcomes[i] = refused(r.err, "")
			case asked && r.product.Status == statusPending:
				// The key's user may write, but not publish: the shop's
				// editor decides.
				remote := remoteOf(r.product, nil, false, "")
				outcomes[i] = connectors.Outcome{Kind: connectors.Deferred, Remote: &remote}
			case asked && r.product.Status != wanted:
				outcomes[i] = refused(&connectors.Error{Kind: connectors.Clash, Op: op, Code: "status_kept",
					Err: fmt.Errorf("product %d is %q after %q was asked for", r.product.ID, clip(r.product.Status), wanted)}, "")
			default:
				outcomes[i] = connectors.Outcome{Kind: connectors.Applied}
			}
		}
	}
	return connectors.Settle(outcomes)
}

// Delete removes products for good, past the trash, with their variations.
func (s *shop) Delete(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	outcomes := make([]connectors.Outcome, len(listings))
	errs := s.parallel(len(listings), func(i int) error {
		id, _, ok := splitID(listings[i].ExternalID)
		if !ok {
			outcomes[i] = gone("products.delete", listings[i].ExternalID)
			return nil
		}
		_, err := s.do(ctx, connectors.Call{
			Op: "products.delete", Method: http.MethodDelete, Path: fmt.Sprintf("%sproducts/%d", api, id),
			Query: url.Values{"force": {"true"}}, Urgent: true,
			Repeatable: true, // a second one finds nothing
		})
		outcomes[i] = connectors.Outcome{Kind: connectors.Applied}
		return err
	})
	for i, err := range errs {
		switch {
		case hopeless(err):
			outcomes[i] = failed(err)
		case err != nil:
			outcomes[i] = refused(err, "")
		}
	}
	return connectors.Settle(outcomes)
}

func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[K interface{ ~int64 | ~string }, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
