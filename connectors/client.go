package connectors

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chophien/chophien/catalog"
)

// Protocol is how a platform's HTTP interface is spoken: a connector describes
// it once and gets the account's [Client].
type Protocol struct {
	BaseURL string // every Call.Path is joined to it
	// AuthURL is the address of another host that issues the tokens: a
	// Call.Path may be an absolute URL there, too. "" = none.
	AuthURL string
	// PerSecond and Burst pace the calls in units of Call.Cost. 0 = not paced;
	// Burst 0 = what one second allows, at least 1. A call that costs more
	// than Burst waits for the full budget and leaves a debt.
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
	Path   string // joined to Protocol.BaseURL; an absolute URL of the same host (or AuthURL's) is taken as is
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

// ClientDeps is what a client needs besides the protocol. Every field may be
// nil.
type ClientDeps struct {
	Transport http.RoundTripper // nil = a transport of its own, like http.DefaultTransport
	Tokens    TokenStore        // nil = tokens live as long as the client
	Logger    *slog.Logger      // nil = silent
	// Observe is told of every attempt after it ended, from many goroutines.
	Observe func(CallStats)
}

// CallStats is what metrics learn of one attempt. It holds no address, no
// header and no body.
type CallStats struct {
	Channel  catalog.ChannelID
	Op       string
	Method   string
	Status   int  // 0 = no answer
	Kind     Kind // "" = success
	Duration time.Duration
	Attempt  int  // from 1
	Lost     bool // a write that may have been carried out without an answer
}

// Client is the one HTTP client of an account: it paces, signs, sends, limits,
// decodes, classifies and repeats calls. It is safe for concurrent use.
type Client struct {
	channel   catalog.ChannelID
	protocol  Protocol
	transport http.RoundTripper
	tokens    TokenStore
	logger    *slog.Logger
	observe   func(CallStats)
	gate      *gate
	calls     atomic.Int64

	tokenMu sync.Mutex
	token   Token
	tokenAt time.Time
}

// NewClient makes the client of a channel. It connects to nothing.
func NewClient(channel catalog.ChannelID, protocol Protocol, deps ClientDeps) *Client {
	protocol.Concurrency = max(1, protocol.Concurrency)
	if protocol.Timeout <= 0 {
		protocol.Timeout = 60 * time.Second
	}
	if protocol.MaxBody <= 0 {
		protocol.MaxBody = 32 << 20
	}
	if protocol.Attempts <= 0 {
		protocol.Attempts = 4
	}
	c := &Client{
		channel:   channel,
		protocol:  protocol,
		transport: deps.Transport,
		tokens:    deps.Tokens,
		logger:    deps.Logger,
		observe:   deps.Observe,
		gate:      newGate(protocol),
	}
	if c.transport == nil {
		transport := &http.Transport{}
		if base, ok := http.DefaultTransport.(*http.Transport); ok {
			transport = base.Clone()
		}
		transport.MaxIdleConnsPerHost = protocol.Concurrency
		c.transport = transport
	}
	if c.tokens == nil {
		c.tokens = &MemoryTokens{}
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	if c.observe == nil {
		c.observe = func(CallStats) {}
	}
	return c
}

// Calls is how many requests were sent so far, repeated ones included.
func (c *Client) Calls() int64 { return c.calls.Load() }

// Do sends one call, again where that is safe, and decodes the answer into
// call.Out. The error is always an *[Error]: its kind says what to do, its Lost
// whether a write may have been carried out all the same. The response is the
// last complete answer, also next to an error.
//
// Reads, Repeatable writes and writes that were definitely not carried out are
// tried again when the failure is Transient or RateLimited, after a growing
// random pause or the time the platform asked for. A pause beyond two minutes
// or the deadline of ctx is left to the caller. Canceled means that ctx ended.
func (c *Client) Do(ctx context.Context, call Call) (Response, error) {
	r, err := c.build(call)
	if err != nil {
		return Response{}, c.complete(call, &Error{Kind: Fatal, Err: err})
	}
	return c.do(ctx, r)
}

// do sends a call that is ready.
func (c *Client) do(ctx context.Context, r *request) (Response, error) {
	var (
		lost      bool // by any attempt so far
		refreshed bool
	)
	for number := 1; ; number++ {
		token, fault := c.currentToken(ctx, r)
		var response Response
		if fault == nil {
			response, fault = c.attempt(ctx, r, token, number)
			if fault == nil {
				return response, nil
			}
			lost = lost || fault.Lost
			if fault.Kind == Auth && r.tokened && !refreshed {
				refreshed = true
				if fault = c.replaceToken(ctx, token); fault == nil {
					number--
					continue
				}
			} else if pause, ok := c.again(ctx, r, fault, number); ok {
				if pause >= longPause {
					c.logger.WarnContext(ctx, "the platform asks to wait", "op", r.call.Op, "for", pause.Round(time.Second))
				}
				if fault = sleep(ctx, pause); fault == nil {
					continue
				}
			}
		}
		fault.Lost = fault.Lost || lost
		return response, c.complete(r.call, fault)
	}
}

// complete fills in what every error of a call carries.
func (c *Client) complete(call Call, e *Error) *Error {
	e.Channel = string(c.channel)
	if e.Op == "" {
		e.Op = call.Op
	}
	return e
}
