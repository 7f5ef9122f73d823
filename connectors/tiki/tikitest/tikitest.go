// Package tikitest is a Tiki shop for tests, the demo and practice: it speaks
// the Open API (integration v1, v2 and v2.1) and its OAuth 2.0 as the public
// documentation and real integrations show them (November 2026), the delays and
// silences included: a product is a request that is reviewed, a duplicate SKU
// is told long after the 200, an approved product is off sale unless asked
// otherwise.
//
// What no source tells is an option with a cautious default.
package tikitest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/chophien/chophien/connectors/simulator"
)

// The fake credentials of a simulator whose options name none.
const (
	DefaultClientID     = "7590139168380001"
	DefaultClientSecret = "tK_demo-secret~01"
	DefaultRedirect     = "https://hub.example.vn/tiki/callback"
)

// ratePerSecond is what Tiki takes of one seller.
const ratePerSecond = 200

// The kinds of app and of token endpoint authentication.
const (
	PublicApp  = "public"
	InHouseApp = "in_house"

	AuthBasic = "client_secret_basic"
	AuthPost  = "client_secret_post"
)

// How a batch update (updateSkus) is answered; the documentation does not say.
const (
	BatchList   = "list"   // one entry per item, with its own errors
	BatchEmpty  = "empty"  // {}; items that cannot be carried out are dropped without a word
	BatchRefuse = "refuse" // {}; one bad item refuses the whole batch
)

// Options of a shop. The zero value is a public app that authenticates with
// client_secret_basic, a dropship seller with one warehouse, and requests that
// are approved before anybody looks again.
type Options struct {
	Addr                   string // address to listen on; "" = a free loopback port
	ClientID, ClientSecret string // "" = the defaults above
	AppType                string // PublicApp or InHouseApp; "" = public
	TokenAuth              string // AuthBasic or AuthPost; "" = basic
	// Redirects are the registered callback addresses; nil = any https or
	// loopback address.
	Redirects     []string
	TokenLifetime time.Duration // 0 = 3,599 s
	CodeLifetime  time.Duration // 0 = 1 min
	// KeepRefresh lets a refresh token be used again after it was exchanged;
	// cautiously it is taken to be dead.
	KeepRefresh bool
	SellerID    int64    // 0 = 184512
	SellerName  string   // "" = HTX Phụ nữ Mẫu
	Models      []string // operation models; nil = dropship
	// Manual leaves requests in review until Advance or Approve. Otherwise
	// they are approved ReviewDelay after they were sent.
	Manual      bool
	ReviewDelay time.Duration
	BatchAnswer string // "" = BatchList
	MaxBatch    int    // items of updateSkus; 0 = 100
	// WantDocuments lets the review refuse food without a certificate.
	WantDocuments bool
	// RequireMinCode refuses variants without min_code, as one source has it.
	RequireMinCode bool
	// ExclusiveDates leaves what is exactly at a from-date out of lists;
	// whether it belongs to them is not told.
	ExclusiveDates bool
	// SubscriptionDelay is how long after a subscription its events are lost;
	// 0 = 5 s, below 0 = not at all.
	SubscriptionDelay time.Duration
	// AllowLoopbackImages takes pictures at loopback and private addresses,
	// which Tiki could not fetch. Pictures are never fetched: an address that
	// could be is taken to hold a good one, unless its path has "small".
	AllowLoopbackImages bool
	Now                 func() time.Time // nil = time.Now
	Latency             time.Duration
	RatePerSecond       float64 // 0 = 200, the documented limit; below 0 = no limit
}

// Simulator is a running shop. All methods are safe for concurrent use.
//
// Beside the addresses of [simulator.Server], other processes reach
//
//	POST /_tiki/authorize      Authorize; answers {"code":...} for {"redirect_uri","scope"}
//	POST /_tiki/advance?steps= Advance; without steps Approve
//	POST /_tiki/expire-token   ExpireToken
type Simulator struct {
	*simulator.Server
	options Options
	routes  []route

	mu sync.Mutex // guards all below, and Server until the shop has started

	serial  map[string]int64
	sources int64 // counts random-looking texts

	codes   map[string]grant
	tokens  map[string]*token
	refresh map[string]*token

	active    bool // the seller
	canUpdate bool

	categories []*category
	attributes map[int64][]Attribute // by category
	values     map[int64][]string    // by attribute
	labels     map[int64][]string    // by category
	brands     []string
	warehouses []warehouse

	products []*product // by number, ascending
	byID     map[int64]*product
	bySKU    map[string]*product
	requests []*request // in the order of sending
	open     []*request // of these, the ones in review
	byTrack  map[string]*request
	byNumber map[string]*request
	refusals []string // reasons of the next decisions

	orders []*order
	byCode map[string]*order

	queues    []*queue
	dropEvent int
}

var _ simulator.Shop = (*Simulator)(nil)

