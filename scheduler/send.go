package scheduler

import (
	"context"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// send makes the calls, the safest first: what takes off sale and lowers stock,
// then prices and content, then what raises stock and puts on sale. An error
// of a call as a whole means that none of its items was carried out; it ends
// the sending, and what was not sent is planned again.
func (e *Engine) send(ctx context.Context, c *channel, works []*work) error {
	steps := []func(context.Context, *channel, []*work) error{
		e.sendStops,
		func(ctx context.Context, c *channel, works []*work) error { return e.sendStock(ctx, c, works, false) },
		e.sendPrices,
		e.sendPublications,
		func(ctx context.Context, c *channel, works []*work) error { return e.sendStock(ctx, c, works, true) },
		e.sendResumes,
		e.sendReports,
	}
	for _, step := range steps {
		if err := step(ctx, c, works); err != nil {
			return err
		}
	}
	return nil
}

// ref names a listing to its connector, with all variants known there.
func ref(l catalog.Listing) connectors.ListingRef {
	r := connectors.ListingRef{ExternalID: l.ExternalID, Variants: map[catalog.SKU]catalog.ExternalID{}}
	for _, side := range []catalog.Snapshot{l.Applied, l.Observed} {
		for _, v := range side.Variants {
			if v.ExternalID != "" {
				r.Variants[v.SKU] = v.ExternalID
			}
		}
	}
	return r
}

// spread gives each work its outcome of a call that takes one item per work.
func spread(works []*work, facets []catalog.Facet, outcomes []connectors.Outcome) {
	for i, w := range works {
		for _, f := range facets {
			w.results = append(w.results, facetResult{facet: f, outcome: outcomes[i]})
		}
	}
}

// only returns the works that pass.
func only(works []*work, keep func(*work) bool) []*work {
	var kept []*work
	for _, w := range works {
		if keep(w) {
			kept = append(kept, w)
		}
	}
	return kept
}

func refs(works []*work) []connectors.ListingRef {
	list := make([]connectors.ListingRef, len(works))
	for i, w := range works {
		list[i] = ref(w.listing)
	}
	return list
}

func (e *Engine) sendStops(ctx context.Context, c *channel, works []*work) error {
	works = only(works, func(w *work) bool { return w.action.Kind == catalog.ActionStop })
	if len(works) == 0 || c.Stopper == nil {
		return nil
	}
	outcomes, err := c.Stopper.Stop(ctx, refs(works))
	if err != nil {
		return err
	}
	spread(works, []catalog.Facet{catalog.FacetState}, outcomes)
	return nil
}

func (e *Engine) sendResumes(ctx context.Context, c *channel, works []*work) error {
	works = only(works, func(w *work) bool {
		return exists(w) && hasFacet(w.facets, catalog.FacetState) && c.Stopper != nil
	})
	if len(works) == 0 {
		return nil
	}
	outcomes, err := c.Stopper.Resume(ctx, refs(works))
	if err != nil {
		return err
	}
	spread(works, []catalog.Facet{catalog.FacetState}, outcomes)
	return nil
}

// exists tells that the work writes to a listing which is there, facet by facet.
func exists(w *work) bool {
	switch w.action.Kind {
	case catalog.ActionUpdate, catalog.ActionAdopt, catalog.ActionResume:
		return true
	}
	return false
}

func (e *Engine) sendStock(ctx context.Context, c *channel, works []*work, raises bool) error {
	if c.Stock == nil {
		return nil
	}
	var changes []connectors.StockChange
	var owners []*work
	for _, w := range works {
		if !exists(w) || !hasFacet(w.facets, catalog.FacetStock) {
			continue
		}
		variants := ref(w.listing).Variants
		for _, v := range w.desired.Variants {
			shown := shownQuantity(w.look.Listing, v.SKU)
			up := shown == nil || *v.Quantity > *shown
			if up != raises || !w.changes(catalog.FacetStock, v.SKU) {
				continue
			}
			changes = append(changes, connectors.StockChange{Listing: w.listing.ExternalID, Variant: variants[v.SKU], SKU: v.SKU, Quantity: *v.Quantity})
			owners = append(owners, w)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	outcomes, err := c.Stock.UpdateStock(ctx, changes)
	if err != nil {
		return err
	}
	for i, w := range owners {
		w.results = append(w.results, facetResult{facet: catalog.FacetStock, sku: changes[i].SKU, outcome: outcomes[i]})
	}
	return nil
}

// changes tells whether the decision asks for this variant's part of a facet.
func (w *work) changes(f catalog.Facet, sku catalog.SKU) bool {
	for _, c := range w.action.Changes {
		if c.Facet == f && c.SKU == sku {
			return true
		}
	}
	return false
}

func (e *Engine) sendPrices(ctx context.Context, c *channel, works []*work) error {
	if c.Prices == nil {
		return nil
	}
	var changes []connectors.PriceChange
	var owners []*work
	for _, w := range works {
		if !exists(w) || !hasFacet(w.facets, catalog.FacetPrice) {
			continue
		}
		variants := ref(w.listing).Variants
		for _, v := range w.desired.Variants {
			if !w.changes(catalog.FacetPrice, v.SKU) {
				continue
			}
			changes = append(changes, connectors.PriceChange{Listing: w.listing.ExternalID, Variant: variants[v.SKU], SKU: v.SKU, Price: *v.Price})
			owners = append(owners, w)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	outcomes, err := c.Prices.UpdatePrices(ctx, changes)
	if err != nil {
		return err
	}
	for i, w := range owners {
		w.results = append(w.results, facetResult{facet: catalog.FacetPrice, sku: changes[i].SKU, outcome: outcomes[i]})
	}
	return nil
}

// sendPublications creates listings and writes the facets that have no call of
// their own on this channel.
func (e *Engine) sendPublications(ctx context.Context, c *channel, works []*work) error {
	if c.Publisher == nil {
		return nil
	}
	var batch []connectors.Publication
	var owners []*work
	for _, w := range works {
		var facets []catalog.Facet
		switch {
		case w.action.Kind == catalog.ActionCreate:
			facets = catalog.Facets
		case exists(w):
			for _, f := range w.facets {
				if f == catalog.FacetPrice && c.Prices != nil || f == catalog.FacetStock && c.Stock != nil || f == catalog.FacetState && c.Stopper != nil {
					continue
				}
				facets = append(facets, f)
			}
		case w.action.Kind == catalog.ActionStop && c.Stopper == nil:
			facets = []catalog.Facet{catalog.FacetState}
		}
		if len(facets) == 0 {
			continue
		}
		p := connectors.Publication{Offer: w.look.Offer, Facets: facets}
		if w.action.Kind == catalog.ActionStop {
			p.Offer.State, p.Offer.Channel, p.Offer.ProductID = catalog.StateStopped, w.listing.Channel, w.listing.ProductID
		}
		if w.action.Kind != catalog.ActionCreate {
			p.Listing = ref(w.listing)
		}
		batch = append(batch, p)
		owners = append(owners, w)
	}
	if len(batch) == 0 {
		return nil
	}
	outcomes, err := c.Publisher.Publish(ctx, batch)
	if err != nil {
		return err
	}
	for i, w := range owners {
		for _, f := range batch[i].Facets {
			w.results = append(w.results, facetResult{facet: f, outcome: outcomes[i]})
		}
	}
	return nil
}

// sendReports takes a person's word: they approved the plan of a channel that
// has no interface after carrying it out by hand.
func (e *Engine) sendReports(_ context.Context, _ *channel, works []*work) error {
	for _, w := range works {
		if w.action.Kind != catalog.ActionReport {
			continue
		}
		remote := catalog.Remote{ExternalID: w.listing.ExternalID}
		if remote.ExternalID == "" {
			remote.ExternalID = catalog.ExternalID("manual:" + w.listing.ProductID)
		}
		for _, f := range w.facets {
			w.results = append(w.results, facetResult{facet: f, outcome: connectors.Outcome{Kind: connectors.Applied, Remote: &remote}})
		}
	}
	return nil
}
