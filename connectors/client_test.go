package connectors_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/connectors"
)

// transport answers without a network, so that time can be faked.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// script answers with one step after the other, the last one for ever.
func script(steps ...transport) transport {
	var n atomic.Int64
	return func(r *http.Request) (*http.Response, error) {
		return steps[min(int(n.Add(1))-1, len(steps)-1)](r)
	}
}

func status(code int, header ...string) transport {
	return func(*http.Request) (*http.Response, error) { return answer(code, `{"ok":true}`, header...), nil }
}

func body(text string, header ...string) transport {
	return func(*http.Request) (*http.Response, error) { return answer(200, text, header...), nil }
}

func fails(err error) transport {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

var (
	reset   = fails(&net.OpError{Op: "read", Err: errors.New("connection reset")})
	refused = fails(&net.OpError{Op: "dial", Err: errors.New("connection refused")})
)

func newClient(protocol connectors.Protocol, rt http.RoundTripper) *connectors.Client {
	if protocol.BaseURL == "" {
		protocol.BaseURL = "https://shop.example/api"
	}
	return connectors.NewClient("vn-main", protocol, connectors.ClientDeps{Transport: rt})
}

var (
	get  = connectors.Call{Op: "list", Path: "/items"}
	post = connectors.Call{Op: "create", Method: http.MethodPost, Path: "/items", Body: map[string]int{"a": 1}}
	put  = connectors.Call{Op: "set", Method: http.MethodPut, Path: "/items/1", Body: map[string]int{"a": 1}, Repeatable: true}
)

func with(call connectors.Call, out any) connectors.Call {
	call.Out = out
	return call
}

// What is sent again, what is lost, and of which kind the error is.
func TestClientRetries(t *testing.T) {
	t.Parallel()
	var out map[string]any
	tests := []struct {
		name  string
		call  connectors.Call
		steps []transport
		kind  connectors.Kind
		lost  bool
		calls int64
	}{
		{"read, 500 once", get, []transport{status(500), status(200)}, "", false, 2},
		{"read, 500 always", get, []transport{status(500)}, connectors.Transient, false, 4},
		{"read, reset once", get, []transport{reset, status(200)}, "", false, 2},
		{"read, 400", get, []transport{status(400)}, connectors.Validation, false, 1},
		{"read, 401", get, []transport{status(401)}, connectors.Auth, false, 1},
		{"read, 403", get, []transport{status(403)}, connectors.Auth, false, 1},
		{"read, 404", get, []transport{status(404)}, connectors.NotFound, false, 1},
		{"read, 408 once", get, []transport{status(408), status(200)}, "", false, 2},
		{"read, 409", get, []transport{status(409)}, connectors.Clash, false, 1},
		{"read, 418", get, []transport{status(418)}, connectors.Unclear, false, 1},
		{"read, 422", get, []transport{status(422)}, connectors.Validation, false, 1},
		{"read, 425 once", get, []transport{status(425), status(200)}, "", false, 2},
		{"read, 429 always", get, []transport{status(429)}, connectors.RateLimited, false, 4},
		{"write, 500", post, []transport{status(500), status(200)}, connectors.Transient, true, 1},
		{"write, 503 with Retry-After", post, []transport{status(503, "Retry-After", "5"), status(200)}, connectors.Transient, true, 1},
		{"write, 429 once", post, []transport{status(429), status(200)}, "", false, 2},
		{"write, 408 once", post, []transport{status(408), status(200)}, "", false, 2},
		{"write, 400", post, []transport{status(400), status(200)}, connectors.Validation, false, 1},
		{"write, reset", post, []transport{reset, status(200)}, connectors.Transient, true, 1},
		{"write, dial refused once", post, []transport{refused, status(200)}, "", false, 2},
		{"write, dial refused always", post, []transport{refused}, connectors.Transient, false, 4},
		{"repeatable write, reset once", put, []transport{reset, status(200)}, "", false, 2},
		{"repeatable write, 500 always", put, []transport{status(500)}, connectors.Transient, true, 4},
		{"repeatable write, reset then refused by the shop", put, []transport{reset, status(400)}, connectors.Validation, true, 2},
		{"read, web page", with(get, &out), []transport{body("<html>")}, connectors.Transient, false, 4},
		{"read, cut off once", with(get, &out), []transport{body(`{"a":`), body(`{"a":1}`)}, "", false, 2},
		{"read, wrong type", with(get, &out), []transport{body(`[1]`)}, connectors.Unclear, false, 1},
		{"write, web page", with(post, &out), []transport{body("<html>"), body(`{}`)}, connectors.Transient, true, 1},
		{"write without Out, web page", post, []transport{body("<!DOCTYPE html>", "Content-Type", "text/html"), body(`{}`)}, connectors.Transient, true, 1},
		{"write without Out, cut off", post, []transport{body(`{"a":`), body(`{}`)}, connectors.Transient, true, 1},
		{"write, empty answer", with(post, &out), []transport{body("")}, connectors.Transient, true, 1},
		{"write, no content", with(post, &out), []transport{status(204)}, "", false, 1},
		{"write, wrong type", with(post, &out), []transport{body(`[1]`)}, connectors.Unclear, true, 1},
		{"write, 301", post, []transport{status(301, "Location", "/new")}, connectors.Fatal, false, 1},
		{"write, 303", post, []transport{status(303, "Location", "/done")}, connectors.Fatal, true, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(connectors.Protocol{}, script(tt.steps...))
				_, err := c.Do(t.Context(), tt.call)
				if got := connectors.KindOf(err); got != tt.kind {
					t.Errorf("kind = %q (%v), want %q", got, err, tt.kind)
				}
				if got := connectors.IsLost(err); got != tt.lost {
					t.Errorf("lost = %t, want %t", got, tt.lost)
				}
				if got := c.Calls(); got != tt.calls {
					t.Errorf("calls = %d, want %d", got, tt.calls)
				}
			})
		})
	}
}

