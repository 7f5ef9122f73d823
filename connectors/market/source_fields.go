package market

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"github.com/tidwall/gjson"

	"github.com/chophien/chophien/catalog/pricetext"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// fieldRow is one row of a list whose fields a person has set: their texts by
// the keys of [connectors.SourceFields].
type fieldRow struct {
	texts  map[string]string
	number bool   // the price is a number of JSON, in plain notation
	header string // heading of the price's column, "" = none
}

// fieldQuote is what such a row says.
func fieldQuote(s connectors.SourceConfig, f fieldRow, address string) connectors.Quote {
	text := func(key string) string { return squeeze(f.texts[key]) }
	link := address
	if text("url") != "" {
		link = resolve(address, text("url"))
	}
	q := newQuote(s, text("name"), link)
	q.Item = itemOf(Row{Name: cmp.Or(text("id"), text("name")), Region: text("region"), Side: text("side")})
	q.Seller = cmp.Or(text("seller"), q.Seller)
	q.Subject.Region = cmp.Or(text("region"), s.Region)
	q.Subject.Grade = cmp.Or(slug(text("grade")), s.Grade)
	q.Subject.Side = cmp.Or(sideNamed(text("side")), s.Side)
	q.ValidOn = dateNamed(text("date"))
	currency := currencyCode(text("currency"))
	context := pricetext.Header(f.header).With(titleContext(text("name")))
	if u, ok := pricetext.ParseUnit(text("unit")); ok {
		context = context.With(pricetext.Context{Unit: u, UnitSource: pricetext.InHeader})
	} else if text("unit") != "" {
		context = context.With(pricetext.Header(text("unit")))
	}
	context.Currency = cmp.Or(currency, context.Currency, s.Currency)
	context.Column = pricetext.PriceColumn
	q.Evidence = pricewatch.Evidence{Method: string(s.Kind), Path: s.Fields["price"], Text: clip(text("price"), 300), Reader: ReaderVersion}
	read := pricetext.Read(text("price"), context)
	if f.number {
		// A number of JSON has a point for decimals and nothing else: 12.500 is
		// twelve and a half.
		amount := amountOf(text("price"))
		q.Confidence = 0.95
		q.setAmounts(amountText(amount), amountText(amount), "", context.Currency)
		q.setUnit(s, context.Unit.Qty.String(), context.Unit.Name, context.UnitSource.String())
	} else if read.HasPrice() {
		row := priceRow("", read)
		q.Qualifier, q.Confidence, q.Flags = read.Qualifier.String(), read.Confidence, read.Flags.Strings()
		q.setAmounts(row.AmountMin, row.AmountMax, row.ListAmount, row.Currency)
		q.setUnit(s, row.UnitQty, row.Unit, read.UnitSource.String())
	} else {
		switch read.Kind {
		case pricetext.Contact:
			q.NoPrice = connectors.NoPriceContact
		case pricetext.SoldOut:
			q.NoPrice = connectors.NoPriceSoldOut
		default:
			q.NoPrice = connectors.NoPriceUnreadable
		}
	}
	if list := amountOf(text("list")); f.number && list.Valid && q.AmountMax.Valid && list.Decimal.GreaterThan(q.AmountMax.Decimal) {
		q.List = list
	} else if list := pricetext.Read(text("list"), context); list.HasPrice() && q.AmountMax.Valid {
		if above := amountOf(list.Max.String()); above.Valid && above.Decimal.GreaterThan(q.AmountMax.Decimal) {
			q.List = above
		}
	}
	return q.Quote
}

// sideNamed reads a side of the chain as sources write it; "" for none.
func sideNamed(text string) pricewatch.Side {
	flat := fold(text)
	if i := slices.Index(pricewatch.Sides, pricewatch.Side(strings.ReplaceAll(flat, " ", "-"))); i >= 0 {
		return pricewatch.Sides[i]
	}
	switch {
	case hasWord(flat, "ban buon") || hasWord(flat, "ban si") || hasWord(flat, "si"):
		return pricewatch.Wholesale
	case sideOf(text) == "buy":
		return pricewatch.FarmGate
	case sideOf(text) == "sell" || hasWord(flat, "le"):
		return pricewatch.Retail
	}
	return ""
}

var dayFirst = regexp.MustCompile(`\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b`)

