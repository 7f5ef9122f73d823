package tikitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call is one request to the API that may be carried out.
type call struct {
	version string
	query   url.Values
	params  []string // what the stars of the route stand for
	body    []byte
	token   *token
}

// answer is a status with a JSON body.
type answer struct {
	status int
	body   any
}

func ok(body any) answer { return answer{http.StatusOK, body} }

// refuse is an error in Tiki's words.
func refuse(status int, texts ...string) answer {
	return answer{status, map[string]any{"errors": texts}}
}

func notFound(what string, id any) answer {
	return refuse(http.StatusNotFound, fmt.Sprintf("%s not found id: %v", what, id))
}

// route is one call of the API. Stars in the path are parameters.
type route struct {
	versions, method, path string
	scope                  string // "" = any token
	app                    bool   // the app's own token may call it
	writes                 bool   // refused when the seller may not update products
	do                     func(*call) answer
}

func (s *Simulator) allRoutes() []route {
	const get, post, put, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	return []route{
		{versions: "v1 v2", method: get, path: "sellers/me", do: s.getSeller},
		{versions: "v2", method: get, path: "sellers/me/warehouses", scope: "inventory", do: s.getWarehouses},
		{versions: "v1 v2", method: get, path: "warehouses/tiki", do: s.getTikiWarehouses},
		{versions: "v1", method: post, path: "sellers/me/updateCanUpdateProduct", scope: "product", do: s.postCanUpdate},

		{versions: "v1 v2", method: get, path: "categories", scope: "product", do: s.getCategories},
		{versions: "v1 v2", method: get, path: "categories/*", scope: "product", do: s.getCategory},
		{versions: "v1 v2", method: get, path: "categories/*/attributes", scope: "product", do: s.getAttributes},
		{versions: "v1 v2", method: get, path: "categories/*/optionLabels", scope: "product", do: s.getLabels},
		{versions: "v1 v2", method: get, path: "attributes/*/values", scope: "product", do: s.getValues},
		{versions: "v1 v2", method: get, path: "brands", scope: "product", do: s.getBrands},
		{versions: "v2", method: get, path: "requests/requiredDocs", scope: "product", do: s.getDocuments},

		{versions: "v2 v2.1", method: get, path: "products", scope: "product", do: s.getProducts},
		{versions: "v2", method: get, path: "products/findBy", scope: "product", do: s.findProduct},
		{versions: "v2 v2.1", method: get, path: "products/*", scope: "product", do: s.getProduct},
		{versions: "v2 v2.1", method: put, path: "products/updateSku", scope: "product", writes: true, do: s.updateSKU},
		{versions: "v2", method: post, path: "products/updateSku", scope: "product", writes: true, do: s.updateSKU},
		{versions: "v1", method: post, path: "products/updateSku", scope: "product", writes: true, do: s.updateSKUv1},
		{versions: "v2.1", method: put, path: "products/updateSkus", scope: "product", writes: true, do: s.updateSKUs},
		{versions: "v2", method: post, path: "products/updateOriginalSku", scope: "product", writes: true, do: s.updateOriginalSKU},

		{versions: "v2.1", method: post, path: "requests", scope: "product", writes: true, do: s.postRequest},
		{versions: "v2", method: get, path: "requests", scope: "product", do: s.getRequests},
		{versions: "v2", method: get, path: "requests/findBy", scope: "product", do: s.findRequest},
		{versions: "v2", method: post, path: "requests/updateProductInfo", scope: "product", writes: true, do: s.postInfo},
		{versions: "v2", method: get, path: "requests/*", scope: "product", do: s.getRequest},
		{versions: "v1", method: remove, path: "requests/findBy", scope: "product", writes: true, do: s.deleteByTrack},
		{versions: "v2", method: remove, path: "requests/*", scope: "product", writes: true, do: s.deleteRequest},
		{versions: "v2", method: get, path: "tracking", scope: "product", do: s.getTrackings},
		{versions: "v2", method: get, path: "tracking/*", scope: "product", do: s.getTracking},
		{versions: "v2", method: post, path: "tracking/*/replay", scope: "product", writes: true, do: s.replayTracking},

		{versions: "v2", method: get, path: "orders", scope: "order", do: s.getOrders},
		{versions: "v2", method: get, path: "orders/dropship/expected-pickup-slots", scope: "order", do: s.getSlots},
		{versions: "v2", method: get, path: "orders/*", scope: "order", do: s.getOrder},
		{versions: "v2", method: post, path: "orders/*/confirm-available", scope: "order", do: s.confirmItems},
		{versions: "v2", method: post, path: "orders/*/dropship/confirm-available", scope: "order", do: s.confirmDropship},
		{versions: "v2", method: post, path: "orders/*/seller-delivery/update-delivery", scope: "order", do: s.updateDelivery},
		{versions: "v2", method: post, path: "orders/*/cross-border/update-shipment", scope: "order", do: s.updateShipment},
		{versions: "v2", method: get, path: "orders/*/*/labels", scope: "order", do: s.getLabel},
		{versions: "v2", method: get, path: "seller-inventories", scope: "order", do: s.getInventories},

		{versions: "v1", method: post, path: "queues", app: true, do: s.postQueue},
		{versions: "v1", method: get, path: "queues", app: true, do: s.getQueues},
		{versions: "v1", method: post, path: "queues/*/subscriptions", do: s.postSubscription},
		{versions: "v1", method: get, path: "queues/*/subscriptions", do: s.getSubscriptions},
		{versions: "v1", method: put, path: "queues/*/subscriptions/*", do: s.putSubscription},
		{versions: "v1", method: post, path: "queues/*/events/pull", app: true, do: s.pullEvents},
	}
}

