package scheduler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
)

// firstOrders is how far back the first read of a channel's orders goes: open
// orders older than that are not expected.
const firstOrders = 30 * 24 * time.Hour

// sealedOrder is what is kept encrypted of an order.
type sealedOrder struct {
	Raw   json.RawMessage `json:"raw"`
	Buyer catalog.Buyer   `json:"buyer,omitzero"`
}

// PullOrders reads the channel's orders since the last read, less an overlap,
// stores each whole, interprets them and books what they do to the stock. It
// can be killed anywhere and run again: nothing is lost, nothing is booked
// twice (invariant I5).
func (e *Engine) PullOrders(ctx context.Context, id catalog.ChannelID) (catalog.Run, error) {
	return e.run(ctx, "orders", id, func(c *channel, count counter) error {
		if c.Orders == nil {
			return nil
		}
		begun := e.now()
		state, err := e.State(ctx, id)
		if err != nil {
			return err
		}
		if state.ConnectedAt.IsZero() {
			if state, err = e.setState(ctx, id, func(s *ChannelState) {
				if s.ConnectedAt.IsZero() {
					s.ConnectedAt = begun
				}
			}); err != nil {
				return err
			}
		}
		since := state.Watermark.Add(-c.Info.Overlap - c.Info.Precision)
		if state.Watermark.IsZero() {
			since = state.ConnectedAt.Add(-firstOrders)
		}
		newest := state.Watermark
		batch := make([]catalog.Order, 0, page)
		flush := func() error {
			err := e.storeOrders(ctx, c, state, batch, count)
			batch = batch[:0]
			return err
		}
		for raw, err := range c.Orders.Orders(ctx, since) {
			if err != nil {
				return fmt.Errorf("read orders: %w", err)
			}
			count("read", 1)
			if raw.UpdatedAt.After(newest) {
				newest = raw.UpdatedAt
			}
			order := catalog.Order{Channel: id, ExternalID: raw.ExternalID, UpdatedAt: raw.UpdatedAt.UTC().Truncate(time.Millisecond), ReadAt: begun, RawHash: Fingerprint(raw.Raw), Unsettled: true}
			if order.Sealed, err = e.seal(order, sealedOrder{Raw: raw.Raw}); err != nil {
				return err
			}
			if batch = append(batch, order); len(batch) == page/5 {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
		// What an earlier crash or an unknown SKU left unsettled.
		if err := e.settleOrders(ctx, c, state, count); err != nil {
			return err
		}
		// Last: only now is everything up to newest in the store and the ledger.
		_, err = e.setState(ctx, id, func(s *ChannelState) {
			// An order from the future, by a mistaken clock, must not hide those
			// that follow it.
			if newest.After(begun) {
				newest = begun
			}
			if newest.After(s.Watermark) {
				s.Watermark = newest
			}
			if begun.After(s.OrdersReadAt) {
				s.OrdersReadAt = begun
			}
		})
		return err
	})
}

// storeOrders stores a page of orders as they came and settles them.
func (e *Engine) storeOrders(ctx context.Context, c *channel, state ChannelState, orders []catalog.Order, count counter) error {
	if len(orders) == 0 {
		return nil
	}
	// The same order may come twice in a page; the later one counts.
	byID := map[catalog.ExternalID]catalog.Order{}
	var ids []catalog.ExternalID
	for _, o := range orders {
		if known, twice := byID[o.ExternalID]; twice {
			if o.UpdatedAt.Before(known.UpdatedAt) {
				continue
			}
		} else {
			ids = append(ids, o.ExternalID)
		}
		byID[o.ExternalID] = o
	}
	all := slices.Clone(ids)
	for len(ids) > 0 {
		stored, err := e.store.Orders(ctx, catalog.OrderQuery{Channel: c.ID(), ExternalIDs: ids, Limit: len(ids)})
		if err != nil {
			return fmt.Errorf("read stored orders: %w", err)
		}
		known := map[catalog.ExternalID]catalog.Order{}
		for _, o := range stored {
			known[o.ExternalID] = o
		}
		var write []catalog.Order
		for _, id := range ids {
			o, old := byID[id], known[id]
			if old.Revision > 0 && (old.RawHash == o.RawHash || o.UpdatedAt.Before(old.UpdatedAt)) {
				continue // seen already, or older than what is stored
			}
			// The old interpretation stays until the new one replaces it.
			merged := old
			merged.Channel, merged.ExternalID = o.Channel, o.ExternalID
			merged.Sealed, merged.RawHash, merged.UpdatedAt, merged.ReadAt, merged.Unsettled = o.Sealed, o.RawHash, o.UpdatedAt, o.ReadAt, true
			write = append(write, merged)
			if old.Revision == 0 {
				count("new", 1)
			} else {
				count("changed", 1)
			}
		}
		if len(write) == 0 {
			break
		}
		errs, err := e.store.PutOrders(ctx, write)
		if err != nil {
			return fmt.Errorf("store orders: %w", err)
		}
		ids = ids[:0]
		for i, err := range errs {
			switch {
			case errors.Is(err, catalog.ErrConflict), errors.Is(err, catalog.ErrExists):
				ids = append(ids, write[i].ExternalID) // another reader was faster: compare again
			case err != nil:
				return fmt.Errorf("store order %s: %w", write[i].ExternalID, err)
			}
		}
	}
	written, err := e.store.Orders(ctx, catalog.OrderQuery{Channel: c.ID(), ExternalIDs: all, Unsettled: true, Limit: len(all)})
	if err != nil {
		return fmt.Errorf("read stored orders: %w", err)
	}
	return e.settlePage(ctx, c, state, written, count)
}

// settleOrders interprets the channel's unsettled orders and books their stock.
func (e *Engine) settleOrders(ctx context.Context, c *channel, state ChannelState, count counter) error {
	for after := ""; ; {
		orders, err := e.store.Orders(ctx, catalog.OrderQuery{Channel: c.ID(), Unsettled: true, AfterKey: after, Limit: page / 5})
		if err != nil {
			return fmt.Errorf("read unsettled orders: %w", err)
		}
		if len(orders) == 0 {
			return nil
		}
		after = orders[len(orders)-1].Key()
		if err := e.settlePage(ctx, c, state, orders, count); err != nil {
			return err
		}
	}
}

func (e *Engine) settlePage(ctx context.Context, c *channel, state ChannelState, orders []catalog.Order, count counter) error {
	var refs []string
	var skus []catalog.SKU
	interpreted := make([]bool, len(orders))
	for i := range orders {
		o := &orders[i]
		before := *o
		var content sealedOrder
		if err := e.open(*o, &content); err != nil {
			o.Problem = "sealed: " + err.Error()
			continue
		}
		order, buyer, err := c.Orders.Interpret(content.Raw)
		if err != nil {
			o.Problem = "not understood: " + err.Error()
			continue
		}
		if content.Buyer != buyer {
			content.Buyer = buyer
			if o.Sealed, err = e.seal(*o, content); err != nil {
				return err
			}
		}
		order.Channel, order.ExternalID, order.Revision = o.Channel, o.ExternalID, o.Revision
		order.Sealed, order.RawHash, order.UpdatedAt, order.ReadAt, order.Unsettled = o.Sealed, o.RawHash, o.UpdatedAt, o.ReadAt, true
		order.Back = o.Back
		*o = order
		interpreted[i] = true
		if err := checkTotals(*o); err != nil {
			o.Problem = err.Error()
		}
		for _, l := range before.Lines {
			refs = append(refs, catalog.OrderRef(*o, l))
		}
		for _, l := range o.Lines {
			refs = append(refs, catalog.OrderRef(*o, l))
			skus = append(skus, l.SKU)
		}
	}
	known, err := e.knownSKUs(ctx, skus)
	if err != nil {
		return err
	}
	booked, err := e.booked(ctx, refs)
	if err != nil {
		return err
	}
	var movements []catalog.Movement
	for i := range orders {
		o := &orders[i]
		if !interpreted[i] {
			continue
		}
		if history(*o, state.ConnectedAt.Truncate(c.Info.Precision), booked) {
			o.Unsettled = o.Problem != ""
			continue
		}
		moves, issues := catalog.OrderMovements(*o, func(l catalog.OrderLine) (catalog.SKU, bool) { return l.SKU, known[l.SKU] }, booked, e.now())
		movements = append(movements, moves...)
		if len(issues) > 0 {
			o.Problem = issues[0].Message.EN
		}
		o.Unsettled = len(issues) > 0
	}
	beaten, err := e.book(ctx, movements, count)
	if err != nil {
		return err
	}
	for i := range orders {
		// Another reader booked first: compare again on the next read.
		orders[i].Unsettled = orders[i].Unsettled || beaten[catalog.OrderRefPrefix(orders[i])]
	}
	errs, err := e.store.PutOrders(ctx, orders)
	if err != nil {
		return fmt.Errorf("store interpreted orders: %w", err)
	}
	for i, err := range errs {
		if err != nil && !errors.Is(err, catalog.ErrConflict) {
			return fmt.Errorf("store interpreted order %s: %w", orders[i].ExternalID, err)
		}
		if orders[i].Problem != "" {
			count("problems", 1)
		}
	}
	return nil
}

// history tells that an order was over before this channel was connected, so
// that the stock counted since then does not contain its goods. connected has
// the platform's precision: an order of the same second came after it.
func history(o catalog.Order, connected time.Time, booked map[string][]catalog.Movement) bool {
	if !o.PlacedAt.Before(connected) {
		return false
	}
	switch o.Status {
	case catalog.OrderShipped, catalog.OrderCompleted, catalog.OrderCancelled, catalog.OrderRefunded:
	default:
		return false
	}
	for _, l := range o.Lines {
		if len(booked[catalog.OrderRef(o, l)]) > 0 {
			return false
		}
	}
	return true
}

// checkTotals holds lines + adjustment = total (invariant I6).
func checkTotals(o catalog.Order) error {
	sum := o.Adjustment
	var err error
	for _, l := range o.Lines {
		if sum, err = sum.Add(l.Total); err != nil {
			return fmt.Errorf("totals of order %s: %w", o.Number, err)
		}
	}
	if sum.Amount != o.Total.Amount || len(o.Lines) > 0 && sum.Currency != o.Total.Currency {
		return fmt.Errorf("totals of order %s: lines and adjustment give %s, the platform says %s", o.Number, sum, o.Total)
	}
	return nil
}

func (e *Engine) knownSKUs(ctx context.Context, skus []catalog.SKU) (map[catalog.SKU]bool, error) {
	known := map[catalog.SKU]bool{}
	if len(skus) == 0 {
		return known, nil
	}
	products, err := e.store.Products(ctx, catalog.ProductQuery{SKUs: skus, Limit: len(skus)})
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	for _, p := range products {
		for _, v := range p.Variants {
			known[v.SKU] = true
		}
	}
	return known, nil
}

func (e *Engine) booked(ctx context.Context, refs []string) (map[string][]catalog.Movement, error) {
	booked := map[string][]catalog.Movement{}
	if len(refs) == 0 {
		return booked, nil
	}
	for after := ""; ; {
		movements, err := e.store.Movements(ctx, catalog.MovementQuery{Refs: refs, AfterKey: after, Limit: page})
		if err != nil {
			return nil, fmt.Errorf("read stock movements: %w", err)
		}
		for _, m := range movements {
			booked[m.Ref] = append(booked[m.Ref], m)
		}
		if len(movements) < page {
			return booked, nil
		}
		after = movements[len(movements)-1].Key
	}
}

// book adds movements to the ledger. It returns the prefixes of the orders of
// which another reader booked something first.
func (e *Engine) book(ctx context.Context, movements []catalog.Movement, count counter) (beaten map[string]bool, err error) {
	if len(movements) == 0 {
		return nil, nil
	}
	errs, err := e.store.AddMovements(ctx, movements)
	if err != nil {
		return nil, fmt.Errorf("book stock movements: %w", err)
	}
	beaten = map[string]bool{}
	for i, err := range errs {
		switch {
		case err == nil:
			count("booked", 1)
		case errors.Is(err, catalog.ErrExists):
			beaten[movements[i].Ref[:strings.LastIndex(movements[i].Ref, "/")+1]] = true
		default:
			return nil, fmt.Errorf("book stock movement %s: %w", movements[i].Key, err)
		}
	}
	return beaten, nil
}

// Buyer opens what an order holds of its buyer.
func (e *Engine) Buyer(o catalog.Order) (catalog.Buyer, error) {
	var content sealedOrder
	err := e.open(o, &content)
	return content.Buyer, err
}

func (e *Engine) seal(o catalog.Order, content sealedOrder) ([]byte, error) {
	plain, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("order %s: the platform's document is not JSON", o.ExternalID)
	}
	sealed, err := e.options.Sealer.Seal(plain, []byte(o.Key()))
	if err != nil {
		return nil, fmt.Errorf("encrypt order %s: %w", o.ExternalID, err)
	}
	return sealed, nil
}

func (e *Engine) open(o catalog.Order, content *sealedOrder) error {
	plain, err := e.options.Sealer.Open(o.Sealed, []byte(o.Key()))
	if err != nil {
		return fmt.Errorf("decrypt order %s: %w; is this the key file it was stored with?", o.ExternalID, err)
	}
	return json.Unmarshal(plain, content)
}

// Fingerprint identifies a document without revealing it.
func Fingerprint(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}
