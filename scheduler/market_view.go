package scheduler

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
)

// MarketQuery asks for the market of one of our products, or of a commodity.
// Empty fields are chosen: the side is retail, the others are those of the
// market that most items are in.
type MarketQuery struct {
	Product   string // ID; its category is the commodity, its content gives the unit
	Commodity string
	Grade     string
	Region    string
	Side      pricewatch.Side
	Unit      string // base unit
	Currency  string
	From, To  time.Time
}

// MarketView is what a market looks like, and our own prices in it.
type MarketView struct {
	Product *catalog.Product // nil when a commodity was asked for
	Subject pricewatch.Subject
	From    time.Time
	To      time.Time
	Days    []pricewatch.Day
	Band    pricewatch.Band // as of To
	// SKU is the variant that is compared: the product's first whose content
	// is known.
	SKU catalog.SKU
	// Own are its prices now, one per channel, cheapest first; without any
	// channel the master's.
	Own    []pricewatch.Own
	Spans  []OwnSpan
	Advice *pricewatch.Advice // nil without a price of our own
}

// OwnSpan is a price of ours that a channel showed from one time to another.
type OwnSpan struct {
	Channel  catalog.ChannelID
	From, To time.Time
	Per      decimal.Decimal
}

// ViewMarket gathers a market between two times, at most ten years, in memory
// that grows with days and sellers. An unknown product is ErrNotFound.
func (e *Engine) ViewMarket(ctx context.Context, q MarketQuery) (MarketView, error) {
	view := MarketView{From: q.From, To: q.To}
	want := pricewatch.Subject{Commodity: q.Commodity, Grade: q.Grade, Region: q.Region, Side: cmp.Or(q.Side, pricewatch.Retail), BaseUnit: q.Unit, Currency: q.Currency}
	if q.Product != "" {
		products, err := e.store.Products(ctx, catalog.ProductQuery{IDs: []string{q.Product}, Limit: 1})
		if err != nil {
			return view, fmt.Errorf("read product %s: %w", q.Product, err)
		}
		if len(products) == 0 {
			return view, fmt.Errorf("product %s: %w", q.Product, catalog.ErrNotFound)
		}
		view.Product = &products[0]
		want.Commodity = view.Product.Category
		if err := e.ownPrices(ctx, &view, &want); err != nil {
			return view, err
		}
		for _, own := range view.Own {
			spans, err := e.ownSpans(ctx, *view.Product, own, q.From, q.To)
			if err != nil {
				return view, err
			}
			view.Spans = append(view.Spans, spans...)
		}
	}
	markets, err := e.markets(ctx)
	if err != nil {
		return view, err
	}
	subject := chooseMarket(markets, want, view.Product)
	view.Subject = subject
	history, band := pricewatch.NewHistory(subject, q.From, q.To), pricewatch.NewBander(subject, q.To)
	since := q.From
	if window := q.To.AddDate(0, 0, -pricewatch.BandDays); window.Before(since) {
		since = window
	}
	for o, err := range e.Market(ctx, subject, since) {
		if err != nil {
			return view, err
		}
		history.Add(o)
		band.Add(o)
	}
	view.Days, view.Band = history.Days(), band.Band()
	if len(view.Own) > 0 {
		advice := advise(*view.Product, view.Own[0], view.Band)
		view.Advice = &advice
	}
	return view, nil
}

// advise compares the cheapest of our own prices with the band.
func advise(product catalog.Product, own pricewatch.Own, band pricewatch.Band) pricewatch.Advice {
	advice := pricewatch.Advise(product.Name.In("vi"), own.Per, band)
	advice.Text.EN = pricewatch.Advise(product.Name.In("en"), own.Per, band).Text.EN
	return advice
}

// markets counts the items of each market.
func (e *Engine) markets(ctx context.Context) (map[pricewatch.Subject]int, error) {
	items := map[pricewatch.Subject]int{}
	err := e.eachItem(ctx, "", func(item storedItem) error {
		if item.Match.Counts() && item.Last != nil && item.Last.Subject.BaseUnit != "" {
			s := item.Last.Subject.Market()
			s.Region = item.Last.Subject.Region
			items[s]++
		}
		return nil
	})
	return items, err
}

// chooseMarket is the market that was asked for: of a product the one of its
// own grade before the one whose grade is not told, then the one with most
// items. Where there is none, what was asked for is completed.
func chooseMarket(items map[pricewatch.Subject]int, want pricewatch.Subject, product *catalog.Product) pricewatch.Subject {
	grade := ""
	if product != nil && product.OCOP > 0 {
		grade = "ocop-" + strconv.Itoa(product.OCOP)
	}
	fitting := map[pricewatch.Subject]int{}
	for s, n := range items {
		if fits(want, s) {
			fitting[s.Market()] += n
		}
	}
	rank := func(s pricewatch.Subject) int {
		switch {
		case product == nil, want.Grade != "", s.Grade == grade:
			return 0
		case s.Grade == "":
			return 1
		}
		return 2
	}
	best := slices.SortedFunc(maps.Keys(fitting), func(a, b pricewatch.Subject) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(fitting[b], fitting[a]), cmp.Compare(a.Key(), b.Key()))
	})
	if len(best) == 0 || rank(best[0]) > 1 { // prices of other grades are not compared
		want.BaseUnit, want.Currency = cmp.Or(want.BaseUnit, "kg"), cmp.Or(want.Currency, "VND")
		return want
	}
	best[0].Region = want.Region
	return best[0]
}

