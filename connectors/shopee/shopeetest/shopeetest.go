// Package shopeetest is a Shopee shop in Vietnam for tests, the demo and
// practice. It speaks the Shopee Open Platform API v2 from what is documented
// and was observed by others (state of 2026-11), not from our connector: it
// checks signatures, time stamps, tokens and types, and refuses what the
// platform refuses.
//
// It knows the authorisation of a shop, categories, attributes, brands, limits,
// pictures, items with up to two tiers of variations, prices, stock, discounts,
// orders, shipments, waybills, returns, videos and pushes. Chat and
// advertisements are missing.
//
// Where sources differ, the behavior is an option whose zero value is the
// stricter or the more common one.
package shopeetest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/chophien/chophien/connectors/simulator"
)

// The fake credentials of a simulator whose options name none.
const (
	DefaultPartnerID  = 2001887
	DefaultPartnerKey = "shpk4d6f6e67526f6e67486f6e6579564e303132333435363738396162636465"
	DefaultPushKey    = "shpkPUSH0000000000000000000000000000000000000000000000000000001"
	DefaultShopID     = 14701711
)

// Lifetimes of what an authorisation gives.
const (
	codeLife    = 10 * time.Minute
	accessLife  = 4 * time.Hour
	refreshLife = 30 * 24 * time.Hour
	grantLife   = 365 * 24 * time.Hour
	graceLife   = 5 * time.Minute // of the old access token after a refresh
	signWindow  = 5 * time.Minute
)

// Options of a shop. The zero value is an authorised, empty shop without
// latency, limits, and reviews.
type Options struct {
	Addr       string // address to listen on; "" = a free loopback port
	PartnerID  int64  // 0 = DefaultPartnerID
	PartnerKey string // "" = DefaultPartnerKey
	// PushKey signs pushes; "" = the partner key, as before 2025.
	PushKey  string
	ShopID   int64            // 0 = DefaultShopID
	ShopName string           // "" = a sample name
	Now      func() time.Time // nil = time.Now
	// AccessLife is how long access tokens live; 0 = 4 hours.
	AccessLife time.Duration
	// AuthStatus is the HTTP status of errors of signature and token; 0 = 403.
	// Reports differ between 403 and 200.
	AuthStatus int
	// LimitStatus is the HTTP status of error_rate_limit; 0 = 200.
	LimitStatus int
	// Review is how long new items that shall be on sale stay in REVIEWING;
	// [Simulator.Advance] lets it pass. 0 = no review.
	Review time.Duration
	// VariantDelay is how long after add_item init_tier_variation fails; the
	// guide advises 5 seconds. 0 = not at all.
	VariantDelay time.Duration
	// DiscountLead is how far in the future a discount must start. The schema
	// asks for an hour; 0 = an hour, negative = may start at once.
	DiscountLead time.Duration
	// DiscountLocksContent makes the shop's own discounts lock names, pictures
	// and descriptions, as promotions of the platform do.
	DiscountLocksContent bool
	// LocationID makes it a shop with warehouses: stock needs this location.
	LocationID string
	// TrackingPolls is how often a tracking number is asked for in vain.
	TrackingPolls int
	// DocumentPolls is how often a waybill is asked for before it is made.
	DocumentPolls int
	// MaxItems is how many items the shop may have; 0 = 5,000.
	MaxItems int
	// MaxOffset is the largest offset of an item list; above it the list must
	// be cut by times of change. 0 = any.
	MaxOffset int64
	// UnknownItemsFail makes base info fail for numbers that nobody has; else
	// they are left out. Which it is, is not documented.
	UnknownItemsFail bool
	// PriceSpread is how many times the lowest price of a model the highest may
	// be; 0 = any. A guide says five, whether it is enforced is not known.
	PriceSpread int64
	// ShipBy is how parcels can be handed over: pickup and dropoff (""),
	// "dropoff" with a branch, or "non_integrated" with the seller's number.
	ShipBy string
	// SearchModels makes search_item find the SKUs of variations, too.
	SearchModels bool
	// Latency is added to each call. The limits are hidden: above them the
	// shop answers error_rate_limit. 0 = none.
	Latency       time.Duration
	RatePerSecond float64
	Burst         int
	MaxConcurrent int
}

