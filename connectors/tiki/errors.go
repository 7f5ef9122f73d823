package tiki

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// codeDuplicate is the reason of a review that found the SKU taken.
const codeDuplicate = "420"

// codeRejected is ours: a review said no for another reason.
const codeRejected = "rejected"

// advice is what a code means to us and to a person.
type advice struct {
	kind connectors.Kind
	text catalog.Text
}

// codes is the table of what Tiki answers. The API has no codes of its own
// beside the HTTP status, OAuth has words, reviews have numbers.
var codes = map[string]advice{
	"http_400": {connectors.Validation, catalog.Text{
		VI: "Tiki không nhận dữ liệu gửi đi: xem chi tiết và sửa sản phẩm.",
		EN: "Tiki does not take what was sent: see the details and correct the product."}},
	"http_401": {connectors.Auth, catalog.Text{
		VI: "Tiki không nhận quyền truy cập: kết nối lại gian hàng.",
		EN: "Tiki does not take the token: connect the shop again."}},
	"http_403": {connectors.Fatal, catalog.Text{
		VI: "Tiki không cho phép: kiểm tra quyền (scope) của ứng dụng, gian hàng còn hoạt động và quyền cập nhật sản phẩm qua API (can_update_product).",
		EN: "Tiki does not allow this: check the app's scopes, that the seller is active, and that products may be updated by the API (can_update_product)."}},
	"http_404": {connectors.NotFound, catalog.Text{
		VI: "Không còn trên Tiki: sản phẩm, danh mục hoặc đơn hàng này đã bị xóa hoặc đổi mã.",
		EN: "It is not on Tiki any more: the product, category or order was removed or has another number."}},
	"http_405": {connectors.Fatal, catalog.Text{
		VI: "Địa chỉ API không đúng: kiểm tra api_url.",
		EN: "The address of the API is wrong: check api_url."}},
	"http_406": {connectors.Fatal, catalog.Text{
		VI: "Tiki không trả lời dạng JSON ở địa chỉ này: kiểm tra api_url.",
		EN: "Tiki does not answer JSON at this address: check api_url."}},
	"http_409": {connectors.Clash, catalog.Text{
		VI: "Dữ liệu trên Tiki vừa thay đổi: hệ thống sẽ đọc lại rồi thử tiếp.",
		EN: "It was changed on Tiki meanwhile: it is read again and tried once more."}},
	"http_422": {connectors.Validation, catalog.Text{
		VI: "Tiki từ chối nội dung: xem chi tiết và sửa sản phẩm.",
		EN: "Tiki refuses the content: see the details and correct the product."}},
	"http_429": {connectors.RateLimited, catalog.Text{
		VI: "Gọi Tiki quá nhanh (giới hạn 200 lần/giây mỗi gian hàng): tự thử lại sau; nếu lặp lại, giảm requests_per_second.",
		EN: "Too many calls to Tiki (200 a second for each shop): tried again later; if it comes again, lower requests_per_second."}},
	"http_500": {connectors.Transient, catalog.Text{
		VI: "Tiki bị lỗi bên trong: tự thử lại sau.",
		EN: "Tiki failed inside: tried again later."}},
	"http_503": {connectors.Transient, catalog.Text{
		VI: "Tiki đang bận hoặc bảo trì: tự thử lại sau.",
		EN: "Tiki is busy or under maintenance: tried again later."}},
	"invalid_client": {connectors.Auth, catalog.Text{
		VI: "Tiki không nhận ứng dụng: kiểm tra client_id, client_secret và token_auth (basic hay post, theo trang ứng dụng trên open.tiki.vn).",
		EN: "Tiki does not know the app: check client_id, client_secret and token_auth (basic or post, as on the app's page at open.tiki.vn)."}},
	"invalid_grant": {connectors.Auth, catalog.Text{
		VI: "Quyền truy cập đã hết hạn hoặc bị thu hồi: kết nối lại gian hàng.",
		EN: "The access has expired or was taken back: connect the shop again."}},
	"access_denied": {connectors.Auth, catalog.Text{
		VI: "Chủ gian hàng không đồng ý: mở lại liên kết và bấm đồng ý.",
		EN: "The seller did not agree: open the link again and agree."}},
	"invalid_request": {connectors.Fatal, catalog.Text{
		VI: "Yêu cầu kết nối không đúng: địa chỉ callback phải giống hệt địa chỉ đã đăng ký trên open.tiki.vn.",
		EN: "The request to connect is wrong: the callback address must be the very one registered at open.tiki.vn."}},
	"invalid_state": {connectors.Fatal, catalog.Text{
		VI: "Phiên kết nối không hợp lệ: mở lại liên kết.",
		EN: "The connection's state is not valid: open the link again."}},
	"invalid_scope": {connectors.Fatal, catalog.Text{
		VI: "Ứng dụng không có quyền được hỏi: sửa scope hoặc thêm quyền cho ứng dụng trên open.tiki.vn.",
		EN: "The app may not ask for this scope: correct scope, or add it to the app at open.tiki.vn."}},
	"unauthorized_client": {connectors.Fatal, catalog.Text{
		VI: "Loại ứng dụng không dùng được cách kết nối này: kiểm tra app_type.",
		EN: "An app of this type cannot connect this way: check app_type."}},
	"unsupported_grant_type": {connectors.Fatal, catalog.Text{
		VI: "Loại ứng dụng không dùng được cách kết nối này: kiểm tra app_type.",
		EN: "An app of this type cannot connect this way: check app_type."}},
	codeDuplicate: {connectors.Clash, catalog.Text{
		VI: "Mã SKU này đã có ở sản phẩm khác của gian hàng trên Tiki: đổi hoặc xóa mã ở một bên.",
		EN: "Another product of the shop on Tiki has this SKU already: change or remove it on one side."}},
	codeRejected: {connectors.Validation, catalog.Text{
		VI: "Tiki đã duyệt và từ chối: sửa sản phẩm theo lý do rồi đăng lại.",
		EN: "Tiki reviewed and refused it: correct the product as the reason says and publish again."}},
}

