package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a product. They hold a product well below what one document of
// either store takes, and catch slips such as grams typed as kilograms.
const (
	maxName        = 255
	maxSummary     = 2_000
	maxDescription = 50_000
	maxValue       = 1_000 // attribute values, picture texts
	maxLabel       = 255   // brand, places, option and attribute names, numbers of papers
	maxSource      = 4_000

	maxVariants = 500
	maxList     = 200 // options, pictures, attributes, certificates, lots, overrides: each

	maxAmount     = 10_000_000_000 // minor units
	maxWeight     = 1_000_000      // 1 t in grams
	maxDimension  = 20_000         // 20 m in millimetres
	maxNetContent = 1_000_000_000  // thousandths
)

var units = []string{"g", "kg", "ml", "l", "cm", "m", "piece"}

// Validate tells everything that is wrong with a product, in the order of its
// fields; nil when nothing is. A product with an issue of severity error must
// not be stored. Fields are named as in JSON, list entries by their 1-based
// place and variants by SKU: "images[2]", "variants[CHE-100].list_price".
func Validate(p Product) []Issue {
	v := validation{p: &p}
	v.product()
	v.variants()
	v.lists()
	v.overrides()
	return v.issues
}

type validation struct {
	p      *Product
	issues []Issue
}

func (v *validation) fail(code, field string, sku SKU, vi, en string, args ...any) {
	v.issues = append(v.issues, newIssue(SeverityError, code, field, sku, vi, en, args...))
}

func (v *validation) warn(code, field string, sku SKU, vi, en string, args ...any) {
	v.issues = append(v.issues, newIssue(SeverityWarning, code, field, sku, vi, en, args...))
}

// text checks one text: its length in characters, its encoding, and that no
// control character hides in it. Only long texts have more than one line.
func (v *validation) text(field, s string, limit int, sku SKU) {
	if s == "" {
		return
	}
	if !utf8.ValidString(s) {
		v.fail("encoding", field, sku,
			"Văn bản bị lỗi mã hóa. Hãy lưu tệp ở dạng UTF-8 rồi nhập lại.",
			"The text is not valid UTF-8. Save the file as UTF-8 and import it again.")
		return
	}
	if n := utf8.RuneCountInString(s); n > limit {
		v.fail("too_long", field, sku,
			"Văn bản dài %d ký tự, tối đa là %d. Hãy rút ngắn.",
			"The text has %d characters, %d at most are allowed. Shorten it.", n, limit)
	}
	lines := limit > maxName
	bad := func(r rune) bool { return unicode.IsControl(r) && !(lines && (r == '\n' || r == '\t')) }
	if i := strings.IndexFunc(s, bad); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		v.fail("control_character", field, sku,
			"Văn bản có ký tự điều khiển %U. Hãy xóa rồi gõ lại chỗ đó.",
			"The text holds the control character %U. Delete it and type that place again.", r)
	}
}

func (v *validation) texts(field string, t Text, limit int) {
	v.text(field+".vi", t.VI, limit, "")
	v.text(field+".en", t.EN, limit, "")
}

func (v *validation) money(field string, m Money, sku SKU, zero bool) {
	if _, ok := Exponent(m.Currency); !ok {
		v.fail("currency", field, sku,
			"Không biết đơn vị tiền %q. Hãy ghi mã ba chữ, ví dụ VND.",
			"Currency %q is not known. Write its three-letter code, for example VND.", clip(m.Currency))
		return
	}
	switch {
	case m.Amount < 0 || m.Amount == 0 && !zero:
		v.fail("price_missing", field, sku,
			"Số tiền là %s nhưng phải lớn hơn 0. Hãy nhập giá đúng.",
			"The amount is %s and must be above zero. Enter the right one.", m)
	case m.Amount > maxAmount:
		v.fail("price_absurd", field, sku,
			"Số tiền %s quá lớn, có lẽ thừa số 0. Hãy kiểm tra lại.",
			"The amount %s is too large, perhaps by some zeros. Check it.", m)
	}
}

