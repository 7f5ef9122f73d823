package tiktokshop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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
	return settle(outcomes)
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

// prepared is what a product's content is made of.
type prepared struct {
	schema schema
	fields fields
	images map[string]string // by value of the first option
}

// prepare makes the content of a job, and ends the job where the category would
// refuse it.
func (s *shop) prepare(ctx context.Context, j *job) (prepared, error) {
	c, err := s.schemaOf(ctx, j.offer.Category)
	if kind := connectors.KindOf(err); kind == connectors.Validation || kind == connectors.NotFound {
		outcome := outcomeOf(err, j.firstSKU())
		outcome.Kind = connectors.Rejected
		j.end(outcome)
		return prepared{}, nil
	}
	if err != nil {
		return prepared{}, err
	}
	facts, issues := s.facts(j.offer, c)
	if j.target == "" {
		for _, name := range c.certificates {
			issues = append(issues, issue("certificate_missing", "category", j.firstSKU(),
				fmt.Sprintf("Danh mục cần giấy %q: đăng sản phẩm này một lần trong Seller Center kèm giấy, phần mềm sẽ nhận lại theo mã SKU.", name),
				fmt.Sprintf("The category needs the paper %q: list the product once in Seller Center with it, it is then taken over by its SKU.", name)))
		}
	}
	if len(issues) > 0 {
		j.end(s.refused("publish", connectors.Validation, issues...))
		return prepared{}, nil
	}
	brand, err := s.brandOf(ctx, j.offer.Brand, j.offer.Category)
	if err != nil {
		return prepared{}, err
	}
	made := prepared{schema: c, fields: contentFields(j.offer, facts, brand)}
	return made, nil
}

// optionImages gives a picture for each value of the first option, when all
// have one: the platform wants all or none.
func (s *shop) optionImages(ctx context.Context, o *catalog.Offer, remembered bool) (map[string]string, error) {
	images := map[string]string{}
	if len(o.Options) == 0 {
		return images, nil
	}
	for _, v := range o.Variants {
		if images[v.Options[0]] != "" {
			continue
		}
		if v.Image < 1 || v.Image > len(o.Images) {
			return map[string]string{}, nil
		}
		uri, err := s.picture(ctx, o.Images[v.Image-1], useAttribute, remembered)
		if connectors.KindOf(err) == connectors.Validation {
			return map[string]string{}, nil // the main pictures say why
		}
		if err != nil {
			return nil, err
		}
		images[v.Options[0]] = uri
	}
	return images, nil
}

// create makes a product. A picture that we thought uploaded but is gone there
// is uploaded anew, once.
func (s *shop) create(ctx context.Context, j *job) error {
	made, err := s.prepare(ctx, j)
	if err != nil || j.outcome != nil {
		return err
	}
	warehouse, err := s.warehouseOf(ctx)
	if err != nil {
		return err
	}
	body := made.fields
	body["category_id"], body["category_version"] = j.offer.Category, s.options.CategoryVersion
	body["external_product_id"] = j.offer.ProductID
	body["save_mode"] = "LISTING"
	if j.offer.State != catalog.StateLive {
		body["save_mode"] = "AS_DRAFT"
	}
	if s.options.COD == "category" && made.schema.cod {
		body["is_cod_allowed"] = true
	}
	for _, remembered := range []bool{true, false} {
		uris, issues, err := s.pictures(ctx, j.offer.Images, remembered)
		if err == nil && len(uris) == 0 {
			for i := range issues {
				issues[i].Severity = catalog.SeverityError
			}
			j.end(s.refused("publish", connectors.Validation, issues...))
		}
		if err != nil || j.outcome != nil {
			return err
		}
		if made.images, err = s.optionImages(ctx, j.offer, remembered); err != nil {
			return err
		}
		j.issues = issues
		body["main_images"] = refs(uris)
		var rows []fields
		for i := range j.offer.Variants {
			rows = append(rows, s.newSKU(j.offer, &j.offer.Variants[i], made.schema, made.images, warehouse))
		}
		body["skus"] = rows
		answer, err := s.createOnce(ctx, j.offer.ProductID, body)
		if code := codeOf(err); remembered && (code == codeNoImage || code == codeNoImage2) {
			continue
		}
		if err != nil {
			j.zeroRefused(s, err)
			return err
		}
		j.sent, j.created, j.target = true, true, answer.ProductID
		j.warn(answer)
		j.remote = j.remoteOfAnswer(answer)
		j.remote.State = catalog.StateReview
		if j.offer.State != catalog.StateLive {
			j.remote.State = catalog.StateStopped
		}
		return s.completeIDs(ctx, j)
	}
	return nil
}

