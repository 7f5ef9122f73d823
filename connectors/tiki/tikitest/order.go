package tikitest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
)

// The confirmations of an order's items.
const (
	confirmWaiting  = "waiting"
	confirmAccepted = "seller_confirmed"
	confirmCanceled = "seller_canceled"
)

const (
	statusQueueing = "queueing"
	statusCanceled = "canceled"
)

type order struct {
	id               int64
	code             string
	fulfillment      string
	status           string
	created, updated time.Time
	items            []*item
	history          []change
	shipping         int64 // what the buyer pays for it
	discount         int64
	inventory        int64 // chosen when confirming
	pickup           string
}

type change struct {
	status string
	at     time.Time
}

type item struct {
	id           int64
	product      *product
	name, sku    string
	price, qty   int64
	confirmation string
	confirmed    time.Time
}

func (o *order) subtotal() int64 {
	var sum int64
	for _, it := range o.items {
		sum += it.price * it.qty
	}
	return sum
}

func (o *order) total() int64 { return o.subtotal() - o.discount + o.shipping }

func (s *Simulator) setStatus(o *order, status string, at time.Time) {
	o.status, o.updated = status, at
	o.history = append(o.history, change{status, at})
	kind := "ORDER_STATUS_UPDATED"
	if len(o.history) == 1 {
		kind = "ORDER_CREATED_SUCCESSFULLY"
	}
	s.emit(kind, map[string]any{"order_code": o.code, "status": status})
}

func (s *Simulator) getOrders(c *call) answer {
	created, bad, fine := s.period(c, "created")
	if !fine {
		return bad
	}
	updated, bad, fine := s.period(c, "updated")
	if !fine {
		return bad
	}
	recent, fine := s.recent(c.query.Get("filter_date_by"))
	if !fine {
		return refuse(http.StatusBadRequest, "filter_date_by must be today, last7days or last30days")
	}
	status, fulfillment := c.set("status"), c.set("fulfillment_type")
	confirmation, inventory := c.set("item_confirmation_status"), c.set("item_inventory_type")
	var rows []*order
	for _, o := range slices.Backward(s.orders) {
		of := func(list string, is func(*item) string, fits func(string) bool) bool {
			return c.query.Get(list) == "" || slices.ContainsFunc(o.items, func(it *item) bool { return fits(is(it)) })
		}
		if created(o.created) && updated(o.updated) && recent(o.created) && status(o.status) && fulfillment(o.fulfillment) &&
			(c.query.Get("code") == "" || c.has("code", o.code)) &&
			of("sku", func(it *item) string { return it.sku }, func(sku string) bool { return c.has("sku", sku) }) &&
			of("item_confirmation_status", func(it *item) string { return it.confirmation }, confirmation) &&
			of("item_inventory_type", func(it *item) string { return it.product.model }, inventory) &&
			c.query.Get("is_rma") != "true" {
			rows = append(rows, o)
		}
	}
	slices.SortStableFunc(rows, func(a, b *order) int { return b.created.Compare(a.created) })
	if field, direction, _ := strings.Cut(c.query.Get("order_by"), "|"); field != "" {
		if field != "created_at" && field != "updated_at" || direction != "asc" && direction != "desc" {
			return refuse(http.StatusBadRequest, "order_by is not valid")
		}
		slices.SortStableFunc(rows, func(a, b *order) int {
			x, y := a.created, b.created
			if field == "updated_at" {
				x, y = a.updated, b.updated
			}
			if direction == "desc" {
				x, y = y, x
			}
			return x.Compare(y)
		})
	}
	return pages(c, rows, func(o *order) any { return s.showOrder(o, c) })
}

func (s *Simulator) recent(span string) (func(time.Time) bool, bool) {
	days, known := map[string]int{"": 36500, "today": 0, "last7days": 7, "last30days": 30}[span]
	local := s.now().In(zone)
	since := time.Date(local.Year(), local.Month(), local.Day()-days, 0, 0, 0, 0, zone)
	return func(t time.Time) bool { return !t.Before(since) }, known
}

func (s *Simulator) getOrder(c *call) answer {
	o := s.byCode[c.params[0]]
	if o == nil {
		return notFound("Order", c.params[0])
	}
	return ok(s.showOrder(o, c))
}

