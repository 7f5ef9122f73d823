package market

import (
	"strings"

	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// stockPhrases are the words for states of availability, longest first within
// a state. They are looked for in elements about stock and on buttons, and as
// the whole text elsewhere.
var stockPhrases = []struct {
	state string
	words []string
}{
	{Discontinued, []string{"ngừng kinh doanh", "ngưng kinh doanh", "ngừng sản xuất", "ngừng bán", "không còn kinh doanh", "discontinued", "no longer available", "снят с производства"}},
	{PreOrder, []string{"đặt trước", "sắp về hàng", "sắp có hàng", "sắp ra mắt", "pre-order", "preorder", "coming soon", "vorbestell", "précommande", "предзаказ"}},
	{BackOrder, []string{"backorder", "back order", "on backorder"}},
	{OutOfStock, []string{
		"tạm hết hàng", "đã hết hàng", "hết hàng", "cháy hàng", "hết vé", "tạm hết", "không có sẵn", "không còn hàng", "ngừng nhận đơn",
		"out of stock", "out-of-stock", "sold out", "currently unavailable", "temporarily unavailable", "unavailable", "not available", "not in stock",
		"derzeit nicht verfügbar", "nicht verfügbar", "nicht lieferbar", "nicht auf lager", "nicht vorrätig", "ausverkauft", "vergriffen",
		"rupture de stock", "en rupture", "indisponible", "épuisé", "actuellement indisponible", "no disponible", "agotado", "sin stock", "sin existencias", "esgotado", "indisponível", "sem stock", "esaurito", "non disponibile", "terminato",
		"brak w magazynie", "niedostępny", "produkt niedostępny", "wyprzedane", "vyprodáno", "není skladem", "vypredané", "nie je na sklade", "nedostupn", "stoc epuizat", "indisponibil", "nema na zalihi", "rasprodano", "nincs raktáron", "elfogyott",
		"нет в наличии", "нет на складе", "распродано", "немає в наявності", "uitverkocht", "niet op voorraad", "slutsåld", "ej i lager", "udsolgt", "ikke på lager", "loppuunmyyty", "tükendi", "stokta yok",
		"품절", "일시품절", "在庫切れ", "品切れ", "売り切れ", "缺货", "售罄", "已售完", "אזל מהמלאי", "לא במלאי", "חסר במלאי", "غير متوفر", "نفدت الكمية", "نفذت الكمية",
	}},
	{InStock, []string{
		"còn hàng", "có sẵn", "sẵn hàng", "có hàng", "trong kho", "in stock", "available now", "available", "ready to ship", "auf lager", "sofort lieferbar", "lieferbar", "vorrätig", "verfügbar", "en stock", "disponible", "disponível", "disponibile", "disponibilità immediata",
		"na skladě", "skladem", "na sklade", "skladom", "dostępny", "în stoc", "in stoc", "na zalihi", "raktáron", "в наличии", "є в наявності", "op voorraad", "i lager", "på lager", "varastossa", "stokta", "재고있음", "在庫あり", "有货", "במלאי", "متوفر",
	}},
}

// stockState reads the state of availability in a short text, "" for none.
// A denial within reach ("not sold out") makes it unreadable.
func stockState(s string) string {
	s = strings.ToLower(norm.NFC.String(squeeze(s)))
	if s == "" || len(s) > 160 {
		return ""
	}
	for _, p := range stockPhrases {
		for _, w := range p.words {
			i := strings.Index(s, w)
			if i < 0 {
				continue
			}
			if before := strings.TrimSpace(s[:i]); strings.HasSuffix(before, "not") || strings.HasSuffix(before, "không") || strings.HasSuffix(before, "chưa") || strings.HasSuffix(before, "if") || strings.HasSuffix(before, "khi") {
				continue
			}
			return p.state
		}
	}
	return ""
}

// wholeState reads a text that is nothing but a state: "Hết hàng", "Tình
// trạng: còn hàng".
func wholeState(s string) string {
	s = strings.ToLower(norm.NFC.String(squeeze(s)))
	for _, prefix := range []string{"tình trạng kho hàng", "tình trạng", "trạng thái", "kho hàng", "kho", "availability", "status", "stock"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			s = strings.TrimLeft(rest, " :")
			break
		}
	}
	s = strings.Trim(s, " .!:()[]*-–")
	if len(s) > 40 {
		return ""
	}
	if state := stateByPhrase[s]; state != "" {
		return state
	}
	for _, prefix := range []string{"sản phẩm đã ", "sản phẩm ", "tạm thời "} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			if state := stateByPhrase[rest]; out(state) {
				return state
			}
		}
	}
	return ""
}

var stateByPhrase = func() map[string]string {
	states := make(map[string]string, 128)
	for _, p := range stockPhrases {
		for _, w := range p.words {
			states[w] = p.state
		}
	}
	return states
}()

