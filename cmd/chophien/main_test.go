package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/mongostore"
	"github.com/chophien/chophien/catalog/sqlitestore"
	"github.com/chophien/chophien/connectors/market/markettest"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// asProgram makes the test binary behave as chophien itself, so that tests can
// start and kill real processes.
const asProgram = "CHOPHIEN_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	testscript.Main(cleaning{m}, map[string]func(){"chophien": scripted})
}

// scripted is chophien in a script: with CHOPHIEN_TEST_NOW the time is that, and
// passes by waiting only.
func scripted() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, func(a *app) {
		if now, err := time.Parse(time.RFC3339, os.Getenv("CHOPHIEN_TEST_NOW")); err == nil {
			a.clock = markettest.NewClock(now)
		}
	}))
}

// cleaning removes at the end what tests built.
type cleaning struct{ testscript.TestingM }

func (c cleaning) Run() int {
	defer func() { os.RemoveAll(built) }()
	return c.TestingM.Run()
}

// program is chophien as a process of its own, with its data, configuration and
// store.
type program struct {
	dir string
	env []string
	// plain runs it without the race detector, which makes a process ten times
	// as slow to start.
	plain bool
}

// plainProgram is the path of chophien without the race detector: the test
// binary, unless that has it.
var plainProgram = sync.OnceValues(func() (string, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok || !slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return os.Args[0], nil
	}
	var err error
	if built, err = os.MkdirTemp("", "chophien-test-"); err != nil {
		return "", err
	}
	path := filepath.Join(built, "chophien")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build chophien: %w\n%s", err, out)
	}
	return path, nil
})

// built is the folder of what tests built, "" when they built nothing.
var built string

// command prepares a process; it ends with the test at the latest.
func (p program) command(ctx context.Context, args ...string) *exec.Cmd {
	path := os.Args[0]
	if p.plain {
		var err error
		if path, err = plainProgram(); err != nil {
			panic(err)
		}
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = p.dir
	cmd.Env = append(append(os.Environ(), p.env...), asProgram+"=1")
	return cmd
}

// run runs a process to its end and returns what it printed.
func (p program) run(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := p.command(t.Context(), args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("chophien %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String()
}

// storeKind is a kind of store that suites run on.
type storeKind struct {
	name string
	// env selects it for a process, open opens the same one in the test.
	prepare func(t *testing.T, dir string) (env []string, open func() catalog.Store)
}

var storeKinds = []storeKind{
	{"sqlite", func(t *testing.T, dir string) ([]string, func() catalog.Store) {
		if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
			t.Fatal(err)
		}
		return []string{"CHOPHIEN_MONGODB_URI="}, func() catalog.Store {
			store, err := sqlitestore.Open(t.Context(), filepath.Join(dir, "data", "chophien.db"))
			if err != nil {
				t.Fatal(err)
			}
			return store
		}
	}},
	{"mongodb", func(t *testing.T, _ string) ([]string, func() catalog.Store) {
		uri := mongoURI(t)
		return []string{"CHOPHIEN_MONGODB_URI=" + uri}, func() catalog.Store {
			store, err := mongostore.Open(t.Context(), uri, "")
			if err != nil {
				t.Fatal(err)
			}
			return store
		}
	}},
}

// mongoURI is the address of a database of the test's own.
func mongoURI(t *testing.T) string {
	t.Helper()
	uri := os.Getenv("CHOPHIEN_TEST_MONGODB_URI")
	if uri == "" {
		if os.Getenv("CHOPHIEN_TEST_NO_SKIP") != "" {
			t.Fatal("CHOPHIEN_TEST_NO_SKIP is set, but CHOPHIEN_TEST_MONGODB_URI is not")
		}
		t.Skip("SKIP: no server of the MongoDB protocol; set CHOPHIEN_TEST_MONGODB_URI (.ci/mongodb/start runs one)")
	}
	name := "chophien_" + strings.NewReplacer("/", "_", "-", "_").Replace(strings.ToLower(t.Name()))
	name = name[:min(len(name), 50)] + "_" + strings.ToLower(rand.Text()[:8]) // the server may have served before
	base, query, _ := strings.Cut(uri, "?")
	base = strings.TrimSuffix(base, "/")
	if strings.Count(base, "/") > 2 {
		base = base[:strings.LastIndex(base, "/")]
	}
	if query != "" {
		query = "?" + query
	}
	return fmt.Sprintf("%s/%s%s", base, name, query)
}

// writeConfig writes a connectors.yaml with one channel per shop.
func writeConfig(t *testing.T, dir string, schedule string, shops map[string]*woocommercetest.Simulator) {
	t.Helper()
	var b strings.Builder
	b.WriteString("channels:\n")
	for id, shop := range shops {
		fmt.Fprintf(&b, "  - id: %s\n    type: woocommerce\n    options: {url: %q, consumer_key: %q, consumer_secret: %q}\n%s", id, shop.URL, shop.Key(), shop.Secret(), schedule)
	}
	if err := os.WriteFile(filepath.Join(dir, "connectors.yaml"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// all joins the errors of a call for several documents.
func all(t *testing.T, errs []error, err error) {
	t.Helper()
	for _, e := range append(errs, err) {
		if e != nil {
			t.Fatal(e)
		}
	}
}
