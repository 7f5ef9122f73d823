package sheet

import (
	"context"
	"fmt"
	"hash/maphash"
	"reflect"

	"github.com/chophien/chophien/catalog"
)

// seen tells at which row a code was met, for the whole file: 12 bytes and
// some a code, whatever its length.
type seen struct {
	seed     maphash.Seed
	products map[uint64]int32
	skus     map[uint64]int32
}

func newSeen() seen {
	return seen{maphash.MakeSeed(), make(map[uint64]int32), make(map[uint64]int32)}
}

// at returns the row at which text was met before, or 0 and remembers row.
func (s seen) at(rows map[uint64]int32, text string, row int) int {
	key := maphash.String(s.seed, text)
	if before, found := rows[key]; found {
		return int(before)
	}
	rows[key] = int32(row)
	return 0
}

// findTwice adds a fault to rows whose product code or SKU came before.
func (im *importer) findTwice(blocks []*block) {
	h := im.builder.header
	for _, b := range blocks {
		if b.code != "" {
			first := &b.rows[0]
			if row := im.seen.at(im.seen.products, b.code, first.number); row > 0 {
				first.faults = append(first.faults, fault{binding: h.code, value: clip(b.code), err: reasonf(
					"mã sản phẩm này đã có ở dòng %d; các dòng của một sản phẩm phải liền nhau", "this product code was in row %d already; the rows of a product must stand together", row)})
			}
		}
		for i := range b.rows {
			r := &b.rows[i]
			sku := string(r.sku(h))
			if sku == "" {
				continue
			}
			if row := im.seen.at(im.seen.skus, sku, r.number); row > 0 {
				r.faults = append(r.faults, fault{binding: h.sku, value: clip(sku), err: reasonf(
					"SKU này đã có ở dòng %d", "this SKU was in row %d already", row)})
			}
		}
	}
}

// id is the product's code, as far as the block alone tells.
func (b *block) id(h header) string {
	if b.code != "" {
		return b.code
	}
	return string(b.rows[0].sku(h))
}

// evaluate compares blocks with the store.
func (im *importer) evaluate(ctx context.Context, blocks []*block) ([]*item, error) {
	stored, owners, err := im.lookUp(ctx, blocks)
	if err != nil {
		return nil, err
	}
	h := im.builder.header
	items := make([]*item, 0, len(blocks))
	for _, b := range blocks {
		id := b.id(h)
		if owner := owners[b.rows[0].sku(h)]; b.code == "" && owner != "" {
			id = owner // a file of SKUs and prices: the SKU tells the product
		}
		it := im.builder.build(b, stored[id])
		for _, r := range b.rows {
			if owner := owners[r.sku(h)]; owner != "" && owner != id {
				it.refusals = append(it.refusals, im.builder.refusal(r.number, h.sku, 0, string(r.sku(h)),
					reasonf("SKU này thuộc sản phẩm %q", "this SKU belongs to product %q", owner)))
			}
		}
		if len(it.refusals) == 0 {
			im.check(it)
		}
		if len(it.refusals) == 0 {
			im.sayGroup(it)
		}
		items = append(items, it)
		if len(it.refusals) == 0 {
			it.fields = differences(it)
			if it.stored != nil {
				stored[id] = &it.product // a later row may be another variant of it
			}
		}
	}
	return items, nil
}

// lookUp returns the stored products by ID that the blocks are about, and by
// SKU the products that own one.
func (im *importer) lookUp(ctx context.Context, blocks []*block) (stored map[string]*catalog.Product, owners map[catalog.SKU]string, err error) {
	h := im.builder.header
	ids := make([]string, 0, len(blocks))
	for _, b := range blocks {
		ids = append(ids, b.id(h))
	}
	stored, owners = make(map[string]*catalog.Product), make(map[catalog.SKU]string)
	add := func(products []catalog.Product) {
		for i := range products {
			p := &products[i]
			stored[p.ID] = p
			for _, v := range p.Variants {
				owners[v.SKU] = p.ID
			}
		}
	}
	for ids := range chunks(ids) {
		products, err := im.store.Products(ctx, catalog.ProductQuery{IDs: ids, Limit: len(ids)})
		if err != nil {
			return nil, nil, fmt.Errorf("look up products: %w", err)
		}
		add(products)
	}
	var skus []catalog.SKU
	for _, b := range blocks {
		for _, r := range b.rows {
			if sku := r.sku(h); sku != "" && owners[sku] == "" {
				skus = append(skus, sku)
			}
		}
	}
	for skus := range chunks(skus) {
		products, err := im.store.Products(ctx, catalog.ProductQuery{SKUs: skus, Limit: len(skus)})
		if err != nil {
			return nil, nil, fmt.Errorf("look up SKUs: %w", err)
		}
		add(products)
	}
	return stored, owners, nil
}

// chunks cuts a list so that one page of the store holds the answer.
func chunks[T any](list []T) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for len(list) > 0 {
			n := min(len(list), 1000)
			if !yield(list[:n]) {
				return
			}
			list = list[n:]
		}
	}
}

// check applies the catalog's own rules.
func (im *importer) check(it *item) {
	for _, issue := range catalog.Validate(it.product) {
		own := it.block.code != "" || issue.Field != "id" // else the SKU is the code, and refused as such
		if issue.Severity == catalog.SeverityError && own {
			im.builder.refuseIssue(it, issue)
		}
	}
}

// differences lists what the item changes on the stored product, in the words
// of the columns.
func differences(it *item) []Change {
	if it.stored == nil || reflect.DeepEqual(*it.stored, it.product) {
		return nil
	}
	var list []Change
	compare := func(c *column, row int, sku catalog.SKU, before, after view) {
		var old cell
		if before.variant != nil || c.scope == ofProduct {
			old = c.get(before)
		}
		if now := c.get(after); now.text != old.text {
			list = append(list, Change{Kind: ChangeField, Row: row, ProductID: it.product.ID, SKU: sku,
				Field: catalog.Text{VI: c.vi, EN: c.en}, Before: clip(old.text), After: clip(now.text)})
		}
	}
	row := it.block.rows[0].number
	for i := range columns {
		if c := &columns[i]; c.scope == ofProduct {
			compare(c, row, "", view{product: it.stored}, view{product: &it.product})
		}
	}
	for i := range it.product.Variants {
		v := &it.product.Variants[i]
		before := view{product: it.stored}
		for j := range it.stored.Variants {
			if it.stored.Variants[j].SKU == v.SKU {
				before.variant = &it.stored.Variants[j]
			}
		}
		for j := range columns {
			if c := &columns[j]; c.scope == ofVariant {
				compare(c, row, v.SKU, before, view{product: &it.product, variant: v})
			}
		}
	}
	return list
}

func headingOf(key string) catalog.Text {
	c := columnByKey(key)
	return catalog.Text{VI: c.vi, EN: c.en}
}
