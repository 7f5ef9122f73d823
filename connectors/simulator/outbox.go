package simulator

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Outbox holds the webhooks that a simulated platform is to send, and sends
// them when it is told to. Its fields are set before its first use; its methods
// are safe for concurrent use.
type Outbox struct {
	Now     func() time.Time // nil = time.Now
	Timeout time.Duration    // how long an address may take to answer
	// Retries are the pauses before a webhook that was not taken is sent again;
	// after the last of them it is lost.
	Retries []time.Duration
	// Sign puts what proves the sender into a request's header.
	Sign func(header http.Header, body []byte)
	// Tunnel is the loopback address, such as http://127.0.0.1:8080, to which
	// webhooks for other hosts are led, as a tunnel or reverse proxy does; "" =
	// they fail, because only this machine is called.
	Tunnel string
	// Silent wants an answer without a body; one of 200 is wanted always.
	Silent bool

	mu           sync.Mutex
	waiting      []letter
	drop, repeat bool
}

type letter struct {
	address string
	body    []byte
	try     int
	due     time.Time
}

func (o *Outbox) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// QueueHook puts a webhook behind those that wait.
func (o *Outbox) QueueHook(address string, body []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = append(o.waiting, letter{address: address, body: body, due: o.now()})
}

// DropNextHook loses the next webhook, the one that waits longest or the first
// to come.
func (o *Outbox) DropNextHook() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop = true
}

// RepeatNextHook sends the next webhook twice: they come at least once.
func (o *Outbox) RepeatNextHook() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.repeat = true
}

// ReverseHooks turns the order of the webhooks that wait: they come in any.
func (o *Outbox) ReverseHooks() {
	o.mu.Lock()
	defer o.mu.Unlock()
	slices.Reverse(o.waiting)
}

// AdvanceHooks lets time pass for those that wait for their next try.
func (o *Outbox) AdvanceHooks(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range o.waiting {
		o.waiting[i].due = o.waiting[i].due.Add(-d)
	}
}

// DeliverHooks sends the webhooks that are due, in their order, and reports how
// many were taken and how many failed. Only loopback addresses are called,
// others fail.
func (o *Outbox) DeliverHooks() (delivered, failed int) {
	for _, l := range o.take() {
		if o.post(l) {
			delivered++
			continue
		}
		failed++
		if l.try < len(o.Retries) {
			l.due = o.now().Add(o.Retries[l.try])
			l.try++
			o.mu.Lock()
			o.waiting = append(o.waiting, l)
			o.mu.Unlock()
		}
	}
	return delivered, failed
}

// take removes what is due.
func (o *Outbox) take() (due []letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	var later []letter
	for _, l := range o.waiting {
		switch {
		case l.due.After(now):
			later = append(later, l)
		case o.drop:
			o.drop = false
		case o.repeat:
			o.repeat = false
			due = append(due, l, l)
		default:
			due = append(due, l)
		}
	}
	o.waiting = later
	return due
}

func (o *Outbox) post(l letter) bool {
	u, err := url.Parse(l.address)
	if err == nil && o.Tunnel != "" && net.ParseIP(u.Hostname()) == nil {
		l.address = o.Tunnel + u.RequestURI()
		u, err = url.Parse(l.address)
	}
	if err != nil || u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback() {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.address, bytes.NewReader(l.body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	if o.Sign != nil {
		o.Sign(request.Header, l.body)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	return err == nil && answer.StatusCode == http.StatusOK && (!o.Silent || len(body) == 0)
}
