package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/chophien/chophien/connectors"
)

// shop is a platform in memory: the smallest thing that behaves like one. It
// takes every well-formed write, keeps what it was not asked to change, and
// lets tests lose answers and edit behind our back.
type shop struct {
	mu       sync.Mutex
	account  string
	next     int
	listings map[catalog.ExternalID]*shopListing
	orders   []shopOrder
	writes   []string // one entry per item written, for example "stock MO-1=5"
	lose     int      // so many next write calls commit and lose their answer
	fail     error    // what every call answers; nil = works
	failScan int      // the scan fails after so many listings; 0 = never
	naive    bool     // creates without looking the SKU up first
	// later: prices are accepted and take effect then; zero = at once.
	later  time.Time
	refuse string // titles with this text are refused
}

type shopListing struct {
	id       catalog.ExternalID
	state    catalog.State
	content  string // fingerprint as shown
	media    string
	variants map[catalog.SKU]*shopVariant
}

type shopVariant struct {
	price    catalog.Price
	quantity int64
}

type shopOrder struct {
	ID      string              `json:"id"`
	At      time.Time           `json:"at"`
	Status  catalog.OrderStatus `json:"status"`
	SKU     catalog.SKU         `json:"sku"`
	Count   int64               `json:"count"`
	Price   int64               `json:"price"`
	Extra   int64               `json:"extra"` // not in the lines
	BadSum  bool                `json:"bad_sum"`
	BuyerNo string              `json:"buyer"`
	// Restocked is how many pieces the platform says are back.
	Restocked int64 `json:"restocked"`
}

func newShop() *shop {
	return &shop{account: "shop-1", listings: map[catalog.ExternalID]*shopListing{}}
}

func (s *shop) begin() (func(), error) {
	s.mu.Lock()
	if s.fail != nil {
		err := s.fail
		s.mu.Unlock()
		return func() {}, err
	}
	return s.mu.Unlock, nil
}

func (s *shop) Check(context.Context) (connectors.Account, error) {
	done, err := s.begin()
	defer done()
	return connectors.Account{ID: s.account, Name: "Cửa hàng thử", Currency: "VND"}, err
}

// answer gives n outcomes, or loses them.
func (s *shop) answer(outcomes []connectors.Outcome) []connectors.Outcome {
	if s.lose > 0 {
		s.lose--
		for i := range outcomes {
			outcomes[i] = connectors.Outcome{Kind: connectors.Unknown, Err: &connectors.Error{Kind: connectors.Transient, Op: "test", Lost: true}}
		}
	}
	return outcomes
}

func (s *shop) Publish(_ context.Context, batch []connectors.Publication) ([]connectors.Outcome, error) {
	done, err := s.begin()
	defer done()
	if err != nil {
		return nil, err
	}
	var outcomes []connectors.Outcome
	for _, p := range batch {
		if s.refuse != "" && strings.Contains(p.Offer.Title, s.refuse) {
			outcomes = append(outcomes, connectors.Outcome{Kind: connectors.Rejected, Issues: []catalog.Issue{{Code: "title", Severity: catalog.SeverityError, Message: catalog.Text{VI: "tên không hợp lệ", EN: "bad title"}}}})
			continue
		}
		l := s.listings[p.Listing.ExternalID]
		if p.Listing.ExternalID == "" && !s.naive {
			for _, v := range p.Offer.Variants {
				if found := s.find(v.SKU); found != nil {
					l = found // adopted
				}
			}
		}
		if l == nil {
			s.next++
			l = &shopListing{id: catalog.ExternalID(fmt.Sprint(s.next)), state: catalog.StateLive, variants: map[catalog.SKU]*shopVariant{}}
			s.listings[l.id] = l
		}
		for _, f := range p.Facets {
			s.writes = append(s.writes, string(f)+" "+p.Offer.ProductID)
			switch f {
			case catalog.FacetContent:
				l.content = "<p>" + p.Offer.Title + "</p>"
				for _, v := range p.Offer.Variants {
					if l.variants[v.SKU] == nil {
						l.variants[v.SKU] = &shopVariant{v.Price, v.Quantity}
					}
				}
			case catalog.FacetMedia:
				l.media = fmt.Sprint(len(p.Offer.Images))
			}
		}
		remote := l.remote()
		outcomes = append(outcomes, connectors.Outcome{Kind: connectors.Applied, Remote: &remote})
	}
	return s.answer(outcomes), nil
}

