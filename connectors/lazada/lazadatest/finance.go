package lazadatest

import (
	"strconv"
	"time"
)

// commission is what the platform keeps of the price, in hundredths. It differs
// by category in truth.
const commission = 4

// transactions lists what a delivered row of an order brought and cost.
func (s *Simulator) transactions(in *request) (any, error) {
	var days [2]time.Time
	for i, name := range []string{"start_time", "end_time"} {
		if in.p[name] == "" {
			return nil, missing(name)
		}
		day, err := time.ParseInLocation("2006-01-02", in.p[name], shopZone)
		if err != nil {
			return nil, refuse("17", "Invalid Date Format")
		}
		days[i] = day
	}
	if days[1].Before(days[0]) || days[1].Sub(days[0]) > 180*24*time.Hour {
		return nil, failure{code: "1000012", kind: isp, message: "endTime - startTime must should be less than 180 days"}
	}
	limit, err := in.number("limit", 500, 1, 500, "19")
	if err != nil {
		return nil, err
	}
	offset, err := in.number("offset", 0, 0, 1<<31, "14")
	if err != nil {
		return nil, err
	}
	rows, at := []object{}, int64(0)
	add := func(o *order, u *unit, kind, name string, amount int64) {
		if at >= offset && at < offset+limit {
			rows = append(rows, object{
				"order_no": strconv.FormatInt(o.id, 10), "orderItem_no": strconv.FormatInt(u.id, 10), "orderItem_status": u.status,
				"seller_sku": u.sku.seller, "lazada_sku": u.sku.shopSKU(u.item), "details": u.name, "fee_type": kind, "fee_name": name,
				"amount": decimals(amount), "VAT_in_amount": "0.00", "WHT_amount": "0.00", "WHT_included_in_amount": "No", "paid_status": "No",
				"transaction_date": local(o.updated, "02 Jan 2006"), "transaction_type": name, "transaction_number": "VNABC123-" + strconv.FormatInt(u.id, 10),
				"reference": strconv.FormatInt(u.id, 10), "statement": local(o.updated, "02 Jan 2006") + " - " + local(o.updated, "02 Jan 2006"),
			})
		}
		at++
	}
	for _, id := range s.orderIDs {
		o := s.orders[id]
		if wanted := in.p["trade_order_id"]; wanted != "" && wanted != strconv.FormatInt(id, 10) || o.updated.Before(days[0]) || !o.updated.Before(days[1].AddDate(0, 0, 1)) {
			continue
		}
		for _, u := range o.units {
			if u.status == "delivered" {
				add(o, u, "13", "Item Price Credit", u.price)
				add(o, u, "16", "Commission", -u.price*commission/100)
			}
		}
	}
	return rows, nil
}
