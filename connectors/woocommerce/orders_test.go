package woocommerce

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// selling opens a shop with the first two samples and plenty of stock.
func selling(t testing.TB) (*shop, *woocommercetest.Simulator, []catalog.Offer) {
	t.Helper()
	s, sim := practice(t, woocommercetest.Options{})
	offers := []catalog.Offer{sample(0), sample(1)}
	for _, o := range offers {
		for i := range o.Variants {
			o.Variants[i].Quantity = 10000
		}
		publish(t, s, create(o)[0], connectors.Applied)
	}
	return s, sim, offers
}

func place(t testing.TB, sim *woocommercetest.Simulator, at time.Time, lines ...simulator.OrderLine) catalog.ExternalID {
	t.Helper()
	id, err := sim.Order(simulator.OrderRequest{At: at, Lines: lines})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// readOrders interprets all orders since; of one that comes twice the last.
func readOrders(t testing.TB, s *shop, since time.Time) map[catalog.ExternalID]catalog.Order {
	t.Helper()
	read := map[catalog.ExternalID]catalog.Order{}
	for raw, err := range s.Orders(t.Context(), since) {
		if err != nil {
			t.Fatal(err)
		}
		order, _, err := s.Interpret(raw.Raw)
		if err != nil {
			t.Fatal(err)
		}
		read[raw.ExternalID] = order
	}
	return read
}

// Orders of the first page that change while it is read move to the end; page
// numbers would then skip as many of the second (I5).
func TestOrdersThatChangeWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	s, sim, offers := selling(t)
	start := time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
	var ids []catalog.ExternalID
	for i := range 250 {
		ids = append(ids, place(t, sim, start.Add(time.Duration(i)*time.Second), simulator.OrderLine{SKU: offers[0].Variants[0].SKU, Quantity: 1}))
	}
	sim.Inject(simulator.Fault{Path: "/orders", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		for _, id := range ids[:40] {
			if err := sim.SetOrderStatus(id, catalog.OrderCancelled); err != nil {
				t.Error(err)
			}
		}
		return answer
	}})
	read := readOrders(t, s, start)
	if len(read) != len(ids) {
		t.Errorf("got %d orders, want %d", len(read), len(ids))
	}
	for _, id := range ids[:40] {
		if read[id].Status != catalog.OrderCancelled {
			t.Fatalf("order %s: the last reading is %q", id, read[id].Status)
		}
	}
}

// A shop whose cache ignores the filter would be read for ever.
func TestOrdersFromADeafShop(t *testing.T) {
	t.Parallel()
	s, sim, offers := selling(t)
	place(t, sim, time.Now().Add(-48*time.Hour), simulator.OrderLine{SKU: offers[0].Variants[0].SKU, Quantity: 1})
	var stale []byte
	sim.Inject(simulator.Fault{Path: "/orders", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		stale = answer
		return answer
	}})
	readOrders(t, s, time.Now().Add(-72*time.Hour))
	sim.Inject(simulator.Fault{Path: "/orders", Times: -1, Kind: simulator.FaultEdit, Edit: func([]byte) []byte { return stale }})
	var last error
	for _, err := range s.Orders(t.Context(), time.Now().Add(-time.Hour)) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "not filtered") {
		t.Errorf("got %v", last)
	}
}

// A shop sends unfinished checkouts among its orders; they are none yet.
func TestDraftsAreNoOrders(t *testing.T) {
	t.Parallel()
	s, sim, offers := selling(t)
	place(t, sim, time.Now().Add(-time.Hour), simulator.OrderLine{SKU: offers[0].Variants[0].SKU, Quantity: 1})
	sim.Inject(simulator.Fault{Path: "/orders", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		return []byte(strings.ReplaceAll(string(answer), `"status":"processing"`, `"status":"checkout-draft"`))
	}})
	if read := readOrders(t, s, time.Now().Add(-2*time.Hour)); len(read) != 0 {
		t.Errorf("got %d orders, want none", len(read))
	}
	if read := readOrders(t, s, time.Time{}); len(read) != 1 {
		t.Errorf("since ever: got %d orders, want 1", len(read))
	}
}

