package shopeetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// channel is a way to ship.
type channel struct {
	id        int64
	name      string
	enabled   bool
	fee       string
	maxWeight int64 // kg, 0 = no limit
	mask      int64 // of a channel that buyers choose; items use those without
}

var logisticChannels = []channel{
	{id: 50015, name: "VNPost Nhanh", enabled: true, fee: "SIZE_INPUT", maxWeight: 30},
	{id: 50021, name: "SPX Express", enabled: true, fee: "SIZE_INPUT", maxWeight: 50},
	{id: 50099, name: "Hàng cồng kềnh", enabled: false, fee: "SIZE_INPUT"},
	{id: 50033, name: "Theo cỡ hộp", enabled: true, fee: "SIZE_SELECTION"},
	{id: 28016, name: "VNPost Nhanh_product", enabled: true, fee: "SIZE_INPUT", mask: 50015},
}

const (
	pickupAddress = 118454205
	branch        = 7001

	shipByDropoff = "dropoff"
	shipByNumber  = "non_integrated"
)

func (s *Simulator) channels(*request) (any, error) {
	list := []object{}
	for _, c := range logisticChannels {
		sizes := []object{}
		if c.fee == "SIZE_SELECTION" {
			sizes = append(sizes, object{"size_id": "1", "name": "Nhỏ", "default_price": 16500}, object{"size_id": "2", "name": "Lớn", "default_price": 30000})
		}
		list = append(list, object{
			"logistics_channel_id": c.id, "logistics_channel_name": c.name, "cod_enabled": true, "enabled": c.enabled, "fee_type": c.fee,
			"size_list": sizes, "weight_limit": object{"item_max_weight": c.maxWeight, "item_min_weight": 0},
			"item_max_dimension": object{"height": 0, "width": 0, "length": 0, "unit": "cm", "dimension_sum": 0},
			"volume_limit":       object{"item_max_volume": 0, "item_min_volume": 0}, "mask_channel_id": c.mask, "force_enable": false,
		})
	}
	return object{"logistics_channel_list": list}, nil
}

// slot is the one time at which the carrier comes: the next noon.
func (s *Simulator) slot() int64 {
	now := s.now().In(time.FixedZone("UTC+7", 7*3600))
	return time.Date(now.Year(), now.Month(), now.Day()+1, 12, 0, 0, 0, now.Location()).Unix()
}

// parcelOf finds the package that a call is about. A package number must be
// there for split orders and must not for others.
func (s *Simulator) parcelOf(sn, number string) (*order, *parcel, error) {
	o, err := s.findOrder(sn)
	if err != nil {
		return nil, nil, err
	}
	if len(o.packages) == 1 {
		if number != "" {
			return nil, nil, refuse("logistics.ship_order_not_need_pacakge_number", "The order is not split, package_number is not needed.")
		}
		return o, o.packages[0], nil
	}
	for _, p := range o.packages {
		if p.number == number {
			return o, p, nil
		}
	}
	return nil, nil, refuse("logistics.package_number_not_exist", "The package number does not exist.")
}

func (s *Simulator) shippingParameter(r *request) (any, error) {
	o, _, err := s.parcelOf(r.query.Get("order_sn"), r.query.Get("package_number"))
	if err != nil {
		return nil, err
	}
	if o.status != orderReady && o.status != orderRetry {
		return nil, refuse("logistics.error_status", "The order is not ready to ship.")
	}
	slot := s.slot()
	needed, branches := object{"pickup": []string{"address_id", "pickup_time_id"}, "dropoff": []string{}}, []object{}
	switch s.options.ShipBy {
	case shipByDropoff:
		needed = object{"dropoff": []string{"branch_id"}}
		branches = append(branches, object{"branch_id": branch, "region": "VN", "state": "Bắc Kạn", "address": "Bưu cục mẫu", "zipcode": ""})
	case shipByNumber:
		return object{"info_needed": object{"non_integrated": []string{"tracking_no"}}}, nil
	}
	return object{
		"info_needed": needed, "dropoff": object{"branch_list": branches, "slug_list": []object{}},
		"pickup": object{"address_list": []object{{
			"address_id": pickupAddress, "region": "VN", "state": "Bắc Kạn", "city": "", "district": "", "town": "", "address": "Kho mẫu số 1",
			"zipcode": "", "address_flag": []string{"default_address", "pickup_address"},
			"time_slot_list": []object{{"date": slot, "pickup_time_id": strconv.FormatInt(slot, 10), "time_text": "", "flags": []string{"recommended"}}},
		}}},
	}, nil
}