// fits tells whether s is what was asked for; empty fields ask nothing.
func fits(want, s pricewatch.Subject) bool {
	for _, f := range [][2]string{
		{want.Commodity, s.Commodity}, {want.Grade, s.Grade}, {want.Region, s.Region}, {string(want.Side), string(s.Side)}, {want.BaseUnit, s.BaseUnit}, {want.Currency, s.Currency},
	} {
		if f[0] != "" && f[0] != f[1] {
			return false
		}
	}
	return true
}

// OwnPrices are the prices of a product's variants that channels showed last,
// promotions included, cheapest first. Those whose content is not known have no
// price per base unit.
func (e *Engine) OwnPrices(ctx context.Context, product catalog.Product) ([]pricewatch.Own, error) {
	listings, err := e.store.Listings(ctx, catalog.ListingQuery{Products: []string{product.ID}})
	if err != nil {
		return nil, fmt.Errorf("read listings of product %s: %w", product.ID, err)
	}
	var own []pricewatch.Own
	for _, l := range listings {
		for _, v := range product.Variants {
			shown, ok := l.Observed.Variant(v.SKU)
			if !ok || shown.Price == nil || shown.Price.Asked().Amount <= 0 {
				continue
			}
			o := pricewatch.Own{Channel: l.Channel, Product: product.ID, SKU: v.SKU, Price: *shown.Price, SeenAt: l.Observed.At}
			if per, _, ok := pricewatch.PerContent(o.Price.Asked(), v.NetContent); ok {
				o.Per = per
			}
			own = append(own, o)
		}
	}
	slices.SortStableFunc(own, func(a, b pricewatch.Own) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), a.Per.Cmp(b.Per), cmp.Compare(a.Channel, b.Channel))
	})
	return own, nil
}

// ownPrices fills in what the product costs on our channels, and puts its base
// unit and currency into want.
func (e *Engine) ownPrices(ctx context.Context, view *MarketView, want *pricewatch.Subject) error {
	product := view.Product
	i := slices.IndexFunc(product.Variants, func(v catalog.Variant) bool {
		_, unit, ok := pricewatch.PerContent(v.ListPrice, v.NetContent)
		return ok && (want.BaseUnit == "" || unit == want.BaseUnit)
	})
	if i < 0 {
		return nil
	}
	variant := product.Variants[i]
	view.SKU = variant.SKU
	master := catalog.Price{List: variant.ListPrice, Sale: variant.SalePrice}
	per, unit, _ := pricewatch.PerContent(master.Asked(), variant.NetContent)
	if unit == "piece" {
		unit = "cái" // as market prices name it
	}
	want.BaseUnit, want.Currency = unit, cmp.Or(want.Currency, master.Asked().Currency)
	own, err := e.OwnPrices(ctx, *product)
	if err != nil {
		return err
	}
	for _, o := range own {
		if o.SKU == variant.SKU && o.Price.Asked().Currency == want.Currency {
			view.Own = append(view.Own, o)
		}
	}
	if len(view.Own) == 0 && master.Asked().Amount > 0 && master.Asked().Currency == want.Currency {
		view.Own = []pricewatch.Own{{Product: product.ID, SKU: variant.SKU, Price: master, Per: per, SeenAt: product.UpdatedAt}}
	}
	return nil
}

// ownSpans are the prices that a channel showed for a variant between two
// times. A price stands until another was read, the last one until the listing
// was last read; without a channel the master's price stands since the product
// was changed.
func (e *Engine) ownSpans(ctx context.Context, product catalog.Product, own pricewatch.Own, from, to time.Time) ([]OwnSpan, error) {
	if own.Channel == "" {
		return []OwnSpan{{"", own.SeenAt, to, own.Per}}, nil
	}
	i := slices.IndexFunc(product.Variants, func(v catalog.Variant) bool { return v.SKU == own.SKU })
	var spans []OwnSpan
	until := own.SeenAt
	query := catalog.RecordQuery{Kind: catalog.KindObservation, Prefix: string(own.Channel) + "/" + string(own.SKU) + "/", Newest: true, Limit: page}
	for {
		records, err := e.store.Records(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("read prices of %s on %s: %w", own.SKU, own.Channel, err)
		}
		for _, r := range records {
			var o catalog.PriceObservation
			if err := json.Unmarshal(r.Data, &o); err != nil {
				return nil, fmt.Errorf("price observation %s: %w", r.ID, err)
			}
			per, _, ok := pricewatch.PerContent(o.Price.Asked(), product.Variants[i].NetContent)
			if ok && o.Price.Asked().Currency == own.Price.Asked().Currency {
				spans = append(spans, OwnSpan{own.Channel, o.SeenAt, until, per})
			}
			if until = o.SeenAt; until.Before(from) {
				return spans, nil
			}
		}
		if len(records) < page {
			break
		}
		query.After = records[len(records)-1].ID
	}
	if len(spans) == 0 {
		spans = append(spans, OwnSpan{own.Channel, own.SeenAt, own.SeenAt, own.Per})
	}
	return spans, nil
}
