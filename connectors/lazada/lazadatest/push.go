package lazadatest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/connectors/simulator"
)

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

// outbox is how pushes are sent: whatever is not answered with 200 at once is
// sent again every half hour.
func (s *Simulator) outbox() *simulator.Outbox {
	return &simulator.Outbox{
		Now: s.options.Now, Timeout: pushTimeout, Retries: slices.Repeat([]time.Duration{pushRetry}, mostTries),
		Sign: func(header http.Header, body []byte) { header.Set("Authorization", s.PushSignature(body)) },
	}
}

// SetPushURL sets the callback for pushes, as a person does in the console.
func (s *Simulator) SetPushURL(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callback = address
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
	if s.callback != "" && err == nil {
		s.QueueHook(s.callback, body)
	}
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
