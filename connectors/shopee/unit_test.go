package shopee

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// closed is a shop that is never called.
func closed(change func(*Options)) *shop {
	o := defaults
	o.PartnerID, o.PartnerKey = 2001887, connectors.NewSecret("shpk4d6f6e67526f6e67486f6e6579564e303132333435363738396162636465")
	if change != nil {
		change(&o)
	}
	return &shop{env: connectors.Env{Channel: "vn-test"}, options: &o, schemas: map[int64]schema{}}
}

// The vectors were computed by others: two SDKs and an independent program.
func TestSignVectors(t *testing.T) {
	t.Parallel()
	s := closed(nil)
	at := time.Unix(1655714431, 0)
	token := connectors.Token{AccessToken: "59777174636562737266615546704c6d", Account: "14701711"}
	for name, v := range map[string]struct {
		path string
		want string
	}{
		"S1": {"product/get_item_list", "b9e03aee27cb1e08bdb58d199f58b46450ed578d42c0f668cbc995c537de16e0"},
		"S2": {"auth/token/get", "190e3333729ab16fe75d0185d8c31e3bb86a0efca0bc971a161dd37e949d4369"},
		"S3": {"auth/access_token/get", "4a036520e18928b96416626b5844b9c281d35cdea8f558b627c765f83fd9b199"},
		"S4": {"product/add_item", "fb6b08ce6bbb09616b9fba71ffe1685b11db0bf9f8f1b3a4b5a2949054fdd643"},
		"S6": {"shop/auth_partner", "c45666ec8923bce98eea459beb731868fe5e798c0cab181da66b9e96500995bd"},
		"S7": {"media_space/upload_image", "6a1389b75192f2903b215b8f22ef223ed0806045a7021bdfc85f1ad88fc5064a"},
	} {
		given := token
		if isPublic(api + v.path) {
			given = connectors.Token{}
		}
		q := signed(s.options, api+v.path, at, given)
		if q.Get("sign") != v.want || q.Get("timestamp") != "1655714431" || q.Get("partner_id") != "2001887" {
			t.Errorf("%s: got %s", name, q.Encode())
		}
		if isPublic(api+v.path) == q.Has("access_token") || q.Has("access_token") != q.Has("shop_id") {
			t.Errorf("%s: the parameters are of the wrong class: %s", name, q.Encode())
		}
	}
	// S5, a merchant's call, which this connector never makes.
	base := "2001887/api/v2/merchant/get_merchant_info165571443159777174636562737266615546704c6d1000576"
	if got := signature(s.options.PartnerKey.Reveal(), base); got != "2a8781dc76eaa6eee36b1b95d0014576e2d577a6c8602c11570607214f8452bd" {
		t.Errorf("S5: got %s", got)
	}
}

// Calls of the app, and uploads, name neither token nor shop.
func TestSignPublic(t *testing.T) {
	t.Parallel()
	s := closed(nil)
	for path, public := range map[string]bool{
		"push/set_app_push_config": true, "media_space/upload_image": true, "auth/token/get": true, "public/get_shops_by_partner": true, "shop/auth_partner": true,
		"shop/get_shop_info": false, "product/add_item": false, "media_space/init_video_upload": false,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://partner.shopeemobile.com/api/v2/"+path, nil)
		if err == nil {
			err = s.sign(request, nil, connectors.Token{AccessToken: "abc", Account: "1"})
		}
		if err != nil {
			t.Fatal(err)
		}
		q := request.URL.Query()
		base := "2001887/api/v2/" + path + q.Get("timestamp")
		if !public {
			base += "abc1"
		}
		if q.Has("access_token") == public || q.Has("shop_id") == public || q.Get("sign") != signature(s.options.PartnerKey.Reveal(), base) {
			t.Errorf("%s: got %v", path, request.URL.RawQuery)
		}
	}
}

// A gateway's own path is not signed.
func TestSignBehindGateway(t *testing.T) {
	t.Parallel()
	s := closed(nil)
	token := connectors.Token{AccessToken: "abc", Account: "1"}
	var signs []string
	for _, address := range []string{"https://gate.example/shopee/api/v2/shop/get_shop_info", "https://partner.shopeemobile.com/api/v2/shop/get_shop_info"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err == nil {
			err = s.sign(request, nil, token)
		}
		if err != nil {
			t.Fatal(err)
		}
		q := request.URL.Query()
		at := q.Get("timestamp")
		want := signature(s.options.PartnerKey.Reveal(), "2001887/api/v2/shop/get_shop_info"+at+"abc1")
		signs = append(signs, q.Get("sign"))
		if q.Get("sign") != want {
			t.Errorf("%s: got %s, want %s", address, q.Get("sign"), want)
		}
	}
	if len(signs) != 2 {
		t.Error("not all were signed")
	}
}

