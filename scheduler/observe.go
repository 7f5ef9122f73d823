package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
)

// goneAfter is how many complete reads in a row must miss a listing before it
// counts as gone (invariant I8).
const goneAfter = 2

// readBack reads the listings that were just written, so that "live" rests on
// what the platform shows.
func (e *Engine) readBack(ctx context.Context, c *channel, works []*work) error {
	if c.Finder == nil {
		return nil // the next scan shows them
	}
	listings := make([]catalog.Listing, 0, len(works))
	for _, w := range works {
		if w.listing.ExternalID != "" || w.listing.Intent != nil {
			listings = append(listings, w.listing)
		}
	}
	return e.lookUp(ctx, c, listings)
}

// lookUp reads these listings from the platform by SKU and takes what it shows
// into them. Intents are resolved by it: what is shown is what was applied.
func (e *Engine) lookUp(ctx context.Context, c *channel, listings []catalog.Listing) error {
	if len(listings) == 0 {
		return nil
	}
	at := e.now()
	bySKU := map[catalog.SKU]int{}
	var skus []catalog.SKU
	for i, l := range listings {
		for _, sku := range skusOf(l) {
			bySKU[sku] = i
			skus = append(skus, sku)
		}
	}
	remotes, err := c.Finder.FindSKUs(ctx, skus)
	if err != nil {
		return fmt.Errorf("look up %d listings: %w", len(listings), err)
	}
	found := make([][]catalog.Remote, len(listings))
	for _, remote := range remotes {
		if i, ok := owner(remote, bySKU); ok {
			found[i] = append(found[i], remote)
		}
	}
	for i := range listings {
		l := &listings[i]
		before := *l
		switch len(found[i]) {
		case 0:
			e.miss(c, l, at)
		default:
			remote := choose(*l, found[i])
			if _, err := e.notePrices(ctx, c, *l, remote, at); err != nil {
				return err
			}
			show(l, remote, at)
		}
		if len(found[i]) > 1 {
			l.Issues = append(l.Issues, catalog.Issue{Code: "duplicate", Severity: catalog.SeverityError, Message: reasons["duplicate"]})
		}
		if differs(before, *l) {
			l.Due, l.UpdatedAt = true, e.now()
		}
	}
	_, err = e.putListings(ctx, listings)
	return err
}

// skusOf lists the SKUs by which a listing can be found.
func skusOf(l catalog.Listing) []catalog.SKU {
	var skus []catalog.SKU
	seen := map[catalog.SKU]bool{}
	sides := []catalog.Snapshot{l.Applied, l.Observed}
	if l.Intent != nil {
		sides = append(sides, l.Intent.Desired)
	}
	for _, side := range sides {
		for _, v := range side.Variants {
			if !seen[v.SKU] {
				seen[v.SKU] = true
				skus = append(skus, v.SKU)
			}
		}
	}
	return skus
}

func owner(remote catalog.Remote, bySKU map[catalog.SKU]int) (int, bool) {
	for _, v := range remote.Variants {
		if i, ok := bySKU[v.SKU]; ok {
			return i, true
		}
	}
	return 0, false
}

// choose picks, among listings with our SKUs, the one we know, else the first.
func choose(l catalog.Listing, remotes []catalog.Remote) catalog.Remote {
	for _, r := range remotes {
		if r.ExternalID == l.ExternalID {
			return r
		}
	}
	return remotes[0]
}

// miss notes that a read for this very listing did not find it.
func (e *Engine) miss(c *channel, l *catalog.Listing, at time.Time) {
	if l.Intent != nil && l.ExternalID == "" {
		// A create whose answer was lost did not happen, once the platform has
		// had its time to commit and to index it.
		if at.Sub(l.Intent.StartedAt) >= c.Settle() {
			l.Intent = nil
		}
		return
	}
	l.Missing++
	if l.Missing >= goneAfter {
		l.Observed = catalog.Snapshot{At: at, State: catalog.StateGone}
		l.Intent = nil
	}
}

// show takes what the platform shows into the listing. Where the outcome of a
// write was unknown, what is shown now is what is applied.
func show(l *catalog.Listing, remote catalog.Remote, at time.Time) {
	intent := l.Intent
	l.Intent, l.Missing = nil, 0
	if l.ExternalID == "" && intent == nil {
		l.Applied = catalog.Snapshot{} // found, not made by us: to be adopted
	}
	link(l, remote)
	if l.ExternalID != remote.ExternalID && remote.ExternalID != "" {
		l.ExternalID = remote.ExternalID
	}
	before := l.Observed
	l.Observed = catalog.Snapshot{At: at, State: remote.State, Content: remote.Content, Media: remote.Media, Variants: remote.Variants}
	if len(remote.Issues) > 0 {
		l.Issues = dedupe(append(l.Issues, remote.Issues...))
	}
	if remote.State == catalog.StateRejected && l.BlockedOn == "" {
		l.BlockedOn = blockKey(l.Applied)
	}
	if intent != nil {
		settle(l, *intent, remote, at)
	}
	// The first look after a write is the platform's echo of it.
	if l.PendingContent {
		l.PendingContent = remote.State != catalog.StateLive || before.State == catalog.StateLive && before.Content == remote.Content
	}
	if l.ContentEcho == "" && l.Applied.Content != "" && !l.PendingContent {
		l.ContentEcho = remote.Content
	}
	if !l.PendingUntil.After(at) {
		l.PendingUntil = time.Time{}
	}
	if l.MediaEcho == "" && l.Applied.Media != "" {
		l.MediaEcho = remote.Media
	}
}

