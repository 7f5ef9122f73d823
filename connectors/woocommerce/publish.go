package woocommerce

import (
	"context"
	"fmt"
	"slices"
	"strconv"
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
	state   bool
	price   bool
	stock   bool
	target  int64 // the product; 0 = to be created
	trashed bool  // target is in the trash, from where it is taken
	current product
	// variations known to be there, by SKU; of a variable product only.
	variations map[catalog.SKU]int64
	pictures   []picture
	// written is the product as the answer showed it, and children its
	// variations from their answers.
	written  product
	children []product
	outcome  *connectors.Outcome // nil = not decided
}

func (j *job) end(outcome connectors.Outcome) {
	if j.outcome == nil {
		j.outcome = &outcome
	}
}

// stateOnly tells that nothing of the variants is written.
func (j *job) stateOnly() bool { return !j.content && !j.media && !j.price && !j.stock }

// pricing tells that a price is written: asked for, or of a new variation.
func (j *job) pricing() bool {
	return j.price || slices.ContainsFunc(j.offer.Variants, func(v catalog.OfferVariant) bool { return j.missing(v.SKU) })
}

// concerns tells that an issue is about something that the job writes.
func (j *job) concerns(issue catalog.Issue) bool {
	switch {
	case strings.HasPrefix(issue.Field, "images"):
		return j.media
	case strings.HasSuffix(issue.Field, "price"):
		return j.pricing()
	}
	return true
}

// firstSKU names the product in issues.
func (j *job) firstSKU() catalog.SKU {
	if len(j.offer.Variants) == 0 {
		return ""
	}
	return j.offer.Variants[0].SKU
}

// reject ends the job with an issue of ours.
func (j *job) reject(kind connectors.OutcomeKind, issue catalog.Issue) {
	issue.Severity = catalog.SeverityError
	errorKind := connectors.Validation
	if kind == connectors.Conflict {
		errorKind = connectors.Clash
	}
	j.end(connectors.Outcome{Kind: kind, Issues: []catalog.Issue{issue}, Err: &connectors.Error{
		Kind: errorKind, Op: "publish", Code: issue.Code, Err: fmt.Errorf("product %s: %s", clip(j.offer.ProductID), issue.Message.EN),
	}})
}

// Publish creates products and writes their content. Simple products and the
// parents of variations go together, up to a batch in a request; the variations
// of each parent follow in a request of their own. A product whose variations
// were lost on the way is completed by publishing it again.
func (s *shop) Publish(ctx context.Context, publications []connectors.Publication) ([]connectors.Outcome, error) {
	jobs := make([]*job, len(publications))
	priced := false
	for i := range publications {
		jobs[i] = s.job(&publications[i])
		priced = priced || jobs[i].pricing()
	}
	currency := s.options.Currency
	if priced {
		var err error
		if currency, err = s.money(ctx); err != nil {
			return nil, err
		}
		for _, j := range jobs {
			j.checkCurrency(currency)
		}
	}
	if err := s.resolve(ctx, undecided(jobs)); err != nil {
		return nil, err // nothing was written
	}
	s.writeProducts(ctx, undecided(jobs))
	s.writeVariations(ctx, undecided(jobs))
	outcomes := make([]connectors.Outcome, len(jobs))
	for i, j := range jobs {
		if j.outcome == nil {
			j.end(connectors.Outcome{Kind: connectors.Applied, Issues: j.warnings()})
		}
		outcomes[i] = *j.outcome
		if j.written.ID != 0 && outcomes[i].Kind != connectors.Gone && outcomes[i].Kind != connectors.Deferred {
			outcomes[i].Remote = j.remote(currency)
		}
	}
	return connectors.Settle(outcomes)
}

// undecided gives the jobs that are not decided.
func undecided(jobs []*job) []*job {
	return slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.outcome != nil })
}

