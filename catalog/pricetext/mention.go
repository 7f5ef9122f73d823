package pricetext

// role tells what an amount is in its sentence.
type role uint8

const (
	rolePlain role = iota // nothing is said
	rolePrice             // called a price
	roleSale              // called a reduced price
	roleRetail
	roleWhole
	roleGrade // the price of one grade of several
	roleList
	roleChange
	roleOther // no price of the goods
)

// mention is an amount or a range in the text with all that belongs to it.
type mention struct {
	amount
	high             Decimal // of a range, else zero
	unit             Unit
	unitUnknown      bool
	role             role
	now              bool // "còn 99.000đ": replaces the price before it
	up, down         bool // of a change
	doubt            bool
	exTax            bool // "(chưa VAT)" stands behind it
	clear            bool // only known words and signs since the mention before
	afterUnknownWord bool
	qualifier        Qualifier
	flags            Flags
	lead             int // the first token of its qualifier, else first
	end              int // tokens [first, end)
}

func (m *mention) bare() bool { return m.currency == "" }

// span returns where m stands in the text.
func (m *mention) span(s *scan) (start, end int) {
	return int(s.at(m.lead).start), int(s.at(m.end - 1).end)
}

// mentions appends every amount of the text to buf. zero tells whether a zero
// stood where a price would.
func (s *scan) mentions(buf []mention) (ms []mention, zero bool) {
	ms = buf
	from := 0
	for i := 0; i < len(s.tokens); {
		if s.inCode(i) {
			for i++; i < len(s.tokens) && s.at(i).glued && s.at(i).kind != signToken; i++ {
			}
			continue
		}
		a, ok := s.amount(i)
		if !ok {
			i++
			continue
		}
		if a.currency == "" {
			if next := s.notAmount(i, a.next); next > i {
				i = next
				continue
			}
		}
		m := mention{amount: a, lead: a.first, end: a.next}
		s.extend(&m)
		if m.mag > 0 && m.mag != 1 && s.currencyless(&m) && (s.counts(m.end) || s.rated(&m)) {
			i = m.end // "1,2k lượt", "4.8 (2,1k)"
			continue
		}
		s.sign(&m, from)
		s.role(&m, from)
		s.after(&m)
		if m.value.IsZero() {
			zero = true
			if m.role != roleChange && m.currency != "" {
				i = m.end
				continue
			}
		}
		ms = append(ms, m)
		i, from = m.end, m.end
	}
	return ms, zero
}

// inCode reports whether the number at token i belongs to the unknown word it
// is glued to: "GIAM20K", "SP120".
func (s *scan) inCode(i int) bool {
	t, before := s.at(i), s.at(i-1)
	return t.glued && t.kind == numberToken && before.kind == wordToken && before.word == nil
}

// currencyless reports whether only a magnitude made m dong.
func (s *scan) currencyless(m *mention) bool {
	for i := m.first; i < m.next; i++ {
		if w := s.at(i).word; w != nil && w.currency != "" {
			return false
		}
	}
	return true
}

// rated reports whether m is in brackets behind a rating.
func (s *scan) rated(m *mention) bool {
	rating := s.at(m.first - 2)
	return s.isSign(m.first-1, '(') && s.isSign(m.end, ')') && rating.kind == numberToken && rating.num.frac == 1 && rating.num.digits == 1
}

func (s *scan) counts(i int) bool { w := s.at(i).word; return w != nil && w.counted }

