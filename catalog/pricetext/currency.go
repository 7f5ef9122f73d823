package pricetext

// place tells on which side of an amount a currency word stands.
type place uint8

const (
	around place = iota // before or behind
	behind              // directly behind only: an everyday word elsewhere
	loose               // directly behind, or before an amount that has no other
)

// someMoney stands for a sign that several currencies share: the amount is
// one, its currency only the context can tell. (ISO 4217 has XXX for none.)
const someMoney = "XXX"

// currencyWords are the signs and names of the currencies that prices come in
// here.
var currencyWords = []struct {
	spellings, code string
	scale           int8
	place           place
}{
	{"₫|vnd|vnđ|vn đ|vnđồng|việt nam đồng", "VND", 0, around},
	{"đ|đồng|d|vn đồng", "VND", 0, behind},
	{"$|usd|us$|us dollar|us dollars", "USD", 0, around},
	{"=đô|đô la|đô la mỹ|đô mỹ|đôla|dollar|dollars", "USD", 0, behind},
	{"us cent|us cents|uscent|us¢|cent mỹ|xu mỹ|cent us|cent usd|us xu", "USD", -2, around},
	{"cent|cents|¢", "USD", -2, behind},
	{"€|eur|euro|euros", "EUR", 0, around},
	{"cny|rmb|cn¥", "CNY", 0, around},
	{"tệ|ndt|nhân dân tệ|yuan|元|圆|圓|人民币", "CNY", 0, behind},
	{"£|￡|₤|gbp", "GBP", 0, around},
	{"¥|jpy|jp¥", "JPY", 0, around}, {"円|=yên|yen", "JPY", 0, behind},
	{"₩|krw", "KRW", 0, around}, {"원|won", "KRW", 0, behind},
	{"฿|thb", "THB", 0, around}, {"baht|bạt|บาท", "THB", 0, behind},
	{"₭|lak", "LAK", 0, around}, {"kíp|kip", "LAK", 0, behind},
	{"៛|khr", "KHR", 0, around}, {"riel", "KHR", 0, behind},
	{"₹|inr|rs", "INR", 0, around}, {"idr|rp", "IDR", 0, around}, {"myr|rm", "MYR", 0, around},
	{"s$|sg$|sgd|sgd$", "SGD", 0, around}, {"hk$|hkd", "HKD", 0, around}, {"nt$|twd", "TWD", 0, around},
	{"a$|au$|aud", "AUD", 0, around}, {"c$|ca$|cad", "CAD", 0, around}, {"nz$|nzd", "NZD", 0, around},
	{"₱|php", "PHP", 0, around}, {"chf|₣", "CHF", 0, around}, {"fr", "CHF", 0, behind}, {"r$|brl", "BRL", 0, around},
	{"₽|rub", "RUB", 0, around}, {"руб|р|рублей|рубля", "RUB", 0, loose}, {"₸|kzt", "KZT", 0, around}, {"тг|тенге", "KZT", 0, loose},
	{"₪|ils|nis", "ILS", 0, around}, {"₺|try", "TRY", 0, around}, {"tl", "TRY", 0, loose}, {"₴|uah", "UAH", 0, around}, {"грн", "UAH", 0, loose},
	{"czk", "CZK", 0, around}, {"kč", "CZK", 0, loose}, {"pln", "PLN", 0, around}, {"zł", "PLN", 0, loose},
	{"huf", "HUF", 0, around}, {"ft", "HUF", 0, behind}, {"ron", "RON", 0, around}, {"lei", "RON", 0, behind},
	{"sek", "SEK", 0, around}, {"nok", "NOK", 0, around}, {"dkk", "DKK", 0, around}, {"kr", someMoney, 0, loose}, {"hrk", "HRK", 0, around}, {"kn", "HRK", 0, behind},
	{"aed", "AED", 0, around}, {"درهم", "AED", 0, loose}, {"sar", "SAR", 0, around}, {"ريال", "SAR", 0, loose}, {"egp", "EGP", 0, around}, {"جنيه", "EGP", 0, loose}, {"kwd|kd", "KWD", 0, around}, {"rsd", "RSD", 0, around}, {"dinara|din", "RSD", 0, behind}, {"bhd", "BHD", 0, around}, {"bd", "BHD", 0, behind},
	{"ars", "ARS", 0, around}, {"clp", "CLP", 0, around}, {"mxn|mx$", "MXN", 0, around}, {"zar", "ZAR", 0, around}, {"ngn|₦", "NGN", 0, around},
	{"؋", "AFN", 0, around}, {"֏", "AMD", 0, around}, {"₼", "AZN", 0, around}, {"৳", "BDT", 0, around}, {"₡", "CRC", 0, around}, {"₾", "GEL", 0, around}, {"₵|gh₵", "GHS", 0, around},
	{"﷼", "IRR", 0, around}, {"₮", "MNT", 0, around}, {"₲", "PYG", 0, around}, {"bz$", "BZD", 0, around}, {"rd$", "DOP", 0, around}, {"j$", "JMD", 0, around}, {"mop$", "MOP", 0, around}, {"tt$", "TTD", 0, around},
	{"omr", "OMR", 0, around}, {"pkr", "PKR", 0, around}, {"лв", "BGN", 0, behind}, {"bgn", "BGN", 0, around},
	{"lek|lekë", "ALL", 0, behind}, {"fbu", "BIF", 0, behind}, {"fdj", "DJF", 0, behind}, {"nfk", "ERN", 0, behind}, {"cuc$", "CUC", 0, around}, {"z$", "ZWL", 0, around}, {"₿", someMoney, 0, around}, {"t$", "TOP", 0, around}, {"tsh", "TZS", 0, behind}, {"ush", "UGX", 0, behind}, {"kshs|ksh", "KES", 0, around},
	{"fcfa|cfa|ƒ|₨|rupees|تومان|ریال|र", someMoney, 0, loose}, {"br|bs", someMoney, 0, behind},
}

// shortNames are abbreviations that are currencies in capitals directly behind
// an amount.
var shortNames = map[string]string{"LD": "LRD", "MK": "MWK", "UM": "MRU", "VT": "VUV", "ZK": "ZMW", "FG": "GNF", "DB": "STN", "RF": "MVR"}

// coinSigns are signs between whole and hundredth parts: "35€ 99".
var coinSigns = map[rune]bool{'€': true, '£': true, '$': true}

// dollars are the currencies that "$" stands for when their code says so.
var dollars = map[string]bool{"USD": true, "AUD": true, "CAD": true, "NZD": true, "SGD": true, "HKD": true, "TWD": true, "MXN": true, "ARS": true, "CLP": true, "COP": true}

// otherCodes are further ISO 4217 codes, read in capitals only.
const otherCodes = "AFN ALL AMD ANG AOA AWG AZN BAM BBD BDT BIF BMD BND BOB BSD BTN BWP BYN BZD CDF COP CRC CUP CVE DJF DOP DZD ERN ETB FJD GEL GHS GIP GMD GNF GTQ GYD HNL HTG IQD IRR ISK " +
	"JMD JOD KES KGS KMF KYD LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MZN NAD NIO NPR PAB PEN PGK PYG QAR RWF SBD SCR SDG SLE SOS SRD SYP SZL TJS TMT TND TOP TTD TZS UGX UYU UZS " +
	"DEM PTE ITL FRF ESP BEF NLG ATS GRD " +
	"VES VUV WST XAF XOF XPF YER ZMW"
