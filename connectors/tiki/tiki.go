// Package tiki connects a Tiki shop through the Tiki Open API.
//
// Tiki sells products of one SKU each: an offer with options becomes one Tiki
// product per variant below a configurable one. A listing's ExternalID is the
// number of the configurable product, or of the simple one when there is none;
// a variant's is the number of its own product.
//
// A new product is a request that people review for hours. Until it is decided
// the listing is named by what Tiki gave for it: "track:" with the track ID, or
// "request:" with the request's number.
//
// Facts about the platform are from open.tiki.vn and from public integrations
// that hold real answers, read 2026-11. Where no source tells, an option does.
package tiki

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// batchSize is how many items we put into one updateSkus. Tiki does not tell
// its limit; with 50 a batch can be read back as one page.
const batchSize = 50

// Type is the platform.
var Type = connectors.Define(connectors.Info{
	Name:     "tiki",
	Title:    "Tiki",
	Docs:     "https://open.tiki.vn/docs/docs/current/getting-started/",
	Pictures: pictureLimits,
	Batch:    connectors.Batch{Publish: 1, Prices: batchSize, Stock: batchSize},
	Overlap:  10 * time.Minute,
	// A request whose answer was lost is listed once it has a number, which
	// takes minutes. A second one would be refused, but only in its review.
	Settle:    5 * time.Minute,
	Precision: time.Second,
}, Options{
	AppType:     "public",
	TokenAuth:   "basic",
	Scope:       "offline product order inventory",
	APIURL:      "https://api.tiki.vn/integration",
	AuthURL:     "https://api.tiki.vn/sc/oauth2",
	Texts:       "attributes",
	ListPrice:   "review",
	MinCode:     "none",
	BatchSize:   batchSize,
	Concurrency: 4,
	PerSecond:   180,
	Timeout:     30 * time.Second,
}, open)

// Options of a channel.
type Options struct {
	ClientID     string            `yaml:"client_id" required:"true" help:"app ID, from open.tiki.vn > Apps"`
	ClientSecret connectors.Secret `yaml:"client_secret" required:"true" help:"secret of the app, shown beside its ID"`
	AppType      string            `yaml:"app_type" enum:"public,in_house" help:"in_house for an app that belongs to this one shop and was linked to it on open.tiki.vn; public for one that sellers agree to in a browser"`
	TokenAuth    string            `yaml:"token_auth" enum:"basic,post" help:"token endpoint auth method of the app on open.tiki.vn; the other one is refused as if the secret was wrong"`
	Scope        string            `yaml:"scope" help:"what the app asks for; without offline the shop has to be connected again every hour"`
	APIURL       string            `yaml:"api_url" help:"address of the API without the version"`
	AuthURL      string            `yaml:"auth_url" help:"address of OAuth; /auth and /token lie below it"`

	Warehouse     int64             `yaml:"warehouse" help:"number of the seller's warehouse that stock is kept in; 0 = the first active pickup warehouse"`
	InventoryType string            `yaml:"inventory_type" enum:"dropship,instock,backorder,seller_backorder,cross_border" help:"operation model of new products; empty = the first one that the seller is registered for"`
	Inventory     int64             `yaml:"inventory" help:"number of the seller inventory where orders are picked up; 0 = the first one that Tiki offers"`
	Attributes    map[string]string `yaml:"attributes" help:"values, by attribute code, of products that have none of their own, for example brand_country: Việt Nam; bulky and is_warranty_applied are 0 otherwise"`
	OptionLabels  map[string]string `yaml:"option_labels" help:"our option to Tiki's name for it, where the category does not know ours, for example Mẻ: Loại"`
	Certificates  []Certificate     `yaml:"certificates" help:"papers that are sent with new products; food normally needs one on its safety"`

	Texts       string        `yaml:"texts" enum:"attributes,body,keep" help:"where a changed name and description are written, which Tiki does not document: among the attributes, beside them, or not at all"`
	ListPrice   string        `yaml:"list_price" enum:"review,keep" help:"review sends a changed list price (market price) to Tiki's people; keep leaves it as it was when the product was made"`
	MinCode     string        `yaml:"min_code" enum:"none,gtin,sku" help:"what new variants have in the field min_code, which some sources require and most calls leave out"`
	Events      bool          `yaml:"events" help:"also take orders from Tiki's event queue, which tells of changes that the list shows late; needs an app that may own queues"`
	BatchSize   int           `yaml:"batch_size" help:"items of one batch update, 1 to 100; Tiki does not tell its limit"`
	Concurrency int           `yaml:"concurrency" help:"requests at once, 1 to 16"`
	PerSecond   float64       `yaml:"requests_per_second" help:"requests a second, at most 200, where Tiki's limit is"`
	Timeout     time.Duration `yaml:"timeout" help:"longest wait for an answer"`
}

