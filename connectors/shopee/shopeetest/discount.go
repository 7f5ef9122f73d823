package shopeetest

import (
	"encoding/json"
	"slices"
	"time"
)

// discount is a promotion of the shop itself: other prices for a time.
type discount struct {
	id         int64
	name       string
	start, end time.Time
	items      []int64 // in the order in which they were added
	prices     map[sold]int64
}

// sold is an item, or a model of one.
type sold struct{ item, model int64 }

func (s *Simulator) status(x *discount) string {
	switch now := s.now(); {
	case !now.Before(x.end):
		return "expired"
	case now.Before(x.start):
		return "upcoming"
	}
	return "ongoing"
}

// ongoing gives the discount at which something is sold now, nil for none.
func (s *Simulator) ongoing(itemID, modelID int64) *discount {
	if x := s.discountOf(itemID, modelID); x != nil && s.status(x) == "ongoing" {
		return x
	}
	return nil
}

// discountOf gives the discount that something is in, ongoing or to come.
func (s *Simulator) discountOf(itemID, modelID int64) *discount {
	for _, x := range s.discounts {
		if _, in := x.prices[sold{itemID, modelID}]; in && s.status(x) != "expired" {
			return x
		}
	}
	return nil
}

// discounted tells that an item, or a model of it, is in a discount.
func (s *Simulator) discounted(itemID int64) bool {
	for _, x := range s.discounts {
		for what := range x.prices {
			if what.item == itemID && s.status(x) != "expired" {
				return true
			}
		}
	}
	return false
}

// contentLocked tells that name, pictures, description and category may not be
// changed now.
func (s *Simulator) contentLocked(it *item) bool {
	return it.locked || s.options.DiscountLocksContent && s.discounted(it.id)
}

