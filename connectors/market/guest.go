package market

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/chophien/chophien/connectors"
)

// Limits of a guest.
const (
	maxBody       = 5 << 20 // after decompression
	maxRedirects  = 5
	maxCrawlDelay = time.Minute
	robotsFor     = 24 * time.Hour // how long a robots.txt is believed (RFC 9309 section 2.4)
	badDaysPause  = 3              // days without an answer after which a host is left alone
	maxHosts      = 20_000
)

// Reasons for refusing to fetch, wrapped in a [connectors.Error].
var (
	ErrRobots    = errors.New("robots.txt does not allow it")
	ErrRefused   = errors.New("the site refuses automatic readers")
	ErrBudget    = errors.New("the day's requests to this host are used up")
	ErrPaused    = errors.New("the host is left alone for a while")
	ErrTooLarge  = errors.New("the page is larger than 5 MB")
	ErrNotHTML   = errors.New("the answer is not a page")
	ErrRedirects = errors.New("too many redirects")
	errPrivate   = errors.New("the address is not public")
)

// Settings of a [Guest]. The zero value of a field takes the default.
type Settings struct {
	Agent   string        // "product/version (+https://contact)"; required
	Gap     time.Duration // least time between two requests to a host; default 5 s
	Budget  int           // requests a day to a host; default 200
	Timeout time.Duration // of one request; default 30 s
	// Loopback lets pages of this machine be read too, on any port. For tests
	// and the demo only.
	Loopback bool
	// Transport replaces the guarded one: private addresses and other ports
	// are then reachable. For tests on this machine only.
	Transport http.RoundTripper
	Clock     Clock // nil = the system's
}

// Clock is the time by which a guest paces itself. One that is not the system's
// lets days pass in a test or in the demo without leaving out a single wait.
type Clock interface {
	Now() time.Time
	// WaitUntil returns at t, at once when it is past, or with the context's
	// error when that ends first.
	WaitUntil(ctx context.Context, t time.Time) error
}

// Guest fetches pages and behaves: it asks robots.txt before every request and
// redirect, talks to a host one request at a time with a gap between them,
// keeps a daily budget, obeys Retry-After and leaves failing hosts alone. It
// is safe for concurrent use; callers for one host queue. What it remembers is
// bounded and lost with it; keep one Guest per process.
type Guest struct {
	settings Settings
	token    string
	client   *http.Client
	anyPort  bool

	mu    sync.Mutex
	hosts map[string]*host
}

