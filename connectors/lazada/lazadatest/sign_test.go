package lazadatest

import (
	"encoding/json"
	"image"
	"image/color"
	pngformat "image/png"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func encodePNG(w io.Writer, width, height int) {
	picture := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White})
	_ = pngformat.Encode(w, picture)
}

// The vectors were computed by independent clients; L1 is the one of the
// official documentation. Key 123456, secret helloworld, token test.
func TestSignVectors(t *testing.T) {
	t.Parallel()
	const price = `{"Request":{"Product":{"Skus":{"Sku":[{"ItemId":"234234234","SkuId":"234","SellerSku":"MO-RUNG-500","Price":"185000","SalePrice":"169000","SaleStartDate":"2026-12-01 00:00:00","SaleEndDate":"2026-12-12 23:59:59","Quantity":"40"}]}}}}`
	tests := map[string]struct {
		path string
		p    map[string]string
		want string
	}{
		"L1":                                 {"/order/get", map[string]string{"access_token": "test", "order_id": "1234"}, "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A"},
		"L2":                                 {"/auth/token/create", map[string]string{"code": "0_100132_abcDEF123"}, "59A6E5D11E49417EC59C1AC8EE1C3CD4538193B7F1AE84FC1A10ECAF0FE3A1F6"},
		"L3":                                 {"/auth/token/refresh", map[string]string{"refresh_token": "50001600212wcwiOabwyjtEH11acc19aBOvQr9ZYkYDlr987D8BB88LIB8bj"}, "0455F0344A5D214F54EA61230CE2F8DDE48D56AA7D44C56E45411BFB7BD5F69E"},
		"L4":                                 {"/product/price_quantity/update", map[string]string{"access_token": "test", "payload": price}, "14FC8B5FED7607D30EAB3F6D473D2A2888E4FED2E2529F17A702F0CF5DC364D1"},
		"L5":                                 {"/product/create", map[string]string{"access_token": "test", "payload": `{"Request":{"Product":{"PrimaryCategory":"10100456","Attributes":{"name":"Mật ong rừng U Minh 500ml"}}}}`}, "1156D19665C4924C4297F2A482ACEED3C574E26D926E372F5537B61F1BE9BB87"},
		"L6":                                 {"/products/get", map[string]string{"access_token": "test", "filter": "live", "limit": "50", "offset": "0", "update_after": "2026-11-01T00:00:00+0700"}, "41B30D71CFB3A821CB0DAB1879A89076BCC72ADAEC9480AE451709A662A8F700"},
		"L7":                                 {"/orders/get", map[string]string{"access_token": "test", "update_after": "2026-11-01T00:00:00+07:00", "status": "pending", "sort_by": "updated_at", "sort_direction": "ASC", "limit": "100", "offset": "0"}, "26D94A94ED40FD25EBAD23BC72B0D11F3F6B905B3EE874BEF41D492F2440582E"},
		"empty values and sign are left out": {"/order/get", map[string]string{"access_token": "test", "order_id": "1234", "uuid": "", "sign": "x"}, "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.p["app_key"], test.p["sign_method"], test.p["timestamp"] = "123456", "sha256", "1517820392000"
			if got := Sign("helloworld", test.path, test.p); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestPushVectors(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"seller_id":"200161","message_type":0,"data":{"order_status":"pending","status_update_time":1655714430,"trade_order_id":"260422900198363","trade_order_line_id":"260422900298363"},"timestamp":1655714431000,"site":"lazada_vn"}`: "c8ddf5dd8ebc889d5bc6798459e39b45f5295fced041ddd1056d7b0df4b5b4ba",
		`{"seller_id":"200161","message_type":1,"data":{"date":1655714431000,"itemId":2342342341,"reason":"Ảnh miến dong bị mờ","seller_id":200161,"status":"REJECTED"},"timestamp":1655714431,"site":"lazada_vn"}`:                         "54e4a353985fd6b65c2ce78a618d34673cbe0e8f821f1117bf00f4c0e3656689",
	} {
		if got := pushSignature("123456", "helloworld", []byte(body)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAdmission(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	late := strconv.FormatInt(time.Now().Add(-7201*time.Second).UnixMilli(), 10)
	early := strconv.FormatInt(time.Now().Add(7260*time.Second).UnixMilli(), 10)
	within := strconv.FormatInt(time.Now().Add(-7100*time.Second).UnixMilli(), 10)
	lower := func() map[string]string {
		p := c.signed("/seller/get", nil)
		return map[string]string{"timestamp": p["timestamp"], "sign": strings.ToLower(p["sign"])}
	}
	tests := map[string]struct {
		p    map[string]string
		want string
	}{
		"right":              {nil, "0"},
		"within the window":  {map[string]string{"timestamp": within}, "0"},
		"extra parameters":   {map[string]string{"partner_id": "lazop-sdk-python", "debug": "true"}, "0"},
		"wrong signature":    {map[string]string{"sign": strings.Repeat("A", 64)}, "IncompleteSignature"},
		"lower-case digits":  {lower(), "IncompleteSignature"},
		"other path signed":  {map[string]string{"sign": Sign(c.s.AppSecret(), "/order/get", c.signed("/seller/get", nil))}, "IncompleteSignature"},
		"other method":       {map[string]string{"sign_method": "md5"}, "IncompleteSignature"},
		"no signature":       {map[string]string{"sign": ""}, "MissingParameter"},
		"no key":             {map[string]string{"app_key": ""}, "MissingParameter"},
		"no method":          {map[string]string{"sign_method": ""}, "MissingParameter"},
		"time in words":      {map[string]string{"timestamp": "bay giờ"}, "IllegalTimestamp"},
		"no time":            {map[string]string{"timestamp": ""}, "MissingParameter"},
		"too old":            {map[string]string{"timestamp": late}, "IllegalTimestamp"},
		"from the future":    {map[string]string{"timestamp": early}, "IllegalTimestamp"},
		"time in seconds":    {map[string]string{"timestamp": strconv.FormatInt(time.Now().Unix(), 10)}, "IllegalTimestamp"},
		"another app":        {map[string]string{"app_key": "999"}, "InvalidAppKey"},
		"no token":           {map[string]string{"access_token": ""}, "MissingParameter"},
		"a token of nobody":  {map[string]string{"access_token": "50000601c30"}, "IllegalAccessToken"},
		"sent after signing": {map[string]string{"sign": c.signed("/seller/get", nil)["sign"], "debug": "true"}, "IncompleteSignature"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &client{t, c.s, c.token}
			c.want(c.get("/seller/get", test.p), test.want)
		})
	}
	c.want(c.get("/khong/co", nil), "InvalidApiPath")
	c.want(c.get("/product/create", nil), "UnsupportedMethod")
	open := &client{t, c.s, ""}
	open.want(open.get("/category/tree/get", nil), "0")
	open.token = "50000601c30"
	open.want(open.get("/category/tree/get", nil), "IllegalAccessToken") // not needed, but wrong
}

// The app's calls of a day are counted, whatever they ask for.
func TestDailyCalls(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := start(t, Options{DailyCalls: 2, Now: func() time.Time { return now }})
	for _, want := range []string{"0", "0", "AppCallLimit"} {
		c.want(c.get("/seller/get", nil), want)
	}
	now = now.Add(24 * time.Hour)
	c.want(c.get("/seller/get", nil), "0")
}

// Clients put parameters into the address, a form, JSON, or several of them.
func TestPlacements(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	const path = "/product/price_quantity/update"
	payload := `{"Request":{"Product":{"Skus":{"Sku":[{"SkuId":"1","Price":"1000"}]}}}}` // unknown, but let in
	business := map[string]string{"payload": payload}
	all := c.signed(path, business)
	asJSON, _ := json.Marshal(business)
	system := values(all)
	system.Del("payload")
	const form = "application/x-www-form-urlencoded"
	for name, a := range map[string]answer{
		"all in the form":                 c.send(http.MethodPost, path, nil, form, []byte(values(all).Encode())),
		"all in the address":              c.send(http.MethodPost, path, values(all), "", nil),
		"system address, payload form":    c.post(path, business),
		"address, and again as JSON":      c.send(http.MethodPost, path, values(all), "application/json", asJSON),
		"system address, payload as JSON": c.send(http.MethodPost, path, system, "application/json", asJSON),
	} {
		if a.Code != "501" {
			t.Errorf("%s: got %s, want to be let in and told that the SKU is missing", name, a.Raw)
		}
	}
	c.want(c.send(http.MethodPost, path, values(all), "application/json", []byte(`{"payload":"{}"}`)), "IncompleteSignature")
	// Two values of one name are refused, whichever of them was signed.
	other := values(all)
	other.Set("payload", "{}")
	c.want(c.send(http.MethodPost, path, other, "application/json", asJSON), "IncompleteSignature")
	c.want(c.send(http.MethodPost, path, system, form, []byte("payload=%7B%7D")), "IncompleteSignature")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := start(t, Options{Now: func() time.Time { return now }})
	c.token = ""
	code := c.s.Authorize()
	first := c.get("/auth/token/create", map[string]string{"code": code})
	c.want(first, "0")
	c.want(c.get("/auth/token/create", map[string]string{"code": code}), "InvalidCode")
	var granted struct {
		Access    string   `json:"access_token"`
		Refresh   string   `json:"refresh_token"`
		Expires   int64    `json:"expires_in"`
		RefreshIn int64    `json:"refresh_expires_in"`
		Info      []object `json:"country_user_info"`
		List      []object `json:"country_user_info_list"`
	}
	read := func(a answer) {
		t.Helper()
		granted.Info, granted.List = nil, nil
		if err := json.Unmarshal(a.Raw, &granted); err != nil {
			t.Fatal(err)
		}
	}
	read(first)
	if granted.Expires != 604800 || granted.RefreshIn != 1209600 || len(granted.Info) != 1 || granted.Info[0]["seller_id"] != c.s.SellerID() {
		t.Errorf("got %s", first.Raw)
	}
	c.token = granted.Access
	c.want(c.get("/seller/get", nil), "0")

	// The access token dies after its time; the refresh token is used once and
	// its life goes on counting down.
	now = now.Add(accessLife)
	c.want(c.get("/seller/get", nil), "IllegalAccessToken")
	c.token = ""
	old := granted.Refresh
	second := c.get("/auth/token/refresh", map[string]string{"refresh_token": old})
	read(second)
	if granted.RefreshIn != 604800 || len(granted.List) != 1 {
		t.Errorf("refreshed: got %s", second.Raw)
	}
	c.want(c.get("/auth/token/refresh", map[string]string{"refresh_token": old}), "IllegalRefreshToken")
	c.want(c.get("/auth/token/refresh", nil), "MissingParameter")
	c.want(c.get("/auth/token/create", nil), "MissingParameter")
	c.token = granted.Access
	c.want(c.get("/seller/get", nil), "0")
	now = now.Add(accessLife)
	c.token = ""
	c.want(c.get("/auth/token/refresh", map[string]string{"refresh_token": granted.Refresh}), "IllegalRefreshToken")

	late := c.s.Authorize()
	now = now.Add(codeLife)
	c.want(c.get("/auth/token/create", map[string]string{"code": late}), "InvalidCode")
}

// A refresh ends the access token before it, and apps of the service market
// cannot refresh at all.
func TestRefreshes(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	access, refresh, _ := c.s.Tokens()
	c.token = ""
	c.want(c.get("/auth/token/refresh", map[string]string{"refresh_token": refresh}), "0")
	c.token = access
	c.want(c.get("/seller/get", nil), "IllegalAccessToken")

	market := start(t, Options{NoRefresh: true})
	_, refresh, _ = market.s.Tokens()
	market.token = ""
	market.want(market.get("/auth/token/refresh", map[string]string{"refresh_token": refresh}), "AUTH_TYPE_UNSUPPORTED")
	if a := market.get("/auth/token/create", map[string]string{"code": market.s.Authorize()}); !strings.Contains(string(a.Raw), `"refresh_expires_in":0`) {
		t.Errorf("got %s", a.Raw)
	}
}

func TestAuthorizePage(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Callback: "https://cho.example/authorize"})
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for query, want := range map[string]int{
		"response_type=code&force_auth=true&state=s1&client_id=" + c.s.AppKey() + "&redirect_uri=https%3A%2F%2Fcho.example%2Fauthorize": http.StatusFound,
		"response_type=code&client_id=" + c.s.AppKey() + "&redirect_uri=https%3A%2F%2Fother.example%2F":                                 http.StatusBadRequest,
		"response_type=code&client_id=1&redirect_uri=https%3A%2F%2Fcho.example%2Fauthorize":                                             http.StatusBadRequest,
		"response_type=token&client_id=" + c.s.AppKey() + "&redirect_uri=https%3A%2F%2Fcho.example%2Fauthorize":                         http.StatusBadRequest,
	} {
		response, err := stay.Get(c.s.AuthorizeURL() + "?" + query) //nolint:noctx // a test
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		location := response.Header.Get("Location")
		if response.StatusCode != want || want == http.StatusFound && (!strings.Contains(location, "code=0_") || !strings.Contains(location, "state=s1")) {
			t.Errorf("%s: got %d to %q, want %d", query, response.StatusCode, location, want)
		}
	}
}

// A code that was asked for with a uuid is exchanged with the same, and an app
// serves only the sellers on its list.
func TestConsent(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(c *client, query string) *http.Response {
		t.Helper()
		response, err := stay.Get(c.s.AuthorizeURL() + "?response_type=code&client_id=" + c.s.AppKey() + "&redirect_uri=https%3A%2F%2Fcho.example%2F" + query) //nolint:noctx // a test
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	c.token = ""
	for uuid, want := range map[string]string{"": "InvalidCode", "u1": "0"} {
		back, err := ask(c, "&uuid=u1").Location()
		if err != nil {
			t.Fatal(err)
		}
		c.want(c.get("/auth/token/create", map[string]string{"code": back.Query().Get("code"), "uuid": uuid}), want)
	}
	if got := ask(start(t, Options{NotListed: true}), "").StatusCode; got != http.StatusForbidden {
		t.Errorf("a seller who is not on the list: got %d", got)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	c := start(t, Options{RatePerSecond: 0.001, Burst: 1})
	c.want(c.get("/seller/get", nil), "0")
	c.want(c.get("/seller/get", nil), "ApiCallLimit")
}
