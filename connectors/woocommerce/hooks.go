package woocommerce

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/chophien/chophien/connectors"
)

// topics are what we ask to be told. A sale changes products too, and the shop
// sends product.updated for each.
var topics = []string{"order.created", "order.updated", "product.updated", "product.deleted"}

type webhook struct {
	ID          int64  `json:"id"`
	Status      string `json:"status"` // active, paused, disabled
	Topic       string `json:"topic"`
	DeliveryURL string `json:"delivery_url"`
}

func (w webhook) id() int64 { return w.ID }

// ParseHook checks a delivery. The signature is over the raw bytes; the topic is
// in a header that is not signed, which a hint can bear. The ping at creation
// is not signed and tells nothing.
func (s *shop) ParseHook(hook connectors.Hook) (connectors.Hint, error) {
	signature := hook.Header.Get("X-WC-Webhook-Signature")
	if signature == "" && isPing(hook.Body) {
		return connectors.Hint{}, nil
	}
	if err := s.needSecret(); err != nil {
		return connectors.Hint{}, err
	}
	given, err := base64.StdEncoding.DecodeString(signature)
	mac := hmac.New(sha256.New, []byte(s.options.WebhookSecret.Reveal()))
	mac.Write(hook.Body)
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return connectors.Hint{}, connectors.ErrBadSignature
	}
	resource, _, _ := strings.Cut(hook.Header.Get("X-WC-Webhook-Topic"), ".")
	return connectors.Hint{Orders: resource == "order", Listings: resource == "product"}, nil
}

// isPing recognizes the body "webhook_id=1".
func isPing(body []byte) bool {
	number, ok := strings.CutPrefix(string(body[:min(len(body), 40)]), "webhook_id=")
	return ok && len(body) < 40 && number != "" && strings.Trim(number, "0123456789") == ""
}

func (s *shop) needSecret() error {
	if !s.options.WebhookSecret.IsZero() {
		return nil
	}
	return &connectors.Error{
		Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "webhook", Code: "no_webhook_secret",
		Err:  errors.New("webhooks are off, because the channel has no webhook_secret"),
		Hint: "set webhook_secret to any long random text",
	}
}

// EnsureHooks makes the shop tell address. It is called again and again,
// because the shop switches a webhook off after a few failed deliveries and
// tells nobody.
func (s *shop) EnsureHooks(ctx context.Context, address string) error {
	if err := s.needSecret(); err != nil {
		return err
	}
	there, err := all[webhook](ctx, s, "webhooks.list", api+"webhooks", url.Values{})
	if err != nil {
		return err
	}
	byTopic := map[string]webhook{}
	for _, w := range there {
		if known, ok := byTopic[w.Topic]; w.DeliveryURL == address && (!ok || known.Status != "active") {
			byTopic[w.Topic] = w
		}
	}
	for _, topic := range topics {
		w, ok := byTopic[topic]
		if ok && w.Status == "active" {
			continue
		}
		call := connectors.Call{Op: "webhooks.create", Method: http.MethodPost, Path: api + "webhooks", Body: fields{
			"name": "Chợ Phiên " + topic, "topic": topic, "delivery_url": address,
			"secret": s.options.WebhookSecret.Reveal(), "status": "active",
		}}
		if ok {
			call = connectors.Call{Op: "webhooks.enable", Method: http.MethodPut, Path: fmt.Sprintf("%swebhooks/%d", api, w.ID),
				Body: fields{"status": "active", "secret": s.options.WebhookSecret.Reveal()}, Repeatable: true}
		}
		if _, err := s.do(ctx, call); err != nil {
			return err
		}
	}
	return nil
}
