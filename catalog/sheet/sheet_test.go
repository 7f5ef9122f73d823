package sheet_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/sheet"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
)

func openStore(t testing.TB) catalog.Store {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// write puts a file into a folder of its own.
func write(t testing.TB, name string, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// outcome is all that an import tells.
type outcome struct {
	report   sheet.Report
	changes  []sheet.Change
	refusals []sheet.Refusal
	err      error
}

func importFile(t testing.TB, store catalog.Store, path string, options sheet.ImportOptions) outcome {
	t.Helper()
	var out outcome
	options.OnChange = func(c sheet.Change) { out.changes = append(out.changes, c) }
	options.OnRefusal = func(r sheet.Refusal) { out.refusals = append(out.refusals, r) }
	open := func() (*sheet.Reader, error) { return sheet.Open(path, sheet.Options{}) }
	out.report, out.err = sheet.Import(t.Context(), store, open, options)
	return out
}

// mustImport imports a file that has no fault.
func mustImport(t testing.TB, store catalog.Store, path string, options sheet.ImportOptions) outcome {
	t.Helper()
	out := importFile(t, store, path, options)
	if out.err != nil {
		t.Fatalf("%v; refused: %v", out.err, out.refusals)
	}
	return out
}

func products(t testing.TB, store catalog.Store) []catalog.Product {
	t.Helper()
	var all []catalog.Product
	query := catalog.ProductQuery{Limit: 500}
	for {
		page, err := store.Products(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < query.Limit {
			return all
		}
		query.After = page[len(page)-1].ID
	}
}

func onHand(t testing.TB, store catalog.Store, sku catalog.SKU) int64 {
	t.Helper()
	levels, err := store.Levels(t.Context(), []catalog.SKU{sku})
	if err != nil {
		t.Fatal(err)
	}
	return levels[0].OnHand
}

// bookkeeping is what the store and the import add to a product.
var bookkeeping = cmp.Options{
	cmpopts.IgnoreFields(catalog.Product{}, "Revision", "CreatedAt", "UpdatedAt"),
	cmpopts.EquateEmpty(),
}

const vietnamese = "Bảng giá hợp tác xã,,,,,,,,,,,,,\n" +
	"Giá niêm yết (VND),Mã SKU,Mã sản phẩm,Tên sản phẩm,English name,Danh mục,Tùy chọn 1,Giá trị 1,Giá bán,Tồn kho,Khối lượng (g),Dài (cm),Thuộc tính,# ghi chú\n" +
	"185.000,MO-500,MO,Mật ong bạc hà,Mint honey,Mật ong,Dung tích,500 ml,170.000 ₫,12,\"1,5 kg\",\"12,5\",Mùa vụ = Thu đông | Late autumn; Độ ẩm = 18 %,hàng mới\n" +
	"350000,MO-1L,MO,,,,,1 lít,,0,,,,\n" +
	",,,,,,,,,,,,,\n" +
	"\"60,000\",MD-500,,Miến dong,,vermicelli,,,,,500,,,\n"

func TestImportCSV(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	out := mustImport(t, store, write(t, "gia.csv", vietnamese), sheet.ImportOptions{})

	sale := catalog.VND(170000)
	want := []catalog.Product{
		{
			ID: "MD-500", Name: catalog.Text{VI: "Miến dong"}, Category: "vermicelli",
			Variants: []catalog.Variant{{SKU: "MD-500", ListPrice: catalog.VND(60000), Weight: 500}},
		},
		{
			ID: "MO", Name: catalog.Text{VI: "Mật ong bạc hà", EN: "Mint honey"}, Category: "honey", Options: []string{"Dung tích"},
			Variants: []catalog.Variant{
				{SKU: "MO-500", Options: []string{"500 ml"}, ListPrice: catalog.VND(185000), SalePrice: &sale, Weight: 1500, Dimensions: catalog.Dimensions{Length: 125}},
				{SKU: "MO-1L", Options: []string{"1 lít"}, ListPrice: catalog.VND(350000)},
			},
			Attributes: []catalog.Attribute{{Name: "Mùa vụ", Value: catalog.Text{VI: "Thu đông", EN: "Late autumn"}}, {Name: "Độ ẩm", Value: catalog.Text{VI: "18 %"}}},
		},
	}
	if diff := cmp.Diff(products(t, store), want, bookkeeping); diff != "" {
		t.Error("got - want +", diff)
	}
	if got := onHand(t, store, "MO-500"); got != 12 {
		t.Errorf("%d on hand, want 12", got)
	}
	report := sheet.Report{Rows: 3, New: 2, Counted: 2, Written: 2, Booked: 2}
	if diff := cmp.Diff(out.report, report, cmpopts.IgnoreFields(sheet.Report{}, "Digest")); diff != "" {
		t.Error("report: got - want +", diff)
	}
}

// The same file in every encoding and separator that spreadsheet programs
// write, and as .xlsx, gives the same products.
func TestImportEncodings(t *testing.T) {
	t.Parallel()
	want := openStore(t)
	mustImport(t, want, write(t, "a.csv", vietnamese), sheet.ImportOptions{})
	files := map[string]string{
		"bom":          "\xEF\xBB\xBF" + vietnamese,
		"crlf":         strings.ReplaceAll(vietnamese, "\n", "\r\n"),
		"decomposed":   decomposed(vietnamese),
		"utf16le":      utf16(vietnamese, false),
		"utf16be":      utf16(vietnamese, true),
		"windows-1258": windows1258(t, strings.ReplaceAll(vietnamese, "₫", "VND")),
		"semicolon":    separated(t, vietnamese, ';'),
		"tab":          separated(t, vietnamese, '\t'),
	}
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := openStore(t)
			mustImport(t, store, write(t, "b.csv", data), sheet.ImportOptions{})
			if diff := cmp.Diff(products(t, store), products(t, want), bookkeeping); diff != "" {
				t.Error("got - want +", diff)
			}
		})
	}
	t.Run("xlsx", func(t *testing.T) {
		t.Parallel()
		store := openStore(t)
		mustImport(t, store, workbook(t, vietnamese), sheet.ImportOptions{})
		if diff := cmp.Diff(products(t, store), products(t, want), bookkeeping); diff != "" {
			t.Error("got - want +", diff)
		}
	})
}

