package tiktokshop

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/tiktokshop/tiktokshoptest"
)

// categories are those of the simulated shop.
var categories = map[string]string{"honey": "914568", "tea": "914569", "vermicelli": "914570", "brocade": "824585"}

// optionsFor are the options of a channel to a simulated shop.
func optionsFor(sim *tiktokshoptest.Simulator) *Options {
	o := defaults
	o.AppKey, o.AppSecret, o.ServiceID = sim.AppKey(), connectors.NewSecret(sim.AppSecret()), sim.ServiceID()
	o.APIURL, o.TokenURL, o.AuthorizeURL = sim.URL, sim.URL, sim.AuthorizeURL()
	o.PerSecond, o.Timeout = 5000, 30*time.Second
	o.PageSize = 10
	return &o
}

func openShop(t testing.TB, options *Options, deps connectors.OpenDeps) *connectors.Channel {
	t.Helper()
	if err := options.Validate(); err != nil {
		t.Fatal(err)
	}
	registry, err := connectors.NewRegistry(Type)
	if err != nil {
		t.Fatal(err)
	}
	channel, err := registry.Open(connectors.ChannelConfig{ID: "vn-thu", Type: "tiktokshop", Options: options}, deps)
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

// connect stores a valid token of the simulated shop.
func connect(t testing.TB, sim *tiktokshoptest.Simulator, tokens connectors.TokenStore) connectors.Token {
	t.Helper()
	access, refresh, expires := sim.Tokens()
	token := connectors.Token{
		AccessToken: access, RefreshToken: refresh, ExpiresAt: expires, Account: sim.ShopID(), Extra: map[string]string{cipherKey: sim.Cipher()},
	}
	if _, err := tokens.Replace(t.Context(), connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) { return token, nil }); err != nil {
		t.Fatal(err)
	}
	return token
}

// goods are the suite's, with titles as long as the platform wants them.
func goods(n int) catalog.Offer {
	o := connectortest.Goods(n)
	o.Title += ", hàng của tổ hợp tác"
	return o
}

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, harness())
}

func harness() connectortest.Harness {
	return connectortest.Harness{
		Declared: connectors.Capabilities,
		Open: func(t *testing.T, setup connectortest.Setup) connectortest.Bench {
			sim, err := tiktokshoptest.Start(tiktokshoptest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(sim.Close)
			options := optionsFor(sim)
			if setup.BadCredentials {
				options.AppSecret = connectors.NewSecret("0000000000000000000000000000000000000000")
			}
			token := connect(t, sim, setup.Deps.Tokens)
			setup.Deps.Media = connectortest.Pictures{Side: 400}
			return connectortest.Bench{
				Channel: openShop(t, options, setup.Deps), Server: sim.Server, Shop: sim,
				Secrets: []string{sim.AppSecret(), token.AccessToken, token.RefreshToken, sim.Cipher()},
				Buyers:  []string{"N*** m*** t**", "*******00", "scs.tiktokw", "Ba Đình"},
				Settle:  func() { sim.Advance(2 * time.Minute) },
			}
		},
		Offer:        goods,
		Categories:   categories,
		Spoil:        func(o *catalog.Offer) { o.Category = "700437" }, // not a leaf
		OrdersCall:   connectortest.Match{Method: http.MethodPost, Path: pathOrders},
		ListingsCall: connectortest.Match{Method: http.MethodPost, Path: pathSearch},
		StockCall:    connectortest.Match{Method: http.MethodPost, Path: "/inventory/update"},
		PricesCall:   connectortest.Match{Method: http.MethodPost, Path: "/prices/update"},
		HooksCall:    connectortest.Match{Method: http.MethodPut, Path: pathHooks},
		OrderPage:    10,
		ListingPage:  10,
		StrangeStatus: func(raw []byte) []byte {
			return bytes.Replace(raw, []byte(`"status":"AWAITING_SHIPMENT"`), []byte(`"status":"DANG_DONG_GOI"`), 1)
		},
		Hook: func(b connectortest.Bench) connectors.Hook { return signedHook(b, 1) },
		// Nothing is sent at registration; a chat message hints at nothing, too.
		Ping: func(b connectortest.Bench) connectors.Hook { return signedHook(b, 14) },
		Grant: func(t *testing.T, b connectortest.Bench, address string) map[string]string {
			u, err := url.Parse(address)
			sim, ok := b.Shop.(*tiktokshoptest.Simulator)
			if err != nil || !ok || u.Query().Get("service_id") != sim.ServiceID() {
				t.Errorf("the page of consent is not for this app")
			}
			return map[string]string{"code": sim.Authorize(), "app_key": sim.AppKey(), "state": u.Query().Get("state")}
		},
	}
}

func signedHook(b connectortest.Bench, kind int) connectors.Hook {
	sim, _ := b.Shop.(*tiktokshoptest.Simulator)
	body := []byte(`{"type":` + string(rune('0'+kind%10)) + `,"shop_id":"7495540735365770001","data":{"order_id":"576461413038785001"}}`)
	if kind == 14 {
		body = []byte(`{"type":14,"shop_id":"7495540735365770001","data":{}}`)
	}
	return connectors.Hook{Body: body, Header: http.Header{"Authorization": {sim.HookSignature(body)}}}
}
