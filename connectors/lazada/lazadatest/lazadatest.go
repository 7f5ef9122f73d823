// Package lazadatest is a Lazada shop in Vietnam for tests, the demo and
// practice. It speaks the Lazada Open Platform's REST API from what is
// documented and was observed by others (state of 2026-11), not from our
// connector: it checks signatures, time stamps, tokens and types, and refuses
// what the platform refuses.
//
// It knows the authorization of a seller, categories, attributes, brands,
// pictures, products with up to two sale properties, quality control, prices,
// stock, orders (one row per unit), packing, cancellations, returns, what a sale
// brought, and pushes. Videos, chats, reviews, several warehouses and campaigns
// (but for the stock they lock) are missing. The API and the token calls share
// one address.
//
// Where sources differ, the behavior is an option whose zero value is the
// stricter or the more common one.
package lazadatest

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
	DefaultAppKey    = "100132"
	DefaultAppSecret = "LzdGiaLapKhongPhaiThat0123456789"
	DefaultSellerID  = 200161
)

const (
	codeLife    = 30 * time.Minute
	accessLife  = 7 * 24 * time.Hour  // of an app in status Test
	refreshLife = 14 * 24 * time.Hour // likewise
	signWindow  = 7200 * time.Second

	maxImageBytes  = 3145728
	maxImagePixels = 5000
)

// Options of a shop. The zero value is an authorized, empty shop without
// latency, limits and reviews.
type Options struct {
	Addr      string           // address to listen on; "" = a free loopback port
	AppKey    string           // "" = DefaultAppKey
	AppSecret string           // "" = DefaultAppSecret
	SellerID  int64            // 0 = DefaultSellerID
	ShopName  string           // "" = a sample name
	Now       func() time.Time // nil = time.Now
	// AccessLife and RefreshLife are how long tokens live; 0 = 7 and 14 days,
	// those of an app in status Test.
	AccessLife  time.Duration
	RefreshLife time.Duration
	// RefreshExtends makes a refresh begin a new life of the refresh token;
	// else, as the guide says, the first one keeps counting down.
	RefreshExtends bool
	// NoRefresh makes the app one of the service market, whose tokens cannot be
	// refreshed.
	NoRefresh bool
	// NotListed makes the app one that may serve the sellers on its list only,
	// and the seller is not on it.
	NotListed bool
	// Closed makes the seller's status inactive: calls about products are refused.
	Closed bool
	// DailyCalls is how many calls the app may make in a day; 0 = any number.
	DailyCalls int
	// Callback is the only redirect_uri that is taken; "" = any.
	Callback string
	// PushURL is the callback for pushes, as set in the console; "" = none.
	PushURL string
	// Review is how long quality control takes; [Simulator.Advance] lets it
	// pass. 0 = new products are on sale at once.
	Review time.Duration
	// AfterIncludes makes update_after and created_after include the time that
	// they name; the documentation does not say.
	AfterIncludes bool
	// TitleInCharacters measures the longest name in characters, as the guide
	// says, and not in bytes, as error 4160 does.
	TitleInCharacters bool
	// AllowQuotes takes " in names; sources differ.
	AllowQuotes bool
	// AllowDecimals takes prices such as 185000.00 although dong have none.
	AllowDecimals bool
	// MinImagePixels is the least width and height of a picture. The guides say
	// 330, the reference nothing. 0 = any.
	MinImagePixels int
	// AllOrNothing makes a batch of prices or stock with a bad row change
	// nothing; else the other rows are applied.
	AllOrNothing bool
	// MaxItems is how many products may be there; 0 = 1000, as new shops have.
	MaxItems int
	// LazMall refuses goods without a brand.
	LazMall bool
	// OwnFleet lets the seller deliver and report it.
	OwnFleet bool
	// MaxRows is how many SKUs a page of products may show before the service
	// times out; 0 = any number.
	MaxRows int
	// ItemForm is how one product alone is shown: as lists do (""), in "camel"
	// case, or within an "item". Sources differ.
	ItemForm string
	// DuplicateCode is the code of a create with a seller SKU that exists: one
	// of 4105, 4126, 4141. "" = 500 with a detail.
	DuplicateCode string
	// Latency is added to each call. The limits are hidden: above them the
	// shop answers ApiCallLimit. 0 = none.
	Latency       time.Duration
	RatePerSecond float64
	Burst         int
	MaxConcurrent int
}

