package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
	"github.com/chophien/chophien/web"
)

type serveCmd struct {
	Addr      string        `help:"Địa chỉ lắng nghe. / Address to listen on." default:"127.0.0.1:8080" env:"CHOPHIEN_ADDR"`
	PublicURL string        `name:"public-url" help:"Địa chỉ mà các sàn thấy dịch vụ này, để lấy ảnh và gửi webhook. / Where platforms reach this service for pictures and webhooks." env:"CHOPHIEN_PUBLIC_URL"`
	Workers   int           `help:"Số việc chạy cùng lúc. / Jobs that run at once." default:"8"`
	Grace     time.Duration `help:"Thời gian chờ khi dừng. / How long to wait for running jobs when stopping." default:"30s"`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, a *app) error {
	metrics := web.NewMetrics()
	a.onCall, a.onRun, a.onAccess, a.publicURL = metrics.Call, metrics.Run, metrics.Access, c.PublicURL
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return withCode(exitConfig, fmt.Errorf("listen on %s: %w; choose another address with --addr", c.Addr, err))
	}
	defer listener.Close()
	a.serving = true
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	queue, err := scheduler.OpenQueue(ctx, a.NATS)
	if err != nil {
		return withCode(exitConfig, err)
	}
	defer queue.Close()
	jobs, err := scheduler.NewJobs(engine, queue, a.logger())
	if err != nil {
		return err
	}
	pictures, err := a.pictures()
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: web.Handler(web.Options{
		Engine: engine, Sealer: a.sealer, Media: pictures, Logger: a.logger(), PublicURL: c.PublicURL, Metrics: metrics.Handler(),
		Ready: func(ctx context.Context) error {
			_, err := a.store.Records(ctx, catalog.RecordQuery{Kind: catalog.KindChannel, Limit: 1})
			return errors.Join(err, queue.Ready())
		},
		Hint: func(ctx context.Context, id catalog.ChannelID, hint connectors.Hint) {
			if hint.Orders {
				jobs.Ask(ctx, scheduler.Job{Task: scheduler.TaskOrders, Channel: id})
			}
			if hint.Listings {
				jobs.Ask(ctx, scheduler.Job{Task: scheduler.TaskObserve, Channel: id})
			}
		},
	})}
	// What serves and what works end together: whichever fails stops the rest.
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var tasks sync.WaitGroup
	start := func(run func() error) {
		tasks.Go(func() {
			if err := run(); err != nil {
				stop(err)
			}
		})
	}
	start(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	if err := jobs.Tick(ctx); err != nil {
		return err
	}
	start(func() error { return jobs.Work(ctx, c.Workers) })
	start(func() error { return c.watch(ctx, a, engine, jobs) })
	start(func() error { jobs.Clean(ctx); return nil })
	start(func() error { jobs.WatchAccess(ctx); return nil })
	if c.PublicURL != "" {
		told := map[catalog.ChannelID]string{}
		start(func() error { return every(ctx, time.Hour, func() { a.ensureHooks(ctx, engine, told) }) })
	}
	fmt.Fprintf(a.stderr, "chophien: http://%s\n", listener.Addr())

	<-ctx.Done()
	a.sayErr("Đang dừng, chờ các việc đang chạy …", "Stopping; waiting for running jobs …")
	graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Grace)
	defer cancel()
	if err := server.Shutdown(graceful); err != nil {
		server.Close()
	}
	done := make(chan struct{})
	go func() { tasks.Wait(); close(done) }()
	select {
	case <-done:
	case <-graceful.Done():
		a.sayErr("Hết thời gian chờ; việc dở dang sẽ được làm lại lần sau.", "Time is up; what was interrupted is taken up again next time.")
	}
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// watch takes a changed connectors.yaml without a restart. A bad file keeps
// the channels as they are.
func (c *serveCmd) watch(ctx context.Context, a *app, engine *scheduler.Engine, jobs *scheduler.Jobs) error {
	registry, err := newRegistry()
	if err != nil {
		return err
	}
	complain := func(err error) {
		a.logger().ErrorContext(ctx, "connectors.yaml not taken; the channels stay as they were", "error", err)
	}
	known := configHash(a.config)
	connectors.Watch(ctx, a.Config, registry, func(config *connectors.Config) {
		if configHash(config) == known {
			return
		}
		if err := errors.Join(a.setChannels(engine, registry, config), a.setSources(engine, config)); err != nil {
			complain(err)
			return
		}
		if err := jobs.Tick(ctx); err != nil {
			complain(err)
			return
		}
		known = configHash(config)
		a.logger().WarnContext(ctx, "connectors.yaml taken", "channels", len(config.Channels), "sources", len(config.Sources))
	}, complain)
	return nil
}

// configHash identifies all channels, sources and alerts of a configuration.
func configHash(config *connectors.Config) string {
	var b strings.Builder
	for _, c := range config.Channels {
		b.WriteString(c.Hash + "\n")
	}
	for _, s := range config.Sources {
		b.WriteString(s.Hash + "\n")
	}
	fmt.Fprintf(&b, "%+v", config.Alerts)
	return b.String()
}

// sayErr prints one line for people beside the output.
func (a *app) sayErr(vi, en string) { fmt.Fprintln(a.stderr, "chophien: "+a.t(vi, en)) }
