package sheet_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/sheet"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
)

// Each refused cell is named by row, column and reason.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const head = "Mã sản phẩm,Mã SKU,Tên sản phẩm,Giá niêm yết,Giá khuyến mãi,Tồn kho,Mã vạch,Khối lượng (g),Danh mục,Sao OCOP,Hình ảnh,Ngừng bán,Tùy chọn 1,Giá trị 1,Lô hàng\n"
	tests := []struct {
		name, rows string
		row        int
		column     string
		letter     string
		reason     string // part of the English one
	}{
		{"no SKU", ",,Chè,5\n", 2, "Mã SKU", "B", "SKU is missing"},
		{"bad SKU", ",CHÈ 1,Chè,5\n", 2, "Mã SKU", "B", "cannot be used"},
		{"no name", ",A,,5\n", 2, "Tên sản phẩm", "C", "no name"},
		{"no price", ",A,Chè,\n", 2, "Giá niêm yết", "D", "must not be empty"},
		{"zero price", ",A,Chè,0\n", 2, "Giá niêm yết", "D", "above zero"},
		{"negative price", ",A,Chè,-5000\n", 2, "Giá niêm yết", "D", "negative"},
		{"NaN price", ",A,Chè,NaN\n", 2, "Giá niêm yết", "D", "not a number"},
		{"formula price", ",A,Chè,=5*1000\n", 2, "Giá niêm yết", "D", "formula"},
		{"sale above list", ",A,Chè,5000,6000\n", 2, "Giá khuyến mãi", "E", "above the list price"},
		{"half a piece", ",A,Chè,5,,\"1,5\"\n", 2, "Tồn kho", "F", "decimals"},
		{"negative stock", ",A,Chè,5,,-1\n", 2, "Tồn kho", "F", "negative"},
		{"shortened GTIN", ",A,Chè,5,,,\"8,93602E+12\"\n", 2, "Mã vạch", "G", "format the column as Text"},
		{"wrong GTIN", ",A,Chè,5,,,8938505974195\n", 2, "Mã vạch", "G", "check digit"},
		{"formula SKU", ",=A1,Chè,5\n", 2, "Mã SKU", "B", "formula"},
		{"weight unit", ",A,Chè,5,,,,2 lạng\n", 2, "Khối lượng (g)", "H", "unknown unit"},
		{"category", ",A,Chè,5,,,,,Mật onq\n", 2, "Danh mục", "I", "did you mean"},
		{"two stars", ",A,Chè,5,,,,,,2\n", 2, "Sao OCOP", "J", "3, 4 or 5"},
		{"missing picture", ",A,Chè,5,,,,,,,khong.png\n", 2, "Hình ảnh", "K", "no picture file"},
		{"picture outside", ",A,Chè,5,,,,,,,../gia.csv\n", 2, "Hình ảnh", "K", "cannot be read"},
		{"no picture", ",A,Chè,5,,,,,,,gia.csv\n", 2, "Hình ảnh", "K", "not a PNG"},
		{"strange address", ",A,Chè,5,,,,,,,ftp://example.org/a.png\n", 2, "Hình ảnh", "K", "https://"},
		{"neither yes nor no", ",A,Chè,5,,,,,,,,có lẽ\n", 2, "Ngừng bán", "L", "\"yes\""},
		{"value without option", ",A,Chè,5,,,,,,,,,,đỏ\n", 2, "Giá trị 1", "N", "1 values, the product 0 options"},
		{"lot without date", ",A,Chè,5,,,,,,,,,,,L1 | A | hôm qua\n", 2, "Lô hàng", "O", "not a date"},
		{"value without heading", ",A,Chè,5,,,,,,,,,,,,lạc\n", 2, "", "", "no heading"},
		{"duplicate SKU", ",A,Chè,5\n,B,Chè,5\n,A,Chè,5\n", 4, "Mã SKU", "B", "row 2"},
		{"product comes back", "P,A,Chè,5\nQ,B,Trà,5\nP,C,Chè,5\n", 4, "Mã sản phẩm", "A", "row 2"},
		{"two names of a product", "P,A,Chè,5,,,,,,,,,Cỡ,1\nP,B,Trà,5,,,,,,,,,,2\n", 3, "Tên sản phẩm", "C", "differs from row 2"},
		{"row after a cell of two lines", ",A,Chè,5,,,,,,,\"https://example.org/a\nhttps://example.org/b\"\n\n,B,Chè,-1\n", 4, "Giá niêm yết", "D", "negative"},
		{"damaged text", ",A,Ch\xe8,5\n,B,Chè tốt,5\n", 2, "Tên sản phẩm", "C", "mixes encodings"},
		{"10 MB name", ",A," + strings.Repeat("x", 10<<20) + ",5\n", 2, "Tên sản phẩm", "C", "too long"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := openStore(t)
			out := importFile(t, store, write(t, "gia.csv", head+test.rows+",OK,Gạo nếp,9000\n"), sheet.ImportOptions{Keep: keepNothing})
			if !errors.Is(out.err, sheet.ErrRefused) || len(out.refusals) == 0 || len(products(t, store)) > 0 {
				t.Fatalf("%v, %v, %d products stored; want it refused and nothing stored", out.err, out.refusals, len(products(t, store)))
			}
			got := out.refusals[0]
			if got.Row != test.row || got.Column != test.column || got.Letter != test.letter || !strings.Contains(got.Reason.EN, test.reason) {
				t.Errorf("got %+v, want row %d, column %s %q, %q", got, test.row, test.letter, test.column, test.reason)
			}
			if got.Reason.VI == got.Reason.EN || len(got.Value) > 100 {
				t.Errorf("%+v: want a reason in Vietnamese and a short value", got)
			}
			accepted := importFile(t, store, write(t, "gia.csv", head+test.rows+",OK,Gạo nếp,9000\n"), sheet.ImportOptions{AcceptValid: true, Keep: keepNothing})
			if accepted.err != nil || accepted.report.Written == 0 || accepted.report.Refused != out.report.Refused {
				t.Errorf("accepting what is valid: %+v, %v", accepted.report, accepted.err)
			}
		})
	}
}

