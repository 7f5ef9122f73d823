package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

var web = connectors.ChannelConfig{ID: "web"}
var market = connectors.ChannelConfig{ID: "market"}

func TestI1NoOversellByStalePush(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 10)
	b.publish("web", "")
	s := b.shops["web"]
	s.written()

	// Goods come in after the orders were read: stock may not rise on what
	// was read before.
	b.move("receive/1", 0, 5)
	plan := b.plan("web")
	if len(plan.Actions) != 0 || plan.Fenced != 1 {
		t.Errorf("stock raised on an old order read: %+v", plan)
	}
	// A plan that asks for it all the same does not get through either.
	l := b.listing("web", 0)
	forged := catalog.Plan{Channel: "web", Actions: []catalog.Action{{Kind: catalog.ActionUpdate, ProductID: "P-000", Facets: []catalog.Facet{catalog.FacetStock}, ProductRevision: 1, ListingRevision: l.Revision}}}
	if _, err := b.engine.Apply(t.Context(), forged, "someone"); err != nil {
		t.Fatal(err)
	}
	if got := s.variant(sku(0)).quantity; got != 10 {
		t.Errorf("forged plan raised the stock to %d", got)
	}
	// With the orders read again it rises, by what the orders left.
	s.order("1", b.now(), sku(0), 3)
	b.publish("web", "")
	if got := s.variant(sku(0)).quantity; got != 12 {
		t.Errorf("stock is %d, want 15 received less 3 ordered", got)
	}
	// An order read that is too old does not count.
	b.move("receive/2", 0, 5)
	b.pull("web")
	b.clock = b.clock.Add(2 * time.Hour)
	if plan := b.plan("web"); plan.Fenced != 1 {
		t.Errorf("stock raised on an order read of two hours ago: %+v", plan)
	}
	// A decrease always passes.
	b.move("loss/1", 0, -16)
	if _, err := b.engine.Apply(t.Context(), b.plan("web").Plan, ""); err != nil {
		t.Fatal(err)
	}
	if got := s.variant(sku(0)).quantity; got != 1 {
		t.Errorf("stock is %d, want the decrease to 1 to pass", got)
	}
}

func TestI1AHeldPlanStillLowersStock(t *testing.T) {
	t.Parallel()
	b := newBench(t, web, market)
	b.products(1, 10)
	b.publish("web", "")
	b.publish("market", "")
	b.change(0, func(p *catalog.Product) { p.Variants[0].ListPrice = catalog.VND(500000) })
	b.shops["web"].order("1", b.now(), sku(0), 4)
	b.pull("web")
	done := b.publish("market", "")
	if len(done.Left.Hold) == 0 {
		t.Error("a price five times as high waits for nobody")
	}
	v := b.shops["market"].variant(sku(0))
	if v.quantity != 6 || v.price.List.Amount != 100000 {
		t.Errorf("the other channel offers %d at %s, want 6 at the old price", v.quantity, v.price.List)
	}
}

func TestI1OnePublishRaisesWhatItLookedUpOnTheWay(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 10)
	s := b.shops["web"]
	s.lose = 1
	// It dies before it can look the create up, and pieces come in.
	engine := b.restart(&crashing{Store: b.store, left: 8})
	_, _ = engine.Publish(t.Context(), "web", PublishOptions{})
	if l := b.listing("web", 0); l.Intent == nil {
		t.Fatalf("the listing is %s, want one whose create is open", l.Reason)
	}
	b.move("more", 0, 5)
	done := b.publish("web", "")
	if got := s.variant(sku(0)).quantity; got != 15 || done.Left.Fenced != 0 {
		t.Errorf("the shop offers %d of 15, %d variants wait for orders to be read", got, done.Left.Fenced)
	}
}

func TestI2OneListingWhenAnswersAreLost(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(5, 10)
	s := b.shops["web"]
	s.lose = 1 // the creates are carried out, their answer is lost
	b.publish("web", "")
	if len(s.listings) != 5 {
		t.Fatalf("the shop has %d listings, want 5", len(s.listings))
	}
	for i := range 5 {
		if l := b.listing("web", i); l.ExternalID == "" || l.Status != catalog.StatusLive || l.Intent != nil {
			t.Errorf("listing %d: %q %s, intent %v", i, l.ExternalID, l.Status, l.Intent)
		}
	}
	if plan := b.plan("web"); len(plan.Actions) != 0 {
		t.Errorf("second plan: %+v", plan.Actions)
	}
	// While the outcome is not known nothing is created, also when the
	// platform does not find the listing yet.
	b.products2(5, 6)
	s.lose = 1
	hidden := &hiding{shop: s}
	b.replace("web", hidden, time.Minute)
	b.publish("web", "")
	b.publish("web", "")
	if len(s.listings) != 6 {
		t.Errorf("the shop has %d listings, want 6: created again before the platform had settled", len(s.listings))
	}
	b.clock = b.clock.Add(2 * time.Minute)
	hidden.show = true
	b.publish("web", "")
	if l := b.listing("web", 5); len(s.listings) != 6 || l.Status != catalog.StatusLive {
		t.Errorf("%d listings, the last %s", len(s.listings), l.Status)
	}
}

