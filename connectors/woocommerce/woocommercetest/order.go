package woocommercetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// order is an order as the shop keeps it.
type order struct {
	id                      int64
	status                  string
	created, modified       time.Time
	completed, paid         time.Time
	customer                int64
	billing, shipping       map[string]string
	payment, paymentTitle   string
	transaction, createdVia string
	note                    string
	lines                   []orderLine
	shippingLines, feeLines []chargeLine
	refunds                 []*refund
	notes                   []orderNote
	meta                    []metaItem
	stockTaken              bool
	total, shippingTotal    decimal.Decimal
}

type orderLine struct {
	id                 int64
	name, parentName   string
	product, variation int64
	quantity           int64
	subtotal, total    decimal.Decimal
	sku                string
	choices            []choice
	meta               []metaItem
	taken              int64 // pieces that this line took out of stock
	managed            int64 // the product they came from
}

// chargeLine is a shipping or fee line.
type chargeLine struct {
	id            int64
	method, title string
	total         decimal.Decimal
}

type orderNote struct {
	id       int64
	at       time.Time
	text     string
	customer bool
}

var (
	billingFields  = []string{"first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country", "email", "phone"}
	shippingFields = []string{"first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country", "phone"}
)

type lineAnswer struct {
	ID          int64       `json:"id"`
	Name        string      `json:"name"`
	ProductID   int64       `json:"product_id"`
	VariationID int64       `json:"variation_id"`
	Quantity    int64       `json:"quantity"`
	TaxClass    string      `json:"tax_class"`
	Subtotal    string      `json:"subtotal"`
	SubtotalTax string      `json:"subtotal_tax"`
	Total       string      `json:"total"`
	TotalTax    string      `json:"total_tax"`
	Taxes       []any       `json:"taxes"`
	MetaData    []any       `json:"meta_data"`
	SKU         string      `json:"sku"`
	GTIN        string      `json:"global_unique_id"`
	Price       json.Number `json:"price"`
	Image       object      `json:"image"`
	ParentName  *string     `json:"parent_name"`
}

type orderAnswer struct {
	ID                 int64             `json:"id"`
	ParentID           int64             `json:"parent_id"`
	Status             string            `json:"status"`
	Currency           string            `json:"currency"`
	Version            string            `json:"version"`
	PricesIncludeTax   bool              `json:"prices_include_tax"`
	DateCreated        *string           `json:"date_created"`
	DateModified       *string           `json:"date_modified"`
	DiscountTotal      string            `json:"discount_total"`
	DiscountTax        string            `json:"discount_tax"`
	ShippingTotal      string            `json:"shipping_total"`
	ShippingTax        string            `json:"shipping_tax"`
	CartTax            string            `json:"cart_tax"`
	Total              string            `json:"total"`
	TotalTax           string            `json:"total_tax"`
	CustomerID         int64             `json:"customer_id"`
	OrderKey           string            `json:"order_key"`
	Billing            object            `json:"billing"`
	Shipping           object            `json:"shipping"`
	PaymentMethod      string            `json:"payment_method"`
	PaymentMethodTitle string            `json:"payment_method_title"`
	TransactionID      string            `json:"transaction_id"`
	CustomerIP         string            `json:"customer_ip_address"`
	CustomerAgent      string            `json:"customer_user_agent"`
	CreatedVia         string            `json:"created_via"`
	CustomerNote       string            `json:"customer_note"`
	DateCompleted      *string           `json:"date_completed"`
	DatePaid           *string           `json:"date_paid"`
	CartHash           string            `json:"cart_hash"`
	Number             string            `json:"number"`
	MetaData           []metaItem        `json:"meta_data"`
	LineItems          []lineAnswer      `json:"line_items"`
	TaxLines           []any             `json:"tax_lines"`
	ShippingLines      []any             `json:"shipping_lines"`
	FeeLines           []any             `json:"fee_lines"`
	CouponLines        []any             `json:"coupon_lines"`
	Refunds            []any             `json:"refunds"`
	PaymentURL         string            `json:"payment_url"`
	IsEditable         bool              `json:"is_editable"`
	NeedsPayment       bool              `json:"needs_payment"`
	NeedsProcessing    bool              `json:"needs_processing"`
	DateCreatedGMT     *string           `json:"date_created_gmt"`
	DateModifiedGMT    *string           `json:"date_modified_gmt"`
	DateCompletedGMT   *string           `json:"date_completed_gmt"`
	DatePaidGMT        *string           `json:"date_paid_gmt"`
	CurrencySymbol     string            `json:"currency_symbol"`
	Links              map[string][]link `json:"_links"`
}

