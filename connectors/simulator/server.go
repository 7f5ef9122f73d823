package simulator

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is what goes wrong with requests that match.
type Fault struct {
	// Method and Path select requests: Path matches when the request's path
	// contains it. Empty matches all.
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	// Skip lets so many matching requests pass first; Times is how many are hit
	// then, 0 = one, negative = all.
	Skip  int       `json:"skip,omitempty"`
	Times int       `json:"times,omitempty"`
	Kind  FaultKind `json:"kind"`
	// Status, Body and RetryAfter belong to FaultStatus; a Body that begins
	// with "<" is sent as HTML.
	Status     int           `json:"status,omitempty"`
	Body       string        `json:"body,omitempty"`
	RetryAfter time.Duration `json:"retry_after,omitempty"`
	Delay      time.Duration `json:"delay,omitempty"`  // of FaultDelay
	Target     string        `json:"target,omitempty"` // of FaultRedirect
	// Edit belongs to FaultEdit and runs after the request was carried out. It
	// may also block, to hold the answer back.
	Edit func(body []byte) []byte `json:"-"`
}

// FaultKind is a way to go wrong.
type FaultKind string

// The kinds of fault.
const (
	FaultDrop     FaultKind = "drop"     // carry it out, then cut the connection without an answer
	FaultRefuse   FaultKind = "refuse"   // cut the connection before anything is carried out
	FaultStatus   FaultKind = "status"   // answer Status and Body, carry nothing out
	FaultTruncate FaultKind = "truncate" // carry it out, send half of the answer
	FaultDelay    FaultKind = "delay"    // carry it out after Delay
	FaultGarbage  FaultKind = "garbage"  // carry it out, send an HTML page with status 200
	FaultPrefix   FaultKind = "prefix"   // carry it out, put an HTML notice before the answer
	FaultRedirect FaultKind = "redirect" // answer 301 to Target, carry nothing out
	FaultEdit     FaultKind = "edit"     // carry it out, send what Edit makes of the answer; for tests only
)

// Request is one request that was received, without headers and body.
type Request struct {
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	Status int       `json:"status"` // that was answered; 0 = connection cut
	At     time.Time `json:"at"`
}

// Options of a server. The zero value serves any free loopback port without
// latency and limits.
type Options struct {
	Addr string           // address to listen on; "" = 127.0.0.1:0
	Now  func() time.Time // nil = time.Now
	// Prefix is where the API begins, for example "/wp-json/": faults, latency,
	// limits and the record of requests concern paths that begin so; what lies
	// beside it (pictures, product pages) is always served. "" = everything.
	Prefix string
	// Shop is behind the control addresses /_sim/state, /_sim/orders and
	// /_sim/edit, which answer 404 without it.
	Shop Shop
	// Latency is added to every request, before it is carried out.
	Latency time.Duration
	Limit   RateLimit
	// OnLimit answers requests over the limit in the platform's own words; nil
	// = a bare 429 with Retry-After.
	OnLimit http.HandlerFunc
}

// RateLimit is how much a platform takes. Zero fields limit nothing.
type RateLimit struct {
	PerSecond     float64
	Burst         int // requests at once beyond the steady rate; 0 = 1
	MaxConcurrent int // requests under way
}

// Stats counts what a server saw under its prefix.
type Stats struct {
	Requests int // all of them, refused ones included
	Refused  int // over the limit
	Peak     int // most requests under way at once
}

// maxRequests is how many requests are remembered; older ones are forgotten,
// so that a simulator that stays up does not grow.
const maxRequests = 20000

// Server runs a platform's handler on a loopback port behind fault injection,
// latency and a rate limit, and remembers what was asked. All methods are safe
// for concurrent use.
//
// The simulator of a platform is a type that is the platform's http.Handler and
// a [Shop], keeps its state under one lock, and hands itself to Start; it needs
// no code for faults, limits or records of its own.
//
// Faults are looked at in the order in which they were injected; the first
// that matches and is not used up hits the request. They come before the rate
// limit, so that a fault's answer is certain.
//
// People and other processes reach the same by HTTP:
//
//	GET    /_sim/faults    the faults that are left
//	POST   /_sim/faults    inject: a JSON Fault (times in nanoseconds), or lines as [ParseFault] reads them
//	DELETE /_sim/faults    remove all
//	GET    /_sim/requests  the requests so far; DELETE forgets them
//	GET    /_sim/state     what is really there: listings and orders
//	POST   /_sim/orders    a buyer orders: a JSON [OrderRequest]
//	POST   /_sim/edit      the seller edits on the platform: a JSON [Edit]
type Server struct {
	// URL is the base address, without a slash at the end.
	URL string

	handler http.Handler
	options Options
	http    *http.Server
	control *http.ServeMux
	done    chan struct{}
	served  chan struct{}
	close   sync.Once

	mu       sync.Mutex
	faults   []*activeFault
	requests []Request
	stats    Stats
	running  int
	budget   float64
	at       time.Time
}

type activeFault struct {
	Fault
	skip, left int // left < 0 = no end
}

var _ http.Handler = (*Server)(nil)

