package connectors

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// planted is in every test environment and must be in no message.
const planted = "ck_planted_secret_0123456789"

func environ(name string) (string, bool) {
	value, ok := map[string]string{
		"WOO_KEY": planted, "WOO_SECRET": "cs_" + planted, "OTHER_KEY": planted + "_too", "EMPTY": "", "HOST": "shop.example", "NOT_A_KEY": "xk_planted",
		"HTX_KEY": planted, "HTX_SECRET": planted, "HTX_WEBHOOK": planted, "CHOPHIEN_HTX_KEY": planted,
	}[name]
	return value, ok
}

// Each file of testdata/config has one mistake, or some that belong together,
// and beside it the messages it gives.
func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/config/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = testRegistry(t).Parse("testdata/config/connectors.yaml", data, environ)
			if err == nil {
				t.Fatal("accepted")
			}
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("%T: %v", err, err)
			}
			got := strings.ReplaceAll(err.Error(), "testdata/config/", "") + "\n"
			if strings.Contains(got, "planted") {
				t.Errorf("a secret is shown:\n%s", got)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func parse(t *testing.T, text string) *Config {
	t.Helper()
	config, err := testRegistry(t).Parse("testdata/config/connectors.yaml", []byte(text), environ)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestConfigFull(t *testing.T) {
	t.Parallel()
	const text = "\ufeff" + `
x-price: &price
  markup: 5%
  add: -2000
  round_to: 10000
  ending: 9000
channels:
  - &first
    id: htx-web
    type: woocommerce
    name: "Cu\u031b\u0309a hàng"
    options: &options
      url: https://${HOST}/shop
      consumer_key: ${WOO_KEY}
      consumer_secret: file:woo.secret
      auth: basic
      timeout: 45s
    rules:
      language: en
      currency: USD
      include: { categories: [honey], groups: [a, b] }
      title: "{{.Name}}"
      title_max: 120
      price: { <<: *price, floor: 5000, floor_over_cost: 2.5% }
      stock: { buffer: 1, share: 80, cap: 0, last_units: 2, last_units_on: htx-web }
      categories: { honey: 16, tea: "017" }
      attributes: { origin: Xuất xứ, hidden: }
    policy: { media: ignore, price: observe }
    schedule: { orders: "* * * * *", observe: "", categories: "" }
    freshness: 1h30m
    settle: 10m
    auto_apply: false
    paused: true
    disable: [hooks, delete]
  - <<: *first
    id: second
    name:
    rules:
    options:
      <<: *options
      consumer_key: "${OTHER_KEY}"
  - id: third
    type: feed
    options: { path: out.csv, rate: 2, gzip: true, limit: 0, labels: { sku: Mã }, shops: [{ code: a, pin: "${WOO_KEY}" }] }
`
	config := parse(t, text)
	key := NewSecret(planted)
	options := &shopOptions{
		URL: "https://shop.example/shop", Key: key, Secret: NewSecret("cs_from_file"), Auth: "basic", BatchSize: 100, Concurrency: 2,
		Timeout: 45 * time.Second, Media: "url",
	}
	zero, settle := int64(0), 10*time.Minute
	first := ChannelConfig{
		ID: "htx-web", Type: "woocommerce", Name: "Cửa hàng", Options: options,
		Rules: catalog.Rules{
			Language: "en", Currency: "USD", Include: catalog.Selection{Categories: []string{"honey"}, Groups: []string{"a", "b"}},
			Title: "{{.Name}}", TitleMax: 120,
			Price:      catalog.PriceRule{MarkupBP: 500, Add: -2000, RoundTo: 10000, Ending: 9000, Floor: 5000, FloorOverCostBP: 250},
			Stock:      catalog.StockRule{Buffer: 1, SharePercent: 80, Cap: &zero, LastUnits: 2, LastUnitsOn: "htx-web"},
			Categories: map[string]string{"honey": "16", "tea": "017"},
			Attributes: map[string]string{"origin": "Xuất xứ", "hidden": ""},
		},
		Policies:  map[catalog.Facet]Policy{catalog.FacetMedia: Ignore, catalog.FacetPrice: Observe},
		Schedule:  Schedule{Orders: "* * * * *", Publish: "*/10 * * * *"},
		Freshness: 90 * time.Minute, Settle: &settle, Paused: true, Disable: []string{"hooks", "delete"},
	}
	second := first
	second.ID, second.Name = "second", "second"
	second.Rules = catalog.Rules{Language: "vi", Currency: "VND"} // its own, empty rules replace those merged
	changed := *options
	changed.Key = NewSecret(planted + "_too")
	second.Options = &changed
	feed := &feedOptions{Path: "out.csv", Rate: 2, Gzip: true, Limit: &zero, Labels: map[string]string{"sku": "Mã"}}
	feed.Shops = append(feed.Shops, struct {
		Code string `yaml:"code" required:"true" help:"code of the shop"`
		PIN  Secret `yaml:"pin" help:"PIN of the shop"`
	}{"a", key})
	third := ChannelConfig{
		ID: "third", Type: "feed", Name: "third", Options: feed, Rules: catalog.Rules{Language: "vi", Currency: "VND"},
		Schedule:  Schedule{Orders: "*/5 * * * *", Publish: "*/10 * * * *", Observe: "0 3 * * *", Categories: "30 2 * * 0"},
		Freshness: 15 * time.Minute, AutoApply: true,
	}
	want := []ChannelConfig{first, second, third}
	withoutHash := cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Hash" }, cmp.Ignore())
	if diff := cmp.Diff(want, config.Channels, withoutHash); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if config.Channels[0].Policy(catalog.FacetMedia) != Ignore || config.Channels[0].Policy(catalog.FacetStock) != Manage {
		t.Error("policies")
	}
	if len(config.Warnings) != 0 {
		t.Errorf("warnings %q", config.Warnings)
	}
}

func TestConfigWarnings(t *testing.T) {
	t.Parallel()
	config := parse(t, `channels:
  - id: a
    type: woocommerce
    options:
      url: https://shop.example
      consumer_key: ck_planted_in_plain_text
      consumer_secret: ${WOO_SECRET}
`)
	want := []string{"testdata/config/connectors.yaml:6:21: channel a: options.consumer_key is written in plain text; ${NAME} or file:path keeps it out of this file"}
	if diff := cmp.Diff(want, config.Warnings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	unsettled := parse(t, `channels:
  - {id: a, type: feed, options: {path: out.csv}, settle: 30s}
  - {id: b, type: feed, options: {path: out.csv}, settle: 1m}
`)
	want = []string{"testdata/config/connectors.yaml:2:59: channel a: settle is below the 1m that Feed may take; a listing whose answer was lost could be made twice"}
	if diff := cmp.Diff(want, unsettled.Warnings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if empty := parse(t, "channels: []\n"); len(empty.Warnings) != 1 || len(empty.Channels) != 0 {
		t.Errorf("an empty list: %+v", empty)
	}
}

// The hash is what tells a reload which channels to open again.
func TestConfigHash(t *testing.T) {
	t.Parallel()
	const text = `channels:
  - id: a
    type: woocommerce
    options: { url: https://shop.example, consumer_key: "${WOO_KEY}", consumer_secret: file:woo.secret }
    rules: { categories: { honey: "1", tea: "2" } }
    policy: { media: ignore, price: manage, stock: observe }
`
	hash := parse(t, text).Channels[0].Hash
	for range 20 { // maps come in another order each time
		if parse(t, text).Channels[0].Hash != hash {
			t.Fatal("the hash of one configuration differs")
		}
	}
	if reordered := parse(t, strings.Replace(text, `honey: "1", tea: "2"`, `tea: "2", honey: '1'`, 1)); reordered.Channels[0].Hash != hash {
		t.Error("the order of keys changes the hash")
	}
	for _, change := range [][2]string{
		{"id: a", "id: b"},
		{"shop.example", "other.example"},
		{"${WOO_KEY}", "ck_other"},
		{`honey: "1"`, `honey: "3"`},
		{"media: ignore", "media: manage"},
		{"rules: {", "rules: { stock: { cap: 0 },"},
		{"rules: {", "rules: { price: { markup: 0.01% },"},
		{"    policy", "    freshness: 16m\n    policy"},
		{"    policy", "    settle: 0s\n    policy"},
		{"    policy", "    paused: true\n    policy"},
		{"    policy", "    auto_apply: false\n    policy"},
		{"    policy", "    disable: [hooks]\n    policy"},
		{"    policy", "    schedule: { orders: \"\" }\n    policy"},
		{"    policy", "    name: B\n    policy"},
	} {
		if changed := parse(t, strings.Replace(text, change[0], change[1], 1)); changed.Channels[0].Hash == hash {
			t.Errorf("%q for %q does not change the hash", change[1], change[0])
		}
	}
	if strings.Contains(hash, "planted") || len(hash) != 64 {
		t.Errorf("hash %q", hash)
	}
}

// Every option of a struct must enter the hash, whatever its kind.
func TestHashSeesEveryField(t *testing.T) {
	t.Parallel()
	base := hashOf(ChannelConfig{Options: &feedOptions{}})
	v := reflect.ValueOf(feedOptions{})
	for i := range v.NumField() {
		options := &feedOptions{}
		switch field := reflect.ValueOf(options).Elem().Field(i); field.Kind() {
		case reflect.String:
			field.SetString("x")
		case reflect.Float64:
			field.SetFloat(1)
		case reflect.Bool:
			field.SetBool(true)
		case reflect.Pointer:
			field.Set(reflect.New(field.Type().Elem()))
		case reflect.Slice:
			field.Set(reflect.MakeSlice(field.Type(), 1, 1))
		case reflect.Map:
			field.Set(reflect.MakeMap(field.Type()))
			field.SetMapIndex(reflect.ValueOf("k"), reflect.ValueOf("v"))
		}
		if hashOf(ChannelConfig{Options: options}) == base {
			t.Errorf("%s is not hashed", v.Type().Field(i).Name)
		}
	}
}

// Nothing of the raw text is expanded: a value cannot add keys or channels.
func TestEnvironmentCannotInjectYAML(t *testing.T) {
	t.Parallel()
	const value = "x\n    paused: true\n"
	config, err := testRegistry(t).Parse("connectors.yaml", []byte(`channels:
  - id: a
    type: woocommerce
    name: ${NAME} is not expanded outside options
    options:
      url: https://${HOST}
      consumer_key: ${KEY}
      consumer_secret: ${KEY}
`), func(name string) (string, bool) { return "ck_" + value, true })
	if err != nil {
		t.Fatal(err)
	}
	c := config.Channels[0]
	if o := c.Options.(*shopOptions); c.Paused || o.URL != "https://ck_"+value || o.Key.Reveal() != "ck_"+value || !strings.HasPrefix(c.Name, "${NAME}") {
		t.Errorf("decoded %+v", c)
	}
}

func TestBigAndBrokenFiles(t *testing.T) {
	t.Parallel()
	const entry = "channels:\n  - id: a\n"
	for _, test := range []struct{ name, data, want string }{
		{"10 MB", strings.Repeat("# planted\n", 1<<20), "c.yaml: larger than 262144 bytes; this is not a list of channels"},
		{"brackets", entry + strings.Repeat("[", 200_000), "c.yaml:3:101: more than 100 brackets inside each other; this is not a list of channels"},
		{"nothing", "", "c.yaml: the file is empty; it needs a list under the key channels"},
		{"UTF-16", "\xff\xfec\x00h\x00", "c.yaml:1:1: not UTF-8 text; save the file with the encoding UTF-8"},
		{"Windows-1258", entry + "    name: C\xe0ng\n", "c.yaml:3:12: not UTF-8 text; save the file with the encoding UTF-8"},
		{"NUL", entry + "\x00", "c.yaml:3:1: not UTF-8 text; save the file with the encoding UTF-8"},
		{"Windows line ends", strings.ReplaceAll(entry, "\n", "\r\n") + "    tipe: x\r\n", "c.yaml:2:5: channel a: missing key \"type\": the platform\nc.yaml:3:5: channel a: unknown key \"tipe\"; did you mean \"type\"?"},
		{"mistakes without end", "channels:\n" + strings.Repeat("  - {}\n", 5000), "\nand 9950 more"},
		{"alias bomb", bomb(15), "channel #1: more than 100000 entries after merging; use fewer aliases"},
		{"deep aliases", bomb(25), "channel #1: merge keys that lead to each other\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := testRegistry(t).Parse("c.yaml", []byte(test.data), environ)
			if err == nil || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 10_000 || strings.Count(err.Error(), test.want) > 1 {
				t.Errorf("got  %.300v\nwant %s", err, test.want)
			}
		})
	}
	if _, err := testRegistry(t).Load(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}

// bomb triples its entries with each of its anchors.
func bomb(anchors int) string {
	var b strings.Builder
	b.WriteString("x-0: &a0 { k: 1 }\n")
	for i := range anchors {
		fmt.Fprintf(&b, "x-%d: &a%d { <<: [*a%d, *a%d, *a%d] }\n", i+1, i+1, i, i, i)
	}
	fmt.Fprintf(&b, "channels: [ { <<: *a%d } ]\n", anchors)
	return b.String()
}

func TestParsePercent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"5%": 500, "2.5%": 250, "-3%": -300, "0%": 0, "-0.5%": -50, "12.34%": 1234, "-0.05%": -5, "999999%": 99999900} {
		if got, err := parsePercent(text); err != nil || got != want {
			t.Errorf("%s = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "%", "5", "5 %", "2,5%", "1.234%", ".5%", "5.%", "1e2%", "+5%", "--5%", "NaN%", "1000000%", "٥%"} {
		if got, err := parsePercent(text); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	known := []string{"price", "stock", "publish", "paused", "id"}
	for text, want := range map[string]string{
		"prise": "price", "pirce": "price", "stok": "stock", "Publish": "publish", "pause": "paused",
		"weather": "", "x": "", "di": "", "": "", "zz": "", "pris": "",
	} {
		got := didYouMean(text, known)
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/config/*.yaml")
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			f.Add(data)
		}
	}
	registry, err := NewRegistry(shopType(func(Env, *shopOptions) (Connector, error) { return stubConnector{}, nil }))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		config, err := registry.Parse("testdata/config/connectors.yaml", data, environ)
		if (config == nil) == (err == nil) {
			t.Errorf("config %v, error %v", config, err)
		}
		if err != nil && strings.Contains(err.Error(), planted) {
			t.Errorf("a secret is shown: %v", err)
		}
	})
}
