package scheduler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// Teller delivers a message. What fails is tried again later, so the same
// message may come twice.
type Teller func(ctx context.Context, digest pricewatch.Digest, text string) error

// SetAlerts replaces the rules of alerts and how they are told. Without a
// teller messages are only kept.
func (e *Engine) SetAlerts(settings pricewatch.AlertSettings, tell Teller) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.alerts, e.tell = settings, tell
}

// Alerts returns the settings.
func (e *Engine) Alerts() pricewatch.AlertSettings {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.alerts
}

const (
	outboxID = "outbox"
	gapID    = "gap" // what rules about gaps remember
	// forgetAfter is how long a rule remembers an item that is gone.
	forgetAfter = 400 * 24 * time.Hour
	// maxSending is how many messages are kept that cannot be delivered.
	maxSending = 100
)

// alert tries the rules on what was just read, and on how all sources are, and
// tells what may be told. A crash in between tells a thing twice rather than
// never.
func (e *Engine) alert(ctx context.Context, read []connectors.SourceConfig) error {
	settings, now := e.Alerts(), e.now()
	if len(settings.Rules) > 0 {
		for _, s := range e.Sources() {
			if s.Paused {
				continue
			}
			visited := slices.ContainsFunc(read, func(r connectors.SourceConfig) bool { return r.ID == s.ID })
			if err := e.alertSource(ctx, settings, s, visited, now); err != nil {
				return fmt.Errorf("alerts of source %s: %w", s.ID, err)
			}
		}
		if len(read) > 0 {
			if err := e.alertGaps(ctx, settings, now); err != nil {
				return fmt.Errorf("alerts of gaps: %w", err)
			}
		}
	}
	return e.tellDue(ctx, settings, now)
}

// alertSource tries rules on a source as a whole and, when it was just read, on
// its items.
func (e *Engine) alertSource(ctx context.Context, settings pricewatch.AlertSettings, s connectors.SourceConfig, visited bool, now time.Time) error {
	state, err := e.SourceState(ctx, s.ID)
	if err != nil {
		return err
	}
	whole, single := splitRules(settings.Rules)
	general := generalSituation(settings, s, now)
	return e.try(ctx, "source/"+s.ID, now, func(states pricewatch.AlertStates) ([]pricewatch.Alert, error) {
		alerts := pricewatch.Try(whole, states, sourceSituation(general, state))
		if !visited || len(single) == 0 {
			return alerts, nil
		}
		err := e.eachItem(ctx, s.ID, func(item storedItem) error {
			if !item.Match.Counts() || item.Last == nil {
				return nil
			}
			situation, err := e.situation(ctx, general, item.Item, single)
			if err == nil {
				alerts = append(alerts, pricewatch.Try(single, states, situation)...)
			}
			return err
		})
		return alerts, err
	})
}

// generalSituation is what all items of a source have in common.
func generalSituation(settings pricewatch.AlertSettings, s connectors.SourceConfig, now time.Time) pricewatch.Situation {
	return pricewatch.Situation{
		Now: now, Source: s.ID, Title: s.Title(), Group: s.Group, Language: cmp.Or(s.Language, settings.Language),
		Subject: pricewatch.Subject{Commodity: s.Commodity, Product: s.Product, Grade: s.Grade, Region: s.Region, Side: s.Side},
	}
}

// sourceSituation is that of a source as a whole.
func sourceSituation(s pricewatch.Situation, state SourceState) pricewatch.Situation {
	s.LastRead = state.GoodAt
	if state.Attention != nil {
		s.Problem = state.Attention.Message
	}
	return s
}

// splitRules parts rules about sources from those about items; a rule for a page
// that stopped yielding a price is about both.
func splitRules(rules []pricewatch.AlertRule) (whole, single []pricewatch.AlertRule) {
	for _, r := range rules {
		switch r.When {
		case pricewatch.Silent:
			whole = append(whole, r)
		case pricewatch.NoPrice:
			whole, single = append(whole, r), append(single, r)
		case pricewatch.WideGap:
		default:
			single = append(single, r)
		}
	}
	return whole, single
}

