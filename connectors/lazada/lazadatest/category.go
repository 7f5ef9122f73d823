package lazadatest

import (
	"slices"
	"strconv"
	"strings"
)

// Category is a node of the tree. A node without children takes products.
type Category struct {
	ID, Parent int64 // Parent 0 = at the top
	Name       string
	English    string
	Attributes []Attribute // beside those that every category has
}

// Attribute is a fact that a category asks for.
type Attribute struct {
	ID        int64
	Name      string // the key to send
	Label     string
	Input     string // input_type
	Mandatory bool
	SKU       bool // belongs into each SKU and not to the product
	SaleProp  bool // makes variants
	Options   []string
}

// Brand is a brand that products may have.
type Brand struct {
	ID   int64
	Name string
}

// The categories that are there from the start and take products.
const (
	CategoryHoney      = 10100456
	CategoryTea        = 10100457
	CategoryVermicelli = 10100461
	CategoryPepper     = 10100463
	CategoryCoffee     = 10100464
	CategoryRice       = 10100465
	CategoryHerbs      = 10100466
	CategoryDriedFruit = 10100467
	CategoryBrocade    = 10100511
	CategoryCraft      = 10100512
)

func seedCategories() []*Category {
	volume := Attribute{ID: 30768, Name: "dung_tich", Label: "Dung tích", Input: "enumInput", SKU: true, SaleProp: true, Options: []string{"250ml", "500ml"}}
	origin := Attribute{ID: 30801, Name: "country_origin", Label: "Xuất xứ", Input: "singleSelect", Options: []string{"Việt Nam", "Khác"}}
	shelf := Attribute{ID: 30802, Name: "shelf_life", Label: "Hạn sử dụng", Input: "text"}
	color := Attribute{ID: 30097, Name: "color_family", Label: "Màu sắc", Input: "multiEnumInput", SKU: true, SaleProp: true, Options: []string{"Đỏ", "Đen"}}
	material := Attribute{ID: 30803, Name: "material", Label: "Chất liệu", Input: "multiSelect", Options: []string{"Vải thổ cẩm", "Tre", "Mây"}}
	food := []Attribute{origin, shelf}
	return []*Category{
		{ID: 10100400, Name: "Bách hóa Online", English: "Groceries"},
		{ID: CategoryHoney, Parent: 10100400, Name: "Mật ong", English: "Honey", Attributes: []Attribute{origin, volume}},
		{ID: CategoryTea, Parent: 10100400, Name: "Trà", English: "Tea", Attributes: food},
		{ID: CategoryVermicelli, Parent: 10100400, Name: "Bún, miến, mì khô", English: "Noodles & Vermicelli", Attributes: food},
		{ID: CategoryPepper, Parent: 10100400, Name: "Tiêu và gia vị", English: "Pepper & Seasoning", Attributes: food},
		{ID: CategoryCoffee, Parent: 10100400, Name: "Cà phê", English: "Coffee", Attributes: food},
		{ID: CategoryRice, Parent: 10100400, Name: "Gạo và ngũ cốc", English: "Rice & Grains", Attributes: food},
		{ID: CategoryHerbs, Parent: 10100400, Name: "Thảo dược", English: "Herbs", Attributes: food},
		{ID: CategoryDriedFruit, Parent: 10100400, Name: "Trái cây sấy", English: "Dried Fruit", Attributes: food},
		{ID: 10100500, Name: "Nhà cửa và đời sống", English: "Home & Living"},
		{ID: CategoryBrocade, Parent: 10100500, Name: "Túi và vải thổ cẩm", English: "Brocade", Attributes: []Attribute{color, material}},
		{ID: CategoryCraft, Parent: 10100500, Name: "Đồ thủ công mỹ nghệ", English: "Handicraft", Attributes: []Attribute{material}},
	}
}

// common are the attributes of every category.
var common = []Attribute{
	{ID: 1, Name: "name", Label: "Tên sản phẩm", Input: "text", Mandatory: true},
	{ID: 2, Name: "description", Label: "Mô tả", Input: "richText"},
	{ID: 3, Name: "short_description", Label: "Đặc điểm nổi bật", Input: "richText"},
	{ID: 20000, Name: "brand", Label: "Thương hiệu", Input: "singleSelect", Mandatory: true},
	{ID: 1001, Name: "package_weight", Label: "Cân nặng (kg)", Input: "numeric", Mandatory: true, SKU: true},
	{ID: 1002, Name: "package_length", Label: "Dài (cm)", Input: "numeric", Mandatory: true, SKU: true},
	{ID: 1003, Name: "package_width", Label: "Rộng (cm)", Input: "numeric", Mandatory: true, SKU: true},
	{ID: 1004, Name: "package_height", Label: "Cao (cm)", Input: "numeric", Mandatory: true, SKU: true},
	{ID: 1005, Name: "package_content", Label: "Trong hộp có gì", Input: "text", SKU: true},
	{ID: 1006, Name: "SellerSku", Label: "SKU", Input: "text", Mandatory: true, SKU: true},
	{ID: 1007, Name: "price", Label: "Giá", Input: "numeric", Mandatory: true, SKU: true},
	{ID: 1008, Name: "special_price", Label: "Giá khuyến mãi", Input: "numeric", SKU: true},
	{ID: 1009, Name: "quantity", Label: "Số lượng", Input: "numeric", SKU: true},
}

