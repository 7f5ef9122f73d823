package shopeetest

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

	"github.com/shopspring/decimal"
)

// object is a JSON object on its way out.
type object = map[string]any

// failure is an error as the platform words it. status 0 = 200.
type failure struct {
	code, message string
	status        int
	response      any // beside the error, nil = none
	warning       any // nil = none
}

func (f failure) Error() string { return f.code + ": " + f.message }

func refuse(code, format string, arguments ...any) failure {
	return failure{code: code, message: fmt.Sprintf(format, arguments...)}
}

func badParam(format string, arguments ...any) failure {
	return refuse("error_param", format, arguments...)
}

// request is a call that was let in.
type request struct {
	*http.Request
	query url.Values
	body  []byte
}

// flat marks answers whose fields stand beside error and message.
type flat object

// none marks answers without a response.
type none struct{}

// warned is an answer whose warning is a list, as those of batch calls are.
type warned struct {
	response object
	warning  any
}

// beside is an answer with a field next to its response.
type beside struct {
	response object
	name     string
	value    any
}

// file is an answer that is not JSON.
type file struct {
	kind string
	data []byte
}

// class is how an API is signed.
type class int

const (
	shopClass class = iota
	publicClass
	merchantClass
	eitherClass // documented as public, called as shop by many
)

// route is one API.
type route struct {
	method string
	class  class
	serve  func(*request) (any, error)
}

func (s *Simulator) allRoutes() map[string]route {
	get := func(serve func(*request) (any, error)) route { return route{http.MethodGet, shopClass, serve} }
	post := func(serve func(*request) (any, error)) route { return route{http.MethodPost, shopClass, serve} }
	return map[string]route{
		"auth/token/get":                          {http.MethodPost, publicClass, s.tokenGet},
		"auth/access_token/get":                   {http.MethodPost, publicClass, s.accessTokenGet},
		"public/get_shops_by_partner":             {http.MethodGet, publicClass, s.shopsByPartner},
		"public/get_token_by_resend_code":         {http.MethodPost, publicClass, s.tokenByResend},
		"merchant/get_merchant_info":              {http.MethodGet, merchantClass, s.merchantInfo},
		"push/set_app_push_config":                {http.MethodPost, publicClass, s.setPush},
		"push/get_app_push_config":                {http.MethodGet, publicClass, s.getPush},
		"push/get_lost_push_message":              {http.MethodGet, publicClass, s.lostPushes},
		"push/confirm_consumed_lost_push_message": {http.MethodPost, publicClass, s.confirmLost},
		"media_space/upload_image":                {http.MethodPost, eitherClass, s.uploadImage},
		"media_space/init_video_upload":           {http.MethodPost, eitherClass, s.initVideo},
		"media_space/upload_video_part":           {http.MethodPost, eitherClass, s.videoPart},
		"media_space/complete_video_upload":       {http.MethodPost, eitherClass, s.completeVideo},
		"media_space/get_video_upload_result":     {http.MethodGet, eitherClass, s.videoResult},
		"media_space/cancel_video_upload":         {http.MethodPost, eitherClass, s.cancelVideo},

		"shop/get_shop_info":         get(s.shopInfo),
		"shop/get_warehouse_detail":  get(s.warehouses),
		"logistics/get_channel_list": get(s.channels),

		"product/get_category":       get(s.getCategory),
		"product/category_recommend": get(s.recommend),
		"product/get_attribute_tree": get(s.attributeTree),
		"product/get_brand_list":     get(s.brandList),
		"product/register_brand":     post(s.registerBrand),
		"product/get_item_limit":     get(s.itemLimit),

		"product/add_item":              post(s.addItem),
		"product/update_item":           post(s.updateItem),
		"product/unlist_item":           post(s.unlistItem),
		"product/delete_item":           post(s.deleteItem),
		"product/init_tier_variation":   post(s.initTier),
		"product/update_tier_variation": post(s.updateTier),
		"product/add_model":             post(s.addModel),
		"product/update_model":          post(s.updateModel),
		"product/delete_model":          post(s.deleteModel),
		"product/get_model_list":        get(s.modelList),
		"product/update_price":          post(s.updatePrice),
		"product/update_stock":          post(s.updateStock),
		"product/get_item_list":         get(s.itemList),
		"product/get_item_base_info":    get(s.baseInfo),
		"product/search_item":           get(s.searchItem),
		"product/get_item_extra_info":   get(s.extraInfo),
		"product/get_item_promotion":    get(s.itemPromotion),

		"product/get_item_violation_info": get(s.violationInfo),

		"discount/add_discount":         post(s.addDiscount),
		"discount/add_discount_item":    post(s.addDiscountItem),
		"discount/update_discount_item": post(s.updateDiscountItem),
		"discount/delete_discount_item": post(s.deleteDiscountItem),
		"discount/end_discount":         post(s.endDiscount),
		"discount/get_discount_list":    get(s.discountList),
		"discount/get_discount":         get(s.getDiscount),

		"order/get_order_list":             get(s.orderList),
		"order/get_order_detail":           get(s.orderDetail),
		"order/get_shipment_list":          get(s.shipmentList),
		"order/cancel_order":               post(s.cancelOrder),
		"order/handle_buyer_cancellation":  post(s.handleCancellation),
		"order/set_note":                   post(s.setNote),
		"order/search_package_list":        post(s.packageList),
		"order/split_order":                post(s.splitOrder),
		"returns/get_return_list":          get(s.returnList),
		"returns/get_return_detail":        get(s.returnDetail),
		"payment/get_escrow_detail":        get(s.escrowDetail),
		"logistics/get_shipping_parameter": get(s.shippingParameter),
		"logistics/ship_order":             post(s.shipOrder),
		"logistics/get_tracking_number":    get(s.trackingNumber),
		"logistics/get_tracking_info":      get(s.trackingInfo),

		"logistics/get_shipping_document_parameter": post(s.documentParameter),
		"logistics/create_shipping_document":        post(s.createDocument),
		"logistics/get_shipping_document_result":    post(s.documentResult),
		"logistics/download_shipping_document":      post(s.downloadDocument),
	}
}

