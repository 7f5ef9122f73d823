package market

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// hints are what tags, classes and ids say about the text below them.
type hints uint32

const (
	hintPrice    hints = 1 << iota // a price
	hintNow                        // the price to pay now
	hintOld                        // a former or a list price
	hintAside                      // related products, menus, carts, banners
	hintHidden                     // not shown
	hintLink                       // inside a link
	hintOption                     // a choice: size, color, variant
	hintNotPrice                   // shipping, savings, instalments, points
	hintStock                      // availability
	hintButton                     // a button or a link that looks like one
	hintBuy                        // puts the product into the cart
	hintDisabled                   // a control that does not work
	hintCents                      // the decimals of a price
	hintUnit                       // the price per unit beside the pack's price
	hintExTax                      // a price before tax
	hintRegular                    // "regular", "list": a former price, or just the price
	hintCard                       // a box of a loop over products
	hintProp                       // has an itemprop
	hintScope                      // has an itemscope or itemtype
	hintMargin                     // a part of the page that seldom holds the product: sidebar, header
)

// inherited hints say the same about everything below an element.
const inherited = hintOld | hintAside | hintHidden | hintLink | hintOption | hintNotPrice | hintDisabled | hintUnit | hintExTax | hintButton | hintCard | hintMargin

// beside is what lies beside the page's own product.
const beside = hintAside | hintCard

// hintWords are whole words of a class or id, hintParts any part of one.
var hintWords = []struct {
	hint  hints
	words string
}{
	{hintPrice, "gia giaban price prices preis prix precio precios preco prezzo prezzi cena ceny cijena pris prijs hinta fiyat harga amount money pricing cost costo kosten preise tien"},
	{hintNow, "current now final sale sales special our offer special-price discounted promo reduced pricenew new actual main buybox deal selling sell moi giamoi kaufpreis aktionspreis today buying salesprice main-price"},
	{hintRegular, "list listprice regular retail market standard"},
	{hintOld, "old was before original compare strike striked strikethrough crossed previous barre barré rrp msrp uvp priceold oldprice old-price giacu gia-cu gia_cu giagoc gia-goc gia_goc price-del del-price linethrough tachado streich streichpreis before-discount ancien antes nonsale undiscounted older was-price"},
	{hintAside, "related similar upsell upsells crosssell crossell cross-sells recommend recommended recommendation recommendations recommended-products carousel bestseller bestsellers banchay lienquan tuongtu recently viewed minicart cart-total basket breadcrumb breadcrumbs menu megamenu nav navbar navigation footer sponsored advert also bought accessories suggestion suggestions trending newsletter compare-products siblings you-may-also-like topbar wishlist reviews cookie consent facet facets slider-range freeshipping alternatives"},
	{hintCard, "loop"},
	{hintMargin, "sidebar banner popular bundle bundles accessory filter filters review comments"},
	{hintOption, "swatch swatches variant-option twister size-selector option options"},
	{hintNotPrice, "shipping ship delivery versand livraison envio savings save saving saved saves discount-amount installment installments instalment financing finance cuotas rate monthly points point bonus bonuses voucher coupon cashback giftcard deposit tietkiem tiet-kiem vanchuyen phiship percent badge warranty insurance protection rating"},
	{hintStock, "stock availability available instock outofstock avail tinhtrang tonkho conhang hethang inventory disponibilita disponibilite disponibilidad verfugbarkeit lieferbar soldout"},
	{hintBuy, "addtocart add-to-cart buy buynow buy-now addtobasket add2cart addtobag add-to-bag addcart muahang muangay themvaogio giohang-add btn-cart btn-addtocart buybutton buybut tocart single_add_to_cart_button checkout purchase kaufen kupi koupit"},
	{hintCents, "cents cent decimal decimals fraction sup superscript penny pence kurus centimes cts"},
	{hintUnit, "unitprice unit-price perunit per-unit baseprice grundpreis priceperunit price-per-unit ppu pum"},
	{hintExTax, "notax extax ex-vat exvat netto without-tax withouttax excl novat nettoprice netprice exkl exmoms exbtw brezddv noddv ht"},
	{hintHidden, "hidden hide d-none dn display-none"},
}

