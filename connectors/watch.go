package connectors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// How soon a change is taken up. The file is also read when nobody told of a
// change, because network disks and bind mounts tell nothing.
const (
	settleDelay  = 300 * time.Millisecond // editors write in several steps
	rereadPeriod = 30 * time.Second
)

// Watch reads the file at path again whenever it or one of its secret files
// changes, until ctx ends. onChange gets the configuration as it is when Watch
// begins, so that no change falls between an earlier [Registry.Load] and here,
// and then every one that differs from the last. A file that cannot be read or
// has mistakes is told to onError, once for each content, and the
// configuration stays as it was. Both functions are called from the goroutine
// of Watch, one at a time; an unchanged channel keeps its
// [ChannelConfig.Hash].
func Watch(ctx context.Context, path string, registry *Registry, onChange func(*Config), onError func(error)) {
	w := &watcher{
		path:     path,
		load:     registry.Load,
		onChange: onChange,
		onError:  onError,
	}
	var events <-chan fsnotify.Event
	// Without notifications (none left, or not supported) the period remains.
	if notify, err := fsnotify.NewWatcher(); err == nil {
		defer notify.Close()
		events = notify.Events
		// Directories, because an editor replaces the file and a container
		// runtime a link above it. Watching one twice is no error.
		w.follow = func(file string) { _ = notify.Add(filepath.Dir(file)) }
	}
	tick := time.NewTicker(rereadPeriod)
	defer tick.Stop()
	w.run(ctx, events, tick.C)
}

type watcher struct {
	path     string
	load     func(path string) (*Config, error)
	follow   func(file string) // nil = no notifications
	onChange func(*Config)
	onError  func(error)

	good  string   // digest of the configuration in force
	bad   string   // digest of the mistakes last told
	files []string // that notifications are wanted for
}

func (w *watcher) run(ctx context.Context, events <-chan fsnotify.Event, tick <-chan time.Time) {
	w.watchFiles(nil)
	w.read()
	settled := time.NewTimer(settleDelay)
	settled.Stop()
	defer settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-events:
			if !open {
				events = nil
			} else if w.concerns(event.Name) {
				settled.Reset(settleDelay)
			}
		case <-settled.C:
			w.read()
		case <-tick:
			w.read()
		}
	}
}

// concerns keeps a database that lies beside the file from causing reads.
func (w *watcher) concerns(name string) bool {
	if filepath.Base(name) == "..data" { // mounted Kubernetes volumes swap this link
		return true
	}
	for _, file := range w.files {
		if filepath.Clean(name) == filepath.Clean(file) {
			return true
		}
	}
	return false
}

func (w *watcher) watchFiles(secrets []string) {
	w.files = append([]string{w.path}, secrets...)
	if w.follow == nil {
		return
	}
	for _, file := range w.files {
		w.follow(file)
	}
}

func (w *watcher) read() {
	config, err := w.load(w.path)
	if err != nil {
		if digest := digestOf(w.path, err); digest != w.bad {
			w.bad = digest
			w.onError(err)
		}
		return
	}
	w.bad = ""
	w.watchFiles(config.files)
	if config.digest != w.good {
		w.good = config.digest
		w.onChange(config)
	}
}

// digestOf tells one bad content from another, also when both have the same
// mistakes.
func digestOf(path string, err error) string {
	h := sha256.New()
	io.WriteString(h, err.Error())
	if file, err := os.Open(path); err == nil {
		_, _ = io.Copy(h, io.LimitReader(file, maxConfigSize+1))
		file.Close()
	}
	return hex.EncodeToString(h.Sum(nil))
}