func (s *Simulator) addDiscount(r *request) (any, error) {
	var in struct {
		Name  string `json:"discount_name"`
		Start int64  `json:"start_time"`
		End   int64  `json:"end_time"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	start, end := time.Unix(in.Start, 0), time.Unix(in.End, 0)
	switch {
	case in.Name == "" || in.Start == 0 || in.End == 0:
		return nil, badParam("Wrong parameters, detail: discount_name, start_time and end_time are required.")
	case s.options.DiscountLead > 0 && start.Before(s.now().Add(s.options.DiscountLead)), start.Before(s.now().Add(-time.Minute)):
		return nil, refuse("discount.discount_start_time_smaller_than_now", "Discount start time is less than the current time.")
	case end.Before(start.Add(time.Hour)):
		return nil, refuse("discount.discount_period_too_short", "The end time should be later than 1 hour of start time.")
	case end.Sub(start) >= 180*24*time.Hour:
		return nil, refuse("discount.discount_period_too_long", "Promotion duration must be within 180 days.")
	}
	x := &discount{id: s.next(665123666665000), name: in.Name, start: start, end: end, prices: map[sold]int64{}}
	s.discounts = append(s.discounts, x)
	return object{"discount_id": x.id}, nil
}

// open finds a discount that can be changed.
func (s *Simulator) open(id int64) (*discount, error) {
	for _, x := range s.discounts {
		if x.id != id {
			continue
		}
		if s.status(x) == "expired" {
			return nil, refuse("discount.discount_is_end", "The end discount cannot be updated or deleted.")
		}
		return x, nil
	}
	return nil, refuse("common.error_not_found", "The information you queried is not found.")
}

type discountItems struct {
	ID    int64 `json:"discount_id"`
	Items []struct {
		ID     int64       `json:"item_id"`
		Price  json.Number `json:"item_promotion_price"`
		Limit  *int64      `json:"purchase_limit"`
		Models []struct {
			ID    int64       `json:"model_id"`
			Price json.Number `json:"model_promotion_price"`
		} `json:"model_list"`
	} `json:"item_list"`
}

func (s *Simulator) addDiscountItem(r *request) (any, error) { return s.putDiscountItems(r, true) }

func (s *Simulator) updateDiscountItem(r *request) (any, error) {
	return s.putDiscountItems(r, false)
}

// putDiscountItems adds rows, or changes those that are there. Each row fails
// alone.
func (s *Simulator) putDiscountItems(r *request, add bool) (any, error) {
	var in discountItems
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	x, err := s.open(in.ID)
	if err != nil {
		return nil, err
	}
	if len(in.Items) < 1 || len(in.Items) > 50 {
		return nil, refuse("discount.exceed_discount_item_batch_size", "You can only add up to 50 items at a time.")
	}
	failed, count := []object{}, 0
	for _, row := range in.Items {
		it, err := s.find(row.ID)
		rows := map[int64]json.Number{}
		switch {
		case err != nil:
			err = refuse("discount.item_id_not_exist", "The Item id you provided is not found, please check your item id.")
		case add && row.Limit == nil:
			return nil, badParam("Wrong parameters, detail: purchase_limit is required.")
		case len(it.models) > 0 && len(row.Models) == 0:
			err = refuse("discount.item_need_model_id", "Please input model id for the item with models.")
		case len(it.models) == 0:
			rows[0] = row.Price
		default:
			for _, m := range row.Models {
				rows[m.ID] = m.Price
			}
		}
		if err != nil {
			failed = append(failed, discountFailure(row.ID, 0, err))
			continue
		}
		good := 0
		for modelID, price := range rows {
			if err := s.discountPrice(x, it, modelID, price, add); err != nil {
				failed = append(failed, discountFailure(row.ID, modelID, err))
				continue
			}
			good++
		}
		if good > 0 {
			count++
			s.touch(it)
			if !slices.Contains(x.items, it.id) {
				x.items = append(x.items, it.id)
			}
		}
	}
	return object{"discount_id": x.id, "count": count, "error_list": failed, "warning": ""}, nil
}

func discountFailure(itemID, modelID int64, err error) object {
	f, _ := err.(failure)
	return object{"item_id": itemID, "model_id": modelID, "fail_error": f.code, "fail_message": f.message}
}

func (s *Simulator) discountPrice(x *discount, it *item, modelID int64, n json.Number, add bool) error {
	t, err := target(it, modelID, "price")
	if err != nil {
		return refuse("discount.model_id_not_exist", "The model id you provided is not found. Please check your model id.")
	}
	if n == "" {
		return refuse("discount.discount_need_promotion_price", "Please input the discount price.")
	}
	price, err := amount(n)
	if err != nil {
		return refuse("discount.promotion_price_too_low", "Discount price is less than the minimum national amount.")
	}
	what := sold{it.id, modelID}
	other := s.discountOf(it.id, modelID)
	switch _, in := x.prices[what]; {
	case add && in && modelID == 0:
		return refuse("discount.item_in_promotion", "Item is already in this discount.")
	case add && in:
		return refuse("discount.model_in_promotion", "The model that you provided is already in this discount.")
	case add && other != nil:
		return refuse("discount.item_in_other_promotion", "Item is already in other overlapped discount.")
	case !add && !in:
		return refuse("discount.item_not_in_promotion", "Item is not found in this discount.")
	case it.status != statusNormal && it.status != statusUnlist && it.status != statusReviewing:
		return refuse("discount.item_status_invalid", "item status is invalid.")
	case price >= t.price:
		return refuse("discount.promotion_price_higher_input_price", "Discount price is greater than original price.")
	case price*2 < t.price:
		return refuse("discount.promotion_price_for_vn", "The discount price has exceeded 50%% of original price.")
	}
	x.prices[what] = price
	return nil
}

func (s *Simulator) deleteDiscountItem(r *request) (any, error) {
	var in struct {
		ID      int64 `json:"discount_id"`
		ItemID  int64 `json:"item_id"`
		ModelID int64 `json:"model_id"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	x, err := s.open(in.ID)
	if err != nil {
		return nil, err
	}
	what := sold{in.ItemID, in.ModelID}
	if _, ok := x.prices[what]; !ok {
		return nil, refuse("discount.discount_item_not_exist", "The item is not in this discount, please check it again.")
	}
	s.leaveDiscount(x, what)
	return object{"discount_id": x.id, "error_list": []object{}}, nil
}

func (s *Simulator) leaveDiscount(x *discount, what sold) {
	delete(x.prices, what)
	for other := range x.prices {
		if other.item == what.item {
			return
		}
	}
	x.items = slices.DeleteFunc(x.items, func(id int64) bool { return id == what.item })
	if it := s.items[what.item]; it != nil {
		s.touch(it)
	}
}

func (s *Simulator) endDiscount(r *request) (any, error) {
	var in struct {
		ID int64 `json:"discount_id"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	x, err := s.open(in.ID)
	if err != nil {
		return nil, err
	}
	x.end = s.now()
	return object{"discount_id": x.id, "modify_time": s.seconds()}, nil
}

func (s *Simulator) discountList(r *request) (any, error) {
	number, size, err := r.pageNo(100)
	if err != nil {
		return nil, err
	}
	status := r.query.Get("discount_status")
	if !slices.Contains([]string{"upcoming", "ongoing", "expired", "all"}, status) {
		return nil, badParam("Wrong parameters, detail: discount_status.")
	}
	var found []*discount
	for _, x := range s.discounts {
		if status == "all" || s.status(x) == status {
			found = append(found, x)
		}
	}
	first, last := page((number-1)*size, size, len(found))
	list := []object{}
	for _, x := range found[first:last] {
		list = append(list, s.showDiscount(x))
	}
	return object{"discount_list": list, "more": last < len(found)}, nil
}

func (r *request) pageNo(most int64) (number, size int64, err error) {
	if number, err = r.needInt("page_no"); err != nil {
		return 0, 0, err
	}
	if size, err = r.needInt("page_size"); err != nil {
		return 0, 0, err
	}
	if number < 1 || size < 1 || size > most {
		return 0, 0, badParam("Wrong parameters, detail: page_no or page_size.")
	}
	return number, size, nil
}

func (s *Simulator) showDiscount(x *discount) object {
	return object{"status": s.status(x), "discount_name": x.name, "start_time": x.start.Unix(), "end_time": x.end.Unix(), "discount_id": x.id, "source": 0}
}

func (s *Simulator) getDiscount(r *request) (any, error) {
	id, err := r.needInt("discount_id")
	if err != nil {
		return nil, err
	}
	number, size, err := r.pageNo(100)
	if err != nil {
		return nil, err
	}
	for _, x := range s.discounts {
		if x.id != id {
			continue
		}
		first, last := page((number-1)*size, size, len(x.items))
		list := []object{}
		for _, itemID := range x.items[first:last] {
			if it := s.items[itemID]; it != nil {
				list = append(list, s.showDiscountItem(x, it))
			}
		}
		out := s.showDiscount(x)
		delete(out, "source")
		out["item_list"], out["more"] = list, last < len(x.items)
		return out, nil
	}
	return nil, refuse("common.error_not_found", "The information you queried is not found.")
}

func (s *Simulator) showDiscountItem(x *discount, it *item) object {
	out := object{
		"item_id": it.id, "item_name": it.name, "normal_stock": it.stock, "item_promotion_stock": 0, "purchase_limit": 0,
		"item_original_price": int64(0), "item_promotion_price": int64(0),
	}
	models := []object{}
	for _, m := range it.models {
		if price, in := x.prices[sold{it.id, m.id}]; in {
			models = append(models, object{
				"model_id": m.id, "model_name": m.name(it), "model_normal_stock": m.stock, "model_promotion_stock": 0,
				"model_original_price": m.price, "model_promotion_price": price,
			})
		}
	}
	if price, in := x.prices[sold{it.id, 0}]; in && len(it.models) == 0 {
		out["item_original_price"], out["item_promotion_price"] = it.price, price
	}
	out["model_list"] = models
	return out
}

// name is what a buyer reads: the options, joined.
func (m *model) name(it *item) string {
	text := ""
	for i, at := range m.at {
		if i > 0 {
			text += ","
		}
		text += it.tiers[i].options[at].name
	}
	return text
}
