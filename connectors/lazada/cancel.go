package lazada

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// wish is what the rows of an order tell of the buyer's wish to cancel some.
type wish struct {
	open     []string // the reverse orders that wait for an answer
	canceled bool     // rows that are
}

// wishOf reads the rows of an order; without any it is not there.
func (s *shop) wishOf(ctx context.Context, order catalog.ExternalID) (w wish, there bool, err error) {
	units, err := rowsOfOrder[unit](ctx, s, order)
	if connectors.KindOf(err) == connectors.NotFound {
		return w, false, nil
	}
	for _, u := range units {
		w.canceled = w.canceled || u.canceled()
		if id := string(u.Reverse); u.asked() && id != "" && !slices.Contains(w.open, id) {
			w.open = append(w.open, id)
		}
	}
	return w, len(units) > 0, err
}

// AnswerCancel answers a buyer who wants to cancel rows of an order. Lazada
// takes the answer by GET, which may be sent again when its answer is lost and
// is refused then; so a failure is judged by what the rows tell after it.
// https://open.lazada.com/apps/doc/api?path=%2Forder%2Freverse%2Fcancel%2Fseller%2Fdecide, read 2026-04.
func (s *shop) AnswerCancel(ctx context.Context, order catalog.ExternalID, accept bool) (connectors.Outcome, error) {
	const op = "orders.cancel"
	gone := connectors.Outcome{Kind: connectors.Gone, Err: s.fail(op, connectors.NotFound, "16", "order %s is not in the shop", clip(string(order)))}
	if !isID(order) {
		return gone, nil
	}
	before, there, err := s.wishOf(ctx, order)
	switch {
	case err != nil:
		return connectors.Outcome{}, err
	case !there:
		return gone, nil
	case len(before.open) == 0:
		return s.env.CancelAnswered(ctx, op, order, accept, before.canceled)
	case !accept:
		if err := s.env.RefuseCancel(ctx, order); err != nil {
			return connectors.Outcome{}, err
		}
	}
	for i, id := range before.open {
		err := s.get(ctx, connectors.Call{Op: op, Path: "/order/reverse/cancel/seller/decide", Query: url.Values{
			"reverse_order_id": {id}, "agree_cancel": {strconv.FormatBool(accept)},
		}})
		if err == nil {
			continue
		}
		if kind := connectors.KindOf(err); i == 0 && (kind == connectors.Auth || kind == connectors.RateLimited || kind == connectors.Fatal) {
			return connectors.Outcome{}, err // it was not taken
		}
		outcome := outcomeOf(err, "")
		after, _, unread := s.wishOf(ctx, order)
		switch {
		case unread != nil, len(after.open) > 0 && outcome.Kind == connectors.Deferred:
			outcome.Kind = connectors.Unknown
		case len(after.open) > 0: // refused
		case after.canceled == (accept || before.canceled):
			return connectors.Outcome{Kind: connectors.Applied}, nil
		default:
			outcome.Kind = connectors.Conflict // it was decided otherwise meanwhile
		}
		return outcome, nil
	}
	return connectors.Outcome{Kind: connectors.Applied}, nil
}

var _ connectors.Canceller = (*shop)(nil)
