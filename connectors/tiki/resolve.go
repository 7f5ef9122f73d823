package tiki

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// resolveReviews finds out what became of listings that were in review.
func (s *shop) resolveReviews(ctx context.Context, jobs []*job) error {
	var inReview []*job
	for _, j := range jobs {
		if id, _ := identify(j.ref.ExternalID); !j.whole && id.inReview() {
			inReview = append(inReview, j)
		}
	}
	return firstError(s.each(len(inReview), func(i int) error {
		j := inReview[i]
		id, _ := identify(j.ref.ExternalID)
		var t tracking
		there := true
		var err error
		if id.track != "" {
			t, there, err = s.track(ctx, id.track)
		} else {
			var r wireRequest
			r, there, err = s.request(ctx, id.request)
			t = r.tracking()
		}
		switch {
		case err != nil:
			return err
		case there && t.refused() && j.asks():
			// What stands in our catalog now is to be reviewed anew.
			j.whole, j.ref = true, connectors.ListingRef{}
			for _, f := range catalog.Facets {
				j.facets[f] = true
			}
		case there && t.refused():
			j.fail(rejection(t.Reason))
		case there && !t.approved():
			j.end(waits("in_review", "Sản phẩm đang chờ Tiki duyệt, chưa sửa được.", "The product waits for Tiki's review and cannot be changed yet."))
		}
		return nil // it is to be looked up by its SKUs
	}))
}

// resolveProducts reads the products of listings that are known.
func (s *shop) resolveProducts(ctx context.Context, jobs []*job) error {
	var known []*job
	for _, j := range jobs {
		if !j.whole {
			known = append(known, j)
		}
	}
	return firstError(s.each(len(known), func(i int) error {
		j := known[i]
		places, err := s.members(ctx, j.ref)
		if err != nil {
			return err
		}
		if len(places) == 0 {
			for _, sku := range j.skus() {
				places = append(places, place{sku: sku})
			}
		}
		rows, err := s.rows(ctx, places)
		if err != nil {
			return err
		}
		j.rows = map[catalog.SKU]product{}
		for p, row := range rows {
			j.rows[firstSKU(catalog.SKU(row.SKU), p.sku)] = row
		}
		if len(j.rows) == 0 {
			j.end(gone("publish", j.ref.ExternalID))
		}
		return nil
	}))
}

func firstSKU(skus ...catalog.SKU) catalog.SKU {
	for _, sku := range skus {
		if sku != "" {
			return sku
		}
	}
	return ""
}

// resolveNew looks for products and requests that have the SKUs of listings
// that are not known.
func (s *shop) resolveNew(ctx context.Context, jobs []*job) error {
	var fresh []*job
	var skus []catalog.SKU
	for _, j := range jobs {
		if j.whole {
			fresh, skus = append(fresh, j), append(skus, j.skus()...)
		}
	}
	found, err := s.findAll(ctx, skus)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(skus, func(sku catalog.SKU) bool { _, ok := found[sku]; return ok })
	reviews, err := s.reviewsOf(ctx, missing)
	if err != nil {
		return err
	}
	for _, j := range fresh {
		j.rows = map[catalog.SKU]product{}
		families := map[int64]bool{}
		var open *review
		for _, sku := range j.skus() {
			if row, there := found[sku]; there {
				j.rows[sku], families[familyOf(row)] = row, true
			}
			if r := reviews[sku]; r != nil && !r.state.refused() {
				open = r
			}
		}
		switch {
		case len(families) > 1:
			j.end(connectors.Outcome{Kind: connectors.Conflict, Issues: []catalog.Issue{spread(families)}, Err: &connectors.Error{
				Kind: connectors.Clash, Op: "publish", Code: "sku_spread", Err: errors.New("the SKUs belong to several products on Tiki"),
			}})
		case len(families) == 0 && open != nil:
			remote := open.remote()
			o := waits("in_review", "Sản phẩm đang chờ Tiki duyệt.", "The product waits for Tiki's review.")
			o.Remote = &remote
			j.end(o)
		}
	}
	return nil
}

func spread(families map[int64]bool) catalog.Issue {
	var ids []string
	for _, id := range sortedKeys(families) {
		ids = append(ids, strconv.FormatInt(id, 10))
	}
	list := strings.Join(ids, ", ")
	return catalog.Issue{Code: "sku_spread", Severity: catalog.SeverityError, Field: "sku", Message: catalog.Text{
		VI: "Các mã SKU của sản phẩm nằm ở nhiều sản phẩm khác nhau trên Tiki (" + list + "): đổi mã hoặc tách sản phẩm.",
		EN: "The product's SKUs belong to several products on Tiki (" + list + "): change SKUs or split the product.",
	}}
}
