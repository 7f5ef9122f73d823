package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Result counts what applying did, by listing unless it says otherwise.
type Result struct {
	Created, Updated, Stopped, Resumed, Adopted int
	Rejected                                    int
	Unknown                                     int // the answer was lost; looked up before anything else is tried
	Waiting                                     int // deferred by the platform
	Held                                        int // left to a person
	Moved                                       int // refused: the catalog or the listing changed since the plan
	StockChanges, PriceChanges                  int // variants
	Errors                                      []catalog.Issue
}

// Progress tells whether anything became different on the platform.
func (r Result) Progress() bool {
	return r.Created+r.Updated+r.Stopped+r.Resumed+r.Adopted > 0
}

func (r *Result) add(o Result) {
	r.Created += o.Created
	r.Updated += o.Updated
	r.Stopped += o.Stopped
	r.Resumed += o.Resumed
	r.Adopted += o.Adopted
	r.Rejected += o.Rejected
	r.Unknown += o.Unknown
	r.Waiting += o.Waiting
	r.Held += o.Held
	r.Moved += o.Moved
	r.StockChanges += o.StockChanges
	r.PriceChanges += o.PriceChanges
	r.Errors = append(r.Errors, o.Errors...)
}

// work is one listing that is being written.
type work struct {
	action  catalog.Action
	look    Look
	listing catalog.Listing // as stored, with the intent
	desired catalog.Snapshot
	facets  []catalog.Facet
	results []facetResult
}

// facetResult is what became of one facet, or of one variant's part of it.
type facetResult struct {
	facet   catalog.Facet
	sku     catalog.SKU
	outcome connectors.Outcome
}

// Apply carries a plan out. Every action is decided anew from what is stored
// now: one whose product or listing has moved since the plan is refused and
// counted as moved, one that is not needed any more is skipped, and the fence
// and the guards hold here again, whoever made the plan. Held plans and actions
// are left, unless approved names the person who approved them; only what
// lowers stock passes in any case.
//
// An intent is stored before each write and taken back by its outcome. The
// error is of the channel as a whole; what became of listings is in the result.
func (e *Engine) Apply(ctx context.Context, plan catalog.Plan, approved string) (Result, error) {
	var total Result
	c, err := e.channel(plan.Channel)
	if err != nil {
		return total, err
	}
	if err := e.ready(ctx, c); err != nil {
		return total, err
	}
	held, err := e.blastOf(ctx, c, plan)
	if err != nil {
		return total, err
	}
	for start := 0; start < len(plan.Actions); start += page {
		chunk := plan.Actions[start:min(start+page, len(plan.Actions))]
		result, err := e.applyChunk(ctx, c, plan, chunk, held, approved)
		total.add(result)
		if err != nil {
			return total, e.note(ctx, c, err)
		}
	}
	if approved != "" || !held {
		if plan.ID != "" {
			_, err = catalog.Modify(ctx, e.store, catalog.KindPlan, plan.ID, func(p *catalog.Plan) error {
				if p.ID == "" {
					*p = plan
				}
				p.AppliedAt, p.ApprovedBy = e.now(), approved
				return nil
			})
			if err != nil {
				return total, fmt.Errorf("record plan %s as applied: %w", plan.ID, err)
			}
		}
	}
	return total, nil
}

// blastOf counts again what the plan would do, from what is stored now, so that
// a plan whose guards were left out is held all the same (invariant I12).
func (e *Engine) blastOf(ctx context.Context, c *channel, plan catalog.Plan) (held bool, err error) {
	var b blast
	state, err := e.State(ctx, plan.Channel)
	if err != nil {
		return false, err
	}
	view := e.view(c, state, e.now())
	for start := 0; start < len(plan.Actions); start += page {
		chunk := plan.Actions[start:min(start+page, len(plan.Actions))]
		listings, err := e.store.Listings(ctx, catalog.ListingQuery{Channel: plan.Channel, Products: productIDs(chunk), Limit: page})
		if err != nil {
			return false, fmt.Errorf("read listings: %w", err)
		}
		looks, err := view.looks(ctx, listings)
		if err != nil {
			return false, err
		}
		for _, look := range looks {
			if v := Decide(look); v.Action != nil {
				b.count(*v.Action, look)
			}
		}
	}
	counts, err := e.store.CountListings(ctx, plan.Channel)
	if err != nil {
		return false, err
	}
	b.listings = existing(counts)
	return len(b.hold()) > 0 || len(plan.Hold) > 0, nil
}