// Second import of a file: nothing changes, also when stock moved since.
func TestSameFileTwice(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	path := write(t, "gia.csv", vietnamese)
	mustImport(t, store, path, sheet.ImportOptions{})
	move(t, store, "sold", "MO-500", -5)
	move(t, store, "found", "MO-1L", 3) // was counted as 0, a delta of 0

	out := mustImport(t, store, path, sheet.ImportOptions{})
	if len(out.changes) > 0 || out.report.Unchanged != 2 || out.report.Written+out.report.Booked+out.report.Counted > 0 {
		t.Errorf("second import: %+v, %v", out.report, out.changes)
	}
	if a, b := onHand(t, store, "MO-500"), onHand(t, store, "MO-1L"); a != 7 || b != 3 {
		t.Errorf("%d and %d on hand, want 7 and 3", a, b)
	}
	for _, p := range products(t, store) {
		if p.Revision != 1 {
			t.Errorf("%s has revision %d, want 1", p.ID, p.Revision)
		}
	}
}

func move(t testing.TB, store catalog.Store, key string, sku catalog.SKU, delta int64) {
	t.Helper()
	errs, err := store.AddMovements(t.Context(), []catalog.Movement{{Key: key, SKU: sku, Kind: catalog.MoveAdjust, OnHand: delta, At: time.Now().UTC().Truncate(time.Millisecond)}})
	if err = errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
}

// A new file names few columns: what it does not name stays, an empty cell
// clears, and the plan says so field by field. A dry run writes nothing.
func TestChanges(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	mustImport(t, store, write(t, "gia.csv", vietnamese), sheet.ImportOptions{})
	path := write(t, "moi.csv", "sku;list price;sale price;stock;attributes;name\n"+
		"MO-500;190000;;10;;Mật ong bạc hà\n"+
		"MO-1L;350000;340000;;;Mật ong bạc hà\n"+
		"MD-500;60000;;;;Miến dong\n")
	want := []sheet.Change{
		{Kind: sheet.ChangeField, Row: 2, ProductID: "MO", Field: catalog.Text{VI: "Thuộc tính", EN: "Attributes"}, Before: "Mùa vụ = Thu đông | Late autumn Độ ẩm = 18 %"},
		{Kind: sheet.ChangeField, Row: 2, ProductID: "MO", SKU: "MO-500", Field: catalog.Text{VI: "Giá niêm yết", EN: "List price"}, Before: "185000", After: "190000"},
		{Kind: sheet.ChangeField, Row: 2, ProductID: "MO", SKU: "MO-500", Field: catalog.Text{VI: "Giá khuyến mãi", EN: "Sale price"}, Before: "170000"},
		{Kind: sheet.ChangeStock, Row: 2, ProductID: "MO", SKU: "MO-500", Field: catalog.Text{VI: "Tồn kho", EN: "Stock"}, Before: "12", After: "10"},
		{Kind: sheet.ChangeField, Row: 3, ProductID: "MO", SKU: "MO-1L", Field: catalog.Text{VI: "Giá khuyến mãi", EN: "Sale price"}, After: "340000"},
	}
	dry := mustImport(t, store, path, sheet.ImportOptions{DryRun: true})
	if diff := cmp.Diff(dry.changes, want); diff != "" {
		t.Error("plan: got - want +", diff)
	}
	if dry.report.Written+dry.report.Booked > 0 || onHand(t, store, "MO-500") != 12 {
		t.Error("the dry run wrote")
	}
	mustImport(t, store, path, sheet.ImportOptions{})
	got := products(t, store)[1]
	v := got.Variants
	if v[0].ListPrice != catalog.VND(190000) || v[0].SalePrice != nil || v[1].SalePrice == nil || v[0].Weight != 1500 || got.Attributes != nil || got.Name.EN != "Mint honey" {
		t.Errorf("stored %+v", got)
	}
	if n := onHand(t, store, "MO-500"); n != 10 {
		t.Errorf("%d on hand, want 10", n)
	}
}

