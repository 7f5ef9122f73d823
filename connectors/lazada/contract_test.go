package lazada

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
	"github.com/chophien/chophien/connectors/lazada/lazadatest"
)

const pageOfTests = 7 // products per page, so that three pages are few

// optionsFor are the options of a channel to a simulated shop, fast enough for
// tests.
func optionsFor(sim *lazadatest.Simulator) *Options {
	return &Options{
		Country: "vn", AppKey: sim.AppKey(), AppSecret: connectors.NewSecret(sim.AppSecret()), APIURL: sim.APIURL(), AuthURL: sim.URL,
		PerSecond: 100000, BatchSize: mostRows, PageSize: pageOfTests, Concurrency: 2, Timeout: 30 * time.Second,
		TitleLimit: "bytes", DefaultBrand: "No Brand", UTCOffset: 7, SaleDays: 365,
	}
}

// tokenOf is a token of the shop, as connecting would have stored it.
func tokenOf(sim *lazadatest.Simulator) connectors.Token {
	access, refresh, expires := sim.Tokens()
	return connectors.Token{AccessToken: access, RefreshToken: refresh, ExpiresAt: expires, RefreshExpires: expires, Account: sim.SellerID()}
}

// withToken is a store that holds a token.
func withToken(t testing.TB, store connectors.TokenStore, token connectors.Token) connectors.TokenStore {
	t.Helper()
	if store == nil {
		store = &connectors.MemoryTokens{}
	}
	_, err := store.Replace(t.Context(), connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) { return token, nil })
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func openShop(t testing.TB, options *Options, deps connectors.OpenDeps) *connectors.Channel {
	t.Helper()
	registry, err := connectors.NewRegistry(Type)
	if err != nil {
		t.Fatal(err)
	}
	if err := options.Validate(); err != nil {
		t.Fatal(err)
	}
	channel, err := registry.Open(connectors.ChannelConfig{ID: "laz-thu", Type: "lazada", Options: options}, deps)
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

func startShop(t testing.TB, options lazadatest.Options) *lazadatest.Simulator {
	t.Helper()
	sim, err := lazadatest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]lazadatest.Options{
		"without review":              {},
		"with review, all or nothing": {Review: time.Hour, AllOrNothing: true, AfterIncludes: true, RefreshExtends: true, DuplicateCode: "4126"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, harness(options))
		})
	}
}

func harness(simulated lazadatest.Options) connectortest.Harness {
	return connectortest.Harness{
		Declared: connectors.Capabilities,
		Open: func(t *testing.T, setup connectortest.Setup) connectortest.Bench {
			sim := startShop(t, simulated)
			options := optionsFor(sim)
			if setup.BadCredentials {
				options.AppSecret = connectors.NewSecret("SaiBiMatKhongDung0123456789ABCDE")
			}
			token := tokenOf(sim)
			setup.Deps.Tokens = withToken(t, setup.Deps.Tokens, token)
			return connectortest.Bench{
				Channel: openShop(t, options, setup.Deps), Server: sim.Server, Shop: sim,
				Secrets: []string{sim.AppSecret(), token.AccessToken, token.RefreshToken},
				Buyers:  []string{"N***g M** T**", "đường Mẫu", "người mua thử", "84*******00"},
				Settle:  func() { sim.Advance(time.Hour) },
			}
		},
		Categories: map[string]string{
			"honey": strconv.Itoa(lazadatest.CategoryHoney), "tea": strconv.Itoa(lazadatest.CategoryTea),
			"brocade": strconv.Itoa(lazadatest.CategoryBrocade), "vermicelli": strconv.Itoa(lazadatest.CategoryVermicelli),
		},
		Spoil:        func(o *catalog.Offer) { o.Category = "10100400" }, // not a leaf
		OrdersCall:   connectortest.Match{Method: http.MethodGet, Path: "/orders/get"},
		ListingsCall: connectortest.Match{Method: http.MethodGet, Path: "/products/get"},
		StockCall:    connectortest.Match{Method: http.MethodPost, Path: "/product/stock/sellable/update"},
		PricesCall:   connectortest.Match{Method: http.MethodPost, Path: "/product/price_quantity/update"},
		OrderPage:    orderPage,
		ListingPage:  pageOfTests,
		// A success names no items; what leaves one open is a refusal that says
		// of it that the service did not answer. It is the third of the suite.
		Omit: func([]byte) []byte {
			return []byte(`{"code":"501","type":"ISP","message":"E501: Update product failed","request_id":"0e9",` +
				`"detail":[{"sku":"MD-1003","code":"1000","message":"Internal error"}]}`)
		},
		StrangeStatus: func(raw []byte) []byte {
			return bytes.ReplaceAll(raw, []byte(`"status":"pending"`), []byte(`"status":"dang_dong_goi"`))
		},
		HooksByHand: true,
		Hook: func(b connectortest.Bench) connectors.Hook {
			return push(b, `{"seller_id":"200161","message_type":0,"data":{"order_status":"pending","trade_order_id":"260422900198363"},"timestamp":1655714431000,"site":"lazada_vn"}`)
		},
		Ping: func(b connectortest.Bench) connectors.Hook {
			return push(b, `{"seller_id":"200161","message_type":8,"data":{},"timestamp":1655714431,"site":"lazada_vn"}`)
		},
		Grant: func(t *testing.T, b connectortest.Bench, address string) map[string]string {
			t.Helper()
			stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			response, err := stay.Get(address) //nolint:noctx // a test
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			back, err := url.Parse(response.Header.Get("Location"))
			if err != nil {
				t.Fatal(err)
			}
			callback := map[string]string{}
			for name := range back.Query() {
				callback[name] = back.Query().Get(name)
			}
			return callback
		},
	}
}

func push(b connectortest.Bench, body string) connectors.Hook {
	sim := b.Shop.(*lazadatest.Simulator)
	return connectors.Hook{Body: []byte(body), Header: http.Header{"Authorization": {sim.PushSignature([]byte(body))}}}
}
