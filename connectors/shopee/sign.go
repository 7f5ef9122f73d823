package shopee

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// api is where all paths begin.
const api = "/api/v2/"

// publicCalls are signed without token and shop, whatever account they are
// made for.
var publicCalls = []string{"auth/", "public/", "push/", "shop/auth_partner", "media_space/upload_image"}

func isPublic(path string) bool {
	for _, prefix := range publicCalls {
		if strings.HasPrefix(path, api+prefix) {
			return true
		}
	}
	return false
}

// signature is HMAC-SHA256 in lower-case hex. The key is the text as the
// console shows it, not what its hex digits stand for.
func signature(key, base string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(base))
	return hex.EncodeToString(mac.Sum(nil))
}

// signed gives the parameters of a call, signature included. Without a token
// they are those of a public call.
func signed(options *Options, path string, at time.Time, token connectors.Token) url.Values {
	partner, timestamp := strconv.FormatInt(options.PartnerID, 10), strconv.FormatInt(at.Unix(), 10)
	base := partner + path + timestamp
	q := url.Values{"partner_id": {partner}, "timestamp": {timestamp}}
	if token.AccessToken != "" {
		base += token.AccessToken + token.Account
		q.Set("access_token", token.AccessToken)
		q.Set("shop_id", token.Account)
	}
	q.Set("sign", signature(options.PartnerKey.Reveal(), base))
	return q
}

// sign completes a request of the client. The path that is signed begins at
// /api/v2/, also when the API is reached through a gateway with a path of its own.
func (s *shop) sign(request *http.Request, _ []byte, token connectors.Token) error {
	path := request.URL.Path
	if at := strings.Index(path, api); at > 0 {
		path = path[at:]
	}
	if isPublic(path) {
		token = connectors.Token{}
	}
	q := request.URL.Query()
	for name, values := range signed(s.options, path, time.Now(), token) {
		q[name] = values
	}
	request.URL.RawQuery = q.Encode()
	return nil
}
