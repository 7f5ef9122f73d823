package tiki

import (
	"context"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// UpdatePrices sets what is asked at once, and sends a changed list price to
// Tiki's people: it belongs to the product's information, which they review.
// Until they decide the change is deferred, and finds its request again.
func (s *shop) UpdatePrices(ctx context.Context, changes []connectors.PriceChange) ([]connectors.Outcome, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	places := make([]place, len(changes))
	for i, c := range changes {
		places[i] = placeOf(c.Variant, c.SKU)
	}
	rows, err := s.rows(ctx, places)
	if err != nil {
		return nil, err
	}
	outcomes := make([]*connectors.Outcome, len(changes))
	end := func(i int, o connectors.Outcome) { outcomes[i] = &o }
	var infos []info
	var owners []int
	for i, c := range changes {
		row, there := rows[places[i]]
		if issue, wrong := wrongPrice(c.SKU, c.Price); wrong {
			end(i, refusal("prices.update", issue))
		} else if !there {
			end(i, absent(gone("prices.update", c.Listing), c.Listing))
		} else if list := c.Price.List.Amount; s.options.ListPrice == "review" && row.MarketPrice.dong() != list {
			infos, owners = append(infos, info{product: row.ID, sku: c.SKU, listPrice: list}), append(owners, i)
		}
	}
	later := map[int]connectors.Outcome{}
	for n, o := range s.sendInfos(ctx, infos) {
		i := owners[n]
		row := rows[places[i]]
		switch {
		case o.Kind == connectors.Applied:
		case o.Kind == connectors.Deferred && o.Err == nil && changes[i].Price.Asked().Amount <= row.MarketPrice.dong():
			later[i] = o // the asked price need not wait
		default:
			end(i, o)
		}
	}
	var sets []change
	owners = nil
	for i, c := range changes {
		asked := c.Price.Asked().Amount
		if row := rows[places[i]]; outcomes[i] == nil && row.Price.dong() != asked {
			sets, owners = append(sets, change{place: place{row.ID, c.SKU}, price: &asked}), append(owners, i)
		}
	}
	for n, err := range s.set(ctx, "prices.update", sets) {
		i := owners[n]
		if o := outcomeOf(err, changes[i].SKU); err != nil {
			end(i, o)
		}
	}
	final := make([]connectors.Outcome, len(changes))
	for i := range changes {
		o, waiting := later[i]
		switch {
		case outcomes[i] != nil:
			final[i] = *outcomes[i]
		case waiting:
			final[i] = o
		default:
			final[i] = connectors.Outcome{Kind: connectors.Applied}
		}
	}
	return whole(final)
}

// priceRange is how many times the asked price the list price may be at most.
const priceRange = 10

// wrongPrice tells why Tiki would not take a price.
func wrongPrice(sku catalog.SKU, p catalog.Price) (catalog.Issue, bool) {
	issue := catalog.Issue{Severity: catalog.SeverityError, Field: "variants[" + string(sku) + "].price", SKU: sku}
	switch asked := p.Asked(); {
	case p.List.Currency != currency || asked.Currency != currency:
		issue.Code = "currency"
		issue.Message = catalog.Text{VI: "Tiki chỉ bán bằng đồng Việt Nam: đặt giá bằng VND.", EN: "Tiki sells in dong only: give the price in VND."}
	case asked.Amount <= 0 || p.List.Amount < asked.Amount:
		issue.Code = "price"
		issue.Message = catalog.Text{
			VI: "Giá của " + clip(string(sku)) + " phải lớn hơn 0 và không cao hơn giá niêm yết.",
			EN: "The price of " + clip(string(sku)) + " must be above 0 and not above the list price."}
	case asked.Amount <= (p.List.Amount-1)/priceRange:
		issue.Code = "price_too_low"
		issue.Message = catalog.Text{
			VI: "Giá bán của " + clip(string(sku)) + " thấp hơn 10% giá niêm yết, Tiki không nhận: giảm giá niêm yết hoặc tăng giá bán.",
			EN: "The price of " + clip(string(sku)) + " is below 10 % of the list price, which Tiki refuses: lower the list price or raise the price."}
	default:
		return issue, false
	}
	return issue, true
}
