package catalog

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is indexed for one product and asked in one query.
const (
	maxSearchTokens = 200
	maxTokenBytes   = 40
	maxQueryTokens  = 10
)

// The ASCII letters of the precomposed Latin letters, by code point; a dot
// means that the letter has none. Derived from the canonical decompositions of
// Unicode 15.1, plus letters with strokes and hooks.
const (
	latinFirst, latinLast = 0x00C0, 0x024F
	latinFold             = "aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y" +
		"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkkllllll." +
		".llnnnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs" +
		"bbbb...ccdddd....ffg...ikkl..nn.oo..pp.....ttttuu.vyyzz........." +
		".............aaiioouuuuuuuuuu.aaaa..ggggkkoooo..j...gg..nnaa..oo" +
		"aaaaeeeeiiiioooorrrruuuusstt..hhnd..zzaaeeooooooooyylntj..acclts" +
		"z..b..eejjqqrryy"
	latinMoreFirst, latinMoreLast = 0x1E00, 0x1EFF
	latinMoreFold                 = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm" +
		"mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv" +
		"wwwwwwwwwwxxxxyyzzzzzzhtwy.sss..aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee" +
		"eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy....yy"
)

// Fold makes texts comparable for search: lower case, Latin letters without
// diacritics ("Mật ong rừng" and its decomposed form both give "mat ong rung",
// đ gives d). Other scripts keep their letters and marks. Folding twice
// changes nothing; invalid UTF-8 becomes U+FFFD.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	latin := true // the letter before: marks on it are dropped
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			b.WriteByte(byte(r))
			latin = true
			continue
		case r >= 0x0300 && r <= 0x036F: // combining diacritical marks
			if !latin {
				b.WriteRune(r)
			}
			continue
		}
		r = unicode.ToLower(r)
		text := foldLetter(r)
		if latin = text != ""; latin {
			b.WriteString(text)
		} else {
			b.WriteRune(r)
			latin = r < utf8.RuneSelf
		}
	}
	return b.String()
}

// foldLetter returns the ASCII letters of a lower-case Latin letter, or "".
func foldLetter(r rune) string {
	switch r {
	case 'æ', 'ǣ', 'ǽ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ß':
		return "ss"
	case 'þ':
		return "th"
	case 'ĳ':
		return "ij"
	}
	var text string
	switch {
	case r >= latinFirst && r <= latinLast:
		text = latinFold[r-latinFirst:][:1]
	case r >= latinMoreFirst && r <= latinMoreLast:
		text = latinMoreFold[r-latinMoreFirst:][:1]
	}
	if text == "." {
		return ""
	}
	return text
}

// SearchTokens returns the words under which a product is found, folded,
// sorted and unique: names, SKUs (in parts and joined: "CHE-100" gives "che",
// "100" and "che100"), GTINs, brand, category with its parents, origin, option
// values and attributes. There are at most 200 of at most 40 bytes; what comes
// later in that list is left out first.
func SearchTokens(p Product) []string {
	set := make(map[string]struct{}, 32)
	add := func(texts ...string) {
		for _, text := range texts {
			for token := range tokens(text) {
				if len(set) >= maxSearchTokens {
					return
				}
				set[token] = struct{}{}
			}
		}
	}
	add(p.Name.VI, p.Name.EN, p.ID)
	for _, v := range p.Variants {
		add(string(v.SKU), joined(string(v.SKU)), v.GTIN)
	}
	add(p.Brand)
	for _, code := range CategoryPath(p.Category) {
		c, _ := CategoryByCode(code)
		add(code, c.Name.VI, c.Name.EN)
	}
	add(p.Origin.Commune, p.Origin.Province, p.Origin.OldLabel)
	for _, v := range p.Variants {
		add(v.Options...)
	}
	for _, a := range p.Attributes {
		add(a.Value.VI, a.Value.EN, a.Name)
	}
	sorted := make([]string, 0, len(set))
	for token := range set {
		sorted = append(sorted, token)
	}
	slices.Sort(sorted)
	return sorted
}

// QueryTokens splits what a person typed into words comparable with those of
// [SearchTokens], in the order typed; only the first 10 count. Nil when there
// is no word.
func QueryTokens(text string) []string {
	var words []string
	for token := range tokens(text) {
		if words = append(words, token); len(words) == maxQueryTokens {
			break
		}
	}
	return words
}

// tokens yields the folded words of a text, cut to the token length.
func tokens(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for word := range strings.FieldsFuncSeq(Fold(text), isSeparator) {
			if len(word) > maxTokenBytes {
				word = cutBytes(word, maxTokenBytes)
			}
			if !yield(word) {
				return
			}
		}
	}
}

// isSeparator tells what stands between words. Marks belong to the letters of
// scripts such as Thai.
func isSeparator(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
}

func joined(sku string) string {
	return strings.Map(func(r rune) rune {
		if isSeparator(r) {
			return -1
		}
		return r
	}, sku)
}

// cutBytes cuts s to at most limit bytes without breaking a character.
func cutBytes(s string, limit int) string {
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
