package market

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricetext"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// ReaderVersion is kept with every price, so that old evidence can be read
// again after a fix.
const ReaderVersion = "1"

// Reader reads the sources of connectors.yaml through a guest.
type Reader struct{ guest *Guest }

// NewReader returns a reader.
func NewReader(guest *Guest) *Reader { return &Reader{guest} }

// ValidateSource checks the selectors, patterns and paths of a source. Each
// error begins with its key.
func ValidateSource(s connectors.SourceConfig) error {
	errs := []error{validateFields(s)}
	if s.Kind == connectors.SourcePage || s.Selector != "" {
		errs = append(errs, Source{Selector: s.Selector, Attr: s.Attribute, Pattern: s.Pattern}.Validate())
	}
	return errors.Join(errs...)
}

// ReadSource implements [connectors.SourceReader].
func (r *Reader) ReadSource(ctx context.Context, s connectors.SourceConfig, since connectors.Validators) (connectors.SourceReading, error) {
	now := r.guest.settings.Clock.Now()
	if s.Path != "" {
		reading := connectors.SourceReading{URL: s.Path, NextAt: NextVisit(now, s.Every, 0, s.Path)}
		err := readBulletin(s, s.Path, &reading)
		distinct(reading.Quotes)
		return reading, broken(s, err)
	}
	var types []string
	switch s.Kind {
	case connectors.SourceAPI:
		types = []string{"application/json", "text/json", "text/javascript", "application/ld+json", "text/plain"}
	case connectors.SourceFile:
		types = sheetTypes
	}
	if s.Next != "" {
		since = connectors.Validators{} // one page unchanged says nothing of the others
	}
	answer, err := r.guest.Get(ctx, Request{URL: s.URL, ETag: since.ETag, LastModified: since.LastModified, Types: types})
	if err != nil {
		return connectors.SourceReading{}, named(err)
	}
	reading := connectors.SourceReading{
		NotModified: answer.NotModified, URL: answer.URL, NextAt: NextVisit(r.guest.settings.Clock.Now(), s.Every, answer.Fresh, s.URL),
		Validators: connectors.Validators{ETag: answer.ETag, LastModified: answer.LastModified},
	}
	if answer.NotModified {
		reading.Validators = since
		return reading, nil
	}
	if err = readAnswer(s, answer, &reading); err == nil && s.Next != "" {
		err = r.readOn(ctx, s, answer, &reading)
	}
	distinct(reading.Quotes)
	return reading, broken(s, err)
}

// errEnough ends a list that has as many rows as are kept.
var errEnough = errors.New("enough rows")

