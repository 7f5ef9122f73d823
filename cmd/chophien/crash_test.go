package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/cmd/chophien/sample"
	"github.com/chophien/chophien/connectors/simulator"
)

// kills is how often the crash test kills a process on each store.
func kills(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("CHOPHIEN_TEST_KILLS")); err == nil {
		return n
	}
	if testing.Short() {
		return 20
	}
	return 200
}

// TestCrash kills publish and orders pull at random points, on every platform
// and, for the first, on both stores, while products change, buyers order and
// answers are lost. Afterwards there is no second listing (I2), no lost or
// double order (I5), the ledger is what is on hand (I9), nothing is oversold
// (I1) and a second plan is empty (I3).
func TestCrash(t *testing.T) {
	for _, platform := range simulatorNames() {
		for _, kind := range storeKinds {
			if kind.name != "sqlite" && platform != "woocommerce" {
				continue // the store's part does not depend on the platform
			}
			t.Run(platform+"/"+kind.name, func(t *testing.T) {
				t.Parallel()
				crash(t, platform, kind)
			})
		}
	}
}

func crash(t *testing.T, platform string, kind storeKind) {
	dir := t.TempDir()
	env, open := kind.prepare(t, dir)
	shop, err := simulators[platform](start{n: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer shop.close()
	if err := os.WriteFile(filepath.Join(dir, "connectors.yaml"), []byte("channels:\n"+shop.yaml("web", "", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	seed := fnv.New64a()
	seed.Write([]byte(platform + kind.name))
	c := &crasher{
		T: t, program: program{dir: dir, env: env, plain: true}, shop: shop.shop, server: shop.server, open: open, create: shop.create, ownShop: platform == "woocommerce",
		seed: rand.New(rand.NewPCG(7, seed.Sum64())), usual: map[string]*custom{}, during: map[string]int{},
	}
	c.connect(shop)
	c.keepPicture(dir)
	c.run(t, "publish", "--yes")
	c.addProducts(10)
	c.run(t, "publish", "--yes")
	for c.killed < kills(t) {
		c.disturb()
		c.kill()
	}
	c.settle()
	c.exercised()
}

// connect has the seller agree, where the platform asks for it.
func (c *crasher) connect(shop simulated) {
	if shop.grant == nil {
		return
	}
	answer, err := shop.grant(demoRedirect)
	if err != nil {
		c.Fatal(err)
	}
	query := url.Values{}
	for key, value := range answer {
		query.Set(key, value)
	}
	c.program.connect(c.T, "web", demoRedirect, demoRedirect+"?"+query.Encode())
}

// keepPicture puts a picture into the media folder, which some platforms want
// uploaded and others fetched.
func (c *crasher) keepPicture(dir string) {
	data, err := sample.FS.ReadFile("pictures/jar.png")
	if err != nil {
		c.Fatal(err)
	}
	pictures, err := media.NewDir(filepath.Join(dir, "data", "media"))
	if err != nil {
		c.Fatal(err)
	}
	digest, err := pictures.Put(c.Context(), data, "image/png")
	if err != nil {
		c.Fatal(err)
	}
	c.picture = catalog.Image{Source: "https://img.example.vn/jar.png", SHA256: digest, Type: "image/png"}
}

type crasher struct {
	*testing.T
	program
	shop     simulator.Shop
	server   *simulator.Server
	create   string // path of the call that makes listings
	ownShop  bool   // the seller's own, where people may move an order anywhere
	picture  catalog.Image
	open     func() catalog.Store
	seed     *rand.Rand
	products int
	moves    int
	placed   int
	killed   int
	usual    map[string]*custom
	during   map[string]int // kills by the call that was the last to be answered
}

func (c *crasher) Context() context.Context { return c.T.Context() }

func (c *crasher) run(t *testing.T, args ...string) string { return c.program.run(t, args...) }

func (c *crasher) addProducts(n int) {
	store := c.open()
	defer store.Close()
	for range n {
		i := c.products
		c.products++
		variants := []catalog.Variant{{SKU: catalog.SKU(fmt.Sprintf("CR-%d", i)), ListPrice: catalog.VND(100000), Weight: 500, Dimensions: catalog.Dimensions{Length: 100, Width: 100, Height: 100}}}
		p := catalog.Product{ID: fmt.Sprintf("P-%d", i), Name: catalog.Text{VI: fmt.Sprintf("Sản phẩm để thử của chợ phiên số %d", i)}, Description: catalog.Text{VI: "Sản phẩm này chỉ để thử, không bán."}, Category: "honey", Images: []catalog.Image{c.picture}, Variants: variants}
		if i%4 == 3 { // a variable product
			p.Options = []string{"Khối lượng"}
			p.Variants[0].Options = []string{"100 g"}
			p.Variants = append(p.Variants, catalog.Variant{SKU: catalog.SKU(fmt.Sprintf("CR-%d-B", i)), ListPrice: catalog.VND(180000), Weight: 900, Dimensions: catalog.Dimensions{Length: 100, Width: 100, Height: 100}, Options: []string{"200 g"}})
		}
		var movements []catalog.Movement
		for _, v := range p.Variants {
			movements = append(movements, catalog.Movement{Key: "count/" + string(v.SKU), SKU: v.SKU, Kind: catalog.MoveCount, OnHand: 1000, At: time.Now().UTC().Truncate(time.Millisecond)})
		}
		errs, err := store.PutProducts(c.Context(), []catalog.Product{p})
		all(c.T, errs, err)
		errs, err = store.AddMovements(c.Context(), movements)
		all(c.T, errs, err)
	}
}

// disturb changes something, so that there is work to be killed in.
func (c *crasher) disturb() {
	switch c.seed.IntN(5) {
	case 0:
		c.addProducts(1 + c.seed.IntN(3))
	case 1, 2:
		c.order()
	case 3:
		c.changePrice()
	case 4:
		c.receive()
	}
	if c.seed.IntN(4) == 0 {
		c.server.Inject(simulator.Fault{Kind: simulator.FaultDrop, Skip: c.seed.IntN(8)})
	}
}

// order has a buyer order what is on sale, and now and then moves an order.
func (c *crasher) order() {
	listings := c.shop.Listings()
	c.seed.Shuffle(len(listings), func(i, j int) { listings[i], listings[j] = listings[j], listings[i] })
	for _, l := range listings {
		if l.State != catalog.StateLive || len(l.Variants) == 0 {
			continue
		}
		v := l.Variants[c.seed.IntN(len(l.Variants))]
		if _, err := c.shop.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: v.SKU, Quantity: 1 + c.seed.Int64N(3)}}, Oversell: true}); err == nil {
			c.placed++
			break
		} // else a variant that is half made
	}
	if orders := c.shop.Orders(); len(orders) > 0 && c.seed.IntN(3) == 0 {
		o := orders[c.seed.IntN(len(orders))]
		status := []catalog.OrderStatus{catalog.OrderCancelled, catalog.OrderCompleted, catalog.OrderToShip}[c.seed.IntN(3)]
		if o.Status == catalog.OrderToShip || c.ownShop { // a marketplace takes nothing back
			_ = c.shop.SetOrderStatus(o.ExternalID, status) // some moves are refused
		}
	}
}

func (c *crasher) changePrice() {
	store := c.open()
	defer store.Close()
	products, err := store.Products(c.Context(), catalog.ProductQuery{IDs: []string{fmt.Sprintf("P-%d", c.seed.IntN(c.products))}})
	all(c.T, nil, err)
	products[0].Variants[0].ListPrice.Amount += 1000
	errs, err := store.PutProducts(c.Context(), products)
	all(c.T, errs, err)
}

func (c *crasher) receive() {
	store := c.open()
	defer store.Close()
	c.moves++
	errs, err := store.AddMovements(c.Context(), []catalog.Movement{{Key: fmt.Sprint("receive/", c.moves), SKU: catalog.SKU(fmt.Sprintf("CR-%d", c.seed.IntN(c.products))), Kind: catalog.MoveReceive, OnHand: c.seed.Int64N(9) - 2, At: time.Now().UTC().Truncate(time.Millisecond)}})
	all(c.T, errs, err)
}

// kill starts a command and kills it, unless it ends first: at a random point
// of the time that it usually takes, or when the shop has carried out a random
// one of its calls, or one that makes a listing, and not answered yet.
func (c *crasher) kill() {
	args := [][]string{{"publish", "--yes"}, {"publish", "--yes"}, {"orders", "pull"}}[c.seed.IntN(3)]
	usual := c.usual[args[0]]
	if usual == nil {
		usual = &custom{}
		c.usual[args[0]] = usual
	}
	cmd := c.command(c.Context(), args...)
	c.server.ResetRequests()
	now := make(chan struct{})
	after := time.NewTimer(time.Minute)
	if mode := c.seed.IntN(3); usual.time == 0 { // not known yet
	} else if mode == 0 {
		after.Reset(time.Duration(c.seed.Int64N(int64(usual.time))))
	} else {
		killed := make(chan struct{})
		defer close(killed)
		fault := simulator.Fault{Kind: simulator.FaultEdit, Skip: c.seed.IntN(usual.calls + 1), Edit: func(answer []byte) []byte {
			close(now)
			<-killed
			return answer
		}}
		if mode == 1 {
			fault.Method, fault.Path, fault.Skip = http.MethodPost, c.create, 0
		}
		c.server.Inject(fault)
		defer c.server.ResetFaults()
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		c.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
		usual.time, usual.calls = time.Since(begun), len(c.server.Requests())
		return
	case <-after.C:
	case <-now:
	}
	if cmd.Process.Kill() == nil {
		c.killed++
		usual.time += usual.time / 20
		c.during[c.lastCall()]++
	}
	<-done
}

// custom is what a run of a command usually takes.
type custom struct {
	time  time.Duration
	calls int
}

// lastCall is the last call of the killed process that the shop answered.
func (c *crasher) lastCall() string {
	requests := c.server.Requests()
	if len(requests) == 0 {
		return ""
	}
	last := requests[len(requests)-1]
	return last.Method + " " + numbers.ReplaceAllString(last.Path, "/N")
}

var numbers = regexp.MustCompile(`/[0-9a-f]*[0-9][0-9a-f]*\b`)

// exercised fails when the test has proved too little.
func (c *crasher) exercised() {
	before := c.during[""]
	delete(c.during, "")
	if c.placed < c.killed/10 || c.products < 10 || before > c.killed*9/10 || len(c.during) < min(4, c.killed/10) {
		c.Errorf("too little happened: %d orders, %d products, %d of %d kills before the first call, others after %v", c.placed, c.products, before, c.killed, c.during)
	}
	c.Logf("%d kills, %d of them before the first call, others after %v; %d products, %d orders", c.killed, before, c.during, c.products, c.placed)
}

// waiting counts the listings whose fate the platform has not told yet.
func (c *crasher) waiting() int {
	store := c.open()
	defer store.Close()
	counts, err := store.CountListings(c.Context(), "web")
	all(c.T, nil, err)
	return counts[catalog.StatusWaiting]
}

// settle lets everything finish and compares the shop with the store.
func (c *crasher) settle() {
	c.server.ResetFaults()
	// A create that was lost is looked for as long as the channel's settle says.
	for deadline := time.Now().Add(time.Minute); ; {
		c.run(c.T, "publish", "--yes")
		c.run(c.T, "observe")
		if c.waiting() == 0 {
			break
		}
		if time.Now().After(deadline) {
			c.Errorf("%d listings still wait after a minute", c.waiting())
			break
		}
	}
	c.run(c.T, "publish", "--yes")
	var plans []struct {
		Actions []catalog.Action `json:"actions"`
		Fenced  int              `json:"fenced"`
	}
	if err := json.Unmarshal([]byte(c.run(c.T, "plan", "--json")), &plans); err != nil {
		c.Fatal(err)
	}
	for _, p := range plans {
		if len(p.Actions) != 0 {
			c.Errorf("I3: the second plan has %d actions, first %+v", len(p.Actions), p.Actions[0])
		}
	}
	store := c.open()
	defer store.Close()

	offered := map[catalog.SKU]int64{}
	for _, l := range c.shop.Listings() {
		for _, v := range l.Variants {
			if _, twice := offered[v.SKU]; twice && v.SKU != "" {
				c.Errorf("I2: %s is listed twice", v.SKU)
			}
			if v.Quantity != nil {
				offered[v.SKU] = *v.Quantity
			}
		}
	}
	if n := len(c.shop.Listings()); n != c.products {
		c.Errorf("I2: the shop has %d listings of %d products; blocked: %s", n, c.products, blockedReason(c.Context(), store, "web", "en"))
	}

	stored := map[catalog.ExternalID]catalog.Order{}
	for after := ""; ; {
		orders, err := store.Orders(c.Context(), catalog.OrderQuery{AfterKey: after})
		all(c.T, nil, err)
		if len(orders) == 0 {
			break
		}
		for _, o := range orders {
			stored[o.ExternalID] = o
		}
		after = orders[len(orders)-1].Key()
	}
	reserved, shipped := map[catalog.SKU]int64{}, map[catalog.SKU]int64{}
	truth := c.shop.Orders()
	if len(truth) != c.placed || len(stored) != c.placed {
		c.Errorf("I5: %d orders placed, the shop has %d, the store %d", c.placed, len(truth), len(stored))
	}
	for _, o := range truth {
		if stored[o.ExternalID].Status != o.Status {
			c.Errorf("I5: order %s is %s there and %s here", o.ExternalID, o.Status, stored[o.ExternalID].Status)
		}
		for _, l := range o.Lines {
			switch o.Status {
			case catalog.OrderToShip:
				reserved[l.SKU] += l.Quantity
			case catalog.OrderCompleted:
				shipped[l.SKU] += l.Quantity
			}
		}
	}
	for sku, quantity := range offered {
		levels, err := store.Levels(c.Context(), []catalog.SKU{sku})
		all(c.T, nil, err)
		movements, err := movementsOf(c.Context(), store, sku)
		all(c.T, nil, err)
		var sum, fromOrders int64
		for _, m := range movements {
			sum += m.OnHand
			if m.Ref != "" {
				fromOrders += m.OnHand
			}
		}
		if sum != levels[0].OnHand {
			c.Errorf("I9: %s: the ledger sums to %d, on hand is %d", sku, sum, levels[0].OnHand)
		}
		if levels[0].Reserved != reserved[sku] || -fromOrders != shipped[sku] {
			c.Errorf("I5: %s: %d reserved and %d shipped, the orders say %d and %d", sku, levels[0].Reserved, -fromOrders, reserved[sku], shipped[sku])
		}
		if quantity != levels[0].Available() {
			c.Errorf("I1: %s: the shop offers %d, available are %d", sku, quantity, levels[0].Available())
		}
	}
}
