package lazada

import (
	"context"
	"net/url"
	"strconv"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// mostBrands is how many brands one page shows.
const mostBrands = 200

// brandOf is what is sent for a brand: what the options say of it, as a name or,
// where they want that, as its number at Lazada.
func (s *shop) brandOf(ctx context.Context, ours string) (string, error) {
	brand := firstOf(s.options.Brands[ours], s.options.DefaultBrand)
	if _, err := strconv.ParseUint(brand, 10, 63); err == nil || brand == "" || s.options.BrandAs != "number" {
		return brand, nil
	}
	key := "brand:" + s.options.Country + ":" + catalog.Fold(brand)
	if s.env.Memory != nil {
		if number, err := s.env.Memory.Recall(ctx, key); err == nil && number != "" {
			return number, nil
		}
	}
	number, err := s.findBrand(ctx, brand)
	if err != nil {
		return "", err
	}
	if number == "" {
		return brand, nil // Lazada says what it thinks of that name
	}
	if s.env.Memory != nil {
		if err := s.env.Memory.Remember(ctx, key, number); err != nil {
			s.env.Logger.Warn("number of a brand not remembered, it will be looked for again", "error", err)
		}
	}
	return number, nil
}

// findBrand looks through all brands, because they cannot be searched. A page
// that is empty before the end means that all callers together asked too much.
// https://open.lazada.com/apps/doc/api?path=%2Fcategory%2Fbrands%2Fquery, read 2026-04.
func (s *shop) findBrand(ctx context.Context, name string) (string, error) {
	const op = "brands.find"
	for start := 0; ; {
		var out answer[struct {
			Total  number `json:"total_record"`
			Brands []struct {
				ID      number `json:"brand_id"`
				Name    text   `json:"name"`
				English text   `json:"name_en"`
			} `json:"module"`
		}]
		err := s.get(ctx, connectors.Call{Op: op, Path: "/category/brands/query", Out: &out, Query: url.Values{
			"startRow": {strconv.Itoa(start)}, "pageSize": {strconv.Itoa(mostBrands)},
		}})
		if err != nil {
			return "", err
		}
		page := out.Data.value
		for _, b := range page.Brands {
			if catalog.Fold(string(b.Name)) == catalog.Fold(name) || catalog.Fold(string(b.English)) == catalog.Fold(name) {
				return b.ID.String(), nil
			}
		}
		start += len(page.Brands)
		switch {
		case start >= int(page.Total) && page.Total > 0:
			return "", nil
		case len(page.Brands) == 0:
			return "", s.fail(op, connectors.Transient, "brands", "the list of brands is empty, as it is when there are too many calls; it is read again later")
		}
	}
}
