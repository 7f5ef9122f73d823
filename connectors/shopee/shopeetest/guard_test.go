package shopeetest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Every check of who calls: taking one out lets one of these calls in.
func TestGuardsOfTokens(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := start(t, Options{Now: func() time.Time { return now }, PartnerID: 42})
	call := func(path string, ids url.Values, token string) reply {
		path = "/api/v2/" + path
		timestamp := strconv.FormatInt(now.Unix(), 10)
		q := url.Values{"partner_id": {"42"}, "timestamp": {timestamp}}
		base := "42" + path + timestamp
		if token != "" {
			q.Set("access_token", token)
			base += token + ids.Get("shop_id") + ids.Get("merchant_id")
		}
		for name := range ids {
			q.Set(name, ids.Get(name))
		}
		q.Set("sign", sign(c.sim.PartnerKey(), base))
		return c.send(http.MethodGet, path, q, "", nil)
	}
	shop := url.Values{"shop_id": {strconv.Itoa(DefaultShopID)}}
	merchant := url.Values{"merchant_id": {strconv.Itoa(MerchantID)}}
	const info, of = "shop/get_shop_info", "merchant/get_merchant_info"
	_, refresh, _ := c.sim.Tokens()
	body := map[string]any{"refresh_token": refresh, "partner_id": 42, "merchant_id": MerchantID}
	token := c.tokens(c.at(now, "auth/access_token/get", body)).Access

	c.want("the shop's token for the shop", call(info, shop, c.access), "")
	c.want("no shop", call(info, nil, c.access), "error_param")
	c.want("another shop", call(info, url.Values{"shop_id": {"1"}}, c.access), "invalid_acceess_token")
	c.want("the shop's token for the merchant", call(of, merchant, c.access), "invalid_acceess_token")
	c.want("the merchant's token for the merchant", call(of, merchant, token), "")
	c.want("the merchant's token for the shop", call(info, shop, token), "invalid_acceess_token")
	c.want("the merchant's token for a shop of its number", call(info, url.Values{"shop_id": {strconv.Itoa(MerchantID)}}, token), "invalid_acceess_token")
	c.want("the shop's token for a merchant of its number", call(of, url.Values{"merchant_id": {strconv.Itoa(DefaultShopID)}}, c.access), "invalid_acceess_token")
	c.want("no merchant", call(of, nil, token), "error_param")
	c.want("no token for a merchant", call(of, merchant, ""), "error_param")
	c.want("no token for a shop", call(info, shop, ""), "error_param")
	c.want("an upload with an invented token", call("media_space/get_video_upload_result", shop, "abc"), "invalid_acceess_token")
	c.want("a public call with a token", call("public/get_shops_by_partner", shop, "abc"), "")

	for status, code := range map[string]string{shopFrozen: "", shopBanned: "shop_banned", shopNormal: ""} {
		if err := c.sim.SetShopStatus(status); err != nil {
			t.Fatal(err)
		}
		c.want("a shop that is "+status, call(info, shop, c.access), code)
	}
	if c.sim.SetShopStatus("CLOSED") == nil {
		t.Error("an unknown status was taken")
	}
	now = now.Add(grantLife + time.Hour)
	c.access, refresh, _ = c.sim.Tokens()
	c.want("after a year", call(info, shop, c.access), "shop_access_expired")
	body = map[string]any{"refresh_token": refresh, "partner_id": 42, "shop_id": DefaultShopID}
	c.want("a refresh after a year", c.at(now, "auth/access_token/get", body), "shop_access_expired")
}

// at sends a public call at a time.
func (c *client) at(now time.Time, api string, body any) reply {
	c.Helper()
	path := "/api/v2/" + api
	return c.send(http.MethodPost, path, c.signed(path, "", now), "application/json", c.json(body))
}

