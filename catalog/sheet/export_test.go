package sheet_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/sheet"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// Whatever valid products a store holds, exporting them and importing the file
// into an empty store gives the same products, groups and stock; importing it
// into the same store changes nothing.
func TestExportIsLossless(t *testing.T) {
	t.Parallel()
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			run := 0
			rapid.Check(t, func(r *rapid.T) {
				run++
				path := filepath.Join(dir, fmt.Sprint(run))
				want := rapid.SliceOfNDistinct(product, 0, 5, func(p catalog.Product) string { return p.ID }).Draw(r, "products")
				from := fill(t, r, want)
				var b bytes.Buffer
				if err := sheet.Export(t.Context(), from, &b, format, sheet.ExportOptions{English: run%2 == 0}); err != nil {
					r.Fatal(err)
				}
				if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
					r.Fatal(err)
				}
				if len(want) == 0 {
					return
				}
				again := importFile(t, from, path, sheet.ImportOptions{DryRun: true, Keep: keepNothing})
				if again.err != nil || len(again.changes) > 0 || again.report.Counted > 0 {
					r.Fatalf("into the same store: %+v, %v, %v, %v", again.report, again.changes, again.refusals, again.err)
				}
				to, err := sqlitestore.Open(t.Context(), ":memory:")
				if err != nil {
					r.Fatal(err)
				}
				defer to.Close()
				out := importFile(t, to, path, sheet.ImportOptions{Keep: keepNothing})
				if out.err != nil {
					r.Fatalf("%v %v", out.err, out.refusals)
				}
				if diff := cmp.Diff(products(t, to), products(t, from), bookkeeping); diff != "" {
					r.Fatal("got - want +", diff)
				}
				for _, p := range want {
					for _, v := range p.Variants {
						if got, want := onHand(t, to, v.SKU), onHand(t, from, v.SKU); got != want {
							r.Fatalf("%d of %s on hand, want %d", got, v.SKU, want)
						}
					}
					got, _, err := catalog.Load[catalog.Group](t.Context(), to, catalog.KindGroup, p.GroupID)
					if p.GroupID != "" && (err != nil || got != groupOf(p)) {
						r.Fatalf("group %+v, %v, want %+v", got, err, groupOf(p))
					}
				}
				from.Close()
			})
		})
	}
}

// keepNothing is a media store for sheets whose picture files are gone.
func keepNothing(context.Context, []byte, string) (string, error) {
	return "", errors.New("no picture file should be found")
}

func groupOf(p catalog.Product) catalog.Group {
	return catalog.Group{ID: p.GroupID, Name: catalog.Text{VI: "Nhóm " + p.GroupID, EN: "=Group"}, Kind: "tổ hợp tác", Origin: catalog.Origin{Commune: "Na Rì", Province: "Thái Nguyên", OldLabel: "Bắc Kạn"}, Sample: p.Sample}
}

// fill makes a store with the products, their groups and some stock.
func fill(t *testing.T, r *rapid.T, list []catalog.Product) catalog.Store {
	store, err := sqlitestore.Open(t.Context(), ":memory:")
	if err != nil {
		r.Fatal(err)
	}
	groups := make(map[string]bool)
	for i := range list {
		p := &list[i]
		if groups[p.GroupID] { // a group belongs to one product here: it is a sample or not
			p.GroupID = ""
		}
		groups[p.GroupID] = true
		if p.GroupID != "" {
			if err := catalog.Save(t.Context(), store, catalog.KindGroup, p.GroupID, 0, groupOf(*p)); err != nil {
				r.Fatal(err)
			}
		}
		if errs, err := store.PutProducts(t.Context(), []catalog.Product{*p}); err != nil || errs[0] != nil {
			r.Fatal(errs, err)
		}
		for j, v := range p.Variants {
			if j%2 == 0 {
				move(t, store, "start/"+string(v.SKU), v.SKU, int64(j*7))
			}
		}
	}
	return store
}

