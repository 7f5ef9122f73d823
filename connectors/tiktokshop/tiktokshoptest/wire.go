package tiktokshoptest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object on its way out.
type object = map[string]any

// failure is an error as the platform words it. status 0 = 200.
type failure struct {
	code    int
	message string
	status  int
}

func (f failure) Error() string { return strconv.Itoa(f.code) + ": " + f.message }

func refuse(code int, format string, arguments ...any) failure {
	return failure{code: code, message: fmt.Sprintf(format, arguments...)}
}

func badParam(name, reason, expected string) failure {
	return refuse(98001004, "Parameter %s is invalid. Reason: %s. Expected: %s", name, reason, expected)
}

// The scopes of an app. What each covers is documented per endpoint only; these
// are the groups that apps ask for.
const (
	scopeAuth        = "seller.authorization.info"
	scopeShop        = "seller.shop.info"
	scopeProduct     = "seller.product.basic"
	scopeProductEdit = "seller.product.write"
	scopeDelete      = "seller.product.delete"
	scopeLogistics   = "seller.logistics"
	scopeOrder       = "seller.order.info"
	scopeFulfillment = "seller.fulfillment.basic"
	scopeRefund      = "seller.return_refund.basic"
	scopePromotion   = "seller.promotion.basic"
)

var allScopes = []string{
	scopeAuth, scopeShop, scopeProduct, scopeProductEdit, scopeDelete, scopeLogistics, scopeOrder, scopeFulfillment, scopeRefund, scopePromotion,
}

// request is a call that was let in.
type request struct {
	*http.Request
	query url.Values
	body  []byte
	vars  map[string]string // parts of the path, by name
}

// route is one API. Parts of the path in braces are variables.
type route struct {
	method, domain, path string
	versions             []string
	scope                string
	noCipher             bool // belongs to the seller or the app, not to a shop
	serve                func(*request) (any, error)
}

