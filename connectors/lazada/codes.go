package lazada

import (
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// entry is what a code of the platform means to us and to a person.
type entry struct {
	codes string // separated by blanks
	kind  connectors.Kind
	// lost marks failures that may come after the work was done.
	lost  bool
	wait  time.Duration // before another try
	field string        // of the issue
	cause catalog.Text  // what happened
	todo  catalog.Text  // what to do
}

func both(vi, en string) catalog.Text { return catalog.Text{VI: vi, EN: en} }

var (
	tryLater  = both("Hệ thống tự thử lại sau.", "It is tried again later.")
	reconnect = both("Kết nối lại gian hàng: chophien channels connect.", "Connect the shop again: chophien channels connect.")
	tellUs    = both("Báo cho người phụ trách phần mềm kèm mã lỗi.", "Tell whoever looks after this program, with the code.")
	inSeller  = both("Mở sản phẩm trong Lazada Seller Center để xem và xử lý.", "Open the product in Lazada's Seller Center and settle it there.")
)

// entries is the table of codes: from the API reference and guides, and from
// what other clients met (read 2026-11). Codes that the reference only counts
// among bad input have one text together.
var entries = []entry{
	{codes: "IllegalAccessToken InvalidAccessToken", kind: connectors.Auth,
		cause: both("Quyền truy cập đã hết hạn hoặc thuộc ứng dụng khác.", "The access token has expired or belongs to another app."), todo: reconnect},
	{codes: "IllegalRefreshToken", kind: connectors.Auth,
		cause: both("Quyền truy cập không gia hạn được nữa.", "The authorization cannot be renewed any more."), todo: reconnect},
	{codes: "InvalidCode", kind: connectors.Auth,
		cause: both("Mã xác nhận đã dùng rồi hoặc quá 30 phút.", "The code was used already or is older than 30 minutes."), todo: reconnect},
	{codes: "AUTH_TYPE_UNSUPPORTED", kind: connectors.Auth,
		cause: both("Loại ứng dụng này không được gia hạn quyền.", "Apps of this class may not renew tokens."), todo: reconnect},
	{codes: "IncompleteSignature", kind: connectors.Auth,
		cause: both("Chữ ký không đúng.", "The signature is wrong."), todo: both("Kiểm tra app_secret.", "Check app_secret.")},
	{codes: "InvalidAppKey APP_KEY_INVALID", kind: connectors.Auth,
		cause: both("Lazada không biết app_key này.", "Lazada does not know this app_key."), todo: both("Kiểm tra app_key.", "Check app_key.")},
	{codes: "IllegalTimestamp InvalidTimestamp", kind: connectors.Fatal,
		cause: both("Giờ của máy lệch quá hai tiếng.", "The clock of this machine is off by more than two hours."), todo: both("Chỉnh đồng hồ của máy chủ.", "Set the server's clock.")},
	{codes: "MissingParameter InvalidApiPath UnsupportedMethod", kind: connectors.Fatal,
		cause: both("Yêu cầu gửi đi thiếu hoặc sai.", "What was sent is incomplete or wrong."), todo: tellUs},
	{codes: "InsufficientPermission IllegalIP", kind: connectors.Fatal,
		cause: both("Ứng dụng không được phép gọi chức năng này.", "The app may not call this."), todo: both("Xin cấp quyền trong trang quản lý ứng dụng của Lazada.", "Ask for the permission in Lazada's app console.")},

	{codes: "ApiCallLimit SellerCallLimit 901 4154 IopSystemFlowlimit ServiceCurrentlimit 1002", kind: connectors.RateLimited, wait: time.Second,
		cause: both("Gọi Lazada quá nhanh.", "Too many calls to Lazada."), todo: both("Hệ thống tự chờ; nếu lặp lại, giảm per_second.", "It waits by itself; if this comes again, lower per_second.")},
	{codes: "AppCallLimit", kind: connectors.RateLimited, wait: 10 * time.Minute,
		cause: both("Ứng dụng đã dùng hết số lần gọi trong ngày.", "The app has used up its calls of the day."), todo: both("Chờ sang ngày, hoặc xin nâng ứng dụng lên trạng thái Online.", "Wait for tomorrow, or have the app set to status Online.")},
	{codes: "998", kind: connectors.RateLimited, wait: 3 * time.Hour,
		cause: both("Lazada tạm khóa chức năng này trong đợt khuyến mãi lớn.", "Lazada has switched this off during a mega campaign."), todo: tryLater},

	{codes: "ServiceTimeout 6 506 513 1000 4159 ISP.REMOTE_SERVICE_ERROR ServiceUnavailable", kind: connectors.Transient, lost: true,
		cause: both("Lazada không trả lời kịp.", "Lazada did not answer in time."), todo: tryLater},
	{codes: "4135", kind: connectors.Transient, lost: true, field: "sku",
		cause: both("Lazada đang xử lý mã SKU này.", "Lazada is still working on this SKU."), todo: tryLater},
	{codes: "40011 700024 4147", kind: connectors.Transient, wait: 2 * time.Second,
		cause: both("Lazada đang xử lý việc khác với sản phẩm hoặc đơn này.", "Lazada is busy with this product or order."), todo: tryLater},
	{codes: "E0006", kind: connectors.Transient, lost: true,
		cause: both("Lazada bị lỗi khi ẩn sản phẩm.", "Lazada failed while it took the product off sale."), todo: tryLater},

	{codes: "500 501 503", kind: connectors.Validation,
		cause: both("Lazada từ chối sản phẩm.", "Lazada refused the product."), todo: both("Xem chi tiết và sửa sản phẩm.", "See the details and correct the product.")},
	{codes: "30 1001 4132 4216 4193 17 19 14 5 4 36 38 56 70 74 75 204 4171 700004 700017 700018 700019 700022", kind: connectors.Fatal,
		cause: both("Yêu cầu gửi đi không đúng dạng.", "What was sent does not have the right form."), todo: tellUs},
	{codes: "57 201 4227 4228", kind: connectors.Validation, field: "category",
		cause: both("Danh mục này không còn ở Lazada.", "Lazada does not have this category any more."), todo: both("Chọn lại danh mục cho kênh.", "Choose another category for the channel.")},
	{codes: "4163 BIZ_CHECK_RESTRICTED_CATEGORY", kind: connectors.Validation, field: "category",
		cause: both("Gian hàng không được bán trong danh mục này.", "The shop may not sell in this category."), todo: both("Xin cấp quyền trong Seller Center, hoặc chọn danh mục khác.", "Ask for permission in Seller Center, or choose another category.")},
	{codes: "4134", kind: connectors.Validation, field: "category",
		cause: both("Danh mục này còn danh mục con.", "The category has others below it."), todo: both("Chọn danh mục con cuối cùng.", "Choose one without others below it.")},
	{codes: "300 301 302 303 304", kind: connectors.Validation, field: "images",
		cause: both("Lazada không nhận ảnh.", "Lazada does not take the picture."), todo: both("Dùng ảnh JPG hoặc PNG từ 330 đến 5000 điểm, dưới 1 MB.", "Use a JPG or PNG of 330 to 5000 pixels below 1 MB.")},
	{codes: "4139 BIZ_CHECK_MAIN_IMAGE_REQUIRE", kind: connectors.Validation, field: "images",
		cause: both("Sản phẩm chưa có ảnh.", "The product has no picture."), todo: both("Thêm ít nhất một ảnh.", "Add one at least.")},
	{codes: "4116 4158 BIZ_CHECK_MAIN_IMAGE_DUPLICATE", kind: connectors.Validation, field: "images",
		cause: both("Có ảnh bị lặp.", "A picture comes twice."), todo: both("Bỏ ảnh lặp.", "Remove one of the two.")},
	{codes: "4138 BIZ_CHECK_EXIST_OUTER_IMAGE", kind: connectors.Validation, field: "images",
		cause: both("Ảnh không còn trong kho ảnh của Lazada.", "The picture is not in Lazada's storage."), todo: both("Đăng lại để tải ảnh lên lần nữa.", "Publish again to upload it anew.")},
	{codes: "203 4169 CHK_IMAGE_MAX_ITEMS", kind: connectors.Validation, field: "images",
		cause: both("Có quá 8 ảnh.", "There are more than 8 pictures."), todo: both("Bỏ bớt ảnh.", "Remove some.")},
	{codes: "4146 BIZ_CHECK_SALEPROP_NOT_SUPPORT_THUMBNAIL", kind: connectors.Validation, field: "images",
		cause: both("Cách phân loại này không nhận ảnh riêng cho từng loại.", "This option takes no pictures of single variants."), todo: both("Bỏ ảnh của các phân loại.", "Remove the variants' pictures.")},
	{codes: "4153", kind: connectors.Validation, field: "images",
		cause: both("Chỉ vài phân loại có ảnh.", "Only some of the variants have pictures."), todo: both("Cho mỗi phân loại một ảnh, hoặc không phân loại nào.", "Give each variant a picture, or none.")},
	{codes: "4104 4121 BIZ_CHECK_PRICE_PRECISION_INVALID BIZ_CHECK_SPECIAL_PRICE_PRECISION_INVALID", kind: connectors.Validation, field: "price",
		cause: both("Giá có quá nhiều số lẻ.", "The price has too many decimals."), todo: both("Sửa giá.", "Correct the price.")},
	{codes: "4114 4118 BIZ_CHECK_PRICE_IS_ZERO BIZ_CHECK_PRICE_SAMPLE_NON_ZERO", kind: connectors.Validation, field: "price",
		cause: both("Giá bằng không.", "The price is zero."), todo: both("Nhập giá lớn hơn không.", "Enter a price above zero.")},
	{codes: "4117 BIZ_CHECK_SPECIAL_PRICE_FROM_DATE_AFTER_TO_DATE", kind: connectors.Validation, field: "price",
		cause: both("Khuyến mãi kết thúc trước khi bắt đầu.", "The sale ends before it begins."), todo: both("Kiểm tra sale_days và đồng hồ của máy chủ.", "Check sale_days and the server's clock.")},
	{codes: "4119 BIZ_CHECK_SPECIAL_PRICE_RATE_OUT_OF_RANGE", kind: connectors.Validation, field: "price",
		cause: both("Mức giảm giá ngoài giới hạn của Lazada.", "The discount is outside of what Lazada allows."), todo: both("Giảm ít hơn hoặc bỏ giá khuyến mãi.", "Lower the discount or remove the sale price.")},
	{codes: "4157 BIZ_CHECK_SPECIAL_PRICE_GREATER_THAN_PRICE", kind: connectors.Validation, field: "price",
		cause: both("Giá khuyến mãi không thấp hơn giá bán.", "The sale price is not below the price."), todo: both("Sửa một trong hai giá.", "Correct one of the two.")},
	{codes: "4129 BIZ_CHECK_PROP_SPECIAL_CHAR", kind: connectors.Validation, field: "title",
		cause: both(`Văn bản có ký tự không được phép (" ^ ~ < > |).`, `A text has characters that are not allowed (" ^ ~ < > |).`), todo: both("Bỏ các ký tự đó.", "Remove them.")},
	{codes: "4160", kind: connectors.Validation, field: "title",
		cause: both("Tên quá dài.", "The name is too long."), todo: both("Rút ngắn còn dưới 255 byte.", "Shorten it to less than 255 bytes.")},
	{codes: "4149 BIZ_CHECK_PACKAGE_DECIMAL_INVALID", kind: connectors.Validation, field: "weight",
		cause: both("Số đo kiện hàng sai.", "A measure of the parcel is wrong."), todo: both("Ghi số đo lớn hơn 0, tối đa hai số lẻ.", "Use a number above zero with two decimals at most.")},
	{codes: "4164 4165 BIZ_CHECK_MAX_PACKAGE_WEIGHT BIZ_CHECK_MAX_PACKAGE_DIMENISIONS", kind: connectors.Validation, field: "weight",
		cause: both("Kiện hàng quá 40 kg hoặc tổng ba chiều quá 300 cm.", "The parcel is over 40 kg, or its three sides together over 300 cm."), todo: both("Sửa số đo, hoặc chia nhỏ hàng.", "Correct the measures, or split the goods.")},
	{codes: "209 4133", kind: connectors.Validation, field: "options",
		cause: both("Cách phân loại không hợp lệ: hơn hai cách, hoặc quá nhiều loại.", "The options are not valid: more than two, or too many variants."), todo: both("Gộp lại còn hai cách, tối đa 50 loại.", "Merge them into two with 50 variants at most.")},
	{codes: "4109 4113 4143 4144 4145 4161 CHK_SKU_PROPS_NOT_MATCH_SALE_PROP CHK_SKU_PROPS_NOT_IDENTICAL BIZ_CHECK_SALEPROP_ATTRIBUTE_INVALID BIZ_CHECK_SKU_NOT_CONTAIN_SALEPROP VARIATION_CATEGORY_ATTRIBUTE_INVALID", kind: connectors.Validation, field: "options",
		cause: both("Phân loại của các mã hàng không khớp với sản phẩm trên Lazada.", "The variants' options do not fit those of the product on Lazada."), todo: both("Mở sản phẩm trong Seller Center và so lại các phân loại; nếu cần, xóa ở đó rồi đăng lại.", "Compare the variants in Seller Center; if needed, delete the product there and publish again.")},
	{codes: "4112 CHK_SKU_PROPS_DUPLICATE", kind: connectors.Validation, field: "options",
		cause: both("Hai mã hàng có cùng phân loại.", "Two variants have the same option values."), todo: both("Sửa một trong hai.", "Correct one of the two.")},
	{codes: "1 4108 4110 4125 4167 BIZ_CHECK_CAT_PROP_MANDATORY CHK_BASIC_REQUIRED", kind: connectors.Validation, field: "attributes",
		cause: both("Thiếu một thuộc tính mà danh mục bắt buộc.", "An attribute that the category requires is missing."), todo: both("Thêm thuộc tính đó cho sản phẩm, hoặc đặt trong attributes của kênh.", "Give the product that attribute, or set it in the channel's attributes.")},
	{codes: "4115 4140 10002 CHK_CATPROP_CPV_NOT_ENUM CHK_ENUM_PROP_VALUE_NOT_IN_OPTION", kind: connectors.Validation, field: "attributes",
		cause: both("Một thuộc tính có giá trị không nằm trong danh sách của Lazada.", "An attribute has a value that is not on Lazada's list."), todo: both("Chọn một giá trị trong danh sách.", "Choose one from the list.")},
	{codes: "4106 4107 4111 4120 CHK_CATPROP_CPV_INPUT_SIZE_LIMIT CHECK_CAT_PROP_INVALID_NUMBER CHK_CATPROP_CPV_TEXT_REPEAT CHK_CATPROP_CPV_MAX_LEGNTH", kind: connectors.Validation, field: "attributes",
		cause: both("Một thuộc tính có giá trị sai: không phải số, quá dài, bị lặp hoặc quá nhiều.", "An attribute has a wrong value: no number, too long, repeated or too many."), todo: both("Xem chi tiết và sửa thuộc tính.", "See the details and correct the attribute.")},
	{codes: "4130 4142 4168 THD_BRAND_ID_IS_NOT_VALID_IN_CATEGORY BIZ_CHECK_OFFICIAL_STORE_BRAND_UNAUTHORIZED BIZ_CHECK_BRAND_PERMISSION_TIER_TWO", kind: connectors.Validation, field: "brand",
		cause: both("Gian hàng không được dùng thương hiệu này trong danh mục.", "The shop may not use this brand in the category."), todo: both("Xin dùng thương hiệu trong Seller Center, hoặc đặt brands hay default_brand.", "Ask for the brand in Seller Center, or set brands or default_brand.")},
	{codes: "4156", kind: connectors.Validation, field: "brand",
		cause: both("LazMall không nhận sản phẩm No Brand.", "LazMall takes no products without a brand."), todo: both("Khai báo thương hiệu trong brands hoặc default_brand.", "Set brands or default_brand.")},
	{codes: "4150 SELLER_SKU_INVALID", kind: connectors.Validation, field: "sku",
		cause: both("Lazada không nhận mã SKU này.", "Lazada does not take this SKU."), todo: both("Đổi mã SKU.", "Change it.")},
	{codes: "212 4152 INV_NEGATIVE_SELLABLE THD_INVENTORY_ERR_INV_PARAM_ILLEGAL", kind: connectors.Validation, field: "stock",
		cause: both("Số lượng thấp hơn số đang giữ cho đơn, hoặc là số âm.", "The stock is below what orders hold, or negative."), todo: both("Kiểm tra số lượng và các đơn đang chờ.", "Check the stock and the open orders.")},
	{codes: "4166", kind: connectors.Clash, field: "gtin",
		cause: both("Mã vạch đã có ở sản phẩm khác.", "Another product has this GTIN."), todo: both("Sửa mã vạch ở một bên.", "Correct it on one side.")},

	{codes: "16 37 39 700021 700025", kind: connectors.NotFound,
		cause: both("Đơn hàng không có ở gian hàng này.", "The order is not in this shop."), todo: both("Kiểm tra mã đơn.", "Check the order's number.")},
	{codes: "600001", kind: connectors.NotFound,
		cause: both("Kiện hàng không còn.", "The parcel is not there any more."), todo: both("Xem lại đơn trong Seller Center.", "Look at the order in Seller Center.")},
	{codes: "207 208 4136 4137 E0002 E0003 EDIT_ITEM_NOT_BELONG_SELLER", kind: connectors.NotFound,
		cause: both("Sản phẩm không còn trên gian hàng.", "The product is not in the shop any more."), todo: both("Đăng lại nếu vẫn muốn bán.", "Publish it again if it is still to be sold.")},
	{codes: "4105 4126 4127 4141 BIZ_CHECK_SELLER_SKU_DUPLICATE INFRA_PRODUCT_036 THD_IC_F_IC_SCENE_PUBLISH_012", kind: connectors.Clash, field: "sku",
		cause: both("Mã SKU này đã có trong gian hàng.", "The shop has this SKU already."), todo: both("Hệ thống sẽ tìm và nhận sản phẩm đó; nếu không được, xóa hoặc đổi mã ở một bên.", "It is looked up and taken over; if that fails, change or remove it on one side.")},

	{codes: "4225 10006", kind: connectors.Validation,
		cause: both("Lazada đang quản lý sản phẩm này thay gian hàng.", "Lazada manages this product for the shop."), todo: inSeller},
	{codes: "4128 4155 4162 4218 BIZ_CHECK_NO_EDIT_ITEM_LOCK THD_IC_F_IC_DOMAIN_ACTOR_006", kind: connectors.Validation,
		cause: both("Lazada đang khóa sản phẩm.", "Lazada has locked the product."), todo: inSeller},
	{codes: "4170 ABILITY_PG", kind: connectors.Validation, field: "stock",
		cause: both("Sản phẩm đang trong chương trình khuyến mãi của Lazada nên không sửa được như vậy.", "The product is in a campaign of Lazada, which does not allow this change."), todo: both("Chờ hết chương trình, hoặc rút sản phẩm khỏi chương trình.", "Wait for its end, or take the product out of the campaign.")},
	{codes: "4131 BIZ_CHECK_CAT_PROP_SENSITIVE_WORDS", kind: connectors.Validation, field: "description",
		cause: both("Tên hoặc mô tả có từ Lazada cấm.", "The title or description has words that Lazada forbids."), todo: both("Bỏ các từ đó, ví dụ lời hứa chữa bệnh hoặc tên thương hiệu khác.", "Remove them, for example promises of healing or other brands' names.")},
	{codes: "512 4123 4124 4151 4221 BIZ_CHECK_MANGROVE_RULE BIZ_CHECK_MANGROVE_RULE_QC BIZ_CHECK_MTEE_RULE_QC BIZ_CHECK_MTEE_RISK_RULE", kind: connectors.Validation,
		cause: both("Sản phẩm trái quy định của Lazada.", "The product breaks a rule of Lazada."), todo: inSeller},
	{codes: "4148 BIZ_CHECK_ITEM_HAS_REACH_LIMIT LISTING_LIMIT_ERROR", kind: connectors.Validation,
		cause: both("Gian hàng đã đăng đủ số sản phẩm cho phép.", "The shop has as many products as it may."), todo: both("Xóa sản phẩm cũ hoặc xin Lazada nâng hạn mức.", "Remove old products or ask Lazada for a higher limit.")},
	{codes: "Mp3SellerApiLimit", kind: connectors.Fatal,
		cause: both("Lazada vận hành gian hàng này nên không cho gọi chức năng.", "Lazada runs this shop and does not let the app call this."), todo: both("Hỏi Lazada về loại gian hàng.", "Ask Lazada about the kind of shop.")},
	{codes: "SellerNotActive SellerNotVerified", kind: connectors.Fatal,
		cause: both("Gian hàng chưa hoạt động hoặc chưa xác minh.", "The shop is not active or not verified."), todo: both("Hoàn tất đăng ký trong Lazada Seller Center.", "Complete the registration in Lazada's Seller Center.")},

	{codes: "1003", kind: connectors.Transient, wait: time.Minute,
		cause: both("Lazada chưa chọn được đơn vị vận chuyển.", "Lazada has not found a carrier yet."), todo: tryLater},
	{codes: "700000 700009 700013 700026 700027 700028 700029 700031 700032 700033 700040 600002", kind: connectors.Clash,
		cause: both("Trạng thái của đơn không cho phép việc này.", "The state of the order does not allow this."), todo: both("Đọc lại đơn và xem trong Seller Center.", "Read the order again and look at it in Seller Center.")},
	{codes: "102 104 105 106 115 116 117 118 122 123 124 131", kind: connectors.Validation,
		cause: both("Không hủy được đơn này.", "The order cannot be canceled."), todo: both("Xem đơn trong Seller Center.", "Look at the order in Seller Center.")},
}

// codes is entries by code.
var codes = func() map[string]entry {
	all := map[string]entry{}
	for _, e := range entries {
		for code := range strings.FieldsSeq(e.codes) {
			all[code] = e
		}
	}
	return all
}()

// families are codes that come with something before and after them.
var families = []string{"INFRA_PRODUCT_036", "ABILITY_PG", "LISTING_LIMIT_ERROR", "BIZ_CHECK_MTEE_RISK_RULE"}

// lookup finds what a code means.
func lookup(code string) (entry, bool) {
	if e, ok := codes[code]; ok {
		return e, true
	}
	for _, part := range families {
		if strings.Contains(code, part) {
			return codes[part], true
		}
	}
	return entry{}, false
}
