package woocommerce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// api is the path of the REST API below the site's address.
const api = "/wp-json/wc/v3/"

// pageSize is the most rows of a page; 101 are refused.
const pageSize = 100

// product is a product or a variation, as far as we read it.
type product struct {
	ID                int64       `json:"id"`
	ParentID          int64       `json:"parent_id"`
	Name              string      `json:"name"`
	Permalink         string      `json:"permalink"`
	DateModifiedGMT   string      `json:"date_modified_gmt"`
	Type              string      `json:"type"`
	Status            string      `json:"status"`
	CatalogVisibility string      `json:"catalog_visibility"`
	SKU               string      `json:"sku"`
	GTIN              string      `json:"global_unique_id"`
	Description       string      `json:"description"`
	ShortDescription  string      `json:"short_description"`
	Price             string      `json:"price"`
	RegularPrice      string      `json:"regular_price"`
	SalePrice         string      `json:"sale_price"`
	OnSale            bool        `json:"on_sale"`
	ManageStock       flag        `json:"manage_stock"`
	StockQuantity     whole       `json:"stock_quantity"`
	Weight            string      `json:"weight"`
	Dimensions        dimensions  `json:"dimensions"`
	Categories        []reference `json:"categories"`
	Images            []image     `json:"images"`
	Attributes        []attribute `json:"attributes"`
	Variations        []int64     `json:"variations"`
	MetaData          []meta      `json:"meta_data"`
	// Error is set for a failed item of a batch.
	Error *wireError `json:"error"`
}

// productFields is what reads of products ask for; variations have the same.
const productFields = "id,parent_id,name,permalink,date_modified_gmt,type,status,catalog_visibility,sku," +
	"global_unique_id,description,short_description,price,regular_price,sale_price,on_sale,manage_stock," +
	"stock_quantity,weight,dimensions,categories,images,attributes,variations,meta_data"

func (p product) id() int64 { return p.ID }

type dimensions struct {
	Length string `json:"length"`
	Width  string `json:"width"`
	Height string `json:"height"`
}

type reference struct {
	ID int64 `json:"id"`
}

type image struct {
	ID int64 `json:"id"`
}

// attribute is one of a product (options) or of a variation (option). ID is 0
// for one that belongs to this product alone.
type attribute struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	Visible   bool     `json:"visible"`
	Variation bool     `json:"variation"`
	Options   []string `json:"options"`
	Option    string   `json:"option"`
}

type meta struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// metaText returns a text kept in meta data, "" when there is none.
func metaText(list []meta, key string) string {
	for _, m := range list {
		var text string
		if m.Key == key && json.Unmarshal(m.Value, &text) == nil {
			return text
		}
	}
	return ""
}

// flag is a boolean; a variation's manage_stock may also be "parent".
type flag bool

// UnmarshalJSON takes anything but true for false.
func (f *flag) UnmarshalJSON(text []byte) error {
	*f = string(text) == "true"
	return nil
}

// whole is an integer that may be null; plugins write it as text or with
// decimals, which are cut.
type whole struct{ value *int64 }

// UnmarshalJSON reads 7, "7", 7.0 and null.
func (w *whole) UnmarshalJSON(text []byte) error {
	digits, _, _ := strings.Cut(strings.Trim(string(text), `"`), ".")
	if digits == "null" || digits == "" {
		w.value = nil
		return nil
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a whole number", clip(string(text)))
	}
	w.value = &n
	return nil
}

// do sends one call.
func (s *shop) do(ctx context.Context, call connectors.Call) (connectors.Response, error) {
	response, err := s.client.Do(ctx, call)
	s.shrink(err)
	return response, err
}

// shrink halves the batch size after an answer that shows that the shop did
// not manage a batch in time. It stays so until the channel is opened again.
func (s *shop) shrink(err error) {
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok || !(e.Code == codeTooLarge || e.Lost && (e.Status == 0 || e.Status == http.StatusGatewayTimeout || e.Status == 524)) {
		return
	}
	const least = 5
	if now := s.batch.Load(); now > least {
		s.batch.CompareAndSwap(now, max(least, now/2))
	}
}

// row is anything that lists give by ID.
type row interface{ id() int64 }

