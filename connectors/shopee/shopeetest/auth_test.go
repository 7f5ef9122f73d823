package shopeetest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The vectors were computed by others: two SDKs and an independent program.
func TestSignVectors(t *testing.T) {
	t.Parallel()
	const key = DefaultPartnerKey
	callback := "https://hub.example.vn/webhooks/shopee|"
	p1 := `{"data":{"items":[],"ordersn":"2606170RUNGHNY","status":"READY_TO_SHIP","completed_scenario":"","update_time":1655714430},"shop_id":14701711,"code":3,"timestamp":1655714431}`
	p2 := `{"shop_id":14701711,"code":16,"timestamp":1655714431,"data":{"item_id":100900001,"item_name":"Mật ong rừng U Minh 500ml","item_status":"BANNED"}}`
	for name, v := range map[string]struct{ key, base, want string }{
		"S1 shop":          {key, "2001887/api/v2/product/get_item_list165571443159777174636562737266615546704c6d14701711", "b9e03aee27cb1e08bdb58d199f58b46450ed578d42c0f668cbc995c537de16e0"},
		"S2 public":        {key, "2001887/api/v2/auth/token/get1655714431", "190e3333729ab16fe75d0185d8c31e3bb86a0efca0bc971a161dd37e949d4369"},
		"S3 public":        {key, "2001887/api/v2/auth/access_token/get1655714431", "4a036520e18928b96416626b5844b9c281d35cdea8f558b627c765f83fd9b199"},
		"S4 shop":          {key, "2001887/api/v2/product/add_item165571443159777174636562737266615546704c6d14701711", "fb6b08ce6bbb09616b9fba71ffe1685b11db0bf9f8f1b3a4b5a2949054fdd643"},
		"S5 merchant":      {key, "2001887/api/v2/merchant/get_merchant_info165571443159777174636562737266615546704c6d1000576", "2a8781dc76eaa6eee36b1b95d0014576e2d577a6c8602c11570607214f8452bd"},
		"S6 auth link":     {key, "2001887/api/v2/shop/auth_partner1655714431", "c45666ec8923bce98eea459beb731868fe5e798c0cab181da66b9e96500995bd"},
		"S7 upload":        {key, "2001887/api/v2/media_space/upload_image1655714431", "6a1389b75192f2903b215b8f22ef223ed0806045a7021bdfc85f1ad88fc5064a"},
		"P1 push":          {key, callback + p1, "47cc27efb1b7a16b998713e9df5141bec02d13872f89e104d56c7a010c7a047a"},
		"P2 push, UTF-8":   {key, callback + p2, "e13dcc5eed1a9a7edc5c0a11377638c9f9a87d8b8b3be05eb7b3824106425a63"},
		"P3 push, own key": {DefaultPushKey, callback + p1, "0c712e0f044430687f5b40ee1d9f57886665ed8ad2997adb41d20122c0291994"},
	} {
		if got := sign(v.key, v.base); got != v.want {
			t.Errorf("%s: got %s, want %s", name, got, v.want)
		}
	}
}

