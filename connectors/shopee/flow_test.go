package shopee

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	before, err := r.tokens.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.sim.ExpireToken()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := r.Connector.Check(t.Context()); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
	all.Wait()
	if n := r.calls("auth/access_token/get"); n != 1 {
		t.Errorf("%d refreshes, want 1: each refresh token is good for one", n)
	}
	after, err := r.tokens.Token(t.Context())
	if err != nil || after.RefreshToken == before.RefreshToken || after.Account != before.Account || after.RefreshExpires.Before(time.Now().Add(29*24*time.Hour)) {
		t.Errorf("the new pair is not stored whole: %v", err)
	}
	r.sim.Revoke()
	_, err = r.Connector.Check(t.Context())
	if connectors.KindOf(err) != connectors.Auth || !strings.Contains(err.Error(), "channels connect vn-shopee") {
		t.Errorf("revoked: got %v, want an auth error that says what to do", err)
	}
	stored(t, r.tokens, connectors.Token{Account: before.Account, RefreshToken: "x", RefreshExpires: time.Now().Add(-time.Hour)})
	fresh := openShop(t, optionsFor(r.sim), connectors.OpenDeps{Tokens: r.tokens})
	r.sim.ResetRequests()
	if _, err = fresh.Connector.Check(t.Context()); connectors.KindOf(err) != connectors.Auth || len(r.sim.Requests()) != 0 {
		t.Errorf("lapsed: got %v after %d calls, want an auth error without a call", err, len(r.sim.Requests()))
	}
}

// Answers without a token, and refreshes without a refresh token, are errors.
func TestNoTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	for _, field := range []string{"access_token", "refresh_token", "expire_in"} {
		r.sim.Inject(simulator.Fault{Path: "auth/token/get", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
			return bytes.Replace(answer, []byte(`"`+field+`"`), []byte(`"x"`), 1)
		}})
		_, _, err := r.Authorizer.Exchange(t.Context(), map[string]string{"code": r.sim.Authorize(), "shop_id": "14701711"}, "")
		if connectors.KindOf(err) != connectors.Unclear {
			t.Errorf("without %s: got %v", field, err)
		}
	}
	for name, token := range map[string]connectors.Token{
		"nothing stored": {}, "no refresh token": {AccessToken: "x", Account: "14701711", ExpiresAt: time.Now().Add(-time.Minute)},
		"an old one": {AccessToken: "x", RefreshToken: "y", Account: "14701711", ExpiresAt: time.Now().Add(-time.Minute), RefreshExpires: time.Now().Add(-time.Second)},
	} {
		stored(t, r.tokens, token)
		r.sim.ResetRequests()
		_, err := r.Connector.Check(t.Context())
		if e := asConnectorError(err); e == nil || e.Kind != connectors.Auth || !strings.Contains(e.Hint, "connect") || r.calls("access_token/get") != 0 {
			t.Errorf("%s: got %v after %d refreshes", name, err, r.calls("access_token/get"))
		}
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change   func(*Options)
		callback func(*shopeetest.Simulator) map[string]string
		code     string
	}{
		"shop": {nil, func(s *shopeetest.Simulator) map[string]string {
			return map[string]string{"code": s.Authorize(), "shop_id": "14701711"}
		}, ""},
		"main account": {nil, func(s *shopeetest.Simulator) map[string]string {
			return map[string]string{"code": s.AuthorizeMain(7), "main_account_id": "7"}
		}, ""},
		"main account of another shop": {func(o *Options) { o.ShopID = 5 }, func(s *shopeetest.Simulator) map[string]string {
			return map[string]string{"code": s.AuthorizeMain(7), "main_account_id": "7"}
		}, "wrong_shop"},
		"wrong shop": {func(o *Options) { o.ShopID = 5 }, func(s *shopeetest.Simulator) map[string]string {
			return map[string]string{"code": s.Authorize(), "shop_id": "14701711"}
		}, "wrong_shop"},
		"no code": {nil, func(*shopeetest.Simulator) map[string]string { return map[string]string{"shop_id": "14701711"} }, "no_code"},
		"no shop": {nil, func(s *shopeetest.Simulator) map[string]string { return map[string]string{"code": s.Authorize()} }, "no_shop"},
		"wrong code": {nil, func(*shopeetest.Simulator) map[string]string {
			return map[string]string{"code": "sai", "shop_id": "14701711"}
		}, "invalid_code"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, shopeetest.Options{}, test.change)
			token, account, err := r.Authorizer.Exchange(t.Context(), test.callback(r.sim), "")
			if test.code != "" {
				if e := asConnectorError(err); e == nil || e.Code != test.code || e.Kind != connectors.Auth {
					t.Errorf("got %v, want %s", err, test.code)
				}
				return
			}
			if err != nil || account.ID != "14701711" || account.Currency != "VND" || token.Account != account.ID || token.GrantExpires.Before(time.Now().Add(364*24*time.Hour)) {
				t.Errorf("got %+v, %v", account, err)
			}
		})
	}
}

