package scheduler

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

func TestAProductIsComparedWithItsOwnGrade(t *testing.T) {
	t.Parallel()
	honey := func(grade, unit string) pricewatch.Subject {
		return pricewatch.Subject{Commodity: "honey", Grade: grade, Side: pricewatch.Retail, BaseUnit: unit, Currency: "VND"}
	}
	want := pricewatch.Subject{Commodity: "honey", Side: pricewatch.Retail, BaseUnit: "l", Currency: "VND"}
	rated := &catalog.Product{OCOP: 4}
	north := honey("ocop-4", "l")
	north.Region = "Bắc Kạn"
	for name, c := range map[string]struct {
		items   map[pricewatch.Subject]int
		want    pricewatch.Subject
		product *catalog.Product
		chosen  pricewatch.Subject
	}{
		"its own grade":              {map[pricewatch.Subject]int{honey("ocop-4", "l"): 1, honey("", "l"): 9, honey("ocop-3", "l"): 9}, want, rated, honey("ocop-4", "l")},
		"in all regions":             {map[pricewatch.Subject]int{north: 1, honey("", "l"): 9}, want, rated, honey("ocop-4", "l")},
		"grades that are not told":   {map[pricewatch.Subject]int{honey("", "l"): 1, honey("ocop-3", "l"): 9}, want, rated, honey("", "l")},
		"never another grade":        {map[pricewatch.Subject]int{honey("ocop-3", "l"): 9}, want, rated, want},
		"never another unit":         {map[pricewatch.Subject]int{honey("", "kg"): 9}, want, rated, want},
		"a product without a rating": {map[pricewatch.Subject]int{honey("", "l"): 1, honey("ocop-3", "l"): 9}, want, &catalog.Product{}, honey("", "l")},
		"a commodity":                {map[pricewatch.Subject]int{honey("", "l"): 1, honey("ocop-3", "kg"): 9}, pricewatch.Subject{Commodity: "honey", Side: pricewatch.Retail}, nil, honey("ocop-3", "kg")},
		"nothing is watched":         {nil, pricewatch.Subject{Commodity: "tea", Side: pricewatch.Retail}, nil, pricewatch.Subject{Commodity: "tea", Side: pricewatch.Retail, BaseUnit: "kg", Currency: "VND"}},
	} {
		if diff := cmp.Diff(c.chosen, chooseMarket(c.items, c.want, c.product)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// watched is a stall with six made-up sellers of three made-up sources, read
// every day for three weeks, and one product of ours on two channels.
func watched(t *testing.T) *stall {
	var sources []connectors.SourceConfig
	for i := range 3 {
		s := source(fmt.Sprint("cho-", i))
		s.Kind = connectors.SourceTable
		sources = append(sources, s)
	}
	s := newStall(t, sources...)
	product := catalog.Product{ID: "MAT-ONG", Name: catalog.Text{VI: "Mật ong mẫu", EN: "Sample honey"}, Category: "honey", Variants: []catalog.Variant{
		{SKU: "HOP", ListPrice: catalog.VND(900_000)},
		{SKU: "M-500", ListPrice: catalog.VND(100_000), NetContent: catalog.Quantity{Milli: 500_000, Unit: "g"}},
	}}
	errs, err := s.store.PutProducts(t.Context(), []catalog.Product{product})
	must(t, errors.Join(append(errs, err)...))
	for day := range 21 {
		for i, source := range sources {
			s.pages.set(source.ID, priceOf(source.ID, "a", int64(200_000+i*20_000+day*100)), priceOf(source.ID, "b", int64(260_000+i*20_000)))
		}
		after := 24 * time.Hour
		if day == 0 {
			after = 0
		}
		s.clock.Set(s.clock.Now().Add(after))
		_, _, err := s.engine.Watch(t.Context(), WatchOptions{Sources: []string{"cho-0", "cho-1", "cho-2"}})
		must(t, err)
	}
	return s
}

func TestViewOfAMarketHoldsOurPricesBesideOthers(t *testing.T) {
	t.Parallel()
	s := watched(t)
	now := s.clock.Now()
	query := MarketQuery{Product: "MAT-ONG", From: start.AddDate(0, 0, 5), To: now}
	view, err := s.engine.ViewMarket(t.Context(), query)
	must(t, err)
	if view.SKU != "M-500" || len(view.Own) != 1 || view.Own[0].Channel != "" || view.Own[0].Per.String() != "200000" {
		t.Errorf("without a channel: own is %s %+v, want the master's price of M-500", view.SKU, view.Own)
	}
	if len(view.Days) != 16 || view.Days[0].Date != "2026-11-28" || view.Days[15].Sellers != 3 || view.Days[15].Sources != 3 {
		t.Errorf("days are %+v", view.Days)
	}
	if b := view.Band; b.Sellers != 3 || b.Sources != 3 || b.Days != 21 || b.Median.String() != "251000" {
		t.Errorf("band is %+v", b)
	}

	sale := catalog.VND(120_000)
	shown := catalog.Price{List: catalog.VND(130_000), Sale: &sale}
	listing := catalog.Listing{Channel: "web", ProductID: "MAT-ONG", Observed: catalog.Snapshot{At: now, Variants: []catalog.VariantSnapshot{{SKU: "M-500", Price: &shown}}}}
	errs, err := s.store.PutListings(t.Context(), []catalog.Listing{listing})
	must(t, errors.Join(append(errs, err)...))
	for i, list := range []int64{110_000, 130_000} {
		o := catalog.PriceObservation{Source: "web", SKU: "M-500", Price: catalog.Price{List: catalog.VND(list)}, SeenAt: start.AddDate(0, 0, 8*i)}
		if i == 1 {
			o.Price.Sale = &sale
		}
		must(t, catalog.Save(t.Context(), s.store, catalog.KindObservation, observationID(o), 0, o))
	}
	view, err = s.engine.ViewMarket(t.Context(), query)
	must(t, err)
	var spans []string
	for _, span := range view.Spans {
		spans = append(spans, fmt.Sprintf("%s %s–%s %s", span.Channel, pricewatch.Date(span.From), pricewatch.Date(span.To), span.Per))
	}
	if diff := cmp.Diff([]string{"web 2026-12-01–2026-12-13 240000", "web 2026-11-23–2026-12-01 220000"}, spans); diff != "" {
		t.Errorf("our prices (-want +got):\n%s", diff)
	}
	if view.Advice == nil || view.Advice.Kind != pricewatch.NotEnough {
		t.Errorf("advice is %+v, want not enough data: three sellers", view.Advice)
	}
	if _, err := s.engine.ViewMarket(t.Context(), MarketQuery{Product: "KHONG-CO", From: start, To: now}); !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("error is %v, want not found", err)
	}
}

func TestAdviceGoesThroughTheProductsThatAreWatched(t *testing.T) {
	t.Parallel()
	s := watched(t)
	for i, price := range []int64{130_000, 120_000} {
		p := catalog.Price{List: catalog.VND(price)}
		errs, err := s.store.PutListings(t.Context(), []catalog.Listing{{Channel: catalog.ChannelID(fmt.Sprint("kenh-", i)), ProductID: "MAT-ONG", Observed: catalog.Snapshot{At: start, Variants: []catalog.VariantSnapshot{{SKU: "M-500", Price: &p}}}}})
		must(t, errors.Join(append(errs, err)...))
	}
	tea := catalog.Product{ID: "TRA", Name: catalog.Text{VI: "Trà mẫu"}, Category: "tea", Variants: []catalog.Variant{{SKU: "T-100", ListPrice: catalog.VND(100_000), NetContent: catalog.Quantity{Milli: 100_000, Unit: "g"}}}}
	errs, err := s.store.PutProducts(t.Context(), []catalog.Product{tea})
	must(t, errors.Join(append(errs, err)...))
	var ids []string
	for a, err := range s.engine.Advise(t.Context(), "", s.clock.Now()) {
		must(t, err)
		ids = append(ids, a.Product.ID)
		if a.Own.Channel != "kenh-1" || len(a.Undercuts) != 1 || a.Undercuts[0].Low.Channel != "kenh-1" || a.Gap != nil {
			t.Errorf("advised is %+v", a)
		}
	}
	if diff := cmp.Diff([]string{"MAT-ONG"}, ids); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
	for range s.engine.Advise(t.Context(), "TRA", s.clock.Now()) {
		ids = append(ids, "TRA")
		break // may be left at any time
	}
	if len(ids) != 2 {
		t.Error("a product of its own was not advised on")
	}
}
