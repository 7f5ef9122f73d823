package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/lazada/lazadatest"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/tiki/tikitest"
	"github.com/chophien/chophien/connectors/tiktokshop/tiktokshoptest"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// simulated is a running simulated shop, with what a person or the demo needs
// to connect to it and to act in it.
type simulated struct {
	platform string
	shop     simulator.Shop
	server   *simulator.Server
	// keys are what an independent client needs, options what else our own
	// channel is set to.
	keys, options []option
	facts         []option // more than our channel needs to be told
	// categories maps the top of our tree to the shop's; nil = none needed.
	categories map[string]string
	secrets    []string // must show up nowhere
	create     string   // the path of the call that makes listings
	tokens     string   // the path of the call that renews access
	settles    bool     // the platform shows writes late; this one does not
	// grant plays the seller who agrees in the browser and returns the query
	// of the callback; nil = the keys suffice.
	grant func(redirect string) (map[string]string, error)
	// token issues access as a connected app has it; nil = the keys suffice.
	token func() (access, refresh string, expires time.Time)
	// expire ends the access token; nil = there is none.
	expire func()
	// revoke ends the seller's consent; nil = there is none.
	revoke func()
	// advance ends reviews and other waits of the platform; nil = there are none.
	advance func()
	// registerHook has the seller enter our address in the platform's console;
	// nil = there is a call for it.
	registerHook func(address string)
	// hookURL is what the address of our webhooks begins with; "" = where our
	// service listens.
	hookURL string
	// deliver sends the webhooks that wait, drop loses the next one; nil = the
	// platform has none.
	deliver func() (delivered, failed int)
	drop    func()
	close   func()
}

// option is one option of connectors.yaml, its value as YAML.
type option struct{ key, value string }

// start is how to start a simulated shop.
type start struct {
	addr string // "" = a free loopback port
	n    int    // tells several shops of one platform apart
	// hub is the loopback address of our service, which gets the webhooks; "" =
	// none.
	hub string
	// callback is the registered address to which sellers return; "" = any.
	callback string
}

// simulators starts, by platform, a simulated shop.
var simulators = map[string]func(start) (simulated, error){
	"woocommerce": simulateWooCommerce,
	"shopee":      simulateShopee,
	"lazada":      simulateLazada,
	"tiktokshop":  simulateTikTokShop,
	"tiki":        simulateTiki,
}

