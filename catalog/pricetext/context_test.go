package pricetext

import "testing"

func TestHeader(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Context{
		"Giá (nghìn đồng/kg)":              {Currency: "VND", Scale: 3, Unit: Unit{Decimal{1, 0}, "kg"}, UnitSource: InHeader, Column: PriceColumn},
		"Giá (1.000đ/kg)":                  {Currency: "VND", Scale: 3, Unit: Unit{Decimal{1, 0}, "kg"}, UnitSource: InHeader, Column: PriceColumn},
		"Giá (triệu đồng/tạ)":              {Currency: "VND", Scale: 6, Unit: Unit{Decimal{100, 0}, "kg"}, UnitSource: InHeader, Column: PriceColumn},
		"ĐVT: đồng/kg":                     {Currency: "VND", Unit: Unit{Decimal{1, 0}, "kg"}, UnitSource: InHeader, Column: PriceColumn},
		"Đơn vị: USD/tấn":                  {Currency: "USD", Unit: Unit{Decimal{1000, 0}, "kg"}, UnitSource: InHeader, Column: PriceColumn},
		"Giá New York (US cent/lb)":        {Currency: "USD", Scale: -2, Unit: Unit{Decimal{1, 0}, "lb"}, UnitSource: InHeader, Column: PriceColumn},
		"Đơn giá (đ/500g)":                 {Currency: "VND", Unit: Unit{Decimal{500, 0}, "g"}, UnitSource: InHeader, Column: PriceColumn},
		"Nghệ tươi (đ/tạ)":                 {Currency: "VND", Unit: Unit{Decimal{100, 0}, "kg"}, UnitSource: InHeader, Column: PriceColumn},
		"Giá trung bình":                   {Column: PriceColumn},
		"Thay đổi so với hôm qua (VNĐ/kg)": {Currency: "VND", Unit: Unit{Decimal{1, 0}, "kg"}, UnitSource: InHeader, Column: ChangeColumn},
		"+/-":                          {Column: ChangeColumn},
		"Tăng/giảm":                    {Column: ChangeColumn},
		"Sản lượng":                    {Column: OtherColumn},
		"Đồng Nai":                     {},
		"Tên hàng":                     {},
		"GIÁ (NGHÌN ĐỒNG/KG)":          {Currency: "VND", Scale: 3, Unit: Unit{Decimal{1, 0}, "kg"}, UnitSource: InHeader, Column: PriceColumn},
		"Giá thu mua (Đơn vị: VNĐ/kg)": {Currency: "VND", Unit: Unit{Decimal{1, 0}, "kg"}, UnitSource: InHeader, Column: PriceColumn},
		"Đơn vị tính: kg":              {Unit: Unit{Decimal{1, 0}, "kg"}, UnitSource: InHeader},
		"Bảng giá cà phê hôm nay, đơn vị tính: nghìn đồng/kg": {Currency: "VND", Scale: 3, Unit: Unit{Decimal{1, 0}, "kg"}, UnitSource: InHeader, Column: PriceColumn},
	} {
		if got := Header(text); got != want {
			t.Errorf("Header(%q)\n got %+v\nwant %+v", text, got, want)
		}
	}
}

func TestContextWithPutsTheNearerOver(t *testing.T) {
	t.Parallel()
	table := Header("ĐVT: nghìn đồng/kg")
	got := table.With(Header("Nghệ tươi (đ/tạ)"))
	if got.Currency != "VND" || got.Scale != 0 || got.Unit.String() != "100 kg" {
		t.Errorf("a row's note does not go over the table's: %+v", got)
	}
	if got := table.With(Context{Unit: Unit{Decimal{500, 0}, "g"}, UnitSource: InTitle}); got.Unit.String() != "1 kg" {
		t.Errorf("a title goes over a header: %+v", got)
	}
	if got := table.With(Header("Giá trung bình")); got.Scale != 3 || got.Column != PriceColumn {
		t.Errorf("a header that names no currency takes the table's away: %+v", got)
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Mật ong hoa bạc hà 1400g":               "1400 g",
		"Mật ong rừng U Minh chai 500ml":         "500 ml",
		"Combo 3 gói x 500g miến dong":           "1500 g",
		"Set 3 hũ mật ong 350ml":                 "1050 ml",
		"Trà hồng sâm Hàn Quốc loại 50 gói":      "50 gói",
		"Trà Shan tuyết cổ thụ Tà Xùa 1kg":       "1 kg",
		"BỘT NHUNG HƯƠU 100G":                    "100 g",
		"Tiêu đen 500 gr/l":                      "",
		"Khăn thổ cẩm 60 x 180 cm":               "",
		"Đồng hồ nam 1952":                       "",
		"Cà phê bột Robusta Đắk Lắk nửa ký":      "0.5 kg",
		"Nước mắm 40 độ đạm, can 5 lít":          "5 l",
		"Ba kích khô (gói 0,5 kg) loại đặc biệt": "0.5 kg",
	} {
		u, ok := Title(text)
		if u.String() != want || ok != (want != "") {
			t.Errorf("Title(%q) = %q, %v, want %q", text, u, ok, want)
		}
	}
}

func TestParseUnit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"kg": "1 kg", "/kg": "1 kg", "Kg": "1 kg", "500 g": "500 g", "tạ": "100 kg", "hộp 200g": "200 g", "chiếc": "1 cái", "m²": "1 m2", "lít": "1 l", "sản phẩm": "1 sản phẩm",
		"đ/kg": "", "": "", "giá": "", "500": "", "kg tươi": "",
	} {
		u, ok := ParseUnit(text)
		if u.String() != want || ok != (want != "") {
			t.Errorf("ParseUnit(%q) = %q, %v, want %q", text, u, ok, want)
		}
	}
}

func TestParseContext(t *testing.T) {
	t.Parallel()
	c := ParseContext("header=Giá; trung bình; unit=VNĐ/kg; title=Mật ong 500ml; lang=vi")
	if c.Currency != "VND" || c.Unit.String() != "1 kg" || c.UnitSource != InHeader || !c.Vietnamese || c.Column != PriceColumn {
		t.Errorf("got %+v", c)
	}
	if c := ParseContext("currency=usd"); c.Currency != "USD" {
		t.Errorf("currency=usd gives %q", c.Currency)
	}
	if c := ParseContext("nonsense; =;;"); c != (Context{}) {
		t.Errorf("nonsense gives %+v", c)
	}
}

func TestVocabularyHasEveryWordOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range cueWords {
		for _, s := range split(c.spellings) {
			if seen[s] {
				t.Errorf("%q has two cues", s)
			}
			seen[s] = true
			if len(s)+4 > longestWord {
				t.Errorf("%q is too long to be found", s)
			}
		}
	}
	seen = map[string]bool{}
	for _, c := range currencyWords {
		for _, s := range split(c.spellings) {
			if seen[s] {
				t.Errorf("%q is two currencies", s)
			}
			seen[s] = true
		}
	}
	seen = map[string]bool{}
	for _, u := range unitWords {
		for _, s := range split(u.spellings) {
			if seen[s] {
				t.Errorf("%q is two units", s)
			}
			seen[s] = true
		}
	}
	for _, c := range countWords {
		for _, s := range split(c.spellings) {
			if seen[s] {
				t.Errorf("%q is two units", s)
			}
			seen[s] = true
		}
	}
}