// buyPhrases are what buttons say that put the product into the cart.
var buyPhrases = []string{
	"thêm vào giỏ", "cho vào giỏ", "mua ngay", "chọn mua", "mua hàng", "đặt hàng", "đặt mua", "thêm giỏ hàng", "add to cart", "add to bag", "add to basket", "buy now", "buy it now", "add to trolley",
	"in den warenkorb", "in den einkaufswagen", "jetzt kaufen", "ajouter au panier", "añadir al carrito", "añadir a la cesta", "agregar al carrito", "comprar", "aggiungi al carrello", "acquista", "adicionar ao carrinho", "do koszyka", "do košíku", "do košíka", "adaugă în coș", "adauga in cos", "u košaricu", "kosárba",
	"купить", "в корзину", "у кошик", "in winkelwagen", "in winkelmand", "lägg i varukorg", "læg i kurv", "sepete ekle", "장바구니", "구매하기", "바로구매", "カートに入れる", "加入购物车", "הוסף לסל", "הוסף לעגלה", "أضف إلى",
}

// buyControls returns the elements that put the page's product into the cart.
func (p *pageReader) buyControls() []int32 {
	if p.buys == nil {
		p.buys = p.findBuyControls()
	}
	return p.buys
}

func (p *pageReader) findBuyControls() []int32 {
	t := p.t
	out := []int32{}
	for i := 1; i < len(t.nodes) && len(out) < 40; i++ {
		n := &t.nodes[i]
		if n.text || n.all&(beside|hintHidden|hintDisabled|hintOption) != 0 {
			continue
		}
		control := n.own&hintButton != 0 || n.tag == atom.A || n.tag == atom.Input
		switch {
		case n.own&hintBuy != 0 && (control || n.tag == atom.Form || n.end-int32(i) < 12):
			out = append(out, int32(i))
		case control && n.end-int32(i) < 30:
			s := ""
			if n.tag == atom.Input {
				s, _ = t.attr(int32(i), "value")
			} else if n.end > int32(i)+1 {
				s = t.textOf(int32(i), 60, hintHidden)
			}
			if s != "" && len(s) < 60 && hasAny(strings.ToLower(s), buyPhrases) {
				out = append(out, int32(i))
			}
		}
	}
	return out
}

// shownState is what the words on the page say about availability. sure tells
// that they stand in an element made for it or on a dead button.
func (p *pageReader) shownState() (state string, sure bool, text string) {
	t := p.t
	from, to := 1, len(t.nodes)
	if p.anchor > 0 {
		from, to = max(1, int(p.anchor)-150), min(to, int(p.anchor)+2500)
	}
	for i := from; i < to; i++ {
		n := &t.nodes[i]
		if !n.text || n.all&(hintHidden|beside|hintOption|hintOld) != 0 || n.to-n.from < 3 || n.to-n.from > 300 {
			continue
		}
		about := hints(0)
		for up, e := 0, n.parent; e > 0 && up < 3; up, e = up+1, t.nodes[e].parent {
			if t.nodes[e].end-e < 40 {
				about |= t.nodes[e].own
			}
		}
		raw := t.src[n.from:n.to]
		var found string
		special := about&(hintStock|hintButton|hintBuy) != 0
		if special {
			found = stockState(unescape(raw))
		} else if len(raw) < 120 {
			found = wholeState(unescape(raw))
		}
		if found == "" || about&hintPrice != 0 && found == InStock {
			continue
		}
		if found == InStock && n.all&hintLink != 0 {
			continue
		}
		if found != InStock {
			return found, special || n.all&hintDisabled != 0, squeeze(unescape(raw))
		}
		if state == "" {
			state, sure, text = found, special, squeeze(unescape(raw))
		}
	}
	return state, sure, text
}

// contactPhrases stand where the price should be when there is none.
var contactPhrases = []string{
	"liên hệ", "thỏa thuận", "thoả thuận", "call for price", "price on request", "price upon request", "contact for price", "contact us for price", "request a quote", "preis auf anfrage", "prix sur demande", "precio a consultar", "prezzo su richiesta", "цена по запросу", "đang cập nhật", "inbox",
}

// contactNearTitle tells whether the element for the price says to get in
// touch, or a line with "Giá: Liên hệ" stands near the title.
func (p *pageReader) contactNearTitle() bool {
	t := p.t
	if p.anchor == 0 {
		return false
	}
	to := min(len(t.nodes), int(p.anchor)+600)
	for i := int(p.anchor); i < to; i++ {
		n := &t.nodes[i]
		if !n.text || n.all&(hintHidden|beside|hintOption|hintLink) != 0 || n.to-n.from > 120 {
			continue
		}
		s := strings.ToLower(norm.NFC.String(squeeze(unescape(t.src[n.from:n.to]))))
		if !hasAny(s, contactPhrases) {
			continue
		}
		if strings.HasPrefix(s, "giá") || strings.HasPrefix(s, "price") || strings.HasPrefix(s, "call for price") || strings.HasPrefix(s, "price on") {
			return !p.inCard(int32(i))
		}
		s = strings.Trim(s, " .:!")
		for up, e := 0, n.parent; e > 0 && up < 3; up, e = up+1, t.nodes[e].parent {
			if t.nodes[e].own&hintPrice != 0 && t.nodes[e].end-e < 12 && len(s) < 40 && !p.inCard(int32(i)) {
				return true
			}
		}
	}
	return false
}
