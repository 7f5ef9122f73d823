// Package connectortest is the contract suite that every connector passes
// against the simulator of its platform.
//
// # Narrative
//
// A connector stands between a catalog that is always right and a platform
// that may answer late, twice, wrongly or not at all. The suite plays through
// what that means. Each check opens a fresh, empty shop ([Harness].Open), acts
// through the connector, and then looks at what is really there through the
// simulator's back door (simulator.Shop), never at which calls were made. It
// goes from the plain to the unkind:
//
//	account.go   whose shop is it, and what if the key is wrong
//	publish.go   what was published is there, once, with the right price
//	facets.go    a facet that is written leaves all others alone (I4)
//	batch.go     many at once, a bad one among them, one missing in the answer
//	stop.go      off sale and on again; what was deleted there is gone
//	lost.go      an answer is lost at every possible point; never two (I2)
//	read.go      find and list what is there; a broken read is no read (I8)
//	orders.go    every order, once interpreted right (I5, I6)
//	failures.go  refusals, limits, web pages for data, giving up in time
//	secrets.go   no key and no buyer in any error or log (I13)
//	more.go      hooks, shipping, categories, audit, authorization
//	documents.go labels of what was shipped
//	cancel.go    a buyer's wish to cancel is answered once
//	parallel.go  everything at once
//
// A check names the capabilities it needs and is skipped, by name, where the
// channel lacks one; every declared capability must have a check that ran
// (I15). Checks are independent and run in parallel.
//
// The smallest platform and connector that pass are this package's own dummy
// (dummy_*_test.go). The same tests break it in every way that a check is
// there for, and require that the check fails.
package connectortest

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

// Setup is what a check asks of the shop that is opened for it.
type Setup struct {
	// Deps are for [connectors.Registry.Open] (or the client and the Env): a
	// logger that the suite reads, tokens, memory and pictures. The harness
	// may put a valid token into Deps.Tokens.
	Deps connectors.OpenDeps
	// BadCredentials opens the channel with a key that the shop refuses.
	BadCredentials bool
}

// Bench is an opened channel with the simulated shop behind it.
type Bench struct {
	Channel *connectors.Channel
	Server  *simulator.Server
	Shop    simulator.Shop
	// Secrets and Buyers are the texts that no error and no log may hold: keys
	// and tokens; names, phones, mails and addresses of the simulator's buyers.
	Secrets, Buyers []string
	// Settle lets pass whatever time the platform needs, for example ends
	// reviews. nil = it needs none.
	Settle func()
}

// Match selects requests, as in [simulator.Fault].
type Match struct{ Method, Path string }

// Harness tells the suite how to open a channel and what only the platform's
// tests can know. Open and Declared are required, the rest where a declared
// capability needs it; the suite says so when something is missing.
type Harness struct {
	// Open starts a fresh shop without listings and orders, selling in VND,
	// and opens a channel to it. It registers its own cleanup and may be
	// called several times by one test, from parallel tests.
	Open func(t *testing.T, setup Setup) Bench
	// Declared are the capabilities the platform claims, by the names in
	// [connectors.Capabilities]. They must be those it implements (I15).
	Declared []string

	// Offer makes the n-th sample, n from 0, each with SKUs of its own; nil =
	// [Goods].
	Offer func(n int) catalog.Offer
	// Categories maps the category codes of the samples ([Goods]: honey, tea,
	// brocade, vermicelli) to those of the fresh shop.
	Categories map[string]string
	// Spoil makes the platform refuse an offer for its content. For publish.
	Spoil func(*catalog.Offer)

	// OrdersCall and ListingsCall select the requests that read a page of
	// orders and of listings, StockCall and PricesCall those that write a
	// batch for simple products, HooksCall those that register webhooks.
	OrdersCall, ListingsCall, StockCall, PricesCall, HooksCall Match
	// OrderPage and ListingPage are how many the opened channel reads at once.
	OrderPage, ListingPage int
	// Omit removes the last item from the answer to a batch of stock; needed
	// when Info.Batch.Stock is above 1.
	Omit func(answer []byte) []byte
	// StrangeStatus puts a status nobody knows into a raw order.
	StrangeStatus func(raw []byte) []byte
	// Hook is a rightly signed delivery that says that an order changed, Ping
	// what the platform sends when an address is registered.
	Hook, Ping func(Bench) connectors.Hook
	// HooksByHand says that the platform has no call to register webhooks, only
	// a page for people: EnsureHooks then sends nothing and never fails.
	HooksByHand bool
	// Grant plays the seller who agrees in the browser at address, and returns
	// the query of the callback. For authorize.
	Grant func(t *testing.T, b Bench, address string) map[string]string
}

