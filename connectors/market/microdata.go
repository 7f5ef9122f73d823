package market

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// microItem is a product of the page's microdata.
type microItem struct {
	candidate
	scope int32 // the product's element, 0 for properties outside any
	rank  float64
}

// microItems reads the products that microdata describes. Offers belong to the
// nearest item that is not itself an offer; prices outside any item form one.
func (p *pageReader) microItems() []microItem {
	t := p.t
	var items []microItem
	if len(p.props) == 0 {
		return nil
	}
	scopes := t.itemScopes()
	byScope := map[int32]int{}
	var former []int32
	item := func(scope int32) *microItem {
		k, ok := byScope[scope]
		if !ok {
			k = len(items)
			byScope[scope] = k
			items = append(items, microItem{scope: scope})
			items[k].method, items[k].path, items[k].node = MethodMicrodata, "itemprop=price", scope
		}
		return &items[k]
	}
	for _, e := range p.props {
		prop, _ := t.attr(e, "itemprop")
		if len(items) > 300 {
			break
		}
		for _, name := range strings.Fields(strings.ToLower(prop)) {
			switch name {
			case "price", "lowprice", "highprice":
				switch n := &t.nodes[e]; {
				case n.all&beside != 0:
				case n.all&hintOld == 0:
					p.microPrice(e, item(scopes[e]))
				case n.tag == atom.Meta:
					former = append(former, e)
				}
			case "pricecurrency":
				if it := item(scopes[e]); it.currency == "" || len(it.currency) != 3 {
					if code := currencyCode(p.propValue(e)); code != "" {
						it.currency = code
					}
				}
			case "availability":
				it := item(scopes[e])
				value := p.propValue(e)
				a := readAvailability(value)
				if a == "" {
					a = stockState(value)
				}
				if it.avail == "" {
					it.avail = a
				}
			case "name":
				if scope := scopes[e]; scope != 0 {
					if it := item(scope); it.name == "" {
						it.name = p.propValue(e)
					}
				}
			}
		}
	}
	// A price in a struck-out part is the list price, unless it is the only one.
	for _, e := range former {
		it := item(scopes[e])
		if !it.priced() {
			p.microPrice(e, it)
			continue
		}
		value, _ := t.attr(e, "content")
		if a, ok := structuredAmount(value, it.currency); ok && a.Cmp(it.max) > 0 {
			it.list = a
		}
	}
	for k := range items {
		p.rankItem(&items[k])
	}
	return items
}

// itemScopes returns for each node the item its properties are about: the
// nearest itemscope that is not an offer, a price specification or the page.
func (t *tree) itemScopes() []int32 {
	scopes := make([]int32, len(t.nodes))
	for i := 1; i < len(t.nodes); i++ {
		n := &t.nodes[i]
		scopes[i] = scopes[n.parent]
		// An element's own properties belong to the scope around it.
		if up := n.parent; up > 0 && t.isScope(up) {
			scopes[i] = up
		}
	}
	return scopes
}

func (t *tree) isScope(e int32) bool {
	n := &t.nodes[e]
	if n.tag == atom.Body || n.tag == atom.Html || n.own&hintScope == 0 {
		return false
	}
	kind, _ := t.attr(e, "itemtype")
	kind = strings.ToLower(kind[:min(len(kind), 200)])
	return !strings.Contains(kind, "offer") && !strings.Contains(kind, "pricespecification") && !strings.Contains(kind, "webpage")
}

// propValue returns content, else href, else the text.
func (p *pageReader) propValue(e int32) string {
	t := p.t
	if v, ok := t.attr(e, "content"); ok {
		return strings.TrimSpace(v)
	}
	if v, ok := t.attr(e, "href"); ok {
		return v
	}
	return t.textOf(e, 300, hintOld)
}

// microPrice reads an itemprop=price. Its value may hold several prices glued
// together: then the text is read child by child without struck ones, and of
// two different ones the lower is the price and the higher the list price.
func (p *pageReader) microPrice(e int32, it *microItem) {
	t := p.t
	value, _ := t.attr(e, "content")
	found := scanMoney(value)
	if len(found) == 0 {
		value = t.textOf(e, 200, hintOld)
		if found = scanMoney(value); len(found) == 0 {
			return
		}
	}
	if it.raw == "" {
		it.raw = value
	}
	currency := it.currency
	if len(found) == 1 || found[0].scaled {
		if found[0].currency != "" && currency == "" {
			it.currency = found[0].currency
		}
		if a, ok := structuredAmount(value, currency); ok {
			it.take(a, "")
		}
		return
	}
	low, high := found[0].amt, found[0].amt
	for _, m := range found[1:] {
		if m.amt.Cmp(low) < 0 {
			low = m.amt
		}
		if m.amt.Cmp(high) > 0 {
			high = m.amt
		}
	}
	if it.currency == "" {
		it.currency = found[0].currency
	}
	it.take(low, "")
	if low != high {
		it.list = high
	}
}

// rankItem tells how likely an item is the page's product.
func (p *pageReader) rankItem(it *microItem) {
	t := p.t
	if it.scope != 0 {
		n := &t.nodes[it.scope]
		if n.all&beside != 0 {
			it.rank -= 3
		}
		if p.anchor != 0 && t.inside(p.anchor, it.scope) {
			it.rank += 3
		}
	} else {
		it.rank -= 0.5
	}
	if it.name != "" && p.folded != "" {
		it.rank += 2*alike(fold(it.name), p.folded) - 1
	}
}
