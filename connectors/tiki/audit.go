package tiki

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
)

const (
	maxName    = 255 // characters; Tiki does not publish its limit
	maxOptions = 2
)

// Audit tells what Tiki would refuse at once, or hours later in its review.
// What the category asks for is only known by asking, so that is checked when
// the offer is published.
func (s *shop) Audit(offer catalog.Offer) []catalog.Issue {
	a := auditor{offer: &offer, near: isPrivate(s.options.APIURL)}
	a.texts()
	a.variants()
	a.images()
	return a.issues
}

type auditor struct {
	offer  *catalog.Offer
	near   bool
	issues []catalog.Issue
}

func (a *auditor) refuse(code, field string, sku catalog.SKU, vi, en string) {
	a.issues = append(a.issues, catalog.Issue{
		Code: code, Severity: catalog.SeverityError, Field: field, SKU: sku, Message: catalog.Text{VI: vi, EN: en},
	})
}

func (a *auditor) texts() {
	title := a.offer.Title
	switch n := utf8.RuneCountInString(title); {
	case strings.TrimSpace(title) == "":
		a.refuse("title_empty", "title", "", "Sản phẩm chưa có tên.", "The product has no title.")
	case n > maxName:
		a.refuse("title_too_long", "title", "", fmt.Sprintf("Tên dài %d ký tự, Tiki nhận tối đa %d: rút ngắn tên.", n, maxName),
			fmt.Sprintf("The title has %d characters, Tiki takes at most %d: shorten it.", n, maxName))
	}
	if strings.ContainsAny(title, "<>") || strings.ContainsFunc(title, unicode.IsControl) {
		a.refuse("title_html", "title", "", "Tên có dấu < hoặc > hoặc xuống dòng: bỏ thẻ HTML khỏi tên.", "The title has < or > or a line end: remove HTML from it.")
	}
	switch id, err := strconv.ParseInt(a.offer.Category, 10, 64); {
	case a.offer.Category == "":
		a.refuse("category_missing", "category", "", "Nhóm hàng này chưa được ghép với danh mục Tiki: ghép trong phần danh mục của kênh.",
			"These products are not mapped to a Tiki category: map them under the channel's categories.")
	case err != nil || id <= 0:
		a.refuse("category_invalid", "category", "", fmt.Sprintf("Danh mục %q không phải là số của danh mục Tiki.", clip(a.offer.Category)),
			fmt.Sprintf("Category %q is not the number of a Tiki category.", clip(a.offer.Category)))
	}
}

func (a *auditor) variants() {
	offer := a.offer
	switch {
	case len(offer.Variants) == 0:
		a.refuse("no_variants", "variants", "", "Sản phẩm không có phân loại nào để bán.", "The product has no variant to sell.")
	case len(offer.Options) == 0 && len(offer.Variants) > 1:
		a.refuse("no_options", "options", "", "Sản phẩm có nhiều phân loại nhưng chưa có thuộc tính phân loại (ví dụ Khối lượng).",
			"The product has several variants but no option that tells them apart (for example weight).")
	case len(offer.Options) > maxOptions:
		a.refuse("many_options", "options", "", fmt.Sprintf("Tiki chỉ nhận tối đa %d thuộc tính phân loại, sản phẩm có %d: gộp bớt.", maxOptions, len(offer.Options)),
			fmt.Sprintf("Tiki takes at most %d options, the product has %d: combine some.", maxOptions, len(offer.Options)))
	}
	skus, values := map[catalog.SKU]bool{}, map[string]catalog.SKU{}
	for _, v := range offer.Variants {
		name := clip(string(v.SKU))
		if v.SKU == "" || string(v.SKU) != strings.TrimSpace(string(v.SKU)) || skus[v.SKU] {
			a.refuse("sku", "sku", v.SKU, fmt.Sprintf("Mã SKU %q bị trống, thừa dấu cách hoặc bị lặp.", name), fmt.Sprintf("SKU %q is empty, has blanks around it or comes twice.", name))
		}
		skus[v.SKU] = true
		if issue, wrong := wrongPrice(v.SKU, v.Price); wrong {
			a.issues = append(a.issues, issue)
		}
		if v.Quantity < 0 {
			a.refuse("quantity", "variants["+string(v.SKU)+"].quantity", v.SKU, fmt.Sprintf("Số lượng của %s là số âm.", name), fmt.Sprintf("The quantity of %s is negative.", name))
		}
		if len(v.Options) != len(offer.Options) || slices.ContainsFunc(v.Options, func(value string) bool { return strings.TrimSpace(value) == "" }) {
			a.refuse("option_missing", "variants["+string(v.SKU)+"].options", v.SKU, fmt.Sprintf("Phân loại %s thiếu giá trị.", name), fmt.Sprintf("Variant %s lacks a value of an option.", name))
			continue
		}
		key := strings.ToLower(strings.Join(v.Options, "\x00"))
		if other, taken := values[key]; taken && len(offer.Options) > 0 {
			a.refuse("option_twice", "variants["+string(v.SKU)+"].options", v.SKU, fmt.Sprintf("Phân loại %s và %s giống nhau.", clip(string(other)), name),
				fmt.Sprintf("Variants %s and %s have the same option values.", clip(string(other)), name))
		}
		values[key] = v.SKU
	}
}

func (a *auditor) images() {
	if len(a.offer.Images) == 0 {
		a.refuse("no_images", "images", "", "Tiki bắt buộc có ảnh: thêm ít nhất một ảnh vuông từ 500 x 500.", "Tiki requires a picture: add a square one of 500 x 500 at least.")
	}
	for i, image := range a.offer.Images {
		if !fetchable(image.URL, a.near) {
			a.refuse("image_address", fmt.Sprintf("images[%d]", i+1), "",
				fmt.Sprintf("Ảnh %d chưa có địa chỉ công khai trên mạng để Tiki tải về.", i+1),
				fmt.Sprintf("Picture %d has no public address on the web from which Tiki could fetch it.", i+1))
		}
	}
}