// classify is the one place that turns an answer into an error. It is the
// client's Classify.
func classify(response connectors.Response) error {
	if response.Status < http.StatusBadRequest {
		return nil
	}
	var failure struct {
		Errors []string `json:"errors"`
		// OAuth has a word of its own; its description may quote what was sent.
		Word string `json:"error"`
	}
	known := json.Unmarshal(response.Body, &failure) == nil
	e := &connectors.Error{Status: response.Status}
	if len(failure.Errors) > 0 {
		e.Err = errors.New(clip(strings.Join(failure.Errors, "; ")))
	}
	code := "http_" + strconv.Itoa(response.Status)
	if word := oauthCode(failure.Word); word != "" {
		code, e.Code = word, word
	}
	a, found := codes[code]
	switch {
	case response.Status == http.StatusNotFound && !known:
		// A page of the web server says nothing about a product.
		e.Kind, e.Hint = connectors.Fatal, hint(codes["http_405"])
	case found:
		e.Kind, e.Hint = a.kind, hint(a)
		if a.kind == connectors.Validation || a.kind == connectors.NotFound {
			e.Hint = "" // Tiki's own words say it
		}
	case response.Status == http.StatusGone:
		e.Kind = connectors.NotFound
	case response.Status >= 500, response.Status == http.StatusRequestTimeout:
		e.Kind = connectors.Transient
	case response.Status < 500:
		e.Kind = connectors.Validation
	}
	return e
}

// oauthCode is an OAuth error word if it is one we know, else "".
func oauthCode(word string) string {
	if _, found := codes[word]; found && strings.Contains(word, "_") && !strings.HasPrefix(word, "http_") {
		return word
	}
	return ""
}

func hint(a advice) string {
	text := strings.TrimSuffix(a.text.EN, ".")
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(r)) + text[size:]
}

// reason reads why a review said no: a JSON text inside a JSON text with a
// code and a message, or plain words.
func reason(raw json.RawMessage) (code, message string) {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	if text = strings.TrimSpace(text); text == "null" {
		text = ""
	}
	var inner struct {
		Code    json.Number `json:"code"`
		Message string      `json:"message"`
	}
	if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &inner) == nil && inner.Message != "" {
		text = inner.Message
	}
	code = codeRejected
	if _, found := codes[inner.Code.String()]; found {
		code = inner.Code.String()
	}
	return code, clip(text)
}

// rejection is the error of a review that said no.
func rejection(raw json.RawMessage) *connectors.Error {
	code, message := reason(raw)
	e := &connectors.Error{Kind: codes[code].kind, Op: "review", Code: code}
	if message != "" {
		e.Err = errors.New(message)
	}
	return e
}

// issueOf tells a person about a refusal: our words, then Tiki's.
func issueOf(err error, sku catalog.SKU) catalog.Issue {
	issue := catalog.Issue{Code: string(connectors.KindOf(err)), Severity: catalog.SeverityError, SKU: sku}
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok {
		issue.Message = catalog.Text{VI: err.Error(), EN: err.Error()}
		return issue
	}
	issue.Code = e.Code
	if issue.Code == "" && e.Status != 0 {
		issue.Code = "http_" + strconv.Itoa(e.Status)
	}
	if issue.Code == "" {
		issue.Code = string(e.Kind)
	}
	a, found := codes[issue.Code]
	if !found {
		a.text = catalog.Text{VI: "Tiki không thực hiện được: thử lại sau.", EN: "Tiki could not do it: try again later."}
	}
	issue.Message = a.text
	if e.Err != nil {
		issue.Message.VI += " (" + e.Err.Error() + ")"
		issue.Message.EN += " (" + e.Err.Error() + ")"
	}
	return issue
}

// clip shortens a text that goes into an error.
func clip(text string) string {
	const most = 300
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
