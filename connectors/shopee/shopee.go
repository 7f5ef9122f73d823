// Package shopee connects a shop in Vietnam to Shopee through the Open Platform
// API v2.
//
// A listing is an item of the shop, its ExternalID the item's number. A
// variant's ExternalID is the item's number for a simple item and "item/model"
// for a variation. A simple item carries the variant's SKU as item_sku, a model
// its own as model_sku; an item whose models are still to be made carries the
// first variant's, by which it is found again after a crash.
//
// Facts about the platform in this package are from its documents and guides
// (https://open.shopee.com/documents, read 2026-11) unless a comment says
// otherwise. Where sources differ there is an option with a cautious default.
package shopee

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chophien/chophien/connectors"
)

// Type is the platform.
var Type = connectors.Define(connectors.Info{
	Name:     "shopee",
	Title:    "Shopee",
	Docs:     "https://open.shopee.com/documents",
	Pictures: pictureLimits,
	// A call of prices or stock is for one item with all its models.
	Batch: connectors.Batch{Publish: 1, Prices: 1, Stock: 1},
	// How late an order may show under its time of change is not documented.
	Overlap: 5 * time.Minute,
	// There is no idempotency key, and lists may lag behind writes.
	Settle:    5 * time.Minute,
	Precision: time.Second,
}, defaults, open)

var defaults = Options{
	BaseURL:        "https://partner.shopeemobile.com",
	AuthURL:        "https://open.shopee.com/auth",
	AuthLink:       "signed",
	PerSecond:      8,
	Concurrency:    4,
	Timeout:        time.Minute,
	PageSize:       100,
	VariantDelay:   5 * time.Second,
	Language:       "vi",
	ShipBy:         "pickup",
	TitleMax:       120,
	DescriptionMax: 3000,
	DiscountName:   "Chợ Phiên",
	DiscountLead:   time.Hour,
	PriceSpread:    5,
}

// Options of a channel.
type Options struct {
	PartnerID   int64             `yaml:"partner_id" required:"true" help:"number of the app, from open.shopee.com > App List"`
	PartnerKey  connectors.Secret `yaml:"partner_key" required:"true" help:"key of the app (shpk...), from the same page; test and live apps have different ones"`
	PushKey     connectors.Secret `yaml:"push_key" help:"key that signs pushes (Live Push Partner Key), where the console shows one; without it the partner key is used"`
	ShopID      int64             `yaml:"shop_id" help:"number of the shop; only needed when a main account with several shops authorises the app"`
	BaseURL     string            `yaml:"base_url" help:"address of the API; https://openplatform.sandbox.test-stable.shopee.sg for the sandbox"`
	AuthURL     string            `yaml:"auth_url" help:"address of the authorisation page when auth_link is open"`
	AuthLink    string            `yaml:"auth_link" enum:"signed,open" help:"form of the authorisation link: signed (classic, valid for 5 minutes) or open (newer)"`
	PerSecond   float64           `yaml:"per_second" help:"calls per second; Shopee publishes no limit, 5 to 10 per shop are said to be safe"`
	Concurrency int               `yaml:"concurrency" help:"calls at once, 1 to 16"`
	Timeout     time.Duration     `yaml:"timeout" help:"longest wait for an answer"`
	PageSize    int               `yaml:"page_size" help:"rows per page of items and orders, 1 to 100 (Shopee refuses more)"`

	LocationID     string            `yaml:"location_id" help:"location of the stock, only for shops with warehouses (shop/get_warehouse_detail); other shops must leave it out"`
	Logistics      []int64           `yaml:"logistics" help:"numbers of the logistics channels that items use; empty = all that the shop has enabled and that need no choice of size or fee"`
	ShipBy         string            `yaml:"ship_by" enum:"pickup,dropoff" help:"how parcels are handed over where the carrier offers both"`
	Brands         map[string]int64  `yaml:"brands" help:"our brand to Shopee's brand_id, where the name alone does not find it among the brands of the category; brands that are not registered are sent as No Brand"`
	Attributes     map[string]string `yaml:"attributes" help:"values for attributes that a category asks for and the product lacks, for example Xuất xứ: Việt Nam"`
	SendGTIN       bool              `yaml:"send_gtin" help:"send GTINs; Shopee documents them for a few markets only"`
	TitleMax       int               `yaml:"title_max" help:"longest title in characters where the category tells none"`
	DescriptionMax int               `yaml:"description_max" help:"longest description in characters where the category tells none"`
	PriceSpread    int64             `yaml:"price_spread" help:"how many times the lowest price the highest of one product may be before a warning; 0 = any"`
	Language       string            `yaml:"language" enum:"vi,en" help:"language of categories and attributes"`

	VariantDelay    time.Duration `yaml:"variant_delay" help:"wait between creating an item and its variations; Shopee's guide asks for 5s"`
	DiscountName    string        `yaml:"discount_name" help:"name of the discount promotion that holds our sale prices; promotions of other names are left alone"`
	DiscountLead    time.Duration `yaml:"discount_lead" help:"how long ahead a new discount promotion must start; Shopee documents 1h"`
	ReplaceCallback bool          `yaml:"replace_callback" help:"take over the app's one push address even if it points elsewhere"`
}

