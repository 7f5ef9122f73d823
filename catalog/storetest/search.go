package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
)

func testSearch(t *testing.T, s catalog.Store) {
	for id, name := range map[string]string{
		"1": "Mật ong rừng Na Rì",
		"2": "Mật ong bạc hà",
		"3": "Ma\u0323\u0302t ong ru\u031b\u0300ng gia\u0300", // NFD
		"4": "Đường phên Đắk Nông",
		"5": "Rượu men lá 100% nếp_nương (chai $5) .*",
		"6": "Măng ớt",
	} {
		putProducts(t, s, named(id, name))
	}
	for text, want := range map[string][]string{
		"mat ong rung":                     {"1", "3"},
		"Mật ong rừng":                     {"1", "3"},
		"MẬT ONG RỪNG":                     {"1", "3"},
		"ma\u0323\u0302t ru\u031b\u0300ng": {"1", "3"},
		"rung mat":                         {"1", "3"}, // in any order
		"mat ong r":                        {"1", "3"},
		"mat ong ":                         {"1", "2", "3"},
		"ma":                               {"1", "2", "3", "6"}, // the last word is a beginning
		"ma ong":                           nil,                  // any other is whole
		"duong phen":                       {"4"},
		"đường":                            {"4"},
		"dak nong":                         {"4"},
		"Đắc":                              nil,
		"mat khong-co":                     nil,
		"100":                              {"5"},
		"men la nuong":                     {"5"},
		"ong mat ong mat ong":              {"1", "2", "3"},
	} {
		equal(t, "search "+text, keys(products(t, s, catalog.ProductQuery{Text: text}), productID), want)
	}
}

// wanted is what a search means, said without any index.
func wanted(list []catalog.Product, text string) []string {
	words := catalog.QueryTokens(text)
	var ids []string
	for _, p := range list {
		tokens := catalog.SearchTokens(p)
		matches := true
		for i, word := range words {
			matches = matches && slices.ContainsFunc(tokens, func(token string) bool {
				return token == word || i == len(words)-1 && strings.HasPrefix(token, word)
			})
		}
		if matches {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func testSearchModel(t *testing.T, s catalog.Store) {
	list := []catalog.Product{full("M")}
	for i, name := range []string{
		"Mật ong rừng", "mat-ong rung", "O'Reilly \"nháy\" tea", "a%b_c*d", `back\slash (paren) [x]`, "$where {$gt:1}",
		"select * from products; drop table products;--", "NEAR AND OR NOT", "Chè  Shan\ttuyết", "trà.đen/100g", "🍯 mật", "мёд 蜂蜜", "x", "",
	} {
		list = append(list, named(fmt.Sprintf("P%02d", i), name))
	}
	putProducts(t, s, list...)
	for _, text := range []string{
		"", " ", "%", "_", "*", "mat*", "mat%", "m_t", ".*", "^m", "(", ")", "[a-z]", `\`, "'", `"`, "' or 1=1 --", `"mat" or "ong"`,
		"$where", "{$gt:\"\"}", "$", "mat AND ong", "NOT mat", "near", "NEAR(mat ong)", "drop table", "o'reilly", "a%b", "a_b", "b_c", "back\\slash",
		"tra.den", "100g", "10", "🍯", "蜂", "мед", "м", "mật", "MAT", "x", "che shan", "p0", "P01", "m-0", "mien dong", "na ri",
		"\x01", "mat\x00ong", "\xff\xfe", strings.Repeat("a ", 2000), strings.Repeat("m", 10000),
	} {
		got, err := s.Products(t.Context(), catalog.ProductQuery{Text: text})
		if err != nil {
			t.Errorf("search %.40q: %v", text, err)
			continue
		}
		equal(t, fmt.Sprintf("search %.40q", text), keys(got, productID), wanted(list, text))
	}
	for _, p := range list {
		for _, token := range catalog.SearchTokens(p) {
			got := keys(products(t, s, catalog.ProductQuery{Text: token}), productID)
			equal(t, "search "+token, got, wanted(list, token))
		}
	}
}

func testSearchFollowsChanges(t *testing.T, s catalog.Store) {
	find := func(text string) []string {
		t.Helper()
		return keys(products(t, s, catalog.ProductQuery{Text: text}), productID)
	}
	p := named("A", "Mật ong rừng")
	putProducts(t, s, p, named("B", "Mật ong bạc hà"))
	refused := named("A", "Trà đen")
	errs, err := s.PutProducts(t.Context(), []catalog.Product{refused})
	outcomes(t, errs, err, catalog.ErrExists)
	equal(t, "by a refused name", find("tra den"), nil)

	p.Revision, p.Name.VI = 1, "Mật ong hoa nhãn"
	putProducts(t, s, p)
	equal(t, "by the old name", find("rung"), nil)
	equal(t, "by the new name", find("nhan"), []string{"A"})
	equal(t, "by what stayed", find("mat ong"), []string{"A", "B"})
	p.Revision, p.Name = 2, catalog.Text{}
	putProducts(t, s, p)
	equal(t, "by what went", find("mat ong"), []string{"B"})
}

func testSearchPages(t *testing.T, s catalog.Store) {
	var want []string
	for i := range 40 {
		name := "Chè Shan tuyết"
		if i%4 == 0 {
			name = "Mật ong"
		} else {
			want = append(want, fmt.Sprintf("P%02d", i))
		}
		putProducts(t, s, named(fmt.Sprintf("P%02d", i), name))
	}
	for _, text := range []string{"che", "shan tuyet", "tuyet che sh", "ch"} {
		got := all(t, 7, productID, func(after string) ([]catalog.Product, error) {
			if after != "" {
				putProducts(t, s, named("A"+text+after, "Chè Shan tuyết")) // before the page's end
			}
			return s.Products(t.Context(), catalog.ProductQuery{Text: text, After: after, Limit: 7})
		})
		ids := slices.DeleteFunc(keys(got, productID), func(id string) bool { return id[0] == 'A' })
		equal(t, "search "+text, ids, want)
	}
}
