package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/catalog/mongostore"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/market"
	"github.com/chophien/chophien/scheduler"
	"github.com/chophien/chophien/web"
)

// app is what commands share: it opens things when they are first needed and
// closes them at the end.
type app struct {
	*cli
	kong           *kong.Kong
	stdin          io.Reader
	stdout, stderr io.Writer

	store  catalog.Store
	sealer connectors.Sealer
	engine *scheduler.Engine
	config *connectors.Config

	// onCall, onRun and onAccess feed the metrics of serve; nil elsewhere.
	onCall   func(connectors.CallStats)
	onRun    func(catalog.Run)
	onAccess func(catalog.ChannelID, connectors.Token, connectors.Expiry, bool)
	// publicURL is where platforms fetch pictures; "" = not reachable.
	publicURL string
	transport http.RoundTripper
	reader    *market.Reader
	person    bool         // tests: somebody answers on standard input
	clock     market.Clock // of the engine and of reading market prices; nil = the system's
	log       *slog.Logger // nil = to standard error
	serving   bool         // nobody waits for an answer: all is logged
}

func (a *app) logger() *slog.Logger {
	if a.log != nil {
		return a.log
	}
	level := slog.LevelWarn
	if a.Verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))
}

// runLogger is what runs are logged to; nil = nowhere, since a command tells the
// person who called it what became of its runs.
func (a *app) runLogger() *slog.Logger {
	if a.log == nil && !a.serving && !a.Verbose {
		return nil
	}
	return a.logger()
}

// openStore opens MongoDB when an address is given, else the embedded store.
func (a *app) openStore(ctx context.Context) (catalog.Store, error) {
	if a.store != nil {
		return a.store, nil
	}
	var store catalog.Store
	var err error
	if a.MongoDB != "" {
		store, err = mongostore.Open(ctx, a.MongoDB, "")
	} else if err = a.makeData(); err == nil {
		store, err = sqlitestore.Open(ctx, filepath.Join(a.Data, "chophien.db"))
	}
	if err != nil {
		return nil, withCode(exitConfig, err)
	}
	if err := store.Heal(ctx); err != nil {
		store.Close()
		return nil, err
	}
	a.store = store
	return store, nil
}

func (a *app) makeData() error {
	if err := os.MkdirAll(a.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w; choose another with --data", err)
	}
	return nil
}

// pictures is where the catalog's pictures are kept.
func (a *app) pictures() (*media.Dir, error) {
	if err := a.makeData(); err != nil {
		return nil, err
	}
	return media.NewDir(filepath.Join(a.Data, "media"))
}

// openSealer reads the key that encrypts tokens and buyers' data, or makes it.
func (a *app) openSealer() (connectors.Sealer, error) {
	if a.sealer != nil {
		return a.sealer, nil
	}
	path := os.Getenv("CHOPHIEN_KEY_FILE")
	if path == "" {
		if err := a.makeData(); err != nil {
			return nil, err
		}
		path = filepath.Join(a.Data, "key.json")
	}
	sealer, err := openKey(path)
	if err != nil {
		return nil, withCode(exitConfig, err)
	}
	a.sealer = sealer
	return sealer, nil
}

// openEngine opens the store, the channels of connectors.yaml and the engine.
func (a *app) openEngine(ctx context.Context) (*scheduler.Engine, error) {
	if a.engine != nil {
		return a.engine, nil
	}
	store, err := a.openStore(ctx)
	if err != nil {
		return nil, err
	}
	sealer, err := a.openSealer()
	if err != nil {
		return nil, err
	}
	pictures, err := a.pictures()
	if err != nil {
		return nil, err
	}
	options := scheduler.Options{Sealer: sealer, Logger: a.runLogger(), Links: a.link, OnRun: a.onRun, OnAccess: a.onAccess, Pictures: pictures}
	if a.clock != nil {
		options.Now = a.clock.Now
	}
	engine := scheduler.New(store, options)
	registry, err := newRegistry()
	if err != nil {
		return nil, err
	}
	config, err := registry.Load(a.Config)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; write one (the README shows how), or name another file with --config", err)
		}
		return nil, withCode(exitConfig, err)
	}
	if err := a.setChannels(engine, registry, config); err != nil {
		return nil, withCode(exitConfig, err)
	}
	if err := a.setSources(engine, config); err != nil {
		return nil, err
	}
	a.engine, a.config = engine, config
	return engine, nil
}

// setChannels opens the channels of a configuration and gives them to engine.
func (a *app) setChannels(engine *scheduler.Engine, registry *connectors.Registry, config *connectors.Config) error {
	pictures, err := a.pictures()
	if err != nil {
		return err
	}
	var opened []*connectors.Channel
	for _, c := range config.Channels {
		channel, err := registry.Open(c, connectors.OpenDeps{
			Transport: a.transport, Logger: a.logger(), Observe: a.onCall, Media: pictures,
			Tokens: connectors.NewTokenStore(a.store, c.ID, a.sealer), Memory: connectors.NewMemory(a.store, c.ID),
		})
		if err != nil {
			return err
		}
		opened = append(opened, channel)
	}
	return engine.SetChannels(opened)
}

// link is the address of a picture: its own when it has one, else ours.
func (a *app) link(image catalog.Image) string {
	if image.SHA256 == "" || a.publicURL == "" {
		return image.Source
	}
	return a.publicURL + "/media/" + web.PictureName(image)
}

func (a *app) close() {
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			fmt.Fprintln(a.stderr, "chophien: close the store:", err)
		}
	}
}

// printJSON writes one value for programs.
func (a *app) printJSON(value any) error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// selected returns the channel asked for, or all that are not paused.
func selected(engine *scheduler.Engine, id string) ([]catalog.ChannelID, error) {
	if id == "" {
		return engine.Channels(), nil
	}
	if _, err := engine.Channel(catalog.ChannelID(id)); err != nil {
		return nil, withCode(exitUsage, fmt.Errorf("%w; known channels: %v", err, engine.Channels()))
	}
	return []catalog.ChannelID{catalog.ChannelID(id)}, nil
}