func addressObject(values map[string]string, names []string) object {
	out := make(object, 0, len(names))
	for _, name := range names {
		out = append(out, member{name, values[name]})
	}
	return out
}

func (s *Simulator) showOrder(o *order) any {
	zero := s.amount(decimal.Zero)
	out := &orderAnswer{
		ID: o.id, Status: o.status, Currency: s.options.Currency, Version: "9.9.5",
		DateCreated: s.local(o.created), DateCreatedGMT: gmt(o.created), DateModified: s.local(o.modified), DateModifiedGMT: gmt(o.modified),
		DateCompleted: s.local(o.completed), DateCompletedGMT: gmt(o.completed), DatePaid: s.local(o.paid), DatePaidGMT: gmt(o.paid),
		DiscountTotal: zero, DiscountTax: zero, ShippingTax: zero, CartTax: zero, TotalTax: zero,
		ShippingTotal: s.amount(o.shippingTotal), Total: s.amount(o.total),
		CustomerID: o.customer, OrderKey: fmt.Sprintf("wc_order_%013d", o.id),
		Billing: addressObject(o.billing, billingFields), Shipping: addressObject(o.shipping, shippingFields),
		PaymentMethod: o.payment, PaymentMethodTitle: o.paymentTitle, TransactionID: o.transaction,
		CreatedVia: o.createdVia, CustomerNote: o.note, Number: strconv.FormatInt(o.id, 10),
		MetaData: list(o.meta), LineItems: []lineAnswer{}, TaxLines: []any{}, ShippingLines: []any{}, FeeLines: []any{},
		CouponLines: []any{}, Refunds: []any{}, CurrencySymbol: currencySymbol(s.options.Currency),
		PaymentURL:   fmt.Sprintf("%s/checkout/order-pay/%d/", s.URL, o.id),
		IsEditable:   slices.Contains([]string{"pending", "on-hold", "auto-draft"}, o.status),
		NeedsPayment: (o.status == "pending" || o.status == "failed") && o.total.IsPositive(), NeedsProcessing: len(o.lines) > 0,
		Links: map[string][]link{
			"self":       {{fmt.Sprintf("%s/wp-json/wc/v3/orders/%d", s.URL, o.id)}},
			"collection": {{s.URL + "/wp-json/wc/v3/orders"}},
		},
	}
	for _, l := range o.lines {
		out.LineItems = append(out.LineItems, s.showLine(l, 1))
	}
	for _, c := range o.shippingLines {
		out.ShippingLines = append(out.ShippingLines, object{
			{"id", c.id}, {"method_title", c.title}, {"method_id", c.method}, {"instance_id", ""},
			{"total", s.amount(c.total)}, {"total_tax", zero}, {"taxes", []any{}}, {"meta_data", []any{}},
		})
	}
	for _, c := range o.feeLines {
		out.FeeLines = append(out.FeeLines, object{
			{"id", c.id}, {"name", c.title}, {"tax_class", ""}, {"tax_status", "none"},
			{"total", s.amount(c.total)}, {"total_tax", zero}, {"taxes", []any{}}, {"meta_data", []any{}},
		})
	}
	for _, rf := range o.refunds {
		out.Refunds = append(out.Refunds, object{{"id", rf.id}, {"reason", rf.reason}, {"total", s.amount(rf.amount.Neg())}})
	}
	return out
}

