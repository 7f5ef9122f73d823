package shopee

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
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
		for len(sns) > 0 {
			some := sns[:min(len(sns), maxIDs)]
			sns = sns[len(some):]
			orders, err := s.details(ctx, some)
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
		if !page.More {
			return true
		}
		cursor = page.Next
	}
}

// details reads orders whole. One that the list names must be there.
func (s *shop) details(ctx context.Context, sns []string) ([]connectors.RawOrder, error) {
	const op = "order/get_order_detail"
	answer, err := get[struct {
		Orders []json.RawMessage `json:"order_list"`
	}](ctx, s, op, url.Values{"order_sn_list": {strings.Join(sns, ",")}, "response_optional_fields": {detailFields}})
	if err != nil {
		return nil, err
	}
	fail := func(text string) error {
		return &connectors.Error{Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: op, Err: errors.New(text)}
	}
	if len(answer.Orders) != len(sns) {
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

// order is an order as far as it is interpreted.
type order struct {
	orderKey
	Currency string `json:"currency"`
	Created  int64  `json:"create_time"`
	Total    *dong  `json:"total_amount"`
	Username string `json:"buyer_username"`
	Message  string `json:"message_to_seller"`
	Address  struct {
		Name  string `json:"name"`
		Phone string `json:"phone"`
		Full  string `json:"full_address"`
		State string `json:"state"`
		City  string `json:"city"`
	} `json:"recipient_address"`
	Items []orderItem `json:"item_list"`
}

type orderItem struct {
	ItemID    int64  `json:"item_id"`
	ModelID   int64  `json:"model_id"`
	Name      string `json:"item_name"`
	Variation string `json:"model_name"`
	ItemSKU   string `json:"item_sku"`
	ModelSKU  string `json:"model_sku"`
	Quantity  int64  `json:"model_quantity_purchased"`
	Price     *dong  `json:"model_discounted_price"`
	OrderItem int64  `json:"order_item_id"`
	Cancelled int64  `json:"cancelled_qty"`
	Returned  int64  `json:"returned_qty"`
}

// statuses in our words. PROCESSED is arranged with the carrier, not handed
// over yet. IN_CANCEL and TO_RETURN wait for a person.
var statuses = map[string]catalog.OrderStatus{
	"UNPAID":             catalog.OrderAwaitingPayment,
	"PENDING":            catalog.OrderAwaitingPayment,
	"INVOICE_PENDING":    catalog.OrderToShip,
	"READY_TO_SHIP":      catalog.OrderToShip,
	"RETRY_SHIP":         catalog.OrderToShip,
	"PROCESSED":          catalog.OrderToShip,
	"SHIPPED":            catalog.OrderShipped,
	"TO_CONFIRM_RECEIVE": catalog.OrderShipped,
	"COMPLETED":          catalog.OrderCompleted,
	"CANCELLED":          catalog.OrderCancelled,
	"IN_CANCEL":          catalog.OrderOther,
	"TO_RETURN":          catalog.OrderOther,
}

// Interpret reads an order that Orders gave.
func (s *shop) Interpret(raw []byte) (catalog.Order, catalog.Buyer, error) {
	fail := func(format string, arguments ...any) (catalog.Order, catalog.Buyer, error) {
		return catalog.Order{}, catalog.Buyer{}, &connectors.Error{
			Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: "orders.interpret", Err: fmt.Errorf(format, arguments...),
		}
	}
	var doc document
	var o order
	// The decoder's texts may quote values, so they are not passed on.
	if json.Unmarshal(raw, &doc) != nil || json.Unmarshal(doc.Order, &o) != nil || o.SN == "" {
		return fail("not an order of Shopee")
	}
	switch {
	case o.Currency != currency:
		return fail("order %s: the currency is not VND", clip(o.SN, 40))
	case o.Total == nil:
		return fail("order %s: it has no total", clip(o.SN, 40))
	case len(o.Items) == 0:
		return fail("order %s: it has no lines", clip(o.SN, 40))
	}
	result := catalog.Order{
		ExternalID: catalog.ExternalID(o.SN), Number: o.SN, PlatformStatus: o.Status, Status: catalog.OrderOther,
		PlacedAt: time.Unix(o.Created, 0).UTC(), UpdatedAt: time.Unix(o.Updated, 0).UTC(),
		Total: catalog.VND(int64(*o.Total)), Adjustment: catalog.VND(int64(*o.Total)),
	}
	if status, ok := statuses[o.Status]; ok {
		result.Status = status
	}
	ids := map[string]int{}
	var returned []string
	for _, item := range o.Items {
		line, err := item.line(o.Status)
		if err != nil {
			return fail("order %s: %w", clip(o.SN, 40), err)
		}
		// The same item comes twice when it is in two promotions.
		if ids[line.ID]++; ids[line.ID] > 1 {
			line.ID += "#" + strconv.Itoa(ids[line.ID])
		}
		if result.Adjustment, err = result.Adjustment.Add(catalog.VND(-line.Total.Amount)); err != nil {
			return fail("order %s: %w", clip(o.SN, 40), err)
		}
		if item.Returned > 0 {
			returned = append(returned, line.ID)
		}
		result.Lines = append(result.Lines, line)
	}
	if len(returned) > 0 {
		result.Returns = []catalog.Return{{ID: "returned", Lines: returned}}
	}
	for _, p := range o.Packages {
		if arranged(p.Status) {
			result.Fulfillments = append(result.Fulfillments, fulfillment(p, doc.Tracking[p.Number], result.Lines))
		}
	}
	return result, buyerOf(o), nil
}

// line reads a position. In a bundle its price is 0 and the order's adjustment
// holds the money. Pieces cancelled in an order that goes on are back in stock.
func (i orderItem) line(status string) (catalog.OrderLine, error) {
	name := i.Name
	if i.Variation != "" {
		name += " (" + i.Variation + ")"
	}
	line := catalog.OrderLine{
		ID: fmt.Sprintf("%d/%d", i.ItemID, i.ModelID), ExternalID: variantID(i.ItemID, i.ModelID), SKU: catalog.SKU(i.ItemSKU),
		Name: name, Quantity: i.Quantity,
	}
	if i.ModelID != 0 {
		line.SKU = catalog.SKU(i.ModelSKU)
	}
	if i.Quantity <= 0 || i.Price == nil {
		return line, fmt.Errorf("line %s has no quantity or price", line.ID)
	}
	if status != "CANCELLED" {
		line.Restocked = min(i.Cancelled, i.Quantity)
	}
	var err error
	line.Total, err = catalog.VND(int64(*i.Price)).Times(i.Quantity)
	return line, err
}

// arranged tells that a parcel is on its way to or with the carrier.
func arranged(status string) bool {
	switch status {
	case "LOGISTICS_REQUEST_CREATED", "LOGISTICS_PICKUP_DONE", "LOGISTICS_PICKUP_RETRY", "LOGISTICS_DELIVERY_DONE", "LOGISTICS_DELIVERY_FAILED", "LOGISTICS_LOST":
		return true
	}
	return false
}

func fulfillment(p parcel, tracking string, lines []catalog.OrderLine) catalog.Fulfillment {
	f := catalog.Fulfillment{ID: p.Number, Carrier: p.Carrier, TrackingNumber: tracking}
	for _, item := range p.Items {
		id := variantID(item.ItemID, item.ModelID)
		for _, line := range lines {
			if line.ExternalID == id {
				f.Lines = append(f.Lines, line.ID)
			}
		}
	}
	return f
}

// buyerOf is the buyer as the platform masks them.
func buyerOf(o order) catalog.Buyer {
	name := o.Address.Name
	if strings.Trim(name, "* ") == "" {
		name = o.Username
	}
	return catalog.Buyer{Name: name, Phone: o.Address.Phone, Address: o.Address.Full, Note: o.Message}
}
