package market

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chophien/chophien/connectors"
)

// get fetches one page of a test's web.
func get(t *testing.T, g *Guest, address string) error {
	t.Helper()
	_, err := g.Get(t.Context(), Request{URL: address})
	return err
}

// TestRobotsAreReadAgainAfterADay lets a site change its mind.
func TestRobotsAreReadAgainAfterADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rules := "User-agent: *\nDisallow: /cart\n"
		r := &recorder{pages: map[string]http.HandlerFunc{
			"a.example/p":          text("page"),
			"a.example/robots.txt": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rules) },
		}}
		g := newTestGuest(t, r, nil)
		if err := get(t, g, "https://a.example/p"); err != nil {
			t.Fatal(err)
		}
		rules = "User-agent: *\nDisallow: /\n"
		time.Sleep(23 * time.Hour)
		if err := get(t, g, "https://a.example/p"); err != nil {
			t.Errorf("within a day: %v", err)
		}
		time.Sleep(time.Hour)
		kindOf(t, get(t, g, "https://a.example/p"), connectors.Fatal, ErrRobots)
		if n := r.count("/p"); n != 2 {
			t.Errorf("the page was fetched %d times, want 2", n)
		}
	})
}

// TestGapsDiffer proves that requests do not come like clockwork.
func TestGapsDiffer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{"a.example/p": text("page")}}
		g := newTestGuest(t, r, nil)
		for range 12 {
			if err := get(t, g, "https://a.example/p"); err != nil {
				t.Fatal(err)
			}
		}
		gaps := map[time.Duration]bool{}
		for i := 1; i < len(r.seen); i++ {
			gaps[r.seen[i].at.Sub(r.seen[i-1].at)] = true
		}
		if len(gaps) < 6 {
			t.Errorf("%d different gaps between 13 requests", len(gaps))
		}
	})
}

// TestSchemesShareAHost proves that https right after http waits too, and
// counts against the same budget.
func TestSchemesShareAHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{"a.example/p": text("page")}}
		g := newTestGuest(t, r, func(s *Settings) { s.Budget = 4 })
		for _, scheme := range []string{"http", "https"} {
			if err := get(t, g, scheme+"://a.example/p"); err != nil {
				t.Fatal(err)
			}
		}
		for i := 1; i < len(r.seen); i++ {
			if gap := r.seen[i].at.Sub(r.seen[i-1].at); gap < 5*time.Second {
				t.Errorf("request %d came %s after the one before", i, gap)
			}
		}
		kindOf(t, get(t, g, "http://a.example/p"), connectors.RateLimited, ErrBudget)
	})
}

// TestRetryAfterIsAtMostADay proves that a site cannot put itself off for
// ever, and that a date in the past is no wait.
func TestRetryAfterIsAtMostADay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-5": 0, "30": 30 * time.Second, "9999999": 24 * time.Hour,
		now.Add(time.Hour).Format(http.TimeFormat): time.Hour, now.Add(-time.Hour).Format(http.TimeFormat): 0, now.AddDate(1, 0, 0).Format(http.TimeFormat): 24 * time.Hour,
	} {
		if got := retryAfter(http.Header{"Retry-After": {header}}, now); got != want {
			t.Errorf("Retry-After %q: wait %s, want %s", header, got, want)
		}
	}
	if wait := newHost().fail(now, 300*time.Hour); wait != 24*time.Hour {
		t.Errorf("the breaker stays open for %s, want a day", wait)
	}
}

// TestAGoodAnswerClosesTheBreaker proves that failures are counted in a row.
func TestAGoodAnswerClosesTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := []int{500, 500, 200, 500}
		r := &recorder{pages: map[string]http.HandlerFunc{"a.example/p": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(answers[0])
			answers = answers[1:]
		}}}
		g := newTestGuest(t, r, nil)
		for i, want := range []time.Duration{time.Minute, 4 * time.Minute, 0, time.Minute} {
			err := get(t, g, "https://a.example/p")
			if want == 0 {
				if err != nil {
					t.Fatal(err)
				}
				continue
			}
			e := kindOf(t, err, connectors.Transient, nil)
			if e.RetryAfter < want || e.RetryAfter > want*5/4 {
				t.Errorf("answer %d: backs off %s, want about %s", i, e.RetryAfter, want)
			}
			time.Sleep(e.RetryAfter + time.Second)
		}
	})
}

// TestCancelInTheQueue cancels a caller that waits behind another one, which
// goes on.
func TestCancelInTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{"a.example/hang": text("late"), "a.example/p": text("page")}, hang: make(chan struct{})}
		g := newTestGuest(t, r, nil)
		first := make(chan error, 1)
		go func() { first <- get(t, g, "https://a.example/hang") }()
		time.Sleep(10 * time.Second) // robots.txt is read, the page hangs
		ctx, cancel := context.WithCancel(t.Context())
		second := make(chan error, 1)
		go func() {
			_, err := g.Get(ctx, Request{URL: "https://a.example/p"})
			second <- err
		}()
		time.Sleep(time.Second)
		begin := time.Now()
		cancel()
		kindOf(t, <-second, connectors.Canceled, nil)
		if took := time.Since(begin); took > time.Second {
			t.Errorf("took %s to stop", took)
		}
		close(r.hang)
		if err := <-first; err != nil {
			t.Errorf("the caller ahead: %v", err)
		}
	})
}

