package connectortest_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

func (d *dummy) Orders(ctx context.Context, since time.Time) iter.Seq2[connectors.RawOrder, error] {
	if d.broken == "orders ignore their context" {
		ctx = context.WithoutCancel(ctx)
	}
	text := since.UTC().Format(time.RFC3339)
	switch d.broken {
	case "since is exclusive":
		text = since.UTC().Add(time.Second).Format(time.RFC3339)
	case "since loses its zone":
		text = since.Format("2006-01-02T15:04:05Z")
	}
	return func(yield func(connectors.RawOrder, error) bool) {
		var last time.Time
		n := 0
		for raw, err := range read[json.RawMessage](ctx, d, "orders", "/orders", url.Values{"since": {text}}) {
			if err != nil {
				yield(connectors.RawOrder{}, err)
				return
			}
			var order dummyOrder
			if err := json.Unmarshal(raw, &order); err != nil {
				yield(connectors.RawOrder{}, &connectors.Error{Kind: connectors.Unclear, Op: "orders", Err: errors.New("an order cannot be read")})
				return
			}
			n++
			boundary := n%dummyPage == 1 && order.Updated.Equal(last)
			last = order.Updated
			if d.passesOver(order, since) || boundary && d.broken == "takes a time for an ID" {
				continue
			}
			if !yield(connectors.RawOrder{ExternalID: catalog.ExternalID(order.ID), UpdatedAt: order.Updated, Raw: raw}, nil) {
				return
			}
		}
	}
}

// passesOver is how broken connectors lose orders.
func (d *dummy) passesOver(order dummyOrder, since time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.seen
	if order.Updated.After(d.seen) {
		d.seen = order.Updated
	}
	switch d.broken {
	case "goes by when orders were placed":
		return order.Placed.Before(since)
	case "keeps a watermark of its own":
		return order.Updated.Before(before)
	}
	return false
}

func (d *dummy) Interpret(raw []byte) (catalog.Order, catalog.Buyer, error) {
	var order dummyOrder
	if err := json.Unmarshal(raw, &order); err != nil || order.ID == "" {
		if d.broken == "quotes what it cannot read" {
			return catalog.Order{}, catalog.Buyer{}, fmt.Errorf("cannot read the order %s", raw)
		}
		if d.broken == "reads anything as an order" {
			return catalog.Order{}, catalog.Buyer{}, nil
		}
		return catalog.Order{}, catalog.Buyer{}, errors.New("the order cannot be read")
	}
	made := catalog.Order{ExternalID: catalog.ExternalID(order.ID), Number: order.ID, Status: orderStatus(order.Status), PlatformStatus: order.Status,
		PlacedAt: order.Placed, UpdatedAt: order.Updated, Total: catalog.VND(order.Total)}
	if made.Status == catalog.OrderOther && d.broken == "fails on unknown statuses" {
		return made, catalog.Buyer{}, errors.New("unknown status")
	}
	made.CancelRequested = order.Wish == "asked" && d.broken != "overlooks wishes to cancel"
	adjustment := order.Total
	for _, line := range order.Lines {
		adjustment -= line.Total
		made.Lines = append(made.Lines, catalog.OrderLine{ID: line.ID, SKU: catalog.SKU(line.SKU), Name: line.Name, Quantity: line.Quantity, Total: catalog.VND(line.Total)})
	}
	made.Adjustment = catalog.VND(adjustment)
	if d.broken == "forgets the shipping fee" {
		made.Adjustment = catalog.VND(0)
	}
	return made, catalog.Buyer{Name: order.Buyer["name"], Phone: order.Buyer["phone"]}, nil
}

func (d *dummy) Ship(ctx context.Context, shipment connectors.Shipment) (connectors.Outcome, error) {
	var answer struct{ Changed bool }
	_, err := d.client.Do(ctx, connectors.Call{Op: "orders.ship", Method: http.MethodPost, Path: "/orders/" + string(shipment.Order) + "/ship",
		Body: map[string]string{"parcel": shipment.Fulfillment.TrackingNumber}, Out: &answer, Repeatable: true})
	outcome, _ := connectors.OutcomeOf(err)
	if err == nil && !answer.Changed && d.broken != "ships twice" {
		outcome.Kind = connectors.Unchanged
	}
	return outcome, nil
}

func (d *dummy) Documents(ctx context.Context, order catalog.ExternalID) ([]connectors.Document, error) {
	var answer struct{ PDF string }
	_, err := d.client.Do(ctx, connectors.Call{Op: "orders.label", Path: "/orders/" + string(order) + "/label", Out: &answer})
	if err != nil && d.broken == "gives empty labels" && connectors.KindOf(err) == connectors.Clash {
		return []connectors.Document{{Name: "nhan.pdf"}}, nil
	}
	if err != nil {
		return nil, err
	}
	return []connectors.Document{{Name: string(order) + ".pdf", MediaType: "application/pdf", Data: []byte(answer.PDF)}}, nil
}

