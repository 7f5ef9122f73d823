package connectors_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/chophien/chophien/connectors"
)

// TestI13ClientKeepsSecrets is I13 for the client: secrets are planted wherever a
// call and its answer have room, everything goes wrong, and all that is said of
// it is searched.
func TestI13ClientKeepsSecrets(t *testing.T) {
	t.Parallel()
	const (
		key   = "ck_s3cret_4711"
		sign  = "s1gn4tur3"
		form  = "r3fr3sh-t0ken"
		buyer = "Người mua thử"
		phone = "0912345678"
		bare  = "b34r3r-t0ken"
		extra = "3xtra-c00kie"
	)
	secrets := []string{key, sign, form, buyer, phone, bare, extra}
	quoted := strings.Join(secrets[:3], " ") + " " + bare + " " + extra
	answers := map[string]transport{
		"transport error": func(r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: errors.New("proxy said " + quoted)}
		},
		"dial error": func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("dial %s: %w", r.URL, errors.New(quoted))
		},
		"web page":       body("<html>" + quoted + buyer + phone),
		"cut off":        body(`{"name":"` + buyer + phone + quoted),
		"number":         body(`{"name":` + phone + `}`),
		"time":           body(`{"at":"` + buyer + `"}`),
		"own decoder":    body(`{"own":"` + buyer + quoted + `"}`),
		"redirect":       status(301, "Location", "https://other.example/?key="+key),
		"bad redirect":   status(301, "Location", "://%zz"+key),
		"refusal":        func(*http.Request) (*http.Response, error) { return answer(401, quoted), nil },
		"server error":   func(*http.Request) (*http.Response, error) { return answer(500, quoted, "X-Request-Id", key), nil },
		"error in a 200": body(`{"no":"` + quoted + `"}`),
	}
	for name, rt := range answers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var said bytes.Buffer
				c := connectors.NewClient("vn-main", connectors.Protocol{
					BaseURL: "https://shop.example/api?consumer_key=" + key,
					Sign: func(r *http.Request, _ []byte, token connectors.Token) error {
						r.Header.Set("Authorization", "Bearer "+token.AccessToken)
						r.Header.Set("X-Session", token.Extra["cookie"])
						query := r.URL.Query()
						query.Set("sign", sign)
						r.URL.RawQuery = query.Encode()
						return nil
					},
					Classify: func(r connectors.Response) error {
						if r.Status == 401 || bytes.Contains(r.Body, []byte(`"no"`)) {
							text := string(r.Body)
							return &connectors.Error{Kind: connectors.Validation, Code: text, RequestID: text, Hint: text, Err: errors.New(text)}
						}
						return nil
					},
					Refresh: func(context.Context, connectors.Token) (connectors.Token, error) {
						return connectors.Token{AccessToken: bare, Extra: map[string]string{"cookie": extra}}, nil
					},
				}, connectors.ClientDeps{
					Transport: rt,
					Logger:    slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug})),
					Observe:   func(s connectors.CallStats) { fmt.Fprintf(&said, "%+v\n", s) },
				})
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					var out struct {
						Name string
						At   jsonTime
						Own  loudDecoder
					}
					_, err := c.Do(t.Context(), connectors.Call{Op: "call", Method: method, Path: "/items?api_key=" + key,
						Header: http.Header{"X-Api-Key": {key}}, Query: url.Values{"consumer_secret": {key}},
						Body: url.Values{"refresh_token": {form}, "phone": {phone}}, Out: &out})
					if err == nil {
						t.Error("no error")
					}
					fmt.Fprintf(&said, "%v\n%+v\n%#v\n", err, err, err)
					for e := err; e != nil; e = errors.Unwrap(e) {
						fmt.Fprintln(&said, e)
					}
				}
				for _, secret := range secrets {
					if strings.Contains(said.String(), secret) {
						t.Errorf("%q was said:\n%s", secret, said.String())
					}
				}
				if !strings.Contains(said.String(), "op=call") {
					t.Errorf("nothing was logged:\n%s", said.String())
				}
			})
		})
	}
}

// jsonTime and loudDecoder are decoders whose errors quote what they read.
type jsonTime struct{}

func (*jsonTime) UnmarshalJSON(data []byte) error {
	return fmt.Errorf("cannot parse %s as a time", data)
}

type loudDecoder struct{}

func (*loudDecoder) UnmarshalJSON(data []byte) error { return fmt.Errorf("own: %s", data) }

func TestTokenPrintsNothing(t *testing.T) {
	t.Parallel()
	token := connectors.Token{AccessToken: "s3cret", RefreshToken: "s3cret", Extra: map[string]string{"a": "s3cret"}}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", token)
	for _, text := range []string{fmt.Sprint(token), fmt.Sprintf("%+v", token), fmt.Sprintf("%#v", token), log.String()} {
		if strings.Contains(text, "s3cret") {
			t.Errorf("printed %s", text)
		}
	}
}
