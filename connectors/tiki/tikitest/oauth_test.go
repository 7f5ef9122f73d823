package tikitest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The vectors printed in the facts file, section 2.
const (
	vectorBasic   = "Basic NzU5MDEzOTE2ODM4MDAwMTp0S19kZW1vLXNlY3JldH4wMQ=="
	vectorRefresh = "grant_type=refresh_token&refresh_token=rt_0001.abc&client_id=7590139168380001"
	vectorAuth    = "response_type=code&client_id=7590139168380001&redirect_uri=https%3A%2F%2Fhub.example.vn%2Ftiki%2Fcallback&scope=offline+product+order+inventory&state=n8Jq2LwPz4"
)

func TestBasicHeaderVectors(t *testing.T) {
	t.Parallel()
	for _, vector := range []struct{ id, secret, plain, encoded string }{
		{"7590139168380001", "tK_demo-secret~01", vectorBasic, vectorBasic},
		{"7590139168380002", "a+b/c=:d", "Basic NzU5MDEzOTE2ODM4MDAwMjphK2IvYz06ZA==", "Basic NzU5MDEzOTE2ODM4MDAwMjphJTJCYiUyRmMlM0QlM0Fk"},
	} {
		if got := authHeaders(vector.id, vector.secret); got != [2]string{vector.plain, vector.encoded} {
			t.Errorf("%s: got %q", vector.secret, got)
		}
		// Either form is taken, a wrong secret is not.
		c := start(t, Options{ClientID: vector.id, ClientSecret: vector.secret, AppType: InHouseApp})
		for header, want := range map[string]int{vector.plain: 200, vector.encoded: 200, vector.plain[:len(vector.plain)-4] + "AA==": 401, "": 401} {
			if got, _ := c.ask(header, "grant_type=client_credentials&scope=product&client_id="+vector.id); got != want {
				t.Errorf("%s with header %q: got %d, want %d", vector.id, header, got, want)
			}
		}
	}
}

// tokens is an answer of the token endpoint, of either kind.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Expires int64  `json:"expires_in"`
	Scope   string `json:"scope"`
	Type    string `json:"token_type"`
	Error   string `json:"error"`
}

func (c client) ask(authorization, form string) (int, tokens) {
	c.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if authorization != "" {
		header.Set("Authorization", authorization)
	}
	status, text := c.raw("POST", c.s.AuthURL()+"/token", form, header)
	var out tokens
	if err := json.Unmarshal(text, &out); err != nil {
		c.Fatalf("token: %v in %s", err, text)
	}
	return status, out
}

// consent opens the authorization page and returns the callback's query.
func (c client) consent(query string) (int, url.Values) {
	c.Helper()
	status, text := c.raw("GET", c.s.AuthURL()+"/auth?"+query, "", http.Header{})
	u, err := url.Parse(string(text))
	if err != nil {
		return status, nil
	}
	return status, u.Query()
}

func TestCodeFlow(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Redirects: []string{DefaultRedirect}})
	status, back := c.consent(vectorAuth)
	if status != 302 || back.Get("code") == "" || back.Get("state") != "n8Jq2LwPz4" || back.Get("scope") != "offline product order inventory" {
		t.Fatalf("consent: got %d %v", status, back)
	}
	exchange := "grant_type=authorization_code&code=" + back.Get("code") + "&redirect_uri=https%3A%2F%2Fhub.example.vn%2Ftiki%2Fcallback&client_id=7590139168380001"
	status, got := c.ask(vectorBasic, exchange)
	if status != 200 || got.Access == "" || got.Refresh == "" || got.Expires != 3599 || got.Type != "bearer" {
		t.Fatalf("exchange: got %d %+v", status, got)
	}
	if status, again := c.ask(vectorBasic, exchange); status != 400 || again.Error != "invalid_grant" {
		t.Errorf("a code used twice: got %d %s", status, again.Error)
	}
	c.access = got.Access
	c.want(200, "GET", "/v2/sellers/me", "", nil)

	refresh := strings.Replace(vectorRefresh, "rt_0001.abc", got.Refresh, 1)
	status, renewed := c.ask(vectorBasic, refresh)
	if status != 200 || renewed.Refresh == got.Refresh || renewed.Access == got.Access || renewed.Scope != got.Scope {
		t.Fatalf("refresh: got %d %+v", status, renewed)
	}
	if status, again := c.ask(vectorBasic, refresh); status != 400 || again.Error != "invalid_grant" {
		t.Errorf("a refresh token used twice: got %d %s", status, again.Error)
	}
	if status, unknown := c.ask(vectorBasic, vectorRefresh); status != 400 || unknown.Error != "invalid_grant" {
		t.Errorf("an unknown refresh token: got %d %s", status, unknown.Error)
	}
}

