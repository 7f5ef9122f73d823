package tiktokshoptest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

const shopsPath, warehousesPath = "/authorization/202309/shops", "/logistics/202309/warehouses"

func TestGateRefuses(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	stamp := func(d time.Duration) url.Values {
		return url.Values{"timestamp": {strconv.FormatInt(time.Now().Add(d).Unix(), 10)}}
	}
	for _, tt := range []struct {
		name, method, path string
		query              url.Values
		code, status       int
	}{
		{"good", "GET", warehousesPath, nil, 0, 200},
		{"almost too old", "GET", warehousesPath, stamp(-290 * time.Second), 0, 200},
		{"too old", "GET", warehousesPath, stamp(-310 * time.Second), 36009004, 200},
		{"almost too early", "GET", warehousesPath, stamp(20 * time.Second), 0, 200},
		{"too early", "GET", warehousesPath, stamp(40 * time.Second), 36009004, 200},
		{"no time", "GET", warehousesPath, url.Values{"timestamp": {""}}, 36009004, 200},
		{"milliseconds", "GET", warehousesPath, url.Values{"timestamp": {"1767225600000"}}, 36009004, 200},
		{"eleven digits", "GET", warehousesPath, url.Values{"timestamp": {"0" + strconv.FormatInt(time.Now().Unix(), 10)}}, 36009004, 200},
		{"no number", "GET", warehousesPath, url.Values{"timestamp": {"hai giờ rưỡi"[:10]}}, 36009004, 200},
		{"another app", "GET", warehousesPath, url.Values{"app_key": {"khac"}}, 36009004, 200},
		{"cipher missing", "GET", warehousesPath, noCipher, 106013, 200},
		{"cipher of another shop", "GET", warehousesPath, url.Values{"shop_cipher": {"ROW_khac"}}, 101000, 200},
		{"no cipher where none belongs", "GET", shopsPath, noCipher, 0, 200},
		{"cipher where none belongs", "GET", shopsPath, nil, 36009004, 200},
		{"unknown path", "GET", "/product/202309/nothing", nil, 36009009, 404},
		{"old path", "GET", "/api/products", nil, 36009009, 404},
		{"wrong method", "PUT", warehousesPath, nil, 36009010, 200},
		{"wrong version", "GET", "/logistics/202212/warehouses", nil, 36009014, 200},
	} {
		got := c.call(tt.method, tt.path, tt.query, nil)
		if got.Code != tt.code || got.Status != tt.status {
			t.Errorf("%s: got HTTP %d, %d %s; want %d, %d", tt.name, got.Status, got.Code, got.Message, tt.status, tt.code)
		}
	}
	if got := c.call("GET", warehousesPath, url.Values{"timestamp": {"mot-hai-ba"}}, nil); !strings.Contains(got.Message, "lesser than 0") {
		t.Errorf("a time that is no number: got %s", got.Message)
	}
	q := c.query(warehousesPath, nil, nil)
	q.Del("sign")
	if got := c.send("GET", warehousesPath, q, "", nil); got.Code != 36009004 {
		t.Errorf("without a signature: got %d", got.Code)
	}
	body := []byte(`{"product_ids":["1"]}`)
	if got := c.send("POST", "/product/202309/products/activate", c.query("/product/202309/products/activate", nil, body), "text/plain", body); got.Code != 36009022 {
		t.Errorf("text for JSON: got %d", got.Code)
	}
	if got := c.call("POST", "/product/202309/products/activate", nil, `{"product_ids":[1729400000000000001]}`); got.Code != 98001004 {
		t.Errorf("a number for an ID: got %d", got.Code)
	}
	for code, options := range map[int]Options{36009033: {OtherIP: true}, 36009043: {Disabled: true}} {
		shut := start(t, options)
		shut.want(code, "GET", warehousesPath, nil, nil, nil)
	}
	now := time.Now()
	hourly := start(t, Options{HourlyCalls: 1, Now: func() time.Time { return now }})
	hourly.want(0, "GET", warehousesPath, nil, nil, nil)
	hourly.want(36009037, "GET", warehousesPath, nil, nil, nil)
	now = now.Add(time.Hour)
	hourly.want(0, "GET", warehousesPath, nil, nil, nil)
	limited := start(t, Options{Scopes: []string{scopeOrder}})
	if got := limited.call("GET", warehousesPath, nil, nil); got.Code != 105005 {
		t.Errorf("without the scope: got %d", got.Code)
	}
	slow := start(t, Options{RatePerSecond: 0.001, Burst: 1})
	slow.call("GET", warehousesPath, nil, nil)
	if got := slow.call("GET", warehousesPath, nil, nil); got.Code != 36009002 || got.Status != http.StatusTooManyRequests {
		t.Errorf("over the limit: got HTTP %d, %d", got.Status, got.Code)
	}
}

