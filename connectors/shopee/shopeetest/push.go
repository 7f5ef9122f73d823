package shopeetest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// pushState is the push configuration of the app and what waits to be sent.
type pushState struct {
	callback string
	on       []int
	blocked  []int64
	waiting  []delivery
	lost     []delivery
	lastID   int64
	drop     bool
	repeat   bool
	reorder  bool
	results  []pushResult // of the last hours
	off      bool         // switched off by the platform
}

// pushResult is what became of one try.
type pushResult struct {
	at    time.Time
	taken bool
}

// The states of an app's pushes. Of more than 600 in six hours, below 70 %
// taken is a warning, below 30 % switches them off.
const (
	pushNormal    = "Normal"
	pushWarning   = "Warning"
	pushSuspended = "Suspended"

	pushSpan  = 6 * time.Hour
	pushCount = 600
)

// pushStatus judges by the tries of the last hours.
func (s *Simulator) pushStatus() string {
	first := s.now().Add(-pushSpan)
	s.push.results = slices.DeleteFunc(s.push.results, func(r pushResult) bool { return r.at.Before(first) })
	taken := 0
	for _, r := range s.push.results {
		if r.taken {
			taken++
		}
	}
	switch n := len(s.push.results); {
	case s.push.off, n > pushCount && taken*10 < n*3:
		s.push.off = true // until the address is set again
		return pushSuspended
	case n > pushCount && taken*10 < n*7:
		return pushWarning
	}
	return pushNormal
}

// delivery is one push.
type delivery struct {
	id   int64
	code int
	body []byte
	data any
	at   int64
	try  int
	due  time.Time
}

// retries are the pauses before a failed push is sent again; after the last
// one it is lost.
var retries = []time.Duration{300 * time.Second, 1800 * time.Second, 10800 * time.Second}

// pushCodes are the kinds that can be switched on and off.
var pushCodes = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 22, 23, 24, 25, 27, 28, 29, 30, 47}

// emit queues a push of the shop, if the app wants its kind.
func (s *Simulator) emit(code int, data object) {
	if s.push.callback == "" || s.push.off || !slices.Contains(s.push.on, code) || slices.Contains(s.push.blocked, s.options.ShopID) {
		return
	}
	at := s.seconds()
	body, err := json.Marshal(object{"code": code, "shop_id": s.options.ShopID, "timestamp": at, "data": data})
	if err != nil {
		return
	}
	s.push.lastID++
	s.push.waiting = append(s.push.waiting, delivery{id: s.push.lastID, code: code, body: body, data: data, at: at, due: s.now()})
}

// PushSignature is the Authorization header of a push to an address.
func (s *Simulator) PushSignature(callback string, body []byte) string {
	return sign(s.options.PushKey, callback+"|"+string(body))
}

// DropNextHook makes the platform lose the next push, the one that waits
// longest or the first to come; it is not among the lost messages either.
func (s *Simulator) DropNextHook() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push.drop = true
}

// RepeatHooks makes the platform send every push twice from now on, and
// ReorderHooks the newest first, as both happen.
func (s *Simulator) RepeatHooks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push.repeat = true
}

// ReorderHooks makes the platform send the newest pushes first.
func (s *Simulator) ReorderHooks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push.reorder = true
}

// Ping sends what the platform sends when an address is registered: a body
// without a shop, whose signature is not made with the keys that are known.
// It reports whether the address answered as it should.
func (s *Simulator) Ping() bool {
	s.mu.Lock()
	callback := s.push.callback
	s.mu.Unlock()
	body := []byte(`{"code":0,"data":{"verify_info":"` + secret(16) + `"}}`)
	return post(callback, sign(secret(32), callback+"|"+string(body)), body)
}

