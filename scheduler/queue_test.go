package scheduler

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

func openTestQueue(t *testing.T) *Queue {
	t.Helper()
	q, err := OpenQueue(t.Context(), "")
	must(t, err)
	t.Cleanup(q.Close)
	return q
}

func put(t *testing.T, q *Queue, job Job, token string) bool {
	t.Helper()
	taken, err := q.Put(t.Context(), job, token)
	must(t, err)
	return taken
}

func TestOneJobPerChannelAndTask(t *testing.T) {
	t.Parallel()
	q := openTestQueue(t)
	orders, publish := Job{TaskOrders, "web"}, Job{TaskPublish, "web"}
	if !put(t, q, orders, "") || !put(t, q, publish, "") || !put(t, q, Job{TaskOrders, "market"}, "") {
		t.Fatal("different jobs keep each other out")
	}
	if put(t, q, orders, "") {
		t.Error("a pending job was asked for twice")
	}
	// Also while it runs: taken, but not acknowledged.
	message, err := q.consumer.Next()
	must(t, err)
	job, ok := jobOf(message.Subject())
	if !ok {
		t.Fatalf("subject %q is no job", message.Subject())
	}
	if put(t, q, job, "") {
		t.Error("a running job was asked for again")
	}
	must(t, message.DoubleAck(t.Context()))
	if !put(t, q, job, "") {
		t.Error("a finished job is refused")
	}
}

func TestTwoInstancesTickOnce(t *testing.T) {
	t.Parallel()
	q := openTestQueue(t)
	job := Job{TaskObserve, "web"}
	if !put(t, q, job, "2026-11-23T08:00:00Z") {
		t.Fatal("refused")
	}
	message, err := q.consumer.Next()
	must(t, err)
	must(t, message.DoubleAck(t.Context()))
	if put(t, q, job, "2026-11-23T08:00:00Z") {
		t.Error("the other instance's tick of the same minute runs the job again")
	}
	if !put(t, q, job, "2026-11-23T08:01:00Z") {
		t.Error("the next minute's tick is refused")
	}
}

func TestJobsRunAndStopGracefully(t *testing.T) {
	t.Parallel()
	config := connectors.ChannelConfig{ID: "web", AutoApply: true, Schedule: connectors.Schedule{Orders: "0 3 * * *", Publish: "0 3 * * *"}}
	b := newBench(t, config)
	b.products(3, 10)
	q := openTestQueue(t)
	done := make(chan catalog.Run, 10)
	b.engine.options.OnRun = func(r catalog.Run) { done <- r }
	b.engine.options.Now = time.Now
	jobs, err := NewJobs(b.engine, q, slog.New(slog.DiscardHandler))
	must(t, err)
	must(t, jobs.Tick(t.Context())) // nothing ever ran: everything is due
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	working.Go(func() {
		if err := jobs.Work(ctx, 4); err != nil {
			t.Errorf("work: %v", err)
		}
	})
	for published := false; !published; {
		r := <-done
		published = r.Task == TaskPublish && len(r.Errors) == 0
	}
	stop()
	working.Wait()
	if n := len(b.shops["web"].listings); n != 3 {
		t.Errorf("the shop has %d listings, want 3", n)
	}
	// A restart within the schedule finds nothing due.
	must(t, jobs.Tick(t.Context()))
	defer jobs.stopTicking()
	if _, err := q.consumer.FetchNoWait(1); err != nil {
		t.Fatal(err)
	}
	state, err := b.engine.State(t.Context(), "web")
	must(t, err)
	if state.LastRuns[TaskPublish].IsZero() {
		t.Error("the run is not remembered")
	}
}

func TestScheduleIsReadInVietnamWithAnOffset(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation(Zone)
	must(t, err)
	specs := schedules(connectors.ChannelConfig{ID: "web", Schedule: connectors.Schedule{Observe: "0 3 * * *"}}, zone)
	if len(specs) != 1 {
		t.Fatalf("%d schedules, want 1", len(specs))
	}
	// 03:00 in Vietnam is 20:00 UTC of the day before.
	got := specs[0].schedule.Next(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)).UTC()
	want := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC).Add(offsetOf("web"))
	if !got.Equal(want) {
		t.Errorf("next run %s, want %s", got, want)
	}
	if offsetOf("web") == offsetOf("market") && offsetOf("web") == offsetOf("shop") {
		t.Error("all channels have the same offset")
	}
}
