package tiktokshop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// cipherKey is where a token keeps what calls name the shop by.
const cipherKey = "shop_cipher"

// tokenAnswer is what both token calls answer. The times are moments, not
// durations, whatever their names say.
type tokenAnswer struct {
	AccessToken    string `json:"access_token"`
	AccessExpires  int64  `json:"access_token_expire_in"`
	RefreshToken   string `json:"refresh_token"`
	RefreshExpires int64  `json:"refresh_token_expire_in"`
	UserType       int    `json:"user_type"` // 0 seller, 1 creator
}

// token makes ours. The refresh token lives as long as the authorisation.
func (a tokenAnswer) token(account string, extra map[string]string) connectors.Token {
	end := time.Unix(a.RefreshExpires, 0).UTC()
	return connectors.Token{
		AccessToken: a.AccessToken, ExpiresAt: time.Unix(a.AccessExpires, 0).UTC(), RefreshToken: a.RefreshToken, RefreshExpires: end, GrantExpires: end,
		Account: account, Extra: extra,
	}
}

// AuthorizeURL is where the seller agrees. Where that leads is set in Partner
// Center and not a parameter.
func (s *shop) AuthorizeURL(_, state string) string {
	if s.options.ServiceID == "" {
		return s.options.TokenURL + "/oauth/authorize?" + url.Values{"app_key": {s.options.AppKey}, "state": {state}}.Encode()
	}
	return s.options.AuthorizeURL + "?" + url.Values{"service_id": {s.options.ServiceID}, "state": {state}}.Encode()
}

// Exchange turns the code of the callback into a token of one shop.
func (s *shop) Exchange(ctx context.Context, callback map[string]string, _ string) (connectors.Token, connectors.Account, error) {
	const op = "authorize"
	fail := func(err error) (connectors.Token, connectors.Account, error) {
		return connectors.Token{}, connectors.Account{}, err
	}
	code := firstOf(callback["code"], callback["auth_code"])
	switch {
	case code == "":
		return fail(s.reauthorize(op, "no_code", "the callback has no code"))
	case callback["app_key"] != "" && callback["app_key"] != s.options.AppKey:
		return fail(s.reauthorize(op, "wrong_app", "the callback is for another app"))
	}
	answer, err := s.tokenCall(ctx, op, "/api/v2/token/get", url.Values{"auth_code": {code}, "grant_type": {"authorized_code"}})
	if err != nil {
		return fail(err)
	}
	if answer.UserType != 0 {
		return fail(s.reauthorize(op, "not_a_seller", "a creator agreed, not a seller"))
	}
	token := answer.token("", nil)
	list, err := call[shopList](ctx, s, connectors.Call{
		Op: op, Path: pathShops, Query: s.signed(pathShops, url.Values{}, nil), Unsigned: true,
		Header: http.Header{tokenHeader: {token.AccessToken}, "Content-Type": {"application/json"}},
	})
	if err != nil {
		return fail(err)
	}
	row, err := s.choose(list.Shops)
	if err != nil {
		return fail(err)
	}
	account, err := s.account(row)
	if err != nil {
		return fail(err)
	}
	token.Account, token.Extra = row.ID, map[string]string{cipherKey: row.Cipher}
	return token, account, nil
}

// choose picks the shop that is to be connected.
func (s *shop) choose(shops []authorizedShop) (authorizedShop, error) {
	var ids []string
	for _, row := range shops {
		if row.ID == s.options.ShopID || s.options.ShopID == "" && len(shops) == 1 {
			return row, nil
		}
		ids = append(ids, clip(row.ID, 30))
	}
	err := s.reauthorize("authorize", "wrong_shop", fmt.Sprintf("the authorized shops are %s", strings.Join(ids, ", ")))
	err.Hint = "log in with the right shop's account, or set shop_id to one of them"
	return authorizedShop{}, err
}

// refresh gets a new pair of tokens. The client stores it before it is used,
// and sees to it that only one does this at a time: the old refresh token is
// void then.
func (s *shop) refresh(ctx context.Context, old connectors.Token) (connectors.Token, error) {
	const op = "refresh"
	if old.RefreshToken == "" || old.Account == "" {
		return connectors.Token{}, s.reauthorize(op, "not_authorized", "no shop is connected")
	}
	answer, err := s.tokenCall(ctx, op, "/api/v2/token/refresh", url.Values{"refresh_token": {old.RefreshToken}, "grant_type": {"refresh_token"}})
	if err != nil {
		return connectors.Token{}, err
	}
	return answer.token(old.Account, old.Extra), nil
}

func (s *shop) reauthorize(op, code, text string) *connectors.Error {
	return &connectors.Error{
		Kind: connectors.Auth, Channel: string(s.env.Channel), Op: op, Code: code, Err: errors.New(text),
		Hint: fmt.Sprintf("run: chophien channels connect %s", s.env.Channel),
	}
}

// tokenCall makes one of the two token calls, which are not signed and carry
// the secret in the address. What the platform says of them may quote it, so
// only our own words are kept. A refresh may be repeated: when the first try
// was carried out, the second fails like a token that is void.
func (s *shop) tokenCall(ctx context.Context, op, path string, query url.Values) (tokenAnswer, error) {
	query.Set("app_key", s.options.AppKey)
	query.Set("app_secret", s.options.AppSecret.Reveal())
	answer, err := call[tokenAnswer](ctx, s, connectors.Call{Op: op, Path: s.options.TokenURL + path, Query: query, Unsigned: true, Urgent: true})
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		clean := *e
		known, found := codes[clean.Code]
		switch {
		case found:
			clean.Err, clean.Hint = errors.New(lowerFirst(known.text.EN)), ""
		case clean.Code != "":
			// Which codes say that the app or the grant is wrong is not
			// documented: whatever is refused here needs a person.
			clean.Kind, clean.Err = connectors.Auth, errors.New("TikTok Shop refused to give a token")
		}
		if clean.Kind == connectors.Auth {
			clean.Hint = fmt.Sprintf("check app_key and app_secret, then run: chophien channels connect %s", s.env.Channel)
		}
		return tokenAnswer{}, &clean
	}
	if err == nil && (answer.AccessToken == "" || answer.RefreshToken == "" || answer.AccessExpires <= 0) {
		err = &connectors.Error{Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: op, Err: errors.New("the answer holds no token")}
	}
	return answer, err
}