func TestHookVectors(t *testing.T) {
	t.Parallel()
	const address = "https://hub.example.vn/webhooks/shopee"
	p1 := `{"data":{"items":[],"ordersn":"2606170RUNGHNY","status":"READY_TO_SHIP","completed_scenario":"","update_time":1655714430},"shop_id":14701711,"code":3,"timestamp":1655714431}`
	p2 := `{"shop_id":14701711,"code":16,"timestamp":1655714431,"data":{"item_id":100900001,"item_name":"Mật ong rừng U Minh 500ml","item_status":"BANNED"}}`
	pushKey := func(o *Options) {
		o.PushKey = connectors.NewSecret("shpkPUSH0000000000000000000000000000000000000000000000000000001")
	}
	for name, v := range map[string]struct {
		options   func(*Options)
		body      string
		signature string
		want      connectors.Hint
	}{
		"P1": {nil, p1, "47cc27efb1b7a16b998713e9df5141bec02d13872f89e104d56c7a010c7a047a", connectors.Hint{Orders: true}},
		"P2": {nil, p2, "e13dcc5eed1a9a7edc5c0a11377638c9f9a87d8b8b3be05eb7b3824106425a63", connectors.Hint{Listings: true}},
		"P3": {pushKey, p1, "0c712e0f044430687f5b40ee1d9f57886665ed8ad2997adb41d20122c0291994", connectors.Hint{Orders: true}},
	} {
		s := closed(v.options)
		hook := connectors.Hook{URL: address, Body: []byte(v.body), Header: http.Header{"Authorization": {v.signature}}}
		if got, err := s.ParseHook(hook); err != nil || got != v.want {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, v.want)
		}
		hook.URL += "/"
		if _, err := s.ParseHook(hook); !errors.Is(err, connectors.ErrBadSignature) {
			t.Errorf("%s for another address: got %v", name, err)
		}
	}
	s := closed(nil)
	for body, want := range map[string]connectors.Hint{
		`{"code":8}`: {Orders: true, Listings: true}, `{"code":47}`: {Orders: true}, `{"code":29}`: {Orders: true}, `{"code":30}`: {Orders: true}, `{"code":0}`: {}, `{"code":12}`: {}, `{"code":999}`: {},
	} {
		header := http.Header{"Authorization": {signature(s.options.PartnerKey.Reveal(), address+"|"+body)}}
		if got, err := s.ParseHook(connectors.Hook{URL: address, Body: []byte(body), Header: header}); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", body, got, err, want)
		}
	}
	for _, body := range []string{"OK", "{}", `{"code":null}`, `{"code":"3"}`} {
		header := http.Header{"Authorization": {signature(s.options.PartnerKey.Reveal(), address+"|"+body)}}
		if _, err := s.ParseHook(connectors.Hook{URL: address, Body: []byte(body), Header: header}); connectors.KindOf(err) != connectors.Unclear {
			t.Errorf("a signed body that is no push: %s: %v", body, err)
		}
	}
}

func TestDong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"185000": 185000, "185000.0": 185000, `"185000"`: 185000, "1.85e5": 185000, "184999.6": 185000, "null": 0, `""`: 0} {
		var d dong
		if err := json.Unmarshal([]byte(text), &d); err != nil || int64(d) != want {
			t.Errorf("%s: got %d, %v; want %d", text, d, err, want)
		}
	}
	for _, text := range []string{"1e30", `"mười"`, "{}", "true"} {
		var d dong
		if json.Unmarshal([]byte(text), &d) == nil {
			t.Errorf("%s: got %d, want an error", text, d)
		}
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []catalog.ExternalID{"100900001", "100900001/2000458802"} {
		item, model, ok := splitID(id)
		if !ok || variantID(item, model) != id {
			t.Errorf("%s: got %d, %d, %t", id, item, model, ok)
		}
	}
	for _, id := range []catalog.ExternalID{"", "x", "0", "-1", "1/", "1/x", "1/0", "99999999999999999999"} {
		if _, _, ok := splitID(id); ok {
			t.Errorf("%q: taken for an ID", id)
		}
	}
}

