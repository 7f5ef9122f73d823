package woocommercetest_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// percent is RFC 3986: everything but letters, digits and -._~ is encoded.
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// signed are the OAuth parameters of a request, by RFC 5849 3.4.
type signed struct {
	key, secret, method, nonce string
	at                         time.Time
	query                      [][2]string
}

func (o signed) params(verb, address string) [][2]string {
	all := append([][2]string{
		{"oauth_consumer_key", o.key}, {"oauth_nonce", o.nonce}, {"oauth_signature_method", o.method},
		{"oauth_timestamp", strconv.FormatInt(o.at.Unix(), 10)},
	}, o.query...)
	var pairs []string
	for _, p := range all {
		pairs = append(pairs, percent(p[0])+"="+percent(p[1]))
	}
	sort.Strings(pairs)
	base := verb + "&" + percent(address) + "&" + percent(strings.Join(pairs, "&"))
	var h func() hash.Hash = sha256.New
	if o.method == "HMAC-SHA1" {
		h = sha1.New
	}
	mac := hmac.New(h, []byte(o.secret+"&"))
	mac.Write([]byte(base))
	return append(all, [2]string{"oauth_signature", base64.StdEncoding.EncodeToString(mac.Sum(nil))})
}

// do sends a request with the OAuth parameters in the query string or, with
// header set, in the Authorization header.
func (o signed) do(s *shop, verb, path, body string, header bool) reply {
	s.t.Helper()
	r := s.request(verb, path, body)
	var query, oauth []string
	for _, p := range o.params(verb, s.URL+"/wp-json/wc/v3/"+path) {
		if header && strings.HasPrefix(p[0], "oauth_") {
			oauth = append(oauth, p[0]+`="`+percent(p[1])+`"`)
		} else {
			query = append(query, percent(p[0])+"="+percent(p[1]))
		}
	}
	r.URL.RawQuery = strings.Join(query, "&")
	if header {
		r.Header.Set("Authorization", "OAuth "+strings.Join(oauth, ", "))
	}
	return send(s.t, r)
}

func (s *shop) oauth(nonce string) signed {
	return signed{key: s.Key(), secret: s.Secret(), method: "HMAC-SHA256", nonce: nonce, at: s.clock.now()}
}

func TestSignatureVector(t *testing.T) {
	t.Parallel()
	// The example of RFC 5849 3.4.1 shows only the base string; this vector was
	// computed with Python's hmac over the base string of a request to a shop.
	o := signed{key: "ck_1", secret: "cs_1", method: "HMAC-SHA256", nonce: "n", at: time.Unix(1700000000, 0), query: [][2]string{{"include[0]", "11"}, {"search", "mật ong"}}}
	got := o.params("GET", "http://shop.example.test/wp-json/wc/v3/products")
	if want := "E8IL+U1io3aN0enW/FRfKUkgkJ9mmZPwe78TRGKM4p8="; got[len(got)-1][1] != want {
		t.Errorf("got %s, want %s", got[len(got)-1][1], want)
	}
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"HMAC-SHA256", "HMAC-SHA1"} {
		for _, header := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s header %t", method, header), func(t *testing.T) {
				t.Parallel()
				s := open(t, woocommercetest.Options{})
				o := s.oauth("a")
				o.method = method
				if r := o.do(s, "POST", "products", `{"name":"Mật ong bạc hà","sku":"MO-1"}`, header); r.status != 201 {
					t.Fatalf("create: %d %s", r.status, r.raw)
				}
				o.nonce = "b"
				o.query = [][2]string{{"search", "Mật ong ~ 100%"}, {"include[0]", "11"}, {"include[1]", "18"}, {"sku", "a+b&c=d"}}
				if r := o.do(s, "GET", "products", "", header); r.status != 200 {
					t.Errorf("brackets and Vietnamese: %d %s", r.status, r.raw)
				}
			})
		}
	}
}

