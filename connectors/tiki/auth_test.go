package tiki

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/tiki/tikitest"
)

// The vectors printed in the project's facts about Tiki, section 2. There is no
// signature; they pin how headers and forms are encoded.
func TestVectors(t *testing.T) {
	t.Parallel()
	const id = "7590139168380001"
	redirect := "https://hub.example.vn/tiki/callback"
	page := publicShop{&shop{options: &Options{ClientID: id, AuthURL: "https://api.tiki.vn/sc/oauth2", Scope: "offline product order inventory"}}}
	for name, test := range map[string]struct{ got, want string }{
		"1 basic":                          {basic(id, "tK_demo-secret~01"), "Basic NzU5MDEzOTE2ODM4MDAwMTp0S19kZW1vLXNlY3JldH4wMQ=="},
		"2 basic with reserved characters": {basic("7590139168380002", "a+b/c=:d"), "Basic NzU5MDEzOTE2ODM4MDAwMjphJTJCYiUyRmMlM0QlM0Fk"},
		"3 authorize": {page.AuthorizeURL(redirect, "n8Jq2LwPz4"), "https://api.tiki.vn/sc/oauth2/auth?response_type=code&client_id=7590139168380001" +
			"&redirect_uri=https%3A%2F%2Fhub.example.vn%2Ftiki%2Fcallback&scope=offline+product+order+inventory&state=n8Jq2LwPz4"},
		"4 exchange": {form("grant_type", "authorization_code", "code", "tikicode_0001", "redirect_uri", redirect, "client_id", id),
			"grant_type=authorization_code&code=tikicode_0001&redirect_uri=https%3A%2F%2Fhub.example.vn%2Ftiki%2Fcallback&client_id=7590139168380001"},
		"5 refresh": {form("grant_type", "refresh_token", "refresh_token", "rt_0001.abc", "client_id", id),
			"grant_type=refresh_token&refresh_token=rt_0001.abc&client_id=7590139168380001"},
	} {
		if test.got != test.want {
			t.Errorf("vector %s:\n got %s\nwant %s", name, test.got, test.want)
		}
	}
	// Vector 6 has filters that we do not use; those that we share are encoded
	// alike. Midnight in Vietnam is 17:00 UTC of the day before.
	want, err := url.ParseQuery("page=1&limit=50&status=nin%7Ccanceled%2Cclosed&updated_from_date=2026-01-01+00%3A00%3A00&updated_to_date=2026-01-01+12%3A00%3A00&include=status_histories%2Citems.fees")
	if err != nil {
		t.Fatal(err)
	}
	got := orderQuery(time.Date(2025, 12, 31, 17, 0, 0, 0, time.UTC), 1)
	got.Set("status", "nin|canceled,closed")
	got.Set("updated_to_date", stamp(time.Date(2026, 1, 1, 5, 0, 0, 0, time.UTC)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("vector 6 (-want +got):\n%s", diff)
	}
}

// Both kinds of app, both ways to authenticate; the wrong one is told apart
// from nothing, so the advice names it.
func TestTokens(t *testing.T) {
	t.Parallel()
	for _, app := range []string{"public", "in_house"} {
		for method, theirs := range map[string]string{"basic": tikitest.AuthBasic, "post": tikitest.AuthPost} {
			t.Run(app+" "+method, func(t *testing.T) {
				t.Parallel()
				sim := startShop(t, tikitest.Options{AppType: app, TokenAuth: theirs})
				options := optionsFor(sim)
				options.AppType, options.TokenAuth = app, method
				tokens := &connectors.MemoryTokens{}
				if app == "public" {
					connect(t, sim, tokens)
				}
				channel := openShop(t, options, connectors.OpenDeps{Tokens: tokens})
				account, err := channel.Connector.Check(t.Context())
				if err != nil || account.ID != strconv.FormatInt(sim.SellerID(), 10) || account.Currency != "VND" {
					t.Fatalf("got %+v, %v", account, err)
				}
				before, _ := tokens.Token(t.Context())
				sim.ExpireToken()
				if _, err := channel.Connector.Check(t.Context()); err != nil {
					t.Fatalf("after the token expired: %v", err)
				}
				after, _ := tokens.Token(t.Context())
				if after.AccessToken == before.AccessToken || app == "public" && after.RefreshToken == before.RefreshToken || after.Account != before.Account {
					t.Error("the new tokens were not stored, or not their account")
				}
				if left := time.Until(after.ExpiresAt); left < 50*time.Minute || left > time.Hour {
					t.Errorf("the token expires in %s", left)
				}
				if (app == "public") != channel.Has("authorize") {
					t.Errorf("authorize: %t", channel.Has("authorize"))
				}

				options = optionsFor(sim)
				options.AppType, options.TokenAuth = app, map[string]string{"basic": "post", "post": "basic"}[method]
				other := openShop(t, options, connectors.OpenDeps{Tokens: tokens})
				sim.ExpireToken()
				_, err = other.Connector.Check(t.Context())
				if connectors.KindOf(err) != connectors.Auth || !strings.Contains(err.Error(), "token_auth") {
					t.Errorf("the other method: got %v", err)
				}
			})
		}
	}
}

func TestNotConnected(t *testing.T) {
	t.Parallel()
	sim := startShop(t, tikitest.Options{})
	channel := openShop(t, optionsFor(sim), connectors.OpenDeps{})
	_, err := channel.Connector.Check(t.Context())
	if connectors.KindOf(err) != connectors.Auth || !strings.Contains(err.Error(), "channels connect vn-thu") {
		t.Errorf("got %v", err)
	}
	if n := len(sim.Requests()); n != 0 {
		t.Errorf("%d requests were sent without a token", n)
	}
	tokens := &connectors.MemoryTokens{}
	connect(t, sim, tokens)
	sim.RevokeGrant()
	_, err = openShop(t, optionsFor(sim), connectors.OpenDeps{Tokens: tokens}).Connector.Check(t.Context())
	if connectors.KindOf(err) != connectors.Auth || !strings.Contains(err.Error(), "invalid_grant") {
		t.Errorf("after the consent was taken back: got %v", err)
	}
}

func TestExchangeRefusals(t *testing.T) {
	t.Parallel()
	sim := startShop(t, tikitest.Options{Redirects: []string{tikitest.DefaultRedirect}})
	exchange := openShop(t, optionsFor(sim), connectors.OpenDeps{}).Authorizer.Exchange
	for name, test := range map[string]struct {
		callback map[string]string
		code     string
	}{
		"the seller said no": {map[string]string{"error": "access_denied", "error_description": "no"}, "access_denied"},
		"no code":            {map[string]string{"state": "12345678"}, "no_code"},
		"a wrong code":       {map[string]string{"code": "tikicode_x"}, "invalid_grant"},
	} {
		_, _, err := exchange(t.Context(), test.callback, tikitest.DefaultRedirect)
		e, _ := err.(*connectors.Error) //nolint:errorlint // as returned
		if e == nil || e.Kind != connectors.Auth || e.Code != test.code {
			t.Errorf("%s: got %v, want %s", name, err, test.code)
		}
	}
}

// Tokens are exchanged on the host of auth_url, everything else goes to the API.
func TestHostsAreSeparate(t *testing.T) {
	t.Parallel()
	sim := startShop(t, tikitest.Options{})
	front, err := simulator.Start(http.HandlerFunc(sim.ServeHTTP), simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(front.Close)
	options := optionsFor(sim)
	options.AuthURL = front.URL + "/sc/oauth2"
	tokens := &connectors.MemoryTokens{}
	connect(t, sim, tokens)
	sim.ExpireToken()
	if _, err := openShop(t, options, connectors.OpenDeps{Tokens: tokens}).Connector.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := front.Requests(); len(got) != 1 || got[0].Path != "/sc/oauth2/token" {
		t.Errorf("the host of auth_url got %v", got)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	right := func() *Options {
		return &Options{APIURL: "https://api.tiki.vn/integration", AuthURL: "https://api.tiki.vn/sc/oauth2", BatchSize: 50, Concurrency: 4, PerSecond: 180, Timeout: time.Minute}
	}
	if err := right().Validate(); err != nil {
		t.Errorf("a right one: %v", err)
	}
	for want, spoil := range map[string]func(*Options){
		"api_url":             func(o *Options) { o.APIURL = "api.tiki.vn" },
		"auth_url":            func(o *Options) { o.AuthURL = "https://a:b@api.tiki.vn/" },
		"batch_size":          func(o *Options) { o.BatchSize = 101 },
		"concurrency":         func(o *Options) { o.Concurrency = 0 },
		"requests_per_second": func(o *Options) { o.PerSecond = 201 },
		"timeout":             func(o *Options) { o.Timeout = time.Millisecond },
		"warehouse":           func(o *Options) { o.Warehouse = -1 },
	} {
		o := right()
		spoil(o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want+":") && !strings.Contains(err.Error(), want+",") {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

// The event queue names orders that the list does not show yet, each until it
// was taken; without a queue the list is read as ever.
func TestEvents(t *testing.T) {
	t.Parallel()
	for _, app := range []string{"public", "in_house"} {
		sim := startShop(t, tikitest.Options{AppType: app, SubscriptionDelay: -1})
		options := optionsFor(sim)
		options.AppType, options.Events = app, true
		tokens := &connectors.MemoryTokens{}
		if app == "public" {
			connect(t, sim, tokens)
		}
		channel := openShop(t, options, connectors.OpenDeps{Tokens: tokens})
		offer := sample(0)
		publishOne(t, channel, offer)
		read := func(most int) (ids []catalog.ExternalID) {
			t.Helper()
			for raw, err := range channel.Orders.Orders(t.Context(), time.Now().Add(time.Hour)) { // the list is empty
				if err != nil {
					t.Fatalf("%s: %v", app, err)
				}
				if _, _, err := channel.Orders.Interpret(raw.Raw); err != nil || raw.UpdatedAt.IsZero() {
					t.Errorf("%s: order %s: %v", app, raw.ExternalID, err)
				}
				if ids = append(ids, raw.ExternalID); len(ids) == most {
					break
				}
			}
			return ids
		}
		want := func(doing string, got []catalog.ExternalID, want ...catalog.ExternalID) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: got %v, want %v", app, doing, got, want)
			}
		}
		want("nothing happened", read(0))
		first, second := buy(t, sim, offer, 1), buy(t, sim, offer, 1)
		want("stopped in the middle", read(1), first)
		want("both come again", read(0), first, second)
		want("taken", read(0))
		sim.ExpireToken()
		sim.ResetRequests()
		third := buy(t, sim, offer, 1)
		if err := sim.SetOrderWord(third, "processing"); err != nil {
			t.Fatal(err)
		}
		want("twice in one page, with an expired token", read(0), third)
		for _, r := range sim.Requests() {
			if strings.Contains(r.Path, "subscriptions") {
				t.Errorf("%s: subscribed again", app)
			}
		}
		buy(t, sim, offer, 1)
		sim.Inject(simulator.Fault{Path: "/events/pull", Times: -1, Kind: simulator.FaultStatus, Status: 403, Body: `{"errors":["no"]}`})
		want("a queue that cannot be used", read(0))
		sim.ResetFaults()
		sim.Inject(simulator.Fault{Path: "/events/pull", Kind: simulator.FaultStatus, Status: 404, Body: `{"errors":["Queue not found"]}`})
		want("a queue that was removed", read(0))
		if got := read(0); len(got) != 1 {
			t.Errorf("%s: after the queue was found again: %v", app, got)
		}
		listed := 0
		for _, err := range channel.Orders.Orders(t.Context(), time.Now().Add(-time.Hour)) {
			if listed++; err != nil {
				t.Fatal(err)
			}
		}
		if listed != 4 {
			t.Errorf("%s: %d orders, want each once", app, listed)
		}
	}
}
