package tiktokshop

import (
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Codes that code decides by.
const (
	codeStatus       = "12052901"
	codePriceStatus  = "12019113"
	codeQuantity     = "12052055"
	codeStockCount   = "12019024"
	codeTooMany      = "12052180"
	codePriceLocked  = "12052038"
	codePriceLocked2 = "12019045"
	codeNotOurs      = "21008111"
	codeNoImage      = "12052300"
	codeNoImage2     = "12052722"
)

// How long what passes by itself is left alone.
const (
	lockedFor = 6 * time.Hour
	quotaFor  = 6 * time.Hour
	statusFor = 30 * time.Minute
)

func text(vi, en string) catalog.Text { return catalog.Text{VI: vi, EN: en} }

// codes is the table of the platform's codes, from its pages of common errors
// and of the calls (read 2026-11). The code 36009004 stands in it once for each
// of its meanings.
var codes = map[string]advice{
	// Account and authorization.
	"105001": {kind: connectors.Auth, text: text(
		"Mã truy cập không hợp lệ: kết nối lại cửa hàng.", "The access token is not valid: connect the shop again.")},
	"105002": {kind: connectors.Auth, text: text(
		"Mã truy cập đã hết hạn: phần mềm tự làm mới, nếu vẫn lỗi hãy kết nối lại cửa hàng.", "The access token has expired: it is renewed by itself; if it stays so, connect the shop again.")},
	"105003": {kind: connectors.Auth, text: text(
		"Mã truy cập không dùng được cho khu vực này: kết nối lại cửa hàng Việt Nam.", "The access token is for another region: connect the Vietnamese shop again.")},
	"105004": {kind: connectors.Auth, text: text(
		"Mã truy cập là của người dùng khác: kết nối lại cửa hàng.", "The access token is another user's: connect the shop again.")},
	"105005": {kind: connectors.Fatal, text: text(
		"Ứng dụng chưa được cấp quyền này: bật quyền trong Partner Center rồi kết nối lại cửa hàng.", "The app was not granted this permission: enable the scope in Partner Center, then connect the shop again.")},
	"101000": {kind: connectors.Auth, text: text(
		"Mã truy cập không khớp với cửa hàng: kết nối lại cửa hàng.", "The access token does not match the shop: connect the shop again.")},
	"106001": {kind: connectors.Auth, text: text(
		"Chữ ký bị từ chối: kiểm tra app_key và app_secret.", "The signature was refused: check app_key and app_secret.")},
	"106013": {kind: connectors.Auth, text: text(
		"Thiếu mã cửa hàng trong yêu cầu: kết nối lại cửa hàng.", "The call names no shop: connect the shop again.")},
	"36009004/app_key": {kind: connectors.Auth, text: text(
		"TikTok Shop không biết app_key này: kiểm tra app_key.", "TikTok Shop does not know this app_key: check app_key.")},
	"36009004/token": {kind: connectors.Auth, text: text(
		"Mã truy cập không hợp lệ: kết nối lại cửa hàng.", "The access token is not valid: connect the shop again.")},
	"36009004/clock": {kind: connectors.Fatal, text: text(
		"Đồng hồ của máy chủ sai: chỉnh lại giờ (không nhanh quá 30 giây, không chậm quá 5 phút).", "The clock of this machine is wrong: set it (at most 30 seconds fast or 5 minutes slow).")},
	"36009004/signature": {kind: connectors.Fatal, text: text(
		"Yêu cầu thiếu chữ ký: báo cho người phụ trách phần mềm.", "The call is not signed: tell whoever looks after this program.")},
	"36009004/cipher": {kind: connectors.Fatal, text: text(
		"Yêu cầu có mã cửa hàng ở nơi không được có: báo cho người phụ trách phần mềm.", "The call names a shop where none belongs: tell whoever looks after this program.")},
	"36009004": {kind: connectors.Validation, text: text(
		"TikTok Shop không nhận một giá trị: xem chi tiết và sửa sản phẩm.", "TikTok Shop refuses a value: see the details and correct the product.")},
	"36004001": {kind: connectors.Auth, text: text(
		"Ủy quyền của cửa hàng đã hết hạn: kết nối lại cửa hàng.", "The shop's authorization has ended: connect the shop again.")},
	"36004004": {kind: connectors.Auth, text: text(
		"Mã ủy quyền sai, đã dùng hoặc quá 30 phút: mở lại đường dẫn ủy quyền.", "The authorization code is wrong, used or older than 30 minutes: open the authorization link again.")},
	"36009033": {kind: connectors.Fatal, text: text(
		"Địa chỉ IP của máy chủ không được phép: thêm vào danh sách IP của ứng dụng trong Partner Center.", "This machine's IP address is not allowed: add it to the app's IP list in Partner Center.")},
	"36009043": {kind: connectors.Fatal, text: text(
		"Cửa hàng đã bị khóa: xem thông báo trong Seller Center.", "The shop is disabled: see the messages in Seller Center.")},
	"36009044": {kind: connectors.Fatal, text: text(
		"Tài khoản người bán đã bị khóa: xem thông báo trong Seller Center.", "The seller's account is disabled: see the messages in Seller Center.")},
	"12052700": {kind: connectors.Fatal, text: text(
		"Tài khoản người bán chưa hoạt động: hoàn tất đăng ký trong Seller Center.", "The seller is inactive: finish the registration in Seller Center.")},
	"12019114": {kind: connectors.Fatal, text: text(
		"Người bán không có quyền này: xem Seller Center.", "The seller has no permission for this: see Seller Center.")},
	"12009014": {kind: connectors.Fatal, text: text(
		"Người bán không có quyền với sản phẩm: xem Seller Center.", "The seller has no permission for products: see Seller Center.")},

	// Limits and trouble of the platform.
	"36009002": {kind: connectors.RateLimited, text: text(
		"Gọi quá nhiều: phần mềm tự chờ; nếu lặp lại hãy giảm per_second.", "Too many calls: it waits by itself; if it recurs, lower per_second.")},
	"12052109": {kind: connectors.RateLimited, text: text(
		"Người bán gọi quá nhiều: phần mềm tự chờ.", "The seller made too many calls: it waits by itself.")},
	"36009037": {kind: connectors.RateLimited, text: text(
		"Cửa hàng thử nghiệm đã hết lượt trong giờ này: chờ sang giờ sau.", "The development shop has used up this hour's calls: wait for the next hour.")},
	"36009003": {kind: connectors.Transient, text: text("TikTok Shop bị lỗi bên trong: thử lại sau.", "TikTok Shop failed inside: try later.")},
	"36009007": {kind: connectors.Transient, text: text("TikTok Shop không trả lời kịp: thử lại sau.", "TikTok Shop did not answer in time: try later.")},
	"12001000": {kind: connectors.Transient, text: text("TikTok Shop bị lỗi bên trong: thử lại sau.", "TikTok Shop failed inside: try later.")},
	"12052881": {kind: connectors.Transient, text: text("TikTok Shop bị lỗi bên trong: thử lại sau.", "TikTok Shop failed inside: try later.")},
	"33001002": {kind: connectors.Transient, text: text("TikTok Shop bị lỗi bên trong: thử lại sau.", "TikTok Shop failed inside: try later.")},
	"10006402": {kind: connectors.Transient, text: text("TikTok Shop không đọc được đơn hàng lúc này: thử lại sau.", "TikTok Shop cannot read orders now: try later.")},
	"10002014": {kind: connectors.Transient, text: text("TikTok Shop không đọc được đơn hàng lúc này: thử lại sau.", "TikTok Shop cannot read orders now: try later.")},
	"10002015": {kind: connectors.Transient, text: text("TikTok Shop không đọc được đơn hàng lúc này: thử lại sau.", "TikTok Shop cannot read orders now: try later.")},
	"10037002": {kind: connectors.Transient, text: text("TikTok Shop không đọc được đơn hàng lúc này: thử lại sau.", "TikTok Shop cannot read orders now: try later.")},
	"10037003": {kind: connectors.Transient, text: text("TikTok Shop không đọc được đơn hàng lúc này: thử lại sau.", "TikTok Shop cannot read orders now: try later.")},
	"10037004": {kind: connectors.Transient, text: text("TikTok Shop không đọc được đơn hàng lúc này: thử lại sau.", "TikTok Shop cannot read orders now: try later.")},

	// Mistakes of ours.
	"36009009": {kind: connectors.Fatal, text: text("TikTok Shop không có lệnh này: kiểm tra api_url.", "TikTok Shop has no such call: check api_url.")},
	"36009010": {kind: connectors.Fatal, text: text("Lệnh gọi sai cách: báo cho người phụ trách phần mềm.", "The call has the wrong method: tell whoever looks after this program.")},
	"36009014": {kind: connectors.Fatal, text: text("Phiên bản API không còn: cập nhật phần mềm.", "The version of the API is gone: update this program.")},
	"36009022": {kind: connectors.Fatal, text: text("Dạng dữ liệu gửi đi bị từ chối: báo cho người phụ trách phần mềm.", "The form of what was sent is refused: tell whoever looks after this program.")},
	"36009023": {kind: connectors.Fatal, text: text("Dạng tệp gửi đi bị từ chối: báo cho người phụ trách phần mềm.", "The form of the upload is refused: tell whoever looks after this program.")},
	"98001004": {kind: connectors.Validation, text: text(
		"TikTok Shop không nhận một giá trị: xem chi tiết và sửa sản phẩm.", "TikTok Shop refuses a value: see the details and correct the product.")},
	"11050001": {kind: connectors.Validation, text: text(
		"TikTok Shop không nhận một giá trị: xem chi tiết và sửa sản phẩm.", "TikTok Shop refuses a value: see the details and correct the product.")},
	"12052910": {kind: connectors.Validation, text: text(
		"TikTok Shop không nhận một giá trị: xem chi tiết và sửa sản phẩm.", "TikTok Shop refuses a value: see the details and correct the product.")},
	codeTooMany: {kind: connectors.Fatal, text: text(
		"Kết quả tìm kiếm quá 10.000 dòng: báo cho người phụ trách phần mềm.", "The search has more than 10,000 results: tell whoever looks after this program.")},
	"12019027": {kind: connectors.Fatal, text: text("Tìm quá nhiều mã SKU một lần: báo cho người phụ trách phần mềm.", "Too many SKUs in one search: tell whoever looks after this program.")},
	"12019087": {kind: connectors.Fatal, text: text("Tìm quá nhiều mã SKU một lần: báo cho người phụ trách phần mềm.", "Too many SKUs in one search: tell whoever looks after this program.")},
	"12019109": {kind: connectors.Fatal, text: text("Cỡ trang không hợp lệ: đặt page_size từ 1 đến 100.", "The page size is not valid: set page_size to 1 to 100.")},
	"12019118": {kind: connectors.Fatal, text: text("Khoảng thời gian tìm không hợp lệ: báo cho người phụ trách phần mềm.", "The search's time is not valid: tell whoever looks after this program.")},
	"12019119": {kind: connectors.Fatal, text: text("Khoảng thời gian tìm không hợp lệ: báo cho người phụ trách phần mềm.", "The search's time is not valid: tell whoever looks after this program.")},
	"12019120": {kind: connectors.Fatal, text: text("Quá nhiều sản phẩm trong một lệnh: báo cho người phụ trách phần mềm.", "Too many products in one call: tell whoever looks after this program.")},

	// Products that are not there, not ours, or not in the right state.
	"12052032": {kind: connectors.NotFound, text: text("Sản phẩm không còn trong cửa hàng.", "The product is not in the shop any more.")},
	"12019150": {kind: connectors.NotFound, text: text("Sản phẩm không còn trong cửa hàng.", "The product is not in the shop any more.")},
	"12052260": {kind: connectors.NotFound, text: text("Sản phẩm không còn trong cửa hàng.", "The product is not in the shop any more.")},
	"12052031": {kind: connectors.NotFound, text: text("Sản phẩm không còn trong cửa hàng.", "The product is not in the shop any more.")},
	"12052557": {kind: connectors.Clash, text: text(
		"Phân loại này không còn ở sản phẩm: phần mềm đọc lại sản phẩm.", "This SKU is not in the product any more: the product is read again.")},
	"12052048":  {kind: connectors.Fatal, text: text("Sản phẩm là của cửa hàng khác: kiểm tra cửa hàng đã kết nối.", "The product is another shop's: check which shop is connected.")},
	"12052034":  {kind: connectors.Fatal, text: text("Sản phẩm là của cửa hàng khác: kiểm tra cửa hàng đã kết nối.", "The product is another shop's: check which shop is connected.")},
	codeNotOurs: {kind: connectors.NotFound, text: text("Đơn hàng hoặc kiện hàng không có trong cửa hàng này.", "The order or package is not in this shop.")},
	codeStatus:  {kind: connectors.Clash, wait: statusFor, text: text("Trạng thái sản phẩm không cho làm việc này, có thể đang được xét duyệt: thử lại sau.", "The product's status does not allow this, perhaps it is being reviewed: try later.")},
	codePriceStatus: {kind: connectors.Clash, wait: statusFor, text: text(
		"Trạng thái sản phẩm không cho làm việc này, có thể đang được xét duyệt: thử lại sau.", "The product's status does not allow this, perhaps it is being reviewed: try later.")},
	"12052308": {kind: connectors.Clash, wait: statusFor, text: text("Sản phẩm đang được khiếu nại: chờ kết quả hoặc rút khiếu nại.", "The product is under appeal: wait for the decision or withdraw it.")},
	"12052332": {kind: connectors.Clash, wait: lockedFor, text: text("Cửa hàng đang được chuyển đổi: chờ xong rồi thử lại.", "The shop is being migrated: try when that is done.")},
	"12052488": {kind: connectors.Clash, text: text("Sản phẩm đã gửi duyệt nên không lưu nháp được nữa.", "The product was submitted and cannot be a draft any more.")},
	"12052996": {kind: connectors.Clash, field: "sku", text: text(
		"Sản phẩm này đã có trên TikTok Shop với mã khác: tìm và gộp, hoặc xóa bản cũ.", "This product is on TikTok Shop already under other SKUs: find and merge it, or delete the old one.")},
	"12052592": {kind: connectors.Clash, field: "gtin", text: text(
		"Mã vạch này đã có ở phân loại khác: sửa mã vạch ở một bên.", "Another SKU has this GTIN already: correct it on one side.")},

	// Category.
	"12052023": {kind: connectors.Validation, field: "category", text: text("Danh mục không tồn tại: chọn lại danh mục TikTok Shop.", "The category does not exist: map another category of TikTok Shop.")},
	"12052024": {kind: connectors.Validation, field: "category", text: text("Danh mục chưa phải cấp cuối: chọn danh mục con.", "The category is not a final one: choose one below it.")},
	"12052025": {kind: connectors.Validation, field: "category", text: text("Danh mục không hợp lệ: chọn lại danh mục TikTok Shop.", "The category is not valid: map another category of TikTok Shop.")},
	"12052220": {kind: connectors.Validation, field: "category", text: text("TikTok Shop cấm danh mục này: chọn danh mục khác.", "TikTok Shop prohibits this category: choose another one.")},
	"12052221": {kind: connectors.Validation, field: "category", text: text("Danh mục chỉ dành cho người bán được chọn: chọn danh mục khác.", "The category is for selected sellers only: choose another one.")},
	"12052223": {kind: connectors.Validation, field: "category", text: text("Danh mục bị hạn chế: xin phép trong Seller Center > Qualification Center.", "The category is restricted: apply in Seller Center > Qualification Center.")},
	"12052225": {kind: connectors.Validation, field: "category", text: text("Danh mục nằm ngoài ngành hàng chính của cửa hàng: chọn danh mục khác.", "The category is outside the shop's main category: choose another one.")},
	"12052226": {kind: connectors.Validation, field: "category", text: text("Danh mục bị hạn chế: xin phép trong Seller Center > Qualification Center.", "The category is restricted: apply in Seller Center > Qualification Center.")},
	"12052227": {kind: connectors.Validation, field: "category", text: text("Cửa hàng chưa được phép bán trong danh mục này: xin phép hoặc chọn danh mục khác.", "The shop may not sell in this category: apply for it or choose another one.")},
	"12052446": {kind: connectors.Validation, field: "category", text: text("Danh mục chưa mở ở Việt Nam: chọn danh mục khác.", "The category is not open in Vietnam: choose another one.")},
	"12052217": {kind: connectors.Fatal, field: "category", text: text("Cửa hàng dùng cây danh mục khác: đổi category_version.", "The shop uses the other category tree: change category_version.")},
	"12052230": {kind: connectors.Fatal, field: "category", text: text("Danh mục không thuộc cây danh mục này: đổi category_version hoặc chọn lại danh mục.", "The category is not of this tree: change category_version or map the category again.")},
	"12052222": {kind: connectors.Validation, field: "category", text: text("Danh mục không cho trả tiền khi nhận hàng: đặt cod: off.", "The category does not allow cash on delivery: set cod: off.")},
	"12052105": {kind: connectors.Validation, field: "category", text: text("Danh mục cần giấy chứng nhận: thêm giấy trong Seller Center.", "The category needs a certificate: add it in Seller Center.")},

	// Brand and attributes.
	"12052026": {kind: connectors.Validation, field: "brand", text: text("Thương hiệu không tồn tại: sửa mục brands.", "The brand does not exist: correct brands.")},
	"12052201": {kind: connectors.Validation, field: "brand", text: text("Chưa được phép bán thương hiệu này: xin phép hoặc bỏ thương hiệu.", "The shop may not sell this brand: apply for it or drop the brand.")},
	"12052208": {kind: connectors.Validation, field: "brand", text: text("Cần giấy ủy quyền thương hiệu: xin phép hoặc bỏ thương hiệu.", "A brand authorization is needed: apply for it or drop the brand.")},
	"12052104": {kind: connectors.Validation, field: "attributes", text: text("Thiếu thuộc tính bắt buộc: điền thuộc tính, hoặc đặt giá trị chung trong mục attributes.", "A required attribute is missing: fill it in, or set a common value in attributes.")},
	"12052240": {kind: connectors.Validation, field: "attributes", text: text("Danh mục không có thuộc tính này: bỏ thuộc tính.", "The category has no such attribute: drop it.")},
	"12052247": {kind: connectors.Validation, field: "attributes", text: text("Thuộc tính chỉ nhận giá trị có sẵn: chọn một giá trị của TikTok Shop.", "The attribute takes known values only: choose one of TikTok Shop's.")},
	"12052529": {kind: connectors.Validation, field: "attributes", text: text("Giá trị thuộc tính không còn: đăng lại để chọn giá trị mới.", "The attribute's value is gone: publish again to choose anew.")},
	"12052242": {kind: connectors.Validation, field: "options", text: text("Tên phân loại quá dài (tối đa 20 ký tự): rút ngắn.", "An option's name is too long (20 characters at most): shorten it.")},
	"12052249": {kind: connectors.Validation, field: "options", text: text("Giá trị phân loại quá dài (tối đa 50 ký tự): rút ngắn.", "An option's value is too long (50 characters at most): shorten it.")},
	"12052525": {kind: connectors.Validation, field: "options", text: text("TikTok Shop chỉ nhận ba phân loại: bớt phân loại.", "TikTok Shop takes three options at most: use fewer.")},
	"12052550": {kind: connectors.Validation, field: "options", text: text("Một phân loại thiếu giá trị: điền đủ cho mọi phân loại.", "A variant lacks a value of an option: fill in all.")},
	"12052560": {kind: connectors.Validation, field: "options", text: text("Hai phân loại có cùng giá trị: sửa một bên.", "Two variants have the same values: correct one.")},

	// Texts.
	"12052261": {kind: connectors.Validation, field: "title", text: text("Sản phẩm chưa có tên.", "The product has no title.")},
	"12052051": {kind: connectors.Validation, field: "title", text: text("Tên phải dài 25 đến 255 ký tự: sửa tên.", "The title must have 25 to 255 characters: change it.")},
	"12052262": {kind: connectors.Validation, field: "title", text: text("Tên có chữ Hán: bỏ chữ Hán.", "The title has Chinese characters: remove them.")},
	"12052263": {kind: connectors.Validation, field: "title", text: text("Phần đầu của tên bị cấm: sửa tên.", "The title begins with something prohibited: change it.")},
	"12052931": {kind: connectors.Validation, field: "title", text: text("Tên có biểu tượng cảm xúc, mã HTML hoặc ký tự lặp: sửa tên.", "The title has emojis, HTML codes or repeated characters: change it.")},
	"12052015": {kind: connectors.Validation, field: "description", text: text("Sản phẩm chưa có mô tả.", "The product has no description.")},
	"12052013": {kind: connectors.Validation, field: "description", text: text("Mô tả quá dài (tối đa 10.000 ký tự): rút ngắn.", "The description is too long (10,000 characters at most): shorten it.")},
	"12052932": {kind: connectors.Validation, field: "description", text: text("Mô tả có biểu tượng cảm xúc, mã HTML hoặc ký tự lặp: sửa mô tả.", "The description has emojis, HTML codes or repeated characters: change it.")},
	"12052346": {kind: connectors.Validation, field: "description", text: text("Mô tả có chữ Hán: bỏ chữ Hán.", "The description has Chinese characters: remove them.")},
	"12052990": {kind: connectors.Validation, text: text("Sản phẩm không qua được kiểm tra của TikTok Shop: xem chi tiết và sửa.", "The product failed TikTok Shop's check: see the details and correct it.")},

	// Pictures.
	"12052028":   {kind: connectors.Validation, field: "images", text: text("Sản phẩm cần ít nhất một ảnh.", "The product needs a picture.")},
	codeNoImage:  {kind: connectors.Validation, field: "images", text: text("TikTok Shop không còn giữ một ảnh: đăng lại để tải ảnh lên lần nữa.", "TikTok Shop does not have a picture any more: publish again to upload it anew.")},
	codeNoImage2: {kind: connectors.Validation, field: "images", text: text("TikTok Shop không còn giữ một ảnh: đăng lại để tải ảnh lên lần nữa.", "TikTok Shop does not have a picture any more: publish again to upload it anew.")},
	"12052301":   {kind: connectors.Validation, field: "images", text: text("Ảnh quá nhỏ (cần từ 300 x 300): dùng ảnh lớn hơn.", "A picture is too small (300 x 300 at least): use a larger one.")},
	"12052302":   {kind: connectors.Validation, field: "images", text: text("Ảnh quá lớn (tối đa 10 MB): dùng ảnh nhỏ hơn.", "A picture is too large (10 MB at most): use a smaller one.")},
	"12052304":   {kind: connectors.Validation, field: "images", text: text("Ảnh sai định dạng: dùng JPG, PNG hoặc WebP.", "A picture has the wrong format: use JPG, PNG or WebP.")},
	"12052305":   {kind: connectors.Validation, field: "images", text: text("Ảnh quá dẹt: dùng ảnh gần vuông (3:4 đến 4:3).", "A picture is too narrow: use a nearly square one (3:4 to 4:3).")},
	"12052306":   {kind: connectors.Validation, field: "images", text: text("Quá chín ảnh: bớt ảnh.", "More than nine pictures: use fewer.")},
	"12038002":   {kind: connectors.Validation, field: "images", text: text("Ảnh hỏng: dùng ảnh khác.", "The picture is broken: use another one.")},
	"12038004":   {kind: connectors.Validation, field: "images", text: text("Ảnh không đọc được: dùng JPG, PNG hoặc WebP.", "The picture cannot be read: use JPG, PNG or WebP.")},
	"12038005":   {kind: connectors.Validation, field: "images", text: text("Ảnh quá lớn (tối đa 10 MB): dùng ảnh nhỏ hơn.", "The picture is too large (10 MB at most): use a smaller one.")},
	"12038014":   {kind: connectors.Validation, field: "images", text: text("Cỡ ảnh phải từ 300 x 300 đến 4000 x 4000: dùng ảnh khác.", "The picture must have 300 x 300 to 4000 x 4000 pixels: use another one.")},
	"12038015":   {kind: connectors.Validation, field: "images", text: text("Ảnh sai định dạng: dùng JPG, PNG hoặc WebP.", "The picture has the wrong format: use JPG, PNG or WebP.")},
	"12019116":   {kind: connectors.Validation, field: "images", text: text("Cỡ ảnh phải từ 300 x 300 đến 4000 x 4000: dùng ảnh khác.", "The picture must have 300 x 300 to 4000 x 4000 pixels: use another one.")},
	"36009021":   {kind: connectors.Validation, field: "images", text: text("Tệp quá lớn: dùng ảnh nhỏ hơn.", "The file is too large: use a smaller picture.")},

	// SKUs, stock, price.
	"12052050": {kind: connectors.Validation, field: "variants", text: text("Quá 100 phân loại: tách thành nhiều sản phẩm.", "More than 100 variants: split the product.")},
	"12052558": {kind: connectors.Validation, field: "variants", text: text("Quá nhiều phân loại: tách thành nhiều sản phẩm.", "Too many variants: split the product.")},
	"12052054": {kind: connectors.Validation, field: "sku", text: text("Mã SKU quá dài (tối đa 50 ký tự): rút ngắn.", "A SKU is too long (50 characters at most): shorten it.")},
	"12019059": {kind: connectors.Validation, field: "sku", text: text("Mã SKU không hợp lệ hoặc bị lặp: sửa mã.", "A SKU is not valid or comes twice: correct it.")},
	"12052553": {kind: connectors.Validation, field: "sku", text: text("Mã SKU bị lặp: sửa mã.", "A SKU comes twice: correct it.")},
	"12052591": {kind: connectors.Validation, field: "gtin", text: text("Mã vạch sai số chữ số: sửa mã vạch hoặc đặt send_gtin: false.", "A GTIN has the wrong number of digits: correct it or set send_gtin: false.")},
	"12052593": {kind: connectors.Validation, field: "gtin", text: text("Không sửa được mã vạch sau khi gửi duyệt.", "A GTIN cannot be changed once it was submitted.")},
	codeQuantity: {kind: connectors.Validation, field: "quantity", text: text(
		"Số lượng ngoài mức cho phép (tối đa 99.999).", "The quantity is outside of what is allowed (99,999 at most).")},
	codeStockCount: {kind: connectors.Validation, field: "quantity", text: text("Số lượng không hợp lệ.", "The quantity is not valid.")},
	"12052097":     {kind: connectors.Fatal, field: "quantity", text: text("Kho không tồn tại: sửa warehouse_id.", "The warehouse does not exist: correct warehouse_id.")},
	"12052530":     {kind: connectors.Fatal, field: "quantity", text: text("Kho là của cửa hàng khác: sửa warehouse_id.", "The warehouse is another shop's: correct warehouse_id.")},
	"12052531":     {kind: connectors.Fatal, field: "quantity", text: text("Kho đã bị tắt: bật kho trong Seller Center.", "The warehouse is disabled: enable it in Seller Center.")},
	"12052532":     {kind: connectors.Fatal, field: "quantity", text: text("Kho này không giao hàng: sửa warehouse_id.", "This warehouse does not deliver: correct warehouse_id.")},
	"12052115":     {kind: connectors.Fatal, field: "quantity", text: text("Cửa hàng chưa có kho: tạo kho trong Seller Center.", "The shop has no warehouse: make one in Seller Center.")},
	"12052535":     {kind: connectors.Fatal, field: "quantity", text: text("Cửa hàng chưa có kho nhận hàng trả: thêm trong Seller Center.", "The shop has no warehouse for returns: add one in Seller Center.")},
	"12019022":     {kind: connectors.Validation, field: "quantity", text: text("Phân loại chưa gắn với kho: mở sản phẩm trong Seller Center và chọn kho.", "A variant has no warehouse: open the product in Seller Center and choose one.")},
	"12019028":     {kind: connectors.Validation, field: "quantity", text: text("Phân loại nằm ở nhiều kho: để lại một kho trong Seller Center.", "A variant is in several warehouses: leave it in one in Seller Center.")},
	"12052516":     {kind: connectors.Validation, field: "quantity", text: text("Số lượng hoặc kho không hợp lệ: xem chi tiết.", "Quantity or warehouse is not valid: see the details.")},
	"12052037":     {kind: connectors.Validation, field: "quantity", text: text("Không cập nhật được số lượng: xem chi tiết.", "The quantity could not be updated: see the details.")},
	"12052533":     {kind: connectors.Validation, field: "quantity", text: text("Không được đổi kho của phân loại: sửa warehouse_id thành kho cũ.", "A variant's warehouse may not change: set warehouse_id to the old one.")},
	"12052921":     {kind: connectors.Validation, field: "quantity", text: text("Số lượng do cửa hàng khác quản lý: sửa ở đó.", "The quantity is managed by another shop: change it there.")},
	"12052393":     {kind: connectors.Clash, field: "quantity", wait: lockedFor, text: text("Sản phẩm đang khuyến mãi nên không giảm được số lượng: chờ hết khuyến mãi.", "The product is in a promotion, so its stock cannot be lowered: wait for the end.")},
	codePriceLocked: {kind: connectors.Clash, field: "price", wait: lockedFor, text: text(
		"Sản phẩm đang khuyến mãi nên không đổi được giá: chờ hết khuyến mãi.", "The product is in a promotion, so its price cannot be changed: wait for the end.")},
	codePriceLocked2: {kind: connectors.Clash, field: "price", wait: lockedFor, text: text(
		"Giá đang bị khóa vì khuyến mãi: chờ hết khuyến mãi.", "The price is locked by a promotion: wait for the end.")},
	"12052012": {kind: connectors.Validation, field: "price", text: text("Giá sai dạng: dùng số nguyên đồng.", "The price has the wrong form: use whole dong.")},
	"12052073": {kind: connectors.Validation, field: "price", text: text("Giá không hợp lệ: sửa giá.", "The price is not valid: change it.")},
	"12052570": {kind: connectors.Validation, field: "price", text: text("Giá ngoài mức cho phép: sửa giá.", "The price is outside of what is allowed: change it.")},
	"12052571": {kind: connectors.Validation, field: "price", text: text("Một phân loại chưa có giá.", "A variant has no price.")},
	"12052084": {kind: connectors.Fatal, field: "price", text: text("Cửa hàng không bán bằng loại tiền này: kiểm tra cửa hàng đã kết nối.", "The shop does not sell in this currency: check which shop is connected.")},
	"12052006": {kind: connectors.Validation, field: "weight", text: text("Cân nặng sai dạng: sửa cân nặng.", "The weight has the wrong form: correct it.")},
	"12052181": {kind: connectors.Validation, field: "weight", text: text("Cân nặng không được bằng không: điền cân nặng đóng gói.", "The weight must not be zero: fill in the packed weight.")},
	"12052093": {kind: connectors.Clash, wait: quotaFor, text: text("Cửa hàng đã đăng hết số sản phẩm được phép: chờ hoặc xin tăng hạn mức.", "The shop has used up its listings: wait or ask for more.")},
	"12019215": {kind: connectors.Fatal, text: text("Tiền ký quỹ không đủ: nạp thêm trong Seller Center.", "The deposit does not suffice: pay in Seller Center.")},
	"12052419": {kind: connectors.Fatal, text: text("Cửa hàng còn việc phải làm trước khi đăng bán: xem Seller Center.", "The shop has tasks to finish before it may list: see Seller Center.")},
}
