package tiktokshop

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// tokenHeader carries the access token, which is not signed.
const tokenHeader = "x-tts-access-token"

// signature signs all decoded parameters but sign and access_token, sorted,
// between path and body, and all of it wrapped in the secret.
func signature(secret, path string, query url.Values, body []byte) string {
	var text bytes.Buffer
	text.WriteString(secret + path)
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name != "sign" && name != "access_token" {
			text.WriteString(name + query.Get(name))
		}
	}
	text.Write(body)
	text.WriteString(secret)
	return digest(secret, text.Bytes())
}

// digest is HMAC-SHA256 in lower-case hex; upper case is refused.
func digest(secret string, message []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(message)
	return hex.EncodeToString(mac.Sum(nil))
}

// sign completes a request of the client.
func (s *shop) sign(request *http.Request, body []byte, token connectors.Token) error {
	if request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json") // expected on GET, too
	}
	request.Header.Set(tokenHeader, token.AccessToken)
	path := s.apiPath(request.URL.Path)
	query := request.URL.Query()
	if needsCipher(request.Method, path) {
		query.Set("shop_cipher", token.Extra[cipherKey])
	}
	if strings.HasPrefix(request.Header.Get("Content-Type"), "multipart/form-data") {
		body = nil // forms are not signed
	}
	request.URL.RawQuery = s.signed(path, query, body).Encode()
	return nil
}

// signed adds what every call carries. The time is the platform's as far as
// known: it takes no call from the future.
func (s *shop) signed(path string, query url.Values, body []byte) url.Values {
	now := time.Now().Add(time.Duration(s.skew.Load()))
	query.Set("app_key", s.options.AppKey)
	query.Set("timestamp", strconv.FormatInt(now.Unix(), 10))
	query.Set("sign", signature(s.options.AppSecret.Reveal(), path, query, body))
	return query
}

// apiPath is the path that is signed, also when the API is reached through a
// gateway with a path of its own.
func (s *shop) apiPath(path string) string {
	if base, err := url.Parse(s.options.APIURL); err == nil {
		path = strings.TrimPrefix(path, strings.TrimRight(base.Path, "/"))
	}
	return path
}

// unscoped are the calls of the seller or the app: they name no shop, and are
// refused when they do. An empty method means any.
var unscoped = []struct{ method, domain, resource string }{
	{http.MethodGet, "authorization", "shops"}, {"", "seller", ""}, {http.MethodPost, "product", "brands"}, {"", "product", "images/upload"},
	{"", "product", "files/upload"}, {"", "product", "global_products"}, {"", "product", "global_categories"}, {"", "product", "compliance"},
	{"", "product", "sizecharts/search"}, {"", "product", "listing_schemas"}, {"", "logistics", "global_warehouses"}, {"", "fulfillment", "bundles"},
}

// needsCipher tells whether a call names the shop. Paths are
// /domain/version/resource.
func needsCipher(method, path string) bool {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	if len(parts) < 3 {
		return true
	}
	for _, u := range unscoped {
		if u.domain == parts[0] && (u.method == "" || u.method == method) &&
			(u.resource == "" || parts[2] == u.resource || strings.HasPrefix(parts[2], u.resource+"/")) {
			return false
		}
	}
	return true
}
