package market_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/market"
	"github.com/chophien/chophien/connectors/market/markettest"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

var friday = time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)

// reader reads a web on a simulated clock.
func reader(t *testing.T, web markettest.Web) *market.Reader {
	t.Helper()
	guest, err := market.NewGuest(market.Settings{Agent: "chophien/1 (+https://chophien.example)", Transport: web, Clock: markettest.NewClock(friday)})
	if err != nil {
		t.Fatal(err)
	}
	return market.NewReader(guest)
}

// answer is a site with one page.
func answer(contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", contentType)
		fmt.Fprint(w, body)
	})
}

// line writes a quote on one line.
func line(q connectors.Quote) string {
	parts := []string{q.Name, "@" + q.Seller, string(q.Subject.Side), q.Subject.Region, q.Subject.Grade, q.ValidOn}
	if q.NoPrice != "" {
		return strings.Join(append(parts, "none: "+q.NoPrice), "|")
	}
	if q.List.Valid {
		parts = append(parts, "was "+q.List.Decimal.String())
	}
	price := q.AmountMin.Decimal.String()
	if !q.AmountMin.Decimal.Equal(q.AmountMax.Decimal) {
		price += "-" + q.AmountMax.Decimal.String()
	}
	parts = append(parts, fmt.Sprintf("%s %s/%s %s (%s)", price, q.Subject.Currency, q.Quantity, q.Unit, q.UnitFrom))
	if per, ok := q.Per(); ok {
		parts = append(parts, per.String()+"/"+q.Subject.BaseUnit)
	}
	return strings.Join(parts, "|")
}

