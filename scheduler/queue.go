package scheduler

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chophien/chophien/catalog"
)

// Job is one task on one channel. At most one of each is pending or running at
// a time, over all instances that share a queue.
type Job struct {
	Task    string // one of Tasks, or watch
	Channel catalog.ChannelID
}

// The tasks.
const (
	TaskOrders  = "orders"
	TaskPublish = "publish"
	TaskObserve = "observe"
	// TaskCategories reads the platform's categories.
	TaskCategories = "categories"
	// TaskWatch reads the sources of market prices, all in one job.
	TaskWatch = "watch"
)

// Tasks lists them in the order in which they are caught up after a start.
var Tasks = []string{TaskOrders, TaskPublish, TaskObserve, TaskCategories}

func (j Job) subject() string { return "jobs." + j.Task + "." + string(j.Channel) }

func jobOf(subject string) (Job, bool) {
	parts := strings.Split(subject, ".")
	if len(parts) != 3 || parts[0] != "jobs" {
		return Job{}, false
	}
	return Job{Task: parts[1], Channel: catalog.ChannelID(parts[2])}, true
}

// The queue's times. A worker that dies is found out after ackWait at the
// latest, and its job goes to another; a worker that lives says so every
// heartbeat, and stops its job when it could not for longer than giveUp, which
// is before anybody else may get it.
const (
	ackWait   = 30 * time.Second
	heartbeat = 5 * time.Second
	giveUp    = 20 * time.Second
)

// Queue keeps the jobs: a JetStream work queue that holds at most one message
// per job and refuses another until the first is done.
type Queue struct {
	conn     *nats.Conn
	embedded *server.Server
	folder   string // of the embedded server, removed at the end
	stream   jetstream.JetStream
	consumer jetstream.Consumer
}

const (
	streamName   = "CHOPHIEN_JOBS"
	consumerName = "workers"
)

// OpenQueue connects to the NATS server at url or, when url is "", starts one
// inside this process that listens on no port and forgets its jobs at the end:
// what is due follows from the store, not from the queue.
func OpenQueue(ctx context.Context, url string) (*Queue, error) {
	q := &Queue{}
	options := []nats.Option{nats.Name("chophien"), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(false)}
	if url == "" {
		if err := q.embed(); err != nil {
			return nil, err
		}
		options = append(options, nats.InProcessServer(q.embedded))
	}
	var err error
	if q.conn, err = nats.Connect(url, options...); err != nil {
		q.Close()
		return nil, fmt.Errorf("connect to NATS: %w; check CHOPHIEN_NATS_URL, or leave it out to run without a NATS server", redactURL(err, url))
	}
	if err := q.declare(ctx, url == ""); err != nil {
		q.Close()
		return nil, err
	}
	return q, nil
}

// redactURL keeps a password in the address out of the error.
func redactURL(err error, url string) error {
	if url == "" || !strings.Contains(err.Error(), url) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), url, "the server"))
}

func (q *Queue) embed() error {
	// JetStream wants a folder even for streams in memory; two servers must
	// not share one.
	folder, err := os.MkdirTemp("", "chophien-jobs-")
	if err != nil {
		return fmt.Errorf("start the embedded NATS server: %w", err)
	}
	q.folder = folder
	options := &server.Options{ServerName: "chophien", DontListen: true, JetStream: true, StoreDir: folder, NoLog: true, NoSigs: true, JetStreamMaxMemory: 16 << 20, JetStreamMaxStore: 16 << 20}
	embedded, err := server.NewServer(options)
	if err != nil {
		return fmt.Errorf("start the embedded NATS server: %w", err)
	}
	q.embedded = embedded
	go embedded.Start()
	if !embedded.ReadyForConnections(10 * time.Second) {
		return errors.New("start the embedded NATS server: it is not ready after 10 s")
	}
	return nil
}

func (q *Queue) declare(ctx context.Context, memory bool) error {
	stream, err := jetstream.New(q.conn)
	if err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	q.stream = stream
	storage := jetstream.FileStorage
	if memory {
		storage = jetstream.MemoryStorage
	}
	_, err = stream.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{"jobs.*.*"}, Retention: jetstream.WorkQueuePolicy, Storage: storage,
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true, Duplicates: 2 * time.Minute,
	})
	if err != nil {
		return fmt.Errorf("declare the job stream: %w; the NATS server needs JetStream (-js)", err)
	}
	q.consumer, err = stream.CreateOrUpdateConsumer(ctx, streamName, jetstream.ConsumerConfig{
		Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxAckPending: 10000,
	})
	if err != nil {
		return fmt.Errorf("declare the job consumer: %w", err)
	}
	return nil
}

// Put asks for a job. It returns false when the same job is pending or running,
// or when a job with this token was asked for in the last two minutes; two
// instances that tick at the same moment use the same token. "" = no token.
func (q *Queue) Put(ctx context.Context, job Job, token string) (bool, error) {
	var options []jetstream.PublishOpt
	if token != "" {
		options = append(options, jetstream.WithMsgID(job.subject()+"/"+token))
	}
	ack, err := q.stream.Publish(ctx, job.subject(), nil, options...)
	var api *jetstream.APIError
	switch {
	case err == nil:
		return !ack.Duplicate, nil
	case errors.As(err, &api) && api.ErrorCode == errMaxPerSubject:
		return false, nil
	}
	return false, fmt.Errorf("ask for job %s: %w", job.subject(), err)
}

// errMaxPerSubject is the JetStream code of a publish that DiscardNewPerSubject
// refused (nats-server 2.15, JSStreamStoreFailedF; read 2026-11-23).
const errMaxPerSubject jetstream.ErrorCode = 10077

// Ready tells whether the queue can be reached.
func (q *Queue) Ready() error {
	if q.conn == nil || !q.conn.IsConnected() {
		return errors.New("no connection to NATS")
	}
	return nil
}

// Close leaves the queue; jobs that run are given to others after a while.
func (q *Queue) Close() {
	if q.conn != nil {
		q.conn.Close()
	}
	if q.embedded != nil {
		q.embedded.Shutdown()
		q.embedded.WaitForShutdown()
	}
	if q.folder != "" {
		_ = os.RemoveAll(q.folder) // an empty folder in the system's temporary one
	}
}
