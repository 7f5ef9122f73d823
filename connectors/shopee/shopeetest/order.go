package shopeetest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The statuses of an order.
const (
	orderUnpaid    = "UNPAID"
	orderPending   = "PENDING" // shown as READY_TO_SHIP unless asked for
	orderReady     = "READY_TO_SHIP"
	orderRetry     = "RETRY_SHIP"
	orderProcessed = "PROCESSED"
	orderShipped   = "SHIPPED"
	orderConfirm   = "TO_CONFIRM_RECEIVE"
	orderCompleted = "COMPLETED"
	orderInCancel  = "IN_CANCEL"
	orderCancelled = "CANCELLED"
	orderReturn    = "TO_RETURN"
)

// shippingFee is what the buyer pays for the parcel.
const shippingFee = 16500

type order struct {
	sn               string
	status           string
	reason, by       string // of a cancellation
	note             string
	noted            time.Time
	created, updated time.Time
	lines            []orderLine
	total            int64
	packages         []*parcel
}

type orderLine struct {
	item, model      int64
	itemSKU, sku     string
	name, modelName  string
	quantity         int64
	original, price  int64
	weight           string
	image            string
	cancelled, taken int64
	asked, returned  int64 // pieces that the buyer wants to return, and did
}

// parcel is a package of an order, with the lines that are in it.
type parcel struct {
	number, status, tracking string
	lines                    []int
	document                 string // kind of paper that was asked for
	printed                  int    // questions until it is made
}

func (l orderLine) shownSKU() string {
	if l.model != 0 {
		return l.sku
	}
	return l.itemSKU
}

// find gives an order.
func (s *Simulator) findOrder(sn string) (*order, error) {
	if o := s.orders[sn]; o != nil {
		return o, nil
	}
	return nil, refuse("error_not_found", "The order is not found.")
}

// setStatus moves an order with its effects on stock and parcels, and tells it.
func (s *Simulator) setStatus(o *order, status string, at time.Time) {
	if status == orderCancelled && o.status != orderCancelled {
		for i := range o.lines {
			l := &o.lines[i]
			s.give(l, l.taken)
			l.cancelled = l.quantity
		}
	}
	o.status, o.updated = status, at
	for _, p := range o.packages {
		switch status {
		case orderReady, orderRetry:
			p.status = "LOGISTICS_READY"
		case orderProcessed:
			p.status = "LOGISTICS_REQUEST_CREATED"
		case orderShipped:
			p.status = "LOGISTICS_PICKUP_DONE"
		case orderConfirm, orderCompleted:
			p.status = "LOGISTICS_DELIVERY_DONE"
		case orderCancelled:
			p.status = "LOGISTICS_INVALID"
		}
	}
	s.emit(3, object{"ordersn": o.sn, "status": status, "update_time": at.Unix(), "items": []object{}, "completed_scenario": ""})
}

// give puts pieces of a line back into stock.
func (s *Simulator) give(l *orderLine, n int64) {
	l.taken -= n
	it := s.items[l.item]
	if it == nil {
		return
	}
	t := &it.terms
	if m := it.model(l.model); m != nil {
		t = &m.terms
	}
	t.stock += n
	s.touch(it)
}

// optionalFields are shown in order details only when asked for.
var optionalFields = []string{
	"buyer_user_id", "buyer_username", "estimated_shipping_fee", "recipient_address", "actual_shipping_fee", "note", "note_update_time",
	"item_list", "pay_time", "split_up", "buyer_cancel_reason", "cancel_by", "cancel_reason", "fulfillment_flag", "pickup_done_time",
	"package_list", "shipping_carrier", "payment_method", "total_amount", "invoice_data", "checkout_shipping_carrier", "reverse_shipping_fee",
	"order_chargeable_weight_gram",
}

// maxWindow is the longest time range of an order list.
const maxWindow = 15 * 24 * 3600

func (s *Simulator) orderList(r *request) (any, error) {
	field := r.query.Get("time_range_field")
	if field != "create_time" && field != "update_time" {
		return nil, badParam("Wrong parameters, detail: time_range_field.")
	}
	from, err := r.needInt("time_from")
	if err != nil {
		return nil, err
	}
	to, err := r.needInt("time_to")
	if err != nil {
		return nil, err
	}
	size, err := r.needInt("page_size")
	if err != nil {
		return nil, err
	}
	status := r.query.Get("order_status")
	switch {
	case to <= from || to-from > maxWindow:
		return nil, refuse("order.order_list_invalid_time", "Start time must be earlier than end time and diff in 15days.")
	case size < 1 || size > 100:
		return nil, badParam("Wrong parameters, detail: page_size must be 1 to 100.")
	case status != "" && !slices.Contains([]string{orderUnpaid, orderReady, orderProcessed, orderShipped, orderCompleted, orderInCancel, orderCancelled, "INVOICE_PENDING"}, status):
		return nil, badParam("Wrong parameters, detail: order_status.")
	}
	pending := r.query.Get("request_order_status_pending") == "true"
	return s.orderPage(r, size, func(o *order) bool {
		at := o.updated.Unix()
		if field == "create_time" {
			at = o.created.Unix()
		}
		return at >= from && at <= to && (status == "" || o.shown(pending) == status)
	})
}