// Every check of codes and refresh tokens.
func TestGuardsOfExchange(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	type fields = map[string]any
	good := func() fields {
		return fields{"code": c.sim.Authorize(), "partner_id": DefaultPartnerID, "shop_id": DefaultShopID}
	}
	refresh := func() fields {
		_, token, _ := c.sim.Tokens()
		return fields{"refresh_token": token, "partner_id": DefaultPartnerID, "shop_id": DefaultShopID}
	}
	exchange, renew, again := "auth/token/get", "auth/access_token/get", "public/get_token_by_resend_code"
	for name, test := range map[string]struct {
		api    string
		body   fields
		change fields // nil values are removed
		code   string
	}{
		"a code":                          {exchange, good(), nil, ""},
		"no app":                          {exchange, good(), fields{"partner_id": nil}, "error_param"},
		"another app":                     {exchange, good(), fields{"partner_id": 7}, "error_param"},
		"neither shop nor account":        {exchange, good(), fields{"shop_id": nil}, "error_param"},
		"shop and account":                {exchange, good(), fields{"main_account_id": 1}, "error_param"},
		"another shop":                    {exchange, good(), fields{"shop_id": 7}, "invalid_shop_id"},
		"a shop's code for an account":    {exchange, good(), fields{"shop_id": nil, "main_account_id": 9}, "invalid_main_account_id"},
		"a code of another account":       {exchange, good(), fields{"code": c.sim.AuthorizeMain(8), "shop_id": nil, "main_account_id": 9}, "invalid_main_account_id"},
		"a refresh":                       {renew, refresh(), nil, ""},
		"a refresh without app":           {renew, refresh(), fields{"partner_id": nil}, "error_param"},
		"a refresh of another app":        {renew, refresh(), fields{"partner_id": 7}, "error_param"},
		"a refresh for nobody":            {renew, refresh(), fields{"shop_id": nil}, "error_param"},
		"a refresh for two":               {renew, refresh(), fields{"merchant_id": MerchantID}, "error_param"},
		"a refresh of another shop":       {renew, refresh(), fields{"shop_id": 7}, "error_shop_refresh_token"},
		"a refresh of another merchant":   {renew, refresh(), fields{"shop_id": nil, "merchant_id": 7}, "error_shop_refresh_token"},
		"an invented refresh token":       {renew, refresh(), fields{"refresh_token": "x"}, "error_shop_refresh_token"},
		"a code that was sent again":      {again, fields{"resend_code": c.sim.ResendCode()}, nil, ""},
		"an ordinary code as sent again":  {again, fields{"resend_code": c.sim.Authorize()}, nil, "invalid_code"},
		"an invented code as sent again":  {again, fields{"resend_code": "x"}, nil, "invalid_code"},
		"an exchange that is not JSON":    {exchange, nil, nil, "error_param"},
		"a refresh that is not JSON":      {renew, nil, nil, "error_param"},
		"a repetition that is not JSON":   {again, nil, nil, "error_param"},
		"a refresh with a shop's as text": {renew, refresh(), fields{"shop_id": "14701711"}, "error_param"},
	} {
		for field, value := range test.change {
			if test.body[field] = value; value == nil {
				delete(test.body, field)
			}
		}
		var body any = test.body
		if test.body == nil {
			body = "{"
		}
		if r := c.want(name, c.public(http.MethodPost, test.api, body), test.code); test.code != "" && r.Status == http.StatusOK && r.Message != "Wrong parameters, detail: parse data failed." {
			t.Errorf("%s: status %d", name, r.Status)
		}
	}
	// A merchant's refresh token is not the shop's.
	body := refresh()
	delete(body, "shop_id")
	body["merchant_id"] = MerchantID
	answer := c.public(http.MethodPost, renew, body)
	if merchant := c.tokens(answer); !strings.Contains(string(answer.Body), `"merchant_id":1000576`) || strings.Contains(string(answer.Body), "shop_id") || merchant.Refresh == "" {
		t.Errorf("the merchant's tokens: %d bytes that name another", len(answer.Body))
	}
	body["refresh_token"] = c.tokens(answer).Refresh
	merchant := c.tokens(c.public(http.MethodPost, renew, body))
	shop := fields{"refresh_token": merchant.Refresh, "partner_id": DefaultPartnerID, "shop_id": DefaultShopID}
	c.want("the merchant's refresh token for the shop", c.public(http.MethodPost, renew, shop), "error_shop_refresh_token")
	if err := c.sim.SetShopStatus(shopBanned); err != nil {
		t.Fatal(err)
	}
	c.want("a refresh of a banned shop", c.public(http.MethodPost, renew, refresh()), "shop_banned")
}

