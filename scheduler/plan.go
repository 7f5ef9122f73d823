package scheduler

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// planner gathers verdicts into a plan. It is pure.
type planner struct {
	plan   catalog.Plan
	blast  blast
	drift  int
	fenced int
}

// add takes one verdict.
func (p *planner) add(look Look, v Verdict) {
	p.drift += len(v.Drift)
	p.fenced += v.Fenced
	if v.Action == nil {
		return
	}
	p.blast.count(*v.Action, look)
	if len(p.plan.Actions) == catalog.PlanActions {
		p.plan.More++
		return
	}
	p.plan.Actions = append(p.plan.Actions, *v.Action)
}

// finish completes the plan: its hash, its cost and what holds it.
func (p *planner) finish(info connectors.Info, listings int) catalog.Plan {
	p.blast.listings = listings
	slices.SortFunc(p.plan.Actions, func(a, b catalog.Action) int { return cmp.Compare(a.ProductID, b.ProductID) })
	p.plan.Hold = p.blast.hold()
	p.plan.Cost = cost(p.plan.Actions, info.Batch)
	p.plan.Hash = planHash(p.plan.Actions)
	return p.plan
}

// cost is the number of calls the actions are expected to take: per facet, the
// items divided by the platform's batch.
func cost(actions []catalog.Action, batch connectors.Batch) int {
	var publish, prices, stock int
	for _, a := range actions {
		if a.Kind == catalog.ActionReport {
			continue
		}
		full := a.Kind == catalog.ActionCreate || hasFacet(a.Facets, catalog.FacetContent) || hasFacet(a.Facets, catalog.FacetMedia) || hasFacet(a.Facets, catalog.FacetState)
		if full {
			publish++
		}
		if a.Kind == catalog.ActionCreate {
			continue
		}
		for _, c := range a.Changes {
			switch c.Facet {
			case catalog.FacetPrice:
				prices++
			case catalog.FacetStock:
				stock++
			}
		}
	}
	calls := func(items, size int) int {
		size = max(1, size)
		return (items + size - 1) / size
	}
	return calls(publish, batch.Publish) + calls(prices, batch.Prices) + calls(stock, batch.Stock)
}

