package sheet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
	"golang.org/x/text/unicode/norm"
)

// maxOptions is how many options have columns of their own; any further ones
// share a column.
const maxOptions = 3

// scope tells whose value a column holds.
type scope int

const (
	ofProduct scope = iota // the product's: read from its first row
	ofVariant              // the row's variant
	ofGroup                // the product's group or category, kept as records
	ofStock                // the row's variant, kept in the ledger
)

// column is one fact that a sheet can hold.
type column struct {
	key      string
	vi, en   string   // headings of exports
	synonyms []string // other headings, folded, without marks
	units    []string // units that the heading may name in brackets, folded
	field    string   // what the catalog's validation calls it, when not key
	scope    scope
	repeated bool // "Ảnh 1", "Ảnh 2": several columns whose values are joined
	code     bool // digits are text
	// set reads a cell that is not refused by checkCell; "" clears.
	set func(d *draft, text string) error
	get func(v view) cell
}

// view is what an exported row shows.
type view struct {
	product *catalog.Product
	variant *catalog.Variant
	group   *catalog.Group
	level   catalog.Level
}

// columns lists every column, in the order of exports.
var columns = []column{
	{key: "code", vi: "Mã sản phẩm", en: "Product code", field: "id", synonyms: []string{"product id", "parent sku", "ma sp", "ma san pham cha", "handle"}, code: true,
		get: func(v view) cell { return cell{text: v.product.ID} }},
	{key: "sku", vi: "Mã SKU", en: "SKU", synonyms: []string{"ma hang", "ma hang hoa", "ma phan loai", "ma bien the", "variant sku", "ma vach noi bo", "sku code"}, scope: ofVariant, code: true,
		get: func(v view) cell { return cell{text: string(v.variant.SKU)} }},
	text("name", "Tên sản phẩm", "Name", func(p *catalog.Product) *string { return &p.Name.VI }, "ten", "ten hang", "ten hang hoa", "product name", "ten tieng viet", "ten vi", "title", "name vi"),
	fieldOf("name.en", text("name_en", "Tên tiếng Anh", "English name", func(p *catalog.Product) *string { return &p.Name.EN }, "ten en", "name en", "ten san pham tieng anh", "ten english", "title en")),
	text("summary", "Tóm tắt", "Summary", func(p *catalog.Product) *string { return &p.Summary.VI }, "mo ta ngan", "short description", "tom tat tieng viet", "summary vi"),
	fieldOf("summary.en", text("summary_en", "Tóm tắt tiếng Anh", "English summary", func(p *catalog.Product) *string { return &p.Summary.EN }, "tom tat en", "summary en", "mo ta ngan tieng anh")),
	text("description", "Mô tả", "Description", func(p *catalog.Product) *string { return &p.Description.VI }, "mo ta san pham", "mo ta chi tiet", "mo ta tieng viet", "description vi", "noi dung"),
	fieldOf("description.en", text("description_en", "Mô tả tiếng Anh", "English description", func(p *catalog.Product) *string { return &p.Description.EN }, "mo ta en", "description en", "mo ta san pham tieng anh")),
	{key: "category", vi: "Danh mục", en: "Category", synonyms: []string{"ma danh muc", "nhom hang", "loai hang", "nganh hang", "loai san pham", "category code", "product type"},
		set: func(d *draft, text string) error { d.category = text; return nil },
		get: func(v view) cell { return cell{text: v.product.Category} }},
	text("brand", "Thương hiệu", "Brand", func(p *catalog.Product) *string { return &p.Brand }, "nhan hieu", "nhan hang", "vendor"),

	{key: "group_code", vi: "Mã nhóm", en: "Group code", field: "group", synonyms: []string{"ma to", "ma hop tac xa", "ma htx", "group id", "ma nha san xuat"}, code: true,
		set: func(d *draft, text string) error { d.product.GroupID = text; return nil },
		get: func(v view) cell { return cell{text: v.product.GroupID} }},
	groupText("group_name", "Tên nhóm", "Group", func(g *catalog.Group) *string { return &g.Name.VI }, "nhom", "ten htx", "hop tac xa", "htx", "ten hop tac xa", "to hop tac", "group name", "nha san xuat", "co so san xuat", "producer"),
	groupText("group_name_en", "Tên nhóm tiếng Anh", "English group name", func(g *catalog.Group) *string { return &g.Name.EN }, "ten nhom en", "group name en"),
	groupText("group_kind", "Loại nhóm", "Group kind", func(g *catalog.Group) *string { return &g.Kind }, "loai hinh", "loai hinh nhom"),
	groupText("group_commune", "Xã của nhóm", "Group commune", func(g *catalog.Group) *string { return &g.Origin.Commune }),
	groupText("group_province", "Tỉnh của nhóm", "Group province", func(g *catalog.Group) *string { return &g.Origin.Province }),
	groupText("group_label", "Địa danh cũ của nhóm", "Group old place name", func(g *catalog.Group) *string { return &g.Origin.OldLabel }),

	optionName(0), optionName(1), optionName(2),
	{key: "options_more", vi: "Tùy chọn khác", en: "More options",
		set: func(d *draft, text string) error {
			d.product.Options = setMore(d.product.Options, text)
			return nil
		},
		get: func(v view) cell { return cell{text: formatMore(v.product.Options)} }},
	optionValue(0), optionValue(1), optionValue(2),
	{key: "values_more", vi: "Giá trị khác", en: "More values", scope: ofVariant,
		set: func(d *draft, text string) error {
			d.variant.Options = setMore(d.variant.Options, text)
			return nil
		},
		get: func(v view) cell { return cell{text: formatMore(v.variant.Options)} }},

	{key: "list_price", vi: "Giá niêm yết", en: "List price", synonyms: []string{"gia goc", "gia chua giam", "regular price", "gia le", "gia ban le"}, units: dong, scope: ofVariant,
		set: func(d *draft, text string) (err error) {
			if text == "" {
				return reasonf("giá không được để trống", "the price must not be empty")
			}
			d.variant.ListPrice, err = money(text, d.raw)
			return err
		},
		get: func(v view) cell { return formatMoney(v.variant.ListPrice) }},
	optionalMoney("sale_price", "Giá khuyến mãi", "Sale price", func(v *catalog.Variant) **catalog.Money { return &v.SalePrice }, "gia giam", "gia khuyen mai", "gia sau giam", "discount price", "gia uu dai"),
	optionalMoney("cost", "Giá vốn", "Cost", func(v *catalog.Variant) **catalog.Money { return &v.Cost }, "gia nhap", "gia thu mua", "cost price"),

	{key: "stock", vi: "Tồn kho", en: "Stock", synonyms: []string{"ton", "so luong", "so luong ton", "so luong ton kho", "quantity", "stock quantity", "kho", "sl"}, units: []string{"cai", "chiec", "goi", "hop", "san pham", "sp", "pcs", "pieces"}, scope: ofStock,
		set: func(d *draft, text string) error { return d.setCount(text, &d.count.counted) },
		get: func(v view) cell { return formatStock(v.level) }},
	{key: "stock_seen", vi: "Tồn kho khi xuất", en: "Stock when exported", scope: ofStock,
		set: func(d *draft, text string) error { return d.setCount(text, &d.count.seen) },
		get: func(v view) cell { return formatStock(v.level) }},

	{key: "weight", vi: "Khối lượng (g)", en: "Weight (g)", synonyms: []string{"khoi luong", "trong luong", "can nang", "weight", "khoi luong dong goi", "trong luong dong goi", "package weight"}, units: []string{"g", "gr", "gam", "gram", "kg"}, scope: ofVariant, field: "weight_g",
		set: func(d *draft, text string) (err error) {
			d.variant.Weight = 0
			if text != "" {
				d.variant.Weight, _, err = measure(text, d.unit, weights, d.raw) // kilograms have 3 decimals: grams either way
			}
			return err
		},
		get: func(v view) cell { return formatCount(v.variant.Weight) }},
	length("length", "Dài (cm)", "Length (cm)", func(v *catalog.Variant) *int64 { return &v.Dimensions.Length }, "dai", "chieu dai", "length"),
	length("width", "Rộng (cm)", "Width (cm)", func(v *catalog.Variant) *int64 { return &v.Dimensions.Width }, "rong", "chieu rong", "width"),
	length("height", "Cao (cm)", "Height (cm)", func(v *catalog.Variant) *int64 { return &v.Dimensions.Height }, "cao", "chieu cao", "height"),
	{key: "net_content", vi: "Khối lượng tịnh", en: "Net content", synonyms: []string{"quy cach", "dinh luong", "the tich", "dung tich", "net weight", "trong luong tinh", "khoi luong tinh the tich thuc"}, units: []string{"g", "kg", "ml", "l", "lit"}, scope: ofVariant,
		set: func(d *draft, text string) (err error) {
			d.variant.NetContent = catalog.Quantity{}
			if text != "" {
				d.variant.NetContent, err = quantity(text, d.unit)
			}
			return err
		},
		get: func(v view) cell {
			q := v.variant.NetContent
			if q == (catalog.Quantity{}) {
				return cell{}
			}
			return cell{text: formatUnits(q.Milli, 3) + " " + q.Unit}
		}},
	{key: "gtin", vi: "Mã vạch", en: "GTIN", synonyms: []string{"ma vach gtin", "ean", "upc", "barcode", "ma so ma vach", "ean 13"}, scope: ofVariant, code: true,
		set: func(d *draft, text string) error { d.variant.GTIN = text; return nil },
		get: func(v view) cell { return cell{text: v.variant.GTIN} }},
	{key: "variant_image", vi: "Ảnh của phân loại", en: "Variant image", synonyms: []string{"anh bien the"}, scope: ofVariant, field: "image",
		set: func(d *draft, text string) error {
			n, err := count64(text, d.raw)
			d.variant.Image = int(n)
			return err
		},
		get: func(v view) cell { return formatCount(int64(v.variant.Image)) }},
	{key: "variant_archived", vi: "Phân loại ngừng bán", en: "Variant archived", synonyms: []string{"bien the ngung ban"}, scope: ofVariant, field: "archived",
		set: func(d *draft, text string) (err error) { d.variant.Archived, err = yes(text); return err },
		get: func(v view) cell { return formatYes(v.variant.Archived) }},

	{key: "images", vi: "Hình ảnh", en: "Images", synonyms: []string{"anh", "link anh", "hinh", "image", "image url", "anh san pham", "duong dan anh", "pictures"}, repeated: true,
		set: func(d *draft, text string) error { d.setSources(text); return nil },
		get: func(v view) cell { return cell{text: formatSources(v.product.Images)} }},
	{key: "image_details", vi: "Chi tiết ảnh", en: "Image details", field: "images",
		set: func(d *draft, text string) error { return d.setDetails(text) },
		get: func(v view) cell { return cell{text: formatDetails(v.product.Images)} }},
	{key: "attributes", vi: "Thuộc tính", en: "Attributes", synonyms: []string{"dac diem", "thong so", "thong tin them"},
		set: func(d *draft, text string) (err error) {
			d.product.Attributes, err = parseAttributes(text)
			return err
		},
		get: func(v view) cell { return cell{text: formatAttributes(v.product.Attributes)} }},
	fieldOf("origin.commune", text("commune", "Xã", "Commune", func(p *catalog.Product) *string { return &p.Origin.Commune }, "xa phuong", "phuong xa", "ward")),
	fieldOf("origin.province", text("province", "Tỉnh", "Province", func(p *catalog.Product) *string { return &p.Origin.Province }, "tinh thanh", "tinh thanh pho")),
	fieldOf("origin.old_label", text("old_label", "Địa danh cũ", "Old place name", func(p *catalog.Product) *string { return &p.Origin.OldLabel }, "ten goi cu", "dia danh truoc sap nhap", "old label")),
	{key: "ocop", vi: "Sao OCOP", en: "OCOP stars", synonyms: []string{"ocop", "hang ocop", "ocop sao", "so sao ocop"},
		set: func(d *draft, text string) error {
			digits := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(catalog.Fold(text), "ocop"), "sao"))
			n, err := count64(digits, d.raw)
			d.product.OCOP = int(n)
			return err
		},
		get: func(v view) cell { return formatCount(int64(v.product.OCOP)) }},
	{key: "certificates", vi: "Chứng nhận", en: "Certificates", synonyms: []string{"giay chung nhan", "chung chi", "giay to"},
		set: func(d *draft, text string) (err error) {
			d.product.Certificates, err = parseCertificates(text)
			return err
		},
		get: func(v view) cell { return cell{text: formatCertificates(v.product.Certificates)} }},
	{key: "lots", vi: "Lô hàng", en: "Lots", synonyms: []string{"lo", "so lo", "lot", "batches"},
		set: func(d *draft, text string) error { d.lots, d.lotsSet = text, true; return nil },
		get: func(v view) cell { return cell{text: formatLots(v.product.Lots)} }},
	{key: "overrides", vi: "Ghi đè theo kênh", en: "Channel overrides", synonyms: []string{"overrides", "ghi de"},
		set: func(d *draft, text string) (err error) {
			d.product.Overrides, err = parseOverrides(text)
			return err
		},
		get: func(v view) cell { return cell{text: formatOverrides(v.product.Overrides)} }},
	{key: "archived", vi: "Ngừng bán", en: "Archived", synonyms: []string{"ngung kinh doanh", "luu tru", "an"},
		set: func(d *draft, text string) (err error) { d.product.Archived, err = yes(text); return err },
		get: func(v view) cell { return formatYes(v.product.Archived) }},
	{key: "sample", vi: "Dữ liệu mẫu", en: "Sample", synonyms: []string{"mau", "sample data"},
		set: func(d *draft, text string) (err error) { d.product.Sample, err = yes(text); return err },
		get: func(v view) cell { return formatYes(v.product.Sample) }},
}

