package lazada

import (
	"context"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// update writes facets of a product that is there.
// https://open.lazada.com/apps/doc/api?path=%2Fproduct%2Fupdate, read 2026-04.
func (s *shop) update(ctx context.Context, j *job, images pictures) error {
	p := j.target
	j.remote = catalog.Remote{ExternalID: idOf(p.ItemID), State: stateOf(p.Status, slices.ContainsFunc(p.SKUs, sku.active))}
	for _, k := range p.SKUs {
		j.remote.Variants = append(j.remote.Variants, catalog.VariantSnapshot{SKU: catalog.SKU(k.SellerSKU), ExternalID: idOf(k.SkuID)})
	}
	if j.content && p.Category != 0 && p.Category.String() != j.offer.Category {
		issue := newIssue("category_kept", "category", "",
			"Danh mục trên Lazada khác danh mục đã ghép; đổi danh mục trong Seller Center nếu cần.",
			"The category on Lazada differs from the mapped one; change it in Seller Center if needed.")
		issue.Severity = catalog.SeverityWarning
		j.issues = append(j.issues, *issue)
	}
	if j.content || j.media {
		if err := s.updateContent(ctx, j, images); err != nil {
			return err
		}
	}
	if j.content {
		if err := s.addMissing(ctx, j, images); err != nil {
			return err
		}
		if err := s.retire(ctx, j); err != nil {
			return err
		}
	}
	if err := s.updateTerms(ctx, j); err != nil || j.outcome != nil || !j.state {
		return err
	}
	return s.setState(ctx, j)
}

// updateContent writes texts, pictures and parcels in one call. SKUs that are
// no longer offered go off sale, and come back when they are offered again,
// unless the product as a whole is off sale.
func (s *shop) updateContent(ctx context.Context, j *job, images pictures) error {
	product := fields{"ItemId": j.target.ItemID.String(), "Attributes": fields{}}
	if j.content {
		product["Attributes"] = j.body.attributes
	}
	if j.media {
		product["Images"] = fields{"Image": images.product}
	}
	selling := slices.ContainsFunc(j.target.SKUs, sku.active)
	var rows []fields
	for _, k := range j.target.SKUs {
		row := fields{}
		i := slices.IndexFunc(j.offer.Variants, func(v catalog.OfferVariant) bool { return v.SKU == catalog.SKU(k.SellerSKU) })
		switch {
		case i < 0 && j.content && k.active():
			row["Status"] = "inactive"
		case i < 0:
		case j.content:
			row = s.skuFields(j.body, j.offer.Variants[i])
			if selling && !k.active() {
				row["Status"] = "active"
			}
		}
		if i >= 0 {
			images.into(row, j.offer.Variants[i].SKU)
		}
		if len(row) > 0 {
			row["SkuId"], row["SellerSku"] = k.SkuID.String(), string(k.SellerSKU)
			rows = append(rows, row)
		}
	}
	if len(rows) > 0 {
		product["Skus"] = fields{"Sku": rows}
	}
	var out answer[struct {
		Status string `json:"item_status"`
	}]
	err := s.write(ctx, write{op: "products.update", path: "/product/update", parameter: "payload", value: request(product), repeatable: true, out: &out})
	if err != nil {
		return s.refusal(ctx, j, err)
	}
	j.sent = true
	if status := out.Data.value.Status; status != "" {
		j.remote.State = stateOf(status, selling)
	}
	return nil
}

// addMissing adds variants that the product does not have. That needs a product
// which differs by something already.
func (s *shop) addMissing(ctx context.Context, j *job, images pictures) error {
	missing := func(v catalog.SKU) bool { _, ok := j.target.sku(v); return !ok }
	rows := s.newSKUs(j, images, missing)
	if len(rows) == 0 {
		return nil
	}
	with := slices.IndexFunc(j.target.SKUs, func(k sku) bool { return len(k.Props.value) > 0 })
	if with < 0 || len(j.body.variation) == 0 {
		j.end(s.rejected("products.add", *newIssue("product_kind", "options", j.firstSKU(),
			"Sản phẩm trên Lazada không có tùy chọn nên không thêm biến thể được: xóa sản phẩm ở đó rồi đăng lại.",
			"The product on Lazada has no options, so variants cannot be added: delete it there and publish again.")))
		return nil
	}
	known := *j
	known.remote = catalog.Remote{}
	err := s.make(ctx, &known, fields{
		"AssociatedSku": string(j.target.SKUs[with].SellerSKU), "variation": j.body.wire(len(images.skus) > 0), "Skus": fields{"Sku": rows},
	})
	if err != nil {
		return err
	}
	j.sent = true
	j.remote.Variants = append(j.remote.Variants, known.remote.Variants...)
	slices.SortFunc(j.remote.Variants, func(a, b catalog.VariantSnapshot) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	return nil
}

// retire takes the stock of SKUs that are no longer offered, so that they stay
// out of sale when the product is resumed.
func (s *shop) retire(ctx context.Context, j *job) error {
	var changes []connectors.StockChange
	for _, k := range j.target.SKUs {
		offered := slices.ContainsFunc(j.offer.Variants, func(v catalog.OfferVariant) bool { return v.SKU == catalog.SKU(k.SellerSKU) })
		if pieces, ok := k.sellable(); !offered && (!ok || pieces > 0) {
			changes = append(changes, connectors.StockChange{Listing: idOf(j.target.ItemID), Variant: idOf(k.SkuID), SKU: catalog.SKU(k.SellerSKU)})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	outcomes, err := s.UpdateStock(ctx, changes)
	return j.collect(outcomes, err)
}

// updateTerms writes prices and stock.
func (s *shop) updateTerms(ctx context.Context, j *job) error {
	var prices []connectors.PriceChange
	var stock []connectors.StockChange
	for _, v := range j.offer.Variants {
		k, ok := j.target.sku(v.SKU)
		if !ok {
			continue // made just now, with both
		}
		listing, variant := idOf(j.target.ItemID), idOf(k.SkuID)
		if j.price {
			prices = append(prices, connectors.PriceChange{Listing: listing, Variant: variant, SKU: v.SKU, Price: v.Price})
		}
		if j.stock {
			stock = append(stock, connectors.StockChange{Listing: listing, Variant: variant, SKU: v.SKU, Quantity: v.Quantity})
		}
	}
	outcomes, err := s.UpdatePrices(ctx, prices)
	if err := j.collect(outcomes, err); err != nil || j.outcome != nil {
		return err
	}
	outcomes, err = s.UpdateStock(ctx, stock)
	return j.collect(outcomes, err)
}

// collect takes the outcomes of a job's variants as its own: the first that was
// not carried out decides.
func (j *job) collect(outcomes []connectors.Outcome, err error) error {
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		if o.Done() {
			j.sent = true
		} else {
			if o.Kind == connectors.Deferred && j.sent {
				o.Kind = connectors.Unknown
			}
			if o.Kind == connectors.Gone {
				o.Kind = connectors.Conflict // a variant is gone, not the listing
			}
			j.end(o)
		}
	}
	return nil
}

// setState puts the product on sale or takes it off.
func (s *shop) setState(ctx context.Context, j *job) error {
	set := s.resume
	if j.offer.State == catalog.StateStopped {
		set = s.stop
	}
	kind, err := set(ctx, j.remote.ExternalID)
	if err != nil {
		return err
	}
	j.sent = j.sent || kind == connectors.Applied
	if j.offer.State == catalog.StateStopped {
		j.remote.State = catalog.StateStopped
	}
	return nil
}
