package woocommercetest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxHookFailures in a row are borne; one more disables a webhook.
const maxHookFailures = 5

type webhook struct {
	id                int64
	name, status      string
	topic             string
	address, secret   string
	created, modified time.Time
	failures          int
}

// delivery is one that waits: only one for a webhook and an object.
type delivery struct {
	hook, object int64
}

var hookTopics = []string{"created", "updated", "deleted", "restored"}

func validTopic(topic string) bool {
	resource, event, _ := strings.Cut(topic, ".")
	return slices.Contains([]string{"order", "product", "customer", "coupon"}, resource) && slices.Contains(hookTopics, event)
}

// emit queues an event for the webhooks that listen to it.
func (s *Simulator) emit(topic string, object int64) {
	for id := int64(1); id <= s.series[seriesHooks]; id++ {
		h := s.hooks[id]
		d := delivery{id, object}
		if h != nil && h.status == "active" && h.topic == topic && !s.queued[d] {
			s.queued[d] = true
			s.waiting = append(s.waiting, d)
		}
	}
}

// DropNextHook makes the shop lose the next delivery, the one that waits
// longest or the first to come.
func (s *Simulator) DropNextHook() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropHook = true
}

// DeliverHooks sends what waits, oldest first, each with the newest state of
// its object, as the shop's background queue does when somebody visits. It
// reports how many were taken and how many failed; there is no second try. Only
// loopback addresses are called, others fail.
func (s *Simulator) DeliverHooks() (delivered, failed int) {
	s.mu.Lock()
	waiting := s.waiting
	s.waiting, s.queued = nil, map[delivery]bool{}
	s.mu.Unlock()
	for _, d := range waiting {
		post := s.prepare(d)
		if post == nil {
			continue
		}
		if s.noteDelivery(d.hook, send(post)) {
			delivered++
		} else {
			failed++
		}
	}
	return delivered, failed
}

// prepare makes the request of a delivery, nil when there is none to make.
func (s *Simulator) prepare(d delivery) *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooks[d.hook]
	if h == nil || h.status != "active" {
		return nil
	}
	if s.dropHook {
		s.dropHook = false
		return nil
	}
	resource, event, _ := strings.Cut(h.topic, ".")
	var body any = object{{"id", d.object}}
	if p := s.products[d.object]; resource == "product" && event != "deleted" && p != nil {
		body = s.showProduct(p)
	} else if o := s.orders[d.object]; resource == "order" && event != "deleted" && o != nil {
		body = s.showOrder(o)
	}
	raw, err := encodePHP(body)
	if err != nil {
		return nil
	}
	post, err := http.NewRequestWithContext(context.Background(), http.MethodPost, h.address, bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	mac := hmac.New(sha256.New, []byte(h.secret))
	mac.Write(raw)
	unique := md5.Sum([]byte(strconv.FormatInt(h.id, 10) + s.now().Format(dateLayout)))
	for name, value := range map[string]string{
		"Content-Type":             "application/json",
		"User-Agent":               "WooCommerce/9.9.5 Hookshot (WordPress/6.8.8)",
		"X-WC-Webhook-Source":      s.URL + "/",
		"X-WC-Webhook-Topic":       h.topic,
		"X-WC-Webhook-Resource":    resource,
		"X-WC-Webhook-Event":       event,
		"X-WC-Webhook-Signature":   base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		"X-WC-Webhook-ID":          strconv.FormatInt(h.id, 10),
		"X-WC-Webhook-Delivery-ID": hex.EncodeToString(unique[:]),
	} {
		post.Header[name] = []string{value} // in the shop's own spelling
	}
	return post
}

func (s *Simulator) noteDelivery(id int64, taken bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooks[id]
	switch {
	case h == nil:
	case taken:
		h.failures = 0
	default:
		if h.failures++; h.failures > maxHookFailures {
			h.status, h.modified = "disabled", s.now()
		}
	}
	return taken
}

