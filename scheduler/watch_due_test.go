package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

func TestTheSiteSaysNoAndIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStall(t, source("shop"))
	s.pages.fail("shop", &connectors.Error{Kind: connectors.Fatal, Op: "read", Code: "robots", Err: errors.New("robots.txt does not allow it")})
	if r := s.visit(time.Hour, "shop"); r.need() != "robots" || !r.Paused {
		t.Errorf("got %+v", r)
	}
	asked := len(s.pages.asked)
	s.clock.Set(s.clock.Now().Add(30 * 24 * time.Hour))
	_, _, err := s.engine.Watch(t.Context(), WatchOptions{})
	must(t, err)
	if len(s.pages.asked) != asked {
		t.Error("it is read again by schedule")
	}
	// A person may ask for it, and it recovers.
	s.pages.set("shop", priceOf("shop", "", 185_000))
	if r := s.visit(time.Hour, "shop"); r.Attention != nil || r.Paused {
		t.Errorf("got %+v", r)
	}
}

func TestWhatTheSiteAskedForIsKept(t *testing.T) {
	t.Parallel()
	s := newStall(t, source("shop"))
	s.pages.fail("shop", &connectors.Error{Kind: connectors.RateLimited, Op: "read", RetryAfter: 5 * time.Hour})
	s.visit(time.Hour, "shop")
	s.pages.set("shop", priceOf("shop", "", 185_000))
	// Not even a person gets it read before.
	if r := s.visit(4*time.Hour, "shop"); r.Prices != 0 || len(s.pages.asked) != 1 {
		t.Errorf("read too soon: %+v, asked %v", r, s.pages.asked)
	}
	if r := s.visit(2*time.Hour, "shop"); r.Prices != 1 {
		t.Errorf("not read in the end: %+v", r)
	}
	if r := s.visit(time.Second, "shop"); !r.TooSoon || len(s.pages.asked) != 2 {
		t.Errorf("read again a second later: %+v", r)
	}
}

func TestResultsThatNobodyDecidedAboutAreForgotten(t *testing.T) {
	t.Parallel()
	search := source("cho")
	search.Kind, search.Commodity = connectors.SourceSearch, ""
	s := newStall(t, search)
	s.pages.set("cho", priceOf("cho", "a", 1000), priceOf("cho", "b", 1000), priceOf("cho", "c", 1000))
	s.visit(time.Hour, "cho")
	_, err := s.engine.Reject(t.Context(), "cho/b")
	must(t, err)
	s.pages.set("cho", priceOf("cho", "c", 1000))
	s.visit(time.Hour, "cho") // a and b are gone
	kept := func() (ids []string) {
		must(t, s.engine.Clean(t.Context()))
		must(t, s.engine.Items(t.Context(), "cho", func(i pricewatch.Item) error { ids = append(ids, i.Item); return nil }))
		return ids
	}
	s.clock.Set(s.clock.Now().Add(keepItem))
	if got := kept(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("too soon: %v is left", got)
	}
	s.clock.Set(s.clock.Now().Add(time.Minute))
	if got := kept(); !slices.Equal(got, []string{"b", "c"}) { // what a person rejected stays rejected
		t.Errorf("%v is left", got)
	}
}

func TestConfirmedOnceAndRejectedForEver(t *testing.T) {
	t.Parallel()
	search := source("cho")
	search.Kind, search.Commodity = connectors.SourceSearch, ""
	s := newStall(t, search)
	show := func(dong int64) {
		s.pages.set("cho", priceOf("cho", "ours", dong), priceOf("cho", "other", dong))
	}
	show(100_000)
	if r := s.visit(time.Hour, "cho"); r.Waiting != 2 || r.New != 0 {
		t.Errorf("got %+v", r)
	}
	s.wantHistory()
	_, err := s.engine.Confirm(t.Context(), "cho/ours", pricewatch.Match{Grade: "ocop-4"})
	must(t, err)
	_, err = s.engine.Reject(t.Context(), "cho/other")
	must(t, err)
	// The price that was read before counts from then on.
	s.wantHistory("cho/ours 100000 1-1")
	show(105_000)
	if r := s.visit(time.Hour, "cho"); r.Waiting != 0 || r.New != 1 {
		t.Errorf("got %+v", r)
	}
	s.wantHistory("cho/ours 100000 1-1", "cho/ours 105000 2-2")
	for _, o := range s.stored() {
		if o.Subject.Commodity != "honey" || o.Subject.Grade != "ocop-4" {
			t.Errorf("stored for %+v", o.Subject)
		}
	}
	// A person may correct it: from the last price on it is something else.
	_, err = s.engine.Confirm(t.Context(), "cho/ours", pricewatch.Match{Commodity: "tea", Side: pricewatch.Wholesale})
	must(t, err)
	tea := pricewatch.Subject{Commodity: "tea", Side: pricewatch.Wholesale, BaseUnit: "kg", Currency: "VND"}
	n := 0
	for o, err := range s.engine.Market(t.Context(), tea, start) {
		must(t, err)
		n++
		if o.AmountMin.Decimal.IntPart() != 105_000 {
			t.Errorf("%s counts as tea", o.AmountMin.Decimal)
		}
	}
	if n != 1 {
		t.Errorf("%d prices of tea", n)
	}
	// Rejected after it was confirmed, it counts nowhere.
	_, err = s.engine.Reject(t.Context(), "cho/ours")
	must(t, err)
	for o := range s.engine.Market(t.Context(), tea, start) {
		t.Errorf("%s still counts", o.AmountMin.Decimal)
	}
	for name, match := range map[string]pricewatch.Match{"unknown product": {Product: "no"}} {
		if _, err := s.engine.Confirm(t.Context(), "cho/other", match); err == nil {
			t.Errorf("%s: confirmed", name)
		}
	}
}

