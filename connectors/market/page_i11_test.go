package market

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestI11APriceThatCannotBeReadIsNotAPrice holds that a page without a price
// gives kind none and no amount at all, never 0, wherever the 0 or the
// nonsense stands.
func TestI11APriceThatCannotBeReadIsNotAPrice(t *testing.T) {
	t.Parallel()
	offer := func(price string) string {
		return ld(`{"@type":"Product","name":"Mật ong bạc hà 500ml","offers":{"@type":"Offer","price":` + price + `,"priceCurrency":"VND","availability":"InStock"}}`)
	}
	const buy = `<button>Mua ngay</button>`
	pages := map[string]string{
		"empty body":                  "",
		"no price":                    doc("vi", "", "<p>Mật ong thơm.</p>"+buy),
		"json-ld 0":                   doc("vi", offer("0"), buy),
		"json-ld 0 as text":           doc("vi", offer(`"0"`), buy),
		"json-ld 0.00":                doc("vi", offer(`"0.00"`), buy),
		"json-ld empty":               doc("vi", offer(`""`), buy),
		"json-ld null":                doc("vi", offer("null"), buy),
		"json-ld words":               doc("vi", offer(`"Liên hệ"`), buy),
		"json-ld not a number":        doc("vi", offer(`"NaN"`), buy),
		"json-ld too large":           doc("vi", offer("99999999999999999999999999"), buy),
		"json-ld aggregate of 0":      doc("vi", ld(`{"@type":"Product","name":"Mật ong bạc hà 500ml","offers":{"@type":"AggregateOffer","lowPrice":0,"highPrice":0,"priceCurrency":"VND"}}`), buy),
		"microdata 0":                 doc("vi", "", `<div itemscope itemtype="https://schema.org/Product"><b itemprop="name">Mật ong bạc hà 500ml</b><b itemprop="price" content="0">0₫</b></div>`+buy),
		"open graph 0":                doc("vi", `<meta property="og:price:amount" content="0"><meta property="og:price:currency" content="VND">`, buy),
		"open graph words":            doc("vi", `<meta property="product:price:amount" content="Liên hệ">`, buy),
		"state 0":                     doc("vi", `<script>window.__INITIAL_STATE__={"name":"Mật ong bạc hà 500ml","price":0,"currency":"VND"}</script>`, buy),
		"shown 0":                     doc("vi", "", `<p class="price">0₫</p>`+buy),
		"shown contact":               doc("vi", "", `<p class="price">Liên hệ</p>`+buy),
		"shown sold out":              doc("vi", "", `<p class="price">Hết hàng</p>`),
		"0 and a related price":       doc("vi", offer("0"), `<div class="related"><h3>Trà</h3><p class="price">90.000₫</p></div>`),
		"only a saving":               doc("vi", "", `<p class="price">Tiết kiệm 20.000₫</p>`+buy),
		"table of nothing":            `<html lang="vi"><body><h1>Giá tiêu</h1><table><tr><th>Tên</th><th>Giá (đ/kg)</th></tr><tr><td>Tiêu</td><td>0</td></tr><tr><td>Cà phê</td><td>-</td></tr><tr><td>Hồi</td><td>Liên hệ</td></tr></table></body></html>`,
		"listing of nothing":          `<html lang="vi"><body><h1>Sản phẩm</h1><div><a href="/a"><img></a><h3><a href="/a">Mật ong</a></h3><p class="price">0₫</p></div><div><a href="/b"><img></a><h3><a href="/b">Trà</a></h3><p class="price">Liên hệ</p></div></body></html>`,
		"article of changes":          `<html lang="vi"><head><meta property="og:type" content="article"></head><body><h1>Giá tiêu</h1><p>Giá tiêu giảm 500 đồng/kg tại Gia Lai, tăng 0 đồng/kg tại Đắk Lắk.</p></body></html>`,
		"a selector that finds words": doc("vi", "", `<p class="x">Liên hệ</p>`),
	}
	for name, page := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := Source{}
			if strings.HasPrefix(name, "a selector") {
				source.Selector = "p.x"
			}
			r := source.Read([]byte(page), "https://shop.example/mat-ong", "text/html")
			if r.Kind != KindNone || r.AmountMin+r.AmountMax+r.ListAmount+r.PerBaseMin+r.PerBaseMax != "" || len(r.Rows) > 0 {
				t.Errorf("got %+v", r)
			}
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "amount") || strings.Contains(string(text), "per_base") {
				t.Errorf("an amount is written: %s", text)
			}
		})
	}
}
