package tiktokshoptest

import (
	"slices"
	"strconv"
)

func (s *Simulator) getProduct(r *request) (any, error) {
	p, err := s.find(r.vars["product"])
	if err != nil {
		return nil, err
	}
	c := p.content
	if r.query.Get("return_under_review_version") == "true" {
		if p.edit == nil {
			return nil, refuse(12052547, "There is no version of this product that is under review. Please obtain the online version.")
		}
		c = *p.edit
	}
	chain := []object{}
	for node := s.category(c.category); node != nil; node = s.category(node.Parent) {
		chain = append([]object{{"id": node.ID, "parent_id": node.Parent, "local_name": node.Name, "is_leaf": s.isLeaf(node.ID)}}, chain...)
	}
	facts := []object{}
	for _, a := range c.attributes {
		facts = append(facts, s.showAttribute(c.category, a))
	}
	out := s.productRow(p)
	delete(out, "sales_regions")
	out["title"], out["description"], out["category_chains"], out["product_attributes"] = c.title, c.description, chain, facts
	out["main_images"] = s.showImages(c.images)
	out["package_weight"] = object{"value": c.weight, "unit": c.weightUnit}
	out["external_product_id"], out["product_status"] = c.externalID, p.status
	out["is_cod_allowed"] = c.cod != nil && *c.cod
	if c.size != nil {
		out["package_dimensions"] = c.size
	}
	if i := slices.IndexFunc(s.brands, func(b brand) bool { return b.id == c.brand }); i >= 0 {
		out["brand"] = object{"id": c.brand, "name": s.brands[i].name}
	}
	options := []object{}
	for _, id := range c.deliveryOptions {
		options = append(options, object{"id": id, "name": "Tiêu chuẩn", "is_available": true})
	}
	out["delivery_options"] = options
	if c.minimum > 0 {
		out["minimum_order_quantity"] = c.minimum
	}
	if c.certifications != nil {
		out["certifications"] = c.certifications
	}
	if len(p.reasons) > 0 {
		out["audit_failed_reasons"] = []object{{
			"position": "Product", "reasons": p.reasons, "suggestions": []string{"Sửa sản phẩm rồi gửi lại."}, "listing_platform": "TIKTOK_SHOP",
		}}
	}
	rows := []object{}
	for _, k := range c.skus {
		row := s.skuRow(p, k)
		row["external_sku_id"], row["sales_attributes"] = k.externalID, s.showSales(k.attributes)
		row["price"] = object{"currency": "VND", "sale_price": strconv.FormatInt(k.price, 10)}
		row["status_info"] = object{"status": "NORMAL"}
		if k.identifier != nil {
			row["identifier_code"] = k.identifier
		}
		rows = append(rows, row)
	}
	out["skus"] = rows
	return out, nil
}

func (s *Simulator) showAttribute(category string, in attributeIn) object {
	name, values := "", []object{}
	known := Attribute{}
	if c := s.category(category); c != nil {
		if i := slices.IndexFunc(c.Attributes, func(a Attribute) bool { return a.ID == in.ID }); i >= 0 {
			known = c.Attributes[i]
			name = known.Name
		}
	}
	for _, v := range in.Values {
		id, text := v.ID, v.Name
		if i := slices.IndexFunc(known.Values, func(k AttributeValue) bool { return k.ID == v.ID }); i >= 0 {
			text = known.Values[i].Name
		} else if id == "" {
			id = customID("7100000000000000000", text)
		}
		values = append(values, object{"id": id, "name": text})
	}
	return object{"id": in.ID, "name": name, "values": values}
}

func (s *Simulator) showSales(attributes []salesAttribute) []object {
	rows := []object{}
	for _, a := range attributes {
		row := object{"id": a.ID, "name": a.Name, "value_id": a.ValueID, "value_name": a.ValueName}
		if a.Image != nil {
			row["sku_img"] = s.showImages([]string{a.Image.URI})[0]
		}
		rows = append(rows, row)
	}
	return rows
}

// productRow is what search shows of a product, without its SKUs.
func (s *Simulator) productRow(p *product) object {
	return object{
		"id": p.id, "title": p.title, "status": p.status, "sales_regions": []string{"VN"}, "create_time": p.created.Unix(), "update_time": p.updated.Unix(),
		"audit": object{"status": p.auditStatus, "pre_approved_reasons": []string{}}, "has_draft": false, "is_not_for_sale": false,
	}
}

func (s *Simulator) skuRow(p *product, k sku) object {
	return object{
		"id": k.id, "seller_sku": k.sellerSKU,
		"inventory": []object{{"warehouse_id": warehouseID, "quantity": k.available}},
		// Search names a local seller's price so; the full product otherwise.
		"price":       object{"currency": "VND", "tax_exclusive_price": strconv.FormatInt(k.price, 10)},
		"status_info": object{"status": "NORMAL"},
	}
}

