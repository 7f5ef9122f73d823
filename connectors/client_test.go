package connectors_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
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
