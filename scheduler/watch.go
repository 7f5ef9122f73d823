package scheduler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// watchHosts is how many hosts are read at once. Within a host sources are read
// one after another, as the host wants it.
const watchHosts = 4

// leastGap keeps people from reading a source again and again: each run of the
// command line begins without a memory of the host.
const leastGap = 10 * time.Second

// failuresTold is how many visits in a row may stay without an answer before a
// person is told.
const failuresTold = 3

// WatchOptions of [Engine.Watch].
type WatchOptions struct {
	// Sources are read whether they are due or not; nil = all that are due.
	Sources []string
	// Accept takes what is read for right where it differs from what was read
	// before: another title, far fewer rows.
	Accept bool
}

// Watched is what came of reading one source.
type Watched struct {
	Source      string         `json:"source"`
	NotModified bool           `json:"not_modified,omitempty"`
	Prices      int            `json:"prices"`  // read
	New         int            `json:"new"`     // of these: new or changed, stored
	Waiting     int            `json:"waiting"` // of these: nobody confirmed what they are of
	None        int            `json:"none"`    // items without a price
	Attention   *catalog.Issue `json:"attention,omitempty"`
	Paused      bool           `json:"paused,omitempty"`
	TooSoon     bool           `json:"too_soon,omitempty"` // the site asked to be left alone until NextAt
	NextAt      time.Time      `json:"next_at,omitzero"`
}

// SetSources replaces the sources of market prices and what reads them.
func (e *Engine) SetSources(sources []connectors.SourceConfig, reader connectors.SourceReader) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sources, e.reader = slices.Clone(sources), reader
}

// Sources returns the sources in the order of the file.
func (e *Engine) Sources() []connectors.SourceConfig {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Clone(e.sources)
}

// Source returns one source.
func (e *Engine) Source(id string) (connectors.SourceConfig, error) {
	for _, s := range e.Sources() {
		if s.ID == id {
			return s, nil
		}
	}
	return connectors.SourceConfig{}, fmt.Errorf("source %s: %w in connectors.yaml", id, catalog.ErrNotFound)
}

// Watch reads sources, hosts side by side and the sources of one host one after
// another, and stores what changed, and tells people what they want to be told. What keeps one source from being read is in
// its state and its result and touches no other source; an error is about the
// store or the end of ctx. The run is recorded when a source was due.
func (e *Engine) Watch(ctx context.Context, options WatchOptions) (catalog.Run, []Watched, error) {
	started := e.now()
	run := catalog.Run{ID: runID(started, TaskWatch, "sources"), Task: TaskWatch, StartedAt: started, Counts: map[string]int64{}}
	due, err := e.dueSources(ctx, options.Sources, started)
	if err != nil {
		return run, nil, err
	}
	if len(due) == 0 {
		return run, nil, e.alert(ctx, nil)
	}
	hosts := map[string][]connectors.SourceConfig{}
	for _, s := range due {
		hosts[hostOf(s)] = append(hosts[hostOf(s)], s)
	}
	markets := e.newMarkets(started)
	var (
		mu      sync.Mutex
		results []Watched
		errs    []error
		group   sync.WaitGroup
		slots   = make(chan struct{}, watchHosts)
	)
	for _, sources := range hosts {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			for _, s := range sources {
				result, err := e.watchSource(ctx, s, options, markets)
				mu.Lock()
				if err != nil {
					errs = append(errs, fmt.Errorf("source %s: %w", s.ID, err))
				} else {
					results = append(results, result)
				}
				mu.Unlock()
				if ctx.Err() != nil {
					return
				}
			}
		})
	}
	group.Wait()
	slices.SortFunc(results, func(a, b Watched) int { return cmp.Compare(a.Source, b.Source) })
	for _, r := range results {
		run.Counts["sources"]++
		run.Counts["prices"] += int64(r.Prices)
		run.Counts["new"] += int64(r.New)
		run.Counts["waiting"] += int64(r.Waiting)
		if r.Attention != nil {
			run.Counts["attention"]++
			issue := *r.Attention
			issue.Field = r.Source
			run.Errors = append(run.Errors, issue)
		}
	}
	if ctx.Err() == nil {
		errs = append(errs, e.alert(ctx, due))
	}
	err = errors.Join(errs...)
	if err != nil {
		run.Errors = append(run.Errors, IssueOf(err))
	}
	run.FinishedAt = e.now()
	if e.options.OnRun != nil {
		e.options.OnRun(run)
	}
	save := catalog.Save(context.WithoutCancel(ctx), e.store, catalog.KindRun, run.ID, 0, run)
	return run, results, errors.Join(err, save)
}

// dueSources lists the sources asked for, or those that are due.
func (e *Engine) dueSources(ctx context.Context, wanted []string, now time.Time) (due []connectors.SourceConfig, err error) {
	if wanted != nil {
		for _, id := range wanted {
			s, err := e.Source(id)
			if err != nil {
				return nil, err
			}
			if s.Kind != connectors.SourceQuote {
				due = append(due, s)
			}
		}
		return due, nil
	}
	for _, s := range e.Sources() {
		if s.Paused || s.Kind == connectors.SourceQuote {
			continue
		}
		state, err := e.SourceState(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		if state.Hash != s.Hash || !state.Paused && !state.NextAt.After(now) {
			due = append(due, s)
		}
	}
	return due, nil
}

func hostOf(s connectors.SourceConfig) string {
	if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
		return u.Hostname()
	}
	return "file:" + s.ID
}

