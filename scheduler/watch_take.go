package scheduler

import (
	"bytes"
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

// taking is one reading being taken in.
type taking struct {
	*Engine
	source  connectors.SourceConfig
	now     time.Time
	markets *markets
	result  *Watched
}

// take stores what a reading says: an observation where it differs from the one
// before, and else only that it was seen again.
func (t *taking) take(ctx context.Context, reading connectors.SourceReading) error {
	items, err := t.itemsOf(ctx, t.source.ID)
	if err != nil {
		return err
	}
	if reading.NotModified {
		for _, item := range items {
			if item.Last != nil && item.NoPrice == "" && item.GoneAt.IsZero() {
				q := connectors.Quote{Observation: *item.Last}
				q.Flags = nil
				reading.Quotes = append(reading.Quotes, q)
			}
		}
	}
	commodity, err := t.commodity(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, q := range reading.Quotes {
		seen[q.Item] = true
		q.Subject.Commodity = cmp.Or(q.Subject.Commodity, commodity)
		item, known := items[q.Item]
		if !known {
			item.Item = pricewatch.Item{Source: t.source.ID, Item: q.Item, SeenAt: t.now}
		}
		if err := t.quote(ctx, item, q, reading.NotModified); err != nil {
			return err
		}
	}
	if reading.NotModified {
		return nil
	}
	for id, item := range items {
		if !seen[id] && item.GoneAt.IsZero() {
			item.GoneAt = t.now
			if err := t.putItem(ctx, &item); err != nil {
				return err
			}
		}
	}
	return nil
}

// commodity is what the source's prices are of when the settings name a
// product only.
func (t *taking) commodity(ctx context.Context) (string, error) {
	if t.source.Commodity != "" || t.source.Product == "" {
		return t.source.Commodity, nil
	}
	products, err := t.store.Products(ctx, catalog.ProductQuery{IDs: []string{t.source.Product}, Limit: 1})
	if err != nil || len(products) == 0 {
		return "", err
	}
	return products[0].Category, nil
}

// quote takes in one quote of an item.
func (t *taking) quote(ctx context.Context, item storedItem, q connectors.Quote, again bool) error {
	before, err := json.Marshal(item.Item)
	if err != nil {
		return err
	}
	if !again {
		item.Name, item.URL, item.GoneAt, item.NoPrice, item.Read = q.Name, q.URL, time.Time{}, q.NoPrice, q.Subject
		if err := t.match(ctx, &item, q); err != nil {
			return err
		}
	}
	if q.NoPrice != "" {
		t.result.None++
		return t.putChanged(ctx, &item, before)
	}
	t.result.Prices++
	o := item.Match.Apply(q.Observation)
	o.SeenAt, o.LastSeenAt = t.now, t.now
	switch {
	case item.Match.Counts():
		return t.price(ctx, item, before, o)
	case item.Match.State == pricewatch.Proposed:
		t.result.Waiting++
	}
	if item.Last == nil || !item.Last.SameValue(o) {
		item.Last = &o
	}
	return t.putChanged(ctx, &item, before)
}

// price takes in a price that counts.
func (t *taking) price(ctx context.Context, item storedItem, before []byte, o pricewatch.Observation) error {
	if item.Key != "" && item.Last != nil {
		stored, _, err := catalog.Load[pricewatch.Observation](ctx, t.store, catalog.KindMarket, item.Key)
		switch {
		case errors.Is(err, catalog.ErrNotFound): // lost in a crash after its item was stored
			stored = *item.Last
		case err != nil:
			return fmt.Errorf("read price %s: %w", item.Key, err)
		}
		if stored.SameValue(o) {
			if stored.Doubtful() && o.Confirms(stored) {
				item.confirm()
			}
			if err := t.putChanged(ctx, &item, before); err != nil {
				return err
			}
			return t.putSeen(ctx, item, o.LastSeenAt)
		}
	}
	verdict, err := t.markets.judge(ctx, o, item.Known())
	if err != nil {
		return err
	}
	o.Flags = append(o.Flags, verdict.Flags...)
	item.Sure, item.Doubt = item.Known(), verdict.Reason
	item.Last, item.Key = &o, o.Key()
	// The item first: when the observation is lost in a crash, the next visit
	// finds its key without a record and stores it then.
	if err := t.putItem(ctx, &item); err != nil {
		return err
	}
	t.result.New++
	// One that is there already was stored by the same item before: a person has
	// corrected what it is of.
	if _, err := catalog.Modify(ctx, t.store, catalog.KindMarket, o.Key(), func(stored *pricewatch.Observation) error {
		*stored = o
		return nil
	}); err != nil {
		return fmt.Errorf("store price %s: %w", o.Key(), err)
	}
	return t.markets.added(ctx, t, item)
}

// confirm ends the doubt about an item's price.
func (i *storedItem) confirm() {
	last := *i.Last
	last.Flags = append(last.Flags[:len(last.Flags):len(last.Flags)], pricewatch.FlagConfirmed)
	i.Last, i.Doubt = &last, catalog.Text{}
}

// putSeen stores that an item's price still holds, and whether it is confirmed.
func (e *Engine) putSeen(ctx context.Context, item storedItem, now time.Time) error {
	_, err := catalog.Modify(ctx, e.store, catalog.KindMarket, item.Key, func(o *pricewatch.Observation) error {
		if o.Source == "" { // lost in a crash
			*o = *item.Last
		}
		o.Flags = item.Last.Flags
		if now.After(o.LastSeenAt) {
			o.LastSeenAt = now
		}
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
	err := e.eachItem(ctx, source, func(item storedItem) error {
		items[item.Item.Item] = item
		return nil
	})
	return items, err
}

// eachItem hands the items of a source, of all sources when it is "", to visit,
// sorted by their ID. It holds one page of them.
func (e *Engine) eachItem(ctx context.Context, source string, visit func(storedItem) error) error {
	query := catalog.RecordQuery{Kind: catalog.KindItem, Limit: page}
	if source != "" {
		query.Prefix = source + "/"
	}
	for {
		records, err := e.store.Records(ctx, query)
		if err != nil {
			return fmt.Errorf("read items of market sources: %w", err)
		}
		for _, r := range records {
			item := storedItem{revision: r.Revision}
			if err := json.Unmarshal(r.Data, &item.Item); err != nil {
				return fmt.Errorf("item %s: %w", r.ID, err)
			}
			if err := visit(item); err != nil {
				return err
			}
		}
		if len(records) < page {
			return nil
		}
		query.After = records[len(records)-1].ID
	}
}

// putChanged writes an item unless it is as it was.
func (e *Engine) putChanged(ctx context.Context, item *storedItem, before []byte) error {
	now, err := json.Marshal(item.Item)
	if err != nil || item.revision > 0 && bytes.Equal(before, now) {
		return err
	}
	return e.putItem(ctx, item)
}

func (e *Engine) putItem(ctx context.Context, item *storedItem) error {
	if err := catalog.Save(ctx, e.store, catalog.KindItem, item.ID(), item.revision, item.Item); err != nil {
		return fmt.Errorf("store item %s: %w", item.ID(), err)
	}
	item.revision++
	return nil
}
