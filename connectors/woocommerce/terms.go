package woocommerce

import (
	"context"
	"errors"
	"fmt"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// UpdatePrices sets prices.
func (s *shop) UpdatePrices(ctx context.Context, changes []connectors.PriceChange) ([]connectors.Outcome, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	currency, err := s.money(ctx)
	if err != nil {
		return nil, err
	}
	terms := make([]term, len(changes))
	for i, c := range changes {
		t := term{listing: c.Listing, variant: c.Variant, sku: c.SKU, fields: fields{}}
		priceFields(t.fields, c.Price)
		t.check = func(p product) *connectors.Error {
			if keptPrice(p, c.Price) {
				return nil
			}
			return &connectors.Error{Kind: connectors.Validation, Op: "prices", Code: "price_dropped",
				Err: fmt.Errorf("SKU %s: the shop answered with another price than was sent", clip(string(c.SKU)))}
		}
		if issue, wrong := wrongCurrency(c.SKU, c.Price, currency); wrong {
			t.refuse(issue)
		} else if issue, wrong := wrongPrice(c.SKU, c.Price); wrong {
			t.refuse(issue)
		}
		terms[i] = t
	}
	return s.writeTerms(ctx, "prices", terms, false)
}

// UpdateStock sets quantities: 100 simple products in a request, and a request
// for the variations of each variable product, because the shop takes those
// only under their parent.
func (s *shop) UpdateStock(ctx context.Context, changes []connectors.StockChange) ([]connectors.Outcome, error) {
	terms := make([]term, len(changes))
	for i, c := range changes {
		t := term{listing: c.Listing, variant: c.Variant, sku: c.SKU, fields: fields{}}
		stockFields(t.fields, c.Quantity)
		t.check = func(p product) *connectors.Error {
			e := &connectors.Error{Kind: connectors.Validation, Op: "stock", Code: codeNoStock, Err: errors.New(noStockKept.EN)}
			if shown := p.StockQuantity.value; bool(p.ManageStock) && shown != nil {
				if *shown == c.Quantity {
					return nil
				}
				e.Kind, e.Code = connectors.Clash, "stock_changed"
				e.Err = fmt.Errorf("SKU %s: the shop shows %d after %d was set", clip(string(c.SKU)), *shown, c.Quantity)
			}
			return e
		}
		terms[i] = t
	}
	return s.writeTerms(ctx, "stock", terms, true)
}

// codeNoStock and noStockKept tell that a shop keeps no quantities.
const codeNoStock = "stock_not_managed"

var noStockKept = catalog.Text{
	VI: "Cửa hàng không giữ số lượng tồn: bật quản lý kho trong WooCommerce > Cài đặt > Sản phẩm > Kho hàng.",
	EN: "The shop keeps no quantities: switch stock management on in WooCommerce > Settings > Products > Inventory.",
}

// term is a change of the price or the stock of one variant.
type term struct {
	listing catalog.ExternalID
	variant catalog.ExternalID
	sku     catalog.SKU
	fields  fields
	// check compares the answer with what was asked for, because the shop
	// drops values that it does not like without an error.
	check   func(product) *connectors.Error
	outcome *connectors.Outcome // decided without sending
}

func (t *term) refuse(issue catalog.Issue) {
	issue.Severity = catalog.SeverityError
	t.outcome = &connectors.Outcome{Kind: connectors.Rejected, Issues: []catalog.Issue{issue}, Err: &connectors.Error{
		Kind: connectors.Validation, Code: issue.Code, Err: errors.New(issue.Message.EN),
	}}
}

// writeTerms writes changes in the largest batches and gives one outcome per
// change, in order.
func (s *shop) writeTerms(ctx context.Context, op string, terms []term, urgent bool) ([]connectors.Outcome, error) {
	outcomes := make([]connectors.Outcome, len(terms))
	var simple, parents []int64 // by first appearance
	places := map[int64][]int{} // of terms, by product
	for i := range terms {
		t := &terms[i]
		product, variation, ok := splitID(t.variant)
		listing, _, listed := splitID(t.listing)
		if t.outcome == nil && (!ok || !listed || product != listing) {
			t.refuse(unknownID(t.variant))
		}
		if t.outcome != nil {
			outcomes[i] = *t.outcome
			continue
		}
		t.fields["id"] = product
		if variation != 0 {
			t.fields["id"] = variation
		}
		if len(places[product]) == 0 && variation != 0 {
			parents = append(parents, product)
		} else if len(places[product]) == 0 {
			simple = append(simple, product)
		}
		places[product] = append(places[product], i)
	}
	var writes []write
	var members [][]int
	add := func(path string, indexes []int) {
		for _, part := range chunks(s, indexes) {
			w := write{op: op, path: path, urgent: urgent}
			for _, i := range part {
				w.items = append(w.items, terms[i].fields)
			}
			writes, members = append(writes, w), append(members, part)
		}
	}
	var together []int
	for _, id := range simple {
		together = append(together, places[id]...)
	}
	add(api+"products/batch", together)
	for _, id := range parents {
		add(fmt.Sprintf("%sproducts/%d/variations/batch", api, id), places[id])
	}
	results, errs := s.sendAll(ctx, writes)
	for b, part := range members {
		for n, i := range part {
			if errs[b] != nil {
				outcomes[i] = failed(errs[b])
			} else {
				outcomes[i] = terms[i].judge(results[b][n])
			}
		}
	}
	return connectors.Settle(outcomes)
}

// judge makes the outcome of an item's own answer.
func (t *term) judge(r result) connectors.Outcome {
	e := r.err
	if e == nil && r.product.Status == statusTrash {
		return gone("terms", t.listing)
	}
	if e == nil {
		e = t.check(r.product)
	}
	if e == nil {
		return connectors.Outcome{Kind: connectors.Applied}
	}
	if _, variation, _ := splitID(t.variant); variation != 0 && e.Kind == connectors.NotFound {
		e.Kind = connectors.Clash // a variation is gone, the listing need not be
	}
	outcome := refused(e, t.sku)
	if e.Code == codeNoStock {
		outcome.Issues[0].Message = noStockKept
	}
	return outcome
}

// keptPrice tells that the shop took a price as it was sent. It drops a sale
// price that is not below the regular one, and any text that is no number.
func keptPrice(p product, price catalog.Price) bool {
	same := func(text string, m *catalog.Money) bool {
		if m == nil {
			return text == ""
		}
		shown, err := catalog.ParseMoney(text, m.Currency)
		return err == nil && shown == *m
	}
	return same(p.RegularPrice, &price.List) && same(p.SalePrice, price.Sale)
}

func wrongCurrency(sku catalog.SKU, price catalog.Price, currency string) (catalog.Issue, bool) {
	asked := price.List.Currency
	if price.Sale != nil && price.Sale.Currency != currency {
		asked = price.Sale.Currency
	}
	return catalog.Issue{Code: "currency", Severity: catalog.SeverityError, Field: "price", SKU: sku, Message: catalog.Text{
		VI: fmt.Sprintf("Cửa hàng bán bằng %s, giá gửi lên là %s: sửa quy tắc giá của kênh.", currency, clip(asked)),
		EN: fmt.Sprintf("The shop sells in %s, the price is in %s: correct the channel's rules.", currency, clip(asked)),
	}}, asked != currency
}

// wrongPrice finds a price that the shop would drop or give away for nothing.
func wrongPrice(sku catalog.SKU, price catalog.Price) (catalog.Issue, bool) {
	issue := catalog.Issue{Code: "price", Severity: catalog.SeverityError, Field: "price", SKU: sku}
	switch {
	case price.List.Amount <= 0 || price.Sale != nil && price.Sale.Amount <= 0:
		issue.Message = catalog.Text{
			VI: fmt.Sprintf("Giá của %s phải lớn hơn 0.", clip(string(sku))),
			EN: fmt.Sprintf("The price of %s must be above 0.", clip(string(sku)))}
	case price.Sale != nil && price.Sale.Amount >= price.List.Amount:
		issue.Message = catalog.Text{
			VI: fmt.Sprintf("Giá khuyến mãi của %s phải thấp hơn giá niêm yết.", clip(string(sku))),
			EN: fmt.Sprintf("The sale price of %s must be below its list price.", clip(string(sku)))}
	default:
		return issue, false
	}
	return issue, true
}