// send tells whether a receiver took a delivery: 2xx, 301 and 302 count.
func send(post *http.Request) bool {
	if !isLoopback(post.URL) {
		return false
	}
	ctx, cancel := context.WithTimeout(post.Context(), time.Minute)
	defer cancel()
	answer, err := loopbackClient.Do(post.WithContext(ctx))
	if err != nil {
		return false
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode/100 == 2 || answer.StatusCode == http.StatusMovedPermanently || answer.StatusCode == http.StatusFound
}

// loopbackClient follows no redirect, so that it never leaves the machine.
var loopbackClient = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func isLoopback(address *url.URL) bool {
	ip := net.ParseIP(address.Hostname())
	return address.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

func hookSchema() *schema {
	return fields(map[string]*schema{
		"name": kind("string"), "topic": kind("string"), "delivery_url": kind("string"), "secret": kind("string"),
		"status": enum("active", "paused", "disabled"),
	})
}

func newHookSchema() *schema {
	sch := hookSchema()
	sch.required = []string{"topic", "delivery_url"}
	return sch
}

func (s *Simulator) showHook(h *webhook) any {
	resource, event, _ := strings.Cut(h.topic, ".")
	address := s.URL + "/wp-json/wc/v3/webhooks"
	hooks := []string{"woocommerce_" + strings.ReplaceAll(h.topic, ".", "_")}
	return object{
		{"id", h.id}, {"name", h.name}, {"status", h.status}, {"topic", h.topic}, {"resource", resource}, {"event", event},
		{"hooks", hooks}, {"delivery_url", h.address},
		{"date_created", s.local(h.created)}, {"date_created_gmt", gmt(h.created)},
		{"date_modified", s.local(h.modified)}, {"date_modified_gmt", gmt(h.modified)},
		{"_links", map[string][]link{"self": {{fmt.Sprintf("%s/%d", address, h.id)}}, "collection": {{address}}}},
	}
}

func (s *Simulator) postHook(r *request) (*answer, *apiError) {
	h, failure := s.newHook(r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{status: http.StatusCreated, body: s.showHook(h), after: func() { ping(h.id, h.address) }}, nil
}

func (s *Simulator) newHook(in map[string]any) (*webhook, *apiError) {
	now := s.now()
	h := &webhook{status: "active", created: now, modified: now}
	if failure := applyHook(h, in); failure != nil {
		return nil, failure
	}
	if h.address == "" || h.topic == "" {
		return nil, fail(http.StatusBadRequest, "woocommerce_rest_shop_webhook_invalid_topic", "Webhook topic is required and must be valid.")
	}
	if h.name == "" {
		h.name = "Webhook created on " + now.In(s.zone).Format("Jan 2, 2006 @ 03:04 PM")
	}
	h.id = s.next(seriesHooks)
	s.hooks[h.id] = h
	return h, nil
}

func applyHook(h *webhook, in map[string]any) *apiError {
	if v, ok := given(in, "topic"); ok {
		if !validTopic(toText(v)) {
			return fail(http.StatusBadRequest, "woocommerce_rest_shop_webhook_invalid_topic", "Webhook topic must be valid.")
		}
		h.topic = toText(v)
	}
	if v, ok := given(in, "delivery_url"); ok {
		address, err := url.Parse(toText(v))
		if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
			return fail(http.StatusBadRequest, "woocommerce_rest_shop_webhook_invalid_delivery_url", "Webhook delivery URL must be a valid URL starting with http:// or https://.")
		}
		h.address = toText(v)
	}
	setText(in, "name", &h.name)
	setText(in, "secret", &h.secret)
	if v, ok := given(in, "status"); ok && slices.Contains([]string{"active", "paused", "disabled"}, toText(v)) {
		h.status = toText(v)
		if h.status == "active" {
			h.failures = 0
		}
	}
	return nil
}

// ping is the unsigned greeting of a new webhook; its answer does not matter.
func ping(id int64, address string) {
	form := url.Values{"webhook_id": {strconv.FormatInt(id, 10)}}
	post, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return
	}
	post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	post.Header.Set("User-Agent", "WooCommerce/9.9.5 Hookshot (WordPress/6.8.8)")
	send(post)
}

func (s *Simulator) findHook(id int64) (*webhook, *apiError) {
	if h := s.hooks[id]; h != nil {
		return h, nil
	}
	return nil, fail(http.StatusNotFound, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
}

func (s *Simulator) listHooks(r *request) (*answer, *apiError) {
	var found []*webhook
	for id := s.series[seriesHooks]; id > 0; id-- {
		if h := s.hooks[id]; h != nil && (r.text("status") == "" || r.text("status") == "all" || h.status == r.text("status")) {
			found = append(found, h)
		}
	}
	if r.text("order") == "asc" {
		slices.Reverse(found)
	}
	return paged(s, r, found, false, s.showHook), nil
}

func (s *Simulator) getHook(r *request) (*answer, *apiError) {
	h, failure := s.findHook(r.path["id"])
	if failure != nil {
		return nil, failure
	}
	return &answer{body: s.showHook(h)}, nil
}

func (s *Simulator) putHook(r *request) (*answer, *apiError) {
	body, failure := s.updateHook(r, r.path["id"], r.merged())
	if failure != nil {
		return nil, failure
	}
	return &answer{body: body}, nil
}

func (s *Simulator) updateHook(_ *request, id int64, in map[string]any) (any, *apiError) {
	h, failure := s.findHook(id)
	if failure != nil {
		return nil, failure
	}
	changed := *h
	if failure := applyHook(&changed, in); failure != nil {
		return nil, failure
	}
	changed.modified = s.now()
	*h = changed
	return s.showHook(h), nil
}

func (s *Simulator) deleteHook(r *request) (*answer, *apiError) {
	if !toBool(r.param("force")) {
		return nil, fail(http.StatusNotImplemented, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
	}
	body, failure := s.removeHook(r, r.path["id"])
	if failure != nil {
		return nil, failure
	}
	return &answer{body: body}, nil
}

func (s *Simulator) removeHook(_ *request, id int64) (any, *apiError) {
	h, failure := s.findHook(id)
	if failure != nil {
		return nil, failure
	}
	delete(s.hooks, id)
	return s.showHook(h), nil
}
