package tiktokshoptest

import (
	"encoding/json"
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
	if in.Minimum != nil {
		c.minimum = *in.Minimum
	} else if whole {
		c.minimum = 0
	}
	if err := checkLimits(c, in); err != nil {
		return nil, err
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

// papers is how many certifications are given, -1 when they are no list.
func papers(raw json.RawMessage) int {
	var list []json.RawMessage
	if raw != nil && json.Unmarshal(raw, &list) != nil {
		return -1
	}
	return len(list)
}

// checkLimits refuses what is too long or too much.
func checkLimits(c *content, in productIn) error {
	switch n := papers(c.certifications); {
	case len(c.externalID) > 999:
		return badParam("external_product_id", "it is too long", "999 characters at most")
	case in.Minimum != nil && (*in.Minimum < 1 || *in.Minimum > 20):
		return badParam("minimum_order_quantity", "it is out of range", "1 to 20")
	case n < 0 || n > 10:
		return badParam("certifications", "their number is out of range", "10 at most")
	case in.SKUs == nil:
		return nil
	}
	for _, k := range *in.SKUs {
		if len(k.ExternalID) > 999 {
			return badParam("external_sku_id", "it is too long", "999 characters at most")
		}
	}
	return nil
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
	case category.Certificate != "" && (category.CertificateIf == nil || holds(category.CertificateIf, c.attributes)) && papers(c.certifications) < 1:
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
			case v.ID == "" && a.Numeric && !positive(v.Name):
				return nil, badParam("product_attributes", "the value of "+a.Name+" is no number", "a positive number")
			case utf8.RuneCountInString(v.Name) > 2000:
				return nil, refuse(12052249, "The product attribute value name characters cannot exceed 2000.")
			}
		}
	}
	for _, a := range category.Attributes {
		if (a.Required || holds(a.RequiredIf, c.attributes)) && !a.Sales && !given[a.ID] {
			return nil, refuse(12052104, "property is required: %s", a.Name)
		}
	}
	return category, nil
}

func positive(text string) bool {
	n, err := decimal.NewFromString(text)
	return err == nil && n.IsPositive()
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