var hintParts = []struct {
	hint hints
	part string
}{
	{hintPrice, "price"},
	{hintPrice, "preis"},
	{hintPrice, "giaban"},
	{hintPrice, "prezzo"},
	{hintPrice, "precio"},
	{hintOld, "oldprice"},
	{hintOld, "priceold"},
	{hintOld, "price_old"},
	{hintOld, "price-old"},
	{hintRegular, "listprice"},
	{hintOld, "wasprice"},
	{hintOld, "compareprice"},
	{hintRegular, "regularprice"},
	{hintOld, "strikethrough"},
	{hintOld, "pricedel"},
	{hintNow, "pricenew"},
	{hintNow, "saleprice"},
	{hintNow, "ourprice"},
	{hintNow, "finalprice"},
	{hintNow, "currentprice"},
	{hintNow, "insidebuybox"},
	{hintNow, "actualprice"},
	{hintAside, "related"},
	{hintAside, "recommend"},
	{hintAside, "upsell"},
	{hintAside, "crosssell"},
	{hintAside, "cross-sell"},
	{hintAside, "minicart"},
	{hintAside, "mini-cart"},
	{hintAside, "bestseller"},
	{hintAside, "ban-chay"},
	{hintAside, "lien-quan"},
	{hintAside, "tuong-tu"},
	{hintAside, "carousel"},
	{hintAside, "sponsored"},
	{hintNotPrice, "shipping"},
	{hintNotPrice, "instal"},
	{hintBuy, "addtocart"},
	{hintBuy, "add-to-cart"},
	{hintBuy, "add_to_cart"},
	{hintBuy, "addtobasket"},
	{hintBuy, "add-to-basket"},
	{hintBuy, "addtobag"},
	{hintBuy, "add-to-bag"},
	{hintBuy, "buy-now"},
	{hintBuy, "buynow"},
	{hintStock, "availability"},
	{hintStock, "outofstock"},
	{hintStock, "out-of-stock"},
	{hintUnit, "unitprice"},
	{hintUnit, "grundpreis"},
	{hintUnit, "priceper"},
	{hintUnit, "price-per"},
	{hintUnit, "price_per"},
	{hintUnit, "per-quantity"},
	{hintNotPrice, "omnibus"},
	{hintNotPrice, "lowest"},
	{hintUnit, "price-per-unit"},
}

// hintByWord is hintWords as a map.
var hintByWord = func() map[string]hints {
	index := make(map[string]hints, 256)
	for _, row := range hintWords {
		for word := range strings.FieldsSeq(row.words) {
			index[word] |= row.hint
		}
	}
	return index
}()

// partsByStart holds the indexes of hintParts by their first two letters.
var partsByStart = func() (index [1024][]uint8) {
	for i, row := range hintParts {
		at := startOf(row.part[0], row.part[1])
		index[at] = append(index[at], uint8(i))
	}
	return index
}()

func startOf(first, second byte) int { return (int(first)*37 + int(second)) & 1023 }

// readHints returns what one class or id attribute says.
func readHints(value string) hints {
	var buf [400]byte
	flat := buf[:min(len(value), len(buf))]
	for i := range flat {
		flat[i] = lower(value[i])
	}
	var h hints
	for i := 0; i+1 < len(flat); i++ {
		for _, k := range partsByStart[startOf(flat[i], flat[i+1])] {
			if part := hintParts[k].part; len(flat)-i >= len(part) && string(flat[i:i+len(part)]) == part {
				h |= hintParts[k].hint
			}
		}
	}
	for i := 0; i < len(flat); {
		if isBlank(flat[i]) {
			i++
			continue
		}
		class := i
		for i < len(flat) && !isBlank(flat[i]) {
			i++
		}
		h |= hintByWord[string(flat[class:i])]
		// Words inside a class: product-price_old, productPriceOld.
		from := class
		for k := class; k <= i; k++ {
			if k < i && isLetter(flat[k]) && !(k > from && value[k] <= 'Z' && value[k-1] >= 'a') {
				continue
			}
			if k > from && (from > class || k < i) {
				h |= hintByWord[string(flat[from:k])]
			}
			from = k
			if k < i && !isLetter(flat[k]) {
				from++
			}
		}
	}
	return h
}

