package chart

import (
	"cmp"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/scheduler"
)

// Of is the chart of a market, in lang.
func Of(view scheduler.MarketView, lang string) Data {
	d := Data{
		Language: lang, Subject: view.Subject, From: view.From, To: view.To, Days: view.Days,
		Sellers: view.Band.Sellers, Sources: view.Band.Sources,
	}
	name := view.Subject.Commodity
	if category, ok := catalog.FindCategory(name); ok {
		name = category.Name.In(lang)
	}
	if view.Product != nil {
		name = view.Product.Name.In(lang)
		d.Sample = view.Product.Sample
	}
	d.Title = fmt.Sprintf(d.t("%s: giá %s", "%s: %s price"), name, pricewatch.SideName(view.Subject.Side, lang))
	for _, part := range []string{view.Subject.Grade, view.Subject.Region} {
		if part != "" {
			d.Title += ", " + part
		}
	}
	for _, span := range view.Spans {
		d.Own = append(d.Own, Span{span.From, span.To, span.Per})
	}
	d.From = begin(view)
	for _, day := range view.Days { // when nothing was read of late
		if view.Band.Empty() {
			d.Sellers, d.Sources = max(d.Sellers, day.Sellers), max(d.Sources, day.Sources)
		}
	}
	if view.Advice != nil {
		d.Note = view.Advice.Text.In(cmp.Or(lang, "vi"))
	}
	return d
}

// leastDays is the shortest time that is drawn when there is not much to show.
const leastDays = 14

// begin is where a chart begins: where the view does, but not long before its
// first price.
func begin(view scheduler.MarketView) time.Time {
	first := view.To.AddDate(0, 0, 1-leastDays)
	if len(view.Days) > 0 {
		if t, err := time.ParseInLocation(time.DateOnly, view.Days[0].Date, pricewatch.Vietnam); err == nil && t.Before(first) {
			first = t
		}
	}
	for _, span := range view.Spans {
		if span.From.Before(first) {
			first = span.From
		}
	}
	if first.Before(view.From) {
		return view.From
	}
	return first
}