// Validate checks what tags cannot say.
func (o *Options) Validate() error {
	var problems []error
	bad := func(format string, arguments ...any) { problems = append(problems, fmt.Errorf(format, arguments...)) }
	for key, text := range map[string]string{"base_url": o.BaseURL, "auth_url": o.AuthURL} {
		if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" {
			bad("%s: want an address such as https://partner.shopeemobile.com", key)
		}
	}
	within := func(key string, value, low, high int64) {
		if value < low || value > high {
			bad("%s: %d is not within %d to %d", key, value, low, high)
		}
	}
	within("partner_id", o.PartnerID, 1, 1<<40)
	within("shop_id", o.ShopID, 0, 1<<40)
	within("concurrency", int64(o.Concurrency), 1, 16)
	within("page_size", int64(o.PageSize), 1, maxPage)
	within("title_max", int64(o.TitleMax), 20, 500)
	within("description_max", int64(o.DescriptionMax), 100, 50000)
	within("price_spread", o.PriceSpread, 0, 1000)
	if !(o.PerSecond > 0) || o.PerSecond > 10000 {
		bad("per_second: want a number above 0")
	}
	if o.Timeout < time.Second {
		bad("timeout: %s is below 1s", o.Timeout)
	}
	if o.VariantDelay < 0 || o.VariantDelay > time.Minute {
		bad("variant_delay: %s is not within 0s to 1m", o.VariantDelay)
	}
	if o.DiscountLead < 0 || o.DiscountLead > 48*time.Hour {
		bad("discount_lead: %s is not within 0s to 48h", o.DiscountLead)
	}
	if strings.TrimSpace(o.DiscountName) == "" {
		bad("discount_name: must not be empty")
	}
	return errors.Join(problems...)
}

// The platform's limits of one call.
const (
	maxPage   = 100 // rows of a list
	maxIDs    = 50  // items, orders or discount rows
	maxModels = 50  // models of an item, rows of prices and stock
)

// currency of the only market this package is for.
const currency = "VND"

// shop is an open account. It is immutable but for what it learned.
type shop struct {
	env     connectors.Env
	options *Options
	client  *connectors.Client
	index   index

	brandMutex sync.Mutex
	brands     map[int64]*brandList // by category

	mutex      sync.Mutex
	schemas    map[int64]schema // by category
	channels   []channel        // of logistics
	channelsAt time.Time
}

func open(env connectors.Env, options *Options) (connectors.Connector, error) {
	options.BaseURL = strings.TrimRight(options.BaseURL, "/")
	s := &shop{env: env, options: options, schemas: map[int64]schema{}, brands: map[int64]*brandList{}}
	s.client = env.Client(connectors.Protocol{
		BaseURL:   options.BaseURL,
		PerSecond: options.PerSecond,
		// Little at once: how the platform counts a second is not documented.
		Burst:       max(1, options.PerSecond/4),
		Reserve:     0.25,
		Concurrency: options.Concurrency,
		Timeout:     options.Timeout,
		Sign:        s.sign,
		Classify:    classify,
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

// shopInfo is GET shop/get_shop_info, which has no response around it.
type shopInfo struct {
	Name    string `json:"shop_name"`
	Region  string `json:"region"`
	Status  string `json:"status"`
	Expires int64  `json:"expire_time"`
}

// Check proves that key and token work. The shop's number is part of every
// signed call, so an answer proves it, too.
func (s *shop) Check(ctx context.Context) (connectors.Account, error) {
	var info shopInfo
	if err := s.do(ctx, connectors.Call{Op: "check", Path: api + "shop/get_shop_info", Out: &info}); err != nil {
		return connectors.Account{}, err
	}
	token, err := s.env.Tokens.Token(ctx)
	if err != nil {
		return connectors.Account{}, fmt.Errorf("read the stored token: %w", err)
	}
	return s.account(token.Account, info)
}

func (s *shop) account(id string, info shopInfo) (connectors.Account, error) {
	if info.Region != "VN" {
		return connectors.Account{}, &connectors.Error{
			Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "check", Code: "region",
			Err:  fmt.Errorf("the shop is in region %q, only VN is supported", clip(info.Region, 8)),
			Hint: "connect a Vietnamese shop",
		}
	}
	if info.Status == "BANNED" || info.Status == "FROZEN" {
		return connectors.Account{}, &connectors.Error{
			Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "check", Code: "shop_" + strings.ToLower(info.Status),
			Err:  fmt.Errorf("the shop was set to %s by Shopee", info.Status),
			Hint: "see the messages in Seller Centre",
		}
	}
	return connectors.Account{ID: id, Name: info.Name, URL: "https://shopee.vn/shop/" + id, Currency: currency, Version: "v2"}, nil
}

// itemURL is where buyers see an item.
func itemURL(shopID string, item int64) string {
	if shopID == "" {
		return ""
	}
	return "https://shopee.vn/product/" + shopID + "/" + strconv.FormatInt(item, 10)
}

// parallel runs f for 0 to n-1, a few at a time.
func (s *shop) parallel(n int, f func(i int) error) []error {
	return connectors.Parallel(n, s.options.Concurrency, hopeless, f)
}

// hopeless tells that the error concerns the account as a whole, so that the
// next call would fail likewise.
func hopeless(err error) bool {
	switch connectors.KindOf(err) {
	case connectors.Auth, connectors.RateLimited, connectors.Canceled:
		return true
	}
	return false
}

func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
