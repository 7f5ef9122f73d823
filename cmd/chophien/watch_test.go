package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/connectors/market/markettest"
)

// A person at a terminal corrects what was read before it is written.
func TestWatchAddAsksAPerson(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(&markettest.Retail{})
	t.Cleanup(site.Close) // after the parallel parts
	for name, test := range map[string]struct {
		answers string
		code    int
		want    []string // in the file
		not     []string
	}{
		"all as read": {"\n\n\n\n\n", exitOK, []string{"id: honey-127-0-0-1\n", "commodity: honey\n"}, []string{"unit:", "side: wholesale"}},
		"corrected":   {"ong-mau\nnonsense\ntea\nsomewhere\nwholesale\n1 kg\nc\n", exitOK, []string{"id: ong-mau\n", "commodity: tea\n", "side: wholesale\n", "unit: 1 kg\n"}, []string{"honey"}},
		"refused":     {"\n\n\n\nk\n", exitPartial, nil, []string{"sources"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "connectors.yaml")
			var out, errs bytes.Buffer
			args := []string{"--allow-loopback", "--lang", "en", "--config", path, "--data", dir, "watch", "add", site.URL + "/san-pham/mat-ong-bac-ha-500ml"}
			code := run(args, strings.NewReader(test.answers), &out, &errs, func(a *app) {
				a.person, a.clock = true, markettest.NewClock(time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC))
			})
			if code != test.code {
				t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
			}
			data, err := os.ReadFile(path)
			if (err == nil) != (test.want != nil) {
				t.Fatalf("the file: %v", err)
			}
			for _, text := range test.want {
				if !strings.Contains(string(data), text) {
					t.Errorf("%q is not in\n%s", text, data)
				}
			}
			for _, text := range test.not {
				if strings.Contains(string(data), text) {
					t.Errorf("%q is in\n%s", text, data)
				}
			}
		})
	}
}
