package pricetext

import "github.com/chophien/chophien/catalog"

// amount is a number with its magnitude and currency, as printed.
type amount struct {
	value    Decimal
	num      number // of its first number; zero for number words
	mag      int8   // of its first magnitude word, 0 for none
	currency string // "" when none stands with it
	first    int    // tokens [first, next)
	next     int
	twice    bool // "45.000 nghìn": may be meant as 45.000
	once     Decimal
	unclear  bool // "1.250 USD"
}

// amount reads an amount at token i, currency before or behind it.
func (s *scan) amount(i int) (a amount, ok bool) {
	a.first = i
	var prefix *word
	if w := s.at(i).word; w != nil && w.currency != "" && (w.place != behind || w.currency == "VND" && s.at(i+1).glued) {
		j := i + 1
		if dollars[w.currency] && s.at(j).sign == '$' { // "AUD $12.50"
			j++
		}
		if s.isSign(i-1, '(') && s.isSign(j, ')') { // "Giá (VNĐ): 250.000"
			j++
		}
		if s.isSign(j, ':') || s.isSign(j, '.') && s.at(j).glued { // "US$:12.99"
			j++
		}
		if n := s.at(j); n.kind == numberToken && (w.place != behind || n.num.value.Cmp(thousand) >= 0) {
			prefix, i = w, j
		}
	}
	i, ok = s.value(i, &a)
	if !ok || a.value.coef <= 0 && a.mag != 0 {
		return amount{}, false
	}
	scale := int8(0)
	if prefix != nil {
		a.currency, scale = prefix.currency, prefix.scale
	}
	if a.num.dash && a.mag == 0 { // "50,- Kč"
		for j := i; j < i+3; j++ {
			if t := s.at(j); t.kind != signToken {
				if t.word != nil && t.word.currency != "" {
					i = j
				}
				break
			}
		}
	}
	if w := s.at(i).word; w != nil && w.currency != "" && s.follows(i, &a, w, prefix) {
		a.currency, scale = w.currency, w.scale
		i++
	} else if s.isSign(i, '.') && s.at(i).glued && prefix == nil {
		// "120k.VND"; a full stop elsewhere ends the amount
		if w := s.at(i + 1).word; w != nil && w.currency != "" && s.at(i+1).glued {
			a.currency, scale = w.currency, w.scale
			i += 2
		}
	}
	if t, cents := s.at(i-1), s.at(i); i > a.first+1 && t.glued && cents.kind == numberToken && a.num.frac == 0 && a.mag == 0 && prefix == nil && coinSigns[t.sign] &&
		cents.num.digits == 2 && cents.num.frac == 0 && (s.ends(i+1) || s.at(i+1).kind == wordToken && !s.at(i+1).known()) { // "35€ 99"
		a.value = a.value.add(cents.num.value.shift(-2))
		i++
	}
	if a.mag > 0 && a.currency == "" {
		a.currency = "VND"
	}
	if digits, _ := catalog.Exponent(a.currency); digits == 3 && a.num.three && a.mag == 0 { // "423.923 KWD"
		scale, a.num.three = -3, false
	}
	if scale != 0 {
		a.value = a.value.shift(int(scale))
	}
	a.unclear = a.num.three && a.currency != "" && a.currency != "VND" && a.mag == 0
	a.next = i
	return a, true
}

// follows tells whether currency word w at token i belongs to the amount
// before it rather than to a number behind it.
func (s *scan) follows(i int, a *amount, w, prefix *word) bool {
	t, behind := s.at(i), s.at(i+1)
	large := a.mag > 0 || a.num.grouped || a.value.Cmp(thousand) >= 0
	switch {
	case prefix != nil:
		return (prefix.currency == w.currency || prefix == s.words["$"] && dollars[w.currency]) && behind.kind != numberToken // "$1,190.00 AUD"
	case t.sign == 'd':
		return large // "120.000d", not "3d"
	case w.place == around && !large && !t.glued && behind.kind == numberToken:
		return behind.num.value.Cmp(a.value) < 0 // "Loại 1 VND 120.000"
	}
	return true
}

var thousand = Decimal{1000, 0}

