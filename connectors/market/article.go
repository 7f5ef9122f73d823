package market

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog/pricetext"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// commodities maps how the press calls a commodity to its name; longer names
// come first where one is part of another.
var commodities = []struct{ word, name string }{
	{"tiêu đen", "tiêu đen"}, {"tiêu trắng", "tiêu trắng"}, {"tiêu sọ", "tiêu trắng"}, {"hồ tiêu", "hồ tiêu"}, {"hạt tiêu", "hồ tiêu"}, {"tiêu", "hồ tiêu"},
	{"cà phê arabica", "cà phê arabica"}, {"arabica", "cà phê arabica"}, {"cà phê robusta", "cà phê robusta"}, {"robusta", "cà phê robusta"}, {"cà phê", "cà phê"}, {"cà-phê", "cà phê"}, {"cafe", "cà phê"},
	{"cao su", "cao su"}, {"hạt điều", "điều"}, {"sầu riêng", "sầu riêng"}, {"mắc ca", "mắc ca"}, {"ca cao", "ca cao"}, {"chè búp tươi", "chè búp tươi"}, {"chè shan tuyết", "chè Shan tuyết"}, {"chè", "chè"},
	{"vỏ quế", "vỏ quế"}, {"quế chi", "quế chi"}, {"quế", "quế"}, {"hoa hồi", "hồi"}, {"mật ong", "mật ong"}, {"miến dong", "miến dong"}, {"dong riềng", "dong riềng"}, {"tinh bột nghệ", "tinh bột nghệ"}, {"nghệ", "nghệ"}, {"gừng", "gừng"},
	{"thanh long", "thanh long"}, {"bưởi", "bưởi"}, {"cam sành", "cam sành"}, {"bơ", "bơ"}, {"chanh leo", "chanh leo"}, {"heo hơi", "heo hơi"}, {"lợn hơi", "heo hơi"}, {"gạo", "gạo"}, {"lúa", "lúa"}, {"ngô", "ngô"}, {"sắn", "sắn"}, {"đậu tương", "đậu tương"}, {"tôm", "tôm"}, {"cá tra", "cá tra"},
}

// regions are provinces, old and new, and the markets that price reports name.
// Source: the list of provinces before and after the merger of 2025-07-01.
var regions = strings.Split("An Giang,Bà Rịa - Vũng Tàu,Bạc Liêu,Bắc Giang,Bắc Kạn,Bắc Ninh,Bến Tre,Bình Dương,Bình Định,Bình Phước,Bình Thuận,Cà Mau,Cao Bằng,Cần Thơ,Đà Nẵng,Đắk Lắk,Đắk Nông,Điện Biên,Đồng Nai,Đồng Tháp,Gia Lai,Hà Giang,Hà Nam,Hà Nội,Hà Tĩnh,Hải Dương,Hải Phòng,Hậu Giang,Hòa Bình,TP. Hồ Chí Minh,TP.HCM,TP HCM,Hưng Yên,Khánh Hòa,Kiên Giang,Kon Tum,Lai Châu,Lạng Sơn,Lào Cai,Lâm Đồng,Long An,Nam Định,Nghệ An,Ninh Bình,Ninh Thuận,Phú Thọ,Phú Yên,Quảng Bình,Quảng Nam,Quảng Ngãi,Quảng Ninh,Quảng Trị,Sóc Trăng,Sơn La,Tây Ninh,Thái Bình,Thái Nguyên,Thanh Hóa,Huế,Tiền Giang,Trà Vinh,Tuyên Quang,Vĩnh Long,Vĩnh Phúc,Yên Bái,Tây Nguyên,xuất khẩu,London,New York", ",")

// regionWords are the regions in lower case, with the spellings of the press.
var regionWords = func() []struct{ word, name string } {
	var words []struct{ word, name string }
	for _, r := range regions {
		words = append(words, struct{ word, name string }{strings.ToLower(r), r})
	}
	for word, name := range map[string]string{"đắc lắc": "Đắk Lắk", "đăk lăk": "Đắk Lắk", "đắk lăk": "Đắk Lắk", "đắc nông": "Đắk Nông", "đăk nông": "Đắk Nông", "bà rịa – vũng tàu": "Bà Rịa - Vũng Tàu", "bà rịa-vũng tàu": "Bà Rịa - Vũng Tàu"} {
		words = append(words, struct{ word, name string }{word, name})
	}
	return words
}()