// match returns what the stars stand for.
func (r route) match(path string) ([]string, bool) {
	want, have := strings.Split(r.path, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	var params []string
	for i := range want {
		switch {
		case want[i] == "*" && have[i] != "":
			params = append(params, have[i])
		case want[i] != have[i]:
			return nil, false
		}
	}
	return params, true
}

func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	switch rest, isAPI := strings.CutPrefix(r.URL.Path, "/integration/"); {
	case r.URL.Path == "/sc/oauth2/auth":
		s.serveAuth(w, r)
	case r.URL.Path == "/sc/oauth2/token":
		s.serveToken(w, r)
	case strings.HasPrefix(r.URL.Path, "/_tiki/"):
		s.serveControl(w, r)
	case isAPI:
		version, path, _ := strings.Cut(rest, "/")
		writeAnswer(w, s.handle(r, version, strings.TrimSuffix(path, "/")))
	default:
		http.NotFound(w, r)
	}
}

// handle checks a call in the order of a gateway: path, method, headers,
// token, scope, seller; then it is carried out.
func (s *Simulator) handle(r *http.Request, version, path string) answer {
	var found *route
	var params []string
	there := false
	for i := range s.routes {
		candidate := &s.routes[i]
		p, matches := candidate.match(path)
		if !matches || !containsWord(candidate.versions, version) {
			continue
		}
		// "products/findBy" is also a "products/*": the first route that has
		// the path counts, whatever its method, unless a later one has both.
		there = true
		if candidate.method == r.Method && found == nil {
			found, params = candidate, p
		}
	}
	switch {
	case !there:
		return refuse(http.StatusNotFound, "Not Found")
	case found == nil:
		return refuse(http.StatusMethodNotAllowed, "Method Not Allowed")
	case r.UserAgent() == "":
		return refuse(http.StatusForbidden, "Forbidden")
	}
	if accept := r.Header.Get("Accept"); accept != "" && !strings.Contains(accept, "json") && !strings.Contains(accept, "*/*") {
		return refuse(http.StatusNotAcceptable, "Not Acceptable")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return refuse(http.StatusBadRequest, "Bad Request")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	access, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t := s.tokens[access]
	switch {
	case !bearer || t == nil || !s.now().Before(t.until):
		return refuse(http.StatusUnauthorized, "Unauthorized")
	case !t.seller && !found.app:
		return refuse(http.StatusUnauthorized, "Unauthorized")
	case t.seller && found.app && s.options.AppType == PublicApp:
		return refuse(http.StatusForbidden, "Queues belong to the app: use the app's own token")
	case found.scope != "" && !t.may(found.scope):
		return refuse(http.StatusForbidden, "Insufficient scope: "+found.scope)
	case !s.active, found.writes && !s.canUpdate:
		return refuse(http.StatusForbidden, "Seller is not allowed to do this")
	}
	if len(body) > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if len(body) > 0 && (err != nil || kind != "application/json") {
			return refuse(http.StatusBadRequest, "Content-Type must be application/json")
		}
	}
	return found.do(&call{version: version, query: r.URL.Query(), params: params, body: body, token: t})
}

func containsWord(list, word string) bool {
	for one := range strings.FieldsSeq(list) {
		if one == word {
			return true
		}
	}
	return false
}

