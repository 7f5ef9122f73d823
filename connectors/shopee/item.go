package shopee

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

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
	if j.content {
		var told []catalog.Issue
		if j.brand, told, err = s.brandOf(ctx, categoryID, j.offer); err != nil {
			return j.fail(err)
		}
		issues = append(issues, told...)
	}
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
	f := fields{"item_name": offer.Title, "category_id": categoryID, "brand": j.brand}
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

// stockRow is a seller_stock. Shops without warehouses must not name a location.
func (s *shop) stockRow(quantity int64) []fields {
	row := fields{"stock": quantity}
	if s.options.LocationID != "" {
		row["location_id"] = s.options.LocationID
	}
	return []fields{row}
}
