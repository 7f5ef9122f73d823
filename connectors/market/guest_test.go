package market

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chophien/chophien/connectors"
)

// recorder is a web of hosts in memory that writes down every request with its
// time. It runs inside a synctest bubble, where real sockets cannot.
type recorder struct {
	mu    sync.Mutex
	pages map[string]http.HandlerFunc // by host and path
	seen  []seen
	hang  chan struct{}
}

type seen struct {
	at   time.Time
	host string
	path string
	head http.Header
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.seen = append(r.seen, seen{time.Now(), req.URL.Host, req.URL.RequestURI(), req.Header})
	page := r.pages[req.URL.Host+req.URL.Path]
	r.mu.Unlock()
	if r.hang != nil && req.URL.Path == "/hang" {
		select {
		case <-r.hang:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "text/html")
	if page == nil {
		w.WriteHeader(http.StatusNotFound)
	} else {
		page(w, req)
	}
	return w.Result(), nil
}

func (r *recorder) count(path string) int {
	n := 0
	for _, s := range r.seen {
		if s.path == path {
			n++
		}
	}
	return n
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

func newTestGuest(t *testing.T, transport http.RoundTripper, change func(*Settings)) *Guest {
	t.Helper()
	s := Settings{Agent: "chophien/1 (+https://chophien.example)", Transport: transport}
	if change != nil {
		change(&s)
	}
	g, err := NewGuest(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func kindOf(t *testing.T, err error, want connectors.Kind, cause error) *connectors.Error {
	t.Helper()
	var e *connectors.Error
	if !errors.As(err, &e) || e.Kind != want || cause != nil && !errors.Is(err, cause) {
		t.Fatalf("got error %v, want kind %s and cause %v", err, want, cause)
	}
	return e
}

// TestForbiddenPathsAreNeverFetched asks for forbidden pages directly, over a
// redirect on the same host and over one to another host.
func TestForbiddenPathsAreNeverFetched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{
			"a.example/robots.txt":  text("User-agent: *\nDisallow: /secret\nAllow: /secret/open$\n"),
			"a.example/go":          status(302, "Location", "/secret/page"),
			"a.example/away":        status(301, "Location", "https://b.example/hidden"),
			"a.example/secret/open": text("open"),
			"b.example/robots.txt":  text("User-agent: chophien\nDisallow: /hidden\n"),
			"b.example/hidden":      text("hidden"),
		}}
		g := newTestGuest(t, r, nil)
		for _, path := range []string{"/secret", "/secret/page?x=1", "/go", "/away"} {
			_, err := g.Get(t.Context(), Request{URL: "https://a.example" + path})
			kindOf(t, err, connectors.Fatal, ErrRobots)
		}
		if _, err := g.Get(t.Context(), Request{URL: "https://a.example/secret/open"}); err != nil {
			t.Errorf("allowed page: %v", err)
		}
		for _, s := range r.seen {
			if strings.HasPrefix(s.path, "/secret") && s.path != "/secret/open" || s.path == "/hidden" {
				t.Errorf("forbidden page %s%s was fetched", s.host, s.path)
			}
		}
		if r.seen[0].path != "/robots.txt" || r.count("/robots.txt") != 2 {
			t.Errorf("robots.txt was not asked for first and once per host: %v", r.seen)
		}
	})
}

// TestRobotsFailureForbidsAll proves that a 5xx or a lost robots.txt is not
// taken for permission, and that a 404 is.
func TestRobotsFailureForbidsAll(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		robots http.HandlerFunc
		ok     bool
	}{"500": {status(500), false}, "429": {status(429), false}, "404": {status(404), true}, "403": {status(403), true}, "redirected": {status(301, "Location", "/elsewhere"), true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{pages: map[string]http.HandlerFunc{"a.example/robots.txt": c.robots, "a.example/p": text("page")}}
				_, err := newTestGuest(t, r, nil).Get(t.Context(), Request{URL: "https://a.example/p"})
				if (err == nil) != c.ok {
					t.Errorf("got error %v, want allowed %v", err, c.ok)
				}
				if !c.ok && r.count("/p") > 0 {
					t.Error("the page was fetched")
				}
			})
		})
	}
}

