package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/market"
)

type watchTestCmd struct {
	Source string `arg:"" help:"Nguồn. / The source."`
	JSON   bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run reads a source and prints what it says; nothing is stored.
func (c *watchTestCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	s, err := a.source(engine, c.Source)
	if err != nil {
		return err
	}
	if s.Kind == connectors.SourceQuote {
		return withCode(exitUsage, fmt.Errorf("source %s is typed by a person: chophien watch quote %s PRICE", s.ID, s.ID))
	}
	reading, issue, err := engine.TryWatch(ctx, s)
	if err != nil {
		return err
	}
	if c.JSON {
		if reading.Quotes == nil {
			reading.Quotes = []connectors.Quote{}
		}
		if err := a.printJSON(reading.Quotes); err != nil {
			return err
		}
	} else {
		a.sayQuotes(reading.Quotes)
	}
	if issue != nil {
		a.sayErr("Cần xem lại: "+issue.Message.VI, "Needs attention: "+issue.Message.EN)
		return withCode(exitPartial, errTold)
	}
	return nil
}

// noPrices are the reasons for which there is no price, in words.
func (a *app) noPrice(why string) string {
	switch why {
	case connectors.NoPriceContact:
		return a.t("liên hệ", "ask the seller")
	case connectors.NoPriceSoldOut:
		return a.t("hết hàng", "sold out")
	case connectors.NoPriceSelector:
		return a.t("bộ chọn không thấy giá", "the selector finds no price")
	case connectors.NoPriceCurrency:
		return a.t("không rõ loại tiền", "unknown currency")
	}
	return a.t("không đọc được", "unreadable")
}

func (a *app) sayQuotes(quotes []connectors.Quote) {
	var rows [][]string
	for _, q := range quotes {
		price, per := a.price(q.Observation), a.perBase(q.Observation)
		if q.NoPrice != "" {
			price, per = a.noPrice(q.NoPrice), "–"
		}
		rows = append(rows, []string{shorten(q.Name, 40), q.Subject.Region, string(q.Subject.Side), price, per, fmt.Sprintf("%.2f", q.Confidence), shorten(strings.TrimSpace(q.Evidence.Method+" "+q.Evidence.Path+": "+q.Evidence.Text), 70)})
	}
	if len(rows) == 0 {
		a.say("Không thấy giá nào.", "There is no price.")
		return
	}
	a.table([]string{a.t("Tên", "Name"), a.t("Nơi", "Region"), a.t("Bên", "Side"), a.t("Giá", "Price"), a.t("Quy đổi", "Per unit"), a.t("Tin cậy", "Confidence"), a.t("Lấy từ", "Read from")}, rows)
}

// shorten cuts a text for a column.
func shorten(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit-1]) + "…"
}

type watchExplainCmd struct {
	Source string `arg:"" help:"Nguồn, hoặc địa chỉ trang. / The source, or the address of a page."`
	JSON   bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run tells every price that a page offers, which one was chosen and why.
func (c *watchExplainCmd) Run(ctx context.Context, a *app) error {
	s := connectors.SourceConfig{ID: "page", Kind: connectors.SourcePage, URL: c.Source}
	if !strings.Contains(c.Source, "://") {
		engine, err := a.openEngine(ctx)
		if err != nil {
			return err
		}
		if s, err = a.source(engine, c.Source); err != nil {
			return err
		}
		if s.Kind == connectors.SourceQuote || s.Kind == connectors.SourceFile || s.Kind == connectors.SourceAPI {
			return withCode(exitUsage, fmt.Errorf("source %s is of kind %s; chophien watch test %s shows its rows with where each was read", s.ID, s.Kind, s.ID))
		}
	}
	reader, err := a.openReader()
	if err != nil {
		return err
	}
	e, err := reader.Explain(ctx, s)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(e)
	}
	a.sayExplanation(e)
	return nil
}

func (a *app) sayExplanation(e market.Explanation) {
	r := e.Reading
	a.say("Trang: %s\n%s", "Page: %s\n%s", r.Title, e.URL)
	switch {
	case r.Kind != market.KindNone:
		amount := r.AmountMin
		if r.AmountMax != r.AmountMin {
			amount = strings.Trim(r.AmountMin+" – "+r.AmountMax, " –")
		}
		a.say("Giá: %s %s / %s %s (tin cậy %.2f): %s", "Price: %s %s / %s %s (confidence %.2f): %s", amount, r.Currency, r.UnitQty, r.Unit, r.Confidence, r.Evidence)
	case len(r.Rows) > 0:
		a.say("Không có giá của riêng trang; có %d dòng giá: %s", "The page has no price of its own; there are %d rows: %s", len(r.Rows), r.Evidence)
	default:
		a.say("Không có giá: %s", "No price: %s", r.Evidence)
	}
	if r.Availability != "" {
		a.say("Tình trạng hàng: %s", "Availability: %s", r.Availability)
	}
	if len(r.Flags) > 0 {
		a.say("Lưu ý: %s", "Flags: %s", strings.Join(r.Flags, ", "))
	}
	var rows [][]string
	for _, k := range e.Candidates {
		mark := ""
		switch {
		case k.Chosen:
			mark = "✓"
		case k.Struck:
			mark = a.t("giá cũ", "struck out")
		}
		amount := k.AmountMin
		if k.AmountMax != k.AmountMin {
			amount += " – " + k.AmountMax
		}
		rows = append(rows, []string{mark, k.Method, amount, k.Currency, k.Availability, fmt.Sprint(k.Score), shorten(k.Path, 50), shorten(k.Text, 40)})
	}
	if len(rows) > 0 {
		fmt.Fprintln(a.stdout)
		a.table([]string{"", a.t("Nguồn trong trang", "In the page"), a.t("Giá", "Price"), a.t("Tiền", "Currency"), a.t("Còn hàng", "Availability"), a.t("Điểm", "Score"), a.t("Chỗ", "Where"), a.t("Chữ", "Text")}, rows)
	}
	rows = nil
	for _, row := range r.Rows[:min(len(r.Rows), 12)] {
		rows = append(rows, []string{shorten(row.Name, 40), row.Region, row.Side, row.AmountMin, row.AmountMax, row.Currency, strings.TrimSpace(row.UnitQty + " " + row.Unit), shorten(row.Text, 40)})
	}
	if len(rows) > 0 {
		fmt.Fprintln(a.stdout)
		a.table([]string{a.t("Dòng", "Row"), a.t("Nơi", "Region"), a.t("Bên", "Side"), a.t("Từ", "From"), a.t("Đến", "To"), a.t("Tiền", "Currency"), a.t("Đơn vị", "Unit"), a.t("Chữ", "Text")}, rows)
	}
}
