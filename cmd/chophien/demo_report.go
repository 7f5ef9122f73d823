package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

// demoReport is what the demo found.
type demoReport struct {
	Products          int             `json:"products"`
	Channels          int             `json:"channels"`
	Published         int             `json:"published"` // listings that are live
	Orders            int             `json:"orders"`
	StockMoves        int             `json:"stock_moves"`
	Refreshes         int             `json:"refreshes"` // access tokens that the platforms issued anew
	Drift             int             `json:"drift"`
	SecondPlanActions int             `json:"second_plan_actions"`
	Invariants        map[string]bool `json:"invariants"`
	Market            demoMarket      `json:"market"`
	// Platforms sums up the channels of each platform.
	Platforms map[string]demoPlatform `json:"platforms"`
}

// demoPlatform is what happened on one platform.
type demoPlatform struct {
	Listings int `json:"listings"` // that buyers can buy
	Orders   int `json:"orders"`
	Calls    int `json:"calls"`
}

// demoInvariants are those that the demo looks at on what really happened.
var demoInvariants = []struct {
	id   string
	text catalog.Text
}{
	{"I1", text("không bán quá số hàng có", "nothing is oversold")},
	{"I2", text("mỗi mã hàng chỉ một tin đăng trên một kênh, kể cả khi mất câu trả lời", "one listing per SKU and channel, also when answers are lost")},
	{"I3", text("kế hoạch thứ hai trống", "the second plan is empty")},
	{"I4", text("sửa một phần của tin đăng không đụng phần khác", "writing one part of a listing leaves the others alone")},
	{"I5", text("không mất đơn, không trùng đơn", "no order is lost, none is there twice")},
	{"I6", text("tổng tiền của đơn khớp với sàn", "the totals of orders are the platform's")},
	{"I7", text("lỗi của một kênh không lan sang kênh khác", "the failure of a channel stays with it")},
	{"I8", text("đọc dở dang thì không xóa gì", "a read that breaks off deletes nothing")},
	{"I9", text("sổ kho khớp với tồn kho", "the ledger sums to what is in stock")},
	{"I10", text("mỗi sản phẩm trên mỗi kênh có đúng một tình trạng", "every product has exactly one status on every channel")},
	{"I11", text("giá không đọc được thì không phải là giá", "a price that cannot be read is no price")},
	{"I12", text("danh mục gốc trống không xóa trắng cửa hàng", "an empty master catalog blanks no shop")},
	{"I13", text("không lộ khóa và dữ liệu người mua trong nhật ký", "no key and no buyer's data is in the logs")},
	{"I14", text("không ghi nhầm sang cửa hàng khác", "nothing is written to another shop by mistake")},
	{"I15", text("mỗi kênh làm được đúng những gì đã khai báo", "every channel can do exactly what it declares")},
}

// holds notes that an invariant was looked at. One that failed once stays so.
func (d *demo) holds(name string, ok bool) {
	if before, known := d.report.Invariants[name]; known {
		ok = ok && before
	}
	d.report.Invariants[name] = ok
}

// live counts what buyers can buy.
func live(listings []simulator.Listing) int {
	n := 0
	for _, l := range listings {
		if l.State == catalog.StateLive {
			n++
		}
	}
	return n
}

func noSKUTwice(listings []simulator.Listing) bool {
	seen := map[catalog.SKU]bool{}
	for _, l := range listings {
		for _, v := range l.Variants {
			if v.SKU != "" && seen[v.SKU] {
				return false
			}
			seen[v.SKU] = true
		}
	}
	return true
}

// checkOrders compares what the shops sold with what is stored: the same
// orders (I5) with the same totals (I6).
func (d *demo) checkOrders(ctx context.Context) error {
	stored, err := d.store.Orders(ctx, catalog.OrderQuery{Limit: 1000})
	if err != nil {
		return err
	}
	d.report.Orders = len(stored)
	byID := map[string]catalog.Order{}
	for _, o := range stored {
		byID[string(o.Channel)+"/"+string(o.ExternalID)] = o
		sum := o.Adjustment.Amount
		for _, l := range o.Lines {
			sum += l.Total.Amount
		}
		d.holds("I6", sum == o.Total.Amount && o.Problem == "")
	}
	placed := 0
	for _, id := range d.ids {
		for _, truth := range d.shops[id].shop.Orders() {
			placed++
			o, there := byID[string(id)+"/"+string(truth.ExternalID)]
			d.holds("I5", there && o.Status == truth.Status)
			d.holds("I6", o.Total == truth.Total)
		}
	}
	d.holds("I5", len(stored) == placed && len(byID) == placed)
	return nil
}