// A refund tells which pieces came back into stock, of which line.
func TestRefundsRestock(t *testing.T) {
	t.Parallel()
	s, sim, offers := selling(t)
	id := place(t, sim, time.Time{}, simulator.OrderLine{SKU: offers[0].Variants[0].SKU, Quantity: 3}, simulator.OrderLine{SKU: offers[1].Variants[1].SKU, Quantity: 2})
	since := time.Now().Add(-time.Hour)
	before := readOrders(t, s, since)[id]
	if len(before.Returns) != 0 || before.Lines[0].Restocked != 0 {
		t.Fatalf("before: %+v", before)
	}
	line := before.Lines[1]
	if _, err := s.do(t.Context(), connectors.Call{Op: "test", Method: http.MethodPost, Path: fmt.Sprintf("%sorders/%s/refunds", api, id), Body: fields{
		"amount": "220000", "reason": "Người mua thử trả", "line_items": []fields{{"id": number(t, line.ID), "quantity": 1, "refund_total": "220000"}},
	}}); err != nil {
		t.Fatal(err)
	}
	after := readOrders(t, s, since)[id]
	if after.Lines[0].Restocked != 0 || after.Lines[1].Restocked != 1 || after.Status != catalog.OrderToShip {
		t.Errorf("after one came back: %+v", after)
	}
	if len(after.Returns) != 1 || after.Returns[0].Refunded != catalog.VND(220000) || !slices.Equal(after.Returns[0].Lines, []string{line.ID}) || after.Returns[0].Reason != "" {
		t.Errorf("returns: %+v", after.Returns)
	}
	if err := sim.SetOrderStatus(id, catalog.OrderRefunded); err != nil {
		t.Fatal(err)
	}
	full := readOrders(t, s, since)[id]
	if full.Status != catalog.OrderRefunded || full.Lines[0].Restocked != 3 {
		t.Errorf("after a full refund: %+v", full)
	}
}

func number(t testing.TB, text string) int64 {
	t.Helper()
	n, _, ok := splitID(catalog.ExternalID(text))
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return n
}

func TestShip(t *testing.T) {
	t.Parallel()
	s, sim, offers := selling(t)
	id := place(t, sim, time.Time{}, simulator.OrderLine{SKU: offers[0].Variants[0].SKU, Quantity: 1}, simulator.OrderLine{SKU: offers[1].Variants[0].SKU, Quantity: 1})
	since := time.Now().Add(-time.Hour)
	lines := readOrders(t, s, since)[id].Lines
	ship := func(want connectors.OutcomeKind, f catalog.Fulfillment) {
		t.Helper()
		outcome, err := s.Ship(t.Context(), connectors.Shipment{Order: id, Fulfillment: f})
		if err != nil || outcome.Kind != want {
			t.Fatalf("ship %s: got %+v, %v, want %s", f.ID, outcome, err, want)
		}
	}
	first := catalog.Fulfillment{ID: "GH-1", Carrier: "Bưu điện", TrackingNumber: "VN1", Lines: []string{lines[0].ID}}
	second := catalog.Fulfillment{ID: "GH-2", Carrier: "Bưu điện", TrackingNumber: "VN2", TrackingURL: "https://theo-doi.example.test/VN2", Lines: []string{lines[1].ID}}

	ship(connectors.Applied, first)
	half := readOrders(t, s, since)[id]
	if half.Status != catalog.OrderToShip || len(half.Fulfillments) != 1 {
		t.Errorf("half shipped: %s, %+v", half.Status, half.Fulfillments)
	}

	// The order is written and the note is not: done again, it is sent.
	sim.Inject(simulator.Fault{Method: "POST", Path: "/notes", Kind: simulator.FaultRefuse})
	ship(connectors.Unknown, second)
	ship(connectors.Applied, second)
	// The note is written and its answer lost: it is not sent twice.
	ship(connectors.Unchanged, second)
	done := readOrders(t, s, since)[id]
	if diff := cmp.Diff([]catalog.Fulfillment{first, second}, done.Fulfillments); done.Status != catalog.OrderCompleted || diff != "" {
		t.Errorf("shipped: %s (-want +got):\n%s", done.Status, diff)
	}
	if notes := customerNotes(t, s, id); len(notes) != 2 {
		t.Errorf("the buyer got %d notes, want 2: %q", len(notes), notes)
	}

	third := place(t, sim, time.Time{}, simulator.OrderLine{SKU: offers[0].Variants[0].SKU, Quantity: 1})
	sim.Inject(simulator.Fault{Method: "POST", Path: "/notes", Kind: simulator.FaultDrop})
	id = third
	ship(connectors.Unknown, first)
	ship(connectors.Unchanged, first)
	if notes := customerNotes(t, s, id); len(notes) != 1 {
		t.Errorf("after a lost answer the buyer got %d notes, want 1", len(notes))
	}

	// Completing a cancelled order would take the stock once more.
	id = place(t, sim, time.Time{}, simulator.OrderLine{SKU: offers[0].Variants[0].SKU, Quantity: 1})
	if err := sim.SetOrderStatus(id, catalog.OrderCancelled); err != nil {
		t.Fatal(err)
	}
	ship(connectors.Conflict, first)
	if got := readOrders(t, s, since)[id]; got.Status != catalog.OrderCancelled || len(got.Fulfillments) != 0 {
		t.Errorf("a cancelled order: %s, %+v", got.Status, got.Fulfillments)
	}
}

