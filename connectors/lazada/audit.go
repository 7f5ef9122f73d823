package lazada

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
)

// Limits of a product, from the API reference and the guide "Create product"
// (read 2026-04).
const (
	mostTitle       = 255
	mostDescription = 25000 // characters of HTML
	mostImages      = 8
	mostSKUs        = 50
	mostOptions     = 2
	mostOptionName  = 15
	mostOptionValue = 20
	mostWeight      = 40_000 // grams
	mostSides       = 3_000  // millimeters, the three together
	mostSKU         = 200    // bytes
)

// forbidden are characters that names must not have (4129).
const forbidden = "^~<>|"

// Audit tells what the platform would refuse, as far as that can be known
// without asking it: what a category requires is checked when publishing.
func (s *shop) Audit(offer catalog.Offer) []catalog.Issue {
	a := auditor{shop: s, offer: &offer}
	a.texts()
	a.options()
	for i := range offer.Variants {
		a.variant(&offer.Variants[i])
	}
	a.images()
	return a.issues
}

type auditor struct {
	shop   *shop
	offer  *catalog.Offer
	issues []catalog.Issue
}

func (a *auditor) refuse(code, field string, sku catalog.SKU, vi, en string) {
	a.issues = append(a.issues, *newIssue(code, field, sku, vi, en))
}

func (a *auditor) texts() {
	title, options := a.offer.Title, a.shop.options
	length := len(title)
	if options.TitleLimit == "characters" {
		length = utf8.RuneCountInString(title)
	}
	bad := forbidden
	if !options.AllowQuotes {
		bad += `"`
	}
	switch {
	case strings.TrimSpace(title) == "":
		a.refuse("title_empty", "title", "", "Sản phẩm chưa có tên.", "The product has no title.")
	case length > mostTitle:
		a.refuse("title_too_long", "title", "",
			fmt.Sprintf("Tên dài %d ký tự (%d byte), Lazada chỉ nhận 255 %s: rút ngắn tên.", utf8.RuneCountInString(title), len(title), map[bool]string{true: "ký tự", false: "byte"}[options.TitleLimit == "characters"]),
			fmt.Sprintf("The title has %d characters (%d bytes), Lazada takes 255 %s: shorten it.", utf8.RuneCountInString(title), len(title), options.TitleLimit))
	case strings.ContainsAny(title, bad) || strings.ContainsFunc(title, unicode.IsControl) || title != strings.TrimSpace(title):
		a.refuse("title_characters", "title", "",
			"Tên có ký tự Lazada không nhận: bỏ các ký tự "+bad+" và khoảng trắng ở hai đầu.",
			"The title has characters that Lazada does not take: remove "+bad+" and blanks around it.")
	}
	if n := utf8.RuneCountInString(a.offer.Description); n > mostDescription/2 && utf8.RuneCountInString(paragraphs(a.offer.Description)) > mostDescription {
		a.refuse("description_too_long", "description", "",
			fmt.Sprintf("Mô tả dài %d ký tự, Lazada chỉ nhận %d kể cả thẻ HTML: rút ngắn.", n, mostDescription),
			fmt.Sprintf("The description has %d characters, Lazada takes %d with its HTML: shorten it.", n, mostDescription))
	}
	if a.offer.Category == "" {
		a.refuse("category_unmapped", "category", "", "Danh mục của sản phẩm chưa được ghép với danh mục Lazada: thêm vào categories của kênh.",
			"The product's category is not mapped to one of Lazada: add it to the channel's categories.")
	} else if id, err := strconv.ParseInt(a.offer.Category, 10, 64); err != nil || id <= 0 {
		a.refuse("category_invalid", "category", "",
			fmt.Sprintf("Danh mục %q không phải là số danh mục của Lazada: xem danh sách danh mục của kênh.", clip(a.offer.Category)),
			fmt.Sprintf("Category %q is not the number of a category of Lazada: see the channel's categories.", clip(a.offer.Category)))
	}
}

