package scheduler

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// storedItem is an item with the revision of its record; 0 = not stored yet.
type storedItem struct {
	pricewatch.Item
	revision int64
}

// take stores what a reading says: an observation where it differs from the one
// before, and else only that it was seen again.
func (e *Engine) take(ctx context.Context, s connectors.SourceConfig, reading connectors.SourceReading, now time.Time, result *Watched) error {
	items, err := e.itemsOf(ctx, s.ID)
	if err != nil {
		return err
	}
	commodity := s.Commodity
	if commodity == "" && s.Product != "" {
		products, err := e.store.Products(ctx, catalog.ProductQuery{IDs: []string{s.Product}, Limit: 1})
		if err != nil {
			return fmt.Errorf("read product %s: %w", s.Product, err)
		}
		if len(products) > 0 {
			commodity = products[0].Category
		}
	}
	hole := max(3*e.period(s, now), 36*time.Hour)
	if reading.NotModified {
		for _, i := range items {
			if i.Key == "" || i.NoPrice != "" || !i.GoneAt.IsZero() {
				continue
			}
			result.Prices++
			if err := e.seenAgain(ctx, i, now); err != nil {
				return err
			}
		}
		return nil
	}
	seen := map[string]bool{}
	for _, q := range reading.Quotes {
		seen[q.Item] = true
		q.Subject.Commodity = cmp.Or(q.Subject.Commodity, commodity)
		item, known := items[q.Item]
		before := item.Item
		if !known {
			item.Item = pricewatch.Item{Source: s.ID, Item: q.Item, SeenAt: now, Match: e.matchOf(s, q)}
		}
		item.Name, item.URL, item.GoneAt, item.NoPrice = q.Name, q.URL, time.Time{}, q.NoPrice
		if s.Kind == connectors.SourcePage && item.Match.State != pricewatch.Confirmed {
			item.Match = e.matchOf(s, q)
		}
		if err := e.takeQuote(ctx, &item, before, q, hole, now, result); err != nil {
			return err
		}
	}
	for id, item := range items {
		if !seen[id] && item.GoneAt.IsZero() {
			item.GoneAt = now
			if err := e.putItem(ctx, item); err != nil {
				return err
			}
		}
	}
	return nil
}

// matchOf is what an item belongs to when nobody decided yet.
func (e *Engine) matchOf(s connectors.SourceConfig, q connectors.Quote) pricewatch.Match {
	if s.Kind != connectors.SourceSearch && q.Subject.Commodity != "" && q.Subject.Side != "" {
		return pricewatch.Match{State: pricewatch.Settled}
	}
	return pricewatch.Match{State: pricewatch.Proposed}
}

func (e *Engine) takeQuote(ctx context.Context, item *storedItem, before pricewatch.Item, q connectors.Quote, hole time.Duration, now time.Time, result *Watched) error {
	if q.NoPrice != "" {
		result.None++
		return e.putChanged(ctx, *item, before)
	}
	result.Prices++
	o := item.Match.Apply(q.Observation)
	o.SeenAt, o.LastSeenAt = now, now
	last := item.Last
	if !item.Match.Counts() {
		if item.Match.State == pricewatch.Proposed {
			result.Waiting++
		}
		if last == nil || !last.Same(o) {
			item.Last = &o
		}
		return e.putChanged(ctx, *item, before)
	}
	if item.Key != "" && last != nil && last.Same(o) {
		stored, _, err := catalog.Load[pricewatch.Observation](ctx, e.store, catalog.KindMarket, item.Key)
		switch {
		case err == nil && now.Sub(stored.LastSeenAt) <= hole && before.GoneAt.IsZero():
			if err := e.seenAgain(ctx, *item, now); err != nil {
				return err
			}
			return e.putChanged(ctx, *item, before)
		case err != nil && !errors.Is(err, catalog.ErrNotFound):
			return fmt.Errorf("read price %s: %w", item.Key, err)
		}
	}
	// The item first: when the observation is lost in a crash, the next visit
	// finds its key without a record and stores it again.
	item.Last, item.Key = &o, o.Key()
	if err := e.putItem(ctx, *item); err != nil {
		return err
	}
	result.New++
	if err := catalog.Save(ctx, e.store, catalog.KindMarket, o.Key(), 0, o); err != nil && !errors.Is(err, catalog.ErrExists) {
		return fmt.Errorf("store price %s: %w", o.Key(), err)
	}
	return nil
}

// seenAgain notes that an item's price still holds.
func (e *Engine) seenAgain(ctx context.Context, item storedItem, now time.Time) error {
	_, err := catalog.Modify(ctx, e.store, catalog.KindMarket, item.Key, func(o *pricewatch.Observation) error {
		if o.Source == "" && item.Last != nil { // lost in a crash
			*o = *item.Last
		}
		o.LastSeenAt = now
		return nil
	})
	if err != nil {
		return fmt.Errorf("store price %s: %w", item.Key, err)
	}
	return nil
}

// itemsOf reads all items of a source; a page has at most some hundred rows.
func (e *Engine) itemsOf(ctx context.Context, source string) (map[string]storedItem, error) {
	items := map[string]storedItem{}
	query := catalog.RecordQuery{Kind: catalog.KindItem, Prefix: source + "/", Limit: page}
	for {
		records, err := e.store.Records(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("read items of source %s: %w", source, err)
		}
		for _, r := range records {
			item := storedItem{revision: r.Revision}
			if err := json.Unmarshal(r.Data, &item.Item); err != nil {
				return nil, fmt.Errorf("item %s: %w", r.ID, err)
			}
			items[item.Item.Item] = item
		}
		if len(records) < page {
			return items, nil
		}
		query.After = records[len(records)-1].ID
	}
}

// putChanged writes an item unless it is as it was.
func (e *Engine) putChanged(ctx context.Context, item storedItem, before pricewatch.Item) error {
	if item.revision > 0 {
		old, err1 := json.Marshal(before)
		now, err2 := json.Marshal(item.Item)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if string(old) == string(now) {
			return nil
		}
	}
	return e.putItem(ctx, item)
}

func (e *Engine) putItem(ctx context.Context, item storedItem) error {
	if err := catalog.Save(ctx, e.store, catalog.KindItem, item.ID(), item.revision, item.Item); err != nil {
		return fmt.Errorf("store item %s: %w", item.ID(), err)
	}
	return nil
}