// zeroRefused explains why a product with a variant out of stock cannot be made
// in a shop that does not take a stock of zero.
func (j *job) zeroRefused(s *shop, err error) {
	for _, v := range j.offer.Variants {
		if code := codeOf(err); v.Quantity == 0 && (code == codeQuantity || code == codeStockCount) {
			j.end(s.refused("publish", connectors.Validation, issue("stock_zero_refused", "quantity", v.SKU,
				fmt.Sprintf("Cửa hàng không nhận số lượng 0 khi đăng mới: nhập hàng cho %s rồi đăng lại.", clip(string(v.SKU), 60)),
				fmt.Sprintf("The shop does not take a stock of 0 for new products: restock %s, then publish again.", clip(string(v.SKU), 60)))))
		}
	}
}

func refs(uris []string) []picture {
	list := make([]picture, len(uris))
	for i, uri := range uris {
		list[i].URI = uri
	}
	return list
}

// warn tells what the platform dropped.
func (j *job) warn(answer written) {
	for _, w := range answer.Warnings {
		message := clip(w.Message, 300)
		j.issues = append(j.issues, catalog.Issue{
			Code: "platform_warning", Severity: catalog.SeverityWarning, Message: text("TikTok Shop báo: "+message, "TikTok Shop says: "+message),
		})
	}
}

func (j *job) remoteOfAnswer(answer written) *catalog.Remote {
	p := product{ID: j.target, Status: j.current.Status, Title: j.offer.Title}
	for _, k := range answer.SKUs {
		p.SKUs = append(p.SKUs, sku{ID: k.ID, SellerSKU: k.SellerSKU})
	}
	r := remoteOf(&p, promotions{}, nil)
	return &r
}

// completeIDs reads a product whose answer did not name all its SKUs.
func (s *shop) completeIDs(ctx context.Context, j *job) error {
	for _, v := range j.offer.Variants {
		if slices.ContainsFunc(j.remote.Variants, func(k catalog.VariantSnapshot) bool { return k.SKU == v.SKU }) {
			continue
		}
		p, err := s.read(ctx, j.target)
		if err != nil {
			return err
		}
		r := remoteOf(&p, promotions{}, nil)
		j.remote.Variants = r.Variants
		return nil
	}
	return nil
}

// createOnce sends a create under a key by which the platform knows it again.
// The key is remembered before it is sent and forgotten with a definite answer,
// so that a create whose answer was lost is repeated, also after a restart, and
// not doubled; a product that was deleted since is made anew.
func (s *shop) createOnce(ctx context.Context, productID string, body fields) (written, error) {
	delete(body, "idempotency_key")
	data, err := json.Marshal(body)
	if err != nil {
		return written{}, &connectors.Error{Kind: connectors.Fatal, Op: "products.create", Err: errors.New("the product cannot be written as JSON")}
	}
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:16])
	memoryKey := "create:" + productID
	key := ""
	if s.env.Memory != nil {
		if known, err := s.env.Memory.Recall(ctx, memoryKey); err == nil {
			if content, old, ok := strings.Cut(known, " "); ok && content == digest {
				key = old
			}
		}
	}
	if key == "" {
		key = rand.Text()
		if s.env.Memory != nil {
			if err := s.env.Memory.Remember(ctx, memoryKey, digest+" "+key); err != nil {
				return written{}, &connectors.Error{Kind: connectors.Transient, Op: "products.create", Err: errors.New("the key of the product cannot be remembered")}
			}
		}
	}
	body["idempotency_key"] = key
	answer, err := call[written](ctx, s, connectors.Call{Op: "products.create", Method: http.MethodPost, Path: pathProducts, Body: body, Repeatable: true})
	if err == nil && !isID(catalog.ExternalID(answer.ProductID)) {
		err = &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: "products.create", Lost: true, Err: errors.New("the answer names no product")}
	}
	if !connectors.IsLost(err) && s.env.Memory != nil {
		if forget := s.env.Memory.Remember(ctx, memoryKey, ""); forget != nil {
			s.env.Logger.Warn("key of a product not forgotten", "error", forget)
		}
	}
	return answer, err
}