// notAmount returns the token behind what the bare number in tokens [i, next)
// is, if that is a quantity, a percentage, a fraction, a date, a time, a span
// of years or a count; else i.
func (s *scan) notAmount(i, next int) int {
	t := s.at(i)
	if q, after, ok := s.quantity(i); ok && q.numbered {
		return after
	}
	after := s.at(next)
	follower := s.at(next + 1)
	digits := follower.kind == numberToken || follower.kind == noiseToken
	switch c := s.cue(i - 1); {
	case c == cueGrade, c == cueNumber, c == cueLabel: // "loại 1", "tháng 11"
		return next
	case s.isSign(next, '%'), s.counts(next):
		return next + 1
	case s.isSign(next, ':') && after.glued && digits && follower.glued:
		return next + 2
	case s.isSign(next, '/') && digits:
		if _, _, _, ok := s.unitAfter(next); ok && !s.counts(next+2) {
			return i
		}
		for next += 2; s.isSign(next, '/') && s.at(next+1).kind == numberToken; {
			next += 2
		}
		return next
	case s.isSign(next, '-') && digits:
		if s.isSign(next+2, '-') && s.at(next+3).kind == numberToken && s.at(next+2).glued || isYear(t) && isYear(follower) {
			for next += 2; s.isSign(next, '-') && s.at(next+1).kind == numberToken; {
				next += 2
			}
			return next
		}
	case after.kind == wordToken && after.glued && after.word == nil: // "8h30", "4G"
		if next++; s.at(next).kind == numberToken && s.at(next).glued {
			next++
		}
		return next
	}
	return i
}

func isYear(t *token) bool {
	return t.kind == numberToken && !t.num.grouped && t.num.digits == 4 && t.num.value.coef >= 1900 && t.num.value.coef < 2100
}

// extend adds the unit behind m, and the other end when m begins a range.
func (s *scan) extend(m *mention) {
	s.addUnit(m)
	j := m.end
	if !s.joins(j) {
		return
	}
	if s.cue(j+1) == cueAbout || s.cue(j+1) == cueFrom && s.cue(j) == cueTo {
		j++
	}
	b, ok := s.amount(j + 1)
	if !ok || s.isSign(b.next, '%') || b.value.IsZero() || m.value.IsZero() {
		return
	}
	if b.currency == "" {
		if s.notAmount(j+1, b.next) > j+1 && b.mag == 0 {
			return
		}
	}
	if c := s.cue(m.first - 1); m.bare() && (c == cueGrade || c == cueNumber || c == cueLabel) {
		return
	}
	if minus := s.at(j); minus.sign == '-' && !minus.glued && s.at(j+1).glued && b.value.Cmp(m.value) < 0 {
		return // "145.000 -500"
	}
	low, high, flags, ok := join(m.amount, b)
	if !ok {
		return
	}
	own := m.unit
	if u, _, _, found := s.unitAfter(b.next); found && !sameUnit(own, u) {
		return // "65k/500g - 120k/kg"
	}
	m.value, m.high, m.flags = low, high, m.flags|flags|FlagRange
	if b.currency != "" {
		m.currency = b.currency
	}
	if b.mag > m.mag {
		m.mag = b.mag
	}
	m.unclear = m.unclear || b.unclear
	m.num.grouped = m.num.grouped || b.num.grouped
	if b.twice {
		m.twice, m.once = true, b.once
	}
	m.next, m.end = b.next, b.next
	s.addUnit(m)
	if m.unit == (Unit{}) {
		m.unit = own
	}
}

func (s *scan) addUnit(m *mention) {
	u, next, unknown, ok := s.unitAfter(m.next)
	if !ok || m.bare() && !s.isSign(m.next, '/') && s.cue(m.next) != cueEach {
		return
	}
	m.unit, m.end, m.unitUnknown = u, next, unknown
}

// joins reports whether token i stands between the ends of a range.
func (s *scan) joins(i int) bool {
	t := s.at(i)
	switch {
	case t.sign == '-' && t.kind == signToken:
		return s.at(i+1).sign != '>'
	case t.sign == '~':
		return true
	}
	return t.cue() == cueTo
}

// widest is how many times the low end of a range its high end may be.
var widest = Decimal{30, 0}

