// Package markettest holds two simulated market sites for tests and the demo:
// a retail shop whose search page writes prices in every way Vietnamese shops
// do, and a board of commodity prices that changes daily. Both have a
// robots.txt with a forbidden part and a Crawl-delay. A [Recorder] in front of
// a site writes down who asked for what and when.
package markettest

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Forbidden is the path both sites' robots.txt forbids, and CrawlDelay what it
// asks for.
const (
	Forbidden  = "/gio-hang"
	CrawlDelay = 7 * time.Second
)

const robotsTXT = "User-agent: *\nDisallow: " + Forbidden + "\nCrawl-delay: 7\n"

// Visit is one request that a site received.
type Visit struct {
	At     time.Time
	Host   string
	Path   string // with query
	Header http.Header
	Status int // what was answered
}

// Recorder serves a site and writes down every request. It is safe for
// concurrent use.
type Recorder struct {
	// Now is the clock by which visits are noted; nil = time.Now. It is set
	// before the first visit.
	Now    func() time.Time
	site   http.Handler
	mu     sync.Mutex
	visits []Visit
}

// Record puts a recorder in front of a site.
func Record(site http.Handler) *Recorder { return &Recorder{site: site} }

// ServeHTTP lets the site answer and notes the visit.
func (r *Recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	now := r.Now
	if now == nil {
		now = time.Now
	}
	at := now()
	status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	r.site.ServeHTTP(status, req)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.visits = append(r.visits, Visit{At: at, Host: req.Host, Path: req.URL.RequestURI(), Header: req.Header.Clone(), Status: status.status})
}

// Visits returns what was asked so far, oldest first.
func (r *Recorder) Visits() []Visit {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Visit(nil), r.visits...)
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(code int) {
	w.status = code
	w.ResponseWriter.WriteHeader(code)
}

// Web is a [http.RoundTripper] that reaches sites by host name without a
// network; any other host is not found. It works inside synctest.
type Web map[string]http.Handler

// RoundTrip lets the host's site answer.
func (w Web) RoundTrip(req *http.Request) (*http.Response, error) {
	site, ok := w[req.URL.Host]
	if !ok {
		return nil, fmt.Errorf("no such host: %s", req.URL.Host)
	}
	answer := httptest.NewRecorder()
	asked := req.Clone(req.Context())
	asked.Host = req.URL.Host
	site.ServeHTTP(answer, asked)
	return answer.Result(), nil
}

// Days of the story that the retail shop tells about its first product.
const (
	RiseDay    = 3 // the honey costs 205.000 ₫ instead of 185.000 ₫ from here on
	OutlierDay = 5 // for this day only a zero is missing: 20.500 ₫
	BrokenDay  = 7 // from here on its page shows no price any more
)

// Product is one product of the retail shop. Price is as the page writes it.
type Product struct {
	Slug, Name, Price, Was string
	Sold                   bool
}

// Products returns what the shop sells on a day, counted from 0.
func Products(day int) []Product {
	honey := Product{Slug: "mat-ong-bac-ha-500ml", Name: "Mật ong bạc hà 500ml", Price: "185.000 ₫"}
	if day >= RiseDay {
		honey.Price = "205.000 ₫"
	}
	if day == OutlierDay {
		honey.Price = "20.500 ₫"
	}
	if day >= BrokenDay {
		honey.Price = ""
	}
	return []Product{
		honey,
		{Slug: "mien-dong-500g", Name: "Miến dong Na Rì 500g", Price: "65k", Was: "75k"},
		{Slug: "tra-shan-tuyet-100g", Name: "Trà Shan tuyết 100g", Price: "1tr2/kg"},
		{Slug: "tieu-den-500g", Name: "Tiêu đen Đắk Nông 500g", Price: "Từ 98,000đ"},
		{Slug: "que-thanh-250g", Name: "Quế thanh 250g", Price: "89\u200b.000&nbsp;&#8363;"},
		{Slug: "khan-tho-cam", Name: "Khăn thổ cẩm thêu tay", Price: "Liên hệ"},
		{Slug: "hat-mac-ca-500g", Name: "Hạt mắc ca 500g", Price: "150 - 180k", Sold: true},
	}
}

// Retail is the simulated shop. The zero value is on day 0. Its pages are
// "/tim-kiem?q=" (all products that match), "/san-pham/<slug>" and "/uu-dai",
// which redirects into the forbidden part.
type Retail struct {
	mu  sync.Mutex
	day int
}

// SetDay moves the shop to a day of its story.
func (s *Retail) SetDay(day int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day = day
}

