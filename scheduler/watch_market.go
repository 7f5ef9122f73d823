package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
)

var errEnough = errors.New("enough was read")

// Market yields the stored prices of a subject that were seen at or after since,
// item by item, the newest of each first. Prices in doubt are among them. It
// holds one page at a time; an error ends it.
func (e *Engine) Market(ctx context.Context, subject pricewatch.Subject, since time.Time) iter.Seq2[pricewatch.Observation, error] {
	return func(yield func(pricewatch.Observation, error) bool) {
		err := e.eachItem(ctx, "", func(item storedItem) error {
			// An item's market does not change but by a person, who then also
			// starts a new history.
			if !item.Match.Counts() || item.Last == nil || !subject.Covers(item.Last.Subject) {
				return nil
			}
			for o, err := range e.PricesOf(ctx, item.Item, since) {
				if err != nil {
					return err
				}
				if subject.Covers(o.Subject) && !yield(o, nil) {
					return errEnough
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(pricewatch.Observation{}, err)
		}
	}
}

// PricesOf yields the stored prices of an item that were seen at or after since,
// newest first. An error ends it.
func (e *Engine) PricesOf(ctx context.Context, item pricewatch.Item, since time.Time) iter.Seq2[pricewatch.Observation, error] {
	return func(yield func(pricewatch.Observation, error) bool) {
		query := catalog.RecordQuery{Kind: catalog.KindMarket, Prefix: item.ID() + "/", Newest: true, Limit: page}
		for {
			records, err := e.store.Records(ctx, query)
			if err != nil {
				yield(pricewatch.Observation{}, fmt.Errorf("read prices of %s: %w", item.ID(), err))
				return
			}
			for _, r := range records {
				var o pricewatch.Observation
				if err := json.Unmarshal(r.Data, &o); err != nil {
					yield(o, fmt.Errorf("price %s: %w", r.ID, err))
					return
				}
				if o.LastSeenAt.Before(since) || !yield(o, nil) {
					return
				}
			}
			if len(records) < page {
				return
			}
			query.After = records[len(records)-1].ID
		}
	}
}

// markets holds, for one run, what new prices are judged against. A market is
// read when the first price of it is new.
type markets struct {
	engine *Engine
	now    time.Time
	mu     sync.Mutex
	pools  map[pricewatch.Subject]*pricewatch.Pool
	// doubtful are the items of a market whose last price is in doubt.
	doubtful map[pricewatch.Subject][]storedItem
}

func (e *Engine) newMarkets(now time.Time) *markets {
	return &markets{engine: e, now: now, pools: map[pricewatch.Subject]*pricewatch.Pool{}, doubtful: map[pricewatch.Subject][]storedItem{}}
}

// pool reads a market. The caller holds the lock.
func (m *markets) pool(ctx context.Context, market pricewatch.Subject) (*pricewatch.Pool, error) {
	if pool := m.pools[market]; pool != nil {
		return pool, nil
	}
	pool := pricewatch.NewPool(market, m.now)
	var doubtful []storedItem
	err := m.engine.eachItem(ctx, "", func(item storedItem) error {
		if !item.Match.Counts() || item.Last == nil || !market.Covers(item.Last.Subject) {
			return nil
		}
		if item.Last.Doubtful() && item.Key != "" {
			doubtful = append(doubtful, item)
		}
		for o, err := range m.engine.PricesOf(ctx, item.Item, m.now.Add(-pricewatch.OutlierWindow)) {
			if err != nil {
				return err
			}
			pool.Add(o)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	m.pools[market], m.doubtful[market] = pool, doubtful
	return pool, nil
}

// judge tells whether a new price fits its market and its item's last price.
func (m *markets) judge(ctx context.Context, o pricewatch.Observation, last *pricewatch.Observation) (pricewatch.Verdict, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	pool, err := m.pool(ctx, o.Subject.Market())
	if err != nil {
		return pricewatch.Verdict{}, err
	}
	verdict := pool.Judge(o, last)
	for _, d := range m.doubtful[o.Subject.Market()] {
		if len(verdict.Flags) > 0 && d.Source != o.Source && d.Last.Confirms(o) {
			verdict.Flags, verdict.Reason = append(verdict.Flags, pricewatch.FlagConfirmed), catalog.Text{}
			break
		}
	}
	return verdict, nil
}

// added takes a new price into its market: it may end the doubt about the
// prices of other sources.
func (m *markets) added(ctx context.Context, t *taking, item storedItem) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	market := item.Last.Subject.Market()
	var left []storedItem
	for _, d := range m.doubtful[market] {
		if d.Source == item.Source || !item.Last.Confirms(*d.Last) {
			left = append(left, d)
			continue
		}
		d.confirm()
		if err := t.putItem(ctx, &d); errors.Is(err, catalog.ErrConflict) {
			left = append(left, d) // read again meanwhile; a later price confirms it
			continue
		} else if err != nil {
			return err
		}
		if err := t.putSeen(ctx, d, d.Last.LastSeenAt); err != nil {
			return err
		}
	}
	left = slices.DeleteFunc(left, func(d storedItem) bool { return d.ID() == item.ID() })
	if item.Last.Doubtful() {
		left = append(left, item)
	}
	m.doubtful[market] = left
	m.pools[market].Add(*item.Last)
	return nil
}
