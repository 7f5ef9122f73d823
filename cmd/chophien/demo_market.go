package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors/market"
	"github.com/chophien/chophien/connectors/market/markettest"
	"github.com/chophien/chophien/scheduler"
)

// demoMarket is what the demo found when it watched market prices.
type demoMarket struct {
	Sites     int `json:"sites"`
	Visits    int `json:"visits"`    // requests that the sites received
	Forbidden int `json:"forbidden"` // of these to what robots.txt forbids
	Prices    int `json:"prices"`    // stored, one for each change
	Doubtful  int `json:"doubtful"`  // of these kept aside as mistaken
	Alerts    int `json:"alerts"`    // told to people
	Attention int `json:"attention"` // sources that a person has to look at
}

// marketSites are the two simulated market sites, up on this machine.
type marketSites struct {
	retail      *markettest.Retail
	board       *markettest.Board
	shop, table string // their addresses
	recorders   []*markettest.Recorder
	servers     []*http.Server
}

// simulateMarket starts the sites; an empty addr takes free loopback ports. The
// day is set by a request to /_sim/day?3.
func simulateMarket(addr string, now func() time.Time) (*marketSites, error) {
	m := &marketSites{retail: &markettest.Retail{}, board: &markettest.Board{}}
	for _, site := range []struct {
		handler http.Handler
		set     func(int)
		url     *string
	}{{m.retail, m.retail.SetDay, &m.shop}, {m.board, m.board.SetDay, &m.table}} {
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			m.close()
			return nil, fmt.Errorf("start a simulated market site: %w", err)
		}
		*site.url = "http://" + listener.Addr().String()
		recorder := markettest.Record(site.handler)
		recorder.Now = now
		mux := http.NewServeMux()
		mux.Handle("/", recorder)
		mux.HandleFunc("/_sim/day", func(w http.ResponseWriter, r *http.Request) {
			var day int
			if _, err := fmt.Sscan(r.URL.RawQuery, &day); err != nil || day < 0 {
				http.Error(w, "write the day, such as /_sim/day?3", http.StatusBadRequest)
				return
			}
			site.set(day)
		})
		server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
		go server.Serve(listener)
		m.recorders, m.servers = append(m.recorders, recorder), append(m.servers, server)
		addr = "127.0.0.1:0"
	}
	return m, nil
}

func (m *marketSites) close() {
	for _, s := range m.servers {
		s.Close()
	}
}

// yaml writes the sites as sources of connectors.yaml.
func (m *marketSites) yaml() string {
	return fmt.Sprintf(`sources:
  - {id: ong-cho-mau, kind: page, name: Chợ mẫu trên mạng, url: %[1]q, commodity: honey, product: MAT-ONG-BAC-HA}
  - {id: cho-mau, kind: search, name: Chợ mẫu trên mạng, url: %[2]q}
  - {id: gia-tieu, kind: table, name: Bảng giá tiêu mẫu, url: %[3]q, commodity: pepper}
  - {id: gio-hang, kind: page, name: Trang cấm đọc, url: %[4]q, commodity: honey}
alerts:
  rules:
    - {id: bien-dong, when: change, percent: 5%%}
    - {id: mat-gia, when: no_price}
`, m.shop+"/san-pham/mat-ong-bac-ha-500ml", m.shop+"/tim-kiem?q=", m.table+"/gia-tieu", m.shop+markettest.Forbidden)
}

// market keeps the simulated market sites up until it is stopped.
func (c *simCmd) market(ctx context.Context, a *app) error {
	sites, err := simulateMarket(c.Addr, nil)
	if err != nil {
		return withCode(exitConfig, err)
	}
	defer sites.close()
	a.say("Hai trang giá chợ mô phỏng đang chạy; thêm đoạn sau vào connectors.yaml và chạy với CHOPHIEN_ALLOW_LOOPBACK=1:", "The simulated market sites are up; add this to connectors.yaml and run with CHOPHIEN_ALLOW_LOOPBACK=1:")
	fmt.Fprintf(a.stdout, "\n%s", sites.yaml())
	a.say("\nSang ngày khác: %s/_sim/day?3 và %s/_sim/day?3   Dừng: Ctrl+C", "\nMove to another day: %s/_sim/day?3 and %s/_sim/day?3   Stop: Ctrl+C", sites.shop, sites.table)
	<-ctx.Done()
	return nil
}

// demoDays is how many days the market story takes.
const demoDays = 9

