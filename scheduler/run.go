package scheduler

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/chophien/chophien/catalog"
)

// counter adds to one of a run's counts.
type counter func(name string, n int64)

// run executes a task on a channel and records it: counts, errors in words,
// duration. The channel's account is checked first.
func (e *Engine) run(ctx context.Context, task string, id catalog.ChannelID, do func(*channel, counter) error) (catalog.Run, error) {
	started := e.now()
	run := catalog.Run{ID: runID(started, task, id), Task: task, Channel: id, StartedAt: started, Counts: map[string]int64{}}
	c, err := e.channel(id)
	if err != nil {
		return run, err
	}
	calls := c.calls()
	err = e.ready(ctx, c)
	if err == nil {
		err = do(c, func(name string, n int64) { run.Counts[name] += n })
		err = e.noteRun(ctx, c, err)
	}
	run.Counts["calls"] = c.calls() - calls
	run.FinishedAt = e.now()
	if err != nil {
		err = fmt.Errorf("%s: %w", task, err)
		run.Errors = append(run.Errors, IssueOf(err))
		e.options.Logger.WarnContext(ctx, "run failed", "task", task, "channel", id, "run", run.ID, "error", err)
	} else {
		e.options.Logger.InfoContext(ctx, "run", "task", task, "channel", id, "run", run.ID, "counts", run.Counts)
	}
	if e.options.OnRun != nil {
		e.options.OnRun(run)
	}
	// A run that was interrupted is recorded as well.
	save := catalog.Save(context.WithoutCancel(ctx), e.store, catalog.KindRun, run.ID, 0, run)
	return run, errors.Join(err, save)
}

// calls counts the requests sent so far; 0 for a connector without a client.
func (c *channel) calls() int64 {
	if c.Client == nil {
		return 0
	}
	return c.Client.Calls()
}

func (e *Engine) noteRun(ctx context.Context, c *channel, err error) error {
	if err == nil {
		return nil
	}
	return e.note(ctx, c, err)
}

// runID sorts runs by time; the random part keeps runs of one moment apart.
func runID(at time.Time, task string, id catalog.ChannelID) string {
	return fmt.Sprintf("%s-%s-%s-%04x", at.UTC().Format("20060102T150405.000"), task, id, rand.N(1<<16))
}
