package shopee

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
)

// maxSKU is the longest SKU in characters.
const maxSKU = 100

// defaultLimits hold where a category tells none: those of the platform's
// documents, and of the options.
func (s *shop) defaultLimits() limits {
	return limits{
		Title: between{10, dong(s.options.TitleMax)}, Description: between{10, dong(s.options.DescriptionMax)},
		Images: between{1, maxImages}, OptionName: between{1, 14}, OptionValue: between{1, 20},
	}
}

// Audit tells what the platform would refuse. Categories may be stricter in
// lengths and ask for attributes: that is found when an item is published,
// before anything is sent.
func (s *shop) Audit(offer catalog.Offer) []catalog.Issue {
	a := auditor{offer: &offer}
	if id, err := strconv.ParseInt(offer.Category, 10, 64); err != nil || id <= 0 {
		a.issues = append(a.issues, categoryMissing())
	}
	if len(offer.Images) == 0 {
		a.issues = append(a.issues, noImages())
	}
	a.options()
	for _, v := range offer.Variants {
		a.variant(v)
	}
	a.spread(s.options.PriceSpread)
	return append(a.issues, s.check(&offer, s.defaultLimits())...)
}

func categoryMissing() catalog.Issue {
	return catalog.Issue{Code: "category_missing", Severity: catalog.SeverityError, Field: "category", Message: catalog.Text{
		VI: "Sản phẩm chưa gắn với danh mục nào của Shopee: chọn danh mục trong mục categories của kênh.",
		EN: "The product is not mapped to a category of Shopee: choose one in the channel's categories.",
	}}
}

func noImages() catalog.Issue {
	return catalog.Issue{Code: "no_images", Severity: catalog.SeverityError, Field: "images", Message: catalog.Text{
		VI: "Shopee bắt buộc có ít nhất một ảnh JPG hoặc PNG: thêm ảnh cho sản phẩm.",
		EN: "Shopee needs at least one JPG or PNG picture: add one to the product.",
	}}
}

// check compares an offer with limits; those that are not told are the default.
func (s *shop) check(offer *catalog.Offer, told limits) []catalog.Issue {
	a := auditor{offer: offer}
	fallback := s.defaultLimits()
	title := utf8.RuneCountInString(strings.TrimSpace(offer.Title))
	a.length("title", "title", title, told.Title.or(fallback.Title), catalog.Text{VI: "Tên sản phẩm", EN: "The title"})
	text := utf8.RuneCountInString(description(offer))
	a.length("description", "description", text, told.Description.or(fallback.Description), catalog.Text{VI: "Mô tả", EN: "The description"})
	names, values := told.OptionName.or(fallback.OptionName), told.OptionValue.or(fallback.OptionValue)
	for i, name := range offer.Options {
		a.length("option_name", "options", utf8.RuneCountInString(name), names,
			catalog.Text{VI: fmt.Sprintf("Tên phân loại %q", clip(name, 40)), EN: fmt.Sprintf("The option name %q", clip(name, 40))})
		seen := map[string]bool{}
		for _, v := range offer.Variants {
			if i < len(v.Options) && !seen[v.Options[i]] {
				seen[v.Options[i]] = true
				a.length("option_value", "options", utf8.RuneCountInString(v.Options[i]), values,
					catalog.Text{VI: fmt.Sprintf("Giá trị phân loại %q", clip(v.Options[i], 40)), EN: fmt.Sprintf("The option value %q", clip(v.Options[i], 40))})
			}
		}
	}
	if most := told.Images.or(fallback.Images).Max; len(offer.Images) > int(most) {
		a.add(catalog.SeverityWarning, "many_images", "images", "",
			fmt.Sprintf("Shopee nhận tối đa %d ảnh, các ảnh sau sẽ không được đăng.", most),
			fmt.Sprintf("Shopee takes %d pictures at most, those after are left out.", most))
	}
	for _, v := range offer.Variants {
		if low, high := int64(told.Price.Min), int64(told.Price.Max); low > 0 && v.Price.List.Amount < low || high > 0 && v.Price.List.Amount > high {
			a.refuse("price_limit", "variants["+clip(string(v.SKU), 60)+"].price", v.SKU,
				fmt.Sprintf("Giá %s nằm ngoài mức Shopee cho phép (%s đến %s).", v.Price.List, catalog.VND(low), catalog.VND(high)),
				fmt.Sprintf("The price %s is outside of what Shopee allows (%s to %s).", v.Price.List, catalog.VND(low), catalog.VND(high)))
		}
		if told.Dimension.Mandatory && box(v.Dimensions) == nil {
			a.refuse("dimensions", "variants["+clip(string(v.SKU), 60)+"].dimensions", v.SKU,
				"Danh mục này bắt buộc có kích thước gói hàng: nhập dài, rộng, cao.",
				"The category asks for the size of the parcel: enter length, width and height.")
		}
	}
	return a.issues
}

// or completes limits that were not told.
func (b between) or(fallback between) between {
	if b.Max <= 0 {
		return fallback
	}
	return b
}

type auditor struct {
	offer  *catalog.Offer
	issues []catalog.Issue
}

func (a *auditor) add(severity, code, field string, sku catalog.SKU, vi, en string) {
	a.issues = append(a.issues, catalog.Issue{
		Code: code, Severity: severity, Field: field, SKU: sku, Message: catalog.Text{VI: vi, EN: en},
	})
}

func (a *auditor) refuse(code, field string, sku catalog.SKU, vi, en string) {
	a.add(catalog.SeverityError, code, field, sku, vi, en)
}

