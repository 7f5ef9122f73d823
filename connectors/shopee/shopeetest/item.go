package shopeetest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// The statuses of an item.
const (
	statusNormal    = "NORMAL"
	statusUnlist    = "UNLIST"
	statusBanned    = "BANNED"
	statusReviewing = "REVIEWING"
	statusDeleted   = "SELLER_DELETE"
	statusTakenDown = "SHOPEE_DELETE"
)

// Where numbers begin.
const (
	firstItem  = 100900000
	firstModel = 2000458000
)

var allStatuses = []string{statusNormal, statusUnlist, statusBanned, statusReviewing, statusDeleted, statusTakenDown}

// item is what the shop holds of a product.
type item struct {
	id                int64
	name, description string
	sku, gtin         string
	category          int64
	condition, status string
	attributes        []itemAttribute
	brandID           int64
	brandName         string
	weight            decimal.Decimal
	size              *dimension
	images            []string
	logistics         []logistic
	terms
	tiers            []tier
	models           []*model
	created, updated int64
	// ready is when variations may be made, reviewed when the review ends.
	ready, reviewed time.Time
	// locked stands for a promotion of the platform that the item takes part in.
	locked            bool
	banned, deboosted *violation // nil = not, or nobody told why
	days              int        // to ship
	preOrder          bool
	wholesale         []wholesale
	videos            []string
	scheduled         time.Time // when an unlisted item goes on sale by itself
}

// terms are what a simple item, or a model, is sold at.
type terms struct {
	price, stock, reserved int64
}

type dimension struct {
	Height int64 `json:"package_height"`
	Length int64 `json:"package_length"`
	Width  int64 `json:"package_width"`
}

type logistic struct {
	ID      *int64 `json:"logistic_id"`
	Enabled *bool  `json:"enabled"`
	Free    bool   `json:"is_free"`
	SizeID  any    `json:"size_id"`
}

type sellerStock struct {
	LocationID string `json:"location_id"`
	Stock      *int64 `json:"stock"`
}

// itemInput is the body of add_item and update_item. nil = not sent.
type itemInput struct {
	ItemID        *int64      `json:"item_id"`
	Name          *string     `json:"item_name"`
	Description   *string     `json:"description"`
	Category      *int64      `json:"category_id"`
	OriginalPrice json.Number `json:"original_price"`
	Weight        json.Number `json:"weight"`
	Dimension     *dimension  `json:"dimension"`
	SKU           *string     `json:"item_sku"`
	GTIN          *string     `json:"gtin_code"`
	Condition     *string     `json:"condition"`
	Status        *string     `json:"item_status"`
	Brand         *struct {
		ID   *int64  `json:"brand_id"`
		Name *string `json:"original_brand_name"`
	} `json:"brand"`
	Image *struct {
		IDs   []string `json:"image_id_list"`
		Ratio string   `json:"image_ratio"`
	} `json:"image"`
	Attributes *[]itemAttribute `json:"attribute_list"`
	Logistics  *[]logistic      `json:"logistic_info"`
	Stock      *[]sellerStock   `json:"seller_stock"`
	PreOrder   *struct {
		Is   *bool `json:"is_pre_order"`
		Days int   `json:"days_to_ship"`
	} `json:"pre_order"`
	Wholesale       *[]wholesale `json:"wholesale"`
	Videos          *[]string    `json:"video_upload_id"`
	DescriptionType *string      `json:"description_type"`
	Scheduled       *int64       `json:"scheduled_publish_time"`
}

// wholesale is a lower price for many pieces.
type wholesale struct {
	Min   int64       `json:"min_count"`
	Max   int64       `json:"max_count"`
	Price json.Number `json:"unit_price"`
}

// find gives an item that is not deleted.
func (s *Simulator) find(id int64) (*item, error) {
	it := s.items[id]
	if it == nil || it.status == statusDeleted || it.status == statusTakenDown {
		return nil, refuse("error_item_not_found", "Product not found.")
	}
	return it, nil
}

func (s *Simulator) touch(it *item) { it.updated = s.seconds() }

