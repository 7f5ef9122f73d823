package main

import (
	"context"
	"fmt"

	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
)

type watchCmd struct {
	Add     watchAddCmd     `cmd:"" help:"Thêm một nguồn giá từ địa chỉ trang. / Add a source from the address of a page."`
	Run     watchRunCmd     `cmd:"" help:"Đọc các nguồn đến hạn, hoặc một nguồn. / Read the sources that are due, or one source."`
	List    watchListCmd    `cmd:"" help:"Xem các nguồn giá và tình trạng. / List the sources and how they are."`
	Test    watchTestCmd    `cmd:"" help:"Đọc thử một nguồn, không lưu gì. / Read a source and store nothing."`
	Explain watchExplainCmd `cmd:"" help:"Giải thích giá lấy từ đâu, vì sao. / Explain where a price is read and why."`
	Quote   watchQuoteCmd   `cmd:"" help:"Ghi giá nghe qua điện thoại. / Note a price that was told by phone."`
	Matches watchMatchesCmd `cmd:"" help:"Các dòng giá chờ xác nhận là hàng gì. / Rows that wait for a person to say what they are."`
	Confirm watchConfirmCmd `cmd:"" help:"Xác nhận một dòng giá là hàng gì. / Confirm what a row is a price of."`
	Reject  watchRejectCmd  `cmd:"" help:"Dòng giá này không phải hàng của ta. / A row is none of our goods."`
}

type watchRunCmd struct {
	Source string `arg:"" optional:"" help:"Chỉ nguồn này, dù chưa đến hạn. / Only this source, due or not."`
	All    bool   `help:"Mọi nguồn, dù chưa đến hạn. / All sources, due or not."`
	Accept bool   `help:"Chấp nhận điều khác trước (trang khác, ít dòng hơn). / Take what differs from before for right (another title, fewer rows)."`
	JSON   bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run reads sources and stores what changed.
func (c *watchRunCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	options := scheduler.WatchOptions{Accept: c.Accept}
	switch {
	case c.Source != "":
		if _, err := a.source(engine, c.Source); err != nil {
			return err
		}
		options.Sources = []string{c.Source}
	case c.All:
		options.Sources = sourceIDs(engine)
	}
	_, results, err := engine.Watch(ctx, options)
	if err != nil {
		return err
	}
	needs := 0
	for _, r := range results {
		if r.Attention != nil {
			needs++
		}
	}
	if c.JSON {
		if results == nil {
			results = []scheduler.Watched{}
		}
		if err := a.printJSON(results); err != nil {
			return err
		}
	} else {
		a.sayWatched(results)
	}
	if needs > 0 {
		return withCode(exitPartial, errTold)
	}
	return nil
}

func sourceIDs(engine *scheduler.Engine) []string {
	ids := []string{}
	for _, s := range engine.Sources() {
		ids = append(ids, s.ID)
	}
	return ids
}

// source finds a source, or tells which there are.
func (a *app) source(engine *scheduler.Engine, id string) (connectors.SourceConfig, error) {
	s, err := engine.Source(id)
	if err != nil {
		return s, withCode(exitUsage, fmt.Errorf("%w; known sources: %v", err, sourceIDs(engine)))
	}
	return s, nil
}

func (a *app) sayWatched(results []scheduler.Watched) {
	if len(results) == 0 {
		a.say("Chưa nguồn nào đến hạn.", "No source is due.")
		return
	}
	for _, r := range results {
		switch {
		case r.Attention != nil:
			a.say("%s: CẦN XEM LẠI: %s", "%s: NEEDS ATTENTION: %s", r.Source, r.Attention.Message.In(a.Lang))
		case r.NotModified:
			a.say("%s: không đổi, %d giá vẫn còn đúng.", "%s: not changed, %d prices still hold.", r.Source, r.Prices)
		case r.TooSoon:
			a.say("%s: trang xin chờ đến %s.", "%s: the site asked to wait until %s.", r.Source, when(r.NextAt))
		default:
			a.say("%s: %d giá, %d mới, %d chờ xác nhận, %d không có giá.", "%s: %d prices, %d new, %d to be confirmed, %d without a price.", r.Source, r.Prices, r.New, r.Waiting, r.None)
		}
	}
}

type watchListCmd struct {
	JSON bool `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// watchedSource is a source as watch list prints it.
type watchedSource struct {
	ID    string                `json:"id"`
	Name  string                `json:"name,omitempty"`
	Kind  connectors.SourceKind `json:"kind"`
	URL   string                `json:"url,omitempty"`
	State scheduler.SourceState `json:"state"`
}

// Run lists the sources and how they are.
func (c *watchListCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	list, rows := []watchedSource{}, [][]string{}
	for _, s := range engine.Sources() {
		state, err := engine.SourceState(ctx, s.ID)
		if err != nil {
			return err
		}
		list = append(list, watchedSource{s.ID, s.Name, s.Kind, s.Address(), state})
		how, next := a.t("tốt", "well"), when(state.NextAt)
		switch {
		case s.Paused:
			how, next = a.t("tạm dừng trong connectors.yaml", "paused in connectors.yaml"), "–"
		case state.Attention != nil:
			how = state.Attention.Message.In(a.Lang)
		case s.Kind == connectors.SourceQuote:
			how, next = a.t("người nhập", "typed by a person"), "–"
		case state.ReadAt.IsZero():
			how = a.t("chưa đọc", "not read yet")
		}
		if state.Paused {
			next = "–"
		}
		rows = append(rows, []string{s.ID, string(s.Kind), fmt.Sprint(state.Priced), when(state.GoodAt), next, how})
	}
	if c.JSON {
		return a.printJSON(list)
	}
	if len(rows) == 0 {
		a.say("Chưa có nguồn giá nào. Thêm: chophien watch add ĐỊA-CHỈ", "There is no source yet. Add one: chophien watch add URL")
		return nil
	}
	a.table([]string{a.t("Nguồn", "Source"), a.t("Loại", "Kind"), a.t("Giá", "Prices"), a.t("Đọc được lúc", "Read"), a.t("Lần tới", "Next"), a.t("Tình trạng", "How it is")}, rows)
	return nil
}

// price writes an observation's price for people: "185.000 ₫ / 500 ml".
func (a *app) price(o pricewatch.Observation) string {
	amount := func(low, high string) string {
		switch {
		case low == "":
			return "≤ " + high
		case high == "":
			return "≥ " + low
		case low == high:
			return low
		}
		return low + " – " + high
	}
	write := func(valid bool, text string) string {
		if valid {
			return text
		}
		return ""
	}
	text := amount(write(o.AmountMin.Valid, pricewatch.Amount(o.AmountMin.Decimal, o.Subject.Currency, a.Lang)), write(o.AmountMax.Valid, pricewatch.Amount(o.AmountMax.Decimal, o.Subject.Currency, a.Lang)))
	if o.Unit != "" {
		text += " / " + pricewatch.Number(o.Quantity, a.Lang) + " " + o.Unit
	}
	return text
}

// perBase writes what a base unit costs: "370.000 ₫/lít", "–" when not known.
func (a *app) perBase(o pricewatch.Observation) string {
	per, ok := o.Per()
	if !ok {
		return "–"
	}
	return o.Subject.Amount(per, a.Lang)
}