// flatWords say that a price did not change.
var flatWords = []string{"không đổi", "đi ngang", "giữ nguyên", "ổn định", "không thay đổi", "unchanged"}

// findCommodity returns the last commodity a text names and where it ends.
func findCommodity(text string) (name string, end int) {
	low := strings.ToLower(norm.NFC.String(text))
	start := -1
	for _, c := range commodities {
		if i := lastWord(low, c.word); i >= 0 && i+len(c.word) > end {
			if start >= 0 && i >= start && i+len(c.word) <= end {
				continue
			}
			name, start, end = c.name, i, i+len(c.word)
		}
	}
	return name, end
}

// lastWord is strings.LastIndex on whole words.
func lastWord(text, word string) int {
	for to := len(text); to >= len(word); {
		i := strings.LastIndex(text[:to], word)
		if i < 0 {
			return -1
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(word):])
		if !unicode.IsLetter(before) && !unicode.IsLetter(after) {
			return i
		}
		to = i + len(word) - 1
	}
	return -1
}

// place is a region named in a sentence.
type place struct {
	name     string
	from, to int
}

func findPlaces(low string) []place {
	var found []place
	for _, r := range regionWords {
		for from := 0; ; {
			i := strings.Index(low[from:], r.word)
			if i < 0 {
				break
			}
			i += from
			from = i + len(r.word)
			before, _ := utf8.DecodeLastRuneInString(low[:i])
			after, _ := utf8.DecodeRuneInString(low[from:])
			if !unicode.IsLetter(before) && !unicode.IsLetter(after) {
				found = append(found, place{r.name, i, from})
			}
		}
	}
	for i := 1; i < len(found); i++ { // few: insertion sort by position
		for k := i; k > 0 && found[k].from < found[k-1].from; k-- {
			found[k], found[k-1] = found[k-1], found[k]
		}
	}
	return found
}

// articleRows reads dated quotes from the prose of an article about prices and
// returns how many there are.
func (p *pageReader) articleRows(r *Reading) int {
	t := p.t
	if !p.isArticle() {
		return 0
	}
	title, _ := findCommodity(p.title)
	date := p.date()
	commodity := title
	var rows []Row
	for i := 1; i < len(t.nodes) && len(rows) < maxRows; i++ {
		n := &t.nodes[i]
		if n.text || n.tag != atom.P && n.tag != atom.Li && n.tag != atom.H2 && n.tag != atom.H3 || n.all&(beside|hintHidden|hintLink) != 0 {
			continue
		}
		if n.tag == atom.H2 || n.tag == atom.H3 {
			if name, _ := findCommodity(t.textOf(int32(i), 300, hintHidden)); name != "" {
				commodity = name
			}
			continue
		}
		text := norm.NFC.String(t.textOf(int32(i), 4000, hintHidden))
		for _, sentence := range sentences(text) {
			var found []Row
			found, commodity = quotes(sentence, commodity)
			for k := range found {
				found[k].ObservedOn = date
			}
			rows = appendNew(rows, found)
		}
	}
	if len(rows) > 0 {
		r.Rows = append(r.Rows, rows...)
		r.Flags = append(r.Flags, FlagArticle)
		r.Confidence = 0.75
		r.Evidence.Reason = "quotes in an article"
	}
	return len(rows)
}

func appendNew(rows, found []Row) []Row {
next:
	for _, f := range found {
		for _, have := range rows {
			if have.Name == f.Name && have.Region == f.Region && have.Side == f.Side && have.AmountMin == f.AmountMin && have.AmountMax == f.AmountMax && have.Unit == f.Unit {
				continue next
			}
		}
		rows = append(rows, f)
	}
	return rows
}

// isArticle tells whether the page is prose: it says so, or it has an article
// and a title about prices.
func (p *pageReader) isArticle() bool {
	kind := strings.ToLower(p.metas["og:type"])
	if strings.Contains(kind, "product") {
		return false
	}
	if strings.Contains(kind, "article") {
		return true
	}
	name, _ := findCommodity(p.title)
	return name != "" && hasWord(fold(p.title), "gia")
}

