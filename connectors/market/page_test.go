package market

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/charmap"
)

func doc(lang, head, body string) string {
	return `<!DOCTYPE html><html lang="` + lang + `"><head><meta charset="utf-8"><title>Mật ong bạc hà 500ml - HTX Thử</title>` + head + `</head><body><main><h1>Mật ong bạc hà 500ml</h1>` + body + `</main></body></html>`
}

func ld(s string) string { return `<script type="application/ld+json">` + s + `</script>` }

// TestReadPage has one small page per rule. want is kind, amounts, list price,
// currency and availability.
func TestReadPage(t *testing.T) {
	t.Parallel()
	const buy = `<button>Mua ngay</button>`
	offer := func(price string) string {
		return `{"@type":"Product","name":"Mật ong bạc hà 500ml","offers":{"@type":"Offer","price":` + price + `,"priceCurrency":"VND","availability":"https://schema.org/InStock"}}`
	}
	for _, c := range []struct{ name, page, want string }{
		{"json-ld number", doc("vi", ld(offer(`185000`)), ""), "price 185000 185000  VND InStock"},
		{"json-ld dot thousands", doc("vi", ld(offer(`"185.000"`)), ""), "price 185000 185000  VND InStock"},
		{"json-ld with sign", doc("vi", ld(offer(`"185.000₫"`)), ""), "price 185000 185000  VND InStock"},
		{"json-ld with decimals", doc("vi", ld(offer(`"185000.00"`)), ""), "price 185000 185000  VND InStock"},
		{"json-ld trailing comma and newline", doc("vi", ld("\ufeff/*<![CDATA[*/ [{\"@type\":\"Product\",\"description\":\"a\nb\",\"name\":\"Mật ong\",\"offers\":{\"price\":\"185000\",\"priceCurrency\":\"VND\",},},] /*]]>*/"), ""), "price 185000 185000  VND InStock"},
		{"json-ld graph, type list", doc("vi", ld(`{"@graph":[{"@type":"WebPage"},{"@type":["Product","Thing"],"name":"Mật ong","offers":[{"price":"185000","priceCurrency":"VND"}]}]}`), ""), "price 185000 185000  VND InStock"},
		{"json-ld type as address", doc("vi", ld(`{"@type":"http://schema.org/Product","name":"Mật ong","offers":{"price":185000,"priceCurrency":"VND"}}`), ""), "price 185000 185000  VND InStock"},
		{"json-ld range", doc("vi", ld(`{"@type":"Product","name":"Mật ong","offers":{"@type":"AggregateOffer","lowPrice":"95000","highPrice":"185000","priceCurrency":"VND"}}`), ""), "range 95000 185000  VND InStock"},
		{"json-ld range, one shown", doc("vi", ld(`{"@type":"Product","name":"Mật ong","offers":[{"price":"95000","priceCurrency":"VND"},{"price":"185000","priceCurrency":"VND"}]}`), `<p class="price">185.000₫</p>`+buy), "price 185000 185000  VND InStock"},
		{"json-ld lowest in stock", doc("vi", ld(`{"@type":"Product","name":"Mật ong","offers":[{"price":95000,"priceCurrency":"VND","availability":"OutOfStock"},{"price":185000,"priceCurrency":"VND","availability":"InStock"}]}`), ""), "price 185000 185000  VND InStock"},
		{"json-ld variants", doc("vi", ld(`{"@type":"ProductGroup","name":"Mật ong","hasVariant":[{"@type":"Product","offers":{"price":185000,"priceCurrency":"VND"}}]}`), ""), "price 185000 185000  VND InStock"},
		{"json-ld list price in specification", doc("vi", ld(`{"@type":"Product","name":"Mật ong","offers":{"priceSpecification":[{"price":"185000","priceCurrency":"VND"},{"price":"210000","priceCurrency":"VND","priceType":"https://schema.org/StrikethroughPrice"}]}}`), ""), "price 185000 185000 210000 VND InStock"},
		{"json-ld related is not the product", doc("vi", ld(`{"@type":"Product","name":"Mật ong bạc hà 500ml","isRelatedTo":{"@type":"Product","name":"x","offers":{"price":1000,"priceCurrency":"VND"}}}`), ""), "none    "},
		{"json-ld nearest the title", doc("vi", ld(`[{"@type":"Product","name":"Trà Shan","offers":{"price":1000,"priceCurrency":"VND"}},`+offer("185000")+`]`), ""), "price 185000 185000  VND InStock"},
		{"json-ld zero", doc("vi", ld(offer(`"0"`)), `<div class="related"><p class="price">90.000₫</p></div>`), "none    VND InStock"},
		{"contact beats markup", doc("vi", ld(offer(`"185000"`)), `<div class="price">Liên hệ</div>`), "none    VND InStock"},
		{"struck price in markup", doc("vi", ld(offer("210000")), `<div class="price"><del>210.000₫</del> <ins>185.000₫</ins></div>`+buy), "price 185000 185000 210000 VND InStock"},
		{"minor units in markup", doc("en-US", ld(`{"@type":"Product","name":"Mật ong","offers":{"price":1850,"priceCurrency":"USD"}}`), `<div class="price">$18.50</div>`+buy), "price 18.5 18.5  USD InStock"},
		{"sold out text beats markup", doc("vi", ld(offer("185000")), `<p class="price">185.000₫</p><button disabled>Hết hàng</button>`), "price 185000 185000  VND OutOfStock"},
		{"discontinued", doc("vi", "", `<p class="price">185.000₫</p><p class="stock">Ngừng kinh doanh</p>`), "price 185000 185000  VND Discontinued"},
		{"a size sold out is not the product", doc("vi", ld(offer("185000")), `<p class="price">185.000₫</p><select><option>1 lít - hết hàng</option></select>`+buy), "price 185000 185000  VND InStock"},
		{"pre-order in markup", doc("vi", ld(`{"@type":"Product","name":"Mật ong","offers":{"price":185000,"priceCurrency":"VND","availability":"http://schema.org/PreOrder"}}`), ""), "price 185000 185000  VND PreOrder"},
		{"english stock", doc("en", "", `<p class="price">$12.50</p><p id="availability">Currently unavailable</p>`), "price 12.5 12.5   OutOfStock"},
		{"microdata glued prices", doc("fr", "", `<div itemscope itemtype="https://schema.org/Product"><span itemprop="name">Mật ong bạc hà 500ml</span><div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="priceCurrency" content="EUR"><span itemprop="price"><span>499€</span><span>499€</span></span><link itemprop="availability" href="https://schema.org/LimitedAvailability"></div></div>`), "price 499 499  EUR LimitedAvailability"},
		{"microdata beside related", doc("vi", "", `<aside><div itemscope itemtype="https://schema.org/Product"><b itemprop="name">Trà</b><b itemprop="price" content="90000"></b></div></aside><div itemscope itemtype="https://schema.org/Product"><b itemprop="name">Mật ong bạc hà 500ml</b><b itemprop="price" content="185000">185.000₫</b><meta itemprop="priceCurrency" content="VND"></div>`), "price 185000 185000  VND InStock"},
		{"open graph sale", doc("vi", `<meta property="product:price:amount" content="210,000"><meta property="product:sale_price:amount" content="185,000"><meta property="product:sale_price:currency" content="VND"><meta property="product:availability" content="in stock">`, ""), "price 185000 185000 210000 VND InStock"},
		{"open graph decimal comma", doc("de", `<meta property="og:price:amount" content="48,00"><meta property="og:price:currency" content="EUR">`, ""), "price 48 48  EUR InStock"},
		{"open graph before tax", doc("de", `<meta property="product:price:amount" content="10.08"><meta property="product:price:currency" content="EUR">`, `<p class="price">12,00 €</p><button>In den Warenkorb</button>`), "price 12 12  EUR InStock"},
		{"state of an application", doc("vi", `<script>window.__INITIAL_STATE__ = {"a":{"items":[{"name":"Mật ong bạc hà 500ml","price":185000,"original_price":210000,"currency":"VND","in_stock":false}]}};</script>`, ""), "price 185000 185000 210000 VND OutOfStock"},
		{"state of another product", doc("vi", `<script>x = {"name":"Trà Shan tuyết","price":185000}</script>`, ""), "none    "},
		{"shown only", doc("vi", "", `<div class="gia-ban">185.000 đ</div><a class="btn add-to-cart" href="#">Thêm vào giỏ</a>`), "price 185000 185000  VND InStock"},
		{"shown with magnitude", doc("vi", "", `<div class="gia-ban">185k</div>`+buy), "price 185000 185000  VND InStock"},
		{"decimals raised", doc("ro", "", `<p class="price">173<sup>34</sup> Lei</p><button>Adauga in cos</button>`), "price 173.34 173.34  RON InStock"},
		{"price before tax beside", doc("de", "", `<p class="price">10,00 € <small>zzgl. MwSt</small></p><p class="price">11,90 €</p><button>In den Warenkorb</button>`), "price 11.9 11.9  EUR InStock"},
		{"shipping is no price", doc("vi", "", `<p class="ship">Phí giao hàng 30.000đ</p><p>Miễn phí cho đơn từ 500.000đ</p>`), "none    "},
		{"savings are no price", doc("en", "", `<p class="price">You save $12.00</p>`), "none    "},
		{"instalments are no price", doc("vi", "", `<p class="price">Trả góp 50.000đ/tháng</p>`+buy), "none     InStock"},
		{"related alone is no price", doc("vi", "", `<div class="san-pham-lien-quan related"><div class="price">90.000₫</div></div>`), "none    "},
		{"filters are no price", doc("vi", "", `<ul class="filter"><li>Dưới 200.000đ</li><li>Trên 500.000đ</li></ul>`), "none    "},
		{"two prices far apart are unsure", doc("vi", "", `<div class="x"><p class="price">185.000₫</p></div><p>a</p><p>b</p><p>c</p><p>d</p><p>e</p><p>f</p><p>g</p><p>h</p><p>i</p><p>j</p><p>k</p><div class="y"><p class="price">95.000₫</p></div>`), "none    "},
		{"dollar of the page's language", doc("en-CA", "", `<p class="price">$12.50</p><button>Add to cart</button>`), "price 12.5 12.5  CAD InStock"},
		{"dollar of nobody", doc("en", "", `<p class="price">$12.50</p><button>Add to cart</button>`), "price 12.5 12.5   InStock"},
		{"hidden text does not count", doc("vi", "", `<p class="price">185.000₫</p><p style="display: none" class="stock">Hết hàng</p>`+buy), "price 185000 185000  VND InStock"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := ReadPage([]byte(c.page), "https://shop.example/mat-ong", "text/html")
			if got := strings.Join([]string{r.Kind, r.AmountMin, r.AmountMax, r.ListAmount, r.Currency, r.Availability}, " "); got != c.want && strings.TrimSpace(got) != strings.TrimSpace(c.want) {
				t.Errorf("got  %q\nwant %q\n%v %s", got, c.want, r.Flags, r.Evidence)
			}
		})
	}
}

