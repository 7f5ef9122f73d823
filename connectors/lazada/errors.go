package lazada

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// codeOffline says that a product was off sale already.
const codeOffline = "E0004"

// codeImage says that a picture is not one of Lazada's.
const codeImage = "4138"

// wireError is an answer as far as it tells whether the call worked. Lazada
// answers HTTP 200 whatever happened.
type wireError struct {
	Code      text            `json:"code"`
	Message   text            `json:"message"`
	RequestID text            `json:"request_id"`
	Detail    json.RawMessage `json:"detail"`
	Data      json.RawMessage `json:"data"`
	verdict                   // of brands
	Result    *verdict        `json:"result"` // of fulfillment
}

// verdict is the second one that some calls give; its names have two forms.
type verdict struct {
	Success    *bool `json:"success"`
	ErrorCode  text  `json:"error_code"`
	ErrorMsg   text  `json:"error_msg"`
	ErrorCode2 text  `json:"errorCode"`
	ErrorMsg2  text  `json:"errorMsg"`
}

// refusal is the cause of an error that the platform gave: its words, and what
// it says of single items.
type refusal struct {
	message string
	rows    []row
}

// Error repeats the platform's words.
func (r *refusal) Error() string { return r.message }

// row says why one item was refused. id is a number or SKU, or the name of a
// field.
type row struct{ id, code, message string }