// tokens makes one of the token calls.
func (c *client) tokens(path string, q url.Values) (reply, map[string]any) {
	c.Helper()
	values := url.Values{"app_key": {c.sim.AppKey()}, "app_secret": {c.sim.AppSecret()}}
	for name, value := range q {
		values[name] = value
	}
	answer := c.send("GET", path, values, "", nil)
	data := map[string]any{}
	_ = json.Unmarshal(answer.Data, &data)
	return answer, data
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	now := time.Unix(1767225600, 0)
	c := start(t, Options{Now: func() time.Time { return now }, RedirectURL: "https://cho.example/callback?x=1"})
	const get, refresh = "/api/v2/token/get", "/api/v2/token/refresh"

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.sim.AuthorizeURL()+"?service_id="+c.sim.ServiceID()+"&state=trang", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || back.Query().Get("state") != "trang" || back.Query().Get("app_key") != c.sim.AppKey() || back.Query().Get("x") != "1" {
		t.Fatalf("consent leads to %v, %v", back, err)
	}
	code := back.Query().Get("code")

	exchange := func(code, grant string) (reply, map[string]any) {
		return c.tokens(get, url.Values{"auth_code": {code}, "grant_type": {grant}})
	}
	first, data := exchange(code, "authorized_code")
	if first.Code != 0 || data["access_token_expire_in"] != float64(now.Add(7*24*time.Hour).Unix()) || data["user_type"] != float64(0) {
		t.Fatalf("exchange: got %d %s, %v", first.Code, first.Message, data)
	}
	if again, _ := exchange(code, "authorized_code"); again.Code != 36004004 || again.Status != 200 {
		t.Errorf("a code used twice: got %d", again.Code)
	}
	if odd, _ := exchange(c.sim.Authorize(), "authorization_code"); odd.Code == 0 {
		t.Error("another grant type: no error")
	}
	late := c.sim.Authorize()
	now = now.Add(31 * time.Minute)
	if got, _ := exchange(late, "authorized_code"); got.Code != 36004004 {
		t.Errorf("a code after half an hour: got %d", got.Code)
	}
	if got, _ := c.tokens(get, url.Values{"auth_code": {c.sim.Authorize()}, "grant_type": {"authorized_code"}, "app_secret": {"sai"}}); got.Code == 0 {
		t.Error("a wrong secret: no error")
	}
	if got, _ := c.tokens(get, url.Values{"auth_code": {c.sim.Authorize()}, "grant_type": {"authorized_code"}, "app_key": {"khac"}}); got.Code == 0 {
		t.Error("another app's key: no error")
	}
	if got := c.send("POST", get, url.Values{"app_key": {c.sim.AppKey()}, "app_secret": {c.sim.AppSecret()}, "auth_code": {c.sim.Authorize()}, "grant_type": {"authorized_code"}}, "", nil); got.Code != 36009010 {
		t.Errorf("a token call by POST: got %d", got.Code)
	}
	stranger, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.sim.AuthorizeURL()+"?service_id=1&state=trang", nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := http.DefaultTransport.RoundTrip(stranger); err != nil || answer.StatusCode != http.StatusBadRequest {
		t.Errorf("consent for an unknown app: got %v, %v", answer, err)
	} else {
		_ = answer.Body.Close()
	}

	c.access, _ = data["access_token"].(string)
	c.want(0, "GET", shopsPath, noCipher, nil, nil)
	now = now.Add(7 * 24 * time.Hour)
	c.want(105002, "GET", shopsPath, noCipher, nil, nil)
	old, _ := data["refresh_token"].(string)
	renewed, fresh := c.tokens(refresh, url.Values{"refresh_token": {old}, "grant_type": {"refresh_token"}})
	if renewed.Code != 0 || fresh["refresh_token"] == old || fresh["refresh_token_expire_in"] != data["refresh_token_expire_in"] {
		t.Errorf("refresh: got %d %s", renewed.Code, renewed.Message)
	}
	if again, _ := c.tokens(refresh, url.Values{"refresh_token": {old}, "grant_type": {"refresh_token"}}); again.Code != 36004001 {
		t.Errorf("a refresh token used twice: got %d", again.Code)
	}
	if odd, _ := c.tokens(refresh, url.Values{"refresh_token": {fresh["refresh_token"].(string)}, "grant_type": {"authorized_code"}}); odd.Code == 0 {
		t.Error("the grant type of an exchange: no error")
	}
	c.access, _ = fresh["access_token"].(string)
	c.want(0, "GET", shopsPath, noCipher, nil, nil)
	c.sim.ExpireToken()
	c.want(105002, "GET", shopsPath, noCipher, nil, nil)
	c.access = "ROW_at_sai"
	c.want(36009004, "GET", shopsPath, noCipher, nil, nil)
	now = now.Add(grantLife)
	if got, _ := c.tokens(refresh, url.Values{"refresh_token": {fresh["refresh_token"].(string)}, "grant_type": {"refresh_token"}}); got.Code != 36004001 {
		t.Errorf("after the authorization has ended: got %d", got.Code)
	}
	now = now.Add(-grantLife)
	c.sim.Revoke()
	if got, _ := c.tokens(refresh, url.Values{"refresh_token": {fresh["refresh_token"].(string)}, "grant_type": {"refresh_token"}}); got.Code != 36004001 {
		t.Errorf("after the seller withdrew: got %d", got.Code)
	}
}

