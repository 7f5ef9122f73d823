package main

import (
	"cmp"
	"runtime/debug"

	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/market"
	"github.com/chophien/chophien/scheduler"
)

// agent is how we introduce ourselves to the sites whose prices we read.
func agent() string {
	version := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	if version == "(devel)" {
		version = ""
	}
	return "chophien/" + cmp.Or(version, "dev") + " (+https://github.com/chophien/chophien)"
}

// openReader makes what reads market prices, once: what it knows of a host's
// rules and budget must not be forgotten in between.
func (a *app) openReader() (*market.Reader, error) {
	if a.reader == nil {
		guest, err := market.NewGuest(market.Settings{Agent: agent(), Loopback: a.AllowLoopback, Clock: a.clock})
		if err != nil {
			return nil, err
		}
		a.reader = market.NewReader(guest)
	}
	return a.reader, nil
}

// setSources gives the sources and the rules of alerts of a configuration to the
// engine.
func (a *app) setSources(engine *scheduler.Engine, config *connectors.Config) error {
	reader, err := a.openReader()
	if err != nil {
		return err
	}
	engine.SetSources(config.Sources, reader)
	engine.SetAlerts(config.Alerts, a.teller(config.Alerts))
	return nil
}