// watchMarket watches two market sites for nine simulated days: a real rise, a
// price with a zero too few, and a page that stops showing one.
func (d *demo) watchMarket(ctx context.Context) error {
	// The board prints dates from this day on.
	begin := time.Date(2026, 11, 20, 8, 0, 0, 0, pricewatch.Vietnam)
	clock := markettest.NewClock(begin)
	sites, err := simulateMarket("127.0.0.1:0", clock.Now)
	if err != nil {
		return err
	}
	defer sites.close()
	registry, err := newRegistry()
	if err != nil {
		return err
	}
	config, err := registry.Parse("connectors.yaml", []byte(sites.yaml()), nil)
	if err != nil {
		return err
	}
	guest, err := market.NewGuest(market.Settings{Agent: agent(), Loopback: true, Clock: clock})
	if err != nil {
		return err
	}
	engine := scheduler.New(d.store, scheduler.Options{Sealer: d.sealer, Logger: d.logger(), Now: clock.Now})
	engine.SetSources(config.Sources, market.NewReader(guest))
	var told []pricewatch.Alert
	engine.SetAlerts(config.Alerts, func(_ context.Context, digest pricewatch.Digest, _ string) error {
		told = append(told, digest.Alerts...)
		return nil
	})
	d.tell("Theo dõi giá trên hai trang chợ mẫu trong %d ngày mô phỏng; mọi khoảng chờ mà trang yêu cầu đều được giữ.", "Prices on two sample market sites are watched for %d simulated days; every wait that the sites ask for is kept.", demoDays)
	for day := range demoDays {
		clock.Set(begin.AddDate(0, 0, day))
		sites.retail.SetDay(day)
		sites.board.SetDay(day)
		before := len(told)
		_, results, err := engine.Watch(ctx, scheduler.WatchOptions{})
		if err != nil {
			return err
		}
		if day == 0 {
			if err := d.confirmMarket(ctx, engine, results); err != nil {
				return err
			}
		}
		if err := d.tellDay(ctx, engine, clock.Now(), day, results, told[before:]); err != nil {
			return err
		}
	}
	return d.checkMarket(ctx, engine, sites, told)
}

// confirmMarket tells what was read first, and has a person decide what the
// results of the search are.
func (d *demo) confirmMarket(ctx context.Context, engine *scheduler.Engine, results []scheduler.Watched) error {
	var pepper pricewatch.Item
	waiting := 0
	if err := engine.Items(ctx, "cho-mau", func(i pricewatch.Item) error {
		waiting++
		if strings.Contains(i.Name, "Tiêu đen") {
			pepper = i
		}
		return nil
	}); err != nil {
		return err
	}
	pepper, err := engine.Confirm(ctx, pepper.ID(), pricewatch.Match{})
	if err != nil {
		return err
	}
	commodity, _ := catalog.CategoryByCode(pepper.Match.Commodity)
	d.detail("Trang tìm kiếm có %d mặt hàng viết giá đủ kiểu (65k, 1tr2/kg, Từ 98,000đ); một người xác nhận một lần %q là %s.", "The search page has %d goods with prices written in all ways (65k, 1tr2/kg, Từ 98,000đ); a person confirms once that %q is %s.", waiting, pepper.Name, commodity.Name.In(d.Lang))
	for _, r := range results {
		if r.Paused {
			d.detail("Nguồn %s: robots.txt không cho đọc, nên không đọc và báo người phụ trách.", "Source %s: robots.txt does not allow it, so it is not read and a person is told.", r.Source)
		}
	}
	return nil
}

// tellDay tells what a day brought.
func (d *demo) tellDay(ctx context.Context, engine *scheduler.Engine, now time.Time, day int, results []scheduler.Watched, told []pricewatch.Alert) error {
	date := pricewatch.Date(now)
	if day == markettest.OutlierDay {
		item, err := engine.FindItem(ctx, "ong-cho-mau")
		if err != nil {
			return err
		}
		d.detail("%s: đọc được %s; %s. Giữ lại, không tính, không báo.", "%s: %s is read; %s. It is kept aside, counts nowhere and raises no alert.", date, d.price(*item.Last), item.Doubt.In(d.Lang))
	}
	for _, r := range results {
		state, err := engine.SourceState(ctx, r.Source)
		if err != nil {
			return err
		}
		if r.Attention != nil && !r.Paused && state.Since.Equal(state.ReadAt) {
			d.detail("%s: %s cần xem lại: %s", "%s: %s needs attention: %s", date, r.Source, r.Attention.Message.In(d.Lang))
		}
	}
	for _, a := range told {
		a.Language = d.Lang
		d.detail("%s, tin báo: %s", "%s, alert: %s", date, strings.Join(a.Lines(), "\n  "))
	}
	return nil
}

