package shopeetest

import (
	"slices"
	"strconv"
	"strings"
)

// statusFilter reads item_status; required unless fallback is given.
func (r *request) statusFilter(fallback []string) ([]string, error) {
	statuses, err := r.list("item_status", true)
	if err != nil {
		return nil, err
	}
	if len(statuses) == 0 {
		statuses = fallback
	}
	if len(statuses) == 0 {
		return nil, badParam("Wrong parameters, detail: item_status is required.")
	}
	for _, status := range statuses {
		if !slices.Contains(allStatuses, status) {
			return nil, refuse("error_param_item_status", "Item status error.")
		}
	}
	return statuses, nil
}

func (s *Simulator) itemList(r *request) (any, error) {
	statuses, err := r.statusFilter(nil)
	if err != nil {
		return nil, err
	}
	var numbers [4]int64
	for i, name := range []string{"offset", "page_size", "update_time_from", "update_time_to"} {
		if numbers[i], err = r.int(name, 0); err != nil {
			return nil, err
		}
	}
	offset, size, from, to := numbers[0], numbers[1], numbers[2], numbers[3]
	if size < 1 || size > 100 || offset < 0 {
		return nil, badParam("Wrong parameters, detail: page_size must be 1 to 100.")
	}
	if s.options.MaxOffset > 0 && offset > s.options.MaxOffset {
		return nil, badParam("get items offset over limit, please use the next field")
	}
	if from != 0 && to != 0 && to <= from {
		return nil, refuse("error_update_time_range", "Update_time_to should be later than update_time_from.")
	}
	var found []*item
	for _, id := range s.itemIDs {
		it := s.items[id]
		if slices.Contains(statuses, it.status) && it.updated >= from && (to == 0 || it.updated <= to) {
			found = append(found, it)
		}
	}
	first, last := page(offset, size, len(found))
	list := []object{}
	for _, it := range found[first:last] {
		list = append(list, object{"item_id": it.id, "item_status": it.status, "update_time": it.updated, "tag": object{"kit": false}})
	}
	out := object{"item": list, "total_count": len(found), "has_next_page": last < len(found), "next_offset": 0}
	if last < len(found) {
		out["next_offset"] = last
	}
	return out, nil
}

// baseInfo shows items, deleted ones too, as the platform does for a while;
// identifiers that nobody has are left out, or fail the call.
func (s *Simulator) baseInfo(r *request) (any, error) {
	ids, err := r.ints("item_id_list", false, 50)
	if err != nil {
		return nil, err
	}
	list := []object{}
	for _, id := range ids {
		if it := s.items[id]; it != nil {
			list = append(list, s.showItem(it))
		} else if s.options.UnknownItemsFail {
			return nil, refuse("error_item_not_found", "Product not found.")
		}
	}
	return object{"item_list": list}, nil
}

func (s *Simulator) showItem(it *item) object {
	out := object{
		"item_id": it.id, "category_id": it.category, "item_name": it.name, "description": it.description, "item_sku": it.sku,
		"create_time": it.created, "update_time": it.updated,
		"attribute_list": showItemAttributes(s.category(it.category), it.attributes),
		"image":          s.showImages(it.images), "weight": it.weight.StringFixed(3),
		"logistic_info": showLogistics(it), "pre_order": it.showPreOrder(),
		"condition": it.condition, "item_status": it.status, "deboost": it.deboosted != nil, "has_model": len(it.models) > 0,
		"has_promotion":  it.locked || s.ongoing(it.id, 0) != nil,
		"brand":          object{"brand_id": it.brandID, "original_brand_name": it.brandName},
		"item_dangerous": 0, "description_type": "normal", "gtin_code": it.gtin,
	}
	if it.size != nil {
		out["dimension"] = it.size
	}
	if len(it.wholesale) > 0 {
		out["wholesales"] = it.wholesale
	}
	if len(it.videos) > 0 {
		out["video_info"] = []object{{"video_url": "https://cvf.shopee.vn/file/" + it.videos[0], "thumbnail_url": "", "duration": 15}}
	}
	if len(it.models) == 0 {
		out["price_info"] = s.showPrice(it.id, 0, it.price)
		out["stock_info_v2"] = s.showStock(it.terms)
	} else {
		out["has_promotion"] = it.locked || slices.ContainsFunc(it.models, func(m *model) bool { return s.ongoing(it.id, m.id) != nil })
	}
	return out
}