// The vectors of calls, sent at their time: the simulator forms the same base.
func TestAdmitVectors(t *testing.T) {
	t.Parallel()
	at := time.Unix(1655714431, 0)
	c := start(t, Options{Now: func() time.Time { return at }})
	c.sim.access["59777174636562737266615546704c6d"] = &grant{shop: DefaultShopID, expires: at.Add(time.Hour)}
	for name, v := range map[string]struct{ method, path, token, sign string }{
		"S1": {"GET", "product/get_item_list", "59777174636562737266615546704c6d", "b9e03aee27cb1e08bdb58d199f58b46450ed578d42c0f668cbc995c537de16e0"},
		"S2": {"POST", "auth/token/get", "", "190e3333729ab16fe75d0185d8c31e3bb86a0efca0bc971a161dd37e949d4369"},
		"S3": {"POST", "auth/access_token/get", "", "4a036520e18928b96416626b5844b9c281d35cdea8f558b627c765f83fd9b199"},
		"S4": {"POST", "product/add_item", "59777174636562737266615546704c6d", "fb6b08ce6bbb09616b9fba71ffe1685b11db0bf9f8f1b3a4b5a2949054fdd643"},
		"S6": {"GET", "shop/auth_partner", "", "c45666ec8923bce98eea459beb731868fe5e798c0cab181da66b9e96500995bd"},
		"S7": {"POST", "media_space/upload_image", "", "6a1389b75192f2903b215b8f22ef223ed0806045a7021bdfc85f1ad88fc5064a"},
	} {
		q := url.Values{"partner_id": {"2001887"}, "timestamp": {"1655714431"}, "sign": {v.sign}}
		if v.token != "" {
			q.Set("access_token", v.token)
			q.Set("shop_id", "14701711")
		}
		if r := c.send(v.method, "/api/v2/"+v.path, q, "", nil); r.Error == "error_sign" || r.Error == "invalid_acceess_token" {
			t.Errorf("%s: refused with %s", name, r.Error)
		}
		q.Set("sign", strings.Repeat("0", 64))
		r := c.send(v.method, "/api/v2/"+v.path, q, "", nil)
		if r.Error != "error_sign" || r.Status != http.StatusForbidden {
			t.Errorf("%s with a wrong signature: got %q with status %d, want error_sign with 403", name, r.Error, r.Status)
		}
	}
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	path := "/api/v2/shop/get_shop_info"
	call := func(change func(url.Values)) reply {
		q := c.signed(path, c.access, time.Now())
		change(q)
		return c.send(http.MethodGet, path, q, "", nil)
	}
	c.want("a good call", call(func(url.Values) {}), "")
	for name, test := range map[string]struct {
		change func(url.Values)
		code   string
	}{
		"no sign":       {func(q url.Values) { q.Del("sign") }, "error_param"},
		"no partner":    {func(q url.Values) { q.Del("partner_id") }, "error_param"},
		"no time":       {func(q url.Values) { q.Del("timestamp") }, "error_param"},
		"another time":  {func(q url.Values) { q.Set("timestamp", strconv.FormatInt(time.Now().Unix()+9, 10)) }, "error_sign"},
		"another token": {func(q url.Values) { q.Set("access_token", "0") }, "error_sign"},
		"another shop":  {func(q url.Values) { q.Set("shop_id", "1") }, "error_sign"},
		"upper case":    {func(q url.Values) { q.Set("sign", strings.ToUpper(q.Get("sign"))) }, "error_sign"},
		"unknown app": {func(q url.Values) {
			shop := strconv.Itoa(DefaultShopID)
			q.Set("partner_id", "1")
			q.Set("sign", sign(DefaultPartnerKey, "1"+path+q.Get("timestamp")+q.Get("access_token")+shop))
		}, "error_sign"},
		"too old":        {func(q url.Values) { replace(q, c.signed(path, c.access, time.Now().Add(-6*time.Minute))) }, "error_param"},
		"in the future":  {func(q url.Values) { replace(q, c.signed(path, c.access, time.Now().Add(6*time.Minute))) }, "error_param"},
		"as public":      {func(q url.Values) { replace(q, c.signed(path, "", time.Now())) }, "error_param"},
		"invented token": {func(q url.Values) { replace(q, c.signed(path, "abc", time.Now())) }, "invalid_acceess_token"},
	} {
		r := c.want(name, call(test.change), test.code)
		if r.Status != http.StatusForbidden {
			t.Errorf("%s: status %d, want 403", name, r.Status)
		}
	}
	c.want("four minutes late", c.send("GET", path, c.signed(path, c.access, time.Now().Add(-4*time.Minute)), "", nil), "")
	if r := c.send("GET", "/api/v2/shop/no_such_api", c.signed(path, c.access, time.Now()), "", nil); r.Status != http.StatusNotFound {
		t.Errorf("unknown API: status %d", r.Status)
	}
}

func replace(q, by url.Values) {
	clear(q)
	for name, values := range by {
		q[name] = values
	}
}

func TestStatusOption(t *testing.T) {
	t.Parallel()
	c := start(t, Options{AuthStatus: http.StatusOK})
	c.access = "sai"
	if r := c.want("bad token", c.get("shop/get_shop_info", nil), "invalid_acceess_token"); r.Status != http.StatusOK {
		t.Errorf("status %d, want 200", r.Status)
	}
}

type tokens struct {
	Access   string  `json:"access_token"`
	Refresh  string  `json:"refresh_token"`
	ExpireIn int64   `json:"expire_in"`
	Shops    []int64 `json:"shop_id_list"`
}

