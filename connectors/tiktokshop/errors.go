package tiktokshop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// advice is what a code of the platform means: to us, and to a person (the
// cause, then what to do).
type advice struct {
	kind  connectors.Kind
	field string // of the issue
	// wait is how long something is left alone that passes by itself, such as
	// a promotion.
	wait time.Duration
	text catalog.Text
}

// overloaded is the gateway's code for a dozen things, which only its text
// tells apart (https://partner.tiktokshop.com/docv2/page/common-errors).
const overloaded = 36009004

// said are the meanings of the overloaded code by a part of its text, in the
// order in which they are tried.
var said = []struct{ part, means string }{
	{"app_key", "36009004/app_key"},
	{"access_token", "36009004/token"},
	{"access-token", "36009004/token"},
	{"timestamp", "36009004/clock"},
	{"signature", "36009004/signature"},
	{"not required", "36009004/cipher"},
	{"shop_id", "36009004/cipher"},
	{"version", "36009014"},
}

// meaning is the key of a code in the table.
func meaning(code int, message string) string {
	if code == overloaded {
		for _, m := range said {
			if strings.Contains(strings.ToLower(message), m.part) {
				return m.means
			}
		}
	}
	return strconv.Itoa(code)
}

// fault makes the error of a code that is not 0. Codes that the table does not
// have are content that is refused when they are of the product domain (12...),
// and else not clear.
func (s *shop) fault(code int, message string) *connectors.Error {
	e := &connectors.Error{Kind: connectors.Unclear, Code: meaning(code, message)}
	if text := s.plain(message); text != "" {
		e.Err = errors.New(text)
	}
	known, found := codes[e.Code]
	switch {
	case found:
		e.Kind, e.Hint = known.kind, lowerFirst(strings.TrimSuffix(known.text.EN, "."))
	case code >= 12_000_000 && code < 13_000_000:
		e.Kind = connectors.Validation
	case code >= 105_000 && code < 106_000:
		e.Kind = connectors.Auth
	}
	return e
}

// plain is a message of the platform without our secret, should it quote it.
func (s *shop) plain(message string) string {
	if secret := s.options.AppSecret.Reveal(); len(secret) > 3 {
		message = strings.ReplaceAll(message, secret, "(redacted)")
	}
	return clip(message, 300)
}

// classify is the one place that turns an answer into an error. It is the
// client's Classify. The platform says no in a 200, too.
func (s *shop) classify(response connectors.Response) error {
	body := bytes.TrimSpace(response.Body)
	if len(body) == 0 || body[0] != '{' {
		return nil // judged by its status and its form
	}
	var answer struct {
		Code      json.RawMessage `json:"code"`
		Message   json.RawMessage `json:"message"`
		RequestID json.RawMessage `json:"request_id"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil
	}
	code, err := strconv.Atoi(string(answer.Code))
	switch {
	case err != nil && response.Status < http.StatusMultipleChoices:
		// Not the platform's envelope: a proxy's, or that of another API. What
		// became of a write is open.
		return &connectors.Error{Kind: connectors.Unclear, Lost: true, Err: errors.New("the answer has no code")}
	case err != nil, code == 0:
		return nil
	}
	var message, requestID string
	_ = json.Unmarshal(answer.Message, &message) // another type tells nothing
	_ = json.Unmarshal(answer.RequestID, &requestID)
	e := s.fault(code, message)
	e.RequestID = clip(requestID, 64)
	switch {
	case response.Status == http.StatusTooManyRequests:
		e.Kind = connectors.RateLimited
	case response.Status >= http.StatusInternalServerError && e.Kind == connectors.Unclear:
		e.Kind = connectors.Transient
	case e.Code == "36009004/clock" && s.setClock(response.Header):
		e.Kind = connectors.Transient // with the right time the next try may do
	}
	return e
}

// setClock learns how far the platform's clock is off ours, and tells whether
// that was news.
func (s *shop) setClock(header http.Header) bool {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return false
	}
	skew := time.Until(at)
	news := (skew - time.Duration(s.skew.Load())).Abs() > 5*time.Second
	s.skew.Store(int64(skew))
	return news
}

// issueOf tells a person about a refusal: in our words where the code is known,
// with the platform's behind them.
func issueOf(err error, sku catalog.SKU) catalog.Issue {
	issue := catalog.Issue{Code: string(connectors.KindOf(err)), Severity: catalog.SeverityError, SKU: sku}
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok {
		issue.Message = catalog.Text{VI: err.Error(), EN: err.Error()}
		return issue
	}
	issue.Code = firstOf(e.Code, string(e.Kind))
	reason := strings.ReplaceAll(string(e.Kind), "_", " ")
	if e.Err != nil {
		reason = e.Err.Error()
	}
	known, found := codes[e.Code]
	if !found {
		issue.Message = catalog.Text{VI: "TikTok Shop từ chối: " + reason, EN: "TikTok Shop refused: " + reason}
		return issue
	}
	issue.Field, issue.Message = known.field, known.text
	if e.Err != nil {
		issue.Message.VI += " (" + reason + ")"
		issue.Message.EN += " (" + reason + ")"
	}
	return issue
}

// outcomeOf is the outcome of an item whose call failed. What is wrong with the
// account and not with the item, and what passes by itself, makes it wait.
func outcomeOf(err error, sku catalog.SKU) connectors.Outcome {
	outcome, _ := connectors.OutcomeOf(err)
	if err == nil {
		return outcome
	}
	if e, ok := errors.AsType[*connectors.Error](err); ok && outcome.Kind != connectors.Unknown {
		if wait := codes[e.Code].wait; wait > 0 {
			outcome.Kind, outcome.Until, outcome.Err = connectors.Deferred, time.Now().Add(wait), nil
		} else if e.Kind == connectors.Fatal {
			outcome.Kind = connectors.Deferred
		}
	}
	if connectors.KindOf(err) != connectors.Canceled {
		outcome.Issues = []catalog.Issue{issueOf(err, sku)}
	}
	return outcome
}

// gone is the outcome of a listing that is not there.
func (s *shop) gone(op string, id catalog.ExternalID) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Gone, Err: &connectors.Error{
		Kind: connectors.NotFound, Channel: string(s.env.Channel), Op: op, Err: fmt.Errorf("product %s is not in the shop any more", clip(string(id), 30)),
	}}
}

// refused is the outcome of an item that we refuse ourselves.
func (s *shop) refused(op string, kind connectors.Kind, issues ...catalog.Issue) connectors.Outcome {
	outcome := outcomeOf(&connectors.Error{
		Kind: kind, Channel: string(s.env.Channel), Op: op, Code: issues[0].Code, Err: errors.New(lowerFirst(issues[0].Message.EN)),
	}, "")
	outcome.Issues = issues
	return outcome
}

// issue makes one of ours.
func issue(code, field string, sku catalog.SKU, vi, en string) catalog.Issue {
	return catalog.Issue{Code: code, Severity: catalog.SeverityError, Field: field, SKU: sku, Message: catalog.Text{VI: vi, EN: en}}
}

// codeOf is the platform's code of an error, "" when it has none or may have
// been carried out.
func codeOf(err error) string {
	if e, ok := errors.AsType[*connectors.Error](err); ok && !e.Lost {
		return e.Code
	}
	return ""
}
