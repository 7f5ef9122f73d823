package pricetext

import "unicode"

type tokenKind uint8

const (
	endToken    tokenKind = iota
	numberToken           // a number that may be an amount
	noiseToken            // digits that are none: a phone number, a date, a code
	wordToken             // a word, a phrase of the vocabulary, or a sign in it
	signToken             // any other sign
)

// token is a piece of the text.
type token struct {
	kind       tokenKind
	glued      bool  // nothing between it and the token before
	upper      bool  // begins with a capital
	sign       rune  // of a sign, or of a word of one letter
	word       *word // nil for an unknown one
	num        number
	start, end int32 // in the text
}

// number is a number as printed.
type number struct {
	value        Decimal
	grouped      bool // has thousands separators
	three        bool // one separator, three digits behind it: grouped, but might be a decimal point
	leadingZero  bool // "050": only good behind a magnitude
	dash         bool // "105.-": a dash for the hundredths
	digits, frac int8 // digits before and after the decimal point
}

// scan is a text in tokens.
type scan struct {
	chars  []char
	tokens []token
	words  map[string]*word
}

const (
	stackChars  = 192
	stackTokens = 64
)

// at returns token i, or an end token outside the text.
func (s *scan) at(i int) *token {
	if i < 0 || i >= len(s.tokens) {
		return &noToken
	}
	return &s.tokens[i]
}

var noToken token

func (s *scan) cue(i int) cue {
	if w := s.at(i).word; w != nil {
		return w.cue
	}
	return noCue
}

func (s *scan) isSign(i int, r rune) bool {
	t := s.at(i)
	return t.kind == signToken && t.sign == r
}

