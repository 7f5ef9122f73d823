package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

const ownPages = "../../connectors/market/testdata/pages/"

// readJSONLines runs the command and decodes its lines.
func readJSONLines(t *testing.T, args ...string) []map[string]any {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append([]string{"prices", "read"}, args...), strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	var lines []map[string]any
	for d := json.NewDecoder(&out); ; {
		var line map[string]any
		if err := d.Decode(&line); err == io.EOF {
			return lines
		} else if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
}

// TestPricesReadPagePrintsEveryField holds the names that scripts rely on.
func TestPricesReadPagePrintsEveryField(t *testing.T) {
	t.Parallel()
	lines := readJSONLines(t, "--page", ownPages+"woo-sale.html", "--url", "https://htx.example/san-pham/mat-ong/")
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1", len(lines))
	}
	for field, want := range map[string]any{
		"kind": "price", "amount_min": "265000", "amount_max": "265000", "list_amount": "320000", "currency": "VND", "unit_qty": "500", "unit": "ml", "base_unit": "l",
		"per_base_min": "530000", "per_base_max": "530000", "availability": "InStock", "title": "Mật ong bạc hà Đồng Văn 500ml",
	} {
		if lines[0][field] != want {
			t.Errorf("%s is %v, want %v", field, lines[0][field], want)
		}
	}
	if s, ok := lines[0]["evidence"].(string); !ok || s == "" {
		t.Errorf("evidence is %v, want a text", lines[0]["evidence"])
	}
	if c, ok := lines[0]["confidence"].(float64); !ok || c <= 0 || c > 1 {
		t.Errorf("confidence is %v", lines[0]["confidence"])
	}
	for _, absent := range []string{"qualifier", "rows"} {
		if v, there := lines[0][absent]; there {
			t.Errorf("%s is %v, want it left out", absent, v)
		}
	}
	rows := readJSONLines(t, "--page", ownPages+"pepper-thousand.html")[0]["rows"].([]any)
	want := map[string]any{"name": "hồ tiêu", "region": "Gia Lai", "side": "buy", "amount_min": "144000", "amount_max": "144000", "currency": "VND", "unit_qty": "1", "unit": "kg", "delta": "500", "observed_on": "2026-11-21"}
	for field, value := range want {
		if got := rows[0].(map[string]any)[field]; got != value {
			t.Errorf("%s of the first row is %v, want %v", field, got, value)
		}
	}
}

// TestPricesReadPagesKeepsTheOrder holds one line for each line of the list.
func TestPricesReadPagesKeepsTheOrder(t *testing.T) {
	t.Parallel()
	lines := readJSONLines(t, "--pages", ownPages+"labels.tsv")
	if len(lines) < 80 || lines[0]["title"] != "Mật ong bạc hà Đồng Văn 500ml" || lines[4]["kind"] != "none" {
		t.Errorf("%d lines, the first is %v", len(lines), lines[0])
	}
	var out, errs bytes.Buffer
	if code := run([]string{"prices", "read", "--pages", ownPages + "none.tsv"}, strings.NewReader(""), &out, &errs); code == 0 {
		t.Error("a list that is not there is read")
	}
}
