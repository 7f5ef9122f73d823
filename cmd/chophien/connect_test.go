package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/market/markettest"
	"github.com/chophien/chophien/connectors/simulator"
)

// authorizing are the platforms where a seller agrees in a browser.
func authorizing(t *testing.T, test func(t *testing.T, platform string)) {
	for _, platform := range simulatorNames() {
		shop := simulate(t, start{}, platform)
		if shop.grant == nil {
			continue
		}
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			test(t, platform)
		})
	}
}

func simulate(t *testing.T, o start, platform string) simulated {
	t.Helper()
	shop, err := simulators[platform](o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.close)
	return shop
}

// configure writes connectors.yaml with the channels.
func (p program) configure(t *testing.T, channels ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, "connectors.yaml"), []byte("channels:\n"+strings.Join(channels, "")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fails runs a process that must fail, and returns what it printed.
func (p program) fails(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := p.command(t.Context(), args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("chophien %s did not fail:\n%s", strings.Join(args, " "), out)
	}
	return string(out)
}

func newProgram(t *testing.T) program {
	return program{dir: t.TempDir(), env: []string{"CHOPHIEN_LANG=en", "CHOPHIEN_MONGODB_URI="}}
}

// The whole flow with the browser coming back to this machine: the printed
// link leads over the platform's page to the callback, and the channel works.
func TestConnectByCallback(t *testing.T) {
	authorizing(t, func(t *testing.T, platform string) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := listener.Addr().String()
		listener.Close()
		shop := simulate(t, start{n: 1, callback: "http://" + address + "/callback"}, platform)
		p := newProgram(t)
		p.configure(t, shop.yaml("web", "", ""))

		cmd := p.command(t.Context(), "channels", "connect", "web", "--callback", address)
		stdin, err := cmd.StdinPipe() // nobody pastes anything
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var link string
		lines := bufio.NewScanner(out)
		for link == "" && lines.Scan() {
			if text := strings.TrimSpace(lines.Text()); strings.HasPrefix(text, "http") {
				link = text
			}
		}
		// Somebody else's page cannot hand in a code of its own.
		if status, _ := browse(t, "http://"+address+"/callback?code=forged&shop_id=1&state=wrong"); status != http.StatusBadRequest {
			t.Errorf("a callback with another state: status %d, want 400", status)
		}
		if status, _ := browse(t, "http://"+address+"/callback?code=forged&shop_id=1"); status != http.StatusBadRequest {
			t.Errorf("a callback without a state: status %d, want 400", status)
		}
		if status, page := browse(t, link); status != http.StatusOK || !strings.Contains(page, "Received") {
			t.Errorf("the link %s leads to status %d: %s", link, status, page)
		}
		rest, _ := io.ReadAll(out)
		if err := cmd.Wait(); err != nil || !strings.Contains(string(rest), "Channel web is connected") {
			t.Fatalf("channels connect: %v\n%s%s", err, rest, complaints.String())
		}
		p.run(t, "channels", "check", "web")
	})
}

