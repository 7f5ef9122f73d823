// Package woocommerce connects a WooCommerce shop through its REST API v3.
//
// A listing is a product of the shop, its ExternalID the product's number. A
// variant's ExternalID is the product's number for a simple product and
// "product/variation" for a variation. A simple product carries the variant's
// SKU; the parent of variations carries one of its own ([parentSKU]), because
// a parent whose variations were not made before a crash could not be found
// otherwise: the API looks up SKUs, but not meta data.
//
// Facts about the platform in this package were checked on WooCommerce 9.9.5
// with WordPress 6.8 (2026-11) unless a comment says otherwise.
package woocommerce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Type is the platform.
var Type = connectors.Define(connectors.Info{
	Name:  "woocommerce",
	Title: "WooCommerce",
	Docs:  "https://woocommerce.github.io/woocommerce-rest-api-docs/",
	Batch: connectors.Batch{Publish: maxBatch, Prices: maxBatch, Stock: maxBatch},
	// A request that writes an order may run for a minute (PHP's usual limit)
	// after the time that the order carries.
	Overlap:   2 * time.Minute,
	Precision: time.Second,
}, Options{
	Auth:          "auto",
	BatchSize:     maxBatch,
	Concurrency:   2,
	Timeout:       time.Minute,
	WeightUnit:    "kg",
	DimensionUnit: "cm",
}, open)

// maxBatch is the most items of one batch request; 101 are refused with 413.
const maxBatch = 100

// Options of a channel.
type Options struct {
	URL            string            `yaml:"url" required:"true" help:"address of the shop, as in its browser, for example https://shop.example.vn"`
	ConsumerKey    connectors.Secret `yaml:"consumer_key" required:"true" help:"key (ck_...) with read and write permission, from WooCommerce > Settings > Advanced > REST API"`
	ConsumerSecret connectors.Secret `yaml:"consumer_secret" required:"true" help:"secret (cs_...), shown once when the key is made"`
	WebhookSecret  connectors.Secret `yaml:"webhook_secret" help:"any long random text; webhooks are signed with it (header X-WC-Webhook-Signature) and are off without it"`
	Auth           string            `yaml:"auth" enum:"auto,basic,oauth1,query" help:"how requests are signed: basic (HTTPS), oauth1 (HTTP, where WooCommerce ignores the others), query (HTTPS, for hosts that drop the Authorization header); auto = by the address"`
	BatchSize      int               `yaml:"batch_size" help:"items per batch request, 1 to 100 (WooCommerce refuses more); lower it when the host stops PHP after 30 s"`
	Concurrency    int               `yaml:"concurrency" help:"requests at once, 1 to 16; WooCommerce has no limit of its own, 2 is polite to a small host"`
	Timeout        time.Duration     `yaml:"timeout" help:"longest wait for an answer; the shop fetches new pictures during the request, so 30 s or more"`
	Currency       string            `yaml:"currency" help:"currency of the shop, only where its system status (GET /system_status) is closed to the key"`
	WeightUnit     string            `yaml:"weight_unit" enum:"kg,g" help:"unit of weights in the shop, from WooCommerce > Settings > Products"`
	DimensionUnit  string            `yaml:"dimension_unit" enum:"m,cm,mm" help:"unit of dimensions in the shop, from WooCommerce > Settings > Products"`
}

// Validate checks what tags cannot say.
func (o *Options) Validate() error {
	var problems []error
	bad := func(format string, arguments ...any) { problems = append(problems, fmt.Errorf(format, arguments...)) }
	if o.URL != "" {
		switch u, err := url.Parse(o.URL); {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			bad("url: want an address such as https://shop.example.vn")
		case u.User != nil || u.RawQuery != "" || u.Fragment != "":
			bad("url: want the address alone, without user, query and #")
		case u.Scheme == "http" && (o.Auth == "basic" || o.Auth == "query"):
			bad("auth: WooCommerce ignores %s over http; use https, or auth: oauth1", o.Auth)
		}
	}
	if o.BatchSize < 1 || o.BatchSize > maxBatch {
		bad("batch_size: %d is not within 1 to %d", o.BatchSize, maxBatch)
	}
	if o.Concurrency < 1 || o.Concurrency > 16 {
		bad("concurrency: %d is not within 1 to 16", o.Concurrency)
	}
	if o.Timeout < time.Second {
		bad("timeout: %s is below 1s", o.Timeout)
	}
	if _, known := catalog.Exponent(o.Currency); o.Currency != "" && !known {
		bad("currency: %q is not known here; want an ISO 4217 code such as VND", o.Currency)
	}
	return errors.Join(problems...)
}

// shop is an open account. It is immutable but for what it learned.
type shop struct {
	env     connectors.Env
	options *Options
	client  *connectors.Client
	// batch is the present batch size: it starts at the option and is halved
	// when the shop did not manage a batch in time.
	batch atomic.Int64

	mutex    sync.Mutex
	currency string // "" = not asked yet
}

