package tiktokshop

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/chophien/chophien/connectors"
)

const (
	vectorKey    = "htx6app0key1"
	vectorSecret = "0123456789abcdef0123456789abcdef01234567"
	vectorCipher = "ROW_hTxLifesSzCipher01"
)

// The official vector, and those that several independent signers agree on.
func TestSignature(t *testing.T) {
	t.Parallel()
	base := "app_key=" + vectorKey + "&timestamp=1767225600"
	scoped := base + "&shop_cipher=" + vectorCipher
	for name, v := range map[string]struct{ secret, path, query, body, want string }{
		"official": {"e59af819cc", "/authorization/202309/shops", "app_key=29a39d&timestamp=1623812664", "", "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"},
		"sign and access_token take no part": {
			"e59af819cc", "/authorization/202309/shops", "app_key=29a39d&timestamp=1623812664&sign=x&access_token=y", "", "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
		},
		"A": {vectorSecret, "/product/202309/products/1729400000000000001", scoped, "", "27f94ce2c5fddfa524c26e339d96380c93e8478f4f0d03c4145db675d32ad2c9"},
		"B": {
			vectorSecret, "/product/202309/products/1729400000000000001/prices/update", scoped,
			`{"skus":[{"id":"1729400000000000101","price":{"amount":"185000","currency":"VND"}}]}`, "dc4bde81544ee14bb65bcab0e0e266af0d257448a4692d33102e7a0b4a91c972",
		},
		"C": {
			vectorSecret, "/order/202309/orders/search", scoped + "&page_size=50&page_token=aGVsbG8%2Bd29ybGQ%2FZm9vPT0%3D&sort_field=update_time&sort_order=ASC",
			`{"order_status":"AWAITING_SHIPMENT","update_time_ge":1767139200,"update_time_lt":1767225600}`, "9adc01be1667f61c5e692ae375cd73261071b021172ac70a1273779830d680eb",
		},
		"D": {vectorSecret, "/product/202309/images/upload", base, "", "f992fc77de85a216a92833d26a239f2c0831bf476a6cf770de3a6c55d29f6ab3"},
		"E": {vectorSecret, "/product/202309/brands", base, `{"name":"Hợp tác xã Mường Hoa"}`, "b4c2a21362bd9ebbafae8b0c61d1dd1fa44e889601baa2d4d3b1d66b5a918b3f"},
		"F": {vectorSecret, "/order/202507/orders", scoped + "&ids=576461413038785001,576461413038785002", "", "40ec605a621cc656e7756fa293ba0a3c886ea9ee659fbb58868a18dba1f3188a"},
		"G": {vectorSecret, "/product/202309/products", scoped, `{"product_ids":["1729400000000000001"]}`, "6f8b7a512641469d973347ad7cb82bb4ab998ed81c3625896ec13b17945e033c"},
	} {
		query, err := url.ParseQuery(v.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := signature(v.secret, v.path, query, []byte(v.body)); got != v.want {
			t.Errorf("%s: got %s, want %s", name, got, v.want)
		}
	}
}

// The client's hook puts everything into its place, also behind a gateway, and
// leaves the bodies of forms unsigned.
func TestSign(t *testing.T) {
	t.Parallel()
	options := defaults
	options.AppKey, options.AppSecret, options.APIURL = vectorKey, connectors.NewSecret(vectorSecret), "https://gateway.example/tts"
	s := &shop{options: &options}
	token := connectors.Token{AccessToken: "ROW_at_1", Extra: map[string]string{cipherKey: vectorCipher}}
	for _, tt := range []struct{ method, path, contentType, body, signedBody, cipher string }{
		{"POST", "/product/202309/products", "application/json", "{}", "{}", vectorCipher},
		{"GET", "/order/202507/orders", "", "", "", vectorCipher},
		{"POST", "/product/202309/images/upload", "multipart/form-data; boundary=x", "--x", "", ""},
		{"GET", "/authorization/202309/shops", "", "", "", ""},
	} {
		request, err := http.NewRequestWithContext(t.Context(), tt.method, options.APIURL+tt.path+"?b=%2B&a=2", nil)
		if err != nil {
			t.Fatal(err)
		}
		if tt.contentType != "" {
			request.Header.Set("Content-Type", tt.contentType)
		}
		if err := s.sign(request, []byte(tt.body), token); err != nil {
			t.Fatal(err)
		}
		q := request.URL.Query()
		if want := signature(vectorSecret, tt.path, q, []byte(tt.signedBody)); q.Get("sign") != want || q.Get("shop_cipher") != tt.cipher {
			t.Errorf("%s %s: sign %s, want %s; cipher %q, want %q", tt.method, tt.path, q.Get("sign"), want, q.Get("shop_cipher"), tt.cipher)
		}
		if request.Header.Get(tokenHeader) != "ROW_at_1" || request.Header.Get("Content-Type") == "" || q.Has("access_token") {
			t.Errorf("%s %s: headers %v", tt.method, tt.path, request.Header)
		}
	}
}

func TestNeedsCipher(t *testing.T) {
	t.Parallel()
	for call, want := range map[[2]string]bool{
		{"GET", pathShops}: false, {"DELETE", "/authorization/202403/shops"}: true, {"GET", "/seller/202309/permissions"}: false,
		{"POST", pathBrands}: false, {"GET", pathBrands}: true, {"POST", pathUpload}: false, {"POST", "/product/202309/files/upload"}: false,
		{"POST", "/product/202409/compliance/manufacturers"}: false, {"POST", pathProducts}: true, {"GET", pathWarehouses}: true,
		{"GET", "/logistics/202309/global_warehouses"}: false, {"POST", "/fulfillment/202407/bundles"}: false, {"POST", pathShip}: true,
		{"POST", "/product/202309/global_products/1/publish"}: false, {"GET", "/product/202309/products/1"}: true,
	} {
		if got := needsCipher(call[0], call[1]); got != want {
			t.Errorf("%s %s: got %t, want %t", call[0], call[1], got, want)
		}
	}
}

func TestHookSignature(t *testing.T) {
	t.Parallel()
	official := `{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507","timestamp":1718305585,"data":{"is_on_hold_order":true,"order_id":"576653688135258178","order_status":"UNPAID","update_time":1718305585}}`
	own := `{"type":1,"tts_notification_id":"7380066284010030001","shop_id":"7495540735365770001","timestamp":1767225600,"data":{"order_id":"576461413038785001","order_status":"AWAITING_SHIPMENT","is_on_hold_order":false,"update_time":1767225590}}`
	for _, v := range []struct{ key, secret, body, sign string }{
		{"abcdef", "123", official, "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05"},
		{vectorKey, vectorSecret, own, "ed3927643f32f461e2485023f547bc657e442172a21057ebc9146aebe49bd89b"},
	} {
		s := &shop{options: &Options{AppKey: v.key, AppSecret: connectors.NewSecret(v.secret)}}
		hint, err := s.ParseHook(connectors.Hook{Body: []byte(v.body), Header: http.Header{"Authorization": {v.sign}}})
		if err != nil || hint != (connectors.Hint{Orders: true}) {
			t.Errorf("got %+v, %v; want a hint at orders", hint, err)
		}
		if _, err := s.ParseHook(connectors.Hook{Body: []byte(v.body), Header: http.Header{"Authorization": {"Bearer " + v.sign}}}); err == nil {
			t.Error("another form of the header: no error")
		}
	}
}

func TestHookKinds(t *testing.T) {
	t.Parallel()
	s := &shop{options: &Options{AppKey: vectorKey, AppSecret: connectors.NewSecret(vectorSecret)}}
	for body, want := range map[string]connectors.Hint{
		`{"type":3,"data":{"order_id":"1"}}`:                   {Orders: true}, // without tts_notification_id
		`{"type":11}`:                                          {Orders: true},
		`{"type":5,"data":{"product_id":1729400000000000001}}`: {Listings: true},
		`{"type":37}`:                                          {Listings: true},
		`{"type":6,"data":{"message":"x"}}`:                    {},
		`{"type":99}`:                                          {},
	} {
		hook := connectors.Hook{Body: []byte(body), Header: http.Header{"Authorization": {digest(vectorSecret, []byte(vectorKey+body))}}}
		if got, err := s.ParseHook(hook); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", body, got, err, want)
		}
	}
	for _, body := range []string{"", "[]", `{"data":{}}`} {
		hook := connectors.Hook{Body: []byte(body), Header: http.Header{"Authorization": {digest(vectorSecret, []byte(vectorKey+body))}}}
		if hint, err := s.ParseHook(hook); err == nil || hint != (connectors.Hint{}) {
			t.Errorf("%q: got %+v without an error", body, hint)
		}
	}
}
