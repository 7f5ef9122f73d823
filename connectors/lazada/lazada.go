// Package lazada connects a seller's shop on Lazada through the Lazada Open
// Platform.
//
// A listing is a product there, its ExternalID the item's number; a variant's
// ExternalID is the number of its SKU. Our SKU is the seller SKU, which is
// unique in a shop, so that a create whose answer was lost is found again.
//
// Facts about the platform in this package are from its API reference and
// guides as of 2026-04, and from what other clients do, read 2026-11. What the
// sources leave open is an option with a cautious default.
package lazada

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/chophien/chophien/connectors"
)

// Type is the platform.
var Type = connectors.Define(connectors.Info{
	Name:     "lazada",
	Title:    "Lazada",
	Docs:     "https://open.lazada.com/apps/doc/api",
	Pictures: pictureLimits,
	Batch:    connectors.Batch{Publish: 1, Prices: mostRows, Stock: mostRows},
	// Not documented; lists of orders are said to lag by minutes at busy times.
	Overlap:   10 * time.Minute,
	Precision: time.Second,
}, Options{
	Country:      "vn",
	PerSecond:    5,
	BatchSize:    mostRows,
	PageSize:     mostProducts,
	Concurrency:  2,
	Timeout:      time.Minute,
	TitleLimit:   "bytes",
	DefaultBrand: "No Brand",
	BrandAs:      "name",
	UTCOffset:    7,
	SaleDays:     365,
}, open)

const (
	mostRows     = 50 // SKUs of one call of prices or stock (4171)
	mostProducts = 50 // of one page (19)
	listCost     = 5  // calls' worth of a page of products, which are limited harder
)

// Options of a channel.
type Options struct {
	Country      string            `yaml:"country" enum:"vn,sg,th,my,ph,id" help:"country of the shop; gives the address of the API and the currency"`
	AppKey       string            `yaml:"app_key" required:"true" help:"key of the app, from the Lazada Open Platform console"`
	AppSecret    connectors.Secret `yaml:"app_secret" required:"true" help:"secret of the app; calls and pushes are signed with it"`
	APIURL       string            `yaml:"api_url" help:"address of the API; empty = that of the country, for example https://api.lazada.vn/rest"`
	AuthURL      string            `yaml:"auth_url" help:"address that gives tokens; empty = https://auth.lazada.com"`
	PerSecond    float64           `yaml:"per_second" help:"calls per second; Lazada does not publish its limits, 5 is what others get by with"`
	BatchSize    int               `yaml:"batch_size" help:"SKUs per call of prices or stock, 1 to 50; Lazada advises 20 where calls time out"`
	PageSize     int               `yaml:"page_size" help:"products per page, 1 to 50; lower it for shops with many variants"`
	Concurrency  int               `yaml:"concurrency" help:"calls at once, 1 to 8"`
	Timeout      time.Duration     `yaml:"timeout" help:"longest wait for an answer"`
	TitleLimit   string            `yaml:"title_limit" enum:"bytes,characters" help:"how the 255 of a product's name are counted; Lazada's guide says characters, its error 4160 bytes"`
	AllowQuotes  bool              `yaml:"allow_quotes" help:"let the double quote pass in names; sources differ on whether Lazada refuses it (4129)"`
	DefaultBrand string            `yaml:"default_brand" help:"brand of products whose brand is not in brands, as a name or number of Lazada; LazMall refuses No Brand"`
	Brands       map[string]string `yaml:"brands" help:"our brand to Lazada's, as a name or number"`
	BrandAs      string            `yaml:"brand_as" enum:"name,number" help:"how brands are sent; Lazada prefers the number, for which all its brands are looked through once for each of ours"`
	Attributes   map[string]string `yaml:"attributes" help:"attributes of every product that has none of its own, for example warranty_type: No Warranty"`
	Package      Package           `yaml:"package" help:"parcel of variants whose measures are not known; without it they are refused"`
	UTCOffset    int               `yaml:"utc_offset" help:"hours from UTC in which Lazada reads the dates of a sale; assumed to be the country's"`
	SaleDays     int               `yaml:"sale_days" help:"how long a sale price is set for; Lazada wants an end, and it is set anew when it comes"`
}

// Package is a parcel.
type Package struct {
	Weight int64 `yaml:"weight_g" help:"weight in grams; 0 = none"`
	Length int64 `yaml:"length_mm" help:"length in millimeters"`
	Width  int64 `yaml:"width_mm" help:"width in millimeters"`
	Height int64 `yaml:"height_mm" help:"height in millimeters"`
}

