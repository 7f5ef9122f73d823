package tiktokshoptest

import "slices"

// errorRow is one item's refusal in an answer whose code is 0.
func errorRow(err error, key, value string) object {
	f, ok := err.(failure)
	if !ok {
		f = failure{code: 36009003, message: err.Error()}
	}
	return object{"code": f.code, "message": f.message, "detail": object{key: value, "extra_errors": []object{}}}
}

// partly is the answer to a call about several items.
func partly(rows []object) object {
	if len(rows) == 0 {
		return object{}
	}
	return object{"errors": rows}
}

// updatePrices changes all SKUs or none.
func (s *Simulator) updatePrices(r *request) (any, error) {
	var in struct {
		SKUs []struct {
			ID    string   `json:"id"`
			Price *moneyIn `json:"price"`
		} `json:"skus"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	p, err := s.find(r.vars["product"])
	switch {
	case err != nil:
		return nil, err
	case len(in.SKUs) == 0 || len(in.SKUs) > maxSKUs:
		return nil, refuse(12019015, "The number of SKU exceed the limit")
	case p.status != statusActivate:
		return nil, refuse(12019113, "product status is invalid")
	}
	prices, seen := make([]int64, len(in.SKUs)), map[string]bool{}
	for i, row := range in.SKUs {
		k := p.sku(row.ID)
		switch {
		case k == nil:
			return nil, refuse(12052557, "The SKU ID does not belong to the product.")
		case seen[row.ID]:
			return nil, refuse(12052553, "Sku id duplicate")
		case k.locked || s.promoted(row.ID) != nil:
			return nil, refuse(12052038, "Product price locked due to ongoing promotion.")
		}
		seen[row.ID] = true
		if prices[i], err = s.priceOf(k.terms, row.Price, false); err != nil {
			return nil, err
		}
	}
	for i, row := range in.SKUs {
		p.sku(row.ID).price = prices[i]
	}
	p.updated = s.now()
	return object{}, nil
}

func (p *product) sku(id string) *sku {
	for i := range p.skus {
		if p.skus[i].id == id {
			return &p.skus[i]
		}
	}
	return nil
}

// updateInventory changes each SKU for itself.
func (s *Simulator) updateInventory(r *request) (any, error) {
	var in struct {
		SKUs []struct {
			ID        string    `json:"id"`
			Inventory []stockIn `json:"inventory"`
		} `json:"skus"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	p, err := s.find(r.vars["product"])
	switch {
	case err != nil:
		return nil, err
	case len(in.SKUs) == 0 || len(in.SKUs) > maxSKUs:
		return nil, refuse(12019015, "The number of SKU exceed the limit")
	case s.options.LiveStockOnly && p.status != statusActivate:
		return nil, refuse(12019113, "product status is invalid")
	}
	var rows []object
	for _, row := range in.SKUs {
		k := p.sku(row.ID)
		if k == nil {
			rows = append(rows, errorRow(refuse(12052557, "The SKU ID does not belong to the product."), "sku_id", row.ID))
			continue
		}
		quantity, err := s.stockOf(k.terms, row.Inventory, false)
		if err != nil {
			rows = append(rows, errorRow(err, "sku_id", row.ID))
			continue
		}
		k.available = quantity
	}
	p.updated = s.now()
	return partly(rows), nil
}

// each carries a change out for the products of a call.
func (s *Simulator) each(r *request, change func(*product) error) (any, error) {
	var in struct {
		IDs []string `json:"product_ids"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if len(in.IDs) == 0 || len(in.IDs) > 20 {
		return nil, refuse(12019120, "The number of provided product IDs exceeds the limit.")
	}
	var rows []object
	for _, id := range in.IDs {
		p := s.products[id]
		err := error(refuse(12052032, "The product does not exist"))
		if p != nil {
			err = change(p)
		}
		if err != nil {
			rows = append(rows, errorRow(err, "product_id", id))
			continue
		}
		p.updated = s.now()
		s.emit(15, object{"product_id": id, "change_source": "SELLER", "update_time": p.updated.Unix()})
	}
	return partly(rows), nil
}

// in refuses a product that is in none of the statuses.
func (p *product) in(statuses ...string) error {
	switch {
	case p.status == statusDeleted && !slices.Contains(statuses, statusDeleted):
		return refuse(12052032, "The product does not exist")
	case !slices.Contains(statuses, p.status):
		return refuse(12052901, "The product in its current status is not available for this operation. Change the product status and try again.")
	}
	return nil
}

// activate sends a product to the audit before it is on sale again.
func (s *Simulator) activate(r *request) (any, error) {
	return s.each(r, func(p *product) error {
		err := p.in(statusStopped, statusTakenDown)
		if err == nil {
			s.submit(p)
		}
		return err
	})
}

func (s *Simulator) deactivate(r *request) (any, error) {
	return s.each(r, func(p *product) error {
		err := p.in(statusActivate)
		if err == nil {
			p.status, p.edit, p.auditStatus = statusStopped, nil, "NONE"
		}
		return err
	})
}

func (s *Simulator) deleteProducts(r *request) (any, error) {
	return s.each(r, func(p *product) error {
		err := p.in(statusDraft, statusPending, statusFailed, statusActivate, statusStopped, statusTakenDown)
		if err == nil {
			s.remove(p)
		}
		return err
	})
}

func (s *Simulator) remove(p *product) {
	p.status, p.edit, p.auditStatus = statusDeleted, nil, "NONE"
	for _, x := range s.promotions {
		for _, k := range p.skus {
			delete(x.prices, k.id)
		}
	}
}

func (s *Simulator) recoverProducts(r *request) (any, error) {
	return s.each(r, func(p *product) error {
		err := p.in(statusDeleted)
		if err == nil {
			p.status = statusStopped
		}
		return err
	})
}
