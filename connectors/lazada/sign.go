package lazada

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// signature is over the path and all parameters sorted by name, without empty
// ones and files, as they are before they are escaped.
// https://open.lazada.com/apps/doc/doc?nodeId=10451, read 2026-04.
func signature(secret, path string, parameters ...url.Values) string {
	merged := url.Values{}
	for _, values := range parameters {
		for name, list := range values {
			merged[name] = list
		}
	}
	names := make([]string, 0, len(merged))
	for name := range merged {
		if name != "" && name != "sign" && merged.Get(name) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(path))
	for _, name := range names {
		mac.Write([]byte(name + merged.Get(name)))
	}
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

// system are the parameters of every call.
func (s *shop) system(token string, now time.Time) url.Values {
	values := url.Values{
		"app_key":     {s.options.AppKey},
		"sign_method": {"sha256"},
		"timestamp":   {strconv.FormatInt(now.UnixMilli(), 10)},
	}
	if token != "" {
		values.Set("access_token", token)
	}
	return values
}

// signer puts the system parameters and the signature into the address;
// payloads are in the form, because they may not fit an address.
func (s *shop) signer(api string) func(*http.Request, []byte, connectors.Token) error {
	base, err := url.Parse(api)
	if err != nil {
		base = &url.URL{} // no call gets as far as here
	}
	return func(request *http.Request, body []byte, token connectors.Token) error {
		query := request.URL.Query()
		for name, values := range s.system(token.AccessToken, time.Now()) {
			query[name] = values
		}
		var form url.Values
		if strings.HasPrefix(request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
			var err error
			if form, err = url.ParseQuery(string(body)); err != nil {
				return err
			}
		}
		path := strings.TrimPrefix(request.URL.Path, base.Path)
		query.Set("sign", signature(s.options.AppSecret.Reveal(), path, query, form))
		request.URL.RawQuery = query.Encode()
		return nil
	}
}

// hookSignature is the Authorization header of a push.
func hookSignature(key, secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(key))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
