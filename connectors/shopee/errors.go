package shopee

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
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
	// locked codes pass by themselves when a promotion ends.
	locked bool
	text   catalog.Text
}

// lockedFor is how long a listing in a promotion is left alone.
const lockedFor = 6 * time.Hour

// said are meanings that only the text of a general code tells.
var said = []struct{ code, part, means string }{
	{"error_auth", "invalid access_token", "invalid_access_token"},
	{"error_param", "access_token", "invalid_access_token"},
	{"error_param", "timestamp", "invalid_timestamp"},
	{"error_param", "offset over limit", codeOffset},
	{"error_busi", "duplicate", "error_duplicate_item"},
}

// misspelled are spellings of the platform, each with the right one.
var misspelled = strings.NewReplacer(
	"acceess", "access", "incalid", "invalid", "cannt", "cannot", "cantnot", "cannot", "limitt", "limit", "pacakge", "package", "promotoin", "promotion",
)

// normal brings a code into the spelling of the table: without the name of a
// module before it, without a dot behind it.
func normal(code string) string {
	code = strings.ToLower(strings.Trim(strings.TrimSpace(code), "."))
	if code == "order.error_limit" { // elsewhere this is the day's quota
		return codeOrderMoved
	}
	if _, bare, dotted := strings.Cut(code, "."); dotted {
		code = bare
	}
	return misspelled.Replace(code)
}

// wireError is what every answer has; Code is empty on success.
type wireError struct {
	Code      string `json:"error"`
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
}

// classify is the one place that turns an answer into an error. It decides by
// the code in the body, whatever the status: business errors come with 200,
// those of signature and token with 403 or 200.
func classify(response connectors.Response) error {
	var wire wireError
	if json.Unmarshal(response.Body, &wire) != nil || wire.Code == "" {
		return nil // success, or nothing of the platform: judged by the status
	}
	e := &connectors.Error{Code: normal(wire.Code), RequestID: clip(wire.RequestID, 64)}
	message := plain(wire.Message)
	for _, known := range said {
		if e.Code == known.code && strings.Contains(strings.ToLower(message), known.part) {
			e.Code = known.means
			break
		}
	}
	if message != "" {
		e.Err = errors.New(message)
	}
	known, found := codes[e.Code]
	switch {
	case found:
		e.Kind, e.Hint = known.kind, lowerFirst(strings.TrimSuffix(known.text.EN, "."))
	case !isCode(e.Code):
		e.Kind, e.Code = connectors.Unclear, ""
	case response.Status < 400:
		// A code that is not in the table: the platform has thousands, nearly
		// all of them refusals of what was sent.
		e.Kind = connectors.Validation
	}
	if !found && response.Status >= 400 {
		e.Kind = kindOfStatus(response.Status)
	}
	if response.Status == http.StatusTooManyRequests {
		e.Kind = connectors.RateLimited
	}
	if e.Code == codeQuota {
		e.RetryAfter = untilQuota(time.Now())
	}
	// "System busy" does not say whether a write was carried out.
	e.Lost = e.Kind == connectors.Transient || e.Kind == connectors.Unclear
	return e
}

// untilQuota is how long the calls of a day take to be renewed: until midnight,
// UTC+8.
func untilQuota(now time.Time) time.Duration {
	local := now.In(time.FixedZone("UTC+8", 8*3600))
	return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, local.Location()).Sub(now)
}

func kindOfStatus(status int) connectors.Kind {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return connectors.Auth
	case status == http.StatusNotFound:
		return connectors.Fatal // an API that is not there; items are told by codes
	case status >= 500:
		return connectors.Transient
	}
	return connectors.Validation
}

// isCode tells codes from texts, which could hold anything, keys included.
func isCode(code string) bool {
	if len(code) > 80 || !strings.Contains(code, "_") || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789_.") != "" {
		return false
	}
	return strings.HasPrefix(code, "error_") || !strings.ContainsAny(code, "0123456789")
}

// longWord is what keys, tokens and signatures look like, also those that are
// not in use any more.
var longWord = regexp.MustCompile(`[A-Za-z0-9]{24,}`)

// plain makes a message of the platform fit to be shown: one line, not long,
// without what could be a key.
func plain(text string) string {
	return clip(longWord.ReplaceAllString(strings.Join(strings.Fields(text), " "), "(redacted)"), 300)
}

// clip shortens a text from outside to n characters.
func clip(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i] + "…"
		}
	}
	return text
}

func lowerFirst(text string) string {
	if text == "" || strings.HasPrefix(text, "Shopee") {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

// outcomeOf is the outcome of a failed write for one item. retry tells that
// nothing was carried out and the same may be sent again.
func outcomeOf(err error, sku catalog.SKU) (outcome connectors.Outcome, retry bool) {
	outcome, retry = connectors.OutcomeOf(err)
	if err == nil {
		return outcome, false
	}
	if !retry || outcome.Kind == connectors.Deferred {
		outcome.Issues = []catalog.Issue{issueOf(err, sku)}
	}
	if e, ok := errors.AsType[*connectors.Error](err); ok && codes[e.Code].locked && !e.Lost {
		outcome.Kind, outcome.Until = connectors.Deferred, time.Now().Add(lockedFor)
	}
	return outcome, retry
}

// issueOf tells a person about a refusal: in our words where the code is
// known, with the platform's behind them.
func issueOf(err error, sku catalog.SKU) catalog.Issue {
	issue := catalog.Issue{Code: string(connectors.KindOf(err)), Severity: catalog.SeverityError, SKU: sku}
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok {
		issue.Message = catalog.Text{VI: err.Error(), EN: err.Error()}
		return issue
	}
	if e.Code != "" {
		issue.Code = e.Code
	}
	reason := ""
	if e.Err != nil {
		reason = e.Err.Error()
	}
	known, found := codes[e.Code]
	if !found {
		if reason == "" {
			reason = strings.ReplaceAll(string(e.Kind), "_", " ")
		}
		issue.Message = catalog.Text{VI: "Shopee từ chối: " + reason, EN: "Shopee refused: " + reason}
		return issue
	}
	issue.Field, issue.Message = known.field, known.text
	if reason != "" {
		issue.Message.VI += " (" + reason + ")"
		issue.Message.EN += " (" + reason + ")"
	}
	return issue
}
