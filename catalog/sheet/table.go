package sheet

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
)

// Column is a column of a table that is written.
type Column struct {
	Heading string
	// Number tells that its texts are plain decimal numbers, which are written
	// as such. Code tells that its texts are codes, whose digits are not.
	Number, Code bool
}

// WriteTable writes a table whose first line are the headings, in memory that
// does not grow with its rows. A row has one text per column. No text is run as
// a formula by a spreadsheet program. An error of rows ends it; what was written
// until then is no whole file.
func WriteTable(w io.Writer, format Format, name string, columns []Column, rows iter.Seq2[[]string, error]) error {
	f := form{sheet: name, headings: make([]string, len(columns)), codes: make([]bool, len(columns)), frozen: 1}
	for i, c := range columns {
		f.headings[i], f.codes[i] = c.Heading, c.Code
	}
	out, err := newRowWriter(w, format, f)
	if err != nil {
		return err
	}
	return errors.Join(writeRows(out, columns, rows), out.close())
}

// plainNumber is what is no formula for any spreadsheet program.
var plainNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

func writeRows(out rowWriter, columns []Column, rows iter.Seq2[[]string, error]) error {
	cells, n := make([]cell, len(columns)), 1
	for row, err := range rows {
		n++
		switch {
		case err != nil:
			return err
		case len(row) != len(columns):
			return fmt.Errorf("row %d has %d texts for %d columns", n, len(row), len(columns))
		}
		for i, text := range row {
			cells[i] = cell{text: text, number: columns[i].Number && plainNumber.MatchString(text)}
		}
		if err := out.row(cells); err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
	}
	return out.finish()
}
