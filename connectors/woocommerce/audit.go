package woocommerce

import (
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
)

const (
	maxTitle = 65535 // bytes: the column post_title is a MySQL TEXT
	maxSKU   = 100   // characters: the column sku of wc_product_meta_lookup
	maxEasy  = 100   // variations that the shop's own pages manage well, and a batch takes
)

// Audit tells what the shop would refuse, or drop without saying so.
func (s *shop) Audit(offer catalog.Offer) []catalog.Issue {
	a := auditor{offer: &offer, near: isPrivate(s.options.URL)}
	a.texts()
	a.options()
	for _, v := range offer.Variants {
		a.variant(v)
	}
	a.images()
	return a.issues
}

type auditor struct {
	offer *catalog.Offer
	// near is a shop in a private network, for practice or behind a wall: it
	// may fetch from its own neighbors.
	near   bool
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

func (a *auditor) warn(code, field, vi, en string) {
	a.add(catalog.SeverityWarning, code, field, "", vi, en)
}

func (a *auditor) texts() {
	title := strings.TrimSpace(printable(a.offer.Title))
	if title == "" {
		a.refuse("title_empty", "title", "", "Sản phẩm chưa có tên.", "The product has no title.")
	}
	if len(safeText(a.offer.Title)) > maxTitle {
		a.refuse("title_too_long", "title", "",
			fmt.Sprintf("Tên dài %d ký tự, cửa hàng chỉ nhận tối đa %d byte: rút ngắn tên.", utf8.RuneCountInString(title), maxTitle),
			fmt.Sprintf("The title has %d characters, the shop takes at most %d bytes: shorten it.", utf8.RuneCountInString(title), maxTitle))
	}
	if strings.ContainsAny(a.offer.Title, "<>") {
		// Themes show titles unescaped, so it would be HTML there.
		a.refuse("title_html", "title", "", "Tên có dấu < hoặc >: bỏ thẻ HTML khỏi tên.", "The title has < or >: remove HTML from it.")
	}
	if id, err := strconv.ParseInt(a.offer.Category, 10, 64); a.offer.Category != "" && (err != nil || id <= 0) {
		a.refuse("category_invalid", "category", "",
			fmt.Sprintf("Danh mục %q không phải là số của danh mục WooCommerce: xem danh sách danh mục của kênh.", clip(a.offer.Category)),
			fmt.Sprintf("Category %q is not the number of a WooCommerce category: see the channel's categories.", clip(a.offer.Category)))
	}
}

func (a *auditor) options() {
	offer := a.offer
	switch {
	case len(offer.Variants) == 0:
		a.refuse("no_variants", "variants", "", "Sản phẩm không có biến thể nào để bán.", "The product has no variant to sell.")
	case len(offer.Options) == 0 && len(offer.Variants) > 1:
		a.refuse("no_options", "options", "",
			"Sản phẩm có nhiều biến thể nhưng chưa có thuộc tính phân loại (ví dụ Khối lượng).",
			"The product has several variants but no option that tells them apart (for example weight).")
	case len(offer.Variants) > maxEasy:
		a.warn("many_variations", "variants",
			fmt.Sprintf("Sản phẩm có %d biến thể, trang của cửa hàng sẽ chậm: nên tách thành nhiều sản phẩm.", len(offer.Variants)),
			fmt.Sprintf("The product has %d variants, which makes the shop's page slow: better split it.", len(offer.Variants)))
	}
	for i, name := range offer.Options {
		if strings.TrimSpace(name) == "" || slices.ContainsFunc(offer.Options[:i], func(other string) bool { return strings.EqualFold(other, name) }) {
			a.refuse("option_name", "options", "", "Tên phân loại bị trống hoặc bị lặp.", "An option's name is empty or comes twice.")
		}
	}
	// The shop takes any combination, also twice; a buyer could then choose
	// only one of them.
	seen := map[string]catalog.SKU{}
	skus := map[catalog.SKU]bool{}
	for _, v := range offer.Variants {
		if skus[v.SKU] {
			a.refuse("sku_twice", "sku", v.SKU, fmt.Sprintf("Mã SKU %s bị lặp trong sản phẩm.", clip(string(v.SKU))),
				fmt.Sprintf("SKU %s comes twice in the product.", clip(string(v.SKU))))
		}
		skus[v.SKU] = true
		if len(v.Options) != len(offer.Options) || slices.ContainsFunc(v.Options, func(value string) bool { return strings.TrimSpace(value) == "" }) {
			a.refuse("option_missing", "variants["+string(v.SKU)+"].options", v.SKU,
				fmt.Sprintf("Biến thể %s thiếu giá trị phân loại.", clip(string(v.SKU))),
				fmt.Sprintf("Variant %s lacks a value of an option.", clip(string(v.SKU))))
			continue
		}
		key := strings.ToLower(strings.Join(v.Options, "\x00"))
		if other, taken := seen[key]; taken && len(offer.Options) > 0 {
			a.refuse("option_twice", "variants["+string(v.SKU)+"].options", v.SKU,
				fmt.Sprintf("Biến thể %s và %s có cùng giá trị phân loại.", clip(string(other)), clip(string(v.SKU))),
				fmt.Sprintf("Variants %s and %s have the same option values.", clip(string(other)), clip(string(v.SKU))))
		}
		seen[key] = v.SKU
	}
}

func (a *auditor) variant(v catalog.OfferVariant) {
	sku := string(v.SKU)
	// A comma parts SKUs in look-ups; the shop cleans the others away.
	if sku == "" || utf8.RuneCountInString(sku) > maxSKU || sku != strings.TrimSpace(sku) ||
		strings.ContainsAny(sku, ",<>%") || strings.ContainsFunc(sku, unicode.IsControl) {
		a.refuse("sku_invalid", "sku", v.SKU,
			fmt.Sprintf("Mã SKU %q không dùng được ở WooCommerce: tối đa %d ký tự, không có dấu phẩy, %%, < hoặc >.", clip(sku), maxSKU),
			fmt.Sprintf("SKU %q cannot be used in WooCommerce: at most %d characters, without comma, %%, < and >.", clip(sku), maxSKU))
	}
	if issue, wrong := wrongPrice(v.SKU, v.Price); wrong {
		issue.Field = "variants[" + sku + "].price"
		a.issues = append(a.issues, issue)
	}
	if v.Quantity < 0 {
		a.refuse("quantity", "variants["+sku+"].quantity", v.SKU, fmt.Sprintf("Số lượng của %s là số âm.", clip(sku)),
			fmt.Sprintf("The quantity of %s is negative.", clip(sku)))
	}
	// The shop stores an empty text for a GTIN with letters, without an error.
	if strings.Trim(v.GTIN, "0123456789") != "" {
		a.refuse("gtin_invalid", "variants["+sku+"].gtin", v.SKU, fmt.Sprintf("Mã vạch của %s chỉ được có chữ số.", clip(sku)),
			fmt.Sprintf("The GTIN of %s must have digits only.", clip(sku)))
	}
}

func (a *auditor) images() {
	usable := 0
	for i, image := range a.offer.Images {
		field := fmt.Sprintf("images[%d]", i+1)
		if !fetchable(image.URL) {
			a.warn("image_no_address", field,
				fmt.Sprintf("Ảnh %d chưa có địa chỉ trên mạng để cửa hàng tải về nên sẽ không được đăng.", i+1),
				fmt.Sprintf("Picture %d has no address on the web from which the shop could fetch it, and is left out.", i+1))
			continue
		}
		usable++
		if vi, en := pictureFault(image.URL, a.near); en != "" {
			a.refuse("image_address", field, "", fmt.Sprintf("Ảnh %d: %s", i+1, vi), fmt.Sprintf("Picture %d: %s", i+1, en))
		}
	}
	if usable == 0 {
		a.warn("no_images", "images", "Sản phẩm không có ảnh.", "The product has no picture.")
	}
}

// pictureFault tells why the shop would refuse to fetch a picture.
func pictureFault(address string, near bool) (vi, en string) {
	u, err := url.Parse(address)
	if err != nil {
		return "địa chỉ không hợp lệ.", "the address is not valid."
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp":
	default:
		return "địa chỉ phải kết thúc bằng .jpg, .jpeg, .png, .gif hoặc .webp.", "the address must end in .jpg, .jpeg, .png, .gif or .webp."
	}
	if near {
		return "", ""
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" && port != "8080" {
		return "cửa hàng chỉ tải ảnh từ cổng 80, 443 hoặc 8080.", "the shop fetches pictures from port 80, 443 or 8080 only."
	}
	if isPrivate(address) {
		return "cửa hàng không tải ảnh từ địa chỉ trong mạng nội bộ: dùng địa chỉ công khai.", "the shop does not fetch from a private address: use a public one."
	}
	return "", ""
}

// isPrivate tells that an address names a host of a private network by number,
// or this machine.
func isPrivate(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return strings.EqualFold(u.Hostname(), "localhost") ||
		err == nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
}