// Retry-After is waited for when that is bearable, and given back otherwise.
func TestClientRetryAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		header  func() string
		timeout time.Duration
		waits   bool
		after   time.Duration
	}{
		{"seconds", func() string { return "30" }, 0, true, 30 * time.Second},
		{"date", func() string { return time.Now().Add(40 * time.Second).UTC().Format(http.TimeFormat) }, 0, true, 40 * time.Second},
		{"beyond two minutes", func() string { return "3600" }, 0, false, time.Hour},
		{"beyond the deadline", func() string { return "30" }, 20 * time.Second, false, 30 * time.Second},
		{"absurd", func() string { return "999999999999" }, 0, false, 30 * 24 * time.Hour},
		{"in the past", func() string { return "Mon, 02 Jan 1995 15:04:05 GMT" }, 0, true, 0},
		{"nonsense", func() string { return "soon" }, 0, true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				c := newClient(connectors.Protocol{}, script(status(429, "Retry-After", tt.header()), status(200)))
				start := time.Now()
				_, err := c.Do(ctx, get)
				took := time.Since(start)
				if tt.waits {
					if err != nil || took < tt.after || took > tt.after+time.Second {
						t.Errorf("took %s, %v; want a pause of %s", took, err, tt.after)
					}
					return
				}
				var e *connectors.Error
				if !errors.As(err, &e) || e.Kind != connectors.RateLimited || e.RetryAfter != tt.after || took != 0 {
					t.Errorf("took %s, got %#v; want rate limited for %s at once", took, e, tt.after)
				}
			})
		})
	}
}

func TestClientRetryAfterByThePlatformsClock(t *testing.T) {
	t.Parallel()
	c := newClient(connectors.Protocol{}, status(429, "Date", "Mon, 23 Nov 2020 10:00:00 GMT", "Retry-After", "Mon, 23 Nov 2020 11:00:00 GMT"))
	_, err := c.Do(t.Context(), get)
	var e *connectors.Error
	if !errors.As(err, &e) || e.RetryAfter != time.Hour {
		t.Errorf("got %#v, want an hour", e)
	}
}

// A timeout of an attempt is the network's fault; the end of the caller's
// context is not a failure. Either way a write may have been carried out.
func TestClientTimeouts(t *testing.T) {
	t.Parallel()
	hang := transport(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	tests := []struct {
		name     string
		call     connectors.Call
		deadline time.Duration // of the caller
		rt       transport
		kind     connectors.Kind
		lost     bool
		took     time.Duration
	}{
		{"attempt, read", get, 0, script(hang, status(200)), "", false, 10 * time.Second},
		{"attempt, write", post, 0, hang, connectors.Transient, true, 10 * time.Second},
		{"caller, read", get, 5 * time.Second, hang, connectors.Canceled, false, 5 * time.Second},
		{"caller, write", post, 5 * time.Second, hang, connectors.Canceled, true, 5 * time.Second},
		{"caller, while pausing after a lost write", put, 11 * time.Second,
			script(hang, status(429, "Retry-After", "1"), hang), connectors.Canceled, true, 11 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithCancel(ctx)
					defer cancel()
					time.AfterFunc(tt.deadline, cancel)
				}
				start := time.Now()
				_, err := newClient(connectors.Protocol{Timeout: 10 * time.Second}, tt.rt).Do(ctx, tt.call)
				if connectors.KindOf(err) != tt.kind || connectors.IsLost(err) != tt.lost {
					t.Errorf("got %q, lost %t (%v); want %q, %t", connectors.KindOf(err), connectors.IsLost(err), err, tt.kind, tt.lost)
				}
				if took := time.Since(start); took < tt.took || took > tt.took+time.Second {
					t.Errorf("took %s, want %s", took, tt.took)
				}
			})
		})
	}
}

