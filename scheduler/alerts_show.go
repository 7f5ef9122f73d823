package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
)

// WaitingAlerts are the alerts that wait for their hour, oldest first.
func (e *Engine) WaitingAlerts(ctx context.Context) ([]pricewatch.Alert, error) {
	box, _, err := catalog.Load[pricewatch.Outbox](ctx, e.store, catalog.KindAlert, outboxID)
	if err != nil && !errors.Is(err, catalog.ErrNotFound) {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	return box.Waiting, nil
}

// ToldAlerts are the last messages, newest first, at most limit.
func (e *Engine) ToldAlerts(ctx context.Context, limit int) ([]Told, error) {
	records, err := e.store.Records(ctx, catalog.RecordQuery{Kind: catalog.KindDigest, Newest: true, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	told := make([]Told, len(records))
	for i, r := range records {
		if err := json.Unmarshal(r.Data, &told[i]); err != nil {
			return nil, fmt.Errorf("message %s: %w", r.ID, err)
		}
	}
	return told, nil
}

// Rehearsal is what one rule would do.
type Rehearsal struct {
	Rule  pricewatch.AlertRule
	Items int // sources or prices that the rule is about
	// Alerts are what it would tell of how things are, were it new: a price that
	// moved is told whenever that was.
	Alerts []pricewatch.Alert
}

// RehearseAlerts tries every rule on what is stored. It stores and tells
// nothing. Rules about gaps are not tried.
func (e *Engine) RehearseAlerts(ctx context.Context) ([]Rehearsal, error) {
	settings, now := e.Alerts(), e.now()
	rehearsals := make([]Rehearsal, len(settings.Rules))
	for i, r := range settings.Rules {
		rehearsals[i].Rule = r
	}
	try := func(r *Rehearsal, s pricewatch.Situation) {
		if r.Rule.Concerns(s) {
			r.Items++
			r.Alerts = append(r.Alerts, pricewatch.Try([]pricewatch.AlertRule{r.Rule}, pricewatch.AlertStates{}, s)...)
		}
	}
	for _, source := range e.Sources() {
		state, err := e.SourceState(ctx, source.ID)
		if err != nil {
			return nil, err
		}
		general := generalSituation(settings, source, now)
		for i := range rehearsals {
			if when := rehearsals[i].Rule.When; when == pricewatch.Silent || when == pricewatch.NoPrice {
				try(&rehearsals[i], sourceSituation(general, state))
			}
		}
		err = e.eachItem(ctx, source.ID, func(item storedItem) error {
			if !item.Match.Counts() || item.Last == nil {
				return nil
			}
			at := general
			at.Now = item.Last.SeenAt
			situation, err := e.situation(ctx, at, item.Item, settings.Rules)
			if err != nil {
				return err
			}
			for i := range rehearsals {
				if when := rehearsals[i].Rule.When; when != pricewatch.Silent && when != pricewatch.WideGap {
					try(&rehearsals[i], situation)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return rehearsals, nil
}

// TestAlert gives the teller one message that says it is a test, and keeps
// nothing.
func (e *Engine) TestAlert(ctx context.Context, at time.Time) error {
	e.mu.RLock()
	tell, language := e.tell, e.alerts.Language
	e.mu.RUnlock()
	if tell == nil {
		return nil
	}
	digest := pricewatch.Digest{Language: language, At: at, Urgent: true}
	return tell(ctx, digest, digest.Text("")+"\n"+catalog.Text{VI: "Đây là tin thử.", EN: "This is a test."}.In(language)+"\n")
}