func TestConsentRefusals(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Redirects: []string{DefaultRedirect}})
	for name, test := range map[string]struct {
		from, to string
		status   int
		fault    string
	}{
		"redirect not registered": {"callback", "other", 400, ""},
		"unknown app":             {"7590139168380001", "1", 401, ""},
		"short state":             {"n8Jq2LwPz4", "n8Jq2Lw", 302, "invalid_state"},
		"unknown scope":           {"inventory", "everything", 302, "invalid_scope"},
		"implicit flow":           {"response_type=code", "response_type=token", 302, "unsupported_response_type"},
	} {
		status, back := c.consent(strings.Replace(vectorAuth, test.from, test.to, 1))
		if status != test.status || back.Get("error") != test.fault || back.Get("code") != "" {
			t.Errorf("%s: got %d %v", name, status, back)
		}
	}
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	c := start(t, Options{Now: func() time.Time { return now }})
	code := func() string {
		code, err := c.s.Authorize(DefaultRedirect, "product")
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	form := func(code string) string {
		return "grant_type=authorization_code&code=" + code + "&client_id=7590139168380001&redirect_uri=" + url.QueryEscape(DefaultRedirect)
	}
	if status, got := c.ask(vectorBasic, strings.Replace(form(code()), "callback", "other", 1)); status != 400 || got.Error != "invalid_grant" {
		t.Errorf("another redirect: got %d %s", status, got.Error)
	}
	late := code()
	now = now.Add(2 * time.Minute)
	if status, got := c.ask(vectorBasic, form(late)); status != 400 || got.Error != "invalid_grant" {
		t.Errorf("a late code: got %d %s", status, got.Error)
	}
	if status, got := c.ask("", form(code())+"&client_secret="+DefaultClientSecret); status != 401 || got.Error != "invalid_client" {
		t.Errorf("client_secret_post at a basic app: got %d %s", status, got.Error)
	}
	if status, got := c.ask(vectorBasic, "grant_type=password"); status != 400 || got.Error != "unsupported_grant_type" {
		t.Errorf("password: got %d %s", status, got.Error)
	}
	if status, got := c.ask(vectorBasic, form(code())); status != 200 || got.Refresh != "" {
		t.Errorf("without offline: got %d, refresh %q", status, got.Refresh)
	}
	post := start(t, Options{TokenAuth: AuthPost})
	_, refresh, _ := post.s.IssueToken()
	body := "grant_type=refresh_token&client_id=7590139168380001&refresh_token=" + refresh
	if status, got := post.ask(vectorBasic, body); status != 401 || got.Error != "invalid_client" {
		t.Errorf("basic at a post app: got %d %s", status, got.Error)
	}
	if status, got := post.ask("", body+"&client_secret=wrong"); status != 401 {
		t.Errorf("a wrong secret: got %d %s", status, got.Error)
	}
	if status, got := post.ask(vectorBasic, body+"&client_secret="+DefaultClientSecret); status != 401 {
		t.Errorf("both ways at a post app: got %d %s", status, got.Error)
	}
	if status, got := c.ask(vectorBasic, form(code())+"&client_secret="+DefaultClientSecret); status != 401 {
		t.Errorf("both ways at a basic app: got %d %s", status, got.Error)
	}
	if status, _ := post.ask("", body+"&client_secret="+DefaultClientSecret); status != 200 {
		t.Errorf("post at a post app: got %d", status)
	}
}

func TestTokenExpires(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	c := start(t, Options{Now: func() time.Time { return now }})
	c.want(200, "GET", "/v2/sellers/me", "", nil)
	now = now.Add(time.Hour)
	c.want(401, "GET", "/v2/sellers/me", "", nil)
	c.access, _, _ = c.s.IssueToken()
	c.want(200, "GET", "/v2/sellers/me", "", nil)
	c.s.ExpireToken()
	c.want(401, "GET", "/v2/sellers/me", "", nil)
	_, refresh, _ := c.s.IssueToken()
	c.s.RevokeGrant()
	if status, _ := c.ask(vectorBasic, strings.Replace(vectorRefresh, "rt_0001.abc", refresh, 1)); status != 400 {
		t.Errorf("refresh after the consent was taken back: got %d", status)
	}
}

// Each path asks for its scope; the app's own token acts for no seller.
func TestScopes(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	withScope := func(scope string) client {
		code, err := c.s.Authorize(DefaultRedirect, scope)
		if err != nil {
			t.Fatal(err)
		}
		_, got := c.ask(vectorBasic, "grant_type=authorization_code&code="+code+"&redirect_uri="+url.QueryEscape(DefaultRedirect))
		other := c
		other.access = got.Access
		return other
	}
	for path, scope := range map[string]string{"/v2.1/products": "product", "/v2/orders": "order", "/v2/sellers/me/warehouses": "inventory"} {
		withScope(scope).want(200, "GET", path, "", nil)
		without := map[string]string{"product": "order", "order": "inventory", "inventory": "product"}[scope]
		withScope(without).want(403, "GET", path, "", nil)
	}
	withScope("all").want(200, "GET", "/v2/orders", "", nil)
	withScope("product").want(200, "GET", "/v2/sellers/me", "", nil)

	_, app := c.ask(vectorBasic, "grant_type=client_credentials&scope=product+order&client_id=7590139168380001")
	c.access = app.Access
	c.want(401, "GET", "/v2/sellers/me", "", nil)
	c.want(200, "GET", "/v1/queues", "", nil)

	own := start(t, Options{AppType: InHouseApp})
	_, app = own.ask(vectorBasic, "grant_type=client_credentials&scope=product+order&client_id=7590139168380001")
	own.access = app.Access
	own.want(200, "GET", "/v2/sellers/me", "", nil)
	if app.Refresh != "" {
		t.Error("an in-house app got a refresh token")
	}
	if _, err := own.s.Authorize(DefaultRedirect, "product"); err == nil {
		t.Error("an in-house app has a consent page")
	}
}
