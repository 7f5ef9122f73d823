package market

import (
	"net/url"
	"strings"

	"github.com/chophien/chophien/catalog/pricetext"
	"golang.org/x/net/html/atom"
)

// maxRows bounds the rows read from one page.
const maxRows = 500

// listingRows reads the cards of a page that shows several products: boxes
// with a name that links away and a price. Boxes of asides do not count.
func (p *pageReader) listingRows(r *Reading) {
	t := p.t
	seen := map[int32]bool{}
	var rows []Row
	for _, k := range p.digits {
		n := &t.nodes[k]
		if n.all&(hintHidden|hintOld|hintAside|hintOption|hintNotPrice) != 0 || len(rows) >= maxRows {
			continue
		}
		e, near := p.priceElement(k)
		if e == 0 {
			continue
		}
		card, link := p.card(e)
		if card == 0 || seen[card] {
			continue
		}
		name := p.cardName(card, link)
		text := t.textOf(e, 160, hintHidden|hintOld)
		price := pricetext.Read(text, titleContext(name))
		if name == "" || name == text || !price.HasPrice() || price.Currency == "" || near > 2 && !mostly(price.Evidence, text) {
			continue
		}
		seen[card] = true
		row := priceRow(name, price)
		if row.ListAmount == "" {
			if list := p.cardList(card, price.Max); !list.IsZero() {
				row.ListAmount = list.String()
			}
		}
		if href, ok := t.attr(link, "href"); ok {
			row.URL = resolve(p.url, href)
		}
		rows = append(rows, row)
	}
	if len(rows) < 2 {
		return
	}
	r.Rows = append(r.Rows, rows...)
	r.Flags = append(r.Flags, FlagListing)
	r.Confidence = 0.8
	r.Evidence.Reason = "several products, none of them the page's"
}

// mostly tells whether a text is a price with little around it, so that an
// amount in a headline is no price.
func mostly(price, text string) bool { return len(text)-len(price) <= 12 }

// titleContext gives what a product's name says about its unit.
func titleContext(name string) pricetext.Context {
	unit, ok := pricetext.Title(name)
	if !ok {
		return pricetext.Context{}
	}
	return pricetext.Context{Unit: unit, UnitSource: pricetext.InTitle}
}

// priceRow turns a price read from text into a row.
func priceRow(name string, price pricetext.Result) Row {
	row := Row{Name: name, Currency: price.Currency, Text: clip(price.Evidence, 300)}
	if !price.Min.IsZero() {
		row.AmountMin = price.Min.String()
	}
	if !price.Max.IsZero() {
		row.AmountMax = price.Max.String()
	}
	if !price.List.IsZero() {
		row.ListAmount = price.List.String()
	}
	if price.Unit.Name != "" {
		row.UnitQty, row.Unit = price.Unit.Qty.String(), price.Unit.Name
	}
	return row
}

// card returns the smallest box around a price that has a product link, and
// the link.
func (p *pageReader) card(e int32) (box, link int32) {
	t := p.t
	if t.nodes[e].all&hintLink != 0 { // the whole card is a link
		for a := e; a > 0; a = t.nodes[a].parent {
			if n := &t.nodes[a]; n.tag == atom.A && n.own&hintLink != 0 {
				if n.end-a < 90 {
					return a, a
				}
				return 0, 0
			}
		}
	}
	for up, a := 0, t.nodes[e].parent; a > 0 && up < 6; up, a = up+1, t.nodes[a].parent {
		n := &t.nodes[a]
		if n.end-a > 120 || p.anchor != 0 && t.inside(p.anchor, a) {
			return 0, 0
		}
		if l := p.cardLink(a); l != 0 {
			return a, l
		}
		for i := a + 1; i < n.end; i++ {
			if c := &t.nodes[i]; c.tag == atom.A && c.own&hintLink != 0 {
				if s := t.textOf(i, 200, hintHidden); strings.Count(s, " ") >= 1 && len(scanMoney(s)) == 0 {
					return a, i
				}
			}
		}
	}
	return 0, 0
}

// cardName returns a card's product name: its heading, else the longest text
// or title of its links.
func (p *pageReader) cardName(card, link int32) string {
	t := p.t
	name := ""
	for i := card; i < t.nodes[card].end; i++ {
		n := &t.nodes[i]
		if n.text {
			continue
		}
		switch n.tag {
		case atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			if s := t.textOf(i, 300, hintHidden); s != "" {
				return s
			}
		case atom.A:
			if n.own&hintLink == 0 {
				continue
			}
			s := ""
			if i != card {
				s = t.textOf(i, 300, hintHidden|hintPrice|hintOld)
			}
			if s == "" || len(scanMoney(s)) > 0 && strings.Count(s, " ") < 2 {
				s, _ = t.attr(i, "title")
			}
			if s = squeeze(s); len(s) > len(name) && len(s) < 300 {
				name = s
			}
		case atom.Img:
			if s, _ := t.attr(i, "alt"); name == "" && strings.Count(s, " ") > 0 {
				name = squeeze(s)
			}
		}
	}
	if name == "" && link != 0 {
		name = squeeze(t.textOf(link, 300, hintHidden|hintPrice|hintOld))
	}
	return name
}

// cardList returns the former price in a card, above the price itself.
func (p *pageReader) cardList(card int32, price amount) amount {
	t := p.t
	for i := card; i < t.nodes[card].end; i++ {
		n := &t.nodes[i]
		if n.text && n.all&hintOld != 0 && n.all&hintHidden == 0 {
			for _, m := range scanMoney(t.textOf(n.parent, 80, hintHidden)) {
				if m.amt.Cmp(price) > 0 {
					return m.amt
				}
			}
		}
	}
	return amount{}
}

// resolve makes a link absolute; what is no address stays as it is.
func resolve(base, href string) string {
	b, err := url.Parse(base)
	if err != nil {
		return href
	}
	u, err := b.Parse(href)
	if err != nil {
		return href
	}
	return u.String()
}
