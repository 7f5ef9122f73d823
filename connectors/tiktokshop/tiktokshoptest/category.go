package tiktokshoptest

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Category is a node of the tree. Products go into leaves.
type Category struct {
	ID, Parent, Name string // Parent "0" at the top
	// Permission is AVAILABLE when it is "".
	Permission string
	Attributes []Attribute
	// Certificate is the name of a paper that every product needs, or those for
	// which CertificateIf holds; "" = none.
	Certificate   string
	CertificateIf []Condition
	// NoCOD switches cash on delivery off.
	NoCOD bool
}

// Attribute is what a category asks of products.
type Attribute struct {
	ID, Name string
	Sales    bool // tells SKUs apart; else a fact about the product
	Required bool
	Multiple bool
	Custom   bool // takes values of one's own
	Numeric  bool // those are numbers above zero
	Values   []AttributeValue
	// RequiredIf makes the attribute required when one of the conditions holds.
	RequiredIf []Condition
}

// Condition holds for a product that has the value of the attribute.
type Condition struct{ Attribute, Value string }

func holds(conditions []Condition, facts []attributeIn) bool {
	return slices.ContainsFunc(conditions, func(c Condition) bool {
		return slices.ContainsFunc(facts, func(a attributeIn) bool {
			return a.ID == c.Attribute && slices.ContainsFunc(a.Values, func(v attributeValueIn) bool { return v.ID == c.Value })
		})
	})
}

func showConditions(conditions []Condition) []object {
	rows := []object{}
	for _, c := range conditions {
		rows = append(rows, object{"condition_type": "VALUE_ID_MATCH", "attribute_id": c.Attribute, "attribute_value_id": c.Value})
	}
	return rows
}

// AttributeValue is a value that the platform knows.
type AttributeValue struct{ ID, Name string }

// AddCategory adds a category, and RemoveCategory takes one away, as the
// platform does now and then.
func (s *Simulator) AddCategory(c Category) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.categories = append(s.categories, &c)
}

// RemoveCategory takes a category away.
func (s *Simulator) RemoveCategory(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.categories = slices.DeleteFunc(s.categories, func(c *Category) bool { return c.ID == id })
}

func seedCategories() []*Category {
	origin := Attribute{ID: "101395", Name: "Xuất xứ", Required: true, Values: []AttributeValue{{"1000370", "Việt Nam"}, {"1000371", "Khác"}}}
	weight := Attribute{ID: "100089", Name: "Khối lượng tịnh", Sales: true, Custom: true, Values: []AttributeValue{{"1000058", "500g"}}}
	volume := Attribute{ID: "100090", Name: "Khối lượng", Sales: true, Custom: true, Values: []AttributeValue{{"1000101", "100 g"}}}
	color := Attribute{ID: "100000", Name: "Màu sắc", Sales: true, Custom: true, Values: []AttributeValue{{"1000201", "Đỏ"}}}
	storage := Attribute{ID: "101400", Name: "Bảo quản", Custom: true, Multiple: true, Values: []AttributeValue{{"1000401", "Nơi khô ráo"}}}
	return []*Category{
		{ID: "700437", Parent: "0", Name: "Thực phẩm & Đồ uống"},
		{ID: "914568", Parent: "700437", Name: "Mật ong", Attributes: []Attribute{weight, origin, storage}},
		{ID: "914569", Parent: "700437", Name: "Trà", Attributes: []Attribute{volume, origin, storage}},
		{ID: "914570", Parent: "700437", Name: "Miến & Bún khô", Attributes: []Attribute{weight, origin}},
		{ID: "914571", Parent: "700437", Name: "Thực phẩm chức năng", Permission: "INVITE_ONLY", Attributes: []Attribute{origin}},
		{ID: "914572", Parent: "700437", Name: "Sữa ong chúa", Certificate: "Giấy chứng nhận an toàn thực phẩm", Attributes: []Attribute{origin}},
		{ID: "824584", Parent: "0", Name: "Túi & Hành lý"},
		{ID: "824585", Parent: "824584", Name: "Túi thổ cẩm", Attributes: []Attribute{color}},
	}
}

type brand struct {
	id, name string
	allowed  bool
}

func seedBrands() []brand {
	return []brand{{"7082427311584347905", "Chợ Phiên mẫu", true}, {"7082427311584347906", "Nhãn hiệu nổi tiếng", false}}
}