func TestHooks(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	var bodies []string
	refuse := true
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Authorization") != c.sim.HookSignature(body) {
			t.Error("a webhook is not signed")
		}
		if refuse {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		bodies = append(bodies, string(body))
	}))
	t.Cleanup(listener.Close)
	const path = "/event/202309/webhooks"
	for _, bad := range []string{"http://cho.example/x", "https://cho.example:8443/x", "https://192.0.2.1/x", "khong", "https://cho.example/" + strings.Repeat("x", 250)} {
		c.want(98001004, "PUT", path, nil, object{"event_type": "ORDER_STATUS_CHANGE", "address": bad}, nil)
	}
	c.want(98001004, "PUT", path, nil, object{"event_type": "KHAC", "address": listener.URL}, nil)
	c.want(0, "PUT", path, nil, object{"event_type": "PRODUCT_STATUS_CHANGE", "address": listener.URL}, nil)
	c.want(0, "PUT", path, nil, object{"event_type": "ORDER_STATUS_CHANGE", "address": "https://cho.example/x"}, nil)
	c.want(0, "DELETE", path, nil, object{"event_type": "ORDER_STATUS_CHANGE"}, nil)
	var list struct {
		Webhooks []struct {
			Event string `json:"event_type"`
		} `json:"webhooks"`
	}
	c.want(0, "GET", path, nil, nil, &list)
	if len(list.Webhooks) != 1 || list.Webhooks[0].Event != "PRODUCT_STATUS_CHANGE" {
		t.Fatalf("registered: %+v", list)
	}

	c.create("HOOK")
	if ok, failed := c.sim.DeliverHooks(); ok != 0 || failed != 1 {
		t.Fatalf("refused: got %d, %d", ok, failed)
	}
	if ok, failed := c.sim.DeliverHooks(); ok+failed != 0 {
		t.Errorf("before the next try: got %d, %d", ok, failed)
	}
	for _, pause := range retries {
		c.sim.Advance(pause)
		if ok, failed := c.sim.DeliverHooks(); ok != 0 || failed != 1 {
			t.Errorf("try after %s: got %d, %d", pause, ok, failed)
		}
	}
	c.sim.Advance(24 * time.Hour)
	if ok, failed := c.sim.DeliverHooks(); ok+failed != 0 {
		t.Errorf("after the last try: got %d, %d", ok, failed)
	}
	refuse = false
	c.sim.DropNextHook()
	c.create("HOOK2")
	c.create("HOOK3")
	if ok, failed := c.sim.DeliverHooks(); ok != 1 || failed != 0 {
		t.Errorf("one of two is lost: got %d, %d", ok, failed)
	}
	// Topic 5 has its product as a number of 19 digits.
	if len(bodies) != 1 || !strings.Contains(bodies[0], `"product_id":17294`) || !strings.Contains(bodies[0], `"type":5`) {
		t.Errorf("got %s", bodies)
	}

	// They come at least once and in any order.
	bodies = nil
	c.want(0, "PUT", path, nil, object{"event_type": "UPCOMING_AUTHORIZATION_EXPIRATION", "address": listener.URL}, nil)
	c.create("HOOK4")
	c.sim.AlertExpiry()
	c.sim.ReverseHooks()
	c.sim.RepeatNextHook()
	if ok, failed := c.sim.DeliverHooks(); ok != 3 || failed != 0 {
		t.Errorf("one of two twice: got %d, %d", ok, failed)
	}
	if len(bodies) != 3 || bodies[0] != bodies[1] || !strings.Contains(bodies[0], `"type":7`) || !strings.Contains(bodies[2], `"type":5`) {
		t.Errorf("got %s", bodies)
	}
}
