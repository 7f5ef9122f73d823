package connectors

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/chophien/chophien/catalog/pricewatch"
)

// alerts decodes the mapping under the key alerts over a; sources are those of
// the file.
func (d *decoder) alerts(node ast.Node, a *pricewatch.AlertSettings, sources []SourceConfig) {
	d.where = map[string]*token.Position{}
	before := len(d.problems)
	d.set("alerts", node, reflect.ValueOf(a).Elem(), field{})
	if len(d.problems) > before {
		return
	}
	a.Check(func(rule int, err error) {
		path := "alerts"
		if rule >= 0 {
			path = fmt.Sprintf("alerts.rules[%d]", rule)
		}
		d.problem(d.where[path], "%s.%s", path, err)
	})
	for i, r := range a.Rules {
		if r.Source != "" && !slices.ContainsFunc(sources, func(s SourceConfig) bool { return s.ID == r.Source }) {
			ids := make([]string, len(sources))
			for j, s := range sources {
				ids[j] = s.ID
			}
			path := fmt.Sprintf("alerts.rules[%d].source", i)
			d.problem(d.where[path], "%s: no source has the id %s%s", path, shown(r.Source), didYouMean(r.Source, ids))
		}
	}
	if a.File != "" && !filepath.IsAbs(a.File) {
		a.File = filepath.Join(d.dir, a.File)
	}
}
