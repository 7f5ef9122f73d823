package scheduler

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/chophien/chophien/connectors"
)

// A channel's end of access is told once for each number of days ahead, over
// all instances, and again when nobody could be told.
func TestEndOfAccessIsToldOncePerThreshold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	end := start.Add(40 * 24 * time.Hour)
	tokens := &connectors.MemoryTokens{}
	grant := func(end time.Time) {
		t.Helper()
		old, err := tokens.Token(t.Context())
		must(t, err)
		_, err = tokens.Replace(t.Context(), old, func(context.Context, connectors.Token) (connectors.Token, error) {
			return connectors.Token{AccessToken: "bi-mat-" + end.String(), GrantExpires: end}, nil
		})
		must(t, err)
	}
	var told []string
	var metrics []int
	broken := false
	engine := func() *Engine {
		e := New(b.store, Options{Sealer: plainSealer{}, Now: b.now, OnAccess: func(_ catalog.ChannelID, _ connectors.Token, expiry connectors.Expiry, near bool) {
			if near {
				metrics = append(metrics, expiry.Days)
			}
		}})
		channel := connectors.NewChannel(connectors.ChannelConfig{ID: "vn"}, connectors.Info{Name: "shop", Title: "Shop"}, newShop(), nil)
		channel.Tokens = tokens
		must(t, e.SetChannels([]*connectors.Channel{channel}))
		e.SetAlerts(pricewatch.AlertSettings{Language: "vi"}, func(_ context.Context, d pricewatch.Digest, text string) error {
			if broken {
				return errors.New("no mail today")
			}
			told = append(told, text)
			if d.Urgent != (strings.Contains(text, "không quá 3 ngày") || strings.Contains(text, "không quá 1 ngày") || strings.Contains(text, "đã hết")) {
				t.Errorf("urgent %t: %s", d.Urgent, text)
			}
			return nil
		})
		return e
	}
	one, two := engine(), engine()
	look := func(days int, want int) {
		t.Helper()
		b.clock = end.Add(-time.Duration(days)*24*time.Hour + time.Minute)
		for _, e := range []*Engine{one, two, one} {
			if _, err := e.CheckAccess(t.Context(), "vn"); err != nil && !broken {
				t.Fatal(err)
			}
		}
		if len(told) != want {
			t.Errorf("%d days ahead: told %d times, want %d: %v", days, len(told), want, told)
		}
	}
	look(40, 0) // no token yet
	grant(end)
	for i, step := range []struct{ days, told int }{{35, 0}, {30, 1}, {29, 1}, {8, 1}, {7, 2}, {4, 2}, {3, 3}, {1, 4}, {0, 5}, {-1, 5}} {
		look(step.days, step.told)
		state, err := one.State(t.Context(), "vn")
		if err != nil || (state.Access != nil) != (step.told > 0) {
			t.Errorf("step %d: state %+v, %v", i, state.Access, err)
		}
	}
	for i, want := range []string{"30 ngày", "7 ngày", "3 ngày", "1 ngày", "đã hết quyền truy cập"} {
		if !strings.Contains(told[i], want) || !strings.Contains(told[i], "chophien channels connect vn") || strings.Contains(told[i], "bi-mat") {
			t.Errorf("message %d: %s", i, told[i])
		}
	}
	if metrics[0] != 30 || metrics[len(metrics)-1] != 0 {
		t.Errorf("metrics %v", metrics)
	}
	// The seller agrees again: the warning is gone, and the days begin anew.
	end = b.clock.Add(365 * 24 * time.Hour)
	grant(end)
	look(364, 5)
	if state, err := one.State(t.Context(), "vn"); err != nil || state.Access != nil {
		t.Errorf("after agreeing again: %+v %v", state.Access, err)
	}
	// What could not be told is told later.
	broken = true
	look(6, 5)
	broken = false
	look(6, 6)
	look(6, 6)
}
