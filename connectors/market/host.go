package market

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// host is what a guest remembers about one host, whatever the scheme and port.
// Its turn channel holds one token: whoever has it is the only one talking to the host
// and the only one touching the other fields.
type host struct {
	turn chan struct{}

	rules map[string]origin // by scheme and port
	delay time.Duration     // the longest Crawl-delay of them

	next     time.Time // no request before
	pause    time.Time // breaker: no request before, and callers do not wait
	failures int       // in a row

	day     string // of used
	used    int    // requests today
	badDay  string // the last day that ended without an answer worth having
	badDays int    // such days in a row
	seen    time.Time
}

// origin is the robots.txt of one scheme, host and port.
type origin struct {
	robots
	at time.Time
}

func newHost() *host {
	h := &host{turn: make(chan struct{}, 1), rules: make(map[string]origin, 1)}
	h.turn <- struct{}{}
	return h
}

// learn stores the rules of an origin.
func (h *host) learn(key string, rules robots, now time.Time) {
	h.rules[key] = origin{rules, now}
	h.delay = 0
	for _, o := range h.rules {
		h.delay = max(h.delay, o.delay)
	}
}

// originKey names the scheme and port that one robots.txt is for.
func originKey(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + ":" + port
}

// gap is the least time between two requests to the host.
func (h *host) gap(floor time.Duration) time.Duration {
	return max(floor, min(h.delay, maxCrawlDelay))
}

// budget is how many requests the host bears a day: the guest's own limit, or
// what its Crawl-delay leaves room for when that is more than can be waited.
func (h *host) budget(limit int) int {
	if h.delay > maxCrawlDelay {
		return min(limit, int(24*time.Hour/h.delay))
	}
	return limit
}

// succeed closes the breaker.
func (h *host) succeed() {
	h.failures, h.badDays, h.badDay, h.pause = 0, 0, "", time.Time{}
}

// fail opens the breaker for as long as the host asks, else for 1, 4 and then
// 16 minutes with jitter.
func (h *host) fail(now time.Time, retryAfter time.Duration) time.Duration {
	h.failures++
	if day := dayOf(now); h.badDay != day {
		h.badDay = day
		h.badDays++
	}
	wait := retryAfter
	if wait <= 0 {
		wait = time.Minute << (2 * min(h.failures-1, 2))
		wait += time.Duration(rand.Int64N(int64(wait / 4)))
	}
	h.pause = now.Add(min(wait, 24*time.Hour))
	return h.pause.Sub(now)
}

// vietnam is the zone of days, without needing the zone database.
var vietnam = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)

func dayOf(t time.Time) string { return t.In(vietnam).Format(time.DateOnly) }

// nextDay returns the start of the day after t's.
func nextDay(t time.Time) time.Time {
	y, m, d := t.In(vietnam).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, vietnam)
}

// systemClock is the time of this machine.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) WaitUntil(ctx context.Context, t time.Time) error {
	d := time.Until(t)
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retryAfter reads a Retry-After header, seconds or a date; 0 when there is
// none. It is at most 24 hours.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	var d time.Duration
	if seconds, err := strconv.ParseInt(v, 10, 32); err == nil {
		d = time.Duration(seconds) * time.Second
	} else if t, err := http.ParseTime(v); err == nil {
		d = t.Sub(now)
	}
	return max(min(d, 24*time.Hour), 0)
}

// maxAge reads how long a response stays fresh; 0 when it does not tell.
func maxAge(h http.Header) time.Duration {
	for _, part := range strings.Split(h.Get("Cache-Control"), ",") {
		key, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), "=")
		switch key {
		case "no-store", "no-cache":
			return 0
		case "max-age":
			if seconds, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 32); err == nil && seconds > 0 {
				return min(time.Duration(seconds)*time.Second, 7*24*time.Hour)
			}
		}
	}
	return 0
}

// NextVisit returns when a page that is to be read every so often is due
// again: not while the last answer is fresh, and spread over the period by the
// address, so that the pages of a host do not all come due together.
func NextVisit(last time.Time, every, fresh time.Duration, address string) time.Time {
	if every <= 0 {
		return last
	}
	f := fnv.New64a()
	f.Write([]byte(address))
	offset := time.Duration(f.Sum64() % uint64(every))
	// The next moment at this address's place in the period, at least half a
	// period away.
	due := last.Truncate(every).Add(offset)
	for due.Before(last.Add(every / 2)) {
		due = due.Add(every)
	}
	if earliest := last.Add(fresh); due.Before(earliest) {
		due = earliest
	}
	return due
}
