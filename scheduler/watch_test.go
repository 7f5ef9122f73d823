package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/market/markettest"
)

// pages answers for sources as a test says.
type pages struct {
	mu      sync.Mutex
	answers map[string]func(since connectors.Validators) (connectors.SourceReading, error)
	asked   []string
	busy    map[string]int // by host
	clash   bool           // two sources of one host were read at once
}

func (p *pages) ReadSource(_ context.Context, s connectors.SourceConfig, since connectors.Validators) (connectors.SourceReading, error) {
	p.mu.Lock()
	p.asked = append(p.asked, s.ID)
	host := hostOf(s)
	if p.busy == nil {
		p.busy = map[string]int{}
	}
	p.busy[host]++
	p.clash = p.clash || p.busy[host] > 1
	answer := p.answers[s.ID]
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.busy[host]--
		p.mu.Unlock()
	}()
	return answer(since)
}

func (p *pages) set(source string, quotes ...connectors.Quote) {
	p.setReading(source, connectors.SourceReading{Title: "Mật ong mẫu", Quotes: quotes})
}

func (p *pages) setReading(source string, reading connectors.SourceReading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[source] = func(connectors.Validators) (connectors.SourceReading, error) { return reading, nil }
}

func (p *pages) fail(source string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[source] = func(connectors.Validators) (connectors.SourceReading, error) {
		return connectors.SourceReading{}, err
	}
}

// priceOf is a quote of dong for a kilogram.
func priceOf(source, item string, dong int64) connectors.Quote {
	amount := decimal.NewNullDecimal(decimal.NewFromInt(dong))
	q := connectors.Quote{Observation: pricewatch.Observation{
		Source: source, Item: item, Name: "Mật ong mẫu " + item, Seller: source, AmountMin: amount, AmountMax: amount,
		Subject: pricewatch.Subject{Commodity: "honey", Side: pricewatch.Retail, Currency: "VND"}, Confidence: 0.9,
		Evidence: pricewatch.Evidence{Method: "visible", Text: fmt.Sprint(dong)},
	}}
	q.SetUnit("kg", "text")
	return q
}

// noPrice is a quote without a price.
func noPrice(source, item, why string) connectors.Quote {
	q := priceOf(source, item, 1)
	q.AmountMin, q.AmountMax, q.NoPrice = decimal.NullDecimal{}, decimal.NullDecimal{}, why
	q.Price()
	return q
}

// stall is an engine that watches pages on a clock that a test moves.
type stall struct {
	*testing.T
	engine *Engine
	store  catalog.Store
	pages  *pages
	clock  *markettest.Clock
}

func newStall(t *testing.T, sources ...connectors.SourceConfig) *stall {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), ":memory:")
	must(t, err)
	t.Cleanup(func() { store.Close() })
	s := &stall{T: t, store: store, clock: markettest.NewClock(start), pages: &pages{answers: map[string]func(connectors.Validators) (connectors.SourceReading, error){}}}
	s.open(store, sources...)
	return s
}

func (s *stall) open(store catalog.Store, sources ...connectors.SourceConfig) {
	s.engine = New(store, Options{Sealer: plainSealer{}, Now: s.clock.Now})
	s.engine.SetSources(sources, s.pages)
}

// source is a page about honey on a host of its own.
func source(id string) connectors.SourceConfig {
	return connectors.SourceConfig{ID: id, Kind: connectors.SourcePage, URL: "https://" + id + ".example/x", Commodity: "honey", Side: pricewatch.Retail, Every: 12 * time.Hour, Hash: "1"}
}

// visit reads one source after some time.
func (s *stall) visit(after time.Duration, id string) Watched {
	s.Helper()
	s.clock.Set(s.clock.Now().Add(after))
	_, results, err := s.engine.Watch(s.Context(), WatchOptions{Sources: []string{id}})
	must(s, err)
	if len(results) != 1 {
		s.Fatalf("%d results", len(results))
	}
	return results[0]
}

func (s *stall) stored() (all []pricewatch.Observation) {
	s.Helper()
	records, err := s.store.Records(s.Context(), catalog.RecordQuery{Kind: catalog.KindMarket})
	must(s, err)
	for _, r := range records {
		o, _, err := catalog.Load[pricewatch.Observation](s.Context(), s.store, catalog.KindMarket, r.ID)
		must(s, err)
		all = append(all, o)
	}
	return all
}

