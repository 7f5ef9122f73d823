package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

// counter answers JSON and counts what was carried out.
type counter struct{ done atomic.Int64 }

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.done.Add(1)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"path":%q,"body":%q}`, r.URL.Path, body)
}

func start(t *testing.T, handler http.Handler, options simulator.Options) *simulator.Server {
	t.Helper()
	s, err := simulator.Start(handler, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// call sends one request; status 0 means that the connection was cut.
func call(t *testing.T, method, address, body string) (status int, header http.Header, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return 0, nil, ""
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	return answer.StatusCode, answer.Header, string(data)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const whole = `{"path":"/items","body":"x"}`
	tests := []struct {
		fault  simulator.Fault
		status int
		body   string
		header map[string]string
		done   int64
	}{
		{simulator.Fault{Kind: simulator.FaultDrop}, 0, "", nil, 1},
		{simulator.Fault{Kind: simulator.FaultRefuse}, 0, "", nil, 0},
		{simulator.Fault{Kind: simulator.FaultStatus, Status: 429, RetryAfter: 1500 * time.Millisecond, Body: `{"a":1}`}, 429, `{"a":1}`,
			map[string]string{"Retry-After": "2", "Content-Type": "application/json; charset=utf-8"}, 0},
		{simulator.Fault{Kind: simulator.FaultStatus, Body: "<p>"}, 500, "<p>", map[string]string{"Content-Type": "text/html; charset=utf-8"}, 0},
		{simulator.Fault{Kind: simulator.FaultTruncate}, 201, whole[:len(whole)/2], nil, 1},
		{simulator.Fault{Kind: simulator.FaultDelay, Delay: time.Millisecond}, 201, whole, nil, 1},
		{simulator.Fault{Kind: simulator.FaultRedirect, Target: "https://other.example/x"}, 301, "", map[string]string{"Location": "https://other.example/x"}, 0},
		{simulator.Fault{Kind: simulator.FaultEdit, Edit: func(b []byte) []byte { return append(b, '!') }}, 201, whole + "!", nil, 1},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault.Kind), func(t *testing.T) {
			t.Parallel()
			handler := &counter{}
			s := start(t, handler, simulator.Options{})
			s.Inject(tt.fault)
			status, header, body := call(t, "POST", s.URL+"/items", "x")
			if status != tt.status || body != tt.body || handler.done.Load() != tt.done {
				t.Errorf("got %d %q, carried out %d; want %d %q, %d", status, body, handler.done.Load(), tt.status, tt.body, tt.done)
			}
			for name, want := range tt.header {
				if got := header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			if got := s.Requests(); len(got) != 1 || got[0].Status != tt.status || got[0].Path != "/items" {
				t.Errorf("recorded %+v", got)
			}
			if status, _, body := call(t, "POST", s.URL+"/items", "x"); status != 201 || body != whole {
				t.Errorf("after the fault: got %d %q", status, body)
			}
		})
	}
	for _, kind := range []simulator.FaultKind{simulator.FaultGarbage, simulator.FaultPrefix} {
		handler := &counter{}
		s := start(t, handler, simulator.Options{})
		s.Inject(simulator.Fault{Kind: kind})
		_, _, body := call(t, "POST", s.URL+"/items", "x")
		if !strings.HasPrefix(body, "<") || handler.done.Load() != 1 || strings.HasSuffix(body, whole) != (kind == simulator.FaultPrefix) {
			t.Errorf("%s: got %q, carried out %d", kind, body, handler.done.Load())
		}
	}
}

func TestFaultsSelect(t *testing.T) {
	t.Parallel()
	s := start(t, &counter{}, simulator.Options{})
	s.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 500, Method: "POST", Path: "/items", Skip: 1, Times: 2})
	s.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 503, Path: "/other", Times: -1})
	var got []int
	for _, request := range []string{"GET /items", "POST /a/items/9", "POST /items", "POST /x", "POST /items", "POST /items", "GET /other", "GET /other"} {
		method, path, _ := strings.Cut(request, " ")
		status, _, _ := call(t, method, s.URL+path, "")
		got = append(got, status)
	}
	if diff := cmp.Diff([]int{201, 201, 500, 201, 500, 201, 503, 503}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if left := s.Faults(); len(left) != 1 || left[0].Path != "/other" {
		t.Errorf("left: %+v", left)
	}
	s.ResetFaults()
	if status, _, _ := call(t, "GET", s.URL+"/other", ""); status != 201 {
		t.Errorf("after the reset: got %d", status)
	}
}

func TestPrefixLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	s := start(t, &counter{}, simulator.Options{Prefix: "/api/", Limit: simulator.RateLimit{PerSecond: 0.001}})
	s.Inject(simulator.Fault{Kind: simulator.FaultRefuse, Times: -1})
	for range 3 {
		if status, _, _ := call(t, "GET", s.URL+"/picture.png", ""); status != 201 {
			t.Errorf("beside the API: got %d", status)
		}
	}
	if status, _, _ := call(t, "GET", s.URL+"/api/x", ""); status != 0 || len(s.Requests()) != 1 {
		t.Errorf("the API: got %d, recorded %d", status, len(s.Requests()))
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	handler := &counter{}
	s := start(t, handler, simulator.Options{Limit: simulator.RateLimit{PerSecond: 0.01, Burst: 3}})
	for i := range 5 {
		status, header, _ := call(t, "GET", s.URL+"/", "")
		if limited := i >= 3; limited != (status == 429) || limited && header.Get("Retry-After") != "100" {
			t.Errorf("request %d: got %d, Retry-After %q", i+1, status, header.Get("Retry-After"))
		}
	}
	if got, want := s.Stats(), (simulator.Stats{Requests: 5, Refused: 2, Peak: 1}); got != want || handler.done.Load() != 3 {
		t.Errorf("got %+v, carried out %d; want %+v, 3", got, handler.done.Load(), want)
	}
	own := start(t, handler, simulator.Options{
		Limit:   simulator.RateLimit{PerSecond: 0.01},
		OnLimit: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"error":"error_limit"}`) },
	})
	_, _, _ = call(t, "GET", own.URL+"/", "")
	if status, _, body := call(t, "GET", own.URL+"/", ""); status != 200 || body != `{"error":"error_limit"}` {
		t.Errorf("own answer: got %d %q", status, body)
	}
}