// edit writes content and pictures of a product that is there: only the
// properties that differ in kind, unless its category or its SKUs change, which
// only a full edit can do.
func (s *shop) edit(ctx context.Context, j *job) error {
	made := prepared{fields: fields{}}
	var err error
	if j.content {
		if made, err = s.prepare(ctx, j); err != nil || j.outcome != nil {
			return err
		}
		made.fields["product_attributes"] = j.mergeFacts(made)
	}
	for _, remembered := range []bool{true, false} {
		if j.media {
			uris, issues, err := s.pictures(ctx, j.offer.Images, remembered)
			if err == nil && len(uris) == 0 {
				j.end(s.refused("publish", connectors.Validation, issues...))
			}
			if err != nil || j.outcome != nil {
				return err
			}
			j.issues = issues
			made.fields["main_images"] = refs(uris)
			if made.images, err = s.optionImages(ctx, j.offer, remembered); err != nil {
				return err
			}
		}
		answer, err := s.editOnce(ctx, j, made)
		if code := codeOf(err); remembered && j.media && (code == codeNoImage || code == codeNoImage2) {
			continue
		}
		if err != nil {
			return err
		}
		j.sent = true
		j.warn(answer)
		// SKUs that were there keep their numbers; new ones are in the answer.
		for _, k := range j.current.SKUs {
			if !slices.ContainsFunc(answer.SKUs, func(o sku) bool { return o.ID == k.ID }) {
				answer.SKUs = append(answer.SKUs, k)
			}
		}
		content := j.current.Title
		if j.content {
			content = j.offer.Title
		}
		j.remote = j.remoteOfAnswer(answer)
		j.remote.Title, j.remote.Content = content, contentHash(content)
		return s.completeIDs(ctx, j)
	}
	return nil
}

// mergeFacts keeps attributes that somebody filled in by hand and we know
// nothing of, unless the category changes.
func (j *job) mergeFacts(made prepared) []attribute {
	facts, _ := made.fields["product_attributes"].([]attribute)
	if j.current.leaf() != j.offer.Category {
		return facts
	}
	for _, a := range j.current.Attributes {
		if !slices.ContainsFunc(facts, func(f attribute) bool { return f.ID == a.ID }) {
			facts = append(facts, a)
		}
	}
	return facts
}

// editOnce sends one edit.
func (s *shop) editOnce(ctx context.Context, j *job, made prepared) (written, error) {
	rows, whole, err := s.editedSKUs(ctx, j, made)
	if err != nil {
		return written{}, err
	}
	if whole {
		body := s.whole(&j.current)
		for key, value := range made.fields {
			body[key] = value
		}
		body["skus"] = rows
		if j.content {
			body["category_id"] = j.offer.Category
		}
		return call[written](ctx, s, connectors.Call{
			Op: "products.edit", Method: http.MethodPut, Path: fmt.Sprintf(pathEdit, j.target), Body: body, Repeatable: true,
		})
	}
	if j.current.Status == statusDraft {
		made.fields["save_mode"] = "AS_DRAFT" // else it would go on sale
	}
	return call[written](ctx, s, connectors.Call{
		Op: "products.edit", Method: http.MethodPost, Path: fmt.Sprintf(pathPartial, j.target), Body: made.fields, Repeatable: true,
	})
}

// editedSKUs are the SKUs as they shall be, and whether that takes a full edit.
// Variants that we published and that are no longer offered are dropped, which
// deletes them: they must not be bought. SKUs that are not ours stay.
func (s *shop) editedSKUs(ctx context.Context, j *job, made prepared) (rows []fields, whole bool, err error) {
	whole = j.content && j.current.leaf() != j.offer.Category
	offered := map[string]*catalog.OfferVariant{}
	for i := range j.offer.Variants {
		offered[string(j.offer.Variants[i].SKU)] = &j.offer.Variants[i]
	}
	for i := range j.current.SKUs {
		k := &j.current.SKUs[i]
		v := offered[k.SellerSKU]
		row := keptSKU(k)
		_, ours := j.ref.Variants[catalog.SKU(k.SellerSKU)]
		switch {
		case v == nil && ours && j.content:
			whole = true
			continue
		case v == nil:
		case j.content && !sameOptions(j.offer, v, k):
			whole = true
			row["sales_attributes"] = salesAttributes(j.offer, v, made.schema, made.images)
			if len(j.offer.Options) == 0 {
				delete(row, "sales_attributes")
			}
		case j.media && len(made.images) > 0:
			// A picture is not compared: the platform gives it another name.
			whole = true
			attributes := keptAttributes(k)
			for n, a := range k.Attributes {
				if catalog.Fold(a.Name) == catalog.Fold(j.offer.Options[0]) {
					attributes[n].Image = &picture{URI: made.images[v.Options[0]]}
				}
			}
			row["sales_attributes"] = attributes
		}
		rows = append(rows, row)
	}
	if !j.content {
		return rows, whole, nil
	}
	for i := range j.offer.Variants {
		v := &j.offer.Variants[i]
		if _, there := j.current.bySKU(v.SKU); there {
			continue
		}
		warehouse, err := s.warehouseOf(ctx)
		if err != nil {
			return nil, false, err
		}
		whole = true
		rows = append(rows, s.newSKU(j.offer, v, made.schema, made.images, warehouse))
	}
	return rows, whole, nil
}
