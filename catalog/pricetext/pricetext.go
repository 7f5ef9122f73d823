package pricetext

// MaxText is the number of bytes of a text that are looked at; a longer text
// is cut there and its result has [FlagCut].
const MaxText = 4096

// Kind tells what a text holds.
type Kind uint8

// The kinds of a text. The zero value is the safe one.
const (
	Unreadable Kind = iota // nothing that could be read as a price; also empty, "-" and "0đ"
	Price                  // one price
	Range                  // a price from Min to Max
	Contact                // the seller wants to be asked: "Liên hệ", "inbox"
	SoldOut                // sold out and no price
	Change                 // only a difference: "giảm 500 đồng/kg", "(+100)"
)

// String returns the kind in lower case: "price", "sold_out".
func (k Kind) String() string {
	return [...]string{"unreadable", "price", "range", "contact", "sold_out", "change"}[k]
}

// Qualifier tells how exact a price is.
type Qualifier uint8

// The qualifiers of a price.
const (
	Exact Qualifier = iota
	From            // open top: only Min is set ("từ 99.000₫")
	Upto            // open bottom: only Max is set ("dưới 200k")
	About           // "khoảng 120k"
)

// String returns "", "from", "upto" or "about".
func (q Qualifier) String() string { return [...]string{"", "from", "upto", "about"}[q] }

// Source tells where the unit of a price was found.
type Source uint8

// The sources of a unit.
const (
	NoSource   Source = iota
	InText            // in the text itself
	InHeader          // in a header or note: [Header]
	InTitle           // in the product's title: [Title]
	InSettings        // given by a person
)

// String returns "", "text", "header", "title" or "setting".
func (s Source) String() string {
	return [...]string{"", "text", "header", "title", "setting"}[s]
}

// Flags tell what a person should know about a result.
type Flags uint32

// The flags, in the order in which [Flags.Strings] names them.
const (
	FlagRange          Flags = 1 << iota // the price is a range
	FlagFrom                             // the price has an open end or is about
	FlagSale                             // a list price was given too
	FlagWholesale                        // the price is for resellers ("giá sỉ")
	FlagList                             // only a former or list price was found
	FlagSoldOut                          // the text also says that it is sold out
	FlagContact                          // the text also asks to be contacted
	FlagChange                           // a change stands beside the price: Result.Change
	FlagSeveral                          // more prices stand in the text; this is the likeliest
	FlagConverted                        // clipped first half or shared magnitude: "50 - 70.000"
	FlagThousandTwice                    // "45.000 nghìn": thousand was said twice, counted once
	FlagReversed                         // a range with the higher end first
	FlagNoCurrency                       // no currency in text or context
	FlagImplausible                      // the amount is far too small or too large for its currency
	FlagUnitFromTitle                    // the unit was taken from the title
	FlagUnitUnknown                      // priced per something that is not a known unit
	FlagZero                             // the text says 0, which is no price
	FlagAmbiguousPoint                   // "1.250 USD": thousands assumed
	FlagCut                              // longer than MaxText
)

var flagNames = [...]string{
	"range", "open_price", "sale", "wholesale", "list_only", "sold_out", "contact", "change", "several", "converted", "thousand_twice",
	"reversed", "no_currency", "implausible", "unit_from_title", "unit_unknown", "zero", "ambiguous_point", "cut",
}

// Strings returns the names of the flags, nil when there are none.
func (f Flags) Strings() []string {
	var names []string
	for i, name := range flagNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Confident is the confidence from which a price may be acted on without a
// second source.
const Confident = 0.7

// Result is what was read from a text. Amounts are for Unit (Unit.Qty of
// Unit.Name) and in major units of Currency; a zero amount means absent.
type Result struct {
	Kind      Kind
	Qualifier Qualifier
	Min, Max  Decimal // equal for one price; one of them absent with From and Upto; absent for other kinds
	List      Decimal // the price before a reduction, always above Max
	Currency  string  // ISO 4217; "" when neither text nor context tells
	Unit      Unit    // zero when not known

	UnitSource Source
	// Price per one Unit.Base(), rounded half up to six decimals (to twelve
	// below 1); absent like Min and Max, and when the unit is not known.
	PerBaseMin, PerBaseMax Decimal
	// Change is a difference that stands in the text, signed, of a range the
	// far end. It counts with Kind Change or FlagChange; then zero is a change of zero.
	Change     Decimal
	Flags      Flags
	Confidence float64 // 0 to 1; below Confident for any doubt about the amount
	// Evidence is the part of the text that was read, text[Start:End].
	Evidence   string
	Start, End int
}

// HasPrice reports whether the result is a price or a range.
func (r Result) HasPrice() bool { return r.Kind == Price || r.Kind == Range }

// Column is what a header says about the numbers below it.
type Column uint8

// The kinds of column.
const (
	AnyColumn    Column = iota // the header does not tell
	PriceColumn                // prices
	ChangeColumn               // differences: every number is a Change, never a price
	OtherColumn                // something else: dates, amounts of goods, percents
)

// Context is what stands around a text. The zero value says nothing. What the
// text itself says always wins.
type Context struct {
	Currency   string // ISO 4217
	Scale      int    // power of ten by which bare numbers are multiplied: 3 for "nghìn đồng", -2 for "US cent"
	Unit       Unit
	UnitSource Source
	Vietnamese bool // the text is Vietnamese: a bare amount per unit is in dong
	Column     Column
}

// With returns c with everything that over says put over it: a row's note over
// a column's header over the table's note.
func (c Context) With(over Context) Context {
	if over.Currency != "" {
		c.Currency, c.Scale = over.Currency, over.Scale
	}
	if over.Unit != (Unit{}) && (c.Unit == (Unit{}) || over.UnitSource != InTitle) {
		c.Unit, c.UnitSource = over.Unit, over.UnitSource
	}
	c.Vietnamese = c.Vietnamese || over.Vietnamese
	if over.Column != AnyColumn {
		c.Column = over.Column
	}
	return c
}
