package market

import (
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog/pricetext"
)

// Scores from which a price that only the shown text gives is believed.
const (
	visibleSure   = 6.0 // the score itself
	visibleMargin = 1.0 // its lead over the next other amount

	// A price without a rival needs less.
	visibleLone = 3.0
	visibleFar  = 3.0
	longestLone = 32 // bytes of its text: nothing else is said
)

// sure tells whether the shown price can stand alone.
func (v *visible) sure() bool {
	if v.best == nil {
		return false
	}
	lead := v.best.score - v.second
	return v.best.score >= visibleSure && lead >= visibleMargin || v.best.score >= visibleLone && lead >= visibleFar && len(v.best.raw) <= longestLone && !v.best.doubt
}

// vote is one amount with everything that speaks for it.
type vote struct {
	c      *candidate
	amt    amount
	weight float64
	says   []string
}

// decide weighs the candidates and fills in the reading.
func (p *pageReader) decide(r *Reading) {
	json, several := p.mainJSON()
	micro := p.mainMicro()
	graph := p.graphCandidate()
	v := p.findVisible()
	var structured []*candidate
	for _, c := range []*candidate{json, micro, graph} {
		if c != nil {
			structured = append(structured, c)
		}
	}
	zero := json != nil && json.zero && !json.priced() || micro != nil && micro.zero && !micro.priced() && json == nil
	if zero || v.contact {
		if v.contact {
			r.Flags = append(r.Flags, FlagContact)
			r.Evidence.Reason = "the page asks to contact the seller"
		} else {
			r.Evidence.Reason = "the markup says 0, which is no price"
		}
		r.Currency = p.currencyOf(nil, structured, "")
		p.decideAvailability(r, structured)
		return
	}
	priced := slices.DeleteFunc(slices.Clone(structured), func(c *candidate) bool { return !c.priced() })
	if !p.settled(priced, v) {
		if s := p.stateCandidate(); s != nil {
			structured = append(structured, s)
			if s.priced() {
				priced = append(priced, s)
			}
		}
	}
	var best *candidate
	switch {
	case len(priced) > 0:
		best = p.elect(r, priced, v)
	case several && !(v.sells && v.sure()) || !several && !v.sells && (len(p.tableRows(r)) > 0 || p.articleRows(r) > 0):
	case v.sure() && (v.sells || !p.isArticle()):
		best = v.best
		r.Confidence = min(0.55+(v.best.score-visibleSure)*0.05+(v.best.score-v.second)*0.02, 0.85)
		r.Evidence.Reason = "shown as the price beside the title; no structured price on the page"
	default:
		p.listingRows(r)
		if len(r.Rows) == 0 && v.best != nil {
			r.Flags = append(r.Flags, FlagUncertain)
			r.Evidence.Reason = "amounts are shown, none of them surely the product's"
		}
	}
	if several && best == nil {
		p.listingRows(r)
	}
	if best != nil {
		p.fill(r, best, structured, v)
	}
	p.decideAvailability(r, structured)
}

// settled tells whether markup and shown text agree so well that the scripts'
// data need not be read.
func (p *pageReader) settled(priced []*candidate, v visible) bool {
	if len(priced) == 0 || v.best == nil {
		return false
	}
	for _, c := range priced {
		if !c.says(v.best.min) {
			return false
		}
	}
	return true
}

// mainJSON picks the product of the page among those of JSON-LD; several tells
// that there are products and none is the page's.
func (p *pageReader) mainJSON() (best *candidate, several bool) {
	products := p.jsonProducts()
	score := -1.0
	names := map[string]bool{}
	docTitle, ogTitle := fold(p.docTitle), fold(p.metas["og:title"])
	for i := range products {
		q := &products[i]
		name := fold(q.name)
		names[name] = true
		s := 2 * max(alike(name, p.folded), 0.95*alike(name, docTitle), 0.95*alike(name, ogTitle))
		if q.url != "" && p.samePage(q.url) {
			s += 1.5
		}
		if q.priced() {
			s += 0.4
		}
		if s > score {
			best, score = &q.candidate, s
		}
	}
	if len(names) > 1 && score < 1.2 {
		return nil, true
	}
	return best, false
}

// mainMicro picks the product of the page among those of microdata.
func (p *pageReader) mainMicro() *candidate {
	items := p.microItems()
	var best *microItem
	priced := 0
	for i := range items {
		it := &items[i]
		if it.priced() {
			priced++
		}
		if !it.priced() && !it.zero && it.avail == "" {
			continue
		}
		if best == nil || it.rank > best.rank || it.rank == best.rank && it.priced() && !best.priced() {
			best = it
		}
	}
	switch {
	case best == nil:
		return nil
	case best.rank > 0.5, priced <= 1 && best.rank > -1.1:
		return &best.candidate
	}
	return nil
}