func asConnectorError(err error) *connectors.Error {
	e, _ := err.(*connectors.Error)
	return e
}

// Options come and go: what stays keeps its model and its stock.
func TestChangeVariations(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(1)
	ref := r.publish(offer)[0]
	kept := offer.Variants[1].SKU
	if err := r.sim.SetStock(kept, 99); err != nil {
		t.Fatal(err)
	}
	changed := offer
	changed.Options = []string{"Quy cách"}
	fresh := offer.Variants[0]
	fresh.SKU, fresh.Options, fresh.Quantity = "CHE-MOI", []string{"1 kg"}, 17
	changed.Variants = []catalog.OfferVariant{fresh, offer.Variants[1]}
	changed.Variants[1].Weight = 900
	outcome := r.write(changed, ref, catalog.FacetContent)
	if outcome.Kind != connectors.Applied {
		t.Fatalf("got %s, %v", outcome.Kind, outcome.Err)
	}
	there := r.one()
	if len(there.Variants) != 2 || there.Variants[1].SKU != "CHE-MOI" || *there.Variants[1].Quantity != 17 || there.Variants[0].SKU != kept || *there.Variants[0].Quantity != 99 {
		t.Errorf("got %+v", there.Variants)
	}
	for _, v := range outcome.Remote.Variants {
		if v.ExternalID == "" || v.SKU == kept && v.ExternalID != ref.Variants[kept] {
			t.Errorf("%s has the ID %q, was %q", v.SKU, v.ExternalID, ref.Variants[kept])
		}
	}
	found, err := r.Finder.FindSKUs(t.Context(), []catalog.SKU{"CHE-MOI", offer.Variants[0].SKU})
	if err != nil || len(found) != 1 {
		t.Fatalf("find: %v, %v", found, err)
	}
	r.sim.ResetRequests()
	if outcome := r.write(changed, ref, catalog.FacetContent, catalog.FacetMedia); outcome.Kind != connectors.Unchanged {
		t.Errorf("the same again: got %s after %d calls", outcome.Kind, len(r.sim.Requests()))
	}
	for _, request := range r.sim.Requests() {
		if request.Method != "GET" {
			t.Errorf("the same again wrote to %s", request.Path)
		}
	}
	// A second option is another structure: all models are made anew.
	changed.Options = []string{"Quy cách", "Loại"}
	changed.Variants[0].Options, changed.Variants[1].Options = []string{"1 kg", "Đặc biệt"}, []string{"200 g", "Thường"}
	if outcome = r.write(changed, ref, catalog.FacetContent); outcome.Kind != connectors.Applied {
		t.Fatalf("two options: got %s, %v", outcome.Kind, outcome.Err)
	}
	if id := outcome.Remote.Variants[0].ExternalID; id == "" || id == ref.Variants[kept] {
		t.Errorf("two options: the ID of %s is still %q", outcome.Remote.Variants[0].SKU, id)
	}
	simple := changed
	simple.Options, simple.Variants = nil, changed.Variants[:1]
	simple.Variants[0].Options = nil
	if outcome = r.write(simple, ref, catalog.FacetContent); outcome.Kind != connectors.Rejected || outcome.Issues[0].Code != "product_kind" {
		t.Errorf("without options: got %s, %+v", outcome.Kind, outcome.Issues)
	}
}

