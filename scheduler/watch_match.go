package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// matchProducts is how many products of a category are compared with a result
// of a search.
const matchProducts = 500

// match settles what an item is a price of, or proposes it to a person, once.
func (t *taking) match(ctx context.Context, item *storedItem, q connectors.Quote) error {
	m := &item.Match
	switch {
	case m.State == pricewatch.Confirmed, m.State == pricewatch.Rejected:
		return nil
	case t.source.Kind != connectors.SourceSearch && (t.source.Commodity != "" || t.source.Product != "") && q.Subject.Commodity != "" && q.Subject.Side != "":
		*m = pricewatch.Match{State: pricewatch.Settled}
		return nil
	case m.State == pricewatch.Proposed && len(m.Proposals) > 0:
		return nil
	}
	*m = pricewatch.Match{State: pricewatch.Proposed}
	category := pricewatch.CommodityOf(q.Name)
	if category == "" {
		category = t.source.Commodity
	}
	var products []catalog.Product
	// Products may be kept under the wider category: tea for Shan Tuyet tea.
	for _, code := range catalog.CategoryPath(category) {
		if c, _ := catalog.CategoryByCode(code); c.Parent == "" && len(products) > 0 {
			break
		}
		list, err := t.store.Products(ctx, catalog.ProductQuery{Category: code, Limit: matchProducts})
		if err != nil {
			return fmt.Errorf("read products: %w", err)
		}
		products = append(products, list...)
	}
	m.Proposals = pricewatch.Propose(q.Observation, t.source.Commodity, products)
	return nil
}

// Items hands the items of a source, of all when it is "", to visit, sorted by
// their ID; page by page.
func (e *Engine) Items(ctx context.Context, source string, visit func(pricewatch.Item) error) error {
	return e.eachItem(ctx, source, func(item storedItem) error { return visit(item.Item) })
}

// FindItem returns the one item whose ID begins with prefix, or, without a
// slash, that of the page of a source.
func (e *Engine) FindItem(ctx context.Context, prefix string) (pricewatch.Item, error) {
	if !strings.Contains(prefix, "/") {
		prefix = pricewatch.ItemID(prefix, "")
	}
	records, err := e.store.Records(ctx, catalog.RecordQuery{Kind: catalog.KindItem, Prefix: prefix, Limit: 2})
	if err != nil {
		return pricewatch.Item{}, fmt.Errorf("read item %s: %w", prefix, err)
	}
	switch {
	case len(records) == 0:
		return pricewatch.Item{}, fmt.Errorf("item %s: %w; chophien watch matches lists them", prefix, catalog.ErrNotFound)
	case len(records) > 1 && records[0].ID != prefix:
		return pricewatch.Item{}, fmt.Errorf("item %s: several begin so, such as %s and %s; write more of it", prefix, records[0].ID, records[1].ID)
	}
	var item pricewatch.Item
	return item, json.Unmarshal(records[0].Data, &item)
}

// Confirm settles by a person's word what an item is a price of; the price that
// was read last counts from when it was read. What match leaves open is what
// the source says, else the best proposal. It may be called again to correct
// it.
func (e *Engine) Confirm(ctx context.Context, id string, match pricewatch.Match) (pricewatch.Item, error) {
	return e.decideItem(ctx, id, func(item *storedItem) error {
		if len(item.Match.Proposals) > 0 && match.Product == "" && match.Commodity == "" {
			best := item.Match.Proposals[0]
			match.Commodity, match.Product = best.Commodity, best.Product
			if match.Grade == "" {
				match.Grade = best.Grade
			}
		}
		if match.Product != "" {
			products, err := e.store.Products(ctx, catalog.ProductQuery{IDs: []string{match.Product}, Limit: 1})
			if err != nil {
				return fmt.Errorf("read product %s: %w", match.Product, err)
			}
			if len(products) == 0 {
				return fmt.Errorf("product %s: %w", match.Product, catalog.ErrNotFound)
			}
			if match.Commodity == "" {
				match.Commodity = products[0].Category
			}
		}
		match.State, match.At, match.Proposals = pricewatch.Confirmed, e.now(), nil
		if item.Last == nil {
			item.Match = match
			return nil
		}
		o := matched(*item, match)
		switch {
		case o.Subject.Commodity == "":
			return fmt.Errorf("item %s: nobody can tell what it is a price of; name a commodity or product", item.ID())
		case o.Subject.Side == "":
			return fmt.Errorf("item %s: name the side: %v", item.ID(), pricewatch.Sides)
		}
		item.Match = match
		return nil
	})
}

