package catalog

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var bookedAt = time.Date(2026, 11, 20, 8, 30, 0, 123_456_789, time.FixedZone("", 7*3600))

// ownSKU resolves lines by the SKU they carry; an empty one is not known.
func ownSKU(l OrderLine) (SKU, bool) { return l.SKU, l.SKU != "" }

// ledger is what the tests keep: movements by ref, unique keys.
type ledger map[string][]Movement

func (l ledger) book(t interface{ Fatalf(string, ...any) }, movements ...Movement) {
	for _, m := range movements {
		for _, other := range l[m.Ref] {
			if other.Key == m.Key {
				t.Fatalf("key %s is booked twice", m.Key)
			}
		}
		l[m.Ref] = append(l[m.Ref], m)
	}
}

func (l ledger) totals() map[SKU]total {
	all := map[SKU]total{}
	for _, movements := range l {
		for sku, t := range sums(movements) {
			all[sku] = total{all[sku].onHand + t.onHand, all[sku].reserved + t.reserved}
			if all[sku] == (total{}) {
				delete(all, sku)
			}
		}
	}
	return all
}

func TestOrderRefsAreUnambiguous(t *testing.T) {
	t.Parallel()
	refs := map[string]bool{}
	for _, parts := range [][3]string{{"a", "b", "c"}, {"a", "b/c", "d"}, {"a", "b", "c/d"}, {"a", "b%2Fc", "d"}, {"a", "b", "c%2Fd"}, {"a/b", "c", "d"}} {
		ref := OrderRef(Order{Channel: ChannelID(parts[0]), ExternalID: ExternalID(parts[1])}, OrderLine{ID: parts[2]})
		if refs[ref] {
			t.Errorf("%q give the ref %s of others", parts, ref)
		}
		refs[ref] = true
	}
	if !refs["order/a/b/c"] || !refs["order/a/b%2Fc/d"] {
		t.Errorf("refs are %v", refs)
	}
}

