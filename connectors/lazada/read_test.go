package lazada

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/lazada/lazadatest"
	"github.com/chophien/chophien/connectors/simulator"
)

// drawn is a Media that draws every picture anew: 2 points wide, of a color
// that follows from its address.
type drawn struct{}

func (drawn) Open(_ context.Context, one catalog.OfferImage) (io.ReadCloser, string, error) {
	sum := byte(0)
	for i := range len(one.URL) {
		sum = sum*31 + one.URL[i]
	}
	picture := image.NewRGBA(image.Rect(0, 0, 2, 2))
	picture.Set(0, 0, color.RGBA{sum, 1, 2, 255})
	var b bytes.Buffer
	err := png.Encode(&b, picture)
	return io.NopCloser(&b), "image/png", err
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// All forms in which a product was seen are the same listing.
func TestProductForms(t *testing.T) {
	t.Parallel()
	s := appOf(t, "1", "bi-mat")
	var list answer[productPage]
	if err := json.Unmarshal(sample(t, "products.json"), &list); err != nil {
		t.Fatal(err)
	}
	pieces := int64(60)
	want := catalog.Remote{
		ExternalID: "2342342350", URL: "https://www.lazada.vn/-i2342342350-s9876500100.html", State: catalog.StateLive, Title: "Miến dong Bình Liêu 500g",
		Variants:  []catalog.VariantSnapshot{{SKU: "MIEN-DONG-500", ExternalID: "9876500100", Price: &catalog.Price{List: catalog.VND(65000)}, Quantity: &pieces}},
		UpdatedAt: time.UnixMilli(1795064400000).UTC(),
	}
	got := s.remoteOf(list.Data.value.Products[0])
	want.Content, want.Media = got.Content, got.Media
	if diff := cmp.Diff(want, got); diff != "" || got.Content == "" || got.Media == "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
	for _, name := range []string{"item_camel.json", "item_nested.json"} {
		var one answer[product]
		if err := json.Unmarshal(sample(t, name), &one); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, s.remoteOf(one.Data.value)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPriceShown(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 7*3600)
	now := time.Date(2026, 12, 5, 10, 0, 0, 0, zone)
	sale := func(list, sale int64) *catalog.Price {
		amount := catalog.VND(sale)
		return &catalog.Price{List: catalog.VND(list), Sale: &amount}
	}
	tests := map[string]struct {
		sku  sku
		want *catalog.Price
		bad  bool
	}{
		"none":               {sku{}, nil, false},
		"plain":              {sku{Price: "185000.0", Special: "0.0"}, &catalog.Price{List: catalog.VND(185000)}, false},
		"a large double":     {sku{Price: "1.2345E7"}, &catalog.Price{List: catalog.VND(12345000)}, false},
		"on sale":            {sku{Price: "200000", Special: "150000", From: "2026-12-01 00:00", To: "2026-12-12 23:59"}, sale(200000, 150000), false},
		"on sale, dates":     {sku{Price: "200000", Special: "150000.00", FromDate: "2026-12-01", ToDate: "2026-12-12"}, sale(200000, 150000), false},
		"on sale for ever":   {sku{Price: "200000", Special: "150000"}, sale(200000, 150000), false},
		"not yet":            {sku{Price: "200000", Special: "150000", From: "2026-12-05 10:01", To: "2026-12-12 23:59"}, &catalog.Price{List: catalog.VND(200000)}, false},
		"over":               {sku{Price: "200000", Special: "150000", From: "2026-11-01 00:00", To: "2026-12-05 10:00"}, &catalog.Price{List: catalog.VND(200000)}, false},
		"not below":          {sku{Price: "200000", Special: "200000"}, &catalog.Price{List: catalog.VND(200000)}, false},
		"zero":               {sku{Price: "0.0"}, nil, true},
		"a fraction of dong": {sku{Price: "1000.5"}, nil, true},
		"no number":          {sku{Price: "liên hệ"}, nil, true},
		"absurd":             {sku{Price: "1E900"}, nil, true},
	}
	for name, test := range tests {
		got, err := test.sku.price("VND", zone, now)
		if diff := cmp.Diff(test.want, got); diff != "" || (err != nil) != test.bad {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestInterpretSample(t *testing.T) {
	t.Parallel()
	s := appOf(t, "1", "bi-mat")
	var orders struct {
		Data struct{ Orders []json.RawMessage }
	}
	var items struct{ Data []json.RawMessage }
	for name, out := range map[string]any{"orders.json": &orders, "items.json": &items} {
		if err := json.Unmarshal(sample(t, name), out); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := json.Marshal(document{orders.Data.Orders[0], items.Data})
	if err != nil {
		t.Fatal(err)
	}
	order, buyer, err := s.Interpret(raw)
	if err != nil {
		t.Fatal(err)
	}
	want := catalog.Order{
		Channel: "laz-thu", ExternalID: "260422900198363", Number: "260422900198363", Status: catalog.OrderToShip, PlatformStatus: "pending",
		PlacedAt: time.Date(2026, 11, 20, 2, 15, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 20, 2, 16, 10, 0, time.UTC),
		Lines: []catalog.OrderLine{{ID: "9876500100", ExternalID: "9876500100", SKU: "MIEN-DONG-500", Name: "Miến dong Bình Liêu 500g", Quantity: 2, Total: catalog.VND(130000)}},
		Total: catalog.VND(146500), Adjustment: catalog.VND(16500),
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if buyer.Name != "N***g" || buyer.Phone != "84*******12" || buyer.Address != "S*********, Phường Kim Mã, Quận Ba Đình, Hà Nội, Vietnam" {
		t.Errorf("buyer: got %+v", buyer)
	}
}

func TestStatusOf(t *testing.T) {
	t.Parallel()
	for statuses, want := range map[string]catalog.OrderStatus{
		"unpaid": catalog.OrderAwaitingPayment, "pending": catalog.OrderToShip, "packed,pending": catalog.OrderToShip,
		"ready_to_ship": catalog.OrderToShip, "shipped,delivered": catalog.OrderShipped, "delivered,canceled": catalog.OrderCompleted,
		"canceled,canceled": catalog.OrderCancelled, "returned": catalog.OrderRefunded, "returned,delivered": catalog.OrderCompleted,
		"shipped_back_success,canceled": catalog.OrderRefunded, "failed_delivery": catalog.OrderOther, "lost_by_3pl,delivered": catalog.OrderOther,
		"moi_la": catalog.OrderOther,
	} {
		var units []unit
		for status := range strings.SplitSeq(statuses, ",") {
			units = append(units, unit{Status: status})
		}
		if got, theirs := statusOf(units); got != want || theirs == "" {
			t.Errorf("%s: got %s, want %s", statuses, got, want)
		}
	}
}

// A row that is canceled comes back into stock once; a row that is returned is
// a return. Neither changes what the line is.
func TestRowsOfAnOrder(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, nil)
	offer := goods(0)
	b.put(offer)
	id, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 4}}})
	if err != nil {
		t.Fatal(err)
	}
	read := func() catalog.Order {
		t.Helper()
		for raw, err := range b.Orders.Orders(t.Context(), time.Now().Add(-time.Hour)) {
			if err != nil {
				t.Fatal(err)
			}
			order, _, err := b.Orders.Interpret(raw.Raw)
			if err != nil {
				t.Fatal(err)
			}
			return order
		}
		t.Fatal("no order")
		return catalog.Order{}
	}
	first := read()
	if err := b.sim.CancelRow(id, 3); err != nil {
		t.Fatal(err)
	}
	second := read()
	if l := second.Lines[0]; second.Status != catalog.OrderToShip || l.Quantity != 4 || l.Restocked != 1 || l.ID != first.Lines[0].ID || second.Total != first.Total {
		t.Errorf("one canceled: got %s %+v", second.Status, l)
	}
	shipment := connectors.Shipment{Order: id, Fulfillment: catalog.Fulfillment{ID: "GH-1"}}
	// A buyer who wants to cancel is answered first, by a person.
	if _, err := b.sim.AskToCancelRow(id, 0); err != nil {
		t.Fatal(err)
	}
	if asked := read(); asked.Status != catalog.OrderToShip || !asked.CancelRequested || !strings.Contains(asked.PlatformStatus, cancelAsked) {
		t.Errorf("the buyer asks to cancel: got %s, %s", asked.Status, asked.PlatformStatus)
	}
	if outcome, err := b.Shipper.Ship(t.Context(), shipment); err != nil || outcome.Kind != connectors.Conflict || codesOf(outcome.Issues) != "cancel_requested" {
		t.Errorf("ship what the buyer wants to cancel: got %s, %v", outcome.Kind, err)
	}
	b.sim.Advance(48 * time.Hour) // the wish is granted
	if l := read().Lines[0]; l.Quantity != 4 || l.Restocked != 2 {
		t.Errorf("granted: got %+v", l)
	}
	// The answer to packing is lost: done again, the shipment goes on from there.
	b.sim.Inject(simulator.Fault{Path: "/order/fulfill/pack", Kind: simulator.FaultDrop})
	for i, want := range []connectors.OutcomeKind{connectors.Unknown, connectors.Applied, connectors.Unchanged} {
		outcome, err := b.Shipper.Ship(t.Context(), shipment)
		if err != nil || outcome.Kind != want {
			t.Errorf("ship %d: got %s %v, %v; want %s", i, outcome.Kind, outcome.Err, err, want)
		}
	}
	third := read()
	if len(third.Fulfillments) != 1 || third.Fulfillments[0].TrackingNumber == "" || third.Fulfillments[0].Carrier == "" {
		t.Errorf("parcels: got %+v", third.Fulfillments)
	}
	if err := b.sim.SetOrderStatus(id, catalog.OrderCompleted); err != nil {
		t.Fatal(err)
	}
	if err := b.sim.Return(id, 1); err != nil {
		t.Fatal(err)
	}
	fourth := read()
	if len(fourth.Returns) != 1 || fourth.Returns[0].Refunded.Amount != 182500 || fourth.Returns[0].Reason == "" || fourth.Status != catalog.OrderCompleted {
		t.Errorf("a return: got %s %+v", fourth.Status, fourth.Returns)
	}
	if err := b.sim.SetOrderStatus(id, catalog.OrderCancelled); err != nil {
		t.Fatal(err)
	}
	if outcome, err := b.Shipper.Ship(t.Context(), shipment); err != nil || outcome.Kind != connectors.Conflict {
		t.Errorf("ship a canceled order: got %s, %v", outcome.Kind, err)
	}
}

// An order whose rows are missing is asked for alone, and does not hold up the
// others when it has none.
func TestOrdersWithoutRows(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers string // to the call for many
		alone   string // to the call for one, "" = the shop's own
		read    int
	}{
		"an answer that lacks them": {`{"code":"0","data":[]}`, "", 2},
		"one of them is not known":  {`{"code":"37","type":"ISP","message":"E037: One or more order id in the list are incorrect"}`, "", 2},
		"there are none":            {`{"code":"0","data":[]}`, `{"code":"0","data":[]}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openBench(t, lazadatest.Options{}, nil)
			offer := goods(0)
			b.put(offer)
			for range 2 {
				if _, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}}); err != nil {
					t.Fatal(err)
				}
			}
			for path, body := range map[string]string{"/orders/items/get": test.answers, "/order/items/get": test.alone} {
				if body != "" {
					b.sim.Inject(simulator.Fault{Path: path, Times: -1, Kind: simulator.FaultStatus, Status: 200, Body: body})
				}
			}
			kept, read := 0, 0
			for raw, err := range b.Orders.Orders(t.Context(), time.Now().Add(-time.Hour)) {
				if err != nil {
					t.Fatal(err)
				}
				kept++
				if _, _, err := b.Orders.Interpret(raw.Raw); err == nil {
					read++
				}
			}
			if kept != 2 || read != test.read {
				t.Errorf("%d orders, %d of them read; want 2 and %d", kept, read, test.read)
			}
		})
	}
}

// An order that changes while pages are read moves to the end and takes others
// with it; none is lost.
func TestOrdersMove(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, nil)
	offer := goods(0)
	offer.Variants[0].Quantity = 10000
	b.put(offer)
	at := time.Now().Add(-48 * time.Hour)
	want := map[catalog.ExternalID]bool{}
	var first catalog.ExternalID
	for i := range 3*orderPage + 5 {
		when := at
		if i > 2*orderPage+50 {
			when = at.Add(time.Minute)
		}
		id, err := b.sim.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: offer.Variants[0].SKU, Quantity: 1}}, At: when})
		if err != nil {
			t.Fatal(err)
		}
		if want[id] = true; i == 0 {
			first = id
		}
	}
	n := 0
	for raw, err := range b.Orders.Orders(t.Context(), at.Add(-time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		delete(want, raw.ExternalID)
		if n++; n == orderPage+10 {
			if err := b.sim.SetOrderStatus(first, catalog.OrderShipped); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("%d orders were not read", len(want))
	}
}

// A shop with more products than can be paged is read in parts.
func TestLargeShop(t *testing.T) {
	t.Parallel()
	const products, day = 40, 24 * time.Hour
	born := func(i int) time.Time {
		return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 50 * day)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		from, to := time.Time{}, time.Now().AddDate(10, 0, 0)
		if q.Has("create_after") {
			from, _ = time.Parse(time.RFC3339, q.Get("create_after"))
			to, _ = time.Parse(time.RFC3339, q.Get("create_before"))
		}
		var rows []string
		for i := range products {
			if !born(i).Before(from) && !born(i).After(to) {
				rows = append(rows, fmt.Sprintf(`{"item_id":%d,"status":"Active","attributes":{"name":"x"},"skus":[]}`, i+1))
			}
		}
		total := len(rows)
		if total > 10 {
			total = maxOffset + 1 // as if there were so many
		}
		var offset, limit int
		_, _ = fmt.Sscan(q.Get("offset"), &offset)
		_, _ = fmt.Sscan(q.Get("limit"), &limit)
		rows = rows[min(offset, len(rows)):min(offset+limit, len(rows))]
		fmt.Fprintf(w, `{"code":"0","data":{"total_products":%d,"products":[%s]}}`, total, strings.Join(rows, ","))
	}))
	t.Cleanup(server.Close)
	options := optionsFor(startShop(t, lazadatest.Options{}))
	options.APIURL, options.PageSize = server.URL+"/rest", 3
	token := connectors.Token{AccessToken: "thu", Account: "1"}
	channel := openShop(t, options, connectors.OpenDeps{Tokens: withToken(t, nil, token)})
	seen := map[catalog.ExternalID]bool{}
	for r, err := range channel.Listings.Listings(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		seen[r.ExternalID] = true
	}
	if len(seen) != products {
		t.Errorf("read %d products, want %d", len(seen), products)
	}
}

// Pages shift when a product goes away while they are read; a page that takes
// too long is made smaller.
func TestListingsChange(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, func(o *Options) { o.PageSize = 8 })
	var offers []catalog.Offer
	for i := range 20 {
		offers = append(offers, goods(4*i))
	}
	b.put(offers...)
	b.sim.Inject(simulator.Fault{Path: "/products/get", Kind: simulator.FaultStatus, Status: http.StatusOK, Body: `{"code":"ServiceTimeout","message":"x"}`, Times: 4})
	seen := map[catalog.ExternalID]bool{}
	for r, err := range b.Listings.Listings(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) == 0 {
			if err := b.sim.Delete(offers[0].Variants[0].SKU); err != nil {
				t.Fatal(err)
			}
		}
		seen[r.ExternalID] = true
	}
	for _, l := range b.sim.Listings() {
		if !seen[l.ExternalID] {
			t.Errorf("product %s was not read", l.ExternalID)
		}
	}
	limits := map[string]bool{}
	for _, r := range b.sim.Requests() {
		if strings.HasSuffix(r.Path, "/products/get") && strings.Contains(r.Query, "limit=4") {
			limits["4"] = true
		}
	}
	if !limits["4"] {
		t.Error("the page was not made smaller")
	}
}

// Pictures are uploaded once for their bytes, and anew when the shop lost them.
func TestPictures(t *testing.T) {
	t.Parallel()
	b := openBench(t, lazadatest.Options{}, nil)
	offer := goods(0)
	offer.Images = append(offer.Images, offer.Images...)
	ref := b.put(offer)[0]
	b.put(goods(4))
	again := goods(0)
	if got := b.write(again, ref, catalog.FacetMedia); got.Kind != connectors.Applied {
		t.Fatalf("got %s %v", got.Kind, got.Err)
	}
	if n := b.calls("/image/upload"); n != 4 { // two of each product
		t.Errorf("%d uploads, want 4", n)
	}
	for key := range b.memory.values {
		b.memory.values[key] = "https://vn-live.slatic.net/p/mat.jpg"
	}
	if got := b.write(again, ref, catalog.FacetMedia); got.Kind != connectors.Conflict || codesOf(got.Issues) != codeImage {
		t.Errorf("lost pictures: got %s %s", got.Kind, codesOf(got.Issues))
	}
	if got := b.write(again, ref, catalog.FacetMedia); got.Kind != connectors.Applied {
		t.Errorf("after that: got %s %v", got.Kind, got.Err)
	}
}

func TestMeasures(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{130: "0.13", 705: "0.71", 1: "0.01", 40000: "40", 0: "0"} {
		if got := hundredths(n, 3); got != want {
			t.Errorf("%d g: got %s kg, want %s", n, got, want)
		}
	}
	if got := hundredths(155, 1); got != "15.5" {
		t.Errorf("155 mm: got %s cm", got)
	}
	if got := paragraphs("Một <b>\ndòng\n\nHai & ba"); got != "<p>Một &lt;b&gt;<br>dòng</p><p>Hai &amp; ba</p>" {
		t.Errorf("got %s", got)
	}
	if got := bullets("Một\n\nHai <3"); got != "<ul><li>Một</li><li>Hai &lt;3</li></ul>" {
		t.Errorf("got %s", got)
	}
}