func (s *Simulator) shipOrder(r *request) (any, error) {
	var in struct {
		SN      string `json:"order_sn"`
		Package string `json:"package_number"`
		Pickup  *struct {
			Address  int64  `json:"address_id"`
			Time     string `json:"pickup_time_id"`
			Tracking string `json:"tracking_number"`
		} `json:"pickup"`
		Dropoff *struct {
			Branch int64 `json:"branch_id"`
		} `json:"dropoff"`
		NonIntegrated *struct {
			Tracking string `json:"tracking_number"`
		} `json:"non_integrated"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	ways := 0
	for _, given := range []bool{in.Pickup != nil, in.Dropoff != nil, in.NonIntegrated != nil} {
		if given {
			ways++
		}
	}
	o, p, err := s.parcelOf(in.SN, in.Package)
	switch {
	case err != nil:
		return nil, err
	case ways != 1:
		return nil, refuse("logistics.ship_order_only_support_one_type", "Only one of pickup, dropoff and non_integrated is supported.")
	case p.status != "LOGISTICS_READY" && p.status != "LOGISTICS_NOT_START" && o.status != orderCancelled && o.status != orderUnpaid:
		return nil, refuse("logistics.package_already_shipped", "The package is already shipped.")
	case o.status != orderReady && o.status != orderRetry:
		return nil, refuse("logistics.ship_order_not_ready_to_ship", "The order is not ready to ship.")
	case (in.NonIntegrated != nil) != (s.options.ShipBy == shipByNumber):
		return nil, badParam("The channel of the order takes non_integrated only, or not at all.")
	case in.NonIntegrated != nil && in.NonIntegrated.Tracking == "":
		return nil, badParam("tracking_number is required.")
	case in.Pickup != nil && s.options.ShipBy == shipByDropoff:
		return nil, badParam("pickup is not supported by the channel.")
	case in.Dropoff != nil && s.options.ShipBy == shipByDropoff && in.Dropoff.Branch != branch:
		return nil, badParam("branch_id is not valid.")
	case in.Pickup != nil && in.Pickup.Address != pickupAddress:
		return nil, refuse("logistics.invalid_address_version", "The address is not valid any more.")
	case in.Pickup != nil && in.Pickup.Time != strconv.FormatInt(s.slot(), 10):
		return nil, refuse("logistics.no_available_time_slot", "The time slot is not available.")
	}
	p.status = "LOGISTICS_REQUEST_CREATED"
	s.polls[p.number] = 0
	if in.NonIntegrated != nil {
		p.tracking = in.NonIntegrated.Tracking
	}
	left := slices.ContainsFunc(o.packages, func(p *parcel) bool { return p.status == "LOGISTICS_READY" })
	if !left {
		s.setStatus(o, orderProcessed, s.now())
	}
	return none{}, nil
}

func (s *Simulator) trackingNumber(r *request) (any, error) {
	o, p, err := s.parcelOf(r.query.Get("order_sn"), r.query.Get("package_number"))
	if err != nil {
		return nil, err
	}
	if !p.arranged() {
		return nil, refuse("logistics.error_status", "The package is not shipped yet.")
	}
	if s.polls[p.number] < s.options.TrackingPolls {
		s.polls[p.number]++
	} else if p.tracking == "" {
		p.tracking = fmt.Sprintf("SPXVN%012d", s.next(61234567000))
		s.emit(4, object{"ordersn": o.sn, "package_number": p.number, "tracking_no": p.tracking, "forder_id": p.number})
	}
	return object{"tracking_number": p.tracking, "plp_number": "", "hint": "", "first_mile_tracking_number": "", "last_mile_tracking_number": ""}, nil
}

func (s *Simulator) trackingInfo(r *request) (any, error) {
	o, p, err := s.parcelOf(r.query.Get("order_sn"), r.query.Get("package_number"))
	if err != nil {
		return nil, err
	}
	return object{"order_sn": o.sn, "package_number": p.number, "logistics_status": p.status, "tracking_info": []object{
		{"update_time": o.updated.Unix(), "description": strings.ToLower(p.status), "logistics_status": p.status},
	}}, nil
}

// Split parts an order that is to be shipped into one package per line.
func (s *Simulator) Split(sn string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.findOrder(sn)
	if err != nil {
		return err
	}
	o.packages = nil
	for i := range o.lines {
		o.packages = append(o.packages, s.newParcel(i))
	}
	o.updated = s.now()
	return nil
}

func (s *Simulator) newParcel(lines ...int) *parcel {
	return &parcel{number: fmt.Sprintf("OFG%d", s.next(134731496217000)), status: "LOGISTICS_READY", lines: lines}
}
