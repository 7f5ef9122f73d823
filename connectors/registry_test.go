package connectors

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// shopOptions has the keys of the WooCommerce connector, for the example file.
type shopOptions struct {
	URL           string        `yaml:"url" required:"true" help:"address of the shop"`
	Key           Secret        `yaml:"consumer_key" required:"true" help:"consumer key with read and write access"`
	Secret        Secret        `yaml:"consumer_secret" required:"true" help:"consumer secret"`
	WebhookSecret Secret        `yaml:"webhook_secret" help:"secret that webhooks are signed with"`
	Auth          string        `yaml:"auth" enum:"auto,basic,oauth1,query" help:"how calls are authenticated"`
	BatchSize     int           `yaml:"batch_size" help:"items per batch call"`
	Concurrency   int           `yaml:"concurrency" help:"calls under way at once"`
	Timeout       time.Duration `yaml:"timeout" help:"of one call"`
	Media         string        `yaml:"media" enum:"url" help:"how pictures are handed over"`
}

func (o *shopOptions) Validate() error {
	var problems []error
	if !strings.HasPrefix(o.URL, "https://") && !strings.HasPrefix(o.URL, "http://127.0.0.1") {
		problems = append(problems, errors.New("url: must begin with https://"))
	}
	if !strings.HasPrefix(o.Key.Reveal(), "ck_") {
		// A careless message: the decoder has to keep the secret out of it.
		problems = append(problems, fmt.Errorf("consumer_key: %q does not begin with ck_", o.Key.Reveal()))
	}
	if o.BatchSize < 1 || o.BatchSize > 100 {
		problems = append(problems, errors.New("batch_size: must be 1 to 100"))
	}
	return errors.Join(problems...)
}

// feedOptions has every kind of value that options may have.
type feedOptions struct {
	Path   string            `yaml:"path" required:"true" help:"where the feed is written"`
	Rate   float64           `yaml:"rate" help:"calls per second"`
	Gzip   bool              `yaml:"gzip" help:"whether it is compressed"`
	Limit  *int64            `yaml:"limit" help:"most products"`
	Labels map[string]string `yaml:"labels" help:"names of columns"`
	Shops  []struct {
		Code string `yaml:"code" required:"true" help:"code of the shop"`
		PIN  Secret `yaml:"pin" help:"PIN of the shop"`
	} `yaml:"shops" help:"shops in the feed"`
}

type stubConnector struct{ client *Client }

func (s stubConnector) Check(ctx context.Context) (Account, error) {
	_, err := s.client.Do(ctx, Call{Op: "check", Path: "/"})
	return Account{ID: "1"}, err
}

func (stubConnector) UpdateStock(context.Context, []StockChange) ([]Outcome, error) { return nil, nil }

func shopType(open func(Env, *shopOptions) (Connector, error)) Type {
	return Define(Info{Name: "woocommerce", Title: "WooCommerce"},
		shopOptions{Auth: "auto", BatchSize: 100, Concurrency: 2, Timeout: time.Minute, Media: "url"}, open)
}

func testRegistry(t *testing.T) *Registry {
	t.Helper()
	shop := shopType(func(env Env, o *shopOptions) (Connector, error) {
		return stubConnector{env.Client(Protocol{BaseURL: o.URL})}, nil
	})
	feed := Define(Info{Name: "feed", Title: "Feed", Settle: time.Minute}, feedOptions{Rate: 1.5}, func(env Env, _ *feedOptions) (Connector, error) {
		return stubConnector{}, nil
	})
	registry, err := NewRegistry(shop, feed)
	if err != nil {
		t.Fatal(err)
	}
	registry.ValidateCron = func(expression string) error {
		if len(strings.Fields(expression)) != 5 {
			return fmt.Errorf("%d fields", len(strings.Fields(expression)))
		}
		return nil
	}
	return registry
}

