package woocommercetest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// receiver takes webhooks and answers with status.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []http.Header
	bodies []string
	status int
}

func receive(t *testing.T) *receiver {
	r := &receiver{status: 200}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		body, _ := io.ReadAll(hr.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got, r.bodies = append(r.got, hr.Header), append(r.bodies, string(body))
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

// take returns what came since the last call.
func (r *receiver) take() ([]http.Header, []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	headers, bodies := r.got, r.bodies
	r.got, r.bodies = nil, nil
	return headers, bodies
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (s *shop) hook(to, topic string) reply {
	s.t.Helper()
	return s.make("webhooks", fmt.Sprintf(`{"name":"thử","topic":%q,"delivery_url":%q,"secret":"bí mật"}`, topic, to))
}

func TestHookRegistration(t *testing.T) {
	t.Parallel()
	s, to := openHTTPS(t), receive(t)
	r := s.hook(to.URL, "order.created")
	if r.id() != 1 || r.one["status"] != "active" || r.one["resource"] != "order" || r.one["event"] != "created" || r.one["delivery_url"] != to.URL || strings.Contains(r.raw, "secret") {
		t.Errorf("created: %s", r.raw)
	}
	headers, bodies := to.take()
	if len(bodies) != 1 || bodies[0] != "webhook_id=1" || headers[0].Get("Content-Type") != "application/x-www-form-urlencoded" || headers[0].Get("X-WC-Webhook-Signature") != "" || headers[0].Get("X-WC-Webhook-Topic") != "" {
		t.Errorf("ping: %q %v", bodies, headers)
	}
	want(t, s.post("webhooks", `{"topic":"order.lost","delivery_url":"http://127.0.0.1/"}`), 400, "woocommerce_rest_shop_webhook_invalid_topic")
	want(t, s.get("webhooks/9"), 404, "woocommerce_rest_shop_webhook_invalid_id")
	if r := s.get("webhooks?status=active"); len(r.many) != 1 {
		t.Errorf("list: %s", r.raw)
	}
	want(t, s.do("DELETE", "webhooks/1?force=true", ""), 200, "")
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	s, to := openHTTPS(t), receive(t)
	for _, topic := range []string{"order.created", "order.updated", "product.updated", "product.deleted"} {
		s.hook(to.URL, topic)
	}
	to.take()
	product := s.make("products", `{"name":"Mật ong","sku":"MO","regular_price":"1000","manage_stock":true,"stock_quantity":10}`).id()
	_, ids := s.tea()
	s.DeliverHooks()
	to.take()

	s.make("orders", `{"set_paid":true,"line_items":[{"sku":"MO"},{"sku":"TST-100-B"}]}`)
	s.put(fmt.Sprintf("products/%d", product), `{"name":"Mới nhất"}`)
	if _, bodies := to.take(); len(bodies) != 0 {
		t.Fatal("deliveries wait until they are asked for")
	}
	if delivered, failed := s.DeliverHooks(); delivered != 4 || failed != 0 {
		t.Errorf("%d delivered, %d failed", delivered, failed)
	}
	headers, bodies := to.take()
	var topics []string
	for i, h := range headers {
		topics = append(topics, h.Get("X-WC-Webhook-Topic"))
		mac := hmac.New(sha256.New, []byte("bí mật"))
		mac.Write([]byte(bodies[i]))
		if h.Get("X-WC-Webhook-Signature") != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
			t.Errorf("%s: wrong signature", topics[i])
		}
		if h.Get("X-WC-Webhook-Source") != s.URL+"/" || h.Get("Content-Type") != "application/json" || h.Get("X-WC-Webhook-Delivery-ID") == "" || h.Get("User-Agent") != "WooCommerce/9.9.5 Hookshot (WordPress/6.8.8)" {
			t.Errorf("headers: %v", h)
		}
	}
	all := strings.Join(bodies, "\n")
	if fmt.Sprint(topics) != "[order.created product.updated product.updated order.updated]" {
		t.Errorf("topics: %v", topics)
	}
	if !strings.Contains(all, `"name":"M\u1edbi nh\u1ea5t"`) || !strings.Contains(all, fmt.Sprintf(`{"id":%d,`, ids[0])) || !strings.Contains(all, `"status":"processing"`) {
		t.Errorf("each has the newest state: %s", all)
	}
	if delivered, _ := s.DeliverHooks(); delivered != 0 {
		t.Error("delivered twice")
	}

	s.do("DELETE", fmt.Sprintf("products/%d?force=true", product), "")
	s.DeliverHooks()
	if _, bodies := to.take(); len(bodies) != 1 || bodies[0] != fmt.Sprintf(`{"id":%d}`, product) {
		t.Errorf("deleted: %q", bodies)
	}
}

func TestHookLost(t *testing.T) {
	t.Parallel()
	s, to := openHTTPS(t), receive(t)
	s.hook(to.URL, "order.created")
	s.DropNextHook()
	s.make("orders", `{}`)
	s.make("orders", `{}`)
	if delivered, failed := s.DeliverHooks(); delivered != 1 || failed != 0 {
		t.Errorf("%d delivered, %d failed", delivered, failed)
	}
}

func TestHookDisabled(t *testing.T) {
	t.Parallel()
	s, to := openHTTPS(t), receive(t)
	s.hook(to.URL, "order.created")
	fail := func(n int) {
		for range n {
			s.make("orders", `{}`)
			s.DeliverHooks()
		}
	}
	status := func() any { return s.get("webhooks/1").one["status"] }
	to.answer(500)
	fail(5)
	to.answer(302)
	fail(1) // taken: the count begins anew
	to.answer(404)
	fail(5)
	if status() != "active" {
		t.Fatal("five failures in a row are borne")
	}
	fail(1)
	if status() != "disabled" {
		t.Fatal("the sixth disables")
	}
	to.take()
	to.answer(200)
	fail(1)
	if _, bodies := to.take(); len(bodies) != 0 {
		t.Error("a disabled webhook is silent")
	}
	s.put("webhooks/1", `{"status":"active"}`)
	answer, err := http.Post(s.URL+"/_woo/hooks/drop-next", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	fail(1)
	s.make("orders", `{}`)
	answer, err = http.Post(s.URL+"/_woo/hooks/deliver", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if raw, _ := io.ReadAll(answer.Body); strings.TrimSpace(string(raw)) != `{"delivered":1,"failed":0}` {
		t.Errorf("by HTTP: %s", raw)
	}
}
