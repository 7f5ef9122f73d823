package lazadatest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// The money beside the goods of every order: what shipping costs the buyer, and
// a voucher of the platform for three pieces or more.
const (
	shippingFee = 16500
	voucher     = 10000
)

// buyer is who orders here: evidently nobody.
var buyer = object{
	"first_name": "N***g M** T**", "last_name": "", "phone": "84*******00", "phone2": "", "address1": "S*** đường Mẫu", "address2": "",
	"address3": "Hà Nội", "address4": "Quận Ba Đình", "address5": "Phường Kim Mã", "addressDsitrict": "Quận Ba Đình",
	"city": "Quận Ba Đình", "post_code": "", "country": "Vietnam",
}

type order struct {
	id      int64
	units   []*unit
	created time.Time
	updated time.Time
	payBy   time.Time // until then pieces are withheld for an unpaid order
}

// unit is a row of an order: one piece.
type unit struct {
	id       int64
	status   string
	item     *item
	sku      *sku
	price    int64
	paid     int64
	name     string
	parcel   string
	tracking string
	reason   string
	by       string // who canceled it or sent it back
	reverse  *reverse
}

func (o *order) price() (sum int64) {
	for _, u := range o.units {
		sum += u.price
	}
	return sum
}

func (o *order) voucher() (sum int64) {
	for _, u := range o.units {
		sum += u.price - u.paid
	}
	return sum
}

func (o *order) statuses() []string {
	var list []string
	for _, u := range o.units {
		if !slices.Contains(list, u.status) {
			list = append(list, u.status)
		}
	}
	return list
}

// move changes the status of rows, with what it does to the stock: pieces are
// withheld until payment, occupied until they leave, and free again when
// canceled before that.
func (s *Simulator) move(o *order, status string, units ...*unit) {
	for _, u := range units {
		if u.status == status {
			continue
		}
		was, is := holds(u.status), holds(status)
		if u.status == "" {
			was = nothing
		}
		u.sku.take(was, -1)
		u.sku.take(is, 1)
		u.status = status
		s.emitUnit(o, u)
	}
	o.updated = s.now()
}

// hold is where a piece of an order counts in the stock.
type hold int

const (
	nothing hold = iota
	withheld
	occupied
	left
)

func holds(status string) hold {
	switch status {
	case "unpaid":
		return withheld
	case "pending", "topack", "repacked", "packed", "toship", "ready_to_ship_pending":
		return occupied
	case "canceled":
		return nothing
	}
	return left
}

func (k *sku) take(where hold, pieces int64) {
	switch where {
	case withheld:
		k.withheld += pieces
	case occupied:
		k.occupied += pieces
	case left:
		k.total -= pieces
	}
}

func (s *Simulator) showOrder(o *order) object {
	return object{
		"order_id": o.id, "order_number": o.id, "statuses": o.statuses(), "price": decimals(o.price()),
		"shipping_fee": json.Number(decimals(shippingFee)), "shipping_fee_original": json.Number(decimals(shippingFee)),
		"shipping_fee_discount_seller": json.Number("0.00"), "shipping_fee_discount_platform": json.Number("0.00"),
		"voucher": json.Number(decimals(o.voucher())), "voucher_seller": json.Number("0.00"), "voucher_platform": json.Number(decimals(o.voucher())),
		"items_count": len(o.units), "payment_method": "COD", "customer_first_name": buyer["first_name"], "customer_last_name": "",
		"address_shipping": buyer, "address_billing": buyer,
		"created_at": local(o.created, orderTime), "updated_at": local(o.updated, orderTime),
		"remarks": "", "buyer_note": "Ghi chú của người mua thử", "gift_option": false, "tax_code": "",
		"warehouse_code": warehouse, "need_cancel_confirm": slices.ContainsFunc(o.units, (*unit).asked), "is_cancel_pending": false,
	}
}

const orderTime = "2006-01-02 15:04:05 -0700"

// decimals writes an amount as orders do: 130000.00.
func decimals(amount int64) string { return strconv.FormatInt(amount, 10) + ".00" }

func (s *Simulator) showUnit(o *order, u *unit) object {
	variation := ""
	for _, v := range u.item.variation {
		if variation != "" {
			variation += ", "
		}
		variation += v.name + ":" + u.sku.props[v.name]
	}
	shown := object{
		"order_item_id": u.id, "order_id": o.id, "status": u.status, "sku": u.sku.seller, "shop_sku": u.sku.shopSKU(u.item),
		"sku_id": strconv.FormatInt(u.sku.id, 10), "product_id": strconv.FormatInt(u.item.id, 10), "name": u.name, "variation": variation,
		"item_price": json.Number(decimals(u.price)), "paid_price": json.Number(decimals(u.paid)), "currency": "VND",
		"shipping_amount": json.Number("0.00"), "voucher_amount": json.Number(decimals(u.price - u.paid)), "voucher_seller": 0,
		"voucher_platform": json.Number(decimals(u.price - u.paid)), "tracking_code": u.tracking, "package_id": u.parcel,
		"shipment_provider": "", "shipping_type": "Dropshipping", "shipping_provider_type": "standard", "warehouse_code": warehouse,
		"reason": u.reason, "reason_detail": "", "cancel_return_initiator": u.by, "is_fbl": 0, "is_digital": 0,
		"created_at": local(o.created, orderTime), "updated_at": local(o.updated, orderTime), "payment_time": o.created.UnixMilli(),
		"sla_time_stamp":         o.created.Add(48 * time.Hour).In(shopZone).Format(time.RFC3339),
		"promised_shipping_time": "", "order_type": "Normal", "order_flag": "NORMAL", "delivery_option_sof": bit(s.options.OwnFleet),
		"product_main_image": "", "product_detail_url": address(u.item, u.sku), "need_cancel_confirm": u.asked(), "is_cancel_pending": false,
	}
	if len(u.item.images) > 0 {
		shown["product_main_image"] = u.item.images[0]
	}
	if u.parcel != "" {
		shown["shipment_provider"] = carrier
	}
	if u.reverse != nil {
		shown["reverse_order_id"] = u.reverse.id
		if u.asked() {
			shown["cancel_trigger_time"] = u.reverse.until.UnixMilli()
		}
	}
	return shown
}

