package shopee

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// job is one publication on its way.
type job struct {
	offer *catalog.Offer
	ref   connectors.ListingRef
	// whole publications create a listing, or take over what is there.
	whole bool
	// What is to be written; price and stock only when whole or asked for.
	content, media, state, price, stock bool

	itemID int64 // 0 = to be created
	item   *item // as read; nil for one that we create
	// models by SKU, of a variable item that has them.
	models  map[catalog.SKU]int64
	schema  schema
	brand   brand
	images  pictures
	ready   time.Time // when variations may be made
	listed  bool      // list prices and stock are as wanted already
	weighed bool      // the item's measures were written, over those of its models
	wrote   bool      // something was, or may have been, carried out
	// reviewing is a new item that the platform has not decided about.
	reviewing bool
	issues    []catalog.Issue
	outcome   *connectors.Outcome // nil = not decided
}

func (j *job) end(outcome connectors.Outcome) {
	if j.outcome == nil {
		j.outcome = &outcome
	}
}

// fail ends the job with the outcome of a failed call. What was written before
// it makes "not carried out" a thing to be looked up.
func (j *job) fail(err error) error {
	outcome, _ := outcomeOf(err, "")
	if j.wrote && (outcome.Kind == connectors.Deferred || j.item == nil) {
		outcome.Kind, outcome.Until = connectors.Unknown, time.Time{}
	}
	j.end(outcome)
	return err
}

// reject ends the job with issues of ours.
func (j *job) reject(kind connectors.OutcomeKind, issues ...catalog.Issue) {
	errorKind := connectors.Validation
	if kind == connectors.Conflict {
		errorKind = connectors.Clash
	}
	first := issues[0]
	j.end(connectors.Outcome{Kind: kind, Issues: issues, Err: &connectors.Error{
		Kind: errorKind, Op: "publish", Code: first.Code, Err: fmt.Errorf("product %s: %s", clip(j.offer.ProductID, 60), first.Message.EN),
	}})
}

// Publish creates items and writes their content. Variations are made in a
// second call, which the platform refuses for some seconds after the first, so
// all items come first and their variations after one pause. An item whose
// variations were lost on the way is completed by publishing it again.
func (s *shop) Publish(ctx context.Context, publications []connectors.Publication) ([]connectors.Outcome, error) {
	jobs := make([]*job, len(publications))
	for i := range publications {
		jobs[i] = s.job(&publications[i])
	}
	if err := s.resolve(ctx, undecided(jobs)); err != nil {
		return nil, err // nothing was written
	}
	s.each(undecided(jobs), func(j *job) error { return s.writeItem(ctx, j) })
	s.pause(ctx, undecided(jobs))
	s.each(undecided(jobs), func(j *job) error { return s.writeVariations(ctx, j) })
	s.writeTerms(ctx, undecided(jobs))
	s.each(undecided(jobs), func(j *job) error { return s.writeState(ctx, j) })

	account, err := s.accountID(ctx)
	if err != nil {
		account = "" // the address is left out
	}
	outcomes := make([]connectors.Outcome, len(jobs))
	for i, j := range jobs {
		kind := connectors.Unchanged
		if j.wrote {
			kind = connectors.Applied
		}
		if j.reviewing {
			kind = connectors.Deferred
		}
		j.end(connectors.Outcome{Kind: kind})
		outcomes[i] = *j.outcome
		outcomes[i].Issues = append(outcomes[i].Issues, j.issues...)
		linked := outcomes[i].Done() || outcomes[i].Kind == connectors.Unknown || outcomes[i].Remote != nil || j.reviewing
		if j.itemID != 0 && linked {
			outcomes[i].Remote = j.remote(account)
		}
	}
	return outcomes, nil
}

// undecided gives the jobs that are not decided.
func undecided(jobs []*job) []*job {
	return slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.outcome != nil })
}

// each runs a step of all jobs. A job that was not begun, because of a failure
// that concerns the account, fails with that.
func (s *shop) each(jobs []*job, step func(*job) error) {
	errs := s.parallel(len(jobs), func(i int) error { return step(jobs[i]) })
	for i, err := range errs {
		if err != nil {
			_ = jobs[i].fail(err)
		}
	}
}

