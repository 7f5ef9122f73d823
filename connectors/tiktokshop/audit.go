package tiktokshop

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
)

// The limits of products in Vietnam.
const (
	minTitle, maxTitle = 25, 255
	maxDescription     = 10000
	maxOptions         = 3
	maxOptionName      = 20
	maxOptionValue     = 50
	maxSKULength       = 50
)

// Audit tells what the platform would refuse, or change without saying so. What
// a category asks for is checked when publishing, because it has to be read.
func (s *shop) Audit(offer catalog.Offer) []catalog.Issue {
	a := auditor{offer: &offer}
	a.texts()
	a.place()
	a.options()
	for i := range offer.Variants {
		a.variant(&offer.Variants[i])
	}
	return a.issues
}

type auditor struct {
	offer  *catalog.Offer
	issues []catalog.Issue
}

func (a *auditor) refuse(code, field string, sku catalog.SKU, vi, en string) {
	a.issues = append(a.issues, issue(code, field, sku, vi, en))
}

func (a *auditor) warn(code, field string, sku catalog.SKU, vi, en string) {
	a.refuse(code, field, sku, vi, en)
	a.issues[len(a.issues)-1].Severity = catalog.SeverityWarning
}

var escape = regexp.MustCompile(`&(#[0-9]+|#x[0-9a-fA-F]+|[a-zA-Z]+);`)

func (a *auditor) texts() {
	title := a.offer.Title
	switch n := utf8.RuneCountInString(title); {
	case strings.TrimSpace(title) == "":
		a.refuse("title_empty", "title", "", "Sản phẩm chưa có tên.", "The product has no title.")
	case n < minTitle:
		a.refuse("title_short", "title", "",
			fmt.Sprintf("Tên dài %d ký tự, TikTok Shop cần ít nhất %d: thêm nơi làm ra, khối lượng, hoặc đặt mẫu title cho kênh.", n, minTitle),
			fmt.Sprintf("The title has %d characters, TikTok Shop wants %d at least: add origin and net content, or set the channel's title template.", n, minTitle))
	case n > maxTitle:
		a.refuse("title_long", "title", "", fmt.Sprintf("Tên dài %d ký tự, tối đa %d: rút ngắn.", n, maxTitle),
			fmt.Sprintf("The title has %d characters, %d at most: shorten it.", n, maxTitle))
	}
	switch {
	case len(title) > 10*maxTitle: // said already
	case strings.ContainsFunc(title, isHan):
		a.refuse("title_han", "title", "", "Tên có chữ Hán: bỏ chữ Hán.", "The title has Chinese characters: remove them.")
	case strings.ContainsFunc(title, isEmoji) || strings.ContainsFunc(title, unicode.IsControl):
		a.refuse("title_emoji", "title", "", "Tên có biểu tượng cảm xúc hoặc ký tự điều khiển: bỏ đi.", "The title has emojis or control characters: remove them.")
	case strings.ContainsAny(title, "<>") || escape.MatchString(title):
		a.refuse("title_html", "title", "", "Tên có dấu < hoặc > hoặc mã HTML: bỏ đi.", "The title has < or > or HTML codes: remove them.")
	case repeats(title):
		a.refuse("title_repeats", "title", "", "Tên có một ký tự lặp quá chín lần: sửa tên.", "The title repeats a character more than nine times: change it.")
	}
	html := descriptionHTML(a.offer)
	switch n := utf8.RuneCountInString(html); {
	case n > maxDescription:
		a.refuse("description_long", "description", "", fmt.Sprintf("Mô tả dài %d ký tự, tối đa %d: rút ngắn.", n, maxDescription),
			fmt.Sprintf("The description has %d characters, %d at most: shorten it.", n, maxDescription))
	case strings.ContainsFunc(html, isHan):
		a.refuse("description_han", "description", "", "Mô tả có chữ Hán: bỏ chữ Hán.", "The description has Chinese characters: remove them.")
	case repeats(html):
		a.refuse("description_repeats", "description", "", "Mô tả có một ký tự lặp quá chín lần: sửa mô tả.", "The description repeats a character more than nine times: change it.")
	case strings.ContainsFunc(a.offer.Description, isEmoji):
		a.warn("description_emoji", "description", "", "Mô tả có biểu tượng cảm xúc, TikTok Shop không nhận nên sẽ bị bỏ.", "The description has emojis, which TikTok Shop does not take; they are left out.")
	}
}

