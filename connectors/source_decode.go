package connectors

import (
	"fmt"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricetext"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// MinEvery is the least time between two readings of a source by schedule.
const MinEvery = 15 * time.Minute

// SourceFields lists the keys that fields of a source may have.
var SourceFields = []string{"name", "price", "list", "unit", "currency", "region", "seller", "side", "grade", "url", "date", "id"}

// defaultSource is what decoding writes over.
func defaultSource() SourceConfig { return SourceConfig{Every: 12 * time.Hour, Language: "vi"} }

// sources decodes the list under the key sources.
func (r *Registry) sources(d *decoder, list *ast.SequenceNode) (sources []SourceConfig) {
	lines := map[string]int{}
	for i, node := range list.Values {
		d.channel, d.source = "", fmt.Sprintf("#%d", i+1)
		d.where = map[string]*token.Position{}
		at := position(node)
		if node = d.resolve(node); isNull(node) {
			d.problem(at, "the entry is empty")
			continue
		}
		if id := r.idOf(node); channelID.MatchString(id) {
			d.source = id
		}
		d.where[""] = position(node)
		s := defaultSource()
		d.set("", node, reflect.ValueOf(&s).Elem(), field{})
		if s.URL != "" {
			s.URL = d.expand("url", d.where["url"], s.URL)
		}
		r.checkSource(d, &s)
		if line, twice := lines[s.ID]; twice && s.ID != "" {
			d.problem(d.where["id"], "id: used twice; the first is in line %d", line)
		} else if at := d.where["id"]; at != nil {
			lines[s.ID] = at.Line
		}
		s.Hash = hashOf(s)
		sources = append(sources, s)
	}
	d.source = ""
	return sources
}

// sourceKeys tells by kind which of the keys that not all kinds have are for
// it.
var sourceKeys = map[SourceKind][]string{
	SourcePage:   {"url", "selector", "attribute", "pattern", "every", "schedule"},
	SourceSearch: {"url", "selector", "fields", "next", "pages", "only", "every", "schedule"},
	SourceTable:  {"url", "selector", "fields", "next", "pages", "only", "every", "schedule"},
	SourceAPI:    {"url", "rows", "fields", "only", "every", "schedule"},
	SourceFile:   {"url", "path", "rows", "fields", "only", "every", "schedule"},
	SourceQuote:  {},
}

var grade = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// checkSource tells what decoding alone cannot see, and fills in what follows
// from the kind.
func (r *Registry) checkSource(d *decoder, s *SourceConfig) {
	bad := func(key, format string, args ...any) {
		at := d.where[key]
		if at == nil {
			at = d.where[""]
		}
		d.problem(at, key+": "+format, args...)
	}
	if s.ID != "" && !channelID.MatchString(s.ID) {
		bad("id", "%s is not a source id; use lower-case letters, digits and hyphens inside, at most 40", shown(s.ID))
	}
	if allowed, known := sourceKeys[s.Kind]; known {
		for _, key := range []string{"url", "path", "selector", "attribute", "pattern", "rows", "fields", "next", "pages", "only", "every", "schedule"} {
			if d.where[key] != nil && !slices.Contains(allowed, key) {
				bad(key, "is not for a source of kind %s; leave it out", s.Kind)
			}
		}
	}
	r.checkAddress(d, s, bad)
	switch s.Kind {
	case SourcePage, SourceSearch:
		if s.Side == "" {
			s.Side = pricewatch.Retail
		}
	case SourceQuote:
		if s.Side == "" {
			s.Side = pricewatch.FarmGate
		}
		s.Every = 0
	}
	if (s.Kind == SourcePage || s.Kind == SourceQuote) && s.Commodity == "" && s.Product == "" {
		bad("commodity", "missing: write commodity or product, what the price is of")
	}
	if _, ok := catalog.CategoryByCode(s.Commodity); s.Commodity != "" && !ok {
		var codes []string
		for _, c := range catalog.Categories() {
			codes = append(codes, c.Code)
		}
		hint := didYouMean(s.Commodity, codes)
		if c, ok := catalog.FindCategory(s.Commodity); ok {
			hint = fmt.Sprintf("; did you mean %q?", c.Code)
		}
		bad("commodity", "%s is not a category code of ours%s", shown(s.Commodity), hint)
	}
	if s.Grade != "" && !grade.MatchString(s.Grade) {
		bad("grade", "%s: use lower-case letters, digits and hyphens, such as ocop-4", shown(s.Grade))
	}
	for _, text := range []struct{ key, value string }{{"region", s.Region}, {"product", s.Product}} {
		if strings.Contains(text.value, "|") {
			bad(text.key, "must not hold the sign |")
		}
	}
	if s.Unit != "" {
		if _, ok := pricetext.ParseUnit(s.Unit); !ok {
			bad("unit", "%s is not a unit known here; write for example kg, 500 g, 500 ml or hộp", shown(s.Unit))
		}
	}
	if _, ok := catalog.Exponent(s.Currency); s.Currency != "" && !ok {
		bad("currency", "%s is not a currency known here; use a code such as VND or USD", shown(s.Currency))
	}
	for key := range s.Fields {
		if !slices.Contains(SourceFields, key) {
			bad("fields", "unknown field %s%s; known are %s", shown(key), didYouMean(key, SourceFields), strings.Join(SourceFields, ", "))
		}
	}
	if s.Kind == SourceAPI && (s.Fields["price"] == "" || s.Fields["name"] == "") {
		bad("fields", "an api source needs the paths of name and price")
	}
	switch {
	case s.Next == "" && s.Pages != 0:
		bad("pages", "needs next, the selector of the link to the next page")
	case s.Next != "" && s.Pages == 0:
		s.Pages = 3
	case s.Next != "" && (s.Pages < 2 || s.Pages > 20):
		bad("pages", "must be 2 to 20")
	}
	if s.Every != 0 && s.Every < MinEvery || s.Every == 0 && s.Kind != SourceQuote {
		bad("every", "must be at least %s, out of respect for the site", durationText(MinEvery))
	}
	if s.Schedule != "" && d.where["every"] != nil {
		bad("schedule", "and every say the same; write one of them")
	}
	if s.Schedule != "" && r.ValidateCron != nil {
		if err := r.ValidateCron(s.Schedule); err != nil {
			bad("schedule", "%v; use five fields such as \"0 8 * * *\"", err)
		}
	}
	if r.ValidateSource != nil {
		for _, err := range split(r.ValidateSource(*s)) {
			d.problem(d.where[""], "%s", err)
		}
	}
}

func (r *Registry) checkAddress(d *decoder, s *SourceConfig, bad func(key, format string, args ...any)) {
	switch {
	case s.Kind == SourceQuote || s.Kind == "":
		return
	case s.Kind == SourceFile && (s.URL == "") == (s.Path == ""):
		bad("url", "a file source has either url or path")
		return
	case s.Kind == SourceFile && s.Path != "":
		if !filepath.IsAbs(s.Path) {
			s.Path = filepath.Join(d.dir, s.Path)
		}
		return
	case s.URL == "":
		bad("url", "missing: the address of the page")
		return
	}
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		bad("url", "must be an address that begins with https:// or http://")
	case u.User != nil:
		bad("url", "holds a user name or password; only public pages are read")
	}
}
