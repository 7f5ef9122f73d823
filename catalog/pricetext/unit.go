package pricetext

// Unit is a quantity that a price is for: 500 g, 1 kg, 3 hộp. Weights and
// volumes come in g, kg, ml, l and lb, lengths in m, areas in m2; what is
// counted keeps its own word. The zero value is not known.
type Unit struct {
	Qty  Decimal // above zero
	Name string
}

// Base returns the unit in which such quantities are compared: kg, l, m, m2,
// or the count word itself. Litres never become kilograms.
func (u Unit) Base() string {
	switch u.Name {
	case "g", "lb", "oz":
		return "kg"
	case "ml":
		return "l"
	}
	return u.Name
}

// InBase returns the quantity in base units: 0.5 for 500 g, exactly.
func (u Unit) InBase() Decimal {
	switch u.Name {
	case "g", "ml":
		return u.Qty.shift(-3)
	case "lb":
		return u.Qty.mul(Decimal{45359237, 8})
	case "oz":
		return u.Qty.mul(Decimal{28349523125, 12})
	}
	return u.Qty
}

// Per returns the price of one base unit when amount is the price of u; 0 when
// u is not known.
func (u Unit) Per(amount Decimal) Decimal { return amount.div(u.InBase()) }

// String writes "500 g", "1 kg", "" when not known.
func (u Unit) String() string {
	if u.Name == "" {
		return ""
	}
	return u.Qty.String() + " " + u.Name
}

// class tells how a unit word behaves.
type class uint8

const (
	noUnit  class = iota
	measure       // weight, volume
	length        // length, area: never the contents of a pack
	pack          // counted, and may have contents: "chai 500ml"
	item          // counted, has no contents
)

// quantity reads "500g", "3 gói x 500g", "chai 500ml", "nửa ký", "500ml x 6
// chai", "1/2 kg" at token i. A number is not needed ("kg", "chai"); numbered
// tells whether one stood anywhere. ok is false when no unit word is there.
func (s *scan) quantity(i int) (q quantity, next int, ok bool) { return s.packed(i, 3) }

type quantity struct {
	Unit
	class    class
	numbered bool
}

// packed reads a quantity with at most depth layers of packs around it.
func (s *scan) packed(i, depth int) (q quantity, next int, ok bool) {
	n, i, numbered := s.count(i)
	w := s.at(i).word
	if w == nil || w.class == noUnit {
		return quantity{}, 0, false
	}
	q = quantity{Unit{w.qty.mul(n), w.unit}, w.class, numbered}
	next = i + 1
	if t := s.at(next); q.Name == "m" && t.kind == numberToken && t.glued && t.num.value == (Decimal{2, 0}) {
		q.Name = "m2"
		next++
	}
	if s.cue(next) == cueHalfMore && q.class == measure { // "ký rưỡi"
		q.Qty = q.Qty.add(w.qty.mul(Decimal{5, 1}))
		next++
	}
	if q.class == pack || q.class == item {
		// What is inside is what is sold.
		j := next
		if c := s.cue(j); c == cueGrade || c == cueTimes {
			j++
		}
		if _, _, found := s.count(j); found && depth > 0 {
			in, after, ok := s.packed(j, depth-1)
			if ok && (in.class == measure || in.class != length && q.class == pack) {
				in.Qty, in.numbered = in.Qty.mul(q.Qty), true
				return in, after, in.Qty.coef > 0
			}
		}
		return q, next, q.Qty.coef > 0
	}
	if s.cue(next) == cueTimes { // "500ml x 6 chai"
		if n, j, found := s.count(next + 1); found {
			q.Qty, next = q.Qty.mul(n), j
			if k := s.at(j).word; k != nil && (k.class == pack || k.class == item) {
				next++
			}
		}
	}
	return q, next, q.Qty.coef > 0
}

// count reads how many: "3", "1/2", "nửa", "hai", "mười". Without any it
// returns 1, i and false.
func (s *scan) count(i int) (n Decimal, next int, found bool) {
	t := s.at(i)
	switch {
	case t.kind == numberToken && !t.num.leadingZero && t.num.value.coef > 0:
		if d := s.at(i + 2); s.isSign(i+1, '/') && d.kind == numberToken && d.glued && t.num.digits == 1 && d.num.digits == 1 && d.num.value.coef > t.num.value.coef {
			return t.num.value.div(d.num.value), i + 3, true
		}
		return t.num.value, i + 1, true
	case t.cue() == cueHalf:
		return Decimal{5, 1}, i + 1, true
	case t.word != nil && t.word.digit > 0:
		n, next := s.wordNumber(i)
		return Decimal{n, 0}, next, n > 0
	}
	return Decimal{1, 0}, i, false
}
