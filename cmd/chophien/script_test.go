package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chophien/chophien/connectors/market/markettest"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// days lets a script move a simulated market site to a day: GET /_day?3.
func days(site http.Handler, set func(int)) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", site)
	mux.HandleFunc("/_day", func(w http.ResponseWriter, r *http.Request) {
		day, err := strconv.Atoi(r.URL.RawQuery)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		set(day)
	})
	return mux
}

// setDay is the script command "day SITE N".
func setDay(ts *testscript.TestScript, _ bool, args []string) {
	response, err := http.Get(args[0] + "/_day?" + args[1])
	ts.Check(err)
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		ts.Fatalf("day %s: %s", args, response.Status)
	}
}

// TestScripts runs the command line as people use it. Each script has a
// simulated shop at $SHOP with the keys $KEY and $SECRET, and simulated market
// sites at $MARKET and $BOARD.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: scriptCommands,
		Setup: func(e *testscript.Env) error {
			shop, err := woocommercetest.Start(woocommercetest.Options{})
			if err != nil {
				return err
			}
			e.Defer(shop.Close)
			e.Setenv("SHOP", shop.URL)
			e.Setenv("KEY", shop.Key())
			e.Setenv("SECRET", shop.Secret())
			e.Setenv("CHOPHIEN_LANG", "en")
			retail, board := &markettest.Retail{}, &markettest.Board{}
			for name, site := range map[string]http.Handler{"MARKET": days(retail, retail.SetDay), "BOARD": days(board, board.SetDay)} {
				server := httptest.NewServer(site)
				e.Defer(server.Close)
				e.Setenv(name, server.URL)
			}
			config := "channels:\n  - id: web\n    type: woocommerce\n    options: {url: \"" + shop.URL + "\", consumer_key: \"${KEY}\", consumer_secret: \"${SECRET}\"}\n"
			return os.WriteFile(filepath.Join(e.WorkDir, "connectors.yaml"), []byte(config), 0o600)
		},
	})
}

func TestUsageErrorsSayWhere(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"nonsense"}, {"publish", "--nonsense"}, {"import"}, {"--lang", "fr", "version"}} {
		var out, errs bytes.Buffer
		if code := run(args, nil, &out, &errs); code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", args, code, exitUsage)
		}
		if !bytes.Contains(errs.Bytes(), []byte("chophien --help")) {
			t.Errorf("%q does not say where help is: %s", args, errs.String())
		}
	}
}

// expand is the script command "expand FILE": it puts environment variables
// into the file.
func expand(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	ts.Check(os.WriteFile(path, []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o600))
}

// appendFile is the script command "append FILE OTHER": it puts OTHER behind
// FILE.
func appendFile(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[0])+ts.ReadFile(args[1])), 0o600))
}
