package scheduler

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/robfig/cron/v3"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Zone is where schedules are read and times are shown.
const Zone = "Asia/Ho_Chi_Minh"

// ValidateCron checks a schedule of connectors.yaml: five fields, or a
// descriptor such as @hourly.
func ValidateCron(spec string) error {
	_, err := cron.ParseStandard(spec)
	return err
}

// Jobs ticks by the channels' schedules and works jobs off the queue. Cron only
// ticks: whether a job runs is decided by the queue, what it does by the store.
type Jobs struct {
	engine *Engine
	queue  *Queue
	logger *slog.Logger
	zone   *time.Location

	mu   sync.Mutex
	cron *cron.Cron
}

// NewJobs makes jobs for the engine's channels.
func NewJobs(engine *Engine, queue *Queue, logger *slog.Logger) (*Jobs, error) {
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return nil, fmt.Errorf("load time zone %s: %w", Zone, err)
	}
	return &Jobs{engine: engine, queue: queue, logger: logger, zone: zone}, nil
}

// watchJob reads the sources of market prices that are due.
var watchJob = Job{Task: TaskWatch, Channel: "sources"}

// spec is one schedule of one channel.
type spec struct {
	job      Job
	schedule cron.Schedule
}

// offset shifts a schedule by seconds that follow from the channel, so that
// not all channels start at the full minute.
type offset struct {
	cron.Schedule
	by time.Duration
}

// Next returns the next time after t.
func (o offset) Next(t time.Time) time.Time { return o.Schedule.Next(t.Add(-o.by)).Add(o.by) }

func offsetOf(id catalog.ChannelID) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(id))
	return time.Duration(h.Sum32()%50) * time.Second
}

// schedules lists what a channel's configuration asks for.
func schedules(config connectors.ChannelConfig, zone *time.Location) []spec {
	var specs []spec
	for task, text := range map[string]string{TaskOrders: config.Schedule.Orders, TaskPublish: config.Schedule.Publish, TaskObserve: config.Schedule.Observe, TaskCategories: config.Schedule.Categories} {
		if text == "" || config.Paused || task == TaskPublish && !config.AutoApply {
			continue
		}
		parsed, err := cron.ParseStandard(text)
		if err != nil {
			continue // ValidateCron refused it when the file was read
		}
		if s, ok := parsed.(*cron.SpecSchedule); ok && s.Location == time.Local {
			s.Location = zone
		}
		specs = append(specs, spec{Job{task, config.ID}, offset{parsed, offsetOf(config.ID)}})
	}
	return specs
}

// Tick starts ticking by the schedules of the engine's channels as they are
// now, in place of those before; call it again after a reload. What became due
// while nobody ticked is asked for at once, once.
func (j *Jobs) Tick(ctx context.Context) error {
	ticker := cron.New(cron.WithLocation(j.zone), cron.WithChain(cron.Recover(cron.DiscardLogger)))
	now := j.engine.now()
	for _, id := range j.engine.Channels() {
		c, err := j.engine.Channel(id)
		if err != nil {
			continue // removed meanwhile
		}
		state, err := j.engine.State(ctx, id)
		if err != nil {
			return err
		}
		for _, s := range schedules(c.Config, j.zone) {
			last := state.LastRuns[s.job.Task]
			if last.IsZero() || !s.schedule.Next(last).After(now) {
				j.ask(ctx, s.job, "")
			}
			ticker.Schedule(s.schedule, cron.FuncJob(func() {
				at := j.engine.now().Truncate(time.Second)
				j.ask(ctx, s.job, at.Format(time.RFC3339))
			}))
		}
	}
	if len(j.engine.Sources()) > 0 {
		// Which source is due is in the store: the tick only has somebody look.
		j.ask(ctx, watchJob, "")
		ticker.Schedule(cron.Every(time.Minute), cron.FuncJob(func() { j.ask(ctx, watchJob, "") }))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.cron != nil {
		j.cron.Stop()
	}
	j.cron = ticker
	ticker.Start()
	return nil
}

// Ask asks for a job now, for example because a webhook hinted at it.
func (j *Jobs) Ask(ctx context.Context, job Job) { j.ask(ctx, job, "") }

func (j *Jobs) ask(ctx context.Context, job Job, token string) {
	if _, err := j.queue.Put(ctx, job, token); err != nil && ctx.Err() == nil {
		j.logger.WarnContext(ctx, "job not asked for; the next tick asks again", "task", job.Task, "channel", job.Channel, "error", err)
	}
}

// Work takes jobs off the queue, at most parallel at once, until ctx ends; then
// it stops taking, lets the running jobs end their current call, and returns
// when all have. A job's context ends with ctx, or when this worker could not
// reach the queue for so long that the job may be given to another.
func (j *Jobs) Work(ctx context.Context, parallel int) error {
	var running sync.WaitGroup
	defer running.Wait()
	defer j.stopTicking()
	slots := make(chan struct{}, parallel)
	messages, err := j.queue.consumer.Messages(jetstream.PullMaxMessages(1))
	if err != nil {
		return fmt.Errorf("take jobs: %w", err)
	}
	defer messages.Stop()
	stop := context.AfterFunc(ctx, messages.Stop)
	defer stop()
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		message, err := messages.Next()
		if err != nil {
			<-slots
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("take jobs: %w", err)
		}
		release := sync.OnceFunc(func() { <-slots })
		if job, ok := jobOf(message.Subject()); ok && job == watchJob {
			// There is one, and it mostly waits for the gaps that hosts want: it
			// takes no place from the channels.
			release()
		}
		running.Add(1)
		go func() {
			defer running.Done()
			defer release()
			j.work(ctx, message)
		}()
	}
}

