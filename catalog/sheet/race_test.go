package sheet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/sheet"
)

// racing lets somebody else write just before the importer does, once.
type racing struct {
	catalog.Store
	t     *testing.T
	other catalog.Product
	done  bool
}

func (r *racing) PutProducts(ctx context.Context, list []catalog.Product) ([]error, error) {
	if !r.done {
		r.done = true
		if errs, err := r.Store.PutProducts(ctx, []catalog.Product{r.other}); err != nil || errs[0] != nil {
			r.t.Error(errs, err)
		}
	}
	return r.Store.PutProducts(ctx, list)
}

// A product that somebody else changes between reading and writing is
// compared again; the other's change to another field stays.
func TestImportRace(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	mustImport(t, store, write(t, "gia.csv", vietnamese), sheet.ImportOptions{})
	other := products(t, store)[0]
	other.Brand = "Người khác sửa"
	mustImport(t, &racing{Store: store, t: t, other: other}, write(t, "moi.csv", "sku,list price\nMD-500,65000\n"), sheet.ImportOptions{})
	got := products(t, store)[0]
	if got.Brand != "Người khác sửa" || got.Variants[0].ListPrice != catalog.VND(65000) {
		t.Errorf("stored %+v, want both changes", got)
	}
}

// A product that cannot be written any more, because somebody took its SKU
// meanwhile, is refused late, and the import does not end as if all was well.
func TestLateRefusal(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	other := catalog.Product{ID: "KHAC", Name: catalog.Text{VI: "Khác"}, Variants: []catalog.Variant{{SKU: "A", ListPrice: catalog.VND(1000)}}}
	out := importFile(t, &racing{Store: store, t: t, other: other}, write(t, "gia.csv", "product code,sku,name,price\nP,A,Chè,5000\nQ,B,Trà,6000\n"), sheet.ImportOptions{})
	if !errors.Is(out.err, catalog.ErrConflict) || len(out.refusals) != 1 || out.report.Written != 1 {
		t.Errorf("%v, refused %v, %+v", out.err, out.refusals, out.report)
	}
}

// A list of SKUs and prices may have the variants of one product in many rows
// that do not stand together.
func TestManyRowsOfAProductWithoutCode(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	var full, prices strings.Builder
	full.WriteString("product code,sku,name,option 1,value 1,price\n")
	prices.WriteString("sku,price\n")
	for i := range 9 {
		fmt.Fprintf(&full, "P,P-%d,Khăn,Cỡ,%d,5000\n", i, i)
	}
	full.WriteString("Q,Q,Trà,,,5000\n")
	for i := range 9 {
		fmt.Fprintf(&prices, "P-%d,%d\n", i, 6000+i)
		if i == 4 {
			prices.WriteString("Q,7000\n")
		}
	}
	mustImport(t, store, write(t, "a.csv", full.String()), sheet.ImportOptions{})
	out := mustImport(t, store, write(t, "b.csv", prices.String()), sheet.ImportOptions{})
	for i, v := range products(t, store)[0].Variants {
		if v.ListPrice.Amount != int64(6000+i) {
			t.Errorf("%s costs %s", v.SKU, v.ListPrice)
		}
	}
	if p := products(t, store)[0]; p.Revision != 2 || len(out.changes) != 10 {
		t.Errorf("revision %d after %d changes, want one write of 9 and one of 1", p.Revision, len(out.changes))
	}
}

