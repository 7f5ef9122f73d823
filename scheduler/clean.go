package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
)

// keep is how long records that only explain the past are kept. Webhook bodies
// hold buyers' data and go first.
var keep = map[catalog.RecordKind]time.Duration{
	catalog.KindRun:    90 * 24 * time.Hour,
	catalog.KindPlan:   90 * 24 * time.Hour,
	catalog.KindHook:   7 * 24 * time.Hour,
	catalog.KindDigest: 365 * 24 * time.Hour,
}

// cleanEvery is how often [Jobs.Clean] looks.
const cleanEvery = 6 * time.Hour

// Clean deletes old runs, plans, webhook bodies and messages, now and then, until ctx
// ends. Several instances may do so at once.
func (j *Jobs) Clean(ctx context.Context) {
	tick := time.NewTicker(cleanEvery)
	defer tick.Stop()
	for {
		if err := j.engine.Clean(ctx); err != nil && ctx.Err() == nil {
			j.logger.WarnContext(ctx, "old records not deleted; tried again later", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Clean deletes the records that are older than they are kept.
func (e *Engine) Clean(ctx context.Context) error {
	for kind, age := range keep {
		limit := e.now().Add(-age)
		for after := ""; ; {
			records, err := e.store.Records(ctx, catalog.RecordQuery{Kind: kind, After: after, Limit: page})
			if err != nil {
				return fmt.Errorf("read old records: %w", err)
			}
			if len(records) == 0 {
				break
			}
			after = records[len(records)-1].ID
			var old []string
			for _, r := range records {
				if madeAt(r).Before(limit) {
					old = append(old, r.ID)
				}
			}
			if err := e.store.DeleteRecords(ctx, kind, old); err != nil {
				return fmt.Errorf("delete old records: %w", err)
			}
		}
	}
	return e.cleanItems(ctx)
}

// keepItem is how long results of a search that nobody decided about are kept
// when the search does not show them any more.
const keepItem = 30 * 24 * time.Hour

func (e *Engine) cleanItems(ctx context.Context) error {
	limit := e.now().Add(-keepItem)
	var old []string
	flush := func() error {
		if err := e.store.DeleteRecords(ctx, catalog.KindItem, old); err != nil {
			return fmt.Errorf("delete old results of searches: %w", err)
		}
		old = old[:0]
		return nil
	}
	err := e.eachItem(ctx, "", func(item storedItem) error {
		if item.Match.State == pricewatch.Proposed && !item.GoneAt.IsZero() && item.GoneAt.Before(limit) {
			old = append(old, item.ID())
		}
		if len(old) < page {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// madeAt is when a record was made, by whichever of its kind's fields tells.
// One that does not tell is kept.
func madeAt(r catalog.Record) time.Time {
	var times struct {
		StartedAt  *time.Time `json:"started_at"`
		CreatedAt  *time.Time `json:"created_at"`
		ReceivedAt *time.Time `json:"received_at"`
		At         *time.Time `json:"at"`
	}
	if err := json.Unmarshal(r.Data, &times); err == nil {
		for _, t := range []*time.Time{times.StartedAt, times.CreatedAt, times.ReceivedAt, times.At} {
			if t != nil {
				return *t
			}
		}
	}
	return time.Now().AddDate(100, 0, 0)
}
