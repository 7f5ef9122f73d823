package shopeetest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Category is a node of the tree. One without children is a leaf, which takes
// items.
type Category struct {
	ID, Parent     int64 // Parent 0 = at the top
	Name, English  string
	Attributes     []Attribute
	Brands         []Brand
	Pending        []Brand // registered and still to be inspected
	BrandMandatory bool    // refuses items without a registered brand
}

// Attribute of a category. Input and Validation are the platform's numbers:
// input 1 single drop-down, 2 single combo box, 3 free text, 4 multi drop-down,
// 5 multi combo box; validation 0 none, 1 integer, 2 text, 3 float, 4 date.
type Attribute struct {
	ID         int64
	Name       string
	Mandatory  bool
	Input      int
	Validation int
	Units      []string // makes it a quantity with unit
	Values     []Value
	Max        int // values at most; 0 = 1
}

// Value of an attribute. Children apply when it is chosen.
type Value struct {
	ID       int64
	Name     string
	Children []Attribute
}

// Brand that is registered in a category.
type Brand struct {
	ID   int64
	Name string
}

// The leaves that a fresh shop has. Their numbers are illustrative, as those in
// the platform's documents.
const (
	CategoryHoney      = 100661
	CategoryTea        = 100662
	CategoryVermicelli = 100663
	CategoryPepper     = 100664
	CategoryCoffee     = 100665
	CategoryRice       = 100666
	CategoryHerbs      = 100667
	CategoryDriedFruit = 100668
	CategoryBrocade    = 100711
	CategoryCraft      = 100712
)

func seedCategories() []*Category {
	origin := Attribute{ID: 100037, Name: "Xuất xứ", Mandatory: true, Input: 1, Values: []Value{{ID: 1065, Name: "Việt Nam"}, {ID: 1066, Name: "Nước khác"}}}
	volume := Attribute{ID: 100095, Name: "Thể tích", Input: 3, Validation: 3, Units: []string{"ml", "l"}}
	weight := Attribute{ID: 100096, Name: "Trọng lượng", Input: 3, Validation: 3, Units: []string{"g", "kg"}}
	shelf := Attribute{ID: 100010, Name: "Hạn sử dụng", Input: 2, Validation: 2, Values: []Value{{ID: 2001, Name: "12 tháng"}, {ID: 2002, Name: "24 tháng"}}}
	material := Attribute{ID: 100134, Name: "Chất liệu", Input: 5, Validation: 2, Max: 5, Values: []Value{{ID: 3001, Name: "Vải thổ cẩm"}, {ID: 3002, Name: "Tre"}}}
	organic := Attribute{ID: 100200, Name: "Hữu cơ", Input: 1, Values: []Value{{ID: 4001, Name: "Không"}, {ID: 4002, Name: "Có", Children: []Attribute{
		{ID: 100201, Name: "Số giấy chứng nhận hữu cơ", Mandatory: true, Input: 3, Validation: 2},
	}}}}
	list := []*Category{
		{ID: 100629, Name: "Thực phẩm và đồ uống", English: "Food & Beverages"},
		{ID: CategoryHoney, Parent: 100629, Name: "Mật ong và siro", English: "Honey & Maple Syrups", Attributes: []Attribute{origin, volume, organic},
			Brands: []Brand{{1146303, "Ong Rừng U Minh"}}},
		{ID: CategoryTea, Parent: 100629, Name: "Trà", English: "Tea"},
		{ID: CategoryVermicelli, Parent: 100629, Name: "Mì, miến, bún", English: "Noodles & Vermicelli"},
		{ID: CategoryPepper, Parent: 100629, Name: "Tiêu và gia vị", English: "Pepper & Seasoning"},
		{ID: CategoryCoffee, Parent: 100629, Name: "Cà phê", English: "Coffee"},
		{ID: CategoryRice, Parent: 100629, Name: "Gạo và ngũ cốc", English: "Rice & Grains"},
		{ID: CategoryHerbs, Parent: 100629, Name: "Thảo dược", English: "Herbs"},
		{ID: CategoryDriedFruit, Parent: 100629, Name: "Trái cây sấy", English: "Dried Fruit"},
		{ID: 100636, Name: "Nhà cửa và đời sống", English: "Home & Living"},
		{ID: CategoryBrocade, Parent: 100636, Name: "Túi và vải thổ cẩm", English: "Brocade", Attributes: []Attribute{material}},
		{ID: CategoryCraft, Parent: 100636, Name: "Đồ thủ công mỹ nghệ", English: "Handicraft", Attributes: []Attribute{material}},
	}
	for _, c := range list {
		if c.Parent == 100629 && c.Attributes == nil {
			c.Attributes = []Attribute{origin, weight, shelf}
		}
	}
	return list
}

// AddCategory adds a node to the tree, or replaces the one with its ID.
func (s *Simulator) AddCategory(c Category) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, old := range s.categories {
		if old.ID == c.ID {
			s.categories[i] = &c
			return
		}
	}
	s.categories = append(s.categories, &c)
}

