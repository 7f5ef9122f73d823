package woocommerce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// The shop has no field for a tracking number: shipments are kept in meta data
// of ours, from where Interpret reads them back, and told to the buyer in a
// note. A widely used plugin keeps them under a name of its own.
const (
	metaShipments       = "_chophien_shipments"
	metaPluginShipments = "_wc_shipment_tracking_items"
)

type orderNote struct {
	ID   int64  `json:"id"`
	Note string `json:"note"`
}

// Ship keeps the shipment in the order's meta data, completes the order once
// all its lines are shipped, and sends the buyer a note. The note comes last
// and is looked for first, so that a call that was interrupted can be done
// again and the buyer gets one mail.
func (s *shop) Ship(ctx context.Context, shipment connectors.Shipment) (connectors.Outcome, error) {
	id, _, ok := splitID(shipment.Order)
	if !ok {
		return gone("orders.ship", shipment.Order), nil
	}
	path := fmt.Sprintf("%sorders/%d", api, id)
	var o order
	_, err := s.do(ctx, connectors.Call{
		Op: "orders.read", Path: path, Query: url.Values{"_fields": {"id,status,line_items,meta_data"}}, Out: &o,
	})
	if connectors.KindOf(err) == connectors.NotFound {
		return refused(err, ""), nil
	}
	if err != nil {
		return connectors.Outcome{}, err
	}
	shipped := ownShipments(o.MetaData)
	known := slices.ContainsFunc(shipped, func(f catalog.Fulfillment) bool { return sameShipment(f, shipment.Fulfillment) })
	if !known {
		shipped = append(shipped, shipment.Fulfillment)
	}
	change := fields{}
	switch complete := allShipped(o, shipped); {
	case o.Status == "cancelled" || o.Status == "refunded" || o.Status == "failed" || o.Status == statusTrash:
		if known {
			return connectors.Outcome{Kind: connectors.Unchanged}, nil
		}
		// Completing it would take the stock once more.
		return refused(&connectors.Error{
			Kind: connectors.Clash, Channel: string(s.env.Channel), Op: "orders.ship", Code: "order_closed",
			Err: fmt.Errorf("order %d is %s in the shop; stop the parcel, or reopen the order there", id, o.Status),
		}, ""), nil
	case complete && o.Status != "completed":
		change["status"] = "completed"
	}
	if !known {
		text, err := json.Marshal(shipped)
		if err != nil {
			return connectors.Outcome{}, err
		}
		change["meta_data"] = []fields{{"key": metaShipments, "value": string(text)}}
	}
	if len(change) > 0 {
		_, err := s.do(ctx, connectors.Call{Op: "orders.ship", Method: http.MethodPut, Path: path, Body: change, Repeatable: true})
		if err != nil {
			return s.single(err)
		}
	}
	noted, err := s.noteShipment(ctx, path, shipment.Fulfillment)
	if err != nil {
		if len(change) == 0 {
			return s.single(err)
		}
		// The order is shipped there, the buyer may not know: done again, this
		// finds out.
		return connectors.Outcome{Kind: connectors.Unknown, Err: err, Issues: []catalog.Issue{issueOf(err, "")}}, nil
	}
	if len(change) == 0 && !noted {
		return connectors.Outcome{Kind: connectors.Unchanged}, nil
	}
	return connectors.Outcome{Kind: connectors.Applied}, nil
}

// single makes the result of a method with one item from the error of its call.
func (s *shop) single(err error) (connectors.Outcome, error) {
	outcome, retry := connectors.OutcomeOf(err)
	if retry {
		return connectors.Outcome{}, err
	}
	outcome.Issues = []catalog.Issue{issueOf(err, "")}
	return outcome, nil
}

// noteShipment mails the buyer, unless the same note is there.
func (s *shop) noteShipment(ctx context.Context, path string, f catalog.Fulfillment) (written bool, err error) {
	text := noteText(f)
	if text == "" {
		return false, nil // the shop's own mail of a completed order says as much
	}
	var notes []orderNote
	if _, err := s.do(ctx, connectors.Call{
		Op: "notes.list", Path: path + "/notes", Query: url.Values{"type": {"customer"}}, Out: &notes,
	}); err != nil {
		return false, err
	}
	if slices.ContainsFunc(notes, func(n orderNote) bool { return plainText(n.Note) == plainText(text) }) {
		return false, nil
	}
	_, err = s.do(ctx, connectors.Call{
		Op: "notes.create", Method: http.MethodPost, Path: path + "/notes", Body: fields{"note": text, "customer_note": true},
	})
	return err == nil, err
}

// noteText is what the buyer reads, "" when there is nothing to follow.
func noteText(f catalog.Fulfillment) string {
	if f.Carrier == "" && f.TrackingNumber == "" && f.TrackingURL == "" {
		return ""
	}
	parts := []string{"Đơn hàng đã được gửi đi."}
	for _, part := range []struct{ label, text string }{
		{"Đơn vị vận chuyển", f.Carrier}, {"Mã vận đơn", f.TrackingNumber}, {"Theo dõi", f.TrackingURL},
	} {
		if part.text != "" {
			parts = append(parts, part.label+": "+safeText(part.text)+".")
		}
	}
	return strings.Join(parts, " ")
}

func sameShipment(a, b catalog.Fulfillment) bool {
	if a.ID != "" || b.ID != "" {
		return a.ID == b.ID
	}
	return a.Carrier == b.Carrier && a.TrackingNumber == b.TrackingNumber && slices.Equal(a.Lines, b.Lines)
}

// allShipped tells that every line is in a shipment; one without lines has all.
func allShipped(o order, shipped []catalog.Fulfillment) bool {
	covered := map[string]bool{}
	for _, f := range shipped {
		if len(f.Lines) == 0 {
			return true
		}
		for _, line := range f.Lines {
			covered[line] = true
		}
	}
	for _, item := range o.LineItems {
		if !covered[strconv.FormatInt(item.ID, 10)] {
			return false
		}
	}
	return true
}

func ownShipments(list []meta) []catalog.Fulfillment {
	var shipped []catalog.Fulfillment
	// A text that somebody edited to something else counts as none.
	_ = json.Unmarshal([]byte(metaText(list, metaShipments)), &shipped)
	return shipped
}

// fulfillments are all shipments that an order tells of.
func fulfillments(list []meta) []catalog.Fulfillment {
	shipped := ownShipments(list)
	for _, m := range list {
		var items []struct {
			ID       string          `json:"tracking_id"`
			Provider string          `json:"tracking_provider"`
			Custom   string          `json:"custom_tracking_provider"`
			Number   string          `json:"tracking_number"`
			URL      string          `json:"custom_tracking_link"`
			Date     json.RawMessage `json:"date_shipped"` // seconds, as text or number
		}
		if m.Key != metaPluginShipments || json.Unmarshal(m.Value, &items) != nil {
			continue
		}
		for _, item := range items {
			f := catalog.Fulfillment{
				ID: item.ID, Carrier: firstOf(item.Provider, item.Custom), TrackingNumber: item.Number, TrackingURL: item.URL,
			}
			if seconds, err := strconv.ParseInt(strings.Trim(string(item.Date), `"`), 10, 64); err == nil && seconds > 0 {
				f.ShippedAt = time.Unix(seconds, 0).UTC()
			}
			shipped = append(shipped, f)
		}
	}
	return shipped
}