// remote is what we know of the listing's identity.
func (j *job) remote(account string) *catalog.Remote {
	r := &catalog.Remote{ExternalID: listingID(j.itemID), URL: itemURL(account, j.itemID)}
	for _, v := range j.offer.Variants {
		id := j.itemID
		if variable(j.offer) {
			if j.models[v.SKU] == 0 {
				continue
			}
			r.Variants = append(r.Variants, catalog.VariantSnapshot{SKU: v.SKU, ExternalID: variantID(id, j.models[v.SKU])})
			continue
		}
		r.Variants = append(r.Variants, catalog.VariantSnapshot{SKU: v.SKU, ExternalID: listingID(id)})
	}
	slices.SortFunc(r.Variants, func(a, b catalog.VariantSnapshot) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	return r
}

func (s *shop) job(p *connectors.Publication) *job {
	j := &job{offer: &p.Offer, ref: p.Listing, models: map[catalog.SKU]int64{}}
	if p.Listing.ExternalID == "" {
		j.whole, j.content, j.media, j.state, j.price, j.stock = true, true, true, true, true, true
	} else {
		j.content = slices.Contains(p.Facets, catalog.FacetContent)
		j.media = slices.Contains(p.Facets, catalog.FacetMedia)
		j.state = slices.Contains(p.Facets, catalog.FacetState)
		j.price = slices.Contains(p.Facets, catalog.FacetPrice)
		j.stock = slices.Contains(p.Facets, catalog.FacetStock)
		item, _, ok := splitID(p.Listing.ExternalID)
		if !ok {
			j.reject(connectors.Rejected, unknownID(p.Listing.ExternalID))
			return j
		}
		j.itemID = item
	}
	if !j.content && !j.media && !j.price && !j.stock {
		if !j.state {
			j.end(connectors.Outcome{Kind: connectors.Unchanged})
		}
		return j // a refused text must not keep an item from being stopped
	}
	var errs []catalog.Issue
	for _, issue := range s.Audit(p.Offer) {
		if issue.Severity == catalog.SeverityError && (j.price || !strings.HasSuffix(issue.Field, "price")) {
			errs = append(errs, issue)
		}
	}
	if len(errs) > 0 {
		j.reject(connectors.Rejected, errs...)
	}
	return j
}

func unknownID(id catalog.ExternalID) catalog.Issue {
	return catalog.Issue{Code: "external_id", Severity: catalog.SeverityError, Message: catalog.Text{
		VI: fmt.Sprintf("Mã %q không phải là mã sản phẩm của Shopee.", clip(string(id), 60)),
		EN: fmt.Sprintf("%q is not the ID of a Shopee item.", clip(string(id), 60)),
	}}
}

// resolve finds out what is there: the items of listings that are known and,
// for those that are not, whatever has their SKUs.
func (s *shop) resolve(ctx context.Context, jobs []*job) error {
	var skus []catalog.SKU
	var ids []int64
	for _, j := range jobs {
		if j.itemID != 0 {
			ids = append(ids, j.itemID)
			continue
		}
		for _, v := range j.offer.Variants {
			skus = append(skus, v.SKU)
		}
	}
	if len(skus) > 0 {
		found, err := s.find(ctx, skus)
		if err != nil {
			return err
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	items, err := s.read(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	owners := map[string][]int64{}
	for _, id := range slices.Compact(ids) {
		if it := items[id]; it != nil && alive(it.Status) {
			for _, sku := range skusOf(it) {
				owners[sku] = append(owners[sku], id)
			}
		}
	}
	for _, j := range jobs {
		if j.itemID == 0 {
			j.adopt(owners)
		}
		if j.itemID == 0 || j.outcome != nil {
			continue
		}
		it := items[j.itemID]
		if it == nil || !alive(it.Status) {
			j.end(gone("publish", j.ref.ExternalID))
			continue
		}
		j.item = it
		for _, m := range it.Models {
			j.models[catalog.SKU(m.SKU)] = m.ID
		}
		if !variable(j.offer) && len(it.Models) > 0 && (j.whole || j.content) {
			j.reject(connectors.Rejected, catalog.Issue{Code: "product_kind", Severity: catalog.SeverityError, Field: "options", Message: catalog.Text{
				VI: "Sản phẩm trên Shopee có phân loại, ở đây thì không: xóa sản phẩm trên Shopee rồi đăng lại, hoặc thêm phân loại.",
				EN: "The item on Shopee has variations, the product here has none: delete the item there and publish again, or add options.",
			}})
		}
	}
	return nil
}

// adopt takes over the one item that has the offer's SKUs.
func (j *job) adopt(owners map[string][]int64) {
	var ids []int64
	for _, v := range j.offer.Variants {
		ids = append(ids, owners[string(v.SKU)]...)
	}
	slices.Sort(ids)
	switch ids = slices.Compact(ids); len(ids) {
	case 0:
	case 1:
		j.itemID = ids[0]
	default:
		texts := make([]string, len(ids))
		for i, id := range ids {
			texts[i] = strconv.FormatInt(id, 10)
		}
		list := strings.Join(texts, ", ")
		j.reject(connectors.Conflict, catalog.Issue{Code: "sku_spread", Severity: catalog.SeverityError, Field: "sku", Message: catalog.Text{
			VI: "Các mã SKU của sản phẩm nằm ở nhiều sản phẩm khác nhau trên Shopee (" + list + "): gộp lại hoặc đổi mã.",
			EN: "The product's SKUs belong to several items on Shopee (" + list + "): merge them or change SKUs.",
		}})
	}
}

func gone(op string, id catalog.ExternalID) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Gone, Err: &connectors.Error{
		Kind: connectors.NotFound, Op: op, Err: fmt.Errorf("item %s is not on Shopee any more", clip(string(id), 60)),
	}}
}

// pause waits until variations may be made. It ends early with the context;
// the calls after it then say so.
func (s *shop) pause(ctx context.Context, jobs []*job) {
	var ready time.Time
	for _, j := range jobs {
		if variable(j.offer) && j.ready.After(ready) {
			ready = j.ready
		}
	}
	if ready.IsZero() {
		return
	}
	timer := time.NewTimer(time.Until(ready))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// writeTerms sets prices and stock where they are not as wanted.
func (s *shop) writeTerms(ctx context.Context, jobs []*job) {
	var (
		prices      []priceRow
		stocks      []connectors.StockChange
		priceOwners []*job
		stockOwners []*job
	)
	for _, j := range jobs {
		for _, v := range j.offer.Variants {
			id := listingID(j.itemID)
			if variable(j.offer) {
				id = variantID(j.itemID, j.models[v.SKU])
			}
			price, quantity := j.shown(s, v.SKU)
			if j.price && (price == nil || !price.Equal(v.Price)) && !(j.listed && v.Price.Sale == nil) {
				prices = append(prices, priceRow{listed: j.listed, PriceChange: connectors.PriceChange{
					Listing: listingID(j.itemID), Variant: id, SKU: v.SKU, Price: v.Price}})
				priceOwners = append(priceOwners, j)
			}
			if j.stock && !j.listed && (quantity == nil || *quantity != v.Quantity) {
				stocks = append(stocks, connectors.StockChange{Listing: listingID(j.itemID), Variant: id, SKU: v.SKU, Quantity: v.Quantity})
				stockOwners = append(stockOwners, j)
			}
		}
	}
	take := func(j *job, o connectors.Outcome) {
		switch {
		case o.Done():
			j.wrote = true
		case o.Kind == connectors.Deferred && o.Remote != nil: // a sale that begins later
			j.wrote = true
			j.end(o)
		case o.Kind == connectors.Unknown:
			j.end(o)
		case j.wrote || j.whole:
			// The listing is there. What could not be set now shows as a
			// difference at the next look, and is then told by its own call.
			for _, issue := range o.Issues {
				issue.Severity = catalog.SeverityWarning
				j.issues = append(j.issues, issue)
			}
		default:
			j.end(o)
		}
	}
	if len(stocks) > 0 {
		outcomes, err := s.UpdateStock(ctx, stocks)
		for i, j := range stockOwners {
			if err != nil {
				_ = j.fail(err)
			} else {
				take(j, outcomes[i])
			}
		}
	}
	if len(prices) > 0 {
		outcomes, err := s.setPrices(ctx, prices)
		for i, j := range priceOwners {
			if err != nil {
				_ = j.fail(err)
			} else {
				take(j, outcomes[i])
			}
		}
	}
}

// shown is what the item showed of a variant when it was read.
func (j *job) shown(s *shop, sku catalog.SKU) (*catalog.Price, *int64) {
	if j.item == nil {
		return nil, nil
	}
	r := s.remote(j.item, "")
	for _, v := range r.Variants {
		if v.SKU == sku {
			return v.Price, v.Quantity
		}
	}
	return nil, nil
}

// writeState puts an item that was there before on or off sale.
func (s *shop) writeState(ctx context.Context, j *job) error {
	if !j.state || j.item == nil {
		return nil
	}
	off := j.offer.State == catalog.StateStopped
	if off && j.item.Status == statusUnlist || !off && (j.item.Status == statusNormal || j.item.Status == statusReviewing) {
		return nil
	}
	outcomes := s.list(ctx, []int64{j.itemID}, off)
	if outcomes[0].Done() {
		j.wrote = true
		return nil
	}
	j.end(outcomes[0])
	return nil
}