// orderRow is an order as Tiki writes it, as far as it has something to tell.
type orderRow struct {
	ID           int64          `json:"id"`
	Code         string         `json:"code"`
	Fulfillment  string         `json:"fulfillment_type"`
	Status       string         `json:"status"`
	Created      string         `json:"created_at"`
	Updated      string         `json:"updated_at"`
	IsRMA        bool           `json:"is_rma"`
	Relation     *string        `json:"relation_code"`
	VAT          bool           `json:"is_vat_exporting"`
	Backorder    bool           `json:"has_backorder_items"`
	Inventory    string         `json:"inventory_status"`
	MainState    string         `json:"main_state"`
	MainSubstate string         `json:"main_substate"`
	MainText     string         `json:"main_state_text"`
	MainTextEN   string         `json:"main_state_text_en"`
	Items        []any          `json:"items"`
	Histories    []any          `json:"status_histories,omitempty"`
	Shipping     map[string]any `json:"shipping"`
	Payment      map[string]any `json:"payment"`
	Warehouse    map[string]any `json:"tiki_warehouse"`
	Invoice      map[string]any `json:"invoice"`
	Customer     map[string]any `json:"customer"`
	Billing      map[string]any `json:"billing_address"`
	Delivery     map[string]any `json:"delivery"`
	Room         map[string]any `json:"seller_warehouse"`
	Labels       []any          `json:"labels"`
	Boxes        []any          `json:"boxes"`
	Children     []any          `json:"children"`
}

func (s *Simulator) showOrder(o *order, c *call) any {
	row := orderRow{
		ID: o.id, Code: o.code, Fulfillment: o.fulfillment, Status: o.status, Created: stamp(o.created), Updated: stamp(o.updated),
		MainState: "awaiting_confirmation", MainSubstate: "order_verified", Items: []any{},
		MainText: "Chờ xác nhận", MainTextEN: "Awaiting confirmation", Inventory: "reserved", Labels: []any{}, Boxes: []any{}, Children: []any{},
		Billing:  map[string]any{"full_name": "Người mua thử", "street": "Số 1 đường Mẫu", "phone": ""},
		Delivery: map[string]any{"delivery_confirmed": o.status == "complete"},
		Room:     map[string]any{"id": FirstWarehouse, "name": s.warehouses[0].name, "code": "kho-" + number(FirstWarehouse), "street": s.warehouses[0].street},
		Shipping: map[string]any{
			"partner_id": nil, "partner_name": nil, "tracking_code": nil, "status": nil,
			"plan": map[string]any{"id": 1, "name": "Giao tiết kiệm", "is_free_shipping": o.shipping == 0,
				"promised_delivery_date": stamp(o.created.Add(4 * 24 * time.Hour)), "description": ""},
			"address": map[string]any{
				"full_name": "Người mua thử", "street": "Số 1 đường Mẫu", "ward": "Phường Mẫu", "ward_tiki_code": "VN000000001",
				"district": "Quận Mẫu", "district_tiki_code": "VN000000", "region": "Hà Nội", "region_tiki_code": "VN034",
				"country": "Việt Nam", "country_id": "VN", "email": "", "phone": "",
			},
		},
		Payment:   map[string]any{"method": "cod", "is_prepaid": false, "status": nil, "description": "Thanh toán tiền mặt khi nhận hàng"},
		Warehouse: map[string]any{"id": 5, "name": "Hà Nội 5", "code": "hn5"},
		Customer:  map[string]any{"id": 9001, "full_name": "Người mua thử"},
	}
	if o.status == "shipping" || o.status == "complete" {
		row.Shipping["partner_name"], row.Shipping["tracking_code"] = "TikiNOW Smart Logistics", "TN"+o.code
	}
	var pieces int64
	for _, it := range o.items {
		pieces += it.qty
		row.Items = append(row.Items, s.showItem(o, it, c))
	}
	if c.has("include", "status_histories") {
		for i, h := range o.history {
			row.Histories = append(row.Histories, map[string]any{"id": i + 1, "status": h.status, "created_at": stamp(h.at)})
		}
	}
	row.Invoice = map[string]any{
		"items_count": len(o.items), "items_quantity": pieces, "subtotal": o.subtotal(), "grand_total": o.total(),
		"collectible_amount": o.total(), "discount_amount": o.discount, "shipping_amount_after_discount": o.shipping,
		"purchased_at": stamp(o.created),
	}
	return row
}

