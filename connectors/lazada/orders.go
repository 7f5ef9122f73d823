package lazada

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

const (
	orderPage  = 100 // most of a page (19)
	mostOrders = 50  // whose rows are read at once
	maxOrders  = 5000
	orderTime  = "2006-01-02 15:04:05 -0700"
)

// orderRow is an order as sent, with what paging needs.
type orderRow struct {
	raw     json.RawMessage
	id      number
	updated time.Time
}

// UnmarshalJSON keeps the bytes as they came.
func (o *orderRow) UnmarshalJSON(data []byte) error {
	var key struct {
		ID      number `json:"order_id"`
		Updated string `json:"updated_at"`
	}
	if err := json.Unmarshal(data, &key); err != nil {
		return err
	}
	at, err := time.Parse(orderTime, key.Updated)
	if err != nil {
		return &json.UnmarshalTypeError{Value: "text", Field: "updated_at"}
	}
	*o = orderRow{raw: slices.Clone(data), id: key.ID, updated: at.UTC()}
	return nil
}

// document is what we keep of an order.
type document struct {
	Order json.RawMessage   `json:"order"`
	Items []json.RawMessage `json:"items"`
}

// Orders reads orders by their time of change, oldest first. An order that
// changes meanwhile moves to the end, so that every page is asked for anew from
// the time at which the last one ended. Whether update_after includes its time
// is not documented, hence the second of overlap. Only a second with more orders
// than a page is read by offset.
func (s *shop) Orders(ctx context.Context, since time.Time) iter.Seq2[connectors.RawOrder, error] {
	return func(yield func(connectors.RawOrder, error) bool) {
		type version struct {
			id number
			at time.Time
		}
		recent := map[version]bool{} // of the page before
		after := since.UTC().Truncate(time.Second).Add(-time.Second)
		if after.Before(firstDay) {
			after = firstDay
		}
		offset, back := 0, 0
		var last version
		for {
			rows, err := s.orders(ctx, after, offset)
			if err != nil {
				yield(connectors.RawOrder{}, err)
				return
			}
			if offset > 0 && (len(rows) == 0 || (version{rows[0].id, rows[0].updated}) != last) {
				// Orders before this page changed and moved away; others may
				// have been skipped.
				if back++; back > 20 {
					yield(connectors.RawOrder{}, s.fail("orders.list", connectors.Transient, "list", "the list of orders changed too fast to be read"))
					return
				}
				offset = 0
				continue
			}
			var fresh []orderRow
			seen := map[version]bool{}
			for _, o := range rows {
				v := version{o.id, o.updated}
				seen[v] = true
				if !recent[v] {
					fresh = append(fresh, o)
				}
			}
			recent = seen
			orders, err := s.withRows(ctx, fresh)
			if err != nil {
				yield(connectors.RawOrder{}, err)
				return
			}
			for _, o := range orders {
				if !yield(o, nil) {
					return
				}
			}
			if len(rows) < orderPage {
				return
			}
			end := rows[len(rows)-1]
			if next := end.updated.Add(-time.Second); next.After(after) {
				after, offset, back = next, 0, 0
				continue
			}
			last = version{end.id, end.updated}
			if offset += orderPage - 1; offset > maxOrders { // the next page begins with this one's last
				yield(connectors.RawOrder{}, s.fail("orders.list", connectors.Fatal, "offset", "more than %d orders changed within a second", maxOrders))
				return
			}
		}
	}
}

// orders reads a page.
// https://open.lazada.com/apps/doc/api?path=%2Forders%2Fget, read 2026-04.
func (s *shop) orders(ctx context.Context, after time.Time, offset int) ([]orderRow, error) {
	var out answer[struct {
		Orders []orderRow `json:"orders"`
	}]
	err := s.get(ctx, connectors.Call{Op: "orders.list", Path: "/orders/get", Out: &out, Query: url.Values{
		"update_after": {after.In(s.zone).Format("2006-01-02T15:04:05-07:00")}, "sort_by": {"updated_at"}, "sort_direction": {"ASC"},
		"limit": {strconv.Itoa(orderPage)}, "offset": {strconv.Itoa(offset)},
	}})
	if err != nil {
		return nil, err
	}
	rows := out.Data.value.Orders
	for i, o := range rows {
		if o.updated.Before(after) || i > 0 && o.updated.Before(rows[i-1].updated) {
			return nil, s.fail("orders.list", connectors.Transient, "list", "order %s is not in its place: the list is not filtered and sorted by time of change", o.id)
		}
	}
	return rows, nil
}

