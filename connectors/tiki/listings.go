package tiki

import (
	"context"
	"iter"

	"github.com/chophien/chophien/catalog"
)

// Listings reads all products, grouped, and what is in review. Products that
// Tiki's people hid are read as far as the list has them: there is a list of
// the hidden ones, but its address is not documented.
func (s *shop) Listings(ctx context.Context) iter.Seq2[catalog.Remote, error] {
	return func(yield func(catalog.Remote, error) bool) {
		remotes, err := s.listings(ctx)
		for _, r := range remotes {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(catalog.Remote{}, err)
		}
	}
}

// listings reads everything before it gives anything: only then the variants
// of a listing are together.
func (s *shop) listings(ctx context.Context) ([]catalog.Remote, error) {
	rows, err := s.scan(ctx)
	if err != nil {
		return nil, err
	}
	waiting, notes, err := s.changes(ctx)
	if err != nil {
		return nil, err
	}
	remembered, err := s.remembered(ctx, func(pending) bool { return true })
	if err != nil {
		return nil, err
	}
	open, err := s.openRequests(ctx)
	if err != nil {
		return nil, err
	}
	skus := map[catalog.SKU]bool{}
	parents := map[int64]*product{}
	families := map[int64][]product{}
	var order []int64
	for i, row := range rows {
		if row.configurable() {
			parents[row.ID] = &rows[i]
			continue
		}
		skus[catalog.SKU(row.SKU)] = true
		key := familyOf(row)
		if families[key] == nil {
			order = append(order, key)
		}
		families[key] = append(families[key], row)
	}
	var remotes []catalog.Remote
	for _, key := range order {
		remote := s.remoteOf(families[key], parents[key], waiting)
		remote.Issues = append(remote.Issues, notes.of(families[key])...)
		remotes = append(remotes, remote)
	}
	// A request counts only as long as none of its SKUs is a product.
	for _, r := range ranked(remembered, open) {
		fresh := len(r.skus) > 0
		for _, sku := range r.skus {
			fresh = fresh && !skus[sku]
		}
		if fresh {
			for _, sku := range r.skus {
				skus[sku] = true
			}
			remotes = append(remotes, r.remote())
		}
	}
	return remotes, nil
}

// familyOf is what the variants of a listing have in common: the configurable
// product, or the product itself.
func familyOf(p product) int64 {
	if p.SuperID != 0 {
		return p.SuperID
	}
	return p.ID
}

// notes tell what reviews of changes said, by product.
type notes map[int64]catalog.Issue

func (n notes) of(rows []product) (issues []catalog.Issue) {
	for _, p := range rows {
		if issue, found := n[p.ID]; found {
			issue.SKU = catalog.SKU(p.SKU)
			issues = append(issues, issue)
		}
	}
	return issues
}

// changes asks how far the changes of products are that we sent to review:
// which products still wait, and which changes were refused.
func (s *shop) changes(ctx context.Context) (waiting map[int64]bool, refused notes, err error) {
	var entries []pending
	for _, p := range s.pendings(ctx) {
		if !p.creates() {
			entries = append(entries, p)
		}
	}
	tracks := make([]tracking, len(entries))
	there := make([]bool, len(entries))
	errs := s.each(len(entries), func(i int) (err error) {
		tracks[i], there[i], err = s.track(ctx, entries[i].Track)
		return err
	})
	waiting, refused = map[int64]bool{}, notes{}
	for i, p := range entries {
		switch {
		case !there[i] || tracks[i].approved():
		case tracks[i].refused():
			refused[p.Product] = issueOf(rejection(tracks[i].Reason), "")
		default:
			waiting[p.Product] = true
		}
	}
	return waiting, refused, firstError(errs)
}

// FindSKUs looks products up by SKU, and those that are in review.
func (s *shop) FindSKUs(ctx context.Context, skus []catalog.SKU) ([]catalog.Remote, error) {
	found, err := s.findAll(ctx, skus)
	if err != nil {
		return nil, err
	}
	var missing []catalog.SKU
	for _, sku := range skus {
		if _, ok := found[sku]; !ok && sku != "" {
			missing = append(missing, sku)
		}
	}
	reviews, err := s.reviewsOf(ctx, missing)
	if err != nil {
		return nil, err
	}
	remotes, err := s.grouped(ctx, found)
	if err != nil {
		return nil, err
	}
	seen := map[catalog.ExternalID]bool{}
	for _, sku := range missing {
		r := reviews[sku]
		if r == nil || seen[r.id] || overlaps(r.skus, found) {
			continue
		}
		seen[r.id] = true
		remotes = append(remotes, r.remote())
	}
	return remotes, nil
}

// overlaps tells that some of the SKUs are products.
func overlaps(skus []catalog.SKU, found map[catalog.SKU]product) bool {
	for _, sku := range skus {
		if _, ok := found[sku]; ok {
			return true
		}
	}
	return false
}

// grouped makes listings of products, with their siblings that were not asked
// for.
func (s *shop) grouped(ctx context.Context, found map[catalog.SKU]product) ([]catalog.Remote, error) {
	if len(found) == 0 {
		return nil, nil
	}
	families := map[int64][]product{}
	for _, sku := range sortedKeys(found) {
		families[familyOf(found[sku])] = append(families[familyOf(found[sku])], found[sku])
	}
	waiting, refused, err := s.changes(ctx)
	if err != nil {
		return nil, err
	}
	keys := sortedKeys(families)
	remotes := make([]catalog.Remote, len(keys))
	errs := s.each(len(keys), func(i int) error {
		rows := families[keys[i]]
		var parent *product
		if rows[0].SuperID != 0 {
			super, there, err := s.read(ctx, rows[0].SuperID)
			if err != nil {
				return err
			}
			if there {
				parent = &super
			}
			if rows, err = s.siblings(ctx, rows); err != nil {
				return err
			}
		}
		remotes[i] = s.remoteOf(rows, parent, waiting)
		remotes[i].Issues = append(remotes[i].Issues, refused.of(rows)...)
		return nil
	})
	return remotes, firstError(errs)
}

// siblings completes the variants of a listing. Where the known ones are all
// that we remember of it, they are all.
func (s *shop) siblings(ctx context.Context, rows []product) ([]product, error) {
	super := rows[0].SuperID
	have := map[catalog.SKU]bool{}
	for _, p := range rows {
		have[catalog.SKU(p.SKU)] = true
	}
	known := s.recallSKUs(ctx, familyKey(super))
	complete := len(known) > 0
	for _, sku := range known {
		complete = complete && have[sku]
	}
	if complete {
		return rows, nil
	}
	family, err := s.family(ctx, super)
	if err != nil || len(family) == 0 {
		return rows, err
	}
	return family, nil
}
