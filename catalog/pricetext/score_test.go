package pricetext

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
)

// labeled is one row of a table of labeled strings.
type labeled struct {
	id, text, context                                    string
	kind, qualifier, low, high, currency                 string
	qty, unit, base, perLow, perHigh, list, tags, source string
}

// readLabeled reads a table in the form of the shared labels; its columns are
// named in its first line that is no comment.
func readLabeled(t testing.TB, path string) []labeled {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("NOT PROVED HERE: %s is not present, the score on the labeled strings was not taken", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []labeled
	var columns []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") || lines.Text() == "" {
			continue
		}
		fields := strings.Split(lines.Text(), "\t")
		if columns == nil {
			columns = fields
			continue
		}
		cell := map[string]string{}
		for i, f := range fields {
			cell[columns[i]] = f
		}
		rows = append(rows, labeled{
			id: cell["id"], text: Unescape(cell["text"]), context: Unescape(cell["context"]), kind: cell["kind"], qualifier: cell["qualifier"],
			low: cell["amount_min"], high: cell["amount_max"], list: cell["list_amount"], currency: cell["currency"], qty: cell["unit_qty"], unit: cell["unit"],
			base: cell["base_unit"], perLow: cell["per_base_min"], perHigh: cell["per_base_max"], tags: cell["tags"], source: cell["source"],
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// verdict says what is wrong with r, "" for nothing: the three fields of the
// scoring rule, and amountWrong for an amount that is not the label's.
func (l labeled) verdict(r Result) (wrong string, amountWrong bool) {
	if l.kind == "none" {
		if r.HasPrice() {
			return "a price, want none", true
		}
		return "", false
	}
	if !r.HasPrice() {
		return r.Kind.String() + ", want " + l.kind, false
	}
	text := func(d Decimal) string {
		if d.IsZero() {
			return ""
		}
		return d.String()
	}
	if text(r.Min) != l.low || text(r.Max) != l.high {
		return fmt.Sprintf("amount %s..%s, want %s..%s", r.Min, r.Max, l.low, l.high), true
	}
	if r.Currency != l.currency {
		return "currency " + r.Currency + ", want " + l.currency, false
	}
	if !sameQuantity(r.Unit, l) || !near(r.PerBaseMin, l.perLow) || !near(r.PerBaseMax, l.perHigh) {
		return fmt.Sprintf("unit %s (%s..%s per %s), want %s %s (%s..%s per %s)", r.Unit, r.PerBaseMin, r.PerBaseMax, r.Unit.Base(), l.qty, l.unit, l.perLow, l.perHigh, l.base), false
	}
	return "", false
}

func sameQuantity(u Unit, l labeled) bool {
	if l.unit == "" || u == (Unit{}) {
		return l.unit == "" && u == (Unit{})
	}
	qty, frac, _ := strings.Cut(l.qty, ".")
	n, err := strconv.ParseInt(qty+frac, 10, 64)
	if err != nil {
		return false
	}
	want := Unit{NewDecimal(n, len(frac)), l.unit}
	return u.Base() == l.base && u.InBase() == want.InBase()
}

// near compares a per-base figure with a label within one in a million.
func near(got Decimal, want string) bool {
	if want == "" || got.IsZero() {
		return want == "" && got.IsZero()
	}
	g, _ := new(big.Rat).SetString(got.String())
	w, _ := new(big.Rat).SetString(want)
	diff := new(big.Rat).Sub(g, w)
	return diff.Abs(diff).Cmp(w.Mul(w, big.NewRat(1, 1_000_000))) <= 0
}

// score reads all rows and counts.
type score struct{ rows, all, low, listed, listRight, qualifier, confidentlyWrong int }

func (sc *score) add(t *testing.T, l labeled, loud bool) {
	r := Read(l.text, ParseContext(l.context))
	wrong, amountWrong := l.verdict(r)
	sc.rows++
	if wrong == "" {
		sc.all++
	} else if loud {
		t.Logf("%s %q [%s]: %s (confidence %.2f, %v)", l.id, l.text, l.context, wrong, r.Confidence, r.Flags.Strings())
	}
	first := l.low
	if first == "" {
		first = l.high
	}
	got := r.Min
	if got.IsZero() {
		got = r.Max
	}
	if l.kind == "none" && !r.HasPrice() || l.kind != "none" && got.String() == first {
		sc.low++
	}
	if r.Qualifier.String() == l.qualifier {
		sc.qualifier++
	} else if loud {
		t.Logf("%s %q: qualifier %q, want %q", l.id, l.text, r.Qualifier, l.qualifier)
	}
	if l.list != "" {
		if sc.listed++; r.List.String() == l.list {
			sc.listRight++
		}
	}
	if amountWrong && r.Confidence >= Confident {
		sc.confidentlyWrong++
	}
}

func (sc score) share(n int) float64 { return float64(n) / float64(sc.rows) }

// TestScoreOnLabeledStrings measures the reader on the labeled strings that
// are kept beside the repository, and prints it beside other readers' figures.
func TestScoreOnLabeledStrings(t *testing.T) {
	t.Parallel()
	rows := readLabeled(t, "../../../shared/prices/vn-prices-dev.tsv")
	var sc score
	for _, l := range rows {
		sc.add(t, l, true)
	}
	t.Logf("%d labeled strings (figures of other readers: facts file of the labels; amount only, ranges by their low end)", sc.rows)
	t.Logf("%-42s %8s %28s", "reader", "amount", "amount + currency + unit")
	t.Logf("%-42s %8.3f %28.3f", "this package", sc.share(sc.low), sc.share(sc.all))
	t.Logf("%-42s %8s %28s", "Zyte price-parser 0.5.1", "0.484", "reads no units")
	t.Logf("%-42s %8s %28s", "strip every non-digit", "0.369", "reads no units")
	t.Logf("%-42s %8s %28s", "changedetection.io 0.55.8 parse_currency", "0.115", "reads no units")
	t.Logf("qualifier %.3f, list price %d of %d, wrong amounts called confident: %d", sc.share(sc.qualifier), sc.listRight, sc.listed, sc.confidentlyWrong)
	if sc.share(sc.all) < 0.97 {
		t.Errorf("all three fields right on %.3f, want at least 0.97", sc.share(sc.all))
	}
	if sc.confidentlyWrong > 0 {
		t.Errorf("%d wrong amounts are called confident, want none", sc.confidentlyWrong)
	}
}