// orderStatuses are those that lists of orders can be cut to.
var orderStatuses = []string{
	"all", "unpaid", "pending", "packed", "canceled", "ready_to_ship", "delivered", "returned", "shipped", "failed", "topack", "toship",
	"shipping", "lost", "lost_by_3pl", "damaged_by_3pl", "failed_delivery", "shipped_back", "shipped_back_success", "shipped_back_failed", "package_scrapped",
}

func (s *Simulator) ordersGet(in *request) (any, error) {
	status := in.p["status"]
	switch {
	case in.p["created_after"] == "" && in.p["update_after"] == "":
		return nil, missing("update_after")
	case status != "" && !slices.Contains(orderStatuses, status):
		return nil, refuse("36", "Invalid status filter")
	}
	limit, err := in.number("limit", 100, 1, 100, "19")
	if err != nil {
		return nil, err
	}
	offset, err := in.number("offset", 0, 0, 5000, "14")
	if err != nil {
		return nil, err
	}
	window, err := in.window("created_after", "created_before", "update_after", "update_before")
	if err != nil {
		return nil, err
	}
	key := func(o *order) time.Time { return o.created }
	switch in.p["sort_by"] {
	case "", "created_at":
	case "updated_at":
		key = func(o *order) time.Time { return o.updated }
	default:
		return nil, refuse("75", "Invalid sort filter")
	}
	direction := -1
	switch in.p["sort_direction"] {
	case "ASC":
		direction = 1
	case "", "DESC":
	default:
		return nil, refuse("74", "Invalid sort direction")
	}
	var found []*order
	for _, id := range s.orderIDs {
		o := s.orders[id]
		if window[0].open(o.created, s.options.AfterIncludes) && window[1].open(o.updated, s.options.AfterIncludes) &&
			(status == "" || status == "all" || slices.Contains(o.statuses(), status)) {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b *order) int {
		return direction * cmp.Or(key(a).Truncate(time.Second).Compare(key(b).Truncate(time.Second)), cmp.Compare(a.id, b.id))
	})
	page := []object{}
	for i := offset; i < min(offset+limit, int64(len(found))); i++ {
		page = append(page, s.showOrder(found[i]))
	}
	return object{"count": len(page), "countTotal": len(found), "orders": page}, nil
}

// order finds an order by the text of its number.
func (s *Simulator) order(id string) (*order, error) {
	n, _ := strconv.ParseInt(id, 10, 64)
	if o := s.orders[n]; o != nil {
		return o, nil
	}
	return nil, refuse("16", "Invalid Order ID")
}

func (s *Simulator) orderGet(in *request) (any, error) {
	o, err := s.order(in.p["order_id"])
	if err != nil {
		return nil, err
	}
	return s.showOrder(o), nil
}

func (s *Simulator) rowsOf(o *order) []object {
	list := []object{}
	for _, u := range o.units {
		list = append(list, s.showUnit(o, u))
	}
	return list
}

func (s *Simulator) orderItems(in *request) (any, error) {
	o, err := s.order(in.p["order_id"])
	if err != nil {
		return nil, err
	}
	return s.rowsOf(o), nil
}

func (s *Simulator) ordersItems(in *request) (any, error) {
	var ids []json.Number
	switch err := json.Unmarshal([]byte(in.p["order_ids"]), &ids); {
	case in.p["order_ids"] == "":
		return nil, missing("order_ids")
	case err != nil:
		return nil, refuse("56", "Invalid OrdersIdList format. Must use array format [1,2]")
	case len(ids) > 50:
		return nil, refuse("38", "Too many orders were requested")
	case len(ids) == 0:
		return nil, refuse("39", "No orders were found")
	}
	list := []object{}
	for _, id := range ids {
		o, err := s.order(id.String())
		if err != nil {
			return nil, refuse("37", "One or more order id in the list are incorrect")
		}
		list = append(list, object{"order_id": o.id, "order_number": o.id, "order_items": s.rowsOf(o)})
	}
	return list, nil
}

// unit finds a row by its number, which may be quoted.
func (o *order) unit(id string) *unit {
	for _, u := range o.units {
		if text := strconv.FormatInt(u.id, 10); id == text || id == strconv.Quote(text) {
			return u
		}
	}
	return nil
}
