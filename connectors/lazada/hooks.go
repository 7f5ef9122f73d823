package lazada

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"strings"

	"github.com/chophien/chophien/connectors"
)

// ParseHook checks a push and reads what it is about. Pushes come at least
// once, in any order, one for every row of an order.
func (s *shop) ParseHook(hook connectors.Hook) (connectors.Hint, error) {
	given := strings.ToLower(strings.TrimSpace(hook.Header.Get("Authorization"))) // seen in both cases
	want := hookSignature(s.options.AppKey, s.options.AppSecret.Reveal(), hook.Body)
	if given == "" || !hmac.Equal([]byte(given), []byte(want)) {
		return connectors.Hint{}, connectors.ErrBadSignature
	}
	var message struct {
		Type *number `json:"message_type"`
	}
	if json.Unmarshal(hook.Body, &message) != nil || message.Type == nil {
		return connectors.Hint{}, s.fail("webhook", connectors.Unclear, "message", "a push without a message type")
	}
	switch *message.Type {
	case 0, 10, 14: // rows of orders, returns, parcels
		return connectors.Hint{Orders: true}, nil
	case 1, 3, 4, 5, 6: // quality control, products, shallow stock
		return connectors.Hint{Listings: true}, nil
	}
	return connectors.Hint{}, nil
}

// EnsureHooks only tells a person: Lazada has one address for pushes for each
// app, which is set in the console and by no call.
func (s *shop) EnsureHooks(_ context.Context, address string) error {
	s.env.Logger.Info("Lazada pushes are set by hand: in the app console, Push Mechanism, set the callback and subscribe to messages 0, 1, 3, 4, 5 and 14", "address", address)
	return nil
}