var dong = []string{"vnd", "d", "dong", "₫"}

func text(key, vi, en string, at func(*catalog.Product) *string, synonyms ...string) column {
	return column{key: key, vi: vi, en: en, synonyms: synonyms,
		set: func(d *draft, text string) error { *at(&d.product) = text; return nil },
		get: func(v view) cell { return cell{text: *at(v.product)} }}
}

// fieldOf sets what the catalog's rules call a column.
func fieldOf(field string, c column) column {
	c.field = field
	return c
}

func groupText(key, vi, en string, at func(*catalog.Group) *string, synonyms ...string) column {
	return column{key: key, vi: vi, en: en, synonyms: synonyms, scope: ofGroup,
		set: func(d *draft, text string) error { *at(&d.group) = text; return nil },
		get: func(v view) cell {
			if v.group == nil {
				return cell{}
			}
			return cell{text: *at(v.group)}
		}}
}

func optionName(i int) column {
	n := strconv.Itoa(i + 1)
	return column{key: "option" + n, vi: "Tùy chọn " + n, en: "Option " + n, field: "options",
		synonyms: []string{"ten tuy chon " + n, "ten phan loai " + n, "option " + n + " name", "phan loai " + n, "nhom phan loai " + n},
		set: func(d *draft, text string) error {
			d.product.Options = setAt(d.product.Options, i, text)
			return nil
		},
		get: func(v view) cell { return cell{text: at(v.product.Options, i)} }}
}

