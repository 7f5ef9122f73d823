package lazada

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// answer is the envelope of a successful call.
type answer[T any] struct {
	Data maybe[T] `json:"data"`
}

// maybe is a value that comes as an empty text, list or object when there is
// nothing.
type maybe[T any] struct{ value T }

// UnmarshalJSON takes whatever is empty for nothing.
func (m *maybe[T]) UnmarshalJSON(data []byte) error {
	switch string(bytes.TrimSpace(data)) {
	case "null", `""`, "[]", "{}":
		return nil
	}
	return json.Unmarshal(data, &m.value)
}

// number is an integer that comes as a number or as a text.
type number int64

// UnmarshalJSON reads 7, "7", 7.0, "" and null.
func (n *number) UnmarshalJSON(data []byte) error {
	digits, _, _ := strings.Cut(strings.Trim(string(data), `"`), ".")
	if digits == "null" || digits == "" {
		*n = 0
		return nil
	}
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return errors.New("not a whole number")
	}
	*n = number(value)
	return nil
}

func (n number) String() string { return strconv.FormatInt(int64(n), 10) }

// text is a text that may come as a number.
type text string

// UnmarshalJSON reads "a", 7, 7.50, true and null.
func (t *text) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*t = ""
		return nil
	}
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(t))
	}
	if len(data) > 0 && (data[0] == '{' || data[0] == '[') {
		return errors.New("not a text")
	}
	*t = text(data)
	return nil
}

// get reads. Nothing is lost when that fails, whatever the code says.
func (s *shop) get(ctx context.Context, call connectors.Call) error {
	_, err := s.client.Do(ctx, call)
	return connectors.NotSent(err)
}

// fields is a JSON object on its way out.
type fields = map[string]any

// payload writes a request as JSON text, once, so that what is signed is what
// is sent.
func payload(value any) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSpace(b.String()), nil
}

// write is a call that changes something: one parameter that holds JSON.
type write struct {
	op, path   string
	parameter  string
	value      any
	repeatable bool // sets values, so that twice does no harm
	urgent     bool
	out        any
}

func (s *shop) write(ctx context.Context, w write) error {
	value, err := payload(w.value)
	if err != nil {
		return s.fail(w.op, connectors.Fatal, "payload", "the request cannot be written as JSON")
	}
	_, err = s.client.Do(ctx, connectors.Call{
		Op: w.op, Method: http.MethodPost, Path: w.path, Body: url.Values{w.parameter: {value}}, Out: w.out, Repeatable: w.repeatable, Urgent: w.urgent,
	})
	return err
}

// request wraps what is asked of a product as the calls want it.
func request(product fields) fields { return fields{"Request": fields{"Product": product}} }

// parallel runs task for 0 to n-1, as many at once as the channel allows.
func (s *shop) parallel(n int, task func(i int) error) []error {
	return connectors.Parallel(n, s.options.Concurrency, hopeless, task)
}

// hopeless tells that the next call would fail likewise.
func hopeless(err error) bool {
	switch connectors.KindOf(err) {
	case connectors.Auth, connectors.RateLimited, connectors.Fatal, connectors.Canceled:
		return true
	case connectors.Transient:
		return !connectors.IsLost(err)
	}
	return false
}

// outcomeOf is the outcome of an item whose call failed. What is wrong with
// the account and not with the item makes it wait.
func outcomeOf(err error, sku catalog.SKU) connectors.Outcome {
	outcome, _ := connectors.OutcomeOf(err)
	if outcome.Kind == connectors.Rejected && connectors.KindOf(err) == connectors.Fatal {
		outcome.Kind = connectors.Deferred
	}
	if connectors.KindOf(err) != connectors.Canceled && err != nil {
		outcome.Issues = []catalog.Issue{issueOf(err, sku)}
	}
	return outcome
}

// gone is the outcome of a listing that is not there.
func (s *shop) gone(op string, id catalog.ExternalID) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Gone, Err: s.fail(op, connectors.NotFound, "", "product %s is not in the shop any more", clip(string(id)))}
}

// isID tells that an external ID is a number of the platform.
func isID(id catalog.ExternalID) bool {
	n, err := strconv.ParseInt(string(id), 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == string(id)
}

func idOf(n number) catalog.ExternalID { return catalog.ExternalID(n.String()) }

// joinIDs writes numbers as a JSON list.
func joinIDs(ids []number) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return fmt.Sprintf("[%s]", strings.Join(texts, ","))
}