func (v *validation) product() {
	p := v.p
	if err := ValidSKU(SKU(p.ID)); err != nil {
		v.fail("id", "id", "",
			"Mã sản phẩm %q không dùng được: cần 1 đến 50 chữ cái không dấu, chữ số hoặc dấu, không có khoảng trắng và / , \" ' \\ %%.",
			"Product code %q cannot be used: write 1 to 50 ASCII letters, digits or signs, without blanks and / , \" ' \\ %%.", clip(p.ID))
	}
	if p.Revision < 0 {
		v.fail("revision", "revision", "", "Số phiên bản %d không được âm.", "Revision %d must not be below zero.", p.Revision)
	}
	if strings.TrimSpace(p.Name.VI) == "" && strings.TrimSpace(p.Name.EN) == "" {
		v.fail("name_missing", "name", "", "Sản phẩm chưa có tên. Hãy nhập tên.", "The product has no name. Enter one.")
	}
	v.text("group", p.GroupID, maxLabel, "")
	v.texts("name", p.Name, maxName)
	v.texts("summary", p.Summary, maxSummary)
	v.texts("description", p.Description, maxDescription)
	if _, ok := CategoryByCode(p.Category); !ok && p.Category != "" {
		v.warn("category_unknown", "category", "",
			"Không có danh mục %q nên sản phẩm không được ghép danh mục. Hãy chọn một mã trong danh sách danh mục.",
			"There is no category %q, so the product is not mapped to one. Choose a code from the list of categories.", clip(p.Category))
	}
	v.text("brand", p.Brand, maxLabel, "")
	v.text("origin.commune", p.Origin.Commune, maxLabel, "")
	v.text("origin.province", p.Origin.Province, maxLabel, "")
	v.text("origin.old_label", p.Origin.OldLabel, maxLabel, "")
	if p.OCOP != 0 && (p.OCOP < 3 || p.OCOP > 5) {
		v.fail("ocop", "ocop", "",
			"Hạng OCOP là %d nhưng chỉ có 3, 4 hoặc 5 sao. Nếu chưa được xếp hạng, hãy để trống.",
			"The OCOP rating is %d, it can be 3, 4 or 5 stars. Leave it empty if the product is not rated.", p.OCOP)
	}
}

func (v *validation) variants() {
	p := v.p
	if !v.count("variants", len(p.Variants), maxVariants) || !v.count("options", len(p.Options), maxList) {
		return
	}
	if len(p.Variants) == 0 {
		v.fail("variants_missing", "variants", "",
			"Sản phẩm chưa có phân loại nào. Hãy thêm ít nhất một phân loại có SKU và giá.",
			"The product has no variants. Add at least one with a SKU and a price.")
	}
	for i, name := range p.Options {
		field := place("options", i)
		v.text(field, name, maxLabel, "")
		if strings.TrimSpace(name) == "" || slices.Contains(p.Options[:i], name) {
			v.fail("option_name", field, "",
				"Tên tùy chọn %q trống hoặc bị trùng. Hãy đặt tên riêng cho từng tùy chọn, ví dụ Khối lượng.",
				"Option name %q is empty or used twice. Give each option its own name, for example Weight.", clip(name))
		}
	}
	skus := make(map[SKU]bool, len(p.Variants))
	combinations := make(map[string]SKU, len(p.Variants))
	currency := ""
	for i := range p.Variants {
		one := &p.Variants[i]
		v.variant(i, one)
		field := func(part string) string { return variantField(i, one.SKU, part) }
		if skus[one.SKU] {
			v.fail("sku_twice", field("sku"), one.SKU,
				"SKU %q bị dùng cho hai phân loại. Hãy đặt cho mỗi phân loại một SKU riêng.",
				"SKU %q is used for two variants. Give each variant its own SKU.", clip(string(one.SKU)))
		}
		skus[one.SKU] = true
		if !one.Archived {
			key := combination(one.Options)
			if other, taken := combinations[key]; taken {
				v.fail("options_twice", field("options"), one.SKU,
					"Hai phân loại %q và %q giống hệt nhau (%s). Hãy sửa giá trị tùy chọn để khách phân biệt được.",
					"Variants %q and %q are alike (%s). Change the option values so that buyers can tell them apart.",
					clip(string(other)), clip(string(one.SKU)), clip(strings.Join(one.Options, ", ")))
			} else {
				combinations[key] = one.SKU
			}
		}
		for _, m := range []*Money{&one.ListPrice, one.SalePrice, one.Cost} {
			if m == nil || m.Currency == "" {
				continue
			}
			if currency == "" {
				currency = m.Currency
			}
			if m.Currency != currency {
				v.fail("currency_mixed", field("list_price"), one.SKU,
					"Giá dùng cả %s và %s. Hãy dùng một đơn vị tiền cho cả sản phẩm.",
					"The prices are in both %s and %s. Use one currency for the whole product.", currency, clip(m.Currency))
				break
			}
		}
	}
}