func TestClientCanceledBeforeSending(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := newClient(connectors.Protocol{PerSecond: 0.001, Burst: 0.5}, status(200))
	_, _ = c.Do(t.Context(), get) // spends the budget
	_, err := c.Do(ctx, post)
	if connectors.KindOf(err) != connectors.Canceled || connectors.IsLost(err) || c.Calls() != 1 {
		t.Errorf("got %v after %d calls, want canceled and not lost after 1", err, c.Calls())
	}
}

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

// Every failed attempt is signed anew and told to the metrics.
func TestClientSignsAndCountsEveryAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		var seen []connectors.CallStats
		c := connectors.NewClient("vn-main", connectors.Protocol{
			BaseURL: "https://shop.example/api/",
			Sign: func(r *http.Request, body []byte, _ connectors.Token) error {
				r.Header.Add("X-Sign", fmt.Sprint(len(bodies)))
				bodies = append(bodies, string(body))
				return nil
			},
		}, connectors.ClientDeps{
			Transport: script(status(502), func(r *http.Request) (*http.Response, error) {
				sent, _ := io.ReadAll(r.Body)
				if string(sent) != "a=1" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" ||
					r.URL.String() != "https://shop.example/api/items?x=1&y=%C4%91" || r.Header.Get("X-Sign") != "1" {
					t.Errorf("sent %q to %s with %v", sent, r.URL, r.Header)
				}
				return answer(200, `{}`), nil
			}),
			Observe: func(s connectors.CallStats) { s.Duration = 0; seen = append(seen, s) },
		})
		_, err := c.Do(t.Context(), connectors.Call{Op: "set", Method: http.MethodPut, Path: "items?x=1", Query: url.Values{"y": {"đ"}},
			Body: url.Values{"a": {"1"}}, Repeatable: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a=1", "a=1"}, bodies); diff != "" {
			t.Errorf("signed bodies (-want +got):\n%s", diff)
		}
		want := []connectors.CallStats{
			{Channel: "vn-main", Op: "set", Method: "PUT", Status: 502, Kind: connectors.Transient, Attempt: 1, Lost: true},
			{Channel: "vn-main", Op: "set", Method: "PUT", Status: 200, Attempt: 2},
		}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("stats (-want +got):\n%s", diff)
		}
	})
}

func TestClientClassify(t *testing.T) {
	t.Parallel()
	shared := &connectors.Error{Kind: connectors.Validation, Code: "title_too_long"}
	c := newClient(connectors.Protocol{Classify: func(r connectors.Response) error {
		switch {
		case bytes.Contains(r.Body, []byte("no")):
			return shared
		case r.Status == 500:
			return &connectors.Error{Kind: connectors.Validation, Code: "refund"}
		}
		return nil
	}}, script(body(`{"no":1}`, "X-Request-Id", "7f3"), status(500), status(404)))
	_, err := c.Do(t.Context(), post)
	if got, want := fmt.Sprint(err), "channel vn-main: create: validation (HTTP 200, title_too_long, request 7f3)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if shared.Channel != "" {
		t.Error("the classifier's shared error was changed")
	}
	// The platform's own code makes a 500 definite.
	if _, err := c.Do(t.Context(), post); connectors.KindOf(err) != connectors.Validation || connectors.IsLost(err) {
		t.Errorf("a 500 that Classify knows: got %v, lost %t", err, connectors.IsLost(err))
	}
	if _, err := c.Do(t.Context(), post); connectors.KindOf(err) != connectors.NotFound {
		t.Errorf("a 404 that it does not know: got %v", err)
	}
}