// settle ends an intent whose answer was lost: prices, stock and state are
// applied as far as they are shown; content and pictures cannot be recognised
// in the platform's form of them, so they count as not applied and are written
// again, which changes nothing if they were.
func settle(l *catalog.Listing, intent catalog.Intent, remote catalog.Remote, at time.Time) {
	l.Applied.At = intent.StartedAt
	facets := intent.Facets
	if intent.Kind == catalog.ActionCreate {
		facets = catalog.Facets
	}
	for _, f := range facets {
		switch f {
		case catalog.FacetState:
			l.Applied.State = remote.State
		case catalog.FacetContent:
			l.Applied.Content, l.ContentEcho = "", ""
		case catalog.FacetMedia:
			l.Applied.Media, l.MediaEcho = "", ""
		case catalog.FacetPrice, catalog.FacetStock:
			for _, shown := range remote.Variants {
				want, ours := intent.Desired.Variant(shown.SKU)
				if !ours {
					continue
				}
				l.Applied.Variants = setVariant(l.Applied.Variants, shown.SKU, func(a *catalog.VariantSnapshot) {
					if f == catalog.FacetPrice && shown.Price != nil && want.Price != nil {
						a.Price = shown.Price
					}
					if f == catalog.FacetStock && shown.Quantity != nil && want.Quantity != nil {
						a.Quantity = shown.Quantity
					}
				})
			}
		}
	}
}

// Resolve looks up every listing whose last write has an unknown outcome. It
// returns how many there were.
func (e *Engine) Resolve(ctx context.Context, id catalog.ChannelID) (int, error) {
	c, err := e.channel(id)
	if err != nil {
		return 0, err
	}
	if c.Finder == nil {
		return 0, nil
	}
	count := 0
	for after := ""; ; {
		listings, err := e.store.Listings(ctx, catalog.ListingQuery{Channel: id, Due: true, After: after, Limit: page})
		if err != nil {
			return count, fmt.Errorf("resolve channel %s: %w", id, err)
		}
		if len(listings) == 0 {
			return count, nil
		}
		after = listings[len(listings)-1].ProductID
		var open []catalog.Listing
		for _, l := range listings {
			if l.Intent != nil {
				open = append(open, l)
			}
		}
		if len(open) == 0 {
			continue
		}
		if err := e.ready(ctx, c); err != nil {
			return count, err
		}
		count += len(open)
		if err := e.lookUp(ctx, c, open); err != nil {
			return count, e.note(ctx, c, err)
		}
	}
}

// Observe reads all listings of the channel, with their prices, stock and
// state, takes them into ours, notes own prices that changed, and looks at all
// that differs. Only a complete read may say that something vanished.
func (e *Engine) Observe(ctx context.Context, id catalog.ChannelID) (catalog.Run, error) {
	run, err := e.run(ctx, "observe", id, func(c *channel, count counter) error {
		if c.Listings == nil {
			return nil
		}
		begun := e.now()
		seen, err := e.scan(ctx, c, begun, count)
		if err != nil {
			return err
		}
		if err := e.sweep(ctx, c, seen, begun, count); err != nil {
			return err
		}
		if _, err := e.setState(ctx, id, func(s *ChannelState) { s.ObservedAt = begun }); err != nil {
			return err
		}
		planned, err := e.Plan(ctx, id)
		count("drift", int64(planned.Drift))
		count("actions", int64(len(planned.Actions)+planned.More))
		return err
	})
	return run, err
}

// scan reads the platform page by page.
func (e *Engine) scan(ctx context.Context, c *channel, begun time.Time, count counter) (seen map[string]catalog.ExternalID, err error) {
	seen = map[string]catalog.ExternalID{}
	batch := make([]catalog.Remote, 0, page)
	for remote, err := range c.Listings.Listings(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read listings: %w", err)
		}
		count("listings", 1)
		if batch = append(batch, remote); len(batch) == page {
			if err := e.takeRemotes(ctx, c, batch, begun, seen, count); err != nil {
				return nil, err
			}
			batch = batch[:0]
		}
	}
	return seen, e.takeRemotes(ctx, c, batch, begun, seen, count)
}

