package tiktokshoptest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// The limits of products in Vietnam.
const (
	minTitle, maxTitle = 25, 255
	maxDescription     = 10000
	maxMainImages      = 9
	maxSKUs            = 100
	maxQuantity        = 99999
	maxPrice           = 1_000_000_000 // a bound of our own: the real one is not published
)

// fill puts what was sent into a content and checks the whole. With whole, what
// was not sent is blank; else it stays.
func (s *Simulator) fill(c *content, in productIn, whole bool) (warnings []object, err error) {
	set := func(field *string, value *string) {
		if value != nil {
			*field = *value
		} else if whole {
			*field = ""
		}
	}
	set(&c.title, in.Title)
	set(&c.description, in.Description)
	set(&c.brand, in.BrandID)
	set(&c.externalID, in.ExternalID)
	if whole || in.CategoryID != nil {
		if err := s.checkVersion(in.CategoryVersion); err != nil {
			return nil, err
		}
		set(&c.category, in.CategoryID)
	}
	if in.MainImages != nil || whole {
		c.images = nil
		if in.MainImages != nil {
			for _, ref := range *in.MainImages {
				c.images = append(c.images, ref.URI)
			}
		}
	}
	if in.Weight != nil {
		c.weight, c.weightUnit = in.Weight.Value, in.Weight.Unit
	} else if whole {
		c.weight, c.weightUnit = "", ""
	}
	if in.Dimensions != nil || whole {
		c.size = in.Dimensions
	}
	if in.Attributes != nil {
		c.attributes = *in.Attributes
	} else if whole {
		c.attributes = nil
	}
	if in.Certifications != nil || whole {
		c.certifications = in.Certifications
	}
	if in.COD != nil || whole {
		c.cod = in.COD
	}
	if in.DeliveryOptions != nil || whole {
		c.deliveryOptions = in.DeliveryOptions
	}
	// An edit is judged by what it brings: what is there was judged before.
	if whole || in.Title != nil || in.Description != nil {
		if err := s.checkTexts(c); err != nil {
			return nil, err
		}
	}
	category, err := s.checkCategory(c)
	if err != nil {
		return nil, err
	}
	if err := s.checkImages(c.images); err != nil {
		return nil, err
	}
	if err := checkParcel(c); err != nil {
		return nil, err
	}
	if c.brand != "" && !slices.ContainsFunc(s.brands, func(b brand) bool { return b.id == c.brand && b.allowed }) {
		warnings = append(warnings, object{"message": "brand_id " + c.brand + " was not accepted and has been left empty; edit the product to set another brand."})
		c.brand = ""
	}
	switch {
	case in.SKUs != nil && len(*in.SKUs) == 0 && !whole:
		return nil, refuse(12052902, "The SKU list is empty. Either omit the list entirely, or provide all required details.")
	case in.SKUs != nil:
		return warnings, s.fillSKUs(c, category, *in.SKUs, whole)
	case whole:
		return nil, badParam("skus", "it is missing", "1 to 100 SKUs")
	}
	return warnings, nil
}

var (
	htmlEscape = regexp.MustCompile(`&(#[0-9]+|#x[0-9a-fA-F]+|[a-zA-Z]+);`)
	imageTag   = regexp.MustCompile(`(?i)<img\b[^>]*>`)
	imageAddr  = regexp.MustCompile(`(?i)\bsrc\s*=\s*"([^"]*)"`)
)

const badText = "The %s must follow these formatting rules: it cannot contain HTML escape characters, emojis, or ASCII control characters."

func (s *Simulator) checkTexts(c *content) error {
	switch n := utf8.RuneCountInString(c.title); {
	case strings.TrimSpace(c.title) == "":
		return refuse(12052261, "product name is empty")
	case n < minTitle || n > maxTitle:
		return refuse(12052051, "The product name exceed max limit characters")
	case hasHan(c.title):
		return refuse(12052262, "Chinese characters are not supported in product name")
	case !plainText(c.title) || htmlEscape.MatchString(c.title):
		return refuse(12052931, badText, "title")
	}
	images := imageTag.FindAllString(c.description, -1)
	switch {
	case strings.TrimSpace(c.description) == "":
		return refuse(12052015, "The product description is required")
	case utf8.RuneCountInString(c.description) > maxDescription:
		return refuse(12052013, "The product description cannot exceed maximum characters")
	case hasHan(c.description):
		return refuse(12052346, "The product description has Chinese characters")
	case strings.ContainsFunc(c.description, isEmoji) || htmlEscape.MatchString(c.description):
		return refuse(12052932, badText, "description")
	case len(images) > 30:
		return refuse(12052056, "The num of image in description cannot exceed max limit")
	}
	for _, tag := range images {
		address := imageAddr.FindStringSubmatch(tag)
		if address == nil || !strings.Contains(tag, "width") || !strings.Contains(tag, "height") {
			return refuse(12052348, "The product description html tag required attribute is miss.")
		}
		if !strings.HasPrefix(address[1], s.URL+"/img/") {
			return refuse(12052340, "product description image uri illegal")
		}
	}
	return nil
}

