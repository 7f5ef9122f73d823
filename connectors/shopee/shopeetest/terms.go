package shopeetest

import (
	"encoding/json"
)

// target finds what a row of prices or stock is about.
func target(it *item, modelID int64, priceOrStock string) (*terms, error) {
	switch {
	case modelID == 0 && len(it.models) > 0:
		return nil, refuse("error_edit_item_"+priceOrStock+"_for_item_has_model", "Can not edit item %s for an item that has models.", priceOrStock)
	case modelID == 0:
		return &it.terms, nil
	}
	if m := it.model(modelID); m != nil {
		return &m.terms, nil
	}
	return nil, badParam("Wrong model_id.")
}

func (s *Simulator) updatePrice(r *request) (any, error) {
	var in struct {
		itemRef
		Prices []struct {
			ModelID int64       `json:"model_id"`
			Price   json.Number `json:"original_price"`
		} `json:"price_list"`
	}
	it, err := s.readItem(r, &in)
	if err != nil {
		return nil, err
	}
	if len(in.Prices) < 1 || len(in.Prices) > maxModels {
		return nil, badParam("Wrong parameters, detail: price_list needs 1 to %d rows.", maxModels)
	}
	done, failed := []object{}, []object{}
	for _, row := range in.Prices {
		t, err := target(it, row.ModelID, "price")
		if err == nil && (it.locked || s.discountOf(it.id, row.ModelID) != nil) {
			err = refuse("error_cannt_edit_price_in_promotion", "Can not edit price when item is in promotion.")
		}
		var price int64
		if err == nil {
			price, err = amount(row.Price)
		}
		if err != nil {
			failed = append(failed, object{"model_id": row.ModelID, "failed_reason": err.(failure).message})
			if row.ModelID == 0 {
				return nil, err
			}
			continue
		}
		t.price = price
		done = append(done, object{"model_id": row.ModelID, "original_price": price})
	}
	s.touch(it)
	return object{"success_list": done, "failure_list": failed}, nil
}

func (s *Simulator) updateStock(r *request) (any, error) {
	var in struct {
		itemRef
		Stocks []struct {
			ModelID int64         `json:"model_id"`
			Stock   []sellerStock `json:"seller_stock"`
		} `json:"stock_list"`
	}
	it, err := s.readItem(r, &in)
	if err != nil {
		return nil, err
	}
	if len(in.Stocks) < 1 || len(in.Stocks) > maxModels {
		return nil, badParam("Wrong parameters, detail: stock_list needs 1 to %d rows.", maxModels)
	}
	seen := map[int64]bool{}
	for _, row := range in.Stocks {
		if seen[row.ModelID] {
			return nil, badParam("Model_id is repeated.")
		}
		seen[row.ModelID] = true
	}
	done, failed := []object{}, []object{}
	for _, row := range in.Stocks {
		t, err := target(it, row.ModelID, "stock")
		var stock int64
		if err == nil {
			stock, err = s.stockOf(row.Stock, t.reserved)
		}
		if err != nil {
			failed = append(failed, object{"model_id": row.ModelID, "failed_reason": err.(failure).message})
			if row.ModelID == 0 {
				return nil, err
			}
			continue
		}
		t.stock = stock
		shown := object{"model_id": row.ModelID, "stock": stock}
		if s.options.LocationID != "" {
			shown["location_id"] = s.options.LocationID
		}
		done = append(done, shown)
	}
	s.touch(it)
	out := object{"success_list": done, "failure_list": failed}
	if len(done) == 0 {
		return nil, failure{code: "error_busi_update_stock_failed", message: "Update stock failed, please check failure_list.", response: out}
	}
	return out, nil
}

// showStock is stock_info_v2.
func (s *Simulator) showStock(t terms) object {
	location := s.options.LocationID
	if location == "" {
		location = "VNZ"
	}
	return object{
		"summary_info": object{"total_reserved_stock": t.reserved, "total_available_stock": max(0, t.stock-t.reserved)},
		"seller_stock": []object{{"location_id": location, "stock": t.stock, "if_saleable": true}}, "shopee_stock": []object{},
	}
}