func TestMaxConcurrent(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	s := start(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	}), simulator.Options{Limit: simulator.RateLimit{MaxConcurrent: 2}})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { _, _, _ = call(t, "GET", s.URL+"/", "") })
		<-arrived
	}
	if status, _, _ := call(t, "GET", s.URL+"/", ""); status != 429 {
		t.Errorf("the third at once: got %d, want 429", status)
	}
	close(release)
	all.Wait()
	if got := s.Stats(); got.Peak != 3 || got.Refused != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestLatencyAndClose(t *testing.T) {
	t.Parallel()
	s, err := simulator.Start(&counter{}, simulator.Options{Latency: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	sent, returned := make(chan struct{}), make(chan error)
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) },
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		answer, err := (&http.Transport{}).RoundTrip(request)
		if err == nil {
			_ = answer.Body.Close()
		}
		returned <- err
	}()
	<-sent
	s.Close()
	s.Close()
	if err := <-returned; err == nil {
		t.Error("got an answer before the latency was over")
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	s := start(t, &counter{}, simulator.Options{})
	if _, err := simulator.Start(&counter{}, simulator.Options{Addr: strings.TrimPrefix(s.URL, "http://")}); err == nil {
		t.Error("a second server on the same address: no error")
	}
}

func TestParseFault(t *testing.T) {
	t.Parallel()
	good := map[string]simulator.Fault{
		"drop":                           {Kind: simulator.FaultDrop},
		"drop:POST:/products/batch:1":    {Kind: simulator.FaultDrop, Method: "POST", Path: "/products/batch", Times: 1},
		"refuse:*:*:all:3":               {Kind: simulator.FaultRefuse, Times: -1, Skip: 3},
		"status=503":                     {Kind: simulator.FaultStatus, Status: 503},
		"status=429,5s:get:/orders:2":    {Kind: simulator.FaultStatus, Status: 429, RetryAfter: 5 * time.Second, Method: "GET", Path: "/orders", Times: 2},
		"delay=1.5s:PUT":                 {Kind: simulator.FaultDelay, Delay: 1500 * time.Millisecond, Method: "PUT"},
		"redirect=other.example::/x:all": {Kind: simulator.FaultRedirect, Target: "https://other.example", Path: "/x", Times: -1},
		"truncate::/a":                   {Kind: simulator.FaultTruncate, Path: "/a"},
		"garbage":                        {Kind: simulator.FaultGarbage},
		"prefix":                         {Kind: simulator.FaultPrefix},
	}
	for text, want := range good {
		got, err := simulator.ParseFault(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"", "explode", "edit", "drop=1", "status", "status=x", "status=99", "status=429,x", "delay", "delay=-1s",
		"redirect", "drop:a:b:0", "drop:a:b:x", "drop:a:b:1:-1", "drop:a:b:1:1:1"} {
		if _, err := simulator.ParseFault(text); err == nil || !strings.Contains(err.Error(), "drop:POST:/products/batch:1") {
			t.Errorf("%q: got %v, want an error with an example", text, err)
		}
	}
	for kind := range strings.SplitSeq("drop refuse status truncate delay garbage prefix redirect", " ") {
		if !strings.Contains(simulator.FaultHelp, "\n  "+kind) {
			t.Errorf("the help does not tell %s", kind)
		}
	}
}

// till is a shop with one listing, enough for the control addresses.
type till struct {
	simulator.Shop
	mu      sync.Mutex
	listing simulator.Listing
	orders  []simulator.Order
	asked   []catalog.ExternalID
}

func (s *till) Listings() []simulator.Listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []simulator.Listing{s.listing}
}
func (s *till) Orders() []simulator.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.orders)
}

