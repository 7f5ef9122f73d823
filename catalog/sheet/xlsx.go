package sheet

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Bounds of an .xlsx file: it is a packed archive, and a small one can unpack
// to anything. Sheets beyond maxUnpackedPart are read from a temporary file.
const (
	maxPacked       = 64 << 20
	maxUnpacked     = 1 << 30
	maxUnpackedPart = 16 << 20
)

type workbook struct {
	file *excelize.File
	size int64
}

func openWorkbook(path string, size int64) (book *workbook, err error) {
	if size > maxPacked {
		return nil, reasonf("tệp lớn hơn %d MB; hãy chia nhỏ hoặc lưu dạng CSV", "the file is larger than %d MB; split it or save it as CSV", maxPacked>>20)
	}
	defer explainPanic(&err)
	file, err := excelize.OpenFile(path, excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpackedPart, RawCellValue: true})
	if err != nil {
		return nil, damaged(err)
	}
	return &workbook{file, size}, nil
}

func damaged(err error) error {
	return reasonf("tệp .xlsx bị hỏng hoặc không phải bảng tính: %v", "the .xlsx file is damaged or not a spreadsheet: %v", err)
}

// explainPanic makes an error of a panic within the spreadsheet library, whose
// parsers meet arbitrary files here.
func explainPanic(err *error) {
	if cause := recover(); cause != nil {
		*err = damaged(fmt.Errorf("%v", cause))
	}
}

// sheets are the names of the visible sheets, in order.
func (b *workbook) sheets() []string {
	var names []string
	for _, name := range b.file.GetSheetList() {
		if visible, err := b.file.GetSheetVisible(name); err == nil && visible {
			names = append(names, name)
		}
	}
	return names
}

func (b *workbook) open(sheet string) (source *xlsxSource, err error) {
	defer explainPanic(&err)
	rows, err := b.file.Rows(sheet)
	if err != nil {
		return nil, reasonf("không có trang %q", "there is no sheet %q", sheet)
	}
	total := 1
	if dimension, err := b.file.GetSheetDimension(sheet); err == nil {
		if _, last, found := strings.Cut(dimension, ":"); found {
			if _, row, err := excelize.CellNameToCoordinates(last); err == nil {
				total = row
			}
		}
	}
	return &xlsxSource{book: b, rows: rows, total: total}, nil
}

func (b *workbook) close() error { return b.file.Close() }

type xlsxSource struct {
	book          *workbook
	rows          *excelize.Rows
	number, total int
}

func (s *xlsxSource) next() (number int, cells []string, err error) {
	defer explainPanic(&err)
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return 0, nil, damaged(err)
		}
		return 0, nil, io.EOF
	}
	s.number++
	cells, err = s.rows.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return 0, nil, &FileError{Row: s.number, Reason: reasonOf(damaged(err)), Err: err}
	}
	return s.number, cells, nil
}

// consumed guesses from the number of rows, which the file tells.
func (s *xlsxSource) consumed() int64 {
	return min(s.book.size, s.book.size*int64(s.number)/int64(max(1, s.total)))
}

func (s *xlsxSource) close() error { return s.rows.Close() }
