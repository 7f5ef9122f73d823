package tiktokshoptest

import (
	"maps"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// promotion is a product discount of the shop: fixed prices of SKUs for a time.
type promotion struct {
	id, title        string
	created, updated time.Time
	begin, end       time.Time
	off              bool
	prices           map[string]int64 // by SKU
}

func (s *Simulator) status(x *promotion) string {
	switch now := s.now(); {
	case x.off:
		return "DEACTIVATED"
	case !now.Before(x.end):
		return "EXPIRED"
	case now.Before(x.begin):
		return "NOT_START"
	}
	return "ONGOING"
}

// promoted gives the promotion at which a SKU is sold now, nil for none.
func (s *Simulator) promoted(skuID string) *promotion {
	for _, x := range s.promotions {
		if _, in := x.prices[skuID]; in && s.status(x) == "ONGOING" {
			return x
		}
	}
	return nil
}

type activityIn struct {
	Title string `json:"title"`
	Type  string `json:"activity_type"`
	Level string `json:"product_level"`
	Begin int64  `json:"begin_time"`
	End   int64  `json:"end_time"`
}

func (s *Simulator) createActivity(r *request) (any, error) {
	var in activityIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.Type != "FIXED_PRICE" || in.Level != "VARIATION" {
		return nil, badParam("activity_type", "this simulator knows fixed prices of variations only", "FIXED_PRICE and VARIATION")
	}
	x := &promotion{id: s.newID(7136104329798256000), created: s.now(), prices: map[string]int64{}}
	if err := s.schedule(x, in); err != nil {
		return nil, err
	}
	s.promotions = append(s.promotions, x)
	return object{"activity_id": x.id, "create_time": x.created.Unix(), "update_time": x.updated.Unix(), "status": s.status(x)}, nil
}

// schedule sets the title and the time of a promotion.
func (s *Simulator) schedule(x *promotion, in activityIn) error {
	begin, end := time.Unix(in.Begin, 0), time.Unix(in.End, 0)
	begun := s.status(x) == "ONGOING"
	taken := slices.ContainsFunc(s.promotions, func(y *promotion) bool { return y != x && y.title == in.Title })
	switch {
	case in.Title == "" || utf8.RuneCountInString(in.Title) > 50 || taken:
		return badParam("title", "it is empty, too long or taken", "a unique name of 50 characters at most")
	case !begun && !begin.After(s.now().Add(s.options.PromotionLead)):
		return badParam("begin_time", "it is not greater than the current time", "a later time")
	case !end.After(begin) || !end.After(s.now()):
		return badParam("end_time", "it is not after begin_time", "a later time")
	}
	if !begun {
		x.begin = begin
	}
	x.title, x.end, x.updated = in.Title, end, s.now()
	return nil
}

func (s *Simulator) activity(r *request) (*promotion, error) {
	for _, x := range s.promotions {
		if x.id == r.vars["activity"] {
			return x, nil
		}
	}
	return nil, badParam("activity_id", "it does not exist", "an activity of the shop")
}

// openActivity gives one that can still be changed.
func (s *Simulator) openActivity(r *request) (*promotion, error) {
	x, err := s.activity(r)
	if err == nil && s.status(x) != "ONGOING" && s.status(x) != "NOT_START" {
		err = badParam("activity_id", "the activity is "+s.status(x), "an activity that is to come or going on")
	}
	return x, err
}

func (s *Simulator) editActivity(r *request) (any, error) {
	var in activityIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	x, err := s.openActivity(r)
	if err != nil {
		return nil, err
	}
	if err := s.schedule(x, in); err != nil {
		return nil, err
	}
	return object{"activity_id": x.id, "title": x.title, "update_time": x.updated.Unix()}, nil
}

func (s *Simulator) deactivateActivity(r *request) (any, error) {
	x, err := s.openActivity(r)
	if err != nil {
		return nil, err
	}
	x.off, x.updated = true, s.now()
	return object{"activity_id": x.id, "title": x.title, "status": s.status(x), "update_time": x.updated.Unix()}, nil
}

func (s *Simulator) showActivity(x *promotion, idKey string) object {
	return object{
		idKey: x.id, "title": x.title, "activity_type": "FIXED_PRICE", "product_level": "VARIATION", "duration_type": "NORMAL", "status": s.status(x),
		"begin_time": x.begin.Unix(), "end_time": x.end.Unix(), "create_time": x.created.Unix(), "update_time": x.updated.Unix(),
		"participation_limit": []object{{"type": "BUYER_NO_LIMIT"}}, "activity_commands": []string{},
	}
}

func (s *Simulator) getActivity(r *request) (any, error) {
	x, err := s.activity(r)
	if err != nil {
		return nil, err
	}
	out, rows := s.showActivity(x, "activity_id"), []object{}
	for _, id := range s.productIDs {
		skus := []object{}
		for _, k := range s.products[id].skus {
			if price, in := x.prices[k.id]; in {
				skus = append(skus, object{
					"id": k.id, "activity_price": object{"amount": strconv.FormatInt(price, 10), "currency": "VND"}, "quantity_limit": -1, "quantity_per_user": -1,
				})
			}
		}
		if len(skus) > 0 {
			rows = append(rows, object{"id": id, "quantity_limit": -1, "quantity_per_user": -1, "skus": skus})
		}
	}
	out["products"] = rows
	return out, nil
}

func (s *Simulator) searchActivities(r *request) (any, error) {
	// Unlike elsewhere the page is asked for in the body.
	var in struct {
		Title  string `json:"activity_title"`
		Type   string `json:"activity_type"`
		Status string `json:"status"`
		Size   *int   `json:"page_size"`
		Token  string `json:"page_token"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	size, first := 50, 0
	if in.Size != nil && *in.Size != 0 {
		size = *in.Size
	}
	filter := in.Title + "|" + in.Type + "|" + in.Status
	if in.Token != "" {
		offset, bound, ok := readToken(in.Token)
		if !ok || bound != digest("", []byte(filter))[:8] {
			return nil, badParam("page_token", "it does not belong to this search", "a token of this search")
		}
		first = offset
	}
	if size < 0 || size > 100 {
		return nil, badParam("page_size", "it is out of range", "0 to 100")
	}
	var found []*promotion
	for _, x := range s.promotions {
		if (in.Title == "" || in.Title == x.title) && (in.Type == "" || in.Type == "FIXED_PRICE") && (in.Status == "" || in.Status == s.status(x)) {
			found = append(found, x)
		}
	}
	first = min(first, len(found))
	last, next, rows := min(first+size, len(found)), "", []object{}
	for _, x := range found[first:last] {
		rows = append(rows, s.showActivity(x, "id"))
	}
	if last < len(found) {
		next = makeToken(last, digest("", []byte(filter))[:8])
	}
	return object{"activities": rows, "next_page_token": next, "total_count": len(found)}, nil
}

// putActivityProducts takes all rows or none.
func (s *Simulator) putActivityProducts(r *request) (any, error) {
	var in struct {
		Products []struct {
			ID    string `json:"id"`
			Limit *int   `json:"quantity_limit"`
			Each  *int   `json:"quantity_per_user"`
			SKUs  []struct {
				ID    string `json:"id"`
				Price string `json:"activity_price_amount"`
				Limit *int   `json:"quantity_limit"`
				Each  *int   `json:"quantity_per_user"`
			} `json:"skus"`
		} `json:"products"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	x, err := s.openActivity(r)
	if err != nil {
		return nil, err
	}
	limited := func(n *int, unlimited bool) bool {
		return n != nil && (*n == -1 || !unlimited && *n >= 1 && *n <= 99)
	}
	prices, rows := map[string]int64{}, 0
	for _, row := range in.Products {
		p, err := s.find(row.ID)
		switch {
		case err != nil:
			return nil, err
		case p.status != statusActivate:
			return nil, refuse(12052901, "The product in its current status is not available for this operation. Change the product status and try again.")
		case !limited(row.Limit, true) || !limited(row.Each, true):
			return nil, badParam("quantity_limit", "the activity is of variations", "-1")
		}
		for _, want := range row.SKUs {
			k := p.sku(want.ID)
			if k == nil {
				return nil, refuse(12052557, "The SKU ID does not belong to the product.")
			}
			price, err := strconv.ParseInt(want.Price, 10, 64)
			other := slices.ContainsFunc(s.promotions, func(y *promotion) bool {
				_, in := y.prices[want.ID]
				return in && y != x && (s.status(y) == "ONGOING" || s.status(y) == "NOT_START")
			})
			switch {
			case err != nil || price <= 0 || price >= k.price:
				return nil, badParam("activity_price_amount", "it is not below the price", "a lower price")
			case !limited(want.Limit, false) || !limited(want.Each, false):
				return nil, badParam("quantity_limit", "it is out of range", "1 to 99, or -1")
			case other || k.locked:
				return nil, badParam("skus", "the SKU is in another promotion", "a SKU that is free")
			}
			prices[want.ID] = price
			rows++
		}
	}
	if rows == 0 || rows > 300 {
		return nil, badParam("skus", "their number is out of range", "1 to 300")
	}
	maps.Copy(x.prices, prices)
	x.updated = s.now()
	return object{"activity_id": x.id, "title": x.title, "status": s.status(x), "total_count": rows, "update_time": x.updated.Unix()}, nil
}

func (s *Simulator) removeActivityProducts(r *request) (any, error) {
	var in struct {
		Products []string `json:"product_ids"`
		SKUs     []string `json:"sku_ids"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	x, err := s.openActivity(r)
	switch {
	case err != nil:
		return nil, err
	case len(in.Products) > 300 || len(in.SKUs) > 300 || len(in.Products)+len(in.SKUs) == 0:
		return nil, badParam("sku_ids", "their number is out of range", "1 to 300")
	}
	for _, id := range in.Products {
		if p := s.products[id]; p != nil {
			for _, k := range p.skus {
				in.SKUs = append(in.SKUs, k.id)
			}
		}
	}
	for _, id := range in.SKUs {
		delete(x.prices, id)
	}
	x.updated = s.now()
	return object{"activity_id": x.id, "status": s.status(x), "update_time": x.updated.Unix()}, nil
}
