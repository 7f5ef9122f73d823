package connectors

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Protocol is how a platform's HTTP interface is spoken: a connector describes
// it once and gets the account's [Client].
type Protocol struct {
	BaseURL string // every Call.Path is joined to it
	// PerSecond and Burst pace the calls in units of Call.Cost. 0 = not paced.
	PerSecond float64
	Burst     float64
	// Reserve is the share of Burst (0 to 1) that only urgent calls may use,
	// so that stopping and lowering stock always get through.
	Reserve float64
	// Concurrency is the most calls under way at once; 0 = 1.
	Concurrency int
	Timeout     time.Duration // of one attempt; 0 = 60 s
	MaxBody     int64         // of an answer in bytes; 0 = 32 MiB
	Attempts    int           // tries of one call, the first included; 0 = 4
	// Sign completes a request: headers, signature, time stamp. It is called
	// for every attempt with the token of that moment (zero when the protocol
	// has no Refresh) and the exact body bytes.
	Sign func(request *http.Request, body []byte, token Token) error
	// Classify turns an answer into an error, or nil for success; it sees
	// every complete answer, whatever its status, because some platforms say
	// no in a 200. Nil or a nil-returning Classify for a status of 400 and
	// above falls back to the status alone. It returns *Error.
	Classify func(Response) error
	// Refresh gets a new token. When set, calls are signed with the stored
	// token, an expired or refused token is replaced once, single-flight, and
	// the call is tried again.
	Refresh func(ctx context.Context, old Token) (Token, error)
}

// Response is a complete answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Call is one request.
type Call struct {
	Op     string // names it in errors and metrics, for example "orders.list"
	Method string // "" = GET
	Path   string // joined to Protocol.BaseURL; an absolute URL of the same host is taken as is
	Query  url.Values
	Header http.Header
	// Body: nil = none, []byte as is (with Header Content-Type), url.Values as
	// a form, anything else as JSON.
	Body any
	// Out is what the JSON answer is decoded into; nil = ignored.
	Out    any
	Cost   float64 // in the pacing unit; 0 = 1
	Urgent bool    // may use the reserve
	// Repeatable marks a write that may be sent again although an earlier
	// attempt could have been carried out. Reads (GET, HEAD) always are.
	Repeatable bool
	// Unsigned calls are neither signed nor refreshed: the token calls.
	Unsigned bool
}

// Client is the one HTTP client of an account.
type Client struct {
	protocol Protocol
}

// Do sends one call.
func (c *Client) Do(ctx context.Context, call Call) (Response, error) {
	panic("written by the client's owner")
}