func optionValue(i int) column {
	n := strconv.Itoa(i + 1)
	return column{key: "option" + n + "_value", vi: "Giá trị " + n, en: "Value " + n, scope: ofVariant, field: "options",
		synonyms: []string{"gia tri tuy chon " + n, "gia tri phan loai " + n, "option " + n + " value", "lua chon " + n},
		set: func(d *draft, text string) error {
			d.variant.Options = setAt(d.variant.Options, i, text)
			return nil
		},
		get: func(v view) cell { return cell{text: at(v.variant.Options, i)} }}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// setAt sets list[i], growing the list only for a text.
func setAt(list []string, i int, text string) []string {
	for text != "" && len(list) <= i {
		list = append(list, "")
	}
	if i < len(list) {
		list[i] = text
	}
	return list
}

// setMore sets the options beyond those that have their own columns.
func setMore(list []string, text string) []string {
	list = list[:min(len(list), maxOptions)]
	if text == "" {
		return list
	}
	for i, part := range splitParts(text) {
		list = setAt(list, maxOptions+i, part)
	}
	return list
}

func formatMore(list []string) string {
	if len(list) <= maxOptions {
		return ""
	}
	return joinParts(list[maxOptions:]...)
}

func optionalMoney(key, vi, en string, at func(*catalog.Variant) **catalog.Money, synonyms ...string) column {
	return column{key: key, vi: vi, en: en, synonyms: synonyms, units: dong, scope: ofVariant,
		set: func(d *draft, text string) error {
			*at(d.variant) = nil
			if text == "" {
				return nil
			}
			m, err := money(text, d.raw)
			if err == nil {
				*at(d.variant) = &m
			}
			return err
		},
		get: func(v view) cell {
			if m := *at(v.variant); m != nil {
				return formatMoney(*m)
			}
			return cell{}
		}}
}

func length(key, vi, en string, at func(*catalog.Variant) *int64, synonyms ...string) column {
	return column{key: key, vi: vi, en: en, synonyms: synonyms, units: []string{"cm", "mm", "m"}, scope: ofVariant, field: "dimensions_mm." + key,
		set: func(d *draft, text string) (err error) {
			*at(d.variant) = 0
			if text == "" {
				return nil
			}
			heading := d.unit
			if heading == "" {
				heading = "cm"
			}
			*at(d.variant), _, err = measure(text, heading, lengths, d.raw) // decimals of each unit reach millimetres
			return err
		},
		get: func(v view) cell {
			n := *at(v.variant)
			if n == 0 {
				return cell{}
			}
			return cell{text: formatUnits(n, 1)}
		}}
}

// count64 reads a whole number; "" is 0.
func count64(text string, raw bool) (int64, error) {
	if text == "" {
		return 0, nil
	}
	return decimalUnits(text, 0, raw)
}

func formatCount(n int64) cell {
	if n == 0 {
		return cell{}
	}
	return cell{text: strconv.FormatInt(n, 10), number: true}
}

// formatStock leaves the cell empty for a variant that was never counted, and
// for one that is oversold: no count can be below 0.
func formatStock(l catalog.Level) cell {
	if l.Head.IsZero() || l.OnHand < 0 {
		return cell{}
	}
	return cell{text: strconv.FormatInt(l.OnHand, 10), number: true}
}

func parseOverrides(text string) (map[catalog.ChannelID]catalog.Override, error) {
	if text == "" {
		return nil, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	var overrides map[catalog.ChannelID]catalog.Override
	if err := decoder.Decode(&overrides); err != nil || decoder.More() {
		return nil, reasonf("không phải JSON hợp lệ của phần ghi đè theo kênh: %v", "not valid JSON of channel overrides: %v", err)
	}
	return overrides, nil
}

func formatOverrides(overrides map[catalog.ChannelID]catalog.Override) string {
	if len(overrides) == 0 {
		return ""
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(overrides); err != nil {
		return "" // strings and integers always encode
	}
	text := strings.TrimSuffix(b.String(), "\n")
	if norm.NFC.IsNormalString(text) {
		return text
	}
	// A combining mark after an escape such as \n would join the n when the
	// cell is normalised.
	return asciiJSON(text)
}

// asciiJSON escapes all letters beyond ASCII.
func asciiJSON(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		if unit < utf8.RuneSelf {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}
