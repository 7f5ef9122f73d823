package scheduler

import (
	"context"
	"errors"
	"fmt"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// tasks that only a person asks for; they are recorded as runs, too.
const (
	taskShip      = "ship"
	taskDocuments = "documents"
	taskCancel    = "cancel"
)

// FindOrder finds a stored order by its ID on the platform or by the number
// that people call it, on one channel or, with "", on all of them. Two that are
// called the same are an error that says so.
func (e *Engine) FindOrder(ctx context.Context, id catalog.ChannelID, name string) (catalog.Order, error) {
	channels := []catalog.ChannelID{id}
	if id == "" {
		e.mu.RLock()
		channels = channels[:0]
		for id := range e.channels {
			channels = append(channels, id)
		}
		e.mu.RUnlock()
	}
	var found []catalog.Order
	for _, channel := range channels {
		orders, err := e.store.Orders(ctx, catalog.OrderQuery{Channel: channel, ExternalIDs: []catalog.ExternalID{catalog.ExternalID(name)}})
		if err != nil {
			return catalog.Order{}, fmt.Errorf("read order %s: %w", name, err)
		}
		found = append(found, orders...)
	}
	for _, channel := range channels {
		if len(found) > 0 {
			break
		}
		for after := ""; ; {
			orders, err := e.store.Orders(ctx, catalog.OrderQuery{Channel: channel, Since: e.now().Add(-firstOrders * 6), AfterKey: after, Limit: page})
			if err != nil {
				return catalog.Order{}, fmt.Errorf("read orders: %w", err)
			}
			for _, o := range orders {
				if o.Number == name {
					found = append(found, o)
				}
			}
			if len(orders) < page {
				break
			}
			after = orders[len(orders)-1].Key()
		}
	}
	switch len(found) {
	case 0:
		return catalog.Order{}, fmt.Errorf("order %s: %w; read the channels' orders first: chophien orders pull", name, catalog.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return catalog.Order{}, fmt.Errorf("order %s: there are %d of that name, on %s and %s; say which with --channel", name, len(found), found[0].Channel, found[1].Channel)
}

// Ship reports to the platform that an order goes out. An outcome that is not
// done is no error; it says what the platform objects to.
func (e *Engine) Ship(ctx context.Context, o catalog.Order, f catalog.Fulfillment) (connectors.Outcome, error) {
	var outcome connectors.Outcome
	_, err := e.run(ctx, taskShip, o.Channel, func(c *channel, count counter) (err error) {
		if c.Shipper == nil {
			return unable(c, "ship", "shipments are reported on "+c.Info.Title+" itself")
		}
		outcome, err = c.Shipper.Ship(ctx, connectors.Shipment{Order: o.ExternalID, Fulfillment: f})
		if err == nil {
			count(string(outcome.Kind), 1)
		}
		return err
	})
	return outcome, err
}

// Documents reads the labels of an order whose shipment was reported.
func (e *Engine) Documents(ctx context.Context, o catalog.Order) ([]connectors.Document, error) {
	var papers []connectors.Document
	_, err := e.run(ctx, taskDocuments, o.Channel, func(c *channel, count counter) (err error) {
		if c.Documents == nil {
			return unable(c, "documents", "print the label of your carrier, or in "+c.Info.Title+" itself")
		}
		papers, err = c.Documents.Documents(ctx, o.ExternalID)
		count("documents", int64(len(papers)))
		return err
	})
	return papers, err
}

// AnswerCancel answers a buyer who wants to cancel an order. What that does to
// its stock is booked when the order is read again (invariant I9).
func (e *Engine) AnswerCancel(ctx context.Context, o catalog.Order, accept bool) (connectors.Outcome, error) {
	var outcome connectors.Outcome
	_, err := e.run(ctx, taskCancel, o.Channel, func(c *channel, count counter) (err error) {
		if c.Canceller == nil {
			return unable(c, "cancel", "answer the buyer on "+c.Info.Title+" itself")
		}
		outcome, err = c.Canceller.AnswerCancel(ctx, o.ExternalID, accept)
		if err == nil {
			count(string(outcome.Kind), 1)
		}
		return err
	})
	return outcome, err
}

// ErrUnable is what a channel's platform has no call for.
var ErrUnable = errors.New("the platform has no call for it")

func unable(c *channel, op, hint string) error {
	return fmt.Errorf("channel %s: %s: %w; %s", c.ID(), op, ErrUnable, hint)
}
