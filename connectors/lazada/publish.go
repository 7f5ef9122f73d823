package lazada

import (
	"context"
	"errors"
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

	body    content
	target  *product // nil = to be created
	remote  catalog.Remote
	sent    bool // something was written
	issues  []catalog.Issue
	outcome *connectors.Outcome // nil = not decided
}

func (j *job) end(outcome connectors.Outcome) {
	if j.outcome == nil {
		j.outcome = &outcome
	}
}

// stateOnly tells that nothing else is written.
func (j *job) stateOnly() bool { return !j.content && !j.media && !j.price && !j.stock }

// concerns tells that an issue is about something that the job writes.
func (j *job) concerns(issue catalog.Issue) bool {
	switch {
	case strings.HasPrefix(issue.Field, "images"):
		return j.media
	case strings.HasSuffix(issue.Field, "price"):
		return j.price || j.content
	case strings.HasSuffix(issue.Field, "quantity"):
		return j.stock || j.content
	case strings.HasPrefix(issue.Field, "sku"), issue.Field == "variants":
		return true
	}
	return j.content
}

// Publish creates products and writes their content. A product is one call,
// after its pictures; taking over one that is there takes a call for each
// facet.
func (s *shop) Publish(ctx context.Context, publications []connectors.Publication) ([]connectors.Outcome, error) {
	jobs := make([]*job, len(publications))
	for i := range publications {
		jobs[i] = s.job(&publications[i])
	}
	if err := s.prepareContent(ctx, undecided(jobs)); err != nil {
		return nil, err
	}
	if err := s.resolve(ctx, undecided(jobs)); err != nil {
		return nil, err // nothing was written
	}
	open := undecided(jobs)
	errs := s.parallel(len(open), func(i int) error { return s.publish(ctx, open[i]) })
	for i, j := range open {
		if errs[i] != nil {
			j.end(j.failed(errs[i]))
		}
	}
	outcomes := make([]connectors.Outcome, len(jobs))
	for i, j := range jobs {
		if j.outcome == nil {
			j.end(connectors.Outcome{Kind: connectors.Applied})
			if j.remote.State == catalog.StateReview {
				j.outcome.Kind = connectors.Deferred // quality control decides
			}
			j.outcome.Remote, j.outcome.Issues = &j.remote, j.issues
		}
		outcomes[i] = *j.outcome
	}
	return connectors.Settle(outcomes)
}

func undecided(jobs []*job) []*job {
	return slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.outcome != nil })
}

// failed is the outcome of a job whose call failed. What was begun is not as if
// nothing had been sent.
func (j *job) failed(err error) connectors.Outcome {
	outcome := outcomeOf(err, j.firstSKU())
	outcome.Issues = append(outcome.Issues, j.issues...)
	if j.sent && outcome.Kind == connectors.Deferred {
		outcome.Kind = connectors.Unknown
	}
	return outcome
}

// firstSKU names the product in issues.
func (j *job) firstSKU() catalog.SKU {
	if len(j.offer.Variants) == 0 {
		return ""
	}
	return j.offer.Variants[0].SKU
}

func (s *shop) job(p *connectors.Publication) *job {
	j := &job{offer: &p.Offer, ref: p.Listing}
	if p.Listing.ExternalID == "" {
		j.whole, j.content, j.media, j.price, j.stock, j.state = true, true, true, true, true, true
	} else {
		has := func(f catalog.Facet) bool { return slices.Contains(p.Facets, f) }
		j.content, j.media = has(catalog.FacetContent), has(catalog.FacetMedia)
		j.price, j.stock, j.state = has(catalog.FacetPrice), has(catalog.FacetStock), has(catalog.FacetState)
		if !isID(p.Listing.ExternalID) {
			j.end(s.rejected("publish", *newIssue("external_id", "", "",
				fmt.Sprintf("%q không phải là mã sản phẩm của Lazada.", clip(string(p.Listing.ExternalID))),
				fmt.Sprintf("%q is not the number of a product of Lazada.", clip(string(p.Listing.ExternalID))))))
			return j
		}
	}
	if j.stateOnly() {
		if !j.state {
			j.end(connectors.Outcome{Kind: connectors.Unchanged})
		}
		return j // a refused text must not keep a product from being stopped
	}
	var refused []catalog.Issue
	for _, issue := range s.Audit(p.Offer) {
		if issue.Severity == catalog.SeverityError && j.concerns(issue) {
			refused = append(refused, issue)
		}
	}
	if len(refused) > 0 {
		j.end(s.rejected("publish", refused...))
	}
	return j
}

