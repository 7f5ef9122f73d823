package shopee

import (
	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

func known(kind connectors.Kind, field, vi, en string) advice {
	return advice{kind: kind, field: field, text: catalog.Text{VI: vi, EN: en}}
}

func locked(field, vi, en string) advice {
	return advice{kind: connectors.Validation, field: field, locked: true, text: catalog.Text{VI: vi, EN: en}}
}

var (
	reconnect = known(connectors.Auth, "",
		"Shop chưa hoặc không còn cho phép kết nối: kết nối lại shop bằng liên kết ủy quyền.",
		"The shop has not, or no longer, authorised this app: connect it again by the authorisation link.")
	busy = known(connectors.Transient, "",
		"Shopee đang bận hoặc lỗi bên trong: phần mềm sẽ tự thử lại.",
		"Shopee is busy or failed inside: it will be tried again.")
	notAllowed = known(connectors.Fatal, "",
		"Ứng dụng không được phép gọi chức năng này: kiểm tra quyền của ứng dụng trên open.shopee.com.",
		"The app may not use this function: check its permissions on open.shopee.com.")
	itemMissing = known(connectors.NotFound, "",
		"Sản phẩm không còn trên Shopee: có thể đã bị xóa.",
		"The item is not on Shopee any more: it may have been deleted.")
	badCategory = known(connectors.Validation, "category",
		"Danh mục không dùng được: chọn một danh mục cuối của Shopee cho nhóm hàng này.",
		"The category cannot be used: map the product to one of Shopee's last-level categories.")
	badAttribute = known(connectors.Validation, "attributes",
		"Thuộc tính của danh mục thiếu hoặc sai giá trị: bổ sung theo yêu cầu của Shopee.",
		"An attribute of the category is missing or has a wrong value: fill it in as Shopee asks.")
	badBrand = known(connectors.Validation, "brand",
		"Thương hiệu bắt buộc hoặc không hợp lệ: đăng ký thương hiệu với Shopee rồi khai trong brands.",
		"The brand is mandatory or not valid: register it with Shopee and name it in the option brands.")
	badImage = known(connectors.Validation, "images",
		"Ảnh không dùng được: cần ảnh JPG hoặc PNG, không quá 10 MB, tối đa 9 ảnh.",
		"A picture cannot be used: JPG or PNG of 10 MB at most is needed, nine pictures at most.")
	badPrice = known(connectors.Validation, "price",
		"Giá nằm ngoài mức Shopee cho phép: sửa giá bán.",
		"The price is outside of what Shopee allows: change it.")
	badTier = known(connectors.Validation, "options",
		"Phân loại hàng không hợp lệ: tối đa 2 nhóm, 50 biến thể, tên không trùng và không quá dài.",
		"The variations are not valid: at most 2 options, 50 variants, names neither equal nor too long.")
	badLogistics = known(connectors.Validation, "",
		"Đơn vị vận chuyển không dùng được cho sản phẩm: bật vận chuyển trong Kênh Người Bán, kiểm tra khối lượng và kích thước.",
		"No logistics channel fits the item: enable one in Seller Centre, check weight and dimensions.")
	inPromotion = locked("",
		"Sản phẩm đang trong chương trình khuyến mãi nên Shopee khóa thay đổi này: phần mềm sẽ thử lại sau.",
		"The item is in a promotion, so Shopee locks this change: it will be tried again later.")
	tooDeep = known(connectors.Validation, "price",
		"Giá khuyến mãi phải thấp hơn giá gốc và không giảm quá 50%: sửa giá khuyến mãi.",
		"A sale price must be below the list price and not less than half of it: change the sale price.")
	notShippable = known(connectors.Clash, "",
		"Đơn hàng chưa hoặc không còn ở trạng thái chờ gửi: đọc lại đơn hàng.",
		"The order is not, or not yet, to be shipped: read it again.")
)

// codes is the table of the platform's codes, in the spelling of [normal].
var codes = map[string]advice{
	// Token and authorisation.
	"invalid_access_token": known(connectors.Auth, "",
		"Mã truy cập hết hạn hoặc không đúng: phần mềm tự làm mới; nếu vẫn lỗi, kết nối lại shop.",
		"The access token has expired or is wrong: it is refreshed by itself; if it stays so, connect the shop again."),
	"error_access_token":       reconnect,
	"refresh_token_expired":    reconnect,
	"error_shop_refresh_token": reconnect,
	"shop_access_expired":      reconnect,
	"shop_no_linked":           reconnect,
	"partner_shop_no_link":     reconnect,
	"invalid_shop_id":          reconnect,
	"invalid_code": known(connectors.Auth, "",
		"Mã ủy quyền sai, đã dùng hoặc quá 10 phút: mở lại liên kết ủy quyền.",
		"The authorisation code is wrong, was used or is older than 10 minutes: open the authorisation link again."),
	"error_sign": known(connectors.Auth, "",
		"Chữ ký sai: kiểm tra partner_id, partner_key, base_url (thử nghiệm và chính thức dùng khóa khác nhau) và đồng hồ máy chủ.",
		"Wrong signature: check partner_id, partner_key, base_url (sandbox and live have different keys) and the server's clock."),
	"invalid_partner_id": known(connectors.Auth, "",
		"Sai partner_id: kiểm tra số của ứng dụng trên open.shopee.com.",
		"Wrong partner_id: check the app's number on open.shopee.com."),
	"invalid_timestamp": known(connectors.Fatal, "",
		"Đồng hồ máy chủ lệch quá 5 phút: chỉnh lại giờ.",
		"The server's clock is more than 5 minutes off: set it right."),
	// Rate and quota.
	"error_rate_limit": known(connectors.RateLimited, "",
		"Gọi Shopee quá nhanh: phần mềm sẽ tự chờ; nếu hay gặp, giảm per_second.",
		"Too many calls to Shopee: it waits by itself; if it happens often, lower per_second."),
	"error_limit": known(connectors.RateLimited, "",
		"Hết số lượt gọi trong ngày: được cấp lại lúc 0 giờ (UTC+8).",
		"The day's calls are used up: they are renewed at midnight UTC+8."),
	// The platform's own trouble.
	"error_server":      busy,
	"error_inner":       busy,
	"error_system_busy": busy,
	"system_busy":       busy,
	"error_network":     busy,
	"error_data":        busy,
	// Permission.
	"error_permission":          notAllowed,
	"error_api_permission":      notAllowed,
	"error_api_call_restricted": notAllowed,
	"api_suspended":             notAllowed,
	"error_auth": known(connectors.Fatal, "",
		"Shopee không cho phép thao tác này với shop: xem chi tiết lỗi (ví dụ shop đang nghỉ, sai kho hàng).",
		"Shopee does not allow this for the shop: see the details (for example holiday mode, wrong location)."),
	"source_ip_undeclared": known(connectors.Fatal, "",
		"Địa chỉ IP của máy chủ chưa khai báo: thêm vào danh sách IP của ứng dụng trên open.shopee.com.",
		"The server's IP address is not declared: add it to the app's IP list on open.shopee.com."),
	"error_partner_key_expired": known(connectors.Fatal, "",
		"Khóa của ứng dụng đã hết hạn: tạo khóa mới trên open.shopee.com và khai lại partner_key.",
		"The app's key has expired: make a new one on open.shopee.com and set partner_key."),
	"shop_banned": known(connectors.Fatal, "",
		"Shop đang bị Shopee khóa: xem thông báo trong Kênh Người Bán.",
		"Shopee has banned the shop: see the messages in Seller Centre."),
	"error_not_in_whitelist": known(connectors.Fatal, "",
		"Shop không có chức năng này: bỏ tùy chọn tương ứng (ví dụ location_id).",
		"The shop does not have this function: remove the option that needs it (for example location_id)."),
	"error_reach_shop_item_limit": known(connectors.Validation, "",
		"Shop đã đủ số sản phẩm tối đa: xóa bớt sản phẩm cũ hoặc nâng hạng shop.",
		"The shop has as many items as it may: delete old ones or upgrade the shop."),
	// Missing.
	"error_item_not_found":       itemMissing,
	"error_item_not_belong_shop": itemMissing,
	"item_id_not_exist":          itemMissing,
	"model_id_not_exist":         itemMissing,
	"error_not_found": known(connectors.NotFound, "",
		"Shopee không tìm thấy dữ liệu này: có thể đã bị xóa.",
		"Shopee does not find it: it may have been deleted."),
	// Texts.
	"error_param": known(connectors.Validation, "",
		"Shopee không nhận một giá trị: xem chi tiết lỗi và sửa sản phẩm.",
		"Shopee refuses a value: see the details and correct the product."),
	"error_param_validate": known(connectors.Validation, "",
		"Shopee không nhận một giá trị: xem chi tiết lỗi và sửa sản phẩm.",
		"Shopee refuses a value: see the details and correct the product."),
	"error_name_length_limit": known(connectors.Validation, "title",
		"Tên sản phẩm quá ngắn hoặc quá dài: sửa lại tên.",
		"The title is too short or too long: change it."),
	"error_item_name_is_too_short": known(connectors.Validation, "title",
		"Tên sản phẩm quá ngắn: viết tên đầy đủ hơn.",
		"The title is too short: make it fuller."),
	"error_title_exceeds_max_length": known(connectors.Validation, "title",
		"Tên sản phẩm quá dài: rút ngắn tên.",
		"The title is too long: shorten it."),
	"error_desc_length_min_limit": known(connectors.Validation, "description",
		"Mô tả quá ngắn: viết mô tả đầy đủ hơn.",
		"The description is too short: write more."),
	"error_desc_length_max_limit": known(connectors.Validation, "description",
		"Mô tả quá dài: rút ngắn mô tả.",
		"The description is too long: shorten it."),
	"error_desc_hash_tag_over_limit": known(connectors.Validation, "description",
		"Mô tả có hơn 18 hashtag: bỏ bớt dấu #.",
		"The description has more than 18 hashtags: remove some."),
	// Category, attributes, brand, pictures.
	"error_invalid_category":        badCategory,
	"error_category_is_block":       badCategory,
	"error_mandatory_attribute":     badAttribute,
	"error_invalid_attribute":       badAttribute,
	"error_invalid_attribute_value": badAttribute,
	"error_brand_mandatory":         badBrand,
	"error_invalid_brand":           badBrand,
	codeImageUnavailable:            badImage,
	"error_image_format":            badImage,
	// Price, variations, logistics.
	"error_invalid_price":                        badPrice,
	"error_price_exceed_min_limit":               badPrice,
	"error_price_exceed_max_limit":               badPrice,
	"error_tier_var_level_over_limit":            badTier,
	"error_tier_option_over_limit":               badTier,
	"error_tier_option_length":                   badTier,
	"error_tier_var_name_length":                 badTier,
	"error_tier_img_partial":                     badTier,
	"error_model_over_limit":                     badTier,
	"error_model_duplicate_name":                 badTier,
	"error_model_duplicate_tier_variation_index": badTier,
	"error_invalid_logistic":                     badLogistics,
	"error_no_logistic_channel":                  badLogistics,
	"error_edit_item_stock_for_item_has_model": known(connectors.Clash, "variants",
		"Sản phẩm trên Shopee nay có phân loại: đọc lại tin đăng.",
		"The item on Shopee has variations now: read the listing again."),
	"error_edit_item_price_for_item_has_model": known(connectors.Clash, "variants",
		"Sản phẩm trên Shopee nay có phân loại: đọc lại tin đăng.",
		"The item on Shopee has variations now: read the listing again."),
	"error_busi_update_stock_failed": known(connectors.Validation, "stock",
		"Shopee không nhận số lượng tồn kho: số lượng không được thấp hơn phần đã giữ cho khuyến mãi.",
		"Shopee refuses the stock: it must not be below what a promotion has reserved."),
	// Duplicates.
	"error_duplicate_item": known(connectors.Clash, "",
		"Shopee coi sản phẩm này trùng với sản phẩm khác của shop: gộp hoặc sửa cho khác.",
		"Shopee takes this item for a duplicate of another one of the shop: merge them or tell them apart."),
	"error_repeated_mtsku": known(connectors.Clash, "sku",
		"Mã SKU đã dùng cho sản phẩm khác: đổi hoặc xóa mã ở một bên.",
		"The SKU is used by another item: change or remove it on one side."),
	"error_duplicated_brand": known(connectors.Clash, "brand",
		"Thương hiệu này đã đăng ký: dùng mã thương hiệu có sẵn trong brands.",
		"The brand is registered already: use its number in the option brands."),
	// Locked while a promotion lasts.
	"error_cannot_edit_price_in_promotion":        inPromotion,
	"error_in_item_promotion_item_price_lock":     inPromotion,
	"error_cannot_update_price_in_promotion":      inPromotion,
	"error_promotion_cannot_update_stock":         inPromotion,
	"error_model_update_stock_model_in_promotion": inPromotion,
	"error_cannot_unlisted_in_promotion":          inPromotion,
	"error_unlist_in_promotion":                   inPromotion,
	"error_cannot_init_tier_in_promotion":         inPromotion,
	"error_flash_sale_days_to_ship_lock":          inPromotion,
	"error_cannot_edit_name_in_promotion":         inPromotion,
	"error_cannot_edit_image_in_promotion":        inPromotion,
	"error_cannot_edit_description_in_promotion":  inPromotion,
	"error_in_item_promotion_category_lock":       inPromotion,
	"error_busi_cannot_delist_reviewing_or_banned_item": locked("state",
		"Shopee đang duyệt hoặc đã khóa sản phẩm nên chưa đổi trạng thái được: chờ kết quả duyệt.",
		"Shopee is reviewing the item or has banned it, so its state cannot be changed: wait for the decision."),
	"item_in_other_promotion": locked("price",
		"Sản phẩm đang trong một chương trình giảm giá khác của shop: kết thúc chương trình đó nếu muốn dùng giá khuyến mãi từ đây.",
		"The item is in another discount of the shop: end that one if the sale price shall come from here."),
	// Discounts.
	"promotion_price_for_vn":             tooDeep,
	"promotion_price_higher_input_price": tooDeep,
	"promotion_price_too_low":            tooDeep,
	"promotion_price_too_high":           tooDeep,
	"fail_model_price_check":             tooDeep,
	"item_in_promotion": known(connectors.Clash, "price",
		"Sản phẩm đã có trong chương trình giảm giá: đọc lại rồi cập nhật.",
		"The item is in the discount already: read again, then update."),
	"model_in_promotion": known(connectors.Clash, "price",
		"Biến thể đã có trong chương trình giảm giá: đọc lại rồi cập nhật.",
		"The variant is in the discount already: read again, then update."),
	"discount_is_end": known(connectors.Clash, "price",
		"Chương trình giảm giá vừa kết thúc: lần chạy sau sẽ tạo chương trình mới.",
		"The discount has just ended: the next run makes a new one."),
	"exceed_max_discount_count": known(connectors.Fatal, "price",
		"Shop đã có quá nhiều chương trình giảm giá: xóa bớt trong Kênh Người Bán.",
		"The shop has too many discounts: delete some in Seller Centre."),
	// Orders and parcels.
	"order_list_invalid_time": known(connectors.Fatal, "",
		"Khoảng thời gian đọc đơn hàng không hợp lệ: báo cho người phụ trách phần mềm.",
		"The time range of orders is not valid: tell whoever looks after this program."),
	"error_status":                 notShippable,
	"ship_order_not_ready_to_ship": notShippable,
	codeAlreadyShipped: known(connectors.Clash, "",
		"Kiện hàng đã được sắp xếp gửi.",
		"The parcel was arranged already."),
	"invalid_address_version": known(connectors.Validation, "",
		"Địa chỉ lấy hàng theo địa giới cũ: vào Kênh Người Bán lưu lại địa chỉ lấy hàng.",
		"The pickup address uses the old districts: save it again in Seller Centre."),
	"no_available_time_slot": known(connectors.Validation, "",
		"Không còn khung giờ lấy hàng: chọn giờ khác trong Kênh Người Bán hoặc gửi tại bưu cục.",
		"There is no time slot left for the pickup: choose another in Seller Centre or hand the parcel in."),
	"package_number_not_exist": known(connectors.Clash, "",
		"Đơn hàng đã được tách kiện khác đi: đọc lại đơn hàng.",
		"The order was split in another way: read it again."),
}

// Codes that code decides by.
const (
	codeImageUnavailable = "error_image_unavailable"
	codeAlreadyShipped   = "package_already_shipped"
)
