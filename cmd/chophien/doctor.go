package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
)

type doctorCmd struct {
	Offline bool `help:"Không gọi các kênh. / Do not call the channels."`
	JSON    bool `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// finding is one thing that doctor looked at: its cause, and the one next step
// when something has to be done.
type finding struct {
	OK    bool         `json:"ok"`
	What  catalog.Text `json:"what"`
	Cause string       `json:"cause,omitempty"`
	Next  catalog.Text `json:"next,omitzero"`
}

func text(vi, en string) catalog.Text { return catalog.Text{VI: vi, EN: en} }

// Run checks configuration, store, key, queue and channels, and changes
// nothing that they hold.
func (c *doctorCmd) Run(ctx context.Context, a *app) error {
	findings := c.examine(ctx, a)
	sick := false
	for _, f := range findings {
		sick = sick || !f.OK
		if c.JSON {
			continue
		}
		mark := "✓"
		if !f.OK {
			mark = "✗"
		}
		fmt.Fprintf(a.stdout, "%s %s\n", mark, f.What.In(a.Lang))
		if f.Cause != "" {
			fmt.Fprintf(a.stdout, "    %s %s\n", a.t("nguyên nhân:", "cause:"), f.Cause)
		}
		if !f.Next.IsZero() {
			fmt.Fprintf(a.stdout, "    %s %s\n", a.t("việc cần làm:", "next step:"), f.Next.In(a.Lang))
		}
	}
	if c.JSON {
		if err := a.printJSON(findings); err != nil {
			return err
		}
	}
	if sick {
		return withCode(exitFailure, errTold)
	}
	return nil
}

func (c *doctorCmd) examine(ctx context.Context, a *app) []finding {
	var findings []finding
	ok := func(vi, en string, args ...any) {
		findings = append(findings, finding{OK: true, What: text(fmt.Sprintf(vi, args...), fmt.Sprintf(en, args...))})
	}
	bad := func(what catalog.Text, err error, next catalog.Text) {
		findings = append(findings, finding{What: what, Cause: err.Error(), Next: next})
	}

	registry, err := newRegistry()
	if err != nil {
		bad(text("chương trình hỏng", "the program is broken"), err, text("cài lại chương trình", "install the program again"))
		return findings
	}
	config, err := registry.Load(a.Config)
	switch {
	case errors.Is(err, os.ErrNotExist):
		bad(text("chưa có tệp cấu hình kênh", "there is no file of channels"), err, text("chép connectors.yaml mẫu rồi điền cửa hàng của mình, hoặc chỉ tệp khác bằng --config", "copy the example connectors.yaml and fill in your shop, or name another file with --config"))
	case err != nil:
		bad(text("tệp cấu hình kênh có lỗi", "the file of channels has mistakes"), err, text("sửa từng dòng nêu trên rồi chạy lại chophien doctor", "correct each line named above, then run chophien doctor again"))
	default:
		ok("%s: %d kênh", "%s: %d channels", a.Config, len(config.Channels))
		for _, warning := range config.Warnings {
			findings = append(findings, finding{OK: true, What: text("lưu ý: "+warning, "note: "+warning)})
		}
	}

	store, err := a.openStore(ctx)
	if err != nil {
		next := text("kiểm tra quyền ghi và chỗ trống của thư mục dữ liệu (--data)", "check that the data folder (--data) can be written and has room")
		if a.MongoDB != "" {
			next = text("kiểm tra MongoDB đang chạy và địa chỉ CHOPHIEN_MONGODB_URI", "check that MongoDB runs and the address in CHOPHIEN_MONGODB_URI")
		}
		bad(text("không mở được kho dữ liệu", "the store cannot be opened"), err, next)
		return findings
	}
	if a.MongoDB != "" {
		ok("kho dữ liệu: MongoDB", "store: MongoDB")
	} else {
		ok("kho dữ liệu: %s", "store: %s", filepath.Join(a.Data, "chophien.db"))
	}
	if f, err := examineProducts(ctx, store, a.Lang); err != nil {
		bad(text("không đọc được danh mục", "the catalog cannot be read"), err, text("khôi phục bản sao lưu: chophien restore", "restore a backup: chophien restore"))
	} else {
		findings = append(findings, f)
	}
	if _, err := a.openSealer(); err != nil {
		bad(text("không dùng được tệp khóa", "the key file cannot be used"), err, text("đặt lại bản sao của key.json, hoặc chỉ nó bằng CHOPHIEN_KEY_FILE", "put back the copy of key.json, or name it with CHOPHIEN_KEY_FILE"))
		return findings
	}
	ok("tệp khóa dùng được", "the key file works")
	if a.NATS != "" {
		queue, err := scheduler.OpenQueue(ctx, a.NATS)
		if err != nil {
			bad(text("không kết nối được NATS", "NATS cannot be reached"), err, text("bật máy chủ NATS có JetStream, hoặc bỏ CHOPHIEN_NATS_URL", "start a NATS server with JetStream, or leave out CHOPHIEN_NATS_URL"))
		} else {
			queue.Close()
			ok("NATS dùng được", "NATS works")
		}
	}
	if config == nil {
		return findings
	}
	return append(findings, c.examineChannels(ctx, a, config)...)
}

// examineProducts tells how many products lack something that buyers and
// platforms ask of them, and what the least complete one lacks first.
func examineProducts(ctx context.Context, store catalog.Store, lang string) (finding, error) {
	total, thin, least := 0, 0, 101
	var worst catalog.Product
	var lacks catalog.Issue
	for after := ""; ; {
		products, err := store.Products(ctx, catalog.ProductQuery{After: after, Limit: 500})
		if err != nil {
			return finding{}, err
		}
		if len(products) == 0 {
			break
		}
		after = products[len(products)-1].ID
		for _, p := range products {
			if p.Archived {
				continue
			}
			total++
			percent, missing := catalog.Completeness(p)
			if len(missing) == 0 {
				continue
			}
			thin++
			if percent < least {
				least, worst, lacks = percent, p, missing[0]
			}
		}
	}
	switch {
	case total == 0:
		return finding{OK: true, What: text("danh mục còn trống", "the catalog is empty"), Next: text("nhập bảng tính: chophien import FILE", "import a spreadsheet: chophien import FILE")}, nil
	case thin == 0:
		return finding{OK: true, What: text(fmt.Sprintf("%d sản phẩm, dữ liệu đầy đủ", total), fmt.Sprintf("%d products, their data complete", total))}, nil
	}
	return finding{
		OK:    true,
		What:  text(fmt.Sprintf("%d sản phẩm, %d sản phẩm còn thiếu dữ liệu", total, thin), fmt.Sprintf("%d products, %d of them lack data", total, thin)),
		Cause: fmt.Sprintf("%s (%d %%): %s", worst.ID, least, lacks.Message.In(lang)),
		Next:  text("bổ sung trong bảng tính rồi nhập lại: chophien export FILE, chophien import FILE", "add it in the spreadsheet and import that again: chophien export FILE, chophien import FILE"),
	}, nil
}

func (c *doctorCmd) examineChannels(ctx context.Context, a *app, config *connectors.Config) []finding {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return []finding{{What: text("không mở được các kênh", "the channels cannot be opened"), Cause: err.Error(), Next: text("sửa connectors.yaml", "correct connectors.yaml")}}
	}
	var findings []finding
	for _, channel := range config.Channels {
		if channel.Paused {
			findings = append(findings, finding{OK: true, What: text(fmt.Sprintf("kênh %s đang tạm dừng", channel.ID), fmt.Sprintf("channel %s is paused", channel.ID))})
			continue
		}
		if !c.Offline {
			account, err := engine.Check(ctx, channel.ID)
			if err != nil {
				findings = append(findings, finding{What: text(fmt.Sprintf("kênh %s không dùng được", channel.ID), fmt.Sprintf("channel %s does not work", channel.ID)), Cause: err.Error(), Next: nextStep(engine, channel.ID, err)})
				continue
			}
			findings = append(findings, finding{OK: true, What: text(fmt.Sprintf("kênh %s: %s", channel.ID, account.Name), fmt.Sprintf("channel %s: %s", channel.ID, account.Name))})
		}
		if warning, err := engine.Access(ctx, channel.ID); err == nil && warning != nil { // the check above says why it fails
			findings = append(findings, finding{What: text(fmt.Sprintf("kênh %s sắp hết quyền truy cập", channel.ID), fmt.Sprintf("channel %s will lose its access", channel.ID)), Cause: warning.Issue.Message.In(a.Lang), Next: text(fmt.Sprintf("chạy: chophien channels connect %s", channel.ID), fmt.Sprintf("run: chophien channels connect %s", channel.ID))})
		}
		counts, err := a.store.CountListings(ctx, channel.ID)
		if err == nil && counts[catalog.StatusBlocked] > 0 {
			findings = append(findings, finding{
				What:  text(fmt.Sprintf("kênh %s: %d tin đăng bị chặn", channel.ID, counts[catalog.StatusBlocked]), fmt.Sprintf("channel %s: %d listings are blocked", channel.ID, counts[catalog.StatusBlocked])),
				Cause: blockedReason(ctx, a.store, channel.ID, a.Lang),
				Next:  text("sửa dữ liệu sản phẩm theo lý do trên, rồi chạy chophien publish", "correct the product's data as the cause says, then run chophien publish"),
			})
		}
	}
	return append(findings, examineSources(ctx, engine, a.Lang)...)
}

// examineSources tells which sources of market prices need a person.
func examineSources(ctx context.Context, engine *scheduler.Engine, lang string) (findings []finding) {
	well := 0
	for _, s := range engine.Sources() {
		state, err := engine.SourceState(ctx, s.ID)
		switch {
		case err != nil:
			findings = append(findings, finding{What: text("không đọc được tình trạng nguồn giá "+s.ID, "the state of source "+s.ID+" cannot be read"), Cause: err.Error()})
		case state.Attention != nil && state.Hash == s.Hash && !s.Paused:
			findings = append(findings, finding{
				What: text("nguồn giá "+s.ID+" cần xem lại", "source "+s.ID+" needs attention"), Cause: state.Attention.Message.In(lang),
				Next: text("chạy: chophien watch explain "+s.ID, "run: chophien watch explain "+s.ID),
			})
		default:
			well++
		}
	}
	if well > 0 {
		findings = append(findings, finding{OK: true, What: text(fmt.Sprintf("%d nguồn giá thị trường", well), fmt.Sprintf("%d sources of market prices", well))})
	}
	return findings
}

// blockedReason tells why the first of the blocked listings is blocked.
func blockedReason(ctx context.Context, store catalog.Store, id catalog.ChannelID, lang string) string {
	listings, err := store.Listings(ctx, catalog.ListingQuery{Channel: id, Status: catalog.StatusBlocked, Limit: 1})
	if err != nil || len(listings) == 0 {
		return ""
	}
	l := listings[0]
	reason := scheduler.Reason(l.Reason).In(lang)
	if len(l.Issues) > 0 {
		reason = l.Issues[0].Message.In(lang)
	}
	return l.ProductID + ": " + reason
}

// nextStep is what to do about a channel that does not work.
func nextStep(engine *scheduler.Engine, id catalog.ChannelID, err error) catalog.Text {
	switch connectors.KindOf(err) {
	case connectors.Auth:
		if c, unknown := engine.Channel(id); unknown == nil && c.Authorizer != nil {
			return text(fmt.Sprintf("để người bán cấp quyền lại: chophien channels connect %s", id), fmt.Sprintf("have the seller agree again: chophien channels connect %s", id))
		}
		return text("kiểm tra khóa kết nối của kênh trong connectors.yaml", "check the channel's keys in connectors.yaml")
	case connectors.Fatal, connectors.NotFound:
		return text("kiểm tra địa chỉ và cấu hình của kênh trong connectors.yaml", "check the channel's address and settings in connectors.yaml")
	case connectors.RateLimited:
		return text("chờ vài phút rồi chạy lại", "wait a few minutes, then run this again")
	}
	return text("kiểm tra mạng và địa chỉ cửa hàng, rồi chạy lại", "check the network and the shop's address, then run this again")
}