// history writes the stored prices: amount, hours first and last seen, flags.
func (s *stall) history() (lines []string) {
	s.Helper()
	for _, o := range s.stored() {
		line := fmt.Sprintf("%s/%s %s %.0f-%.0f", o.Source, o.Item, o.AmountMin.Decimal, o.SeenAt.Sub(start).Hours(), o.LastSeenAt.Sub(start).Hours())
		for _, f := range o.Flags {
			line += " " + f
		}
		lines = append(lines, line)
	}
	return lines
}

func (s *stall) wantHistory(want ...string) {
	s.Helper()
	if diff := cmp.Diff(want, s.history()); diff != "" {
		s.Errorf("history (-want +got):\n%s", diff)
	}
}

func (r Watched) need() string {
	if r.Attention == nil {
		return ""
	}
	return r.Attention.Code
}

func TestAPriceIsStoredWhenItChanges(t *testing.T) {
	t.Parallel()
	s := newStall(t, source("shop"))
	for _, dong := range []int64{185_000, 185_000, 205_000, 185_000, 185_000} {
		s.pages.set("shop", priceOf("shop", "", dong))
		s.visit(12*time.Hour, "shop")
	}
	s.wantHistory("shop/ 185000 12-24", "shop/ 205000 36-36", "shop/ 185000 48-60")
	// After a silence even the same price is a new observation.
	s.visit(pricewatch.Silence+time.Hour, "shop")
	s.wantHistory("shop/ 185000 12-24", "shop/ 205000 36-36", "shop/ 185000 48-60", "shop/ 185000 133-133")
}

func TestI11WhatCannotBeReadIsNoPrice(t *testing.T) {
	t.Parallel()
	s := newStall(t, source("shop"))
	s.pages.set("shop", priceOf("shop", "", 185_000))
	s.visit(time.Hour, "shop")
	for _, why := range []string{connectors.NoPriceContact, connectors.NoPriceSoldOut, connectors.NoPriceUnreadable, connectors.NoPriceSelector, connectors.NoPriceCurrency} {
		s.pages.set("shop", noPrice("shop", "", why))
		if r := s.visit(time.Hour, "shop"); r.New != 0 || r.Prices != 0 {
			t.Errorf("%s: %d prices", why, r.Prices)
		}
	}
	s.wantHistory("shop/ 185000 1-1")
}

func TestASourceThatBreaksNeedsAttentionAndRecovers(t *testing.T) {
	t.Parallel()
	rows := func(n int) (quotes []connectors.Quote) {
		for i := range n {
			quotes = append(quotes, priceOf("shop", fmt.Sprint("row-", i), 100_000))
		}
		return quotes
	}
	one := []connectors.Quote{priceOf("shop", "", 100_000)}
	for name, test := range map[string]struct {
		good   []connectors.Quote
		bad    connectors.SourceReading
		reason string
	}{
		"selector fails":    {one, connectors.SourceReading{Title: "Mật ong mẫu", Quotes: []connectors.Quote{noPrice("shop", "", connectors.NoPriceSelector)}}, "selector_failed"},
		"no price any more": {one, connectors.SourceReading{Title: "Mật ong mẫu", Quotes: []connectors.Quote{noPrice("shop", "", connectors.NoPriceUnreadable)}}, "unreadable"},
		"no currency":       {one, connectors.SourceReading{Title: "Mật ong mẫu", Quotes: []connectors.Quote{noPrice("shop", "", connectors.NoPriceCurrency)}}, "no_currency"},
		"contact us":        {one, connectors.SourceReading{Title: "Mật ong mẫu", Quotes: []connectors.Quote{noPrice("shop", "", connectors.NoPriceContact)}}, ""},
		"other goods":       {one, connectors.SourceReading{Title: "Khăn thổ cẩm", Quotes: []connectors.Quote{priceOf("shop", "", 90_000)}}, "other_page"},
		"renamed a little":  {one, connectors.SourceReading{Title: "Mật ong bạc hà mẫu 2026", Quotes: one}, ""},
		"several prices":    {one, connectors.SourceReading{Title: "Mật ong mẫu", Elsewhere: "many_prices"}, "many_prices"},
		"no rows":           {rows(8), connectors.SourceReading{Title: "Mật ong mẫu"}, "no_rows"},
		"few rows":          {rows(8), connectors.SourceReading{Title: "Mật ong mẫu", Quotes: rows(3)}, "fewer_rows"},
		"half of the rows":  {rows(8), connectors.SourceReading{Title: "Mật ong mẫu", Quotes: rows(4)}, ""},
		"two rows less":     {rows(3), connectors.SourceReading{Title: "Mật ong mẫu", Quotes: rows(1)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStall(t, source("shop"))
			s.pages.set("shop", test.good...)
			if r := s.visit(time.Hour, "shop"); r.Attention != nil {
				t.Fatalf("the first visit: %v", r.Attention)
			}
			before := s.history()
			s.pages.setReading("shop", test.bad)
			r := s.visit(time.Hour, "shop")
			if r.need() != test.reason {
				t.Errorf("needs %q, want %q", r.need(), test.reason)
			}
			if test.reason == "" {
				return
			}
			if diff := cmp.Diff(before, s.history()); diff != "" {
				t.Errorf("something of the bad reading was stored (-before +after):\n%s", diff)
			}
			state, err := s.engine.SourceState(t.Context(), "shop")
			must(t, err)
			if state.Attention == nil || state.Attention.Message.VI == "" || state.Attention.Message.EN == "" || !state.Since.Equal(s.clock.Now()) {
				t.Errorf("state %+v", state)
			}
			s.pages.set("shop", test.good...)
			if r := s.visit(time.Hour, "shop"); r.Attention != nil {
				t.Errorf("it did not recover: %v", r.Attention)
			}
		})
	}
}

