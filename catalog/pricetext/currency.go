package pricetext

// currencyWords are the signs and names of the currencies that prices come in
// here. A weak one is a currency only directly behind an amount.
var currencyWords = []struct {
	spellings, code string
	scale           int8
	weak            bool
}{
	{"₫|vnd|vnđ|vn đ|vnđồng|việt nam đồng", "VND", 0, false},
	{"đ|đồng|d|vn đồng", "VND", 0, true},
	{"$|usd|us$|us dollar|us dollars", "USD", 0, false},
	{"=đô|đô la|đô la mỹ|đô mỹ|đôla|dollar|dollars", "USD", 0, true},
	{"us cent|us cents|uscent|us¢|cent mỹ|xu mỹ|cent us|cent usd|us xu", "USD", -2, false},
	{"cent|cents|¢", "USD", -2, true},
	{"€|eur|euro|euros", "EUR", 0, false},
	{"cny|rmb|cn¥", "CNY", 0, false},
	{"tệ|ndt|nhân dân tệ|yuan|元|圆|圓|人民币", "CNY", 0, true},
	{"£|￡|₤|gbp", "GBP", 0, false},
	{"¥|jpy|jp¥", "JPY", 0, false}, {"円|=yên|yen", "JPY", 0, true},
	{"₩|krw", "KRW", 0, false}, {"원|won", "KRW", 0, true},
	{"฿|thb", "THB", 0, false}, {"baht|bạt", "THB", 0, true},
	{"₭|lak", "LAK", 0, false}, {"kíp|kip", "LAK", 0, true},
	{"៛|khr", "KHR", 0, false}, {"riel", "KHR", 0, true},
	{"₹|inr|rs", "INR", 0, false}, {"idr|rp", "IDR", 0, false}, {"myr|rm", "MYR", 0, false},
	{"s$|sg$|sgd", "SGD", 0, false}, {"hk$|hkd", "HKD", 0, false}, {"nt$|twd", "TWD", 0, false},
	{"a$|au$|aud", "AUD", 0, false}, {"c$|ca$|cad", "CAD", 0, false}, {"nz$|nzd", "NZD", 0, false},
	{"₱|php", "PHP", 0, false}, {"chf", "CHF", 0, false}, {"fr", "CHF", 0, true}, {"r$|brl", "BRL", 0, false},
	{"₽|rub", "RUB", 0, false}, {"руб|р|рублей|рубля", "RUB", 0, true}, {"₸|kzt", "KZT", 0, false}, {"тг|тенге", "KZT", 0, true},
	{"₪|ils|nis", "ILS", 0, false}, {"₺|try", "TRY", 0, false}, {"tl", "TRY", 0, true}, {"₴|uah", "UAH", 0, false}, {"грн", "UAH", 0, true},
	{"czk", "CZK", 0, false}, {"kč", "CZK", 0, true}, {"pln", "PLN", 0, false}, {"zł", "PLN", 0, true},
	{"huf", "HUF", 0, false}, {"ft", "HUF", 0, true}, {"ron", "RON", 0, false}, {"lei", "RON", 0, true},
	{"sek", "SEK", 0, false}, {"nok", "NOK", 0, false}, {"dkk", "DKK", 0, false}, {"hrk", "HRK", 0, false}, {"kn", "HRK", 0, true},
	{"aed", "AED", 0, false}, {"درهم", "AED", 0, true}, {"sar", "SAR", 0, false}, {"ريال", "SAR", 0, true}, {"egp", "EGP", 0, false}, {"جنيه", "EGP", 0, true}, {"kwd|kd", "KWD", 0, false}, {"rsd", "RSD", 0, false}, {"dinara|din", "RSD", 0, true}, {"bhd", "BHD", 0, false},
	{"ars", "ARS", 0, false}, {"clp", "CLP", 0, false}, {"mxn|mx$", "MXN", 0, false}, {"zar", "ZAR", 0, false}, {"ngn|₦", "NGN", 0, false},
	{"؋", "AFN", 0, false}, {"֏", "AMD", 0, false}, {"₼", "AZN", 0, false}, {"৳", "BDT", 0, false}, {"₡", "CRC", 0, false}, {"₾", "GEL", 0, false}, {"₵|gh₵", "GHS", 0, false},
	{"﷼", "IRR", 0, false}, {"₮", "MNT", 0, false}, {"₲", "PYG", 0, false}, {"bz$", "BZD", 0, false}, {"rd$", "DOP", 0, false}, {"j$", "JMD", 0, false}, {"mop$", "MOP", 0, false}, {"tt$", "TTD", 0, false},
	{"omr", "OMR", 0, false}, {"pkr", "PKR", 0, false}, {"лв", "BGN", 0, true}, {"bgn", "BGN", 0, false},
}

// otherCodes are further ISO 4217 codes, read in capitals only.
const otherCodes = "AFN ALL AMD ANG AOA AWG AZN BAM BBD BDT BIF BMD BND BOB BSD BTN BWP BYN BZD CDF COP CRC CUP CVE DJF DOP DZD ERN ETB FJD GEL GHS GIP GMD GNF GTQ GYD HNL HTG IQD IRR ISK " +
	"JMD JOD KES KGS KMF KYD LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MZN NAD NIO NPR PAB PEN PGK PYG QAR RWF SBD SCR SDG SLE SOS SRD SYP SZL TJS TMT TND TOP TTD TZS UGX UYU UZS " +
	"VES VUV WST XAF XOF XPF YER ZMW"
