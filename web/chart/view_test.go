package chart

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/scheduler"
)

func TestChartOfAViewBeginsWithItsPrices(t *testing.T) {
	t.Parallel()
	view := scheduler.MarketView{From: noon(-90), To: noon(0)}
	begins := func() int { return daysBetween(midnight(noon(0)), midnight(Of(view, "vi").From)) }
	if got := begins(); got != -13 {
		t.Errorf("without prices it begins on day %d, want two weeks", got)
	}
	view.Days = []pricewatch.Day{{Date: pricewatch.Date(noon(-40)), Median: dong(1)}}
	if got := begins(); got != -40 {
		t.Errorf("begins on day %d, want that of the first price", got)
	}
	view.Spans = []scheduler.OwnSpan{{From: noon(-60), To: noon(0)}}
	if got := begins(); got != -60 {
		t.Errorf("begins on day %d, want that of our own first price", got)
	}
	view.Spans[0].From = noon(-900)
	if got := begins(); got != -90 {
		t.Errorf("begins on day %d, want where the view begins", got)
	}
}

func TestChartOfAViewSaysWhatItShows(t *testing.T) {
	t.Parallel()
	view := scheduler.MarketView{
		Subject: pricewatch.Subject{Commodity: "pepper", Side: pricewatch.FarmGate, Region: "Đắk Nông", Grade: "organic", BaseUnit: "kg", Currency: "VND"},
		Band:    pricewatch.Band{Sellers: 4, Sources: 3}, From: noon(0), To: noon(9),
	}
	if diff := cmp.Diff("Hồ tiêu: giá thu mua tại vườn, organic, Đắk Nông", Of(view, "vi").Title); diff != "" {
		t.Errorf("title (-want +got):\n%s", diff)
	}
	view.Product = &catalog.Product{Name: catalog.Text{VI: "Tiêu mẫu", EN: "Sample pepper"}, Sample: true}
	view.Advice = &pricewatch.Advice{Text: catalog.Text{VI: "Một câu.", EN: "One sentence."}}
	data := Of(view, "en")
	if data.Title != "Sample pepper: farm-gate price, organic, Đắk Nông" || data.Note != "One sentence." || !data.Sample || data.Sellers != 4 || data.Sources != 3 {
		t.Errorf("data are %+v", data)
	}
}