// value reads the number with its magnitudes at token i: "1.250.000", "1tr2",
// "1 triệu 250 nghìn", "hai trăm nghìn", "nửa triệu".
func (s *scan) value(i int, a *amount) (next int, ok bool) {
	lowest := int8(100)
	for first := true; ; first = false {
		part, num, j, ok := s.part(i)
		if !ok {
			return i, !first
		}
		mag, k := s.magnitude(j, num)
		if mag == 0 {
			switch t := s.at(i); {
			case first && t.kind == numberToken:
				a.num, a.value = num, part
				return j, true
			case first && j-i >= 1 && part.coef >= 10 && s.at(j).word != nil && s.at(j).word.currency == "VND" && s.cue(i) != cueHalf:
				a.value, a.mag = part, 1 // "năm trăm đồng"
				return j, true
			case first:
				return i, false
			case s.isTail(i, j, lowest, a):
				if t.kind == numberToken {
					part = NewDecimal(num.value.coef, int(num.digits)) // "1tr050": a fraction
				} else if part.coef >= 100 {
					part = part.shift(-3)
				} else {
					part = part.shift(-1)
				}
				a.value = a.value.add(part.shift(int(lowest)))
				return j, true
			}
			return i, true
		}
		if mag >= lowest {
			return i, true
		}
		value := part
		if num.three && mag >= 6 { // "1,250 triệu"
			value = part.shift(-3)
		}
		value = value.shift(int(mag))
		if value.coef == 0 && part.coef != 0 {
			return i, false // too large to be an amount
		}
		if first {
			a.num, a.mag, a.value = num, mag, value
			if mag == 3 && num.grouped && part.Cmp(thousand) >= 0 {
				a.twice, a.once = true, part
			}
		} else if a.value = a.value.add(value); a.value.coef == 0 {
			return i, false
		}
		lowest, i = mag, k
		if s.cue(i) == cueHalfMore { // "1 triệu rưỡi"
			a.value = a.value.add(NewDecimal(5, 1).shift(int(mag)))
			return i + 1, true
		}
	}
}

// part reads a number without magnitude, in digits or in words.
func (s *scan) part(i int) (value Decimal, num number, next int, ok bool) {
	t := s.at(i)
	if t.kind == numberToken {
		value, next = t.num.value, i+1
		if w := s.at(next).word; w != nil && w.digit == placeHundred { // "2 trăm"
			value = value.mul(Decimal{100, 0})
			next++
			if rest, after := s.wordNumber(next); rest > 0 && rest < 100 {
				value, next = value.add(Decimal{rest, 0}), after
			} else if s.cue(next) == cueHalfMore {
				value, next = value.add(Decimal{50, 0}), next+1
			}
		}
		return value, t.num, next, true
	}
	if t.cue() == cueHalf {
		return Decimal{5, 1}, number{}, i + 1, true
	}
	n, next := s.wordNumber(i)
	return NewDecimal(n, 0), number{}, next, n > 0
}

func (t *token) cue() cue {
	if t.word == nil {
		return noCue
	}
	return t.word.cue
}

// wordNumber reads a number word below 1000 at token i: "hai trăm rưỡi", "năm
// mươi lăm"; 0 when none is there.
func (s *scan) wordNumber(i int) (n int64, next int) {
	start, pending, place := i, int64(0), int64(0)
	for ; i < start+8; i++ {
		w := s.at(i).word
		switch {
		case w == nil:
		case w.digit > 0 && w.digit < placeTen:
			pending = pending*10 + int64(w.digit)
			continue
		case w.digit == placeTen && pending == 0:
			n, place = n+10, 1
			continue
		case w.digit == placeTens && pending > 0:
			n, pending, place = n+pending*10, 0, 1
			continue
		case w.digit == placeHundred && pending > 0:
			n, pending, place = n+pending*100, 0, 10
			continue
		case pending > 0 && w == s.words["chục"] && s.at(i+1).word != nil && s.at(i+1).word.mag > 0: // "ba chục nghìn"
			n, pending, place = n+pending*10, 0, 1
			continue
		case w.cue == cueAnd && n > 0:
			place = 1
			continue
		case w.cue == cueHalfMore && place == 10 && pending == 0:
			return n + 50, i + 1
		}
		break
	}
	if place == 10 && pending < 10 {
		pending *= 10 // "một trăm hai" is 120
	}
	if n += pending; n >= 1000 {
		return 0, start
	}
	return n, i
}

