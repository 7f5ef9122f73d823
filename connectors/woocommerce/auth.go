package woocommerce

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// method is how requests are signed: "basic", "oauth1" or "query". Over http
// WooCommerce ignores all but OAuth.
func method(options *Options) string {
	if options.Auth != "" && options.Auth != "auto" {
		return options.Auth
	}
	if strings.HasPrefix(strings.ToLower(options.URL), "http://") {
		return "oauth1"
	}
	return "basic"
}

func signer(options *Options) func(*http.Request, []byte, connectors.Token) error {
	key, secret := options.ConsumerKey, options.ConsumerSecret
	switch method(options) {
	case "oauth1":
		return func(request *http.Request, _ []byte, _ connectors.Token) error {
			// The nonce may be used once within 15 minutes.
			request.URL.RawQuery = oauth(request.Method, request.URL, key.Reveal(), secret.Reveal(), rand.Text(), time.Now())
			return nil
		}
	case "query":
		return func(request *http.Request, _ []byte, _ connectors.Token) error {
			query := request.URL.Query()
			query.Set("consumer_key", key.Reveal())
			query.Set("consumer_secret", secret.Reveal())
			request.URL.RawQuery = query.Encode()
			return nil
		}
	}
	return func(request *http.Request, _ []byte, _ connectors.Token) error {
		request.SetBasicAuth(key.Reveal(), secret.Reveal())
		return nil
	}
}

// oauth returns the query of a request signed by OAuth 1.0a without a token
// (RFC 5849 section 3.4 with an empty token secret). The body is not part of
// the signature.
func oauth(method string, address *url.URL, key, secret, nonce string, now time.Time) string {
	query := address.Query()
	query.Del("oauth_signature") // of an earlier attempt
	query.Set("oauth_consumer_key", key)
	query.Set("oauth_nonce", nonce)
	query.Set("oauth_signature_method", "HMAC-SHA256")
	query.Set("oauth_timestamp", strconv.FormatInt(now.Unix(), 10))
	// Sorted by name, then by value; sorting the joined pairs would put
	// "page2=" before "page=".
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range slices.Sorted(slices.Values(query[name])) {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	parameters := strings.Join(pairs, "&")
	bare := *address
	bare.RawQuery, bare.Fragment = "", ""
	mac := hmac.New(sha256.New, []byte(escape(secret)+"&"))
	mac.Write([]byte(strings.ToUpper(method) + "&" + escape(bare.String()) + "&" + escape(parameters)))
	return parameters + "&oauth_signature=" + escape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// escape percent-encodes by RFC 3986, where a space is %20 and ~ stays.
func escape(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}