// repeats tells that a character comes more than nine times in a row.
func repeats(text string) bool {
	n, last := 0, rune(-1)
	for _, r := range text {
		if r != last {
			n, last = 0, r
		}
		if n++; n > 9 {
			return true
		}
	}
	return false
}

func (a *auditor) place() {
	switch {
	case a.offer.Category == "":
		a.refuse("category_missing", "category", "", "Danh mục của sản phẩm chưa được gắn với danh mục TikTok Shop: gắn trong phần categories của kênh.",
			"The product's category is not mapped to one of TikTok Shop: map it in the channel's categories.")
	case !isID(catalog.ExternalID(a.offer.Category)):
		a.refuse("category_invalid", "category", "", fmt.Sprintf("Danh mục %q không phải là số của danh mục TikTok Shop.", clip(a.offer.Category, 30)),
			fmt.Sprintf("Category %q is not the number of a category of TikTok Shop.", clip(a.offer.Category, 30)))
	}
	switch {
	case len(a.offer.Images) == 0:
		a.refuse("no_images", "images", "", "Sản phẩm cần ít nhất một ảnh.", "The product needs a picture.")
	case len(a.offer.Images) > maxImages:
		a.warn("many_images", "images", "", fmt.Sprintf("TikTok Shop chỉ nhận %d ảnh: các ảnh sau bị bỏ.", maxImages),
			fmt.Sprintf("TikTok Shop takes %d pictures: the others are left out.", maxImages))
	}
	if grams, _ := parcel(a.offer); grams <= 0 && len(a.offer.Variants) > 0 {
		a.refuse("weight_missing", "weight", "", "Sản phẩm chưa có cân nặng đóng gói.", "The product has no packed weight.")
	}
}

func (a *auditor) options() {
	o := a.offer
	switch {
	case len(o.Variants) == 0:
		a.refuse("no_variants", "variants", "", "Sản phẩm không có phân loại nào để bán.", "The product has no variant to sell.")
	case len(o.Variants) > maxSKUs:
		a.refuse("many_variants", "variants", "", fmt.Sprintf("Sản phẩm có %d phân loại, tối đa %d: tách thành nhiều sản phẩm.", len(o.Variants), maxSKUs),
			fmt.Sprintf("The product has %d variants, %d at most: split it.", len(o.Variants), maxSKUs))
	case len(o.Options) == 0 && len(o.Variants) > 1:
		a.refuse("no_options", "options", "", "Sản phẩm có nhiều phân loại nhưng chưa nói chúng khác nhau ở đâu (ví dụ Khối lượng).",
			"The product has several variants but no option that tells them apart (for example weight).")
	case len(o.Options) > maxOptions:
		a.refuse("many_options", "options", "", fmt.Sprintf("TikTok Shop chỉ nhận %d kiểu phân loại.", maxOptions), fmt.Sprintf("TikTok Shop takes %d options at most.", maxOptions))
	}
	for i, name := range o.Options {
		n := utf8.RuneCountInString(name)
		twice := slices.ContainsFunc(o.Options[:i], func(other string) bool { return catalog.Fold(other) == catalog.Fold(name) })
		if strings.TrimSpace(name) == "" || n > maxOptionName || twice {
			a.refuse("option_name", "options", "", fmt.Sprintf("Tên phân loại %q trống, bị lặp hoặc dài quá %d ký tự.", clip(name, 40), maxOptionName),
				fmt.Sprintf("The option's name %q is empty, comes twice or has more than %d characters.", clip(name, 40), maxOptionName))
		}
	}
	combinations := map[string]catalog.SKU{}
	skus := map[catalog.SKU]bool{}
	for _, v := range o.Variants {
		field := "variants[" + string(v.SKU) + "].options"
		if skus[v.SKU] {
			a.refuse("sku_twice", "sku", v.SKU, fmt.Sprintf("Mã SKU %s bị lặp trong sản phẩm.", clip(string(v.SKU), 60)), fmt.Sprintf("SKU %s comes twice in the product.", clip(string(v.SKU), 60)))
		}
		skus[v.SKU] = true
		bad := func(value string) bool {
			return strings.TrimSpace(value) == "" || utf8.RuneCountInString(value) > maxOptionValue
		}
		if len(v.Options) != len(o.Options) || slices.ContainsFunc(v.Options, bad) {
			a.refuse("option_value", field, v.SKU, fmt.Sprintf("Phân loại %s thiếu giá trị, hoặc giá trị dài quá %d ký tự.", clip(string(v.SKU), 60), maxOptionValue),
				fmt.Sprintf("Variant %s lacks a value of an option, or one has more than %d characters.", clip(string(v.SKU), 60), maxOptionValue))
			continue
		}
		key := strings.Join(v.Options, "\x00")
		if other, taken := combinations[key]; taken && len(o.Options) > 0 {
			a.refuse("option_twice", field, v.SKU, fmt.Sprintf("Phân loại %s và %s có cùng giá trị.", clip(string(other), 60), clip(string(v.SKU), 60)),
				fmt.Sprintf("Variants %s and %s have the same values.", clip(string(other), 60), clip(string(v.SKU), 60)))
		}
		combinations[key] = v.SKU
	}
}

