package shopeetest

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxBrandName is the longest name that can be registered.
const maxBrandName = 254

func (s *Simulator) brandList(r *request) (any, error) {
	id, err := r.needInt("category_id")
	if err != nil {
		return nil, err
	}
	c, err := s.leaf(id)
	if err != nil {
		return nil, err
	}
	offset, err := r.int("offset", 0)
	if err != nil {
		return nil, err
	}
	size, err := r.needInt("page_size")
	if err != nil {
		return nil, err
	}
	status := r.query.Get("status")
	if size < 1 || size > 100 || offset < 0 || status != "1" && status != "2" {
		return nil, badParam("Wrong parameters, detail: page_size, offset or status.")
	}
	brands := c.Brands
	if status == "2" {
		brands = c.Pending
	}
	from, to := page(offset, size, len(brands))
	list := []object{}
	for _, b := range brands[from:to] {
		list = append(list, object{"brand_id": b.ID, "original_brand_name": b.Name, "display_brand_name": b.Name})
	}
	out := object{"brand_list": list, "has_next_page": to < len(brands), "next_offset": 0, "is_mandatory": c.BrandMandatory, "input_type": "DROP_DOWN"}
	if to < len(brands) {
		out["next_offset"] = to
	}
	return out, nil
}

// registerBrand asks for a brand, which the platform's people then look at.
func (s *Simulator) registerBrand(r *request) (any, error) {
	var in struct {
		Name       *string `json:"original_brand_name"`
		Categories []int64 `json:"category_list"`
		Region     *string `json:"brand_region"`
		Image      *struct {
			IDs []string `json:"image_id_list"`
		} `json:"product_image"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	switch {
	case in.Name == nil || strings.TrimSpace(*in.Name) == "" || utf8.RuneCountInString(*in.Name) > maxBrandName:
		return nil, badParam("Wrong parameters, detail: original_brand_name.")
	case in.Region == nil:
		return nil, badParam("Wrong parameters, detail: brand_region is required.")
	case len(in.Categories) < 1 || len(in.Categories) > 50:
		return nil, badParam("Wrong parameters, detail: category_list needs 1 to 50 values.")
	case in.Image == nil || len(in.Image.IDs) == 0 || slices.ContainsFunc(in.Image.IDs, func(id string) bool { return !s.images[id] }):
		return nil, badParam("brand image is required")
	}
	brand := Brand{ID: s.next(1146303), Name: *in.Name}
	for _, id := range in.Categories {
		c := s.category(id)
		if c == nil {
			return nil, refuse("error_invalid_category", "Invalid category ID %d", id)
		}
		named := func(b Brand) bool { return strings.EqualFold(b.Name, brand.Name) }
		if slices.ContainsFunc(c.Brands, named) {
			return nil, refuse("error_busi_duplicated", "Brand already exists. If you want to add available category for this brand, you can change the category.")
		}
		if slices.ContainsFunc(c.Pending, named) {
			return nil, refuse("error_busi_pending_qc", "The brand you registered is in the inspection process. Please contact Shopee Customer Service for more information.")
		}
	}
	for _, id := range in.Categories {
		c := s.category(id)
		c.Pending = append(c.Pending, brand)
	}
	return object{"brand_id": brand.ID, "original_brand_name": brand.Name}, nil
}

// ApproveBrands ends the inspection of all brands that are registered, and
// tells it by push.
func (s *Simulator) ApproveBrands() {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := map[int64]bool{}
	for _, c := range s.categories {
		c.Brands = append(c.Brands, c.Pending...)
		for _, b := range c.Pending {
			if !told[b.ID] {
				told[b.ID] = true
				s.emit(13, object{"brand_id": b.ID, "original_brand_name": b.Name, "status": 1})
			}
		}
		c.Pending = nil
	}
}
