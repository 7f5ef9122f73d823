package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
)

const (
	// headingRows is how many rows are searched for the headings; a title may
	// stand above them.
	headingRows = 10
	// maxProductRows is the most rows, that is variants, of one product.
	maxProductRows = 500
)

// Options tell how a file is read.
type Options struct {
	// Sheet names the sheet of an .xlsx file; "" is the first that has known
	// headings.
	Sheet string
	// IgnoreUnknown skips columns with unknown or no headings instead of
	// refusing the file. A heading that begins with "#" is always skipped.
	IgnoreUnknown bool
}

// Reader reads the products of one file, once, in constant memory. It is not
// safe for concurrent use.
type Reader struct {
	path   string
	survey survey
	file   *os.File
	book   *workbook // nil for .csv
	sheet  string
	source source
	header header
}

// Open opens an .xlsx or .csv file, told apart by their contents, and reads
// the headings. An error that is about the contents is a [*FileError].
func Open(path string, options Options) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open spreadsheet: %w", err)
	}
	r := &Reader{path: path, file: file}
	if err := r.open(options); err != nil {
		return nil, errors.Join(r.fileError(err), r.Close())
	}
	return r, nil
}

func (r *Reader) open(options Options) error {
	book, err := r.look()
	if err != nil {
		return err
	}
	if book {
		return r.openBook(options)
	}
	source, err := newCSV(r.file, r.survey)
	if err != nil {
		return err
	}
	return r.findHeader(source, options)
}

// look tells from the contents whether the file is a workbook, and otherwise
// leaves it at its start; it refuses what is no spreadsheet.
func (r *Reader) look() (book bool, err error) {
	if r.survey, err = surveyFile(r.file); err != nil {
		return false, err
	}
	head := r.survey.head
	switch {
	case r.survey.size == 0:
		return false, reasonf("tệp trống", "the file is empty")
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return false, reasonf("tệp .xls kiểu cũ hoặc có mật khẩu; hãy lưu lại dạng .xlsx không mật khẩu", "an old .xls file or one with a password; save it as .xlsx without password")
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")):
		return false, reasonf("tệp là trang web hoặc XML, không phải bảng tính; hãy lưu lại dạng .xlsx hoặc CSV", "the file is a web page or XML, not a spreadsheet; save it as .xlsx or CSV")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return true, nil
	}
	_, err = r.file.Seek(0, io.SeekStart)
	return false, err
}

func (r *Reader) openBook(options Options) (err error) {
	if r.book, err = openWorkbook(r.path, r.survey.size); err != nil {
		return err
	}
	sheets := r.book.sheets()
	if options.Sheet != "" {
		sheets = []string{options.Sheet}
	}
	err = reasonf("không có trang nào", "there is no sheet")
	for _, sheet := range sheets {
		r.sheet = sheet
		source, openErr := r.book.open(sheet)
		if openErr != nil {
			return openErr
		}
		if err = r.findHeader(source, options); err == nil {
			return nil
		}
		err = errors.Join(r.fileError(err), source.close())
		if !errors.Is(err, errNoHeader) { // this is the list, and it has a fault
			return err
		}
	}
	return err
}

var errNoHeader = errors.New("no headings")

// findHeader reads up to the heading row: the first with two known headings,
// or with one if no other has more.
func (r *Reader) findHeader(source source, options Options) error {
	for range headingRows {
		number, cells, err := source.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		names := make([]string, len(cells))
		for i, cell := range cells {
			if !isText(cell) {
				return &FileError{Row: number, Reason: reasonOf(checkCell("\xff"))}
			}
			names[i], _ = readCell(cell)
		}
		h, known := readHeader(names, options.IgnoreUnknown)
		if known < 2 && (known == 0 || h.sku < 0) {
			continue
		}
		if len(h.errs) > 0 {
			var vi, en []string
			for _, err := range h.errs {
				text := reasonOf(err)
				vi, en = append(vi, text.VI), append(en, text.EN)
			}
			return &FileError{Row: number, Reason: reasonOf(reasonf("%s. Các cột đã biết: %s. Cột không cần nhập: thêm # trước tiêu đề", "%s. Known columns: %s. Put # before the heading of a column to skip it",
				reason{VI: strings.Join(vi, "; "), EN: strings.Join(en, "; ")}, knownHeadings()))}
		}
		r.source, r.header = source, h
		return nil
	}
	return &FileError{Err: errNoHeader, Reason: reasonOf(reasonf("không thấy dòng tiêu đề trong %d dòng đầu. Các cột đã biết: %s", "no headings in the first %d rows. Known columns: %s", headingRows, knownHeadings()))}
}

