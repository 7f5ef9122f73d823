package tiktokshop

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// UpdateStock sets inventories, one call for each product with all its SKUs.
//
// The platform's text allows 1 to 99,999 while every seller sends zeros. Where
// a shop refuses a zero, the product is switched off instead, and on again
// when all of it has stock ([hiddenKey]).
func (s *shop) UpdateStock(ctx context.Context, changes []connectors.StockChange) ([]connectors.Outcome, error) {
	const op = "inventory.update"
	if len(changes) == 0 {
		return nil, nil
	}
	warehouse, err := s.warehouseOf(ctx)
	if err != nil {
		return nil, err
	}
	hidden, err := s.hidden(ctx)
	if err != nil {
		return nil, err
	}
	outcomes := make([]connectors.Outcome, len(changes))
	groups, order := map[catalog.ExternalID][]int{}, []catalog.ExternalID(nil)
	for i, c := range changes {
		switch {
		case !isID(c.Listing) || !isID(c.Variant):
			outcomes[i] = s.gone(op, c.Listing)
			continue
		case c.Quantity < 0:
			outcomes[i] = s.refused(op, connectors.Validation, issue("quantity", "quantity", c.SKU, "Số lượng là số âm.", "The quantity is negative."))
			continue
		case groups[c.Listing] == nil:
			order = append(order, c.Listing)
		}
		groups[c.Listing] = append(groups[c.Listing], i)
	}
	began := make([]bool, len(order))
	errs := s.parallel(len(order), func(g int) error {
		began[g] = true
		product := string(order[g])
		var failed error
		for part := range slices.Chunk(groups[order[g]], maxSKUs) {
			var rows []fields
			for _, i := range part {
				rows = append(rows, fields{"id": string(changes[i].Variant), "inventory": []fields{{
					"warehouse_id": warehouse, "quantity": min(changes[i].Quantity, maxQuantity),
				}}})
			}
			answer, err := call[partly](ctx, s, connectors.Call{
				Op: op, Method: http.MethodPost, Path: fmt.Sprintf(pathInventory, product), Body: fields{"skus": rows}, Repeatable: true, Urgent: true,
			})
			failed = err
			for _, i := range part {
				itemErr := err
				if err == nil {
					itemErr = answer.err(s, op, string(changes[i].Variant))
				}
				outcomes[i] = outcomeOf(itemErr, changes[i].SKU)
				if code := codeOf(itemErr); changes[i].Quantity == 0 && (code == codeQuantity || code == codeStockCount) {
					outcomes[i] = s.hide(ctx, product, changes[i])
				}
			}
		}
		s.unhide(ctx, product, hidden[product], changes, groups[order[g]], outcomes)
		return failed
	})
	for g, listing := range order {
		for _, i := range groups[listing] {
			if !began[g] {
				outcomes[i] = outcomeOf(errs[g], changes[i].SKU)
			}
		}
	}
	return connectors.Settle(outcomes)
}

// hiddenKey is where we remember which SKUs have stock only because the shop
// refused a zero: products that are off for that, with their SKUs. Should it
// get lost, the products stay off until somebody resumes them.
const hiddenKey = "hidden"

func (s *shop) hidden(ctx context.Context) (map[string][]string, error) {
	marks := map[string][]string{}
	if s.env.Memory == nil {
		return marks, nil
	}
	text, err := s.env.Memory.Recall(ctx, hiddenKey)
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &marks)
	}
	if err != nil {
		return nil, fmt.Errorf("recall which products are off for lack of stock: %w", err)
	}
	return marks, nil
}

// mark changes the SKUs remembered of one product.
func (s *shop) mark(ctx context.Context, product string, change func([]string) []string) error {
	s.hiding.Lock()
	defer s.hiding.Unlock()
	marks, err := s.hidden(ctx)
	if err != nil || s.env.Memory == nil {
		return err
	}
	if marks[product] = change(marks[product]); len(marks[product]) == 0 {
		delete(marks, product)
	}
	text, err := json.Marshal(marks)
	if err != nil {
		return err
	}
	return s.env.Memory.Remember(ctx, hiddenKey, string(text))
}

// hide takes a product off sale because one of its SKUs has no stock and the
// shop does not let us say so.
func (s *shop) hide(ctx context.Context, product string, c connectors.StockChange) connectors.Outcome {
	err := s.mark(ctx, product, func(skus []string) []string {
		if slices.Contains(skus, string(c.Variant)) {
			return skus
		}
		return append(skus, string(c.Variant))
	})
	if err != nil {
		return connectors.Outcome{Kind: connectors.Unknown, Err: err}
	}
	outcome := s.switchAll(ctx, "products.deactivate", []string{product}, false)[0]
	if outcome.Done() {
		note := issue("stock_zero_refused", "quantity", c.SKU, "Cửa hàng không nhận số lượng 0 nên sản phẩm đã được tạm ẩn, và sẽ hiện lại khi có hàng.",
			"The shop does not take a stock of 0, so the product was switched off; it comes back with the stock.")
		note.Severity = catalog.SeverityWarning
		outcome.Kind, outcome.Issues = connectors.Applied, append(outcome.Issues, note)
	}
	return outcome
}

// unhide puts a product back on sale when none of its SKUs lacks stock any more.
func (s *shop) unhide(ctx context.Context, product string, marked []string, changes []connectors.StockChange, places []int, outcomes []connectors.Outcome) {
	left := slices.Clone(marked)
	last := -1
	for _, i := range places {
		if changes[i].Quantity > 0 && outcomes[i].Done() && slices.Contains(left, string(changes[i].Variant)) {
			left = slices.DeleteFunc(left, func(id string) bool { return id == string(changes[i].Variant) })
			last = i
		}
	}
	if last < 0 {
		return
	}
	if len(left) == 0 {
		// The mark goes last: a crash in between is made good by the next
		// change of stock, or by resuming.
		if outcome := s.switchAll(ctx, "products.activate", []string{product}, true)[0]; !outcome.Done() {
			outcomes[last] = outcome
			return
		}
	}
	if err := s.mark(ctx, product, func([]string) []string { return left }); err != nil {
		outcomes[last] = connectors.Outcome{Kind: connectors.Unknown, Err: err}
	}
}
