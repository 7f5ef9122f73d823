package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/market"
)

type watchMatchesCmd struct {
	Source string `arg:"" optional:"" help:"Chỉ nguồn này. / Only this source."`
	All    bool   `help:"Cả những dòng đã xác nhận và đã loại. / Those that were confirmed or rejected too."`
	Limit  int    `help:"Nhiều nhất bao nhiêu dòng. / At most so many rows." default:"100"`
	JSON   bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

var errEnough = errors.New("enough")

// Run lists the rows that wait for a person.
func (c *watchMatchesCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	items, rows := []pricewatch.Item{}, [][]string{}
	err = engine.Items(ctx, c.Source, func(i pricewatch.Item) error {
		if !c.All && i.Match.State != pricewatch.Proposed {
			return nil
		}
		if len(items) == c.Limit {
			return errEnough
		}
		price, what := "–", i.Match.Commodity+" "+i.Match.Product
		if i.Last != nil {
			price = a.price(*i.Last)
			what = i.Last.Subject.Commodity + " " + i.Last.Subject.Product
		}
		if i.Match.State == pricewatch.Proposed {
			var likely []string
			for _, p := range i.Match.Proposals {
				likely = append(likely, strings.TrimSpace(p.Commodity+" "+p.Product+" "+p.Grade)+fmt.Sprintf(" (%d)", p.Score))
			}
			what = strings.Join(likely, ", ")
		}
		items = append(items, i)
		rows = append(rows, []string{i.ID(), shorten(i.Name, 40), price, string(i.Match.State), strings.TrimSpace(what)})
		return nil
	})
	more := errors.Is(err, errEnough)
	if err != nil && !more {
		return err
	}
	if c.JSON {
		return a.printJSON(items)
	}
	if len(rows) == 0 {
		a.say("Không có dòng nào chờ xác nhận.", "No row waits to be confirmed.")
		return nil
	}
	a.table([]string{a.t("Dòng", "Row"), a.t("Tên", "Name"), a.t("Giá", "Price"), a.t("Tình trạng", "State"), a.t("Có thể là (điểm)", "Likely (score)")}, rows)
	if more {
		a.say("… còn nữa: --limit", "… and more: --limit")
	}
	a.say("\nXác nhận: chophien watch confirm DÒNG [--product MÃ | --commodity NGÀNH]   Loại: chophien watch reject DÒNG", "\nConfirm: chophien watch confirm ROW [--product ID | --commodity CODE]   Reject: chophien watch reject ROW")
	return nil
}

type watchConfirmCmd struct {
	Row       string `arg:"" help:"Dòng, như trong watch matches; viết phần đầu cũng được. / The row as watch matches shows it, or how it begins."`
	Product   string `help:"Mã sản phẩm của ta. / ID of our product."`
	Commodity string `help:"Mã ngành hàng, ví dụ honey. / Category code, for example honey."`
	Grade     string `help:"Hạng, ví dụ ocop-4. / Grade, for example ocop-4."`
	Side      string `help:"Bên: farm-gate, wholesale, retail, fob, futures. / Side of the price." enum:",farm-gate,wholesale,retail,fob,futures" default:""`
	Region    string `help:"Nơi. / Region."`
	Unit      string `help:"Đơn vị, ví dụ 500 ml. / Unit, for example 500 ml."`
	JSON      bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run settles what a row is.
func (c *watchConfirmCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	commodity, err := commodityCode(c.Commodity)
	if err != nil {
		return err
	}
	item, err := engine.FindItem(ctx, c.Row)
	if err != nil {
		return withCode(exitUsage, err)
	}
	item, err = engine.Confirm(ctx, item.ID(), pricewatch.Match{Commodity: commodity, Product: c.Product, Grade: c.Grade, Side: pricewatch.Side(c.Side), Region: c.Region, Unit: c.Unit})
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(item)
	}
	a.say("%s là %s; từ nay được tính.", "%s is %s; it counts from now on.", item.Name, strings.TrimSpace(item.Match.Commodity+" "+item.Match.Product))
	return nil
}

// commodityCode reads a category as people write it.
func commodityCode(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	c, ok := catalog.FindCategory(text)
	if !ok {
		return "", withCode(exitUsage, fmt.Errorf("commodity %q is no category of ours, such as honey, tea, pepper or coffee", text))
	}
	return c.Code, nil
}

type watchRejectCmd struct {
	Rows []string `arg:"" help:"Các dòng, như trong watch matches. / Rows as watch matches shows them."`
}

// Run settles for ever that rows are none of ours.
func (c *watchRejectCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	for _, row := range c.Rows {
		item, err := engine.FindItem(ctx, row)
		if err != nil {
			return withCode(exitUsage, err)
		}
		if item, err = engine.Reject(ctx, item.ID()); err != nil {
			return err
		}
		a.say("%s: đã loại, không hỏi lại.", "%s: rejected, and not asked again.", item.Name)
	}
	return nil
}

type watchQuoteCmd struct {
	Source string   `arg:"" help:"Nguồn loại quote. / A source of kind quote."`
	Price  []string `arg:"" help:"Giá, ví dụ 145.000đ/kg. / The price, for example 145.000đ/kg."`
	Name   string   `help:"Của mặt hàng nào. / Of what."`
	Seller string   `help:"Ai mua hoặc bán. / Who pays or asks it."`
	Region string   `help:"Ở đâu. / Where."`
	Grade  string   `help:"Hạng, ví dụ loai-1. / Grade, for example loai-1."`
	Side   string   `help:"Bên: farm-gate, wholesale, retail. / Side of the price."`
	Date   string   `help:"Ngày, ví dụ 20/11/2026. / Date, for example 20/11/2026."`
	JSON   bool     `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run stores a price that a person was told.
func (c *watchQuoteCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	s, err := a.source(engine, c.Source)
	if err != nil {
		return err
	}
	if s.Kind != connectors.SourceQuote {
		return withCode(exitUsage, fmt.Errorf("source %s is of kind %s; prices are typed into sources of kind quote", s.ID, s.Kind))
	}
	q, err := market.TypedQuote(s, market.Typed{Price: strings.Join(c.Price, " "), Name: c.Name, Seller: c.Seller, Region: c.Region, Grade: c.Grade, Side: c.Side, Date: c.Date})
	if err != nil {
		return withCode(exitUsage, err)
	}
	if _, err := engine.TakeQuote(ctx, q); err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(q)
	}
	a.say("Đã ghi: %s, %s, %s.", "Noted: %s, %s, %s.", q.Name, a.price(q.Observation), q.Subject.Side)
	return nil
}
