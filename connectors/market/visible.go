package market

import (
	"strings"

	"github.com/chophien/chophien/catalog/pricetext"
	"golang.org/x/net/html/atom"
)

// visible is what the shown text says about the product's price.
type visible struct {
	best    *candidate
	second  float64 // score of the best candidate with another amount
	shown   map[amount]bool
	struck  map[amount]bool // former prices near the title
	sells   bool            // there is a way to buy
	contact bool            // where the price should be the page asks to get in touch
	found   []candidate     // all of them, for people who want to know
}

// findVisible looks for the product's price in what the page shows.
func (p *pageReader) findVisible() visible {
	t := p.t
	v := visible{shown: map[amount]bool{}, struck: map[amount]bool{}}
	var found []candidate
	signatures := map[string]map[amount]bool{}
	done := map[int32]bool{} // elements already read
	buys := p.buyControls()
	v.sells = len(buys) > 0
	for _, k := range p.digits {
		n := &t.nodes[k]
		if n.all&hintHidden != 0 && n.all&hintOld == 0 || len(found) > 3000 {
			continue
		}
		e, near := p.priceElement(k)
		if e == 0 || done[e] {
			continue
		}
		done[e] = true
		text := t.textOf(e, 160, hintOld|hintHidden)
		ms := scanMoney(text)
		if t.nodes[e].all&hintOld != 0 {
			text = t.textOf(e, 160, hintHidden)
			ms = scanMoney(text)
		}
		if len(ms) == 0 || len(ms) > 4 {
			continue
		}
		c := p.scoreVisible(e, k, near, text, ms, buys)
		if !c.priced() || !p.readVietnamese(&c, ms) {
			continue
		}
		sig := p.signature(e)
		if signatures[sig] == nil {
			signatures[sig] = map[amount]bool{}
		}
		signatures[sig][c.min] = true
		c.path = sig
		found = append(found, c)
	}
	counts := map[amount]int{}
	for i := range found {
		c := &found[i]
		all := t.nodes[c.node].all
		if all&hintOld != 0 || c.score <= -50 {
			if all&(beside|hintLink) == 0 {
				v.struck[c.min] = true
			}
			continue
		}
		if all&beside == 0 {
			counts[c.min]++
		}
	}
	for i := range found {
		c := &found[i]
		if t.nodes[c.node].all&hintOld != 0 || c.score <= -50 {
			continue
		}
		v.shown[c.min] = true
		v.shown[c.max] = true
		c.score += min(float64(counts[c.min]-1)*0.5, 1)
		for k := max(0, i-8); k < min(len(found), i+9); k++ {
			if f := &found[k]; f.node > c.node-10 && f.node < c.node+10 && t.nodes[f.node].all&hintOld != 0 && f.min.Cmp(c.max) > 0 && t.common(f.node, c.node, 3) {
				c.score += 2 // a former price struck out beside it
				break
			}
		}
		if len(signatures[c.path]) > 2 {
			c.score -= 3
		}
		if v.best == nil || c.score > v.best.score {
			v.best = c
		}
	}
	v.found = found
	if v.best == nil {
		v.contact = p.contactNearTitle()
		return v
	}
	// Of two prices side by side the lower is the price, the higher the list price.
	for i := range found {
		c := &found[i]
		if c.score > v.best.score-2 && c != v.best && p.formerOf(v.best, c) && t.nodes[c.node].all&hintOld == 0 && p.reduced(c, v.best) {
			v.best = c
		}
	}
	p.findList(v.best, found)
	v.best = withTax(v.best, found)
	v.second = -100
	for i := range found {
		c := &found[i]
		if t.nodes[c.node].all&hintOld == 0 && c.score > -50 && c.min != v.best.min && !v.best.says(c.min) && c.score > v.second && !p.formerOf(c, v.best) && !(c.exTax && !v.best.exTax && t.common(c.node, v.best.node, 5)) {
			v.second = c.score
		}
	}
	v.contact = p.contactNearTitle()
	return v
}