// Simulator is a running shop. All methods are safe for concurrent use.
type Simulator struct {
	*simulator.Server
	options Options
	routes  map[string]route

	mu sync.Mutex // guards all below

	serial     int64 // of identifiers
	codes      map[string]*grant
	access     map[string]*grant
	refresh    map[string]*grant
	grantEnd   time.Time // of the shop's authorisation
	shopStatus string
	categories []*Category
	images     map[string]bool
	videos     map[string]*video
	items      map[int64]*item
	itemIDs    []int64 // ascending
	discounts  []*discount
	orders     map[string]*order
	orderSNs   []string // as placed
	returns    []*goodsBack
	polls      map[string]int
	push       pushState
}

// grant is a code or a token.
type grant struct {
	shop, main int64
	merchant   bool // a merchant's token, not the shop's
	resent     bool // a code that the console sent once more
	expires    time.Time
}

// MerchantID is the number of the merchant that the shop belongs to.
const MerchantID = 1000576

// The states of a shop.
const (
	shopNormal = "NORMAL"
	shopBanned = "BANNED"
	shopFrozen = "FROZEN"
)

// SetShopStatus is what the platform does to the whole shop: NORMAL, BANNED or
// FROZEN. A banned shop is answered nothing.
func (s *Simulator) SetShopStatus(status string) error {
	if status != shopNormal && status != shopBanned && status != shopFrozen {
		return fmt.Errorf("shopeetest: a shop has no status like %q", status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shopStatus = status
	return nil
}

var _ simulator.Shop = (*Simulator)(nil)

// Start starts a shop that serves until Close. It fails when the address cannot
// be listened on.
func Start(options Options) (*Simulator, error) {
	if options.PartnerID == 0 {
		options.PartnerID = DefaultPartnerID
	}
	if options.PartnerKey == "" {
		options.PartnerKey = DefaultPartnerKey
	}
	if options.PushKey == "" {
		options.PushKey = options.PartnerKey
	}
	if options.ShopID == 0 {
		options.ShopID = DefaultShopID
	}
	if options.ShopName == "" {
		options.ShopName = "Chợ Phiên thử"
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.AccessLife == 0 {
		options.AccessLife = accessLife
	}
	if options.AuthStatus == 0 {
		options.AuthStatus = http.StatusForbidden
	}
	if options.LimitStatus == 0 {
		options.LimitStatus = http.StatusOK
	}
	if !slices.Contains([]string{"", shipByDropoff, shipByNumber}, options.ShipBy) {
		return nil, fmt.Errorf("shopeetest: parcels cannot be handed over by %q", options.ShipBy)
	}
	if options.MaxItems == 0 {
		options.MaxItems = 5000
	}
	if options.DiscountLead == 0 {
		options.DiscountLead = time.Hour
	}
	s := &Simulator{
		options:    options,
		codes:      map[string]*grant{},
		access:     map[string]*grant{},
		refresh:    map[string]*grant{},
		grantEnd:   options.Now().Add(grantLife),
		shopStatus: shopNormal,
		categories: seedCategories(),
		images:     map[string]bool{},
		videos:     map[string]*video{},
		items:      map[int64]*item{},
		orders:     map[string]*order{},
		polls:      map[string]int{},
	}
	s.routes = s.allRoutes()
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	s.Server, err = simulator.Start(http.HandlerFunc(s.serve), simulator.Options{
		Addr:    options.Addr,
		Now:     options.Now,
		Prefix:  "/api/v2/",
		Shop:    s,
		Latency: options.Latency,
		Limit:   simulator.RateLimit{PerSecond: options.RatePerSecond, Burst: options.Burst, MaxConcurrent: options.MaxConcurrent},
		OnLimit: func(w http.ResponseWriter, _ *http.Request) {
			s.answer(w, failure{code: "error_rate_limit", message: "Too many requests, please retry later.", status: options.LimitStatus})
		},
	})
	if err != nil {
		return nil, fmt.Errorf("shopeetest: %w", err)
	}
	return s, nil
}

// PartnerID is the app's number.
func (s *Simulator) PartnerID() int64 { return s.options.PartnerID }

// PartnerKey signs the app's calls.
func (s *Simulator) PartnerKey() string { return s.options.PartnerKey }

// PushKey signs the platform's pushes.
func (s *Simulator) PushKey() string { return s.options.PushKey }

// ShopID is the shop's number.
func (s *Simulator) ShopID() int64 { return s.options.ShopID }

// Authorize plays the seller who agrees, and returns the code of the callback.
func (s *Simulator) Authorize() (code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newCode(0)
}

// AuthorizeMain plays a main account that agrees for all its shops (here one):
// its code is exchanged with main_account_id.
func (s *Simulator) AuthorizeMain(mainAccount int64) (code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newCode(mainAccount)
}

// ResendCode plays the console, which sends a code once more: it is exchanged
// by public/get_token_by_resend_code.
func (s *Simulator) ResendCode() (code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	code = s.newCode(0)
	s.codes[code].resent = true
	return code
}

func (s *Simulator) newCode(mainAccount int64) string {
	code := secret(16)
	s.codes[code] = &grant{shop: s.options.ShopID, main: mainAccount, expires: s.now().Add(codeLife)}
	return code
}

// Tokens issues a pair of tokens without the detour over a code.
func (s *Simulator) Tokens() (access, refresh string, expires time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	access, refresh = s.newTokens(false)
	return access, refresh, s.access[access].expires
}

func (s *Simulator) newTokens(merchant bool) (access, refresh string) {
	access, refresh = secret(16), secret(16)
	s.access[access] = &grant{shop: s.options.ShopID, merchant: merchant, expires: s.now().Add(s.options.AccessLife)}
	s.refresh[refresh] = &grant{shop: s.options.ShopID, merchant: merchant, expires: s.now().Add(refreshLife)}
	return access, refresh
}

// ExpireToken ends all access tokens now; refresh tokens stay.
func (s *Simulator) ExpireToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.access {
		g.expires = s.now().Add(-time.Second)
	}
}

// Revoke ends the shop's authorisation, as a seller may do at any time.
func (s *Simulator) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoke()
}

func (s *Simulator) revoke() {
	s.access, s.refresh, s.codes = map[string]*grant{}, map[string]*grant{}, map[string]*grant{}
	s.emit(2, object{"shop_id": s.options.ShopID, "success": 1, "extra": "shop deauthorization", "authorize_type": "shop authorization by user"})
}

// Advance lets time pass for what the platform does by itself: reviews,
// discounts that are to start or end, pushes that wait for their next try.
// Clocks of tokens, signatures and orders are not moved.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, it := range s.items {
		it.ready = it.ready.Add(-d)
		it.reviewed = it.reviewed.Add(-d)
		if !it.scheduled.IsZero() {
			it.scheduled = it.scheduled.Add(-d)
		}
	}
	for _, v := range s.videos {
		v.ready = v.ready.Add(-d)
	}
	for _, x := range s.discounts {
		x.start, x.end = x.start.Add(-d), x.end.Add(-d)
	}
	for i := range s.push.waiting {
		s.push.waiting[i].due = s.push.waiting[i].due.Add(-d)
	}
	s.review()
}

func (s *Simulator) now() time.Time { return s.options.Now() }

func (s *Simulator) seconds() int64 { return s.now().Unix() }

// next gives an identifier that was not given before, starting after base.
func (s *Simulator) next(base int64) int64 {
	s.serial++
	return base + s.serial
}

// secret makes a random text of n bytes in hexadecimal digits.
func secret(n int) string {
	data := make([]byte, n)
	_, _ = rand.Read(data) // never fails
	return hex.EncodeToString(data)
}
