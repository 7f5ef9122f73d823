package connectors

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// leastSecret is the length below which a value is not taken for a secret:
// replacing "1" everywhere would only garble messages.
const leastSecret = 6

// secretsOf collects what a request knew that no message may repeat: the
// token, all that signing added, and parameters and headers with a name that
// says so. Platforms like to quote them back.
func secretsOf(r *request, signed *http.Request, token Token) []string {
	found := []string{token.AccessToken, token.RefreshToken}
	for _, value := range token.Extra {
		found = append(found, value)
	}
	collect := func(values, before map[string][]string) {
		for name, list := range values {
			if isSecretName(name) || !slices.Equal(list, before[name]) {
				for _, value := range list {
					// "Bearer x" is quoted back as "x".
					_, bare, _ := strings.Cut(value, " ")
					found = append(found, value, bare)
				}
			}
		}
	}
	collect(signed.Header, r.header)
	collect(signed.URL.Query(), r.url.Query())
	if form, ok := r.call.Body.(url.Values); ok {
		collect(form, form)
	}
	return found
}

func isSecretName(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"auth", "secret", "token", "passw", "key", "sign", "code", "cookie"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// redactError removes secrets from every text of an error that was made from
// a platform's answer.
func redactError(e *Error, secrets []string) {
	e.Code = redact(e.Code, secrets)
	e.RequestID = redact(e.RequestID, secrets)
	e.Hint = redact(e.Hint, secrets)
	if e.Err == nil {
		return
	}
	text := e.Err.Error()
	if clean := redact(text, secrets); clean != text {
		e.Err = errors.New(clean)
	}
}

func redact(text string, secrets []string) string {
	for _, secret := range secrets {
		if len(secret) >= leastSecret {
			text = strings.ReplaceAll(text, secret, "(redacted)")
		}
	}
	return text
}

// clip shortens a text from outside to at most n bytes of printable ASCII.
func clip(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
}