// browse opens a page as a browser does, with all redirects.
func browse(t *testing.T, address string) (status int, page string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// agree is the address that the browser is sent to after the seller agreed.
func agree(t *testing.T, shop simulated) string {
	t.Helper()
	answer, err := shop.grant(demoRedirect)
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{}
	for key, value := range answer {
		query.Set(key, value)
	}
	return demoRedirect + "?" + query.Encode()
}

// What is pasted may be refused: an answer to another attempt, a seller who
// said no, a code that was used already.
func TestConnectByPasting(t *testing.T) {
	authorizing(t, func(t *testing.T, platform string) {
		shop := simulate(t, start{n: 1}, platform)
		p := newProgram(t)
		p.configure(t, shop.yaml("web", "", ""))
		connect := []string{"channels", "connect", "web", "--redirect", demoRedirect}
		good := agree(t, shop)
		if out := p.fails(t, good+"&state=another\n", connect...); !strings.Contains(out, "another attempt") {
			t.Errorf("an answer to another attempt: %s", out)
		}
		if out := p.fails(t, demoRedirect+"?error=access_denied\n", connect...); !strings.Contains(out, "access_denied") {
			t.Errorf("a seller who said no: %s", out)
		}
		p.fails(t, "", "channels", "check", "web") // nothing was stored
		p.connect(t, "web", demoRedirect, good)
		p.run(t, "channels", "check", "web")
		p.fails(t, good+"\n", connect...)
		p.run(t, "channels", "check", "web") // the access from before is still there
	})
}

// I14: the consent of another shop is refused, and the right access stays.
func TestI14ConnectRefusesAnotherShop(t *testing.T) {
	authorizing(t, func(t *testing.T, platform string) {
		right, wrong := simulate(t, start{n: 1}, platform), simulate(t, start{n: 2}, platform)
		p := newProgram(t)
		p.configure(t, right.yaml("web", "", ""))
		p.connect(t, "web", demoRedirect, agree(t, right))
		p.configure(t, wrong.yaml("web", "", ""))
		out := p.fails(t, agree(t, wrong)+"\n", "channels", "connect", "web", "--redirect", demoRedirect)
		if !strings.Contains(out, "belongs to the shop") || !strings.Contains(out, "nothing was stored") {
			t.Errorf("the consent of another shop: %s", out)
		}
		p.configure(t, right.yaml("web", "", ""))
		p.run(t, "channels", "check", "web")
	})
}

// I7: where a seller took the consent back, that channel waits for her to agree
// again, and the others go on.
func TestI7OnlyTheChannelWithoutConsentIsParked(t *testing.T) {
	authorizing(t, func(t *testing.T, platform string) {
		shop, other := simulate(t, start{n: 1}, platform), simulate(t, start{n: 2}, "woocommerce")
		p := newProgram(t)
		p.configure(t, shop.yaml("web", "", ""), other.yaml("other", "", ""))
		p.connect(t, "web", demoRedirect, agree(t, shop))
		p.run(t, "publish", "--yes")
		shop.revoke()
		if err := os.WriteFile(filepath.Join(p.dir, "goods.csv"), []byte("Mã hàng;Tên sản phẩm;Giá bán;Số lượng\nMO-1;Mật ong thử của nhóm;100000;5\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p.run(t, "import", "goods.csv")
		p.fails(t, "", "publish", "--yes")
		if n := len(other.shop.Listings()); n != 1 {
			t.Errorf("the other channel shows %d listings, want 1", n)
		}
		var views []channelView
		if err := json.Unmarshal([]byte(p.run(t, "channels", "list", "--json")), &views); err != nil {
			t.Fatal(err)
		}
		if len(views) != 2 || views[0].State.Parked == nil || views[1].State.Parked != nil {
			t.Fatalf("the channels are %+v", views)
		}
		if message := views[0].State.Parked.Message; !strings.Contains(message.EN, "channels connect web") || !strings.Contains(message.VI, "cấp quyền lại") {
			t.Errorf("the parked channel says %+v", message)
		}
		if out := p.fails(t, "", "doctor"); !strings.Contains(out, "have the seller agree again: chophien channels connect web") {
			t.Errorf("doctor says:\n%s", out)
		}
		p.connect(t, "web", demoRedirect, agree(t, shop))
		views = nil
		if err := json.Unmarshal([]byte(p.run(t, "channels", "list", "--json")), &views); err != nil {
			t.Fatal(err)
		}
		if views[0].State.Parked != nil {
			t.Errorf("connected again, the channel is still parked: %+v", views[0].State.Parked)
		}
	})
}

// channels list and doctor warn of access that ends within 30 days.
func TestEndOfAccessIsShown(t *testing.T) {
	t.Parallel()
	shop := simulate(t, start{n: 1}, "tiktokshop")
	p := newProgram(t)
	p.configure(t, shop.yaml("web", "", ""))
	p.connect(t, "web", demoRedirect, agree(t, shop))
	a := &app{cli: &cli{Data: filepath.Join(p.dir, "data"), Config: filepath.Join(p.dir, "connectors.yaml")}, stderr: io.Discard}
	defer a.close()
	if _, err := a.openEngine(t.Context()); err != nil {
		t.Fatal(err)
	}
	token, err := connectors.NewTokenStore(a.store, "web", a.sealer).Token(t.Context())
	if err != nil || token.GrantExpires.IsZero() {
		t.Fatalf("the consent ends %v, %v", token.GrantExpires, err)
	}
	for _, test := range []struct {
		days int
		told string
	}{{300, ""}, {31, ""}, {30, "within 30 days"}, {7, "within 7 days"}, {3, "within 3 days"}, {1, "within 1 days"}, {-1, "ended"}} {
		now := token.GrantExpires.Add(time.Minute - time.Duration(test.days)*24*time.Hour)
		for _, args := range [][]string{{"channels", "list"}, {"doctor", "--offline"}} {
			var out bytes.Buffer
			code := run(append([]string{"--data", a.Data, "--config", a.Config, "--lang", "en"}, args...), strings.NewReader(""), &out, io.Discard, func(a *app) { a.clock = markettest.NewClock(now) })
			says := strings.Contains(out.String(), "access of channel web")
			switch {
			case test.told == "" && (says || code != exitOK):
				t.Errorf("%d days ahead, %s ends with %d and says:\n%s", test.days, args, code, out.String())
			case test.told != "" && (!says || !strings.Contains(out.String(), test.told) || !strings.Contains(out.String(), "chophien channels connect web")):
				t.Errorf("%d days ahead, %s does not say %q:\n%s", test.days, args, test.told, out.String())
			case test.told != "" && args[0] == "doctor" && code == exitOK:
				t.Errorf("%d days ahead, doctor finds nothing", test.days)
			}
		}
	}
}

// The service tells the shops where to send their webhooks.
func TestServeRegistersItsWebhooks(t *testing.T) {
	t.Parallel()
	shop := simulate(t, start{n: 1}, "woocommerce")
	p := newProgram(t)
	p.configure(t, shop.yaml("web", "", ""))
	asked := make(chan struct{})
	shop.server.Inject(simulator.Fault{Method: http.MethodPost, Path: "/webhooks", Kind: simulator.FaultEdit, Edit: func(answer []byte) []byte {
		if bytes.Contains(answer, []byte(`hub.example.vn\/hooks\/web`)) || bytes.Contains(answer, []byte(`hub.example.vn/hooks/web`)) {
			close(asked)
		}
		return answer
	}})
	startServe(t, p, "one", make(chan event, 1000), "CHOPHIEN_PUBLIC_URL=https://hub.example.vn")
	select {
	case <-asked:
	case <-time.After(time.Minute):
		t.Fatalf("after a minute no webhook is registered; the calls were %+v", shop.server.Requests())
	}
}