// Certificate is a paper about products.
type Certificate struct {
	URL        string   `yaml:"url" json:"url" required:"true" help:"public address of the picture of the paper"`
	Kind       string   `yaml:"type" json:"type" enum:"category,brand" required:"true" help:"what it is about"`
	Categories []string `yaml:"categories" json:"-" help:"category numbers it is sent for; empty = all"`
}

// Validate checks what tags cannot say.
func (o *Options) Validate() error {
	var problems []error
	bad := func(format string, arguments ...any) { problems = append(problems, fmt.Errorf(format, arguments...)) }
	for name, address := range map[string]string{"api_url": o.APIURL, "auth_url": o.AuthURL} {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			bad("%s: want an address such as https://api.tiki.vn/integration", name)
		}
	}
	if o.BatchSize < 1 || o.BatchSize > 100 {
		bad("batch_size: %d is not within 1 to 100", o.BatchSize)
	}
	if o.Concurrency < 1 || o.Concurrency > 16 {
		bad("concurrency: %d is not within 1 to 16", o.Concurrency)
	}
	if o.PerSecond <= 0 || o.PerSecond > 200 {
		bad("requests_per_second: %g is not within 0 to 200", o.PerSecond)
	}
	if o.Timeout < time.Second {
		bad("timeout: %s is below 1s", o.Timeout)
	}
	if o.Warehouse < 0 || o.Inventory < 0 {
		bad("warehouse, inventory: want a number of the seller's, or 0")
	}
	return errors.Join(problems...)
}

// shop is an open account. It is immutable but for what it learned.
type shop struct {
	env     connectors.Env
	options *Options
	client  *connectors.Client

	reviews sync.Mutex // held while the list of requests in review is rewritten

	mu        sync.Mutex // guards what follows
	seller    *seller
	warehouse int64
	schemas   map[int64]*schema
	brands    map[string]brandSeen
	decided   map[string]tracking // tracks that will not change any more
	queue     string              // code of the channel's event queue, once it is set up
	app       connectors.Token    // the app's own, for event queues
}

// publicShop is a shop of a public app, which the seller agrees to.
type publicShop struct{ *shop }

func open(env connectors.Env, options *Options) (connectors.Connector, error) {
	s := &shop{env: env, options: options, schemas: map[int64]*schema{}, brands: map[string]brandSeen{}, decided: map[string]tracking{}}
	s.client = env.Client(connectors.Protocol{
		BaseURL:   options.APIURL,
		AuthURL:   options.AuthURL,
		PerSecond: options.PerSecond,
		// Little at once: the limit counts a second, and others may share it.
		Burst:       max(1, options.PerSecond/10),
		Reserve:     0.2,
		Concurrency: options.Concurrency,
		Timeout:     options.Timeout,
		Sign:        sign,
		Classify:    classify,
		Refresh:     s.renew,
	})
	if options.AppType == "in_house" {
		return s, nil
	}
	return publicShop{s}, nil
}

