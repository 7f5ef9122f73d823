package sheet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// draft is a product while a block's cells are applied to it.
type draft struct {
	product catalog.Product
	variant *catalog.Variant // of the row that is read
	group   catalog.Group    // what the file says of it; "" = nothing
	count   *count           // of the row that is read
	unit    string           // that the heading names
	raw     bool             // numbers come without their format

	category string
	lots     string
	lotsSet  bool
	sources  []string
	details  []catalog.Image
	// sourcesSet and detailsSet tell that the file has the column.
	sourcesSet, detailsSet bool
}

// count is what a row says about stock; nil = nothing.
type count struct {
	sku           catalog.SKU
	row           int
	counted, seen *int64
}

func (d *draft) setCount(text string, at **int64) error {
	if text == "" {
		return nil
	}
	n, err := count64(text, d.raw)
	if err == nil {
		*at = &n
	}
	return err
}

func (d *draft) setSources(text string) { d.sources, d.sourcesSet = parseSources(text), true }

func (d *draft) setDetails(text string) (err error) {
	d.detailsSet = true
	d.details, err = parseDetails(text)
	return err
}

// item is what a block amounts to.
type item struct {
	block    *block
	stored   *catalog.Product // nil = new
	product  catalog.Product
	group    catalog.Group // ID "" = the file says nothing about one
	counts   []count
	missing  []catalog.SKU // stored variants that the file does not have
	refusals []Refusal
	fields   []Change // what differs from stored
}

// builder applies blocks to stored products. It has no state of its own
// besides what it looks up.
type builder struct {
	sheet    string
	header   header
	raw      bool
	replace  bool // archive variants that the file does not have
	category func(text, stored string) (code string, err error)
	groupID  func(name string) string
	picture  func(image catalog.Image) (catalog.Image, error)
}

func (b *builder) build(block *block, stored *catalog.Product) *item {
	it := &item{block: block, stored: stored}
	for _, row := range block.rows {
		for _, f := range row.faults {
			it.refusals = append(it.refusals, b.refusal(row.number, f.binding, f.place, f.value, f.err))
		}
	}
	d := &draft{raw: b.raw}
	switch {
	case stored != nil:
		d.product = clone(*stored)
	case block.code != "":
		d.product.ID = block.code
	default:
		d.product.ID = string(block.rows[0].sku(b.header))
	}
	first := block.rows[0]
	for i := range b.header.bindings {
		if c := b.header.bindings[i].column; c.set != nil && (c.scope == ofProduct || c.scope == ofGroup) {
			b.apply(it, d, first, i)
			b.agree(it, i)
		}
	}
	for _, row := range block.rows {
		b.variant(it, d, row)
	}
	b.finish(it, d)
	it.product = d.product
	return it
}

// apply sets one cell.
func (b *builder) apply(it *item, d *draft, row row, i int) {
	bound := &b.header.bindings[i]
	for _, f := range row.faults {
		if f.binding == i {
			return
		}
	}
	d.unit = bound.unit
	if err := bound.column.set(d, row.cells[i]); err != nil {
		it.refusals = append(it.refusals, b.refusal(row.number, i, 0, row.cells[i], err))
	}
}

// agree refuses a product's later rows that say something else than the first.
func (b *builder) agree(it *item, i int) {
	first := it.block.rows[0]
	for _, row := range it.block.rows[1:] {
		if cell := row.cells[i]; cell != "" && cell != first.cells[i] {
			it.refusals = append(it.refusals, b.refusal(row.number, i, 0, cell,
				reasonf("khác với dòng %d của cùng sản phẩm (%q)", "differs from row %d of the same product (%q)", first.number, clip(first.cells[i]))))
		}
	}
}

// variant applies a row to its variant, which may be new.
func (b *builder) variant(it *item, d *draft, row row) {
	sku := row.sku(b.header)
	if sku == "" {
		it.refusals = append(it.refusals, b.refusal(row.number, b.header.sku, 0, "", reasonf("thiếu mã SKU", "the SKU is missing")))
		return
	}
	at := slices.IndexFunc(d.product.Variants, func(v catalog.Variant) bool { return v.SKU == sku })
	if at < 0 {
		at = len(d.product.Variants)
		d.product.Variants = append(d.product.Variants, catalog.Variant{SKU: sku})
	}
	d.variant = &d.product.Variants[at]
	d.count = &count{sku: sku, row: row.number}
	for i := range b.header.bindings {
		if c := b.header.bindings[i].column; c.set != nil && (c.scope == ofVariant || c.scope == ofStock) {
			b.apply(it, d, row, i)
		}
	}
	if d.count.counted != nil {
		it.counts = append(it.counts, *d.count)
	}
}

