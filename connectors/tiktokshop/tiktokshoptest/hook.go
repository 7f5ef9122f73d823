package tiktokshoptest

import (
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

type hookAddress struct {
	address          string
	created, updated time.Time
}

// eventTypes are the kinds of webhook, by number.
var eventTypes = map[int]string{
	1: "ORDER_STATUS_CHANGE", 2: "REVERSE_STATUS_UPDATE", 3: "RECIPIENT_ADDRESS_UPDATE", 4: "PACKAGE_UPDATE", 5: "PRODUCT_STATUS_CHANGE",
	6: "SELLER_DEAUTHORIZATION", 7: "UPCOMING_AUTHORIZATION_EXPIRATION", 11: "CANCELLATION_STATUS_CHANGE", 12: "RETURN_STATUS_CHANGE",
	13: "NEW_CONVERSATION", 14: "NEW_MESSAGE", 15: "PRODUCT_INFORMATION_CHANGE", 16: "PRODUCT_CREATION", 18: "PRODUCT_CATEGORY_CHANGE",
	36: "INVOICE_STATUS_CHANGE", 37: "PRODUCT_AUDIT_STATUS_CHANGE",
}

// retries are the pauses before a failed webhook is sent again; after the last
// one it is lost.
var retries = []time.Duration{2 * time.Minute, 30 * time.Minute, 3 * time.Hour, 12 * time.Hour}

// outbox is how webhooks are sent: only an empty answer of 200 within three
// seconds counts.
func (s *Simulator) outbox() *simulator.Outbox {
	return &simulator.Outbox{
		Now: s.options.Now, Timeout: 3 * time.Second, Retries: retries, Tunnel: s.options.Tunnel, Silent: true,
		Sign: func(header http.Header, body []byte) { header.Set("Authorization", s.HookSignature(body)) },
	}
}

// emit queues a webhook if the app wants its kind.
func (s *Simulator) emit(kind int, data object) {
	to, wanted := s.hooks[eventTypes[kind]]
	if !wanted {
		return
	}
	body, err := json.Marshal(object{
		"type": kind, "tts_notification_id": s.newID(7380066284010030000), "shop_id": s.options.ShopID, "timestamp": s.now().Unix(), "data": data,
	})
	if err == nil {
		s.QueueHook(to.address, body)
	}
}

// HookSignature is the Authorization header of a webhook.
func (s *Simulator) HookSignature(body []byte) string {
	return digest(s.options.AppSecret, append([]byte(s.options.AppKey), body...))
}

// AlertExpiry tells that the authorisation is about to end, as the platform
// does from 30 days before.
func (s *Simulator) AlertExpiry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := time.Time{}
	for _, ends := range s.refresh {
		if ends.After(last) {
			last = ends
		}
	}
	s.emit(7, object{"message": "The authorization is about to expire.", "expiration_date": last.UTC().Format(time.DateTime)})
}

// ChangeAddress plays a buyer who moves.
func (s *Simulator) ChangeAddress(id catalog.ExternalID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.orders[string(id)]; o != nil {
		o.updated = s.now().Truncate(time.Second)
		s.emit(3, object{"order_id": o.id, "update_time": o.updated.Unix()})
	}
}

func (s *Simulator) listWebhooks(*request) (any, error) {
	rows := []object{}
	for _, event := range slices.Sorted(maps.Keys(s.hooks)) {
		a := s.hooks[event]
		rows = append(rows, object{"event_type": event, "address": a.address, "create_time": a.created.Unix(), "update_time": a.updated.Unix()})
	}
	return object{"webhooks": rows, "total_count": len(rows)}, nil
}

type hookIn struct {
	Event   string `json:"event_type"`
	Address string `json:"address"`
}

func (s *Simulator) readHook(r *request) (hookIn, error) {
	var in hookIn
	err := r.decode(&in)
	if err == nil && !slices.Contains(slices.Collect(maps.Values(eventTypes)), in.Event) {
		err = badParam("event_type", "it is unknown", "an event type")
	}
	return in, err
}

// putWebhook takes https addresses with a domain name and no port; and those of
// this machine, so that a test can listen.
func (s *Simulator) putWebhook(r *request) (any, error) {
	in, err := s.readHook(r)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(in.Address)
	if err != nil || len(in.Address) > 255 || u.Host == "" {
		return nil, badParam("address", "it is not valid", "an https address")
	}
	ip := net.ParseIP(u.Hostname())
	local := ip != nil && ip.IsLoopback()
	if !local && (u.Scheme != "https" || u.Port() != "" || ip != nil) {
		return nil, badParam("address", "it is not valid", "an https address with a domain name and no port")
	}
	a := s.hooks[in.Event]
	if a.address == "" {
		a.created = s.now()
	}
	a.address, a.updated = in.Address, s.now()
	s.hooks[in.Event] = a
	return object{}, nil
}

func (s *Simulator) deleteWebhook(r *request) (any, error) {
	in, err := s.readHook(r)
	if err != nil {
		return nil, err
	}
	delete(s.hooks, in.Event)
	return object{}, nil
}