// TestReadTable covers spans, unit columns, brackets with changes and notes.
func TestReadTable(t *testing.T) {
	t.Parallel()
	page := `<html lang="vi"><body><article><h1>Bảng giá nông sản 21/11/2026</h1>
<table><caption>Đơn vị: đồng/kg</caption>
<tr><th rowspan=2>Khu vực</th><th rowspan=2>Mặt hàng</th><th colspan=2>Giá</th><th rowspan=2>Hôm qua</th></tr><tr><th>Thu mua</th><th>Bán lẻ</th></tr>
<tr><td rowspan=2>Bắc Kạn</td><td>Miến dong</td><td>55.000(+500)</td><td>70.000 - 80.000</td><td>54.500</td></tr>
<tr><td>Gừng</td><td>Liên hệ</td><td>25.000</td><td>-</td></tr></table>
<table><tr><td>Sản phẩm</td><td>ĐVT</td><td>Giá (nghìn đồng)</td></tr><tr><td>Nghệ</td><td>tạ</td><td>750</td></tr><tr><td>Mật ong</td><td>lít</td><td>-</td></tr></table>
<table><tr><th>Thông số</th><th>Giá trị</th></tr><tr><td>Nặng</td><td>500</td></tr></table></article></body></html>`
	r := ReadPage([]byte(page), "", "")
	want := []Row{
		{Name: "Miến dong", Region: "Bắc Kạn", Side: "buy", AmountMin: "55000", AmountMax: "55000", Currency: "VND", UnitQty: "1", Unit: "kg", Delta: "500", ObservedOn: "2026-11-21"},
		{Name: "Miến dong", Region: "Bắc Kạn", Side: "sell", AmountMin: "70000", AmountMax: "80000", Currency: "VND", UnitQty: "1", Unit: "kg", ObservedOn: "2026-11-21"},
		{Name: "Gừng", Region: "Bắc Kạn", Side: "sell", AmountMin: "25000", AmountMax: "25000", Currency: "VND", UnitQty: "1", Unit: "kg", ObservedOn: "2026-11-21"},
		{Name: "Nghệ", AmountMin: "750000", AmountMax: "750000", Currency: "VND", UnitQty: "100", Unit: "kg", ObservedOn: "2026-11-21"},
	}
	if diff := cmp.Diff(want, r.Rows, cmpopts.IgnoreFields(Row{}, "Text")); diff != "" || r.Kind != KindNone {
		t.Errorf("kind %s (-want +got):\n%s", r.Kind, diff)
	}
}

