package tiktokshoptest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The statuses of an order.
const (
	orderUnpaid    = "UNPAID"
	orderOnHold    = "ON_HOLD"
	orderReady     = "AWAITING_SHIPMENT"
	orderPartly    = "PARTIALLY_SHIPPING"
	orderCollect   = "AWAITING_COLLECTION"
	orderTransit   = "IN_TRANSIT"
	orderDelivered = "DELIVERED"
	orderCompleted = "COMPLETED"
	orderCancelled = "CANCELLED"
)

var orderStatuses = []string{
	orderUnpaid, orderOnHold, orderReady, orderPartly, orderCollect, orderTransit, orderDelivered, orderCompleted, orderCancelled,
}

// shippingFee is what the buyer pays for the parcel.
const shippingFee = 15000

type order struct {
	id, status       string
	created, updated time.Time
	units            []unit
	total            int64
	reason           string // of a cancellation
	initiator        string
	buyerAsked       bool // to cancel
	parcels          []*parcel
}

// unit is one piece: every line item of the platform is one.
type unit struct {
	id, product, sku             string
	productName, skuName, seller string
	original, sale               int64
	taken                        bool // from stock
	parcel                       *parcel
}

// parcel is a package of an order.
type parcel struct {
	id, status, tracking string
	provider             shippingProvider
	order                *order
	created, updated     time.Time
	handover             string
}

// setStatus moves an order with its effects on stock and parcels, and tells it.
func (s *Simulator) setStatus(o *order, status string, at time.Time) {
	for i := range o.units {
		u := &o.units[i]
		k := s.skuByID(u.sku)
		if k == nil || !u.taken {
			continue
		}
		was := slices.Index(orderStatuses, o.status) >= slices.Index(orderStatuses, orderTransit)
		switch {
		case status == orderCancelled:
			k.available++
			k.committed--
			u.taken = false
		case !was && slices.Contains([]string{orderTransit, orderDelivered, orderCompleted}, status):
			k.committed--
		}
	}
	o.status, o.updated = status, at
	for _, p := range o.parcels {
		switch p.updated = at; status {
		case orderReady, orderOnHold, orderUnpaid:
			p.status = "TO_FULFILL"
		case orderCollect:
			p.status = "PROCESSING"
		case orderTransit:
			p.status = "FULFILLING"
		case orderDelivered, orderCompleted:
			p.status = "COMPLETED"
		case orderCancelled:
			p.status = "CANCELLED"
		}
	}
	told := status
	if told == orderCancelled {
		told = "CANCEL" // as the topic page writes it
	}
	s.emit(1, object{"order_id": o.id, "order_status": told, "is_on_hold_order": status == orderOnHold, "update_time": at.Unix()})
}

func (s *Simulator) skuByID(id string) *sku {
	for _, p := range s.products {
		if k := p.sku(id); k != nil {
			return k
		}
	}
	return nil
}