func TestInterpretSample(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/order.json")
	if err != nil {
		t.Fatal(err)
	}
	s := closed(nil)
	got, buyer, err := s.Interpret(raw)
	if err != nil {
		t.Fatal(err)
	}
	want := catalog.Order{
		ExternalID: "2611207RUNGH01", Number: "2611207RUNGH01", Status: catalog.OrderToShip, PlatformStatus: "READY_TO_SHIP",
		PlacedAt: time.Unix(1795147200, 0).UTC(), UpdatedAt: time.Unix(1795147260, 0).UTC(),
		Lines: []catalog.OrderLine{{ID: "100900001/0", ExternalID: "100900001", SKU: "MO-RUNG-500",
			Name: "Mật ong rừng U Minh nguyên chất HTX Sông Trẹm 500ml", Quantity: 2, Total: catalog.VND(370000)}},
		Total: catalog.VND(397000), Adjustment: catalog.VND(27000),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := (catalog.Buyer{Name: "N****n", Phone: "******12", Address: "******"}); buyer != want {
		t.Errorf("buyer: got %+v", buyer)
	}
	for status, want := range statuses {
		o, _, err := s.Interpret([]byte(strings.Replace(string(raw), "READY_TO_SHIP", status, 1)))
		if err != nil || o.Status != want {
			t.Errorf("%s: got %s, %v; want %s", status, o.Status, err, want)
		}
	}
}

// What does not happen every day: a bundle, the same item twice, pieces
// cancelled and returned, two parcels with their tracking numbers.
func TestInterpretUnusual(t *testing.T) {
	t.Parallel()
	raw := `{"tracking":{"OFG1":"SPXVN1"},"order":{"order_sn":"A1","currency":"VND","order_status":"SHIPPED","create_time":1,"update_time":2,"total_amount":150000.0,
	 "buyer_username":"nguoimuathu","recipient_address":{"name":"****"},
	 "item_list":[
	  {"item_id":1,"model_id":11,"model_name":"100 g","model_sku":"CHE-100","item_sku":"CHE","item_name":"Chè","model_quantity_purchased":3,"model_discounted_price":0,"cancelled_qty":1},
	  {"item_id":1,"model_id":11,"model_name":"100 g","model_sku":"CHE-100","item_sku":"CHE","item_name":"Chè","model_quantity_purchased":1,"model_discounted_price":50000,"returned_qty":1}],
	 "package_list":[{"package_number":"OFG1","logistics_status":"LOGISTICS_PICKUP_DONE","shipping_carrier":"SPX","item_list":[{"item_id":1,"model_id":11}]},
	  {"package_number":"OFG2","logistics_status":"LOGISTICS_READY","item_list":[]}]}}`
	got, buyer, err := closed(nil).Interpret([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	want := catalog.Order{
		ExternalID: "A1", Number: "A1", Status: catalog.OrderShipped, PlatformStatus: "SHIPPED", PlacedAt: time.Unix(1, 0).UTC(), UpdatedAt: time.Unix(2, 0).UTC(),
		Lines: []catalog.OrderLine{
			{ID: "1/11", ExternalID: "1/11", SKU: "CHE-100", Name: "Chè (100 g)", Quantity: 3, Restocked: 1, Total: catalog.VND(0)},
			{ID: "1/11#2", ExternalID: "1/11", SKU: "CHE-100", Name: "Chè (100 g)", Quantity: 1, Total: catalog.VND(50000)},
		},
		Total: catalog.VND(150000), Adjustment: catalog.VND(100000),
		Fulfillments: []catalog.Fulfillment{{ID: "OFG1", Carrier: "SPX", TrackingNumber: "SPXVN1", Lines: []string{"1/11", "1/11#2"}}},
		Returns:      []catalog.Return{{ID: "returned", Lines: []string{"1/11#2"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if buyer.Name != "nguoimuathu" {
		t.Errorf("a name of asterisks only: got %q", buyer.Name)
	}
	for _, change := range [][2]string{{`"VND"`, `"THB"`}, {`"total_amount":150000.0,`, ``}, {`"model_quantity_purchased":3`, `"model_quantity_purchased":0`}, {`"model_discounted_price":0,`, ``}} {
		if _, _, err := closed(nil).Interpret([]byte(strings.Replace(raw, change[0], change[1], 1))); err == nil {
			t.Errorf("%s instead of %s: no error", change[1], change[0])
		}
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	tree := `[{"attribute_id":100095,"mandatory":true,"name":"Thể tích","attribute_info":{"input_type":3,"input_validation_type":3,"format_type":2,"attribute_unit_list":["ml","l"],"max_value_count":1}},
	 {"attribute_id":100037,"mandatory":false,"name":"Xuất xứ","attribute_value_list":[{"value_id":1065,"name":"Việt Nam","child_attribute_list":[{"attribute_id":9,"mandatory":true,"name":"Tỉnh","attribute_info":{"input_type":3}}]}],"attribute_info":{"input_type":1,"max_value_count":1}},
	 {"attribute_id":5,"name":"Ngày sản xuất","attribute_info":{"input_type":3,"input_validation_type":4}},
	 {"attribute_id":6,"name":"Chất liệu","attribute_value_list":[{"value_id":61,"name":"Tre"}],"attribute_info":{"input_type":5,"max_value_count":2}}]`
	var asked []attributeInfo
	if err := json.Unmarshal([]byte(tree), &asked); err != nil {
		t.Fatal(err)
	}
	s := closed(func(o *Options) { o.Attributes = map[string]string{"tỉnh": "Thái Nguyên", "Xuất xứ": "Lào"} })
	offer := catalog.Offer{Attributes: []catalog.OfferAttribute{
		{Name: "the tich", Value: "1,5 L"}, {Name: "100037", Value: "việt nam"}, {Name: "Ngày sản xuất", Value: "24/11/2026"},
		{Name: "Chất liệu", Value: "tre"}, {Name: "Chất liệu", Value: "Nứa"}, {Name: "Chất liệu", Value: "Gỗ"}, {Name: "Khác", Value: "bỏ"},
	}}
	got, issues := s.fill(&offer, asked)
	want := []attribute{
		{ID: 100095, Values: []attributeValue{{Name: "1.5", Unit: "l"}}},
		{ID: 100037, Values: []attributeValue{{ID: 1065}}},
		{ID: 5, Values: []attributeValue{{Name: "1795478400"}}},
		{ID: 6, Values: []attributeValue{{ID: 61}, {Name: "Nứa"}}},
		{ID: 9, Values: []attributeValue{{Name: "Thái Nguyên"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(issues) > 0 {
		t.Errorf("issues %v; (-want +got):\n%s", issues, diff)
	}
	for name, test := range map[string]struct {
		attributes []catalog.OfferAttribute
		code       string
		severity   string
	}{
		"mandatory is missing": {nil, "attribute_missing", catalog.SeverityError},
		"mandatory, no unit":   {[]catalog.OfferAttribute{{Name: "Thể tích", Value: "500"}}, "attribute_value", catalog.SeverityError},
		"mandatory, no number": {[]catalog.OfferAttribute{{Name: "Thể tích", Value: "nửa l"}}, "attribute_value", catalog.SeverityError},
		"not among the values": {[]catalog.OfferAttribute{{Name: "Thể tích", Value: "5 l"}, {Name: "Xuất xứ", Value: "Mỹ"}}, "attribute_value", catalog.SeverityWarning},
		"not a date":           {[]catalog.OfferAttribute{{Name: "Thể tích", Value: "5 l"}, {Name: "Ngày sản xuất", Value: "hôm qua"}}, "attribute_value", catalog.SeverityWarning},
		"a child is mandatory": {[]catalog.OfferAttribute{{Name: "Thể tích", Value: "5 l"}, {Name: "Xuất xứ", Value: "Việt Nam"}}, "attribute_missing", catalog.SeverityError},
	} {
		_, issues := closed(nil).fill(&catalog.Offer{Attributes: test.attributes}, asked)
		if len(issues) != 1 || issues[0].Code != test.code || issues[0].Severity != test.severity || issues[0].Message.VI == "" || issues[0].Message.EN == "" {
			t.Errorf("%s: got %+v", name, issues)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := closed(nil).options.Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for name, change := range map[string]func(*Options){
		"base_url":      func(o *Options) { o.BaseURL = "partner.shopeemobile.com" },
		"auth_url":      func(o *Options) { o.AuthURL = "ftp://x" },
		"partner_id":    func(o *Options) { o.PartnerID = 0 },
		"shop_id":       func(o *Options) { o.ShopID = -1 },
		"per_second":    func(o *Options) { o.PerSecond = 0 },
		"concurrency":   func(o *Options) { o.Concurrency = 17 },
		"page_size":     func(o *Options) { o.PageSize = 101 },
		"timeout":       func(o *Options) { o.Timeout = time.Millisecond },
		"variant_delay": func(o *Options) { o.VariantDelay = -1 },
		"discount_lead": func(o *Options) { o.DiscountLead = -1 },
		"discount_name": func(o *Options) { o.DiscountName = " " },
		"title_max":     func(o *Options) { o.TitleMax = 1 },
		"price_spread":  func(o *Options) { o.PriceSpread = -1 },
	} {
		if err := closed(change).options.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	good := catalog.Offer{
		Title: "Mật ong rừng Bạch Thông", Description: "Mật ong do tổ tự khai thác.", Category: "100661", Options: []string{"Khối lượng"},
		Images: []catalog.OfferImage{{URL: "https://img.example.test/1.png"}},
		Variants: []catalog.OfferVariant{
			{SKU: "A", Options: []string{"100 g"}, Price: catalog.Price{List: catalog.VND(100000)}, Weight: 100},
			{SKU: "B", Options: []string{"200 g"}, Price: catalog.Price{List: catalog.VND(180000)}, Weight: 200},
		},
	}
	s := closed(nil)
	if issues := s.Audit(good); len(issues) > 0 {
		t.Errorf("a good offer: %+v", issues)
	}
	sale := catalog.VND(40000)
	for code, change := range map[string]func(o *catalog.Offer, v []catalog.OfferVariant){
		"title_short":       func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Title = "Mật ong" },
		"title_long":        func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Title = strings.Repeat("ộ", 121) },
		"description_short": func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Description = "" },
		"description_long":  func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Description = strings.Repeat("ộ", 3001) },
		"category_missing":  func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Category = "mật ong" },
		"no_images":         func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Images = nil },
		"many_images":       func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Images = make([]catalog.OfferImage, 10) },
		"no_variants":       func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Variants = nil },
		"no_options": func(o *catalog.Offer, v []catalog.OfferVariant) {
			o.Options, v[0].Options, v[1].Options = nil, nil, nil
		},
		"many_options": func(o *catalog.Offer, v []catalog.OfferVariant) {
			o.Options = []string{"a", "b", "c"}
			v[0].Options = []string{"1", "2", "3"}
			v[1].Options = []string{"2", "2", "3"}
		},
		"many_variants":     func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Variants = make([]catalog.OfferVariant, 51) },
		"option_name_long":  func(o *catalog.Offer, _ []catalog.OfferVariant) { o.Options = []string{strings.Repeat("x", 15)} },
		"option_value_long": func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].Options = []string{strings.Repeat("x", 21)} },
		"option_missing":    func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].Options = nil },
		"option_twice":      func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].Options = v[1].Options },
		"sku_twice":         func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].SKU = v[1].SKU },
		"sku_invalid":       func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].SKU = " A" },
		"price_missing":     func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].Price.List.Amount = 0 },
		"currency":          func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].Price.List.Currency = "USD" },
		"sale_too_deep":     func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].Price.Sale = &sale },
		"quantity":          func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].Quantity = -1 },
		"weight":            func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].Weight = 0 },
		"price_spread":      func(_ *catalog.Offer, v []catalog.OfferVariant) { v[0].Price.List.Amount = 901000 },
	} {
		offer := good
		offer.Variants = append([]catalog.OfferVariant(nil), good.Variants...)
		change(&offer, offer.Variants)
		found := false
		for _, issue := range s.Audit(offer) {
			found = found || issue.Code == code
		}
		if !found {
			t.Errorf("%s: not found among %+v", code, s.Audit(offer))
		}
	}
}

func TestAuthorizeURL(t *testing.T) {
	t.Parallel()
	const redirect = "https://cho.example/authorize?x=1"
	for name, change := range map[string]func(*Options){"signed": nil, "open": func(o *Options) { o.AuthLink = "open" }} {
		u, err := url.Parse(closed(change).AuthorizeURL(redirect, "trang-thai"))
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		back, err := url.Parse(q.Get("redirect") + q.Get("redirect_uri"))
		if err != nil || back.Query().Get("x") != "1" || q.Get("partner_id") != "2001887" {
			t.Errorf("%s: got %s", name, u)
		}
		signed := name == "signed"
		if q.Has("sign") != signed || (back.Query().Get("state") == "trang-thai") != signed || (q.Get("state") == "trang-thai") == signed {
			t.Errorf("%s: got %s", name, u)
		}
	}
}