func (s *shop) job(p *connectors.Publication) *job {
	j := &job{offer: &p.Offer, ref: p.Listing, variations: map[catalog.SKU]int64{}}
	if p.Listing.ExternalID == "" {
		j.whole, j.content, j.media, j.state, j.price, j.stock = true, true, true, true, true, true
	} else {
		j.content = slices.Contains(p.Facets, catalog.FacetContent)
		j.media = slices.Contains(p.Facets, catalog.FacetMedia)
		j.state = slices.Contains(p.Facets, catalog.FacetState)
		j.price = slices.Contains(p.Facets, catalog.FacetPrice)
		j.stock = slices.Contains(p.Facets, catalog.FacetStock)
		product, _, ok := splitID(p.Listing.ExternalID)
		if !ok {
			j.reject(connectors.Rejected, unknownID(p.Listing.ExternalID))
			return j
		}
		j.target = product
		for sku, id := range p.Listing.Variants {
			if parent, variation, ok := splitID(id); ok && parent == product && variation != 0 {
				j.variations[sku] = variation
			}
		}
	}
	if j.stateOnly() {
		if !j.state {
			j.end(connectors.Outcome{Kind: connectors.Unchanged})
		}
		return j // a refused text must not keep a product from being stopped
	}
	var errs []catalog.Issue
	for _, issue := range s.Audit(p.Offer) {
		if issue.Severity == catalog.SeverityError && j.concerns(issue) {
			errs = append(errs, issue)
		}
	}
	if len(errs) > 0 {
		j.reject(connectors.Rejected, errs[0])
		j.outcome.Issues = errs
	}
	return j
}

func unknownID(id catalog.ExternalID) catalog.Issue {
	return catalog.Issue{Code: "external_id", Message: catalog.Text{
		VI: fmt.Sprintf("Mã %q không phải là mã sản phẩm của WooCommerce.", clip(string(id))),
		EN: fmt.Sprintf("%q is not the ID of a WooCommerce product.", clip(string(id))),
	}}
}

func (j *job) checkCurrency(currency string) {
	if j.outcome != nil || !j.pricing() {
		return
	}
	for _, v := range j.offer.Variants {
		if issue, ok := wrongCurrency(v.SKU, v.Price, currency); ok {
			j.reject(connectors.Rejected, issue)
		}
	}
}

func gone(op string, id catalog.ExternalID) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Gone, Err: &connectors.Error{
		Kind: connectors.NotFound, Op: op, Err: fmt.Errorf("product %s is not in the shop any more", clip(string(id))),
	}}
}

// fields are the product's fields that the job writes.
func (j *job) fields(options *Options) fields {
	f := fields{}
	if j.content {
		f = contentFields(j.offer, options)
	}
	if j.media && len(j.pictures) > 0 {
		f["images"] = wirePictures(j.pictures)
	}
	if j.state {
		f["status"] = wireStatus(j.offer.State)
		if j.offer.State == catalog.StateLive && j.current.CatalogVisibility == hidden {
			f["catalog_visibility"] = "visible"
		}
	}
	if !variable(j.offer) && j.price {
		priceFields(f, j.offer.Variants[0].Price)
	}
	if !variable(j.offer) && j.stock {
		stockFields(f, j.offer.Variants[0].Quantity)
	}
	if j.whole {
		f["meta_data"] = []fields{{"key": metaProduct, "value": j.offer.ProductID}}
	}
	if j.target != 0 {
		f["id"] = j.target
		return f
	}
	f["type"], f["sku"] = typeSimple, string(j.offer.Variants[0].SKU)
	if variable(j.offer) {
		f["type"], f["sku"] = typeVariable, parentSKU(j.offer.ProductID)
	}
	return f
}

func wireStatus(state catalog.State) string {
	if state == catalog.StateLive {
		return statusPublish
	}
	return statusDraft
}

// writeProducts writes simple products and parents. A picture that we thought
// uploaded but is gone from the shop's library is uploaded anew, once.
func (s *shop) writeProducts(ctx context.Context, jobs []*job) {
	for _, j := range jobs {
		if j.media {
			j.pictures = s.pictures(ctx, j.offer.Images, true)
		}
	}
	again := s.writeProductsOnce(ctx, jobs)
	for _, j := range again {
		j.pictures = s.pictures(ctx, j.offer.Images, false)
	}
	for _, j := range s.writeProductsOnce(ctx, again) {
		j.end(refused(&connectors.Error{Kind: connectors.Validation, Op: "products.batch", Code: codeInvalidImage}, ""))
	}
}