// situation is what rules are tried on for one item.
func (e *Engine) situation(ctx context.Context, s pricewatch.Situation, item pricewatch.Item, rules []pricewatch.AlertRule) (pricewatch.Situation, error) {
	last := *item.Last
	s.Item, s.Subject, s.Old, s.New = item.Item, last.Subject, item.Sure, &last
	s.LastRead = last.LastSeenAt
	switch item.NoPrice {
	case "":
	case connectors.NoPriceSoldOut:
		last.Availability = "SoldOut"
	default:
		s.Problem = catalog.Text{VI: "Nơi bán không ghi giá nữa.", EN: "The seller shows no price any more."}
		if text, ok := attentions[item.NoPrice]; ok {
			s.Problem = text
		}
	}
	needs := func(kind func(pricewatch.AlertKind) bool) bool {
		return slices.ContainsFunc(rules, func(r pricewatch.AlertRule) bool { return kind(r.When) && r.Concerns(s) })
	}
	if needs(pricewatch.AlertKind.NeedsDays) && s.Now.Sub(last.SeenAt) <= pricewatch.News {
		history := pricewatch.NewHistory(last.Subject, s.Now.AddDate(-10, 0, 0), s.Now)
		for o, err := range e.PricesOf(ctx, item, s.Now.AddDate(-10, 0, 0)) {
			if err != nil {
				return s, err
			}
			if o.SeenAt.Before(last.SeenAt) {
				history.Add(o)
			}
		}
		s.Days = history.Days()
	}
	if last.Subject.Product != "" && needs(func(k pricewatch.AlertKind) bool { return k == pricewatch.Cheaper }) {
		products, err := e.store.Products(ctx, catalog.ProductQuery{IDs: []string{last.Subject.Product}, Limit: 1})
		if err != nil || len(products) == 0 {
			return s, err
		}
		view := MarketView{Product: &products[0]}
		if err := e.ownPrices(ctx, &view, &pricewatch.Subject{BaseUnit: last.Subject.BaseUnit, Currency: last.Subject.Currency}); err != nil {
			return s, err
		}
		if len(view.Own) > 0 {
			s.Own, s.OwnName = decimal.NewNullDecimal(view.Own[0].Per), string(view.Own[0].Channel)
		}
	}
	return s, nil
}

// alertGaps tries rules about the gap from farm gate to shop on every market
// that has both.
func (e *Engine) alertGaps(ctx context.Context, settings pricewatch.AlertSettings, now time.Time) error {
	rules := slices.DeleteFunc(slices.Clone(settings.Rules), func(r pricewatch.AlertRule) bool { return r.When != pricewatch.WideGap })
	if len(rules) == 0 {
		return nil
	}
	markets, err := e.markets(ctx)
	if err != nil {
		return err
	}
	bands := bands{engine: e, now: now, known: map[pricewatch.Subject]pricewatch.Band{}}
	return e.try(ctx, gapID, now, func(states pricewatch.AlertStates) (alerts []pricewatch.Alert, err error) {
		seen := map[pricewatch.Subject]bool{}
		for s := range markets {
			farm := s.Market()
			if farm.Side != pricewatch.FarmGate || seen[farm] {
				continue
			}
			seen[farm] = true
			shop := farm
			shop.Side = pricewatch.Retail
			low, err := bands.of(ctx, farm)
			if err != nil {
				return nil, err
			}
			high, err := bands.of(ctx, shop)
			if err != nil {
				return nil, err
			}
			if gap, ok := pricewatch.GapOf(low, high); ok {
				title := farm.Commodity
				if category, ok := catalog.FindCategory(title); ok {
					title = category.Name.In(settings.Language)
				}
				alerts = append(alerts, pricewatch.Try(rules, states, pricewatch.Situation{Now: now, Title: title, Language: settings.Language, Subject: farm, Gap: &gap})...)
			}
		}
		return alerts, nil
	})
}