// finish settles what depends on several columns.
func (b *builder) finish(it *item, d *draft) {
	p := &d.product
	for len(p.Options) > 0 && p.Options[len(p.Options)-1] == "" {
		p.Options = p.Options[:len(p.Options)-1]
	}
	if len(p.Options) == 0 {
		p.Options = nil
	}
	for i := range p.Variants {
		v := &p.Variants[i]
		for len(v.Options) < len(p.Options) {
			v.Options = append(v.Options, "")
		}
		for len(v.Options) > len(p.Options) && v.Options[len(v.Options)-1] == "" {
			v.Options = v.Options[:len(v.Options)-1]
		}
		if len(v.Options) == 0 {
			v.Options = nil
		}
	}
	b.missing(it, d)
	refuse := func(key string, err error) {
		if err != nil {
			it.refusals = append(it.refusals, b.refusalOf(it.block.rows[0], key, err))
		}
	}
	if b.has("category") {
		var err error
		p.Category, err = b.category(d.category, p.Category)
		refuse("category", err)
	}
	if d.lotsSet {
		var err error
		p.Lots, err = parseLots(d.lots, p.Variants)
		refuse("lots", err)
	}
	if b.has("group_code") || b.has("group_name") {
		if p.GroupID == "" || !b.has("group_code") {
			p.GroupID = b.groupID(d.group.Name.VI)
		}
		it.group = d.group
		it.group.ID, it.group.Sample = p.GroupID, p.Sample
	}
	refuse("images", b.images(d))
}

// missing handles stored variants of a product that the file names by its
// code, and whose rows do not have them.
func (b *builder) missing(it *item, d *draft) {
	if it.stored == nil || it.block.code == "" {
		return
	}
	for i := range d.product.Variants {
		v := &d.product.Variants[i]
		if slices.ContainsFunc(it.block.rows, func(r row) bool { return r.sku(b.header) == v.SKU }) || v.Archived {
			continue
		}
		if b.replace {
			v.Archived = true
		} else {
			it.missing = append(it.missing, v.SKU)
		}
	}
}

// images joins the sources, from the file or else as stored, with what is
// known of each: from the file's details or else as stored.
func (b *builder) images(d *draft) error {
	stored := d.product.Images
	if !d.sourcesSet && !d.detailsSet {
		return nil
	}
	if !d.sourcesSet {
		for _, image := range stored {
			d.sources = append(d.sources, sourceOf(image))
		}
	}
	known := slices.Clone(stored)
	if d.detailsSet {
		known = d.details
	}
	d.product.Images = nil
	for _, source := range d.sources {
		image := imageOf(source)
		if i := slices.IndexFunc(known, func(k catalog.Image) bool { return sourceOf(k) == source }); i >= 0 {
			image = known[i]
			known = slices.Delete(slices.Clone(known), i, i+1)
		}
		image, err := b.picture(image)
		if err != nil {
			return err
		}
		d.product.Images = append(d.product.Images, image)
	}
	return nil
}

func (b *builder) has(key string) bool { return b.binding(key) >= 0 }

func (b *builder) binding(key string) int {
	return slices.IndexFunc(b.header.bindings, func(bound binding) bool { return bound.column.key == key })
}

// refusal names a cell by its place in the file.
func (b *builder) refusal(number, i, place int, value string, err error) Refusal {
	r := Refusal{Sheet: b.sheet, Row: number, Value: clip(value), Reason: reasonOf(err)}
	if i >= 0 {
		bound := b.header.bindings[i]
		r.Column, r.Letter = bound.heading, bound.letter()
		if place > 0 {
			r.Letter = letter(place)
		}
	}
	return r
}

// refusalOf refuses a row's cell in the column with a key, or the row when the
// file has no such column.
func (b *builder) refusalOf(row row, key string, err error) Refusal {
	i := b.binding(key)
	if i < 0 {
		return b.refusal(row.number, -1, 0, "", err)
	}
	return b.refusal(row.number, i, 0, row.cells[i], err)
}

// refuseIssue refuses a cell for an issue that the catalog's rules found.
func (b *builder) refuseIssue(it *item, issue catalog.Issue) {
	row := it.block.rows[0]
	for _, r := range it.block.rows {
		if issue.SKU != "" && r.sku(b.header) == issue.SKU {
			row = r
		}
	}
	it.refusals = append(it.refusals, b.refusalOf(row, fieldKey(issue.Field), reason(issue.Message)))
}

// fieldKey finds the column of a field as the catalog's rules name it:
// "variants[CHE-100].list_price", "name.vi", "images[2].source".
func fieldKey(field string) string {
	scope := ofProduct
	if rest, found := strings.CutPrefix(field, "variants["); found {
		scope = ofVariant
		_, field, _ = strings.Cut(rest, "].")
	}
	for field != "" {
		for i := range columns {
			c := &columns[i]
			if c.scope == scope && (c.key == field || c.field == field) {
				return c.key
			}
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return ""
}

// clone copies a product so that changing one leaves the other alone.
func clone(p catalog.Product) catalog.Product {
	p.Options = slices.Clone(p.Options)
	p.Variants = slices.Clone(p.Variants)
	for i := range p.Variants {
		p.Variants[i].Options = slices.Clone(p.Variants[i].Options)
	}
	p.Images = slices.Clone(p.Images)
	return p
}

// slug makes a group's code from its name.
func slug(name string) string {
	var b strings.Builder
	for _, r := range catalog.Fold(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(fmt.Sprintf("%.40s", b.String()), "-")
}
