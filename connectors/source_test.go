package connectors

import (
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSourcesAreDecoded(t *testing.T) {
	t.Parallel()
	config := parse(t, `
sources:
  - id: ong-mau
    kind: page
    name: Tiệm ong mẫu
    url: https://shop.example/mat-ong
    commodity: honey
    grade: ocop-4
    unit: 500 ml
    selector: "#gia"
    attribute: data-gia
    pattern: '(\d+)'
    every: 6h
    group: htx-1
  - { id: tim, kind: search, url: "https://shop.example/?q=tra", only: [shan tuyết] }
  - { id: bang, kind: table, url: "http://gia.example/tieu", commodity: pepper, side: farm-gate, schedule: "0 8 * * *", language: en }
  - { id: so, kind: file, path: gia.xlsx, rows: Giá, fields: { name: Hàng, price: Giá } }
  - { id: dien-thoai, kind: quote, product: TIEU-1 }
`)
	want := []SourceConfig{
		{
			ID: "ong-mau", Kind: SourcePage, Name: "Tiệm ong mẫu", URL: "https://shop.example/mat-ong", Commodity: "honey", Grade: "ocop-4", Side: pricewatch.Retail,
			Unit: "500 ml", Selector: "#gia", Attribute: "data-gia", Pattern: `(\d+)`, Every: 6 * time.Hour, Language: "vi", Group: "htx-1",
		},
		{ID: "tim", Kind: SourceSearch, URL: "https://shop.example/?q=tra", Only: []string{"shan tuyết"}, Side: pricewatch.Retail, Every: 12 * time.Hour, Language: "vi"},
		{ID: "bang", Kind: SourceTable, URL: "http://gia.example/tieu", Commodity: "pepper", Side: pricewatch.FarmGate, Schedule: "0 8 * * *", Every: 12 * time.Hour, Language: "en"},
		{ID: "so", Kind: SourceFile, Path: "testdata/config/gia.xlsx", Rows: "Giá", Fields: map[string]string{"name": "Hàng", "price": "Giá"}, Every: 12 * time.Hour, Language: "vi"},
		{ID: "dien-thoai", Kind: SourceQuote, Product: "TIEU-1", Side: pricewatch.FarmGate, Language: "vi"},
	}
	if diff := cmp.Diff(want, config.Sources, cmpopts.IgnoreFields(SourceConfig{}, "Hash")); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	hashes := map[string]bool{}
	for _, s := range config.Sources {
		hashes[s.Hash] = true
	}
	if len(hashes) != len(want) || hashes[""] {
		t.Errorf("hashes %v", hashes)
	}
	if len(config.Warnings) != 0 {
		t.Errorf("warnings %q", config.Warnings)
	}
}

// The key of an interface comes from the environment and is shown nowhere.
func TestI13KeysOfInterfaces(t *testing.T) {
	t.Parallel()
	const text = "sources:\n  - {id: api, kind: api, url: \"https://api.example/v1?key=${WOO_KEY}\", fields: {name: a, price: b}}\n"
	s := parse(t, text).Sources[0]
	if s.URL != "https://api.example/v1?key="+planted || s.Address() != "https://api.example/v1" {
		t.Errorf("url %s, shown as %s", s.URL, s.Address())
	}
	_, err := testRegistry(t).Parse("connectors.yaml", []byte(strings.ReplaceAll(text, "WOO_KEY", "NO_KEY")), environ)
	if err == nil || !strings.Contains(err.Error(), "source api: url: environment variable NO_KEY is not set") {
		t.Errorf("a missing variable: %v", err)
	}
}

// What YAML writes is read as the same source.
func TestSourceYAMLRoundTrip(t *testing.T) {
	t.Parallel()
	for _, s := range []SourceConfig{
		{ID: "a", Kind: SourcePage, URL: "https://shop.example/x?a=1&b=#2", Name: `Tiệm: "ong" #1`, Commodity: "honey", Selector: "#gia > b", Pattern: `(\d+)\s*k`, Side: pricewatch.Retail, Every: 12 * time.Hour, Language: "vi"},
		{
			ID: "b", Kind: SourceAPI, URL: "https://api.example/", Rows: "data.items", Fields: map[string]string{"name": "ten", "price": "gia.#(x==\"1\").so"}, Only: []string{"a, b", "c"},
			Side: pricewatch.FOB, Every: 90 * time.Minute, Language: "en", Paused: true, Currency: "USD", Unit: "1 kg", Region: "yes",
		},
		{ID: "c", Kind: SourceQuote, Commodity: "pepper", Name: "~", Seller: "123", Side: pricewatch.FarmGate, Language: "vi"},
	} {
		config := parse(t, "sources:\n"+s.YAML())
		if diff := cmp.Diff(s, config.Sources[0], cmpopts.IgnoreFields(SourceConfig{}, "Hash")); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", s.YAML(), diff)
		}
	}
}