// sentences cuts prose at full stops, semicolons and the like, not inside
// numbers and not after short forms.
func sentences(s string) []string {
	var out []string
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '.' && c != ';' && c != '!' && c != '?' || i+1 < len(s) && s[i+1] != ' ' {
			continue
		}
		word := s[max(from, i-3):i]
		if sp := strings.LastIndexByte(word, ' '); sp >= 0 {
			word = word[sp+1:]
		}
		if c == '.' && (strings.EqualFold(word, "tp") || strings.EqualFold(word, "tx") || len(word) == 1 && isLetter(word[0])) {
			continue
		}
		out = append(out, s[from:i])
		from = i + 1
	}
	return append(out, s[from:])
}

// quotes reads the prices of one sentence. The commodity is the last one named
// before a price, else the one the text was about before.
func quotes(sentence, commodity string) ([]Row, string) {
	results := pricetext.All(sentence, pricetext.Context{Vietnamese: true})
	name := func(upTo int) string {
		c, end := findCommodity(sentence[:upTo])
		if c == "" {
			c, end = commodity, 0
		}
		if g := grade(sentence[end:upTo]); g != "" && c != "" {
			return c + " " + g
		}
		return c
	}
	low := strings.ToLower(sentence)
	places := []place(nil)
	if len(low) == len(sentence) {
		places = findPlaces(low)
	}
	flat := hasAny(low, flatWords)
	var rows []Row
	pending, prevEnd := "", 0
	at := 0 // rows from here belong to the price before
	for _, q := range results {
		switch {
		case q.Kind == pricetext.Change:
			change := q.Change.String()
			if at < len(rows) && rows[at].Delta == "" && pending == "" && !strings.Contains(sentence[prevEnd:q.Start], ";") {
				for k := at; k < len(rows); k++ {
					rows[k].Delta = change
				}
			} else {
				pending = change
			}
			continue
		case !q.HasPrice() || q.Currency == "" || q.Unit.Name == "" || q.Confidence < 0.6 || q.Flags&pricetext.FlagList != 0:
			prevEnd = q.End
			continue
		}
		row := priceRow(name(q.Start), q)
		row.ListAmount = ""
		row.Delta, pending = pending, ""
		if row.Delta == "" && flat {
			row.Delta = "0"
		}
		switch before := low[:min(q.Start, len(low))]; {
		case lastWord(before, "thu mua") >= 0:
			row.Side = "buy"
		case lastWord(before, "bán lẻ") >= 0:
			row.Side = "sell"
		}
		at = len(rows)
		if row.Name != "" {
			where := placesOf(low, places, prevEnd, q.Start, q.End)
			if len(where) == 0 && at > 0 {
				where = []string{rows[at-1].Region}
			}
			if len(where) == 0 {
				where = []string{""}
			}
			for _, w := range where {
				row.Region = w
				rows = append(rows, row)
			}
		}
		prevEnd = q.End
	}
	if c, _ := findCommodity(sentence); c != "" {
		commodity = c
	}
	return rows, commodity
}

// placesOf returns the regions a price is for: those named since the price
// before, as far as they stand together; else one right after it ("... tại Gia
// Lai").
func placesOf(low string, places []place, from, start, end int) []string {
	var where []string
	last := -1
	for _, pl := range places {
		if pl.from < from || pl.to > start {
			continue
		}
		if last >= 0 {
			between := strings.TrimSpace(low[last:pl.from])
			if between != "," && between != "và" && between != ", và" && between != "-" {
				where = where[:0]
			}
		}
		where, last = append(where, pl.name), pl.to
	}
	if len(where) > 0 {
		return where
	}
	for _, pl := range places {
		if pl.from < end || pl.from > end+12 {
			continue
		}
		if between := strings.Trim(low[end:pl.from], " ,("); between == "tại" || between == "ở" || between == "" {
			return []string{pl.name}
		}
	}
	return nil
}

// grade returns the grade named after a commodity: "loại 500 gr/l" gives "500
// gr/l", "loại 1" gives "loại 1".
func grade(s string) string {
	i := lastWord(strings.ToLower(s), "loại")
	if i < 0 || i+len("loại") > len(s) {
		return ""
	}
	words := strings.Fields(s[i+len("loại"):])
	if len(words) == 0 {
		return ""
	}
	first := strings.Trim(words[0], ",.")
	switch {
	case len(words) > 1 && hasDigit([]byte(first)) && strings.Contains(words[1], "/"):
		return first + " " + strings.Trim(words[1], ",.")
	case strings.Contains(first, "/") && hasDigit([]byte(first)):
		return first
	case utf8.RuneCountInString(first) == 1:
		return "loại " + first
	}
	return ""
}