func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	path, api := strings.CutPrefix(r.URL.Path, "/api/v2/")
	switch {
	case r.URL.Path == "/auth":
		s.openAuth(w, r)
		return
	case path == "shop/auth_partner":
		s.link(w, r, s.consent)
		return
	case path == "shop/cancel_auth_partner":
		s.link(w, r, func(*url.URL) { s.revoke() })
		return
	}
	found, known := s.routes[path]
	if !api || !known || found.method != r.Method {
		s.answer(w, failure{code: "error_not_found", message: "API not found.", status: http.StatusNotFound})
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 100<<20))
	if err != nil {
		s.answer(w, badParam("request too large"))
		return
	}
	in := &request{Request: r, query: r.URL.Query(), body: body}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(in, found.class); err != nil {
		s.answer(w, err)
		return
	}
	s.review()
	out, err := found.serve(in)
	if err != nil {
		s.answer(w, err)
		return
	}
	s.answer(w, out)
}

// answer writes a result or an error in the platform's envelope.
func (s *Simulator) answer(w http.ResponseWriter, value any) {
	envelope := object{"error": "", "message": "", "request_id": secret(16)}
	status := http.StatusOK
	switch v := value.(type) {
	case failure:
		envelope["error"], envelope["message"] = v.code, v.message
		if v.response != nil {
			envelope["response"] = v.response
		}
		if v.warning != nil {
			envelope["warning"] = v.warning
		}
		if v.status != 0 {
			status = v.status
		}
	case error:
		envelope["error"], envelope["message"] = "error_inner", "System error, please try again later or contact the OpenAPI support team."
		status = http.StatusInternalServerError
	case flat:
		for name, field := range v {
			envelope[name] = field
		}
	case none:
	case warned:
		envelope["warning"], envelope["response"] = v.warning, v.response
	case beside:
		envelope["warning"], envelope["response"], envelope[v.name] = "", v.response, v.value
	case file:
		w.Header().Set("Content-Type", v.kind)
		_, _ = w.Write(v.data)
		return
	default:
		envelope["warning"], envelope["response"] = "", value
	}
	data, err := json.Marshal(envelope)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":"error_inner","message":"","request_id":""}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// decode reads a JSON body with the documented types: a number where a text
// belongs is refused, and the other way round.
func (r *request) decode(out any) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		return badParam("Content-Type must be application/json")
	}
	if err := json.NewDecoder(bytes.NewReader(r.body)).Decode(out); err != nil {
		return badParam("Wrong parameters, detail: parse data failed.")
	}
	return nil
}

func (r *request) int(name string, fallback int64) (int64, error) {
	text := r.query.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, badParam("Wrong parameters, detail: strconv.ParseInt: parsing %q: invalid syntax.", name)
	}
	return n, nil
}

func (r *request) needInt(name string) (int64, error) {
	if r.query.Get(name) == "" {
		return 0, badParam("Wrong parameters, detail: %s is required.", name)
	}
	return r.int(name, 0)
}

// list reads an array parameter: repeated, with [] behind the name, or joined
// by commas, and in brackets where the platform takes them.
func (r *request) list(name string, brackets bool) ([]string, error) {
	var out []string
	for _, text := range append(r.query[name], r.query[name+"[]"]...) {
		if strings.HasPrefix(text, "[") {
			if !brackets {
				return nil, badParam("Wrong parameters, detail: strconv.ParseInt: parsing %q: invalid syntax.", text)
			}
			text = strings.Trim(text, "[]")
		}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out, nil
}

func (r *request) ints(name string, brackets bool, most int) ([]int64, error) {
	texts, err := r.list(name, brackets)
	if err != nil {
		return nil, err
	}
	if len(texts) == 0 || len(texts) > most {
		return nil, badParam("Wrong parameters, detail: %s needs 1 to %d values.", name, most)
	}
	out := make([]int64, len(texts))
	for i, text := range texts {
		if out[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, badParam("Wrong parameters, detail: strconv.ParseInt: parsing %q: invalid syntax.", text)
		}
	}
	return out, nil
}

// amount reads a price in dong: whole; fractions are rounded as the platform
// does. Zero and less is refused.
func amount(n json.Number) (int64, error) {
	d, err := decimal.NewFromString(n.String())
	if err != nil {
		return 0, badParam("Wrong parameters, detail: price is not a number.")
	}
	price := d.Round(0).IntPart()
	if price < minPrice {
		return 0, refuse("error_price_exceed_min_limitt", "Price should be no less than %d.", minPrice)
	}
	if price > maxPrice {
		return 0, refuse("error_price_exceed_max_limitt", "Price should be no more than %d.", maxPrice)
	}
	return price, nil
}