// priceElement returns the element whose text is the whole price around text
// node k, 0 when the node is no price; near tells how many levels above the
// text a class or id speaks of a price (9 for none).
func (p *pageReader) priceElement(k int32) (e int32, near int) {
	t := p.t
	near = 9
	for up, a := 0, t.nodes[k].parent; a > 0 && up < 4; up, a = up+1, t.nodes[a].parent {
		if t.nodes[a].own&hintPrice != 0 {
			near = up
			break
		}
	}
	length := int(t.nodes[k].to - t.nodes[k].from)
	if length > 400 || near == 9 && length > 120 {
		return 0, 9
	}
	e = t.nodes[k].parent
	text := t.textOf(e, 160, hintOld|hintHidden)
	if len(text) > 120 {
		return 0, 9
	}
	ms := scanMoney(text)
	// Climb while the price is not whole: no sign yet, or decimals outside.
	for up, a := 0, t.nodes[e].parent; a > 0 && up < 3; up, a = up+1, t.nodes[a].parent {
		n := &t.nodes[a]
		if n.end-a > 40 || n.tag == atom.Body || n.tag == atom.Form || n.tag == atom.Tr || n.tag == atom.Ul {
			break
		}
		wider := t.textOf(a, 80, hintOld|hintHidden)
		if len(wider) > 70 {
			break
		}
		more := scanMoney(wider)
		if len(more) != 1 || len(ms) > 1 {
			break
		}
		signless := len(ms) == 0 || ms[0].currency == ""
		if !(len(ms) == 0 || signless && more[0].currency != "" || more[0].amt != ms[0].amt && strings.HasPrefix(more[0].amt.String(), ms[0].amt.String()+".")) {
			if signless && more[0].amt == ms[0].amt {
				continue
			}
			break
		}
		e, ms = a, more
	}
	if len(ms) == 0 {
		return 0, 9
	}
	// "$3.499 - $4.059" with each end in an element of its own.
	for up, a := 0, t.nodes[e].parent; a > 0 && up < 4 && len(ms) == 1; up, a = up+1, t.nodes[a].parent {
		if t.nodes[a].end-a > 30 {
			break
		}
		wider := t.textOf(a, 60, hintOld|hintHidden)
		if len(wider) > 50 {
			break
		}
		if more := scanMoney(wider); len(more) == 2 && isDash(wider[more[0].to:more[1].from]) && more[1].amt.Cmp(more[0].amt) > 0 {
			e, ms = a, more
		}
	}
	signed := false
	for _, m := range ms {
		signed = signed || m.currency != ""
	}
	if !signed && near > 2 {
		return 0, 9
	}
	return e, near
}

// readVietnamese reads a shown price again with the rules for Vietnamese text
// when the page or the sign says so: "65k", "1tr2/kg", "từ 99.000đ". It is
// false when these rules find no price in it, or when the number has a
// magnitude that nothing can be made of.
func (p *pageReader) readVietnamese(c *candidate, ms []money) bool {
	scaled := false
	for _, m := range ms {
		scaled = scaled || m.scaled
	}
	if !p.vietnamese && c.currency != "VND" || c.currency != "" && c.currency != "VND" {
		return !scaled
	}
	if c.score <= -50 {
		return true
	}
	got := pricetext.Read(c.raw, pricetext.Context{Vietnamese: true, Currency: c.currency})
	if !got.HasPrice() {
		return c.currency == "" && !scaled && got.Kind == pricetext.Unreadable
	}
	if got.Qualifier == pricetext.Upto {
		return false // a filter or a voucher, not what the product costs
	}
	c.min, c.max = got.Min, got.Max
	if c.max.IsZero() {
		c.max = c.min
	}
	if c.list = got.List; got.Currency != "" && c.currency == "" {
		c.currency = got.Currency
		c.score += 3 // scored as a bare number
	}
	return true
}

// isDash tells whether what stands between two amounts makes them a range.
func isDash(between string) bool {
	switch strings.Trim(between, " €$£₫đ\u00a0|") {
	case "-", "–", "—", "~", "to", "đến":
		return true
	}
	return false
}

// signature groups elements that look alike: the class of the element and of
// its parent.
func (p *pageReader) signature(e int32) string {
	t := p.t
	name := func(i int32) string {
		s := t.nodes[i].tag.String()
		if c, ok := t.attr(i, "class"); ok && c != "" {
			s += "." + strings.Join(strings.Fields(c), ".")
		} else if id, ok := t.attr(i, "id"); ok {
			s += "#" + id
		}
		return s[:min(len(s), 80)]
	}
	return name(t.nodes[e].parent) + " > " + name(e)
}