func (a *auditor) length(code, field string, n int, b between, what catalog.Text) {
	switch {
	case n < int(b.Min):
		a.refuse(code+"_short", field, "", fmt.Sprintf("%s có %d ký tự, Shopee cần ít nhất %d: viết đầy đủ hơn.", what.VI, n, b.Min),
			fmt.Sprintf("%s has %d characters, Shopee needs at least %d: write more.", what.EN, n, b.Min))
	case n > int(b.Max):
		a.refuse(code+"_long", field, "", fmt.Sprintf("%s có %d ký tự, Shopee chỉ nhận tối đa %d: rút ngắn lại.", what.VI, n, b.Max),
			fmt.Sprintf("%s has %d characters, Shopee takes at most %d: shorten it.", what.EN, n, b.Max))
	}
}

func (a *auditor) options() {
	offer := a.offer
	switch {
	case len(offer.Variants) == 0:
		a.refuse("no_variants", "variants", "", "Sản phẩm không có biến thể nào để bán.", "The product has no variant to sell.")
	case len(offer.Variants) > maxModels:
		a.refuse("many_variants", "variants", "",
			fmt.Sprintf("Sản phẩm có %d biến thể, Shopee nhận tối đa %d: tách thành nhiều sản phẩm.", len(offer.Variants), maxModels),
			fmt.Sprintf("The product has %d variants, Shopee takes %d at most: split it.", len(offer.Variants), maxModels))
	case len(offer.Options) > 2:
		a.refuse("many_options", "options", "",
			fmt.Sprintf("Sản phẩm có %d nhóm phân loại, Shopee nhận tối đa 2: gộp bớt.", len(offer.Options)),
			fmt.Sprintf("The product has %d options, Shopee takes 2 at most: merge some.", len(offer.Options)))
	case len(offer.Options) == 0 && len(offer.Variants) > 1:
		a.refuse("no_options", "options", "",
			"Sản phẩm có nhiều biến thể nhưng chưa có nhóm phân loại (ví dụ Khối lượng).",
			"The product has several variants but no option that tells them apart (for example weight).")
	}
	places, skus := map[string]catalog.SKU{}, map[catalog.SKU]bool{}
	for _, v := range offer.Variants {
		sku := clip(string(v.SKU), 60)
		if skus[v.SKU] {
			a.refuse("sku_twice", "sku", v.SKU, fmt.Sprintf("Mã SKU %s bị lặp trong sản phẩm.", sku), fmt.Sprintf("SKU %s comes twice in the product.", sku))
		}
		skus[v.SKU] = true
		if len(v.Options) != len(offer.Options) || slices.ContainsFunc(v.Options, func(value string) bool { return strings.TrimSpace(value) == "" }) {
			a.refuse("option_missing", "variants["+sku+"].options", v.SKU,
				fmt.Sprintf("Biến thể %s thiếu giá trị phân loại.", sku), fmt.Sprintf("Variant %s lacks a value of an option.", sku))
			continue
		}
		place := strings.Join(v.Options, "\x00")
		if other, taken := places[place]; taken && len(offer.Options) > 0 {
			a.refuse("option_twice", "variants["+sku+"].options", v.SKU,
				fmt.Sprintf("Biến thể %s và %s có cùng giá trị phân loại.", clip(string(other), 60), sku),
				fmt.Sprintf("Variants %s and %s have the same option values.", clip(string(other), 60), sku))
		}
		places[place] = v.SKU
	}
}

func (a *auditor) variant(v catalog.OfferVariant) {
	sku := clip(string(v.SKU), 60)
	field := "variants[" + sku + "]"
	if v.SKU == "" || utf8.RuneCountInString(string(v.SKU)) > maxSKU || strings.TrimSpace(string(v.SKU)) != string(v.SKU) {
		a.refuse("sku_invalid", "sku", v.SKU, fmt.Sprintf("Mã SKU %q không dùng được: từ 1 đến %d ký tự, không có khoảng trắng ở đầu và cuối.", sku, maxSKU),
			fmt.Sprintf("SKU %q cannot be used: 1 to %d characters, without blanks around it.", sku, maxSKU))
	}
	if issue, wrong := wrongPrice(v.SKU, v.Price); wrong {
		a.issues = append(a.issues, issue)
	}
	if v.Quantity < 0 {
		a.refuse("quantity", field+".quantity", v.SKU, fmt.Sprintf("Số lượng của %s là số âm.", sku), fmt.Sprintf("The quantity of %s is negative.", sku))
	}
	if v.Weight <= 0 {
		a.refuse("weight", field+".weight", v.SKU, fmt.Sprintf("Biến thể %s chưa có khối lượng cả bao bì, Shopee bắt buộc có để tính phí vận chuyển.", sku),
			fmt.Sprintf("Variant %s has no weight with packaging, which Shopee needs to compute shipping.", sku))
	}
}

// spread warns of prices far apart: Shopee's guide allows five times in
// Vietnam; whether it is enforced is not known.
func (a *auditor) spread(most int64) {
	if most == 0 || len(a.offer.Variants) < 2 {
		return
	}
	low, high := a.offer.Variants[0].Price.List.Amount, int64(0)
	for _, v := range a.offer.Variants {
		low, high = min(low, v.Price.List.Amount), max(high, v.Price.List.Amount)
	}
	if low > 0 && high/most > low {
		a.add(catalog.SeverityWarning, "price_spread", "variants", "",
			fmt.Sprintf("Giá cao nhất gấp hơn %d lần giá thấp nhất, Shopee có thể từ chối: tách thành nhiều sản phẩm.", most),
			fmt.Sprintf("The highest price is more than %d times the lowest, which Shopee may refuse: split the product.", most))
	}
}
