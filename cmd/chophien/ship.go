package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
)

type ordersShipCmd struct {
	Order    string   `arg:"" help:"Mã đơn. / The order."`
	Channel  string   `help:"Kênh, nếu mã đơn có ở nhiều kênh. / The channel, should several have an order of that name."`
	Carrier  string   `help:"Đơn vị vận chuyển; sàn tự chọn thì bỏ trống. / The carrier; empty where the platform chooses."`
	Tracking string   `help:"Mã vận đơn, nếu tự gửi. / The tracking number, of what you send yourself."`
	Line     []string `help:"Chỉ những dòng này của đơn. / Only these lines of the order." placeholder:"LINE"`
	JSON     bool     `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run reports a shipment, and reads the channel's orders once more, so that
// stock and parcels are as the platform shows them now.
func (c *ordersShipCmd) Run(ctx context.Context, a *app) error {
	engine, order, err := a.order(ctx, c.Channel, c.Order)
	if err != nil {
		return err
	}
	outcome, err := engine.Ship(ctx, order, catalog.Fulfillment{Carrier: c.Carrier, TrackingNumber: c.Tracking, Lines: c.Line, ShippedAt: time.Now().UTC().Truncate(time.Second)})
	if err == nil {
		order, err = a.told(ctx, engine, order, &outcome)
	}
	if errors.Is(err, scheduler.ErrUnable) {
		return withCode(exitUsage, err)
	}
	if err != nil {
		return err
	}
	view := struct {
		Channel      catalog.ChannelID      `json:"channel"`
		Order        catalog.ExternalID     `json:"external_id"`
		Outcome      connectors.OutcomeKind `json:"outcome"`
		Status       catalog.OrderStatus    `json:"status"`
		Fulfillments []catalog.Fulfillment  `json:"fulfillments"`
		Issues       []catalog.Issue        `json:"issues,omitempty"`
	}{order.Channel, order.ExternalID, outcome.Kind, order.Status, order.Fulfillments, outcome.Issues}
	if c.JSON {
		if err := a.printJSON(view); err != nil {
			return err
		}
	} else {
		switch outcome.Kind {
		case connectors.Applied:
			a.say("Đã báo giao đơn %s trên %s.", "Order %s on %s is reported as shipped.", order.Number, order.Channel)
		case connectors.Unchanged:
			a.say("Đơn %s trên %s đã được báo giao từ trước.", "Order %s on %s was reported before.", order.Number, order.Channel)
		default:
			a.say("Chưa báo được đơn %s trên %s:", "Order %s on %s could not be reported:", order.Number, order.Channel)
		}
		for _, f := range view.Fulfillments {
			a.say("  %s %s", "  %s %s", f.Carrier, f.TrackingNumber)
		}
		for _, issue := range view.Issues {
			a.say("  %s", "  %s", issue.Message.In(a.Lang))
		}
	}
	if !outcome.Done() {
		return withCode(exitPartial, errTold)
	}
	return nil
}

// told follows up what a platform was told of an order: what was applied is
// read back, and what was not has an issue that says why.
func (a *app) told(ctx context.Context, engine *scheduler.Engine, order catalog.Order, outcome *connectors.Outcome) (catalog.Order, error) {
	if outcome.Kind == connectors.Applied {
		if _, err := engine.PullOrders(ctx, order.Channel); err != nil {
			a.logger().WarnContext(ctx, "orders not read again; the schedule does it", "channel", order.Channel, "error", err)
			return order, nil
		}
		return engine.FindOrder(ctx, order.Channel, string(order.ExternalID))
	}
	if outcome.Issues == nil && !outcome.Done() && outcome.Err != nil {
		outcome.Issues = []catalog.Issue{scheduler.IssueOf(outcome.Err)}
	}
	return order, nil
}

// order opens the engine and finds a stored order.
func (a *app) order(ctx context.Context, channel, name string) (*scheduler.Engine, catalog.Order, error) {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return nil, catalog.Order{}, err
	}
	if channel != "" {
		if _, err := selected(engine, channel); err != nil {
			return nil, catalog.Order{}, err
		}
	}
	order, err := engine.FindOrder(ctx, catalog.ChannelID(channel), name)
	if errors.Is(err, catalog.ErrNotFound) {
		err = withCode(exitUsage, err)
	}
	return engine, order, err
}

type ordersLabelCmd struct {
	Order   string `arg:"" help:"Mã đơn đã báo giao. / An order that was reported as shipped."`
	Channel string `help:"Kênh, nếu mã đơn có ở nhiều kênh. / The channel, should several have an order of that name."`
	Out     string `help:"Thư mục để tệp nhãn. / The folder for the files." default:"." type:"path"`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run saves the labels of an order. They show who ordered, so only their owner
// can read the files.
func (c *ordersLabelCmd) Run(ctx context.Context, a *app) error {
	engine, order, err := a.order(ctx, c.Channel, c.Order)
	if err != nil {
		return err
	}
	papers, err := engine.Documents(ctx, order)
	if errors.Is(err, scheduler.ErrUnable) {
		return withCode(exitUsage, err)
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return fmt.Errorf("make the folder for labels: %w; choose another with --out", err)
	}
	type saved struct {
		File      string `json:"file"`
		MediaType string `json:"media_type"`
		Bytes     int    `json:"bytes"`
	}
	files := []saved{}
	for _, p := range papers {
		path := filepath.Join(c.Out, filepath.Base(p.Name))
		if err := os.WriteFile(path, p.Data, 0o600); err != nil {
			return fmt.Errorf("save a label: %w", err)
		}
		files = append(files, saved{path, p.MediaType, len(p.Data)})
		if !c.JSON {
			a.say("Nhãn của đơn %s: %s", "Label of order %s: %s", order.Number, path)
		}
	}
	if c.JSON {
		return a.printJSON(struct {
			Channel catalog.ChannelID  `json:"channel"`
			Order   catalog.ExternalID `json:"external_id"`
			Files   []saved            `json:"files"`
		}{order.Channel, order.ExternalID, files})
	}
	return nil
}
