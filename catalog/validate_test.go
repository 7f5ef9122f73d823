package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// tea is a complete and valid product of two variants.
func tea() Product {
	sale := VND(169000)
	cost := VND(120000)
	return Product{
		ID: "TRA01", Revision: 3, GroupID: "bang-phuc",
		Name:        Text{"Trà Shan tuyết", "Shan snow tea"},
		Summary:     Text{VI: "Búp non một tôm hai lá"},
		Description: Text{VI: "Hái trên cây cổ thụ.\n\nPha với nước 85 °C.", EN: "Picked from old trees."},
		Category:    "tea-shan-tuyet",
		Brand:       "Bằng Phúc",
		Options:     []string{"Khối lượng"},
		Variants: []Variant{
			{SKU: "CHE-100", GTIN: "6291041500213", Options: []string{"100 g"}, ListPrice: VND(185000), SalePrice: &sale, Cost: &cost, Weight: 130, Dimensions: Dimensions{120, 80, 60}, NetContent: Quantity{100_000, "g"}, Image: 2},
			{SKU: "CHE-500", GTIN: "036000291452", Options: []string{"500 g"}, ListPrice: VND(850000), Cost: &cost, Weight: 560, NetContent: Quantity{500_000, "g"}},
		},
		Images: []Image{
			{Source: "anh/che-1.png", SHA256: strings.Repeat("a", 64), Type: "image/png", Alt: Text{VI: "Gói trà"}},
			{Source: "https://example.org/che-2.png"},
		},
		Attributes:   []Attribute{{"Mùa vụ", Text{"Xuân", "Spring"}}, {"Bảo quản", Text{VI: "Nơi khô ráo"}}},
		Origin:       Origin{"Đồng Phúc", "Thái Nguyên", "Bắc Kạn"},
		OCOP:         4,
		Certificates: []Certificate{{Kind: "ATTP", Number: "12/2026"}},
		Lots:         []Lot{{Code: "L1", SKU: "CHE-100", MadeOn: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), ExpiresOn: time.Date(2028, 4, 1, 0, 0, 0, 0, time.UTC)}},
	}
}

func codes(issues []Issue) []string {
	var list []string
	for _, i := range issues {
		list = append(list, i.Code+" "+i.Field)
	}
	return list
}