// review ends the reviews whose time has come.
func (s *Simulator) review() {
	for _, id := range s.itemIDs {
		if it := s.items[id]; it.status == statusReviewing && !s.now().Before(it.reviewed) {
			it.status = statusNormal
			s.touch(it)
		} else if it.status == statusUnlist && !it.scheduled.IsZero() && !s.now().Before(it.scheduled) {
			it.status, it.scheduled = statusNormal, time.Time{}
			s.touch(it)
		}
	}
}

func (s *Simulator) addItem(r *request) (any, error) {
	var in itemInput
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	missing := ""
	switch {
	case in.Name == nil:
		missing = "item_name"
	case in.Description == nil:
		missing = "description"
	case in.Category == nil:
		missing = "category_id"
	case in.OriginalPrice == "":
		missing = "original_price"
	case in.Weight == "":
		missing = "weight"
	case in.Image == nil:
		missing = "image"
	case in.Logistics == nil:
		missing = "logistic_info"
	case in.Stock == nil:
		missing = "seller_stock"
	}
	if missing != "" {
		return nil, badParam("Wrong parameters, detail: %s is required.", missing)
	}
	now := s.now()
	it := &item{
		condition: "NEW", status: statusNormal, brandName: "NoBrand", days: shipDays, created: now.Unix(), updated: now.Unix(),
		ready: now.Add(s.options.VariantDelay), reviewed: now.Add(s.options.Review),
	}
	if s.count() >= s.options.MaxItems {
		return nil, refuse("error_reach_shop_item_limit", "You have reached the limit of %d items.", s.options.MaxItems)
	}
	var err error
	if it.price, err = amount(in.OriginalPrice); err != nil {
		return nil, err
	}
	if it.stock, err = s.stockOf(*in.Stock, 0); err != nil {
		return nil, err
	}
	if err := s.apply(it, in); err != nil {
		return nil, err
	}
	if it.status == statusNormal && s.options.Review > 0 {
		it.status = statusReviewing
	}
	it.id = s.next(firstItem)
	s.items[it.id] = it
	s.itemIDs = append(s.itemIDs, it.id)
	out := s.written(it)
	out["price_info"] = object{"original_price": it.price, "current_price": it.price}
	out["seller_stock"] = []object{{"stock": it.stock}}
	return out, nil
}

// count is how many items the shop has that are not deleted.
func (s *Simulator) count() int {
	n := 0
	for _, it := range s.items {
		if _, there := states[it.status]; there {
			n++
		}
	}
	return n
}

// written is what the answers to add_item and update_item show.
func (s *Simulator) written(it *item) object {
	return object{
		"item_id": it.id, "item_name": it.name, "item_status": it.status, "category_id": it.category, "description": it.description,
		"item_sku": it.sku, "condition": it.condition, "images": s.showImages(it.images), "weight": number(it.weight.String()),
		"dimension": it.size, "logistic_info": showLogistics(it), "pre_order": it.showPreOrder(),
		"brand": object{"brand_id": it.brandID, "original_brand_name": it.brandName}, "attributes": showItemAttributes(s.category(it.category), it.attributes),
	}
}

func (s *Simulator) updateItem(r *request) (any, error) {
	var in itemInput
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.ItemID == nil {
		return nil, badParam("Wrong parameters, detail: item_id is required.")
	}
	old, err := s.find(*in.ItemID)
	if err != nil {
		return nil, err
	}
	if s.contentLocked(old) {
		switch {
		case in.Name != nil && *in.Name != old.name:
			return nil, refuse("error_cannt_edit_name_in_promotion", "Can not edit item name when item is in promotion.")
		case in.Description != nil && *in.Description != old.description:
			return nil, refuse("error_cannt_edit_description_in_promotion", "Can not edit item description when item is in promotion.")
		case in.Image != nil && !slices.Equal(in.Image.IDs, old.images):
			return nil, refuse("error_cannt_edit_image_in_promotion", "Can not edit item image when item is in promotion.")
		case in.Category != nil && *in.Category != old.category:
			return nil, refuse("error_in_item_promotion_category_lock", "Can not edit category when item is in promotion.")
		}
	}
	changed := *old
	if err := s.apply(&changed, in); err != nil {
		return nil, err
	}
	if in.Weight != "" || in.Dimension != nil {
		for _, m := range changed.models {
			m.weight, m.size = decimal.Decimal{}, nil
		}
	}
	*old = changed
	s.touch(old)
	return s.written(old), nil
}