func TestI2TheSettingOfAChannelSaysHowLongToLook(t *testing.T) {
	t.Parallel()
	duration := func(d time.Duration) *time.Duration { return &d }
	for _, test := range []struct {
		name    string
		setting *time.Duration
		again   bool // two minutes after the create it has been made again
	}{
		{"the platform's own", nil, false},
		{"shorter", duration(time.Minute), true},
		{"none", duration(0), true},
		{"longer", duration(time.Hour), false},
	} {
		b := newBench(t, web)
		b.products(1, 10)
		s := b.shops["web"]
		s.lose = 100 // no create is ever answered
		info := connectors.Info{Name: "shop", Title: "Shop", Overlap: time.Minute, Precision: time.Second, Settle: 5 * time.Minute}
		config := connectors.ChannelConfig{ID: "web", Freshness: time.Hour, Settle: test.setting}
		must(b, b.engine.SetChannels([]*connectors.Channel{connectors.NewChannel(config, info, &hiding{shop: s}, nil)}))
		b.publish("web", "")
		b.clock = b.clock.Add(2 * time.Minute)
		b.publish("web", "")
		creates := 0
		for _, write := range s.writes {
			if strings.HasPrefix(write, string(catalog.FacetContent)) {
				creates++
			}
		}
		if (creates > 1) != test.again {
			t.Errorf("%s: %d creates within two minutes", test.name, creates)
		}
	}
}

func TestI2ACrashBetweenSendingAndRecording(t *testing.T) {
	t.Parallel()
	// The process dies at every write of the store in turn. The platform does
	// not look SKUs up by itself: only the stored intent keeps us from
	// creating a second time.
	for failAt := range 12 {
		b := newBench(t, web)
		b.products(4, 10)
		s := b.shops["web"]
		s.naive = true
		engine := b.restart(&crashing{Store: b.store, left: failAt})
		_, _ = engine.Publish(t.Context(), "web", PublishOptions{})
		b.publish("web", "")
		if len(s.listings) != 4 {
			t.Errorf("crash at write %d: the shop has %d listings, want 4", failAt, len(s.listings))
		}
		if plan := b.plan("web"); len(plan.Actions) != 0 {
			t.Errorf("crash at write %d: second plan %+v", failAt, plan.Actions)
		}
	}
}

// restart is another process's engine on the same channels, with its store.
func (b *bench) restart(store catalog.Store) *Engine {
	b.Helper()
	engine := New(store, Options{Sealer: plainSealer{}, Now: b.now})
	c, err := b.engine.Channel("web")
	must(b, err)
	must(b, engine.SetChannels([]*connectors.Channel{c}))
	return engine
}

// hiding is a shop whose look-up by SKU lags.
type hiding struct {
	*shop
	show bool
}

func (h *hiding) FindSKUs(ctx context.Context, skus []catalog.SKU) ([]catalog.Remote, error) {
	if !h.show {
		return nil, nil
	}
	return h.shop.FindSKUs(ctx, skus)
}

func (b *bench) products2(from, to int) {
	b.Helper()
	for i := from; i < to; i++ {
		must(b, all(b.store.PutProducts(b.Context(), []catalog.Product{{
			ID: fmt.Sprintf("P-%03d", i), Name: catalog.Text{VI: fmt.Sprintf("Trà %d", i)}, Description: catalog.Text{VI: "Trà."}, Category: "tea",
			Variants: []catalog.Variant{{SKU: sku(i), ListPrice: catalog.VND(100000), Weight: 100}},
		}})))
		b.move(fmt.Sprint("new/", i), i, 5)
	}
}

