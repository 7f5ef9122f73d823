package shopee

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/connectors"
)

// refreshLife is how long a refresh token lives; each is good for one use.
const refreshLife = 30 * 24 * time.Hour

// tokenAnswer is what both token calls answer, without a response around it.
type tokenAnswer struct {
	AccessToken  string  `json:"access_token"`
	RefreshToken string  `json:"refresh_token"`
	ExpireIn     int64   `json:"expire_in"` // seconds
	Shops        []int64 `json:"shop_id_list"`
}

func (a tokenAnswer) token(at time.Time, account string, grantExpires time.Time) connectors.Token {
	return connectors.Token{
		AccessToken: a.AccessToken, RefreshToken: a.RefreshToken, Account: account,
		ExpiresAt: at.Add(time.Duration(a.ExpireIn) * time.Second).UTC(), RefreshExpires: at.Add(refreshLife).UTC(), GrantExpires: grantExpires,
	}
}

// AuthorizeURL is where the seller agrees. The classic link is signed and good
// for five minutes; it has no state, so that travels in the redirect address.
func (s *shop) AuthorizeURL(redirect, state string) string {
	if s.options.AuthLink == "open" {
		return s.options.AuthURL + "?" + url.Values{
			"auth_type": {"seller"}, "response_type": {"code"}, "partner_id": {strconv.FormatInt(s.options.PartnerID, 10)},
			"redirect_uri": {redirect}, "state": {state},
		}.Encode()
	}
	const path = api + "shop/auth_partner"
	q := signed(s.options, path, time.Now(), connectors.Token{})
	q.Set("redirect", withState(redirect, state))
	return s.options.BaseURL + path + "?" + q.Encode()
}

func withState(redirect, state string) string {
	u, err := url.Parse(redirect)
	if err != nil {
		return redirect
	}
	q := u.Query()
	q.Set("state", state)
	u.RawQuery = q.Encode()
	return u.String()
}

// Exchange turns the code of the callback into a token of one shop.
func (s *shop) Exchange(ctx context.Context, callback map[string]string, _ string) (connectors.Token, connectors.Account, error) {
	fail := func(err error) (connectors.Token, connectors.Account, error) {
		return connectors.Token{}, connectors.Account{}, err
	}
	refuse := func(code, text, hint string) (connectors.Token, connectors.Account, error) {
		return fail(&connectors.Error{
			Kind: connectors.Auth, Channel: string(s.env.Channel), Op: "authorize", Code: code, Err: errors.New(text), Hint: hint,
		})
	}
	if callback["code"] == "" {
		return refuse("no_code", "the callback has no code", "open the authorisation link again and agree there")
	}
	body := map[string]any{"code": callback["code"], "partner_id": s.options.PartnerID}
	shopID, shopErr := strconv.ParseInt(callback["shop_id"], 10, 64)
	main, mainErr := strconv.ParseInt(callback["main_account_id"], 10, 64)
	switch {
	case shopErr == nil && shopID > 0:
		body["shop_id"] = shopID
	case mainErr == nil && main > 0:
		body["main_account_id"] = main
	default:
		return refuse("no_shop", "the callback names no shop", "open the authorisation link again and log in with the shop's account")
	}
	at := time.Now()
	answer, err := s.tokenCall(ctx, "authorize", "auth/token/get", body)
	if err != nil {
		return fail(err)
	}
	if shopID <= 0 { // a main account, perhaps with several shops
		switch {
		case s.options.ShopID != 0:
			shopID = s.options.ShopID
		case len(answer.Shops) == 1:
			shopID = answer.Shops[0]
		default:
			return refuse("many_shops", fmt.Sprintf("the main account authorised %d shops: %v", len(answer.Shops), answer.Shops),
				"set shop_id to one of them and authorise again")
		}
	}
	if s.options.ShopID != 0 && shopID != s.options.ShopID || len(answer.Shops) > 0 && !slices.Contains(answer.Shops, shopID) {
		return refuse("wrong_shop", fmt.Sprintf("authorised were the shops %v, not %d", answer.Shops, max(s.options.ShopID, shopID)),
			"log in with the right shop's account")
	}
	token := answer.token(at, strconv.FormatInt(shopID, 10), time.Time{})
	var info shopInfo
	path := api + "shop/get_shop_info"
	if err := s.do(ctx, connectors.Call{Op: "authorize", Path: path, Query: signed(s.options, path, time.Now(), token), Unsigned: true, Out: &info}); err != nil {
		return fail(err)
	}
	if info.Expires > 0 {
		token.GrantExpires = time.Unix(info.Expires, 0).UTC()
	}
	account, err := s.account(token.Account, info)
	if err != nil {
		return fail(err)
	}
	return token, account, nil
}

// refresh exchanges the refresh token for a new pair. The client stores it
// before it is used, and sees to it that only one does this at a time: a second
// use of a refresh token is refused.
func (s *shop) refresh(ctx context.Context, old connectors.Token) (connectors.Token, error) {
	at := time.Now()
	shopID, err := strconv.ParseInt(old.Account, 10, 64)
	if err != nil || old.RefreshToken == "" {
		return connectors.Token{}, s.reauthorize("not_authorized", "no shop is connected")
	}
	if !old.RefreshExpires.IsZero() && !at.Before(old.RefreshExpires) {
		return connectors.Token{}, s.reauthorize("refresh_token_expired", "the shop was not used for 30 days, its authorisation has lapsed")
	}
	answer, err := s.tokenCall(ctx, "refresh", "auth/access_token/get", map[string]any{
		"refresh_token": old.RefreshToken, "partner_id": s.options.PartnerID, "shop_id": shopID,
	})
	if err != nil {
		return connectors.Token{}, err
	}
	return answer.token(at, old.Account, old.GrantExpires), nil
}

func (s *shop) reauthorize(code, text string) error {
	return &connectors.Error{
		Kind: connectors.Auth, Channel: string(s.env.Channel), Op: "refresh", Code: code, Err: errors.New(text),
		Hint: fmt.Sprintf("run: chophien channels connect %s", s.env.Channel),
	}
}

// tokenCall makes one of the two token calls. Their errors may quote a code or
// a token that the client does not know, so only our own words are kept.
func (s *shop) tokenCall(ctx context.Context, op, name string, body map[string]any) (tokenAnswer, error) {
	var answer tokenAnswer
	path := api + name
	err := s.do(ctx, connectors.Call{
		Op: op, Method: http.MethodPost, Path: path, Query: signed(s.options, path, time.Now(), connectors.Token{}),
		Body: body, Unsigned: true, Out: &answer,
	})
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		clean := *e
		if known, found := codes[clean.Code]; found {
			clean.Err, clean.Hint = errors.New(lowerFirst(known.text.EN)), fmt.Sprintf("if it stays so, run: chophien channels connect %s", s.env.Channel)
		} else if e.Code != "" {
			clean.Err = errors.New("refused by Shopee")
		}
		return tokenAnswer{}, &clean
	}
	if err == nil && (answer.AccessToken == "" || answer.RefreshToken == "" || answer.ExpireIn <= 0) {
		err = &connectors.Error{Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: op, Err: errors.New("the answer holds no token")}
	}
	return answer, err
}
