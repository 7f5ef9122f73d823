package tikitest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

type category struct {
	id, parent int64
	name       string
	primary    bool // takes products
}

// Attribute is what a category asks of its products. An attribute that is a
// select has a list of values.
type Attribute struct {
	ID        int64
	Code      string
	Name      string
	Required  bool
	InputType string // text, textarea, select, multiselect, boolean, price
	DataType  string // varchar, text, int, decimal
}

// The primary categories of every fresh shop.
const (
	CategoryHoney      = 44792
	CategoryVermicelli = 15074
	CategoryTea        = 8384
	CategoryBrocade    = 27530
)

func (s *Simulator) seed() {
	s.seedSeller()
	for _, c := range []category{
		{4384, 2, "Bách Hóa Online", false},
		{4421, 4384, "Thực phẩm khô", false},
		{CategoryHoney, 4384, "Mật ong", true},
		{CategoryVermicelli, 4421, "Miến", true},
		{CategoryTea, 4384, "Trà", true},
		{1883, 2, "Nhà Cửa - Đời Sống", false},
		{CategoryBrocade, 1883, "Túi thủ công", true},
	} {
		s.addCategory(c)
	}
	s.brands = []string{"OEM", "Chợ Phiên mẫu"}
}

// AddCategory makes a category below parent that takes products and asks for
// the usual attributes.
func (s *Simulator) AddCategory(id, parent int64, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addCategory(category{id, parent, name, true})
}

func (s *Simulator) addCategory(c category) {
	s.categories = append(s.categories, &c)
	if !c.primary {
		return
	}
	s.labels[c.id] = []string{"Khối lượng", "Dung tích", "Màu sắc", "Màu", "Cỡ", "Kích cỡ", "Hương vị", "Quy cách", "Loại"}
	s.attributes[c.id] = []Attribute{
		{560, "origin", "Xuất xứ", true, "select", "varchar"},
		{561, "brand", "Thương hiệu", true, "text", "varchar"},
		{562, "brand_country", "Xuất xứ thương hiệu", true, "select", "varchar"},
		{563, "bulky", "Hàng cồng kềnh", true, "boolean", "int"},
		{564, "product_top_features", "Đặc điểm nổi bật", true, "textarea", "text"},
		{565, "product_weight_kg", "Trọng lượng sau đóng gói (kg)", true, "text", "decimal"},
		{566, "product_length", "Chiều dài sau đóng gói (cm)", true, "text", "decimal"},
		{567, "product_width", "Chiều rộng sau đóng gói (cm)", true, "text", "decimal"},
		{568, "product_height", "Chiều cao sau đóng gói (cm)", true, "text", "decimal"},
		{1241, "require_expiry_date", "Có hạn sử dụng", true, "boolean", "int"},
		{1242, "is_warranty_applied", "Áp dụng bảo hành", true, "boolean", "int"},
		{1243, "storage", "Hướng dẫn bảo quản", false, "textarea", "text"},
	}
	countries := []string{"Việt Nam", "Lào", "Campuchia", "Trung Quốc", "Thái Lan"}
	s.values[560], s.values[562] = countries, countries
}

// SetAttributes replaces what a category asks for, with the values of those
// that are selects by attribute number.
func (s *Simulator) SetAttributes(category int64, attributes []Attribute, values map[int64][]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attributes[category] = slices.Clone(attributes)
	for id, list := range values {
		s.values[id] = slices.Clone(list)
	}
}

// RemoveCategory lets a category vanish, as happens when Tiki rearranges its tree.
func (s *Simulator) RemoveCategory(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.categories = slices.DeleteFunc(s.categories, func(c *category) bool { return c.id == id })
}

func (s *Simulator) category(id int64) *category {
	for _, c := range s.categories {
		if c.id == id {
			return c
		}
	}
	return nil
}

func (c *call) id(n int) int64 {
	id, err := strconv.ParseInt(c.params[n], 10, 64)
	if err != nil {
		return 0
	}
	return id
}

func showCategory(c *category) any {
	return map[string]any{"id": c.id, "name": c.name, "parent": c.parent, "is_primary": c.primary}
}

