package shopee

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// order is an order as far as it is interpreted.
type order struct {
	orderKey
	Currency string `json:"currency"`
	Created  int64  `json:"create_time"`
	Total    *dong  `json:"total_amount"`
	Username string `json:"buyer_username"`
	Message  string `json:"message_to_seller"`
	Address  struct {
		Name  string `json:"name"`
		Phone string `json:"phone"`
		Full  string `json:"full_address"`
		State string `json:"state"`
		City  string `json:"city"`
	} `json:"recipient_address"`
	Items []orderItem `json:"item_list"`
}

type orderItem struct {
	ItemID    int64  `json:"item_id"`
	ModelID   int64  `json:"model_id"`
	Name      string `json:"item_name"`
	Variation string `json:"model_name"`
	ItemSKU   string `json:"item_sku"`
	ModelSKU  string `json:"model_sku"`
	Quantity  int64  `json:"model_quantity_purchased"`
	Price     *dong  `json:"model_discounted_price"`
	OrderItem int64  `json:"order_item_id"`
	Cancelled int64  `json:"cancelled_qty"`
	Returned  int64  `json:"returned_qty"`
}

// statuses in our words. PROCESSED is arranged with the carrier, not handed
// over yet. IN_CANCEL and TO_RETURN wait for a person.
var statuses = map[string]catalog.OrderStatus{
	"UNPAID":             catalog.OrderAwaitingPayment,
	"PENDING":            catalog.OrderAwaitingPayment,
	"INVOICE_PENDING":    catalog.OrderToShip,
	"READY_TO_SHIP":      catalog.OrderToShip,
	"RETRY_SHIP":         catalog.OrderToShip,
	"PROCESSED":          catalog.OrderToShip,
	"SHIPPED":            catalog.OrderShipped,
	"TO_CONFIRM_RECEIVE": catalog.OrderShipped,
	"COMPLETED":          catalog.OrderCompleted,
	"CANCELLED":          catalog.OrderCancelled,
	inCancel:             catalog.OrderOther,
	"TO_RETURN":          catalog.OrderOther,
}

// Interpret reads an order that Orders gave.
func (s *shop) Interpret(raw []byte) (catalog.Order, catalog.Buyer, error) {
	fail := func(format string, arguments ...any) (catalog.Order, catalog.Buyer, error) {
		return catalog.Order{}, catalog.Buyer{}, &connectors.Error{
			Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: "orders.interpret", Err: fmt.Errorf(format, arguments...),
		}
	}
	var doc document
	var o order
	// The decoder's texts may quote values, so they are not passed on.
	if json.Unmarshal(raw, &doc) != nil || json.Unmarshal(doc.Order, &o) != nil || o.SN == "" {
		return fail("not an order of Shopee")
	}
	switch {
	case o.Currency != currency:
		return fail("order %s: the currency is not VND", clip(o.SN, 40))
	case o.Total == nil:
		return fail("order %s: it has no total", clip(o.SN, 40))
	case len(o.Items) == 0:
		return fail("order %s: it has no lines", clip(o.SN, 40))
	}
	result := catalog.Order{
		ExternalID: catalog.ExternalID(o.SN), Number: o.SN, PlatformStatus: o.Status, Status: catalog.OrderOther,
		PlacedAt: time.Unix(o.Created, 0).UTC(), UpdatedAt: time.Unix(o.Updated, 0).UTC(),
		Total: catalog.VND(int64(*o.Total)), Adjustment: catalog.VND(int64(*o.Total)),
	}
	if status, ok := statuses[o.Status]; ok {
		result.Status = status
	}
	result.CancelRequested = o.Status == inCancel
	ids := map[string]int{}
	var returned []string
	for _, item := range o.Items {
		line, err := item.line(o.Status)
		if err != nil {
			return fail("order %s: %w", clip(o.SN, 40), err)
		}
		// The same item comes twice when it is in two promotions.
		if ids[line.ID]++; ids[line.ID] > 1 {
			line.ID += "#" + strconv.Itoa(ids[line.ID])
		}
		if result.Adjustment, err = result.Adjustment.Add(catalog.VND(-line.Total.Amount)); err != nil {
			return fail("order %s: %w", clip(o.SN, 40), err)
		}
		if item.Returned > 0 {
			returned = append(returned, line.ID)
		}
		result.Lines = append(result.Lines, line)
	}
	if len(returned) > 0 {
		result.Returns = []catalog.Return{{ID: "returned", Lines: returned}}
	}
	for _, p := range o.Packages {
		if arranged(p.Status) {
			result.Fulfillments = append(result.Fulfillments, fulfillment(p, doc.Tracking[p.Number], result.Lines))
		}
	}
	return result, buyerOf(o), nil
}

// line reads a position. In a bundle its price is 0 and the order's adjustment
// holds the money. Pieces cancelled in an order that goes on are back in stock.
func (i orderItem) line(status string) (catalog.OrderLine, error) {
	name := i.Name
	if i.Variation != "" {
		name += " (" + i.Variation + ")"
	}
	line := catalog.OrderLine{
		ID: fmt.Sprintf("%d/%d", i.ItemID, i.ModelID), ExternalID: variantID(i.ItemID, i.ModelID), SKU: catalog.SKU(i.ItemSKU),
		Name: name, Quantity: i.Quantity,
	}
	if i.ModelID != 0 {
		line.SKU = catalog.SKU(i.ModelSKU)
	}
	if i.Quantity <= 0 || i.Price == nil {
		return line, fmt.Errorf("line %s has no quantity or price", line.ID)
	}
	if status != "CANCELLED" {
		line.Restocked = min(i.Cancelled, i.Quantity)
	}
	var err error
	line.Total, err = catalog.VND(int64(*i.Price)).Times(i.Quantity)
	return line, err
}

// arranged tells that a parcel is on its way to or with the carrier.
func arranged(status string) bool {
	switch status {
	case "LOGISTICS_REQUEST_CREATED", "LOGISTICS_PICKUP_DONE", "LOGISTICS_PICKUP_RETRY", "LOGISTICS_DELIVERY_DONE", "LOGISTICS_DELIVERY_FAILED", "LOGISTICS_LOST":
		return true
	}
	return false
}

func fulfillment(p parcel, tracking string, lines []catalog.OrderLine) catalog.Fulfillment {
	f := catalog.Fulfillment{ID: p.Number, Carrier: p.Carrier, TrackingNumber: tracking}
	for _, item := range p.Items {
		id := variantID(item.ItemID, item.ModelID)
		for _, line := range lines {
			if line.ExternalID == id {
				f.Lines = append(f.Lines, line.ID)
			}
		}
	}
	return f
}

// buyerOf is the buyer as the platform masks them.
func buyerOf(o order) catalog.Buyer {
	name := o.Address.Name
	if strings.Trim(name, "* ") == "" {
		name = o.Username
	}
	return catalog.Buyer{Name: name, Phone: o.Address.Phone, Address: o.Address.Full, Note: o.Message}
}
