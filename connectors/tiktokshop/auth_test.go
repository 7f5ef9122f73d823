package tiktokshop

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/tiktokshop/tiktokshoptest"
)

// A token that expires in the middle is replaced once; what replaces it is
// stored, and stays bound to the shop.
func TestRefresh(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	before, _ := b.deps.Tokens.Token(t.Context())
	b.sim.ExpireToken()
	account, err := b.channel.Connector.Check(t.Context())
	if err != nil || account.ID != b.sim.ShopID() || account.Currency != "VND" {
		t.Fatalf("check: %+v, %v", account, err)
	}
	after, _ := b.deps.Tokens.Token(t.Context())
	if after.AccessToken == before.AccessToken || after.RefreshToken == before.RefreshToken || after.Account != before.Account ||
		!cmp.Equal(after.Extra, before.Extra) || time.Until(after.ExpiresAt) < 6*24*time.Hour || after.GrantExpires.IsZero() || !after.GrantExpires.Equal(after.RefreshExpires) {
		t.Error("the new token is not the old one's successor")
	}
	if n := b.calls("GET", "/api/v2/token/refresh"); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	b.sim.Revoke()
	_, err = b.channel.Connector.Check(t.Context())
	if connectors.KindOf(err) != connectors.Auth || !strings.Contains(err.Error(), "chophien channels connect vn-thu") {
		t.Errorf("after the seller withdrew: got %v", err)
	}
}

func TestCheckWantsTheShop(t *testing.T) {
	t.Parallel()
	b := openBench(t, tiktokshoptest.Options{}, nil)
	b.sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 200, Path: pathShops,
		Body: `{"code":0,"data":{"shops":[{"id":"7","name":"Khác","region":"VN","cipher":"x"}]}}`})
	if _, err := b.channel.Connector.Check(t.Context()); connectors.KindOf(err) != connectors.Auth {
		t.Errorf("another shop: got %v, want auth", err)
	}
	b.sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 200, Path: pathShops,
		Body: `{"code":0,"data":{"shops":[{"id":"` + b.sim.ShopID() + `","name":"Khác","region":"TH","cipher":"x"}]}}`})
	if _, err := b.channel.Connector.Check(t.Context()); connectors.KindOf(err) != connectors.Fatal {
		t.Errorf("another region: got %v, want fatal", err)
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	two := `{"code":0,"data":{"shops":[{"id":"7","name":"Một","region":"VN","cipher":"m"},{"id":"8","name":"Hai","region":"VN","cipher":"h"}]}}`
	for name, tt := range map[string]struct {
		shopID   string
		shops    string
		callback map[string]string
		code     string // of the error, "" = none
		account  string
	}{
		"one shop":          {"", "", map[string]string{"auth_code": "?"}, "", tiktokshoptest.DefaultShopID},
		"no code":           {"", "", map[string]string{"state": "x"}, "no_code", ""},
		"another app":       {"", "", map[string]string{"code": "?", "app_key": "khac"}, "wrong_app", ""},
		"used code":         {"", "", map[string]string{"code": "sai"}, "36004004", ""},
		"two shops":         {"", two, map[string]string{"code": "?"}, "wrong_shop", ""},
		"one of two":        {"8", two, map[string]string{"code": "?"}, "", "8"},
		"none of two":       {"9", two, map[string]string{"code": "?"}, "wrong_shop", ""},
		"a shop in another": {"", `{"code":0,"data":{"shops":[{"id":"7","region":"ID","cipher":"m"}]}}`, map[string]string{"code": "?"}, "region", ""},
	} {
		b := openBench(t, tiktokshoptest.Options{}, func(o *Options) { o.ShopID = tt.shopID })
		if tt.shops != "" {
			b.sim.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 200, Path: pathShops, Body: tt.shops})
		}
		for key, value := range tt.callback {
			if value == "?" {
				tt.callback[key] = b.sim.Authorize()
			}
		}
		token, account, err := b.channel.Authorizer.Exchange(t.Context(), tt.callback, "")
		e, _ := err.(*connectors.Error)
		switch {
		case tt.code == "" && (err != nil || token.Account != tt.account || account.ID != tt.account || token.Extra[cipherKey] == "" || token.GrantExpires.IsZero()):
			t.Errorf("%s: got account %q, %v", name, token.Account, err)
		case tt.code != "" && (e == nil || e.Code != tt.code || token.AccessToken != ""):
			t.Errorf("%s: got %v, want %s", name, err, tt.code)
		}
	}
}

func TestAuthorizeURL(t *testing.T) {
	t.Parallel()
	o := defaults
	o.AppKey, o.ServiceID = "k", "7145960712036402950"
	s := &shop{options: &o}
	if got := s.AuthorizeURL("https://cho.example/x", "a b"); got != "https://services.tiktokshop.com/open/authorize?service_id=7145960712036402950&state=a+b" {
		t.Errorf("got %s", got)
	}
	o.ServiceID = ""
	if got := s.AuthorizeURL("", "ab"); got != "https://auth.tiktok-shops.com/oauth/authorize?app_key=k&state=ab" {
		t.Errorf("without a service: got %s", got)
	}
}

// A machine whose clock is wrong learns the platform's.
func TestClock(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		b := openBench(t, tiktokshoptest.Options{Now: func() time.Time { return time.Now().Add(off) }, AccessLife: 30 * 24 * time.Hour}, nil)
		for range 2 {
			if _, err := b.channel.Connector.Check(t.Context()); err != nil {
				t.Errorf("clock off by %s: %v", off, err)
			}
		}
		if n := b.calls("GET", pathShops); n != 3 {
			t.Errorf("clock off by %s: %d calls, want 3", off, n)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	good := defaults
	good.AppKey, good.AppSecret = "k", connectors.NewSecret("s")
	if err := good.Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for key, spoil := range map[string]func(*Options){
		"api_url":              func(o *Options) { o.APIURL = "open-api.tiktokglobalshop.com" },
		"token_url":            func(o *Options) { o.TokenURL = "" },
		"authorize_url":        func(o *Options) { o.AuthorizeURL = "https://x.example/?a=b" },
		"shop_id":              func(o *Options) { o.ShopID = "VNLC" },
		"service_id":           func(o *Options) { o.ServiceID = "x" },
		"warehouse_id":         func(o *Options) { o.WarehouseID = "x" },
		"shipping_provider_id": func(o *Options) { o.ShippingProviderID = "x" },
		"concurrency":          func(o *Options) { o.Concurrency = 17 },
		"page_size":            func(o *Options) { o.PageSize = 101 },
		"per_second":           func(o *Options) { o.PerSecond = 0 },
		"timeout":              func(o *Options) { o.Timeout = time.Millisecond },
		"promotion_lead":       func(o *Options) { o.PromotionLead = 0 },
		"promotion_days":       func(o *Options) { o.PromotionDays = 366 },
		"promotion_title":      func(o *Options) { o.PromotionTitle = strings.Repeat("x", 31) },
	} {
		o := good
		spoil(&o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), key+":") {
			t.Errorf("%s: got %v", key, err)
		}
	}
}
