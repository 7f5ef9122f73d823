package catalog

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Renderer makes the offers of one channel from the master by the channel's
// rules. It does no I/O, the same input gives the same offer, and it is safe
// for concurrent use.
type Renderer struct {
	channel          ChannelID
	rules            Rules
	mappings         Mappings
	links            func(Image) string
	title            textTemplate
	description      textTemplate
	include, exclude picked
}

// NewRenderer checks the rules and compiles their templates; the error tells
// all that is wrong, each problem beginning with the key it is under. links
// turns a picture into the address where platforms can fetch it, "" when there
// is none; it must be safe for concurrent use. A nil links uses the source of
// pictures that came from an http or https address.
func NewRenderer(channel ChannelID, rules Rules, links func(Image) string) (*Renderer, error) {
	var errs []error
	problem := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch rules.Language {
	case "":
		rules.Language = "vi"
	case "vi", "en":
	default:
		problem("language is %q, allowed are vi and en", clip(rules.Language))
	}
	if _, ok := Exponent(rules.Currency); !ok && rules.Currency != "" {
		problem("currency: %w %q, write its three-letter code, such as VND", ErrCurrency, clip(rules.Currency))
	}
	if rules.TitleMax < 0 {
		problem("title_max is %d, it must not be below 0", rules.TitleMax)
	}
	title, err := compileTemplate("title", rules.Title, titleFields)
	errs = append(errs, err)
	description, err := compileTemplate("description", rules.Description, descriptionFields)
	errs = append(errs, err, rules.Price.validate(), rules.Stock.validate())
	for _, code := range slices.Sorted(maps.Keys(rules.Categories)) {
		if strings.TrimSpace(rules.Categories[code]) == "" {
			problem("categories.%s is empty, write the platform's category ID", clip(code))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if links == nil {
		links = webSource
	}
	return &Renderer{
		channel: channel, rules: rules, links: links,
		title: title, description: description,
		include: pick(rules.Include), exclude: pick(rules.Exclude),
	}, nil
}

// With returns a renderer that also uses accepted mappings of categories and
// attributes, beneath the channel's rules: what the rules name for a category,
// or for one above it, and for an attribute, counts first.
func (r *Renderer) With(m Mappings) *Renderer {
	with := *r
	with.mappings = m
	return &with
}

// Excluded tells that the channel's rules or an override leave the product out.
func (r *Renderer) Excluded(p Product) bool {
	if p.Overrides[r.channel].Excluded {
		return true
	}
	return !r.include.empty() && !r.include.has(p) || r.exclude.has(p)
}

// Render makes the offer of a product whose producer is group (zero when it
// has none) and whose stock is levels; a variant without a level has none. It
// does not ask whether the product is excluded.
//
// An issue of severity error says that the offer must not be published. A
// stopped offer has none: there is nothing to publish. The offer shares the
// product's option slices; neither is to be changed afterwards.
func (r *Renderer) Render(p Product, group Group, levels map[SKU]Level) (Offer, []Issue) {
	w := rendering{Renderer: r, p: &p, over: p.Overrides[r.channel]}
	w.offer = Offer{
		Channel:   r.channel,
		ProductID: p.ID,
		State:     StateLive,
		Summary:   p.Summary.In(r.rules.Language),
		Brand:     p.Brand,
		Options:   p.Options,
	}
	w.texts(group)
	w.category()
	w.attributes()
	w.images()
	w.variants(levels)
	if p.Archived || len(p.Variants) > 0 && len(w.offer.Variants) == 0 {
		w.offer.State = StateStopped
		for i := range w.issues {
			w.issues[i].Severity = SeverityWarning
		}
	}
	return w.offer, w.issues
}

// rendering is the state of one call of Render.
type rendering struct {
	*Renderer
	p       *Product
	over    Override
	offer   Offer
	issues  []Issue
	dropped []int // 1-based places of pictures that were left out
}

func (w *rendering) issue(severity, code, field string, sku SKU, vi, en string, args ...any) {
	w.issues = append(w.issues, newIssue(severity, code, field, sku, vi, en, args...))
}

func (w *rendering) texts(group Group) {
	lang := w.rules.Language
	var data *templateFields
	fill := func(t textTemplate) (string, bool) {
		if t.tmpl != nil && data == nil {
			data = &templateFields{
				Name: w.p.Name.In(lang), Brand: w.p.Brand, Group: group.Name.In(lang),
				NetContent: w.netContent(), Origin: w.p.Origin.String(), OCOP: ocopText(w.p.OCOP, lang),
				Description: w.p.Description.In(lang), Summary: w.p.Summary.In(lang),
			}
		}
		return t.render(data)
	}

	title := w.over.Title
	if title == "" {
		text, ok := fill(w.title)
		if text = oneLine(text); !ok || text == "" {
			text = w.p.Name.In(lang)
		}
		title = text
	}
	title = strings.TrimSpace(title)
	if short := cutTitle(title, w.rules.TitleMax); short != title {
		w.issue(SeverityWarning, "title_cut", "title", "",
			"Tiêu đề dài hơn %d ký tự nên bị cắt thành %q. Hãy viết tên ngắn hơn hoặc tiêu đề riêng cho kênh này.",
			"The title is longer than %d characters and was cut to %q. Write a shorter name, or a title for this channel.", w.rules.TitleMax, short)
		title = short
	}
	if title == "" {
		w.issue(SeverityError, "name_missing", "name", "",
			"Sản phẩm chưa có tên. Hãy nhập tên.", "The product has no name. Enter one.")
	}
	w.offer.Title = title

	w.offer.Description = w.over.Description
	if w.offer.Description == "" {
		if text, ok := fill(w.description); ok {
			w.offer.Description = paragraphs(text)
		} else {
			w.offer.Description = w.p.Description.In(lang)
		}
	}
}

// netContent is the content that all variants on sale share, or "": where it
// differs, the options tell it.
func (w *rendering) netContent() string {
	var shared Quantity
	found := false
	for i := range w.p.Variants {
		v := &w.p.Variants[i]
		switch {
		case v.Archived:
		case !found:
			shared, found = v.NetContent, true
		case v.NetContent != shared:
			return ""
		}
	}
	return shared.In(w.rules.Language)
}

func (w *rendering) category() {
	if w.over.Category != "" {
		w.offer.Category = w.over.Category
		return
	}
	if len(w.rules.Categories) == 0 && len(w.mappings) == 0 {
		return
	}
	for _, code := range CategoryPath(w.p.Category) {
		if id, ok := w.rules.Categories[code]; ok {
			w.offer.Category = id
			return
		}
	}
	if id, _, ok := w.mappings.Category(w.p.Category); ok {
		w.offer.Category = id
		return
	}
	w.issue(SeverityWarning, "category_unmapped", "category", "",
		"Danh mục %[1]q chưa được ghép với danh mục của kênh. Xem gợi ý: chophien categories suggest %[2]s, rồi ghép: chophien categories map %[2]s.",
		"Category %[1]q is not mapped to one of the channel's. See suggestions: chophien categories suggest %[2]s, then map it: chophien categories map %[2]s.",
		clip(w.p.Category), w.channel)
}

func (w *rendering) attributes() {
	var mapped []AttributeMapping
	if len(w.mappings) > 0 {
		mapped = w.mappings.Attributes(w.p.Category)
	}
	if len(w.p.Attributes)+len(w.over.Attributes)+len(mapped) == 0 {
		return
	}
	list := make([]OfferAttribute, 0, len(w.p.Attributes)+len(w.over.Attributes)+len(mapped))
	for i := range w.p.Attributes {
		a := &w.p.Attributes[i]
		name, ruled := w.rules.Attributes[a.Name]
		if !ruled {
			name = a.Name
			if i := slices.IndexFunc(mapped, func(m AttributeMapping) bool { return m.Ours == a.Name }); i >= 0 {
				name = mapped[i].ID
			}
		}
		if value := a.Value.In(w.rules.Language); name != "" && value != "" {
			list = append(list, OfferAttribute{name, value})
		}
	}
	for _, a := range w.over.Attributes {
		i := slices.IndexFunc(list, func(b OfferAttribute) bool { return b.Name == a.Name })
		if i < 0 {
			list = append(list, a)
		} else {
			list[i] = a
		}
	}
	for _, m := range mapped {
		platform := PlatformAttribute{ID: m.ID, Name: m.Name}
		if m.Value != "" && !slices.ContainsFunc(list, func(a OfferAttribute) bool { return platform.Is(a.Name) }) {
			list = append(list, OfferAttribute{m.ID, m.Value})
		}
	}
	w.offer.Attributes = list
}

func (w *rendering) images() {
	if len(w.p.Images) == 0 {
		return
	}
	w.offer.Images = make([]OfferImage, 0, len(w.p.Images))
	for i := range w.p.Images {
		image := &w.p.Images[i]
		url := w.links(*image)
		if url == "" && image.SHA256 == "" {
			w.dropped = append(w.dropped, i+1)
			w.issue(SeverityWarning, "image_unreachable", "images["+strconv.Itoa(i+1)+"]", "",
				"Ảnh %q chưa được tải lên nên kênh không lấy được. Hãy nhập lại tệp cùng thư mục ảnh.",
				"Picture %q is not kept by the service, so the channel cannot get it. Import the file again together with its pictures.", clip(image.Source))
			continue
		}
		w.offer.Images = append(w.offer.Images, OfferImage{url, image.SHA256, image.Alt.In(w.rules.Language)})
	}
}

// imagePlace turns a place in the product's pictures into one in the offer's.
func (w *rendering) imagePlace(place int) int {
	if place < 1 || place > len(w.p.Images) || slices.Contains(w.dropped, place) {
		return 0
	}
	before := 0
	for _, d := range w.dropped {
		if d < place {
			before++
		}
	}
	return place - before
}

func (w *rendering) variants(levels map[SKU]Level) {
	stock := w.rules.Stock
	if w.over.StockCap != nil {
		stock.Cap = w.over.StockCap
	}
	active := 0
	for i := range w.p.Variants {
		if !w.p.Variants[i].Archived {
			active++
		}
	}
	if active == 0 {
		if len(w.p.Variants) > 0 {
			w.issue(SeverityWarning, "variants_archived", "variants", "",
				"Mọi phân loại đều đã lưu trữ nên sản phẩm ngừng bán. Muốn bán tiếp, hãy bỏ lưu trữ một phân loại.",
				"All variants are archived, so the product is stopped. To sell it again, take one out of the archive.")
			return
		}
		w.issue(SeverityError, "variants_missing", "variants", "",
			"Sản phẩm chưa có phân loại nào. Hãy thêm ít nhất một phân loại có SKU và giá.",
			"The product has no variants. Add at least one with a SKU and a price.")
		return
	}
	w.offer.Variants = make([]OfferVariant, 0, active)
	for i := range w.p.Variants {
		v := &w.p.Variants[i]
		if v.Archived {
			continue
		}
		if len(v.Options) != len(w.p.Options) {
			w.issue(SeverityError, "options_count", variantField(i, v.SKU, "options"), v.SKU,
				"Phân loại có %d giá trị nhưng sản phẩm có %d tùy chọn. Hãy nhập mỗi tùy chọn một giá trị.",
				"The variant has %d values, the product %d options. Enter one value for each option.", len(v.Options), len(w.p.Options))
		}
		w.offer.Variants = append(w.offer.Variants, OfferVariant{
			SKU:        v.SKU,
			GTIN:       v.GTIN,
			Options:    v.Options,
			Price:      w.price(i, v),
			Quantity:   stock.Quantity(levels[v.SKU], w.channel),
			Weight:     v.Weight,
			Dimensions: v.Dimensions,
			NetContent: v.NetContent,
			Image:      w.imagePlace(v.Image),
		})
	}
}

// price applies an override or the rule. What cannot be asked is an issue, and
// the price then means nothing.
func (w *rendering) price(i int, v *Variant) Price {
	list, sale := v.ListPrice, v.SalePrice
	asked := slices.IndexFunc(w.over.Prices, func(q SKUPrice) bool { return q.SKU == v.SKU })
	if asked >= 0 {
		list, sale = w.over.Prices[asked].Price, nil
	}
	if list.Amount <= 0 || sale != nil && sale.Amount <= 0 {
		w.issue(SeverityError, "price_missing", variantField(i, v.SKU, "list_price"), v.SKU,
			"Giá phải lớn hơn 0. Hãy nhập giá bán.", "A price must be above zero. Enter the price.")
		return Price{}
	}
	currency := w.rules.Currency
	if currency == "" && len(w.offer.Variants) > 0 {
		currency = w.offer.Variants[0].Price.List.Currency
	}
	if currency == "" {
		currency = list.Currency
	}
	if _, known := Exponent(currency); !known || list.Currency != currency || sale != nil && sale.Currency != currency {
		w.issue(SeverityError, "currency", variantField(i, v.SKU, "list_price"), v.SKU,
			"Giá %s không phải bằng đơn vị tiền của kênh (%s). Hãy nhập giá riêng cho kênh này.",
			"The price %s is not in the channel's currency (%s). Enter a price for this channel.", list, currency)
		return Price{}
	}
	if asked >= 0 {
		return Price{List: list}
	}
	fail := func(field string, from Money) Price {
		w.issue(SeverityError, "price_rule", variantField(i, v.SKU, field), v.SKU,
			"Quy tắc giá của kênh không tính được giá từ %s. Hãy kiểm tra quy tắc giá, giá và giá vốn (cùng đơn vị tiền) của sản phẩm.",
			"The channel's price rule gives no price for %s. Check the rule, and the product's price and cost, which must be in one currency.", from)
		return Price{}
	}
	list, err := w.rules.Price.Apply(list, v.Cost)
	if err != nil {
		return fail("list_price", v.ListPrice)
	}
	if sale == nil {
		return Price{List: list}
	}
	reduced, err := w.rules.Price.Apply(*sale, v.Cost)
	if err != nil {
		return fail("sale_price", *sale)
	}
	if reduced.Amount >= list.Amount {
		w.issue(SeverityWarning, "sale_dropped", variantField(i, v.SKU, "sale_price"), v.SKU,
			"Trên kênh này giá khuyến mãi (%s) không thấp hơn giá niêm yết (%s) nên không được hiển thị.",
			"On this channel the sale price (%s) is not below the list price (%s), so it is not shown.", reduced, list)
		return Price{List: list}
	}
	return Price{List: list, Sale: &reduced}
}

func webSource(i Image) string {
	if strings.HasPrefix(i.Source, "https://") || strings.HasPrefix(i.Source, "http://") {
		return i.Source
	}
	return ""
}

// picked is a [Selection] made quick to ask.
type picked struct{ groups, categories, products map[string]bool }

func pick(s Selection) picked {
	set := func(list []string) map[string]bool {
		m := make(map[string]bool, len(list))
		for _, s := range list {
			m[s] = true
		}
		return m
	}
	return picked{set(s.Groups), set(s.Categories), set(s.Products)}
}

func (s picked) empty() bool { return len(s.groups)+len(s.categories)+len(s.products) == 0 }

func (s picked) has(p Product) bool {
	if s.groups[p.GroupID] || s.products[p.ID] {
		return true
	}
	return len(s.categories) > 0 && slices.ContainsFunc(CategoryPath(p.Category), func(code string) bool { return s.categories[code] })
}