// replace puts another connector behind a channel.
func (b *bench) replace(id catalog.ChannelID, c connectors.Connector, settle time.Duration) {
	b.Helper()
	info := connectors.Info{Name: "shop", Title: "Shop", Overlap: time.Minute, Precision: time.Second, Settle: settle}
	must(b, b.engine.SetChannels([]*connectors.Channel{connectors.NewChannel(connectors.ChannelConfig{ID: id, Freshness: time.Hour}, info, c, nil)}))
}

func TestI3SecondPlanIsEmpty(t *testing.T) {
	t.Parallel()
	b := newBench(t, web, market)
	b.products(30, 10)
	for _, id := range []catalog.ChannelID{"web", "market"} {
		b.publish(id, "")
		b.observe(id)
		if plan := b.plan(id); len(plan.Actions) != 0 || plan.Drift != 0 {
			t.Errorf("%s: second plan has %d actions, %d drift", id, len(plan.Actions), plan.Drift)
		}
	}
	// Also after every kind of change.
	b.change(1, func(p *catalog.Product) { p.Name.VI = "Mật ong bạc hà" })
	b.change(2, func(p *catalog.Product) { p.Variants[0].ListPrice = catalog.VND(110000) })
	b.change(3, func(p *catalog.Product) { p.Archived = true })
	b.change(4, func(p *catalog.Product) {
		p.Overrides = map[catalog.ChannelID]catalog.Override{"web": {Excluded: true}}
	})
	b.move("loss/5", 5, -4)
	for _, id := range []catalog.ChannelID{"web", "market"} {
		b.publish(id, "")
		b.observe(id)
		if plan := b.plan(id); len(plan.Actions) != 0 {
			t.Errorf("%s: plan after changes has %+v", id, plan.Actions)
		}
	}
	if s := b.listing("web", 4); s.Status != catalog.StatusExcluded {
		t.Errorf("excluded product is %s", s.Status)
	}
	if s := b.listing("market", 4); s.Status != catalog.StatusLive {
		t.Errorf("product excluded elsewhere is %s", s.Status)
	}
}

