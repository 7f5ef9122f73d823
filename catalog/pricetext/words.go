package pricetext

import (
	"strings"
)

// cue is what a word tells about the amounts after it, or before it where its
// name says so.
type cue uint8

const (
	noCue cue = iota
	cuePrice
	cueNow    // a price that replaced another: "còn 99.000đ"
	cueSale   // "giá khuyến mãi"
	cueList   // "giá gốc"
	cueWhole  // "giá sỉ"
	cueRetail // "giá lẻ"
	cueGrade  // "loại 1"
	cueWeak   // says nothing by itself: the word before it decides
	cueFrom
	cueUpto
	cueTo // "đến": the far end of a range, or an upper bound
	cueAbout
	cueAfterFrom // stands behind: "trở lên"
	cueAfterUpto // stands behind: "trở xuống"
	cueUp        // a change
	cueDown      // a change
	cueDiffers   // a change without direction
	cueSame      // "tương đương": repeats what stands before in other words
	cueOther     // no price of the goods: shipping, vouchers, thresholds, turnover
	cueFee       // a fee: the amount after it, a word or two later too
	cueRef       // a price of another time: "so với"
	cueNumber    // a number or magnitude after it is no price: "đã bán", "sản lượng"
	cueLabel     // a bare number after it is a name: "Zalo", "SKU", "tháng"
	cueContact
	cueSoldOut
	cueEach
	cueTimes
	cueHalf
	cueHalfMore
	cueAnd   // "linh", "lẻ" inside number words
	cueUnit  // "đơn vị tính"
	cueTax   // "inc VAT": says nothing about the amount
	cueExTax // stands behind: "chưa VAT"
)

// word is what the vocabulary knows about a word or phrase. A word may be
// several things; its place in the text decides.
type word struct {
	cue      cue
	mag      int8 // power of ten of a magnitude word
	digit    int8 // 1 to 9, or one of the places below
	currency string
	scale    int8 // power of ten of the currency word: -2 for cent
	capital  bool // a currency only in capitals: "TOP"
	place    place
	class    class
	unit     string
	qty      Decimal // of unit
	counted  bool    // a number before it is a count of it: "lượt", "đánh giá"
	more     bool    // a longer phrase begins with it
}

// Number words of more than one digit, as word.digit.
const (
	placeTen     int8 = 10  // mười: ten by itself
	placeTens    int8 = 20  // mươi: behind a digit
	placeHundred int8 = 100 // trăm
)

// longestWord is the number of bytes of the longest phrase, rounded up.
const longestWord = 40

// The vocabulary, keyed by lower-case NFC; plain holds the same without
// diacritics, for texts that were typed without any. A spelling that starts
// with "=" is left out there, because other common words look like it then.
var exactVocabulary, plainVocabulary = func() (exact, plain map[string]*word) {
	exact, plain = map[string]*word{}, map[string]*word{}
	put := func(into map[string]*word, key string, add word) {
		entry := func(key string) *word {
			if into[key] == nil {
				into[key] = &word{}
			}
			return into[key]
		}
		entry(key).merge(add)
		for i := range len(key) {
			if key[i] == ' ' {
				entry(key[:i]).more = true
			}
		}
	}
	each := func(spellings string, w word) {
		for s := range strings.SplitSeq(spellings, "|") {
			s, exactOnly := strings.CutPrefix(s, "=")
			put(exact, s, w)
			if !exactOnly {
				bare := stripVowels(s)
				put(plain, bare, w)
				if typed := strings.ReplaceAll(bare, "đ", "d"); typed != bare {
					put(plain, typed, w)
				}
			}
		}
	}
	for _, c := range cueWords {
		each(c.spellings, word{cue: c.cue})
	}
	each(countedWords, word{counted: true})
	for _, m := range magnitudeWords {
		each(m.spellings, word{mag: m.power})
	}
	for i, spellings := range digitWords {
		if spellings != "" {
			each(spellings, word{digit: int8(i)})
		}
	}
	for _, c := range currencyWords {
		each(c.spellings, word{currency: c.code, scale: c.scale, place: c.place})
	}
	for code := range strings.SplitSeq(otherCodes, " ") {
		each("="+strings.ToLower(code), word{currency: code, capital: true})
		put(plain, strings.ToLower(code), word{currency: code, capital: true})
	}
	for name, code := range shortNames {
		each("="+strings.ToLower(name), word{currency: code, capital: true, place: behind})
		put(plain, strings.ToLower(name), word{currency: code, capital: true, place: behind})
	}
	for _, u := range unitWords {
		each(u.spellings, word{class: u.class, unit: u.name, qty: u.qty})
	}
	each("chiếc", word{class: item, unit: "cái", qty: Decimal{1, 0}})
	each("sp", word{class: item, unit: "sản phẩm", qty: Decimal{1, 0}})
	for _, c := range countWords {
		for s := range strings.SplitSeq(c.spellings, "|") {
			each(s, word{class: c.class, unit: strings.TrimPrefix(s, "="), qty: Decimal{1, 0}})
		}
	}
	return exact, plain
}()