func (v *validation) variant(i int, one *Variant) {
	sku := one.SKU
	field := func(part string) string { return variantField(i, sku, part) }
	if ValidSKU(sku) != nil {
		v.fail("sku", field("sku"), sku,
			"SKU %q không dùng được: cần 1 đến 50 chữ cái không dấu, chữ số hoặc dấu, không có khoảng trắng và / , \" ' \\ %%.",
			"SKU %q cannot be used: write 1 to 50 ASCII letters, digits or signs, without blanks and / , \" ' \\ %%.", clip(string(sku)))
	}
	if one.GTIN != "" && ValidGTIN(one.GTIN) != nil {
		v.fail("gtin", field("gtin"), sku,
			"Mã vạch %q sai: cần 8, 12, 13 hoặc 14 chữ số với số kiểm tra đúng. Hãy chép lại từ bao bì hoặc để trống.",
			"GTIN %q is wrong: it has 8, 12, 13 or 14 digits with a right check digit. Copy it from the package again, or leave it empty.", clip(one.GTIN))
	}
	if len(one.Options) != len(v.p.Options) {
		v.fail("options_count", field("options"), sku,
			"Phân loại có %d giá trị nhưng sản phẩm có %d tùy chọn. Hãy nhập mỗi tùy chọn một giá trị.",
			"The variant has %d values, the product %d options. Enter one value for each option.", len(one.Options), len(v.p.Options))
	}
	for n, value := range one.Options {
		part := field(place("options", n))
		v.text(part, value, maxLabel, sku)
		if strings.TrimSpace(value) == "" {
			v.fail("option_value", part, sku, "Giá trị tùy chọn trống. Hãy nhập giá trị.", "The option value is empty. Enter one.")
		}
	}
	v.money(field("list_price"), one.ListPrice, sku, false)
	if sale := one.SalePrice; sale != nil {
		v.money(field("sale_price"), *sale, sku, false)
		switch {
		case sale.Currency != one.ListPrice.Currency:
		case sale.Amount > one.ListPrice.Amount:
			v.fail("sale_above_list", field("sale_price"), sku,
				"Giá khuyến mãi %s cao hơn giá niêm yết %s. Hãy sửa một trong hai giá.",
				"The sale price %s is above the list price %s. Correct one of them.", sale, one.ListPrice)
		case sale.Amount == one.ListPrice.Amount:
			v.warn("sale_equals_list", field("sale_price"), sku,
				"Giá khuyến mãi bằng giá niêm yết %s nên không phải khuyến mãi. Hãy để trống giá khuyến mãi.",
				"The sale price equals the list price %s, so it is no discount. Leave the sale price empty.", one.ListPrice)
		}
	}
	if one.Cost != nil {
		v.money(field("cost"), *one.Cost, sku, true)
	}
	v.measure(field("weight_g"), one.Weight, maxWeight, sku)
	v.measure(field("dimensions_mm.length"), one.Dimensions.Length, maxDimension, sku)
	v.measure(field("dimensions_mm.width"), one.Dimensions.Width, maxDimension, sku)
	v.measure(field("dimensions_mm.height"), one.Dimensions.Height, maxDimension, sku)
	v.measure(field("net_content"), one.NetContent.Milli, maxNetContent, sku)
	if q := one.NetContent; q != (Quantity{}) && (!slices.Contains(units, q.Unit) || q.Milli == 0) {
		v.fail("net_content", field("net_content"), sku,
			"Khối lượng tịnh cần một số lớn hơn 0 và một đơn vị: %[2]s (đang là %[1]q).",
			"Net content needs a number above zero and a unit: %[2]s (the unit is %[1]q).", clip(q.Unit), strings.Join(units, ", "))
	}
	if one.Image < 0 || one.Image > len(v.p.Images) {
		v.fail("image_place", field("image"), sku,
			"Phân loại dùng ảnh số %d nhưng sản phẩm có %d ảnh.",
			"The variant uses picture %d, the product has %d pictures.", one.Image, len(v.p.Images))
	}
}

