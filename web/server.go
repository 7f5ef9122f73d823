// Package web is the service's HTTP side: health, metrics, pictures for the
// platforms to fetch, and the address where platforms send webhooks. It knows
// no platform.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
)

// maxHook is the largest webhook body taken, in bytes.
const maxHook = 1 << 20

// Options of [Handler].
type Options struct {
	Engine *scheduler.Engine
	Sealer connectors.Sealer
	Media  connectors.Media
	Logger *slog.Logger
	// Ready tells whether the service can do its work; nil = it can.
	Ready func(context.Context) error
	// Hint is told what a webhook hints at.
	Hint func(context.Context, catalog.ChannelID, connectors.Hint)
	// PublicURL is the service's address as platforms see it; hooks are signed
	// for it. "" = the address of the request.
	PublicURL string
	Metrics   http.Handler
}

// Handler serves /healthz, /readyz, /metrics, /media/ and /hooks/{channel}.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", o.ready)
	mux.Handle("GET /metrics", o.Metrics)
	mux.HandleFunc("GET /media/{name}", o.picture)
	mux.HandleFunc("POST /hooks/{channel}", o.hook)
	return mux
}

func (o Options) ready(w http.ResponseWriter, r *http.Request) {
	if o.Ready != nil {
		if err := o.Ready(r.Context()); err != nil {
			http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
	}
	io.WriteString(w, "ready\n")
}

// picture serves a picture of the catalog by the hash in its name, so that it
// may be kept for ever.
func (o Options) picture(w http.ResponseWriter, r *http.Request) {
	digest, _, _ := strings.Cut(r.PathValue("name"), ".")
	data, mediaType, err := o.Media.Open(r.Context(), catalog.OfferImage{SHA256: digest})
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer data.Close()
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, _ = io.Copy(w, data) // the reader is gone: nobody to tell
}

// PictureName is the name under which /media/ serves a picture: platforms
// look at the extension.
func PictureName(image catalog.Image) string {
	extension := map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif", "image/svg+xml": ".svg"}
	return image.SHA256 + extension[image.Type]
}

// storedHook is a webhook's body as it is kept: encrypted, because platforms
// put buyers' data into it.
type storedHook struct {
	Channel    catalog.ChannelID `json:"channel"`
	ReceivedAt time.Time         `json:"received_at"`
	Sealed     []byte            `json:"sealed"`
}

// hook takes a platform's webhook: the signature is checked, the body stored,
// and what it hints at is asked for. The body is never taken for the truth.
func (o Options) hook(w http.ResponseWriter, r *http.Request) {
	id := catalog.ChannelID(r.PathValue("channel"))
	channel, err := o.Engine.Channel(id)
	if err != nil || channel.Hooks == nil {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHook))
	if err != nil {
		http.Error(w, "body too large or cut off", http.StatusRequestEntityTooLarge)
		return
	}
	hint, err := channel.Hooks.ParseHook(connectors.Hook{URL: o.address(r), Header: r.Header, Body: body})
	if err != nil {
		o.Logger.WarnContext(r.Context(), "webhook refused", "channel", id, "error", err)
		http.Error(w, "signature or body not accepted", http.StatusUnauthorized)
		return
	}
	if hint == (connectors.Hint{}) {
		w.WriteHeader(http.StatusOK) // a ping
		return
	}
	if err := o.keep(r.Context(), id, body); err != nil {
		o.Logger.ErrorContext(r.Context(), "webhook not stored", "channel", id, "error", err)
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if o.Hint != nil {
		o.Hint(r.Context(), id, hint)
	}
	w.WriteHeader(http.StatusOK)
}

func (o Options) address(r *http.Request) string {
	if o.PublicURL != "" {
		return o.PublicURL + r.URL.RequestURI()
	}
	return "http://" + r.Host + r.URL.RequestURI()
}

// keep stores a body once: the same body again is the same record.
func (o Options) keep(ctx context.Context, id catalog.ChannelID, body []byte) error {
	now := time.Now().UTC().Truncate(time.Millisecond)
	name := string(id) + "/" + scheduler.Fingerprint(body)
	sealed, err := o.Sealer.Seal(body, []byte(name))
	if err != nil {
		return err
	}
	data, err := json.Marshal(storedHook{Channel: id, ReceivedAt: now, Sealed: sealed})
	if err != nil {
		return err
	}
	err = o.Engine.Store().PutRecord(ctx, catalog.Record{Kind: catalog.KindHook, ID: name, Data: data})
	if errors.Is(err, catalog.ErrExists) {
		return nil
	}
	return err
}
