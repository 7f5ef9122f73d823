package shopee

import (
	"context"
	"fmt"
	"net/url"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// inCancel is the status of an order whose buyer wants to cancel.
const inCancel = "IN_CANCEL"

// AnswerCancel answers a buyer who wants to cancel.
// https://open.shopee.com/documents/v2/v2.order.handle_buyer_cancellation, as
// restated by the guides, read 2026-08.
func (s *shop) AnswerCancel(ctx context.Context, order catalog.ExternalID, accept bool) (connectors.Outcome, error) {
	const op = "order/handle_buyer_cancellation"
	sn := string(order)
	answer, err := get[struct {
		Orders []orderKey `json:"order_list"`
	}](ctx, s, "order/get_order_detail", url.Values{"order_sn_list": {sn}})
	if connectors.KindOf(err) == connectors.NotFound || err == nil && len(answer.Orders) == 0 {
		return connectors.Outcome{Kind: connectors.Gone, Err: &connectors.Error{
			Kind: connectors.NotFound, Channel: string(s.env.Channel), Op: op, Err: fmt.Errorf("order %s is not on Shopee", clip(sn, 40)),
		}}, nil
	}
	if err != nil {
		return connectors.Outcome{}, err
	}
	if status := answer.Orders[0].Status; status != inCancel {
		return s.env.CancelAnswered(ctx, op, order, accept, statuses[status] == catalog.OrderCancelled)
	}
	operation := "ACCEPT"
	if !accept {
		operation = "REJECT"
		if err := s.env.RefuseCancel(ctx, order); err != nil {
			return connectors.Outcome{}, err
		}
	}
	_, err = post[struct{}](ctx, s, connectors.Call{Op: op, Body: fields{"order_sn": sn, "operation": operation}})
	outcome, retry := outcomeOf(err, "")
	if retry {
		return connectors.Outcome{}, err
	}
	return outcome, nil
}

var _ connectors.Canceller = (*shop)(nil)
