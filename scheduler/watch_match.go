package scheduler

import (
	"context"

	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// match settles what an item is a price of, or asks a person once.
func (t *taking) match(_ context.Context, item *storedItem, q connectors.Quote) error {
	switch {
	case item.Match.State == pricewatch.Confirmed, item.Match.State == pricewatch.Rejected:
	case t.source.Kind != connectors.SourceSearch && (t.source.Commodity != "" || t.source.Product != "") && q.Subject.Commodity != "" && q.Subject.Side != "":
		item.Match = pricewatch.Match{State: pricewatch.Settled}
	case item.Match.State != pricewatch.Proposed:
		item.Match = pricewatch.Match{State: pricewatch.Proposed}
	}
	return nil
}
