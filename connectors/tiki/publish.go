package tiki

import (
	"context"
	"fmt"
	"net/http"
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
	// whole publications make a product, or take over what is there.
	whole  bool
	facets map[catalog.Facet]bool
	// rows are the products that are there, by SKU.
	rows    map[catalog.SKU]product
	issues  []catalog.Issue
	outcome *connectors.Outcome // nil = not decided
}

func (j *job) end(o connectors.Outcome) {
	if j.outcome == nil {
		o.Issues = append(o.Issues, j.issues...)
		j.outcome = &o
	}
}

func (j *job) fail(err error) { j.end(outcomeOf(err, "")) }

func (j *job) skus() []catalog.SKU {
	var list []catalog.SKU
	for _, v := range j.offer.Variants {
		list = append(list, v.SKU)
	}
	return list
}

// asks tells that a text or a picture is to be written.
func (j *job) asks() bool { return j.facets[catalog.FacetContent] || j.facets[catalog.FacetMedia] }

// Publish makes products and writes their content. A new product is a request
// that is reviewed: the outcome is deferred with the request's name, and the
// same publication again finds it instead of sending another. A request that
// was refused cannot be corrected, so new content sends a new one.
func (s *shop) Publish(ctx context.Context, publications []connectors.Publication) ([]connectors.Outcome, error) {
	jobs := make([]*job, len(publications))
	for i := range publications {
		jobs[i] = s.job(&publications[i])
	}
	for _, step := range []func(context.Context, []*job) error{s.resolveReviews, s.resolveProducts, s.resolveNew} {
		if err := step(ctx, undecided(jobs)); err != nil {
			return nil, err // nothing was written
		}
	}
	open := undecided(jobs)
	for i, err := range s.each(len(open), func(i int) error { return s.carryOut(ctx, open[i]) }) {
		if err != nil {
			open[i].fail(err)
		}
	}
	outcomes := make([]connectors.Outcome, len(jobs))
	for i, j := range jobs {
		outcomes[i] = *j.outcome
	}
	return whole(outcomes)
}

func undecided(jobs []*job) []*job {
	return slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.outcome != nil })
}

func (s *shop) job(p *connectors.Publication) *job {
	j := &job{offer: &p.Offer, ref: p.Listing, facets: map[catalog.Facet]bool{}, whole: p.Listing.ExternalID == ""}
	for _, f := range catalog.Facets {
		j.facets[f] = j.whole || slices.Contains(p.Facets, f)
	}
	if !j.whole {
		if _, ok := identify(p.Listing.ExternalID); !ok {
			j.end(gone("publish", p.Listing.ExternalID))
			return j
		}
		if len(p.Facets) == 0 {
			j.end(connectors.Outcome{Kind: connectors.Unchanged})
			return j
		}
	}
	var errs []catalog.Issue
	for _, issue := range s.Audit(p.Offer) {
		// A refused text must not keep a product from being stopped.
		concerns := j.asks() || strings.HasSuffix(issue.Field, "price") && j.facets[catalog.FacetPrice]
		if issue.Severity == catalog.SeverityError && concerns && (j.facets[catalog.FacetPrice] || !strings.HasSuffix(issue.Field, "price")) {
			errs = append(errs, issue)
		}
	}
	if len(errs) > 0 {
		j.end(refusal("publish", errs...))
	}
	return j
}

// carryOut writes a job that is not decided. Its error is of the call as a
// whole, and then nothing was written.
func (s *shop) carryOut(ctx context.Context, j *job) error {
	if len(j.rows) == 0 {
		return s.create(ctx, j)
	}
	return s.update(ctx, j)
}

// content is what a category makes of an offer. A refusal ends the job.
func (s *shop) content(ctx context.Context, j *job) (category int64, attributes map[string]any, err error) {
	category, err = strconv.ParseInt(j.offer.Category, 10, 64)
	if err != nil {
		return 0, nil, nil // audited
	}
	sch, err := s.schema(ctx, category)
	if connectors.KindOf(err) == connectors.NotFound {
		j.end(refusal("publish", catalog.Issue{Code: "category_gone", Severity: catalog.SeverityError, Field: "category", Message: catalog.Text{
			VI: fmt.Sprintf("Danh mục %d không còn trên Tiki: chọn danh mục khác cho nhóm hàng này.", category),
			EN: fmt.Sprintf("Category %d is not on Tiki any more: choose another one for these products.", category),
		}}))
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, err
	}
	values, warnings := s.facts(sch, j.offer)
	attributes, errs, err := s.wireFacts(ctx, sch, values)
	if err != nil {
		return 0, nil, err
	}
	j.issues = append(j.issues, warnings...)
	if len(errs) > 0 {
		j.end(refusal("publish", errs...))
	}
	return category, attributes, nil
}