func (s *shop) writeProductsOnce(ctx context.Context, jobs []*job) (again []*job) {
	var creates, updates []*job
	for _, j := range jobs {
		if j.target == 0 {
			creates = append(creates, j)
		} else {
			updates = append(updates, j)
		}
	}
	var writes []write
	var groups [][]*job
	for _, group := range append(s.byUploads(creates), s.byUploads(updates)...) {
		w := write{op: "products.batch", path: api + "products/batch", create: group[0].target == 0}
		for _, j := range group {
			w.items = append(w.items, j.fields(s.options))
		}
		writes, groups = append(writes, w), append(groups, group)
	}
	results, errs := s.sendAll(ctx, writes)
	for g, group := range groups {
		for i, j := range group {
			if errs[g] != nil {
				j.end(failed(errs[g]))
				continue
			}
			answer := results[g][i]
			switch {
			case answer.err != nil && answer.err.Code == codeInvalidImage:
				again = append(again, j)
			case answer.err != nil:
				j.end(refused(answer.err, j.firstSKU()))
			case answer.product.Status == statusTrash:
				j.end(gone("publish", listingID(answer.product.ID)))
			default:
				j.written = answer.product
				s.remember(ctx, j.pictures, answer.product.Images)
			}
		}
	}
	return again
}

// byUploads makes batches of jobs that bring no more pictures than a shop
// fetches in one request.
func (s *shop) byUploads(jobs []*job) [][]*job {
	// A picture takes a shop up to a second; hosts stop PHP after 30 to 60.
	const mostUploads = 20
	var groups [][]*job
	uploads := 0
	for _, j := range jobs {
		n := 0
		for _, p := range j.pictures {
			if p.id == 0 {
				n++
			}
		}
		last := len(groups) - 1
		if last < 0 || len(groups[last]) >= int(s.batch.Load()) || uploads+n > mostUploads {
			groups, uploads = append(groups, nil), 0
			last++
		}
		groups[last] = append(groups[last], j)
		uploads += n
	}
	return groups
}

// writeVariations writes the variations of parents that were written.
func (s *shop) writeVariations(ctx context.Context, jobs []*job) {
	jobs = slices.DeleteFunc(jobs, func(j *job) bool { return !variable(j.offer) || j.stateOnly() })
	errs := s.parallel(len(jobs), func(i int) error { return s.writeVariationsOf(ctx, jobs[i]) })
	for i, j := range jobs {
		if errs[i] == nil {
			continue
		}
		outcome := failed(errs[i])
		if outcome.Kind == connectors.Deferred {
			// The parent was written, so it is not as if nothing had been sent.
			outcome.Kind = connectors.Unknown
		}
		j.worse(outcome)
	}
}

func (s *shop) writeVariationsOf(ctx context.Context, j *job) error {
	var creates, updates []fields
	var created, updated []catalog.SKU
	for i := range j.offer.Variants {
		v := &j.offer.Variants[i]
		f := fields{}
		id := j.variations[v.SKU]
		if id == 0 && !j.content {
			continue
		}
		if j.content {
			variantContent(f, v, j.offer.Options, s.options)
			f["status"] = statusPublish
		}
		if (j.media || id == 0) && v.Image > 0 && v.Image <= len(j.offer.Images) {
			if p := s.pictures(ctx, j.offer.Images[v.Image-1:v.Image], true); len(p) > 0 {
				f["image"] = p[0].wire()
			}
		}
		if j.price || id == 0 {
			priceFields(f, v.Price)
		}
		if j.stock || id == 0 {
			stockFields(f, v.Quantity)
		}
		switch {
		case id == 0:
			f["sku"] = string(v.SKU)
			creates, created = append(creates, f), append(created, v.SKU)
		case len(f) > 0:
			f["id"] = id
			updates, updated = append(updates, f), append(updated, v.SKU)
		}
	}
	// A variant that is no longer offered must not be bought. Private switches
	// a variation off without losing it (the "enabled" box of the shop's page;
	// not checked on the server of the other facts).
	for _, sku := range sortedKeys(j.variations) {
		if _, offered := variantOf(j.offer, sku); j.content && !offered {
			updates, updated = append(updates, fields{"id": j.variations[sku], "status": "private"}), append(updated, sku)
		}
	}
	path := fmt.Sprintf("%sproducts/%d/variations/batch", api, j.written.ID)
	for _, part := range []struct {
		create bool
		items  []fields
		skus   []catalog.SKU
	}{{true, creates, created}, {false, updates, updated}} {
		at := 0
		for _, items := range chunks(s, part.items) {
			results, err := s.send(ctx, write{op: "variations.batch", path: path, create: part.create, items: items})
			if err != nil {
				return err
			}
			for i, r := range results {
				switch {
				case r.err == nil:
					j.children = append(j.children, r.product)
					continue
				case r.err.Code == codeInvalidImage:
					s.forget(ctx, j.offer.Images)
					r.err.Kind = connectors.Clash // the next try uploads them
				case r.err.Kind == connectors.NotFound:
					r.err.Kind = connectors.Clash // the variation is gone, not the listing
				}
				j.worse(refused(r.err, part.skus[at+i]))
			}
			at += len(items)
		}
	}
	return nil
}

