package connectortest

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func orderChecks() []check {
	needs := []string{"publish", "orders"}
	return []check{
		{"orders over three pages, each at least once (I5)", needs, checkOrderPages},
		{"orders of the same second over three pages (I5)", needs, checkSameSecond},
		{"since is inclusive, in any time zone (I5)", needs, checkSince},
		{"an order committed late is found within the overlap (I5)", needs, checkLateOrder},
		{"an old order that changes is read again (I5)", needs, checkChangedOrder},
		{"a broken page of orders ends the read with an error (I8)", needs, checkBrokenOrders},
		{"an interpreted order is the platform's (I6)", needs, checkInterpret},
		{"an unknown order status is other", needs, checkStrangeStatus},
		{"raw bytes that are no order are an error", []string{"orders"}, checkBadRaw},
	}
}

// shelf publishes two products with plenty of stock, to be ordered from.
func (b *bench) shelf() (simple, variable catalog.Offer) {
	b.Helper()
	simple, variable = b.simple(0), b.variable(1)
	for _, o := range []*catalog.Offer{&simple, &variable} {
		for i := range o.Variants {
			o.Variants[i].Quantity = 100000
		}
	}
	b.publish(simple, variable)
	return simple, variable
}

func (b *bench) order(at time.Time, lines ...simulator.OrderLine) catalog.ExternalID {
	b.Helper()
	id, err := b.Shop.Order(simulator.OrderRequest{Lines: lines, At: at})
	if err != nil {
		b.Fatalf("order in the shop: %v", err)
	}
	return id
}

// orders reads all orders since, by ID; of an order that comes twice the last.
func (b *bench) orders(since time.Time) map[catalog.ExternalID]connectors.RawOrder {
	b.Helper()
	all := map[catalog.ExternalID]connectors.RawOrder{}
	for raw, err := range b.Channel.Orders.Orders(b.Context(), since) {
		if err != nil {
			b.Fatalf("orders since %s: %v", since.Format(time.RFC3339), err)
		}
		if raw.ExternalID == "" || len(raw.Raw) == 0 || raw.UpdatedAt.IsZero() || raw.UpdatedAt.Location() != time.UTC {
			b.Fatalf("order %q: needs an ID, the raw document and a time in UTC, has %d bytes and %s", raw.ExternalID, len(raw.Raw), raw.UpdatedAt)
		}
		all[raw.ExternalID] = raw
	}
	return all
}

func (b *bench) wantOrders(doing string, got map[catalog.ExternalID]connectors.RawOrder, want []catalog.ExternalID) {
	b.Helper()
	missing := 0
	for _, id := range want {
		if _, ok := got[id]; !ok {
			missing++
		}
	}
	if missing > 0 {
		b.Errorf("%s: %d of %d orders are missing", doing, missing, len(want))
	}
}

// daysAgo is a time that every platform can tell exactly.
func daysAgo(n int) time.Time {
	return time.Now().UTC().Truncate(time.Minute).Add(-time.Duration(n) * 24 * time.Hour)
}

func checkOrderPages(b *bench) {
	simple, _ := b.shelf()
	start := daysAgo(3)
	var ids []catalog.ExternalID
	for i := range b.pages(b.h.OrderPage, "OrderPage") {
		ids = append(ids, b.order(start.Add(time.Duration(i)*time.Minute), simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 1}))
	}
	b.wantOrders("three pages", b.orders(start.Add(-time.Hour)), ids)
	for range b.Channel.Orders.Orders(b.Context(), start) {
		break
	}
}

// A cursor made of a time alone loses orders here, or turns in circles.
func checkSameSecond(b *bench) {
	simple, _ := b.shelf()
	at := daysAgo(2)
	var ids []catalog.ExternalID
	for range b.pages(b.h.OrderPage, "OrderPage") {
		ids = append(ids, b.order(at, simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 1}))
	}
	b.wantOrders("same second", b.orders(at), ids)
}

func checkSince(b *bench) {
	simple, _ := b.shelf()
	at := daysAgo(2).Add(7 * time.Second)
	id := b.order(at, simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 1})
	zones := []*time.Location{time.UTC, time.FixedZone("UTC+7", 7*3600), time.FixedZone("UTC-5", -5*3600)}
	for _, zone := range zones {
		b.wantOrders("since the order's time, "+zone.String(), b.orders(at.In(zone)), []catalog.ExternalID{id})
	}
	raw := b.orders(at)[id]
	if got := raw.UpdatedAt; got.Sub(at).Abs() > max(b.Channel.Info.Precision, time.Second) {
		b.Errorf("the order was changed at %s, read is %s", at, got)
	}
	b.wantOrders("since what was read", b.orders(raw.UpdatedAt), []catalog.ExternalID{id})
}

// The core reads again from the last time it saw, less the overlap.
func checkLateOrder(b *bench) {
	simple, _ := b.shelf()
	line := simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 1}
	newest := daysAgo(1)
	first := b.order(newest, line)
	seen := b.orders(newest.Add(-time.Hour))[first].UpdatedAt
	overlap := b.Channel.Info.Overlap
	late := b.order(newest.Add(-overlap/2), line)
	b.wantOrders("late commit", b.orders(seen.Add(-overlap)), []catalog.ExternalID{first, late})
}

func checkChangedOrder(b *bench) {
	simple, _ := b.shelf()
	id := b.order(daysAgo(20), simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 2})
	before := time.Now().Add(-2 * time.Minute)
	if _, ok := b.orders(before)[id]; ok {
		b.Log("the platform shows more orders than were asked for, which is allowed")
	}
	if err := b.Shop.SetOrderStatus(id, catalog.OrderCancelled); err != nil {
		b.Fatalf("cancel in the shop: %v", err)
	}
	raw, ok := b.orders(before)[id]
	if !ok {
		b.Fatal("the cancelled order is not read again")
	}
	order, _, err := b.Channel.Orders.Interpret(raw.Raw)
	if err != nil || order.Status != catalog.OrderCancelled {
		b.Errorf("the cancelled order: got status %q, %v", order.Status, err)
	}
}

