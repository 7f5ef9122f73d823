package pricetext

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOwnCases(t *testing.T) {
	t.Parallel()
	for _, l := range readLabeled(t, "testdata/cases.tsv") {
		r := Read(l.text, ParseContext(l.context))
		wrong, _ := l.verdict(r)
		if wrong == "" && r.HasPrice() && r.Qualifier.String() != l.qualifier {
			wrong = fmt.Sprintf("qualifier %q, want %q", r.Qualifier, l.qualifier)
		}
		if list := NewDecimal(0, 0); wrong == "" && (l.list == "") != (r.List == list) || l.list != "" && r.List.String() != l.list {
			wrong = fmt.Sprintf("list price %s, want %q", r.List, l.list)
		}
		if wrong != "" {
			t.Errorf("%s %q [%s]: %s", l.id, l.text, l.context, wrong)
		}
	}
}

// TestI11NoPriceIsNotZero holds that what cannot be read has its own kind and
// no amount, so that nobody stores 0.
func TestI11NoPriceIsNotZero(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Kind{
		"": Unreadable, "-": Unreadable, "0đ": Unreadable, "0 VND": Unreadable, "0": Unreadable, "0,00 ₫": Unreadable, "0 - 0đ": Unreadable, "abc": Unreadable, "0912 345 678": Unreadable,
		"Liên hệ": Contact, "Giá: thỏa thuận": Contact, "inbox": Contact, "Giá 0đ - liên hệ": Contact,
		"Hết hàng": SoldOut, "Tạm hết hàng - liên hệ": SoldOut,
		"giảm 500 đồng/kg": Change, "(+100)": Change, "tăng thêm 1.300 đồng/kg": Change,
		"99999999999999999999999 đồng": Unreadable, "9.999.999.999.999 tỷ": Unreadable,
	} {
		for _, c := range []Context{{}, {Currency: "VND"}, {Currency: "VND", Scale: 3, Unit: Unit{Decimal{1, 0}, "kg"}, UnitSource: InHeader}} {
			r := Read(text, c)
			if r.Kind != want || r.HasPrice() {
				t.Errorf("Read(%q, %+v) is %s, want %s", text, c, r.Kind, want)
			}
			if !r.Min.IsZero() || !r.Max.IsZero() || !r.List.IsZero() || !r.PerBaseMin.IsZero() {
				t.Errorf("Read(%q) has an amount: %+v", text, r)
			}
		}
	}
	if r := Read("0đ", Context{}); r.Flags&FlagZero == 0 {
		t.Errorf("a price of zero is not flagged: %v", r.Flags.Strings())
	}
}

func TestChangeIsSigned(t *testing.T) {
	t.Parallel()
	table := Header("Thay đổi (VNĐ/kg)")
	price := Header("Giá (đ/kg)")
	for _, c := range []struct {
		text    string
		context Context
		kind    Kind
		want    string
	}{
		{"-1.000", table, Change, "-1000"}, {"+500", table, Change, "500"}, {"0", table, Change, "0"}, {"700", table, Change, "700"},
		{"-0,5", Header("Tăng/giảm (nghìn đồng/kg)"), Change, "-500"},
		{"6.600(-450)", price, Price, "-450"}, {"5.900(+100)", price, Price, "100"},
		{"giảm 1.800-2.200 đồng/kg", Context{}, Change, "-2200"},
		{"ở mức 108.500 đồng/kg, tăng 500 đồng", Context{}, Price, "500"},
	} {
		r := Read(c.text, c.context)
		if r.Kind != c.kind || r.Flags&FlagChange == 0 || r.Change.String() != c.want {
			t.Errorf("Read(%q): %s, change %s (%v), want %s, %s", c.text, r.Kind, r.Change, r.Flags.Strings(), c.kind, c.want)
		}
	}
	if r := Read("-", table); r.Kind != Unreadable {
		t.Errorf("an empty change is %s", r.Kind)
	}
}

func TestDoubtLowersConfidence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		flag Flags
	}{
		{"45.000 – 55.000 nghìn đồng/ký", FlagThousandTwice},
		{"250k - 199k", FlagReversed},
		{"1.250.000", FlagNoCurrency},
		{"120đ", FlagImplausible},
		{"1 hộp 120k, 3 hộp 330k", FlagSeveral},
		{"320.000đ 30.000đ", FlagSale},
	} {
		r := Read(c.text, Context{})
		if !r.HasPrice() || r.Confidence >= Confident || r.Flags&c.flag == 0 {
			t.Errorf("Read(%q): %s, confidence %.2f, flags %v", c.text, r.Kind, r.Confidence, r.Flags.Strings())
		}
	}
}

func TestEvidenceIsTheTextRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Giá: chỉ từ 120.000đ/kg nhé":            "chỉ từ 120.000đ/kg",
		"Tiêu đen, 55.000 VNĐ (đã gồm VAT)":      "55.000 VNĐ",
		"Giá gốc: 416.000₫ Giá KM: 320.000₫ !":   "416.000₫ Giá KM: 320.000₫",
		"１２０ｋ／ｋｇ":                                "１２０ｋ／ｋｇ",
		"\u200b 120.000 đo\u0302\u0300ng/kg nha": "120.000 đo\u0302\u0300ng/kg",
	} {
		if r := Read(text, Context{}); r.Evidence != want || text[r.Start:r.End] != want {
			t.Errorf("evidence of %q is %q, want %q", text, r.Evidence, want)
		}
	}
}

func TestAllReadsAnArticle(t *testing.T) {
	t.Parallel()
	text := "Cà phê tại Đắk Lắk ở mức 108.500 đồng/kg, giảm 500 đồng/kg; tại Lâm Đồng 107.300 đồng/kg. Hồ tiêu dao động 143.500 - 145.000 đồng/kg. " +
		"Tiêu đen xuất khẩu 6.400 USD/tấn. Phí vận chuyển 30k. Liên hệ 0912 345 678."
	var got []string
	for _, r := range All(text, Context{}) {
		got = append(got, fmt.Sprintf("%s %s..%s %s /%s %s", r.Kind, r.Min, r.Max, r.Currency, r.Unit, r.Change))
		if r.Evidence != text[r.Start:r.End] {
			t.Errorf("evidence %q is not at %d..%d", r.Evidence, r.Start, r.End)
		}
	}
	want := []string{
		"price 108500..108500 VND /1 kg 0", "change 0..0 VND /1 kg -500", "price 107300..107300 VND /1 kg 0", "range 143500..145000 VND /1 kg 0", "price 6400..6400 USD /1000 kg 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("prices of the article (-want +got):\n%s", diff)
	}
}

// TestEveryNotationOfAnAmount writes random amounts in each notation and reads
// them back.
func TestEveryNotationOfAnAmount(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	group := func(n int64, sep string) string {
		s := strconv.FormatInt(n, 10)
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + sep + s[i:]
		}
		return s
	}
	for range 500 {
		k := random.Int64N(899) + 100 // thousands
		n := k * 1000
		million := random.Int64N(9) + 1
		tail := random.Int64N(99) + 1
		for _, text := range []string{
			group(n, ".") + "đ", group(n, ",") + " VND", group(n, " ") + " đồng", group(n, "'") + "₫", fmt.Sprintf("%d đ", n), "₫" + group(n, "."), "VND " + group(n, ","),
			group(n, ".") + ",00 ₫", group(n, ",") + ".00 VND", fmt.Sprintf("%dk", k), fmt.Sprintf("%d nghìn", k), fmt.Sprintf("%d NGÀN ĐỒNG", k), fmt.Sprintf("0,%03d triệu", k),
			"giá " + group(n, ".") + "đ ạ", "Giá bán: " + group(n, ".") + " VNĐ*", group(n, ".") + "\u00a0₫",
		} {
			if r := Read(text, Context{}); r.Kind != Price || r.Min != NewDecimal(n, 0) || r.Currency != "VND" || r.Confidence < Confident {
				t.Fatalf("Read(%q) = %s %s %s, want %d VND", text, r.Kind, r.Min, r.Currency, n)
			}
		}
		want := NewDecimal(million*1_000_000+tail*10_000, 0)
		for _, text := range []string{fmt.Sprintf("%dtr%02d", million, tail), fmt.Sprintf("%d,%02d triệu", million, tail), fmt.Sprintf("%d.%02dM", million, tail), fmt.Sprintf("%d triệu %d nghìn", million, tail*10)} {
			if r := Read(text, Context{}); r.Min != want {
				t.Fatalf("Read(%q) = %s %s, want %s", text, r.Kind, r.Min, want)
			}
		}
		low, high := n, n+random.Int64N(n)/1000*1000+1000
		for _, text := range []string{
			group(low, ".") + " - " + group(high, ".") + "đ/kg", group(low, ".") + "đ – " + group(high, ".") + "đ/kg", fmt.Sprintf("%d-%dk/kg", low/1000, high/1000),
			fmt.Sprintf("từ %d đến %d nghìn đồng/kg", low/1000, high/1000), fmt.Sprintf("%dk~%dk/kg", low/1000, high/1000),
		} {
			if r := Read(text, Context{}); r.Kind != Range || r.Min != NewDecimal(low, 0) || r.Max != NewDecimal(high, 0) || r.PerBaseMax != r.Max {
				t.Fatalf("Read(%q) = %s %s..%s, want %d..%d", text, r.Kind, r.Min, r.Max, low, high)
			}
		}
	}
}

