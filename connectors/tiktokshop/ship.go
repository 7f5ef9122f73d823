package tiktokshop

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Ship arranges the shipment of an order's packages. TikTok's carriers give
// their own tracking number; for parcels that the seller sends, ours is told.
func (s *shop) Ship(ctx context.Context, shipment connectors.Shipment) (connectors.Outcome, error) {
	const op = "orders.ship"
	outcome, err := s.ship(ctx, op, shipment)
	if err == nil {
		return outcome, nil
	}
	outcome, retry := connectors.OutcomeOf(err)
	if retry {
		return connectors.Outcome{}, err
	}
	outcome.Issues = []catalog.Issue{issueOf(err, "")}
	return outcome, nil
}

func (s *shop) ship(ctx context.Context, op string, shipment connectors.Shipment) (connectors.Outcome, error) {
	o, err := s.orderOf(ctx, op, shipment.Order)
	switch {
	case err != nil:
		return connectors.Outcome{}, err
	case o == nil:
		return s.noOrder(op, shipment.Order), nil
	}
	if o.Asked {
		return s.refused(op, connectors.Clash, issue("cancel_requested", "", "", "Người mua muốn hủy đơn: trả lời trước khi giao, bằng chophien orders cancel hoặc trong Seller Center.",
			"The buyer wants to cancel: answer before it is shipped, with chophien orders cancel or in Seller Center.")), nil
	}
	switch o.Status {
	case "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING":
	case "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED":
		return connectors.Outcome{Kind: connectors.Unchanged}, nil
	case "UNPAID", "ON_HOLD":
		return connectors.Outcome{Kind: connectors.Deferred, Issues: []catalog.Issue{issue("order_on_hold", "", "",
			"Đơn chưa được giao: người mua chưa trả tiền hoặc còn có thể hủy trong một giờ.", "The order is not to be shipped yet: it is not paid, or the buyer may still take it back for an hour.")}}, nil
	default:
		return s.refused(op, connectors.Clash, issue("order_closed", "", "", "Đơn ở trạng thái "+clip(o.Status, 30)+" nên không giao được: giữ hàng lại.",
			"The order is "+clip(o.Status, 30)+" and cannot be shipped: keep the goods.")), nil
	}
	ids, found := o.packagesFor(shipment.Fulfillment)
	if len(ids) == 0 {
		if found {
			return connectors.Outcome{Kind: connectors.Unchanged}, nil
		}
		return s.refused(op, connectors.Clash, issue("no_packages", "", "", "Đơn chưa có kiện hàng nào: thử lại sau, hoặc giao trong Seller Center.",
			"The order has no packages: try later, or ship it in Seller Center.")), nil
	}
	var rows []fields
	for _, id := range ids {
		row, refused, err := s.handover(ctx, op, o, id, shipment.Fulfillment)
		if err != nil || refused != nil {
			return connectors.Outcome{Kind: connectors.Rejected, Issues: refused}, err
		}
		rows = append(rows, row)
	}
	// Not repeatable: a second time is refused, which would look like a failure.
	done, err := call[partly](ctx, s, connectors.Call{Op: op, Method: http.MethodPost, Path: pathShip, Body: fields{"packages": rows}})
	if err != nil {
		return connectors.Outcome{}, err
	}
	for i, id := range ids {
		if err := done.err(s, op, id); err != nil {
			outcome := outcomeOf(err, "")
			if i > 0 || len(done.Errors) < len(ids) {
				outcome.Kind = connectors.Unknown // others are on their way: read the order again
			}
			return outcome, nil
		}
	}
	return connectors.Outcome{Kind: connectors.Applied}, nil
}

// packagesFor are the packages of the lines that are still to be shipped. found
// tells that there are packages at all.
func (o *order) packagesFor(f catalog.Fulfillment) (ids []string, found bool) {
	for _, l := range o.Lines {
		if len(f.Lines) > 0 && !slices.Contains(f.Lines, l.lineID()) || l.Package == "" {
			continue
		}
		found = true
		if (l.PackageStatus == "" || l.PackageStatus == "TO_FULFILL") && !slices.Contains(ids, l.Package) {
			ids = append(ids, l.Package)
		}
	}
	return ids, found
}

// handover tells how a package goes to the carrier.
func (s *shop) handover(ctx context.Context, op string, o *order, id string, f catalog.Fulfillment) (fields, []catalog.Issue, error) {
	if o.Shipping == "SELLER" {
		if f.TrackingNumber == "" {
			return nil, []catalog.Issue{issue("tracking_missing", "tracking_number", "", "Cần mã vận đơn để báo giao hàng.", "A tracking number is needed to report the shipment.")}, nil
		}
		provider, known, err := s.provider(ctx, op, o.Delivery, f.Carrier)
		if err != nil {
			return nil, nil, err
		}
		if provider == "" {
			return nil, []catalog.Issue{issue("carrier_unknown", "carrier", "",
				fmt.Sprintf("TikTok Shop không biết đơn vị vận chuyển %q: chọn một trong: %s.", clip(f.Carrier, 60), known),
				fmt.Sprintf("TikTok Shop does not know the carrier %q: choose one of: %s.", clip(f.Carrier, 60), known))}, nil
		}
		return fields{"id": id, "self_shipment": fields{"tracking_number": f.TrackingNumber, "shipping_provider_id": provider}}, nil, nil
	}
	slots, err := call[struct {
		Pickup  bool `json:"can_pickup"`
		DropOff bool `json:"can_drop_off"`
		Slots   []struct {
			Start     int64 `json:"start_time"`
			End       int64 `json:"end_time"`
			Avaliable bool  `json:"avaliable"`
		} `json:"pickup_slots"`
	}](ctx, s, connectors.Call{Op: op, Path: fmt.Sprintf(pathSlots, id)})
	if err != nil {
		return nil, nil, err
	}
	if slots.DropOff && (s.options.Handover == "drop_off" || !slots.Pickup) {
		return fields{"id": id, "handover_method": "DROP_OFF"}, nil, nil
	}
	row := fields{"id": id, "handover_method": "PICKUP"}
	for _, slot := range slots.Slots {
		if slot.Avaliable {
			row["pickup_slot"] = fields{"start_time": slot.Start, "end_time": slot.End}
			break
		}
	}
	return row, nil, nil
}

// provider finds the platform's number of a carrier, and lists those it knows.
func (s *shop) provider(ctx context.Context, op, option, carrier string) (id, known string, err error) {
	answer, err := call[struct {
		Providers []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"shipping_providers"`
	}](ctx, s, connectors.Call{Op: op, Path: fmt.Sprintf(pathProviders, option)})
	if err != nil {
		return "", "", err
	}
	var names []string
	for _, p := range answer.Providers {
		if carrier != "" && catalog.Fold(p.Name) == catalog.Fold(carrier) {
			return p.ID, "", nil
		}
		names = append(names, clip(p.Name, 40))
	}
	return s.options.ShippingProviderID, strings.Join(names, ", "), nil
}
