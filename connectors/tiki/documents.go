package tiki

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// labelPaths are the words for kinds of fulfillment in the address of a label.
var labelPaths = map[string]string{
	"dropship": "dropship", "seller_delivery": "seller-delivery", "cross_border": "cross-border", "tiki_delivery": "tiki-delivery",
}

// Documents gives the label of an order that the seller confirmed, as a page to
// print: Tiki has no other form.
// https://open.tiki.vn/docs/docs/current/api-references/order-api-v2/, read 2026-08.
func (s *shop) Documents(ctx context.Context, id catalog.ExternalID) ([]connectors.Document, error) {
	const op = "orders.documents"
	path := "v2/orders/" + url.PathEscape(string(id))
	var o order
	if _, err := s.client.Do(ctx, connectors.Call{Op: "orders.read", Path: path, Out: &o}); err != nil {
		return nil, err
	}
	fail := func(kind connectors.Kind, code, text, hint string) ([]connectors.Document, error) {
		return nil, s.fail(kind, op, code, fmt.Sprintf(text, clip(string(o.Code))), hint)
	}
	switch status := statuses[o.Status]; {
	case status == catalog.OrderCancelled || status == catalog.OrderRefunded:
		return fail(connectors.Clash, "order_closed", "order %s is closed and has no label", "keep the goods")
	case o.unconfirmed():
		return fail(connectors.Clash, "not_shipped", "order %s was not confirmed yet", "report the shipment first: chophien orders ship")
	case labelPaths[o.Fulfillment] == "":
		return fail(connectors.Clash, "no_label", "order %s is of a kind that has no label", "print it in Tiki Seller Center")
	}
	response, err := s.client.Do(ctx, connectors.Call{Op: op, Path: path + "/" + labelPaths[o.Fulfillment] + "/labels", Query: url.Values{"format": {"html"}}})
	if err != nil {
		return nil, err
	}
	page := labelPage(response.Body)
	if page == nil {
		return fail(connectors.Transient, "no_file", "the answer holds no label of order %s", "it is tried again later")
	}
	return []connectors.Document{{Name: fileName(string(o.Code)) + ".html", MediaType: "text/html", Data: page}}, nil
}

// unconfirmed tells that the seller has not said of any item that it is there.
func (o order) unconfirmed() bool {
	for _, item := range o.Items {
		if item.Confirmation.Status != confirmWaiting && item.Confirmation.Status != "" {
			return false
		}
	}
	return statuses[o.Status] == catalog.OrderToShip || statuses[o.Status] == catalog.OrderAwaitingPayment
}

// labelPage finds the page in an answer whose form is not documented: the page
// itself, or a text that is one anywhere in JSON. nil = there is none.
func labelPage(body []byte) []byte {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if bytes.HasPrefix(body, []byte("<")) {
		return body
	}
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil
	}
	var pages []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if text := strings.TrimSpace(v); strings.HasPrefix(text, "<") {
				pages = append(pages, text)
			}
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(value)
	if len(pages) != 1 {
		return nil
	}
	return []byte(pages[0])
}

// fileName makes an order's code safe as a file's name.
func fileName(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, clip(code))
}

var _ connectors.Documenter = (*shop)(nil)