// withRows reads the rows of orders, 50 at a time. An order that the answer
// lacks is asked for alone; one without rows even then is kept without them, so
// that it cannot hold up the others.
// https://open.lazada.com/apps/doc/api?path=%2Forders%2Fitems%2Fget, read 2026-04.
func (s *shop) withRows(ctx context.Context, rows []orderRow) ([]connectors.RawOrder, error) {
	orders := make([]connectors.RawOrder, 0, len(rows))
	for group := range slices.Chunk(rows, mostOrders) {
		ids := make([]number, len(group))
		for i, o := range group {
			ids[i] = o.id
		}
		var out answer[[]struct {
			ID    number            `json:"order_id"`
			Items []json.RawMessage `json:"order_items"`
		}]
		err := s.get(ctx, connectors.Call{Op: "orders.items", Path: "/orders/items/get", Query: url.Values{"order_ids": {joinIDs(ids)}}, Out: &out})
		if err != nil && connectors.KindOf(err) != connectors.NotFound { // one of them
			return nil, err
		}
		items := map[number][]json.RawMessage{}
		for _, o := range out.Data.value {
			items[o.ID] = o.Items
		}
		for _, o := range group {
			if len(items[o.id]) == 0 {
				alone, err := rowsOfOrder[json.RawMessage](ctx, s, idOf(o.id))
				if err != nil && connectors.KindOf(err) != connectors.NotFound {
					return nil, err
				}
				items[o.id] = alone
			}
			raw, err := json.Marshal(document{o.raw, items[o.id]})
			if err != nil {
				return nil, s.fail("orders.items", connectors.Unclear, "document", "order %s cannot be kept as JSON", o.id)
			}
			orders = append(orders, connectors.RawOrder{ExternalID: idOf(o.id), UpdatedAt: o.updated, Raw: raw})
		}
	}
	return orders, nil
}

// rowsOfOrder reads the rows of one order.
// https://open.lazada.com/apps/doc/api?path=%2Forder%2Fitems%2Fget, read 2026-04.
func rowsOfOrder[T any](ctx context.Context, s *shop, id catalog.ExternalID) ([]T, error) {
	var out answer[[]T]
	err := s.get(ctx, connectors.Call{Op: "orders.items", Path: "/order/items/get", Query: url.Values{"order_id": {string(id)}}, Out: &out})
	return out.Data.value, err
}