// merge adds what w does not have yet.
func (w *word) merge(add word) {
	if w.cue == noCue {
		w.cue = add.cue
	}
	if w.mag == 0 {
		w.mag = add.mag
	}
	if w.digit == 0 {
		w.digit = add.digit
	}
	if w.currency == "" {
		w.currency, w.scale, w.place, w.capital = add.currency, add.scale, add.place, add.capital
	}
	if w.class == noUnit {
		w.class, w.unit, w.qty = add.class, add.unit, add.qty
	}
	w.counted, w.more = w.counted || add.counted, w.more || add.more
}

var cueWords = []struct {
	cue       cue
	spellings string
}{
	{cuePrice, "giá bán|giá bán là|mức|ở mức|mức giá|lên mức|xuống mức|về mức|đạt|đạt mức|=về|lên đến mức|xuống đến|giá thu mua|thu mua|" +
		"giao dịch|dao động|neo|neo ở|chạm|chạm mốc|=mốc|đơn giá|giá trung bình|niêm yết ở|niêm yết ở mức|giữ ở|giữ mức|duy trì|đứng ở|quanh|xoay quanh|có giá|giá hôm nay|price|our price|now"},
	{cueNow, "lên|tăng lên|tăng lên mức|tăng lên đến|tăng lên tới|còn|chỉ còn|giảm còn|giảm xuống|giảm xuống mức|xuống|xuống còn|giảm xuống còn|giảm giá còn|hạ còn|hạ xuống|hạ xuống còn|giảm về|giá còn|hiện còn|giá hiện tại|giá hiện tại là|hiện tại"},
	{cueSale, "giá km|=km|giá khuyến mãi|giá khuyến mại|khuyến mãi|khuyến mại|giá sale|sale|flash sale|giá mới|giá ưu đãi|giá sau giảm|giá đã giảm|giá đặc biệt|giá online|giá web|deal|giá sốc"},
	{cueList, "giá gốc|giá gốc là|=gốc|giá niêm yết|niêm yết|giá cũ|giá thị trường|giá trước|giá trước đây|trước đây|thay vì|nguyên giá|giá ban đầu|giá hãng|giá chưa giảm|giá trước giảm|list price|was|rrp|msrp|statt|uvp"},
	{cueWhole, "sỉ|giá sỉ|bán sỉ|=buôn|giá buôn|bán buôn|giá bán buôn|giá bán sỉ|đại lý|giá đại lý|giá ctv|ctv|wholesale"},
	{cueRetail, "=lẻ|giá lẻ|bán lẻ|giá bán lẻ|mua lẻ|giá mua lẻ|retail"},
	{cueGrade, "loại|hạng|size|=cỡ|phân loại"},
	{cueWeak, "giá|giá tiền|là|chỉ|bán|được|=khoản|nhẹ|mạnh|thêm|tiếp|ngay|=sâu|vọt|đều|bình quân|trung bình|từng|=lại|trở lại|=cả|=nữa|=khá|tổng|lần lượt|cùng|phổ biến|trọng lượng|khối lượng|dung tích|nặng|hiện|hiện nay|=đang|only|just"},
	{cueFrom, "không dưới|từ|chỉ từ|giá từ|hơn|trên|≥|>|tối thiểu|ít nhất|from|min|at least|over"},
	{cueUpto, "dưới|tối đa|không quá|không vượt quá|không đến|không hơn|≤|<|max|up to|under|chưa đến|chưa tới"},
	{cueTo, "đến|tới|lên đến|lên tới|to"},
	{cueAbout, "khoảng|tầm|~|≈|=chừng|xấp xỉ|trên dưới|=gần|ước|ước tính|about|approx|vào khoảng|loanh quanh"},
	{cueAfterFrom, "trở lên|đổ lên|up"},
	{cueAfterUpto, "trở xuống|đổ lại|đổ xuống"},
	{cueUp, "tăng|tăng thêm|tăng nhẹ|tăng mạnh|cao hơn|nhiều hơn|đắt hơn|nhích|nhích nhẹ|nhích thêm|nhích lên|=cộng|cộng thêm|phụ thu|▲|↑|⬆"},
	{cueDown, "giảm|giảm thêm|giảm nhẹ|giảm mạnh|giảm ngay|giảm giá|giảm đến|giảm tới|=hạ|hạ giá|thấp hơn|ít hơn|rẻ hơn|=kém|kém hơn|=mất|=tụt|=lùi|=bớt|=sụt|sụt giảm|bốc hơi|lao dốc|=trừ|▼|↓|⬇"},
	{cueDiffers, "=chênh|chênh lệch|=lệch|biến động|thay đổi|hơn kém|change"},
	{cueSame, "tương đương|tương ứng|=tức|tức là"},
	{cueOther, "tiết kiệm|save|voucher|coupon|=mã|mã giảm|=hoàn|hoàn tiền|hoàn xu|cashback|tặng|trợ giá|hỗ trợ|ưu đãi|freeship|free ship|giao hàng|miễn phí|" +
		"mua từ|mua trên|khi mua|mua đủ|=đơn|đơn hàng|hóa đơn|hoá đơn|giá trị đơn hàng|=cọc|đặt cọc|tiền cọc|trả góp|trả trước|=góp|doanh thu|thu nhập|lợi nhuận|kim ngạch|trị giá|tổng giá trị|giá trị|" +
		"=vốn|đầu tư|=lương|thu về|=lãi|thưởng|=phạt|=nợ|=vay|=nạp|=thuế|mức thuế|bảo hiểm"},
	{cueFee, "=phí|phí ship|ship|phí vận chuyển|vận chuyển|=cước|phí giao hàng|chi phí|tiền công|ngày công|học phí|lệ phí|shipping|delivery"},
	{cueRef, "so với"},
	{cueNumber, "đã bán|bán được|sold|còn lại|đánh giá|sản lượng|diện tích|độ cao|=cao|rộng|=dài|số lượng|tồn kho|=kho|quy mô|năng suất|công suất"},
	{cueLabel, "zalo|hotline|sđt|=đt|tel|phone|điện thoại|sku|mã sp|mã sản phẩm|mã hàng|mã vạch|barcode|mst|stk|=số|ngày|tháng|năm|=vụ|niên vụ|=xã|thôn|=khu|quận|huyện|ocop|" +
		"lúc|=giờ|stt|trang|=thứ|=lô|=đợt|=kỳ|phiên"},
	{cueContact, "liên hệ|lh|thỏa thuận|thoả thuận|inbox|ib|inb|call|vui lòng gọi|=gọi|gọi ngay|đang cập nhật|contact|nhắn tin|hỏi giá|báo giá|thương lượng|đấu giá|request a quote|call for price"},
	{cueSoldOut, "hết hàng|tạm hết hàng|tạm hết|đã hết hàng|cháy hàng|ngừng kinh doanh|ngừng bán|ngưng bán|ngừng sản xuất|sold out|out of stock|hết mùa|đã bán hết|bán hết|không còn hàng|hết vụ"},
	{cueEach, "mỗi|cho|cho mỗi|per|trên mỗi|each"},
	{cueTimes, "x|×|*"},
	{cueHalf, "nửa|½"},
	{cueHalfMore, "rưỡi|rưởi"},
	{cueAnd, "linh"},
	{cueExTax, "chưa vat|chưa gồm vat|chưa bao gồm vat|chưa có vat|chưa thuế|chưa gồm thuế|chưa bao gồm thuế|exc vat|excl vat|ex vat|excl tax|exc tax|ex tax|plus vat|exkl mwst|zzgl mwst|ohne mwst|bez dph|hors taxes"},
	{cueTax, "vat|gst|inc|incl|inkl|mwst|tva|iva|dph|tax|btw|moms"},
	{cueUnit, "đvt|đơn vị|đơn vị tính|dvt|unit"},
}