func (s *Simulator) searchProducts(r *request) (any, error) {
	var in struct {
		Status     string   `json:"status"`
		SellerSKUs []string `json:"seller_skus"`
		SKUIDs     []string `json:"sku_ids"`
		CreateGE   int64    `json:"create_time_ge"`
		CreateLE   int64    `json:"create_time_le"`
		UpdateGE   int64    `json:"update_time_ge"`
		UpdateLE   int64    `json:"update_time_le"`
		Version    string   `json:"category_version"`
		Audit      []string `json:"audit_status"`
		Draft      bool     `json:"return_draft_version"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	statuses := []string{
		"", "ALL", statusDraft, statusPending, statusFailed, statusActivate, statusStopped, statusTakenDown, statusFrozen, statusDeleted,
	}
	switch {
	case !slices.Contains(statuses, in.Status):
		return nil, badParam("status", "it is unknown", "a status")
	case len(in.SellerSKUs) > 10:
		return nil, refuse(12019027, "The maximum count of “seller_skus” in the search filter is 10.")
	case len(in.SKUIDs) > 10:
		return nil, refuse(12019087, "The number of SKU IDs exceeds the limit of 10")
	case in.CreateLE > 0 && in.CreateGE > in.CreateLE:
		return nil, refuse(12019118, "search create time invalid")
	case in.UpdateLE > 0 && in.UpdateGE > in.UpdateLE:
		return nil, refuse(12019119, "search update time invalid")
	}
	within := func(at, from, to int64) bool { return at >= from && (to == 0 || at <= to) }
	var found []*product
	for _, id := range slices.Backward(s.productIDs) { // the newest first
		p := s.products[id]
		has := func(list []string, field func(sku) string) bool {
			return len(list) == 0 || slices.ContainsFunc(p.skus, func(k sku) bool { return slices.Contains(list, field(k)) })
		}
		if (in.Status == "" || in.Status == "ALL" || in.Status == p.status) &&
			has(in.SellerSKUs, func(k sku) string { return k.sellerSKU }) && has(in.SKUIDs, func(k sku) string { return k.id }) &&
			within(p.created.Unix(), in.CreateGE, in.CreateLE) && within(p.updated.Unix(), in.UpdateGE, in.UpdateLE) &&
			(in.Version == "" || in.Version == s.options.CategoryVersion) && (len(in.Audit) == 0 || slices.Contains(in.Audit, p.auditStatus)) && !in.Draft {
			found = append(found, p)
		}
	}
	first, last, next, err := r.page(len(found), 0, 100)
	if err != nil {
		return nil, err
	}
	if last > s.options.SearchLimit {
		return nil, refuse(12052180, "The total number of search results can not exceed %d.", s.options.SearchLimit)
	}
	rows := []object{}
	for _, p := range found[first:last] {
		row, skus := s.productRow(p), []object{}
		for _, k := range p.skus {
			skus = append(skus, s.skuRow(p, k))
		}
		row["skus"] = skus
		rows = append(rows, row)
	}
	return object{"products": rows, "next_page_token": next, "total_count": len(found)}, nil
}

func (s *Simulator) searchInventory(r *request) (any, error) {
	var in struct {
		Products []string `json:"product_ids"`
		SKUs     []string `json:"sku_ids"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	switch {
	case len(in.Products) > 100:
		return nil, refuse(12019120, "The number of provided product IDs exceeds the limit.")
	case len(in.SKUs) > 600:
		return nil, refuse(12019015, "The number of SKU exceed the limit")
	case len(in.Products)+len(in.SKUs) == 0:
		return nil, refuse(12019008, "Product id is invalid")
	}
	rows := []object{}
	for _, id := range s.productIDs {
		p := s.products[id]
		skus := []object{}
		for _, k := range p.skus {
			wanted := slices.Contains(in.SKUs, k.id) || len(in.SKUs) == 0 && slices.Contains(in.Products, id)
			if p.status == statusDeleted || !wanted {
				continue
			}
			skus = append(skus, object{
				"id": k.id, "seller_sku": k.sellerSKU, "total_available_quantity": k.available, "total_committed_quantity": k.committed,
				"warehouse_inventory": []object{{"warehouse_id": warehouseID, "available_quantity": k.available, "committed_quantity": k.committed}},
			})
		}
		if len(skus) > 0 {
			rows = append(rows, object{"product_id": id, "skus": skus})
		}
	}
	return object{"inventory": rows}, nil
}
