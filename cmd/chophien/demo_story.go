package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/sheet"
	"github.com/chophien/chophien/cmd/chophien/sample"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/scheduler"
)

// chapters are the story, in the order in which it is told.
func (d *demo) chapters() []func(context.Context) error {
	return []func(context.Context) error{
		d.importSample, d.publishFirst, d.sell, d.readOrders, d.moveStock, d.drift, d.emptyMaster, d.failing, d.wrongShop, d.second, d.watchMarket,
	}
}

// tell prints one step of the story.
func (d *demo) tell(vi, en string, args ...any) {
	d.step++
	d.print(fmt.Sprintf("%2d. ", d.step), fmt.Sprintf(d.t(vi, en), args...))
}

// detail prints a line below a step.
func (d *demo) detail(vi, en string, args ...any) {
	d.print("      ", fmt.Sprintf(d.t(vi, en), args...))
}

// print prints a text behind a margin, in lines that a terminal shows whole.
func (d *demo) print(margin, text string) {
	const columns = 100
	for line := range strings.Lines(text) {
		line = margin + strings.TrimRight(line, "\n")
		margin = strings.Repeat(" ", len(margin))
		indent := margin + strings.Repeat(" ", len(line)-len(margin)-len(strings.TrimLeft(line[len(margin):], " ")))
		for width(line) > columns {
			at := strings.LastIndex(string([]rune(line)[:columns+1]), " ")
			if at <= len(indent) {
				break // one long word, such as an address
			}
			fmt.Fprintln(d.out, line[:at])
			line = indent + line[at+1:]
		}
		fmt.Fprintln(d.out, line)
	}
}

func (d *demo) importSample(ctx context.Context) error {
	d.print("", d.t("Một phiên chợ thử trên máy này: cửa hàng, người mua và sàn đều là mô phỏng.", "A trial market day on this machine: shops, buyers and platforms are simulated."))
	fmt.Fprintln(d.out)
	folder := filepath.Join(d.Data, "sample")
	if err := os.CopyFS(folder, sample.FS); err != nil {
		return fmt.Errorf("unpack the sample: %w", err)
	}
	report, err := d.importFile(ctx, filepath.Join(folder, sample.File), sheet.ImportOptions{})
	if err != nil {
		return fmt.Errorf("import the sample: %w", err)
	}
	d.report.Products = report.New
	d.tell("Nhập bảng tính mẫu: %d sản phẩm của các nhóm mẫu ở Bắc Kạn và Đắk Nông.", "The sample spreadsheet is imported: %d products of sample groups in Bắc Kạn and Đắk Nông.", report.New)
	again, err := d.importFile(ctx, filepath.Join(folder, sample.File), sheet.ImportOptions{})
	if err != nil {
		return fmt.Errorf("import the sample again: %w", err)
	}
	d.tell("Nhập lại đúng tệp đó: %d sản phẩm mới, %d thay đổi.", "The same file once more: %d new products, %d changes.", again.New, again.Changed)
	return nil
}

// publishFirst publishes to all shops at once; each loses the answer of a
// write after carrying it out.
func (d *demo) publishFirst(ctx context.Context) error {
	for _, id := range d.ids {
		d.shops[id].server.Inject(simulator.Fault{Method: http.MethodPost, Path: d.shops[id].create, Kind: simulator.FaultDrop})
	}
	all, err := d.publish(ctx)
	if err != nil {
		return err
	}
	d.tell("Đăng một lần lên %d cửa hàng của %d nền tảng. Mỗi cửa hàng làm mất một câu trả lời: tin đăng được tra lại theo mã hàng (TikTok Shop thì nhận ra lần gọi lặp lại), không đăng hai lần.", "All of it is published to %d shops on %d platforms at once. Each loses one answer on the way: what became of it is looked up by SKU (TikTok Shop knows a repeated call again), and nothing is listed twice.", len(d.ids), d.platforms())
	for _, id := range d.ids {
		listings := d.shops[id].shop.Listings()
		d.detail("%-11s  %d tin đang bán, %d tin phải tra lại, %d lần gọi", "%-11s  %d on sale, %d looked up, %d calls", id, live(listings), all[id].Unknown, len(d.shops[id].server.Requests()))
		d.holds("I2", noSKUTwice(listings) && len(d.shops[id].server.Faults()) == 0)
	}
	return nil
}

// platforms counts the platforms of the shops.
func (d *demo) platforms() int {
	seen := map[string]bool{}
	for _, s := range d.shops {
		seen[s.platform] = true
	}
	return len(seen)
}