// RemoveCategory takes a node out of the tree, as the platform does now and
// then; items that are in it stay.
func (s *Simulator) RemoveCategory(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.categories = slices.DeleteFunc(s.categories, func(c *Category) bool { return c.ID == id })
}

func (s *Simulator) category(id int64) *Category {
	for _, c := range s.categories {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (s *Simulator) hasChildren(id int64) bool {
	return slices.ContainsFunc(s.categories, func(c *Category) bool { return c.Parent == id })
}

// leaf finds a category that takes items.
func (s *Simulator) leaf(id int64) (*Category, error) {
	c := s.category(id)
	if c == nil || s.hasChildren(id) {
		return nil, refuse("error_invalid_category", "Category is invalid, please choose a leaf category.")
	}
	return c, nil
}

func (s *Simulator) getCategory(r *request) (any, error) {
	language := r.query.Get("language")
	if language != "" && language != "vi" && language != "en" {
		return nil, badParam("Wrong parameters, detail: language is not supported.")
	}
	list := []object{}
	for _, c := range s.categories {
		name := c.Name
		if language == "en" {
			name = c.English
		}
		list = append(list, object{
			"category_id": c.ID, "parent_category_id": c.Parent, "original_category_name": c.English,
			"display_category_name": name, "has_children": s.hasChildren(c.ID),
		})
	}
	return object{"category_list": list}, nil
}

func (s *Simulator) recommend(r *request) (any, error) {
	name := strings.ToLower(r.query.Get("item_name"))
	if name == "" {
		return nil, badParam("item_name is required")
	}
	ids := []int64{}
	for _, c := range s.categories {
		first, _, _ := strings.Cut(strings.ToLower(c.Name), " ")
		if !s.hasChildren(c.ID) && strings.Contains(name, first) {
			ids = append(ids, c.ID)
		}
	}
	return object{"category_id": ids}, nil
}

func (s *Simulator) attributeTree(r *request) (any, error) {
	ids, err := r.ints("category_id_list", true, 20)
	if err != nil {
		return nil, err
	}
	if language := r.query.Get("language"); language != "" && language != "vn" && language != "en" {
		return nil, badParam("Wrong parameters, detail: language is not supported.")
	}
	list := []object{}
	for _, id := range ids {
		c, err := s.leaf(id)
		if err != nil {
			return nil, err
		}
		list = append(list, object{"category_id": id, "warning": "", "attribute_tree": showAttributes(c.Attributes)})
	}
	return object{"list": list}, nil
}

func showAttributes(attributes []Attribute) []object {
	list := []object{}
	for _, a := range attributes {
		values := []object{}
		for _, v := range a.Values {
			values = append(values, object{
				"value_id": v.ID, "name": v.Name, "value_unit": "", "child_attribute_list": showAttributes(v.Children),
				"multi_lang": []object{{"language": "vn", "value": v.Name}},
			})
		}
		format := 1
		if len(a.Units) > 0 {
			format = 2
		}
		list = append(list, object{
			"attribute_id": a.ID, "mandatory": a.Mandatory, "name": a.Name, "attribute_value_list": values,
			"attribute_info": object{
				"input_type": a.Input, "input_validation_type": a.Validation, "format_type": format, "date_format_type": 0,
				"attribute_unit_list": append([]string{}, a.Units...), "max_value_count": max(1, a.Max), "introduction": "", "support_search_value": false,
			},
			"multi_lang": []object{{"language": "vn", "value": a.Name}},
		})
	}
	return list
}

// page cuts a window out of n things.
func page(offset, size int64, n int) (from, to int) {
	from = int(min(offset, int64(n)))
	return from, int(min(offset+size, int64(n)))
}

// Limits of the shop, as get_item_limit tells them: those of the documents'
// sample with the longer texts that are usual in Vietnam.
const (
	minName, maxName               = 10, 120
	minDescription, maxDescription = 10, 3000
	maxImages                      = 9
	minPrice, maxPrice             = 1000, 120_000_000
	maxStock                       = 10_000_000
	maxTierName, maxOption         = 14, 20
	maxModels                      = 50
	maxTiers                       = 2
	maxSKU                         = 100
	maxHashtags                    = 18
	minPreOrder, maxPreOrder       = 7, 15
)

func (s *Simulator) itemLimit(r *request) (any, error) {
	if r.query.Get("category_id") != "" {
		id, err := r.needInt("category_id")
		if err != nil {
			return nil, err
		}
		if _, err := s.leaf(id); err != nil {
			return nil, err
		}
	}
	between := func(low, high int) object { return object{"min_limit": low, "max_limit": high} }
	return beside{object{
		"price_limit": between(minPrice, maxPrice), "stock_limit": between(0, maxStock),
		"item_name_length_limit": between(minName, maxName), "item_image_count_limit": between(1, maxImages),
		"item_description_length_limit":        between(minDescription, maxDescription),
		"tier_variation_name_length_limit":     between(1, maxTierName),
		"tier_variation_option_length_limit":   between(1, maxOption),
		"item_count_limit":                     object{"max_limit": s.options.MaxItems},
		"wholesale_price_threshold_percentage": between(50, 90),
		"extended_description_limit":           object{},
		"dts_limit":                            object{"days_to_ship_limit": between(minPreOrder, maxPreOrder), "non_pre_order_days_to_ship": shipDays},
		"weight_limit":                         object{"weight_mandatory": true}, "dimension_limit": object{"dimension_mandatory": false},
		"size_chart_limit": object{"size_chart_mandatory": false},
		// The documents draw this one outside.
	}, "gtin_limit", object{"gtin_validation_rule": "Optional"}}, nil
}

// itemAttribute is an attribute as an item has it.
type itemAttribute struct {
	ID     int64       `json:"attribute_id"`
	Values []itemValue `json:"attribute_value_list"`
}

type itemValue struct {
	ID   *int64 `json:"value_id"`
	Name string `json:"original_value_name"`
	Unit string `json:"value_unit"`
}

// checkAttributes refuses values that the category does not take and mandatory
// attributes that are missing. It returns the names to be shown.
func checkAttributes(c *Category, given []itemAttribute) error {
	known := slices.Clone(c.Attributes)
	seen := map[int64]bool{}
	for i := 0; i < len(known); i++ {
		a := known[i]
		at := slices.IndexFunc(given, func(g itemAttribute) bool { return g.ID == a.ID })
		if at < 0 || len(given[at].Values) == 0 {
			if a.Mandatory {
				return refuse("error_mandatory_attribute", "Attribute %d (%s) is mandatory.", a.ID, a.Name)
			}
			continue
		}
		seen[a.ID] = true
		if len(given[at].Values) > max(1, a.Max) {
			return refuse("error_attribute_value_count", "Attribute %d takes %d values at most.", a.ID, max(1, a.Max))
		}
		for _, v := range given[at].Values {
			children, err := checkValue(a, v)
			if err != nil {
				return err
			}
			known = append(known, children...)
		}
	}
	for _, g := range given {
		if !seen[g.ID] && !slices.ContainsFunc(known, func(a Attribute) bool { return a.ID == g.ID }) {
			return refuse("error_invalid_attribute", "Attribute %d does not belong to the category.", g.ID)
		}
	}
	return nil
}

func checkValue(a Attribute, v itemValue) (children []Attribute, err error) {
	wrong := func(what string) ([]Attribute, error) {
		return nil, refuse("error_invalid_attribute_value", "Attribute %d: %s", a.ID, what)
	}
	if v.ID == nil {
		return wrong("value_id is required")
	}
	if *v.ID != 0 {
		at := slices.IndexFunc(a.Values, func(known Value) bool { return known.ID == *v.ID })
		if at < 0 {
			return wrong("value_id is not valid")
		}
		return a.Values[at].Children, nil
	}
	switch {
	case a.Input == 1 || a.Input == 4:
		return wrong("choose one of the values")
	case v.Name == "":
		return wrong("original_value_name is required")
	case len(a.Units) > 0 && !slices.Contains(a.Units, v.Unit):
		return wrong("value_unit is not valid")
	case a.Validation == 1 || a.Validation == 3:
		n, err := decimal.NewFromString(v.Name)
		if err != nil || a.Validation == 1 && !n.IsInteger() {
			return wrong("not a number")
		}
	case a.Validation == 4:
		if _, err := strconv.ParseInt(v.Name, 10, 64); err != nil {
			return wrong("not a time in seconds")
		}
	}
	return nil, nil
}

// showItemAttributes words an item's attributes as reads do.
func showItemAttributes(c *Category, given []itemAttribute) []object {
	var known []Attribute
	if c != nil {
		known = slices.Clone(c.Attributes)
	}
	list := []object{}
	for _, g := range given {
		shown := object{"attribute_id": g.ID, "original_attribute_name": "", "is_mandatory": false}
		values := []object{}
		at := slices.IndexFunc(known, func(a Attribute) bool { return a.ID == g.ID })
		for _, v := range g.Values {
			id, name := int64(0), v.Name
			if v.ID != nil {
				id = *v.ID
			}
			if at >= 0 {
				for _, value := range known[at].Values {
					if value.ID == id {
						name = value.Name
						known = append(known, value.Children...)
					}
				}
			}
			values = append(values, object{"value_id": id, "original_value_name": name, "value_unit": v.Unit})
		}
		if at >= 0 {
			shown["original_attribute_name"], shown["is_mandatory"] = known[at].Name, known[at].Mandatory
		}
		shown["attribute_value_list"] = values
		list = append(list, shown)
	}
	return list
}
