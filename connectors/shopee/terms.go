package shopee

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// modelAnswer is a row of an answer about the models of one item.
type modelAnswer struct {
	ID     int64  `json:"model_id"`
	Reason string `json:"failed_reason"`
}

// modelAnswers is what became of the rows of a call.
type modelAnswers struct {
	Done   []modelAnswer `json:"success_list"`
	Failed []modelAnswer `json:"failure_list"`
}

// target is what a change is about.
type target struct{ item, model int64 }

// targetOf reads the IDs of a change; a variant that is not known there is a
// conflict, so that the listing is read again.
func targetOf(op string, listing, variant catalog.ExternalID, sku catalog.SKU) (target, *connectors.Outcome) {
	item, _, ok := splitID(listing)
	if !ok {
		outcome := gone(op, listing)
		return target{}, &outcome
	}
	owner, model, ok := splitID(variant)
	if !ok || owner != item {
		return target{}, &connectors.Outcome{Kind: connectors.Conflict, Err: &connectors.Error{
			Kind: connectors.Clash, Op: op, Code: "variant_unknown",
			Err: fmt.Errorf("variant %s of item %d is not known there; read the listing again", clip(string(sku), 60), item),
		}}
	}
	return target{item, model}, nil
}

// group is the changes to one item that go in one call.
type group struct {
	item int64
	at   []int // of the changes
}

// groups puts changes together by item, at most 50 a call.
func groups(targets []target, skip func(i int) bool) []group {
	var list []group
	open := map[int64]int{}
	for i, t := range targets {
		if skip(i) {
			continue
		}
		at, ok := open[t.item]
		if !ok || len(list[at].at) == maxModels {
			at = len(list)
			list = append(list, group{item: t.item})
			open[t.item] = at
		}
		list[at].at = append(list[at].at, i)
	}
	return list
}

// UpdateStock sets stock, one item with up to 50 models in a call.
func (s *shop) UpdateStock(ctx context.Context, changes []connectors.StockChange) ([]connectors.Outcome, error) {
	const op = "product/update_stock"
	outcomes := make([]connectors.Outcome, len(changes))
	targets := make([]target, len(changes))
	for i, c := range changes {
		var refused *connectors.Outcome
		if targets[i], refused = targetOf(op, c.Listing, c.Variant, c.SKU); refused != nil {
			outcomes[i] = *refused
		}
	}
	list := groups(targets, func(i int) bool { return outcomes[i].Kind != "" })
	s.rows(ctx, list, targets, outcomes, func(g group) (modelAnswers, error) {
		rows := make([]fields, len(g.at))
		urgent := false
		for k, i := range g.at {
			rows[k] = fields{"model_id": targets[i].model, "seller_stock": s.stockRow(changes[i].Quantity)}
			urgent = urgent || changes[i].Quantity == 0
		}
		return post[modelAnswers](ctx, s, connectors.Call{
			Op: op, Repeatable: true, Urgent: urgent, Body: fields{"item_id": g.item, "stock_list": rows},
		})
	}, func(i int) catalog.SKU { return changes[i].SKU }, op)
	return outcomes, nil
}

// rows makes the calls of groups and gives every change its outcome. A call
// that fails may still tell what became of each row.
func (s *shop) rows(ctx context.Context, list []group, targets []target, outcomes []connectors.Outcome,
	call func(group) (modelAnswers, error), sku func(int) catalog.SKU, op string,
) {
	answers := make([]modelAnswers, len(list))
	errs := s.parallel(len(list), func(k int) (err error) {
		answers[k], err = call(list[k])
		return err
	})
	reasons := map[int]string{}
	var unread []int64
	for k, g := range list {
		for _, i := range g.at {
			is := func(row modelAnswer) bool { return row.ID == targets[i].model }
			switch at := slices.IndexFunc(answers[k].Failed, is); {
			case at >= 0:
				reasons[i] = plain(answers[k].Failed[at].Reason)
				unread = append(unread, g.item)
			case slices.ContainsFunc(answers[k].Done, is):
				outcomes[i] = connectors.Outcome{Kind: connectors.Applied}
			case errs[k] != nil:
				outcomes[i], _ = outcomeOf(errs[k], sku(i))
			default:
				outcomes[i] = missing(op)
			}
		}
	}
	if len(reasons) == 0 {
		return
	}
	// A row's reason is a text without a code: what the item is now tells more.
	slices.Sort(unread)
	items, err := s.read(ctx, slices.Compact(unread))
	for i, reason := range reasons {
		outcomes[i] = s.rowOutcome(op, targets[i], items[targets[i].item], err, reason, sku(i))
	}
}