func (a *auditor) options() {
	offer := a.offer
	switch {
	case len(offer.Variants) == 0:
		a.refuse("no_variants", "variants", "", "Sản phẩm không có biến thể nào để bán.", "The product has no variant to sell.")
	case len(offer.Variants) > mostSKUs:
		a.refuse("many_variants", "variants", "",
			fmt.Sprintf("Sản phẩm có %d biến thể, Lazada chỉ nhận %d: tách thành nhiều sản phẩm.", len(offer.Variants), mostSKUs),
			fmt.Sprintf("The product has %d variants, Lazada takes %d: split it.", len(offer.Variants), mostSKUs))
	case len(offer.Options) == 0 && len(offer.Variants) > 1:
		a.refuse("no_options", "options", "", "Sản phẩm có nhiều biến thể nhưng chưa có tùy chọn phân biệt (ví dụ Khối lượng).",
			"The product has several variants but no option that tells them apart (for example weight).")
	case len(offer.Options) > mostOptions:
		a.refuse("many_options", "options", "",
			fmt.Sprintf("Sản phẩm có %d tùy chọn, Lazada chỉ nhận %d: gộp lại.", len(offer.Options), mostOptions),
			fmt.Sprintf("The product has %d options, Lazada takes %d: merge them.", len(offer.Options), mostOptions))
	}
	for i, name := range offer.Options {
		twice := slices.ContainsFunc(offer.Options[:i], func(other string) bool { return strings.EqualFold(other, name) })
		if n := utf8.RuneCountInString(name); strings.TrimSpace(name) == "" || n > mostOptionName || twice {
			a.refuse("option_name", "options", "",
				fmt.Sprintf("Tên tùy chọn %q trống, bị lặp hoặc dài quá %d ký tự.", clip(name), mostOptionName),
				fmt.Sprintf("Option name %q is empty, comes twice or is longer than %d characters.", clip(name), mostOptionName))
		}
	}
	seen := map[string]catalog.SKU{}
	skus := map[catalog.SKU]bool{}
	for _, v := range offer.Variants {
		field := "variants[" + clip(string(v.SKU)) + "].options"
		if skus[v.SKU] {
			a.refuse("sku_twice", "sku", v.SKU, fmt.Sprintf("Mã SKU %q bị lặp trong sản phẩm.", clip(string(v.SKU))), fmt.Sprintf("SKU %q comes twice in the product.", clip(string(v.SKU))))
		}
		skus[v.SKU] = true
		wrong := func(value string) bool {
			return strings.TrimSpace(value) == "" || utf8.RuneCountInString(value) > mostOptionValue
		}
		if len(v.Options) != len(offer.Options) || slices.ContainsFunc(v.Options, wrong) {
			a.refuse("option_value", field, v.SKU,
				fmt.Sprintf("Biến thể thiếu giá trị tùy chọn, hoặc giá trị dài quá %d ký tự.", mostOptionValue),
				fmt.Sprintf("The variant lacks a value of an option, or one is longer than %d characters.", mostOptionValue))
			continue
		}
		key := strings.ToLower(strings.Join(v.Options, "\x00"))
		if _, taken := seen[key]; taken && len(offer.Options) > 0 {
			a.refuse("option_twice", field, v.SKU, "Hai biến thể có cùng giá trị tùy chọn.", "Two variants have the same option values.")
		}
		seen[key] = v.SKU
	}
}

func (a *auditor) variant(v *catalog.OfferVariant) {
	sku := string(v.SKU)
	field := func(part string) string { return "variants[" + clip(sku) + "]." + part }
	if sku == "" || len(sku) > mostSKU || sku != strings.TrimSpace(sku) || strings.ContainsFunc(sku, unicode.IsControl) {
		a.refuse("sku_invalid", "sku", v.SKU, fmt.Sprintf("Mã SKU %q không dùng được: cần 1 đến %d ký tự.", clip(sku), mostSKU),
			fmt.Sprintf("SKU %q cannot be used: it needs 1 to %d characters.", clip(sku), mostSKU))
	}
	if issue := a.shop.wrongPrice(v.SKU, v.Price); issue != nil {
		issue.Field = field("price")
		a.issues = append(a.issues, *issue)
	}
	if v.Quantity < 0 {
		a.refuse("quantity", field("quantity"), v.SKU, "Số lượng là số âm.", "The quantity is negative.")
	}
	switch p := a.shop.parcel(*v); {
	case p.Weight <= 0 || p.Length <= 0 || p.Width <= 0 || p.Height <= 0:
		a.refuse("parcel_missing", field("weight"), v.SKU,
			"Chưa có cân nặng hoặc kích thước kiện hàng: nhập cho sản phẩm, hoặc đặt package cho kênh.",
			"Weight or dimensions of the parcel are missing: enter them for the product, or set the channel's package.")
	case p.Weight > mostWeight || p.Length+p.Width+p.Height > mostSides:
		a.refuse("parcel_too_large", field("weight"), v.SKU, codes["4164"].cause.VI+" "+codes["4164"].todo.VI, codes["4164"].cause.EN+" "+codes["4164"].todo.EN)
	}
}

// wrongPrice tells what is wrong with a price, nil when nothing is.
func (s *shop) wrongPrice(sku catalog.SKU, price catalog.Price) *catalog.Issue {
	switch {
	case price.List.Currency != s.currency || price.Sale != nil && price.Sale.Currency != s.currency:
		return newIssue("currency", "price", sku, fmt.Sprintf("Giá phải bằng %s.", s.currency), fmt.Sprintf("The price must be in %s.", s.currency))
	case price.List.Amount <= 0 || price.Sale != nil && price.Sale.Amount <= 0:
		return newIssue("price_missing", "price", sku, "Giá phải lớn hơn 0.", "The price must be above zero.")
	case price.Sale != nil && price.Sale.Amount >= price.List.Amount:
		return newIssue("4157", "price", sku, codes["4157"].cause.VI+" "+codes["4157"].todo.VI, codes["4157"].cause.EN+" "+codes["4157"].todo.EN)
	}
	return nil
}

func (a *auditor) images() {
	switch n := len(a.offer.Images); {
	case n == 0:
		a.refuse("no_images", "images", "", "Sản phẩm chưa có ảnh: Lazada cần ít nhất một.", "The product has no picture: Lazada wants one at least.")
	case n > mostImages:
		issue := newIssue("many_images", "images", "", fmt.Sprintf("Sản phẩm có %d ảnh, chỉ đăng %d ảnh đầu.", n, mostImages), fmt.Sprintf("The product has %d pictures, only the first %d are shown.", n, mostImages))
		issue.Severity = catalog.SeverityWarning
		a.issues = append(a.issues, *issue)
	}
}