func (a *auditor) variant(v *catalog.OfferVariant) {
	name := clip(string(v.SKU), 60)
	if v.SKU == "" || utf8.RuneCountInString(string(v.SKU)) > maxSKULength || strings.ContainsFunc(string(v.SKU), unicode.IsSpace) {
		a.refuse("sku_invalid", "sku", v.SKU, fmt.Sprintf("Mã SKU %q không dùng được ở TikTok Shop: 1 đến %d ký tự, không có khoảng trắng.", name, maxSKULength),
			fmt.Sprintf("SKU %q cannot be used on TikTok Shop: 1 to %d characters without blanks.", name, maxSKULength))
	}
	if found, wrong := wrongPrice(v.SKU, v.Price); wrong {
		a.issues = append(a.issues, found)
	}
	field := "variants[" + string(v.SKU) + "].quantity"
	switch {
	case v.Quantity < 0:
		a.refuse("quantity", field, v.SKU, fmt.Sprintf("Số lượng của %s là số âm.", name), fmt.Sprintf("The quantity of %s is negative.", name))
	case v.Quantity > maxQuantity:
		a.warn("quantity_large", field, v.SKU, fmt.Sprintf("Số lượng của %s quá lớn, TikTok Shop chỉ hiện %d: đặt mức trần stock.cap cho kênh.", name, maxQuantity),
			fmt.Sprintf("The quantity of %s is too large, TikTok Shop shows %d: set a cap in the channel's stock rule.", name, maxQuantity))
	}
}

// wrongPrice refuses what is no price in this market.
func wrongPrice(sku catalog.SKU, p catalog.Price) (catalog.Issue, bool) {
	field, name := "variants["+string(sku)+"].price", clip(string(sku), 60)
	switch {
	case p.List.Currency != currency || p.Sale != nil && p.Sale.Currency != currency:
		return issue("currency", field, sku, fmt.Sprintf("Giá của %s không phải tiền đồng.", name), fmt.Sprintf("The price of %s is not in dong.", name)), true
	case p.List.Amount <= 0 || p.Sale != nil && p.Sale.Amount <= 0:
		return issue("price", field, sku, fmt.Sprintf("Giá của %s phải lớn hơn không.", name), fmt.Sprintf("The price of %s must be above zero.", name)), true
	case p.Sale != nil && p.Sale.Amount >= p.List.Amount:
		return issue("sale_price", field, sku, fmt.Sprintf("Giá khuyến mãi của %s phải thấp hơn giá gốc.", name), fmt.Sprintf("The sale price of %s must be below its list price.", name)), true
	}
	return catalog.Issue{}, false
}
