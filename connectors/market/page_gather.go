package market

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html/atom"
)

// pageReader holds what one walk over a page gathers.
type pageReader struct {
	t    *tree
	url  string
	slug string // folded words of the address

	docTitle string
	metas    map[string]string // property or name -> content, the first one wins
	lang     string
	title    string // the page's title as decided
	folded   string // title, folded
	anchor   int32  // the element that holds the title, 0 when unknown

	headings []int32 // h1
	jsonld   []int32 // text nodes of JSON-LD scripts
	scripts  []int32 // text nodes of other scripts
	props    []int32 // elements with itemprop
	digits   []int32 // shown text nodes with digits
	tables   []int32
	times    []int32

	buys []int32 // controls that put the product into the cart; nil = not looked for

	vietnamese bool // the page's language
}

// maxDigits bounds how many texts with digits are looked at; real pages have
// some thousand.
const maxDigits = 20_000

// gather walks the tree once.
func gather(t *tree, address string) *pageReader {
	p := &pageReader{t: t, url: address, slug: slugWords(address), metas: make(map[string]string, 32)}
	for i := 1; i < len(t.nodes); i++ {
		n := &t.nodes[i]
		k := int32(i)
		if n.text {
			if len(p.digits) < maxDigits && !isScript(t.nodes[n.parent].tag) && hasDigit(t.src[n.from:n.to]) {
				p.digits = append(p.digits, k)
			}
			continue
		}
		n.own = t.ownHints(k)
		switch n.tag {
		case atom.Html:
			p.lang, _ = t.attr(k, "lang")
		case atom.Title:
			if p.docTitle == "" && k+1 < n.end {
				p.docTitle = squeeze(t.raw(k + 1))
			}
		case atom.Meta:
			p.meta(k)
		case atom.H1:
			p.headings = append(p.headings, k)
		case atom.Table:
			p.tables = append(p.tables, k)
		case atom.Time:
			p.times = append(p.times, k)
		case atom.Script:
			if k+1 < n.end {
				kind, _ := t.attr(k, "type")
				if strings.Contains(strings.ToLower(kind), "ld+json") {
					p.jsonld = append(p.jsonld, k+1)
				} else {
					p.scripts = append(p.scripts, k+1)
				}
			}
		}
		if n.own&hintProp != 0 {
			p.props = append(p.props, k)
		}
	}
	p.decideTitle()
	p.vietnamese = strings.HasPrefix(strings.ToLower(p.lang), "vi") || p.lang == "" && isVietnamese(p.title)
	t.mark(p.anchor)
	return p
}

// isVietnamese tells whether a text has letters that only Vietnamese has.
func isVietnamese(s string) bool {
	for _, r := range s {
		if r >= 0x1ea0 && r <= 0x1ef9 || r == 'ơ' || r == 'ư' || r == 'Ơ' || r == 'Ư' {
			return true
		}
	}
	return false
}

func hasDigit(b []byte) bool {
	for _, c := range b {
		if isDigit(c) {
			return true
		}
	}
	return false
}

// meta stores a meta tag under its property, name or itemprop.
func (p *pageReader) meta(k int32) {
	key, content, ok := "", "", false
	p.t.attrs(k, func(name, value []byte) bool {
		switch string(name) {
		case "property", "name", "itemprop":
			if key == "" {
				key = strings.ToLower(string(value))
			}
		case "content":
			if len(value) <= 2000 {
				content, ok = unescape(value), true
			}
		}
		return true
	})
	if _, have := p.metas[key]; key != "" && ok && !have {
		p.metas[key] = strings.TrimSpace(content)
	}
}

// slugWords returns the words of an address's path, folded.
func slugWords(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return fold(u.Path)
}

// decideTitle picks the heading that names the page, among several the one
// that agrees with <title>, og:title and the address.
func (p *pageReader) decideTitle() {
	t := p.t
	og := p.metas["og:title"]
	refs := []string{fold(p.docTitle), fold(og), p.slug}
	best, score := int32(0), 0.0
	text := ""
	filled := 0
	for _, h := range p.headings[:min(len(p.headings), 60)] {
		s := t.textOf(h, 400, hintHidden|hintButton|hintLink)
		if s == "" {
			s = t.textOf(h, 400, hintHidden)
		}
		if s == "" {
			continue
		}
		filled++
		f := fold(s)
		v := 0.0
		for _, ref := range refs {
			v = max(v, overlap(f, ref), overlap(ref, f)*0.9)
		}
		if t.hiddenOrAside(h) {
			v -= 0.3
		}
		if v > score || best == 0 && v >= score {
			best, score, text = h, v, s
		}
	}
	if best != 0 && (score >= 0.5 || filled == 1 && score > 0 || filled == 1 && og == "") {
		p.anchor, p.title, p.folded = best, text, fold(text)
		return
	}
	p.title = og
	if p.title == "" {
		p.title = siteless(p.docTitle)
	}
	p.folded = fold(p.title)
	p.anchor = p.findTitle()
}