// TestReadArticle covers lists of regions, regions behind the price, changes
// on either side and prices of something unnamed.
func TestReadArticle(t *testing.T) {
	t.Parallel()
	page := `<html lang="vi"><head><meta property="og:type" content="article"><meta property="article:published_time" content="2026-11-22T06:00:00+07:00"></head><body><article><h1>Giá tiêu, cà phê hôm nay</h1>
<p>Giá tiêu tại Gia Lai và Đắk Nông tăng 500 đồng/kg lên mức 146.000 đồng/kg. Tại TP. Hồ Chí Minh giá thu mua 145.000 đồng/kg, giảm 1.000 đồng/kg.</p>
<h2>Giá cà phê</h2><p>Giá cao nhất 110.000 đồng/kg tại Lâm Đồng. Sản lượng đạt 1.200 tấn, tăng 5%.</p></article></body></html>`
	r := ReadPage([]byte(page), "", "")
	row := func(name, region, side, amount, delta string) Row {
		return Row{Name: name, Region: region, Side: side, AmountMin: amount, AmountMax: amount, Currency: "VND", UnitQty: "1", Unit: "kg", Delta: delta, ObservedOn: "2026-11-22"}
	}
	want := []Row{
		row("hồ tiêu", "Gia Lai", "", "146000", "500"), row("hồ tiêu", "Đắk Nông", "", "146000", "500"),
		row("hồ tiêu", "TP. Hồ Chí Minh", "buy", "145000", "-1000"), row("cà phê", "Lâm Đồng", "", "110000", ""),
	}
	if diff := cmp.Diff(want, r.Rows, cmpopts.IgnoreFields(Row{}, "Text")); diff != "" || r.Kind != KindNone {
		t.Errorf("kind %s (-want +got):\n%s", r.Kind, diff)
	}
}

