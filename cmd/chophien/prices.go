package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/scheduler"
)

type pricesCmd struct {
	Pull    pricesPullCmd    `cmd:"" help:"Đọc giá đang hiện trên các kênh. / Read the prices that the channels show."`
	List    pricesListCmd    `cmd:"" help:"Xem giá đã đọc. / List prices that were read."`
	Read    pricesReadCmd    `cmd:"" help:"Đọc giá từ văn bản ở đầu vào chuẩn. / Read prices from texts on standard input."`
	Chart   pricesChartCmd   `cmd:"" help:"Vẽ giá của mình so với giá nơi khác. / Draw our own price against what others ask."`
	Compare pricesCompareCmd `cmd:"" help:"Giá của mình bên cạnh giá thị trường. / Our own prices beside the market's."`
	Advice  pricesAdviceCmd  `cmd:"" help:"Một câu khuyên cho mỗi sản phẩm: rẻ, vừa hay đắt. / One sentence for each product: cheap, in line or dear."`
	Export  pricesExportCmd  `cmd:"" help:"Xuất mọi giá thị trường đã đọc ra bảng tính. / Export all market prices that were read."`
}

type pricesPullCmd struct {
	Channel string `help:"Chỉ kênh này. / Only this channel."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run reads back what the channels show, prices included.
func (c *pricesPullCmd) Run(ctx context.Context, a *app) error {
	return a.eachChannel(ctx, c.Channel, c.JSON, func(engine *scheduler.Engine, id catalog.ChannelID) (catalog.Run, error) {
		return engine.Observe(ctx, id)
	}, func(run catalog.Run) {
		a.say("Kênh %s: đọc giá của %d tin đăng, %d giá mới.", "Channel %s: read the prices of %d listings, %d new ones.", run.Channel, run.Counts["listings"], run.Counts["prices"])
	})
}

type pricesListCmd struct {
	Channel string `help:"Chỉ kênh này. / Only this channel."`
	SKU     string `name:"sku" help:"Chỉ mã này. / Only this SKU."`
	Market  bool   `help:"Giá thị trường mới nhất thay cho giá của mình. / The latest market prices instead of our own."`
	Source  string `help:"Chỉ nguồn giá này, cùng với --market. / Only this source, with --market."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run lists the observed prices, oldest first.
func (c *pricesListCmd) Run(ctx context.Context, a *app) error {
	if c.Market {
		return c.market(ctx, a)
	}
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	query := catalog.RecordQuery{Kind: catalog.KindObservation}
	if c.Channel != "" {
		query.Prefix = c.Channel + "/"
		if c.SKU != "" {
			query.Prefix += c.SKU + "/"
		}
	}
	observations, rows := []catalog.PriceObservation{}, [][]string{}
	for {
		records, err := store.Records(ctx, query)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			break
		}
		for _, r := range records {
			var o catalog.PriceObservation
			if err := json.Unmarshal(r.Data, &o); err != nil {
				return fmt.Errorf("price observation %s: %w", r.ID, err)
			}
			if c.SKU != "" && o.SKU != catalog.SKU(c.SKU) {
				continue
			}
			observations = append(observations, o)
			sale := ""
			if o.Price.Sale != nil {
				sale = o.Price.Sale.String()
			}
			rows = append(rows, []string{o.Source, string(o.SKU), o.Price.List.String(), sale, when(o.SeenAt)})
		}
		query.After = records[len(records)-1].ID
	}
	if c.JSON {
		return a.printJSON(observations)
	}
	if len(rows) == 0 {
		a.say("Chưa đọc giá nào. Đọc: chophien prices pull", "No price was read yet. Read them: chophien prices pull")
		return nil
	}
	a.table([]string{a.t("Kênh", "Channel"), a.t("Mã", "SKU"), a.t("Giá niêm yết", "List price"), a.t("Giá khuyến mãi", "Sale price"), a.t("Thấy lúc", "Seen")}, rows)
	return nil
}
