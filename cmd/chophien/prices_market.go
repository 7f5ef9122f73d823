package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/scheduler"
	"github.com/chophien/chophien/web/chart"
)

// marketFlags say which market is meant.
type marketFlags struct {
	Product   string `arg:"" optional:"" help:"Mã sản phẩm của mình. / ID of our product."`
	Commodity string `help:"Mặt hàng (mã hoặc tên ngành hàng), thay cho sản phẩm. / A commodity (category code or name) instead of a product."`
	Side      string `help:"Khâu bán. / Where in the chain the price is paid." enum:"retail,wholesale,farm-gate,fob,futures" default:"retail"`
	Grade     string `help:"Hạng, ví dụ ocop-4. / Grade, such as ocop-4."`
	Region    string `help:"Chỉ vùng này. / Only this region."`
	Unit      string `help:"Đơn vị gốc: kg, l, m, cái… / Base unit: kg, l, m, cái…"`
	Currency  string `help:"Chỉ loại tiền này. / Only this currency."`
	Days      int    `help:"Bao nhiêu ngày gần nhất. / How many days up to today." default:"90"`
}

// view opens the engine and looks at the market that the flags mean.
func (f marketFlags) view(ctx context.Context, a *app) (*scheduler.Engine, scheduler.MarketView, error) {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return nil, scheduler.MarketView{}, err
	}
	query, err := f.query(a.now())
	if err != nil {
		return nil, scheduler.MarketView{}, err
	}
	view, err := engine.ViewMarket(ctx, query)
	if errors.Is(err, catalog.ErrNotFound) {
		err = withCode(exitUsage, err)
	}
	return engine, view, err
}

func (f marketFlags) query(now time.Time) (scheduler.MarketQuery, error) {
	q := scheduler.MarketQuery{
		Product: f.Product, Commodity: f.Commodity, Grade: f.Grade, Region: f.Region, Side: pricewatch.Side(f.Side), Unit: f.Unit, Currency: f.Currency,
		From: now.AddDate(0, 0, 1-f.Days), To: now,
	}
	switch {
	case (f.Product == "") == (f.Commodity == ""):
		return q, withCode(exitUsage, errors.New("name a product, or a commodity with --commodity, not both"))
	case f.Days < 1 || f.Days > pricewatch.MaxDays:
		return q, withCode(exitUsage, fmt.Errorf("--days must be 1 to %d", pricewatch.MaxDays))
	}
	if f.Commodity != "" {
		category, ok := catalog.FindCategory(f.Commodity)
		if !ok {
			return q, withCode(exitUsage, fmt.Errorf("commodity %q: no such category; use a code such as honey or pepper", f.Commodity))
		}
		q.Commodity = category.Code
	}
	return q, nil
}

type pricesChartCmd struct {
	marketFlags
	Out   string `required:"" help:"Tệp .svg hoặc .png. / An .svg or .png file." type:"path"`
	Width int    `help:"Rộng bao nhiêu điểm: 360 cho điện thoại, 720 cho trang in. / Width in pixels: 360 for phones, 720 for pages and print." default:"720"`
}

// Run draws our own price against what others ask.
func (c *pricesChartCmd) Run(ctx context.Context, a *app) error {
	kind := strings.ToLower(filepath.Ext(c.Out))
	if kind != ".svg" && kind != ".png" {
		return withCode(exitUsage, fmt.Errorf("%s: the name must end in .svg or .png", c.Out))
	}
	if c.Width < 300 || c.Width > 2000 {
		return withCode(exitUsage, errors.New("--width must be 300 to 2000"))
	}
	_, view, err := c.view(ctx, a)
	if err != nil {
		return err
	}
	data := chart.Of(view, a.Lang)
	err = replaceFile(c.Out, 0o644, func(w *os.File) error {
		if kind == ".png" {
			return chart.PNG(w, data, chart.Size(c.Width))
		}
		_, err := io.WriteString(w, chart.SVG(data, chart.Size(c.Width)))
		return err
	})
	if err != nil {
		return err
	}
	a.say("Đã vẽ: %s", "Drawn: %s", c.Out)
	if len(view.Days) == 0 {
		a.say("Chưa có giá thị trường nào trong thời gian này. Đọc giá: chophien watch run", "There are no market prices in this time yet. Read some: chophien watch run")
	}
	if data.Note != "" {
		a.say("%s", "%s", data.Note)
	}
	return nil
}

type pricesAdviceCmd struct {
	Product string `arg:"" optional:"" help:"Mã sản phẩm; để trống thì mọi sản phẩm của các mặt hàng được theo dõi. / ID of a product; empty = all products of the commodities that are watched."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// adviceJSON is one advice for programs; figures are per base unit, as decimal
// texts.
type adviceJSON struct {
	Product   string                `json:"product"`
	SKU       catalog.SKU           `json:"sku"`
	Channel   catalog.ChannelID     `json:"channel,omitempty"`
	Own       string                `json:"own"`
	Kind      pricewatch.AdviceKind `json:"kind"`
	Text      catalog.Text          `json:"text"`
	Band      pricewatch.Band       `json:"band"`
	Undercuts []catalog.Text        `json:"undercuts,omitempty"`
	Gap       *catalog.Text         `json:"gap,omitempty"`
}

// Run says one sentence about each product's price, and changes none.
func (c *pricesAdviceCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	list := []adviceJSON{}
	for advised, err := range engine.Advise(ctx, c.Product, a.now()) {
		if errors.Is(err, catalog.ErrNotFound) {
			return withCode(exitUsage, err)
		}
		if err != nil {
			return err
		}
		out := adviceJSON{
			Product: advised.Product.ID, SKU: advised.Own.SKU, Channel: advised.Own.Channel, Own: advised.Own.Per.String(),
			Kind: advised.Advice.Kind, Text: advised.Advice.Text, Band: advised.Band,
		}
		for _, u := range advised.Undercuts {
			out.Undercuts = append(out.Undercuts, u.Text())
		}
		if advised.Gap != nil {
			text := advised.Gap.Text()
			out.Gap = &text
		}
		if list = append(list, out); c.JSON {
			continue
		}
		a.say("%s", "%s", out.Text.In(a.Lang))
		for _, text := range out.Undercuts {
			a.say("  ! %s", "  ! %s", text.In(a.Lang))
		}
		if out.Gap != nil {
			a.say("  %s", "  %s", out.Gap.In(a.Lang))
		}
	}
	if c.JSON {
		return a.printJSON(list)
	}
	if len(list) == 0 {
		a.say("Chưa có gì để khuyên: sản phẩm cần giá và khối lượng tịnh, và mặt hàng cần nguồn giá (chophien watch add URL).", "Nothing to advise on yet: a product needs a price and a net content, and its commodity a source (chophien watch add URL).")
	}
	return nil
}

// now is the time by the clock of the service.
func (a *app) now() time.Time {
	if a.clock != nil {
		return a.clock.Now()
	}
	return time.Now()
}
