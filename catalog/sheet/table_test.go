package sheet_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/chophien/chophien/catalog/sheet"
)

var tableColumns = []sheet.Column{{Heading: "Tên"}, {Heading: "Mã", Code: true}, {Heading: "Giá", Number: true}}

func rowsOf(rows ...[]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func TestTablesHoldNumbersAndNoFormulas(t *testing.T) {
	t.Parallel()
	rows := rowsOf(
		[]string{"Mật ong mẫu", "0012", "185000"},
		[]string{"=HYPERLINK(\"http://x\")", "+1", "=1+1"},
		[]string{"@cmd", "-2", "-5.25"},
		[]string{"", "", "8.334576123456789012"},
	)
	want := [][]string{
		{"Tên", "Mã", "Giá"}, {"Mật ong mẫu", "'0012", "185000"}, {"'=HYPERLINK(\"http://x\")", "'+1", "'=1+1"},
		{"'@cmd", "'-2", "-5.25"}, {"", "", "8.334576123456789012"},
	}
	var b bytes.Buffer
	if err := sheet.WriteTable(&b, sheet.CSV, "Giá", tableColumns, rows); err != nil {
		t.Fatal(err)
	}
	text, found := strings.CutPrefix(b.String(), "\ufeff")
	got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if diff := cmp.Diff(want, got); diff != "" || err != nil || !found {
		t.Errorf("csv, %v (-want +got):\n%s", err, diff)
	}

	b.Reset()
	if err := sheet.WriteTable(&b, sheet.XLSX, "Giá", tableColumns, rows); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for cell, want := range map[string]struct {
		value string
		typ   []excelize.CellType
	}{
		"A1": {"Tên", []excelize.CellType{excelize.CellTypeInlineString, excelize.CellTypeSharedString}},
		"A3": {"'=HYPERLINK(\"http://x\")", []excelize.CellType{excelize.CellTypeInlineString, excelize.CellTypeSharedString}},
		"B2": {"0012", []excelize.CellType{excelize.CellTypeInlineString, excelize.CellTypeSharedString}},
		"C2": {"185000", []excelize.CellType{excelize.CellTypeNumber, excelize.CellTypeUnset}},
		"C3": {"'=1+1", []excelize.CellType{excelize.CellTypeInlineString, excelize.CellTypeSharedString}},
		"C4": {"-5.25", []excelize.CellType{excelize.CellTypeNumber, excelize.CellTypeUnset}},
		"C5": {"8.334576123456789012", []excelize.CellType{excelize.CellTypeInlineString, excelize.CellTypeSharedString}},
	} {
		value, err := book.GetCellValue("Giá", cell)
		if err != nil || value != want.value {
			t.Errorf("%s is %q, %v, want %q", cell, value, err, want.value)
		}
		if formula, _ := book.GetCellFormula("Giá", cell); formula != "" {
			t.Errorf("%s is a formula %q", cell, formula)
		}
		if typ, _ := book.GetCellType("Giá", cell); !slices.Contains(want.typ, typ) {
			t.Errorf("%s has the type %v", cell, typ)
		}
	}
}

func TestTablesTellWhatBroke(t *testing.T) {
	t.Parallel()
	broken := errors.New("store is gone")
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		err := sheet.WriteTable(&bytes.Buffer{}, format, "Giá", tableColumns, func(yield func([]string, error) bool) { yield(nil, broken) })
		if !errors.Is(err, broken) {
			t.Errorf("%s: error is %v, want that of the rows", format, err)
		}
		if err := sheet.WriteTable(&bytes.Buffer{}, format, "Giá", tableColumns, rowsOf([]string{"a"})); err == nil || !strings.Contains(err.Error(), "row 2 has 1 texts for 3 columns") {
			t.Errorf("%s: error is %v", format, err)
		}
	}
	if err := sheet.WriteTable(&bytes.Buffer{}, "ods", "Giá", tableColumns, rowsOf()); !errors.Is(err, sheet.ErrFormat) {
		t.Errorf("error is %v, want that of the format", err)
	}
}