// shown is the status as a client sees it: PENDING only one that asked for it.
func (o *order) shown(pending bool) string {
	if o.status == orderPending && !pending {
		return orderReady
	}
	return o.status
}

func (s *Simulator) shipmentList(r *request) (any, error) {
	size, err := r.needInt("page_size")
	if err != nil {
		return nil, err
	}
	if size < 1 || size > 100 {
		return nil, badParam("Wrong parameters, detail: page_size must be 1 to 100.")
	}
	return s.orderPage(r, size, func(o *order) bool { return o.status == orderReady || o.status == orderRetry })
}

// orderPage lists orders by their time of change, the oldest first.
func (s *Simulator) orderPage(r *request, size int64, wanted func(*order) bool) (any, error) {
	offset := int64(0)
	if cursor := r.query.Get("cursor"); cursor != "" && cursor != `""` {
		var err error
		if offset, err = strconv.ParseInt(cursor, 10, 64); err != nil || offset < 0 {
			return nil, badParam("Wrong parameters, detail: cursor.")
		}
	}
	fields, err := r.list("response_optional_fields", true)
	if err != nil {
		return nil, err
	}
	var found []*order
	for _, sn := range s.orderSNs {
		if o := s.orders[sn]; wanted(o) {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b *order) int { return a.updated.Compare(b.updated) })
	first, last := page(offset, size, len(found))
	list := []object{}
	for _, o := range found[first:last] {
		row := object{"order_sn": o.sn, "booking_sn": ""}
		if slices.Contains(fields, "order_status") {
			row["order_status"] = o.shown(r.query.Get("request_order_status_pending") == "true")
		}
		list = append(list, row)
	}
	out := object{"more": last < len(found), "next_cursor": "", "order_list": list}
	if last < len(found) {
		out["next_cursor"] = strconv.Itoa(last)
	}
	return out, nil
}

func (s *Simulator) orderDetail(r *request) (any, error) {
	sns, err := r.list("order_sn_list", true)
	if err != nil {
		return nil, err
	}
	fields, err := r.list("response_optional_fields", true)
	if err != nil {
		return nil, err
	}
	if len(sns) < 1 || len(sns) > 50 {
		return nil, badParam("Wrong parameters, detail: order_sn_list needs 1 to 50 values.")
	}
	list := []object{}
	for _, sn := range sns {
		if o := s.orders[sn]; o != nil {
			list = append(list, s.showOrder(o, fields, r.query.Get("request_order_status_pending") == "true"))
		}
	}
	if len(list) == 0 {
		return nil, refuse("error_not_found", "The order is not found.")
	}
	return object{"order_list": list}, nil
}

func (s *Simulator) showOrder(o *order, fields []string, pending bool) object {
	out := object{
		"order_sn": o.sn, "region": "VN", "currency": "VND", "cod": true, "order_status": o.shown(pending), "message_to_seller": "",
		"create_time": o.created.Unix(), "update_time": o.updated.Unix(), "days_to_ship": 2, "ship_by_date": o.created.Add(48 * time.Hour).Unix(),
	}
	rows, parcels := []object{}, []object{}
	for _, l := range o.lines {
		rows = append(rows, object{
			"item_id": l.item, "item_name": l.name, "item_sku": l.itemSKU, "model_id": l.model, "model_name": l.modelName, "model_sku": l.sku,
			"model_quantity_purchased": l.quantity, "model_original_price": l.original, "model_discounted_price": l.price, "wholesale": false,
			"weight": number(l.weight), "promotion_type": "", "promotion_id": 0, "order_item_id": l.item, "promotion_group_id": 0,
			"image_info": object{"image_url": imageURL(l.image)}, "product_location_id": []string{}, "active_qty": l.quantity - l.cancelled,
			"cancel_requested_qty": 0, "cancelled_qty": l.cancelled, "return_requested_qty": l.asked, "returned_qty": l.returned,
		})
	}
	for _, p := range o.packages {
		parcels = append(parcels, object{
			"package_number": p.number, "logistics_status": p.status, "logistics_channel_id": logisticChannels[0].id,
			"shipping_carrier": logisticChannels[0].name, "item_list": o.parcelItems(p),
		})
	}
	all := object{
		"buyer_user_id": 900000001, "buyer_username": "nguoimuathu",
		"recipient_address": object{
			"name": "N****i mua thử", "phone": "******00", "town": "", "district": "Quận M****", "city": "****", "state": "Hà Nội",
			"region": "VN", "zipcode": "", "full_address": "Số 1 đường M****",
		},
		"estimated_shipping_fee": shippingFee, "actual_shipping_fee": 0, "reverse_shipping_fee": 0, "note": o.note, "note_update_time": seconds(o.noted),
		"item_list": rows, "package_list": parcels, "pay_time": o.created.Unix(), "split_up": len(o.packages) > 1,
		"total_amount": o.total, "payment_method": "Cash on Delivery", "shipping_carrier": logisticChannels[0].name,
		"checkout_shipping_carrier": logisticChannels[0].name, "fulfillment_flag": "fulfilled_by_local_seller",
		"cancel_reason": o.reason, "cancel_by": o.by, "buyer_cancel_reason": "", "pickup_done_time": 0, "invoice_data": nil,
		"order_chargeable_weight_gram": 500,
	}
	for _, field := range fields {
		if slices.Contains(optionalFields, field) {
			out[field] = all[field]
		}
	}
	return out
}