func productIDs(actions []catalog.Action) []string {
	ids := make([]string, len(actions))
	for i, a := range actions {
		ids[i] = a.ProductID
	}
	return ids
}

func (e *Engine) applyChunk(ctx context.Context, c *channel, plan catalog.Plan, actions []catalog.Action, held bool, approved string) (Result, error) {
	var result Result
	state, err := e.State(ctx, plan.Channel)
	if err != nil {
		return result, err
	}
	works, err := e.prepare(ctx, e.view(c, state, e.now()), actions, held, approved, &result)
	if err != nil || len(works) == 0 {
		return result, err
	}
	if works, err = e.intend(ctx, plan.ID, works, &result); err != nil || len(works) == 0 {
		return result, err
	}
	callErr := e.send(ctx, c, works)
	// What was sent must be recorded even when we are told to stop.
	if err := e.record(context.WithoutCancel(ctx), works, &result); err != nil {
		return result, errors.Join(callErr, err)
	}
	if callErr != nil {
		return result, callErr
	}
	return result, e.readBack(ctx, c, works)
}

// prepare decides anew about each action and keeps what may be done.
func (e *Engine) prepare(ctx context.Context, view *view, actions []catalog.Action, held bool, approved string, result *Result) ([]*work, error) {
	byProduct := make(map[string]catalog.Action, len(actions))
	for _, a := range actions {
		byProduct[a.ProductID] = a
	}
	listings, err := e.store.Listings(ctx, catalog.ListingQuery{Channel: view.c.ID(), Products: productIDs(actions), Limit: len(actions)})
	if err != nil {
		return nil, fmt.Errorf("read listings: %w", err)
	}
	looks, err := view.looks(ctx, listings)
	if err != nil {
		return nil, err
	}
	var works []*work
	for _, look := range looks {
		planned := byProduct[look.Listing.ProductID]
		if planned.ListingRevision != look.Listing.Revision || planned.ProductRevision != look.Product.Revision {
			result.Moved++
			continue
		}
		verdict := Decide(look)
		if verdict.Action == nil {
			continue
		}
		w := &work{action: *verdict.Action, look: look, listing: verdict.Listing}
		for _, f := range verdict.Action.Facets {
			if verdict.Action.Kind == catalog.ActionCreate || hasFacet(planned.Facets, f) {
				w.facets = append(w.facets, f)
			}
		}
		if verdict.Action.Kind == catalog.ActionStop {
			w.desired = catalog.Snapshot{State: catalog.StateStopped}
		} else {
			w.desired = look.Offer.Snapshot(look.Now)
		}
		if (held || planned.Held || verdict.Action.Held) && approved == "" {
			result.Held++
			if !w.onlyLowersStock() {
				continue
			}
		}
		if len(w.facets) > 0 {
			works = append(works, w)
		}
	}
	return works, nil
}

// onlyLowersStock cuts the work down to lowering stock that orders explain, and
// tells whether anything is left: that much passes every guard, because holding
// it would oversell.
func (w *work) onlyLowersStock() bool {
	if w.action.Kind != catalog.ActionUpdate && w.action.Kind != catalog.ActionAdopt || !hasFacet(w.facets, catalog.FacetStock) || empties(w.look) {
		return false
	}
	w.facets = []catalog.Facet{catalog.FacetStock}
	var kept []catalog.VariantSnapshot
	for _, v := range w.desired.Variants {
		if shown := shownQuantity(w.look.Listing, v.SKU); shown != nil && *v.Quantity < *shown {
			kept = append(kept, v)
		}
	}
	w.desired.Variants = kept
	return len(kept) > 0
}

