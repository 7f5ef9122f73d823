package tiktokshop

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/chophien/chophien/connectors"
)

// The webhooks that hint at something to read, by number.
var (
	orderHooks   = []int{1, 2, 3, 4, 11, 12}
	listingHooks = []int{5, 15, 16, 18, 37}
)

// topics are what we ask to be told: those whose numbers are certain.
var topics = []string{
	"ORDER_STATUS_CHANGE", "RECIPIENT_ADDRESS_UPDATE", "PACKAGE_UPDATE", "PRODUCT_STATUS_CHANGE", "CANCELLATION_STATUS_CHANGE", "RETURN_STATUS_CHANGE",
}

// ParseHook checks a delivery. The signature is over the app's key and the raw
// bytes, without a time: an old delivery can be played again, which a hint can
// bear.
func (s *shop) ParseHook(hook connectors.Hook) (connectors.Hint, error) {
	want := digest(s.options.AppSecret.Reveal(), append([]byte(s.options.AppKey), hook.Body...))
	if !hmac.Equal([]byte(hook.Header.Get("Authorization")), []byte(want)) {
		return connectors.Hint{}, connectors.ErrBadSignature
	}
	var delivery struct {
		Type *int `json:"type"`
	}
	if err := json.Unmarshal(hook.Body, &delivery); err != nil || delivery.Type == nil {
		return connectors.Hint{}, &connectors.Error{
			Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: "webhook", Err: errors.New("the webhook does not have the expected form"),
		}
	}
	return connectors.Hint{Orders: slices.Contains(orderHooks, *delivery.Type), Listings: slices.Contains(listingHooks, *delivery.Type)}, nil
}

// EnsureHooks registers address for our topics, replacing another of this app
// and shop.
func (s *shop) EnsureHooks(ctx context.Context, address string) error {
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Hostname() == "" || u.Port() != "" || net.ParseIP(u.Hostname()) != nil || len(address) > 255 {
		return &connectors.Error{
			Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "webhooks.set", Code: "address",
			Err:  fmt.Errorf("TikTok Shop does not call %q", clip(address, 100)),
			Hint: "the address must be https with a domain name and no port, 255 characters at most",
		}
	}
	there, err := call[struct {
		Webhooks []struct {
			Event   string `json:"event_type"`
			Address string `json:"address"`
		} `json:"webhooks"`
	}](ctx, s, connectors.Call{Op: "webhooks.list", Path: pathHooks})
	if err != nil {
		return err
	}
	set := map[string]string{}
	for _, w := range there.Webhooks {
		set[w.Event] = w.Address
	}
	for _, topic := range topics {
		if set[topic] == address {
			continue
		}
		if _, err := call[struct{}](ctx, s, connectors.Call{
			Op: "webhooks.set", Method: http.MethodPut, Path: pathHooks, Body: fields{"event_type": topic, "address": address}, Repeatable: true,
		}); err != nil {
			return err
		}
	}
	return nil
}
