package lazadatest

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
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object on its way out.
type object = map[string]any

// Who is to blame for a failure, as the platform says. Its documentation mixes
// them up.
const (
	isv = "ISV"
	isp = "ISP"
)

// failure is an error as the platform words it, always with HTTP status 200.
type failure struct {
	code, kind, message string
	detail              []object
}

func (f failure) Error() string { return f.code + ": " + f.message }

func refuse(code, format string, arguments ...any) failure {
	return failure{code: code, kind: isp, message: "E" + code + ": " + fmt.Sprintf(format, arguments...)}
}

// generic are the codes that say nothing but "failed" and leave the rest to
// their details.
func generic(code string, detail ...object) failure {
	doing := map[string]string{"500": "Create product failed", "501": "Update product failed", "503": "Remove product failed"}
	f := refuse(code, "%s", doing[code])
	f.detail = detail
	return f
}

func fieldError(field, format string, arguments ...any) object {
	return object{"field": field, "message": fmt.Sprintf(format, arguments...)}
}

// request is a call that was let in: its parameters from all places where
// clients put them.
type request struct {
	path  string
	p     map[string]string
	files map[string][]byte
}

// The forms of a successful answer. Anything else is the value of "data".
type (
	flat    object             // stands beside code
	wrapped struct{ data any } // of fulfillment: "result" with success and data
)

// route is one API.
type route struct {
	post  bool // POST only
	token access
	serve func(*request) (any, error)
}

// access is whether a call needs the seller's token.
type access int

const (
	sellerToken access = iota
	anyToken           // checked when sent
	noToken            // token calls
)

func (s *Simulator) allRoutes() map[string]route {
	get := func(serve func(*request) (any, error)) route { return route{false, sellerToken, serve} }
	post := func(serve func(*request) (any, error)) route { return route{true, sellerToken, serve} }
	open := func(serve func(*request) (any, error)) route { return route{false, anyToken, serve} }
	return map[string]route{
		"/auth/token/create":  {false, noToken, s.tokenCreate},
		"/auth/token/refresh": {false, noToken, s.tokenRefresh},

		"/seller/get":                      get(s.sellerGet),
		"/rc/warehouse/get":                get(s.warehouses),
		"/seller/warehouse/get":            get(s.warehouses),
		"/product/seller/item/limit":       get(s.itemLimit),
		"/category/tree/get":               open(s.categoryTree),
		"/category/attributes/get":         open(s.categoryAttributes),
		"/category/brands/query":           open(s.brandsQuery),
		"/product/category/suggestion/get": get(s.suggestCategory),

		"/image/upload":                  post(s.imageUpload),
		"/image/migrate":                 post(s.imageMigrate),
		"/images/migrate":                post(s.imagesMigrate),
		"/image/response/get":            get(s.imageResponse),
		"/product/create":                post(s.productCreate),
		"/product/update":                post(s.productUpdate),
		"/images/set":                    post(s.imagesSet),
		"/product/price_quantity/update": post(s.priceQuantity),
		"/product/stock/sellable/update": post(s.sellableUpdate),
		"/product/stock/sellable/adjust": post(s.sellableAdjust),
		"/product/deactivate":            post(s.productDeactivate),
		"/product/remove":                post(s.productRemove),
		"/product/sku/remove":            post(s.productRemove),
		"/products/get":                  get(s.productsGet),
		"/product/item/get":              get(s.itemGet),
		"/product/qc/alert/list":         get(s.qcAlerts),

		"/orders/get":                    get(s.ordersGet),
		"/order/get":                     get(s.orderGet),
		"/order/items/get":               get(s.orderItems),
		"/orders/items/get":              get(s.ordersItems),
		"/order/shipment/providers/get":  get(s.providers),
		"/order/fulfill/pack":            post(s.pack),
		"/order/package/document/get":    post(s.document),
		"/order/package/rts":             post(s.readyToShip),
		"/order/package/repack":          post(s.repack),
		"/logistic/order/trace":          get(s.trace),
		"/order/reverse/cancel/validate": get(s.cancelValidate),
		"/order/reverse/cancel/create":   get(s.cancelCreate),

		"/order/reverse/cancel/seller/decide": get(s.cancelDecide),
		"/reverse/getreverseordersforseller":  get(s.reverseList),
		"/order/package/sof/delivered":        post(s.ownDelivered),
		"/order/package/sof/failed_delivery":  post(s.ownFailed),
		"/finance/transaction/details/get":    get(s.transactions),
	}
}

func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oauth/authorize" {
		s.authorizePage(w, r)
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, labelPath); ok {
		s.label(w, name)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/rest")
	found, known := s.routes[path]
	in, err := readRequest(path, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !known || path == r.URL.Path:
		err = failure{code: "InvalidApiPath", kind: isp, message: "The specified API path is invalid"}
	case err != nil:
	case r.Method != http.MethodPost && (found.post || r.Method != http.MethodGet):
		err = failure{code: "UnsupportedMethod", kind: isv, message: "The HTTP method is not supported"}
	default:
		err = s.admit(in, found.token)
	}
	if err != nil {
		s.answer(w, err)
		return
	}
	s.review()
	s.expire()
	out, err := found.serve(in)
	if err != nil {
		s.answer(w, err)
		return
	}
	s.answer(w, out)
}

