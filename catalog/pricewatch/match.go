package pricewatch

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// What a proposal needs, of 100.
const (
	MinScore     = 35
	maxProposals = 3
	nameScore    = 70 // for names that are the same
	contentScore = 20 // for the same net content
	gradeScore   = 10
	ofCommodity  = 75 // the name says what it is; a product has to be more alike than that
	ofSource     = 40 // only the source's settings do
)

// otherNames are names of commodities beside those of our categories, folded,
// as the press and shops write them.
var otherNames = map[string][]string{
	"pepper":          {"tieu den", "tieu trang", "tieu so", "hat tieu", "ho tieu", "black pepper", "white pepper"},
	"coffee":          {"robusta", "arabica", "cafe", "coffee"},
	"vermicelli":      {"mien dong", "mien", "cellophane noodles"},
	"macadamia":       {"mac ca", "macca", "macadamia"},
	"cinnamon-anise":  {"que chi", "vo que", "que thanh", "hoa hoi", "bot que", "cinnamon"},
	"ginger-turmeric": {"nghe", "gung", "tinh bot nghe", "turmeric", "ginger"},
	"tea-shan-tuyet":  {"shan tuyet", "che shan"},
	"tea":             {"tra", "che"},
	"brocade":         {"tho cam"},
	"honey":           {"mat ong", "honey"},
	"bamboo-shoots":   {"mang kho", "mang"},
}

type naming struct {
	code  string
	words []string
}

// names are all names of commodities, longest first; the tops of our tree are
// none.
var names = func() (all []naming) {
	// Alone these are, folded, other words as well: packages, tastes, streets.
	vague := []string{"tui", "vi", "pho", "khac", "other", "bags"}
	add := func(code, name string) {
		if words := wordsOf(name); len(words) > 1 || len(words) == 1 && !slices.Contains(vague, words[0]) {
			all = append(all, naming{code, words})
		}
	}
	for _, c := range catalog.Categories() {
		if c.Parent == "" {
			continue
		}
		for _, name := range []string{c.Name.VI, c.Name.EN} {
			for part := range strings.SplitSeq(name, ",") {
				add(c.Code, part)
			}
		}
		for _, name := range otherNames[c.Code] {
			add(c.Code, name)
		}
	}
	slices.SortStableFunc(all, func(a, b naming) int { return cmp.Compare(len(b.words), len(a.words)) })
	return all
}()

// wordsOf are the folded words of a text.
func wordsOf(text string) []string {
	return strings.FieldsFunc(catalog.Fold(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// CommodityOf tells which category of ours a name speaks of: the one whose name
// in it has most words, of these the first in the text. "" = none.
func CommodityOf(name string) string {
	words := wordsOf(name)
	best, size, place := "", 0, 0
	for _, n := range names {
		if len(n.words) < size {
			break
		}
		at := indexOf(words, n.words)
		if at >= 0 && (best == "" || at < place) {
			best, size, place = n.code, len(n.words), at
		}
	}
	return best
}

// indexOf tells where the words of part stand in words, one after another.
func indexOf(words, part []string) int {
	for i := 0; i+len(part) <= len(words); i++ {
		if slices.Equal(words[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

var (
	ocop  = regexp.MustCompile(`\bocop\D{0,12}([345])\b|\b([345])\s*(?:sao|stars?)\b(?:.*\bocop\b)?`)
	loai  = regexp.MustCompile(`\bloai\s+(1|2|3|mot|hai|ba|a|b)\b`)
	mua   = regexp.MustCompile(`\b(?:vu|mua)\s+(xuan|he|thu|dong)\b`)
	loais = map[string]string{"mot": "1", "hai": "2", "ba": "3", "a": "1", "b": "2"}
)

// GradeOf reads a grade in a name: OCOP stars, organic, a class or a season;
// "" = none is told.
func GradeOf(name string) string {
	text := strings.Join(wordsOf(name), " ")
	if m := ocop.FindStringSubmatch(text); m != nil && strings.Contains(text, "ocop") {
		return "ocop-" + cmp.Or(m[1], m[2])
	}
	if strings.Contains(" "+text+" ", " huu co ") || strings.Contains(" "+text+" ", " organic ") {
		return "organic"
	}
	if m := loai.FindStringSubmatch(text); m != nil {
		return "loai-" + cmp.Or(loais[m[1]], m[1])
	}
	if m := mua.FindStringSubmatch(text); m != nil {
		return "vu-" + m[1]
	}
	return ""
}

// Propose tells what a price that a source shows may be of: products, and the
// commodity itself. hint is the commodity that the source's settings name, ""
// = none. The best comes first; a person decides.
func Propose(o Observation, hint string, products []catalog.Product) []Proposal {
	grade := GradeOf(o.Name)
	var found []Proposal
	if named := CommodityOf(o.Name); named != "" {
		found = append(found, Proposal{Commodity: named, Grade: grade, Score: ofCommodity})
	} else if hint != "" {
		found = append(found, Proposal{Commodity: hint, Grade: grade, Score: ofSource})
	}
	for _, p := range products {
		score := 0
		for _, v := range p.Variants {
			score = max(score, o.score(p, v, grade))
		}
		if score >= MinScore {
			found = append(found, Proposal{Commodity: p.Category, Product: p.ID, Grade: grade, Score: score})
		}
	}
	slices.SortStableFunc(found, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Product, b.Product))
	})
	return found[:min(len(found), maxProposals)]
}

// score tells how alike what is priced and one of our variants are.
func (o Observation) score(p catalog.Product, v catalog.Variant, grade string) int {
	theirs, ours := significant(o.Name), significant(p.Name.VI+" "+strings.Join(v.Options, " "))
	if len(theirs) == 0 || len(ours) == 0 {
		return 0
	}
	shared := 0
	for _, w := range ours {
		if slices.Contains(theirs, w) {
			shared++
		}
	}
	if shared == 0 {
		return 0
	}
	score := nameScore * 2 * shared / (len(theirs) + len(ours))
	if v.NetContent.Milli > 0 && o.Unit != "" {
		content, base := InBase(decimal.New(v.NetContent.Milli, -3), v.NetContent.Unit)
		if quantity, other := InBase(o.Quantity, o.Unit); base == other && content.Equal(quantity) {
			score += contentScore
		}
	}
	if p.OCOP > 0 && grade == "ocop-"+string(rune('0'+p.OCOP)) || p.OCOP == 0 && grade == "" {
		score += gradeScore
	}
	return min(score, 100)
}

var measured = regexp.MustCompile(`^\d+(?:g|gr|kg|ml|l|lit|cm|m)?$`)

// significant are the words that tell goods apart: without amounts, units and
// filling words, each once.
func significant(name string) []string {
	var words []string
	for _, w := range wordsOf(name) {
		switch w {
		case "g", "gr", "kg", "ml", "l", "lit", "goi", "hop", "chai", "lo", "hu", "tui", "cai", "va", "loai", "dac", "san", "chinh", "hieu", "ocop", "sao", "nguyen", "chat":
			continue
		}
		if !measured.MatchString(w) && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}
