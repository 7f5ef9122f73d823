package sheet

import "testing"

// No heading means two columns.
func TestHeadingsAreUnique(t *testing.T) {
	t.Parallel()
	owner := make(map[string]string)
	for _, name := range priceHeadings {
		owner[name] = "price"
	}
	for _, c := range columns {
		names := map[string]bool{foldHeading(c.key): true, foldHeading(c.vi): true, foldHeading(c.en): true}
		for _, name := range c.synonyms {
			if foldHeading(name) != name {
				t.Errorf("%s: synonym %q is not folded", c.key, name)
			}
			names[name] = true
		}
		for name := range names {
			if owner[name] != "" {
				t.Errorf("heading %q means both %s and %s", name, owner[name], c.key)
			}
			owner[name] = c.key
		}
	}
}

func TestRecognize(t *testing.T) {
	t.Parallel()
	tests := []struct{ heading, key, unit string }{
		{"Mã SKU *", "sku", ""},
		{"MÃ SKU (bắt buộc)", "sku", ""},
		{"  ten   san-pham", "name", ""},
		{"Tên (tiếng Anh)", "name_en", ""},
		{"Tên sản phẩm (tiếng Anh)", "name_en", ""},
		{"Trọng lượng (kg)", "weight", "kg"},
		{"Khối lượng [gram]", "weight", "gram"},
		{"Khối lượng (tấn)", "", ""},
		{"Giá niêm yết (VNĐ)", "list_price", "vnd"},
		{"Giá niêm yết (nghìn đồng)", "", ""},
		{"Ảnh 2", "images", ""},
		{"Tùy chọn 2", "option2", ""},
		{"Tuỳ chọn 9", "", ""},
		{"net content", "net_content", ""},
	}
	for _, test := range tests {
		c, unit, price := recognize(test.heading)
		key := ""
		if c != nil {
			key = c.key
		}
		if key != test.key || unit != test.unit || price {
			t.Errorf("%q means %q in %q, want %q in %q", test.heading, key, unit, test.key, test.unit)
		}
	}
	for _, heading := range []string{"Giá bán", "Giá (VNĐ)", "price"} {
		if _, _, price := recognize(heading); !price {
			t.Errorf("%q is not the price", heading)
		}
	}
}
