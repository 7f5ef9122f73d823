package pricetext

// stackMentions is how many amounts a text may have before memory is taken.
const stackMentions = 6

// Read reads the one price of a short text. When the text has several, it is
// the one that a buyer pays now: the reduced one of two, the retail one of
// wholesale and retail, the first one of a list.
func Read(text string, context Context) Result {
	var (
		chars    [stackChars]char
		tokens   [stackTokens]token
		mentions [stackMentions]mention
	)
	s := newScan(text, chars[:0], tokens[:0])
	ms, zero := s.mentions(mentions[:0])
	r := s.decide(ms, zero, &context)
	r.Evidence = text[r.Start:r.End]
	if len(text) > MaxText {
		r.Flags |= FlagCut
	}
	return r
}

// All returns every price, range and change of a text in order, for prose:
// Kind is Price, Range or Change. A list price comes as its own result with
// [FlagList], a price for resellers with [FlagWholesale]. Shipping fees,
// vouchers, counts and the like are left out.
func All(text string, context Context) []Result {
	s := newScan(text, nil, nil)
	ms, _ := s.mentions(nil)
	var results []Result
	from := 0
	for i := range ms {
		m := &ms[i]
		if m.role == roleOther || !s.usable(m, &context, hasPlain(ms)) {
			continue
		}
		r := s.result(m, from, &context)
		switch m.role {
		case roleList:
			r.Flags |= FlagList
		case roleWhole:
			r.Flags |= FlagWholesale
		}
		from = m.end
		if !r.HasPrice() && r.Kind != Change {
			continue
		}
		r.Evidence = text[r.Start:r.End]
		results = append(results, r)
	}
	return results
}

func newScan(text string, chars []char, tokens []token) scan {
	if len(text) > MaxText {
		text = text[:MaxText]
	}
	if len(text) > cap(chars) {
		chars = make([]char, 0, len(text)+4)
	}
	chars, accented := fold(text, chars)
	s := scan{chars: chars, words: plainVocabulary}
	if accented {
		s.words = exactVocabulary
	}
	if len(chars) > 2*cap(tokens) {
		tokens = make([]token, 0, len(chars))
	}
	s.tokens = s.tokenize(tokens)
	return s
}

// hasPlain reports whether an amount with its own currency or magnitude is there.
func hasPlain(ms []mention) bool {
	for i := range ms {
		if !ms[i].bare() && ms[i].role != roleChange && ms[i].role != roleOther {
			return true
		}
	}
	return false
}

// usable tells whether m can be a price or a change: a bare number needs a
// context, and no better amount beside it.
func (s *scan) usable(m *mention, c *Context, better bool) bool {
	if !m.bare() {
		return true
	}
	if m.num.leadingZero {
		return false
	}
	switch {
	case m.role == roleChange && c.Column == ChangeColumn:
		return true
	case better && m.role != roleChange:
		return false
	case c.Currency != "" || c.Scale != 0:
		return !m.afterUnknownWord || m.num.grouped || m.unit != (Unit{})
	case c.Vietnamese && m.unit != (Unit{}):
		return m.value.Cmp(thousand) >= 0
	case m.role == roleChange:
		return true
	}
	return (m.num.grouped || m.num.frac == 2) && m.first == 0 && m.end == len(s.tokens)
}

