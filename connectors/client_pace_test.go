package connectors_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chophien/chophien/connectors"
)

// The calls are spread so that no more than Burst plus PerSecond times the time
// are sent, in units of cost.
func TestClientPacing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		protocol connectors.Protocol
		cost     float64
		calls    int
		took     time.Duration
	}{
		{"not paced", connectors.Protocol{}, 0, 1000, 0},
		{"burst, then the rate", connectors.Protocol{PerSecond: 2, Burst: 10}, 0, 30, 10 * time.Second},
		{"default burst", connectors.Protocol{PerSecond: 5}, 0, 25, 4 * time.Second},
		{"slow", connectors.Protocol{PerSecond: 0.5, Burst: 1}, 0, 4, 6 * time.Second},
		{"cost points", connectors.Protocol{PerSecond: 50, Burst: 100}, 20, 15, 4 * time.Second},
		{"a call above the burst leaves a debt", connectors.Protocol{PerSecond: 1, Burst: 10}, 15, 3, 30 * time.Second},
		{"the reserve is not for ordinary calls", connectors.Protocol{PerSecond: 1, Burst: 10, Reserve: 0.4}, 0, 8, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tt.protocol.Concurrency = 3
				c := newClient(tt.protocol, status(200))
				call := get
				call.Cost = tt.cost
				start := time.Now()
				var all sync.WaitGroup
				for range tt.calls {
					all.Go(func() {
						if _, err := c.Do(t.Context(), call); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if took := time.Since(start); (took - tt.took).Abs() > time.Millisecond {
					t.Errorf("%d calls took %s, want %s", tt.calls, took, tt.took)
				}
			})
		})
	}
}

// An urgent call passes a queue of ordinary ones, as far as the reserve goes.
func TestClientUrgentReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := newClient(connectors.Protocol{PerSecond: 0.1, Burst: 10, Reserve: 0.3, Concurrency: 2}, status(200))
		var ordinary sync.WaitGroup
		for range 50 {
			ordinary.Go(func() { _, _ = c.Do(ctx, get) })
		}
		synctest.Wait()
		if got := c.Calls(); got != 7 {
			t.Fatalf("%d ordinary calls were sent, want 7", got)
		}
		urgent := put
		urgent.Urgent = true
		start := time.Now()
		for range 3 {
			if _, err := c.Do(t.Context(), urgent); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("three urgent calls took %s, want none", took)
		}
		if _, err := c.Do(t.Context(), urgent); err != nil || time.Since(start) != 10*time.Second {
			t.Errorf("the fourth came after %s, %v; want 10s, at the rate", time.Since(start), err)
		}
		cancel()
		ordinary.Wait()
	})
}

func TestClientPacingBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(connectors.Protocol{PerSecond: 0.01, Burst: 1}, status(200))
		_, _ = c.Do(t.Context(), get)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Do(ctx, get)
		var e *connectors.Error
		if !errors.As(err, &e) || e.Kind != connectors.RateLimited || e.RetryAfter != 100*time.Second || time.Since(start) != 0 {
			t.Errorf("got %v after %s, want rate limited for 100s at once", err, time.Since(start))
		}
	})
}

func TestClientConcurrency(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 1, 3} {
		synctest.Test(t, func(t *testing.T) {
			var running, peak atomic.Int64
			c := newClient(connectors.Protocol{Concurrency: limit}, transport(func(*http.Request) (*http.Response, error) {
				peak.Store(max(peak.Load(), running.Add(1)))
				time.Sleep(time.Second)
				running.Add(-1)
				return answer(200, `{}`), nil
			}))
			start := time.Now()
			var all sync.WaitGroup
			for range 12 {
				all.Go(func() { _, _ = c.Do(t.Context(), get) })
			}
			all.Wait()
			want := int64(max(1, limit))
			if peak.Load() != want || time.Since(start) != time.Duration(12/want)*time.Second {
				t.Errorf("limit %d: peak %d, took %s", limit, peak.Load(), time.Since(start))
			}
		})
	}
}
