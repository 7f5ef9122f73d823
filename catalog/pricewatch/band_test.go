package pricewatch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// bandOf is the band on day 29 of sellers that each ask their price since day from.
func bandOf(s Subject, from int, sources int, prices ...int64) Band {
	b := NewBander(s, noon(29))
	for i, per := range prices {
		o := priced(s, fmt.Sprint("s", i%sources), from, 29, per)
		o.Item, o.Seller = fmt.Sprint(i), fmt.Sprint("Cửa hàng mẫu ", i)
		b.Add(o)
	}
	return b.Band()
}

func TestBandIsTheSpreadOverSellers(t *testing.T) {
	t.Parallel()
	got := bandOf(honey, 10, 3, 280_000, 300_000, 350_000, 400_000, 520_000)
	want := Band{Subject: honey, Low: dong(300_000), Median: dong(350_000), High: dong(400_000), Min: dong(280_000), Max: dong(520_000), Sellers: 5, Sources: 3, Days: 20, To: "2026-10-30"}
	if diff := cmp.Diff(want, got, compareDecimals); diff != "" {
		t.Errorf("band (-want +got):\n%s", diff)
	}
}

func TestBandTakesTheLastPriceOfEachItemInThirtyDays(t *testing.T) {
	t.Parallel()
	b := NewBander(honey, noon(40))
	b.Add(priced(honey, "a", 30, 35, 320_000))
	b.Add(priced(honey, "a", 20, 29, 300_000))
	b.Add(priced(honey, "old", 0, 10, 100_000)) // day 11 is the first of thirty
	soldOut := priced(honey, "sold out", 35, 40, 100_000)
	soldOut.Availability = "SoldOut"
	b.Add(soldOut)
	b.Add(flagged(priced(honey, "doubtful", 35, 40, 100_000), FlagOutlier))
	b.Add(priced(pepper, "other market", 35, 40, 100_000))
	band := b.Band()
	if band.Sellers != 1 || !band.Median.Equal(dong(320_000)) || band.Days != 16 {
		t.Errorf("band is %+v, want one seller at 320000 on 16 days", band)
	}
	b.Add(priced(honey, "b", 0, 11, 200_000))
	if band := b.Band(); band.Sellers != 2 || band.Days != 17 {
		t.Errorf("band is %+v, want two sellers on 17 days", band)
	}
}

func TestBandNeedsFiveSellersAndFourteenDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from    int
		prices  []int64
		sources int
		enough  bool
		few     bool
	}{
		{16, []int64{1, 2, 3, 4, 5}, 3, true, false},
		{17, []int64{1, 2, 3, 4, 5}, 3, false, false}, // 13 days
		{16, []int64{1, 2, 3, 4}, 3, false, false},    // 4 sellers
		{16, []int64{1, 2, 3, 4, 5}, 2, true, true},
	} {
		b := bandOf(honey, c.from, c.sources, c.prices...)
		if b.Enough() != c.enough || b.FewSources() != c.few {
			t.Errorf("%d sellers, %d days, %d sources: enough %v, few sources %v", b.Sellers, b.Days, b.Sources, b.Enough(), b.FewSources())
		}
	}
}

