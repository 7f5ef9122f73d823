package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

// TestSim runs every simulated shop as a process and does by HTTP alone what
// another program would: it puts goods on sale, orders, looks inside, and uses
// the printed keys and access at once.
func TestSim(t *testing.T) {
	for _, platform := range simulatorNames() {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := program{dir: dir, env: []string{"CHOPHIEN_LANG=en", "CHOPHIEN_MONGODB_URI="}}
			v, stop := startSim(t, p, platform)

			var planted []seeded
			simCall(t, "POST", v.URL+"/_sim/listings", `[{"sku": "MO-1"}, {"sku": "TRA-1", "title": "Trà Shan tuyết cổ thụ vùng cao", "price": 85000, "stock": 7, "category": "tea"}]`, 200, &planted)
			if len(planted) != 2 || planted[0].Outcome != "applied" || planted[1].ExternalID == "" {
				t.Fatalf("planted %+v", planted)
			}
			simCall(t, "POST", v.URL+"/_sim/orders", `{"lines": [{"sku": "TRA-1", "quantity": 2}]}`, 200, nil)
			simCall(t, "POST", v.URL+"/_sim/edit", `{"sku": "MO-1", "stock": 3}`, 204, nil)
			simCall(t, "POST", v.URL+"/_sim/listings", `[{}]`, 409, nil)
			var state struct {
				Listings []simulator.Listing `json:"listings"`
				Orders   []simulator.Order   `json:"orders"`
			}
			simCall(t, "GET", v.URL+"/_sim/state", "", 200, &state)
			left := map[catalog.SKU]int64{}
			for _, l := range state.Listings {
				for _, variant := range l.Variants {
					left[variant.SKU] = *variant.Quantity
				}
			}
			if len(state.Listings) != 2 || left["MO-1"] != 3 || left["TRA-1"] != 5 || len(state.Orders) != 1 || state.Orders[0].Lines[0].Quantity != 2 {
				t.Errorf("the shop holds %+v", state)
			}

			if v.Access != nil {
				simChannel(t, v) // the printed access works
				simCall(t, "POST", v.URL+"/_sim/expire", "", 204, nil)
				var again simAccess
				simCall(t, "GET", v.URL+"/_sim/access", "", 200, &again)
				if again.AccessToken == "" || again.AccessToken == v.Access.AccessToken {
					t.Error("no new access is issued")
				}
				var answer map[string]string
				simCall(t, "POST", v.URL+"/_sim/authorize", fmt.Sprintf(`{"redirect_uri": %q}`, simRedirect), 200, &answer)
				if answer["code"] == "" {
					t.Errorf("the seller's consent gives %v", answer)
				}
			}

			// What is printed for connectors.yaml works as it is.
			if err := os.WriteFile(filepath.Join(dir, "connectors.yaml"), []byte(v.Config), 0o600); err != nil {
				t.Fatal(err)
			}
			id := "sim-" + platform
			if v.Callback != "" {
				p.connect(t, id, simRedirect, simRedirect+"?"+v.Callback)
			}
			p.run(t, "orders", "pull")
			var orders []catalog.Order
			if err := json.Unmarshal([]byte(p.run(t, "orders", "list", "--json")), &orders); err != nil {
				t.Fatal(err)
			}
			if len(orders) != 1 || orders[0].Lines[0].SKU != "TRA-1" {
				t.Errorf("read %+v", orders)
			}

			simCall(t, "DELETE", v.URL+"/_sim/requests", "", 204, nil)
			simCall(t, "POST", v.URL+"/_sim/faults", "status=503:*:*:all", 204, nil)
			if err := p.command(t.Context(), "orders", "pull").Run(); err == nil {
				t.Error("orders were read from a shop that answers 503")
			}
			var requests []simulator.Request
			simCall(t, "GET", v.URL+"/_sim/requests", "", 200, &requests)
			if len(requests) == 0 || requests[0].Status != 503 {
				t.Errorf("the calls were %+v", requests)
			}
			hooks := map[bool]int{true: 200, false: 404}[platform != "tiki"]
			simCall(t, "POST", v.URL+"/_sim/hooks/deliver", "", hooks, nil)
			stop()
		})
	}
}

// startSim runs a simulated shop until stop, which requires that it ends well.
func startSim(t *testing.T, p program, platform string, args ...string) (v simView, stop func()) {
	t.Helper()
	cmd := p.command(context.Background(), append([]string{"sim", platform, "--json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // has ended in most tests
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &v)
	}
	if err != nil {
		t.Fatalf("chophien sim %s printed %q: %v", platform, line, err)
	}
	return v, func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("chophien sim %s, interrupted: %v", platform, err)
		}
	}
}

// connect pastes the address that the browser was sent to.
func (p program) connect(t *testing.T, id, redirect, address string) {
	t.Helper()
	cmd := p.command(t.Context(), "channels", "connect", id, "--redirect", redirect)
	cmd.Stdin = strings.NewReader(address + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("channels connect %s: %v\n%s", id, err, out)
	}
}

// simChannel opens our own channel with the printed access and makes a call.
func simChannel(t *testing.T, v simView) {
	t.Helper()
	registry, err := newRegistry()
	if err != nil {
		t.Fatal(err)
	}
	config, err := registry.Parse("connectors.yaml", []byte(v.Config), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	tokens := &connectors.MemoryTokens{}
	token := connectors.Token{AccessToken: v.Access.AccessToken, RefreshToken: v.Access.RefreshToken, ExpiresAt: v.Access.ExpiresAt, Extra: map[string]string{}}
	for name, value := range v.Credentials {
		token.Extra[name] = value
		if name == "shop_id" || name == "seller_id" {
			token.Account = value
		}
	}
	if _, err := tokens.Replace(t.Context(), connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) { return token, nil }); err != nil {
		t.Fatal(err)
	}
	channel, err := registry.Open(config.Channels[0], connectors.OpenDeps{Tokens: tokens})
	if err != nil {
		t.Fatal(err)
	}
	account, err := channel.Connector.Check(t.Context())
	if err != nil || account.ID != token.Account {
		t.Errorf("with the printed access: shop %q, %v; want %q", account.ID, err, token.Account)
	}
}

// simCall makes one call and requires its status.
func simCall(t *testing.T, method, address, body string, status int, out any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if u, _ := url.Parse(address); err != nil || response.StatusCode != status {
		t.Errorf("%s %s: %d %s, %v; want %d", method, u.Path, response.StatusCode, text, err, status)
	}
}