// Start listens and serves until [Server.Close]. It fails only when the
// address cannot be listened on.
func Start(handler http.Handler, options Options) (*Server, error) {
	addr := options.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	options.Limit.Burst = max(1, options.Limit.Burst)
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("simulator: %w; choose another address", err)
	}
	s := &Server{
		URL:     "http://" + listener.Addr().String(),
		handler: handler,
		options: options,
		done:    make(chan struct{}),
		served:  make(chan struct{}),
		budget:  float64(options.Limit.Burst),
		at:      time.Now(),
	}
	s.control = s.controls()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener)
	}()
	return s, nil
}

// Handle adds a control address that is not there yet, such as
// "POST /_sim/advance", for what only one platform or program knows.
func (s *Server) Handle(pattern string, handler http.HandlerFunc) {
	s.control.HandleFunc(pattern, handler)
}

// Close stops serving at once and cuts open connections.
func (s *Server) Close() {
	s.close.Do(func() {
		close(s.done)
		_ = s.http.Close()
	})
	<-s.served
}

// Inject adds a fault behind those that are there.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := f.Times
	if left == 0 {
		left = 1
	}
	s.faults = append(s.faults, &activeFault{Fault: f, skip: f.Skip, left: left})
}

// Faults returns those that are not used up, with what is left of Skip and
// Times.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := []Fault{}
	for _, active := range s.faults {
		f := active.Fault
		f.Skip, f.Times = active.skip, active.left
		left = append(left, f)
	}
	return left
}

// ResetFaults removes all faults.
func (s *Server) ResetFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Requests returns the requests under the prefix, oldest first; at most the
// newest 20,000. A request is there once it was answered.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request{}, s.requests...)
}

// ResetRequests forgets the requests and sets the counts to zero.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.stats = nil, Stats{Peak: s.running}
}

// Stats returns the counts since the start or the last reset.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// ServeHTTP answers one request; it is exported for servers of one's own.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/_sim/"):
		s.control.ServeHTTP(w, r)
	case !strings.HasPrefix(r.URL.Path, s.options.Prefix):
		s.handler.ServeHTTP(w, r)
	default:
		s.serveAPI(w, r)
	}
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	fault, limited := s.arrive(r)
	seen := &statusWriter{ResponseWriter: w}
	// Recorded before the answer goes out: whoever has it finds the request.
	seen.onStatus = func(status int) { s.record(r, status) }
	defer s.leave(seen)
	if s.options.Latency > 0 {
		s.wait(s.options.Latency)
	}
	switch {
	case fault != nil:
		s.serveFault(seen, r, *fault)
	case limited && s.options.OnLimit != nil:
		s.options.OnLimit(seen, r)
	case limited:
		wait := 1.0
		if s.options.Limit.PerSecond > 0 {
			wait = math.Ceil(1 / s.options.Limit.PerSecond)
		}
		seen.Header().Set("Retry-After", strconv.Itoa(int(wait)))
		http.Error(seen, "too many requests", http.StatusTooManyRequests)
	default:
		s.handler.ServeHTTP(seen, r)
	}
}

// arrive counts a request in and tells what befalls it.
func (s *Server) arrive(r *http.Request) (*Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Requests++
	s.running++
	s.stats.Peak = max(s.stats.Peak, s.running)
	if fault := s.match(r); fault != nil {
		return fault, false
	}
	limit := s.options.Limit
	limited := limit.MaxConcurrent > 0 && s.running > limit.MaxConcurrent
	if limit.PerSecond > 0 && !limited {
		now := time.Now()
		s.budget = min(float64(limit.Burst), s.budget+limit.PerSecond*now.Sub(s.at).Seconds())
		s.at = now
		if limited = s.budget < 1; !limited {
			s.budget--
		}
	}
	if limited {
		s.stats.Refused++
	}
	return nil, limited
}

// match finds the fault that hits a request and uses it.
func (s *Server) match(r *http.Request) *Fault {
	for i, active := range s.faults {
		if active.Method != "" && active.Method != r.Method || !strings.Contains(r.URL.Path, active.Path) {
			continue
		}
		if active.skip > 0 {
			active.skip--
			continue
		}
		if active.left > 0 {
			active.left--
		}
		if active.left == 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return &active.Fault
	}
	return nil
}

func (s *Server) record(r *http.Request, status int) {
	at := s.options.Now().UTC()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) >= maxRequests {
		s.requests = append([]Request(nil), s.requests[maxRequests/2:]...)
	}
	s.requests = append(s.requests, Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Status: status, At: at})
}

func (s *Server) leave(w *statusWriter) {
	w.note(http.StatusOK)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
}

// wait pauses for d or until the server closes.
func (s *Server) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.done:
	}
}

// statusWriter notes the status of an answer before it is sent.
type statusWriter struct {
	http.ResponseWriter
	onStatus func(int)
	noted    bool
}

func (w *statusWriter) note(status int) {
	if !w.noted {
		w.noted = true
		w.onStatus(status)
	}
}

func (w *statusWriter) WriteHeader(status int) {
	w.note(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(data []byte) (int, error) {
	w.note(http.StatusOK)
	return w.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
