package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

type simCmd struct {
	Platform string   `arg:"" help:"Nền tảng, ví dụ woocommerce. / The platform, for example woocommerce."`
	Addr     string   `help:"Địa chỉ lắng nghe. / Address to listen on." default:"127.0.0.1:0"`
	Fault    []string `help:"Gây lỗi, ví dụ drop:POST:/products/batch:1. / Inject a fault, for example drop:POST:/products/batch:1."`
}

// Run keeps a simulated shop up until it is stopped.
func (c *simCmd) Run(ctx context.Context, a *app) error {
	simulate, ok := simulators[c.Platform]
	if !ok {
		return withCode(exitUsage, fmt.Errorf("no simulator of %q; there are: %s", c.Platform, strings.Join(simulatorNames(), ", ")))
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
	for _, fault := range faults {
		s.server.Inject(fault)
	}
	a.say("Cửa hàng mô phỏng đang chạy; thêm đoạn sau vào connectors.yaml:", "The simulated shop is up; add this to connectors.yaml:")
	fmt.Fprintf(a.stdout, "\nchannels:\n%s", s.yaml(catalog.ChannelID("sim-"+c.Platform), "", ""))
	if s.grant != nil {
		answer, err := s.grant("http://127.0.0.1:8089/callback")
		if err != nil {
			return err
		}
		var query []string
		for key, value := range answer {
			query = append(query, key+"="+value)
		}
		a.say("\nNgười bán mô phỏng đã đồng ý. Chạy: chophien channels connect sim-%s rồi dán: ?%s", "\nThe simulated seller has agreed. Run: chophien channels connect sim-%s and paste: ?%s", c.Platform, strings.Join(query, "&"))
	}
	a.say("\nXem bên trong: %s/_sim/state   Dừng: Ctrl+C", "\nLook inside: %s/_sim/state   Stop: Ctrl+C", s.server.URL)
	<-ctx.Done()
	return nil
}
