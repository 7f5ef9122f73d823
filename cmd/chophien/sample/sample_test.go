package sample_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/catalog/sheet"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/chophien/chophien/cmd/chophien/sample"
	"golang.org/x/text/unicode/norm"
)

// The sample is imported as any file is, without a word of complaint, and all
// of it is marked as a sample.
func TestSampleImports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, sample.FS); err != nil {
		t.Fatal(err)
	}
	store, err := sqlitestore.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	pictures, err := media.NewDir(filepath.Join(dir, "media"))
	if err != nil {
		t.Fatal(err)
	}
	open := func() (*sheet.Reader, error) { return sheet.Open(filepath.Join(dir, sample.File), sheet.Options{}) }
	report, err := sheet.Import(t.Context(), store, open, sheet.ImportOptions{
		Keep:      pictures.Put,
		OnRefusal: func(r sheet.Refusal) { t.Error(r) },
		OnChange: func(c sheet.Change) {
			if c.Kind == sheet.ChangeNote {
				t.Error(c)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Written < 40 || report.Groups != 6 || report.Booked != report.Rows {
		t.Errorf("%+v: want at least 40 products in 6 groups, all with stock", report)
	}
	products, err := store.Products(t.Context(), catalog.ProductQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range products {
		for _, issue := range catalog.Validate(p) {
			t.Errorf("%s: %s: %s", p.ID, issue.Field, issue.Message.VI)
		}
		if !p.Sample || !strings.Contains(p.Description.VI, "Dữ liệu mẫu") || p.Name.EN == "" || p.Summary.EN == "" || p.Category == "" || p.Origin.OldLabel == "" {
			t.Errorf("%s is not complete and marked as a sample: %+v", p.ID, p)
		}
		if !norm.NFC.IsNormalString(p.Name.VI + p.Description.VI) {
			t.Errorf("%s is not NFC", p.ID)
		}
		if len(p.Images) != 1 || p.Images[0].Alt.VI == "" {
			t.Fatalf("%s has images %+v", p.ID, p.Images)
		}
		file, _, err := pictures.Open(t.Context(), catalog.OfferImage{SHA256: p.Images[0].SHA256})
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		for _, v := range p.Variants {
			if v.Weight == 0 || v.NetContent.Milli == 0 || v.Dimensions.Height == 0 || v.Price().Amount < 10_000 || v.Price().Amount%1000 != 0 {
				t.Errorf("%s: %+v is not plausible", v.SKU, v)
			}
		}
		group, _, err := catalog.Load[catalog.Group](t.Context(), store, catalog.KindGroup, p.GroupID)
		if err != nil || !group.Sample || !strings.Contains(group.Name.VI, "mẫu") {
			t.Errorf("group %+v, %v: want it marked as a sample", group, err)
		}
	}
}

func TestPicturesAreSmall(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(sample.FS, "pictures", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Size() > 15<<10 {
			t.Errorf("%s has %d bytes", path, info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