// Simulator is a running shop. All methods are safe for concurrent use.
type Simulator struct {
	*simulator.Server
	*simulator.Outbox // of pushes
	options           Options
	routes            map[string]route

	mu sync.Mutex // guards all below

	codes       map[string]code
	access      map[string]time.Time
	refresh     map[string]time.Time
	refreshEnd  time.Time
	categories  []*Category
	brands      []Brand
	images      map[string]bool  // addresses
	batches     map[string]batch // of pictures to be fetched
	items       map[int64]*item
	itemIDs     []int64 // ascending
	lastItem    int64
	lastSKU     int64
	orders      map[int64]*order
	orderIDs    []int64 // as placed
	lastOrder   int64
	lastParcel  int64
	reverses    []*reverse // as made
	lastReverse int64
	day         int64 // of calls
	calls       int
	emptyBrands int    // brand pages that are throttled
	callback    string // for pushes, as set in the console; "" = none
}

var _ simulator.Shop = (*Simulator)(nil)

// Start starts a shop that serves until Close. It fails when the address cannot
// be listened on.
func Start(options Options) (*Simulator, error) {
	if options.AppKey == "" {
		options.AppKey = DefaultAppKey
	}
	if options.AppSecret == "" {
		options.AppSecret = DefaultAppSecret
	}
	if options.SellerID == 0 {
		options.SellerID = DefaultSellerID
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
	if options.RefreshLife == 0 {
		options.RefreshLife = refreshLife
	}
	if options.MaxItems == 0 {
		options.MaxItems = 1000
	}
	s := &Simulator{
		options:     options,
		codes:       map[string]code{},
		access:      map[string]time.Time{},
		refresh:     map[string]time.Time{},
		categories:  seedCategories(),
		brands:      seedBrands(),
		images:      map[string]bool{},
		batches:     map[string]batch{},
		items:       map[int64]*item{},
		lastItem:    2342342340,
		lastSKU:     9876500000,
		orders:      map[int64]*order{},
		lastOrder:   260422900198363,
		lastParcel:  38541021,
		lastReverse: 501977696648153,
		callback:    options.PushURL,
	}
	s.routes, s.Outbox = s.allRoutes(), s.outbox()
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	s.Server, err = simulator.Start(http.HandlerFunc(s.serve), simulator.Options{
		Addr:    options.Addr,
		Now:     options.Now,
		Prefix:  "/rest/",
		Shop:    s,
		Latency: options.Latency,
		Limit:   simulator.RateLimit{PerSecond: options.RatePerSecond, Burst: options.Burst, MaxConcurrent: options.MaxConcurrent},
		OnLimit: func(w http.ResponseWriter, _ *http.Request) {
			s.answer(w, failure{code: "ApiCallLimit", kind: isv, message: "Api access frequency exceeds the limit. this ban will last 1 seconds"})
		},
	})
	if err != nil {
		return nil, fmt.Errorf("lazadatest: %w", err)
	}
	return s, nil
}

// AppKey is the app's key.
func (s *Simulator) AppKey() string { return s.options.AppKey }

// AppSecret signs the app's calls and the platform's pushes.
func (s *Simulator) AppSecret() string { return s.options.AppSecret }

// SellerID identifies the shop.
func (s *Simulator) SellerID() string { return strconv.FormatInt(s.options.SellerID, 10) }

// APIURL is the base of the API and of the token calls.
func (s *Simulator) APIURL() string { return s.URL + "/rest" }

// AuthorizeURL is the page where a seller agrees.
func (s *Simulator) AuthorizeURL() string { return s.URL + "/oauth/authorize" }

// Authorize plays the seller who agrees, and returns the code of the callback.
func (s *Simulator) Authorize() (code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newCode("")
}

// Tokens issues a pair of tokens without the detour over a code.
func (s *Simulator) Tokens() (access, refresh string, expires time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refreshEnd = s.now().Add(s.options.RefreshLife)
	access, refresh = s.newTokens()
	return access, refresh, s.access[access]
}

// ExpireToken ends all access tokens now; refresh tokens stay.
func (s *Simulator) ExpireToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
}

// Revoke ends the authorization, as a seller may do at any time.
func (s *Simulator) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
	clear(s.refresh)
	clear(s.codes)
}

// Advance lets time pass for what the platform does by itself: quality control,
// orders that are not paid, buyers' wishes to cancel that nobody answers, and
// pushes that wait for their next try. Clocks of tokens and signatures are not
// moved.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, it := range s.items {
		it.ready = it.ready.Add(-d)
	}
	s.AdvanceHooks(d)
	for _, r := range s.reverses {
		r.until = r.until.Add(-d)
	}
	for _, o := range s.orders {
		if !o.payBy.IsZero() {
			o.payBy = o.payBy.Add(-d)
		}
	}
	s.review()
	s.expire()
}

func (s *Simulator) now() time.Time { return s.options.Now() }

// secret makes a random text.
func secret(prefix string) string {
	data := make([]byte, 20)
	_, _ = rand.Read(data) // never fails
	return prefix + hex.EncodeToString(data)
}
