package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/chophien/chophien/catalog"
)

// ErrNotBack is goods that cannot have come back; the error says why.
var ErrNotBack = errors.New("cannot have come back")

// GoodsBack records that pieces of an order have come back in good state, and
// books them into the stock. pieces is how many of the line there are back in
// all, so saying it twice changes nothing; it never falls. line is the ID or the
// SKU of a line, "" = the only one. by names who says so.
func (e *Engine) GoodsBack(ctx context.Context, o catalog.Order, line string, pieces int64, by string) (catalog.Order, error) {
	c, err := e.channel(o.Channel)
	if err != nil {
		return o, err
	}
	if c.Orders == nil {
		return o, unable(c, "orders", "count the stock instead: chophien stock count")
	}
	for {
		stored, err := e.store.Orders(ctx, catalog.OrderQuery{Channel: o.Channel, ExternalIDs: []catalog.ExternalID{o.ExternalID}})
		if err != nil {
			return o, fmt.Errorf("read order %s: %w", o.Number, err)
		}
		if len(stored) == 0 {
			return o, fmt.Errorf("order %s: %w", o.Number, catalog.ErrNotFound)
		}
		o = stored[0]
		changed, err := goodsBack(&o, line, pieces, by, e)
		if err != nil || !changed {
			return o, err
		}
		errs, err := e.store.PutOrders(ctx, []catalog.Order{o})
		if err == nil {
			err = errs[0]
		}
		if errors.Is(err, catalog.ErrConflict) {
			continue // read meanwhile: look again
		}
		if err != nil {
			return o, fmt.Errorf("store order %s: %w", o.Number, err)
		}
		break
	}
	state, err := e.State(ctx, o.Channel)
	if err != nil {
		return o, err
	}
	// Should this fail, the next read of orders settles what is unsettled.
	if err := e.settleOrders(ctx, c, state, func(string, int64) {}); err != nil {
		return o, err
	}
	return e.FindOrder(ctx, o.Channel, string(o.ExternalID))
}

// goodsBack notes in an order what came back, and tells whether that is news.
func goodsBack(o *catalog.Order, name string, pieces int64, by string, e *Engine) (changed bool, err error) {
	fail := func(format string, args ...any) (bool, error) {
		return false, fmt.Errorf("order %s: %w: %s", o.Number, ErrNotBack, fmt.Sprintf(format, args...))
	}
	switch o.Status {
	case catalog.OrderShipped, catalog.OrderCompleted, catalog.OrderRefunded, catalog.OrderOther:
	default:
		return fail("it is %s, so nothing has left", o.Status)
	}
	at := -1
	for i, l := range o.Lines {
		if name == l.ID || name == string(l.SKU) || name == "" {
			if at >= 0 {
				return fail("it has several such lines; name one by its ID: %s, %s", o.Lines[at].ID, l.ID)
			}
			at = i
		}
	}
	if at < 0 {
		return fail("it has no line %q", name)
	}
	l := o.Lines[at]
	if pieces < 1 || pieces > l.Quantity {
		return fail("line %s has %d pieces, not %d", l.ID, l.Quantity, pieces)
	}
	known := slices.IndexFunc(o.Back, func(b catalog.GoodsBack) bool { return b.Line == l.ID })
	news := catalog.GoodsBack{Line: l.ID, Pieces: pieces, At: e.now(), By: by}
	switch {
	case known < 0:
		o.Back = append(slices.Clone(o.Back), news)
	case o.Back[known].Pieces == pieces:
		return false, nil
	case o.Back[known].Pieces > pieces:
		return fail("%d pieces of line %s were back already; correct the stock instead: chophien stock count", o.Back[known].Pieces, l.ID)
	default:
		o.Back = slices.Clone(o.Back)
		o.Back[known] = news
	}
	o.Unsettled = true
	return true, nil
}
