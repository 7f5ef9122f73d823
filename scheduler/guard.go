package scheduler

import (
	"errors"
	"fmt"

	"github.com/chophien/chophien/catalog"
)

// The limits beyond which a plan waits for a person. They are shares of the
// listings that a channel has, in percent, and absolute numbers that small
// shops may change without asking.
const (
	changeSharePercent = 30 // listings changed by one plan
	stopSharePercent   = 10 // listings stopped, or left without stock, by one plan
	changeLeast        = 10 // fewer changed listings than this never hold a plan
	emptyLeast         = 2  // a single product may run out without asking
	priceMovePercent   = 20 // move of one asked price, up or down
)

// ErrHeld says that a plan or an action waits for a person.
var ErrHeld = errors.New("waits for a person; approve it with --yes after looking at the plan")

// blast counts what a plan would do to a channel (invariant I12).
type blast struct {
	listings int // that exist there
	changed  int
	stopped  int
	emptied  int // left without any stock although no order took it
	movedSKU catalog.SKU
	moved    int // prices that move too far
}

// count adds one action; listing is as before it.
func (b *blast) count(action catalog.Action, look Look) {
	listing, offer := look.Listing, look.Offer
	if action.Kind == catalog.ActionCreate {
		return // nobody sees a listing that does not exist
	}
	b.changed++
	if action.Kind == catalog.ActionStop || action.Kind == catalog.ActionDelete {
		b.stopped++
		return
	}
	if hasFacet(action.Facets, catalog.FacetStock) && empties(look) {
		b.emptied++
	}
	if !hasFacet(action.Facets, catalog.FacetPrice) {
		return
	}
	for _, v := range offer.Variants {
		if before := shownPrice(listing, v.SKU); before != nil && movesTooFar(before.Asked(), v.Price.Asked()) {
			b.moved++
			b.movedSKU = v.SKU
		}
	}
}

// empties tells that the offer takes away all that could be bought although
// there was no order for it: the pieces vanished from the master. What was sold
// is still on hand until it is shipped, so a sold out product does not count.
func empties(look Look) bool {
	before := int64(0)
	for _, v := range look.Offer.Variants {
		if v.Quantity > 0 || look.Levels[v.SKU].OnHand > 0 {
			return false
		}
		if n := shownQuantity(look.Listing, v.SKU); n != nil {
			before += *n
		}
	}
	return before > 0
}

func shownPrice(l catalog.Listing, sku catalog.SKU) *catalog.Price {
	observed, _ := l.Observed.Variant(sku)
	applied, _ := l.Applied.Variant(sku)
	return orPrice(observed.Price, applied.Price)
}

func shownQuantity(l catalog.Listing, sku catalog.SKU) *int64 {
	observed, _ := l.Observed.Variant(sku)
	applied, _ := l.Applied.Variant(sku)
	return orCount(observed.Quantity, applied.Quantity)
}

// movesTooFar tells that a price moves by more than priceMovePercent.
func movesTooFar(before, after catalog.Money) bool {
	if before.Currency != after.Currency {
		return true
	}
	move := after.Amount - before.Amount
	if move < 0 {
		move = -move
	}
	return move > before.Amount/100*priceMovePercent+before.Amount%100*priceMovePercent/100
}

// hold says why the plan waits for a person; nil = it does not.
func (b *blast) hold() []catalog.Issue {
	var issues []catalog.Issue
	issue := func(code, vi, en string, args ...any) {
		issues = append(issues, catalog.Issue{Code: code, Severity: catalog.SeverityWarning, Message: catalog.Text{VI: fmt.Sprintf(vi, args...), EN: fmt.Sprintf(en, args...)}})
	}
	if b.changed >= changeLeast && beyond(b.changed, b.listings, changeSharePercent) {
		issue("many_changes", "Kế hoạch sẽ thay đổi %d trong %d tin đăng của kênh. Hãy xem lại rồi đồng ý.", "The plan would change %d of the channel's %d listings. Look at it, then approve it.", b.changed, b.listings)
	}
	if beyond(b.stopped, b.listings, stopSharePercent) {
		issue("many_stops", "Kế hoạch sẽ gỡ %d trong %d tin đăng của kênh. Hãy kiểm tra dữ liệu gốc rồi đồng ý.", "The plan would stop %d of the channel's %d listings. Check the master, then approve it.", b.stopped, b.listings)
	}
	if b.emptied >= emptyLeast && beyond(b.emptied, b.listings, stopSharePercent) {
		issue("many_empty", "Kế hoạch sẽ làm hết hàng %d trong %d tin đăng của kênh dù không có đơn hàng. Hãy kiểm tra tồn kho gốc rồi đồng ý.", "The plan would leave %d of the channel's %d listings without stock although nothing was ordered. Check the stock counts, then approve it.", b.emptied, b.listings)
	}
	if b.moved > 0 {
		issue("price_move", "Có %d giá thay đổi quá %d %% (ví dụ %s). Hãy xem lại rồi đồng ý.", "%d prices move by more than %d %% (for example %s). Look at them, then approve the plan.", b.moved, priceMovePercent, b.movedSKU)
	}
	return issues
}

// beyond tells that part is more than percent of whole.
func beyond(part, whole, percent int) bool { return part*100 > whole*percent }
