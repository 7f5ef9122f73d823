package sheet_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/chophien/chophien/catalog/sheet"
	"github.com/chophien/chophien/catalog/sqlitestore"
)

const benchRows = 100_000

// BenchmarkImport imports 100,000 rows of CSV, validated and compared, into a
// fresh embedded store on disk.
func BenchmarkImport(b *testing.B) {
	for _, variants := range []int{1, 2} {
		b.Run(fmt.Sprintf("variants=%d", variants), func(b *testing.B) { benchImport(b, variants) })
	}
}

func benchImport(b *testing.B, variants int) {
	path := benchFile(b, variants)
	for b.Loop() {
		b.StopTimer()
		store, err := sqlitestore.Open(b.Context(), filepath.Join(b.TempDir(), "store.db"))
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		out, err := sheet.Import(b.Context(), store, func() (*sheet.Reader, error) { return sheet.Open(path, sheet.Options{}) }, sheet.ImportOptions{})
		if err != nil || out.Written != benchRows/variants || out.Booked != benchRows {
			b.Fatalf("%+v, %v", out, err)
		}
		b.StopTimer()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		b.ReportMetric(float64(memory.Sys)/(1<<20), "MB-from-system")
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkCheck does everything but write: the share of the import that is
// not the store's.
func BenchmarkCheck(b *testing.B) {
	path := benchFile(b, 2)
	store := openStore(b)
	for b.Loop() {
		if _, err := sheet.Import(b.Context(), store, func() (*sheet.Reader, error) { return sheet.Open(path, sheet.Options{}) }, sheet.ImportOptions{DryRun: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func benchFile(b *testing.B, variants int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench.csv")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "Mã sản phẩm,Mã SKU,Tên sản phẩm,Tên tiếng Anh,Mô tả,Danh mục,Thương hiệu,Mã nhóm,Tùy chọn 1,Giá trị 1,Giá niêm yết,Giá khuyến mãi,Tồn kho,Khối lượng (g),Khối lượng tịnh,Thuộc tính,Xã,Tỉnh,Sao OCOP")
	for i := range benchRows {
		p, v := i/variants, i%variants
		own := ",,,,,,"
		if v == 0 {
			own = fmt.Sprintf("Mật ong rừng số %d,Forest honey no. %d,Mật ong hoa rừng quay ly tâm; lọc thô; không pha đường. Để nơi thoáng mát.,honey,Ong Bản,nhom-%d,Dung tích", p, p, p%49)
		}
		fmt.Fprintf(w, "P%06d,P%06d-%d,%s,%d ml,%d,%d,%d,700,500 ml,Mùa vụ = Thu đông,Đồng Phúc,Thái Nguyên,4\n", p, p, v, own, 500+v, 100000+i, 90000+i, i%100)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}
