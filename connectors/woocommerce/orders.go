package woocommerce

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// orderRow is an order as sent, with what paging needs.
type orderRow struct {
	raw json.RawMessage
	key struct {
		ID              int64             `json:"id"`
		Status          string            `json:"status"`
		DateModifiedGMT string            `json:"date_modified_gmt"`
		Refunds         []json.RawMessage `json:"refunds"`
	}
	modified time.Time
}

func (o orderRow) id() int64 { return o.key.ID }

// UnmarshalJSON keeps the bytes as they came.
func (o *orderRow) UnmarshalJSON(text []byte) (err error) {
	o.raw = append(json.RawMessage(nil), text...)
	if err = json.Unmarshal(text, &o.key); err != nil {
		return err
	}
	if o.modified, err = parseTime(o.key.DateModifiedGMT); err != nil {
		return fmt.Errorf("order %d: date_modified_gmt is not a time", o.key.ID)
	}
	return nil
}

// document is what we keep of an order.
type document struct {
	Order   json.RawMessage `json:"order"`
	Refunds json.RawMessage `json:"refunds,omitempty"`
}

// Orders reads orders by their time of change, oldest first. A page number
// would skip orders when one before them is changed and moves to the end, so
// every page is asked for anew by the time at which the last one ended. The
// filter is strictly "after" and its resolution a second, hence the second of
// overlap; a second with more orders than a page is read by number.
func (s *shop) Orders(ctx context.Context, since time.Time) iter.Seq2[connectors.RawOrder, error] {
	return func(yield func(connectors.RawOrder, error) bool) {
		type version struct {
			id int64
			at time.Time
		}
		var recent map[version]bool // of the page before
		emit := func(rows []orderRow) bool {
			seen := map[version]bool{}
			var fresh []orderRow
			for _, o := range rows {
				v := version{o.key.ID, o.modified}
				seen[v] = true
				// Carts of a checkout under way are no orders yet.
				if !recent[v] && o.key.Status != "checkout-draft" && o.key.Status != "auto-draft" {
					fresh = append(fresh, o)
				}
			}
			recent = seen
			orders, err := s.withRefunds(ctx, fresh)
			if err != nil {
				yield(connectors.RawOrder{}, err)
				return false
			}
			for _, o := range orders {
				if !yield(o, nil) {
					return false
				}
			}
			return true
		}
		after := since.UTC().Truncate(time.Second).Add(-time.Second)
		if epoch := time.Unix(0, 0).UTC(); after.Before(epoch) {
			after = epoch // the shop reads no year 1
		}
		for {
			rows, err := s.orderPage(ctx, after)
			if err != nil {
				yield(connectors.RawOrder{}, err)
				return
			}
			if !emit(rows) || len(rows) < pageSize {
				return
			}
			if next := rows[len(rows)-1].modified.Add(-time.Second); next.After(after) {
				after = next
				continue
			}
			for page, err := range list[orderRow](ctx, s, "orders.list", api+"orders", url.Values{
				"status": {"any"}, "modified_after": {stamp(after)}, "modified_before": {stamp(after.Add(2 * time.Second))},
			}) {
				if err != nil {
					yield(connectors.RawOrder{}, err)
					return
				}
				if !emit(page) {
					return
				}
			}
			after = after.Add(time.Second)
		}
	}
}

// stamp writes a time for filters with its zone; without one the shop would
// read it in its own.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// orderPage reads the first page of orders changed after a time.
func (s *shop) orderPage(ctx context.Context, after time.Time) ([]orderRow, error) {
	var rows []orderRow
	_, err := s.do(ctx, connectors.Call{Op: "orders.list", Path: api + "orders", Query: url.Values{
		"modified_after": {stamp(after)}, "orderby": {"modified"}, "order": {"asc"},
		"per_page": {strconv.Itoa(pageSize)}, "status": {"any"},
	}, Out: &rows})
	if err != nil {
		return nil, err
	}
	previous := after
	for i, o := range rows {
		if o.modified.Before(previous) || i == 0 && !o.modified.After(after) {
			return nil, &connectors.Error{
				Kind: connectors.Transient, Channel: string(s.env.Channel), Op: "orders.list", Code: "list",
				Err:  fmt.Errorf("order %d is not in its place: the list is not filtered and sorted by time of change", o.key.ID),
				Hint: "a plugin or cache of the shop may ignore modified_after; exclude /wp-json from the cache",
			}
		}
		previous = o.modified
	}
	return rows, nil
}

