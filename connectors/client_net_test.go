package connectors_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chophien/chophien/connectors"
)

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