// sell has buyers order on every shop; one webhook is lost on the way.
func (d *demo) sell(context.Context) error {
	placed := 0
	for n, id := range d.ids {
		var skus []catalog.SKU
		for _, l := range d.shops[id].shop.Listings() {
			if v := l.Variants[len(l.Variants)-1]; l.State == catalog.StateLive && v.Quantity != nil && *v.Quantity > 3 {
				skus = append(skus, v.SKU)
			}
		}
		for i := range min(3, len(skus)) {
			line := simulator.OrderLine{SKU: skus[(i*7+n*3)%len(skus)], Quantity: 1 + int64(i)}
			if _, err := d.shops[id].shop.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{line}}); err != nil {
				return fmt.Errorf("place an order on %s: %w", id, err)
			}
			placed++
		}
	}
	d.shops[d.ids[0]].drop()
	var silent []string
	delivered := 0
	for _, id := range d.ids {
		deliver := d.shops[id].deliver
		if deliver == nil {
			silent = append(silent, string(id))
			continue
		}
		taken, refused := deliver()
		for tries := 0; refused > 0 && tries < 3 && d.shops[id].advance != nil; tries++ {
			// Lazada waits for half a second only, and tries again later.
			d.shops[id].advance()
			more, failed := deliver()
			taken, refused = taken+more, failed
		}
		if refused > 0 {
			return fmt.Errorf("channel %s: %d webhooks were refused", id, refused)
		}
		delivered += taken
	}
	d.mu.Lock()
	told := len(d.hinted)
	d.mu.Unlock()
	if told+len(silent) != len(d.ids) {
		return fmt.Errorf("webhooks came from %d shops, %d have none, of %d", told, len(silent), len(d.ids))
	}
	d.tell("Người mua thử đặt %d đơn. %d tin báo có chữ ký đúng tới nơi từ %d cửa hàng, một tin bị mất; %s không gửi tin báo.", "Trial buyers place %d orders. %d rightly signed webhooks arrive from %d shops, one is lost; %s sends none.", placed, delivered, told, strings.Join(silent, ", "))
	return nil
}

// readOrders brings home all orders, whether a webhook told of them or not.
func (d *demo) readOrders(ctx context.Context) error {
	booked := int64(0)
	for round := range 2 { // reading once more loses and doubles nothing
		for _, id := range d.ids {
			run, err := d.engine.PullOrders(ctx, id)
			if err != nil {
				return err
			}
			booked += run.Counts["booked"]
			d.holds("I5", round == 0 || run.Counts["booked"] == 0)
		}
	}
	if err := d.checkOrders(ctx); err != nil {
		return err
	}
	d.tell("Đọc đơn hàng từ mọi nền tảng: đủ %d đơn, kể cả đơn bị mất tin báo; giữ hàng %d lần. Đọc lại: không thêm đơn nào.", "Orders are read from all platforms: all %d are there, also the one whose webhook was lost; %d reservations. Read again: nothing is added.", d.report.Orders, booked)
	return nil
}

// moveStock makes every shop show what is left. In the middle of it every
// access token ends; the shops themselves count who asks for a new one.
func (d *demo) moveStock(ctx context.Context) error {
	before := map[catalog.ChannelID]int{}
	for _, id := range d.ids {
		s := d.shops[id]
		if s.expire == nil {
			continue
		}
		before[id] = s.tokensIssued()
		s.server.Inject(simulator.Fault{Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte { s.expire(); return answer }})
	}
	all, err := d.publish(ctx)
	if err != nil {
		return err
	}
	for _, done := range all {
		d.report.StockMoves += done.StockChanges
	}
	d.tell("Chuyển số hàng còn lại tới mọi cửa hàng: %d lần cập nhật.", "What is left in stock is sent to every shop: %d updates.", d.report.StockMoves)
	var renewed []string
	for _, id := range d.ids {
		was, expires := before[id]
		if !expires {
			continue
		}
		if d.shops[id].tokensIssued() <= was {
			return fmt.Errorf("channel %s: its access ended, but the shop was not asked for a new token", id)
		}
		d.report.Refreshes += d.shops[id].tokensIssued() - was
		renewed = append(renewed, string(id))
		if err := d.keepTokens(ctx, id); err != nil {
			return err
		}
	}
	d.tell("Giữa chừng, quyền truy cập của %s hết hạn: mỗi sàn xác nhận đã cấp quyền mới, không việc gì bị mất.", "In the middle of it the access of %s ended: each of the platforms has issued a new token, and nothing was lost.", strings.Join(renewed, ", "))
	return d.checkStock(ctx)
}

// drift has somebody edit a price on every shop, and finds it.
func (d *demo) drift(ctx context.Context) error {
	edited := map[catalog.ChannelID]simulator.Listing{}
	for _, id := range d.ids {
		shop := d.shops[id].shop
		i := slices.IndexFunc(shop.Listings(), func(l simulator.Listing) bool {
			return l.State == catalog.StateLive && l.Variants[0].Price != nil && l.Variants[0].Price.Sale == nil && l.Variants[0].Quantity != nil
		})
		if i < 0 {
			return fmt.Errorf("channel %s: no listing to edit", id)
		}
		edited[id] = shop.Listings()[i]
		v := edited[id].Variants[0]
		if err := shop.SetPrice(v.SKU, catalog.Price{List: catalog.VND(v.Price.List.Amount + 5000)}); err != nil {
			return err
		}
	}
	for _, id := range d.ids {
		run, err := d.engine.Observe(ctx, id)
		if err != nil {
			return err
		}
		d.report.Drift += int(run.Counts["drift"])
	}
	if _, err := d.publish(ctx); err != nil {
		return err
	}
	d.tell("Có người sửa giá ngay trên từng cửa hàng: tìm thấy %d chỗ lệch và sửa lại đúng.", "Somebody changes a price on each of the shops: %d differences are found and put right.", d.report.Drift)
	for _, id := range d.ids {
		before := edited[id]
		for _, after := range d.shops[id].shop.Listings() {
			if after.ExternalID != before.ExternalID {
				continue
			}
			was, is := before.Variants[0], after.Variants[0]
			d.holds("I4", after.Title == before.Title && after.State == before.State && *is.Quantity == *was.Quantity && is.Price.Equal(*was.Price))
		}
	}
	return nil
}