func (s *Simulator) searchOrders(r *request) (any, error) {
	var in struct {
		Status     string   `json:"order_status"`
		CreateGE   int64    `json:"create_time_ge"`
		CreateLT   int64    `json:"create_time_lt"`
		UpdateGE   int64    `json:"update_time_ge"`
		UpdateLT   int64    `json:"update_time_lt"`
		Shipping   string   `json:"shipping_type"`
		Buyer      string   `json:"buyer_user_id"`
		Cancel     *bool    `json:"is_buyer_request_cancel"`
		Warehouses []string `json:"warehouse_ids"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	field, direction := r.query.Get("sort_field"), r.query.Get("sort_order")
	switch {
	case in.Status != "" && !slices.Contains(orderStatuses, in.Status):
		return nil, badParam("order_status", "it is unknown", "one status")
	case !slices.Contains([]string{"", "create_time", "update_time"}, field):
		return nil, badParam("sort_field", "it is unknown", "create_time or update_time")
	case !slices.Contains([]string{"", "ASC", "DESC"}, direction):
		return nil, badParam("sort_order", "it is unknown", "ASC or DESC")
	case !slices.Contains([]string{"", "TIKTOK", "SELLER"}, in.Shipping):
		return nil, badParam("shipping_type", "it is unknown", "TIKTOK or SELLER")
	case len(in.Warehouses) > 100:
		return nil, badParam("warehouse_ids", "there are too many", "100 at most")
	}
	within := func(at time.Time, from, before int64) bool {
		return at.Unix() >= from && (before == 0 || at.Unix() < before)
	}
	var found []*order
	for _, id := range s.orderIDs {
		o := s.orders[id]
		if (in.Status == "" || o.status == in.Status) && within(o.created, in.CreateGE, in.CreateLT) && within(o.updated, in.UpdateGE, in.UpdateLT) &&
			(in.Shipping == "" || in.Shipping == s.shippingType()) && (in.Buyer == "" || in.Buyer == buyerID) &&
			(in.Cancel == nil || *in.Cancel == o.buyerAsked) && (len(in.Warehouses) == 0 || slices.Contains(in.Warehouses, warehouseID)) {
			found = append(found, o)
		}
	}
	at := func(o *order) time.Time {
		if field == "update_time" {
			return o.updated
		}
		return o.created
	}
	slices.SortStableFunc(found, func(a, b *order) int {
		if direction == "ASC" {
			return at(a).Compare(at(b))
		}
		return at(b).Compare(at(a))
	})
	first, last, next, err := r.page(len(found), 20, 100)
	if err != nil {
		return nil, err
	}
	rows := []object{}
	for _, o := range found[first:last] {
		rows = append(rows, s.showOrder(o))
	}
	return object{"orders": rows, "next_page_token": next, "total_count": len(found)}, nil
}

func (s *Simulator) getOrders(r *request) (any, error) {
	ids := strings.Split(r.query.Get("ids"), ",")
	if len(ids) > 50 || ids[0] == "" {
		return nil, badParam("ids", "their number is out of range", "1 to 50")
	}
	rows := []object{}
	for _, id := range ids {
		if o := s.orders[id]; o != nil {
			rows = append(rows, s.showOrder(o))
		}
	}
	if len(rows) == 0 {
		return nil, refuse(21008111, "The order or package does not belong to the current seller.")
	}
	return object{"orders": rows}, nil
}

// buyerID is the one buyer of this shop.
const buyerID = "7021436810468230477"

func (s *Simulator) shippingType() string {
	if s.options.SellerShipping {
		return "SELLER"
	}
	return "TIKTOK"
}

func (s *Simulator) showOrder(o *order) object {
	money := func(n int64) string { return strconv.FormatInt(n, 10) }
	lines, parcels := []object{}, []object{}
	subtotal, platform := int64(0), int64(0)
	for _, u := range o.units {
		status := o.status
		line := object{
			"id": u.id, "sku_id": u.sku, "product_id": u.product, "product_name": u.productName, "sku_name": u.skuName, "seller_sku": u.seller,
			"currency": "VND", "original_price": money(u.original), "sale_price": money(u.sale), "platform_discount": "0",
			"seller_discount": money(u.original - u.sale), "display_status": status, "is_gift": false, "sku_type": "NORMAL",
			"cancel_reason": o.reason, "cancel_user": o.initiator,
		}
		if u.parcel != nil && o.status != orderUnpaid && o.status != orderOnHold {
			line["package_id"], line["package_status"] = u.parcel.id, u.parcel.status
			line["tracking_number"], line["shipping_provider_id"], line["shipping_provider_name"] = u.parcel.tracking, u.parcel.provider.id, u.parcel.provider.name
		}
		subtotal += u.sale
		lines = append(lines, line)
	}
	out := object{
		"id": o.id, "status": o.status, "create_time": o.created.Unix(), "update_time": o.updated.Unix(), "user_id": buyerID,
		"buyer_email": "v4b2xyz@scs.tiktokw.example", "buyer_message": "", "is_cod": true, "payment_method_name": "Cash on delivery",
		"fulfillment_type": "FULFILLMENT_BY_SELLER", "shipping_type": s.shippingType(), "warehouse_id": warehouseID,
		"delivery_option_id": deliveryOptionID, "delivery_option_name": "Tiêu chuẩn", "is_on_hold_order": o.status == orderOnHold,
		"is_buyer_request_cancel": o.buyerAsked, "rts_sla_time": o.created.Add(48 * time.Hour).Unix(), "line_items": lines,
		"cancel_reason": o.reason, "cancellation_initiator": o.initiator,
		"payment": object{
			"currency": "VND", "sub_total": money(subtotal), "shipping_fee": money(shippingFee), "seller_discount": "0",
			"platform_discount": money(platform), "total_amount": money(o.total), "original_total_product_price": money(subtotal),
			"original_shipping_fee": money(2 * shippingFee), "tax": "0",
		},
	}
	if o.status != orderUnpaid {
		out["paid_time"] = o.created.Unix()
	}
	if o.status != orderUnpaid && o.status != orderOnHold {
		for _, p := range o.parcels {
			parcels = append(parcels, object{"id": p.id})
		}
		out["recipient_address"] = object{
			"name": "N*** m*** t**", "phone_number": "(+84)*******00", "full_address": "Việt Nam, Hà Nội, Ba Đình, ***", "region_code": "VN", "postal_code": "",
			"address_detail": "***", "district_info": []object{
				{"address_level": "L0", "address_level_name": "Country", "address_name": "Việt Nam"},
				{"address_level": "L1", "address_level_name": "Province", "address_name": "Hà Nội"},
			},
		}
	}
	out["packages"] = parcels
	return out
}

// priceDetail breaks down what an order costs. Nothing is taxed here.
func (s *Simulator) priceDetail(r *request) (any, error) {
	o := s.orders[r.vars["order"]]
	if o == nil {
		return nil, refuse(21008111, "The order or package does not belong to the current seller.")
	}
	money := func(n int64) string { return strconv.FormatInt(n, 10) }
	detail := func(original, sale, shipping int64) object {
		return object{
			"currency": "VND", "sku_list_price": money(original), "sku_sale_price": money(sale), "subtotal": money(sale),
			"subtotal_deduction_seller": money(original - sale), "subtotal_deduction_platform": "0", "subtotal_tax_amount": "0",
			"shipping_list_price": money(shipping), "shipping_sale_price": money(shipping), "shipping_fee_deduction_platform": "0",
			"shipping_fee_deduction_seller": "0", "tax_amount": "0", "tax_rate": "0", "total": money(original + shipping), "payment": money(sale + shipping),
		}
	}
	lines, original, sale := []object{}, int64(0), int64(0)
	for _, u := range o.units {
		line := detail(u.original, u.sale, 0)
		line["id"] = u.id
		lines = append(lines, line)
		original, sale = original+u.original, sale+u.sale
	}
	out := detail(original, sale, shippingFee)
	out["line_items"] = lines
	return out, nil
}