// Start starts a shop that serves until Close. It fails when the address
// cannot be listened on or an option is not understood.
func Start(options Options) (*Simulator, error) {
	if options.ClientID == "" {
		options.ClientID = DefaultClientID
	}
	if options.ClientSecret == "" {
		options.ClientSecret = DefaultClientSecret
	}
	options.AppType = orText(options.AppType, PublicApp)
	options.TokenAuth = orText(options.TokenAuth, AuthBasic)
	options.BatchAnswer = orText(options.BatchAnswer, BatchList)
	options.SellerName = orText(options.SellerName, "HTX Phụ nữ Mẫu")
	options.TokenLifetime = orTime(options.TokenLifetime, 3599*time.Second)
	options.CodeLifetime = orTime(options.CodeLifetime, time.Minute)
	options.SubscriptionDelay = orTime(options.SubscriptionDelay, 5*time.Second)
	if options.SellerID == 0 {
		options.SellerID = 184512
	}
	if options.Models == nil {
		options.Models = []string{"dropship"}
	}
	if options.MaxBatch == 0 {
		options.MaxBatch = 100
	}
	if options.RatePerSecond == 0 {
		options.RatePerSecond = ratePerSecond
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	for name, ok := range map[string]bool{
		"app type " + options.AppType:         options.AppType == PublicApp || options.AppType == InHouseApp,
		"token auth " + options.TokenAuth:     options.TokenAuth == AuthBasic || options.TokenAuth == AuthPost,
		"batch answer " + options.BatchAnswer: options.BatchAnswer == BatchList || options.BatchAnswer == BatchEmpty || options.BatchAnswer == BatchRefuse,
	} {
		if !ok {
			return nil, fmt.Errorf("tikitest: unknown %s", name)
		}
	}
	s := &Simulator{
		options: options,
		serial:  map[string]int64{"product": 2091400, "sku": 2886025648970, "request": 1121456196340384957, "order": 745467461, "order id": 104551201, "item": 221456870},
		codes:   map[string]grant{}, tokens: map[string]*token{}, refresh: map[string]*token{},
		active: true, canUpdate: true,
		attributes: map[int64][]Attribute{}, values: map[int64][]string{}, labels: map[int64][]string{},
		byID: map[int64]*product{}, bySKU: map[string]*product{}, byTrack: map[string]*request{}, byNumber: map[string]*request{},
		byCode: map[string]*order{},
	}
	s.routes = s.allRoutes()
	s.seed()
	limit := simulator.RateLimit{PerSecond: options.RatePerSecond, Burst: int(options.RatePerSecond)}
	if options.RatePerSecond < 0 {
		limit = simulator.RateLimit{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	s.Server, err = simulator.Start(http.HandlerFunc(s.serve), simulator.Options{
		Addr: options.Addr, Now: options.Now, Shop: s, Latency: options.Latency, Limit: limit,
		OnLimit: func(w http.ResponseWriter, _ *http.Request) {
			writeAnswer(w, refuse(http.StatusTooManyRequests, "Too Many Requests"))
		},
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func orText(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}

func orTime(d, standard time.Duration) time.Duration {
	if d == 0 {
		return standard
	}
	return d
}

// APIURL and AuthURL are the base addresses of the API and of OAuth.
func (s *Simulator) APIURL() string { return s.URL + "/integration" }

// AuthURL is the base address of OAuth: /auth and /token lie below it.
func (s *Simulator) AuthURL() string { return s.URL + "/sc/oauth2" }

// ClientID is the app's.
func (s *Simulator) ClientID() string { return s.options.ClientID }

// ClientSecret is the app's.
func (s *Simulator) ClientSecret() string { return s.options.ClientSecret }

// SellerID is the number of the shop.
func (s *Simulator) SellerID() int64 { return s.options.SellerID }

// SetSeller changes what Tiki's people decide about the seller: an inactive
// one, or one who may not update products, is answered 403.
func (s *Simulator) SetSeller(active, canUpdate bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active, s.canUpdate = active, canUpdate
}

func (s *Simulator) next(series string) int64 {
	s.serial[series]++
	return s.serial[series]
}

// now is the shop's clock: whole seconds.
func (s *Simulator) now() time.Time { return s.options.Now().UTC().Truncate(time.Second) }

// sid is the seller's name in events.
func (s *Simulator) sid() string {
	return fmt.Sprintf("11047E39EC3D534013C587D207584D%09X", s.options.SellerID)
}

// zone is Vietnam's: all of Tiki's times are in it and none says so.
var zone = time.FixedZone("ICT", 7*3600)

const layout = "2006-01-02 15:04:05"

func stamp(t time.Time) string { return t.In(zone).Format(layout) }

func optionalStamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := stamp(t)
	return &text
}

// authHeader is the Basic header of an app, plain and percent-encoded first as
// RFC 6749 has it; Tiki's own secrets are the same in both.
func authHeaders(id, secret string) [2]string {
	encode := func(a, b string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(a+":"+b)) }
	return [2]string{encode(id, secret), encode(url.QueryEscape(id), url.QueryEscape(secret))}
}

func number(id int64) string { return strconv.FormatInt(id, 10) }
