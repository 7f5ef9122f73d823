package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/scheduler"
)

type ordersCmd struct {
	Pull     ordersPullCmd     `cmd:"" help:"Lấy đơn hàng mới từ các kênh. / Read new orders from the channels."`
	List     ordersListCmd     `cmd:"" help:"Xem đơn hàng. / List orders."`
	Export   ordersExportCmd   `cmd:"" help:"Xuất đơn hàng ra CSV. / Export orders as CSV."`
	Ship     ordersShipCmd     `cmd:"" help:"Báo sàn rằng đơn được giao đi. / Report that an order goes out."`
	Label    ordersLabelCmd    `cmd:"" help:"Tải nhãn giao hàng của đơn. / Save the labels of an order."`
	Cancel   ordersCancelCmd   `cmd:"" help:"Trả lời người mua muốn hủy đơn. / Answer a buyer who wants to cancel an order."`
	Returned ordersReturnedCmd `cmd:"" help:"Ghi nhận hàng trả đã về lại kho. / Record that returned goods are back."`
}

type ordersPullCmd struct {
	Channel string `help:"Chỉ kênh này. / Only this channel."`
	JSON    bool   `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// Run reads the channels' orders.
func (c *ordersPullCmd) Run(ctx context.Context, a *app) error {
	return a.eachChannel(ctx, c.Channel, c.JSON, func(engine *scheduler.Engine, id catalog.ChannelID) (catalog.Run, error) {
		return engine.PullOrders(ctx, id)
	}, func(run catalog.Run) {
		a.say("Kênh %s: đọc %d đơn, %d mới, %d thay đổi, %d lần xuất nhập kho.", "Channel %s: read %d orders, %d new, %d changed, %d stock movements.", run.Channel, run.Counts["read"], run.Counts["new"], run.Counts["changed"], run.Counts["booked"])
		if n := run.Counts["problems"]; n > 0 {
			a.say("  %d đơn cần người xem; xem: chophien orders list --problems", "  %d orders need a look; see: chophien orders list --problems", n)
		}
	})
}

// orderFilter are the flags that select orders.
type orderFilter struct {
	Channel  string `help:"Chỉ kênh này. / Only this channel."`
	Days     int    `help:"Chỉ những ngày gần đây. / Only the last days; 0 = all." default:"30"`
	Problems bool   `help:"Chỉ đơn cần người xem. / Only orders that need a look."`
}

// each calls do with every order that matches.
func (f orderFilter) each(ctx context.Context, store catalog.Store, do func(catalog.Order) error) error {
	query := catalog.OrderQuery{Channel: catalog.ChannelID(f.Channel), Unsettled: f.Problems}
	if f.Days > 0 {
		query.Since = time.Now().UTC().AddDate(0, 0, -f.Days)
	}
	for {
		orders, err := store.Orders(ctx, query)
		if err != nil {
			return err
		}
		if len(orders) == 0 {
			return nil
		}
		for _, o := range orders {
			if err := do(o); err != nil {
				return err
			}
		}
		query.AfterKey = orders[len(orders)-1].Key()
	}
}

type ordersListCmd struct {
	orderFilter
	JSON bool `name:"json" help:"In JSON cho chương trình khác. / Print JSON for programs."`
}

// orderView is an order without anything of its buyer.
type orderView struct {
	Channel   catalog.ChannelID   `json:"channel"`
	Number    string              `json:"number"`
	ID        catalog.ExternalID  `json:"external_id"`
	Status    catalog.OrderStatus `json:"status"`
	Wish      bool                `json:"cancel_requested,omitempty"`
	PlacedAt  time.Time           `json:"placed_at"`
	Lines     []catalog.OrderLine `json:"lines"`
	Total     catalog.Money       `json:"total"`
	Returns   []catalog.Return    `json:"returns,omitempty"`
	Back      []catalog.GoodsBack `json:"back,omitempty"`
	Unsettled bool                `json:"unsettled,omitempty"`
	Problem   string              `json:"problem,omitempty"`
}

// Run lists orders. Who ordered is not shown.
func (c *ordersListCmd) Run(ctx context.Context, a *app) error {
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	views, rows := []orderView{}, [][]string{}
	if err := c.each(ctx, store, func(o catalog.Order) error {
		views = append(views, orderView{o.Channel, o.Number, o.ExternalID, o.Status, o.CancelRequested, o.PlacedAt, o.Lines, o.Total, o.Returns, o.Back, o.Unsettled, o.Problem})
		rows = append(rows, []string{string(o.Channel), o.Number, a.orderStatus(o), when(o.PlacedAt), linesText(o.Lines), o.Total.String(), o.Problem})
		return nil
	}); err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(views)
	}
	if len(rows) == 0 {
		a.say("Chưa có đơn hàng. Lấy đơn: chophien orders pull", "No orders yet. Read them: chophien orders pull")
		return nil
	}
	a.table([]string{a.t("Kênh", "Channel"), a.t("Đơn", "Order"), a.t("Trạng thái", "Status"), a.t("Đặt lúc", "Placed"), a.t("Hàng", "Lines"), a.t("Tổng", "Total"), a.t("Cần xem", "Problem")}, rows)
	return nil
}

func linesText(lines []catalog.OrderLine) string {
	text := ""
	for i, l := range lines {
		if i > 0 {
			text += ", "
		}
		name := string(l.SKU)
		if name == "" {
			name = l.Name
		}
		text += fmt.Sprintf("%d × %s", l.Quantity, name)
	}
	return text
}

func (a *app) orderStatus(o catalog.Order) string {
	vi := map[catalog.OrderStatus]string{
		catalog.OrderAwaitingPayment: "chờ thanh toán", catalog.OrderToShip: "cần giao", catalog.OrderShipped: "đã gửi", catalog.OrderCompleted: "hoàn tất",
		catalog.OrderCancelled: "đã hủy", catalog.OrderRefunded: "đã hoàn tiền", catalog.OrderOther: "khác",
	}
	text := a.t(vi[o.Status], string(o.Status))
	if o.CancelRequested {
		text += a.t(", người mua muốn hủy", ", the buyer wants to cancel")
	}
	return text
}

type ordersExportCmd struct {
	orderFilter
	Out   string `help:"Tệp CSV; để trống thì in ra màn hình. / CSV file; empty = standard output." type:"path"`
	Buyer bool   `help:"Kèm tên, điện thoại, địa chỉ người mua. / Include the buyer's name, phone and address."`
}

// Run writes one CSV row per order line. Buyers are left out unless asked for.
func (c *ordersExportCmd) Run(ctx context.Context, a *app) (err error) {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	out := a.stdout
	if c.Out != "" {
		file, err := os.OpenFile(c.Out, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer func() {
			if closing := file.Close(); err == nil {
				err = closing
			}
		}()
		out = file
	}
	if _, err := fmt.Fprint(out, "\ufeff"); err != nil { // so that spreadsheets read it as UTF-8
		return err
	}
	w := csv.NewWriter(out)
	header := []string{"channel", "order", "external_id", "status", "placed_at", "line", "sku", "name", "quantity", "line_total", "order_total", "currency"}
	if c.Buyer {
		header = append(header, "buyer", "phone", "address", "note")
	}
	if err := w.Write(header); err != nil {
		return err
	}
	err = c.each(ctx, engine.Store(), func(o catalog.Order) error {
		for _, l := range o.Lines {
			row := []string{string(o.Channel), o.Number, string(o.ExternalID), string(o.Status), o.PlacedAt.Format(time.RFC3339), l.ID, string(l.SKU), l.Name, strconv.FormatInt(l.Quantity, 10), l.Total.Decimal(), o.Total.Decimal(), o.Total.Currency}
			if c.Buyer {
				buyer, err := engine.Buyer(o)
				if err != nil {
					return err
				}
				row = append(row, buyer.Name, buyer.Phone, buyer.Address, buyer.Note)
			}
			for i := range row {
				row[i] = inert(row[i])
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		return nil
	})
	w.Flush()
	if err != nil {
		return err
	}
	return w.Error()
}

// inert keeps a spreadsheet from taking a cell for a formula.
func inert(cell string) string {
	if cell != "" && (cell[0] == '=' || cell[0] == '+' || cell[0] == '-' || cell[0] == '@' || cell[0] == '\t' || cell[0] == '\r') {
		return "'" + cell
	}
	return cell
}