// checkStock compares the shops with the ledger: none offers more than is
// there (I1), and the ledger's sums are the levels (I9).
func (d *demo) checkStock(ctx context.Context) error {
	for _, id := range d.ids {
		for _, l := range d.shops[id].shop.Listings() {
			for _, v := range l.Variants {
				if v.Quantity == nil {
					continue
				}
				levels, err := d.store.Levels(ctx, []catalog.SKU{v.SKU})
				if err != nil {
					return err
				}
				d.holds("I1", *v.Quantity <= levels[0].Available())
				movements, err := movementsOf(ctx, d.store, v.SKU)
				if err != nil {
					return err
				}
				var sum int64
				for _, m := range movements {
					sum += m.OnHand
				}
				d.holds("I9", sum == levels[0].OnHand)
			}
		}
	}
	return nil
}

// check compares at the end what is stored with what the shops really hold.
func (d *demo) check(ctx context.Context) error {
	if err := d.checkOrders(ctx); err != nil {
		return err
	}
	if err := d.checkStock(ctx); err != nil {
		return err
	}
	for _, id := range d.ids {
		s := d.shops[id]
		counts, err := d.store.CountListings(ctx, id)
		if err != nil {
			return err
		}
		total := 0
		for _, status := range statuses {
			total += counts[status]
		}
		listings := s.shop.Listings()
		d.holds("I10", total == d.report.Products && counts[catalog.StatusLive] == live(listings))
		d.holds("I2", noSKUTwice(listings))
		if reason := blockedReason(ctx, d.store, id, d.Lang); reason != "" {
			d.detail("%s: %d tin bị chặn, ví dụ %s", "%s: %d listings are blocked, for example %s", id, counts[catalog.StatusBlocked], reason)
		}
		c, err := d.engine.Channel(id)
		if err != nil {
			return err
		}
		d.holds("I15", declaredIsImplemented(c))
		d.report.Channels++
		d.report.Published += counts[catalog.StatusLive]
		p := d.report.Platforms[s.platform]
		p.Listings += live(listings)
		p.Orders += len(s.shop.Orders())
		p.Calls += len(s.server.Requests())
		d.report.Platforms[s.platform] = p
		if err := d.keepTokens(ctx, id); err != nil {
			return err
		}
	}
	logs := d.logs.String()
	for secret := range d.secrets {
		d.holds("I13", !strings.Contains(logs, secret))
	}
	return nil
}

// tables print what the shops hold and what was found.
func (d *demo) tables() {
	fmt.Fprintln(d.out)
	var rows [][]string
	for _, id := range d.ids {
		s := d.shops[id]
		rows = append(rows, []string{string(id), s.platform, fmt.Sprint(live(s.shop.Listings())), fmt.Sprint(len(s.shop.Orders())), fmt.Sprint(len(s.server.Requests())), s.server.URL})
	}
	d.app.table([]string{d.t("Kênh", "Channel"), d.t("Nền tảng", "Platform"), d.t("Đang bán", "On sale"), d.t("Đơn hàng", "Orders"), d.t("Lần gọi", "Calls"), d.t("Địa chỉ mô phỏng", "Simulated at")}, rows)
	fmt.Fprintln(d.out)
	rows = nil
	for _, name := range demoInvariants {
		mark := "✓"
		if !d.report.Invariants[name.id] {
			mark = "✗"
		}
		rows = append(rows, []string{name.id, mark, name.text.In(d.Lang)})
	}
	d.app.table([]string{"", "", d.t("Điều luôn đúng, đối chiếu với cửa hàng", "What always holds, checked against the shops")}, rows)
}

// verdict fails unless everything that the demo is to show did happen.
func (d *demo) verdict() error {
	var wrong []string
	for _, invariant := range demoInvariants {
		if !d.report.Invariants[invariant.id] {
			wrong = append(wrong, invariant.id)
		}
	}
	for platform, p := range d.report.Platforms {
		if p.Listings == 0 || p.Orders == 0 {
			wrong = append(wrong, platform+" sold nothing")
		}
	}
	if all := d.report.Products * len(d.ids); d.report.Published != all {
		wrong = append(wrong, fmt.Sprintf("%d of %d listings on sale", d.report.Published, all))
	}
	if d.report.SecondPlanActions > 0 {
		wrong = append(wrong, fmt.Sprintf("%d actions left", d.report.SecondPlanActions))
	}
	if d.report.Drift != len(d.ids) {
		wrong = append(wrong, fmt.Sprintf("%d of %d edits found", d.report.Drift, len(d.ids)))
	}
	if len(wrong) > 0 {
		return withCode(exitFailure, fmt.Errorf("the demo found what must not be: %s", strings.Join(wrong, ", ")))
	}
	fmt.Fprintln(d.out, "\n"+d.t("Mọi điều đều đúng.", "All of it holds."))
	return nil
}
