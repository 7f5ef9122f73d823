package catalog

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Suggestion is a category of a platform that may be what one of ours is there.
type Suggestion struct {
	FoundCategory
	Score int `json:"score"` // 0 to 100; 100 = the same name
	// From are the platforms on which a category of this name was accepted for
	// ours; empty = the names alone are alike.
	From []string `json:"from,omitempty"`
}

// Accepted is a mapping of one of our categories that a person accepted on
// another platform.
type Accepted struct {
	Platform string
	Path     []string // the names there, from the top
}

// leastScore is what is still worth a person's look.
const leastScore = 45

// Suggest returns the categories of the tree that are most like one of ours, by
// its names and by what was accepted for it elsewhere; best first, at most
// limit. Only those that take products are suggested.
func (t *Taxonomy) Suggest(ours Category, elsewhere []Accepted, limit int) []Suggestion {
	type sought struct {
		phrase phrase
		from   string
	}
	var names []sought
	var context phrase
	add := func(from string, texts ...string) {
		for _, text := range texts {
			for _, p := range phrases(text) {
				names = append(names, sought{p, from})
			}
		}
	}
	add("", ours.Name.VI, ours.Name.EN)
	for _, code := range CategoryPath(ours.Parent) {
		c, _ := CategoryByCode(code)
		context = append(context, wordsIn(c.Name.VI)...)
		context = append(context, wordsIn(c.Name.EN)...)
	}
	for _, a := range elsewhere {
		if len(a.Path) == 0 {
			continue
		}
		add(a.Platform, a.Path[len(a.Path)-1])
		context = append(context, wordsIn(strings.Join(a.Path[:len(a.Path)-1], " "))...)
	}
	if len(names) == 0 {
		return nil
	}
	var list []Suggestion
	for i := range t.nodes {
		n := &t.nodes[i]
		if !n.Leaf {
			continue
		}
		best := 0.0
		var from []string
		parts := phrases(n.Name)
		for _, name := range names {
			score := 0.0
			for _, part := range parts {
				// A part of a longer name counts a little less than all of it.
				whole := 1.0
				if len(parts) > 1 {
					whole = 0.95
				}
				score = max(score, whole*likeness(name.phrase, part))
			}
			if score >= 0.75 && name.from != "" && !slices.Contains(from, name.from) {
				from = append(from, name.from)
			}
			best = max(best, score)
		}
		if best < 0.4 {
			continue
		}
		score := 90 * best
		if len(from) > 0 {
			score += 5
		}
		if around := wordsIn(strings.Join(t.Path(n.Parent), " ")); slices.ContainsFunc(around, func(w word) bool { return context.has(w) > 0 }) {
			score += 5
		}
		if best == 1 {
			score = max(score, 92)
		}
		if s := int(min(100, score)); s >= leastScore {
			list = append(list, Suggestion{FoundCategory{n.PlatformCategory, t.Path(n.ID)}, s, from})
		}
	}
	slices.SortFunc(list, func(a, b Suggestion) int {
		return cmp.Or(b.Score-a.Score, len(b.From)-len(a.From), len(a.Path)-len(b.Path), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	return list
}

// word is a word as written and folded. Vietnamese words that differ only in
// marks mean different things ("măng" and "mạng"), so both forms count.
type word struct{ text, folded string }

type phrase []word

// joiners stand between the parts of a name, and tell nothing by themselves.
var joiners = map[string]bool{"va": true, "and": true, "hoac": true, "or": true, "&": true}

// idle words are in names of all kinds of categories.
var idle = map[string]bool{"cac": true, "loai": true, "khac": true, "other": true, "others": true, "of": true, "the": true, "do": true, "san": true, "pham": true, "products": true}

// phrases splits a name where it lists several things: "Trà, chè", "Mật ong &
// siro" and "Túi và ví" have two each.
func phrases(name string) []phrase {
	var list []phrase
	var open phrase
	end := func() {
		if len(open) > 0 {
			list = append(list, open)
		}
		open = nil
	}
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune(",;/&|()-–", r) }) {
		for _, w := range wordsIn(part) {
			if joiners[w.folded] {
				end()
				continue
			}
			open = append(open, w)
		}
		end()
	}
	return list
}

func wordsIn(text string) phrase {
	var list phrase
	for one := range strings.FieldsFuncSeq(strings.ToLower(text), isSeparator) {
		list = append(list, word{one, Fold(one)})
	}
	return list
}

// has tells how well a word is found in a phrase: 1 as written, less when only
// without its marks.
func (p phrase) has(w word) float64 {
	best := 0.0
	for _, own := range p {
		switch {
		case own.text == w.text:
			return 1
		case own.folded == w.folded && (plainText(own.text) || plainText(w.text)):
			best = max(best, 0.9) // one of them was written without marks
		case own.folded == w.folded:
			best = max(best, 0.3)
		}
	}
	return best
}

// plainText tells that a text has only ASCII letters, as people type in a
// hurry.
func plainText(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// likeness of two phrases from 0 to 1: the share of words that both have.
// Words of no meaning count little.
func likeness(a, b phrase) float64 {
	weigh := func(w word) float64 {
		if idle[w.folded] {
			return 0.2
		}
		return 1
	}
	shared, all := 0.0, 0.0
	for _, w := range a {
		all += weigh(w)
		shared += weigh(w) * b.has(w)
	}
	for _, w := range b {
		all += weigh(w)
		shared += weigh(w) * a.has(w)
	}
	if all == 0 {
		return 0
	}
	return shared / all
}
