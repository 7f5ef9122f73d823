package tiki

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors"
)

// eventTypes are what is worth a look, with what it is a hint at.
var eventTypes = map[string]connectors.Hint{
	"ORDER_CREATED_SUCCESSFULLY":   {Orders: true},
	"ORDER_STATUS_UPDATED":         {Orders: true},
	"PRODUCT_PRICE_UPDATED":        {Listings: true},
	"PRODUCT_MARKET_PRICE_UPDATED": {Listings: true},
	"PRODUCT_INVENTORY_UPDATED":    {Listings: true},
}

// maxPulls is how many pages of events one call takes; more are left for the
// next.
const maxPulls = 20

// PullHints takes what Tiki has put into the channel's event queue since the
// last call. Tiki has queues where other platforms have webhooks: nothing comes
// by itself, and nothing is signed. The first call makes the queue and
// subscribes; what happened before is not in it.
// https://open.tiki.vn/docs/docs/current/api-references/event-queue-api/
func (s *shop) PullHints(ctx context.Context) (connectors.Hint, error) {
	var hint connectors.Hint
	queue, err := s.ensureQueue(ctx)
	if err != nil {
		return hint, err
	}
	var ack *string // nil = nothing to acknowledge yet
	for range maxPulls {
		var answer struct {
			Events []struct {
				Type string `json:"type"`
			} `json:"events"`
			Ack string `json:"ack_id"`
		}
		err := s.asApp(ctx, connectors.Call{
			Op: "events.pull", Method: http.MethodPost, Path: "v1/queues/" + url.PathEscape(queue) + "/events/pull",
			Body: map[string]*string{"ack_id": ack}, Out: &answer,
		})
		if connectors.KindOf(err) == connectors.NotFound {
			s.mu.Lock()
			s.queue = "" // somebody removed it: it is made anew next time
			s.mu.Unlock()
		}
		if err != nil {
			return hint, err
		}
		for _, e := range answer.Events {
			about := eventTypes[e.Type]
			hint.Orders, hint.Listings = hint.Orders || about.Orders, hint.Listings || about.Listings
		}
		if len(answer.Events) == 0 {
			break
		}
		ack = &answer.Ack
	}
	return hint, nil
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
	for _, kind := range sortedKeys(eventTypes) {
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