// intend stores the intents; works whose listing moved are dropped.
func (e *Engine) intend(ctx context.Context, planID string, works []*work, result *Result) ([]*work, error) {
	now := e.now()
	listings := make([]catalog.Listing, len(works))
	for i, w := range works {
		w.listing.Intent = &catalog.Intent{Kind: w.action.Kind, Facets: w.facets, PlanID: planID, StartedAt: now, Desired: w.desired}
		w.listing.Due = true
		w.listing.UpdatedAt = now
		listings[i] = w.listing
	}
	written, err := e.putListings(ctx, listings)
	if err != nil {
		return nil, fmt.Errorf("store intents: %w", err)
	}
	var kept []*work
	for _, w := range works {
		if !written[w.listing.ProductID] {
			result.Moved++
			continue
		}
		w.listing.Revision++
		kept = append(kept, w)
	}
	return kept, nil
}

// record takes the outcomes into the listings.
func (e *Engine) record(ctx context.Context, works []*work, result *Result) error {
	for _, w := range works {
		result.tally(w)
	}
	pending := works
	for len(pending) > 0 {
		now := e.now()
		listings := make([]catalog.Listing, len(pending))
		for i, w := range pending {
			listings[i] = w.listing
			w.take(&listings[i], now)
		}
		errs, err := e.store.PutListings(ctx, listings)
		if err != nil {
			return fmt.Errorf("record outcomes: %w", err)
		}
		var again []*work
		for i, w := range pending {
			switch {
			case errs[i] == nil:
				w.listing = listings[i]
				w.listing.Revision++
			case errors.Is(errs[i], catalog.ErrConflict):
				again = append(again, w)
			default:
				return fmt.Errorf("record outcomes: %w", errs[i])
			}
		}
		if pending = again; len(pending) == 0 {
			break
		}
		// Somebody marked these due meanwhile: take the outcome into what is
		// stored now.
		ids := make([]string, len(pending))
		for i, w := range pending {
			ids[i] = w.listing.ProductID
		}
		fresh, err := e.store.Listings(ctx, catalog.ListingQuery{Channel: pending[0].listing.Channel, Products: ids, Limit: len(ids)})
		if err != nil {
			return fmt.Errorf("record outcomes: %w", err)
		}
		byProduct := map[string]catalog.Listing{}
		for _, l := range fresh {
			byProduct[l.ProductID] = l
		}
		for _, w := range pending {
			w.listing = byProduct[w.listing.ProductID]
		}
	}
	return nil
}

// take puts the outcomes of a work into its listing. The listing stays due, so
// that the next plan says what remains.
func (w *work) take(l *catalog.Listing, now time.Time) {
	l.Due, l.UpdatedAt = true, now
	var unknown []catalog.Facet
	var issues []catalog.Issue
	refused := false
	for _, r := range w.results {
		o := r.outcome
		issues = append(issues, o.Issues...)
		switch o.Kind {
		case connectors.Applied, connectors.Unchanged:
			w.applied(l, r, now)
		case connectors.Deferred:
			if o.Remote != nil {
				w.applied(l, r, now)
				if r.facet == catalog.FacetPrice {
					l.PendingUntil = o.Until
				}
				if r.facet == catalog.FacetContent {
					l.PendingContent, l.ContentEcho = true, ""
				}
			}
		case connectors.Unknown:
			if !hasFacet(unknown, r.facet) {
				unknown = append(unknown, r.facet)
			}
		case connectors.Rejected:
			if r.facet != catalog.FacetStock {
				// The same content and prices are not tried again; a stock
				// value always is.
				refused = true
			}
			if len(o.Issues) == 0 && o.Err != nil {
				issues = append(issues, IssueOf(o.Err))
			}
		case connectors.Conflict:
			if o.Remote != nil && l.ExternalID == "" {
				link(l, *o.Remote)
			}
		}
	}
	l.Issues = dedupe(issues)
	if refused {
		l.BlockedOn = blockKey(w.look.Offer.Snapshot(now))
	} else if len(w.results) > 0 {
		l.BlockedOn = ""
	}
	l.Intent = nil
	if len(unknown) > 0 {
		l.Intent = &catalog.Intent{Kind: w.action.Kind, Facets: unknown, StartedAt: now, Desired: w.desired}
		if w.listing.Intent != nil {
			l.Intent.StartedAt, l.Intent.PlanID = w.listing.Intent.StartedAt, w.listing.Intent.PlanID
		}
	}
}

