package woocommerce

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

const hookSecret = "bi-mat-webhook-thu"

// optionsFor are the options of a channel to a simulated shop.
func optionsFor(sim *woocommercetest.Simulator, auth string) *Options {
	return &Options{
		URL: sim.URL, ConsumerKey: connectors.NewSecret(sim.Key()), ConsumerSecret: connectors.NewSecret(sim.Secret()),
		WebhookSecret: connectors.NewSecret(hookSecret), Auth: auth,
		BatchSize: maxBatch, Concurrency: 2, Timeout: 30 * time.Second, WeightUnit: "kg", DimensionUnit: "cm",
	}
}

func openShop(t testing.TB, options *Options, deps connectors.OpenDeps) *connectors.Channel {
	t.Helper()
	registry, err := connectors.NewRegistry(Type)
	if err != nil {
		t.Fatal(err)
	}
	channel, err := registry.Open(connectors.ChannelConfig{ID: "vn-thu", Type: "woocommerce", Options: options}, deps)
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]struct {
		auth  string
		https bool
	}{
		"http with OAuth 1.0a": {"auto", false},
		"https with Basic":     {"basic", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, harness(mode.auth, mode.https))
		})
	}
}

func harness(auth string, https bool) connectortest.Harness {
	// A fresh shop gives its categories the same numbers every time.
	addCategories := func(sim *woocommercetest.Simulator) map[string]string {
		numbers := map[string]string{}
		for _, code := range []string{"honey", "tea", "brocade", "vermicelli"} {
			numbers[code] = strconv.FormatInt(sim.AddCategory("Mẫu "+code, 0), 10)
		}
		return numbers
	}
	first := woocommercetest.New(woocommercetest.Options{})
	defer first.Close()
	return connectortest.Harness{
		Declared: []string{"publish", "stop", "delete", "prices", "stock", "find", "listings", "orders", "ship", "categories", "audit", "hooks"},
		Open: func(t *testing.T, setup connectortest.Setup) connectortest.Bench {
			sim := woocommercetest.New(woocommercetest.Options{TreatAsHTTPS: https})
			t.Cleanup(sim.Close)
			addCategories(sim)
			options := optionsFor(sim, auth)
			if setup.BadCredentials {
				options.ConsumerSecret = connectors.NewSecret("cs_0000000000000000000000000000000000000000")
			}
			return connectortest.Bench{
				Channel: openShop(t, options, setup.Deps), Server: sim.Server, Shop: sim,
				Secrets: []string{sim.Key(), sim.Secret(), hookSecret},
				Buyers:  []string{"Người mua", "đường Mẫu", "nguoi.mua.thu", "0000000000"},
			}
		},
		Categories: addCategories(first),
		// A GTIN that the first sample has already.
		Spoil:        func(o *catalog.Offer) { o.Variants[0].GTIN = connectortest.Goods(0).Variants[0].GTIN },
		OrdersCall:   connectortest.Match{Method: http.MethodGet, Path: "/wc/v3/orders"},
		ListingsCall: connectortest.Match{Method: http.MethodGet, Path: "/wc/v3/products"},
		StockCall:    connectortest.Match{Method: http.MethodPost, Path: "/wc/v3/products/batch"},
		PricesCall:   connectortest.Match{Method: http.MethodPost, Path: "/wc/v3/products/batch"},
		HooksCall:    connectortest.Match{Method: http.MethodPost, Path: "/wc/v3/webhooks"},
		OrderPage:    pageSize,
		ListingPage:  pageSize,
		Omit: func(answer []byte) []byte {
			var lists map[string][]json.RawMessage
			if json.Unmarshal(answer, &lists) != nil {
				return answer
			}
			for name, list := range lists {
				lists[name] = list[:len(list)-1]
			}
			text, _ := json.Marshal(lists)
			return text
		},
		StrangeStatus: func(raw []byte) []byte {
			return bytes.Replace(raw, []byte(`"status":"processing"`), []byte(`"status":"dang-dong-goi"`), 1)
		},
		Hook: func(connectortest.Bench) connectors.Hook {
			body := []byte(`{"id":71,"status":"processing","permalink":"https:\/\/shop.example.test"}`)
			mac := hmac.New(sha256.New, []byte(hookSecret))
			mac.Write(body)
			return connectors.Hook{Body: body, Header: http.Header{
				"X-Wc-Webhook-Topic":     {"order.updated"},
				"X-Wc-Webhook-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
			}}
		},
		Ping: func(connectortest.Bench) connectors.Hook {
			return connectors.Hook{Body: []byte("webhook_id=1"), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
		},
	}
}
