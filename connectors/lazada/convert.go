package lazada

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// content is the content facet of an offer in the words of one category.
type content struct {
	attributes fields      // of the product
	perSKU     fields      // attributes that every SKU carries
	variation  []variation // what SKUs differ by
	issues     []catalog.Issue
}

// variation is one thing that SKUs differ by.
type variation struct {
	name   string
	custom bool     // a name or a value is not the category's
	values []string // one per variant, in the offer's order
}

// options are the different values.
func (v variation) options() []string {
	var list []string
	for _, value := range v.values {
		if !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}

// contentOf translates an offer. Texts that we do not have leave the shop's
// own: an empty master blanks nothing (invariant I12).
func (s *shop) contentOf(offer *catalog.Offer, schema []attribute, brand string) content {
	c := content{attributes: fields{"name": offer.Title}, perSKU: fields{}}
	if offer.Description != "" {
		c.attributes["description"] = paragraphs(offer.Description)
	}
	if offer.Summary != "" {
		c.attributes["short_description"] = bullets(offer.Summary)
	}
	if _, err := strconv.ParseUint(brand, 10, 63); err == nil {
		c.attributes["brand_id"] = brand
	} else if brand != "" {
		c.attributes["brand"] = brand
	}
	if i := slices.IndexFunc(schema, func(a attribute) bool { return a.Name == "brand" && a.Mandatory == 1 }); i >= 0 && brand == "" {
		c.miss(schema[i])
	}
	facts := s.facts(offer)
	for i, name := range offer.Options {
		c.variation = append(c.variation, variationOf(offer, i, name, schema))
	}
	for _, a := range schema {
		if ownNames[a.Name] || slices.ContainsFunc(c.variation, func(v variation) bool { return v.name == a.Name }) {
			continue
		}
		value := a.pick(facts)
		switch {
		case value == "" && a.Mandatory == 1:
			c.miss(a)
		case value == "":
		case a.SaleProp == 1 && a.Mandatory != 1:
			// A fact is no choice.
		case a.SaleProp == 1:
			one := variation{name: a.Name, values: make([]string, len(offer.Variants))}
			for i := range one.values {
				one.values[i] = value
			}
			c.variation = append(c.variation, one)
		default:
			allowed, ok := a.allow(value)
			switch {
			case !ok && a.Mandatory == 1:
				c.wrong(catalog.SeverityError, a, value)
				continue
			case !ok:
				c.wrong(catalog.SeverityWarning, a, value)
				continue
			}
			if a.Kind == "sku" {
				c.perSKU[a.Name] = allowed
			} else {
				c.attributes[a.Name] = allowed
			}
		}
	}
	// What the configuration names is sent even where the category's list does
	// not have it, as with warranty_type.
	for name, value := range s.options.Attributes {
		if c.attributes[name] == nil && c.perSKU[name] == nil && !ownNames[name] && !slices.ContainsFunc(schema, func(a attribute) bool { return a.Name == name }) {
			c.attributes[name] = value
		}
	}
	return c
}

// facts are an offer's attributes by name in lower case; several values of one
// name are joined as Lazada joins them.
func (s *shop) facts(offer *catalog.Offer) map[string]string {
	facts := map[string]string{}
	for _, a := range offer.Attributes {
		key := strings.ToLower(strings.TrimSpace(a.Name))
		if value := strings.TrimSpace(a.Value); value != "" && facts[key] != "" {
			facts[key] += "," + value
		} else if value != "" {
			facts[key] = value
		}
	}
	for name, value := range s.options.Attributes {
		if key := strings.ToLower(name); facts[key] == "" {
			facts[key] = value
		}
	}
	return facts
}

// pick finds an attribute among facts, by its key or by what people read.
func (a attribute) pick(facts map[string]string) string {
	return firstOf(facts[strings.ToLower(a.Name)], facts[strings.ToLower(a.Label)])
}

// allow spells a value as the category does; ok is false for one that it does
// not take.
func (a attribute) allow(value string) (string, bool) {
	if !a.closed() {
		return value, true
	}
	parts := []string{value}
	if a.multiple() {
		parts = strings.Split(value, ",")
	}
	for i, part := range parts {
		spelled, ok := a.option(part)
		if !ok {
			return "", false
		}
		parts[i] = spelled
	}
	return strings.Join(parts, ","), true
}

func (a attribute) option(value string) (string, bool) {
	for _, o := range a.Options {
		if strings.EqualFold(o.Name, strings.TrimSpace(value)) {
			return o.Name, true
		}
	}
	return "", false
}

// variationOf is the i-th option of an offer: the category's sale property of
// that name, or one of our own.
func variationOf(offer *catalog.Offer, i int, name string, schema []attribute) variation {
	v := variation{name: name, custom: true}
	spell := func(value string) (string, bool) { return value, false }
	for _, a := range schema {
		if a.SaleProp == 1 && (strings.EqualFold(a.Label, name) || strings.EqualFold(a.Name, name)) {
			v.name, v.custom, spell = a.Name, false, a.option
			break
		}
	}
	for _, one := range offer.Variants {
		value := ""
		if i < len(one.Options) {
			value = one.Options[i]
		}
		if spelled, ok := spell(value); ok {
			value = spelled
		} else {
			v.custom = true
		}
		v.values = append(v.values, value)
	}
	return v
}

func (c *content) miss(a attribute) {
	label := firstOf(a.Label, a.Name)
	c.issues = append(c.issues, *newIssue("attribute_missing", "attributes["+a.Name+"]", "",
		fmt.Sprintf("Danh mục này bắt buộc có %q: thêm thuộc tính đó cho sản phẩm, hoặc đặt trong attributes của kênh.", label),
		fmt.Sprintf("The category requires %q: give the product that attribute, or set it in the channel's attributes.", label)))
}

func (c *content) wrong(severity string, a attribute, value string) {
	var names []string
	for i, o := range a.Options {
		if i == 8 {
			names = append(names, "…")
			break
		}
		names = append(names, o.Name)
	}
	label, list := firstOf(a.Label, a.Name), strings.Join(names, ", ")
	issue := newIssue("attribute_value", "attributes["+a.Name+"]", "",
		fmt.Sprintf("%q không nhận giá trị %q nên không được gửi: chọn trong: %s.", label, clip(value), list),
		fmt.Sprintf("%q does not take %q, so it is not sent: choose one of: %s.", label, clip(value), list))
	issue.Severity = severity
	c.issues = append(c.issues, *issue)
}

// skuFields are what every SKU carries as content: parcel and attributes.
func (s *shop) skuFields(c content, v catalog.OfferVariant) fields {
	p := s.parcel(v)
	f := fields{
		"package_weight": hundredths(p.Weight, 3), "package_length": hundredths(p.Length, 1),
		"package_width": hundredths(p.Width, 1), "package_height": hundredths(p.Height, 1),
	}
	for name, value := range c.perSKU {
		f[name] = value
	}
	return f
}

// parcel is a variant's, or the channel's where it is not known.
func (s *shop) parcel(v catalog.OfferVariant) Package {
	p := s.options.Package
	if v.Weight > 0 {
		p.Weight = v.Weight
	}
	if v.Dimensions != (catalog.Dimensions{}) {
		p.Length, p.Width, p.Height = v.Dimensions.Length, v.Dimensions.Width, v.Dimensions.Height
	}
	return p
}

// hundredths writes n × 10^-digits with two decimals at most, rounded up: a
// parcel is never declared lighter than it is.
func hundredths(n int64, digits int32) string {
	return decimal.New(n, -digits).RoundCeil(2).String()
}

// newSKU is a SKU that does not exist there yet.
func (s *shop) newSKU(c content, offer *catalog.Offer, i int) fields {
	v := offer.Variants[i]
	f := s.skuFields(c, v)
	f["SellerSku"], f["quantity"], f["price"] = string(v.SKU), strconv.FormatInt(v.Quantity, 10), v.Price.List.Decimal()
	if v.Price.Sale != nil {
		f["special_price"] = v.Price.Sale.Decimal()
		f["special_from_date"], f["special_to_date"] = s.saleDates()
	}
	if len(c.variation) > 0 {
		f["saleProp"] = c.props(i)
	}
	return f
}

func (c content) props(i int) fields {
	props := fields{}
	for _, v := range c.variation {
		props[v.name] = v.values[i]
	}
	return props
}

// wire is the variation as it is sent.
func (c content) wire(withImages bool) fields {
	f := fields{}
	for i, v := range c.variation {
		f["variation"+strconv.Itoa(i+1)] = fields{
			"name": v.name, "hasImage": withImages && i == 0, "customize": v.custom, "options": fields{"option": v.options()},
		}
	}
	return f
}

// contentFingerprint is a hash of the content as shown, without prices, stock
// and state.
func contentFingerprint(p product) string {
	attributes := map[string]string{}
	for name, raw := range p.Attributes {
		var b bytes.Buffer
		if json.Compact(&b, raw) == nil {
			attributes[name] = b.String()
		}
	}
	type shownSKU struct {
		SKU, Weight, Length, Width, Height text
		Props                              map[string]text
	}
	var skus []shownSKU
	for _, k := range p.SKUs {
		skus = append(skus, shownSKU{k.SellerSKU, plain(k.Weight), plain(k.Length), plain(k.Width), plain(k.Height), k.Props.value})
	}
	slices.SortFunc(skus, func(a, b shownSKU) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	return fingerprint(struct {
		Category   number
		Attributes map[string]string
		SKUs       []shownSKU
	}{p.Category, attributes, skus})
}

// plain writes a measure without trailing zeros: it is shown as 30 and as 30.00.
func plain(t text) text {
	if d, err := decimal.NewFromString(string(t)); err == nil && d.Exponent() > -18 && d.Exponent() < 18 {
		return text(d.String())
	}
	return t
}

// mediaFingerprint is a hash of the pictures in their order.
func mediaFingerprint(p product) string {
	images := map[string][]string{}
	for _, k := range p.SKUs {
		if len(k.Images.value) > 0 {
			images[string(k.SellerSKU)] = k.Images.value
		}
	}
	return fingerprint(struct {
		Product []string
		SKUs    map[string][]string
	}{p.Images.value, images})
}

func fingerprint(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return "" // cannot be: structs of texts and numbers
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// paragraphs makes HTML of plain text.
func paragraphs(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var b strings.Builder
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(printable(part)), "\n", "<br>") + "</p>")
		}
	}
	return b.String()
}

// bullets makes the list that highlights have to be.
func bullets(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString("<li>" + html.EscapeString(printable(line)) + "</li>")
		}
	}
	return "<ul>" + b.String() + "</ul>"
}

// printable drops control characters.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
}
