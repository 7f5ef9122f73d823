package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	decimals "github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/chophien/chophien/connectors/market/markettest"
)

// marketNow is when the tests of this file run.
var marketNow = time.Date(2026, 11, 26, 5, 0, 0, 0, time.UTC)

// marketData makes a data folder with one product and what six made-up sellers
// of three made-up sources ask, and runs commands on it.
func marketData(t *testing.T) (dir string, command func(args ...string) (code int, out string)) {
	t.Helper()
	dir = t.TempDir()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(dir, "chophien.db"))
	if err != nil {
		t.Fatal(err)
	}
	product := catalog.Product{ID: "MAT-ONG", Name: catalog.Text{VI: "Mật ong mẫu", EN: "Sample honey"}, Category: "honey", Sample: true, Variants: []catalog.Variant{
		{SKU: "MAT-ONG-500", ListPrice: catalog.VND(150_000), NetContent: catalog.Quantity{Milli: 500_000, Unit: "ml"}},
	}}
	if errs, err := store.PutProducts(t.Context(), []catalog.Product{product}); err != nil || errs[0] != nil {
		t.Fatal(errs, err)
	}
	save := func(kind catalog.RecordKind, id string, value any) {
		t.Helper()
		if err := catalog.Save(t.Context(), store, kind, id, 0, value); err != nil {
			t.Fatal(err)
		}
	}
	for i, per := range []int64{340_000, 360_000, 380_000, 400_000, 420_000, 460_000} {
		amount := decimals.NewNullDecimal(decimals.NewFromInt(per))
		o := pricewatch.Observation{
			Source: fmt.Sprint("cho-mau-", i%3), Item: fmt.Sprint("o", i), Name: "=Mật ong mẫu", Seller: fmt.Sprint("Nơi bán mẫu ", i), AmountMin: amount, AmountMax: amount,
			Subject: pricewatch.Subject{Commodity: "honey", Side: pricewatch.Retail, Currency: "VND"}, SeenAt: marketNow.AddDate(0, 0, -20), LastSeenAt: marketNow,
			Confidence: 0.9, Evidence: pricewatch.Evidence{Method: "visible", Text: pricewatch.Number(amount.Decimal, "vi") + "đ/lít"}, Flags: []string{"a", "b"},
		}
		o.SetUnit("lít", "text")
		save(catalog.KindMarket, o.Key(), o)
		item := pricewatch.Item{Source: o.Source, Item: o.Item, Match: pricewatch.Match{State: pricewatch.Settled}, Last: &o, Key: o.Key(), SeenAt: o.SeenAt}
		save(catalog.KindItem, item.ID(), item)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "connectors.yaml")
	if err := os.WriteFile(config, []byte("channels: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, func(args ...string) (int, string) {
		var out, errs bytes.Buffer
		code := run(append([]string{"--data", dir, "--config", config}, args...), strings.NewReader(""), &out, &errs, func(a *app) { a.clock = markettest.NewClock(marketNow) })
		return code, out.String() + errs.String()
	}
}

func TestPricesAdviceIsOneSentenceForEachProduct(t *testing.T) {
	t.Parallel()
	_, command := marketData(t)
	const want = "Mật ong mẫu: mình bán 300.000 ₫/lít là rẻ, vì một nửa số nơi bán lấy từ 365.000 ₫ đến 415.000 ₫/lít (6 nơi bán, 21 ngày); có thể tăng giá.\n"
	if code, out := command("prices", "advice"); code != 0 || out != want {
		t.Errorf("exit code %d, output %q, want %q", code, out, want)
	}
	code, out := command("prices", "advice", "MAT-ONG", "--json")
	var list []adviceJSON
	if err := json.Unmarshal([]byte(out), &list); err != nil || code != 0 || len(list) != 1 {
		t.Fatalf("exit code %d, %v: %s", code, err, out)
	}
	if a := list[0]; a.Kind != pricewatch.TooCheap || a.Own != "300000" || a.SKU != "MAT-ONG-500" || a.Band.Sellers != 6 || a.Band.Sources != 3 || !strings.HasPrefix(a.Text.EN, "Sample honey: ") {
		t.Errorf("advice is %+v", a)
	}
	if code, out := command("prices", "advice", "KHONG-CO"); code != exitUsage || !strings.Contains(out, "product KHONG-CO: not found") {
		t.Errorf("exit code %d, output %q", code, out)
	}
}

