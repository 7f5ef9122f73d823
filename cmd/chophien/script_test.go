package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// TestScripts runs the command line as people use it. Each script has a
// simulated shop at $SHOP with the keys $KEY and $SECRET.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
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
