package catalog

import "strings"

// Completeness tells how much of what buyers and platforms ask of a product is
// there, in percent, and as warnings what is missing, the weightiest first.
// Archived variants do not count. GTINs need not exist: only a product that
// has some of them lacks the others.
func Completeness(p Product) (percent int, missing []Issue) {
	var active, weighed, priced, measured, coded int
	for i := range p.Variants {
		v := &p.Variants[i]
		if v.Archived {
			continue
		}
		active++
		weighed += count(v.Weight > 0)
		priced += count(v.ListPrice.Amount > 0)
		measured += count(v.NetContent.Milli > 0)
		coded += count(v.GTIN != "")
	}
	all := func(n int) bool { return active > 0 && n == active }
	written := func(s string) bool { return strings.TrimSpace(s) != "" }

	// The weights add up to 100.
	for _, point := range []struct {
		weight int
		there  bool
		code   string
		field  string
		say    Text
	}{
		{15, written(p.Name.VI), "name_vi", "name.vi", Text{"Hãy viết tên tiếng Việt.", "Write the Vietnamese name."}},
		{15, !p.Description.IsZero(), "description", "description", Text{"Hãy viết mô tả: nguồn gốc, cách dùng, bảo quản.", "Write a description: origin, use, storage."}},
		{15, len(p.Images) > 0, "image", "images", Text{"Hãy thêm ít nhất một ảnh.", "Add at least one picture."}},
		{15, all(priced), "price", "variants.list_price", Text{"Hãy nhập giá cho mọi phân loại.", "Enter the price of every variant."}},
		{10, written(p.Category), "category", "category", Text{"Hãy chọn danh mục.", "Choose a category."}},
		{10, all(weighed), "weight", "variants.weight_g", Text{"Hãy nhập cân nặng cả bao bì của mọi phân loại; sàn dùng nó để tính phí giao hàng.", "Enter the packed weight of every variant; platforms compute shipping from it."}},
		{5, written(p.Name.EN), "name_en", "name.en", Text{"Hãy viết tên tiếng Anh.", "Write the English name."}},
		{5, p.Origin.String() != "", "origin", "origin", Text{"Hãy ghi xã và tỉnh nơi làm ra sản phẩm.", "Write the commune and province where it is made."}},
		{5, all(measured), "net_content", "variants.net_content", Text{"Hãy ghi khối lượng tịnh như trên nhãn cho mọi phân loại.", "Write the net content of every variant as on its label."}},
		{5, active > 0 && (coded == 0 || coded == active), "gtin", "variants.gtin", Text{"Một số phân loại chưa có mã vạch. Hãy nhập cho đủ.", "Some variants lack their GTIN. Enter the missing ones."}},
	} {
		if point.there {
			percent += point.weight
			continue
		}
		missing = append(missing, Issue{Code: "missing_" + point.code, Severity: SeverityWarning, Field: point.field, Message: point.say})
	}
	return percent, missing
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
