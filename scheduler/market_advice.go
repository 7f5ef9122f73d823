package scheduler

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
)

// Advised is what can be said about one product's own price.
type Advised struct {
	Product   catalog.Product
	Own       pricewatch.Own // the cheapest that is compared
	Band      pricewatch.Band
	Advice    pricewatch.Advice
	Undercuts []pricewatch.Undercut // our channels under each other
	Gap       *pricewatch.Gap       // from farm gate to shop, nil when not known
}

// Advise goes through the products of all commodities that are watched, or one
// product, sorted by commodity and ID, and compares what they cost with their
// market as of now. Products without a price per base unit are left out. It
// holds one page of products and the bands; an error ends it, ErrNotFound when
// the product does not exist.
func (e *Engine) Advise(ctx context.Context, product string, now time.Time) iter.Seq2[Advised, error] {
	return func(yield func(Advised, error) bool) {
		err := e.advise(ctx, product, now, func(a Advised) error {
			if !yield(a, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Advised{}, err)
		}
	}
}

func (e *Engine) advise(ctx context.Context, product string, now time.Time, yield func(Advised) error) error {
	markets, err := e.markets(ctx)
	if err != nil {
		return err
	}
	bands := bands{engine: e, now: now, known: map[pricewatch.Subject]pricewatch.Band{}}
	one := func(p catalog.Product) error {
		view := MarketView{Product: &p, To: now}
		want := pricewatch.Subject{Commodity: p.Category, Side: pricewatch.Retail}
		if err := e.ownPrices(ctx, &view, &want); err != nil || len(view.Own) == 0 {
			return err
		}
		subject := chooseMarket(markets, want, &p)
		a := Advised{Product: p, Own: view.Own[0]}
		if a.Band, err = bands.of(ctx, subject); err != nil {
			return err
		}
		a.Advice = advise(p, a.Own, a.Band)
		own, err := e.OwnPrices(ctx, p)
		if err != nil {
			return err
		}
		a.Undercuts = pricewatch.Undercuts(own, pricewatch.ParityTolerance)
		if subject.Side = pricewatch.FarmGate; slices.ContainsFunc(slices.Collect(maps.Keys(markets)), subject.Covers) {
			farm, err := bands.of(ctx, subject)
			if err != nil {
				return err
			}
			if gap, ok := pricewatch.GapOf(farm, a.Band); ok {
				a.Gap = &gap
			}
		}
		return yield(a)
	}
	if product != "" {
		found := false
		err := e.eachProduct(ctx, catalog.ProductQuery{IDs: []string{product}}, func(p catalog.Product) error {
			found = true
			return one(p)
		})
		if err == nil && !found {
			err = fmt.Errorf("product %s: %w", product, catalog.ErrNotFound)
		}
		return err
	}
	commodities := map[string]bool{}
	for s := range markets {
		commodities[s.Commodity] = true
	}
	for _, commodity := range slices.Sorted(maps.Keys(commodities)) {
		if err := e.eachProduct(ctx, catalog.ProductQuery{Category: commodity}, one); err != nil {
			return err
		}
	}
	return nil
}

// eachProduct hands products to visit, page by page, until it gives an error.
func (e *Engine) eachProduct(ctx context.Context, query catalog.ProductQuery, visit func(catalog.Product) error) error {
	query.Limit = page
	for {
		products, err := e.store.Products(ctx, query)
		if err != nil {
			return fmt.Errorf("read products: %w", err)
		}
		for _, p := range products {
			if p.Archived {
				continue
			}
			if err := visit(p); err != nil {
				return err
			}
		}
		if len(products) < page {
			return nil
		}
		query.After = products[len(products)-1].ID
	}
}

// bands remembers the bands of markets.
type bands struct {
	engine *Engine
	now    time.Time
	known  map[pricewatch.Subject]pricewatch.Band
}

func (b bands) of(ctx context.Context, subject pricewatch.Subject) (pricewatch.Band, error) {
	if band, ok := b.known[subject]; ok {
		return band, nil
	}
	bander := pricewatch.NewBander(subject, b.now)
	for o, err := range b.engine.Market(ctx, subject, b.now.AddDate(0, 0, -pricewatch.BandDays)) {
		if err != nil {
			return pricewatch.Band{}, err
		}
		bander.Add(o)
	}
	b.known[subject] = bander.Band()
	return b.known[subject], nil
}
