package markettest

import (
	"context"
	"sync"
	"time"
)

// Clock is a simulated time for a guest: who waits until a moment makes it that
// moment at once, so that days pass in no time and every gap is still kept. It
// is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows t.
func NewClock(t time.Time) *Clock { return &Clock{now: t} }

// Now returns the simulated time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock to t, never backwards.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.now) {
		c.now = t
	}
}

// WaitUntil moves the clock to t.
func (c *Clock) WaitUntil(ctx context.Context, t time.Time) error {
	c.Set(t)
	return ctx.Err()
}