// TestGapsAreKept lets many callers at two hosts, one with a Crawl-delay.
func TestGapsAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{
			"a.example/p": text("page"), "slow.example/p": text("page"),
			"slow.example/robots.txt": text("User-agent: *\nCrawl-delay: 20\n"),
		}}
		g := newTestGuest(t, r, nil)
		begin := time.Now()
		var all sync.WaitGroup
		for range 5 {
			for _, host := range []string{"a.example", "slow.example"} {
				all.Go(func() {
					if _, err := g.Get(t.Context(), Request{URL: "https://" + host + "/p"}); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		last := map[string]time.Time{}
		for _, s := range r.seen {
			least := map[string]time.Duration{"a.example": 5 * time.Second, "slow.example": 20 * time.Second}[s.host]
			if gap := s.at.Sub(last[s.host]); !last[s.host].IsZero() && gap < least {
				t.Errorf("%s%s came %s after the request before, want at least %s", s.host, s.path, gap, least)
			}
			last[s.host] = s.at
		}
		// http and https are one host, each with its own robots.txt.
		if _, err := g.Get(t.Context(), Request{URL: "http://a.example/p"}); err != nil {
			t.Error(err)
		}
		if n := len(r.seen); r.seen[n-2].path != "/robots.txt" || r.seen[n-1].at.Sub(r.seen[n-2].at) < 5*time.Second || r.seen[n-2].at.Sub(last["a.example"]) < 5*time.Second {
			t.Errorf("http after https: %v", r.seen[n-2:])
		}
		if took := time.Since(begin); took > 7*25*time.Second+15*time.Second {
			t.Errorf("hosts wait for each other: took %s", took)
		}
	})
}

// TestBudgetIsKept proves that a day's budget holds and opens again the next day.
func TestBudgetIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{"a.example/p": text("page"), "rare.example/p": text("page"), "rare.example/robots.txt": text("User-agent: *\nCrawl-delay: 43200\n")}}
		g := newTestGuest(t, r, func(s *Settings) { s.Budget = 4 })
		get := func(host string) error {
			_, err := g.Get(t.Context(), Request{URL: "https://" + host + "/p"})
			return err
		}
		for range 3 { // robots.txt is the first of the four
			if err := get("a.example"); err != nil {
				t.Fatal(err)
			}
		}
		e := kindOf(t, get("a.example"), connectors.RateLimited, ErrBudget)
		if len(r.seen) != 4 {
			t.Errorf("%d requests, want 4", len(r.seen))
		}
		time.Sleep(e.RetryAfter)
		if err := get("a.example"); err != nil {
			t.Errorf("next day: %v", err)
		}
		// A host that wants twelve hours between requests gets two a day.
		if err := get("rare.example"); err != nil {
			t.Fatal(err)
		}
		kindOf(t, get("rare.example"), connectors.RateLimited, ErrBudget)
	})
}

// TestConditionalGet proves that validators are sent and a 304 is used.
func TestConditionalGet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		page := func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("ETag", `"v1"`)
			w.Header().Set("Last-Modified", "Fri, 20 Nov 2026 01:00:00 GMT")
			w.Header().Set("Cache-Control", "public, max-age=3600")
			if req.Header.Get("If-None-Match") == `"v1"` || req.Header.Get("If-Modified-Since") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprint(w, "page")
		}
		r := &recorder{pages: map[string]http.HandlerFunc{"a.example/p": page}}
		g := newTestGuest(t, r, nil)
		first, err := g.Get(t.Context(), Request{URL: "https://a.example/p"})
		if err != nil || string(first.Body) != "page" || first.Fresh != time.Hour {
			t.Fatalf("got %+v, %v", first, err)
		}
		for _, q := range []Request{{ETag: first.ETag, LastModified: first.LastModified}, {LastModified: first.LastModified}} {
			q.URL = "https://a.example/p"
			again, err := g.Get(t.Context(), q)
			if err != nil || !again.NotModified || again.Body != nil {
				t.Errorf("got %+v, %v, want not modified", again, err)
			}
			last := r.seen[len(r.seen)-1].head
			if q.ETag != "" && (last.Get("If-None-Match") != q.ETag || last.Get("If-Modified-Since") != "") {
				t.Errorf("sent %v, want the ETag alone", last)
			}
		}
	})
}