func (s *Simulator) showItem(o *order, it *item, c *call) any {
	sum := it.price * it.qty
	fee := sum * 7 / 100
	fees := []any{}
	// The documentation names the fees in one way, a client in another.
	if c.has("include", "items.fees") || c.has("include", "item.fees") {
		fees = append(fees, map[string]any{"fee_type_key": "commission", "fee_type_name": "Chiết khấu", "total_amount": fee, "final_amount": fee})
	}
	histories := []any{}
	if c.has("include", "items.confirmation_histories") && !it.confirmed.IsZero() {
		histories = append(histories, map[string]any{"status": it.confirmation, "confirmed_at": stamp(it.confirmed)})
	}
	return map[string]any{
		"id": it.id,
		"product": map[string]any{
			"id": it.product.id, "type": "simple", "super_id": it.product.superID, "master_id": it.product.masterID, "sku": it.product.sku,
			"name": it.name, "inventory_type": it.product.model, "seller_product_code": it.sku, "thumbnail": nil,
		},
		"seller": map[string]any{"id": s.options.SellerID, "name": s.options.SellerName},
		"confirmation": map[string]any{
			"status": it.confirmation, "confirmed_at": optionalStamp(it.confirmed),
			"available_confirm_sla": stamp(o.created.Add(24 * time.Hour)), "pickup_confirm_sla": nil, "histories": histories,
		},
		"parent_item_id": 0, "price": it.price, "qty": it.qty, "is_free_gift": false, "is_virtual": false,
		"invoice": map[string]any{
			// Some answers carry floats.
			"price": float(it.price), "quantity": it.qty, "subtotal": sum, "row_total": sum, "discount_amount": 0,
			"seller_fee": -fee, "seller_income": sum - fee, "fees": fees,
		},
		"seller_inventory_id": o.inventory,
	}
}

// float writes 99000 as 99000.0.
type float int64

func (f float) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%d.0", int64(f)), nil }

func (s *Simulator) slots() []string {
	local := s.now().In(zone)
	var list []string
	for day := range 3 {
		for _, hour := range []int{10, 14, 17} {
			at := time.Date(local.Year(), local.Month(), local.Day()+day, hour, 0, 0, 0, zone)
			if at.After(s.now().Add(time.Hour)) {
				list = append(list, stamp(at))
			}
		}
	}
	return list
}

func (s *Simulator) getSlots(*call) answer {
	slots := []any{}
	for _, at := range s.slots() {
		slots = append(slots, map[string]any{"expected_pickup_slot": at[11:16], "expected_pickup_time": at})
	}
	return ok(map[string]any{"seller_id": s.options.SellerID, "pickup_slots": slots})
}

// waiting finds an order whose items wait for the seller.
func (s *Simulator) waiting(c *call, dropship bool) (*order, answer) {
	o := s.byCode[c.params[0]]
	switch {
	case o == nil:
		return nil, notFound("Order", c.params[0])
	case (o.fulfillment == "dropship") != dropship:
		return nil, refuse(http.StatusUnprocessableEntity, "Order fulfillment type is "+o.fulfillment)
	case o.status != statusQueueing || !slices.ContainsFunc(o.items, func(it *item) bool { return it.confirmation == confirmWaiting }):
		return nil, refuse(http.StatusUnprocessableEntity, "Order is not waiting for confirmation")
	}
	return o, answer{}
}

