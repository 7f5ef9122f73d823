package scheduler

import (
	"errors"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

// I9: a return moves stock once, when the goods are there, by whichever says so
// first: a person or the platform.
func TestI9ReturnedGoodsAreBookedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 10)
	s := b.shops["web"]
	b.pull("web")
	s.order("A1", b.now(), sku(0), 3)
	b.pull("web")
	order := func() catalog.Order {
		t.Helper()
		o, err := b.engine.FindOrder(t.Context(), "web", "A1")
		must(t, err)
		return o
	}
	back := func(line string, pieces int64) error {
		_, err := b.engine.GoodsBack(t.Context(), order(), line, pieces, "Lan")
		return err
	}
	onHand := func(doing string, want int64) {
		t.Helper()
		if l := b.level(0); l.OnHand != want || l.Available() != want {
			t.Errorf("%s: %d on hand, %d available, want %d", doing, l.OnHand, l.Available(), want)
		}
	}
	if err := back("", 1); !errors.Is(err, ErrNotBack) {
		t.Errorf("before it left: %v", err)
	}
	s.setOrder("A1", b.now(), func(o *shopOrder) { o.Status = catalog.OrderCompleted })
	b.pull("web")
	onHand("shipped", 7)
	for name, test := range map[string]struct {
		line   string
		pieces int64
	}{"none": {"", 0}, "more than were sold": {"", 4}, "another line": {"9", 1}} {
		if err := back(test.line, test.pieces); !errors.Is(err, ErrNotBack) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, back(string(sku(0)), 1))
	onHand("one is back", 8)
	must(t, back("1", 1))
	onHand("said twice", 8)
	must(t, back("", 2))
	onHand("two in all", 9)
	if err := back("", 1); !errors.Is(err, ErrNotBack) {
		t.Errorf("fewer than were back: %v", err)
	}
	// Read and interpreted again, it stays.
	s.setOrder("A1", b.now(), func(o *shopOrder) { o.Status = catalog.OrderRefunded })
	b.pull("web")
	onHand("refunded", 9)
	// The platform tells of the same pieces, late.
	s.setOrder("A1", b.now(), func(o *shopOrder) { o.Restocked = 2 })
	b.pull("web")
	onHand("restocked by the platform, too", 9)
	s.setOrder("A1", b.now(), func(o *shopOrder) { o.Restocked = 3 })
	b.pull("web")
	b.pull("web")
	onHand("all of them", 10)
	if o := order(); len(o.Back) != 1 || o.Back[0].Pieces != 2 || o.Back[0].By != "Lan" || o.Back[0].At.IsZero() || o.Unsettled {
		t.Errorf("kept: %+v", o)
	}
}

// I9: a cancellation gives back what was held, once, however often and in
// whatever order its states are read.
func TestI9ACancellationIsBookedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, web)
	b.products(1, 10)
	s := b.shops["web"]
	b.pull("web")
	s.order("A1", b.now(), sku(0), 3)
	b.pull("web")
	for i, step := range []struct {
		status    catalog.OrderStatus
		available int64
	}{
		{catalog.OrderOther, 7}, // the buyer asks to cancel
		{catalog.OrderToShip, 7},
		{catalog.OrderOther, 7},
		{catalog.OrderCancelled, 10},
		{catalog.OrderCancelled, 10},
		{catalog.OrderOther, 7}, // a late word
		{catalog.OrderCancelled, 10},
	} {
		s.setOrder("A1", b.now().Add(time.Duration(i)*time.Second), func(o *shopOrder) { o.Status = step.status })
		b.pull("web")
		b.pull("web")
		if l := b.level(0); l.Available() != step.available {
			t.Errorf("step %d, %s: %d available, want %d", i, step.status, l.Available(), step.available)
		}
	}
}