// A variant that the file does not have stays, or is archived when asked.
func TestMissingVariant(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	mustImport(t, store, write(t, "gia.csv", vietnamese), sheet.ImportOptions{})
	path := write(t, "mot.csv", "product code,sku,list price\nMO,MO-500,185000\n")
	out := mustImport(t, store, path, sheet.ImportOptions{})
	if len(out.changes) != 1 || out.changes[0].Kind != sheet.ChangeNote || out.changes[0].SKU != "MO-1L" {
		t.Errorf("changes %+v, want a note on MO-1L", out.changes)
	}
	mustImport(t, store, path, sheet.ImportOptions{ReplaceVariants: true})
	if v := products(t, store)[1].Variants; len(v) != 2 || v[0].Archived || !v[1].Archived {
		t.Errorf("variants %+v, want the second archived", v)
	}
}

// An exported sheet that comes back later does not undo sales in between: its
// stock is a count only where somebody changed it.
func TestExportedStockIsNoCount(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	mustImport(t, store, write(t, "gia.csv", vietnamese), sheet.ImportOptions{})
	var b bytes.Buffer
	if err := sheet.Export(t.Context(), store, &b, sheet.CSV, sheet.ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	move(t, store, "sold", "MO-500", -5)
	out := mustImport(t, store, write(t, "xuat.csv", strings.Replace(b.String(), "Miến dong", "Miến dong Na Rì", 1)), sheet.ImportOptions{})
	if n := onHand(t, store, "MO-500"); n != 7 || out.report.Changed != 1 || out.report.Booked != 0 {
		t.Errorf("%d on hand, want 7; %+v", n, out.report)
	}
}

// An import that dies between two writes is completed by doing it again.
func TestImportAfterCrash(t *testing.T) {
	t.Parallel()
	path := write(t, "gia.csv", strings.Replace(vietnamese, "# ghi chú", "Tên nhóm", 1))
	whole := openStore(t)
	mustImport(t, whole, path, sheet.ImportOptions{})
	for crash := range 4 {
		store := openStore(t)
		broken := &crashing{Store: store, left: crash}
		out := importFile(t, broken, path, sheet.ImportOptions{})
		if !errors.Is(out.err, errCrash) && crash < 3 {
			t.Fatalf("crash %d: %v", crash, out.err)
		}
		mustImport(t, store, path, sheet.ImportOptions{})
		if diff := cmp.Diff(products(t, store), products(t, whole), bookkeeping); diff != "" {
			t.Errorf("crash %d: got - want + %s", crash, diff)
		}
		if n := onHand(t, store, "MO-500"); n != 12 {
			t.Errorf("crash %d: %d on hand, want 12", crash, n)
		}
	}
}

var errCrash = errors.New("killed")

// crashing is a store that carries out some writes and dies with the next.
type crashing struct {
	catalog.Store
	left int
}

func (c *crashing) dies() bool { c.left--; return c.left < 0 }

func (c *crashing) PutProducts(ctx context.Context, products []catalog.Product) ([]error, error) {
	if c.dies() {
		return nil, errCrash
	}
	return c.Store.PutProducts(ctx, products)
}

func (c *crashing) AddMovements(ctx context.Context, movements []catalog.Movement) ([]error, error) {
	if c.dies() {
		_, err := c.Store.AddMovements(ctx, movements[:1])
		return nil, errors.Join(errCrash, err)
	}
	return c.Store.AddMovements(ctx, movements)
}

func (c *crashing) PutRecord(ctx context.Context, record catalog.Record) error {
	if c.dies() {
		return errCrash
	}
	return c.Store.PutRecord(ctx, record)
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var last, total int64
	mustImport(t, openStore(t), write(t, "gia.csv", vietnamese), sheet.ImportOptions{Progress: func(done, all int64) {
		if done < last || done > all {
			t.Errorf("progress went from %d to %d of %d", last, done, all)
		}
		last, total = done, all
	}})
	if want := int64(2 * len(vietnamese)); last != want || total != want {
		t.Errorf("progress ended at %d of %d, want %d", last, total, want)
	}
}

// workbook makes an .xlsx file with the text cells of a CSV text.
func workbook(t testing.TB, text string) string {
	t.Helper()
	file := excelize.NewFile()
	for i, record := range records(t, text) {
		for j, cell := range record {
			name, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err == nil && cell != "" {
				err = file.SetCellStr("Sheet1", name, cell)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "gia.xlsx")
	if err := errors.Join(file.SaveAs(path), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}
