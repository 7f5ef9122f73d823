// Package woocommercetest is a WooCommerce shop for tests, the demo and
// practice: it speaks the REST API wc/v3 as a real WooCommerce 9.9.5 on
// WordPress 6.8.8 did when it was looked at (November 2026), its mistakes and
// silent drops included. What was not seen there follows the plugin's source.
//
// It knows products of all four types with variations, categories, tags,
// attributes, brands, pictures, orders, refunds, notes and webhooks. Customers,
// coupons, taxes and the Store API are missing.
package woocommercetest

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chophien/chophien/connectors/simulator"
)

// The fake credentials of a simulator whose options name none.
const (
	DefaultKey    = "ck_3d5e1c7a90b2f4685d1e3c7a90b2f4685d1e3c7a"
	DefaultSecret = "cs_8f6b2d40e1a3c5978f6b2d40e1a3c5978f6b2d40"
)

// Options of a shop. The zero value is a shop in dong with the site time zone
// UTC+7, reached by plain http, whose key may read and write.
type Options struct {
	Addr string // address to listen on; "" = a free loopback port
	// ConsumerKey and ConsumerSecret are the shop's one API key; "" = the
	// defaults above. Permission is read, write or read_write; "" = read_write.
	ConsumerKey, ConsumerSecret string
	Permission                  string
	Currency                    string // ISO 4217; "" = VND
	// TreatAsHTTPS makes the shop believe that it was asked over https: Basic
	// authentication and keys in the query string work then.
	TreatAsHTTPS bool
	Now          func() time.Time // nil = time.Now; the shop keeps whole seconds
	// UTCOffset is the site's time zone; 0 = 7 hours, below a second = UTC.
	UTCOffset time.Duration
	// Latency is added to each API request; the limits below are a host's or
	// firewall's in front of the shop: above them it answers 429. 0 = none.
	Latency       time.Duration
	MaxConcurrent int
	RatePerSecond float64
	Burst         int
	// AllowLoopbackImages lets pictures be fetched from loopback addresses,
	// which a real shop refuses as private. Other pictures are never fetched:
	// their address is checked and they are taken to exist.
	AllowLoopbackImages bool
}

// Simulator is a running shop. All methods are safe for concurrent use.
//
// Beside the addresses of [simulator.Server], other processes reach
//
//	POST /_woo/hooks/deliver       DeliverHooks; answers {"delivered":n,"failed":n}
//	POST /_woo/hooks/drop-next     DropNextHook
//	POST /_woo/cut-batch?after=N   CutNextBatch
type Simulator struct {
	*simulator.Server
	options  Options
	zone     *time.Location
	decimals int32
	routes   []route

	requests atomic.Int64 // numbers requests
	births   atomic.Int64 // counts products and variations that were created

	mu sync.Mutex // guards all below, and Server until the shop has started

	nonces map[string]time.Time

	series    map[string]int64 // last identifier given, by series
	products  map[int64]*product
	ids       []int64 // of products without variations, ascending
	skus      map[string]int64
	gtins     map[string]int64
	slugs     map[string]int64
	slugTails map[string]int // highest suffix tried, by slug without suffix
	images    map[int64]*image
	files     map[string]bool
	terms     map[int64]*term
	termNames map[string]int64
	termSlugs map[string]int64
	termCount map[int64]int64
	attrs     map[int64]*globalAttribute

	orders   map[int64]*order
	orderIDs []int64 // ascending

	hooks    map[int64]*webhook
	waiting  []delivery
	queued   map[delivery]bool
	dropHook bool
	cutAfter int // items of the next batch that are carried out before the cut; < 0 = no cut

	lists listCache
}

var _ simulator.Shop = (*Simulator)(nil)

// New starts a shop. Like httptest.NewServer it panics when it cannot listen;
// use [Start] for an address that a person gave.
func New(options Options) *Simulator {
	s, err := Start(options)
	if err != nil {
		panic(err)
	}
	return s
}