// NewGuest returns a guest. It fails when the agent does not begin with a
// product token or names no contact.
func NewGuest(s Settings) (*Guest, error) {
	token := robotsToken(s.Agent)
	if token == "" || !strings.Contains(s.Agent, "(+http") {
		return nil, fmt.Errorf(`agent %q: must look like "product/version (+https://contact)"`, s.Agent)
	}
	if s.Gap <= 0 {
		s.Gap = 5 * time.Second
	}
	if s.Budget <= 0 {
		s.Budget = 200
	}
	if s.Timeout <= 0 {
		s.Timeout = 30 * time.Second
	}
	if s.Clock == nil {
		s.Clock = systemClock{}
	}
	g := &Guest{settings: s, token: token, hosts: make(map[string]*host)}
	transport := s.Transport
	g.anyPort = transport != nil || s.Loopback
	if transport == nil {
		transport = guardedTransport(s.Loopback)
	}
	g.client = &http.Client{
		Transport: transport,
		// Every redirect is a request of its own, asked for and paced.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return g, nil
}

// Request asks for one page. Of the validators of an earlier answer the ETag
// is preferred. Types are the media types wanted, HTML when empty.
type Request struct {
	URL          string
	ETag         string
	LastModified string
	Types        []string
}

// Response is a page as received. With NotModified the page is as it was and
// Body is nil.
type Response struct {
	URL          string // after redirects
	Status       int
	ContentType  string
	ETag         string
	LastModified string
	Fresh        time.Duration // how long the site says it stays as it is; 0 = not told
	NotModified  bool
	Body         []byte // decompressed, at most 5 MB
}

// Get fetches a page. Errors are [connectors.Error]: RateLimited with
// RetryAfter when the host has to be left alone until then (also for the
// budget), Fatal when the page may not be read, NotFound, Transient, Canceled.
func (g *Guest) Get(ctx context.Context, r Request) (*Response, error) {
	address := r.URL
	for hop := 0; hop <= maxRedirects; hop++ {
		u, err := url.Parse(address)
		if err == nil {
			err = checkURL(u, g.anyPort)
		}
		if err != nil {
			return nil, failure(connectors.Fatal, r.URL, fmt.Errorf("address: %w", err))
		}
		u.Fragment = ""
		answer, next, err := g.visit(ctx, u, r)
		if err != nil {
			return nil, err
		}
		if next == "" {
			return answer, nil
		}
		address = next
	}
	return nil, failure(connectors.Fatal, r.URL, ErrRedirects)
}

// visit makes one request, or finds the redirect it leads to.
func (g *Guest) visit(ctx context.Context, u *url.URL, r Request) (*Response, string, error) {
	h, err := g.host(u)
	if err != nil {
		return nil, "", failure(connectors.RateLimited, r.URL, err)
	}
	select {
	case <-h.turn:
		defer func() { h.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, "", failure(connectors.Canceled, r.URL, ctx.Err())
	}
	if err := g.readRobots(ctx, h, u); err != nil {
		return nil, "", err
	}
	if !h.rules[originKey(u)].allowed(u) {
		e := failure(connectors.Fatal, r.URL, ErrRobots)
		e.Hint = "ask the site, or take another source"
		return nil, "", e
	}
	req, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, "", failure(connectors.Fatal, r.URL, err)
	}
	accept := "text/html,application/xhtml+xml"
	if len(r.Types) > 0 {
		accept = strings.Join(r.Types, ",")
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Language", "vi,en;q=0.7")
	if r.ETag != "" {
		req.Header.Set("If-None-Match", r.ETag)
	} else if r.LastModified != "" {
		req.Header.Set("If-Modified-Since", r.LastModified)
	}
	resp, body, err := g.send(ctx, h, req, maxBody)
	if err != nil {
		return nil, "", err
	}
	return g.answer(h, u, r, resp, body)
}

// send waits for the host's turn in time and makes one request.
func (g *Guest) send(ctx context.Context, h *host, req *http.Request, limit int64) (*http.Response, []byte, error) {
	address := req.URL.String()
	now := g.settings.Clock.Now()
	if h.badDays >= badDaysPause && h.badDay != dayOf(now) {
		e := failure(connectors.Fatal, address, ErrPaused)
		e.Hint = "no answer on three days; check the source"
		return nil, nil, e
	}
	if now.Before(h.pause) {
		e := failure(connectors.RateLimited, address, ErrPaused)
		e.RetryAfter = h.pause.Sub(now)
		return nil, nil, e
	}
	if err := g.settings.Clock.WaitUntil(ctx, h.next); err != nil {
		return nil, nil, failure(connectors.Canceled, address, err)
	}
	now = g.settings.Clock.Now()
	if day := dayOf(now); h.day != day {
		h.day, h.used = day, 0
	}
	if h.used >= h.budget(g.settings.Budget) {
		e := failure(connectors.RateLimited, address, ErrBudget)
		e.RetryAfter = nextDay(now).Sub(now)
		return nil, nil, e
	}
	h.used++
	defer func() {
		gap := h.gap(g.settings.Gap)
		h.next = g.settings.Clock.Now().Add(gap + time.Duration(rand.Int64N(int64(gap)/4+1)))
	}()
	timed, cancel := context.WithTimeout(ctx, g.settings.Timeout)
	defer cancel()
	req.Header.Set("User-Agent", g.settings.Agent)
	resp, err := g.client.Do(req.WithContext(timed))
	var body []byte
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
		resp.Body.Close()
	}
	switch {
	case err == nil:
		return resp, body, nil
	case ctx.Err() != nil:
		return nil, nil, failure(connectors.Canceled, address, ctx.Err())
	case errors.Is(err, errPrivate):
		e := failure(connectors.Fatal, address, errPrivate)
		e.Hint = "name a page of the public web"
		return nil, nil, e
	}
	var where *url.Error
	if errors.As(err, &where) {
		err = where.Err // the address is told once, without its query
	}
	e := failure(connectors.Transient, address, err)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		e.Hint = "check the address"
	}
	e.RetryAfter = h.fail(g.settings.Clock.Now(), 0)
	return nil, nil, e
}

// answer classifies an answer and returns the page or the redirect's target.
func (g *Guest) answer(h *host, u *url.URL, r Request, resp *http.Response, body []byte) (*Response, string, error) {
	fail := func(kind connectors.Kind, err error) *connectors.Error {
		e := failure(kind, r.URL, err)
		e.Status = resp.StatusCode
		return e
	}
	now := g.settings.Clock.Now()
	switch code := resp.StatusCode; {
	case code == http.StatusNotModified:
		h.succeed()
		return g.response(u, resp, nil), "", nil
	case code >= 300 && code < 400:
		h.succeed()
		target, err := u.Parse(resp.Header.Get("Location"))
		if err != nil || resp.Header.Get("Location") == "" {
			return nil, "", fail(connectors.Fatal, errors.New("redirect without a usable target"))
		}
		return nil, target.String(), nil
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusUnavailableForLegalReasons, isChallenge(resp, body):
		e := fail(connectors.Fatal, ErrRefused)
		e.Hint = "the site says no; take another source"
		h.pause = nextDay(now)
		return nil, "", e
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		e := fail(connectors.RateLimited, nil)
		e.RetryAfter = h.fail(now, retryAfter(resp.Header, now))
		return nil, "", e
	case code == http.StatusNotFound, code == http.StatusGone:
		h.succeed()
		return nil, "", fail(connectors.NotFound, nil)
	case code >= 500:
		e := fail(connectors.Transient, nil)
		e.RetryAfter = h.fail(now, 0)
		return nil, "", e
	case code != http.StatusOK:
		return nil, "", fail(connectors.Fatal, errors.New("unexpected answer"))
	}
	h.succeed()
	if len(body) > maxBody {
		return nil, "", fail(connectors.Fatal, ErrTooLarge)
	}
	if !wanted(resp.Header.Get("Content-Type"), r.Types) {
		e := fail(connectors.Fatal, ErrNotHTML)
		e.Code = resp.Header.Get("Content-Type")
		return nil, "", e
	}
	return g.response(u, resp, body), "", nil
}