// decide picks the price among the amounts of the text.
func (s *scan) decide(ms []mention, zero bool, c *Context) Result {
	better := hasPlain(ms)
	main, list, change := -1, -1, -1
	prices, grades, retail, whole, lists := 0, 0, -1, -1, -1
	var gradeLow, gradeHigh Decimal
	for i := range ms {
		m := &ms[i]
		if c.Column == ChangeColumn && m.role != roleOther {
			m.role = roleChange
		}
		if !s.usable(m, c, better) || m.value.IsZero() && m.role != roleChange {
			m.role = roleOther
		}
		switch m.role {
		case roleOther:
			continue
		case roleChange:
			if change < 0 {
				change = i
			}
			continue
		case roleList:
			if lists < 0 {
				lists = i
			}
			continue
		case roleWhole:
			if whole < 0 {
				whole = i
			}
			continue
		case roleRetail:
			if retail < 0 {
				retail = i
			}
		case roleGrade:
			if grades++; grades == 1 || m.value.Cmp(gradeLow) < 0 {
				gradeLow = m.value
			}
			if top := m.top(); grades == 1 || top.Cmp(gradeHigh) > 0 {
				gradeHigh = top
			}
		}
		prices++
		switch {
		case main < 0:
			main = i
		case m.currency != ms[main].currency:
		case m.role == roleSale && ms[main].role != roleSale && ms[main].role != roleRetail:
			list, main = main, i
		case ms[main].role == roleSale || list >= 0:
		case m.now && i == main+1 || m.now && change == i-1 && main == i-2:
			list, main = main, i
		case m.clear && m.role == rolePlain && i == main+1 && m.high.IsZero() && ms[main].high.IsZero() && sameUnit(m.unit, ms[main].unit) && s.unitBefore(ms[main].end, m.first) == (Unit{}):
			if list = i; m.value.Cmp(ms[main].value) < 0 {
				list, main = main, i
			}
		}
	}
	var flags Flags
	switch {
	case retail >= 0:
		main, list = retail, -1
	case grades > 1 && grades == prices:
		m := ms[main]
		m.value, m.high = gradeLow, gradeHigh
		if gradeLow == gradeHigh {
			m.high = Decimal{}
		} else {
			m.flags |= FlagRange
		}
		ms[main], list, prices = m, -1, 1
	case main < 0 && whole >= 0:
		main, flags = whole, FlagWholesale
	case main < 0 && lists >= 0:
		main, flags = lists, FlagList
	}
	soldOut, contact := false, false
	for i := range s.tokens {
		switch s.cue(i) {
		case cueSoldOut:
			soldOut = true
		case cueContact:
			contact = true
		}
	}
	if main < 0 {
		return s.none(ms, change, zero, soldOut, contact, c)
	}
	if list < 0 && lists >= 0 && main != lists && ms[lists].currency == ms[main].currency {
		list = lists
	}
	from := 0
	for i := range main {
		if i != list && ms[i].role != roleOther {
			from = ms[i].end
		}
	}
	m := &ms[main]
	if list >= 0 {
		l := &ms[list]
		if m.unit == (Unit{}) {
			m.unit, m.unitUnknown = l.unit, l.unitUnknown
		}
		if list < main && m.first > l.first && from <= l.first {
			if m.unit == (Unit{}) {
				m.unit = s.unitBefore(from, l.first)
			}
			if l.now || m.now { // "từ 120.000đ giảm còn 99.000đ"
				m.qualifier = Exact
			}
		}
	}
	if list >= 0 && list > main {
		from = min(from, m.first)
	}
	r := s.result(m, from, c)
	if !r.HasPrice() {
		return r
	}
	r.Flags |= flags
	if list >= 0 {
		l := s.scaled(&ms[list], ms[list].value, c)
		if l.Cmp(r.Max) > 0 {
			r.List = l
			r.Flags |= FlagSale
			if r.Max.mul(Decimal{5, 0}).Cmp(l) < 0 {
				r.Confidence = min(r.Confidence, 0.6) // hardly a reduction
			}
		}
		start, end := ms[list].span(s)
		r.Start, r.End = min(start, r.Start), max(end, r.End)
		prices--
	} else if prices > 1 && retail < 0 {
		r.Flags |= FlagSeveral
		r.Confidence = min(r.Confidence, 0.6)
	}
	if change >= 0 {
		r.Change, r.Flags = s.delta(&ms[change], c), r.Flags|FlagChange
	}
	if soldOut {
		r.Flags |= FlagSoldOut
	}
	if contact {
		r.Flags |= FlagContact
	}
	if flags != 0 {
		r.Confidence = min(r.Confidence, 0.75)
	}
	return r
}

func (m *mention) top() Decimal {
	if m.high.IsZero() {
		return m.value
	}
	return m.high
}

func sameUnit(a, b Unit) bool { return a == b || a == (Unit{}) || b == (Unit{}) }

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
		if r.Currency == "" {
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
	if r.Currency == "" {
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
		if !ok || !q.numbered && s.cue(i-1) != cueEach || next > to {
			if t := s.at(i); t.kind != wordToken {
				packs = Decimal{1, 0}
			} else if loose++; loose > 4 {
				packs = Decimal{1, 0}
			}
			continue
		}
		switch s.cue(i - 1) {
		case cueFrom, cueUpto, cueTo, cueNumber, cueOther, cueNow, cueRef:
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
			if s.leads(next, to) && found == (Unit{}) {
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
