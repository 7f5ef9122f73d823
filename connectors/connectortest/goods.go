package connectortest

import (
	"fmt"

	"github.com/chophien/chophien/catalog"
)

// Goods makes the n-th sample offer, n from 0: honey and vermicelli as simple
// products, tea with one option and brocade with two. Every fourth is on sale.
// SKUs, GTINs and titles are unique per n; the category is our own code, to be
// mapped by [Harness].Categories; pictures are addresses that nobody serves.
func Goods(n int) catalog.Offer {
	switch n % 4 {
	case 0:
		return goods(n, "MO", "honey", "Mật ong rừng Bạch Thông", nil, sample{price: 185000, quantity: 12, grams: 700})
	case 1:
		return goods(n, "CHE", "tea", "Chè Shan tuyết Bằng Phúc", []string{"Khối lượng"},
			sample{[]string{"100 g"}, 120000, 99000, 5, 130},
			sample{[]string{"200 g"}, 220000, 0, 7, 240},
			sample{[]string{"500 g"}, 510000, 0, 0, 560})
	case 2:
		return goods(n, "TC", "brocade", "Túi thổ cẩm Đắk Nông", []string{"Màu sắc", "Cỡ"},
			sample{[]string{"Đỏ", "Nhỏ"}, 150000, 0, 3, 200},
			sample{[]string{"Chàm", "Nhỏ"}, 150000, 135000, 4, 200},
			sample{[]string{"Chàm", "Lớn"}, 210000, 0, 2, 300})
	default:
		return goods(n, "MD", "vermicelli", "Miến dong Na Rì", nil, sample{nil, 65000, 59000, 40, 520})
	}
}

type sample struct {
	options     []string
	price, sale int64 // dong; sale 0 = none
	quantity    int64
	grams       int64
}

func goods(n int, code, category, name string, options []string, samples ...sample) catalog.Offer {
	o := catalog.Offer{
		ProductID:   fmt.Sprintf("%s-%04d", code, n),
		State:       catalog.StateLive,
		Title:       fmt.Sprintf("%s, mẻ %d", name, n),
		Summary:     "Hàng của tổ hợp tác, đóng gói tại chỗ.",
		Description: name + " do các thành viên tự làm.\n\nBảo quản nơi khô ráo, thoáng mát.",
		Category:    category,
		Brand:       "Chợ Phiên mẫu",
		Attributes:  []catalog.OfferAttribute{{Name: "Xuất xứ", Value: "Việt Nam"}},
		Options:     options,
		Images: []catalog.OfferImage{
			{URL: fmt.Sprintf("https://img.example.test/%s-%d-1.png", code, n), Alt: name},
			{URL: fmt.Sprintf("https://img.example.test/%s-%d-2.png", code, n), Alt: name},
		},
	}
	for i, s := range samples {
		v := catalog.OfferVariant{
			SKU:        catalog.SKU(o.ProductID),
			GTIN:       gtin(n*10 + i),
			Options:    s.options,
			Price:      catalog.Price{List: catalog.VND(s.price)},
			Quantity:   s.quantity,
			Weight:     s.grams,
			Dimensions: catalog.Dimensions{Length: 200, Width: 120, Height: 80},
		}
		if len(samples) > 1 {
			v.SKU += catalog.SKU(fmt.Sprintf("-%d", i+1))
		}
		if s.sale > 0 {
			sale := catalog.VND(s.sale)
			v.Price.Sale = &sale
		}
		o.Variants = append(o.Variants, v)
	}
	return o
}

// gtin makes a GTIN-13 with a right check digit from n.
func gtin(n int) string {
	digits := fmt.Sprintf("893%09d", n)
	sum := 0
	for i := range len(digits) {
		weight := 1
		if i%2 == 1 {
			weight = 3
		}
		sum += weight * int(digits[i]-'0')
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}