// watchSource reads one source and takes in what it says. A crash between any
// two steps is healed by the next visit.
func (e *Engine) watchSource(ctx context.Context, s connectors.SourceConfig, options WatchOptions, markets *markets) (Watched, error) {
	result := Watched{Source: s.ID}
	state, err := e.SourceState(ctx, s.ID)
	if err != nil {
		return result, err
	}
	if state.Hash != s.Hash {
		state = SourceState{Hash: s.Hash, NotBefore: state.NotBefore}
	}
	now := e.now()
	wait := state.NotBefore
	if again := state.ReadAt.Add(leastGap); again.After(wait) {
		wait = again
	}
	if wait.After(now) {
		result.Attention, result.Paused, result.NextAt, result.TooSoon = state.Attention, state.Paused, wait, true
		return result, nil
	}
	since := state.Validators
	if state.Attention != nil || options.Accept {
		since = connectors.Validators{} // what was not taken in has to be sent again
	}
	reading, err := e.reader.ReadSource(ctx, s, since)
	now = e.now()
	next := state
	next.ReadAt = now
	switch {
	case connectors.KindOf(err) == connectors.Canceled:
		return result, err
	case err != nil:
		e.failed(&next, s, err, now)
	default:
		next.Failures, next.Paused, next.NotBefore = 0, false, time.Time{}
		next.NextAt = e.nextVisit(s, now, reading.NextAt)
		issue := (*catalog.Issue)(nil)
		if !reading.NotModified {
			issue = judge(&next, reading, options.Accept)
		}
		if next.attend(issue, now); issue == nil {
			next.Validators = reading.Validators
			taking := taking{Engine: e, source: s, now: now, markets: markets, result: &result}
			if err := taking.take(ctx, reading); err != nil {
				return result, err
			}
			next.GoodAt = now
		}
	}
	result.NotModified, result.Attention, result.Paused, result.NextAt = reading.NotModified, next.Attention, next.Paused, next.NextAt
	_, err = e.setSourceState(ctx, s.ID, func(stored *SourceState) { *stored = next })
	return result, err
}

// TryWatch reads a source now and judges it as [Engine.Watch] would; nothing is
// stored.
func (e *Engine) TryWatch(ctx context.Context, s connectors.SourceConfig) (connectors.SourceReading, *catalog.Issue, error) {
	state, err := e.SourceState(ctx, s.ID)
	if err != nil {
		return connectors.SourceReading{}, nil, err
	}
	if state.Hash != s.Hash {
		state = SourceState{}
	}
	reading, err := e.reader.ReadSource(ctx, s, connectors.Validators{})
	if err != nil {
		return reading, nil, err
	}
	return reading, judge(&state, reading, false), nil
}

// attend sets or ends the attention.
func (s *SourceState) attend(issue *catalog.Issue, now time.Time) {
	switch {
	case issue == nil:
		s.Attention, s.Since = nil, time.Time{}
	case s.Attention == nil || s.Attention.Code != issue.Code:
		s.Attention, s.Since = issue, now
	default:
		s.Attention = issue
	}
}

// failed notes that there was no reading at all.
func (e *Engine) failed(s *SourceState, source connectors.SourceConfig, err error, now time.Time) {
	var failure *connectors.Error
	wait, code := time.Duration(0), ""
	if errors.As(err, &failure) {
		wait, code = failure.RetryAfter, failure.Code
	}
	s.NextAt = e.nextVisit(source, now, now.Add(source.Every))
	if wait > 0 {
		s.NotBefore = now.Add(wait)
		s.NextAt = s.NotBefore
	}
	cause := err.Error()
	switch connectors.KindOf(err) {
	case connectors.RateLimited:
		return // the site only wants to be read later
	case connectors.NotFound:
		s.attend(need("not_found", cause), now)
	case connectors.Validation:
		s.attend(need("unexpected", cause), now)
	case connectors.Fatal, connectors.Auth:
		s.Paused = true
		if _, told := attentions[code]; told {
			cause = "" // the words for it say it all
		}
		s.attend(need(cmp.Or(code, "failed"), cause), now)
	default:
		if s.Failures++; s.Failures >= failuresTold {
			s.attend(need("no_answer", cause), now)
		}
	}
}

// nextVisit is when a source is due again: by its cron expression when it has
// one, but not right after a visit out of turn, else when the reader says.
func (e *Engine) nextVisit(s connectors.SourceConfig, now, earliest time.Time) time.Time {
	if s.Schedule == "" {
		return earliest
	}
	schedule, err := cron.ParseStandard(s.Schedule)
	if err != nil {
		return earliest // ValidateCron refused it when the file was read
	}
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		zone = time.UTC
	}
	return offset{schedule, offsetOf(catalog.ChannelID(s.ID))}.Next(now.Add(connectors.MinEvery).In(zone)).UTC()
}