// create sends a request for a new product.
func (s *shop) create(ctx context.Context, j *job) error {
	category, attributes, err := s.content(ctx, j)
	if err != nil || j.outcome != nil {
		return err
	}
	if s.checkPictures(ctx, j); j.outcome != nil {
		return nil
	}
	model, err := s.inventoryType(ctx)
	if err != nil {
		return err
	}
	warehouse, err := s.stockroom(ctx)
	if err != nil {
		return err
	}
	body := newProduct(j.offer, category, attributes, model, warehouse, s.options)
	sch, err := s.schema(ctx, category)
	if err != nil {
		return err
	}
	labels, issues := s.labelsOf(sch, j.offer)
	if len(issues) > 0 {
		j.end(refusal("publish", issues...))
		return nil
	}
	if len(labels) > 0 {
		body.Options = labels
	}
	j.issues = append(j.issues, s.lacksPapers(sch, j.offer)...)
	brand, _ := attributes["brand"].(string)
	unknown, err := s.unknownBrand(ctx, brand)
	if err != nil {
		return err
	}
	j.issues = append(j.issues, unknown...)
	var t tracking
	_, err = s.client.Do(ctx, connectors.Call{Op: "requests.create", Method: http.MethodPost, Path: "v2.1/requests", Body: body, Out: &t})
	switch {
	case connectors.KindOf(err) == connectors.NotFound: // a category or warehouse, not the product
		o := outcomeOf(err, "")
		o.Kind = connectors.Rejected
		j.end(o)
		return nil
	case err != nil:
		return err
	case t.Track == "":
		return s.lost("requests.create", "the answer has no track_id")
	}
	s.remember(ctx, pending{Track: t.Track, SKUs: j.skus(), Title: j.offer.Title, At: time.Now().UTC()})
	if now, there, err := s.track(ctx, t.Track); err == nil && there {
		t.State, t.Reason, t.Request = now.State, now.Reason, now.Request
	}
	if t.refused() {
		j.fail(rejection(t.Reason))
		return nil
	}
	remote := review{id: catalog.ExternalID(trackPrefix + t.Track), skus: j.skus(), title: j.offer.Title}.remote()
	if t.approved() {
		if made, ok := s.made(ctx, j, string(t.Request)); ok {
			j.end(connectors.Outcome{Kind: connectors.Applied, Remote: &made})
			return nil
		}
	}
	o := waits("in_review", "Đã gửi lên Tiki, chờ duyệt (thường vài giờ).", "Sent to Tiki, which reviews it (usually some hours).")
	o.Remote = &remote
	j.end(o)
	return nil
}

// lost is the error of a write whose answer does not tell what became of it.
func (s *shop) lost(op, text string) *connectors.Error {
	e := s.fail(connectors.Transient, op, "", text, "")
	e.Lost = true
	return e
}

