package sheet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/xuri/excelize/v2"
)

// binding is a column of the file that was recognised.
type binding struct {
	column  *column
	places  []int  // 0-based; several for a repeated column
	heading string // as written
	unit    string // that the heading names, folded
}

func (b binding) letter() string { return letter(b.places[0]) }

func letter(place int) string {
	name, err := excelize.ColumnNumberToName(place + 1)
	if err != nil {
		return strconv.Itoa(place + 1)
	}
	return name
}

// priceHeadings name the only price, or the lower one where both are there.
var priceHeadings = []string{"gia ban", "gia", "don gia", "price", "gia san pham", "gia hien tai"}

// ignorable are words in brackets that change no column's meaning.
var ignorable = []string{"bat buoc", "required", "neu co", "optional", "khong bat buoc"}

// headingIndex finds a column by its folded heading.
var headingIndex = func() map[string]*column {
	index := make(map[string]*column)
	for i := range columns {
		c := &columns[i]
		for _, name := range append([]string{c.key, c.vi, c.en}, c.synonyms...) {
			index[foldHeading(name)] = c
		}
	}
	return index
}()

func columnByKey(key string) *column { return headingIndex[foldHeading(key)] }

// foldHeading makes headings comparable: folded words with single blanks.
func foldHeading(heading string) string {
	return strings.Join(strings.FieldsFunc(catalog.Fold(heading), func(r rune) bool {
		return strings.ContainsRune(" \t\n\u00a0_-/.,:;*()[]\"'#", r)
	}), " ")
}

// recognize returns the column of a heading, and the unit it names.
func recognize(heading string) (c *column, unit string, price bool) {
	name := heading
	if open := strings.LastIndexAny(heading, "(["); open > 0 && strings.ContainsAny(heading[open:], ")]") {
		name, unit = heading[:open], foldHeading(heading[open:])
		if slices.Contains(ignorable, unit) {
			unit = ""
		}
	}
	if slices.Contains(priceHeadings, foldHeading(name)) && (unit == "" || slices.Contains(dong, unit)) {
		return nil, "", true
	}
	if c := headingIndex[foldHeading(name)]; c != nil && (unit == "" || slices.Contains(c.units, unit)) {
		return c, unit, false
	}
	if c := headingIndex[foldHeading(heading)]; c != nil { // "Tên (tiếng Anh)"
		return c, "", false
	}
	plain := strings.TrimRight(foldHeading(name), "0123456789 ")
	if c := headingIndex[plain]; c != nil && c.repeated {
		return c, "", false
	}
	return nil, "", false
}

// header is the meaning of the heading row.
type header struct {
	bindings []binding // in the order of columns
	named    []bool    // by place: there is a heading
	strict   bool      // values without heading are refused
	code     int       // place of the product code among the bindings, -1 = none
	sku      int
	errs     []error
}

func (h header) nameless(place int) bool {
	return h.strict && (place >= len(h.named) || !h.named[place])
}

// readHeader gives every heading its meaning; known counts the recognised ones.
func readHeader(cells []string, ignoreUnknown bool) (h header, known int) {
	h = header{code: -1, sku: -1, strict: !ignoreUnknown, named: make([]bool, len(cells))}
	found := make(map[*column]*binding)
	add := func(c *column, place int, heading, unit string) {
		known++
		if b := found[c]; b == nil {
			found[c] = &binding{c, []int{place}, heading, unit}
		} else if c.repeated {
			b.places = append(b.places, place)
		} else {
			h.errs = append(h.errs, reasonf("cột %s %q và cột %s %q có cùng ý nghĩa; hãy bỏ một cột", "columns %s %q and %s %q mean the same; remove one", b.letter(), b.heading, letter(place), clip(heading)))
		}
	}
	var prices, unknown []int
	for place, heading := range cells {
		heading = strings.TrimSpace(heading)
		h.named[place] = heading != ""
		switch c, unit, price := recognize(heading); {
		case heading == "":
		case heading[0] == '#':
		case price:
			prices = append(prices, place)
		case c != nil:
			add(c, place, heading, unit)
		case !ignoreUnknown:
			unknown = append(unknown, place)
		}
	}
	for _, place := range prices { // known only now: is it the regular price?
		c := columnByKey("list_price")
		if found[c] != nil {
			c = columnByKey("sale_price")
		}
		add(c, place, strings.TrimSpace(cells[place]), "")
	}
	for _, place := range unknown {
		h.errs = append(h.errs, unknownHeading(place, cells[place]))
	}
	for i := range columns {
		if b := found[&columns[i]]; b != nil {
			switch b.column.key {
			case "code":
				h.code = len(h.bindings)
			case "sku":
				h.sku = len(h.bindings)
			}
			h.bindings = append(h.bindings, *b)
		}
	}
	if h.sku < 0 {
		h.errs = append(h.errs, reasonf("thiếu cột \"Mã SKU\"", "the column \"SKU\" is missing"))
	}
	return h, known
}

func unknownHeading(place int, heading string) error {
	if c := nearest(foldHeading(heading)); c != nil {
		return reasonf("không biết cột %s %q; có phải là %q?", "unknown column %s %q; did you mean %q?", letter(place), clip(heading), reason{VI: c.vi, EN: c.en})
	}
	return reasonf("không biết cột %s %q", "unknown column %s %q", letter(place), clip(heading))
}

// nearest is the column whose name needs the fewest corrections, if few.
func nearest(heading string) *column {
	var best *column
	least := max(2, len(heading)/3) + 1
	for i := range columns {
		c := &columns[i]
		names := append([]string{c.vi, c.en}, c.synonyms...)
		if c.key == "list_price" {
			names = append(names, priceHeadings...)
		}
		for _, name := range names {
			if n := corrections(heading, foldHeading(name), least); n < least {
				best, least = c, n
			}
		}
	}
	return best
}

// corrections is the edit distance of two texts, or limit when it is larger.
func corrections(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return min(limit, row[len(b)])
}

// knownHeadings lists the headings for a message.
func knownHeadings() reason {
	var vi, en []string
	for i := range columns {
		vi, en = append(vi, columns[i].vi), append(en, columns[i].en)
	}
	return reason{VI: strings.Join(vi, ", "), EN: strings.Join(en, ", ")}
}