// TestRetryAfterIsObeyed proves that nothing is asked before the time named,
// in both notations, and that the breaker backs off 1, 4 and 16 minutes.
func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		r := &recorder{pages: map[string]http.HandlerFunc{
			"a.example/p": func(w http.ResponseWriter, _ *http.Request) {
				if calls++; calls == 1 {
					status(429, "Retry-After", "1800")(w, nil)
				} else if calls == 2 {
					status(503, "Retry-After", time.Now().Add(2*time.Hour).UTC().Format(http.TimeFormat))(w, nil)
				} else {
					fmt.Fprint(w, "page")
				}
			},
			"down.example/p": status(502),
		}}
		g := newTestGuest(t, r, nil)
		for _, want := range []time.Duration{30 * time.Minute, 2 * time.Hour} {
			_, err := g.Get(t.Context(), Request{URL: "https://a.example/p"})
			e := kindOf(t, err, connectors.RateLimited, nil)
			if e.RetryAfter < want-2*time.Second || e.RetryAfter > want {
				t.Errorf("retry after %s, want %s", e.RetryAfter, want)
			}
			before := len(r.seen)
			time.Sleep(e.RetryAfter - time.Second)
			_, err = g.Get(t.Context(), Request{URL: "https://a.example/p"})
			kindOf(t, err, connectors.RateLimited, ErrPaused)
			if len(r.seen) != before {
				t.Error("asked before the time named")
			}
			time.Sleep(2 * time.Second)
		}
		if _, err := g.Get(t.Context(), Request{URL: "https://a.example/p"}); err != nil {
			t.Errorf("after the pause: %v", err)
		}
		for _, want := range []time.Duration{1, 4, 16, 16} {
			_, err := g.Get(t.Context(), Request{URL: "https://down.example/p"})
			e := kindOf(t, err, connectors.Transient, nil)
			if low := want * time.Minute; e.RetryAfter < low || e.RetryAfter > low*5/4 {
				t.Errorf("backs off %s, want about %s", e.RetryAfter, low)
			}
			time.Sleep(e.RetryAfter + time.Second)
		}
	})
}

// TestThreeBadDaysPause proves that a host without an answer on three days is
// left alone.
func TestThreeBadDaysPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{"a.example/p": status(500)}}
		g := newTestGuest(t, r, nil)
		for range 3 {
			_, err := g.Get(t.Context(), Request{URL: "https://a.example/p"})
			kindOf(t, err, connectors.Transient, nil)
			time.Sleep(24 * time.Hour)
		}
		before := len(r.seen)
		_, err := g.Get(t.Context(), Request{URL: "https://a.example/p"})
		kindOf(t, err, connectors.Fatal, ErrPaused)
		if len(r.seen) != before {
			t.Error("asked a host that was to be left alone")
		}
	})
}

// TestRefusalsAreRespected proves that a no is a no for the day.
func TestRefusalsAreRespected(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]http.HandlerFunc{
		"401": status(401), "403": status(403), "451": status(451),
		"challenge": text("<html><head><title>Just a moment...</title></head></html>"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{pages: map[string]http.HandlerFunc{"a.example/p": page}}
				g := newTestGuest(t, r, nil)
				_, err := g.Get(t.Context(), Request{URL: "https://a.example/p"})
				kindOf(t, err, connectors.Fatal, ErrRefused)
				before := len(r.seen)
				_, err = g.Get(t.Context(), Request{URL: "https://a.example/other"})
				kindOf(t, err, connectors.RateLimited, ErrPaused)
				if len(r.seen) != before {
					t.Error("asked again on the same day")
				}
			})
		})
	}
}

// TestCancelEndsWaits cancels while waiting for the gap, for the turn and for
// the answer.
func TestCancelEndsWaits(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/p", "/hang"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{pages: map[string]http.HandlerFunc{"a.example/p": text("page"), "a.example/hang": text("late")}, hang: make(chan struct{})}
				g := newTestGuest(t, r, nil)
				if _, err := g.Get(t.Context(), Request{URL: "https://a.example/p"}); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				var all sync.WaitGroup
				for range 3 {
					all.Go(func() {
						_, err := g.Get(ctx, Request{URL: "https://a.example" + path})
						kindOf(t, err, connectors.Canceled, nil)
					})
				}
				if path == "/hang" {
					time.Sleep(10 * time.Second)
				} else {
					time.Sleep(time.Second)
				}
				canceled := time.Now()
				cancel()
				all.Wait()
				if took := time.Since(canceled); took > time.Second {
					t.Errorf("took %s to stop", took)
				}
			})
		})
	}
}

