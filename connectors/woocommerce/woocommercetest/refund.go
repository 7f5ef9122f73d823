package woocommercetest

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

type refund struct {
	id     int64
	at     time.Time
	amount decimal.Decimal
	reason string
	lines  []orderLine
}

func refundSchema() *schema {
	return fields(map[string]*schema{
		"amount": kind("string"), "reason": kind("string"), "api_refund": kind("boolean"), "api_restock": kind("boolean"),
		"line_items": listOf(fields(map[string]*schema{"id": kind("integer"), "quantity": kind("integer")})), "meta_data": metaSchema(),
	})
}

func (s *Simulator) showRefund(o *order, rf *refund) any {
	lines := []any{}
	for _, l := range rf.lines {
		lines = append(lines, s.showLine(l, -1))
	}
	base := fmt.Sprintf("%s/wp-json/wc/v3/orders/%d", s.URL, o.id)
	return object{
		{"id", rf.id}, {"parent_id", o.id}, {"date_created", s.local(rf.at)}, {"date_created_gmt", gmt(rf.at)},
		{"amount", s.amount(rf.amount)}, {"reason", rf.reason}, {"refunded_by", 1}, {"refunded_payment", false},
		{"meta_data", []any{}}, {"line_items", lines}, {"shipping_lines", []any{}}, {"tax_lines", []any{}}, {"fee_lines", []any{}},
		{"_links", map[string][]link{
			"self":       {{fmt.Sprintf("%s/refunds/%d", base, rf.id)}},
			"collection": {{base + "/refunds"}},
			"up":         {{base}},
		}},
	}
}

func (s *Simulator) postRefund(r *request) (*answer, *apiError) {
	o, failure := s.findOrder(r.path["order"])
	if failure != nil {
		return nil, fail(http.StatusNotFound, "woocommerce_rest_invalid_order", "Invalid order ID.")
	}
	restock := true
	if v, ok := given(r.body, "api_restock"); ok {
		restock = toBool(v)
	}
	amount := toPrice(r.param("amount"))
	rf, failure := s.refundOrder(o, amount, r.text("reason"), toList(r.param("line_items")), restock)
	if failure != nil {
		return nil, failure
	}
	return &answer{status: http.StatusCreated, body: s.showRefund(o, rf)}, nil
}

// refundOrder gives money back and, for the lines that name a quantity, takes
// pieces back into stock. With amount "" the lines' totals are refunded.
func (s *Simulator) refundOrder(o *order, amount, reason string, in []any, restock bool) (*refund, *apiError) {
	rf := &refund{at: s.now(), reason: reason}
	left := o.total
	for _, old := range o.refunds {
		left = left.Sub(old.amount)
	}
	type piece struct{ at, quantity int64 }
	var pieces []piece
	sum := decimal.Zero
	for _, item := range in {
		m := toMap(item)
		at := slices.IndexFunc(o.lines, func(l orderLine) bool { return l.id == toInt(m["id"]) })
		if at < 0 {
			continue
		}
		l := o.lines[at]
		l.quantity = toInt(m["quantity"])
		l.total = toDecimal(toPrice(m["refund_total"]))
		l.subtotal = l.total
		sum = sum.Add(l.total)
		rf.lines = append(rf.lines, l)
		pieces = append(pieces, piece{int64(at), l.quantity})
	}
	rf.amount = sum
	if amount != "" {
		rf.amount = toDecimal(amount)
	}
	if rf.amount.IsNegative() || rf.amount.GreaterThan(left) {
		failure := fail(http.StatusInternalServerError, "woocommerce_rest_cannot_create_order_refund", "Invalid refund amount.")
		failure.Data.Bare = true
		return nil, failure
	}
	rf.id = s.next(seriesPosts)
	for i := range rf.lines {
		rf.lines[i].id = s.next(seriesItems)
	}
	o.refunds = append(o.refunds, rf)
	o.modified = rf.at
	for _, p := range pieces {
		l := &o.lines[p.at]
		if back := min(p.quantity, l.taken); restock && back > 0 {
			l.taken -= back
			s.moveStock(l.managed, back)
		}
	}
	if rf.amount.Equal(left) && o.status != "refunded" {
		s.moveOrder(o, "refunded", rf.at)
	}
	s.lists.version++
	s.emit("order.updated", o.id)
	return rf, nil
}

func (s *Simulator) listRefunds(r *request) (*answer, *apiError) {
	o, failure := s.findOrder(r.path["order"])
	if failure != nil {
		return nil, failure
	}
	newest := slices.Clone(o.refunds)
	slices.Reverse(newest)
	return paged(s, r, newest, false, func(rf *refund) any { return s.showRefund(o, rf) }), nil
}

func (s *Simulator) getRefund(r *request) (*answer, *apiError) {
	o, failure := s.findOrder(r.path["order"])
	if failure != nil {
		return nil, failure
	}
	for _, rf := range o.refunds {
		if rf.id == r.path["id"] {
			return &answer{body: s.showRefund(o, rf)}, nil
		}
	}
	return nil, fail(http.StatusNotFound, "woocommerce_rest_shop_order_refund_invalid_id", "Invalid ID.")
}

func noteSchema() *schema {
	sch := fields(map[string]*schema{"note": kind("string"), "customer_note": kind("boolean"), "added_by_user": kind("boolean")})
	sch.required = []string{"note"}
	return sch
}

func (s *Simulator) showNote(o *order, n orderNote) any {
	base := fmt.Sprintf("%s/wp-json/wc/v3/orders/%d", s.URL, o.id)
	return object{
		{"id", n.id}, {"author", "WooCommerce"}, {"date_created", s.local(n.at)}, {"date_created_gmt", gmt(n.at)},
		{"note", n.text}, {"customer_note", n.customer},
		{"_links", map[string][]link{
			"self":       {{fmt.Sprintf("%s/notes/%d", base, n.id)}},
			"collection": {{base + "/notes"}},
			"up":         {{base}},
		}},
	}
}

// postNote adds a note, which does not move the order's date.
func (s *Simulator) postNote(r *request) (*answer, *apiError) {
	o, failure := s.findOrder(r.path["order"])
	if failure != nil {
		return nil, failure
	}
	n := orderNote{id: s.next(seriesNotes), at: s.now(), text: r.text("note"), customer: toBool(r.param("customer_note"))}
	o.notes = append(o.notes, n)
	return &answer{status: http.StatusCreated, body: s.showNote(o, n)}, nil
}

func (s *Simulator) listNotes(r *request) (*answer, *apiError) {
	o, failure := s.findOrder(r.path["order"])
	if failure != nil {
		return nil, failure
	}
	body := []any{}
	for _, n := range slices.Backward(o.notes) {
		if r.text("type") == "customer" && !n.customer || r.text("type") == "internal" && n.customer {
			continue
		}
		body = append(body, s.showNote(o, n))
	}
	return &answer{body: body}, nil
}

func (s *Simulator) getNote(r *request) (*answer, *apiError) {
	o, failure := s.findOrder(r.path["order"])
	if failure != nil {
		return nil, failure
	}
	for _, n := range o.notes {
		if n.id == r.path["id"] {
			return &answer{body: s.showNote(o, n)}, nil
		}
	}
	return nil, fail(http.StatusNotFound, "woocommerce_rest_order_invalid_id", "Invalid resource ID.")
}
