package woocommercetest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// clock is a shop's time that a test moves. It starts at 12:00 UTC.
type clock struct{ seconds atomic.Int64 }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func (c *clock) now() time.Time       { return noon.Add(time.Duration(c.seconds.Load()) * time.Second) }
func (c *clock) move(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }

// shop is a simulator that believes in https, with a client.
type shop struct {
	*woocommercetest.Simulator
	t     *testing.T
	clock *clock
}

func open(t *testing.T, options woocommercetest.Options) *shop {
	t.Helper()
	c := &clock{}
	if options.Now == nil {
		options.Now = c.now
	}
	s := woocommercetest.New(options)
	t.Cleanup(s.Close)
	return &shop{s, t, c}
}

func openHTTPS(t *testing.T) *shop {
	t.Helper()
	return open(t, woocommercetest.Options{TreatAsHTTPS: true})
}

// reply is an answer; one has the members of an object, many those of a list.
type reply struct {
	status int
	header http.Header
	raw    string
	one    map[string]any
	many   []any
}

func (r reply) code() string {
	code, _ := r.one["code"].(string)
	return code
}

func (r reply) id() int64 { return number(r.one["id"]) }

func number(v any) int64 {
	f, _ := v.(float64)
	return int64(f)
}

// at follows names and places into what was decoded.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

func send(t *testing.T, r *http.Request) reply {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := reply{status: answer.StatusCode, header: answer.Header, raw: string(raw)}
	switch {
	case bytes.HasPrefix(raw, []byte("{")):
		err = json.Unmarshal(raw, &out.one)
	case bytes.HasPrefix(raw, []byte("[")):
		err = json.Unmarshal(raw, &out.many)
	}
	if err != nil {
		t.Fatalf("%s %s: %v in %s", r.Method, r.URL.Path, err, raw)
	}
	return out
}

func (s *shop) request(method, path, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+"/wp-json/wc/v3/"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (s *shop) do(method, path, body string) reply {
	s.t.Helper()
	r := s.request(method, path, body)
	r.SetBasicAuth(s.Key(), s.Secret())
	return send(s.t, r)
}

func (s *shop) get(path string) reply        { s.t.Helper(); return s.do("GET", path, "") }
func (s *shop) post(path, body string) reply { s.t.Helper(); return s.do("POST", path, body) }
func (s *shop) put(path, body string) reply  { s.t.Helper(); return s.do("PUT", path, body) }

// make creates and fails the test when that does not work.
func (s *shop) make(path, body string) reply {
	s.t.Helper()
	r := s.post(path, body)
	if r.status != http.StatusCreated {
		s.t.Fatalf("POST %s: %d %s", path, r.status, r.raw)
	}
	return r
}

// want checks status and code of an answer.
func want(t *testing.T, r reply, status int, code string) {
	t.Helper()
	if r.status != status || r.code() != code {
		t.Errorf("got %d %q, want %d %q: %.300s", r.status, r.code(), status, code, r.raw)
	}
}

func skus(r reply) string {
	var out []string
	for _, item := range r.many {
		sku, _ := at(item, "sku").(string)
		out = append(out, sku)
	}
	return strings.Join(out, " ")
}