func (s *till) SetTitle(sku catalog.SKU, title string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sku != "A" {
		return fmt.Errorf("no listing has %s", sku)
	}
	s.listing.Title = title
	return nil
}

func (s *till) SetOrderStatus(id catalog.ExternalID, status catalog.OrderStatus) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.orders {
		if s.orders[i].ExternalID == id {
			s.orders[i].Status = status
		}
	}
	return nil
}

func (s *till) AskToCancel(id catalog.ExternalID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, id)
	return nil
}

func (s *till) Order(r simulator.OrderRequest) (catalog.ExternalID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = append(s.orders, simulator.Order{ExternalID: "7", Lines: r.Lines})
	return "7", nil
}

func TestControl(t *testing.T) {
	t.Parallel()
	s := start(t, &counter{}, simulator.Options{Shop: &till{listing: simulator.Listing{ExternalID: "1", Title: "Chè"}}})
	s.Handle("POST /_sim/own", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	steps := []struct {
		request, body string
		status        int
		answer        string // part of it
	}{
		{"POST /_sim/faults", "drop:POST:/x:2 status=503", 204, ""},
		{"POST /_sim/faults", `{"kind":"delay","delay":1000000}`, 204, ""},
		{"GET /_sim/faults", "", 200, `"kind":"delay"`},
		{"POST /_sim/faults", "drop explode", 400, "unknown kind"},
		{"POST /_sim/faults", `{"kund":"drop"}`, 400, "kund"},
		{"GET /any", "", 503, ""},
		{"GET /_sim/requests", "", 200, `"path":"/any","status":503`},
		{"DELETE /_sim/requests", "", 204, ""},
		{"GET /_sim/requests", "", 200, "[]"},
		{"DELETE /_sim/faults", "", 204, ""},
		{"GET /_sim/faults", "", 200, "[]"},
		{"POST /_sim/orders", `{"lines":[{"sku":"A","quantity":2}]}`, 200, `"external_id":"7"`},
		{"POST /_sim/edit", `{"sku":"A","title":"Chè Shan"}`, 204, ""},
		{"POST /_sim/edit", `{"sku":"B","title":"x"}`, 409, "no listing has B"},
		{"POST /_sim/edit", `{"order":"7","status":"cancelled"}`, 204, ""},
		{"POST /_sim/edit", `{"order":"7","ask_to_cancel":true}`, 204, ""},
		{"POST /_sim/edit", `{"ask_to_cancel":true}`, 409, "needs an order"},
		{"POST /_sim/edit", `{}`, 409, "nothing to edit"},
		{"GET /_sim/state", "", 200, "Chè Shan"},
		{"GET /_sim/state", "", 200, `"cancelled"`},
		{"GET /_sim/else", "", 404, ""},
		{"POST /_sim/own", "", 202, ""},
	}
	for _, step := range steps {
		method, path, _ := strings.Cut(step.request, " ")
		status, _, body := call(t, method, s.URL+path, step.body)
		if status != step.status || !strings.Contains(body, step.answer) {
			t.Errorf("%s %s: got %d %q, want %d with %q", step.request, step.body, status, body, step.status, step.answer)
		}
		if method == "GET" && status == 200 && !json.Valid([]byte(body)) {
			t.Errorf("%s: not JSON: %q", step.request, body)
		}
	}
	bare := start(t, &counter{}, simulator.Options{})
	if status, _, _ := call(t, "GET", bare.URL+"/_sim/state", ""); status != 404 {
		t.Errorf("without a shop: got %d, want 404", status)
	}
}
