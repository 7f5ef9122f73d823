package market

import (
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog/pricetext"
	"golang.org/x/net/html/atom"
)

// role is what a column of a price table holds.
type role uint8

const (
	roleNone role = iota
	roleName
	roleRegion
	roleUnit
	rolePrice
	roleChange
	roleList
)

// columnWords map words of a header, folded, to roles; the first line that
// matches wins, so what only looks like a price comes before prices.
var columnWords = []struct {
	role  role
	words []string
}{
	{roleChange, []string{"thay doi", "tang giam", "bien dong", "chenh lech", "so voi", "change", "tang", "giam"}},
	{roleNone, []string{"hom qua", "ky truoc", "tuan truoc", "thang truoc", "ngay truoc", "stt", "ghi chu", "so luong", "san luong", "khoi luong", "ngay"}},
	{roleList, []string{"gia cu", "gia goc", "niem yet", "list price"}},
	{rolePrice, []string{"gia", "price", "mua", "ban", "thu mua", "ban le", "hom nay", "today"}},
	{roleUnit, []string{"dvt", "don vi", "don vi tinh", "unit", "quy cach"}},
	{roleRegion, []string{"thi truong", "dia phuong", "khu vuc", "tinh", "vung", "noi", "dia ban", "huyen", "thanh pho", "market", "region", "province", "cho"}},
	{roleName, []string{"mat hang", "san pham", "ten", "loai", "chung loai", "nong san", "hang hoa", "chi tieu", "giong", "commodity", "product", "item"}},
}

func hasWord(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		if (i == 0 || text[i-1] == ' ') && (end == len(text) || text[end] == ' ') {
			return true
		}
		from = end
	}
}

func columnRole(header string) role {
	if strings.Contains(header, "+/-") || strings.Contains(header, "±") {
		return roleChange
	}
	flat := fold(header)
	for _, row := range columnWords {
		for _, w := range row.words {
			if hasWord(flat, w) {
				return row.role
			}
		}
	}
	return roleNone
}

// sideOf reads whether a price is what a grower gets or a buyer pays.
func sideOf(header string) string {
	flat := fold(header)
	switch {
	case hasWord(flat, "mua") || hasWord(flat, "tai vuon"):
		return "buy"
	case hasWord(flat, "ban") || hasWord(flat, "ban le") || hasWord(flat, "retail"):
		return "sell"
	}
	return ""
}

// grid returns the texts of a table's cells, spans filled in.
func (t *tree) grid(table int32) (cells [][]string, heads int) {
	const maxColumns = 24
	type hold struct {
		left int
		text string
	}
	var down [maxColumns]hold
	leading := true
	for i := table + 1; i < t.nodes[table].end && len(cells) < maxRows; {
		n := &t.nodes[i]
		if n.tag == atom.Table {
			i = n.end // a table in a table is its own
			continue
		}
		if n.tag != atom.Tr {
			i++
			continue
		}
		var row []string
		ths := 0
		for c := i + 1; c < n.end; {
			d := &t.nodes[c]
			if d.tag == atom.Table {
				c = d.end
				continue
			}
			if d.tag != atom.Td && d.tag != atom.Th {
				c++
				continue
			}
			for len(row) < maxColumns && down[len(row)].left > 0 {
				down[len(row)].left--
				row = append(row, down[len(row)].text)
			}
			text := t.textOf(c, 300, hintHidden)
			across, below := t.span(c, "colspan"), t.span(c, "rowspan")
			if d.tag == atom.Th {
				ths++
			}
			for range across {
				if len(row) >= maxColumns {
					break
				}
				down[len(row)] = hold{below - 1, text}
				row = append(row, text)
			}
			c = d.end
		}
		for len(row) < maxColumns && down[len(row)].left > 0 {
			down[len(row)].left--
			row = append(row, down[len(row)].text)
		}
		if len(row) > 0 {
			if leading = leading && (ths == len(row) || ths > 1 || len(cells) == 0 && headerLike(row)); leading {
				heads++
			}
			cells = append(cells, row)
		}
		i = n.end
	}
	return cells, heads
}

func (t *tree) span(c int32, name string) int {
	s, ok := t.attr(c, name)
	if !ok {
		return 1
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 1
	}
	return min(n, 50)
}

// headerLike tells whether a row of plain cells names columns.
func headerLike(row []string) bool {
	roles := 0
	for _, c := range row {
		if columnRole(c) != roleNone {
			roles++
		}
	}
	return roles >= 2
}