func TestForeignSKU(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	mustImport(t, store, write(t, "gia.csv", vietnamese), sheet.ImportOptions{})
	out := importFile(t, store, write(t, "b.csv", "product code,sku,name,price\nKHAC,MO-500,Khác,5000\n"), sheet.ImportOptions{})
	if len(out.refusals) != 1 || !strings.Contains(out.refusals[0].Reason.EN, `belongs to product "MO"`) {
		t.Errorf("refusals %v, %v", out.refusals, out.err)
	}
}

// Files that are no list of products at all say why.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, data, reason string }{
		{"empty", "", "empty"},
		{"web page", "<!DOCTYPE html><html>", "web page"},
		{"old xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and more", ".xls"},
		{"broken zip", "PK\x03\x04 and no more", "damaged"},
		{"zip of something else", zipped(t, "a.txt", "x"), ""},
		{"binary", "a,b\n\x00\x01", "UTF-8"},
		{"no headings", "1,2,3\n4,5,6\n", "no headings"},
		{"unknown heading", "sku,name,prise\nA,Chè,5\n", `unknown column C "prise"; did you mean`},
		{"unknown unit in a heading", "sku,name,list price (nghìn đồng)\nA,Chè,5\n", "unknown column C"},
		{"heading twice", "sku,name,tên\nA,Chè,Chè\n", "mean the same"},
		{"no SKU column", "name,price\nChè,5\n", `"SKU" is missing`},
		{"open quote", "sku,name\nA,\"Chè\nB,Trà\n", "quote"},
		{"bare quote", "sku,name\nA,5\" đĩa\n", "quote"},
		{"endless row", "sku,name\nA,\"" + strings.Repeat("x", 18<<20), "longer than 16 MB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := openStore(t)
			out := importFile(t, store, write(t, "gia.csv", test.data), sheet.ImportOptions{AcceptValid: true})
			file, ok := errors.AsType[*sheet.FileError](out.err)
			if !ok || !strings.Contains(file.Error(), test.reason) || !strings.HasPrefix(file.Error(), "gia.csv") {
				t.Fatalf("got %v, want a file error that says %q", out.err, test.reason)
			}
			if len(file.Error()) > 4000 || len(products(t, store)) > 0 {
				t.Errorf("an error of %d bytes, %d products", len(file.Error()), len(products(t, store)))
			}
		})
	}
	if _, err := sheet.Open(filepath.Join(t.TempDir(), "x.csv"), sheet.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func TestIgnoreUnknown(t *testing.T) {
	t.Parallel()
	path := write(t, "gia.csv", "sku,name,prise,price,\nA,Chè,1,5000,thừa,ngoài\n")
	open := func() (*sheet.Reader, error) { return sheet.Open(path, sheet.Options{IgnoreUnknown: true}) }
	store := openStore(t)
	if _, err := sheet.Import(t.Context(), store, open, sheet.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := products(t, store); len(got) != 1 || got[0].Variants[0].ListPrice != catalog.VND(5000) {
		t.Errorf("stored %+v", got)
	}
}

// An .xlsx file may hold numbers, formulas with their last value, other sheets
// first, and dates as serial numbers.
func TestImportXLSX(t *testing.T) {
	t.Parallel()
	file := excelize.NewFile()
	fill := func(sheet string, rows [][]any) {
		t.Helper()
		for i, row := range rows {
			name, err := excelize.CoordinatesToCellName(1, i+1)
			if err == nil {
				err = file.SetSheetRow(sheet, name, &row)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := file.NewSheet("Hàng"); err != nil {
		t.Fatal(err)
	}
	fill("Sheet1", [][]any{{"Hướng dẫn"}, {"Điền vào trang sau"}})
	fill("Hàng", [][]any{
		{"SKU", "Tên", "Giá", "Mã vạch", "Khối lượng (kg)", "Chứng nhận", "Ngừng bán"},
		{123, "Chè", 185000, 8938505974194, 0.5, "ATTP | 12/2026 | 31/12/2027", true},
		{"B", "Trà", "185.000", "8938505974194", "1,5", "", nil},
		{"C", "Nấm", 97750, "", 2, nil, nil},
		{"D", "Măng", 1.234, nil, nil, nil, nil},
		{"E", "Mơ", "#REF!", nil, nil, nil, nil},
	})
	path := filepath.Join(t.TempDir(), "gia.xlsx")
	if err := errors.Join(file.SaveAs(path), file.Close()); err != nil {
		t.Fatal(err)
	}
	store := openStore(t)
	out := importFile(t, store, path, sheet.ImportOptions{AcceptValid: true})
	if out.err != nil {
		t.Fatal(out.err)
	}
	var refused []string
	for _, r := range out.refusals {
		refused = append(refused, r.Sheet+" "+r.Letter+" "+r.Value)
	}
	if diff := cmp.Diff(refused, []string{"Hàng C 1.234", "Hàng C #REF!"}); diff != "" {
		t.Error("refused: got - want +", diff)
	}
	want := []catalog.Variant{
		{SKU: "123", ListPrice: catalog.VND(185000), GTIN: "8938505974194", Weight: 500},
		{SKU: "B", ListPrice: catalog.VND(185000), GTIN: "8938505974194", Weight: 1500},
		{SKU: "C", ListPrice: catalog.VND(97750), Weight: 2000},
	}
	var got []catalog.Variant
	for _, p := range products(t, store) {
		got = append(got, p.Variants...)
	}
	if diff := cmp.Diff(got, want, cmpopts.EquateEmpty()); diff != "" {
		t.Error("got - want +", diff)
	}
	if p := products(t, store)[0]; !p.Archived || p.Certificates[0].ExpiresOn.Format("2006-01-02") != "2027-12-31" {
		t.Errorf("stored %+v", p)
	}
}

// Pictures are read from the sheet's folder, kept once, and known by their
// digest; a second import with the same bytes changes nothing.
func TestPictures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "gia.csv")
	err := errors.Join(
		os.Mkdir(filepath.Join(dir, "ảnh"), 0o700),
		os.WriteFile(filepath.Join(dir, "ảnh", "a.png"), b.Bytes(), 0o600),
		os.WriteFile(path, []byte("sku,name,price,Ảnh 1,Link ảnh 2\nA,Chè,5000,ảnh\\a.png,https://example.org/b.jpg\nB,Trà,5000,ảnh/a.png,\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	keep := func(_ context.Context, data []byte, mediaType string) (string, error) {
		kept++
		sum := sha256.Sum256(data)
		return hex.EncodeToString(sum[:]), nil
	}
	store := openStore(t)
	mustImport(t, store, path, sheet.ImportOptions{DryRun: true, Keep: keep})
	if kept > 0 {
		t.Errorf("the dry run kept %d pictures", kept)
	}
	mustImport(t, store, path, sheet.ImportOptions{Keep: keep})
	sum := sha256.Sum256(b.Bytes())
	want := []catalog.Image{{Source: `ảnh\a.png`, SHA256: hex.EncodeToString(sum[:]), Type: "image/png"}, {Source: "https://example.org/b.jpg"}}
	if diff := cmp.Diff(products(t, store)[0].Images, want); diff != "" || kept != 1 {
		t.Errorf("kept %d times; got - want + %s", kept, diff)
	}
	if out := mustImport(t, store, path, sheet.ImportOptions{Keep: keep}); out.report.Unchanged != 2 || kept != 1 {
		t.Errorf("again: %+v, kept %d times", out.report, kept)
	}
}

func zipped(t *testing.T, name, data string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write([]byte(data))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