const countedWords = "lượt|lượt mua|lượt bán|lượt xem|lượt thích|lượt đánh giá|đánh giá|người|người theo dõi|followers|follow|theo dõi|view|views|like|likes|reviews|review|ratings|bình luận|đã bán|sold|người mua|=đơn|" +
	"=khách|=hộ|hộ dân|=ha|hecta|=sao|thành viên|subs|sản phẩm|tấn"

var magnitudeWords = []struct {
	spellings string
	power     int8
}{
	{"k|ka|ng|ngh|nghìn|ngàn", 3},
	{"tr|triệu|m|trđ", 6},
	{"tỷ|tỉ", 9},
}

var digitWords = [...]string{
	1: "một|mốt", 2: "hai", 3: "ba", 4: "bốn|=tư", 5: "năm|lăm|nhăm", 6: "sáu", 7: "bảy|bẩy", 8: "tám", 9: "chín",
	placeTen: "mười", placeTens: "mươi", placeHundred: "trăm",
}

var unitWords = []struct {
	spellings string
	class     class
	name      string
	qty       Decimal
}{
	{"kg|kgs|ký|kí|cân|kilogram|kilo|kilôgam|ki lô|kylo|kí lô|ký lô", measure, "kg", Decimal{1, 0}},
	{"g|gr|gram|grams|gam|gm|grs", measure, "g", Decimal{1, 0}},
	{"lạng", measure, "g", Decimal{100, 0}},
	{"yến", measure, "kg", Decimal{10, 0}},
	{"tạ", measure, "kg", Decimal{100, 0}},
	{"tấn|ton|tons|tonne|mt", measure, "kg", Decimal{1000, 0}},
	{"lb|lbs|pound|pao", measure, "lb", Decimal{1, 0}},
	{"oz|ounce", measure, "oz", Decimal{1, 0}},
	{"l|lít|liter|litre", measure, "l", Decimal{1, 0}},
	{"ml|cc", measure, "ml", Decimal{1, 0}},
	{"cl", measure, "ml", Decimal{10, 0}},
	{"xị", measure, "ml", Decimal{250, 0}},
	{"m|mét|met|meter|mét dài|mét tới", length, "m", Decimal{1, 0}},
	{"cm", length, "m", Decimal{1, 2}},
	{"mét vuông|m vuông|sqm", length, "m2", Decimal{1, 0}},
}

// countWords stay themselves; a pack may have contents.
var countWords = []struct {
	class     class
	spellings string
}{
	{pack, "hộp|gói|chai|lọ|hũ|túi|bao|can|bình|lon|thùng|két|lốc|vỉ|khay|set|combo|bịch|hủ|=bì|giỏ|=bọc|=xô|phuy|=ly|cốc|tuýp|=ống|kiện|sọt|=rổ|bánh|thỏi|cuộn|phần|suất|=dây|xâu|thanh|block|pack|hộp quà|giỏ quà|bộ"},
	{item, "cái|bó|tấm|cặp|quả|trái|người|tháng|sản phẩm|đôi|con|cây|củ|viên|miếng|bông|cành|nải|buồng|chục|=tá|ngày|đêm|giờ|năm|lần|=vé|khách|phòng|bát|đĩa|=tô|=mớ|khăn|=áo|váy|túi lọc|tép|=lá|kiểu|=ổ|mâm|bữa|buổi|chuyến"},
}

// known reports whether the word means anything by itself.
func (w *word) known() bool {
	return w != nil && (w.cue != noCue || w.mag != 0 || w.digit != 0 || w.currency != "" || w.class != noUnit || w.counted)
}