// apply writes what was sent, and then checks the whole item, as the platform
// does with every change.
func (s *Simulator) apply(it *item, in itemInput) error {
	text := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	text(&it.name, in.Name)
	text(&it.description, in.Description)
	text(&it.sku, in.SKU)
	text(&it.gtin, in.GTIN)
	text(&it.condition, in.Condition)
	if in.Status != nil {
		if *in.Status != statusNormal && *in.Status != statusUnlist {
			return refuse("error_param_item_status", "Item status error.")
		}
		if it.id == 0 {
			it.status = *in.Status
		} else if err := s.list(it, *in.Status == statusUnlist); err != nil {
			return err
		}
	}
	if in.Category != nil {
		it.category = *in.Category
	}
	if in.Weight != "" {
		weight, err := decimal.NewFromString(in.Weight.String())
		if err != nil {
			return badParam("Wrong parameters, detail: weight is not a number.")
		}
		it.weight = weight
	}
	if in.Dimension != nil {
		it.size = in.Dimension
	}
	if in.Brand != nil {
		if in.Brand.ID == nil || in.Brand.Name == nil {
			return badParam("Wrong parameters, detail: brand_id and original_brand_name are required.")
		}
		it.brandID, it.brandName = *in.Brand.ID, *in.Brand.Name
	}
	if in.Image != nil {
		it.images = in.Image.IDs
	}
	if in.Attributes != nil {
		it.attributes = *in.Attributes
	}
	if in.Logistics != nil {
		it.logistics = *in.Logistics
	}
	if err := s.applyExtras(it, in); err != nil {
		return err
	}
	return s.validate(it)
}

const shipDays = 2

// applyExtras writes what few items have.
func (s *Simulator) applyExtras(it *item, in itemInput) error {
	if p := in.PreOrder; p != nil {
		switch {
		case p.Is == nil:
			return badParam("Wrong parameters, detail: is_pre_order is required.")
		case *p.Is && (p.Days < minPreOrder || p.Days > maxPreOrder):
			return refuse("error_param_validate", "Days to ship of a pre-order should be %d to %d.", minPreOrder, maxPreOrder)
		}
		it.preOrder, it.days = *p.Is, shipDays
		if *p.Is {
			it.days = p.Days
		}
	}
	if in.Wholesale != nil {
		for _, w := range *in.Wholesale {
			if price, err := amount(w.Price); err != nil || w.Min < 1 || w.Max < w.Min || price >= it.price {
				return refuse("error_param_validate", "Wholesale needs min_count, max_count and a unit_price below the price.")
			}
		}
		it.wholesale = *in.Wholesale
	}
	if in.Videos != nil {
		for _, id := range *in.Videos {
			if v := s.videos[id]; v == nil || v.status != videoSucceeded && v.status != videoTranscoding {
				return refuse("error_param_validate", "Video %s is not uploaded.", id)
			}
		}
		if len(*in.Videos) > 1 {
			return refuse("error_param_validate", "An item takes one video.")
		}
		it.videos = *in.Videos
	}
	if in.DescriptionType != nil && *in.DescriptionType != "normal" {
		return refuse("error_param_validate", "Extended description is only for shops in the whitelist.")
	}
	if in.Scheduled != nil {
		at := time.Unix(*in.Scheduled, 0)
		if it.status != statusUnlist || at.Before(s.now().Add(time.Hour)) || at.After(s.now().Add(90*24*time.Hour)) {
			return refuse("error_param_validate", "Scheduled_publish_time is for unlisted items, 1 hour to 90 days ahead.")
		}
		it.scheduled = at
	}
	return nil
}

func (it *item) showPreOrder() object {
	return object{"is_pre_order": it.preOrder, "days_to_ship": it.days}
}