func (g *Guest) response(u *url.URL, resp *http.Response, body []byte) *Response {
	return &Response{
		URL: u.String(), Status: resp.StatusCode, ContentType: resp.Header.Get("Content-Type"),
		ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified"),
		Fresh: maxAge(resp.Header), NotModified: resp.StatusCode == http.StatusNotModified, Body: body,
	}
}

// wanted tells whether a media type was asked for; an absent one is taken for HTML.
func wanted(contentType string, types []string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	if len(types) == 0 {
		return media == "text/html" || media == "application/xhtml+xml"
	}
	for _, t := range types {
		if t == media {
			return true
		}
	}
	return false
}

// isChallenge tells a page that wants to know whether a person is reading.
func isChallenge(resp *http.Response, body []byte) bool {
	if resp.Header.Get("Cf-Mitigated") == "challenge" {
		return true
	}
	if len(body) > 64<<10 {
		return false
	}
	head := string(body)
	for _, mark := range []string{"/cdn-cgi/challenge-platform/", "geo.captcha-delivery.com", `id="px-captcha"`, "<title>Just a moment...</title>", "_Incapsula_Resource"} {
		if strings.Contains(head, mark) {
			return true
		}
	}
	return false
}

// readRobots reads a host's robots.txt when it is not known or too old. Its
// redirects are followed up to five times without asking further robots.txt.
func (g *Guest) readRobots(ctx context.Context, h *host, u *url.URL) error {
	now := g.settings.Clock.Now()
	if known, ok := h.rules[originKey(u)]; ok && now.Sub(known.at) < robotsFor {
		return nil
	}
	target := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	rules := robots{}
	for hop := 0; ; hop++ {
		req, err := http.NewRequest(http.MethodGet, target.String(), nil)
		if err != nil {
			return failure(connectors.Fatal, u.String(), err)
		}
		resp, body, err := g.send(ctx, h, req, maxRobots)
		if err != nil {
			return err // not known, so nothing is fetched; the breaker paces the next try
		}
		code := resp.StatusCode
		if code >= 300 && code < 400 && hop < maxRedirects {
			if next, err := target.Parse(resp.Header.Get("Location")); err == nil && checkURL(next, g.anyPort) == nil {
				target = next
				continue
			}
		}
		switch {
		case code == http.StatusTooManyRequests || code >= 500:
			// Everything is forbidden until the file can be read.
			e := failure(connectors.RateLimited, u.String(), fmt.Errorf("robots.txt cannot be read, so nothing is: %w", ErrRobots))
			e.Status = code
			e.RetryAfter = h.fail(now, retryAfter(resp.Header, now))
			return e
		case code >= 200 && code < 300:
			rules = parseRobots(body, g.token)
		}
		break // 3xx too often and 4xx: no rules
	}
	before := h.gap(g.settings.Gap)
	h.learn(originKey(u), rules, g.settings.Clock.Now())
	h.next = h.next.Add(h.gap(g.settings.Gap) - before)
	return nil
}

// host returns what is remembered of a URL's host.
func (g *Guest) host(u *url.URL) (*host, error) {
	key := strings.ToLower(u.Hostname())
	now := g.settings.Clock.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	h, ok := g.hosts[key]
	if !ok {
		if len(g.hosts) >= maxHosts {
			g.forget(now)
		}
		if len(g.hosts) >= maxHosts {
			return nil, fmt.Errorf("more than %d hosts in a day", maxHosts)
		}
		h = newHost()
		g.hosts[key] = h
	}
	h.seen = now
	return h, nil
}

// forget drops the hosts not asked for since yesterday: their budget and their
// robots.txt start anew anyway. A host whose breaker is open stays.
func (g *Guest) forget(now time.Time) {
	for key, h := range g.hosts {
		if now.Sub(h.seen) < 24*time.Hour {
			continue
		}
		select {
		case <-h.turn:
			if now.After(h.pause) && h.badDays < badDaysPause {
				delete(g.hosts, key)
			}
			h.turn <- struct{}{}
		default: // in use
		}
	}
}

// failure makes an error that names the page without its query, which may
// hold what is not for logs.
func failure(kind connectors.Kind, address string, err error) *connectors.Error {
	if u, parseErr := url.Parse(address); parseErr == nil {
		u.RawQuery, u.Fragment, u.User = "", "", nil
		address = u.String()
	} else {
		address = "page"
	}
	return &connectors.Error{Kind: kind, Op: "read " + address, Err: err}
}