func (s *Simulator) allRoutes() []route {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	v := func(versions ...string) []string { return versions }
	v2309 := v("202309")
	return []route{
		{get, "authorization", "shops", v("202309"), scopeAuth, true, s.shops},
		{del, "authorization", "shops", v("202403"), scopeAuth, false, s.deauthorize},
		{get, "seller", "shops", v2309, scopeShop, true, s.sellerShops},
		{get, "seller", "permissions", v2309, scopeShop, true, s.permissions},
		{get, "seller", "status", v("202508"), scopeShop, true, s.sellerStatus},
		{get, "logistics", "warehouses", v2309, scopeLogistics, false, s.warehouses},
		{get, "logistics", "warehouses/{warehouse}/delivery_options", v2309, scopeLogistics, false, s.deliveryOptions},
		{get, "logistics", "delivery_options/{option}/shipping_providers", v2309, scopeLogistics, false, s.shippingProviders},

		{get, "product", "prerequisites", v("202309", "202312"), scopeProduct, false, s.prerequisites},
		{get, "product", "categories", v2309, scopeProduct, false, s.listCategories},
		{post, "product", "categories/recommend", v2309, scopeProduct, false, s.recommend},
		{get, "product", "categories/{category}/attributes", v2309, scopeProduct, false, s.attributes},
		{get, "product", "categories/{category}/rules", v2309, scopeProduct, false, s.rules},
		{get, "product", "brands", v2309, scopeProduct, false, s.listBrands},
		{post, "product", "brands", v2309, scopeProductEdit, true, s.createBrand},
		{post, "product", "images/upload", v2309, scopeProductEdit, true, s.uploadImage},
		{post, "product", "files/upload", v2309, scopeProductEdit, true, s.uploadFile},

		{post, "product", "products", v2309, scopeProductEdit, false, s.createProduct},
		{post, "product", "products/listing_check", v2309, scopeProductEdit, false, s.listingCheck},
		{post, "product", "products/search", v("202309", "202312", "202502"), scopeProduct, false, s.searchProducts},
		{post, "product", "products/activate", v2309, scopeProductEdit, false, s.activate},
		{post, "product", "products/deactivate", v2309, scopeProductEdit, false, s.deactivate},
		{post, "product", "products/recover", v2309, scopeProductEdit, false, s.recoverProducts},
		{del, "product", "products", v2309, scopeDelete, false, s.deleteProducts},
		{get, "product", "products/{product}", v2309, scopeProduct, false, s.getProduct},
		{put, "product", "products/{product}", v("202309", "202509"), scopeProductEdit, false, s.editProduct},
		{post, "product", "products/{product}/partial_edit", v("202309", "202509"), scopeProductEdit, false, s.partialEdit},
		{post, "product", "products/{product}/prices/update", v2309, scopeProductEdit, false, s.updatePrices},
		{post, "product", "products/{product}/inventory/update", v2309, scopeProductEdit, false, s.updateInventory},
		{post, "product", "inventory/search", v2309, scopeProduct, false, s.searchInventory},

		{post, "promotion", "activities", v2309, scopePromotion, false, s.createActivity},
		{post, "promotion", "activities/search", v2309, scopePromotion, false, s.searchActivities},
		{get, "promotion", "activities/{activity}", v2309, scopePromotion, false, s.getActivity},
		{put, "promotion", "activities/{activity}", v2309, scopePromotion, false, s.editActivity},
		{post, "promotion", "activities/{activity}/deactivate", v2309, scopePromotion, false, s.deactivateActivity},
		{put, "promotion", "activities/{activity}/products", v2309, scopePromotion, false, s.putActivityProducts},
		{del, "promotion", "activities/{activity}/products", v2309, scopePromotion, false, s.removeActivityProducts},

		{post, "order", "orders/search", v2309, scopeOrder, false, s.searchOrders},
		{get, "order", "orders", v("202309", "202507"), scopeOrder, false, s.getOrders},
		{get, "order", "orders/{order}/price_detail", v("202407"), scopeOrder, false, s.priceDetail},
		{get, "fulfillment", "orders/{order}/tracking", v2309, scopeFulfillment, false, s.tracking},
		{post, "fulfillment", "orders/{order}/shipping_info/update", v2309, scopeFulfillment, false, s.updateShipping},
		{get, "fulfillment", "orders/split_attributes", v2309, scopeFulfillment, false, s.splitAttributes},
		{post, "fulfillment", "orders/{order}/split", v2309, scopeFulfillment, false, s.splitOrder},
		{post, "fulfillment", "packages/deliver", v2309, scopeFulfillment, false, s.deliver},
		{get, "fulfillment", "packages/{package}", v2309, scopeFulfillment, false, s.getPackage},
		{post, "fulfillment", "packages/search", v2309, scopeFulfillment, false, s.searchPackages},
		{get, "fulfillment", "packages/{package}/handover_time_slots", v2309, scopeFulfillment, false, s.timeSlots},
		{post, "fulfillment", "packages/{package}/ship", v2309, scopeFulfillment, false, s.shipPackage},
		{post, "fulfillment", "packages/ship", v2309, scopeFulfillment, false, s.shipPackages},
		{get, "fulfillment", "packages/{package}/shipping_documents", v2309, scopeFulfillment, false, s.shippingDocuments},
		{post, "fulfillment", "packages/{package}/shipping_info/update", v2309, scopeFulfillment, false, s.updateShipping},
		{post, "return_refund", "cancellations", v("202309", "202602"), scopeRefund, false, s.cancelOrder},
		{post, "return_refund", "cancellations/search", v("202309", "202602"), scopeRefund, false, s.searchCancellations},
		{post, "return_refund", "cancellations/{cancel}/approve", v2309, scopeRefund, false, s.approveCancellation},
		{post, "return_refund", "cancellations/{cancel}/reject", v2309, scopeRefund, false, s.rejectCancellation},
		{post, "return_refund", "returns/search", v("202309", "202602"), scopeRefund, false, s.searchReturns},
		{post, "return_refund", "returns/{return}/approve", v2309, scopeRefund, false, s.approveReturn},
		{post, "return_refund", "returns/{return}/reject", v("202309", "202606"), scopeRefund, false, s.rejectReturn},

		{get, "event", "webhooks", v2309, scopeShop, false, s.listWebhooks},
		{put, "event", "webhooks", v2309, scopeShop, false, s.putWebhook},
		{del, "event", "webhooks", v2309, scopeShop, false, s.deleteWebhook},
	}
}

