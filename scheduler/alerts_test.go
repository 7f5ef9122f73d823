package scheduler

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// herald remembers the headlines of the messages that it is given.
type herald struct {
	told []string
	err  error // what telling fails with
}

func (h *herald) tell(_ context.Context, d pricewatch.Digest, text string) error {
	if h.err != nil {
		return h.err
	}
	if !strings.HasPrefix(text, "Giá thị trường") {
		return errors.New("not a message")
	}
	for _, a := range d.Alerts {
		h.told = append(h.told, a.Lines()[0])
	}
	return nil
}

// newHerald is a stall with rules; all are urgent, and there are no quiet hours.
func newHerald(t *testing.T, sources []connectors.SourceConfig, rules ...pricewatch.AlertRule) (*stall, *herald) {
	t.Helper()
	s, h := newStall(t, sources...), &herald{}
	settings := pricewatch.DefaultAlerts()
	settings.Quiet = ""
	for _, r := range rules {
		r.Urgent = true
		settings.Rules = append(settings.Rules, r)
	}
	settings.Check(func(_ int, err error) { t.Fatal(err) })
	s.engine.SetAlerts(settings, h.tell)
	return s, h
}

func (h *herald) want(t *testing.T, what string, lines ...string) {
	t.Helper()
	if diff := cmp.Diff(lines, h.told); diff != "" {
		t.Errorf("%s: told (-want +got):\n%s", what, diff)
	}
	h.told = nil
}

var fivePercent = pricewatch.AlertRule{ID: "change", When: pricewatch.Change, PercentBP: 5_00}

func TestAMoveIsToldOnce(t *testing.T) {
	t.Parallel()
	s, h := newHerald(t, []connectors.SourceConfig{source("shop")}, fivePercent)
	s.pages.set("shop", priceOf("shop", "", 185_000))
	s.visit(time.Hour, "shop")
	h.want(t, "the first observation")
	s.pages.set("shop", priceOf("shop", "", 205_000))
	s.visit(12*time.Hour, "shop")
	h.want(t, "a rise", "Mật ong mẫu · shop: giá TĂNG 185.000 ₫ → 205.000 ₫/kg (+10,8 %).")
	for range 4 {
		s.visit(12*time.Hour, "shop")
	}
	h.want(t, "the same price for two days")
	told, err := s.store.Records(t.Context(), catalog.RecordQuery{Kind: catalog.KindDigest})
	must(t, err)
	if len(told) != 1 {
		t.Errorf("%d messages are kept, want 1", len(told))
	}
}

func TestAnOutlierRingsNoAlarmBeforeItIsConfirmed(t *testing.T) {
	t.Parallel()
	s, h := newHerald(t, []connectors.SourceConfig{source("shop")}, fivePercent)
	s.pages.set("shop", priceOf("shop", "", 185_000))
	s.visit(time.Hour, "shop")
	s.pages.set("shop", priceOf("shop", "", 18_500))
	s.visit(12*time.Hour, "shop")
	s.visit(12*time.Hour, "shop")
	h.want(t, "a slip, even when it is read twice")
	s.pages.set("shop", priceOf("shop", "", 185_000))
	s.visit(12*time.Hour, "shop")
	h.want(t, "the price from before")
	s.pages.set("shop", priceOf("shop", "", 260_000))
	s.visit(12*time.Hour, "shop")
	h.want(t, "a jump")
	s.visit(12*time.Hour, "shop")
	h.want(t, "a jump that is read twice", "Mật ong mẫu · shop: giá TĂNG 185.000 ₫ → 260.000 ₫/kg (+40,5 %). Giá này khác thường nhưng đã được xác nhận.")
	s.visit(12*time.Hour, "shop")
	h.want(t, "the same afterwards")
}