// ServeHTTP answers like the shop.
func (s *Retail) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	s.mu.Lock()
	day := s.day
	s.mu.Unlock()
	slug, single := strings.CutPrefix(req.URL.Path, "/san-pham/")
	switch {
	case req.URL.Path == "/robots.txt":
		fmt.Fprint(w, robotsTXT)
	case strings.HasPrefix(req.URL.Path, Forbidden):
		page(w, req, "Giỏ hàng", "<h1>Giỏ hàng</h1>")
	case req.URL.Path == "/uu-dai":
		http.Redirect(w, req, Forbidden+"/uu-dai", http.StatusFound)
	case req.URL.Path == "/" || req.URL.Path == "/tim-kiem":
		var cards strings.Builder
		cards.WriteString(`<h1>Kết quả tìm kiếm</h1><a href="` + Forbidden + `">Giỏ hàng <span class="price">0₫</span></a><ul class="danh-sach">`)
		for _, p := range Products(day) {
			if q := req.URL.Query().Get("q"); !strings.Contains(strings.ToLower(p.Name), strings.ToLower(q)) {
				continue
			}
			fmt.Fprintf(&cards, `<li class="o"><a href="/san-pham/%s"><img alt=""><h3>%s</h3></a>%s</li>`, p.Slug, html.EscapeString(p.Name), price(p))
		}
		page(w, req, "Tìm kiếm", cards.String()+"</ul>")
	case single:
		for _, p := range Products(day) {
			if p.Slug == slug {
				state := `<p class="tinh-trang">Còn hàng</p><button class="add-to-cart">Thêm vào giỏ</button>`
				if p.Sold {
					state = `<p class="tinh-trang">Tạm hết hàng</p><button disabled>Hết hàng</button>`
				}
				page(w, req, p.Name, "<h1>"+html.EscapeString(p.Name)+"</h1>"+price(p)+state+`<p>Phí giao hàng từ 30.000đ, miễn phí cho đơn từ 500.000đ.</p>`)
				return
			}
		}
		http.NotFound(w, req)
	default:
		http.NotFound(w, req)
	}
}

func price(p Product) string {
	if p.Price == "" {
		return `<div class="price"></div>`
	}
	was := ""
	if p.Was != "" {
		was = "<del>" + p.Was + "</del> "
	}
	return `<div class="price">` + was + `<span>` + p.Price + `</span></div>`
}

// Board is the simulated board of commodity prices, as farm gates pay. The
// zero value is on day 0; day 0 is 2026-11-20.
type Board struct {
	mu  sync.Mutex
	day int
}

// SetDay moves the board to a day.
func (b *Board) SetDay(day int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.day = day
}

// BoardPlaces are the board's rows, in order.
var BoardPlaces = []string{"Đắk Lắk", "Đắk Nông", "Gia Lai", "Lâm Đồng"}

// BoardPrice returns what the board pays for a kilogram of pepper in the place
// with this index, in dong, and its change against the day before.
func BoardPrice(place, day int) (price, change int) {
	at := func(d int) int { return 145_000 - 500*place + 500*((d*7+place*3)%5) }
	if day == 0 {
		return at(0), 0
	}
	return at(day), at(day) - at(day-1)
}

// ServeHTTP answers like the board; its page is "/gia-tieu".
func (b *Board) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	b.mu.Lock()
	day := b.day
	b.mu.Unlock()
	switch {
	case req.URL.Path == "/robots.txt":
		fmt.Fprint(w, robotsTXT)
	case req.URL.Path == "/gia-tieu":
		date := time.Date(2026, 11, 20+day, 0, 0, 0, 0, time.UTC)
		var rows strings.Builder
		fmt.Fprintf(&rows, `<article><h1>Giá tiêu hôm nay</h1><p>Cập nhật ngày %s. ĐVT: nghìn đồng/kg.</p><table><tr><th>Địa phương</th><th>Giá thu mua</th><th>Thay đổi</th></tr>`, date.Format("02/01/2006"))
		for i, place := range BoardPlaces {
			price, change := BoardPrice(i, day)
			fmt.Fprintf(&rows, "<tr><td>%s</td><td>%s</td><td>%s</td></tr>", place, thousands(price), thousands(change))
		}
		page(w, req, "Giá tiêu hôm nay", rows.String()+"</table></article>")
	default:
		http.NotFound(w, req)
	}
}

// thousands writes dong in thousands with a comma: 145500 is "145,5".
func thousands(dong int) string {
	sign := ""
	if dong < 0 {
		sign, dong = "-", -dong
	}
	s := fmt.Sprintf("%s%d", sign, dong/1000)
	if rest := dong % 1000; rest != 0 {
		s += "," + strings.TrimRight(fmt.Sprintf("%03d", rest), "0")
	}
	return s
}

// page writes a page with an ETag of its content and answers 304 to who has it.
func page(w http.ResponseWriter, req *http.Request, title, body string) {
	text := `<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>` + html.EscapeString(title) + `</title></head><body><main>` + body + `</main></body></html>`
	sum := uint64(14695981039346656037)
	for i := range len(text) {
		sum = (sum ^ uint64(text[i])) * 1099511628211
	}
	tag := fmt.Sprintf(`"%x"`, sum)
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if req.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	fmt.Fprint(w, text)
}
