package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/sheet"
	"github.com/chophien/chophien/cmd/chophien/sample"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
	"github.com/chophien/chophien/scheduler"
	"github.com/chophien/chophien/web"
)

type demoCmd struct {
	Once bool `help:"Kết thúc sau khi kể xong. / End when the story is told."`
	JSON bool `name:"json" help:"In kết quả bằng JSON. / Print the result as JSON."`
}

// demoReport is what the demo found.
type demoReport struct {
	Products          int             `json:"products"`
	Channels          int             `json:"channels"`
	Published         int             `json:"published"` // listings that are live
	Orders            int             `json:"orders"`
	StockMoves        int             `json:"stock_moves"`
	Drift             int             `json:"drift"`
	SecondPlanActions int             `json:"second_plan_actions"`
	Invariants        map[string]bool `json:"invariants"`
}

// demo is a run of the demo.
type demo struct {
	*app
	out    io.Writer // where the story is told
	shops  map[catalog.ChannelID]*woocommercetest.Simulator
	ids    []catalog.ChannelID
	report demoReport
	logs   *lockedBuffer // everything that was logged, to be searched for secrets
	hints  chan catalog.ChannelID
	step   int
}

// Run tells the whole story with simulated shops, checks the invariants on
// what really happened, and fails when one does not hold.
func (c *demoCmd) Run(ctx context.Context, a *app) error {
	folder, err := os.MkdirTemp("", "chophien-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer os.RemoveAll(folder)
	a.Data, a.MongoDB, a.NATS, a.Config = folder, "", "", filepath.Join(folder, "connectors.yaml")
	d := &demo{app: a, out: a.stdout, shops: map[catalog.ChannelID]*woocommercetest.Simulator{}, logs: &lockedBuffer{}, hints: make(chan catalog.ChannelID, 100)}
	d.report.Invariants = map[string]bool{}
	if c.JSON {
		d.out = a.stderr
	}
	a.log = slog.New(slog.NewTextHandler(d.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	stop, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer stop()
	for _, chapter := range []func(context.Context) error{d.importSample, d.publishFirst, d.sell, d.moveStock, d.drift, d.emptyMaster, d.failing, d.wrongShop, d.second} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	d.table()
	if c.JSON {
		if err := a.printJSON(d.report); err != nil {
			return err
		}
	}
	if err := d.verdict(); err != nil {
		return err
	}
	if c.Once {
		return nil
	}
	return d.stayUp(ctx)
}

// tell prints one step of the story.
func (d *demo) tell(vi, en string, args ...any) {
	d.step++
	fmt.Fprintf(d.out, "%2d. %s\n", d.step, fmt.Sprintf(d.t(vi, en), args...))
}

// holds notes that an invariant was looked at. One that failed once stays so.
func (d *demo) holds(name string, ok bool) {
	if before, known := d.report.Invariants[name]; known {
		ok = ok && before
	}
	d.report.Invariants[name] = ok
}

const demoConfig = `channels:
  - id: cho-ha-noi
    type: woocommerce
    name: Chợ mẫu Hà Nội
    options: {url: %q, consumer_key: %q, consumer_secret: %q, webhook_secret: demo-hook-secret-1}
    rules:
      stock: {last_units: 2, last_units_on: cho-ha-noi}
  - id: cho-sai-gon
    type: woocommerce
    name: Chợ mẫu Sài Gòn
    options: {url: %q, consumer_key: %q, consumer_secret: %q, webhook_secret: demo-hook-secret-2}
    rules:
      title: "{{.Name}} – hàng vùng cao"
      price: {markup: 8%%, round_to: 1000}
      stock: {buffer: 1, last_units: 2, last_units_on: cho-ha-noi}
`

// open starts the simulated shops, the service's HTTP side for pictures and
// webhooks, and the engine.
func (d *demo) open(ctx context.Context) (stop func(), err error) {
	d.ids = []catalog.ChannelID{"cho-ha-noi", "cho-sai-gon"}
	var stops []func()
	stop = func() {
		for _, s := range slices.Backward(stops) {
			s()
		}
	}
	var facts []any
	for i, id := range d.ids {
		shop, err := woocommercetest.Start(woocommercetest.Options{ConsumerKey: demoKey("ck", i), ConsumerSecret: demoKey("cs", i), AllowLoopbackImages: true})
		if err != nil {
			stop()
			return nil, fmt.Errorf("start a simulated shop: %w", err)
		}
		stops = append(stops, shop.Close)
		d.shops[id] = shop
		facts = append(facts, shop.URL, shop.Key(), shop.Secret())
	}
	if err := os.WriteFile(d.Config, fmt.Appendf(nil, demoConfig, facts...), 0o600); err != nil {
		stop()
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		stop()
		return nil, err
	}
	d.publicURL = "http://" + listener.Addr().String()
	engine, err := d.openEngine(ctx)
	if err != nil {
		listener.Close()
		stop()
		return nil, err
	}
	pictures, err := d.pictures()
	if err != nil {
		listener.Close()
		stop()
		return nil, err
	}
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: web.Handler(web.Options{
		Engine: engine, Sealer: d.sealer, Media: pictures, Logger: d.logger(), PublicURL: d.publicURL, Metrics: web.NewMetrics().Handler(),
		Hint: func(_ context.Context, id catalog.ChannelID, hint connectors.Hint) {
			if hint.Orders {
				select {
				case d.hints <- id:
				default: // a hint more changes nothing
				}
			}
		},
	})}
	go server.Serve(listener)
	stops = append(stops, func() { server.Close() })
	return stop, nil
}

// demoKey makes an evidently fake API key in the platform's form.
func demoKey(kind string, shop int) string {
	return kind + "_" + strings.Repeat(fmt.Sprintf("%02d", shop+1), 20)
}

func (d *demo) importSample(ctx context.Context) error {
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
	d.tell("Nhập lại đúng tệp đó: %d mới, %d thay đổi.", "The same file again: %d new, %d changed.", again.New, again.Changed)
	return nil
}

// publishFirst publishes to both shops; one answer is lost on the way.
func (d *demo) publishFirst(ctx context.Context) error {
	first := d.shops[d.ids[0]]
	first.Inject(simulator.Fault{Method: http.MethodPost, Path: "/products/batch", Kind: simulator.FaultDrop})
	d.tell("Đăng lên hai cửa hàng. Giữa chừng, mất câu trả lời của một lần đăng.", "Both shops are published to. On the way the answer of one write is lost.")
	for _, id := range d.ids {
		done, err := d.engine.Publish(ctx, id, scheduler.PublishOptions{})
		if err != nil {
			return err
		}
		listings := d.shops[id].Listings()
		fmt.Fprintf(d.out, "    %s: %s\n", id, fmt.Sprintf(d.t("%d tin đăng, %d câu trả lời không rõ đã được tra lại, %d lần gọi", "%d listings, %d unknown answers looked up, %d calls"), len(listings), done.Unknown, len(d.shops[id].Requests())))
		d.holds("I2", noSKUTwice(listings))
	}
	for _, id := range d.ids {
		c, err := d.engine.Channel(id)
		if err != nil {
			return err
		}
		if err := c.Hooks.EnsureHooks(ctx, d.publicURL+"/hooks/"+string(id)); err != nil {
			return fmt.Errorf("register webhooks: %w", err)
		}
	}
	return nil
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

// sell has buyers order on both shops; one webhook is lost on the way.
func (d *demo) sell(ctx context.Context) error {
	placed := 0
	for n, id := range d.ids {
		shop := d.shops[id]
		listings := shop.Listings()
		for i := range 3 {
			l := listings[(i*7+n*3)%len(listings)]
			line := simulator.OrderLine{SKU: l.Variants[len(l.Variants)-1].SKU, Quantity: 1 + int64(i)}
			if _, err := shop.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{line}}); err != nil {
				return fmt.Errorf("place an order on %s: %w", id, err)
			}
			placed++
		}
	}
	d.shops[d.ids[0]].DropNextHook()
	delivered := 0
	for _, id := range d.ids {
		ok, _ := d.shops[id].DeliverHooks()
		delivered += ok
	}
	d.tell("Người mua thử đặt %d đơn. Cửa hàng báo tin %d lần, một lần bị mất.", "Trial buyers place %d orders. The shops call %d webhooks, one more is lost.", placed, delivered)
	booked := int64(0)
	for _, id := range d.ids {
		run, err := d.engine.PullOrders(ctx, id)
		if err != nil {
			return err
		}
		booked += run.Counts["booked"]
	}
	stored, err := d.orders(ctx)
	if err != nil {
		return err
	}
	d.report.Orders = len(stored)
	d.tell("Đọc đơn hàng: đủ %d đơn, kể cả đơn bị mất tin báo. Ghi %d lần giữ hàng.", "Orders are read: all %d, also the one whose webhook was lost. %d reservations are booked.", len(stored), booked)
	d.holds("I5", len(stored) == placed)
	for _, o := range stored {
		sum := o.Adjustment.Amount
		for _, l := range o.Lines {
			sum += l.Total.Amount
		}
		d.holds("I6", sum == o.Total.Amount && o.Problem == "")
	}
	// Reading once more loses and doubles nothing.
	for _, id := range d.ids {
		run, err := d.engine.PullOrders(ctx, id)
		if err != nil {
			return err
		}
		d.holds("I5", run.Counts["booked"] == 0)
	}
	return nil
}

func (d *demo) orders(ctx context.Context) ([]catalog.Order, error) {
	return d.store.Orders(ctx, catalog.OrderQuery{Limit: 1000})
}

// moveStock makes every shop show what is left.
func (d *demo) moveStock(ctx context.Context) error {
	for _, id := range d.ids {
		done, err := d.engine.Publish(ctx, id, scheduler.PublishOptions{})
		if err != nil {
			return err
		}
		d.report.StockMoves += done.StockChanges
	}
	d.tell("Chuyển tồn kho còn lại tới mọi cửa hàng: %d lần cập nhật.", "What is left in stock is sent to every shop: %d updates.", d.report.StockMoves)
	return d.checkStock(ctx)
}

// checkStock compares the shops with the ledger: none offers more than is
// there (I1), and the ledger's sums are the levels (I9).
func (d *demo) checkStock(ctx context.Context) error {
	for _, id := range d.ids {
		for _, l := range d.shops[id].Listings() {
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

// drift has somebody edit a price on a shop, and finds it.
func (d *demo) drift(ctx context.Context) error {
	id := d.ids[1]
	shop := d.shops[id]
	before := shop.Listings()[4]
	edited := before.Variants[0]
	price := catalog.Price{List: catalog.VND(edited.Price.List.Amount + 5000)}
	if err := shop.SetPrice(edited.SKU, price); err != nil {
		return err
	}
	run, err := d.engine.Observe(ctx, id)
	if err != nil {
		return err
	}
	d.report.Drift = int(run.Counts["drift"])
	d.tell("Có người sửa giá %s ngay trên cửa hàng: tìm thấy %d chỗ lệch, sửa lại đúng.", "Somebody changed the price of %s on the shop: %d difference found and put right.", edited.SKU, d.report.Drift)
	if _, err := d.engine.Publish(ctx, id, scheduler.PublishOptions{}); err != nil {
		return err
	}
	after := shop.Listings()[4]
	d.holds("I4", after.Title == before.Title && after.State == before.State && *after.Variants[0].Quantity == *edited.Quantity && after.Variants[0].Price.Equal(*edited.Price))
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
	if err := setArchived(true); err != nil {
		return err
	}
	live := 0
	for _, id := range d.ids {
		done, err := d.engine.Publish(ctx, id, scheduler.PublishOptions{})
		if err != nil {
			return err
		}
		d.holds("I12", done.Stopped == 0 && len(done.Left.Hold) > 0)
		for _, l := range d.shops[id].Listings() {
			if l.State == catalog.StateLive {
				live++
			}
		}
	}
	d.tell("Ai đó lỡ xóa trắng danh mục gốc: kế hoạch bị giữ lại chờ người duyệt, %d tin đăng vẫn bán.", "Somebody empties the master by mistake: the plan waits for a person, %d listings stay on sale.", live)
	return setArchived(false)
}

// failing lets one shop fail: the other is not touched, and a scan that breaks
// off deletes nothing.
func (d *demo) failing(ctx context.Context) error {
	broken, well := d.ids[0], d.ids[1]
	d.shops[broken].Inject(simulator.Fault{Method: http.MethodGet, Path: "/products", Skip: 1, Times: -1, Kind: simulator.FaultGarbage})
	_, observeErr := d.engine.Observe(ctx, broken)
	d.shops[broken].ResetFaults()
	if _, err := d.engine.Publish(ctx, well, scheduler.PublishOptions{}); err != nil {
		return err
	}
	d.holds("I7", observeErr != nil)
	listings, err := d.store.Listings(ctx, catalog.ListingQuery{Channel: broken, Limit: 1000})
	if err != nil {
		return err
	}
	for _, l := range listings {
		d.holds("I8", l.Missing == 0 && l.Observed.State != catalog.StateGone)
	}
	d.tell("Một cửa hàng trả về trang lỗi giữa chừng: không gì bị xóa, cửa hàng kia vẫn chạy.", "One shop answers with an error page halfway: nothing is deleted, the other shop goes on.")
	_, err = d.engine.Publish(ctx, broken, scheduler.PublishOptions{})
	return err
}

// wrongShop gives the first channel the second shop's keys.
func (d *demo) wrongShop(ctx context.Context) error {
	registry, err := newRegistry()
	if err != nil {
		return err
	}
	other := d.shops[d.ids[1]]
	swapped := strings.ReplaceAll(fmt.Sprintf(demoConfig, other.URL, other.Key(), other.Secret(), other.URL, other.Key(), other.Secret()), "\t", " ")
	config, err := registry.Parse("connectors.yaml", []byte(swapped), os.LookupEnv)
	if err != nil {
		return err
	}
	right := d.config
	if err := d.setChannels(d.engine, registry, config); err != nil {
		return err
	}
	_, err = d.engine.Publish(ctx, d.ids[0], scheduler.PublishOptions{})
	d.holds("I14", errors.Is(err, connectors.Auth))
	d.tell("Dán nhầm khóa của cửa hàng khác: bị từ chối, không ghi gì sang đó.", "The keys of another shop are pasted by mistake: refused, nothing is written there.")
	return d.setChannels(d.engine, registry, right)
}

// second plans again: nothing is left to do.
func (d *demo) second(ctx context.Context) error {
	for _, id := range d.ids {
		// What the chapters above left parked is repaired by now.
		if _, err := d.engine.Publish(ctx, id, scheduler.PublishOptions{}); err != nil {
			return err
		}
		if _, err := d.engine.Observe(ctx, id); err != nil {
			return err
		}
		plan, err := d.engine.Plan(ctx, id)
		if err != nil {
			return err
		}
		d.report.SecondPlanActions += len(plan.Actions) + plan.More
		counts, err := d.store.CountListings(ctx, id)
		if err != nil {
			return err
		}
		total := 0
		for _, status := range statuses {
			total += counts[status]
		}
		d.holds("I10", total == d.report.Products)
		d.report.Published += counts[catalog.StatusLive]
		d.report.Channels++
		d.holds("I2", noSKUTwice(d.shops[id].Listings()))
		c, err := d.engine.Channel(id)
		if err != nil {
			return err
		}
		d.holds("I15", declaredIsImplemented(c))
	}
	d.holds("I3", d.report.SecondPlanActions == 0)
	if err := d.checkStock(ctx); err != nil {
		return err
	}
	logs := d.logs.String()
	for _, id := range d.ids {
		d.holds("I13", !strings.Contains(logs, d.shops[id].Secret()) && !strings.Contains(logs, d.shops[id].Key()))
	}
	d.tell("Lập kế hoạch lần nữa: còn %d việc.", "Plan again: %d actions.", d.report.SecondPlanActions)
	return nil
}

func (d *demo) table() {
	stdout := d.stdout
	d.stdout = d.out
	defer func() { d.stdout = stdout }()
	fmt.Fprintln(d.out)
	var rows [][]string
	for _, id := range d.ids {
		live := 0
		for _, l := range d.shops[id].Listings() {
			if l.State == catalog.StateLive {
				live++
			}
		}
		rows = append(rows, []string{string(id), d.shops[id].URL, fmt.Sprint(live), fmt.Sprint(len(d.shops[id].Orders())), fmt.Sprint(len(d.shops[id].Requests()))})
	}
	d.app.table([]string{d.t("Kênh", "Channel"), d.t("Địa chỉ", "Address"), d.t("Đang bán", "Live"), d.t("Đơn hàng", "Orders"), d.t("Lần gọi", "Calls")}, rows)
	fmt.Fprintln(d.out)
	rows = nil
	for _, name := range demoInvariants {
		mark := "✓"
		if !d.report.Invariants[name.id] {
			mark = "✗"
		}
		rows = append(rows, []string{name.id, mark, name.text.In(d.Lang)})
	}
	d.app.table([]string{"", "", d.t("Điều luôn đúng", "What always holds")}, rows)
}

// demoInvariants are those that the demo looks at on what really happened.
var demoInvariants = []struct {
	id   string
	text catalog.Text
}{
	{"I1", text("không bán quá số hàng có", "nothing is oversold")},
	{"I2", text("mỗi mã chỉ một tin đăng trên một kênh", "one listing per SKU and channel")},
	{"I3", text("kế hoạch thứ hai trống", "the second plan is empty")},
	{"I4", text("sửa một phần không đụng phần khác", "one facet written leaves the others")},
	{"I5", text("không mất đơn, không trùng đơn", "no order lost, none twice")},
	{"I6", text("tổng tiền khớp với sàn", "totals are the platform's")},
	{"I7", text("lỗi của một kênh không lan sang kênh khác", "a failure stays on its channel")},
	{"I8", text("đọc dở dang không xóa gì", "a partial read deletes nothing")},
	{"I9", text("sổ kho khớp với tồn kho", "the ledger sums to what is on hand")},
	{"I10", text("mỗi sản phẩm trên mỗi kênh có đúng một tình trạng", "every product has one status per channel")},
	{"I12", text("danh mục trống không xóa cửa hàng", "an empty master blanks no shop")},
	{"I13", text("không lộ khóa trong nhật ký", "no secret in the logs")},
	{"I14", text("không ghi nhầm sang cửa hàng khác", "another shop is refused")},
	{"I15", text("kênh làm được đúng điều đã khai báo", "declared means implemented")},
}

func (d *demo) verdict() error {
	var broken []string
	for _, invariant := range demoInvariants {
		if !d.report.Invariants[invariant.id] {
			broken = append(broken, invariant.id)
		}
	}
	if len(broken) > 0 || d.report.SecondPlanActions != 0 || d.report.Drift == 0 || d.report.Orders == 0 {
		return withCode(exitFailure, fmt.Errorf("the demo found what must not be: invariants %v, %d actions left", broken, d.report.SecondPlanActions))
	}
	fmt.Fprintln(d.out, "\n"+d.t("Mọi điều đều đúng.", "All of it holds."))
	return nil
}

// stayUp keeps the shops and the service running by their schedules.
func (d *demo) stayUp(ctx context.Context) error {
	queue, err := scheduler.OpenQueue(ctx, "")
	if err != nil {
		return err
	}
	defer queue.Close()
	jobs, err := scheduler.NewJobs(d.engine, queue, d.logger())
	if err != nil {
		return err
	}
	if err := jobs.Tick(ctx); err != nil {
		return err
	}
	fmt.Fprintln(d.out, "\n"+d.t("Hai cửa hàng mô phỏng vẫn mở; sửa hay đặt hàng qua /_sim/, hệ thống tự theo. Dừng: Ctrl+C", "Both simulated shops stay open; edit or order through /_sim/ and watch it follow. Stop: Ctrl+C"))
	return jobs.Work(ctx, 4)
}

// lockedBuffer is a buffer that several goroutines may write to.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
