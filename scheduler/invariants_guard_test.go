package scheduler

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

func TestI12AnEmptyMasterBlanksNoShop(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		empty func(b *bench, i int)
	}{
		{"archived", func(b *bench, i int) { b.change(i, func(p *catalog.Product) { p.Archived = true }) }},
		{"no stock", func(b *bench, i int) { b.move(fmt.Sprint("zero/", i), i, -10) }},
		{"price one dong", func(b *bench, i int) {
			b.change(i, func(p *catalog.Product) { p.Variants[0].ListPrice = catalog.VND(1) })
		}},
		{"no price", func(b *bench, i int) {
			b.change(i, func(p *catalog.Product) { p.Variants[0].ListPrice = catalog.VND(0) })
		}},
		{"no name", func(b *bench, i int) { b.change(i, func(p *catalog.Product) { p.Name = catalog.Text{} }) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, web)
			b.products(6, 10)
			b.publish("web", "")
			s := b.shops["web"]
			s.written()
			for i := range 6 {
				tt.empty(b, i)
			}
			b.publish("web", "")
			if got := s.written(); len(got) != 0 {
				t.Errorf("wrote %q", got)
			}
			// Also when a plan comes without its guards.
			b.pull("web")
			plan := b.plan("web").Plan
			plan.Hold = nil
			for i := range plan.Actions {
				plan.Actions[i].Held = false
			}
			_, err := b.engine.Apply(t.Context(), plan, "")
			must(t, err)
			if got := s.written(); len(got) != 0 {
				t.Errorf("past the planner: wrote %q", got)
			}
			// A person may let it pass, where there is anything valid to send.
			if len(plan.Actions) > 0 {
				b.publish("web", "someone")
				if got := s.written(); len(got) == 0 {
					t.Error("nothing written although a person approved")
				}
			}
		})
	}
}

func TestI12SoldOutIsNoBlanking(t *testing.T) {
	t.Parallel()
	b := newBench(t, web, market)
	b.products(4, 2)
	b.publish("web", "")
	b.publish("market", "")
	for i := range 4 {
		b.shops["web"].order(fmt.Sprint(i), b.now(), sku(i), 2)
	}
	b.pull("web")
	b.publish("market", "")
	for i := range 4 {
		if got := b.shops["market"].variant(sku(i)).quantity; got != 0 {
			t.Errorf("%s is sold out but the other channel still offers %d", sku(i), got)
		}
	}
}

func TestI13NoBuyerInRunsAndProblems(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 10)
	b.publish("web", "")
	b.shops["web"].order("1", b.now(), "SKU-777", 1)
	b.pull("web")
	orders, err := b.store.Orders(t.Context(), catalog.OrderQuery{Channel: "web"})
	must(t, err)
	o := orders[0]
	o.Sealed = nil
	if text := fmt.Sprintf("%+v", o); strings.Contains(text, "Người mua thử") {
		t.Errorf("the buyer shows outside the sealed part: %s", text)
	}
	runs, err := b.store.Records(t.Context(), catalog.RecordQuery{Kind: catalog.KindRun})
	must(t, err)
	for _, r := range runs {
		if strings.Contains(string(r.Data), "Người mua thử") {
			t.Errorf("the buyer shows in run %s", r.ID)
		}
	}
	if buyer, err := b.engine.Buyer(orders[0]); err != nil || buyer.Name != "Người mua thử 1" {
		t.Errorf("buyer %v, %v", buyer, err)
	}
}

func TestI14AnotherShopIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(2, 10)
	b.publish("web", "")
	b.shops["web"].account = "shop-2"
	b.shops["web"].written()
	b.change(0, func(p *catalog.Product) { p.Name.VI = "Mới" })
	b.channels(web) // reopened with other credentials
	_, err := b.engine.Publish(t.Context(), "web", PublishOptions{Approved: "someone"})
	if !errors.Is(err, connectors.Auth) || !strings.Contains(err.Error(), "shop-2") {
		t.Errorf("error %v, want the wrong shop refused", err)
	}
	if got := b.shops["web"].written(); len(got) != 0 {
		t.Errorf("wrote %q to another shop", got)
	}
}
