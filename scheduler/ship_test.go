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