var (
	_ connectors.Publisher       = (*shop)(nil)
	_ connectors.Stopper         = (*shop)(nil)
	_ connectors.PriceUpdater    = (*shop)(nil)
	_ connectors.StockUpdater    = (*shop)(nil)
	_ connectors.SKUFinder       = (*shop)(nil)
	_ connectors.ListingReader   = (*shop)(nil)
	_ connectors.OrderReader     = (*shop)(nil)
	_ connectors.Shipper         = (*shop)(nil)
	_ connectors.CategoryBrowser = (*shop)(nil)
	_ connectors.Auditor         = (*shop)(nil)
	_ connectors.Authorizer      = publicShop{}
)

// Check tells whose shop the token acts for.
func (s *shop) Check(ctx context.Context) (connectors.Account, error) {
	me, err := s.readSeller(ctx, nil)
	if err != nil {
		return connectors.Account{}, err
	}
	return me.account(), nil
}

func (m *seller) account() connectors.Account {
	return connectors.Account{ID: strconv.FormatInt(m.ID, 10), Name: m.Name, Currency: currency}
}

// currency of everything on Tiki.
const currency = "VND"

// me is the seller, asked once.
func (s *shop) me(ctx context.Context) (*seller, error) {
	s.mu.Lock()
	known := s.seller
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	return s.readSeller(ctx, nil)
}

// inventoryType is the operation model of new products.
func (s *shop) inventoryType(ctx context.Context) (string, error) {
	if s.options.InventoryType != "" {
		return s.options.InventoryType, nil
	}
	me, err := s.me(ctx)
	if err != nil {
		return "", err
	}
	if len(me.Models) == 0 {
		return "", s.fail(connectors.Fatal, "sellers.me", "no_model", "the seller is registered for no operation model", "choose one in Tiki Seller Center")
	}
	return me.Models[0], nil
}

// stockroom is the warehouse that stock is kept in.
func (s *shop) stockroom(ctx context.Context) (int64, error) {
	if s.options.Warehouse != 0 {
		return s.options.Warehouse, nil
	}
	s.mu.Lock()
	known := s.warehouse
	s.mu.Unlock()
	if known != 0 {
		return known, nil
	}
	var answer list[struct {
		ID int64 `json:"id"`
	}]
	_, err := s.client.Do(ctx, connectors.Call{
		Op: "warehouses.list", Path: "v2/sellers/me/warehouses", Query: url.Values{"status": {"1"}, "type": {"1"}, "limit": {"50"}}, Out: &answer,
	})
	if err != nil {
		return 0, err
	}
	if len(answer.Data) == 0 || answer.Data[0].ID == 0 {
		return 0, s.fail(connectors.Fatal, "warehouses.list", "no_warehouse", "the seller has no active pickup warehouse", "add one in Tiki Seller Center, or set the option warehouse")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.warehouse = answer.Data[0].ID
	return s.warehouse, nil
}

// fail makes an error of ours.
func (s *shop) fail(kind connectors.Kind, op, code, text, hint string) *connectors.Error {
	return &connectors.Error{Kind: kind, Channel: string(s.env.Channel), Op: op, Code: code, Err: errors.New(text), Hint: hint}
}

// identity is what an ExternalID names: exactly one field is set.
type identity struct {
	product int64
	track   string
	request string
}

const (
	trackPrefix   = "track:"
	requestPrefix = "request:"
	skuPrefix     = "sku:" // of variants that have no product yet
)

// inReview tells that the listing is not a product yet, as far as we know.
func (i identity) inReview() bool { return i.product == 0 }

func identify(id catalog.ExternalID) (identity, bool) {
	text := string(id)
	if len(text) > len(trackPrefix) && text[:len(trackPrefix)] == trackPrefix {
		return identity{track: text[len(trackPrefix):]}, true
	}
	if len(text) > len(requestPrefix) && text[:len(requestPrefix)] == requestPrefix {
		return identity{request: text[len(requestPrefix):]}, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return identity{product: n}, err == nil && n > 0
}

func productID(id int64) catalog.ExternalID { return catalog.ExternalID(strconv.FormatInt(id, 10)) }