func TestFewerRowsAreBelievedInTheEnd(t *testing.T) {
	t.Parallel()
	rows := func(n int) (quotes []connectors.Quote) {
		for i := range n {
			quotes = append(quotes, priceOf("shop", fmt.Sprint("row-", i), 100_000))
		}
		return quotes
	}
	s := newStall(t, source("shop"))
	s.pages.set("shop", rows(9)...)
	s.visit(time.Hour, "shop")
	for i, rowsNow := range []int{2, 3, 3, 3} { // the count begins anew when it changes
		s.pages.set("shop", rows(rowsNow)...)
		if got, want := s.visit(time.Hour, "shop").need() == "", i == 3; got != want {
			t.Errorf("visit %d: well is %v, want %v", i, got, want)
		}
	}
	// Or at once when a person says so.
	s.pages.set("shop", rows(9)...)
	s.visit(time.Hour, "shop")
	s.pages.set("shop", rows(1)...)
	s.clock.Set(s.clock.Now().Add(time.Hour))
	_, results, err := s.engine.Watch(t.Context(), WatchOptions{Sources: []string{"shop"}, Accept: true})
	must(t, err)
	if results[0].Attention != nil {
		t.Errorf("what a person accepted: %v", results[0].Attention)
	}
}

func TestNotModifiedMovesLastSeenOnly(t *testing.T) {
	t.Parallel()
	s := newStall(t, source("shop"))
	var since []connectors.Validators
	s.pages.answers["shop"] = func(v connectors.Validators) (connectors.SourceReading, error) {
		since = append(since, v)
		if v.ETag != "" {
			return connectors.SourceReading{NotModified: true, Validators: v}, nil
		}
		return connectors.SourceReading{Title: "Mật ong mẫu", Validators: connectors.Validators{ETag: `"a"`}, Quotes: []connectors.Quote{priceOf("shop", "", 185_000)}}, nil
	}
	s.visit(time.Hour, "shop")
	if r := s.visit(time.Hour, "shop"); !r.NotModified || r.New != 0 || r.Prices != 1 {
		t.Errorf("got %+v", r)
	}
	s.wantHistory("shop/ 185000 1-2")
	if diff := cmp.Diff([]connectors.Validators{{}, {ETag: `"a"`}}, since); diff != "" {
		t.Errorf("validators sent (-want +got):\n%s", diff)
	}
	// What was not taken in is sent again: nobody may say that it is as it was.
	good := s.pages.answers["shop"]
	s.pages.setReading("shop", connectors.SourceReading{Title: "Mật ong mẫu", Validators: connectors.Validators{ETag: `"bad"`}, Quotes: []connectors.Quote{noPrice("shop", "", connectors.NoPriceUnreadable)}})
	s.visit(time.Hour, "shop")
	s.pages.answers["shop"] = good
	if r := s.visit(time.Hour, "shop"); r.NotModified || r.Attention != nil {
		t.Errorf("after a bad reading: %+v", r)
	}
	if last := since[len(since)-1]; last != (connectors.Validators{}) {
		t.Errorf("validators were sent after a bad reading: %+v", last)
	}
	// Other settings read the page anew.
	changed := source("shop")
	changed.Hash = "2"
	s.open(s.store, changed)
	s.visit(time.Hour, "shop")
	if last := since[len(since)-1]; last != (connectors.Validators{}) {
		t.Errorf("validators of other settings were sent: %+v", last)
	}
}

