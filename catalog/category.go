package catalog

import (
	"slices"
	"strings"
)

// categories is our own tree, two levels: parents before their children.
var categories = []Category{
	{"food", "", Text{"Thực phẩm", "Food"}},
	{"honey", "food", Text{"Mật ong", "Honey"}},
	{"vermicelli", "food", Text{"Miến dong", "Canna vermicelli"}},
	{"noodles", "food", Text{"Bún, phở, mì khô", "Dried noodles"}},
	{"rice", "food", Text{"Gạo, nếp", "Rice"}},
	{"beans-nuts", "food", Text{"Đậu và hạt", "Beans and nuts"}},
	{"macadamia", "food", Text{"Mắc ca", "Macadamia"}},
	{"dried-fruit", "food", Text{"Trái cây sấy", "Dried fruit"}},
	{"fresh-fruit", "food", Text{"Trái cây tươi", "Fresh fruit"}},
	{"vegetables", "food", Text{"Rau củ", "Vegetables"}},
	{"bamboo-shoots", "food", Text{"Măng", "Bamboo shoots"}},
	{"mushrooms", "food", Text{"Nấm, mộc nhĩ", "Mushrooms"}},
	{"starch", "food", Text{"Bột và tinh bột", "Flour and starch"}},
	{"meat", "food", Text{"Thịt, lạp sườn", "Meat and sausages"}},
	{"fish", "food", Text{"Cá và thủy sản", "Fish and seafood"}},
	{"eggs", "food", Text{"Trứng", "Eggs"}},
	{"cooking-oil", "food", Text{"Dầu ăn", "Cooking oil"}},
	{"sweets", "food", Text{"Bánh kẹo", "Cakes and sweets"}},
	{"preserves", "food", Text{"Mứt, đồ muối chua", "Jams and pickles"}},

	{"drinks", "", Text{"Đồ uống", "Drinks"}},
	{"tea", "drinks", Text{"Trà, chè", "Tea"}},
	{"tea-shan-tuyet", "drinks", Text{"Trà Shan tuyết", "Shan Tuyet tea"}},
	{"tea-herbal", "drinks", Text{"Trà thảo mộc", "Herbal tea"}},
	{"coffee", "drinks", Text{"Cà phê", "Coffee"}},
	{"cocoa", "drinks", Text{"Ca cao", "Cocoa"}},
	{"juice", "drinks", Text{"Nước ép, si rô", "Juice and syrup"}},
	{"wine", "drinks", Text{"Rượu", "Wine and spirits"}},

	{"spices", "", Text{"Gia vị", "Spices"}},
	{"pepper", "spices", Text{"Hồ tiêu", "Pepper"}},
	{"chili", "spices", Text{"Ớt", "Chili"}},
	{"ginger-turmeric", "spices", Text{"Gừng, nghệ", "Ginger and turmeric"}},
	{"cinnamon-anise", "spices", Text{"Quế, hồi", "Cinnamon and star anise"}},
	{"garlic-onion", "spices", Text{"Hành, tỏi", "Garlic and onion"}},
	{"sauces", "spices", Text{"Nước chấm, tương", "Sauces"}},
	{"salt-sugar", "spices", Text{"Muối, đường", "Salt and sugar"}},

	{"medicinal", "", Text{"Dược liệu", "Medicinal plants"}},
	{"herbs", "medicinal", Text{"Thảo dược", "Herbs"}},
	{"ginseng", "medicinal", Text{"Sâm", "Ginseng"}},
	{"herbal-extract", "medicinal", Text{"Cao và chiết xuất", "Herbal extracts"}},
	{"essential-oil", "medicinal", Text{"Tinh dầu", "Essential oil"}},
	{"bath-herbs", "medicinal", Text{"Lá tắm, ngâm chân", "Bath herbs"}},

	{"beauty", "", Text{"Chăm sóc cơ thể", "Body care"}},
	{"soap", "beauty", Text{"Xà phòng", "Soap"}},
	{"hair-care", "beauty", Text{"Chăm sóc tóc", "Hair care"}},

	{"handicraft", "", Text{"Thủ công mỹ nghệ", "Handicraft"}},
	{"brocade", "handicraft", Text{"Thổ cẩm", "Brocade"}},
	{"bamboo", "handicraft", Text{"Mây tre đan", "Bamboo and rattan"}},
	{"wood", "handicraft", Text{"Đồ gỗ", "Woodwork"}},
	{"pottery", "handicraft", Text{"Gốm sứ", "Pottery"}},
	{"embroidery", "handicraft", Text{"Thêu tay", "Embroidery"}},
	{"clothing", "handicraft", Text{"Trang phục", "Clothing"}},
	{"bags", "handicraft", Text{"Túi, ví", "Bags and purses"}},
	{"jewelry", "handicraft", Text{"Trang sức", "Jewelry"}},
	{"toys", "handicraft", Text{"Đồ chơi", "Toys"}},
	{"home-decor", "handicraft", Text{"Trang trí nhà cửa", "Home decor"}},

	{"farm", "", Text{"Nông nghiệp", "Farming"}},
	{"seeds", "farm", Text{"Hạt giống, cây giống", "Seeds and seedlings"}},
	{"fertilizer", "farm", Text{"Phân bón hữu cơ", "Organic fertilizer"}},

	{"gifts", "", Text{"Quà tặng", "Gifts"}},
	{"gift-box", "gifts", Text{"Hộp quà", "Gift boxes"}},
	{"other", "", Text{"Khác", "Other"}},
}

// categoryIndex finds a category's place by its code.
var categoryIndex = func() map[string]int {
	index := make(map[string]int, len(categories))
	for i, c := range categories {
		index[c.Code] = i
	}
	return index
}()

// CategoryByCode returns the category with a code, or the zero value with ok
// false.
func CategoryByCode(code string) (c Category, ok bool) {
	i, ok := categoryIndex[code]
	if !ok {
		return Category{}, false
	}
	return categories[i], true
}

// Categories returns our own tree, parents before their children. The slice is
// the caller's.
func Categories() []Category { return slices.Clone(categories) }

// FindCategory reads a category as people write it: its code or its name in
// either language, whatever the case and diacritics; of a name with commas
// each part counts ("Trà, chè" is found by "che").
func FindCategory(text string) (c Category, ok bool) {
	i, ok := categoryNames[categoryName(text)]
	if !ok {
		return Category{}, false
	}
	return categories[i], true
}

// CategoryPath returns the codes from code up to the top: code itself first,
// also when it is not in our tree; empty for "".
func CategoryPath(code string) []string {
	var path []string
	for code != "" {
		path = append(path, code)
		c, _ := CategoryByCode(code)
		code = c.Parent
	}
	return path
}

// categoryNames finds a category's place by its folded names.
var categoryNames = func() map[string]int {
	names := make(map[string]int, 6*len(categories))
	add := func(name string, i int) {
		if _, taken := names[name]; !taken && name != "" {
			names[name] = i
		}
	}
	// Whole names take precedence over parts of other names.
	for i, c := range categories {
		add(categoryName(c.Code), i)
		add(categoryName(c.Name.VI), i)
		add(categoryName(c.Name.EN), i)
	}
	for i, c := range categories {
		for _, name := range []string{c.Name.VI, c.Name.EN} {
			for part := range strings.SplitSeq(name, ",") {
				add(categoryName(part), i)
			}
		}
	}
	return names
}()

// categoryName makes names comparable: folded words with one blank between.
func categoryName(text string) string {
	return strings.Join(strings.FieldsFunc(Fold(text), isSeparator), " ")
}