func TestLongTextIsCut(t *testing.T) {
	t.Parallel()
	r := Read("giá 120k "+strings.Repeat("x ", 1<<20), Context{})
	if r.Min != NewDecimal(120_000, 0) || r.Flags&FlagCut == 0 {
		t.Errorf("got %s %s %v", r.Kind, r.Min, r.Flags.Strings())
	}
	if r := Read(strings.Repeat("x ", MaxText)+" 120k", Context{}); r.HasPrice() {
		t.Errorf("text behind MaxText was read: %+v", r)
	}
}

// TestReadTakesNoMemory holds the promise of at most two allocations per text;
// today there are none.
func TestReadTakesNoMemory(t *testing.T) {
	for _, text := range benchTexts {
		if n := testing.AllocsPerRun(20, func() { Read(text, Context{}) }); n > 2 {
			t.Errorf("Read(%q) allocates %.0f times, want at most 2", text, n)
		}
	}
}

// FuzzRead holds what must be true of any text.
func FuzzRead(f *testing.F) {
	for _, text := range benchTexts {
		f.Add(text, "")
	}
	for _, text := range []string{"1\u0301.000đ", "&#8363;&&#x;", "\xff\xfe1k", "１２０ｋ", "9999999999999999tr9", "1/1/1kg", "((((1k", "~~~~1k", "1 gói x 1 gói x 1 gói 1g 1k", "0.000.000đ", "-1k-1k-1k"} {
		f.Add(text, "header=Giá (nghìn đồng/kg)")
	}
	f.Add("0X1", "$")
	f.Add("0", "0$")
	f.Fuzz(func(t *testing.T, text, context string) {
		for _, c := range []Context{{}, ParseContext(context), Header(context)} {
			check(t, text, Read(text, c), c)
			for _, r := range All(text, c) {
				check(t, text, r, c)
				if r.Kind != Price && r.Kind != Range && r.Kind != Change {
					t.Errorf("All gives a %s", r.Kind)
				}
			}
		}
		Title(text)
		ParseUnit(text)
	})
}

func check(t *testing.T, text string, r Result, c Context) {
	t.Helper()
	bad := func(what string) { t.Errorf("%s: Read(%q, %+v) = %+v", what, text, c, r) }
	if r.Evidence != text[r.Start:r.End] {
		bad("evidence is not in the text")
	}
	if r.Confidence < 0 || r.Confidence > 1 {
		bad("confidence")
	}
	zero := Decimal{}
	if !r.HasPrice() {
		if r.Min != zero || r.Max != zero || r.List != zero || r.PerBaseMin != zero || r.PerBaseMax != zero {
			bad("an amount without a price")
		}
		return
	}
	for _, d := range []Decimal{r.Min, r.Max, r.List, r.PerBaseMin, r.PerBaseMax, r.Unit.Qty} {
		if d.coef < 0 || d.scale > maxScale {
			bad("a negative amount")
		}
	}
	switch {
	case r.Min == zero && r.Max == zero:
		bad("a price of zero")
	case r.Kind == Price && r.Qualifier != From && r.Qualifier != Upto && r.Min != r.Max:
		bad("two amounts in one price")
	case r.Kind == Range && r.Qualifier != From && r.Qualifier != Upto && r.Min.Cmp(r.Max) >= 0:
		bad("a range without width")
	case r.List != zero && r.List.Cmp(r.Max) <= 0:
		bad("a list price that is no higher")
	case r.Currency == "" && r.Confidence >= Confident:
		bad("confident without a currency")
	case (r.Unit == Unit{}) != (r.UnitSource == NoSource):
		bad("a unit from nowhere")
	}
}