// try lets rules change what they remember under id and puts the alerts into
// the outbox, before that is stored.
func (e *Engine) try(ctx context.Context, id string, now time.Time, rules func(pricewatch.AlertStates) ([]pricewatch.Alert, error)) error {
	states, revision, err := catalog.Load[pricewatch.AlertStates](ctx, e.store, catalog.KindAlert, id)
	if err != nil && !errors.Is(err, catalog.ErrNotFound) {
		return fmt.Errorf("read what rules remember: %w", err)
	}
	if states == nil {
		states = pricewatch.AlertStates{}
	}
	before := maps.Clone(states)
	states.Forget(now.Add(-forgetAfter))
	alerts, err := rules(states)
	if err != nil {
		return err
	}
	if len(alerts) > 0 {
		if _, err := catalog.Modify(ctx, e.store, catalog.KindAlert, outboxID, func(b *pricewatch.Outbox) error {
			b.Put(alerts...)
			return nil
		}); err != nil {
			return fmt.Errorf("store alerts: %w", err)
		}
	}
	if maps.Equal(states, before) {
		return nil
	}
	if err := catalog.Save(ctx, e.store, catalog.KindAlert, id, revision, states); err != nil {
		return fmt.Errorf("store what rules remember: %w", err)
	}
	return nil
}

// tellDue takes out what is due and delivers it, and what could not be delivered
// before.
func (e *Engine) tellDue(ctx context.Context, settings pricewatch.AlertSettings, now time.Time) error {
	box, _, err := catalog.Load[pricewatch.Outbox](ctx, e.store, catalog.KindAlert, outboxID)
	if errors.Is(err, catalog.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read alerts: %w", err)
	}
	if due, _ := box.Due(settings, now); len(due) > 0 {
		box, err = catalog.Modify(ctx, e.store, catalog.KindAlert, outboxID, func(b *pricewatch.Outbox) error {
			due, next := b.Due(settings, now)
			next.Sending = append(next.Sending, due...)
			next.Sending = next.Sending[max(0, len(next.Sending)-maxSending):]
			*b = next
			return nil
		})
		if err != nil {
			return fmt.Errorf("store alerts: %w", err)
		}
	}
	var errs []error
	for _, digest := range box.Sending {
		if err := e.deliver(ctx, digest); err != nil {
			errs = append(errs, fmt.Errorf("deliver message %s: %w", digest.ID(), err))
			continue
		}
		if _, err := catalog.Modify(ctx, e.store, catalog.KindAlert, outboxID, func(b *pricewatch.Outbox) error {
			b.Sending = slices.DeleteFunc(b.Sending, func(d pricewatch.Digest) bool { return d.ID() == digest.ID() })
			return nil
		}); err != nil {
			return fmt.Errorf("store alerts: %w", err)
		}
	}
	return errors.Join(errs...)
}

// Told is a message as it was told, kept as a record.
type Told struct {
	pricewatch.Digest
	Text string `json:"text"`
}

// deliver keeps a message and gives it to the teller.
func (e *Engine) deliver(ctx context.Context, digest pricewatch.Digest) error {
	name := digest.Group
	group, _, err := catalog.Load[catalog.Group](ctx, e.store, catalog.KindGroup, digest.Group)
	switch {
	case err == nil:
		name = cmp.Or(group.Name.In(digest.Language), name)
	case !errors.Is(err, catalog.ErrNotFound):
		return err
	}
	told := Told{digest, digest.Text(name)}
	if err := catalog.Save(ctx, e.store, catalog.KindDigest, digest.ID(), 0, told); err != nil && !errors.Is(err, catalog.ErrExists) {
		return err
	}
	e.mu.RLock()
	tell := e.tell
	e.mu.RUnlock()
	if tell == nil {
		return nil
	}
	return tell(ctx, digest, told.Text)
}