func (s *Simulator) cancelOrder(r *request) (any, error) {
	var in struct {
		SN     string `json:"order_sn"`
		Reason string `json:"cancel_reason"`
		Items  []struct {
			ItemID  int64 `json:"item_id"`
			ModelID int64 `json:"model_id"`
		} `json:"item_list"`
		Partial []struct {
			ItemID   int64 `json:"item_id"`
			ModelID  int64 `json:"model_id"`
			Quantity int64 `json:"model_quantity"`
		} `json:"partial_cancel_item_list"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	o, err := s.findOrder(in.SN)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains([]string{"OUT_OF_STOCK", "CUSTOMER_REQUEST", "UNDELIVERABLE_AREA", "COD_NOT_SUPPORTED"}, in.Reason):
		return nil, badParam("Wrong parameters, detail: cancel_reason.")
	case in.Reason == "OUT_OF_STOCK" && len(in.Items)+len(in.Partial) == 0:
		return nil, badParam("Wrong parameters, detail: item_list is required.")
	case o.status != orderUnpaid && o.status != orderReady:
		return nil, refuse("order.error_limit", "The order can not be cancelled now.")
	}
	if len(in.Partial) == 0 {
		o.reason, o.by = in.Reason, "seller"
		s.setStatus(o, orderCancelled, s.now())
		return object{"update_time": o.updated.Unix()}, nil
	}
	// Some pieces only, all rows or none.
	left := map[int]int64{}
	for i, l := range o.lines {
		left[i] = l.quantity - l.cancelled
	}
	all := int64(0)
	for _, row := range in.Partial {
		at := slices.IndexFunc(o.lines, func(l orderLine) bool { return l.item == row.ItemID && l.model == row.ModelID })
		if at < 0 || row.Quantity < 1 || row.Quantity > left[at] {
			return nil, badParam("Wrong parameters, detail: partial_cancel_item_list.")
		}
		left[at] -= row.Quantity
	}
	for _, n := range left {
		all += n
	}
	if all == 0 {
		return nil, badParam("Wrong parameters, detail: use item_list to cancel the whole order.")
	}
	for i := range o.lines {
		l := &o.lines[i]
		n := l.quantity - l.cancelled - left[i]
		s.give(l, min(n, l.taken))
		l.cancelled += n
		o.total -= n * l.price
	}
	s.setStatus(o, o.status, s.now())
	return object{"update_time": o.updated.Unix()}, nil
}

// seconds is a time as the platform writes it; 0 for none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func (s *Simulator) handleCancellation(r *request) (any, error) {
	var in struct {
		SN        string `json:"order_sn"`
		Operation string `json:"operation"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	o, err := s.findOrder(in.SN)
	switch {
	case err != nil:
		return nil, err
	case o.status != orderInCancel:
		return nil, refuse("order.error_limit", "The order has no cancellation to be handled.")
	case in.Operation == "ACCEPT":
		s.setStatus(o, orderCancelled, s.now())
	case in.Operation == "REJECT":
		s.setStatus(o, orderReady, s.now())
	default:
		return nil, badParam("Wrong parameters, detail: operation.")
	}
	return object{"update_time": o.updated.Unix()}, nil
}

func (s *Simulator) escrowDetail(r *request) (any, error) {
	o, err := s.findOrder(r.query.Get("order_sn"))
	if err != nil {
		return nil, err
	}
	commission := o.total / 25
	return object{"order_sn": o.sn, "buyer_user_name": "nguoimuathu", "return_order_sn_list": []string{}, "order_income": object{
		"escrow_amount": o.total - shippingFee - commission, "buyer_total_amount": o.total, "original_price": o.total - shippingFee,
		"seller_discount": 0, "voucher_from_seller": 0, "commission_fee": commission, "service_fee": 0, "seller_transaction_fee": 0,
		"final_shipping_fee": 0, "items": []object{},
	}}, nil
}

// newSN makes an order's number: the day and eight letters and digits.
func (s *Simulator) newSN(at time.Time) string {
	tail := strings.ToUpper(strconv.FormatInt(s.next(100_000_000_000), 36))
	return at.In(time.FixedZone("UTC+7", 7*3600)).Format("060102") + tail[len(tail)-8:]
}
