package catalog

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OrderRef names an order line in the ledger: all movements of the line carry
// it as their Ref.
func OrderRef(o Order, line OrderLine) string {
	return OrderRefPrefix(o) + refPart(line.ID)
}

// OrderRefPrefix is how the refs of all lines of an order begin, and so the
// keys of their movements: it also finds those of lines that have vanished.
func OrderRefPrefix(o Order) string {
	return "order/" + refPart(string(o.Channel)) + "/" + refPart(string(o.ExternalID)) + "/"
}

// OrderMovementKey is the key of the nth movement of an order line, from 0.
func OrderMovementKey(ref string, n int) string { return ref + "#" + strconv.Itoa(n) }

func refPart(s string) string {
	return strings.NewReplacer("%", "%25", "/", "%2F").Replace(s)
}

// OrderMovements returns the movements that bring the ledger to what the order
// wants now, and nothing when it is there already. booked holds, by ref, all
// movements of the order's lines that are in the ledger (see
// [OrderRefPrefix]); skuOf resolves a line against the catalog.
//
// What is wanted depends on the order as it is, not on how it came to be so:
// a status that is seen twice, late or out of order books nothing twice, and
// after a crash the same call finishes what was begun. A movement whose key
// exists was booked by somebody else meanwhile: read the ledger and call
// again.
//
//	status                                on hand          reserved
//	awaiting payment, to ship, other      0                +pieces
//	shipped, completed                    -pieces          0
//	cancelled                             0                0
//	refunded, pieces had left             -pieces          0
//	refunded otherwise                    0                0
//
// Pieces are the line's quantity less those that are back: restocked by the
// platform's word or a person's. A line that
// vanished from the order wants 0 and 0. A line whose SKU is not known yields
// an issue and no movement, unless the ledger tells its SKU.
func OrderMovements(o Order, skuOf func(OrderLine) (SKU, bool), booked map[string][]Movement, at time.Time) ([]Movement, []Issue) {
	b := booking{at: at.UTC().Truncate(time.Millisecond)}
	seen := make(map[string]bool, len(o.Lines))
	for _, line := range o.Lines {
		ref := OrderRef(o, line)
		field := "lines[" + clip(line.ID) + "]"
		if seen[ref] {
			b.issues = append(b.issues, newIssue(SeverityError, "line_twice", field, line.SKU,
				"Đơn có hai dòng cùng mã %q nên dòng sau không được trừ kho. Hãy kiểm tra đơn trên sàn.",
				"The order has two lines %q, so the second does not move stock. Check the order on the platform.", clip(line.ID)))
			continue
		}
		seen[ref] = true
		was := sums(booked[ref])
		line.Restocked = o.back(line)
		want := wanted(o.Status, line, was)
		sku, ok := skuOf(line)
		if !ok {
			sku, ok = bookedSKU(was)
		}
		switch {
		case ok:
			b.move(ref, booked[ref], was, sku, want)
		case want != (total{}):
			b.issues = append(b.issues, newIssue(SeverityError, "sku_unknown", field, line.SKU,
				"Không có SKU %q trong danh mục nên dòng này chưa trừ kho. Hãy thêm sản phẩm hoặc sửa SKU trên sàn.",
				"SKU %q is not in the catalog, so this line moves no stock. Add the product or correct the SKU on the platform.", clip(string(line.SKU))))
		}
	}
	prefix := OrderRefPrefix(o)
	for _, ref := range slices.Sorted(maps.Keys(booked)) {
		if strings.HasPrefix(ref, prefix) && !seen[ref] {
			b.move(ref, booked[ref], sums(booked[ref]), "", total{})
		}
	}
	return b.movements, b.issues
}

// total is what a line does to the stock of a SKU, all its movements together.
type total struct{ onHand, reserved int64 }

// sums adds up booked movements by SKU.
func sums(movements []Movement) map[SKU]total {
	if len(movements) == 0 {
		return nil
	}
	was := make(map[SKU]total, 1)
	for _, m := range movements {
		t := was[m.SKU]
		was[m.SKU] = total{t.onHand + m.OnHand, t.reserved + m.Reserved}
	}
	return was
}

func wanted(status OrderStatus, line OrderLine, was map[SKU]total) total {
	pieces := max(0, line.Quantity)
	pieces -= min(pieces, max(0, line.Restocked))
	switch status {
	case OrderShipped, OrderCompleted:
		return total{onHand: -pieces}
	case OrderCancelled:
		return total{}
	case OrderRefunded:
		for _, t := range was {
			if t.onHand < 0 {
				return total{onHand: -pieces}
			}
		}
		return total{}
	}
	return total{reserved: pieces}
}

// bookedSKU returns the SKU that the line still holds stock of.
func bookedSKU(was map[SKU]total) (SKU, bool) {
	for _, sku := range slices.Sorted(maps.Keys(was)) {
		if was[sku] != (total{}) {
			return sku, true
		}
	}
	return "", false
}

type booking struct {
	at        time.Time
	movements []Movement
	issues    []Issue
}

// move adds the movement that takes the line from what was booked to what is
// wanted of sku, then those that give back what it holds of other SKUs. In this
// order a crash in between forgets neither the pieces nor that they had left.
func (b *booking) move(ref string, movements []Movement, was map[SKU]total, sku SKU, want total) {
	next := nextNumber(ref, movements)
	add := func(sku SKU, want total) {
		onHand, reserved := want.onHand-was[sku].onHand, want.reserved-was[sku].reserved
		if onHand == 0 && reserved == 0 {
			return
		}
		b.movements = append(b.movements, Movement{
			Key: OrderMovementKey(ref, next), SKU: sku, Ref: ref, Kind: movementKind(onHand, reserved),
			OnHand: onHand, Reserved: reserved, At: b.at,
		})
		next++
	}
	if sku != "" {
		add(sku, want)
	}
	for _, other := range slices.Sorted(maps.Keys(was)) {
		if other != sku {
			add(other, total{})
		}
	}
}

// nextNumber follows the highest number in use, which is not always the count:
// of two movements written together the first alone may have failed.
func nextNumber(ref string, movements []Movement) int {
	next := len(movements)
	for _, m := range movements {
		if n, err := strconv.Atoi(strings.TrimPrefix(m.Key, ref+"#")); err == nil {
			next = max(next, n+1)
		}
	}
	return next
}

func movementKind(onHand, reserved int64) MovementKind {
	switch {
	case onHand < 0:
		return MoveShip
	case onHand > 0:
		return MoveReturn
	case reserved > 0:
		return MoveReserve
	}
	return MoveRelease
}