// Reject settles that an item is none of ours, for ever.
func (e *Engine) Reject(ctx context.Context, id string) (pricewatch.Item, error) {
	return e.decideItem(ctx, id, func(item *storedItem) error {
		item.Match = pricewatch.Match{State: pricewatch.Rejected, At: e.now()}
		item.Key, item.Sure, item.Doubt = "", nil, catalog.Text{}
		return nil
	})
}

// decideItem changes an item by a person's word. After a lost race it does so
// again.
func (e *Engine) decideItem(ctx context.Context, id string, change func(*storedItem) error) (pricewatch.Item, error) {
	for {
		loaded, revision, err := catalog.Load[pricewatch.Item](ctx, e.store, catalog.KindItem, id)
		if err != nil {
			return loaded, fmt.Errorf("item %s: %w", id, err)
		}
		item := storedItem{loaded, revision}
		if err := change(&item); err != nil {
			return loaded, err
		}
		if item.Match.Counts() && item.Last != nil {
			t := taking{Engine: e, now: e.now(), markets: e.newMarkets(e.now()), result: &Watched{}}
			o := matched(item, item.Match)
			o.Flags = withoutDoubt(o.Flags)
			err = t.price(ctx, item, nil, o)
		} else {
			err = e.putItem(ctx, &item)
		}
		if errors.Is(err, catalog.ErrConflict) {
			continue
		}
		if err != nil {
			return item.Item, err
		}
		item.Item, _, err = catalog.Load[pricewatch.Item](ctx, e.store, catalog.KindItem, id)
		return item.Item, err
	}
}

// matched is an item's last price as a person says what it is of.
func matched(item storedItem, match pricewatch.Match) pricewatch.Observation {
	o := *item.Last
	o.Subject = item.Read
	o = match.Apply(o)
	o.Price()
	return o
}

// withoutDoubt are the flags that reading gave, without those of a judgement.
func withoutDoubt(flags []string) (kept []string) {
	for _, f := range flags {
		switch f {
		case pricewatch.FlagJump, pricewatch.FlagOutlier, pricewatch.FlagSlip, pricewatch.FlagConfirmed:
		default:
			kept = append(kept, f)
		}
	}
	return kept
}

// TakeQuote stores a price that a person typed into a quote source.
func (e *Engine) TakeQuote(ctx context.Context, q connectors.Quote) (Watched, error) {
	result := Watched{Source: q.Source}
	s, err := e.Source(q.Source)
	if err != nil {
		return result, err
	}
	now := e.now()
	item, revision, err := catalog.Load[pricewatch.Item](ctx, e.store, catalog.KindItem, pricewatch.ItemID(s.ID, q.Item))
	if errors.Is(err, catalog.ErrNotFound) {
		item, err = pricewatch.Item{Source: s.ID, Item: q.Item, SeenAt: now}, nil
	}
	if err != nil {
		return result, fmt.Errorf("read item of source %s: %w", s.ID, err)
	}
	t := taking{Engine: e, source: s, now: now, markets: e.newMarkets(now), result: &result}
	commodity, err := t.commodity(ctx)
	if err != nil {
		return result, err
	}
	if q.Subject.Commodity == "" {
		q.Subject.Commodity = commodity
	}
	if err := t.quote(ctx, storedItem{item, revision}, q, false); err != nil {
		return result, err
	}
	_, err = e.setSourceState(ctx, s.ID, func(state *SourceState) {
		state.Hash, state.ReadAt, state.GoodAt, state.Priced = s.Hash, now, now, 1
	})
	return result, err
}