// TestLimits proves the bounds on redirects, size after decompression, type
// and time.
func TestLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{pages: map[string]http.HandlerFunc{
			"a.example/loop": status(302, "Location", "/loop"),
			"a.example/pdf":  func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "application/pdf") },
			"a.example/big":  func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte("x"), maxBody+1)) },
			"a.example/hang": text("late"),
		}, hang: make(chan struct{})}
		g := newTestGuest(t, r, nil)
		for path, want := range map[string]error{"/loop": ErrRedirects, "/pdf": ErrNotHTML, "/big": ErrTooLarge} {
			_, err := g.Get(t.Context(), Request{URL: "https://a.example" + path})
			kindOf(t, err, connectors.Fatal, want)
		}
		if n := r.count("/loop"); n != maxRedirects+1 {
			t.Errorf("%d requests for a loop, want %d", n, maxRedirects+1)
		}
		begin := time.Now()
		_, err := g.Get(t.Context(), Request{URL: "https://a.example/hang"})
		kindOf(t, err, connectors.Transient, nil)
		if took := time.Since(begin); took > 40*time.Second {
			t.Errorf("took %s, want the time limit", took)
		}
		for _, address := range []string{"ftp://a.example/", "https://u:p@a.example/", "https:///x", "::"} {
			_, err := g.Get(t.Context(), Request{URL: address})
			kindOf(t, err, connectors.Fatal, nil)
			if strings.Contains(err.Error(), "u:p") {
				t.Errorf("error tells credentials: %v", err)
			}
		}
	})
}

// TestRealServer reads over a real connection: the guard refuses loopback, a
// small gzip that unpacks to more than the limit is refused too.
func TestRealServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/robots.txt" {
			http.NotFound(w, req)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write(bytes.Repeat([]byte("0"), maxBody+100))
		z.Close()
	}))
	defer server.Close()
	guarded := newTestGuest(t, nil, nil)
	guarded.anyPort = true
	_, err := guarded.Get(t.Context(), Request{URL: server.URL})
	kindOf(t, err, connectors.Fatal, errPrivate)
	open := newTestGuest(t, &http.Transport{}, func(s *Settings) { s.Gap = time.Millisecond })
	_, err = open.Get(t.Context(), Request{URL: server.URL + "/bomb"})
	kindOf(t, err, connectors.Fatal, ErrTooLarge)
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "100.127.255.255": false, "100.128.0.1": true, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "ff02::1": false, "::ffff:127.0.0.1": false, "::ffff:100.64.0.1": false, "::ffff:8.8.8.8": true,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::127.0.0.1": false,
	} {
		if got := publicAddr(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}

// TestManyHosts reads 100,000 pages of 1,000 hosts and measures what is kept.
func TestManyHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: 100,000 pages take some seconds")
	}
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		page := []byte(`<html><head><title>Mật ong</title></head><body><h1>Mật ong</h1><p class="price">180.000₫</p><button>Mua ngay</button></body></html>`)
		web := roundTrip(func(req *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			w.Header().Set("Content-Type", "text/html")
			if req.URL.Path == "/robots.txt" {
				fmt.Fprint(w, "User-agent: *\nDisallow: /cart\n")
			} else {
				w.Write(page)
			}
			return w.Result(), nil
		})
		g := newTestGuest(t, web, nil)
		var all sync.WaitGroup
		hosts := make(chan int)
		for range 16 {
			all.Go(func() {
				for h := range hosts {
					for k := range 100 {
						address := fmt.Sprintf("https://shop%d.example/p/%d", h, k)
						got, err := g.Get(t.Context(), Request{URL: address})
						if err != nil {
							t.Error(err)
							return
						}
						if r := ReadPage(got.Body, got.URL, got.ContentType); r.AmountMin != "180000" {
							t.Errorf("read %+v", r)
						}
					}
				}
			})
		}
		for h := range 1000 {
			hosts <- h
		}
		close(hosts)
		all.Wait()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > 100<<20 {
			t.Errorf("%d MB are kept", m.HeapAlloc>>20)
		}
		t.Logf("100,000 pages of 1,000 hosts: %d MB of heap kept, %d MB taken from the system", m.HeapAlloc>>20, m.Sys>>20)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestNextVisit(t *testing.T) {
	t.Parallel()
	last := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	spread := map[time.Time]bool{}
	for i := range 50 {
		address := fmt.Sprintf("https://a.example/%d", i)
		due := NextVisit(last, 12*time.Hour, time.Hour, address)
		if d := due.Sub(last); d < 6*time.Hour || d > 18*time.Hour {
			t.Errorf("due after %s", d)
		}
		if next := NextVisit(due, 12*time.Hour, 0, address); next.Sub(due) != 12*time.Hour {
			t.Errorf("then due after %s, want the same place in the period", next.Sub(due))
		}
		spread[due] = true
	}
	if len(spread) < 40 {
		t.Errorf("only %d different times", len(spread))
	}
	if due := NextVisit(last, time.Hour, 30*time.Hour, "x"); due.Sub(last) != 30*time.Hour {
		t.Errorf("due %s, want when the answer is no longer fresh", due.Sub(last))
	}
}