// DeliverHooks sends the pushes that are due, oldest first, and reports how
// many were taken and how many failed. Those that failed wait for their next
// try ([Simulator.Advance]). Only loopback addresses are called, others fail.
func (s *Simulator) DeliverHooks() (delivered, failed int) {
	s.mu.Lock()
	callback, now := s.push.callback, s.now()
	var due, later []delivery
	for _, d := range s.push.waiting {
		switch {
		case d.due.After(now):
			later = append(later, d)
		case s.push.drop:
			s.push.drop = false
		default:
			due = append(due, d)
		}
	}
	s.push.waiting = later
	if s.push.reorder {
		slices.Reverse(due)
	}
	repeat := s.push.repeat
	s.mu.Unlock()
	for _, d := range due {
		taken := post(callback, s.PushSignature(callback, d.body), d.body)
		if repeat {
			_ = post(callback, s.PushSignature(callback, d.body), d.body)
		}
		s.mu.Lock()
		s.push.results = append(s.push.results, pushResult{s.now(), taken})
		if taken {
			delivered++
			s.mu.Unlock()
			continue
		}
		failed++
		if d.try < len(retries) {
			d.due = s.now().Add(retries[d.try])
			d.try++
			s.push.waiting = append(s.push.waiting, d)
		} else {
			s.push.lost = append(s.push.lost, d)
		}
		s.mu.Unlock()
	}
	return delivered, failed
}

// post sends a push; only an empty answer of 2xx counts.
func post(address, signature string, body []byte) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", signature)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1))
	return err == nil && answer.StatusCode/100 == 2 && len(text) == 0
}

func (s *Simulator) setPush(r *request) (any, error) {
	var in struct {
		Callback string  `json:"callback_url"`
		On       []int   `json:"set_push_config_on"`
		Off      []int   `json:"set_push_config_off"`
		Blocked  []int64 `json:"blocked_shop_id_list"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	u, err := url.Parse(in.Callback)
	if in.Callback != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return nil, badParam("callback_url is not valid")
	}
	if in.Callback == "" && s.push.callback == "" {
		return nil, badParam("callback_url is required")
	}
	for _, code := range append(slices.Clone(in.On), in.Off...) {
		if !slices.Contains(pushCodes, code) {
			return nil, badParam("push config %d is not valid", code)
		}
	}
	if len(in.Blocked) > 500 {
		return nil, badParam("blocked_shop_id_list takes 500 shops at most")
	}
	if in.Callback != "" {
		s.push.callback, s.push.off, s.push.results = in.Callback, false, nil
	}
	for _, code := range in.On {
		if !slices.Contains(s.push.on, code) {
			s.push.on = append(s.push.on, code)
		}
	}
	s.push.on = slices.DeleteFunc(s.push.on, func(code int) bool { return slices.Contains(in.Off, code) })
	if in.Blocked != nil {
		s.push.blocked = in.Blocked
	}
	return object{"result": "success"}, nil
}

func (s *Simulator) getPush(*request) (any, error) {
	off := slices.DeleteFunc(slices.Clone(pushCodes), func(code int) bool { return slices.Contains(s.push.on, code) })
	return object{
		"callback_url": s.push.callback, "live_push_status": s.pushStatus(), "blocked_shop_id": append([]int64{}, s.push.blocked...),
		"push_config_on_list": append([]int{}, s.push.on...), "push_config_off_list": off,
	}, nil
}

func (s *Simulator) lostPushes(*request) (any, error) {
	first, last := page(0, 100, len(s.push.lost))
	list, lastID := []object{}, int64(0)
	for _, d := range s.push.lost[first:last] {
		text, err := json.Marshal(d.data)
		if err != nil {
			return nil, err
		}
		list = append(list, object{"shop_id": s.options.ShopID, "code": d.code, "timestamp": d.at, "data": string(text)})
		lastID = d.id
	}
	return object{"push_message_list": list, "has_next_page": last < len(s.push.lost), "last_message_id": lastID}, nil
}

func (s *Simulator) confirmLost(r *request) (any, error) {
	var in struct {
		Last *int64 `json:"last_message_id"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.Last == nil {
		return nil, badParam("last_message_id is required")
	}
	s.push.lost = slices.DeleteFunc(s.push.lost, func(d delivery) bool { return d.id <= *in.Last })
	return object{"last_message_id": strconv.FormatInt(*in.Last, 10)}, nil
}
