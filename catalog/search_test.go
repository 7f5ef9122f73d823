package catalog

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"", ""},
		{"Mật ong rừng", "mat ong rung"},
		{"ĐẮK NÔNG, Đường Thốt Nốt", "dak nong, duong thot not"},
		{"Ðặc sản", "dac san"}, // eth typed for Đ
		{"àáảãạăằắẳẵặâầấẩẫậ", "aaaaaaaaaaaaaaaaa"},
		{"èéẻẽẹêềếểễệ", "eeeeeeeeeee"},
		{"ìíỉĩị", "iiiii"},
		{"òóỏõọôồốổỗộơờớởỡợ", "ooooooooooooooooo"},
		{"ùúủũụưừứửữự", "uuuuuuuuuuu"},
		{"ỳýỷỹỵ", "yyyyy"},
		{"Café Łódź Straße Æsir Þór cœur", "cafe lodz strasse aesir thor coeur"},
		{"Чай Шан", "чай шан"},
		{"茶 100%", "茶 100%"},
		{"ชาอู่หลง", "ชาอู่หลง"},
		{"a\xffb", "a\uFFFDb"},
	}
	for _, test := range tests {
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			in := form.String(test.in)
			want := test.want
			if !strings.ContainsAny(want, "abcdefghijklmnopqrstuvwxyz") {
				want = strings.ToLower(in) // other scripts stay as they are written
			}
			if got := Fold(in); got != want {
				t.Errorf("Fold(%+q) = %q, want %q", in, got, want)
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Mật ong rừng ĐẮK")
	f.Add("\u0301a\u0301 й и\u0306")
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if !utf8.ValidString(once) {
			t.Fatalf("Fold(%q) is not UTF-8", s)
		}
		if twice := Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, folded again %q", s, once, twice)
		}
		for _, token := range QueryTokens(s) {
			if token == "" || len(token) > maxTokenBytes || !utf8.ValidString(token) {
				t.Fatalf("QueryTokens(%q) has %q", s, token)
			}
		}
	})
}

func TestSearchTokens(t *testing.T) {
	t.Parallel()
	p := Product{
		ID:       "TRA01",
		Name:     Text{"Trà Shan tuyết", "Shan snow tea"},
		Brand:    "Bằng Phúc",
		Category: "tea-shan-tuyet",
		Origin:   Origin{Commune: "Đồng Phúc", Province: "Thái Nguyên", OldLabel: "Bắc Kạn"},
		Variants: []Variant{
			{SKU: "CHE-100", GTIN: "8938505974194", Options: []string{"100 g"}},
			{SKU: "CHE-500", Options: []string{"Nửa ký"}},
		},
		Attributes: []Attribute{{Name: "Mùa vụ", Value: Text{VI: "Xuân"}}},
	}
	want := []string{
		"100", "500", "8938505974194", "bac", "bang", "che", "che100", "che500", "do", "dong", "drinks", "g", "kan", "ky",
		"mua", "nguyen", "nua", "phuc", "shan", "snow", "tea", "thai", "tra", "tra01", "tuyet", "uong", "vu", "xuan",
	}
	if diff := cmp.Diff(want, SearchTokens(p)); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
	// Whatever is asked in the words of the product is found.
	for _, query := range []string{"shan TUYẾT", "che-100", "CHE100", "bằng phúc", "893850"} {
		for _, token := range QueryTokens(query) {
			if !slices.ContainsFunc(SearchTokens(p), func(s string) bool { return strings.HasPrefix(s, token) }) {
				t.Errorf("query %q: no token begins with %q", query, token)
			}
		}
	}
}

func TestSearchTokensAreBounded(t *testing.T) {
	t.Parallel()
	p := Product{Name: Text{VI: strings.Repeat("ề", 5_000_000) + " mật"}}
	for i := range 5000 {
		p.Attributes = append(p.Attributes, Attribute{Name: "n", Value: Text{VI: strings.Repeat("x", i%300) + " " + string(rune(0x4E00+i))}})
	}
	tokens := SearchTokens(p)
	if len(tokens) != maxSearchTokens || !slices.IsSorted(tokens) {
		t.Errorf("%d tokens, want %d sorted", len(tokens), maxSearchTokens)
	}
	if !slices.Contains(tokens, "mat") {
		t.Error("the name was left out before the attributes")
	}
	for _, token := range tokens {
		if len(token) > maxTokenBytes || !utf8.ValidString(token) {
			t.Errorf("token %q of %d bytes", token, len(token))
		}
	}
	if got := len(QueryTokens(strings.Repeat("a b ", 50))); got != maxQueryTokens {
		t.Errorf("%d query words, want %d", got, maxQueryTokens)
	}
	if got := QueryTokens(" -,. "); got != nil {
		t.Errorf("no words give %q, want nil", got)
	}
	// A word that is too long is cut alike on both sides.
	long := strings.Repeat("đường", 20)
	if got, want := QueryTokens(long), SearchTokens(Product{Name: Text{VI: long}}); !slices.Equal(got, want) {
		t.Errorf("query %q, indexed %q", got, want)
	}
}

func BenchmarkSearchTokens(b *testing.B) {
	p := tea()
	b.ReportAllocs()
	for b.Loop() {
		SearchTokens(p)
	}
}
