package connectors

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// check tells what decoding alone cannot see. Anything about other channels is
// checked in [Registry.channels].
func (r *Registry) check(d *decoder, c ChannelConfig) {
	rules := c.Rules
	bad := func(path, format string, args ...any) {
		at := d.where[path]
		for at == nil && path != "" { // a default, or a key left out
			path = path[:max(strings.LastIndexByte(path, '.'), 0)]
			at = d.where[path]
		}
		d.problem(at, format, args...)
	}
	languages := []string{"vi", "en"}
	if !slices.Contains(languages, rules.Language) {
		bad("rules.language", "rules.language: must be vi or en")
	}
	if _, ok := catalog.Exponent(rules.Currency); !ok {
		bad("rules.currency", "rules.currency: %s is not a currency known here; use a code such as VND or USD", shown(rules.Currency))
	}
	for _, n := range []struct {
		path  string
		value int64
	}{
		{"rules.title_max", int64(rules.TitleMax)},
		{"rules.price.round_to", rules.Price.RoundTo},
		{"rules.price.ending", rules.Price.Ending},
		{"rules.price.floor", rules.Price.Floor},
		{"rules.price.floor_over_cost", rules.Price.FloorOverCostBP},
		{"rules.stock.buffer", rules.Stock.Buffer},
		{"rules.stock.share", rules.Stock.SharePercent},
		{"rules.stock.cap", value(rules.Stock.Cap)},
		{"rules.stock.last_units", rules.Stock.LastUnits},
	} {
		if n.value < 0 {
			bad(n.path, "%s: must not be negative", n.path)
		}
	}
	if rules.Price.MarkupBP <= -100_00 {
		bad("rules.price.markup", "rules.price.markup: must be above -100%%, or nothing is left of the price")
	}
	if rules.Price.Ending > 0 && rules.Price.Ending >= rules.Price.RoundTo {
		bad("rules.price.ending", "rules.price.ending: must be below round_to (%d)", rules.Price.RoundTo)
	}
	if rules.Stock.SharePercent > 100 {
		bad("rules.stock.share", "rules.stock.share: must be at most 100 percent")
	}
	if rules.Stock.LastUnits > 0 && rules.Stock.LastUnitsOn == "" {
		bad("rules.stock.last_units", "rules.stock.last_units: needs last_units_on, the channel that offers them")
	}
	if c.Freshness <= 0 {
		bad("freshness", "freshness: must be above zero, or stock could never be raised")
	}
	if t, known := r.Type(c.Type); known && c.Settle != nil && *c.Settle < t.Info.Settle {
		d.warn(d.where["settle"], "settle is below the %s that %s may take; a listing whose answer was lost could be made twice", durationText(t.Info.Settle), t.Info.Title)
	}
	for i, name := range c.Disable {
		if !slices.Contains(Capabilities, name) {
			bad(fmt.Sprintf("disable[%d]", i), "disable: unknown capability %s%s", shown(name), cmp.Or(didYouMean(name, Capabilities), "; known are "+strings.Join(Capabilities, ", ")))
		}
	}
	for _, cron := range []struct{ path, expression string }{
		{"schedule.orders", c.Schedule.Orders}, {"schedule.publish", c.Schedule.Publish}, {"schedule.observe", c.Schedule.Observe},
		{"schedule.categories", c.Schedule.Categories},
	} {
		if r.ValidateCron != nil && cron.expression != "" {
			if err := r.ValidateCron(cron.expression); err != nil {
				bad(cron.path, "%s: %v; use five fields such as \"*/10 * * * *\"", cron.path, err)
			}
		}
	}
}

func value(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
