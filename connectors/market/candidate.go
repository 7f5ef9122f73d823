package market

import (
	"strings"
)

// candidate is one price the page offers, and where it stands.
type candidate struct {
	method   string
	path     string
	raw      string
	min, max amount // equal for one price; zero when the source names no price
	list     amount
	all      []amount // every offer's price, when there are several
	currency string   // ISO code or a shared sign
	avail    string
	name     string
	zero     bool    // the source says 0, which means no price
	score    float64 // of visible candidates
	node     int32   // of visible candidates and microdata
	exTax    bool    // of visible candidates: tax is not in it
	per      bool    // of visible candidates: said to be for a unit ("1,20 € / 100 g")
	whole    bool    // of visible candidates: for resellers
	now      bool    // of visible candidates: called the price to pay now
	regular  bool    // of visible candidates: called the regular price
	doubt    bool    // of visible candidates: something says that it is no price of the product
}

func (c *candidate) priced() bool { return !c.min.IsZero() }

// says tells whether the source names the amount, as its price or as one of
// its offers.
func (c *candidate) says(a amount) bool {
	if a.IsZero() {
		return false
	}
	if c.min == a || c.max == a {
		return true
	}
	for _, x := range c.all {
		if x == a {
			return true
		}
	}
	return false
}

// take adds one offer's price: the lowest one in stock is the price.
func (c *candidate) take(a amount, avail string) {
	if a.IsZero() {
		c.zero = true
		return
	}
	c.all = append(c.all, a)
	better := out(c.avail) && !out(avail)
	worse := c.priced() && !out(c.avail) && out(avail)
	if !c.priced() || better {
		c.min, c.max = a, a
		c.avail = avail
		return
	}
	if worse {
		return
	}
	if a.Cmp(c.min) < 0 {
		c.min = a
	}
	if a.Cmp(c.max) > 0 {
		c.max = a
	}
	if c.avail == "" {
		c.avail = avail
	}
}

// out tells whether a state means that the product cannot be bought.
func out(avail string) bool { return avail == OutOfStock || avail == Discontinued }

// readAvailability reads schema.org's words, Facebook's and Google's, however
// they are written; "" when it is none of them.
func readAvailability(s string) string {
	if i := strings.LastIndexAny(s, "/#"); i >= 0 {
		s = s[i+1:]
	}
	var key strings.Builder
	for _, r := range strings.ToLower(s) {
		if r >= 'a' && r <= 'z' {
			key.WriteRune(r)
		}
	}
	switch key.String() {
	case "instock", "available", "availablefororder", "true", "newcondition", "madetoorder":
		if key.String() == "newcondition" {
			return ""
		}
		return InStock
	case "outofstock", "soldout", "oos", "unavailable", "notavailable", "reserved", "pending":
		return OutOfStock
	case "preorder", "presale":
		return PreOrder
	case "backorder", "availablebackorder":
		return BackOrder
	case "limitedavailability", "lowstock", "limited":
		return LimitedAvailability
	case "instoreonly":
		return InStoreOnly
	case "onlineonly":
		return OnlineOnly
	case "discontinued":
		return Discontinued
	}
	return ""
}
