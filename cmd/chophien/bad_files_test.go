package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog/sheet"
)

// Each broken file is refused with its place and the cure, and nothing of it is
// stored.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	const head = "SKU,Tên sản phẩm,Giá niêm yết\n"
	var archive bytes.Buffer
	if err := zip.NewWriter(&archive).Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file, content string
		says          []string
	}{
		"not a spreadsheet":  {"a.xlsx", "PK\x03\x04 and no more", []string{"a.xlsx", "damaged or not a spreadsheet"}},
		"an empty archive":   {"a.xlsx", archive.String(), []string{"a.xlsx", "save it as"}},
		"a web page":         {"a.xlsx", "<html><body>Đăng nhập</body></html>", []string{"a.xlsx", "web page", "save it as"}},
		"an empty file":      {"a.csv", "", []string{"a.csv", "empty"}},
		"no headings":        {"a.csv", "1,2,3\n4,5,6\n", []string{"a.csv", "no headings", "Known columns"}},
		"an open quote":      {"a.csv", head + "A,\"Chè,5000\nB,Trà,6000\n", []string{"a.csv, row 2", "quote"}},
		"duplicate SKU":      {"a.csv", head + "A,Chè,5000\nB,Chè,5000\nA,Trà,6000\n", []string{"row 4", "column A (SKU)", "row 2 already"}},
		"negative price":     {"a.csv", head + "A,Chè,-5000\n", []string{"row 2", "column C (Giá niêm yết)", "negative"}},
		"NaN":                {"a.csv", head + "A,Chè,NaN\n", []string{"row 2", "column C (Giá niêm yết)", "not a number"}},
		"a title of 10 MB":   {"a.csv", head + "A," + strings.Repeat("x", 10<<20) + ",5000\n", []string{"row 2", "column B (Tên sản phẩm)", "too long"}},
		"mixed encodings":    {"a.csv", head + "A,Chè,5000\nB,M\xe2t ong r\xfdng,6000\n", []string{"row 3", "column B (Tên sản phẩm)", "mixes encodings", "UTF-8"}},
		"text of other type": {"a.csv", "\x00\x01\x02\x03binary", []string{"a.csv", "CSV UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, 1)
			d.write(test.file, test.content)
			out := d.do(1, "import", filepath.Join(d.dir, test.file))
			for _, want := range test.says {
				if !strings.Contains(out, want) {
					t.Errorf("it does not say %q:\n%.2000s", want, out)
				}
			}
			if len(out) > 4000 {
				t.Errorf("it says %d bytes", len(out))
			}
			if out := d.do(0, "stock", "list", "--json"); strings.Count(out, `"sku"`) != 1 {
				t.Errorf("something of it is stored:\n%s", out)
			}
		})
	}
}

// A disk that is full is said to be, what was stored is kept, and with room the
// same command finishes. Files that were there stay whole.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("SKIP: no bash to limit the size of files")
	}
	d := newDesk(t, 1500)
	d.do(0, "export", "all.csv")
	before, err := os.ReadFile(filepath.Join(d.dir, "all.csv"))
	if err != nil {
		t.Fatal(err)
	}
	p := program{dir: d.dir, env: []string{"CHOPHIEN_LANG=en"}}
	// limited runs chophien where no file may grow beyond some blocks of 1024 bytes.
	limited := func(blocks string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "bash", append([]string{"-c", `ulimit -f "$1"; shift; exec "$@"`, "bash", blocks, os.Args[0]}, args...)...)
		cmd.Dir, cmd.Env = p.dir, p.command(t.Context()).Env
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("chophien %s: no error in %s blocks\n%s", strings.Join(args, " "), blocks, out)
		}
		return string(out)
	}
	if out := limited("500", "import", "goods.csv", "--data", "other"); !strings.Contains(out, "chophien.db") || !strings.Contains(out, "check its space") && !strings.Contains(out, "the disk is full") {
		t.Errorf("import says\n%s", out)
	}
	if out := p.run(t, "import", "goods.csv", "--data", "other"); strings.Contains(out, " 0 new") {
		t.Errorf("nothing was left to import:\n%s", out)
	}
	if out := p.run(t, "import", "goods.csv", "--data", "other"); !strings.Contains(out, "0 new, 0 changed, 1500 unchanged") {
		t.Errorf("the import was not finished:\n%s", out)
	}
	// The catalog only gets a reader's locks, so just the new file is too large.
	for _, args := range [][]string{{"export", "all.csv"}, {"backup", "all.backup"}} {
		if out := limited("36", args...); !strings.Contains(out, args[1]) || !strings.Contains(out, "the disk is full: free some space") {
			t.Errorf("%s says\n%s", args[0], out)
		}
	}
	after, err := os.ReadFile(filepath.Join(d.dir, "all.csv"))
	if err != nil || !bytes.Equal(after, before) {
		t.Errorf("the export of before has %d bytes now, had %d; %v", len(after), len(before), err)
	}
	if left, err := filepath.Glob(filepath.Join(d.dir, ".chophien-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// An import that is killed anywhere is finished by the same command: every
// product once, every count once.
func TestKilledImport(t *testing.T) {
	t.Parallel()
	for _, kind := range storeKinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			const products = 3000
			d := newDesk(t, products)
			env, _ := kind.prepare(t, d.dir)
			p := program{dir: d.dir, env: append(env, "CHOPHIEN_LANG=en", "CHOPHIEN_DATA="+filepath.Join(d.dir, "killed"))}
			began := time.Now()
			p.run(t, "import", "goods.csv", "--dry-run")
			whole := 3 * time.Since(began)
			kills := 0
			for range 8 {
				ctx, cancel := context.WithTimeout(t.Context(), rand.N(whole))
				if err := p.command(ctx, "import", "goods.csv").Run(); err != nil {
					kills++
				}
				cancel()
			}
			p.run(t, "import", "goods.csv")
			var again sheet.Report
			if err := json.Unmarshal([]byte(p.run(t, "import", "goods.csv", "--json")), &again); err != nil {
				t.Fatal(err)
			}
			if again.Unchanged != products || again.Counted != 0 {
				t.Errorf("after %d kills the same file still changes something: %+v", kills, again)
			}
			if out := p.run(t, "stock", "list", "--json"); strings.Count(out, `"on_hand": 12`) != strings.Count(out, `"sku"`) {
				t.Errorf("after %d kills not every product has 12 on hand", kills)
			}
		})
	}
}
