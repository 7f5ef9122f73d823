package market

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// notPriceWords before or after an amount make it something else.
var notPriceWords = []string{
	"ship", "giao hàng", "vận chuyển", "tiết kiệm", "giảm ngay", "voucher", "trả góp", "trả trước", "/tháng", "đơn từ", "đơn hàng từ", "miễn phí",
	"save ", "you save", "saving", "deliver", "per month", "/month", "/mo", "a month", "installment", "instalment", "deposit", "orders over", "off ",
	"versand", "sparen", "ersparnis", "rate ", "monat", "livraison", "économi", "frais de port", "par mois", "envío", "envio", "ahorr", "cuotas", "al mes", "spedizione", "risparmi", "al mese", "rate da", "poupe", "portes", "parcel", "payments of", "interest-free", "interest free", "klarna", "afterpay", "clearpay", "sezzle", "raty", "splátk", "x de ", "x di ", "x sans", "per week", "/week", "a week", "mensual", "mensuel", "mtl.", "taksit", "aylık", "개월", "分割", "分期", "תשלומים", "قسط",
	"spara ", "besparing", "bespaar", "economiz", "oszczęd", "ušetř", "ušetr", "uštedi", "megtakar", "выгода", "вигода", "节省", "חיסכון", "お得", "pfand", "consigne", "eco-part", "éco-part", "recupel",
	"najniższa cena", "lowest price in", "lowest price of", "lowest recent price", "niedrigster preis", "günstigster preis", "prix le plus bas", "precio más bajo", "precio mínimo", "prezzo più basso", "nejnižší cena", "najnižšia cena", "najniža cijena", "laagste prijs", "lägsta pris", "laveste pris", "alin hinta", "legalacsonyabb", "cel mai mic preț", "giá thấp nhất",
	"when you", "when buying", "if you buy", "khi mua", "mua từ", "bij aankoop", "ab 2 stück", "used from", "used:", "new from", "gebraucht", "occasion", "usado", "usato", "second hand", "second-hand", "refurbished", "б/у", "hàng cũ",
	"clubcard", "club card", "club price", "clubpreis", "prix club", "member", "mitglied", "thành viên", "đặt cọc", "tiền cọc", "dostaw", "doprav", "pošt",
	"доставк", "бонус", "/мес", "в месяц", "рассрочк", "скидк", "эконом", "배송", "할인", "적립", "送料", "ポイント", "משלוח", "bonus", "points", "rrp", "uvp", "cashback",
}

// oldPriceWords before an amount make it a former price.
var oldPriceWords = []string{"giá gốc", "giá cũ", "giá thị trường", "giá niêm yết", "was ", "was:", "list price", "original price", "regular price", "regular:", "rrp", "uvp", "statt", "msrp", "au lieu de", "prix conseill", "antes", "invece di", "listino", "старая цена", "вместо", "מחיר מקורי", "정가", "compare at",
	"ord. pris", "ord pris", "ordinarie pris", "tidigare pris", "førpris", "vejl. pris", "veil. pris", "cena regularna", "cena katalogowa", "poprzednia cena", "původní cena", "běžná cena", "pôvodná cena", "bežná cena", "eredeti ár", "stara cijena", "redovna cijena", "preț vechi", "pret vechi", "prezzo pieno", "prezzo precedente", "prix d'origine", "ancien prix", "prix public", "adviesprijs", "precio anterior", "preço anterior", "de: r$", "eski fiyat", "定価", "通常価格", "原价", "市场价", "소비자가", "m.r.p", "mrp"}

// priceLabels are what stands before a price and calls it one.
var priceLabels = []string{"giá", "giá bán", "giá lẻ", "giá bán lẻ", "giá sản phẩm", "giá khuyến mãi", "giá km", "đơn giá", "chỉ còn", "price", "our price", "your price", "sale price", "now", "preis", "prix", "precio", "prezzo", "preço", "cena", "цена", "ціна", "cijena", "preț", "pret", "ár", "fiyat", "prijs", "pris", "hinta", "가격", "판매가", "価格", "价格", "価格(税込)", "מחיר", "السعر"}

func isPriceLabel(s string) bool {
	s = strings.ToLower(strings.Trim(s, " :\u00a0："))
	for _, w := range priceLabels {
		if s == w {
			return true
		}
	}
	return false
}

// wholesaleWords before an amount say that it is for resellers.
var wholesaleWords = []string{"giá sỉ", "bán sỉ", "giá buôn", "bán buôn", "đại lý", "cộng tác viên", "ctv", "wholesale", "trade price", "händlerpreis", "оптом", "опт:"}

// perWords behind an amount say that it is for a unit.
var perWords = []string{" per ", " pro ", " je ", "za kg", "za 1", " je kg", " al kg", " la kg", " le kg", " der kg", "/ ", "per "}

// perUnit tells whether an amount is said to be for a unit: "/kg", "per 100 g".
func perUnit(after string) bool {
	after = strings.ToLower(after[:min(len(after), 32)])
	if i := strings.IndexByte(after, '/'); i >= 0 && i+1 < len(after) && after[i+1] != ' ' {
		return true
	}
	return hasAny(after, perWords)
}

// exTaxWords beside an amount say that tax is not in it.
var exTaxWords = []string{"bez dph", "bez pdv", "chưa vat", "chưa gồm vat", "chưa bao gồm vat", "ex vat", "exc vat", "excl. vat", "excl vat", "ex. vat", "without vat", "excl. tax", "ex tax", "ex. tax", "zzgl. mwst", "exkl. mwst", "netto", "hors taxe", " ht", "sin iva", "税抜", "税別", "brez ddv", "áfa nélkül", "nettó", "fără tva", "fara tva", "χωρίς φπα", "χωρίς φ.π.α", "bez vat", "ekskl. moms", "ekskl moms", "ex. moms", "ex moms", "exkl moms", "eks. mva", "eks mva", "alv 0", "без ддс", "без пдв", "kdv hariç", "+ kdv", "+kdv", "sem iva", "s/ iva", "iva no incluido", "käibemaksuta", "bez pvn", "be pvm", "ex btw", "ex. btw", "hors taxes", "hors-taxe", "ohne mwst", "tax excluded", "before tax", "chưa có vat", "chưa thuế", "plus vat", "+ vat", "hors tva", "htva", "iva esclusa", "+ iva", "excl. btw", "без ндс", "exkl. moms"}

// hasAny tells whether one of the words stands in s; its beginning is that of
// a word there, where the script has blanks between words.
func hasAny(s string, words []string) bool {
	for _, w := range words {
		for from := 0; ; {
			i := strings.Index(s[from:], w)
			if i < 0 {
				break
			}
			i += from
			first, size := utf8.DecodeRuneInString(w)
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			if !spaced(first) || !spaced(before) {
				return true
			}
			from = i + size
		}
	}
	return false
}

// spaced tells whether a rune is a letter of a script that sets words apart.
func spaced(r rune) bool { return r < 0x0e00 && unicode.IsLetter(r) }
