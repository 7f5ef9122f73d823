package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/scheduler"
)

type alertsCmd struct {
	List alertsListCmd `cmd:"" help:"Xem tin đã báo và tin đang chờ. / List what was told and what waits."`
	Test alertsTestCmd `cmd:"" help:"Thử các quy tắc trên giá đã đọc, không báo ai. / Try the rules on the prices that were read; nobody is told."`
}

// teller adds messages to the file that the settings name, and logs each.
func (a *app) teller(settings pricewatch.AlertSettings) scheduler.Teller {
	return func(ctx context.Context, digest pricewatch.Digest, text string) error {
		a.logger().InfoContext(ctx, "alerts told", "group", digest.Group, "alerts", len(digest.Alerts), "urgent", digest.Urgent)
		if settings.File == "" {
			return nil
		}
		file, err := os.OpenFile(settings.File, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = file.WriteString(text + "\n")
		return errors.Join(err, file.Close())
	}
}

type alertsListCmd struct {
	Limit int  `help:"Bao nhiêu tin gần nhất. / How many messages." default:"10"`
	JSON  bool `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run lists the last messages and what waits for its hour.
func (c *alertsListCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	told, err := engine.ToldAlerts(ctx, max(1, c.Limit))
	if err != nil {
		return err
	}
	waiting, err := engine.WaitingAlerts(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(map[string]any{"told": told, "waiting": append([]pricewatch.Alert{}, waiting...)})
	}
	for _, t := range told {
		a.say("%s", "%s", t.Text)
	}
	if len(waiting) > 0 {
		a.say("Đang chờ báo:", "Waiting to be told:")
		for _, alert := range waiting {
			a.say("  %s", "  %s", strings.Join(alert.Lines(), "\n    "))
		}
	}
	if len(told)+len(waiting) == 0 {
		a.say("Chưa có tin nào. Quy tắc nằm ở mục alerts trong connectors.yaml.", "There is nothing yet. Rules stand under alerts in connectors.yaml.")
	}
	return nil
}

type alertsTestCmd struct {
	Send bool `help:"Gửi một tin thử. / Send one message that says it is a test."`
	JSON bool `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// rehearsalJSON is what one rule would do, for programs.
type rehearsalJSON struct {
	Rule   string             `json:"rule"`
	When   string             `json:"when"`
	Items  int                `json:"items"`
	Alerts []pricewatch.Alert `json:"alerts"`
}

// Run says for every rule what it is about and what it would tell.
func (c *alertsTestCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	rehearsals, err := engine.RehearseAlerts(ctx)
	if err != nil {
		return err
	}
	if c.Send {
		if err := engine.TestAlert(ctx, a.now()); err != nil {
			return fmt.Errorf("send a test message: %w", err)
		}
		a.sayErr("Đã gửi một tin thử: "+cmp.Or(engine.Alerts().File, "chỉ ghi nhật ký, chưa đặt alerts.file"), "A test message was sent: "+cmp.Or(engine.Alerts().File, "to the log only, alerts.file is not set"))
	}
	list := []rehearsalJSON{}
	for _, r := range rehearsals {
		if list = append(list, rehearsalJSON{r.Rule.ID, string(r.Rule.When), r.Items, append([]pricewatch.Alert{}, r.Alerts...)}); c.JSON {
			continue
		}
		if r.Rule.When == pricewatch.WideGap {
			a.say("%s: được thử khi đọc giá.", "%s: tried when prices are read.", r.Rule.ID)
			continue
		}
		a.say("%s: áp dụng cho %d mục, sẽ báo %d tin.", "%s: is about %d items, would tell %d things.", r.Rule.ID, r.Items, len(r.Alerts))
		for _, alert := range r.Alerts {
			a.say("  %s", "  %s", strings.Join(alert.Lines(), "\n    "))
		}
	}
	if c.JSON {
		return a.printJSON(list)
	}
	if len(rehearsals) == 0 {
		a.say("Chưa có quy tắc nào. Viết ở mục alerts trong connectors.yaml.", "There are no rules. Write some under alerts in connectors.yaml.")
	}
	return nil
}
