package connectortest

import (
	"sync"

	"github.com/chophien/chophien/connectors"
)

func parallelChecks() []check {
	return []check{
		{"one channel serves many goroutines", nil, checkParallelReads},
		{"stock is set from many goroutines at once", []string{"publish", "stock"}, checkParallelStock},
	}
}

// atOnce runs work n times in parallel. Run with -race.
func atOnce(n int, work func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { work(i) })
	}
	all.Wait()
}

func checkParallelReads(b *bench) {
	atOnce(6, func(int) {
		if err := b.check(b.Context()); err != nil {
			b.Errorf("check: %v", err)
		}
		if b.Channel.Listings != nil {
			if _, err := b.listings(); err != nil {
				b.Errorf("listings: %v", err)
			}
		}
		if b.Channel.Orders != nil {
			for _, err := range b.Channel.Orders.Orders(b.Context(), daysAgo(1)) {
				if err != nil {
					b.Errorf("orders: %v", err)
				}
			}
		}
		if b.Channel.Auditor != nil {
			b.Channel.Auditor.Audit(b.offer(0))
		}
	})
}

func checkParallelStock(b *bench) {
	offers := b.simples(8)
	refs := b.publish(offers...)
	outcomes := make([][]connectors.Outcome, len(offers))
	errs := make([]error, len(offers))
	for i := range offers {
		offers[i].Variants[0].Quantity = 200 + int64(i)
	}
	atOnce(len(offers), func(i int) {
		outcomes[i], errs[i] = b.Channel.Stock.UpdateStock(b.Context(), stockChanges(offers[i], refs[i]))
	})
	for i, o := range offers {
		b.counted("update stock", outcomes[i], errs[i], 1)
		b.wantKind("update stock", outcomes[i], done...)
		b.wantThere(o)
	}
}
