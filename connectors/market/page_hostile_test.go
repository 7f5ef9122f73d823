//go:build unix

package market

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// hostile are pages made to be slow, for a size in bytes.
var hostile = map[string]func(int) string{
	"open tags":        func(n int) string { return strings.Repeat("<div class=price>", n/17) },
	"open spans":       func(n int) string { return strings.Repeat("<b>1₫", n/7) },
	"stray end tags":   func(n int) string { return strings.Repeat("<i>", 300) + strings.Repeat("</b>", n/4) },
	"open attributes":  func(n int) string { return strings.Repeat(`<a href="`, n/9) },
	"attributes":       func(n int) string { return "<a " + strings.Repeat("a=b ", n/4) + ">" },
	"open comments":    func(n int) string { return strings.Repeat("<!--", n/4) },
	"open scripts":     func(n int) string { return strings.Repeat("<script>", n/8) },
	"less than":        func(n int) string { return strings.Repeat("<", n) },
	"digits":           func(n int) string { return strings.Repeat("1", n) },
	"prices":           func(n int) string { return "<h1>x y</h1>" + strings.Repeat("<p class=price>1.000₫</p>", n/26) },
	"prices in a line": func(n int) string { return "<h1>x</h1><p class=price>" + strings.Repeat("1.000₫ ", n/9) },
	"headings":         func(n int) string { return strings.Repeat("<h1>mật ong</h1>", n/18) },
	"properties":       func(n int) string { return strings.Repeat("<a itemscope itemprop=price>1", n/30) },
	"json arrays":      func(n int) string { return `<script type="application/ld+json">` + strings.Repeat("[", n) },
	"json objects":     func(n int) string { return `<script type="application/ld+json">` + strings.Repeat(`{"a":`, n/5) },
	"json products": func(n int) string {
		return `<script type="application/ld+json">[` + strings.Repeat(`{"@type":"Product","name":"a b","offers":{"price":1}},`, n/54)
	},
	"json quotes": func(n int) string { return `<script type="application/ld+json">{"a":"` + strings.Repeat(`\\"`, n/3) },
	"state": func(n int) string {
		return `<h1>a b c</h1><script>` + strings.Repeat(`x={"price":1,"name":"a b c"};`, n/30)
	},
	"state objects": func(n int) string { return `<h1>a b c</h1><script>{"price":` + strings.Repeat(`{"price":`, n/9) },
	"classes":       func(n int) string { return `<p class="` + strings.Repeat("price-a ", n/8) + `">` },
	"many classes": func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			b.WriteString("<p class=c" + strings.Repeat("x", i%40) + string(rune('a'+i%26)) + ">")
		}
		return b.String()
	},
	"tables": func(n int) string {
		return "<h1>Giá tiêu</h1><table><tr><th>Tên</th><th>Giá (đ/kg)</th></tr>" + strings.Repeat("<tr><td rowspan=50 colspan=50>1.000", n/40)
	},
	"nested tables": func(n int) string { return "<h1>Giá tiêu</h1>" + strings.Repeat("<table><tr><td>giá", n/21) },
	"article": func(n int) string {
		return `<meta property="og:type" content="article"><h1>Giá tiêu</h1><p>` + strings.Repeat("tiêu Gia Lai 1.000 đồng/kg, ", n/34)
	},
	"paragraphs": func(n int) string {
		return `<meta property="og:type" content="article"><h1>Giá tiêu</h1>` + strings.Repeat("<p>tiêu 1.000 đồng/kg.", n/25)
	},
	"cards": func(n int) string {
		return strings.Repeat("<div><a href=/a><img></a><b class=price>1.000₫</b></div>", n/58)
	},
	"broken": func(n int) string { return strings.Repeat("\xff\xfe\x80<\x00", n/5) },
}

// TestHostilePages reads 1 MB of everything hostile; a reader that is not
// linear would run into the test's own time limit.
func TestHostilePages(t *testing.T) {
	t.Parallel()
	for name, page := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ReadPage([]byte(page(1<<20)), "https://a.example/a-b", "")
		})
	}
}

// BenchmarkHostilePages shows the growth: the processor time of 1 MB should be
// about twice that of 512 KB.
func BenchmarkHostilePages(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		for _, size := range []int{1 << 19, 1 << 20} {
			page := []byte(hostile[name](size))
			b.Run(fmt.Sprintf("%s/%dKB", name, size>>10), func(b *testing.B) {
				before := cpuTime()
				for b.Loop() {
					ReadPage(page, "https://a.example/a-b", "")
				}
				b.ReportMetric(float64((cpuTime()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
			})
		}
	}
}

func FuzzReadPage(f *testing.F) {
	for _, page := range hostile {
		f.Add([]byte(page(600)), "https://a.example/a-b")
	}
	f.Add([]byte(`<h1>Mật ong 500ml</h1><script type="application/ld+json">{"@type":"Product","name":"Mật ong","offers":{"price":"1","priceCurrency":"VND"}}</script><p class=price><del>1.000₫</del> 900₫</p>`), "https://a.example/")
	f.Fuzz(func(t *testing.T, page []byte, address string) {
		r := ReadPage(page, address, "text/html")
		if (r.Kind == KindNone) != (r.AmountMin == "" && r.AmountMax == "") || r.AmountMin == "0" || r.AmountMax == "0" {
			t.Errorf("kind %s with amounts %q..%q", r.Kind, r.AmountMin, r.AmountMax)
		}
		for _, row := range r.Rows {
			if row.AmountMin == "" && row.AmountMax == "" || row.AmountMin == "0" || row.Currency == "" || row.Name == "" {
				t.Errorf("row without a price: %+v", row)
			}
		}
		if r.Confidence < 0 || r.Confidence > 1 {
			t.Errorf("confidence %v", r.Confidence)
		}
	})
}