// order is an order as far as it is interpreted.
type order struct {
	ID          number  `json:"order_id"`
	Number      text    `json:"order_number"`
	Price       text    `json:"price"` // of the goods, without vouchers and shipping
	ShippingFee text    `json:"shipping_fee"`
	Voucher     text    `json:"voucher"`
	FirstName   text    `json:"customer_first_name"`
	LastName    text    `json:"customer_last_name"`
	Shipping    address `json:"address_shipping"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
	Note        text    `json:"buyer_note"`
}

type address struct {
	FirstName text `json:"first_name"`
	LastName  text `json:"last_name"`
	Phone     text `json:"phone"`
	Phone2    text `json:"phone2"`
	Address1  text `json:"address1"`
	Address2  text `json:"address2"`
	Address3  text `json:"address3"`
	Address4  text `json:"address4"`
	Address5  text `json:"address5"`
	City      text `json:"city"`
	PostCode  text `json:"post_code"`
	Country   text `json:"country"`
}

// unit is a row: one piece.
type unit struct {
	ID       number `json:"order_item_id"`
	Status   string `json:"status"`
	SKU      text   `json:"sku"`
	SkuID    text   `json:"sku_id"`
	Name     text   `json:"name"`
	Price    text   `json:"item_price"`
	Paid     text   `json:"paid_price"`
	Currency string `json:"currency"`
	Tracking text   `json:"tracking_code"`
	Carrier  text   `json:"shipment_provider"`
	Parcel   text   `json:"package_id"`
	Reverse  text   `json:"reverse_order_id"`
	Reason   text   `json:"reason"`
	Asked    text   `json:"need_cancel_confirm"`
}

// asked tells that the buyer wants to cancel and the seller has to answer.
func (u unit) asked() bool { return u.Asked == "true" }

func (u unit) canceled() bool { return u.Status == "canceled" || u.Status == "cancelled" }

// progress are the statuses of rows in the order in which a row goes through
// them, in our words. Rows that a status is missing for, or that went astray
// (failed, lost, on the way back), make the order one that a person looks at.
var progress = []struct {
	status string
	ours   catalog.OrderStatus
}{
	{"unpaid", catalog.OrderAwaitingPayment},
	{"pending", catalog.OrderToShip}, {"confirmed", catalog.OrderToShip}, {"topack", catalog.OrderToShip},
	{"repacked", catalog.OrderToShip}, {"packed", catalog.OrderToShip}, {"toship", catalog.OrderToShip},
	{"ready_to_ship_pending", catalog.OrderToShip}, {"ready_to_ship", catalog.OrderToShip},
	{"shipping", catalog.OrderShipped}, {"shipped", catalog.OrderShipped},
	{"delivered", catalog.OrderCompleted},
	{shippedBack, catalog.OrderRefunded}, {"returned", catalog.OrderRefunded},
}

// shippedBack is the status of what could not be delivered and has come back to
// the seller. Of what a buyer returned, Lazada does not tell when it is there.
const shippedBack = "shipped_back_success"

func placeOf(status string) int {
	for i, p := range progress {
		if p.status == status {
			return i
		}
	}
	return -1
}

// cancelAsked stands beside the statuses of an order whose buyer wants to
// cancel.
const cancelAsked = "need_cancel_confirm"

// statusOf is an order's: that of the row that is least far, without canceled
// ones. An order as such has none.
func statusOf(units []unit) (ours catalog.OrderStatus, theirs string) {
	least := len(progress)
	strange := false
	var all []string
	for _, u := range units {
		if !slices.Contains(all, u.Status) {
			all = append(all, u.Status)
		}
		if u.asked() && !slices.Contains(all, cancelAsked) {
			all = append(all, cancelAsked)
		}
		if u.canceled() {
			continue
		}
		place := placeOf(u.Status)
		strange = strange || place < 0
		least = min(least, max(0, place))
	}
	theirs = strings.Join(all, ",")
	switch {
	case strange:
		return catalog.OrderOther, theirs
	case least == len(progress):
		return catalog.OrderCancelled, theirs
	}
	return progress[least].ours, theirs
}

// Interpret reads an order that Orders gave. Its total is what the buyer pays:
// the goods less vouchers, and shipping. Rows of one SKU make one line.
func (s *shop) Interpret(raw []byte) (catalog.Order, catalog.Buyer, error) {
	fail := func(format string, arguments ...any) (catalog.Order, catalog.Buyer, error) {
		return catalog.Order{}, catalog.Buyer{}, s.fail("orders.interpret", connectors.Unclear, "", format, arguments...)
	}
	var doc document
	var o order
	// Decoding errors quote what they stumble over, so they are not passed on.
	if json.Unmarshal(raw, &doc) != nil || json.Unmarshal(doc.Order, &o) != nil || o.ID <= 0 {
		return fail("not an order document")
	}
	if len(doc.Items) == 0 {
		return fail("order %s has no rows", o.ID)
	}
	units := make([]unit, len(doc.Items))
	for i, item := range doc.Items {
		if json.Unmarshal(item, &units[i]) != nil || units[i].ID <= 0 {
			return fail("order %s: row %d is not one", o.ID, i+1)
		}
	}
	placed, err := time.Parse(orderTime, o.CreatedAt)
	if err != nil {
		return fail("order %s: created_at is not a time", o.ID)
	}
	updated, err := time.Parse(orderTime, o.UpdatedAt)
	if err != nil {
		return fail("order %s: updated_at is not a time", o.ID)
	}
	result := catalog.Order{
		Channel: s.env.Channel, ExternalID: idOf(o.ID), UpdatedAt: updated.UTC(), PlacedAt: placed.UTC(),
		Number: firstOf(string(o.Number), o.ID.String()),
	}
	result.Status, result.PlatformStatus = statusOf(units)
	result.CancelRequested = slices.ContainsFunc(units, unit.asked)
	var parts [3]catalog.Money
	for i, t := range []text{o.Price, o.ShippingFee, o.Voucher} {
		if parts[i], err = amount(text(firstOf(string(t), "0")), s.currency); err != nil {
			return fail("order %s: %s is not an amount", o.ID, []string{"price", "shipping_fee", "voucher"}[i])
		}
	}
	result.Total = catalog.Money{Amount: parts[0].Amount + parts[1].Amount - parts[2].Amount, Currency: s.currency}
	result.Adjustment = result.Total
	for _, u := range units {
		paid, err := amount(text(firstOf(string(u.Paid), string(u.Price))), s.currency)
		if err != nil || u.Currency != "" && u.Currency != s.currency {
			return fail("order %s: the price of row %s is not an amount in %s", o.ID, u.ID, s.currency)
		}
		line := lineOf(&result, u)
		line.Quantity++
		line.Total.Amount += paid.Amount
		result.Adjustment.Amount -= paid.Amount
		line.Total.Currency = s.currency
		if u.canceled() || u.Status == shippedBack {
			line.Restocked++ // canceled before it left, or the parcel is with the seller again
		}
		if status := u.Status; status == "returned" || status == shippedBack {
			addReturn(&result, u, line.ID, paid)
		}
		addParcel(&result, u, line.ID)
	}
	return result, buyerOf(o), nil
}

// lineOf is the line that a row belongs to, made when there is none. Its ID is
// the SKU's number, which stays when rows change.
func lineOf(o *catalog.Order, u unit) *catalog.OrderLine {
	id := firstOf(string(u.SkuID), string(u.SKU), u.ID.String())
	for i := range o.Lines {
		if o.Lines[i].ID == id {
			return &o.Lines[i]
		}
	}
	o.Lines = append(o.Lines, catalog.OrderLine{ID: id, ExternalID: catalog.ExternalID(u.SkuID), SKU: catalog.SKU(u.SKU), Name: string(u.Name)})
	return &o.Lines[len(o.Lines)-1]
}

func addReturn(o *catalog.Order, u unit, line string, paid catalog.Money) {
	id := firstOf(string(u.Reverse), u.ID.String())
	for i := range o.Returns {
		if r := &o.Returns[i]; r.ID == id {
			r.Refunded.Amount += paid.Amount
			if !slices.Contains(r.Lines, line) {
				r.Lines = append(r.Lines, line)
			}
			return
		}
	}
	o.Returns = append(o.Returns, catalog.Return{ID: id, Lines: []string{line}, Refunded: paid, Reason: string(u.Reason)})
}

func addParcel(o *catalog.Order, u unit, line string) {
	if u.Parcel == "" && u.Tracking == "" {
		return
	}
	id := firstOf(string(u.Parcel), string(u.Tracking))
	for i := range o.Fulfillments {
		if f := &o.Fulfillments[i]; f.ID == id {
			if !slices.Contains(f.Lines, line) {
				f.Lines = append(f.Lines, line)
			}
			return
		}
	}
	o.Fulfillments = append(o.Fulfillments, catalog.Fulfillment{
		ID: id, Carrier: string(u.Carrier), TrackingNumber: string(u.Tracking), Lines: []string{line},
	})
}

// buyerOf is the buyer as the platform masks them.
func buyerOf(o order) catalog.Buyer {
	a := o.Shipping
	join := func(separator string, texts ...text) string {
		var parts []string
		for _, t := range texts {
			if part := strings.TrimSpace(string(t)); part != "" && !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
		return strings.Join(parts, separator)
	}
	return catalog.Buyer{
		Name:    firstOf(join(" ", a.FirstName, a.LastName), join(" ", o.FirstName, o.LastName)),
		Phone:   firstOf(string(a.Phone), string(a.Phone2)),
		Address: join(", ", a.Address1, a.Address2, a.Address5, a.Address4, a.Address3, a.City, a.PostCode, a.Country),
		Note:    string(o.Note),
	}
}