func TestAPriceThatDoesNotFitWaitsForConfirmation(t *testing.T) {
	t.Parallel()
	s := newStall(t, source("shop"), source("other"))
	steps := []struct {
		source string
		dong   int64
	}{
		{"shop", 200_000},
		{"shop", 20_000}, // a zero is missing: a slip is not believed the second time either
		{"shop", 20_000},
		{"shop", 19_900},
		{"shop", 200_000}, // compared with the last price that was not in doubt
		{"shop", 280_000}, // a jump of 40 % is believed when it is read again
		{"shop", 280_000},
		{"shop", 400_000}, // another jump, which another source confirms
		{"other", 410_000},
	}
	for _, step := range steps {
		s.pages.set(step.source, priceOf(step.source, "", step.dong))
		s.visit(time.Hour, step.source)
	}
	s.wantHistory(
		"other/ 410000 9-9",
		"shop/ 200000 1-1", "shop/ 20000 2-3 jump magnitude_slip", "shop/ 19900 4-4 jump magnitude_slip", "shop/ 200000 5-5",
		"shop/ 280000 6-7 jump confirmed", "shop/ 400000 8-8 jump confirmed",
	)
	item, _, err := catalog.Load[pricewatch.Item](t.Context(), s.store, catalog.KindItem, "shop/-")
	must(t, err)
	if item.Last.Doubtful() || item.Doubt != (catalog.Text{}) {
		t.Errorf("the confirmed item is in doubt: %+v", item)
	}
}

func TestI7ABrokenSourceStopsNoOther(t *testing.T) {
	t.Parallel()
	s := newStall(t, source("a"), source("b"))
	s.pages.fail("a", errors.New("boom"))
	s.pages.set("b", priceOf("b", "", 100_000))
	run, results, err := s.engine.Watch(t.Context(), WatchOptions{})
	must(t, err)
	if len(results) != 2 || run.Counts["new"] != 1 {
		t.Errorf("results %+v", results)
	}
}

func TestPricesSurviveACrashAnywhere(t *testing.T) {
	t.Parallel()
	for failAt := range 8 {
		s := newStall(t, source("shop"))
		for _, dong := range []int64{185_000, 205_000} {
			s.pages.set("shop", priceOf("shop", "", dong))
			s.open(&crashing{Store: s.store, left: failAt}, source("shop"))
			_, _, _ = s.engine.Watch(t.Context(), WatchOptions{Sources: []string{"shop"}}) // dies at a write
			s.open(s.store, source("shop"))
			s.visit(time.Hour, "shop")
			s.visit(time.Hour, "shop")
		}
		var amounts []string
		for _, o := range s.stored() {
			if text := o.AmountMin.Decimal.String(); len(amounts) == 0 || amounts[len(amounts)-1] != text {
				amounts = append(amounts, text)
			} else {
				t.Errorf("crash at write %d: %s is stored twice in a row", failAt, text)
			}
		}
		if !slices.Equal(amounts, []string{"185000", "205000"}) {
			t.Errorf("crash at write %d: stored %v", failAt, amounts)
		}
	}
}

func TestMarketReadsPageByPage(t *testing.T) {
	t.Parallel()
	s := newStall(t, source("shop"))
	for i := range 5 {
		s.pages.set("shop", priceOf("shop", "row-1", 100_000+int64(i)), priceOf("shop", "row-2", 200_000))
		s.visit(time.Hour, "shop")
	}
	subject := pricewatch.Subject{Commodity: "honey", Side: pricewatch.Retail, BaseUnit: "kg", Currency: "VND"}
	var got []string
	for o, err := range s.engine.Market(t.Context(), subject, start.Add(4*time.Hour)) {
		must(t, err)
		got = append(got, o.Item+" "+o.AmountMin.Decimal.String())
	}
	if want := []string{"row-1 100004", "row-1 100003", "row-2 200000"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for o, err := range s.engine.Market(t.Context(), subject, start) {
		must(t, err)
		if o.Item != "row-1" {
			t.Errorf("got %s", o.Item)
		}
		break // the sequence may be left
	}
}
