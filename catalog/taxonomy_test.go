package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var readAt = time.Date(2026, 11, 20, 2, 30, 0, 0, time.UTC)

// market is a small tree as a marketplace has it.
func market() *Taxonomy {
	return NewTaxonomy([]PlatformCategory{
		{ID: "1", Name: "Thực phẩm & Đồ uống"},
		{ID: "10", Parent: "1", Name: "Mật ong & Siro", Leaf: true},
		{ID: "11", Parent: "1", Name: "Trà"},
		{ID: "110", Parent: "11", Name: "Trà xanh", Leaf: true},
		{ID: "111", Parent: "11", Name: "Trà thảo mộc", Leaf: true},
		{ID: "12", Parent: "1", Name: "Măng khô", Leaf: true},
		{ID: "2", Name: "Điện tử"},
		{ID: "20", Parent: "2", Name: "Thiết bị mạng", Leaf: true},
		{ID: "21", Parent: "2", Name: "Ong kính", Leaf: true},
		{ID: "30", Parent: "missing", Name: "Túi & Ví thổ cẩm", Leaf: true},
	}, readAt)
}

func ids(found []FoundCategory) []string {
	var list []string
	for _, f := range found {
		list = append(list, f.ID)
	}
	return list
}

func TestSearchCategories(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"mat ong":        {"10"},
		"MẬT ONG":        {"10"},
		"tra":            {"110", "111", "11"}, // those that take products first
		"do uong tra xa": {"110"},              // words of the path; the last is begun
		"thuc pham siro": {"10"},
		"ong":            {"21", "10"},
		"dien tu":        {"21", "20", "2"},
		"nước mắm":       nil,
		" – ":            nil,
	} {
		if got := ids(market().Search(text, 0)); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	if got := market().Search("tra", 1); len(got) != 1 || !slices.Equal(got[0].Path, []string{"Thực phẩm & Đồ uống", "Trà", "Trà xanh"}) {
		t.Errorf("with a limit: %v", got)
	}
}

func TestATreeThatIsNoTree(t *testing.T) {
	t.Parallel()
	tree := NewTaxonomy([]PlatformCategory{{ID: "1", Parent: "2", Name: "a"}, {ID: "2", Parent: "1", Name: "b"}, {ID: "1", Parent: "2", Name: "c", Leaf: true}}, readAt)
	if n := len(tree.Path("1")); n != maxDepth {
		t.Errorf("a circle has a path of %d", n)
	}
	if c, ok := tree.Category("1"); !ok || c.Name != "c" || tree.Len() != 2 {
		t.Errorf("twice the same ID: %+v", c)
	}
	if path := market().Path("30"); !slices.Equal(path, []string{"Túi & Ví thổ cẩm"}) {
		t.Errorf("without a parent: %v", path)
	}
}

func TestCheckOfACategory(t *testing.T) {
	t.Parallel()
	schema := &Schema{Category: "10", Attributes: []PlatformAttribute{
		{ID: "a1", Name: "Xuất xứ", Required: true, Values: []string{"Việt Nam", "Nước khác"}},
		{ID: "a2", Name: "Thương hiệu", Required: true},
		{ID: "a3", Name: "Dung tích"},
	}}
	brand := func(a PlatformAttribute) bool { return a.ID == "a2" }
	for name, test := range map[string]struct {
		category string
		facts    []OfferAttribute
		fills    func(PlatformAttribute) bool
		schema   *Schema
		want     []string
	}{
		"not mapped":             {"", nil, brand, schema, nil},
		"vanished":               {"99", nil, brand, schema, []string{"category_vanished"}},
		"takes no products":      {"11", nil, brand, nil, []string{"category_no_leaf"}},
		"nothing is known of it": {"10", nil, nil, nil, nil},
		"required, by name":      {"10", []OfferAttribute{{"xuat xu", "việt nam"}}, brand, schema, nil},
		"required, by ID":        {"10", []OfferAttribute{{"a1", "Việt Nam"}}, brand, schema, nil},
		"required, missing":      {"10", []OfferAttribute{{"a1", " "}}, brand, schema, []string{"attribute_missing"}},
		"required, not allowed":  {"10", []OfferAttribute{{"a1", "Lào"}}, brand, schema, []string{"attribute_value"}},
		"nobody fills":           {"10", []OfferAttribute{{"a1", "Việt Nam"}}, nil, schema, []string{"attribute_missing"}},
	} {
		issues := market().Check(Offer{Channel: "vn-shop", Category: test.category, Attributes: test.facts}, test.schema, test.fills)
		if got := codes(issues); !slices.EqualFunc(got, test.want, func(a, b string) bool { return strings.HasPrefix(a, b+" ") }) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
		for _, issue := range issues {
			checkIssue(t, issue)
			if issue.Severity != SeverityError || !strings.Contains(issue.Message.VI, "chophien categories map vn-shop") && issue.Code != "attribute_value" {
				t.Errorf("%s: an issue must block and say what to do: %+v", name, issue)
			}
		}
	}
}

func TestAllowedValues(t *testing.T) {
	t.Parallel()
	one := PlatformAttribute{Values: []string{"Việt Nam", "Lào"}}
	many := PlatformAttribute{Values: one.Values, Multiple: true}
	for _, test := range []struct {
		attribute PlatformAttribute
		value     string
		want      bool
	}{
		{PlatformAttribute{}, "tùy ý", true}, {one, "viet nam", true}, {one, "Việt Nam, Lào", false},
		{many, "Việt Nam, Lào", true}, {many, "Việt Nam; Pháp", false}, {one, "", false},
	} {
		if got := test.attribute.Allows(test.value); got != test.want {
			t.Errorf("%q: got %t", test.value, got)
		}
	}
}