// Start starts a shop that serves until Close. It fails when the address
// cannot be listened on or an option is not understood.
func Start(options Options) (*Simulator, error) {
	s, err := newSimulator(options)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Server, err = simulator.Start(http.HandlerFunc(s.serve), simulator.Options{
		Addr:    s.options.Addr,
		Now:     s.options.Now,
		Prefix:  "/wp-json/",
		Shop:    s,
		Latency: s.options.Latency,
		Limit:   simulator.RateLimit{PerSecond: options.RatePerSecond, Burst: options.Burst, MaxConcurrent: options.MaxConcurrent},
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func newSimulator(options Options) (*Simulator, error) {
	if options.ConsumerKey == "" {
		options.ConsumerKey = DefaultKey
	}
	if options.ConsumerSecret == "" {
		options.ConsumerSecret = DefaultSecret
	}
	if options.Permission == "" {
		options.Permission = "read_write"
	}
	if options.Currency == "" {
		options.Currency = "VND"
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.UTCOffset == 0 {
		options.UTCOffset = 7 * time.Hour
	}
	switch options.Permission {
	case "read", "write", "read_write":
	default:
		return nil, fmt.Errorf("woocommercetest: permission %q: use read, write or read_write", options.Permission)
	}
	decimals, err := currencyDecimals(options.Currency)
	if err != nil {
		return nil, err
	}
	s := &Simulator{
		options:   options,
		zone:      time.FixedZone("site", int(options.UTCOffset/time.Second)),
		decimals:  decimals,
		nonces:    map[string]time.Time{},
		series:    map[string]int64{seriesPosts: 10, seriesTerms: 14},
		products:  map[int64]*product{},
		skus:      map[string]int64{},
		gtins:     map[string]int64{},
		slugs:     map[string]int64{},
		slugTails: map[string]int{},
		images:    map[int64]*image{},
		files:     map[string]bool{},
		terms:     map[int64]*term{},
		termNames: map[string]int64{},
		termSlugs: map[string]int64{},
		termCount: map[int64]int64{},
		attrs:     map[int64]*globalAttribute{},
		orders:    map[int64]*order{},
		hooks:     map[int64]*webhook{},
		queued:    map[delivery]bool{},
		cutAfter:  -1,
	}
	s.routes = s.allRoutes()
	s.addTerm(&term{taxonomy: taxCategory, name: "Uncategorized"})
	return s, nil
}

// Key and Secret are the credentials of the shop's API key.
func (s *Simulator) Key() string { return s.options.ConsumerKey }

// Secret is the secret that belongs to Key.
func (s *Simulator) Secret() string { return s.options.ConsumerSecret }

// AddCategory makes a product category below parent (0 = at the top) and
// returns its identifier; one that is there already is returned.
func (s *Simulator) AddCategory(name string, parent int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &term{taxonomy: taxCategory, name: name, parent: parent}
	if id, ok := s.termNames[t.nameKey()]; ok {
		return id
	}
	return s.addTerm(t)
}

// CutNextBatch cuts the connection of the next batch request after so many of
// its items were carried out; the others are not.
func (s *Simulator) CutNextBatch(after int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cutAfter = max(0, after)
}

// The series of identifiers: the same number may be a product and a category.
const (
	seriesPosts = "posts" // products, variations, pictures, orders, refunds
	seriesTerms = "terms" // categories, tags, attribute terms, brands
	seriesAttrs = "attributes"
	seriesHooks = "webhooks"
	seriesItems = "order items"
	seriesMeta  = "meta"
	seriesNotes = "notes"
)

func (s *Simulator) next(series string) int64 {
	s.series[series]++
	return s.series[series]
}

// now is the shop's clock: whole seconds, UTC.
func (s *Simulator) now() time.Time { return s.options.Now().UTC().Truncate(time.Second) }
