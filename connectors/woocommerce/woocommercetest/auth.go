package woocommercetest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// nonceWindow is how far an OAuth time stamp may be off, and how long a nonce
// is remembered.
const nonceWindow = 15 * time.Minute

func authError(message string) *apiError {
	return &apiError{Code: "woocommerce_rest_authentication_error", Message: message, Data: errorData{Status: http.StatusUnauthorized}}
}

// authenticate finds out whether a request carries the shop's key. false
// without an error means that no key was seen, or one that is ignored: the
// request then fails for want of permission.
func (s *Simulator) authenticate(r *request) (bool, *apiError) {
	if !strings.HasPrefix(r.route, "/wc/") || r.plainPermalink {
		return false, nil
	}
	if s.options.TreatAsHTTPS || r.http.TLS != nil {
		key, secret := toText(r.query.values["consumer_key"]), toText(r.query.values["consumer_secret"])
		if key == "" || secret == "" {
			key, secret, _ = r.http.BasicAuth()
		}
		if key == s.options.ConsumerKey && secret != "" {
			if secret != s.options.ConsumerSecret {
				r.basicFailed = true
				return false, authError("Consumer secret is invalid.")
			}
			return true, nil
		}
	}
	return s.authenticateOAuth(r)
}

func (s *Simulator) authenticateOAuth(r *request) (bool, *apiError) {
	params := newPHPArray()
	for _, key := range r.query.keys {
		params.set(key, r.query.values[key])
	}
	if r.form != nil {
		for _, key := range r.form.keys {
			params.set(key, r.form.values[key])
		}
	}
	for key, value := range parseOAuthHeader(r.http.Header.Get("Authorization")) {
		params.set(key, value)
	}
	var missing []string
	names := []string{"oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method"}
	for _, name := range names {
		if toText(params.values[name]) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) == len(names) {
		return false, nil
	}
	if len(missing) > 0 {
		plural := ""
		if len(missing) > 1 {
			plural = "s"
		}
		return false, &apiError{
			Code:    "woocommerce_rest_authentication_missing_parameter",
			Message: "Missing OAuth parameter" + plural + " " + strings.Join(missing, ", "),
			Data:    errorData{Status: http.StatusUnauthorized},
		}
	}
	text := func(name string) string { return toText(params.values[name]) }
	if text("oauth_consumer_key") != s.options.ConsumerKey {
		return false, nil
	}
	var algorithm func() hash.Hash
	switch text("oauth_signature_method") {
	case "HMAC-SHA1":
		algorithm = sha1.New
	case "HMAC-SHA256":
		algorithm = sha256.New
	default:
		return false, authError("Invalid signature - signature method is invalid.")
	}
	sent := text("oauth_signature")
	if decoded, err := url.PathUnescape(strings.ReplaceAll(sent, " ", "+")); err == nil {
		sent = decoded
	}
	mac := hmac.New(algorithm, []byte(s.options.ConsumerSecret+"&"))
	mac.Write([]byte(signatureBase(r.http.Method, s.URL+r.http.URL.EscapedPath(), params)))
	if !hmac.Equal([]byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), []byte(sent)) {
		return false, authError("Invalid signature - provided signature does not match.")
	}
	now := s.options.Now()
	stamp := time.Unix(toInt(text("oauth_timestamp")), 0)
	if stamp.Before(now.Add(-nonceWindow)) || stamp.After(now.Add(nonceWindow)) {
		return false, authError("Invalid timestamp.")
	}
	nonce := text("oauth_nonce")
	if used, ok := s.nonces[nonce]; ok && !used.Before(now.Add(-nonceWindow)) {
		return false, authError("Invalid nonce - nonce has already been used.")
	}
	s.nonces[nonce] = stamp
	if len(s.nonces)%4096 == 0 {
		for old, at := range s.nonces {
			if at.Before(now.Add(-nonceWindow)) {
				delete(s.nonces, old)
			}
		}
	}
	return true, nil
}

var oauthHeader = regexp.MustCompile(`(oauth_[a-z_-]*)=(?:"([^"]*)"|([^,]*))`)

func parseOAuthHeader(header string) map[string]string {
	header = strings.TrimSpace(header)
	if !strings.HasPrefix(header, "OAuth ") {
		return nil
	}
	out := map[string]string{}
	for _, m := range oauthHeader.FindAllStringSubmatch(header, -1) {
		out[m[1]] = phpUnescape(m[2] + m[3])
	}
	return out
}

// signatureBase is the text that OAuth signs. Names are sorted at the top
// level; the members of an array stay as they were sent, as in the plugin.
func signatureBase(method, address string, params *phpArray) string {
	keys := slices.Sorted(slices.Values(params.keys))
	var pairs []string
	var add func(name string, value any)
	add = func(name string, value any) {
		if inner, ok := value.(*phpArray); ok {
			for _, key := range inner.keys {
				add(name+"["+key+"]", inner.values[key])
			}
			return
		}
		pairs = append(pairs, rfc3986(name)+"="+rfc3986(toText(value)))
	}
	for _, key := range keys {
		if key != "oauth_signature" {
			add(key, params.values[key])
		}
	}
	return method + "&" + rfc3986(address) + "&" + rfc3986(strings.Join(pairs, "&"))
}

func rfc3986(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// allowed checks the key's permission for a method.
func (s *Simulator) allowed(method string) *apiError {
	switch method {
	case http.MethodGet, http.MethodHead:
		if s.options.Permission == "write" {
			return authError("The API key provided does not have read permissions.")
		}
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		if s.options.Permission == "read" {
			return authError("The API key provided does not have write permissions.")
		}
	case http.MethodOptions:
	default:
		return authError("Unknown request method.")
	}
	return nil
}
