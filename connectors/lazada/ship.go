package lazada

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Ship packs what is to be packed and reports it ready to ship; Lazada chooses
// the carrier and gives the tracking number, which the next read of the order
// shows. Each step begins with what is there, so that a call that was
// interrupted can be done again.
// https://open.lazada.com/apps/doc/doc?nodeId=29615, read 2026-04.
func (s *shop) Ship(ctx context.Context, shipment connectors.Shipment) (connectors.Outcome, error) {
	if !isID(shipment.Order) {
		return s.noOrder(shipment.Order), nil
	}
	units, err := rowsOfOrder[unit](ctx, s, shipment.Order)
	if connectors.KindOf(err) == connectors.NotFound {
		return s.noOrder(shipment.Order), nil
	}
	if err != nil {
		return connectors.Outcome{}, err
	}
	if lines := shipment.Fulfillment.Lines; len(lines) > 0 {
		units = slices.DeleteFunc(units, func(u unit) bool {
			return !slices.Contains(lines, firstOf(string(u.SkuID), string(u.SKU), u.ID.String()))
		})
	}
	var pack []number
	var parcels []string
	left := 0
	for _, u := range units {
		switch place := placeOf(u.Status); {
		case u.canceled():
		case u.asked():
			return s.asked(shipment.Order), nil
		case u.Status == "packed":
			if id := string(u.Parcel); id != "" && !slices.Contains(parcels, id) {
				parcels = append(parcels, id)
			}
		case u.Status == "pending", u.Status == "topack", u.Status == "repacked":
			pack = append(pack, u.ID)
		case place >= placeOf("ready_to_ship"):
			left++
		default:
			return s.cannot(shipment.Order, u.Status), nil
		}
	}
	switch {
	case len(pack)+len(parcels) == 0 && left > 0:
		return connectors.Outcome{Kind: connectors.Unchanged}, nil
	case len(pack)+len(parcels) == 0:
		return s.cannot(shipment.Order, "canceled"), nil
	}
	began := false
	if len(pack) > 0 {
		packed, err := s.pack(ctx, shipment.Order, pack)
		if err != nil {
			return s.shipFailed(err, began)
		}
		began = true
		for _, id := range packed {
			if !slices.Contains(parcels, id) {
				parcels = append(parcels, id)
			}
		}
	}
	if err := s.readyToShip(ctx, parcels); err != nil {
		return s.shipFailed(err, began)
	}
	return connectors.Outcome{Kind: connectors.Applied}, nil
}

// shipFailed is the result when a step failed: once something was packed, the
// shipment is not as if nothing had been sent.
func (s *shop) shipFailed(err error, began bool) (connectors.Outcome, error) {
	outcome := outcomeOf(err, "")
	if outcome.Kind == connectors.Gone {
		outcome.Kind = connectors.Conflict // a row or parcel, not the order
	}
	if outcome.Kind != connectors.Deferred {
		return outcome, nil
	}
	if began {
		outcome.Kind = connectors.Unknown
		return outcome, nil
	}
	return connectors.Outcome{}, err
}

func (s *shop) noOrder(id catalog.ExternalID) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Gone, Err: s.fail("orders.ship", connectors.NotFound, "16", "order %s is not in the shop", clip(string(id)))}
}

// asked is the outcome for an order whose buyer waits for an answer: shipping
// would be one, and not the seller's to give by accident.
func (s *shop) asked(id catalog.ExternalID) connectors.Outcome {
	issue := newIssue("cancel_requested", "", "", "Người mua muốn hủy đơn: trả lời trước khi giao, bằng chophien orders cancel hoặc trong Seller Center.", "The buyer wants to cancel: answer before it is shipped, with chophien orders cancel or in Seller Center.")
	return connectors.Outcome{Kind: connectors.Conflict, Issues: []catalog.Issue{*issue}, Err: s.fail("orders.ship", connectors.Clash, issue.Code, "the buyer of order %s wants to cancel", id)}
}

func (s *shop) cannot(id catalog.ExternalID, status string) connectors.Outcome {
	issue := newIssue("order_status", "", "", "Đơn đang ở trạng thái "+clip(status)+" nên không giao được: xem trong Seller Center.", "The order is "+clip(status)+" and cannot be shipped: look at it in Seller Center.")
	return connectors.Outcome{Kind: connectors.Conflict, Issues: []catalog.Issue{*issue}, Err: s.fail("orders.ship", connectors.Clash, issue.Code, "order %s is %s", id, clip(status))}
}

// step is what fulfillment says of one row or parcel. The call as a whole
// succeeds even when this did not.
type step struct {
	Code    text `json:"item_err_code"`
	Message text `json:"msg"`
	Parcel  text `json:"package_id"`
	Retry   bool `json:"retry"`
}

func (st step) err(s *shop, op string) error {
	if st.Code == "0" {
		return nil
	}
	e := s.itemError(op, row{code: string(st.Code), message: string(st.Message)})
	if st.Retry && e.Kind == connectors.Validation {
		e.Kind = connectors.Transient
	}
	e.Lost = false // this row was answered
	return e
}

// resulting is the envelope of fulfillment.
type resulting[T any] struct {
	Result struct {
		Data maybe[T] `json:"data"`
	} `json:"result"`
}

// pack packs rows of an order and returns the numbers of the parcels. Rows that
// are refused are an error once the others are packed.
func (s *shop) pack(ctx context.Context, id catalog.ExternalID, units []number) ([]string, error) {
	var out resulting[struct {
		Orders []struct {
			Rows []step `json:"order_item_list"`
		} `json:"pack_order_list"`
	}]
	list := fields{"order_id": json.Number(id), "order_item_list": units}
	err := s.write(ctx, write{
		op: "orders.pack", path: "/order/fulfill/pack", parameter: "packReq", out: &out,
		value: fields{"pack_order_list": []fields{list}, "delivery_type": "dropship", "shipping_allocate_type": "TFS"},
	})
	if err != nil {
		return nil, err
	}
	var parcels []string
	rows := 0
	for _, o := range out.Result.Data.value.Orders {
		for _, r := range o.Rows {
			rows++
			if err := r.err(s, "orders.pack"); err != nil {
				return nil, err
			}
			parcels = append(parcels, string(r.Parcel))
		}
	}
	if rows < len(units) {
		e := s.fail("orders.pack", connectors.Transient, "missing", "the answer does not mention all rows")
		e.Lost = true
		return nil, e
	}
	return parcels, nil
}

// readyToShip reports parcels; done again, it is refused by their status, which
// reading shows.
func (s *shop) readyToShip(ctx context.Context, parcels []string) error {
	for group := range slices.Chunk(parcels, 20) {
		var list []fields
		for _, id := range group {
			list = append(list, fields{"package_id": id})
		}
		var out resulting[struct {
			Packages []step `json:"packages"`
		}]
		err := s.write(ctx, write{op: "orders.ship", path: "/order/package/rts", parameter: "readyToShipReq", value: fields{"packages": list}, out: &out})
		if err != nil {
			return err
		}
		steps := out.Result.Data.value.Packages
		for _, st := range steps {
			if err := st.err(s, "orders.ship"); err != nil {
				return err
			}
		}
		if len(steps) < len(group) {
			e := s.fail("orders.ship", connectors.Transient, "missing", "the answer does not mention all parcels")
			e.Lost = true
			return e
		}
	}
	return nil
}
