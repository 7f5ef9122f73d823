package woocommerce

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// listingID and variantID write our external IDs, productID and variationID
// read them.
func listingID(product int64) catalog.ExternalID {
	return catalog.ExternalID(strconv.FormatInt(product, 10))
}

func variantID(product, variation int64) catalog.ExternalID {
	if variation == 0 {
		return listingID(product)
	}
	return catalog.ExternalID(fmt.Sprintf("%d/%d", product, variation))
}

// splitID reads a listing's or a variant's ID; variation is 0 for a simple
// product.
func splitID(id catalog.ExternalID) (product, variation int64, ok bool) {
	first, second, packed := strings.Cut(string(id), "/")
	product, err := strconv.ParseInt(first, 10, 64)
	if err != nil || product <= 0 {
		return 0, 0, false
	}
	if !packed {
		return product, 0, true
	}
	variation, err = strconv.ParseInt(second, 10, 64)
	return product, variation, err == nil && variation > 0
}

// parentSKU is the SKU of the parent of an offer's variations. It depends on
// nothing but the product's ID, so that a parent left without variations by a
// crash is found again.
func parentSKU(productID string) string { return productID + "-P" }

// metaProduct is the meta data that names our product.
const metaProduct = "_chophien_product"

// variable tells that an offer needs variations.
func variable(offer *catalog.Offer) bool { return len(offer.Options) > 0 }

// contentFields are the fields of the content facet. Texts that we do not have
// leave the shop's own: an empty master blanks nothing (invariant I12).
func contentFields(offer *catalog.Offer, options *Options) fields {
	f := fields{"name": safeText(offer.Title)}
	if offer.Description != "" {
		f["description"] = paragraphs(offer.Description)
	}
	if offer.Summary != "" {
		f["short_description"] = paragraphs(offer.Summary)
	}
	if id, err := strconv.ParseInt(offer.Category, 10, 64); err == nil {
		f["categories"] = []fields{{"id": id}}
	}
	if attributes := offerAttributes(offer); len(attributes) > 0 {
		f["attributes"] = attributes
	}
	if !variable(offer) {
		variantContent(f, &offer.Variants[0], nil, options)
	}
	return f
}

// variantContent adds what the content of a variant is: a variation's option
// values, GTIN, and measures in the shop's units, as far as they are known.
func variantContent(f fields, v *catalog.OfferVariant, names []string, options *Options) {
	if len(names) > 0 {
		values := make([]fields, len(names))
		for i, name := range names {
			values[i] = attributeRef(name)
			values[i]["option"] = safeText(v.Options[i])
		}
		f["attributes"] = values
	}
	if v.GTIN != "" {
		f["global_unique_id"] = v.GTIN
	}
	if v.Weight > 0 {
		f["weight"] = shifted(v.Weight, map[string]int32{"kg": 3, "g": 0}[options.WeightUnit])
	}
	if d := v.Dimensions; d != (catalog.Dimensions{}) {
		digits := map[string]int32{"m": 3, "cm": 1, "mm": 0}[options.DimensionUnit]
		f["dimensions"] = fields{
			"length": shifted(d.Length, digits), "width": shifted(d.Width, digits), "height": shifted(d.Height, digits),
		}
	}
}

// offerAttributes are the product's attributes: what its variations differ by,
// then facts. Values of one name come together; the brand is a fact too.
func offerAttributes(offer *catalog.Offer) []fields {
	var list []fields
	at := map[string]int{}
	add := func(name, value string, variation bool) {
		key := strings.ToLower(name)
		if name == "" || value == "" {
			return
		}
		value = safeText(value)
		if i, known := at[key]; known {
			if values := list[i]["options"].([]string); !slices.Contains(values, value) {
				list[i]["options"] = append(values, value)
			}
			return
		}
		at[key] = len(list)
		f := attributeRef(name)
		f["visible"], f["variation"], f["options"] = true, variation, []string{value}
		list = append(list, f)
	}
	for i, name := range offer.Options {
		for _, v := range offer.Variants {
			add(name, v.Options[i], true)
		}
	}
	facts := func(name, value string) {
		for _, option := range offer.Options {
			if strings.EqualFold(option, name) {
				return // would become a value that nobody can choose
			}
		}
		add(name, value, false)
	}
	for _, a := range offer.Attributes {
		facts(a.Name, a.Value)
	}
	if at, ok := at["thương hiệu"]; offer.Brand != "" && (!ok || at < len(offer.Options)) {
		facts("Thương hiệu", offer.Brand)
	}
	return list
}

