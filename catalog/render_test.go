package catalog

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var bangPhuc = Group{ID: "bang-phuc", Name: Text{"HTX Bằng Phúc", "Bang Phuc cooperative"}}

func render(t *testing.T, rules Rules, p Product) (Offer, []Issue) {
	t.Helper()
	r, err := NewRenderer("woo", rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	levels := map[SKU]Level{"CHE-100": {OnHand: 12, Reserved: 2}}
	offer, issues := r.Render(p, bangPhuc, levels)
	for _, i := range issues {
		checkIssue(t, i)
	}
	return offer, issues
}

func TestRenderWithoutRules(t *testing.T) {
	t.Parallel()
	got, issues := render(t, Rules{}, tea())
	sale := VND(169000)
	want := Offer{
		Channel: "woo", ProductID: "TRA01", State: StateLive,
		Title: "Trà Shan tuyết", Summary: "Búp non một tôm hai lá", Brand: "Bằng Phúc",
		Description: "Hái trên cây cổ thụ.\n\nPha với nước 85 °C.",
		Attributes:  []OfferAttribute{{"Mùa vụ", "Xuân"}, {"Bảo quản", "Nơi khô ráo"}},
		Options:     []string{"Khối lượng"},
		Images: []OfferImage{
			{SHA256: strings.Repeat("a", 64), Alt: "Gói trà"},
			{URL: "https://example.org/che-2.png"},
		},
		Variants: []OfferVariant{
			{SKU: "CHE-100", GTIN: "6291041500213", Options: []string{"100 g"}, Price: Price{VND(185000), &sale}, Quantity: 10, Weight: 130, Dimensions: Dimensions{120, 80, 60}, NetContent: Quantity{100_000, "g"}, Image: 2},
			{SKU: "CHE-500", GTIN: "036000291452", Options: []string{"500 g"}, Price: Price{List: VND(850000)}, Weight: 560, NetContent: Quantity{500_000, "g"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || issues != nil {
		t.Errorf("issues %v, offer (-want +got):\n%s", codes(issues), diff)
	}
}

func TestRenderByRules(t *testing.T) {
	t.Parallel()
	rules := Rules{
		Language: "en", Currency: "VND",
		Title:       "{{.Brand}} - {{.Name}}{{if .NetContent}} {{.NetContent}}{{end}} | {{.OCOP}}",
		Description: "{{.Summary}}\n\n{{.Description}}\n\n{{with .Origin}}From {{.}}{{end}}\n\n\nBy {{.Group}}",
		Price:       PriceRule{MarkupBP: 1000, RoundTo: 1000},
		Stock:       StockRule{Buffer: 3},
		Categories:  map[string]string{"drinks": "77"},
		Attributes:  map[string]string{"Mùa vụ": "Season", "Bảo quản": ""},
	}
	p := tea()
	p.Summary = Text{}
	got, issues := render(t, rules, p)
	if issues != nil {
		t.Errorf("issues %v", codes(issues))
	}
	sale := VND(186000)
	wantPrice := Price{VND(204000), &sale}
	if got.Title != "Bằng Phúc - Shan snow tea | OCOP 4 stars" {
		t.Errorf("title %q", got.Title)
	}
	if want := "Picked from old trees.\n\nFrom Đồng Phúc, Thái Nguyên (Bắc Kạn)\n\nBy Bang Phuc cooperative"; got.Description != want {
		t.Errorf("description %q, want %q", got.Description, want)
	}
	if !got.Variants[0].Price.Equal(wantPrice) || got.Variants[0].Quantity != 7 {
		t.Errorf("variant %+v, want %+v and 7", got.Variants[0], wantPrice)
	}
	if got.Category != "77" {
		t.Errorf("category %q, want the parent's 77", got.Category)
	}
	if diff := cmp.Diff([]OfferAttribute{{"Season", "Spring"}}, got.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestOverrideReplacesRules(t *testing.T) {
	t.Parallel()
	limit := int64(4)
	p := tea()
	p.Overrides = map[ChannelID]Override{
		"woo": {
			Title: "Quà Tết", Description: "Riêng cho kênh này", Category: "9", StockCap: &limit,
			Prices:     []SKUPrice{{"CHE-100", VND(111111)}},
			Attributes: []OfferAttribute{{"Season", "Tết"}, {"Hộp", "Đỏ"}},
		},
		"shopee": {Title: "khác"},
	}
	rules := Rules{
		Title: "{{.Name}} x", Description: "y", Price: PriceRule{MarkupBP: 1000},
		Categories: map[string]string{"tea": "1"}, Attributes: map[string]string{"Mùa vụ": "Season"},
	}
	got, issues := render(t, rules, p)
	if issues != nil {
		t.Errorf("issues %v", codes(issues))
	}
	if got.Title != "Quà Tết" || got.Description != "Riêng cho kênh này" || got.Category != "9" {
		t.Errorf("texts %q, %q, %q", got.Title, got.Description, got.Category)
	}
	if v := got.Variants[0]; !v.Price.Equal(Price{List: VND(111111)}) || v.Quantity != 4 {
		t.Errorf("variant %+v", v)
	}
	if v := got.Variants[1]; !v.Price.Equal(Price{List: VND(935000)}) {
		t.Errorf("the rule is not used for the other variant: %+v", v)
	}
	if diff := cmp.Diff([]OfferAttribute{{"Season", "Tết"}, {"Bảo quản", "Nơi khô ráo"}, {"Hộp", "Đỏ"}}, got.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestRenderIssues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		rules  Rules
		change func(*Product)
		want   []string // code, field and severity
		state  State
	}{
		{"I12: no name", Rules{}, func(p *Product) { p.Name = Text{} }, []string{"name_missing name error"}, StateLive},
		{"I12: price zero", Rules{Price: PriceRule{Floor: 5000, Add: 5}}, func(p *Product) { p.Variants[1].ListPrice = VND(0) }, []string{"price_missing variants[CHE-500].list_price error"}, StateLive},
		{"I12: no price", Rules{}, func(p *Product) { p.Variants[1].ListPrice = Money{} }, []string{"price_missing variants[CHE-500].list_price error"}, StateLive},
		{"I12: no variants", Rules{}, func(p *Product) { p.Variants = nil }, []string{"variants_missing variants error"}, StateLive},
		{"sale price zero", Rules{}, func(p *Product) { p.Variants[0].SalePrice = &Money{0, "VND"} }, []string{"price_missing variants[CHE-100].list_price error"}, StateLive},
		{"another currency", Rules{Currency: "USD"}, func(p *Product) { p.Variants = p.Variants[1:] }, []string{"currency variants[CHE-500].list_price error"}, StateLive},
		{"two currencies", Rules{}, func(p *Product) { p.Variants[1].ListPrice = Money{3000, "USD"} }, []string{"currency variants[CHE-500].list_price error"}, StateLive},
		{"unknown currency", Rules{}, func(p *Product) { p.Variants = p.Variants[1:]; p.Variants[0].ListPrice.Currency = "XXX" }, []string{"currency variants[CHE-500].list_price error"}, StateLive},
		{"rule gives no price", Rules{Price: PriceRule{Add: -200000}}, func(*Product) {}, []string{"price_rule variants[CHE-100].list_price error"}, StateLive},
		{"rule overflows", Rules{Price: PriceRule{MarkupBP: 1}}, func(p *Product) { p.Variants[1].ListPrice = VND(math.MaxInt64) }, []string{"price_rule variants[CHE-500].list_price error"}, StateLive},
		{"override price zero", Rules{}, func(p *Product) {
			p.Overrides = map[ChannelID]Override{"woo": {Prices: []SKUPrice{{"CHE-500", VND(0)}}}}
		}, []string{"price_missing variants[CHE-500].list_price error"}, StateLive},
		{"options do not match", Rules{}, func(p *Product) { p.Options = nil }, []string{"options_count variants[CHE-100].options error", "options_count variants[CHE-500].options error"}, StateLive},
		{"sale meets list after rounding", Rules{Price: PriceRule{RoundTo: 100000}}, func(*Product) {}, []string{"sale_dropped variants[CHE-100].sale_price warning"}, StateLive},
		{"floor lifts the sale to the list", Rules{Price: PriceRule{Floor: 900000}}, func(*Product) {}, []string{"sale_dropped variants[CHE-100].sale_price warning"}, StateLive},
		{"long title", Rules{TitleMax: 10}, func(*Product) {}, []string{"title_cut title warning"}, StateLive},
		{"category not mapped", Rules{Categories: map[string]string{"honey": "1"}}, func(*Product) {}, []string{"category_unmapped category warning"}, StateLive},
		{"picture out of reach", Rules{}, func(p *Product) { p.Images[0].SHA256 = "" }, []string{"image_unreachable images[1] warning"}, StateLive},
		{"archived", Rules{}, func(p *Product) { p.Archived = true }, nil, StateStopped},
		{"archived blocks nothing", Rules{}, func(p *Product) { p.Archived, p.Name = true, Text{} }, []string{"name_missing name warning"}, StateStopped},
		{"all variants archived", Rules{}, func(p *Product) { p.Variants[0].Archived, p.Variants[1].Archived = true, true }, []string{"variants_archived variants warning"}, StateStopped},
		{"one variant archived", Rules{}, func(p *Product) { p.Variants[0].Archived = true }, nil, StateLive},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := tea()
			test.change(&p)
			offer, issues := render(t, test.rules, p)
			var got []string
			for _, i := range issues {
				got = append(got, i.Code+" "+i.Field+" "+i.Severity)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
			if offer.State != test.state {
				t.Errorf("state %q, want %q", offer.State, test.state)
			}
			if len(issues) == 0 && len(offer.Variants) == 0 {
				t.Error("an offer without variants and without issues")
			}
			for _, v := range p.Variants {
				if v.Archived && slices.ContainsFunc(offer.Variants, func(o OfferVariant) bool { return o.SKU == v.SKU }) {
					t.Errorf("the archived variant %s is offered", v.SKU)
				}
			}
		})
	}
}

func TestVariantPicturesFollowWhenOneIsLeftOut(t *testing.T) {
	t.Parallel()
	p := tea()
	p.Images[0].SHA256 = ""
	p.Variants[1].Image = 1
	offer, _ := render(t, Rules{}, p)
	if len(offer.Images) != 1 || offer.Variants[0].Image != 1 || offer.Variants[1].Image != 0 {
		t.Errorf("pictures %v, places %d and %d", offer.Images, offer.Variants[0].Image, offer.Variants[1].Image)
	}
	p.Variants[0].Image = 99
	if offer, _ = render(t, Rules{}, p); offer.Variants[0].Image != 0 {
		t.Errorf("place %d of a picture that is not there", offer.Variants[0].Image)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	r, err := NewRenderer("woo", Rules{}, func(i Image) string { return "https://shop.test/" + i.Source })
	if err != nil {
		t.Fatal(err)
	}
	offer, _ := r.Render(tea(), Group{}, nil)
	if got := offer.Images[0].URL; got != "https://shop.test/anh/che-1.png" {
		t.Errorf("URL %q", got)
	}
}

func TestExcluded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		rules    Rules
		override Override
		want     bool
	}{
		{"no rules", Rules{}, Override{}, false},
		{"override", Rules{}, Override{Excluded: true}, true},
		{"included by group", Rules{Include: Selection{Groups: []string{"bang-phuc"}}}, Override{}, false},
		{"included by category", Rules{Include: Selection{Categories: []string{"tea-shan-tuyet"}}}, Override{}, false},
		{"included by parent category", Rules{Include: Selection{Categories: []string{"drinks"}}}, Override{}, false},
		{"included by ID", Rules{Include: Selection{Groups: []string{"x"}, Products: []string{"TRA01"}}}, Override{}, false},
		{"not included", Rules{Include: Selection{Groups: []string{"x"}, Categories: []string{"honey"}, Products: []string{"y"}}}, Override{}, true},
		{"excluded by group", Rules{Exclude: Selection{Groups: []string{"bang-phuc"}}}, Override{}, true},
		{"excluded by parent category", Rules{Exclude: Selection{Categories: []string{"drinks"}}}, Override{}, true},
		{"included and excluded", Rules{Include: Selection{Categories: []string{"drinks"}}, Exclude: Selection{Products: []string{"TRA01"}}}, Override{}, true},
	}
	for _, test := range tests {
		r, err := NewRenderer("woo", test.rules, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := tea()
		p.Overrides = map[ChannelID]Override{"woo": test.override, "shopee": {Excluded: true}}
		if got := r.Excluded(p); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestNewRendererRefuses(t *testing.T) {
	t.Parallel()
	minus := int64(-1)
	tests := []struct {
		name  string
		rules Rules
		want  []string // each is in the error
	}{
		{"language", Rules{Language: "fr"}, []string{`language is "fr"`}},
		{"currency", Rules{Currency: "dong"}, []string{`currency: unknown currency "dong"`}},
		{"title_max", Rules{TitleMax: -1}, []string{"title_max is -1"}},
		{"syntax", Rules{Title: "{{.Name"}, []string{"title: template:"}},
		{"unknown field", Rules{Title: "{{.Price}}"}, []string{"title: .Price is not a field here", ".NetContent"}},
		{"unknown field in a branch", Rules{Title: "{{if .Brand}}{{.Price}}{{end}}"}, []string{".Price is not a field here"}},
		{"field of a field", Rules{Title: "{{.Name.VI}}"}, []string{".Name.VI is not a field here"}},
		{"a description field in the title", Rules{Title: "{{.Description}}"}, []string{".Description is not a field here"}},
		{"loop", Rules{Description: "{{range 1000000000}}x{{end}}"}, []string{"description: ", "is not allowed"}},
		{"formatting", Rules{Title: `{{printf "%999999d" 1}}`}, []string{"function printf is not allowed"}},
		{"call", Rules{Title: `{{call .Name}}`}, []string{"function call is not allowed"}},
		{"variable", Rules{Title: "{{$x := .Name}}{{$x}}"}, []string{"declares a variable"}},
		{"the whole data", Rules{Title: "{{.}}"}, []string{"a dot without a field"}},
		{"the whole data as a variable", Rules{Title: "{{$}}"}, []string{"$ is not allowed"}},
		{"a field inside with", Rules{Title: "{{with .Name}}{{.Brand}}{{end}}"}, []string{".Brand is not a field here"}},
		{"definition", Rules{Title: `{{define "x"}}{{.Price}}{{end}}{{.Name}}`}, []string{"templates must not be defined"}},
		{"another template", Rules{Title: `{{template "x"}}`}, []string{"is not allowed"}},
		{"not of two", Rules{Title: "{{not .Name .Brand}}"}, []string{"wrong number of args"}},
		{"price rule", Rules{Price: PriceRule{MarkupBP: -10000, RoundTo: -1, Ending: 5, Floor: -2, FloorOverCostBP: -3}}, []string{"price.markup_bp", "price.round_to", "price.ending", "price.floor is", "price.floor_over_cost_bp"}},
		{"stock rule", Rules{Stock: StockRule{Buffer: -1, SharePercent: 101, Cap: &minus, LastUnits: 2}}, []string{"stock.buffer", "stock.share", "stock.cap", "stock.last_units is"}},
		{"last_units_on alone", Rules{Stock: StockRule{LastUnitsOn: "woo"}}, []string{"stock.last_units_on"}},
		{"empty category", Rules{Categories: map[string]string{"tea": " "}}, []string{"categories.tea is empty"}},
		{"all at once", Rules{Language: "fr", Title: "{{.X}}", Price: PriceRule{Floor: -1}, Stock: StockRule{Buffer: -1}}, []string{"language", "title", "price.floor", "stock.buffer"}},
	}
	for _, test := range tests {
		_, err := NewRenderer("woo", test.rules, nil)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q in it", test.name, err, want)
			}
		}
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	tests := []struct{ title, want string }{
		{"", "Trà Shan tuyết"},
		{"  ", "Trà Shan tuyết"},
		{"Trà ngon", "Trà ngon"},
		{"{{.OCOP}} {{.Name}}", "OCOP 4 sao Trà Shan tuyết"},
		{"{{.NetContent}} - {{.Name}} | {{.NetContent}}", "Trà Shan tuyết"}, // the variants differ
		{"{{if and .Brand (ne .Brand .Name)}}{{.Brand}}: {{end}}{{.Name}}", "Bằng Phúc: Trà Shan tuyết"},
		{"{{if not .Brand}}x{{else if eq .Group \"y\"}}z{{else}}{{.Group}}{{end}}", "HTX Bằng Phúc"},
		{"{{with .Brand}}{{.}}{{else}}-{{end}}", "Bằng Phúc"},
		{"{{/* nothing */}}", "Trà Shan tuyết"},
	}
	for _, test := range tests {
		if got, _ := render(t, Rules{Title: test.title}, tea()); got.Title != test.want {
			t.Errorf("%q gives %q, want %q", test.title, got.Title, test.want)
		}
	}
	p := tea()
	p.Variants[1].Archived = true
	if got, _ := render(t, Rules{Title: "{{.Name}} {{.NetContent}}"}, p); got.Title != "Trà Shan tuyết 100 g" {
		t.Errorf("title %q: an archived variant counts", got.Title)
	}
}

func TestCutTitle(t *testing.T) {
	t.Parallel()
	tests := []struct {
		title string
		limit int
		want  string
	}{
		{"Trà Shan tuyết", 0, "Trà Shan tuyết"},
		{"Trà Shan tuyết", 14, "Trà Shan tuyết"},
		{"Trà Shan tuyết", 13, "Trà Shan"},
		{"Trà Shan tuyết", 9, "Trà Shan"},
		{"Trà Shan tuyết", 8, "Trà Shan"},
		{"Trà Shan tuyết", 7, "Trà"},
		{"Trà - Shan", 7, "Trà"},
		{"Miếndongdài", 4, "Miến"},
		{"a\u0301\u0302b", 2, "a\u0301\u0302b"[:0]}, // a letter and its marks stay together
		{"xa\u0301b", 2, "x"},
	}
	for _, test := range tests {
		if got := cutTitle(test.title, test.limit); got != test.want {
			t.Errorf("cutTitle(%q, %d) = %q, want %q", test.title, test.limit, got, test.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		title, limit := rapid.String().Draw(t, "title"), rapid.IntRange(1, 20).Draw(t, "limit")
		if got := cutTitle(title, limit); utf8.RuneCountInString(got) > limit || !strings.HasPrefix(title, got) {
			t.Fatalf("cutTitle(%q, %d) = %q", title, limit, got)
		}
	})
}

func TestQuantityIn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		quantity Quantity
		vi, en   string
	}{
		{Quantity{500_000, "g"}, "500 g", "500 g"},
		{Quantity{1500, "l"}, "1,5 l", "1.5 l"},
		{Quantity{1005, "kg"}, "1,005 kg", "1.005 kg"},
		{Quantity{50, "m"}, "0,05 m", "0.05 m"},
		{Quantity{1000, "piece"}, "1 cái", "1 piece"},
		{Quantity{20_000, "piece"}, "20 cái", "20 pieces"},
		{Quantity{}, "", ""},
		{Quantity{-5, "g"}, "", ""},
	}
	for _, test := range tests {
		if vi, en := test.quantity.In("vi"), test.quantity.In("en"); vi != test.vi || en != test.en {
			t.Errorf("%+v: %q and %q, want %q and %q", test.quantity, vi, en, test.vi, test.en)
		}
	}
}

func TestOriginString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		origin Origin
		want   string
	}{
		{Origin{"Đồng Phúc", "Thái Nguyên", "Bắc Kạn"}, "Đồng Phúc, Thái Nguyên (Bắc Kạn)"},
		{Origin{"", "Lâm Đồng", "Đắk Nông"}, "Lâm Đồng (Đắk Nông)"},
		{Origin{"Đồng Phúc", "", ""}, "Đồng Phúc"},
		{Origin{"", "Thái Nguyên", "Thái Nguyên"}, "Thái Nguyên"},
		{Origin{"", "", "Bắc Kạn"}, "Bắc Kạn"},
		{Origin{}, ""},
	}
	for _, test := range tests {
		if got := test.origin.String(); got != test.want {
			t.Errorf("%+v: %q, want %q", test.origin, got, test.want)
		}
	}
}

// Rendering is pure: it changes nothing it was given, gives the same again,
// and may be called from many goroutines.
func TestRenderIsPure(t *testing.T) {
	t.Parallel()
	rules := Rules{Title: "{{.Brand}} {{.Name}}", Description: "{{.Description}} {{.Origin}}", Price: PriceRule{MarkupBP: 700, RoundTo: 1000, Ending: 900}, Attributes: map[string]string{"Mùa vụ": "Season"}}
	r, err := NewRenderer("woo", rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, levels := tea(), map[SKU]Level{"CHE-100": {OnHand: 5}}
	p.Overrides = map[ChannelID]Override{"woo": {Attributes: []OfferAttribute{{"Season", "x"}}}}
	want, _ := r.Render(p, bangPhuc, levels)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				if got, _ := r.Render(p, bangPhuc, levels); !cmp.Equal(want, got) {
					t.Errorf("another offer: %s", cmp.Diff(want, got))
					return
				}
			}
		})
	}
	wait.Wait()
	original := tea()
	original.Overrides = map[ChannelID]Override{"woo": {Attributes: []OfferAttribute{{"Season", "x"}}}}
	if diff := cmp.Diff(original, p); diff != "" {
		t.Errorf("the product was changed:\n%s", diff)
	}
}

// An offer that may be published is one that can be: its prices are right and
// its quantities not negative, whatever the product and the rules are.
func TestRenderedOffersCanBePublished(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(-10, 1_000_000)
		money := rapid.Custom(func(t *rapid.T) Money {
			return Money{amount.Draw(t, "amount"), rapid.SampledFrom([]string{"VND", "VND", "VND", "USD", ""}).Draw(t, "currency")}
		})
		p := Product{ID: "P", Name: Text{VI: rapid.SampledFrom([]string{"", "Tên", strings.Repeat("dài ", 30)}).Draw(t, "name")}, Archived: rapid.Bool().Draw(t, "archived")}
		for i := range rapid.IntRange(0, 3).Draw(t, "variants") {
			v := Variant{SKU: SKU(rune('A' + i)), ListPrice: money.Draw(t, "list"), Archived: rapid.Bool().Draw(t, "archived")}
			if rapid.Bool().Draw(t, "on sale") {
				sale := money.Draw(t, "sale")
				v.SalePrice = &sale
			}
			if rapid.Bool().Draw(t, "cost known") {
				cost := money.Draw(t, "cost")
				v.Cost = &cost
			}
			p.Variants = append(p.Variants, v)
		}
		rules := Rules{TitleMax: 20, Price: PriceRule{Add: rapid.Int64Range(-1000, 1000).Draw(t, "add"), RoundTo: rapid.SampledFrom([]int64{0, 500, 10000}).Draw(t, "step"), FloorOverCostBP: rapid.Int64Range(0, 5000).Draw(t, "over")}}
		r, err := NewRenderer("woo", rules, nil)
		if err != nil {
			t.Fatal(err)
		}
		offer, issues := r.Render(p, Group{}, map[SKU]Level{"A": {OnHand: amount.Draw(t, "on hand")}})
		blocked := slices.ContainsFunc(issues, func(i Issue) bool { return i.Severity == SeverityError })
		if offer.State == StateStopped {
			if blocked {
				t.Fatalf("a stopped offer is blocked: %v", codes(issues))
			}
			return
		}
		if blocked {
			return
		}
		if offer.Title == "" || utf8.RuneCountInString(offer.Title) > 20 || len(offer.Variants) == 0 {
			t.Fatalf("offer %+v", offer)
		}
		for _, v := range offer.Variants {
			if v.Price.List.Amount <= 0 || v.Price.List.Currency != offer.Variants[0].Price.List.Currency || v.Quantity < 0 {
				t.Fatalf("variant %+v", v)
			}
			if s := v.Price.Sale; s != nil && (s.Amount <= 0 || s.Amount >= v.Price.List.Amount || s.Currency != v.Price.List.Currency) {
				t.Fatalf("sale %v of %v", s, v.Price.List)
			}
		}
	})
}

