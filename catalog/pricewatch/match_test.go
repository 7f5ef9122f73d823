package pricewatch

import (
	"testing"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

func TestCommodityOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Mật ong bạc hà 500ml": "honey", "MẬT ONG rừng": "honey", "Trà Shan tuyết cổ thụ": "tea-shan-tuyet", "Chè xanh Thái Nguyên": "tea",
		"Tiêu đen Đắk Nông 500g": "pepper", "Hồ tiêu": "pepper", "Cà phê Robusta": "coffee", "Miến dong Na Rì": "vermicelli", "Khăn thổ cẩm thêu tay": "brocade",
		"Hạt mắc ca sấy": "macadamia", "Quế thanh 250g": "cinnamon-anise", "Tinh bột nghệ": "ginger-turmeric", "Áo mưa": "", "": "", "Túi 500g chè xanh": "tea", "Phố cổ": "",
	} {
		if got := CommodityOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestGradeOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Miến dong OCOP 4 sao": "ocop-4", "Mật ong đạt chuẩn 3 sao OCOP": "ocop-3", "Trà hữu cơ": "organic", "Organic honey": "organic", "Gừng loại 1": "loai-1",
		"Nghệ loại hai": "loai-2", "Mật ong vụ xuân": "vu-xuan", "Khách sạn 5 sao": "", "Mật ong 500ml": "",
	} {
		if got := GradeOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestProposalsAreScoredByWordsContentAndGrade(t *testing.T) {
	t.Parallel()
	product := func(id, name, category string, ml int64) catalog.Product {
		return catalog.Product{ID: id, Name: catalog.Text{VI: name}, Category: category, Variants: []catalog.Variant{{SKU: catalog.SKU(id), NetContent: catalog.Quantity{Milli: ml * 1000, Unit: "ml"}}}}
	}
	products := []catalog.Product{
		product("MO-350", "Mật ong bạc hà", "honey", 350), product("MO-500", "Mật ong bạc hà", "honey", 500),
		product("MR-500", "Mật ong rừng", "honey", 500), product("NM-500", "Nước mắm cá cơm", "sauces", 500),
	}
	o := Observation{Name: "Mật ong bạc hà nguyên chất 500ml", Quantity: decimal.New(500, 0), Unit: "ml"}
	got := Propose(o, "", products)
	if len(got) != 3 || got[0].Product != "MO-500" || got[0].Score < 95 || got[1].Product == "NM-500" || got[2].Product == "NM-500" {
		t.Errorf("got %+v", got)
	}
	if got[0].Score <= got[1].Score {
		t.Errorf("the other content scores as high: %+v", got)
	}
	// What is like nothing of ours is at best the commodity of the source.
	o = Observation{Name: "Khuyến mãi tháng 11"}
	if got := Propose(o, "honey", products); len(got) != 1 || got[0] != (Proposal{Commodity: "honey", Score: ofSource}) {
		t.Errorf("got %+v", got)
	}
	if got := Propose(o, "", products); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestPerBase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		amount, quantity, unit, want, base string
	}{
		{"185000", "500", "ml", "370000", "l"}, {"180000", "1400", "g", "128571.428571", "kg"}, {"1", "3", "kg", "0.333333333333", "kg"},
		{"10", "1", "lb", "22.046226", "kg"}, {"90000", "30", "cm", "300000", "m"}, {"50000", "1", "hộp", "50000", "hộp"},
	} {
		per, base, ok := PerBase(decimal.RequireFromString(test.amount), decimal.RequireFromString(test.quantity), test.unit)
		if !ok || per.String() != test.want || base != test.base {
			t.Errorf("%s for %s %s: %s/%s, want %s/%s", test.amount, test.quantity, test.unit, per, base, test.want, test.base)
		}
	}
	for _, unknown := range []struct {
		quantity int64
		unit     string
	}{{0, "kg"}, {-1, "kg"}, {1, ""}} {
		if _, _, ok := PerBase(decimal.New(1, 0), decimal.NewFromInt(unknown.quantity), unknown.unit); ok {
			t.Errorf("%+v has a price per base unit", unknown)
		}
	}
	if per, base, ok := PerContent(catalog.VND(185_000), catalog.Quantity{Milli: 500_000, Unit: "g"}); !ok || per.String() != "370000" || base != "kg" {
		t.Errorf("got %s/%s", per, base)
	}
	if per, _, ok := PerContent(catalog.Money{Amount: 150, Currency: "USD"}, catalog.Quantity{Milli: 1000, Unit: "kg"}); !ok || per.String() != "1.5" {
		t.Errorf("got %s", per)
	}
}
