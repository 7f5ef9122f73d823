// Package tiktokshoptest is a TikTok Shop in Vietnam for tests, the demo and
// practice. It speaks the TikTok Shop Open API (versions 202309 and later) from
// what is documented and was observed by others (state of 2026-11), not from
// our connector: it checks signatures, time stamps, tokens, ciphers and types,
// and refuses what the platform refuses.
//
// It knows the authorisation of a seller, shops, warehouses, categories,
// attributes, rules, brands, pictures, products with up to three sales
// attributes and their audit, prices, inventory, fixed price promotions, orders
// (one line item is one unit), packages, cancellations, returns and webhooks.
// Parcels of several orders, several warehouses, finance and chat are missing.
// The API, the token calls and the page where a seller agrees share one address.
//
// Where sources differ, the behavior is an option whose zero value is the
// stricter or the more common one.
package tiktokshoptest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/chophien/chophien/connectors/simulator"
)

// The fake credentials of a simulator whose options name none.
const (
	DefaultAppKey    = "htx6app0key1"
	DefaultAppSecret = "0123456789abcdef0123456789abcdef01234567"
	DefaultServiceID = "7145960712036402950"
	DefaultShopID    = "7495540735365770001"
	DefaultCipher    = "ROW_hTxLifesSzCipher01"
)

// Lifetimes of what an authorisation gives, and the window of time stamps.
const (
	codeLife   = 30 * time.Minute
	accessLife = 7 * 24 * time.Hour
	grantLife  = 365 * 24 * time.Hour
	maxPast    = 5 * time.Minute
	maxFuture  = 30 * time.Second
)

// warehouseID and returnID are the shop's two warehouses.
const (
	warehouseID = "7376543210987650001"
	returnID    = "7376543210987650002"
)

// Options of a shop. The zero value is an authorised, empty shop without
// latency, limits and audits.
type Options struct {
	Addr      string           // address to listen on; "" = a free loopback port
	AppKey    string           // "" = DefaultAppKey
	AppSecret string           // "" = DefaultAppSecret
	ServiceID string           // of the page where a seller agrees; "" = DefaultServiceID
	ShopID    string           // "" = DefaultShopID
	Cipher    string           // "" = DefaultCipher
	ShopName  string           // "" = a sample name
	Now       func() time.Time // nil = time.Now
	// AccessLife is how long access tokens live, GrantLife how long an
	// authorisation and its refresh tokens do; 0 = 7 days and a year.
	AccessLife time.Duration
	GrantLife  time.Duration
	// HourlyCalls is how many calls a development shop takes in an hour; 0 = any.
	HourlyCalls int
	// OtherIP makes the app one that is not called from here, Disabled the shop
	// one that is shut.
	OtherIP  bool
	Disabled bool
	// MaxProducts is how many products may be there; 0 = any number.
	MaxProducts int
	// Scopes are what the seller granted; nil = everything the app asks for.
	Scopes []string
	// RedirectURL is where the page of consent leads, as set in Partner Center;
	// "" = the page shows the code.
	RedirectURL string
	// Tunnel is the loopback address, such as http://127.0.0.1:8080, to which
	// webhooks for domains are led, as a tunnel or reverse proxy does; "" = they
	// fail, because only this machine is called.
	Tunnel string
	// AuditTime is how long the platform looks at what was submitted;
	// [Simulator.Advance] lets it pass. 0 = it decides at once.
	AuditTime time.Duration
	// RefuseZero refuses an inventory of 0, as the present text says; older
	// texts allow it and every seller needs it.
	RefuseZero bool
	// LiveStockOnly takes inventory of products on sale only, as older
	// documents say.
	LiveStockOnly bool
	// PromotionLead is how far ahead a promotion must begin; 0 = it must not
	// have begun.
	PromotionLead time.Duration
	// SearchLimit is how many results a search of products can show; 0 = 10,000.
	SearchLimit int
	// SellerShipping makes the seller bring parcels to a carrier of their own.
	SellerShipping bool
	// CategoryVersion is the tree that the shop uses; "" = v2.
	CategoryVersion string
	// Latency is added to each call. The limits are hidden: above them the
	// shop answers 36009002. 0 = none.
	Latency       time.Duration
	RatePerSecond float64
	Burst         int
	MaxConcurrent int
}

// Simulator is a running shop. All methods are safe for concurrent use.
type Simulator struct {
	*simulator.Server
	*simulator.Outbox // of webhooks
	options           Options
	routes            []route

	mu sync.Mutex // guards all below

	serial     int64 // of identifiers
	codes      map[string]time.Time
	access     map[string]time.Time
	refresh    map[string]time.Time
	categories []*Category
	brands     []brand
	images     map[string]picture
	products   map[string]*product
	productIDs []string // as created
	keys       map[string]string
	promotions []*promotion
	orders     map[string]*order
	orderIDs   []string // as placed
	packages   map[string]*parcel
	cancels    []*cancellation
	returns    []*returned
	files      map[string]string      // format by number
	madeBrands int                    // today
	day, hour  int64                  // that are counted
	calls      int                    // in this hour
	hooks      map[string]hookAddress // by event type
}

var _ simulator.Shop = (*Simulator)(nil)

