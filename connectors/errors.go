package connectors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind classifies why a remote call failed. It is itself an error, so that
// errors.Is(err, connectors.RateLimited) works. Code decides by kind, never by
// message.
type Kind string

// The kinds.
const (
	Transient   Kind = "transient"    // 5xx, timeout, reset: the next try may do
	RateLimited Kind = "rate_limited" // too many calls: wait RetryAfter
	Auth        Kind = "auth"         // credentials refused: a person has to act
	NotFound    Kind = "not_found"    // the listing or order is not there
	Clash       Kind = "clash"        // a duplicate, or changed meanwhile: read again
	Validation  Kind = "validation"   // the platform refuses this content
	Fatal       Kind = "fatal"        // wrong configuration, or not for this account or region
	Canceled    Kind = "canceled"     // our own context ended; not a failure
	Unclear     Kind = "unclear"      // not classified: a bug to be classified
)

// Error makes a kind an error.
func (k Kind) Error() string { return string(k) }

// Error is the one error type of remote calls.
type Error struct {
	Kind      Kind
	Channel   string // set by the client
	Op        string // what was being done, for example "products.batch"
	Status    int    // HTTP status; 0 = none
	Code      string // the platform's code
	RequestID string // the platform's
	// RetryAfter is how long to wait; 0 = not told.
	RetryAfter time.Duration
	// Lost tells that the request may have reached the platform and been
	// carried out although no answer came.
	Lost bool
	// Hint is what the reader can do about it, "" = nothing special.
	Hint string
	Err  error // cause; may be nil. Never holds credentials or a buyer's data.
}

// Error says what failed, why, and what to do, on one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Channel != "" {
		fmt.Fprintf(&b, "channel %s: ", e.Channel)
	}
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	if e.Err != nil {
		b.WriteString(e.Err.Error())
	} else {
		b.WriteString(strings.ReplaceAll(string(e.Kind), "_", " "))
	}
	var facts []string
	if e.Status != 0 {
		facts = append(facts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Code != "" {
		facts = append(facts, e.Code)
	}
	if e.RequestID != "" {
		facts = append(facts, "request "+e.RequestID)
	}
	if len(facts) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(facts, ", "))
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// KindOf returns the kind of err: of the first [Error] in its chain, Canceled
// for a cancelled context, else Unclear. nil has the kind "".
func KindOf(err error) Kind {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled):
		return Canceled
	}
	return Unclear
}

// IsLost tells that a write may have been carried out although it failed.
func IsLost(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Lost
}