// A file or picture that is changed between check and write is not imported
// half and half.
func TestChangedBetweenPasses(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	files := []string{write(t, "a.csv", "sku,name,price\nA,Chè,5000\n"), write(t, "a.csv", "sku,name,price\nA,Chè,-1\n")}
	open := func() (*sheet.Reader, error) {
		path := files[0]
		files = files[1:]
		return sheet.Open(path, sheet.Options{})
	}
	if _, err := sheet.Import(t.Context(), store, open, sheet.ImportOptions{}); err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("changed file: %v", err)
	}

	path := write(t, "b.csv", "sku,name,price,image\nA,Chè,5000,a.png\n")
	var b bytes.Buffer
	if err := errors.Join(png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))), os.WriteFile(filepath.Join(filepath.Dir(path), "a.png"), b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	keep := func(context.Context, []byte, string) (string, error) { return strings.Repeat("0", 64), nil }
	if out := importFile(t, store, path, sheet.ImportOptions{Keep: keep}); out.err == nil || !strings.Contains(out.err.Error(), "was changed") {
		t.Errorf("changed picture: %v", out.err)
	}
	if n := len(products(t, store)); n > 0 {
		t.Errorf("%d products stored", n)
	}
}

// overlapping holds the writing of the first batch until the second is looked
// up, and lets either fail.
type overlapping struct {
	catalog.Store
	began, next       chan struct{} // closed when the first is written, and the second looked up
	lookUps, bookings int
	bookErr, lookErr  error
}

func (o *overlapping) Products(ctx context.Context, query catalog.ProductQuery) ([]catalog.Product, error) {
	// Three batches are looked up by ID and by SKU to be checked, then the first to be written.
	if o.lookUps++; o.lookUps == 3*2+2+1 {
		<-o.began
		defer close(o.next)
		if o.lookErr != nil {
			return nil, o.lookErr
		}
	}
	return o.Store.Products(ctx, query)
}

func (o *overlapping) AddMovements(ctx context.Context, list []catalog.Movement) ([]error, error) {
	if o.bookings++; o.bookings == 1 {
		close(o.began)
		<-o.next
	}
	if o.bookErr != nil {
		return nil, o.bookErr
	}
	return o.Store.AddMovements(ctx, list)
}

// One batch is written while the next is compared with the store. When both
// fail, the earlier batch's error is told; nothing runs on after Import.
func TestWrittenWhileNextIsCompared(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("sku,name,price,stock\n")
	const rows = 2500
	for i := range rows {
		fmt.Fprintf(&file, "S%d,Chè,5000,%d\n", i, i)
	}
	bookErr, lookErr := errors.New("cannot book"), errors.New("cannot look up")
	for name, test := range map[string]struct {
		bookErr, lookErr, want error
		booked                 int
	}{
		"both work":        {nil, nil, nil, rows},
		"writing fails":    {bookErr, nil, bookErr, 0},
		"looking up fails": {nil, lookErr, lookErr, 1000},
		"both of them do":  {bookErr, lookErr, bookErr, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &overlapping{Store: openStore(t), began: make(chan struct{}), next: make(chan struct{}), bookErr: test.bookErr, lookErr: test.lookErr}
			out := importFile(t, store, write(t, "a.csv", file.String()), sheet.ImportOptions{})
			if !errors.Is(out.err, test.want) || out.report.Booked != test.booked {
				t.Errorf("%v, %+v; want %v and %d booked", out.err, out.report, test.want, test.booked)
			}
		})
	}
}

// watched tells which products are stored without the count of their stock.
type watched struct {
	catalog.Store
	t *testing.T
}

func (w watched) PutProducts(ctx context.Context, list []catalog.Product) ([]error, error) {
	for _, p := range list {
		levels, err := w.Levels(ctx, []catalog.SKU{p.Variants[0].SKU})
		if err != nil || levels[0].OnHand != 7 {
			w.t.Errorf("%s is stored when %+v is on hand, %v", p.ID, levels, err)
		}
	}
	return w.Store.PutProducts(ctx, list)
}

// A new product is never seen without its stock, and is due once.
func TestNewProductsComeWithTheirStock(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	mustImport(t, watched{store, t}, write(t, "a.csv", "sku,name,price,stock\nA,Chè,5000,7\nB,Trà,5000,7\n"), sheet.ImportOptions{})
	marks, err := store.DueProducts(t.Context(), "", 0)
	if err != nil || len(marks) != 2 || marks[0].Count != marks[1].Count {
		t.Errorf("due %+v, %v", marks, err)
	}
}
