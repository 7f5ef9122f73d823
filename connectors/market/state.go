package market

import (
	"bytes"
	"strings"
)

// stateCandidate looks into the data that scripts carry (__NEXT_DATA__,
// __NUXT__, dataLayer, window.X = {…}) for an object named like the title that
// has a price.
func (p *pageReader) stateCandidate() *candidate {
	if p.folded == "" {
		return nil
	}
	var best *candidate
	budget := 2 << 20
	for _, s := range p.scripts {
		n := p.t.nodes[s]
		src := p.t.src[n.from:n.to]
		if len(src) > budget || len(src) < 20 || !bytes.Contains(src, []byte("rice")) && !bytes.Contains(src, []byte(`"gia`)) {
			continue
		}
		budget -= len(src)
		// Every object that starts after "=", "(" or at the start of the script.
		for from, tries := 0, 0; tries < 12; tries++ {
			at := objectStart(src, from)
			if at < 0 {
				break
			}
			d := parseLoose(src[at:])
			read := 2
			if len(d.nodes) > 0 {
				if c := p.stateObject(d); c != nil && (best == nil || c.score > best.score) {
					best = c
				}
				read = max(read, d.span())
			}
			from = at + read
		}
	}
	return best
}

// span returns how many bytes of the source the document covers at least.
func (d *jdoc) span() int {
	last := d.nodes[len(d.nodes)-1]
	return int(max(last.to, last.key[1]))
}

// objectStart finds the next "{" or "[" that begins a value of a script.
func objectStart(src []byte, from int) int {
	for i := from; i < len(src); i++ {
		at := bytes.IndexByte(src[i:], '{')
		if at < 0 {
			return -1
		}
		i += at
		k := i - 1
		for k >= 0 && (isBlank(src[k]) || src[k] == '[') {
			k--
		}
		if k < 0 || src[k] == '=' || src[k] == '(' || src[k] == ':' || src[k] == '>' || src[k] == ',' {
			next := i + 1
			for next < len(src) && isBlank(src[next]) {
				next++
			}
			if next < len(src) && (src[next] == '"' || src[next] == '\'' || isLetter(src[next])) {
				return i
			}
		}
	}
	return -1
}

// stateObject finds the object of d that is the page's product.
func (p *pageReader) stateObject(d *jdoc) *candidate {
	var best *candidate
	for i := range d.nodes {
		if d.nodes[i].kind != '{' {
			continue
		}
		price := d.field(i, "price", "final_price", "finalprice", "sale_price", "saleprice", "current_price", "currentprice", "price_final", "priceamount")
		if price < 0 {
			continue
		}
		name := d.fieldText(i, "name", "title", "product_name", "productname")
		likeness := alike(fold(name), p.folded)
		if name == "" || likeness < 0.8 {
			continue
		}
		c := &candidate{method: MethodState, path: "script " + d.key(price), name: name, score: likeness}
		c.currency = currencyCode(d.fieldText(i, "currency", "currencycode", "pricecurrency", "currency_code"))
		if d.nodes[price].kind == '{' {
			now := d.field(price, "sale", "current", "final", "value", "amount", "now", "price")
			was := d.field(price, "original", "list", "regular", "was", "msrp")
			if code := currencyCode(d.fieldText(price, "currency", "currencycode", "currency_code")); c.currency == "" {
				c.currency = code
			}
			if a, ok := structuredAmount(d.text(was), c.currency); was >= 0 && ok {
				c.list = a
			}
			if now < 0 {
				continue
			}
			price = now
		}
		c.raw = d.text(price)
		a, ok := structuredAmount(c.raw, c.currency)
		if !ok {
			continue
		}
		if c.currency == "" {
			if ms := scanMoney(c.raw); len(ms) > 0 {
				c.currency = ms[0].currency
			}
		}
		c.take(a, "")
		if list, ok := structuredAmount(d.fieldText(i, "list_price", "original_price", "listprice", "originalprice", "compare_at_price", "regular_price", "old_price", "price_before_discount"), c.currency); ok && list.Cmp(a) > 0 {
			c.list = list
		}
		c.avail = readAvailability(d.fieldText(i, "availability", "inventory_status", "stock_status", "stockstatus"))
		if c.avail == "" {
			switch strings.ToLower(d.fieldText(i, "available", "in_stock", "instock", "is_in_stock")) {
			case "true", "1":
				c.avail = InStock
			case "false", "0":
				c.avail = OutOfStock
			}
		}
		if best == nil || c.score > best.score {
			best = c
		}
	}
	return best
}

// graphCandidate reads the price from Open Graph and its relatives.
func (p *pageReader) graphCandidate() *candidate {
	c := &candidate{method: MethodOpenGraph}
	for _, name := range []string{"product:sale_price", "product:price", "og:price"} {
		raw, ok := p.metas[name+":amount"]
		key := name + ":amount"
		if !ok || raw == "" {
			raw, ok = p.metas[name]
			key = name
		}
		if !ok || raw == "" {
			continue
		}
		currency := currencyCode(p.metas[name+":currency"])
		ms := scanMoney(raw)
		if currency == "" && len(ms) > 0 {
			currency = ms[0].currency
		}
		a, ok := structuredAmount(raw, currency)
		if !ok {
			continue
		}
		if c.priced() || c.zero {
			// A sale price was read: this is the list price.
			if a.Cmp(c.max) > 0 {
				c.list = a
			}
			continue
		}
		c.path, c.raw, c.currency = key, raw, currency
		c.take(a, "")
	}
	for _, name := range []string{"product:original_price:amount", "og:price:standard_amount", "product:list_price:amount"} {
		if a, ok := structuredAmount(p.metas[name], c.currency); ok && c.priced() && a.Cmp(c.max) > 0 {
			c.list = a
		}
	}
	for _, name := range []string{"product:availability", "og:availability", "availability"} {
		if c.avail == "" {
			c.avail = readAvailability(p.metas[name])
		}
	}
	if c.currency == "" {
		for _, name := range []string{"product:price:currency", "og:price:currency", "og:currency", "product:currency"} {
			if c.currency == "" {
				c.currency = currencyCode(p.metas[name])
			}
		}
	}
	return c
}
