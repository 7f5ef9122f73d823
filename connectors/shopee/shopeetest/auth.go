package shopeetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// sign is the platform's signature of a base text.
func sign(key, base string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(base))
	return hex.EncodeToString(mac.Sum(nil))
}

// denied is an error of signature or token.
func (s *Simulator) denied(code, format string, arguments ...any) failure {
	return failure{code: code, message: fmt.Sprintf(format, arguments...), status: s.options.AuthStatus}
}

// admit checks partner, time stamp, signature and token. With a token in the
// query the base is the shop's, so that a shop call without one is not taken
// for a public one.
func (s *Simulator) admit(r *request, c class) error {
	q := r.query
	partner, timestamp := q.Get("partner_id"), q.Get("timestamp")
	switch at, err := strconv.ParseInt(timestamp, 10, 64); {
	case partner == "":
		return s.denied("error_param", "There is no partner_id in query.")
	case timestamp == "":
		return s.denied("error_param", "no timestamp")
	case err != nil:
		return s.denied("error_param", "Invalid timestamp")
	case s.now().Sub(time.Unix(at, 0)).Abs() > signWindow:
		return s.denied("error_param", "Invalid timestamp")
	case q.Get("sign") == "":
		return s.denied("error_param", "There is no sign in query.")
	case partner != strconv.FormatInt(s.options.PartnerID, 10):
		return s.denied("error_sign", "Wrong sign.")
	}
	base := partner + r.URL.Path + timestamp
	token := q.Get("access_token")
	if token != "" {
		base += token + q.Get("shop_id") + q.Get("merchant_id")
	}
	if !hmac.Equal([]byte(q.Get("sign")), []byte(sign(s.options.PartnerKey, base))) {
		return s.denied("error_sign", "Wrong sign.")
	}
	if token == "" && c == eitherClass || c == publicClass {
		return nil
	}
	if token == "" {
		return s.denied("error_param", "There is no access_token in query.")
	}
	g, whose := s.access[token], "shop_id"
	if c == merchantClass {
		whose = "merchant_id"
	}
	switch {
	case q.Get(whose) == "":
		return s.denied("error_param", "There is no %s in query.", whose)
	// A token of a merchant is none for a shop, nor the other way round.
	case g == nil || !s.now().Before(g.expires) || g.merchant != (c == merchantClass) || strconv.FormatInt(s.owner(g), 10) != q.Get(whose):
		return s.denied("invalid_acceess_token", "Invalid access_token, please have a check.")
	case !s.now().Before(s.grantEnd):
		return s.denied("shop_access_expired", "The authorization of the shop has expired.")
	case s.shopStatus == shopBanned:
		return s.denied("shop_banned", "The shop account has been banned. Permissions for shop authorization and API calls have been suspended.")
	}
	return nil
}

// owner is whom a token acts for.
func (s *Simulator) owner(g *grant) int64 {
	if g.merchant {
		return MerchantID
	}
	return g.shop
}

// link serves a signed page on which the seller agrees, or takes that back,
// which here takes no time.
func (s *Simulator) link(w http.ResponseWriter, r *http.Request, decide func(target *url.URL)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := &request{Request: r, query: r.URL.Query()}
	if err := s.admit(in, publicClass); err != nil {
		s.answer(w, err)
		return
	}
	s.lead(w, r, in.query.Get("redirect"), decide)
}

// lead sends the seller's browser back to where it came from.
func (s *Simulator) lead(w http.ResponseWriter, r *http.Request, redirect string, decide func(target *url.URL)) {
	target, err := url.Parse(redirect)
	if err != nil || target.Host == "" {
		s.answer(w, badParam("redirect is not valid"))
		return
	}
	decide(target)
	q := target.Query()
	q.Set("shop_id", strconv.FormatInt(s.options.ShopID, 10))
	target.RawQuery = q.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound)
}

// openAuth is the newer link, which is not signed and carries a state.
func (s *Simulator) openAuth(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	if q.Get("auth_type") != "seller" || q.Get("response_type") != "code" || q.Get("partner_id") != strconv.FormatInt(s.options.PartnerID, 10) {
		http.Error(w, "auth_type, response_type or partner_id is wrong", http.StatusBadRequest)
		return
	}
	s.lead(w, r, q.Get("redirect_uri"), func(target *url.URL) {
		s.consent(target)
		if state := q.Get("state"); state != "" {
			back := target.Query()
			back.Set("state", state)
			target.RawQuery = back.Encode()
		}
	})
}

// consent gives the shop's authorisation and a code for it.
func (s *Simulator) consent(target *url.URL) {
	q := target.Query()
	q.Set("code", s.newCode(0))
	target.RawQuery = q.Encode()
	s.grantEnd = s.now().Add(grantLife)
}

