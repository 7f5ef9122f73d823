package connectors

import (
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
)

// Info describes a platform.
type Info struct {
	Name  string // lower-case package name; the type in connectors.yaml
	Title string // what people call it
	Docs  string // address of the platform's API documentation
	// Batch is how many items one call takes, for the cost of plans; 0 = 1.
	Batch Batch
	// Overlap is how far before the last read orders are read again, because
	// the platform may commit an order later than the time it carries.
	Overlap time.Duration
	// Settle is how long after a create whose answer was lost the platform may
	// still commit it, or not yet find it by SKU. Before that it is not
	// created again. 0 for platforms that refuse a second listing with a SKU.
	// The setting settle of a channel replaces it.
	Settle time.Duration
	// Precision is the resolution of the platform's times.
	Precision time.Duration
	// Pictures is what the platform takes of product pictures; what cannot be
	// made fit is told before any call. Zero = anything.
	Pictures media.Limits
}

// Batch is the number of items per call.
type Batch struct{ Publish, Prices, Stock int }

// Policy says what to do about a facet that somebody changed on the platform.
type Policy string

// The policies.
const (
	Manage  Policy = "manage"  // write ours again
	Observe Policy = "observe" // report the difference, change nothing
	Ignore  Policy = "ignore"  // neither write nor compare
)

// Schedule holds cron expressions (five fields, Asia/Ho_Chi_Minh) by task. An
// empty one means that the task runs only when asked.
type Schedule struct {
	Orders     string `yaml:"orders" json:"orders,omitempty" help:"when orders are read"`
	Publish    string `yaml:"publish" json:"publish,omitempty" help:"when changes are planned and applied"`
	Observe    string `yaml:"observe" json:"observe,omitempty" help:"when all listings are read back"`
	Categories string `yaml:"categories" json:"categories,omitempty" help:"when the platform's categories and their attributes are read"`
}

// ChannelConfig is one entry of connectors.yaml, decoded and validated.
type ChannelConfig struct {
	ID   catalog.ChannelID
	Type string
	Name string // what people call it; the ID when empty
	// Options is a pointer to the platform's option struct.
	Options any
	Rules   catalog.Rules
	// Policies by facet; a facet that is missing is managed.
	Policies map[catalog.Facet]Policy
	Schedule Schedule
	// Freshness is how old an order read may be when stock is raised (I1).
	Freshness time.Duration
	// Settle replaces [Info.Settle]; nil = as the platform says.
	Settle *time.Duration
	// AutoApply lets the schedule apply plans that no guard holds.
	AutoApply bool
	// Paused channels are neither read nor written.
	Paused bool
	// Disable names capabilities that shall not be used.
	Disable []string
	// Hash changes when anything above changes.
	Hash string
}

// Policy of a facet.
func (c ChannelConfig) Policy(f catalog.Facet) Policy {
	if p, ok := c.Policies[f]; ok {
		return p
	}
	return Manage
}

// Channel is an opened connector with one field per capability, nil when the
// platform lacks it or the configuration disables it. The core tests the field
// and nothing else.
type Channel struct {
	Config ChannelConfig
	Info   Info
	// Client is the account's HTTP client, nil when the connector made none.
	Client *Client
	// Tokens keeps the account's token, nil when nothing does.
	Tokens TokenStore

	Connector  Connector
	Publisher  Publisher
	Stopper    Stopper
	Deleter    Deleter
	Prices     PriceUpdater
	Stock      StockUpdater
	Finder     SKUFinder
	Listings   ListingReader
	Orders     OrderReader
	Shipper    Shipper
	Documents  Documenter
	Canceller  Canceller
	Categories CategoryBrowser
	Auditor    Auditor
	Hooks      HookReceiver
	Authorizer Authorizer
}

// ID is the channel's name in connectors.yaml.
func (c *Channel) ID() catalog.ChannelID { return c.Config.ID }

// Settle is how long a lookup that finds nothing does not yet prove that a
// create whose answer was lost did not happen.
func (c *Channel) Settle() time.Duration {
	if c.Config.Settle != nil {
		return *c.Config.Settle
	}
	return c.Info.Settle
}

// Capabilities lists the names of all capabilities, in the order of tables.
var Capabilities = []string{"publish", "stop", "delete", "prices", "stock", "find", "listings", "orders", "ship", "documents", "cancel", "categories", "audit", "hooks", "authorize"}

// NewChannel finds the capabilities of connector and leaves out those that
// config disables.
func NewChannel(config ChannelConfig, info Info, connector Connector, client *Client) *Channel {
	c := &Channel{Config: config, Info: info, Client: client, Connector: connector}
	off := map[string]bool{}
	for _, name := range config.Disable {
		off[name] = true
	}
	capability(&c.Publisher, connector, off["publish"])
	capability(&c.Stopper, connector, off["stop"])
	capability(&c.Deleter, connector, off["delete"])
	capability(&c.Prices, connector, off["prices"])
	capability(&c.Stock, connector, off["stock"])
	capability(&c.Finder, connector, off["find"])
	capability(&c.Listings, connector, off["listings"])
	capability(&c.Orders, connector, off["orders"])
	capability(&c.Shipper, connector, off["ship"])
	capability(&c.Documents, connector, off["documents"])
	capability(&c.Canceller, connector, off["cancel"])
	capability(&c.Categories, connector, off["categories"])
	capability(&c.Auditor, connector, off["audit"])
	capability(&c.Hooks, connector, off["hooks"])
	capability(&c.Authorizer, connector, off["authorize"])
	return c
}

func capability[T any](field *T, connector Connector, off bool) {
	if found, ok := connector.(T); ok && !off {
		*field = found
	}
}

// Has tells by name whether the channel has a capability.
func (c *Channel) Has(name string) bool {
	switch name {
	case "publish":
		return c.Publisher != nil
	case "stop":
		return c.Stopper != nil
	case "delete":
		return c.Deleter != nil
	case "prices":
		return c.Prices != nil
	case "stock":
		return c.Stock != nil
	case "find":
		return c.Finder != nil
	case "listings":
		return c.Listings != nil
	case "orders":
		return c.Orders != nil
	case "ship":
		return c.Shipper != nil
	case "documents":
		return c.Documents != nil
	case "cancel":
		return c.Canceller != nil
	case "categories":
		return c.Categories != nil
	case "audit":
		return c.Auditor != nil
	case "hooks":
		return c.Hooks != nil
	case "authorize":
		return c.Authorizer != nil
	}
	return false
}
