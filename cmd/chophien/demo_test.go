package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// The demo tells its whole story, on every platform, and its report is what
// other programs read. CI tells it in Vietnamese as well.
func TestDemo(t *testing.T) {
	t.Parallel()
	var out, story bytes.Buffer
	if code := run([]string{"--lang", "en", "demo", "--once", "--json"}, strings.NewReader(""), &out, &story); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, story.String())
	}
	var report demoReport
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	if len(report.Platforms) != 5 || report.Channels != 6 || report.Refreshes < 4 {
		t.Errorf("the report is %+v", report)
	}
	for name, p := range report.Platforms {
		if p.Listings < report.Products || p.Orders == 0 || p.Calls == 0 {
			t.Errorf("%s: %+v of %d products", name, p, report.Products)
		}
	}
	for i, line := range strings.Split(story.String(), "\n") {
		if strings.Contains(line, "%!") || width(line) > 100 {
			t.Errorf("line %d of the story: %s", i+1, line)
		}
	}
}
