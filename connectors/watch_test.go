package connectors

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/google/go-cmp/cmp"
)

// watched is a configuration file under a watcher whose notifications and
// ticks the test sends itself, in fake time.
type watched struct {
	t      *testing.T
	path   string
	events chan fsnotify.Event
	tick   chan time.Time
	told   []string // what onChange and onError were told since last asked
	follow []string
}

func watchFile(t *testing.T, text string) *watched {
	w := &watched{t: t, path: filepath.Join(t.TempDir(), "connectors.yaml"), events: make(chan fsnotify.Event), tick: make(chan time.Time)}
	w.write(text)
	watcher := &watcher{
		path: w.path,
		load: testRegistry(t).Load,
		onChange: func(c *Config) {
			var names []string
			for _, channel := range c.Channels {
				names = append(names, channel.Name)
			}
			w.told = append(w.told, "change "+strings.Join(names, " "))
		},
		onError: func(err error) { w.told = append(w.told, "error "+filepath.Base(err.Error())) },
		follow:  func(file string) { w.follow = append(w.follow, filepath.Base(file)) },
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); watcher.run(ctx, w.events, w.tick) }()
	t.Cleanup(func() { cancel(); <-done })
	return w
}

func (w *watched) write(text string) {
	w.t.Helper()
	// As editors do: a new file takes the place of the old one.
	if err := os.WriteFile(w.path+"~", []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(w.path+"~", w.path); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watched) notify(name string) {
	w.events <- fsnotify.Event{Name: filepath.Join(filepath.Dir(w.path), name), Op: fsnotify.Create}
}

// expect lets the debounce time pass and compares what was told.
func (w *watched) expect(want ...string) {
	w.t.Helper()
	time.Sleep(settleDelay) // fake time
	synctest.Wait()
	if diff := cmp.Diff(want, w.told); diff != "" {
		w.t.Errorf("told (-want +got):\n%s", diff)
	}
	w.told = nil
}

func named(name string) string {
	return "channels:\n  - { id: a, type: feed, name: " + name + ", options: { path: x } }\n"
}

func TestWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watchFile(t, named("one"))
		w.expect("change one") // the configuration at the beginning

		w.write(named("two"))
		w.notify("connectors.yaml")
		w.expect("change two")

		w.notify("connectors.yaml") // touched, not changed
		w.expect()

		w.write(named("three"))
		w.expect() // nobody told of it,
		w.tick <- time.Now()
		w.expect("change three") // so the next reading finds it

		w.write(named("four"))
		w.notify("chophien.db") // another file of the directory
		w.expect()
		w.notify("..data") // the link of a mounted volume
		w.expect("change four")
	})
}

func TestWatchWaitsUntilWritingSettles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watchFile(t, named("one"))
		w.expect("change one")
		for _, text := range []string{"", "channels:", named("half"), named("whole")} {
			w.write(text)
			w.notify("connectors.yaml")
			time.Sleep(settleDelay / 2) // fake time
		}
		w.expect("change whole")
	})
}

func TestWatchKeepsTheOldOverABadFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watchFile(t, named("one"))
		w.expect("change one")

		const bad = "error connectors.yaml:2:34: channel a: paused: must be true or false"
		w.write("channels:\n  - { id: a, type: feed, paused: maybe, options: { path: x } }\n")
		for range 3 {
			w.notify("connectors.yaml")
			w.tick <- time.Now()
			time.Sleep(settleDelay) // fake time
			synctest.Wait()
		}
		w.expect(bad)

		// The same mistake in another content is told again.
		w.write("channels:\n  - { id: a, type: feed, paused: perhaps, options: { path: x } }\n")
		w.tick <- time.Now()
		w.expect(bad)

		perhaps, err := os.ReadFile(w.path)
		if err != nil {
			t.Fatal(err)
		}
		w.write(named("one")) // back to what is in force
		w.tick <- time.Now()
		w.expect()
		w.write(string(perhaps)) // and wrong as before: somebody has to know
		w.tick <- time.Now()
		w.expect(bad)

		if err := os.Remove(w.path); err != nil {
			t.Fatal(err)
		}
		w.tick <- time.Now()
		w.tick <- time.Now()
		w.expect("error connectors.yaml: no such file or directory")
		w.write(named("two"))
		w.tick <- time.Now()
		w.expect("change two")
	})
}

func TestWatchReadsSecretFilesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		secret := filepath.Join(dir, "pin")
		if err := os.WriteFile(secret, []byte("one"), 0o600); err != nil {
			t.Fatal(err)
		}
		w := watchFile(t, "channels:\n  - { id: a, type: feed, options: { path: x, shops: [ { code: a, pin: file:"+secret+" } ] } }\n")
		w.expect("change a")
		if err := os.WriteFile(secret, []byte("two"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.events <- fsnotify.Event{Name: secret, Op: fsnotify.Write}
		w.expect("change a")
		if !strings.Contains(strings.Join(w.follow, " "), "pin") {
			t.Errorf("follows %q", w.follow)
		}
	})
}

// The whole of it with real notifications; the 30 s period cannot be what
// finds the change here.
func TestWatchOnDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "connectors.yaml")
	if err := os.WriteFile(path, []byte(named("one")), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes, failures := make(chan string, 9), make(chan error, 9)
	done := make(chan struct{})
	registry := testRegistry(t)
	go func() {
		defer close(done)
		Watch(ctx, path, registry, func(c *Config) { changes <- c.Channels[0].Name }, func(err error) { failures <- err })
	}()
	if got := <-changes; got != "one" {
		t.Errorf("begins with %s", got)
	}
	if err := os.WriteFile(path+".new", []byte(named("two")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	if got := <-changes; got != "two" {
		t.Errorf("then %s", got)
	}
	if err := os.WriteFile(path, []byte("channels: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-failures; err == nil {
		t.Error("no error")
	}
	cancel()
	<-done
}
