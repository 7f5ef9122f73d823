package connectortest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/simulator"
)

// brokenEnv makes TestDummy run with one thing done wrong.
const brokenEnv = "CHOPHIEN_TEST_BROKEN"

// TestDummy runs the suite on the simplest platform that has every capability.
func TestDummy(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, dummyHarness(os.Getenv(brokenEnv)))
}

func dummyHarness(broken string) connectortest.Harness {
	h := connectortest.Harness{
		Open: func(t *testing.T, setup connectortest.Setup) connectortest.Bench {
			shop := newDummyShop()
			server, err := simulator.Start(shop, simulator.Options{Shop: shop})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Close)
			key := dummyKey
			if setup.BadCredentials {
				key = "khoa-sai-" + dummyKey
			}
			return connectortest.Bench{
				Channel: openChannel(t, setup, server.URL, key, broken),
				Server:  server,
				Shop:    shop,
				Secrets: []string{dummyKey},
				Buyers:  []string{dummyBuyer, dummyPhone},
			}
		},
		Declared:     slices.Clone(connectors.Capabilities),
		Spoil:        func(o *catalog.Offer) { o.Title = "hàng cấm" },
		OrdersCall:   connectortest.Match{Method: http.MethodGet, Path: "/orders"},
		ListingsCall: connectortest.Match{Method: http.MethodGet, Path: "/listings"},
		StockCall:    connectortest.Match{Method: http.MethodPost, Path: "/stock"},
		PricesCall:   connectortest.Match{Method: http.MethodPost, Path: "/prices"},
		HooksCall:    connectortest.Match{Method: http.MethodPost, Path: "/hooks"},
		OrderPage:    dummyPage,
		ListingPage:  dummyPage,
		Omit: func(answer []byte) []byte {
			var body map[string][]any
			_ = json.Unmarshal(answer, &body)
			body["items"] = body["items"][:len(body["items"])-1]
			answer, _ = json.Marshal(body)
			return answer
		},
		StrangeStatus: func(raw []byte) []byte { return bytes.Replace(raw, []byte(`"new"`), []byte(`"on-the-moon"`), 1) },
		Hook: func(connectortest.Bench) connectors.Hook {
			body := []byte(`{"order":"101"}`)
			return connectors.Hook{Header: http.Header{"X-Signature": {dummySignature(body)}}, Body: body}
		},
		Ping: func(connectortest.Bench) connectors.Hook { return connectors.Hook{Body: []byte("ping")} },
		Grant: func(*testing.T, connectortest.Bench, string) map[string]string {
			return map[string]string{"code": "dong-y"}
		},
	}
	if broken == "declares too little" {
		h.Declared = h.Declared[1:]
	}
	return h
}

