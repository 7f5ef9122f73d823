package tiktokshoptest

import (
	"slices"
	"strings"
	"time"
)

// tracking tells where an order's parcels were.
func (s *Simulator) tracking(r *request) (any, error) {
	o := s.orders[r.vars["order"]]
	if o == nil {
		return nil, refuse(21008111, "The order or package does not belong to the current seller.")
	}
	rows := []object{}
	for _, step := range []struct{ status, text string }{
		{orderTransit, "Kiện hàng đang trên đường."}, {orderCollect, "Người bán đã chuẩn bị hàng."},
	} {
		if at := slices.Index(orderStatuses, o.status); o.status != orderCancelled && at >= slices.Index(orderStatuses, step.status) {
			rows = append(rows, object{"description": step.text, "update_time_millis": o.updated.UnixMilli()})
		}
	}
	return object{"tracking": rows}, nil
}

// deliver takes the word of a seller with a fleet of their own.
func (s *Simulator) deliver(r *request) (any, error) {
	var in struct {
		Packages []struct {
			ID     string `json:"id"`
			Kind   string `json:"delivery_type"`
			Reason string `json:"fail_delivery_reason"`
		} `json:"packages"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if len(in.Packages) == 0 || len(in.Packages) > maxPackages {
		return nil, badParam("packages", "their number is out of range", "1 to 50")
	}
	var rows []object
	for _, row := range in.Packages {
		p, err := s.parcelOf(row.ID)
		switch {
		case err != nil:
		case !slices.Contains([]string{"DELIVERY_SUCCESS", "DELIVERY_FAILED", "UPDATE_POD"}, row.Kind):
			err = badParam("delivery_type", "it is unknown", "DELIVERY_SUCCESS, DELIVERY_FAILED or UPDATE_POD")
		case row.Kind == "DELIVERY_FAILED" && row.Reason == "":
			err = badParam("fail_delivery_reason", "it is missing", "a reason")
		case !s.options.SellerShipping || p.order.status != orderTransit:
			err = refuse(21011001, "The package status does not allow to report its delivery.")
		case row.Kind == "DELIVERY_SUCCESS":
			s.setStatus(p.order, orderDelivered, s.now().Truncate(time.Second))
		}
		if err != nil {
			rows = append(rows, errorRow(err, "package_id", row.ID))
		}
	}
	return partly(rows), nil
}

// splitAttributes tells which orders can be sent in several parcels.
func (s *Simulator) splitAttributes(r *request) (any, error) {
	rows := []object{}
	for id := range strings.SplitSeq(r.query.Get("order_ids"), ",") {
		o := s.orders[id]
		if o == nil {
			return nil, refuse(21008111, "The order or package does not belong to the current seller.")
		}
		row := object{"order_id": id, "can_split": o.splits(), "must_split": false, "must_split_reasons": []object{}}
		if !o.splits() {
			row["reason"] = "The order is not waiting for shipment, or has one piece."
		}
		rows = append(rows, row)
	}
	return object{"split_attributes": rows}, nil
}

func (o *order) splits() bool { return o.status == orderReady && len(o.units) > 1 }

// splitOrder puts the pieces of an order into new parcels, one for each group.
func (s *Simulator) splitOrder(r *request) (any, error) {
	var in struct {
		Groups []struct {
			ID    string   `json:"id"`
			Lines []string `json:"order_line_item_ids"`
		} `json:"splittable_groups"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	o := s.orders[r.vars["order"]]
	switch {
	case o == nil:
		return nil, refuse(21008111, "The order or package does not belong to the current seller.")
	case !o.splits():
		return nil, refuse(21011001, "The order cannot be split.")
	}
	places := map[string]int{}
	for g, group := range in.Groups {
		if group.ID == "" || len(group.Lines) == 0 {
			return nil, badParam("splittable_groups", "a group is empty", "groups of line items")
		}
		for _, line := range group.Lines {
			if _, twice := places[line]; twice {
				return nil, badParam("order_line_item_ids", "a line item comes twice", "each line item once")
			}
			places[line] = g
		}
	}
	for _, u := range o.units {
		if _, there := places[u.id]; !there || len(places) != len(o.units) {
			return nil, badParam("order_line_item_ids", "they are not those of the order", "each line item of the order once")
		}
	}
	at, boxes, rows := s.now().Truncate(time.Second), []*parcel(nil), []object{}
	for _, group := range in.Groups {
		box := &parcel{id: s.newID(1153132168123879000), status: "TO_FULFILL", order: o, created: at, updated: at}
		s.packages[box.id] = box
		boxes = append(boxes, box)
		rows = append(rows, object{"id": box.id, "splittable_group_id": group.ID})
	}
	for _, old := range o.parcels {
		delete(s.packages, old.id)
	}
	for i := range o.units {
		o.units[i].parcel = boxes[places[o.units[i].id]]
	}
	o.parcels, o.updated = boxes, at
	return object{"packages": rows}, nil
}