func TestOrderMovements(t *testing.T) {
	t.Parallel()
	order := func(status OrderStatus, lines ...OrderLine) Order {
		return Order{Channel: "woo", ExternalID: "7", Status: status, Lines: lines}
	}
	line := func(quantity, restocked int64) OrderLine {
		return OrderLine{ID: "1", SKU: "A", Quantity: quantity, Restocked: restocked}
	}
	type step struct {
		order Order
		kind  MovementKind // of the only movement; "" = none
		want  map[SKU]total
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"paid, shipped, completed", []step{
			{order(OrderAwaitingPayment, line(3, 0)), MoveReserve, map[SKU]total{"A": {0, 3}}},
			{order(OrderToShip, line(3, 0)), "", map[SKU]total{"A": {0, 3}}},
			{order(OrderShipped, line(3, 0)), MoveShip, map[SKU]total{"A": {-3, 0}}},
			{order(OrderCompleted, line(3, 0)), "", map[SKU]total{"A": {-3, 0}}},
		}},
		{"seen shipped first", []step{
			{order(OrderShipped, line(3, 0)), MoveShip, map[SKU]total{"A": {-3, 0}}},
		}},
		{"cancelled before shipping", []step{
			{order(OrderToShip, line(3, 0)), MoveReserve, map[SKU]total{"A": {0, 3}}},
			{order(OrderCancelled, line(3, 0)), MoveRelease, map[SKU]total{}},
			{order(OrderCancelled, line(3, 0)), "", map[SKU]total{}},
		}},
		{"I9: a flapping status restores once", []step{
			{order(OrderToShip, line(3, 0)), MoveReserve, map[SKU]total{"A": {0, 3}}},
			{order(OrderCancelled, line(3, 0)), MoveRelease, map[SKU]total{}},
			{order(OrderToShip, line(3, 0)), MoveReserve, map[SKU]total{"A": {0, 3}}},
			{order(OrderCancelled, line(3, 0)), MoveRelease, map[SKU]total{}},
		}},
		{"cancelled after shipping", []step{
			{order(OrderShipped, line(3, 0)), MoveShip, map[SKU]total{"A": {-3, 0}}},
			{order(OrderCancelled, line(3, 0)), MoveReturn, map[SKU]total{}},
		}},
		{"a status that nobody knows holds the stock", []step{
			{order(OrderOther, line(3, 0)), MoveReserve, map[SKU]total{"A": {0, 3}}},
			{order("made-up", line(3, 0)), "", map[SKU]total{"A": {0, 3}}},
		}},
		{"quantity raised and lowered", []step{
			{order(OrderToShip, line(3, 0)), MoveReserve, map[SKU]total{"A": {0, 3}}},
			{order(OrderToShip, line(5, 0)), MoveReserve, map[SKU]total{"A": {0, 5}}},
			{order(OrderToShip, line(1, 0)), MoveRelease, map[SKU]total{"A": {0, 1}}},
		}},
		{"part came back", []step{
			{order(OrderShipped, line(3, 0)), MoveShip, map[SKU]total{"A": {-3, 0}}},
			{order(OrderCompleted, line(3, 1)), MoveReturn, map[SKU]total{"A": {-2, 0}}},
			{order(OrderRefunded, line(3, 1)), "", map[SKU]total{"A": {-2, 0}}},
			{order(OrderRefunded, line(3, 9)), MoveReturn, map[SKU]total{}},
			{order(OrderRefunded, line(3, 9)), "", map[SKU]total{}},
		}},
		{"refunded after shipping keeps the pieces gone", []step{
			{order(OrderShipped, line(3, 0)), MoveShip, map[SKU]total{"A": {-3, 0}}},
			{order(OrderRefunded, line(3, 0)), "", map[SKU]total{"A": {-3, 0}}},
		}},
		{"refunded before shipping", []step{
			{order(OrderToShip, line(3, 0)), MoveReserve, map[SKU]total{"A": {0, 3}}},
			{order(OrderRefunded, line(3, 0)), MoveRelease, map[SKU]total{}},
		}},
		{"restocked before shipping", []step{
			{order(OrderToShip, line(3, 2)), MoveReserve, map[SKU]total{"A": {0, 1}}},
		}},
		{"a line vanishes", []step{
			{order(OrderToShip, line(3, 0)), MoveReserve, map[SKU]total{"A": {0, 3}}},
			{order(OrderToShip), MoveRelease, map[SKU]total{}},
			{order(OrderToShip), "", map[SKU]total{}},
		}},
		{"nonsense quantities", []step{
			{order(OrderToShip, line(-3, 0)), "", map[SKU]total{}},
			{order(OrderShipped, line(3, -5)), MoveShip, map[SKU]total{"A": {-3, 0}}},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			booked := ledger{}
			for i, s := range test.steps {
				got, issues := OrderMovements(s.order, ownSKU, booked, bookedAt)
				if len(issues) != 0 {
					t.Errorf("step %d: issues %v", i, issues)
				}
				if s.kind == "" && len(got) != 0 || s.kind != "" && (len(got) != 1 || got[0].Kind != s.kind) {
					t.Errorf("step %d: movements %+v, want kind %q", i, got, s.kind)
				}
				booked.book(t, got...)
				if diff := cmp.Diff(s.want, booked.totals(), cmp.AllowUnexported(total{})); diff != "" {
					t.Errorf("step %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

func TestOrderMovementIsWhole(t *testing.T) {
	t.Parallel()
	o := Order{Channel: "woo", ExternalID: "7", Status: OrderShipped, Lines: []OrderLine{{ID: "1", SKU: "A", Quantity: 2}}}
	first, _ := OrderMovements(Order{Channel: "woo", ExternalID: "7", Status: OrderToShip, Lines: o.Lines}, ownSKU, nil, bookedAt)
	got, _ := OrderMovements(o, ownSKU, ledger{"order/woo/7/1": first}, bookedAt)
	want := []Movement{{
		Key: "order/woo/7/1#1", SKU: "A", Ref: "order/woo/7/1", Kind: MoveShip, OnHand: -2, Reserved: -2,
		At: time.Date(2026, 11, 20, 1, 30, 0, 123_000_000, time.UTC),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnknownSKUBlocksNothingElse(t *testing.T) {
	t.Parallel()
	o := Order{Channel: "woo", ExternalID: "7", Status: OrderToShip, Lines: []OrderLine{{ID: "1", Quantity: 2}, {ID: "2", SKU: "B", Quantity: 1}}}
	got, issues := OrderMovements(o, ownSKU, nil, bookedAt)
	if len(got) != 1 || got[0].SKU != "B" || len(issues) != 1 || issues[0].Code != "sku_unknown" || issues[0].Field != "lines[1]" {
		t.Errorf("movements %+v, issues %+v", got, issues)
	}
	// Nothing to book, nothing to say.
	o.Status = OrderCancelled
	if got, issues := OrderMovements(o, ownSKU, nil, bookedAt); len(got)+len(issues) != 0 {
		t.Errorf("cancelled: movements %+v, issues %+v", got, issues)
	}
	// What was booked is still given back when the SKU cannot be resolved any more.
	booked := ledger{}
	o.Status = OrderToShip
	o.Lines = []OrderLine{{ID: "1", SKU: "A", Quantity: 2}}
	got, _ = OrderMovements(o, ownSKU, booked, bookedAt)
	booked.book(t, got...)
	o.Status = OrderCancelled
	got, issues = OrderMovements(o, func(OrderLine) (SKU, bool) { return "", false }, booked, bookedAt)
	booked.book(t, got...)
	if len(issues) != 0 || len(booked.totals()) != 0 {
		t.Errorf("issues %v, left %v", issues, booked.totals())
	}
}

func TestLineTwiceIsBookedOnce(t *testing.T) {
	t.Parallel()
	o := Order{Channel: "woo", ExternalID: "7", Status: OrderToShip, Lines: []OrderLine{{ID: "1", SKU: "A", Quantity: 2}, {ID: "1", SKU: "A", Quantity: 5}}}
	got, issues := OrderMovements(o, ownSKU, nil, bookedAt)
	if len(got) != 1 || got[0].Reserved != 2 || len(issues) != 1 || issues[0].Code != "line_twice" {
		t.Errorf("movements %+v, issues %+v", got, issues)
	}
}

func TestMovementNumbersAreNotUsedAgain(t *testing.T) {
	t.Parallel()
	// Of two movements written together only the second was stored.
	booked := ledger{"order/woo/7/1": {{Key: "order/woo/7/1#1", Ref: "order/woo/7/1", SKU: "B", Reserved: 1}}}
	o := Order{Channel: "woo", ExternalID: "7", Status: OrderToShip, Lines: []OrderLine{{ID: "1", SKU: "B", Quantity: 2}}}
	got, _ := OrderMovements(o, ownSKU, booked, bookedAt)
	booked.book(t, got...)
	if want := (total{0, 2}); booked.totals()["B"] != want {
		t.Errorf("left %v, want %v", booked.totals(), want)
	}
}

// I9: whatever an order goes through, and wherever booking is cut off, the
// ledger ends at what the last state wants, and a second run adds nothing.
func TestOrderMovementsConverge(t *testing.T) {
	t.Parallel()
	statuses := []OrderStatus{OrderAwaitingPayment, OrderToShip, OrderShipped, OrderCompleted, OrderCancelled, OrderRefunded, OrderOther}
	rapid.Check(t, func(t *rapid.T) {
		booked := ledger{}
		// Another order's movements must not be touched.
		foreign := Movement{Key: "order/woo/77/1#0", Ref: "order/woo/77/1", SKU: "A", Reserved: 4}
		booked.book(t, foreign)
		o := Order{Channel: "woo", ExternalID: "7"}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			o.Status = rapid.SampledFrom(statuses).Draw(t, "status")
			o.Lines = nil
			for _, id := range []string{"1", "2"} {
				if rapid.IntRange(0, 9).Draw(t, "vanished") == 0 {
					continue
				}
				quantity := rapid.Int64Range(0, 5).Draw(t, "quantity")
				if back := rapid.Int64Range(0, 9).Draw(t, "back"); back < quantity {
					o.Back = append(slices.DeleteFunc(o.Back, func(b GoodsBack) bool { return b.Line == id }), GoodsBack{Line: id, Pieces: back})
				}
				o.Lines = append(o.Lines, OrderLine{
					ID: id, SKU: rapid.SampledFrom([]SKU{"A", "B", "C"}).Draw(t, "sku"),
					Quantity: quantity, Restocked: rapid.Int64Range(0, quantity).Draw(t, "restocked"),
				})
			}
			got, _ := OrderMovements(o, ownSKU, booked, bookedAt)
			booked.book(t, got[:rapid.IntRange(0, len(got)).Draw(t, "stored before the crash")]...)
		}
		gone := map[string]bool{} // lines whose pieces have left, as far as the ledger knows
		for _, line := range o.Lines {
			for _, s := range sums(booked[OrderRef(o, line)]) {
				gone[line.ID] = gone[line.ID] || s.onHand < 0
			}
		}

		got, issues := OrderMovements(o, ownSKU, booked, bookedAt)
		booked.book(t, got...)
		if len(issues) != 0 {
			t.Fatalf("issues %v", issues)
		}
		want := map[SKU]total{"A": {0, 4}}
		for _, line := range o.Lines {
			back := line.Restocked
			for _, b := range o.Back {
				if b.Line == line.ID {
					back = max(back, b.Pieces)
				}
			}
			pieces, s := max(0, line.Quantity-back), want[line.SKU]
			switch o.Status {
			case OrderShipped, OrderCompleted:
				s.onHand -= pieces
			case OrderRefunded:
				if gone[line.ID] {
					s.onHand -= pieces
				}
			case OrderCancelled:
			default:
				s.reserved += pieces
			}
			if want[line.SKU] = s; s == (total{}) {
				delete(want, line.SKU)
			}
		}
		if diff := cmp.Diff(want, booked.totals(), cmp.AllowUnexported(total{})); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if again, _ := OrderMovements(o, ownSKU, booked, bookedAt); len(again) != 0 {
			t.Fatalf("a second run books %+v", again)
		}
	})
}