// list reads a whole list in pages, sorted by ID. Rows that are deleted while
// it reads move the others forward, so every page begins with the last row of
// the one before; where it does not, list goes back until it finds its place.
// An error ends the sequence.
func list[T row](ctx context.Context, s *shop, op, path string, query url.Values) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		fail := func(format string, arguments ...any) {
			yield(nil, &connectors.Error{
				Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Code: "list", Err: fmt.Errorf(format, arguments...),
			})
		}
		page := url.Values{"per_page": {strconv.Itoa(pageSize)}, "orderby": {"id"}, "order": {"asc"}}
		for name, values := range query {
			page[name] = values
		}
		var last int64
		back := 0
		for offset := 0; ; {
			page.Set("offset", strconv.Itoa(offset))
			var rows []T
			response, err := s.do(ctx, connectors.Call{Op: op, Path: path, Query: page, Out: &rows})
			if err != nil {
				yield(nil, err)
				return
			}
			total, err := strconv.Atoi(response.Header.Get("X-WP-Total"))
			if err != nil {
				total = -1 // a proxy removed it
			}
			if offset > 0 && (len(rows) == 0 || rows[0].id() > last) {
				// Rows before this page went away: between last and the first
				// one here others may have been skipped.
				if back++; back > 100 {
					fail("the list changed too fast to be read")
					return
				}
				offset = max(0, offset-pageSize+1)
				continue
			}
			fresh := rows[:0:0]
			previous := int64(0)
			for _, r := range rows {
				if r.id() <= previous {
					fail("the list is not sorted by ID: %d after %d", r.id(), previous)
					return
				}
				if previous = r.id(); previous > last {
					fresh = append(fresh, r)
				}
			}
			if len(fresh) > 0 && !yield(fresh, nil) {
				return
			}
			switch end := offset + len(rows); {
			case len(rows) < pageSize && total > end:
				fail("the list has %d rows, %d were sent", total, end)
				return
			case len(rows) < pageSize || total == end:
				return
			case len(fresh) == 0:
				fail("the same page came again at offset %d", offset)
				return
			default:
				last = previous
				offset = end - 1
			}
		}
	}
}

// all collects a list.
func all[T row](ctx context.Context, s *shop, op, path string, query url.Values) ([]T, error) {
	var rows []T
	for page, err := range list[T](ctx, s, op, path, query) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, page...)
	}
	return rows, nil
}

// fields is a product as we write it: only what is asked for.
type fields map[string]any

// result is what became of one item of a batch.
type result struct {
	product product
	err     *connectors.Error // nil = carried out
}

// write is one batch request of creates or of updates.
type write struct {
	op     string
	path   string // of the batch address
	create bool
	items  []fields // each with "id", unless create
	urgent bool
}

// send sends one batch. It returns one result per item, or an error for the
// request as a whole. Answers belong to items by position; an answer that is
// not its item's is no answer.
func (s *shop) send(ctx context.Context, w write) ([]result, error) {
	var answer struct {
		Create []product `json:"create"`
		Update []product `json:"update"`
	}
	body := map[string][]fields{"update": w.items}
	if w.create {
		body = map[string][]fields{"create": w.items}
	}
	_, err := s.do(ctx, connectors.Call{
		Op: w.op, Method: http.MethodPost, Path: w.path, Body: body,
		// Updates set values, so that sending them twice does no harm.
		Repeatable: !w.create, Urgent: w.urgent,
		Out: &answer,
	})
	if err != nil {
		return nil, err
	}
	products := answer.Update
	if w.create {
		products = answer.Create
	}
	results := make([]result, len(w.items))
	for i, item := range w.items {
		if i >= len(products) || !answers(products[i], item) {
			results[i].err = &connectors.Error{
				Kind: connectors.Transient, Channel: string(s.env.Channel), Op: w.op, Code: "missing", Lost: true,
				Err: errors.New("the shop's answer does not mention the item"),
			}
			continue
		}
		results[i].product = products[i]
		if failure := products[i].Error; failure != nil {
			e := failure.err()
			e.Channel, e.Op = string(s.env.Channel), w.op
			e.Lost = e.Kind == connectors.Transient
			if e.Kind == connectors.Unclear {
				e.Kind = connectors.Validation // an item that says no was not carried out
			}
			results[i].err = e
		}
	}
	return results, nil
}

// answers tells that p is the answer to item.
func answers(p product, item fields) bool {
	if p.Error != nil {
		return true
	}
	if id, ok := item["id"]; ok {
		return id == p.ID
	}
	return p.ID != 0 && (item["sku"] == nil || item["sku"] == p.SKU)
}

// sendAll sends batches, as many at once as the channel allows, and gives
// their results by batch. After an error that the next batch would meet too
// (key refused, rate limit, shop not there) the others are not sent and have
// that error; errs has one entry per batch.
func (s *shop) sendAll(ctx context.Context, writes []write) (results [][]result, errs []error) {
	results = make([][]result, len(writes))
	errs = s.parallel(len(writes), func(i int) (err error) {
		results[i], err = s.send(ctx, writes[i])
		return err
	})
	return results, errs
}

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

// failed is the outcome of an item whose request failed as a whole. What is
// wrong with the request or the account is no fault of the item: it waits.
func failed(err error) connectors.Outcome {
	outcome, _ := connectors.OutcomeOf(err)
	if outcome.Kind == connectors.Rejected {
		outcome.Kind = connectors.Deferred
	}
	if outcome.Kind == connectors.Deferred && connectors.KindOf(err) == connectors.Canceled {
		return outcome
	}
	outcome.Issues = []catalog.Issue{issueOf(err, "")}
	return outcome
}

// refused is the outcome of an item that the shop refused by itself.
func refused(err error, sku catalog.SKU) connectors.Outcome {
	outcome, _ := connectors.OutcomeOf(err)
	outcome.Issues = []catalog.Issue{issueOf(err, sku)}
	return outcome
}

// chunks cuts items into pieces of the present batch size.
func chunks[T any](s *shop, items []T) [][]T {
	size := int(s.batch.Load())
	var pieces [][]T
	for len(items) > size {
		pieces = append(pieces, items[:size:size])
		items = items[size:]
	}
	if len(items) > 0 {
		pieces = append(pieces, items)
	}
	return pieces
}
