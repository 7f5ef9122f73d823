package tiki

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// pageSize is the most rows of a page. 100 is announced; public integrations
// got errors above 50.
const pageSize = 50

// zone is Vietnam's. Tiki's times are in it and do not say so.
var zone = time.FixedZone("ICT", 7*3600)

const timeLayout = "2006-01-02 15:04:05"

func stamp(t time.Time) string { return t.In(zone).Format(timeLayout) }

func parseTime(text string) (time.Time, error) {
	t, err := time.ParseInLocation(timeLayout, text, zone)
	return t.UTC(), err
}

// product is a Tiki product as far as we read it.
type product struct {
	ID          int64            `json:"product_id"`
	Name        string           `json:"name"`
	SuperID     int64            `json:"super_id"` // the configurable product; 0 = none
	Active      flag             `json:"active"`
	Hidden      flag             `json:"is_hidden"`
	SKU         string           `json:"original_sku"`
	Type        string           `json:"type"`
	Price       amount           `json:"price"`
	MarketPrice amount           `json:"market_price"`
	UpdatedAt   string           `json:"updated_at"`
	Images      []picture        `json:"images"`
	Categories  []rowCategory    `json:"categories"`
	Attributes  map[string]shown `json:"attributes"`
	Inventory   *inventory       `json:"inventory"`
}

// parts is what reads of products ask for beside the row itself.
const parts = "inventory,attributes,images,categories"

func (p product) configurable() bool { return p.Type == "configurable" }

type picture struct {
	URL string `json:"url"`
}

type rowCategory struct {
	ID      int64 `json:"id"`
	Primary flag  `json:"is_primary"`
}

// inventory has no documented form. What we set are quantities per warehouse,
// so those count first.
type inventory struct {
	Sellable *int64 `json:"quantity_sellable"`
	Quantity *int64 `json:"quantity"`
	Stocks   []struct {
		Quantity  *int64 `json:"qtyAvailable"`
		Available *int64 `json:"qty_available"`
	} `json:"warehouse_stocks"`
}

// pieces is how many may be sold; nil = not told.
func (i *inventory) pieces() *int64 {
	if i == nil {
		return nil
	}
	var sum int64
	told := false
	for _, stock := range i.Stocks {
		for _, n := range []*int64{stock.Quantity, stock.Available} {
			if n != nil {
				sum, told = sum+*n, true
			}
		}
	}
	switch {
	case told:
		return &sum
	case i.Sellable != nil:
		return i.Sellable
	}
	return i.Quantity
}

// shown is an attribute's value in a row: {"value":...} or the bare value.
// Texts, numbers and booleans are read, anything else is "".
type shown string

// UnmarshalJSON implements json.Unmarshaler.
func (s *shown) UnmarshalJSON(raw []byte) error {
	var object struct {
		Value json.RawMessage `json:"value"`
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) && json.Unmarshal(raw, &object) == nil {
		raw = object.Value
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*s = shown(text)
		return nil
	}
	switch text = string(bytes.TrimSpace(raw)); {
	case text == "true":
		*s = "1"
	case text == "false":
		*s = "0"
	case text != "" && strings.Trim(text, "0123456789.-+eE") == "":
		*s = shown(text)
	default:
		*s = ""
	}
	return nil
}

// flag is a boolean that Tiki writes as true, 1 or "1".
type flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	*f = text == "true" || text == "1"
	return nil
}

// amount is dong, written as 99000, 99000.0 or "99000"; nil = null.
type amount struct{ value *int64 }

// UnmarshalJSON implements json.Unmarshaler.
func (a *amount) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if a.value = nil; text == "null" || text == "" {
		return nil
	}
	exact, err := decimal.NewFromString(text)
	if err != nil || exact.Exponent() > 18 {
		return errors.New("not an amount of dong")
	}
	n := exact.Round(0).BigInt()
	if !n.IsInt64() {
		return errors.New("amount of dong is too large")
	}
	whole := n.Int64()
	a.value = &whole
	return nil
}

// dong is the amount, 0 when there is none.
func (a amount) dong() int64 {
	if a.value == nil {
		return 0
	}
	return *a.value
}

// text is a JSON text, or a number read as one; null is "".
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(raw []byte) error {
	if bytes.Equal(raw, []byte("null")) {
		*t = ""
		return nil
	}
	*t = text(strings.Trim(string(raw), `"`))
	return nil
}

type paging struct {
	Total    int `json:"total"`
	Current  int `json:"current_page"`
	LastPage int `json:"last_page"`
}

// list is {"data":[...],"paging":{...}}, or in places the bare array.
type list[T any] struct {
	Data   []T
	Paging *paging
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *list[T]) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return json.Unmarshal(raw, &l.Data)
	}
	var object struct {
		Data   *[]T    `json:"data"`
		Paging *paging `json:"paging"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	if object.Data == nil {
		return errors.New("no data")
	}
	l.Data, l.Paging = *object.Data, object.Paging
	return nil
}

// pages reads a list page by page. Rows may move between pages while it reads;
// whoever needs all of them looks after that. An error ends the sequence.
func pages[T any](ctx context.Context, s *shop, op, path string, query url.Values) iter.Seq2[list[T], error] {
	return func(yield func(list[T], error) bool) {
		asked := url.Values{"limit": {strconv.Itoa(pageSize)}}
		for name, values := range query {
			asked[name] = values
		}
		for page := 1; ; page++ {
			asked.Set("page", strconv.Itoa(page))
			var answer list[T]
			if _, err := s.client.Do(ctx, connectors.Call{Op: op, Path: path, Query: asked, Out: &answer}); err != nil {
				yield(list[T]{}, err)
				return
			}
			p := answer.Paging
			if p != nil && p.Current != 0 && p.Current != page {
				yield(list[T]{}, s.fail(connectors.Transient, op, "list", fmt.Sprintf("page %d was sent for page %d", p.Current, page), ""))
				return
			}
			if !yield(answer, nil) || len(answer.Data) == 0 || p == nil || page >= p.LastPage {
				return
			}
		}
	}
}

// each runs task for 0 to n-1, as many at once as the channel allows.
func (s *shop) each(n int, task func(i int) error) []error {
	return connectors.Parallel(n, s.options.Concurrency, hopeless, task)
}

// hopeless tells that the next call would fail likewise, and this one was not
// carried out.
func hopeless(err error) bool {
	switch connectors.KindOf(err) {
	case connectors.Auth, connectors.RateLimited, connectors.Fatal, connectors.Canceled, connectors.Transient:
		return !connectors.IsLost(err)
	}
	return false
}

func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// outcomeOf is the outcome of an item by the error of its call. What is wrong
// with the account is no fault of the item: it waits.
func outcomeOf(err error, sku catalog.SKU) connectors.Outcome {
	outcome, _ := connectors.OutcomeOf(err)
	if err == nil {
		return outcome
	}
	if connectors.KindOf(err) == connectors.Fatal && outcome.Kind == connectors.Rejected {
		outcome.Kind = connectors.Deferred
	}
	if connectors.KindOf(err) != connectors.Canceled {
		outcome.Issues = []catalog.Issue{issueOf(err, sku)}
	}
	return outcome
}

// whole returns outcomes, or the error alone when none of the items was sent.
func whole(outcomes []connectors.Outcome) ([]connectors.Outcome, error) {
	for _, o := range outcomes {
		if o.Kind != connectors.Deferred || o.Err == nil || o.Remote != nil || !hopeless(o.Err) {
			return outcomes, nil
		}
	}
	if len(outcomes) == 0 {
		return outcomes, nil
	}
	return nil, outcomes[0].Err
}