func open(env connectors.Env, options *Options) (connectors.Connector, error) {
	options.URL = strings.TrimRight(options.URL, "/")
	s := &shop{env: env, options: options, currency: options.Currency}
	s.batch.Store(int64(options.BatchSize))
	s.client = env.Client(connectors.Protocol{
		BaseURL:     options.URL,
		Concurrency: options.Concurrency,
		Timeout:     options.Timeout,
		Sign:        signer(options),
		Classify:    classify,
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
)

// siteIndex is GET /wp-json/, open to everybody on most sites.
type siteIndex struct {
	Name       string   `json:"name"`
	URL        string   `json:"url"`
	Home       string   `json:"home"`
	Namespaces []string `json:"namespaces"`
}

// systemStatus is GET /system_status as far as it is asked for.
type systemStatus struct {
	Environment struct {
		HomeURL string `json:"home_url"`
		Version string `json:"version"`
	} `json:"environment"`
	Settings struct {
		Currency string `json:"currency"`
	} `json:"settings"`
}

// Check proves that this is WooCommerce and that it takes the key.
func (s *shop) Check(ctx context.Context) (connectors.Account, error) {
	index, err := s.index(ctx)
	if err != nil {
		return connectors.Account{}, err
	}
	status, err := s.status(ctx)
	if e, ok := errors.AsType[*connectors.Error](err); ok && e.Status == http.StatusForbidden {
		// The key's user may lack the right to see the system status, which
		// no other call needs.
		var products []product
		_, err = s.do(ctx, connectors.Call{
			Op: "check", Path: api + "products", Query: url.Values{"per_page": {"1"}, "_fields": {"id"}}, Out: &products,
		})
	}
	if err != nil {
		return connectors.Account{}, s.explain(err)
	}
	home := firstOf(index.Home, index.URL, status.Environment.HomeURL, s.options.URL)
	return connectors.Account{
		ID:       accountID(home),
		Name:     plainText(firstOf(index.Name, accountID(home))),
		URL:      home,
		Currency: firstOf(s.options.Currency, status.Settings.Currency),
		Version:  status.Environment.Version,
	}, nil
}

// index reads what the site says about itself, and tells a person what stands
// in the way of the API when it does not.
func (s *shop) index(ctx context.Context) (siteIndex, error) {
	var index siteIndex
	response, err := s.do(ctx, connectors.Call{Op: "check", Path: "/wp-json/", Unsigned: true, Out: &index})
	switch e, _ := errors.AsType[*connectors.Error](err); {
	case err == nil && !slices.Contains(index.Namespaces, "wc/v3"):
		return index, &connectors.Error{
			Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "check", Code: "no_woocommerce",
			Err:  errors.New("this WordPress has no WooCommerce API"),
			Hint: "activate the WooCommerce plugin, version 3.5 or newer",
		}
	case err == nil:
		return index, nil
	case e != nil && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden) && e.Code != codeBlocked:
		// Some sites close the index to strangers; the key may do all the same.
		return siteIndex{}, nil
	case e != nil && (e.Code == codeNoAPI || e.Status == http.StatusOK && bytes.HasPrefix(bytes.TrimSpace(response.Body), []byte("<"))):
	default:
		return index, err
	}
	// With plain permalinks /wp-json/ is a page of the theme, but the index
	// answers at its other address.
	failure := &connectors.Error{
		Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "check", Code: "not_wordpress",
		Err:  errors.New("no WordPress answers at this address"),
		Hint: "set url to the address of the shop, with the folder if it has one",
	}
	if _, err := s.do(ctx, connectors.Call{
		Op: "check", Path: "/", Query: url.Values{"rest_route": {"/"}}, Unsigned: true, Out: &index,
	}); err == nil && len(index.Namespaces) > 0 {
		failure.Code = "plain_permalinks"
		failure.Err = errors.New("the site uses plain permalinks, with which WooCommerce ignores keys")
		failure.Hint = "in WordPress, Settings > Permalinks, choose any form but Plain"
	}
	return index, failure
}

// status reads the shop's settings.
func (s *shop) status(ctx context.Context) (status systemStatus, err error) {
	_, err = s.do(ctx, connectors.Call{
		Op: "system_status", Path: api + "system_status", Query: url.Values{"_fields": {"environment,settings"}}, Out: &status,
	})
	return status, err
}

// money returns the shop's currency. It is asked until it is known; two calls
// at once may both ask.
func (s *shop) money(ctx context.Context) (string, error) {
	s.mutex.Lock()
	currency := s.currency
	s.mutex.Unlock()
	if currency != "" {
		return currency, nil
	}
	status, err := s.status(ctx)
	if err != nil {
		return "", fmt.Errorf("read the shop's currency (or set the option currency): %w", err)
	}
	currency = status.Settings.Currency
	if _, known := catalog.Exponent(currency); !known {
		return "", &connectors.Error{
			Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "system_status", Code: "currency",
			Err: fmt.Errorf("the shop's currency is %q, which is not known here", clip(currency)),
		}
	}
	s.mutex.Lock()
	s.currency = currency
	s.mutex.Unlock()
	return currency, nil
}

// explain adds what a person can do about a key that was refused. A right key
// is ignored, as if none was sent, over the wrong scheme or when the web server
// drops the header, so the answer alone does not tell these cases apart.
func (s *shop) explain(err error) error {
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok || e.Kind != connectors.Auth || e.Code != codeCannotView {
		return err
	}
	explained := *e
	switch method(s.options) {
	case "basic":
		explained.Hint = "check consumer_key; if it is right, the web server drops the Authorization header: set auth: query, or let it pass the header on"
	case "query":
		explained.Hint = "check consumer_key; if it is right, a proxy makes https look like http to WordPress: set X-Forwarded-Proto there"
	default:
		explained.Hint = "check consumer_key; if the shop also has https, use that in url"
	}
	return &explained
}

// accountID identifies a shop by its home address. The scheme is left out: a
// shop that moves to https stays the same shop.
func accountID(home string) string {
	u, err := url.Parse(strings.TrimSpace(home))
	if err != nil || u.Host == "" {
		return strings.TrimRight(home, "/")
	}
	return strings.ToLower(u.Host) + strings.TrimRight(u.Path, "/")
}