func TestOAuthRefused(t *testing.T) {
	t.Parallel()
	const code = "woocommerce_rest_authentication_error"
	s := open(t, woocommercetest.Options{})
	message := func(r reply, want string) {
		t.Helper()
		if got := r.one["message"]; r.status != 401 || r.code() != code || got != want {
			t.Errorf("got %d %s %q, want %q", r.status, r.code(), got, want)
		}
	}
	wrong := s.oauth("1")
	wrong.secret += "x"
	message(wrong.do(s, "GET", "products", "", false), "Invalid signature - provided signature does not match.")

	// The method, the address and each parameter are part of what is signed.
	params := s.oauth("2").params("GET", s.URL+"/wp-json/wc/v3/products")
	form := url.Values{}
	for _, p := range params {
		form.Set(p[0], p[1])
	}
	message(send(t, s.request("GET", "products?page=1&"+form.Encode(), "")), "Invalid signature - provided signature does not match.")
	message(send(t, s.request("GET", "orders?"+form.Encode(), "")), "Invalid signature - provided signature does not match.")
	message(send(t, s.request("DELETE", "products?"+form.Encode(), "")), "Invalid signature - provided signature does not match.")

	for _, off := range []time.Duration{-901 * time.Second, 901 * time.Second} {
		late := s.oauth("3")
		late.at = late.at.Add(off)
		message(late.do(s, "GET", "products", "", false), "Invalid timestamp.")
	}
	for i, off := range []time.Duration{-900 * time.Second, 900 * time.Second} {
		edge := s.oauth(fmt.Sprint("edge", i))
		edge.at = edge.at.Add(off)
		want(t, edge.do(s, "GET", "products", "", false), 200, "")
	}

	again := s.oauth("same")
	want(t, again.do(s, "GET", "products", "", false), 200, "")
	message(again.do(s, "GET", "products", "", false), "Invalid nonce - nonce has already been used.")
	again.at = again.at.Add(5 * time.Second)
	message(again.do(s, "GET", "products", "", false), "Invalid nonce - nonce has already been used.")
	s.clock.move(20 * time.Minute)
	again.at = s.clock.now()
	want(t, again.do(s, "GET", "products", "", false), 200, "")

	stranger := s.oauth("4")
	stranger.key = "ck_0000000000000000000000000000000000000000"
	want(t, stranger.do(s, "GET", "products", "", false), 401, "woocommerce_rest_cannot_view")

	odd := s.oauth("5")
	odd.method = "PLAINTEXT"
	message(odd.do(s, "GET", "products", "", false), "Invalid signature - signature method is invalid.")
	want(t, send(t, s.request("GET", "products?oauth_nonce=x", "")), 401, "woocommerce_rest_authentication_missing_parameter")
}

