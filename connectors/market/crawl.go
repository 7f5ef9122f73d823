package market

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/chophien/chophien/connectors"
	"github.com/gocolly/colly/v2"
)

// Walk says which pages a [Crawl] visits.
type Walk struct {
	Start  string
	Follow func(address string) bool // which links to follow on the start's host; nil = none
	Pages  int                       // at most so many pages; 0 = 20
	Depth  int                       // links away from the start; 0 = 1

	// links selects the links of a list's next pages, which are wanted whole:
	// what cannot be read ends the crawl. "" = all links that are no nofollow.
	links string
	first *Response // the start, when it was fetched already
}

// Page is one page of a crawl.
type Page struct {
	URL     string // after redirects
	Reading Reading
}

// Crawl visits a page and the links from it that walk.Follow wants, and hands
// each page to visit in the order found. colly finds the links and calls back;
// guest decides what may be fetched and when, so colly's own robots, limits,
// cache, redirects and charset detection are all off. A page that may not be
// read or is not there is skipped; the first other error ends the crawl, as
// does an error from visit.
func Crawl(ctx context.Context, guest *Guest, walk Walk, visit func(Page) error) error {
	return crawl(ctx, guest, walk, func(answer *Response) error {
		return visit(Page{URL: answer.URL, Reading: ReadPage(answer.Body, answer.URL, answer.ContentType)})
	})
}

func crawl(ctx context.Context, guest *Guest, walk Walk, visit func(*Response) error) error {
	start, err := url.Parse(walk.Start)
	if err != nil {
		return fmt.Errorf("crawl: address: %w", err)
	}
	if walk.Pages <= 0 {
		walk.Pages = 20
	}
	if walk.Depth <= 0 {
		walk.Depth = 1
	}
	rounds := &transport{ctx: ctx, guest: guest, first: walk.first}
	c := newCollector(ctx, guest, rounds)
	type link struct {
		url   string
		depth int
	}
	queue, seen := []link{{start.String(), 0}}, map[string]bool{start.String(): true}
	depth := 0
	var visitErr error
	whole := walk.links != ""
	c.OnHTML(cmp.Or(walk.links, "a[href]"), func(e *colly.HTMLElement) {
		address := e.Request.AbsoluteURL(e.Attr("href"))
		u, err := url.Parse(address)
		if err != nil || walk.Follow == nil || depth >= walk.Depth || len(queue) >= walk.Pages || !strings.EqualFold(u.Host, start.Host) || !whole && strings.Contains(e.Attr("rel"), "nofollow") {
			return
		}
		u.Fragment = ""
		if address = u.String(); !seen[address] && walk.Follow(address) {
			seen[address] = true
			queue = append(queue, link{address, depth + 1})
		}
	})
	c.OnScraped(func(*colly.Response) {
		visitErr = visit(rounds.answer)
	})
	for i := 0; i < len(queue); i++ {
		depth = queue[i].depth
		rounds.err = nil
		err := c.Visit(queue[i].url)
		switch {
		case visitErr != nil:
			return visitErr
		case ctx.Err() != nil:
			return failure(connectors.Canceled, walk.Start, ctx.Err())
		case rounds.err != nil: // colly keeps the text only
			if k := connectors.KindOf(rounds.err); i == 0 || whole || k != connectors.Fatal && k != connectors.NotFound {
				return rounds.err
			}
		case err != nil:
			return failure(connectors.Unclear, queue[i].url, err)
		}
	}
	return nil
}

// newCollector returns a colly collector with every field set that matters:
// its constructor also reads COLLY_ environment variables, which must not
// change how a guest behaves.
func newCollector(ctx context.Context, guest *Guest, rounds http.RoundTripper) *colly.Collector {
	c := colly.NewCollector(colly.StdlibContext(ctx))
	c.UserAgent = guest.settings.Agent
	c.Headers = nil
	c.MaxDepth = 0 // kept by Crawl
	c.AllowedDomains, c.DisallowedDomains = nil, nil
	c.DisallowedURLFilters, c.URLFilters = nil, nil
	c.AllowURLRevisit = true // Crawl visits each address once; colly's store would only grow
	c.MaxBodySize = 0        // the guest limits the decompressed body
	c.CacheDir = ""
	c.CacheExpiration = 0
	c.IgnoreRobotsTxt = true // the guest asks robots.txt, on every redirect too
	c.Async = false
	c.ParseHTTPErrorResponse = false
	c.DetectCharset = false
	c.CheckHead = false
	c.TraceHTTP = false
	c.MaxRequests = 0
	c.SetRequestTimeout(0) // the guest's own, which does not count the waiting
	c.DisableCookies()
	c.WithTransport(rounds)
	return c
}

// transport lets colly fetch through a guest. Bodies come decoded to UTF-8.
type transport struct {
	ctx   context.Context
	guest *Guest
	first *Response // what the first round trip gets; nil = fetch it

	answer *Response // of the last round trip, as it came
	err    error     // of the last round trip: colly passes on the text only
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := t.first, error(nil)
	if t.first = nil; answer == nil {
		answer, err = t.guest.Get(t.ctx, Request{URL: req.URL.String()})
	}
	if t.answer, t.err = answer, err; err != nil {
		return nil, err
	}
	final, err := url.Parse(answer.URL)
	if err != nil {
		return nil, errors.New("redirected to an address that cannot be read")
	}
	body, _ := Decode(answer.Body, answer.ContentType)
	asked := req.Clone(t.ctx)
	asked.URL = final
	return &http.Response{
		Status: http.StatusText(answer.Status), StatusCode: answer.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: asked,
	}, nil
}