func (s *Simulator) getCategories(c *call) answer {
	parent, primary := c.set("parent"), c.set("is_primary")
	name := strings.ToLower(c.query.Get("name"))
	rows := slices.DeleteFunc(slices.Clone(s.categories), func(row *category) bool {
		return !parent(number(row.parent)) || !primary(strconv.FormatBool(row.primary)) || !strings.Contains(strings.ToLower(row.name), name)
	})
	if c.version == "v1" { // the bare array of the older interface
		list := []any{}
		for _, row := range rows {
			list = append(list, map[string]any{"id": row.id, "name": row.name, "parent": row.parent, "primary": digit(row.primary)})
		}
		return ok(list)
	}
	return pages(c, rows, showCategory)
}

func (s *Simulator) getCategory(c *call) answer {
	found := s.category(c.id(0))
	if found == nil {
		return notFound("Category", c.params[0])
	}
	row, _ := showCategory(found).(map[string]any)
	if c.query.Get("include_parents") == "true" {
		parents := []any{}
		for up := s.category(found.parent); up != nil; up = s.category(up.parent) {
			parents = append(parents, showCategory(up))
		}
		row["parents"] = parents
	}
	return ok(row)
}

func (s *Simulator) getAttributes(c *call) answer {
	if s.category(c.id(0)) == nil {
		return notFound("Category", c.params[0])
	}
	data := []any{}
	if c.version == "v1" {
		for _, a := range s.attributes[c.id(0)] {
			data = append(data, map[string]any{"id": a.ID, "code": a.Code, "display_name": a.Name, "is_required": digit(a.Required), "example": ""})
		}
		return ok(data)
	}
	for _, a := range s.attributes[c.id(0)] {
		data = append(data, map[string]any{
			"id": a.ID, "code": a.Code, "display_name": a.Name, "is_required": a.Required,
			"input_type": a.InputType, "data_type": a.DataType, "description": "", "default_value": nil,
		})
	}
	return ok(map[string]any{"data": data})
}

func (s *Simulator) getValues(c *call) answer {
	all, known := s.values[c.id(0)]
	if !known {
		return notFound("Attribute", c.params[0])
	}
	if limit := c.query.Get("limit"); limit != "" {
		if n, err := strconv.Atoi(limit); err != nil || n < 20 {
			return refuse(http.StatusBadRequest, "limit must be at least 20")
		}
	}
	q := strings.ToLower(c.query.Get("q"))
	rows := slices.DeleteFunc(slices.Clone(all), func(value string) bool { return !strings.Contains(strings.ToLower(value), q) })
	return pages(c, rows, func(value string) any { return map[string]any{"value": value} })
}

func (s *Simulator) getLabels(c *call) answer {
	if s.category(c.id(0)) == nil {
		return notFound("Category", c.params[0])
	}
	data := []any{}
	for _, label := range s.labels[c.id(0)] {
		data = append(data, map[string]any{"label": label})
	}
	return ok(map[string]any{"data": data})
}

func (s *Simulator) getBrands(c *call) answer {
	name := strings.ToLower(c.query.Get("name"))
	rows := slices.DeleteFunc(slices.Clone(s.brands), func(brand string) bool { return !strings.Contains(strings.ToLower(brand), name) })
	return pages(c, rows, func(brand string) any { return map[string]any{"name": brand} })
}

// getDocuments asks for a food safety paper for what is eaten.
func (s *Simulator) getDocuments(c *call) answer {
	id, _ := strconv.ParseInt(c.query.Get("category_id"), 10, 64)
	found := s.category(id)
	if found == nil {
		return notFound("Category", c.query.Get("category_id"))
	}
	data := []any{}
	if s.wantsDocument(id) {
		data = append(data, map[string]any{"document_id": 1, "name": "Giấy chứng nhận an toàn thực phẩm", "type": "category"})
	}
	return ok(map[string]any{"data": data})
}

// wantsDocument tells that goods of a category are eaten.
func (s *Simulator) wantsDocument(id int64) bool {
	c := s.category(id)
	return c != nil && (c.parent == 4384 || c.parent == 4421)
}

// AddBrand lists a brand.
func (s *Simulator) AddBrand(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brands = append(s.brands, name)
}

// SetLabels replaces the names that variants of a category may differ by.
func (s *Simulator) SetLabels(category int64, labels ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.labels[category] = labels
}
