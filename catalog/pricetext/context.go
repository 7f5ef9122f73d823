package pricetext

import "strings"

// Header reads a column's header, a note above a table ("ĐVT: nghìn đồng/kg")
// or a row's name with a unit in it ("Nghệ tươi (đ/tạ)"). What it does not say
// is zero in the result.
func Header(text string) Context {
	s := newScan(text, nil, nil)
	var c Context
	price, change, other := false, false, false
	for i := range s.tokens {
		t := &s.tokens[i]
		w := t.word
		if w == nil {
			change = change || t.sign == '+' && s.isSign(i+1, '/') || t.sign == '±'
			other = other || t.sign == '%'
			if t.kind == numberToken && t.num.value == thousand { // "1.000đ/kg", "x1000 VND"
				if w := s.at(i + 1).word; w != nil && w.currency != "" {
					c.Scale = 3
				}
			}
			continue
		}
		switch w.cue {
		case cueUp, cueDown, cueDiffers, cueRef:
			change = true
		case cueNumber, cueLabel:
			other = true
		case cuePrice, cueSale, cueList, cueRetail, cueWhole:
			price = true
		case cueWeak:
			price = price || w == s.words["giá"] || w == s.words["gia"]
		}
		switch {
		case w.mag > 0 && w.class == noUnit && c.Currency == "" && s.scales(i):
			c.Scale = int(w.mag)
			if c.Currency == "" {
				c.Currency = "VND"
			}
		case w.currency != "" && (w.place != behind || w.currency != "VND" || s.money(i)) && w.currency != someMoney && (c.Currency == "" || c.Scale != 0):
			if w.scale != 0 {
				c.Scale = int(w.scale)
			}
			c.Currency = w.currency
		}
		if s.cue(i-1) == cueUnit || s.isSign(i-1, ':') && s.cue(i-2) == cueUnit || s.isSign(i-1, '/') || w.cue == cueEach {
			j := i
			if w.cue == cueEach {
				j++
			}
			if q, _, ok := s.quantity(j); ok {
				c.Unit, c.UnitSource = q.Unit, InHeader
			}
		} else if s.at(i-1).kind == numberToken && s.isSign(i-2, '/') { // "đ/500g"
			if q, _, ok := s.quantity(i - 1); ok {
				c.Unit, c.UnitSource = q.Unit, InHeader
			}
		}
	}
	if c.Currency == "" {
		c.Scale = 0
	}
	switch {
	case change:
		c.Column = ChangeColumn
	case price || c.Currency != "":
		c.Column = PriceColumn
	case other:
		c.Column = OtherColumn
	}
	return c
}

// scales tells whether the magnitude word at token i scales a column: a
// currency, a unit or nothing follows it.
func (s *scan) scales(i int) bool {
	next := s.at(i + 1)
	return next.kind == endToken || next.kind == signToken || next.word != nil && next.word.currency != ""
}

// money tells whether a currency word that is also an everyday word ("đồng",
// "d") stands where a header names the currency.
func (s *scan) money(i int) bool {
	before := s.at(i - 1)
	return s.isSign(i+1, '/') || s.isSign(i+1, ')') || before.kind == numberToken || before.kind == signToken || before.word != nil && (before.word.mag > 0 || before.word.cue == cueUnit) ||
		before.kind == endToken && s.at(i+1).kind == endToken
}

// Title returns the quantity that a product's title names: "Mật ong rừng
// 500ml" is 500 ml, "Combo 3 gói x 500g" 1500 g, "Trà ... loại 50 gói" 50 gói.
// ok is false when there is none.
func Title(text string) (u Unit, ok bool) {
	s := newScan(text, nil, nil)
	if u = s.unitBefore(0, len(s.tokens)); u != (Unit{}) {
		return u, true
	}
	for i := range s.tokens {
		if q, _, found := s.quantity(i); found && q.numbered && q.class == pack {
			return q.Unit, true
		}
	}
	return Unit{}, false
}

// ParseUnit reads a text that is a unit and nothing else: "kg", "500 g", "/hộp
// 200g". ok is false for anything else.
func ParseUnit(text string) (u Unit, ok bool) {
	s := newScan(text, nil, nil)
	i := 0
	if s.isSign(0, '/') {
		i++
	}
	q, next, ok := s.quantity(i)
	if !ok || next != len(s.tokens) {
		return Unit{}, false
	}
	return q.Unit, true
}

// ParseContext reads what scripts write behind a text: "header=Giá (đ/kg);
// unit=VND/kg; title=Mật ong 500ml; currency=VND; lang=vi". Unknown keys are
// left aside; later ones go over earlier ones.
func ParseContext(text string) Context {
	var c Context
	text = text[:min(len(text), MaxText)]
	for text != "" {
		key, rest, _ := strings.Cut(text, "=")
		value := rest
		text = ""
		if at := nextKey(rest); at >= 0 {
			value, text = rest[:at], rest[at+1:]
		}
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "header", "unit", "note":
			over := Header(value)
			if u, ok := ParseUnit(value); ok && over.Unit == (Unit{}) {
				over.Unit, over.UnitSource = u, InHeader
			}
			if over.Column != ChangeColumn && c.Column != AnyColumn {
				over.Column = AnyColumn
			}
			c = c.With(over)
		case "title":
			if u, ok := Title(value); ok {
				c = c.With(Context{Unit: u, UnitSource: InTitle})
			}
		case "currency":
			if code := currencyIn(value); code != c.Currency {
				c = c.With(Context{Currency: code})
			}
		case "lang":
			c.Vietnamese = strings.HasPrefix(strings.ToLower(value), "vi")
		}
	}
	return c
}

// currencyIn returns the code of the first currency that a text names: "vnd",
// "€", "Price: $ 34.44"; "" when there is none.
func currencyIn(text string) string {
	s := newScan(text, nil, nil)
	for i := range s.tokens {
		if w := s.at(i).word; w != nil && w.currency != "" && w.currency != someMoney {
			return w.currency
		}
	}
	if code := strings.ToUpper(text); isCode(code) {
		return code
	}
	return ""
}

func isCode(s string) bool {
	for _, c := range []byte(s) {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return len(s) == 3
}

// nextKey returns where the ";" before the next "key=" stands, or -1.
func nextKey(s string) int {
	for at := 0; ; {
		i := strings.IndexByte(s[at:], ';')
		if i < 0 {
			return -1
		}
		at += i
		key, _, ok := strings.Cut(s[at+1:], "=")
		if ok && !strings.ContainsAny(strings.TrimSpace(key), "; ") {
			return at
		}
		at++
	}
}
