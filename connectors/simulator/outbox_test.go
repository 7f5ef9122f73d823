package simulator

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

func TestOutbox(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var got []string
	status, answer := http.StatusOK, ""
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body)+r.Header.Get("Authorization"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(receiver.Close)
	box := &Outbox{
		Now: func() time.Time { return now }, Timeout: 5 * time.Second, Retries: []time.Duration{time.Minute, time.Hour}, Silent: true,
		Sign: func(h http.Header, body []byte) { h.Set("Authorization", "-"+string(body)) },
	}
	deliver := func(taken, failed int, want ...string) {
		t.Helper()
		got = nil
		if d, f := box.DeliverHooks(); d != taken || f != failed {
			t.Errorf("%d taken and %d failed, want %d and %d", d, f, taken, failed)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	queue := func(names ...string) {
		for _, name := range names {
			box.QueueHook(receiver.URL, []byte(name))
		}
	}
	queue("a", "b")
	deliver(2, 0, "a-a", "b-b")
	deliver(0, 0)

	queue("c")
	status = http.StatusInternalServerError
	deliver(0, 1, "c-c")
	deliver(0, 0) // not due yet
	now = now.Add(time.Minute)
	status, answer = http.StatusOK, "not silent"
	deliver(0, 1, "c-c")
	box.AdvanceHooks(time.Hour)
	deliver(0, 1, "c-c")
	box.AdvanceHooks(24 * time.Hour)
	deliver(0, 0) // lost
	answer = ""

	box.DropNextHook()
	box.RepeatNextHook()
	queue("d", "e", "f")
	box.ReverseHooks()
	deliver(3, 0, "e-e", "e-e", "d-d")

	for i, address := range []string{"https://cho.example/x", "http://192.0.2.1/x", "::"} {
		box.QueueHook(address, fmt.Append(nil, i))
	}
	deliver(0, 3)
	box.Tunnel = receiver.URL
	for i, address := range []string{"https://cho.example/x?y=1", "http://192.0.2.1/x"} {
		box.QueueHook(address, fmt.Append(nil, i))
	}
	// What failed before is due again, too: one of the three names a domain.
	box.AdvanceHooks(time.Minute)
	deliver(2, 3, "0-0", "0-0")
}

// A webhook for a domain goes nowhere, or through the tunnel to this machine
// with its path kept.
func TestOutboxTunnel(t *testing.T) {
	t.Parallel()
	paths := make(chan string, 1)
	here := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { paths <- r.URL.RequestURI() }))
	defer here.Close()
	for tunnel, want := range map[string]int{"": 0, here.URL: 1} {
		box := &Outbox{Timeout: 10 * time.Second, Tunnel: tunnel}
		box.QueueHook("https://hub.example.vn/hooks/web?a=1", []byte(`{}`))
		if delivered, _ := box.DeliverHooks(); delivered != want {
			t.Errorf("with tunnel %q %d are delivered, want %d", tunnel, delivered, want)
		}
	}
	if path := <-paths; path != "/hooks/web?a=1" {
		t.Errorf("it came to %s", path)
	}
}