func TestClientBadCalls(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		base string
		call connectors.Call
		want string
	}{
		{"no base", "shop.example", get, "channel vn-main: list: base address is not an http or https address; check the channel's address"},
		{"other host", "https://shop.example", connectors.Call{Op: "next", Path: "https://other.example/?key=s3cret"},
			"channel vn-main: next: address on host other.example, but the channel's is shop.example"},
		{"less safe", "https://shop.example", connectors.Call{Op: "next", Path: "http://shop.example/page/2"},
			"channel vn-main: next: address on host shop.example, but the channel's is shop.example"},
		{"bad path", "https://shop.example", connectors.Call{Op: "next", Path: "/a%zz?key=s3cret"}, "channel vn-main: next: path does not make a valid address"},
		{"bad body", "https://shop.example", connectors.Call{Op: "set", Method: "PUT", Path: "/a", Body: func() {}},
			"channel vn-main: set: body of type func() cannot be written as JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(connectors.Protocol{BaseURL: tt.base}, status(200))
			_, err := c.Do(t.Context(), tt.call)
			if fmt.Sprint(err) != tt.want || connectors.KindOf(err) != connectors.Fatal || c.Calls() != 0 {
				t.Errorf("got %q (%s) after %d calls, want %q", err, connectors.KindOf(err), c.Calls(), tt.want)
			}
		})
	}
}