func (c *client) tokens(r reply) tokens {
	c.Helper()
	c.ok("tokens", r, nil)
	var out tokens
	if err := json.Unmarshal(r.Body, &out); err != nil {
		c.Fatal(err)
	}
	return out
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	exchange := func(code string) map[string]any {
		return map[string]any{"code": code, "partner_id": DefaultPartnerID, "shop_id": DefaultShopID}
	}
	code := c.sim.Authorize()
	text := exchange(code)
	text["partner_id"] = strconv.Itoa(DefaultPartnerID)
	c.want("partner_id as a text", c.public("POST", "auth/token/get", text), "error_param")
	c.want("wrong code", c.public("POST", "auth/token/get", exchange("sai")), "invalid_code")
	first := c.tokens(c.public("POST", "auth/token/get", exchange(code)))
	if first.ExpireIn != 14400 || len(first.Shops) != 1 || first.Shops[0] != DefaultShopID {
		t.Errorf("got %+v", first)
	}
	c.want("the code again", c.public("POST", "auth/token/get", exchange(code)), "invalid_code")

	main := c.sim.AuthorizeMain(77)
	c.want("a main account's code for a shop", c.public("POST", "auth/token/get", exchange(main)), "invalid_shop_id")
	c.tokens(c.public("POST", "auth/token/get", map[string]any{"code": main, "partner_id": DefaultPartnerID, "main_account_id": 77}))

	refresh := func(token string) reply {
		return c.public("POST", "auth/access_token/get", map[string]any{"refresh_token": token, "partner_id": DefaultPartnerID, "shop_id": DefaultShopID})
	}
	second := c.tokens(refresh(first.Refresh))
	if second.Access == first.Access || second.Refresh == first.Refresh {
		t.Error("a refresh must give a new pair")
	}
	c.want("the refresh token again", refresh(first.Refresh), "error_shop_refresh_token")
	c.access = first.Access
	c.want("the old access token, for a while", c.get("shop/get_shop_info", nil), "")
	c.sim.ExpireToken()
	c.access = second.Access
	c.want("expired", c.get("shop/get_shop_info", nil), "invalid_acceess_token")
	c.access = c.tokens(refresh(second.Refresh)).Access
	c.want("refreshed", c.get("shop/get_shop_info", nil), "")
	c.sim.Revoke()
	c.want("revoked", c.get("shop/get_shop_info", nil), "invalid_acceess_token")
}

func TestTokenLifetimes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := start(t, Options{Now: func() time.Time { return now }})
	access, refresh, expires := c.sim.Tokens()
	code := c.sim.Authorize()
	if got := expires.Sub(now); got != 4*time.Hour {
		t.Errorf("access tokens live %s, want 4h", got)
	}
	c.access = access
	at := func(d time.Duration) reply {
		now = now.Add(d)
		path := "/api/v2/shop/get_shop_info"
		return c.send("GET", path, c.signed(path, c.access, now), "", nil)
	}
	path := "/api/v2/auth/access_token/get"
	body := c.json(map[string]any{"refresh_token": refresh, "partner_id": DefaultPartnerID, "shop_id": DefaultShopID})
	second := c.tokens(c.send("POST", path, c.signed(path, "", now), "application/json", body))
	c.want("the old token after 4 minutes", at(4*time.Minute), "")
	c.want("the old token after 6 minutes", at(2*time.Minute), "invalid_acceess_token")
	exchange := "/api/v2/auth/token/get"
	now = now.Add(10 * time.Minute)
	late := c.json(map[string]any{"code": code, "partner_id": DefaultPartnerID, "shop_id": DefaultShopID})
	c.want("a code after ten minutes", c.send("POST", exchange, c.signed(exchange, "", now), "application/json", late), "invalid_code")
	now = now.Add(31 * 24 * time.Hour)
	body = c.json(map[string]any{"refresh_token": second.Refresh, "partner_id": DefaultPartnerID, "shop_id": DefaultShopID})
	c.want("a refresh token after 31 days", c.send("POST", path, c.signed(path, "", now), "application/json", body), "refresh_token_expired")
}

func TestConsent(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	redirect := "https://cho.example/callback?nonce=1"
	path := "/api/v2/shop/auth_partner"
	q := c.signed(path, "", time.Now())
	q.Set("redirect", redirect)
	classic := c.send("GET", path, q, "", nil)
	newer := c.send("GET", "/auth", url.Values{"auth_type": {"seller"}, "response_type": {"code"}, "partner_id": {strconv.Itoa(DefaultPartnerID)},
		"redirect_uri": {redirect}, "state": {"s1"}}, "", nil)
	for name, r := range map[string]reply{"classic": classic, "newer": newer} {
		u, err := url.Parse(r.Message)
		if err != nil || r.Status != http.StatusFound {
			t.Fatalf("%s: status %d, location %q", name, r.Status, r.Message)
		}
		got := u.Query()
		if got.Get("nonce") != "1" || got.Get("shop_id") != strconv.Itoa(DefaultShopID) || (got.Get("state") == "s1") != (name == "newer") {
			t.Errorf("%s: callback %s", name, r.Message)
		}
		c.tokens(c.public("POST", "auth/token/get", map[string]any{"code": got.Get("code"), "partner_id": DefaultPartnerID, "shop_id": DefaultShopID}))
	}
	q.Set("sign", "0")
	c.want("a link with a wrong signature", c.send("GET", path, q, "", nil), "error_sign")
}
