package tiktokshop

import (
	"context"
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// writeTerms writes what has calls of its own, for all jobs together: sale
// prices of new products; prices, stock and state of those that were there.
func (s *shop) writeTerms(ctx context.Context, jobs []*job) {
	s.writePrices(ctx, jobs)
	s.writeStock(ctx, undecided(jobs))
	s.writeStates(ctx, undecided(jobs))
}

// variantID is the platform's number of a variant, "" when it is not known.
func (j *job) variantID(name catalog.SKU) catalog.ExternalID {
	if j.remote != nil {
		for _, v := range j.remote.Variants {
			if v.SKU == name {
				return v.ExternalID
			}
		}
	}
	return j.ref.Variants[name]
}

// take puts the outcome of one facet into a job. A product that was just made
// is there whatever its sale price became: the next look sees what it shows.
func (j *job) take(outcome connectors.Outcome) {
	j.issues = append(j.issues, outcome.Issues...)
	if outcome.Done() || j.created && outcome.Kind != connectors.Unknown {
		return
	}
	outcome.Issues = nil
	if j.sent && outcome.Kind == connectors.Deferred && outcome.Err != nil {
		outcome.Kind = connectors.Unknown
	}
	j.end(outcome)
}

func (s *shop) writePrices(ctx context.Context, jobs []*job) {
	var changes []connectors.PriceChange
	var owners []*job
	made := map[catalog.ExternalID]bool{}
	for _, j := range jobs {
		for _, v := range j.offer.Variants {
			if j.created && (v.Price.Sale == nil || j.offer.State != catalog.StateLive) || !j.created && !j.price {
				continue
			}
			made[catalog.ExternalID(j.target)] = j.created
			changes = append(changes, connectors.PriceChange{Listing: catalog.ExternalID(j.target), Variant: j.variantID(v.SKU), SKU: v.SKU, Price: v.Price})
			owners = append(owners, j)
		}
	}
	if len(changes) == 0 {
		return
	}
	outcomes, err := s.setPrices(ctx, changes, made)
	for i, j := range owners {
		if err != nil {
			j.take(outcomeOf(err, changes[i].SKU))
		} else {
			j.take(outcomes[i])
		}
	}
}

func (s *shop) writeStock(ctx context.Context, jobs []*job) {
	var changes []connectors.StockChange
	var owners []*job
	for _, j := range jobs {
		for _, v := range j.offer.Variants {
			if !j.created && j.stock {
				changes = append(changes, connectors.StockChange{Listing: catalog.ExternalID(j.target), Variant: j.variantID(v.SKU), SKU: v.SKU, Quantity: v.Quantity})
				owners = append(owners, j)
			}
		}
	}
	outcomes, err := s.UpdateStock(ctx, changes)
	for i, j := range owners {
		if err != nil {
			j.take(outcomeOf(err, changes[i].SKU))
		} else {
			j.take(outcomes[i])
		}
	}
}

func (s *shop) writeStates(ctx context.Context, jobs []*job) {
	for _, state := range []catalog.State{catalog.StateStopped, catalog.StateLive} {
		some := slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.created || !j.state || j.offer.State != state })
		refs := make([]connectors.ListingRef, len(some))
		for i, j := range some {
			refs[i].ExternalID = catalog.ExternalID(j.target)
		}
		change := s.Stop
		if state == catalog.StateLive {
			change = s.Resume
		}
		outcomes, err := change(ctx, refs)
		for i, j := range some {
			if err != nil {
				j.take(outcomeOf(err, j.firstSKU()))
			} else {
				j.take(outcomes[i])
			}
		}
	}
}
