package woocommercetest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxBody is the largest request that is read; PHP's usual limit is 8 MB or more.
const maxBody = 64 << 20

// request is one call of the API.
type request struct {
	http   *http.Request
	number int64
	births int64  // how many products had been created when it came
	method string // after _method
	route  string // behind /wp-json
	path   map[string]int64
	query  *phpArray
	form   *phpArray      // of a form body, else nil
	body   map[string]any // of a JSON or form body

	badJSON        string
	plainPermalink bool
	basicFailed    bool
	pictures       map[string]string // by address: fetched before the shop was locked
	cut            bool              // cut the connection instead of answering
}

// lookup returns a parameter of the body or, failing that, of the query.
func (r *request) lookup(name string) (any, bool) {
	if v, ok := r.body[name]; ok {
		return v, true
	}
	v, ok := r.query.values[name]
	if inner, isArray := v.(*phpArray); isArray {
		v = inner.plain()
	}
	return v, ok
}

func (r *request) param(name string) any {
	v, _ := r.lookup(name)
	return v
}

func (r *request) text(name string) string { return toText(r.param(name)) }

// apiError is WordPress's error envelope.
type apiError struct {
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Data    errorData `json:"data"`
}

type errorData struct {
	Status           int    `json:"status"`
	Params           any    `json:"params,omitempty"`
	Details          any    `json:"details,omitempty"`
	ResourceID       int64  `json:"resource_id,omitempty"`
	UniqueSKU        string `json:"unique_sku,omitempty"`
	JSONErrorCode    int    `json:"json_error_code,omitempty"`
	JSONErrorMessage string `json:"json_error_message,omitempty"`
	Bare             bool   `json:"-"` // the data is the number alone
}

// MarshalJSON implements [json.Marshaler].
func (d errorData) MarshalJSON() ([]byte, error) {
	if d.Bare {
		return []byte(strconv.Itoa(d.Status)), nil
	}
	type plain errorData
	return json.Marshal(plain(d))
}

func fail(status int, code, message string) *apiError {
	return &apiError{Code: code, Message: message, Data: errorData{Status: status}}
}

// answer is what a handler gives back.
type answer struct {
	status int // 0 = 200
	body   any
	header map[string]string
	after  func() // run when the shop is unlocked again, before the answer goes out
}

type handler func(*request) (*answer, *apiError)

// route binds a method and a path to a handler. Names in braces match numbers.
type route struct {
	method string
	parts  []string
	schema *schema
	handle handler
}

func on(method, path string, sch *schema, h handler) route {
	return route{method, strings.Split("wc/v3/"+path, "/"), sch, h}
}

func (rt route) match(method string, parts []string) (map[string]int64, bool) {
	if len(parts) != len(rt.parts) || !methodMatches(rt.method, method) {
		return nil, false
	}
	values := map[string]int64{}
	for i, part := range rt.parts {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			n, err := strconv.ParseInt(parts[i], 10, 64)
			if err != nil || n < 0 {
				return nil, false
			}
			values[strings.TrimSuffix(name, "}")] = n
		} else if part != parts[i] {
			return nil, false
		}
	}
	return values, true
}

// methodMatches knows that PUT, PATCH and POST all update ("EDIT").
func methodMatches(want, got string) bool {
	switch want {
	case http.MethodGet:
		return got == http.MethodGet || got == http.MethodHead
	case "EDIT":
		return got == http.MethodPost || got == http.MethodPut || got == http.MethodPatch
	}
	return want == got
}

// forbidden is the answer to a request without a key.
func (rt route) forbidden() *apiError {
	last := rt.parts[len(rt.parts)-1]
	code, message := "view", "Sorry, you cannot list resources."
	switch {
	case last == "batch":
		code, message = "batch", "Sorry, you are not allowed to batch manipulate this resource."
	case rt.method == http.MethodGet && strings.HasPrefix(last, "{"):
		message = "Sorry, you cannot view this resource."
	case rt.method == http.MethodPost:
		code, message = "create", "Sorry, you are not allowed to create resources."
	case rt.method == "EDIT":
		code, message = "edit", "Sorry, you are not allowed to edit this resource."
	case rt.method == http.MethodDelete:
		code, message = "delete", "Sorry, you are not allowed to delete this resource."
	}
	return fail(http.StatusUnauthorized, "woocommerce_rest_cannot_"+code, message)
}

