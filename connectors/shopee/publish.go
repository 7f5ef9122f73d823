package shopee

import (
	"context"
	"errors"
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

// writeItem creates an item, or writes what differs of content and pictures.
func (s *shop) writeItem(ctx context.Context, j *job) error {
	if !j.content && !j.media {
		return nil
	}
	categoryID, err := strconv.ParseInt(j.offer.Category, 10, 64)
	if err != nil {
		j.reject(connectors.Rejected, categoryMissing())
		return nil
	}
	if j.schema, err = s.schemaOf(ctx, categoryID); err != nil {
		return j.fail(err)
	}
	attributes, issues := s.fill(j.offer, j.schema.attributes)
	issues = append(issues, s.check(j.offer, j.schema.limits)...)
	var errs []catalog.Issue
	for _, issue := range issues {
		if issue.Severity == catalog.SeverityError {
			errs = append(errs, issue)
		}
	}
	if len(errs) > 0 {
		j.reject(connectors.Rejected, errs...)
		return nil
	}
	j.issues = append(j.issues, issues...)
	remembered := true
	for {
		if j.media || ownImages(j.offer) {
			if j.images, err = s.pictures(ctx, j.offer.Images, remembered); err != nil {
				return j.fail(err)
			}
			if j.media && len(j.images.ids) == 0 {
				issue := noImages()
				j.reject(connectors.Rejected, append([]catalog.Issue{issue}, j.images.issues...)...)
				return nil
			}
		}
		if j.itemID == 0 {
			err = s.create(ctx, j, categoryID, attributes)
		} else {
			err = s.update(ctx, j, categoryID, attributes)
		}
		// The platform drops pictures that no item uses after a while.
		if e, ok := errors.AsType[*connectors.Error](err); !ok || e.Code != codeImageUnavailable || !remembered || !j.media {
			break
		}
		remembered = false
	}
	j.issues = append(j.issues, j.images.issues...)
	if err != nil {
		return j.fail(err)
	}
	return nil
}

// contentFields are what the content facet writes. Texts that we do not have
// leave the platform's own: an empty master blanks nothing (invariant I12).
func (s *shop) contentFields(j *job, categoryID int64, attributes []attribute) fields {
	offer := j.offer
	f := fields{"item_name": offer.Title, "category_id": categoryID, "brand": s.brandOf(offer)}
	if text := description(offer); text != "" {
		f["description"] = text
	}
	if len(attributes) > 0 {
		f["attribute_list"] = attributes
	}
	grams, size := parcelOf(offer)
	if grams > 0 {
		f["weight"] = kilograms(grams)
	}
	if size != nil {
		f["dimension"] = size
	}
	if v := offer.Variants[0]; !variable(offer) && s.options.SendGTIN && v.GTIN != "" {
		f["gtin_code"] = v.GTIN
	}
	return f
}

// brandOf gives the registered brand, or none.
func (s *shop) brandOf(offer *catalog.Offer) brand {
	for name, id := range s.options.Brands {
		if id > 0 && catalog.Fold(name) == catalog.Fold(offer.Brand) {
			return brand{ID: id, Name: offer.Brand}
		}
	}
	return brand{Name: "NoBrand"}
}

func (s *shop) create(ctx context.Context, j *job, categoryID int64, attributes []attribute) error {
	grams, _ := parcelOf(j.offer)
	channels, err := s.logisticsOf(ctx, grams)
	if err != nil {
		return err
	}
	first := j.offer.Variants[0]
	stock := first.Quantity
	if variable(j.offer) {
		stock = 0 // nothing can be bought until the variations are there
	}
	body := s.contentFields(j, categoryID, attributes)
	body["image"] = fields{"image_id_list": j.images.list()}
	body["original_price"] = first.Price.List.Amount
	body["seller_stock"] = s.stockRow(stock)
	body["item_sku"] = string(first.SKU)
	body["condition"] = "NEW"
	body["logistic_info"] = channels
	body["item_status"] = statusNormal
	if j.offer.State == catalog.StateStopped {
		body["item_status"] = statusUnlist
	}
	answer, err := post[struct {
		ID     int64  `json:"item_id"`
		Status string `json:"item_status"`
	}](ctx, s, connectors.Call{Op: "product/add_item", Body: body})
	if err == nil && answer.ID == 0 {
		err = &connectors.Error{Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: "product/add_item", Lost: true,
			Err: errors.New("the answer names no item")}
	}
	if err != nil {
		return err
	}
	j.itemID, j.wrote, j.listed = answer.ID, true, true
	j.reviewing = answer.Status == statusReviewing
	j.ready = time.Now().Add(s.options.VariantDelay)
	return nil
}

// update writes what differs. The platform checks the whole item with every
// change, so a new demand of the category may refuse a harmless one.
func (s *shop) update(ctx context.Context, j *job, categoryID int64, attributes []attribute) error {
	body := fields{}
	if j.content {
		for name, value := range s.contentFields(j, categoryID, attributes) {
			if !j.item.has(name, value, j.offer) {
				body[name] = value
			}
		}
		if !variable(j.offer) && j.item.SKU != string(j.offer.Variants[0].SKU) {
			body["item_sku"] = string(j.offer.Variants[0].SKU)
		}
	}
	if j.media {
		if ids := j.images.list(); !slices.Equal(ids, j.item.Image.IDs) {
			body["image"] = fields{"image_id_list": ids}
		}
	}
	if len(body) == 0 {
		return nil
	}
	body["item_id"] = j.itemID
	_, err := post[struct{}](ctx, s, connectors.Call{Op: "product/update_item", Body: body, Repeatable: true})
	if err == nil {
		_, weight := body["weight"]
		_, size := body["dimension"]
		j.wrote, j.weighed = true, weight || size
	}
	return err
}

// has tells that an item shows a field as it is wanted already.
func (it *item) has(name string, value any, offer *catalog.Offer) bool {
	switch name {
	case "item_name":
		return it.Name == value
	case "description":
		return it.Description == value
	case "category_id":
		return it.Category == value
	case "brand":
		return it.Brand.ID == value.(brand).ID
	case "gtin_code":
		return it.GTIN == value
	case "weight":
		grams, _ := parcelOf(offer)
		return sameWeight(it.Weight, grams)
	case "dimension":
		return it.Dimension != nil && *it.Dimension == *value.(*dimension)
	case "attribute_list":
		return sameAttributes(it.Attributes, value.([]attribute))
	}
	return false
}

func sameAttributes(shown, wanted []attribute) bool {
	return len(shown) == len(wanted) && !slices.ContainsFunc(wanted, func(w attribute) bool {
		return !slices.ContainsFunc(shown, func(a attribute) bool {
			return a.ID == w.ID && slices.EqualFunc(a.Values, w.Values, func(x, y attributeValue) bool {
				return x.ID == y.ID && (x.ID != 0 || x.Name == y.Name && x.Unit == y.Unit)
			})
		})
	})
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

// stockRow is a seller_stock. Shops without warehouses must not name a location.
func (s *shop) stockRow(quantity int64) []fields {
	row := fields{"stock": quantity}
	if s.options.LocationID != "" {
		row["location_id"] = s.options.LocationID
	}
	return []fields{row}
}
