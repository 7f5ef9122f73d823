package chart

import (
	"cmp"

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
	d.Title = name + d.t(": giá ", ": ") + pricewatch.SideName(view.Subject.Side, lang) + d.t("", " price")
	for _, part := range []string{view.Subject.Grade, view.Subject.Region} {
		if part != "" {
			d.Title += ", " + part
		}
	}
	for _, span := range view.Spans {
		d.Own = append(d.Own, Span{span.From, span.To, span.Per})
	}
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
