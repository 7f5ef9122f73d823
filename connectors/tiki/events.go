package tiki

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// eventTypes are the events that name an order to be read.
var eventTypes = []string{"ORDER_CREATED_SUCCESSFULLY", "ORDER_STATUS_UPDATED"}

// maxPulls is how many pages of events one reading of orders takes; more are
// left for the next.
const maxPulls = 20

// eventOrders yields the orders that the channel's event queue names and that
// were not seen in the list. Tiki has queues where other platforms have
// webhooks: nothing comes by itself, nothing is signed, so an event is a hint,
// and the order is read. A page of events is acknowledged once its orders were
// taken; till then it comes again. The first call makes the queue and
// subscribes; what happened before is not in it. A queue that cannot be used
// takes nothing away from the list.
// https://open.tiki.vn/docs/docs/current/api-references/event-queue-api/
func (s *shop) eventOrders(ctx context.Context, seen map[string]bool, yield func(connectors.RawOrder, error) bool) {
	queue, err := s.ensureQueue(ctx)
	if err != nil {
		s.env.Logger.WarnContext(ctx, "the event queue cannot be used", "error", err)
		return
	}
	var ack *string // nil = nothing to acknowledge yet
	for range maxPulls {
		codes, next, err := s.pull(ctx, queue, ack)
		if err != nil {
			s.env.Logger.WarnContext(ctx, "events not read, they come again", "error", err)
			return
		}
		if next == nil {
			return
		}
		for _, code := range codes {
			if seen[code] {
				continue
			}
			seen[code] = true
			o, there, err := s.orderOf(ctx, code)
			if err != nil {
				yield(connectors.RawOrder{}, err)
				return
			}
			if there && !yield(o.yielded(), nil) {
				return
			}
		}
		ack = next
	}
}

// pull takes a page of events after acknowledging the one before. next is nil
// when there are none.
func (s *shop) pull(ctx context.Context, queue string, ack *string) (codes []string, next *string, err error) {
	var answer struct {
		Events []struct {
			Payload struct {
				Code text `json:"order_code"`
			} `json:"payload"`
		} `json:"events"`
		Ack string `json:"ack_id"`
	}
	err = s.asApp(ctx, connectors.Call{
		Op: "events.pull", Method: http.MethodPost, Path: "v1/queues/" + url.PathEscape(queue) + "/events/pull",
		Body: map[string]*string{"ack_id": ack}, Out: &answer,
	})
	if connectors.KindOf(err) == connectors.NotFound {
		s.mu.Lock()
		s.queue = "" // somebody removed it: it is made anew next time
		s.mu.Unlock()
	}
	if err != nil || len(answer.Events) == 0 {
		return nil, nil, err
	}
	for _, e := range answer.Events {
		if code := string(e.Payload.Code); code != "" {
			codes = append(codes, code)
		}
	}
	return codes, &answer.Ack, nil
}

// orderOf reads one order; there is false when Tiki does not have it.
func (s *shop) orderOf(ctx context.Context, code string) (o orderRow, there bool, err error) {
	_, err = s.client.Do(ctx, connectors.Call{
		Op: "orders.read", Path: "v2/orders/" + url.PathEscape(code), Query: url.Values{"include": {orderParts}}, Out: &o,
	})
	if connectors.KindOf(err) == connectors.NotFound {
		return o, false, nil
	}
	return o, err == nil, err
}

// asApp sends a call with the app's own token, which owns the queues. That of
// an in-house app is the seller's as well.
func (s *shop) asApp(ctx context.Context, call connectors.Call) error {
	if s.options.AppType == "in_house" {
		_, err := s.client.Do(ctx, call)
		return err
	}
	for again := false; ; again = true {
		s.mu.Lock()
		token := s.app
		s.mu.Unlock()
		if again || token.AccessToken == "" || !token.ExpiresAt.IsZero() && time.Until(token.ExpiresAt) < time.Minute {
			var err error
			if token, err = s.credentials(ctx); err != nil {
				return err
			}
			s.mu.Lock()
			s.app = token
			s.mu.Unlock()
		}
		call.Unsigned, call.Header = true, http.Header{"Authorization": {bearer(token)}}
		if _, err := s.client.Do(ctx, call); connectors.KindOf(err) != connectors.Auth || again {
			return err
		}
	}
}

// ensureQueue makes the channel's queue and its subscriptions where they are
// missing or switched off, once.
func (s *shop) ensureQueue(ctx context.Context) (string, error) {
	s.mu.Lock()
	known := s.queue
	s.mu.Unlock()
	if known != "" {
		return known, nil
	}
	type queue struct {
		Code string `json:"code"`
		Name string `json:"name"`
	}
	name := "chophien-" + string(s.env.Channel)
	var queues list[queue]
	if err := s.asApp(ctx, connectors.Call{Op: "queues.list", Path: "v1/queues", Out: &queues}); err != nil {
		return "", err
	}
	var own queue
	for _, q := range queues.Data {
		if q.Name == name {
			own = q
		}
	}
	if own.Code == "" {
		if err := s.asApp(ctx, connectors.Call{
			Op: "queues.create", Method: http.MethodPost, Path: "v1/queues", Body: map[string]string{"name": name}, Out: &own,
		}); err != nil {
			return "", err
		}
	}
	if err := s.subscribe(ctx, "v1/queues/"+url.PathEscape(own.Code)+"/subscriptions"); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = own.Code
	return own.Code, nil
}

// subscribe asks, with the seller's token, for the seller's events.
func (s *shop) subscribe(ctx context.Context, path string) error {
	type subscription struct {
		Code   string `json:"code"`
		Active flag   `json:"active"`
		Type   string `json:"event_type"`
		SID    string `json:"sid"`
	}
	me, err := s.me(ctx)
	if err != nil {
		return err
	}
	var there list[subscription]
	if _, err := s.client.Do(ctx, connectors.Call{Op: "subscriptions.list", Path: path, Out: &there}); err != nil {
		return err
	}
	byType := map[string]subscription{}
	for _, sub := range there.Data {
		if strings.EqualFold(sub.SID, me.SID) && !bool(byType[sub.Type].Active) {
			byType[sub.Type] = sub
		}
	}
	for _, kind := range eventTypes {
		sub, ok := byType[kind]
		if ok && bool(sub.Active) {
			continue
		}
		call := connectors.Call{Op: "subscriptions.create", Method: http.MethodPost, Path: path, Body: map[string]string{"event_type": kind}}
		if ok {
			call = connectors.Call{Op: "subscriptions.enable", Method: http.MethodPut, Path: path + "/" + url.PathEscape(sub.Code),
				Body: map[string]bool{"active": true}, Repeatable: true}
		}
		if _, err := s.client.Do(ctx, call); err != nil {
			return err
		}
	}
	return nil
}
