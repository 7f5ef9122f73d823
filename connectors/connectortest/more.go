package connectortest

import (
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func moreChecks() []check {
	return []check{
		{"audit finds what is wrong and nothing else", []string{"audit"}, checkAudit},
		{"categories are a tree with leaves", []string{"categories"}, checkCategories},
		{"a shipment is reported once", []string{"publish", "orders", "ship"}, checkShip},
		{"hooks: signed, forged and ping", []string{"hooks"}, checkHooks},
		{"hooks are registered once", []string{"hooks"}, checkEnsureHooks},
		{"authorization leads to a token of the right shop", []string{"authorize"}, checkAuthorize},
	}
}

func checkAudit(b *bench) {
	audit := b.Channel.Auditor.Audit
	for n := range 4 {
		for _, issue := range audit(b.offer(n)) {
			if issue.Severity == catalog.SeverityError {
				b.Errorf("a good offer: %s in %s: %s", issue.Code, issue.Field, issue.Message.EN)
			}
		}
	}
	spoiled := map[string]func(*catalog.Offer){
		"no title":        func(o *catalog.Offer) { o.Title = "" },
		"a 10 MB title":   func(o *catalog.Offer) { o.Title = strings.Repeat("mật ", 10<<20/6) },
		"no variants":     func(o *catalog.Offer) { o.Variants = nil },
		"a price of zero": func(o *catalog.Offer) { o.Variants[0].Price = catalog.Price{List: catalog.VND(0)} },
	}
	for name, spoil := range spoiled {
		offer := b.simple(0)
		spoil(&offer)
		issues := audit(offer)
		if !slices.ContainsFunc(issues, func(i catalog.Issue) bool { return i.Severity == catalog.SeverityError }) {
			b.Errorf("%s: audit finds no error", name)
		}
		for _, i := range issues {
			if i.Code == "" || i.Message.VI == "" || i.Message.EN == "" || len(i.Message.VI) > 1000 ||
				i.Severity != catalog.SeverityError && i.Severity != catalog.SeverityWarning {
				b.Errorf("%s: an issue needs a code, a severity and a short message in both languages: %+.200v", name, i)
			}
		}
		if !reflect.DeepEqual(issues, audit(offer)) {
			b.Errorf("%s: a second audit says something else", name)
		}
	}
	if n := len(b.Server.Requests()); n != 0 {
		b.Errorf("audit sent %d requests, want none", n)
	}
}

func checkCategories(b *bench) {
	known, leaf := map[string]bool{}, ""
	var all []connectors.PlatformCategory
	for category, err := range b.Channel.Categories.Categories(b.Context()) {
		if err != nil {
			b.Fatalf("categories: %v", err)
		}
		if category.ID == "" || category.Name == "" || known[category.ID] {
			b.Errorf("category %q %q: needs a name and an ID of its own", category.ID, category.Name)
		}
		known[category.ID] = true
		all = append(all, category)
	}
	for _, category := range all {
		if category.Parent != "" && !known[category.Parent] {
			b.Errorf("category %q: its parent %q does not exist", category.ID, category.Parent)
		}
		if category.Leaf {
			leaf = category.ID
		}
	}
	if leaf == "" {
		b.Fatal("no category takes products")
	}
	attributes, err := b.Channel.Categories.Attributes(b.Context(), leaf)
	if err != nil {
		b.Errorf("attributes of %s: %v", leaf, err)
	}
	b.Server.ResetRequests()
	offer := b.offer(0)
	for _, a := range attributes {
		if a.ID == "" || a.Name == "" {
			b.Errorf("attribute %q %q: needs an ID and a name", a.ID, a.Name)
		}
		if first, again := b.Channel.Categories.Fills(offer, a), b.Channel.Categories.Fills(offer, a); first != again {
			b.Errorf("attribute %q: whether the connector fills it changes", a.ID)
		}
	}
	if region := b.Channel.Categories.Region(); strings.ContainsAny(region, "/ ") || strings.ToLower(region) != region {
		b.Errorf("region %q: want lower-case letters, digits and hyphens", region)
	}
	if n := len(b.Server.Requests()); n != 0 {
		b.Errorf("region and fills sent %d requests, want none", n)
	}
}

func checkShip(b *bench) {
	simple, _ := b.shelf()
	id := b.order(daysAgo(1), simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 1})
	shipment := connectors.Shipment{Order: id, Fulfillment: catalog.Fulfillment{
		ID: "GH-1", Carrier: "Bưu điện", TrackingNumber: "VN123456789", ShippedAt: daysAgo(0),
	}}
	for i, want := range []connectors.OutcomeKind{connectors.Applied, connectors.Unchanged} {
		outcome, err := b.Channel.Shipper.Ship(b.Context(), shipment)
		if err != nil || outcome.Kind != want {
			b.Errorf("ship, time %d: got %s, %v; want %s", i+1, show(outcome), err, want)
		}
	}
	shipment.Order = id + "9999"
	outcome, err := b.Channel.Shipper.Ship(b.Context(), shipment)
	if err != nil || outcome.Kind != connectors.Gone {
		b.Errorf("ship an order that does not exist: got %s, %v; want gone", show(outcome), err)
	}
}