func TestKeys(t *testing.T) {
	t.Parallel()
	const (
		forbidden = "woocommerce_rest_cannot_"
		wrong     = "woocommerce_rest_authentication_error"
	)
	https := openHTTPS(t)
	plain := open(t, woocommercetest.Options{})
	basic := func(key, secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(key, secret) }
	}
	query := func(key, secret string) func(*http.Request) {
		return func(r *http.Request) {
			r.URL.RawQuery = url.Values{"consumer_key": {key}, "consumer_secret": {secret}}.Encode()
		}
	}
	key, secret := https.Key(), https.Secret()
	for _, test := range []struct {
		name          string
		shop          *shop
		verb, path    string
		auth          func(*http.Request)
		status        int
		code, message string
	}{
		{"https basic", https, "GET", "products", basic(key, secret), 200, "", ""},
		{"https query", https, "GET", "products", query(key, secret), 200, "", ""},
		{"https none, list", https, "GET", "products", nil, 401, forbidden + "view", "Sorry, you cannot list resources."},
		{"https none, one", https, "GET", "products/11", nil, 401, forbidden + "view", "Sorry, you cannot view this resource."},
		{"https none, create", https, "POST", "products", nil, 401, forbidden + "create", "Sorry, you are not allowed to create resources."},
		{"https none, edit", https, "PUT", "products/11", nil, 401, forbidden + "edit", "Sorry, you are not allowed to edit this resource."},
		{"https none, delete", https, "DELETE", "products/11", nil, 401, forbidden + "delete", "Sorry, you are not allowed to delete this resource."},
		{"https unknown key", https, "GET", "orders", basic("ck_x", secret), 401, forbidden + "view", "Sorry, you cannot list resources."},
		{"https wrong secret", https, "GET", "orders", basic(key, "cs_x"), 401, wrong, "Consumer secret is invalid."},
		{"https wrong secret in query", https, "GET", "orders", query(key, "cs_x"), 401, wrong, "Consumer secret is invalid."},
		{"http basic is ignored", plain, "GET", "products", basic(key, secret), 401, forbidden + "view", "Sorry, you cannot list resources."},
		{"http query is ignored", plain, "GET", "products", query(key, secret), 401, forbidden + "view", "Sorry, you cannot list resources."},
		{"http wrong secret is ignored", plain, "GET", "products", basic(key, "cs_x"), 401, forbidden + "view", "Sorry, you cannot list resources."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := test.shop.request(test.verb, test.path, "")
			if test.auth != nil {
				test.auth(r)
			}
			got := send(t, r)
			want(t, got, test.status, test.code)
			if message, _ := got.one["message"].(string); test.code != "" && message != test.message {
				t.Errorf("message %q, want %q", message, test.message)
			}
		})
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		permission    string
		read, write   int
		readMessage   string
		writerMessage string
	}{
		{"read", 200, 401, "", "The API key provided does not have write permissions."},
		{"write", 401, 201, "The API key provided does not have read permissions.", ""},
		{"read_write", 200, 201, "", ""},
	} {
		t.Run(test.permission, func(t *testing.T) {
			t.Parallel()
			s := open(t, woocommercetest.Options{TreatAsHTTPS: true, Permission: test.permission})
			read, write := s.get("products"), s.post("products", `{"name":"x"}`)
			if read.status != test.read || test.readMessage != "" && read.one["message"] != test.readMessage {
				t.Errorf("read: %d %s", read.status, read.raw)
			}
			if write.status != test.write || test.writerMessage != "" && write.one["message"] != test.writerMessage {
				t.Errorf("write: %d %.200s", write.status, write.raw)
			}
		})
	}
	if _, err := woocommercetest.Start(woocommercetest.Options{Permission: "all"}); err == nil {
		t.Error("an unknown permission must be refused")
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	fetch := func(method, path string) reply {
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(s.Key(), s.Secret())
		return send(t, r)
	}
	r := fetch("GET", "/wp-json/")
	if !strings.Contains(r.raw, `"wc\/v3"`) || r.one["gmt_offset"] != 7.0 || r.one["timezone_string"] != "Asia/Ho_Chi_Minh" || r.one["url"] != s.URL {
		t.Errorf("index: %s", r.raw)
	}
	want(t, fetch("GET", "/?rest_route=/wc/v3/products"), 401, "woocommerce_rest_cannot_view")
	want(t, fetch("POST", "/wp-json/wp/v2/media"), 401, "rest_cannot_create")
	want(t, fetch("GET", "/wp-json/wc/v3/nothing"), 404, "rest_no_route")
	want(t, fetch("GET", "/wp-json/wc/v3/products/abc"), 404, "rest_no_route")
	want(t, fetch("DELETE", "/wp-json/wc/v3/products"), 404, "rest_no_route")
	if r := fetch("GET", "/gian-hang/"); r.status != 404 || !strings.HasPrefix(r.raw, "<!DOCTYPE html>") {
		t.Errorf("page: %d %s", r.status, r.raw)
	}
	r = fetch("GET", "/wp-json/wc/v3/system_status")
	if at(r.one, "environment", "version") != "9.9.5" || at(r.one, "environment", "wp_version") != "6.8.8" || at(r.one, "settings", "currency") != "VND" {
		t.Errorf("system status: %s", r.raw)
	}
	bare := s.request("GET", "system_status", "")
	want(t, send(t, bare), 401, "woocommerce_rest_cannot_view")
}