func openChannel(t *testing.T, setup connectortest.Setup, base, key, broken string) *connectors.Channel {
	info := connectors.Info{Name: "dummy", Title: "Dummy", Batch: connectors.Batch{Publish: 3, Prices: dummyBatch, Stock: dummyBatch},
		Overlap: 10 * time.Minute, Precision: time.Second}
	type options struct{}
	registry, err := connectors.NewRegistry(connectors.Define(info, options{}, func(env connectors.Env, _ *options) (connectors.Connector, error) {
		return openDummy(env, base, key, broken), nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	channel, err := registry.Open(connectors.ChannelConfig{ID: "thu", Type: "dummy", Options: &options{}}, setup.Deps)
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

// faults are the things that the dummy connector can do wrong, each with the
// checks that must fail then, and no others: first the one that is about it,
// then those that cannot pass without.
var faults = map[string][]string{
	"another account every time":    {"check tells whose shop it is"},
	"check ignores a refused key":   {"bad credentials are an auth error"},
	"says nothing of a refused key": {"nothing is written with bad credentials"},
	"knows one option only":         {"what is published is what is there", "find shows what is there"},
	"publishes six at most": {
		"more publications than one batch takes", "more prices than one batch takes", "more stock than one batch takes",
		"listings show what is there, over three pages", "a broken page of listings ends the read with an error (I8)",
		"stock is set from many goroutines at once",
	},
	"gives up after a refusal":    {"a refused publication leaves the others alone"},
	"serves one caller at a time": {"one channel serves many goroutines", "stock is set from many goroutines at once"},
	"takes a limit for a ban": {
		"a short rate limit is waited for or given back", "a long rate limit is given back with its time",
		"a limited stock write is not carried out and says until when",
	},
	"publishes all on sale": {"a stopped offer is published off sale"},
	"creates without looking": {
		"publishing twice makes one listing with the same ID",
		"a listing made by hand is adopted, not doubled",
		"a publication whose answer is lost never makes two (I2)",
		"fingerprints change with what is shown, and only then",
	},
	"adopts without writing": {
		"a listing made by hand is adopted, not doubled",
		"fingerprints change with what is shown, and only then",
	},
	"rounds prices": {"prices in a currency without decimals"},
	"never ends a sale": {
		"sale prices begin, change and end",
		"a missing listing among prices leaves the others alone",
		"more prices than one batch takes",
	},
	"cuts titles":                       {"difficult titles survive or are audited"},
	"content brings the state":          {"writing content leaves all else as it was (I4)"},
	"pictures bring the title":          {"writing media leaves all else as it was (I4)"},
	"stock brings the old price":        {"writing stock leaves all else as it was (I4)"},
	"prices bring the old stock":        {"writing price leaves all else as it was (I4)"},
	"state brings the old title":        {"writing state leaves all else as it was (I4)"},
	"sends too many at once to /prices": {"more prices than one batch takes"},
	"sends too many at once to /stock":  {"more stock than one batch takes"},
	"answers in the wrong order": {
		"a missing listing among stock leaves the others alone",
		"an item missing in the answer is unknown",
	},
	"one bad price spoils all":   {"a missing listing among prices leaves the others alone"},
	"takes silence for done":     {"an item missing in the answer is unknown"},
	"sends empty batches":        {"nothing to write is nothing to do"},
	"resumes nothing":            {"stopped and resumed, a listing is as before"},
	"stops what is gone":         {"stop of a missing listing is gone"},
	"creates what is gone":       {"a write to a listing deleted there is gone"},
	"deletes by stopping":        {"delete removes for good"},
	"sends creates again":        {"a publication whose answer is lost never makes two (I2)"},
	"takes lost for refused":     {"a publication whose answer is lost never makes two (I2)"},
	"takes lost for done":        {"a lost write is unknown, not done and not refused"},
	"finds the wrong quantity":   {"find shows what is there"},
	"finds only what is on sale": {"find knows stopped listings and not others"},
	"reads one page of listings": {
		"listings show what is there, over three pages",
		"a broken page of listings ends the read with an error (I8)",
	},
	"fingerprints the stock":         {"fingerprints change with what is shown, and only then"},
	"hides broken pages of listings": {"a broken page of listings ends the read with an error (I8)"},
	"reads one page of orders": {
		"orders over three pages, each at least once (I5)",
		"a broken page of orders ends the read with an error (I8)",
		"orders of the same second over three pages (I5)",
	},
	"takes a time for an ID": {"orders of the same second over three pages (I5)"},
	"since is exclusive": {
		"since is inclusive, in any time zone (I5)",
		"orders of the same second over three pages (I5)",
	},
	"since loses its zone":            {"since is inclusive, in any time zone (I5)"},
	"keeps a watermark of its own":    {"an order committed late is found within the overlap (I5)"},
	"goes by when orders were placed": {"an old order that changes is read again (I5)"},
	"hides broken pages of orders":    {"a broken page of orders ends the read with an error (I8)"},
	"forgets the shipping fee":        {"an interpreted order is the platform's (I6)"},
	"fails on unknown statuses":       {"an unknown order status is other"},
	"reads anything as an order":      {"raw bytes that are no order are an error"},
	"retries refusals":                {"a server error is tried again, a refusal is not"},
	"forgets how long to wait":        {"a long rate limit is given back with its time"},
	"takes a limit for a refusal":     {"a limited stock write is not carried out and says until when"},
	"reads web pages":                 {"an answer that is no data is an error naming the call"},
	"follows redirects":               {"a redirect to another host is not followed"},
	"check ignores its context":       {"a canceled check returns at once"},
	"orders ignore their context":     {"a canceled read ends at once"},
	"fails a canceled write":          {"a write canceled on its way is unknown"},
	"logs the key": {
		"no secret in any error or log (I13)",
		"no buyer in any error or log (I13)",
	},
	"quotes what it cannot read":              {"no buyer in any error or log (I13)"},
	"audits no prices":                        {"audit finds what is wrong and nothing else"},
	"leaves out the top categories":           {"categories are a tree with leaves"},
	"fills by a call":                         {"categories are a tree with leaves"},
	"ships twice":                             {"a shipment is reported once"},
	"gives empty labels":                      {"labels of what was shipped, and of nothing else"},
	"answers wishes twice":                    {"a buyer's wish to cancel is answered once"},
	"overlooks wishes to cancel":              {"a buyer's wish to cancel is answered once"},
	"takes a lost answer to a wish for given": {"a lost answer to a wish to cancel is unknown, then found"},
	"trusts every hook":                       {"hooks: signed, forged and ping"},
	"registers hooks again":                   {"hooks are registered once"},
	"forgets whose token it is":               {"authorization leads to a token of the right shop"},
}

// TestSuiteFindsFaults shows that the suite can fail: a connector that does one
// thing wrong fails the check that names it, in a process of its own.
func TestSuiteFindsFaults(t *testing.T) {
	t.Parallel()
	// The processes mostly wait, so more of them run than t.Parallel would let.
	slots := make(chan struct{}, 8)
	type run struct {
		output []byte
		err    error
	}
	runs := map[string]chan run{}
	for broken := range faults {
		finished := make(chan run, 1)
		runs[broken] = finished
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			output, err := runDummy(t, broken, "")
			finished <- run{output, err}
		}()
	}
	for broken, want := range faults {
		t.Run(broken, func(t *testing.T) {
			run := <-runs[broken]
			var exit *exec.ExitError
			if run.err != nil && !errors.As(run.err, &exit) {
				t.Fatal(run.err)
			}
			got := failedChecks(string(run.output))
			want := slices.Sorted(slices.Values(want))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("failed checks (-want +got):\n%s\n%s", diff, run.output)
			}
		})
	}
}

// runDummy runs TestDummy in a process of its own.
func runDummy(t *testing.T, broken, matrixDir string) ([]byte, error) {
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDummy$", "-test.v", "-test.parallel=16")
	command.Env = append(os.Environ(), brokenEnv+"="+broken, "CHOPHIEN_MATRIX_DIR="+matrixDir)
	return command.CombinedOutput()
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	for broken, fails := range map[string][]string{"": nil, "ships twice": {"publish", "orders", "ship"}} {
		dir := t.TempDir()
		output, err := runDummy(t, broken, dir)
		if (err != nil) != (broken != "") {
			t.Fatalf("%q: %v\n%s", broken, err, output)
		}
		data, err := os.ReadFile(filepath.Join(dir, "dummy.json"))
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]map[string]bool
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for _, name := range connectors.Capabilities {
			want[name] = !slices.Contains(fails, name)
		}
		if diff := cmp.Diff(map[string]map[string]bool{"dummy": want}, got); diff != "" {
			t.Errorf("%q: matrix (-want +got):\n%s", broken, diff)
		}
	}
}

// I15: a connector that declares less than it implements, or more, is found.
func TestI15DeclaredIsImplemented(t *testing.T) {
	t.Parallel()
	output, err := runDummy(t, "declares too little", "")
	if got := failedChecks(string(output)); err == nil || !slices.Equal(got, []string{"declared capabilities are the implemented ones (I15)"}) {
		t.Errorf("%v, failed checks %q", err, got)
	}
}

// I15: a capability without a check could be declared by anyone.
func TestI15EveryCapabilityIsChecked(t *testing.T) {
	t.Parallel()
	for _, name := range connectors.Capabilities {
		if !slices.Contains(connectortest.CheckedCapabilities(), name) {
			t.Errorf("no check needs the capability %s", name)
		}
	}
}

// TestEveryCheckCanFail compares the checks that there are with those that
// [faults] makes fail.
func TestEveryCheckCanFail(t *testing.T) {
	t.Parallel()
	failed := map[string]bool{"declared capabilities are the implemented ones (I15)": true}
	for _, names := range faults {
		for _, name := range names {
			failed[name] = true
		}
	}
	for _, name := range connectortest.CheckNames() {
		if !failed[name] {
			t.Errorf("no fault makes the check %q fail", name)
		}
		delete(failed, name)
	}
	delete(failed, "declared capabilities are the implemented ones (I15)")
	if len(failed) > 0 {
		t.Errorf("these checks do not exist: %v", slices.Collect(maps.Keys(failed)))
	}
}

var failLine = regexp.MustCompile(`(?m)^\s*--- FAIL: TestDummy/(\S+)`)

// failedChecks returns the names of the failed checks in a test's output,
// sorted.
func failedChecks(output string) []string {
	var names []string
	for _, match := range failLine.FindAllStringSubmatch(output, -1) {
		name := strings.TrimPrefix(match[1], "contract/")
		if name != "contract" {
			names = append(names, strings.ReplaceAll(name, "_", " "))
		}
	}
	slices.Sort(names)
	return names
}