// applied notes one facet's success.
func (w *work) applied(l *catalog.Listing, r facetResult, now time.Time) {
	remote := r.outcome.Remote
	if remote != nil {
		link(l, *remote)
	}
	l.Applied.At = now
	facets := []catalog.Facet{r.facet}
	if w.action.Kind == catalog.ActionCreate {
		facets = catalog.Facets
	}
	for _, f := range facets {
		switch f {
		case catalog.FacetState:
			l.Applied.State = w.desired.State
		case catalog.FacetContent:
			l.Applied.Content, l.ContentEcho, l.PendingContent = w.desired.Content, "", false
			if remote != nil {
				l.ContentEcho = remote.Content
			}
		case catalog.FacetMedia:
			l.Applied.Media, l.MediaEcho = w.desired.Media, ""
			if remote != nil {
				l.MediaEcho = remote.Media
			}
		case catalog.FacetPrice, catalog.FacetStock:
			for _, v := range w.desired.Variants {
				if r.sku != "" && r.sku != v.SKU {
					continue
				}
				l.Applied.Variants = setVariant(l.Applied.Variants, v.SKU, func(a *catalog.VariantSnapshot) {
					if f == catalog.FacetPrice {
						a.Price = v.Price
					} else {
						a.Quantity = v.Quantity
					}
				})
			}
		}
	}
}

// link takes over what an answer or a read tells of a listing's identity.
func link(l *catalog.Listing, remote catalog.Remote) {
	if remote.ExternalID != "" {
		l.ExternalID = remote.ExternalID
	}
	if remote.URL != "" {
		l.URL = remote.URL
	}
	for _, v := range remote.Variants {
		if v.ExternalID != "" {
			l.Applied.Variants = setVariant(l.Applied.Variants, v.SKU, func(a *catalog.VariantSnapshot) { a.ExternalID = v.ExternalID })
		}
	}
}

// tally counts a work by the worst of its outcomes.
func (r *Result) tally(w *work) {
	worst := connectors.Outcome{Kind: connectors.Applied}
	if len(w.results) == 0 {
		worst.Kind = connectors.Deferred
	}
	for _, f := range w.results {
		if f.outcome.Done() && f.sku != "" {
			if f.facet == catalog.FacetStock {
				r.StockChanges++
			} else {
				r.PriceChanges++
			}
		}
		if severity(f.outcome.Kind) > severity(worst.Kind) {
			worst = f.outcome
		}
	}
	switch worst.Kind {
	case connectors.Applied, connectors.Unchanged:
		switch w.action.Kind {
		case catalog.ActionCreate:
			r.Created++
		case catalog.ActionAdopt:
			r.Adopted++
		case catalog.ActionStop, catalog.ActionDelete:
			r.Stopped++
		case catalog.ActionResume:
			r.Resumed++
		default:
			r.Updated++
		}
	case connectors.Rejected:
		r.Rejected++
	case connectors.Unknown:
		r.Unknown++
	default:
		r.Waiting++
	}
	if worst.Err != nil {
		issue := IssueOf(worst.Err)
		issue.Field = w.listing.ProductID
		if len(r.Errors) < maxErrors {
			r.Errors = append(r.Errors, issue)
		}
	}
}

// maxErrors bounds the errors a result or a run lists.
const maxErrors = 50

func severity(k connectors.OutcomeKind) int {
	switch k {
	case connectors.Applied, connectors.Unchanged:
		return 0
	case connectors.Deferred:
		return 1
	case connectors.Conflict, connectors.Gone:
		return 2
	case connectors.Rejected:
		return 3
	}
	return 4
}
