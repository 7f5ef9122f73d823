package sheet

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
)

// Rows yields the rows of an .xlsx or .csv file as they are, cells without
// blanks around them, for files that are no list of products: price bulletins
// for example. sheet names the sheet of an .xlsx file, "" is the first. The
// slice is valid until the next row. An error ends the rows; one that is about
// the contents is a [*FileError].
func Rows(path, sheet string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		file, err := os.Open(path)
		if err != nil {
			yield(nil, fmt.Errorf("open spreadsheet: %w", err))
			return
		}
		r := &Reader{path: path, file: file, sheet: sheet}
		defer r.Close()
		if err := r.rows(yield); err != nil {
			yield(nil, r.fileError(err))
		}
	}
}

func (r *Reader) rows(yield func([]string, error) bool) error {
	book, err := r.look()
	if err != nil {
		return err
	}
	if book {
		if r.book, err = openWorkbook(r.path, r.survey.size); err != nil {
			return err
		}
		if r.sheet == "" {
			if names := r.book.sheets(); len(names) > 0 {
				r.sheet = names[0]
			}
		}
		if r.source, err = opened(r.book.open(r.sheet)); err != nil {
			return err
		}
	} else if r.source, err = opened(newCSV(r.file, r.survey)); err != nil {
		return err
	}
	for {
		number, cells, err := r.source.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		cells = slices.Clone(cells)
		for i, cell := range cells {
			if err := checkCell(cell); err != nil {
				return &FileError{Row: number, Reason: reasonOf(err)}
			}
			cells[i], _ = readCell(cell)
		}
		if !yield(cells, nil) {
			return nil
		}
	}
}

// opened keeps a nil source of a failed opening from being closed.
func opened[S source](s S, err error) (source, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
