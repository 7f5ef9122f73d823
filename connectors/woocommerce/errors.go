package woocommerce

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Codes that code decides by. Messages are translated by the shop and are only
// shown to people.
const (
	codeCannotView   = "woocommerce_rest_cannot_view"
	codeInvalidImage = "woocommerce_product_invalid_image_id"
	// The plugin's source has the same two codes for a variation's picture.
	codeInvalidVariationImage = "woocommerce_variation_invalid_image_id"
	codeBlocked               = "blocked" // ours: a web page with status 403
	codeNoAPI                 = "rest_no_route"
	codeTooLarge              = "woocommerce_rest_request_entity_too_large"
)

// advice is what a code means to us and to a person.
type advice struct {
	kind  connectors.Kind
	field string // of the issue
	text  catalog.Text
}

var (
	pictureNotFetched = advice{connectors.Validation, "images", catalog.Text{
		VI: "Cửa hàng không tải được ảnh: ảnh phải có địa chỉ công khai, kết thúc bằng .jpg, .jpeg, .png, .gif hoặc .webp, cổng 80, 443 hoặc 8080.",
		EN: "The shop could not fetch a picture: it needs a public address ending in .jpg, .jpeg, .png, .gif or .webp, port 80, 443 or 8080."}}
	pictureGone = advice{connectors.Validation, "images", catalog.Text{
		VI: "Ảnh đã bị xóa khỏi thư viện của cửa hàng: đăng lại để tải ảnh lên lần nữa.",
		EN: "A picture was deleted from the shop's library: publish again to upload it anew."}}
)

