package market

import (
	"strings"
)

// jsonProduct is a product of a JSON-LD block with its offers read.
type jsonProduct struct {
	candidate
	url string
}

// jsonProducts reads the products of all JSON-LD blocks.
func (p *pageReader) jsonProducts() []jsonProduct {
	var found []jsonProduct
	for _, s := range p.jsonld {
		n := p.t.nodes[s]
		d := parseLoose(p.t.src[n.from:n.to])
		if len(d.nodes) > 0 {
			found = d.products(0, found, 0)
		}
	}
	return found
}

// products collects every object that is for sale below value i, leaving out
// what is only mentioned beside another product.
func (d *jdoc) products(i int, found []jsonProduct, depth int) []jsonProduct {
	if depth > 24 || len(found) > 500 {
		return found
	}
	switch d.nodes[i].kind {
	case '[':
		for c := i + 1; c < int(d.nodes[i].end); c = int(d.nodes[c].end) {
			found = d.products(c, found, depth+1)
		}
	case '{':
		if d.forSale(i) {
			return append(found, d.product(i))
		}
		for c := i + 1; c < int(d.nodes[i].end); c = int(d.nodes[c].end) {
			switch d.key(c) {
			case "isrelatedto", "issimilarto", "isaccessoryorsparepartfor", "isconsumablefor", "review", "reviews", "offers", "makesoffer":
			default:
				found = d.products(c, found, depth+1)
			}
		}
	}
	return found
}

// productTypes are the schema.org types that are sold; every type ending in
// "event" is too.
var productTypes = map[string]bool{
	"product": true, "productgroup": true, "productmodel": true, "individualproduct": true, "someproducts": true, "vehicle": true, "car": true, "motorcycle": true,
	"book": true, "course": true, "softwareapplication": true, "mobileapplication": true, "service": true, "menuitem": true, "movie": true, "musicalbum": true,
}

func (d *jdoc) forSale(i int) bool {
	for _, k := range d.items(d.field(i, "@type")) {
		kind := strings.ToLower(d.text(k))
		if cut := strings.LastIndexAny(kind, "/#:"); cut >= 0 {
			kind = kind[cut+1:]
		}
		switch {
		case kind == "product" || kind == "productgroup":
			return true
		case productTypes[kind] || strings.HasSuffix(kind, "event"):
			return d.field(i, "offers") >= 0
		}
	}
	return false
}

func (d *jdoc) product(i int) jsonProduct {
	q := jsonProduct{}
	q.method, q.path = MethodJSONLD, "offers.price"
	q.name = d.fieldText(i, "name")
	q.url = d.fieldText(i, "url")
	if q.url == "" {
		q.url = d.fieldText(i, "@id")
	}
	if offers := d.field(i, "offers"); offers >= 0 {
		d.offers(offers, &q.candidate, 0)
	}
	for _, v := range d.items(d.field(i, "hasvariant")) {
		d.offers(d.field(v, "offers"), &q.candidate, 0)
	}
	if !q.priced() && q.avail == "" {
		q.avail = readAvailability(d.fieldText(i, "availability"))
	}
	return q
}

// offers reads an Offer, an AggregateOffer or a list of them into c.
func (d *jdoc) offers(i int, c *candidate, depth int) {
	if i < 0 || depth > 4 {
		return
	}
	for _, o := range d.items(i) {
		if d.nodes[o].kind == '[' {
			d.offers(o, c, depth+1)
			continue
		}
		if d.nodes[o].kind != '{' {
			continue
		}
		currency := currencyCode(d.fieldText(o, "pricecurrency"))
		if currency == "" {
			currency = d.anyCurrency(o)
		}
		if c.currency == "" {
			c.currency = currency
		}
		avail := readAvailability(d.fieldText(o, "availability"))
		if price := d.field(o, "price"); price >= 0 && d.text(price) != "" {
			d.offerPrice(price, currency, avail, c)
		} else if spec := d.field(o, "pricespecification"); spec >= 0 && d.specs(spec, currency, avail, c) {
			c.path = "offers.priceSpecification.price"
		} else if low := d.field(o, "lowprice"); low >= 0 {
			high := d.field(o, "highprice")
			c.path = "offers.lowPrice"
			d.offerPrice(d.number(low), currency, avail, c)
			if high >= 0 {
				d.offerPrice(d.number(high), currency, avail, c)
			}
		} else if nested := d.field(o, "offers"); nested >= 0 {
			d.offers(nested, c, depth+1)
		}
		if list := d.fieldText(o, "listprice", "strikethroughprice"); list != "" {
			if a, ok := structuredAmount(list, currency); ok {
				c.list = a
			}
		}
		// The list price beside a price: read, but not as an offer.
		if d.field(o, "price") >= 0 {
			for _, s := range d.items(d.field(o, "pricespecification")) {
				if a, isList := d.spec(s, currency); isList && !a.IsZero() {
					c.list = a
				}
			}
		}
		if !c.priced() && c.avail == "" {
			c.avail = avail
		}
	}
}

func (d *jdoc) offerPrice(i int, currency, avail string, c *candidate) {
	text := d.text(i)
	if text == "" {
		return
	}
	a, ok := structuredAmount(text, currency)
	if !ok {
		return
	}
	if c.raw == "" {
		c.raw = text
	}
	if c.currency == "" {
		if found := scanMoney(text); len(found) > 0 {
			c.currency = found[0].currency
		}
	}
	c.take(a, avail)
}

// specs reads the price specifications and tells whether one was a price.
func (d *jdoc) specs(i int, currency, avail string, c *candidate) bool {
	any := false
	for _, s := range d.items(i) {
		if d.nodes[s].kind != '{' {
			continue
		}
		code := currencyCode(d.fieldText(s, "pricecurrency"))
		if code == "" {
			code = currency
		}
		a, isList := d.spec(s, code)
		switch {
		case isList:
			if !a.IsZero() {
				c.list = a
			}
			continue
		case d.field(s, "price", "minprice") < 0:
			continue
		}
		if c.currency == "" {
			c.currency = code
		}
		if c.raw == "" {
			c.raw = d.fieldText(s, "price", "minprice")
		}
		c.take(a, avail)
		any = true
	}
	return any
}

// spec reads one price specification; isList for list and struck prices.
func (d *jdoc) spec(i int, currency string) (a amount, isList bool) {
	if d.nodes[i].kind != '{' {
		return amount{}, false
	}
	a, _ = structuredAmount(d.fieldText(i, "price", "minprice"), currency)
	kind := strings.ToLower(d.fieldText(i, "pricetype"))
	for _, word := range []string{"listprice", "srp", "strikethrough", "msrp", "regularprice"} {
		if strings.Contains(kind, word) {
			return a, true
		}
	}
	return a, false
}

// number returns the value that holds the number of a price given as an object.
func (d *jdoc) number(i int) int {
	if d.nodes[i].kind != '{' {
		return i
	}
	for c := i + 1; c < int(d.nodes[i].end); c++ {
		switch d.key(c) {
		case "value", "amount", "price", "decimalprice":
			if d.text(c) != "" {
				return c
			}
		}
	}
	return i
}

// anyCurrency finds a currency code anywhere inside an offer.
func (d *jdoc) anyCurrency(i int) string {
	for c := i + 1; c < int(d.nodes[i].end); c++ {
		if k := d.key(c); k == "pricecurrency" || k == "currency" || k == "currencycode" {
			if code := currencyCode(d.text(c)); code != "" {
				return code
			}
		}
	}
	return ""
}