// serve answers everything below the site's address.
func (s *Simulator) serve(w http.ResponseWriter, hr *http.Request) {
	if strings.HasPrefix(hr.URL.Path, "/_woo/") {
		s.serveControl(w, hr)
		return
	}
	r := &request{http: hr, number: s.requests.Add(1), births: s.births.Load(), method: hr.Method, query: parsePHPQuery(hr.URL.RawQuery)}
	if route, ok := r.query.values["rest_route"].(string); ok && hr.URL.Path == "/" {
		r.route, r.plainPermalink = route, true
	} else if route, ok := strings.CutPrefix(hr.URL.Path, "/wp-json"); ok && (route == "" || route[0] == '/') {
		r.route = route
	} else {
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<!DOCTYPE html><html><body><h1>Không tìm thấy trang</h1></body></html>\n")
		return
	}
	if err := r.readBody(w); err != nil {
		http.Error(w, "request body too large", http.StatusRequestEntityTooLarge)
		return
	}
	if override := toText(r.query.values["_method"]); override != "" && hr.Method == http.MethodPost {
		r.method = strings.ToUpper(override)
	} else if override := hr.Header.Get("X-Http-Method-Override"); override != "" {
		r.method = strings.ToUpper(override)
	}
	s.fetchPictures(r)

	s.mu.Lock()
	site := s.URL
	out, failure := s.dispatch(r)
	s.mu.Unlock()
	if r.cut {
		panic(http.ErrAbortHandler)
	}
	if failure != nil {
		out = &answer{status: failure.Data.Status, body: failure}
	} else if out.after != nil {
		out.after()
	}
	r.write(w, site, out, failure != nil)
}

func (r *request) readBody(w http.ResponseWriter) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.http.Body, maxBody))
	if err != nil {
		return err
	}
	raw = bytes.TrimSpace(raw)
	contentType := r.http.Header.Get("Content-Type")
	switch {
	case len(raw) == 0:
	case strings.Contains(contentType, "json"):
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil || decoder.More() {
			r.badJSON = "syntax"
			return nil
		}
		r.body = toMap(value)
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		r.form = parsePHPQuery(string(raw))
		r.body = toMap(r.form.plain())
	}
	return nil
}

