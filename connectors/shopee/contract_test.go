package shopee

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
)

// variantDelay is short in tests; the simulator still refuses variations
// before it.
const variantDelay = 3 * time.Millisecond

// optionsFor are the options of a channel to a simulated shop.
func optionsFor(sim *shopeetest.Simulator) *Options {
	o := defaults
	o.PartnerID, o.PartnerKey, o.PushKey = sim.PartnerID(), connectors.NewSecret(sim.PartnerKey()), connectors.NewSecret(sim.PushKey())
	o.BaseURL, o.AuthURL = sim.URL, sim.URL+"/auth"
	o.PerSecond, o.PageSize, o.VariantDelay, o.Timeout = 5000, 5, 2*variantDelay, 30*time.Second
	return &o
}

func startShop(t testing.TB, options shopeetest.Options) *shopeetest.Simulator {
	t.Helper()
	if options.VariantDelay == 0 {
		options.VariantDelay = variantDelay
	}
	sim, err := shopeetest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim
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
	channel, err := registry.Open(connectors.ChannelConfig{ID: "vn-shopee", Type: "shopee", Options: options}, deps)
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

// tokenOf is a token as Exchange would have given it.
func tokenOf(sim *shopeetest.Simulator) connectors.Token {
	access, refresh, expires := sim.Tokens()
	return connectors.Token{
		AccessToken: access, RefreshToken: refresh, ExpiresAt: expires.UTC(), RefreshExpires: expires.Add(refreshLife).UTC(),
		Account: strconv.FormatInt(sim.ShopID(), 10),
	}
}

func stored(t testing.TB, tokens connectors.TokenStore, token connectors.Token) {
	t.Helper()
	old, err := tokens.Token(t.Context())
	if err == nil {
		_, err = tokens.Replace(t.Context(), old, func(context.Context, connectors.Token) (connectors.Token, error) { return token, nil })
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]shopeetest.Options{
		"a plain shop": {DiscountLead: -1, PushKey: shopeetest.DefaultPartnerKey},
		"a shop with reviews and warehouses": {
			Review: time.Hour, LocationID: "VNZ1", TrackingPolls: 2, DocumentPolls: 2, AuthStatus: http.StatusOK, LimitStatus: http.StatusTooManyRequests,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, harness(options))
		})
	}
}

func harness(simOptions shopeetest.Options) connectortest.Harness {
	if simOptions.PushKey == "" {
		simOptions.PushKey = shopeetest.DefaultPushKey
	}
	return connectortest.Harness{
		Declared: connectors.Capabilities,
		Open: func(t *testing.T, setup connectortest.Setup) connectortest.Bench {
			sim := startShop(t, simOptions)
			options := optionsFor(sim)
			options.LocationID = simOptions.LocationID
			if setup.BadCredentials {
				options.PartnerKey = connectors.NewSecret("shpk00000000000000000000000000000000000000000000000000000000sai")
			}
			token := tokenOf(sim)
			stored(t, setup.Deps.Tokens, token)
			return connectortest.Bench{
				Channel: openShop(t, options, setup.Deps), Server: sim.Server, Shop: sim,
				Secrets: []string{sim.PartnerKey(), sim.PushKey(), token.AccessToken, token.RefreshToken},
				Buyers:  []string{"nguoimuathu", "mua thử", "đường M"},
				Settle:  func() { sim.Advance(3 * time.Hour) },
			}
		},
		Categories: map[string]string{
			"honey": strconv.Itoa(shopeetest.CategoryHoney), "tea": strconv.Itoa(shopeetest.CategoryTea),
			"brocade": strconv.Itoa(shopeetest.CategoryBrocade), "vermicelli": strconv.Itoa(shopeetest.CategoryVermicelli),
		},
		// The shop refuses what lacks a mandatory attribute.
		Spoil:        func(o *catalog.Offer) { o.Category, o.Attributes = strconv.Itoa(shopeetest.CategoryHoney), nil },
		OrdersCall:   connectortest.Match{Method: http.MethodGet, Path: "/order/get_order_list"},
		ListingsCall: connectortest.Match{Method: http.MethodGet, Path: "/product/get_item_list"},
		StockCall:    connectortest.Match{Method: http.MethodPost, Path: "/product/update_stock"},
		PricesCall:   connectortest.Match{Method: http.MethodPost, Path: "/product/update_price"},
		HooksCall:    connectortest.Match{Method: http.MethodPost, Path: "/push/set_app_push_config"},
		OrderPage:    5,
		ListingPage:  5,
		StrangeStatus: func(raw []byte) []byte {
			return bytes.Replace(raw, []byte(`"order_status":"READY_TO_SHIP"`), []byte(`"order_status":"DANG_DONG_GOI"`), 1)
		},
		Hook: func(b connectortest.Bench) connectors.Hook {
			const address = "https://cho.example/hooks/vn-shopee"
			body := []byte(`{"code":3,"shop_id":14701711,"timestamp":1795147260,"data":{"ordersn":"2611207RUNGH01","status":"READY_TO_SHIP","update_time":1795147260}}`)
			return connectors.Hook{URL: address, Body: body, Header: http.Header{
				"Authorization": {b.Shop.(*shopeetest.Simulator).PushSignature(address, body)},
			}}
		},
		Ping: func(connectortest.Bench) connectors.Hook {
			return connectors.Hook{URL: "https://cho.example/hooks/vn-shopee", Body: []byte(`{"code":0,"data":{"verify_info":"thử"}}`)}
		},
		Grant: grant,
	}
}

// grant plays the seller: follows the link and reads where it leads back.
func grant(t *testing.T, _ connectortest.Bench, address string) map[string]string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	back, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || answer.StatusCode != http.StatusFound {
		t.Fatalf("the link answers %d", answer.StatusCode)
	}
	callback := map[string]string{}
	for name, values := range back.Query() {
		callback[name] = values[0]
	}
	return callback
}
