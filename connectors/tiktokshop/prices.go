package tiktokshop

import (
	"context"
	"fmt"
	"net/http"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// UpdatePrices sets prices: one call for each product, and for all of them
// together the calls that take SKUs out of our promotion and put them back, as
// the price of what is in a promotion cannot be changed.
func (s *shop) UpdatePrices(ctx context.Context, changes []connectors.PriceChange) ([]connectors.Outcome, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	outcomes, err := s.setPrices(ctx, changes, nil)
	if err != nil {
		return nil, err
	}
	return connectors.Settle(outcomes)
}

// setPrices writes prices. Listings in made have their list prices already and
// are only put on sale.
func (s *shop) setPrices(ctx context.Context, changes []connectors.PriceChange, made map[catalog.ExternalID]bool) ([]connectors.Outcome, error) {
	const op = "prices.update"
	decided := make([]*connectors.Outcome, len(changes))
	end := func(i int, outcome connectors.Outcome) {
		if decided[i] == nil {
			decided[i] = &outcome
		}
	}
	for i, c := range changes {
		if found, wrong := wrongPrice(c.SKU, c.Price); wrong {
			end(i, s.refused(op, connectors.Validation, found))
		} else if !isID(c.Listing) || !isID(c.Variant) {
			end(i, s.gone(op, c.Listing))
		}
	}
	sales, err := s.promotions(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]promoted{}
	for i, c := range changes {
		if p := sales.skus[string(c.Variant)]; decided[i] == nil && p.ours {
			out[string(c.Variant)] = p
		}
	}
	removed := s.unpromote(ctx, out)
	for i, c := range changes {
		if err := removed[string(c.Variant)]; err != nil {
			end(i, outcomeOf(err, c.SKU))
		}
	}

	groups, order := map[catalog.ExternalID][]int{}, []catalog.ExternalID(nil)
	for i, c := range changes {
		if decided[i] != nil || made[c.Listing] {
			continue
		}
		if groups[c.Listing] == nil {
			order = append(order, c.Listing)
		}
		groups[c.Listing] = append(groups[c.Listing], i)
	}
	results := make([][]error, len(order))
	errs := s.parallel(len(order), func(g int) error {
		var rows []connectors.PriceChange
		for _, i := range groups[order[g]] {
			rows = append(rows, changes[i])
		}
		results[g] = s.listPrices(ctx, string(order[g]), rows)
		return firstError(results[g])
	})
	for g, listing := range order {
		for n, i := range groups[listing] {
			err := errs[g] // of a group that was not begun
			if results[g] != nil {
				err = results[g][n]
			}
			if err != nil {
				end(i, outcomeOf(err, changes[i].SKU))
			}
		}
	}

	var onSale []sale
	for i, c := range changes {
		if decided[i] == nil && c.Price.Sale != nil {
			onSale = append(onSale, sale{string(c.Listing), string(c.Variant), *c.Price.Sale, i})
		}
	}
	for n, err := range s.promote(ctx, sales.open, onSale) {
		if err == nil {
			continue
		}
		i := onSale[n].place
		outcome := outcomeOf(err, changes[i].SKU)
		if outcome.Kind == connectors.Deferred && outcome.Err != nil {
			outcome.Kind = connectors.Unknown // the list price is changed
		}
		end(i, outcome)
	}
	outcomes := make([]connectors.Outcome, len(changes))
	for i := range changes {
		end(i, connectors.Outcome{Kind: connectors.Applied})
		outcomes[i] = *decided[i]
	}
	return outcomes, nil
}

// listPrices sets list prices of one product; the errors are by place.
func (s *shop) listPrices(ctx context.Context, product string, changes []connectors.PriceChange) []error {
	var rows []fields
	for _, c := range changes {
		rows = append(rows, fields{"id": string(c.Variant), "price": money(c.Price.List)})
	}
	_, err := call[struct{}](ctx, s, connectors.Call{
		Op: "prices.update", Method: http.MethodPost, Path: fmt.Sprintf(pathPrices, product), Body: fields{"skus": rows}, Repeatable: true,
	})
	if code := codeOf(err); code == codePriceStatus || code == codeStatus {
		err = s.pricesByEdit(ctx, product, changes)
	}
	errs := make([]error, len(changes))
	for i := range changes {
		errs[i] = err
	}
	// One bad row fails all: find out which.
	if kind := connectors.KindOf(err); len(changes) > 1 && (kind == connectors.Validation || kind == connectors.Clash) && !connectors.IsLost(err) {
		for i := range changes {
			errs[i] = s.listPrices(ctx, product, changes[i:i+1])[0]
		}
	}
	return errs
}

// pricesByEdit sets prices of a product that is not on sale, which the call for
// prices refuses. Nobody can buy it meanwhile, so nothing is raced.
func (s *shop) pricesByEdit(ctx context.Context, id string, changes []connectors.PriceChange) error {
	p, err := s.read(ctx, id)
	if err != nil {
		return err
	}
	if p.Status == statusPending || p.Status == statusActivate {
		// Under review an edit would begin it anew; and it cannot be on sale
		// unless it was put there this moment.
		return &connectors.Error{Kind: connectors.Clash, Channel: string(s.env.Channel), Op: "prices.update", Code: codeStatus, Err: fmt.Errorf("product %s is %s", id, p.Status)}
	}
	body := s.whole(&p)
	rows, _ := body["skus"].([]fields)
	for _, c := range changes {
		found := false
		for _, row := range rows {
			if row["id"] == string(c.Variant) {
				row["price"], found = money(c.Price.List), true
			}
		}
		if !found {
			return &connectors.Error{Kind: connectors.Clash, Channel: string(s.env.Channel), Op: "prices.update", Code: "12052557", Err: fmt.Errorf("product %s has no SKU %s", id, c.Variant)}
		}
	}
	_, err = call[written](ctx, s, connectors.Call{Op: "products.edit", Method: http.MethodPut, Path: fmt.Sprintf(pathEdit, id), Body: body, Repeatable: true})
	return err
}
