package market

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"github.com/chophien/chophien/catalog/pricetext"
)

// Source is what a person has set for one page; the zero value is nothing.
type Source struct {
	Selector string // CSS; when it yields no price the reading says so and guesses nothing
	Attr     string // attribute to read instead of the text
	Pattern  string // regular expression whose first group, or whole match, is the price
}

// Validate reports a selector or pattern that cannot be used.
func (s Source) Validate() error {
	var errs []error
	if s.Selector != "" {
		if _, err := cascadia.ParseGroup(s.Selector); err != nil {
			errs = append(errs, fmt.Errorf("selector %q: %w", s.Selector, err))
		}
	} else if s.Attr != "" || s.Pattern != "" {
		errs = append(errs, errors.New("attr and pattern need a selector"))
	}
	if _, err := regexp.Compile(s.Pattern); err != nil {
		errs = append(errs, fmt.Errorf("pattern: %w", err))
	}
	return errors.Join(errs...)
}

// ReadPage reads the price, availability and title of a page, or the rows of a
// listing, a price table or an article. html is the body as received,
// contentType its header ("" when unknown), url its address. It never fails: a
// page without a sure price gives a Reading of kind none. It is pure and safe
// for concurrent use, and its time grows linearly with the body.
func ReadPage(html []byte, url, contentType string) Reading {
	return Source{}.Read(html, url, contentType)
}

// Read is [ReadPage] for a source with settings.
func (s Source) Read(html []byte, url, contentType string) Reading {
	text, _ := Decode(html, contentType)
	p := gather(parseTree(text), url)
	r := Reading{Kind: KindNone, Title: p.title}
	if s.Selector != "" {
		s.readSelected(p, text, &r)
	} else {
		p.decide(&r)
	}
	return r
}

// readSelected reads the price where the source's settings say it is, and
// nowhere else.
func (s Source) readSelected(p *pageReader, text []byte, r *Reading) {
	r.Evidence = Evidence{Method: MethodSelector, Path: s.Selector}
	value, err := s.selected(text)
	var got pricetext.Result
	var raw amount
	if err == nil {
		r.Evidence.Text = clip(value, 300)
		context := titleContext(p.title)
		context.Currency = p.currencyOf(nil, nil, "")
		got = pricetext.Read(value, context)
		if !got.HasPrice() && got.Kind == pricetext.Unreadable && context.Currency != "" {
			raw, _ = structuredAmount(value, context.Currency)
			got.Currency = context.Currency
		}
		if !got.HasPrice() && raw.IsZero() {
			err = fmt.Errorf("%q is no price (%s)", clip(value, 60), got.Kind)
		}
	}
	switch {
	case err != nil:
		r.Flags = append(r.Flags, FlagSelectorFailed)
		r.Evidence.Reason = "the source needs attention: " + err.Error()
	case got.HasPrice():
		r.Kind, r.Qualifier, r.Confidence = got.Kind.String(), got.Qualifier.String(), got.Confidence
		row := priceRow("", got)
		r.AmountMin, r.AmountMax, r.ListAmount, r.Currency = row.AmountMin, row.AmountMax, row.ListAmount, row.Currency
		if got.Unit.Name != "" {
			r.setUnit(got.Unit, got.Min, got.Max)
		}
		r.Flags = append(r.Flags, got.Flags.Strings()...)
	default:
		r.Kind, r.AmountMin, r.AmountMax, r.Currency, r.Confidence = KindPrice, raw.String(), raw.String(), got.Currency, 0.9
	}
	p.decideAvailability(r, nil)
}

// selected returns the text the selector, attribute and pattern give.
func (s Source) selected(text []byte) (string, error) {
	if err := s.Validate(); err != nil {
		return "", err
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	found := doc.Find(s.Selector).First()
	if found.Length() == 0 {
		return "", errors.New("the selector matches nothing")
	}
	value := found.Text()
	if s.Attr != "" {
		ok := false
		if value, ok = found.Attr(s.Attr); !ok {
			return "", fmt.Errorf("the selected element has no attribute %q", s.Attr)
		}
	}
	if s.Pattern != "" {
		match := regexp.MustCompile(s.Pattern).FindStringSubmatch(value)
		if match == nil {
			return "", errors.New("the pattern matches nothing in the selected text")
		}
		value = match[min(1, len(match)-1)]
	}
	return squeeze(value), nil
}
