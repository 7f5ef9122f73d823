package tiktokshoptest

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
)

// The statuses of a cancellation.
const (
	cancelPending  = "CANCELLATION_REQUEST_PENDING"
	cancelSuccess  = "CANCELLATION_REQUEST_SUCCESS"
	cancelWithdrew = "CANCELLATION_REQUEST_CANCEL"
)

type cancellation struct {
	id, status, kind, reason, role string
	order                          *order
	created, updated               time.Time
}

var sellerReasons = map[bool][]string{
	true:  {"seller_cancel_reason_out_of_stock", "seller_cancel_reason_wrong_price", "seller_cancel_paid_reason_address_not_deliver"},
	false: {"seller_cancel_unpaid_reason_out_of_stock", "seller_cancel_unpaid_reason_wrong_price"},
}

func (s *Simulator) cancelOrder(r *request) (any, error) {
	var in struct {
		Order  string   `json:"order_id"`
		Reason string   `json:"cancel_reason"`
		Lines  []string `json:"order_line_item_ids"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	o := s.orders[in.Order]
	switch {
	case o == nil:
		return nil, refuse(21008111, "The order or package does not belong to the current seller.")
	case len(in.Lines) > 0:
		return nil, badParam("order_line_item_ids", "orders are cancelled as a whole in this market", "nothing")
	case !slices.Contains(sellerReasons[o.status != orderUnpaid], in.Reason):
		return nil, badParam("cancel_reason", "it is unknown", "a reason of the order's state")
	case slices.Index(orderStatuses, o.status) >= slices.Index(orderStatuses, orderDelivered):
		return nil, badParam("order_id", "the order is "+o.status, "an order that was not delivered")
	}
	c := s.newCancellation(o, "CANCEL", in.Reason, "SELLER", cancelPending)
	s.cancel(c)
	return object{"cancel_id": c.id, "cancel_status": c.status}, nil
}

func (s *Simulator) newCancellation(o *order, kind, reason, role, status string) *cancellation {
	at := s.now().Truncate(time.Second)
	c := &cancellation{id: s.newID(4035319285430489000), status: status, kind: kind, reason: reason, role: role, order: o, created: at, updated: at}
	s.cancels = append(s.cancels, c)
	s.tellCancellation(c)
	return c
}

func (s *Simulator) cancel(c *cancellation) {
	c.order.reason, c.order.initiator, c.order.buyerAsked = c.reason, c.role, false
	s.settle(c, cancelSuccess)
	s.setStatus(c.order, orderCancelled, c.updated)
}

// settle decides a cancellation, and tells it.
func (s *Simulator) settle(c *cancellation, status string) {
	c.status, c.updated = status, s.now().Truncate(time.Second)
	c.order.updated = c.updated
	s.tellCancellation(c)
}

func (s *Simulator) tellCancellation(c *cancellation) {
	s.emit(11, object{"order_id": c.order.id, "cancellations_role": c.role, "cancel_status": c.status, "cancel_id": c.id, "create_time": c.created.Unix()})
}

func (s *Simulator) searchCancellations(r *request) (any, error) {
	var in struct {
		Orders   []string `json:"order_ids"`
		IDs      []string `json:"cancel_ids"`
		Statuses []string `json:"cancel_status"`
		Types    []string `json:"cancel_types"`
		UpdateGE int64    `json:"update_time_ge"`
		UpdateLT int64    `json:"update_time_lt"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	among := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	var found []object
	for _, c := range s.cancels {
		at := c.updated.Unix()
		if among(in.Orders, c.order.id) && among(in.IDs, c.id) && among(in.Statuses, c.status) && among(in.Types, c.kind) &&
			at >= in.UpdateGE && (in.UpdateLT == 0 || at < in.UpdateLT) {
			found = append(found, object{
				"cancel_id": c.id, "order_id": c.order.id, "cancel_status": c.status, "cancel_type": c.kind, "cancel_reason": c.reason, "role": c.role,
				"create_time": c.created.Unix(), "update_time": at, "cancel_line_items": []object{},
			})
		}
	}
	first, last, next, err := r.page(len(found), 10, 50)
	if err != nil {
		return nil, err
	}
	return object{"cancellations": append([]object{}, found[first:last]...), "next_page_token": next, "total_count": len(found)}, nil
}

func (s *Simulator) pending(r *request) (*cancellation, error) {
	for _, c := range s.cancels {
		if c.id == r.vars["cancel"] && c.status == cancelPending {
			return c, nil
		}
	}
	return nil, badParam("cancel_id", "there is no such request", "a pending request")
}

func (s *Simulator) approveCancellation(r *request) (any, error) {
	c, err := s.pending(r)
	if err != nil {
		return nil, err
	}
	s.cancel(c)
	return object{}, nil
}

func (s *Simulator) rejectCancellation(r *request) (any, error) {
	c, err := s.pending(r)
	if err != nil {
		return nil, err
	}
	c.order.buyerAsked = false
	s.settle(c, cancelWithdrew)
	return object{}, nil
}

// The statuses of a return.
const (
	returnAsked    = "RETURN_OR_REFUND_REQUEST_PENDING"
	returnRefused  = "REFUND_OR_RETURN_REQUEST_REJECT"
	returnApproved = "AWAITING_BUYER_SHIP"
	returnDone     = "RETURN_OR_REFUND_REQUEST_COMPLETE"
)

// returned is a return of pieces of an order, or a refund alone.
type returned struct {
	id, kind, status string // kind is REFUND or RETURN_AND_REFUND
	order            *order
	units            []unit
	created, updated time.Time
}

// AskToReturn plays a buyer who wants to send back the first pieces of an order
// that has arrived, or wants a refund alone.
func (s *Simulator) AskToReturn(id catalog.ExternalID, pieces int, refundOnly bool) (returnID string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[string(id)]
	if o == nil || o.status != orderDelivered && o.status != orderCompleted || pieces < 1 || pieces > len(o.units) {
		return "", fmt.Errorf("tiktokshoptest: order %s has not arrived, or has no %d pieces", id, pieces)
	}
	at := s.now().Truncate(time.Second)
	x := &returned{id: s.newID(4035319285430500000), kind: "RETURN_AND_REFUND", status: returnAsked, order: o, units: o.units[:pieces], created: at, updated: at}
	if refundOnly {
		x.kind = "REFUND"
	}
	s.returns = append(s.returns, x)
	s.tellReturn(x)
	return x.id, nil
}

// EndReturn refunds the buyer, or refuses to.
func (s *Simulator) EndReturn(returnID string, refund bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.returns {
		if x.id == returnID {
			s.settleReturn(x, map[bool]string{true: returnDone, false: returnRefused}[refund])
			return nil
		}
	}
	return fmt.Errorf("tiktokshoptest: no return %s", returnID)
}

func (s *Simulator) tellReturn(x *returned) {
	s.emit(12, object{
		"order_id": x.order.id, "return_role": "BUYER", "return_type": x.kind, "return_status": x.status, "return_id": x.id,
		"create_time": x.created.Unix(), "update_time": x.updated.Unix(),
	})
}

func (s *Simulator) searchReturns(r *request) (any, error) {
	var in struct {
		Orders   []string `json:"order_ids"`
		IDs      []string `json:"return_ids"`
		Statuses []string `json:"return_status"`
		Types    []string `json:"return_types"`
		CreateGE int64    `json:"create_time_ge"`
		CreateLT int64    `json:"create_time_lt"`
		UpdateGE int64    `json:"update_time_ge"`
		UpdateLT int64    `json:"update_time_lt"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	among := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	within := func(at, from, before int64) bool { return at >= from && (before == 0 || at < before) }
	var found []*returned
	for _, x := range s.returns {
		if among(in.Orders, x.order.id) && among(in.IDs, x.id) && among(in.Statuses, x.status) && among(in.Types, x.kind) &&
			within(x.created.Unix(), in.CreateGE, in.CreateLT) && within(x.updated.Unix(), in.UpdateGE, in.UpdateLT) {
			found = append(found, x)
		}
	}
	at := func(x *returned) time.Time {
		if r.query.Get("sort_field") == "update_time" {
			return x.updated
		}
		return x.created
	}
	slices.SortStableFunc(found, func(a, b *returned) int { return at(a).Compare(at(b)) })
	if r.query.Get("sort_order") == "DESC" {
		slices.Reverse(found)
	}
	if size, _ := strconv.Atoi(r.query.Get("page_size")); r.query.Has("page_size") && size < 10 {
		return nil, refuse(12019109, "page size is invalid")
	}
	first, last, next, err := r.page(len(found), 10, 50)
	if err != nil {
		return nil, err
	}
	rows := []object{}
	for _, x := range found[first:last] {
		rows = append(rows, showReturn(x))
	}
	return object{"return_orders": rows, "next_page_token": next, "total_count": len(found)}, nil
}

func showReturn(x *returned) object {
	refund := func(amount int64) object {
		text := strconv.FormatInt(amount, 10)
		return object{"currency": "VND", "refund_subtotal": text, "refund_shipping_fee": "0", "refund_tax": "0", "refund_total": text}
	}
	lines, sum := []object{}, int64(0)
	for _, u := range x.units {
		sum += u.sale
		lines = append(lines, object{
			"return_line_item_id": "1" + u.id, "order_line_item_id": u.id, "sku_id": u.sku, "seller_sku": u.seller, "sku_name": u.skuName,
			"product_name": u.productName, "refund_amount": refund(u.sale),
		})
	}
	return object{
		"return_id": x.id, "order_id": x.order.id, "return_type": x.kind, "return_status": x.status, "role": "BUYER",
		"return_reason": "ecom_order_delivered_refund_and_return_reason_not_as_described", "return_reason_text": "Không như mô tả",
		"refund_amount": refund(sum), "return_line_items": lines, "create_time": x.created.Unix(), "update_time": x.updated.Unix(),
		"shipment_type": "PLATFORM", "handover_method": "DROP_OFF", "is_combined_return": false,
	}
}

// waiting gives a return that waits for an answer in one of the statuses.
func (s *Simulator) waiting(r *request, statuses ...string) (*returned, error) {
	for _, x := range s.returns {
		if x.id == r.vars["return"] && slices.Contains(statuses, x.status) {
			return x, nil
		}
	}
	return nil, badParam("return_id", "there is no such request", "a pending request")
}

func (s *Simulator) settleReturn(x *returned, status string) {
	x.status, x.updated = status, s.now().Truncate(time.Second)
	s.tellReturn(x)
}

// approveReturn lets a return begin, and ends it once the goods are back.
func (s *Simulator) approveReturn(r *request) (any, error) {
	var in struct {
		Decision string `json:"decision"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	x, err := s.waiting(r, returnAsked, returnApproved)
	if err != nil {
		return nil, err
	}
	wanted := map[string]string{"APPROVE_REFUND": returnDone, "APPROVE_RETURN": returnApproved, "APPROVE_RECEIVED_PACKAGE": returnDone}[in.Decision]
	if wanted == "" || (in.Decision == "APPROVE_RECEIVED_PACKAGE") != (x.status == returnApproved) || x.kind == "REFUND" && wanted == returnApproved {
		return nil, badParam("decision", "it does not fit the request", "APPROVE_REFUND, APPROVE_RETURN or APPROVE_RECEIVED_PACKAGE")
	}
	s.settleReturn(x, wanted)
	return object{}, nil
}

func (s *Simulator) rejectReturn(r *request) (any, error) {
	var in struct {
		Decision string `json:"decision"`
		Reason   string `json:"reject_reason"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	x, err := s.waiting(r, returnAsked, returnApproved)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains([]string{"REJECT_REFUND", "REJECT_RETURN", "REJECT_RECEIVED_PACKAGE"}, in.Decision):
		return nil, badParam("decision", "it is unknown", "REJECT_REFUND, REJECT_RETURN or REJECT_RECEIVED_PACKAGE")
	case in.Reason == "":
		return nil, badParam("reject_reason", "it is missing", "a reason")
	}
	s.settleReturn(x, returnRefused)
	return object{}, nil
}
