// Package tiktokshop connects a shop in Vietnam to TikTok Shop through its Open
// API, versions 202309 and later.
//
// A listing is a product of the shop, its ExternalID the product's number. A
// variant is a SKU, its ExternalID the SKU's number; it carries our SKU as
// seller_sku, by which a product is found again after a crash.
//
// What is submitted is audited: a new product waits in review, while an edit
// leaves the old version on sale until it has passed. Sale prices are fixed
// price promotions ([Options.PromotionTitle]), because a local seller's product
// has one price only.
//
// Facts about the platform in this package are from its OpenAPI description and
// documentation (https://partner.tiktokshop.com/docv2, read 2026-11) unless a
// comment says otherwise. Where sources differ there is an option with a
// cautious default.
package tiktokshop

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Type is the platform.
var Type = connectors.Define(connectors.Info{
	Name:     "tiktokshop",
	Title:    "TikTok Shop",
	Docs:     "https://partner.tiktokshop.com/docv2",
	Pictures: takes[useMain],
	// A call of prices or stock is for one product with all its SKUs.
	Batch: connectors.Batch{Publish: 1, Prices: 1, Stock: 1},
	// How late an order may show under its time of change is not documented.
	Overlap: 5 * time.Minute,
	// The search may lag behind writes.
	Settle:    5 * time.Minute,
	Precision: time.Second,
}, defaults, open)

var defaults = Options{
	APIURL:          "https://open-api.tiktokglobalshop.com",
	TokenURL:        "https://auth.tiktok-shops.com",
	AuthorizeURL:    "https://services.tiktokshop.com/open/authorize",
	PerSecond:       5,
	Concurrency:     4,
	Timeout:         time.Minute,
	PageSize:        100,
	CategoryVersion: "v2",
	Locale:          "vi-VN",
	Handover:        "drop_off",
	RejectReason:    "seller_reject_apply_product_has_been_packed",
	COD:             "category",
	PromotionTitle:  "Chợ Phiên",
	PromotionLead:   time.Minute,
	PromotionDays:   90,
}

// Options of a channel.
type Options struct {
	AppKey       string            `yaml:"app_key" required:"true" help:"key of the app, from Partner Center > App & Service"`
	AppSecret    connectors.Secret `yaml:"app_secret" required:"true" help:"secret of the app, from the same page; it also signs webhooks"`
	ServiceID    string            `yaml:"service_id" help:"number of the service, from the authorization link in Partner Center; without it the older link with the app's key is used"`
	ShopID       string            `yaml:"shop_id" help:"number of the shop; only needed when one seller account has several"`
	APIURL       string            `yaml:"api_url" help:"address of the API, the same for every market"`
	TokenURL     string            `yaml:"token_url" help:"address that issues tokens"`
	AuthorizeURL string            `yaml:"authorize_url" help:"page where the seller agrees"`
	PerSecond    float64           `yaml:"per_second" help:"calls per second; TikTok Shop publishes no limit, 1 to 5 are a safe start"`
	Concurrency  int               `yaml:"concurrency" help:"calls at once, 1 to 16"`
	Timeout      time.Duration     `yaml:"timeout" help:"longest wait for an answer"`
	PageSize     int               `yaml:"page_size" help:"rows per page of products and orders, 1 to 100 (TikTok Shop refuses more)"`

	CategoryVersion string            `yaml:"category_version" enum:"v2,v1" help:"category tree of the shop: v2 (7 levels, all shops of the region) or v1 (3 levels, very old ones)"`
	Locale          string            `yaml:"locale" enum:"vi-VN,en-US" help:"language of categories and attributes"`
	Attributes      map[string]string `yaml:"attributes" help:"values for attributes that a category asks for and the product lacks, for example Xuất xứ: Việt Nam"`
	Brands          map[string]string `yaml:"brands" help:"our brand to the platform's brand number; other brands are looked up by name, and left out when there is none"`
	SendGTIN        bool              `yaml:"send_gtin" help:"send GTINs with new products; the platform lets nobody correct them afterwards"`
	COD             string            `yaml:"cod" enum:"category,off" help:"cash on delivery for new products: where the category allows it, or off"`
	WarehouseID     string            `yaml:"warehouse_id" help:"warehouse that holds the stock; empty = the shop's default one"`

	Handover           string `yaml:"handover" enum:"drop_off,pickup" help:"how parcels go to the carrier where both are offered"`
	RejectReason       string `yaml:"reject_reason" help:"reason that a buyer is told whose wish to cancel is refused, one of TikTok Shop's keys; empty = none"`
	ShippingProviderID string `yaml:"shipping_provider_id" help:"carrier of parcels that the seller ships, when a shipment's carrier is none of the platform's"`

	PromotionTitle string        `yaml:"promotion_title" help:"how the titles of the promotions begin that hold our sale prices; others are left alone"`
	PromotionLead  time.Duration `yaml:"promotion_lead" help:"how far ahead a new promotion begins; the platform wants a time to come"`
	PromotionDays  int           `yaml:"promotion_days" help:"how long a promotion lasts; after that the next one is made"`
}

