package tiki

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/tiki/tikitest"
)

// optionsFor are the options of a channel to a simulated shop.
func optionsFor(sim *tikitest.Simulator) *Options {
	return &Options{
		ClientID: sim.ClientID(), ClientSecret: connectors.NewSecret(sim.ClientSecret()), AppType: "public", TokenAuth: "basic",
		Scope: "offline product order inventory", APIURL: sim.APIURL(), AuthURL: sim.AuthURL(), Texts: "attributes", ListPrice: "review",
		Attributes: map[string]string{"brand_country": "Việt Nam", "require_expiry_date": "1"},
		BatchSize:  batchSize, Concurrency: 4, PerSecond: 2000, Timeout: 30 * time.Second,
	}
}

func openShop(t testing.TB, options *Options, deps connectors.OpenDeps) *connectors.Channel {
	t.Helper()
	registry, err := connectors.NewRegistry(Type)
	if err != nil {
		t.Fatal(err)
	}
	channel, err := registry.Open(connectors.ChannelConfig{ID: "vn-thu", Type: "tiki", Options: options}, deps)
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

// connect puts a seller's token into the store, as after her consent.
func connect(t testing.TB, sim *tikitest.Simulator, tokens connectors.TokenStore) connectors.Token {
	t.Helper()
	access, refresh, expires := sim.IssueToken()
	token := connectors.Token{AccessToken: access, RefreshToken: refresh, ExpiresAt: expires, Account: strconv.FormatInt(sim.SellerID(), 10)}
	put(t, tokens, token)
	return token
}

func put(t testing.TB, tokens connectors.TokenStore, token connectors.Token) {
	t.Helper()
	old, err := tokens.Token(t.Context())
	if err == nil {
		_, err = tokens.Replace(t.Context(), old, func(context.Context, connectors.Token) (connectors.Token, error) { return token, nil })
	}
	if err != nil {
		t.Fatal(err)
	}
}

func startShop(t testing.TB, options tikitest.Options) *tikitest.Simulator {
	t.Helper()
	sim, err := tikitest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim
}

// contractCategories maps the suite's samples to the fresh shop's categories.
var contractCategories = map[string]string{
	"honey": strconv.Itoa(tikitest.CategoryHoney), "tea": strconv.Itoa(tikitest.CategoryTea),
	"brocade": strconv.Itoa(tikitest.CategoryBrocade), "vermicelli": strconv.Itoa(tikitest.CategoryVermicelli),
}

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{
		Declared: []string{"publish", "stop", "prices", "stock", "find", "listings", "orders", "ship", "documents", "categories", "audit", "authorize"},
		Open: func(t *testing.T, setup connectortest.Setup) connectortest.Bench {
			sim := startShop(t, tikitest.Options{RatePerSecond: -1})
			token := connect(t, sim, setup.Deps.Tokens)
			if setup.BadCredentials {
				token = connectors.Token{AccessToken: "at_sai_0000000000.sig", RefreshToken: "rt_sai_0000000000.sig", ExpiresAt: time.Now().Add(time.Hour)}
				put(t, setup.Deps.Tokens, token)
			}
			return connectortest.Bench{
				Channel: openShop(t, optionsFor(sim), setup.Deps), Server: sim.Server, Shop: sim,
				Secrets: []string{sim.ClientSecret(), token.AccessToken, token.RefreshToken},
				Buyers:  []string{"Người mua", "đường Mẫu", "Quận Mẫu"},
			}
		},
		Categories:   contractCategories,
		Spoil:        func(o *catalog.Offer) { o.Category = "1" },
		OrdersCall:   connectortest.Match{Method: http.MethodGet, Path: "/v2/orders"},
		ListingsCall: connectortest.Match{Method: http.MethodGet, Path: "/v2.1/products"},
		StockCall:    connectortest.Match{Method: http.MethodPut, Path: "/v2.1/products/updateSku"},
		PricesCall:   connectortest.Match{Method: http.MethodPut, Path: "/v2.1/products/updateSku"},
		OrderPage:    pageSize,
		ListingPage:  pageSize,
		Omit: func(answer []byte) []byte {
			var list struct {
				Data []json.RawMessage `json:"data"`
			}
			if json.Unmarshal(answer, &list) != nil || len(list.Data) == 0 {
				return answer
			}
			list.Data = list.Data[:len(list.Data)-1]
			text, _ := json.Marshal(list)
			return text
		},
		StrangeStatus: func(raw []byte) []byte {
			return bytes.Replace(raw, []byte(`"status":"queueing"`), []byte(`"status":"dang-dong-goi"`), 1)
		},
		Grant: func(t *testing.T, _ connectortest.Bench, address string) map[string]string {
			return consent(t, address)
		},
	})
}

// consent opens the page where the seller agrees, and reads the callback.
func consent(t *testing.T, address string) map[string]string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	back, err := url.Parse(response.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	callback := map[string]string{}
	for name := range back.Query() {
		callback[name] = back.Query().Get(name)
	}
	return callback
}
