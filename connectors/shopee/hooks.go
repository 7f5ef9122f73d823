package shopee

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/chophien/chophien/connectors"
)

// The pushes that hint at something to read.
var (
	orderPushes   = []int{3, 4, 29, 30, 47}   // status, tracking number, returns, parcels
	listingPushes = []int{6, 7, 8, 9, 16, 22} // bans, promotions, stock taken or given back, prices
)

// wantedPushes are switched on: those above that an app may have.
var wantedPushes = []int{3, 4, 8, 16, 22, 29, 30}

// ParseHook checks a push. The signature is over the address as registered and
// the raw bytes. The ping that comes when an address is registered is known to
// be signed otherwise, and tells nothing. One address serves all shops of the
// app, so a hint may be another shop's.
func (s *shop) ParseHook(hook connectors.Hook) (connectors.Hint, error) {
	var push struct {
		Code *int `json:"code"`
	}
	readErr := json.Unmarshal(hook.Body, &push)
	if readErr == nil && push.Code != nil && *push.Code == 0 {
		return connectors.Hint{}, nil
	}
	key := s.options.PushKey
	if key.IsZero() {
		key = s.options.PartnerKey
	}
	want := signature(key.Reveal(), hook.URL+"|"+string(hook.Body))
	if !hmac.Equal([]byte(hook.Header.Get("Authorization")), []byte(want)) {
		return connectors.Hint{}, connectors.ErrBadSignature
	}
	if readErr != nil || push.Code == nil {
		return connectors.Hint{}, &connectors.Error{
			Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: "webhook", Err: errors.New("the push does not have the expected form"),
		}
	}
	return connectors.Hint{
		Orders:   slices.Contains(orderPushes, *push.Code) || *push.Code == 8,
		Listings: slices.Contains(listingPushes, *push.Code),
	}, nil
}

// pushConfig is push/get_app_push_config.
type pushConfig struct {
	Callback string `json:"callback_url"`
	Status   string `json:"live_push_status"` // Normal, Warning, Suspended
	On       []int  `json:"push_config_on_list"`
}

// EnsureHooks registers the app's one push address and switches on what is
// missing. An address elsewhere, perhaps of another system, is only replaced
// when the option says so.
func (s *shop) EnsureHooks(ctx context.Context, address string) error {
	config, err := get[pushConfig](ctx, s, "push/get_app_push_config", nil)
	if err != nil {
		return err
	}
	if config.Callback != "" && config.Callback != address && !s.options.ReplaceCallback {
		return &connectors.Error{
			Kind: connectors.Fatal, Channel: string(s.env.Channel), Op: "push/set_app_push_config", Code: "callback_taken",
			Err:  errors.New("the app sends its pushes to another address already"),
			Hint: "one address serves all shops of an app: give this shop an app of its own, or set replace_callback: true",
		}
	}
	var off []int
	for _, code := range wantedPushes {
		if !slices.Contains(config.On, code) {
			off = append(off, code)
		}
	}
	if config.Callback == address && len(off) == 0 && config.Status != "Suspended" {
		return nil
	}
	_, err = post[struct{}](ctx, s, connectors.Call{Op: "push/set_app_push_config", Method: http.MethodPost, Repeatable: true, Body: fields{
		"callback_url": address, "set_push_config_on": wantedPushes,
	}})
	return err
}