// mark fills in the hints of all nodes. Ancestors of the title never count as
// asides, whatever their classes say: the product is in them.
func (t *tree) mark(title int32) {
	around := map[int32]bool{0: true}
	for e := title; e > 0; e = t.nodes[e].parent {
		around[e] = true
	}
	for i := 1; i < len(t.nodes); i++ {
		n := &t.nodes[i]
		up := t.nodes[n.parent].all & inherited
		if n.text {
			n.all = up
			continue
		}
		h := n.own
		if around[int32(i)] || n.tag == atom.Body || n.tag == atom.Html {
			h &^= beside | hintMargin | hintHidden | hintLink | hintNotPrice | hintOption | hintOld | hintDisabled | hintUnit | hintExTax | hintButton
			up = 0
		}
		if h&hintPrice != 0 && h&hintOld != 0 && h&hintNow != 0 {
			h &^= hintOld // "price regular sale": says both
		}
		n.all = h | up
	}
}

// ownHints reads the hints of one element from its tag and attributes.
func (t *tree) ownHints(i int32) hints {
	n := &t.nodes[i]
	var h hints
	switch n.tag {
	case atom.Del, atom.S, atom.Strike:
		h |= hintOld
	case atom.Ins:
		h |= hintNow
	case atom.Sup:
		h |= hintCents
	case atom.Nav, atom.Footer, atom.Dialog:
		h |= hintAside
	case atom.Code, atom.Pre, atom.Kbd, atom.Samp:
		h |= hintNotPrice
	case atom.Header, atom.Aside:
		h |= hintMargin
	case atom.Select, atom.Option, atom.Datalist:
		h |= hintOption
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Textarea, atom.Iframe, atom.Head:
		h |= hintHidden
	case atom.Button:
		h |= hintButton
	}
	if n.from == n.to {
		return h
	}
	t.attrs(i, func(name, value []byte) bool {
		switch string(name) {
		case "class", "id":
			if len(value) == 0 {
				return true
			}
			w, ok := t.words[string(value)]
			if !ok {
				w = readHints(string(value))
				t.words[string(value)] = w
			}
			h |= w
		case "href":
			if n.tag == atom.A && len(value) > 1 && value[0] != '#' && !hasPrefixFold(value, "javascript:") {
				h |= hintLink
			}
		case "style":
			if hides(value) {
				h |= hintHidden
			} else if containsFold(value, "line-through") {
				h |= hintOld
			}
		case "hidden":
			h |= hintHidden
		case "disabled":
			h |= hintDisabled
		case "type":
			if n.tag == atom.Input && (hasPrefixFold(value, "submit") || hasPrefixFold(value, "button")) {
				h |= hintButton
			}
		case "role":
			if hasPrefixFold(value, "button") {
				h |= hintButton
			} else if hasPrefixFold(value, "navigation") || hasPrefixFold(value, "dialog") {
				h |= hintAside
			}
		case "name":
			if n.tag == atom.Button || n.tag == atom.Input {
				h |= nameHints(value)
			}
		case "itemscope", "itemtype":
			h |= hintScope
		case "itemprop":
			h |= hintProp
			if containsFold(value, "isrelatedto") || containsFold(value, "issimilarto") || containsFold(value, "isaccessory") {
				h |= hintAside
			}
		}
		return true
	})
	if h&(hintAside|hintHidden) == hintHidden && n.tag == atom.Body {
		h &^= hintHidden
	}
	return h
}

// nameHints reads the name of a control.
func nameHints(value []byte) hints {
	if containsFold(value, "add-to-cart") || containsFold(value, "addtocart") || containsFold(value, "add_to_cart") {
		return hintBuy
	}
	return 0
}

// hides tells whether a style attribute hides its element.
func hides(style []byte) bool {
	for i := 0; i+12 <= len(style); i++ {
		if c := style[i] | 0x20; c != 'd' && c != 'v' {
			continue
		}
		rest := style[i:]
		if hasPrefixFold(rest, "display") {
			v := trimLeft(rest[7:], ": ")
			if hasPrefixFold(v, "none") {
				return true
			}
		} else if hasPrefixFold(rest, "visibility") {
			v := trimLeft(rest[10:], ": ")
			if hasPrefixFold(v, "hidden") {
				return true
			}
		}
	}
	return false
}

func trimLeft(b []byte, cut string) []byte {
	for len(b) > 0 && strings.IndexByte(cut, b[0]) >= 0 {
		b = b[1:]
	}
	return b
}

// hasPrefixFold compares ASCII without regard to case; prefix is lower case.
func hasPrefixFold(b []byte, prefix string) bool {
	if len(b) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if lower(b[i]) != prefix[i] {
			return false
		}
	}
	return true
}

func containsFold(b []byte, part string) bool {
	for i := 0; i+len(part) <= len(b); i++ {
		if hasPrefixFold(b[i:], part) {
			return true
		}
	}
	return false
}
