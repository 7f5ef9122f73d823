package pricetext

import (
	"strconv"
	"strings"
	"testing"
)

// benchTexts are of every notation, so that no fast path flatters the figure.
var benchTexts = []string{
	"320.000₫", "1tr2 - 1tr5/kg", "Liên hệ", "Giá sỉ (từ 10kg): 95.000đ/kg. Giá lẻ: 120.000đ/kg", "40.000 – 43.000 đồng/kg, tăng thêm 300 – 1.000 đồng/kg",
	"Combo 3 gói x 500g 130k", "hai trăm nghìn đồng", "378,05 US cent/pound", "0912 345 678", "Một gói thịt trâu gác bếp nặng nửa ký có giá 500.000 đồng",
	"Giá gốc là: 416.000₫. Giá hiện tại là: 320.000₫.", "tăng 2,61% (107 USD/tấn)", "120.000 đo\u0302\u0300ng/kg &#8363;",
}

// BenchmarkRead reads one string per iteration; the target is 5 µs and 2
// allocations.
func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		Read(benchTexts[i%len(benchTexts)], Context{})
	}
}

// BenchmarkReadHostile shows that time grows with the length only: compare the
// figures per byte.
func BenchmarkReadHostile(b *testing.B) {
	for _, unit := range []string{"1", "1 ", "1.", "1-", "1/", "(", ")", "1k ", "một ", "1 gói x ", "giá ", "0 ", "đ", "\u0301", "&#", "1 đến ", "đô la ", "1,000 1.000đ "} {
		for _, size := range []int{1 << 10, 1 << 12, 1 << 20} {
			text := strings.Repeat(unit, size/len(unit))
			b.Run(unit+"/"+sizeName(size), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text)))
				for range b.N {
					Read(text, Context{Currency: "VND"})
				}
			})
		}
	}
}

func sizeName(n int) string {
	if n >= 1<<20 {
		return strconv.Itoa(n>>20) + "MB"
	}
	return strconv.Itoa(n>>10) + "kB"
}
