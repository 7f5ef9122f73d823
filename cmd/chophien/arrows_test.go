package main

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/chophien/chophien/"

// TestArrowsPointDown holds the architecture: cmd → web → scheduler →
// connectors → catalog → standard library, platforms never import each other,
// and each foreign library stays in its room. Test files are free.
func TestArrowsPointDown(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); packages++ {
		fields := strings.Fields(lines.Text())
		from := strings.TrimPrefix(fields[0], module)
		for _, to := range fields[1:] {
			if why := forbidden(from, strings.TrimPrefix(to, module), to); why != "" {
				t.Errorf("%s imports %s: %s", from, to, why)
			}
		}
	}
	if packages < 10 {
		t.Errorf("only %d packages looked at", packages)
	}
}

// forbidden tells why package from may not import to; full is to's whole path.
func forbidden(from, to, full string) string {
	ours := full != to
	room, _, _ := strings.Cut(from, "/")
	if room == "cmd" {
		return "" // wires everything
	}
	library := map[string]string{
		"go.mongodb.org/mongo-driver": "catalog/mongostore", "modernc.org/sqlite": "catalog/sqlitestore", "github.com/robfig/cron": "scheduler",
		"github.com/gocolly/colly": "connectors/market", "github.com/nats-io": "scheduler", "github.com/xuri/excelize": "catalog/sheet",
	}
	if !ours {
		for name, home := range library {
			if strings.HasPrefix(full, name) && from != home {
				return "that library belongs into " + home
			}
		}
		if from == "catalog" && strings.Contains(full, ".") {
			return "catalog has the standard library only"
		}
		return ""
	}
	target, _, _ := strings.Cut(to, "/")
	rank := map[string]int{"web": 3, "scheduler": 2, "connectors": 1, "catalog": 0}
	switch {
	case rank[target] > rank[room] || target == "cmd":
		return "arrows point down only"
	case from == "catalog":
		return "catalog imports nothing of ours"
	case strings.HasSuffix(to, "test") && !strings.HasSuffix(from, "test"):
		return "only tests, the demo and other test packages import test packages"
	case strings.HasSuffix(to, "store"):
		return "only cmd names a store"
	case platform(to) != "" && platform(to) != platform(from):
		return "only cmd names a platform"
	}
	return ""
}

// platform is the platform a package belongs to, "" for what they share.
func platform(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "connectors/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	if name == "simulator" || name == "connectortest" {
		return ""
	}
	return name
}
