package lazadatest

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

const (
	mostSKUs        = 50
	mostProps       = 2
	mostTitle       = 255
	mostDescription = 25000
	mostPropName    = 15
	mostPropValue   = 20
)

// measures are the fields of a parcel that every SKU needs.
var measures = []string{"package_weight", "package_length", "package_width", "package_height"}

// skuFields are the names in a SKU that are no attributes of it.
var skuFields = []string{"SkuId", "SellerSku", "price", "special_price", "special_from_date", "special_to_date", "quantity", "saleProp", "Images", "Status"}

func (s *Simulator) productCreate(in *request) (any, error) {
	request, err := in.payload("payload")
	if err != nil {
		return nil, err
	}
	product := request.child("Product")
	if product.fields() == nil {
		return nil, refuse("30", "Empty Request")
	}
	if product.has("AssociatedSku") {
		it, _ := s.bySeller(product.text("AssociatedSku"))
		return s.addSKUs(it, product, "500")
	}
	number, _ := strconv.ParseInt(product.text("PrimaryCategory"), 10, 64)
	category := s.leaf(product.text("PrimaryCategory"))
	switch {
	case !slices.ContainsFunc(s.categories, func(c *Category) bool { return c.ID == number }):
		return nil, refuse("201", "%s Invalid CategoryId", product.text("PrimaryCategory"))
	case category == nil:
		return nil, refuse("4134", "CHK_CATEGORY_ID_NOT_LEAF_CATEGORY")
	case s.online() >= s.options.MaxItems:
		return nil, refuse("4148", "BIZ_CHECK_ITEM_HAS_REACH_LIMIT")
	}
	it := &item{category: category.ID, attributes: map[string]string{}, created: s.now(), updated: s.now()}
	if it.images, err = s.readImages(product); err != nil {
		return nil, err
	}
	if len(it.images) == 0 {
		return nil, refuse("4139", "BIZ_CHECK_MAIN_IMAGE_REQUIRE:Main image is require")
	}
	if err := s.readAttributes(it, category, product, "500"); err != nil {
		return nil, err
	}
	for _, a := range slices.Concat(common, category.Attributes) {
		if a.Mandatory && !a.SKU && it.attributes[a.Name] == "" {
			return nil, generic("500", lacking(a.Name))
		}
	}
	if it.variation, err = readVariation(product); err != nil {
		return nil, err
	}
	rows, err := product.child("Skus").list("Sku")
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || len(rows) > mostSKUs {
		return nil, generic("500", fieldError("Skus", "1 to %d SKUs are taken", mostSKUs))
	}
	made, err := s.readSKUs(it, category, rows, "500")
	if err != nil {
		return nil, err
	}
	s.lastItem++
	it.id = s.lastItem
	s.number(made)
	it.skus = made
	s.items[it.id] = it
	s.itemIDs = append(s.itemIDs, it.id)
	s.emitProduct(pushAdded, it, "PUBLISHED", it.skus)
	s.submit(it)
	return created(it, it.skus), nil
}

// lacking is the detail of an attribute that is missing.
func lacking(name string) object {
	return fieldError(name, "BIZ_CHECK_CAT_PROP_MANDATORY:Mandatory attribute %s is missing", name)
}

// number gives new SKUs their numbers.
func (s *Simulator) number(made []*sku) {
	for _, k := range made {
		s.lastSKU++
		k.id = s.lastSKU
	}
}

func created(it *item, skus []*sku) object {
	list := []object{}
	for _, k := range skus {
		list = append(list, object{"seller_sku": k.seller, "shop_sku": k.shopSKU(it), "sku_id": k.id})
	}
	return object{"item_id": it.id, "item_status": it.status(), "sku_list": list}
}

