package sheet

import (
	"context"
	"errors"
	"fmt"

	"github.com/chophien/chophien/catalog"
)

// batchRows is about how many rows are looked up and written together.
const batchRows = 1000

// ImportOptions tell how a file is imported. The zero value imports a file
// that has no fault, without pictures.
type ImportOptions struct {
	DryRun      bool // only report
	AcceptValid bool // import the products that have no fault
	// ReplaceVariants archives stored variants of a product in the file that
	// the file does not have. They are never removed: the ledger names them.
	ReplaceVariants bool
	// Keep stores a picture and returns its hex SHA-256; nil leaves picture
	// files alone and only records where they are.
	Keep func(ctx context.Context, data []byte, mediaType string) (digest string, err error)
	// Progress, OnChange and OnRefusal are called from the importing goroutine
	// while it works; any may be nil. Bytes are counted over both passes.
	Progress  func(done, total int64)
	OnChange  func(Change)
	OnRefusal func(Refusal)
}

// ChangeKind is what a [Change] is about.
type ChangeKind string

// The kinds of change.
const (
	ChangeNew   ChangeKind = "new"   // a product that is not stored yet; After is its name
	ChangeField ChangeKind = "field" // a value of a stored product
	ChangeStock ChangeKind = "stock" // a count; Before and After are pieces on hand
	ChangeGroup ChangeKind = "group" // a group; Before is "" for a new one
	ChangeNote  ChangeKind = "note"  // nothing is changed, but worth knowing: Note
)

// Change is one line of an import's plan.
type Change struct {
	Kind      ChangeKind   `json:"kind"`
	Row       int          `json:"row"`
	ProductID string       `json:"product,omitempty"`
	SKU       catalog.SKU  `json:"sku,omitempty"`
	Field     catalog.Text `json:"field,omitzero"` // heading of the column
	Before    string       `json:"before,omitempty"`
	After     string       `json:"after,omitempty"`
	Note      catalog.Text `json:"note,omitzero"`
}

// Report counts what an import did, or would do.
type Report struct {
	Digest    string `json:"digest"` // hex SHA-256 of the file
	Sheet     string `json:"sheet,omitempty"`
	Rows      int    `json:"rows"`
	New       int    `json:"new"`       // products
	Changed   int    `json:"changed"`   // products
	Unchanged int    `json:"unchanged"` // products
	Refused   int    `json:"refused"`   // products; each may have several refusals
	Counted   int    `json:"counted"`   // variants whose stock is counted by this file
	Groups    int    `json:"groups"`    // new or changed
	// Written and Booked are products and counts that were in fact stored by
	// this call: 0 after a dry run.
	Written int `json:"written"`
	Booked  int `json:"booked"`
}

// Import brings a file into the store. It opens it twice: the first pass
// checks every row and reports what would change, the second writes. Nothing
// is written when a row is refused, unless AcceptValid says so: then the error
// is [ErrRefused] and the report tells how many, also after a dry run.
//
// It can be repeated after a crash or error at any point: products are
// compared before they are written, and a count of stock is booked once for
// each file and SKU, whatever was sold since. Memory does not grow with the
// file, but for some 40 bytes a row.
func Import(ctx context.Context, store catalog.Store, open func() (*Reader, error), options ImportOptions) (Report, error) {
	im := &importer{store: store, options: options}
	if err := im.pass(ctx, open); err != nil {
		return im.report, err
	}
	if im.report.Refused > 0 && !options.AcceptValid {
		return im.report, fmt.Errorf("%w: %d products have faults", ErrRefused, im.report.Refused)
	}
	if options.DryRun || im.report.New+im.report.Changed+im.report.Counted+im.report.Groups == 0 {
		return im.report, nil
	}
	im.writing = true
	faulty := im.report.Refused
	err := im.pass(ctx, open)
	if late := im.report.Refused - faulty; err == nil && late > 0 {
		err = fmt.Errorf("import %s: %d products were changed meanwhile and no longer take what the file says: %w; import the file again", im.file, late, catalog.ErrConflict)
	}
	return im.report, err
}

// importer is one import. Its state is that of the pass it makes.
type importer struct {
	store   catalog.Store
	options ImportOptions
	report  Report
	writing bool // second pass

	builder  builder
	pictures *pictures
	groups   map[string]*groupState
	booked   map[uint64]struct{} // SKUs whose count of this file is in the ledger
	seen     seen
	file     string // name, for notes
	sheet    string
	done     int64        // bytes of the passes before
	underway chan written // the batch that is being written, or nil
}

