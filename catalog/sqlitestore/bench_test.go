package sqlitestore

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
)

// The rates are items per second, in a file, with one caller.

func perSecond(b *testing.B, items int) {
	b.ReportMetric(float64(items)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

func benchStore(b *testing.B) *Store {
	return closed(b, opened(b, filepath.Join(b.TempDir(), "catalog.db")))
}

// benchProducts are n products like those of a real catalog.
func benchProducts(first, n int) []catalog.Product {
	names := []string{"Mật ong rừng nguyên chất", "Chè Shan tuyết cổ thụ", "Miến dong sợi nhỏ", "Hồ tiêu đen hạt già", "Cà phê Robusta rang mộc"}
	categories := []string{"honey", "tea", "vermicelli", "pepper", "coffee"}
	list := make([]catalog.Product, n)
	for i := range list {
		k := first + i
		list[i] = catalog.Product{
			ID: fmt.Sprintf("SP-%07d", k), GroupID: fmt.Sprintf("htx-%02d", k%49), Category: categories[k%5], Brand: "Bản Cá",
			Name:        catalog.Text{VI: fmt.Sprintf("%s Bản %d", names[k%5], k%1000)},
			Description: catalog.Text{VI: "Thu hái bằng tay trên núi cao, phơi nắng, không phụ gia.\n\nBảo quản nơi khô ráo, tránh ánh nắng."},
			Variants: []catalog.Variant{{
				SKU: catalog.SKU(fmt.Sprintf("SP-%07d-500", k)), ListPrice: catalog.VND(185000), Weight: 540,
				NetContent: catalog.Quantity{Milli: 500000, Unit: "g"},
			}},
			Images:    []catalog.Image{{Source: fmt.Sprintf("images/sp-%07d.png", k)}},
			Origin:    catalog.Origin{Commune: "Côn Minh", Province: "Thái Nguyên", OldLabel: "Na Rì, Bắc Kạn"},
			UpdatedAt: time.UnixMilli(1790000000000).UTC(),
		}
	}
	return list
}

func fillProducts(b *testing.B, s *Store, n int) {
	for first := 0; first < n; first += 1000 {
		noErrors(b)(s.PutProducts(b.Context(), benchProducts(first, 1000)))
	}
}

func noErrors(b *testing.B) func([]error, error) {
	return func(errs []error, err error) {
		b.Helper()
		for _, failed := range append(errs, err) {
			if failed != nil {
				b.Fatal(failed)
			}
		}
	}
}

func BenchmarkPutProductsNew(b *testing.B) {
	s := benchStore(b)
	fillProducts(b, s, 20000)
	first := 20000
	for b.Loop() {
		noErrors(b)(s.PutProducts(b.Context(), benchProducts(first, 1000)))
		first += 1000
	}
	perSecond(b, 1000)
}

func BenchmarkPutProductsChanged(b *testing.B) {
	s := benchStore(b)
	fillProducts(b, s, 20000)
	list := benchProducts(5000, 1000)
	for b.Loop() {
		for i := range list {
			list[i].Revision++
			list[i].Variants[0].ListPrice.Amount++
		}
		noErrors(b)(s.PutProducts(b.Context(), list))
	}
	perSecond(b, 1000)
}

func BenchmarkProductsPages(b *testing.B) {
	s := benchStore(b)
	fillProducts(b, s, 20000)
	for b.Loop() {
		read, after := 0, ""
		for {
			page, err := s.Products(b.Context(), catalog.ProductQuery{After: after})
			if err != nil {
				b.Fatal(err)
			}
			if read += len(page); len(page) < 1000 {
				break
			}
			after = page[len(page)-1].ID
		}
		if read != 20000 {
			b.Fatal(read)
		}
	}
	perSecond(b, 20000)
}

func BenchmarkSearch(b *testing.B) {
	s := benchStore(b)
	fillProducts(b, s, 20000)
	for _, text := range []string{"mat ong rung", "mat", "b", "sp-0001234", "nothing"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Products(b.Context(), catalog.ProductQuery{Text: text, Limit: 50}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkListings(b *testing.B) {
	s := benchStore(b)
	const n = 20000
	for first := 0; first < n; first += 1000 {
		list := make([]catalog.Listing, 1000)
		for i := range list {
			price, quantity := &catalog.Price{List: catalog.VND(185000)}, int64(12)
			side := catalog.Snapshot{
				At: time.UnixMilli(1790000000000).UTC(), State: catalog.StateLive, Content: "0123456789abcdef", Media: "0123456789abcdef",
				Variants: []catalog.VariantSnapshot{{SKU: "SP-1", ExternalID: "77", Price: price, Quantity: &quantity}},
			}
			list[i] = catalog.Listing{Channel: "shop", ProductID: fmt.Sprintf("SP-%07d", first+i), ExternalID: "77", Applied: side, Observed: side, Status: catalog.StatusLive}
		}
		noErrors(b)(s.PutListings(b.Context(), list))
	}
	b.Run("Pages", func(b *testing.B) {
		for b.Loop() {
			read, after := 0, ""
			for {
				page, err := s.Listings(b.Context(), catalog.ListingQuery{Channel: "shop", After: after})
				if err != nil {
					b.Fatal(err)
				}
				if read += len(page); len(page) < 1000 {
					break
				}
				after = page[len(page)-1].ProductID
			}
			if read != n {
				b.Fatal(read)
			}
		}
		perSecond(b, n)
	})
	b.Run("NothingDue", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Listings(b.Context(), catalog.ListingQuery{Channel: "shop", Due: true}); err != nil {
				b.Fatal(err)
			}
			if _, err := s.DueProducts(b.Context(), "", 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Mark", func(b *testing.B) {
		ids := make([]string, 1000)
		for i := range ids {
			ids[i] = fmt.Sprintf("SP-%07d", i)
		}
		for b.Loop() {
			if err := s.MarkListings(b.Context(), []catalog.ChannelID{"shop", "other", "third"}, ids); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, 3000)
	})
}

func BenchmarkStock(b *testing.B) {
	s := benchStore(b)
	fillProducts(b, s, 10000)
	skus := make([]catalog.SKU, 1000)
	for i := range skus {
		skus[i] = catalog.SKU(fmt.Sprintf("SP-%07d-500", i*7))
	}
	round := 0
	b.Run("AddMovements", func(b *testing.B) {
		for b.Loop() {
			round++
			list := make([]catalog.Movement, len(skus))
			for i, sku := range skus {
				list[i] = catalog.Movement{Key: fmt.Sprintf("order/shop/%d/%d/reserve", round, i), Ref: fmt.Sprintf("order/shop/%d/%d", round, i), SKU: sku, Kind: catalog.MoveReserve, Reserved: 1}
			}
			noErrors(b)(s.AddMovements(b.Context(), list))
		}
		perSecond(b, len(skus))
	})
	b.Run("Levels", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Levels(b.Context(), skus); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "catalog.db")
	opened(b, path).Close()
	for b.Loop() {
		opened(b, path).Close()
	}
}