// answer writes a result or an error in the platform's envelope.
func (s *Simulator) answer(w http.ResponseWriter, value any) {
	envelope := object{"code": "0", "request_id": secret("0ba2887315")[:30]}
	switch v := value.(type) {
	case failure:
		envelope["code"], envelope["type"], envelope["message"] = v.code, v.kind, v.message
		if len(v.detail) > 0 {
			envelope["detail"] = v.detail
		}
	case error:
		envelope["code"], envelope["type"], envelope["message"] = "1000", "SYSTEM", v.Error()
	case flat:
		maps.Copy(envelope, v)
	case wrapped:
		envelope["result"] = object{"success": true, "error_code": "", "error_msg": "", "data": v.data}
	case nil:
		envelope["data"] = object{}
	default:
		envelope["data"] = v
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_ = json.NewEncoder(w).Encode(envelope)
}

// errPlaces is a parameter that comes twice with different values.
var errPlaces = failure{code: "IncompleteSignature", kind: isv, message: "The request signature does not conform to lazop standards"}

// readRequest merges the parameters of the address and of the body, whichever
// form the body has: clients differ in where they put them.
func readRequest(path string, r *http.Request) (*request, error) {
	in := &request{path: path, p: map[string]string{}, files: map[string][]byte{}}
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return nil, failure{code: "4", kind: isv, message: "The request body cannot be read"}
	}
	conflict := false
	add := func(name, value string) {
		if known, twice := in.p[name]; twice && known != value {
			conflict = true
		}
		in.p[name] = value
	}
	addAll := func(values url.Values) {
		for name, list := range values {
			for _, value := range list {
				add(name, value)
			}
		}
	}
	addAll(r.URL.Query())
	mediaType, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case len(body) == 0:
	case mediaType == "multipart/form-data":
		err = in.readMultipart(body, parameters["boundary"], add)
	case mediaType == "application/json" || bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")):
		var fields map[string]json.RawMessage
		if err = json.Unmarshal(body, &fields); err == nil {
			for name, raw := range fields {
				text := string(raw)
				var plain string
				if json.Unmarshal(raw, &plain) == nil {
					text = plain
				}
				add(name, text)
			}
		}
	default:
		var form url.Values
		if form, err = url.ParseQuery(string(body)); err == nil {
			addAll(form)
		}
	}
	if err != nil {
		return nil, failure{code: "4", kind: isv, message: "The request body cannot be read"}
	}
	if conflict {
		return nil, errPlaces
	}
	return in, nil
}

func (in *request) readMultipart(body []byte, boundary string, add func(name, value string)) error {
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if part.FileName() != "" {
			in.files[part.FormName()] = data
		} else {
			add(part.FormName(), string(data))
		}
	}
}

// Sign is the signature of a call: of all its parameters but sign, without
// empty ones, sorted by name.
func Sign(appSecret, path string, parameters map[string]string) string {
	var base strings.Builder
	base.WriteString(path)
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if name != "sign" && name != "" && parameters[name] != "" {
			base.WriteString(name + parameters[name])
		}
	}
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write([]byte(base.String()))
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

// admit checks what every call needs, in the order of the gateway: the app, the
// time, the signature, the token.
func (s *Simulator) admit(in *request, need access) error {
	for _, name := range []string{"app_key", "timestamp", "sign_method", "sign"} {
		if in.p[name] == "" {
			return missing(name)
		}
	}
	if in.p["app_key"] != s.options.AppKey {
		return failure{code: "InvalidAppKey", kind: isv, message: "The specified App Key is invalid"}
	}
	at, err := strconv.ParseInt(in.p["timestamp"], 10, 64)
	if err != nil || s.now().Sub(time.UnixMilli(at)).Abs() > signWindow {
		return failure{code: "IllegalTimestamp", kind: isv, message: "The specified timestamp is invalid or expired"}
	}
	if in.p["sign_method"] != "sha256" || !hmac.Equal([]byte(in.p["sign"]), []byte(Sign(s.options.AppSecret, in.path, in.p))) {
		return errPlaces
	}
	if day := s.now().Unix() / 86400; day != s.day {
		s.day, s.calls = day, 0
	}
	if s.calls++; s.options.DailyCalls > 0 && s.calls > s.options.DailyCalls {
		return failure{code: "AppCallLimit", kind: isv, message: "The request has exceeded the daily limit of the app"}
	}
	token := in.p["access_token"]
	if need == noToken || need == anyToken && token == "" {
		return nil
	}
	if token == "" {
		return missing("access_token")
	}
	if expires, ok := s.access[token]; !ok || !s.now().Before(expires) {
		return failure{code: "IllegalAccessToken", kind: isv, message: "The specified access token is invalid or expired"}
	}
	if s.options.Closed && strings.HasPrefix(in.path, "/product") {
		return failure{code: "SellerNotActive", kind: isv, message: "Seller not active,please check seller status"}
	}
	return nil
}

func missing(name string) failure {
	return failure{code: "MissingParameter", kind: isv, message: fmt.Sprintf("The input parameter %q that is mandatory for processing this request is not supplied", name)}
}

// number reads a parameter that is a whole number; def when it is not sent.
func (in *request) number(name string, def, least, most int64, code string) (int64, error) {
	text, sent := in.p[name]
	if !sent {
		return def, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, refuse(code, "Invalid %s", name)
	}
	return n, nil
}

// decode reads a parameter that is JSON.
func (in *request) decode(name string, out any) error {
	if in.p[name] == "" {
		return missing(name)
	}
	if err := json.Unmarshal([]byte(in.p[name]), out); err != nil {
		return refuse("700004", "%s is not the JSON that is expected", name)
	}
	return nil
}