// readOn follows the links to the next pages of a list and adds their rows. A
// page that cannot be read makes the whole reading fail: half a list would look
// like one that shrank.
func (r *Reader) readOn(ctx context.Context, s connectors.SourceConfig, first *Response, reading *connectors.SourceReading) error {
	reading.Validators, reading.Quotes = connectors.Validators{}, nil
	items := map[string]bool{}
	walk := Walk{Start: first.URL, Follow: func(string) bool { return true }, Pages: s.Pages, Depth: s.Pages, links: s.Next, first: first}
	err := crawl(ctx, r.guest, walk, func(answer *Response) error {
		page := connectors.SourceReading{URL: answer.URL}
		if err := readAnswer(s, answer, &page); err != nil {
			return err
		}
		for _, q := range page.Quotes {
			if !items[q.Item] || answer == first { // shops repeat what they want to sell
				reading.Quotes = append(reading.Quotes, q)
			}
		}
		for _, q := range page.Quotes {
			items[q.Item] = true
		}
		if len(reading.Quotes) >= maxRows {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// readAnswer reads what was fetched as the source's kind wants it.
func readAnswer(s connectors.SourceConfig, answer *Response, reading *connectors.SourceReading) (err error) {
	switch {
	case s.Kind == connectors.SourceFile:
		err = downloaded(answer.Body, func(path string) error { return readBulletin(s, path, reading) })
	case s.Kind == connectors.SourceAPI:
		reading.URL, _, _ = strings.Cut(reading.URL, "?") // the query may hold a key
		var rows []fieldRow
		if rows, err = jsonRows(s, answer.Body); err == nil {
			fieldQuotes(s, rows, reading)
		}
	case s.Kind != connectors.SourcePage && s.Selector != "":
		var rows []fieldRow
		if rows, reading.Title, err = cssRows(s, answer.Body, answer.ContentType); err == nil {
			fieldQuotes(s, rows, reading)
		}
	default:
		readHTML(s, answer.Body, answer.ContentType, reading)
	}
	return err
}

// readHTML reads a page by its own markup and text.
func readHTML(s connectors.SourceConfig, body []byte, contentType string, reading *connectors.SourceReading) {
	page := Source{Selector: s.Selector, Attr: s.Attribute, Pattern: s.Pattern}.Read(body, reading.URL, contentType)
	reading.Title = page.Title
	if s.Kind == connectors.SourcePage {
		q := pageQuote(s, page, reading.URL)
		reading.Quotes = []connectors.Quote{q}
		if q.NoPrice == connectors.NoPriceUnreadable && len(page.Rows) > 0 {
			reading.Elsewhere = "many_prices"
		}
		return
	}
	for _, row := range page.Rows {
		if matches(s.Only, row.Name+" "+row.Region) {
			reading.Quotes = append(reading.Quotes, rowQuote(s, row, reading.URL))
		}
	}
}

// fieldQuotes reads rows whose fields a person has set.
func fieldQuotes(s connectors.SourceConfig, rows []fieldRow, reading *connectors.SourceReading) {
	for _, row := range rows {
		if matches(s.Only, row.texts["name"]+" "+row.texts["region"]) {
			reading.Quotes = append(reading.Quotes, fieldQuote(s, row, reading.URL))
		}
	}
}

// readBulletin reads a spreadsheet, by the headings that a person has set or as
// a table on a page.
func readBulletin(s connectors.SourceConfig, path string, reading *connectors.SourceReading) error {
	grid, err := readGrid(path, s.Rows)
	if err != nil {
		return err
	}
	if len(s.Fields) == 0 {
		readHTML(s, gridPage(s, grid), "text/html; charset=utf-8", reading)
		return nil
	}
	rows, err := gridRows(s, grid)
	if err == nil {
		fieldQuotes(s, rows, reading)
	}
	return err
}

// broken makes an error of what was fetched and could not be read.
func broken(s connectors.SourceConfig, err error) error {
	var known *connectors.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known): // of a next page
		return named(err)
	}
	return &connectors.Error{Kind: connectors.Validation, Op: "read source " + s.ID, Code: "unexpected", Err: err}
}

// named gives an error of the guest the code by which people are told of it.
func named(err error) error {
	var e *connectors.Error
	if !errors.As(err, &e) {
		return err
	}
	for code, cause := range map[string]error{"robots": ErrRobots, "refused": ErrRefused, "private_address": errPrivate} {
		if e.Kind == connectors.Fatal && errors.Is(e, cause) {
			e.Code = code
		}
	}
	return e
}

// pageQuote is what a page with one price says.
func pageQuote(s connectors.SourceConfig, page Reading, address string) connectors.Quote {
	q := newQuote(s, page.Title, address)
	q.Qualifier, q.Availability, q.Confidence, q.Flags = page.Qualifier, page.Availability, page.Confidence, page.Flags
	q.Evidence = pricewatch.Evidence{Method: page.Evidence.Method, Path: page.Evidence.Path, Text: page.Evidence.Text, Reason: page.Evidence.Reason, Reader: ReaderVersion}
	if page.Kind == KindNone {
		has := func(flag string) bool { return slices.Contains(page.Flags, flag) }
		switch {
		case has(FlagSelectorFailed):
			q.NoPrice = connectors.NoPriceSelector
		case has(FlagContact):
			q.NoPrice = connectors.NoPriceContact
		case out(page.Availability):
			q.NoPrice = connectors.NoPriceSoldOut
		default:
			q.NoPrice = connectors.NoPriceUnreadable
		}
		return q.Quote
	}
	q.setAmounts(page.AmountMin, page.AmountMax, page.ListAmount, page.Currency)
	from := "text"
	if slices.Contains(page.Flags, FlagUnitFromTitle) {
		from = "title"
	}
	q.setUnit(s, page.UnitQty, page.Unit, from)
	return q.Quote
}

// rowQuote is what one row of a list says.
func rowQuote(s connectors.SourceConfig, row Row, address string) connectors.Quote {
	q := newQuote(s, row.Name, cmp.Or(row.URL, address))
	q.Item = itemOf(row)
	q.ValidOn = row.ObservedOn
	q.Subject.Region = cmp.Or(row.Region, s.Region)
	switch row.Side {
	case "buy":
		q.Subject.Side = pricewatch.FarmGate
	case "sell":
		q.Subject.Side = pricewatch.Retail
	}
	q.Confidence = 0.85
	q.Evidence = pricewatch.Evidence{Method: "row", Path: strings.TrimSpace(row.Name + " " + row.Region), Text: row.Text, Reader: ReaderVersion}
	q.setAmounts(row.AmountMin, row.AmountMax, row.ListAmount, row.Currency)
	from := "header"
	if u, ok := pricetext.Title(row.Name); ok && u.Name == row.Unit && u.Qty.String() == row.UnitQty {
		from = "title"
	}
	q.setUnit(s, row.UnitQty, row.Unit, from)
	return q.Quote
}

// quote is a quote being filled in.
type quote struct {
	connectors.Quote
	fallback string // currency of amounts without one
}

func newQuote(s connectors.SourceConfig, name, address string) quote {
	q := quote{fallback: s.Currency}
	q.Source, q.Name, q.URL, q.Tax = s.ID, clip(name, 300), address, s.Tax
	q.Seller = s.Seller
	if u, err := url.Parse(address); err == nil && q.Seller == "" {
		q.Seller = u.Hostname()
	}
	q.Subject = pricewatch.Subject{Commodity: s.Commodity, Product: s.Product, Grade: s.Grade, Region: s.Region, Side: s.Side}
	return q
}

// setAmounts takes amounts as read. One in no known currency is no price.
func (q *quote) setAmounts(low, high, list, currency string) {
	currency = cmp.Or(currency, q.fallback)
	q.Subject.Currency = currency
	q.AmountMin, q.AmountMax, q.List = amountOf(low), amountOf(high), amountOf(list)
	switch {
	case !q.AmountMin.Valid && !q.AmountMax.Valid:
		q.NoPrice = connectors.NoPriceUnreadable
	case currency == "":
		q.NoPrice = connectors.NoPriceCurrency
	default:
		return
	}
	q.AmountMin, q.AmountMax, q.List = decimal.NullDecimal{}, decimal.NullDecimal{}, decimal.NullDecimal{}
}

// amountText is the inverse of amountOf.
func amountText(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.String()
}

// amountOf reads an amount in plain decimal notation; what is none, or not
// above zero, is no amount (invariant I11).
func amountOf(text string) decimal.NullDecimal {
	d, err := decimal.NewFromString(text)
	if err != nil || !d.IsPositive() {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(d)
}

// setUnit takes the unit as read. What a person set beats a guess from the
// title, not what the price itself says.
func (q *quote) setUnit(s connectors.SourceConfig, quantity, unit, from string) {
	if s.Unit != "" && (unit == "" || from == "title") {
		q.SetUnit(s.Unit, "setting")
		return
	}
	if d, err := decimal.NewFromString(quantity); err == nil && unit != "" {
		q.Quantity, q.Unit, q.UnitFrom = d, unit, from
	}
	q.Price()
}

// matches tells whether a text holds one of some texts, case and diacritics
// ignored; none at all match everything.
func matches(wanted []string, text string) bool {
	folded := fold(text)
	for _, w := range wanted {
		if w = fold(w); w != "" && hasWord(folded, w) {
			return true
		}
	}
	return len(wanted) == 0
}

// itemOf names a row so that it is known again on the next visit: by its
// address where it has one, else by name, region and side.
func itemOf(row Row) string {
	id := row.Name + " " + row.Region + " " + row.Side
	if row.URL != "" {
		if u, err := url.Parse(row.URL); err == nil {
			u.Scheme, u.Fragment = "", ""
			id = u.String()
		}
	}
	sum := fnv.New32a()
	sum.Write([]byte(id))
	return slug(row.Name+" "+row.Region+" "+row.Side) + fmt.Sprintf("-%08x", sum.Sum32())
}

// slug writes a text in lower-case letters, digits and hyphens, at most 40.
func slug(text string) string {
	var b strings.Builder
	for _, r := range catalog.Fold(text) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
			b.WriteByte('-')
		}
		if b.Len() >= 40 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

// distinct numbers rows that cannot be told apart otherwise.
func distinct(quotes []connectors.Quote) {
	seen := map[string]int{}
	for i := range quotes {
		item := quotes[i].Item
		if seen[item]++; seen[item] > 1 {
			quotes[i].Item = fmt.Sprintf("%s-%d", item, seen[item])
		}
	}
}

var _ connectors.SourceReader = (*Reader)(nil)