// attributeRef names an attribute: by number the shop's global one, as
// Attributes lists them, else one of the product's own.
func attributeRef(name string) fields {
	if id, err := strconv.ParseInt(name, 10, 64); err == nil && id > 0 {
		return fields{"id": id}
	}
	return fields{"name": safeText(name)}
}

// priceFields are the fields of the price facet; an empty sale price ends a
// sale. Prices are texts: numbers are refused outside of batches.
func priceFields(f fields, price catalog.Price) {
	f["regular_price"], f["sale_price"] = price.List.Decimal(), ""
	if price.Sale != nil {
		f["sale_price"] = price.Sale.Decimal()
	}
}

// stockFields are the fields of the stock facet. Without manage_stock the
// quantity would be ignored.
func stockFields(f fields, quantity int64) {
	f["manage_stock"], f["stock_quantity"] = true, quantity
}

// remoteOf is a listing as the shop shows it. variations are those of a
// variable product, complete unless its content is not to be told: then, and
// only then, is whole false. Without a currency prices are not told.
func remoteOf(p product, variations []product, whole bool, currency string) catalog.Remote {
	slices.SortFunc(variations, func(a, b product) int { return int(a.ID - b.ID) })
	r := catalog.Remote{
		ExternalID: listingID(p.ID),
		URL:        p.Permalink,
		Title:      html.UnescapeString(p.Name),
		Media:      mediaFingerprint(p),
		Variants:   []catalog.VariantSnapshot{},
	}
	r.State, r.Issues = stateOf(p)
	if at, err := parseTime(p.DateModifiedGMT); err == nil {
		r.UpdatedAt = at
	}
	if whole || p.Type != typeVariable {
		r.Content = contentFingerprint(p, variations)
	}
	add := func(v product, id catalog.ExternalID) {
		snapshot := catalog.VariantSnapshot{SKU: catalog.SKU(v.SKU), ExternalID: id}
		if bool(v.ManageStock) && v.StockQuantity.value != nil {
			snapshot.Quantity = v.StockQuantity.value
		}
		if currency != "" {
			price, err := priceOf(v, currency)
			if err != nil {
				r.Issues = append(r.Issues, catalog.Issue{
					Code: "price_unreadable", Severity: catalog.SeverityWarning, Field: "price", SKU: snapshot.SKU,
					Message: catalog.Text{
						VI: "Giá trong cửa hàng không đọc được: mở sản phẩm trong cửa hàng và nhập lại giá.",
						EN: "The price in the shop cannot be read: open the product there and enter it again."},
				})
			}
			snapshot.Price = price
		}
		r.Variants = append(r.Variants, snapshot)
	}
	if p.Type == typeVariable {
		for _, v := range variations {
			add(v, variantID(p.ID, v.ID))
		}
	} else {
		add(p, listingID(p.ID))
	}
	slices.SortStableFunc(r.Variants, func(a, b catalog.VariantSnapshot) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	return r
}

const (
	typeSimple   = "simple"
	typeVariable = "variable"
)

// The product statuses that we name.
const (
	statusPublish = "publish"
	statusDraft   = "draft"
	statusPending = "pending"
	statusTrash   = "trash"
	hidden        = "hidden" // catalog_visibility
)

// stateOf is whether a buyer can find and buy a product. Being sold out is not
// part of it: the quantity tells that.
func stateOf(p product) (catalog.State, []catalog.Issue) {
	warn := func(code, vi, en string) []catalog.Issue {
		return []catalog.Issue{{Code: code, Severity: catalog.SeverityWarning, Field: "state", Message: catalog.Text{VI: vi, EN: en}}}
	}
	switch {
	case p.Status == statusTrash:
		return catalog.StateGone, nil
	case p.Status == statusPending:
		return catalog.StateReview, nil
	case p.Status != statusPublish:
		return catalog.StateStopped, nil
	case p.CatalogVisibility == hidden:
		return catalog.StateStopped, warn("hidden",
			"Sản phẩm bị ẩn khỏi danh mục của cửa hàng: mở bán lại để hiện.",
			"The product is hidden from the shop's catalog: resume it to show it.")
	case p.Price == "":
		return catalog.StateStopped, warn("no_price",
			"Sản phẩm chưa có giá trong cửa hàng nên không mua được.",
			"The product has no price in the shop, so it cannot be bought.")
	}
	return catalog.StateLive, nil
}

// priceOf reads the price that a buyer sees; nil is no price. A sale price that
// is not on (its dates) is not shown.
func priceOf(p product, currency string) (*catalog.Price, error) {
	if p.RegularPrice == "" {
		return nil, nil
	}
	regular, err := amount(p.RegularPrice, currency)
	if err != nil {
		return nil, err
	}
	price := catalog.Price{List: regular}
	if p.SalePrice != "" && p.OnSale {
		sale, err := amount(p.SalePrice, currency)
		if err != nil {
			return nil, err
		}
		price.Sale = &sale
	}
	return &price, nil
}

// amount reads an amount. The shop stores decimals that its currency does not
// have ("185000.50" dong) and shows them rounded half up, and so do we.
func amount(text, currency string) (catalog.Money, error) {
	m, err := catalog.ParseMoney(text, currency)
	if !errors.Is(err, catalog.ErrMoneyPrecision) {
		return m, err
	}
	digits, _ := catalog.Exponent(currency)
	exact, err := decimal.NewFromString(text)
	if err != nil {
		return catalog.Money{}, err
	}
	return catalog.ParseMoney(exact.Round(int32(digits)).String(), currency)
}

// contentFingerprint is a hash of the content as the shop shows it. It is made
// by the same rule of reads and of answers to writes.
func contentFingerprint(p product, variations []product) string {
	type variation struct {
		ID         int64
		SKU, GTIN  string
		Weight     string
		Dimensions dimensions
		Attributes []attribute
	}
	shown := struct {
		Name, Description, Short, GTIN, Weight string
		Dimensions                             dimensions
		Categories                             []int64
		Attributes                             []attribute
		Variations                             []variation
	}{
		Name: p.Name, Description: p.Description, Short: p.ShortDescription, GTIN: p.GTIN, Weight: p.Weight,
		Dimensions: p.Dimensions, Attributes: p.Attributes,
	}
	for _, c := range p.Categories {
		shown.Categories = append(shown.Categories, c.ID)
	}
	slices.Sort(shown.Categories)
	for _, v := range variations {
		shown.Variations = append(shown.Variations, variation{v.ID, v.SKU, v.GTIN, v.Weight, v.Dimensions, v.Attributes})
	}
	return fingerprint(shown)
}

// mediaFingerprint is a hash of the gallery's pictures in their order, "" for
// a variation, which has none.
func mediaFingerprint(p product) string {
	ids := make([]int64, len(p.Images))
	for i, picture := range p.Images {
		ids[i] = picture.ID
	}
	return fingerprint(ids)
}

func fingerprint(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "" // cannot be: structs of texts and numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// paragraphs makes HTML of plain text: blank lines part paragraphs, line ends
// break lines. Brackets are escaped because WordPress would run [shortcodes].
func paragraphs(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	escaper := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "[", "&#91;", "]", "&#93;")
	var b strings.Builder
	for part := range strings.SplitSeq(text, "\n\n") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		b.WriteString("<p>" + strings.ReplaceAll(escaper.Replace(printable(part)), "\n", "<br />\n") + "</p>\n")
	}
	return strings.TrimSpace(b.String())
}

// safeText is a one-line text that cannot become markup.
func safeText(text string) string {
	return strings.NewReplacer("<", "&lt;", ">", "&gt;", "\n", " ").Replace(printable(text))
}

// printable drops control characters, which break the shop's pages and feeds.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
}

// plainText makes one line of a text of the shop that may hold HTML.
func plainText(text string) string {
	var b strings.Builder
	inTag := false
	for _, r := range text {
		switch {
		case r == '<':
			inTag = true
		case r == '>' && inTag:
			inTag = false
			b.WriteByte(' ')
		case !inTag:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
}

// shifted writes n × 10^-digits without trailing zeros: 500 g are "0.5" kg.
func shifted(n int64, digits int32) string { return decimal.New(n, -digits).String() }

// parseTime reads a *_gmt time, which has no zone letter.
func parseTime(text string) (time.Time, error) {
	return time.ParseInLocation("2006-01-02T15:04:05", strings.TrimSuffix(text, "Z"), time.UTC)
}

// clip shortens a text that goes into an error.
func clip(text string) string {
	const most = 300
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func lowerFirst(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(r)) + text[size:]
}
