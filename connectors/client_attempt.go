package connectors

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	firstPause   = 250 * time.Millisecond // upper end of the first random pause; doubles with every attempt
	longestPause = 30 * time.Second
	longPause    = 10 * time.Second // from here on it is said that we wait, and why
	longestWait  = 2 * time.Minute  // longer waits asked for by the platform are the caller's
	maxRedirects = 5
	maxRetryDays = 30 // a Retry-After beyond this is taken as this
)

// attempt sends the request once, following redirects that stay with the host.
func (c *Client) attempt(ctx context.Context, r *request, token Token, number int) (Response, *Error) {
	if fault := c.gate.enter(ctx, r.call.Cost, r.call.Urgent); fault != nil {
		return Response{}, fault
	}
	defer c.gate.leave()
	start := time.Now()
	response, fault := c.send(ctx, r, token)
	stats := CallStats{
		Channel: c.channel, Op: r.call.Op, Method: r.method, Status: response.Status,
		Duration: time.Since(start), Attempt: number,
	}
	if fault != nil {
		stats.Kind, stats.Lost = fault.Kind, fault.Lost
	}
	c.observe(stats)
	c.logger.LogAttrs(ctx, slog.LevelDebug, "call",
		slog.String("op", stats.Op), slog.String("method", stats.Method), slog.String("path", r.url.Path),
		slog.Int("status", stats.Status), slog.Duration("duration", stats.Duration),
		slog.Int("attempt", number), slog.String("kind", string(stats.Kind)))
	return response, fault
}

func (c *Client) send(ctx context.Context, r *request, token Token) (Response, *Error) {
	target := r.url
	for hop := 0; ; hop++ {
		signed, response, fault := c.exchange(ctx, r, target, token)
		if fault != nil {
			return response, fault
		}
		if next := response.Header.Get("Location"); response.Status/100 == 3 && next != "" {
			if target, fault = redirect(r, target, response.Status, next, hop); fault != nil {
				fault.Status = response.Status
				return response, fault
			}
			continue
		}
		fault = c.judge(r, response)
		if fault == nil {
			fault = decode(r, response)
		}
		if fault != nil {
			fault.Status = response.Status
			if fault.RequestID == "" {
				fault.RequestID = clip(response.Header.Get("X-Request-Id"), 64)
			}
			redactError(fault, secretsOf(r, signed, token))
		}
		return response, fault
	}
}

// exchange sends one request to target and reads the whole answer.
func (c *Client) exchange(ctx context.Context, r *request, target *url.URL, token Token) (*http.Request, Response, *Error) {
	limited, cancel := context.WithTimeout(ctx, c.protocol.Timeout)
	defer cancel()
	// A request that never got a connection was certainly not carried out. A
	// transport that reports no connections leaves that open.
	var asked, connected atomic.Bool
	traced := httptrace.WithClientTrace(limited, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	request, err := http.NewRequestWithContext(traced, r.method, target.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, Response{}, &Error{Kind: Fatal, Err: errors.New("method or address is not valid")}
	}
	request.Header = r.header.Clone()
	if c.protocol.Sign != nil && !r.call.Unsigned {
		if err := c.protocol.Sign(request, r.body, token); err != nil {
			return nil, Response{}, asError(err, Fatal)
		}
	}
	c.calls.Add(1)
	answer, err := c.transport.RoundTrip(request)
	if err != nil {
		sent := connected.Load() || !asked.Load() && !isDial(err)
		return request, Response{}, c.broken(ctx, limited, target, err, r.write && sent)
	}
	defer answer.Body.Close()
	response := Response{Status: answer.StatusCode, Header: answer.Header}
	response.Body, err = readBody(answer, c.protocol.MaxBody)
	switch {
	case errors.Is(err, errTooLarge):
		fault := &Error{Kind: Unclear, Status: response.Status, Lost: r.write,
			Err: fmt.Errorf("answer is larger than %d bytes", c.protocol.MaxBody)}
		return request, Response{Status: response.Status}, fault
	case err != nil:
		fault := c.broken(ctx, limited, target, err, r.write)
		fault.Status = response.Status
		return request, Response{Status: response.Status}, fault
	}
	return request, response, nil
}

// broken is the error of an exchange without a complete answer. Texts of
// transport errors hold the whole address, so only their meaning is kept.
func (c *Client) broken(ctx, limited context.Context, target *url.URL, err error, lost bool) *Error {
	if ctx.Err() != nil {
		fault := canceled(ctx)
		fault.Lost = lost
		return fault
	}
	text := "connection failed"
	var (
		name    *net.DNSError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		timeout net.Error
	)
	switch {
	case limited.Err() != nil:
		text = fmt.Sprintf("no complete answer within %s", c.protocol.Timeout)
	case errors.As(err, &name):
		text = "host name not found; check the address"
	case errors.Is(err, syscall.ECONNREFUSED):
		text = "connection refused"
	case errors.As(err, &cert):
		text = "its certificate is not valid for this host"
	case errors.As(err, &record):
		text = "it does not speak https; check the address"
	case errors.As(err, &timeout) && timeout.Timeout():
		text = "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		text = "connection closed before the answer was complete"
	}
	return &Error{Kind: Transient, Lost: lost, Err: fmt.Errorf("%s: %s", target.Host, text)}
}

func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

var errTooLarge = errors.New("too large")

// readBody reads at most limit bytes, counted after unpacking.
func readBody(answer *http.Response, limit int64) ([]byte, error) {
	var body io.Reader = answer.Body
	// A transport that asked for gzip itself unpacks it and drops the header.
	if strings.EqualFold(answer.Header.Get("Content-Encoding"), "gzip") {
		unpacked, err := gzip.NewReader(body)
		if errors.Is(err, io.EOF) {
			return nil, nil // an empty answer, as to HEAD
		}
		if err != nil {
			return nil, err
		}
		body = unpacked
	}
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errTooLarge
	}
	return data, err
}