// hiddenOrAside tells whether a heading stands where the product's cannot.
func (t *tree) hiddenOrAside(i int32) bool {
	for e := i; e > 0; e = t.nodes[e].parent {
		n := &t.nodes[e]
		if n.own&hintHidden != 0 && n.tag != atom.Body || n.tag == atom.Footer || n.tag == atom.Nav || n.tag == atom.Aside {
			return true
		}
	}
	return false
}

// siteless cuts the shop's name off a document title.
func siteless(title string) string {
	for _, cut := range []string{" | ", " – ", " — ", " - ", " :: ", " « "} {
		if i := strings.LastIndex(title, cut); i > len(title)/3 {
			return strings.TrimSpace(title[:i])
		}
	}
	return title
}

// findTitle looks for the title in the shown text of a page without a usable
// h1 and returns the element around it, or 0.
func (p *pageReader) findTitle() int32 {
	t := p.t
	if len(p.folded) < 6 {
		return 0
	}
	words := strings.Count(p.folded, " ") + 1
	for i := 1; i < len(t.nodes); i++ {
		n := &t.nodes[i]
		if !n.text || int(n.to-n.from) < len(p.folded)/2 || int(n.to-n.from) > len(p.title)*2+60 {
			continue
		}
		e := n.parent
		if isScript(t.nodes[e].tag) || t.nodes[e].tag == atom.Title || t.nodes[e].tag == atom.Option || t.hiddenOrAside(e) || t.inAside(e) {
			continue
		}
		f := fold(t.raw(int32(i)))
		if f != "" && (strings.Contains(p.folded, f) && 2*(strings.Count(f, " ")+1) >= words || overlap(p.folded, f) == 1) {
			return e
		}
	}
	return 0
}

// inAside is hintAside before marks are inherited.
func (t *tree) inAside(e int32) bool {
	for ; e > 0; e = t.nodes[e].parent {
		if t.nodes[e].own&(beside|hintLink) != 0 && t.nodes[e].tag != atom.Body {
			return true
		}
	}
	return false
}

// siteCurrency returns the currency the site's own scripts and attributes name
// most, "" when they name none.
func (p *pageReader) siteCurrency(sign string) string {
	counts := map[string]int{}
	src, steps := p.t.src, 0
	for i := 0; i < len(src) && steps < 400; steps++ {
		at := bytes.Index(src[i:], []byte("urrency"))
		if at < 0 {
			break
		}
		i += at + 7
		// The code is the first word of three capitals in what follows.
		rest := src[i:min(len(src), i+40)]
		for k := 0; k+3 <= len(rest); k++ {
			if c := rest[k]; c == ';' || c == '>' || c == '}' || c == ',' {
				break
			}
			if isUpper3(rest[k:]) && (k == 0 || !isLetter(rest[k-1])) && (k+3 == len(rest) || !isLetter(rest[k+3])) {
				if code := string(rest[k : k+3]); isoCurrencies[code] && fits(sign, code) {
					counts[code]++
				}
				break
			}
		}
	}
	best, most := "", 0
	for code, n := range counts {
		if n > most || n == most && code < best {
			best, most = code, n
		}
	}
	if best == "" {
		best = langCurrency[strings.ToLower(strings.ReplaceAll(p.lang, "_", "-"))]
		if best == "" {
			best = langCurrency[strings.ToLower(strings.ReplaceAll(p.metas["og:locale"], "_", "-"))]
		}
		if !fits(sign, best) {
			best = ""
		}
	}
	if best == "" && sign != "" {
		best = p.onlyCode(sign)
	}
	return best
}

// onlyCode returns the one ISO code fitting the sign that the page mentions,
// "" when it mentions none or several.
func (p *pageReader) onlyCode(sign string) string {
	found := ""
	for code := range isoCurrencies {
		if !fits(sign, code) || !hasCode(p.t.src, code) {
			continue
		}
		if found != "" {
			return ""
		}
		found = code
	}
	return found
}

// hasCode tells whether a code stands as a word in the source.
func hasCode(src []byte, code string) bool {
	for from := 0; ; {
		i := bytes.Index(src[from:], []byte(code))
		if i < 0 {
			return false
		}
		i += from
		from = i + 3
		if (i == 0 || !isLetter(src[i-1]) && !isDigit(src[i-1])) && (from == len(src) || !isLetter(src[from]) && !isDigit(src[from])) {
			return true
		}
	}
}

func isUpper3(b []byte) bool {
	for _, c := range b[:3] {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// langCurrency is what a page's own language tag says about its money; only
// used to tell the currencies of one sign apart.
var langCurrency = map[string]string{
	"en-us": "USD", "es-us": "USD", "en-ca": "CAD", "fr-ca": "CAD", "en-au": "AUD", "en-nz": "NZD", "en-sg": "SGD", "es-mx": "MXN", "es-ar": "ARS", "es-cl": "CLP", "es-co": "COP", "es-uy": "UYU", "zh-hk": "HKD", "zh-tw": "TWD",
	"sv": "SEK", "sv-se": "SEK", "nb": "NOK", "nb-no": "NOK", "no": "NOK", "nn": "NOK", "da": "DKK", "da-dk": "DKK", "ja": "JPY", "ja-jp": "JPY", "zh-cn": "CNY",
}