// showLine shows a line; sign is -1 in refunds.
func (s *Simulator) showLine(l orderLine, sign int64) lineAnswer {
	price := decimal.Zero
	if l.quantity != 0 {
		price = l.total.DivRound(decimal.NewFromInt(l.quantity), 6)
	}
	factor := decimal.NewFromInt(sign)
	zero := s.amount(decimal.Zero)
	out := lineAnswer{
		ID: l.id, Name: l.name, ProductID: l.product, VariationID: l.variation, Quantity: sign * l.quantity,
		Subtotal: s.amount(l.subtotal.Mul(factor)), SubtotalTax: zero, Total: s.amount(l.total.Mul(factor)), TotalTax: zero,
		Taxes: []any{}, MetaData: []any{}, SKU: l.sku, Price: json.Number(price.String()),
		Image: object{{"id", ""}, {"src", ""}},
	}
	if l.parentName != "" {
		out.ParentName = &l.parentName
	}
	owner := s.products[l.product]
	if v := s.products[l.variation]; v != nil && len(v.images) > 0 {
		owner = v
	}
	if owner != nil && len(owner.images) > 0 {
		if shown := s.showImages(owner.images[:1]); len(shown) > 0 {
			out.Image = object{{"id", strconv.FormatInt(shown[0].ID, 10)}, {"src", shown[0].Src}}
		}
	}
	for i, c := range l.choices {
		out.MetaData = append(out.MetaData, object{
			{"id", l.id*10 + int64(i)}, {"key", c.Slug}, {"value", c.Option}, {"display_key", c.Name}, {"display_value", c.Option},
		})
	}
	for _, m := range l.meta {
		out.MetaData = append(out.MetaData, object{{"id", m.ID}, {"key", m.Key}, {"value", m.Value}, {"display_key", m.Key}, {"display_value", m.Value}})
	}
	return out
}

func orderCollection() *schema {
	sch := collection([]string{"date", "id", "include", "title", "slug", "modified"}, map[string]*schema{
		"status":   listOf(enum(append([]string{"any", "trash", "auto-draft"}, orderStatuses...)...)),
		"customer": kind("integer"), "product": kind("integer"), "parent": listOf(kind("integer")),
		"created_via": listOf(kind("string")),
	})
	return sch
}

func (s *Simulator) listOrders(r *request) (*answer, *apiError) {
	found := cached(&s.lists, r.key("orders"), func() []*order {
		f := s.filter(r)
		var wanted []string
		for _, v := range toList(r.param("status")) {
			wanted = append(wanted, toText(v))
		}
		anyStatus := len(wanted) == 0 || slices.Contains(wanted, "any")
		product, customer := toInt(r.param("product")), r.param("customer")
		var out []*order
		for _, id := range s.orderIDs {
			o := s.orders[id]
			switch {
			case !f.keeps(o.id, o.created, o.modified):
			case anyStatus && (o.status == "trash" || o.status == "auto-draft" || o.status == "checkout-draft"):
			case !anyStatus && !slices.Contains(wanted, o.status):
			case customer != nil && o.customer != toInt(customer):
			case product != 0 && !slices.ContainsFunc(o.lines, func(l orderLine) bool { return l.product == product }):
			case f.search != "" && !strings.Contains(fold(o.billing["first_name"]+" "+o.billing["last_name"]+" "+o.billing["email"]+" "+strconv.FormatInt(o.id, 10)), f.search):
			default:
				out = append(out, o)
			}
		}
		slices.SortFunc(out, func(a, b *order) int {
			var c int
			switch f.orderBy {
			case "id", "title", "slug":
				return f.direction(cmp.Compare(a.id, b.id))
			case "include":
				return cmp.Compare(f.include[a.id], f.include[b.id])
			case "modified":
				c = a.modified.Compare(b.modified)
			default:
				c = a.created.Compare(b.created)
			}
			return cmp.Or(f.direction(c), cmp.Compare(scramble(a.id), scramble(b.id)))
		})
		return out
	})
	return paged(s, r, found, true, s.showOrder), nil
}

func (s *Simulator) findOrder(id int64) (*order, *apiError) {
	if o := s.orders[id]; o != nil {
		return o, nil
	}
	return nil, fail(http.StatusNotFound, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
}

func (s *Simulator) getOrder(r *request) (*answer, *apiError) {
	o, failure := s.findOrder(r.path["id"])
	if failure != nil {
		return nil, failure
	}
	return &answer{body: s.showOrder(o)}, nil
}

func (s *Simulator) orderStatusList(*request) (*answer, *apiError) {
	body := []any{}
	for _, status := range orderStatuses {
		name := strings.ToUpper(status[:1]) + strings.ReplaceAll(status[1:], "-", " ")
		body = append(body, object{{"slug", status}, {"name", name}})
	}
	return &answer{body: body}, nil
}

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
