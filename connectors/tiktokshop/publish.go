package tiktokshop

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// job is one publication on its way.
type job struct {
	offer *catalog.Offer
	ref   connectors.ListingRef
	// whole publications create a listing, or take over what is there.
	whole   bool
	content bool
	media   bool
	price   bool
	stock   bool
	state   bool

	target  string // the product; "" = to be created
	created bool
	sent    bool // something was written
	current product
	remote  *catalog.Remote
	issues  []catalog.Issue
	outcome *connectors.Outcome // nil = not decided
}

func (j *job) end(outcome connectors.Outcome) {
	if j.outcome == nil {
		j.outcome = &outcome
	}
}

// firstSKU names the product in issues.
func (j *job) firstSKU() catalog.SKU {
	if len(j.offer.Variants) == 0 {
		return ""
	}
	return j.offer.Variants[0].SKU
}

// fail ends a job whose call failed. What was begun is not as if nothing had
// been sent.
func (j *job) fail(err error) {
	outcome := outcomeOf(err, j.firstSKU())
	if j.sent && outcome.Kind == connectors.Deferred && outcome.Err != nil {
		outcome.Kind = connectors.Unknown
	}
	j.end(outcome)
}

// concerns tells that an issue is about something that the job writes.
func (j *job) concerns(issue catalog.Issue) bool {
	switch {
	case strings.HasPrefix(issue.Field, "images"):
		return j.media
	case strings.HasSuffix(issue.Field, "price"):
		return j.price || j.content
	case strings.HasSuffix(issue.Field, "quantity"):
		return j.stock || j.content
	}
	return j.content
}

// Publish creates products and writes their content: after its pictures a
// product is one call. Those that are taken over, and sale prices, take a call
// for each facet more.
func (s *shop) Publish(ctx context.Context, publications []connectors.Publication) ([]connectors.Outcome, error) {
	jobs := make([]*job, len(publications))
	for i := range publications {
		jobs[i] = s.job(&publications[i])
	}
	if err := s.resolve(ctx, undecided(jobs)); err != nil {
		return nil, err // nothing was written
	}
	open := undecided(jobs)
	errs := s.parallel(len(open), func(i int) error { return s.write(ctx, open[i]) })
	for i, j := range open {
		if errs[i] != nil {
			j.fail(errs[i])
		}
	}
	s.writeTerms(ctx, undecided(jobs))
	outcomes := make([]connectors.Outcome, len(jobs))
	for i, j := range jobs {
		j.end(connectors.Outcome{Kind: connectors.Applied})
		outcomes[i] = *j.outcome
		outcomes[i].Issues = append(outcomes[i].Issues, j.issues...)
		if outcomes[i].Kind != connectors.Gone && j.remote != nil {
			outcomes[i].Remote = j.remote
		}
	}
	return connectors.Settle(outcomes)
}

func undecided(jobs []*job) []*job {
	return slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.outcome != nil })
}

func (s *shop) job(p *connectors.Publication) *job {
	j := &job{offer: &p.Offer, ref: p.Listing}
	if p.Listing.ExternalID == "" {
		j.whole, j.content, j.media, j.price, j.stock, j.state = true, true, true, true, true, true
	} else {
		has := func(f catalog.Facet) bool { return slices.Contains(p.Facets, f) }
		j.content, j.media = has(catalog.FacetContent), has(catalog.FacetMedia)
		j.price, j.stock, j.state = has(catalog.FacetPrice), has(catalog.FacetStock), has(catalog.FacetState)
		j.target = string(p.Listing.ExternalID)
		if !isID(p.Listing.ExternalID) {
			j.end(s.refused("publish", connectors.Validation, issue("external_id", "", "",
				fmt.Sprintf("Mã %q không phải là số của sản phẩm TikTok Shop.", clip(j.target, 30)),
				fmt.Sprintf("%q is not the number of a product of TikTok Shop.", clip(j.target, 30)))))
			return j
		}
		if len(p.Facets) == 0 {
			j.end(connectors.Outcome{Kind: connectors.Unchanged})
		}
	}
	var refused []catalog.Issue
	for _, found := range s.Audit(p.Offer) {
		if found.Severity == catalog.SeverityError && j.concerns(found) {
			refused = append(refused, found)
		}
	}
	if len(refused) > 0 {
		j.end(s.refused("publish", connectors.Validation, refused...))
	}
	return j
}

// resolve finds what has the SKUs of listings that are not known.
func (s *shop) resolve(ctx context.Context, jobs []*job) error {
	var skus []catalog.SKU
	for _, j := range jobs {
		if j.whole {
			for _, v := range j.offer.Variants {
				skus = append(skus, v.SKU)
			}
		}
	}
	found, err := s.lookUp(ctx, skus)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if j.whole {
			j.adopt(s, found)
		}
	}
	return nil
}

// adopt takes over the one product that has the offer's SKUs.
func (j *job) adopt(s *shop, found []product) {
	var owners []string
	frozen := false
	for i := range found {
		for _, v := range j.offer.Variants {
			if _, ok := found[i].bySKU(v.SKU); ok {
				owners = append(owners, found[i].ID)
				frozen = found[i].Status == statusFrozen
				break
			}
		}
	}
	switch {
	case len(owners) > 1:
		list := strings.Join(owners, ", ")
		j.end(s.refused("publish", connectors.Clash, issue("sku_spread", "sku", j.firstSKU(),
			"Các mã SKU của sản phẩm nằm ở nhiều sản phẩm trên TikTok Shop ("+list+"): gộp lại hoặc đổi mã.",
			"The product's SKUs belong to several products on TikTok Shop ("+list+"): merge them or change SKUs.")))
	case len(owners) == 1 && frozen:
		j.end(s.refused("publish", connectors.Clash, issue("frozen", "", j.firstSKU(),
			"Sản phẩm "+owners[0]+" có mã SKU này đang bị TikTok Shop đóng băng: khiếu nại trong Seller Center.",
			"Product "+owners[0]+", which has this SKU, is frozen by TikTok Shop: appeal in Seller Center.")))
	case len(owners) == 1:
		j.target = owners[0]
	}
}

// write writes content and pictures of one job.
func (s *shop) write(ctx context.Context, j *job) error {
	if j.target == "" {
		return s.create(ctx, j)
	}
	j.remote = remoteID(connectors.ListingRef{ExternalID: catalog.ExternalID(j.target), Variants: j.ref.Variants})
	if !j.content && !j.media {
		return nil
	}
	p, err := s.read(ctx, j.target)
	switch {
	case connectors.KindOf(err) == connectors.NotFound && !j.whole:
		j.end(s.gone("publish", j.ref.ExternalID))
		return nil
	case err != nil:
		return err
	}
	j.current = p
	return s.edit(ctx, j)
}