func customerNotes(t testing.TB, s *shop, id catalog.ExternalID) []string {
	t.Helper()
	var notes []orderNote
	if _, err := s.do(t.Context(), connectors.Call{Op: "test", Path: fmt.Sprintf("%sorders/%s/notes", api, id), Query: url.Values{"type": {"customer"}}, Out: &notes}); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, n := range notes {
		texts = append(texts, n.Note)
	}
	return texts
}

// Products that are deleted while the list is read move the others forward: a
// page would begin too late, and what it skipped would look vanished (I8).
func TestListingsWhileTheShopChanges(t *testing.T) {
	t.Parallel()
	for _, deleted := range []int{1, 5, 150} {
		t.Run(fmt.Sprint(deleted), func(t *testing.T) {
			t.Parallel()
			s, sim := practice(t, woocommercetest.Options{})
			var offers []catalog.Offer
			for i := range 330 {
				o := sample(4 * i)
				o.Images = nil
				offers = append(offers, o)
			}
			if _, err := s.Publish(t.Context(), create(offers...)); err != nil {
				t.Fatal(err)
			}
			// The shop holds them in the order of publication.
			sim.Inject(simulator.Fault{Method: "GET", Path: "/products", Skip: 1, Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
				for _, o := range offers[:deleted] {
					if err := sim.Delete(o.Variants[0].SKU); err != nil {
						t.Error(err)
					}
				}
				return answer
			}})
			read := map[catalog.SKU]bool{}
			for r, err := range s.Listings(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				read[r.Variants[0].SKU] = true
			}
			for _, o := range offers[deleted:] {
				if !read[o.Variants[0].SKU] {
					t.Errorf("%s is in the shop and was not read", o.Variants[0].SKU)
				}
			}
		})
	}
}

// Lists that do not end, or end too early, are errors.
func TestListsThatLie(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	var offers []catalog.Offer
	for i := range 150 {
		o := sample(4 * i)
		o.Images = nil
		offers = append(offers, o)
	}
	if _, err := s.Publish(t.Context(), create(offers...)); err != nil {
		t.Fatal(err)
	}
	var page []byte
	for name, edit := range map[string]func([]byte) []byte{
		"the same page for ever": func(answer []byte) []byte {
			if page == nil {
				page = slices.Clone(answer)
			}
			return page
		},
		"nothing":    func([]byte) []byte { return []byte(`[]`) },
		"unsorted":   func(answer []byte) []byte { return []byte(strings.Replace(string(answer), `"id":`, `"id":9`, 1)) },
		"not a list": func([]byte) []byte { return []byte(`{"code":"ok"}`) },
	} {
		page = nil
		sim.Inject(simulator.Fault{Method: "GET", Path: "/products", Times: -1, Kind: simulator.FaultEdit, Edit: edit})
		var last error
		n := 0
		for _, err := range s.Listings(t.Context()) {
			last = err
			if n++; n > 1000 {
				break
			}
		}
		if e, ok := last.(*connectors.Error); !ok || e.Op == "" {
			t.Errorf("%s: got %v after %d", name, last, n)
		}
		sim.ResetFaults()
	}
}