func TestSourcesThatFailAreTold(t *testing.T) {
	t.Parallel()
	s, h := newHerald(t, []connectors.SourceConfig{source("shop"), source("other")},
		pricewatch.AlertRule{ID: "none", When: pricewatch.NoPrice}, pricewatch.AlertRule{ID: "silent", When: pricewatch.Silent, Days: 3})
	s.pages.set("shop", priceOf("shop", "", 185_000))
	s.pages.set("other", priceOf("other", "", 185_000))
	s.visit(time.Hour, "shop")
	s.visit(time.Hour, "other")
	s.pages.set("shop", noPrice("shop", "", connectors.NoPriceUnreadable))
	s.visit(time.Hour, "shop")
	s.visit(time.Hour, "shop")
	h.want(t, "a page without its price", "shop: trang không còn cho đọc giá. "+attentions["unreadable"].VI)
	s.pages.set("shop", priceOf("shop", "", 185_000))
	s.visit(time.Hour, "shop")
	s.pages.set("shop", noPrice("shop", "", connectors.NoPriceContact))
	s.visit(time.Hour, "shop")
	s.visit(time.Hour, "shop")
	h.want(t, "a price on request", "Mật ong mẫu · shop: trang không còn cho đọc giá. Nơi bán không ghi giá nữa.")
	s.visit(73*time.Hour, "shop")
	s.visit(time.Hour, "shop")
	h.want(t, "another source is silent", "other: đã 3 ngày không đọc được (lần cuối 23/11/2026).")
}

func TestStockIsTold(t *testing.T) {
	t.Parallel()
	s, h := newHerald(t, []connectors.SourceConfig{source("shop")}, pricewatch.AlertRule{ID: "out", When: pricewatch.SoldOut}, pricewatch.AlertRule{ID: "back", When: pricewatch.BackInStock})
	there := priceOf("shop", "", 185_000)
	there.Availability = "InStock"
	for _, q := range []connectors.Quote{there, noPrice("shop", "", connectors.NoPriceSoldOut), noPrice("shop", "", connectors.NoPriceSoldOut), there} {
		s.pages.set("shop", q)
		s.visit(time.Hour, "shop")
	}
	h.want(t, "out and back", "Mật ong mẫu · shop: đã HẾT HÀNG.", "Mật ong mẫu · shop: đã CÓ HÀNG trở lại.")
}

func TestLowsAndMediansLookAtTheItemsHistory(t *testing.T) {
	t.Parallel()
	s, h := newHerald(t, []connectors.SourceConfig{source("shop")},
		pricewatch.AlertRule{ID: "low", When: pricewatch.NewLow, Days: 30}, pricewatch.AlertRule{ID: "median", When: pricewatch.ChangeMedian, PercentBP: 10_00, Days: 30})
	for i := range 32 {
		s.pages.set("shop", priceOf("shop", "", 185_000+int64(i%2)*2000))
		s.visit(24*time.Hour, "shop")
	}
	h.want(t, "a steady price")
	s.pages.set("shop", priceOf("shop", "", 160_000))
	s.visit(24*time.Hour, "shop")
	s.visit(24*time.Hour, "shop") // steady until now: confirmed at the second fetch
	h.want(t, "a fall",
		"Mật ong mẫu · shop: giá GIẢM 187.000 ₫ → 160.000 ₫/kg (-14,4 %), thấp nhất trong 30 ngày. Giá này khác thường nhưng đã được xác nhận.",
		"Mật ong mẫu · shop: giá GIẢM 187.000 ₫ → 160.000 ₫/kg (-14,4 %), lệch nhiều so với giá giữa 30 ngày qua. Giá này khác thường nhưng đã được xác nhận.")
}

func TestCompetitorsAreComparedWithOurCheapestChannel(t *testing.T) {
	t.Parallel()
	competitor := source("shop")
	competitor.Product = "MAT-ONG"
	s, h := newHerald(t, []connectors.SourceConfig{competitor}, pricewatch.AlertRule{ID: "under", When: pricewatch.Cheaper, PercentBP: 10_00})
	product := catalog.Product{ID: "MAT-ONG", Name: catalog.Text{VI: "Mật ong mẫu"}, Category: "honey", Variants: []catalog.Variant{{SKU: "M-500", ListPrice: catalog.VND(100_000), NetContent: catalog.Quantity{Milli: 500_000, Unit: "g"}}}}
	errs, err := s.store.PutProducts(t.Context(), []catalog.Product{product})
	must(t, errors.Join(append(errs, err)...))
	sale := catalog.VND(95_000)
	for channel, price := range map[catalog.ChannelID]catalog.Price{"web": {List: catalog.VND(100_000), Sale: &sale}, "san": {List: catalog.VND(110_000)}} {
		errs, err := s.store.PutListings(t.Context(), []catalog.Listing{{Channel: channel, ProductID: "MAT-ONG", Observed: catalog.Snapshot{At: start, Variants: []catalog.VariantSnapshot{{SKU: "M-500", Price: &price}}}}})
		must(t, errors.Join(append(errs, err)...))
	}
	quote := func(dong int64) connectors.Quote {
		q := priceOf("shop", "", dong)
		q.Subject.Product = "MAT-ONG"
		return q
	}
	s.pages.set("shop", quote(172_000))
	s.visit(time.Hour, "shop")
	h.want(t, "not 10 % under 190.000")
	s.pages.set("shop", quote(171_000))
	s.visit(time.Hour, "shop")
	h.want(t, "10 % under our sale price", "Mật ong mẫu · shop: giá GIẢM 172.000 ₫ → 171.000 ₫/kg (-0,6 %), rẻ hơn giá của mình 190.000 ₫/kg (web).")
}