// pass reads the whole file once, in batches.
func (im *importer) pass(ctx context.Context, open func() (*Reader, error)) (err error) {
	r, err := open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := im.begin(ctx, r); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, im.pictures.close()) }()
	defer func() {
		// Of two errors the one of the batch before is told.
		if late := im.awaitWritten(ctx); late != nil {
			err = late
		}
	}()
	var batch []*block
	rows := 0
	for block, err := range r.blocks() {
		if err != nil {
			return err
		}
		batch = append(batch, block)
		if rows += len(block.rows); rows < batchRows {
			continue
		}
		if err := im.batch(ctx, r, batch, rows); err != nil {
			return err
		}
		clear(batch)
		batch, rows = batch[:0], 0
	}
	if err := im.batch(ctx, r, batch, rows); err != nil {
		return err
	}
	if err := im.awaitWritten(ctx); err != nil {
		return err
	}
	im.done += r.survey.size
	im.progress(r, 0)
	return nil
}

func (im *importer) begin(ctx context.Context, r *Reader) error {
	if im.writing && r.survey.digest != im.report.Digest {
		return fmt.Errorf("import %s: the file was changed while it was read; import it again", im.file)
	}
	im.report.Digest, im.report.Sheet = r.survey.digest, r.sheet
	im.file, im.sheet = r.name(), r.sheet
	im.seen = newSeen()
	var err error
	if im.groups, err = loadGroups(ctx, im.store); err != nil {
		return err
	}
	if im.booked, err = loadBooked(ctx, im.store, r.survey.digest); err != nil {
		return err
	}
	taxonomy, err := loadCategories(ctx, im.store)
	if err != nil {
		return err
	}
	im.pictures = newPictures(ctx, r.dir(), im.options.Keep)
	im.builder = builder{
		sheet: r.sheet, header: r.header, raw: r.book != nil, replace: im.options.ReplaceVariants,
		category: taxonomy.code, groupID: im.groupID, picture: im.pictures.load,
	}
	return nil
}

func (im *importer) progress(r *Reader, done int64) {
	if im.options.Progress == nil {
		return
	}
	total := 2 * r.survey.size
	if im.options.DryRun {
		total = r.survey.size
	}
	im.options.Progress(min(total, im.done+done), total)
}

// batch evaluates some blocks and, in the second pass, has them written while
// the next ones are evaluated.
func (im *importer) batch(ctx context.Context, r *Reader, blocks []*block, rows int) error {
	if len(blocks) == 0 {
		return nil
	}
	im.findTwice(blocks)
	items, err := im.evaluate(ctx, blocks)
	if err != nil {
		return err
	}
	if im.writing {
		err = im.writeMeanwhile(ctx, items)
	} else {
		im.report.Rows += rows
		err = im.tell(ctx, items)
	}
	if err != nil {
		return err
	}
	im.progress(r, r.source.consumed())
	return nil
}

// tell reports what the items change.
func (im *importer) tell(ctx context.Context, items []*item) error {
	levels, err := im.levels(ctx, items)
	if err != nil {
		return err
	}
	for _, it := range items {
		row := it.block.rows[0].number
		switch {
		case len(it.refusals) > 0:
			im.refuse(it)
			continue
		case it.stored == nil:
			im.report.New++
			im.change(Change{Kind: ChangeNew, Row: row, ProductID: it.product.ID, After: it.product.Name.In("vi")})
		case len(it.fields) > 0:
			im.report.Changed++
			for _, field := range it.fields {
				im.change(field)
			}
		default:
			im.report.Unchanged++
		}
		for _, sku := range it.missing {
			im.note(row, it.product.ID, sku, "phân loại không có trong tệp, giữ nguyên", "the variant is not in the file and stays as it is")
		}
		im.tellGroup(it)
		for _, c := range it.counts {
			level := levels[c.sku]
			if !im.books(c, level) {
				continue
			}
			im.report.Counted++
			if level.OnHand != *c.counted {
				im.change(Change{Kind: ChangeStock, Row: c.row, ProductID: it.product.ID, SKU: c.sku, Field: headingOf("stock"), Before: fmt.Sprint(level.OnHand), After: fmt.Sprint(*c.counted)})
			}
		}
	}
	return nil
}

func (im *importer) change(c Change) {
	if im.options.OnChange != nil {
		im.options.OnChange(c)
	}
}

func (im *importer) note(row int, id string, sku catalog.SKU, vi, en string) {
	im.change(Change{Kind: ChangeNote, Row: row, ProductID: id, SKU: sku, Note: catalog.Text{VI: vi, EN: en}})
}

func (im *importer) refuse(it *item) {
	im.report.Refused++
	if im.options.OnRefusal == nil {
		return
	}
	for _, r := range it.refusals {
		im.options.OnRefusal(r)
	}
}
