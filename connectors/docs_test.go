package connectors

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOptionsTable(t *testing.T) {
	t.Parallel()
	registry := testRegistry(t)
	tables := registry.OptionsTable("woocommerce") + "\n" + registry.OptionsTable("feed") + "\n" + KeysTable()
	if err := CheckGenerated("testdata/tables.golden.md", []byte(tables), *update); err != nil {
		t.Errorf("%v\ngot:\n%s", err, tables)
	}
	if got := registry.OptionsTable("none"); got != "" {
		t.Errorf("an unknown platform has the table %s", got)
	}
}

func TestReplaceBetween(t *testing.T) {
	t.Parallel()
	const doc = "a\n<!-- begin options -->\nold\n<!-- end options -->\nb\n"
	got, err := ReplaceBetween([]byte(doc), "options", "new\n")
	if want := strings.Replace(doc, "old", "new", 1); err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if again, err := ReplaceBetween(got, "options", "new\n"); err != nil || !bytes.Equal(again, got) {
		t.Errorf("again: %q, %v", again, err)
	}
	for _, bad := range []string{"", "<!-- begin options -->", doc + doc, "<!-- end options --><!-- begin options -->", strings.ReplaceAll(doc, "options", "others")} {
		if got, err := ReplaceBetween([]byte(bad), "options", "new"); err == nil {
			t.Errorf("%q becomes %q", bad, got)
		}
	}
}

func TestCheckGenerated(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := CheckGenerated(path, []byte("a"), false); err == nil {
		t.Error("a missing file is current")
	}
	if err := CheckGenerated(path, []byte("a"), true); err != nil {
		t.Fatal(err)
	}
	if err := CheckGenerated(path, []byte("a"), false); err != nil {
		t.Error(err)
	}
	if err := CheckGenerated(path, []byte("b"), false); err == nil || !strings.Contains(err.Error(), "go generate") {
		t.Errorf("a stale file gives %v", err)
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	registry := testRegistry(t)
	schema, err := registry.Schema()
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckGenerated("testdata/schema.golden.json", schema, *update); err != nil {
		t.Error(err)
	}
	again, err := registry.Schema()
	if err != nil || !bytes.Equal(schema, again) {
		t.Errorf("generated twice, two schemas (%v)", err)
	}
	if bytes.Contains(schema, []byte("planted")) {
		t.Error("a default shows a secret")
	}
}

// The schema must know every key that decoding knows, and no other.
func TestSchemaHasTheKeysOfTheDecoder(t *testing.T) {
	t.Parallel()
	type node struct {
		Properties map[string]json.RawMessage
		Required   []string
		AllOf      []struct{ Then json.RawMessage }
		Items      json.RawMessage
	}
	read := func(data json.RawMessage) (n node) {
		t.Helper()
		if err := json.Unmarshal(data, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	data, err := testRegistry(t).Schema()
	if err != nil {
		t.Fatal(err)
	}
	channel := read(read(read(data).Properties["channels"]).Items)
	options := read(read(channel.AllOf[0].Then).Properties["options"])
	price := read(read(channel.Properties["rules"]).Properties["price"])
	for _, test := range []struct {
		name string
		got  node
		want string
	}{
		{"channel", channel, "auto_apply disable freshness id name options paused policy rules schedule settle type"},
		{"options", options, "auth batch_size concurrency consumer_key consumer_secret media timeout url webhook_secret"},
		{"price", price, "add ending floor floor_over_cost floor_over_cost_bp markup markup_bp round_to"},
	} {
		if diff := cmp.Diff(strings.Fields(test.want), slices.Sorted(maps.Keys(test.got.Properties))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if diff := cmp.Diff([]string{"url", "consumer_key", "consumer_secret"}, options.Required); diff != "" {
		t.Errorf("required options (-want +got):\n%s", diff)
	}
}

// The example in the root of the repository is what people copy.
func TestExampleFile(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../connectors.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config, err := testRegistry(t).Parse("../connectors.yaml", data, environ)
	if err != nil {
		t.Fatal(err)
	}
	if len(config.Channels) != 2 || len(config.Warnings) != 0 {
		t.Errorf("%d channels, warnings %q", len(config.Channels), config.Warnings)
	}
	if bytes.Contains(data, []byte("\t")) {
		t.Error("the example has tabs")
	}
}
