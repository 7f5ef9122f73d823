package sheet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestRowsAreReadAsTheyAre(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := [][]string{{"Bản tin giá mẫu"}, {"Mặt hàng", "Giá (đ/kg)"}, {"Hồ tiêu", "145000"}}
	text := filepath.Join(dir, "a.csv")
	if err := os.WriteFile(text, []byte("Bản tin giá mẫu\nMặt hàng;Giá (đ/kg)\n Hồ tiêu ;145000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	book := excelize.NewFile()
	for cell, value := range map[string]any{"A1": "Bản tin giá mẫu", "A2": "Mặt hàng", "B2": "Giá (đ/kg)", "A3": "Hồ tiêu", "B3": 145000} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	xlsx := filepath.Join(dir, "a.xlsx")
	if err := book.SaveAs(xlsx); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, xlsx} {
		var got [][]string
		for row, err := range Rows(path, "") {
			if err != nil {
				t.Fatal(err)
			}
			for len(row) > 1 && row[len(row)-1] == "" {
				row = row[:len(row)-1]
			}
			got = append(got, row)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	page := filepath.Join(dir, "page.csv")
	if err := os.WriteFile(page, []byte("<html></html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{page: "web page", filepath.Join(dir, "none.csv"): "no such file"} {
		var last error
		for _, err := range Rows(path, "") {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), want) {
			t.Errorf("%s: %v, want %q", path, last, want)
		}
	}
	for _, err := range Rows(xlsx, "Trang 9") {
		if err == nil || !strings.Contains(err.Error(), "there is no sheet") {
			t.Errorf("a missing sheet: %v", err)
		}
	}
}
