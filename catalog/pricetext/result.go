package pricetext

// none is the result of a text without a price.
func (s *scan) none(ms []mention, change int, zero, soldOut, contact bool, c *Context) Result {
	r := Result{Confidence: 0.9}
	switch {
	case soldOut:
		r.Kind, r.Flags = SoldOut, FlagSoldOut
	case contact:
		r.Kind, r.Flags = Contact, FlagContact
	case change >= 0:
		r.Kind, r.Flags = Change, FlagChange
		r.Change = s.delta(&ms[change], c)
		r.Currency = ms[change].currency
		if r.Currency == "" || r.Currency == someMoney {
			r.Currency = c.Currency
		}
		if r.Unit, r.UnitSource = ms[change].unit, InText; r.Unit == (Unit{}) {
			r.Unit, r.UnitSource = c.Unit, c.UnitSource
		}
	default:
		r.Confidence = 0.5
	}
	if zero {
		r.Flags |= FlagZero
	}
	if n := len(s.tokens); n > 0 {
		r.Start, r.End = int(s.tokens[0].start), int(s.tokens[n-1].end)
	}
	return r
}

func (s *scan) delta(m *mention, c *Context) Decimal {
	d := s.scaled(m, m.top(), c)
	if m.down {
		return d.neg()
	}
	return d
}

// scaled applies the scale of the context to a bare amount of m.
func (s *scan) scaled(m *mention, v Decimal, c *Context) Decimal {
	if !m.bare() || c.Scale == 0 {
		return v
	}
	return v.shift(c.Scale)
}

// result makes a result of one mention; its unit may stand before it, no
// further back than token from.
func (s *scan) result(m *mention, from int, c *Context) Result {
	r := Result{Kind: Price, Qualifier: m.qualifier, Currency: m.currency, Unit: m.unit, UnitSource: InText, Flags: m.flags, Confidence: 0.95}
	r.Start, r.End = m.span(s)
	if m.unit == (Unit{}) || m.unit.Qty == (Decimal{1, 0}) && isPack(m.unit.Name) {
		if u := s.unitBefore(from, m.first); u != (Unit{}) && (m.unit == (Unit{}) || !isPack(u.Name)) {
			r.Unit = u
		}
	}
	if r.Unit == (Unit{}) && !m.unitUnknown {
		r.Unit, r.UnitSource = c.Unit, c.UnitSource
		if r.UnitSource == InTitle && r.Unit != (Unit{}) {
			r.Flags |= FlagUnitFromTitle
		}
	}
	if r.Unit == (Unit{}) {
		r.UnitSource = NoSource
	}
	if m.role == roleChange {
		r.Kind, r.Change, r.Flags = Change, s.delta(m, c), r.Flags|FlagChange
	}
	if r.Currency == someMoney {
		r.Currency, r.Confidence = c.Currency, 0.9
	} else if r.Currency == "" {
		r.Currency = c.Currency
		r.Confidence = 0.9
		if r.Currency == "" && (c.Scale > 0 || c.Vietnamese) {
			r.Currency = "VND"
		}
	}
	low, high := m.value, m.top()
	scale := m.mag
	if m.bare() && c.Scale != 0 {
		if c.Scale >= 6 && m.num.three && m.high.IsZero() { // "12,500" triệu
			low = m.value.shift(-3)
			high = low
		}
		if c.Scale == 3 && m.num.grouped {
			m.twice, m.once = true, m.value
		}
		low, high, scale = low.shift(c.Scale), high.shift(c.Scale), int8(c.Scale)
	}
	if m.twice {
		low, high = s.saidTwice(m, &r, low, high)
	}
	if r.Kind == Change {
		return r
	}
	if low.coef <= 0 || high.coef <= 0 {
		r.Kind, r.Currency, r.Confidence = Unreadable, "", 0.5
		return r
	}
	if high != low {
		r.Kind = Range
	}
	if r.Qualifier != Upto {
		r.Min = low
	}
	if r.Qualifier != From {
		r.Max = high
	}
	if r.Qualifier != Exact {
		r.Flags |= FlagFrom
	}
	if m.unitUnknown {
		r.Flags |= FlagUnitUnknown
		r.Confidence = min(r.Confidence, 0.75)
	}
	if r.Unit != (Unit{}) {
		r.PerBaseMin, r.PerBaseMax = r.Unit.Per(r.Min), r.Unit.Per(r.Max)
	}
	s.judge(m, &r, low, high, scale)
	return r
}