// A watch job mostly waits for hosts; with one worker the channels still work.
func TestWatchingTakesNoPlaceFromChannels(t *testing.T) {
	t.Parallel()
	b := newBench(t, connectors.ChannelConfig{ID: "web", AutoApply: true, Schedule: connectors.Schedule{Orders: "0 3 * * *"}})
	read, begun := make(chan struct{}), make(chan struct{})
	b.engine.options.Now = time.Now
	reading := &pages{answers: map[string]func(connectors.Validators) (connectors.SourceReading, error){
		"shop": func(connectors.Validators) (connectors.SourceReading, error) {
			close(begun)
			<-read // the host makes us wait
			return connectors.SourceReading{Title: "x", NextAt: time.Now().Add(time.Hour), Quotes: []connectors.Quote{priceOf("shop", "", 1000)}}, nil
		},
	}}
	b.engine.SetSources([]connectors.SourceConfig{source("shop")}, reading)
	done := make(chan catalog.Run, 10)
	b.engine.options.OnRun = func(r catalog.Run) { done <- r }
	q := openTestQueue(t)
	jobs, err := NewJobs(b.engine, q, slog.New(slog.DiscardHandler))
	must(t, err)
	jobs.Ask(t.Context(), watchJob)
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	working.Go(func() {
		if err := jobs.Work(ctx, 1); err != nil {
			t.Errorf("work: %v", err)
		}
	})
	<-begun
	jobs.Ask(t.Context(), Job{TaskOrders, "web"})
	if r := <-done; r.Task != TaskOrders {
		t.Errorf("the first run to end is %s", r.Task)
	}
	close(read)
	for r := range done {
		if r.Task == TaskWatch {
			break
		}
	}
	stop()
	working.Wait()
	if len(reading.asked) != 1 {
		t.Errorf("read %v", reading.asked)
	}
}

func TestASilentSourceIsToldAfterThreeVisits(t *testing.T) {
	t.Parallel()
	s := newStall(t, source("shop"))
	s.pages.fail("shop", &connectors.Error{Kind: connectors.Transient, Op: "read", Err: errors.New("connection refused")})
	for i, want := range []string{"", "", "no_answer"} {
		if got := s.visit(time.Hour, "shop").need(); got != want {
			t.Errorf("visit %d: needs %q, want %q", i, got, want)
		}
	}
}

func TestDuenessIsState(t *testing.T) {
	t.Parallel()
	paused := source("paused")
	paused.Paused = true
	daily := source("daily")
	daily.Schedule = "0 8 * * *"
	s := newStall(t, source("shop"), daily, paused)
	for _, id := range []string{"shop", "daily", "paused"} {
		s.pages.setReading(id, connectors.SourceReading{Title: "x", NextAt: start.Add(12 * time.Hour), Quotes: []connectors.Quote{priceOf(id, "", 1000)}})
	}
	due := func(at time.Duration) []string {
		s.clock.Set(start.Add(at))
		before := len(s.pages.asked)
		s.open(s.store, s.engine.Sources()...) // a restart loses nothing
		_, _, err := s.engine.Watch(t.Context(), WatchOptions{})
		must(t, err)
		return slices.Sorted(slices.Values(s.pages.asked[before:]))
	}
	// start is 08:00 in Vietnam.
	for _, step := range []struct {
		at   time.Duration
		want []string
	}{
		{0, []string{"daily", "shop"}}, {time.Hour, nil}, {12 * time.Hour, []string{"shop"}}, {23 * time.Hour, []string{"shop"}}, {24*time.Hour + time.Minute, []string{"daily", "shop"}},
	} {
		if got := due(step.at); !slices.Equal(got, step.want) {
			t.Errorf("after %v: due %v, want %v", step.at, got, step.want)
		}
	}
}

func TestSourcesOfOneHostAreReadOneAfterAnother(t *testing.T) {
	t.Parallel()
	var sources []connectors.SourceConfig
	for i := range 6 {
		s := source(fmt.Sprint("s", i))
		s.URL = fmt.Sprintf("https://host%d.example/%d", i%2, i)
		sources = append(sources, s)
	}
	s := newStall(t, sources...)
	for _, source := range sources {
		s.pages.set(source.ID, priceOf(source.ID, "", 100_000))
	}
	run, results, err := s.engine.Watch(t.Context(), WatchOptions{})
	must(t, err)
	if len(results) != 6 || run.Counts["new"] != 6 {
		t.Errorf("%d results, counts %v", len(results), run.Counts)
	}
	if s.pages.clash {
		t.Error("two sources of one host were read at once")
	}
}

func TestTickAsksForWatching(t *testing.T) {
	t.Parallel()
	for _, sources := range [][]connectors.SourceConfig{nil, {source("shop")}} {
		s := newStall(t, sources...)
		q := openTestQueue(t)
		jobs, err := NewJobs(s.engine, q, slog.New(slog.DiscardHandler))
		must(t, err)
		must(t, jobs.Tick(t.Context()))
		jobs.stopTicking()
		if asked := !put(t, q, watchJob, ""); asked != (len(sources) > 0) {
			t.Errorf("with %d sources: asked is %v", len(sources), asked)
		}
	}
}
