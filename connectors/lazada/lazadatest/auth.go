package lazadatest

import (
	"net/http"
	"net/url"
	"time"
)

// code is what a seller's consent gives. A uuid that it was asked for with is
// wanted again.
type code struct {
	expires time.Time
	uuid    string
}

// authorizePage is where the seller agrees, which here takes no time.
func (s *Simulator) authorizePage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	target, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case q.Get("response_type") != "code" || q.Get("client_id") != s.options.AppKey:
		http.Error(w, "response_type or client_id is wrong", http.StatusBadRequest)
		return
	case err != nil || target.Host == "" || s.options.Callback != "" && s.options.Callback != q.Get("redirect_uri"):
		http.Error(w, "redirect_uri is not the app's callback", http.StatusBadRequest)
		return
	case s.options.NotListed:
		http.Error(w, "the seller is not on the list of sellers of this app", http.StatusForbidden)
		return
	}
	back := target.Query()
	back.Set("code", s.newCode(q.Get("uuid")))
	if state := q.Get("state"); state != "" {
		back.Set("state", state)
	}
	target.RawQuery = back.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound)
}

func (s *Simulator) newCode(uuid string) string {
	name := secret("0_" + s.options.AppKey + "_")
	s.codes[name] = code{s.now().Add(codeLife), uuid}
	return name
}

// newTokens issues tokens; the refresh token ends at refreshEnd.
func (s *Simulator) newTokens() (access, refresh string) {
	access, refresh = secret("500006"), secret("500016")
	s.access[access] = s.now().Add(s.options.AccessLife)
	s.refresh[refresh] = s.refreshEnd
	return access, refresh
}

func (s *Simulator) tokenCreate(in *request) (any, error) {
	name := in.p["code"]
	if name == "" {
		return nil, missing("code")
	}
	known, ok := s.codes[name]
	delete(s.codes, name)
	if !ok || !s.now().Before(known.expires) || known.uuid != in.p["uuid"] {
		return nil, failure{code: "InvalidCode", kind: isv, message: "Invalid authorization code"}
	}
	s.refreshEnd = s.now().Add(s.options.RefreshLife)
	return s.granted("country_user_info"), nil
}

func (s *Simulator) tokenRefresh(in *request) (any, error) {
	old := in.p["refresh_token"]
	if old == "" {
		return nil, missing("refresh_token")
	}
	if s.options.NoRefresh {
		return nil, failure{code: "AUTH_TYPE_UNSUPPORTED", kind: isv, message: "appkey can only be authorized by market, not support refresh"}
	}
	expires, ok := s.refresh[old]
	if !ok || !s.now().Before(expires) {
		return nil, failure{code: "IllegalRefreshToken", kind: isv, message: "The specified refresh token is invalid or expired"}
	}
	delete(s.refresh, old)
	clear(s.access)
	if s.options.RefreshExtends {
		s.refreshEnd = s.now().Add(s.options.RefreshLife)
	}
	return s.granted("country_user_info_list"), nil
}

func (s *Simulator) granted(list string) flat {
	access, refresh := s.newTokens()
	refreshIn := int64(s.refreshEnd.Sub(s.now()).Round(time.Second) / time.Second)
	if s.options.NoRefresh {
		refreshIn = 0
	}
	return flat{
		"access_token": access, "refresh_token": refresh,
		"expires_in":         int64(s.options.AccessLife / time.Second),
		"refresh_expires_in": refreshIn,
		"country":            "vn", "account_platform": "seller_center",
		"account": "htx.thu@example.vn", "account_id": "7063844",
		list: []object{{"country": "vn", "seller_id": s.SellerID(), "user_id": "300161", "short_code": "VNABC123"}},
	}
}

func (s *Simulator) sellerGet(*request) (any, error) {
	status := "ACTIVE"
	if s.options.Closed {
		status = "INACTIVE"
	}
	return object{
		"seller_id": s.options.SellerID, "name": s.options.ShopName, "name_company": s.options.ShopName, "short_code": "VNABC123",
		"email": "htx.thu@example.vn", "logo_url": "", "location": "Thái Nguyên", "status": status, "verified": true, "cb": false,
	}, nil
}

func (s *Simulator) warehouses(*request) (any, error) {
	return []object{{"code": warehouse, "name": "Kho mẫu", "default": true, "status": "ACTIVE"}}, nil
}

func (s *Simulator) itemLimit(*request) (any, error) {
	return object{"limit": s.options.MaxItems, "online": s.online()}, nil
}

// online is how many products are there.
func (s *Simulator) online() (n int) {
	for _, it := range s.items {
		if !it.deleted {
			n++
		}
	}
	return n
}
