package market

import (
	"cmp"
	"context"
	"slices"

	"github.com/chophien/chophien/connectors"
)

// Candidate is one price that a page offers, and where.
type Candidate struct {
	Method       string `json:"method"`
	Path         string `json:"path,omitempty"` // of a price that is shown: a CSS selector that may serve the source
	Text         string `json:"text,omitempty"`
	Name         string `json:"name,omitempty"` // of the product in the markup
	AmountMin    string `json:"amount_min,omitempty"`
	AmountMax    string `json:"amount_max,omitempty"`
	ListAmount   string `json:"list_amount,omitempty"`
	Currency     string `json:"currency,omitempty"`
	Availability string `json:"availability,omitempty"`
	Score        int    `json:"score,omitempty"` // of what is shown: how much it looks like the price of the page
	Struck       bool   `json:"struck,omitempty"`
	Chosen       bool   `json:"chosen,omitempty"`
}

// maxCandidates bounds how many shown prices are told.
const maxCandidates = 12

// Explain reads a page like [Source.Read] and tells all prices that were
// looked at, those of the markup first, the likeliest of what is shown first.
func (s Source) Explain(html []byte, url, contentType string) (Reading, []Candidate) {
	r := s.Read(html, url, contentType)
	text, _ := Decode(html, contentType)
	p := gather(parseTree(text), url)
	var all []Candidate
	add := func(c candidate, score int) {
		if !c.priced() && !c.zero {
			return
		}
		shown := Candidate{
			Method: c.method, Path: c.path, Text: clip(c.raw, 300), Name: clip(c.name, 100), Currency: c.currency, Availability: c.avail, Score: score,
		}
		if c.priced() {
			shown.AmountMin, shown.AmountMax = c.min.String(), c.max.String()
		}
		if !c.list.IsZero() {
			shown.ListAmount = c.list.String()
		}
		shown.Struck = c.node > 0 && p.t.nodes[c.node].all&hintOld != 0
		shown.Chosen = r.Kind != KindNone && c.method == r.Evidence.Method && c.path == r.Evidence.Path && (shown.AmountMin == r.AmountMin || shown.AmountMax == r.AmountMax)
		all = append(all, shown)
	}
	if s.Selector != "" {
		all = append(all, Candidate{
			Method: MethodSelector, Path: s.Selector, Text: r.Evidence.Text, AmountMin: r.AmountMin, AmountMax: r.AmountMax, ListAmount: r.ListAmount,
			Currency: r.Currency, Chosen: r.Kind != KindNone,
		})
	}
	for _, c := range p.jsonProducts() {
		add(c.candidate, 0)
	}
	for _, c := range p.microItems() {
		add(c.candidate, 0)
	}
	for _, c := range []*candidate{p.graphCandidate(), p.stateCandidate()} {
		if c != nil {
			add(*c, 0)
		}
	}
	found := p.findVisible().found
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	for _, c := range found[:min(len(found), maxCandidates)] {
		add(c, int(c.score))
	}
	return r, all
}

// Explanation is how a source is read.
type Explanation struct {
	URL        string      `json:"url"`
	Reading    Reading     `json:"reading"`
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Explain reads a source that is a page now and tells everything that was
// looked at. Nothing is stored.
func (r *Reader) Explain(ctx context.Context, s connectors.SourceConfig) (Explanation, error) {
	answer, err := r.guest.Get(ctx, Request{URL: s.URL})
	if err != nil {
		return Explanation{}, named(err)
	}
	settings := Source{Attr: s.Attribute, Pattern: s.Pattern}
	if s.Kind == connectors.SourcePage {
		settings.Selector = s.Selector
	} else {
		settings = Source{}
	}
	reading, candidates := settings.Explain(answer.Body, answer.URL, answer.ContentType)
	return Explanation{answer.URL, reading, candidates}, nil
}