// takeRemotes takes one page of what the platform shows into our listings.
func (e *Engine) takeRemotes(ctx context.Context, c *channel, remotes []catalog.Remote, begun time.Time, seen map[string]catalog.ExternalID, count counter) error {
	if len(remotes) == 0 {
		return nil
	}
	var skus []catalog.SKU
	for _, r := range remotes {
		for _, v := range r.Variants {
			skus = append(skus, v.SKU)
		}
	}
	products, err := e.store.Products(ctx, catalog.ProductQuery{SKUs: skus, Limit: len(skus)})
	if err != nil {
		return fmt.Errorf("read products: %w", err)
	}
	owners := map[catalog.SKU]string{}
	var ids []string
	for _, p := range products {
		ids = append(ids, p.ID)
		for _, v := range p.Variants {
			owners[v.SKU] = p.ID
		}
	}
	stored, err := e.store.Listings(ctx, catalog.ListingQuery{Channel: c.ID(), Products: ids, Limit: len(ids)})
	if err != nil {
		return fmt.Errorf("read listings: %w", err)
	}
	listings := map[string]*catalog.Listing{}
	for i := range stored {
		listings[stored[i].ProductID] = &stored[i]
	}
	changed := map[string]bool{}
	for _, remote := range remotes {
		id := ""
		for _, v := range remote.Variants {
			if owners[v.SKU] != "" {
				id = owners[v.SKU]
				break
			}
		}
		l := listings[id]
		if l == nil {
			count("foreign", 1)
			continue
		}
		before := *l
		if known, twice := seen[id]; twice && known != remote.ExternalID {
			count("duplicates", 1)
			l.Issues = dedupe(append(l.Issues, catalog.Issue{Code: "duplicate", Severity: catalog.SeverityError, Message: reasons["duplicate"]}))
			if remote.ExternalID != l.ExternalID {
				changed[id] = changed[id] || differs(before, *l)
				continue
			}
		}
		seen[id] = remote.ExternalID
		if l.Intent == nil || l.ExternalID != "" || c.Finder == nil {
			noted, err := e.notePrices(ctx, c, *l, remote, begun)
			if err != nil {
				return err
			}
			count("prices", noted)
			show(l, remote, begun)
		}
		// An observation that shows what the last one showed is not written
		// again, unless a write of ours lies between them.
		same := before
		same.Observed.At = l.Observed.At
		if differs(same, *l) || before.Observed.At.Before(before.Applied.At) {
			l.Due, l.UpdatedAt = true, begun
			changed[id] = true
		}
	}
	var write []catalog.Listing
	for id := range changed {
		if changed[id] {
			write = append(write, *listings[id])
		}
	}
	_, err = e.putListings(ctx, write)
	return err
}

// sweep notes the listings that a complete scan did not show.
func (e *Engine) sweep(ctx context.Context, c *channel, seen map[string]catalog.ExternalID, begun time.Time, count counter) error {
	for after := ""; ; {
		listings, err := e.store.Listings(ctx, catalog.ListingQuery{Channel: c.ID(), After: after, Limit: page})
		if err != nil {
			return fmt.Errorf("read listings: %w", err)
		}
		if len(listings) == 0 {
			return nil
		}
		after = listings[len(listings)-1].ProductID
		var missing []catalog.Listing
		for _, l := range listings {
			_, shown := seen[l.ProductID]
			// One that was made after the scan began proves nothing.
			if shown || l.ExternalID == "" || l.Observed.State == catalog.StateGone || !l.Applied.At.Before(begun) {
				continue
			}
			e.miss(c, &l, begun)
			l.Due, l.UpdatedAt = true, begun
			missing = append(missing, l)
		}
		count("missing", int64(len(missing)))
		if _, err := e.putListings(ctx, missing); err != nil {
			return err
		}
	}
}

// notePrices keeps the history of what buyers were asked on our own channels:
// an observation only when it changed. It returns how many there were.
func (e *Engine) notePrices(ctx context.Context, c *channel, l catalog.Listing, remote catalog.Remote, at time.Time) (noted int64, err error) {
	for _, v := range remote.Variants {
		if v.Price == nil {
			continue
		}
		before, _ := l.Observed.Variant(v.SKU)
		if before.Price != nil && before.Price.Equal(*v.Price) {
			continue
		}
		o := catalog.PriceObservation{Source: string(c.ID()), ExternalID: v.ExternalID, SKU: v.SKU, Price: *v.Price, SeenAt: at, LastSeenAt: at}
		id := observationID(o)
		if err := catalog.Save(ctx, e.store, catalog.KindObservation, id, 0, o); err != nil && !errors.Is(err, catalog.ErrExists) {
			return noted, fmt.Errorf("store price observation %s: %w", id, err)
		}
		noted++
	}
	return noted, nil
}

// observationID orders observations of one source and variant by time.
func observationID(o catalog.PriceObservation) string {
	return o.Source + "/" + string(o.SKU) + "/" + o.SeenAt.UTC().Format("20060102T150405.000")
}
