package shopee

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// maxWindow is a little less than the 15 days that one list of orders may span.
const maxWindow = 15*24*time.Hour - time.Minute

// firstOrders is when Shopee opened in Vietnam: no order is older.
var firstOrders = time.Date(2015, 8, 1, 0, 0, 0, 0, time.UTC)

// detailFields are the parts of an order that are only told when asked for.
const detailFields = "buyer_username,recipient_address,note,item_list,pay_time,package_list,total_amount,payment_method,cancel_by,cancel_reason," +
	"buyer_cancel_reason,estimated_shipping_fee,actual_shipping_fee,split_up,shipping_carrier,fulfillment_flag,pickup_done_time"

// document is what we keep of an order.
type document struct {
	Order json.RawMessage `json:"order"`
	// Tracking numbers by package; the order itself does not tell them.
	Tracking map[string]string `json:"tracking,omitempty"`
}

// orderKey is what reading needs of an order.
type orderKey struct {
	SN       string   `json:"order_sn"`
	Status   string   `json:"order_status"`
	Updated  int64    `json:"update_time"`
	Packages []parcel `json:"package_list"`
}

// parcel is a parcel of an order.
type parcel struct {
	Number  string `json:"package_number"`
	Status  string `json:"logistics_status"`
	Carrier string `json:"shipping_carrier"`
	Items   []struct {
		ItemID  int64 `json:"item_id"`
		ModelID int64 `json:"model_id"`
	} `json:"item_list"`
}

// Orders reads orders by their time of change in windows of 15 days, and their
// details 50 at a time. An order that changes while it is read moves to a later
// place or window; should it be missed, it is newer than this read.
func (s *shop) Orders(ctx context.Context, since time.Time) iter.Seq2[connectors.RawOrder, error] {
	return func(yield func(connectors.RawOrder, error) bool) {
		from := since.UTC().Truncate(time.Second).Add(-time.Second) // whether the edge is included is not documented
		if from.Before(firstOrders) {
			from = firstOrders
		}
		end := time.Now().UTC().Add(time.Second)
		if !end.After(from) {
			end = from.Add(time.Second)
		}
		for from.Before(end) {
			to := from.Add(maxWindow)
			if to.After(end) {
				to = end
			}
			if !s.window(ctx, from, to, yield) {
				return
			}
			from = to
		}
	}
}

// window yields the orders of one window; false ends the sequence.
func (s *shop) window(ctx context.Context, from, to time.Time, yield func(connectors.RawOrder, error) bool) bool {
	back, err := s.returned(ctx, from, to)
	if err != nil {
		yield(connectors.RawOrder{}, err)
		return false
	}
	cursor := ""
	for {
		page, err := get[struct {
			More   bool   `json:"more"`
			Next   string `json:"next_cursor"`
			Orders []struct {
				SN string `json:"order_sn"`
			} `json:"order_list"`
		}](ctx, s, "order/get_order_list", url.Values{
			"time_range_field": {"update_time"}, "time_from": {strconv.FormatInt(from.Unix(), 10)}, "time_to": {strconv.FormatInt(to.Unix(), 10)},
			"page_size": {strconv.Itoa(s.options.PageSize)}, "cursor": {cursor},
		})
		if err == nil && page.More && (page.Next == "" || page.Next == cursor) {
			err = &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: "order/get_order_list",
				Err: errors.New("the list does not end: there is more, but no new cursor")}
		}
		if err != nil {
			yield(connectors.RawOrder{}, err)
			return false
		}
		sns := make([]string, len(page.Orders))
		for i, o := range page.Orders {
			sns[i] = o.SN
		}
		back = slices.DeleteFunc(back, func(sn string) bool { return slices.Contains(sns, sn) })
		if !s.yieldDetails(ctx, sns, true, yield) {
			return false
		}
		if !page.More {
			break
		}
		cursor = page.Next
	}
	return s.yieldDetails(ctx, back, false, yield)
}

// yieldDetails yields orders whole, 50 at a time; false ends the sequence.
func (s *shop) yieldDetails(ctx context.Context, sns []string, all bool, yield func(connectors.RawOrder, error) bool) bool {
	for some := range slices.Chunk(sns, maxIDs) {
		orders, err := s.details(ctx, some, all)
		if err != nil {
			yield(connectors.RawOrder{}, err)
			return false
		}
		for _, o := range orders {
			if !yield(o, nil) {
				return false
			}
		}
	}
	return true
}

// details reads orders whole. Those that the list of orders names must all be
// there; old ones may be archived.
func (s *shop) details(ctx context.Context, sns []string, all bool) ([]connectors.RawOrder, error) {
	const op = "order/get_order_detail"
	answer, err := get[struct {
		Orders []json.RawMessage `json:"order_list"`
	}](ctx, s, op, url.Values{"order_sn_list": {strings.Join(sns, ",")}, "response_optional_fields": {detailFields}})
	if connectors.KindOf(err) == connectors.NotFound && !all {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	fail := func(text string) error {
		return &connectors.Error{Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: op, Err: errors.New(text)}
	}
	if all && len(answer.Orders) != len(sns) {
		return nil, fail(fmt.Sprintf("asked for %d orders, got %d", len(sns), len(answer.Orders)))
	}
	orders := make([]connectors.RawOrder, len(answer.Orders))
	errs := s.parallel(len(orders), func(i int) error {
		var key orderKey
		if json.Unmarshal(answer.Orders[i], &key) != nil || key.SN == "" || key.Updated <= 0 {
			return fail("an order does not have the expected form")
		}
		doc := document{Order: answer.Orders[i]}
		var err error
		if doc.Tracking, err = s.tracking(ctx, key); err != nil {
			return err
		}
		raw, err := json.Marshal(doc)
		orders[i] = connectors.RawOrder{ExternalID: catalog.ExternalID(key.SN), UpdatedAt: time.Unix(key.Updated, 0).UTC(), Raw: raw}
		return err
	})
	return orders, firstError(errs)
}

// tracking reads the tracking numbers of parcels that were arranged. An empty
// one is not made yet; the order changes again when it is.
func (s *shop) tracking(ctx context.Context, o orderKey) (map[string]string, error) {
	if o.Status != "PROCESSED" && o.Status != "SHIPPED" && o.Status != "TO_CONFIRM_RECEIVE" {
		return nil, nil
	}
	numbers := map[string]string{}
	for _, p := range o.Packages {
		q := url.Values{"order_sn": {o.SN}}
		if len(o.Packages) > 1 { // of an order that is not split it must be left out
			q.Set("package_number", p.Number)
		}
		answer, err := get[struct {
			Number string `json:"tracking_number"`
		}](ctx, s, "logistics/get_tracking_number", q)
		switch connectors.KindOf(err) {
		case "":
			if answer.Number != "" {
				numbers[p.Number] = answer.Number
			}
		case connectors.Auth, connectors.RateLimited, connectors.Canceled, connectors.Transient:
			return nil, err
		}
	}
	return numbers, nil
}