// tableRows reads the price tables of the page into r and returns the rows.
func (p *pageReader) tableRows(r *Reading) []Row {
	var rows []Row
	for _, table := range p.tables[:min(len(p.tables), 60)] {
		if n := &p.t.nodes[table]; n.all&(beside|hintHidden) != 0 || n.end-table < 8 {
			continue
		}
		rows = append(rows, p.readTable(table)...)
		if len(rows) >= maxRows {
			break
		}
	}
	if len(rows) > 0 {
		r.Rows = append(r.Rows, rows...)
		r.Flags = append(r.Flags, FlagTable)
		r.Confidence = 0.85
		r.Evidence.Reason = "a table of prices"
	}
	return rows
}

func (p *pageReader) readTable(table int32) []Row {
	cells, heads := p.t.grid(table)
	if heads == 0 || len(cells) <= heads {
		return nil
	}
	width := len(cells[heads])
	headers, roles := make([]string, width), make([]role, width)
	contexts := make([]pricetext.Context, width)
	name, region, prices := -1, -1, 0
	note := p.tableNote(table)
	for c := range width {
		for h := range heads {
			if c < len(cells[h]) && (h == 0 || c >= len(cells[h-1]) || cells[h][c] != cells[h-1][c]) {
				headers[c] = strings.TrimSpace(headers[c] + " " + cells[h][c])
			}
		}
		roles[c] = columnRole(headers[c])
		contexts[c] = note.With(pricetext.Header(headers[c]))
		switch {
		case roles[c] == rolePrice:
			prices++
		case roles[c] == roleName && name < 0:
			name = c
		case roles[c] == roleRegion && region < 0:
			region = c
		}
	}
	subject := p.subject(table)
	if prices == 0 || name < 0 && (region < 0 || subject == "") {
		return nil
	}
	date := p.date()
	var rows []Row
	for _, row := range cells[heads:] {
		base := Row{Name: subject, ObservedOn: date}
		override := pricetext.Context{}
		if name >= 0 && name < len(row) {
			base.Name, override = rowName(row[name])
			if base.Name == "" {
				continue
			}
		}
		if region >= 0 && region < len(row) {
			base.Region = row[region]
		}
		delta := ""
		for c := range min(width, len(row)) {
			switch roles[c] {
			case roleUnit:
				override = unitColumn(row[c]).With(override)
			case roleChange:
				ctx := contexts[c].With(override)
				ctx.Column = pricetext.ChangeColumn
				delta = readDelta(row[c], ctx)
			}
		}
		first := len(rows)
		for c := range min(width, len(row)) {
			if roles[c] != rolePrice {
				continue
			}
			ctx := contexts[c].With(override)
			ctx.Column = pricetext.PriceColumn
			got := pricetext.Read(row[c], ctx)
			if !got.HasPrice() || got.Currency == "" || got.Confidence < 0.5 {
				continue
			}
			out := priceRow(base.Name, got)
			out.Region, out.ObservedOn, out.Side = base.Region, base.ObservedOn, sideOf(headers[c])
			if got.Flags&pricetext.FlagChange != 0 {
				out.Delta = got.Change.String()
			} else if prices == 1 {
				out.Delta = delta
			}
			rows = append(rows, out)
		}
		for c := range min(width, len(row)) {
			if roles[c] == roleList && len(rows) == first+1 {
				if got := pricetext.Read(row[c], contexts[c].With(override)); got.HasPrice() && got.Currency == rows[first].Currency {
					rows[first].ListAmount = got.Max.String()
				}
			}
		}
	}
	return rows
}

// rowName splits "Nghệ tươi (đ/tạ)" into the name and what the bracket says
// about currency and unit; a bracket that says neither stays in the name.
func rowName(s string) (string, pricetext.Context) {
	open := strings.LastIndexByte(s, '(')
	if open <= 0 {
		return s, pricetext.Context{}
	}
	end := strings.IndexByte(s[open:], ')')
	if end < 0 {
		return s, pricetext.Context{}
	}
	c := unitColumn(s[open+1 : open+end])
	if c.Unit.Name == "" && c.Currency == "" {
		return s, c
	}
	c.Column = pricetext.AnyColumn
	return strings.TrimSpace(s[:open] + s[open+end+1:]), c
}

// unitColumn reads "kg", "đ/kg" or "nghìn đồng/tạ".
func unitColumn(s string) pricetext.Context {
	if unit, ok := pricetext.ParseUnit(s); ok {
		return pricetext.Context{Unit: unit, UnitSource: pricetext.InHeader}
	}
	c := pricetext.Header(s)
	c.Column = pricetext.AnyColumn
	return c
}

// readDelta reads a cell of changes; "" when it has none.
func readDelta(cell string, ctx pricetext.Context) string {
	trimmed := strings.Trim(cell, " \u00a0+-–=")
	if trimmed == "0" || hasAny(strings.ToLower(cell), flatWords) {
		return "0"
	}
	got := pricetext.Read(cell, ctx)
	if got.Kind != pricetext.Change {
		return ""
	}
	if got.Change.IsZero() {
		return "0"
	}
	delta := got.Change.String()
	if first := strings.TrimSpace(cell); (strings.HasPrefix(first, "-") || strings.HasPrefix(first, "–") || strings.HasPrefix(first, "−") || strings.HasPrefix(first, "▼")) && delta[0] != '-' {
		delta = "-" + delta
	}
	return delta
}

