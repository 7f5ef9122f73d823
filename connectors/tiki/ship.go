package tiki

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

const (
	confirmWaiting  = "waiting"
	confirmAccepted = "seller_confirmed"
	confirmRefused  = "seller_canceled"
	dropship        = "dropship"
)

// Ship confirms that the seller has the goods ready, which is all that a seller
// reports: Tiki's logistics collects the parcel and owns carrier and tracking
// number. Items that are confirmed already are unchanged.
// https://open.tiki.vn/docs/docs/current/guides/orders/confirm-drop-shipping-orders/
func (s *shop) Ship(ctx context.Context, shipment connectors.Shipment) (connectors.Outcome, error) {
	path := "v2/orders/" + url.PathEscape(string(shipment.Order))
	var o order
	_, err := s.client.Do(ctx, connectors.Call{Op: "orders.read", Path: path, Out: &o})
	if connectors.KindOf(err) == connectors.NotFound {
		return outcomeOf(err, ""), nil
	}
	if err != nil {
		return connectors.Outcome{}, err
	}
	var items []json.Number
	for _, item := range o.Items {
		asked := len(shipment.Fulfillment.Lines) == 0 || slices.Contains(shipment.Fulfillment.Lines, string(item.ID))
		if item.Confirmation.Status == confirmWaiting && asked {
			items = append(items, json.Number(item.ID))
		}
	}
	status := statuses[o.Status]
	switch {
	case status == catalog.OrderCancelled || status == catalog.OrderRefunded:
		e := s.fail(connectors.Clash, "orders.ship", "order_closed", fmt.Sprintf("order %s is %s on Tiki", clip(string(o.Code)), clip(o.Status)), "stop the parcel")
		return outcomeOf(e, ""), nil
	case len(items) == 0 || status != catalog.OrderToShip:
		return connectors.Outcome{Kind: connectors.Unchanged}, nil
	}
	inventory, err := s.inventory(ctx, o.Warehouse.Code)
	if err != nil {
		return connectors.Outcome{}, err
	}
	call := connectors.Call{Op: "orders.ship", Method: http.MethodPost, Path: path + "/confirm-available", Body: map[string]any{
		"available_item_ids": items, "seller_inventory_id": inventory,
	}}
	if o.Fulfillment == dropship {
		slot, err := s.pickup(ctx)
		if err != nil {
			return connectors.Outcome{}, err
		}
		call.Path, call.Body = path+"/dropship/confirm-available", map[string]any{
			"confirmation_status": confirmAccepted, "seller_inventory_id": inventory, "expected_pickup_time": slot,
		}
	}
	if _, err = s.client.Do(ctx, call); hopeless(err) {
		return connectors.Outcome{}, err
	}
	return outcomeOf(err, ""), nil
}

// inventory is where Tiki's driver collects parcels for one of Tiki's
// warehouses.
func (s *shop) inventory(ctx context.Context, warehouse string) (int64, error) {
	if s.options.Inventory != 0 {
		return s.options.Inventory, nil
	}
	var answer struct {
		Mappings []struct {
			Code string  `json:"tiki_warehouse_code"`
			IDs  []int64 `json:"seller_inventory_ids"`
		} `json:"mappings"`
	}
	_, err := s.client.Do(ctx, connectors.Call{
		Op: "inventories.list", Path: "v2/seller-inventories", Query: url.Values{"tiki_warehouse_codes": {warehouse}}, Out: &answer,
	})
	if err != nil {
		return 0, err
	}
	for _, m := range answer.Mappings {
		if m.Code == warehouse && len(m.IDs) > 0 {
			return m.IDs[0], nil
		}
	}
	return 0, s.fail(connectors.Fatal, "inventories.list", "no_inventory", "the seller has no inventory for Tiki's warehouse "+clip(warehouse),
		"add one in Tiki Seller Center, or set the option inventory")
}

// pickup is the earliest time at which Tiki's driver can come.
func (s *shop) pickup(ctx context.Context) (string, error) {
	var answer struct {
		Slots []struct {
			Time string `json:"expected_pickup_time"`
		} `json:"pickup_slots"`
	}
	_, err := s.client.Do(ctx, connectors.Call{Op: "orders.slots", Path: "v2/orders/dropship/expected-pickup-slots", Out: &answer})
	if err != nil {
		return "", err
	}
	var times []string
	for _, slot := range answer.Slots {
		if _, err := parseTime(slot.Time); err == nil {
			times = append(times, slot.Time)
		}
	}
	if len(times) == 0 {
		return "", &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: "orders.slots", Code: "no_slot",
			Err: errors.New("no pickup time is offered now"), Hint: "it is tried again later"}
	}
	return slices.Min(times), nil // of one form, so the smallest text is the earliest
}