// magnitude reads a magnitude word at token i, behind num: 0 when there is none.
func (s *scan) magnitude(i int, num number) (power int8, next int) {
	t := s.at(i)
	if t.word == nil || t.word.mag == 0 {
		return 0, i
	}
	if t.word.class == noUnit {
		return t.word.mag, i + 1
	}
	// "1.2M" and "2m/kg" are millions; "1.400m" and "5m" are metres.
	if !t.glued || num.grouped || !t.upper && !s.isSign(i+1, '/') {
		return 0, i
	}
	return t.word.mag, i + 1
}

// isTail tells whether the number in tokens [i, j) continues the magnitude
// before it: "1tr2", "1 triệu 2", but not "25tr1kg" and "120k 5 hộp".
func (s *scan) isTail(i, j int, mag int8, a *amount) bool {
	t, after := s.at(i), s.at(j)
	if t.kind == numberToken && (t.num.grouped || t.num.frac > 0 || t.num.digits > 3) || a.num.frac > 0 || a.num.grouped {
		return false
	}
	unit := after.word != nil && after.word.class != noUnit && after.word.currency == ""
	if t.kind == numberToken && t.glued {
		return !unit || !after.glued
	}
	if mag < 6 && (t.kind != numberToken || t.num.digits != 3) && after.kind != endToken && (after.word == nil || after.word.currency == "") {
		return false // "12 nghìn 500", "5 ngàn 5", not "5 ngàn 3 bó"
	}
	if s.at(i-1).sign == 'k' {
		return false
	}
	return !unit && after.kind != numberToken && !s.isSign(j, '%') && after.cue() != cueTimes && !s.isSign(j, '/') && s.cue(i) != cueHalf
}

// unitAfter reads what an amount is for, behind it: "/kg", "/chai 500ml", "một
// ký", "cho 1kg", "5 kg", "(hộp 200g)". word is a unit that is not known.
func (s *scan) unitAfter(i int) (u Unit, next int, unknown, ok bool) {
	j := i
	slash := s.isSign(j, '/')
	if slash || s.cue(j) == cueEach {
		slash = true
		j++
		if s.cue(j) == cueEach {
			j++
		}
	} else if s.isSign(j, '(') || s.isSign(j, '-') || s.isSign(j, '=') || s.isSign(j, ',') {
		j++
	}
	q, after, found := s.quantity(j)
	loose := j > i && !slash
	switch {
	case !found:
		w := s.at(j)
		return Unit{}, j + 1, true, slash && s.isSign(i, '/') && w.kind == wordToken && !w.known()
	case loose && (!q.numbered || q.class != measure || s.priceAt(after)):
		return Unit{}, i, false, false
	case !slash && !loose && q.class == measure && !q.numbered && !s.ends(after):
		return Unit{}, i, false, false
	case !slash && !loose && s.priceAt(after):
		return Unit{}, i, false, false // "120k 500g 65k": of the next price
	case !slash && q.class == length && !q.numbered:
		return Unit{}, i, false, false
	}
	if s.isSign(i, '(') && s.isSign(after, ')') {
		after++
	}
	if q.class == pack && slash && (s.isSign(after, '/') || s.isSign(after, '(')) { // "/hộp/500g", "/hộp (500g)"
		if in, end, ok := s.quantity(after + 1); ok && in.numbered && (in.class == measure || in.class == pack && in.Name != q.Name) && (s.isSign(after, '/') || s.isSign(end, ')')) {
			if s.isSign(after, '(') {
				end++
			}
			in.Qty = in.Qty.mul(q.Qty)
			return in.Unit, end, false, in.Qty.coef > 0
		}
	}
	return q.Unit, after, false, true
}

func (t *token) known() bool { return t.word.known() }

// ends reports whether the text or a part of it ends at token i.
func (s *scan) ends(i int) bool {
	t := s.at(i)
	return t.kind == endToken || t.kind == signToken && t.sign != '/'
}

// priceAt reports whether an amount with a magnitude or a currency begins at
// token i, blanks and signs aside.
func (s *scan) priceAt(i int) bool {
	if c := s.cue(i); s.isSign(i, ':') || s.isSign(i, '=') || c == cueWeak {
		i++
	}
	a, ok := s.amount(i)
	return ok && a.currency != ""
}
