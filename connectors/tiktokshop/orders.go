package tiktokshop

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// orderRow is an order as sent, with what paging needs.
type orderRow struct {
	raw json.RawMessage
	key struct {
		ID      string `json:"id"`
		Updated int64  `json:"update_time"`
		Status  string `json:"status"`
	}
}

// UnmarshalJSON keeps the bytes as they came.
func (o *orderRow) UnmarshalJSON(text []byte) error {
	o.raw = slices.Clone(text)
	return json.Unmarshal(text, &o.key)
}

type orderPage struct {
	Orders []orderRow `json:"orders"`
	Next   string     `json:"next_page_token"`
}

// Orders reads orders by their time of change, oldest first. A page token may
// be a place in the list, and then orders would be skipped when one before them
// changes and moves to the end; so every page is asked for anew by the time at
// which the last one ended. Only a second with more orders than a page is read
// by tokens. The filter includes the second it names. An order does not change
// with its returns: those that did are read last, should their orders not have
// come before.
func (s *shop) Orders(ctx context.Context, since time.Time) iter.Seq2[connectors.RawOrder, error] {
	return func(yield func(connectors.RawOrder, error) bool) {
		type version struct {
			id string
			at int64
		}
		recent := map[version]bool{} // of the page before
		from := max(since.Unix(), 0)
		changed, err := s.changedReturns(ctx, from)
		if err != nil {
			yield(connectors.RawOrder{}, err)
			return
		}
		// give yields rows, and tells whether more are wanted.
		give := func(rows []orderRow) bool {
			orders, err := s.withReturns(ctx, rows, changed)
			if err != nil {
				yield(connectors.RawOrder{}, err)
				return false
			}
			for _, o := range orders {
				delete(changed, string(o.ExternalID))
				if !yield(o, nil) {
					return false
				}
			}
			return true
		}
		for token := ""; ; {
			page, err := s.orderPage(ctx, from, token)
			if err != nil {
				yield(connectors.RawOrder{}, err)
				return
			}
			seen := map[version]bool{}
			var fresh []orderRow
			for _, o := range page.Orders {
				v := version{o.key.ID, o.key.Updated}
				seen[v] = true
				if !recent[v] {
					fresh = append(fresh, o)
				}
			}
			if !give(fresh) {
				return
			}
			if page.Next == "" {
				break
			}
			recent = seen
			if last := page.Orders[len(page.Orders)-1].key.Updated; last > from {
				from, token = last, ""
			} else {
				token = page.Next
			}
		}
		rest, err := s.ordersOf(ctx, slices.Sorted(maps.Keys(changed)))
		if err != nil {
			yield(connectors.RawOrder{}, err)
			return
		}
		give(rest)
	}
}

// changedReturns are the orders that have a return which changed since a second.
func (s *shop) changedReturns(ctx context.Context, from int64) (map[string]bool, error) {
	rows, err := s.returns(ctx, fields{"update_time_ge": from})
	changed := map[string]bool{}
	for _, r := range rows {
		changed[r.key.Order] = true
	}
	return changed, err
}

// orderPage reads one page of orders changed at or after a second.
func (s *shop) orderPage(ctx context.Context, from int64, token string) (orderPage, error) {
	const op = "orders.list"
	query := url.Values{"page_size": {strconv.Itoa(s.options.PageSize)}, "sort_field": {"update_time"}, "sort_order": {"ASC"}}
	if token != "" {
		query.Set("page_token", token)
	}
	page, err := call[orderPage](ctx, s, connectors.Call{
		Op: op, Method: http.MethodPost, Path: pathOrders, Query: query, Body: fields{"update_time_ge": from}, Repeatable: true,
	})
	if err != nil {
		return page, err
	}
	fail := func(format string, arguments ...any) (orderPage, error) {
		return page, &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Err: fmt.Errorf(format, arguments...)}
	}
	if page.Next != "" && (len(page.Orders) == 0 || page.Next == token) {
		return fail("the list does not end: an empty or repeated page has a next one")
	}
	previous := from
	for _, o := range page.Orders {
		if o.key.ID == "" || o.key.Updated < previous {
			return fail("order %q is not in its place: the list is not filtered and sorted by time of change", clip(o.key.ID, 30))
		}
		previous = o.key.Updated
	}
	return page, nil
}

// order is an order as far as it is interpreted.
type order struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Created  int64  `json:"create_time"`
	Updated  int64  `json:"update_time"`
	Shipping string `json:"shipping_type"` // TIKTOK or SELLER
	Delivery string `json:"delivery_option_id"`
	Message  string `json:"buyer_message"`
	Asked    bool   `json:"is_buyer_request_cancel"`
	Email    string `json:"buyer_email"`
	Payment  struct {
		Currency string `json:"currency"`
		Total    string `json:"total_amount"`
	} `json:"payment"`
	Address struct {
		Name  string `json:"name"`
		Phone string `json:"phone_number"`
		Full  string `json:"full_address"`
	} `json:"recipient_address"`
	Packages []struct {
		ID string `json:"id"`
	} `json:"packages"`
	Lines []lineItem `json:"line_items"`
}

// lineItem is one piece: the platform has no quantities.
type lineItem struct {
	ID            string `json:"id"`
	SKU           string `json:"sku_id"`
	Seller        string `json:"seller_sku"`
	Product       string `json:"product_name"`
	Name          string `json:"sku_name"`
	Price         string `json:"sale_price"`
	Currency      string `json:"currency"`
	Status        string `json:"display_status"`
	Gift          bool   `json:"is_gift"`
	Package       string `json:"package_id"`
	PackageStatus string `json:"package_status"`
	Tracking      string `json:"tracking_number"`
	Carrier       string `json:"shipping_provider_name"`
	Shipped       int64  `json:"rts_time"`
}

