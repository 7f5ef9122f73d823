package tiktokshop

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// The platform's limits of one call.
const (
	maxOrders    = 50 // that are read by number
	returnPage   = 50
	codeNoScope  = "105005"
	returnSought = "RETURN_OR_REFUND_REQUEST_COMPLETE" // the buyer has the money back
)

// returnRow is a return as sent, with what it is found by. Orders do not tell
// of their returns, so these are kept with them ([document]).
type returnRow struct {
	raw json.RawMessage
	key struct {
		Order   string `json:"order_id"`
		Updated int64  `json:"update_time"`
	}
}

// UnmarshalJSON keeps the bytes as they came.
func (r *returnRow) UnmarshalJSON(text []byte) error {
	r.raw = slices.Clone(text)
	return json.Unmarshal(text, &r.key)
}

// document is what we keep of an order that has returns; any other is kept as
// it came.
type document struct {
	Order   json.RawMessage   `json:"order"`
	Returns []json.RawMessage `json:"returns"`
}

// returns reads all returns of a search. A shop that did not grant this has
// none that we know of, which must not keep its orders from being read.
// https://partner.tiktokshop.com/docv2/page/search-returns-202309, read 2026-11.
func (s *shop) returns(ctx context.Context, filter fields) ([]returnRow, error) {
	const op = "returns.list"
	var all []returnRow
	for token := ""; ; {
		query := url.Values{"page_size": {strconv.Itoa(returnPage)}, "sort_field": {"update_time"}, "sort_order": {"ASC"}}
		if token != "" {
			query.Set("page_token", token)
		}
		page, err := call[struct {
			Rows []returnRow `json:"return_orders"`
			Next string      `json:"next_page_token"`
		}](ctx, s, connectors.Call{Op: op, Method: "POST", Path: pathReturns, Query: query, Body: filter, Repeatable: true})
		if codeOf(err) == codeNoScope {
			s.untold.Do(func() {
				s.env.Logger.Warn("returns are not read: the app was not granted the permission for returns and refunds")
			})
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page.Rows...)
		if page.Next == "" || page.Next == token || len(page.Rows) == 0 {
			return all, nil
		}
		token = page.Next
	}
}

// withReturns makes what is kept of orders. Only those that have arrived, and
// those in changed, can have returns.
func (s *shop) withReturns(ctx context.Context, rows []orderRow, changed map[string]bool) ([]connectors.RawOrder, error) {
	var ids []string
	for _, o := range rows {
		if o.key.Status == "DELIVERED" || o.key.Status == "COMPLETED" || changed[o.key.ID] {
			ids = append(ids, o.key.ID)
		}
	}
	returns := map[string][]returnRow{}
	for group := range slices.Chunk(ids, maxOrders) {
		found, err := s.returns(ctx, fields{"order_ids": group})
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			returns[r.key.Order] = append(returns[r.key.Order], r)
		}
	}
	orders := make([]connectors.RawOrder, len(rows))
	for i, o := range rows {
		raw, updated := o.raw, o.key.Updated
		if list := returns[o.key.ID]; len(list) > 0 {
			doc := document{Order: o.raw}
			for _, r := range list {
				doc.Returns = append(doc.Returns, r.raw)
				updated = max(updated, r.key.Updated)
			}
			var err error
			if raw, err = json.Marshal(doc); err != nil {
				return nil, err
			}
		}
		orders[i] = connectors.RawOrder{ExternalID: catalog.ExternalID(o.key.ID), UpdatedAt: time.Unix(updated, 0).UTC(), Raw: raw}
	}
	return orders, nil
}

// ordersOf reads those of some orders that are there.
func (s *shop) ordersOf(ctx context.Context, ids []string) ([]orderRow, error) {
	var all []orderRow
	for group := range slices.Chunk(ids, maxOrders) {
		page, err := call[orderPage](ctx, s, connectors.Call{Op: "orders.read", Path: pathOrder, Query: url.Values{"ids": {strings.Join(group, ",")}}})
		if connectors.KindOf(err) == connectors.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page.Orders...)
	}
	return all, nil
}

// returned is a return as far as it is interpreted.
type returned struct {
	ID      string `json:"return_id"`
	Status  string `json:"return_status"`
	Reason  string `json:"return_reason_text"`
	Code    string `json:"return_reason"`
	Updated int64  `json:"update_time"`
	Refund  struct {
		Total string `json:"refund_total"`
	} `json:"refund_amount"`
	Lines []struct {
		Item string `json:"order_line_item_id"`
	} `json:"return_line_items"`
}

// addReturns puts returns into an order: those that ended with a refund as such,
// those under way into the status that people see.
func (o *order) addReturns(result *catalog.Order, raws []json.RawMessage) error {
	for _, raw := range raws {
		var r returned
		if json.Unmarshal(raw, &r) != nil || r.ID == "" {
			return errOrder
		}
		if at := time.Unix(r.Updated, 0).UTC(); at.After(result.UpdatedAt) {
			result.UpdatedAt = at
		}
		switch {
		case r.Status == returnSought:
		case strings.HasSuffix(r.Status, "_REJECT") || strings.HasSuffix(r.Status, "_CANCEL") || r.Status == "REJECT_RECEIVE_PACKAGE":
			continue
		default:
			result.PlatformStatus += "," + r.Status
			continue
		}
		refunded, err := catalog.ParseMoney(firstOf(r.Refund.Total, "0"), result.Total.Currency)
		if err != nil {
			return errOrder
		}
		one := catalog.Return{ID: r.ID, Refunded: refunded, Reason: firstOf(r.Reason, r.Code), At: time.Unix(r.Updated, 0).UTC()}
		for _, l := range r.Lines {
			for _, piece := range o.Lines {
				if id := piece.lineID(); piece.ID == l.Item && !slices.Contains(one.Lines, id) {
					one.Lines = append(one.Lines, id)
				}
			}
		}
		result.Returns = append(result.Returns, one)
	}
	return nil
}