// endless is a body that never ends and counts what is taken from it.
type endless struct{ taken int }

func (e *endless) Read(b []byte) (int, error) {
	clear(b)
	e.taken += len(b)
	return len(b), nil
}

func (e *endless) Close() error { return nil }

// TestAnEndlessPageIsNotReadToItsEnd proves that no more than the limit is
// held, of a page and of a robots.txt.
func TestAnEndlessPageIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		robots, page := &endless{}, &endless{}
		g := newTestGuest(t, roundTrip(func(req *http.Request) (*http.Response, error) {
			body := io.ReadCloser(page)
			if req.URL.Path == "/robots.txt" {
				body = robots
			}
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: body, Request: req}, nil
		}), nil)
		kindOf(t, get(t, g, "https://a.example/p"), connectors.Fatal, ErrTooLarge)
		if page.taken > maxBody+1<<20 || robots.taken > maxRobots+1<<20 {
			t.Errorf("%d bytes of a page and %d of robots.txt were read", page.taken, robots.taken)
		}
	})
}

// TestRedirectToThisMachineIsRefused proves that a public page cannot send the
// guest into the private network: the guard asks at every dial.
func TestRedirectToThisMachineIsRefused(t *testing.T) {
	t.Parallel()
	touched := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { touched = true }))
	defer inside.Close()
	guarded := guardedTransport(false)
	g := newTestGuest(t, roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.URL.Host != "shop.example" {
			return guarded.RoundTrip(req)
		}
		w := httptest.NewRecorder()
		if req.URL.Path == "/robots.txt" {
			w.WriteHeader(http.StatusNotFound)
		} else {
			w.Header().Set("Location", inside.URL+req.URL.Path)
			w.WriteHeader(http.StatusFound)
		}
		return w.Result(), nil
	}), func(s *Settings) { s.Gap = time.Millisecond })
	for _, path := range []string{"/p", "/latest/meta-data/"} {
		kindOf(t, get(t, g, "https://shop.example"+path), connectors.Fatal, errPrivate)
	}
	if touched {
		t.Error("the server inside was asked")
	}
	for _, address := range []string{"http://shop.example:8080/", "https://shop.example:22/", "http://[::1]:6379/"} {
		open, err := NewGuest(Settings{Agent: "chophien/1 (+https://chophien.example)"})
		if err != nil {
			t.Fatal(err)
		}
		if err := get(t, open, address); err == nil || !strings.Contains(err.Error(), "only 80 and 443") {
			t.Errorf("%s: got %v, want a refusal of the port", address, err)
		}
	}
}

// TestTheAgentIsSentAndNoOther proves that the guest says who it is on every
// request, robots.txt and redirects included.
func TestTheAgentIsSentAndNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{"a.example/go": status(302, "Location", "https://b.example/p"), "b.example/p": text("page")}}
		if err := get(t, newTestGuest(t, r, nil), "https://a.example/go"); err != nil {
			t.Fatal(err)
		}
		if len(r.seen) != 4 {
			t.Fatalf("%d requests, want 4", len(r.seen))
		}
		for _, s := range r.seen {
			if got := s.head.Get("User-Agent"); got != "chophien/1 (+https://chophien.example)" {
				t.Errorf("%s%s: agent %q", s.host, s.path, got)
			}
			if s.head.Get("Cookie") != "" || s.head.Get("Referer") != "" {
				t.Errorf("%s%s: sent %v", s.host, s.path, s.head)
			}
		}
	})
}

// TestWhatIsRememberedOfHostsIsBounded proves that hosts of yesterday make room
// and that those being left alone do not.
func TestWhatIsRememberedOfHostsIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{"down.example/p": status(503, "Retry-After", "86400")}}
		g := newTestGuest(t, r, nil)
		kindOf(t, get(t, g, "https://down.example/p"), connectors.RateLimited, nil)
		for i := 1; len(g.hosts) < maxHosts; i++ {
			g.hosts[fmt.Sprintf("h%d.example", i)] = &host{turn: newHost().turn, seen: time.Now()}
		}
		if err := get(t, g, "https://new.example/p"); err == nil || !strings.Contains(err.Error(), "hosts in a day") {
			t.Errorf("got %v, want a refusal", err)
		}
		for _, h := range g.hosts {
			h.seen = h.seen.Add(-25 * time.Hour)
		}
		kindOf(t, get(t, g, "https://new.example/p"), connectors.NotFound, nil)
		if len(g.hosts) != 2 {
			t.Errorf("%d hosts are remembered, want the new one and the one left alone", len(g.hosts))
		}
		kindOf(t, get(t, g, "https://down.example/p"), connectors.RateLimited, ErrPaused)
	})
}
