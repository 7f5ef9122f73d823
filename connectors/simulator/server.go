package simulator

import (
	"net/http"
	"net/http/httptest"
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
)

// Request is one request that was received, without headers and body.
type Request struct {
	Method string
	Path   string
	Query  string
	Status int // that was answered; 0 = connection cut
	At     time.Time
}

// Server runs a platform's handler on a loopback port behind fault injection.
type Server struct {
	// URL is the base address, without a slash at the end.
	URL  string
	http *httptest.Server
}

var _ http.Handler = (*Server)(nil)

// ServeHTTP is for the owner of this file to write.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {}