// addSKUs adds variants to a product that has some already.
func (s *Simulator) addSKUs(it *item, product *node, code string) (any, error) {
	switch {
	case it == nil:
		return nil, refuse("207", "The associated SKU does not exist")
	case len(it.variation) == 0:
		return nil, generic(code, fieldError("AssociatedSku", "The item has no variation attributes"))
	case it.locked:
		return nil, refuse("4155", "The item is locked")
	}
	rows, err := product.child("Skus").list("Sku")
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || len(rows)+len(it.skus) > mostSKUs {
		return nil, generic(code, fieldError("Skus", "1 to %d SKUs are taken", mostSKUs))
	}
	grown := *it
	grown.variation = slices.Clone(it.variation)
	for i := range grown.variation {
		v := &grown.variation[i]
		v.options = slices.Clone(v.options)
		for _, row := range rows {
			if value := row.child("saleProp").text(v.name); value != "" && !slices.Contains(v.options, value) {
				v.options = append(v.options, value)
			}
		}
	}
	made, err := s.readSKUs(&grown, s.categoryOf(it), rows, code)
	if err != nil {
		return nil, err
	}
	s.number(made)
	it.variation = grown.variation
	it.skus = append(it.skus, made...)
	s.touch(it)
	s.emitProduct(pushAdded, it, "EDITED_INSERTED", made)
	return created(it, made), nil
}

func (s *Simulator) categoryOf(it *item) *Category {
	for _, c := range s.categories {
		if c.ID == it.category {
			return c
		}
	}
	return &Category{ID: it.category}
}

func (s *Simulator) readImages(n *node) ([]string, error) {
	list, err := n.child("Images").list("Image")
	if err != nil {
		return nil, err
	}
	if len(list) > mostImages {
		return nil, refuse("4169", "At most %d images are taken", mostImages)
	}
	var addresses []string
	for _, entry := range list {
		if !s.images[entry.plain()] {
			return nil, refuse("4138", "The image is not hosted by Lazada")
		}
		if slices.Contains(addresses, entry.plain()) {
			return nil, refuse("4158", "Main image has duplicate. Please remove to continue")
		}
		addresses = append(addresses, entry.plain())
	}
	return addresses, nil
}

// readAttributes takes the attributes that are sent; the others stay.
func (s *Simulator) readAttributes(it *item, category *Category, product *node, code string) error {
	for name, child := range product.child("Attributes").fields() {
		value := child.plain()
		known, ok := category.attribute(name)
		switch {
		case name == "brand_id":
			i := slices.IndexFunc(s.brands, func(b Brand) bool { return strconv.FormatInt(b.ID, 10) == value })
			if i < 0 {
				return generic(code, fieldError(name, "THD_BRAND_ID_IS_NOT_VALID_IN_CATEGORY:The brand is invalid in the category"))
			}
			name, value = "brand", s.brands[i].Name
			if s.options.LazMall && value == NoBrand {
				return refuse("4156", "No brand cannot be selected")
			}
		case name == "brand" && value == "":
			return generic(code, lacking(name))
		case name == "brand" && s.options.LazMall && value == NoBrand:
			return refuse("4156", "No brand cannot be selected")
		case name == "brand":
			if !slices.ContainsFunc(s.brands, func(b Brand) bool { return b.Name == value }) {
				return generic(code, fieldError(name, "THD_BRAND_ID_IS_NOT_VALID_IN_CATEGORY:The brand is invalid in the category"))
			}
		case strings.HasPrefix(name, "warranty"): // every category takes them
		case !ok || known.SKU:
			continue // dropped without a word
		case known.Mandatory && value == "":
			return generic(code, lacking(name))
		case name == "name":
			if err := s.checkTitle(value); err != nil {
				return err
			}
		case utf8.RuneCountInString(value) > mostDescription:
			return generic(code, fieldError(name, "At most %d characters are taken", mostDescription))
		case known.Input == "singleSelect" && !slices.Contains(known.Options, value):
			return generic(code, fieldError(name, "CHK_CATPROP_CPV_NOT_ENUM:The value is not an option"))
		case known.Input == "numeric" && !isNumber(value):
			return generic(code, fieldError(name, "CHECK_CAT_PROP_INVALID_NUMBER:The value is not a number"))
		case known.Input == "multiSelect":
			for one := range strings.SplitSeq(value, ",") {
				if !slices.Contains(known.Options, one) {
					return generic(code, fieldError(name, "CHK_CATPROP_CPV_NOT_ENUM:The value is not an option"))
				}
			}
		}
		it.attributes[name] = value
	}
	return nil
}

func isNumber(text string) bool {
	_, err := decimal.NewFromString(text)
	return err == nil
}