// serve answers whatever is asked.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<20))
	if err != nil {
		s.answer(w, nil, refuse(36009021, "Invalid file size. The uploaded file size exceeds the maximum limit."))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audit()
	switch r.URL.Path {
	case "/open/authorize", "/oauth/authorize":
		s.consent(w, r)
		return
	case "/api/v2/token/get", "/api/v2/token/refresh":
		data, err := s.token(r)
		s.answer(w, data, err)
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, labelPath); ok {
		s.label(w, name)
		return
	}
	data, err := s.call(r, body)
	s.answer(w, data, err)
}

// call checks a request in the order in which a gateway does, and carries it
// out.
func (s *Simulator) call(r *http.Request, body []byte) (any, error) {
	found, vars, err := s.match(r.Method, r.URL.Path)
	if err != nil {
		return nil, err
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(36009004, "Invalid query string.")
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	multipart := kind == "multipart/form-data"
	if err := s.checkSignature(r.URL.Path, query, body, multipart); err != nil {
		return nil, err
	}
	if len(body) > 0 && !multipart && kind != "application/json" {
		return nil, refuse(36009022, "Invalid request format. The request body format must be `application/json` for structured data or `multipart/form-data` for binary files.")
	}
	if err := s.checkAccount(); err != nil {
		return nil, err
	}
	if err := s.checkToken(r.Header.Get("x-tts-access-token")); err != nil {
		return nil, err
	}
	cipher := query.Get("shop_cipher")
	switch {
	case found.noCipher && query.Has("shop_cipher"):
		return nil, refuse(36009004, "Unexpected identifier. The `shop_cipher` query parameter is not required for this request.")
	case !found.noCipher && cipher == "":
		return nil, refuse(106013, "Missing identifier. The `shop_cipher` query parameter is required to identify the target shop.")
	case !found.noCipher && cipher != s.options.Cipher:
		return nil, refuse(101000, "Invalid query or header. The `shop_cipher` query parameter or `x-tts-access-token` header is invalid.")
	case !slices.Contains(s.options.Scopes, found.scope):
		return nil, refuse(105005, "Access denied. The app is not authorized to access the endpoint because the access scopes granted for the app or the access token do not contain the required access scope for the endpoint.")
	}
	return found.serve(&request{Request: r, query: query, body: body, vars: vars})
}

// match finds the API of a path.
func (s *Simulator) match(method, path string) (route, map[string]string, error) {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	known, otherVersion := false, false
	for _, candidate := range s.routes {
		if len(parts) < 3 || candidate.domain != parts[0] {
			continue
		}
		vars, ok := fits(candidate.path, parts[2])
		if !ok {
			continue
		}
		known = true
		if candidate.method != method {
			continue
		}
		if !slices.Contains(candidate.versions, parts[1]) {
			otherVersion = true
			continue
		}
		return candidate, vars, nil
	}
	switch {
	case otherVersion:
		return route{}, nil, refuse(36009014, "Invalid API version. The `version` value is invalid or unsupported.")
	case known:
		return route{}, nil, refuse(36009010, "Invalid method. The HTTP method used is not supported by this endpoint.")
	}
	return route{}, nil, failure{code: 36009009, message: "Invalid path. The specified path does not match any available endpoint.", status: http.StatusNotFound}
}

// fits compares a path with a pattern. A variable takes digits only, so that it
// does not swallow a word such as "search".
func fits(pattern, path string) (map[string]string, bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	vars := map[string]string{}
	for i, part := range want {
		if !strings.HasPrefix(part, "{") {
			if part != have[i] {
				return nil, false
			}
			continue
		}
		if have[i] == "" || strings.Trim(have[i], "0123456789") != "" {
			return nil, false
		}
		vars[strings.Trim(part, "{}")] = have[i]
	}
	return vars, true
}

func (s *Simulator) checkSignature(path string, query url.Values, body []byte, multipart bool) error {
	switch {
	case query.Get("app_key") != s.options.AppKey:
		return refuse(36009004, "Invalid credentials. Invalid `app_key` query parameter.")
	case query.Get("sign") == "":
		return refuse(36009004, "Missing credentials. The request does not include a required signature in the query.")
	}
	seconds, err := strconv.ParseInt(query.Get("timestamp"), 10, 64)
	if err != nil || len(query.Get("timestamp")) != 10 {
		return refuse(36009004, "Invalid timestamp. The value of the `timestamp` query parameter must not be lesser than 0.")
	}
	switch at, now := time.Unix(seconds, 0), s.now(); {
	case now.Sub(at) > maxPast:
		return refuse(36009004, "Invalid timestamp. The value of the `timestamp` query parameter must not be earlier than 5 minutes before the current time.")
	case at.Sub(now) > maxFuture:
		return refuse(36009004, "Invalid timestamp. The value of the `timestamp` query parameter must not exceed the current time by more than 30 seconds.")
	}
	if multipart {
		body = nil
	}
	if !hmac.Equal([]byte(query.Get("sign")), []byte(sign(s.options.AppSecret, path, query, body))) {
		return failure{code: 106001, message: "Invalid credentials. The `sign` query parameter is invalid.", status: http.StatusUnauthorized}
	}
	return nil
}

// sign makes the signature of a request: all decoded parameters but sign and
// access_token, sorted, between path and body, and all of it in the secret.
func sign(secret, path string, query url.Values, body []byte) string {
	var text bytes.Buffer
	text.WriteString(secret + path)
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name != "sign" && name != "access_token" {
			text.WriteString(name + query.Get(name))
		}
	}
	text.Write(body)
	text.WriteString(secret)
	return digest(secret, text.Bytes())
}

