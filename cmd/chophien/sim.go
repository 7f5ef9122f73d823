package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

type simCmd struct {
	Platform string   `arg:"" help:"Nền tảng, ví dụ woocommerce; market là hai trang giá chợ. / The platform, for example woocommerce; market is two sites with market prices."`
	Addr     string   `help:"Địa chỉ lắng nghe. / Address to listen on." default:"127.0.0.1:0"`
	Fault    []string `help:"Gây lỗi, ví dụ drop:POST:/products/batch:1. / Inject a fault, for example drop:POST:/products/batch:1."`
	JSON     bool     `name:"json" help:"In địa chỉ và khóa bằng JSON, một dòng. / Print address and keys as one line of JSON."`
}

// Help tells what the simulated shop answers beside the platform's own calls.
func (*simCmd) Help() string {
	var b strings.Builder
	b.WriteString("Nền tảng / platforms: " + strings.Join(simulatorNames(), ", ") + "\n\n")
	b.WriteString("Cửa hàng mô phỏng nói đúng giao thức của nền tảng, kiểm tra chữ ký và quyền truy cập như thật. Ngoài ra, để chuẩn bị và xem bên trong:\n\n")
	b.WriteString("The simulated shop speaks the platform's own protocol and checks signatures and access as it does. Beside it, to prepare it and look inside:\n\n")
	b.WriteString(controlsText())
	b.WriteString("\nLỗi có thể gây / faults (--fault, /_sim/faults):\n" + simulator.FaultHelp)
	return b.String()
}

// simView is a simulated shop for programs.
type simView struct {
	Platform string `json:"platform"`
	URL      string `json:"url"`
	// Credentials are the app's keys, the shop's numbers and the addresses, by
	// the names of connectors.yaml where they have one there.
	Credentials map[string]string `json:"credentials"`
	// Access is a seller's token that works at once; without it the keys suffice.
	Access *simAccess `json:"access,omitempty"`
	// Callback is the query of a callback after a seller agreed, for a client
	// that exchanges the code itself.
	Callback   string            `json:"callback,omitempty"`
	Categories map[string]string `json:"categories,omitempty"` // ours to the shop's
	Config     string            `json:"connectors_yaml"`
}

type simAccess struct {
	AccessToken  string    `json:"access_token"`
	RefreshToken string    `json:"refresh_token"`
	ExpiresAt    time.Time `json:"expires_at"`
}

// simRedirect stands for the address that a client registered.
const simRedirect = "http://127.0.0.1:8089/callback"

// view gathers what a client needs, in the order in which it is printed.
func (s simulated) view() (simView, error) {
	v := simView{
		Platform: s.platform, URL: s.server.URL, Credentials: map[string]string{}, Categories: s.categories,
		Config: "channels:\n" + s.yaml(catalog.ChannelID("sim-"+s.platform), "", ""),
	}
	for _, o := range slices.Concat(s.keys, s.facts) {
		v.Credentials[o.key] = o.value
		if plain, err := strconv.Unquote(o.value); err == nil {
			v.Credentials[o.key] = plain
		}
	}
	if s.token != nil {
		v.Access = &simAccess{}
		v.Access.AccessToken, v.Access.RefreshToken, v.Access.ExpiresAt = s.token()
	}
	if s.grant != nil {
		answer, err := s.grant(simRedirect)
		if err != nil {
			return v, err
		}
		query := url.Values{}
		for key, value := range answer {
			query.Set(key, value)
		}
		v.Callback = query.Encode()
	}
	return v, nil
}

// Run keeps a simulated shop up until it is stopped.
func (c *simCmd) Run(ctx context.Context, a *app) error {
	if c.Platform == "market" {
		return c.market(ctx, a)
	}
	simulate, ok := simulators[c.Platform]
	if !ok {
		return withCode(exitUsage, fmt.Errorf("no simulator of %q; there are: %s", c.Platform, strings.Join(append(simulatorNames(), "market"), ", ")))
	}
	var faults []simulator.Fault
	for _, text := range c.Fault {
		fault, err := simulator.ParseFault(text)
		if err != nil {
			return withCode(exitUsage, err)
		}
		faults = append(faults, fault)
	}
	s, err := simulate(start{addr: c.Addr, n: 1})
	if err != nil {
		return withCode(exitConfig, fmt.Errorf("start the simulator on %s: %w", c.Addr, err))
	}
	defer s.close()
	if err := s.control(ctx, a.logger()); err != nil {
		return err
	}
	for _, fault := range faults {
		s.server.Inject(fault)
	}
	v, err := s.view()
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printLine(a.stdout, v); err != nil {
			return err
		}
	} else {
		c.show(a, s, v)
	}
	<-ctx.Done()
	return nil
}

// show prints a simulated shop for people.
func (c *simCmd) show(a *app, s simulated, v simView) {
	a.say("Cửa hàng mô phỏng %s: %s", "Simulated %s shop: %s", v.Platform, v.URL)
	rows := [][]string{}
	for _, o := range slices.Concat(s.keys, s.facts) {
		rows = append(rows, []string{o.key, v.Credentials[o.key]})
	}
	if v.Access != nil {
		rows = append(rows, []string{"access_token", v.Access.AccessToken}, []string{"refresh_token", v.Access.RefreshToken}, []string{"expires_at", v.Access.ExpiresAt.UTC().Format(time.RFC3339)})
	}
	fmt.Fprintln(a.stdout)
	a.table([]string{a.t("Khóa", "Key"), a.t("Giá trị", "Value")}, rows)
	a.say("\nThêm vào connectors.yaml để Chợ Phiên dùng cửa hàng này:\n\n%s", "\nAdd to connectors.yaml to use this shop with Chợ Phiên:\n\n%s", v.Config)
	if v.Callback != "" {
		a.say("Người bán mô phỏng đã đồng ý. Chạy: chophien channels connect sim-%s --redirect %s\nrồi dán: %[2]s?%[3]s\n", "The simulated seller has agreed. Run: chophien channels connect sim-%s --redirect %s\nand paste: %[2]s?%[3]s\n", v.Platform, simRedirect, v.Callback)
	}
	a.say("Chuẩn bị và xem bên trong (GET %s/_sim/ kể ra tất cả):", "To prepare it and look inside (GET %s/_sim/ lists it all):", v.URL)
	fmt.Fprintf(a.stdout, "  curl -d '[{\"sku\": \"MO-1\"}]' %s/_sim/listings\n", v.URL)
	fmt.Fprintf(a.stdout, "  curl -d '{\"lines\": [{\"sku\": \"MO-1\", \"quantity\": 1}]}' %s/_sim/orders\n", v.URL)
	fmt.Fprintf(a.stdout, "  curl %s/_sim/state\n", v.URL)
	a.say("\nDừng: Ctrl+C", "\nStop: Ctrl+C")
}

// category is the shop's category for one of ours, any of the shop's for "";
// what is not ours is taken to be the shop's.
func (s simulated) category(ours string) string {
	if ours == "" && len(s.categories) > 0 {
		ours = catalog.Categories()[0].Code
	}
	for _, code := range catalog.CategoryPath(ours) {
		if id, ok := s.categories[code]; ok {
			return id
		}
	}
	if _, known := catalog.CategoryByCode(ours); known {
		return "" // the shop asks for none
	}
	return ours
}
