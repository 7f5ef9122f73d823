package scheduler

import (
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Traits are the facts about a channel that decisions depend on.
type Traits struct {
	Channel  catalog.ChannelID
	Policies map[catalog.Facet]connectors.Policy // a missing facet is managed
	// CanPublish is false for a platform without an interface: what it should
	// show is reported to a person instead.
	CanPublish bool
	// HasOrders tells that the channel sells by itself, so that raising its
	// stock needs the fence.
	HasOrders bool
	// OrdersReadAt is when the last successful order read began; Freshness how
	// old it may be.
	OrdersReadAt time.Time
	Freshness    time.Duration
}

func (t Traits) policy(f catalog.Facet) connectors.Policy {
	if p, ok := t.Policies[f]; ok {
		return p
	}
	return connectors.Manage
}

// fenced tells whether the channel's stock of a variant whose ledger head is
// head may not be raised now (invariant I1): that needs an order read begun
// after the head, and fresh. Without it the raise could offer pieces that the
// channel has just sold.
func (t Traits) fenced(head, now time.Time) bool {
	if !t.HasOrders {
		return false
	}
	return !t.OrdersReadAt.After(head) || now.Sub(t.OrdersReadAt) > t.Freshness
}

// Look is all that the decision about one listing follows from.
type Look struct {
	Traits  Traits
	Now     time.Time
	Product catalog.Product
	// Offer is what the rules render, Issues what is wrong with it. Excluded
	// tells that the rules leave the product out; Offer is then not used.
	Offer    catalog.Offer
	Issues   []catalog.Issue
	Excluded bool
	Levels   map[catalog.SKU]catalog.Level
	// Sold is, per variant, how many pieces orders of this channel took since
	// its stock was last applied: the platform lowers its own stock by them.
	Sold    map[catalog.SKU]int64
	Listing catalog.Listing
}

// Verdict is the decision about one listing.
type Verdict struct {
	// Listing is the listing with its status and what could be concluded
	// without a call. It is due exactly when something remains to be done.
	Listing catalog.Listing
	// Action is what to do; nil = nothing now.
	Action *catalog.Action
	// Drift lists the facets that somebody changed on the platform.
	Drift []catalog.Change
	// Fenced counts variants whose stock may not be raised before the
	// channel's orders were read again.
	Fenced int
}

// Decide compares desired, applied and observed of one listing and says what
// to do. It is pure: the same look gives the same verdict.
func Decide(look Look) Verdict {
	d := decision{Look: look, verdict: Verdict{Listing: look.Listing}}
	d.decide()
	d.finish()
	return d.verdict
}

type decision struct {
	Look
	verdict Verdict
	desired catalog.Snapshot
	held    bool
	facets  []catalog.Facet
	changes []catalog.Change
	kind    catalog.ActionKind
	reason  string
	status  catalog.Status
	why     string
	issues  []catalog.Issue
}

func (d *decision) listing() *catalog.Listing { return &d.verdict.Listing }

// observed returns what the platform shows, if it was read after our last
// write; an older read says nothing about now.
func (d *decision) observed() (catalog.Snapshot, bool) {
	l := d.listing()
	return l.Observed, !l.Observed.At.IsZero() && !l.Observed.At.Before(l.Applied.At)
}

func (d *decision) decide() {
	l := d.listing()
	switch {
	case l.Intent != nil:
		// The answer of a write was lost. Only a look at the platform helps.
		d.status, d.why = catalog.StatusWaiting, "unknown_outcome"
		l.Due = true
		return
	case d.Excluded:
		d.stop("excluded")
		return
	case d.Product.Archived, d.Offer.State == catalog.StateStopped && !hasError(d.Issues):
		d.stop("stopped")
		return
	case hasError(d.Issues):
		// A broken master never blanks a shop: what is there stays as it is,
		// but for pieces that are sold already.
		d.status, d.why, d.issues = catalog.StatusBlocked, "invalid", d.Issues
		d.lowerStock()
		return
	}
	d.issues = d.Issues // warnings
	d.desired = d.Offer.Snapshot(d.Now)
	if l.ExternalID == "" || l.Observed.State == catalog.StateGone {
		d.create()
		return
	}
	d.compare()
}

// stop decides about a product that shall not be sold here.
func (d *decision) stop(why string) {
	l := d.listing()
	status := catalog.StatusStopped
	if why == "excluded" {
		status = catalog.StatusExcluded
	}
	d.status, d.why = status, why
	if l.BlockedOn != "" {
		d.issues = l.Issues // still true when the product comes back
	}
	observed, fresh := d.observed()
	if l.ExternalID == "" || fresh && (observed.State == catalog.StateGone || observed.State == catalog.StateStopped) {
		l.Applied.State = catalog.StateStopped
		return
	}
	if d.Traits.policy(catalog.FacetState) != connectors.Manage {
		return
	}
	if fresh || l.Applied.State != catalog.StateStopped {
		d.kind, d.reason = catalog.ActionStop, why
		d.add(catalog.Change{Facet: catalog.FacetState, Before: string(orState(observed.State, l.Applied.State)), After: string(catalog.StateStopped)})
	}
	d.status, d.why = catalog.StatusWaiting, "stopping"
}

// lowerStock takes pieces off a listing whose other facets are left alone.
func (d *decision) lowerStock() {
	l := d.listing()
	observed, fresh := d.observed()
	if l.ExternalID == "" || l.Applied.At.IsZero() || fresh && observed.State == catalog.StateGone || d.Traits.policy(catalog.FacetStock) != connectors.Manage {
		return
	}
	d.kind, d.reason, d.desired = catalog.ActionUpdate, "changed", d.Offer.Snapshot(d.Now)
	for _, want := range d.desired.Variants {
		applied, _ := l.Applied.Variant(want.SKU)
		shown := applied.Quantity
		if v, known := observed.Variant(want.SKU); fresh && known {
			shown = orCount(v.Quantity, shown)
		}
		if shown != nil && *want.Quantity < *shown {
			d.add(catalog.Change{Facet: catalog.FacetStock, SKU: want.SKU, Before: countText(shown), After: countText(want.Quantity)})
		}
	}
}

func (d *decision) create() {
	l := d.listing()
	d.status, d.why = catalog.StatusWaiting, "not_published"
	if l.BlockedOn != "" && l.BlockedOn == blockKey(d.desired) {
		d.status, d.why, d.issues = catalog.StatusBlocked, "refused", l.Issues
		return
	}
	d.kind, d.reason = catalog.ActionCreate, "new"
	if l.ExternalID != "" {
		d.reason, d.held = "gone", true // somebody deleted it there: a person decides
	}
	for _, v := range d.Offer.Variants {
		if v.Quantity > 0 && d.Traits.fenced(d.Levels[v.SKU].Head, d.Now) {
			d.verdict.Fenced++
		}
	}
	if d.verdict.Fenced > 0 {
		d.kind = ""
		d.why, l.Due = "orders_unread", true
		return
	}
	d.add(catalog.Change{Facet: catalog.FacetState, After: string(catalog.StateLive)})
	d.add(catalog.Change{Facet: catalog.FacetContent, Field: "title", After: d.Offer.Title})
	if len(d.Offer.Images) > 0 {
		d.add(catalog.Change{Facet: catalog.FacetMedia, Field: "images", After: fmt.Sprint(len(d.Offer.Images))})
	}
	for _, v := range d.Offer.Variants {
		d.add(catalog.Change{Facet: catalog.FacetPrice, SKU: v.SKU, After: priceText(&v.Price)})
		d.add(catalog.Change{Facet: catalog.FacetStock, SKU: v.SKU, After: fmt.Sprint(v.Quantity)})
	}
}

// compare decides about a listing that exists.
func (d *decision) compare() {
	l := d.listing()
	observed, fresh := d.observed()
	d.kind, d.reason = catalog.ActionUpdate, "changed"
	adopting := l.Applied.At.IsZero()
	if adopting {
		d.kind, d.reason = catalog.ActionAdopt, "adopted"
	}

	switch shown := orState(observed.State, l.Applied.State); {
	case fresh && observed.State == catalog.StateLive:
		d.status = catalog.StatusLive
	case fresh && observed.State == catalog.StateRejected:
		d.status, d.why = catalog.StatusBlocked, "refused"
		d.issues = append(d.issues, l.Issues...)
	case fresh && observed.State == catalog.StateReview:
		d.status, d.why = catalog.StatusWaiting, "review"
	case shown == catalog.StateStopped:
		d.status, d.why = catalog.StatusWaiting, "stopped_there"
	default:
		d.status, d.why = catalog.StatusWaiting, "not_observed"
	}

	d.compareState(observed, fresh)
	d.compareHashes(catalog.FacetContent, l.Applied.Content, d.desired.Content, observed.Content, l.ContentEcho, fresh)
	d.compareHashes(catalog.FacetMedia, l.Applied.Media, d.desired.Media, observed.Media, l.MediaEcho, fresh)
	for _, want := range d.desired.Variants {
		applied, _ := l.Applied.Variant(want.SKU)
		shown, known := observed.Variant(want.SKU)
		if !fresh || !known {
			shown = catalog.VariantSnapshot{}
		}
		if fresh && !known && applied.ExternalID == "" {
			// A new variant comes with the content, which writes its terms too.
			d.add(catalog.Change{Facet: catalog.FacetContent, SKU: want.SKU, Field: "variant", After: string(want.SKU)})
			continue
		}
		d.comparePrice(want, applied, shown)
		d.compareStock(want, applied, shown)
	}
	if l.BlockedOn != "" && l.BlockedOn == blockKey(d.desired) && len(d.facets) > 0 {
		d.facets, d.changes, d.held = nil, nil, false
		d.status, d.why, d.issues = catalog.StatusBlocked, "refused", l.Issues
	}
}

func (d *decision) compareState(observed catalog.Snapshot, fresh bool) {
	l := d.listing()
	if !fresh || d.Traits.policy(catalog.FacetState) == connectors.Ignore {
		if l.Applied.State == catalog.StateStopped {
			d.resume(string(l.Applied.State))
		}
		return
	}
	switch observed.State {
	case catalog.StateLive, catalog.StateReview:
		l.Applied.State = catalog.StateLive
	case catalog.StateStopped:
		if l.Applied.State == catalog.StateLive {
			change := catalog.Change{Facet: catalog.FacetState, Before: string(catalog.StateLive), After: string(catalog.StateStopped)}
			d.verdict.Drift = append(d.verdict.Drift, change)
			if d.Traits.policy(catalog.FacetState) == connectors.Observe {
				d.status, d.why = catalog.StatusBlocked, "stopped_there"
				return
			}
		}
		d.resume(string(observed.State))
	}
}

func (d *decision) resume(before string) {
	d.add(catalog.Change{Facet: catalog.FacetState, Before: before, After: string(catalog.StateLive)})
}

// compareHashes compares content or media. Platforms rewrite what they are
// sent, so the platform's side is compared with its own echo of our write.
func (d *decision) compareHashes(f catalog.Facet, applied, desired, observed, echo string, fresh bool) {
	policy := d.Traits.policy(f)
	if policy == connectors.Ignore {
		return
	}
	drifted := fresh && observed != "" && echo != "" && observed != echo
	changed := applied != desired
	if drifted {
		change := catalog.Change{Facet: f, Before: "ours", After: "changed on the platform"}
		d.verdict.Drift = append(d.verdict.Drift, change)
		if !changed && policy == connectors.Observe {
			d.warn("drift", f, "")
			return
		}
		if changed {
			d.conflict()
		}
	}
	if !changed && !drifted {
		return
	}
	after := ""
	if f == catalog.FacetContent {
		after = d.Offer.Title
	} else {
		after = fmt.Sprintf("%d images", len(d.Offer.Images))
	}
	d.add(catalog.Change{Facet: f, Before: shortHash(applied), After: after})
	if drifted && !changed && d.reason == "changed" {
		d.reason = "drift"
	}
}

func (d *decision) comparePrice(want, applied, shown catalog.VariantSnapshot) {
	policy := d.Traits.policy(catalog.FacetPrice)
	if policy == connectors.Ignore {
		return
	}
	if d.listing().PendingUntil.After(d.Now) {
		shown.Price = nil // accepted, takes effect later
	}
	changed := applied.Price == nil || !applied.Price.Equal(*want.Price)
	drifted := shown.Price != nil && applied.Price != nil && !shown.Price.Equal(*applied.Price)
	if shown.Price != nil && shown.Price.Equal(*want.Price) {
		if drifted || changed {
			d.applyVariant(want.SKU, func(v *catalog.VariantSnapshot) { v.Price = want.Price })
		}
		return
	}
	change := catalog.Change{Facet: catalog.FacetPrice, SKU: want.SKU, Before: priceText(orPrice(shown.Price, applied.Price)), After: priceText(want.Price)}
	if drifted {
		d.verdict.Drift = append(d.verdict.Drift, catalog.Change{Facet: catalog.FacetPrice, SKU: want.SKU, Before: priceText(applied.Price), After: priceText(shown.Price)})
		if !changed && policy == connectors.Observe {
			d.warn("drift", catalog.FacetPrice, want.SKU)
			return
		}
		if changed {
			d.conflict()
		} else if d.reason == "changed" {
			d.reason = "drift"
		}
	}
	if applied.Price == nil && shown.Price != nil && want.Price.Asked().Amount < shown.Price.Asked().Amount {
		d.conflict() // taking a listing over would lower its price
	}
	if changed || drifted {
		d.add(change)
	}
}

func (d *decision) compareStock(want, applied, shown catalog.VariantSnapshot) {
	policy := d.Traits.policy(catalog.FacetStock)
	if policy == connectors.Ignore {
		return
	}
	asked := *want.Quantity
	// The platform lowers its own stock by what it sells, so what we applied
	// less what was sold there is no change by anybody.
	expected := func(n int64) bool {
		return applied.Quantity != nil && (n == *applied.Quantity || n == *applied.Quantity-d.Sold[want.SKU])
	}
	changed := applied.Quantity == nil || *applied.Quantity != asked
	drifted := shown.Quantity != nil && applied.Quantity != nil && !expected(*shown.Quantity)
	now := orCount(shown.Quantity, applied.Quantity)
	if shown.Quantity != nil && *shown.Quantity == asked {
		if changed {
			d.applyVariant(want.SKU, func(v *catalog.VariantSnapshot) { v.Quantity = want.Quantity })
		}
		return
	}
	if drifted {
		d.verdict.Drift = append(d.verdict.Drift, catalog.Change{Facet: catalog.FacetStock, SKU: want.SKU, Before: countText(applied.Quantity), After: countText(shown.Quantity)})
		if !changed && policy == connectors.Observe {
			d.warn("drift", catalog.FacetStock, want.SKU)
			return
		}
	}
	if !changed && !drifted && shown.Quantity == nil {
		return
	}
	raises := now == nil || asked > *now
	if raises && d.Traits.fenced(later(d.Levels[want.SKU].Head, d.shownAt(shown)), d.Now) {
		d.verdict.Fenced++
		d.listing().Due = true
		return
	}
	if raises && drifted && changed || raises && applied.Quantity == nil && now != nil {
		d.conflict()
	}
	if drifted && !changed && d.reason == "changed" {
		d.reason = "drift"
	}
	d.add(catalog.Change{Facet: catalog.FacetStock, SKU: want.SKU, Before: countText(now), After: countText(want.Quantity)})
}

// shownAt is when the platform showed a variant: what lowered its stock before
// that moment may be an order, so raising it again needs an order read that
// began later.
func (d *decision) shownAt(shown catalog.VariantSnapshot) time.Time {
	if shown.Quantity == nil {
		return time.Time{}
	}
	return d.listing().Observed.At
}

// conflict marks the action as one that a person has to decide: both sides
// changed.
func (d *decision) conflict() { d.reason, d.held = "conflict", true }

func (d *decision) warn(code string, f catalog.Facet, sku catalog.SKU) {
	d.issues = append(d.issues, catalog.Issue{Code: code, Severity: catalog.SeverityWarning, Field: string(f), SKU: sku, Message: reasons[code]})
}

func (d *decision) add(c catalog.Change) {
	if !hasFacet(d.facets, c.Facet) {
		d.facets = append(d.facets, c.Facet)
	}
	d.changes = append(d.changes, c)
}

func (d *decision) applyVariant(sku catalog.SKU, set func(*catalog.VariantSnapshot)) {
	l := d.listing()
	l.Applied.Variants = setVariant(l.Applied.Variants, sku, set)
}

// finish turns what was gathered into the action and the listing's status.
func (d *decision) finish() {
	l := d.listing()
	if len(d.changes) > 0 && d.kind != "" {
		kind, reason := d.kind, d.reason
		if !d.Traits.CanPublish {
			kind, d.held = catalog.ActionReport, true
		} else if kind == catalog.ActionUpdate && len(d.facets) == 1 && d.facets[0] == catalog.FacetState {
			kind = catalog.ActionResume
		}
		d.verdict.Action = &catalog.Action{
			Kind: kind, ProductID: l.ProductID, Facets: ordered(d.facets), Changes: d.changes, Reason: reason,
			Message: reasons[reason], ProductRevision: d.Product.Revision, ListingRevision: l.Revision, Held: d.held,
		}
	}
	l.Due = d.verdict.Action != nil || d.verdict.Fenced > 0 || l.Intent != nil
	if d.held {
		d.issues = append(d.issues, catalog.Issue{Code: d.reason, Severity: catalog.SeverityWarning, Message: reasons[d.reason]})
	}
	l.Status, l.Reason, l.Issues = d.status, d.why, dedupe(d.issues)
}