// Generators of valid products, with everything that a spreadsheet program or
// a reader of its files could take for something else.
var (
	runes = rapid.OneOf(
		rapid.RuneFrom([]rune(`aA0=+-@'"#;,|\.:/<>&_x ()[]{}`)),
		rapid.RuneFrom([]rune("ắẦđƠựỵ₫🍯中\u00a0\u200b\ufeff")),
		rapid.Rune().Filter(func(r rune) bool { return unicode.IsPrint(r) && r != unicode.ReplacementChar }),
	)
	line = rapid.Map(rapid.OneOf(
		rapid.SampledFrom([]string{"", "=1+2", "+84", "-5", "@SUM(A1)", "'", "''x", " x ", "x ", "'=1", "#", "#REF!", "1E+5", "007", "1/2", "NaN", "true", "_x0041_", "x_x000D_", "a;b|c=d\\", `"`, "x\\ ", "\u030cx", "<b>"}),
		rapid.StringOfN(runes, 0, 20, 250),
	), norm.NFC.String)
	lines = rapid.OneOf(line, rapid.Custom(func(t *rapid.T) string {
		return line.Draw(t, "first") + rapid.SampledFrom([]string{"\n", "\n\n", "\t", "\n "}).Draw(t, "between") + line.Draw(t, "second")
	}))
	filled = line.Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
	sku    = rapid.StringOfN(rapid.RuneFrom([]rune("ABCabc012-_.=+@#;|E()&<")), 1, 8, 50)
	amount = rapid.OneOf(rapid.Int64Range(1, 5000), rapid.Int64Range(1, 10_000_000_000))
	moment = rapid.OneOf(
		rapid.Just(time.Time{}),
		rapid.Custom(func(t *rapid.T) time.Time { return time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "ms")).UTC() }),
		rapid.Custom(func(t *rapid.T) time.Time {
			return time.Date(rapid.IntRange(1900, 2200).Draw(t, "y"), 1, rapid.IntRange(1, 366).Draw(t, "d"), 0, 0, 0, 0, time.UTC)
		}),
	)
	words = rapid.Custom(func(t *rapid.T) catalog.Text {
		return catalog.Text{VI: lines.Draw(t, "vi"), EN: lines.Draw(t, "en")}
	})
)

func optional[T any](t *rapid.T, label string, g *rapid.Generator[T]) *T {
	if !rapid.Bool().Draw(t, label+" is set") {
		return nil
	}
	value := g.Draw(t, label)
	return &value
}

