package connectortest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func secretChecks() []check {
	return []check{
		{"no secret in any error or log (I13)", nil, checkSecrets},
		{"no buyer in any error or log (I13)", []string{"publish", "orders"}, checkBuyers},
	}
}

// The platform and the network go wrong in every way, quoting the key back as
// some platforms do; then all that was said is searched.
func checkSecrets(b *bench) {
	if len(b.Secrets) == 0 {
		b.Fatal("connectortest: Bench.Secrets is empty")
	}
	faults := []simulator.Fault{
		{Kind: simulator.FaultDrop},
		{Kind: simulator.FaultRefuse},
		{Kind: simulator.FaultTruncate},
		{Kind: simulator.FaultGarbage},
		{Kind: simulator.FaultPrefix},
		{Kind: simulator.FaultRedirect, Target: "http://other.invalid/?key=" + b.Secrets[0]},
	}
	quoted := `{"code":"error_auth","message":"key %[1]s is not valid","error":"key %[1]s","error_description":"%[1]s","msg":"%[1]s","request_id":"1"}`
	for _, secret := range b.Secrets {
		for _, status := range []int{http.StatusOK, http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError} {
			faults = append(faults, simulator.Fault{Kind: simulator.FaultStatus, Status: status, Body: fmt.Sprintf(quoted, secret)})
		}
	}
	for _, fault := range faults {
		b.Server.Inject(fault)
		b.wantSilent(b.check(b.Context()))
		b.everything()
		b.Server.ResetFaults()
	}
	bad := open(b.T, b.h, true)
	bad.wantSilent(bad.check(b.Context()))
	bad.everything()
}

// Buyers stand in orders; an order page that cannot be read must not be quoted.
func checkBuyers(b *bench) {
	if len(b.Buyers) == 0 {
		b.Fatal("connectortest: Bench.Buyers is empty")
	}
	simple, _ := b.shelf()
	b.order(daysAgo(1), simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 1})
	edits := []func([]byte) []byte{
		func(answer []byte) []byte { return answer[:len(answer)*2/3] },
		func(answer []byte) []byte { return []byte(strings.ReplaceAll(string(answer), `":"`, `":7,"x":"`)) },
		func(answer []byte) []byte { return []byte(strings.ReplaceAll(string(answer), `{`, `[{`)) },
	}
	for _, edit := range edits {
		b.inject(b.h.OrdersCall, simulator.Fault{Kind: simulator.FaultEdit, Times: -1, Edit: edit})
		b.everything()
		b.Server.ResetFaults()
	}
	for raw, err := range b.Channel.Orders.Orders(b.Context(), daysAgo(2)) {
		if err != nil {
			b.Fatalf("orders: %v", err)
		}
		_, _, err = b.Channel.Orders.Interpret(raw.Raw[:len(raw.Raw)*2/3])
		b.wantSilent(err)
		_, _, err = b.Channel.Orders.Interpret([]byte(strings.ReplaceAll(string(raw.Raw), `":"`, `":7,"x":"`)))
		b.wantSilent(err)
	}
}

// everything calls each reading and writing capability once and searches what
// they say.
func (b *bench) everything() {
	b.Helper()
	ctx, offer := b.Context(), b.simple(0)
	var outcomes []connectors.Outcome
	said := func(more []connectors.Outcome, err error) {
		outcomes = append(outcomes, more...)
		b.wantSilent(err)
	}
	ref := connectors.ListingRef{ExternalID: "1"}
	if found := b.Shop.Listings(); len(found) > 0 {
		ref.ExternalID = found[0].ExternalID
	}
	if b.Channel.Publisher != nil {
		said(b.Channel.Publisher.Publish(ctx, []connectors.Publication{creation(offer)}))
	}
	if b.Channel.Prices != nil {
		said(b.Channel.Prices.UpdatePrices(ctx, priceChanges(offer, ref)))
	}
	if b.Channel.Stock != nil {
		said(b.Channel.Stock.UpdateStock(ctx, stockChanges(offer, ref)))
	}
	if b.Channel.Stopper != nil {
		said(b.Channel.Stopper.Stop(ctx, []connectors.ListingRef{ref}))
	}
	for _, o := range outcomes {
		b.wantSilent(o.Err)
		for _, issue := range o.Issues {
			b.searched("an issue", issue.Code+issue.Field+issue.Message.VI+issue.Message.EN)
		}
	}
	if b.Channel.Listings != nil {
		_, err := b.listings()
		b.wantSilent(err)
	}
	if b.Channel.Orders != nil {
		for _, err := range b.Channel.Orders.Orders(ctx, daysAgo(2)) {
			b.wantSilent(err)
		}
	}
	b.searched("the log", b.logs.String())
}

func (b *bench) wantSilent(err error) {
	b.Helper()
	if err != nil {
		b.searched("an error", fmt.Sprintf("%v\n%+v", err, err))
	}
}

func (b *bench) searched(where, text string) {
	b.Helper()
	for _, secret := range slices.Concat(b.Secrets, b.Buyers) {
		if secret != "" && strings.Contains(text, secret) {
			b.Errorf("%s holds the secret that begins with %.3q", where, secret)
		}
	}
}
