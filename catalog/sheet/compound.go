package sheet

import (
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// Cells that hold several values: "Mùa vụ = Thu | Autumn; Độ ẩm = 18 %".

func parseAttributes(text string) ([]catalog.Attribute, error) {
	var list []catalog.Attribute
	for _, item := range splitList(text) {
		name, value, found := cutMark(item, "=")
		if !found {
			return nil, reasonf("thuộc tính phải có dạng tên = giá trị: %q", "an attribute is written name = value: %q", clip(item))
		}
		parts := splitParts(value)
		if len(parts) > 2 {
			return nil, reasonf("thuộc tính có nhiều hơn hai thứ tiếng: %q", "an attribute in more than two languages: %q", clip(item))
		}
		list = append(list, catalog.Attribute{Name: unescape(name), Value: catalog.Text{VI: parts[0], EN: at(parts, 1)}})
	}
	return list, nil
}

func formatAttributes(list []catalog.Attribute) string {
	items := make([]string, len(list))
	for i, a := range list {
		items[i] = escape(a.Name) + " = " + joinParts(a.Value.VI, a.Value.EN)
	}
	return joinList(items)
}

func parseCertificates(text string) ([]catalog.Certificate, error) {
	var list []catalog.Certificate
	for _, item := range splitList(text) {
		parts := splitParts(item)
		if len(parts) > 3 {
			return nil, reasonf("chứng nhận phải có dạng loại | số | ngày hết hạn: %q", "a certificate is written kind | number | expiry: %q", clip(item))
		}
		expires, err := date(at(parts, 2))
		if err != nil {
			return nil, err
		}
		list = append(list, catalog.Certificate{Kind: parts[0], Number: at(parts, 1), ExpiresOn: expires})
	}
	return list, nil
}

func formatCertificates(list []catalog.Certificate) string {
	items := make([]string, len(list))
	for i, c := range list {
		items[i] = joinParts(c.Kind, c.Number, formatDate(c.ExpiresOn))
	}
	return joinList(items)
}

// parseLots reads lots; a product's only variant need not be named.
func parseLots(text string, variants []catalog.Variant) ([]catalog.Lot, error) {
	var list []catalog.Lot
	for _, item := range splitList(text) {
		parts := splitParts(item)
		if len(parts) > 4 {
			return nil, reasonf("lô hàng phải có dạng số lô | SKU | ngày sản xuất | hạn dùng: %q", "a lot is written code | SKU | made on | expires on: %q", clip(item))
		}
		lot := catalog.Lot{Code: parts[0], SKU: catalog.SKU(at(parts, 1))}
		if lot.SKU == "" && len(variants) == 1 {
			lot.SKU = variants[0].SKU
		}
		var err error
		if lot.MadeOn, err = date(at(parts, 2)); err != nil {
			return nil, err
		}
		if lot.ExpiresOn, err = date(at(parts, 3)); err != nil {
			return nil, err
		}
		list = append(list, lot)
	}
	return list, nil
}

func formatLots(list []catalog.Lot) string {
	items := make([]string, len(list))
	for i, l := range list {
		items[i] = joinParts(l.Code, string(l.SKU), formatDate(l.MadeOn), formatDate(l.ExpiresOn))
	}
	return joinList(items)
}

func parseDetails(text string) ([]catalog.Image, error) {
	var list []catalog.Image
	for _, item := range splitList(text) {
		parts := splitParts(item)
		if len(parts) > 5 {
			return nil, reasonf("chi tiết ảnh phải có dạng nguồn | sha256 | kiểu | chú thích | chú thích tiếng Anh: %q", "image details are written source | sha256 | type | caption | English caption: %q", clip(item))
		}
		image := imageOf(parts[0])
		if digest := at(parts, 1); digest != "" {
			image.SHA256 = digest
		}
		image.Type, image.Alt = at(parts, 2), catalog.Text{VI: at(parts, 3), EN: at(parts, 4)}
		list = append(list, image)
	}
	return list, nil
}

// formatDetails leaves out images of which only the source is known, unless
// another one has the same source: details are found by it, in order.
func formatDetails(images []catalog.Image) string {
	var items []string
	for i, image := range images {
		source := sourceOf(image)
		twice := slices.ContainsFunc(images[i+1:], func(other catalog.Image) bool { return sourceOf(other) == source })
		if twice || image != imageOf(source) {
			items = append(items, joinParts(source, image.SHA256, image.Type, image.Alt.VI, image.Alt.EN))
		}
	}
	return joinList(items)
}

func parseSources(text string) []string {
	items := splitList(text)
	for i, item := range items {
		items[i] = unescape(item)
	}
	return items
}

func formatSources(images []catalog.Image) string {
	items := make([]string, len(images))
	for i, image := range images {
		items[i] = escape(sourceOf(image))
	}
	return strings.Join(items, "\n")
}