func TestClientDecodes(t *testing.T) {
	t.Parallel()
	const page = "channel vn-main: list: the shop answered with a web page instead of data (HTTP 200); " +
		"check the channel's address, and whether a firewall, a maintenance page or a plugin's notice stands before the shop"
	type item struct {
		Name string `json:"name"`
	}
	tests := []struct {
		name, body, contentType, want string // want "" = success
	}{
		{"good", `{"items":[{"name":"Chè"}]}`, "application/json", ""},
		{"byte order mark and blanks", "\ufeff \n{\"items\":[{\"name\":\"Chè\"}]}\n", "application/json", ""},
		{"served as HTML", `{"items":[{"name":"Chè"}]}`, "text/html", ""},
		{"cut off", `{"items":[{"na`, "application/json", "channel vn-main: list: the answer is cut off after 14 bytes (HTTP 200)"},
		{"empty", " ", "application/json", "channel vn-main: list: the answer is empty, JSON was expected (HTTP 200)"},
		{"page", "<!DOCTYPE html><html>", "text/html", page},
		{"page served as JSON", " <html>", "application/json", page},
		{"notice before the data", `<br /><b>Notice</b>: x<br />{"items":[]}`, "application/json", page},
		{"text", "sorry", "text/plain", "channel vn-main: list: the answer is not JSON, from byte 1 on (HTTP 200)"},
		{"two documents", `{}{}`, "application/json", "channel vn-main: list: the answer is not JSON, from byte 3 on (HTTP 200)"},
		{"wrong type", `{"items":[{"name":912345678}]}`, "application/json",
			`channel vn-main: list: the answer has a number in "items.name" where string is expected (HTTP 200)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(connectors.Protocol{Attempts: 1}, body(tt.body, "Content-Type", tt.contentType))
			var out struct {
				Items []item `json:"items"`
			}
			_, err := c.Do(t.Context(), with(get, &out))
			switch {
			case tt.want == "" && (err != nil || len(out.Items) != 1 || out.Items[0].Name != "Chè"):
				t.Errorf("got %v, %v", out, err)
			case tt.want != "" && fmt.Sprint(err) != tt.want:
				t.Errorf("got %q, want %q", err, tt.want)
			}
		})
	}
}

// Over a real connection.

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestClientBodyLimit(t *testing.T) {
	t.Parallel()
	pack := func(w io.Writer, n int) {
		packed := gzip.NewWriter(w)
		_, _ = packed.Write(bytes.Repeat([]byte(" "), n))
		_ = packed.Close()
	}
	for name, handler := range map[string]http.HandlerFunc{
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1000)); err != nil {
					return
				}
			}
		},
		"packed, as asked for": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			pack(w, 1<<20)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(connectors.Protocol{BaseURL: serve(t, handler), MaxBody: 5000}, nil)
			var out any
			response, err := c.Do(t.Context(), with(get, &out))
			if fmt.Sprint(err) != "channel vn-main: list: answer is larger than 5000 bytes (HTTP 200)" || len(response.Body) > 0 {
				t.Errorf("got %d bytes, %v", len(response.Body), err)
			}
			if c.Calls() != 1 {
				t.Errorf("sent %d times, want once", c.Calls())
			}
		})
	}
}

func TestClientUnpacksGzip(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		_, _ = packed.Write([]byte(`{"name":"Mật ong"}`))
		_ = packed.Close()
	})
	// With the header set by hand the transport leaves the unpacking to us.
	for _, header := range []http.Header{nil, {"Accept-Encoding": {"gzip"}}} {
		var out struct{ Name string }
		call := with(get, &out)
		call.Header = header
		if _, err := newClient(connectors.Protocol{BaseURL: base}, nil).Do(t.Context(), call); err != nil || out.Name != "Mật ong" {
			t.Errorf("header %v: got %q, %v", header, out.Name, err)
		}
	}
}

func TestClientRedirects(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	other := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) })
	var signed atomic.Int64
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/other":
			http.Redirect(w, r, other+"/?key=s3cret", http.StatusMovedPermanently)
		case "/same":
			http.Redirect(w, r, "/there?page=2", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		default:
			_, _ = io.WriteString(w, `{"path":"`+r.URL.String()+`","sign":"`+r.Header.Get("X-Sign")+`"}`)
		}
	})
	c := newClient(connectors.Protocol{BaseURL: base, Sign: func(r *http.Request, _ []byte, _ connectors.Token) error {
		signed.Add(1)
		r.Header.Set("X-Sign", r.URL.Path)
		return nil
	}}, nil)
	var out struct{ Path, Sign string }
	if _, err := c.Do(t.Context(), connectors.Call{Op: "same", Path: "/same", Out: &out}); err != nil || out.Path != "/there?page=2" || out.Sign != "/there" {
		t.Errorf("same host: got %+v, %v", out, err)
	}
	_, err := c.Do(t.Context(), connectors.Call{Op: "other", Path: "/other"})
	want := fmt.Sprintf("channel vn-main: other: redirected from %s to %s, which is not followed (HTTP 301); check the channel's address", base, other)
	if fmt.Sprint(err) != want || elsewhere.Load() != 0 {
		t.Errorf("got %q and %d calls elsewhere, want %q and none", err, elsewhere.Load(), want)
	}
	if _, err := c.Do(t.Context(), connectors.Call{Op: "loop", Path: "/loop"}); connectors.KindOf(err) != connectors.Fatal {
		t.Errorf("a loop: got %v", err)
	}
	down := newClient(connectors.Protocol{}, status(301, "Location", "http://shop.example/items"))
	if _, err := down.Do(t.Context(), get); connectors.KindOf(err) != connectors.Fatal || down.Calls() != 1 {
		t.Errorf("from https to http: got %v after %d calls", err, down.Calls())
	}
	up := newClient(connectors.Protocol{BaseURL: "http://shop.example"}, script(status(301, "Location", "https://shop.example/items"), status(200)))
	if _, err := up.Do(t.Context(), get); err != nil || up.Calls() != 2 {
		t.Errorf("from http to https: got %v after %d calls", err, up.Calls())
	}
}

// A connection that is cut leaves a write open; one that never was does not.
func TestClientBrokenConnections(t *testing.T) {
	t.Parallel()
	cut := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	})
	short := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"a":1}`)
	})
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, tt := range map[string]struct {
		base string
		lost bool
		text string
	}{
		"cut":     {cut, true, "connection closed before the answer was complete"},
		"short":   {short, true, "connection closed before the answer was complete"},
		"refused": {closed.URL, false, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(connectors.Protocol{BaseURL: tt.base, Attempts: 1}, nil)
			_, err := c.Do(t.Context(), post)
			if connectors.KindOf(err) != connectors.Transient || connectors.IsLost(err) != tt.lost || !strings.Contains(fmt.Sprint(err), tt.text) {
				t.Errorf("got %v, lost %t; want %q, %t", err, connectors.IsLost(err), tt.text, tt.lost)
			}
		})
	}
}

func TestClientParallel(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"n":"`+r.URL.Query().Get("n")+`"}`)
	})
	c := newClient(connectors.Protocol{BaseURL: base, PerSecond: 1e6, Concurrency: 8, Sign: func(r *http.Request, _ []byte, token connectors.Token) error {
		r.Header.Set("X-Token", token.AccessToken)
		return nil
	}, Refresh: func(context.Context, connectors.Token) (connectors.Token, error) {
		return connectors.Token{AccessToken: "one"}, nil
	}}, nil)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			var out struct{ N string }
			call := connectors.Call{Op: "list", Path: "/", Query: url.Values{"n": {fmt.Sprint(i)}}, Out: &out, Urgent: i%3 == 0}
			if _, err := c.Do(t.Context(), call); err != nil || out.N != fmt.Sprint(i) {
				t.Errorf("call %d: got %q, %v", i, out.N, err)
			}
		})
	}
	all.Wait()
	if c.Calls() != 100 {
		t.Errorf("sent %d, want 100", c.Calls())
	}
}