// emptyMaster archives everything by mistake: the guard holds it.
func (d *demo) emptyMaster(ctx context.Context) error {
	setArchived := func(archived bool) error {
		products, err := d.store.Products(ctx, catalog.ProductQuery{Limit: 1000})
		if err != nil {
			return err
		}
		for i := range products {
			products[i].Archived = archived
		}
		errs, err := d.store.PutProducts(ctx, products)
		return errors.Join(append(errs, err)...)
	}
	before := d.live()
	if err := setArchived(true); err != nil {
		return err
	}
	all, err := d.publish(ctx)
	if err != nil {
		return err
	}
	for _, done := range all {
		d.holds("I12", done.Stopped == 0 && len(done.Left.Hold) > 0)
	}
	d.holds("I12", d.live() == before)
	d.tell("Ai đó lỡ xóa trắng danh mục gốc: mọi kế hoạch dừng lại chờ người duyệt, cả %d tin đăng vẫn bán. Danh mục được khôi phục.", "Somebody empties the master catalog by mistake: every plan waits for a person, all %d listings stay on sale. The catalog is put back.", d.live())
	return setArchived(false)
}

// live counts what buyers can buy in all shops.
func (d *demo) live() int {
	n := 0
	for _, s := range d.shops {
		n += live(s.shop.Listings())
	}
	return n
}

// failing lets one shop fail: the others are not touched, and a scan that
// breaks off deletes nothing.
func (d *demo) failing(ctx context.Context) error {
	broken := d.ids[0]
	d.shops[broken].server.Inject(simulator.Fault{Method: http.MethodGet, Path: "/products", Skip: 1, Times: -1, Kind: simulator.FaultGarbage})
	err := d.each(func(id catalog.ChannelID) error {
		_, err := d.engine.Observe(ctx, id)
		if (err != nil) != (id == broken) {
			return fmt.Errorf("channel %s: observing ended with %v while %s fails", id, err, broken)
		}
		return nil
	})
	d.holds("I7", err == nil)
	d.shops[broken].server.ResetFaults()
	listings, err := d.store.Listings(ctx, catalog.ListingQuery{Channel: broken, Limit: 1000})
	if err != nil {
		return err
	}
	for _, l := range listings {
		d.holds("I8", l.Missing == 0 && l.Observed.State != catalog.StateGone)
	}
	d.tell("Cửa hàng %s trả về trang lỗi giữa chừng: không tin nào bị coi là đã mất, %d cửa hàng kia vẫn được đọc bình thường.", "Shop %s answers with an error page halfway: nothing counts as gone, the other %d shops are read as ever.", broken, len(d.ids)-1)
	return nil
}

// wrongShop gives the first channel the second shop's keys.
func (d *demo) wrongShop(ctx context.Context) error {
	registry, err := newRegistry()
	if err != nil {
		return err
	}
	config, err := registry.Parse("connectors.yaml", d.config(true), os.LookupEnv)
	if err != nil {
		return err
	}
	right := d.app.config
	if err := d.setChannels(d.engine, registry, config); err != nil {
		return err
	}
	before := d.shops[d.ids[1]].writes()
	_, err = d.engine.Publish(ctx, d.ids[0], scheduler.PublishOptions{})
	d.holds("I14", errors.Is(err, connectors.Auth) && d.shops[d.ids[1]].writes() == before)
	d.tell("Dán nhầm khóa của cửa hàng %[2]s vào kênh %[1]s: bị từ chối, không ghi gì sang đó.", "The keys of %[2]s are pasted into channel %[1]s by mistake: refused, nothing is written there.", d.ids[0], d.ids[1])
	return d.setChannels(d.engine, registry, right)
}

// second plans again: nothing is left to do.
func (d *demo) second(ctx context.Context) error {
	// What the chapters above left parked is repaired by now.
	if _, err := d.publish(ctx); err != nil {
		return err
	}
	for _, id := range d.ids {
		if _, err := d.engine.Observe(ctx, id); err != nil {
			return err
		}
		plan, err := d.engine.Plan(ctx, id)
		if err != nil {
			return err
		}
		d.report.SecondPlanActions += len(plan.Actions) + plan.More
		if len(plan.Actions) > 0 {
			d.printPlan(plan)
		}
	}
	d.holds("I3", d.report.SecondPlanActions == 0)
	d.tell("Đọc lại tất cả rồi lập kế hoạch lần nữa: còn %d việc.", "Everything is read back and planned again: %d actions are left.", d.report.SecondPlanActions)
	return d.check(ctx)
}
