package scheduler

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// depot is a shop that ships.
type depot struct {
	*shop
	shipped map[catalog.ExternalID]catalog.Fulfillment
	fail    error
	now     func() time.Time
}

func (d *depot) Ship(_ context.Context, s connectors.Shipment) (connectors.Outcome, error) {
	if d.fail != nil {
		return connectors.Outcome{}, d.fail
	}
	if _, twice := d.shipped[s.Order]; twice {
		return connectors.Outcome{Kind: connectors.Unchanged}, nil
	}
	d.shipped[s.Order] = s.Fulfillment
	return connectors.Outcome{Kind: connectors.Applied}, nil
}

func (d *depot) Documents(_ context.Context, id catalog.ExternalID) ([]connectors.Document, error) {
	if _, ok := d.shipped[id]; !ok {
		return nil, &connectors.Error{Kind: connectors.Clash, Op: "documents", Code: "not_shipped"}
	}
	return []connectors.Document{{Name: string(id) + ".pdf", MediaType: "application/pdf", Data: []byte("%PDF-")}}, nil
}

// AnswerCancel does as a platform: an accepted wish is seen when the order is
// read again.
func (d *depot) AnswerCancel(_ context.Context, id catalog.ExternalID, accept bool) (connectors.Outcome, error) {
	if d.fail != nil {
		return connectors.Outcome{}, d.fail
	}
	if accept {
		d.setOrder(string(id), d.now(), func(o *shopOrder) { o.Status = catalog.OrderCancelled })
	}
	return connectors.Outcome{Kind: connectors.Applied}, nil
}

// I9: a wish to cancel that is granted gives the pieces back once, however
// often the order is read; one that is refused changes nothing.
func TestI9AGrantedWishGivesPiecesBackOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := &depot{shop: newShop(), now: b.now}
	bare := connectors.ChannelConfig{ID: "bare", Disable: []string{"cancel"}}
	must(t, b.engine.SetChannels([]*connectors.Channel{
		connectors.NewChannel(connectors.ChannelConfig{ID: "one", Freshness: time.Hour}, connectors.Info{Name: "depot", Title: "Depot"}, d, nil),
		connectors.NewChannel(bare, connectors.Info{Name: "depot", Title: "Depot"}, &depot{shop: newShop()}, nil),
	}))
	b.shops["one"] = d.shop
	b.products(1, 10)
	d.order("A1", b.now(), sku(0), 3)
	b.pull("one")
	o, err := b.engine.FindOrder(t.Context(), "one", "A1")
	must(t, err)
	for _, step := range []struct {
		accept bool
		want   int64 // reserved
	}{{false, 3}, {true, 0}, {true, 0}} {
		if outcome, err := b.engine.AnswerCancel(t.Context(), o, step.accept); err != nil || outcome.Kind != connectors.Applied {
			t.Errorf("accept %t: %+v, %v", step.accept, outcome, err)
		}
		for range 2 {
			b.pull("one")
			if got := b.level(0); got.Reserved != step.want || got.OnHand != 10 {
				t.Errorf("accept %t: %d on hand, %d reserved, want 10 and %d", step.accept, got.OnHand, got.Reserved, step.want)
			}
		}
	}
	o.Channel = "bare"
	if _, err := b.engine.AnswerCancel(t.Context(), o, true); !errors.Is(err, ErrUnable) {
		t.Errorf("a channel that cannot: %v", err)
	}
}

func TestOrdersAreFoundAndShipped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	depots := map[catalog.ChannelID]*depot{}
	var opened []*connectors.Channel
	for _, id := range []catalog.ChannelID{"one", "two"} {
		depots[id] = &depot{shop: newShop(), shipped: map[catalog.ExternalID]catalog.Fulfillment{}}
		opened = append(opened, connectors.NewChannel(connectors.ChannelConfig{ID: id, Freshness: time.Hour}, connectors.Info{Name: "depot", Title: "Depot"}, depots[id], nil))
	}
	bare := connectors.ChannelConfig{ID: "bare", Disable: []string{"ship", "documents"}}
	opened = append(opened, connectors.NewChannel(bare, connectors.Info{Name: "depot", Title: "Depot"}, &depot{shop: newShop()}, nil))
	must(t, b.engine.SetChannels(opened))
	b.shops["one"], b.shops["two"] = depots["one"].shop, depots["two"].shop
	b.products(1, 10)
	b.shops["one"].order("A1", b.now(), sku(0), 1)
	b.shops["one"].order("A2", b.now(), sku(0), 1)
	b.shops["two"].order("A2", b.now(), sku(0), 1)
	b.pull("one")
	b.pull("two")

	find := func(channel catalog.ChannelID, name string) (catalog.Order, error) {
		return b.engine.FindOrder(t.Context(), channel, name)
	}
	for name, want := range map[string]catalog.ExternalID{"A1": "A1", "#A1": "A1"} {
		if o, err := find("", name); err != nil || o.ExternalID != want || o.Channel != "one" {
			t.Errorf("%s: got %s, %v", name, o.Key(), err)
		}
	}
	if _, err := find("", "A2"); err == nil || !strings.Contains(err.Error(), "--channel") {
		t.Errorf("two of one name: %v", err)
	}
	o, err := find("two", "A2")
	must(t, err)
	for _, name := range []string{"A3", ""} {
		if _, err := find("", name); !errors.Is(err, catalog.ErrNotFound) {
			t.Errorf("%q: got %v", name, err)
		}
	}

	if _, err := b.engine.Documents(t.Context(), o); connectors.KindOf(err) != connectors.Clash {
		t.Errorf("label before shipping: %v", err)
	}
	for i, want := range []connectors.OutcomeKind{connectors.Applied, connectors.Unchanged} {
		if outcome, err := b.engine.Ship(t.Context(), o, catalog.Fulfillment{TrackingNumber: "VN1"}); err != nil || outcome.Kind != want {
			t.Errorf("ship, time %d: %+v %v", i+1, outcome, err)
		}
	}
	if f := depots["two"].shipped["A2"]; f.TrackingNumber != "VN1" || len(depots["one"].shipped) != 0 {
		t.Errorf("shipped %+v", f)
	}
	if papers, err := b.engine.Documents(t.Context(), o); err != nil || len(papers) != 1 {
		t.Errorf("label: %v %v", papers, err)
	}
	o.Channel = "bare"
	if _, err := b.engine.Ship(t.Context(), o, catalog.Fulfillment{}); !errors.Is(err, ErrUnable) {
		t.Errorf("a channel that cannot: %v", err)
	}
	if _, err := b.engine.Documents(t.Context(), o); !errors.Is(err, ErrUnable) {
		t.Errorf("a channel that cannot: %v", err)
	}
	// A refused token parks the channel it belongs to (I7).
	depots["two"].fail = &connectors.Error{Kind: connectors.Auth, Op: "ship"}
	o.Channel = "two"
	if _, err := b.engine.Ship(t.Context(), o, catalog.Fulfillment{}); connectors.KindOf(err) != connectors.Auth {
		t.Errorf("refused: %v", err)
	}
	for id, parked := range map[catalog.ChannelID]bool{"one": false, "two": true} {
		if state, err := b.engine.State(t.Context(), id); err != nil || (state.Parked != nil) != parked {
			t.Errorf("%s: parked %v, %v", id, state.Parked, err)
		}
	}
}