func TestAppendSourceKeepsEveryOtherByte(t *testing.T) {
	t.Parallel()
	added := SourceConfig{ID: "new", Kind: SourcePage, URL: "https://shop.example/new", Commodity: "tea", Side: pricewatch.Retail, Every: 12 * time.Hour, Language: "vi"}
	const old = "  - id: old\n    kind: page\n    url: https://shop.example/old # remark\n    commodity: honey\n"
	for name, test := range map[string]struct {
		before, after string // what comes before and after the new entry
		drop          string // of before, what the list needs no more
	}{
		"empty file":        {"", "", ""},
		"no sources":        {"# first\nchannels: []", "", ""},
		"sources last":      {"channels: []\nsources:\n" + old, "", ""},
		"no line end":       {"sources:\n" + strings.TrimSuffix(old, "\n"), "", ""},
		"sources first":     {"sources: # of prices\n" + old, "\n# shops\n# of ours\nchannels: []\n", ""},
		"remarks between":   {"sources:\n  # one\n" + old + "  # two\n" + strings.ReplaceAll(old, "old", "older"), "  # three\n\nx-a: 1\n", ""},
		"list not indented": {"sources:\n- id: old\n  kind: page\n  url: https://shop.example/old\n  commodity: honey\n", "channels: []\n", ""},
		"windows":           {strings.ReplaceAll("sources:\n"+old, "\n", "\r\n"), strings.ReplaceAll("\nchannels: []\n", "\n", "\r\n"), ""},
		"empty list":        {"sources: [] # none\n", "channels: []\n", " []"},
	} {
		data := test.before + test.after
		out, err := AppendSource([]byte(data), added)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		before := strings.Replace(test.before, test.drop, "", 1)
		rest, ok := strings.CutPrefix(string(out), before)
		if ok {
			_, ok = strings.CutSuffix(rest, test.after)
		}
		if !ok {
			t.Errorf("%s: the file became\n%s", name, out)
		}
		if strings.Contains(data, "\r\n") && strings.Count(string(out), "\n") != strings.Count(string(out), "\r\n") {
			t.Errorf("%s: line ends are mixed:\n%q", name, out)
		}
		config := parse(t, string(out))
		if last := config.Sources[len(config.Sources)-1]; last.ID != "new" || last.Commodity != "tea" || len(config.Sources) != 1+strings.Count(data, "id: old") {
			t.Errorf("%s: sources %+v", name, config.Sources)
		}
		again, err := AppendSource(out, SourceConfig{ID: "newer", Kind: SourcePage, URL: "https://shop.example/n", Commodity: "tea"})
		if err != nil || len(parse(t, string(again)).Sources) != len(config.Sources)+1 {
			t.Errorf("%s: a second one: %v\n%s", name, err, again)
		}
	}
	if _, err := AppendSource([]byte("sources: [{id: a}]\n"), added); err == nil {
		t.Error("a list in brackets is taken")
	}
}