func (s *Simulator) showPrice(itemID, modelID, original int64) []object {
	current := original
	if x := s.ongoing(itemID, modelID); x != nil {
		current = x.prices[sold{itemID, modelID}]
	}
	return []object{{
		"currency": "VND", "original_price": original, "current_price": current,
		"inflated_price_of_original_price": original, "inflated_price_of_current_price": current,
	}}
}

func showLogistics(it *item) []object {
	list := []object{}
	for _, l := range it.logistics {
		shown := object{"logistic_id": *l.ID, "enabled": *l.Enabled, "is_free": l.Free, "shipping_fee": 0, "size_id": 0, "estimated_shipping_fee": shippingFee}
		for _, c := range logisticChannels {
			if c.id == *l.ID {
				shown["logistic_name"] = c.name
			}
		}
		list = append(list, shown)
	}
	return list
}

// searchItem looks for texts within names and SKUs, whatever their case.
func (s *Simulator) searchItem(r *request) (any, error) {
	q := r.query
	size, err := r.needInt("page_size")
	if err != nil {
		return nil, err
	}
	offset := int64(0)
	if text := q.Get("offset"); text != "" {
		if offset, err = strconv.ParseInt(text, 10, 64); err != nil || offset < 0 {
			return nil, badParam("Wrong parameters, detail: offset.")
		}
	}
	name, sku := strings.ToLower(q.Get("item_name")), strings.ToLower(q.Get("item_sku"))
	if size < 1 || size > 100 {
		return nil, badParam("Wrong parameters, detail: page_size must be 1 to 100.")
	}
	if name == "" && sku == "" && q.Get("attribute_status") == "" {
		return nil, badParam("request must set one of [item_name,attribute_status]")
	}
	lacking := q.Get("attribute_status") // 1 mandatory attributes, 2 optional ones are missing
	if lacking != "" && lacking != "1" && lacking != "2" {
		return nil, badParam("Wrong parameters, detail: attribute_status.")
	}
	statuses, err := r.statusFilter([]string{statusNormal, statusUnlist, statusBanned, statusReviewing})
	if err != nil {
		return nil, err
	}
	found := []int64{}
	for _, id := range s.itemIDs {
		it := s.items[id]
		matches := strings.Contains(strings.ToLower(it.name), name)
		if sku != "" { // the name does not count then
			matches = strings.Contains(strings.ToLower(it.sku), sku) || s.options.SearchModels && slices.ContainsFunc(it.models, func(m *model) bool {
				return strings.Contains(strings.ToLower(m.sku), sku)
			})
		}
		if q.Get("deboost_only") == "true" && it.deboosted == nil || lacking != "" && !s.lacks(it, lacking == "1") {
			continue
		}
		if matches && slices.Contains(statuses, it.status) {
			found = append(found, id)
		}
	}
	first, last := page(offset, size, len(found))
	out := object{"item_id_list": append([]int64{}, found[first:last]...), "total_count": len(found), "next_offset": ""}
	if last < len(found) {
		out["next_offset"] = strconv.Itoa(last)
	}
	return out, nil
}

// lacks tells that an item has no value for an attribute of its category.
func (s *Simulator) lacks(it *item, mandatory bool) bool {
	c := s.category(it.category)
	return c != nil && slices.ContainsFunc(c.Attributes, func(a Attribute) bool {
		return a.Mandatory == mandatory && !slices.ContainsFunc(it.attributes, func(given itemAttribute) bool { return given.ID == a.ID })
	})
}
