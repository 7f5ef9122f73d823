package main

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/chophien/chophien/connectors/simulator"
	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

// simulated is a running simulator with what a person needs to connect to it.
type simulated struct {
	shop    simulator.Shop
	server  *simulator.Server
	options map[string]string // as in connectors.yaml
	close   func()
}

// simulators starts, by platform, a simulator on an address.
var simulators = map[string]func(addr string) (simulated, error){
	"woocommerce": func(addr string) (simulated, error) {
		s, err := woocommercetest.Start(woocommercetest.Options{Addr: addr, AllowLoopbackImages: true})
		if err != nil {
			return simulated{}, err
		}
		return simulated{s, s.Server, map[string]string{"url": s.URL, "consumer_key": s.Key(), "consumer_secret": s.Secret()}, s.Close}, nil
	},
}

func simulatorNames() string {
	var names []string
	for name := range simulators {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

type simCmd struct {
	Platform string   `arg:"" help:"Nền tảng: woocommerce. / The platform: woocommerce."`
	Addr     string   `help:"Địa chỉ lắng nghe. / Address to listen on." default:"127.0.0.1:0"`
	Fault    []string `help:"Gây lỗi, ví dụ drop:POST:/products/batch:1. / Inject a fault, for example drop:POST:/products/batch:1."`
}

// Run keeps a simulated shop up until it is stopped.
func (c *simCmd) Run(ctx context.Context, a *app) error {
	start, ok := simulators[c.Platform]
	if !ok {
		return withCode(exitUsage, fmt.Errorf("no simulator of %q; there are: %s", c.Platform, simulatorNames()))
	}
	var faults []simulator.Fault
	for _, text := range c.Fault {
		fault, err := simulator.ParseFault(text)
		if err != nil {
			return withCode(exitUsage, err)
		}
		faults = append(faults, fault)
	}
	s, err := start(c.Addr)
	if err != nil {
		return withCode(exitConfig, fmt.Errorf("start the simulator on %s: %w", c.Addr, err))
	}
	defer s.close()
	for _, fault := range faults {
		s.server.Inject(fault)
	}
	a.say("Cửa hàng mô phỏng đang chạy; thêm đoạn sau vào connectors.yaml:", "The simulated shop is up; add this to connectors.yaml:")
	fmt.Fprintf(a.stdout, "\nchannels:\n  - id: sim-%s\n    type: %s\n    options:\n", c.Platform, c.Platform)
	var keys []string
	for key := range s.options {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		fmt.Fprintf(a.stdout, "      %s: %s\n", key, s.options[key])
	}
	a.say("\nXem bên trong: %s/_sim/state   Dừng: Ctrl+C", "\nLook inside: %s/_sim/state   Stop: Ctrl+C", s.server.URL)
	<-ctx.Done()
	return nil
}