func TestPricesChartDrawsBothKinds(t *testing.T) {
	t.Parallel()
	dir, command := marketData(t)
	svg, picture := filepath.Join(dir, "gia.svg"), filepath.Join(dir, "gia.png")
	if code, out := command("prices", "chart", "MAT-ONG", "--out", svg, "--days", "30"); code != 0 || !strings.Contains(out, "là rẻ") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	text, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Mật ong mẫu: giá bán lẻ", "28/10/2026 – 26/11/2026 · 6 nơi bán · 3 nguồn", "SỐ LIỆU MẪU", "₫/lít", "Giá của mình", "Giá giữa của các nơi bán"} {
		if !strings.Contains(string(text), ">"+want) {
			t.Errorf("the chart does not say %q", want)
		}
	}
	if code, out := command("--lang", "en", "prices", "chart", "--commodity", "mật ong", "--out", picture, "--width", "360"); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	file, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if c, err := png.DecodeConfig(file); err != nil || c.Width != 720 {
		t.Errorf("picture is %d pixels wide, %v, want 720", c.Width, err)
	}
}

func TestPricesChartSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir, command := marketData(t)
	out := filepath.Join(dir, "a.svg")
	for want, args := range map[string][]string{
		"must end in .svg or .png":       {"MAT-ONG", "--out", "a.gif"},
		"not both":                       {"MAT-ONG", "--commodity", "honey", "--out", out},
		"no such category":               {"--commodity", "sắt thép", "--out", out},
		"product KHONG-CO: not found":    {"KHONG-CO", "--out", out},
		"--days must be 1 to 3660":       {"MAT-ONG", "--days", "0", "--out", out},
		"--width must be 300 to 2000":    {"MAT-ONG", "--width", "10", "--out", out},
		"name a product, or a commodity": {"--out", out},
	} {
		if code, text := command(append([]string{"prices", "chart"}, args...)...); code != exitUsage || !strings.Contains(text, want) {
			t.Errorf("%v: exit code %d, %q, want %q", args, code, text, want)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a refused chart was drawn")
	}
}

func TestPricesExportHoldsEveryFieldAndNoFormula(t *testing.T) {
	t.Parallel()
	dir, command := marketData(t)
	path := filepath.Join(dir, "gia.csv")
	if code, out := command("prices", "export", "--out", path, "--source", "cho-mau-0"); code != 0 || !strings.Contains(out, "Đã xuất 2 giá") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"source": "cho-mau-0", "item": "o0", "name": "'=Mật ong mẫu", "commodity": "honey", "seller": "Nơi bán mẫu 0", "side": "retail", "amount_min": "340000", "amount_max": "340000",
		"currency": "VND", "unit_qty": "1", "unit": "l", "base_unit": "l", "per_base_min": "340000", "per_base_max": "340000", "unit_source": "text",
		"observed_at": "2026-11-06T05:00:00Z", "last_seen_at": "2026-11-26T05:00:00Z", "method": "visible", "raw_text": "340.000đ/lít", "confidence": "0.9", "flags": "a b",
	}
	got := map[string]string{}
	for i, heading := range rows[0] {
		if rows[1][i] != "" {
			got[heading] = rows[1][i]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("first row (-want +got):\n%s", diff)
	}
	if len(rows[0]) != len(marketColumns) || len(rows) != 3 {
		t.Errorf("%d columns, %d rows", len(rows[0]), len(rows))
	}
	if code, out := command("prices", "export", "--out", filepath.Join(dir, "gia.xlsx"), "--days", "1"); code != 0 || !strings.Contains(out, "Đã xuất 6 giá") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if code, _ := command("prices", "export", "--out", filepath.Join(dir, "gia.pdf")); code != exitUsage {
		t.Errorf("a .pdf: exit code %d", code)
	}
}