func (s *Simulator) checkTitle(title string) error {
	forbidden := "^~<>|"
	if !s.options.AllowQuotes {
		forbidden += `"`
	}
	length := len(title)
	if s.options.TitleInCharacters {
		length = utf8.RuneCountInString(title)
	}
	switch {
	case length > mostTitle:
		return refuse("4160", "The name is too long")
	case strings.ContainsAny(title, forbidden):
		return refuse("4129", "The name has characters that are not allowed")
	}
	return nil
}

func readVariation(product *node) ([]variation, error) {
	var list []variation
	given := product.child("variation")
	for name := range given.fields() {
		if !slices.Contains([]string{"variation1", "variation2"}, name) {
			return nil, refuse("4133", "At most %d sale properties are taken", mostProps)
		}
	}
	for _, name := range []string{"variation1", "variation2"} {
		one := given.child(name)
		if one == nil {
			continue
		}
		v := variation{name: one.text("name"), hasImage: one.text("hasImage") == "true", customize: one.text("customize") == "true"}
		options, err := one.child("options").list("option")
		if err != nil {
			return nil, err
		}
		for _, option := range options {
			v.options = append(v.options, option.plain())
		}
		switch {
		case v.name == "" || utf8.RuneCountInString(v.name) > mostPropName:
			return nil, generic("500", fieldError(name, "The name is empty or longer than %d characters", mostPropName))
		case len(v.options) == 0 || len(v.options) > 50:
			return nil, generic("500", fieldError(name, "1 to 50 options are taken"))
		case v.hasImage && name != "variation1":
			return nil, generic("500", fieldError(name, "Only variation1 may have images"))
		}
		for _, option := range v.options {
			if option == "" || utf8.RuneCountInString(option) > mostPropValue {
				return nil, generic("500", fieldError(name, "An option is empty or longer than %d characters", mostPropValue))
			}
		}
		list = append(list, v)
	}
	return list, nil
}

// readSKUs makes the SKUs of a product, and refuses what the shop refuses.
func (s *Simulator) readSKUs(it *item, category *Category, rows []*node, code string) ([]*sku, error) {
	var made []*sku
	combinations := map[string]bool{}
	for _, k := range it.skus {
		combinations[it.combination(k)] = true
	}
	withImages := 0
	for _, row := range rows {
		if err := row.allText(); err != nil {
			return nil, err
		}
		k := &sku{seller: row.text("SellerSku"), attributes: map[string]string{}, props: map[string]string{}}
		taken, _ := s.bySeller(k.seller)
		twice := slices.ContainsFunc(made, func(other *sku) bool { return other.seller == k.seller })
		switch {
		case k.seller == "" || len(k.seller) > 200:
			return nil, generic(code, fieldError("SellerSku", "SellerSku is missing or too long"))
		case (taken != nil || twice) && s.options.DuplicateCode != "":
			return nil, refuse(s.options.DuplicateCode, "SellerSku %s repeat", k.seller)
		case taken != nil || twice:
			return nil, generic(code, fieldError("SellerSku", "BIZ_CHECK_SELLER_SKU_DUPLICATE:SellerSku repeat"))
		case !row.has("price"):
			return nil, generic(code, fieldError("price", "price is missing"))
		case !row.has("quantity"):
			return nil, generic(code, fieldError("quantity", "quantity is missing"))
		}
		for _, name := range measures {
			if !row.has(name) {
				return nil, generic(code, lacking(name))
			}
		}
		for _, a := range category.Attributes {
			if a.SKU && a.Mandatory && row.text(a.Name) == "" && row.child("saleProp").text(a.Name) == "" {
				return nil, generic(code, lacking(a.Name))
			}
		}
		if err := s.changeSKU(it, k, category, row, code); err != nil {
			return nil, err
		}
		var err error
		if k.total, err = strconv.ParseInt(row.text("quantity"), 10, 64); err != nil || k.total < 0 {
			return nil, generic(code, fieldError("quantity", "quantity is not valid"))
		}
		for _, v := range it.variation {
			value := row.child("saleProp").text(v.name)
			if !slices.Contains(v.options, value) {
				return nil, refuse("4143", "BIZ_CHECK_SALEPROP_ATTRIBUTE_INVALID: %s has no value or one that is not an option of the variation", v.name)
			}
			k.props[v.name] = value
		}
		if len(row.child("saleProp").fields()) > len(it.variation) || len(it.variation) == 0 && len(rows) > 1 {
			return nil, refuse("4109", "CHK_SKU_PROPS_NOT_MATCH_SALE_PROP: sale properties and variation differ")
		}
		if key := it.combination(k); combinations[key] {
			return nil, refuse("4112", "CHK_SKU_PROPS_DUPLICATE: two SKUs have the same sale properties")
		} else {
			combinations[key] = true
		}
		if len(k.images) > 0 {
			withImages++
		}
		made = append(made, k)
	}
	shown := len(it.variation) > 0 && it.variation[0].hasImage
	if (withImages > 0 || shown && len(it.skus) == 0) && withImages < len(made) {
		return nil, refuse("4153", "If you upload a sku picture then all sku must be uploaded")
	}
	return made, nil
}

