package woocommercetest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

func orderSchema() *schema {
	props := map[string]*schema{
		"status": enum(append([]string{"auto-draft"}, orderStatuses...)...), "currency": kind("string"), "customer_id": kind("integer"),
		"customer_note": kind("string"), "payment_method": kind("string"), "payment_method_title": kind("string"),
		"transaction_id": kind("string"), "set_paid": kind("boolean"), "parent_id": kind("integer"), "meta_data": metaSchema(),
		"billing": addressSchema(billingFields), "shipping": addressSchema(shippingFields),
		"line_items": listOf(fields(map[string]*schema{
			"id": kind("integer"), "product_id": kind("integer"), "variation_id": kind("integer"),
			"quantity": kind("integer"), "subtotal": kind("string"), "total": kind("string"),
		})),
		"shipping_lines": listOf(fields(map[string]*schema{"id": kind("integer"), "method_id": kind("string"), "total": kind("string")})),
		"fee_lines":      listOf(fields(map[string]*schema{"id": kind("integer"), "name": kind("string"), "total": kind("string")})),
	}
	return fields(props)
}

func addressSchema(names []string) *schema {
	props := map[string]*schema{}
	for _, name := range names {
		props[name] = kind("string", "null")
	}
	return fields(props)
}

func (s *Simulator) postOrder(r *request) (*answer, *apiError) {
	body, failure := s.createOrder(r, r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{status: http.StatusCreated, body: body}, nil
}

func (s *Simulator) createOrder(_ *request, in map[string]any) (any, *apiError) {
	now := s.now()
	o := &order{status: "pending", createdVia: "rest-api", created: now, modified: now, billing: map[string]string{}, shipping: map[string]string{}}
	setText(in, "created_via", &o.createdVia)
	s.applyOrder(o, in)
	o.id = s.next(seriesPosts)
	s.orders[o.id] = o
	s.orderIDs = append(s.orderIDs, o.id)
	s.lists.version++
	s.emit("order.created", o.id)
	status := o.status
	if v, ok := given(in, "status"); ok {
		status = "pending"
		if slices.Contains(orderStatuses, toText(v)) {
			status = toText(v)
		}
	}
	if toBool(in["set_paid"]) {
		status = "processing"
	}
	s.moveOrder(o, status, now)
	return s.showOrder(o), nil
}

func (s *Simulator) putOrder(r *request) (*answer, *apiError) {
	body, failure := s.updateOrder(r, r.path["id"], r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{body: body}, nil
}

func (s *Simulator) updateOrder(_ *request, id int64, in map[string]any) (any, *apiError) {
	o, failure := s.findOrder(id)
	if failure != nil {
		return nil, failure
	}
	s.applyOrder(o, in)
	o.modified = s.now()
	s.lists.version++
	status := o.status
	if v, ok := given(in, "status"); ok && (slices.Contains(orderStatuses, toText(v)) || toText(v) == "trash") {
		status = toText(v)
	}
	if toBool(in["set_paid"]) && slices.Contains([]string{"pending", "failed", "on-hold"}, o.status) {
		status = "processing"
	}
	s.moveOrder(o, status, o.modified)
	s.emit("order.updated", o.id)
	return s.showOrder(o), nil
}

func (s *Simulator) applyOrder(o *order, in map[string]any) {
	setText(in, "payment_method", &o.payment)
	setText(in, "payment_method_title", &o.paymentTitle)
	setText(in, "transaction_id", &o.transaction)
	setText(in, "customer_note", &o.note)
	if v, ok := given(in, "customer_id"); ok {
		o.customer = toInt(v)
	}
	for _, name := range billingFields {
		if v, ok := given(toMap(in["billing"]), name); ok {
			o.billing[name] = toText(v)
		}
		if v, ok := given(toMap(in["shipping"]), name); ok && name != "email" {
			o.shipping[name] = toText(v)
		}
	}
	if v, ok := given(in, "meta_data"); ok {
		o.meta = s.mergeMeta(o.meta, toList(v))
	}
	for _, item := range toList(in["line_items"]) {
		s.applyLine(o, toMap(item))
	}
	o.shippingLines = s.applyCharges(o.shippingLines, toList(in["shipping_lines"]), "method_title")
	o.feeLines = s.applyCharges(o.feeLines, toList(in["fee_lines"]), "name")
	s.sumOrder(o)
}

func (s *Simulator) sumOrder(o *order) {
	o.total, o.shippingTotal = decimal.Zero, decimal.Zero
	for _, l := range o.lines {
		o.total = o.total.Add(l.total)
	}
	for _, c := range o.shippingLines {
		o.shippingTotal = o.shippingTotal.Add(c.total)
	}
	o.total = o.total.Add(o.shippingTotal)
	for _, c := range o.feeLines {
		o.total = o.total.Add(c.total)
	}
}

// applyLine adds a line or, with an id, changes one: a new quantity does not
// change its total.
func (s *Simulator) applyLine(o *order, in map[string]any) {
	if id := toInt(in["id"]); id != 0 {
		at := slices.IndexFunc(o.lines, func(l orderLine) bool { return l.id == id })
		if at < 0 {
			return
		}
		l := &o.lines[at]
		if v, ok := in["product_id"]; ok && v == nil || toText(in["quantity"]) == "0" {
			o.lines = slices.Delete(o.lines, at, at+1)
			return
		}
		if v, ok := given(in, "quantity"); ok {
			l.quantity = toInt(v)
		}
		s.setLineTotals(l, in)
		return
	}
	quantity := int64(1)
	if v, ok := given(in, "quantity"); ok {
		quantity = toInt(v)
	}
	if quantity == 0 {
		return
	}
	var p *product
	switch {
	case toInt(in["variation_id"]) != 0:
		p = s.products[toInt(in["variation_id"])]
	case toInt(in["product_id"]) != 0:
		p = s.products[toInt(in["product_id"])]
	case toText(in["sku"]) != "":
		p = s.products[s.skus[toText(in["sku"])]]
	}
	l := s.newLine(p, quantity)
	setText(in, "name", &l.name)
	s.setLineTotals(&l, in)
	l.meta = s.mergeMeta(nil, toList(in["meta_data"]))
	o.lines = append(o.lines, l)
}

func (s *Simulator) setLineTotals(l *orderLine, in map[string]any) {
	if v, ok := given(in, "subtotal"); ok {
		l.subtotal = toDecimal(toPrice(v))
	}
	if v, ok := given(in, "total"); ok {
		l.total = toDecimal(toPrice(v))
	}
}

// newLine is a line at today's price; without a product it is empty.
func (s *Simulator) newLine(p *product, quantity int64) orderLine {
	l := orderLine{id: s.next(seriesItems), quantity: quantity}
	if p == nil {
		return l
	}
	l.product, l.name, l.sku = p.id, p.name, p.sku
	if p.kind == "variation" {
		l.product, l.variation, l.choices = p.parent, p.id, p.choices
		if parent := s.products[p.parent]; parent != nil {
			l.parentName = parent.name
			l.name = strings.TrimSuffix(parent.name+" - "+s.variationName(p), " - ")
		}
	}
	l.total = toDecimal(s.price(p)).Mul(decimal.NewFromInt(quantity))
	l.subtotal = l.total
	return l
}

func (s *Simulator) applyCharges(old []chargeLine, in []any, titleField string) []chargeLine {
	for _, item := range in {
		m := toMap(item)
		at := slices.IndexFunc(old, func(c chargeLine) bool { return c.id == toInt(m["id"]) })
		if at < 0 {
			old = append(old, chargeLine{id: s.next(seriesItems)})
			at = len(old) - 1
		}
		c := &old[at]
		setText(m, "method_id", &c.method)
		setText(m, titleField, &c.title)
		if v, ok := given(m, "total"); ok {
			c.total = toDecimal(toPrice(v))
		}
	}
	return old
}

// moveOrder sets a status with all that the shop does then.
func (s *Simulator) moveOrder(o *order, status string, at time.Time) {
	if status == o.status {
		return
	}
	o.status = status
	switch status {
	case "completed":
		o.completed = at
		fallthrough
	case "processing":
		if o.paid.IsZero() {
			o.paid = at
		}
	}
	switch status {
	case "processing", "on-hold", "completed":
		s.takeStock(o)
	case "pending", "cancelled":
		s.giveBack(o)
	}
	s.lists.version++
	s.emit("order.updated", o.id)
}

// takeStock takes an order's pieces once; the quantity may become negative.
func (s *Simulator) takeStock(o *order) {
	if o.stockTaken {
		return
	}
	o.stockTaken = true
	for i := range o.lines {
		l := &o.lines[i]
		p := s.lineProduct(*l)
		if p == nil {
			continue
		}
		sold := s.products[l.product]
		if sold != nil {
			sold = sold.clone()
			sold.totalSales += l.quantity
			s.products[sold.id] = sold
		}
		m := s.managed(s.products[p.id])
		if m == nil {
			continue
		}
		l.taken, l.managed = l.quantity, m.id
		s.moveStock(m.id, -l.quantity)
	}
}

func (s *Simulator) lineProduct(l orderLine) *product {
	if l.variation != 0 {
		return s.products[l.variation]
	}
	return s.products[l.product]
}

// giveBack returns what an order took and has not been returned yet.
func (s *Simulator) giveBack(o *order) {
	if !o.stockTaken {
		return
	}
	o.stockTaken = false
	for i := range o.lines {
		l := &o.lines[i]
		if l.taken != 0 {
			s.moveStock(l.managed, l.taken)
			l.taken = 0
		}
	}
}

// moveStock adds to a quantity, which moves the dates of the product and, for
// a variation, of its parent.
func (s *Simulator) moveStock(id, by int64) {
	old := s.products[id]
	if old == nil || !old.manageStock {
		return
	}
	p := old.clone()
	n := by
	if old.stock != nil {
		n += *old.stock
	}
	p.stock = &n
	s.saveProduct(old, p)
}

func (s *Simulator) deleteOrder(r *request) (*answer, *apiError) {
	body, failure := s.removeOrder(r.path["id"], toBool(r.param("force")))
	if failure != nil {
		return nil, failure
	}
	return &answer{body: body}, nil
}

func (s *Simulator) removeOrder(id int64, force bool) (any, *apiError) {
	o, failure := s.findOrder(id)
	if failure != nil {
		return nil, failure
	}
	before := s.showOrder(o)
	switch {
	case force:
		delete(s.orders, id)
		if at, ok := slices.BinarySearch(s.orderIDs, id); ok {
			s.orderIDs = slices.Delete(s.orderIDs, at, at+1)
		}
	case o.status == "trash":
		return nil, fail(http.StatusGone, "woocommerce_rest_already_trashed", "The order has already been deleted.")
	default:
		o.status, o.modified = "trash", s.now()
	}
	s.lists.version++
	s.emit("order.deleted", id)
	return before, nil
}

func (s *Simulator) orderBatch() handler {
	return s.batch(batchOf{
		create: s.createOrder,
		update: s.updateOrder,
		remove: func(_ *request, id int64) (any, *apiError) { return s.removeOrder(id, true) },
	})
}