// worse keeps the outcome that needs the most care: first unknown, then
// conflict, then the rest, with the issues of all.
func (j *job) worse(outcome connectors.Outcome) {
	if j.outcome == nil {
		j.outcome = &outcome
		return
	}
	issues := append(j.outcome.Issues, outcome.Issues...)
	rank := func(kind connectors.OutcomeKind) int {
		return slices.Index([]connectors.OutcomeKind{connectors.Unknown, connectors.Conflict}, kind)
	}
	if now, was := rank(outcome.Kind), rank(j.outcome.Kind); now == 0 || now == 1 && was < 0 {
		j.outcome = &outcome
	}
	j.outcome.Issues = issues
}

// warnings tells what the shop dropped without saying so.
func (j *job) warnings() []catalog.Issue {
	var issues []catalog.Issue
	warn := func(code, field string, sku catalog.SKU, vi, en string) {
		issues = append(issues, catalog.Issue{Code: code, Severity: catalog.SeverityWarning, Field: field, SKU: sku, Message: catalog.Text{VI: vi, EN: en}})
	}
	if id, err := strconv.ParseInt(j.offer.Category, 10, 64); j.content && err == nil &&
		!slices.Contains(j.written.Categories, reference{id}) {
		warn("category_unknown", "category", "",
			fmt.Sprintf("Cửa hàng không có danh mục số %d nên đã xếp sản phẩm vào danh mục mặc định: sửa danh mục trong cấu hình.", id),
			fmt.Sprintf("The shop has no category %d and put the product into its default one: correct the category in the configuration.", id))
	}
	if j.media && len(j.pictures) > 0 && len(j.written.Images) != len(j.pictures) {
		warn("images_dropped", "images", "", "Cửa hàng không giữ đủ số ảnh: mở sản phẩm ở cửa hàng và kiểm tra ảnh.",
			"The shop did not keep all pictures: open the product there and check them.")
	}
	shown := append(slices.Clone(j.children), j.written)
	for _, v := range j.offer.Variants {
		for _, p := range shown {
			if p.SKU != string(v.SKU) {
				continue
			}
			if j.price && !keptPrice(p, v.Price) {
				warn("price_dropped", "price", v.SKU, "Cửa hàng không giữ đúng giá đã gửi: kiểm tra giá ở cửa hàng.",
					"The shop did not keep the price as sent: check the price there.")
			}
			if j.stock && !bool(p.ManageStock) {
				warn(codeNoStock, "stock", v.SKU, noStockKept.VI, noStockKept.EN)
			}
		}
	}
	return issues
}

// remote is what the answers showed. The content of a variable product is told
// only when all its variations answered.
func (j *job) remote(currency string) *catalog.Remote {
	ids := make([]int64, len(j.children))
	for i, child := range j.children {
		ids[i] = child.ID
	}
	parent := j.written
	if parent.Type == typeVariable && j.content {
		// Its answer came before its variations were made.
		for _, child := range j.children {
			parent.Price = firstOf(parent.Price, child.Price)
		}
	}
	complete := j.content && !slices.ContainsFunc(parent.Variations, func(id int64) bool { return !slices.Contains(ids, id) })
	remote := remoteOf(parent, slices.Clone(j.children), complete, currency)
	return &remote
}

func variantOf(offer *catalog.Offer, sku catalog.SKU) (*catalog.OfferVariant, bool) {
	for i := range offer.Variants {
		if offer.Variants[i].SKU == sku {
			return &offer.Variants[i], true
		}
	}
	return nil, false
}
