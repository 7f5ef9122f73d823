package shopee

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// shippingParameter is what a parcel needs to be arranged. A way that is there,
// even without fields, is possible.
type shippingParameter struct {
	Needed struct {
		Pickup        *[]string `json:"pickup"`
		Dropoff       *[]string `json:"dropoff"`
		NonIntegrated *[]string `json:"non_integrated"`
	} `json:"info_needed"`
	Pickup struct {
		Addresses []pickupAddress `json:"address_list"`
	} `json:"pickup"`
	Dropoff struct {
		Branches []struct {
			ID int64 `json:"branch_id"`
		} `json:"branch_list"`
	} `json:"dropoff"`
}

// pickupAddress is where the carrier comes, and when.
type pickupAddress struct {
	ID    int64    `json:"address_id"`
	Flags []string `json:"address_flag"`
	Slots []struct {
		ID    string   `json:"pickup_time_id"`
		Flags []string `json:"flags"`
	} `json:"time_slot_list"`
}

// Ship arranges the parcels of an order with the carrier: on Shopee that is how
// a seller reports that an order goes out. Who carries it and under which
// number is Shopee's to say, except for carriers that are not integrated.
func (s *shop) Ship(ctx context.Context, shipment connectors.Shipment) (connectors.Outcome, error) {
	const op = "logistics/ship_order"
	sn := string(shipment.Order)
	answer, err := get[struct {
		Orders []json.RawMessage `json:"order_list"`
	}](ctx, s, "order/get_order_detail", url.Values{"order_sn_list": {sn}, "response_optional_fields": {"package_list"}})
	if connectors.KindOf(err) == connectors.NotFound || err == nil && len(answer.Orders) == 0 {
		return connectors.Outcome{Kind: connectors.Gone, Err: &connectors.Error{
			Kind: connectors.NotFound, Channel: string(s.env.Channel), Op: op, Err: fmt.Errorf("order %s is not on Shopee", clip(sn, 40)),
		}}, nil
	}
	if err != nil {
		return connectors.Outcome{}, err
	}
	var o orderKey
	if json.Unmarshal(answer.Orders[0], &o) != nil {
		return connectors.Outcome{}, &connectors.Error{Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: op,
			Err: errors.New("the order does not have the expected form")}
	}
	switch o.Status {
	case "READY_TO_SHIP", "RETRY_SHIP":
	case "PROCESSED", "SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED":
		return connectors.Outcome{Kind: connectors.Unchanged}, nil
	default:
		outcome, _ := outcomeOf(s.refusal(op, "ship_order_not_ready_to_ship", "the order is "+clip(o.Status, 40)), "")
		return outcome, nil
	}
	// The number must be given for parcels of a split order, and only for those.
	numbers := []string{""}
	if len(o.Packages) > 1 {
		numbers = nil
		for _, p := range o.Packages {
			if !arranged(p.Status) {
				numbers = append(numbers, p.Number)
			}
		}
	}
	changed := false
	for _, number := range numbers {
		switch err := s.arrange(ctx, sn, number, shipment.Fulfillment); {
		case err == nil:
			changed = true
		case isCodeOf(err, codeAlreadyShipped):
		default:
			outcome, retry := outcomeOf(err, "")
			switch {
			case retry && !changed:
				return connectors.Outcome{}, err
			case retry:
				outcome.Kind = connectors.Unknown // some parcels are arranged
			}
			return outcome, nil
		}
	}
	if !changed {
		return connectors.Outcome{Kind: connectors.Unchanged}, nil
	}
	return connectors.Outcome{Kind: connectors.Applied}, nil
}

// arrange arranges one parcel. Doing it twice is refused as already shipped.
func (s *shop) arrange(ctx context.Context, sn, number string, f catalog.Fulfillment) error {
	q, body := url.Values{"order_sn": {sn}}, fields{"order_sn": sn}
	if number != "" {
		q.Set("package_number", number)
		body["package_number"] = number
	}
	needs, err := get[shippingParameter](ctx, s, "logistics/get_shipping_parameter", q)
	if err != nil {
		return err
	}
	way, details, err := s.wayToShip(needs, f)
	if err != nil {
		return err
	}
	body[way] = details
	_, err = post[struct{}](ctx, s, connectors.Call{Op: "logistics/ship_order", Body: body, Repeatable: true})
	return err
}

// wayToShip chooses how the parcel is handed over.
func (s *shop) wayToShip(needs shippingParameter, f catalog.Fulfillment) (way string, details fields, err error) {
	pickup, dropoff := needs.Needed.Pickup != nil && len(needs.Pickup.Addresses) > 0, needs.Needed.Dropoff != nil
	switch {
	case pickup && (s.options.ShipBy == "pickup" || !dropoff):
		addresses := needs.Pickup.Addresses
		at := max(0, slices.IndexFunc(addresses, func(a pickupAddress) bool { return slices.Contains(a.Flags, "pickup_address") }))
		details = fields{"address_id": addresses[at].ID}
		if slots := addresses[at].Slots; len(slots) > 0 {
			chosen := slots[0].ID
			for _, slot := range slots {
				if slices.Contains(slot.Flags, "recommended") {
					chosen = slot.ID
					break
				}
			}
			details["pickup_time_id"] = chosen
		}
		return "pickup", details, nil
	case dropoff:
		details = fields{}
		if slices.Contains(*needs.Needed.Dropoff, "branch_id") && len(needs.Dropoff.Branches) > 0 {
			details["branch_id"] = needs.Dropoff.Branches[0].ID
		}
		if slices.Contains(*needs.Needed.Dropoff, "tracking_no") && f.TrackingNumber != "" {
			details["tracking_number"] = f.TrackingNumber
		}
		return "dropoff", details, nil
	case needs.Needed.NonIntegrated != nil && f.TrackingNumber != "":
		return "non_integrated", fields{"tracking_number": f.TrackingNumber}, nil
	}
	reason := "Shopee offers no way to hand the parcel over"
	if needs.Needed.NonIntegrated != nil {
		reason = "the carrier needs a tracking number from the seller"
	}
	return "", nil, s.refusal("logistics/ship_order", "no_way_to_ship", reason+" (pickup addresses: "+strconv.Itoa(len(needs.Pickup.Addresses))+")")
}
