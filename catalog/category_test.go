package catalog

import (
	"slices"
	"testing"
)

func TestCategoriesAreATreeOfTwoLevels(t *testing.T) {
	t.Parallel()
	seen := map[string]Category{}
	for _, c := range Categories() {
		if _, twice := seen[c.Code]; twice {
			t.Errorf("category %q is there twice", c.Code)
		}
		if parent, ok := seen[c.Parent]; c.Parent != "" && (!ok || parent.Parent != "") {
			t.Errorf("category %q: parent %q is not a top category above it", c.Code, c.Parent)
		}
		if c.Name.VI == "" || c.Name.EN == "" {
			t.Errorf("category %q lacks a name", c.Code)
		}
		if err := ValidSKU(SKU(c.Code)); err != nil {
			t.Errorf("category %q: %v", c.Code, err)
		}
		seen[c.Code] = c
	}
	for _, code := range []string{"honey", "tea", "tea-shan-tuyet", "vermicelli", "pepper", "coffee", "rice", "herbs", "dried-fruit", "brocade", "handicraft", "spices", "medicinal", "bamboo"} {
		if _, ok := seen[code]; !ok {
			t.Errorf("category %q is missing", code)
		}
	}
	Categories()[0].Code = "changed"
	if _, ok := CategoryByCode("food"); !ok || categories[0].Code != "food" {
		t.Error("the tree can be changed from outside")
	}
}

func TestFindCategory(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"honey", "honey"},
		{"Mật ong", "honey"},
		{"  MAT  ONG ", "honey"},
		{"Trà Shan tuyết", "tea-shan-tuyet"},
		{"tea-shan-tuyet", "tea-shan-tuyet"},
		{"chè", "tea"},
		{"Hồ tiêu", "pepper"},
		{"dried fruit", "dried-fruit"},
		{"Thổ cẩm", "brocade"},
		{"", ""},
		{"-", ""},
		{"ô tô", ""},
	}
	for _, test := range tests {
		got, ok := FindCategory(test.text)
		if got.Code != test.want || ok != (test.want != "") {
			t.Errorf("FindCategory(%q) = %q, %v; want %q", test.text, got.Code, ok, test.want)
		}
	}
	for _, c := range Categories() {
		for _, name := range []string{c.Code, c.Name.VI, c.Name.EN} {
			if got, _ := FindCategory(name); got.Code != c.Code {
				t.Errorf("FindCategory(%q) = %q, want %q", name, got.Code, c.Code)
			}
		}
	}
}

func TestCategoryPath(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code string
		want []string
	}{
		{"tea", []string{"tea", "drinks"}},
		{"drinks", []string{"drinks"}},
		{"nowhere", []string{"nowhere"}},
		{"", nil},
	}
	for _, test := range tests {
		if got := CategoryPath(test.code); !slices.Equal(got, test.want) {
			t.Errorf("CategoryPath(%q) = %q, want %q", test.code, got, test.want)
		}
	}
}
