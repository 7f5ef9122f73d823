package shopeetest

import (
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
)

// violation is why the platform banned an item, or shows it less.
type violation struct {
	kind, reason, advice string
	at                   time.Time
}

func (v *violation) show() []object {
	if v == nil {
		return []object{}
	}
	return []object{{
		"violation_type": v.kind, "violation_reason": v.reason, "suggestion": v.advice, "fix_deadline_time": v.at.Add(7 * 24 * time.Hour).Unix(),
		"update_time": v.at.Unix(),
	}}
}

// Ban plays the platform's people, who take an item off sale for a reason.
func (s *Simulator) Ban(sku catalog.SKU, reason, suggestion string) error {
	return s.edit(sku, func(it *item, _ int64, _ *terms) error {
		s.ban(it, &violation{"Prohibited Listing", reason, suggestion, s.now()})
		return nil
	})
}

// Deboost makes the platform show an item less, for a reason; without one it
// is shown as before.
func (s *Simulator) Deboost(sku catalog.SKU, reason string) error {
	return s.edit(sku, func(it *item, _ int64, _ *terms) error {
		it.deboosted = nil
		if reason != "" {
			it.deboosted = &violation{"Spam", reason, "", s.now()}
			s.tellViolation(it)
		}
		return nil
	})
}

func (s *Simulator) ban(it *item, why *violation) {
	it.status, it.banned = statusBanned, why
	s.tellViolation(it)
}

func (s *Simulator) tellViolation(it *item) {
	s.emit(16, object{
		"item_id": it.id, "item_name": it.name, "item_status": it.status, "deboost": it.deboosted != nil,
		"item_status_details": it.banned.show(), "deboost_details": it.deboosted.show(),
	})
}

func (s *Simulator) violationInfo(r *request) (any, error) {
	ids, err := r.ints("item_id_list", false, 50)
	if err != nil {
		return nil, err
	}
	list := []object{}
	for _, id := range ids {
		it, err := s.find(id)
		if err != nil {
			list = append(list, object{"item_id": id, "fail_error": "error_item_not_found", "fail_message": "Product not found."})
			continue
		}
		banned := it.banned
		if it.status != statusBanned {
			banned = nil
		}
		list = append(list, object{
			"item_id": id, "item_name": it.name, "item_status": it.status, "deboost": it.deboosted != nil,
			"item_status_details": banned.show(), "deboost_details": it.deboosted.show(),
		})
	}
	return object{"item_list": list}, nil
}

func (s *Simulator) extraInfo(r *request) (any, error) {
	ids, err := r.ints("item_id_list", false, 50)
	if err != nil {
		return nil, err
	}
	sold := map[int64]int64{}
	for _, o := range s.orders {
		for _, l := range o.lines {
			sold[l.item] += l.quantity - l.cancelled
		}
	}
	list := []object{}
	for _, id := range ids {
		if _, err := s.find(id); err == nil {
			list = append(list, object{"item_id": id, "sale": sold[id], "views": 0, "likes": 0, "rating_star": 0, "comment_count": 0})
		}
	}
	return object{"item_list": list}, nil
}

// itemPromotion tells which discounts items are in.
func (s *Simulator) itemPromotion(r *request) (any, error) {
	ids, err := r.ints("item_id_list", false, 50)
	if err != nil {
		return nil, err
	}
	done, failed := []object{}, []object{}
	for _, id := range ids {
		it, err := s.find(id)
		if err != nil {
			failed = append(failed, object{"item_id": id, "failed_reason": "Product not found."})
			continue
		}
		promotions := []object{}
		for _, x := range s.discounts {
			for what, price := range x.prices {
				if what.item != id || s.status(x) == "expired" {
					continue
				}
				promotions = append(promotions, object{
					"promotion_type": "Discount Promotions", "promotion_id": x.id, "model_id": what.model, "start_time": x.start.Unix(),
					"end_time": x.end.Unix(), "promotion_price_info": []object{{"promotion_price": price}}, "promotion_staging": s.status(x),
					"promotion_stock_info_v2": object{"summary_info": object{"total_reserved_stock": 0}},
				})
			}
		}
		if it.locked {
			promotions = append(promotions, object{
				"promotion_type": "Campaign", "promotion_id": 1, "model_id": 0, "start_time": 0, "end_time": 0,
				"promotion_price_info": []object{{"promotion_price": it.price}}, "promotion_staging": "ongoing",
			})
		}
		done = append(done, object{"item_id": id, "promotion": promotions})
	}
	return object{"success_list": done, "failure_list": failed}, nil
}

// SetOrderWord moves an order to a status in the platform's own word, such as
// PENDING, RETRY_SHIP or TO_CONFIRM_RECEIVE.
func (s *Simulator) SetOrderWord(id catalog.ExternalID, word string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[string(id)]
	if o == nil {
		return fmt.Errorf("shopeetest: no order %s", id)
	}
	s.setStatus(o, word, s.now().Truncate(time.Second))
	return nil
}
