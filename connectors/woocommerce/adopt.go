package woocommerce

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// resolve finds out what is there: the products of listings that are known,
// and, for those that are not, whatever has their SKUs.
func (s *shop) resolve(ctx context.Context, jobs []*job) error {
	var skus []catalog.SKU
	for _, j := range jobs {
		for _, v := range j.offer.Variants {
			if j.target == 0 || j.missing(v.SKU) {
				skus = append(skus, v.SKU)
			}
		}
		if j.target == 0 && variable(j.offer) {
			skus = append(skus, catalog.SKU(parentSKU(j.offer.ProductID)))
		}
	}
	found, err := s.lookUp(ctx, skus, "any")
	if err != nil {
		return err
	}
	// A product in the trash keeps its SKU, and creating another is refused.
	trashed, err := s.lookUp(ctx, skus, statusTrash)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		j.adopt(found, trashed)
	}
	return s.readTargets(ctx, undecided(jobs))
}

// missing tells that a variation has to be made for the SKU as far as we know.
func (j *job) missing(sku catalog.SKU) bool {
	return variable(j.offer) && j.content && j.variations[sku] == 0
}

// adopt decides by the products that have the offer's SKUs whether there is
// something to take over.
func (j *job) adopt(found, trashed map[catalog.SKU][]product) {
	type place struct {
		product int64
		trashed bool
	}
	owners := map[place]bool{}
	matches := func(sku catalog.SKU) ([]product, bool) {
		if list := found[sku]; len(list) > 0 {
			return list, false
		}
		return trashed[sku], true
	}
	for _, v := range j.offer.Variants {
		if j.target != 0 && !j.missing(v.SKU) {
			continue
		}
		list, inTrash := matches(v.SKU)
		for _, p := range list {
			owner := p.ID
			if p.ParentID != 0 {
				owner = p.ParentID
				j.variations[v.SKU] = p.ID
			}
			owners[place{owner, inTrash}] = true
			otherKind := (p.ParentID != 0) != variable(j.offer)
			if j.target == 0 && otherKind || j.target != 0 && owner != j.target {
				j.reject(connectors.Conflict, skuTaken(v.SKU, p.ID))
				return
			}
		}
	}
	if j.target != 0 {
		return
	}
	if own := catalog.SKU(parentSKU(j.offer.ProductID)); variable(j.offer) && len(owners) == 0 {
		// Our parent whose variations were never made, or somebody's product.
		list, inTrash := matches(own)
		for _, p := range list {
			if p.ParentID != 0 || metaText(p.MetaData, metaProduct) != j.offer.ProductID {
				j.reject(connectors.Conflict, skuTaken(own, p.ID))
				return
			}
			owners[place{p.ID, inTrash}] = true
		}
	}
	if len(owners) > 1 {
		ids := make([]string, 0, len(owners))
		for p := range owners {
			ids = append(ids, strconv.FormatInt(p.product, 10))
		}
		slices.Sort(ids)
		list := strings.Join(ids, ", ")
		j.reject(connectors.Conflict, catalog.Issue{Code: "sku_spread", Field: "sku", Message: catalog.Text{
			VI: "Các mã SKU của sản phẩm nằm ở nhiều sản phẩm khác nhau trong cửa hàng (" + list + "): gộp lại hoặc đổi mã.",
			EN: "The product's SKUs belong to several products of the shop (" + list + "): merge them or change SKUs.",
		}})
		return
	}
	for p := range owners {
		j.target, j.trashed = p.product, p.trashed
	}
}

func skuTaken(sku catalog.SKU, product int64) catalog.Issue {
	return catalog.Issue{Code: "sku_taken", Field: "sku", SKU: sku, Message: catalog.Text{
		VI: fmt.Sprintf("Mã SKU %s đã có ở sản phẩm %d của cửa hàng, là loại khác hoặc của sản phẩm khác: đổi hoặc xóa mã ở một bên.", clip(string(sku)), product),
		EN: fmt.Sprintf("SKU %s belongs to product %d of the shop, which is of another kind or another product: change or remove it on one side.", clip(string(sku)), product),
	}}
}

// readTargets reads the products to be written: whether they are still there,
// and of the right kind.
func (s *shop) readTargets(ctx context.Context, jobs []*job) error {
	var alive, trashed []int64
	for _, j := range jobs {
		if j.target != 0 && j.trashed {
			trashed = append(trashed, j.target)
		} else if j.target != 0 {
			alive = append(alive, j.target)
		}
	}
	products, err := s.read(ctx, alive, "any")
	if err != nil {
		return err
	}
	fromTrash, err := s.read(ctx, trashed, statusTrash)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if j.target == 0 {
			continue
		}
		current, there := products[j.target]
		if j.trashed {
			current, there = fromTrash[j.target]
		}
		wantType := typeSimple
		if variable(j.offer) {
			wantType = typeVariable
		}
		owner := metaText(current.MetaData, metaProduct)
		switch {
		case !there && j.whole:
			j.reject(connectors.Conflict, skuTaken(j.firstSKU(), j.target)) // went away meanwhile
		case !there:
			j.end(gone("publish", j.ref.ExternalID))
		case j.whole && owner != "" && owner != j.offer.ProductID:
			j.reject(connectors.Conflict, skuTaken(j.firstSKU(), j.target))
		case !j.stateOnly() && current.Type != wantType:
			j.reject(connectors.Rejected, catalog.Issue{Code: "product_kind", Field: "options", Message: catalog.Text{
				VI: fmt.Sprintf("Sản phẩm trong cửa hàng là loại %q, cần loại %q; WooCommerce không đổi loại mà giữ được biến thể: xóa sản phẩm ở cửa hàng rồi đăng lại.", clip(current.Type), wantType),
				EN: fmt.Sprintf("The product in the shop is %q, %q is needed; WooCommerce cannot change that and keep variations: delete it there and publish again.", clip(current.Type), wantType),
			}})
		}
		j.current = current
	}
	return nil
}