// UnmarshalJSON reads the forms that rows were seen in.
func (r *row) UnmarshalJSON(data []byte) error {
	var wire struct {
		SKU       text `json:"sku"`
		SkuID     text `json:"sku_id"`
		SellerSKU text `json:"seller_sku"`
		Field     text `json:"field"`
		Code      text `json:"code"`
		Message   text `json:"message"`
		Msg       text `json:"msg"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*r = row{
		id:      firstOf(string(wire.SKU), string(wire.SkuID), string(wire.SellerSKU), string(wire.Field)),
		code:    string(wire.Code),
		message: firstOf(string(wire.Message), string(wire.Msg)),
	}
	if found := prefixed.FindStringSubmatch(r.message); r.code == "" && found != nil {
		r.code = found[1]
		r.message = firstOf(strings.TrimSpace(r.message[len(found[0]):]), r.code)
	}
	return nil
}

// prefixed is a message that begins with its code: "4170: ...", "E207: ...",
// "BIZ_CHECK_...:...".
var prefixed = regexp.MustCompile(`^\[?E?([0-9]{2,6}|[A-Z][A-Z0-9_]{5,})([\]:]|$)`)

// rows reads what is said of single items, wherever it stands.
func (w wireError) rows() []row {
	var list []row
	if json.Unmarshal(w.Detail, &list) == nil && len(list) > 0 {
		return list
	}
	var data struct {
		Errors []row `json:"errors"`
	}
	if json.Unmarshal(w.Data, &data) == nil {
		return data.Errors
	}
	return nil
}

// failed finds the code and message of a failure; ok is true when there is
// none.
func (w wireError) failed() (code, message string, ok bool) {
	code, message = string(w.Code), string(w.Message)
	for _, v := range []*verdict{&w.verdict, w.Result} {
		if code == "0" && v != nil && v.Success != nil && !*v.Success {
			code = firstOf(string(v.ErrorCode), string(v.ErrorCode2), "failed")
			message = firstOf(string(v.ErrorMsg), string(v.ErrorMsg2))
		}
	}
	return code, message, code == "0"
}

// classify is the one place that turns an answer into an error. It is the
// client's Classify.
func (s *shop) classify(response connectors.Response) error {
	var body wireError
	if json.Unmarshal(response.Body, &body) != nil {
		return nil // no answer of the gateway: the client judges it
	}
	code, message, ok := body.failed()
	known, found := lookup(code)
	switch {
	case response.Status == http.StatusTooManyRequests:
		e := &connectors.Error{Kind: connectors.RateLimited, Code: clip(code)}
		if response.Header.Get("Retry-After") == "" {
			e.RetryAfter = time.Second
		}
		return e
	case response.Status >= http.StatusMultipleChoices && !found:
		return nil
	case ok:
		return nil
	case code == "":
		return &connectors.Error{Kind: connectors.Unclear, Code: "no_code", Err: errors.New("the answer has no code"), Lost: true}
	}
	return s.refused(code, message, string(body.RequestID), body.rows(), known, found)
}

// refused makes the error of a code.
func (s *shop) refused(code, message, request string, rows []row, known entry, found bool) *connectors.Error {
	for _, r := range rows {
		// The code as a whole says nothing; the first known detail does. That
		// one item of a batch should be tried again is for who knows the items.
		if e, ok := lookup(r.code); ok && generic[code] && e.kind != connectors.Transient && e.kind != connectors.RateLimited {
			code, message, known = r.code, firstOf(r.message, message), e
			break
		}
	}
	if len(rows) > 0 && rows[0].message != "" && message != rows[0].message {
		message += ": " + strings.TrimSpace(rows[0].id+" "+rows[0].message)
	}
	e := &connectors.Error{
		Kind: connectors.Unclear, Code: clip(code), RequestID: clip(request), Lost: known.lost, RetryAfter: known.wait,
		Err: &refusal{message: s.silent(clip(firstOf(message, "refused without a reason"))), rows: rows},
	}
	if found {
		e.Kind, e.Hint = known.kind, lowerFirst(strings.TrimSuffix(known.todo.EN, "."))
	}
	return e
}

// generic are the codes that say only that something failed.
var generic = map[string]bool{"500": true, "501": true, "503": true}

// silent takes the app's secret out of a text, and whatever looks like a token:
// the client does so for the present one only.
func (s *shop) silent(message string) string {
	if secret := s.options.AppSecret.Reveal(); len(secret) >= 6 {
		message = strings.ReplaceAll(message, secret, "(redacted)")
	}
	return tokenLike.ReplaceAllString(message, "(redacted)")
}

var tokenLike = regexp.MustCompile(`[A-Za-z0-9]{24,}`)

// ofOne is the error of a call about one product: a detail that says to try
// again speaks for all of it.
func ofOne(err error) error {
	for _, r := range rowsOf(err) {
		if known, ok := lookup(r.code); ok && known.kind == connectors.Transient {
			e, _ := errors.AsType[*connectors.Error](err)
			copied := *e
			copied.Kind, copied.Lost, copied.Code = connectors.Transient, known.lost, clip(r.code)
			return &copied
		}
	}
	return err
}

// itemError is the error of one item of an answer that told items apart.
func (s *shop) itemError(op string, r row) *connectors.Error {
	known, found := lookup(r.code)
	e := s.refused(firstOf(r.code, "refused"), r.message, "", nil, known, found)
	e.Channel, e.Op = string(s.env.Channel), op
	if e.Kind == connectors.Unclear {
		e.Kind = connectors.Validation // an item that says no was not carried out
	}
	return e
}

// rowsOf are the refused items that an error names.
func rowsOf(err error) []row {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.rows
	}
	return nil
}

// issueOf tells a person about a failure: in our words where the code is
// known, with the platform's behind them.
func issueOf(err error, sku catalog.SKU) catalog.Issue {
	issue := catalog.Issue{Code: string(connectors.KindOf(err)), Severity: catalog.SeverityError, SKU: sku}
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok {
		issue.Message = catalog.Text{VI: clip(err.Error()), EN: clip(err.Error())}
		return issue
	}
	issue.Code = firstOf(e.Code, string(e.Kind))
	reason := ""
	if e.Err != nil {
		reason = e.Err.Error()
	}
	known, found := lookup(e.Code)
	if !found {
		reason = firstOf(reason, string(e.Kind))
		issue.Message = both("Lazada từ chối hoặc không trả lời: "+reason, "Lazada refused or did not answer: "+reason)
		return issue
	}
	issue.Field = known.field
	issue.Message = both(known.cause.VI+" "+known.todo.VI, known.cause.EN+" "+known.todo.EN)
	if reason != "" {
		issue.Message.VI += " (" + reason + ")"
		issue.Message.EN += " (" + reason + ")"
	}
	return issue
}

func lowerFirst(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(r)) + text[size:]
}
