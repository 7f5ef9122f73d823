package tiktokshoptest

import (
	"net/http"
	"net/url"
	"slices"
)

// consent is the page where a seller agrees; here everybody agrees at once.
func (s *Simulator) consent(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("service_id") != s.options.ServiceID && query.Get("app_key") != s.options.AppKey {
		http.Error(w, "unknown app", http.StatusBadRequest)
		return
	}
	code := s.newCode()
	target, err := url.Parse(s.options.RedirectURL)
	if s.options.RedirectURL == "" || err != nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(code))
		return
	}
	back := target.Query()
	back.Set("app_key", s.options.AppKey)
	back.Set("code", code)
	back.Set("locale", "vi-VN")
	back.Set("shop_region", "VN")
	back.Set("state", query.Get("state"))
	target.RawQuery = back.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound)
}

// token answers the two token calls, which are not signed. Errors come with
// status 200.
func (s *Simulator) token(r *http.Request) (any, error) {
	query := r.URL.Query()
	switch {
	case r.Method != http.MethodGet:
		return nil, refuse(36009010, "Invalid method. The HTTP method used is not supported by this endpoint.")
	case query.Get("app_key") != s.options.AppKey || query.Get("app_secret") != s.options.AppSecret:
		return nil, refuse(36004003, "Invalid app_key or app_secret.")
	}
	grantEnds := s.now().Add(s.options.GrantLife)
	if r.URL.Path == "/api/v2/token/get" {
		code := query.Get("auth_code")
		expires, known := s.codes[code]
		delete(s.codes, code)
		switch {
		case query.Get("grant_type") != "authorized_code":
			return nil, refuse(36004002, "grant_type is invalid.")
		case !known || !s.now().Before(expires):
			return nil, refuse(36004004, "Invalid auth code.")
		}
	} else {
		old := query.Get("refresh_token")
		expires, known := s.refresh[old]
		switch {
		case query.Get("grant_type") != "refresh_token":
			return nil, refuse(36004002, "grant_type is invalid.")
		case !known || !s.now().Before(expires):
			return nil, refuse(36004001, "The refresh_token is invalid or expired.")
		}
		delete(s.refresh, old)
		grantEnds = expires
	}
	access, refresh := s.newTokens(grantEnds)
	return object{
		"access_token": access, "access_token_expire_in": s.access[access].Unix(),
		"refresh_token": refresh, "refresh_token_expire_in": grantEnds.Unix(),
		"open_id": "7010736057180325637", "seller_name": s.options.ShopName, "seller_base_region": "VN", "user_type": 0,
		"granted_scopes": slices.Clone(s.options.Scopes),
	}, nil
}

func (s *Simulator) shops(*request) (any, error) {
	return object{"shops": []object{{
		"cipher": s.options.Cipher, "code": "VNLCUAWL7K", "id": s.options.ShopID, "name": s.options.ShopName, "region": "VN", "seller_type": "LOCAL",
	}}}, nil
}

func (s *Simulator) deauthorize(*request) (any, error) {
	s.revoke()
	return object{}, nil
}

func (s *Simulator) sellerShops(*request) (any, error) {
	return object{"shops": []object{{"id": s.options.ShopID, "region": "VN"}}}, nil
}

func (s *Simulator) sellerStatus(*request) (any, error) {
	return object{"seller_status_data": object{
		"seller_status": "2", "tax_form_status": "2", "partner_channel": "1", "shop_statuses": []object{{"shop_id": s.options.ShopID, "shop_status": "2"}},
	}}, nil
}

func (s *Simulator) permissions(*request) (any, error) {
	return object{"permissions": []string{}}, nil
}

func (s *Simulator) prerequisites(*request) (any, error) {
	rows := []object{}
	for _, item := range []string{
		"SHOP_STATUS", "SHOP_TAX", "PICKUP_WAREHOUSE", "RETURN_WAREHOUSE", "DELIVERY_OPTION", "SHIPPING_TEMPLATE", "PRODUCT_QUANTITY_LIMIT",
		"EXTENDED_PRODUCER_RESPONSIBILITY", "BANK_ACCOUNT", "CONTACT_INFO",
	} {
		rows = append(rows, object{"check_item": item, "is_failed": false, "fail_reasons": []string{}})
	}
	return object{"check_results": rows}, nil
}

func (s *Simulator) warehouses(*request) (any, error) {
	// "distict" is how the platform spells it.
	address := object{
		"region": "Vietnam", "region_code": "VN", "state": "Thái Nguyên", "city": "Bạch Thông", "distict": "", "town": "",
		"contact_person": "Người bán thử", "phone_number": "(+84)0000000000", "postal_code": "", "full_address": "Bạch Thông, Thái Nguyên",
	}
	row := func(id, name, kind string, standard bool) object {
		return object{
			"id": id, "name": name, "entity_id": "1", "effect_status": "ENABLED", "type": kind, "sub_type": "DOMESTIC_WAREHOUSE",
			"is_default": standard, "address": address,
		}
	}
	return object{"warehouses": []object{
		row(returnID, "Kho hàng trả", "RETURN_WAREHOUSE", true), row(warehouseID, "Kho bán hàng", "SALES_WAREHOUSE", true),
	}}, nil
}

// deliveryOptionID is the shop's one way of sending.
const deliveryOptionID = "7091146663229654785"

func (s *Simulator) deliveryOptions(r *request) (any, error) {
	if id := r.vars["warehouse"]; id != warehouseID && id != returnID {
		return nil, refuse(12052097, "The warehouse does not exist")
	}
	kind := "STANDARD"
	if s.options.SellerShipping {
		kind = "SEND_BY_SELLER"
	}
	return object{"delivery_options": []object{{
		"id": deliveryOptionID, "name": "Tiêu chuẩn", "type": kind, "description": "",
		"weight_limit": object{"max_weight": 20000, "min_weight": 0, "unit": "GRAM"}, "dimension_limit": object{"max_height": 100, "max_length": 100, "max_width": 100, "unit": "CM"},
	}}}, nil
}

// shippingProvider is a carrier.
type shippingProvider struct{ id, name string }

var shippingProviders = []shippingProvider{
	{"6841743441349706241", "Vietnam Post"}, {"6841743441349706242", "Viettel Post"}, {"6841743441349706243", "Giao Hàng Nhanh"},
}

func (s *Simulator) shippingProviders(r *request) (any, error) {
	if r.vars["option"] != deliveryOptionID {
		return nil, badParam("delivery_option_id", "it is unknown", "a delivery option of the shop")
	}
	rows := []object{}
	for _, p := range shippingProviders {
		rows = append(rows, object{"id": p.id, "name": p.name})
	}
	return object{"shipping_providers": rows}, nil
}
