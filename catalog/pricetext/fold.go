package pricetext

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// char is one letter, digit or sign of the normalized text: NFC, lower case,
// one blank for any run of blanks, nothing invisible.
type char struct {
	r     rune
	at    int32 // where it starts in the text
	end   int32 // where it ends, marks included
	upper bool
}

// fold normalizes text into buf. accented tells whether a Vietnamese letter
// other than đ has a diacritic: then a bare word means what it says.
func fold(text string, buf []char) (chars []char, accented bool) {
	chars = buf
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		} else if r == '&' {
			r, size = entity(text[i:])
		}
		at := i
		i += size
		if r < utf8.RuneSelf {
			upper := 'A' <= r && r <= 'Z'
			switch {
			case upper:
				r += 'a' - 'A'
			case r <= ' ':
				r = ' '
			}
			if n := len(chars); r != ' ' || n > 0 && chars[n-1].r != ' ' {
				chars = append(chars, char{r, int32(at), int32(i), upper})
			}
			continue
		}
		n := len(chars)
		if mark := markIndex(r); mark >= 0 {
			if n > 0 {
				if c := compose(chars[n-1].r, mark); c != 0 {
					chars[n-1].r, chars[n-1].end, accented = c, int32(i), true
				}
			}
			continue
		}
		first, second := narrow(r)
		switch first {
		case 0:
			continue
		case ' ':
			if n > 0 && chars[n-1].r != ' ' {
				chars = append(chars, char{' ', int32(at), int32(i), false})
			}
			continue
		}
		lower := unicode.ToLower(first)
		accented = accented || lower != 'đ' && lower >= 0xC0 && lower < 0x2000 && unicode.IsLetter(lower)
		chars = append(chars, char{lower, int32(at), int32(i), lower != first})
		if second != 0 {
			chars = append(chars, char{second, int32(at), int32(i), false})
		}
	}
	return chars, accented
}

// narrow returns what a rune above ASCII stands for (the compatibility forms
// that price texts have, not all of NFKC), a blank, or 0 for nothing at all.
func narrow(r rune) (first, second rune) {
	switch {
	case r >= 0x1EA0 && r <= 0x1EFF, r > 0xF0 && r <= 0x1B0: // Vietnamese letters
		return r, 0
	case r >= 0xFF01 && r <= 0xFF5E: // full width
		return r - 0xFF01 + '!', 0
	case r >= 0x1D7CE && r <= 0x1D7FF: // bold and other digits
		return '0' + (r-0x1D7CE)%10, 0
	case r >= 0x1D400 && r <= 0x1D6A3: // bold and other letters
		r = (r - 0x1D400) % 52
		if r < 26 {
			return 'A' + r, 0
		}
		return 'a' + r - 26, 0
	case unicode.IsSpace(r), r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000:
		return ' ', 0
	case unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector), unicode.Is(unicode.Mn, r):
		return 0, 0
	}
	switch r {
	case 'ð', 'Ð', 'Ɖ': // a mis-decoded đ
		return 'đ', 0
	case '–', '—', '‒', '―', '−', '‐', '‑', '﹣':
		return '-', 0
	case '∼', '〜', '˜':
		return '~', 0
	case '’', '‘', 'ʼ', '´', '′':
		return '\'', 0
	case '·', '‧', '∙', '⋅':
		return '·', 0
	case '⁄', '∕', '÷':
		return '/', 0
	case '²':
		return '2', 0
	case '³':
		return '3', 0
	case '㎏':
		return 'k', 'g'
	case '㎖':
		return 'm', 'l'
	case '㎡':
		return 'm', '2'
	case '㎜', '㎝':
		return 'm', 0
	case 'ℓ':
		return 'l', 0
	case '→', '⇒', '➜', '➡':
		return '→', 0
	case '￡':
		return '£', 0
	case '￥':
		return '¥', 0
	case utf8.RuneError:
		return '?', 0
	}
	return r, 0
}

// entity reads one left-over HTML entity; what is none is its "&".
func entity(s string) (r rune, size int) {
	end := strings.IndexByte(s[:min(len(s), 12)], ';')
	if end < 2 {
		return '&', 1
	}
	plain := html.UnescapeString(s[:end+1])
	r, n := utf8.DecodeRuneInString(plain)
	if n != len(plain) {
		return '&', 1
	}
	return r, end + 1
}

// The Vietnamese vowels: rows are the bare letter and its modified forms,
// columns the five tones after the level one.
var vowels = [...][6]rune{
	[6]rune([]rune("aàáảãạ")), [6]rune([]rune("ăằắẳẵặ")), [6]rune([]rune("âầấẩẫậ")), [6]rune([]rune("eèéẻẽẹ")), [6]rune([]rune("êềếểễệ")), [6]rune([]rune("iìíỉĩị")),
	[6]rune([]rune("oòóỏõọ")), [6]rune([]rune("ôồốổỗộ")), [6]rune([]rune("ơờớởỡợ")), [6]rune([]rune("uùúủũụ")), [6]rune([]rune("ưừứửữự")), [6]rune([]rune("yỳýỷỹỵ")),
}

// Combining marks: five tones, then circumflex, breve and horn.
const (
	markCircumflex = 6
	markBreve      = 7
	markHorn       = 8
)

func markIndex(r rune) int {
	switch r {
	case 0x300, 0x340:
		return 1
	case 0x301, 0x341:
		return 2
	case 0x309:
		return 3
	case 0x303:
		return 4
	case 0x323:
		return 5
	case 0x302:
		return markCircumflex
	case 0x306:
		return markBreve
	case 0x31B:
		return markHorn
	}
	return -1
}

// compose puts a mark on a letter, whatever the order of marks was; 0 when the
// letter cannot take it.
func compose(r rune, mark int) rune {
	row, tone := vowel(r)
	if row < 0 {
		return 0
	}
	if mark <= 5 {
		return vowels[row][mark]
	}
	to := rune(0)
	switch bare := bareVowel(row); {
	case mark == markCircumflex:
		to = map[rune]rune{'a': 'â', 'e': 'ê', 'o': 'ô'}[bare]
	case mark == markBreve && bare == 'a':
		to = 'ă'
	case mark == markHorn:
		to = map[rune]rune{'o': 'ơ', 'u': 'ư'}[bare]
	}
	if row, _ = vowel(to); row < 0 {
		return 0
	}
	return vowels[row][tone]
}

func vowel(r rune) (row, tone int) {
	if r == 0 {
		return -1, 0
	}
	for row := range vowels {
		for tone, v := range vowels[row] {
			if v == r {
				return row, tone
			}
		}
	}
	return -1, 0
}

func bareVowel(row int) rune { return rune("aaaeeiooouuy"[row]) }

// stripVowels takes the diacritics of the vowels off a lower-case NFC word; đ stays.
func stripVowels(s string) string {
	return strings.Map(func(r rune) rune {
		if row, _ := vowel(r); row >= 0 {
			return bareVowel(row)
		}
		return r
	}, s)
}
