package connectortest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func failureChecks() []check {
	return []check{
		{"a server error is tried again, a refusal is not", nil, checkRetry},
		{"a short rate limit is waited for or given back", nil, checkShortLimit},
		{"a long rate limit is given back with its time", nil, checkLongLimit},
		{"a limited stock write is not carried out and says until when", []string{"publish", "stock"}, checkLimitedStock},
		{"an answer that is no data is an error naming the call", nil, checkNoData},
		{"a redirect to another host is not followed", nil, checkRedirect},
		{"a canceled check returns at once", nil, checkCancel},
		{"a canceled read ends at once", []string{"orders"}, checkCancelOrders},
		{"a write canceled on its way is unknown", []string{"publish", "stock"}, checkCancelStock},
	}
}

// Check is what every connector has, so it stands for all reads.
func (b *bench) check(ctx context.Context) error {
	_, err := b.Channel.Connector.Check(ctx)
	return err
}

func checkRetry(b *bench) {
	b.Server.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: http.StatusInternalServerError})
	if err := b.check(b.Context()); err != nil {
		b.Errorf("check with one 500: %v", err)
	}
	b.wantFaultUsed()

	b.Server.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: http.StatusInternalServerError, Times: -1})
	if err := b.check(b.Context()); connectors.KindOf(err) != connectors.Transient {
		b.Errorf("check with nothing but 500: got %q (%v), want transient", connectors.KindOf(err), err)
	}
	b.Server.ResetFaults()

	b.Server.ResetRequests()
	b.Server.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: http.StatusBadRequest, Times: -1})
	err := b.check(b.Context())
	if kind := connectors.KindOf(err); err == nil || kind == connectors.Transient || kind == connectors.RateLimited {
		b.Errorf("check with a 400: got %q (%v), want a refusal", kind, err)
	}
	if n := len(b.Server.Requests()); n != 1 {
		b.Errorf("check with a 400: %d requests, want 1", n)
	}
}

func checkShortLimit(b *bench) {
	b.Server.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Second})
	if err := b.check(b.Context()); err != nil {
		b.wantLimited("check", err, time.Second)
	}
	b.wantFaultUsed()
}

func checkLongLimit(b *bench) {
	b.Server.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Hour, Times: -1})
	b.wantLimited("check", b.check(b.Context()), time.Hour)
}

func (b *bench) wantLimited(doing string, err error, after time.Duration) {
	b.Helper()
	var e *connectors.Error
	if !asError(err, &e) || e.Kind != connectors.RateLimited || e.RetryAfter < after {
		b.Errorf("%s: got %q (%v), want rate limited with a time of %s", doing, connectors.KindOf(err), err, after)
	}
}

func checkLimitedStock(b *bench) {
	offer := b.simple(0)
	ref := b.publish(offer)[0]
	changed := offer
	changed.Variants = append(changed.Variants[:0:0], offer.Variants...)
	changed.Variants[0].Quantity += 5
	b.Server.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Hour, Times: -1})
	outcomes, err := b.Channel.Stock.UpdateStock(b.Context(), stockChanges(changed, ref))
	if err != nil {
		b.wantLimited("update stock", err, time.Hour)
	} else {
		b.counted("update stock", outcomes, err, 1)
		if o := outcomes[0]; o.Kind != connectors.Deferred || time.Until(o.Until) < 30*time.Minute {
			b.Errorf("update stock: got %s until %s, want deferred by an hour", show(o), o.Until)
		}
	}
	b.wantThere(offer)
}

func checkNoData(b *bench) {
	for _, kind := range []simulator.FaultKind{simulator.FaultTruncate, simulator.FaultGarbage, simulator.FaultPrefix} {
		b.Server.Inject(simulator.Fault{Kind: kind, Times: -1})
		err := b.check(b.Context())
		b.Server.ResetFaults()
		var e *connectors.Error
		if !asError(err, &e) || e.Op == "" || !strings.Contains(err.Error(), e.Op) {
			b.Errorf("check, %s: got %q (%v), want an error that names the call", kind, connectors.KindOf(err), err)
		}
	}
	if err := b.check(b.Context()); err != nil {
		b.Errorf("check after the faults: %v", err)
	}
}

// The key must not travel to wherever a broken or bought-up domain points.
func checkRedirect(b *bench) {
	var reached atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	b.Cleanup(other.Close)
	b.Server.Inject(simulator.Fault{Kind: simulator.FaultRedirect, Target: other.URL + "/", Times: -1})
	err := b.check(b.Context())
	if reached.Load() > 0 {
		b.Errorf("the other host was called")
	}
	host, _ := url.Parse(other.URL)
	if err == nil || !strings.Contains(err.Error(), host.Host) {
		b.Errorf("got %v, want an error that names %s", err, host.Host)
	}
}

// watchdog is how long a canceled call may take before it counts as hanging.
const watchdog = 10 * time.Second

// canceledOnTheWay runs call, cancels its context once a request that matches
// has reached the platform, holds the answer back, and requires that call
// returns all the same.
func (b *bench) canceledOnTheWay(m Match, call func(context.Context)) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	release := make(chan struct{})
	b.inject(m, simulator.Fault{Kind: simulator.FaultEdit, Times: -1, Edit: func(answer []byte) []byte {
		cancel()
		<-release
		return answer
	}})
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		call(ctx)
	}()
	select {
	case <-returned:
	case <-time.After(watchdog):
		b.Errorf("did not return although its context was canceled")
	}
	close(release)
	<-returned
	b.Server.ResetFaults()
}

func checkCancel(b *bench) {
	b.canceledOnTheWay(Match{}, func(ctx context.Context) {
		if err := b.check(ctx); connectors.KindOf(err) != connectors.Canceled {
			b.Errorf("check: got %q (%v), want canceled", connectors.KindOf(err), err)
		}
	})
}

func checkCancelOrders(b *bench) {
	b.canceledOnTheWay(b.h.OrdersCall, func(ctx context.Context) {
		var last error
		for _, err := range b.Channel.Orders.Orders(ctx, daysAgo(1)) {
			last = err
		}
		if connectors.KindOf(last) != connectors.Canceled {
			b.Errorf("orders: got %q (%v), want canceled", connectors.KindOf(last), last)
		}
	})
}

func checkCancelStock(b *bench) {
	offer := b.simple(0)
	ref := b.publish(offer)[0]
	offer.Variants[0].Quantity += 5
	b.canceledOnTheWay(b.h.StockCall, func(ctx context.Context) {
		outcomes, err := b.Channel.Stock.UpdateStock(ctx, stockChanges(offer, ref))
		if err != nil {
			b.Errorf("update stock: got error %q, which means that nothing was sent", err)
			return
		}
		b.wantKind("update stock", outcomes, connectors.Unknown)
	})
	b.wantThere(offer)
}
