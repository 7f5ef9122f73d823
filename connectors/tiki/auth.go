package tiki

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// sign puts the token into a request; Tiki signs nothing.
func sign(request *http.Request, _ []byte, token connectors.Token) error {
	request.Header.Set("Authorization", bearer(token))
	return nil
}

func bearer(token connectors.Token) string { return "Bearer " + token.AccessToken }

// form writes pairs in their order.
func form(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1]))
	}
	return b.String()
}

// basic is the header of client_secret_basic. RFC 6749 section 2.3.1 has both
// parts percent-encoded first, which changes nothing in Tiki's own secrets.
func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
}

// AuthorizeURL is the page where the seller agrees. Tiki wants a state of at
// least eight characters.
func (p publicShop) AuthorizeURL(redirect, state string) string {
	return p.options.AuthURL + "/auth?" + form("response_type", "code", "client_id", p.options.ClientID,
		"redirect_uri", redirect, "scope", p.options.Scope, "state", state)
}

// Exchange turns the callback into a token and asks whose shop it is.
func (p publicShop) Exchange(ctx context.Context, callback map[string]string, redirect string) (connectors.Token, connectors.Account, error) {
	refuse := func(code, text, hint string) (connectors.Token, connectors.Account, error) {
		return connectors.Token{}, connectors.Account{}, p.fail(connectors.Auth, "authorize", code, text, hint)
	}
	if code := callback["error"]; code != "" {
		return refuse(oauthCode(code), "the seller or Tiki did not agree", "open the link again and agree")
	}
	if callback["code"] == "" {
		return refuse("no_code", "the callback has no code", "open the link again, and copy the whole address of the page that follows")
	}
	token, err := p.token(ctx, "grant_type", "authorization_code", "code", callback["code"], "redirect_uri", redirect)
	if err != nil {
		return connectors.Token{}, connectors.Account{}, err
	}
	me, err := p.readSeller(ctx, &token)
	if err != nil {
		return connectors.Token{}, connectors.Account{}, err
	}
	token.Account = me.account().ID
	return token, me.account(), nil
}

// renew gets a new token. Tiki gives a new refresh token with it, and the old
// one is taken to be dead.
func (s *shop) renew(ctx context.Context, old connectors.Token) (connectors.Token, error) {
	if s.options.AppType == "in_house" {
		token, err := s.credentials(ctx)
		token.Account = old.Account
		return token, err
	}
	if old.RefreshToken == "" {
		return connectors.Token{}, s.fail(connectors.Auth, "token.refresh", "not_connected", "the shop is not connected, or its token cannot be renewed",
			"run chophien channels connect "+string(s.env.Channel))
	}
	token, err := s.token(ctx, "grant_type", "refresh_token", "refresh_token", old.RefreshToken)
	if err != nil {
		return connectors.Token{}, err
	}
	if token.RefreshToken == "" {
		token.RefreshToken = old.RefreshToken
	}
	token.Account = old.Account
	return token, nil
}

// credentials gets the app's own token: of an in-house app it acts for the
// seller, of a public one it owns the event queues. There is no refresh token
// with it.
func (s *shop) credentials(ctx context.Context) (connectors.Token, error) {
	return s.token(ctx, "grant_type", "client_credentials", "scope", s.options.Scope)
}

// token calls the token endpoint. It is repeated only when it was certainly
// not carried out, since codes and refresh tokens are used once.
// https://open.tiki.vn/docs/docs/current/oauth-2-0/
func (s *shop) token(ctx context.Context, pairs ...string) (connectors.Token, error) {
	var answer struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Expires int64  `json:"expires_in"` // seconds from now
	}
	pairs = append(pairs, "client_id", s.options.ClientID)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if s.options.TokenAuth == "post" {
		pairs = append(pairs, "client_secret", s.options.ClientSecret.Reveal())
	} else {
		header.Set("Authorization", basic(s.options.ClientID, s.options.ClientSecret.Reveal()))
	}
	_, err := s.client.Do(ctx, connectors.Call{
		Op: "token", Method: http.MethodPost, Path: s.options.AuthURL + "/token", Header: header, Body: []byte(form(pairs...)),
		Out: &answer, Unsigned: true, Urgent: true,
	})
	if err != nil {
		return connectors.Token{}, err
	}
	if answer.Access == "" {
		return connectors.Token{}, s.fail(connectors.Unclear, "token", "no_token", "the answer has no token", "")
	}
	token := connectors.Token{AccessToken: answer.Access, RefreshToken: answer.Refresh}
	if answer.Expires > 0 {
		token.ExpiresAt = time.Now().Add(time.Duration(answer.Expires) * time.Second)
	}
	return token, nil
}

// seller is GET sellers/me.
type seller struct {
	ID     int64    `json:"id"`
	SID    string   `json:"sid"`
	Name   string   `json:"name"`
	Models []string `json:"operation_models"`
}

// readSeller asks whose shop it is: that of the stored token, or of the given
// one.
// https://open.tiki.vn/docs/docs/current/api-references/seller-api/
func (s *shop) readSeller(ctx context.Context, token *connectors.Token) (*seller, error) {
	me := &seller{}
	call := connectors.Call{Op: "sellers.me", Path: "v2/sellers/me", Out: me}
	if token != nil {
		call.Unsigned, call.Header = true, http.Header{"Authorization": {bearer(*token)}}
	}
	if _, err := s.client.Do(ctx, call); err != nil {
		return nil, err
	}
	if me.ID == 0 {
		return nil, s.fail(connectors.Unclear, "sellers.me", "no_seller", "the answer does not name the seller", "check api_url")
	}
	if token == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seller = me
	}
	return me, nil
}