// withRefunds reads the refunds of orders that have some: the order itself
// tells only their amounts, not which lines came back.
func (s *shop) withRefunds(ctx context.Context, rows []orderRow) ([]connectors.RawOrder, error) {
	orders := make([]connectors.RawOrder, len(rows))
	errs := s.parallel(len(rows), func(i int) error {
		o := rows[i]
		doc := document{Order: o.raw}
		if len(o.key.Refunds) > 0 {
			var refunds json.RawMessage
			_, err := s.do(ctx, connectors.Call{
				Op: "refunds.list", Path: fmt.Sprintf("%sorders/%d/refunds", api, o.key.ID),
				Query: url.Values{"per_page": {strconv.Itoa(pageSize)}}, Out: &refunds,
			})
			if err != nil && connectors.KindOf(err) != connectors.NotFound { // deleted meanwhile
				return err
			}
			doc.Refunds = refunds
		}
		raw, err := json.Marshal(doc)
		orders[i] = connectors.RawOrder{
			ExternalID: catalog.ExternalID(strconv.FormatInt(o.key.ID, 10)), UpdatedAt: o.modified, Raw: raw,
		}
		return err
	})
	return orders, firstError(errs)
}

// order is an order as far as it is interpreted.
type order struct {
	ID              int64      `json:"id"`
	Number          string     `json:"number"`
	Status          string     `json:"status"`
	Currency        string     `json:"currency"`
	DateCreatedGMT  string     `json:"date_created_gmt"`
	DateModifiedGMT string     `json:"date_modified_gmt"`
	Total           string     `json:"total"`
	Billing         address    `json:"billing"`
	Shipping        address    `json:"shipping"`
	CustomerNote    string     `json:"customer_note"`
	LineItems       []lineItem `json:"line_items"`
	MetaData        []meta     `json:"meta_data"`
}

type lineItem struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	ProductID   int64  `json:"product_id"`
	VariationID int64  `json:"variation_id"`
	SKU         string `json:"sku"`
	Quantity    whole  `json:"quantity"`
	Total       string `json:"total"`
	TotalTax    string `json:"total_tax"`
	MetaData    []meta `json:"meta_data"`
}

type refund struct {
	ID             int64      `json:"id"`
	DateCreatedGMT string     `json:"date_created_gmt"`
	Amount         string     `json:"amount"`
	LineItems      []lineItem `json:"line_items"`
}

