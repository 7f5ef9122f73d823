package sheet

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/chophien/chophien/catalog"
	"github.com/xuri/excelize/v2"
)

// Format is a kind of file.
type Format string

// The formats that are written.
const (
	CSV  Format = "csv"  // UTF-8 with byte order mark, so that Excel reads it as such
	XLSX Format = "xlsx" // numbers as numbers
)

// ErrFormat: a format that is not written here.
var ErrFormat = errors.New("unknown format, use csv or xlsx")

// ExportOptions tell what is exported. The zero value exports everything with
// Vietnamese headings.
type ExportOptions struct {
	English  bool   // headings
	Group    string // only products of this group
	Category string // only products of exactly this category
}

// Export writes products with their groups and stock, sorted by ID, in memory
// that does not grow with the catalog. [Import] of the result gives the same
// products, but for revisions and the times of their changes.
func Export(ctx context.Context, store catalog.Store, w io.Writer, format Format, options ExportOptions) error {
	names, codes := make([]string, len(columns)), make([]bool, len(columns))
	for i := range columns {
		names[i], codes[i] = columns[i].vi, columns[i].code
		if options.English {
			names[i] = columns[i].en
		}
	}
	out, err := newRowWriter(w, format, form{sheet: exportSheet, headings: names, codes: codes, frozen: 3})
	if err != nil {
		return err
	}
	return errors.Join(export(ctx, store, out, options), out.close())
}

// form is what a file looks like.
type form struct {
	sheet    string
	headings []string
	codes    []bool // columns whose digits are no numbers
	frozen   int    // columns that stay in sight
}

// newRowWriter begins a file with its headings.
func newRowWriter(w io.Writer, format Format, f form) (out rowWriter, err error) {
	switch format {
	case CSV:
		out, err = newCSVWriter(w, f)
	case XLSX:
		out, err = newXLSXWriter(w, f)
	default:
		err = fmt.Errorf("%w: %q", ErrFormat, format)
	}
	if err != nil {
		return nil, err
	}
	if err := out.heading(f.headings); err != nil {
		return nil, errors.Join(err, out.close())
	}
	return out, nil
}

// rowWriter writes one file.
type rowWriter interface {
	heading(names []string) error
	row(cells []cell) error
	finish() error // the file is complete
	close() error  // releases; without finish the file is not
}

func export(ctx context.Context, store catalog.Store, out rowWriter, options ExportOptions) error {
	groups, err := loadGroups(ctx, store)
	if err != nil {
		return err
	}
	query := catalog.ProductQuery{Group: options.Group, Category: options.Category, Limit: 500}
	cells := make([]cell, len(columns))
	for {
		products, err := store.Products(ctx, query)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		levels, err := levelsOf(ctx, store, products)
		if err != nil {
			return err
		}
		for i := range products {
			p := &products[i]
			v := view{product: p}
			if g := groups[p.GroupID]; g != nil {
				v.group = &g.stored
			}
			for j := range p.Variants {
				v.variant = &p.Variants[j]
				v.level = levels[v.variant.SKU]
				fill(cells, v, j == 0)
				if err := out.row(cells); err != nil {
					return fmt.Errorf("export product %s: %w", p.ID, err)
				}
			}
		}
		if len(products) < query.Limit {
			return out.finish()
		}
		query.After = products[len(products)-1].ID
	}
}

// fill makes the cells of a row; the product's own stand in its first row,
// its code in each.
func fill(cells []cell, v view, first bool) {
	for i := range columns {
		c := &columns[i]
		cells[i] = cell{}
		if first || c.scope == ofVariant || c.scope == ofStock || c.key == "code" {
			cells[i] = c.get(v)
		}
	}
}

func levelsOf(ctx context.Context, store catalog.Store, products []catalog.Product) (map[catalog.SKU]catalog.Level, error) {
	var skus []catalog.SKU
	for _, p := range products {
		for _, v := range p.Variants {
			skus = append(skus, v.SKU)
		}
	}
	levels := make(map[catalog.SKU]catalog.Level, len(skus))
	for skus := range chunks(skus) {
		list, err := store.Levels(ctx, skus)
		if err != nil {
			return nil, fmt.Errorf("export: stock: %w", err)
		}
		for _, level := range list {
			levels[level.SKU] = level
		}
	}
	return levels, nil
}

type csvWriter struct {
	form   form
	w      *csv.Writer
	record []string
}

func newCSVWriter(w io.Writer, f form) (*csvWriter, error) {
	_, err := io.WriteString(w, "\xEF\xBB\xBF")
	return &csvWriter{form: f, w: csv.NewWriter(w)}, err
}

func (c *csvWriter) heading(names []string) error { return c.w.Write(names) }

func (c *csvWriter) row(cells []cell) error {
	c.record = c.record[:0]
	for i, cell := range cells {
		text := cell.text
		if !cell.number {
			text = inert(text, c.form.codes[i], true)
		}
		c.record = append(c.record, text)
	}
	return c.w.Write(c.record)
}

func (c *csvWriter) finish() error { return c.close() }

func (c *csvWriter) close() error {
	c.w.Flush()
	return c.w.Error()
}

type xlsxWriter struct {
	form   form
	w      io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	next   int
	values []any
}

// exportSheet is the name of the sheet with the products.
const exportSheet = "Sản phẩm"

func newXLSXWriter(w io.Writer, f form) (*xlsxWriter, error) {
	x := &xlsxWriter{form: f, w: w, file: excelize.NewFile(), next: 1, values: make([]any, len(f.headings))}
	err := x.file.SetSheetName("Sheet1", f.sheet)
	if err == nil {
		x.stream, err = x.file.NewStreamWriter(f.sheet)
	}
	if err == nil {
		err = x.stream.SetColWidth(1, len(f.headings), 16)
	}
	if err == nil {
		var corner string
		if corner, err = excelize.CoordinatesToCellName(f.frozen+1, 2); err == nil {
			err = x.stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: f.frozen, YSplit: 1, TopLeftCell: corner, ActivePane: "bottomRight"})
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("export: %w", err), x.file.Close())
	}
	return x, nil
}

func (x *xlsxWriter) heading(names []string) error {
	style, err := x.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E2EFDA"}}})
	if err != nil {
		return err
	}
	for i, name := range names {
		x.values[i] = excelize.Cell{StyleID: style, Value: name}
	}
	return x.write()
}

func (x *xlsxWriter) row(cells []cell) error {
	for i, cell := range cells {
		switch text := inert(cell.text, x.form.codes[i], false); {
		case text == "":
			x.values[i] = nil
		case cell.number:
			x.values[i] = number(cell.text)
		case utf16Len(text) > maxXLSXCell:
			return fmt.Errorf("column %q: the text has more than the %d characters that a cell of an .xlsx file holds; export as csv", x.form.headings[i], maxXLSXCell)
		default:
			x.values[i] = text
		}
	}
	return x.write()
}

// number writes a number as such, if a spreadsheet program keeps all its
// digits.
func number(text string) any {
	if len(text) > 15 {
		return text
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && strconv.FormatFloat(f, 'f', -1, 64) == text {
		return f
	}
	return text
}

func (x *xlsxWriter) write() error {
	name, err := excelize.CoordinatesToCellName(1, x.next)
	if err != nil {
		return err
	}
	x.next++
	return x.stream.SetRow(name, x.values)
}

func (x *xlsxWriter) finish() error {
	if err := x.stream.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := x.file.Write(x.w); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func (x *xlsxWriter) close() error { return x.file.Close() }
