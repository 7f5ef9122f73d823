package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
)

// hooked is a connector that takes webhooks signed with HMAC-SHA256.
type hooked struct{}

func (hooked) Check(context.Context) (connectors.Account, error) {
	return connectors.Account{ID: "shop"}, nil
}

func (hooked) EnsureHooks(context.Context, string) error { return nil }

func (hooked) ParseHook(h connectors.Hook) (connectors.Hint, error) {
	if string(h.Body) == "ping" {
		return connectors.Hint{}, nil
	}
	if h.Header.Get("X-Sign") != sign(h.URL, h.Body) {
		return connectors.Hint{}, connectors.ErrBadSignature
	}
	return connectors.Hint{Orders: true}, nil
}

func sign(url string, body []byte) string {
	mac := hmac.New(sha256.New, []byte("key"))
	io.WriteString(mac, url)
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// flip is an encryption that tests can see through.
type flip struct{}

func (flip) Seal(plain, _ []byte) ([]byte, error) {
	out := slices.Clone(plain)
	for i := range out {
		out[i] ^= 0xff
	}
	return out, nil
}
func (f flip) Open(sealed, c []byte) ([]byte, error) { return f.Seal(sealed, c) }

type bench struct {
	*httptest.Server
	store catalog.Store
	media *media.Dir
	hints []catalog.ChannelID
	sick  error
}

func serve(t *testing.T) *bench {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	pictures, err := media.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	engine := scheduler.New(store, scheduler.Options{Sealer: flip{}})
	if err := engine.SetChannels([]*connectors.Channel{connectors.NewChannel(connectors.ChannelConfig{ID: "web"}, connectors.Info{}, hooked{}, nil)}); err != nil {
		t.Fatal(err)
	}
	b := &bench{store: store, media: pictures}
	b.Server = httptest.NewServer(Handler(Options{
		Engine: engine, Sealer: flip{}, Media: pictures, Logger: slog.New(slog.DiscardHandler), PublicURL: "https://hub.example",
		Ready:   func(context.Context) error { return b.sick },
		Hint:    func(_ context.Context, id catalog.ChannelID, _ connectors.Hint) { b.hints = append(b.hints, id) },
		Metrics: NewMetrics().Handler(),
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *bench) do(t *testing.T, method, path, body, signature string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Sign", signature)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text), response.Header
}

func (b *bench) kept(t *testing.T) []catalog.Record {
	t.Helper()
	records, err := b.store.Records(t.Context(), catalog.RecordQuery{Kind: catalog.KindHook})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestHooksAreCheckedKeptAndHinted(t *testing.T) {
	t.Parallel()
	b := serve(t)
	body := `{"buyer":"Người mua thử"}`
	good := sign("https://hub.example/hooks/web", []byte(body))
	if code, _, _ := b.do(t, "POST", "/hooks/web", body, "wrong"); code != http.StatusUnauthorized {
		t.Errorf("wrong signature: %d", code)
	}
	if code, _, _ := b.do(t, "POST", "/hooks/none", body, good); code != http.StatusNotFound {
		t.Errorf("unknown channel: %d", code)
	}
	if code, _, _ := b.do(t, "POST", "/hooks/web", "ping", ""); code != http.StatusOK {
		t.Errorf("ping: %d", code)
	}
	if code, _, _ := b.do(t, "POST", "/hooks/web", strings.Repeat("x", maxHook+1), good); code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of more than a megabyte: %d", code)
	}
	if len(b.kept(t)) != 0 || len(b.hints) != 0 {
		t.Errorf("kept %d bodies and gave %v hints of nothing", len(b.kept(t)), b.hints)
	}
	for range 2 { // the platform delivers it twice
		if code, _, _ := b.do(t, "POST", "/hooks/web", body, good); code != http.StatusOK {
			t.Errorf("signed delivery: %d", code)
		}
	}
	kept := b.kept(t)
	if len(kept) != 1 || len(b.hints) != 2 {
		t.Fatalf("kept %d bodies and gave %d hints, want 1 and 2", len(kept), len(b.hints))
	}
}

func TestI13HooksAreKeptSealed(t *testing.T) {
	t.Parallel()
	b := serve(t)
	body := `{"buyer":"Người mua thử"}`
	if code, _, _ := b.do(t, "POST", "/hooks/web", body, sign("https://hub.example/hooks/web", []byte(body))); code != http.StatusOK {
		t.Fatalf("signed delivery: %d", code)
	}
	var kept storedHook
	data := b.kept(t)[0].Data
	if err := json.Unmarshal(data, &kept); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "Người mua") || strings.Contains(string(kept.Sealed), "Người mua") {
		t.Error("the body is kept in the open")
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	b := serve(t)
	if code, text, _ := b.do(t, "GET", "/readyz", "", ""); code != http.StatusOK {
		t.Errorf("ready: %d %s", code, text)
	}
	b.sick = errors.New("no connection to NATS")
	if code, text, _ := b.do(t, "GET", "/readyz", "", ""); code != http.StatusServiceUnavailable || !strings.Contains(text, "NATS") {
		t.Errorf("not ready: %d %q", code, text)
	}
	if code, _, _ := b.do(t, "GET", "/healthz", "", ""); code != http.StatusOK {
		t.Errorf("alive though not ready: %d", code)
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	b := serve(t)
	gif := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
	digest, err := b.media.Put(t.Context(), gif, "image/gif")
	if err != nil {
		t.Fatal(err)
	}
	name := PictureName(catalog.Image{SHA256: digest, Type: "image/gif"})
	code, text, header := b.do(t, "GET", "/media/"+name, "", "")
	if code != http.StatusOK || text != string(gif) || header.Get("Content-Type") != "image/gif" || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("picture: %d, %d bytes, %v", code, len(text), header)
	}
	for _, path := range []string{"/media/" + strings.Repeat("0", 64) + ".png", "/media/..%2F..%2Fkey.json", "/media/x"} {
		if code, _, _ := b.do(t, "GET", path, "", ""); code != http.StatusNotFound {
			t.Errorf("%s: %d, want not found", path, code)
		}
	}
}

func TestMetricsCount(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	m.Call(connectors.CallStats{Channel: "web", Op: "products.batch", Status: 200})
	m.Run(catalog.Run{Task: "orders", Channel: "web", Counts: map[string]int64{"new": 3}})
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`chophien_calls_total{channel="web",kind="",op="products.batch",status="200"} 1`,
		`chophien_run_items_total{channel="web",count="new",task="orders"} 3`,
		`chophien_runs_total{channel="web",result="ok",task="orders"} 1`,
	} {
		if !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}