// Validate checks what tags cannot say.
func (o *Options) Validate() error {
	var problems []error
	bad := func(format string, arguments ...any) { problems = append(problems, fmt.Errorf(format, arguments...)) }
	within := func(name string, n, least, most int) {
		if n < least || n > most {
			bad("%s: %d is not within %d to %d", name, n, least, most)
		}
	}
	for name, text := range map[string]string{"api_url": o.APIURL, "auth_url": o.AuthURL} {
		if u, err := url.Parse(text); text != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "") {
			bad("%s: want an address such as https://api.lazada.vn/rest", name)
		}
	}
	if o.PerSecond <= 0 {
		bad("per_second: %g is not above 0", o.PerSecond)
	}
	within("batch_size", o.BatchSize, 1, mostRows)
	within("page_size", o.PageSize, 1, mostProducts)
	within("concurrency", o.Concurrency, 1, 8)
	within("utc_offset", o.UTCOffset, -12, 14)
	within("sale_days", o.SaleDays, 1, 3650)
	if o.Timeout < time.Second {
		bad("timeout: %s is below 1s", o.Timeout)
	}
	if p := o.Package; p.Weight < 0 || p.Length < 0 || p.Width < 0 || p.Height < 0 {
		bad("package: a measure is negative")
	}
	return errors.Join(problems...)
}

// countries are where Lazada sells.
var countries = map[string]struct{ api, currency, language string }{
	"vn": {"https://api.lazada.vn/rest", "VND", "vi_VN"},
	"sg": {"https://api.lazada.sg/rest", "SGD", "en_US"},
	"th": {"https://api.lazada.co.th/rest", "THB", "en_US"},
	"my": {"https://api.lazada.com.my/rest", "MYR", "en_US"},
	"ph": {"https://api.lazada.com.ph/rest", "PHP", "en_US"},
	"id": {"https://api.lazada.co.id/rest", "IDR", "en_US"},
}

// shop is an open account. It is immutable but for what it learned.
type shop struct {
	env      connectors.Env
	options  *Options
	client   *connectors.Client
	currency string
	language string
	zone     *time.Location

	mutex   sync.Mutex
	schemas map[string]schema // attributes by category
}

func open(env connectors.Env, options *Options) (connectors.Connector, error) {
	country, ok := countries[options.Country]
	if !ok {
		return nil, fmt.Errorf("country %q is not known", options.Country)
	}
	api := strings.TrimRight(firstOf(options.APIURL, country.api), "/")
	options.AuthURL = strings.TrimRight(firstOf(options.AuthURL, "https://auth.lazada.com"), "/")
	s := &shop{
		env: env, options: options, currency: country.currency, language: country.language,
		zone:    time.FixedZone("", options.UTCOffset*3600),
		schemas: map[string]schema{},
	}
	s.client = env.Client(connectors.Protocol{
		BaseURL:     api,
		AuthURL:     options.AuthURL,
		PerSecond:   options.PerSecond,
		Burst:       max(1, options.PerSecond/2),
		Reserve:     0.3,
		Concurrency: options.Concurrency,
		Timeout:     options.Timeout,
		Sign:        s.signer(api),
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

// Check reads who the seller is.
// https://open.lazada.com/apps/doc/api?path=%2Fseller%2Fget, read 2026-04.
func (s *shop) Check(ctx context.Context) (connectors.Account, error) {
	var out answer[struct {
		SellerID  text `json:"seller_id"`
		Name      text `json:"name"`
		ShortCode text `json:"short_code"`
		Status    text `json:"status"`
	}]
	if err := s.get(ctx, connectors.Call{Op: "seller.get", Path: "/seller/get", Out: &out}); err != nil {
		return connectors.Account{}, err
	}
	seller := out.Data.value
	if seller.SellerID == "" {
		return connectors.Account{}, s.fail("seller.get", connectors.Unclear, "no_seller", "the answer names no seller")
	}
	return connectors.Account{ID: string(seller.SellerID), Name: firstOf(string(seller.Name), string(seller.ShortCode), string(seller.SellerID)), Currency: s.currency}, nil
}

// fail makes an error of ours.
func (s *shop) fail(op string, kind connectors.Kind, code, format string, arguments ...any) *connectors.Error {
	return &connectors.Error{Kind: kind, Channel: string(s.env.Channel), Op: op, Code: code, Err: fmt.Errorf(format, arguments...)}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// clip shortens a text that goes into an error.
func clip(text string) string {
	const most = 300
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
