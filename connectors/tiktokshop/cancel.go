package tiktokshop

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

const (
	pathCancellations = "/return_refund/202309/cancellations/search"
	pathCancellation  = "/return_refund/202309/cancellations/%s/%s"
	cancellationPage  = 50
	cancelPending     = "CANCELLATION_REQUEST_PENDING"
)

// AnswerCancel answers a buyer who wants to cancel. A reason for a refusal is a
// field of the platform's published client; which keys a market takes is not
// told, so the key is a setting.
// https://partner.tiktokshop.com/docv2/page/approve-cancellation-202309, read 2026-11.
func (s *shop) AnswerCancel(ctx context.Context, order catalog.ExternalID, accept bool) (connectors.Outcome, error) {
	const op = "orders.cancel"
	o, err := s.orderOf(ctx, op, order)
	switch {
	case err != nil:
		return connectors.Outcome{}, err
	case o == nil:
		return s.noOrder(op, order), nil
	}
	cancelled := orderStates[o.Status] == catalog.OrderCancelled
	if !o.Asked || cancelled {
		return s.env.CancelAnswered(ctx, op, order, accept, cancelled)
	}
	found, err := call[struct {
		Rows []struct {
			ID string `json:"cancel_id"`
		} `json:"cancellations"`
	}](ctx, s, connectors.Call{
		Op: op, Method: http.MethodPost, Path: pathCancellations, Query: url.Values{"page_size": {strconv.Itoa(cancellationPage)}}, Repeatable: true,
		Body: fields{"order_ids": []string{o.ID}, "cancel_types": []string{"BUYER_CANCEL"}, "cancel_status": []string{cancelPending}},
	})
	if err != nil {
		return connectors.Outcome{}, err
	}
	if len(found.Rows) == 0 { // taken back meanwhile
		return s.env.CancelAnswered(ctx, op, order, accept, false)
	}
	verb, body := "approve", fields{}
	if !accept {
		verb = "reject"
		if s.options.RejectReason != "" {
			body["reject_reason"] = s.options.RejectReason
		}
		if err := s.env.RefuseCancel(ctx, order); err != nil {
			return connectors.Outcome{}, err
		}
	}
	for i, row := range found.Rows {
		// Not repeatable: a second time is refused, which would look like a failure.
		_, err := call[struct{}](ctx, s, connectors.Call{Op: op, Method: http.MethodPost, Path: fmt.Sprintf(pathCancellation, url.PathEscape(row.ID), verb), Body: body})
		if err == nil {
			continue
		}
		outcome := outcomeOf(err, "")
		switch _, retry := connectors.OutcomeOf(err); {
		case i > 0:
			outcome.Kind = connectors.Unknown // others were answered: read the order again
		case retry:
			return connectors.Outcome{}, err
		}
		return outcome, nil
	}
	return connectors.Outcome{Kind: connectors.Applied}, nil
}

// orderOf reads one order; nil when it is not in the shop.
func (s *shop) orderOf(ctx context.Context, op string, id catalog.ExternalID) (*order, error) {
	if !isID(id) {
		return nil, nil
	}
	answer, err := call[struct {
		Orders []order `json:"orders"`
	}](ctx, s, connectors.Call{Op: op, Path: pathOrder, Query: url.Values{"ids": {string(id)}}})
	switch {
	case connectors.KindOf(err) == connectors.NotFound || err == nil && len(answer.Orders) == 0:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &answer.Orders[0], nil
}

// noOrder is the outcome for an order that is not in the shop.
func (s *shop) noOrder(op string, id catalog.ExternalID) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Gone, Err: &connectors.Error{
		Kind: connectors.NotFound, Channel: string(s.env.Channel), Op: op, Err: fmt.Errorf("order %s is not in the shop", clip(string(id), 30)),
	}}
}

var _ connectors.Canceller = (*shop)(nil)
