package lazadatest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
)

// reverse is what a buyer or seller undoes of an order: a cancellation or a
// return.
type reverse struct {
	id       int64
	kind     string // CANCEL or RETURN
	status   string
	order    *order
	units    []*unit
	reason   string
	created  time.Time
	modified time.Time
	until    time.Time // when a cancellation that nobody answers is granted
}

// The statuses of a reverse order.
const (
	reverseAsked    = "REQUEST_INITIATE"
	reverseRefused  = "REQUEST_REJECT"
	reverseCanceled = "CANCEL_SUCCESS"
	reverseDone     = "REQUEST_COMPLETE"
)

// answerTime is how long a seller may think about a buyer's wish to cancel. The
// real one depends on the order and is told as cancel_trigger_time.
const answerTime = 24 * time.Hour

// asked tells that the buyer wants to cancel and the seller has to answer.
func (u *unit) asked() bool { return u.reverse != nil && u.reverse.status == reverseAsked }

func (s *Simulator) newReverse(o *order, kind, status, reason string, units ...*unit) *reverse {
	s.lastReverse++
	now := s.now()
	r := &reverse{id: s.lastReverse, kind: kind, status: status, order: o, units: units, reason: reason, created: now, modified: now, until: now.Add(answerTime)}
	s.reverses = append(s.reverses, r)
	for _, u := range units {
		u.reverse, u.reason = r, reason
	}
	return r
}

// settle ends a reverse order.
func (s *Simulator) settle(r *reverse, status string) {
	r.status, r.modified = status, s.now()
	r.order.updated = s.now()
}

// cancelReason is what cancellations of a seller can be for.
const (
	cancelReason = "15"
	reasonName   = "Out of stock"
)

func (s *Simulator) cancelUnits(in *request) (*order, []*unit, error) {
	if in.p["order_id"] == "" {
		return nil, nil, failure{code: "115", kind: isp, message: "E0115: order id is null"}
	}
	o, err := s.order(in.p["order_id"])
	if err != nil {
		return nil, nil, failure{code: "122", kind: isp, message: "E0122: invalid trade order"}
	}
	var ids []json.RawMessage
	if json.Unmarshal([]byte(in.p["order_item_id_list"]), &ids) != nil || len(ids) == 0 {
		return nil, nil, failure{code: "102", kind: isp, message: "E0102: trade order line id is empty or invalid"}
	}
	var units []*unit
	for _, id := range ids {
		u := o.unit(string(id))
		if u == nil || holds(u.status) == left || u.status == "canceled" {
			return nil, nil, failure{code: "123", kind: isp, message: "E0123: invalid trade order lines " + string(id)}
		}
		units = append(units, u)
	}
	return o, units, nil
}

func (s *Simulator) cancelValidate(in *request) (any, error) {
	if _, _, err := s.cancelUnits(in); err != nil {
		return nil, err
	}
	return object{"tip_type": "warn", "tip_content": "", "reason_options": []object{{"reason_id": cancelReason, "reason_name": reasonName}}}, nil
}

func (s *Simulator) cancelCreate(in *request) (any, error) {
	o, units, err := s.cancelUnits(in)
	if err != nil {
		return nil, err
	}
	if in.p["reason_id"] != cancelReason {
		return nil, failure{code: "104", kind: isp, message: "E0104: reason is empty or invalid"}
	}
	r := s.newReverse(o, "CANCEL", reverseCanceled, reasonName, units...)
	s.cancel(r, "cancellation-seller")
	for _, u := range units { // out of stock means none is left
		u.sku.total = u.sku.withheld + u.sku.occupied
	}
	return object{"tip_type": "warn", "tip_content": ""}, nil
}

// cancel carries a cancellation out.
func (s *Simulator) cancel(r *reverse, by string) {
	s.settle(r, reverseCanceled)
	for _, u := range r.units {
		u.by = by
	}
	s.move(r.order, "canceled", r.units...)
	s.emitReverse(r, "CANCEL_SUCCESS")
}

// cancelDecide answers a buyer who wants to cancel.
func (s *Simulator) cancelDecide(in *request) (any, error) {
	id, err := strconv.ParseInt(in.p["reverse_order_id"], 10, 64)
	i := slices.IndexFunc(s.reverses, func(r *reverse) bool { return r.id == id })
	agree, badChoice := strconv.ParseBool(in.p["agree_cancel"])
	switch {
	case err != nil || i < 0:
		return nil, failure{code: "105", kind: isp, message: "E0105: reverse order id is empty or invalid"}
	case badChoice != nil || s.reverses[i].status != reverseAsked:
		return nil, failure{code: "131", kind: isp, message: "E0131: no decision for this reverse order"}
	case agree:
		s.cancel(s.reverses[i], "cancellation-customer")
	default:
		s.settle(s.reverses[i], reverseRefused)
	}
	return nil, nil
}