func TestEnsureHooks(t *testing.T) {
	t.Parallel()
	s, sim := practice(t, woocommercetest.Options{})
	const address = "https://cho.example.test/hooks/vn-thu"
	hooks := func() map[string]string {
		t.Helper()
		list, err := all[webhook](t.Context(), s, "test", api+"webhooks", url.Values{})
		if err != nil {
			t.Fatal(err)
		}
		shown := map[string]string{}
		for _, w := range list {
			shown[w.Topic+" to "+w.DeliveryURL] += w.Status
		}
		return shown
	}
	want := map[string]string{}
	for _, topic := range topics {
		want[topic+" to "+address] = "active"
	}
	for range 2 {
		if err := s.EnsureHooks(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, hooks()); diff != "" {
			t.Fatalf("webhooks (-want +got):\n%s", diff)
		}
	}
	// The shop switched one off, and an answer was lost when another was made.
	list, err := all[webhook](t.Context(), s, "test", api+"webhooks", url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.do(t.Context(), connectors.Call{Op: "test", Method: http.MethodPut, Path: fmt.Sprintf("%swebhooks/%d", api, list[1].ID), Body: fields{"status": "disabled"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.EnsureHooks(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, hooks()); diff != "" {
		t.Errorf("after one was off (-want +got):\n%s", diff)
	}
	other := "https://cho.example.test/hooks/khac"
	sim.Inject(simulator.Fault{Method: "POST", Path: "/webhooks", Kind: simulator.FaultDrop})
	if err := s.EnsureHooks(t.Context(), other); err == nil {
		t.Error("a lost answer: no error")
	}
	if err := s.EnsureHooks(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		want[topic+" to "+other] = "active"
	}
	if diff := cmp.Diff(want, hooks()); diff != "" {
		t.Errorf("a second address (-want +got):\n%s", diff)
	}
	s.options.WebhookSecret = connectors.Secret{}
	if err := s.EnsureHooks(t.Context(), address); connectors.KindOf(err) != connectors.Fatal {
		t.Errorf("without a secret: got %v", err)
	}
}

// What a real shop sends, signed by the simulator, is understood.
func TestDeliveredHooks(t *testing.T) {
	t.Parallel()
	s, sim, offers := selling(t)
	var hints []connectors.Hint
	receiver := newReceiver(t, s, &hints)
	if err := s.EnsureHooks(t.Context(), receiver); err != nil {
		t.Fatal(err)
	}
	place(t, sim, time.Time{}, simulator.OrderLine{SKU: offers[1].Variants[0].SKU, Quantity: 1})
	if delivered, failed := sim.DeliverHooks(); delivered == 0 || failed != 0 {
		t.Fatalf("delivered %d, failed %d", delivered, failed)
	}
	got := map[connectors.Hint]bool{}
	for _, h := range hints {
		got[h] = true
	}
	want := map[connectors.Hint]bool{{}: true, {Orders: true}: true, {Listings: true}: true}
	if !maps.Equal(got, want) {
		t.Errorf("got hints %v, want a ping, orders and listings", hints)
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	s, _ := practice(t, woocommercetest.Options{})
	var made globalAttribute
	if _, err := s.do(t.Context(), connectors.Call{Op: "test", Method: http.MethodPost, Path: api + "products/attributes", Body: fields{"name": "Khối lượng"}, Out: &made}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"100 g", "200 g"} {
		if _, err := s.do(t.Context(), connectors.Call{Op: "test", Method: http.MethodPost, Path: fmt.Sprintf("%sproducts/attributes/%d/terms", api, made.ID), Body: fields{"name": name}}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Attributes(t.Context(), "16")
	want := []connectors.PlatformAttribute{{ID: fmt.Sprint(made.ID), Name: "Khối lượng", Multiple: true, Values: []string{"100 g", "200 g"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	// An offer uses the shop's own attribute by its number.
	offer := sample(1)
	offer.Options = []string{want[0].ID}
	done := publish(t, s, create(offer)[0], connectors.Applied)
	if shown := raw(t, s, done.Remote.ExternalID).Attributes; len(shown) == 0 || shown[0].ID != made.ID || !shown[0].Variation {
		t.Errorf("the product has %+v", shown)
	}
}

// newReceiver takes webhooks as the service does and keeps the hints.
func newReceiver(t testing.TB, s *shop, hints *[]connectors.Hint) string {
	t.Helper()
	var mutex sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		hint, err := s.ParseHook(connectors.Hook{Header: r.Header, Body: body})
		if err != nil {
			t.Errorf("%s: %v", r.Header.Get("X-WC-Webhook-Topic"), err)
		}
		mutex.Lock()
		defer mutex.Unlock()
		*hints = append(*hints, hint)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