func TestGapsAreToldOncePerMarket(t *testing.T) {
	t.Parallel()
	farm, shop := source("farm"), source("shop")
	farm.Side = pricewatch.FarmGate
	s, h := newHerald(t, []connectors.SourceConfig{farm, shop}, pricewatch.AlertRule{ID: "gap", When: pricewatch.WideGap, PercentBP: 90_00})
	quote := priceOf("farm", "", 100_000)
	quote.Subject.Side = pricewatch.FarmGate
	s.pages.set("farm", quote)
	s.pages.set("shop", priceOf("shop", "", 200_000))
	s.visit(time.Hour, "farm")
	s.visit(time.Hour, "shop")
	s.visit(time.Hour, "shop")
	h.want(t, "twice the price", "Mật ong: Thu mua tại vườn 100.000 ₫/kg, ngoài cửa hàng bán 200.000 ₫/kg: người trồng nhận 50 % giá bán lẻ.")
}

func TestWhatCannotBeToldIsToldLater(t *testing.T) {
	t.Parallel()
	s, h := newHerald(t, []connectors.SourceConfig{source("shop")}, fivePercent)
	s.pages.set("shop", priceOf("shop", "", 185_000))
	s.visit(time.Hour, "shop")
	h.err = errors.New("disk is full")
	s.pages.set("shop", priceOf("shop", "", 205_000))
	s.clock.Set(s.clock.Now().Add(12 * time.Hour))
	if _, _, err := s.engine.Watch(t.Context(), WatchOptions{Sources: []string{"shop"}}); !errors.Is(err, h.err) {
		t.Errorf("error is %v, want %v", err, h.err)
	}
	h.err = nil
	_, _, err := s.engine.Watch(t.Context(), WatchOptions{}) // nothing is due
	must(t, err)
	h.want(t, "the next tick", "Mật ong mẫu · shop: giá TĂNG 185.000 ₫ → 205.000 ₫/kg (+10,8 %).")
	_, _, err = s.engine.Watch(t.Context(), WatchOptions{})
	must(t, err)
	h.want(t, "the tick after")
}

// A digest waits for its hour, in the language of the group and under its name.
func TestDigestsAreForGroups(t *testing.T) {
	t.Parallel()
	shop := source("shop")
	shop.Group, shop.Language, shop.Name = "to-mat-ong", "en", "Sample market"
	s := newStall(t, shop)
	must(t, catalog.Save(t.Context(), s.store, catalog.KindGroup, "to-mat-ong", 0, catalog.Group{ID: "to-mat-ong", Name: catalog.Text{VI: "Tổ mật ong mẫu", EN: "Sample honey group"}}))
	var texts []string
	settings := pricewatch.DefaultAlerts()
	settings.Rules = []pricewatch.AlertRule{fivePercent}
	s.engine.SetAlerts(settings, func(_ context.Context, _ pricewatch.Digest, text string) error {
		texts = append(texts, s.clock.Now().In(pricewatch.Vietnam).Format("15:04 ")+text)
		return nil
	})
	s.clock.Set(time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC))
	s.pages.set("shop", priceOf("shop", "", 185_000))
	s.visit(0, "shop")
	s.pages.set("shop", priceOf("shop", "", 205_000))
	s.visit(6*time.Hour, "shop")
	for range 24 {
		s.clock.Set(s.clock.Now().Add(time.Hour))
		_, _, err := s.engine.Watch(t.Context(), WatchOptions{})
		must(t, err)
	}
	want := "07:00 Market prices of 24/11/2026 – Sample honey group\n\n1. Mật ong mẫu · Sample market: the price ROSE 185.000 ₫ → 205.000 ₫/kg (+10.8 %).\n   Read at 15:00 23/11/2026: “205000”\n"
	if diff := cmp.Diff([]string{want}, texts); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}
