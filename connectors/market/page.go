package market

// Source is what a person has set for one page; the zero value is nothing.
type Source struct {
	Selector string // CSS; when it yields no price the reading says so and guesses nothing
	Attr     string // attribute to read instead of the text
	Pattern  string // regular expression whose first group, or whole match, is the price
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
	p.decide(&r)
	return r
}