func hasHan(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func isEmoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF || r == 0xFE0F
}

// plainText is text without emojis and control characters that is neither
// symbols alone nor one character ten times over.
func plainText(text string) bool {
	repeated, last := 0, rune(-1)
	letters := false
	for _, r := range text {
		if r == last {
			repeated++
		} else {
			repeated, last = 1, r
		}
		if isEmoji(r) || unicode.IsControl(r) || repeated > 9 {
			return false
		}
		letters = letters || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	return letters
}

func (s *Simulator) checkCategory(c *content) (*Category, error) {
	category := s.category(c.category)
	switch {
	case category == nil:
		return nil, refuse(12052023, "Category does not exist")
	case !s.isLeaf(category.ID):
		return nil, refuse(12052024, "Category is not final category")
	case category.permission() == "INVITE_ONLY":
		return nil, refuse(12052223, "This category is restricted. To sell in this category, apply through the Qualification Center in Seller Center.")
	case category.permission() == "PROHIBITED":
		return nil, refuse(12052220, "This category is prohibited or unsupported on TikTok Shop. Select another category.")
	case category.permission() == "NON_MAIN_CATEGORY":
		return nil, refuse(12052225, "You are not authorized to sell in this category because it does not fall under your shop's main category.")
	case category.NoCOD && c.cod != nil && *c.cod:
		return nil, refuse(12052222, "category do not support cod")
	case category.Certificate != "" && len(c.certifications) < len(`[{}]`):
		return nil, refuse(12052105, "required qualification miss")
	}
	given := map[string]bool{}
	for _, in := range c.attributes {
		i := slices.IndexFunc(category.Attributes, func(a Attribute) bool { return a.ID == in.ID && !a.Sales })
		if given[in.ID] {
			return nil, refuse(12052254, "Duplicate attribute id")
		}
		given[in.ID] = true
		if i < 0 {
			return nil, refuse(12052240, "Do not support custom property.")
		}
		a := category.Attributes[i]
		if len(in.Values) > 1 && !a.Multiple {
			return nil, refuse(12052246, "The product attribute not support multi selected, attribute id is :%s.", a.ID)
		}
		if len(in.Values) == 0 {
			return nil, refuse(12052248, "The product attribute value name or attribute value id is empty.")
		}
		for _, v := range in.Values {
			known := slices.ContainsFunc(a.Values, func(k AttributeValue) bool { return k.ID == v.ID })
			switch {
			case v.ID != "" && !known:
				return nil, refuse(12052529, "The property value id not exist.")
			case v.ID == "" && v.Name == "":
				return nil, refuse(12052248, "The product attribute value name or attribute value id is empty.")
			case v.ID == "" && !a.Custom:
				return nil, refuse(12052247, "Do not support custom product attribute.")
			case utf8.RuneCountInString(v.Name) > 2000:
				return nil, refuse(12052249, "The product attribute value name characters cannot exceed 2000.")
			}
		}
	}
	for _, a := range category.Attributes {
		if a.Required && !a.Sales && !given[a.ID] {
			return nil, refuse(12052104, "property is required: %s", a.Name)
		}
	}
	return category, nil
}

func (s *Simulator) checkImages(uris []string) error {
	switch {
	case len(uris) == 0:
		return refuse(12052028, "Main product image is required")
	case len(uris) > maxMainImages:
		return refuse(12052306, "main product images count exceed limit")
	}
	for _, uri := range uris {
		if x, known := s.images[uri]; !known || x.useCase != "MAIN_IMAGE" {
			return refuse(12052300, "product main image uri illegal")
		}
	}
	return nil
}

func checkParcel(c *content) error {
	weight, err := decimal.NewFromString(c.weight)
	switch {
	case err != nil || weight.Exponent() < -3:
		return refuse(12052006, "Incorrect parcel weight format")
	case !weight.IsPositive():
		return refuse(12052181, "The package weight of the product can not be zero.")
	case c.weightUnit != "KILOGRAM":
		return refuse(12052916, "The package unit is not supported in the current region.")
	}
	if c.size == nil {
		return nil
	}
	for i, text := range []string{c.size.Height, c.size.Width, c.size.Length} {
		if n, err := strconv.Atoi(text); err != nil || n < 1 {
			return refuse(12052003+i, "Incorrect parcel %s format", []string{"height", "width", "length"}[i])
		}
	}
	if c.size.Unit != "CENTIMETER" {
		return refuse(12052916, "The package unit is not supported in the current region.")
	}
	return nil
}

// fillSKUs replaces the SKUs; those that are not named are gone. With keep, what
// a known SKU does not say of price and inventory stays.
func (s *Simulator) fillSKUs(c *content, category *Category, rows []skuIn, keep bool) error {
	if len(rows) == 0 || len(rows) > maxSKUs {
		return refuse(12052050, "A single product cannot have more than 100 different SKUs")
	}
	old := c.skus
	var next []sku
	type change struct {
		terms            *terms
		price, available int64
	}
	var changes []change
	combinations, sellerSKUs, codes, ids := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	names := ""
	for i, in := range rows {
		k := sku{terms: &terms{}, sellerSKU: in.SellerSKU, externalID: in.ExternalID, identifier: in.Identifier}
		known := in.ID != ""
		if known {
			at := slices.IndexFunc(old, func(o sku) bool { return o.id == in.ID })
			switch {
			case at < 0:
				return refuse(12052557, "The SKU ID does not belong to the product.")
			case ids[in.ID]:
				return refuse(12052553, "Sku id duplicate")
			}
			ids[in.ID] = true
			k.terms = old[at].terms
			switch was := old[at].identifier; {
			case was != nil && in.Identifier == nil:
				k.identifier = was
			case was != nil && *in.Identifier != *was:
				return refuse(12052593, "The identifier code cannot be changed once be submitted")
			}
		}
		price, err := s.priceOf(k.terms, in.Price, known && keep)
		if err != nil {
			return err
		}
		available, err := s.stockOf(k.terms, in.Inventory, known && keep)
		if err != nil {
			return err
		}
		changes = append(changes, change{k.terms, price, available})
		switch n := utf8.RuneCountInString(in.SellerSKU); {
		case n > 50:
			return refuse(12052054, "The seller SKU text length cannot exceed max limit characters")
		case n > 0 && (strings.ContainsAny(in.SellerSKU, " \t\n") || sellerSKUs[in.SellerSKU]):
			return refuse(12019059, "seller sku is invalid")
		}
		sellerSKUs[in.SellerSKU] = true
		if err := checkIdentifier(in.Identifier, codes); err != nil {
			return err
		}
		if k.attributes, err = s.salesAttributes(c, category, in.Attributes, len(rows)); err != nil {
			return err
		}
		own, values := "", ""
		for _, a := range k.attributes {
			own += a.ID + "\n"
			values += a.ValueID + "\n"
		}
		switch {
		case i > 0 && own != names:
			return refuse(12052550, "SKU property must contain all properties")
		case combinations[values]:
			return refuse(12052560, "The SKU contains duplicate sales attribute.")
		}
		names, combinations[values] = own, true
		next = append(next, k)
	}
	for _, change := range changes {
		if change.terms.id == "" {
			change.terms.id = s.newID(1729400000000100000)
		}
		change.terms.price, change.terms.available = change.price, change.available
	}
	c.skus = next
	return nil
}

// priceOf reads a price. With keep, none means the present one.
func (s *Simulator) priceOf(t *terms, in *moneyIn, keep bool) (int64, error) {
	if in == nil {
		if keep {
			return t.price, nil
		}
		return 0, refuse(12052571, "Missing price for SKU(s)")
	}
	price, err := strconv.ParseInt(in.Amount, 10, 64)
	switch {
	case err != nil:
		return 0, refuse(12052012, "Incorrect price format")
	case in.Currency != "VND":
		return 0, refuse(12052084, "The provided currency is not available for this shop/region.")
	case price <= 0:
		return 0, refuse(12052073, "The product price is invalid")
	case price > maxPrice:
		return 0, refuse(12052570, "product price exceed limit")
	case t.id != "" && price != t.price && (t.locked || s.promoted(t.id) != nil):
		return 0, refuse(12052038, "Product price locked due to ongoing promotion.")
	}
	return price, nil
}

// stockOf reads an inventory. With keep, none means the present one.
func (s *Simulator) stockOf(t *terms, in []stockIn, keep bool) (int64, error) {
	if len(in) == 0 {
		if keep {
			return t.available, nil
		}
		return 0, refuse(12019022, "SKU must contain a valid warehouse.")
	}
	least := int64(0)
	if s.options.RefuseZero {
		least = 1
	}
	for _, row := range in {
		switch {
		case row.WarehouseID == returnID:
			return 0, refuse(12052532, "the warehouse not delivery warehouse")
		case row.WarehouseID != warehouseID && row.WarehouseID != "":
			return 0, refuse(12052097, "The warehouse does not exist")
		case row.Quantity == nil:
			return 0, refuse(12019024, "stock count is invalid")
		case *row.Quantity < least || *row.Quantity > maxQuantity:
			return 0, refuse(12052055, "The SKU inventory quantity for the warehouse must be within allowed limits.")
		case t.locked && *row.Quantity < t.available:
			return 0, refuse(12052393, "Product locked for Promotion and stock can't be updated below current stock")
		}
	}
	if len(in) > 1 {
		return 0, refuse(12052555, "The warehouse id is duplicate")
	}
	return *in[0].Quantity, nil
}

func checkIdentifier(in *identifierIn, seen map[string]bool) error {
	if in == nil {
		return nil
	}
	lengths, known := map[string][]int{"GTIN": {14}, "EAN": {8, 13, 14}, "UPC": {12}, "ISBN": {9, 13}, "JAN": {8, 13}}[in.Type]
	switch {
	case !known:
		return refuse(12052600, "The identifier code type must be selected")
	case strings.Trim(in.Code, "0123456789X") != "" || !slices.Contains(lengths, len(in.Code)):
		return refuse(12052591, "Invalid number of digits of identifier code")
	case seen[in.Code]:
		return refuse(12052592, "Identifier code already entered, cannot enter the same code twice")
	}
	seen[in.Code] = true
	return nil
}

// salesAttributes reads what tells a SKU apart. Names and values of the
// seller's own get identifiers, the same text always the same.
func (s *Simulator) salesAttributes(c *content, category *Category, in []salesAttribute, skus int) ([]salesAttribute, error) {
	switch {
	case len(in) == 0 && skus > 1:
		return nil, refuse(12052550, "SKU property must contain all properties")
	case len(in) > 3:
		return nil, refuse(12052525, "The attribute max num cannot exceed 3.")
	}
	var out []salesAttribute
	for _, a := range in {
		at := slices.IndexFunc(category.Attributes, func(k Attribute) bool { return k.Sales && (k.ID == a.ID || a.ID == "" && k.Name == a.Name) })
		values := []AttributeValue{}
		switch {
		case at >= 0:
			a.ID, a.Name, values = category.Attributes[at].ID, category.Attributes[at].Name, category.Attributes[at].Values
		case a.ID != "":
			if a.Name = s.customName(c, a.ID); a.Name == "" {
				return nil, refuse(12052527, "The sale attribute id not exist.")
			}
		case a.Name == "":
			return nil, refuse(12052241, "attribute name or attribute id is empty.")
		case utf8.RuneCountInString(a.Name) > 20:
			return nil, refuse(12052242, "The attribute name characters cannot exceed 20")
		default:
			a.ID = customID("7200000000000000000", a.Name)
		}
		switch {
		case a.ValueID != "":
			i := slices.IndexFunc(values, func(v AttributeValue) bool { return v.ID == a.ValueID })
			if i >= 0 {
				a.ValueName = values[i].Name
			} else if a.ValueName = s.customValue(c, a.ID, a.ValueID); a.ValueName == "" {
				return nil, refuse(12052529, "The property value id not exist.")
			}
		case a.ValueName == "":
			return nil, refuse(12052248, "The sale attribute value name or attribute value id is empty.")
		case utf8.RuneCountInString(a.ValueName) > 50:
			return nil, refuse(12052249, "The sale attribute value name characters cannot exceed 50, attribute value name is :%s.", a.ValueName)
		default:
			a.ValueID = customID("7100000000000000000", a.ValueName)
			if i := slices.IndexFunc(values, func(v AttributeValue) bool { return v.Name == a.ValueName }); i >= 0 {
				a.ValueID = values[i].ID
			}
		}
		if a.Image != nil {
			if x, known := s.images[a.Image.URI]; !known || x.useCase != "ATTRIBUTE_IMAGE" {
				return nil, refuse(12052520, "product sale property image uri illegal")
			}
		}
		out = append(out, a)
	}
	return out, nil
}

func (s *Simulator) customName(c *content, id string) string {
	for _, k := range c.skus {
		for _, a := range k.attributes {
			if a.ID == id {
				return a.Name
			}
		}
	}
	return ""
}

func (s *Simulator) customValue(c *content, id, valueID string) string {
	for _, k := range c.skus {
		for _, a := range k.attributes {
			if a.ID == id && a.ValueID == valueID {
				return a.ValueName
			}
		}
	}
	return ""
}

// customID is the identifier of a text of the seller's own.
func customID(base, text string) string {
	first, _ := strconv.ParseInt(base, 10, 64)
	n, _ := strconv.ParseInt(digest("", []byte(text))[:12], 16, 64)
	return strconv.FormatInt(first+n, 10)
}