func TestNewRegistryRefuses(t *testing.T) {
	t.Parallel()
	open := func(Env, *shopOptions) (Connector, error) { return nil, nil }
	type unnamed struct {
		A string         `help:"no key"`
		B chan int       `yaml:"b" help:"cannot be read"`
		C map[int]string `yaml:"c" help:"cannot be read"`
	}
	_, err := NewRegistry(
		shopType(open), shopType(open), shopType(nil),
		Define(Info{Name: "Bad Name"}, struct{}{}, func(Env, *struct{}) (Connector, error) { return nil, nil }),
		Define(Info{Name: "text"}, "no struct", func(Env, *string) (Connector, error) { return nil, nil }),
		Define(Info{Name: "odd"}, unnamed{}, func(Env, *unnamed) (Connector, error) { return nil, nil }),
	)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"woocommerce is registered twice", "woocommerce: no function to open it", `"Bad Name"`, "text: options are string",
		"option A has no yaml or no help tag", "option B has the type chan int", "option C has the type map[int]string",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
	t.Cleanup(server.Close)
	config := ChannelConfig{ID: "a", Type: "woocommerce", Options: &shopOptions{URL: server.URL}, Disable: []string{"prices"}}

	calls := 0
	channel, err := testRegistry(t).Open(config, OpenDeps{Observe: func(CallStats) { calls++ }})
	if err != nil {
		t.Fatal(err)
	}
	if !channel.Has("stock") || channel.Has("orders") || channel.Info.Name != "woocommerce" || channel.Client == nil {
		t.Errorf("opened %+v", channel)
	}
	if _, err := channel.Connector.Check(t.Context()); err != nil || calls != 1 {
		t.Errorf("Check: %v with %d observed calls", err, calls)
	}
	config.Disable = []string{"stock"}
	if channel, err = testRegistry(t).Open(config, OpenDeps{}); err != nil || channel.Has("stock") {
		t.Errorf("a disabled capability is there (%v)", err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("no signature key")
	for _, test := range []struct {
		name   string
		config ChannelConfig
		open   func(Env, *shopOptions) (Connector, error)
		want   string
	}{
		{"unknown type", ChannelConfig{ID: "a", Type: "sendo"}, nil, "channel a: open sendo: unknown platform; known are woocommerce"},
		{"wrong options", ChannelConfig{ID: "a", Type: "woocommerce", Options: &feedOptions{}}, nil, "channel a: open woocommerce: options are *connectors.feedOptions, want *connectors.shopOptions"},
		{"no options", ChannelConfig{ID: "a", Type: "woocommerce"}, nil, "channel a: open woocommerce: options are <nil>, want *connectors.shopOptions"},
		{"refused", ChannelConfig{ID: "a", Type: "woocommerce", Options: &shopOptions{}}, func(Env, *shopOptions) (Connector, error) { return nil, cause }, "channel a: open woocommerce: no signature key"},
		{"nil", ChannelConfig{ID: "a", Type: "woocommerce", Options: &shopOptions{}}, func(Env, *shopOptions) (Connector, error) { return nil, nil }, "channel a: open woocommerce: the connector is nil"},
		{"two clients", ChannelConfig{ID: "a", Type: "woocommerce", Options: &shopOptions{}}, func(env Env, _ *shopOptions) (Connector, error) {
			env.Client(Protocol{})
			return stubConnector{env.Client(Protocol{})}, nil
		}, "channel a: open woocommerce: the connector asked for a second client; an account has one, so that it is paced as a whole"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.open == nil {
				test.open = func(Env, *shopOptions) (Connector, error) { return stubConnector{}, nil }
			}
			registry, err := NewRegistry(shopType(test.open))
			if err != nil {
				t.Fatal(err)
			}
			_, err = registry.Open(test.config, OpenDeps{})
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if test.name == "refused" && !errors.Is(err, cause) {
				t.Error("the cause is not wrapped")
			}
		})
	}
}

// What a connector does with its options must not reach the configuration.
func TestOpenGivesACopyOfTheOptions(t *testing.T) {
	t.Parallel()
	registry, err := NewRegistry(shopType(func(_ Env, o *shopOptions) (Connector, error) {
		o.URL = "changed"
		return stubConnector{}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	options := &shopOptions{URL: "kept"}
	if _, err := registry.Open(ChannelConfig{Type: "woocommerce", Options: options}, OpenDeps{}); err != nil || options.URL != "kept" {
		t.Errorf("options have the URL %s (%v)", options.URL, err)
	}
}
