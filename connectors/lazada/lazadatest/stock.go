package lazadatest

import (
	"strconv"
)

// mostRows is how many SKUs one call of prices or stock takes.
const mostRows = 50

// rows reads the SKUs of a batch of prices or stock.
func (in *request) rows() ([]*node, error) {
	request, err := in.payload("payload")
	if err != nil {
		return nil, err
	}
	rows, err := request.child("Product").child("Skus").list("Sku")
	switch {
	case err != nil:
		return nil, err
	case len(rows) == 0:
		return nil, refuse("30", "Empty Request")
	case len(rows) > mostRows:
		return nil, refuse("4171", "At most %d SKUs are taken", mostRows)
	}
	return rows, nil
}

// batch changes SKUs row by row. Its answer names those that were refused and
// nothing else.
func (s *Simulator) batch(in *request, change func(k *sku, row *node) *failure) (any, error) {
	rows, err := in.rows()
	if err != nil {
		return nil, err
	}
	type touched struct {
		it     *item
		k      *sku
		before sku
	}
	var done []touched
	var detail []object
	for _, row := range rows {
		it, k := s.byID(row.text("SkuId"))
		var refused *failure
		switch {
		case row.text("SkuId") == "":
			return nil, refuse("4216", "SkuId is required")
		case k == nil:
			f := refuse("207", "The SKU does not exist")
			refused = &f
		case row.text("ItemId") != "" && row.text("ItemId") != strconv.FormatInt(it.id, 10):
			f := refuse("208", "The item does not exist")
			refused = &f
		default:
			before := *k
			if refused = change(k, row); refused != nil {
				*k = before
			} else {
				done = append(done, touched{it, k, before})
			}
		}
		if refused != nil {
			detail = append(detail, object{"sku": row.text("SkuId"), "code": refused.code, "message": refused.message})
		}
	}
	if len(detail) > 0 && s.options.AllOrNothing {
		for _, t := range done {
			*t.k = t.before
		}
		return nil, generic("501", detail...)
	}
	for _, t := range done {
		s.touch(t.it)
		if t.k.sellable() < shallowPieces && t.before.sellable() >= shallowPieces {
			s.emitShallow(t.k)
		}
	}
	if len(detail) > 0 {
		return nil, generic("501", detail...)
	}
	return nil, nil
}

// quantity reads a number of pieces, directly or of the one warehouse.
func quantity(row *node, name string) (n int64, sent bool, err *failure) {
	text := row.text(name)
	if inventories, _ := row.child("MultiWarehouseInventories").list("MultiWarehouseInventory"); len(inventories) > 0 {
		if code := inventories[0].text("WarehouseCode"); code != warehouse {
			f := refuse("4136", "The warehouse %s does not exist", code)
			return 0, false, &f
		}
		text = inventories[0].text(name)
	}
	if text == "" {
		return 0, false, nil
	}
	n, bad := strconv.ParseInt(text, 10, 64)
	if bad != nil {
		f := refuse("4152", "THD_INVENTORY_ERR_INV_PARAM_ILLEGAL:illegal parameter:%s", name)
		return 0, false, &f
	}
	return n, true, nil
}

func (s *Simulator) priceQuantity(in *request) (any, error) {
	return s.batch(in, func(k *sku, row *node) *failure {
		fail := func(err error) *failure {
			f, _ := err.(failure) //nolint:errorlint // made here
			return &f
		}
		var err error
		if text := row.text("Price"); text != "" {
			if k.price, err = s.amount(text); err != nil {
				return fail(err)
			}
		}
		if text := row.text("SalePrice"); text != "" {
			if k.special, err = s.special(text); err != nil {
				return fail(err)
			}
			if k.from, k.to, err = readDates(row.text("SaleStartDate"), row.text("SaleEndDate")); err != nil {
				return fail(err)
			}
		}
		if k.price <= 0 {
			return fail(refuse("4118", "BIZ_CHECK_PRICE_IS_ZERO"))
		}
		if k.special >= k.price || row.text("SalePrice") != "" && k.special <= 0 {
			return fail(refuse("4157", "The special price must be lower than the price"))
		}
		n, sent, refused := quantity(row, "Quantity")
		switch {
		case refused != nil:
			return refused
		case !sent:
		case n < k.withheld+k.occupied+k.campaign:
			return fail(refuse("4170", "stock may not be decreased below what is ordered or in a campaign"))
		default:
			k.total = n
		}
		return nil
	})
}

func (s *Simulator) sellableUpdate(in *request) (any, error) { return s.sellableChange(in, false) }

func (s *Simulator) sellableAdjust(in *request) (any, error) { return s.sellableChange(in, true) }

func (s *Simulator) sellableChange(in *request, adjust bool) (any, error) {
	return s.batch(in, func(k *sku, row *node) *failure {
		n, sent, refused := quantity(row, "SellableQuantity")
		if refused != nil {
			return refused
		}
		if adjust {
			n += k.sellable()
		}
		if !sent || n < 0 || n < k.campaign {
			f := refuse("4170", "stock may not be decreased during the campaign")
			if n < 0 || !sent {
				f = refuse("212", "Sellable inventory cannot be negative")
			}
			return &f
		}
		k.total = n + k.withheld + k.occupied
		return nil
	})
}