func TestAdviceIsOneSentenceWithItsReason(t *testing.T) {
	t.Parallel()
	full := bandOf(honey, 10, 3, 280_000, 300_000, 350_000, 400_000, 520_000)
	for _, c := range []struct {
		own  int64
		band Band
		kind AdviceKind
		vi   string
		en   string
	}{
		{185_000, full, TooCheap,
			"Mật ong mẫu: mình bán 185.000 ₫/lít là rẻ, vì một nửa số nơi bán lấy từ 300.000 ₫ đến 400.000 ₫/lít (5 nơi bán, 20 ngày); có thể tăng giá.",
			"Mật ong mẫu: 185.000 ₫/litre is cheap, because half of the sellers ask 300.000 ₫ to 400.000 ₫/litre (5 sellers, 20 days); you could ask more."},
		{300_000, full, Within,
			"Mật ong mẫu: mình bán 300.000 ₫/lít là vừa, vì một nửa số nơi bán lấy từ 300.000 ₫ đến 400.000 ₫/lít (5 nơi bán, 20 ngày).",
			"Mật ong mẫu: 300.000 ₫/litre is in line, because half of the sellers ask 300.000 ₫ to 400.000 ₫/litre (5 sellers, 20 days)."},
		{400_000, full, Within, "", ""},
		{299_999, full, TooCheap, "", ""},
		{400_001, full, TooDear,
			"Mật ong mẫu: mình bán 400.001 ₫/lít là đắt, vì một nửa số nơi bán lấy từ 300.000 ₫ đến 400.000 ₫/lít (5 nơi bán, 20 ngày); nên nói rõ hàng mình hơn ở điểm nào, hoặc giảm giá.",
			"Mật ong mẫu: 400.001 ₫/litre is dear, because half of the sellers ask 300.000 ₫ to 400.000 ₫/litre (5 sellers, 20 days); say what makes yours better, or ask less."},
		{185_000, bandOf(honey, 25, 3, 280_000, 300_000), NotEnough,
			"Mật ong mẫu: chưa đủ số liệu để khuyên, vì mới có 2 nơi bán trong 5 ngày (cần ít nhất 5 nơi bán và 14 ngày).",
			"Mật ong mẫu: not enough data for advice, with 2 sellers on 5 days so far (at least 5 sellers and 14 days are needed)."},
		{185_000, bandOf(honey, 10, 1, 280_000, 300_000, 350_000, 400_000, 520_000), OneSource,
			"Mật ong mẫu: mình bán 185.000 ₫/lít, một nguồn cho giá khoảng 350.000 ₫/lít; hãy xem thêm nguồn khác rồi hãy quyết.",
			"Mật ong mẫu: you ask 185.000 ₫/litre, one source shows about 350.000 ₫/litre; look at another source before deciding."},
		{185_000, NewBander(honey, noon(0)).Band(), NotEnough,
			"Mật ong mẫu: chưa đọc được giá nơi khác nên chưa so sánh được.",
			"Mật ong mẫu: no price of others was read yet, so there is nothing to compare with."},
	} {
		got := Advise("Mật ong mẫu", dong(c.own), c.band)
		if got.Kind != c.kind {
			t.Errorf("%d: advice is %s, want %s", c.own, got.Kind, c.kind)
		}
		if c.vi != "" {
			if diff := cmp.Diff(catalog.Text{VI: c.vi, EN: c.en}, got.Text); diff != "" {
				t.Errorf("%d: text (-want +got):\n%s", c.own, diff)
			}
		}
		if strings.Count(got.Text.VI, ". ") > 0 || !strings.HasSuffix(got.Text.VI, ".") {
			t.Errorf("%d: not one sentence: %s", c.own, got.Text.VI)
		}
	}
}

