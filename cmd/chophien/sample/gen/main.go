// Command gen writes the sample spreadsheet and draws its pictures. Run it with
// go generate in the folder above; the same source gives the same files.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run writes everything into dir.
func run(dir string) error {
	sheet, err := workbook()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "sample.xlsx"), sheet, 0o644); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "pictures"), 0o755); err != nil {
		return err
	}
	for _, name := range pictureNames() {
		var b bytes.Buffer
		encoder := png.Encoder{CompressionLevel: png.BestCompression}
		if err := encoder.Encode(&b, draw(name)); err != nil {
			return fmt.Errorf("picture %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, "pictures", name+".png"), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func pictureNames() []string { return slices.Sorted(maps.Keys(scenes)) }

// headings are Vietnamese ones that the import knows, in the order in which a
// person fills them in.
var headings = []any{
	"Mã sản phẩm", "Mã SKU", "Tên sản phẩm", "Tên tiếng Anh", "Danh mục", "Tùy chọn 1", "Giá trị 1",
	"Giá niêm yết (VND)", "Giá khuyến mãi (VND)", "Tồn kho", "Khối lượng (g)", "Khối lượng tịnh", "Dài (cm)", "Rộng (cm)", "Cao (cm)",
	"Tóm tắt", "Tóm tắt tiếng Anh", "Mô tả", "Mô tả tiếng Anh", "Thuộc tính", "Hình ảnh", "Chi tiết ảnh", "Sao OCOP",
	"Xã", "Tỉnh", "Địa danh cũ",
	"Mã nhóm", "Tên nhóm", "Tên nhóm tiếng Anh", "Loại nhóm", "Xã của nhóm", "Tỉnh của nhóm", "Địa danh cũ của nhóm", "Dữ liệu mẫu",
}

const (
	sampleVI = "Dữ liệu mẫu để dùng thử, không phải hàng bán thật."
	sampleEN = "Sample data for trying things out, not a real offer."
)

func workbook() ([]byte, error) {
	file := excelize.NewFile()
	data, err := fillBook(file)
	return data, errors.Join(err, file.Close())
}

func fillBook(file *excelize.File) ([]byte, error) {
	const name = "Sản phẩm mẫu"
	if err := file.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	head, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E2EFDA"}}})
	if err != nil {
		return nil, err
	}
	stream, err := file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		stream.SetColWidth(1, len(headings), 16),
		stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: 3, YSplit: 1, TopLeftCell: "D2", ActivePane: "bottomRight"}))
	if err != nil {
		return nil, err
	}
	titles := make([]any, len(headings))
	for i, title := range headings {
		titles[i] = excelize.Cell{StyleID: head, Value: title}
	}
	if err := stream.SetRow("A1", titles); err != nil {
		return nil, err
	}
	row := 2
	for _, g := range groups {
		for _, k := range kinds[g.code] {
			for i, v := range k.variants {
				if err := stream.SetRow(fmt.Sprintf("A%d", row), cells(g, k, v, i == 0)); err != nil {
					return nil, err
				}
				row++
			}
		}
	}
	if err := stream.Flush(); err != nil {
		return nil, err
	}
	data, err := file.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return data.Bytes(), nil
}

// cells makes a row; what belongs to the product stands in its first.
func cells(g group, k kind, v variant, first bool) []any {
	sku := k.code
	if v.suffix != "" {
		sku += "-" + v.suffix
	}
	own := func(value any) any {
		if !first || value == "" || value == 0 {
			return nil
		}
		return value
	}
	filled := func(value any) any {
		if value == "" || value == int64(0) {
			return nil
		}
		return value
	}
	picture := "pictures/" + k.picture + ".png"
	return []any{
		k.code, sku, own(k.vi), own(k.en), own(k.category), own(k.option), filled(v.value),
		v.price, filled(v.sale), v.stock, v.weight, v.net, v.length, v.wide, v.tall,
		own(sentence(k.aboutVI)), own(sentence(k.aboutEN)),
		own(k.aboutVI + "\n\n" + sampleVI), own(k.aboutEN + "\n\n" + sampleEN),
		own(k.attributes), own(picture), own(picture + " | | | Hình minh họa: " + k.vi + " | Illustration: " + k.en), own(k.ocop),
		own(g.commune), own(g.province), own(g.old),
		own(g.code), own(g.vi), own(g.en), own(g.kind), own(g.commune), own(g.province), own(g.old), own("có"),
	}
}

// sentence is the first sentence of a text.
func sentence(text string) string {
	first, _, _ := strings.Cut(text, ". ")
	return strings.TrimSuffix(first, ".") + "."
}