func (s *Simulator) category(id string) *Category {
	for _, c := range s.categories {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (s *Simulator) isLeaf(id string) bool {
	return !slices.ContainsFunc(s.categories, func(c *Category) bool { return c.Parent == id })
}

func (c *Category) permission() string {
	if c.Permission == "" {
		return "AVAILABLE"
	}
	return c.Permission
}

// checkVersion refuses the tree that the shop does not use. Without one the
// old tree is meant.
func (s *Simulator) checkVersion(version string) error {
	if version == "" {
		version = "v1"
	}
	if version != s.options.CategoryVersion {
		return refuse(12052217, "All region shops must use %s categories. Check the documentation for further details.", strings.ToUpper(s.options.CategoryVersion))
	}
	return nil
}

func (s *Simulator) listCategories(r *request) (any, error) {
	if err := s.checkVersion(r.query.Get("category_version")); err != nil {
		return nil, err
	}
	rows := []object{}
	for _, c := range s.categories {
		prohibited := c.permission() == "PROHIBITED" && r.query.Get("include_prohibited_categories") != "true"
		if !prohibited && strings.Contains(strings.ToLower(c.Name), strings.ToLower(r.query.Get("keyword"))) {
			rows = append(rows, object{
				"id": c.ID, "parent_id": c.Parent, "local_name": c.Name, "is_leaf": s.isLeaf(c.ID), "permission_statuses": []string{c.permission()},
			})
		}
	}
	return object{"categories": rows}, nil
}

func (s *Simulator) recommend(r *request) (any, error) {
	var in struct {
		Title   string `json:"product_title"`
		Version string `json:"category_version"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := s.checkVersion(in.Version); err != nil {
		return nil, err
	}
	if in.Title == "" {
		return nil, badParam("product_title", "it is empty", "a title")
	}
	for _, c := range s.categories {
		if s.isLeaf(c.ID) && strings.Contains(strings.ToLower(in.Title), strings.ToLower(strings.Fields(c.Name)[0])) {
			rows := []object{}
			for level, node := 0, c; node != nil; node = s.category(node.Parent) {
				level++
				rows = append([]object{{
					"id": node.ID, "name": node.Name, "level": level, "is_leaf": s.isLeaf(node.ID), "permission_statuses": []string{node.permission()},
				}}, rows...)
			}
			for i := range rows {
				rows[i]["level"] = i + 1
			}
			return object{"leaf_category_id": c.ID, "categories": rows}, nil
		}
	}
	return object{"leaf_category_id": "", "categories": []object{}}, nil
}

// leaf gives the category of a call about one.
func (s *Simulator) leaf(r *request) (*Category, error) {
	if err := s.checkVersion(r.query.Get("category_version")); err != nil {
		return nil, err
	}
	c := s.category(r.vars["category"])
	switch {
	case c == nil:
		return nil, refuse(12052023, "Category does not exist")
	case !s.isLeaf(c.ID):
		return nil, refuse(12052024, "Category is not final category")
	}
	return c, nil
}

func (s *Simulator) attributes(r *request) (any, error) {
	c, err := s.leaf(r)
	if err != nil {
		return nil, err
	}
	rows := []object{}
	for _, a := range c.Attributes {
		kind := "PRODUCT_PROPERTY"
		if a.Sales {
			kind = "SALES_PROPERTY"
		}
		values := []object{}
		for _, v := range a.Values {
			values = append(values, object{"id": v.ID, "name": v.Name})
		}
		// "is_requried" is how the platform spells it.
		rows = append(rows, object{
			"id": a.ID, "name": a.Name, "type": kind, "is_requried": a.Required, "is_customizable": a.Custom, "is_multiple_selection": a.Multiple,
			"value_data_format": map[bool]string{true: "POSITIVE_INT_OR_DECIMAL"}[a.Numeric], "values": values, "requirement_conditions": showConditions(a.RequiredIf),
		})
	}
	return object{"attributes": rows}, nil
}

func (s *Simulator) rules(r *request) (any, error) {
	c, err := s.leaf(r)
	if err != nil {
		return nil, err
	}
	papers := []object{}
	if c.Certificate != "" {
		papers = append(papers, object{
			"id": "7182427311584347906", "name": c.Certificate, "is_required": len(c.CertificateIf) == 0, "sample_image_url": "", "document_details": "",
			"expiration_date": object{"is_required": false}, "requirement_conditions": showConditions(c.CertificateIf),
		})
	}
	return object{
		"product_certifications": papers, "size_chart": object{"is_supported": false, "is_required": false},
		"cod": object{"is_supported": !c.NoCOD}, "package_dimension": object{"is_required": false}, "epr": object{"is_required": false},
		"allowed_special_product_types": []string{},
	}, nil
}

func (s *Simulator) listBrands(r *request) (any, error) {
	authorized := r.query.Get("is_authorized")
	var found []object
	for _, b := range s.brands {
		if authorized != "" && authorized != strconv.FormatBool(b.allowed) {
			continue
		}
		if strings.HasPrefix(strings.ToLower(b.name), strings.ToLower(r.query.Get("brand_name"))) {
			status := "AUTHORIZED"
			if !b.allowed {
				status = "UNAUTHORIZED"
			}
			found = append(found, object{"id": b.id, "name": b.name, "authorized_status": status, "brand_status": "AVAILABLE", "is_t1_brand": !b.allowed})
		}
	}
	first, last, next, err := r.page(len(found), 0, 100)
	if err != nil {
		return nil, err
	}
	return object{"brands": append([]object{}, found[first:last]...), "next_page_token": next, "total_count": len(found)}, nil
}

func (s *Simulator) createBrand(r *request) (any, error) {
	var in struct {
		Name string `json:"name"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if day := s.now().Unix() / 86400; day != s.day {
		s.day, s.madeBrands = day, 0
	}
	switch n := utf8.RuneCountInString(in.Name); {
	case n < 2 || n > 30 || hasHan(in.Name):
		return nil, badParam("name", "its length or a character is wrong", "2 to 30 characters, none of them Chinese")
	case s.madeBrands >= 50 || len(s.brands) >= 1000:
		return nil, badParam("name", "there are too many brands", "50 a day and 1000 in all")
	}
	s.madeBrands++
	b := brand{s.newID(7082427311584348000), in.Name, true}
	s.brands = append(s.brands, b)
	return object{"id": b.id}, nil
}