type address struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Company   string `json:"company"`
	Address1  string `json:"address_1"`
	Address2  string `json:"address_2"`
	City      string `json:"city"`
	State     string `json:"state"`
	Postcode  string `json:"postcode"`
	Country   string `json:"country"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
}

// statuses in our words. Plugins add more of their own: those are OrderOther.
var statuses = map[string]catalog.OrderStatus{
	"pending":    catalog.OrderAwaitingPayment,
	"on-hold":    catalog.OrderAwaitingPayment,
	"processing": catalog.OrderToShip,
	"completed":  catalog.OrderCompleted,
	"cancelled":  catalog.OrderCancelled,
	"failed":     catalog.OrderCancelled,
	"trash":      catalog.OrderCancelled,
	"refunded":   catalog.OrderRefunded,
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
	var refunds []refund
	if err := json.Unmarshal(raw, &doc); err != nil {
		return fail("not an order document: %w", err)
	}
	if err := json.Unmarshal(doc.Order, &o); err != nil {
		return fail("not an order: %w", err)
	}
	if len(doc.Refunds) > 0 {
		if err := json.Unmarshal(doc.Refunds, &refunds); err != nil {
			return fail("order %d: not a list of refunds: %w", o.ID, err)
		}
	}
	total, err := amount(o.Total, o.Currency)
	if err != nil {
		return fail("order %d: total: %w", o.ID, err)
	}
	placed, err := parseTime(o.DateCreatedGMT)
	if err != nil {
		return fail("order %d: date_created_gmt is not a time", o.ID)
	}
	updated, err := parseTime(o.DateModifiedGMT)
	if err != nil {
		return fail("order %d: date_modified_gmt is not a time", o.ID)
	}
	result := catalog.Order{
		Channel: s.env.Channel, ExternalID: catalog.ExternalID(strconv.FormatInt(o.ID, 10)), UpdatedAt: updated,
		Number: firstOf(o.Number, strconv.FormatInt(o.ID, 10)), PlatformStatus: o.Status, PlacedAt: placed,
		Total: total, Fulfillments: fulfillments(o.MetaData),
	}
	if status, known := statuses[o.Status]; known {
		result.Status = status
	} else {
		result.Status = catalog.OrderOther
	}
	result.Adjustment = total
	for _, item := range o.LineItems {
		line, err := orderLine(item, o.Currency)
		if err != nil {
			return fail("order %d, line %d: %w", o.ID, item.ID, err)
		}
		if result.Adjustment, err = result.Adjustment.Add(catalog.Money{Amount: -line.Total.Amount, Currency: o.Currency}); err != nil {
			return fail("order %d, line %d: %w", o.ID, item.ID, err)
		}
		result.Lines = append(result.Lines, line)
	}
	for _, r := range refunds {
		back, err := r.apply(result.Lines, o.Currency)
		if err != nil {
			return fail("order %d, refund %d: %w", o.ID, r.ID, err)
		}
		result.Returns = append(result.Returns, back)
	}
	return result, buyerOf(o), nil
}

// orderLine reads a position. Its total is what the buyer pays for it, tax
// included; the shop tells both apart whatever its prices include.
func orderLine(item lineItem, currency string) (catalog.OrderLine, error) {
	line := catalog.OrderLine{
		ID: strconv.FormatInt(item.ID, 10), SKU: catalog.SKU(item.SKU), Name: plainText(item.Name),
	}
	if item.ProductID != 0 { // 0 when the product was deleted
		line.ExternalID = variantID(item.ProductID, item.VariationID)
	}
	if item.Quantity.value == nil {
		return line, fmt.Errorf("no quantity")
	}
	line.Quantity = *item.Quantity.value
	net, err := amount(firstOf(item.Total, "0"), currency)
	if err != nil {
		return line, fmt.Errorf("total: %w", err)
	}
	tax, err := amount(firstOf(item.TotalTax, "0"), currency)
	if err != nil {
		return line, fmt.Errorf("total_tax: %w", err)
	}
	line.Total, err = net.Add(tax)
	return line, err
}

// apply books a refund on the lines it belongs to. Quantities in it are
// negative, and the shop has put that many back into stock. Its reason is free
// text that may name the buyer, so it is not taken.
func (r refund) apply(lines []catalog.OrderLine, currency string) (catalog.Return, error) {
	back := catalog.Return{ID: strconv.FormatInt(r.ID, 10)}
	refunded, err := amount(strings.TrimPrefix(firstOf(r.Amount, "0"), "-"), currency)
	if err != nil {
		return back, fmt.Errorf("amount: %w", err)
	}
	back.Refunded = refunded
	if at, err := parseTime(r.DateCreatedGMT); err == nil {
		back.At = at
	}
	for _, item := range r.LineItems {
		if item.Quantity.value == nil || *item.Quantity.value == 0 {
			continue // money only
		}
		original := metaNumber(item.MetaData, "_refunded_item_id")
		for i := range lines {
			line := &lines[i]
			if line.ID == original || original == "" && line.ExternalID != "" && line.ExternalID == variantID(item.ProductID, item.VariationID) {
				n := *item.Quantity.value
				line.Restocked += max(n, -n)
				back.Lines = append(back.Lines, line.ID)
				break
			}
		}
	}
	return back, nil
}

// metaNumber returns a number kept in meta data as text or as a number.
func metaNumber(list []meta, key string) string {
	for _, m := range list {
		if m.Key == key {
			return strings.Trim(string(m.Value), `"`)
		}
	}
	return ""
}

func buyerOf(o order) catalog.Buyer {
	to := o.Shipping
	if to.Address1 == "" && to.City == "" {
		to = o.Billing
	}
	name := strings.TrimSpace(to.FirstName + " " + to.LastName)
	if name == "" {
		name = strings.TrimSpace(o.Billing.FirstName + " " + o.Billing.LastName)
	}
	var parts []string
	for _, part := range []string{to.Company, to.Address1, to.Address2, to.City, to.State, to.Postcode, to.Country} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return catalog.Buyer{
		Name: name, Phone: firstOf(to.Phone, o.Billing.Phone), Email: o.Billing.Email,
		Address: strings.Join(parts, ", "), Note: o.CustomerNote,
	}
}