func (j *Jobs) stopTicking() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.cron != nil {
		<-j.cron.Stop().Done()
	}
}

// work runs one job and ends its message: done, or not done and free for the
// next tick. Errors are in the run; a failed job is not repeated at once, the
// schedule does that.
func (j *Jobs) work(ctx context.Context, message jetstream.Msg) {
	job, ok := jobOf(message.Subject())
	if !ok {
		_ = message.Term() // a stranger's message; nothing to do about a failure
		return
	}
	jobCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		j.beat(jobCtx, cancel, message)
	}()
	j.logger.DebugContext(ctx, "job begun", "task", job.Task, "channel", job.Channel)
	j.run(jobCtx, job)
	j.logger.DebugContext(ctx, "job ended", "task", job.Task, "channel", job.Channel)
	cancel()
	<-beating
	// Acknowledged even when ctx ended: the job is over, its run recorded.
	ackCtx, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer done()
	if err := message.DoubleAck(ackCtx); err != nil {
		j.logger.WarnContext(ctx, "job not acknowledged; it may run again", "task", job.Task, "channel", job.Channel, "error", err)
	}
}

// beat tells the queue that the job is alive, and ends the job when it cannot.
func (j *Jobs) beat(ctx context.Context, cancel context.CancelFunc, message jetstream.Msg) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	alive := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := message.InProgress()
		if err == nil {
			err = j.queue.conn.FlushTimeout(heartbeat)
		}
		if err == nil {
			alive = time.Now()
		} else if time.Since(alive) > giveUp-heartbeat {
			j.logger.WarnContext(ctx, "job given up: the queue cannot be reached", "error", err)
			cancel()
			return
		}
	}
}

// run does what the job says. What follows from it is asked for: stock that
// orders moved is published everywhere.
func (j *Jobs) run(ctx context.Context, job Job) {
	if job == watchJob {
		if _, _, err := j.engine.Watch(ctx, WatchOptions{}); err != nil && ctx.Err() == nil {
			j.logger.WarnContext(ctx, "watching prices failed; the next tick tries again", "error", err)
		}
		return
	}
	started := j.engine.now()
	if _, err := j.engine.setState(ctx, job.Channel, func(s *ChannelState) {
		if s.LastRuns == nil {
			s.LastRuns = map[string]time.Time{}
		}
		s.LastRuns[job.Task] = started
	}); err != nil {
		j.logger.WarnContext(ctx, "job not started", "task", job.Task, "channel", job.Channel, "error", err)
		return
	}
	// Errors are recorded in the runs and logged there.
	switch job.Task {
	case TaskOrders:
		if run, err := j.engine.PullOrders(ctx, job.Channel); err == nil && run.Counts["booked"] > 0 {
			j.publishAll(ctx)
		}
	case TaskPublish:
		_, _ = j.engine.Publish(ctx, job.Channel, PublishOptions{})
	case TaskObserve:
		if run, err := j.engine.Observe(ctx, job.Channel); err == nil && run.Counts["actions"] > 0 {
			j.publish(ctx, job.Channel)
		}
	case TaskCategories:
		if c, err := j.engine.Channel(job.Channel); err == nil && c.Categories != nil {
			_, _ = j.engine.PullCategories(ctx, job.Channel, treeRest)
		}
	default:
		j.logger.WarnContext(ctx, "unknown task", "task", job.Task, "channel", job.Channel)
	}
}

func (j *Jobs) publishAll(ctx context.Context) {
	for _, id := range j.engine.Channels() {
		j.publish(ctx, id)
	}
}

func (j *Jobs) publish(ctx context.Context, id catalog.ChannelID) {
	if c, err := j.engine.Channel(id); err == nil && c.Config.AutoApply {
		j.ask(ctx, Job{TaskPublish, id}, "")
	}
}