func TestGapIsBetweenFarmGateAndRetailOnly(t *testing.T) {
	t.Parallel()
	shop := pepper
	shop.Side = Retail
	farm, retail := bandOf(pepper, 10, 3, 144_000, 146_000, 148_000), bandOf(shop, 10, 3, 280_000, 292_000, 300_000)
	gap, ok := GapOf(farm, retail)
	if !ok || !gap.Markup.Equal(dong(1)) {
		t.Fatalf("gap is %v, %v, want 100 %%", gap.Markup, ok)
	}
	want := catalog.Text{
		VI: "Thu mua tại vườn 146.000 ₫/kg, ngoài cửa hàng bán 292.000 ₫/kg: người trồng nhận 50 % giá bán lẻ.",
		EN: "Farm-gate 146.000 ₫/kg, in shops 292.000 ₫/kg: the grower gets 50 % of the retail price.",
	}
	if diff := cmp.Diff(want, gap.Text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	other := shop
	other.Grade = "organic"
	for name, bands := range map[string][2]Band{
		"the other way round": {retail, farm}, "twice the farm": {farm, farm}, "twice the shop": {retail, retail}, "no shop": {farm, bandOf(shop, 10, 1)},
		"no farm": {bandOf(pepper, 10, 1), retail}, "other grade": {farm, bandOf(other, 10, 3, 292_000)}, "other goods": {farm, bandOf(honey, 10, 3, 292_000)},
	} {
		if _, ok := GapOf(bands[0], bands[1]); ok {
			t.Errorf("%s: has a gap", name)
		}
	}
}

func TestUndercutsCountPromotions(t *testing.T) {
	t.Parallel()
	own := func(channel, sku string, list, sale int64) Own {
		o := Own{Channel: catalog.ChannelID(channel), SKU: catalog.SKU(sku), Price: catalog.Price{List: catalog.VND(list)}}
		if sale > 0 {
			money := catalog.VND(sale)
			o.Price.Sale = &money
		}
		return o
	}
	foreign := own("export", "MAT-500", 20, 0)
	foreign.Price.List.Currency = "USD"
	found := Undercuts([]Own{
		own("web", "MAT-500", 200_000, 0), own("san-a", "MAT-500", 220_000, 190_000), own("san-b", "MAT-500", 200_000, 189_999), foreign,
		own("web", "TRA-100", 90_000, 0), own("san-a", "TRA-100", 0, 0),
		own("web", "TIEU-200", 80_000, 0), own("san-b", "TIEU-200", 60_000, 0),
	}, decimal.New(5, -2))
	var texts []catalog.Text
	for _, u := range found {
		texts = append(texts, u.Text())
	}
	want := []catalog.Text{
		{VI: "Mã MAT-500: kênh san-b bán 189.999 ₫ (đang khuyến mãi), rẻ hơn kênh web (200.000 ₫) 5 %; khách sẽ bỏ kênh đắt hơn.",
			EN: "SKU MAT-500: channel san-b asks 189.999 ₫ (on sale), 5 % less than channel web (200.000 ₫); buyers will leave the dearer one."},
		{VI: "Mã TIEU-200: kênh san-b bán 60.000 ₫, rẻ hơn kênh web (80.000 ₫) 25 %; khách sẽ bỏ kênh đắt hơn.",
			EN: "SKU TIEU-200: channel san-b asks 60.000 ₫, 25 % less than channel web (80.000 ₫); buyers will leave the dearer one."},
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("undercuts (-want +got):\n%s", diff)
	}
}

func TestFiguresAreWrittenTheVietnameseWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		per, currency, unit, lang, want string
	}{
		{"185000", "VND", "kg", "vi", "185.000 ₫/kg"},
		{"185000", "VND", "kg", "en", "185.000 ₫/kg"},
		{"128571.428571", "VND", "l", "vi", "128.571 ₫/lít"},
		{"950", "VND", "kg", "vi", "950 ₫/kg"},
		{"1250000", "VND", "m2", "vi", "1.250.000 ₫/m²"},
		{"4201.5", "USD", "kg", "vi", "4.201,5 USD/kg"},
		{"4201.5", "USD", "kg", "en", "4,201.5 USD/kg"},
		{"8.334576", "USD", "l", "en", "8.33 USD/litre"},
	} {
		s := Subject{Currency: c.currency, BaseUnit: c.unit}
		if got := s.Amount(decimal.RequireFromString(c.per), c.lang); got != c.want {
			t.Errorf("%s %s in %s is %q, want %q", c.per, c.currency, c.lang, got, c.want)
		}
	}
	for share, want := range map[string]string{"0.081": "+8,1 %", "-0.0812": "-8,1 %", "0": "0 %", "12.5": "+1.250 %"} {
		if got := Percent(decimal.RequireFromString(share), "vi", true); got != want {
			t.Errorf("%s is %q, want %q", share, got, want)
		}
	}
}
