package main

import (
	"context"
	"fmt"
	"slices"

	decimals "github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog/pricewatch"
)

type pricesCompareCmd struct {
	marketFlags
	JSON bool `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// compared is our own price beside the market, for programs; figures are per
// base unit, as decimal texts.
type compared struct {
	Product   string                   `json:"product,omitempty"`
	Subject   pricewatch.Subject       `json:"subject"`
	Own       []pricewatch.Own         `json:"own"`
	Market    []pricewatch.Observation `json:"market"` // the last price of each seller's item, cheapest first
	Band      pricewatch.Band          `json:"band"`
	Advice    *pricewatch.Advice       `json:"advice,omitempty"`
	Undercuts []pricewatch.Undercut    `json:"undercuts,omitempty"`
}

// Run puts what buyers are asked on our channels beside what others ask.
func (c *pricesCompareCmd) Run(ctx context.Context, a *app) error {
	engine, view, err := c.view(ctx, a)
	if err != nil {
		return err
	}
	out := compared{Product: c.Product, Subject: view.Subject, Own: view.Own, Market: []pricewatch.Observation{}, Band: view.Band, Advice: view.Advice}
	if out.Own == nil {
		out.Own = []pricewatch.Own{}
	}
	if view.Product != nil {
		all, err := engine.OwnPrices(ctx, *view.Product)
		if err != nil {
			return err
		}
		out.Undercuts = pricewatch.Undercuts(all, pricewatch.ParityTolerance)
	}
	err = engine.Items(ctx, "", func(i pricewatch.Item) error {
		if i.Match.Counts() && i.Last != nil && i.GoneAt.IsZero() && view.Subject.Covers(i.Last.Subject) {
			out.Market = append(out.Market, *i.Last)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(out.Market, func(a, b pricewatch.Observation) int {
		x, _ := a.Per()
		y, _ := b.Per()
		return x.Cmp(y)
	})
	if c.JSON {
		return a.printJSON(out)
	}
	a.sayCompared(out)
	return nil
}

func (a *app) sayCompared(c compared) {
	per := func(d decimals.Decimal) string { return c.Subject.Amount(d, a.Lang) }
	var own decimals.Decimal
	var rows [][]string
	for _, o := range c.Own {
		if own.IsZero() {
			own = o.Per
		}
		name := string(o.Channel)
		if name == "" {
			name = a.t("danh mục gốc", "the master catalog")
		}
		note := ""
		if o.Price.Sale != nil {
			note = a.t("khuyến mãi", "on sale")
		}
		rows = append(rows, []string{a.t("ta", "ours"), name, string(o.SKU), o.Price.Asked().String(), per(o.Per), "", when(o.SeenAt), note})
	}
	for _, o := range c.Market {
		p, _ := o.Per()
		beside := ""
		if own.IsPositive() {
			beside = pricewatch.Percent(p.Sub(own).DivRound(own, 6), a.Lang, true)
		}
		note := o.Availability
		switch {
		case o.Doubtful():
			note = a.t("đáng ngờ, không tính", "doubtful, not counted")
		case o.Availability == "InStock":
			note = ""
		}
		rows = append(rows, []string{a.t("chợ", "market"), o.Seller, shorten(o.Name, 36), a.price(o), per(p), beside, when(o.LastSeenAt), note})
	}
	if len(rows) == 0 {
		a.say("Chưa có giá nào. Thêm nguồn: chophien watch add ĐỊA-CHỈ", "There is no price yet. Add a source: chophien watch add URL")
		return
	}
	a.table([]string{"", a.t("Nơi bán", "Seller"), a.t("Hàng", "Goods"), a.t("Giá", "Price"), a.t("Quy đổi", "Per unit"), a.t("So với ta", "Beside ours"), a.t("Thấy lúc", "Seen"), ""}, rows)
	fmt.Fprintln(a.stdout)
	if !c.Band.Empty() {
		a.say("Giá giữa %s (một nửa số nơi bán: %s – %s); %d nơi bán, %d nguồn, %d ngày.", "Median %s (half of the sellers: %s – %s); %d sellers, %d sources, %d days.",
			per(c.Band.Median), per(c.Band.Low), per(c.Band.High), c.Band.Sellers, c.Band.Sources, c.Band.Days)
	}
	if c.Advice != nil {
		a.say("%s", "%s", c.Advice.Text.In(a.Lang))
	}
	for _, u := range c.Undercuts {
		a.say("! %s", "! %s", u.Text().In(a.Lang))
	}
}

// market lists the last price of every item that counts, page by page.
func (c *pricesListCmd) market(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	list, rows := []pricewatch.Observation{}, [][]string{}
	err = engine.Items(ctx, c.Source, func(i pricewatch.Item) error {
		if !i.Match.Counts() || i.Last == nil {
			return nil
		}
		o := *i.Last
		if c.JSON {
			list = append(list, o)
			return nil
		}
		note := ""
		switch {
		case o.Doubtful():
			note = a.t("đáng ngờ", "doubtful")
		case !i.GoneAt.IsZero():
			note = a.t("không còn", "gone")
		case i.NoPrice != "":
			note = a.noPrice(i.NoPrice)
		}
		rows = append(rows, []string{o.Source, shorten(o.Name, 36), o.Subject.Commodity, o.Subject.Grade, o.Subject.Region, string(o.Subject.Side), a.price(o), a.perBase(o), when(o.SeenAt), note})
		return nil
	})
	switch {
	case err != nil:
		return err
	case c.JSON:
		return a.printJSON(list)
	case len(rows) == 0:
		a.say("Chưa có giá thị trường nào. Đọc: chophien watch run", "There is no market price yet. Read some: chophien watch run")
		return nil
	}
	a.table([]string{a.t("Nguồn", "Source"), a.t("Tên", "Name"), a.t("Ngành hàng", "Commodity"), a.t("Hạng", "Grade"), a.t("Nơi", "Region"), a.t("Bên", "Side"), a.t("Giá", "Price"), a.t("Quy đổi", "Per unit"), a.t("Từ lúc", "Since"), ""}, rows)
	return nil
}