func (s *Simulator) dispatch(r *request) (*answer, *apiError) {
	known, failure := s.authenticate(r)
	if failure != nil {
		return nil, failure
	}
	if known {
		if failure := s.allowed(r.method); failure != nil {
			return nil, failure
		}
	}
	trimmed := strings.Trim(r.route, "/")
	if r.method == http.MethodGet || r.method == http.MethodHead {
		switch trimmed {
		case "":
			return &answer{body: s.siteIndex()}, nil
		case "wc/v3":
			return &answer{body: object{{"namespace", "wc/v3"}}}, nil
		}
	}
	if trimmed == "wp/v2/media" && r.method == http.MethodPost {
		return nil, fail(http.StatusUnauthorized, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.")
	}
	parts := strings.Split(trimmed, "/")
	for _, rt := range s.routes {
		values, ok := rt.match(r.method, parts)
		if !ok {
			continue
		}
		r.path = values
		sch := rt.schema
		if sch == nil {
			sch = fields(nil)
		}
		if failure := r.checkParams(sch); failure != nil {
			return nil, failure
		}
		if !known {
			return nil, rt.forbidden()
		}
		return rt.handle(r)
	}
	return nil, fail(http.StatusNotFound, "rest_no_route", "No route was found matching the URL and request method.")
}

func (r *request) write(w http.ResponseWriter, site string, out *answer, failed bool) {
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=UTF-8")
	header.Set("X-Robots-Tag", "noindex")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Link", "<"+site+`/wp-json/>; rel="https://api.w.org/"`)
	if r.basicFailed {
		header.Set("WWW-Authenticate", `Basic realm="WooCommerce API. Use a consumer key in the username field and a consumer secret in the password field."`)
	}
	for name, value := range out.header {
		header[name] = []string{value} // in the shop's own spelling, X-WP-Total
	}
	body := out.body
	if wanted := r.fields(); wanted != nil && !failed {
		body = filterFields(body, wanted)
	}
	raw, err := encodePHP(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	status := out.status
	if status == 0 {
		status = http.StatusOK
	}
	header.Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

// fields are those that _fields asks for, nil for all.
func (r *request) fields() map[string]bool {
	wanted := map[string]bool{}
	for _, name := range toList(plainValue(r.query.values["_fields"])) {
		top, _, _ := strings.Cut(toText(name), ".")
		wanted[top] = true
	}
	if len(wanted) == 0 {
		return nil
	}
	return wanted
}

func plainValue(v any) any {
	if inner, ok := v.(*phpArray); ok {
		return inner.plain()
	}
	return v
}

func filterFields(body any, wanted map[string]bool) any {
	list, ok := body.([]any)
	if !ok {
		return pick(body, wanted)
	}
	out := make([]any, len(list))
	for i, item := range list {
		out[i] = pick(item, wanted)
	}
	return out
}

// paged cuts a page out of all matches and sets the totals. render is called
// for the page only.
func paged[T any](s *Simulator, r *request, all []T, hideTotalPastEnd bool, render func(T) any) *answer {
	per, page := int64(10), int64(1)
	if v, ok := r.lookup("per_page"); ok {
		per = toInt(v)
	}
	if v, ok := r.lookup("page"); ok {
		page = toInt(v)
	}
	start := (page - 1) * per
	if v, ok := r.lookup("offset"); ok {
		start = max(0, toInt(v))
	}
	total := int64(len(all))
	body := []any{}
	for i := start; i < min(start+per, total); i++ {
		body = append(body, render(all[i]))
	}
	if hideTotalPastEnd && start > 0 && len(body) == 0 {
		total = 0
	}
	pages := (total + per - 1) / per
	header := map[string]string{"X-WP-Total": strconv.FormatInt(total, 10), "X-WP-TotalPages": strconv.FormatInt(pages, 10)}
	var links []string
	if page > 1 {
		links = append(links, s.pageLink(r, min(page-1, max(1, pages)), "prev"))
	}
	if page < pages {
		links = append(links, s.pageLink(r, page+1, "next"))
	}
	if len(links) > 0 {
		header["Link"] = strings.Join(links, ", ")
	}
	return &answer{body: body, header: header}
}

func (s *Simulator) pageLink(r *request, page int64, rel string) string {
	query := url.Values{}
	for name, values := range r.http.URL.Query() {
		query[name] = values
	}
	query.Set("page", strconv.FormatInt(page, 10))
	return "<" + s.URL + "/wp-json" + strings.TrimSuffix(r.route, "/") + "?" + query.Encode() + `>; rel="` + rel + `"`
}

func (s *Simulator) siteIndex() any {
	timezone := ""
	if s.offsetHours() == 7 {
		timezone = "Asia/Ho_Chi_Minh"
	}
	return object{
		{"name", "Cửa hàng mẫu"},
		{"description", ""},
		{"url", s.URL},
		{"home", s.URL},
		{"gmt_offset", s.offsetHours()},
		{"timezone_string", timezone},
		{"namespaces", []string{"oembed/1.0", "wc/store", "wc/store/v1", "wc/v1", "wc/v2", "wc/v3", "wp/v2"}},
		{"authentication", []string{}},
	}
}

func (s *Simulator) offsetHours() float64 {
	_, seconds := s.now().In(s.zone).Zone()
	return float64(seconds) / 3600
}

func (s *Simulator) systemStatus(*request) (*answer, *apiError) {
	return &answer{body: object{
		{"environment", object{
			{"home_url", s.URL}, {"site_url", s.URL}, {"version", "9.9.5"}, {"wp_version", "6.8.8"},
			{"wp_multisite", false}, {"php_version", "8.2.0"}, {"default_timezone", "UTC"},
		}},
		{"settings", object{
			{"api_enabled", false}, {"force_ssl", s.options.TreatAsHTTPS}, {"currency", s.options.Currency},
			{"currency_symbol", currencySymbol(s.options.Currency)}, {"currency_position", "right"}, {"thousand_separator", "."},
			{"decimal_separator", ","}, {"number_of_decimals", s.decimals},
			{"HPOS_enabled", true},
		}},
	}}, nil
}

func currencySymbol(currency string) string {
	switch currency {
	case "VND":
		return "₫"
	case "USD":
		return "$"
	case "EUR":
		return "€"
	}
	return currency
}

// serveControl is what other processes can do to the shop.
func (s *Simulator) serveControl(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "use POST", http.StatusMethodNotAllowed)
		return
	}
	switch r.URL.Path {
	case "/_woo/hooks/deliver":
		delivered, failed := s.DeliverHooks()
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(map[string]int{"delivered": delivered, "failed": failed})
	case "/_woo/hooks/drop-next":
		s.DropNextHook()
		w.WriteHeader(http.StatusNoContent)
	case "/_woo/cut-batch":
		after, err := strconv.Atoi(r.URL.Query().Get("after"))
		if err != nil || after < 0 {
			http.Error(w, "say after how many items: ?after=3", http.StatusBadRequest)
			return
		}
		s.CutNextBatch(after)
		w.WriteHeader(http.StatusNoContent)
	default:
		http.NotFound(w, r)
	}
}
