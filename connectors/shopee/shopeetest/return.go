package shopeetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/chophien/chophien/catalog"
)

// The states of a return.
const (
	returnRequested = "REQUESTED"
	returnAccepted  = "ACCEPTED"
)

var returnStates = []string{returnRequested, "PROCESSING", returnAccepted, "SELLER_DISPUTE", "JUDGING", "CLOSED", "CANCELLED"}

// goodsBack is a return: a buyer wants money back, with or without the goods.
type goodsBack struct {
	sn, status       string
	order            *order
	lines            []int
	created, updated time.Time
}

// Return plays a buyer who asks for the money of a line, counted from 0, of an
// order that was shipped. The order goes to TO_RETURN.
func (s *Simulator) Return(id catalog.ExternalID, line int) (sn string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[string(id)]
	switch {
	case o == nil:
		return "", fmt.Errorf("shopeetest: no order %s", id)
	case o.status != orderShipped && o.status != orderConfirm && o.status != orderCompleted:
		return "", fmt.Errorf("shopeetest: an order that is %s cannot be returned", o.status)
	case line < 0 || line >= len(o.lines):
		return "", fmt.Errorf("shopeetest: order %s has no line %d", id, line)
	}
	now := s.now().Truncate(time.Second)
	back := &goodsBack{sn: fmt.Sprint(s.next(200203171852695)), status: returnRequested, order: o, lines: []int{line}, created: now, updated: now}
	s.returns = append(s.returns, back)
	o.lines[line].asked = o.lines[line].quantity
	s.setStatus(o, orderReturn, now)
	s.tellReturn(back)
	return back.sn, nil
}

// AcceptReturn lets the platform pay the buyer back. The order itself is not
// touched: whether its own time changes then is not documented.
func (s *Simulator) AcceptReturn(sn string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, back := range s.returns {
		if back.sn == sn && back.status == returnRequested {
			back.status, back.updated = returnAccepted, s.now().Truncate(time.Second)
			for _, i := range back.lines {
				l := &back.order.lines[i]
				l.returned, l.asked = l.asked, 0
			}
			s.tellReturn(back)
			return nil
		}
	}
	return fmt.Errorf("shopeetest: no open return %s", sn)
}

func (s *Simulator) tellReturn(back *goodsBack) {
	s.emit(29, object{"order_sn": back.order.sn, "return_sn": back.sn, "updated_values": []object{{"update_field": "return_status", "new_value": back.status}}})
}

func (s *Simulator) returnList(r *request) (any, error) {
	number, err := r.needInt("page_no")
	if err != nil {
		return nil, err
	}
	size, err := r.needInt("page_size")
	if err != nil {
		return nil, err
	}
	if number < 0 || size < 1 || size > 100 {
		return nil, badParam("Wrong parameters, detail: page_no or page_size.")
	}
	if status := r.query.Get("status"); status != "" && !slices.Contains(returnStates, status) {
		return nil, badParam("Wrong parameters, detail: status.")
	}
	var bounds [4]int64
	for i, name := range []string{"create_time_from", "create_time_to", "update_time_from", "update_time_to"} {
		if bounds[i], err = r.int(name, 0); err != nil {
			return nil, err
		}
	}
	for i := 0; i < len(bounds); i += 2 {
		if from, to := bounds[i], bounds[i+1]; (from != 0 || to != 0) && (to <= from || to-from > maxWindow) {
			return nil, badParam("Start time must be earlier than end time and diff in 15days.")
		}
	}
	within := func(at time.Time, from, to int64) bool { return to == 0 || at.Unix() >= from && at.Unix() <= to }
	var found []*goodsBack
	for _, back := range s.returns {
		if within(back.created, bounds[0], bounds[1]) && within(back.updated, bounds[2], bounds[3]) &&
			(r.query.Get("status") == "" || r.query.Get("status") == back.status) {
			found = append(found, back)
		}
	}
	first, last := page(number*size, size, len(found))
	list := []object{}
	for _, back := range found[first:last] {
		list = append(list, back.show())
	}
	return object{"more": last < len(found), "return": list}, nil
}

func (s *Simulator) returnDetail(r *request) (any, error) {
	for _, back := range s.returns {
		if back.sn == r.query.Get("return_sn") {
			return back.show(), nil
		}
	}
	return nil, refuse("error_not_found", "The return is not found.")
}

func (b *goodsBack) show() object {
	items, sum := []object{}, int64(0)
	for _, i := range b.lines {
		l := b.order.lines[i]
		sum += l.price * l.quantity
		items = append(items, object{
			"item_id": l.item, "model_id": l.model, "name": l.name, "images": []string{}, "amount": l.quantity, "item_price": l.price,
			"item_sku": l.itemSKU, "variation_sku": l.sku, "is_add_on_deal": false, "is_main_item": false, "add_on_deal_id": 0,
		})
	}
	return object{
		"return_sn": b.sn, "order_sn": b.order.sn, "status": b.status, "reason": "PHYSICAL_DMG", "text_reason": "", "refund_amount": sum,
		"currency": "VND", "create_time": b.created.Unix(), "update_time": b.updated.Unix(), "due_date": b.created.Add(72 * time.Hour).Unix(),
		"tracking_number": "", "needs_logistics": true, "amount_before_discount": sum, "user": object{"username": "****", "email": "", "portrait": ""},
		"item": items, "image": []string{}, "negotiation_status": "", "seller_proof_status": "", "seller_compensation_status": "",
		"return_refund_type": "RRBOC", "return_solution": 0,
	}
}