// check is one promise of the contract.
type check struct {
	name  string
	needs []string // capabilities
	run   func(*bench)
}

func allChecks() []check {
	return slices.Concat(accountChecks(), publishChecks(), facetChecks(), batchChecks(), stopChecks(),
		lostChecks(), readChecks(), orderChecks(), failureChecks(), secretChecks(), moreChecks(), documentChecks(), cancelChecks(), parallelChecks())
}

// Run runs the suite. When CHOPHIEN_MATRIX_DIR is set it writes there, in
// PLATFORM.json, which capabilities passed, for the generated tables.
func Run(t *testing.T, h Harness) {
	t.Helper()
	if h.Open == nil {
		t.Fatal("connectortest: Harness.Open is required")
	}
	probe := open(t, h, false)
	channel, platform := probe.Channel, probe.Channel.Info.Name
	t.Run("declared capabilities are the implemented ones (I15)", func(t *testing.T) {
		for _, name := range connectors.Capabilities {
			if declared, has := slices.Contains(h.Declared, name), channel.Has(name); declared != has {
				t.Errorf("capability %s: declared %t, implemented %t", name, declared, has)
			}
		}
		for _, name := range h.Declared {
			if !slices.Contains(connectors.Capabilities, name) {
				t.Errorf("declared capability %q does not exist", name)
			}
		}
	})
	results := &results{passed: map[string]bool{}}
	t.Run("contract", func(t *testing.T) {
		for _, c := range allChecks() {
			t.Run(c.name, func(t *testing.T) {
				for _, need := range c.needs {
					if !channel.Has(need) {
						t.Skipf("%s cannot %s", platform, need)
					}
				}
				t.Parallel()
				t.Cleanup(func() { results.add(c, !t.Failed()) })
				c.run(open(t, h, false))
			})
		}
	})
	results.report(t, platform, h.Declared)
}

// results collects which capabilities were checked, and whether all their
// checks passed.
type results struct {
	mu     sync.Mutex
	ran    int
	passed map[string]bool
}

func (r *results) add(c check, passed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ran++
	for _, name := range c.needs {
		before, seen := r.passed[name]
		r.passed[name] = passed && (before || !seen)
	}
}

// report requires a check for every declared capability and writes the matrix,
// unless only some checks were asked for (go test -run).
func (r *results) report(t *testing.T, platform string, declared []string) {
	applicable := 0
	for _, c := range allChecks() {
		if !slices.ContainsFunc(c.needs, func(name string) bool { return !slices.Contains(declared, name) }) {
			applicable++
		}
	}
	if r.ran < applicable {
		return
	}
	for _, name := range declared {
		if _, ok := r.passed[name]; !ok {
			t.Errorf("capability %s is declared, but no check of it ran (I15)", name)
		}
	}
	dir := os.Getenv("CHOPHIEN_MATRIX_DIR")
	if dir == "" {
		return
	}
	data, err := json.MarshalIndent(map[string]map[string]bool{platform: r.passed}, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, platform+".json"), append(data, '\n'), 0o644)
	}
	if err != nil {
		t.Errorf("matrix: %v", err)
	}
}

// bench is what a check works with: the channel, the shop behind it, and the
// test that it reports to.
type bench struct {
	*testing.T
	Bench
	h    Harness
	logs *logBuffer
}

func open(t *testing.T, h Harness, badCredentials bool) *bench {
	t.Helper()
	logs := &logBuffer{}
	setup := Setup{BadCredentials: badCredentials, Deps: connectors.OpenDeps{
		Logger: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Tokens: &connectors.MemoryTokens{},
		Memory: &memory{},
		Media:  Pictures{},
	}}
	b := &bench{T: t, Bench: h.Open(t, setup), h: h, logs: logs}
	if b.Channel == nil || b.Server == nil || b.Shop == nil {
		t.Fatal("connectortest: Harness.Open must return Channel, Server and Shop")
	}
	return b
}

// fresh opens another shop within the same check.
func (b *bench) fresh() *bench { b.Helper(); return open(b.T, b.h, false) }

// logBuffer keeps what was logged.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