// The full re-render of 300,000 listings takes 300,000 of these.
func BenchmarkRender(b *testing.B) {
	for _, bench := range []struct {
		name  string
		rules Rules
	}{
		{"plain", Rules{Price: PriceRule{MarkupBP: 500, RoundTo: 1000}, Stock: StockRule{Buffer: 1}, Categories: map[string]string{"tea": "1", "drinks": "2"}, TitleMax: 120}},
		{"templates", Rules{Title: "{{.Brand}} {{.Name}} {{.NetContent}}", Description: "{{.Description}}\n\n{{.Origin}} {{.OCOP}}", Price: PriceRule{MarkupBP: 500, RoundTo: 1000}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			r, err := NewRenderer("woo", bench.rules, nil)
			if err != nil {
				b.Fatal(err)
			}
			p, levels := tea(), map[SKU]Level{"CHE-100": {OnHand: 12}, "CHE-500": {OnHand: 7}}
			b.ReportAllocs()
			for b.Loop() {
				r.Render(p, bangPhuc, levels)
			}
		})
	}
}

func BenchmarkSnapshot(b *testing.B) {
	r, err := NewRenderer("woo", Rules{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	offer, _ := r.Render(tea(), bangPhuc, nil)
	b.ReportAllocs()
	for b.Loop() {
		offer.Snapshot(bookedAt)
	}
}