// checkMarket compares what is stored with what the sites really showed: each
// price is one that was shown, and nothing stands where there was none (I11).
func (d *demo) checkMarket(ctx context.Context, engine *scheduler.Engine, sites *marketSites, told []pricewatch.Alert) error {
	m := demoMarket{Sites: len(sites.recorders), Alerts: len(told)}
	var honey []string
	records, err := d.store.Records(ctx, catalog.RecordQuery{Kind: catalog.KindMarket})
	if err != nil {
		return err
	}
	for _, r := range records {
		var o pricewatch.Observation
		if err := json.Unmarshal(r.Data, &o); err != nil {
			return err
		}
		m.Prices++
		if o.Doubtful() {
			m.Doubtful++
		}
		d.holds("I11", o.AmountMin.Valid && o.AmountMin.Decimal.IsPositive() && o.Subject.Currency == "VND" && o.Evidence.Text != "" && !strings.Contains(o.Name, "thổ cẩm"))
		day := int(o.SeenAt.Sub(time.Date(2026, 11, 20, 8, 0, 0, 0, pricewatch.Vietnam)).Hours() / 24)
		switch o.Source {
		case "ong-cho-mau":
			honey = append(honey, fmt.Sprint(day, " ", o.AmountMin.Decimal))
			d.holds("I11", o.LastSeenAt.Before(o.SeenAt.AddDate(0, 0, markettest.BrokenDay)) && day < markettest.BrokenDay)
		case "gia-tieu":
			price, _ := markettest.BoardPrice(slices.Index(markettest.BoardPlaces, o.Subject.Region), day)
			d.holds("I11", o.AmountMin.Decimal.IntPart() == int64(price))
		}
	}
	d.holds("I11", slices.Equal(honey, []string{"0 185000", "3 205000", "5 20500", "6 205000"}) && m.Doubtful == 1)
	last := map[string]time.Time{}
	polite := true
	var visits []markettest.Visit
	for _, r := range sites.recorders {
		visits = append(visits, r.Visits()...)
	}
	slices.SortFunc(visits, func(a, b markettest.Visit) int { return a.At.Compare(b.At) })
	for _, v := range visits {
		m.Visits++
		if strings.HasPrefix(v.Path, markettest.Forbidden) {
			m.Forbidden++
		}
		// Both sites are on this machine, which is one host.
		if before, ok := last["host"]; ok && v.At.Sub(before) < markettest.CrawlDelay && v.Path != "/robots.txt" {
			polite = false
		}
		last["host"] = v.At
	}
	rises, outliers := 0, 0
	for _, a := range told {
		if a.When == pricewatch.Change && a.Up {
			rises++
		}
		if strings.Contains(a.Raw, "20.500") {
			outliers++
		}
	}
	for _, s := range engine.Sources() {
		state, err := engine.SourceState(ctx, s.ID)
		if err != nil {
			return err
		}
		if state.Attention != nil {
			m.Attention++
		}
	}
	d.report.Market = m
	d.detail("%d giá được lưu (mỗi lần đổi một dòng), %d để riêng vì đáng ngờ; %d tin báo; %d lần ghé, không lần nào vào phần cấm.", "%d prices are stored (one for each change), %d of them aside as doubtful; %d alerts; %d visits, none to what is forbidden.", m.Prices, m.Doubtful, m.Alerts, m.Visits)
	d.tellBand(ctx, engine)
	switch {
	case m.Forbidden > 0 || !polite:
		return errors.New("the demo was no good guest of the market sites")
	case rises == 0 || outliers > 0 || m.Attention != 2:
		return fmt.Errorf("the market story went wrong: %d rises told, %d slips told, %d sources need attention", rises, outliers, m.Attention)
	}
	return nil
}

// tellBand puts our own price beside the market's.
func (d *demo) tellBand(ctx context.Context, engine *scheduler.Engine) {
	for advised, err := range engine.Advise(ctx, "MAT-ONG-BAC-HA", time.Date(2026, 11, 28, 12, 0, 0, 0, pricewatch.Vietnam)) {
		if err == nil {
			d.detail("%s", "%s", advised.Advice.Text.In(d.Lang))
		}
		return
	}
}
