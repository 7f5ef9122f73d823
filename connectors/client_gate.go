package connectors

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"
)

// gate decides when a call may be sent. Calls wait in two lanes, ordinary and
// urgent; only the head of each lane waits for budget and for a free slot, so
// an urgent call stands behind one ordinary call at most, however many wait.
// The budget is a token bucket whose floor is higher for ordinary calls.
//
// rate.Limiter is not used because it hands out the future: an urgent call
// would stand behind every reservation made before it.
type gate struct {
	rate, burst, reserve float64
	slots                chan struct{}
	ordinary, urgent     chan struct{}

	mu     sync.Mutex
	budget float64
	at     time.Time
}

func newGate(p Protocol) *gate {
	g := &gate{
		rate:     p.PerSecond,
		burst:    p.Burst,
		slots:    make(chan struct{}, p.Concurrency),
		ordinary: make(chan struct{}, 1),
		urgent:   make(chan struct{}, 1),
		at:       time.Now(),
	}
	if g.burst <= 0 {
		g.burst = max(1, g.rate)
	}
	g.reserve = g.burst * min(1, max(0, p.Reserve))
	g.budget = g.burst
	return g
}

// enter waits until a call may be sent and takes a slot, which leave gives
// back. Nothing was sent when it fails.
func (g *gate) enter(ctx context.Context, cost float64, urgent bool) *Error {
	lane := g.ordinary
	if urgent {
		lane = g.urgent
	}
	if cost <= 0 {
		cost = 1
	}
	select {
	case lane <- struct{}{}:
		defer func() { <-lane }()
	case <-ctx.Done():
		return canceled(ctx)
	}
	for {
		wait := g.take(cost, urgent)
		if wait == 0 {
			break
		}
		if deadline, ok := ctx.Deadline(); ok && wait > time.Until(deadline) {
			return &Error{Kind: RateLimited, RetryAfter: wait, Err: errors.New("our own pacing leaves no room before the deadline")}
		}
		if e := sleep(ctx, wait); e != nil {
			return e
		}
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return canceled(ctx)
	}
}

func (g *gate) leave() { <-g.slots }

// take pays for a call and returns 0, or returns how long the budget needs to
// grow and takes nothing.
func (g *gate) take(cost float64, urgent bool) time.Duration {
	if g.rate <= 0 {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	g.budget = min(g.burst, g.budget+g.rate*now.Sub(g.at).Seconds())
	g.at = now
	floor := g.reserve
	if urgent {
		floor = 0
	}
	need := floor + min(cost, g.burst-floor)
	if g.budget >= need {
		g.budget -= cost
		return 0
	}
	return time.Duration(math.Ceil((need - g.budget) / g.rate * float64(time.Second)))
}

// sleep waits, or fails when ctx ends first.
func sleep(ctx context.Context, d time.Duration) *Error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return canceled(ctx)
	}
}

// canceled is the error of a call whose caller gave up.
func canceled(ctx context.Context) *Error { return &Error{Kind: Canceled, Err: ctx.Err()} }
