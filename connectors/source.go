package connectors

import (
	"context"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog/pricewatch"
)

// SourceKind is how market prices are had from a source.
type SourceKind string

// The kinds of source.
const (
	SourcePage   SourceKind = "page"   // a page with one price
	SourceSearch SourceKind = "search" // a shop's search page: rows that a person confirms
	SourceTable  SourceKind = "table"  // a table of commodity prices
	SourceAPI    SourceKind = "api"    // a JSON API
	SourceFile   SourceKind = "file"   // a bulletin, .csv or .xlsx
	SourceQuote  SourceKind = "quote"  // what a person types who was told a price
)

// SourceKinds lists all kinds.
var SourceKinds = []SourceKind{SourcePage, SourceSearch, SourceTable, SourceAPI, SourceFile, SourceQuote}

// SourceConfig is one entry under sources in connectors.yaml, decoded and
// validated. The tags are what decoding, schema and documentation come from.
type SourceConfig struct {
	ID   string     `yaml:"id" required:"true" help:"name of the source, never changed: lower-case letters, digits and hyphens, at most 40"`
	Kind SourceKind `yaml:"kind" required:"true" help:"page, search (a shop's search page), table (commodity prices), api (JSON), file (.csv, .xlsx) or quote (typed by a person)"`
	Name string     `yaml:"name" help:"what people call it; the id when empty"`
	URL  string     `yaml:"url" help:"address, http or https; ${NAME} is an environment variable, such as the key of an interface; not for quote"`
	Path string     `yaml:"path" help:"file: a file on this machine instead of an address, relative to connectors.yaml"`

	Commodity string          `yaml:"commodity" help:"our category code of what is priced, such as honey; with search, api, table and file it may be left out, then rows are confirmed one by one"`
	Product   string          `yaml:"product" help:"id of our product, when the price is of just that product"`
	Grade     string          `yaml:"grade" help:"grade or season, such as ocop-4, organic or loai-1; prices of different grades are not compared"`
	Side      pricewatch.Side `yaml:"side" help:"where in the chain the price is paid; retail for page and search, farm-gate for quote"`
	Region    string          `yaml:"region" help:"where the price holds, when the source does not tell"`
	Seller    string          `yaml:"seller" help:"who asks or pays the price, when the source does not tell; the host when empty"`
	Unit      string          `yaml:"unit" help:"what the price is for, such as 500 ml or kg, when the source does not tell"`
	Currency  string          `yaml:"currency" help:"currency of prices written without one"`
	Tax       string          `yaml:"tax" enum:"incl,excl" help:"whether tax is in the price"`

	Selector  string            `yaml:"selector" help:"page: CSS selector of the price; search and table: of one row"`
	Attribute string            `yaml:"attribute" help:"attribute of the selected element instead of its text"`
	Pattern   string            `yaml:"pattern" help:"regular expression on the selected text; its first group is the price"`
	Rows      string            `yaml:"rows" help:"api: path of the list of rows; file: name of the sheet"`
	Fields    map[string]string `yaml:"fields" help:"where a row has its name, price, list, unit, currency, region, seller, side, grade, url, date and id: CSS selectors (a@href takes an attribute), JSON paths or column headings"`
	Next      string            `yaml:"next" help:"search and table: CSS selector of the link to the next page, when the list goes on there"`
	Pages     int               `yaml:"pages" help:"how many pages at most when next is set, 2 to 20"`
	Only      []string          `yaml:"only" help:"rows whose name or region holds one of these texts, case and diacritics ignored; all rows when empty"`

	Every    time.Duration `yaml:"every" help:"how often it is read, at least 15m"`
	Schedule string        `yaml:"schedule" help:"when it is read instead, a cron expression with five fields, Vietnamese time"`
	Language string        `yaml:"language" enum:"vi,en" help:"language of alerts"`
	Group    string        `yaml:"group" help:"id of the group that alerts are for"`
	Paused   bool          `yaml:"paused" help:"whether it is left alone"`

	// Hash changes when anything above changes.
	Hash string `yaml:"-"`
}

// Title is what people call the source.
func (c SourceConfig) Title() string {
	if c.Name != "" {
		return c.Name
	}
	return c.ID
}

// Address is the URL as it may be shown: that of an interface without its
// query, which often holds a key.
func (c SourceConfig) Address() string {
	if c.Kind != SourceAPI {
		return c.URL
	}
	address, _, _ := strings.Cut(c.URL, "?")
	return address
}

// Validators are what a site told of a page, sent back so that it need not
// send the page again when it did not change.
type Validators struct {
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
}

// SourceReader reads sources. It is safe for concurrent use; it waits as long
// as the hosts' rules want and returns soon when ctx ends.
type SourceReader interface {
	// ReadSource reads a source now. With the validators of an earlier reading
	// the answer may be that nothing changed. An error is an [Error] that
	// tells why there is no reading at all; a source that was read and gives
	// no price is no error.
	ReadSource(ctx context.Context, source SourceConfig, since Validators) (SourceReading, error)
}

// SourceReading is what a source said.
type SourceReading struct {
	Validators
	NotModified bool      // nothing changed; there are no quotes
	URL         string    // after redirects
	NextAt      time.Time // when the source may be read again at the soonest
	Title       string    // of the page
	// Quotes are in the order of the source, their items differ.
	Quotes []Quote
	// Elsewhere tells that the source's settings are for another kind of page,
	// "" = they fit. It is an issue code.
	Elsewhere string
}

// Quote is one price that a source shows, or the reason why there is none.
type Quote struct {
	pricewatch.Observation
	// NoPrice tells why there is no price, "" = there is one: see the
	// constants. A quote without a price has no amounts (invariant I11).
	NoPrice string `json:"no_price,omitempty"`
}

// Why a quote has no price.
const (
	NoPriceContact    = "contact"         // the seller wants to be asked
	NoPriceSoldOut    = "sold_out"        // sold out, without a price
	NoPriceUnreadable = "unreadable"      // nothing that is surely a price
	NoPriceSelector   = "selector_failed" // the selector, path or column gives no price
	NoPriceCurrency   = "no_currency"     // an amount of an unknown currency
)
