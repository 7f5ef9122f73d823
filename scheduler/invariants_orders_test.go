package scheduler

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

func TestI5NoOrderLostNoneTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(3, 100)
	b.publish("web", "")
	s := b.shops["web"]
	at := b.now()
	for i := range 7 { // all in one second
		s.order(fmt.Sprint("A", i), at, sku(i%3), 1)
	}
	b.pull("web")
	// One that the platform commits late, with a time before the last read.
	s.order("late", at.Add(-30*time.Second), sku(0), 2)
	// One with the very time of the newest order read.
	s.order("same", at, sku(1), 2)
	b.pull("web")
	b.pull("web")
	orders, err := b.store.Orders(t.Context(), catalog.OrderQuery{Channel: "web"})
	must(t, err)
	if len(orders) != 9 {
		t.Fatalf("%d orders are stored, want 9", len(orders))
	}
	for i, want := range []int64{5, 4, 2} {
		if got := b.level(i).Reserved; got != want {
			t.Errorf("%s: %d reserved, want %d", sku(i), got, want)
		}
	}
	// An unknown SKU blocks nothing and is settled when the SKU appears.
	s.order("unknown", b.now(), "SKU-009", 1)
	s.order("after", b.now(), sku(2), 1)
	b.pull("web")
	if got := b.level(2).Reserved; got != 3 {
		t.Errorf("an unknown SKU blocked the order after it: %d reserved", got)
	}
	// Also when it is so old by then that no read brings it again.
	b.clock = b.clock.Add(2 * time.Hour)
	s.order("much later", b.now(), sku(2), 1)
	b.pull("web")
	b.products2(9, 10)
	b.pull("web")
	if got := b.level(9).Reserved; got != 1 {
		t.Errorf("order of a SKU that was unknown: %d reserved, want 1", got)
	}
}

func TestI5AnOrderOfTheSecondOfConnecting(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 100)
	b.clock = b.clock.Truncate(time.Second).Add(500 * time.Millisecond)
	b.pull("web") // connects
	// The platform tells whole seconds. Both orders were over at once; one had
	// been placed before there was a channel.
	for id, at := range map[string]time.Time{"of this second": b.clock.Truncate(time.Second), "before": b.clock.Truncate(time.Second).Add(-time.Second)} {
		b.shops["web"].order(id, at, sku(0), 3)
		b.shops["web"].setOrder(id, at, func(o *shopOrder) { o.Status = catalog.OrderCompleted })
	}
	b.pull("web")
	if level := b.level(0); level.OnHand != 97 {
		t.Errorf("%d on hand, want 97: only the order of this second took pieces out of this stock", level.OnHand)
	}
}

// TestI5AnOrderFromTheFutureHidesNone: a clock that is wrong once, on one order,
// does not move the watermark beyond the orders that follow.
func TestI5AnOrderFromTheFutureHidesNone(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 100)
	b.publish("web", "")
	s := b.shops["web"]
	s.order("future", b.now().AddDate(70, 0, 0), sku(0), 1)
	b.pull("web")
	s.order("next", b.now(), sku(0), 2)
	b.pull("web")
	if got := b.level(0).Reserved; got != 3 {
		t.Errorf("%d pieces reserved, want 3: the order after the one from the future is lost", got)
	}
}

func TestI5OrdersSurviveACrashAnywhere(t *testing.T) {
	t.Parallel()
	// The store fails at every write in turn; afterwards the read is done
	// again, and the result must be as if nothing had happened.
	for failAt := range 40 {
		b := newBench(t, web)
		b.products(2, 100)
		b.publish("web", "")
		s := b.shops["web"]
		for i := range 5 { // further apart than reads overlap
			s.order(fmt.Sprint(i), b.now().Add(time.Duration(i-5)*time.Hour), sku(i%2), 1)
		}
		// Even runs die at the write, odd ones lose just that write.
		engine := b.restart(&crashing{Store: b.store, left: failAt / 2, once: failAt%2 == 1})
		_, _ = engine.PullOrders(t.Context(), "web")
		s.setOrder("3", b.now(), func(o *shopOrder) { o.Status = catalog.OrderCancelled })
		b.pull("web")
		b.pull("web")
		if got := b.level(0).Reserved + b.level(1).Reserved; got != 4 {
			t.Errorf("crash at write %d: %d pieces reserved, want 5 ordered less 1 canceled", failAt, got)
		}
	}
}

// crashing is a store that fails every write after some, or just one.
type crashing struct {
	catalog.Store
	left int
	once bool
}

var errCrash = errors.New("crash")

func (c *crashing) down() bool {
	c.left--
	return c.left == -1 || c.left < 0 && !c.once
}

func (c *crashing) PutOrders(ctx context.Context, o []catalog.Order) ([]error, error) {
	if c.down() {
		return nil, errCrash
	}
	return c.Store.PutOrders(ctx, o)
}

func (c *crashing) AddMovements(ctx context.Context, m []catalog.Movement) ([]error, error) {
	if c.down() {
		return nil, errCrash
	}
	return c.Store.AddMovements(ctx, m)
}

func (c *crashing) PutRecord(ctx context.Context, r catalog.Record) error {
	if c.down() {
		return errCrash
	}
	return c.Store.PutRecord(ctx, r)
}

func (c *crashing) PutListings(ctx context.Context, l []catalog.Listing) ([]error, error) {
	if c.down() {
		return nil, errCrash
	}
	return c.Store.PutListings(ctx, l)
}

func TestI6TotalsAreThePlatforms(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 10)
	b.publish("web", "")
	s := b.shops["web"]
	s.order("good", b.now(), sku(0), 2)
	s.order("bad", b.now(), sku(0), 1)
	s.setOrder("bad", b.now(), func(o *shopOrder) { o.BadSum = true })
	b.pull("web")
	orders, err := b.store.Orders(t.Context(), catalog.OrderQuery{Channel: "web"})
	must(t, err)
	for _, o := range orders {
		if wrong := o.ExternalID == "bad"; (o.Problem != "") != wrong {
			t.Errorf("order %s: problem %q", o.ExternalID, o.Problem)
		}
	}
}

func TestI9LedgerSumIsOnHand(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 10)
	b.publish("web", "")
	s := b.shops["web"]
	s.order("1", b.now(), sku(0), 4)
	statuses := []catalog.OrderStatus{catalog.OrderToShip, catalog.OrderCancelled, catalog.OrderCancelled, catalog.OrderToShip, catalog.OrderShipped, catalog.OrderCompleted, catalog.OrderCompleted}
	want := []catalog.Level{{OnHand: 10, Reserved: 4}, {OnHand: 10}, {OnHand: 10}, {OnHand: 10, Reserved: 4}, {OnHand: 6}, {OnHand: 6}, {OnHand: 6}}
	for i, status := range statuses {
		s.setOrder("1", b.now(), func(o *shopOrder) { o.Status = status })
		b.pull("web")
		level := b.level(0)
		if level.OnHand != want[i].OnHand || level.Reserved != want[i].Reserved {
			t.Errorf("step %d, %s: on hand %d, reserved %d; want %d, %d", i, status, level.OnHand, level.Reserved, want[i].OnHand, want[i].Reserved)
		}
		movements, err := b.store.Movements(t.Context(), catalog.MovementQuery{SKU: sku(0)})
		must(t, err)
		var sum int64
		for _, m := range movements {
			sum += m.OnHand
		}
		if sum != level.OnHand {
			t.Errorf("step %d: ledger sums to %d, on hand is %d", i, sum, level.OnHand)
		}
	}
}