// judge lowers the confidence where a doubt about the amount remains.
func (s *scan) judge(m *mention, r *Result, low, high Decimal, mag int8) {
	doubt := func(f Flags, most float64) {
		r.Flags |= f
		r.Confidence = min(r.Confidence, most)
	}
	if r.Currency == "" {
		doubt(FlagNoCurrency, 0.4)
	}
	if m.unclear || m.bare() && r.Currency != "" && r.Currency != "VND" && m.num.three {
		doubt(FlagAmbiguousPoint, 0.75)
	}
	if m.doubt || m.bare() && m.afterUnknownWord {
		doubt(0, 0.6)
	}
	if m.mag == 3 && m.num.frac > 0 && low.Cmp(Decimal{10_000, 0}) < 0 && m.unit == (Unit{}) && s.currencyless(m) {
		doubt(FlagImplausible, 0.6) // "1.2k" is oftener a count
	}
	if r.Flags&FlagReversed != 0 {
		doubt(0, 0.4)
	}
	if r.Flags&FlagConverted != 0 {
		r.Confidence = min(r.Confidence, 0.85)
	}
	if r.Currency != "VND" {
		return
	}
	per, base := low, "" // what one base unit costs
	if r.Unit != (Unit{}) {
		per, base = r.Unit.Per(low), r.Unit.Base()
	}
	switch base {
	case "kg", "l":
		if !per.IsZero() && (per.Cmp(Decimal{500, 0}) < 0 || per.Cmp(Decimal{1_000_000_000, 0}) > 0) {
			doubt(FlagImplausible, 0.5)
		}
	default:
		if low.Cmp(thousand) < 0 || high.Cmp(Decimal{100_000_000_000, 0}) > 0 {
			doubt(FlagImplausible, 0.5)
		}
	}
	if low.scale > 0 && mag == 0 {
		doubt(FlagImplausible, 0.5) // dong has no decimals
	}
}

// saidTwice settles "45.000 nghìn đồng/kg": an amount that is grouped already
// and still in thousands. It is taken as printed where that is believable.
func (s *scan) saidTwice(m *mention, r *Result, low, high Decimal) (Decimal, Decimal) {
	measured := r.Unit != (Unit{}) && (r.Unit.Base() == "kg" || r.Unit.Base() == "l")
	limit := Decimal{100_000_000, 0}
	per := low
	if measured {
		per, limit = r.Unit.Per(low), Decimal{3_000_000, 0}
	}
	if per.Cmp(limit) >= 0 {
		r.Flags |= FlagThousandTwice
		r.Confidence = min(r.Confidence, 0.6)
		return low.shift(-3), high.shift(-3)
	}
	if !measured && low.Cmp(Decimal{10_000_000, 0}) >= 0 {
		r.Confidence = min(r.Confidence, 0.6)
	}
	return low, high
}

func isPack(name string) bool {
	w := exactVocabulary[name]
	return w != nil && w.class == pack
}

// unitBefore finds what an amount at token to is for, before it and not before
// token from: the last weight or volume, or a count that stands right before.
func (s *scan) unitBefore(from, to int) Unit {
	var found Unit
	packs, loose := Decimal{1, 0}, 0 // "3 hũ mật ong 350ml"
	for i := from; i < to; i++ {
		q, next, ok := s.quantity(i)
		if !ok || !q.numbered && s.cue(i-1) != cueEach && !(q.class == measure && next == to && to < len(s.tokens) && s.opens(i, from)) || next > to {
			if t := s.at(i); t.kind != wordToken {
				packs = Decimal{1, 0}
			} else if loose++; loose > 4 {
				packs = Decimal{1, 0}
			}
			continue
		}
		switch s.cue(i - 1) {
		case cueFrom, cueUpto, cueNumber, cueLabel, cueOther, cueFee, cueNow, cueRef:
			i = next - 1
			continue
		}
		if s.isSign(next, '/') { // "500 gr/l" is a density
			if w := s.at(next + 1).word; w != nil && (w.class == measure || w.class == length) {
				i = next
				continue
			}
		}
		switch q.class {
		case measure:
			found = Unit{q.Qty.mul(packs), q.Name}
			packs = Decimal{1, 0}
		case pack, item:
			if q.class == pack && q.numbered {
				packs, loose = q.Qty, 0
			}
			if (s.leads(next, to) || s.cue(i-1) == cueEach) && found == (Unit{}) {
				found = q.Unit
			}
		}
		i = next - 1
	}
	if found.Qty.IsZero() {
		return Unit{}
	}
	return found
}

// opens reports whether token i begins a statement: "lạng 25k", "giá kg 120k".
func (s *scan) opens(i, from int) bool {
	t := s.at(i - 1)
	return i == from || t.kind == signToken && t.sign != '/' || t.cue() == cueWeak || t.cue() == cuePrice
}

// trails reports whether only signs and words about tax stand from token i on.
func (s *scan) trails(i int) bool {
	for ; i < len(s.tokens); i++ {
		if t := s.at(i); t.kind != signToken && t.cue() != cueTax {
			return false
		}
	}
	return true
}

// leads reports whether only signs and words such as "giá" stand in [i, to).
func (s *scan) leads(i, to int) bool {
	for ; i < to; i++ {
		t := s.at(i)
		if t.kind == signToken && t.sign != ',' || t.cue() == cueWeak || t.cue() == cuePrice || t.cue() == cueNow || t.cue() == cueAbout {
			continue
		}
		return false
	}
	return true
}