func TestMappingsServeAFamily(t *testing.T) {
	t.Parallel()
	m := Mappings{
		"drinks": Mapping{ID: "11"}.With(AttributeMapping{ID: "b", Name: "Xuất xứ", Value: "Việt Nam"}).With(AttributeMapping{ID: "a", Name: "Vụ", Ours: "Mùa vụ"}),
		"tea":    Mapping{ID: "110"}.With(AttributeMapping{ID: "b", Name: "Xuất xứ", Value: "Hà Giang"}),
	}
	for code, want := range map[string]string{"tea": "110 tea", "coffee": "11 drinks", "honey": " ", "": " "} {
		if id, from, ok := m.Category(code); id+" "+from != want || ok != (id != "") {
			t.Errorf("%q: got %q %q", code, id, from)
		}
	}
	want := []AttributeMapping{{"a", "Vụ", "Mùa vụ", ""}, {"b", "Xuất xứ", "", "Hà Giang"}}
	if diff := cmp.Diff(want, m.Attributes("tea")); diff != "" {
		t.Error(diff)
	}
	if got := m["tea"].With(AttributeMapping{ID: "b"}); len(got.Attributes) != 0 || len(m["tea"].Attributes) != 1 {
		t.Errorf("taken out: %v", got)
	}
}

func TestRenderUsesMappingsBeneathTheRules(t *testing.T) {
	t.Parallel()
	accepted := Mappings{
		"drinks": {ID: "11", Attributes: []AttributeMapping{{ID: "a9", Name: "Hạn sử dụng", Value: "12 tháng"}}},
		"tea":    {ID: "110", Attributes: []AttributeMapping{{ID: "a1", Name: "Vụ", Ours: "Mùa vụ", Value: "Xuân"}, {ID: "a2", Name: "Bảo quản", Value: "nơi khô"}}},
	}
	for name, test := range map[string]struct {
		rules Rules
		drop  bool // the product's attributes
		want  Offer
	}{
		"accepted":           {Rules{}, false, Offer{Category: "110", Attributes: []OfferAttribute{{"a1", "Xuân"}, {"Bảo quản", "Nơi khô ráo"}, {"a9", "12 tháng"}}}},
		"a value of its own": {Rules{}, true, Offer{Category: "110", Attributes: []OfferAttribute{{"a1", "Xuân"}, {"a2", "nơi khô"}, {"a9", "12 tháng"}}}},
		"the rules win": {Rules{Categories: map[string]string{"drinks": "77"}, Attributes: map[string]string{"Mùa vụ": "Season", "Bảo quản": ""}}, false,
			Offer{Category: "77", Attributes: []OfferAttribute{{"Season", "Xuân"}, {"a1", "Xuân"}, {"a2", "nơi khô"}, {"a9", "12 tháng"}}}},
	} {
		r, err := NewRenderer("woo", test.rules, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := tea()
		p.Category = "tea"
		if test.drop {
			p.Attributes = nil
		}
		got, issues := r.With(accepted).Render(p, bangPhuc, nil)
		if diff := cmp.Diff(test.want, Offer{Category: got.Category, Attributes: got.Attributes}); diff != "" || issues != nil {
			t.Errorf("%s: issues %v (-want +got):\n%s", name, codes(issues), diff)
		}
		if plain, _ := r.Render(p, bangPhuc, nil); test.rules.Categories == nil && plain.Category != "" {
			t.Errorf("%s: the renderer itself changed: %q", name, plain.Category)
		}
	}
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	tree := market()
	first := func(code string, elsewhere ...Accepted) (Suggestion, int) {
		c, ok := CategoryByCode(code)
		if !ok {
			t.Fatal(code)
		}
		list := tree.Suggest(c, elsewhere, 3)
		if len(list) == 0 {
			return Suggestion{}, 0
		}
		for i := 1; i < len(list); i++ {
			if list[i].Score > list[i-1].Score {
				t.Errorf("%s: not the best first: %+v", code, list)
			}
		}
		return list[0], len(list)
	}
	for code, want := range map[string]string{"honey": "10", "bamboo-shoots": "12", "tea-herbal": "111", "bags": "30", "wine": "", "jewelry": ""} {
		if got, _ := first(code); got.ID != want {
			t.Errorf("%s: suggests %q, want %q", code, got.ID, want)
		}
	}
	// "Măng" is no "mạng": marks tell words apart.
	if c, _ := CategoryByCode("bamboo-shoots"); slices.ContainsFunc(tree.Suggest(c, nil, 0), func(s Suggestion) bool { return s.ID == "20" }) {
		t.Error("bamboo shoots are suggested to be network devices")
	}
	if got, _ := first("tea-shan-tuyet"); got.ID == "110" && got.Score > 70 {
		t.Errorf("by names alone %+v", got)
	}
	got, _ := first("tea-shan-tuyet", Accepted{Platform: "tiki/vn", Path: []string{"Bách hóa", "Trà xanh"}})
	if got.ID != "110" || got.Score < 90 || !slices.Equal(got.From, []string{"tiki/vn"}) {
		t.Errorf("accepted elsewhere: %+v", got)
	}
}

func BenchmarkSearchCategories(b *testing.B) {
	var nodes []PlatformCategory
	for i := range 12000 {
		parent := ""
		if i > 0 {
			parent = fmt.Sprint((i - 1) / 12)
		}
		nodes = append(nodes, PlatformCategory{ID: fmt.Sprint(i), Parent: parent, Name: fmt.Sprintf("Ngành hàng %d mật ong", i), Leaf: i > 1000})
	}
	tree := NewTaxonomy(nodes, readAt)
	for b.Loop() {
		tree.Search("mat ong 1", 20)
	}
}