func (s *shop) find(sku catalog.SKU) *shopListing {
	for _, l := range s.listings {
		if l.variants[sku] != nil {
			return l
		}
	}
	return nil
}

func (l *shopListing) remote() catalog.Remote {
	r := catalog.Remote{ExternalID: l.id, State: l.state, Content: l.content, Media: l.media, URL: "https://shop.example/" + string(l.id)}
	for sku, v := range l.variants {
		price, quantity := v.price, v.quantity
		r.Variants = append(r.Variants, catalog.VariantSnapshot{SKU: sku, ExternalID: catalog.ExternalID(string(l.id) + "/" + string(sku)), Price: &price, Quantity: &quantity})
	}
	sort.Slice(r.Variants, func(i, j int) bool { return r.Variants[i].SKU < r.Variants[j].SKU })
	return r
}

func (s *shop) setState(refs []connectors.ListingRef, state catalog.State) ([]connectors.Outcome, error) {
	done, err := s.begin()
	defer done()
	if err != nil {
		return nil, err
	}
	var outcomes []connectors.Outcome
	for _, ref := range refs {
		l := s.listings[ref.ExternalID]
		if l == nil {
			outcomes = append(outcomes, connectors.Outcome{Kind: connectors.Gone})
			continue
		}
		l.state = state
		s.writes = append(s.writes, "state "+string(ref.ExternalID)+"="+string(state))
		outcomes = append(outcomes, connectors.Outcome{Kind: connectors.Applied})
	}
	return s.answer(outcomes), nil
}

func (s *shop) Stop(_ context.Context, refs []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.setState(refs, catalog.StateStopped)
}

func (s *shop) Resume(_ context.Context, refs []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.setState(refs, catalog.StateLive)
}

func (s *shop) UpdatePrices(_ context.Context, changes []connectors.PriceChange) ([]connectors.Outcome, error) {
	done, err := s.begin()
	defer done()
	if err != nil {
		return nil, err
	}
	var outcomes []connectors.Outcome
	for _, c := range changes {
		s.writes = append(s.writes, fmt.Sprintf("price %s=%s", c.SKU, c.Price.Asked().Decimal()))
		if !s.later.IsZero() {
			remote := s.listings[c.Listing].remote()
			outcomes = append(outcomes, connectors.Outcome{Kind: connectors.Deferred, Remote: &remote, Until: s.later})
			continue
		}
		s.listings[c.Listing].variants[c.SKU].price = c.Price
		outcomes = append(outcomes, connectors.Outcome{Kind: connectors.Applied})
	}
	return s.answer(outcomes), nil
}

func (s *shop) UpdateStock(_ context.Context, changes []connectors.StockChange) ([]connectors.Outcome, error) {
	done, err := s.begin()
	defer done()
	if err != nil {
		return nil, err
	}
	var outcomes []connectors.Outcome
	for _, c := range changes {
		s.listings[c.Listing].variants[c.SKU].quantity = c.Quantity
		s.writes = append(s.writes, fmt.Sprintf("stock %s=%d", c.SKU, c.Quantity))
		outcomes = append(outcomes, connectors.Outcome{Kind: connectors.Applied})
	}
	return s.answer(outcomes), nil
}

func (s *shop) FindSKUs(_ context.Context, skus []catalog.SKU) ([]catalog.Remote, error) {
	done, err := s.begin()
	defer done()
	if err != nil {
		return nil, err
	}
	var found []catalog.Remote
	for _, l := range s.listings {
		if slices.ContainsFunc(skus, func(sku catalog.SKU) bool { return l.variants[sku] != nil }) {
			found = append(found, l.remote())
		}
	}
	return found, nil
}