func (v *validation) measure(field string, value, limit int64, sku SKU) {
	if value < 0 || value > limit {
		v.fail("measure", field, sku,
			"Số đo %d không hợp lý, chỉ nhận từ 0 đến %d. Hãy kiểm tra đơn vị.",
			"The measure %d makes no sense, 0 to %d are accepted. Check the unit.", value, limit)
	}
}

// count bounds a list; one that is too long is not looked at further.
func (v *validation) count(field string, n, limit int) (ok bool) {
	if n > limit {
		v.fail("too_many", field, "",
			"Có %d mục, tối đa là %d. Hãy bỏ bớt hoặc tách sản phẩm.",
			"There are %d entries, %d at most are allowed. Remove some or split the product.", n, limit)
	}
	return n <= limit
}

func (v *validation) lists() {
	p := v.p
	for i, image := range bounded(v, "images", p.Images, maxList) {
		field := place("images", i)
		v.text(field+".source", image.Source, maxSource, "")
		v.texts(field+".alt", image.Alt, maxValue)
		if image.Source == "" && image.SHA256 == "" {
			v.fail("image_source", field, "",
				"Ảnh không có tệp hay địa chỉ. Hãy ghi đường dẫn hoặc xóa ảnh.",
				"The picture has neither a file nor an address. Write its path or remove it.")
		}
	}
	for i, a := range bounded(v, "attributes", p.Attributes, maxList) {
		field := place("attributes", i)
		v.text(field+".name", a.Name, maxLabel, "")
		v.texts(field+".value", a.Value, maxValue)
		if strings.TrimSpace(a.Name) == "" || slices.ContainsFunc(p.Attributes[:i], func(b Attribute) bool { return b.Name == a.Name }) {
			v.fail("attribute_name", field+".name", "",
				"Tên thuộc tính %q trống hoặc bị trùng. Hãy đặt tên riêng cho từng thuộc tính.",
				"Attribute name %q is empty or used twice. Give each attribute its own name.", clip(a.Name))
		}
	}
	for i, c := range bounded(v, "certificates", p.Certificates, maxList) {
		field := place("certificates", i)
		v.text(field+".kind", c.Kind, maxLabel, "")
		v.text(field+".number", c.Number, maxLabel, "")
		if strings.TrimSpace(c.Kind) == "" {
			v.fail("certificate_kind", field+".kind", "",
				"Giấy chứng nhận chưa có loại. Hãy ghi loại, ví dụ OCOP hoặc ATTP.",
				"The certificate has no kind. Write it, for example OCOP or food safety.")
		}
	}
	for i, lot := range bounded(v, "lots", p.Lots, maxList) {
		field := place("lots", i)
		v.text(field+".code", lot.Code, maxLabel, lot.SKU)
		if strings.TrimSpace(lot.Code) == "" {
			v.fail("lot_code", field+".code", lot.SKU, "Lô hàng chưa có mã. Hãy ghi mã lô.", "The lot has no code. Write it.")
		}
		v.known(field+".sku", lot.SKU)
		if !lot.MadeOn.IsZero() && !lot.ExpiresOn.IsZero() && lot.ExpiresOn.Before(lot.MadeOn) {
			v.fail("lot_dates", field+".expires_on", lot.SKU,
				"Lô %q hết hạn trước ngày sản xuất. Hãy kiểm tra hai ngày.",
				"Lot %q expires before it was made. Check both dates.", clip(lot.Code))
		}
	}
}

