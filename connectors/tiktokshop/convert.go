package tiktokshop

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// maxQuantity is the most that an inventory can say; more is shown as this.
const maxQuantity = 99999

var entity = regexp.MustCompile(`&(#?[0-9a-zA-Z]+;)`)

// isEmoji tells characters that the platform refuses in texts.
func isEmoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF || r == 0xFE0F || r == 0x200D
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// descriptionHTML makes HTML of a plain text. The platform takes no escapes, so
// what would need one is replaced by what looks alike.
func descriptionHTML(o *catalog.Offer) string {
	plain := firstOf(strings.TrimSpace(o.Description), strings.TrimSpace(o.Summary), o.Title)
	plain = strings.NewReplacer("<", "‹", ">", "›", "\r", "").Replace(plain)
	plain = entity.ReplaceAllString(plain, "& $1")
	plain = strings.Map(func(r rune) rune {
		if isEmoji(r) || unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, plain)
	var html strings.Builder
	for paragraph := range strings.SplitSeq(plain, "\n\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			html.WriteString("<p>" + strings.ReplaceAll(paragraph, "\n", "<br>") + "</p>")
		}
	}
	return html.String()
}

// parcel is the package of a product: the largest of its variants'.
func parcel(o *catalog.Offer) (grams int64, size catalog.Dimensions) {
	for _, v := range o.Variants {
		grams = max(grams, v.Weight)
		size.Length = max(size.Length, v.Dimensions.Length)
		size.Width = max(size.Width, v.Dimensions.Width)
		size.Height = max(size.Height, v.Dimensions.Height)
	}
	return grams, size
}