// NoBrand is the brand of goods without one, with an illustrative number.
const NoBrand = "No Brand"

func seedBrands() []Brand { return []Brand{{30768, NoBrand}, {30769, "Ong Rừng U Minh"}} }

// AddCategory adds a node to the tree, or replaces the one with its ID.
func (s *Simulator) AddCategory(c Category) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tellCategories()
	for i, old := range s.categories {
		if old.ID == c.ID {
			s.categories[i] = &c
			return
		}
	}
	s.categories = append(s.categories, &c)
}

// ThrottleBrands makes the next n pages of brands empty, as the platform does
// instead of saying that there were too many calls.
func (s *Simulator) ThrottleBrands(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emptyBrands = n
}

// tellCategories tells all apps that the tree has changed. It names no seller.
func (s *Simulator) tellCategories() {
	s.queue(object{
		"message_type": pushCategory, "timestamp": s.now().Unix(), "site": "lazada_sg",
		"data": object{"status": "finish", "status_update_time": s.now().UnixMilli()},
	})
}

// RemoveCategory takes a node out of the tree; products in it stay.
func (s *Simulator) RemoveCategory(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.categories = slices.DeleteFunc(s.categories, func(c *Category) bool { return c.ID == id })
	s.tellCategories()
}

// AddBrand adds a brand.
func (s *Simulator) AddBrand(b Brand) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brands = append(s.brands, b)
}

func (s *Simulator) children(id int64) []*Category {
	var list []*Category
	for _, c := range s.categories {
		if c.Parent == id {
			list = append(list, c)
		}
	}
	return list
}

// leaf returns the category that takes products, nil when there is none with
// this number.
func (s *Simulator) leaf(number string) *Category {
	id, _ := strconv.ParseInt(number, 10, 64)
	for _, c := range s.categories {
		if c.ID == id && len(s.children(id)) == 0 {
			return c
		}
	}
	return nil
}

// attribute returns what the category knows by a name.
func (c *Category) attribute(name string) (Attribute, bool) {
	for _, list := range [][]Attribute{common, c.Attributes} {
		for _, a := range list {
			if a.Name == name {
				return a, true
			}
		}
	}
	return Attribute{}, false
}

func (s *Simulator) categoryTree(in *request) (any, error) {
	english := strings.HasPrefix(in.p["language_code"], "en")
	var show func(parent int64) []object
	show = func(parent int64) []object {
		list := []object{}
		for _, c := range s.children(parent) {
			node := object{"category_id": c.ID, "name": c.Name, "leaf": true, "var": slices.ContainsFunc(c.Attributes, func(a Attribute) bool { return a.SaleProp })}
			if english && c.English != "" {
				node["name"] = c.English
			}
			if children := show(c.ID); len(children) > 0 {
				node["leaf"], node["children"] = false, children
			}
			list = append(list, node)
		}
		return list
	}
	return show(0), nil
}

func (s *Simulator) categoryAttributes(in *request) (any, error) {
	if in.p["primary_category_id"] == "" {
		return nil, missing("primary_category_id")
	}
	c := s.leaf(in.p["primary_category_id"])
	if c == nil {
		return nil, refuse("57", "Category ID does not exist")
	}
	list := []object{}
	for _, a := range slices.Concat(common, c.Attributes) {
		kind := "normal"
		if a.SKU {
			kind = "sku"
		}
		options := []object{}
		for i, name := range a.Options {
			options = append(options, object{"id": a.ID*10 + int64(i), "name": name, "en_name": name})
		}
		list = append(list, object{
			"id": a.ID, "name": a.Name, "label": a.Label, "input_type": a.Input, "is_mandatory": bit(a.Mandatory), "is_sale_prop": bit(a.SaleProp),
			"attribute_type": kind, "options": options, "advanced": object{"is_key_prop": bit(a.Name == "brand")},
		})
	}
	return list, nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *Simulator) brandsQuery(in *request) (any, error) {
	start, err := in.number("startRow", 0, 0, 1<<31, "5")
	if err != nil {
		return nil, err
	}
	size, err := in.number("pageSize", 20, 1, 200, "5")
	if err != nil {
		return nil, err
	}
	module := []object{}
	if s.emptyBrands > 0 {
		s.emptyBrands--
		size = 0
	}
	for i := start; i < min(start+size, int64(len(s.brands))); i++ {
		b := s.brands[i]
		module = append(module, object{"brand_id": b.ID, "name": b.Name, "name_en": b.Name, "global_identifier": strings.ToLower(b.Name)})
	}
	return flat{"success": true, "error_code": nil, "error_msg": nil, "data": object{
		"enable_total": true, "start_row": start, "page_index": start/max(1, size) + 1, "page_size": size, "total_record": len(s.brands), "module": module,
	}}, nil
}

// suggestCategory compares words, which is what a double can do.
func (s *Simulator) suggestCategory(in *request) (any, error) {
	found := []object{}
	words := strings.Fields(strings.ToLower(in.p["product_name"]))
	for _, c := range s.categories {
		if len(s.children(c.ID)) > 0 {
			continue
		}
		for _, word := range strings.Fields(strings.ToLower(c.Name)) {
			if slices.Contains(words, word) {
				found = append(found, object{"categoryId": c.ID, "categoryName": c.Name, "categoryPath": c.Name})
				break
			}
		}
	}
	return object{"categorySuggestions": found}, nil
}