// join makes a range of two amounts: what comes behind is shared, and a
// clipped first half is completed ("50 - 70.000").
func join(a, b amount) (low, high Decimal, flags Flags, ok bool) {
	if a.currency != "" && b.currency != "" && a.currency != b.currency {
		return low, high, 0, false
	}
	fits := func(low, high Decimal) bool {
		return low.coef > 0 && low.Cmp(high) <= 0 && low.mul(widest).Cmp(high) >= 0
	}
	low, high = a.value, b.value
	switch {
	case a.mag > 0 && b.mag == 0 && b.currency == "" && !b.num.grouped && b.value.Cmp(thousand) < 0: // "150k - 180"
		high = high.shift(int(a.mag))
		flags = FlagConverted
	case a.mag == 0 && a.currency == "" && b.mag > 0:
		first := a.value
		if b.mag >= 6 && a.num.three && !fits(low, high) {
			first = a.value.shift(-3)
		}
		if a.num.grouped && fits(low, high) {
			break // "800.000 - 1,2 triệu"
		}
		for mag := int(b.mag); mag >= 3; mag -= 3 {
			if low = first.shift(mag); fits(low, high) {
				return low, high, 0, true
			}
		}
		return low, high, 0, false
	case a.mag == 0 && a.currency == "" && !fits(low, high) && !a.num.grouped:
		for _, up := range [...]int{3, 6} {
			if low = a.value.shift(up); fits(low, high) {
				return low, high, FlagConverted, true
			}
		}
		return low, high, 0, false
	}
	if fits(low, high) {
		return low, high, flags, true
	}
	return high, low, flags | FlagReversed, fits(high, low) && high.mul(Decimal{3, 0}).Cmp(low) >= 0
}

// sign marks m as a change when a plus or minus says so: "(+100)", "-450".
func (s *scan) sign(m *mention, from int) {
	t, before := s.at(m.first-1), s.at(m.first-2)
	if m.first-1 < from || !s.at(m.first).glued || t.kind != signToken {
		return
	}
	opens := m.first-2 < from || before.sign == '('
	switch {
	case t.sign == '+' && (opens || !t.glued):
		m.role, m.up = roleChange, true
	case t.sign == '-' && m.high.IsZero() && (opens || from > 0 && m.first-2 < from):
		m.role, m.down = roleChange, true
	}
}

// after reads what stands behind m: "trở lên", "99k+".
func (s *scan) after(m *mention) {
	switch c := s.cue(m.end); {
	case c == cueAfterFrom:
		m.qualifier = From
		m.end++
	case c == cueAfterUpto:
		m.qualifier = Upto
		m.end++
	case s.isSign(m.end, '+') && s.at(m.end).glued && s.at(m.end+1).kind != numberToken:
		m.qualifier = From
		m.end++
	}
	tax := m.end
	if s.isSign(tax, '(') {
		tax++
	}
	m.exTax = s.cue(tax) == cueExTax
	if m.role == roleChange && m.qualifier == From && m.high.IsZero() {
		if c := s.cue(m.end); c == cueNow || c == cuePrice { // "tăng từ 140.000 lên 145.000"
			m.role = roleOther
		}
	}
	if !m.high.IsZero() && m.qualifier != About {
		m.qualifier = Exact // "từ 2 đến 5 triệu"
	}
}

// far is how many tokens before an amount are asked what it is.
const far = 14

// role finds out what m is from the words before it, the nearest first, no
// further back than token from.
func (s *scan) role(m *mention, from int) {
	if m.role == roleChange {
		return
	}
	unknown, numbers := 0, 0
	m.clear = true
	for k := m.first - 1; k >= max(from, m.first-far); k-- {
		t := s.at(k)
		switch t.kind {
		case numberToken, noiseToken:
			numbers++
			continue
		case signToken:
			switch t.sign {
			case '(':
				if m.role == rolePlain && s.isSign(k-1, '%') && s.changes(k, from) {
					m.role = roleChange // "tăng 2,61% (107 USD/tấn)"
				}
				s.clarify(m, k, from)
				return
			case ')':
				for k > from && !s.isSign(k, '(') {
					k--
				}
			case '→':
				m.now = m.now || m.role == rolePlain
				s.clarify(m, k, from)
				return
			case '+':
				numbers++
			case ',', ';', '.', '!', '?', '|', '%', '/', '\\':
				if t.sign == '%' && m.role == rolePlain && m.qualifier == Upto {
					m.role = roleOther // "giảm 10% tối đa 50k"
				}
				s.clarify(m, k, from)
				return
			case '-':
				if !t.glued || !s.at(k+1).glued {
					s.clarify(m, k, from)
					return
				}
			}
			continue
		}
		if t.word == nil || !t.word.known() {
			unknown++
			m.clear = false
			if k == m.first-1 {
				m.afterUnknownWord = true
			}
			if unknown > 6 {
				return
			}
			continue
		}
		if !s.cueRole(m, t, k, from, unknown, numbers) {
			s.clarify(m, k, from)
			return
		}
	}
}