func checkBrokenOrders(b *bench) {
	simple, _ := b.shelf()
	start := daysAgo(3)
	for i := range b.pages(b.h.OrderPage, "OrderPage") {
		b.order(start.Add(time.Duration(i)*time.Minute), simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 1})
	}
	for _, fault := range brokenPages() {
		b.inject(b.h.OrdersCall, fault)
		err := wantOneError(b, b.Channel.Orders.Orders(b.Context(), start))
		b.Server.ResetFaults()
		if err == nil {
			b.Errorf("page two is %s: the sequence ended without an error", fault.Kind)
		} else if e := (*connectors.Error)(nil); !asError(err, &e) || e.Op == "" {
			b.Errorf("page two is %s: the error %q does not name what was being done", fault.Kind, err)
		}
	}
}

// wantOneError reads a sequence to its end and returns its error, which must
// be the last thing it yields.
func wantOneError[T any](b *bench, sequence iter.Seq2[T, error]) error {
	b.Helper()
	var last error
	for _, err := range sequence {
		if last != nil {
			b.Errorf("the sequence went on after its error")
			break
		}
		last = err
	}
	return last
}

func asError(err error, target **connectors.Error) bool { return errors.As(err, target) }

func cmpSKU(a, b catalog.SKU) int { return strings.Compare(string(a), string(b)) }

// What we make of an order must be what was sold: the lines with their SKUs,
// and to the last dong the platform's total.
func checkInterpret(b *bench) {
	simple, variable := b.shelf()
	at := daysAgo(2)
	b.order(at, simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 3},
		simulator.OrderLine{SKU: variable.Variants[0].SKU, Quantity: 1},
		simulator.OrderLine{SKU: variable.Variants[1].SKU, Quantity: 2})
	b.order(at, simulator.OrderLine{SKU: variable.Variants[1].SKU, Quantity: 1})
	for _, status := range []catalog.OrderStatus{catalog.OrderToShip, catalog.OrderCancelled} {
		for _, truth := range b.Shop.Orders() {
			if truth.Status != status {
				if err := b.Shop.SetOrderStatus(truth.ExternalID, status); err != nil {
					b.Fatalf("set the order's status in the shop: %v", err)
				}
			}
		}
		read := b.orders(at.Add(-time.Hour))
		for _, truth := range b.Shop.Orders() {
			b.wantOrder(read[truth.ExternalID], truth)
		}
	}
}

func (b *bench) wantOrder(raw connectors.RawOrder, truth simulator.Order) {
	b.Helper()
	order, _, err := b.Channel.Orders.Interpret(raw.Raw)
	if err != nil {
		b.Errorf("interpret %s: %v", truth.ExternalID, err)
		return
	}
	if order.ExternalID != truth.ExternalID || order.Status != truth.Status {
		b.Errorf("order %s: got %s %s, want status %s", truth.ExternalID, order.ExternalID, order.Status, truth.Status)
	}
	if order.PlacedAt.IsZero() || order.PlatformStatus == "" || order.Number == "" {
		b.Errorf("order %s: needs a number, the platform's status and when it was placed", truth.ExternalID)
	}
	sum := order.Adjustment
	var lines []simulator.OrderLine
	ids := map[string]bool{}
	for _, line := range order.Lines {
		lines = append(lines, simulator.OrderLine{SKU: line.SKU, Quantity: line.Quantity})
		ids[line.ID] = true
		if sum, err = sum.Add(line.Total); err != nil {
			b.Errorf("order %s: %v", truth.ExternalID, err)
		}
	}
	byOrder := func(x, y simulator.OrderLine) int { return cmpSKU(x.SKU, y.SKU) }
	slices.SortFunc(lines, byOrder)
	want := slices.SortedFunc(slices.Values(truth.Lines), byOrder)
	if !slices.Equal(lines, want) {
		b.Errorf("order %s: got lines %v, want %v", truth.ExternalID, lines, want)
	}
	if len(ids) != len(lines) {
		b.Errorf("order %s: %d lines have only %d different IDs", truth.ExternalID, len(lines), len(ids))
	}
	if order.Total != truth.Total || sum != order.Total {
		b.Errorf("order %s: total %s, lines and adjustment make %s, the platform says %s", truth.ExternalID, order.Total, sum, truth.Total)
	}
}

// Platforms invent statuses. One that we do not know holds the stock until a
// person looks; it must not stop the read.
func checkStrangeStatus(b *bench) {
	if b.h.StrangeStatus == nil {
		b.Fatal("connectortest: Harness.StrangeStatus is needed for orders")
	}
	simple, _ := b.shelf()
	id := b.order(daysAgo(1), simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 1})
	raw := b.orders(daysAgo(2))[id].Raw
	strange := b.h.StrangeStatus(slices.Clone(raw))
	if string(strange) == string(raw) {
		b.Fatal("connectortest: Harness.StrangeStatus changed nothing")
	}
	order, _, err := b.Channel.Orders.Interpret(strange)
	if err != nil || order.Status != catalog.OrderOther {
		b.Errorf("got status %q, %v; want other", order.Status, err)
	}
}

func checkBadRaw(b *bench) {
	for _, raw := range []string{"", "{", "[]", "null", "<html></html>"} {
		if _, _, err := b.Channel.Orders.Interpret([]byte(raw)); err == nil {
			b.Errorf("interpret %q: no error", raw)
		}
	}
}