func checkHooks(b *bench) {
	if b.h.Hook == nil || b.h.Ping == nil {
		b.Fatal("connectortest: Harness.Hook and Ping are needed for hooks")
	}
	parse := b.Channel.Hooks.ParseHook
	hook := b.h.Hook(b.Bench)
	hint, err := parse(hook)
	if err != nil || !hint.Orders {
		b.Errorf("a signed delivery: got %+v, %v; want a hint at orders", hint, err)
	}
	forged := hook
	forged.Body = append(slices.Clone(hook.Body), ' ')
	if _, err := parse(forged); !errors.Is(err, connectors.ErrBadSignature) {
		b.Errorf("a changed body: got %v, want ErrBadSignature", err)
	}
	naked := hook
	naked.Header = nil
	if hint, err := parse(naked); err == nil && hint != (connectors.Hint{}) {
		b.Errorf("without headers: got %+v without an error", hint)
	}
	if hint, err := parse(b.h.Ping(b.Bench)); err != nil || hint != (connectors.Hint{}) {
		b.Errorf("a ping: got %+v, %v; want an empty hint", hint, err)
	}
}

func checkEnsureHooks(b *bench) {
	ensure := func() int {
		b.Server.ResetRequests()
		if err := b.Channel.Hooks.EnsureHooks(b.Context(), "https://cho.example/hooks/kenh"); err != nil {
			b.Fatalf("register hooks: %v", err)
		}
		n := 0
		for _, r := range b.Server.Requests() {
			if r.Method == b.h.HooksCall.Method && strings.Contains(r.Path, b.h.HooksCall.Path) {
				n++
			}
		}
		return n
	}
	if first := ensure(); b.h.HooksByHand {
		if n := len(b.Server.Requests()); n != 0 {
			b.Errorf("webhooks are registered by hand, but %d requests were sent", n)
		}
	} else if first == 0 {
		b.Error("the first time nothing was registered; check Harness.HooksCall")
	}
	if n := ensure(); n != 0 {
		b.Errorf("the second time %d registrations were sent, want none", n)
	}
}

func checkAuthorize(b *bench) {
	if b.h.Grant == nil {
		b.Fatal("connectortest: Harness.Grant is needed for authorize")
	}
	const redirect, state = "https://cho.example/authorize/kenh", "trang-thai-8c1"
	address := b.Channel.Authorizer.AuthorizeURL(redirect, state)
	if u, err := url.Parse(address); err != nil || u.Host == "" || !strings.Contains(u.RawQuery, url.QueryEscape(state)) {
		b.Errorf("the address to send the seller to lacks the state")
	}
	_, _, err := b.Channel.Authorizer.Exchange(b.Context(), map[string]string{"code": "sai", "state": state}, redirect)
	if err == nil {
		b.Error("a wrong code: no error")
	}
	b.wantSilent(err)
	token, account, err := b.Channel.Authorizer.Exchange(b.Context(), b.h.Grant(b.T, b.Bench, address), redirect)
	if err != nil {
		b.Fatalf("exchange: %v", err)
	}
	if token.AccessToken == "" || account.ID == "" || token.Account != account.ID {
		b.Errorf("got a token for account %q of account %q, want both the same", token.Account, account.ID)
	}
}