// TestSelector proves that a source's settings are obeyed and that their
// failure is told instead of guessed around.
func TestSelector(t *testing.T) {
	t.Parallel()
	page := []byte(doc("vi", ld(`{"@type":"Product","name":"Mật ong","offers":{"price":1,"priceCurrency":"VND"}}`), `<p class="a" data-p="185000">Giá lẻ: <b>185.000₫/chai 500ml</b></p><p class="b">Giá sỉ 150k</p><p class="c">Liên hệ</p>`))
	for _, c := range []struct {
		source Source
		want   string
	}{
		{Source{Selector: "p.a b"}, "price 185000"},
		{Source{Selector: "main > p.b", Pattern: `sỉ (\S+)`}, "price 150000"},
		{Source{Selector: "p.a", Attr: "data-p", Pattern: `\d+`}, "price 185000"}, // the page names its currency elsewhere
		{Source{Selector: "p.c"}, "none "},
		{Source{Selector: "p.missing"}, "none "},
		{Source{Selector: "p[["}, "none "},
		{Source{Selector: "p.a", Attr: "data-none"}, "none "},
		{Source{Selector: "p.b", Pattern: "x(y)"}, "none "},
	} {
		r := c.source.Read(page, "", "")
		failed := strings.Contains(strings.Join(r.Flags, " "), FlagSelectorFailed)
		if got := r.Kind + " " + r.AmountMin; got != c.want || failed != (c.want == "none ") {
			t.Errorf("%+v: got %q, flags %v, want %q", c.source, got, r.Flags, c.want)
		}
	}
	for _, bad := range []Source{{Selector: "p[["}, {Selector: "p", Pattern: "("}, {Attr: "x"}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is valid", bad)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const want = "<p>Giá đồng: mật ong 98.000 đ</p>"
	cp1258, err := charmap.Windows1258.NewEncoder().String("<p>Gia\u0301 đô\u0300ng: mâ\u0323t ong 98.000 đ</p>")
	if err != nil {
		t.Fatal(err)
	}
	utf16 := "\xff\xfe"
	for _, r := range want {
		utf16 += string([]byte{byte(r), byte(r >> 8)})
	}
	for name, c := range map[string]struct{ body, contentType, want, encoding string }{
		"utf-8":                    {want, "text/html; charset=utf-8", want, "utf-8"},
		"utf-8 called latin":       {want, "text/html; charset=iso-8859-1", want, "utf-8"},
		"utf-8 not declared":       {want, "", want, "utf-8"},
		"byte order mark":          {"\ufeff" + want, "", want, "utf-8"},
		"utf-16":                   {utf16, "", want, "utf-16le"},
		"windows-1258 not told":    {cp1258, "text/html", want, "windows-1258"},
		"windows-1258 by header":   {cp1258, "text/html; charset=windows-1258", want, "windows-1258"},
		"windows-1258 by meta":     {`<meta http-equiv=x content="text/html; charset=windows-1258">` + cp1258, "text/html", `<meta http-equiv=x content="text/html; charset=windows-1258">` + want, "windows-1258"},
		"latin by meta":            {"<meta charset=iso-8859-2>\xbeivot", "", "<meta charset=iso-8859-2>život", "iso-8859-2"},
		"unknown charset":          {cp1258, "text/html; charset=x-unknown", want, "windows-1258"},
		"utf-8 with a broken byte": {strings.Repeat(want, 3) + "\xff", "", strings.Repeat(want, 3) + "�", "utf-8"},
		"utf-8 cut in a letter":    {want + "đ"[:1], "", want + "đ"[:1], "utf-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, encoding := Decode([]byte(c.body), c.contentType)
			if string(got) != c.want || encoding != c.encoding {
				t.Errorf("got %q in %s, want %q in %s", got, encoding, c.want, c.encoding)
			}
		})
	}
}

func TestReadFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	page := doc("vi", "", `<p class="price">185.000₫</p><button>Mua ngay</button>`)
	f, err := os.Create(filepath.Join(dir, "a.html.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	z.Write([]byte(page))
	if z.Close() != nil || f.Close() != nil {
		t.Fatal("cannot write")
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("b.html", page)
	n := 0
	for r, err := range ReadList(write("list.tsv", "# a comment\nurl\tfile\nhttps://a.example\ta.html.gz\n\nhttps://a.example\tb.html\r\n")) {
		if n++; err != nil || r.AmountMin != "185000" {
			t.Errorf("page %d: %+v, %v", n, r, err)
		}
	}
	if n != 2 {
		t.Errorf("%d pages, want 2", n)
	}
	for name, list := range map[string]string{"no column": "name\nx\n", "empty": "", "no such page": "file\nnone.html\n", "no file": "file\turl\n\tx\n"} {
		var last error
		for _, err := range ReadList(write("bad.tsv", list)) {
			last = err
		}
		if last == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := ReadFile(filepath.Join(dir, "none"), ""); err == nil {
		t.Error("no error for a missing page")
	}
	write("bad.gz", "not gzip")
	if _, err := ReadFile(filepath.Join(dir, "bad.gz"), ""); err == nil {
		t.Error("no error for a broken gzip")
	}
}
