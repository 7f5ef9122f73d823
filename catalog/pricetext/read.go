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
// Kind is Price, Range or Change. Give it one paragraph at a time: no more than
// [MaxText] bytes are looked at. A list price comes as its own result with
// [FlagList], a price for resellers with [FlagWholesale]. Shipping fees,
// vouchers, counts and the like are left out.
func All(text string, context Context) []Result {
	s := newScan(text, nil, nil)
	ms, _ := s.mentions(nil)
	var results []Result
	from, better := 0, hasPlain(ms)
	for i := range ms {
		m := &ms[i]
		if m.role == roleOther || !s.usable(m, &context, better) {
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
	if !c.Vietnamese && c.Column == AnyColumn && len(s.tokens) == 1 && m.num.digits > 1 && m.num.digits <= 6 && m.num.frac == 0 && !isYear(s.at(0)) {
		return true // a number and nothing else
	}
	return (m.num.grouped || m.num.frac == 2 || m.num.dash) && s.leads(0, m.first) && s.trails(m.end)
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
		case m.exTax != ms[main].exTax: // the price is the one with tax
			if ms[main].exTax {
				main = i
			}
			prices--
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