func (d *dummy) AnswerCancel(ctx context.Context, order catalog.ExternalID, accept bool) (connectors.Outcome, error) {
	word := "refused"
	if accept {
		word = "granted"
	}
	var answer struct{ Changed bool }
	// Answering twice is allowed, but a lost answer must not look like an old one.
	_, err := d.client.Do(ctx, connectors.Call{Op: "orders.wish", Method: http.MethodPost, Path: "/orders/" + string(order) + "/wish", Body: &word, Out: &answer})
	outcome, _ := connectors.OutcomeOf(err)
	switch {
	case err == nil && !answer.Changed && d.broken != "answers wishes twice":
		outcome.Kind = connectors.Unchanged
	case outcome.Kind == connectors.Unknown && d.broken == "takes a lost answer to a wish for given":
		outcome.Kind = connectors.Unchanged
	}
	return outcome, nil
}

func (d *dummy) Categories(ctx context.Context) iter.Seq2[connectors.PlatformCategory, error] {
	return func(yield func(connectors.PlatformCategory, error) bool) {
		var all []connectors.PlatformCategory
		if _, err := d.client.Do(ctx, connectors.Call{Op: "categories", Path: "/categories", Out: &all}); err != nil {
			yield(connectors.PlatformCategory{}, err)
			return
		}
		for _, category := range all {
			if d.broken == "leaves out the top categories" && category.Parent == "" {
				continue
			}
			if !yield(category, nil) {
				return
			}
		}
	}
}

func (d *dummy) Region() string { return "vn" }

func (d *dummy) Fills(o catalog.Offer, a connectors.PlatformAttribute) bool {
	if d.broken == "fills by a call" {
		_, _ = d.client.Do(context.Background(), connectors.Call{Op: "attributes", Path: "/categories"})
	}
	return a.ID == "brand" && o.Brand != ""
}

func (d *dummy) Attributes(ctx context.Context, category string) (all []connectors.PlatformAttribute, err error) {
	_, err = d.client.Do(ctx, connectors.Call{Op: "attributes", Path: "/categories/" + category, Out: &all})
	return all, err
}

func (d *dummy) Audit(o catalog.Offer) []catalog.Issue {
	var issues []catalog.Issue
	add := func(code, field, vi, en string) {
		issues = append(issues, catalog.Issue{Code: code, Severity: catalog.SeverityError, Field: field, Message: catalog.Text{VI: vi, EN: en}})
	}
	if n := utf8.RuneCountInString(o.Title); n == 0 || n > dummyTitleMax {
		add("title", "title", "Tên dài từ 1 đến 120 ký tự.", "The title has 1 to 120 characters.")
	}
	if len(o.Variants) == 0 {
		add("variants", "variants", "Cần ít nhất một phân loại.", "At least one variant is needed.")
	}
	for _, v := range o.Variants {
		if v.Price.List.Amount <= 0 && d.broken != "audits no prices" {
			add("price", "variants["+string(v.SKU)+"].price", "Giá phải lớn hơn 0.", "The price must be above 0.")
		}
	}
	return issues
}

func (d *dummy) ParseHook(hook connectors.Hook) (connectors.Hint, error) {
	if bytes.Equal(hook.Body, []byte("ping")) {
		return connectors.Hint{}, nil
	}
	if !hmac.Equal([]byte(hook.Header.Get("X-Signature")), []byte(dummySignature(hook.Body))) && d.broken != "trusts every hook" {
		return connectors.Hint{}, connectors.ErrBadSignature
	}
	return connectors.Hint{Orders: true}, nil
}

func (d *dummy) EnsureHooks(ctx context.Context, address string) error {
	var there []string
	if _, err := d.client.Do(ctx, connectors.Call{Op: "hooks", Path: "/hooks", Out: &there}); err != nil {
		return err
	}
	if slices.Contains(there, address) && d.broken != "registers hooks again" {
		return nil
	}
	_, err := d.client.Do(ctx, connectors.Call{Op: "hooks.register", Method: http.MethodPost, Path: "/hooks", Body: &address})
	return err
}

func (d *dummy) AuthorizeURL(redirect, state string) string {
	return d.base + "/authorize?" + url.Values{"redirect": {redirect}, "state": {state}}.Encode()
}

func (d *dummy) Exchange(ctx context.Context, callback map[string]string, _ string) (connectors.Token, connectors.Account, error) {
	var answer struct{ Token, Shop string }
	_, err := d.client.Do(ctx, connectors.Call{Op: "token", Method: http.MethodPost, Path: "/token", Query: url.Values{"code": {callback["code"]}}, Out: &answer})
	if err != nil {
		return connectors.Token{}, connectors.Account{}, err
	}
	token := connectors.Token{AccessToken: answer.Token, Account: answer.Shop}
	if d.broken == "forgets whose token it is" {
		token.Account = ""
	}
	return token, connectors.Account{ID: answer.Shop}, nil
}
