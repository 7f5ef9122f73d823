package market

import (
	"strings"
)

// scoreVisible tells how likely the price in element e is the product's.
func (p *pageReader) scoreVisible(e, k int32, near int, text string, ms []money, buys []int32) candidate {
	t := p.t
	c := candidate{method: MethodVisible, raw: text, node: e}
	n := &t.nodes[e]
	flat := strings.ToLower(text)
	before, label := p.textBefore(e)
	before = strings.ToLower(ownWords(before, label))
	// The amount: the first signed one, or a range.
	pick := 0
	for i, m := range ms {
		if m.currency != "" {
			pick = i
			break
		}
	}
	c.min, c.max, c.currency = ms[pick].amt, ms[pick].amt, ms[pick].currency
	if c.min.IsZero() {
		return candidate{}
	}
	if pick+1 < len(ms) {
		between := strings.Trim(text[ms[pick].to:ms[pick+1].from], " €$£₫đ\u00a0|")
		next := ms[pick+1].amt
		dash := isDash(between)
		switch {
		case dash && next.Cmp(c.min) > 0:
			c.max = next
		case !dash && ms[pick+1].currency != "" && next != c.min && between == "" && !perUnit(text[ms[pick+1].to:]):
			// Two prices side by side: the lower is the price.
			if next.Cmp(c.min) > 0 {
				c.list = next
			} else {
				c.list, c.min, c.max = c.min, next, next
			}
		}
	}
	if label && hasAny(before, wholesaleWords) || hasAny(flat[:min(ms[pick].from, len(flat))], wholesaleWords) {
		c.whole = true
		c.score -= 4
	}
	c.per = perUnit(text[ms[len(ms)-1].to:]) || p.unitBehind(e)
	if label && isPriceLabel(before) || isPriceLabel(text[:ms[pick].from]) {
		c.score++
		near = min(near, 1)
	}
	if hasAny(flat[:min(ms[pick].from, len(flat))], oldPriceWords) || hasAny(tail(before, 24), oldPriceWords) {
		c.score = -100
		return c
	}
	switch near {
	case 0, 1:
		c.score += 3
	case 2, 3:
		c.score += 2
	}
	named := n.own
	for up, a := 0, n.parent; a > 0 && up < 3; up, a = up+1, t.nodes[a].parent {
		if t.nodes[a].end-a > 60 {
			break
		}
		named |= t.nodes[a].own
	}
	named |= t.nodes[t.nodes[k].parent].own
	c.now, c.regular = named&hintNow != 0, named&hintRegular != 0
	if c.now {
		c.score++
	}
	if c.regular {
		c.score -= 0.5
	}
	if c.currency != "" {
		c.score += 1.5
	} else {
		c.score -= 1.5
	}
	for _, w := range []struct {
		hint hints
		cost float64
	}{{beside, 6}, {hintMargin, 3.5}, {hintOption, 4}, {hintNotPrice, 4}, {hintUnit, 2.5}, {hintLink, 3}, {hintHidden, 6}} {
		if n.all&w.hint != 0 {
			c.score -= w.cost
			c.doubt = c.doubt || w.hint != hintMargin
		}
	}
	if hasAny(flat, notPriceWords) || hasAny(tail(before, 40), notPriceWords) {
		c.score -= 4
		c.doubt = true
	}
	if n.all&hintExTax != 0 || hasAny(flat, exTaxWords) || label && hasAny(tail(before, 24), exTaxWords) {
		c.exTax = true
		c.score -= 1.6
	}
	c.score += p.position(e)
	for _, b := range buys {
		if d := b - e; d > -60 && d < 150 {
			c.score += 1.5
			break
		}
	}
	if p.inCard(e) {
		c.score -= 4
		c.doubt = true
	}
	// A text that merely holds an amount is seldom the price; nor is a bold
	// amount in a sentence.
	words := len(text)
	for _, m := range ms {
		words -= m.to - m.from
	}
	if words > 24 {
		c.score -= 1.5
	}
	if words > 50 {
		c.score -= 1.5
	}
	if near == 9 && words <= 24 && hasAny(strings.ToLower(t.textOf(n.parent, 160, hintOld|hintHidden)), notPriceWords) {
		c.score -= 4
		c.doubt = true
	}
	return c
}

// unitBehind tells whether a unit follows element e: "<b>£1.90</b><i>/kg</i>".
func (p *pageReader) unitBehind(e int32) bool {
	t := p.t
	for i := t.nodes[e].end; i < t.nodes[t.nodes[e].parent].end && i < t.nodes[e].end+3; i++ {
		if n := &t.nodes[i]; n.text {
			s := strings.TrimSpace(t.raw(i))
			return len(s) < 24 && strings.HasPrefix(s, "/") && len(s) > 1
		}
	}
	return false
}

// ownWords cuts off what belongs to an amount of its own: of "was 59 € now" only
// "now" is left, and nothing of a text that is no label.
func ownWords(before string, label bool) string {
	found := scanMoney(before)
	for i := len(found) - 1; i >= 0; i-- {
		if m := found[i]; m.currency != "" || strings.ContainsAny(before[m.from:m.to], ".,") {
			if !label {
				return ""
			}
			return strings.TrimLeft(before[found[i].to:], " .,-€$£₫đ₽円원)\u00a0")
		}
	}
	return before
}

func tail(s string, n int) string {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}

// position scores how near an element stands to the title.
func (p *pageReader) position(e int32) float64 {
	if p.anchor == 0 {
		return 0
	}
	d := e - p.anchor
	switch {
	case d < -80:
		return -2
	case d < 0:
		return 0.5
	case d < 120:
		return 3
	case d < 300:
		return 2
	case d < 800:
		return 1
	case d < 2000:
		return -0.5
	}
	return -2
}

// textBefore returns the last bit of shown text before element e, and whether
// it is a label right beside it.
func (p *pageReader) textBefore(e int32) (text string, label bool) {
	t := p.t
	for i, steps := e-1, 0; i > 0 && steps < 12; i, steps = i-1, steps+1 {
		n := &t.nodes[i]
		if !n.text || n.all&hintHidden != 0 {
			continue
		}
		if s := squeeze(string(t.src[n.from:n.to])); s != "" {
			box := t.nodes[e].parent
			return s, n.parent == box || t.nodes[n.parent].parent == box
		}
	}
	return "", false
}