// dateNamed reads a date, day first or as ISO 8601; "" for none.
func dateNamed(text string) string {
	if len(text) >= 10 {
		if t, err := time.Parse(time.DateOnly, text[:10]); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	if m := dayFirst.FindStringSubmatch(text); m != nil {
		if t, err := time.Parse("2/1/2006", m[1]+"/"+m[2]+"/"+m[3]); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return ""
}

// cssRows reads the boxes that a selector finds, and their fields.
func cssRows(s connectors.SourceConfig, body []byte, contentType string) (rows []fieldRow, title string, err error) {
	text, _ := Decode(body, contentType)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		return nil, "", err
	}
	doc.Find(s.Selector).EachWithBreak(func(_ int, box *goquery.Selection) bool {
		row := fieldRow{texts: map[string]string{}}
		for key, path := range s.Fields {
			selector, attribute := splitField(path)
			found := box
			if selector != "" {
				found = box.Find(selector).First()
			}
			if attribute != "" {
				row.texts[key], _ = found.Attr(attribute)
			} else {
				row.texts[key] = found.Text()
			}
		}
		if squeeze(row.texts["name"]) != "" {
			rows = append(rows, row)
		}
		return len(rows) < maxRows
	})
	return rows, squeeze(doc.Find("title").First().Text()), nil
}

// splitField takes "a.name@href" apart.
func splitField(path string) (selector, attribute string) {
	if i := strings.LastIndexByte(path, '@'); i >= 0 {
		return strings.TrimSpace(path[:i]), strings.TrimSpace(path[i+1:])
	}
	return strings.TrimSpace(path), ""
}

// jsonRows reads the list at a path of a JSON document, and its fields.
func jsonRows(s connectors.SourceConfig, body []byte) (rows []fieldRow, err error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !gjson.ValidBytes(body) {
		return nil, errors.New("the answer is not JSON")
	}
	list := gjson.ParseBytes(body)
	if s.Rows != "" {
		list = list.Get(s.Rows)
	}
	if list.IsObject() { // one thing
		list = gjson.Parse("[" + list.Raw + "]")
	}
	list.ForEach(func(_, value gjson.Result) bool {
		row := fieldRow{texts: map[string]string{}}
		for key, path := range s.Fields {
			got := value.Get(path)
			if got.Type == gjson.Number {
				row.texts[key] = got.Raw // never through a float
			} else {
				row.texts[key] = got.String()
			}
			if key == "price" {
				row.number = got.Type == gjson.Number
			}
		}
		if squeeze(row.texts["name"]) != "" {
			rows = append(rows, row)
		}
		return len(rows) < maxRows
	})
	return rows, nil
}

// gridRows reads the rows below the headings that the fields name.
func gridRows(s connectors.SourceConfig, grid [][]string) (rows []fieldRow, err error) {
	columns := map[string]int{}
	head := slices.IndexFunc(grid, func(cells []string) bool {
		clear(columns)
		for key, heading := range s.Fields {
			if i := slices.IndexFunc(cells, func(cell string) bool { return fold(cell) == fold(heading) }); i >= 0 {
				columns[key] = i
			}
		}
		_, named := columns["name"]
		_, priced := columns["price"]
		return named && priced
	})
	if head < 0 {
		return nil, fmt.Errorf("no row has the headings %q and %q", s.Fields["name"], s.Fields["price"])
	}
	for _, cells := range grid[head+1:] {
		row := fieldRow{texts: map[string]string{}, header: grid[head][columns["price"]]}
		for key, i := range columns {
			if i < len(cells) {
				row.texts[key] = cells[i]
			}
		}
		if row.texts["name"] != "" && len(rows) < maxRows {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// validateFields checks the selectors and paths of a source's fields.
func validateFields(s connectors.SourceConfig) error {
	var errs []error
	switch s.Kind {
	case connectors.SourceSearch, connectors.SourceTable:
		if s.Next != "" {
			if _, err := cascadia.ParseGroup(s.Next); err != nil {
				errs = append(errs, fmt.Errorf("next: %q is no CSS selector: %w", s.Next, err))
			}
		}
		if (s.Selector == "") != (s.Fields["name"] == "" || s.Fields["price"] == "") {
			errs = append(errs, errors.New("fields: rows found by a selector need the fields name and price, and these a selector"))
		}
		for _, key := range connectors.SourceFields {
			if selector, _ := splitField(s.Fields[key]); selector != "" {
				if _, err := cascadia.ParseGroup(selector); err != nil {
					errs = append(errs, fmt.Errorf("fields.%s: %q is no CSS selector: %w", key, selector, err))
				}
			}
		}
	case connectors.SourceFile:
		if len(s.Fields) > 0 && (s.Fields["name"] == "" || s.Fields["price"] == "") {
			errs = append(errs, errors.New("fields: the headings of name and price are needed when any is named"))
		}
	}
	return errors.Join(errs...)
}