// rowOutcome is the outcome of a row that was refused.
func (s *shop) rowOutcome(op string, t target, it *item, readErr error, reason string, sku catalog.SKU) connectors.Outcome {
	if readErr != nil {
		it = &item{ID: t.item, Status: statusNormal, Models: []model{{ID: t.model}}} // decided by the text alone
	}
	if it == nil || !alive(it.Status) {
		return gone(op, listingID(t.item))
	}
	at := slices.IndexFunc(it.Models, func(m model) bool { return m.ID == t.model })
	code := ""
	switch {
	case t.model != 0 && at < 0:
		return gone(op, variantID(t.item, t.model))
	case op == "product/update_price" && (it.Promoted || at >= 0 && it.Models[at].Promoted):
		code = "error_cannot_edit_price_in_promotion"
	case op == "product/update_stock":
		code = "error_busi_update_stock_failed"
	}
	outcome, _ := outcomeOf(s.refusal(op, code, reason), sku)
	return outcome
}

// priceRow is a change of price on its way.
type priceRow struct {
	connectors.PriceChange
	listed bool // the list price is as wanted already
}

// UpdatePrices sets list prices, one item with up to 50 models in a call, and
// sale prices through the shop's discount.
func (s *shop) UpdatePrices(ctx context.Context, changes []connectors.PriceChange) ([]connectors.Outcome, error) {
	rows := make([]priceRow, len(changes))
	for i, c := range changes {
		rows[i].PriceChange = c
	}
	return s.setPrices(ctx, rows)
}

// setPrices sets prices. What is in our discount cannot change its list price,
// so it leaves the discount first and comes back after.
func (s *shop) setPrices(ctx context.Context, changes []priceRow) ([]connectors.Outcome, error) {
	const op = "product/update_price"
	if len(changes) == 0 {
		return nil, nil
	}
	outcomes := make([]connectors.Outcome, len(changes))
	targets := make([]target, len(changes))
	for i, c := range changes {
		var refused *connectors.Outcome
		if targets[i], refused = targetOf(op, c.Listing, c.Variant, c.SKU); refused != nil {
			outcomes[i] = *refused
		} else if issue, wrong := wrongPrice(c.SKU, c.Price); wrong {
			outcomes[i] = connectors.Outcome{Kind: connectors.Rejected, Issues: []catalog.Issue{issue}, Err: s.refusal(op, issue.Code, issue.Message.EN)}
		}
	}
	sales, err := s.readSales(ctx)
	if err != nil {
		return nil, err
	}
	open := func(i int) bool { return outcomes[i].Kind == "" }
	listed := make([]bool, len(changes)) // nothing is to be done about the list price
	s.leaveSales(ctx, sales, changes, targets, outcomes, listed)
	list := groups(targets, func(i int) bool { return !open(i) || listed[i] })
	s.rows(ctx, list, targets, outcomes, func(g group) (modelAnswers, error) {
		rows := make([]fields, len(g.at))
		for k, i := range g.at {
			rows[k] = fields{"model_id": targets[i].model, "original_price": changes[i].Price.List.Amount}
		}
		return post[modelAnswers](ctx, s, connectors.Call{Op: op, Repeatable: true, Body: fields{"item_id": g.item, "price_list": rows}})
	}, func(i int) catalog.SKU { return changes[i].SKU }, op)
	var joining []int
	for i, c := range changes {
		if c.Price.Sale != nil && (open(i) || outcomes[i].Kind == connectors.Applied) {
			joining = append(joining, i)
		}
	}
	s.joinSales(ctx, sales, joining, changes, targets, outcomes)
	for i := range outcomes {
		if open(i) {
			outcomes[i] = connectors.Outcome{Kind: connectors.Unchanged}
		}
	}
	return outcomes, nil
}

// wrongPrice tells what no shop would take.
func wrongPrice(sku catalog.SKU, p catalog.Price) (catalog.Issue, bool) {
	issue := func(code, vi, en string) (catalog.Issue, bool) {
		return catalog.Issue{Code: code, Severity: catalog.SeverityError, Field: "variants[" + clip(string(sku), 60) + "].price", SKU: sku,
			Message: catalog.Text{VI: vi, EN: en}}, true
	}
	switch {
	case p.List.Amount <= 0 || p.Sale != nil && p.Sale.Amount <= 0:
		return issue("price_missing", fmt.Sprintf("Giá của %s phải lớn hơn 0.", clip(string(sku), 60)), fmt.Sprintf("The price of %s must be above zero.", clip(string(sku), 60)))
	case p.List.Currency != currency || p.Sale != nil && p.Sale.Currency != currency:
		return issue("currency", "Shopee Việt Nam chỉ nhận giá bằng đồng (VND).", "Shopee Vietnam takes prices in dong (VND) only.")
	case p.Sale != nil && (p.Sale.Amount >= p.List.Amount || p.Sale.Amount*2 < p.List.Amount):
		return issue("sale_too_deep", fmt.Sprintf("Giá khuyến mãi %s của %s phải thấp hơn giá gốc %s và không giảm quá 50%%.", p.Sale, clip(string(sku), 60), p.List),
			fmt.Sprintf("The sale price %s of %s must be below its list price %s and at least half of it.", p.Sale, clip(string(sku), 60), p.List))
	}
	return catalog.Issue{}, false
}

// sale prices hold for at most 180 days at a time.
const saleTime = 179 * 24 * time.Hour

var errNoSale = errors.New("the answer names no discount")