// read decodes a body; types that are wrong are refused, fields that are not
// known are ignored.
func (c *call) read(out any) (answer, bool) {
	if err := json.Unmarshal(c.body, out); err != nil {
		what := "Invalid JSON"
		if typed, isType := err.(*json.UnmarshalTypeError); isType { //nolint:errorlint // Unmarshal returns it bare
			what = fmt.Sprintf("%s: must be %s", typed.Field, typed.Type)
		}
		return refuse(http.StatusBadRequest, what), false
	}
	return answer{}, true
}

// page reads page and limit: 20 rows unless asked, 50 at most although 100 is
// announced.
func (c *call) page() (page, limit int, bad answer, fine bool) {
	page, limit = 1, 20
	for name, value := range map[string]*int{"page": &page, "limit": &limit} {
		if text := c.query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return 0, 0, refuse(http.StatusBadRequest, name+" must be a positive number"), false
			}
			*value = n
		}
	}
	return page, min(limit, 50), answer{}, true
}

// pages cuts one page out of rows and describes it.
func pages[T any](c *call, rows []T, show func(T) any) answer {
	page, limit, bad, fine := c.page()
	if !fine {
		return bad
	}
	from := min((page-1)*limit, len(rows))
	to := min(from+limit, len(rows))
	data := make([]any, 0, to-from)
	for _, row := range rows[from:to] {
		data = append(data, show(row))
	}
	return ok(map[string]any{"data": data, "paging": map[string]int{
		"total": len(rows), "current_page": page, "from": min(from+1, to), "to": to, "per_page": limit,
		"last_page": max(1, (len(rows)+limit-1)/limit),
	}})
}

// period reads a pair of date filters.
func (s *Simulator) period(c *call, name string) (within func(time.Time) bool, bad answer, fine bool) {
	from, to := time.Time{}, time.Time{}
	for suffix, value := range map[string]*time.Time{"_from_date": &from, "_to_date": &to} {
		if text := c.query.Get(name + suffix); text != "" {
			t, err := time.ParseInLocation(layout, text, zone)
			if err != nil {
				return nil, refuse(http.StatusBadRequest, name+suffix+" must be yyyy-MM-dd HH:mm:ss"), false
			}
			*value = t
		}
	}
	return func(t time.Time) bool {
		return !t.Before(from) && (to.IsZero() || !t.After(to)) && !(s.options.ExclusiveDates && t.Equal(from))
	}, answer{}, true
}

// set reads a set expression: in|a,b or nin|a,b, or a bare value.
func (c *call) set(name string) func(string) bool {
	text := c.query.Get(name)
	if text == "" {
		return func(string) bool { return true }
	}
	operator, list, isSet := strings.Cut(text, "|")
	if !isSet || operator != "in" && operator != "nin" {
		return func(value string) bool { return value == text }
	}
	members := map[string]bool{}
	for one := range strings.SplitSeq(list, ",") {
		members[strings.TrimSpace(one)] = true
	}
	return func(value string) bool { return members[value] == (operator == "in") }
}

// has tells whether a comma list in the query names a word.
func (c *call) has(name, word string) bool {
	for one := range strings.SplitSeq(c.query.Get(name), ",") {
		if strings.TrimSpace(one) == word {
			return true
		}
	}
	return false
}

func writeAnswer(w http.ResponseWriter, a answer) { writeJSON(w, a.status, a.body) }

func writeJSON(w http.ResponseWriter, status int, body any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		status, text = http.StatusInternalServerError, *bytes.NewBufferString(`{"errors":["Internal server error"]}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

// serveControl is the back door for other processes.
func (s *Simulator) serveControl(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "use POST", http.StatusMethodNotAllowed)
		return
	}
	switch strings.TrimPrefix(r.URL.Path, "/_tiki/") {
	case "authorize":
		var wanted struct {
			Redirect string `json:"redirect_uri"`
			Scope    string `json:"scope"`
		}
		if json.NewDecoder(r.Body).Decode(&wanted) != nil {
			http.Error(w, "send JSON with redirect_uri and scope", http.StatusBadRequest)
			return
		}
		code, err := s.Authorize(wanted.Redirect, wanted.Scope)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		writeJSON(w, http.StatusOK, map[string]string{"code": code})
	case "advance":
		if steps, err := strconv.Atoi(r.URL.Query().Get("steps")); err == nil {
			s.Advance(steps)
		} else {
			s.Approve()
		}
		w.WriteHeader(http.StatusNoContent)
	case "expire-token":
		s.ExpireToken()
		w.WriteHeader(http.StatusNoContent)
	default:
		http.NotFound(w, r)
	}
}