func (s *shop) Listings(context.Context) iter.Seq2[catalog.Remote, error] {
	return func(yield func(catalog.Remote, error) bool) {
		s.mu.Lock()
		var all []catalog.Remote
		for _, l := range s.listings {
			all = append(all, l.remote())
		}
		failScan, fail := s.failScan, s.fail
		s.mu.Unlock()
		if fail != nil {
			yield(catalog.Remote{}, fail)
			return
		}
		sort.Slice(all, func(i, j int) bool { return all[i].ExternalID < all[j].ExternalID })
		for i, r := range all {
			if failScan > 0 && i == failScan {
				yield(catalog.Remote{}, &connectors.Error{Kind: connectors.Transient, Op: "listings"})
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s *shop) Orders(_ context.Context, since time.Time) iter.Seq2[connectors.RawOrder, error] {
	return func(yield func(connectors.RawOrder, error) bool) {
		s.mu.Lock()
		orders, fail := slices.Clone(s.orders), s.fail
		s.mu.Unlock()
		if fail != nil {
			yield(connectors.RawOrder{}, fail)
			return
		}
		for _, o := range orders {
			if o.At.Before(since) {
				continue
			}
			raw, err := json.Marshal(o)
			if !yield(connectors.RawOrder{ExternalID: catalog.ExternalID(o.ID), UpdatedAt: o.At, Raw: raw}, err) {
				return
			}
		}
	}
}

func (s *shop) Interpret(raw []byte) (catalog.Order, catalog.Buyer, error) {
	var o shopOrder
	if err := json.Unmarshal(raw, &o); err != nil {
		return catalog.Order{}, catalog.Buyer{}, err
	}
	line := catalog.VND(o.Price * o.Count)
	order := catalog.Order{
		Number: "#" + o.ID, Status: o.Status, PlacedAt: o.At, Total: catalog.VND(line.Amount + o.Extra), Adjustment: catalog.VND(o.Extra),
		Lines: []catalog.OrderLine{{ID: "1", SKU: o.SKU, Quantity: o.Count, Restocked: o.Restocked, Total: line}},
	}
	if o.BadSum {
		order.Total.Amount++
	}
	return order, catalog.Buyer{Name: o.BuyerNo}, nil
}

// order places an order; the shop lowers its own stock by it.
func (s *shop) order(id string, at time.Time, sku catalog.SKU, count int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders = append(s.orders, shopOrder{ID: id, At: at, Status: catalog.OrderToShip, SKU: sku, Count: count, Price: 100000, Extra: 30000, BuyerNo: "Người mua thử " + id})
	if l := s.find(sku); l != nil {
		l.variants[sku].quantity -= count
	}
}

func (s *shop) setOrder(id string, at time.Time, change func(*shopOrder)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.orders {
		if s.orders[i].ID == id {
			change(&s.orders[i])
			s.orders[i].At = at
		}
	}
}

func (s *shop) variant(sku catalog.SKU) shopVariant {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.find(sku); l != nil {
		return *l.variants[sku]
	}
	return shopVariant{}
}

// edit changes something on the platform, behind our back.
func (s *shop) edit(sku catalog.SKU, change func(*shopListing, *shopVariant)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.find(sku)
	change(l, l.variants[sku])
}

// written returns what was written since the last call.
func (s *shop) written() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.writes
	s.writes = nil
	return w
}

// plainSealer hides nothing; the encryption has tests of its own.
type plainSealer struct{}

func (plainSealer) Seal(plain, _ []byte) ([]byte, error)  { return slices.Clone(plain), nil }
func (plainSealer) Open(sealed, _ []byte) ([]byte, error) { return slices.Clone(sealed), nil }

// bench is an engine on a store with channels on shops, and a clock that moves
// only when told.
type bench struct {
	*testing.T
	engine *Engine
	store  catalog.Store
	shops  map[catalog.ChannelID]*shop
	clock  time.Time
}

var start = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

func newBench(t *testing.T, configs ...connectors.ChannelConfig) *bench {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := &bench{T: t, store: store, shops: map[catalog.ChannelID]*shop{}, clock: start}
	b.engine = New(store, Options{Sealer: plainSealer{}, Now: b.now})
	b.channels(configs...)
	return b
}

// now gives every look at the clock a later time.
func (b *bench) now() time.Time {
	b.clock = b.clock.Add(time.Millisecond)
	return b.clock
}

func (b *bench) channels(configs ...connectors.ChannelConfig) {
	b.Helper()
	var opened []*connectors.Channel
	for _, c := range configs {
		if c.Freshness == 0 {
			c.Freshness = time.Hour
		}
		if b.shops[c.ID] == nil {
			b.shops[c.ID] = newShop()
		}
		opened = append(opened, connectors.NewChannel(c, connectors.Info{Name: "shop", Title: "Shop", Batch: connectors.Batch{Publish: 1, Prices: 10, Stock: 10}, Overlap: time.Minute, Precision: time.Second}, b.shops[c.ID], nil))
	}
	if err := b.engine.SetChannels(opened); err != nil {
		b.Fatal(err)
	}
}

func sku(i int) catalog.SKU { return catalog.SKU(fmt.Sprintf("SKU-%03d", i)) }

// products puts n simple products with stock into the catalog.
func (b *bench) products(n int, stock int64) {
	b.Helper()
	var products []catalog.Product
	var movements []catalog.Movement
	for i := range n {
		products = append(products, catalog.Product{
			ID: fmt.Sprintf("P-%03d", i), Name: catalog.Text{VI: fmt.Sprintf("Mật ong %d", i)}, Description: catalog.Text{VI: "Mật ong rừng."}, Category: "honey",
			Variants: []catalog.Variant{{SKU: sku(i), ListPrice: catalog.VND(100000), Weight: 500}},
		})
		if stock != 0 {
			movements = append(movements, catalog.Movement{Key: "count/" + string(sku(i)), SKU: sku(i), Kind: catalog.MoveCount, OnHand: stock, At: b.now()})
		}
	}
	must(b, all(b.store.PutProducts(b.Context(), products)))
	must(b, all(b.store.AddMovements(b.Context(), movements)))
}

func (b *bench) change(i int, change func(*catalog.Product)) {
	b.Helper()
	products, err := b.store.Products(b.Context(), catalog.ProductQuery{IDs: []string{fmt.Sprintf("P-%03d", i)}})
	must(b, err)
	change(&products[0])
	must(b, all(b.store.PutProducts(b.Context(), products)))
}

func (b *bench) move(key string, i int, onHand int64) {
	b.Helper()
	must(b, all(b.store.AddMovements(b.Context(), []catalog.Movement{{Key: key, SKU: sku(i), Kind: catalog.MoveReceive, OnHand: onHand, At: b.now()}})))
}

func (b *bench) publish(id catalog.ChannelID, approved string) Published {
	b.Helper()
	p, err := b.engine.Publish(b.Context(), id, PublishOptions{Approved: approved})
	must(b, err)
	return p
}

func (b *bench) plan(id catalog.ChannelID) Planned {
	b.Helper()
	p, err := b.engine.Plan(b.Context(), id)
	must(b, err)
	return p
}

func (b *bench) observe(id catalog.ChannelID) catalog.Run {
	b.Helper()
	run, err := b.engine.Observe(b.Context(), id)
	must(b, err)
	return run
}

func (b *bench) pull(id catalog.ChannelID) catalog.Run {
	b.Helper()
	run, err := b.engine.PullOrders(b.Context(), id)
	must(b, err)
	return run
}

func (b *bench) listing(id catalog.ChannelID, i int) catalog.Listing {
	b.Helper()
	l, err := b.store.Listings(b.Context(), catalog.ListingQuery{Channel: id, Products: []string{fmt.Sprintf("P-%03d", i)}})
	must(b, err)
	if len(l) != 1 {
		b.Fatalf("product %d has %d listings on %s, want 1", i, len(l), id)
	}
	return l[0]
}

func (b *bench) level(i int) catalog.Level {
	b.Helper()
	levels, err := b.store.Levels(b.Context(), []catalog.SKU{sku(i)})
	must(b, err)
	return levels[0]
}

func all(errs []error, err error) error { return errors.Join(append(errs, err)...) }

func must(t interface {
	Helper()
	Fatal(...any)
}, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