func TestValidateAcceptsACompleteProduct(t *testing.T) {
	t.Parallel()
	if issues := Validate(tea()); issues != nil {
		t.Errorf("issues %v", codes(issues))
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	first := func(change func(*Variant)) func(*Product) {
		return func(p *Product) { change(&p.Variants[0]) }
	}
	override := func(o Override) func(*Product) {
		return func(p *Product) { p.Overrides = map[ChannelID]Override{"woo": o} }
	}
	minus := int64(-1)
	const v1 = "variants[CHE-100]."
	tests := []struct {
		name   string
		change func(*Product)
		want   []string
	}{
		{"no name", func(p *Product) { p.Name = Text{VI: "  "} }, []string{"name_missing name"}},
		{"English name alone", func(p *Product) { p.Name.VI = "" }, nil},
		{"no ID", func(p *Product) { p.ID = "" }, []string{"id id"}},
		{"ID with a slash", func(p *Product) { p.ID = "a/b" }, []string{"id id"}},
		{"negative revision", func(p *Product) { p.Revision = -1 }, []string{"revision revision"}},
		{"no variants", func(p *Product) { p.Variants, p.Lots = nil, nil }, []string{"variants_missing variants"}},
		{"name of 255 characters", func(p *Product) { p.Name.VI = strings.Repeat("ề", 255) }, nil},
		{"name of 256 characters", func(p *Product) { p.Name.VI = strings.Repeat("ề", 256) }, []string{"too_long name.vi"}},
		{"name of 10 MB", func(p *Product) { p.Name.EN = strings.Repeat("x", 10<<20) }, []string{"too_long name.en"}},
		{"description of 50,000 characters", func(p *Product) { p.Description.VI = strings.Repeat("đ", 50_000) }, nil},
		{"description of 50,001 characters", func(p *Product) { p.Description.VI = strings.Repeat("đ", 50_001) }, []string{"too_long description.vi"}},
		{"invalid UTF-8", func(p *Product) { p.Name.VI = "Tr\xe0" }, []string{"encoding name.vi"}},
		{"line break in the name", func(p *Product) { p.Name.VI = "Trà\nShan" }, []string{"control_character name.vi"}},
		{"tab and line break in the description", func(p *Product) { p.Description.VI = "a\tb\nc" }, nil},
		{"NUL in the description", func(p *Product) { p.Description.VI = "a\x00b" }, []string{"control_character description.vi"}},
		{"unknown category", func(p *Product) { p.Category = "cars" }, []string{"category_unknown category"}},
		{"no category", func(p *Product) { p.Category = "" }, nil},
		{"OCOP 0", func(p *Product) { p.OCOP = 0 }, nil},
		{"OCOP 2", func(p *Product) { p.OCOP = 2 }, []string{"ocop ocop"}},
		{"OCOP 6", func(p *Product) { p.OCOP = 6 }, []string{"ocop ocop"}},
		{"OCOP negative", func(p *Product) { p.OCOP = -4 }, []string{"ocop ocop"}},

		{"SKU empty", first(func(v *Variant) { v.SKU = "" }), []string{"sku variants[#1].sku", "sku_unknown lots[1].sku"}},
		{"SKU with a blank", first(func(v *Variant) { v.SKU = "CHE 100" }), []string{"sku variants[#1].sku", "sku_unknown lots[1].sku"}},
		{"SKU twice", func(p *Product) { p.Variants[1].SKU = "CHE-100" }, []string{"sku_twice variants[CHE-100].sku"}},
		{"SKUs that differ in case", func(p *Product) { p.Variants[1].SKU = "che-100" }, nil},
		{"GTIN", first(func(v *Variant) { v.GTIN = "6291041500214" }), []string{"gtin " + v1 + "gtin"}},
		{"too few options", first(func(v *Variant) { v.Options = nil }), []string{"options_count " + v1 + "options"}},
		{"option value empty", first(func(v *Variant) { v.Options = []string{" "} }), []string{"option_value " + v1 + "options[1]"}},
		{"option name empty", func(p *Product) { p.Options[0] = "" }, []string{"option_name options[1]"}},
		{"option name twice", func(p *Product) {
			p.Options = []string{"A", "A"}
			p.Variants[0].Options, p.Variants[1].Options = []string{"1", "2"}, []string{"1", "3"}
		}, []string{"option_name options[2]"}},
		{"options twice", func(p *Product) { p.Variants[1].Options = []string{"100 g"} }, []string{"options_twice variants[CHE-500].options"}},
		{"options twice, one archived", func(p *Product) { p.Variants[1].Options, p.Variants[1].Archived = []string{"100 g"}, true }, nil},
		{"two variants without options", func(p *Product) { p.Options, p.Variants[0].Options, p.Variants[1].Options = nil, nil, nil }, []string{"options_twice variants[CHE-500].options"}},
		{"options that look alike when joined", func(p *Product) {
			p.Options = []string{"A", "B"}
			p.Variants[0].Options, p.Variants[1].Options = []string{"1, 2", "3"}, []string{"1", "2, 3"}
		}, nil},

		{"no price", first(func(v *Variant) { v.ListPrice, v.SalePrice = Money{}, nil }), []string{"currency " + v1 + "list_price"}},
		{"price zero", first(func(v *Variant) { v.ListPrice, v.SalePrice = VND(0), nil }), []string{"price_missing " + v1 + "list_price"}},
		{"price negative", first(func(v *Variant) { v.ListPrice, v.SalePrice = VND(-5), nil }), []string{"price_missing " + v1 + "list_price"}},
		{"price absurd", first(func(v *Variant) { v.ListPrice = VND(maxAmount + 1) }), []string{"price_absurd " + v1 + "list_price"}},
		{"sale equals list", first(func(v *Variant) { v.SalePrice = &v.ListPrice }), []string{"sale_equals_list " + v1 + "sale_price"}},
		{"sale above list", first(func(v *Variant) { v.ListPrice = VND(100000) }), []string{"sale_above_list " + v1 + "sale_price"}},
		{"sale zero", first(func(v *Variant) { v.SalePrice = &Money{0, "VND"} }), []string{"price_missing " + v1 + "sale_price"}},
		{"sale in another currency", first(func(v *Variant) { v.SalePrice = &Money{100, "USD"} }), []string{"currency_mixed " + v1 + "list_price"}},
		{"variants in two currencies", func(p *Product) { p.Variants[1].ListPrice = Money{2500, "USD"} }, []string{"currency_mixed variants[CHE-500].list_price"}},
		{"unknown currency", func(p *Product) {
			p.Variants = p.Variants[1:]
			p.Variants[0].ListPrice.Currency = "vnd"
			p.Lots = nil
			p.Variants[0].Cost = nil
		}, []string{"currency variants[CHE-500].list_price"}},
		{"cost zero", first(func(v *Variant) { v.Cost = &Money{0, "VND"} }), nil},
		{"cost negative", first(func(v *Variant) { v.Cost = &Money{-1, "VND"} }), []string{"price_missing " + v1 + "cost"}},

		{"weight negative", first(func(v *Variant) { v.Weight = -1 }), []string{"measure " + v1 + "weight_g"}},
		{"weight absurd", first(func(v *Variant) { v.Weight = maxWeight + 1 }), []string{"measure " + v1 + "weight_g"}},
		{"length negative", first(func(v *Variant) { v.Dimensions.Length = -1 }), []string{"measure " + v1 + "dimensions_mm.length"}},
		{"unit unknown", first(func(v *Variant) { v.NetContent.Unit = "lb" }), []string{"net_content " + v1 + "net_content"}},
		{"net content zero", first(func(v *Variant) { v.NetContent.Milli = 0 }), []string{"net_content " + v1 + "net_content"}},
		{"net content negative", first(func(v *Variant) { v.NetContent.Milli = -5 }), []string{"measure " + v1 + "net_content"}},
		{"net content not known", first(func(v *Variant) { v.NetContent = Quantity{} }), nil},
		{"picture that is not there", first(func(v *Variant) { v.Image = 3 }), []string{"image_place " + v1 + "image"}},
		{"picture negative", first(func(v *Variant) { v.Image = -1 }), []string{"image_place " + v1 + "image"}},

		{"picture without source", func(p *Product) { p.Images[1] = Image{} }, []string{"image_source images[2]"}},
		{"attribute without name", func(p *Product) { p.Attributes[0].Name = "" }, []string{"attribute_name attributes[1].name"}},
		{"attribute twice", func(p *Product) { p.Attributes[1].Name = "Mùa vụ" }, []string{"attribute_name attributes[2].name"}},
		{"certificate without kind", func(p *Product) { p.Certificates[0].Kind = "" }, []string{"certificate_kind certificates[1].kind"}},
		{"lot of another product", func(p *Product) { p.Lots[0].SKU = "MAT-500" }, []string{"sku_unknown lots[1].sku"}},
		{"lot without code", func(p *Product) { p.Lots[0].Code = "" }, []string{"lot_code lots[1].code"}},
		{"lot expires before it is made", func(p *Product) { p.Lots[0].ExpiresOn = p.Lots[0].MadeOn.AddDate(0, 0, -1) }, []string{"lot_dates lots[1].expires_on"}},

		{"override of an unknown SKU", override(Override{Prices: []SKUPrice{{"X", VND(5)}}}), []string{"sku_unknown overrides[woo].prices[1].sku"}},
		{"override with price zero", override(Override{Prices: []SKUPrice{{"CHE-100", VND(0)}}}), []string{"price_missing overrides[woo].prices[1].price"}},
		{"override with a long title", override(Override{Title: strings.Repeat("x", 256)}), []string{"too_long overrides[woo].title"}},
		{"override with a negative cap", override(Override{StockCap: &minus}), []string{"stock_cap overrides[woo].stock_cap"}},
		{"override with a control character", override(Override{Attributes: []OfferAttribute{{"a", "b\x01"}}}), []string{"control_character overrides[woo].attributes[1].value"}},

		{"too many variants", func(p *Product) { p.Variants = make([]Variant, maxVariants+1); p.Lots = nil }, []string{"too_many variants"}},
		{"too many pictures", func(p *Product) { p.Images = make([]Image, maxList+1) }, []string{"too_many images"}},
		{"too many attributes", func(p *Product) { p.Attributes = make([]Attribute, 1_000_000) }, []string{"too_many attributes"}},
		{"everything at once, in order", func(p *Product) {
			p.Name, p.OCOP, p.Variants[0].GTIN, p.Variants[1].Weight, p.Images[0] = Text{}, 9, "1", -1, Image{}
		}, []string{"name_missing name", "ocop ocop", "gtin " + v1 + "gtin", "measure variants[CHE-500].weight_g", "image_source images[1]"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := tea()
			test.change(&p)
			issues := Validate(p)
			if diff := cmp.Diff(test.want, codes(issues)); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
			for _, i := range issues {
				checkIssue(t, i)
			}
		})
	}
}

// checkIssue asks what every issue promises: words in both languages, without
// traces of formatting, of a bounded length.
func checkIssue(t *testing.T, i Issue) {
	t.Helper()
	if i.Severity != SeverityError && i.Severity != SeverityWarning {
		t.Errorf("%s: severity %q", i.Code, i.Severity)
	}
	for _, text := range []string{i.Message.VI, i.Message.EN} {
		if text == "" || strings.Contains(text, "%!") || strings.Contains(text, "%%") || len(text) > 600 || !utf8.ValidString(text) {
			t.Errorf("%s: message %q", i.Code, text)
		}
	}
	if i.Message.VI == i.Message.EN {
		t.Errorf("%s: one message for both languages", i.Code)
	}
}

func TestValidateSeverity(t *testing.T) {
	t.Parallel()
	p := tea()
	p.Category = "cars"
	p.Variants[0].SalePrice = &p.Variants[0].ListPrice
	for _, i := range Validate(p) {
		if i.Severity != SeverityWarning {
			t.Errorf("%s is %s: a product with it can be sold", i.Code, i.Severity)
		}
	}
	p.OCOP = 1
	if !slices.ContainsFunc(Validate(p), func(i Issue) bool { return i.Severity == SeverityError }) {
		t.Error("no error")
	}
}

func TestCompleteness(t *testing.T) {
	t.Parallel()
	if percent, missing := Completeness(tea()); percent != 100 || missing != nil {
		t.Errorf("complete: %d, %v", percent, codes(missing))
	}
	if percent, missing := Completeness(Product{}); percent != 0 || len(missing) != 10 {
		t.Errorf("empty: %d, %v", percent, codes(missing))
	}
	tests := []struct {
		name   string
		change func(*Product)
		want   int
		code   string
	}{
		{"no English name", func(p *Product) { p.Name.EN = "" }, 95, "missing_name_en"},
		{"no pictures", func(p *Product) { p.Images = nil }, 85, "missing_image"},
		{"one weight missing", func(p *Product) { p.Variants[1].Weight = 0 }, 90, "missing_weight"},
		{"the weight of an archived variant", func(p *Product) { p.Variants[1].Weight, p.Variants[1].Archived = 0, true }, 100, ""},
		{"one GTIN missing", func(p *Product) { p.Variants[1].GTIN = "" }, 95, "missing_gtin"},
		{"no GTIN at all", func(p *Product) { p.Variants[0].GTIN, p.Variants[1].GTIN = "", "" }, 100, ""},
		{"only the old label", func(p *Product) { p.Origin = Origin{OldLabel: "Bắc Kạn"} }, 100, ""},
	}
	for _, test := range tests {
		p := tea()
		test.change(&p)
		percent, missing := Completeness(p)
		got := ""
		if len(missing) > 0 {
			got = missing[0].Code
			checkIssue(t, missing[0])
		}
		if percent != test.want || len(missing) > 1 || got != test.code {
			t.Errorf("%s: %d, %v; want %d, %q", test.name, percent, codes(missing), test.want, test.code)
		}
	}
}

func ExampleValidate() {
	p := Product{ID: "MAT01", Name: Text{VI: "Mật ong"}, Variants: []Variant{{SKU: "MAT-500", ListPrice: VND(0)}}}
	for _, issue := range Validate(p) {
		fmt.Println(issue.Field+":", issue.Message.EN)
	}
	// Output:
	// variants[MAT-500].list_price: The amount is 0 ₫ and must be above zero. Enter the right one.
}

func BenchmarkValidate(b *testing.B) {
	p := tea()
	b.ReportAllocs()
	for b.Loop() {
		Validate(p)
	}
}
