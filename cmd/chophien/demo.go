package main

import (
	"bytes"
	"cmp"
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
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
	"github.com/chophien/chophien/web"
)

type demoCmd struct {
	Once bool `help:"Kết thúc sau khi kể xong. / End when the story is told."`
	JSON bool `name:"json" help:"In kết quả bằng JSON. / Print the result as JSON."`
}

// demo is a run of the demo.
type demo struct {
	*app
	out    io.Writer // where the story is told
	shops  map[catalog.ChannelID]simulated
	ids    []catalog.ChannelID
	report demoReport
	step   int

	logs    *lockedBuffer // everything that was logged, to be searched for secrets
	secrets map[string]bool

	mu     sync.Mutex
	hinted map[catalog.ChannelID]int // webhooks that were taken
	onHint func(catalog.ChannelID, connectors.Hint)
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
	d := &demo{
		app: a, out: a.stdout, logs: &lockedBuffer{}, secrets: map[string]bool{},
		shops: map[catalog.ChannelID]simulated{}, hinted: map[catalog.ChannelID]int{},
	}
	d.report = demoReport{Invariants: map[string]bool{}, Platforms: map[string]demoPlatform{}}
	stdout := a.stdout
	if c.JSON { // the story goes beside the report
		d.out, a.stdout = a.stderr, a.stderr
	}
	a.log = slog.New(slog.NewTextHandler(d.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	stop, err := d.open(ctx)
	defer stop()
	if err != nil {
		return err
	}
	for _, chapter := range d.chapters() {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	d.tables()
	a.stdout = stdout
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

// demoShops are the shops of the demo, with their rules in connectors.yaml.
var demoShops = []struct {
	id                    catalog.ChannelID
	platform, name, rules string
}{
	{"cho-ha-noi", "woocommerce", "Chợ mẫu Hà Nội", "      stock: {last_units: 2, last_units_on: cho-ha-noi}\n"},
	{"cho-sai-gon", "woocommerce", "Chợ mẫu Sài Gòn", "      title: \"{{.Name}} – hàng vùng cao\"\n      price: {markup: 8%, round_to: 1000}\n      stock: {buffer: 1, last_units: 2, last_units_on: cho-ha-noi}\n"},
	{"shopee", "shopee", "Gian hàng mẫu Shopee", marketplace},
	{"lazada", "lazada", "Gian hàng mẫu Lazada", marketplace},
	{"tiktok", "tiktokshop", "Gian hàng mẫu TikTok Shop", marketplace},
	{"tiki", "tiki", "Gian hàng mẫu Tiki", marketplace},
}

// marketplace are the rules of the demo's shops on marketplaces, which take a
// commission and want titles that say what it is.
const marketplace = "      title: \"{{.Name}} – hàng vùng cao, {{.Group}}\"\n      price: {markup: 12%, round_to: 1000}\n      stock: {share: 50, last_units: 2, last_units_on: cho-ha-noi}\n"

// config is connectors.yaml of the demo; swapped gives the first channel the
// address and keys of the second.
func (d *demo) config(swapped bool) []byte {
	var b strings.Builder
	b.WriteString("channels:\n")
	for _, shop := range demoShops {
		s := d.shops[shop.id]
		if swapped && shop.id == d.ids[0] {
			s = d.shops[d.ids[1]]
		}
		b.WriteString(s.yaml(shop.id, shop.name, shop.rules))
	}
	return []byte(b.String())
}

// open starts the service's HTTP side for pictures and webhooks, the simulated
// shops and the engine. The caller calls stop, also after an error.
func (d *demo) open(ctx context.Context) (stop func(), err error) {
	var stops []func()
	stop = func() {
		for _, s := range slices.Backward(stops) {
			s()
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return stop, err
	}
	stops = append(stops, func() { listener.Close() })
	d.publicURL = "http://" + listener.Addr().String()
	for i, shop := range demoShops {
		s, err := simulators[shop.platform](start{n: i + 1, hub: d.publicURL})
		if err != nil {
			return stop, fmt.Errorf("start a simulated shop: %w", err)
		}
		stops = append(stops, s.close)
		d.shops[shop.id] = s
		d.ids = append(d.ids, shop.id)
		d.keepSecret(s.secrets...)
	}
	if err := os.WriteFile(d.Config, d.config(false), 0o600); err != nil {
		return stop, err
	}
	engine, err := d.openEngine(ctx)
	if err != nil {
		return stop, err
	}
	pictures, err := d.pictures()
	if err != nil {
		return stop, err
	}
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: web.Handler(web.Options{
		Engine: engine, Sealer: d.sealer, Media: pictures, Logger: d.logger(), PublicURL: d.publicURL, Metrics: web.NewMetrics().Handler(),
		Hint: func(_ context.Context, id catalog.ChannelID, hint connectors.Hint) { d.hint(id, hint) },
	})}
	go server.Serve(listener)
	stops = append(stops, func() { server.Close() })
	return stop, d.connect(ctx)
}

// hint takes what a webhook hints at.
func (d *demo) hint(id catalog.ChannelID, hint connectors.Hint) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hinted[id]++
	if d.onHint != nil {
		d.onHint(id, hint)
	}
}

// demoRedirect stands for the address that is registered with the platforms.
const demoRedirect = "https://hub.example.vn/callback"

// connect has the sellers agree where a platform asks for it, and tells the
// platforms where to send their webhooks.
func (d *demo) connect(ctx context.Context) error {
	for _, id := range d.ids {
		s := d.shops[id]
		if s.grant != nil {
			answer, err := s.grant(demoRedirect)
			if err != nil {
				return err
			}
			if _, err := d.grant(ctx, d.engine, id, answer, demoRedirect); err != nil {
				return err
			}
			if err := d.keepTokens(ctx, id); err != nil {
				return err
			}
		}
		c, err := d.engine.Channel(id)
		if err != nil {
			return err
		}
		if c.Hooks == nil {
			continue
		}
		address := cmp.Or(s.hookURL, d.publicURL) + "/hooks/" + string(id)
		if s.registerHook != nil {
			s.registerHook(address)
		}
		if err := c.Hooks.EnsureHooks(ctx, address); err != nil {
			return fmt.Errorf("register webhooks: %w", err)
		}
	}
	return nil
}

// keepTokens notes a channel's tokens among the secrets.
func (d *demo) keepTokens(ctx context.Context, id catalog.ChannelID) error {
	token, err := connectors.NewTokenStore(d.store, id, d.sealer).Token(ctx)
	d.keepSecret(token.AccessToken, token.RefreshToken)
	return err
}

func (d *demo) keepSecret(texts ...string) {
	for _, text := range texts {
		if text != "" {
			d.secrets[text] = true
		}
	}
}

// each does the same for all channels at once.
func (d *demo) each(do func(id catalog.ChannelID) error) error {
	errs := make([]error, len(d.ids))
	var running sync.WaitGroup
	for i, id := range d.ids {
		running.Go(func() { errs[i] = do(id) })
	}
	running.Wait()
	return errors.Join(errs...)
}

// publish publishes to all channels at once.
func (d *demo) publish(ctx context.Context) (map[catalog.ChannelID]scheduler.Published, error) {
	var mu sync.Mutex
	all := map[catalog.ChannelID]scheduler.Published{}
	return all, d.each(func(id catalog.ChannelID) error {
		done, err := d.engine.Publish(ctx, id, scheduler.PublishOptions{})
		mu.Lock()
		defer mu.Unlock()
		all[id] = done
		return err
	})
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
	d.mu.Lock()
	d.onHint = func(id catalog.ChannelID, hint connectors.Hint) {
		if hint.Orders {
			jobs.Ask(ctx, scheduler.Job{Task: scheduler.TaskOrders, Channel: id})
		}
	}
	d.mu.Unlock()
	var delivering sync.WaitGroup
	defer delivering.Wait()
	delivering.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			for _, id := range d.ids {
				if deliver := d.shops[id].deliver; deliver != nil {
					deliver()
				}
			}
		}
	})
	first := d.shops[d.ids[0]]
	fmt.Fprintln(d.out, "\n"+d.t("Các cửa hàng mô phỏng vẫn mở. Thử đặt một đơn, vài giây sau tồn kho ở các cửa hàng kia cũng giảm:", "The simulated shops stay open. Place an order, and within seconds the stock of the other shops follows:"))
	fmt.Fprintf(d.out, "    curl -d '{\"lines\": [{\"sku\": %q, \"quantity\": 1}]}' %s/_sim/orders\n", first.shop.Listings()[0].Variants[0].SKU, first.server.URL)
	fmt.Fprintln(d.out, d.t("Xem bên trong: /_sim/state của từng địa chỉ ở trên. Dừng: Ctrl+C", "Look inside: /_sim/state at each of the addresses above. Stop: Ctrl+C"))
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