// elect weighs the structured prices against each other and the shown text.
func (p *pageReader) elect(r *Reading, priced []*candidate, v visible) *candidate {
	weights := map[string]float64{MethodJSONLD: 3, MethodMicrodata: 2.7, MethodOpenGraph: 2, MethodState: 1.6}
	shown := 0.0
	if v.best != nil {
		shown = min(max(v.best.score-3, 0)*0.5, 2.5)
	}
	var votes []vote
	for _, c := range priced {
		if slices.ContainsFunc(votes, func(o vote) bool { return o.amt == c.min }) {
			continue
		}
		votes = append(votes, vote{c: c, amt: c.min})
	}
	lead := priced[0].currency
	for i := range votes {
		o := &votes[i]
		for _, c := range priced {
			foreign := len(c.currency) == 3 && len(lead) == 3 && c.currency != lead
			switch {
			case foreign && c != o.c:
			case c.min == o.amt:
				o.weight += weights[c.method]
				o.says = append(o.says, c.method)
			case c.says(o.amt):
				o.weight += weights[c.method] * 0.6
				o.says = append(o.says, c.method)
			case c.list == o.amt:
				o.weight -= 2.5
			}
		}
		switch {
		case v.best != nil && v.best.says(o.amt):
			o.weight += shown
			o.says = append(o.says, MethodVisible)
		case v.shown[o.amt]:
			o.weight += 0.7
			o.says = append(o.says, MethodVisible)
		}
		if v.struck[o.amt] && v.best != nil && v.best.min.Cmp(o.amt) < 0 && !v.best.says(o.amt) {
			o.weight -= 3
		}
	}
	slices.SortStableFunc(votes, func(a, b vote) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	first := votes[0]
	best := first.c
	if v.best != nil && v.best.score >= 4 && !best.says(v.best.min) {
		switch {
		case hundredth(first.amt) == v.best.min:
			r.Flags = append(r.Flags, FlagMarkupDisagrees)
			r.Evidence.Reason = "the markup is in minor units of what is shown"
			r.Confidence = 0.75
			return v.best
		case (v.struck[first.amt] || v.best.list == first.amt) && v.best.min.Cmp(first.amt) < 0 && v.best.score >= 5:
			r.Flags = append(r.Flags, FlagMarkupDisagrees)
			r.Evidence.Reason = "the markup holds the struck-out price; a lower one is shown"
			r.Confidence = 0.8
			v.best.list = first.amt
			return v.best
		case (!v.shown[first.amt] || best.method == MethodState && v.best.score-v.second >= visibleFar) && v.sure() && best.method != MethodJSONLD && best.method != MethodMicrodata:
			// Open Graph and scripts often hold the price before tax.
			r.Flags = append(r.Flags, FlagMarkupDisagrees)
			r.Evidence.Reason = "another price is shown than " + best.method + " gives"
			r.Confidence = 0.7
			return v.best
		}
	}
	r.Confidence = min(0.6+first.weight*0.06, 0.98)
	if len(first.says) > 1 {
		r.Evidence.Reason = strings.Join(first.says, ", ") + " agree"
	} else {
		r.Evidence.Reason = "only " + first.says[0] + " gives it"
	}
	if len(votes) > 1 && votes[1].weight > 0 && !best.says(votes[1].amt) {
		r.Flags = append(r.Flags, FlagMarkupDisagrees)
		r.Confidence -= 0.15
	} else if v.best != nil && v.best.score >= visibleSure && !v.shown[first.amt] {
		r.Flags = append(r.Flags, FlagMarkupDisagrees)
		r.Confidence -= 0.15
	}
	return best
}

// fill writes the chosen price into the reading.
func (p *pageReader) fill(r *Reading, best *candidate, structured []*candidate, v visible) {
	low, high := best.min, best.max
	if low != high && v.best != nil && v.best != best && v.best.min == v.best.max && best.says(v.best.min) && v.best.score >= 4 {
		low, high = v.best.min, v.best.min // the variant that is shown
		r.Flags = append(r.Flags, FlagVariants)
	} else if low != high {
		r.Flags = append(r.Flags, FlagVariants)
	}
	r.Kind = KindPrice
	if low != high {
		r.Kind = KindRange
	}
	r.AmountMin, r.AmountMax = low.String(), high.String()
	list := best.list
	for _, c := range structured {
		if list.IsZero() && c.list.Cmp(high) > 0 {
			list = c.list
		}
	}
	if list.IsZero() && v.best != nil && v.best.says(low) {
		list = v.best.list
	}
	// What another offer costs is no list price.
	offered := slices.ContainsFunc(structured, func(c *candidate) bool { return c.says(list) && c.says(low) })
	if !list.IsZero() && list.Cmp(high) > 0 && !offered {
		r.ListAmount = list.String()
	}
	sign := ""
	if v.best != nil && (v.best == best || v.best.says(low)) {
		sign = v.best.currency
	}
	r.Currency = p.currencyOf(best, structured, sign)
	r.Evidence.Method, r.Evidence.Path = best.method, best.path
	r.Evidence.Text = clip(best.raw, 300)
	p.fillUnit(r, best.name, low, high, v)
}

// fillUnit takes unit and qualifier from the text around the shown price when
// it says what one weight or measure costs, else the unit from
// the title or the product's name in the markup.
func (p *pageReader) fillUnit(r *Reading, name string, low, high amount, v visible) {
	unit, titled := pricetext.Title(r.Title)
	if !titled {
		unit, titled = pricetext.Title(name)
	}
	flag := FlagUnitFromTitle
	if v.best != nil && v.best.says(low) {
		around := v.best.raw
		got := pricetext.Read(around, pricetext.Context{})
		if got.Unit.Name == "" {
			around = p.t.textOf(p.t.nodes[v.best.node].parent, 160, hintHidden|hintOld)
			got = pricetext.Read(around, pricetext.Context{})
		}
		if len(around) <= 120 && got.HasPrice() && (got.Min == low || got.Max == low) {
			if got.Unit.Name != "" && (!titled || measured(got.Unit)) {
				unit, titled, flag = got.Unit, true, ""
			}
			if got.Qualifier == pricetext.From {
				r.Qualifier, r.AmountMax = got.Qualifier.String(), ""
			}
		}
	}
	if !titled {
		return
	}
	r.setUnit(unit, low, high)
	if flag != "" {
		r.Flags = append(r.Flags, flag)
	}
}

func measured(u pricetext.Unit) bool {
	switch u.Base() {
	case "kg", "l", "m", "m2":
		return true
	}
	return false
}

// setUnit stores what the price is for and what one base unit costs.
func (r *Reading) setUnit(unit pricetext.Unit, low, high amount) {
	r.UnitQty, r.Unit, r.BaseUnit = unit.Qty.String(), unit.Name, unit.Base()
	if per := unit.Per(low); !per.IsZero() {
		r.PerBaseMin = per.String()
	}
	if per := unit.Per(high); !per.IsZero() {
		r.PerBaseMax = per.String()
	}
}

// currencyOf returns the ISO code: the chosen source's own, another structured
// one that fits the sign shown, the sign itself, the site's setting. It is ""
// when none tells; nothing is assumed from the host's country.
func (p *pageReader) currencyOf(best *candidate, structured []*candidate, sign string) string {
	if best != nil {
		if len(best.currency) == 3 {
			return best.currency
		}
		if best.currency != "" {
			sign = best.currency
		}
	}
	for _, c := range structured {
		if len(c.currency) == 3 && fits(sign, c.currency) {
			return c.currency
		}
	}
	if len(sign) == 3 {
		return sign
	}
	return p.siteCurrency(sign)
}

// decideAvailability weighs the markup against the words on the page.
func (p *pageReader) decideAvailability(r *Reading, structured []*candidate) {
	marked := ""
	for _, c := range structured {
		if marked == "" {
			marked = c.avail
		}
	}
	shown, sure, _ := p.shownState()
	buys := len(p.buyControls())
	switch {
	case marked != "" && !out(marked) && out(shown) && sure && buys == 0:
		r.Availability = shown
		r.Flags = append(r.Flags, FlagAvailabilityText)
	case marked != "" && out(shown) && !sure && buys == 0 && marked == InStock:
		r.Availability = shown
		r.Flags = append(r.Flags, FlagAvailabilityText)
	case marked != "":
		r.Availability = marked
	case out(shown) && (sure || buys == 0) && (buys == 0 || r.Kind == KindNone):
		r.Availability = shown
	case shown != "" && !out(shown):
		r.Availability = shown
	case r.Kind != KindNone, buys > 0 && p.anchor != 0 && len(r.Rows) == 0 && !slices.Contains(r.Flags, FlagContact):
		r.Availability = InStock
		r.Flags = append(r.Flags, FlagAvailabilityAssumed)
	}
}

func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = s[:limit]
	return strings.ToValidUTF8(s, "")
}