func TestI4OneFacetLeavesTheOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(2, 10)
	b.publish("web", "")
	s := b.shops["web"]
	for _, tt := range []struct {
		name   string
		change func()
		want   []string
	}{
		{"price", func() { b.change(0, func(p *catalog.Product) { p.Variants[0].ListPrice = catalog.VND(105000) }) }, []string{"price SKU-000=105000"}},
		{"stock", func() { b.move("loss", 0, -2) }, []string{"stock SKU-000=8"}},
		{"content", func() { b.change(0, func(p *catalog.Product) { p.Description.VI = "Mật mới." }) }, []string{"content P-000"}},
		{"state", func() { b.change(0, func(p *catalog.Product) { p.Archived = true }) }, []string{"state 1=stopped"}},
	} {
		s.written()
		tt.change()
		b.publish("web", "ng")
		if got := s.written(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: wrote %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestI4OneVariantLeavesTheOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	must(t, all(b.store.PutProducts(t.Context(), []catalog.Product{{
		ID: "P-000", Name: catalog.Text{VI: "Trà"}, Description: catalog.Text{VI: "Trà."}, Category: "tea", Options: []string{"Khối lượng"},
		Variants: []catalog.Variant{
			{SKU: sku(0), Options: []string{"100 g"}, ListPrice: catalog.VND(100000)}, {SKU: sku(1), Options: []string{"200 g"}, ListPrice: catalog.VND(190000)},
		},
	}})))
	b.move("in/0", 0, 9)
	b.move("in/1", 1, 9)
	b.publish("web", "")
	s := b.shops["web"]
	s.written()
	b.change(0, func(p *catalog.Product) { p.Variants[1].ListPrice = catalog.VND(195000) })
	b.publish("web", "")
	if got := s.written(); !slices.Equal(got, []string{"price SKU-001=195000"}) {
		t.Errorf("one price changed: wrote %q", got)
	}
	b.move("out/0", 0, -1)
	b.publish("web", "")
	if got := s.written(); !slices.Equal(got, []string{"stock SKU-000=8"}) {
		t.Errorf("one stock changed: wrote %q", got)
	}
}

func TestI7AFailureStaysOnItsChannel(t *testing.T) {
	t.Parallel()
	b := newBench(t, web, market)
	b.products(3, 10)
	b.shops["web"].fail = &connectors.Error{Kind: connectors.Auth, Op: "check", Err: errors.New("keys refused")}
	if _, err := b.engine.Publish(t.Context(), "web", PublishOptions{}); !errors.Is(err, connectors.Auth) {
		t.Fatalf("error %v, want auth", err)
	}
	b.publish("market", "")
	if n := len(b.shops["market"].listings); n != 3 {
		t.Errorf("the other channel has %d listings, want 3", n)
	}
	state, err := b.engine.State(t.Context(), "web")
	must(t, err)
	if state.Parked == nil {
		t.Error("the channel is not parked")
	}
	other, err := b.engine.State(t.Context(), "market")
	must(t, err)
	if other.Parked != nil {
		t.Error("the other channel is parked too")
	}
	// Repaired, it works again.
	b.shops["web"].fail = nil
	b.publish("web", "")
	if state, _ := b.engine.State(t.Context(), "web"); state.Parked != nil || len(b.shops["web"].listings) != 3 {
		t.Errorf("repaired channel: %+v", state)
	}
}

func TestI8APartialReadNeverDeletes(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(4, 10)
	b.publish("web", "")
	s := b.shops["web"]
	s.failScan = 1
	for range 3 {
		if _, err := b.engine.Observe(t.Context(), "web"); err == nil {
			t.Fatal("a scan that broke off reported success")
		}
	}
	for i := range 4 {
		if l := b.listing("web", i); l.Status != catalog.StatusLive || l.Missing != 0 {
			t.Errorf("listing %d after broken scans: %s, missing %d", i, l.Status, l.Missing)
		}
	}
	// Complete scans may, but not the first.
	s.failScan = 0
	s.mu.Lock()
	delete(s.listings, b.listing("web", 2).ExternalID)
	s.mu.Unlock()
	b.observe("web")
	if l := b.listing("web", 2); l.Observed.State == catalog.StateGone {
		t.Error("gone after one scan")
	}
	b.observe("web")
	l := b.listing("web", 2)
	if l.Observed.State != catalog.StateGone {
		t.Error("not gone after two complete scans")
	}
	if plan := b.plan("web"); len(plan.Actions) != 1 || !plan.Actions[0].Held {
		t.Errorf("a listing that was deleted there: %+v, want one held action", plan.Actions)
	}
}

func TestI10EveryProductHasExactlyOneStatus(t *testing.T) {
	t.Parallel()
	config := web
	config.Rules.Exclude.Products = []string{"P-000"}
	b := newBench(t, config)
	b.products(12, 10)
	b.change(1, func(p *catalog.Product) { p.Archived = true })
	b.change(2, func(p *catalog.Product) { p.Name.VI = "tên cấm" })
	b.change(3, func(p *catalog.Product) { p.Variants[0].ListPrice = catalog.Money{Amount: 100, Currency: "USD"} })
	b.shops["web"].refuse = "cấm"
	b.publish("web", "")
	b.shops["web"].edit(sku(4), func(l *shopListing, _ *shopVariant) { l.state = catalog.StateReview })
	b.observe("web")
	counts, err := b.store.CountListings(t.Context(), "web")
	must(t, err)
	total := 0
	for status, n := range counts {
		if !slices.Contains([]catalog.Status{catalog.StatusLive, catalog.StatusWaiting, catalog.StatusBlocked, catalog.StatusStopped, catalog.StatusExcluded}, status) {
			t.Errorf("%d listings have the status %q", n, status)
		}
		total += n
	}
	if total != 12 {
		t.Errorf("the counts add up to %d, want 12: %v", total, counts)
	}
	for i, want := range map[int]catalog.Status{0: catalog.StatusExcluded, 1: catalog.StatusStopped, 2: catalog.StatusBlocked, 4: catalog.StatusWaiting, 5: catalog.StatusLive} {
		if got := b.listing("web", i).Status; got != want {
			t.Errorf("product %d is %s, want %s", i, got, want)
		}
	}
}

func TestAPriceThatTakesEffectLaterIsNoDrift(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 10)
	b.publish("web", "")
	s := b.shops["web"]
	s.written()
	s.later = b.clock.Add(time.Hour)
	b.change(0, func(p *catalog.Product) { p.Variants[0].ListPrice = catalog.VND(110000) })
	b.publish("web", "")
	b.observe("web")
	b.publish("web", "")
	if got := s.written(); len(got) != 1 {
		t.Errorf("an accepted price was written %d times: %q", len(got), got)
	}
	// It never came: after its time that is drift, and written again.
	b.clock = b.clock.Add(2 * time.Hour)
	s.later = time.Time{}
	b.observe("web")
	b.publish("web", "")
	if got := s.variant(sku(0)).price.List.Amount; got != 110000 {
		t.Errorf("the price is %d, want 110000", got)
	}
}