func (s *Simulator) tokenGet(r *request) (any, error) {
	var in struct {
		Code          string `json:"code"`
		PartnerID     *int64 `json:"partner_id"`
		ShopID        *int64 `json:"shop_id"`
		MainAccountID *int64 `json:"main_account_id"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.PartnerID == nil || *in.PartnerID != s.options.PartnerID || (in.ShopID == nil) == (in.MainAccountID == nil) {
		return nil, s.denied("error_param", "partner_id and one of shop_id, main_account_id are required")
	}
	g := s.codes[in.Code]
	switch {
	case g == nil || !s.now().Before(g.expires):
		return nil, s.denied("invalid_code", "Invalid code, please have a check.")
	case in.ShopID != nil && (g.main != 0 || *in.ShopID != g.shop):
		return nil, s.denied("invalid_shop_id", "Invalid shop_id, please have a check.")
	case in.MainAccountID != nil && *in.MainAccountID != g.main:
		return nil, s.denied("invalid_main_account_id", "Invalid main_account_id, please have a check.")
	}
	delete(s.codes, in.Code)
	return s.grantTokens(g), nil
}

// grantTokens is the answer to a code.
func (s *Simulator) grantTokens(g *grant) flat {
	access, refresh := s.newTokens(false)
	return flat{
		"access_token": access, "refresh_token": refresh, "expire_in": int64(s.options.AccessLife / time.Second),
		"shop_id_list": []int64{g.shop}, "merchant_id_list": []int64{}, "supplier_id_list": []int64{}, "user_id_list": []int64{},
	}
}

// tokenByResend exchanges a code that the console sent once more.
func (s *Simulator) tokenByResend(r *request) (any, error) {
	var in struct {
		Code string `json:"resend_code"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	g := s.codes[in.Code]
	if g == nil || !s.now().Before(g.expires) || !g.resent {
		return nil, s.denied("invalid_code", "Invalid code, please have a check.")
	}
	delete(s.codes, in.Code)
	return s.grantTokens(g), nil
}

func (s *Simulator) accessTokenGet(r *request) (any, error) {
	var in struct {
		RefreshToken string `json:"refresh_token"`
		PartnerID    *int64 `json:"partner_id"`
		ShopID       *int64 `json:"shop_id"`
		MerchantID   *int64 `json:"merchant_id"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.PartnerID == nil || *in.PartnerID != s.options.PartnerID || (in.ShopID == nil) == (in.MerchantID == nil) {
		return nil, s.denied("error_param", "partner_id and one of shop_id, merchant_id are required")
	}
	g := s.refresh[in.RefreshToken]
	switch {
	case g == nil || in.ShopID != nil && (g.merchant || g.shop != *in.ShopID):
		return nil, s.denied("error_shop_refresh_token", "Wrong refresh_token, please have a check.")
	case in.MerchantID != nil && *in.MerchantID != MerchantID:
		return nil, s.denied("error_shop_refresh_token", "Wrong refresh_token, please have a check.")
	case !s.now().Before(g.expires):
		return nil, s.denied("refresh_token_expired", "Your refresh_token expired.")
	case !s.now().Before(s.grantEnd):
		return nil, s.denied("shop_access_expired", "The authorization of the shop has expired.")
	case s.shopStatus == shopBanned:
		return nil, s.denied("shop_banned", "The shop account has been banned. Permissions for shop authorization and API calls have been suspended.")
	}
	delete(s.refresh, in.RefreshToken)
	for _, old := range s.access {
		if end := s.now().Add(graceLife); old.expires.After(end) {
			old.expires = end
		}
	}
	merchant := in.MerchantID != nil // its tokens are not good for the shop
	access, refresh := s.newTokens(merchant)
	out := flat{
		"partner_id": s.options.PartnerID, "access_token": access, "refresh_token": refresh, "expire_in": int64(s.options.AccessLife / time.Second),
	}
	if merchant {
		out["merchant_id"] = int64(MerchantID)
	} else {
		out["shop_id"] = g.shop
	}
	return out, nil
}

func (s *Simulator) shopsByPartner(*request) (any, error) {
	return flat{"authed_shop_list": []object{{
		"region": "VN", "shop_id": s.options.ShopID, "auth_time": s.grantEnd.Add(-grantLife).Unix(), "expire_time": s.grantEnd.Unix(),
	}}, "more": false}, nil
}

func (s *Simulator) shopInfo(*request) (any, error) {
	return flat{
		"shop_name": s.options.ShopName, "region": "VN", "status": s.shopStatus,
		"auth_time": s.grantEnd.Add(-grantLife).Unix(), "expire_time": s.grantEnd.Unix(),
		"is_cb": false, "is_sip": false, "is_upgraded_cbsc": false, "merchant_id": nil, "shop_fulfillment_flag": "Others",
	}, nil
}

func (s *Simulator) merchantInfo(*request) (any, error) {
	return flat{"merchant_name": s.options.ShopName, "is_cnsc": false, "merchant_currency": "VND", "merchant_region": "VN"}, nil
}

func (s *Simulator) warehouses(r *request) (any, error) {
	if s.options.LocationID == "" {
		return nil, refuse("warehouse.error_not_in_whitelist", "Your shop is not in the whitelist of multi-warehouse.")
	}
	kind, err := r.int("warehouse_type", 1) // 1 pickup, 2 return
	if err != nil || kind != 1 && kind != 2 {
		return nil, badParam("Wrong parameters, detail: warehouse_type.")
	}
	return []object{{
		"warehouse_id": kind, "warehouse_name": "Kho mẫu", "warehouse_type": kind, "location_id": s.options.LocationID, "address_id": pickupAddress,
		"region": "VN", "state": "Bắc Kạn", "city": "", "district": "", "town": "", "address": "Kho mẫu số 1", "zipcode": "", "holiday_mode_state": 0,
	}}, nil
}

// number writes an exact decimal as a JSON number.
func number(text string) json.Number { return json.Number(text) }