// reverseList lists cancellations and returns, the newest first.
func (s *Simulator) reverseList(in *request) (any, error) {
	for _, name := range []string{"page_size", "page_no"} {
		if in.p[name] == "" {
			return nil, missing(name)
		}
	}
	size, err := in.number("page_size", 10, 1, 100, "5")
	if err != nil {
		return nil, err
	}
	page, err := in.number("page_no", 1, 1, 1<<31, "5")
	if err != nil {
		return nil, err
	}
	var kinds, statuses []string
	for name, list := range map[string]*[]string{"request_type_list": &kinds, "reverse_status_list": &statuses} {
		if in.p[name] != "" {
			if err := in.decode(name, list); err != nil {
				return nil, err
			}
		}
	}
	from, err := in.number("ReverseOrderLineModifiedTimeRangeStart", 0, 0, 1<<62, "5")
	if err != nil {
		return nil, err
	}
	to, err := in.number("ReverseOrderLineModifiedTimeRangeEnd", 1<<62, 0, 1<<62, "5")
	if err != nil {
		return nil, err
	}
	items, total := []object{}, int64(0)
	for _, r := range slices.Backward(s.reverses) {
		is := func(name string, id int64) bool {
			return in.p[name] == "" || in.p[name] == "0" || in.p[name] == strconv.FormatInt(id, 10)
		}
		at := r.modified.UnixMilli()
		if !is("reverse_order_id", r.id) || !is("trade_order_id", r.order.id) || at < from || at > to ||
			kinds != nil && !slices.Contains(kinds, r.kind) || statuses != nil && !slices.Contains(statuses, r.status) {
			continue
		}
		if total >= (page-1)*size && total < page*size {
			items = append(items, s.showReverse(r))
		}
		total++
	}
	return flat{"result": object{"success": true, "page_no": page, "page_size": size, "total": total, "items": items}}, nil
}

func (s *Simulator) showReverse(r *reverse) object {
	lines := []object{}
	for _, u := range r.units {
		lines = append(lines, object{
			"reverse_order_line_id": lineOf(r, u), "trade_order_line_id": u.id, "reverse_status": r.status, "ofc_status": "", "reason_text": r.reason,
			"refund_amount": u.paid, "item_unit_price": u.price, "seller_sku_id": u.sku.seller, "platform_sku_id": strconv.FormatInt(u.sku.id, 10),
			"return_order_line_gmt_create": r.created.UnixMilli(), "return_order_line_gmt_modified": r.modified.UnixMilli(),
			"trade_order_gmt_create": r.order.created.UnixMilli(), "is_dispute": false, "is_need_refund": "true",
			"product": object{"product_id": u.item.id, "product_sku": u.sku.seller}, "buyer": object{"buyer_id": 300000001},
		})
	}
	return object{
		"reverse_order_id": r.id, "trade_order_id": r.order.id, "request_type": r.kind, "is_rtm": r.kind == "RETURN", "shipping_type": "Dropshipping",
		"reverse_order_lines": lines,
	}
}

// lineOf is the number of a row within a reverse order.
func lineOf(r *reverse, u *unit) int64 { return r.id*1000 + u.id%1000 }

// expire grants what was left unanswered, and cancels what was not paid in time.
func (s *Simulator) expire() {
	now := s.now()
	for _, r := range s.reverses {
		if r.status == reverseAsked && !now.Before(r.until) {
			s.cancel(r, "cancellation-customer")
		}
	}
	for _, id := range s.orderIDs {
		o := s.orders[id]
		if o.payBy.IsZero() || now.Before(o.payBy) {
			continue
		}
		o.payBy = time.Time{}
		for _, u := range o.units {
			if u.status == "unpaid" {
				u.by, u.reason = "cancellation-system", "Payment timeout"
				s.move(o, "canceled", u)
			}
		}
	}
}

// AskToCancel implements [simulator.CancelAsker]: the buyer wants to cancel all
// rows of an order that is paid and has not left. The seller has to answer.
func (s *Simulator) AskToCancel(orderID catalog.ExternalID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.order(string(orderID))
	if err != nil {
		return fmt.Errorf("lazadatest: %w", err)
	}
	if slices.ContainsFunc(o.units, func(u *unit) bool { return !u.mayAsk() }) {
		return fmt.Errorf("lazadatest: order %s cannot be canceled on demand", orderID)
	}
	s.ask(o, o.units...)
	return nil
}

// AskToCancelRow plays a buyer who wants to cancel one row.
func (s *Simulator) AskToCancelRow(orderID catalog.ExternalID, row int) (reverseID int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, u, err := s.row(orderID, row, (*unit).mayAsk)
	if err != nil {
		return 0, err
	}
	return s.ask(o, u).id, nil
}

func (u *unit) mayAsk() bool { return holds(u.status) == occupied && !u.asked() }

func (s *Simulator) ask(o *order, units ...*unit) *reverse {
	r := s.newReverse(o, "CANCEL", reverseAsked, "Change of mind", units...)
	o.updated = s.now()
	s.emitReverse(r, "CANCEL_INIT")
	return r
}

// Return makes the buyer send back a row of a delivered order.
func (s *Simulator) Return(orderID catalog.ExternalID, row int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, u, err := s.row(orderID, row, func(u *unit) bool { return u.status == "delivered" })
	if err != nil {
		return err
	}
	r := s.newReverse(o, "RETURN", reverseDone, "Item does not match", u)
	u.by = "return-customer"
	s.move(o, "returned", u)
	s.emitReverse(r, "RTM_RECEIVE_ITEM")
	return nil
}

// CancelRow cancels one row of an order, as a buyer may before it is packed.
func (s *Simulator) CancelRow(orderID catalog.ExternalID, row int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, u, err := s.row(orderID, row, func(*unit) bool { return true })
	if err != nil {
		return err
	}
	s.cancel(s.newReverse(o, "CANCEL", reverseCanceled, "Change of mind", u), "cancellation-customer")
	return nil
}

// row finds a row of an order by its place, if it is fit for what shall happen.
func (s *Simulator) row(orderID catalog.ExternalID, row int, fit func(*unit) bool) (*order, *unit, error) {
	o, err := s.order(string(orderID))
	if err != nil {
		return nil, nil, fmt.Errorf("lazadatest: %w", err)
	}
	if row < 0 || row >= len(o.units) || !fit(o.units[row]) {
		return nil, nil, fmt.Errorf("lazadatest: order %s has no row %d that this can happen to", orderID, row)
	}
	return o, o.units[row], nil
}
