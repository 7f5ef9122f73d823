package tikitest

import (
	"fmt"
	"net/http"
	"time"
)

// eventPage is how many events one pull gives.
const eventPage = 100

// queue holds what happened until the app has acknowledged it. There are no
// webhooks.
type queue struct {
	code, name    string
	created       time.Time
	subscriptions []*subscription
	events        []map[string]any
	given         int    // events of the last pull, not acknowledged
	ack           string // what acknowledges them
}

type subscription struct {
	code, kind string
	active     bool
	from       time.Time // what happened before is lost
}

var eventTypes = map[string]bool{
	"ORDER_CREATED_SUCCESSFULLY": true, "ORDER_STATUS_UPDATED": true, "PRODUCT_PRICE_UPDATED": true,
	"PRODUCT_MARKET_PRICE_UPDATED": true, "PRODUCT_INVENTORY_UPDATED": true, "PRODUCT_INFO_UPDATED": true,
}

// uuid is a text in the form of one.
func (s *Simulator) uuid() string {
	text := s.secretText("")[1:]
	return fmt.Sprintf("%s-%s-%s-%s-%s", text[:8], text[8:12], text[12:16], text[16:20], text[20:32])
}

// DropNextHook loses the next event, as happens.
func (s *Simulator) DropNextHook() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropEvent++
}

// emit puts an event into every queue that subscribed to it.
func (s *Simulator) emit(kind string, payload map[string]any) {
	if s.dropEvent > 0 {
		s.dropEvent--
		return
	}
	for _, q := range s.queues {
		for _, sub := range q.subscriptions {
			if sub.kind == kind && sub.active && !s.now().Before(sub.from) {
				q.events = append(q.events, map[string]any{
					"id": s.uuid(), "sid": s.sid(), "type": kind, "payload": payload, "version": "v1", "created_at": s.now().UnixMilli(),
				})
				break
			}
		}
	}
}

func (s *Simulator) queue(c *call) *queue {
	for _, q := range s.queues {
		if q.code == c.params[0] {
			return q
		}
	}
	return nil
}

func showQueue(q *queue) any {
	return map[string]any{"code": q.code, "name": q.name, "status": "ACTIVE", "created_at": stamp(q.created)}
}

func (s *Simulator) postQueue(c *call) answer {
	var in struct {
		Name string `json:"name"`
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	if in.Name == "" {
		return refuse(http.StatusUnprocessableEntity, "name is required")
	}
	q := &queue{code: s.uuid(), name: in.Name, created: s.now()}
	s.queues = append(s.queues, q)
	return ok(showQueue(q))
}

func (s *Simulator) getQueues(*call) answer {
	rows := []any{}
	for _, q := range s.queues {
		rows = append(rows, showQueue(q))
	}
	return ok(rows)
}

func (s *Simulator) showSubscription(sub *subscription) any {
	return map[string]any{"code": sub.code, "active": sub.active, "event_type": sub.kind, "sid": s.sid()}
}

func (s *Simulator) postSubscription(c *call) answer {
	q := s.queue(c)
	if q == nil {
		return notFound("Queue", c.params[0])
	}
	var in struct {
		Kind string `json:"event_type"`
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	if !eventTypes[in.Kind] {
		return refuse(http.StatusUnprocessableEntity, "event_type is not valid: "+in.Kind)
	}
	sub := &subscription{code: s.uuid(), kind: in.Kind, active: true, from: s.now().Add(s.options.SubscriptionDelay)}
	q.subscriptions = append(q.subscriptions, sub)
	return ok(s.showSubscription(sub))
}

func (s *Simulator) getSubscriptions(c *call) answer {
	q := s.queue(c)
	if q == nil {
		return notFound("Queue", c.params[0])
	}
	rows := []any{}
	for _, sub := range q.subscriptions {
		rows = append(rows, s.showSubscription(sub))
	}
	return ok(rows)
}

func (s *Simulator) putSubscription(c *call) answer {
	q := s.queue(c)
	if q == nil {
		return notFound("Queue", c.params[0])
	}
	var in struct {
		Active *bool `json:"active"`
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	for _, sub := range q.subscriptions {
		if sub.code == c.params[1] && in.Active != nil {
			sub.active = *in.Active
			return ok(s.showSubscription(sub))
		}
	}
	return notFound("Subscription", c.params[1])
}

// pullEvents gives the oldest events. They come again until their ack_id is
// sent with a later pull.
func (s *Simulator) pullEvents(c *call) answer {
	q := s.queue(c)
	if q == nil {
		return notFound("Queue", c.params[0])
	}
	var in struct {
		Ack *string `json:"ack_id"`
	}
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	if in.Ack != nil {
		if *in.Ack != q.ack || q.ack == "" {
			return refuse(http.StatusBadRequest, "ack_id is not valid")
		}
		q.events, q.given = q.events[q.given:], 0
	}
	q.given = min(len(q.events), eventPage)
	q.ack = s.uuid()
	events := make([]map[string]any, q.given)
	copy(events, q.events)
	return ok(map[string]any{"events": events, "ack_id": q.ack})
}