// orderStates translates the platform's statuses. Orders on hold are paid, but
// the buyer may still take them back for an hour: they are not to be packed.
// What waits for collection still lies with the seller.
var orderStates = map[string]catalog.OrderStatus{
	"UNPAID": catalog.OrderAwaitingPayment, "ON_HOLD": catalog.OrderAwaitingPayment,
	"AWAITING_SHIPMENT": catalog.OrderToShip, "PARTIALLY_SHIPPING": catalog.OrderToShip, "AWAITING_COLLECTION": catalog.OrderToShip,
	"IN_TRANSIT": catalog.OrderShipped, "DELIVERED": catalog.OrderShipped, "COMPLETED": catalog.OrderCompleted,
	"CANCELLED": catalog.OrderCancelled, "CANCEL": catalog.OrderCancelled, // some pages write it so
}

// errOrder is for documents that cannot be read. It quotes nothing of them.
var errOrder = errors.New("not an order of TikTok Shop")

// cancelAsked stands beside the status of an order whose buyer wants to cancel.
const cancelAsked = "is_buyer_request_cancel"

// Interpret reads an order. Pieces of one SKU are one line.
func (s *shop) Interpret(raw []byte) (catalog.Order, catalog.Buyer, error) {
	var o order
	var doc document
	if json.Unmarshal(raw, &doc) == nil && len(doc.Order) > 0 {
		raw = doc.Order
	}
	if err := json.Unmarshal(raw, &o); err != nil || o.ID == "" {
		return catalog.Order{}, catalog.Buyer{}, errOrder
	}
	status, known := orderStates[o.Status]
	if !known {
		status = catalog.OrderOther
	}
	code := firstOf(o.Payment.Currency, currency)
	total, err := catalog.ParseMoney(o.Payment.Total, code)
	if err != nil {
		return catalog.Order{}, catalog.Buyer{}, fmt.Errorf("order %s: the total is not an amount", clip(o.ID, 30))
	}
	result := catalog.Order{
		ExternalID: catalog.ExternalID(o.ID), Number: o.ID, Status: status, PlatformStatus: firstOf(o.Status, "?"),
		PlacedAt: time.Unix(o.Created, 0).UTC(), UpdatedAt: time.Unix(o.Updated, 0).UTC(), Total: total, Adjustment: total,
	}
	if result.Lines, err = o.lines(code); err != nil {
		return catalog.Order{}, catalog.Buyer{}, err
	}
	for _, line := range result.Lines {
		result.Adjustment.Amount -= line.Total.Amount
	}
	result.Fulfillments = o.fulfillments()
	if result.CancelRequested = o.Asked; o.Asked {
		result.PlatformStatus += "," + cancelAsked
	}
	if err := o.addReturns(&result, doc.Returns); err != nil {
		return catalog.Order{}, catalog.Buyer{}, err
	}
	return result, catalog.Buyer{
		Name: o.Address.Name, Phone: o.Address.Phone, Email: o.Email, Address: o.Address.Full, Note: o.Message,
	}, nil
}

// lineID names the line of a piece: gifts are apart from what was paid for.
func (l lineItem) lineID() string {
	id := firstOf(l.SKU, l.ID)
	if l.Gift {
		id += "/gift"
	}
	return id
}

// lines folds pieces. A piece that was cancelled while the order lives is back
// in stock.
func (o *order) lines(code string) ([]catalog.OrderLine, error) {
	var lines []catalog.OrderLine
	places := map[string]int{}
	for _, l := range o.Lines {
		price, err := catalog.ParseMoney(firstOf(l.Price, "0"), code)
		if err != nil || l.Currency != "" && l.Currency != code {
			return nil, fmt.Errorf("order %s: a price is not an amount in %s", clip(o.ID, 30), clip(code, 8))
		}
		i, there := places[l.lineID()]
		if !there {
			i = len(lines)
			places[l.lineID()] = i
			name := l.Product
			if l.Name != "" && !strings.EqualFold(l.Name, "default") {
				name += ", " + l.Name
			}
			lines = append(lines, catalog.OrderLine{
				ID: l.lineID(), ExternalID: catalog.ExternalID(l.SKU), SKU: catalog.SKU(l.Seller), Name: name, Total: catalog.Money{Currency: code},
			})
		}
		line := &lines[i]
		line.Quantity++
		line.Total.Amount += price.Amount
		if orderStates[l.Status] == catalog.OrderCancelled && orderStates[o.Status] != catalog.OrderCancelled {
			line.Restocked++
		}
	}
	return lines, nil
}

// fulfillments are the packages that were handed over or arranged.
func (o *order) fulfillments() []catalog.Fulfillment {
	found := map[string]*catalog.Fulfillment{}
	for _, l := range o.Lines {
		if l.Package == "" || l.PackageStatus == "TO_FULFILL" || l.PackageStatus == "" || l.PackageStatus == "CANCELLED" {
			continue
		}
		f := found[l.Package]
		if f == nil {
			f = &catalog.Fulfillment{ID: l.Package, Carrier: l.Carrier, TrackingNumber: l.Tracking}
			if l.Shipped > 0 {
				f.ShippedAt = time.Unix(l.Shipped, 0).UTC()
			}
			found[l.Package] = f
		}
		if !slices.Contains(f.Lines, l.lineID()) {
			f.Lines = append(f.Lines, l.lineID())
		}
	}
	var list []catalog.Fulfillment
	for _, f := range found {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b catalog.Fulfillment) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