// codes is the table of the platform's codes. Codes that are not in it are
// judged by their HTTP status.
var codes = map[string]advice{
	codeCannotView: {connectors.Auth, "", catalog.Text{
		VI: "Cửa hàng không nhận khóa API: kiểm tra consumer_key và địa chỉ (https).",
		EN: "The shop does not take the API key: check consumer_key and the address (https)."}},
	"woocommerce_rest_cannot_create": {connectors.Auth, "", catalog.Text{
		VI: "Khóa API không được phép tạo: dùng khóa có quyền đọc và ghi của quản trị viên.",
		EN: "The API key may not create: use a read/write key of an administrator."}},
	"woocommerce_rest_cannot_edit": {connectors.Auth, "", catalog.Text{
		VI: "Khóa API không được phép sửa: dùng khóa có quyền đọc và ghi của quản trị viên.",
		EN: "The API key may not edit: use a read/write key of an administrator."}},
	"woocommerce_rest_cannot_delete": {connectors.Auth, "", catalog.Text{
		VI: "Khóa API không được phép xóa: dùng khóa có quyền đọc và ghi của quản trị viên.",
		EN: "The API key may not delete: use a read/write key of an administrator."}},
	"woocommerce_rest_authentication_error": {connectors.Auth, "", catalog.Text{
		VI: "Khóa API bị từ chối: kiểm tra consumer_secret, quyền ghi của khóa và đồng hồ của máy chủ.",
		EN: "The API key was refused: check consumer_secret, the key's write permission and the server's clock."}},
	"product_invalid_sku": {connectors.Clash, "sku", catalog.Text{
		VI: "Mã SKU này đã có ở sản phẩm khác trong cửa hàng: đổi hoặc xóa mã ở một bên.",
		EN: "Another product of the shop has this SKU already: change or remove it on one side."}},
	"woocommerce_rest_product_not_created": {connectors.Clash, "sku", catalog.Text{
		VI: "Mã SKU này đang được dùng, có thể ở sản phẩm trong thùng rác của cửa hàng: khôi phục hoặc xóa hẳn sản phẩm đó.",
		EN: "This SKU is in use, perhaps by a product in the shop's trash: restore that one or delete it for good."}},
	"product_invalid_global_unique_id": {connectors.Validation, "gtin", catalog.Text{
		VI: "Mã vạch (GTIN) này đã có ở sản phẩm khác trong cửa hàng: sửa mã vạch ở một bên.",
		EN: "Another product of the shop has this GTIN already: correct it on one side."}},
	"woocommerce_rest_product_invalid_id": {connectors.NotFound, "", catalog.Text{
		VI: "Sản phẩm không còn trong cửa hàng.",
		EN: "The product is not in the shop any more."}},
	"woocommerce_rest_invalid_product_id": {connectors.NotFound, "", catalog.Text{
		VI: "Sản phẩm không còn trong cửa hàng, hoặc đã thành biến thể của sản phẩm khác.",
		EN: "The product is not in the shop any more, or has become a variation of another one."}},
	"woocommerce_rest_product_variation_invalid_id": {connectors.NotFound, "", catalog.Text{
		VI: "Biến thể không còn trong cửa hàng.",
		EN: "The variation is not in the shop any more."}},
	"woocommerce_rest_already_trashed": {connectors.NotFound, "", catalog.Text{
		VI: "Sản phẩm đã ở trong thùng rác của cửa hàng.",
		EN: "The product is in the shop's trash already."}},
	"woocommerce_rest_shop_order_invalid_id": {connectors.NotFound, "", catalog.Text{
		VI: "Đơn hàng không còn trong cửa hàng.",
		EN: "The order is not in the shop any more."}},
	"woocommerce_product_image_upload_error":   pictureNotFetched,
	"woocommerce_variation_image_upload_error": pictureNotFetched,
	codeInvalidImage:          pictureGone,
	codeInvalidVariationImage: pictureGone,
	"rest_invalid_param": {connectors.Validation, "", catalog.Text{
		VI: "Cửa hàng không nhận một giá trị: xem tên trường trong chi tiết lỗi và sửa sản phẩm.",
		EN: "The shop refuses a value: see the field named in the details and correct the product."}},
	"rest_not_in_enum": {connectors.Validation, "", catalog.Text{
		VI: "Cửa hàng không biết giá trị này: xem chi tiết lỗi và sửa sản phẩm.",
		EN: "The shop does not know this value: see the details and correct the product."}},
	"rest_invalid_json": {connectors.Validation, "", catalog.Text{
		VI: "Cửa hàng không đọc được dữ liệu gửi đi: báo cho người phụ trách phần mềm.",
		EN: "The shop could not read what was sent: tell whoever looks after this program."}},
	codeNoAPI: {connectors.Fatal, "", catalog.Text{
		VI: "Cửa hàng không có API này: bật WooCommerce và chọn đường dẫn tĩnh khác dạng đơn giản.",
		EN: "The shop does not have this API: activate WooCommerce and choose permalinks other than plain."}},
	codeTooLarge: {connectors.Fatal, "", catalog.Text{
		VI: "Gửi quá nhiều sản phẩm một lần: giảm batch_size.",
		EN: "Too many products in one request: lower batch_size."}},
	"woocommerce_rest_trash_not_supported": {connectors.Fatal, "", catalog.Text{
		VI: "Cửa hàng không có thùng rác cho loại này: chỉ có thể xóa hẳn.",
		EN: "The shop has no trash for this kind: it can only be deleted for good."}},
	"woocommerce_rest_shop_webhook_invalid_topic": {connectors.Fatal, "", catalog.Text{
		VI: "Cửa hàng không biết loại webhook này: cập nhật WooCommerce.",
		EN: "The shop does not know this webhook topic: update WooCommerce."}},
	"term_exists": {connectors.Clash, "", catalog.Text{
		VI: "Tên này đã có trong cửa hàng.",
		EN: "This name exists in the shop already."}},
	"internal_server_error": {connectors.Transient, "", catalog.Text{
		VI: "Cửa hàng bị lỗi bên trong: thử lại sau; nếu vẫn lỗi, xem nhật ký lỗi PHP của máy chủ.",
		EN: "The shop failed inside: try later; if it stays so, look into the PHP error log of the host."}},
	codeBlocked: {connectors.Auth, "", catalog.Text{
		VI: "Tường lửa trước cửa hàng chặn kết nối: cho phép địa chỉ của máy chủ này.",
		EN: "A firewall in front of the shop blocks us: let the address of this server pass."}},
}

// wireError is the body of an error, or the error of one item of a batch.
type wireError struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Data    wireData `json:"data"`
}

// wireData is an object, but a bare number in places (a refund that is too
// large answers "data":500), and anything at all from plugins.
type wireData struct {
	Status     int
	ResourceID int64
	Params     []string // names of refused parameters
}

