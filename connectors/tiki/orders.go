package tiki

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// orderRow is an order as sent, with what paging needs.
type orderRow struct {
	raw     json.RawMessage
	code    string
	updated time.Time
}

// UnmarshalJSON keeps the bytes as they came.
func (o *orderRow) UnmarshalJSON(raw []byte) error {
	var key struct {
		Code      text   `json:"code"`
		UpdatedAt string `json:"updated_at"`
	}
	if err := json.Unmarshal(raw, &key); err != nil {
		return err
	}
	var err error
	if o.updated, err = parseTime(key.UpdatedAt); err != nil || key.Code == "" {
		return fmt.Errorf("an order without a code or updated_at")
	}
	o.raw, o.code = append(json.RawMessage(nil), raw...), string(key.Code)
	return nil
}

// orderMargin is how far before the beginning of a pass the next one looks, in
// case Tiki's servers do not agree on the time.
const orderMargin = 5 * time.Minute

// yielded is the order as the core takes it.
func (o orderRow) yielded() connectors.RawOrder {
	return connectors.RawOrder{ExternalID: catalog.ExternalID(o.code), UpdatedAt: o.updated, Raw: o.raw}
}

// orderParts are what is asked for beside the order itself.
const orderParts = "status_histories,items.fees"

// Orders reads orders by their time of change and then, where the channel uses
// Tiki's event queue, those that it names beside.
func (s *shop) Orders(ctx context.Context, since time.Time) iter.Seq2[connectors.RawOrder, error] {
	if !s.options.Events {
		return s.listed(ctx, since)
	}
	return func(yield func(connectors.RawOrder, error) bool) {
		seen := map[string]bool{}
		for raw, err := range s.listed(ctx, since) {
			seen[string(raw.ExternalID)] = true
			if !yield(raw, err) || err != nil {
				return
			}
		}
		s.eventOrders(ctx, seen, yield)
	}
}

// listed reads orders by their time of change. There is no cursor, and an
// order that is changed while pages are read may move to a page that was read
// already; so what changed during a pass of several pages is read again, until
// a pass has one page, which is one look.
// https://open.tiki.vn/docs/docs/current/api-references/order-api-v2/
func (s *shop) listed(ctx context.Context, since time.Time) iter.Seq2[connectors.RawOrder, error] {
	return func(yield func(connectors.RawOrder, error) bool) {
		// Whether the filter is inclusive is not told.
		from := since.UTC().Truncate(time.Second).Add(-time.Second)
		if first := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC); from.Before(first) {
			from = first // before Tiki there were no orders
		}
		const most = 100 // passes
		for range most {
			begun, count := time.Time{}, 0
			for number := 1; ; number++ {
				page, at, err := s.orderPage(ctx, from, number)
				if err != nil {
					yield(connectors.RawOrder{}, err)
					return
				}
				if count++; number == 1 {
					begun = at
				}
				for _, o := range page.Data {
					if !yield(o.yielded(), nil) {
						return
					}
				}
				if len(page.Data) == 0 || page.Paging == nil || number >= page.Paging.LastPage {
					break
				}
			}
			next := begun.Add(-orderMargin)
			if count <= 1 || !next.After(from) {
				return
			}
			from = next
		}
		yield(connectors.RawOrder{}, s.fail(connectors.Transient, "orders.list", "list", "orders change faster than they can be read", ""))
	}
}

// orderPage reads one page, and tells the time by Tiki's clock.
func (s *shop) orderPage(ctx context.Context, from time.Time, number int) (page list[orderRow], at time.Time, err error) {
	response, err := s.client.Do(ctx, connectors.Call{Op: "orders.list", Path: "v2/orders", Query: orderQuery(from, number), Out: &page})
	if err != nil {
		return page, at, err
	}
	if p := page.Paging; p != nil && p.Current != 0 && p.Current != number {
		return page, at, s.fail(connectors.Transient, "orders.list", "list", fmt.Sprintf("page %d was sent for page %d", p.Current, number), "")
	}
	if at, err = http.ParseTime(response.Header.Get("Date")); err != nil {
		at = time.Now()
	}
	return page, at.UTC(), nil
}

func orderQuery(from time.Time, number int) url.Values {
	return url.Values{
		"page": {fmt.Sprint(number)}, "limit": {fmt.Sprint(pageSize)}, "updated_from_date": {stamp(from)},
		"include": {orderParts},
	}
}

// order is an order as far as it is interpreted.
type order struct {
	Code        text   `json:"code"`
	Status      string `json:"status"`
	Return      flag   `json:"is_rma"`
	Fulfillment string `json:"fulfillment_type"`
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
	Items       []struct {
		ID      text `json:"id"`
		Product struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
			SKU  string `json:"seller_product_code"`
		} `json:"product"`
		Confirmation struct {
			Status string `json:"status"`
		} `json:"confirmation"`
		Price   amount `json:"price"`
		Qty     int64  `json:"qty"`
		Invoice struct {
			RowTotal amount `json:"row_total"`
		} `json:"invoice"`
	} `json:"items"`
	Shipping struct {
		Partner  string  `json:"partner_name"`
		Tracking text    `json:"tracking_code"`
		Address  address `json:"address"`
	} `json:"shipping"`
	Warehouse struct {
		Code string `json:"code"`
	} `json:"tiki_warehouse"`
	Invoice struct {
		GrandTotal amount `json:"grand_total"`
	} `json:"invoice"`
	Customer struct {
		Name string `json:"full_name"`
	} `json:"customer"`
}