// inCard tells whether an element lies in a small box that shows another
// product: one with a picture or a heading that links away.
func (p *pageReader) inCard(e int32) bool {
	t := p.t
	for up, a := 0, t.nodes[e].parent; a > 0 && up < 6; up, a = up+1, t.nodes[a].parent {
		n := &t.nodes[a]
		if n.end-a > 90 || p.anchor != 0 && t.inside(p.anchor, a) {
			return false
		}
		if p.cardLink(a) != 0 {
			return true
		}
	}
	return false
}

// cardLink returns the link by which box a shows another product, or 0.
func (p *pageReader) cardLink(a int32) int32 {
	t := p.t
	for i := a + 1; i < t.nodes[a].end; i++ {
		n := &t.nodes[i]
		if n.text || n.tag != atom.A || n.own&hintLink == 0 {
			continue
		}
		switch t.nodes[n.parent].tag {
		case atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			return i
		}
		for j := i + 1; j < n.end; j++ {
			switch t.nodes[j].tag {
			case atom.Img, atom.Picture, atom.H2, atom.H3, atom.H4, atom.H5:
				if href, _ := t.attr(i, "href"); !p.samePage(href) && !isImage(href) {
					return i
				}
			}
		}
	}
	return 0
}

func isImage(href string) bool {
	s := strings.ToLower(href)
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i]
	}
	for _, ext := range []string{".jpg", ".jpeg", ".png", ".webp", ".gif"} {
		if strings.HasSuffix(s, ext) {
			return true
		}
	}
	return false
}

// samePage tells whether a link leads to the page itself.
func (p *pageReader) samePage(href string) bool {
	if href == "" || href[0] == '#' {
		return true
	}
	slug := slugWords(href)
	return p.slug != "" && slug == p.slug
}

// formerOf tells whether c stands beside best as its former price: higher, in
// the same small box, and not said to be another unit's or another tax's.
func (p *pageReader) formerOf(c, best *candidate) bool {
	d := c.node - best.node
	if c.min.Cmp(best.max) <= 0 || d < -24 || d > 24 || !p.t.common(c.node, best.node, 4) || c.currency != best.currency {
		return false
	}
	if c.per != best.per || c.whole != best.whole || best.max.Cmp(part(c.min, 1, 4)) < 0 { // no shop reduces a price by more
		return false
	}
	differ := p.t.nodes[c.node].all ^ p.t.nodes[best.node].all
	return c.exTax == best.exTax && differ&(hintUnit|hintNotPrice|beside|hintOption) == 0
}

// reduced tells whether something besides its being lower says that c is what
// best was reduced to: a word for either, or that they stand together.
func (p *pageReader) reduced(c, best *candidate) bool {
	if c.doubt {
		return false
	}
	if c.now || best.regular {
		return true
	}
	d := c.node - best.node
	return d > -8 && d < 8 && c.min.Cmp(part(best.min, 3, 5)) > 0
}

// withTax returns the price with tax when best is said to be without and its
// list price is no more than a tax above it.
func withTax(best *candidate, found []candidate) *candidate {
	if !best.exTax || best.list.IsZero() || best.list.Cmp(part(best.min, 13, 10)) > 0 {
		return best
	}
	for i := range found {
		if c := &found[i]; c.min == best.list && !c.exTax {
			c.score = max(c.score, best.score)
			return c
		}
	}
	return best
}

// findList gives the chosen candidate the former price that stands with it.
func (p *pageReader) findList(best *candidate, found []candidate) {
	if !best.list.IsZero() {
		return
	}
	t := p.t
	gap := int32(60)
	for i := range found {
		c := &found[i]
		if c.min.Cmp(best.max) <= 0 || t.nodes[c.node].all&hintOld == 0 && c.score > -50 && !p.formerOf(c, best) {
			continue
		}
		d := c.node - best.node
		if d < 0 {
			d = -d
		}
		if d < gap && t.common(c.node, best.node, 5) {
			gap, best.list = d, c.max
		}
	}
}

// common tells whether two nodes share an ancestor at most levels above a.
func (t *tree) common(a, b int32, levels int) bool {
	for up, e := 0, t.nodes[a].parent; e > 0 && up < levels; up, e = up+1, t.nodes[e].parent {
		if t.inside(b, e) {
			return true
		}
	}
	return false
}