// Validate checks what tags cannot say.
func (o *Options) Validate() error {
	var problems []error
	bad := func(format string, arguments ...any) { problems = append(problems, fmt.Errorf(format, arguments...)) }
	for key, text := range map[string]string{"api_url": o.APIURL, "token_url": o.TokenURL, "authorize_url": o.AuthorizeURL} {
		if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" {
			bad("%s: want an address such as https://open-api.tiktokglobalshop.com", key)
		}
	}
	for key, text := range map[string]string{"shop_id": o.ShopID, "service_id": o.ServiceID, "warehouse_id": o.WarehouseID, "shipping_provider_id": o.ShippingProviderID} {
		if text != "" && !isID(catalog.ExternalID(text)) {
			bad("%s: want digits only, in quotation marks", key)
		}
	}
	within := func(key string, value, low, high int) {
		if value < low || value > high {
			bad("%s: %d is not within %d to %d", key, value, low, high)
		}
	}
	within("concurrency", o.Concurrency, 1, 16)
	within("page_size", o.PageSize, 1, maxPage)
	within("promotion_days", o.PromotionDays, 1, 365)
	if !(o.PerSecond > 0) || o.PerSecond > 10000 {
		bad("per_second: want a number above 0")
	}
	if o.Timeout < time.Second {
		bad("timeout: %s is below 1s", o.Timeout)
	}
	if o.PromotionLead < time.Second || o.PromotionLead > 48*time.Hour {
		bad("promotion_lead: %s is not within 1s to 48h", o.PromotionLead)
	}
	// A title has 50 characters at most; a number follows ours.
	if n := len([]rune(o.PromotionTitle)); strings.TrimSpace(o.PromotionTitle) == "" || n > 30 {
		bad("promotion_title: want 1 to 30 characters")
	}
	return errors.Join(problems...)
}

// currency of the only market this package is for.
const currency = "VND"

// shop is an open account. It is immutable but for what it learned.
type shop struct {
	env     connectors.Env
	options *Options
	client  *connectors.Client
	skew    atomic.Int64 // how far the platform's clock is ahead of ours, in nanoseconds

	mutex     sync.Mutex
	schemas   map[string]schema // by category
	brands    map[string]string // number by name, "" = the platform has none
	warehouse string            // "" = not asked yet
	hiding    sync.Mutex        // held while the marks of hidden products change
	untold    sync.Once         // that returns cannot be read
}

func open(env connectors.Env, options *Options) (connectors.Connector, error) {
	for _, address := range []*string{&options.APIURL, &options.TokenURL, &options.AuthorizeURL} {
		*address = strings.TrimRight(*address, "/")
	}
	s := &shop{env: env, options: options, schemas: map[string]schema{}, brands: map[string]string{}, warehouse: options.WarehouseID}
	s.client = env.Client(connectors.Protocol{
		BaseURL:     options.APIURL,
		AuthURL:     options.TokenURL,
		PerSecond:   options.PerSecond,
		Burst:       max(1, options.PerSecond),
		Reserve:     0.25,
		Concurrency: options.Concurrency,
		Timeout:     options.Timeout,
		Sign:        s.sign,
		Classify:    s.classify,
		Refresh:     s.refresh,
	})
	return s, nil
}

var (
	_ connectors.Publisher       = (*shop)(nil)
	_ connectors.Stopper         = (*shop)(nil)
	_ connectors.Deleter         = (*shop)(nil)
	_ connectors.PriceUpdater    = (*shop)(nil)
	_ connectors.StockUpdater    = (*shop)(nil)
	_ connectors.SKUFinder       = (*shop)(nil)
	_ connectors.ListingReader   = (*shop)(nil)
	_ connectors.OrderReader     = (*shop)(nil)
	_ connectors.Shipper         = (*shop)(nil)
	_ connectors.CategoryBrowser = (*shop)(nil)
	_ connectors.Auditor         = (*shop)(nil)
	_ connectors.HookReceiver    = (*shop)(nil)
	_ connectors.Authorizer      = (*shop)(nil)
)

// authorizedShop is a row of the list of shops that a token is good for.
type authorizedShop struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Region string `json:"region"`
	Cipher string `json:"cipher"`
}

type shopList struct {
	Shops []authorizedShop `json:"shops"`
}

// Check proves that key and token work, and that the token is still good for
// the shop that was connected.
func (s *shop) Check(ctx context.Context) (connectors.Account, error) {
	list, err := call[shopList](ctx, s, connectors.Call{Op: "check", Path: pathShops})
	if err != nil {
		return connectors.Account{}, err
	}
	token, err := s.env.Tokens.Token(ctx)
	if err != nil {
		return connectors.Account{}, fmt.Errorf("read the stored token: %w", err)
	}
	for _, row := range list.Shops {
		if row.ID == token.Account {
			return s.account(row)
		}
	}
	return connectors.Account{}, s.reauthorize("check", "wrong_shop", "the authorization is not for the shop that was connected")
}

func (s *shop) account(row authorizedShop) (connectors.Account, error) {
	if row.Region != "VN" {
		return connectors.Account{}, &connectors.Error{
			Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "check", Code: "region",
			Err:  fmt.Errorf("the shop is in region %q, only VN is supported", clip(row.Region, 8)),
			Hint: "connect a Vietnamese shop",
		}
	}
	return connectors.Account{ID: row.ID, Name: row.Name, Currency: currency, Version: "202309"}, nil
}