type address struct {
	Name     string `json:"full_name"`
	Street   string `json:"street"`
	Ward     string `json:"ward"`
	District string `json:"district"`
	Region   string `json:"region"`
	Country  string `json:"country"`
	Email    string `json:"email"`
	Phone    string `json:"phone"` // often "", Tiki keeps it
}

// statuses in our words. An order that is held or closed needs a person's look:
// whether the pieces come back is not told.
var statuses = map[string]catalog.OrderStatus{
	"waiting_payment":     catalog.OrderAwaitingPayment,
	"payment_review":      catalog.OrderAwaitingPayment,
	"queueing":            catalog.OrderToShip,
	"paid":                catalog.OrderToShip,
	"processing":          catalog.OrderToShip,
	"picking":             catalog.OrderToShip,
	"packaging":           catalog.OrderToShip,
	"finished_packing":    catalog.OrderToShip,
	"ready_to_ship":       catalog.OrderToShip,
	"handover_to_partner": catalog.OrderShipped,
	"shipping":            catalog.OrderShipped,
	"delivered":           catalog.OrderShipped,
	"successful_delivery": catalog.OrderCompleted,
	"complete":            catalog.OrderCompleted,
	"canceled":            catalog.OrderCancelled,
	"returned":            catalog.OrderRefunded,
	"holded":              catalog.OrderOther,
	"closed":              catalog.OrderOther,
}

// Interpret reads an order that Orders gave.
func (s *shop) Interpret(raw []byte) (catalog.Order, catalog.Buyer, error) {
	fail := func(format string, arguments ...any) (catalog.Order, catalog.Buyer, error) {
		return catalog.Order{}, catalog.Buyer{}, s.fail(connectors.Unclear, "orders.interpret", "", fmt.Sprintf(format, arguments...), "")
	}
	var o order
	if err := json.Unmarshal(raw, &o); err != nil {
		return fail("not an order (%T)", err) // its text may quote the buyer
	}
	if o.Code == "" || o.Status == "" {
		return fail("not an order: no code or status")
	}
	placed, err := parseTime(o.CreatedAt)
	if err != nil {
		return fail("order %s: created_at is not a time", clip(string(o.Code)))
	}
	updated, err := parseTime(o.UpdatedAt)
	if err != nil {
		return fail("order %s: updated_at is not a time", clip(string(o.Code)))
	}
	if o.Invoice.GrandTotal.value == nil {
		return fail("order %s: no grand_total", clip(string(o.Code)))
	}
	total := catalog.VND(o.Invoice.GrandTotal.dong())
	result := catalog.Order{
		Channel: s.env.Channel, ExternalID: catalog.ExternalID(o.Code), UpdatedAt: updated, Number: string(o.Code),
		Status: catalog.OrderOther, PlatformStatus: o.Status, PlacedAt: placed, Total: total, Adjustment: total,
	}
	// Goods on their way back, or sent anew for them, are no sale like others:
	// what they do to the stock is for a person to say.
	if status, known := statuses[o.Status]; known && (!bool(o.Return) || status == catalog.OrderCancelled) {
		result.Status = status
	}
	for _, item := range o.Items {
		line := catalog.OrderLine{ID: string(item.ID), SKU: catalog.SKU(item.Product.SKU), Name: item.Product.Name, Quantity: item.Qty}
		if item.Product.ID != 0 {
			line.ExternalID = productID(item.Product.ID)
		}
		if line.ID == "" || line.Quantity <= 0 {
			return fail("order %s: a line without id or quantity", clip(string(o.Code)))
		}
		if line.Total = catalog.VND(item.Invoice.RowTotal.dong()); item.Invoice.RowTotal.value == nil {
			if line.Total, err = catalog.VND(item.Price.dong()).Times(item.Qty); err != nil {
				return fail("order %s, line %s: %v", clip(string(o.Code)), clip(line.ID), err)
			}
		}
		if result.Adjustment, err = result.Adjustment.Add(catalog.VND(-line.Total.Amount)); err != nil {
			return fail("order %s, line %s: %v", clip(string(o.Code)), clip(line.ID), err)
		}
		if item.Confirmation.Status == confirmRefused && result.Status != catalog.OrderCancelled {
			line.Restocked = line.Quantity // the seller has none to send, the rest of the order goes on
		}
		result.Lines = append(result.Lines, line)
	}
	if o.Status == "returned" {
		// All of it, but where the goods are is not told.
		back := catalog.Return{ID: "returned"}
		for _, line := range result.Lines {
			back.Lines = append(back.Lines, line.ID)
		}
		result.Returns = []catalog.Return{back}
	}
	if o.Shipping.Tracking != "" {
		result.Fulfillments = []catalog.Fulfillment{{
			ID: string(o.Shipping.Tracking), Carrier: o.Shipping.Partner, TrackingNumber: string(o.Shipping.Tracking),
		}}
	}
	return result, o.buyer(), nil
}

// buyer is who ordered, as far as Tiki tells it.
func (o order) buyer() catalog.Buyer {
	to := o.Shipping.Address
	var places []string
	for _, place := range []string{to.Street, to.Ward, to.District, to.Region, to.Country} {
		if place = strings.TrimSpace(place); place != "" {
			places = append(places, place)
		}
	}
	return catalog.Buyer{Name: firstOf(to.Name, o.Customer.Name), Phone: to.Phone, Email: to.Email, Address: strings.Join(places, ", ")}
}