// made tells the numbers of the products of an approved request; ok is false
// when they cannot be read now.
func (s *shop) made(ctx context.Context, j *job, request string) (remote catalog.Remote, ok bool) {
	r, there, err := s.request(ctx, request)
	if err != nil || !there || len(r.Products) == 0 {
		return remote, false
	}
	for _, p := range r.Products {
		if p.ID == nil {
			return remote, false
		}
		remote.Variants = append(remote.Variants, catalog.VariantSnapshot{SKU: p.SKU, ExternalID: productID(*p.ID)})
		remote.ExternalID = productID(*p.ID)
	}
	slices.SortFunc(remote.Variants, func(a, b catalog.VariantSnapshot) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	if len(j.offer.Options) == 0 {
		return remote, true
	}
	row, there, err := s.read(ctx, *r.Products[0].ID)
	if err != nil || !there {
		return remote, false
	}
	remote.ExternalID = productID(familyOf(row))
	s.rememberSKUs(ctx, familyKey(familyOf(row)), j.skus())
	return remote, true
}

// update writes the facets of products that are there.
func (s *shop) update(ctx context.Context, j *job) error {
	var attributes map[string]any
	if j.facets[catalog.FacetContent] {
		category, wanted, err := s.content(ctx, j)
		if err != nil || j.outcome != nil {
			return err
		}
		attributes = wanted
		j.keptCategory(category)
	}
	if j.facets[catalog.FacetMedia] {
		if s.checkPictures(ctx, j); j.outcome != nil {
			return nil
		}
	}
	remote := catalog.Remote{ExternalID: j.ref.ExternalID}
	var infos []info
	var parts []connectors.Outcome
	var prices []connectors.PriceChange
	var sets []change
	active := j.offer.State == catalog.StateLive
	parents := map[int64]bool{}
	for _, v := range j.offer.Variants {
		row, there := j.rows[v.SKU]
		if !there {
			j.issues = append(j.issues, catalog.Issue{Code: "variant_missing", Severity: catalog.SeverityWarning, Field: "variants[" + string(v.SKU) + "]", SKU: v.SKU, Message: catalog.Text{
				VI: fmt.Sprintf("Phân loại %s chưa có trên Tiki và API của Tiki không thêm được vào sản phẩm đã có: thêm trong Tiki Seller Center.", clip(string(v.SKU))),
				EN: fmt.Sprintf("Variant %s is not on Tiki, and Tiki's API cannot add it to a product: add it in Tiki Seller Center.", clip(string(v.SKU))),
			}})
			continue
		}
		remote.ExternalID = productID(familyOf(row))
		remote.Variants = append(remote.Variants, catalog.VariantSnapshot{SKU: v.SKU, ExternalID: productID(row.ID)})
		if change, needed := s.infoOf(j, v, row, attributes); needed {
			infos = append(infos, change)
			if row.SuperID != 0 && !parents[row.SuperID] {
				parents[row.SuperID] = true
				change.product, change.name, change.images = row.SuperID, nameOrNone(j), galleryOrNone(j)
				infos = append(infos, change)
			}
		}
		if j.facets[catalog.FacetPrice] {
			prices = append(prices, connectors.PriceChange{Listing: remote.ExternalID, Variant: productID(row.ID), SKU: v.SKU, Price: v.Price})
		}
		set := change{place: place{row.ID, v.SKU}}
		if j.facets[catalog.FacetStock] {
			set.quantity = &v.Quantity
		}
		if j.facets[catalog.FacetState] {
			set.active = &active
		}
		if (set.quantity != nil || set.active != nil) && !set.shows(row) {
			sets = append(sets, set)
		}
	}
	for i, o := range s.sendInfos(ctx, infos) {
		if parents[infos[i].product] && (o.Kind == connectors.Rejected || o.Kind == connectors.Gone) {
			continue // whether a configurable product can be changed is not documented
		}
		parts = append(parts, o)
	}
	if len(prices) > 0 {
		outcomes, err := s.UpdatePrices(ctx, prices)
		for range prices {
			if err != nil {
				outcomes = append(outcomes, outcomeOf(err, ""))
			}
		}
		parts = append(parts, outcomes...)
	}
	for i, err := range s.set(ctx, "products.update", sets) {
		parts = append(parts, outcomeOf(err, sets[i].sku))
	}
	slices.SortFunc(remote.Variants, func(a, b catalog.VariantSnapshot) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	if len(remote.Variants) > 1 {
		s.rememberSKUs(ctx, familyKey(familyOf(j.rows[remote.Variants[0].SKU])), j.skus())
	}
	o := connectors.Outcome{Kind: connectors.Unchanged}
	if len(parts) > 0 {
		o = together(parts)
		if o.Kind == connectors.Deferred && o.Err != nil && slices.ContainsFunc(parts, connectors.Outcome.Done) {
			o.Kind = connectors.Unknown // it is not as if nothing had been sent
		}
	}
	if o.Done() || o.Kind == connectors.Deferred && o.Err == nil {
		o.Remote = &remote
	}
	j.end(o)
	return nil
}

func nameOrNone(j *job) string {
	if j.facets[catalog.FacetContent] {
		return j.offer.Title
	}
	return ""
}

func galleryOrNone(j *job) []string {
	if j.facets[catalog.FacetMedia] {
		return gallery(j.offer)
	}
	return nil
}

// infoOf is what a variant's product lacks of the offer's content and
// pictures; needed is false when nothing.
func (s *shop) infoOf(j *job, v catalog.OfferVariant, row product, attributes map[string]any) (i info, needed bool) {
	i = info{product: row.ID, sku: v.SKU, attributes: map[string]any{}}
	if j.facets[catalog.FacetContent] {
		i.attributes, i.name, i.html = attributes, variantName(j.offer, v), htmlOf(j.offer)
		needed = row.Name != i.name || string(row.Attributes["description"]) != i.html
		for code, value := range attributes {
			needed = needed || string(row.Attributes[code]) != fmt.Sprint(value)
		}
	}
	if j.facets[catalog.FacetMedia] {
		i.images = imagesOf(j.offer, v)
		var there []string
		for _, image := range row.Images {
			there = append(there, image.URL)
		}
		needed = needed || !slices.Equal(there, i.images)
	}
	return i, needed
}

// keptCategory warns that a product stays in the category it was made in.
func (j *job) keptCategory(category int64) {
	for _, row := range j.rows {
		for _, c := range row.Categories {
			if bool(c.Primary) && c.ID != category {
				j.issues = append(j.issues, catalog.Issue{Code: "category_kept", Severity: catalog.SeverityWarning, Field: "category", Message: catalog.Text{
					VI: fmt.Sprintf("Tiki không đổi danh mục của sản phẩm đã duyệt: sản phẩm vẫn ở danh mục %d.", c.ID),
					EN: fmt.Sprintf("Tiki does not move an approved product: it stays in category %d.", c.ID),
				}})
				return
			}
		}
	}
}