// tableNote finds what is said about currency and unit near a table: "ĐVT:
// nghìn đồng/kg" before it, "Đơn vị tính: VNĐ/kg" after it.
func (p *pageReader) tableNote(table int32) pricetext.Context {
	t := p.t
	read := func(i int32) (pricetext.Context, bool) {
		n := &t.nodes[i]
		if !n.text || n.to-n.from > 600 || isScript(t.nodes[n.parent].tag) {
			return pricetext.Context{}, false
		}
		s := squeeze(unescape(t.src[n.from:n.to]))
		low := strings.ToLower(s)
		for _, w := range []string{"đvt", "đơn vị", "unit"} {
			if at := strings.Index(low, w); at >= 0 && at < len(s) {
				c := pricetext.Header(s[at:])
				c.Column = pricetext.AnyColumn
				if c.Currency != "" || c.Unit.Name != "" {
					return c, true
				}
			}
		}
		return pricetext.Context{}, false
	}
	for i := table - 1; i > 0 && i > table-60; i-- {
		if c, ok := read(i); ok {
			return c
		}
	}
	for i := table; i < t.nodes[table].end; i++ { // the caption, a last row
		if c, ok := read(i); ok {
			return c
		}
	}
	for i := t.nodes[table].end; int(i) < len(t.nodes) && i < t.nodes[table].end+40; i++ {
		if c, ok := read(i); ok {
			return c
		}
	}
	return pricetext.Context{}
}

// subject names what a table without a column of names is about: the
// commodity in its caption or the heading before it, else in the title.
func (p *pageReader) subject(table int32) string {
	t := p.t
	for i := table - 1; i > 0 && i > table-40; i-- {
		switch t.nodes[i].tag {
		case atom.H2, atom.H3, atom.H4, atom.Caption:
			if name, _ := findCommodity(t.textOf(i, 200, hintHidden)); name != "" {
				return name
			}
		}
	}
	name, _ := findCommodity(p.title)
	if name == "" {
		name, _ = findCommodity(p.docTitle)
	}
	return name
}

// date returns the date printed on the page, YYYY-MM-DD, "" when there is
// none: <time datetime>, the article's own, "ngày 20/11/2026" near the title.
func (p *pageReader) date() string {
	for _, e := range p.times {
		if p.t.nodes[e].all&beside != 0 {
			continue
		}
		if v, ok := p.t.attr(e, "datetime"); ok {
			if d := isoDate(v); d != "" {
				return d
			}
		}
	}
	published := ""
	for _, key := range []string{"article:modified_time", "article:published_time", "datepublished"} {
		if published == "" {
			published = isoDate(p.metas[key])
		}
	}
	for i := max(int(p.anchor), 1); i < len(p.t.nodes) && i < int(p.anchor)+120; i++ {
		n := &p.t.nodes[i]
		if n.text && n.all&(hintHidden|beside) == 0 && n.to-n.from < 400 {
			if d := printedDate(p.t.raw(int32(i)), published); d != "" {
				return d
			}
		}
	}
	return published
}

// isoDate reads the day of an ISO 8601 time in its own zone.
func isoDate(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 10 {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, s[:10]); err != nil {
		return ""
	}
	return s[:10]
}

// printedDate finds "20/11/2026", "20-11-2026" or, with a year known from
// elsewhere, "ngày 20/11" in a text.
func printedDate(s, published string) string {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) || i > 0 && (isDigit(s[i-1]) || s[i-1] == '/' || s[i-1] == '.' || s[i-1] == ',') {
			continue
		}
		day, j := smallNumber(s, i)
		if j >= len(s) || s[j] != '/' && s[j] != '-' {
			continue
		}
		month, k := smallNumber(s, j+1)
		if day < 1 || day > 31 || month < 1 || month > 12 {
			continue
		}
		year := 0
		if k < len(s) && s[k] == s[j] {
			year, _ = smallNumber(s, k+1)
		} else if len(published) == 10 && strings.HasSuffix(strings.TrimRight(strings.ToLower(s[:i]), " "), "ngày") {
			year, _ = strconv.Atoi(published[:4])
		}
		if year < 2000 || year > 2100 {
			continue
		}
		d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if d.Day() == day {
			return d.Format(time.DateOnly)
		}
	}
	return ""
}

func smallNumber(s string, i int) (n, end int) {
	for end = i; end < len(s) && isDigit(s[end]) && end-i < 4; end++ {
		n = n*10 + int(s[end]-'0')
	}
	return n, end
}
