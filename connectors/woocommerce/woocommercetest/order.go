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
