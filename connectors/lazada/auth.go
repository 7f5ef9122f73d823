package lazada

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// grant is the answer of the token calls, which is flat. The list of shops has
// one name when a token is made and another when it is refreshed.
type grant struct {
	AccessToken      string  `json:"access_token"`
	RefreshToken     string  `json:"refresh_token"`
	ExpiresIn        number  `json:"expires_in"`
	RefreshExpiresIn number  `json:"refresh_expires_in"`
	Account          string  `json:"account"`
	Users            []owner `json:"country_user_info"`
	UserList         []owner `json:"country_user_info_list"`
}

type owner struct {
	Country  string `json:"country"`
	SellerID text   `json:"seller_id"`
}

// AuthorizeURL is Lazada's page where the seller agrees. redirect must be the
// callback that is set in the app's console.
func (s *shop) AuthorizeURL(redirect, state string) string {
	query := url.Values{
		"response_type": {"code"}, "force_auth": {"true"}, "redirect_uri": {redirect},
		"client_id": {s.options.AppKey}, "country": {s.options.Country},
	}
	if state != "" {
		query.Set("state", state)
	}
	return s.options.AuthURL + "/oauth/authorize?" + query.Encode()
}

// Exchange turns the code of the callback into a token. A code works once and
// for 30 minutes.
func (s *shop) Exchange(ctx context.Context, callback map[string]string, _ string) (connectors.Token, connectors.Account, error) {
	if callback["code"] == "" {
		return connectors.Token{}, connectors.Account{}, s.fail("auth.create", connectors.Auth, "no_code", "the callback brought no code; begin again and agree on Lazada's page")
	}
	token, err := s.grant(ctx, "auth.create", "/auth/token/create", url.Values{"code": {callback["code"]}}, connectors.Token{})
	if err != nil {
		return connectors.Token{}, connectors.Account{}, err
	}
	return token, connectors.Account{ID: token.Account, Name: firstOf(token.Extra["name"], token.Account), Currency: s.currency}, nil
}

// refresh gets a new token; it is the client's Refresh.
func (s *shop) refresh(ctx context.Context, old connectors.Token) (connectors.Token, error) {
	if old.RefreshToken == "" || !old.RefreshExpires.IsZero() && time.Now().After(old.RefreshExpires) {
		e := s.fail("auth.refresh", connectors.Auth, "not_authorized", "the seller has not authorized the app, or the authorization has ended")
		e.Hint = "authorize the channel: chophien channels connect " + string(s.env.Channel)
		return connectors.Token{}, e
	}
	return s.grant(ctx, "auth.refresh", "/auth/token/refresh", url.Values{"refresh_token": {old.RefreshToken}}, old)
}

// grant makes a token call. Sources differ on whether a refresh begins a new
// life of the refresh token, so whatever comes back is kept.
func (s *shop) grant(ctx context.Context, op, path string, form url.Values, old connectors.Token) (connectors.Token, error) {
	now := time.Now()
	for name, values := range s.system("", now) {
		form[name] = values
	}
	form.Set("sign", signature(s.options.AppSecret.Reveal(), path, form))
	var out grant
	_, err := s.client.Do(ctx, connectors.Call{Op: op, Method: http.MethodPost, Path: s.options.AuthURL + "/rest" + path, Body: form, Out: &out, Unsigned: true, Urgent: true})
	if err != nil {
		return connectors.Token{}, err
	}
	if out.AccessToken == "" || out.ExpiresIn <= 0 {
		return connectors.Token{}, s.fail(op, connectors.Unclear, "no_token", "the answer has no token")
	}
	token := connectors.Token{
		AccessToken: out.AccessToken, RefreshToken: firstOf(out.RefreshToken, old.RefreshToken),
		ExpiresAt: now.Add(time.Duration(out.ExpiresIn) * time.Second),
		Account:   s.seller(out, old.Account), Extra: old.Extra,
	}
	if out.Account != "" {
		token.Extra = map[string]string{"name": out.Account}
	}
	if out.RefreshExpiresIn > 0 {
		token.RefreshExpires = now.Add(time.Duration(out.RefreshExpiresIn) * time.Second)
		token.GrantExpires = token.RefreshExpires
	} else { // an app of a class that may not refresh
		token.RefreshToken, token.GrantExpires = "", token.ExpiresAt
	}
	switch {
	case token.Account == "":
		return connectors.Token{}, s.fail(op, connectors.Fatal, "no_shop", "the authorization has no shop in country %s; set country to the shop's", s.options.Country)
	case old.Account != "" && token.Account != old.Account:
		return connectors.Token{}, s.fail(op, connectors.Auth, "other_shop", "the token is for seller %s, the channel belongs to seller %s", token.Account, old.Account)
	}
	return token, nil
}

// seller finds the shop of our country: a seller across borders has one in each.
func (s *shop) seller(g grant, known string) string {
	for _, list := range [][]owner{g.Users, g.UserList} {
		for _, user := range list {
			if strings.EqualFold(user.Country, s.options.Country) {
				return string(user.SellerID)
			}
		}
	}
	if len(g.Users)+len(g.UserList) == 0 {
		return known // a refresh that does not say
	}
	return ""
}