func simulatorNames() []string {
	var names []string
	for name := range simulators {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// tops are the top categories of our tree, with a number for each that the
// simulated platforms use.
func tops(do func(number int64, c catalog.Category)) map[string]string {
	ids := map[string]string{}
	for i, c := range catalog.Categories() {
		if c.Parent == "" {
			number := int64(900001 + i)
			do(number, c)
			ids[c.Code] = strconv.FormatInt(number, 10)
		}
	}
	return ids
}

func simulateWooCommerce(o start) (simulated, error) {
	s, err := woocommercetest.Start(woocommercetest.Options{Addr: o.addr, ConsumerKey: simulatedKey("ck", o.n), ConsumerSecret: simulatedKey("cs", o.n), AllowLoopbackImages: true})
	if err != nil {
		return simulated{}, err
	}
	hook := fmt.Sprintf("simulated-hook-secret-%d", o.n)
	return simulated{
		platform: "woocommerce", shop: s, server: s.Server, secrets: []string{s.Key(), s.Secret(), hook}, create: "/products/batch",
		keys:    []option{{"url", s.URL}, {"consumer_key", s.Key()}, {"consumer_secret", s.Secret()}},
		options: []option{{"webhook_secret", hook}},
		deliver: s.DeliverHooks, drop: s.DropNextHook, close: s.Close,
	}, nil
}

// hour lets an hour pass.
func hour(advance func(time.Duration)) func() { return func() { advance(time.Hour) } }

// tokensIssued counts how often the shop gave a token to who asked for one.
func (s simulated) tokensIssued() int {
	n := 0
	for _, r := range s.server.Requests() {
		if r.Path == s.tokens && r.Status == http.StatusOK {
			n++
		}
	}
	return n
}

// writes counts the calls that may have changed the shop.
func (s simulated) writes() int {
	n := 0
	for _, r := range s.server.Requests() {
		if r.Method != http.MethodGet {
			n++
		}
	}
	return n
}

// simulatedKey makes an evidently fake API key in the platform's form.
func simulatedKey(kind string, n int) string {
	return kind + "_" + strings.Repeat(fmt.Sprintf("%02d", n), 20)
}

func simulateShopee(o start) (simulated, error) {
	s, err := shopeetest.Start(shopeetest.Options{Addr: o.addr, ShopID: int64(14701710 + o.n), PushKey: shopeetest.DefaultPushKey, DiscountLead: -1})
	if err != nil {
		return simulated{}, err
	}
	categories := tops(func(id int64, c catalog.Category) {
		s.AddCategory(shopeetest.Category{ID: id, Name: c.Name.VI, English: c.Name.EN})
	})
	return simulated{
		platform: "shopee", shop: s, server: s.Server, categories: categories, secrets: []string{s.PartnerKey(), s.PushKey()},
		create: "/product/add_item", tokens: "/api/v2/auth/access_token/get", settles: true,
		keys: []option{
			{"base_url", s.URL}, {"auth_url", s.URL + "/auth"}, {"partner_id", strconv.FormatInt(s.PartnerID(), 10)}, {"partner_key", s.PartnerKey()},
			{"push_key", s.PushKey()}, {"shop_id", strconv.FormatInt(s.ShopID(), 10)},
		},
		options: []option{{"per_second", "500"}, {"variant_delay", "1ms"}, {"discount_lead", "1ms"}},
		token:   s.Tokens, revoke: s.Revoke, advance: hour(s.Advance),
		grant: func(string) (map[string]string, error) {
			return map[string]string{"code": s.Authorize(), "shop_id": strconv.FormatInt(s.ShopID(), 10)}, nil
		},
		expire: s.ExpireToken, deliver: s.DeliverHooks, drop: s.DropNextHook, close: s.Close,
	}, nil
}

func simulateLazada(o start) (simulated, error) {
	s, err := lazadatest.Start(lazadatest.Options{Addr: o.addr, SellerID: int64(200160 + o.n)})
	if err != nil {
		return simulated{}, err
	}
	categories := tops(func(id int64, c catalog.Category) {
		s.AddCategory(lazadatest.Category{ID: id, Name: c.Name.VI, English: c.Name.EN})
	})
	return simulated{
		platform: "lazada", shop: s, server: s.Server, categories: categories, secrets: []string{s.AppSecret()},
		create: "/product/create", tokens: "/rest/auth/token/refresh",
		keys:    []option{{"api_url", s.APIURL()}, {"auth_url", s.URL}, {"app_key", strconv.Quote(s.AppKey())}, {"app_secret", s.AppSecret()}},
		facts:   []option{{"seller_id", s.SellerID()}},
		options: []option{{"per_second", "500"}},
		token:   s.Tokens, revoke: s.Revoke, advance: hour(s.Advance),
		grant:        func(string) (map[string]string, error) { return map[string]string{"code": s.Authorize()}, nil },
		registerHook: s.SetPushURL,
		expire:       s.ExpireToken, deliver: s.DeliverHooks, drop: s.DropNextHook, close: s.Close,
	}, nil
}

func simulateTikTokShop(o start) (simulated, error) {
	s, err := tiktokshoptest.Start(tiktokshoptest.Options{Addr: o.addr, ShopID: strconv.FormatInt(7495540735365770000+int64(o.n), 10), Tunnel: o.hub, RedirectURL: o.callback})
	if err != nil {
		return simulated{}, err
	}
	categories := tops(func(id int64, c catalog.Category) {
		s.AddCategory(tiktokshoptest.Category{ID: strconv.FormatInt(id, 10), Parent: "0", Name: c.Name.VI})
	})
	return simulated{
		platform: "tiktokshop", shop: s, server: s.Server, categories: categories, secrets: []string{s.AppSecret(), s.Cipher()},
		create: "/product/202309/products", tokens: "/api/v2/token/refresh", settles: true,
		keys: []option{
			{"api_url", s.URL}, {"token_url", s.URL}, {"authorize_url", s.AuthorizeURL()}, {"app_key", s.AppKey()}, {"app_secret", s.AppSecret()},
			{"service_id", strconv.Quote(s.ServiceID())}, {"shop_id", strconv.Quote(s.ShopID())},
		},
		facts:   []option{{"shop_cipher", s.Cipher()}, {"warehouse_id", s.WarehouseID()}},
		options: []option{{"per_second", "500"}},
		token:   s.Tokens, revoke: s.Revoke, advance: hour(s.Advance),
		grant: func(string) (map[string]string, error) {
			return map[string]string{"code": s.Authorize(), "app_key": s.AppKey()}, nil
		},
		hookURL: "https://hub.example.vn", // it takes https and domains only
		expire:  s.ExpireToken, deliver: s.DeliverHooks, drop: s.DropNextHook, close: s.Close,
	}, nil
}

func simulateTiki(o start) (simulated, error) {
	s, err := tikitest.Start(tikitest.Options{Addr: o.addr, SellerID: int64(184511 + o.n), AllowLoopbackImages: true, SubscriptionDelay: -1})
	if err != nil {
		return simulated{}, err
	}
	categories := tops(func(id int64, c catalog.Category) { s.AddCategory(id, 0, c.Name.VI) })
	scope := "offline product order inventory"
	return simulated{
		platform: "tiki", shop: s, server: s.Server, categories: categories, secrets: []string{s.ClientSecret()},
		create: "/v2.1/requests", tokens: "/sc/oauth2/token", settles: true,
		keys:  []option{{"api_url", s.APIURL()}, {"auth_url", s.AuthURL()}, {"client_id", strconv.Quote(s.ClientID())}, {"client_secret", s.ClientSecret()}},
		facts: []option{{"seller_id", strconv.FormatInt(s.SellerID(), 10)}},
		options: []option{
			{"option_labels", `{Kích thước: Kích cỡ, Kiểu xay: Loại}`},
			{"attributes", `{bulky: "0", is_warranty_applied: "0", brand_country: Việt Nam, require_expiry_date: "1", origin: Việt Nam, brand: OEM, product_top_features: Hàng mẫu của các nhóm vùng cao}`},
		},
		grant: func(redirect string) (map[string]string, error) {
			code, err := s.Authorize(redirect, scope)
			return map[string]string{"code": code, "scope": scope}, err
		},
		token: s.IssueToken, revoke: s.RevokeGrant, advance: s.Approve, expire: s.ExpireToken, close: s.Close,
	}, nil
}

// yaml writes the channel's entry of connectors.yaml; rules are its lines,
// indented by six.
func (s simulated) yaml(id catalog.ChannelID, name, rules string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - id: %s\n    type: %s\n", id, s.platform)
	if name != "" {
		fmt.Fprintf(&b, "    name: %s\n", name)
	}
	b.WriteString("    options:\n")
	for _, o := range slices.Concat(s.keys, s.options) {
		fmt.Fprintf(&b, "      %s: %s\n", o.key, o.value)
	}
	if s.settles {
		b.WriteString("    settle: 1s\n")
	}
	if len(s.categories) > 0 || rules != "" {
		b.WriteString("    rules:\n" + rules)
	}
	if len(s.categories) > 0 {
		b.WriteString("      categories:\n")
		for _, c := range catalog.Categories() {
			if id, ok := s.categories[c.Code]; ok {
				fmt.Fprintf(&b, "        %s: %q\n", c.Code, id)
			}
		}
	}
	return b.String()
}

// values puts the query of a callback into the form that Exchange takes.
func values(query url.Values) map[string]string {
	flat := map[string]string{}
	for key := range query {
		flat[key] = query.Get(key)
	}
	return flat
}
