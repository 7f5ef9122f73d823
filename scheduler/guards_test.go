//go:build guards

package scheduler

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// guard is a place in the code that holds an invariant, and what it becomes
// when the guard is taken away.
type guard struct {
	invariant, file, code, without string
	test                           string // of the same package
}

var guards = []guard{
	{"I1", "scheduler/decide.go", "return !t.OrdersReadAt.After(head) || ", "return ", "TestI1NoOversellByStalePush"},
	{"I1", "scheduler/decide.go", " || now.Sub(t.OrdersReadAt) > t.Freshness", "", "TestI1NoOversellByStalePush"},
	{"I1", "scheduler/apply.go", "if !w.onlyLowersStock() {", "if true {", "TestI1AHeldPlanStillLowersStock"},
	{"I1", "scheduler/publish.go", "if len(plan.Actions) == 0 && plan.Fenced > 0 && !reread {", "if reread {", "TestI1OnePublishRaisesWhatItLookedUpOnTheWay"},
	{"I2", "scheduler/decide.go", "case l.Intent != nil:", "case false:", "TestI2OneListingWhenAnswersAreLost"},
	{"I2", "scheduler/observe.go", "if at.Sub(l.Intent.StartedAt) >= c.Settle() {", "if true {", "TestI2OneListingWhenAnswersAreLost"},
	{"I2", "scheduler/apply.go", "w.listing.Intent = &catalog.Intent{Kind: w.action.Kind, Facets: w.facets, PlanID: planID, StartedAt: now, Desired: w.desired}", "", "TestI2ACrashBetweenSendingAndRecording"},
	{"I3", "scheduler/decide.go", `echo != "" && observed != echo`, "observed != applied", "TestI3SecondPlanIsEmpty"},
	{"I4", "scheduler/send.go", "if up != raises || !w.changes(catalog.FacetStock, v.SKU) {", "if up != raises {", "TestI4OneVariantLeavesTheOthers"},
	{"I4", "scheduler/send.go", "if !w.changes(catalog.FacetPrice, v.SKU) {", "if false {", "TestI4OneVariantLeavesTheOthers"},
	{"I4", "scheduler/send.go", "if f == catalog.FacetPrice && c.Prices != nil || f == catalog.FacetStock && c.Stock != nil || f == catalog.FacetState && c.Stopper != nil {", "if false {", "TestI4OneFacetLeavesTheOthers"},
	{"I5", "scheduler/orders.go", "since := state.Watermark.Add(-c.Info.Overlap - c.Info.Precision)", "since := state.Watermark.Add(time.Millisecond)", "TestI5NoOrderLostNoneTwice"},
	{"I5", "scheduler/orders.go", "if newest.After(begun) {", "if false {", "TestI5AnOrderFromTheFutureHidesNone"},
	{"I5", "scheduler/orders.go", "if err := e.settleOrders(ctx, c, state, count); err != nil {", "if err := error(nil); err != nil {", "TestI5"},
	{"I5", "scheduler/orders.go", "booked, err := e.booked(ctx, refs)", "booked, err := map[string][]catalog.Movement{}, error(nil)", "TestI5"},
	{"I6", "scheduler/orders.go", "if err := checkTotals(*o); err != nil {", "if err := error(nil); err != nil {", "TestI6TotalsAreThePlatforms"},
	{"I7", "scheduler/engine.go", "change = func(s *ChannelState) { s.Parked = &issue }", "change = func(s *ChannelState) { _ = issue }", "TestI7AFailureStaysOnItsChannel"},
	{"I7", "cmd/chophien/publish.go", "\t\t\tfailed = true\n\t\t\treport.Errors", "\t\t\tfailed = true\n\t\t\tbreak\n\t\t\treport.Errors", "TestScripts/i7_a_failing_channel_stops_no_other"},
	{"I8", "scheduler/observe.go", "const goneAfter = 2", "const goneAfter = 1", "TestI8APartialReadNeverDeletes"},
	{"I8", "scheduler/observe.go", `return nil, fmt.Errorf("read listings: %w", err)`, "break", "TestI8APartialReadNeverDeletes"},
	{"I9", "scheduler/orders.go", "booked, err := e.booked(ctx, refs)", "booked, err := map[string][]catalog.Movement{}, error(nil)", "TestI9LedgerSumIsOnHand"},
	{"I10", "scheduler/decide.go", "case d.Excluded:", "case false:", "TestI10EveryProductHasExactlyOneStatus"},
	{"I10", "scheduler/decide.go", "l.Status, l.Reason, l.Issues = d.status, d.why, dedupe(d.issues)", "l.Reason, l.Issues = d.why, dedupe(d.issues)", "TestI10EveryProductHasExactlyOneStatus"},
	{"I12", "scheduler/guard.go", "if beyond(b.stopped, b.listings, stopSharePercent) {", "if false {", "TestI12AnEmptyMasterBlanksNoShop"},
	{"I12", "scheduler/guard.go", "if b.emptied >= emptyLeast && beyond(b.emptied, b.listings, stopSharePercent) {", "if false {", "TestI12AnEmptyMasterBlanksNoShop"},
	{"I12", "scheduler/guard.go", "if b.moved > 0 {", "if false {", "TestI12AnEmptyMasterBlanksNoShop"},
	{"I12", "scheduler/guard.go", "if v.Quantity > 0 || look.Levels[v.SKU].OnHand > 0 {", "if v.Quantity > 0 {", "TestI12SoldOutIsNoBlanking"},
	{"I12", "scheduler/decide.go", "case hasError(d.Issues):", "case false:", "TestI12AnEmptyMasterBlanksNoShop"},
	{"I12", "scheduler/apply.go", "return len(b.hold()) > 0 || len(plan.Hold) > 0, nil", "return len(plan.Hold) > 0, nil", "TestI12AnEmptyMasterBlanksNoShop"},
	{"I13", "connectors/client_redact.go", "if len(secret) >= leastSecret {", "if false {", "TestI13ClientKeepsSecrets"},
	{"I13", "web/server.go", "sealed, err := o.Sealer.Seal(body, []byte(name))", "sealed, err := body, error(nil)", "TestI13HooksAreKeptSealed"},
	{"I14", "scheduler/engine.go", `if state.Account.ID != "" && state.Account.ID != account.ID {`, "if false {", "TestI14AnotherShopIsRefused"},
	{"I15", "connectors/connectortest/suite.go", "declared != has {", "false {", "TestI15DeclaredIsImplemented"},
}

// TestGuardsHold removes each guard in turn and expects the test that carries
// the invariant's name to fail. It builds a package per guard, so it has a tag
// of its own: go test -tags guards -run Guards ./scheduler
func TestGuardsHold(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range guards {
		t.Run(g.invariant+" "+g.code, func(t *testing.T) {
			path := filepath.Join(root, g.file)
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(source), g.code); n < 1 {
				t.Fatalf("%s does not have the guard any more", g.file)
			}
			mutant, overlay := filepath.Join(t.TempDir(), "mutant.go"), filepath.Join(t.TempDir(), "overlay.json")
			replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutant}})
			if err != nil {
				t.Fatal(err)
			}
			for name, data := range map[string][]byte{mutant: []byte(strings.Replace(string(source), g.code, g.without, 1)), overlay: replace} {
				if err := os.WriteFile(name, data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-count=1", "-overlay", overlay, "-run", g.test, "./"+filepath.Dir(g.file))
			cmd.Dir = root
			out, err := cmd.CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("%s: without the guard %s passes", g.file, g.test)
			case !strings.Contains(string(out), "--- FAIL: "):
				t.Errorf("%s does not build without the guard:\n%s", g.file, out)
			}
		})
	}
}