func isText(cell string) bool { return checkCell(cell) == nil }

// fileError names the file and sheet in an error.
func (r *Reader) fileError(err error) error {
	if file, ok := errors.AsType[*FileError](err); ok {
		file.File, file.Sheet = r.name(), r.sheet
		return err
	}
	if _, ok := errors.AsType[reason](err); ok {
		return &FileError{File: r.name(), Sheet: r.sheet, Reason: reasonOf(err)}
	}
	return fmt.Errorf("read spreadsheet: %w", err)
}

func (r *Reader) name() string { return filepath.Base(r.path) }
func (r *Reader) dir() string  { return filepath.Dir(r.path) }

// Close releases the file.
func (r *Reader) Close() error {
	var errs []error
	if r.source != nil {
		errs = append(errs, r.source.close())
	}
	if r.book != nil {
		errs = append(errs, r.book.close())
	}
	return errors.Join(append(errs, r.file.Close())...)
}

// block is the rows of one product, as written.
type block struct {
	code string // "" = the SKU is the code
	rows []row
}

// row holds a row's cells in the order of the header's bindings.
type row struct {
	number int
	cells  []string
	faults []fault
}

// fault is a refused cell; binding -1 is the row as a whole.
type fault struct {
	binding int
	place   int // of a cell without binding
	value   string
	err     error
}

func (r row) sku(h header) catalog.SKU { return catalog.SKU(r.cells[h.sku]) }

// blocks gives the products of the file in order. It ends after an error,
// which is about the file or reading it.
func (r *Reader) blocks() iter.Seq2[*block, error] {
	return func(yield func(*block, error) bool) {
		var current *block
		for {
			next, err := r.row()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				yield(nil, r.fileError(err))
				return
			}
			code := ""
			if r.header.code >= 0 {
				code = next.cells[r.header.code]
			}
			if current != nil && code != "" && code == current.code {
				current.add(next)
				continue
			}
			if current != nil && !yield(current, nil) {
				return
			}
			current = &block{code: code, rows: []row{next}}
		}
		if current != nil {
			yield(current, nil)
		}
	}
}

// add keeps at most one row beyond the limit, with the fault that says so.
func (b *block) add(next row) {
	switch n := len(b.rows); {
	case n < maxProductRows:
	case n == maxProductRows:
		next.faults = append(next.faults, fault{binding: -1, err: reasonf("sản phẩm có hơn %d dòng", "the product has more than %d rows", maxProductRows)})
	default:
		return
	}
	b.rows = append(b.rows, next)
}

// row reads the next row that is not blank.
func (r *Reader) row() (row, error) {
	for {
		number, cells, err := r.source.next()
		if err != nil {
			return row{}, err
		}
		if !slices.ContainsFunc(cells, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			continue
		}
		return r.readRow(number, cells), nil
	}
}

func (r *Reader) readRow(number int, cells []string) row {
	out := row{number: number, cells: make([]string, len(r.header.bindings))}
	for i := range r.header.bindings {
		b := &r.header.bindings[i]
		for _, place := range b.places {
			if place >= len(cells) || cells[place] == "" {
				continue
			}
			value, err := r.readValue(b, cells[place])
			if err != nil {
				out.faults = append(out.faults, fault{i, place, clip(cells[place]), err})
			} else if out.cells[i] != "" && value != "" {
				out.cells[i] += "\n" + value
			} else {
				out.cells[i] += value
			}
		}
	}
	for place, text := range cells {
		if r.header.nameless(place) && strings.TrimSpace(text) != "" {
			out.faults = append(out.faults, fault{-1, place, clip(text), reasonf("cột %s có giá trị nhưng không có tiêu đề", "column %s has a value but no heading", letter(place))})
		}
	}
	return out
}

func (r *Reader) readValue(b *binding, text string) (string, error) {
	if err := checkCell(text); err != nil {
		return "", err
	}
	value, exact := readCell(text)
	if b.column.code && !exact {
		if isScientific(value) {
			return "", errScientific
		}
		if strings.HasPrefix(value, "=") {
			return "", reasonf("đây là công thức, hãy ghi giá trị", "this is a formula, write its value")
		}
	}
	return value, nil
}
