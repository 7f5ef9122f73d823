package lazadatest

import (
	"slices"
	"strconv"
	"strings"
)

func (s *Simulator) productUpdate(in *request) (any, error) {
	request, err := in.payload("payload")
	if err != nil {
		return nil, err
	}
	product := request.child("Product")
	if product.has("AssociatedSku") {
		it, _ := s.bySeller(product.text("AssociatedSku"))
		return s.addSKUs(it, product, "501")
	}
	if product.text("ItemId") == "" {
		return nil, generic("501", fieldError("ItemId", "ItemId is required"))
	}
	it := s.item(product.text("ItemId"))
	switch {
	case it == nil:
		return nil, refuse("208", "The item does not exist")
	case it.locked:
		return nil, refuse("4155", "The item is locked")
	case !product.has("Attributes"):
		return nil, generic("501", fieldError("Attributes", "Attributes is required"))
	}
	// Nothing is changed when anything is refused.
	changed := *it
	changed.attributes = nonNilMap(it.attributes)
	category := s.categoryOf(it)
	if err := s.readAttributes(&changed, category, product, "501"); err != nil {
		return nil, err
	}
	if product.has("Images") {
		if changed.images, err = s.readImages(product); err != nil {
			return nil, err
		}
		if len(changed.images) == 0 {
			return nil, generic("501", fieldError("Images", "At least one image is required"))
		}
	}
	rows, err := product.child("Skus").list("Sku")
	if err != nil {
		return nil, err
	}
	changed.skus = make([]*sku, len(it.skus))
	for i, k := range it.skus {
		copied := *k
		copied.attributes = nonNilMap(k.attributes)
		changed.skus[i] = &copied
	}
	var gone []*sku
	for _, row := range rows {
		removed, err := s.updateSKU(&changed, category, row)
		if err != nil {
			return nil, err
		}
		if removed {
			gone = append(gone, it.sku(row.text("SkuId")))
		}
	}
	resubmitted := it.rejected != ""
	if len(gone) == 0 {
		*it = changed
		s.touch(it)
		s.emitProduct(pushEdited, it, "EDITED_UPDATED", it.skus)
	} else {
		for i, k := range it.skus {
			*k = *changed.skus[i]
		}
		it.attributes, it.images = changed.attributes, changed.images
		s.remove(it, gone...)
	}
	if resubmitted && !it.deleted {
		s.submit(it) // what was refused is looked at anew
	}
	return object{"item_status": it.status(), "variation": it.showVariation("has_image")}, nil
}

func (s *Simulator) updateSKU(it *item, category *Category, row *node) (removed bool, err error) {
	if err := row.allText(); err != nil {
		return false, err
	}
	if row.text("SkuId") == "" {
		return false, refuse("4216", "SkuId is required")
	}
	k := it.sku(row.text("SkuId"))
	if k == nil {
		return false, refuse("207", "The SKU does not exist")
	}
	if seller := row.text("SellerSku"); seller != "" && seller != k.seller {
		return false, generic("501", fieldError("SellerSku", "SellerSku cannot be changed"))
	}
	if err := s.changeSKU(it, k, category, row, "501"); err != nil {
		return false, err
	}
	if row.has("quantity") {
		n, err := strconv.ParseInt(row.text("quantity"), 10, 64)
		if err != nil || n < k.withheld+k.occupied+k.campaign {
			return false, generic("501", fieldError("quantity", "quantity is not valid"))
		}
		k.total = n
	}
	switch status := row.text("Status"); status {
	case "":
	case "active", "inactive":
		k.off = status == "inactive"
	case "deleted":
		return true, nil
	default:
		return false, generic("501", fieldError("Status", "Status is not valid"))
	}
	return false, nil
}

func (s *Simulator) imagesSet(in *request) (any, error) {
	request, err := in.payload("payload")
	if err != nil {
		return nil, err
	}
	rows, err := request.child("Product").child("Skus").list("Sku")
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		it, k := s.byID(row.text("SkuId"))
		if k == nil {
			return nil, refuse("207", "The SKU does not exist")
		}
		images, err := s.readImages(row)
		if err != nil {
			return nil, err
		}
		k.images = images
		s.touch(it)
	}
	return nil, nil
}

func (s *Simulator) productDeactivate(in *request) (any, error) {
	request, err := in.payload("apiRequestBody")
	if err != nil {
		return nil, err
	}
	product := request.child("Product")
	if product.child("Skus").has("SellerSku") {
		return nil, refuse("4193", "The SellerSku parameter is no longer supported")
	}
	if product.text("ItemId") == "" {
		return nil, failure{code: "E0001", kind: isp, message: "ItemId is missing"}
	}
	it := s.item(product.text("ItemId"))
	if it == nil {
		return nil, failure{code: "E0002", kind: isp, message: "The item does not exist"}
	}
	skus := it.skus
	if product.has("Skus") {
		skus = nil
		ids, err := product.child("Skus").list("SkuId")
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			k := it.sku(id.plain())
			if k == nil {
				return nil, failure{code: "E0003", kind: isp, message: "The SKU does not exist"}
			}
			skus = append(skus, k)
		}
	}
	if !slices.ContainsFunc(skus, func(k *sku) bool { return !k.off }) {
		return nil, failure{code: "E0004", kind: isp, message: "The item is offline already"}
	}
	for _, k := range skus {
		k.off = true
	}
	s.touch(it)
	s.emitProduct(pushEdited, it, "EDITED_UPDATED", skus)
	return nil, nil
}

func (s *Simulator) productRemove(in *request) (any, error) {
	if in.p["seller_sku_list"] != "" {
		return nil, refuse("6", "seller_sku_list is not supported any more")
	}
	var ids []string
	if err := in.decode("sku_id_list", &ids); err != nil {
		return nil, err
	}
	if len(ids) == 0 || len(ids) > mostSKUs {
		return nil, refuse("5", "1 to %d SKUs are taken", mostSKUs)
	}
	var detail []object
	gone := map[*item][]*sku{}
	var order []*item
	for _, id := range ids {
		parts := strings.Split(id, "_")
		if len(parts) != 3 || parts[0] != "SkuId" {
			return nil, refuse("1001", "sku_id_list must have the form SkuId_item_sku")
		}
		it := s.item(parts[1])
		if it == nil || it.sku(parts[2]) == nil {
			detail = append(detail, fieldError(id, "SKU not found"))
			continue
		}
		if gone[it] == nil {
			order = append(order, it)
		}
		gone[it] = append(gone[it], it.sku(parts[2]))
	}
	for _, it := range order {
		s.remove(it, gone[it]...)
	}
	if len(detail) > 0 {
		return nil, generic("503", detail...)
	}
	return nil, nil
}
