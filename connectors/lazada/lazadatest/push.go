package lazadatest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// pushState is the app's callback and what waits to be sent.
type pushState struct {
	callback string
	waiting  []delivery
	drop     bool
	repeat   bool
}

type delivery struct {
	body []byte
	try  int
	due  time.Time
}

// The kinds of push that are sent.
const (
	pushOrder     = 0
	pushQuality   = 1
	pushAdded     = 3
	pushEdited    = 4
	pushDeleted   = 5
	pushShallow   = 6
	pushToken     = 8
	pushReverse   = 10
	pushCategory  = 12
	pushSeller    = 13
	pushParcel    = 14
	shallowPieces = 5
)

const (
	pushTimeout = 500 * time.Millisecond
	pushRetry   = 30 * time.Minute
	mostTries   = 12 // after the first
)

// SetPushURL sets the callback for pushes, as a person does in the console.
func (s *Simulator) SetPushURL(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push.callback = address
}

// emit queues a push. Its time is in milliseconds for orders and in seconds for
// products.
func (s *Simulator) emit(kind int, data object) {
	at := s.now().Unix()
	if kind == pushOrder {
		at = s.now().UnixMilli()
	}
	s.queue(object{"seller_id": s.SellerID(), "message_type": kind, "data": data, "timestamp": at, "site": "lazada_vn"})
}

func (s *Simulator) queue(message object) {
	body, err := json.Marshal(message)
	if s.push.callback == "" || err != nil {
		return
	}
	s.push.waiting = append(s.push.waiting, delivery{body: body, due: s.now()})
}

// emitQC tells a result of quality control.
func (s *Simulator) emitQC(it *item, status, reason string) {
	s.emit(pushQuality, object{"itemId": it.id, "status": status, "reason": reason, "seller_id": s.options.SellerID, "date": s.now().UnixMilli()})
}

func (s *Simulator) emitProduct(kind int, it *item, action string, skus []*sku) {
	list := []object{}
	for _, k := range skus {
		list = append(list, object{"shop_sku": k.shopSKU(it), "seller_sku": k.seller, "sku_id": k.id})
	}
	s.emit(kind, object{"item_id": it.id, "sku_list": list, "action": action, "status_update_time": s.now().UnixMilli()})
}

// emitShallow tells that few pieces are left.
func (s *Simulator) emitShallow(k *sku) {
	s.emit(pushShallow, object{
		"seller_sku": k.seller, "sku_id": k.id, "warehouse": warehouse, "real_quantity": k.total, "withhold_quantity": k.withheld,
		"occupy_quantity": k.occupied, "pre_order_quantity": 0,
	})
}

// emitUnit tells the status of one row of an order.
func (s *Simulator) emitUnit(o *order, u *unit) {
	data := object{
		"order_status": u.status, "status_update_time": s.now().Unix(),
		"trade_order_id": strconv.FormatInt(o.id, 10), "trade_order_line_id": strconv.FormatInt(u.id, 10),
	}
	if r := u.reverse; r != nil {
		data["reverse_order_id"], data["reverse_order_line_id"] = strconv.FormatInt(r.id, 10), strconv.FormatInt(lineOf(r, u), 10)
	}
	s.emit(pushOrder, data)
}

// emitReverse tells the status of a cancellation or return, row by row.
func (s *Simulator) emitReverse(r *reverse, status string) {
	for _, u := range r.units {
		s.emit(pushReverse, object{
			"reverse_order_id": r.id, "reverse_order_line_id": lineOf(r, u), "reverse_status": status, "trade_order_id": r.order.id,
			"trade_order_line_id": u.id, "seller_id": s.options.SellerID, "status_update_time": s.now().Unix(), "extraParams": object{},
		})
	}
}

// emitParcel tells the status of a parcel.
func (s *Simulator) emitParcel(o *order, parcel, status string) {
	s.emit(pushParcel, object{
		"trade_order_id": strconv.FormatInt(o.id, 10), "fulfillment_package_id": parcel, "status": status, "status_update_time": s.now().Unix(),
	})
}

// AlertToken tells that a token is about to expire, as the platform does once a
// day from 48 hours before.
func (s *Simulator) AlertToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var last time.Time
	for _, expires := range s.access {
		if expires.After(last) {
			last = expires
		}
	}
	s.emit(pushToken, object{"app_key": s.options.AppKey, "auth_expiry_time": last.Unix(), "seller_id": s.SellerID()})
}

// PushSignature is the Authorization header of a push.
func (s *Simulator) PushSignature(body []byte) string {
	return pushSignature(s.options.AppKey, s.options.AppSecret, body)
}

func pushSignature(appKey, appSecret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(appSecret))
	mac.Write([]byte(appKey))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// DropNextHook makes the platform lose the next push, the one that waits
// longest or the first to come.
func (s *Simulator) DropNextHook() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push.drop = true
}

// RepeatNextHook makes the platform send the next push twice, as it may: pushes
// come at least once.
func (s *Simulator) RepeatNextHook() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push.repeat = true
}

// ReverseHooks turns the order of the pushes that wait: they come in any.
func (s *Simulator) ReverseHooks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Reverse(s.push.waiting)
}

// DeliverHooks sends the pushes that are due, oldest first, and reports how
// many were taken and how many failed. Those that failed, or took longer than
// half a second, wait for their next try ([Simulator.Advance]). Only loopback
// addresses are called, others fail.
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
		case s.push.repeat:
			s.push.repeat = false
			due = append(due, d, d)
		default:
			due = append(due, d)
		}
	}
	s.push.waiting = later
	s.mu.Unlock()
	for _, d := range due {
		if post(callback, s.PushSignature(d.body), d.body) {
			delivered++
			continue
		}
		failed++
		if d.try++; d.try <= mostTries {
			d.due = now.Add(pushRetry)
			s.mu.Lock()
			s.push.waiting = append(s.push.waiting, d)
			s.mu.Unlock()
		}
	}
	return delivered, failed
}

func post(address, signature string, body []byte) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback() {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), pushTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", signature)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	return response.StatusCode == http.StatusOK
}
