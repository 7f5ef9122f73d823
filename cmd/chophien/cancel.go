package main

import (
	"context"
	"errors"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
)

type ordersCancelCmd struct {
	Order   string `arg:"" help:"Mã đơn mà người mua muốn hủy. / The order that its buyer wants to cancel."`
	Channel string `help:"Kênh, nếu mã đơn có ở nhiều kênh. / The channel, should several have an order of that name."`
	Accept  bool   `help:"Đồng ý: đơn bị hủy, hàng về lại kho. / Agree: the order is cancelled, its goods are for sale again." xor:"answer" required:""`
	Reject  bool   `help:"Từ chối: đơn vẫn phải giao. / Refuse: the order is still to be shipped." xor:"answer" required:""`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run answers a buyer, and reads the channel's orders once more, so that stock
// and orders are as the platform shows them now.
func (c *ordersCancelCmd) Run(ctx context.Context, a *app) error {
	engine, order, err := a.order(ctx, c.Channel, c.Order)
	if err != nil {
		return err
	}
	outcome, err := engine.AnswerCancel(ctx, order, c.Accept)
	if err == nil {
		order, err = a.told(ctx, engine, order, &outcome)
	}
	if errors.Is(err, scheduler.ErrUnable) {
		return withCode(exitUsage, err)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		if err := a.printJSON(struct {
			Channel catalog.ChannelID      `json:"channel"`
			Order   catalog.ExternalID     `json:"external_id"`
			Accept  bool                   `json:"accept"`
			Outcome connectors.OutcomeKind `json:"outcome"`
			Status  catalog.OrderStatus    `json:"status"`
			Wish    bool                   `json:"cancel_requested,omitempty"`
			Issues  []catalog.Issue        `json:"issues,omitempty"`
		}{order.Channel, order.ExternalID, c.Accept, outcome.Kind, order.Status, order.CancelRequested, outcome.Issues}); err != nil {
			return err
		}
	} else {
		switch {
		case outcome.Kind == connectors.Unchanged:
			a.say("Đơn %s trên %s đã được trả lời như vậy từ trước.", "Order %s on %s was answered so before.", order.Number, order.Channel)
		case outcome.Kind == connectors.Applied && c.Accept:
			a.say("Đã đồng ý hủy đơn %s trên %s.", "The buyer's wish to cancel order %s on %s is granted.", order.Number, order.Channel)
		case outcome.Kind == connectors.Applied:
			a.say("Đã từ chối hủy đơn %s trên %s: đơn vẫn phải giao.", "The buyer's wish to cancel order %s on %s is refused: it is still to be shipped.", order.Number, order.Channel)
		default:
			a.say("Chưa trả lời được người mua của đơn %s trên %s:", "The buyer of order %s on %s could not be answered:", order.Number, order.Channel)
		}
		for _, issue := range outcome.Issues {
			a.say("  %s", "  %s", issue.Message.In(a.Lang))
		}
	}
	if !outcome.Done() {
		return withCode(exitPartial, errTold)
	}
	return nil
}