// tokenize appends the tokens of s.chars to tokens. Each char is looked at a
// bounded number of times.
func (s *scan) tokenize(tokens []token) []token {
	blank := true
	for i := 0; i < len(s.chars); {
		c := s.chars[i]
		if c.r == ' ' {
			blank = true
			i++
			continue
		}
		t := token{glued: !blank, start: c.at}
		next := i + 1
		switch {
		case isDigit(c.r):
			next = s.number(i, &t)
		case isLetter(c.r) || isCurrencySign(c.r):
			next = s.word(i, &t)
		default:
			t.kind, t.sign = signToken, c.r
			if n := s.run(i + 1); c.r == '.' && n > 0 && n <= 2 && !isDigit(s.char(i-1)) && !isLetter(s.char(i-1)) { // "$.75"
				v, j := int64(0), i+1
				for ; isDigit(s.char(j)); j++ {
					v = v*10 + int64(s.chars[j].r-'0')
				}
				t.kind, t.sign, t.num = numberToken, 0, number{value: NewDecimal(v, n), frac: int8(n)}
				next = j
				break
			}
			if c.r == '~' && s.char(i+1) == '~' { // struck out in plain text
				t.sign = '|'
				next++
				break
			}
			var one [4]byte
			if w := s.words[string(appendRune(one[:0], c.r))]; w != nil {
				t.kind, t.word = wordToken, w
			}
		}
		t.end = s.chars[next-1].end
		tokens = append(tokens, t)
		i, blank = next, false
	}
	return tokens
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func isLetter(r rune) bool {
	if r < 0x80 {
		return 'a' <= r && r <= 'z'
	}
	return unicode.IsLetter(r)
}

func isCurrencySign(r rune) bool { return r == '$' || r > 0x80 && unicode.Is(unicode.Sc, r) }

func (s *scan) char(i int) rune {
	if i < 0 || i >= len(s.chars) {
		return 0
	}
	return s.chars[i].r
}

// word reads the longest phrase of the vocabulary at char i, or one word.
func (s *scan) word(i int, t *token) (next int) {
	t.kind = wordToken
	if !isLetter(s.char(i + 1)) {
		t.sign = s.char(i)
	}
	var buf [longestWord]byte
	key, end := s.letters(i, buf[:0])
	if len(key) == 0 {
		return end
	}
	t.upper = true
	for _, c := range s.chars[i:end] {
		t.upper = t.upper && c.upper
	}
	if r := s.char(end); isCurrencySign(r) { // "US$", "A$", "GH₵"
		if w := s.words[string(appendRune(key, r))]; w != nil {
			t.word = w
			return end + 1
		}
	}
	w := s.words[string(key)]
	if w != nil && w.capital && !t.upper {
		w = nil
	}
	if w == nil || !w.more {
		t.word = w
		return end
	}
	next, t.word = end, w
	for w.more && (s.char(end) == ' ' || s.char(end) == '-' && isLetter(s.char(end+1))) {
		if key, end = s.letters(end+1, append(key, ' ')); len(key) == 0 {
			break
		}
		if w = s.words[string(key)]; w == nil {
			break
		}
		if w.known() {
			next, t.word = end, w
		}
	}
	if !t.word.known() {
		t.word = nil
	}
	return next
}

// letters appends the letters at char i; the key is empty when it would be
// longer than any word of the vocabulary.
func (s *scan) letters(i int, key []byte) (k []byte, end int) {
	end = i
	if r := s.char(i); isCurrencySign(r) {
		return appendRune(key, r), i + 1
	}
	long := false
	for ; isLetter(s.char(end)); end++ {
		if long = long || len(key)+4 > cap(key); !long {
			key = appendRune(key, s.chars[end].r)
		}
	}
	if long || end == i {
		return nil, max(end, i+1)
	}
	return key, end
}

func appendRune(b []byte, r rune) []byte {
	if r < 0x80 {
		return append(b, byte(r))
	}
	return append(b, string(r)...)
}

// number reads the digits at char i with their separators.
func (s *scan) number(i int, t *token) (next int) {
	t.kind = numberToken
	if end := s.phone(i); end > 0 {
		t.kind = noiseToken
		return end
	}
	const most = 8
	var (
		value  [most]int64
		length [most]int8
		seps   [most]rune
		groups int
		total  int
	)
	next = i
	for {
		var v int64
		n := 0
		for ; isDigit(s.char(next)); next++ {
			if n++; n <= maxScale-1 {
				v = v*10 + int64(s.chars[next].r-'0')
			}
		}
		total += n
		if groups == most || total > maxScale-1 {
			t.kind = noiseToken // longer than any amount; the rest of it goes too
			for isDigit(s.char(next)) || isSeparator(s.char(next)) && isDigit(s.char(next+1)) {
				next++
			}
			return next
		}
		value[groups], length[groups] = v, int8(n)
		groups++
		sep, digits := s.separator(next, groups == 1, length[:groups], seps[:groups-1])
		if sep == 0 {
			break
		}
		seps[groups-1] = sep
		next = digits
	}
	if r := s.char(next); r == '.' || r == ',' {
		dash := next + 1
		if s.char(dash) == ' ' {
			dash++
		}
		t.num.dash = s.char(dash) == '-' && (s.char(dash+1) == 0 || s.char(dash+1) == ' ')
	}
	t.num.leadingZero = s.chars[i].r == '0' && length[0] > 1
	if !t.num.read(value[:groups], length[:groups], seps[:groups-1]) {
		t.kind = noiseToken
	}
	return next
}

func isSeparator(r rune) bool { return r == '.' || r == ',' || r == '\'' || r == '·' }

// separator tells whether a separator and more digits of the same number stand
// at char i, and where those digits begin. A blank separates groups of three
// only, and never before a magnitude or a measure: "loại 1 250k", "3 500g".
func (s *scan) separator(i int, first bool, length []int8, before []rune) (sep rune, digits int) {
	r := s.char(i)
	if isSeparator(r) && isDigit(s.char(i+1)) {
		if r == '\'' && s.run(i+1) != 3 {
			return 0, 0
		}
		return r, i + 1
	}
	blanks := true
	for _, b := range before {
		blanks = blanks && b == ' '
	}
	if n := length[len(length)-1]; n > 3 || !first && n != 3 || s.chars[i-1].r == '0' && n == 1 {
		return 0, 0
	}
	switch {
	case r == ' ' && blanks && s.run(i+1) == 3:
		after := s.char(i + 4)
		if isSeparator(after) && isDigit(s.char(i+5)) && s.run(i+5) >= 3 {
			return 0, 0 // "416 320.000": another number
		}
		if !isLetter(after) && after != ' ' || after == 'đ' || after == 'd' || after == 'v' {
			return ' ', i + 1
		}
		j := i + 4
		if after == ' ' {
			j++
		}
		var buf [longestWord]byte
		key, _ := s.letters(j, buf[:0])
		if w := s.words[string(key)]; w != nil && (w.mag > 0 || w.class != noUnit) && w.currency == "" {
			return 0, 0
		}
		return ' ', i + 1
	case (r == '.' || r == ',') && s.char(i+1) == ' ' && s.run(i+2) == 3 && (r == '.' || s.zeros(i+2)):
		// "120. 000đ": a blank that slipped in
		if after := s.char(i + 5); after == 'đ' || after == 'd' || after == 'v' || after == '₫' || s.zeros(i+2) {
			return r, i + 2
		}
	case (r == '.' || r == ',') && s.char(i+1) == ' ' && s.run(i+2) == 2 && (s.abroad(i-int(length[len(length)-1])-1, i+4) || first && i == int(length[0]) && s.char(i+4) == 0):
		return r, i + 2 // "$119. 95", "36. 24"
	case r == ' ' && s.char(i+1) == '.' && s.run(i+2) == 3:
		return '.', i + 2
	}
	return 0, 0
}

// abroad reports whether a currency with cents stands before char before or
// at char after.
func (s *scan) abroad(before, after int) bool {
	if s.char(before) == ' ' {
		before--
	}
	if s.char(after) == ' ' {
		after++
	}
	if r := s.char(before); isCurrencySign(r) && r != '₫' {
		return true
	}
	var buf [longestWord]byte
	key, _ := s.letters(after, buf[:0])
	w := s.words[string(key)]
	return w != nil && w.currency != "" && w.currency != "VND"
}

// run counts the digits at char i, up to 4.
func (s *scan) run(i int) (n int) {
	for n < 4 && isDigit(s.char(i+n)) {
		n++
	}
	return n
}

func (s *scan) zeros(i int) bool {
	return s.char(i) == '0' && s.char(i+1) == '0' && s.char(i+2) == '0'
}

// phone returns the end of a phone number at char i, or 0: 9 to 11 digits that
// begin with 0, or 84 after a plus, in groups.
func (s *scan) phone(i int) int {
	least, most := 9, 11
	switch {
	case s.char(i) == '0' && isDigit(s.char(i+1)):
	case s.char(i) == '0' && s.char(i+1) == ' ' && s.run(i+2) >= 3:
	case s.char(i) == '8' && s.char(i+1) == '4' && s.char(i-1) == '+':
		least = 10
	case (s.char(i) == '1') && (s.char(i+1) == '9' || s.char(i+1) == '8') && s.run(i) == 4 && s.char(i+2) == '0' && s.char(i+3) == '0' && (s.char(i+4) == ' ' || isDigit(s.char(i+4))) && s.run(i+5) >= 2:
		least, most = 8, 10 // 1900 and 1800 service numbers
	default:
		return 0
	}
	n, j := 0, i
	for n <= most {
		for isDigit(s.char(j)) {
			j++
			if n++; n > most {
				break
			}
		}
		if r := s.char(j); (r == ' ' || r == '.' || r == '-') && isDigit(s.char(j+1)) && n < most {
			j++
			continue
		}
		break
	}
	if n < least || n > most || isDigit(s.char(j)) {
		return 0
	}
	return j
}

// read makes a number of digit groups: one separator before exactly three
// digits, or several equal ones, is thousands; of two different ones the last
// is the decimal point. It fails for a date or a version.
func (n *number) read(value []int64, length []int8, seps []rune) bool {
	last := len(value) - 1
	frac := int8(0)
	if last > 0 {
		n.grouped = true
		switch {
		case last == 1 && (length[1] != 3 || length[0] > 3 || value[0] == 0) && (seps[0] == '.' || seps[0] == ','):
			frac, n.grouped = length[1], false
		case last > 1 && seps[last-1] != seps[last-2] && seps[last-1] != ' ':
			frac = length[last]
		}
	}
	whole := last + 1
	if frac > 0 {
		whole = last
	}
	var v int64
	digits := int8(0)
	for i := range whole {
		if i > 0 && (length[i] != 3 && !(seps[0] == ',' && length[i] == 2 && i < whole-1) || seps[i-1] != seps[0]) {
			return false
		}
		v = v*int64(pow10[length[i]]) + value[i]
		digits += length[i]
	}
	if whole > 1 && (length[0] > 3 || n.leadingZero) {
		return false
	}
	n.digits, n.frac = digits, frac
	if frac > 0 {
		v = v*int64(pow10[frac]) + value[last]
	}
	n.value = NewDecimal(v, int(frac))
	if last == 1 && n.grouped && (seps[0] == '.' || seps[0] == ',') {
		n.three = true
	}
	return true
}