// A code, or one that was sent again, lives for ten minutes.
func TestCodesExpire(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := start(t, Options{Now: func() time.Time { return now }})
	code, again := c.sim.Authorize(), c.sim.ResendCode()
	now = now.Add(codeLife)
	c.want("code", c.at(now, "auth/token/get", map[string]any{"code": code, "partner_id": DefaultPartnerID, "shop_id": DefaultShopID}), "invalid_code")
	c.want("sent again", c.at(now, "public/get_token_by_resend_code", map[string]any{"resend_code": again}), "invalid_code")
}

// The links that sellers follow are checked like calls.
func TestGuardsOfLinks(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.want("before", c.get("shop/get_shop_info", nil), "")
	for _, api := range []string{"/api/v2/shop/auth_partner", "/api/v2/shop/cancel_auth_partner"} {
		link := func(redirect, sign string) reply {
			q := c.signed(api, "", time.Now())
			q.Set("redirect", redirect)
			if sign != "" {
				q.Set("sign", sign)
			}
			return c.send(http.MethodGet, api, q, "", nil)
		}
		c.want(api+" with a wrong signature", link("https://cho.example/back", "0"), "error_sign")
		c.want(api+" without a way back", link("", ""), "error_param")
		c.want(api+" with half a way back", link("https://", ""), "error_param")
		c.want(api+" with a broken way back", link("https://cho.example/%zz", ""), "error_param")
	}
	c.want("nothing was taken back yet", c.get("shop/get_shop_info", nil), "")
	api := "/api/v2/shop/cancel_auth_partner"
	q := c.signed(api, "", time.Now())
	q.Set("redirect", "https://cho.example/back?x=1")
	if r := c.send(http.MethodGet, api, q, "", nil); r.Status != http.StatusFound || !strings.Contains(r.Message, "shop_id="+strconv.Itoa(DefaultShopID)) {
		t.Errorf("cancel: status %d, back to %q", r.Status, r.Message)
	}
	c.want("after", c.get("shop/get_shop_info", nil), "invalid_acceess_token")
	good := url.Values{"auth_type": {"seller"}, "response_type": {"code"}, "partner_id": {strconv.Itoa(DefaultPartnerID)}, "redirect_uri": {"https://cho.example/back"}}
	for _, name := range []string{"", "auth_type", "response_type", "partner_id"} {
		q := url.Values{}
		for field, values := range good {
			q[field] = values
		}
		q.Set(name, "7")
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.sim.URL+"/auth?"+q.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		transport := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		answer, err := transport.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		want := http.StatusBadRequest
		if name == "" {
			want = http.StatusFound
		}
		if answer.StatusCode != want {
			t.Errorf("the newer link with a wrong %q: status %d, want %d", name, answer.StatusCode, want)
		}
	}
}

// Addresses and methods that are not there are not served.
func TestGuardsOfRoutes(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	for name, test := range map[string]struct{ method, path string }{
		"another version": {http.MethodGet, "/api/v1/shop/get_shop_info"},
		"no version":      {http.MethodGet, "/shop/get_shop_info"},
		"another method":  {http.MethodPost, "/api/v2/shop/get_shop_info"},
		"an unknown call": {http.MethodGet, "/api/v2/shop/get_nothing"},
	} {
		if r := c.want(name, c.send(test.method, test.path, c.signed(test.path, c.access, time.Now()), "", nil), "error_not_found"); r.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", name, r.Status)
		}
	}
	path := "/api/v2/product/delete_item"
	c.want("a form where JSON belongs", c.send(http.MethodPost, path, c.signed(path, c.access, time.Now()), "application/x-www-form-urlencoded", []byte("item_id=1")), "error_param")
	c.want("JSON that is broken", c.post("product/delete_item", "{"), "error_param")
	if _, err := Start(Options{ShipBy: "drone"}); err == nil {
		t.Error("an unknown way to ship was taken")
	}
	if _, err := Start(Options{Addr: "256.0.0.1:1"}); err == nil {
		t.Error("an address that cannot be listened on was taken")
	}
}