// Start starts a shop that serves until Close. It fails when the address cannot
// be listened on.
func Start(options Options) (*Simulator, error) {
	standard := func(value *string, otherwise string) {
		if *value == "" {
			*value = otherwise
		}
	}
	standard(&options.AppKey, DefaultAppKey)
	standard(&options.AppSecret, DefaultAppSecret)
	standard(&options.ServiceID, DefaultServiceID)
	standard(&options.ShopID, DefaultShopID)
	standard(&options.Cipher, DefaultCipher)
	standard(&options.ShopName, "Chợ Phiên thử")
	standard(&options.CategoryVersion, "v2")
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.AccessLife == 0 {
		options.AccessLife = accessLife
	}
	if options.GrantLife == 0 {
		options.GrantLife = grantLife
	}
	if options.SearchLimit == 0 {
		options.SearchLimit = 10000
	}
	if options.Scopes == nil {
		options.Scopes = allScopes
	}
	s := &Simulator{
		options:    options,
		codes:      map[string]time.Time{},
		access:     map[string]time.Time{},
		refresh:    map[string]time.Time{},
		categories: seedCategories(),
		brands:     seedBrands(),
		images:     map[string]picture{},
		files:      map[string]string{},
		products:   map[string]*product{},
		keys:       map[string]string{},
		orders:     map[string]*order{},
		packages:   map[string]*parcel{},
		hooks:      map[string]hookAddress{},
	}
	s.routes, s.Outbox = s.allRoutes(), s.outbox()
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	s.Server, err = simulator.Start(http.HandlerFunc(s.serve), simulator.Options{
		Addr:    options.Addr,
		Now:     options.Now,
		Shop:    s,
		Latency: options.Latency,
		Limit:   simulator.RateLimit{PerSecond: options.RatePerSecond, Burst: options.Burst, MaxConcurrent: options.MaxConcurrent},
		OnLimit: func(w http.ResponseWriter, _ *http.Request) {
			s.answer(w, nil, failure{code: 36009002, message: "Too many requests. You've made too many requests in a short period of time.", status: http.StatusTooManyRequests})
		},
	})
	if err != nil {
		return nil, fmt.Errorf("tiktokshoptest: %w", err)
	}
	return s, nil
}

// AppKey is the app's key.
func (s *Simulator) AppKey() string { return s.options.AppKey }

// AppSecret signs the app's calls and the platform's webhooks.
func (s *Simulator) AppSecret() string { return s.options.AppSecret }

// ServiceID names the app on the page where a seller agrees.
func (s *Simulator) ServiceID() string { return s.options.ServiceID }

// ShopID identifies the shop.
func (s *Simulator) ShopID() string { return s.options.ShopID }

// Cipher is what calls name the shop by.
func (s *Simulator) Cipher() string { return s.options.Cipher }

// WarehouseID is the warehouse from which the shop sells.
func (s *Simulator) WarehouseID() string { return warehouseID }

// AuthorizeURL is the page where a seller agrees.
func (s *Simulator) AuthorizeURL() string { return s.URL + "/open/authorize" }

// Authorize plays the seller who agrees, and returns the code of the callback.
func (s *Simulator) Authorize() (code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newCode()
}

func (s *Simulator) newCode() string {
	code := "ROW_code_" + secret(16)
	s.codes[code] = s.now().Add(codeLife)
	return code
}

// Tokens issues a pair of tokens without the detour over a code.
func (s *Simulator) Tokens() (access, refresh string, expires time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	access, refresh = s.newTokens(s.now().Add(s.options.GrantLife))
	return access, refresh, s.access[access]
}

func (s *Simulator) newTokens(grantEnds time.Time) (access, refresh string) {
	access, refresh = "ROW_at_"+secret(20), "ROW_rt_"+secret(20)
	s.access[access], s.refresh[refresh] = s.now().Add(s.options.AccessLife), grantEnds
	return access, refresh
}

// ExpireToken ends all access tokens now; refresh tokens stay.
func (s *Simulator) ExpireToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token := range s.access {
		s.access[token] = s.now().Add(-time.Second)
	}
}

// Revoke ends the shop's authorisation, as a seller may do at any time.
func (s *Simulator) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoke()
}

func (s *Simulator) revoke() {
	clear(s.access)
	clear(s.refresh)
	clear(s.codes)
	s.emit(6, object{"message": "The seller has cancelled the authorization."})
}

// Advance lets time pass for what the platform does by itself: audits,
// promotions that are to begin or end, webhooks that wait for their next try.
// Clocks of tokens, signatures and orders are not moved.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.products {
		p.decided = p.decided.Add(-d)
	}
	for _, x := range s.promotions {
		x.begin, x.end = x.begin.Add(-d), x.end.Add(-d)
	}
	s.AdvanceHooks(d)
	s.audit()
}

func (s *Simulator) now() time.Time { return s.options.Now() }

// newID gives an identifier of 19 digits that was not given before. Like the
// platform's, it does not fit a floating point number.
func (s *Simulator) newID(base int64) string {
	s.serial++
	return strconv.FormatInt(base+s.serial, 10)
}

// secret makes a random text of n bytes in hexadecimal digits.
func secret(n int) string {
	data := make([]byte, n)
	_, _ = rand.Read(data) // never fails
	return hex.EncodeToString(data)
}