// cueRole takes in one cue before m; false ends the search.
func (s *scan) cueRole(m *mention, t *token, k, from, unknown, numbers int) bool {
	set := func(r role) bool {
		if m.role == rolePlain || m.role == rolePrice && unknown <= 3 {
			m.role = r
		}
		return false
	}
	near := unknown == 0 && numbers == 0
	switch t.word.cue {
	case cueFrom, cueUpto, cueAbout, cueTo:
		if t.sign == '>' && (s.isSign(k-1, '-') || s.isSign(k-1, '=')) { // "->"
			m.now = m.now || m.role == rolePlain
			return false
		}
		if q, _, ok := s.quantity(k + 1); t.word.cue == cueFrom && numbers > 0 && ok && q.numbered && (q.class == measure || q.class == pack) {
			return set(roleWhole) // "từ 10kg còn 110k/kg": for a quantity only
		}
		if m.qualifier == Exact && m.role == rolePlain && near {
			m.lead = k
			switch t.word.cue {
			case cueFrom:
				m.qualifier = From
			case cueAbout:
				m.qualifier = About
			default:
				m.qualifier = Upto
			}
		}
	case cuePrice, cueNow:
		if m.role == rolePlain {
			m.role, m.now = rolePrice, t.word.cue == cueNow
		}
	case cueSale:
		return set(roleSale)
	case cueList:
		if s.cue(k-1) == cueRef {
			return set(roleOther)
		}
		return set(roleList)
	case cueWhole:
		return set(roleWhole)
	case cueRetail:
		return set(roleRetail)
	case cueGrade:
		return set(roleGrade)
	case cueUp, cueDown, cueDiffers:
		switch {
		case m.role != rolePlain:
		case near && s.isSign(k+1, ':') && t.word.cue == cueDown: // "giá giảm: 99.000đ"
			return set(roleSale)
		case near:
			m.role, m.up, m.down = roleChange, t.word.cue == cueUp, t.word.cue == cueDown
		case unknown <= 4 && numbers == 0:
			m.doubt = true
		}
		return false
	case cueSame:
		if m.role == rolePlain && s.changes(k, from-far) {
			m.role = roleChange
		}
		return false
	case cueRef:
		if unknown <= 3 && (m.role == rolePlain || m.role == rolePrice && s.cue(k+1) == cuePrice) {
			m.role = roleOther // "so với mức 60.000"
		}
		return false
	case cueFee:
		if unknown <= 2 && numbers == 0 {
			m.role = roleOther
			return false
		}
	case cueOther:
		if near {
			m.role = roleOther
			return false
		}
	case cueLabel:
		if near && m.role == rolePlain && m.bare() {
			m.role = roleOther
		}
		return near
	case cueNumber:
		if near && m.role == rolePlain && s.currencyless(m) {
			m.role = roleOther
		}
		return near
	}
	return true
}

// changes reports whether a word of change stands shortly before token k.
func (s *scan) changes(k, from int) bool {
	for i := k - 1; i >= max(0, from, k-8); i-- {
		switch s.cue(i) {
		case cueUp, cueDown, cueDiffers:
			return true
		}
	}
	return false
}

// clarify finds out whether only known words, percents and signs other than a
// comma stand between token k and the mention before.
func (s *scan) clarify(m *mention, k, from int) {
	for ; k >= from && m.clear; k-- {
		t := s.at(k)
		m.clear = t.kind == numberToken || t.kind == wordToken && t.word.known() || t.kind == signToken && t.sign != ',' && t.sign != ';'
	}
}