func (it *item) combination(k *sku) string {
	var b strings.Builder
	for _, v := range it.variation {
		b.WriteString(k.props[v.name] + "\x00")
	}
	return b.String()
}

// changeSKU takes what is sent of a SKU but its stock; the rest stays.
func (s *Simulator) changeSKU(it *item, k *sku, category *Category, row *node, code string) error {
	var err error
	if row.has("price") {
		if k.price, err = s.amount(row.text("price")); err != nil {
			return err
		}
	}
	if row.has("special_price") {
		if k.special, err = s.special(row.text("special_price")); err != nil {
			return err
		}
		if k.from, k.to, err = readDates(row.text("special_from_date"), row.text("special_to_date")); err != nil {
			return err
		}
	}
	if k.price <= 0 {
		return refuse("4118", "BIZ_CHECK_PRICE_IS_ZERO")
	}
	if k.special >= k.price {
		return refuse("4157", "The discount price must be cheaper than the regular price")
	}
	if row.has("Images") {
		if k.images, err = s.readImages(row); err != nil {
			return err
		}
	}
	for name, child := range row.fields() {
		if slices.Contains(skuFields, name) {
			continue
		}
		if known, ok := category.attribute(name); ok && known.SKU {
			k.attributes[name] = child.plain()
		}
	}
	return checkMeasures(k)
}

func checkMeasures(k *sku) error {
	var size decimal.Decimal
	for i, name := range measures {
		value, err := decimal.NewFromString(k.attributes[name])
		if err != nil || !value.IsPositive() || -value.Exponent() > 2 {
			return refuse("4149", "%s needs a number with two decimals at most", name)
		}
		if i == 0 {
			if value.GreaterThan(decimal.NewFromInt(40)) {
				return refuse("4164", "The package is heavier than 40 kg")
			}
			continue
		}
		size = size.Add(value)
	}
	if size.GreaterThan(decimal.NewFromInt(300)) {
		return refuse("4165", "Length, width and height together are more than 300 cm")
	}
	return nil
}

// amount reads a price in dong.
func (s *Simulator) amount(text string) (int64, error) {
	if strings.Contains(text, ".") && !s.options.AllowDecimals {
		return 0, refuse("4104", "The price has too many decimals")
	}
	money, err := catalog.ParseMoney(text, "VND")
	if err != nil || money.Amount < 0 {
		return 0, refuse("4104", "The price is not valid")
	}
	return money.Amount, nil
}

// special reads a special price, whose decimals have a code of their own.
func (s *Simulator) special(text string) (int64, error) {
	n, err := s.amount(text)
	if err != nil {
		err = refuse("4121", "BIZ_CHECK_SPECIAL_PRICE_PRECISION_INVALID")
	}
	return n, err
}

// readDates reads the time of a sale, in the shop's zone.
func readDates(from, to string) (start, end time.Time, err error) {
	for i, text := range []string{from, to} {
		at, err := time.ParseInLocation("2006-01-02 15:04:05", text, shopZone)
		if err != nil {
			at, err = time.ParseInLocation("2006-01-02", text, shopZone)
		}
		if err != nil {
			return start, end, refuse("17", "Invalid Date Format")
		}
		if i == 0 {
			start = at
		} else {
			end = at
		}
	}
	if !end.After(start) {
		return start, end, refuse("4117", "BIZ_CHECK_SPECIAL_PRICE_FROM_DATE_AFTER_TO_DATE")
	}
	return start, end, nil
}