// redirect gives the address to go on with. Only reads are taken further, and
// only on the same host: a key must not travel elsewhere.
func redirect(r *request, from *url.URL, status int, location string, hop int) (*url.URL, *Error) {
	next, err := from.Parse(location)
	if err != nil || next.Host == "" {
		return nil, &Error{Kind: Fatal, Err: errors.New("redirected to an address that is not valid")}
	}
	to := next.Scheme + "://" + next.Host
	fault := &Error{Kind: Fatal, Hint: "check the channel's address"}
	switch {
	case !sameHost(from, next):
		fault.Err = fmt.Errorf("redirected from %s to %s, which is not followed", from.Scheme+"://"+from.Host, to)
	case r.write:
		// 302 and 303 may also mean "done, look here".
		fault.Lost = status == http.StatusFound || status == http.StatusSeeOther
		fault.Err = fmt.Errorf("a write was redirected to another address on %s, which is not followed", to)
	case hop >= maxRedirects:
		fault.Err = fmt.Errorf("redirected more than %d times on %s", maxRedirects, to)
	default:
		return next, nil
	}
	return nil, fault
}

// judge classifies a complete answer: the platform's own word first, then the
// status.
func (c *Client) judge(r *request, response Response) *Error {
	var fault *Error
	if c.protocol.Classify != nil && !r.outside {
		if err := c.protocol.Classify(response); err != nil {
			fault = asError(err, Unclear)
		}
	}
	if fault == nil && (response.Status < 300 || response.Status == http.StatusNotModified) {
		return nil
	}
	if fault == nil {
		fault = &Error{Kind: kindOfStatus(response.Status)}
		if isHTML(response) {
			fault.Err, fault.Hint = errWebPage, hintWebPage
		}
	}
	if fault.Err == nil && response.Status >= 500 {
		fault.Err = errors.New("the platform's server failed")
	}
	if fault.RetryAfter == 0 {
		fault.RetryAfter = retryAfter(response.Header)
	}
	// A server error may come after the work was done, even a 503 with
	// Retry-After: caches in front of a shop send it for a time-out behind
	// them. Only a code that Classify knows as a refusal makes it definite.
	if r.write && response.Status >= 500 && (fault.Kind == Transient || fault.Kind == Unclear) {
		fault.Lost = true
	}
	return fault
}

// kindOfStatus classifies by HTTP status alone.
func kindOfStatus(status int) Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Auth
	case status == http.StatusNotFound, status == http.StatusGone:
		return NotFound
	case status == http.StatusConflict:
		return Clash
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return Validation
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return Transient
	}
	return Unclear
}

// retryAfter reads the header, in seconds or as a date. A date is measured
// against the platform's own clock when it tells that.
func retryAfter(h http.Header) time.Duration {
	const most = maxRetryDays * 24 * time.Hour
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(most/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), most)
}

// again tells whether and after which pause a failed call is sent again.
func (c *Client) again(ctx context.Context, r *request, fault *Error, number int) (time.Duration, bool) {
	retryable := fault.Kind == Transient || fault.Kind == RateLimited
	if !retryable || number >= c.protocol.Attempts || r.write && fault.Lost && !r.call.Repeatable {
		return 0, false
	}
	pause := rand.N(min(longestPause, firstPause<<min(number-1, 10)))
	if fault.RetryAfter > 0 {
		pause += fault.RetryAfter
	}
	limit := longestWait
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	return pause, pause <= limit
}

// asError copies the *Error in err, which may be shared, or makes one of kind.
func asError(err error, kind Kind) *Error {
	if e := (*Error)(nil); errors.As(err, &e) {
		copied := *e
		return &copied
	}
	return &Error{Kind: kind, Err: err}
}