func (s *Simulator) validate(it *item) error {
	category, err := s.leaf(it.category)
	if err != nil {
		return err
	}
	name, description := utf8.RuneCountInString(it.name), utf8.RuneCountInString(it.description)
	switch {
	case name > maxName:
		return refuse("error_title_exceeds_max_length", "Item name should be no more than %d characters.", maxName)
	case name < minName:
		return refuse("error_item_name_is_too_short", "Item name should be at least %d characters.", minName)
	case description < minDescription:
		return refuse("error_desc_length_min_limit", "Description should be at least %d characters.", minDescription)
	case description > maxDescription:
		return refuse("error_desc_length_max_limit", "Description should be no more than %d characters.", maxDescription)
	case strings.Count(it.description, "#") > maxHashtags:
		return refuse("error_desc_hash_tag_over_limit", "Description has more than %d hashtags.", maxHashtags)
	case utf8.RuneCountInString(it.sku) > maxSKU:
		return badParam("item_sku should be no more than %d characters.", maxSKU)
	case it.condition != "NEW" && it.condition != "USED":
		return badParam("Wrong parameters, detail: condition.")
	case !it.weight.IsPositive():
		return refuse("error_param_validate", "Weight should be more than 0.")
	case it.size != nil && (it.size.Height < 1 || it.size.Length < 1 || it.size.Width < 1):
		return refuse("error_param_validate", "Dimension should be at least 1 cm.")
	case strings.Trim(it.gtin, "0123456789") != "" || it.gtin != "" && (len(it.gtin) < 8 || len(it.gtin) > 14):
		return refuse("error_invalid_gtin", "GTIN should have 8 to 14 digits.")
	}
	if len(it.images) < 1 || len(it.images) > maxImages {
		return refuse("error_param_validate", "Item needs 1 to %d images.", maxImages)
	}
	for _, id := range it.images {
		if !s.images[id] {
			return refuse("error_image_unavailable", "Image is unavailable, please upload it first.")
		}
	}
	if it.brandID == 0 {
		if category.BrandMandatory {
			return refuse("error_brand_mandatory", "Brand is mandatory for this category.")
		}
	} else if !slices.ContainsFunc(category.Brands, func(b Brand) bool { return b.ID == it.brandID }) {
		return refuse("error_invalid_brand", "Brand is invalid.")
	}
	if err := s.checkLogistics(it); err != nil {
		return err
	}
	return checkAttributes(category, it.attributes)
}

func (s *Simulator) checkLogistics(it *item) error {
	enabled := 0
	for _, l := range it.logistics {
		if l.ID == nil || l.Enabled == nil {
			return badParam("Wrong parameters, detail: logistic_id and enabled are required.")
		}
		at := slices.IndexFunc(logisticChannels, func(c channel) bool { return c.id == *l.ID })
		if at < 0 || logisticChannels[at].mask != 0 {
			return refuse("error_invalid_logistic", "Logistics channel %d is not available.", *l.ID)
		}
		c := logisticChannels[at]
		if !*l.Enabled {
			continue
		}
		switch {
		case !c.enabled:
			return refuse("error_invalid_logistic", "Logistics channel %d is not enabled by the shop.", c.id)
		case c.fee == "SIZE_SELECTION" && l.SizeID == nil:
			return refuse("error_invalid_logistic", "size_id is required for channel %d.", c.id)
		case c.maxWeight > 0 && it.weight.GreaterThan(decimal.NewFromInt(c.maxWeight)):
			return refuse("error_invalid_logistic", "The item is too heavy for channel %d.", c.id)
		}
		enabled++
	}
	if enabled == 0 {
		return refuse("error_no_logistic_channel", "At least one logistics channel must be enabled.")
	}
	return nil
}

// stockOf reads a seller_stock. Shops with warehouses must name theirs, others
// must not.
func (s *Simulator) stockOf(list []sellerStock, reserved int64) (int64, error) {
	if len(list) != 1 || list[0].Stock == nil {
		return 0, badParam("Wrong parameters, detail: seller_stock needs one row with stock.")
	}
	row := list[0]
	switch {
	case row.LocationID != s.options.LocationID:
		return 0, badParam("Location_id does not match the shop's warehouses.")
	case *row.Stock < 0 || *row.Stock > maxStock:
		return 0, badParam("Stock should be between 0 and %d.", maxStock)
	case *row.Stock < reserved:
		return 0, badParam("Stock should be no less than the reserved stock %d.", reserved)
	}
	return *row.Stock, nil
}
