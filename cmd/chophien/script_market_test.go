package main

import (
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/cmd/chophien/sample"
	"github.com/chophien/chophien/connectors/shopee/shopeetest"
	"github.com/chophien/chophien/connectors/simulator"
)

// scriptMarkets are the simulated marketplaces of the scripts, by the script's
// folder and the channel.
var scriptMarkets sync.Map

// scriptCommands are what scripts can do beside running programs:
//
//	market PLATFORM CHANNEL [mapped]
//	                            starts a simulated shop, adds it to connectors.yaml, mapped
//	                            with its categories, and writes CHANNEL.answer, what the
//	                            seller's browser brings back, jar.png and cut.png, which is cut off
//	vanish CHANNEL CATEGORY     takes a category out of the platform's tree
//	requests CHANNEL PATH N     requires N calls to a path since the last time
//	buy CHANNEL SKU N           has a buyer order; $ORDER is its ID
//	status CHANNEL ORDER STATUS moves an order
//	regret CHANNEL ORDER        has the buyer of an order ask to cancel it
//	pieces CHANNEL SKU N        requires what the platform offers
var scriptCommands = map[string]func(*testscript.TestScript, bool, []string){
	"day":    setDay,
	"expand": expand,
	"append": appendFile,
	"market": func(ts *testscript.TestScript, _ bool, args []string) {
		channel := catalog.ChannelID(args[1])
		s, err := simulators[args[0]](start{n: 1})
		ts.Check(err)
		ts.Defer(s.close)
		scriptMarkets.Store(ts.Getenv("WORK")+" "+args[1], s)
		path := ts.MkAbs("connectors.yaml")
		config, err := os.ReadFile(path)
		ts.Check(err)
		if len(args) == 2 || args[2] != "mapped" {
			s.categories = nil // to be mapped by the script
		}
		ts.Check(os.WriteFile(path, append(config, s.yaml(channel, "", "      currency: VND\n")...), 0o600))
		picture, err := sample.FS.ReadFile("pictures/jar.png")
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("jar.png"), picture, 0o600))
		ts.Check(os.WriteFile(ts.MkAbs("cut.png"), picture[:len(picture)-200], 0o600))
		query := url.Values{}
		if s.grant != nil {
			answer, err := s.grant(demoRedirect)
			ts.Check(err)
			for key, value := range answer {
				query.Set(key, value)
			}
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]+".answer"), []byte(demoRedirect+"?"+query.Encode()+"\n"), 0o600))
	},
	"vanish": func(ts *testscript.TestScript, _ bool, args []string) {
		id, err := strconv.ParseInt(args[1], 10, 64)
		ts.Check(err)
		shop, ok := scriptMarket(ts, args[0]).shop.(*shopeetest.Simulator)
		if !ok {
			ts.Fatalf("vanish works on Shopee only")
		}
		shop.RemoveCategory(id)
	},
	"requests": func(ts *testscript.TestScript, _ bool, args []string) {
		s, n := scriptMarket(ts, args[0]), 0
		for _, r := range s.server.Requests() {
			if strings.Contains(r.Path, args[1]) {
				n++
			}
		}
		s.server.ResetRequests()
		if strconv.Itoa(n) != args[2] {
			ts.Fatalf("%d requests to %s, want %s", n, args[1], args[2])
		}
	},
	"buy": func(ts *testscript.TestScript, _ bool, args []string) {
		n, err := strconv.ParseInt(args[2], 10, 64)
		ts.Check(err)
		id, err := scriptMarket(ts, args[0]).shop.Order(simulator.OrderRequest{Lines: []simulator.OrderLine{{SKU: catalog.SKU(args[1]), Quantity: n}}})
		ts.Check(err)
		ts.Setenv("ORDER", string(id))
	},
	"status": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(scriptMarket(ts, args[0]).shop.SetOrderStatus(catalog.ExternalID(args[1]), catalog.OrderStatus(args[2])))
	},
	"regret": func(ts *testscript.TestScript, _ bool, args []string) {
		shop, ok := scriptMarket(ts, args[0]).shop.(simulator.CancelAsker)
		if !ok {
			ts.Fatalf("buyers on %s do not ask to cancel", args[0])
		}
		ts.Check(shop.AskToCancel(catalog.ExternalID(args[1])))
	},
	"pieces": func(ts *testscript.TestScript, _ bool, args []string) {
		for _, l := range scriptMarket(ts, args[0]).shop.Listings() {
			for _, v := range l.Variants {
				if string(v.SKU) == args[1] && v.Quantity != nil {
					if got := strconv.FormatInt(*v.Quantity, 10); got != args[2] {
						ts.Fatalf("%s offers %s pieces of %s, want %s", args[0], got, args[1], args[2])
					}
					return
				}
			}
		}
		ts.Fatalf("%s does not offer %s", args[0], args[1])
	},
}

func scriptMarket(ts *testscript.TestScript, channel string) simulated {
	s, ok := scriptMarkets.Load(ts.Getenv("WORK") + " " + channel)
	if !ok {
		ts.Fatalf("no simulated shop of channel %s; start it with market", channel)
	}
	return s.(simulated)
}