// Pushes go to the registered address only, signed, and only of kinds that are
// on; many failures switch them off.
func TestGuardsOfPushes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := start(t, Options{Now: func() time.Time { return now }})
	c.access, _, _ = c.sim.Tokens()
	status, count := http.StatusOK, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		count++
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	set := func(body map[string]any) reply { return c.at(now, "push/set_app_push_config", body) }
	c.want("no address at all", set(map[string]any{"set_push_config_on": []int{3}}), "error_param")
	for name, address := range map[string]string{"no scheme": "cho.example/hook", "no host": "https://", "another scheme": "ftp://cho.example/", "broken": "https://cho.example/%zz"} {
		c.want(name, set(map[string]any{"callback_url": address}), "error_param")
	}
	c.want("too many shops", set(map[string]any{"callback_url": server.URL, "blocked_shop_id_list": make([]int64, 501)}), "error_param")
	c.want("no JSON", c.at(now, "push/set_app_push_config", "{"), "error_param")
	c.want("nothing to confirm", c.at(now, "push/confirm_consumed_lost_push_message", map[string]any{}), "error_param")
	c.want("confirm no JSON", c.at(now, "push/confirm_consumed_lost_push_message", "{"), "error_param")
	emit := func() {
		c.sim.mu.Lock()
		defer c.sim.mu.Unlock()
		c.sim.emit(3, object{"ordersn": "x"})
	}
	deliver := func(doing string, delivered, failed int) {
		t.Helper()
		if d, f := c.sim.DeliverHooks(); d != delivered || f != failed {
			t.Errorf("%s: %d delivered, %d failed, want %d and %d", doing, d, f, delivered, failed)
		}
	}
	emit()
	c.want("register", set(map[string]any{"callback_url": server.URL}), "")
	deliver("without an address when it happened", 0, 0)
	emit()
	deliver("a kind that is off", 0, 0)
	c.want("switch on", set(map[string]any{"set_push_config_on": []int{3}}), "")
	emit()
	deliver("on", 1, 0)
	c.want("block", set(map[string]any{"blocked_shop_id_list": []int64{DefaultShopID}}), "")
	emit()
	deliver("blocked", 0, 0)
	c.want("no more", set(map[string]any{"blocked_shop_id_list": []int64{}}), "")
	c.want("untouched", set(map[string]any{"set_push_config_off": []int{4}}), "")
	emit()
	deliver("again", 1, 0)
	if !c.sim.Ping() {
		t.Error("the registration ping was not taken")
	}
	c.sim.RepeatHooks()
	count = 0
	emit()
	if deliver("twice", 1, 0); count != 2 {
		t.Errorf("a repeated push came %d times", count)
	}
	state := func() string {
		var config struct {
			Status string `json:"live_push_status"`
		}
		path := "/api/v2/push/get_app_push_config"
		c.ok("read", c.send(http.MethodGet, path, c.signed(path, "", now), "", nil), &config)
		return config.Status
	}
	status = http.StatusBadGateway
	for range 250 {
		emit()
	}
	deliver("failing", 0, 250)
	if got := state(); got != pushNormal {
		t.Errorf("after 250 failures: %s", got)
	}
	status = http.StatusOK
	for range 400 {
		emit()
	}
	deliver("better", 400, 0)
	if got := state(); got != pushWarning {
		t.Errorf("after 250 of 650 failed: %s", got)
	}
	status = http.StatusBadGateway
	for range 800 {
		emit()
	}
	deliver("failing", 0, 800)
	if got := state(); got != pushSuspended {
		t.Errorf("after most failed: %s", got)
	}
	now = now.Add(7 * time.Hour)
	if got := state(); got != pushSuspended {
		t.Errorf("later: %s", got)
	}
	emit()
	waiting := len(c.sim.push.waiting)
	c.want("register again", set(map[string]any{"callback_url": "http://cho.example/hook"}), "")
	if got := state(); got != pushNormal {
		t.Errorf("after a new address: %s", got)
	}
	if emit(); len(c.sim.push.waiting) != waiting+1 {
		t.Error("pushes do not come again")
	}
	if d, _ := c.sim.DeliverHooks(); d != 0 {
		t.Error("a push left the machine")
	}
}