func planHash(actions []catalog.Action) string {
	data, err := json.Marshal(actions)
	if err != nil {
		return "" // plain data, see rulesHash
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// Planned is a plan with what was noticed while making it.
type Planned struct {
	catalog.Plan
	Drift  int `json:"drift"`  // differences that somebody made on the platform
	Fenced int `json:"fenced"` // variants whose stock waits for the channel's orders to be read
}

// Plan looks at every listing of the channel that is due, records what each
// amounts to, and stores and returns what should be done. It sends nothing to
// the platform. A plan without actions is returned and not stored.
func (e *Engine) Plan(ctx context.Context, id catalog.ChannelID) (Planned, error) {
	c, err := e.channel(id)
	if err != nil {
		return Planned{}, err
	}
	if err := e.Spread(ctx); err != nil {
		return Planned{}, err
	}
	state, err := e.State(ctx, id)
	if err != nil {
		return Planned{}, err
	}
	now := e.now()
	p := planner{plan: catalog.Plan{Channel: id, CreatedAt: now, Actions: []catalog.Action{}}}
	view := e.view(c, state, now)
	for after := ""; ; {
		listings, err := e.store.Listings(ctx, catalog.ListingQuery{Channel: id, Due: true, After: after, Limit: page})
		if err != nil {
			return Planned{}, fmt.Errorf("plan channel %s: %w", id, err)
		}
		if len(listings) == 0 {
			break
		}
		after = listings[len(listings)-1].ProductID
		looks, err := view.looks(ctx, listings)
		if err != nil {
			return Planned{}, fmt.Errorf("plan channel %s: %w", id, err)
		}
		verdicts := make([]Verdict, len(looks))
		var changed []catalog.Listing
		for i := range looks {
			verdicts[i] = Decide(looks[i])
			if differs(looks[i].Listing, verdicts[i].Listing) {
				verdicts[i].Listing.UpdatedAt = now
				changed = append(changed, verdicts[i].Listing)
			}
		}
		written, err := e.putListings(ctx, changed)
		if err != nil {
			return Planned{}, fmt.Errorf("plan channel %s: %w", id, err)
		}
		for i := range looks {
			if v := &verdicts[i]; v.Action != nil && written[v.Listing.ProductID] {
				v.Action.ListingRevision++ // as stored now
			}
			p.add(looks[i], verdicts[i])
		}
	}
	counts, err := e.store.CountListings(ctx, id)
	if err != nil {
		return Planned{}, fmt.Errorf("plan channel %s: %w", id, err)
	}
	plan := p.finish(c.Info, existing(counts))
	if len(plan.Actions) > 0 {
		// The time first, so that the newest plan is found first; then the
		// hash, so that the same plan made twice is one record.
		plan.ID = string(id) + "/" + now.Format("20060102T150405.000") + "-" + plan.Hash[:8]
		if err := catalog.Save(ctx, e.store, catalog.KindPlan, plan.ID, 0, plan); err != nil && !errors.Is(err, catalog.ErrExists) {
			return Planned{}, fmt.Errorf("store plan %s: %w", plan.ID, err)
		}
	}
	return Planned{Plan: plan, Drift: p.drift, Fenced: p.fenced}, nil
}

// existing is how many listings the shares of the guards are taken of: those
// that are live, or were before something stopped or blocked them.
func existing(counts map[catalog.Status]int) int {
	return counts[catalog.StatusLive] + counts[catalog.StatusWaiting] + counts[catalog.StatusBlocked]
}

// putListings writes listings that were just read. Those that changed
// meanwhile are left to the next look, which is due. It returns which products'
// listings were written.
func (e *Engine) putListings(ctx context.Context, listings []catalog.Listing) (map[string]bool, error) {
	written := make(map[string]bool, len(listings))
	if len(listings) == 0 {
		return written, nil
	}
	errs, err := e.store.PutListings(ctx, listings)
	if err != nil {
		return nil, err
	}
	for i, err := range errs {
		switch {
		case err == nil:
			written[listings[i].ProductID] = true
		case !errors.Is(err, catalog.ErrConflict):
			return nil, err
		}
	}
	return written, nil
}

// differs tells whether a decision changed anything worth a write.
func differs(before, after catalog.Listing) bool {
	return !reflect.DeepEqual(before, after)
}

// Spread makes the listings of changed products due on every channel, and all
// listings of a channel whose rules changed. It costs next to nothing when
// nothing changed, and is safe to be interrupted anywhere: the marks it works
// from are cleared last.
func (e *Engine) Spread(ctx context.Context) error {
	e.spreading.Lock()
	defer e.spreading.Unlock()
	if err := e.store.Heal(ctx); err != nil {
		return fmt.Errorf("heal the store: %w", err)
	}
	e.mu.RLock()
	channels := make([]*channel, 0, len(e.channels))
	for _, c := range e.channels {
		channels = append(channels, c)
	}
	e.mu.RUnlock()
	ids := make([]catalog.ChannelID, 0, len(channels))
	for _, c := range channels {
		ids = append(ids, c.ID())
	}
	if err := e.spreadRules(ctx, channels); err != nil {
		return err
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	for after := ""; ; {
		marks, err := e.store.DueProducts(ctx, after, page)
		if err != nil {
			return fmt.Errorf("read due products: %w", err)
		}
		if len(marks) == 0 {
			return nil
		}
		products := make([]string, len(marks))
		for i, m := range marks {
			products[i] = m.ProductID
		}
		after = products[len(products)-1]
		if err := e.store.MarkListings(ctx, ids, products); err != nil {
			return fmt.Errorf("mark listings due: %w", err)
		}
		if err := e.store.ClearDue(ctx, marks); err != nil {
			return fmt.Errorf("clear due products: %w", err)
		}
	}
}

// spreadRules makes all listings due of the channels whose rules, or whose
// platform's categories, are not those by which they were last looked at.
func (e *Engine) spreadRules(ctx context.Context, channels []*channel) error {
	changed := map[catalog.ChannelID]string{}
	var ids []catalog.ChannelID
	for _, c := range channels {
		state, err := e.State(ctx, c.ID())
		if err != nil {
			return err
		}
		words, err := e.vocabularyHash(ctx, c)
		if err != nil {
			return err
		}
		if rules := c.rules + words; state.Rules != rules {
			changed[c.ID()] = rules
			ids = append(ids, c.ID())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for after := ""; ; {
		products, err := e.store.Products(ctx, catalog.ProductQuery{After: after, Limit: page})
		if err != nil {
			return fmt.Errorf("read products: %w", err)
		}
		if len(products) == 0 {
			break
		}
		marks := make([]string, len(products))
		for i := range products {
			marks[i] = products[i].ID
		}
		after = marks[len(marks)-1]
		if err := e.store.MarkListings(ctx, ids, marks); err != nil {
			return fmt.Errorf("mark listings due: %w", err)
		}
	}
	for id, rules := range changed {
		if _, err := e.setState(ctx, id, func(s *ChannelState) { s.Rules = rules }); err != nil {
			return err
		}
	}
	return nil
}

// view is what looks at listings of one channel are made with.
type view struct {
	engine *Engine
	c      *channel
	traits Traits
	now    time.Time
	groups map[string]catalog.Group
	words  *Vocabulary // nil = none, or not read yet
	render *catalog.Renderer
}

func (e *Engine) view(c *channel, state ChannelState, now time.Time) *view {
	return &view{engine: e, c: c, now: now, traits: Traits{
		Channel: c.ID(), Policies: c.Config.Policies, CanPublish: c.Publisher != nil, HasOrders: c.Orders != nil,
		OrdersReadAt: state.OrdersReadAt, Freshness: c.Config.Freshness,
	}}
}

// looks reads what the decisions about these listings follow from. A listing
// whose product is gone from the catalog is looked at as excluded.
func (v *view) looks(ctx context.Context, listings []catalog.Listing) ([]Look, error) {
	ids := make([]string, len(listings))
	for i := range listings {
		ids[i] = listings[i].ProductID
	}
	products, err := v.engine.store.Products(ctx, catalog.ProductQuery{IDs: ids, Limit: len(ids)})
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	byID := make(map[string]*catalog.Product, len(products))
	var skus []catalog.SKU
	for i := range products {
		byID[products[i].ID] = &products[i]
		for _, variant := range products[i].Variants {
			skus = append(skus, variant.SKU)
		}
	}
	list, err := v.engine.store.Levels(ctx, skus)
	if err != nil {
		return nil, fmt.Errorf("read stock levels: %w", err)
	}
	levels := make(map[catalog.SKU]catalog.Level, len(list))
	for _, l := range list {
		levels[l.SKU] = l
	}
	if v.groups == nil {
		if v.groups, err = v.engine.groups(ctx); err != nil {
			return nil, err
		}
		v.render = v.c.renderer
		if v.c.Categories != nil {
			if v.words, err = v.engine.vocabulary(ctx, v.c); err != nil {
				return nil, err
			}
			v.render = v.c.renderer.With(v.words.Mappings)
		}
	}
	looks := make([]Look, len(listings))
	for i, listing := range listings {
		look := Look{Traits: v.traits, Now: v.now, Levels: levels, Listing: listing}
		if p := byID[listing.ProductID]; p == nil || v.c.renderer.Excluded(*p) {
			look.Excluded = true
			if p != nil {
				look.Product = *p
			}
		} else {
			look.Product = *p
			look.Offer, look.Issues = v.render.Render(*p, v.groups[p.GroupID], levels)
			look.Issues = append(look.Issues, v.words.check(v.c, look.Offer)...)
			look.Issues = append(look.Issues, v.engine.pictures(ctx, v.c.Info.Pictures, look.Offer)...)
			if v.c.Auditor != nil && !hasError(look.Issues) {
				look.Issues = append(look.Issues, v.c.Auditor.Audit(look.Offer)...)
			}
			if look.Sold, err = v.sold(ctx, listing); err != nil {
				return nil, err
			}
		}
		looks[i] = look
	}
	return looks, nil
}

// sold sums what this channel's orders took since the stock was last applied.
// It is read only for variants whose shown stock differs from the applied one.
func (v *view) sold(ctx context.Context, l catalog.Listing) (map[catalog.SKU]int64, error) {
	var sold map[catalog.SKU]int64
	for _, shown := range l.Observed.Variants {
		applied, _ := l.Applied.Variant(shown.SKU)
		if shown.Quantity == nil || applied.Quantity == nil || *shown.Quantity == *applied.Quantity {
			continue
		}
		prefix := "order/" + string(v.c.ID()) + "/"
		for after := ""; ; {
			movements, err := v.engine.store.Movements(ctx, catalog.MovementQuery{SKU: shown.SKU, AfterKey: after, Limit: page})
			if err != nil {
				return nil, fmt.Errorf("read stock movements of %s: %w", shown.SKU, err)
			}
			for _, m := range movements {
				if strings.HasPrefix(m.Ref, prefix) && m.At.After(l.Applied.At) {
					if sold == nil {
						sold = map[catalog.SKU]int64{}
					}
					sold[shown.SKU] += m.Reserved - m.OnHand
				}
			}
			if len(movements) < page {
				break
			}
			after = movements[len(movements)-1].Key
		}
	}
	return sold, nil
}

func (e *Engine) groups(ctx context.Context) (map[string]catalog.Group, error) {
	groups := map[string]catalog.Group{}
	for after := ""; ; {
		records, err := e.store.Records(ctx, catalog.RecordQuery{Kind: catalog.KindGroup, After: after, Limit: page})
		if err != nil {
			return nil, fmt.Errorf("read groups: %w", err)
		}
		for _, r := range records {
			var g catalog.Group
			if err := json.Unmarshal(r.Data, &g); err != nil {
				return nil, fmt.Errorf("read group %s: %w", r.ID, err)
			}
			groups[r.ID] = g
		}
		if len(records) < page {
			return groups, nil
		}
		after = records[len(records)-1].ID
	}
}