// prepareContent translates content by the attributes of its category, read
// once for each, and refuses what the category would refuse.
func (s *shop) prepareContent(ctx context.Context, jobs []*job) error {
	for _, j := range jobs {
		if !j.content {
			continue
		}
		schema, err := s.schemaOf(ctx, j.offer.Category)
		switch kind := connectors.KindOf(err); {
		case kind == connectors.Validation || kind == connectors.NotFound:
			outcome := outcomeOf(err, j.firstSKU())
			outcome.Kind = connectors.Rejected
			j.end(outcome)
			continue
		case err != nil:
			return err
		}
		brand, err := s.brandOf(ctx, j.offer.Brand)
		if err != nil {
			return err
		}
		j.body = s.contentOf(j.offer, schema, brand)
		var refused []catalog.Issue
		for _, issue := range j.body.issues {
			if issue.Severity == catalog.SeverityError {
				refused = append(refused, issue)
			} else {
				j.issues = append(j.issues, issue)
			}
		}
		if len(j.body.variation) > mostOptions {
			refused = append(refused, *newIssue("many_options", "options", "",
				"Danh mục này bắt buộc thêm tùy chọn, cùng với của sản phẩm là quá hai.", "The category requires an option of its own, which with the product's makes more than two."))
		}
		if len(refused) > 0 {
			j.end(s.rejected("publish", refused...))
		}
	}
	return nil
}