// UnmarshalJSON never fails: an error that cannot be read whole still has its code.
func (d *wireData) UnmarshalJSON(text []byte) error {
	if n, err := strconv.Atoi(string(text)); err == nil {
		d.Status = n
		return nil
	}
	var object struct {
		Status     json.RawMessage            `json:"status"`
		ResourceID json.RawMessage            `json:"resource_id"`
		Params     map[string]json.RawMessage `json:"params"`
	}
	if json.Unmarshal(text, &object) != nil {
		return nil
	}
	d.Status, _ = strconv.Atoi(strings.Trim(string(object.Status), `"`))
	d.ResourceID, _ = strconv.ParseInt(strings.Trim(string(object.ResourceID), `"`), 10, 64)
	for name := range object.Params {
		d.Params = append(d.Params, clip(name))
	}
	return nil
}

// classify is the one place that turns an answer into an error. It is the
// client's Classify.
func classify(response connectors.Response) error {
	if response.Status < http.StatusBadRequest {
		return nil
	}
	var failure wireError
	_ = json.Unmarshal(response.Body, &failure) // a web page has no code
	failure.Data.Status = response.Status
	return failure.err()
}

// err classifies an error body. Data.Status is the HTTP status of the answer,
// or the one that the item of a batch would have had alone.
func (w wireError) err() *connectors.Error {
	status := w.Data.Status
	e := &connectors.Error{Status: status, Code: clip(w.Code)}
	if message := plainText(w.Message); message != "" && w.Code != "internal_server_error" {
		if len(w.Data.Params) > 0 {
			message += " (" + strings.Join(w.Data.Params, ", ") + ")"
		}
		e.Err = errors.New(clip(message))
	}
	known, found := codes[w.Code]
	switch {
	case status == http.StatusTooManyRequests:
		e.Kind = connectors.RateLimited
	case found && known.kind == connectors.Auth && status == http.StatusBadRequest:
		// cannot_create with 400 is a duplicate attribute, not a right.
		e.Kind = connectors.Validation
	case found:
		e.Kind, e.Hint = known.kind, lowerFirst(strings.TrimSuffix(known.text.EN, "."))
	case w.Code == "" && status == http.StatusForbidden:
		e.Kind, e.Code = connectors.Auth, codeBlocked
		e.Hint = lowerFirst(strings.TrimSuffix(codes[codeBlocked].text.EN, "."))
	case w.Code == "" && (status == http.StatusNotFound || status == http.StatusGone):
		// Without a code it is the web server's or the theme's page: the API
		// is not there, which says nothing about a listing.
		e.Kind, e.Code = connectors.Fatal, codeNoAPI
		e.Hint = lowerFirst(strings.TrimSuffix(codes[codeNoAPI].text.EN, "."))
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Kind = connectors.Auth
	case status == http.StatusNotFound || status == http.StatusGone:
		e.Kind = connectors.NotFound
	case status == http.StatusConflict:
		e.Kind = connectors.Clash
	case status == http.StatusRequestEntityTooLarge:
		e.Kind, e.Code = connectors.Fatal, codeTooLarge
		e.Hint = lowerFirst(strings.TrimSuffix(codes[codeTooLarge].text.EN, "."))
	case status == http.StatusRequestTimeout || status >= 500 && status != http.StatusNotImplemented:
		e.Kind = connectors.Transient
	case status >= 400 && status < 500:
		e.Kind = connectors.Validation
	default:
		e.Kind = connectors.Unclear
	}
	return e
}

// issueOf tells a person about a refusal: in our words where the code is
// known, else in the shop's.
func issueOf(err error, sku catalog.SKU) catalog.Issue {
	issue := catalog.Issue{Code: string(connectors.KindOf(err)), Severity: catalog.SeverityError, SKU: sku}
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok {
		issue.Message = catalog.Text{VI: err.Error(), EN: err.Error()}
		return issue
	}
	issue.Code = firstOf(e.Code, string(e.Kind))
	known, found := codes[e.Code]
	if found {
		issue.Field, issue.Message = known.field, known.text
		if issue.Field == "" || e.Err == nil {
			return issue
		}
		issue.Message.VI += " (" + e.Err.Error() + ")"
		issue.Message.EN += " (" + e.Err.Error() + ")"
		return issue
	}
	reason := string(e.Kind)
	if e.Err != nil {
		reason = e.Err.Error()
	}
	issue.Message = catalog.Text{VI: "Cửa hàng từ chối: " + reason, EN: "The shop refused: " + reason}
	return issue
}
