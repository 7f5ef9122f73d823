package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
)

type planCmd struct {
	Channel string `help:"Chỉ kênh này. / Only this channel."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run shows what publishing would do. It reads the channels' orders first, as
// publishing does, and writes nothing to the channels.
func (c *planCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	ids, err := selected(engine, c.Channel)
	if err != nil {
		return err
	}
	plans := []scheduler.Planned{}
	for _, id := range ids {
		if err := engine.ReadOrders(ctx, id); err != nil {
			return err
		}
		plan, err := engine.Plan(ctx, id)
		if err != nil {
			return err
		}
		plans = append(plans, plan)
		if !c.JSON {
			a.printPlan(plan)
		}
	}
	if c.JSON {
		return a.printJSON(plans)
	}
	return nil
}

func (a *app) printPlan(plan scheduler.Planned) {
	if len(plan.Actions) == 0 {
		a.say("Kênh %s: không có gì cần làm.", "Channel %s: nothing to do.", plan.Channel)
		if plan.Fenced > 0 {
			a.say("  %d mã chờ đọc đơn hàng trước khi tăng tồn kho; lệnh publish sẽ đọc.", "  %d variants wait for orders to be read before their stock may rise; publish reads them.", plan.Fenced)
		}
		return
	}
	a.say("Kênh %s: %d việc, khoảng %d lần gọi.", "Channel %s: %d actions, about %d calls.", plan.Channel, len(plan.Actions)+plan.More, plan.Cost)
	var rows [][]string
	for _, action := range plan.Actions {
		mark := ""
		if action.Held {
			mark = a.t("cần duyệt", "held")
		}
		rows = append(rows, []string{action.ProductID, a.kind(action.Kind), changeText(action), mark, action.Message.In(a.Lang)})
	}
	a.table([]string{a.t("Sản phẩm", "Product"), a.t("Việc", "Action"), a.t("Thay đổi", "Changes"), "", a.t("Lý do", "Reason")}, rows)
	if plan.More > 0 {
		a.say("… và %d tin đăng nữa.", "… and %d more listings.", plan.More)
	}
	for _, issue := range plan.Hold {
		fmt.Fprintln(a.stdout, "! "+issue.Message.In(a.Lang))
	}
}

func (a *app) kind(k catalog.ActionKind) string {
	vi := map[catalog.ActionKind]string{
		catalog.ActionCreate: "đăng mới", catalog.ActionAdopt: "nhận quản lý", catalog.ActionUpdate: "cập nhật", catalog.ActionStop: "gỡ bán",
		catalog.ActionResume: "bán lại", catalog.ActionDelete: "xóa", catalog.ActionReport: "làm bằng tay",
	}
	return a.t(vi[k], string(k))
}

// changeText shortens the changes of an action to one line.
func changeText(action catalog.Action) string {
	const most = 3
	var parts []string
	for i, c := range action.Changes {
		if i == most {
			parts = append(parts, fmt.Sprintf("+%d", len(action.Changes)-most))
			break
		}
		name := string(c.Facet)
		if c.SKU != "" {
			name = string(c.SKU) + " " + name
		}
		if c.Before == "" {
			parts = append(parts, name+" "+c.After)
		} else {
			parts = append(parts, name+" "+c.Before+" → "+c.After)
		}
	}
	return strings.Join(parts, "; ")
}

type publishCmd struct {
	Channel string `help:"Chỉ kênh này. / Only this channel."`
	Yes     bool   `help:"Đồng ý cả những việc cần người duyệt. / Approve what waits for a person."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// publishReport is what publish did on one channel.
type publishReport struct {
	Channel      catalog.ChannelID `json:"channel"`
	Created      int               `json:"created"`
	Updated      int               `json:"updated"`
	Adopted      int               `json:"adopted"`
	Stopped      int               `json:"stopped"`
	Resumed      int               `json:"resumed"`
	Rejected     int               `json:"rejected"`
	Unknown      int               `json:"unknown"`
	Held         int               `json:"held"`
	StockChanges int               `json:"stock_changes"`
	PriceChanges int               `json:"price_changes"`
	Left         int               `json:"left"` // actions that remain
	Errors       []catalog.Issue   `json:"errors,omitempty"`
}

// Run publishes to the channels. What a guard holds is left unless --yes.
func (c *publishCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	ids, err := selected(engine, c.Channel)
	if err != nil {
		return err
	}
	options := scheduler.PublishOptions{}
	if c.Yes {
		options.Approved = "command line"
	}
	reports := []publishReport{}
	var failed, partial bool
	for _, id := range ids {
		bar, sent := a.bar(-1, string(id)), 0
		options.OnPlan = func(p scheduler.Planned) bool {
			_ = bar.Set(sent) // a bar that cannot be drawn hides nothing
			sent += len(p.Actions)
			bar.ChangeMax(sent + p.More)
			return true
		}
		done, err := engine.Publish(ctx, id, options)
		_ = bar.Finish()
		report := reportOf(id, done)
		if err != nil {
			// The other channels go on (invariant I7).
			failed = true
			report.Errors = append(report.Errors, scheduler.IssueOf(err))
		}
		partial = partial || report.Left+report.Rejected+report.Unknown > 0
		reports = append(reports, report)
		if !c.JSON {
			a.printPublished(report, done)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if c.JSON {
		if err := a.printJSON(reports); err != nil {
			return err
		}
	}
	switch {
	case failed:
		return withCode(exitFailure, errTold)
	case partial:
		return withCode(exitPartial, errTold)
	}
	return nil
}

func reportOf(id catalog.ChannelID, p scheduler.Published) publishReport {
	return publishReport{
		Channel: id, Created: p.Created, Updated: p.Updated, Adopted: p.Adopted, Stopped: p.Stopped, Resumed: p.Resumed, Rejected: p.Rejected,
		Unknown: p.Unknown, Held: p.Held, StockChanges: p.StockChanges, PriceChanges: p.PriceChanges, Left: len(p.Left.Actions) + p.Left.More, Errors: p.Errors,
	}
}

func (a *app) printPublished(r publishReport, p scheduler.Published) {
	a.say("Kênh %s: đăng mới %d, cập nhật %d, gỡ %d, bán lại %d, bị từ chối %d, chưa rõ %d.",
		"Channel %s: created %d, updated %d, stopped %d, resumed %d, rejected %d, unknown %d.",
		r.Channel, r.Created, r.Updated+r.Adopted, r.Stopped, r.Resumed, r.Rejected, r.Unknown)
	a.printIssues(a.stdout, r.Errors)
	if r.Left > 0 {
		a.say("  Còn %d việc; xem: chophien plan --channel %s", "  %d actions are left; see: chophien plan --channel %s", r.Left, r.Channel)
		a.printIssues(a.stdout, p.Left.Hold)
		if len(p.Left.Hold) > 0 || anyHeld(p.Left.Actions) {
			a.say("  Nếu đồng ý: chophien publish --channel %s --yes", "  To approve: chophien publish --channel %s --yes", r.Channel)
		}
	}
}

func anyHeld(actions []catalog.Action) bool {
	for _, action := range actions {
		if action.Held {
			return true
		}
	}
	return false
}

func (a *app) printIssues(w io.Writer, issues []catalog.Issue) {
	for _, issue := range issues {
		name := issue.Field
		if issue.SKU != "" {
			name = string(issue.SKU)
		}
		if name != "" {
			name += ": "
		}
		fmt.Fprintf(w, "  ! %s%s\n", name, issue.Message.In(a.Lang))
	}
}

type observeCmd struct {
	Channel string `help:"Chỉ kênh này. / Only this channel."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run reads back all listings of the channels.
func (c *observeCmd) Run(ctx context.Context, a *app) error {
	return a.eachChannel(ctx, c.Channel, c.JSON, func(engine *scheduler.Engine, id catalog.ChannelID) (catalog.Run, error) {
		if channel, err := engine.Channel(id); err == nil && channel.Listings == nil {
			return catalog.Run{Task: "observe", Channel: id}, &connectors.Error{Kind: connectors.Fatal, Channel: string(id), Op: "observe", Err: errors.New("this platform cannot list what is there")}
		}
		return engine.Observe(ctx, id)
	}, func(run catalog.Run) {
		a.say("Kênh %s: đọc %d tin đăng, %d chỗ bị sửa trên kênh, %d việc cần làm.", "Channel %s: read %d listings, %d differences made on the channel, %d actions to do.", run.Channel, run.Counts["listings"], run.Counts["drift"], run.Counts["actions"])
	})
}

// eachChannel runs a task on the selected channels; one that fails does not
// keep the others from theirs.
func (a *app) eachChannel(ctx context.Context, channel string, asJSON bool, task func(*scheduler.Engine, catalog.ChannelID) (catalog.Run, error), print func(catalog.Run)) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	ids, err := selected(engine, channel)
	if err != nil {
		return err
	}
	runs, failed := []catalog.Run{}, false
	for _, id := range ids {
		run, err := task(engine, id)
		if err != nil {
			failed = true
			if len(run.Errors) == 0 {
				run.Errors = append(run.Errors, scheduler.IssueOf(err))
			}
		}
		runs = append(runs, run)
		if asJSON {
			continue
		}
		if err == nil {
			print(run)
		} else {
			a.say("Kênh %s: không xong.", "Channel %s: failed.", id)
			a.printIssues(a.stdout, run.Errors)
		}
	}
	if asJSON {
		if err := a.printJSON(runs); err != nil {
			return err
		}
	}
	if failed {
		return withCode(exitFailure, errTold)
	}
	return nil
}