func TestSourcesOfEveryKind(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	book := excelize.NewFile()
	for cell, value := range map[string]any{
		"A1": "Bản tin giá nông sản mẫu ngày 21/11/2026", "A2": "ĐVT: đồng/kg",
		"A3": "Mặt hàng", "B3": "Địa phương", "C3": "Giá thu mua", "A4": "Hồ tiêu", "B4": "Đắk Nông", "C4": 145500, "A5": "Cà phê", "B5": "Đắk Lắk", "C5": 98000,
	} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	xlsx := filepath.Join(folder, "bulletin.xlsx")
	if err := book.SaveAs(xlsx); err != nil {
		t.Fatal(err)
	}
	named := map[string]string{"name": "h4", "price": "b", "url": "a@href", "list": "s", "seller": "@data-shop", "grade": ".g", "unit": "i"}
	const boxes = `<html><title>Chợ mẫu</title><div class=k data-shop="Gian mẫu A"><h4>Mật ong hoa nhãn</h4><a href="/p/1">xem</a><b>185.000₫</b> <s>200.000₫</s><i>500 ml</i><span class=g>OCOP 4</span></div>` +
		`<div class=k data-shop="Gian mẫu B"><h4>Mật ong rừng</h4><a href="/p/2">xem</a><b>Liên hệ</b></div><div class=k><b>9.000₫</b></div></html>`
	const api = `{"data":{"items":[
		{"sku":"a1","title":"Hồ tiêu đen","price":{"amount":145500,"currency":"VND"},"unit":"kg","where":"Đắk Nông","kind":"thu mua","on":"2026-11-20T08:00:00+07:00"},
		{"sku":"a2","title":"Pepper, FOB","price":{"amount":6.500,"currency":"USD"},"unit":"kg","kind":"fob"},
		{"sku":"a3","title":"Hồ tiêu trắng","price":{"amount":"215 nghìn","currency":""},"unit":"kg","kind":"bán lẻ"},
		{"sku":"a4","title":"Cà phê","price":{"amount":0,"currency":"VND"},"unit":"kg","kind":"thu mua"},
		{"sku":"a5","title":"Điều","price":{"amount":30000},"unit":"kg","kind":"thu mua"}]}}`
	fields := map[string]string{"id": "sku", "name": "title", "price": "price.amount", "currency": "price.currency", "unit": "unit", "region": "where", "side": "kind", "date": "on"}
	for name, test := range map[string]struct {
		source connectors.SourceConfig
		site   http.Handler
		want   []string
	}{
		"page": {
			connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://shop.example/san-pham/mat-ong-bac-ha-500ml", Side: pricewatch.Retail, Commodity: "honey"}, &markettest.Retail{},
			[]string{"Mật ong bạc hà 500ml|@shop.example|retail||||185000 VND/500 ml (title)|370000/l"},
		},
		"page, the unit set by a person": {
			connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://shop.example/san-pham/mat-ong-bac-ha-500ml", Side: pricewatch.Retail, Unit: "700 g"}, &markettest.Retail{},
			[]string{"Mật ong bạc hà 500ml|@shop.example|retail||||185000 VND/700 g (setting)|264285.714286/kg"},
		},
		"page whose text has the unit": {
			connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://shop.example/san-pham/tra-shan-tuyet-100g", Side: pricewatch.Retail, Unit: "700 g"}, &markettest.Retail{},
			[]string{"Trà Shan tuyết 100g|@shop.example|retail||||1200000 VND/1 kg (text)|1200000/kg"},
		},
		"page that asks to be contacted": {
			connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://shop.example/san-pham/khan-tho-cam", Side: pricewatch.Retail}, &markettest.Retail{},
			[]string{"Khăn thổ cẩm thêu tay|@shop.example|retail||||none: contact"},
		},
		"page with a selector": {
			connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://shop.example/x", Selector: "#gia", Attribute: "data-v", Pattern: `(\d+)k`, Currency: "VND"},
			answer("text/html", `<title>Trà 100g</title><h1>Trà 100g</h1><b id=gia data-v="now 120k only">9.000₫</b>`),
			[]string{"Trà 100g|@shop.example|||||120 VND/100 g (title)|1200/kg"},
		},
		"page with a selector that fails": {
			connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://shop.example/x", Selector: "#gone"},
			answer("text/html", `<title>Trà 100g</title><h1>Trà 100g</h1><b class=price>9.000₫</b>`),
			[]string{"Trà 100g|@shop.example|||||none: selector_failed"},
		},
		"search": {
			connectors.SourceConfig{Kind: connectors.SourceSearch, URL: "https://shop.example/tim-kiem?q=", Side: pricewatch.Retail, Only: []string{"tiêu đen", "MIEN"}}, &markettest.Retail{},
			[]string{
				"Miến dong Na Rì 500g|@shop.example|retail||||65000 VND/500 g (title)|130000/kg",
				"Tiêu đen Đắk Nông 500g|@shop.example|retail||||98000-0 VND/500 g (title)|196000/kg",
			},
		},
		"search with boxes set by a person": {
			connectors.SourceConfig{Kind: connectors.SourceSearch, URL: "https://shop.example/x", Side: pricewatch.Retail, Selector: "div.k", Fields: named}, answer("text/html", boxes),
			[]string{
				"Mật ong hoa nhãn|@Gian mẫu A|retail||ocop-4||was 200000|185000 VND/500 ml (header)|370000/l",
				"Mật ong rừng|@Gian mẫu B|retail||||none: contact",
			},
		},
		"table": {
			connectors.SourceConfig{Kind: connectors.SourceTable, URL: "https://shop.example/gia-tieu", Commodity: "pepper", Only: []string{"dak nong"}}, &markettest.Board{},
			[]string{"hồ tiêu|@shop.example|farm-gate|Đắk Nông||2026-11-20|146000 VND/1 kg (header)|146000/kg"},
		},
		"api": {
			connectors.SourceConfig{Kind: connectors.SourceAPI, URL: "https://shop.example/v1?key=secret", Rows: "data.items", Fields: fields, Seller: "Sở mẫu"}, answer("application/json", api),
			[]string{
				"Hồ tiêu đen|@Sở mẫu|farm-gate|Đắk Nông||2026-11-20|145500 VND/1 kg (header)|145500/kg",
				"Pepper, FOB|@Sở mẫu|fob||||6.5 USD/1 kg (header)|6.5/kg",
				"Hồ tiêu trắng|@Sở mẫu|retail||||215000 VND/1 kg (header)|215000/kg",
				"Cà phê|@Sở mẫu|farm-gate||||none: unreadable",
				"Điều|@Sở mẫu|farm-gate||||none: no_currency",
			},
		},
		"file, as it is": {
			connectors.SourceConfig{Kind: connectors.SourceFile, Path: xlsx, Seller: "Sở mẫu"}, nil,
			[]string{
				"Hồ tiêu|@Sở mẫu|farm-gate|Đắk Nông||2026-11-21|145500 VND/1 kg (header)|145500/kg",
				"Cà phê|@Sở mẫu|farm-gate|Đắk Lắk||2026-11-21|98000 VND/1 kg (header)|98000/kg",
			},
		},
		"file, headings named": {
			connectors.SourceConfig{
				Kind: connectors.SourceFile, Path: write("b.csv", "Bản tin\nTên hàng;Vùng;Giá (nghìn đồng/kg);Ngày\nGừng tươi;Bắc Kạn;18,5;21/11/2026\n;;;\n"), Seller: "Sở mẫu", Side: pricewatch.FarmGate,
				Fields: map[string]string{"name": "tên hàng", "price": "Giá (nghìn đồng/kg)", "region": "Vùng", "date": "Ngày"},
			}, nil,
			[]string{"Gừng tươi|@Sở mẫu|farm-gate|Bắc Kạn||2026-11-21|18500 VND/1 kg (header)|18500/kg"},
		},
		"file from the web": {
			connectors.SourceConfig{
				Kind: connectors.SourceFile, URL: "https://shop.example/gia.csv", Side: pricewatch.FarmGate, Currency: "VND",
				Fields: map[string]string{"name": "Mặt hàng", "price": "Giá", "unit": "ĐVT"},
			}, answer("text/csv", "Mặt hàng,ĐVT,Giá\nMiến dong,kg,55.000\n"),
			[]string{"Miến dong|@shop.example|farm-gate||||55000 VND/1 kg (header)|55000/kg"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.source.ID, test.source.Every = "s", 12*time.Hour
			if err := market.ValidateSource(test.source); err != nil {
				t.Fatal(err)
			}
			got, err := reader(t, markettest.Web{"shop.example": test.site}).ReadSource(t.Context(), test.source, connectors.Validators{})
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			items := map[string]bool{}
			for _, q := range got.Quotes {
				lines = append(lines, line(q))
				if items[q.Item] || q.Source != "s" || q.Evidence.Reader == "" || strings.ContainsAny(q.Item, "/|") {
					t.Errorf("item %q of %q, read by %q", q.Item, q.Source, q.Evidence.Reader)
				}
				items[q.Item] = true
				if strings.Contains(q.URL, "secret") || strings.Contains(got.URL, "secret") {
					t.Errorf("the key of the interface is kept: %s (I13)", q.URL)
				}
				if q.NoPrice == "" && (q.Evidence.Text == "" || q.Confidence <= 0) {
					t.Errorf("%s has no evidence: %+v", q.Name, q.Evidence)
				}
				if q.NoPrice != "" && (q.AmountMin.Valid || q.AmountMax.Valid || q.List.Valid) {
					t.Errorf("%s has no price and an amount (I11)", q.Name)
				}
			}
			if diff := cmp.Diff(test.want, lines); diff != "" {
				t.Errorf("quotes (-want +got):\n%s", diff)
			}
			if wait := got.NextAt.Sub(friday); wait < 6*time.Hour || wait > 19*time.Hour {
				t.Errorf("next in %v", wait)
			}
			again, err := reader(t, markettest.Web{"shop.example": test.site}).ReadSource(t.Context(), test.source, connectors.Validators{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range again.Quotes {
				if again.Quotes[i].Item != got.Quotes[i].Item {
					t.Errorf("item %s is %s the second time", got.Quotes[i].Item, again.Quotes[i].Item)
				}
			}
		})
	}
}

func TestSourcesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	shop := markettest.Web{"shop.example": &markettest.Retail{}, "api.example": answer("application/json", "<html>"), "gone.example": http.NotFoundHandler(), "no.example": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" {
			w.WriteHeader(http.StatusForbidden)
		}
	})}
	for name, test := range map[string]struct {
		source connectors.SourceConfig
		kind   connectors.Kind
		code   string
	}{
		"robots":          {connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://shop.example" + markettest.Forbidden}, connectors.Fatal, "robots"},
		"robots on a hop": {connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://shop.example/uu-dai"}, connectors.Fatal, "robots"},
		"refused":         {connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://no.example/"}, connectors.Fatal, "refused"},
		"gone":            {connectors.SourceConfig{Kind: connectors.SourcePage, URL: "https://gone.example/x"}, connectors.NotFound, ""},
		"no JSON":         {connectors.SourceConfig{Kind: connectors.SourceAPI, URL: "https://api.example/"}, connectors.Validation, "unexpected"},
		"a page, no file": {connectors.SourceConfig{Kind: connectors.SourceFile, URL: "https://shop.example/"}, connectors.Fatal, ""},
		"no file":         {connectors.SourceConfig{Kind: connectors.SourceFile, Path: "/nowhere/x.csv"}, connectors.Validation, "unexpected"},
		"no such heading": {connectors.SourceConfig{Kind: connectors.SourceFile, Path: "source_test.go", Fields: map[string]string{"name": "Tên", "price": "Giá"}}, connectors.Validation, "unexpected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := reader(t, shop).ReadSource(t.Context(), test.source, connectors.Validators{})
			var failure *connectors.Error
			if !errors.As(err, &failure) || failure.Kind != test.kind || test.code != "" && failure.Code != test.code {
				t.Errorf("got %v, want %s %s", err, test.kind, test.code)
			}
		})
	}
}

func TestAnUnchangedSourceIsNotSentAgain(t *testing.T) {
	t.Parallel()
	site := markettest.Record(&markettest.Retail{})
	r := reader(t, markettest.Web{"shop.example": site})
	source := connectors.SourceConfig{ID: "s", Kind: connectors.SourcePage, URL: "https://shop.example/san-pham/mien-dong-500g", Every: time.Hour}
	first, err := r.ReadSource(t.Context(), source, connectors.Validators{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.ReadSource(t.Context(), source, first.Validators)
	if err != nil {
		t.Fatal(err)
	}
	visits := site.Visits()
	if !second.NotModified || len(second.Quotes) != 0 || second.Validators != first.Validators || visits[len(visits)-1].Status != http.StatusNotModified {
		t.Errorf("got %+v", second)
	}
}

func TestAListThatGoesOnIsFollowed(t *testing.T) {
	t.Parallel()
	card := func(n int) string {
		return fmt.Sprintf(`<li><a href="/p/%d"><h3>Mật ong mẫu %d</h3></a><b>%d.000₫</b></li>`, n, n, 100+n)
	}
	list := map[string]string{
		"":  card(1) + card(2) + `<a class=next href="/tim?p=2#top">Sau</a>`,
		"2": card(2) + card(3) + `<a class=next href="?p=3">Sau</a>`,
		"3": card(4) + card(5) + `<a class=next href="/tim?p=2">Sau</a>`, // leads back
		"9": card(1) + card(2) + `<a class=next href="https://other.example/">Sau</a>`,
		"8": card(1) + card(2) + `<a class=next href="/tim?p=0">Sau</a>`,
	}
	clock := markettest.NewClock(friday)
	site := markettest.Record(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := list[r.URL.Query().Get("p")]
		if !ok || r.URL.Path != "/tim" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("ETag", `"x"`)
		fmt.Fprint(w, "<html><title>Tìm</title><ul>"+page+"</ul></html>")
	}))
	site.Now = clock.Now
	guest, err := market.NewGuest(market.Settings{Agent: "chophien/1 (+https://chophien.example)", Transport: markettest.Web{"shop.example": site}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	read := func(query string, pages int) ([]string, connectors.SourceReading, error) {
		s := connectors.SourceConfig{
			ID: "s", Kind: connectors.SourceSearch, URL: "https://shop.example/tim" + query, Every: time.Hour, Selector: "li", Fields: map[string]string{"name": "h3", "price": "b", "url": "a@href"},
			Next: "a.next", Pages: pages,
		}
		got, err := market.NewReader(guest).ReadSource(t.Context(), s, connectors.Validators{ETag: `"x"`})
		var names []string
		for _, q := range got.Quotes {
			names = append(names, strings.TrimPrefix(q.Name, "Mật ong mẫu "))
		}
		return names, got, err
	}
	for _, test := range []struct {
		query string
		pages int
		want  string
	}{{"", 20, "1 2 3 4 5"}, {"", 2, "1 2 3"}, {"?p=9", 3, "1 2"}} {
		names, got, err := read(test.query, test.pages)
		if err != nil || strings.Join(names, " ") != test.want || got.ETag != "" {
			t.Errorf("%d pages of %q: %v, %v; want %s", test.pages, test.query, names, err, test.want)
		}
	}
	if names, _, err := read("?p=8", 3); connectors.KindOf(err) != connectors.NotFound {
		t.Errorf("a list that breaks off gives %v, %v", names, err)
	}
	var last time.Time
	for _, v := range site.Visits() {
		if !last.IsZero() && v.At.Sub(last) < 5*time.Second {
			t.Errorf("%s %v after the visit before", v.Path, v.At.Sub(last))
		}
		last = v.At
		if v.Header.Get("If-None-Match") != "" {
			t.Errorf("%s is asked for only if it changed", v.Path)
		}
	}
}

func TestSourcesAreValidated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source connectors.SourceConfig
		want   string
	}{
		"selector":             {connectors.SourceConfig{Kind: connectors.SourcePage, Selector: "div["}, "selector"},
		"pattern":              {connectors.SourceConfig{Kind: connectors.SourcePage, Selector: "b", Pattern: "("}, "pattern"},
		"attribute alone":      {connectors.SourceConfig{Kind: connectors.SourcePage, Attribute: "x"}, "need a selector"},
		"fields alone":         {connectors.SourceConfig{Kind: connectors.SourceSearch, Fields: map[string]string{"name": "b", "price": "i"}}, "fields:"},
		"selector alone":       {connectors.SourceConfig{Kind: connectors.SourceTable, Selector: "tr"}, "fields:"},
		"selector of a field":  {connectors.SourceConfig{Kind: connectors.SourceSearch, Selector: "li", Fields: map[string]string{"name": "b[", "price": "i"}}, "fields.name"},
		"next":                 {connectors.SourceConfig{Kind: connectors.SourceSearch, Next: "a["}, "next:"},
		"file without a price": {connectors.SourceConfig{Kind: connectors.SourceFile, Fields: map[string]string{"name": "Tên"}}, "fields:"},
	} {
		if err := market.ValidateSource(test.source); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