func kilograms(grams int64) string {
	text := fmt.Sprintf("%d.%03d", grams/1000, grams%1000)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// centimeters rounds up: a parcel that is too small is refused by the carrier.
func centimeters(millimeters int64) string {
	return strconv.FormatInt((millimeters+9)/10, 10)
}

// contentFields are the parts of a product that belong to its content, but for
// category and SKUs.
func contentFields(o *catalog.Offer, facts []attribute, brand string) fields {
	f := fields{"title": o.Title, "description": descriptionHTML(o)}
	if len(facts) > 0 {
		f["product_attributes"] = facts
	}
	grams, size := parcel(o)
	f["package_weight"] = fields{"value": kilograms(grams), "unit": "KILOGRAM"}
	if size.Length > 0 && size.Width > 0 && size.Height > 0 {
		f["package_dimensions"] = fields{
			"length": centimeters(size.Length), "width": centimeters(size.Width), "height": centimeters(size.Height), "unit": "CENTIMETER",
		}
	}
	if brand != "" {
		f["brand_id"] = brand
	}
	return f
}

// facts are the offer's attributes in the platform's words: those that its
// category knows, completed by the channel's own values. One that is required,
// by itself or by what another says, and is missing or has a value that is not
// known, is an error.
func (s *shop) facts(o *catalog.Offer, c schema) ([]attribute, []catalog.Issue) {
	var list []attribute
	lacking := map[string]string{} // what was said of an attribute that has no value, by its number
	for _, a := range c.attributes {
		if a.sales() {
			continue
		}
		value := ""
		for _, given := range o.Attributes {
			if given.Name == a.ID || catalog.Fold(given.Name) == catalog.Fold(a.Name) {
				value = strings.TrimSpace(given.Value)
			}
		}
		if value == "" {
			value = s.options.Attributes[a.Name]
		}
		if values := a.values(value); len(values) > 0 {
			list = append(list, attribute{ID: a.ID, Values: values})
		} else {
			lacking[a.ID] = value
		}
	}
	var issues []catalog.Issue
	for _, a := range c.attributes {
		value, lacks := lacking[a.ID]
		switch {
		case !lacks || !a.required() && !anyHolds(a.Conditions, list):
		case value == "":
			issues = append(issues, issue("attribute_missing", "attributes", "",
				fmt.Sprintf("Danh mục bắt buộc thuộc tính %q: điền vào sản phẩm, hoặc đặt giá trị chung trong mục attributes của kênh.", clip(a.Name, 60)),
				fmt.Sprintf("The category requires the attribute %q: fill it in, or set a common value in the channel's attributes.", clip(a.Name, 60))))
		default:
			issues = append(issues, issue("attribute_value", "attributes", "",
				fmt.Sprintf("TikTok Shop không có giá trị %q cho thuộc tính %q: chọn một trong: %s.", clip(value, 60), clip(a.Name, 60), a.names()),
				fmt.Sprintf("TikTok Shop has no value %q for the attribute %q: choose one of: %s.", clip(value, 60), clip(a.Name, 60), a.names())))
		}
	}
	return list, issues
}

// values are what a text says of an attribute: values of the platform's, and
// others where it takes them.
func (a categoryAttribute) values(text string) []attributeValue {
	var values []attributeValue
	for _, part := range parts(text, a.Multiple) {
		if id := a.value(part); id != "" {
			values = append(values, attributeValue{ID: id})
		} else if a.Custom && a.takes(part) {
			values = append(values, attributeValue{Name: part})
		}
	}
	return values
}

// takes tells that a value of one's own has the form that is wanted.
func (a categoryAttribute) takes(value string) bool {
	if a.Format != "POSITIVE_INT_OR_DECIMAL" {
		return true
	}
	n, err := decimal.NewFromString(value)
	return err == nil && n.IsPositive()
}

// parts splits a value where the attribute takes several.
func parts(value string, multiple bool) []string {
	if value == "" {
		return nil
	}
	if !multiple {
		return []string{value}
	}
	var list []string
	for part := range strings.SplitSeq(strings.NewReplacer(";", ",").Replace(value), ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// names lists some of the values an attribute takes.
func (a categoryAttribute) names() string {
	var names []string
	for _, v := range a.Values {
		if len(names) == 10 {
			return strings.Join(names, ", ") + ", …"
		}
		names = append(names, clip(v.Name, 40))
	}
	return strings.Join(names, ", ")
}

// salesAttributes tell a variant apart from its siblings. images are the
// pictures by values of the first option, empty when not all have one.
func salesAttributes(o *catalog.Offer, v *catalog.OfferVariant, c schema, images map[string]string) []salesAttribute {
	var list []salesAttribute
	for i, name := range o.Options {
		row := salesAttribute{Name: name, ValueName: v.Options[i]}
		if a, ok := c.attribute(name, true); ok {
			row.ID, row.Name = a.ID, ""
			if id := a.value(v.Options[i]); id != "" {
				row.ValueID, row.ValueName = id, ""
			}
		}
		if uri := images[v.Options[i]]; i == 0 && uri != "" {
			row.Image = &picture{URI: uri}
		}
		list = append(list, row)
	}
	return list
}

// sameOptions tells that a SKU is told apart as the offer says.
func sameOptions(o *catalog.Offer, v *catalog.OfferVariant, k *sku) bool {
	if len(k.Attributes) != len(o.Options) {
		return false
	}
	for i, name := range o.Options {
		at := slices.IndexFunc(k.Attributes, func(a salesAttribute) bool { return catalog.Fold(a.Name) == catalog.Fold(name) })
		if at < 0 || catalog.Fold(k.Attributes[at].ValueName) != catalog.Fold(v.Options[i]) {
			return false
		}
	}
	return true
}

// keptAttributes are a SKU's, as an edit sends them back.
func keptAttributes(k *sku) []salesAttribute {
	list := make([]salesAttribute, len(k.Attributes))
	for i, a := range k.Attributes {
		list[i] = salesAttribute{ID: a.ID, ValueID: a.ValueID}
		if a.Image != nil {
			list[i].Image = &picture{URI: a.Image.URI}
		}
	}
	return list
}

// byName are a SKU's attributes without the platform's numbers.
func byName(k *sku) []salesAttribute {
	list := make([]salesAttribute, len(k.Attributes))
	for i, a := range k.Attributes {
		list[i] = salesAttribute{Name: a.Name, ValueName: a.ValueName}
	}
	return list
}

// newSKU is a SKU that is to be made.
func (s *shop) newSKU(o *catalog.Offer, v *catalog.OfferVariant, c schema, images map[string]string, warehouse string) fields {
	f := fields{
		"seller_sku": string(v.SKU), "external_sku_id": string(v.SKU), "price": money(v.Price.List),
		"inventory": []fields{{"warehouse_id": warehouse, "quantity": min(v.Quantity, maxQuantity)}},
	}
	if len(o.Options) > 0 {
		f["sales_attributes"] = salesAttributes(o, v, c, images)
	}
	if kind := map[int]string{8: "EAN", 12: "UPC", 13: "EAN", 14: "GTIN"}[len(v.GTIN)]; s.options.SendGTIN && kind != "" {
		f["identifier_code"] = fields{"code": v.GTIN, "type": kind}
	}
	return f
}

// keptSKU is a SKU that stays as it is. Price and inventory stay when an edit
// leaves them out.
func keptSKU(k *sku) fields {
	f := fields{"id": k.ID, "seller_sku": k.SellerSKU}
	if k.ExternalID != "" {
		f["external_sku_id"] = k.ExternalID
	}
	if len(k.Attributes) > 0 {
		f["sales_attributes"] = keptAttributes(k)
	}
	if len(k.Identifier) > 0 {
		f["identifier_code"] = k.Identifier
	}
	return f
}

func money(m catalog.Money) fields {
	return fields{"amount": m.Decimal(), "currency": m.Currency}
}

// whole is a product as a full edit sends it back: everything that is left out
// would be erased.
func (s *shop) whole(p *product) fields {
	f := fields{
		"title": p.Title, "description": p.Description, "category_id": p.leaf(), "category_version": s.options.CategoryVersion,
		"main_images": onlyURIs(p.Images), "package_weight": p.Weight,
	}
	put := func(key string, there bool, value any) {
		if there {
			f[key] = value
		}
	}
	filled := func(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
	put("product_attributes", len(p.Attributes) > 0, p.Attributes)
	put("package_dimensions", filled(p.Dimensions), p.Dimensions)
	put("certifications", filled(p.Certifications), p.Certifications)
	put("size_chart", filled(p.SizeChart), p.SizeChart)
	put("brand_id", p.Brand.ID != "", p.Brand.ID)
	put("external_product_id", p.ExternalID != "", p.ExternalID)
	put("is_cod_allowed", p.COD != nil, p.COD)
	put("minimum_order_quantity", p.Minimum > 0, p.Minimum)
	put("video", p.Video.ID != "", fields{"id": p.Video.ID})
	var delivery []string
	for _, d := range p.Delivery {
		delivery = append(delivery, d.ID)
	}
	put("delivery_option_ids", len(delivery) > 0, delivery)
	put("save_mode", p.Status == statusDraft, "AS_DRAFT") // else a draft would go on sale
	rows := make([]fields, len(p.SKUs))
	for i := range p.SKUs {
		rows[i] = keptSKU(&p.SKUs[i])
	}
	f["skus"] = rows
	return f
}

func onlyURIs(images []picture) []picture {
	list := make([]picture, len(images))
	for i, image := range images {
		list[i].URI = image.URI
	}
	return list
}

// states translates the platform's statuses. A draft is not on sale, like one
// that was switched off.
var states = map[string]catalog.State{
	statusDraft: catalog.StateStopped, statusPending: catalog.StateReview, statusFailed: catalog.StateRejected, statusActivate: catalog.StateLive,
	statusStopped: catalog.StateStopped, statusTakenDown: catalog.StateRejected, statusFrozen: catalog.StateRejected, statusDeleted: catalog.StateGone,
}

// contentHash is the fingerprint of what a list shows of the content: the title.
func contentHash(title string) string {
	sum := sha256.Sum256([]byte(title))
	return hex.EncodeToString(sum[:16])
}

// remoteOf translates a product as it is shown. Its title is not told while
// another version is looked at, or was refused: what we wrote is not what is
// shown then, which is no drift.
func remoteOf(p *product, sales promotions, hidden map[string]bool) catalog.Remote {
	r := catalog.Remote{ExternalID: catalog.ExternalID(p.ID), State: states[p.Status], Title: p.Title}
	if p.Updated > 0 {
		r.UpdatedAt = time.Unix(p.Updated, 0).UTC()
	}
	if p.Audit.Status != "AUDITING" && p.Audit.Status != "FAILED" {
		r.Content = contentHash(p.Title)
	}
	allHidden := len(p.SKUs) > 0
	for _, k := range p.SKUs {
		v := catalog.VariantSnapshot{SKU: catalog.SKU(k.SellerSKU), ExternalID: catalog.ExternalID(k.ID)}
		if list, err := catalog.ParseMoney(firstOf(k.Price.Sale, k.Price.TaxExclusive), firstOf(k.Price.Currency, currency)); err == nil {
			price := catalog.Price{List: list}
			if sale, ok := sales.skus[k.ID]; ok && sale.price.Amount < list.Amount {
				price.Sale = &sale.price
			}
			v.Price = &price
		}
		if k.Inventory != nil {
			quantity := int64(0)
			for _, row := range k.Inventory {
				quantity += row.Quantity
			}
			v.Quantity = &quantity
		}
		if hidden[k.ID] {
			zero := int64(0)
			v.Quantity = &zero
		}
		allHidden = allHidden && hidden[k.ID]
		r.Variants = append(r.Variants, v)
	}
	if allHidden && p.Status == statusStopped {
		r.State = catalog.StateLive // sold out, which this shop can only show so
	}
	slices.SortFunc(r.Variants, func(a, b catalog.VariantSnapshot) int { return cmp.Compare(a.SKU, b.SKU) })
	switch {
	case p.Status == statusFailed || p.Audit.Status == "FAILED":
		r.Issues = append(r.Issues, reviewIssue(p))
	case p.Status == statusTakenDown:
		r.Issues = append(r.Issues, issue("taken_down", "", "", "TikTok Shop đã gỡ sản phẩm: xem lý do trong Seller Center, sửa rồi gửi lại."+reasons(p),
			"TikTok Shop took the product down: see the reason in Seller Center, correct it and submit it again."+reasons(p)))
	case p.Status == statusFrozen:
		r.Issues = append(r.Issues, issue("frozen", "", "", "TikTok Shop đã đóng băng sản phẩm: khiếu nại trong Seller Center.",
			"TikTok Shop froze the product: appeal in Seller Center."))
	}
	return r
}

func reviewIssue(p *product) catalog.Issue {
	found := issue("review_failed", "", "", "TikTok Shop không duyệt sản phẩm: sửa theo lý do rồi đăng lại."+reasons(p),
		"TikTok Shop did not approve the product: correct what it says and publish again."+reasons(p))
	if p.Status == statusActivate {
		found.Severity = catalog.SeverityWarning
		found.Message = text("TikTok Shop không duyệt bản sửa, bản cũ vẫn đang bán: sửa theo lý do rồi đăng lại."+reasons(p),
			"TikTok Shop did not approve the edit, the old version stays on sale: correct what it says and publish again."+reasons(p))
	}
	return found
}

// reasons are the platform's words, " (...)", or nothing.
func reasons(p *product) string {
	var list []string
	for _, r := range p.Reasons {
		list = append(list, r.Reasons...)
		list = append(list, r.Suggestions...)
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + clip(strings.Join(list, "; "), 300) + ")"
}

// remoteID is what we know of a listing without reading it.
func remoteID(ref connectors.ListingRef) *catalog.Remote {
	r := &catalog.Remote{ExternalID: ref.ExternalID}
	for _, name := range slices.Sorted(maps.Keys(ref.Variants)) {
		r.Variants = append(r.Variants, catalog.VariantSnapshot{SKU: name, ExternalID: ref.Variants[name]})
	}
	return r
}