var product = rapid.Custom(func(t *rapid.T) catalog.Product {
	p := catalog.Product{
		ID:          sku.Draw(t, "id"),
		GroupID:     line.Draw(t, "group"),
		Name:        catalog.Text{VI: line.Draw(t, "name"), EN: filled.Draw(t, "name en")},
		Summary:     words.Draw(t, "summary"),
		Description: words.Draw(t, "description"),
		Category:    rapid.SampledFrom([]string{"", "honey", "tea-shan-tuyet", "zz-unknown-9"}).Draw(t, "category"),
		Brand:       line.Draw(t, "brand"),
		Options:     rapid.SliceOfNDistinct(filled, 0, 5, rapid.ID).Draw(t, "options"),
		Origin:      catalog.Origin{Commune: line.Draw(t, "commune"), Province: line.Draw(t, "province"), OldLabel: line.Draw(t, "label")},
		OCOP:        rapid.SampledFrom([]int{0, 3, 4, 5}).Draw(t, "ocop"),
		Archived:    rapid.Bool().Draw(t, "archived"),
		Sample:      rapid.Bool().Draw(t, "sample"),
	}
	currency := rapid.SampledFrom([]string{"VND", "VND", "USD", "KWD"}).Draw(t, "currency")
	money := rapid.Custom(func(t *rapid.T) catalog.Money {
		return catalog.Money{Amount: amount.Draw(t, "amount"), Currency: currency}
	})
	for range rapid.IntRange(0, 3).Draw(t, "images") {
		image := catalog.Image{Source: rapid.SampledFrom([]string{"", "a b.png", "ảnh/mật ong.png", "https://example.org/a;b?c=d|e", `c:\x.png`}).Draw(t, "source")}
		if image.Source == "" || rapid.Bool().Draw(t, "kept") {
			image.SHA256 = fmt.Sprintf("%064x", rapid.Uint64().Draw(t, "digest"))
		}
		if image.SHA256 != "" || strings.HasPrefix(image.Source, "https") {
			image.Type, image.Alt = rapid.SampledFrom([]string{"", "image/png"}).Draw(t, "type"), words.Draw(t, "alt")
		}
		if !strings.HasPrefix(image.Source, "https") && image.SHA256 == "" {
			continue // a file that was never kept and is not there
		}
		p.Images = append(p.Images, image)
	}
	names := rapid.SliceOfNDistinct(filled, 0, 3, rapid.ID).Draw(t, "attributes")
	for _, name := range names {
		p.Attributes = append(p.Attributes, catalog.Attribute{Name: name, Value: words.Draw(t, "value")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "certificates") {
		p.Certificates = append(p.Certificates, catalog.Certificate{Kind: filled.Draw(t, "kind"), Number: line.Draw(t, "number"), ExpiresOn: moment.Draw(t, "expires")})
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "variants") {
		v := catalog.Variant{
			SKU:        catalog.SKU(p.ID + "." + string(rune('a'+i))),
			GTIN:       rapid.SampledFrom([]string{"", "8938505974194", "00012345678905"}).Draw(t, "gtin"),
			ListPrice:  money.Draw(t, "list"),
			Cost:       optional(t, "cost", rapid.OneOf(money, rapid.Just(catalog.Money{Currency: currency}))),
			Weight:     rapid.Int64Range(0, 1_000_000).Draw(t, "weight"),
			Dimensions: catalog.Dimensions{Length: rapid.Int64Range(0, 20_000).Draw(t, "length"), Width: rapid.Int64Range(0, 20).Draw(t, "width")},
			Image:      rapid.IntRange(0, len(p.Images)).Draw(t, "image"),
			Archived:   rapid.Bool().Draw(t, "archived"),
		}
		if milli := rapid.Int64Range(0, 1_000_000_000).Draw(t, "content"); milli > 0 {
			v.NetContent = catalog.Quantity{Milli: milli, Unit: rapid.SampledFrom([]string{"g", "kg", "ml", "l", "cm", "m", "piece"}).Draw(t, "unit")}
		}
		if sale := rapid.Int64Range(0, v.ListPrice.Amount).Draw(t, "sale"); sale > 0 {
			v.SalePrice = &catalog.Money{Amount: sale, Currency: currency}
		}
		for j := range p.Options {
			v.Options = append(v.Options, filled.Draw(t, "option")+fmt.Sprint(i, j))
		}
		if len(p.Options) == 0 && i > 0 {
			v.Archived = true // two alike
		}
		p.Variants = append(p.Variants, v)
	}
	for range rapid.IntRange(0, 2).Draw(t, "lots") {
		lot := catalog.Lot{Code: filled.Draw(t, "lot"), SKU: p.Variants[len(p.Variants)-1].SKU, MadeOn: moment.Draw(t, "made")}
		if !lot.MadeOn.IsZero() {
			lot.ExpiresOn = lot.MadeOn.AddDate(1, 0, 0)
		}
		p.Lots = append(p.Lots, lot)
	}
	if rapid.Bool().Draw(t, "overrides") {
		p.Overrides = map[catalog.ChannelID]catalog.Override{
			"b": {},
			"a": {
				Excluded: rapid.Bool().Draw(t, "excluded"), Title: line.Draw(t, "title"), Description: lines.Draw(t, "text"), Category: "12",
				Prices: []catalog.SKUPrice{{SKU: p.Variants[0].SKU, Price: money.Draw(t, "price")}}, StockCap: optional(t, "cap", rapid.Int64Range(0, 9)),
				Attributes: []catalog.OfferAttribute{{Name: line.Draw(t, "name"), Value: lines.Draw(t, "value")}},
			},
		}
	}
	for _, issue := range catalog.Validate(p) {
		if issue.Severity == catalog.SeverityError {
			t.Fatalf("the generator makes an invalid product: %s: %s", issue.Field, issue.Message.EN)
		}
	}
	return p
})

// No cell of an export starts a formula in a spreadsheet program.
func TestExportIsInert(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	p := catalog.Product{ID: "=1+1", Name: catalog.Text{VI: "=HYPERLINK(\"https://example.org\")", EN: "@x"}, Brand: "+1", Summary: catalog.Text{VI: "-1", EN: "\tx"},
		Variants: []catalog.Variant{{SKU: "-1", GTIN: "8938505974194", ListPrice: catalog.VND(5)}}}
	if errs, err := store.PutProducts(t.Context(), []catalog.Product{p}); err != nil || errs[0] != nil {
		t.Fatal(errs, err)
	}
	var b bytes.Buffer
	if err := sheet.Export(t.Context(), store, &b, sheet.CSV, sheet.ExportOptions{}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	marked := 0
	for _, cell := range rows[1] {
		if strings.HasPrefix(cell, "'") {
			marked++
		} else if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
			t.Errorf("cell %q starts a formula", cell)
		}
	}
	if marked != 8 { // six texts, the SKU, and the GTIN that would lose digits
		t.Errorf("%d cells are marked as text, want 8: %q", marked, rows[1])
	}
}