// resolve finds out what is there: whatever has the SKUs of the offers.
func (s *shop) resolve(ctx context.Context, jobs []*job) error {
	var skus []catalog.SKU
	for _, j := range jobs {
		if !j.stateOnly() {
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
		if !j.stateOnly() {
			j.choose(s, found)
		}
	}
	// Products that we know, but not by the SKUs of the offer.
	for _, j := range jobs {
		if j.outcome != nil || j.whole || j.target != nil || j.stateOnly() {
			continue
		}
		p, err := s.item(ctx, "products.read", j.ref.ExternalID)
		switch {
		case connectors.KindOf(err) == connectors.NotFound:
			j.end(s.gone("publish", j.ref.ExternalID))
		case err != nil:
			return err
		}
		j.target = &p
	}
	return nil
}

// choose decides by the products that have the offer's SKUs which one is
// written.
func (j *job) choose(s *shop, found []product) {
	var owners []*product
	for i := range found {
		for _, v := range j.offer.Variants {
			if _, ok := found[i].sku(v.SKU); ok {
				owners = append(owners, &found[i])
				break
			}
		}
	}
	var others []string
	for _, p := range owners {
		if j.whole && len(owners) == 1 || idOf(p.ItemID) == j.ref.ExternalID {
			j.target = p
		} else {
			others = append(others, p.ItemID.String())
		}
	}
	if len(others) > 0 && j.content {
		list := strings.Join(others, ", ")
		issue := newIssue("sku_taken", "sku", j.firstSKU(),
			"Mã SKU của sản phẩm đã có ở sản phẩm khác trên Lazada ("+list+"): gộp lại, đổi hoặc xóa mã ở một bên.",
			"SKUs of the product belong to other products on Lazada ("+list+"): merge them, or change or remove SKUs on one side.")
		outcome := s.rejected("publish", *issue)
		outcome.Kind = connectors.Conflict
		outcome.Err = s.fail("publish", connectors.Clash, issue.Code, "%s", issue.Message.EN)
		j.end(outcome)
	}
}

// publish writes one job.
func (s *shop) publish(ctx context.Context, j *job) error {
	if j.stateOnly() {
		j.remote = catalog.Remote{ExternalID: j.ref.ExternalID}
		for sku, id := range j.ref.Variants {
			j.remote.Variants = append(j.remote.Variants, catalog.VariantSnapshot{SKU: sku, ExternalID: id})
		}
		return s.setState(ctx, j)
	}
	images, err := s.imagesOf(ctx, j)
	if err != nil || j.outcome != nil {
		return err
	}
	if j.target == nil {
		return s.create(ctx, j, images)
	}
	return s.update(ctx, j, images)
}

// pictures are the addresses of a job's pictures: the product's, and one for
// each SKU when all have one of their own (4153).
type pictures struct {
	product []string
	skus    map[catalog.SKU]string
}

func (s *shop) imagesOf(ctx context.Context, j *job) (pictures, error) {
	if !j.media {
		return pictures{}, nil
	}
	addresses, issues, err := s.upload(ctx, j.offer.Images)
	if err != nil {
		return pictures{}, err
	}
	if len(addresses) == 0 {
		for i := range issues {
			issues[i].Severity = catalog.SeverityError // nothing is left to show
		}
		j.end(s.rejected("publish", issues...))
		return pictures{}, nil
	}
	j.issues = append(j.issues, issues...)
	found := pictures{product: addresses, skus: map[catalog.SKU]string{}}
	for _, v := range j.offer.Variants {
		if len(j.offer.Options) == 0 || v.Image < 1 || v.Image > len(j.offer.Images) {
			return pictures{product: addresses}, nil
		}
		address, _, err := s.uploadOne(ctx, j.offer.Images[v.Image-1], v.Image)
		if err != nil {
			return pictures{}, err
		}
		if address == "" {
			return pictures{product: addresses}, nil
		}
		found.skus[v.SKU] = address
	}
	return found, nil
}

// into adds a SKU's picture to its fields.
func (p pictures) into(f fields, sku catalog.SKU) {
	if address := p.skus[sku]; address != "" {
		f["Images"] = fields{"Image": []string{address}}
	}
}

// made is the answer to a create.
type made struct {
	ItemID number `json:"item_id"`
	Status string `json:"item_status"`
	SKUs   []struct {
		SellerSKU text   `json:"seller_sku"`
		SkuID     number `json:"sku_id"`
	} `json:"sku_list"`
}

// create makes a product. It is never sent twice: when its answer is lost, the
// SKUs tell.
// https://open.lazada.com/apps/doc/api?path=%2Fproduct%2Fcreate, read 2026-04.
func (s *shop) create(ctx context.Context, j *job, images pictures) error {
	product := fields{
		"PrimaryCategory": j.offer.Category, "Images": fields{"Image": images.product}, "Attributes": j.body.attributes,
		"Skus": fields{"Sku": s.newSKUs(j, images, func(catalog.SKU) bool { return true })},
	}
	if len(j.body.variation) > 0 {
		product["variation"] = j.body.wire(len(images.skus) > 0)
	}
	if err := s.make(ctx, j, product); err != nil {
		return err
	}
	if j.offer.State == catalog.StateStopped {
		return s.setState(ctx, j)
	}
	return nil
}

func (s *shop) newSKUs(j *job, images pictures, wanted func(catalog.SKU) bool) []fields {
	var rows []fields
	for i, v := range j.offer.Variants {
		if wanted(v.SKU) {
			row := s.newSKU(j.body, j.offer, i)
			images.into(row, v.SKU)
			rows = append(rows, row)
		}
	}
	return rows
}

// make sends a create and notes the numbers that come back.
func (s *shop) make(ctx context.Context, j *job, product fields) error {
	var out answer[made]
	err := s.write(ctx, write{op: "products.create", path: "/product/create", parameter: "payload", value: request(product), out: &out})
	if err != nil {
		return s.refusal(ctx, j, err)
	}
	j.sent = true
	answer := out.Data.value
	j.remote.ExternalID, j.remote.State = idOf(answer.ItemID), stateOf(answer.Status, true)
	for _, k := range answer.SKUs {
		j.remote.Variants = append(j.remote.Variants, catalog.VariantSnapshot{SKU: catalog.SKU(k.SellerSKU), ExternalID: idOf(k.SkuID)})
	}
	slices.SortFunc(j.remote.Variants, func(a, b catalog.VariantSnapshot) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	if answer.ItemID == 0 {
		e := s.fail("products.create", connectors.Transient, "no_item", "the answer does not name the product")
		e.Lost = true
		return e
	}
	return nil
}

// refusal is the error of a write of one product. When the shop lost a picture,
// the next try uploads it anew.
func (s *shop) refusal(ctx context.Context, j *job, err error) error {
	err = ofOne(err)
	if e, ok := errors.AsType[*connectors.Error](err); ok && e.Code == codeImage {
		s.uploads().Forget(ctx, j.offer.Images)
		copied := *e
		copied.Kind = connectors.Clash
		return &copied
	}
	return err
}
