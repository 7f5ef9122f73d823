package main

import (
	"context"
	"errors"
	"os/user"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/scheduler"
)

type ordersReturnedCmd struct {
	Order   string `arg:"" help:"Mã đơn. / The order."`
	Channel string `help:"Kênh, nếu mã đơn có ở nhiều kênh. / The channel, should several have an order of that name."`
	Line    string `help:"Dòng hàng: SKU hoặc mã dòng; đơn một dòng thì bỏ trống. / The line: its SKU or ID; empty for an order of one line."`
	Pieces  int64  `help:"Tổng số món của dòng đã về lại và còn tốt. / How many pieces of the line are back in good state, in all." required:""`
	By      string `help:"Ai kiểm hàng. / Who looked at the goods."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run books goods that have come back. Saying it twice, or the platform saying
// it, too, books them once.
func (c *ordersReturnedCmd) Run(ctx context.Context, a *app) error {
	engine, order, err := a.order(ctx, c.Channel, c.Order)
	if err != nil {
		return err
	}
	if c.By == "" {
		if me, err := user.Current(); err == nil {
			c.By = me.Username
		}
	}
	order, err = engine.GoodsBack(ctx, order, c.Line, c.Pieces, c.By)
	if errors.Is(err, scheduler.ErrNotBack) || errors.Is(err, scheduler.ErrUnable) {
		return withCode(exitUsage, err)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(struct {
			Channel catalog.ChannelID   `json:"channel"`
			Order   catalog.ExternalID  `json:"external_id"`
			Back    []catalog.GoodsBack `json:"back"`
			Returns []catalog.Return    `json:"returns,omitempty"`
		}{order.Channel, order.ExternalID, order.Back, order.Returns})
	}
	for _, back := range order.Back {
		a.say("Đơn %s, dòng %s: %d món đã về lại và vào kho.", "Order %s, line %s: %d pieces are back and in stock.", order.Number, back.Line, back.Pieces)
	}
	return nil
}
