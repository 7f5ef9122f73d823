package lazada

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// UpdateStock sets how many pieces buyers may order, not counting those that
// orders hold already.
// https://open.lazada.com/apps/doc/api?path=%2Fproduct%2Fstock%2Fsellable%2Fupdate, read 2026-04.
func (s *shop) UpdateStock(ctx context.Context, changes []connectors.StockChange) ([]connectors.Outcome, error) {
	rows := make([]change, len(changes))
	for i, c := range changes {
		rows[i] = change{c.Listing, c.Variant, c.SKU, fields{"SellableQuantity": strconv.FormatInt(c.Quantity, 10)}, nil}
		if c.Quantity < 0 {
			rows[i].issue = newIssue("quantity", "stock", c.SKU, "Số lượng là số âm.", "The quantity is negative.")
		}
	}
	return s.sendRows(ctx, "stock.update", "/product/stock/sellable/update", rows, true)
}

// UpdatePrices sets prices. A sale needs dates; a sale that is over keeps its
// price with an end in the past, because an empty price means no change and
// one that is not below the regular price is refused (4157).
// https://open.lazada.com/apps/doc/api?path=%2Fproduct%2Fprice_quantity%2Fupdate, read 2026-04.
func (s *shop) UpdatePrices(ctx context.Context, changes []connectors.PriceChange) ([]connectors.Outcome, error) {
	rows := make([]change, len(changes))
	for i, c := range changes {
		rows[i] = change{c.Listing, c.Variant, c.SKU, s.priceFields(c.Price), s.wrongPrice(c.SKU, c.Price)}
	}
	return s.sendRows(ctx, "prices.update", "/product/price_quantity/update", rows, false)
}

// priceFields are a price in the words of price updates.
func (s *shop) priceFields(price catalog.Price) fields {
	f := fields{"Price": price.List.Decimal()}
	if price.Sale != nil {
		f["SalePrice"] = price.Sale.Decimal()
		f["SaleStartDate"], f["SaleEndDate"] = s.saleDates()
		return f
	}
	below := price.List
	below.Amount--
	if below.Amount > 0 {
		f["SalePrice"] = below.Decimal()
		now := time.Now().In(s.zone)
		f["SaleStartDate"], f["SaleEndDate"] = now.AddDate(0, 0, -3).Format(saleLayout), now.AddDate(0, 0, -2).Format(saleLayout)
	}
	return f
}

const saleLayout = "2006-01-02 00:00:00"

// saleDates is when a sale is on: from yesterday, so that it is on now in every
// zone that Lazada could mean.
func (s *shop) saleDates() (from, to string) {
	now := time.Now().In(s.zone)
	return now.AddDate(0, 0, -1).Format(saleLayout), now.AddDate(0, 0, s.options.SaleDays).Format(saleLayout)
}

// change is one row of a batch.
type change struct {
	listing, variant catalog.ExternalID
	sku              catalog.SKU
	values           fields
	issue            *catalog.Issue // why it is not sent
}

func (c change) row() fields {
	f := fields{"ItemId": string(c.listing), "SkuId": string(c.variant), "SellerSku": string(c.sku)}
	for name, value := range c.values {
		f[name] = value
	}
	return f
}

// answered tells that a row of an answer is about the change.
func (c change) answered(r row) bool {
	return r.id == string(c.variant) || r.id == string(c.sku) || r.id == "SkuId_"+string(c.listing)+"_"+string(c.variant)
}

// sendRows sends rows in batches and gives an outcome for each.
func (s *shop) sendRows(ctx context.Context, op, path string, rows []change, urgent bool) ([]connectors.Outcome, error) {
	outcomes := make([]connectors.Outcome, len(rows))
	var todo []int
	for i, c := range rows {
		switch {
		case c.issue != nil:
			outcomes[i] = s.rejected(op, *c.issue)
		case !isID(c.listing) || !isID(c.variant):
			outcomes[i] = s.gone(op, c.listing)
		default:
			todo = append(todo, i)
		}
	}
	batches := slices.Collect(slices.Chunk(todo, s.options.BatchSize))
	errs := s.parallel(len(batches), func(b int) error {
		return s.sendBatch(ctx, write{op: op, path: path, parameter: "payload", repeatable: true, urgent: urgent}, rows, batches[b], outcomes)
	})
	for b, err := range errs {
		if err == nil {
			continue
		}
		for _, i := range batches[b] {
			if outcomes[i].Kind == "" {
				outcomes[i] = outcomeOf(err, rows[i].sku)
			}
		}
	}
	return connectors.Settle(outcomes)
}

// sendBatch sends one batch until every row has an outcome. A success names
// nothing and concerns all. A refusal names the rows that are wrong and leaves
// open what became of the others, so these are sent again without them; values
// are set and not added to, so that twice does no harm. A refusal that names
// nobody is tracked down by halves. An error is one that every row shares.
func (s *shop) sendBatch(ctx context.Context, w write, rows []change, todo []int, outcomes []connectors.Outcome) error {
	for len(todo) > 0 {
		list := make([]fields, len(todo))
		for n, i := range todo {
			list[n] = rows[i].row()
		}
		w.value = request(fields{"Skus": fields{"Sku": list}})
		err := s.write(ctx, w)
		if err == nil {
			for _, i := range todo {
				outcomes[i] = connectors.Outcome{Kind: connectors.Applied}
			}
			return nil
		}
		named := rowsOf(err)
		rest := slices.DeleteFunc(slices.Clone(todo), func(i int) bool {
			n := slices.IndexFunc(named, rows[i].answered)
			if n < 0 {
				return false
			}
			outcomes[i] = outcomeOf(s.itemError(w.op, named[n]), rows[i].sku)
			if outcomes[i].Kind == connectors.Deferred && outcomes[i].Until.IsZero() {
				outcomes[i].Kind = connectors.Unknown // the answer does not say that nothing was done
			}
			return true
		})
		switch kind := connectors.KindOf(err); {
		case len(rest) < len(todo):
			todo = rest
		case len(todo) > 1 && !connectors.IsLost(err) && (kind == connectors.Validation || kind == connectors.NotFound || kind == connectors.Clash):
			half := len(todo) / 2
			if err := s.sendBatch(ctx, w, rows, todo[:half], outcomes); err != nil {
				return err
			}
			todo = todo[half:]
		default:
			if len(todo) == 1 && !hopeless(err) {
				outcomes[todo[0]] = outcomeOf(err, rows[todo[0]].sku)
				return nil
			}
			return err
		}
	}
	return nil
}

func newIssue(code, field string, sku catalog.SKU, vi, en string) *catalog.Issue {
	return &catalog.Issue{Code: code, Severity: catalog.SeverityError, Field: field, SKU: sku, Message: both(vi, en)}
}

// rejected is the outcome of what we do not send.
func (s *shop) rejected(op string, issues ...catalog.Issue) connectors.Outcome {
	return connectors.Outcome{
		Kind: connectors.Rejected, Issues: issues,
		Err: s.fail(op, connectors.Validation, issues[0].Code, "%s", issues[0].Message.EN),
	}
}
