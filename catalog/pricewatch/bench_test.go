package pricewatch

import (
	"fmt"
	"testing"
)

// A year of a market with 300 sellers whose prices change every few days:
// 21,900 observations.
func BenchmarkHistoryOfAYear(b *testing.B) {
	var list []Observation
	for day := 0; day < 365; day += 5 {
		for seller := range 300 {
			o := priced(honey, "search", day, day+4, int64(300_000+seller*1000+day*37%5000))
			o.Item, o.Seller = fmt.Sprint(seller), fmt.Sprint("Nơi bán mẫu ", seller)
			list = append(list, o)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		h := NewHistory(honey, noon(0), noon(364))
		for _, o := range list {
			h.Add(o)
		}
		if days := h.Days(); len(days) != 365 || days[0].Sellers != 300 {
			b.Fatalf("%d days", len(days))
		}
	}
}

// One new price against a market of 10,000 prices.
func BenchmarkJudge(b *testing.B) {
	p := NewPool(honey, noon(80))
	for i := range 10_000 {
		p.Add(priced(honey, "s", 70, 75, int64(300_000+i*7%90_000)))
	}
	last, next := priced(honey, "x", 75, 78, 320_000), priced(honey, "x", 79, 79, 340_000)
	b.ReportAllocs()
	for b.Loop() {
		if v := p.Judge(next, &last); len(v.Flags) > 0 {
			b.Fatal(v)
		}
	}
}