// digest is HMAC-SHA256 in lower-case hexadecimal digits.
func digest(key string, message []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(message)
	return hex.EncodeToString(mac.Sum(nil))
}

// checkAccount refuses what is wrong with the app or the seller and not with a
// call.
func (s *Simulator) checkAccount() error {
	if hour := s.now().Unix() / 3600; hour != s.hour {
		s.hour, s.calls = hour, 0
	}
	s.calls++
	switch {
	case s.options.OtherIP:
		return refuse(36009033, "Invalid IP address. The IP address of the request is not on the allow list of the app.")
	case s.options.HourlyCalls > 0 && s.calls > s.options.HourlyCalls:
		return refuse(36009037, "The development shop has exceeded the number of requests per hour.")
	case s.options.Disabled:
		return refuse(36009043, "The shop is disabled.")
	}
	return nil
}

func (s *Simulator) checkToken(token string) error {
	expires, known := s.access[token]
	switch {
	case !known:
		return refuse(36009004, "Invalid credentials. The `x-tts-access-token` header is invalid.")
	case !s.now().Before(expires):
		return refuse(105002, "Expired credentials. The `access_token` or `x-tts-access-token` header has expired.")
	}
	return nil
}

// answer sends data or an error in the platform's envelope.
func (s *Simulator) answer(w http.ResponseWriter, data any, err error) {
	out := object{"code": 0, "message": "Success", "request_id": strings.ToUpper(secret(17)), "data": data}
	status := http.StatusOK
	if err != nil {
		f := failure{code: 36009003, message: "Internal error.", status: http.StatusInternalServerError}
		_ = errors.As(err, &f)
		out["code"], out["message"], out["data"] = f.code, f.message, nil
		if f.status != 0 {
			status = f.status
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat)) // by the platform's own clock
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// decode reads a JSON body. Values of another type are refused; fields that are
// not known are not, because the platform has more of them.
func (r *request) decode(out any) error {
	if len(r.body) == 0 {
		return nil
	}
	err := json.Unmarshal(r.body, out)
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typed):
		return badParam(typed.Field, "it is a "+typed.Value, typed.Type.String())
	case err != nil:
		return badParam("body", "it is not JSON", "JSON")
	}
	return nil
}

// page cuts one page out of total rows. Tokens hold the filter, so that they
// are good for no other; being base64, they may have + / and =.
func (r *request) page(total, standard, most int) (first, last int, next string, err error) {
	size := standard
	if text := r.query.Get("page_size"); text != "" || standard == 0 {
		if size, err = strconv.Atoi(text); err != nil || size < 1 || size > most {
			return 0, 0, "", refuse(12019109, "page size is invalid")
		}
	}
	filter := digest("", append([]byte(r.URL.Path+r.query.Get("sort_field")+r.query.Get("sort_order")), r.body...))[:8]
	if token := r.query.Get("page_token"); token != "" {
		offset, bound, ok := readToken(token)
		if !ok || bound != filter {
			return 0, 0, "", badParam("page_token", "it does not belong to this search", "a token of this search")
		}
		first = min(offset, total)
	}
	last = min(first+size, total)
	if last < total {
		next = makeToken(last, filter)
	}
	return first, last, next, nil
}
