package market

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// raw returns the text of text node i, entities undone.
func (t *tree) raw(i int32) string {
	return unescape(t.src[t.nodes[i].from:t.nodes[i].to])
}

// textOf joins the text below node i, leaving out scripts and whatever has one
// of the skip hints itself. Pieces of different elements are set apart by a
// blank, except decimals that stand in an element of their own ("173<sup>34</sup>"
// gives 173.34). It stops after about limit bytes.
func (t *tree) textOf(i int32, limit int, skip hints) string {
	var b strings.Builder
	last := int32(-1)
	budget := 400 // nodes looked at
	for k := i; k < t.nodes[i].end && b.Len() <= limit && budget > 0; budget-- {
		n := &t.nodes[k]
		if !n.text {
			if k != i && (n.own&skip != 0 || isScript(n.tag)) {
				k = n.end
				continue
			}
			if n.tag == atom.Br && b.Len() > 0 {
				b.WriteByte(' ')
			}
			k++
			continue
		}
		s := t.src[n.from:n.to]
		text := string(s[:min(len(s), limit+64)])
		if strings.IndexByte(text, '&') >= 0 {
			text = unescape([]byte(text))
		}
		switch {
		case last >= 0 && t.nodes[last].parent == n.parent && last+1 == k:
			// A comment stood between: one text.
		case b.Len() > 0:
			b.WriteString(t.glue(b.String(), text, k))
		}
		b.WriteString(text)
		last = k
		k++
	}
	return squeeze(strings.ToValidUTF8(b.String(), ""))
}

func isScript(a atom.Atom) bool {
	return a == atom.Script || a == atom.Style || a == atom.Template || a == atom.Noscript || a == atom.Textarea || a == atom.Iframe
}

// glue returns what belongs between the text so far and the next piece.
func (t *tree) glue(before, next string, k int32) string {
	tight := strings.TrimSpace(before)
	piece := strings.TrimSpace(next)
	if tight == "" || piece == "" || !isDigit(piece[0]) && piece[0] != '.' && piece[0] != ',' {
		return " "
	}
	end := tight[len(tight)-1]
	if (piece[0] == '.' || piece[0] == ',') && (len(piece) == 1 || isDigit(piece[1])) && isDigit(end) && before == tight {
		return ""
	}
	if end == '.' || end == ',' {
		if len(tight) > 1 && isDigit(tight[len(tight)-2]) && before == tight {
			return ""
		}
		return " "
	}
	if !isDigit(end) {
		if len(piece) == 2 && isDigit(piece[1]) && t.isCents(k) && signed(tight) {
			return "" // "249€<sup>99</sup>"
		}
		return " "
	}
	if len(next) == 2 && isDigit(next[1]) && before == tight && t.nodes[k].parent != t.nodes[k-1].parent && wholeSigned(tight) {
		return "." // "$249<span>99</span>" without a blank: cents
	}
	cents := len(piece) <= 2 || len(piece) > 2 && !isDigit(piece[2])
	if cents && len(piece) >= 2 && isDigit(piece[1]) && t.isCents(k) {
		return "."
	}
	return " | "
}

// signed tells whether s ends in a number and a sign that can stand before its
// decimals.
func signed(s string) bool {
	r, size := utf8.DecodeLastRuneInString(s)
	return (r == '€' || r == '$' || r == '£') && len(s) > size && isDigit(s[len(s)-size-1])
}

// wholeSigned tells whether s ends in a currency sign and a number without
// decimals.
func wholeSigned(s string) bool {
	i := len(s)
	for i > 0 && isDigit(s[i-1]) {
		i--
	}
	if len(s)-i == 3 && i > 0 && (s[i-1] == ',' || s[i-1] == '.') {
		for i > 0 && (isDigit(s[i-1]) || s[i-1] == ',' || s[i-1] == '.') {
			i--
		}
	}
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s[:i], " "))
	return unicode.Is(unicode.Sc, r) && r != '₫' && r != '₩' && r != '¥'
}

// isCents tells whether text node k stands in an element for decimals.
func (t *tree) isCents(k int32) bool {
	for up, e := 0, t.nodes[k].parent; e > 0 && up < 2; up, e = up+1, t.nodes[e].parent {
		if t.nodes[e].own&hintCents != 0 {
			return true
		}
	}
	return false
}

// squeeze turns every run of blanks into one space and drops invisible runes.
func squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for i, r := range s {
		switch {
		case r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\u00a0' || r == '\u3000' || r >= utf8.RuneSelf && unicode.IsSpace(r):
			blank = b.Len() > 0
		case r == '\u200b' || r >= 0xe000 && r <= 0xf8ff || // icon fonts
			r == '\u2060' || r == '\ufeff' || r == '\u00ad' || r == '\u200e' || r == '\u200f' || r == utf8.RuneError && i < 0:
		default:
			if blank {
				b.WriteByte(' ')
				blank = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fold lower-cases, strips diacritics and turns what is neither letter nor
// digit into single blanks, to compare names.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	put := func(r rune) {
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(r)
	}
	plain := true
	for i := range len(s) {
		plain = plain && s[i] < utf8.RuneSelf
	}
	if !plain {
		s = norm.NFKD.String(s)
	}
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'Đ':
			put('d')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			put(unicode.ToLower(r))
		default:
			blank = true
		}
	}
	return b.String()
}

// overlap returns the share of the words of a that b has too, both folded.
func overlap(a, b string) float64 {
	if a == "" || b == "" {
		return 0
	}
	if strings.Contains(b, a) {
		return 1
	}
	have := make(map[string]bool, 16)
	for w := range strings.FieldsSeq(b) {
		have[w] = true
	}
	total, hit := 0, 0
	for w := range strings.FieldsSeq(a) {
		total++
		if have[w] {
			hit++
		}
	}
	return float64(hit) / float64(total)
}

// alike tells how much two names have in common, from the shorter one's view.
func alike(a, b string) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if strings.Count(a, " ") == 0 && len(a) < 4 {
		return 0
	}
	return overlap(a, b)
}
