// Package scheduler makes the channels show what the catalog says, and brings
// back what they sold: it plans, applies, observes and reads orders, and it
// decides when. The decisions ([Decide], the guards) are pure functions; the
// [Engine] reads what they need, carries them out and records what happened.
//
// Work is derived from state, never queued: after a crash, a lost webhook or a
// doubled tick the next look finds what is left to do.
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// page is how many listings or orders are looked at together: large enough for
// the platforms' batches, small enough to hold in memory.
const page = 500

// Options of an [Engine]. Nil fields have working defaults, except Sealer.
type Options struct {
	Sealer connectors.Sealer // encrypts what orders hold of buyers; required
	Logger *slog.Logger
	// Links turns a picture into the address where platforms can fetch it.
	Links func(catalog.Image) string
	// Pictures tells what the catalog's pictures are; nil = nobody knows, and
	// the platforms judge.
	Pictures Pictures
	// Now is the clock; nil = time.Now.
	Now func() time.Time
	// OnAccess is told, now and then, when a channel's access ends, for metrics;
	// nil = nobody.
	OnAccess func(id catalog.ChannelID, token connectors.Token, expiry connectors.Expiry, near bool)
	// OnRun is told of every finished run, for metrics; nil = nobody.
	OnRun func(catalog.Run)
}

// Engine does the work on the channels. All methods are safe for concurrent
// use; two runs of the same task on one channel at once are safe too, but do
// the work twice, so [Jobs] keeps them apart.
type Engine struct {
	store   catalog.Store
	options Options

	mu           sync.RWMutex
	channels     map[catalog.ChannelID]*channel
	vocabularies map[string]*Vocabulary // by platform and region, as last read
	sources      []connectors.SourceConfig
	reader       connectors.SourceReader
	alerts       pricewatch.AlertSettings
	tell         Teller

	spreading sync.Mutex // one Spread at a time: the others find it done
}

// channel is an opened channel with what is made once from its rules.
type channel struct {
	*connectors.Channel
	renderer *catalog.Renderer
	rules    string // fingerprint of all that rendering depends on

	checked sync.Mutex
	ok      bool // the account was checked in this process
}

// New makes an engine without channels.
func New(store catalog.Store, options Options) *Engine {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Engine{store: store, options: options, channels: map[catalog.ChannelID]*channel{}, vocabularies: map[string]*Vocabulary{}}
}

// now is UTC with the precision that the stores keep.
func (e *Engine) now() time.Time { return e.options.Now().UTC().Truncate(time.Millisecond) }

// SetChannels replaces the channels. It fails, and keeps the old ones, when
// the rules of one do not compile. Runs under way finish with the old ones.
func (e *Engine) SetChannels(opened []*connectors.Channel) error {
	channels := map[catalog.ChannelID]*channel{}
	var errs []error
	for _, c := range opened {
		renderer, err := catalog.NewRenderer(c.ID(), c.Config.Rules, e.options.Links)
		if err != nil {
			errs = append(errs, fmt.Errorf("channel %s: %w", c.ID(), err))
			continue
		}
		channels[c.ID()] = &channel{Channel: c, renderer: renderer, rules: rulesHash(c.Config)}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.channels = channels
	return nil
}

// Channels returns the IDs of the channels that are not paused, sorted.
func (e *Engine) Channels() []catalog.ChannelID {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var ids []catalog.ChannelID
	for id, c := range e.channels {
		if !c.Config.Paused {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Channel returns an opened channel.
func (e *Engine) Channel(id catalog.ChannelID) (*connectors.Channel, error) {
	c, err := e.channel(id)
	if err != nil {
		return nil, err
	}
	return c.Channel, nil
}

// Store is the store the engine works on.
func (e *Engine) Store() catalog.Store { return e.store }

func (e *Engine) channel(id catalog.ChannelID) (*channel, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	c, ok := e.channels[id]
	if !ok {
		return nil, fmt.Errorf("channel %s: %w in connectors.yaml", id, catalog.ErrNotFound)
	}
	return c, nil
}

// wrongShop is the code of credentials that open another shop than before.
const wrongShop = "wrong_shop"

// ready proves, once per process and configuration, that the channel's
// credentials work and belong to the shop they belonged to before (invariant
// I14). A parked channel is tried again: a person may have repaired it.
func (e *Engine) ready(ctx context.Context, c *channel) error {
	if c.Config.Paused {
		return &connectors.Error{Kind: connectors.Fatal, Channel: string(c.ID()), Op: "check", Code: "paused", Err: errors.New("channel is paused"), Hint: "set paused: false in connectors.yaml"}
	}
	c.checked.Lock()
	defer c.checked.Unlock()
	if c.ok {
		return nil
	}
	state, err := e.State(ctx, c.ID())
	if err != nil {
		return err
	}
	if wait := state.SnoozedUntil.Sub(e.now()); wait > 0 {
		return &connectors.Error{Kind: connectors.RateLimited, Channel: string(c.ID()), Op: "check", RetryAfter: wait, Err: errors.New("the platform asked to wait")}
	}
	account, err := c.Connector.Check(ctx)
	if err != nil {
		return e.note(ctx, c, err)
	}
	if state.Account.ID != "" && state.Account.ID != account.ID {
		return e.note(ctx, c, &connectors.Error{
			Kind: connectors.Auth, Channel: string(c.ID()), Op: "check", Code: wrongShop,
			Err:  fmt.Errorf("these credentials open the shop %q, but this channel belongs to %q", account.ID, state.Account.ID),
			Hint: "put back the right credentials, or give the other shop a channel of its own",
		})
	}
	if want := c.Config.Rules.Currency; want != "" && account.Currency != "" && want != account.Currency {
		return e.note(ctx, c, &connectors.Error{
			Kind: connectors.Fatal, Channel: string(c.ID()), Op: "check", Code: "currency",
			Err:  fmt.Errorf("the shop sells in %s, connectors.yaml says %s", account.Currency, want),
			Hint: "correct rules.currency of the channel",
		})
	}
	if _, err := e.setState(ctx, c.ID(), func(s *ChannelState) {
		s.Account, s.Parked = account, nil
	}); err != nil {
		return err
	}
	c.ok = true
	return nil
}

// note records what an error means for the channel as a whole, and returns it.
// Only this channel is affected (invariant I7).
func (e *Engine) note(ctx context.Context, c *channel, err error) error {
	var change func(*ChannelState)
	switch decide(err) {
	case park:
		issue := c.issueOf(err)
		change = func(s *ChannelState) { s.Parked = &issue }
		c.ok = false
	case snooze:
		until := e.now().Add(retryAfter(err))
		change = func(s *ChannelState) { s.SnoozedUntil = until }
	default:
		return err
	}
	// The error itself matters more than failing to record it.
	if _, stateErr := e.setState(context.WithoutCancel(ctx), c.ID(), change); stateErr != nil {
		return errors.Join(err, stateErr)
	}
	return err
}

// forget makes the next run check the channel again.
func (c *channel) forget() {
	c.checked.Lock()
	c.ok = false
	c.checked.Unlock()
}

// Check proves a channel's credentials now, also when they were proved before
// in this process, and tells whose shop it is. Success ends a parking.
func (e *Engine) Check(ctx context.Context, id catalog.ChannelID) (connectors.Account, error) {
	c, err := e.channel(id)
	if err != nil {
		return connectors.Account{}, err
	}
	c.forget()
	if err := e.ready(ctx, c); err != nil {
		return connectors.Account{}, err
	}
	state, err := e.State(ctx, id)
	return state.Account, err
}
