package main

import (
	"context"
	"fmt"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
)

type channelsCmd struct {
	List    channelsListCmd    `cmd:"" help:"Xem các kênh và tình trạng. / List the channels and how they are."`
	Check   channelsCheckCmd   `cmd:"" help:"Thử đăng nhập từng kênh. / Try the credentials of each channel."`
	Connect channelsConnectCmd `cmd:"" help:"Xin quyền truy cập cửa hàng qua trình duyệt. / Have the seller grant access in a browser."`
	Matrix  channelsMatrixCmd  `cmd:"" help:"Mỗi nền tảng làm được gì. / What each platform can do."`
}

type channelsListCmd struct {
	JSON bool `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// channelView is how one channel is.
type channelView struct {
	ID       catalog.ChannelID      `json:"id"`
	Name     string                 `json:"name"`
	Platform string                 `json:"platform"`
	Paused   bool                   `json:"paused,omitempty"`
	Shop     string                 `json:"shop,omitempty"`
	Counts   map[catalog.Status]int `json:"counts"`
	State    scheduler.ChannelState `json:"state"`
}

// Run lists the channels of connectors.yaml with their counts.
func (c *channelsListCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	views, rows := []channelView{}, [][]string{}
	for _, config := range a.config.Channels {
		state, err := engine.State(ctx, config.ID)
		if err != nil {
			return err
		}
		if state.Access, err = engine.Access(ctx, config.ID); err != nil {
			state.Access = nil // doctor says why
		}
		counts, err := a.store.CountListings(ctx, config.ID)
		if err != nil {
			return err
		}
		view := channelView{config.ID, config.Name, config.Type, config.Paused, state.Account.Name, counts, state}
		views = append(views, view)
		note := ""
		switch {
		case config.Paused:
			note = a.t("tạm dừng", "paused")
		case state.Parked != nil:
			note = state.Parked.Message.In(a.Lang)
		default:
			if state.Access != nil {
				note = state.Access.Issue.Message.In(a.Lang)
			}
		}
		row := []string{string(config.ID), config.Type, state.Account.Name}
		for _, status := range statuses {
			row = append(row, fmt.Sprint(counts[status]))
		}
		rows = append(rows, append(row, when(state.OrdersReadAt), note))
	}
	if c.JSON {
		return a.printJSON(views)
	}
	if len(rows) == 0 {
		a.say("Chưa có kênh nào trong %s.", "No channel in %s yet.", a.Config)
		return nil
	}
	header := []string{a.t("Kênh", "Channel"), a.t("Nền tảng", "Platform"), a.t("Cửa hàng", "Shop")}
	for _, status := range statuses {
		header = append(header, a.status(status))
	}
	a.table(append(header, a.t("Đọc đơn lúc", "Orders read"), ""), rows)
	return nil
}

// statuses in the order of tables; every product on a channel has one.
var statuses = []catalog.Status{catalog.StatusLive, catalog.StatusWaiting, catalog.StatusBlocked, catalog.StatusStopped, catalog.StatusExcluded}

func (a *app) status(s catalog.Status) string {
	vi := map[catalog.Status]string{
		catalog.StatusLive: "đang bán", catalog.StatusWaiting: "đang chờ", catalog.StatusBlocked: "bị chặn", catalog.StatusStopped: "ngừng bán", catalog.StatusExcluded: "không đăng",
	}
	return a.t(vi[s], string(s))
}

type channelsCheckCmd struct {
	Channel string `arg:"" optional:"" help:"Chỉ kênh này. / Only this channel."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// checkView is the result of trying one channel.
type checkView struct {
	Channel catalog.ChannelID  `json:"channel"`
	OK      bool               `json:"ok"`
	Account connectors.Account `json:"account,omitzero"`
	Issue   *catalog.Issue     `json:"issue,omitempty"`
}

// Run proves the credentials of each channel. A channel that a person repaired
// works again after it.
func (c *channelsCheckCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	ids, err := selected(engine, c.Channel)
	if err != nil {
		return err
	}
	views, failed := []checkView{}, false
	for _, id := range ids {
		account, err := engine.Check(ctx, id)
		view := checkView{Channel: id, OK: err == nil, Account: account}
		if err != nil {
			failed = true
			issue := engine.Issue(id, err)
			view.Issue = &issue
		}
		views = append(views, view)
		if c.JSON {
			continue
		}
		if err != nil {
			a.say("✗ %s: %s", "✗ %s: %s", id, view.Issue.Message.In(a.Lang))
		} else {
			a.say("✓ %s: %s (%s) %s", "✓ %s: %s (%s) %s", id, account.Name, account.ID, account.Version)
		}
	}
	if c.JSON {
		if err := a.printJSON(views); err != nil {
			return err
		}
	}
	if failed {
		return withCode(exitFailure, errTold)
	}
	return nil
}

type channelsMatrixCmd struct {
	JSON bool `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run shows what each platform can do. The table in docs/connectors.md is the
// same one; its check marks come from the contract suite.
func (c *channelsMatrixCmd) Run(a *app) error {
	matrix, err := matrixOf(platforms())
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(matrix)
	}
	rows := [][]string{}
	for _, p := range matrix {
		row := []string{p.Title}
		for _, name := range connectors.Capabilities {
			mark := ""
			if p.Capabilities[name] {
				mark = "✓"
			}
			row = append(row, mark)
		}
		rows = append(rows, row)
	}
	a.table(append([]string{a.t("Nền tảng", "Platform")}, connectors.Capabilities...), rows)
	return nil
}