// bounded returns the list, or nothing of one that is too long.
func bounded[T any](v *validation, field string, list []T, limit int) []T {
	if !v.count(field, len(list), limit) {
		return nil
	}
	return list
}

// known checks that a SKU belongs to a variant of the product.
func (v *validation) known(field string, sku SKU) {
	if !slices.ContainsFunc(v.p.Variants, func(one Variant) bool { return one.SKU == sku }) {
		v.fail("sku_unknown", field, sku,
			"SKU %q không thuộc sản phẩm này. Hãy ghi SKU của một phân loại của sản phẩm.",
			"SKU %q is not one of this product. Write the SKU of one of its variants.", clip(string(sku)))
	}
}

func (v *validation) overrides() {
	channels := make([]ChannelID, 0, len(v.p.Overrides))
	for channel := range v.p.Overrides {
		channels = append(channels, channel)
	}
	slices.Sort(channels)
	for _, channel := range bounded(v, "overrides", channels, maxList) {
		o := v.p.Overrides[channel]
		field := "overrides[" + clip(string(channel)) + "]."
		v.text(field+"title", o.Title, maxName, "")
		v.text(field+"description", o.Description, maxDescription, "")
		v.text(field+"category", o.Category, maxLabel, "")
		for i, price := range bounded(v, field+"prices", o.Prices, maxVariants) {
			at := place(field+"prices", i)
			v.known(at+".sku", price.SKU)
			v.money(at+".price", price.Price, price.SKU, false)
		}
		if o.StockCap != nil && *o.StockCap < 0 {
			v.fail("stock_cap", field+"stock_cap", "",
				"Số lượng tối đa %d không được âm. Ghi 0 để không bán trên kênh này.",
				"The cap %d must not be below zero. Write 0 to offer nothing on this channel.", *o.StockCap)
		}
		for i, a := range bounded(v, field+"attributes", o.Attributes, maxList) {
			at := place(field+"attributes", i)
			v.text(at+".name", a.Name, maxLabel, "")
			v.text(at+".value", a.Value, maxValue, "")
		}
	}
}

// combination makes option values comparable without mixing up where one ends.
func combination(values []string) string {
	var b strings.Builder
	for _, value := range values {
		fmt.Fprintf(&b, "%d:%s", len(value), value)
	}
	return b.String()
}

// place names an entry of a list, counted from 1.
func place(field string, i int) string { return field + "[" + strconv.Itoa(i+1) + "]" }

// newIssue fills the same values into the message in both languages.
func newIssue(severity, code, field string, sku SKU, vi, en string, args ...any) Issue {
	message := Text{vi, en}
	if len(args) > 0 {
		message = Text{fmt.Sprintf(vi, args...), fmt.Sprintf(en, args...)}
	}
	return Issue{Code: code, Severity: severity, Field: field, SKU: sku, Message: message}
}

// variantField names a part of a variant by its SKU, or by its 1-based place
// when the SKU cannot serve.
func variantField(i int, sku SKU, part string) string {
	key := string(sku)
	if ValidSKU(sku) != nil {
		key = "#" + strconv.Itoa(i+1)
	}
	if part == "" {
		return "variants[" + key + "]"
	}
	return "variants[" + key + "]." + part
}
