package tikitest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// call is a request that must be answered with status; word, if any, is in the
// answer.
type refused struct {
	name, method, path, body string
	status                   int
	word                     string
}

func (c client) refuses(calls []refused) {
	c.Helper()
	for _, x := range calls {
		status, text := c.raw(x.method, c.s.APIURL()+x.path, x.body, http.Header{"Authorization": {"Bearer " + c.access}, "Content-Type": {"application/json"}})
		if status != x.status || !strings.Contains(string(text), x.word) {
			c.Errorf("%s: got %d %s, want %d %q", x.name, status, text, x.status, x.word)
		}
	}
}

const get, post, put, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete

// Every check of who calls and how: taking one out lets one of these in.
func TestGuardsOfCalls(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	bearer := "Bearer " + c.access
	_, app := c.ask(vectorBasic, "grant_type=client_credentials&scope=product+order&client_id=7590139168380001")
	for name, test := range map[string]struct {
		path   string
		header http.Header
		status int
	}{
		"as it should be":        {"/v2/sellers/me", http.Header{"Authorization": {bearer}}, 200},
		"no token":               {"/v2/sellers/me", http.Header{}, 401},
		"a token of another":     {"/v2/sellers/me", http.Header{"Authorization": {"Bearer x"}}, 401},
		"no word before it":      {"/v2/sellers/me", http.Header{"Authorization": {c.access}}, 401},
		"the old header":         {"/v2/sellers/me", http.Header{"Tiki-Api": {c.access}}, 401},
		"no agent":               {"/v2/sellers/me", http.Header{"Authorization": {bearer}, "User-Agent": {""}}, 403},
		"only XML":               {"/v2/sellers/me", http.Header{"Authorization": {bearer}, "Accept": {"text/xml"}}, 406},
		"anything":               {"/v2/sellers/me", http.Header{"Authorization": {bearer}, "Accept": {"text/xml, */*"}}, 200},
		"an unknown version":     {"/v3/sellers/me", http.Header{"Authorization": {bearer}}, 404},
		"an unknown path":        {"/v2/sellers/you", http.Header{"Authorization": {bearer}}, 404},
		"the app for a seller":   {"/v2/sellers/me", http.Header{"Authorization": {"Bearer " + app.Access}}, 401},
		"a seller for the queue": {"/v1/queues", http.Header{"Authorization": {bearer}}, 403},
	} {
		if status, text := c.raw(get, c.s.APIURL()+test.path, "", test.header); status != test.status {
			t.Errorf("%s: got %d %s, want %d", name, status, text, test.status)
		}
	}
	for name, kind := range map[string]string{"a form": "application/x-www-form-urlencoded", "no kind": "", "a broken kind": ";"} {
		header := http.Header{"Authorization": {bearer}}
		if kind != "" {
			header.Set("Content-Type", kind)
		}
		if status, _ := c.raw(put, c.s.APIURL()+"/v2.1/products/updateSku", `{"product_id":1}`, header); status != 400 {
			t.Errorf("%s: got %d, want 400", name, status)
		}
	}
	c.s.SetSeller(true, false)
	c.refuses([]refused{
		{"a read of a seller who may not write", get, "/v2.1/products", "", 200, ""},
		{"a write of a seller who may not write", put, "/v2.1/products/updateSku", `{}`, 403, ""},
	})
	c.s.SetSeller(false, true)
	c.refuses([]refused{{"a seller who is not active", get, "/v2.1/products", "", 403, ""}})
	for name, options := range map[string]Options{"app": {AppType: "odd"}, "auth": {TokenAuth: "odd"}, "batch": {BatchAnswer: "odd"}, "address": {Addr: "256.0.0.1:1"}} {
		if _, err := Start(options); err == nil {
			t.Errorf("an odd %s was taken", name)
		}
	}
}

// Every check of the pages and calls of OAuth.
func TestGuardsOfOAuth(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Redirects: []string{DefaultRedirect, DefaultRedirect + "?x=1"}})
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {vectorBasic}}
	body := "grant_type=client_credentials&scope=product"
	for name, test := range map[string]struct {
		method, path, body string
		header             http.Header
		status             int
	}{
		"as it should be":       {post, "/token", body, form, 200},
		"by GET":                {get, "/token", "", form, 405},
		"as JSON":               {post, "/token", body, http.Header{"Content-Type": {"application/json"}, "Authorization": {vectorBasic}}, 400},
		"a broken form":         {post, "/token", "%zz", form, 400},
		"an unknown scope":      {post, "/token", "grant_type=client_credentials&scope=everything", form, 400},
		"another app in it":     {post, "/token", body + "&client_id=1", form, 401},
		"no such code":          {post, "/token", "grant_type=authorization_code&code=x&redirect_uri=", form, 400},
		"the page by POST":      {post, "/auth?" + vectorAuth, "", http.Header{}, 405},
		"the page, no scope":    {get, "/auth?" + strings.Replace(vectorAuth, "scope=offline+product+order+inventory", "scope=", 1), "", http.Header{}, 302},
		"the page with a query": {get, "/auth?" + strings.Replace(vectorAuth, "callback", "callback%3Fx%3D1", 1), "", http.Header{}, 302},
	} {
		status, text := c.raw(test.method, c.s.AuthURL()+test.path, test.body, test.header)
		if status != test.status {
			t.Errorf("%s: got %d %s, want %d", name, status, text, test.status)
		}
		if name == "as JSON" && !strings.Contains(string(text), "invalid_request") {
			t.Errorf("%s: %s", name, text)
		}
		if u, err := url.Parse(string(text)); status == 302 && (err != nil || (u.Query().Get("code") != "") != strings.Contains(name, "query") || strings.Count(string(text), "?") != 1) {
			t.Errorf("%s: back to %s", name, text)
		}
	}
	if _, err := c.s.Authorize("https://else.example/", "product"); err == nil {
		t.Error("a consent for an address that is not registered")
	}
	own := start(t, Options{AppType: InHouseApp})
	if status, _ := own.consent(vectorAuth); status != 401 {
		t.Errorf("the page of an in-house app: %d", status)
	}
	secret := start(t, Options{TokenAuth: AuthPost})
	for name, pair := range map[string][2]string{"another app": {"1", DefaultClientSecret}, "no app": {"", DefaultClientSecret}, "no secret": {DefaultClientID, ""}} {
		if status, _ := secret.ask("", body+"&client_id="+pair[0]+"&client_secret="+pair[1]); status != 401 {
			t.Errorf("post, %s: %d", name, status)
		}
	}
	control := func(method, path, body string) int {
		status, _ := c.raw(method, c.s.URL+path, body, http.Header{})
		return status
	}
	for name, got := range map[string]int{
		"get": control(get, "/_tiki/advance", ""), "unknown": control(post, "/_tiki/x", ""), "broken": control(post, "/_tiki/authorize", "{"),
		"unregistered": control(post, "/_tiki/authorize", `{"redirect_uri":"https://else.example/","scope":"product"}`), "one step": control(post, "/_tiki/advance?steps=1", ""),
		"all": control(post, "/_tiki/advance", ""), "expire": control(post, "/_tiki/expire-token", ""), "elsewhere": control(post, "/else", ""),
		"good": control(post, "/_tiki/authorize", `{"redirect_uri":"`+DefaultRedirect+`","scope":"product"}`),
	} {
		want := map[string]int{"get": 405, "unknown": 404, "broken": 400, "unregistered": 409, "one step": 204, "all": 204, "expire": 204, "elsewhere": 404, "good": 200}[name]
		if got != want {
			t.Errorf("back door, %s: %d, want %d", name, got, want)
		}
	}
}