// One wrong model fails alone, and what the answer leaves out is unknown.
func TestStockRows(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	offer := r.offer(1)
	ref := r.publish(offer)[0]
	if err := r.sim.Reserve(offer.Variants[2].SKU, 5); err != nil {
		t.Fatal(err)
	}
	change := func(variant catalog.ExternalID, quantity int64) connectors.StockChange {
		return connectors.StockChange{Listing: ref.ExternalID, Variant: variant, SKU: "X", Quantity: quantity}
	}
	changes := []connectors.StockChange{
		change(ref.Variants[offer.Variants[0].SKU], 7), change(ref.ExternalID+"/999", 8), change(ref.Variants[offer.Variants[2].SKU], 1),
		change("", 1), {Listing: "x", Variant: "x"},
	}
	outcomes, err := r.Stock.UpdateStock(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []connectors.OutcomeKind
	for _, o := range outcomes {
		kinds = append(kinds, o.Kind)
	}
	want := []connectors.OutcomeKind{connectors.Applied, connectors.Gone, connectors.Rejected, connectors.Conflict, connectors.Gone}
	if fmt.Sprint(kinds) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
	if i := outcomes[2].Issues; len(i) != 1 || i[0].Code != "error_busi_update_stock_failed" || !strings.Contains(i[0].Message.EN, "reserved") {
		t.Errorf("below what is reserved: got %+v", i)
	}
	// All rows refused: the platform answers an error, with the rows beside it.
	outcomes, err = r.Stock.UpdateStock(t.Context(), changes[1:3])
	if err != nil || outcomes[0].Kind != connectors.Gone || outcomes[1].Kind != connectors.Rejected {
		t.Errorf("all wrong: got %+v, %v", outcomes, err)
	}
	r.sim.Inject(simulator.Fault{Path: "update_stock", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		return bytes.Replace(answer, []byte(`"success_list":[{`), []byte(`"success_list":[],"left_out":[{`), 1)
	}})
	outcomes, err = r.Stock.UpdateStock(t.Context(), changes[:1])
	if err != nil || outcomes[0].Kind != connectors.Unknown {
		t.Errorf("left out: got %+v, %v", outcomes, err)
	}
}

// "System busy" does not say whether a create was carried out: it is not sent
// again, while the absolute value of a stock is.
func TestBusy(t *testing.T) {
	t.Parallel()
	r := newRig(t, shopeetest.Options{}, nil)
	busy := simulator.Fault{Kind: simulator.FaultStatus, Status: 200, Body: `{"error":"error_inner","message":"System error","request_id":"1"}`}
	busy.Path = "add_item"
	r.sim.Inject(busy)
	offer := r.offer(0)
	outcomes, err := r.Publisher.Publish(t.Context(), []connectors.Publication{{Offer: offer, Facets: catalog.Facets}})
	if err != nil || outcomes[0].Kind != connectors.Unknown || r.calls("add_item") != 1 {
		t.Errorf("create: got %+v, %v after %d calls; want unknown after one", outcomes, err, r.calls("add_item"))
	}
	ref := r.publish(offer)[0]
	busy.Path = "update_stock"
	r.sim.Inject(busy)
	outcomes, err = r.Stock.UpdateStock(t.Context(), []connectors.StockChange{{Listing: ref.ExternalID, Variant: ref.ExternalID, SKU: offer.Variants[0].SKU, Quantity: 3}})
	if err != nil || outcomes[0].Kind != connectors.Applied || *r.one().Variants[0].Quantity != 3 {
		t.Errorf("stock: got %+v, %v", outcomes, err)
	}
}