func (s *Simulator) confirmItems(c *call) answer {
	o, bad := s.waiting(c, false)
	if o == nil {
		return bad
	}
	var in struct {
		Items     []int64 `json:"available_item_ids"`
		Inventory *int64  `json:"seller_inventory_id"`
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	if in.Inventory == nil || *in.Inventory != firstInventory {
		return refuse(http.StatusUnprocessableEntity, "seller_inventory_id is not valid")
	}
	o.inventory = *in.Inventory
	return s.confirm(o, func(it *item) bool { return slices.Contains(in.Items, it.id) })
}

func (s *Simulator) confirmDropship(c *call) answer {
	o, bad := s.waiting(c, true)
	if o == nil {
		return bad
	}
	var in struct {
		Status    string `json:"confirmation_status"`
		Inventory *int64 `json:"seller_inventory_id"`
		Pickup    string `json:"expected_pickup_time"`
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	switch {
	case in.Status != confirmAccepted && in.Status != confirmCanceled:
		return refuse(http.StatusUnprocessableEntity, "confirmation_status must be seller_confirmed or seller_canceled")
	case in.Inventory == nil || *in.Inventory != firstInventory:
		return refuse(http.StatusUnprocessableEntity, "seller_inventory_id is not valid")
	case in.Status == confirmAccepted && !slices.Contains(s.slots(), in.Pickup):
		return refuse(http.StatusUnprocessableEntity, "expected_pickup_time is not one of the slots")
	}
	o.inventory, o.pickup = *in.Inventory, in.Pickup
	return s.confirm(o, func(*item) bool { return in.Status == confirmAccepted })
}

// confirm notes what the seller has; an order of which she has nothing is
// canceled.
func (s *Simulator) confirm(o *order, has func(*item) bool) answer {
	some := false
	for _, it := range o.items {
		it.confirmation, it.confirmed = confirmCanceled, s.now()
		if has(it) {
			it.confirmation, some = confirmAccepted, true
		}
	}
	o.updated = s.now()
	if !some {
		s.cancel(o)
	}
	return ok(map[string]any{"code": o.code, "status": o.status})
}

func (s *Simulator) cancel(o *order) {
	for _, it := range o.items {
		s.restock(it.product, it.qty)
	}
	s.setStatus(o, statusCanceled, s.now())
}

// restock adds to the first warehouse that has the product, or takes from
// all; stock below zero is oversold.
func (s *Simulator) restock(p *product, n int64) {
	for _, w := range s.warehouses {
		if have, there := p.stock[w.id]; there && (n >= 0 || have >= -n) {
			p.stock[w.id] += n
			return
		}
	}
	p.stock[FirstWarehouse] = max(0, p.stock[FirstWarehouse]+n)
}

func (s *Simulator) updateDelivery(c *call) answer {
	o := s.byCode[c.params[0]]
	var in struct {
		Status string `json:"status"`
		Cause  string `json:"failure_cause"`
	}
	if o == nil {
		return notFound("Order", c.params[0])
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	switch {
	case o.fulfillment != "seller_delivery":
		return refuse(http.StatusUnprocessableEntity, "Order fulfillment type is "+o.fulfillment)
	case in.Status == "successful_delivery":
		s.setStatus(o, in.Status, s.now())
	case in.Status == "failed_delivery" && (in.Cause == "out_of_needs" || in.Cause == "out_of_stock"):
		s.cancel(o)
	case in.Status == "failed_delivery" && in.Cause == "redelivery_appointment":
		o.updated = s.now()
	default:
		return refuse(http.StatusUnprocessableEntity, "status or failure_cause is not valid")
	}
	return ok(map[string]any{"code": o.code, "status": o.status})
}

// crossBorder are the states that a seller abroad reports, in their order.
var crossBorder = []string{"transferring_to_foreign_warehouses", "transferring_to_vietnam", "clearing_customs", "shipping", "successful_delivery"}

func (s *Simulator) updateShipment(c *call) answer {
	o := s.byCode[c.params[0]]
	var in struct {
		Status string `json:"status"`
		At     string `json:"update_time"`
	}
	if o == nil {
		return notFound("Order", c.params[0])
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	_, err := time.ParseInLocation(layout, in.At, zone)
	switch {
	case o.fulfillment != "cross_border":
		return refuse(http.StatusUnprocessableEntity, "Order fulfillment type is "+o.fulfillment)
	case !slices.Contains(crossBorder, in.Status):
		return refuse(http.StatusUnprocessableEntity, "status is not valid")
	case err != nil:
		return refuse(http.StatusUnprocessableEntity, "update_time must be yyyy-MM-dd HH:mm:ss")
	}
	word := "shipping"
	if in.Status == "successful_delivery" {
		word = in.Status
	}
	s.setStatus(o, word, s.now())
	return ok(map[string]any{"code": o.code, "status": o.status})
}

// getLabel gives the label of a parcel, by the way in which it is delivered.
func (s *Simulator) getLabel(c *call) answer {
	o := s.byCode[c.params[0]]
	switch {
	case o == nil:
		return notFound("Order", c.params[0])
	case c.params[1] != strings.ReplaceAll(o.fulfillment, "_", "-"):
		return refuse(http.StatusUnprocessableEntity, "Order fulfillment type is "+o.fulfillment)
	case c.query.Get("format") != "html":
		return refuse(http.StatusBadRequest, "format must be html")
	case o.items[0].confirmation != confirmAccepted:
		return refuse(http.StatusUnprocessableEntity, "Order is not confirmed")
	}
	return ok(map[string]any{"html": "<html><body>" + o.code + "</body></html>"})
}

// orderWords are Tiki's words for our statuses.
var orderWords = map[catalog.OrderStatus]string{
	"":                           statusQueueing,
	catalog.OrderToShip:          statusQueueing,
	catalog.OrderAwaitingPayment: "waiting_payment",
	catalog.OrderShipped:         "shipping",
	catalog.OrderCompleted:       "complete",
	catalog.OrderCancelled:       statusCanceled,
	catalog.OrderRefunded:        "returned",
	catalog.OrderOther:           "holded",
}
